"""Why a figure differs from that of the base year: the land, or how it was counted.

From the figure that was published for the base year to that of today one thing is switched
after the other, the first three in the base year::

    published      base year, old definition, old map, old boundary
    redefined      base year, new definition, old map, old boundary
    remapped       base year, new definition, new map, old boundary
    rebounded      base year, new definition, new map, new boundary
    today          this year, new definition, new map, new boundary

Each part is the difference of two neighbours, so that parts add up to the whole, and the
real change compares like with like by today's rules. What two switches do together is
booked to the later one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

STEPS = ("published", "redefined", "remapped", "rebounded", "today")
PARTS = ("definition", "map", "boundary", "real")


def decomposed(figures: pd.DataFrame) -> pd.DataFrame:
    """Split the change of each figure since the base year into its parts.

    Parameters
    ----------
    figures
        Any index; ``published``, ``today`` and those of the columns between in which
        something was switched. A column that is missing was not switched; a blank in a
        column is a figure that could not be computed.

    Returns
    -------
    pandas.DataFrame
        ``change``, today minus published, and ``definition``, ``map``, ``boundary``,
        ``real`` and ``unresolved`` in the unit of the figures. Beside a blank figure the
        two parts that it would have told apart are blank, and ``unresolved`` holds them
        together. All are blank where the first or the last figure is.

    Examples
    --------
    >>> rates = pd.DataFrame({"published": [22.0], "redefined": [24.0], "today": [24.5]})
    >>> decomposed(rates)[["definition", "map", "real", "change"]].iloc[0].tolist()
    [2.0, 0.0, 0.5, 2.5]
    """
    steps = [figures["published"]]
    for name in STEPS[1:]:
        steps.append(figures[name] if name in figures else steps[-1])
    values = np.column_stack([step.to_numpy(dtype=float) for step in steps])
    change = values[:, -1] - values[:, 0]
    each = np.diff(values, axis=1)
    each[np.isnan(change)] = np.nan
    unresolved = change - np.nansum(each, axis=1)
    gaps = np.isnan(each).any(axis=1)
    return pd.DataFrame(
        {
            "change": change,
            **dict(zip(PARTS, each.T, strict=True)),
            "unresolved": np.where(gaps, unresolved, np.where(np.isnan(change), np.nan, 0.0)),
        },
        index=figures.index,
    )
