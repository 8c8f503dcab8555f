"""What a unit of each quantity is worth in a year, in yuan.

References: as :mod:`sinks.accounts.formulas`.
"""

from __future__ import annotations

import numpy as np

from sinks.uncertainty.laws import Floats

# ---- what a unit is worth, in yuan -----------------------------------------------------------


def produce_net(price_yuan_per_t: Floats, cost_share: Floats) -> Floats:
    """Return what is left of a price after inputs, labour and capital: the share of nature.

    ``cost_share`` is their share of the price; a product that loses money has no value.

    >>> round(produce_net(2800.0, 0.75))
    700
    """
    return price_yuan_per_t * np.maximum(1 - cost_share, 0.0)


def produce_gross(price_yuan_per_t: Floats, imported_share: Floats) -> Floats:
    """Return a price less what came from outside the area (feed, fry).

    >>> produce_gross(60000.0, 0.25)
    45000.0
    """
    return price_yuan_per_t * (1 - imported_share)


def produce_output(price_yuan_per_t: Floats) -> Floats:
    """Return a price as it is: gross output, as older accounts have it."""
    return price_yuan_per_t


def storage_annual(
    reservoir_yuan_per_m3: Floats, depreciation_share: Floats, upkeep_yuan_per_m3: Floats
) -> Floats:
    """Return what a cubic metre of reservoir costs in a year, in yuan/m3.

    >>> round(storage_annual(10.0, 0.025, 0.05), 3)
    0.3
    """
    return reservoir_yuan_per_m3 * depreciation_share + upkeep_yuan_per_m3


def storage_capital(reservoir_yuan_per_m3: Floats) -> Floats:
    """Return what a cubic metre of reservoir costs to build: not a yearly amount (replication)."""
    return reservoir_yuan_per_m3


def sediment(
    silting_share: Floats, soil_density_t_per_m3: Floats, dredging_yuan_per_m3: Floats
) -> Floats:
    """Return what dredging the part of a tonne of soil that would silt up costs, in yuan/t.

    >>> round(sediment(0.24, 1.3, 13.0), 2)
    2.4
    """
    return silting_share / soil_density_t_per_m3 * dredging_yuan_per_m3


def pollutant(price_yuan_per_kg: Floats) -> Floats:
    """Return what taking up a kilogram of a pollutant is worth, in yuan/kg."""
    return price_yuan_per_kg


def carbon(carbon_yuan_per_tco2: Floats) -> Floats:
    """Return the price of a tonne of carbon dioxide (not of carbon), in yuan/t."""
    return carbon_yuan_per_tco2


def carbon_as_element(carbon_yuan_per_tc: Floats) -> Floats:
    """Return a price per tonne of carbon as one per tonne of carbon dioxide, in yuan/t.

    >>> round(carbon_as_element(1200.0), 1)
    327.3
    """
    return carbon_yuan_per_tc * 12 / 44


def oxygen(oxygen_yuan_per_t: Floats) -> Floats:
    """Return the price of a tonne of oxygen, in yuan/t (replication)."""
    return oxygen_yuan_per_t


def cubic_metre(water_yuan_per_m3: Floats) -> Floats:
    """Return the price of water, in yuan/m3 (replication)."""
    return water_yuan_per_m3


def unity() -> float:
    """Return 1: what was told in yuan already."""
    return 1.0


def power(electricity_yuan_per_kwh: Floats) -> Floats:
    """Return the price of electricity, in yuan/kWh."""
    return electricity_yuan_per_kwh


def barrier_annual(
    barrier_yuan_per_km: Floats, barrier_reduction_db: Floats, depreciation_share: Floats
) -> Floats:
    """Return what a noise barrier costs in a year per kilometre and decibel.

    >>> barrier_annual(2e6, 10.0, 0.05)
    10000.0
    """
    return barrier_yuan_per_km / barrier_reduction_db * depreciation_share


def tourist(
    visitor_spend_yuan: Floats, visitor_lodging_yuan: Floats, nature_share: Floats
) -> Floats:
    """Return what a visitor spends because of nature; lodging counts where its premium does not.

    >>> tourist(300.0, 100.0, 0.5)
    100.0
    """
    return (visitor_spend_yuan - visitor_lodging_yuan) * nature_share


def tourist_surplus(
    visitor_spend_yuan: Floats, nature_share: Floats, surplus_yuan: Floats
) -> Floats:
    """Return spending and consumer surplus of a visitor: no exchange value (replication)."""
    return visitor_spend_yuan * nature_share + surplus_yuan


def leisure(visit_hours: Floats, hourly_wage_yuan: Floats, leisure_share: Floats) -> Floats:
    """Return what the time of a visit is worth, as a share of the wage.

    >>> leisure(2.0, 30.0, 0.33)
    19.8
    """
    return visit_hours * hourly_wage_yuan * leisure_share


def rent(premium_rent_yuan_per_m2: Floats) -> Floats:
    """Return what is paid more in a year for a square metre near a landscape."""
    return premium_rent_yuan_per_m2


def night(premium_night_yuan: Floats) -> Floats:
    """Return what is paid more for a night near a landscape."""
    return premium_night_yuan


def hectare(hectare_yuan_per_ha: Floats) -> Floats:
    """Return the value that a study gives a hectare of a class in a year (replication)."""
    return hectare_yuan_per_ha


WORTHS = (
    produce_net, produce_gross, produce_output, storage_annual, storage_capital, sediment,
    pollutant, carbon, carbon_as_element, oxygen, cubic_metre, unity, power, barrier_annual,
    tourist, tourist_surplus, leisure, rent, night, hectare,
)  # fmt: skip
