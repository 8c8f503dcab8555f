r"""Totals over a stratified sample, their joint covariance, and ratios of them.

One formula serves every figure. Unit *u* of stratum *h* stands for
:math:`e_u = A_h\, s_u / \sum_{v \in h} s_v` hectares, where :math:`A_h` is the known area of
the stratum and :math:`s_u` the size of the unit (its design weight times its own area).
A total of :math:`z` is

.. math:: \hat T = \sum_u e_u z_u

and what unit *u* adds to its variance is
:math:`g_u = \sqrt{c_h}\; e_u (z_u - \hat T_h / A_h)` with
:math:`c_h = (1 - n_h/N_h)\, n_h/(n_h - 1)`, so that
:math:`\widehat{\mathrm{Cov}}(\hat T, \hat T') = \sum_u g_u g'_u`. With pixels of one size this
is the expansion estimator with the variance of Stehman (2014, eqs. 25 and 26); with pixels
of unequal size it is the separate ratio estimator (Hájek) with its Taylor variance (Cochran
1977, sections 6.10 and 6.11). A ratio :math:`R = Y/X` has
:math:`g = (g_Y - R\, g_X)/X`, which is Stehman's eqs. 27 and 28.

References: Stehman (2014), Int. J. Remote Sens. 35, 4923-4939. Cochran (1977), Sampling
Techniques, 3rd ed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sinks.units import Z_95

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NO_VARIANCE = 1e-9  # a standard error of a share below this is rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """The labelled sample: ``n`` units in ``H`` strata, each stratum with two units or a census.

    ``stratum`` ``(n,)`` numbers the stratum of each unit; ``size`` ``(n,)`` is its weight
    times its area, in any unit; ``stratum_ha`` and ``stratum_px`` ``(H,)`` are the area and
    the number of pixels of each stratum.
    """

    stratum: Ints
    size: Floats
    stratum_ha: Floats
    stratum_px: Ints

    @cached_property
    def expansion_ha(self) -> Floats:
        """Hectares that each unit stands for; they add up to the area of each stratum."""
        together = np.bincount(self.stratum, self.size, minlength=len(self.stratum_ha))
        return np.asarray((self.stratum_ha / together)[self.stratum] * self.size)

    @cached_property
    def unsampled(self) -> Floats:
        """Share of each unit's stratum that was not sampled: the finite population correction."""
        count = np.bincount(self.stratum, minlength=len(self.stratum_ha))
        return np.asarray((1 - count / self.stratum_px)[self.stratum])

    @cached_property
    def spread(self) -> Floats:
        """Root of ``c_h`` for each unit."""
        count = np.bincount(self.stratum, minlength=len(self.stratum_ha))[self.stratum]
        return np.asarray(np.sqrt(self.unsampled * count / np.maximum(count - 1, 1)))

    def effective_size(self, within: NDArray[np.bool_] | None = None) -> float:
        """Size of a simple random sample that would weigh as evenly (Kish 1965).

        ``within``: of the units chosen. Infinite for a census, 0 if no unit is chosen.
        """
        chosen = slice(None) if within is None else within
        weight = self.expansion_ha[chosen]
        unevenness = (self.unsampled[chosen] * weight**2).sum()
        if not len(weight):
            return 0.0
        return float(weight.sum() ** 2 / unevenness) if unevenness > 0 else np.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """Estimates ``value`` ``(k,)``; ``influence`` ``(n, k)``: what units add to their errors."""

    value: Floats
    influence: Floats

    @cached_property
    def covariance(self) -> Floats:
        """Joint covariance ``(k, k)``."""
        return np.asarray(self.influence.T @ self.influence)

    @cached_property
    def se(self) -> Floats:
        """Standard errors ``(k,)``."""
        return np.asarray(np.sqrt((self.influence**2).sum(axis=0)))

    def combined(self, matrix: Floats) -> Estimate:
        """Return the sums that ``matrix`` ``(k, m)`` makes of the estimates."""
        return Estimate(value=self.value @ matrix, influence=self.influence @ matrix)

    def over(self, whole: Estimate) -> Estimate:
        """Divide by another estimate, one by one; NaN where that is 0."""
        known = whole.value > 0
        x = np.where(known, whole.value, np.nan)
        ratio = self.value / x
        return Estimate(value=ratio, influence=(self.influence - ratio * whole.influence) / x)


