"""Scenarios of a study: figures by hand, laws of their tables, what is refused, the commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sinks.errors import InputRefused
from sinks.parameters.formulas import formulas
from sinks.parameters.labels import labels
from sinks.parameters.restoration import horizon_years, restoration_factors
from sinks.workflow.restoration_board import restoration_board
from sinks.workflow.siting_board import siting_board
from tests.workflow.accounted import ACCOUNTS, TOLD, Ground, stored
from tests.workflow.restored import (
    BASELINES,
    DONE,
    MARSH,
    NETWORKS,
    RESTORED,
    SAME,
    SCENARIOS,
    SITING,
    TREES,
    Restored,
    restored_ground,
    restored_on,
    write_restored,
)
from tests.workflow.test_run import sinks

NEAR = pytest.approx
CUT = 2e-5  # an edge may stray by a millimetre on its way through projections
BARE = RESTORED.replace(SCENARIOS, "").replace(SITING, "").replace(NETWORKS, "")


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("修复 情景（一）")
    done = sinks("run", write_restored(folder / "数据"), "--out", folder / "成果")
    assert done.returncode == 0, done.stderr
    return folder / "成果"


@pytest.fixture(scope="module")
def ground(tmp_path_factory) -> Ground:
    return restored_ground(tmp_path_factory.mktemp("地 面") / "数据")


@pytest.fixture(scope="module")
def made(ground) -> Restored:
    return restored_on(ground, RESTORED.replace(SITING, ""), accounts=True)


@pytest.fixture(scope="module")
def tables(made) -> dict[str, pd.DataFrame]:
    return made.tables


def effects(tables, scenario: str) -> pd.DataFrame:
    return tables["scenario_effects"].xs(scenario, level="scenario")


def ends(tables, scenario: str, effect: str) -> tuple[float, float, float]:
    row = effects(tables, scenario).loc[effect]
    return row["without"], row["with"], row["difference"]


# ---- measures ---------------------------------------------------------------------------------


def test_a_measure_is_done_in_equal_parts_that_add_up_to_its_area(tables):
    parts = tables["scenario_measures"].loc["marsh"]

    assert list(parts.index) == ["ponds_2026", "ponds_2027", "ponds_2028"]
    assert parts["year"].tolist() == [2026, 2027, 2028]
    assert parts["area_ha"].tolist() == NEAR([1, 1, 1])
    assert parts["uses_after"].unique().tolist() == ["marsh_ipcc 100 %"]
    row = tables["scenarios"].loc["marsh"]
    assert row[["measures", "first_year", "last_year"]].tolist() == [3, 2026, 2028]
    assert row["area_ha"] == NEAR(3)


def test_a_scenario_of_the_ledger_takes_accepted_projects_in_their_year_of_acceptance(tables):
    projects = tables["scenario_measures"].loc["done"]

    assert projects["year"].to_dict() == {"P1": 2022, "P2": 2024, "P3": 2025}  # P4 is planned
    assert projects["area_ha"].tolist() == NEAR([1, 1, 1], rel=CUT)
    assert projects.loc["P1", ["land_cover", "land_cover_after"]].tolist() == ["PND", "LAK"]
    assert projects.loc["P3", ["land_cover", "land_cover_after"]].tolist() == ["DRY", "BLF"]


def test_planned_projects_of_the_ledger_count_in_the_year_that_is_planned(ground):
    planned = restored_on(ground, BARE + DONE.replace('["accepted"]', '["planned"]')).tables

    assert planned["scenario_measures"].index.tolist() == [("done", "P4")]
    (row,) = planned["scenario_measures"].to_dict("records")
    assert (row["year"], row["land_cover"], row["land_cover_after"]) == (2027, "PND", "LAK")


def test_costs_are_those_that_are_told_or_those_of_the_type(tables):
    ponds = restoration_factors().get("cost_per_ha", "aquaculture_to_wetland").middle
    costs = tables["scenario_horizons"].xs("as_is", level="baseline")["cost_yuan"]

    assert costs["marsh", "AR5", 2060] == NEAR(3 * ponds)
    assert costs["trees", "AR5", 2060] == NEAR(45_000)
    assert tables["scenario_measures"].loc[("trees", "planting"), "cost_yuan"] == NEAR(45_000)
    assert costs["same", "AR5", 2060] == 0


# ---- greenhouse gases -------------------------------------------------------------------------


def test_what_adds_up_by_a_horizon_is_the_sum_of_the_years(tables):
    years, horizons = tables["scenario_years"], tables["scenario_horizons"]
    yearly = years["effect_tco2e_per_year"]

    for scenario, baseline in yearly.index.droplevel("year").unique():
        of = yearly[scenario, baseline]
        for year in horizon_years():
            row = horizons.loc[(scenario, baseline, "AR5", year)]
            assert row["cumulative_tco2e"] == NEAR(of[of.index <= year].sum(), abs=1e-9)
            assert row["effect_tco2e_per_year"] == NEAR(of[year], abs=1e-9)
            assert row["cumulative_tco2e"] == NEAR(
                years["cumulative_tco2e"][scenario, baseline, year], abs=1e-9
            )


def test_the_area_of_a_horizon_is_what_is_done_by_then(ground):
    late = MARSH.replace("first_year = 2026", "first_year = 2030").replace("2028", "2032")
    tables = restored_on(ground, BARE + late).tables
    row = tables["scenario_horizons"].xs(("marsh", "as_is", "AR5"))

    assert row["area_ha"].to_dict() == NEAR({2030: 1, 2040: 3, 2060: 3})
    assert row["cumulative_tco2e_per_ha"].tolist() == NEAR(
        (row["cumulative_tco2e"] / row["area_ha"]).tolist()
    )
    assert row["cost_yuan"].to_dict() == NEAR({2030: 1e5, 2040: 3e5, 2060: 3e5})


def test_cohorts_add_up_to_the_scenario_and_parts_to_the_effect(tables):
    columns = ["effect_tco2e_per_year", "cumulative_tco2e", "effect_ch4_tco2e_per_year"]
    cohorts = tables["scenario_cohorts"].loc["marsh"].groupby(level="year")[columns].sum()
    whole = tables["scenario_years"].loc[("marsh", "as_is")]

    np.testing.assert_allclose(cohorts, whole[columns], atol=1e-9)
    parts = [f"effect_{part}_tco2e_per_year" for part in ("biomass", "soil", "ch4", "n2o")]
    np.testing.assert_allclose(whole[parts].sum(axis=1), whole[columns[0]], atol=1e-9)
    assert tables["scenario_cohorts"].loc[("marsh", "ponds_2028", 2027), columns].eq(0).all()


def test_baselines_that_ship_come_first_and_then_those_of_the_study(tables):
    baselines = tables["baselines"]

    assert baselines.index.tolist() == ["as_is", "enclosure", "crab", "paddy", "orchard"]
    assert baselines.loc["orchard"].tolist() == ["若为果园", "If it were orchard"]
    by_2060 = tables["scenario_horizons"]["cumulative_tco2e"].xs(
        ("marsh", "AR5", 2060), level=("scenario", "potentials", "year")
    )
    assert by_2060.is_unique  # each baseline has its own answer
    assert by_2060["enclosure"] > by_2060["as_is"] > by_2060["crab"]
    spread = tables["scenario_spread"].loc[("marsh", "AR5", 2060)]
    assert spread["most_baseline"] == by_2060.idxmax()
    assert spread["spread_tco2e"] == NEAR(by_2060.max() - by_2060.min())


def test_a_baseline_of_the_study_may_take_the_place_of_one_that_ships(ground):
    text = BARE + MARSH + BASELINES.replace('"orchard"', '"paddy"')
    made = restored_on(ground, text).tables

    assert made["baselines"].index.tolist() == ["as_is", "enclosure", "crab", "paddy"]
    assert made["baselines"].loc["paddy", "name_zh"] == "若为果园"


def test_a_scenario_that_changes_nothing_has_no_effect_in_any_table(tables):
    figures = ("effect", "cumulative", "least", "most", "spread", "low", "high")
    for name in ("scenario_years", "scenario_cohorts", "scenario_horizons", "scenario_spread"):
        table = tables[name].xs("same", level="scenario")
        columns = [c for c in table if c.startswith(figures) and not c.endswith("baseline")]
        columns = [c for c in columns if not c.endswith("probability_benefit")]
        assert columns
        assert (table[columns] == 0).all(axis=None), name
    horizons = tables["scenario_horizons"].xs("same", level="scenario")
    assert horizons["probability_benefit"].isna().all()
    assert horizons["cost_yuan_per_tco2e"].isna().all()
    assert "same" not in tables["scenario_effects"].index.get_level_values("scenario")


def test_a_study_may_have_such_a_scenario_alone(ground):
    tables = restored_on(ground, BARE + SAME, accounts=True).tables

    assert tables["scenario_effects"].empty
    assert tables["scenario_effects"].index.names == ["scenario", "effect"]


# ---- land, rates and services -----------------------------------------------------------------


def test_areas_of_measures_to_come_are_added_to_the_land_of_today(ground, tables):
    today = ground.tables["areas"]["area_ha"].xs((2025, "district"), level=("year", "zone"))

    assert ends(tables, "marsh", "area_PND") == NEAR((5.6, 2.6, -3), rel=1e-6)
    assert ends(tables, "marsh", "area_MAR") == NEAR((4, 7, 3), rel=1e-6)
    assert ends(tables, "marsh", "area_MAR")[0] == NEAR(today["MAR"])
    kinds = effects(tables, "marsh")["kind"]
    assert kinds[kinds == "land"].index.tolist() == ["area_PND", "area_MAR"]


def test_projects_of_the_past_are_in_the_land_of_today(tables):
    assert ends(tables, "done", "area_LAK") == NEAR((3, 4, 1), rel=CUT)
    assert ends(tables, "done", "area_PND") == NEAR((6.6, 5.6, -1), rel=CUT)
    assert ends(tables, "done", "area_BLF") == NEAR((12.4, 13.4, 1), rel=CUT)


def test_new_trees_raise_the_tree_cover_rate(tables):
    now = 6 + 1 + 0.2  # stands, trees outside, belts

    by_hand = (100 * now / 48, 100 * (now + 1) / 48, 100 / 48)
    assert ends(tables, "trees", "tree_cover_rate") == NEAR(by_hand, rel=CUT)
    by_hand = (100 * (now - 1) / 48, 100 * now / 48, 100 / 48)
    assert ends(tables, "done", "tree_cover_rate") == NEAR(by_hand, rel=CUT)
    assert "tree_cover_rate" not in effects(tables, "marsh").index


def test_new_wetland_moves_the_protection_rate_up_or_down(tables):
    now = 100 * 3.25 / 7
    name = "wetland_protection_rate"

    kept, lost = (ends(tables, "marsh", f"{name}_{how}") for how in ("protected", "unprotected"))
    assert kept[:2] == NEAR((now, 100 * 6.25 / 10), rel=CUT)
    assert lost[:2] == NEAR((now, 100 * 3.25 / 10), rel=CUT)
    kept, lost = (ends(tables, "done", f"{name}_{how}") for how in ("protected", "unprotected"))
    assert kept[:2] == NEAR((100 * 2.25 / 6, now), rel=CUT)
    assert lost[:2] == NEAR((100 * 3.25 / 6, now), rel=CUT)


def test_marsh_holds_three_thousand_cubic_metres_a_hectare(made, tables):
    row = effects(tables, "marsh").loc["item_marsh_storage"]

    assert (row["without"], row["with"]) == NEAR((4 * 3000, 7 * 3000), rel=1e-6)
    assert row["difference_low"] < 9000 < row["difference_high"]
    today = made.known["gep_items"].loc[(2025, "district", "marsh_storage")]
    assert row["without"] == NEAR(today["quantity"], rel=1e-9)
    value = effects(tables, "marsh").loc["value_flood_regulation"]
    assert value["difference"] == NEAR(row["difference"] * today["unit_value_yuan"], rel=1e-9)


def test_without_projects_of_the_past_the_account_would_be_less(made, tables):
    row = effects(tables, "done").loc["item_lake_storage"]

    assert (row["without"], row["with"]) == NEAR((30_000, 40_000), rel=CUT)
    items = made.known["gep_items"].xs((2025, "district"), level=("year", "zone"))
    assert row["with"] == NEAR(items.loc["lake_storage", "quantity"], rel=1e-9)


def test_cost_per_unit_is_the_whole_cost_over_the_gain(tables):
    rows = effects(tables, "marsh")

    assert (rows["cost_yuan"] == rows["cost_yuan"].iloc[0]).all()
    gains = rows["difference"] > 0
    assert rows["cost_yuan_per_unit"].isna().eq(~gains).all()
    assert rows.loc["area_MAR", "cost_yuan_per_unit"] == NEAR(100_000)
    assert rows.loc["item_marsh_storage", "cost_yuan_per_unit"] == NEAR(300_000 / 9000, rel=1e-6)
    assert effects(tables, "trees").loc["area_BLF", "cost_yuan_per_unit"] == NEAR(45_000)


def test_a_study_without_accounts_and_rates_tells_its_land(ground):
    text = BARE.replace(ACCOUNTS, "").replace(TOLD, "") + MARSH
    tables = restored_on(ground, text, tables=()).tables

    assert set(tables["scenario_effects"]["kind"]) == {"land"}
    assert ends(tables, "marsh", "area_MAR")[2] == NEAR(3)
    assert restored_on(ground, BARE).tables == {}


# ---- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "place", "named"),
    [
        (MARSH.replace('"PND"', '"POND"'), "N80", "scenarios.marsh", "POND"),
        (MARSH.replace("marsh_ipcc", "marsh_dream"), "N80", "scenarios.marsh", "marsh_dream"),
        (TREES + 'species_group = "oak"\n', "N80", "scenarios.trees", "oak"),
        (MARSH + BASELINES.replace("ORC", "ORCH"), "N80", "baselines.orchard", "ORCH"),
        (DONE.replace("accepted", "under_way"), "N81", "scenarios.done", "none"),
        (MARSH.replace("area_ha = 3", "area_ha = 500"), "N76", "scenarios.marsh", "-494.4"),
        (MARSH.replace("pond_crab = 0.5", "pond_crab = 0.6"), "N70", "ponds_2026", "0.6"),
        (MARSH.replace("2026", "2090").replace("2028", "2091"), "N74", "marsh", "2090"),
    ],
)
def test_a_slip_in_a_scenario_is_refused_with_its_place(ground, text, code, place, named):
    with pytest.raises(InputRefused) as fault:
        restored_on(ground, BARE + text)

    (finding,) = fault.value.findings
    assert (finding.code, finding.place) == (code, place)
    assert Path(str(finding.file)).name == "另一.toml"
    assert named in str(fault.value)


def test_a_scenario_of_the_ledger_needs_a_ledger(ground):
    with pytest.raises(InputRefused) as fault:
        restored_on(ground, BARE + DONE, tables=("indicators",))

    (finding,) = fault.value.findings
    assert (finding.code, finding.place) == ("N81", "scenarios.done")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (MARSH.replace("last_year = 2028", "last_year = 2020"), "last_year"),
        (DONE.replace('ledger = ["accepted"]\n', ""), "ledger"),
        (MARSH + MARSH, "scenarios"),
        (MARSH.replace("area_ha = 3", "area_ha = 0"), "area_ha"),
    ],
)
def test_a_study_that_tells_a_scenario_wrongly_is_refused(ground, text, why):
    with pytest.raises(InputRefused) as fault:
        restored_on(ground, BARE + text)

    (finding,) = fault.value.findings
    assert finding.code == "C06"
    assert why in str(fault.value)


# ---- a whole run and its commands -------------------------------------------------------------


def test_every_column_has_a_name_and_every_figure_its_formula(result):
    tables, names = stored(result), labels("column")
    known = set(formulas().index)
    own = [n for n in tables if n.startswith(("scenario", "siting", "network", "baselines"))]

    assert {"scenario_effects", "siting_trials", "network_change"} <= set(own)
    lineage = set(tables["lineage"].reset_index().set_index(["table", "column"]).index)
    for name in own:
        special = labels(name)
        table = tables[name]
        columns = [*table.index.names, *table.columns]
        assert [c for c in columns if c not in names and c not in special] == [], name
        figures = table.select_dtypes("number").columns
        assert [c for c in figures if (name, c) not in known] == [], name
        assert [c for c in figures if (name, c) not in lineage] == [], name
        assert name in labels("table")


def test_a_whole_run_tells_what_its_parts_tell(result, tables):
    ran = stored(result)

    for name in ("scenario_years", "scenario_horizons"):
        columns = ["cumulative_tco2e", "cumulative_high_tco2e"]
        pd.testing.assert_frame_equal(
            ran[name][columns], tables[name][columns], check_index_type=False, rtol=1e-9
        )
    pd.testing.assert_series_equal(
        ran["scenario_effects"]["difference"].astype(float),
        tables["scenario_effects"]["difference"],
        rtol=1e-9,
        atol=1e-9,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_board_shows_the_figures_of_the_tables(result, language):
    done = sinks("restore", result, "--lang", language)

    assert done.returncode == 0, done.stderr
    tables = stored(result)
    names = tables["baselines"][f"name_{language}"]
    horizons = tables["scenario_horizons"].xs("AR5", level="potentials")
    for (_, baseline, year), row in horizons.iterrows():
        parts = [names[baseline], str(year), f"{row['cumulative_tco2e']:+,.0f}"]
        parts += [f"{row['cumulative_low_tco2e']:+,.0f}", f"{row['cumulative_high_tco2e']:+,.0f}"]
        parts += [f"{row['effect_tco2e_per_year']:+,.0f}"]
        if pd.notna(row["cost_yuan_per_tco2e"]):
            parts += [f"{row['cost_yuan_per_tco2e']:,.0f}"]
        assert any(all(p in line for p in parts) for line in done.stdout.splitlines()), parts
    for row in effects(tables, "marsh").query("kind in ['land', 'indicator']").to_dict("records"):
        shown = f"{row['without']:,.2f} → {row['with']:,.2f}"
        assert f"{row[f'name_{language}']}" in done.stdout
        assert shown in done.stdout
    assert done.stdout.splitlines()[1].startswith(("含合成数据", "With synthetic data"))


def test_one_scenario_is_shown_by_id_or_name_and_saved(result, tmp_path):
    out = tmp_path / "情景.csv"

    done = sinks("restore", result, "--scenario", "退塘还湿三公顷", "--csv", out)

    assert done.returncode == 0, done.stderr
    assert "退塘还湿三公顷" in done.stdout
    assert "已验收项目" not in done.stdout
    saved = pd.read_csv(out, encoding="utf-8-sig").query("potentials == 'AR5'")
    assert saved["scenario"].unique().tolist() == ["marsh"]
    told = stored(result)["scenario_horizons"].xs(("marsh", "AR5"), level=[0, 2])
    np.testing.assert_allclose(saved["cumulative_tco2e"], told["cumulative_tco2e"], rtol=1e-3)
    english = restoration_board(result, scenario="Three hectares of marsh")
    assert english.scenarios == restoration_board(result, scenario="marsh").scenarios


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_plan_shows_the_figures_of_the_tables(result, language, tmp_path):
    out = tmp_path / "选址.csv"

    done = sinks("plan", result, "--csv", out, "--lang", language)

    assert done.returncode == 0, done.stderr
    tables = stored(result)
    (row,) = tables["siting"].to_dict("records")
    for shown in (
        f"{row['area_ha']:,.1f}",
        f"{row['cost_yuan']:,.0f}",
        f"{row['carbon_tco2e']:+,.0f}",
        f"{row['carbon_low_tco2e']:+,.0f}",
        f"{row['carbon_high_tco2e']:+,.0f}",
        row[f"name_{language}"],
    ):
        assert shown in done.stdout
    units = tables["siting_units"]
    for area_ha in units[units["chosen"]].groupby("zone")["area_ha"].sum():
        assert f"{area_ha:,.1f}" in done.stdout
    saved = pd.read_csv(out, encoding="utf-8-sig").set_index("unit")
    assert saved.index.tolist() == units.index.tolist()
    np.testing.assert_allclose(saved["area_ha"], units["area_ha"], rtol=1e-3)


def test_scenarios_and_plans_that_are_not_there_are_refused(result, tmp_path):
    slip = sinks("restore", result, "--scenario", "退田还湖", "--lang", "en")

    assert slip.returncode == 2
    assert "SNK-N82" in slip.stderr
    assert "marsh 退塘还湿三公顷" in slip.stderr
    content = json.loads((result / "results.json").read_text("utf-8"))
    for name in ("scenarios", "siting"):
        del content["tables"][name]
    (tmp_path / "results.json").write_text(json.dumps(content), encoding="utf-8")
    for board, code in ((restoration_board, "N82"), (siting_board, "N84")):
        with pytest.raises(InputRefused) as fault:
            board(tmp_path)
        assert [finding.code for finding in fault.value.findings] == [code]
    shutil.rmtree(tmp_path)
    for board in (restoration_board, siting_board):
        with pytest.raises(InputRefused) as fault:
            board(tmp_path)
        assert [finding.code for finding in fault.value.findings] == ["C18"]


def test_the_doctor_reads_the_study_with_its_scenarios(result):
    file = result.parent / "数据" / "研究.toml"
    done = sinks("doctor", file)

    assert done.returncode == 0, done.stdout + done.stderr
    slip = file.with_name("错.toml")
    text = RESTORED.replace("budget_yuan = 250000\n", "").replace("area_ha = 2\n", "")
    slip.write_text(text, encoding="utf-8")
    refused = sinks("doctor", slip, "--lang", "en")
    assert refused.returncode == 2
    assert "budget_yuan" in refused.stdout + refused.stderr
