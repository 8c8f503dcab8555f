r"""Where to sample next: where the model cannot decide, or has seen nothing alike.

Two things speak for a new sample: the model wavers between classes it knows, or the pixel
resembles no training sample, where a forest may be sure and wrong. With :math:`H` the
entropy of the class probabilities (Shannon 1948) as a share of its largest value, and
:math:`DI` the dissimilarity with threshold :math:`T`
(:mod:`sinks.validation.applicability`),

.. math:: need = 1 - (1 - H)\,(1 - U), \qquad U = DI / (DI + T)

so that :math:`U` is 0 at a training sample, one half at the threshold, and 1 infinitely far
away; either reason alone is enough, and the two add up. The rule is this project's own;
choosing by uncertainty is usual in active learning (Lewis & Gale 1994).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused

Shares = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Suggestions:
    """Places to sample next: positions among the candidates, most needed first."""

    chosen: NDArray[np.int64]
    findings: tuple[Finding, ...] = ()


def entropy(probabilities: Shares) -> Shares:
    """Return how undecided a model is: 0 if one class is certain, 1 if all are as probable.

    Parameters
    ----------
    probabilities
        ``(classes, pixels)``, each pixel adding up to 1.

    Returns
    -------
    numpy.ndarray
        Entropy in bits divided by log2 of the number of classes, ``(pixels,)`` float32; NaN
        where a probability is.

    Examples
    --------
    Sure, halved between two of four classes, and at a loss:

    >>> pixels = np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25] * 4], dtype=np.float32)
    >>> entropy(pixels.T).tolist()
    [0.0, 0.5, 1.0]
    """
    classes = len(probabilities)
    if classes < 2:
        return np.asarray(probabilities[0] * np.float32(0))
    bits = np.zeros(probabilities.shape[1], dtype=np.float32)
    for share in probabilities:
        bits -= share * np.log2(np.where(share > 0, share, np.float32(1)))
        bits[np.isnan(share)] = np.nan
    return np.asarray(np.clip(bits / np.float32(np.log2(classes)), 0, 1), dtype=np.float32)


def sampling_need(probabilities: Shares, dissimilarity: Shares, threshold: float) -> Shares:
    """Return how much a sample is needed, 0 to 1, ``(pixels,)`` float32; NaN for no data.

    ``probabilities`` is ``(classes, pixels)``; ``dissimilarity`` ``(pixels,)`` has its
    ``threshold`` from :class:`~sinks.validation.applicability.Applicability`.

    Raises
    ------
    InputRefused
        ``Q15`` if the threshold is negative or not a number.
    """
    return combined_need(entropy(probabilities), dissimilarity, threshold)


def combined_need(undecided: Shares, dissimilarity: Shares, threshold: float) -> Shares:
    """Return :func:`sampling_need` from an :func:`entropy` that is already there.

    All arrays have one shape, whatever it is.

    Raises
    ------
    InputRefused
        ``Q15`` if the threshold is negative or not a number.
    """
    if not (threshold >= 0 and np.isfinite(threshold)):
        raise InputRefused.because("Q15", name="threshold", value=threshold, allowed="≥ 0")
    far = np.maximum(dissimilarity + np.float32(threshold), np.finfo(np.float32).tiny)
    one = np.float32(1)
    need = one - (one - undecided) * (one - dissimilarity / far)
    return np.asarray(need, dtype=np.float32)


def suggested_places(
    need: Shares, xy_m: NDArray[np.float64], *, count: int, apart_m: float
) -> Suggestions:
    """Choose where to sample: the most needed place, then the next far enough from all.

    The same candidates give the same places; of equal ones the first comes first. A large
    map is worked block by block: choose in each, then once more among the chosen.

    Parameters
    ----------
    need
        ``(candidates,)``; those that are NaN are left out.
    xy_m
        Places in metres, ``(candidates, 2)``.
    count
        How many to choose; ``Q16`` notes it if fewer lie far enough apart.
    apart_m
        Least distance between two of them.

    Raises
    ------
    InputRefused
        ``Q15`` if ``count`` or ``apart_m`` is not positive.
    """
    for name, value in (("count", count), ("apart_m", apart_m)):
        if not value > 0:
            raise InputRefused.because("Q15", name=name, value=value, allowed="> 0")
    left = np.argsort(-need, kind="stable")[: np.isfinite(need).sum()]
    chosen: list[int] = []
    while len(left) and len(chosen) < count:
        chosen.append(int(left[0]))
        left = left[np.hypot(*(xy_m[left] - xy_m[left[0]]).T) >= apart_m]
    found = {"asked": count, "found": len(chosen), "apart_m": apart_m}
    findings = (Finding(code="Q16", facts=found),) if len(chosen) < count else ()
    return Suggestions(chosen=np.array(chosen, dtype=np.int64), findings=findings)
