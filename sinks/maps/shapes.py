"""Polygons, lines and points for the browser: whole numbers, differences, deflate.

Coordinates are Web Mercator in steps of 10 cm, each vertex as the difference to the one
before, in as few bytes as it needs. Features are sorted along a Hilbert curve, which keeps
the differences small and what is near on the ground near in the file. A hundred thousand
parcels take seven megabytes instead of a hundred and fifty.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from zlib import compress

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sinks.errors import InputRefused
from sinks.maps.placement import WEB_MERCATOR

STEP_M = 0.1
_KINDS = {0: "point", 4: "point", 1: "line", 5: "line", 2: "line", 3: "polygon", 6: "polygon"}
_POINT = "point"
_POLYGON = "polygon"
_EDGE_LATITUDE_DEG = 85.0  # Web Mercator ends near there

Whole = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Shapes:
    """Encoded features, in the order of ``order`` (positions in the frame they came from).

    ``text`` is base64 of deflated variable-length numbers: rings per feature, vertices per
    ring, then the differences of x and y. A line is an open ring, a point a ring of one.
    """

    kind: str
    origin_m: tuple[float, float]
    features: int
    rings: int
    text: str
    order: NDArray[np.intp]
    bounds_deg: tuple[float, float, float, float]


def encoded(frame: gpd.GeoDataFrame) -> Shapes:
    """Encode the geometries of ``frame``, which may be in any CRS.

    Raises
    ------
    InputRefused
        ``M06`` if the layer is empty, mixes points, lines and polygons, has a feature
        without geometry, no CRS, or lies where Web Mercator does not reach.
    """
    kind = _kind(frame)
    lonlat = frame.geometry.to_crs("EPSG:4326")
    bounds = tuple(float(b) for b in lonlat.total_bounds)
    if not np.isfinite(bounds).all() or max(-bounds[1], bounds[3]) > _EDGE_LATITUDE_DEG:
        raise InputRefused.because("M06", why=f"bounds {[round(b, 4) for b in bounds]}")
    order = np.argsort(lonlat.hilbert_distance().to_numpy(), kind="stable")
    placed = gpd.GeoSeries(lonlat.iloc[order]).to_crs(WEB_MERCATOR)
    shapes = np.asarray(placed.to_numpy())
    rings, feature_of_ring = _rings(shapes, kind)
    xy, ring_of_vertex = shapely.get_coordinates(rings, return_index=True)
    if kind == _POLYGON:  # the browser closes rings itself
        last = np.r_[ring_of_vertex[1:] != ring_of_vertex[:-1], True]
        xy, ring_of_vertex = xy[~last], ring_of_vertex[~last]
    origin = np.floor(xy.min(axis=0))
    whole = np.round((xy - origin) / STEP_M).astype(np.int64)
    counts = np.r_[
        np.bincount(feature_of_ring, minlength=len(shapes)),
        np.bincount(ring_of_vertex, minlength=len(rings)),
    ]
    numbers = np.r_[counts, _zigzag(np.diff(whole, axis=0, prepend=0)).ravel()]
    return Shapes(
        kind=kind,
        origin_m=(float(origin[0]), float(origin[1])),
        features=len(shapes),
        rings=len(rings),
        text=b64encode(compress(_varint(numbers), 9)).decode("ascii"),
        order=order,
        bounds_deg=(bounds[0], bounds[1], bounds[2], bounds[3]),
    )


def inside_places(frame: gpd.GeoDataFrame) -> list[list[float]]:
    """Return latitude and longitude of a place inside each feature, for its name."""
    points = shapely.point_on_surface(frame.geometry.to_crs("EPSG:4326").to_numpy())
    return [[round(float(p.y), 6), round(float(p.x), 6)] for p in points]


def _kind(frame: gpd.GeoDataFrame) -> str:
    shapes = frame.geometry.to_numpy()
    if frame.crs is None:
        raise InputRefused.because("M06", why="no CRS")
    if not len(shapes):
        raise InputRefused.because("M06", why="0 features")
    empty = int((shapely.is_missing(shapes) | shapely.is_empty(shapes)).sum())
    if empty:
        raise InputRefused.because("M06", why=f"{empty} features without geometry")
    kinds = {_KINDS.get(int(t), "collection") for t in np.unique(shapely.get_type_id(shapes))}
    if len(kinds) > 1 or "collection" in kinds:
        raise InputRefused.because("M06", why=" + ".join(sorted(kinds)))
    return kinds.pop()


def _rings(shapes: NDArray[np.object_], kind: str) -> tuple[NDArray[np.object_], Whole]:
    """Take features apart into rings, lines or points; say to which feature each belongs."""
    parts, feature_of_part = shapely.get_parts(shapes, return_index=True)
    if kind != _POLYGON:
        return parts, feature_of_part
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    return rings, feature_of_part[part_of_ring]


def _zigzag(signed: Whole) -> Whole:
    """Map 0, -1, 1, -2 ... to 0, 1, 2, 3 ..., so that small differences are small numbers."""
    return (signed << 1) ^ (signed >> 63)


def _varint(numbers: Whole) -> bytes:
    """Write each number in groups of seven bits, lowest first, the top bit meaning more."""
    unsigned = numbers.astype(np.uint64)
    lengths = np.ones(len(unsigned), dtype=np.int64)
    for k in range(1, 5):
        lengths += unsigned >= np.uint64(1 << (7 * k))
    starts = np.r_[0, np.cumsum(lengths)[:-1]]
    out = np.zeros(int(lengths.sum()), dtype=np.uint8)
    for k in range(5):
        has = lengths > k
        group = (unsigned[has] >> np.uint64(7 * k)) & np.uint64(127)
        more = (lengths[has] > k + 1).astype(np.uint64) << np.uint64(7)
        out[starts[has] + k] = (group | more).astype(np.uint8)
    return out.tobytes()
