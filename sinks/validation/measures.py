r"""Measures of a classification from counts of right and wrong samples.

With :math:`t_c` samples of class *c* that were told right, :math:`m_c` told to be *c* and
:math:`r_c` that truly are:

.. math:: OA = \frac{\sum t_c}{\sum r_c}, \quad UA_c = \frac{t_c}{m_c}, \quad
          PA_c = \frac{t_c}{r_c}, \quad F_c = \frac{2 t_c}{m_c + r_c}, \quad
          BA = \mathrm{mean}_c\, PA_c

There is no Kappa: it compares with a chance agreement that no one has (Pontius & Millones
2011, Int. J. Remote Sens. 32, 4407-4429).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DRAWS = 1000
_AT_ONCE = 50  # draws; bounds memory whatever the number of groups
INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, kw_only=True, eq=False)
class Measures:
    """Shares [1]; any number of leading axes, classes last. NaN where nothing was counted."""

    overall_accuracy: Floats
    balanced_accuracy: Floats
    users_accuracy: Floats
    producers_accuracy: Floats
    f1: Floats


def measures(right: Floats, told: Floats, true: Floats) -> Measures:
    """Return the measures from counts ``(..., classes)``: told right, told, and true.

    Examples
    --------
    Of 90 forests 80 are told, and 10 of 10 grasses; 10 forests are told to be grass:

    >>> told = measures(np.array([80., 10.]), np.array([80., 20.]), np.array([90., 10.]))
    >>> float(told.overall_accuracy), told.users_accuracy.tolist()
    (0.9, [1.0, 0.5])
    """
    with np.errstate(invalid="ignore"):
        producers = right / true
        return Measures(
            overall_accuracy=right.sum(axis=-1) / true.sum(axis=-1),
            balanced_accuracy=_mean_of_known(producers),
            users_accuracy=right / told,
            producers_accuracy=producers,
            f1=2 * right / (told + true),
        )


def intervals(counts: Floats, seed: int) -> dict[str, Floats]:
    """Return where each measure lies in 95 of 100 draws of whole groups.

    Groups are drawn with replacement (cluster bootstrap, percentiles), because samples of
    one polygon are not independent. The folds share most of their training samples, which
    draws cannot show: intervals from cross-validation are too narrow (Bates, Hastie &
    Tibshirani 2024). In 120 landscapes of 60 polygons, drawn as in the tests, they held the
    accuracy elsewhere 86 times in 100 instead of 95; the figure between them had no bias.

    Parameters
    ----------
    counts
        ``(groups, 3, classes)``: told right, told, and true, of each group.

    Returns
    -------
    dict
        By name of the measure, ``(2, ...)``: lower and upper end; NaN with a single group.
    """
    groups = len(counts)
    random = np.random.default_rng(seed)
    flat = counts.reshape(groups, -1)
    sums = np.concatenate(
        [
            random.multinomial(groups, np.full(groups, 1 / groups), size=_AT_ONCE) @ flat
            for _ in range(_DRAWS // _AT_ONCE)
        ]
    ).reshape(_DRAWS, *counts.shape[1:])
    drawn = measures(sums[:, 0], sums[:, 1], sums[:, 2])
    return {name: _ends(getattr(drawn, name), groups) for name in Measures.__dataclass_fields__}


def _ends(drawn: Floats, groups: int) -> Floats:
    """Return the interval of draws, leaving out those in which a class did not occur."""
    ends = np.full((2, *drawn.shape[1:]), np.nan)
    known = np.isfinite(drawn).any(axis=0)
    if groups > 1:
        ends[:, known] = np.nanquantile(drawn[:, known], INTERVAL, axis=0)
    return ends


def _mean_of_known(shares: Floats) -> Floats:
    known = np.isfinite(shares)
    return np.asarray(np.where(known, shares, 0).sum(axis=-1) / known.sum(axis=-1))
