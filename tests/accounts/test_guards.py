"""Guards: each trips on what was made to trip it, and on nothing else."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from sinks.accounts.gep import account
from sinks.accounts.guards import Evidence, verdicts
from sinks.accounts.items import Item, RuleSet
from sinks.errors import Finding, InputRefused
from sinks.parameters.labels import labels
from sinks.workflow.account_guards import checked_guards
from tests.accounts.made_gep import (
    MARSH,
    RAIN,
    RICE,
    TOURISTS,
    make_item,
    make_known,
    make_rules,
    make_study,
    tables_of,
    years_of,
)

STORMS = make_item("storm_storage", "flood_regulation", "storm_retention", "storage_annual")
WATER = make_item("water_homes", "water_supply", "told", "cubic_metre", unit="m3")
TAP = make_item("water_tap", "water_supply", "told", "unity", unit="m3")
POWER = make_item("hydropower", "water_supply", "told", "power", unit="kwh")
NIGHTS = make_item("hotel_nights", "landscape_premium", "nights", "night", unit="nights")
FISH = make_item("fish", "fishery", "output", "produce_net", detail="fish")
CO2 = make_item("co2", "carbon_fixation", "uptake", "carbon", ground="account")
SOIL = make_item("soil_carbon", "carbon_fixation", "uptake", "carbon", ground="account")
SOLD = make_item("carbon_sold", "crops", "oxygen_release", "carbon", ground="account")


def evidence(*items: Item, provisioning: str = "net", **of: object) -> Evidence:
    """Two services that add up, neither more than half of all, of the items that were found."""
    rules = make_rules(*items, provisioning=provisioning)
    sound = Evidence(
        rules=rules,
        found=frozenset(item.item for item in items),
        value_yuan={"crops": 50.0, "tourism": 50.0},
        total_yuan=100.0,
        storm_rain_mm=0.0,
        storm_counted_mm=0.0,
        lodging_yuan=0.0,
        fish_growth_t=0.0,
    )
    return replace(sound, **of)  # type: ignore[arg-type]


TRIPPED = {
    "rain_once": [
        evidence(RAIN, STORMS, storm_rain_mm=150.0, storm_counted_mm=0.0),
        evidence(RAIN, STORMS, storm_rain_mm=150.0, storm_counted_mm=100.0),
    ],
    "water_once": [evidence(RAIN, TAP)],
    "visitors_once": [evidence(TOURISTS, NIGHTS)],
    "fish_not_carbon": [evidence(FISH, CO2, fish_growth_t=12.0)],
    "soil_not_produce": [evidence(CO2, SOIL), evidence(SOLD)],
    "gross_utility": [evidence(WATER), evidence(POWER)],
    "stocks_apart": [
        evidence(RICE, total_yuan=101.0),
        evidence(
            RICE, value_yuan={"crops": 51.0, "tourism": 50.0, "fishery": 5.0}, total_yuan=105.0
        ),
    ],
    "imports_deducted": [evidence(FISH, provisioning="output")],
    "one_account": [evidence(RICE, value_yuan={"crops": 49.0, "tourism": 51.0})],
}
PASSED = {
    "rain_once": [
        evidence(RAIN, STORMS, storm_rain_mm=150.0, storm_counted_mm=150.0),
        evidence(STORMS, storm_rain_mm=150.0),
        evidence(RAIN, storm_rain_mm=150.0),
    ],
    "water_once": [evidence(RAIN), evidence(TAP)],
    "visitors_once": [
        evidence(TOURISTS, NIGHTS, lodging_yuan=120.0),
        evidence(TOURISTS),
        evidence(NIGHTS),
    ],
    "fish_not_carbon": [evidence(FISH, CO2), evidence(CO2, fish_growth_t=12.0)],
    "soil_not_produce": [evidence(CO2, RICE), evidence(CO2, replace(SOIL, status="off"))],
    "gross_utility": [evidence(TAP), evidence(WATER, found=frozenset())],
    "stocks_apart": [
        evidence(RICE),
        evidence(RICE, total_yuan=100.0 + 1e-8),
        evidence(RICE, value_yuan={}, total_yuan=0.0),
    ],
    "imports_deducted": [
        evidence(FISH),
        evidence(FISH, provisioning="gross"),
        evidence(RICE, provisioning="output"),
    ],
    "one_account": [
        evidence(RICE),
        evidence(RICE, value_yuan={"crops": -1.0, "tourism": -2.0}, total_yuan=-3.0),
    ],
}


def failed(seen: Evidence) -> list[str]:
    return [verdict.guard for verdict in verdicts(seen) if not verdict.passed]


def test_there_are_nine_guards_and_each_is_tried_and_named():
    guards = [verdict.guard for verdict in verdicts(evidence())]

    assert len(guards) == 9
    assert guards == list(TRIPPED) == list(PASSED)
    for group in ("guard", "guard_passed", "guard_failed"):
        assert set(guards) <= set(labels(group))


@pytest.mark.parametrize(
    ("guard", "seen"), [(guard, seen) for guard, many in TRIPPED.items() for seen in many]
)
def test_it_trips_and_no_other_does(guard, seen):
    assert failed(seen) == [guard]


@pytest.mark.parametrize(
    ("guard", "seen"), [(guard, seen) for guard, many in PASSED.items() for seen in many]
)
def test_it_passes(guard, seen):
    assert failed(seen) == []


def test_those_against_counting_twice_stop_an_account_and_others_are_told():
    kinds = {verdict.guard: verdict.kind for verdict in verdicts(evidence())}

    alarms = {guard for guard, kind in kinds.items() if kind == "alarm"}
    assert alarms == {"gross_utility", "imports_deducted", "one_account"}


def test_what_tripped_it_is_named():
    said = {
        verdict.guard: verdict.what
        for seen in (
            evidence(RAIN, TAP),
            evidence(WATER, POWER),
            evidence(FISH, provisioning="output"),
            evidence(RICE, value_yuan={"crops": 20.0, "tourism": 80.0}),
        )
        for verdict in verdicts(seen)
        if not verdict.passed
    }

    assert said == {
        "water_once": "water_tap",
        "gross_utility": "water_homes, hydropower",
        "imports_deducted": "fishery",
        "one_account": "tourism 80 %",
    }


# ---- in a run ----------------------------------------------------------------------------------

NUMBERS = {
    "reservoir_yuan_per_m3": 10.0,
    "depreciation_share": 0.02,
    "upkeep_yuan_per_m3": 0.1,
    "rain_mm": 1000.0,
    "runoff_share": 0.0,
    "evapotranspiration_mm": 500.0,
    "storm_rain_mm": 150.0,
    "marsh_depth_m": 0.3,
}


def run(rules: RuleSet, storm_counted_mm: float) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    known = make_known({**NUMBERS, "storm_rain_counted_mm": storm_counted_mm})
    years = years_of(known)
    made = tables_of(account(rules, years), rules, years)
    return checked_guards(make_study(), rules, {2020: known}, made, {})


ITEMS = (RAIN, replace(STORMS, land_cover=("PAD", "MAR"), unit="m3"), MARSH)


def test_rain_that_is_counted_twice_stops_a_run():
    with pytest.raises(InputRefused, match="S61"):
        run(make_rules(*ITEMS), 0.0)


def test_a_replication_may_count_twice_and_says_so():
    table, alarms = run(make_rules(*ITEMS, replication=True), 0.0)

    assert not table.loc["rain_once", "passed"]
    assert [alarm.code for alarm in alarms][:1] == ["S62"]


def test_a_sound_account_has_a_row_for_every_guard():
    table, _ = run(make_rules(*ITEMS), 150.0)

    assert len(table) == 9
    assert table.loc["rain_once", "passed"]
    assert (table[["name_zh", "name_en", "finding_zh", "finding_en"]] != "").all(axis=None)
