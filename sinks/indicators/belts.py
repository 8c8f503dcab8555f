"""Tree belts as lines with a measured width, and large water: parts of the tree-cover rate.

Belts of 5 to 15 m hold most trees of a plain and are lost in maps of 10 m. A belt is its line,
made as wide as its crowns were measured; where it runs through a stand that counts, or another
belt, the place counts once, for whichever is there first.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from sinks.errors import InputRefused
from sinks.indicators.places import counted_once, pieces_by_zone
from sinks.units import M2_PER_HA
from sinks.zones.outlines import Shapes
from sinks.zones.overlay import EQUAL_AREA, dissolve, equal_area


def belt_polygons(belts: gpd.GeoDataFrame, *, widest_m: float) -> gpd.GeoDataFrame:
    """Make lines as wide as they were measured.

    Parameters
    ----------
    belts
        Lines in any CRS; ``width_m``, the width of the crowns.
    widest_m
        A belt wider than this is a stand, or its width is in another unit.

    Returns
    -------
    geopandas.GeoDataFrame
        The same rows with polygons in EQUAL_AREA: length x width, cut off square at the ends.

    Raises
    ------
    InputRefused
        ``F32`` if a width is missing, not positive, or above ``widest_m``.
    """
    width_m = belts["width_m"].to_numpy(dtype=float)
    if (faulty := ~((width_m > 0) & (width_m <= widest_m))).any():
        shown = [f"{width:g}" for width in width_m[faulty][:10]]
        facts = {"count": int(faulty.sum()), "widths": shown, "widest_m": widest_m}
        raise InputRefused.because("F32", **facts)
    there = _plane_around(belts)
    lines = equal_area(belts).to_crs(there)
    wide = shapely.buffer(lines.geometry.to_numpy(), width_m / 2, cap_style="flat")
    return equal_area(lines.set_geometry(gpd.GeoSeries(wide, index=lines.index, crs=there)))


def belt_pieces(belts: Shapes, stands: Shapes, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut belts by zone, without what stands and earlier belts cover already.

    Parameters
    ----------
    belts
        Polygons of :func:`belt_polygons`.
    stands
        Polygons of the stands that the rule counts, and no others. All in EQUAL_AREA.

    Returns
    -------
    pandas.DataFrame
        ``zone``, ``kind`` (``belt``), ``area_ha``, ``perimeter_m``: rows to be put under
        those of the stands for :func:`sinks.indicators.coverage.tree_cover`.
    """
    rest = counted_once(np.concatenate([stands, belts]))[len(stands) :]
    pieces = pieces_by_zone(rest, zones).assign(kind="belt")
    return pieces[["zone", "kind", "area_ha", "perimeter_m"]]


def large_water_ha(water: Shapes, zones: gpd.GeoDataFrame, *, minimum_ha: float) -> pd.Series:
    """Return the hectares of large water in each zone, for the denominator ``minus_water_gt``.

    Parameters
    ----------
    water
        Polygons of still water in EQUAL_AREA, not cut at the district: those that touch are one
        body, and the whole body must be larger than ``minimum_ha``. Rivers do not belong here:
        they hang together all over a plain.
    """
    bodies = dissolve(water)
    large = bodies[shapely.area(bodies) / M2_PER_HA > minimum_ha]
    area_ha = pieces_by_zone(large, zones).groupby("zone")["area_ha"].sum()
    return area_ha.reindex(pd.Index(zones["zone"], name="zone"), fill_value=0.0)


def _plane_around(frame: gpd.GeoDataFrame) -> CRS:
    """Return an equal-area plane centred on a layer: true in lengths to 1e-5 within 50 km."""
    west, south, east, north = frame.to_crs(EQUAL_AREA).total_bounds
    middle = gpd.GeoSeries([shapely.Point((west + east) / 2, (south + north) / 2)], crs=EQUAL_AREA)
    place = middle.to_crs("EPSG:4326")
    return CRS.from_proj4(
        f"+proj=laea +lat_0={place.y[0]} +lon_0={place.x[0]} +ellps=WGS84 +units=m"
    )
