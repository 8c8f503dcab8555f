"""The compiled heart of tabulation: how much of each pixel a zone covers, summed by class.

Each edge of a zone is cut at the grid lines. A piece that goes down by ``dy`` within one cell,
at mean distance ``x`` from its left side, covers ``dy * (1 - x)`` of that cell and ``dy`` of
every cell to its right; pieces that go up count negative. So each piece leaves two numbers,
and the running sum along a row is the exact share of each pixel: signed-area accumulation, as
fonts are drawn (Levien 2016, "Inside the fastest font renderer in the world"). Rows are worked
on in blocks of 16 pixels. In a block that an edge runs through, each pixel has a share of its
own; in all others the share is constant, and pixels are counted by class, four at a time.

Areas are integers here: the hectares of a pixel as a multiple of a small unit. Their sums do
not depend on order, an interior pixel costs one addition whatever its latitude, and a share
rounds to the unit (2^-38 of the largest pixel).

All compiled code stands in this file, because the cache on disk is renewed when the file of the
outermost function changes. Three habits keep it lean: arrays are passed one by one and used on
every path of a function (or each use would count references), hot indices are unsigned (signed
ones may count from the end), and what is not hot stays in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

UNIT_BITS = 38  # of the largest pixel; a tile of 2^23 pixels then stays below 2^62
WEIGHT_COLS = 64  # pixels of a row that share one weight
_BLOCK = 16  # pixels of a row that are worked on together; divides WEIGHT_COLS
_LANES = 4  # histograms side by side, so that equal neighbours do not wait for each other
_SCRATCH_CELLS = 1 << 16  # half a megabyte of shares at a time, whatever the size of a zone
_NOTHING = 1e-12  # pixels; what rounding leaves of a share that is nought

Function = TypeVar("Function", bound=Callable[..., Any])
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = NDArray[np.uint16]  # of classes, or of pairs of them
Marks = NDArray[np.bool_]  # blocks that an edge runs through
Edge = tuple[float, float, float, float]  # x and y where it starts, x and y where it ends
Cell = tuple[int, int]  # row and column
Size = tuple[int, int, int]  # of a window: rows, cells of a row in scratch, columns


def _compiled(function: Function) -> Function:
    """Compile a function that runs without the interpreter's lock."""
    return cast(Function, njit(nogil=True, cache=True, error_model="numpy")(function))


def _inlined(function: Function) -> Function:
    """Compile a function into each of its callers."""
    inline = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)
    return cast(Function, inline(function))


