"""Hectares of pixels in whole units, so that sums do not depend on the order of adding.

Pixels of a group of 8 rows and 64 columns share the hectares of its middle: within such a group
they differ by a few parts in a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, log2

import numpy as np
from numpy.typing import NDArray

from sinks.grid import Grid, Window

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
