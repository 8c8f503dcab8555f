"""Living carbon of stands: published coefficients worked by hand, then what must always hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sinks.forest.biomass import LIVE, mean_one_range, species_ranges, stand_carbon, trees_outside
from sinks.forest.methods import m2_tc_per_ha, tree_mass_kg
from sinks.parameters.forest import volume_biomass
from tests.forest.made import FACTORS, stands

AT_100 = {"volume_m3_per_ha": 100.0}


def carbon_of(*rows):
    return stand_carbon(stands(*rows), FACTORS)


@pytest.mark.parametrize(
    ("group", "m1", "m2"),
    [
        # M1: AR-CM-001-V01; M2: Fang et al. 2007, Fang et al. 2001 as cited by Li et al. 2016
        pytest.param("poplar", 33.3, 38.3, id="100 x 0.378 x 1.446 x 1.227 x 0.496"),
        pytest.param("metasequoia", 27.7, 41.5, id="100 x 0.278 x 1.506 x 1.319 x 0.501"),
    ],
)
def test_two_methods_at_100_m3_per_ha_give(group, m1, m2):
    row = carbon_of({"group": group, **AT_100}).iloc[0]

    assert round(row["m1_tc_per_ha"], 1) == m1
    assert round(row["m2_tc_per_ha"], 1) == m2
    assert row["methods"] == "M1 M2"
    assert row[LIVE].sum() == pytest.approx((row["m1_tc_per_ha"] + row["m2_tc_per_ha"]) / 2)


def test_the_other_published_poplar_equation_gives_37():
    row = volume_biomass().loc[("poplar", "zhang_2018")]  # (0.6251 x 100 + 11.462) x 0.5
    live = m2_tc_per_ha(
        100, row["slope_t_per_m3"], row["intercept_t_per_ha"], 0.5, lowest_m3_per_ha=30
    )

    assert round(float(live), 1) == 37.0


@pytest.mark.parametrize(
    ("equations", "diameter_cm", "height_m", "kg"),
    [
        # Ji et al. 2016, Chinese Journal of Plant Ecology 40, table 1
        ("black_poplar", 20, 18, 160.18),
        ("black_poplar", 10, 10, 35.41),
        ("black_poplar", 30, 24, 379.64),
        ("broadleaf_mixed", 20, 15, 171.72),
    ],
)
def test_a_tree_weighs(equations, diameter_cm, height_m, kg):
    organs = tree_mass_kg([diameter_cm], [height_m], FACTORS.allometry.loc[equations])

    assert round(float(organs.sum(axis="columns").iloc[0]), 2) == kg


def test_the_organs_of_a_poplar_of_20_cm_weigh():
    organs = tree_mass_kg([20], [18], FACTORS.allometry.loc["black_poplar"]).iloc[0]

    assert organs.round(2).to_dict() == {
        "stem": 94.67,
        "branch": 26.76,
        "leaf": 8.21,
        "root": 30.54,
    }


def test_measured_trees_join_the_mean_of_the_methods():
    measured = {"stems_per_ha": 500.0, "diameter_cm": 20.0, "height_m": 18.0}
    row = carbon_of({"group": "poplar", **AT_100, **measured}).iloc[0]

    assert row["m3_tc_per_ha"] == pytest.approx(500 * 0.16018 * 0.496, rel=1e-4)
    assert row["methods"] == "M1 M2 M3"
    assert row[LIVE].sum() == pytest.approx((33.264 + 38.332 + 39.725) / 3, abs=0.01)


@pytest.mark.parametrize("diameter_cm", [5.0, 99.0])
def test_trees_beyond_the_diameters_of_the_equations_are_not_weighed(diameter_cm):
    row = {"group": "poplar", "stems_per_ha": 500.0, "height_m": 18.0}
    found = carbon_of({**row, "diameter_cm": diameter_cm}).iloc[0]

    assert np.isnan(found["m3_tc_per_ha"])
    assert found["methods"] == ""


@pytest.mark.parametrize("volume", [0.0, 1.0, 29.9])
@pytest.mark.parametrize("group", FACTORS.groups.index[FACTORS.groups["kind"] == "tree"])
def test_the_linear_equation_never_serves_below_30_m3_per_ha(group, volume):
    row = carbon_of({"group": group, "volume_m3_per_ha": volume, "age_years": 3.0}).iloc[0]

    assert np.isnan(row["m2_tc_per_ha"])
    assert row["methods"] == ("M1" if volume else "M4")
    assert volume != 1 or row[LIVE].sum() < 1  # its intercept alone would be 13 tC/ha and more


def test_the_age_serves_where_nothing_was_measured():
    rows = carbon_of(
        {"group": "poplar", "age_years": 5.0},
        {"group": "poplar", "age_years": 5.0, "volume_m3_per_ha": 0.0},
        {"group": "poplar", "age_years": 5.0, **AT_100},
    )

    assert rows["methods"].to_list() == ["M4", "M4", "M1 M2"]
    assert rows["m4_tc_per_ha"].round(1).to_list()[:2] == [17.1, 17.1]
    assert np.isnan(rows["m4_tc_per_ha"].iloc[2])


def test_a_small_volume_counts_and_the_age_widens_its_range():
    young = {"group": "poplar", "volume_m3_per_ha": 20.0}
    alone, aged = carbon_of(young, {**young, "age_years": 8.0}).itertuples()

    assert alone.methods == aged.methods == "M1"
    assert alone.above_ground_tc_per_ha == aged.above_ground_tc_per_ha
    assert aged.live_high_tc_per_ha > aged.m4_tc_per_ha > alone.live_high_tc_per_ha


def test_roots_are_split_off_and_never_added_twice():
    row = carbon_of({"group": "poplar", "volume_m3_per_ha": 20.0}).iloc[0]

    assert row[LIVE[1]] / row[LIVE[0]] == pytest.approx(0.227)
    assert row[LIVE].sum() == pytest.approx(row["m1_tc_per_ha"])
    assert row["dead_organic_matter_tc_per_ha"] == 1.5  # of broadleaf forest


@pytest.mark.parametrize(
    ("group", "live", "low", "high", "dead"),
    [
        pytest.param("bamboo", 23.78, 10, 35, 2.5, id="bamboo: Li et al. 2016, table 3"),
        pytest.param("orchard", 10.2, 5.0, 20.5, 0.3, id="orchard: class ORC"),
        pytest.param("nursery", 10.2, 5.0, 20.5, 0.3, id="nursery: class ORC"),
        pytest.param("shrub", 6.0, 2.2, 12.0, 0.8, id="shrub: class SHR"),
    ],
)
def test_what_is_no_forest_of_trees_has_a_density(group, live, low, high, dead):
    row = carbon_of({"group": group, **AT_100, "age_years": 20.0}).iloc[0]

    assert row["methods"] == "density"
    assert row[LIVE].sum() == pytest.approx(live)
    assert row["live_low_tc_per_ha"] == pytest.approx(low)
    assert row["live_high_tc_per_ha"] == pytest.approx(high)
    assert row["dead_organic_matter_tc_per_ha"] == dead
    assert np.isnan(row["m1_tc_per_ha"])


def test_a_stand_of_which_nothing_is_known_has_no_carbon_of_its_own():
    row = carbon_of({"group": "willow"}).iloc[0]

    assert row["methods"] == ""
    assert row.drop("methods").isna().all()


def test_methods_that_disagree_widen_the_range():
    agreeing, apart = carbon_of(
        {"group": "poplar", **AT_100}, {"group": "metasequoia", **AT_100}
    ).itertuples()

    def width(row):
        return row.live_high_tc_per_ha / row.live_low_tc_per_ha

    assert width(apart) > width(agreeing) > 1
    assert apart.live_low_tc_per_ha < apart.m1_tc_per_ha
    assert apart.live_high_tc_per_ha > apart.m2_tc_per_ha


def test_the_range_of_a_factor_has_mean_one():
    rng = np.random.default_rng(4)
    low, high = mean_one_range(pd.Series([0.5]))
    drawn = np.exp(0.5 * rng.standard_normal(400_000) - 0.125)

    assert drawn.mean() == pytest.approx(1, abs=0.005)
    assert np.quantile(drawn, [0.025, 0.975]) == pytest.approx([low[0], high[0]], rel=0.01)


def test_the_range_of_a_group_is_that_of_its_stands_together():
    inventory = stands(
        {"group": "poplar", "area_ha": 3.0, **AT_100},
        {"group": "poplar", "area_ha": 1.0, "age_years": 5.0},
        {"group": "willow"},
    )
    carbon = stand_carbon(inventory, FACTORS)
    ranges = species_ranges(inventory, carbon)

    live = carbon[LIVE].sum(axis="columns")
    low = 3 * carbon["live_low_tc_per_ha"].loc[1] + carbon["live_low_tc_per_ha"].loc[2]
    assert ranges.loc["poplar", "relative_low"] == pytest.approx(
        low / (3 * live.loc[1] + live.loc[2])
    )
    assert ranges.loc["poplar", "relative_low"] < 1 < ranges.loc["poplar", "relative_high"]
    assert ranges.loc["willow"].to_list() == [1, 1]


def test_trees_outside_stands_count_by_number():
    trees = trees_outside(pd.Series({"a": 1000, "b": 0}), FACTORS, count_relative_se=0.1)

    assert trees.loc["a", ["above_ground_tc", "below_ground_tc"]].sum() == pytest.approx(35)
    assert trees.loc["a", "live_low_tc"] < 10  # 0.010 tC each, and the count may be off too
    assert trees.loc["a", "live_high_tc"] > 80
    assert (trees.loc["b"] == 0).all()


def test_stands_do_not_depend_on_one_another():
    rows = [{"group": "poplar", **AT_100}, {"group": "bamboo"}, {"group": "mixed", **AT_100}]
    together = carbon_of(*rows)

    for place, row in enumerate(rows):
        alone = carbon_of(row).iloc[0]
        pd.testing.assert_series_equal(together.iloc[place], alone, check_names=False)
