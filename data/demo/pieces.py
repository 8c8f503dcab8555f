"""Polygons of the landscape: pieces of the sheet and of the waters, none over another."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import STRtree

from .landscape import Landscape
from .places import (
    district,
    district_plane,
    polygonal,
    to_lonlat,
    towns,
)
from .sheet import Patch

MM = 0.001
SLIVER_M2 = 60.0


def on_the_ground(landscape: Landscape) -> list[Patch]:
    """Return all pieces in metres of EPSG:4549, disjoint, clipped to the district.

    The lake is kept whole, although the district ends in it.
    """
    inside = district_plane()
    shapely.prepare(inside)
    flat = landscape.sheet.patches
    bent = landscape.bend.shapes([p.shape for p in flat])
    pieces = [replace(p, shape=shape) for p, shape in zip(flat, bent, strict=True)]
    pieces = [p for p in [*pieces, *landscape.overlays] if shapely.intersects(inside, p.shape)]
    found = []
    for patch, left in zip(pieces, uncovered([p.shape for p in pieces]), strict=True):
        whole = patch.kind == "lake" or shapely.contains(inside, left)
        shape = tidy(left if whole else shapely.intersection(left, inside))
        if not shape.is_empty:
            found.append(replace(patch, shape=shape))
    return found


def tidy(shape: shapely.Geometry) -> shapely.Geometry:
    """Round to millimetres, so that nothing is thinner, and drop slivers."""
    return polygonal(shapely.set_precision(shape, MM), at_least=SLIVER_M2)


def uncovered(covering: ArrayLike) -> NDArray[np.object_]:
    """Take away from every shape what later shapes cover."""
    shapes = np.array(covering, dtype=object)
    lower, upper = STRtree(shapes).query(shapes, predicate="intersects")
    later = upper > lower
    lower, upper = lower[later], upper[later]
    common = shapely.area(shapely.intersection(shapes[lower], shapes[upper])) > 0
    lower, upper = lower[common], upper[common]
    order = np.argsort(lower, kind="stable")
    whole, starts = np.unique(lower[order], return_index=True)
    for n, over in zip(whole, np.split(upper[order], starts[1:]), strict=True):
        shapes[n] = shapely.difference(shapes[n], shapely.union_all(shapes[over]))
    return shapes


@dataclass(frozen=True)
class Faces:
    """Polders between the middles of their canals, cut at the boundary: they cover the district.

    ``shapes`` in degrees, neighbours with the same vertices; ``town`` is the code of each.
    """

    shapes: NDArray[np.object_]
    town: NDArray[np.str_]

    def of_towns(self) -> dict[str, shapely.Geometry]:
        """Return the polygon of every town, in degrees."""
        return {t.code: self.union(self.town == t.code) for t in towns()}

    def union(self, chosen: NDArray[np.bool_]) -> shapely.Geometry:
        """Dissolve some of the faces."""
        return polygonal(shapely.coverage_union_all(self.shapes[chosen]))


def faces(landscape: Landscape) -> Faces:
    """Cut the district along canals; every face goes to the town whose box fits best."""
    lines = shapely.union_all([p.whole.polygon().exterior for p in landscape.network.polders])
    lines = to_lonlat(landscape.bend.shapes([lines])[0])
    boundary = district()
    cut = shapely.node(shapely.geometrycollections([*shapely.get_parts(lines), boundary.exterior]))
    shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(cut)))
    points = shapely.point_on_surface(shapes)
    inside = shapely.contains(boundary, points)
    shapes, points = shapes[inside], points[inside]
    codes = _nearest_town(shapely.get_coordinates(points))
    return Faces(shapes, _joined(shapes, codes))


def _nearest_town(lonlat: NDArray[np.float64]) -> NDArray[np.str_]:
    """Return the town in whose box a place lies deepest, relative to the size of the box."""
    known = towns()
    boxes = np.array([(t.west, t.south, t.east, t.north) for t in known])
    middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    away = np.abs(lonlat[:, np.newaxis] - middle) / half
    best = np.hypot(away[..., 0], away[..., 1]).argmin(axis=1)
    return np.array([t.code for t in known])[best]


def _joined(shapes: NDArray[np.object_], codes: NDArray[np.str_]) -> NDArray[np.str_]:
    """Give parts that are cut off from their town to the neighbour with the longest border."""
    codes = codes.copy()
    for code in np.unique(codes):
        parts = shapely.get_parts(shapely.coverage_union_all(shapes[codes == code]))
        for part in sorted(parts, key=lambda p: -p.area)[1:]:
            own = shapely.covers(part, shapely.point_on_surface(shapes)) & (codes == code)
            border = shapely.length(shapely.intersection(shapes, part.exterior))
            border[codes == code] = 0
            codes[own] = codes[int(border.argmax())]
    return codes
