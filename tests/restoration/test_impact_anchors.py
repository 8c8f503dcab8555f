"""Effects by hand: 500 ha under three baselines, and planting, against published arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sinks.parameters.gases import warming_potentials
from sinks.parameters.restoration import baselines, horizon_years
from sinks.restoration.impact.effects import effect_cohorts, effect_years
from sinks.restoration.impact.horizons import beside, horizons, spread
from sinks.restoration.impact.scenario import Scenario
from sinks.units import mu_to_ha
from tests.restoration.made_impact import (
    AR5,
    AR6_20,
    C,
    made_effect,
    made_measure,
    made_setting,
    place,
)

WETLAND = tuple(
    made_measure(id=str(year), year=year, area_ha=100.0, type="aquaculture_to_wetland")
    for year in range(2026, 2031)
)
PLANTED = tuple(
    made_measure(id=str(year), year=year, before="DRY", after="BLF", area_ha=mu_to_ha(100))
    for year in range(2026, 2031)
)


def restored(use: str) -> tuple:
    return tuple(replace(measure, uses_after={use: 1.0}) for measure in WETLAND)


def settled(baseline: str, use: str) -> float:
    """The effect of 2060, when vegetation, soil and methane have settled: tCO2e a year."""
    return made_effect(*restored(use), baseline=baselines()[baseline]).mean(AR5)[-1]


@pytest.mark.parametrize(
    ("baseline", "use", "by_hand"),
    [
        # 500 ha x (net before - net after), tCO2e/ha/a from the tables of rates:
        # enclosure 51.407, crab pond 3.2835, paddy 6.4267; natural -1.8412, IPCC marsh 2.9133
        ("enclosure", "marsh_natural", 26_624),
        ("crab", "marsh_natural", 2_562),
        ("crab", "marsh_ipcc", 185),
        ("paddy", "marsh_natural", 4_134),
        ("paddy", "marsh_ipcc", 1_757),
    ],
)
def test_500_ha_by_hand(baseline, use, by_hand):
    # vegetation still brings exp(-0.5 x 30) of what it holds: less than one tonne
    assert settled(baseline, use) == pytest.approx(by_hand, abs=1.0)


def test_500_ha_as_the_handbook_rounds_them():
    # the handbook takes -25,000 for 500 x 51.4 (methane alone): 26,600 with all gases
    assert settled("enclosure", "marsh_natural") == pytest.approx(26_600, rel=0.005)
    assert settled("crab", "marsh_natural") == pytest.approx(2_500, rel=0.05)
    assert -750 <= settled("crab", "marsh_ipcc") <= 200
    assert settled("paddy", "marsh_ipcc") == pytest.approx(1_800, rel=0.05)
    assert settled("paddy", "marsh_natural") == pytest.approx(4_100, rel=0.05)


def test_a_crab_pond_that_buries_carbon_makes_the_same_marsh_a_cost():
    setting = made_setting()
    table = setting.rates.frame.copy()
    table.loc[("pond_crab", "soil_gain"), "rate_per_ha_per_year"] = 0.5
    parameters = setting.draws.parameters.copy()
    parameters.loc["flux/pond_crab/soil_gain", "value"] = 0.5
    buried = replace(
        setting,
        rates=replace(setting.rates, frame=table),
        draws=replace(setting.draws, parameters=parameters),
    )
    made = made_effect(*restored("marsh_ipcc"), baseline=baselines()["crab"], setting=buried)

    assert made.mean(AR5)[-1] == pytest.approx(-750, rel=0.05)


def test_whether_the_same_hectares_help_is_open_from_crab_pond_to_marsh():
    made = made_effect(*restored("marsh_ipcc"), baseline=baselines()["crab"])
    last = effect_years(made, AR5).loc[2060]

    assert last["effect_low_tco2e_per_year"] < 0 < last["effect_high_tco2e_per_year"]
    assert 0.05 < last["probability_benefit"] < 0.95


def test_the_baseline_alone_decides_more_than_all_else():
    told = baselines()
    scenario = Scenario(id="500", measures=restored("marsh_natural"))
    names = ["enclosure", "crab", "paddy"]
    table = beside(
        scenario,
        [told[name] for name in names],
        made_setting(),
        sets=[AR5, warming_potentials("AR6"), AR6_20],
        years=horizon_years(),
    )
    found = spread(table).loc[("AR5", 2060)]

    assert list(table.index.unique("baseline")) == names
    assert (found["least_baseline"], found["most_baseline"]) == ("crab", "enclosure")
    assert found["spread_tco2e_per_year"] == pytest.approx(24_062, abs=1)
    assert found["spread_tco2e"] == pytest.approx(found["most_tco2e"] - found["least_tco2e"])
    assert found["low_tco2e"] < found["least_tco2e"] < found["most_tco2e"] < found["high_tco2e"]
    of_20 = table.loc[("enclosure", "AR6_20", 2060), "cumulative_tco2e"]
    assert of_20 > 2 * table.loc[("enclosure", "AR5", 2060), "cumulative_tco2e"]


def test_costs_are_told_by_hectare_and_by_tonne_where_there_is_a_benefit():
    made = made_effect(*restored("marsh_natural"), baseline=baselines()["enclosure"])
    row = horizons(made, made_setting(), [AR5], [2025, 2030]).loc[("AR5", 2030)]
    nothing = horizons(made, made_setting(), [AR5], [2025]).iloc[0]

    assert row["area_ha"] == pytest.approx(500)
    assert row["cost_yuan"] == pytest.approx(500 * 100_000)
    assert row["cost_yuan_per_ha"] == pytest.approx(100_000)
    assert row["cost_yuan_per_tco2e"] == pytest.approx(row["cost_yuan"] / row["cumulative_tco2e"])
    ends = row["cost_low_yuan_per_tco2e"], row["cost_high_yuan_per_tco2e"]
    assert ends[0] < row["cost_yuan_per_tco2e"] < ends[1]
    assert nothing["area_ha"] == 0
    assert np.isnan(nothing[["cost_yuan", "probability_benefit", "cost_yuan_per_tco2e"]]).all()


def test_no_cost_per_tonne_where_the_effect_may_be_nothing():
    made = made_effect(*restored("marsh_ipcc"), baseline=baselines()["crab"])
    row = horizons(made, made_setting(), [AR5], [2060]).iloc[0]

    assert row["cumulative_low_tco2e"] < 0
    assert row["cost_yuan"] > 0
    assert np.isnan(row["cost_yuan_per_tco2e"])


def test_a_cost_that_was_told_takes_the_place_of_the_usual_one():
    priced = made_measure(cost_yuan=3e6, cost_low_yuan=2e6, cost_high_yuan=5e6)
    unknown = made_measure(id="b", type="nothing of the kind")
    found = [
        horizons(made_effect(*measures), made_setting(), [AR5], [2060]).iloc[0]
        for measures in ([priced], [priced, unknown])
    ]

    assert found[0]["cost_yuan"] == 3e6
    assert found[0]["cost_low_yuan"] == pytest.approx(2e6, rel=0.1)
    assert np.isnan(found[1]["cost_yuan"])


@pytest.mark.parametrize(
    ("group", "by_2030", "by_2060"),
    [("poplar", 168, 2421), ("metasequoia", 81, 2608), ("mixed", 72, 2156)],
)
def test_planting_100_mu_a_year_by_hand(group, by_2030, by_2060):
    """Live carbon of 6.667 ha a year from 2026 to 2030, never cut (methods handbook, 4.3)."""
    planted = [replace(one, group=group, rotation_years=0) for one in PLANTED]
    held = made_effect(*planted).mean(AR5, part="biomass").cumsum() / C

    assert held[place(2030)] == pytest.approx(by_2030, abs=0.6)
    assert held[-1] == pytest.approx(by_2060, abs=0.6)


def test_a_rotation_of_twelve_years_holds_much_less():
    cut = made_effect(*[replace(one, group="poplar") for one in PLANTED])
    held = cut.mean(AR5, part="biomass").cumsum() / C
    told = made_effect(*[replace(one, group="poplar", rotation_years=12) for one in PLANTED])

    assert held[-1] < 0.5 * 2421
    assert held.min() >= -1e-9
    assert np.allclose(told.mean(AR5), cut.mean(AR5))
    cohort = effect_cohorts(cut, AR5).loc["2026", "effect_biomass_tco2e_per_year"]
    assert cohort[2038] < 0 < cohort[2039]
    assert cohort.loc[:2038].sum() == pytest.approx(0, abs=1e-6)  # all that grew is gone


def test_planted_land_keeps_the_other_gases_of_its_class():
    planted = made_effect(replace(PLANTED[0], group="poplar", rotation_years=0))

    n2o = planted.mean(AR5, part="n2o")
    assert n2o[-1] == pytest.approx(mu_to_ha(100) * 0.265 * (5.0 - 0.6))
    assert planted.mean(AR5, part="biomass")[place(2026)] == pytest.approx(0)  # first grow in 2027


def test_woody_land_without_a_species_group_grows_by_the_rate_of_its_class():
    biomass = made_effect(PLANTED[0]).mean(AR5, part="biomass")

    assert biomass[place(2026) :] == pytest.approx(mu_to_ha(100) * C * (2.4 - 1.1))
