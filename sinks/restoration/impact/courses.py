"""Courses of a cohort: how much of each change has come about in which year.

The year of conversion is year 1. In the year in which land is enclosed again, what was built
up is lost, and what was on its way turns back, from where it stands. All are shares of a whole
change, arrays of one value per year of the table.

References: IPCC 2006 Guidelines, vol. 4 ch. 2, eq. 2.25 (soil, 20 years).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sinks.carbon.conversion import shares_of_year
from sinks.uncertainty.laws import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """When land is converted, and when it is again what it was, in the years of a table.

    ``years`` are those of the table; ``ends`` lies beyond them if nothing ends the cohort.
    """

    years: NDArray[np.int64]
    since: int
    ends: int

    @property
    def age(self) -> NDArray[np.int64]:
        """Which year of the cohort each year is: 1 in that of conversion."""
        return self.years - self.since + 1

    @property
    def stands(self) -> Floats:
        """1 in the years in which the land is what the measure made it, else 0."""
        return np.asarray((self.years >= self.since) & (self.years < self.ends), dtype=float)

    @property
    def in_first(self) -> Floats:
        """1 in the year of conversion, else 0."""
        return np.asarray(self.years == self.since, dtype=float)

    @property
    def in_end(self) -> Floats:
        """1 in the year in which the land is enclosed again, else 0."""
        return np.asarray(self.years == self.ends, dtype=float)

    @property
    def back(self) -> NDArray[np.int64]:
        """Which year since it was enclosed again each year is; 0 and below: not yet."""
        return self.years - self.ends + 1

    def level(self, over_years: float) -> Floats:
        """Return how far a flux has gone from what it was to what it becomes, evenly.

        >>> years = np.arange(2026, 2034)
        >>> Cohort(years=years, since=2027, ends=2031).level(2).tolist()
        [0.0, 0.5, 1.0, 1.0, 1.0, 0.5, 0.0, 0.0]
        """
        last = min(max(self.ends - self.since, 0) / over_years, 1.0)
        gone = np.clip(self.age / over_years, 0.0, 1.0)
        left = last * (1.0 - np.clip(self.back / over_years, 0.0, 1.0))
        return np.asarray(np.where(self.years < self.ends, gone, left))

    def early(self, first_years: int) -> Floats:
        """Return 1 in the first years of the cohort, as long as it stands, else 0."""
        return np.asarray(self.stands * (self.age <= first_years))

    def soil(self, soil_years: int) -> Floats:
        """Return the share of the change of soil that falls on each year, and goes back later.

        >>> years = np.arange(2026, 2032)
        >>> Cohort(years=years, since=2027, ends=2029).soil(2).tolist()
        [0.0, 0.5, 0.5, -0.5, -0.5, 0.0]
        """
        span = {"since": self.since - 1, "until": self.since, "soil_years": soil_years}
        moving = [shares_of_year(int(year), **span)[1] for year in self.years]
        come = min(self.ends - self.since, soil_years) / soil_years
        return np.asarray(moving) * self.stands - come * self.going_back(soil_years)

    def going_back(self, over_years: int) -> Floats:
        """Return in equal parts over how many years something is undone: shares of 1."""
        undone = (self.back >= 1) & (self.back <= over_years)
        return np.asarray(undone / over_years)

    def built_up(self) -> Iterator[tuple[int, Floats]]:
        """Yield for each year of growth where it is gained, and where it is lost again.

        What the land held before comes back in the same way: see :meth:`regrown`.
        """
        longest = min(self.ends, int(self.years[-1]) + 1) - self.since
        for age in range(1, longest + 1):
            yield age, np.asarray(self.age == age, dtype=float) - self.in_end

    def regrown(self) -> Iterator[tuple[int, Floats]]:
        """Yield for each year since the land was enclosed again where its growth is gained."""
        for age in range(1, int(self.years[-1]) - self.ends + 2):
            yield age, np.asarray(self.back == age, dtype=float)
