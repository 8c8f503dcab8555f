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

Three habits keep the compiled code lean: arrays are passed one by one and used on every path
of a function (or each use would count references), hot indices are unsigned (signed ones may
count from the end), and what is not hot stays in Python.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinks.zones.edges import BLOCK, Floats, Marks, compiled, inlined, trace_ring

UNIT_BITS = 38  # of the largest pixel; a tile of 2^23 pixels then stays below 2^62
WEIGHT_COLS = 64  # pixels of a row that share one weight
_LANES = 4  # histograms side by side, so that equal neighbours do not wait for each other
_SCRATCH_CELLS = 1 << 16  # half a megabyte of shares at a time, whatever the size of a zone
_NOTHING = 1e-12  # pixels; what rounding leaves of a share that is nought

Ints = NDArray[np.int64]
Numbers = NDArray[np.uint16]  # of classes, or of pairs of them


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


class Tile(NamedTuple):
    """Class numbers of a rectangle of pixels that starts at ``row`` and ``col`` of the raster.

    ``weights`` are area units of a pixel, whole numbers, by band of ``band_rows`` rows and
    group of ``WEIGHT_COLS`` columns of the tile.
    """

    numbers: Numbers
    row: int
    col: int
    weights: Floats
    band_rows: int


def sum_tile(tile: Tile, rings: Rings, zones: Ints, units: Ints) -> Floats:
    """Add up a tile by zone and class.

    Parameters
    ----------
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
    return _sum_tile(tuple(tile), tuple(rings), zones, units)


@compiled
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


# What is compiled takes plain tuples: a class of ours would be written into the cache on disk,
# where a later version could not read it.


@compiled
def _sum_tile(tile: Any, rings: Any, zones: Ints, units: Ints) -> Floats:
    numbers = tile[0]
    cells = max(_SCRATCH_CELLS, numbers.shape[1] + BLOCK)
    share = np.zeros(cells)
    touched = np.zeros(cells // BLOCK, dtype=np.bool_)
    lanes = np.zeros((_LANES, units.shape[1]), dtype=np.int64)
    px = np.zeros(len(zones))
    for i in range(len(zones)):
        px[i] = _sum_zone(share, touched, lanes, tile, rings, zones[i])
        for number in range(units.shape[1]):
            units[i, number] = lanes[:, number].sum()
        lanes[:] = 0
    return px


@compiled
def _sum_zone(
    share: Floats, touched: Marks, lanes: Ints, tile: Any, rings: Any, zone: int
) -> float:
    """Add the part of a zone that lies in the tile to the lanes; return its pixels."""
    numbers, tile_row, tile_col, weights, band_rows = tile
    points, ring_points, zone_rings, sign, bounds = rings
    rows, cols = numbers.shape
    left, top, right, bottom = bounds[zone]
    first = max(int(np.floor(left)) - tile_col, 0) // BLOCK
    blocks = (min(int(np.ceil(right)) - tile_col, cols) + BLOCK - 1) // BLOCK - first
    low, high = max(int(np.floor(top)) - tile_row, 0), min(int(np.ceil(bottom)) - tile_row, rows)
    px = 0.0
    if blocks <= 0:
        return px
    step = len(touched) // blocks
    for row in range(low, high, step):
        size = min(step, high - row), blocks * BLOCK, min(blocks * BLOCK, cols - first * BLOCK)
        origin = tile_row + row, tile_col + first * BLOCK
        for ring in range(zone_rings[zone], zone_rings[zone + 1]):
            ring_xy = points[ring_points[ring] : ring_points[ring + 1]]
            trace_ring(share, touched, size, ring_xy, origin, sign[ring])
        for i in range(size[0]):
            at = row + i, (row + i) // band_rows, first, blocks, i * blocks
            px += _sum_row(share, touched, lanes, numbers, weights, at)
    return px


# ---- from edges to shares ----------------------------------------------------------------


# ---- from shares to sums -----------------------------------------------------------------


@inlined
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
        col = np.uint64((first + start) * BLOCK)
        end = min(np.uint64((first + block) * BLOCK), width)
        if covered > _NOTHING:
            px += covered * np.int64(end - col)
            _count_run(lanes, numbers, weights, (row, band, col, end), covered)
        if block < blocks:
            touched[scratch + block] = False
            cell, stop = np.uint64((scratch + block) * BLOCK), min(end + np.uint64(BLOCK), width)
            weight = weights[band, end // np.uint64(WEIGHT_COLS)]
            for i in range(end, stop):
                covered += share[cell]
                share[cell] = 0.0
                px += covered
                lanes[i % np.uint64(_LANES), numbers[row, i]] += int(covered * weight + 0.5)
                cell += np.uint64(1)
            block += 1
    return px


@inlined
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
