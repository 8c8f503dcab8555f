"""What one objective costs the other: the front of plans that no plan beats in both.

By epsilon-constraint: the aim is optimised while the second objective keeps at least (at most)
a limit that is moved from what the best plan has anyway to the best that can be had. A small
part of the second objective in the aim breaks ties, so that each point is efficient, and limits
that the last plan has passed already are skipped (AUGMECON2, Mavrotas & Florios 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sinks.restoration.siting.conflicts import require_plan
from sinks.restoration.siting.demands import AREA, COST, Aim, Demand, require_known, require_within
from sinks.restoration.siting.plans import require_kept, require_search, solve, totals
from sinks.restoration.siting.program import Program, program_of
from sinks.restoration.siting.solving import minimised
from sinks.restoration.siting.units import Units
from sinks.uncertainty.laws import Floats

_TIE = 1e-4  # part of the second objective in the aim, relative to the range of both
_SLACK = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Front:
    """Plans that no other plan beats in both objectives.

    Parameters
    ----------
    points
        Index ``point``, from the best of the aim to the best of the second objective:
        ``objective`` (unit of the aim), ``second`` (unit of its column), ``cost_yuan``,
        ``area_ha``, ``units``, ``boundary_m``, ``pairs`` and each benefit.
    shares
        Index ``unit``, a column for each point.
    """

    points: pd.DataFrame
    shares: pd.DataFrame


def front(
    units: Units,
    aim: Aim,
    second: str,
    demands: Sequence[Demand],
    *,
    steps: Steps,
) -> Front:
    """Trace the front of the aim and a second objective.

    Parameters
    ----------
    second
        A benefit, which is to be large, or ``cost_yuan`` or ``area_ha``, which are to be small.

    Returns
    -------
    Front
        At most as many points as were asked for; to a gap above zero, points need not be on
        the true front, but none of them is beaten by another.

    Raises
    ------
    InputRefused
        ``N53`` if demands conflict, ``N55`` if there was no time for a plan, ``N52`` if the
        second objective is not known.
    """
    require_known(second, (COST, AREA, *units.benefits))
    sign = 1.0 if second in (COST, AREA) else -1.0
    plan = solve(units, aim, demands, gap=steps.gap, time_limit_s=steps.time_limit_s)
    require_plan(plan, units, aim, demands, time_limit_s=steps.time_limit_s)
    program = program_of(units, aim, demands)
    found = _walked(program, plan.shares.to_numpy(), sign * units.numbers(second), steps)
    return _front(program, units, sign * units.numbers(second), sign, found)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """How a front is traced: number of points, gap and seconds for each of them.

    Raises
    ------
    InputRefused
        ``N56`` for a number out of its range.
    """

    points: int = 11
    gap: float = 0.01
    time_limit_s: float = 60.0

    def __post_init__(self) -> None:
        require_within("points", self.points, 2, 10_000)
        require_search(self.gap, self.time_limit_s)


def _found(program: Program, steps: Steps) -> Floats | None:
    found = minimised(program, gap=steps.gap, time_limit_s=steps.time_limit_s)
    if found.shares is not None:
        require_kept(program, found.shares)
    return found.shares


def _walked(program: Program, best: Floats, parts: Floats, steps: Steps) -> list[Floats]:
    """Return plans from the best of the aim to the least of the second objective."""
    scale = float(np.abs(parts).max()) or 1.0
    other_end = _found(program.with_cost(parts / scale), steps)
    least = float(parts @ (best if other_end is None else other_end))
    range_second = max(float(parts @ best) - least, _SLACK)
    tie = _TIE * max(abs(program.value(best)), _SLACK) / range_second
    tied = replace(program, cost=program.cost + tie * parts)
    found: list[Floats] = []
    limits = least + range_second * np.linspace(1.0, 0.0, steps.points)
    slack = _SLACK * max(abs(least), range_second)
    for limit in limits:
        if found and float(parts @ found[-1]) <= limit + slack:
            continue
        shares = _found(tied.with_row(parts, -np.inf, float(limit) + slack), steps)
        if shares is not None:
            found.append(shares)
    return found


def _front(
    program: Program, units: Units, parts: Floats, sign: float, found: list[Floats]
) -> Front:
    values = np.array([[program.value(shares), parts @ shares] for shares in found])
    kept = [at for at in range(len(found)) if not _beaten(values, at)]
    kept = sorted(kept, key=lambda at: tuple(values[at]))
    rows = [
        {
            "objective": program.scale * values[at, 0],
            "second": sign * values[at, 1],
            **totals(units, found[at]).to_dict(),
        }
        for at in kept
    ]
    shares = np.array([found[at] for at in kept]).reshape(len(kept), len(units.index))
    return Front(
        points=pd.DataFrame(rows).rename_axis("point"),
        shares=pd.DataFrame(shares.T, index=units.index),
    )


def _beaten(values: Floats, at: int) -> bool:
    """Return whether a point is beaten, or told before."""
    slack = 1e-9 * np.maximum(np.abs(values).max(axis=0), 1.0)
    as_good = (values <= values[at] + slack).all(axis=1)
    better = as_good & (values < values[at] - slack).any(axis=1)
    same = as_good & ~better
    return bool(better.any() or same[:at].any())
