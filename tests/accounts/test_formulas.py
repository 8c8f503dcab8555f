"""Every formula of the accounts by hand, units in the comments, one hectare or one unit each."""

from __future__ import annotations

import numpy as np
import pytest

from sinks.accounts.formulas import AMOUNTS, FLUXES, PER_HA, WORTHS, arguments, formula_of
from sinks.parameters.accounts import account_items, account_rules, rule_sets

ALL = {**PER_HA, **AMOUNTS, **WORTHS, **FLUXES}
RUSLE = {
    "rainfall_erosivity": 5000.0,  # MJ mm/(ha h a)
    "soil_erodibility": 0.03,  # t h/(MJ mm)
    "slope_factor": 0.2,
    "cover_factor": 0.1,
    "practice_factor": 0.5,
}
BY_HAND = {
    # 10 m3 per mm and ha: 10 * ((1000 - 200) * (1 - 0.25) - 500) = 10 * 100 mm
    "water_retention": (
        {
            "rain_mm": 1000.0,
            "storm_rain_counted_mm": 200.0,
            "runoff_share": 0.25,
            "evapotranspiration_mm": 500.0,
        },
        1000.0,  # m3/ha
    ),
    "soil_retention": (RUSLE, 28.5),  # 30 t/ha could go, of which 5 % do: 30 - 1.5
    # 28.5 t/ha of soil with 0.4 % nitrogen
    "nutrient_retention": ({**RUSLE, "content_share": 0.004}, 114.0),  # kg/ha
    # a metre of depth on a hectare is 10,000 m3; three floods
    "lake_storage": (
        {
            "flood_level_m": 2.5,
            "normal_level_m": 1.0,
            "levee_level_m": 3.0,
            "flood_events": 3.0,
        },
        45_000.0,  # m3/ha
    ),
    "marsh_storage": ({"marsh_depth_m": 0.3}, 3000.0),  # m3/ha
    "storm_retention": ({"storm_rain_mm": 10.0, "runoff_share": 0.0}, 100.0),  # 10 mm, 1 ha
    "purification": ({"capacity_kg_per_ha": 88.65}, 88.65),  # kg/ha
    "discharge": ({"discharge_kg_per_ha": 90.0}, -90.0),  # kg/ha: a source
    # 36 kJ/(m2 d) on 10,000 m2 in 30 d are 10.8e6 kJ = 3000 kWh of heat
    "plant_cooling": (
        {"transpiration_kj_per_m2_per_day": 36.0, "hot_days": 30.0, "performance": 3.0},
        1000.0,  # kWh/ha
    ),
    # 1 mm/d on 1 ha in 36 d are 360 m3 = 360,000 kg; at 2500 kJ/kg 9e8 kJ = 250,000 kWh
    "water_cooling": (
        {
            "evaporation_mm_per_day": 1.0,
            "hot_days": 36.0,
            "latent_heat_kj_per_kg": 2500.0,
            "performance": 2.5,
        },
        100_000.0,  # kWh/ha
    ),
    "area": ({}, 1.0),  # ha
    "output": ({"output_t": 7.0}, 7.0),  # t
    "told": ({"quantity": 7.0}, 7.0),
    "value_added": ({"value_added_yuan": 7.0}, 7.0),  # yuan
    "reservoir_storage": ({"reservoir_capacity_m3": 1e6, "flood_share": 0.35}, 350_000.0),  # m3
    # 1 mg/L is 1 g/m3: 2 g from each of 1e6 m3 are 2000 kg
    "water_cleaned": (
        {"water_through_m3": 1e6, "water_in_mg_per_l": 5.0, "water_out_mg_per_l": 3.0},
        2000.0,  # kg
    ),
    "noise_belts": ({"noise_belt_km": 12.0, "noise_reduction_db": 4.0}, 48.0),  # dB km
    "visitors": ({"visitors_persons": 7.0}, 7.0),
    "visits": ({"resident_visits_persons": 7.0}, 7.0),
    "homes": ({"premium_homes_m2": 7.0}, 7.0),  # m2
    "nights": ({"premium_nights": 7.0}, 7.0),
    "produce_net": ({"price_yuan_per_t": 2800.0, "cost_share": 0.75}, 700.0),  # yuan/t
    "produce_gross": ({"price_yuan_per_t": 2800.0, "imported_share": 0.25}, 2100.0),  # yuan/t
    "produce_output": ({"price_yuan_per_t": 2800.0}, 2800.0),  # yuan/t
    # 2.5 % of 10 yuan a year, and 0.05 yuan of upkeep
    "storage_annual": (
        {
            "reservoir_yuan_per_m3": 10.0,
            "depreciation_share": 0.025,
            "upkeep_yuan_per_m3": 0.05,
        },
        0.3,  # yuan/(m3 a)
    ),
    "storage_capital": ({"reservoir_yuan_per_m3": 10.0}, 10.0),  # yuan/m3, once
    # of a tonne 0.24 t silt up, which is 0.2 m3 at 1.2 t/m3
    "sediment": (
        {"silting_share": 0.24, "soil_density_t_per_m3": 1.2, "dredging_yuan_per_m3": 15.0},
        3.0,  # yuan/t
    ),
    "pollutant": ({"price_yuan_per_kg": 5.05}, 5.05),  # yuan/kg
    "carbon": ({"carbon_yuan_per_tco2": 60.0}, 60.0),  # yuan per t of CO2
    "carbon_as_element": ({"carbon_yuan_per_tc": 220.0}, 60.0),  # 12 t C are in 44 t CO2
    "oxygen": ({"oxygen_yuan_per_t": 727.0}, 727.0),  # yuan/t
    "cubic_metre": ({"water_yuan_per_m3": 2.6}, 2.6),  # yuan/m3
    "unity": ({}, 1.0),  # yuan per yuan
    "power": ({"electricity_yuan_per_kwh": 0.5283}, 0.5283),  # yuan/kWh
    # 2e6 yuan/km take off 10 dB, and lose a twentieth of that in a year
    "barrier_annual": (
        {
            "barrier_yuan_per_km": 2e6,
            "barrier_reduction_db": 10.0,
            "depreciation_share": 0.05,
        },
        10_000.0,  # yuan/(dB km a)
    ),
    "tourist": (
        {"visitor_spend_yuan": 300.0, "visitor_lodging_yuan": 100.0, "nature_share": 0.6},
        120.0,  # yuan per visit
    ),
    "tourist_surplus": (
        {"visitor_spend_yuan": 300.0, "nature_share": 0.6, "surplus_yuan": 50.0},
        230.0,  # yuan per visit
    ),
    "leisure": (
        {"visit_hours": 2.0, "hourly_wage_yuan": 30.0, "leisure_share": 0.33},
        19.8,  # yuan per visit
    ),
    "rent": ({"premium_rent_yuan_per_m2": 12.0}, 12.0),  # yuan/(m2 a)
    "night": ({"premium_night_yuan": 80.0}, 80.0),  # yuan per night
    "hectare": ({"hectare_yuan_per_ha": 375.0}, 375.0),  # yuan/ha
    "oxygen_release": ({"oxygen_t_per_tco2": 32 / 44}, 32 / 44),  # t O2 per t CO2
    "uptake": ({}, 1.0),  # t CO2 per t CO2
}


