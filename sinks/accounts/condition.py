"""Condition of ecosystems: variables of unlike units on one scale from 0 to 1, and their mean.

    indicator = (value - low reference) / (high reference - low reference), within 0 and 1

The low reference is where an ecosystem is as poor as it can be, the high one where it is
intact; where less is better the low reference is the larger number (class Ⅴ of water is 5, class
Ⅰ is 1). The index is the plain mean of the variables that were told, and says how many of how
many these are: two indices made of different variables cannot be compared.

References: United Nations et al. 2021, System of Environmental-Economic Accounting - Ecosystem
Accounting, ch. 5 (reference levels, indicators, aggregation with equal weights).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import InputRefused
from sinks.uncertainty.laws import Floats

ROW = ["year", "zone", "variable"]
INDEX = "index"
LEVELS = ["low_reference", "high_reference"]
COLUMNS = ("value", *LEVELS, "unit", "indicator", "source", "variables", "variables_of")


@dataclass(frozen=True, kw_only=True, eq=False)
class ConditionVariables:
    """Between which levels each variable is read.

    ``frame`` has the index ``variable`` and the columns ``low_reference``, ``high_reference``
    (NaN where they must be told for each place) and ``unit``. ``table`` names its file.
    """

    frame: pd.DataFrame
    table: str


def condition_account(told: pd.DataFrame, variables: ConditionVariables) -> pd.DataFrame:
    """Rescale what was told of the condition of ecosystems, and average it by year and zone.

    Parameters
    ----------
    told
        Index ``(year, zone, variable)``; ``value``, and where the bureau tells them ``unit``,
        ``source``, ``low_reference`` and ``high_reference``, which take the place of the
        levels of the table. A row without a value is left out.

    Returns
    -------
    pandas.DataFrame
        Index ``(year, zone, variable)``; the columns of :data:`COLUMNS`. ``indicator`` is 0 to
        1. The row of the variable ``index``, the last of its year and zone, holds the mean,
        over ``variables`` of the ``variables_of`` that are told for any zone and year.

    Raises
    ------
    InputRefused
        ``S80`` for a variable without reference levels, or with two that are the same;
        ``S81`` for one told in another unit than its levels.

    Examples
    --------
    Water of class Ⅲ is half way between Ⅴ and Ⅰ.

    >>> from sinks.parameters.accounts_seea import condition_variables
    >>> water = pd.MultiIndex.from_tuples([(2025, "lake", "water_quality_class")], names=ROW)
    >>> account = condition_account(pd.DataFrame({"value": [3.0]}, index=water),
    ...                             condition_variables())
    >>> account["indicator"].tolist()
    [0.5, 0.5]
    """
    told = told[told["value"].notna()]
    known = variables.frame.reindex(told.index.get_level_values("variable"))
    low, high = _levels(told, known, variables.table)
    unit = _units(told, known, variables.table)
    value = told["value"].to_numpy(dtype=float)
    source = told["source"].fillna("") if "source" in told else pd.Series("", index=told.index)
    rows = pd.DataFrame(
        {
            "value": value,
            "low_reference": low,
            "high_reference": high,
            "unit": unit,
            "indicator": np.clip((value - low) / (high - low), 0.0, 1.0),
            "source": source.to_numpy(),
            "variables": 1,
            "variables_of": 1,
        },
        index=told.index,
    )
    both = pd.concat([rows, _indices(rows)]) if len(rows) else rows
    places = both.groupby(level=["year", "zone"], sort=False).ngroup().to_numpy()
    return both.iloc[np.argsort(places, kind="stable")]


def _levels(told: pd.DataFrame, known: pd.DataFrame, table: str) -> tuple[Floats, Floats]:
    """Return both reference levels of each row: those told for it, or those of the table."""
    of_place = told.reindex(columns=LEVELS).to_numpy(dtype=float)
    own = ~np.isnan(of_place).all(axis=1)
    levels = np.where(own[:, np.newaxis], of_place, known[LEVELS].to_numpy(dtype=float))
    sound = np.isfinite(levels).all(axis=1) & (levels[:, 0] != levels[:, 1])
    if not sound.all():
        names = _named(told, ~sound)
        raise InputRefused.because("S80", table=table, variables=names[:10], count=len(names))
    return levels[:, 0], levels[:, 1]


def _units(told: pd.DataFrame, known: pd.DataFrame, table: str) -> NDArray[np.object_]:
    """Return the unit of each row; a variable of the table is told in its unit or without."""
    usual = known["unit"].fillna("").to_numpy(dtype=object)
    if "unit" not in told:
        return usual
    unit = told["unit"].fillna("").to_numpy(dtype=object)
    strange = (unit != "") & (usual != "") & (unit != usual)
    if strange.any():
        rows = [
            f"{name}: {found} ({wanted})"
            for name, found, wanted in zip(
                _named(told, strange), unit[strange], usual[strange], strict=True
            )
        ]
        raise InputRefused.because("S81", table=table, rows=rows[:10], count=len(rows))
    return np.where(unit == "", usual, unit)


def _named(told: pd.DataFrame, which: NDArray[np.bool_]) -> list[str]:
    return [f"{variable} ({zone}, {year})" for year, zone, variable in told.index[which]]


def _indices(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of the indicators of each year and zone, a row for each."""
    groups = rows["indicator"].groupby(level=["year", "zone"], sort=False)
    mean = groups.mean()
    index = pd.DataFrame(
        {
            "value": mean,
            "low_reference": 0.0,
            "high_reference": 1.0,
            "unit": "",
            "indicator": mean,
            "source": "",
            "variables": groups.size(),
            "variables_of": rows.index.get_level_values("variable").nunique(),
        }
    )
    return pd.concat({INDEX: index}, names=["variable"]).reorder_levels(ROW)
