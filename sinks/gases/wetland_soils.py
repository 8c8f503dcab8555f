"""Wetlands on mineral soil that are rewetted or made: soil carbon and methane by year.

Cultivated wetland soil holds 0.71 of what it held, 0.80 after 20 years under water again,
all of it after 40. Between these it is taken to gain evenly, never at once. Methane starts
with the water. Peat is another matter, and has other figures.

References: IPCC 2013 Wetlands Supplement, ch. 5, Tables 5.2 and 5.4; 2019 Refinement, vol. 4
ch. 2, Table 2.3 (reference stock of wetland soils).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sinks.gases.factors import Factors, combined
from sinks.gases.limits import require_between
from sinks.gases.rates import Rate

_STEPS = ("cultivated", "rewetted_20", "rewetted_40")


def stock_after_rewetting(years_since: npt.ArrayLike, factors: Factors) -> npt.NDArray[np.float64]:
    """Return soil carbon of 0-30 cm in tC/ha, years after rewetting.

    Parameters
    ----------
    years_since
        Years since cultivated wetland soil was rewetted, any shape; before 0 it stands as
        cultivated.
    factors
        The table ``wetland_soils``.
    """
    reference_tc_per_ha = factors.get("reference_stock", "wetland").middle
    steps = [factors.get("stock_factor", step).middle for step in _STEPS]
    ends = factors.get("transition", "default").middle * np.arange(len(_STEPS))
    share: npt.NDArray[np.float64] = np.interp(np.asarray(years_since, dtype=float), ends, steps)
    return reference_tc_per_ha * share


def rewetted_rates(
    rewetted_in: int, year: int, factors: Factors, *, use: str = "marsh_ipcc"
) -> tuple[Rate, Rate]:
    """Return gain of soil carbon and methane of a rewetted wetland in a year.

    The year of rewetting is the first year of gain; after 40 years the soil gains no more.

    Returns
    -------
    tuple of Rate
        ``soil_gain`` in tC/ha/a and ``ch4`` in kg CH4/ha/a. The gain is the difference of
        two stocks, each known to a tenth or worse, so that its range holds 0.

    Raises
    ------
    InputRefused
        ``Y09`` for a year before rewetting.
    """
    require_between("year", year, rewetted_in, 3000)
    return _soil_gain(year - rewetted_in, factors, use), _methane(factors, use)


def _soil_gain(whole_years: int, factors: Factors, use: str) -> Rate:
    transition = factors.get("transition", "default")
    step = int(whole_years // transition.middle)
    before, after = (_STEPS[min(at, len(_STEPS) - 1)] for at in (step, step + 1))
    parts = {
        "reference": factors.get("reference_stock", "wetland"),
        **{name: factors.get("stock_factor", name) for name in {before, after}},
    }
    gain = combined(lambda f: f["reference"] * (f[after] - f[before]) / transition.middle, parts)
    return Rate(
        use=use,
        flow="soil_gain",
        rate_per_ha_per_year=gain.middle,
        rate_low_per_ha_per_year=gain.low,
        rate_high_per_ha_per_year=gain.high,
        basis=f"IPCC 2013 Wetlands, year {whole_years + 1} after rewetting: {before} to {after}",
        **factors.cited("stock_factor", after),
    )


def _methane(factors: Factors, use: str) -> Rate:
    methane = factors.get("methane", "temperate")
    return Rate(
        use=use,
        flow="ch4",
        rate_per_ha_per_year=methane.middle,
        rate_low_per_ha_per_year=methane.low,
        rate_high_per_ha_per_year=methane.high,
        basis="IPCC 2013 Wetlands, Tier 1, temperate",
        **factors.cited("methane", "temperate"),
    )
