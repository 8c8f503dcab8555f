"""Planting: accepted new forest per year, gross and net of what was felled.

Planting counts if enough of it survived and if its patch is large enough; polygons of a year
that touch make one patch. A place planted in an earlier year does not count again. What was
felled is deducted beside the gross figure: the plan asks for planting per year, but whether
tree cover holds is a matter of both.

Method: GB/T 15776 (survival of 85 % where 400 mm of rain fall, patches from 1 mu).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sinks.errors import Finding
from sinks.indicators.places import counted_once, pieces_by_zone
from sinks.indicators.rows import area_rows
from sinks.units import M2_PER_HA
from sinks.zones.outlines import Shapes
from sinks.zones.overlay import dissolve

INDICATOR = "afforestation_area"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantingRule:
    """The least survival in percent, and the least patch in hectares."""

    survival_pct: float
    patch_ha: float


def planted_area(
    planted: gpd.GeoDataFrame,
    felled: gpd.GeoDataFrame | None,
    zones: gpd.GeoDataFrame,
    rule: PlantingRule,
    *,
    years: range,
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Add up planting and felling by year and zone.

    Parameters
    ----------
    planted
        ``status`` (``accepted``, or anything else), ``year``, ``survival_pct`` (NaN if not
        said: the acceptance is trusted, and ``F28`` says so); polygons in EQUAL_AREA.
    felled
        ``year``; polygons in EQUAL_AREA.
    years
        Years without planting have zeros. A place planted before them counts no more than
        one planted within them.

    Returns
    -------
    pandas.DataFrame
        Index ``(year, zone)``; ``gross_ha``, ``felled_ha``, ``net_ha`` (may be negative).
    tuple of Finding
        ``F28``, and ``F29`` if accepted planting was left out.
    """
    accepted = planted[(planted["status"] == "accepted") & ~(planted["year"] > max(years))]
    dated = accepted[accepted["year"].notna()]
    survived = dated[~(dated["survival_pct"] < rule.survival_pct)]
    year, patches, small = _patches(survived, rule)
    gross_ha = _by_year(counted_once(patches), year, zones, years)
    felled_ha = 0.0 * gross_ha
    if felled is not None:
        felled_year, felled_once = _dissolved(felled)
        felled_ha = _by_year(felled_once, felled_year, zones, years)
    table = pd.DataFrame(
        {"gross_ha": gross_ha, "felled_ha": felled_ha, "net_ha": gross_ha - felled_ha}
    )
    return table, tuple(_findings(accepted, survived, small))


def planting_rows(table: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Return the gross planting of ``year`` as INDICATORS rows, in hectares."""
    gross_ha = table.xs(year, level="year")["gross_ha"]
    return area_rows(gross_ha, named=(INDICATOR, "gross"), evidence="register")


def _patches(survived: gpd.GeoDataFrame, rule: PlantingRule) -> tuple[np.ndarray, Shapes, Shapes]:
    """Return years and patches that are large enough, and the patches that are not."""
    year, patches = _dissolved(survived)
    # 1 mu is 666.67 m2, and a polygon of just 1 mu is stated to some digits only
    large = shapely.area(patches) / M2_PER_HA >= 0.999 * rule.patch_ha
    return year[large], patches[large], patches[~large]


def _dissolved(frame: gpd.GeoDataFrame) -> tuple[np.ndarray, Shapes]:
    """Return the patches of every year in the order of years, each with its year."""
    by_year = {
        year: dissolve(frame[frame["year"] == year].geometry.to_numpy())
        for year in sorted(set(frame["year"].astype(int)))
    }
    years = [np.full(len(patches), year) for year, patches in by_year.items()]
    nothing = np.zeros(0, dtype=int), np.zeros(0, dtype=object)
    return np.concatenate([nothing[0], *years]), np.concatenate([nothing[1], *by_year.values()])


def _by_year(shapes: Shapes, year: np.ndarray, zones: gpd.GeoDataFrame, years: range) -> pd.Series:
    pieces = pieces_by_zone(shapes, zones)
    index = pd.MultiIndex.from_product([years, zones["zone"]], names=["year", "zone"])
    area_ha = pieces.assign(year=year[pieces["shape"]]).groupby(["year", "zone"])["area_ha"].sum()
    return area_ha.reindex(index, fill_value=0.0)


def _findings(
    accepted: gpd.GeoDataFrame, survived: gpd.GeoDataFrame, small: Shapes
) -> Iterator[Finding]:
    untold = accepted["survival_pct"].isna()
    if untold.any():
        area_ha = _hectares(accepted[untold].geometry.to_numpy())
        yield Finding(code="F28", facts={"count": int(untold.sum()), "area_ha": area_ha})
    no_year = int(accepted["year"].isna().sum())
    died = len(accepted) - no_year - len(survived)
    if died or no_year or len(small):
        facts = {
            "died": died,
            "no_year": no_year,
            "small": len(small),
            "small_ha": _hectares(small),
        }
        yield Finding(code="F29", facts=facts)


def _hectares(shapes: Shapes) -> float:
    return round(float(shapely.area(shapes).sum()) / M2_PER_HA, 3)
