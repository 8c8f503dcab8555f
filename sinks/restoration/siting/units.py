"""Places that may be restored: what each costs, gives and touches.

The language is that of systematic conservation planning: planning units with costs and
features (Marxan, Ball, Possingham & Watts 2009; prioritizr, Hanson et al. 2025), some of which
are locked into every plan or out of it, and the boundaries that they share.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import InputRefused
from sinks.uncertainty.laws import Floats

Booleans = NDArray[np.bool_]

LOCKS = ("in", "out", "")
BORDERS = ("unit", "beside", "length_m")
_MOST_NAMED = 10


def no_borders() -> pd.DataFrame:
    """Return a table of borders without rows."""
    columns = {name: pd.Series(dtype=object) for name in BORDERS[:2]}
    return pd.DataFrame({**columns, "length_m": pd.Series(dtype=float)})


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """Candidate units, sound once they exist.

    Parameters
    ----------
    table
        Index ``unit``, unique; ``area_ha`` (above zero), ``cost_yuan`` (not below zero),
        ``zone``, ``locked`` (``in``, ``out`` or empty), one column for each of ``benefits``
        (finite, of any sign), all for the whole unit. It may have ``beside_wetland`` (does it
        touch wetland that exists, bool) and ``outer_m`` (boundary with ground that cannot be
        chosen, m; without it that boundary costs nothing, as with Marxan's edge factor 0).
    benefits
        Names of the columns of the table that hold benefits.
    borders
        ``unit``, ``beside``, ``length_m`` (above zero): each pair that touches, once.

    Raises
    ------
    InputRefused
        ``N50`` if a column is missing, or a value blank, infinite or out of its range;
        ``N51`` if a border names an unknown unit, a unit twice, a pair twice or no length.
    """

    table: pd.DataFrame
    benefits: tuple[str, ...]
    borders: pd.DataFrame = field(default_factory=no_borders)

    def __post_init__(self) -> None:
        _require_columns(self.table, self.benefits)
        _require_sound(self.table, self.benefits)
        _require_borders(self.table.index, self.borders)

    @property
    def index(self) -> pd.Index:
        """Names of the units."""
        return self.table.index

    @property
    def pairs(self) -> NDArray[np.int64]:
        """Positions of the units of each border, shape ``(borders, 2)``."""
        ends = [_places(self.index, self.borders, end) for end in BORDERS[:2]]
        return np.column_stack(ends).astype(np.int64)

    def numbers(self, column: str) -> Floats:
        """Return a column as numbers; one that may be left out is zero."""
        if column not in self.table:
            return np.zeros(len(self.table))
        return self.table[column].to_numpy(dtype=float)

    def with_benefits(self, benefits: pd.DataFrame) -> Units:
        """Return the same units with other values of some of their benefits."""
        table = self.table.copy()
        table[benefits.columns] = benefits
        return replace(self, table=table)


def _places(units: pd.Index, borders: pd.DataFrame, end: str) -> NDArray[np.intp]:
    return units.get_indexer(pd.Index(borders[end]))


def _require_columns(table: pd.DataFrame, benefits: tuple[str, ...]) -> None:
    wanted = ("area_ha", "cost_yuan", "zone", "locked", *benefits)
    for column in wanted:
        if column not in table:
            raise InputRefused.because("N50", column=column, units="—", count=len(table))


def _require_sound(table: pd.DataFrame, benefits: tuple[str, ...]) -> None:
    numbers = ["area_ha", "cost_yuan", *benefits, *({"outer_m"} & set(table.columns))]
    values = {name: table[name].to_numpy(dtype=float) for name in numbers}
    faulty: dict[str, Booleans] = {
        "unit": table.index.duplicated() | table.index.isna(),
        "zone": table["zone"].isna().to_numpy(),
        "locked": ~table["locked"].isin(LOCKS).to_numpy(),
        **{name: ~np.isfinite(value) for name, value in values.items()},
    }
    faulty["area_ha"] |= ~(values["area_ha"] > 0)
    for name in {"cost_yuan", "outer_m"} & set(values):
        faulty[name] |= ~(values[name] >= 0)
    if "beside_wetland" in table:
        faulty["beside_wetland"] = ~table["beside_wetland"].isin([True, False]).to_numpy()
    for column, wrong in faulty.items():
        if wrong.any():
            units = [str(unit) for unit in table.index[wrong]][:_MOST_NAMED]
            facts = {"column": column, "units": units, "count": int(wrong.sum())}
            raise InputRefused.because("N50", **facts)


def _require_borders(units: pd.Index, borders: pd.DataFrame) -> None:
    first, second = (_places(units, borders, end) for end in BORDERS[:2])
    ends = pd.DataFrame({"low": np.minimum(first, second), "high": np.maximum(first, second)})
    length_m = borders["length_m"].to_numpy(dtype=float)
    wrong = ends.duplicated() | (ends["low"] < 0) | (ends["low"] == ends["high"])
    wrong |= ~(length_m > 0) | np.isinf(length_m)
    if wrong.any():
        rows = borders[wrong.to_numpy()].iloc[:_MOST_NAMED]
        named = [f"{row.unit}–{row.beside}" for row in rows.itertuples()]
        raise InputRefused.because("N51", borders=named, count=int(wrong.sum()))
