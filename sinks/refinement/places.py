"""Where pixels lie: how many hectares each covers, and in which polygon its centre lies.

Hectares are whole units, so that sums do not depend on the order of adding. Pixels of a group of
8 rows and 64 columns share the hectares of its middle: within such a group they differ by a few
parts in a million.

A centre that lies on the edge of two polygons belongs to one of them only (the one to the right
of the edge or, of a level edge, below it), so that polygons that share edges share no pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sinks.grid import Grid, Window
from sinks.zones.outlines import Rings

SIDE = 512  # pixels of a tile each way; tiles start at multiples of it
STEP = 8, 64  # rows and columns of a group; both divide SIDE
_UNIT_BITS = 30  # of the largest pixel; 2^33 pixels then stay below 2^63


@dataclass(frozen=True)
class PixelArea:
    """Area units of the pixels of a grid."""

    grid: Grid

    @cached_property
    def unit_ha(self) -> float:
        """Hectares of one unit, a power of two."""
        rows, cols = self.grid.shape
        sample = self.grid.pixel_ha(np.linspace(0, rows - 1, 9), np.linspace(0, cols - 1, 9))
        return float(2.0 ** (ceil(log2(sample.max())) - _UNIT_BITS))

    def groups(self, window: Window) -> NDArray[np.int64]:
        """Units of a pixel, by group; ``window`` starts at a multiple of 512 each way."""
        rows = _middles(window.row, window.height, STEP[0])
        cols = _middles(window.col, window.width, STEP[1])
        return np.rint(self.grid.pixel_ha(rows, cols) / self.unit_ha).astype(np.int64)

    def pixels(self, window: Window) -> NDArray[np.int64]:
        """Units of every pixel, ``(rows, columns)``; ``window`` starts at a multiple of 512."""
        high = np.repeat(self.groups(window), STEP[0], axis=0)[: window.height]
        return np.repeat(high, STEP[1], axis=1)[:, : window.width]


def _middles(start: int, length: int, step: int) -> NDArray[np.float64]:
    return np.asarray(start + np.arange(0, length, step) + (step - 1) / 2, dtype=np.float64)


def painted(
    rings: Rings, values: NDArray[np.int32], window: Window
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Give every pixel of ``window`` the value of the polygon that its centre lies in.

    Parameters
    ----------
    rings
        Polygons in pixels of the whole raster.
    values
        A number above 0 for each polygon; polygons with 0 are left out.

    Returns
    -------
    values, disputed
        Both ``(rows, columns)``: the value of each pixel, that of the first polygon where
        several meet, 0 where there is none; and where polygons of different values meet.
    """
    left, top, right, bottom = rings.bounds.T
    row, col, height, width = window
    across = (left < col + width) & (right > col) & (top < row + height) & (bottom > row)
    found = np.zeros((height, width), dtype=np.int32)
    disputed = np.zeros((height, width), dtype=bool)
    here = np.flatnonzero(across & (values > 0))
    if len(here):
        outlines = rings.points, rings.ring_points, rings.zone_rings
        _paint(outlines, here, values, (row, col), (found, disputed))
    return found, disputed


# ---- compiled ----------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def _paint(outlines: Any, polygons: Any, values: Any, origin: tuple[int, int], out: Any) -> None:
    points, ring_points, zone_rings = outlines
    found, disputed = out
    rows, cols = found.shape
    turns = np.zeros((rows, cols + 1), dtype=np.bool_)
    for polygon in polygons:
        first, last = rows, -1
        for ring in range(zone_rings[polygon], zone_rings[polygon + 1]):
            for point in range(ring_points[ring], ring_points[ring + 1] - 1):
                span = _turn(turns, points, point, origin)
                first, last = min(first, span[0]), max(last, span[1])
        for r in range(first, last + 1):
            _paint_row(found[r], disputed[r], turns[r], values[polygon])


@njit(nogil=True, cache=True)
def _turn(turns: Any, points: Any, point: int, origin: tuple[int, int]) -> tuple[int, int]:
    """Mark where an edge crosses the middle of each row; return the first and last such row.

    The edge is taken downwards whichever way it runs, so that two polygons that share it are
    parted at the same pixel.
    """
    rows, cols = turns.shape[0], turns.shape[1] - 1
    x0, y0, x1, y1 = points[point, 0], points[point, 1], points[point + 1, 0], points[point + 1, 1]
    if y0 > y1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    first = max(int(np.ceil(y0 - 0.5)) - origin[0], 0)
    stop = min(int(np.ceil(y1 - 0.5)) - origin[0], rows)
    for r in range(first, stop):
        x = x0 + (r + origin[0] + 0.5 - y0) * (x1 - x0) / (y1 - y0)
        col = min(max(int(np.ceil(x - 0.5)) - origin[1], 0), cols)
        turns[r, col] = not turns[r, col]
    return (first, stop - 1) if first < stop else (rows, -1)


@njit(nogil=True, cache=True)
def _paint_row(found: Any, disputed: Any, turns: Any, value: int) -> None:
    """Paint the pixels between marks, and take the marks away."""
    inside = False
    for c in range(len(found)):
        if turns[c]:
            inside = not inside
            turns[c] = False
        if inside:
            if found[c] == 0:
                found[c] = value
            elif found[c] != value:
                disputed[c] = True
    turns[len(found)] = False
