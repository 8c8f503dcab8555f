"""From the tables of SEEA EA to what the accounts panel shows: extent, condition, assets, bridge.

Assets are stocks at a date; they stand apart from GEP, which is a flow, and no figure here adds
the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sinks.maps.account_rows import (
    Row,
    Texts,
    by_zone,
    figure,
    figures,
    in_order,
    money,
    plain,
    said,
    text_of,
    unit_of,
)
from sinks.maps.figures import label, names_by_id, number, of_year
from sinks.results import Results

_EXTENT = (
    "opening_ha", "managed_expansion_ha", "unmanaged_expansion_ha", "managed_reduction_ha",
    "unmanaged_reduction_ha", "reappraisal_ha", "closing_ha",
)  # fmt: skip
_ESTIMATED = tuple(
    f"{side}_estimated{end}_ha" for side in ("opening", "closing") for end in ("", "_low", "_high")
)
_INDEX = "index"
_BRIDGE = ("value_yuan", "cumulative_yuan")
_ASSETS = ("opening_yuan", "extent_yuan", "condition_yuan", "revaluation_yuan", "closing_yuan")


def seea_figures(
    results: Results,
    years: Sequence[int],
    ids: Sequence[str],
    places: Mapping[str, int],
    texts: Texts,
) -> dict[str, Any]:
    """Return by zone the accounts of extent and assets, by year condition and the bridge."""
    classes = results.table("classes")
    condition, bridge = results.table("seea_condition"), results.table("seea_bridge")
    return {
        "classes": [
            {"name": name, "colour": colour}
            for name, colour in zip(names_by_id(classes).values(), classes["colour"], strict=True)
        ],
        "extent": _extent(results, ids),
        "assets": _assets(results, ids, places),
        "condition": {
            str(year): [
                list(_condition(rows, texts)) for rows in by_zone(of_year(condition, year), ids)
            ]
            for year in years
        },
        "bridge": {
            str(year): [
                [[texts.place(said(row, "name")), *figures(row, _BRIDGE)] for row in _steps(rows)]
                for rows in by_zone(of_year(bridge, year), ids)
            ]
            for year in years
        },
    }


def _steps(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: number(row["order"]) or 0.0)


def _extent(results: Results, ids: Sequence[str]) -> list[dict[str, Any] | None]:
    """Return for every zone the classes in the order of the legend, and the whole."""
    keys = [str(key) for key in results.table("classes").index]
    found = []
    for rows in by_zone(results.table("seea_extent"), ids):
        known = [row for row in rows if str(row["land_cover"]) in keys]
        lines = in_order(
            [
                keys.index(str(row["land_cover"])),
                text_of(row.get("get")),
                *figures(row, (*_EXTENT, *_ESTIMATED)),
            ]
            for row in known
        )
        found.append(None if not lines else {"rows": lines, "total": _sums(known, _EXTENT)})
    return found


def _sums(rows: Sequence[Row], columns: Sequence[str]) -> list[float | None]:
    return [figure(sum(number(row.get(column)) or 0.0 for row in rows)) for column in columns]


def _assets(
    results: Results, ids: Sequence[str], places: Mapping[str, int]
) -> list[dict[str, Any] | None]:
    """Return for every zone the stocks by service and in all: values at a date, never flows."""
    found = []
    for rows in by_zone(results.table("seea_assets"), ids):
        known = [row for row in rows if str(row["service"]) in places]
        lines = in_order(
            [
                places[str(row["service"])],
                *figures(row, _ASSETS),
                *money(row, "opening")[1:],
                *money(row, "closing")[1:],
                *figures(row, ("life_years", "discount_pct")),
            ]
            for row in known
        )
        found.append(None if not lines else {"rows": lines, "total": _sums(known, _ASSETS)})
    return found


def _condition(rows: Sequence[Row], texts: Texts) -> Iterator[list[Any]]:
    """Yield name, value, unit, place between the references, source; the index last.

    The index has in the place of value and unit of how many variables it is the mean, and of
    how many it could be.
    """
    for row in sorted(rows, key=lambda row: str(row["variable"]) == _INDEX):
        variable = str(row["variable"])
        is_index = variable == _INDEX
        yield [
            int(is_index),
            texts.place(label("condition_variable", variable)),
            figure(row.get("variables" if is_index else "value")),
            figure(row.get("variables_of")) if is_index else texts.place(unit_of(row)),
            figure(row.get("indicator")),
            texts.place(plain(row.get("source"))),
        ]
