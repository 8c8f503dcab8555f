"""Laws of effects: what changes nothing changes nothing, and parts add up in every draw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.parameters.restoration import baselines
from sinks.restoration.impact.effects import effect, effect_cohorts, effect_years
from sinks.restoration.impact.horizons import horizons
from sinks.restoration.impact.rows import PARTS
from sinks.restoration.impact.scenario import Leakage, Scenario, together
from tests.restoration.made_impact import (
    AR5,
    AR6_20,
    AS_THEY_ARE,
    C,
    drawn,
    made_effect,
    made_measure,
    made_setting,
    place,
)

MIXED = (
    made_measure(),
    made_measure(id="b", year=2028, before="PAD", area_ha=7.0, uses_after={"marsh_ipcc": 1.0}),
    made_measure(
        id="c", year=2027, before="LAK", after="LAK", uses_before={"pond_enclosure": 1.0}
    ),
    made_measure(id="d", year=2029, before="DRY", after="BLF", group="poplar", area_ha=3.0),
    made_measure(id="e", year=2026, before="PND", reenclosed_in=2033, rewetted=True),
    made_measure(id="f", year=2030, before="BLF", after="MIX", area_ha=2.0),
)


@pytest.mark.parametrize(
    "measure",
    [
        made_measure(after="PND"),
        made_measure(after="PND", rewetted=True),
        made_measure(before="BLF", after="BLF"),
        made_measure(
            before="LAK",
            after="LAK",
            uses_before={"pond_crab": 0.3, "lake": 0.7},
            uses_after={"lake": 0.7, "pond_crab": 0.3},
        ),
    ],
    ids=["pond", "rewetted", "forest", "shares"],
)
def test_a_measure_that_changes_nothing_changes_nothing_in_any_draw(measure):
    leaking = Leakage(share=0.5, uses=frozenset({"pond_crab"}), note="told")
    made = made_effect(measure, setting=made_setting(overshoot=True, leakage=leaking))

    assert not drawn(made).any()
    assert effect_years(made, AR5)["probability_benefit"].isna().all()


def test_a_scenario_without_measures_has_a_table_of_nothing():
    table = effect_years(made_effect(), AR5)

    assert len(table) == 41
    assert not table.drop(columns=table.filter(like="probability")).to_numpy().any()
    assert effect_cohorts(made_effect(), AR5).empty


@pytest.mark.parametrize("overshoot", [False, True])
def test_cohorts_and_parts_add_up(overshoot):
    made = made_effect(*MIXED, setting=made_setting(overshoot=overshoot))
    years, cohorts = effect_years(made, AR5), effect_cohorts(made, AR5)

    of_cohorts = cohorts.groupby(level="year").sum()
    parts = [f"effect_{part}_tco2e_per_year" for part in PARTS]
    for column in ("effect_tco2e_per_year", "cumulative_tco2e", *parts):
        assert of_cohorts[column].to_numpy() == pytest.approx(years[column].to_numpy(), abs=1e-7)
    assert years[parts].sum(axis=1).to_numpy() == pytest.approx(
        years["effect_tco2e_per_year"].to_numpy(), abs=1e-7
    )
    each = sum(made.drawn(AR5, cohort=measure.id) for measure in MIXED)
    assert np.allclose(each, drawn(made), atol=1e-7)


@given(share=st.floats(0.01, 0.99), which=st.sampled_from(MIXED))
@settings(max_examples=15, deadline=None)
def test_splitting_a_measure_in_two_changes_nothing(share, which):
    parts = (
        replace(which, id="x", area_ha=which.area_ha * share),
        replace(which, id="y", area_ha=which.area_ha * (1 - share)),
    )

    assert np.allclose(drawn(made_effect(*parts)), drawn(made_effect(which)), atol=1e-7)


def test_the_effect_of_two_scenarios_is_the_sum_of_theirs():
    one, two = Scenario(id="one", measures=MIXED[:3]), Scenario(id="two", measures=MIXED[2:])
    setting = made_setting(overshoot=True)
    found = [effect(scenario, AS_THEY_ARE, setting) for scenario in (one, two)]
    both = effect(together("both", [one, two]), AS_THEY_ARE, setting)

    assert np.allclose(drawn(both), sum(map(drawn, found)), atol=1e-7)


def test_soil_moves_evenly_and_adds_up_to_the_whole_change_in_twenty_years():
    same = {"dry_crops": 1.0}  # on both classes, so that rates make no difference
    made = made_effect(made_measure(before="DRY", after="PAD", uses_after=same))

    soil = made.mean(AR5, part="soil")
    densities = made_setting().densities.by_pool["soil"]
    whole = 10 * C * (densities["PAD"] - densities["DRY"])
    assert soil[place(2026)] == pytest.approx(whole / 20)
    assert soil[place(2045)] == pytest.approx(whole / 20)
    assert soil[place(2025)] == soil[place(2046)] == 0
    assert soil.sum() == pytest.approx(whole)


def test_vegetation_adds_up_to_what_the_class_holds_in_every_draw():
    made = made_effect(made_measure(uses_before={"lake": 1.0}, before="LAK"))
    drawn_of = made_setting().draws
    rows = made.rows.keys
    biomass = (rows["part"] == "biomass") & (rows["times"] != "")
    keys = drawn_of.parameters.index

    reached = drawn_of.drawn[keys.get_indexer(rows.loc[biomass, "times"].unique())].sum(axis=0)
    rate = drawn_of.drawn[keys.get_loc("restoration/vegetation_approach")]
    assert np.allclose(reached, 1 - np.exp(-rate * 35))
    first = made.mean(AR5, part="biomass")[place(2026)] / C / 10
    assert first == pytest.approx(12.0 * (1 - np.exp(-0.5)) - 0.6)  # reeds come, weeds go


def test_methane_overshoots_in_the_first_three_years_alone():
    usual = made_effect(made_measure())
    over = made_effect(made_measure(), setting=made_setting(overshoot=True))

    gap = over.mean(AR5) - usual.mean(AR5)
    full = -10 * 0.028 * 171 * (1.5 - 1)
    assert gap[place(2026) : place(2030)] == pytest.approx([full / 3, full * 2 / 3, full, 0])
    gaps = drawn(over) - drawn(usual)
    assert np.allclose(gaps[place(2029) :], 0, atol=1e-7)
    assert gaps[place(2026) : place(2029)].std() > 0  # the factor is drawn


def test_methane_goes_from_before_to_after_over_three_years():
    methane = made_effect(made_measure()).mean(AR5, part="ch4")

    whole = 10 * 0.028 * (69 - 171)
    assert methane[place(2025) : place(2030)] == pytest.approx(
        [0, whole / 3, whole * 2 / 3, whole, whole]
    )


def test_land_that_is_enclosed_again_is_what_it_was():
    kept = made_effect(made_measure(before="PAD", uses_after={"marsh_ipcc": 1.0}))
    lost = made_effect(
        made_measure(before="PAD", uses_after={"marsh_ipcc": 1.0}, reenclosed_in=2034)
    )

    assert np.allclose(drawn(lost)[: place(2034)], drawn(kept)[: place(2034)])
    assert np.allclose(drawn(lost)[place(2054) :], 0, atol=1e-7)  # soil took twenty years back
    conversions = lost.rows.keys["parameter"].str.startswith("density")
    assert conversions.any()
    assert lost.mean(AR5, part="biomass").sum() == pytest.approx(0, abs=1e-6)
    assert lost.mean(AR5, part="ch4")[place(2036)] == pytest.approx(0)


def test_rewetted_soil_gains_by_the_supplement_and_loses_it_again():
    rewetted = made_measure(before="PAD", uses_after={"marsh_ipcc": 1.0}, rewetted=True)
    soil = made_effect(rewetted).mean(AR5, part="soil")
    back = made_effect(replace(rewetted, reenclosed_in=2036)).mean(AR5, part="soil")

    gains = [135 * (0.8 - 0.71) / 20, 135 * (1.0 - 0.8) / 20]
    before = 0.2  # of paddy, which gains no more
    assert soil[place(2026)] == pytest.approx(10 * C * (gains[0] - before))
    assert soil[place(2046)] == pytest.approx(10 * C * (gains[1] - before))
    assert back[place(2036) :].sum() == pytest.approx(-10 * C * 10 * gains[0])


def test_what_is_displaced_goes_on_elsewhere():
    enclosure = {"pond_enclosure": 1.0}
    measure = made_measure(uses_before=enclosure)
    leakage = Leakage(share=0.25, uses=frozenset(enclosure), note="a quarter moved to the north")
    gap = made_effect(measure, setting=made_setting(leakage=leakage)).mean(AR5)
    gap -= made_effect(measure).mean(AR5)

    assert gap[place(2026) :] == pytest.approx(-2.5 * (0.028 * 1800 + 0.265 * 3.8))
    assert not gap[: place(2026)].any()


def test_years_take_the_same_draws_under_every_set_of_potentials():
    made = made_effect(*MIXED)
    table = horizons(made, made_setting(), [AR5, AR6_20], [2030, 2060])
    years = effect_years(made, AR6_20)

    assert list(table.index) == [(n, y) for n in ("AR5", "AR6_20") for y in (2030, 2060)]
    for column in ("cumulative_tco2e", "cumulative_low_tco2e", "effect_high_tco2e_per_year"):
        assert table.loc[("AR6_20", 2060), column] == pytest.approx(years.loc[2060, column])


def test_a_baseline_speaks_before_the_measure_does():
    told = made_measure(uses_before={"pond_mixed_fish": 1.0})
    crab = made_effect(told, baseline=baselines()["crab"])

    assert drawn(crab) == pytest.approx(drawn(made_effect(made_measure())))
    assert made_effect(told).mean(AR5)[-1] != crab.mean(AR5)[-1]
