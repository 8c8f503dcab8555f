"""Plans nearly as good, plans between two objectives, and plans under other benefits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.restoration.siting.demands import Aim, area, budget, target
from sinks.restoration.siting.fronts import Steps, front
from sinks.restoration.siting.plans import solve
from sinks.restoration.siting.portfolio import Search, portfolio
from sinks.restoration.siting.robustness import Trials, robustness
from tests.restoration.made_siting import all_plans, grid, large, objectives

CARBON = Aim(maximise={"carbon_tco2e": 1.0})
COMPACT = Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=0.1)


def a_third(units, column="cost_yuan"):
    return budget(units.table[column].sum() / 3)


@pytest.mark.parametrize("aim", [CARBON, COMPACT], ids=["loose", "compact"])
def test_plans_of_a_portfolio_differ_and_are_within_their_share(aim):
    units = grid(4, 4)
    demands = [a_third(units), area(10.0, zone="south")]

    found = portfolio(units, aim, demands, search=Search(plans=8, within=0.1, gap=0.0))

    of_all = objectives(units, aim, all_plans(units, demands))
    best = of_all.max()
    assert len(found.plans) == min(8, (of_all >= 0.9 * best).sum())
    assert found.plans["objective"][0] == pytest.approx(best)
    assert (found.plans["objective"] >= 0.9 * best - 1e-6).all()
    assert found.plans["lost"].between(-1e-9, 0.1 + 1e-9).all()
    assert not found.shares.T.duplicated().any()
    assert (found.plans["cost_yuan"] <= demands[0].amount).all()
    pd.testing.assert_series_equal(
        found.frequency, (found.shares > 0).mean(axis=1), check_names=False
    )
    assert found.spread.loc["max", "cost_yuan"] == found.plans["cost_yuan"].max()


def test_a_portfolio_ends_when_there_are_no_more_plans():
    units = grid(2, 2)
    demands = [area(units.table["area_ha"].sum() - 1)]  # all units must be taken

    found = portfolio(units, CARBON, demands, search=Search(plans=5, gap=0.0))

    assert len(found.plans) == 1
    assert (found.frequency == 1.0).all()


def test_a_portfolio_finds_all_plans_of_the_share_where_there_are_few():
    units = grid(2, 3)
    demands = [a_third(units)]
    plans = all_plans(units, demands)
    of_all = objectives(units, CARBON, plans)
    near = plans[of_all >= 0.8 * of_all.max() - 1e-6]

    found = portfolio(units, CARBON, demands, search=Search(plans=40, within=0.2, gap=0.0))

    assert sorted(map(tuple, found.shares.T.to_numpy())) == sorted(map(tuple, near))
    np.testing.assert_allclose(found.frequency, near.mean(axis=0))


def test_a_portfolio_goes_as_far_from_the_best_as_it_may():
    units = grid(6, 6)

    found = portfolio(units, CARBON, [a_third(units)], search=Search(plans=20, within=0.1))

    assert found.plans["lost"].max() > 0.03
    assert ((found.frequency > 0) & (found.frequency < 1)).mean() > 0.2


def test_a_portfolio_follows_from_its_seed():
    units = grid(4, 4)

    one, same, other = (
        portfolio(units, CARBON, [a_third(units)], search=Search(plans=6, within=0.2, seed=seed))
        for seed in (1, 1, 2)
    )

    pd.testing.assert_frame_equal(one.shares, same.shares)
    assert not one.shares.equals(other.shares)


def test_a_portfolio_of_shares_and_one_of_large_ground():
    units = grid(4, 4)
    parts = portfolio(
        units, replace(CARBON, whole=False), [a_third(units)], search=Search(plans=4)
    )
    many = large(45)
    of_many = portfolio(many, COMPACT, [budget(0.2 * many.table["cost_yuan"].sum())],
                        search=Search(plans=3, within=0.03))  # fmt: skip

    assert parts.plans["lost"].between(-1e-9, 0.05 + 1e-9).all()
    assert len(of_many.plans) == 3
    assert (of_many.plans["lost"] <= 0.03 + 1e-6).all()
    assert not of_many.shares.T.duplicated().any()


def test_demands_in_conflict_have_no_portfolio_front_or_trial():
    units = grid(3, 3)
    demands = [budget(1e4), target("carbon_tco2e", 500.0)]
    draws = {"habitat": np.ones((9, 3))}

    for ask in (
        lambda: portfolio(units, CARBON, demands, search=Search()),
        lambda: front(units, CARBON, "habitat", demands, steps=Steps()),
        lambda: robustness(units, CARBON, demands, draws, trials=Trials()),
    ):
        with pytest.raises(InputRefused) as refused:
            ask()
        assert [finding.code for finding in refused.value.findings] == ["N53"]


def not_beaten(values: np.ndarray) -> set[tuple[float, float]]:
    """Return the points of a front, both objectives the larger the better."""
    points = set(map(tuple, np.round(values, 6)))
    return {
        one
        for one in points
        if not any(o != one and o[0] >= one[0] and o[1] >= one[1] for o in points)
    }


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.sampled_from(["habitat", "cost_yuan"]))
def test_a_fine_front_is_that_of_all_plans(seed, second):
    units = grid(2, 4, seed=seed)
    units = replace(units, table=units.table.assign(cost_yuan=units.table["cost_yuan"] / 1e4))
    demands = [budget(units.table["cost_yuan"].sum() / 2)]
    plans = all_plans(units, demands)
    sign = 1.0 if second == "habitat" else -1.0
    of_all = np.column_stack(
        [objectives(units, CARBON, plans), sign * (plans @ units.table[second].to_numpy())]
    )
    steps = int(np.ptp(of_all[:, 1])) + 2  # amounts are whole numbers: less than one a step

    found = front(units, CARBON, second, demands, steps=Steps(points=steps, gap=0.0)).points

    points = set(zip(found["objective"].round(6), sign * found["second"].round(6), strict=True))
    assert points == not_beaten(of_all)


def test_points_of_a_coarse_front_do_not_beat_each_other_and_lie_on_the_true_one():
    units = grid(3, 4)
    demands = [a_third(units)]
    plans = all_plans(units, demands)
    of_all = np.column_stack(
        [objectives(units, COMPACT, plans), plans @ units.table["habitat"].to_numpy()]
    )

    found = front(units, COMPACT, "habitat", demands, steps=Steps(points=6, gap=0.0))

    values = found.points[["objective", "second"]].to_numpy()
    assert 3 <= len(values) <= 6
    assert set(map(tuple, values.round(6))) <= not_beaten(of_all)
    assert (np.diff(values[:, 0]) < 0).all()
    assert (np.diff(values[:, 1]) > 0).all()
    assert values[0, 0] == pytest.approx(of_all[:, 0].max())
    assert values[-1, 1] == of_all[:, 1].max()
    assert (found.shares.T.to_numpy() @ units.table["habitat"] == values[:, 1]).all()


def test_one_objective_that_is_the_other_has_a_front_of_one_point():
    units = grid(3, 3)

    found = front(units, CARBON, "carbon_tco2e", [a_third(units)], steps=Steps(gap=0.0))

    assert len(found.points) == 1


def test_a_unit_that_beats_all_is_in_every_optimum():
    units = grid(3, 3)
    table = units.table.assign(cost_yuan=1e5)
    table.loc["u4", "carbon_tco2e"] = 1e4
    units = replace(units, table=table)
    means = table["carbon_tco2e"].to_numpy()
    noise = np.random.default_rng(3).lognormal(0, 0.8, (9, 40))
    draws = {"carbon_tco2e": np.column_stack([means, means[:, None] * noise])}

    found = robustness(units, CARBON, [budget(3e5)], draws, trials=Trials(count=30, gap=0.0))

    assert found.frequency["u4"] == 1.0
    assert "u4" in found.always
    assert found.frequency.sum() == pytest.approx(3.0)
    assert found.frequency.between(0, 1).all()
    assert (found.draws["regret"] >= -1e-9).all()
    assert found.draws["kept"].all()
    assert found.draws.index.is_unique
    assert (found.plan.shares == solve(units, CARBON, [budget(3e5)], gap=0.0).shares).all()


def test_regret_is_what_the_plan_of_the_means_loses():
    units = grid(2, 2)
    units = replace(units, table=units.table.assign(cost_yuan=1.0, carbon_tco2e=[4.0, 3, 2, 1]))
    draws = {"carbon_tco2e": np.array([[4.0, 1], [3, 1], [2, 6], [1, 4]])}

    found = robustness(units, CARBON, [budget(2.0)], draws, trials=Trials(count=1, gap=0.0))

    # the plan of the means takes the first two, which give 2 of the 10 that could be had
    assert found.draws["regret"].tolist() == pytest.approx([0.8])
    assert found.frequency.tolist() == [0.0, 0.0, 1.0, 1.0]
    assert found.always.tolist() == ["u2", "u3"]


def test_targets_that_a_draw_does_not_reach_are_not_kept():
    units = grid(2, 2)
    units = replace(units, table=units.table.assign(cost_yuan=1.0, carbon_tco2e=[4.0, 3, 2, 1]))
    draws = {"carbon_tco2e": np.array([[4.0, 1, 1], [3, 9, 1], [2, 2, 1], [1, 1, 1]])}

    found = robustness(
        units, Aim(maximise=None), [target("carbon_tco2e", 7.0)], draws, trials=Trials(gap=0.0)
    )
    by_draw = found.draws[~found.draws.index.duplicated()].sort_index()

    assert by_draw["kept"].tolist() == [True, False]
    assert by_draw["status"].tolist() == ["optimal", "infeasible"]
    assert by_draw.loc[1, "regret"] == pytest.approx(1.0)  # two units where one would do
    assert np.isnan(by_draw.loc[2, "regret"])
    assert found.frequency["u1"] == 1.0


def test_weights_are_tried_too_and_all_follows_from_the_seed():
    units = grid(3, 3)
    draws = {"habitat": np.random.default_rng(5).uniform(0, 30, (9, 21))}
    sets = ({"carbon_tco2e": 1.0}, {"habitat": 1.0})

    one, same = (
        robustness(
            units, CARBON, [a_third(units)], draws, trials=Trials(count=20, seed=4, weights=sets)
        )
        for _ in range(2)
    )

    assert set(one.draws["weights"]) == {0, 1}
    pd.testing.assert_frame_equal(one.draws, same.draws)
    pd.testing.assert_series_equal(one.frequency, same.frequency)


@pytest.mark.parametrize(
    ("draws", "code"),
    [
        ({}, "N54"),
        ({"habitat": np.ones((8, 3))}, "N54"),
        ({"habitat": np.ones((9, 1))}, "N54"),
        ({"habitat": np.full((9, 3), np.nan)}, "N54"),
        ({"habitat": np.ones((9, 3)), "carbon_tco2e": np.ones((9, 4))}, "N54"),
        ({"birds": np.ones((9, 3))}, "N52"),
    ],
)
def test_draws_that_do_not_fit_are_refused(draws, code):
    with pytest.raises(InputRefused) as refused:
        robustness(grid(3, 3), CARBON, [], draws, trials=Trials())

    (finding,) = refused.value.findings
    assert finding.code == code
    assert finding.found("zh")
