"""Flooded land: reservoirs by age and trophic state, ponds and canals.

Land counts as converted to flooded land while it has been flooded for 20 years or less.
The year of flooding is the first of them: a reservoir opened in 2012 stands in its 20th
year in 2031, and 2032 is the first year of flooded land that remains so.

Reservoirs are kept apart by how they came about: where soil and plants were flooded, their
carbon decays for 20 years and rises as CO2; where the ground was dug out first, it left
with the soil.

References: IPCC 2019 Refinement, vol. 4 ch. 7, Tier 1 and the trophic multiplier of Tier 2,
Table 7.12.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from sinks.gases.factors import Factors, combined
from sinks.gases.limits import require_between
from sinks.gases.rates import FluxRates, Rate

_YEARS = (1000, 3000)  # calendar years that can be meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservoir:
    """A reservoir, and what decides its gases.

    ``use`` is the name under which its rates stand; ``dug``: the ground was excavated, so
    that no soil was flooded; ``outlet_dam``: water leaves through a dam and gives off
    methane below it. ``trophic`` is a level of the trophic multiplier.

    Raises
    ------
    InputRefused
        ``Y09`` for a year of flooding that cannot be.
    """

    use: str
    flooded_since: int
    dug: bool
    trophic: str = "unknown"
    outlet_dam: bool = False

    def __post_init__(self) -> None:
        require_between("flooded_since", self.flooded_since, *_YEARS)

    def phase(self, year: int, factors: Factors) -> Literal["reservoir_young", "reservoir_old"]:
        """Return the use that a reservoir belongs to in a year.

        Raises
        ------
        InputRefused
            ``Y09`` for a year before it was flooded.
        """
        require_between("year", year, self.flooded_since, _YEARS[1])
        years_flooded = year - self.flooded_since + 1  # the year of flooding is the first
        limit = factors.get("age_limit", "all").middle
        return "reservoir_young" if years_flooded <= limit else "reservoir_old"


def reservoir_rates(
    reservoir: Reservoir, year: int, factors: Factors, rates: FluxRates
) -> tuple[Rate, ...]:
    """Return the five rates of a reservoir in a year.

    Methane is the rate of its age times the trophic multiplier, and more below an outlet
    dam. The other flows are those of its age in ``rates``; CO2 of flooded soil takes the
    place of burial while it lasts.

    Parameters
    ----------
    reservoir
        Where it stands in its life, and how it is.
    year
        The year to be reported.
    factors
        The table ``flooded_land``.
    rates
        Rates of the uses ``reservoir_young`` and ``reservoir_old``.

    Raises
    ------
    InputRefused
        ``Y05`` for a trophic state that is not known, ``Y09`` for a year before flooding.
    """
    phase = reservoir.phase(year, factors)
    base = {rate.flow: rate for rate in rates.rates_of(phase, named=reservoir.use)}
    base["ch4"] = _methane(reservoir, phase, factors)
    if phase == "reservoir_young" and not reservoir.dug:
        base["soil_gain"] = _decay(reservoir, factors)
    return tuple(base.values())


def water_methane(kind: str, factors: Factors, *, use: str) -> Rate:
    """Return the methane of a ``pond``, ``saline_pond`` or ``canal`` in kg CH4/ha/a.

    Raises
    ------
    InputRefused
        ``Y05`` for another kind.
    """
    methane = factors.get("methane", kind)
    return Rate(
        use=use,
        flow="ch4",
        rate_per_ha_per_year=methane.middle,
        rate_low_per_ha_per_year=methane.low,
        rate_high_per_ha_per_year=methane.high,
        basis=f"IPCC 2019 chapter 7, Tier 1: {kind}",
        **factors.cited("methane", kind),
    )


def _methane(reservoir: Reservoir, phase: str, factors: Factors) -> Rate:
    parts = {
        "surface": factors.get("methane", phase),
        "trophic": factors.get("trophic_multiplier", reservoir.trophic),
    }
    if reservoir.outlet_dam:
        parts["below"] = factors.get("downstream_share", "all")
    methane = combined(
        lambda f: f["surface"] * f["trophic"] * (1 + f.get("below", 0.0)), parts, multiplied=True
    )
    return replace(
        water_methane(phase, factors, use=reservoir.use),
        rate_per_ha_per_year=methane.middle,
        rate_low_per_ha_per_year=methane.low,
        rate_high_per_ha_per_year=methane.high,
        basis=f"IPCC 2019 chapter 7: {phase} since {reservoir.flooded_since}, "
        f"trophic state {reservoir.trophic}, outlet dam {reservoir.outlet_dam}",
    )


def _decay(reservoir: Reservoir, factors: Factors) -> Rate:
    """Carbon of flooded soil that leaves as CO2: a negative gain of soil carbon."""
    decay = factors.get("carbon_dioxide", "reservoir_young")
    return Rate(
        use=reservoir.use,
        flow="soil_gain",
        rate_per_ha_per_year=-decay.middle,
        rate_low_per_ha_per_year=-decay.high,
        rate_high_per_ha_per_year=-decay.low,
        basis=f"IPCC 2019 chapter 7: soil flooded in {reservoir.flooded_since} decays",
        **factors.cited("carbon_dioxide", "reservoir_young"),
    )
