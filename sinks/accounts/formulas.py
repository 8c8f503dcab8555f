"""The formulas of the accounts: what a hectare gives in a year, what a unit of it is worth.

Arguments are named as the inputs and parameters that they take (``account_inputs.csv``,
``account_coefficients.csv``, ``account_prices.csv``), and the tables of items name formulas by
the names of the functions, so that every figure can be traced to what entered it. All work on
plain numbers and on arrays alike.

References: GB/T 46869—2025; 国家发展改革委、国家统计局 2022, 生态产品总值核算规范（试行）;
生态环境部环境规划院、中国科学院生态环境研究中心 2020, 陆地生态系统生产总值（GEP）核算技术指南.
How far each was read stands with the rows of ``account_rules.csv``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence

from sinks.accounts import physical, worths
from sinks.uncertainty.laws import Floats

Formula = Callable[..., Floats | float]


def _named(functions: Sequence[Formula]) -> dict[str, Formula]:
    return {function.__name__: function for function in functions}


PER_HA: Mapping[str, Formula] = _named(physical.PER_HA)
AMOUNTS: Mapping[str, Formula] = _named(physical.AMOUNTS)
WORTHS: Mapping[str, Formula] = _named(worths.WORTHS)
FLUXES: Mapping[str, Formula] = _named(physical.FLUXES)


def formula_of(name: str) -> Formula:
    """Return a formula by its name.

    >>> formula_of("rent").__name__
    'rent'
    """
    return {**PER_HA, **AMOUNTS, **WORTHS, **FLUXES}[name]


def arguments(formula: str) -> tuple[str, ...]:
    """Return the names of what a formula takes.

    >>> arguments("storm_retention")
    ('storm_rain_mm', 'runoff_share')
    """
    return tuple(inspect.signature(formula_of(formula)).parameters)
