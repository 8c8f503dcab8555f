"""The account as a whole: totals by hand, why services lack, zones that add up, change split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.accounts.gep import Account, account
from sinks.accounts.gep_tables import ALL, change_table, service_status
from sinks.accounts.items import RuleSet
from tests.accounts.made_gep import (
    COD,
    MARSH,
    PONDS,
    RAIN,
    RICE,
    TOURISTS,
    make_item,
    make_known,
    make_rules,
    tables_of,
    years_of,
)

PRICES = {
    "price_yuan_per_t/rice": 3000.0,
    "price_yuan_per_kg/cod": 5.0,
    "reservoir_yuan_per_m3": 10.0,
    "depreciation_share": 0.02,
    "upkeep_yuan_per_m3": 0.1,  # 0.3 yuan/m3 a year with the two above
    "visitor_spend_yuan": 300.0,
}
NUMBERS = {
    **PRICES,
    "cost_share/rice": 0.7,
    "imported_share/rice": 0.1,
    "rain_mm": 1000.0,
    "storm_rain_counted_mm": 0.0,
    "runoff_share": 0.0,
    "evapotranspiration_mm//PAD": 900.0,
    "evapotranspiration_mm//MAR": 1050.0,
    "marsh_depth_m": 0.3,
    "capacity_kg_per_ha/cod/MAR": 100.0,
    "capacity_kg_per_ha/cod/LAK": 50.0,
    "discharge_kg_per_ha/cod/PND": 90.0,
    "visitor_lodging_yuan": 0.0,
    "nature_share": 0.5,
}
AMOUNTS = {
    "output_t/rice": {"district": 100.0},
    "water_load_kg/cod": {"district": 2500.0},
    "visitors_persons": {"district": 6000.0, "park": 3000.0},
}
DRAWN = {
    **NUMBERS,
    "price_yuan_per_t/rice": (3000.0, 2500.0, 3600.0),
    "marsh_depth_m": (0.3, 0.15, 0.5),
    "capacity_kg_per_ha/cod/MAR": (100.0, 40.0, 250.0),
    "evapotranspiration_mm//PAD": (900.0, 800.0, 1000.0),
}
DRAWN_AMOUNTS = {
    "output_t/rice": {"district": (100.0, 80.0, 125.0), "north": (30.0, 25.0, 36.0)},
    "water_load_kg/cod": {"district": (4500.0, 2000.0, 9000.0)},
    "visitors_persons": {"district": (6000.0, 5500.0, 6500.0), "park": (3000.0, 2800.0, 3200.0)},
}
# yuan: rice 100 t x 900; rain 40 ha x 1000 m3 and 40 ha x -500 m3 at 0.3; marsh 120,000 m3 at
# 0.3; COD 2500 kg less 20 ha x 90 kg of ponds at 5; 6000 visits at 150
BY_HAND = {
    "crops": 90_000.0,
    "water_retention": 6_000.0,
    "flood_regulation": 36_000.0,
    "water_purification": 3_500.0,
    "tourism": 900_000.0,
}
RULES = make_rules(RICE, RAIN, MARSH, COD, PONDS, TOURISTS)


def tables(rules: RuleSet = RULES, *known, **land) -> dict[str, pd.DataFrame]:
    years = years_of(*(known or (make_known(NUMBERS, AMOUNTS),)), **land)
    return tables_of(account(rules, years), rules, years)


def test_services_and_totals_by_hand():
    made = tables()

    services = made["gep"].xs((2020, "district"), level=("year", "zone"))
    totals = made["gep_totals"].loc[(2020, "district")]
    assert services["value_yuan"].to_dict() == pytest.approx(BY_HAND)
    assert services["status"].eq("counted").all()
    assert totals["gep_yuan"] == pytest.approx(1_035_500)
    assert totals["provisioning_yuan"] == pytest.approx(90_000)
    assert totals["regulating_yuan"] == pytest.approx(45_500)
    assert totals["cultural_yuan"] == pytest.approx(900_000)
    assert totals["constant_yuan"] == totals["gep_yuan"]
    assert services["share_pct"].sum() == pytest.approx(100)
    assert services.loc["tourism", "share_pct"] == pytest.approx(100 * 900_000 / 1_035_500)
    assert (totals["services_counted"], totals["services_missing"]) == (5, 0)


def test_a_value_is_its_quantity_times_what_a_unit_is_worth():
    items = tables(RULES, make_known(DRAWN, DRAWN_AMOUNTS))["gep_items"]

    np.testing.assert_allclose(
        items["quantity"] * items["unit_value_yuan"], items["value_yuan"], rtol=1e-12
    )
    assert (items["value_low_yuan"] <= items["value_high_yuan"]).all()
    assert items.loc[(2020, "district", "cod"), "formula"] == "purification * pollutant"
    assert items.loc[(2020, "district", "rice"), "spread"] == "told"
    assert items.loc[(2020, "south", "rice"), "spread"] == "spread"


def test_classes_add_up_to_their_item():
    made = tables(RULES, make_known(DRAWN, DRAWN_AMOUNTS))

    columns = ["quantity", "value_yuan"]
    by_class = made["gep_classes"][columns].groupby(level=["year", "zone", "item"]).sum()
    items = made["gep_items"].loc[by_class.index, columns]
    np.testing.assert_allclose(by_class, items, rtol=1e-12)
    left_out = made["gep_items"][columns].drop(by_class.index)
    assert (left_out == 0).all(axis=None)


@pytest.mark.parametrize("sampled", [False, True], ids=["map", "sample"])
def test_towns_add_up_to_the_district_in_every_draw_at_current_and_constant_prices(sampled):
    known = make_known(DRAWN, DRAWN_AMOUNTS, at_base={"price_yuan_per_t/rice": 2000.0})

    made = account(RULES, years_of(known, sampled=sampled))

    for flows in (made.current, made.constant):
        for key, flow in flows.items():
            district, north, south, park = flow.drawn
            np.testing.assert_allclose(north + south, district, rtol=1e-9, err_msg=str(key))
            assert not np.allclose(north + south + park, district) or not park.any()


def test_a_town_cut_in_two_changes_nothing():
    known = make_known(DRAWN, {**DRAWN_AMOUNTS, "output_t/rice": {"district": (100, 80, 125)}})
    towns = {
        "north": (10.0, 0.0, 5.0, 20.0),
        "south_1": (12.0, 25.0, 10.0, 0.0),
        "south_2": (18.0, 15.0, 5.0, 0.0),
    }

    whole = account(RULES, years_of(known))
    cut = account(RULES, years_of(known, towns=towns, park_in="south_1"))

    for key, flow in cut.current.items():
        district, north, one, two, park = flow.drawn
        expected = whole.current[key].drawn
        np.testing.assert_allclose([district, north, one + two, park], expected, rtol=1e-9)


def test_a_site_is_no_part_of_the_sum():
    value = tables()["gep_totals"]["gep_yuan"].xs(2020)

    assert value["north"] + value["south"] == pytest.approx(value["district"])
    assert 0 < value["park"] < value["south"]


def test_zones_can_be_left_to_another_account():
    made = account(RULES, years_of(make_known(NUMBERS, AMOUNTS), make_known(NUMBERS, AMOUNTS)))

    rest = made.without(["district", "park"])

    assert rest.zones == ("north", "south")
    assert set(pd.concat(rest.items)["zone"]) == {"north", "south"}
    assert all(flow.drawn.shape[0] == 2 for flow in rest.current.values())
    assert change_table([rest], (2020, 2025)).index.unique("zone").tolist() == ["north", "south"]


# ---- why a service has no figure ---------------------------------------------------------------


def test_what_is_not_told_is_no_data_and_said_to_lack():
    told = {key: of for key, of in AMOUNTS.items() if key != "visitors_persons"}
    made = tables(RULES, make_known(NUMBERS, told))

    row = made["gep"].loc[(2020, "district", "tourism")]
    assert row["status"] == "no_data"
    assert row["reason_en"] == "visitors_persons"
    assert np.isnan(row["value_yuan"])
    assert made["gep_totals"].loc[(2020, "district"), "services_missing"] == 1
    assert made["gep_totals"].loc[(2020, "district"), "cultural_yuan"] == 0


def test_a_service_of_which_one_item_lacks_is_counted_in_part():
    told = {key: of for key, of in AMOUNTS.items() if key != "water_load_kg/cod"}
    row = tables(RULES, make_known(NUMBERS, told))["gep"].loc[
        (2020, "district", "water_purification")
    ]

    assert row["status"] == "partly"
    assert row["reason_zh"] == "water_load_kg cod"
    assert row["value_yuan"] == pytest.approx(-20 * 90 * 5)  # ponds alone


@pytest.mark.parametrize(
    ("status", "told"), [("off", "switched_off"), ("not_applicable", "not_applicable")]
)
def test_what_the_rules_leave_out_has_their_reason_and_no_value(status, told):
    made = tables(make_rules(RICE, replace(MARSH, status=status)))

    row = made["gep"].loc[(2020, "district", "flood_regulation")]
    assert row["status"] == told
    assert (row["reason_zh"], row["reason_en"]) == (
        "因为marsh_storage",
        "because of marsh_storage",
    )
    assert np.isnan(row["value_yuan"])
    assert "marsh_storage" not in made["gep_items"].index.unique("item")
    assert made["gep_totals"].loc[(2020, "district"), "gep_yuan"] == pytest.approx(90_000)
    assert made["gep_totals"].loc[(2020, "district"), "services_missing"] == 0


def test_an_item_left_out_does_not_switch_off_its_service():
    made = tables(make_rules(COD, replace(PONDS, status="off")))

    assert made["gep"].loc[(2020, "district", "water_purification"), "status"] == "counted"


def test_a_service_that_no_rule_names_is_no_row():
    assert tables(make_rules(RICE))["gep"].index.unique("service").tolist() == ["crops"]


BRANCH = make_item("crops_value", "crops", "value_added", "unity", unit="yuan", detail="crops")


@pytest.mark.parametrize(
    ("amounts", "status"),
    [
        ({"output_t/rice": {"district": 1.0}}, "counted"),
        ({"value_added_yuan/crops": {"district": 1.0}}, "counted"),
        ({}, "no_data"),
    ],
    ids=["products", "branch", "neither"],
)
def test_the_value_of_a_branch_lacks_only_where_its_products_do(amounts, status):
    rules = make_rules(*([RICE] if "output_t/rice" in amounts else []), BRANCH)
    made = account(rules, years_of(make_known(NUMBERS, amounts)))

    assert service_status(made, rules, 2020, "crops")[0] == status


def test_rules_that_were_not_read_are_not_verified():
    assert tables()["gep"]["verified"].all()
    assert not tables(make_rules(RICE, verified=False))["gep"]["verified"].any()


# ---- net, gross, output ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("worth", "value"),
    [("produce_net", 90_000.0), ("produce_gross", 270_000.0), ("produce_output", 300_000.0)],
)
def test_products_count_net_gross_or_as_output_and_gross_stands_beside(worth, value):
    made = tables(make_rules(replace(RICE, worth=worth)))

    totals = made["gep_totals"].loc[(2020, "district")]
    assert totals["gep_yuan"] == pytest.approx(value)
    assert totals["gross_yuan"] == pytest.approx(300_000)
    assert totals["imports_yuan"] == pytest.approx(30_000)
    item = made["gep_items"].loc[(2020, "district", "rice")]
    assert item["exchange_yuan"] == pytest.approx(90_000)  # what SEEA EA takes, in every case
    assert made["gep"].loc[(2020, "district", "crops"), "gross_yuan"] == pytest.approx(300_000)


def test_gross_of_what_is_no_product_is_its_value():
    items = tables()["gep_items"].drop("rice", level="item")

    assert (items["gross_yuan"] == items["value_yuan"]).all()
    assert (items["imports_yuan"] == 0).all()


# ---- what figures rest on ----------------------------------------------------------------------


def test_shares_of_what_figures_rest_on_add_up_to_all():
    basis = {
        **dict.fromkeys(["price_yuan_per_t", "cost_share", "imported_share"], "told"),
        "nature_share": "default",
    }
    totals = tables(RULES, make_known(NUMBERS, AMOUNTS, basis=basis))["gep_totals"]

    shares = totals[["told_share_pct", "table_share_pct", "default_share_pct"]]
    np.testing.assert_allclose(shares.sum(axis=1), 100)
    # amounts of either sign: 12,500 of lakes and marshes, 9,000 that ponds let off
    sizes = 90_000 + 6_000 + 36_000 + 12_500 + 9_000 + 900_000
    row = shares.loc[(2020, "district")]
    assert row["told_share_pct"] == pytest.approx(100 * 90_000 / sizes)
    assert row["default_share_pct"] == pytest.approx(100 * 900_000 / sizes)


# ---- two years ---------------------------------------------------------------------------------

LATER = {**NUMBERS, "price_yuan_per_t/rice": 4000.0}
LATER_AMOUNTS = {**AMOUNTS, "output_t/rice": {"district": 120.0}}
EFFECTS = ["quantity_effect_yuan", "price_effect_yuan"]


def changed(first, last, rules: RuleSet = RULES) -> pd.DataFrame:
    years = years_of(first, last)
    return change_table([account(rules, years)], (2020, 2025))


def test_change_is_split_into_amount_and_price_by_hand():
    base = {"price_yuan_per_t/rice": 3000.0}
    change = changed(
        make_known(NUMBERS, AMOUNTS, at_base=base), make_known(LATER, LATER_AMOUNTS, at_base=base)
    )

    row = change.loc[("district", "crops")]
    # 100 t at 900 and 120 t at 1200 yuan: 20 t at 1050, and 300 yuan on 110 t
    assert row["value_before_yuan"] == pytest.approx(90_000)
    assert row["value_after_yuan"] == pytest.approx(144_000)
    assert row["quantity_effect_yuan"] == pytest.approx(21_000)
    assert row["price_effect_yuan"] == pytest.approx(33_000)
    assert row["constant_change_yuan"] == pytest.approx(18_000)  # 20 t at 900
    assert row["constant_change_pct"] == pytest.approx(20)
    whole = change.loc[("district", ALL)]
    assert whole["change_yuan"] == pytest.approx(54_000)
    assert whole["value_before_yuan"] == pytest.approx(1_035_500)


def test_equal_years_change_nothing():
    known = make_known(DRAWN, DRAWN_AMOUNTS)
    change = changed(known, known)

    columns = [name for name in change if "effect" in name or "change" in name]
    assert (change[columns].fillna(0.0) == 0).all(axis=None)
    assert (change["value_before_yuan"] == change["value_after_yuan"]).all()


def test_a_price_that_stays_has_no_effect():
    known = make_known(DRAWN, DRAWN_AMOUNTS), make_known(DRAWN, LATER_AMOUNTS)
    change = changed(*known)

    assert (change["price_effect_yuan"] == 0).all()
    np.testing.assert_allclose(change["change_yuan"], change["constant_change_yuan"])
    assert change.loc[("district", "crops"), "change_yuan"] > 0


def test_prices_alone_change_nothing_at_constant_prices():
    base = {"price_yuan_per_t/rice": 3000.0}
    known = (make_known(n, AMOUNTS, at_base=base) for n in (NUMBERS, LATER))
    change = changed(*known).loc[("district", "crops")]

    assert change["quantity_effect_yuan"] == 0
    assert change["change_yuan"] == pytest.approx(30_000)  # 300 yuan on 100 t
    assert change["constant_change_yuan"] == 0


def test_what_one_year_lacks_did_not_change():
    first = {key: of for key, of in AMOUNTS.items() if key != "visitors_persons"}
    change = changed(make_known(NUMBERS, first), make_known(LATER, LATER_AMOUNTS))

    assert "tourism" not in change.index.unique("service")
    assert change.loc[("district", ALL), "change_yuan"] == pytest.approx(54_000)


def test_an_item_that_one_year_lacks_is_in_no_column_of_the_change():
    first = {key: of for key, of in AMOUNTS.items() if key != "water_load_kg/cod"}
    change = changed(make_known(NUMBERS, first), make_known(LATER, LATER_AMOUNTS))

    row = change.loc[("district", "water_purification")]
    assert row["value_before_yuan"] == row["value_after_yuan"] == pytest.approx(-9_000)
    assert row["change_yuan"] == 0


def test_each_year_has_totals_of_its_own():
    totals = tables(RULES, make_known(NUMBERS, AMOUNTS), make_known(LATER, LATER_AMOUNTS))[
        "gep_totals"
    ]["gep_yuan"]

    assert totals[2020, "district"] == pytest.approx(1_035_500)
    assert totals[2025, "district"] == pytest.approx(1_035_500 + 54_000)


def test_a_single_year_has_no_change():
    made = account(RULES, years_of(make_known(NUMBERS, AMOUNTS)))

    assert change_table([made], (2020,)).empty


amount = st.floats(0, 1e6)
price = st.floats(0.01, 1e5)


@settings(max_examples=30, deadline=None)
@given(amount, amount, price, price, price)
def test_amount_and_price_always_make_up_the_change(before, after, old, new, base):
    made: list[Account] = []
    for numbers in ((old, new), (new, old)):
        known = [
            make_known(
                {**NUMBERS, "price_yuan_per_t/rice": p},
                {"output_t/rice": {"district": q}},
                at_base={"price_yuan_per_t/rice": base},
            )
            for q, p in zip((before, after), numbers, strict=True)
        ]
        made.append(account(make_rules(RICE), years_of(*known)))

    for each in made:
        row = change_table([each], (2020, 2025)).loc[("district", "crops")]
        gained = row["value_after_yuan"] - row["value_before_yuan"]
        scale = 1e-9 * (row["value_after_yuan"] + row["value_before_yuan"] + 1)
        assert row[EFFECTS].sum() == pytest.approx(gained, abs=scale)
        assert row["change_yuan"] == pytest.approx(gained, abs=scale)
        assert row["constant_change_yuan"] == pytest.approx(
            (after - before) * base * 0.3, abs=1e-9 * (after + before + 1) * base
        )
