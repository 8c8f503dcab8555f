r"""From a mean and a range to a law that can be drawn from, the mean kept.

A parameter is told as its mean and a range of about 95 %. Which law that means follows from
the signs of the range:

==================  ====================================================================
low = high          known exactly
0 < low             lognormal: :math:`\sigma = \ln(high / low) / (2 \cdot 1.96)`, and the
                    median below the mean by :math:`e^{-\sigma^2/2}`
low = 0             gamma with the mean and, as far as a gamma can, the upper end
low < 0             two half normals, one for each side, around a mode that keeps the mean
==================  ====================================================================

The mean of every law is the tabulated value, so that a simulation and its closed form have
one centre; a range that is not placed around its mean as its law would place it is met as a
ratio (lognormal) or at its upper end (gamma).

References: IPCC 2006 Guidelines, vol. 1 ch. 3, sect. 3.2.2.4 (choice of distribution).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from sinks.units import Z_95

Floats = NDArray[np.float64]

QUANTITIES = ("value", "low", "high")
_SHAPES = np.geomspace(0.05, 1000.0, 800)  # of gamma laws that are tried
_UPPER = 0.975


def quantiles(parameters: pd.DataFrame, probabilities: Floats) -> Floats:
    """Return the quantiles of every parameter.

    Parameters
    ----------
    parameters
        Columns ``value`` (mean), ``low`` and ``high``, a range of about 95 %.
    probabilities
        Between 0 and 1, shape ``(parameters, n)``.

    Returns
    -------
    numpy.ndarray
        Same shape, in the unit of each parameter.

    Examples
    --------
    >>> lake = pd.DataFrame({"value": [60.0], "low": [8.0], "high": [270.0]})
    >>> quantiles(lake, np.array([[0.025, 0.5, 0.975]])).round(1).tolist()
    [[6.9, 40.1, 233.0]]
    """
    value, low, high = (parameters[name].to_numpy(dtype=float) for name in QUANTITIES)
    drawn = np.repeat(value[:, np.newaxis], probabilities.shape[1], axis=1)
    known = low == high
    for chosen, law in (
        (~known & (low > 0), _lognormal),
        (~known & (low == 0) & (value > 0), _gamma),
        (~known & ((low < 0) | ((low == 0) & (value == 0))), _split_normal),
    ):
        rows = np.flatnonzero(chosen)
        if len(rows):
            mean, least, most = (end[rows, np.newaxis] for end in (value, low, high))
            drawn[rows] = law(mean, least, most, probabilities[rows])
    return drawn


def _lognormal(value: Floats, low: Floats, high: Floats, p: Floats) -> Floats:
    sigma = np.log(high / low) / (2 * Z_95)
    drawn: Floats = value * np.exp(sigma * special.ndtri(p) - sigma**2 / 2)
    return drawn


def _gamma(value: Floats, low: Floats, high: Floats, p: Floats) -> Floats:
    """Gamma laws whose upper end over their mean is that of the range, or comes nearest to it."""
    reached = stats.gamma.ppf(_UPPER, _SHAPES) / _SHAPES
    widest = int(reached.argmax())
    # beyond its widest the ratio falls as the shape grows, so that it can be looked up
    shape = np.interp(-(high / value), -reached[widest:], _SHAPES[widest:])
    drawn: Floats = special.gammaincinv(shape, p) * value / shape
    return drawn


def _split_normal(value: Floats, low: Floats, high: Floats, p: Floats) -> Floats:
    below, above = (value - low) / Z_95, (high - value) / Z_95
    mode = value - np.sqrt(2 / np.pi) * (above - below)
    share = below / (below + above)  # of the law that lies below the mode
    with np.errstate(divide="ignore", invalid="ignore"):
        left = below * special.ndtri(np.clip(p / (2 * share), 0, 0.5))
        right = above * special.ndtri(np.clip(1 - (1 - p) / (2 * (1 - share)), 0.5, 1))
    drawn: Floats = mode + np.where(p < share, left, right)
    return drawn