def test_every_formula_has_its_figure_here():
    assert set(BY_HAND) == set(ALL)


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(name):
    taken, result = BY_HAND[name]

    assert formula_of(name)(**taken) == pytest.approx(result)
    assert arguments(name) == tuple(taken)


@pytest.mark.parametrize("name", BY_HAND)
def test_arrays_are_worked_out_like_numbers(name):
    taken, result = BY_HAND[name]
    rows = {argument: np.full((2, 3), number) for argument, number in taken.items()}

    found = np.broadcast_to(formula_of(name)(**rows), (2, 3))

    np.testing.assert_allclose(found, result)


def test_items_and_rule_sets_name_formulas_that_exist():
    items = account_items()

    assert set(items["quantity"]) <= {*PER_HA, *AMOUNTS, *FLUXES}
    assert set(items["measured"]) <= {"", *AMOUNTS}
    for rule_set in rule_sets().index:
        assert set(account_rules(rule_set)[0]["worth"]) <= set(WORTHS)


def test_a_lake_of_26_67_km2_cools_for_about_a_billion_yuan_a_year():
    # methods 5.3(9): 2667 ha, 60 days of 5 mm are 8.0e6 m3; 2450 kJ/kg, performance 3
    kwh = 2667 * formula_of("water_cooling")(5.0, 60.0, 2450.0, 3.0)

    m3 = 2667 * 10 * 5 * 60
    assert m3 == pytest.approx(8.0e6, rel=1e-3)
    assert kwh == pytest.approx(1.8e9, rel=0.02)
    assert kwh * formula_of("power")(0.5283) == pytest.approx(9.6e8, rel=0.005)
    # without the performance of an air conditioner it would be three times as much
    assert 2667 * formula_of("water_cooling")(5.0, 60.0, 2450.0, 1.0) == pytest.approx(3 * kwh)


def test_land_that_evaporates_more_than_it_rains_retains_less_than_nothing():
    marsh = formula_of("water_retention")(1010.0, 0.0, 0.0, 1050.0)  # mm; runs off nothing

    assert marsh == pytest.approx(-400.0)  # m3/ha


def test_the_same_rain_is_not_retained_and_kept_from_floods():
    both = {"runoff_share": 0.2, "evapotranspiration_mm": 0.0}
    storms = formula_of("storm_retention")(storm_rain_mm=150.0, runoff_share=0.2)
    rest = formula_of("water_retention")(rain_mm=1000.0, storm_rain_counted_mm=150.0, **both)
    whole = formula_of("water_retention")(rain_mm=1000.0, storm_rain_counted_mm=0.0, **both)

    assert storms + rest == pytest.approx(whole)


@pytest.mark.parametrize(
    ("flood", "levee", "held"),
    [(2.0, 3.0, 10_000.0), (4.0, 3.0, 20_000.0), (3.0, 3.0, 20_000.0), (0.5, 3.0, 0.0)],
    ids=["below the levee", "above it", "up to it", "below the normal level"],
)
def test_a_lake_holds_what_its_levee_holds(flood, levee, held):
    assert formula_of("lake_storage")(flood, 1.0, levee, 1.0) == pytest.approx(held)  # m3/ha


def test_a_product_that_loses_money_is_worth_nothing():
    assert formula_of("produce_net")(1000.0, 1.2) == 0.0


def test_a_cubic_metre_for_a_year_costs_a_fraction_of_building_it():
    annual = formula_of("storage_annual")(7.06, 0.0263, 0.075)  # yuan/m3

    assert annual == pytest.approx(0.2607, abs=1e-4)
    assert formula_of("storage_capital")(7.06) / annual > 25


def test_a_price_of_carbon_is_not_one_of_carbon_dioxide():
    tonnes_c = 10.0
    tonnes_co2 = tonnes_c * 44 / 12

    value = tonnes_co2 * formula_of("carbon_as_element")(1200.0)
    assert value == pytest.approx(tonnes_c * 1200.0)
    assert formula_of("carbon_as_element")(1200.0) < formula_of("carbon")(1200.0)
