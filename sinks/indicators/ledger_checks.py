"""What is wrong with a ledger of measures: each kind of fault once, with its projects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from shapely import STRtree

from sinks.errors import Finding, Reaction
from sinks.indicators.ledger import LedgerFields, LedgerRules, ledger
from sinks.units import HA_PER_MU, M2_PER_HA
from sinks.zones.overlay import dissolve, equal_area, intersections

_TOLERATED = 0.01  # share by which a stated area may differ from the polygon, but for rounding
_SLIPS = (1 / HA_PER_MU, 100.0, M2_PER_HA)  # 亩, km2 and m2 for hectares
_CLOSE = 0.05  # how near a ratio must come to that of a slip
_SLIVER_HA = 0.001  # 10 m2: shared or outside by the drawing of boundaries
_LISTED = 10


def ledger_findings(
    frame: gpd.GeoDataFrame,
    fields: LedgerFields,
    rules: LedgerRules,
    *,
    district: gpd.GeoDataFrame | None = None,
    file: object = None,
) -> list[Finding]:
    """Check a ledger of measures.

    Parameters
    ----------
    frame
        Valid polygons with a CRS, one per project, and the columns that ``fields`` names.
    district
        Polygon that all projects should lie in; without it their place is not checked.

    Returns
    -------
    list of Finding
        Refusals ``F52`` no id, or one id twice, ``F53`` a type, status or class that is not
        known, ``F57`` areas stated in another unit; notes ``F54`` a conversion that changes
        no class, ``F55`` a year outside the plan or a date that cannot be, ``F56`` accepted
        without document or date, ``F57`` a stated area off by more than 1 %, ``F58``
        projects of a kind on the same ground, ``F59`` ground outside the district.
    """
    projects = ledger(frame, fields, rules)
    slipped = list(_slipped(projects))
    found = {
        "F52": _ids(projects),
        "F53": _unknown(projects, rules),
        "F54": _unchanged(projects, rules),
        "F55": _impossible_dates(projects, rules),
        "F56": _unproven(projects),
        "F57": slipped or _stated(projects),
        "F58": _overlaps(projects),
        "F59": () if district is None else _outside(projects, district),
    }
    return [
        Finding(
            code=code,
            file=None if file is None else str(file),
            facts={"rows": rows[:_LISTED], "count": len(rows)},
            reaction_override=Reaction.REFUSE if code == "F57" and slipped else None,
        )
        for code, rows in ((code, list(each)) for code, each in found.items())
        if rows
    ]


def _ids(projects: gpd.GeoDataFrame) -> Iterator[str]:
    blank = projects["project"] == ""
    if blank.any():
        yield f"— ({int(blank.sum())})"
    for project, count in projects.loc[~blank, "project"].value_counts().items():
        if count > 1:
            yield f"{project} (× {count})"


def _unknown(projects: gpd.GeoDataFrame, rules: LedgerRules) -> Iterator[str]:
    for row in _each(projects):
        words = {"type": (row.type, row.said_type), "status": (row.status, row.said_status)}
        for column, (key, said) in words.items():
            if not key:
                yield f"{row.project}: {column} = {said or '—'}"
        for key in dict.fromkeys((row.pre_class, row.post_class)):
            if key not in rules.classes:
                yield f"{row.project}: class = {key or '—'}"


def _unchanged(projects: gpd.GeoDataFrame, rules: LedgerRules) -> Iterator[str]:
    same = projects["type"].isin(rules.converting) & (
        projects["pre_class"] == projects["post_class"]
    )
    for row in _each(projects[same]):
        yield f"{row.project}: {row.said_type}, {row.pre_class} → {row.post_class}"


def _impossible_dates(projects: gpd.GeoDataFrame, rules: LedgerRules) -> Iterator[str]:
    """Yield years outside the plan, and dates unreadable, yet to come or before their year."""
    first, last = rules.years
    for row in _each(projects):
        if not first <= row.year <= last:
            yield f"{row.project}: {_year(row.year)} ({first}—{last})"
        if pd.isna(row.accepted_on):
            if row.said_date:
                yield f"{row.project}: {row.said_date}"
        elif row.accepted_on.date() > rules.until or row.accepted_on.year < row.year:
            yield f"{row.project}: {row.accepted_on.date()} ({_year(row.year)})"


def _unproven(projects: gpd.GeoDataFrame) -> Iterator[str]:
    for row in _each(projects[projects["status"] == "accepted"]):
        missing = ["document"] if not row.document else []
        missing += ["date"] if not row.said_date else []
        if missing:
            yield f"{row.project}: − {', '.join(missing)}"


def _slipped(projects: gpd.GeoDataFrame) -> Iterator[str]:
    """Yield projects whose stated area is that of the polygon in another unit."""
    sized = projects[(projects["stated_ha"] > 0) & (projects["area_ha"] > 0)]
    for row in _each(sized):
        ratio = max(row.stated_ha / row.area_ha, row.area_ha / row.stated_ha)
        slip = next((slip for slip in _SLIPS if abs(ratio / slip - 1) <= _CLOSE), None)
        if slip is not None:
            yield f"{row.project}: {row.stated_ha:.4g} / {row.area_ha:.4g} ha (× {slip:g})"


def _stated(projects: gpd.GeoDataFrame) -> Iterator[str]:
    for row in _each(projects[projects["stated_ha"].notna() & (projects["area_ha"] > 0)]):
        off_ha = row.stated_ha - row.area_ha
        if abs(off_ha) > max(_TOLERATED * row.area_ha, row.rounding_ha):
            stated = f"{row.project}: {row.stated_ha:.4g} / {row.area_ha:.4g} ha"
            yield f"{stated} ({off_ha / row.area_ha:+.1%})"


def _overlaps(projects: gpd.GeoDataFrame) -> Iterator[str]:
    """Yield pairs of projects of one kind that share ground, the larger first."""
    shapes = projects.geometry.to_numpy()
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    kind = projects["kind"].to_numpy()
    once = (first < second) & (kind[first] == kind[second])
    first, second = first[once], second[once]
    shared_ha = shapely.area(shapely.intersection(shapes[first], shapes[second])) / M2_PER_HA
    names = projects["project"].to_numpy()
    years = [_year(year) for year in projects["year"]]
    for pair in shared_ha.argsort(kind="stable")[::-1]:
        if shared_ha[pair] > _SLIVER_HA:
            a, b = first[pair], second[pair]
            yield f"{names[a]} ({years[a]}) ∩ {names[b]} ({years[b]}): {shared_ha[pair]:.4g} ha"


def _outside(projects: gpd.GeoDataFrame, district: gpd.GeoDataFrame) -> Iterator[str]:
    inside = intersections(
        projects.geometry.to_numpy(), dissolve(equal_area(district).geometry.to_numpy())
    )
    inside_ha = pd.Series(inside.area_ha).groupby(inside.left).sum()
    outside_ha = projects["area_ha"].to_numpy() - inside_ha.reindex(
        range(len(projects)), fill_value=0.0
    )
    for project, area_ha in zip(projects["project"], outside_ha, strict=True):
        if area_ha > _SLIVER_HA:
            yield f"{project}: {area_ha:.4g} ha"


def _each(projects: gpd.GeoDataFrame) -> Iterator[Any]:
    yield from projects.itertuples()


def _year(year: float) -> str:
    return "—" if pd.isna(year) else f"{year:.0f}"
