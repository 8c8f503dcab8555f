"""Polygons over polygons: what lies in both, measured once, in hectares on the ellipsoid.

Areas are plane areas in one equal-area projection (EPSG:6933, cylindrical, on the ellipsoid
of WGS 84, which differs from that of CGCS2000 by a tenth of a millimetre), after the edges
were cut short in their own CRS. So pieces add up to the whole exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely import STRtree

from sinks.units import M2_PER_HA
from sinks.zones.outlines import Shapes, polygon_parts, straightened

EQUAL_AREA = CRS("EPSG:6933")
STRAY_M = 0.001  # how far an edge may be off in the plane


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """What two sets of polygons have in common: positions in both, and the shape of each."""

    left: NDArray[np.intp]
    right: NDArray[np.intp]
    shapes: Shapes

    @property
    def area_ha(self) -> NDArray[np.float64]:
        """Hectares of each piece, if the polygons were in :data:`EQUAL_AREA`."""
        return np.asarray(shapely.area(self.shapes) / M2_PER_HA)


def equal_area(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return ``frame`` in :data:`EQUAL_AREA`, its edges following their own CRS."""
    crs = CRS(frame.crs)
    if crs == EQUAL_AREA:
        return frame
    shapes = straightened(np.asarray(frame.geometry), crs, EQUAL_AREA, stray=(STRAY_M, STRAY_M))
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=crs)).to_crs(EQUAL_AREA)


def polygon_ha(frame: gpd.GeoDataFrame) -> pd.Series:
    """Return the hectares of each polygon on the ellipsoid, with the index of ``frame``."""
    return equal_area(frame).geometry.area / M2_PER_HA


def dissolve(shapes: Shapes) -> Shapes:
    """Return polygons that cover what ``shapes`` cover, each place once."""
    whole = shapely.disjoint_subset_union_all(shapes)
    return polygon_parts(np.array([whole], dtype=object))[1]


def intersections(left: Shapes, right: Shapes) -> Pieces:
    """Return every piece that a polygon of ``left`` shares with one of ``right``.

    ``right`` is taken apart into its parts first: against one large multipolygon every
    test looks at every vertex. A polygon that lies wholly inside another is the piece.
    """
    owner, parts = polygon_parts(right)
    pairs_left, pairs_part = STRtree(parts).query(left)
    shapely.prepare(parts)  # what is asked many times stands on the prepared side
    meeting = shapely.intersects(parts[pairs_part], left[pairs_left])
    pairs_left, pairs_part = pairs_left[meeting], pairs_part[meeting]
    a, b = left[pairs_left], parts[pairs_part]
    shapes = a.copy()
    cut = np.flatnonzero(~shapely.contains_properly(b, a))
    shapely.prepare(left)
    around = shapely.contains_properly(a[cut], b[cut])
    shapes[cut[around]] = b[cut[around]]
    cut = cut[~around]
    shapes[cut] = shapely.intersection(a[cut], b[cut])
    order, pieces = polygon_parts(shapes)
    return Pieces(left=pairs_left[order], right=owner[pairs_part[order]], shapes=pieces)


def overlap_ha(left: gpd.GeoDataFrame, right: gpd.GeoDataFrame) -> float:
    """Return the hectares that both layers cover, each place once."""
    shapes = (dissolve(equal_area(frame).geometry.to_numpy()) for frame in (left, right))
    return float(intersections(*shapes).area_ha.sum())


def self_overlaps(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the pairs of polygons that overlap: ``left``, ``right`` (labels), ``area_ha``."""
    shapes = equal_area(frame).geometry.to_numpy()
    first, second = STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    shared_m2 = shapely.area(shapely.intersection(shapes[first[once]], shapes[second[once]]))
    labels = frame.index.to_numpy()
    pairs = pd.DataFrame(
        {
            "left": labels[first[once]],
            "right": labels[second[once]],
            "area_ha": shared_m2 / M2_PER_HA,
        }
    )
    return pairs[pairs["area_ha"] > 0].reset_index(drop=True)
