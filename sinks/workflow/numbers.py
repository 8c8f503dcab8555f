"""Fields of layers that must hold numbers: read, or refused with what stands there instead."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import InputRefused

_LISTED = 10


def numbers(frame: gpd.GeoDataFrame, field: str, *, blank: bool = False) -> pd.Series:
    """Return a field as floats, NaN where a cell is blank and may be.

    Raises
    ------
    InputRefused
        ``F36`` for cells that are no numbers, and for blank ones unless ``blank``.
    """
    cells = frame[field]
    found = pd.to_numeric(cells, errors="coerce").astype(float)
    empty = cells.isna() | (cells.astype(str).str.strip() == "")
    faulty = ~np.isfinite(found.to_numpy()) & ~(empty.to_numpy() & blank)
    if faulty.any():
        shown = ["—" if no else str(cell) for cell, no in zip(cells, empty, strict=True)]
        values = list(dict.fromkeys(np.array(shown, dtype=object)[faulty]))[:_LISTED]
        raise InputRefused.because("F36", field=field, count=int(faulty.sum()), values=values)
    return found
