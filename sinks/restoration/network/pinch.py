"""Pinch points: where the exchange between two cores has to squeeze through.

Circuit theory (McRae et al. 2008, Ecology 89, 2712-2724): ground is a network of resistors, a
step between two pixels one of mean resistance times length. A unit of current flows from one
core to the other over the swath of their corridor; where much of it passes through one pixel,
there is no way around. Cores are conductors without resistance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.linalg import splu

from sinks.errors import InputRefused
from sinks.restoration.network.corridors import Corridors, Swath, swath_of
from sinks.restoration.network.lattice import Numbers, Places
from sinks.restoration.network.paths import SHIFTS

MOST_PIXELS = 400_000  # of a swath: solving it takes more than a gigabyte

_SOURCE, _GROUND, _FIRST = 0, 1, 2  # places of the two cores and of the first pixel


class Flow(NamedTuple):
    """Current of a unit between two cores.

    ``current`` is by pixel of the swath (0-1, how much of the flow passes through);
    ``resistance_m`` is that of all ways together, in metres of the easiest ground.
    """

    swath: Swath
    current: Numbers
    resistance_m: float


@dataclass(frozen=True, kw_only=True, eq=False)
class PinchPoints:
    """Currents of all corridors together, and the narrowest place of each.

    ``current`` has the shape of the raster. ``table`` has the index of the corridors and the
    columns ``resistance_m``, ``detours`` (cost of the corridor over that resistance: 1 if there
    is no other way), ``swath_ha``, ``most_current``, and ``row`` and ``col`` of that pixel.
    """

    current: Numbers
    table: pd.DataFrame


def pinch_points(corridors: Corridors, resistance: Numbers, *, more: float = 0.1) -> PinchPoints:
    """Find where corridors are narrow.

    Parameters
    ----------
    more
        The swath of a corridor holds ways that cost up to ``1 + more`` times as much.

    Raises
    ------
    InputRefused
        ``N37`` if a swath is so wide that the resistors do not fit in memory.
    """
    lattice = corridors.patches.lattice
    current = np.zeros(lattice.shape)
    rows = []
    for number, cost_m in enumerate(corridors.table["cost_m"]):
        flow = flow_between(corridors, resistance, number, more=more)
        swath = flow.swath
        current[swath.rows, swath.cols] += flow.current
        most = int(np.argmax(flow.current))
        rows.append(
            {
                "resistance_m": flow.resistance_m,
                "detours": float(cost_m) / flow.resistance_m,
                "swath_ha": len(swath.rows) * lattice.pixel_ha,
                "most_current": flow.current[most],
                "row": swath.rows[most],
                "col": swath.cols[most],
            }
        )
    columns = ["resistance_m", "detours", "swath_ha", "most_current", "row", "col"]
    table = pd.DataFrame(rows, columns=columns, index=corridors.table.index)
    return PinchPoints(current=current, table=table)


def flow_between(
    corridors: Corridors, resistance: Numbers, number: int, *, more: float = 0.1
) -> Flow:
    """Let a unit of current flow over the swath of corridor ``number``.

    Raises
    ------
    InputRefused
        ``N37`` if the swath is so wide that the resistors do not fit in memory.
    """
    patches = corridors.patches
    swath = swath_of(corridors, resistance, number, more=more)
    pair = corridors.table.index[number]
    if len(swath.rows) > MOST_PIXELS:
        raise InputRefused.because(
            "N37", place=f"{pair[0]}-{pair[1]}", pixels=len(swath.rows), most=MOST_PIXELS
        )
    window = _window_of(swath, patches.lattice.shape)
    nodes = np.full(patches.labels[window].shape, -1, dtype=np.int64)
    nodes[swath.rows - window[0].start, swath.cols - window[1].start] = _FIRST + np.arange(
        len(swath.rows)
    )
    nodes[patches.labels[window] == pair[0]] = _SOURCE
    nodes[patches.labels[window] == pair[1]] = _GROUND
    one, other, conductance = resistors(nodes, resistance[window])
    volts = potentials(_FIRST + len(swath.rows), one, other, conductance)
    through = np.abs(volts[one] - volts[other]) * conductance
    passing = np.bincount(one, through, len(volts)) + np.bincount(other, through, len(volts))
    return Flow(
        swath=swath,
        current=passing[_FIRST:] / 2,
        resistance_m=float(volts[_SOURCE]) * patches.lattice.size_m,
    )


def resistors(nodes: Places, resistance: Numbers) -> tuple[Places, Places, Numbers]:
    """Return the resistors between neighbouring pixels: two nodes and the conductance of each.

    ``nodes`` has the node of each pixel, -1 for none; pixels of one node have none between them.
    """
    ends = []
    for a, b, length in SHIFTS:
        here = (nodes[a] >= 0) & (nodes[b] >= 0) & (nodes[a] != nodes[b])
        step = (resistance[a][here] + resistance[b][here]) / 2 * length
        ends.append((nodes[a][here], nodes[b][here], 1 / step))
    one, other, conductance = (np.concatenate(parts) for parts in zip(*ends, strict=True))
    return one, other, conductance


def potentials(count: int, one: Places, other: Places, conductance: Numbers) -> Numbers:
    """Return the potential of each node when a unit flows from node 0 to node 1 (at nought).

    Every node must hang together with node 1 (Kirchhoff's law, solved exactly).
    """
    start, end = np.concatenate([one, other]), np.concatenate([other, one])
    both = np.concatenate([conductance, conductance])
    total = np.bincount(start, both, count)
    every = np.arange(count)
    places = np.concatenate([start, every]), np.concatenate([end, every])
    values = np.concatenate([-both, total])
    matrix = coo_array((values, places), shape=(count, count)).tocsc()
    free = every != _GROUND
    put_in = (every == _SOURCE).astype(np.float64)
    volts = np.zeros(count)
    volts[free] = splu(matrix[free][:, free], permc_spec="MMD_AT_PLUS_A").solve(put_in[free])
    return volts


def _window_of(swath: Swath, shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return the rows and columns of a swath and its neighbours."""
    rows, cols = (
        slice(max(int(line.min()) - 1, 0), min(int(line.max()) + 2, length))
        for line, length in zip((swath.rows, swath.cols), shape, strict=True)
    )
    return rows, cols
