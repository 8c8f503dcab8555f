"""Cheapest ways over pixels (Dijkstra 1959), from many starts at once.

A step to one of eight neighbours costs the mean resistance of both pixels times its length;
so does each step of a corridor. Costs are in steps of a side: times the side in metres they are
metres of the easiest ground.

Numba keeps what it compiled until the file of the outermost function changes, so all of it
stands here.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sinks.restoration.network.lattice import Labels, Mask, Numbers, Places

NOWHERE = -1
DIAGONAL = sqrt(2)

_INSIDE = slice(1, -1), slice(1, -1)
_EVERY, _BUT_LAST, _BUT_FIRST = slice(None), slice(None, -1), slice(1, None)
SHIFTS = (  # pixels and their neighbours to the right, below, and over two corners
    ((_EVERY, _BUT_LAST), (_EVERY, _BUT_FIRST), 1.0),
    ((_BUT_LAST, _EVERY), (_BUT_FIRST, _EVERY), 1.0),
    ((_BUT_LAST, _BUT_LAST), (_BUT_FIRST, _BUT_FIRST), DIAGONAL),
    ((_BUT_LAST, _BUT_FIRST), (_BUT_FIRST, _BUT_LAST), DIAGONAL),
)


class Spread(NamedTuple):
    """Cost from the nearest start, whose start that is (0: out of reach), and the way back.

    All have the shape of the raster. ``back`` is the flat place of the pixel before; a start
    has -1.
    """

    cost: Numbers
    owner: Labels
    back: NDArray[np.int32]


def spread(resistance: Numbers, starts: Labels, *, limit: float = np.inf) -> Spread:
    """Spread from all pixels with a number above 0, as far as ``limit``.

    Parameters
    ----------
    resistance
        At least 1; inf cannot be crossed.
    starts
        Number of the patch that a pixel belongs to, 0 elsewhere.
    """
    cost, owner, back = _wide_spread(resistance, starts, np.full(starts.shape, limit))
    return Spread(cost[_INSIDE], owner[_INSIDE], _unpadded(back, cost.shape)[_INSIDE])


def costs_within(resistance: Numbers, start: Mask, onward: Numbers, limit: float) -> Numbers:
    """Return costs from ``start`` where those and the way on stay within ``limit``, else inf.

    ``onward`` is what the way on from each pixel costs at least.
    """
    room = limit - onward
    return _wide_spread(resistance, start.astype(np.int32), room)[0][_INSIDE]


def _wide_spread(resistance: Numbers, starts: Labels, room: Numbers) -> Spread:
    """Spread on a raster that is a pixel wider on each side, so that no step leaves it."""
    ground = np.pad(resistance, 1, constant_values=np.inf)
    labels = np.pad(starts, 1)
    cost = np.where(labels > 0, 0.0, np.inf)
    owner = labels.astype(np.int32)
    back = np.full(labels.shape, NOWHERE, dtype=np.int32)
    steps = steps_around(ground.shape[1])
    rims = np.flatnonzero(np.pad(_rims(starts), 1) & (ground < np.inf))
    flat = cost.ravel(), owner.ravel(), back.ravel()
    _spread(ground.ravel(), steps, rims, flat, np.pad(room, 1).ravel())
    return Spread(cost, owner, back)


def steps_around(width: int) -> tuple[Places, Numbers]:
    """Return the eight steps between flat places of a raster ``width`` wide, and their lengths."""
    down, across = np.divmod(np.delete(np.arange(9), 4), 3)
    lengths = np.where((down != 1) & (across != 1), DIAGONAL, 1.0)
    return (down - 1) * width + across - 1, lengths


def _unpadded(back: NDArray[np.int32], shape: tuple[int, int]) -> NDArray[np.int32]:
    row, col = np.divmod(back, shape[1])
    place = (row - 1) * (shape[1] - 2) + col - 1
    return np.where(back == NOWHERE, np.int32(NOWHERE), place)


def way_back(back: NDArray[np.int32], place: int) -> Places:
    """Return flat places from ``place`` back to the start."""
    way = [place]
    flat = back.ravel()
    while flat[way[-1]] != NOWHERE:
        way.append(int(flat[way[-1]]))
    return np.array(way, dtype=np.int64)


def meetings(found: Spread, resistance: Numbers) -> tuple[Places, Places, Numbers]:
    """Return pairs of neighbouring pixels of two owners, and the cost of the way across.

    Flat places, the lower owner first; every pair over a side or corner once.
    """
    one, other, cost = [], [], []
    rows, cols = found.cost.shape
    places = np.arange(rows * cols).reshape(rows, cols)
    for a, b, length in SHIFTS:
        near, far = found.owner[a], found.owner[b]
        here = (near != far) & (near > 0) & (far > 0)
        step = (resistance[a][here] + resistance[b][here]) / 2 * length
        cost.append(found.cost[a][here] + found.cost[b][here] + step)
        swap = near[here] > far[here]
        p, q = places[a][here], places[b][here]
        one.append(np.where(swap, q, p))
        other.append(np.where(swap, p, q))
    return np.concatenate(one), np.concatenate(other), np.concatenate(cost)


def _rims(starts: Labels) -> Mask:
    """Return the starts that have a neighbour outside, from which spreading begins."""
    wide = np.pad(starts, 1, mode="edge")
    rows, cols = starts.shape
    rim = np.zeros(starts.shape, dtype=bool)
    for down in range(3):
        for across in range(3):
            rim |= wide[down : down + rows, across : across + cols] != starts
    return np.asarray(rim & (starts > 0))


@njit(nogil=True, cache=True)
def _spread(ground: Any, steps: Any, rims: Any, out: Any, room: Any) -> None:
    cost, owner, back = out
    offsets, lengths = steps
    heap = np.zeros(max(1024, 2 * len(rims))), np.zeros(max(1024, 2 * len(rims)), dtype=np.int64)
    heap[1][: len(rims)] = rims  # all at nought: in order already
    count = len(rims)
    while count > 0:
        reached, place = heap[0][0], heap[1][0]
        count -= 1
        _sink(heap, count)
        if reached > cost[place]:
            continue
        for side in range(8):
            beside = place + offsets[side]
            fresh = reached + (ground[place] + ground[beside]) / 2 * lengths[side]
            if fresh < cost[beside] and fresh <= room[beside]:
                cost[beside], owner[beside], back[beside] = fresh, owner[place], place
                heap = _push(heap, count, fresh, beside)
                count += 1


@njit(nogil=True, cache=True)
def _push(heap: Any, count: int, cost: float, place: int) -> Any:
    """Add an entry to ``count`` others; return the heap, which may have grown."""
    if count == len(heap[0]):
        grown = np.zeros(2 * count), np.zeros(2 * count, dtype=np.int64)
        grown[0][:count] = heap[0]
        grown[1][:count] = heap[1]
        heap = grown
    heap_cost, heap_place = heap
    at = count
    while at > 0:
        above = (at - 1) // 2
        if heap_cost[above] <= cost:
            break
        heap_cost[at], heap_place[at] = heap_cost[above], heap_place[above]
        at = above
    heap_cost[at], heap_place[at] = cost, place
    return heap


@njit(nogil=True, cache=True)
def _sink(heap: Any, count: int) -> None:
    """Put the last of ``count + 1`` entries in place of the first."""
    heap_cost, heap_place = heap
    cost, place = heap_cost[count], heap_place[count]
    at = 0
    while 2 * at + 1 < count:
        below = 2 * at + 1
        if below + 1 < count and heap_cost[below + 1] < heap_cost[below]:
            below += 1
        if heap_cost[below] >= cost:
            break
        heap_cost[at], heap_place[at] = heap_cost[below], heap_place[below]
        at = below
    heap_cost[at], heap_place[at] = cost, place
