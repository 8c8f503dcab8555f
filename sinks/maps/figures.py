"""From result tables to what the panels of a page show: the same figures, nothing recounted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sinks.landcover.legend import LandClass
from sinks.maps.inert import Words, names_of, words
from sinks.parameters.labels import labels
from sinks.results import Results
from sinks.units import UNITS

Bounds = tuple[float, float, float, float]

KINDS = ("district", "town", "site", "wetland", "redline", "other")
STOCK = ("stock_tc", "stock_low_tc", "stock_high_tc")
CHANGE = ("change_tc", "change_low_tc", "change_high_tc")
_PARTS = (
    "change_biomass_tc", "change_stands_tc", "change_soil_potential_tc", "change_soil_sediment_tc",
)  # fmt: skip
_AREA = ("estimated_ha", "estimated_low_ha", "estimated_high_ha")


def district(results: Results) -> str:
    """Return the id of the zone that stands for the whole."""
    kinds = results.table("zones")["kind"]
    whole = [str(zone) for zone, kind in kinds.items() if kind == "district"]
    return (whole or [str(kinds.index[0])])[0]


def zone_name(results: Results, zone: str) -> Words:
    """Return the name of a zone."""
    return names_by_id(results.table("zones"))[zone]


def area_by_code(
    results: Results, year: int, zone: str, classes: Sequence[LandClass]
) -> dict[int, float]:
    """Return the hectares of each class code of a zone in a year."""
    areas = results.table("areas")["area_ha"].to_dict()
    return {c.code: float(areas.get((year, zone, c.key), 0.0)) for c in classes}


def zone_figures(results: Results, bounds_deg: Mapping[str, Bounds]) -> dict[str, Any]:
    """Return areas, stocks and change of every zone, for the zone panel."""
    zones = zone_list(results, bounds_deg)
    ids = [zone["id"] for zone in zones["zones"]]
    classes = results.table("classes")
    colours = classes["colour"].to_dict()
    stocks = results.table("stock_totals")
    return {
        **zones,
        "years": list(results.years),
        "classes": [
            {"key": key, "name": name, "colour": colours[key]}
            for key, name in names_by_id(classes).items()
        ],
        "areas": {str(year): _areas(results, year, ids) for year in results.years},
        "stocks": {
            str(year): rows_of(of_year(stocks, year), ids, STOCK) for year in results.years
        },
        "change": rows_of(results.table("stock_change"), ids, CHANGE),
        "change_parts": change_parts(results, ids),
        "whole": district(results),
        "estimates": _estimates(results, ids),
    }


def zone_list(results: Results, bounds_deg: Mapping[str, Bounds]) -> dict[str, Any]:
    """Return the zones in the order of their kinds, and the names of the kinds."""
    names, kinds = names_by_id(results.table("zones")), results.table("zones")["kind"].to_dict()
    ids = sorted(names, key=lambda zone: _kind_rank(kinds[zone]))
    return {
        "kinds": {kind: label("kind", kind) for kind in kinds.values()},
        "zones": [
            {"id": z, "name": names[z], "kind": kinds[z], "bounds_deg": bounds_deg.get(z)}
            for z in ids
        ],
    }


def _estimates(results: Results, ids: Sequence[str]) -> dict[str, Any] | None:
    """Return what a probability sample says of areas, stocks and change; nothing without one."""
    areas, stocks = results.table("area_estimates"), results.table("stock_estimates")
    if areas.empty:
        return None
    years = [year for year in results.years if year in set(areas.index.get_level_values("year"))]
    return {
        "areas": {str(year): _estimated_areas(results, year, ids) for year in years},
        "stocks": {str(year): rows_of(of_year(stocks, year), ids, STOCK) for year in years},
        "change": rows_of(results.table("change_estimates"), ids, CHANGE),
    }


def _estimated_areas(results: Results, year: int, ids: Sequence[str]) -> list[list[Any] | None]:
    """Return estimate, low and high of every class for every zone; nothing for other zones."""
    rows = {
        (row["zone"], row["land_cover"]): [number(row[column]) for column in _AREA]
        for row in records(of_year(results.table("area_estimates"), year))
    }
    keys = list(results.table("classes").index)
    known = {zone for zone, _ in rows}
    return [[rows.get((zone, key)) for key in keys] if zone in known else None for zone in ids]


def change_parts(results: Results, ids: Sequence[str]) -> list[dict[str, Any]]:
    """Return what the change is made of: the air does not see all of it at once."""
    change = results.table("stock_change")
    return [
        {"name": label("column", part), "values": [row and row[0] for row in rows]}
        for part in _PARTS
        if part in change
        for rows in [rows_of(change, ids, (part,))]
    ]


def _areas(results: Results, year: int, ids: Sequence[str]) -> list[list[float]]:
    """Return the hectares of every class, for every zone."""
    areas = results.table("areas")["area_ha"].to_dict()
    keys = list(results.table("classes").index)
    return [[float(areas.get((year, zone, key), 0.0)) for key in keys] for zone in ids]


def of_year(table: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the rows of one year, without its level."""
    if table.empty:
        return table
    rows = table[table.index.get_level_values("year") == year]
    return rows.droplevel("year")


def rows_of(table: pd.DataFrame, ids: Sequence[str], columns: Sequence[str]) -> list[Any]:
    """Return the numbers of ``columns`` for every zone, nothing for zones without."""
    rows = {str(row["zone"]): row for row in records(table)}
    return [
        [number(rows[zone][column]) for column in columns] if zone in rows else None
        for zone in ids
    ]


def records(table: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the rows of a table, its index among them; nothing of a table that is not there."""
    return [] if table.empty else table.reset_index().to_dict("records")


def names_by_id(table: pd.DataFrame) -> dict[str, Words]:
    """Return the names of zones, classes or targets by id, in the order of the table."""
    return {
        str(key): names_of(zh, en)
        for key, zh, en in zip(table.index, table["name_zh"], table["name_en"], strict=True)
    }


def _kind_rank(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def label(group: str, key: str) -> Words:
    """Return the name that a key of ours has, or the text as it is."""
    return words(labels(group).get(key, key))


def unit_name(unit: str) -> Words:
    """Return the name of a unit, or the text as it is."""
    return Words(*UNITS[unit]) if unit in UNITS else _SPELT.get(unit, words(unit))


def number(value: Any) -> float | None:
    """Return a number, or nothing where a table is blank."""
    return None if value is None or pd.isna(value) else float(value)


_SPELT = {spelt: Words(*pair) for pair in UNITS.values() for spelt in pair}