def totals(units: Units, indicators: Floats) -> Estimate:
    """Estimate the hectares for which each indicator holds.

    Parameters
    ----------
    indicators
        Shape ``(n, k)``: 1 where the unit has the property, else 0.

    Returns
    -------
    Estimate
        ``k`` totals in hectares.
    """
    expanded = units.expansion_ha[:, np.newaxis] * indicators
    by_stratum = np.zeros((len(units.stratum_ha), indicators.shape[1]))
    np.add.at(by_stratum, units.stratum, expanded)
    share = (by_stratum / units.stratum_ha[:, np.newaxis])[units.stratum]
    weight = (units.spread * units.expansion_ha)[:, np.newaxis]
    return Estimate(value=by_stratum.sum(axis=0), influence=weight * (indicators - share))


def wilson_interval(share: Floats, se: Floats, plain_size: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % interval of Wilson (1927) at the effective size of the sample.

    The effective size is ``p (1 - p) / se**2`` (Korn & Graubard 1998; Franco et al. 2019).
    Where no variance was seen, because every unit answered alike, it is ``plain_size``:
    an interval without width would claim what no sample can show. Stays within 0 and 1; NaN
    where ``share`` is NaN.
    """
    p = np.clip(share, 0.0, 1.0)
    seen = se > _NO_VARIANCE
    size = np.where(seen, p * (1 - p) / np.where(seen, se, 1.0) ** 2, plain_size)
    with np.errstate(divide="ignore"):
        excess = np.where(np.isnan(p), np.nan, Z_95**2 / size)  # infinite: nothing is known
    told = np.where(np.isfinite(excess), excess, 0.0)
    middle = (p + told / 2) / (1 + told)
    half = np.sqrt(p * (1 - p) * told + told**2 / 4) / (1 + told)
    low, high = np.clip(middle - half, 0.0, p), np.clip(middle + half, p, 1.0)
    blind = np.isinf(excess)
    return np.where(blind, 0.0, low), np.where(blind, 1.0, high)


def area_interval(
    areas: Estimate, units: Units, truly: Floats
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the 95 % interval of class areas, and where it is Wilson's for want of a variance.

    ``area ± 1.96 se``, cut at 0 and at the total. A class without an estimated variance is
    one that every stratum holds wholly or not at all, as far as the sample saw, which is no
    proof. There, of the strata that seemed wholly the class some part may not be, and some
    part of the others may: each as much as Wilson's interval leaves open when all units of a
    sample answered alike, a share ``z**2 / (n + z**2)``.

    Parameters
    ----------
    truly
        ``(n, k)``: 1 where a unit is of the class, else 0.
    """
    total_ha = float(units.stratum_ha.sum())
    in_class = np.array([units.effective_size(column > 0) for column in truly.T])
    in_others = np.array([units.effective_size(column == 0) for column in truly.T])
    unseen = areas.se <= _NO_VARIANCE * total_ha
    unseen &= bool(np.isfinite(units.effective_size()))  # a census has seen everything
    less = np.where(unseen, areas.value * Z_95**2 / (in_class + Z_95**2), Z_95 * areas.se)
    others_ha = np.maximum(total_ha - areas.value, 0.0)
    more = np.where(unseen, others_ha * Z_95**2 / (in_others + Z_95**2), Z_95 * areas.se)
    low = np.clip(areas.value - less, 0.0, total_ha)
    return low, np.clip(areas.value + more, 0.0, total_ha), unseen
