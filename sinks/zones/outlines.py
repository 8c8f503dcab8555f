"""Outlines of polygons as arrays of rings, and edges that keep their place when the CRS changes.

An edge is straight in the CRS of its layer and bent in any other. Before points are moved,
edges are cut so short that the bend stays below a stated stray.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

Shapes = NDArray[np.object_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_POLYGON = 3  # type of geometry
_PROBES = 5  # places across and down where the bend of straight lines is measured
_PROBE_SHARE = 1 / 20  # length of a probe as a share of the extent
_CAUTION = 0.7  # edges are cut somewhat shorter than the probes allow


class Rings(NamedTuple):
    """Zones in pixels (x to the right, y down), as closed rings one after the other.

    Zone ``i`` has the rings ``zone_rings[i]`` to ``zone_rings[i + 1]``; ring ``j`` the points
    ``ring_points[j]`` to ``ring_points[j + 1]``, and ``sign[j]`` is 1 if it covers what lies
    inside when it goes down on its left, else -1. ``bounds``: left, top, right, bottom.
    """

    points: Floats
    ring_points: Ints
    zone_rings: Ints
    sign: Floats
    bounds: Floats


@dataclass(frozen=True, kw_only=True)
class Outlines:
    """The rings of polygons, one after the other.

    Polygon ``i`` has the rings ``owner_rings[i]`` to ``owner_rings[i + 1]``; ring ``j`` the
    closed ``points`` from ``ring_points[j]`` to ``ring_points[j + 1]``; ``hole[j]`` says
    whether it is cut out.
    """

    points: Floats
    ring_points: Ints
    owner_rings: NDArray[np.int64]
    hole: NDArray[np.bool_]

    def moved(self, source: CRS, target: CRS) -> Outlines:
        """Return the same rings in ``target``; points that it cannot show are infinite."""
        if source == target:
            return self
        return replace(self, points=_mover(source, target)(self.points))

    @cached_property
    def ring_areas(self) -> Floats:
        """Plane area of each ring, positive if it turns from the x axis to the y axis."""
        first = self.ring_points[:-1]
        # each ring counts from its first point, where it also ends: no digits are lost, and
        # nothing is added on the way to the next ring
        x, y = (self.points - np.repeat(self.points[first], np.diff(self.ring_points), axis=0)).T
        twice = np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0)
        return np.asarray(np.add.reduceat(twice, first) / 2)

    def areas(self) -> Floats:
        """Plane area of each polygon, in units of the points squared."""
        size = np.abs(self.ring_areas)
        return np.asarray(np.add.reduceat(np.where(self.hole, -size, size), self.owner_rings[:-1]))

    def lengths(self) -> Floats:
        """Length of the rings of each polygon."""
        steps = np.append(np.hypot(*np.diff(self.points, axis=0).T), 0.0)
        steps[self.ring_points[1:] - 1] = 0.0  # on the way to the next ring
        return np.asarray(np.add.reduceat(steps, self._first_points()))

    @cached_property
    def bounds(self) -> Floats:
        """Least x, least y, greatest x and greatest y of each polygon."""
        first = self._first_points()
        x, y = self.points.T
        ends = [f.reduceat(v, first) for f in (np.minimum, np.maximum) for v in (x, y)]
        return np.column_stack(ends)

    def _first_points(self) -> NDArray[np.int64]:
        return self.ring_points[self.owner_rings[:-1]]


def outlines_of(shapes: Shapes) -> Outlines:
    """Take polygons and multipolygons apart into rings."""
    parts, owner = shapes, np.arange(len(shapes))
    if (shapely.get_type_id(shapes) != _POLYGON).any():
        parts, owner = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    return Outlines(
        points=points,
        ring_points=_starts(ring, len(rings)),
        owner_rings=_starts(owner[part], len(shapes)),
        hole=np.diff(part, prepend=-1) == 0,  # the first ring of a part is its exterior
    )


def straightened(
    shapes: Shapes, source: CRS, target: CRS, *, stray: tuple[float, float]
) -> Shapes:
    """Cut edges so that, moved to ``target``, they run where they run in ``source``.

    ``stray`` is how far they may be off, in units of ``target`` along x and y. Shapes without
    long edges are returned as they are.
    """
    longest = _longest_edge(source, target, tuple(shapely.total_bounds(shapes)), stray)
    west, south, east, north = shapely.bounds(shapes).T
    wide = np.flatnonzero(np.hypot(east - west, north - south) > longest)
    points, owner = shapely.get_coordinates(shapes[wide], return_index=True)
    # a step to the next ring of the same shape may count too; that does no harm
    edge = (owner[1:] == owner[:-1]) & (np.hypot(*np.diff(points, axis=0).T) > longest)
    long = wide[np.unique(owner[1:][edge])]
    if not len(long):
        return shapes
    cut = shapes.copy()
    cut[long] = shapely.segmentize(shapes[long], longest)
    return cut


def moved_shapes(shapes: Shapes, source: CRS, target: CRS) -> Shapes:
    """Move shapes to ``target``; what rounding made invalid on the way is valid again."""
    if source == target:
        return shapes
    moved = shapely.transform(shapes, _mover(source, target))
    crossed = ~shapely.is_valid(moved)
    moved[crossed] = shapely.make_valid(moved[crossed])
    return moved


def polygon_parts(shapes: Shapes) -> tuple[NDArray[np.intp], Shapes]:
    """Take shapes apart into polygons with an area; say which shape each came from."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    again, within = shapely.get_parts(parts, return_index=True)  # collections hold multipolygons
    solid = (shapely.get_type_id(again) == _POLYGON) & (shapely.area(again) > 0)
    return owner[within][solid], again[solid]


def _longest_edge(
    source: CRS, target: CRS, bounds: tuple[float, ...], stray: tuple[float, float]
) -> float:
    """Measure how short edges must be, by probes in four directions all over ``bounds``."""
    if source == target:
        return np.inf
    west, south, east, north = bounds
    half = np.hypot(east - west, north - south) * _PROBE_SHARE / 2
    middle = np.meshgrid(np.linspace(west, east, _PROBES), np.linspace(south, north, _PROBES))
    angle = np.arange(4)[:, np.newaxis] * np.pi / 4
    x, y = middle[0].ravel(), middle[1].ravel()
    ends = [(x + s * np.cos(angle), y + s * np.sin(angle)) for s in (-half, 0, half)]
    probes = np.array([np.stack(end, axis=-1) for end in ends])
    start, mid, stop = _mover(source, target)(probes.reshape(-1, 2)).reshape(3, -1, 2)
    with np.errstate(invalid="ignore"):  # where the target shows no place
        bend = (mid - (start + stop) / 2) / stray
    worst = np.nanmax(np.where(np.isfinite(bend), np.abs(bend), 0.0))
    # the bend grows with the square of the length
    return float(_CAUTION * 2 * half / np.sqrt(worst)) if worst > 0 else np.inf


@lru_cache(maxsize=16)  # making one takes longer than moving ten thousand points
def _mover(source: CRS, target: CRS) -> Callable[[Floats], Floats]:
    """Return what moves points, shape ``(n, 2)``; where it cannot, they become infinite."""
    transformer = Transformer.from_crs(source, target, always_xy=True)
    return lambda points: np.column_stack(transformer.transform(*points.T))


def _starts(owner: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Where each owner's items start in a list ordered by owner, and where the last ends."""
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=count))])
