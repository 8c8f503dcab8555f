"""The share of every pixel that a polygon covers, to 2^-38 of a pixel.

The kernel of tabulation adds area up by class number. Where every pixel of a window has a
number of its own, and weighs one, what it adds up is the share of each pixel.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

from sinks.blocks import windows
from sinks.grid import Window
from sinks.zones.coverage_kernel import UNIT_BITS, WEIGHT_COLS, sum_tile
from sinks.zones.outlines import Rings
from sinks.zones.tiles import Tile

_WHOLE = 2.0**UNIT_BITS  # of what the kernel counts in a pixel that is covered
_CELLS = 1 << 16  # numbers that the kernel knows
_ROWS = 128

Floats = NDArray[np.float64]


def pixel_shares(rings: Rings, polygon: int, window: Window) -> Floats:
    """Return the share of each pixel of ``window`` that a polygon covers.

    Parameters
    ----------
    rings
        Outlines in pixels, of which ``polygon`` is one.
    window
        At most 65,536 pixels, see :func:`windows_over`.

    Returns
    -------
    numpy.ndarray
        Shares from 0 to 1, shape ``(height, width)``.
    """
    row, col, height, width = window
    numbers = np.arange(height * width, dtype=np.uint16).reshape(height, width)
    weights = np.full((1, ceil(width / WEIGHT_COLS)), _WHOLE)
    units = np.zeros((1, height * width), dtype=np.int64)
    tile = Tile(numbers, row, col, weights, height)
    sum_tile(tuple(tile), tuple(rings), np.array([polygon]), units)
    return np.minimum(units.reshape(height, width) / _WHOLE, 1.0)


def windows_over(bounds: Floats, within: Window) -> list[Window]:
    """Cut the pixels of ``within`` that ``bounds`` reach into windows for `pixel_shares`.

    ``bounds`` are left, top, right and bottom in pixels.

    >>> windows_over(np.array([1.5, -3, 2.5, 0.5]), Window(0, 0, 9, 9))
    [Window(row=0, col=1, height=1, width=2)]
    """
    left, top, right, bottom = bounds
    row, col = max(int(np.floor(top)), within.row), max(int(np.floor(left)), within.col)
    height = min(int(np.ceil(bottom)), within.row + within.height) - row
    width = min(int(np.ceil(right)), within.col + within.width) - col
    if height <= 0 or width <= 0:
        return []
    parts = windows((height, width), _ROWS, _CELLS // _ROWS)
    return [Window(row + p.row, col + p.col, p.height, p.width) for p in parts]
