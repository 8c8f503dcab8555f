"""The smallest change that an evidence can tell from none, and what would prove a smaller one.

============  ==========================================================================
sample        1.645 standard errors of the change (two-sided at 90 %)
survey        the same, its boundaries drawn anew
map           a rim one pixel wide along the edge of the class, or the part of the class
              that the map gets wrong, whichever is larger
register      what its documents state: any change that was accepted
report        nothing of its own: only the records behind the figure
============  ==========================================================================

A map of 10 m on which a district has 25,000 ha of trees, were they one square, has a rim of
63 ha: planting 100 亩 (6.67 ha) a year cannot be seen on it, whatever the classifier.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.uncertainty.summary import Z_90
from sinks.units import M2_PER_HA


def change_se(before_se: float, after_se: float, *, covariance: float = 0.0) -> float:
    """Return the standard error of a difference of two estimates.

    ``covariance`` is that of the two, above 0 where one sample was labelled at both dates.
    """
    return float(np.sqrt(max(before_se**2 + after_se**2 - 2 * covariance, 0.0)))


def detectable_in_sample(se: float) -> float:
    """Return the smallest change that a change estimated with this standard error can show.

    >>> round(detectable_in_sample(100.0), 1)
    164.5
    """
    return Z_90 * se


def detectable_on_map(
    class_ha: float,
    pixel_m: float,
    *,
    edge_m: float | None = None,
    accuracy: float | None = None,
) -> float:
    """Return the smallest change of a class that two maps can show, in ha.

    Parameters
    ----------
    class_ha
        Area of the class on the map.
    pixel_m
        Width of a pixel.
    edge_m
        Length of the edge of the class on the map. Without it the shortest edge that pixels
        of this area can have, that of one square: the result is then a lower bound.
    accuracy
        Share of the class on the map that is right (user's accuracy), where it was assessed.

    Examples
    --------
    >>> round(detectable_on_map(25_000, 10), 1)
    63.2
    >>> detectable_on_map(25_000, 10, accuracy=0.75)
    6250.0
    """
    shortest_m = 4 * np.sqrt(class_ha * M2_PER_HA)
    rim_ha = (shortest_m if edge_m is None else edge_m) * pixel_m / M2_PER_HA
    mistaken_ha = 0.0 if accuracy is None else class_ha * (1 - accuracy)
    return float(max(rim_ha, mistaken_ha))


def detections(asked: pd.DataFrame) -> pd.DataFrame:
    """Say of each change that is asked for whether its evidence could show it.

    Parameters
    ----------
    asked
        ``change`` (e.g. what is needed per year), ``detectable`` (in the same unit; NaN
        where it is not known), ``unit`` and ``evidence``.

    Returns
    -------
    pandas.DataFrame
        The rows with ``found`` and ``proof``, names of labels in the groups ``detection``
        (``seen``, ``undetectable``, ``documents``, ``records``, ``unknown``) and ``proof``
        (by evidence: what would prove the change); and ``times_sample``, how many times as
        large a sample would have to be to show the change, for samples.
    """
    evidence, change = asked["evidence"], asked["change"].abs()
    unknown = change.isna() | asked["detectable"].isna()
    found = np.select(
        [evidence == "register", evidence == "report", unknown, change < asked["detectable"]],
        ["documents", "records", "unknown", "undetectable"],
        "seen",
    )
    known = change.where(change > 0)
    larger = (asked["detectable"] / known) ** 2
    wanted = (evidence == "sample") & (found == "undetectable")
    return asked.assign(found=found, proof=evidence, times_sample=larger.where(wanted))
