"""Factors of the equations for gases, each with its range, and how ranges combine.

A rate worked out from several factors has a range of its own: each factor is moved to its
low and to its high end while the others stay, and the deviations add up in quadrature,
because the factors are independent of each other. Where factors multiply, it is the
logarithms that are added, so that the range stays above 0.

References: IPCC 2006 Guidelines, vol. 1 ch. 3, approach 1 (equations 3.1 and 3.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from sinks.errors import InputRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranged:
    """A figure between its low and high end, about 95 %."""

    middle: float
    low: float
    high: float

    @classmethod
    def exactly(cls, figure: float) -> Ranged:
        """Return a figure that is known."""
        return cls(middle=figure, low=figure, high=figure)


@dataclass(frozen=True, kw_only=True)
class Factors:
    """The factors of one equation: index ``(factor, level)``.

    Columns ``unit``, ``value_in_unit`` with its low and high, ``reference``, ``citation``,
    ``where``, ``verified`` and ``basis``. ``table`` names where they come from.
    """

    frame: pd.DataFrame
    table: str

    def levels(self, factor: str) -> tuple[str, ...]:
        """Return the levels of a factor, such as the water regimes."""
        return tuple(map(str, self.frame.loc[[factor]].index.get_level_values("level")))

    def get(self, factor: str, level: str) -> Ranged:
        """Return one factor.

        Raises
        ------
        InputRefused
            ``Y05`` if there is no such level.
        """
        row = self._row(factor, level)
        ends = (f"value{end}_in_unit" for end in ("", "_low", "_high"))
        middle, low, high = (float(row[column]) for column in ends)
        return Ranged(middle=middle, low=low, high=high)

    def cited(self, factor: str, level: str) -> dict[str, Any]:
        """Return reference, citation and place of a factor."""
        row = self._row(factor, level)
        return {name: row[name] for name in ("reference", "citation", "where")}

    @cached_property
    def _rows(self) -> Mapping[Hashable, Mapping[Hashable, Any]]:
        return self.frame.to_dict("index")

    def _row(self, factor: str, level: str) -> Mapping[Hashable, Any]:
        if (factor, level) not in self._rows:
            known = list(self.levels(factor))
            raise InputRefused.because(
                "Y05", factor=factor, found=level, known=known, table=self.table
            )
        return self._rows[(factor, level)]


def combined(
    formula: Callable[[Mapping[str, float]], float],
    factors: Mapping[str, Ranged],
    *,
    multiplied: bool = False,
) -> Ranged:
    """Return a formula at the middle of its factors, with the range that theirs give it.

    Parameters
    ----------
    formula
        Takes each factor by name, gives a number.
    factors
        The factors, independent of each other.
    multiplied
        Combine ratios (logarithms) instead of differences; for products of factors.

    Examples
    --------
    Two factors known to 3 and 4 units add up to 5:

    >>> a, b = Ranged(middle=10, low=7, high=13), Ranged(middle=20, low=16, high=24)
    >>> combined(lambda f: f["a"] + f["b"], {"a": a, "b": b})
    Ranged(middle=30, low=25.0, high=35.0)
    """
    at = {name: factor.middle for name, factor in factors.items()}
    middle = formula(at)
    if multiplied and middle == 0:
        return Ranged.exactly(0.0)
    below, above = 0.0, 0.0
    for name, factor in factors.items():
        ends = [formula({**at, name: end}) for end in (factor.low, factor.high)]
        below += _distance(middle, min(*ends, middle), multiplied=multiplied) ** 2
        above += _distance(middle, max(*ends, middle), multiplied=multiplied) ** 2
    down, up = math.sqrt(below), math.sqrt(above)
    if multiplied:
        return Ranged(middle=middle, low=middle * math.exp(-down), high=middle * math.exp(up))
    return Ranged(middle=middle, low=middle - down, high=middle + up)


def _distance(middle: float, end: float, *, multiplied: bool) -> float:
    return math.log(end / middle) if multiplied else end - middle