@_compiled
def sum_tile(tile: Any, rings: Any, zones: Ints, units: Ints) -> Floats:
    """Add up a tile by zone and class.

    Parameters
    ----------
    tile, rings
        A ``Tile`` and ``Rings`` as plain tuples: a class of ours would be written into the cache
        on disk, where a later version could not read it.
    zones
        Which zones to add up.
    units
        Takes the area units, shape ``(len(zones), numbers)``; no number of the tile may lie
        beyond.

    Returns
    -------
    numpy.ndarray
        Pixels of the tile that each zone covers, weights apart.
    """
    numbers = tile[0]
    cells = max(_SCRATCH_CELLS, numbers.shape[1] + _BLOCK)
    share = np.zeros(cells)
    touched = np.zeros(cells // _BLOCK, dtype=np.bool_)
    lanes = np.zeros((_LANES, units.shape[1]), dtype=np.int64)
    px = np.zeros(len(zones))
    for i in range(len(zones)):
        px[i] = _sum_zone(share, touched, lanes, tile, rings, zones[i])
        for number in range(units.shape[1]):
            units[i, number] = lanes[:, number].sum()
        lanes[:] = 0
    return px


@_compiled
def pair_numbers(
    before: NDArray[np.uint8], after: NDArray[np.uint8], factor: int, pairs: Numbers
) -> int:
    """Give each pair of classes its number, ``before * factor + after``; return the largest class.

    With a factor of nought the numbers are those of ``after`` alone.
    """
    rows, cols = before.shape
    largest = np.uint8(0)
    for row in range(rows):
        for col in range(cols):
            first, second = before[row, col], after[row, col]
            largest = max(largest, first, second)
            pairs[row, col] = np.uint16(first) * np.uint16(factor) + second
    return int(largest)


@_compiled
def _sum_zone(
    share: Floats, touched: Marks, lanes: Ints, tile: Any, rings: Any, zone: int
) -> float:
    """Add the part of a zone that lies in the tile to the lanes; return its pixels."""
    numbers, tile_row, tile_col, weights, band_rows = tile
    points, ring_points, zone_rings, sign, bounds = rings
    rows, cols = numbers.shape
    left, top, right, bottom = bounds[zone]
    first = max(int(np.floor(left)) - tile_col, 0) // _BLOCK
    blocks = (min(int(np.ceil(right)) - tile_col, cols) + _BLOCK - 1) // _BLOCK - first
    low, high = max(int(np.floor(top)) - tile_row, 0), min(int(np.ceil(bottom)) - tile_row, rows)
    px = 0.0
    if blocks <= 0:
        return px
    step = len(touched) // blocks
    for row in range(low, high, step):
        size = min(step, high - row), blocks * _BLOCK, min(blocks * _BLOCK, cols - first * _BLOCK)
        origin = tile_row + row, tile_col + first * _BLOCK
        for ring in range(zone_rings[zone], zone_rings[zone + 1]):
            ring_xy = points[ring_points[ring] : ring_points[ring + 1]]
            _trace_ring(share, touched, size, ring_xy, origin, sign[ring])
        for i in range(size[0]):
            at = row + i, (row + i) // band_rows, first, blocks, i * blocks
            px += _sum_row(share, touched, lanes, numbers, weights, at)
    return px


# ---- from edges to shares ----------------------------------------------------------------


@_compiled
def _trace_ring(
    share: Floats, touched: Marks, size: Size, points: Floats, origin: Cell, inside: float
) -> None:
    """Trace every edge of a ring; the window starts at the row and column ``origin``."""
    rows, _, width = size
    row, col = origin
    x0, y0 = points[0, 0] - col, points[0, 1] - row
    for point in range(1, len(points)):
        x1, y1 = points[point, 0] - col, points[point, 1] - row
        if y0 != y1 and min(y0, y1) < rows and max(y0, y1) > 0:
            downward = y0 < y1
            sign = inside if downward else -inside
            edge = (x0, y0, x1, y1) if downward else (x1, y1, x0, y0)
            beside, within = _clipped(edge, rows, width)
            if beside[1] < beside[3]:
                _trace(share, touched, size, beside, sign)
            if within[1] < within[3]:
                _trace(share, touched, size, within, sign)
        x0, y0 = x1, y1


@_inlined
def _clipped(edge: Edge, rows: int, width: int) -> tuple[Edge, Edge]:
    """Cut an edge that runs down to the window: what is left of it, and what is inside.

    What is left of the window covers its rows as if it lay on the left side; what is right
    of it covers nothing.
    """
    x0, y0, x1, y1 = edge
    slope = (x1 - x0) / (y1 - y0)
    if y0 < 0:
        x0, y0 = x0 - slope * y0, 0.0
    if y1 > rows:
        x1, y1 = x1 - slope * (y1 - rows), float(rows)
    if min(x0, x1) >= 0 and max(x0, x1) <= width:
        return (0.0, y0, 0.0, y0), (x0, y0, x1, y1)
    down_per_col = (y1 - y0) / (x1 - x0)  # infinite for an upright edge
    at_left = min(max(y0 - x0 * down_per_col, y0), y1)
    at_right = min(max(y0 + (width - x0) * down_per_col, y0), y1)
    start, stop = min(max(x0, 0.0), float(width)), min(max(x1, 0.0), float(width))
    if x0 <= x1:
        return (0.0, y0, 0.0, at_left), (start, at_left, stop, at_right)
    return (0.0, at_left, 0.0, y1), (start, at_right, stop, at_left)


@_inlined
def _trace(share: Floats, touched: Marks, size: Size, edge: Edge, sign: float) -> None:
    """Trace an edge that runs down within the window, from grid line to grid line."""
    x0, y0, x1, y1 = edge
    dx, dy = x1 - x0, y1 - y0
    col, row = int(x0), int(y0)
    step, side = (1, col + 1) if dx >= 0 else (-1, col)  # side: the next upright line
    per_x, per_y = 1 / dx if dx != 0 else np.inf, 1 / dy
    x, y = x0, y0
    for _ in range(abs(int(x1) - col) + int(y1) - row):  # lines to cross
        to_side, to_floor = (side - x0) * per_x, (row + 1 - y0) * per_y
        part = min(to_side, to_floor)
        x_next, y_next = x0 + part * dx, y0 + part * dy
        _leave(share, touched, size, (row, col), (0.5 * (x + x_next) - col, sign * (y_next - y)))
        x, y = x_next, y_next
        across = to_side < to_floor
        col, side, row = col + step * across, side + step * across, row + 1 - across
    _leave(share, touched, size, (row, col), (0.5 * (x + x1) - col, sign * (y1 - y)))


@_inlined
def _leave(
    share: Floats, touched: Marks, size: Size, place: Cell, piece: tuple[float, float]
) -> None:
    """Leave the two numbers of a piece: how far from the left of its cell, how far down.

    Rounding may end an edge one cell beyond the window, with nothing left to add.
    """
    row, col = place
    from_left, down = piece
    rows, stride, width = size
    here = (row >= 0) & (row < rows) & (col >= 0) & (col < width)
    cell = row * stride + col if here else 0
    beyond = from_left * down
    share[cell] += down - beyond if here else 0.0
    touched[cell // _BLOCK] = True
    right = here & (col + 1 < width)
    cell = cell + 1 if right else 0
    share[cell] += beyond if right else 0.0
    touched[cell // _BLOCK] = True


# ---- from shares to sums -----------------------------------------------------------------


# ---- from edges to shares ----------------------------------------------------------------


@_inlined
def _sum_row(
    share: Floats,
    touched: Marks,
    lanes: Ints,
    numbers: Numbers,
    weights: Floats,
    at: tuple[int, int, int, int, int],
) -> float:
    """Add one row of a window to the lanes, clear it, and return the pixels it covers.

    ``at``: row and band of the tile, first block, how many blocks, and the first in scratch.
    """
    row, band, first, blocks, scratch = at
    covered, px = 0.0, 0.0
    width = np.uint64(numbers.shape[1])
    block = 0
    while block < blocks:
        start = block
        while block < blocks and not touched[scratch + block]:
            block += 1
        col = np.uint64((first + start) * _BLOCK)
        end = min(np.uint64((first + block) * _BLOCK), width)
        if covered > _NOTHING:
            px += covered * np.int64(end - col)
            _count_run(lanes, numbers, weights, (row, band, col, end), covered)
        if block < blocks:
            touched[scratch + block] = False
            cell, stop = np.uint64((scratch + block) * _BLOCK), min(end + np.uint64(_BLOCK), width)
            weight = weights[band, end // np.uint64(WEIGHT_COLS)]
            for i in range(end, stop):
                covered += share[cell]
                share[cell] = 0.0
                px += covered
                lanes[i % np.uint64(_LANES), numbers[row, i]] += int(covered * weight + 0.5)
                cell += np.uint64(1)
            block += 1
    return px


@_inlined
def _count_run(
    lanes: Ints,
    numbers: Numbers,
    weights: Floats,
    at: tuple[int, int, np.uint64, np.uint64],
    covered: float,
) -> None:
    """Add a run of pixels that are covered alike, by groups that share one weight.

    ``at``: row and band of the tile, first column of the run and the one after it.
    """
    row, band, col, end = at
    group = np.uint64(WEIGHT_COLS)
    while col < end:
        stop = min((col // group + np.uint64(1)) * group, end)
        units = int(covered * weights[band, col // group] + 0.5)
        even = stop - (stop - col) % np.uint64(_LANES)
        for i in range(col, even, np.uint64(_LANES)):
            lanes[0, numbers[row, i]] += units
            lanes[1, numbers[row, i + np.uint64(1)]] += units
            lanes[2, numbers[row, i + np.uint64(2)]] += units
            lanes[3, numbers[row, i + np.uint64(3)]] += units
        for i in range(even, stop):
            lanes[0, numbers[row, i]] += units
        col = stop
