"""Soil carbon after the use of the land changed: it closes in on its new stock over years.

    straight line   SOC(t) = old + (new - old) min(t / 20, 1)
    exponential     SOC(t) = old + (new - old) (1 - exp(-k t))

A change of 90 tC/ha that is booked in the year of conversion is a mistake twenty times too
large. The increments of the years add up to the whole change.

References: IPCC 2006 Guidelines, vol. 4 ch. 2, equation 2.25 (20 years between equilibria).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sinks.gases.limits import require_between


def phased(
    change_tc: npt.ArrayLike, years_since: npt.ArrayLike, *, over_years: float
) -> npt.NDArray[np.float64]:
    """Return how much of a change has come about on a straight line.

    Parameters
    ----------
    change_tc
        The whole change between two equilibria, in tC (or tC/ha), any shape.
    years_since
        Years since the land changed, of a shape that fits; nothing has come about before 0.
    over_years
        Years from one equilibrium to the other.

    Raises
    ------
    InputRefused
        ``Y09`` if ``over_years`` is not between 1 and 1000.

    Examples
    --------
    >>> phased(40.0, [0, 1, 10, 20, 30], over_years=20).tolist()
    [0.0, 2.0, 20.0, 40.0, 40.0]
    """
    require_between("over_years", over_years, 1, 1000)
    share = np.clip(np.asarray(years_since, dtype=float) / over_years, 0.0, 1.0)
    return np.asarray(change_tc, dtype=float) * share


def approached(
    change_tc: npt.ArrayLike, years_since: npt.ArrayLike, *, rate_per_year: float
) -> npt.NDArray[np.float64]:
    """Return how much of a change has come about when it slows down as it nears its end.

    Raises
    ------
    InputRefused
        ``Y09`` if ``rate_per_year`` is not between 0.001 and 5.

    Examples
    --------
    >>> approached(40.0, [0, 10], rate_per_year=0.1).round(3).tolist()
    [0.0, 25.285]
    """
    require_between("rate_per_year", rate_per_year, 0.001, 5)
    years = np.maximum(np.asarray(years_since, dtype=float), 0.0)
    share: npt.NDArray[np.float64] = -np.expm1(-rate_per_year * years)
    return np.asarray(change_tc, dtype=float) * share


def phased_increment(
    change_tc: npt.ArrayLike, year_since: npt.ArrayLike, *, over_years: float
) -> npt.NDArray[np.float64]:
    """Return what comes about in one year, the first being 1.

    Examples
    --------
    >>> phased_increment(40.0, [0, 1, 20, 21], over_years=20).tolist()
    [0.0, 2.0, 2.0, 0.0]
    """
    year = np.asarray(year_since, dtype=float)
    end = phased(change_tc, year, over_years=over_years)
    return end - phased(change_tc, year - 1, over_years=over_years)
