"""Whether the best plan is still the best when benefits are not what they are thought to be.

The question is solved again with benefits as a draw has them, and with other weights if there
are any. How often a unit is in the optimum tells whether it is a safe choice; regret is what the
plan of the means loses against the optimum of each draw (Savage 1951), in that draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sinks.errors import InputRefused
from sinks.restoration.siting.conflicts import require_plan
from sinks.restoration.siting.demands import Aim, Demand, require_within
from sinks.restoration.siting.plans import Plan, require_search, solve
from sinks.restoration.siting.program import TAKEN, program_of
from sinks.restoration.siting.units import Units
from sinks.uncertainty.laws import Floats

_SLACK = 1e-5  # of a scaled row: what a solver may be off, times ten


@dataclass(frozen=True, kw_only=True, eq=False)
class Robustness:
    """What becomes of a plan.

    Parameters
    ----------
    plan
        The plan of the means.
    frequency
        Index ``unit``: in which part of the optima the unit is taken, 0 to 1.
    draws
        Index ``draw`` (column of the draws): ``weights`` (number of the set), ``status``,
        ``objective`` of the optimum, ``kept`` (does the plan of the means keep all demands),
        ``regret`` (loss of the plan of the means relative to that optimum; NaN where it does
        not keep the demands or there is no optimum; not below zero but for the gap).
    """

    plan: Plan
    frequency: pd.Series
    draws: pd.DataFrame

    @property
    def always(self) -> pd.Index:
        """Units that are in the optimum of every draw that has one."""
        return self.frequency.index[self.frequency == 1.0]


@dataclass(frozen=True, kw_only=True)
class Trials:
    """How a plan is tried.

    ``count`` of draws, taken without repetition as far as there are enough; ``seed``; sets of
    ``weights`` of which each draw takes one at random (none: those of the aim); gap and seconds
    for each optimum.

    Raises
    ------
    InputRefused
        ``N56`` for a number out of its range.
    """

    count: int = 50
    seed: int = 0
    weights: tuple[Mapping[str, float], ...] = ()
    gap: float = 0.01
    time_limit_s: float = 60.0

    def __post_init__(self) -> None:
        require_within("count", self.count, 1, 1_000_000)
        require_search(self.gap, self.time_limit_s)


def robustness(
    units: Units,
    aim: Aim,
    demands: Sequence[Demand],
    draws: Mapping[str, Floats],
    *,
    trials: Trials,
) -> Robustness:
    """Solve a question again with benefits as draws have them.

    Parameters
    ----------
    draws
        Of some benefits or all, shape ``(units, 1 + draws)``, means in column 0; the same
        column of all benefits belongs together. They take the place of the units' benefits.

    Raises
    ------
    InputRefused
        ``N54`` if draws do not fit the units; ``N52`` if a benefit is not known; ``N53`` and
        ``N55`` if the means have no plan.
    """
    columns = _require_draws(units, draws)
    means = _at(units, draws, 0)
    plan = solve(means, aim, demands, gap=trials.gap, time_limit_s=trials.time_limit_s)
    require_plan(plan, means, aim, demands, time_limit_s=trials.time_limit_s)
    random = np.random.default_rng(trials.seed)
    chosen = 1 + random.choice(columns, trials.count, replace=trials.count > columns)
    sets = random.integers(max(len(trials.weights), 1), size=trials.count)
    rows, taken = [], np.zeros(len(units.index))
    for draw, at in zip(chosen, sets, strict=True):
        own = replace(aim, maximise=trials.weights[at]) if trials.weights else aim
        drawn = _at(units, draws, int(draw))
        best = solve(drawn, own, demands, gap=trials.gap, time_limit_s=trials.time_limit_s)
        taken += best.shares.fillna(0.0).to_numpy() > 0
        row = {"draw": int(draw), "weights": int(at), **_held(plan, best, drawn, own, demands)}
        rows.append(row)
    table = pd.DataFrame(rows).set_index("draw")
    solved = max(int(table["objective"].notna().sum()), 1)
    frequency = pd.Series(taken / solved, index=units.index, name="frequency")
    return Robustness(plan=plan, frequency=frequency, draws=table)


def _held(
    plan: Plan, best: Plan, units: Units, aim: Aim, demands: Sequence[Demand]
) -> dict[str, object]:
    """Hold the plan of the means against the optimum of a draw."""
    program = program_of(units, aim, demands)
    shares = plan.shares.to_numpy()
    used = program.rows @ shares
    used[program.counts] = 0.0  # the number of units does not hang on draws
    kept = bool(((used >= program.low - _SLACK) & (used <= program.high + _SLACK)).all())
    loss = program.value(shares) - best.objective / program.scale
    size = max(abs(best.objective / program.scale), TAKEN)
    return {
        "status": best.status,
        "objective": best.objective,
        "kept": kept,
        "regret": loss / size if kept else np.nan,
    }


def _at(units: Units, draws: Mapping[str, Floats], column: int) -> Units:
    return units.with_benefits(
        pd.DataFrame({name: drawn[:, column] for name, drawn in draws.items()}, units.index)
    )


def _require_draws(units: Units, draws: Mapping[str, Floats]) -> int:
    """Return how many draws there are."""
    columns = min((drawn.shape[-1] for drawn in draws.values()), default=0)
    for name, drawn in draws.items():
        if name not in units.benefits:
            raise InputRefused.because("N52", what=name, known=list(units.benefits) or "—")
        fits = drawn.shape == (len(units.index), columns) and columns > 1
        if not (fits and np.isfinite(drawn).all()):
            facts = {"shape": list(drawn.shape), "units": len(units.index)}
            raise InputRefused.because("N54", benefit=name, **facts)
    if not draws:
        raise InputRefused.because("N54", benefit="—", shape="—", units=len(units.index))
    return columns - 1
