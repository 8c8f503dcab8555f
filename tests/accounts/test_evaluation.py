"""Items worked out by hand on a few hectares: loads that limit, what was measured, sources."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sinks.accounts.arguments import Missing
from sinks.accounts.evaluation import Found, evaluated
from sinks.accounts.items import Item
from sinks.accounts.known import Known
from sinks.accounts.land import Land
from sinks.errors import InputRefused
from sinks.parameters.accounts import account_items
from tests.accounts.made_gep import (
    COD,
    MARSH,
    PONDS,
    RAIN,
    RICE,
    TOURISTS,
    WIDTH,
    make_item,
    make_known,
    make_land,
)

LAND = make_land()
STORAGE = {
    "reservoir_yuan_per_m3": 10.0,
    "depreciation_share": 0.02,
    "upkeep_yuan_per_m3": 0.1,
}
WATER = {
    **STORAGE,
    "rain_mm": 1000.0,
    "storm_rain_counted_mm": 0.0,
    "runoff_share//PAD": 0.2,
    "runoff_share//MAR": 0.0,
    "evapotranspiration_mm//PAD": 700.0,
    "evapotranspiration_mm//MAR": 1050.0,
}
CAPACITY = {
    "capacity_kg_per_ha/cod/MAR": 100.0,
    "capacity_kg_per_ha/cod/LAK": 50.0,
    "price_yuan_per_kg/cod": 5.6,
}
LOAD = "water_load_kg/cod"


def quantities(found: Found, land: Land = LAND) -> dict[str, float]:
    return dict(zip(land.places.zones, found.quantity[:, 0], strict=True))


def worked(item: Item, known: Known, land: Land = LAND) -> dict[str, float]:
    return quantities(evaluated(item, land, known), land)


# ---- what a hectare gives ----------------------------------------------------------------------


def test_a_rate_per_hectare_times_the_area_of_each_class():
    found = evaluated(RAIN, LAND, make_known(WATER))

    # paddies keep 800 - 700 = 100 mm, 1000 m3/ha; marshes evaporate 50 mm more than it rains
    assert found.by_class["PAD"][:, 0] == pytest.approx([40_000, 10_000, 30_000, 0])
    assert found.by_class["MAR"][:, 0] == pytest.approx([-20_000, 0, -20_000, -5_000])
    assert quantities(found) == pytest.approx(
        {"district": 20_000, "north": 10_000, "south": 10_000, "park": -5_000}
    )
    assert found.worth[:, 0].tolist() == pytest.approx([0.3])  # yuan/m3
    assert found.how == ("map",) * 4


def test_less_than_nothing_stays_so():
    assert worked(RAIN, make_known(WATER))["park"] < 0


def test_open_water_retains_nothing_and_ponds_purify_nothing():
    items = account_items()
    water = {"LAK", "RIV", "PND"}

    assert not water & set(items.loc["rain_kept", "land_cover"].split())
    for pollutant in ("cod", "nh3n", "tp"):
        assert "PND" not in items.loc[pollutant, "land_cover"].split()
        assert items.loc[f"{pollutant}_ponds", "quantity"] == "discharge"


def test_ponds_are_sources():
    known = make_known({"discharge_kg_per_ha/cod/PND": 90.0, "price_yuan_per_kg/cod": 5.6})

    found = evaluated(PONDS, LAND, known)

    assert quantities(found) == {"district": -1800, "north": -1800, "south": 0, "park": 0}
    assert (found.quantity * found.worth)[1, 0] == pytest.approx(-1800 * 5.6)


def test_a_number_of_a_place_is_its_own_and_the_district_keeps_its_own():
    known = make_known({**WATER, "park:evapotranspiration_mm//MAR": 900.0})

    found = worked(RAIN, known)

    assert found["park"] == pytest.approx(10_000)  # 10 ha of 100 mm
    assert found["district"] == pytest.approx(20_000)


def test_draws_of_one_number_move_all_zones_alike():
    found = evaluated(MARSH, LAND, make_known({**STORAGE, "marsh_depth_m": (0.3, 0.15, 0.5)}))

    assert found.quantity.shape == (4, WIDTH)
    assert quantities(found)["south"] == 40 * 3000.0
    np.testing.assert_allclose(found.quantity[0], found.quantity[1] + found.quantity[2])
    assert found.quantity[0, 1:].mean() == pytest.approx(120_000, rel=5e-3)


def test_draws_of_areas_are_taken_too():
    land = make_land(sampled=True)
    found = evaluated(MARSH, land, make_known({**STORAGE, "marsh_depth_m": 0.3}))

    assert found.quantity[0, 0] == 120_000
    assert found.quantity[0, 1:].std() > 0
    np.testing.assert_allclose(found.quantity[0], found.quantity[1] + found.quantity[2])


def test_a_class_that_there_is_nowhere_gives_nothing_and_needs_no_number():
    land = make_land({"north": (10.0, 0.0, 5.0, 0.0), "south": (30.0, 40.0, 15.0, 0.0)})

    found = evaluated(PONDS, land, make_known({"price_yuan_per_kg/cod": 5.6}))

    assert set(quantities(found, land).values()) == {0.0}
    assert list(found.by_class) == ["PND"]


def test_a_zone_without_any_of_the_classes_has_nothing():
    assert worked(MARSH, make_known({**STORAGE, "marsh_depth_m": 0.3}))["north"] == 0.0


COOLING = make_item(
    "water_cooling", "local_climate", "water_cooling", "power", unit="kwh", ground="felt",
    land_cover=("LAK", "MAR"),
)  # fmt: skip
DAYS = {
    "evaporation_mm_per_day": 1.0,
    "hot_days": 36.0,
    "latent_heat_kj_per_kg": 2500.0,
    "performance": 2.5,
    "electricity_yuan_per_kwh": 0.5,
}


def test_only_ground_near_dwellings_cools():
    near = make_land(
        {"north": (0.0, 0.0, 1.0, 0.0), "south": (0.0, 0.0, 2.0, 0.0)}, (0.0, 0.0, 0.0, 0.0)
    ).grounds["all"]
    land = replace(LAND, grounds={**LAND.grounds, "felt": near})

    # 100,000 kWh/ha
    assert worked(COOLING, make_known(DAYS), land)["district"] == pytest.approx(300_000)


def test_without_a_built_up_area_a_share_of_all_ground_cools_and_it_is_told_so():
    known = make_known({**DAYS, "felt_share": 0.1}, basis={"felt_share": "default"})

    found = evaluated(COOLING, LAND, known)

    assert quantities(found)["district"] == pytest.approx(0.1 * 60 * 100_000)
    assert found.basis == "default"
    assert "the table: felt_share" in found.sources
    with pytest.raises(Missing, match="felt_share"):
        evaluated(COOLING, LAND, make_known(DAYS))


# ---- what a load limits ------------------------------------------------------------------------


def test_a_load_beyond_capacity_limits_nothing():
    # capacity: 40 ha of marsh at 100 and 20 ha of lake at 50 kg
    found = worked(COD, make_known(CAPACITY, {LOAD: {"district": 1e6}}))

    assert found == pytest.approx({"district": 5000, "north": 250, "south": 4750, "park": 1250})


def test_a_load_below_capacity_is_all_that_can_be_taken_up():
    found = worked(COD, make_known(CAPACITY, {LOAD: {"district": 2500.0}}))

    # half of every capacity
    assert found == pytest.approx({"district": 2500, "north": 125, "south": 2375, "park": 625})


def test_loads_of_towns_make_up_that_of_the_district():
    towns = worked(COD, make_known(CAPACITY, {LOAD: {"north": 500.0, "south": 2000.0}}))

    assert towns == pytest.approx(worked(COD, make_known(CAPACITY, {LOAD: {"district": 2500.0}})))


def test_towns_add_up_in_every_draw_whether_the_load_limits_or_not():
    numbers = {
        **CAPACITY,
        "capacity_kg_per_ha/cod/MAR": (100.0, 40.0, 250.0),
        "capacity_kg_per_ha/cod/LAK": (50.0, 10.0, 90.0),
    }
    known = make_known(numbers, {LOAD: {"district": (5000.0, 2000.0, 9000.0)}})

    found = evaluated(COD, LAND, known).quantity

    load = known.told("water_load_kg", "cod")["district"].drawn
    assert (found[0] <= load * (1 + 1e-12)).all()
    assert 0.1 < np.isclose(found[0], load).mean() < 0.9  # in some draws it limits
    np.testing.assert_allclose(found[1] + found[2], found[0], rtol=1e-12)


def test_without_a_load_nothing_is_known():
    with pytest.raises(Missing) as missing:
        evaluated(COD, LAND, make_known(CAPACITY))

    assert (missing.value.argument, missing.value.detail) == ("water_load_kg", "cod")


MEASURED = {"park:water_in_mg_per_l/cod": 20.0, "park:water_out_mg_per_l/cod": 17.0}
THROUGH = {LOAD: {"district": 1e6}, "water_through_m3": {"park": 1e6}}


def test_what_was_measured_takes_the_place_of_capacity_there_and_in_the_town_around():
    found = evaluated(COD, LAND, make_known({**CAPACITY, **MEASURED}, THROUGH))

    # 1e6 m3 times 3 g are 3000 kg in the place of 1250
    assert quantities(found) == pytest.approx(
        {"district": 6750, "north": 250, "south": 6500, "park": 3000}
    )
    # on its classes as their capacity was
    assert found.by_class["MAR"][3, 0] == pytest.approx(3000 * 1000 / 1250)
    assert found.by_class["LAK"][3, 0] == pytest.approx(3000 * 250 / 1250)
    assert found.how == ("map", "map", "map", "told")
    assert "told water_through_m3@park" in found.sources


def test_what_was_measured_counts_where_no_capacity_is():
    land = make_land(park=(10.0, 0.0, 0.0, 0.0))

    found = worked(COD, make_known({**CAPACITY, **MEASURED}, THROUGH), land)

    assert found == pytest.approx({"district": 8000, "north": 250, "south": 7750, "park": 3000})


def test_a_measurement_of_another_pollutant_changes_nothing():
    known = make_known(
        {**CAPACITY, "park:water_in_mg_per_l/tp": 2.0, "park:water_out_mg_per_l/tp": 1.0}, THROUGH
    )

    assert worked(COD, known)["park"] == pytest.approx(1250)


# ---- what was told -----------------------------------------------------------------------------

PRODUCT = {
    "price_yuan_per_t/rice": 2800.0,
    "cost_share/rice": 0.75,
    "imported_share/rice": 0.1,
}


def test_output_is_spread_over_the_fields_and_worth_its_net_price():
    found = evaluated(RICE, LAND, make_known(PRODUCT, {"output_t/rice": {"district": 100.0}}))

    assert quantities(found) == pytest.approx(
        {"district": 100, "north": 25, "south": 75, "park": 0}
    )
    assert found.worth[0, 0] == pytest.approx(700)
    assert found.gross[0, 0] == 2800
    assert found.imports[0, 0] == pytest.approx(280)
    assert found.how == ("told", "spread", "spread", "spread")


def test_towns_that_exceed_the_district_are_refused():
    with pytest.raises(InputRefused, match="S54"):
        evaluated(RICE, LAND, make_known(PRODUCT, {"output_t/rice": {"district": 1, "north": 2}}))


def test_a_quantity_that_was_told_takes_the_place_of_every_formula():
    known = make_known(WATER, {"quantity/rain_kept": {"district": 500.0}})

    found = evaluated(RAIN, LAND, known)

    # over 40 ha of paddies and 40 of marsh: 10 of them in the north
    assert quantities(found) == pytest.approx(
        {"district": 500, "north": 62.5, "south": 437.5, "park": 62.5}
    )
    assert found.basis == "table"  # of its price
    assert found.sources[0] == "told quantity/rain_kept@district"


def test_a_told_quantity_needs_nothing_but_a_price():
    known = make_known(STORAGE, {"quantity/rain_kept": {"district": 500.0}})

    assert worked(RAIN, known)["district"] == 500.0


def test_a_told_quantity_of_an_item_without_classes_lies_on_all_ground():
    co2 = make_item("co2", "carbon_fixation", "uptake", "carbon", land_cover=(), ground="account")
    known = make_known({"carbon_yuan_per_tco2": 60.0}, {"quantity/co2": {"district": 1200.0}})

    assert worked(co2, known) == pytest.approx(
        {"district": 1200, "north": 350, "south": 850, "park": 150}
    )


def test_a_told_zone_without_any_of_the_classes_has_it_on_the_first():
    known = make_known(PRODUCT, {"output_t/rice": {"district": 100.0, "park": 10.0}})

    found = evaluated(RICE, LAND, known)

    assert quantities(found)["park"] == 10.0
    assert found.by_class["PAD"][3, 0] == 10.0


def test_uptake_is_what_the_carbon_accounts_find():
    co2 = make_item("co2", "carbon_fixation", "uptake", "carbon", land_cover=(), ground="account")
    o2 = replace(co2, item="o2", quantity="oxygen_release", worth="oxygen")
    uptake = {"MAR": np.full((4, WIDTH), 11.0), "PAD": np.full((4, WIDTH), -33.0)}
    known = make_known(
        {"carbon_yuan_per_tco2": 60.0, "oxygen_t_per_tco2": 32 / 44, "oxygen_yuan_per_t": 727.0},
        uptake=uptake,
    )

    found = evaluated(co2, LAND, known)

    assert quantities(found)["north"] == pytest.approx(-22.0)
    assert found.how == ("account",) * 4
    assert worked(o2, known)["north"] == pytest.approx(-16.0)


def test_visits_are_spread_over_nature():
    known = make_known(
        {"visitor_spend_yuan": 300.0, "visitor_lodging_yuan": 100.0, "nature_share": 0.6},
        {"visitors_persons": {"district": 6000.0, "park": 3000.0}},
    )

    # 3000 on 60 ha of lake and marsh, those of the park besides
    found = evaluated(TOURISTS, LAND, known)
    assert quantities(found) == pytest.approx(
        {"district": 6000, "north": 250, "south": 5750, "park": 3000}
    )
    assert found.worth[0, 0] == pytest.approx(120)


@pytest.mark.parametrize(
    ("item", "known", "lacks"),
    [
        (RICE, make_known(PRODUCT), ("output_t", "rice")),
        (RICE, make_known({}, {"output_t/rice": {"district": 1.0}}), ("price_yuan_per_t", "rice")),
        (MARSH, make_known({"marsh_depth_m": 0.3}), ("reservoir_yuan_per_m3", "")),
        (MARSH, make_known(STORAGE), ("marsh_depth_m", "")),
    ],
    ids=["no output", "no price", "no cost", "no depth"],
)
def test_what_is_missing_is_named(item, known, lacks):
    with pytest.raises(Missing) as missing:
        evaluated(item, LAND, known)

    assert (missing.value.argument, missing.value.detail) == lacks


def test_the_basis_is_the_least_sure_number_of_all():
    basis = dict.fromkeys(PRODUCT, "table")
    told = {"output_t/rice": {"district": 100.0}}
    sure = {key.split("/")[0]: "told" for key in basis}

    assert evaluated(RICE, LAND, make_known(PRODUCT, told, basis=sure)).basis == "told"
    sure["cost_share"] = "default"
    assert evaluated(RICE, LAND, make_known(PRODUCT, told, basis=sure)).basis == "default"
