"""What a ledger of measures comes to: hectares per year and since the first, and the map's word.

A place counts once for each kind of measure, in the first year in which a project there was
accepted: the year of that day, or the year of the project where the day is not told. By zone,
and by what counts as wetland or as planting, the same ledger is added up in
:mod:`sinks.indicators.restoration` and :mod:`sinks.indicators.planting`.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sinks.units import M2_PER_HA
from sinks.zones.overlay import dissolve

SEEN_PCT = 50.0  # of a project that the map shows as its class: the greater part
_RIM = 0.5  # share of a project within a pixel of its edge, above which a map cannot judge


def progress(
    projects: gpd.GeoDataFrame, *, until: int, since: int | None = None, status: str = "accepted"
) -> pd.DataFrame:
    """Return the hectares of each kind of measure by year.

    Parameters
    ----------
    projects
        As :func:`sinks.indicators.ledger.ledger` returns them.
    until, since
        Last and first year; the first is that of the earliest project if it is not said.
        What was done before counts for nothing, but its ground is not counted again.
    status
        Of the projects that count.

    Returns
    -------
    pandas.DataFrame
        Index ``(kind, year)``, every year there; ``projects``, ``gross_ha`` (of all
        polygons), ``area_ha`` (each place once) and ``cumulative_ha``.
    """
    years = projects["accepted_on"].dt.year.fillna(projects["year"])
    counted = projects.assign(year=years)[(projects["status"] == status) & (years <= until)]
    first = since if since is not None else _first(years, until)
    tables = [
        _by_year(rows, first, until).assign(kind=kind)
        for kind, rows in counted.groupby("kind")
        if kind  # a type that is not known has none
    ]
    table = pd.concat(tables or [_by_year(counted[:0], first, until)[:0].assign(kind="")])
    return table.set_index("kind", append=True).swaplevel()


def seen_on_map(
    projects: gpd.GeoDataFrame,
    transitions: pd.DataFrame,
    *,
    years: tuple[int, int],
    pixel_m: float,
) -> pd.DataFrame:
    """Hold what projects state of their ground against two maps: a plausibility check.

    Parameters
    ----------
    transitions
        TRANSITIONS with the projects as zones: index ``(zone, land_cover,
        land_cover_after)``, ``area_ha``.
    years
        Of the two maps.
    pixel_m
        Width of their pixels.

    Returns
    -------
    pandas.DataFrame
        Index ``project``; ``mapped_ha``, ``was_before_pct`` (of it the class before at the
        first date), ``is_after_pct`` (the class after at the second), ``became_pct`` (both)
        and ``judged``: ``seen`` and ``unseen`` by whether the greater part has the class
        after, ``too_small`` where half of the project or more lies within a pixel of its
        edge, ``not_due`` if it was not accepted between the two maps, ``no_map``.
    """
    told = transitions.reset_index()
    whole_ha = told.groupby("zone")["area_ha"].sum()
    by_project = projects.set_index("project")
    wanted = by_project.reindex(told["zone"])[["pre_class", "post_class"]].to_numpy()
    was, became = told["land_cover"] == wanted[:, 0], told["land_cover_after"] == wanted[:, 1]
    mapped_ha = whole_ha.reindex(by_project.index, fill_value=0.0)
    shares = {
        name: 100 * told["area_ha"].where(hit, 0.0).groupby(told["zone"]).sum() / whole_ha
        for name, hit in (
            ("was_before_pct", was),
            ("is_after_pct", became),
            ("became_pct", was & became),
        )
    }
    table = pd.DataFrame({"mapped_ha": mapped_ha, **shares}).reindex(by_project.index)
    return table.assign(judged=_judged(by_project, table, years, pixel_m))


def _judged(
    projects: gpd.GeoDataFrame, table: pd.DataFrame, years: tuple[int, int], pixel_m: float
) -> np.ndarray:
    due = (projects["status"] == "accepted") & projects["year"].between(years[0] + 1, years[1])
    rim_m2 = shapely.length(projects.geometry.to_numpy()) * pixel_m
    small = rim_m2 >= _RIM * M2_PER_HA * projects["area_ha"].to_numpy()
    return np.select(
        [~due, table["mapped_ha"] == 0, small, table["is_after_pct"] > SEEN_PCT],
        ["not_due", "no_map", "too_small", "seen"],
        "unseen",
    )


def _first(years: pd.Series, until: int) -> int:
    known = years.dropna()
    return int(min(known.min(), until)) if len(known) else until


def _by_year(rows: gpd.GeoDataFrame, first: int, last: int) -> pd.DataFrame:
    fresh = pd.DataFrame(_fresh(rows), columns=["year", "projects", "gross_ha", "area_ha"])
    years = pd.RangeIndex(first, last + 1, name="year")
    table = fresh.set_index("year").reindex(years, fill_value=0)
    return table.assign(cumulative_ha=table["area_ha"].cumsum())


def _fresh(rows: gpd.GeoDataFrame) -> Iterator[tuple[int, int, float, float]]:
    """Yield year, number of projects, hectares of all and of the ground not counted before."""
    before = np.array([], dtype=object)
    for year, some in rows.groupby(rows["year"].astype(int)):
        ground = dissolve(np.concatenate([before, some.geometry.to_numpy()]))
        fresh_m2 = shapely.area(ground).sum() - shapely.area(before).sum()
        yield int(str(year)), len(some), float(some["area_ha"].sum()), float(fresh_m2 / M2_PER_HA)
        before = ground
