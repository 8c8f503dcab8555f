"""Reference places: polygons and points whose class is known, and the pixels they hold.

A polygon holds the pixels whose centre lies within it: pixels on its edge are mixtures and
teach nothing about one class. A point holds the pixel it lies in. Shapes are brought to
units of pixels once, and points to the centre of their pixel; whether a centre lies within
is then decided exactly, so that windows and threads cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sinks.errors import InputRefused
from sinks.grid import Grid, Window

Pixels = NDArray[np.int64]  # numbers of pixels: row x columns + column

_POINTS = (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
_AT_ONCE = 2**20  # centres tested at once
_LISTED = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class ReferencePlaces:
    """Polygons and points, in the CRS of the image they are used with.

    All arrays are as long as there are places. ``codes`` are legend codes, ``names`` what
    the layer calls each place (its feature id), ``group`` the position in ``group_names`` of
    the visit, plot or polygon a place belongs to. Shapes are valid.

    Raises
    ------
    InputRefused
        ``G03`` if a shape is neither polygon nor point.
    """

    shapes: NDArray[np.object_]
    codes: NDArray[np.uint8]
    names: tuple[str, ...]
    group: NDArray[np.int64]
    group_names: tuple[str, ...]

    def __post_init__(self) -> None:
        usable = np.isin(shapely.get_type_id(self.shapes), (*_POINTS, *_POLYGONS))
        if wrong := [n for n, sound in zip(self.names, usable, strict=True) if not sound]:
            raise InputRefused.because("G03", ids=wrong[:_LISTED], count=len(wrong))

    def __len__(self) -> int:
        return len(self.shapes)

    def in_pixels(self, grid: Grid) -> NDArray[np.object_]:
        """Return the shapes in columns and rows of ``grid``, points at centres of pixels."""
        t = grid.transform

        def moved(xy: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.column_stack([(xy[:, 0] - t.c) / t.a, (xy[:, 1] - t.f) / t.e])

        shapes: NDArray[np.object_] = np.asarray(shapely.transform(self.shapes, moved))
        points = np.isin(shapely.get_type_id(shapes), _POINTS)
        shapes[points] = shapely.transform(shapes[points], lambda xy: np.floor(xy) + 0.5)
        return shapes


def pixels_within(shape: shapely.Geometry, limits: Window, cols: int) -> Pixels:
    """Return the pixels that a shape (in pixels) holds within ``limits``, in ascending order.

    ``cols`` is the number of columns of the whole image.
    """
    parts = shapely.get_parts(shape)
    shapely.prepare(parts)
    found = [
        pixels
        for part in parts
        for window in _strips(_reach(part, limits))
        if len(pixels := _held(part, window, cols))
    ]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def contradictions(
    shapes: NDArray[np.object_], codes: NDArray[np.uint8], limits: Window
) -> Iterator[tuple[int, int, Pixels]]:
    """Yield pairs of places of different classes that hold the same pixels, and those."""
    cols = limits.width
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    differ = (a < b) & (codes[a] != codes[b])
    a, b = a[differ], b[differ]
    apart = shapely.touches(shapes[a], shapes[b])  # neighbours with no more than an edge
    pairs = np.column_stack([a, b])[~apart]
    for one, other in pairs[np.lexsort(pairs.T[::-1])].tolist():
        both = _reach(shapes[other], _reach(shapes[one], limits))
        ours, theirs = (pixels_within(shapes[i], both, cols) for i in (one, other))
        common = np.intersect1d(ours, theirs, assume_unique=True)
        if len(common):
            yield one, other, common


def _held(part: shapely.Geometry, window: Window, cols: int) -> Pixels:
    rows = window.row + np.arange(window.height)[:, np.newaxis]
    columns = window.col + np.arange(window.width)[np.newaxis, :]
    is_point = not shapely.area(part)
    holds = shapely.intersects_xy if is_point else shapely.contains_xy
    held = holds(part, columns + 0.5, rows + 0.5)
    return np.asarray((rows * cols + columns)[held], dtype=np.int64)


def _reach(shape: shapely.Geometry, limits: Window) -> Window:
    """Return the pixels whose centre lies in the bounds of a shape, cut by ``limits``."""
    west, north, east, south = shapely.bounds(shape)
    row, col = (
        max(int(np.ceil(v - 0.5)), o) for v, o in ((north, limits.row), (west, limits.col))
    )
    last_row = min(int(np.floor(south - 0.5)), limits.row + limits.height - 1)
    last_col = min(int(np.floor(east - 0.5)), limits.col + limits.width - 1)
    return Window(row, col, last_row - row + 1, last_col - col + 1)


def _strips(window: Window) -> Iterator[Window]:
    """Cut a window into strips of rows that can be tested at once."""
    if window.width <= 0:
        return
    step = max(_AT_ONCE // window.width, 1)
    for row in range(window.row, window.row + window.height, step):
        height = min(step, window.row + window.height - row)
        yield Window(row, window.col, height, window.width)
