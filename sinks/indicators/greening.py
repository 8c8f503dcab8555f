"""Green cover of the built-up area (建成区绿化覆盖率).

    rate (%) = 100 x vegetation seen from above (ha) / built-up area (ha)

Vegetation is the projection of all plants, roofs and single trees too; grass under trees does
not count again. Water is not green. A built-up area that grows changes the rate without a tree
being planted or felled, so the rate of the first outline, held fixed, stands beside it.

A land-cover map may stand in for a layer of vegetation, but with pixels larger than about 2 m it
misses street trees and takes gardens for houses: the rate is then said to be rough.

Method: GB/T 50563-2010 (definition as in the notice of 杨凌).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sinks.errors import Finding
from sinks.indicators.coverage import ErrorModel, registered_ha
from sinks.indicators.places import pieces_by_zone
from sinks.indicators.rows import rate_rows, variant
from sinks.landcover.cover import LandCover
from sinks.units import M2_PER_HA
from sinks.zones.areas import tabulate
from sinks.zones.outlines import Shapes
from sinks.zones.overlay import dissolve, intersections
from sinks.zones.zones import Zones

INDICATOR = "green_cover_rate"

Headline = Literal["vegetation", "vegetation_fixed", "mapped", "mapped_fixed"]
Grounds = Mapping[str, gpd.GeoDataFrame]


def built_up_grounds(
    built_up: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, *, year: int
) -> dict[str, gpd.GeoDataFrame]:
    """Return the built-up part of each zone: as of ``year`` and as of the first year.

    Parameters
    ----------
    built_up
        ``year`` of each outline; polygons in EQUAL_AREA.
    zones
        Polygons in EQUAL_AREA with the column ``zone``.

    Returns
    -------
    dict
        By suffix of the rule: ``""`` the latest outline that is not later than ``year`` (the
        first one, if all are later), ``"_fixed"`` the first, where that is another one. Each
        has a polygon per zone with built-up land, and the column ``zone``.
    """
    years = sorted(set(built_up["year"]))
    current = max((y for y in years if y <= year), default=years[0])
    chosen = {"": current, "_fixed": years[0]} if current != years[0] else {"": current}
    return {
        suffix: _by_zone(built_up.geometry[built_up["year"] == y].to_numpy(), zones)
        for suffix, y in chosen.items()
    }


def green_cover(
    vegetation: Shapes,
    grounds: Grounds,
    zones: gpd.GeoDataFrame,
    errors: ErrorModel,
    *,
    headline: Headline = "vegetation",
) -> pd.DataFrame:
    """Return the rate from polygons of vegetation, which may overlap, each place once.

    Parameters
    ----------
    vegetation
        Projections of crowns, shrubs and lawns in EQUAL_AREA.
    grounds
        Of :func:`built_up_grounds`.

    Returns
    -------
    pandas.DataFrame
        INDICATORS rows with the interval that the boundaries of vegetation give; zones
        without built-up land have no rate.
    """
    whole = dissolve(vegetation)
    index = pd.Index(zones["zone"], name="zone")
    rows = []
    for suffix, ground in grounds.items():
        pieces = pieces_by_zone(whole, ground)
        green_ha, se_ha = registered_ha(pieces, index, errors)
        ground_ha = _ground_ha(ground, index)
        rows.append(
            rate_rows(
                green_ha,
                ground_ha,
                se_pct=100 * se_ha / ground_ha.where(ground_ha > 0),
                named=variant(INDICATOR, f"vegetation{suffix}", headline),
                evidence="survey",
            )
        )
    return pd.concat(rows)


def mapped_green_cover(
    cover: LandCover,
    grounds: Grounds,
    zones: gpd.GeoDataFrame,
    green: frozenset[str],
    *,
    fine_m: float,
    headline: Headline = "vegetation",
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the rate that a land-cover map shows; it has no interval.

    Parameters
    ----------
    green
        Keys of the classes that are vegetation.
    fine_m
        Pixels larger than this are noted as too coarse: ``F30``.

    Returns
    -------
    pandas.DataFrame
        INDICATORS rows; what the map does not show of the built-up area counts as not green.
    tuple of Finding
        ``F30`` where it holds.
    """
    index = pd.Index(zones["zone"], name="zone")
    rows = []
    for suffix, ground in grounds.items():
        green_ha = pd.Series(0.0, index=index)
        if len(ground):
            areas = tabulate(cover, _as_zones(ground)).areas["area_ha"]
            areas = areas[areas.index.isin(green, level="land_cover")]
            green_ha = areas.groupby(level="zone").sum().reindex(index, fill_value=0.0)
        named = variant(INDICATOR, f"mapped{suffix}", headline)
        rows.append(rate_rows(green_ha, _ground_ha(ground, index), named=named, evidence="map"))
    rows_height, cols = cover.grid.shape
    pixel_ha = float(cover.grid.pixel_ha(rows_height / 2, cols / 2)[0, 0])
    pixel_m = round(float(np.sqrt(pixel_ha * M2_PER_HA)), 2)
    facts = {"pixel_m": pixel_m, "fine_m": fine_m, "year": str(cover.year)}
    findings = (Finding(code="F30", facts=facts),) if pixel_m > fine_m else ()
    return pd.concat(rows), findings


def _by_zone(built_up: Shapes, zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    pieces = intersections(dissolve(built_up), zones.geometry.to_numpy())
    here = np.unique(pieces.right)
    shapes = [shapely.union_all(pieces.shapes[pieces.right == zone]) for zone in here]
    names = zones["zone"].to_numpy()[here]
    return gpd.GeoDataFrame({"zone": names}, geometry=shapes, crs=zones.crs)


def _ground_ha(ground: gpd.GeoDataFrame, index: pd.Index) -> pd.Series:
    area_ha = pd.Series(shapely.area(ground.geometry.to_numpy()) / M2_PER_HA, ground["zone"])
    return area_ha.reindex(index, fill_value=0.0)


def _as_zones(ground: gpd.GeoDataFrame) -> Zones:
    return Zones(frame=ground.assign(name_zh=ground["zone"], name_en=ground["zone"], kind="other"))
