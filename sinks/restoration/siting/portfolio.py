"""Several plans that are nearly as good as the best, and which units they share.

Each further plan is the optimum of the question with worse numbers: what a unit is worth is
cut (what it costs is raised) by up to a strength, half by how often the unit was chosen before
and half at random. The strength starts with the share of the optimum that may be lost (while
worths are not negative, no plan loses more by it) and doubles as long as plans lose less than
half of that share. Every plan is held against the share with the true numbers. After one that
is beyond it these are taken for a try, and if the best of the other plans is beyond the share
too, the search ends; else it goes on with a quarter of the strength. Cuts keep whole plans from
coming twice (portfolios of prioritizr by cuts and by shuffling, Hanson et al. 2025; modelling
to generate alternatives, Brill 1979). How often a unit is chosen is Marxan's selection
frequency.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sinks.restoration.siting.conflicts import require_plan
from sinks.restoration.siting.demands import Aim, Demand, require_within
from sinks.restoration.siting.plans import plan_of, require_kept, require_search, totals
from sinks.restoration.siting.program import TAKEN, Program, program_of
from sinks.restoration.siting.solving import minimised
from sinks.restoration.siting.units import Units
from sinks.uncertainty.laws import Floats

_STRONGEST = 0.8  # part of its worth that a unit may lose
_TRIES = 3  # for each plan that is asked for


@dataclass(frozen=True, kw_only=True, eq=False)
class Portfolio:
    """Plans within a share of the optimum.

    Parameters
    ----------
    shares
        Index ``unit``, a column for each plan (``0`` is the best); 0 or 1 for whole units.
    frequency
        Index ``unit``: in which part of the plans the unit is taken, 0 to 1.
    plans
        Index ``plan``: ``objective`` (unit of the aim), ``lost`` (relative to the best plan,
        0 or above but for the gap), ``cost_yuan``, ``area_ha``, ``units``, ``boundary_m``,
        ``pairs`` and each benefit.
    """

    shares: pd.DataFrame
    frequency: pd.Series
    plans: pd.DataFrame

    @property
    def spread(self) -> pd.DataFrame:
        """Least, mean and largest of every column of ``plans``."""
        return self.plans.agg(["min", "mean", "max"])


def portfolio(
    units: Units,
    aim: Aim,
    demands: Sequence[Demand],
    *,
    search: Search,
) -> Portfolio:
    """Find plans that are nearly as good as the best.

    Returns
    -------
    Portfolio
        As many plans as were asked for, or fewer if no more were found in the share and the
        time; all different if units are whole.

    Raises
    ------
    InputRefused
        ``N53`` if demands conflict, ``N55`` if there was no time for the first plan.
    """
    until = time.monotonic() + search.time_limit_s
    program = program_of(units, aim, demands)
    first = minimised(program, gap=search.gap, time_limit_s=search.time_limit_s)
    plan = plan_of(first, program, units, demands, gap=search.gap)
    require_plan(plan, units, aim, demands, time_limit_s=search.time_limit_s)
    most = first.value + search.within * abs(first.value) + TAKEN
    found, beyond = [plan.shares.to_numpy()], list[Floats]()
    random = np.random.default_rng(search.seed)
    strength, pure = search.within, False
    for _ in range(_TRIES * (search.plans - 1)):
        left = until - time.monotonic()
        if len(found) == search.plans or left <= 0:
            break
        changed = program if pure else _worse(program, found, strength, random)
        asked = _without(changed, [*found, *beyond])
        other = minimised(asked, gap=search.gap, time_limit_s=left).shares
        near = other is not None and program.value(other) <= most
        if other is None or (pure and not near):
            break  # none in time, none at all, or the best of the others is beyond the share
        require_kept(program, other)
        (found if near else beyond).append(other)
        pure = not near
        if pure:
            strength /= 4
        elif program.value(other) <= first.value + search.within / 2 * abs(first.value):
            strength = min(2 * strength, _STRONGEST)
    return _portfolio(program, units, found)


@dataclass(frozen=True, kw_only=True)
class Search:
    """How plans are looked for.

    ``plans`` that are asked for, ``within`` which share of the optimum (0 to 1), ``seed`` of
    what is random, ``gap`` of each plan and seconds for all of them.

    Raises
    ------
    InputRefused
        ``N56`` for a number out of its range.
    """

    plans: int = 10
    within: float = 0.05
    seed: int = 0
    gap: float = 0.01
    time_limit_s: float = 300.0

    def __post_init__(self) -> None:
        require_within("plans", self.plans, 1, 1000)
        require_within("within", self.within, 0.0, 1.0)
        require_search(self.gap, self.time_limit_s)


def _worse(
    program: Program, found: list[Floats], within: float, random: np.random.Generator
) -> Program:
    """Return the programme with worse numbers."""
    used = np.mean([shares > 0 for shares in found], axis=0)
    loss = within * (used + random.random(used.size)) / 2
    return replace(program, cost=program.cost + loss * np.abs(program.cost))


def _without(program: Program, known: list[Floats]) -> Program:
    """Return the programme without the whole plans that are known."""
    for shares in known if program.whole else []:
        program = program.with_row(2 * shares - 1, -np.inf, float(shares.sum()) - 1)
    return program


def _portfolio(program: Program, units: Units, found: list[Floats]) -> Portfolio:
    values = np.array([program.value(shares) for shares in found])
    rows = [
        {
            "objective": program.scale * value,
            "lost": (value - values[0]) / max(abs(values[0]), TAKEN),
            **totals(units, shares).to_dict(),
        }
        for value, shares in zip(values, found, strict=True)
    ]
    shares = pd.DataFrame(np.column_stack(found), index=units.index)
    return Portfolio(
        shares=shares,
        frequency=(shares > 0).mean(axis=1).rename("frequency"),
        plans=pd.DataFrame(rows).rename_axis("plan"),
    )
