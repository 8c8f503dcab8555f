"""How the carbon of a stand grows with its age, and the balance of a year by gain and loss.

    C(t) = limit x (1 - exp(-rate t)) ^ shape        (tC/ha; Chapman-Richards)

A curve is of standing living carbon: what dies on the way is already out of it. A year adds
``C(t) - C(t - 1)``, never limit over age, so that the increments add up to the stock and
growth fades as the stand matures.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sinks.errors import InputRefused

Floats = NDArray[np.float64]
_STEPS_PER_YEAR = 100  # of the mean over a rotation


def curve_stock(
    age_years: ArrayLike, limit_tc_per_ha: ArrayLike, rate_per_year: ArrayLike, shape: ArrayLike
) -> Floats:
    """Return the living carbon of a stand at an age, in tC/ha; 0 before it is planted.

    Ages may be infinite (the limit). Arguments broadcast against one another.

    Examples
    --------
    Poplar in short rotation after 5, 10 and 30 years:

    >>> curve_stock([5, 10, 30], 75, 0.130, 2.0).round(1)
    array([17.1, 39.7, 72. ])
    """
    age = np.maximum(np.asarray(age_years, dtype=float), 0.0)
    grown = -np.expm1(-np.asarray(rate_per_year, dtype=float) * age)
    limit, power = np.asarray(limit_tc_per_ha, dtype=float), np.asarray(shape, dtype=float)
    return np.asarray(limit * grown**power)


def curve_age(
    stock_tc_per_ha: ArrayLike,
    limit_tc_per_ha: ArrayLike,
    rate_per_year: ArrayLike,
    shape: ArrayLike,
) -> Floats:
    """Return the age in years at which a stand on the curve holds this carbon.

    The inverse of :func:`curve_stock`; infinite where the stock is at the limit or above.

    >>> curve_age([0, 39.7, 75], 75, 0.130, 2.0).round(1)
    array([ 0., 10., inf])
    """
    share = np.asarray(stock_tc_per_ha, dtype=float) / np.asarray(limit_tc_per_ha, dtype=float)
    grown = np.clip(share, 0.0, 1.0) ** (1.0 / np.asarray(shape, dtype=float))
    with np.errstate(divide="ignore"):  # at the limit: infinite
        age = -np.log1p(-grown) / np.asarray(rate_per_year, dtype=float)
    return np.asarray(age + 0.0)  # no negative zero


def increment(
    age_years: ArrayLike, limit_tc_per_ha: ArrayLike, rate_per_year: ArrayLike, shape: ArrayLike
) -> Floats:
    """Return what the year that ends at this age adds, ``C(t) - C(t - 1)``, in tC/ha.

    >>> increment([1, 10, 40], 75, 0.130, 2.0).round(2)
    array([1.11, 4.02, 0.11])
    """
    age = np.asarray(age_years, dtype=float)
    curve = (limit_tc_per_ha, rate_per_year, shape)
    return curve_stock(age, *curve) - curve_stock(age - 1.0, *curve)


def rotation_mean(
    rotation_years: float, limit_tc_per_ha: float, rate_per_year: float, shape: float
) -> float:
    """Return the long-term mean carbon of a stand that is cut and replanted, in tC/ha.

    The mean of the curve from 0 to the rotation age: what a planting can hold for good,
    which is far below what it holds on the day before it is cut.

    >>> round(rotation_mean(12, 75, 0.130, 2.0), 1)
    22.0
    """
    edges = np.linspace(0.0, rotation_years, int(rotation_years * _STEPS_PER_YEAR) + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    return float(curve_stock(middles, limit_tc_per_ha, rate_per_year, shape).mean())


def four_parameter_volume(
    age_years: ArrayLike, limit: float, offset: float, rate: float, exponent_m: float
) -> Floats:
    """Return the volume of a stand by the Richards curve with four parameters, in m3/ha.

    ``V = limit (1 - offset exp(-rate t)) ^ (1 / (1 - m))``. With an offset above 1 the
    base is negative while the stand is young; the volume then is 0.

    References
    ----------
    Zhang B. et al. (2016), Chinese Journal of Eco-Agriculture 24, 392-402, table 1.

    Examples
    --------
    >>> four_parameter_volume([2, 20], 364.306, 1.050, 0.018, 0.523).round(3)
    array([ 0.   , 22.945])
    """
    base = 1.0 - offset * np.exp(-rate * np.asarray(age_years, dtype=float))
    return np.asarray(limit * np.maximum(base, 0.0) ** (1.0 / (1.0 - exponent_m)), dtype=float)


@dataclass(frozen=True, slots=True, kw_only=True)
class GainLoss:
    """What the gain-loss method needs of forest that stays forest; every figure is >= 0.

    ``growth_t_per_ha_per_year``: above-ground biomass; ``removal_expansion_t_per_m3``:
    biomass conversion and expansion of removed wood; ``bark_ratio``: bark of removed wood;
    ``disturbed_t_per_ha``: above-ground biomass where disturbed; ``lost_share``: of it.

    Raises
    ------
    InputRefused
        ``H04`` for a figure below 0, or a share above 1.
    """

    area_ha: float
    growth_t_per_ha_per_year: float
    root_to_shoot: float
    carbon_fraction: float
    removed_m3_per_year: float = 0.0
    removal_expansion_t_per_m3: float = 0.0
    bark_ratio: float = 0.0
    fuelwood_t_per_year: float = 0.0
    disturbed_ha_per_year: float = 0.0
    disturbed_t_per_ha: float = 0.0
    lost_share: float = 0.0

    def __post_init__(self) -> None:
        highest = {"carbon_fraction": 1.0, "lost_share": 1.0}
        rows = [
            f"{one.name} = {value:g}"
            for one in fields(self)
            for value in [getattr(self, one.name)]
            if not 0 <= value <= highest.get(one.name, np.finfo(float).max)
        ]
        if rows:
            raise InputRefused.because("H04", place="GainLoss", rows=rows, count=len(rows))


def gain_loss(forest: GainLoss) -> dict[str, float]:
    """Return the yearly change of living carbon by gain and loss, in tC per year.

    Roots go with the shoots that grow, are cut or are disturbed. Losses are magnitudes;
    ``net_tc_per_year`` is the gain less all losses. Where two dated inventories exist,
    their difference is to be preferred: it already holds every loss.

    References
    ----------
    IPCC 2006 Guidelines, vol. 4 ch. 2, equations 2.7 and 2.9 to 2.14.

    Examples
    --------
    >>> gain_loss(GainLoss(area_ha=10, growth_t_per_ha_per_year=4, root_to_shoot=0.25,
    ...     carbon_fraction=0.5))["net_tc_per_year"]
    25.0
    """
    with_roots = 1.0 + forest.root_to_shoot
    gain = forest.area_ha * forest.growth_t_per_ha_per_year * with_roots * forest.carbon_fraction
    removed_t = forest.removed_m3_per_year * forest.removal_expansion_t_per_m3
    wood = removed_t * (with_roots + forest.bark_ratio) * forest.carbon_fraction
    fuelwood = forest.fuelwood_t_per_year * with_roots * forest.carbon_fraction
    disturbed_t = forest.disturbed_ha_per_year * forest.disturbed_t_per_ha * with_roots
    disturbance = disturbed_t * forest.carbon_fraction * forest.lost_share
    return {
        "gain_tc_per_year": gain,
        "wood_tc_per_year": wood,
        "fuelwood_tc_per_year": fuelwood,
        "disturbance_tc_per_year": disturbance,
        "net_tc_per_year": gain - wood - fuelwood - disturbance,
    }
