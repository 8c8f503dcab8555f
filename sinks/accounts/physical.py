"""Physical quantities of accounts: what a hectare of a class, or a place, gives in a year.

References: as :mod:`sinks.accounts.formulas`.
"""

from __future__ import annotations

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


# ---- what carbon accounts find that land takes out of the air ---------------------------------


def oxygen_release(oxygen_t_per_tco2: Floats) -> Floats:
    """Return the oxygen that comes with a tonne of fixed carbon dioxide, in t."""
    return oxygen_t_per_tco2


def uptake() -> float:
    """Return the tonne of carbon dioxide itself."""
    return 1.0


PER_HA = (
    water_retention, soil_retention, nutrient_retention, lake_storage, marsh_storage,
    storm_retention, purification, discharge, plant_cooling, water_cooling, area,
)  # fmt: skip
AMOUNTS = (
    output, told, value_added, reservoir_storage, water_cleaned, noise_belts, visitors, visits,
    homes, nights,
)  # fmt: skip
FLUXES = (
    uptake, oxygen_release,
)  # fmt: skip
