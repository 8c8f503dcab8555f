"""Where numbers come from: the formula, method, parameters and inputs of every column."""

from __future__ import annotations

from functools import cache

import pandas as pd

from sinks.parameters.tables import HERE


@cache
def formulas() -> pd.DataFrame:
    """Return the formulas, indexed by ``(table, column)``.

    Columns: ``formula_zh``, ``formula_en``, ``method`` (publication), ``parameters`` (tables)
    and ``inputs`` (places of a study, separated by semicolons).
    """
    frame = pd.read_csv(HERE / "formulas.csv", dtype=str, na_filter=False, encoding="utf-8")
    return frame.set_index(["table", "column"])
