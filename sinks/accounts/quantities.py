"""Amounts per year and amounts at a date, types of their own: none is added to the other.

Arrays hold the value at the means of all parameters in column 0 and the draws after it, shape
``(rows, 1 + draws)``: one formula gives mean and draws at once.

References: United Nations et al. 2021, SEEA EA, sect. 8.2 (flows of services) and 10.2 (assets).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import InvariantViolated
from sinks.uncertainty.laws import Floats


@dataclass(frozen=True, eq=False)
class _Amount:
    """An amount by row (a zone, say) with its draws, in ``unit``.

    Raises
    ------
    InvariantViolated
        ``I80`` if a number is not finite.
    """

    drawn: Floats
    unit: str

    def __post_init__(self) -> None:
        if not np.isfinite(self.drawn).all():
            raise InvariantViolated.because("I80", what=type(self).__name__, unit=self.unit)

    def __add__(self, other: Self) -> Self:
        """Add an amount of the same type and unit; another type is a ``TypeError``.

        Raises
        ------
        InvariantViolated
            ``I80`` if units differ.
        """
        if type(other) is not type(self):
            return NotImplemented
        if other.unit != self.unit:
            raise InvariantViolated.because(
                "I80", what=type(self).__name__, unit=f"{self.unit} + {other.unit}"
            )
        return type(self)(self.drawn + other.drawn, self.unit)

    def at(self, rows: NDArray[np.bool_]) -> Self:
        """Return some of the rows."""
        return type(self)(self.drawn[rows], self.unit)

    def scaled(self, factor: Floats | float, unit: str) -> Self:
        """Multiply by a factor per row or draw (a price, say) that gives ``unit``."""
        return type(self)(self.drawn * factor, unit)

    @property
    def mean(self) -> Floats:
        """The amount of each row at the means of all parameters."""
        return np.asarray(self.drawn[..., 0])

    def interval(self) -> tuple[Floats, Floats]:
        """Return the ends of the 95 % interval of each row; without draws, the value itself."""
        if self.drawn.shape[-1] == 1:
            return self.mean, self.mean
        low, high = np.quantile(self.drawn[..., 1:], [0.025, 0.975], axis=-1)
        return low, high


class Flow(_Amount):
    """An amount per year: a service, its value, a product."""


class Stock(_Amount):
    """An amount at a date: standing timber, carbon in the soil, the value of an asset."""


def total(flows: Iterable[Flow]) -> Flow:
    """Return the sum of flows of one unit.

    Raises
    ------
    InvariantViolated
        ``I80`` if units differ, or one of them is a stock: nothing that stands is part of
        what a year brings.
    """
    flows = list(flows)
    if strange := [flow for flow in flows if not isinstance(flow, Flow)]:
        raise InvariantViolated.because("I80", what=type(strange[0]).__name__, unit="Flow")
    result = flows[0]
    for flow in flows[1:]:
        result = result + flow
    return result


def described(amount: Flow | Stock, name: str, index: pd.Index) -> pd.DataFrame:
    """Return value and interval as columns ``name``, ``name_low_…``: the unit is the suffix.

    >>> flow = Flow(np.array([[2.0, 1.0, 3.0]]), "yuan")
    >>> described(flow, "value", pd.Index(["a"])).round(2).iloc[0].to_dict()
    {'value_yuan': 2.0, 'value_low_yuan': 1.05, 'value_high_yuan': 2.95}
    """
    low, high = amount.interval()
    columns = {f"{name}_{amount.unit}": amount.mean}
    columns |= {f"{name}_low_{amount.unit}": low, f"{name}_high_{amount.unit}": high}
    return pd.DataFrame(columns, index=index)
