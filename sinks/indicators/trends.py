"""Where the years at hand lead: a line through levels, a pace of yearly amounts.

A level (a rate) is carried on along the least-squares line through its years. Its error has
two parts: that of the values, propagated through the line with what they share, and the
scatter of the years around the line beyond it, which takes three years or more to see.
A yearly amount is carried on at its mean, with the scatter between years.

Reference: least squares with known covariance of the observations, Draper & Smith, Applied
Regression Analysis, 3rd ed., ch. 1-3 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

_INSIDE = 0.975  # upper end of a 95 % interval
_NOISE = 1e-24  # square of the rounding of floats, with a margin


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A change per year and the figure of a later year, each with its standard error.

    ``degrees`` of freedom are infinite where errors are known, and those of the scatter
    where they were learned from the years. An error is NaN where nothing tells it.
    """

    per_year: float
    per_year_se: float
    figure: float
    figure_se: float
    degrees: float = float("inf")

    @property
    def per_year_interval(self) -> tuple[float, float]:
        """The 95 % interval of the change per year."""
        half = self._spread() * self.per_year_se
        return self.per_year - half, self.per_year + half

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the figure."""
        half = self._spread() * self.figure_se
        return self.figure - half, self.figure + half

    def probability_at_least(self, target: float) -> float:
        """Return the probability that the figure reaches ``target``; NaN without an error."""
        if not self.figure_se > 0:
            return float("nan")
        return float(stats.t.cdf((self.figure - target) / self.figure_se, self.degrees))

    def _spread(self) -> float:
        return float(stats.t.ppf(_INSIDE, self.degrees))


def line(
    years: Floats, values: Floats, errors: Floats, *, year: float, correlation: float = 0.0
) -> Forecast:
    """Carry a level on along the line through its years.

    Parameters
    ----------
    years, values, errors
        Shape ``(n,)``, n >= 2: the level of each year and its standard error (0 if exact,
        NaN if not known: then nothing has an error).
    year
        For which the figure is forecast.
    correlation
        Of the errors of any two years: 0 where they are independent, towards 1 where one
        sample or the same boundaries carry all years.

    Examples
    --------
    >>> ahead = line(np.array([2020.0, 2025]), np.array([40.0, 45]), np.ones(2), year=2030)
    >>> round(ahead.figure, 3), round(ahead.figure_se, 3)  # 2 v2 - v1: sqrt(4 + 1)
    (50.0, 2.236)
    """
    solve = _solution(years, year)
    figure, per_year = solve @ values
    shared = np.full((len(years), len(years)), correlation)
    np.fill_diagonal(shared, 1.0)
    covariance = errors[:, None] * errors * shared
    scatter2 = _scatter2(values, covariance, years)
    spread2 = solve @ covariance @ solve.T + scatter2 * (solve @ solve.T)
    figure_se, per_year_se = float(spread2[0, 0] + scatter2) ** 0.5, float(spread2[1, 1]) ** 0.5
    blank = scatter2 == 0 and not errors.any()  # exact and on the line: nothing to doubt it by
    return Forecast(
        per_year=float(per_year),
        per_year_se=float("nan") if blank else per_year_se,
        figure=float(figure),
        figure_se=float("nan") if blank else figure_se,
        degrees=len(years) - 2 if scatter2 > 0 else float("inf"),
    )


def pace(amounts: Floats) -> Forecast:
    """Carry yearly amounts on at their mean: the amount of one later year.

    ``amounts`` has the shape ``(n,)``, n >= 1. One amount, or amounts that are all the same,
    give no error.

    Examples
    --------
    >>> later = pace(np.array([5.0, 7.0, 9.0]))
    >>> later.per_year, round(later.per_year_se, 3), round(later.figure_se, 3)
    (7.0, 1.155, 2.309)
    """
    return total_at_pace(amounts, years=1, done=0.0)


def total_at_pace(amounts: Floats, *, years: int, done: float) -> Forecast:
    """Carry a sum on for ``years`` at the mean of its yearly amounts, from what is ``done``.

    The error holds how years vary, and that the mean is known from few of them.
    """
    count, mean = len(amounts), float(amounts.mean())
    scatter = float(amounts.std(ddof=1)) if count > 1 and np.ptp(amounts) > 0 else float("nan")
    return Forecast(
        per_year=mean,
        per_year_se=scatter / count**0.5,
        figure=done + years * mean,
        figure_se=scatter * (years + years**2 / count) ** 0.5,
        degrees=max(count - 1, 1),
    )


def _solution(years: Floats, at: float) -> Floats:
    """Return what turns values into the line at a year and its slope: shape ``(2, n)``."""
    middle = years.mean()
    slope = (years - middle) / np.sum((years - middle) ** 2)
    return np.stack([1 / len(years) + (at - middle) * slope, slope])


def _scatter2(values: Floats, covariance: Floats, years: Floats) -> float:
    """Return the variance of years around the line beyond the errors of their values."""
    degrees = len(values) - 2
    if degrees < 1:
        return 0.0
    left = np.eye(len(values)) - np.array([_solution(years, year)[0] for year in years])
    residuals = left @ values
    excess = float((residuals @ residuals - np.trace(left @ covariance @ left)) / degrees)
    return excess if excess > _NOISE * float(values @ values) else 0.0
