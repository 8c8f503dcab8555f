"""Present value of a change of carbon, spread evenly over years, as InVEST works it out.

    value = change x price / n x sum of [(1 + r)(1 + c)]^-t  for t = 0 ... n - 1

with ``n`` years, ``r`` the discount rate and ``c`` the yearly change of the price. The
price is per tonne of carbon: a price per tonne of CO2 is worth 44/12 of it. It values a
change of stock; it says nothing about credits that could be sold.

References: Natural Capital Project, InVEST carbon storage and sequestration, user's guide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sinks.gases.limits import require_between


@dataclass(frozen=True, slots=True, kw_only=True)
class CarbonPrice:
    """The price of a tonne of carbon, and how time weighs on it.

    ``price_change_pct`` is InVEST's yearly change: it divides, so that a positive one
    lowers the worth of later years just as discounting does.

    Raises
    ------
    InputRefused
        ``Y09`` for a negative price or a rate of -100 % or less.
    """

    price_yuan_per_tc: float
    discount_pct: float = 0.0
    price_change_pct: float = 0.0

    def __post_init__(self) -> None:
        require_between("price_yuan_per_tc", self.price_yuan_per_tc, 0, 1e9)
        for name in ("discount_pct", "price_change_pct"):
            require_between(name, getattr(self, name), -99.999, 1e6)

    def per_tonne(self, first_year: int, last_year: int) -> float:
        """Return the present value of one tC gained evenly between two years, in yuan.

        Raises
        ------
        InputRefused
            ``Y09`` if the last year is not after the first, or over 1000 years later.

        Examples
        --------
        >>> price = CarbonPrice(price_yuan_per_tc=50, discount_pct=50, price_change_pct=5)
        >>> round(price.per_tonne(2010, 2012), 5)
        40.87302
        """
        require_between("last_year", last_year, first_year + 1, first_year + 1000)
        years = last_year - first_year
        growth = (1 + self.discount_pct / 100) * (1 + self.price_change_pct / 100)
        weights = growth ** -np.arange(years, dtype=float)
        return self.price_yuan_per_tc / years * float(weights.sum())


def present_value(change_tc: float, price: CarbonPrice, first_year: int, last_year: int) -> float:
    """Return the present value, in yuan, of a change of stock in tC between two years.

    Examples
    --------
    >>> present_value(-58.0, CarbonPrice(price_yuan_per_tc=43), 2016, 2030)
    -2494.0
    """
    return change_tc * price.per_tonne(first_year, last_year)
