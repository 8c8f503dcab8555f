"""The minimum of a programme of siting, small or large.

Small programmes go to HiGHS as they are. Large ones are relaxed first; units that the
relaxation takes or leaves clearly stay so, and HiGHS chooses among the others, the *core*
(Balas & Zemel 1980; with borders, relaxation-enforced neighbourhood search, Berthold 2014). The
value is held against the bound of the relaxation, so the gap is that of the whole programme;
while it is too wide the core grows, at last to all units.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from sinks.restoration.siting.program import Booleans, Found, Program, by_highs
from sinks.restoration.siting.relaxation import Relaxed, relaxed
from sinks.uncertainty.laws import Floats

_SMALL = 3000  # units and borders that HiGHS takes as they are
_CORES = (400, 1600, 6400)
_CLEAR = 0.01  # a share of the relaxation this near 0 or 1 is clear
_OF_GAP = 0.25  # part of the gap that a core may leave open


def minimised(program: Program, *, gap: float, time_limit_s: float) -> Found:
    """Minimise a programme.

    Parameters
    ----------
    gap
        Relative distance of value and bound at which the search ends.
    time_limit_s
        Seconds of wall clock after which it ends anyway.
    """
    until = time.monotonic() + time_limit_s
    if program.size <= _SMALL:
        return by_highs(program, gap=gap, time_limit_s=time_limit_s)
    root = relaxed(program, time_limit_s=time_limit_s)
    if root is None:
        return Found(shares=None, value=np.inf, bound=-np.inf, infeasible=True)
    best = Found(shares=None, value=np.inf, bound=root.bound)
    for size in _CORES:
        best = _better(best, _by_core(program, root, size, gap, until), root.bound)
        if best.gap <= gap or time.monotonic() > until:
            return best
    left = until - time.monotonic()
    last = by_highs(program, gap=gap, time_limit_s=left)
    return last if last.infeasible else _better(best, last, max(root.bound, last.bound))


def _better(one: Found, other: Found, bound: float) -> Found:
    better = other if other.value < one.value else one
    return replace(better, bound=min(bound, better.value), infeasible=False)


def _by_core(program: Program, root: Relaxed, size: int, gap: float, until: float) -> Found:
    """Choose among the core only."""
    open_units = core(program, root, size)
    clear = np.clip(np.round(root.shares), program.floor, program.ceiling)
    left = max(until - time.monotonic(), 0.01)
    part = by_highs(fixed(program, clear, open_units), gap=_OF_GAP * gap, time_limit_s=left)
    if part.shares is None:
        return part
    shares = clear.copy()
    shares[open_units] = part.shares
    return replace(part, shares=shares, bound=-np.inf)


def core(program: Program, root: Relaxed, size: int) -> Booleans:
    """Return which units are open: those in doubt, and the nearest to it up to a size."""
    doubt = (root.shares > _CLEAR) & (root.shares < 1 - _CLEAR)
    order = np.where(doubt, -1.0, np.abs(root.reduced))
    order[program.floor == program.ceiling] = np.inf
    nearest = np.argsort(order, kind="stable")[: max(size, int(doubt.sum()) + size // 4)]
    open_units = np.zeros(order.size, dtype=bool)
    open_units[nearest] = np.isfinite(order[nearest])
    return open_units


def fixed(program: Program, shares: Floats, open_units: Booleans) -> Program:
    """Return the programme of the open units, all others taken or left whole.

    A border with a unit that is taken (left) costs where the open one is not (is) taken.
    """
    held = np.where(open_units, 0.0, shares)
    first, second = program.pairs.T
    cost = program.cost.copy()
    for own, other in ((first, second), (second, first)):
        edge = open_units[own] & ~open_units[other]
        np.add.at(cost, own[edge], (program.weights * (1 - 2 * held[other]))[edge])
    inner = open_units[first] & open_units[second]
    used = program.rows @ held
    place = np.cumsum(open_units) - 1
    return replace(
        program,
        cost=cost[open_units],
        rows=program.rows[:, open_units],
        low=program.low - used,
        high=program.high - used,
        floor=program.floor[open_units],
        ceiling=program.ceiling[open_units],
        pairs=place[program.pairs[inner]],
        weights=program.weights[inner],
        offset=program.value(held),
    )
