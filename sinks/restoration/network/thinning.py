"""Thin what links cores down to paths, without tearing or closing anything.

A pixel may go if foreground (over sides and corners) and background (over sides) hang together
as before: its crossing number is one (Yokoi, Toriwaki & Fukumura 1975). Pixels nearest to the
background go first, so that the path that is left runs down the middle. Dangling ends vanish;
what is left are paths between anchors and rings (Soille & Vogt 2009, anchored skeleton).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

_END, _ANY = 1, 4  # sides that are foreground: ends go before what makes a way longer

Mask = NDArray[np.bool_]


def thinned(foreground: Mask, links: Mask, depth: NDArray[np.int32]) -> Mask:
    """Return the pixels of ``links`` that cannot go.

    Parameters
    ----------
    foreground
        All habitat, links included; what is not a link stays as it is.
    depth
        Steps to the background, by which the order is made.
    """
    width = foreground.shape[1] + 2
    left = np.pad(foreground, 1)
    places = np.flatnonzero(np.pad(links, 1).ravel())
    order = np.argsort(np.pad(depth, 1).ravel()[places], kind="stable")
    levels = np.pad(depth, 1).ravel()[places[order]]
    _thin(left.ravel(), places[order], levels, width)
    return np.asarray(left[1:-1, 1:-1] & links)


@njit(nogil=True, cache=True)
def _thin(left: Any, places: Any, levels: Any, width: int) -> None:
    """Take simple pixels away, level by level, until none of a level can go."""
    around = np.array([1, 1 - width, -width, -1 - width, -1, width - 1, width, width + 1])
    waiting = places.copy()
    count, upto = 0, 0
    while upto < len(places):
        level = levels[upto]
        while upto < len(places) and levels[upto] == level:
            waiting[count] = places[upto]
            count += 1
            upto += 1
        before = -1
        while count != before:
            before = count
            count = _without(left, waiting, count, around, _END)
            if count == before:
                count = _without(left, waiting, count, around, _ANY)


@njit(nogil=True, cache=True)
def _without(left: Any, waiting: Any, count: int, around: Any, most_sides: int) -> int:
    """Take away what can go and has at most some neighbours over sides; return what waits on."""
    kept = 0
    for at in range(count):
        place = waiting[at]
        sides, crossings = _surroundings(left, place, around)
        if crossings == 1 and sides <= most_sides:
            left[place] = False
        else:
            waiting[kept] = place
            kept += 1
    return kept


@njit(nogil=True, cache=True)
def _surroundings(left: Any, place: int, around: Any) -> tuple[int, int]:
    """Return how many sides are foreground, and the crossing number."""
    sides, crossings = 0, 0
    for side in range(0, 8, 2):
        if left[place + around[side]]:
            sides += 1
        elif left[place + around[side + 1]] or left[place + around[(side + 2) % 8]]:
            crossings += 1
    return sides, crossings
