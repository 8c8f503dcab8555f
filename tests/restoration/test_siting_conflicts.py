"""Demands that conflict are named, no more of them than conflict, with what each lacks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.restoration.siting.conflicts import LOCKED_IN, LOCKED_OUT, conflict, require_plan
from sinks.restoration.siting.demands import (
    Aim,
    Demand,
    area,
    beside,
    budget,
    most_units,
    target,
)
from sinks.restoration.siting.plans import plan_of, solve
from sinks.restoration.siting.program import Found, program_of
from sinks.restoration.siting.units import Units
from tests.restoration.made_siting import all_plans, grid, large

CARBON = Aim(maximise={"carbon_tco2e": 1.0})


def even(**columns: object) -> Units:
    """Return nine units of 10 ha at 100,000 yuan, alike but for some columns."""
    units = grid(3, 3)
    table = units.table.assign(area_ha=10.0, cost_yuan=1e5, carbon_tco2e=10.0)
    return replace(units, table=table.assign(**columns))


def test_money_for_four_and_hectares_of_seven_conflict_and_others_do_not():
    demands = [budget(4e5), area(65.0), most_units(8), area(10.0, zone="south")]

    found = conflict(even(), CARBON, demands)

    assert found.index.tolist() == ["budget", "area at least"]
    # seven units cost 700,000 yuan; four units have 40 ha
    assert found["shortfall"].tolist() == pytest.approx([3e5, 25.0])
    assert found["unit"].tolist() == ["yuan", "ha"]


def test_of_two_conflicts_one_is_told():
    demands = [budget(2e5), area(55.0), target("carbon_tco2e", 95.0)]

    found = conflict(even(), CARBON, demands)

    # 95 t is more than all ground gives: that one demand conflicts by itself
    assert found.index.tolist() in (["target carbon_tco2e"], ["budget", "area at least"])
    if len(found) == 1:
        assert found["shortfall"].tolist() == pytest.approx([5.0])


def test_locks_are_part_of_a_conflict():
    units = even(locked=["in"] * 3 + ["out"] * 2 + [""] * 4)

    dear = conflict(units, CARBON, [budget(2e5), area(10.0)])
    wide = conflict(units, CARBON, [area(80.0)])

    assert dear.index.tolist() == ["budget", LOCKED_IN]
    assert dear["shortfall"].tolist() == pytest.approx([1e5, 10.0])
    assert wide.index.tolist() == ["area at least", LOCKED_OUT]
    assert wide["shortfall"].tolist() == pytest.approx([10.0, 10.0])


def test_whole_units_conflict_where_shares_do_not():
    demands = [area(15.0, "at_most", name="most"), area(12.0, name="least")]

    found = conflict(even(), CARBON, demands)
    of_shares = conflict(even(), replace(CARBON, whole=False), demands)

    assert found["shortfall"].to_dict() == pytest.approx({"most": 5.0, "least": 2.0})
    assert of_shares.empty


def test_too_few_units_taken_in_part():
    demands = [most_units(2), area(45.0)]

    found = conflict(even(), replace(CARBON, whole=False), demands)

    assert found["shortfall"].to_dict() == pytest.approx(
        {"most units": 3.0, "area at least": 25.0}
    )


def test_ground_beside_wetland_falls_short_in_hectares():
    units = even(beside_wetland=[True] * 2 + [False] * 7)

    found = conflict(units, CARBON, [beside(0.5), area(60.0)])

    # half of 60 ha would have to lie beside wetland, 20 ha do
    assert found["shortfall"].to_dict() == pytest.approx(
        {"beside wetland": 10.0, "area at least": 20.0}
    )


@settings(max_examples=40)
@given(st.data())
def test_a_set_in_conflict_is_irreducible_and_giving_way_is_enough(data):
    units = grid(3, 3, seed=data.draw(st.integers(0, 10_000)))
    whole = units.table[["cost_yuan", "area_ha", "carbon_tco2e", "habitat"]].sum()
    part = st.sampled_from([0.1, 0.3, 0.5, 0.8])
    demands = [
        budget(whole["cost_yuan"] * data.draw(part)),
        target("carbon_tco2e", whole["carbon_tco2e"] * data.draw(part)),
        target("habitat", whole["habitat"] * data.draw(part)),
        area(whole["area_ha"] * data.draw(part), "at_most"),
        area(whole["area_ha"] * data.draw(part) / 2, zone="north"),
    ]

    found = conflict(units, CARBON, demands)

    assert found.empty == bool(len(all_plans(units, demands)))
    assume(not found.empty)
    named = [one for one in demands if one.name in found.index]
    assert len(named) == len(found)
    assert len(all_plans(units, named)) == 0
    for one in named:
        others = [other for other in named if other is not one]
        assert len(all_plans(units, others))
        short = found.loc[one.name, "shortfall"]
        assert short > 0
        assert len(all_plans(units, [*others, relaxed(one, 1.0001 * short)]))
        assert not len(all_plans(units, [*others, relaxed(one, 0.99 * short)]))


def relaxed(demand: Demand, by: float) -> Demand:
    """Return a demand that gives way by an amount."""
    sign = 1.0 if demand.sense == "at_most" else -1.0
    return replace(demand, amount=demand.amount + sign * by)


def test_a_question_without_a_plan_is_refused_with_its_reason():
    units, demands = even(), [budget(4e5), area(65.0)]
    plan = solve(units, CARBON, demands)

    assert plan.status == "infeasible"
    assert not plan.found
    assert plan.shares.isna().all()
    assert plan.demands["achieved"].isna().all()
    with pytest.raises(InputRefused) as refused:
        require_plan(plan, units, CARBON, demands)

    (finding,) = refused.value.findings
    assert finding.code == "N53"
    assert "budget 300,000 yuan; area at least 25 ha" in finding.found("en")
    assert "budget 300,000 元；area at least 25 公顷" in finding.found("zh")


def test_locks_are_named_in_both_languages():
    units = even(locked=["in"] * 3 + [""] * 6)
    plan = solve(units, CARBON, [budget(2e5)])

    with pytest.raises(InputRefused) as refused:
        require_plan(plan, units, CARBON, [budget(2e5)])

    (finding,) = refused.value.findings
    assert "locked in 10 ha" in finding.found("en")
    assert "必须纳入的图斑 10 公顷" in finding.found("zh")


def test_a_search_that_found_nothing_in_time_is_refused():
    units = even()
    program = program_of(units, CARBON, [])
    nothing = Found(shares=None, value=np.inf, bound=-np.inf)
    plan = plan_of(nothing, program, units, [], gap=0.01)

    assert plan.status == "time_limit"
    with pytest.raises(InputRefused) as refused:
        require_plan(plan, units, CARBON, [], time_limit_s=5.0)

    assert [finding.code for finding in refused.value.findings] == ["N55"]


def test_a_plan_passes():
    units = even()

    require_plan(solve(units, CARBON, []), units, CARBON, [])


def test_large_ground_in_conflict_is_told_too():
    units = large(60)
    demands = [budget(1e5), *(area(50.0, zone=f"z{n}") for n in range(4))]
    aim = Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=0.2)

    plan = solve(units, aim, demands)
    found = conflict(units, aim, demands)

    assert plan.status == "infeasible"
    assert "budget" in found.index
    assert len(found) == 2
    assert (found["shortfall"] > 0).all()
