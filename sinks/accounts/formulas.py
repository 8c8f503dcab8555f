"""The formulas of the accounts: what a hectare gives in a year, what a unit of it is worth.

Arguments are named as the inputs and parameters that they take (``account_inputs.csv``,
``account_coefficients.csv``, ``account_prices.csv``), and the tables of items name formulas by
the names of the functions, so that every figure can be traced to what entered it. All work on
plain numbers and on arrays alike.

References: GB/T 46869—2025; 国家发展改革委、国家统计局 2022, 生态产品总值核算规范（试行）;
生态环境部环境规划院、中国科学院生态环境研究中心 2020, 陆地生态系统生产总值（GEP）核算技术指南.
How far each was read stands with the rows of ``account_rules.csv``.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping

import numpy as np

from sinks.uncertainty.laws import Floats
from sinks.units import M2_PER_HA

M3_PER_MM_HA = 10.0  # a millimetre of water on a hectare
KJ_PER_KWH = 3600.0
KG_PER_T = 1000.0
KG_PER_M3_WATER = 1000.0


# ---- what a hectare of a class gives in a year -----------------------------------------------


def water_retention(
    rain_mm: Floats,
    storm_rain_counted_mm: Floats,
    runoff_share: Floats,
    evapotranspiration_mm: Floats,
) -> Floats:
    """Return rain less storms counted elsewhere, less runoff and evaporation, in m3/ha.

    Negative where land evaporates more than it rains: it lives from water of elsewhere.

    >>> round(water_retention(1010.0, 0.0, 0.0133, 800.0))
    1966
    """
    kept = (rain_mm - storm_rain_counted_mm) * (1 - runoff_share)
    return M3_PER_MM_HA * (kept - evapotranspiration_mm)


def soil_retention(
    rainfall_erosivity: Floats,
    soil_erodibility: Floats,
    slope_factor: Floats,
    cover_factor: Floats,
    practice_factor: Floats,
) -> Floats:
    """Return potential less actual loss of soil (RUSLE), in t/ha.

    >>> round(soil_retention(5000.0, 0.03, 0.05, 0.1, 0.5), 3)
    7.125
    """
    potential = rainfall_erosivity * soil_erodibility * slope_factor
    return potential * (1 - cover_factor * practice_factor)


def nutrient_retention(
    rainfall_erosivity: Floats,
    soil_erodibility: Floats,
    slope_factor: Floats,
    cover_factor: Floats,
    practice_factor: Floats,
    content_share: Floats,
) -> Floats:  # the factors of soil_retention and one more
    """Return nitrogen or phosphorus in the soil that was kept, in kg/ha."""
    kept_t = soil_retention(
        rainfall_erosivity, soil_erodibility, slope_factor, cover_factor, practice_factor
    )
    return kept_t * content_share * KG_PER_T


def lake_storage(
    flood_level_m: Floats, normal_level_m: Floats, levee_level_m: Floats, flood_events: Floats
) -> Floats:
    """Return what a lake takes up between its normal and its flood level, in m3/ha.

    The levee caps it: water above it is no longer held.

    >>> round(lake_storage(2.6, 1.2, 2.4, 1.0))
    12000
    """
    depth_m = np.minimum(flood_level_m, levee_level_m) - normal_level_m
    return M2_PER_HA * np.maximum(depth_m, 0.0) * flood_events


def marsh_storage(marsh_depth_m: Floats) -> Floats:
    """Return the water that stands in a marsh in a flood, in m3/ha.

    >>> marsh_storage(0.3)
    3000.0
    """
    return M2_PER_HA * marsh_depth_m


def storm_retention(storm_rain_mm: Floats, runoff_share: Floats) -> Floats:
    """Return the rain of storms that plants and soil keep from running off, in m3/ha.

    >>> storm_retention(200.0, 0.25)
    1500.0
    """
    return M3_PER_MM_HA * storm_rain_mm * (1 - runoff_share)


def purification(capacity_kg_per_ha: Floats) -> Floats:
    """Return what a hectare can take up of a pollutant, in kg/ha; a load limits the sum of it."""
    return capacity_kg_per_ha


def discharge(discharge_kg_per_ha: Floats) -> Floats:
    """Return what a hectare of ponds lets off, in kg/ha: negative, a source."""
    return -discharge_kg_per_ha


def plant_cooling(
    transpiration_kj_per_m2_per_day: Floats, hot_days: Floats, performance: Floats
) -> Floats:
    """Return the electricity that cooling by plants saves on hot days, in kWh/ha.

    ``performance`` is that of an air conditioner, heat moved per electricity.

    >>> round(plant_cooling(70.4, 60.0, 3.0), 1)
    3911.1
    """
    heat_kj = transpiration_kj_per_m2_per_day * M2_PER_HA * hot_days
    return heat_kj / (KJ_PER_KWH * performance)


def water_cooling(
    evaporation_mm_per_day: Floats,
    hot_days: Floats,
    latent_heat_kj_per_kg: Floats,
    performance: Floats,
) -> Floats:
    """Return the electricity that evaporation on hot days saves, in kWh/ha.

    >>> round(water_cooling(5.0, 60.0, 2450.0, 3.0))
    680556
    """
    evaporated_kg = M3_PER_MM_HA * evaporation_mm_per_day * hot_days * KG_PER_M3_WATER
    return evaporated_kg * latent_heat_kj_per_kg / (KJ_PER_KWH * performance)


def area() -> float:
    """Return a hectare: for accounts that give each a value as such."""
    return 1.0


# ---- what a place is told to give in a year --------------------------------------------------


def output(output_t: Floats) -> Floats:
    """Return the output of a product, in t."""
    return output_t


def told(quantity: Floats) -> Floats:
    """Return the quantity of an item as it was told."""
    return quantity


def value_added(value_added_yuan: Floats) -> Floats:
    """Return the net value of a branch as it was told, in yuan."""
    return value_added_yuan


def reservoir_storage(reservoir_capacity_m3: Floats, flood_share: Floats) -> Floats:
    """Return the part of a reservoir that is kept for floods, in m3.

    >>> round(reservoir_storage(5e6, 0.35))
    1750000
    """
    return reservoir_capacity_m3 * flood_share


def water_cleaned(
    water_through_m3: Floats, water_in_mg_per_l: Floats, water_out_mg_per_l: Floats
) -> Floats:
    """Return what a water body took out of the water that went through it, in kg.

    >>> water_cleaned(1e6, 5.0, 3.0)
    2000.0
    """
    return water_through_m3 * (water_in_mg_per_l - water_out_mg_per_l) / KG_PER_T


def noise_belts(noise_belt_km: Floats, noise_reduction_db: Floats) -> Floats:
    """Return length of green belts along roads times what they take off the noise, in dB km.

    >>> noise_belts(120.0, 4.0)
    480.0
    """
    return noise_belt_km * noise_reduction_db


def visitors(visitors_persons: Floats) -> Floats:
    """Return visits of tourists, in persons."""
    return visitors_persons


def visits(resident_visits_persons: Floats) -> Floats:
    """Return visits of residents, in persons."""
    return resident_visits_persons


def homes(premium_homes_m2: Floats) -> Floats:
    """Return the floor space of homes that gain from a landscape, in m2."""
    return premium_homes_m2


def nights(premium_nights: Floats) -> Floats:
    """Return nights in hotels that gain from a landscape."""
    return premium_nights


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


Formula = Callable[..., Floats | float]


def _named(*functions: Formula) -> dict[str, Formula]:
    return {function.__name__: function for function in functions}


PER_HA: Mapping[str, Formula] = _named(
    water_retention, soil_retention, nutrient_retention, lake_storage, marsh_storage,
    storm_retention, purification, discharge, plant_cooling, water_cooling, area,
)  # fmt: skip
AMOUNTS: Mapping[str, Formula] = _named(
    output, told, value_added, reservoir_storage, water_cleaned, noise_belts, visitors, visits,
    homes, nights,
)  # fmt: skip
WORTHS: Mapping[str, Formula] = _named(
    produce_net, produce_gross, produce_output, storage_annual, storage_capital, sediment,
    pollutant, carbon, carbon_as_element, oxygen, cubic_metre, unity, power, barrier_annual,
    tourist, tourist_surplus, leisure, rent, night, hectare,
)  # fmt: skip
# what carbon accounts find that land takes out of the air, and what comes with it


def oxygen_release(oxygen_t_per_tco2: Floats) -> Floats:
    """Return the oxygen that comes with a tonne of fixed carbon dioxide, in t."""
    return oxygen_t_per_tco2


def uptake() -> float:
    """Return the tonne of carbon dioxide itself."""
    return 1.0


FLUXES: Mapping[str, Formula] = _named(uptake, oxygen_release)


def formula_of(name: str) -> Formula:
    """Return a formula by its name.

    >>> formula_of("rent").__name__
    'rent'
    """
    return {**PER_HA, **AMOUNTS, **WORTHS, **FLUXES}[name]


def arguments(formula: str) -> tuple[str, ...]:
    """Return the names of what a formula takes.

    >>> arguments("storm_retention")
    ('storm_rain_mm', 'runoff_share')
    """
    return tuple(inspect.signature(formula_of(formula)).parameters)
