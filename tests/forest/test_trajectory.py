"""Stands year by year: planting scenarios, rotations by hand, and the laws of a balance."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, lists, sampled_from, tuples

from sinks.errors import InputRefused, InvariantViolated
from sinks.forest.biomass import LIVE, stand_carbon
from sinks.forest.growth import curve_stock
from sinks.forest.trajectory import (
    TRAJECTORY,
    mean_increment,
    require_balance,
    stand_cohorts,
    stand_trajectory,
)
from tests.forest.made import FACTORS, cohorts, stands

UNCUT = replace(FACTORS, rotations=pd.Series(dtype=float))
STILL = replace(
    FACTORS,
    constants={
        **FACTORS.constants,
        "mortality_per_year": replace(FACTORS.constants["mortality_per_year"], number=0.0),
    },
)
GROUPS = sampled_from(list(FACTORS.groups.index))
POPLAR = (75, 0.130, 2.0)
ANY_COHORTS = lists(
    tuples(
        sampled_from(["a", "b"]),
        GROUPS,
        integers(-5, 60).map(float),
        floats(0.01, 500),
        floats(0, 300),
    ),
    min_size=1,
    max_size=6,
)


def closing(rows: pd.DataFrame, year: int) -> float:
    return float(rows.xs(year, level="year")["closing_tc"].sum())


@pytest.mark.parametrize(
    ("group", "in_2030", "in_2060"),
    [("poplar", 168, 2421), ("taxodium", 81, 2608), ("broadleaf", 72, 2156)],
)
def test_100_mu_planted_each_year_from_2026_to_2030_hold(group, in_2030, in_2060):
    planted = cohorts(*(("a", group, -float(n), 6.667, 0.0) for n in range(1, 6)))

    rows = stand_trajectory(planted, UNCUT, first_year=2025, last_year=2060)

    assert round(closing(rows, 2030)) == in_2030
    assert round(closing(rows, 2060)) == in_2060


def test_a_poplar_stand_is_cut_at_12_and_planted_again():
    stock = curve_stock(np.arange(13), *POPLAR)
    ten_years_old = cohorts(("a", "poplar", 10.0, 2.0, 2 * stock[10]))

    rows = stand_trajectory(ten_years_old, STILL, first_year=2025, last_year=2040)
    of = rows.droplevel(["zone", "group"])

    assert of.loc[2026, "closing_tc"] == pytest.approx(2 * stock[11])
    assert of.loc[2027, "growth_tc"] == pytest.approx(2 * (stock[12] - stock[11]))
    assert of.loc[2027, "harvest_tc"] == pytest.approx(2 * stock[12])
    assert of.loc[2027, "closing_tc"] == 0
    assert of.loc[2030, "closing_tc"] == pytest.approx(2 * stock[3])
    assert of.loc[2039, "harvest_tc"] == pytest.approx(2 * stock[12])  # twelve years later
    assert (of["harvest_tc"] > 0).sum() == 2


def test_stands_past_their_rotation_are_cut_in_equal_parts_over_some_years():
    years = int(STILL.number("overdue_cut_years"))
    old = cohorts(("a", "poplar", 20.0, 10.0, 10 * curve_stock(20, *POPLAR)))

    rows = stand_trajectory(old, STILL, first_year=2025, last_year=2037)
    harvest = rows.droplevel(["zone", "group"])["harvest_tc"]

    at = curve_stock(np.arange(21, 21 + years), *POPLAR)
    last = 2025 + years
    assert harvest.loc[2026:last].to_numpy() == pytest.approx(10 / years * at)
    assert (harvest.loc[last + 1 : 2037] == 0).all()


def test_the_first_year_opens_with_the_inventory_and_keeps_its_ratio_to_the_curve():
    stock = curve_stock([8, 9], *POPLAR)
    poor = cohorts(("a", "poplar", 8.0, 1.0, 0.7 * stock[0]))

    row = stand_trajectory(poor, STILL, first_year=2025, last_year=2026).iloc[0]

    assert row["opening_tc"] == pytest.approx(0.7 * stock[0])
    assert row["closing_tc"] == pytest.approx(0.7 * stock[1])


def test_a_stand_richer_than_its_curve_allows_stands_at_another_age_of_the_highest_curve():
    rich = cohorts(("a", "taxodium", 5.0, 1.0, 60.0))  # the curve says 8.5

    rows = stand_trajectory(rich, STILL, first_year=2025, last_year=2125)

    assert rows["opening_tc"].iloc[0] == pytest.approx(60.0)
    assert closing(rows, 2125) == pytest.approx(160.0, rel=0.01)  # the high limit


def test_a_stand_above_the_highest_curve_stays_as_it_is():
    huge = cohorts(("a", "taxodium", 50.0, 1.0, 200.0))

    rows = stand_trajectory(huge, STILL, first_year=2025, last_year=2060)

    assert rows["closing_tc"].to_numpy() == pytest.approx(200.0)
    assert rows["growth_tc"].to_numpy() == pytest.approx(0.0)


def test_what_was_too_rich_is_replanted_within_the_limits_of_its_curve():
    huge = cohorts(("a", "poplar", 11.0, 1.0, 200.0))

    rows = stand_trajectory(huge, STILL, first_year=2025, last_year=2038)
    harvest = rows.droplevel(["zone", "group"])["harvest_tc"]

    assert harvest[2026] == pytest.approx(200.0)
    assert harvest[2038] == pytest.approx(110 / 75 * float(curve_stock(12, *POPLAR)))


def test_groups_without_a_curve_hold_what_they_hold():
    bamboo = cohorts(("a", "bamboo", 0.0, 2.0, 47.56))

    rows = stand_trajectory(bamboo, FACTORS, first_year=2025, last_year=2060)

    assert rows["closing_tc"].to_numpy() == pytest.approx(47.56)
    assert (rows["harvest_tc"] == 0).all()


def test_mortality_raises_gross_growth_and_not_the_stock():
    forest = cohorts(("a", "broadleaf", 20.0, 1.0, 40.0))
    still = stand_trajectory(forest, STILL, first_year=2025, last_year=2030)
    dying = stand_trajectory(forest, FACTORS, first_year=2025, last_year=2030)

    assert dying["closing_tc"].to_numpy() == pytest.approx(still["closing_tc"].to_numpy())
    assert dying["mortality_tc"].iloc[0] == pytest.approx(0.005 * 40)
    assert (dying["growth_tc"] - dying["mortality_tc"]).to_numpy() == pytest.approx(
        still["growth_tc"].to_numpy()
    )


def walked(cohort: tuple[str, str, float, float, float], years: int) -> list[float]:
    """Follow one cohort with nothing but a loop: the closing stocks."""
    _, group, age, area, _ = cohort
    row = FACTORS.curves.loc[FACTORS.groups.loc[group, "growth"]]
    curve = (row["limit_tc_per_ha"], row["rate_per_year"], row["shape_ratio"])
    rotation = FACTORS.rotations.get(group, np.inf)
    stocks = []
    for _ in range(years):
        age = 0.0 if age + 1 == rotation else age + 1
        stocks.append(area * float(curve_stock(age, *curve)))
    return stocks


@given(
    sampled_from(["poplar", "paulownia", "orchard", "taxodium", "mixed"]),
    integers(-5, 11),
    floats(0.1, 100),
)
def test_following_a_cohort_with_a_loop_gives_the_same(group, age, area_ha):
    cohort = ("a", group, float(age), area_ha, float("nan"))

    rows = stand_trajectory(cohorts(cohort), FACTORS, first_year=2020, last_year=2060)

    assert rows["closing_tc"].to_list() == pytest.approx(walked(cohort, 40))


@settings(max_examples=60)
@given(ANY_COHORTS)
def test_every_balance_closes_and_nothing_is_negative(rows):
    given_cohorts = cohorts(*rows)
    found = stand_trajectory(given_cohorts, FACTORS, first_year=2020, last_year=2060)

    gain = found["growth_tc"] - found["harvest_tc"] - found["mortality_tc"]
    assert (found["opening_tc"] + gain).to_numpy() == pytest.approx(
        found["closing_tc"].to_numpy(), abs=1e-6
    )
    assert (found >= -1e-6).all(axis=None)
    standing = given_cohorts[given_cohorts["age_years"] > 0]["live_tc"].sum()
    opened = found.xs(2021, level="year")["opening_tc"].sum()
    planted = given_cohorts[given_cohorts["age_years"] <= 0]["live_tc"].sum()
    assert standing - 1e-6 <= opened <= standing + planted + 1e-6


@settings(max_examples=40)
@given(ANY_COHORTS, floats(0.1, 0.9))
def test_splitting_land_in_two_changes_nothing(rows, share):
    whole = cohorts(*rows)
    amounts = ["area_ha", "live_tc"]
    parts = [whole.assign(**{c: whole[c] * s for c in amounts}) for s in (share, 1 - share)]
    years = {"first_year": 2020, "last_year": 2045}

    together = stand_trajectory(whole, FACTORS, **years)
    apart = stand_trajectory(pd.concat(parts), FACTORS, **years)

    pd.testing.assert_frame_equal(together, apart, rtol=1e-9, atol=1e-7)


def test_stands_are_gathered_by_zone_group_and_age():
    inventory = stands(
        {"group": "poplar", "age_years": 8.0, "volume_m3_per_ha": 100.0},
        {"group": "poplar", "age_years": 8.0, "volume_m3_per_ha": 50.0},
        {"group": "broadleaf", "volume_m3_per_ha": 60.0},
        {"group": "willow"},
        {"group": "bamboo"},
    )
    carbon = stand_carbon(inventory, FACTORS)
    pieces = pd.DataFrame(
        {
            "zone": ["a", "b", "a", "a", "a", "a"],
            "stand": [1, 1, 2, 3, 4, 5],
            "area_ha": [2.0, 3.0, 1.0, 1.0, 1.0, 1.0],
        }
    )

    found = stand_cohorts(pieces, inventory, carbon, FACTORS).set_index(["zone", "group"])
    live = carbon[LIVE].sum(axis="columns")

    assert found.loc[("a", "poplar"), "live_tc"] == pytest.approx(2 * live[1] + live[2])
    assert found.loc[("b", "poplar"), "area_ha"] == 3
    age = found.loc[("a", "broadleaf"), "age_years"]  # read off the curve, in whole years
    assert curve_stock([age - 0.5, age + 0.5], 95, 0.05, 1.7) == pytest.approx(live[3], abs=1.5)
    assert ("a", "willow") not in found.index  # nothing measured: the class keeps its density
    assert found["live_tc"].sum() == pytest.approx(5 * live[1] + live[2] + live[3] + live[5])


def test_an_old_stand_of_unknown_age_is_no_older_than_the_curve_can_tell():
    inventory = stands({"group": "broadleaf", "volume_m3_per_ha": 600.0})
    carbon = stand_carbon(inventory, FACTORS)
    pieces = pd.DataFrame({"zone": ["a"], "stand": [1], "area_ha": [1.0]})

    assert stand_cohorts(pieces, inventory, carbon, FACTORS)["age_years"].to_list() == [100.0]


def test_the_mean_of_years_evens_out_a_harvest():
    stock = float(curve_stock(12, *POPLAR))
    young = cohorts(("a", "poplar", 0.0, 1.0, 0.0))
    rows = stand_trajectory(young, STILL, first_year=2020, last_year=2044)

    one = mean_increment(rows, first_year=2032, last_year=2032).loc[("a", "poplar")]
    twelve = mean_increment(rows, first_year=2021, last_year=2032).loc[("a", "poplar")]

    assert one["harvest_tc_per_year"] == pytest.approx(stock)
    assert one["net_tc_per_year"] < 0
    assert twelve["growth_tc_per_year"] == pytest.approx(stock / 12)
    assert twelve["net_tc_per_year"] == pytest.approx(0)


def test_a_balance_that_does_not_close_is_our_mistake():
    rows = stand_trajectory(
        cohorts(("a", "poplar", 3.0, 1.0, 9.0)), FACTORS, first_year=2025, last_year=2030
    )
    lost, jump, negative = rows.copy(), rows.copy(), -rows
    lost.loc[("a", 2027, "poplar"), "growth_tc"] += 1e-3
    jump.loc[("a", 2027, "poplar"), ["opening_tc", "closing_tc"]] += 1.0

    for broken in (lost, jump, negative):
        with pytest.raises(InvariantViolated, match="I24"):
            require_balance(broken)


@pytest.mark.parametrize("last_year", [2025, 2024])
def test_a_trajectory_needs_years_ahead(last_year):
    with pytest.raises(InputRefused, match="H06"):
        stand_trajectory(
            cohorts(("a", "poplar", 3.0, 1.0, 9.0)),
            FACTORS,
            first_year=2025,
            last_year=last_year,
        )


def test_a_mean_needs_years_of_the_trajectory():
    rows = stand_trajectory(
        cohorts(("a", "poplar", 3.0, 1.0, 9.0)), FACTORS, first_year=2025, last_year=2030
    )
    for years in ((2025, 2027), (2028, 2031), (2029, 2028)):
        with pytest.raises(InputRefused, match="H06"):
            mean_increment(rows, first_year=years[0], last_year=years[1])


def test_6600_stands_over_41_years_take_well_under_a_second():
    rng = np.random.default_rng(1)
    count = 6600
    many = pd.DataFrame(
        {
            "zone": rng.integers(0, 30, count),
            "group": rng.choice(FACTORS.groups.index, count),
            "age_years": rng.integers(-5, 60, count).astype(float),
            "area_ha": rng.random(count),
            "live_tc": rng.random(count) * 40,
        }
    )
    started = time.perf_counter()
    rows = stand_trajectory(many, FACTORS, first_year=2019, last_year=2060)

    assert time.perf_counter() - started < 1
    assert list(rows.columns) == list(TRAJECTORY)
    assert rows.index.names == ["zone", "year", "group"]
