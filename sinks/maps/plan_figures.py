"""From the tables of the plan to the status board of a page: nothing is judged again here.

A target that the study computes stands on a card, one that a department reports in a list;
variants and indicators without a target follow. All figures of a target are in its unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sinks.indicators.targets import unit_ratio
from sinks.maps.figures import district, label, names_by_id, number, records, unit_name, zone_name
from sinks.maps.inert import Words, names_of, words
from sinks.parameters.labels import labels
from sinks.results import Results

RATE = ("value", "low", "high")
LIGHTS = ("yes", "no", "open", "unknown")
_POINTS = Words("个百分点", "points")
_GAP = ("gap", "gap_part", "gap_mu")
_NEED = ("needed_per_year", "needed_part_per_year", "needed_mu_per_year")
_AHEAD = ("forecast", "forecast_low", "forecast_high", "forecast_probability", "years_met")
_STEPS = ("definition", "map", "boundary", "real", "unresolved")

Row = Mapping[str, Any]


def plan_figures(results: Results) -> dict[str, Any]:
    """Return every target and indicator of the district, those with a target first."""
    indicators = records(results.table("indicators"))
    sampled = any(row.get("evidence") == "sample" for row in indicators)
    names = _names(results, sampled=sampled)
    keys = dict.fromkeys(
        [*map(str, results.table("targets").index), *(str(row["indicator"]) for row in indicators)]
    )
    of_key: dict[str, list[Row]] = {key: [] for key in keys}
    for row in indicators:
        of_key[str(row["indicator"])].append(row)
    apart = labels("indicator_sampled") if sampled else {}
    items = [
        {
            "name": names.get(key, words(key)),
            "sampled": key in apart,
            **_item(results, key, rows),
        }
        for key, rows in of_key.items()
    ]
    return {"zone": zone_name(results, district(results)), "items": items}


def _names(results: Results, *, sampled: bool) -> dict[str, Words]:
    groups = ("indicator", "indicator_sampled") if sampled else ("indicator",)
    names = {key: words(pair) for group in groups for key, pair in labels(group).items()}
    targets = results.table("targets")
    return {**names, **(names_by_id(targets) if "name_zh" in targets else {})}


def _item(results: Results, key: str, rows: list[Row]) -> dict[str, Any]:
    """Return what the board shows of one indicator of the district."""
    whole = district(results)
    asked = _row(results, "targets", key)
    years = {int(row["year"]): row for row in rows if str(row["zone"]) == whole}
    year = _value_year(results, asked, years)
    now = years.get(year, {})
    unit = _unit_of(asked, now)
    evidence = _text(now, "evidence") or _text(asked or {}, "evidence")
    return {
        "year": year,
        "unit": unit_name(unit),
        **dict(zip(RATE, _in_unit(now, unit), strict=True)),
        "numerator": number(now.get("numerator")),
        "denominator": number(now.get("denominator")),
        "part_unit": unit_name(_text(now, "part_unit")),
        "rule": _rule(now),
        "evidence_key": evidence,
        "evidence": label("evidence", evidence),
        "reported": asked is not None and bool(evidence == "report" or _text(asked, "department")),
        "series": _series(years, unit),
        "target": None if asked is None else _target(asked, unit),
        "outlook": _outlook(_row(results, "outlook", key), unit),
        "detections": _detections(results, key, evidence),
        "steps": _steps(_row(results, "decompositions", key)),
        "zones": _by_town(results, rows),
        "towns": _towns(results, key),
    }


def _row(results: Results, table: str, key: str) -> dict[str, Any] | None:
    rows = (row for row in records(results.table(table)) if str(row["indicator"]) == key)
    return next(rows, None)


def _value_year(results: Results, asked: Row | None, years: Mapping[int, Row]) -> int:
    """Return the year of the figure: the target's, or the last with one up to the study's."""
    told = number((asked or {}).get("value_year"))
    last = results.years[-1]
    known = [year for year, row in years.items() if year <= last and not pd.isna(row["value"])]
    return int(told) if told is not None else max(known, default=last)


def _unit_of(asked: Row | None, now: Row) -> str:
    """Return the unit of the target, or that of the figure where they measure different things."""
    own, wanted = _text(now, "unit"), _text(asked or {}, "unit")
    apart = own and unit_ratio(own, wanted) is None
    return own if apart or not wanted else wanted


def _in_unit(row: Row, unit: str) -> list[float | None]:
    """Return value, low and high in the unit of the target."""
    ratio = unit_ratio(str(row.get("unit")), unit) or 1.0
    figures = (number(row.get(name)) for name in RATE)
    return [None if figure is None else ratio * figure for figure in figures]


def _series(years: Mapping[int, Row], unit: str) -> list[tuple[int, float]]:
    values = [(year, _in_unit(years[year], unit)[0]) for year in sorted(years)]
    return [(year, value) for year, value in values if value is not None]


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return value if isinstance(value, str) else ""


def _rule(row: Row) -> Words:
    """Return the rule in words, from the row itself if it has them."""
    if "rule_zh" in row and "rule_en" in row:
        return names_of(row["rule_zh"], row["rule_en"])
    return label("rule", _text(row, "rule"))


def _amounts(row: Row, columns: tuple[str, str, str], unit: str) -> list[tuple[float, Words]]:
    """Return one amount in the units people use: points, hectares, mu, each unit once."""
    spelt = (unit, _text(row, "part_unit"), "mu")
    found = {
        name: (value, _POINTS if name == "%" else unit_name(name))
        for column, name in zip(columns, spelt, strict=True)
        if (value := number(row.get(column))) is not None
    }
    return list(found.values())


def _target(row: Row, unit: str) -> dict[str, Any]:
    year = number(row.get("year"))
    return {
        "kind": row["kind"],
        "target": number(row["target"]),
        "year": None if year is None else int(year),
        "document": words(str(row["document"])),
        "department": _text(row, "department"),
        "gap": _amounts(row, _GAP, unit),
        "probability": number(row.get("probability")),
        "judged_by": label("judged_by", _text(row, "judged_by")),
        "met": _light(row),
    }


def _light(row: Row) -> str:
    return str(row["met"]) if row["met"] in LIGHTS else "unknown"


def _outlook(row: Row | None, unit: str) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "by_year": int(row["by_year"]),
        "needed": _amounts(row, _NEED, unit),
        "years": int(row["years"]),
        **{name: number(row.get(name)) for name in _AHEAD},
        "basis": label("outlook", _text(row, "basis")),
    }


def _detections(results: Results, key: str, evidence: str) -> list[dict[str, Any]]:
    """Say whether its own evidence, and a map, can show what is needed in a year."""
    return [
        {
            "evidence": label("evidence", str(row["evidence"])),
            "found": row["found"],
            "says": label("detection", str(row["found"])),
            "change": number(row["change"]),
            "detectable": number(row["detectable"]),
            "unit": unit_name(_text(row, "unit")),
            "proof": label("proof", str(row["proof"])),
        }
        for row in records(results.table("detections"))
        if str(row["indicator"]) == key and row["evidence"] in (evidence, "map")
    ]


def _steps(row: Row | None) -> dict[str, Any] | None:
    """Return what changed since a published figure: the rule, the map, or the place itself."""
    if row is None:
        return None
    parts = ((label("part", part), number(row[part])) for part in _STEPS)
    return {
        "year": int(row["year"]),
        "published": number(row["published"]),
        "rule": label("rule", str(row["rule"])),
        "document": words(str(row["document"])),
        "parts": [(name, value) for name, value in parts if value],
    }


def _town_names(results: Results) -> dict[str, Words]:
    zones = results.table("zones")
    return names_by_id(pd.DataFrame(zones[zones["kind"] == "town"]))


def _by_town(results: Results, rows: list[Row]) -> list[list[Any]]:
    """Return name, value, low and high of every town in the last year, the highest first."""
    names = _town_names(results)
    towns = [
        [names[str(row["zone"])], *(number(row[column]) for column in RATE)]
        for row in rows
        if row["year"] == results.years[-1] and str(row["zone"]) in names
    ]
    return sorted(towns, key=lambda town: (town[1] is None, -(town[1] or 0)))


def _towns(results: Results, key: str) -> list[dict[str, Any]]:
    """Return the towns that have a target, the highest figure first."""
    names = _town_names(results)
    towns = [
        {
            "zone": str(row["zone"]),
            "name": names[str(row["zone"])],
            "value": number(row["value"]),
            "target": number(row["target"]),
            "gap": _amounts(row, _GAP, str(row["unit"])),
            "met": _light(row),
        }
        for row in records(results.table("targets_towns"))
        if str(row["indicator"]) == key and str(row["zone"]) in names
    ]
    return sorted(towns, key=lambda town: (town["value"] is None, -(town["value"] or 0)))
