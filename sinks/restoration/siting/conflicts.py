"""Why there is no plan: a smallest set of demands that conflict, and by how much.

Elastic relaxation finds demands that give way first and holds them fast until nothing else
can give (elastic filter, Chinneck & Dravnieks 1991); what is held then conflicts. Leaving out
one demand after the other (deletion filter) makes the set irreducible: without any one of its
members the others can be met. Locks take part like demands.

Reference: Chinneck 2008, Feasibility and Infeasibility in Optimization, ch. 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from sinks.errors import InputRefused
from sinks.restoration.siting.demands import AREA, UNIT_OF, Aim, Demand
from sinks.restoration.siting.plans import Plan
from sinks.restoration.siting.program import Booleans, Program, by_highs, program_of
from sinks.restoration.siting.relaxation import linear
from sinks.restoration.siting.solving import minimised
from sinks.restoration.siting.units import Units
from sinks.units import UNITS

LOCKED_IN, LOCKED_OUT = "locked in", "locked out"

_SAID = {LOCKED_IN: "必须纳入的图斑", LOCKED_OUT: "不得纳入的图斑", "units": "个"}
_GAP = 1e-4
_GIVES = 1e-7  # of a scaled row


@dataclass(frozen=True, kw_only=True, eq=False)
class _Members:
    """Demands and locks, each a row of one programme that has nothing else."""

    names: list[str]
    units: list[str]
    amounts: list[float]
    program: Program

    def only(self, kept: Booleans) -> Program:
        """Return the programme of some of them."""
        own = self.program
        return replace(
            own,
            rows=own.rows[kept],
            low=own.low[kept],
            high=own.high[kept],
            row_scale=own.row_scale[kept],
            counts=own.counts[kept],
        )


def conflict(
    units: Units, aim: Aim, demands: Sequence[Demand], *, time_limit_s: float = 60.0
) -> pd.DataFrame:
    """Return a smallest set of demands that cannot be met together.

    Parameters
    ----------
    time_limit_s
        Seconds for each step. A step that does not end keeps the demand in the set, which then
        need not be the smallest.

    Returns
    -------
    pandas.DataFrame
        Index ``demand`` (``locked in`` and ``locked out`` for units that are); ``amount`` and
        ``shortfall`` in ``unit``: the least by which the demand must give way if the others of
        the set stay as they are, NaN if it was not found in time. Locks give way in hectares of
        locked units, a share beside wetland in hectares beside it. Empty if all can be met.
    """
    members = _members(units, aim, demands)
    kept = _held_fast(members.program)
    if not _conflicting(members.only(kept), time_limit_s):
        return _table(members, np.zeros_like(kept), time_limit_s)
    for at in np.flatnonzero(kept):
        trial = kept.copy()
        trial[at] = False
        if _conflicting(members.only(trial), time_limit_s):
            kept = trial
    return _table(members, kept, time_limit_s)


def require_plan(
    plan: Plan,
    units: Units,
    aim: Aim,
    demands: Sequence[Demand],
    *,
    time_limit_s: float = 60.0,
) -> None:
    """Refuse a question of siting that has no plan, and say why.

    Raises
    ------
    InputRefused
        ``N53`` with the demands in conflict; ``N55`` if there was no time to find a plan.
    """
    if plan.status == "infeasible":
        found = conflict(units, aim, demands, time_limit_s=time_limit_s)
        told = {"zh": _said(found, 0), "en": _said(found, 1)}
        raise InputRefused.because("N53", conflict=told)
    if not plan.found:
        raise InputRefused.because("N55", units=len(units.table), limit=time_limit_s)


def _said(found: pd.DataFrame, language: int) -> str:
    parts = []
    for row in found.itertuples():
        name, unit = str(row.Index), str(row.unit)
        if language == 0:
            name, unit = _SAID.get(name, name), _SAID.get(unit, unit)
        unit = UNITS.get(unit, (unit, unit))[language]
        parts.append(f"{name} {row.shortfall:,.6g} {unit}")
    return ("；", "; ")[language].join(parts)


def _members(units: Units, aim: Aim, demands: Sequence[Demand]) -> _Members:
    program = program_of(units, aim, demands)
    names = [demand.name for demand in demands]
    told = [UNIT_OF.get(demand.of, demand.of) for demand in demands]
    amounts = [demand.amount for demand in demands]
    area_ha = units.numbers(AREA)
    free = replace(
        program.with_cost(np.zeros_like(program.cost)),
        floor=np.zeros_like(program.floor),
        ceiling=np.ones_like(program.ceiling),
    )
    for name, locked in ((LOCKED_IN, program.floor == 1), (LOCKED_OUT, program.ceiling == 0)):
        if locked.any():
            locked_ha = area_ha * locked
            whole = float(locked_ha.sum())
            inside = name == LOCKED_IN
            limits = (whole, np.inf) if inside else (-np.inf, 0.0)
            free = free.with_row(locked_ha, *limits)
            names, told, amounts = [*names, name], [*told, "ha"], [*amounts, whole]
    return _Members(names=names, units=told, amounts=amounts, program=free)


def _held_fast(program: Program) -> Booleans:
    """Return demands that together conflict in the relaxation; all if none do there."""
    count, units = program.rows.shape
    fast = np.zeros(count, dtype=bool)
    above = np.isfinite(program.high)
    rows = sparse.diags_array(np.where(above, 1.0, -1.0)) @ program.rows
    limits = np.where(above, program.high, -program.low)
    while not fast.all():
        found = linprog(
            np.repeat([0.0, 1.0], [units, count]),
            A_ub=sparse.hstack([rows, -sparse.eye_array(count)]),
            b_ub=limits,
            bounds=[(0, 1)] * units + [(0, 0 if held else None) for held in fast],
            method="highs",
        )
        if found.x is None:
            return fast
        gives = found.x[units:] > _GIVES
        if not gives.any():
            break
        fast |= gives
    return np.ones(count, dtype=bool)


def _conflicting(program: Program, time_limit_s: float) -> bool:
    """Return whether it is certain that no shares meet all rows."""
    if linear(program, time_limit_s=time_limit_s) is None:
        return True
    if not (program.whole or program.counts.any()):
        return False
    return by_highs(program, gap=1.0, time_limit_s=time_limit_s).infeasible


def _table(members: _Members, kept: Booleans, time_limit_s: float) -> pd.DataFrame:
    rows = [
        {
            "demand": members.names[at],
            "amount": members.amounts[at],
            "shortfall": _shortfall(members, kept, int(at), time_limit_s),
            "unit": members.units[at],
        }
        for at in np.flatnonzero(kept)
    ]
    columns = ["demand", "amount", "shortfall", "unit"]
    return pd.DataFrame(rows, columns=columns).set_index("demand")


def _shortfall(members: _Members, kept: Booleans, at: int, time_limit_s: float) -> float:
    """Return how far the row stays from its limit when all others of the set are kept."""
    own = members.program
    row = own.rows[[at]].toarray()[0]
    above = bool(np.isfinite(own.high[at]))
    if own.counts[at]:  # units are still counted, only their number is free
        freed = replace(members.only(kept), opening=1 / own.row_scale[at])
        freed.high[freed.counts] = np.inf
        found = by_highs(freed, gap=_GAP, time_limit_s=time_limit_s)
    else:
        others = kept.copy()
        others[at] = False
        freed = replace(members.only(others), cost=row if above else -row)
        found = minimised(freed, gap=_GAP, time_limit_s=time_limit_s)
    if found.shares is None:
        return np.nan
    short = found.value - own.high[at] if above else found.value + own.low[at]
    return float(short * own.row_scale[at])
