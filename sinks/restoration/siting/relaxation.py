r"""A bound on a programme of siting, in seconds for tens of thousands of units.

Without boundary terms the linear relaxation is solved by HiGHS. With them it is a minimum cut
with side constraints, on which simplex may take minutes; a primal-dual method (Chambolle & Pock
2011, with the step sizes of Pock & Chambolle 2011 and restarts from averages as in Applegate et
al. 2021) takes a second. Its bound does not rest on convergence: for any multipliers *y* of
borders, :math:`|y_{ij}| \le w_{ij}`, and :math:`\lambda` of demands,

.. math:: \sum_i \min_{f_i \le x_i \le g_i} (c + D^\top y + A^\top \lambda)_i \, x_i
          - \max_{l \le a \le u} \lambda^\top a

is no more than the minimum (weak duality), and it is this that is returned.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from sinks.restoration.siting.program import Program, differences
from sinks.uncertainty.laws import Floats

_ROUNDS = 5000
_LOOK = 100  # rounds between looks at the bound
_RESTARTS = (500, 1000, 2000, 4000)
_STILL = 1e-5  # relative gain of the bound in three looks below which it has arrived
_LP_INFEASIBLE = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxed:
    """Shares near those of the relaxation, what each unit is worth at its prices, a bound.

    ``reduced`` below zero pulls a unit in, above zero keeps it out.
    """

    shares: Floats
    reduced: Floats
    bound: float


def relaxed(program: Program, *, time_limit_s: float) -> Relaxed | None:
    """Return the relaxation of a programme, or ``None`` if demands conflict even there."""
    start = time.monotonic()
    found = linear(program, time_limit_s=time_limit_s)
    if found is None or not program.weights.size:
        return found[0] if found else None
    first, prices = found
    return _with_borders(program, first.shares, prices, start + time_limit_s)


def linear(program: Program, *, time_limit_s: float) -> tuple[Relaxed, Floats] | None:
    """Solve the relaxation without its borders; return it with the prices of demands."""
    above, below = np.isfinite(program.high), np.isfinite(program.low)
    found = linprog(
        program.cost,
        A_ub=sparse.vstack([program.rows[above], -program.rows[below]]),
        b_ub=np.concatenate([program.high[above], -program.low[below]]),
        bounds=np.column_stack([program.floor, program.ceiling]),
        method="highs",
        options={"time_limit": max(time_limit_s, 0.1)},
    )
    if found.status == _LP_INFEASIBLE:
        return None
    prices = np.zeros(len(program.low))
    shares = np.clip(program.floor, 0.0, 1.0) if found.x is None else found.x
    if found.x is not None:
        count = int(above.sum())
        prices[above] -= found.ineqlin.marginals[:count]
        prices[below] += found.ineqlin.marginals[count:]
    reduced = program.cost + program.rows.T @ prices
    bound = _bound(program, reduced, prices)
    return Relaxed(shares=shares, reduced=reduced, bound=bound), prices


def _bound(program: Program, reduced: Floats, prices: Floats) -> float:
    inside = np.minimum(reduced * program.floor, reduced * program.ceiling).sum()
    limits = np.where(prices > 0, program.high, np.where(prices < 0, program.low, 0.0))
    return float(inside - prices @ limits)


class _Saddle:
    """The relaxation as a saddle point, one round after the other."""

    def __init__(self, program: Program, shares: Floats, prices: Floats) -> None:
        self.program = program
        self.matrix = sparse.csr_array(sparse.vstack([differences(program), program.rows]))
        self.turned = sparse.csr_array(self.matrix.T)
        pace = float(np.abs(program.cost).mean()) or 1.0  # shares move within 0 to 1, prices not
        self.step_x = _inverse(abs(self.matrix).sum(axis=0)) / pace
        self.step_y = _inverse(abs(self.matrix).sum(axis=1)) * pace
        self.borders = program.weights.size
        self.x, self.y = shares, np.concatenate([np.zeros(self.borders), prices])
        self.restart(self.x, self.y)

    def restart(self, x: Floats, y: Floats) -> None:
        """Go on from a point, and begin its averages anew."""
        self.x, self.y = x.copy(), y.copy()
        self.sum_x, self.sum_y, self.rounds = np.zeros_like(x), np.zeros_like(y), 0

    def go(self, rounds: int) -> None:
        """Take some steps."""
        own, borders = self.program, self.borders
        step = self.step_y[borders:]
        for _ in range(rounds):
            pull = own.cost + self.turned @ self.y
            x = np.clip(self.x - self.step_x * pull, own.floor, own.ceiling)
            y = self.y + self.step_y * (self.matrix @ (2 * x - self.x))
            y[:borders] = np.clip(y[:borders], -own.weights, own.weights)
            demanded = y[borders:]
            over = np.maximum(demanded - step * own.high, 0.0)
            y[borders:] = over + np.minimum(demanded - step * own.low, 0.0)
            self.x, self.y = x, y
            self.sum_x += x
            self.sum_y += y
        self.rounds += rounds

    def reduced(self, y: Floats) -> Floats:
        """Return what each unit is worth at prices."""
        return np.asarray(self.program.cost + self.turned @ y)

    def bound(self, y: Floats) -> float:
        """Return the bound that prices give."""
        return _bound(self.program, self.reduced(y), y[self.borders :])


def _with_borders(program: Program, shares: Floats, prices: Floats, until: float) -> Relaxed:
    saddle = _Saddle(program, shares, prices)
    best_y, bounds = saddle.y, [saddle.bound(saddle.y)]
    for done in range(_LOOK, _ROUNDS + 1, _LOOK):
        saddle.go(_LOOK)
        mean_x, mean_y = saddle.sum_x / saddle.rounds, saddle.sum_y / saddle.rounds
        ends = sorted((saddle.y, mean_y), key=saddle.bound)
        if saddle.bound(ends[1]) > bounds[-1]:
            best_y = ends[1]
        bounds.append(max(bounds[-1], saddle.bound(ends[1])))
        arrived = len(bounds) > 8 and bounds[-1] - bounds[-4] < _STILL * abs(bounds[-1])
        if arrived or time.monotonic() > until:
            break
        if done in _RESTARTS:
            saddle.restart(mean_x, ends[1])
    return Relaxed(shares=mean_x, reduced=saddle.reduced(best_y), bound=bounds[-1])


def _inverse(sums: Floats) -> Floats:
    return 1 / np.where(sums > 0, sums, 1.0)
