"""Siting in a study: cells counted by hand, what is locked out, plans that keep their bounds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sinks.errors import Finding, InputRefused
from sinks.parameters.restoration import restoration_factors
from tests.workflow.accounted import Ground, stored
from tests.workflow.planned import PLAN
from tests.workflow.restored import (
    NETWORKS,
    RESTORED,
    SCENARIOS,
    SITING,
    Restored,
    restored_ground,
    restored_on,
    write_restored,
)
from tests.workflow.test_run import sinks

NEAR = pytest.approx
CUT = 1e-7  # areas of pixels on the ellipsoid
BARE = RESTORED.replace(SCENARIOS, "").replace(SITING, "").replace(NETWORKS, "")
BOUNDS = "area_ha = 2\nbudget_yuan = 250000\n"
ALL = SITING.replace(BOUNDS, "area_ha = 5.39\nbudget_yuan = 1e6\n").replace(
    "trials = 6", "trials = 0"
)
ONE_HA = """
[[scenarios]]
id = "one"
name_zh = "一公顷"
name_en = "One hectare"

[[scenarios.measures]]
id = "pond"
first_year = 2026
before = "PND"
after = "MAR"
area_ha = 1
uses_after = { marsh_ipcc = 1.0 }
"""


@pytest.fixture(scope="module")
def ground(tmp_path_factory) -> Ground:
    return restored_ground(tmp_path_factory.mktemp("地 面") / "数据")


@pytest.fixture(scope="module")
def every(ground) -> Restored:
    """All cells are taken, beside a scenario of one hectare."""
    return restored_on(ground, BARE + ONE_HA + ALL)


@pytest.fixture(scope="module")
def best(ground) -> Restored:
    """Two hectares at least, for 250,000 yuan at most."""
    return restored_on(ground, BARE + SITING)


def units(made: Restored) -> pd.DataFrame:
    return made.tables["siting_units"].sort_index()


def one(made: Restored) -> pd.Series:
    return made.tables["siting"].loc["siting"]


def refused(ground: Ground, text: str) -> Finding:
    with pytest.raises(InputRefused) as fault:
        restored_on(ground, BARE + text)
    (finding,) = fault.value.findings
    assert Path(str(finding.file)).name == "另一.toml"
    return finding


# ---- candidates -------------------------------------------------------------------------------


def test_a_cell_has_the_area_of_the_classes_that_may_be_turned(every):
    by_hand = {"r0c5": 1, "r1c5": 0.4, "r4c1": 1, "r4c2": 1, "r5c1": 1, "r5c2": 1}

    assert units(every)["area_ha"].to_dict() == NEAR(by_hand, rel=CUT)  # 0.2 ha is too small
    assert one(every)["candidates"] == 6
    assert one(every)["area_ha"] == NEAR(5.4, rel=CUT)


def test_smaller_candidates_and_more_classes_are_counted_when_asked_for(ground):
    text = ALL.replace("smallest_ha = 0.3", "smallest_ha = 0.19").replace("5.39", "6.59")
    text = text.replace('["PND"]', '["PND", "DRY"]')
    made = restored_on(ground, BARE + text + "locked_out = []\n")

    assert units(made)["area_ha"].to_dict()["r2c6"] == NEAR(0.2, rel=CUT)
    assert units(made)["area_ha"].to_dict()["r5c6"] == NEAR(1, rel=CUT)
    assert one(made)["candidates"] == 8
    # built-up land is locked out where nothing is said
    built = restored_on(ground, BARE + text.replace("6.59", "5.39"))
    assert one(built)["candidates"] == 6


def test_a_cell_belongs_to_the_town_that_holds_its_centre(ground, every):
    assert units(every)["zone"].to_dict() == {
        "r0c5": "002", "r1c5": "002", "r4c1": "001", "r4c2": "001", "r5c1": "001", "r5c2": "001",
    }  # fmt: skip
    # cells of 120 m: the fourth lies from 360 to 480 m, its marsh in the west and its centre not
    text = ALL.replace('["PND"]', '["MAR"]').replace('after = "MAR"', 'after = "PND"')
    text = text.replace("cell_m = 100", "cell_m = 120").replace("uses_after", "# uses")
    wide = restored_on(ground, BARE + text.replace("area_ha = 5.39", "area_ha = 3.99"))
    zones = units(wide)["zone"]
    assert zones[[name for name in zones.index if name.endswith("c3")]].unique().tolist() == [
        "002"
    ]
    assert zones[[name for name in zones.index if name.endswith("c2")]].unique().tolist() == [
        "001"
    ]


def test_cost_is_area_times_the_cost_of_the_type_on_the_class(ground, every):
    ponds = restoration_factors().get("cost_per_ha", "aquaculture_to_wetland").middle

    assert units(every)["cost_yuan"].tolist() == NEAR((units(every)["area_ha"] * ponds).tolist())
    text = ALL.replace('["PND"]', '["LAK"]').replace("5.39", "3.99")
    lake = restoration_factors().get("cost_per_ha", "aquaculture_to_wetland_LAK").middle
    made = restored_on(ground, BARE + text)
    assert one(made)["cost_yuan"] == NEAR(4 * lake, rel=CUT)


def test_benefit_is_area_times_that_of_a_scenario_of_one_hectare(every):
    horizon = every.tables["scenario_horizons"].loc[("one", "as_is", "AR5", 2060)]
    per_ha = horizon["cumulative_tco2e"]

    table = units(every)
    assert table["carbon_tco2e"].tolist() == NEAR((table["area_ha"] * per_ha).tolist())
    row = one(every)
    assert row["carbon_tco2e"] == NEAR(5.4 * per_ha, rel=CUT)
    assert row["carbon_low_tco2e"] == NEAR(5.4 * horizon["cumulative_low_tco2e"], rel=1e-6)
    assert row["carbon_high_tco2e"] == NEAR(5.4 * horizon["cumulative_high_tco2e"], rel=1e-6)


def test_a_nearer_horizon_has_a_benefit_of_its_own(ground):
    made = restored_on(ground, BARE + ONE_HA + ALL.replace("cell_m", "horizon = 2040\ncell_m"))
    by_2040 = made.tables["scenario_horizons"].loc[("one", "as_is", "AR5", 2040)]

    assert one(made)["carbon_tco2e"] == NEAR(5.4 * by_2040["cumulative_tco2e"], rel=CUT)


def test_habitat_is_area_times_the_wetland_of_nine_cells(every):
    table = units(every)

    # r4c1: of nine cells the two of marsh in the west; the lake begins at 300 m
    assert table.loc["r4c1", "habitat_ha"] == NEAR(2 / 9, rel=CUT)
    # r4c2: two of marsh at 300 m, and one of lake
    assert table.loc["r4c2", "habitat_ha"] == NEAR(3 / 9, rel=CUT)
    # r1c5: 0.4 ha, a cell of lake at 400 m
    assert table.loc["r1c5", "habitat_ha"] == NEAR(0.4 / 9, rel=CUT)
    assert table["beside_wetland"].to_dict() == {
        "r0c5": False, "r1c5": True, "r4c1": True, "r4c2": True, "r5c1": True, "r5c2": True,
    }  # fmt: skip


# ---- what is locked out -----------------------------------------------------------------------


def test_cells_in_a_layer_that_is_locked_out_are_in_no_plan(ground):
    text = ALL.replace("5.39", "4.39") + 'locked_out = ["redline"]\n'
    made = restored_on(ground, BARE + text)

    assert "r5c1" not in units(made).index  # the second area of the red line
    assert one(made)["candidates"] == 5
    conflict = refused(ground, ALL + 'locked_out = ["redline"]\n')
    assert conflict.code == "N53"
    assert "locked out 1 ha" in conflict.facts["conflict"]["en"]


def test_reservoirs_are_locked_out(ground):
    reservoir = '\n[[balance.reservoirs]]\nzone = "002"\nflooded_since = 2012\ndug = false\n'
    made = restored_on(ground, BARE + reservoir + ALL.replace("5.39", "3.99"))

    assert units(made)["zone"].unique().tolist() == ["001"]
    assert one(made)["candidates"] == 4


# ---- plans ------------------------------------------------------------------------------------


def test_the_plan_keeps_its_budget_and_its_area(best):
    row, table = one(best), units(best)
    chosen = table[table["chosen"]]

    assert row["cost_yuan"] <= 250_000
    assert row["area_ha"] >= 2 * (1 - CUT)
    assert chosen["area_ha"].sum() == NEAR(row["area_ha"])
    assert chosen["cost_yuan"].sum() == NEAR(row["cost_yuan"])
    assert chosen["carbon_tco2e"].sum() == NEAR(row["carbon_tco2e"])
    assert chosen["habitat_ha"].sum() == NEAR(row["habitat_ha"])
    assert len(chosen) == row["chosen"] == 3  # 2.4 ha of 2.5 that can be paid
    demands = best.tables["siting_demands"]
    assert demands.loc["budget_yuan", "achieved"] == NEAR(row["cost_yuan"])
    plans = best.tables["siting_plans"]
    assert (plans["cost_yuan"] <= 250_000).all()
    assert (plans["lost"] <= 0.05 + 1e-9).all()
    assert table["frequency"].between(0, 1).all()
    assert len(best.tables["siting_trials"]) == 6


def test_an_area_alone_is_not_passed(ground):
    made = restored_on(ground, BARE + SITING.replace("budget_yuan = 250000\n", ""))

    assert made.tables["siting_demands"]["sense"].tolist() == ["at_most"]
    assert one(made)["area_ha"] == NEAR(2, rel=CUT)


def test_a_target_alone_is_reached_at_the_least_cost(ground, every):
    per_ha = one(every)["carbon_tco2e"] / one(every)["area_ha"]
    made = restored_on(ground, BARE + SITING.replace(BOUNDS, f"target_tco2e = {1.3 * per_ha}\n"))

    assert one(made)["carbon_tco2e"] >= 1.3 * per_ha * (1 - CUT)
    assert one(made)["area_ha"] == NEAR(1.4, rel=CUT)  # 1 ha and 0.4 ha, and no two whole ones


def test_a_town_has_its_least_area_and_compact_plans_share_borders(ground):
    least = SITING.replace("area_ha = 2", 'least_ha = { "002" = 1.4 }')
    table = units(restored_on(ground, BARE + least))
    assert set(table.index[table["chosen"]]) >= {"r0c5", "r1c5"}

    compact = SITING.replace("trials = 6", "trials = 0\ncompact_tco2e_per_km = 1000")
    made = restored_on(ground, BARE + compact.replace("smallest_ha = 0.3", "smallest_ha = 0.5"))
    assert one(made)["boundary_km"] == NEAR(0.2)  # two of four that touch; the others stay


def test_the_same_question_has_the_same_answer(ground, best):
    again = restored_on(ground, BARE + SITING)

    for name, table in best.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    assert best.restoration.units.equals(again.restoration.units)


def test_polygons_of_the_layer_are_whole_cells_on_the_ground_of_the_map(best):
    layer = best.restoration.units.set_index("unit")

    assert layer.crs == best.basis.inputs.covers[-1].grid.crs
    np.testing.assert_allclose(layer.geometry.area, 100 * 100)
    left, bottom, right, top = layer.loc["r5c1"].geometry.bounds
    assert (left, bottom, right, top) == NEAR((500_100, 3_690_000, 500_200, 3_690_100))
    table = units(best)
    assert layer["chosen"].astype(bool).to_dict() == table["chosen"].to_dict()
    assert layer["frequency"].to_dict() == table["frequency"].to_dict()


def test_a_study_without_siting_has_none(ground):
    made = restored_on(ground, BARE + ONE_HA)

    assert made.restoration.units is None
    assert not [name for name in made.tables if name.startswith("siting")]


# ---- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('"PND"', '"POND"', "POND"),
        ('after = "MAR"', 'after = "MARSH"', "MARSH"),
        ("year = 2026", "year = 2026\nhorizon = 2090", "2090"),
        ("year = 2026", "year = 2050\nhorizon = 2040", "2050"),
        ("smallest_ha = 0.3", "smallest_ha = 50", "0"),
    ],
)
def test_classes_years_and_ground_that_do_not_fit_are_refused(ground, before, after, named):
    finding = refused(ground, SITING.replace(before, after))

    assert (finding.code, finding.place) == ("N83", "siting")
    assert named in str(finding.facts["found"])


def test_a_layer_that_is_locked_out_and_not_there_is_refused(ground):
    inputs = ground.basis.inputs
    layers = {role: layer for role, layer in inputs.layers.items() if role != "redline"}
    without = replace(ground, basis=replace(ground.basis, inputs=replace(inputs, layers=layers)))

    finding = refused(without, SITING + 'locked_out = ["redline"]\n')

    assert (finding.code, finding.place) == ("N83", "siting")
    assert "layers.redline" in str(finding.facts["found"])


def test_demands_that_cannot_be_met_are_told_with_what_must_give_way(ground):
    finding = refused(
        ground, SITING.replace("250000", "1000").replace("area_ha = 2", "area_ha = 5")
    )

    assert (finding.code, finding.place) == ("N53", "siting")
    told = finding.facts["conflict"]["en"]
    assert "budget_yuan 499,000 yuan" in told or "budget_yuan 539,000 yuan" in told
    assert "area_ha 5 ha" in told
    assert "499,000 元" in finding.facts["conflict"]["zh"]


def test_siting_without_bounds_is_refused(ground):
    finding = refused(ground, SITING.replace(BOUNDS, ""))

    assert finding.code == "C06"
    assert "budget_yuan" in finding.facts["why"]["en"]


# ---- a whole run ------------------------------------------------------------------------------


def test_a_study_may_ask_for_siting_and_a_network_alone(tmp_path):
    woods = "[[networks]]" + NETWORKS.split("[[networks]]")[2]
    text = PLAN + SITING.replace("trials = 6", "trials = 0") + woods
    file = write_restored(tmp_path / "数 据", text)

    done = sinks("run", file, "--out", tmp_path / "成果")

    assert done.returncode == 0, done.stderr
    tables = stored(tmp_path / "成果")
    assert one_of(tables)["area_ha"] == NEAR(2.4, rel=1e-4)
    assert "siting_trials" not in tables
    assert tables["network_corridors"].empty  # one core
    plan = sinks("plan", tmp_path / "成果")
    assert "2.4 公顷" in plan.stdout
    assert "西镇" in plan.stdout
    without = sinks("restore", tmp_path / "成果")
    assert without.returncode == 2
    assert "SNK-N82" in without.stderr


def one_of(tables: dict[str, pd.DataFrame]) -> pd.Series:
    return tables["siting"].loc["siting"]
