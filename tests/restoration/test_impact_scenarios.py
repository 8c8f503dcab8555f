"""Scenarios, baselines and settings: what is refused, and which uses are taken."""

from __future__ import annotations

import numpy as np
import pytest

from sinks.errors import InputRefused, InvariantViolated
from sinks.parameters.gases import factors
from sinks.parameters.restoration import baselines, restoration_factors
from sinks.restoration.impact.courses import Cohort
from sinks.restoration.impact.horizons import horizons
from sinks.restoration.impact.scenario import Baseline, Leakage, Scenario
from sinks.restoration.impact.setting import approach_key, with_parameters, with_restoration
from sinks.uncertainty.draws import draw, parameter_table
from tests.restoration.made_impact import (
    AR5,
    drawn,
    made_draws,
    made_effect,
    made_measure,
    made_setting,
)


def code_of(refused) -> str:
    return refused.value.findings[0].code


@pytest.mark.parametrize(
    "slip",
    [
        {"area_ha": 0.0},
        {"area_ha": float("nan")},
        {"reenclosed_in": 2026},
        {"rotation_years": -1},
        {"before": "BLF", "after": "BLF", "group": "poplar"},
        {"uses_before": {"pond_crab": 0.5, "pond_ipcc": 0.4}},
        {"uses_after": {"marsh_reed": 1.5, "marsh_ipcc": -0.5}},
        {"cost_yuan": -1.0},
        {"cost_yuan": 5.0, "cost_low_yuan": 6.0},
        {"cost_yuan": float("nan")},
    ],
    ids=str,
)
def test_a_measure_that_cannot_be_is_refused(slip):
    with pytest.raises(InputRefused) as refused:
        made_measure(**slip)

    assert code_of(refused) == "N70"
    assert refused.value.findings[0].place == "a"


def test_a_scenario_names_each_measure_once():
    with pytest.raises(InputRefused) as refused:
        Scenario(id="s", measures=(made_measure(), made_measure(year=2030)))

    assert code_of(refused) == "N71"


def test_shares_of_a_baseline_add_up():
    with pytest.raises(InputRefused) as refused:
        Baseline(id="b", uses={"PND": {"pond_crab": 0.5}})

    assert code_of(refused) == "N70"


@pytest.mark.parametrize(
    "told",
    [
        {"share": 1.2, "uses": frozenset({"pond_crab"}), "note": "x"},
        {"share": 0.2, "note": "x"},
        {"share": 0.2, "uses": frozenset({"pond_crab"}), "note": " "},
    ],
    ids=str,
)
def test_leakage_needs_a_share_uses_and_a_note(told):
    with pytest.raises(InputRefused) as refused:
        Leakage(**told)

    assert code_of(refused) == "N72"


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        ({"group": "bamboo"}, "N73"),
        ({"group": "baobab"}, "N73"),
        ({"year": 2061}, "N74"),
        ({"year": 2019}, "N74"),
        ({"before": "XXX"}, "D01"),
        ({"after": "XXX", "uses_after": {"lake": 1.0}}, "D01"),
        ({"uses_after": {"golf": 1.0}}, "Y04"),
    ],
    ids=str,
)
def test_what_no_table_knows_is_refused(slip, code):
    with pytest.raises(InputRefused) as refused:
        made_effect(made_measure(**slip))

    assert code_of(refused) == code


def test_a_baseline_under_which_the_land_was_forest_already_is_refused():
    forest = Baseline(id="forest", classes={"DRY": "BLF"})
    planted = made_measure(before="DRY", after="BLF", group="poplar")

    with pytest.raises(InputRefused) as refused:
        made_effect(planted, baseline=forest)

    assert code_of(refused) == "N75"


def test_a_horizon_outside_the_table_is_refused():
    with pytest.raises(InputRefused) as refused:
        horizons(made_effect(made_measure()), made_setting(), [AR5], [2061])

    assert code_of(refused) == "N74"


def test_parameters_that_were_not_drawn_are_a_slip_of_the_program():
    few = draw(parameter_table([("flux/lake/ch4", 60.0, 8.0, 270.0)]), seed=1, count=1000)

    with pytest.raises(InvariantViolated, match="I40"):
        made_effect(made_measure(), setting=made_setting(draws=few))


def test_parameters_added_later_are_drawn_as_if_at_once():
    table = parameter_table([(key, 2.0, 1.0, 4.0) for key in "abc"])
    once = draw(table, seed=3, count=1000)
    later = with_parameters(draw(table.loc[["a"]], seed=3, count=1000), table)

    assert np.array_equal(once.drawn, later.drawn)
    assert with_parameters(once, table) is once


def test_restoration_is_added_once_and_its_vegetation_follows_its_rate():
    again = with_restoration(
        made_draws(), restoration_factors(), factors("wetland_soils"), longest=41
    )
    parameters = again.parameters

    assert parameters.index.is_unique
    assert len(parameters) == len(made_draws().parameters) == len(again.drawn)
    shares = parameters.loc[[approach_key(age) for age in range(1, 42)]]
    assert shares["value"].iloc[0] == pytest.approx(1 - np.exp(-0.5))
    assert shares["value"].sum() == pytest.approx(1, abs=1e-8)
    assert ((shares["low"] <= shares["value"]) & (shares["value"] <= shares["high"])).all()


def test_the_baselines_that_ship():
    pond, lake = made_measure(), made_measure(before="LAK", uses_before={"pond_crab": 1.0})
    told = baselines()

    assert told["as_is"].land(lake) == ("LAK", {"pond_crab": 1.0})
    assert told["enclosure"].land(lake) == ("LAK", {"pond_enclosure": 1.0})
    assert told["paddy"].land(pond) == ("PAD", {"rice_wheat": 1.0})
    assert all(one.name == f"baseline.{key}" for key, one in told.items())


def test_a_cost_is_that_of_type_and_class_before():
    setting = made_setting()

    assert setting.cost_level("aquaculture_to_wetland", "LAK") == "aquaculture_to_wetland_LAK"
    assert setting.cost_level("aquaculture_to_wetland", "PAD") == "aquaculture_to_wetland"
    assert setting.cost_level("", "PAD") is None


def test_a_cohort_that_turns_back_before_it_settled():
    cohort = Cohort(years=np.arange(2026, 2036), since=2026, ends=2027)

    assert cohort.level(3).tolist() == pytest.approx([1 / 3, 2 / 9, 1 / 9, *[0] * 7])
    assert cohort.soil(20).sum() == pytest.approx((1 - 9 / 20) / 20)
    assert [age for age, _ in cohort.built_up()] == [1]


def test_a_measure_of_the_last_year_is_worked_out():
    measures = [
        made_measure(year=2060),
        made_measure(id="b", year=2060, before="DRY", after="BLF", group="poplar"),
    ]

    assert drawn(made_effect(*measures))[-1].any()
