"""The best plan of small ground against every plan there is, and large ground within its gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sinks.restoration.siting.demands import (
    Aim,
    area,
    beside,
    budget,
    most_units,
    target,
)
from sinks.restoration.siting.plans import solve
from sinks.restoration.siting.units import Units
from tests.restoration.made_siting import all_plans, grid, grid_borders, large, objectives

CARBON = Aim(maximise={"carbon_tco2e": 1.0})


@settings(max_examples=60)
@given(st.data())
def test_the_optimum_is_the_best_of_all_plans(data):
    units = grid(3, 3, seed=data.draw(st.integers(0, 10_000)))
    locks = data.draw(st.lists(st.sampled_from(["", "", "", "in", "out"]), min_size=9, max_size=9))
    units = replace(units, table=units.table.assign(locked=locks))
    whole = units.table[["cost_yuan", "area_ha", "carbon_tco2e", "habitat"]].sum()
    part = st.sampled_from([0.2, 0.4, 0.6])
    possible = [
        budget(whole["cost_yuan"] * data.draw(part)),
        area(whole["area_ha"] * 0.7, "at_most"),
        area(whole["area_ha"] * 0.1, zone="north"),
        area(whole["area_ha"] * 0.1, zone="south"),
        target("carbon_tco2e", whole["carbon_tco2e"] * data.draw(part)),
        target("habitat", whole["habitat"] * 0.2),
        beside(0.5),
        most_units(4),
    ]
    demands = [one for one in possible if data.draw(st.booleans())]
    aim = data.draw(
        st.sampled_from(
            [
                CARBON,
                Aim(maximise={"carbon_tco2e": 1.0, "habitat": 3.0}, penalty_per_m=0.2),
                Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=0.1, bonus_per_pair=15.0),
                Aim(maximise=None),
                Aim(maximise=None, penalty_per_m=300.0, bonus_per_pair=2e4),
            ]
        )
    )
    plans = all_plans(units, demands)

    plan = solve(units, aim, demands, gap=0.0)

    assert (plan.status == "infeasible") == (len(plans) == 0)
    assume(len(plans))
    of_all = objectives(units, aim, plans)
    best = of_all.min() if aim.maximise is None else of_all.max()
    assert plan.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    own = objectives(units, aim, plan.shares.to_numpy()[None])
    assert plan.objective == pytest.approx(own[0], rel=1e-9, abs=1e-6)
    assert (plans == plan.shares.to_numpy()).all(axis=1).any()


def test_a_minimum_set_on_a_4_by_4_grid_is_the_cheapest_of_65536():
    # the first exercise of reserve selection: two features, a target for each, least cost
    random = np.random.default_rng(11)
    names = [f"u{n}" for n in range(16)]
    table = pd.DataFrame(
        {
            "area_ha": 25.0,
            "cost_yuan": random.integers(190, 220, 16).astype(float),
            "zone": "all",
            "locked": "",
            "heron": random.integers(0, 8, 16).astype(float),
            "reed": random.integers(0, 8, 16).astype(float),
        },
        index=names,
    )
    borders = grid_borders(4, 4, names, 0.5)
    units = Units(table=table, benefits=("heron", "reed"), borders=borders)
    demands = [target("heron", 20.0), target("reed", 20.0)]

    for aim in (Aim(maximise=None), Aim(maximise=None, penalty_per_m=40.0)):
        plans = all_plans(units, demands)
        plan = solve(units, aim, demands, gap=0.0)

        assert plan.objective == pytest.approx(objectives(units, aim, plans).min(), rel=1e-9)
        assert (plan.demands["achieved"] >= plan.demands["amount"]).all()


def test_a_penalty_on_boundary_makes_plans_compact():
    units = grid(5, 5)
    demands = [budget(units.table["cost_yuan"].sum() / 3)]

    loose, tight = (
        solve(units, Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=penalty), demands, gap=0.0)
        for penalty in (0.0, 0.5)
    )

    assert tight.totals["boundary_m"] < loose.totals["boundary_m"]
    assert tight.totals["carbon_tco2e"] <= loose.totals["carbon_tco2e"]


@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_shares_of_units_are_a_bound_on_whole_ones(penalty):
    units = grid(4, 4)
    demands = [budget(1.3e6), area(30.0, zone="south")]
    aim = Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=penalty)

    whole = solve(units, aim, demands, gap=0.0)
    parts = solve(units, replace(aim, whole=False), demands, gap=0.0)

    assert parts.objective >= whole.objective - 1e-6
    assert parts.demands.loc["budget", "achieved"] == pytest.approx(1.3e6)
    assert whole.shares.isin([0.0, 1.0]).all()
    assert parts.shares.between(0, 1).all()


def test_shares_of_a_few_units_only():
    units = grid(3, 3)
    demands = [area(25.0, "at_most"), most_units(2)]

    plan = solve(units, Aim(maximise={"carbon_tco2e": 1.0}, whole=False), demands, gap=0.0)

    table = units.table
    carbon, area_ha = table["carbon_tco2e"].to_numpy(), table["area_ha"].to_numpy()
    best = max(
        (solve_two(area_ha[[i, j]], carbon[[i, j]], 25.0) for i in range(9) for j in range(i)),
    )
    assert plan.objective == pytest.approx(best, rel=1e-6)
    assert plan.totals["units"] == len(plan.chosen) == 2


def solve_two(area_ha: np.ndarray, carbon: np.ndarray, most_ha: float) -> float:
    """Fill an area with two units, the denser first."""
    order = np.argsort(-carbon / area_ha)
    first = min(1.0, most_ha / area_ha[order[0]])
    left_ha = most_ha - first * area_ha[order[0]]
    return float(
        first * carbon[order[0]] + min(1.0, left_ha / area_ha[order[1]]) * carbon[order[1]]
    )


def test_what_a_plan_has_is_told_demand_by_demand():
    units = grid(3, 3)
    demands = [budget(9e5), area(5.0, zone="north"), beside(0.5), most_units(5)]

    plan = solve(units, CARBON, demands, gap=0.0)

    table, told = units.table.loc[plan.chosen], plan.demands["achieved"]
    assert told["budget"] == table["cost_yuan"].sum() <= 9e5
    assert told["area at least north"] == table.query("zone == 'north'")["area_ha"].sum() >= 5
    beside_ha = table.loc[table["beside_wetland"], "area_ha"].sum()
    assert told["beside wetland"] == pytest.approx(beside_ha / table["area_ha"].sum())
    assert told["most units"] == plan.totals["units"] == len(table) <= 5
    assert plan.status == "optimal"
    assert plan.gap == 0.0
    assert plan.bound == pytest.approx(plan.objective, rel=1e-6)


def test_nothing_is_asked_and_everything_is_taken():
    units = grid(3, 3)

    assert len(solve(units, CARBON, []).chosen) == 9
    assert solve(units, Aim(maximise=None), []).objective == 0.0


@pytest.mark.parametrize("penalty", [0.0, 0.2])
def test_large_ground_is_solved_within_its_gap(penalty):
    units = large(60)
    whole_yuan = units.table["cost_yuan"].sum()
    demands = [budget(0.15 * whole_yuan), *(area(60.0, zone=f"z{n}") for n in range(4))]
    aim = Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=penalty)

    plan = solve(units, aim, demands, gap=0.01)
    again = solve(units, aim, demands, gap=0.01)

    assert plan.status == "optimal"
    assert plan.objective <= plan.bound <= plan.objective * 1.01
    assert plan.demands.loc["budget", "achieved"] <= 0.15 * whole_yuan
    assert (plan.demands["achieved"][1:] >= 60.0).all()
    pd.testing.assert_series_equal(plan.shares, again.shares)


def test_large_and_small_ways_meet(monkeypatch):
    units = grid(12, 12)
    demands = [budget(units.table["cost_yuan"].sum() / 5), area(100.0, zone="south")]
    aim = Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=0.2, bonus_per_pair=2.0)

    straight = solve(units, aim, demands, gap=0.001)
    monkeypatch.setattr("sinks.restoration.siting.solving._SMALL", 0)
    monkeypatch.setattr("sinks.restoration.siting.solving._CORES", (20, 60))
    by_core = solve(units, aim, demands, gap=0.001)

    assert by_core.status == straight.status == "optimal"
    assert by_core.objective == pytest.approx(straight.objective, rel=0.002)
    assert by_core.bound >= straight.objective * (1 - 1e-9)
    assert straight.bound >= by_core.objective * (1 - 1e-9)


def test_shares_of_large_ground_are_those_of_the_solver(monkeypatch):
    units = grid(12, 12)
    demands = [budget(units.table["cost_yuan"].sum() / 5)]
    aim = Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=0.2, whole=False)

    straight = solve(units, aim, demands, gap=0.0)
    monkeypatch.setattr("sinks.restoration.siting.solving._SMALL", 0)
    by_core = solve(units, aim, demands, gap=1e-4)

    assert by_core.objective == pytest.approx(straight.objective, rel=1e-4)


def test_a_plan_that_ran_out_of_time_says_so():
    units = large(60)
    demands = [budget(0.15 * units.table["cost_yuan"].sum())]
    aim = Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=0.5)

    plan = solve(units, aim, demands, gap=0.0, time_limit_s=2.0)

    assert plan.found
    assert plan.status == "time_limit"
    assert 0 < plan.gap < 0.2
    assert plan.bound > plan.objective
    assert plan.demands.loc["budget", "achieved"] <= demands[0].amount


def test_no_units_make_an_empty_plan():
    units = Units(table=grid(2, 2).table.iloc[:0], benefits=("carbon_tco2e",))

    plan = solve(units, CARBON, [budget(1e6)])

    assert plan.status == "optimal"
    assert plan.objective == 0.0
    assert plan.chosen.empty


def test_a_plan_out_of_benefits_leaves_what_harms():
    units = grid(3, 3)
    table = units.table.copy()
    table["carbon_tco2e"] -= 100.0
    units = replace(units, table=table)

    plan = solve(units, CARBON, [])

    assert plan.chosen.tolist() == table.index[table["carbon_tco2e"] > 0].tolist()
