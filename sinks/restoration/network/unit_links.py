"""How far a new patch would be from the patches there are, for thousands of places.

A place that becomes habitat takes the ground that it reaches at less cost than any patch does;
where this ground meets that of a patch there is a corridor. Only this ground is looked at, so
the work does not grow with the number of patches. It is how the planar graph itself is made.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sinks.restoration.network.lattice import Labels, Numbers, Places
from sinks.restoration.network.paths import Spread, steps_around


class UnitLinks(NamedTuple):
    """Links of places to patches: those of place i stand at ``first[i]`` to ``first[i + 1]``.

    ``patch`` counts from 0; ``cost`` is in sides of a pixel, 0 where the place touches the
    patch. ``px`` is how many pixels of each place lie outside patches.
    """

    first: Places
    patch: Places
    cost: Numbers
    px: Places


def links_of_units(
    units: Labels, resistance: Numbers, reach: Spread, *, habitat_resistance: float
) -> UnitLinks:
    """Find the links of every place to the patches around it, one place at a time.

    Parameters
    ----------
    units
        Number of the place (1 to n) that a pixel belongs to, 0 elsewhere.
    reach
        Cost and owner of every pixel, from the patches (:func:`spread`).
    habitat_resistance
        What a pixel of the place is to cross once it is habitat.
    """
    ground = np.pad(resistance, 1, constant_values=np.inf).ravel()
    cost = np.pad(reach.cost, 1, constant_values=np.inf).ravel()
    owner = np.pad(reach.owner, 1).ravel()
    flat = np.pad(units, 1).ravel()
    order = np.argsort(flat, kind="stable")
    first = np.searchsorted(flat[order], np.arange(1, int(units.max(initial=0)) + 2))
    steps = steps_around(units.shape[1] + 2)
    known = ground, cost, owner
    own = np.full(len(flat), np.inf), np.zeros(len(flat), dtype=np.int32)
    best = np.full(int(owner.max(initial=0)) + 1, np.inf)
    parts, px = [], np.zeros(len(first) - 1, dtype=np.int64)
    for number in range(len(px)):
        places = order[first[number] : first[number + 1]]
        seeds = places[cost[places] > 0]
        px[number] = len(seeds)
        shared = np.unique(owner[places[cost[places] == 0]])
        before = ground[seeds]
        ground[seeds] = habitat_resistance
        parts.append(_links(known, steps, (seeds, number + 1), own, (shared, best)))
        ground[seeds] = before
    counts = [len(part[0]) for part in parts]
    return UnitLinks(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        patch=_joined([part[0] for part in parts]).astype(np.int64) - 1,
        cost=_joined([part[1] for part in parts]),
        px=px,
    )


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([np.zeros(0), *parts])


# ---- compiled ----------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def _links(known: Any, steps: Any, unit: Any, own: Any, found: Any) -> Any:
    """Return the patches (from 1) that a place is linked to, and the cost of each."""
    seeds, number = unit
    mine, stamp = own
    shared, best = found
    taken = _take(known, steps, unit, own)
    patches = [0 for _ in range(0)]
    for patch in shared:
        best[patch] = 0.0
        patches.append(patch)
    for at in range(len(taken)):
        _look_around(known, steps, (taken[at], number, at < len(seeds)), own, (best, patches))
    patches.sort()
    numbers, costs = np.zeros(len(patches), dtype=np.int64), np.zeros(len(patches))
    for at in range(len(patches)):
        numbers[at], costs[at] = patches[at], best[patches[at]]
        best[patches[at]] = np.inf
    for place in taken:
        mine[place] = np.inf
        stamp[place] = 0
    return numbers, costs


@njit(nogil=True, cache=True)
def _take(known: Any, steps: Any, unit: Any, own: Any) -> Any:
    """Take the ground that a place reaches at less cost than any patch; its own pixels first."""
    ground, cost, _ = known
    offsets, lengths = steps
    seeds, number = unit
    mine, stamp = own
    heap = [(0.0, 0) for _ in range(0)]
    taken = [0 for _ in range(0)]
    for place in seeds:
        mine[place] = 0.0
        stamp[place] = number
        taken.append(place)
        heap.append((0.0, place))
    while len(heap) > 0:
        reached, place = heappop(heap)
        if reached > mine[place]:
            continue
        for side in range(8):
            beside = place + offsets[side]
            fresh = reached + (ground[place] + ground[beside]) / 2 * lengths[side]
            if fresh < cost[beside] and fresh < mine[beside]:
                if stamp[beside] != number:
                    stamp[beside] = number
                    taken.append(beside)
                mine[beside] = fresh
                heappush(heap, (fresh, beside))
    return taken


@njit(nogil=True, cache=True)
def _look_around(known: Any, steps: Any, pixel: Any, own: Any, found: Any) -> None:
    """Note which patches' ground a pixel meets, and at what cost."""
    ground, cost, owner = known
    offsets, lengths = steps
    place, number, is_own = pixel
    mine, stamp = own
    best, patches = found
    for side in range(8):
        beside = place + offsets[side]
        patch = owner[beside]
        if patch == 0 or stamp[beside] == number:
            continue
        way = mine[place] + cost[beside]
        way += (ground[place] + ground[beside]) / 2 * lengths[side]
        if is_own and cost[beside] == 0.0:
            way = 0.0
        if best[patch] == np.inf:
            patches.append(patch)
        best[patch] = min(best[patch], way)
