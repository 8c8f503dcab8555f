"""Bands that results should lie in; what lies outside is noted, not refused."""

from __future__ import annotations

from functools import cache

import pandas as pd

from sinks.parameters.tables import TableForm, shipped

_FORM = TableForm(
    key=("quantity",), text=("lowest", "highest", "unit", "name_zh", "name_en", "grade", "basis")
)


@cache
def plausibility_table() -> pd.DataFrame:
    """Return the table of bands by quantity, as it ships."""
    return shipped("plausibility_bands.csv", _FORM).set_index("quantity")


def plausibility_bands() -> pd.DataFrame:
    """Return the bands by quantity: ``lowest`` and ``highest`` as numbers, ``unit``, names.

    >>> float(plausibility_bands().loc["stock_change", "highest"])
    12.2
    """
    return plausibility_table().astype({"lowest": float, "highest": float})
