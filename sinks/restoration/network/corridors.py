"""Corridors: the cheapest ways between neighbouring cores.

Each pixel belongs to the core from which it is reached at least cost. Cores are neighbours if
their grounds touch; their corridor is the cheapest way that crosses from one ground to the
other: links of the minimum planar graph (Fall et al. 2007, Ecosystems 10, 448-461). It is the
cheapest of all ways between both unless that leads over the ground of a third core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.restoration.network.lattice import Mask, Numbers, Places, refuse_unless_alike
from sinks.restoration.network.patches import Patches
from sinks.restoration.network.paths import (
    DIAGONAL,
    Spread,
    costs_within,
    meetings,
    spread,
    way_back,
)

_ROUNDING = 1e-9  # costs are added up in another order on the way there and back


class Way(NamedTuple):
    """Rows and columns of the pixels of a corridor, from the rim of one core to the other."""

    rows: Places
    cols: Places


@dataclass(frozen=True, kw_only=True, eq=False)
class Corridors:
    """Corridors, the way of each, and the ground of each core.

    ``table`` has the index ``(patch, patch_beyond)``, the lower number first, and the columns
    ``cost_m`` (metres of the easiest ground), ``length_m`` and ``mean_resistance`` (cost over
    length). ``ways`` are in the order of the table. ``reach`` is in sides of a pixel.
    """

    table: pd.DataFrame
    ways: tuple[Way, ...]
    reach: Spread
    patches: Patches

    def coordinates(self, number: int) -> Numbers:
        """Return x and y along corridor ``number`` (place in the table), shape ``(n, 2)``."""
        return self.patches.lattice.coordinates(self.ways[number].rows, self.ways[number].cols)


def corridors_between(
    patches: Patches, resistance: Numbers, *, limit_m: float = np.inf
) -> Corridors:
    """Find the corridors between neighbouring patches.

    Parameters
    ----------
    resistance
        By pixel, at least 1, inf where nothing can cross.
    limit_m
        How far each core is followed, in metres of the easiest ground; corridors of more than
        twice that are left out.

    Raises
    ------
    InputRefused
        ``N32`` if resistance has another shape than the patches.
    """
    lattice = patches.lattice
    refuse_unless_alike(lattice.shape, resistance=resistance)
    reach = spread(resistance, patches.labels, limit=limit_m / lattice.size_m)
    near, far, cost = meetings(reach, resistance)
    owner = reach.owner.ravel().astype(np.int64)
    pair = owner[near] * (len(patches) + 1) + owner[far]
    order = np.lexsort((far, near, cost, pair))
    first = order[np.flatnonzero(np.diff(pair[order], prepend=-1))]
    ways = tuple(_way(reach, a, b) for a, b in zip(near[first], far[first], strict=True))
    length_m = np.array([way_length(way) for way in ways]) * lattice.size_m
    cost_m = cost[first] * lattice.size_m
    index = pd.MultiIndex.from_arrays(
        [owner[near[first]], owner[far[first]]], names=["patch", "patch_beyond"]
    )
    table = pd.DataFrame(
        {"cost_m": cost_m, "length_m": length_m, "mean_resistance": cost_m / length_m},
        index=index,
        dtype=np.float64,
    )
    return Corridors(table=table, ways=ways, reach=reach, patches=patches)


def way_length(way: Way) -> float:
    """Return the length of a way in sides of a pixel."""
    turned = (np.diff(way.rows) != 0) & (np.diff(way.cols) != 0)
    return float(np.where(turned, DIAGONAL, 1.0).sum())


class Swath(NamedTuple):
    """Pixels of a swath: rows, columns, and by how much more a way through each costs."""

    rows: Places
    cols: Places
    excess_m: Numbers


def swath_of(corridors: Corridors, resistance: Numbers, number: int, *, more: float) -> Swath:
    """Return the ground over which ways cost up to ``1 + more`` times the corridor.

    Parameters
    ----------
    number
        Place of the corridor in the table.
    more
        Say 0.1 for a tenth more.

    Returns
    -------
    Swath
        Pixels outside both patches whose cost from the one and to the other is within that.
    """
    patches = corridors.patches
    size_m = patches.lattice.size_m
    cost_m = float(corridors.table["cost_m"].iloc[number])
    most = cost_m * (1 + more) / size_m * (1 + _ROUNDING)
    pair = corridors.table.index[number]
    window = window_around(patches, pair, most)
    here, ground = patches.labels[window], resistance[window]
    # from any pixel the way to the other patch costs no less than that to the nearest patch
    there = costs_within(ground, here == pair[0], corridors.reach.cost[window], most)
    inner = _box((there < np.inf) & (here != pair[0]))
    here, there = here[inner], there[inner]
    total = there + costs_within(ground[inner], here == pair[1], there, most)
    row, col = np.nonzero((total <= most) & (here != pair[0]) & (here != pair[1]))
    excess_m = np.maximum(total[row, col] * size_m - cost_m, 0)
    top, left = window[0].start + inner[0].start, window[1].start + inner[1].start
    return Swath(row + top, col + left, excess_m)


def window_around(patches: Patches, pair: tuple[int, int], reach: float) -> tuple[slice, slice]:
    """Return the rows and columns that hold all that lies within ``reach`` sides of both.

    Nothing costs less than 1, so that ways of at most that cost stay inside.
    """
    margin = int(min(reach, max(patches.lattice.shape))) + 2
    boxes = [patches.boxes[patch - 1] for patch in pair]
    rows, cols = (
        slice(
            max(0, *(box[axis].start - margin for box in boxes)),
            min(patches.lattice.shape[axis], *(box[axis].stop + margin for box in boxes)),
        )
        for axis in range(2)
    )
    return rows, cols


def crossings(swaths: list[Swath], shape: tuple[int, int]) -> NDArray[np.int32]:
    """Return how many swaths each pixel belongs to."""
    count = np.zeros(shape, dtype=np.int32)
    for swath in swaths:
        count[swath.rows, swath.cols] += 1
    return count


def _way(reach: Spread, near: int, far: int) -> Way:
    flat = np.concatenate([way_back(reach.back, int(near))[::-1], way_back(reach.back, int(far))])
    rows, cols = np.divmod(flat, reach.cost.shape[1])
    return Way(rows, cols)


def _box(mask: Mask) -> tuple[slice, slice]:
    """Return the rows and columns that ``mask`` spans."""
    rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(cols[0]), int(cols[-1]) + 1)
