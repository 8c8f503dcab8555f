"""Wetland restored: accepted projects since a baseline, each place once across the years.

*Restored* is what was no wetland before and is wetland now; *enhanced* was wetland already.
Both have a meaning of their own for carbon, so they are never one number only. A place that
was accepted once does not count again, whatever is done to it later. What counts as wetland
before is the caller's: by the wetland law, ponds for aquaculture and paddies are none.

The baseline decides: the same district has restored 0 ha or 1,000 ha.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding
from sinks.indicators.places import counted_once, pieces_by_zone
from sinks.indicators.rows import area_rows, variant

INDICATOR = "wetland_restored_area"
_COLUMNS = {
    "restored_and_enhanced": "cumulative_ha",
    "restored": "cumulative_restored_ha",
    "enhanced": "cumulative_enhanced_ha",
}

Headline = Literal["restored_and_enhanced", "restored", "enhanced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorationRule:
    """From which day projects count, and which classes (keys of the legend) are wetland."""

    since: date
    wetland: frozenset[str]


def restored_wetland(
    projects: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, rule: RestorationRule, *, until: int
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Add up accepted projects by year and zone.

    Parameters
    ----------
    projects
        ``status`` (``accepted``, or anything else), ``accepted_on`` (day, may be blank),
        ``pre_class``, ``post_class`` (keys of the legend); polygons in EQUAL_AREA.
    zones
        Polygons in EQUAL_AREA with the column ``zone``.
    until
        The last year; projects accepted later are not looked at.

    Returns
    -------
    pandas.DataFrame
        Index ``(year, zone)``, every year from the baseline on; ``restored_ha``,
        ``enhanced_ha``, ``again_ha`` (accepted once more; counts nowhere) of the year, and
        ``cumulative_restored_ha``, ``cumulative_enhanced_ha``, ``cumulative_ha``.
    tuple of Finding
        ``F31`` if projects were left out.
    """
    days = pd.to_datetime(projects["accepted_on"])
    counted, findings = _counted(projects, days, rule, until)
    chosen = projects[counted].assign(
        year=days[counted].dt.year,
        day=days[counted],
        restored=~projects.loc[counted, "pre_class"].isin(rule.wetland),
    )
    # on one day restored land comes first: it is the stronger claim to a place
    chosen = chosen.sort_values(["day", "restored"], ascending=[True, False], kind="stable")
    years = range(rule.since.year, until + 1)
    return _table(chosen, zones, years), findings


def restoration_rows(
    table: pd.DataFrame, *, year: int, headline: Headline = "restored_and_enhanced"
) -> pd.DataFrame:
    """Return the areas accumulated by the end of ``year`` as INDICATORS rows, in hectares.

    ``headline`` says whether the plan's figure counts restored and enhanced wetland or one.
    """
    of_year = table.xs(year, level="year")
    return pd.concat(
        [
            area_rows(
                of_year[column], named=variant(INDICATOR, rule, headline), evidence="register"
            )
            for rule, column in _COLUMNS.items()
        ]
    )


def _counted(
    projects: gpd.GeoDataFrame, days: pd.Series, rule: RestorationRule, until: int
) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Say which projects count; a project is left out for the first reason that holds."""
    accepted = projects["status"] == "accepted"
    in_time = days >= pd.Timestamp(rule.since)
    wet = projects["post_class"].isin(rule.wetland)
    later = days.dt.year > until
    out = {
        "not_accepted": ~accepted,
        "no_day": accepted & days.isna(),
        "too_early": accepted & days.notna() & ~in_time,
        "not_wetland": accepted & in_time & ~later & ~wet,
    }
    counts = {reason: int(hit.sum()) for reason, hit in out.items()}
    findings = (Finding(code="F31", facts={**counts, "since": rule.since}),)
    return accepted & in_time & ~later & wet, findings if any(counts.values()) else ()


def _table(chosen: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, years: range) -> pd.DataFrame:
    shapes = chosen.geometry.to_numpy()
    restored = chosen["restored"].to_numpy()
    index = pd.MultiIndex.from_product([years, zones["zone"]], names=["year", "zone"])

    def summed(pieces: pd.DataFrame, which: np.ndarray) -> pd.Series:
        here = pieces[which[pieces["shape"]]]
        year = chosen["year"].to_numpy()[here["shape"]]
        areas_ha = here.assign(year=year).groupby(["year", "zone"])["area_ha"].sum()
        return areas_ha.reindex(index, fill_value=0.0)

    every = np.ones(len(chosen), dtype=bool)
    new = pieces_by_zone(counted_once(shapes), zones)
    table = pd.DataFrame(
        {"restored_ha": summed(new, restored), "enhanced_ha": summed(new, ~restored)}
    )
    gross_ha = summed(pieces_by_zone(shapes, zones), every)
    again_ha = gross_ha - table["restored_ha"] - table["enhanced_ha"]
    so_far = table.groupby(level="zone").cumsum()
    return table.assign(
        again_ha=again_ha.clip(lower=0.0),
        cumulative_restored_ha=so_far["restored_ha"],
        cumulative_enhanced_ha=so_far["enhanced_ha"],
        cumulative_ha=so_far["restored_ha"] + so_far["enhanced_ha"],
    )
