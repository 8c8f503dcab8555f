r"""A question of siting as a mixed-integer programme, and HiGHS as its solver.

.. math:: \min_x \; c^\top x + \sum_{(i, j)} w_{ij} \, |x_i - x_j|
          \quad \text{with} \quad l \le A x \le u, \; f \le x \le g

where *x* is the share of each unit that is taken. Benefits enter with a minus sign. Boundary
of chosen ground is :math:`\sum b_{ij} |x_i - x_j| + \sum o_i x_i` (Marxan, Ball, Possingham &
Watts 2009; linearised as in Beyer et al. 2016), and a bonus for pairs of neighbours,
:math:`\min(x_i, x_j) = (x_i + x_j - |x_i - x_j|) / 2`, has the same form. For the solver the
difference becomes two continuous variables, :math:`x_i - x_j = d^+_{ij} - d^-_{ij}`.

References: Huangfu & Hall 2018 (HiGHS); Beyer, Dujardin, Watts & Possingham 2016, Ecological
Modelling 328 (conservation planning with integer programmes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from sinks.errors import InvariantViolated
from sinks.restoration.siting.demands import COUNT, Aim, Demand, require_known
from sinks.restoration.siting.units import Units
from sinks.uncertainty.laws import Floats

Booleans = NDArray[np.bool_]

TAKEN = 1e-6  # a share that is more than rounding of the solver
_LIMIT_REACHED, _INFEASIBLE = 1, 2  # states of scipy.optimize.milp


@dataclass(frozen=True, kw_only=True, eq=False)
class Program:
    """What is minimised, scaled so that its numbers are near one.

    ``cost`` of each unit, ``rows`` (demands by units) within ``low`` and ``high``, each divided
    by its ``row_scale``; ``floor`` and ``ceiling`` of shares; ``pairs`` with their ``weights``;
    ``counts`` marks rows that count units taken at all; ``offset`` is what units that are no
    longer open add, ``opening`` what each unit adds that is taken at all (only where such
    units are counted). The objective in its own unit is ``scale`` times what is minimised
    (``scale`` is negative for a maximum).
    """

    cost: Floats
    rows: sparse.csr_array
    low: Floats
    high: Floats
    row_scale: Floats
    floor: Floats
    ceiling: Floats
    pairs: NDArray[np.int64]
    weights: Floats
    counts: Booleans
    whole: bool
    scale: float
    offset: float = 0.0
    opening: float = 0.0

    @property
    def size(self) -> int:
        """Number of units and of borders that matter."""
        return self.cost.size + self.weights.size

    def value(self, shares: Floats) -> float:
        """Return what is minimised."""
        apart = np.abs(shares[self.pairs[:, 0]] - shares[self.pairs[:, 1]])
        opened = self.opening * np.count_nonzero(shares)
        return float(self.offset + opened + self.cost @ shares + self.weights @ apart)

    def with_cost(self, cost: Floats) -> Program:
        """Return the programme with another objective, without borders."""
        return replace(self, cost=cost, pairs=self.pairs[:0], weights=self.weights[:0])

    def with_row(self, parts: Floats, low: float, high: float) -> Program:
        """Return the programme with one more row."""
        scale = scale_of(parts)
        return replace(
            self,
            rows=sparse.csr_array(sparse.vstack([self.rows, parts[np.newaxis] / scale])),
            low=np.append(self.low, low / scale),
            high=np.append(self.high, high / scale),
            row_scale=np.append(self.row_scale, scale),
            counts=np.append(self.counts, False),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """Shares with their value and a bound on it, both of what is minimised.

    ``shares`` are ``None`` if there are none (``infeasible``) or none in time.
    """

    shares: Floats | None
    value: float
    bound: float
    infeasible: bool = False

    @property
    def gap(self) -> float:
        """Distance of value and bound, relative to the value."""
        return relative_gap(self.value, self.bound)


def relative_gap(value: float, bound: float) -> float:
    """Return the distance of a value from a bound on it, relative to the value."""
    apart = abs(value - bound)
    if not np.isfinite(apart):
        return np.inf
    return apart / max(abs(value), 1e-9) if apart > 1e-9 * max(abs(value), 1.0) else 0.0


def program_of(units: Units, aim: Aim, demands: Sequence[Demand]) -> Program:
    """Write a question of siting as a programme.

    Raises
    ------
    InputRefused
        ``N52`` if an aim or a demand names something that no unit has, or two demands have one
        name.
    """
    names = [demand.name for demand in demands]
    for at, name in enumerate(names):
        require_known(name, tuple({name} - set(names[:at])))
    parts = [demand.parts(units) for demand in demands]
    row_scale = np.array([scale_of(row) for row in parts])
    limit = np.array([demand.limit for demand in demands]) / row_scale
    least = np.array([demand.sense == "at_least" for demand in demands], dtype=bool)
    cost, weights = _terms(units, aim)
    scale = max(float(np.abs(cost).max(initial=0.0)), float(weights.max(initial=0.0))) or 1.0
    shape = (len(demands), len(units.table))
    scaled = np.array(parts).reshape(shape) / row_scale[:, np.newaxis]
    locked = units.table["locked"].to_numpy()
    return Program(
        cost=cost / scale,
        rows=sparse.csr_array(scaled),
        low=np.where(least, limit, -np.inf),
        high=np.where(least, np.inf, limit),
        row_scale=row_scale,
        floor=np.where(locked == "in", 1.0, 0.0),
        ceiling=np.where(locked == "out", 0.0, 1.0),
        pairs=units.pairs[weights > 0],
        weights=weights[weights > 0] / scale,
        counts=np.array([d.of == COUNT and not aim.whole for d in demands], dtype=bool),
        whole=aim.whole,
        scale=scale if aim.maximise is None else -scale,
    )


def _terms(units: Units, aim: Aim) -> tuple[Floats, Floats]:
    """Return what units and differences between neighbours add to what is minimised."""
    worth = aim.worth(units)
    cost = worth if aim.maximise is None else -worth
    cost = cost + aim.penalty_per_m * units.numbers("outer_m")
    neighbours = np.bincount(units.pairs.ravel(), minlength=len(cost))
    length_m = units.borders["length_m"].to_numpy(dtype=float)
    weights = aim.penalty_per_m * length_m + aim.bonus_per_pair / 2
    return cost - aim.bonus_per_pair / 2 * neighbours, weights


def scale_of(parts: Floats) -> float:
    """Return the mean size of the numbers of a row that are not zero."""
    sizes = np.abs(parts[parts != 0])
    return float(sizes.mean()) if sizes.size else 1.0


def by_highs(program: Program, *, gap: float, time_limit_s: float) -> Found:
    """Solve a programme as it is.

    Raises
    ------
    InvariantViolated
        ``I01`` if the solver ends in a state that no programme of siting can have.
    """
    units, borders = program.cost.size, program.weights.size
    opened = units if program.counts.any() else 0
    rows, low, high = _constraints(program, opened)
    whole_columns = np.zeros(units + opened + 2 * borders + 1)
    whole_columns[: units + opened] = np.repeat([program.whole, True], [units, opened])
    highest = np.ones(whole_columns.size)
    lowest = np.zeros(whole_columns.size)
    lowest[:units], highest[:units] = program.floor, program.ceiling
    lowest[-1] = 1.0  # the offset is a column too, because the gap is relative to all of it
    weights, opening = np.tile(program.weights, 2), np.full(opened, program.opening)
    found = milp(
        np.concatenate([program.cost, opening, weights, [program.offset]]),
        integrality=whole_columns,
        bounds=Bounds(lowest, highest),
        constraints=[LinearConstraint(rows, low, high)] if rows.shape[0] else [],
        options={"mip_rel_gap": gap, "time_limit": max(time_limit_s, 0.01)},
    )
    if found.status not in (0, _LIMIT_REACHED, _INFEASIBLE):
        raise InvariantViolated.because("I01", table="siting", faults=[found.message])
    if found.x is None:
        infeasible = found.status == _INFEASIBLE
        return Found(shares=None, value=np.inf, bound=-np.inf, infeasible=infeasible)
    shares = np.clip(found.x[:units], 0.0, 1.0)
    shares = np.round(shares) if program.whole else np.where(shares > TAKEN, shares, 0.0)
    bound = found.mip_dual_bound if whole_columns.any() else found.fun
    bound = -np.inf if bound is None else float(bound)
    value = program.value(shares)
    return Found(shares=shares, value=value, bound=min(bound, value))


def _constraints(program: Program, opened: int) -> tuple[sparse.csr_array, Floats, Floats]:
    """Return rows over shares, units taken at all, and differences of neighbours."""
    units, borders = program.cost.size, program.weights.size
    over_shares = sparse.csr_array(program.rows.multiply(~program.counts[:, np.newaxis]))
    over_opened = sparse.csr_array(program.rows.multiply(program.counts[:, np.newaxis]))
    one = sparse.eye_array(borders)
    others = sparse.csr_array((len(program.low), 2 * borders + 1))
    apart = sparse.hstack([-one, one, sparse.csr_array((borders, 1))])
    blocks = [
        [over_shares, over_opened[:, :opened], others],
        [differences(program), None, apart],
    ]
    low, high = [program.low, np.zeros(borders)], [program.high, np.zeros(borders)]
    if opened:
        blocks.append([sparse.eye_array(units), -sparse.eye_array(units), None])
        low.append(np.full(units, -np.inf))
        high.append(np.zeros(units))
    return sparse.csr_array(sparse.block_array(blocks)), np.concatenate(low), np.concatenate(high)


def differences(program: Program) -> sparse.csr_array:
    """Return the matrix that takes shares to their differences across borders."""
    borders = program.weights.size
    at = np.tile(np.arange(borders), 2)
    ends = program.pairs.T.ravel()
    ones = np.repeat([1.0, -1.0], borders)
    return sparse.csr_array((ones, (at, ends)), shape=(borders, program.cost.size))
