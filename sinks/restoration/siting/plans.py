"""The best plan: which units, what it keeps, and how far from the optimum it can be at most.

The words are those of prioritizr and restoptr: a problem is solved to a relative optimality
gap, within a time limit; what is reported is the gap that was reached, from a bound that no
plan can pass.

References: Hanson et al. 2025, Conservation Biology (prioritizr); Justeau-Allaire et al. 2023,
Restoration Ecology (restoptr).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sinks.errors import InvariantViolated
from sinks.restoration.siting.demands import AREA, COST, COUNT, Aim, Demand, require_within
from sinks.restoration.siting.program import Found, Program, program_of, relative_gap
from sinks.restoration.siting.solving import minimised
from sinks.restoration.siting.units import Units
from sinks.uncertainty.laws import Floats

Status = Literal["optimal", "time_limit", "infeasible"]

_SLACK = 1e-4  # of the mean unit; the solver is off by a millionth of it at most


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """A plan, or why there is none.

    Parameters
    ----------
    status
        ``optimal`` (within the gap that was asked for), ``time_limit`` (the best that was
        found in time, or none), ``infeasible`` (demands are in conflict).
    objective, bound
        In the unit of the aim; no plan is better than ``bound``. NaN without a plan.
    gap
        Distance of both, relative to the objective.
    shares
        Index ``unit``: the share of each unit that is taken, 0 or 1 for whole units; NaN
        without a plan.
    demands
        Index ``demand``: ``of``, ``zone``, ``sense``, ``amount``, ``achieved`` (unit of
        ``of``).
    totals
        ``cost_yuan``, ``area_ha``, ``units``, ``boundary_m``, ``pairs`` (of neighbours, both
        chosen) and each benefit.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    shares: pd.Series
    demands: pd.DataFrame
    totals: pd.Series

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return bool(np.isfinite(self.objective))

    @property
    def chosen(self) -> pd.Index:
        """Units that are taken, whole or in part."""
        return self.shares.index[self.shares > 0]


def solve(
    units: Units,
    aim: Aim,
    demands: Sequence[Demand],
    *,
    gap: float = 0.01,
    time_limit_s: float = 60.0,
) -> Plan:
    """Find the best plan.

    Parameters
    ----------
    gap
        Relative distance from the optimum that is accepted.
    time_limit_s
        Seconds of wall clock; a plan that depends on it may differ from machine to machine.

    Raises
    ------
    InputRefused
        ``N52`` if aim or demands name what no unit has; ``N56`` if gap or limit is none.
    InvariantViolated
        ``I01`` if the plan does not keep the demands.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {"area_ha": [10.0, 10, 10], "cost_yuan": [5e5, 4e5, 3e5], "zone": "A",
    ...      "locked": "", "carbon_tco2e": [90.0, 60, 50]}, index=["a", "b", "c"])
    >>> units = Units(table=table, benefits=("carbon_tco2e",))
    >>> most = Demand(name="budget", of="cost_yuan", sense="at_most", amount=8e5)
    >>> solve(units, Aim(maximise={"carbon_tco2e": 1.0}), [most]).chosen.tolist()
    ['a', 'c']
    """
    require_search(gap, time_limit_s)
    program = program_of(units, aim, demands)
    found = minimised(program, gap=gap, time_limit_s=time_limit_s)
    return plan_of(found, program, units, demands, gap=gap)


def plan_of(
    found: Found, program: Program, units: Units, demands: Sequence[Demand], *, gap: float
) -> Plan:
    """Tell what was found in the units of the question."""
    if found.shares is None:
        return _without(units, demands, infeasible=found.infeasible)
    require_kept(program, found.shares)
    reached = relative_gap(found.value, found.bound)
    return Plan(
        status="optimal" if reached <= gap + 1e-9 else "time_limit",
        objective=program.scale * found.value,
        bound=program.scale * found.bound,
        gap=reached,
        shares=pd.Series(found.shares, index=units.index, name="share"),
        demands=achieved(units, demands, found.shares),
        totals=totals(units, found.shares),
    )


def achieved(units: Units, demands: Sequence[Demand], shares: Floats | None) -> pd.DataFrame:
    """Return what a plan has of each demand; see :class:`Plan`."""
    rows = [
        {
            "demand": one.name,
            "of": one.of,
            "zone": one.zone,
            "sense": one.sense,
            "amount": one.amount,
            "achieved": np.nan if shares is None else one.achieved(units, shares),
        }
        for one in demands
    ]
    columns = ["demand", "of", "zone", "sense", "amount", "achieved"]
    return pd.DataFrame(rows, columns=columns).set_index("demand")


def totals(units: Units, shares: Floats) -> pd.Series:
    """Return what a plan costs and gives; see :class:`Plan`."""
    first, second = shares[units.pairs[:, 0]], shares[units.pairs[:, 1]]
    length_m = units.borders["length_m"].to_numpy(dtype=float)
    boundary_m = np.abs(first - second) @ length_m + shares @ units.numbers("outer_m")
    return pd.Series(
        {
            COST: shares @ units.numbers(COST),
            AREA: shares @ units.numbers(AREA),
            COUNT: float((shares > 0).sum()),
            "boundary_m": boundary_m,
            "pairs": np.minimum(first, second).sum(),
            **{name: shares @ units.numbers(name) for name in units.benefits},
        },
        name="total",
    )


def require_search(gap: float, time_limit_s: float) -> None:
    """Refuse (``N56``) a gap or a limit of time that is none."""
    require_within("gap", gap, 0.0, 1.0)
    require_within("time_limit_s", time_limit_s, 0.0, 1e6)


def require_kept(program: Program, shares: Floats) -> None:
    """End the run (``I01``) if shares do not keep the demands."""
    used = program.rows @ shares
    used[program.counts] = program.rows[program.counts] @ (shares > 0)
    over = np.maximum(used - program.high, program.low - used)
    locked = np.maximum(shares - program.ceiling, program.floor - shares)
    if (over > _SLACK).any() or (locked > _SLACK).any():
        faults = [f"{over.max(initial=0.0)!r}", f"{locked.max(initial=0.0)!r}"]
        raise InvariantViolated.because("I01", table="siting", faults=faults)


def _without(units: Units, demands: Sequence[Demand], *, infeasible: bool) -> Plan:
    return Plan(
        status="infeasible" if infeasible else "time_limit",
        objective=np.nan,
        bound=np.nan,
        gap=np.inf,
        shares=pd.Series(np.nan, index=units.index, name="share"),
        demands=achieved(units, demands, None),
        totals=pd.Series(dtype=float, name="total"),
    )
