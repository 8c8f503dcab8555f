"""The plan's registers in a study: figures by hand, targets that add up, and slips refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sinks.errors import InputRefused
from sinks.study import Study
from sinks.workflow.rates import Rates
from tests.workflow.planned import ELSEWHERE, EVENTS, PLAN, REPORTED, rates_of, write_plan
from tests.workflow.small import BLF, BLT, STUDY, write_raster, write_study

NEAR = pytest.approx
CUT = 2e-5  # an edge may stray by a millimetre on its way through projections
ALL_HA = 48.0


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Rates:
    return rates_of(write_plan(tmp_path_factory.mktemp("方案") / "研究"))


def values(plan: Rates, indicator: str, zone: str = "district") -> dict[int, float]:
    rows = plan.tables["indicators"]["value"]
    return rows.xs((zone, indicator), level=("zone", "indicator")).to_dict()


def test_overlapping_stretches_of_two_years_count_each_metre_once(plan):
    rates = values(plan, "ecological_river_rate")

    # of 800 m: nothing, then 0-200 m, then 0-300 m; the planned stretch never
    assert rates == NEAR({2020: 0, 2021: 0, 2022: 0, 2023: 0, 2024: 25, 2025: 37.5}, rel=CUT)
    assert values(plan, "ecological_river_rate", "001")[2025] == NEAR(75, rel=CUT)
    assert values(plan, "ecological_river_rate", "002")[2025] == 0
    assert values(plan, "ecological_river_rate_by_count")[2025] == 0
    codes = {finding.code: finding for finding in plan.findings}
    assert codes["F23"].facts["ids"] == ["R2"]
    assert Path(codes["F23"].file).name == "河道.gpkg"


def test_ground_restored_twice_counts_once_and_enhanced_wetland_stands_apart(plan):
    both, restored, enhanced = (
        values(plan, f"wetland_restored_area{rule}") for rule in ("", "_restored", "_enhanced")
    )

    assert both == NEAR({2021: 0, 2022: 1, 2023: 1, 2024: 1.5, 2025: 1.5}, rel=CUT)
    assert (restored[2025], enhanced[2025]) == NEAR((1, 0.5), rel=CUT)
    done = plan.tables["ledger_years"].loc["restoration"]
    assert done["gross_ha"].sum() == NEAR(2, rel=CUT)
    assert done["cumulative_ha"].iloc[-1] == NEAR(1.5, rel=CUT)


def test_planting_of_102_mu_meets_the_target_of_its_year(plan):
    row = plan.tables["targets"].loc["afforestation_area"]

    assert row["value"] == NEAR(102, rel=CUT)  # 6.8 ha
    assert (row["met"], row["judged_by"]) == ("yes", "exact")
    ahead = plan.tables["outlook"].loc["afforestation_area"]
    assert (ahead["years"], ahead["years_met"]) == (5, 1)


def test_what_projects_state_is_held_against_the_maps(plan):
    ledger = plan.tables["ledger"]

    assert ledger.loc["P3", "was_before_pct"] == 0  # stated dry field, mapped forest
    assert ledger.loc["P4", "judged"] == "not_due"
    assert ledger.loc["P1", "accepted_on"] == "2022-06-01"


def test_the_strip_that_was_built_up_is_listed_inside_the_red_line(plan):
    assert values(plan, "redline_share") == NEAR({2025: 100 * 12 / ALL_HA}, rel=CUT)
    (patch,) = plan.tables["redline_changes"].to_dict("records")
    assert (patch["land_cover"], patch["land_cover_after"]) == ("BLF", "BLT")
    assert (patch["area_ha"], patch["px"]) == NEAR((6, 150), rel=CUT)
    assert patch["encroaches"]
    assert patch["redline_area"] == "1 东片"


def test_green_cover_is_the_union_of_vegetation_and_the_map_stands_beside_it(plan):
    assert values(plan, "green_cover_rate")[2025] == NEAR(100 * 3 / 12, rel=CUT)
    assert values(plan, "green_cover_rate_mapped") == NEAR({2020: 100, 2025: 50}, rel=CUT)
    assert "F30" in {finding.code for finding in plan.findings}  # pixels of 20 m


def test_a_belt_adds_its_length_times_its_width(plan):
    row = plan.tables["indicators"].loc[(2025, "district", "tree_cover_rate")]

    assert row["numerator"] == NEAR(6 + 1 + 0.2, rel=CUT)
    assert row["evidence"] == "survey"


def test_the_three_sets_of_wetland_have_their_own_rates(plan):
    law, third, second = (
        values(plan, f"wetland_protection_rate{rule}")[2025] for rule in ("", "_W_3d", "_W_2nd")
    )

    assert law == NEAR(100 * 3.25 / 7, rel=CUT)  # lake, river, flat
    assert third == NEAR(100 * 0.25 / 1, rel=CUT)  # flat
    assert second == NEAR(100 * 3.5 / 8, rel=CUT)  # the pond too


def test_protection_counts_from_the_day_it_was_in_force(plan):
    rates = values(plan, "wetland_protection_rate")

    before, after = 100 * 2.25 / 7, 100 * 3.25 / 7
    assert rates == NEAR({2022: before, 2023: before, 2024: after, 2025: after}, rel=CUT)


def test_reported_figures_stand_beside_computed_ones(plan):
    assert values(plan, "straw_use_rate") == {2024: 97, 2025: 98.5}
    targets = plan.tables["targets"]
    assert targets.loc["straw_use_rate", "met"] == "yes"
    row = targets.loc["green_factories"]
    assert (row["name_zh"], row["gap"], row["evidence"]) == ("国家级绿色工厂", 1, "report")
    assert row["department"] == "工信局"


def test_evidence_decides_how_a_target_is_judged(plan):
    targets = plan.tables["targets"]

    assert targets.loc["tree_cover_rate", ["evidence", "judged_by", "met"]].tolist() == [
        "survey", "probability", "no",
    ]  # fmt: skip
    assert targets.loc["wetland_protection_rate", ["evidence", "judged_by"]].tolist() == [
        "register", "exact",
    ]  # fmt: skip
    found = plan.tables["detections"]["found"]
    assert found["ecological_river_rate", "register"] == "documents"
    assert found["straw_use_rate", "report"] == "records"


@pytest.mark.parametrize("share_by", ["ground", "potential"])
def test_targets_of_towns_add_up_to_that_of_the_district(tmp_path, share_by):
    text = PLAN.replace('share_by = "ground"', f'share_by = "{share_by}"')
    tables = rates_of(write_plan(tmp_path / "研究", text)).tables
    towns, whole = tables["targets_towns"], tables["targets"]

    for indicator, rows in towns.groupby(level="indicator"):
        target = whole.loc[indicator, "target"]
        if whole.loc[indicator, "unit"] == "%":
            held = rows["target"] * rows["denominator"]
            assert held.sum() == NEAR(target * whole.loc[indicator, "denominator"], rel=1e-6)
        else:
            assert rows["target"].sum() == NEAR(target, rel=1e-9)
    shared = set(towns.index.unique("indicator"))
    assert {"tree_cover_rate", "afforestation_area", "ecological_river_rate"} <= shared
    assert "straw_use_rate" not in shared  # reported for the district alone


def with_shares(tmp_path: Path, shares: str) -> Study:
    words = 'share_by = "shares"\ntown_shares = "份额.csv"'
    study = write_plan(tmp_path / "研究", PLAN.replace('share_by = "ground"', words))
    (tmp_path / "研究" / "份额.csv").write_text(shares, encoding="utf-8")
    return study


def test_shares_of_a_table_are_those_of_the_indicators_that_it_names(tmp_path):
    rows = [
        f"{indicator},{town},{share}"
        for indicator in ("afforestation_area", "wetland_restored_area")
        for town, share in (("001", 75), ("002", 25))
    ]
    study = with_shares(tmp_path, "\n".join(["指标,代码,份额", *rows]))

    towns = rates_of(study).tables["targets_towns"]["target"]
    assert towns["001", "afforestation_area"] == 75
    assert towns["002", "wetland_restored_area"] == 1.25
    assert towns["001", "tree_cover_rate"] == NEAR(25)  # by ground


def test_a_share_of_what_a_town_has_no_ground_for_is_refused(tmp_path):
    study = with_shares(tmp_path, "代码,份额\n001,75\n002,25\n")

    with pytest.raises(InputRefused) as error:
        rates_of(study)
    (finding,) = error.value.findings
    assert (finding.code, finding.place) == ("F42", "plan.share_by (green_cover_rate)")


def test_the_need_is_the_gap_over_the_years_left(plan):
    ahead = plan.tables["outlook"]

    assert ahead.loc["ecological_river_rate", "needed_per_year"] == NEAR((70 - 37.5) / 5, rel=CUT)
    assert ahead.loc["ecological_river_rate", "needed_part_per_year"] == NEAR(0.052, rel=CUT)
    assert ahead.loc["wetland_restored_area", "needed_per_year"] == NEAR(3.5 / 5, rel=CUT)
    basis = {
        "ecological_river_rate": "line",
        "wetland_restored_area": "pace",
        "straw_use_rate": "two_years",
        "tree_cover_rate": "one_year",
    }
    assert ahead["basis"][list(basis)].to_dict() == basis


def test_a_trend_of_two_reported_years_is_their_slope(plan):
    ahead = plan.tables["outlook"].loc["straw_use_rate"]

    assert ahead["trend_per_year"] == NEAR(1.5)
    assert ahead["forecast"] == 100  # 98.5 + 5 x 1.5, cut off
    assert np.isnan(ahead["forecast_low"])


def test_a_year_that_is_added_to_the_study_joins_the_series(tmp_path):
    added = '[[land_cover]]\npath = "土地覆盖_2023.tif"\nyear = 2023\nscheme = "house"\n\n'
    at = PLAN.index("[[land_cover]]", PLAN.index("year = 2020"))
    text = (PLAN[:at] + added + PLAN[at:]).replace(
        '[layers.vegetation]\npath = "图层/植被.gpkg"\n', ""
    )
    study = write_plan(tmp_path / "研究", text)
    codes = np.full((30, 40), BLF, dtype=np.uint8)
    codes[:, 38:] = BLT  # 40 m of the 200 m that are built-up area
    write_raster(tmp_path / "研究" / "土地覆盖_2023.tif", codes)

    plan = rates_of(study)

    assert values(plan, "green_cover_rate") == NEAR({2020: 100, 2023: 80, 2025: 50}, rel=CUT)
    assert plan.tables["outlook"].loc["green_cover_rate", ["years", "basis"]].tolist() == [
        3, "line",
    ]  # fmt: skip


def test_the_change_since_the_base_year_is_split_by_what_changed(plan):
    row = plan.tables["decompositions"].loc["wetland_protection_rate"]

    assert row["definition"] == NEAR(100 * 2.25 / 7 - 30, rel=1e-4)
    assert row["real"] == NEAR(100 * 1 / 7, rel=CUT)
    assert row["change"] == NEAR(100 * 3.25 / 7 - 30, rel=CUT)
    assert row["unresolved"] == 0


def test_another_headline_takes_the_plain_name(tmp_path):
    rules = '\n[rules]\nwetland_set = "W_2nd"\nrestored_wetland = "restored"\n'
    plan = rates_of(write_plan(tmp_path / "研究", PLAN + rules))

    assert values(plan, "wetland_protection_rate")[2025] == NEAR(100 * 3.5 / 8, rel=CUT)
    assert values(plan, "wetland_restored_area")[2025] == NEAR(1, rel=CUT)
    assert plan.tables["targets"].loc["wetland_restored_area", "gap"] == NEAR(4, rel=CUT)


def test_felled_wood_needs_its_year(tmp_path):
    text = PLAN + '\n[layers.felled]\npath = "图层/红线.gpkg"\nyear_field = "类别"\n'

    assert refused(tmp_path, text=text) == ("F36", "红线.gpkg")


def refused(tmp_path: Path, **slips: object) -> tuple[str, str]:
    """Return the code of what is refused, and the file that it names."""
    study = write_plan(tmp_path / "研究", **slips)
    with pytest.raises(InputRefused) as error:
        rates_of(study)
    (finding,) = error.value.findings
    return finding.code, Path(str(finding.file)).name


@pytest.mark.parametrize(
    ("slips", "code", "file"),
    [
        ({"events": EVENTS.replace("R2,", "R9,")}, "F20", "河道.gpkg"),
        ({"events": EVENTS.replace("100,300", "100,430")}, "F21", "河道.gpkg"),
        ({"events": EVENTS.replace("计划", "大概")}, "F01", "评定.csv"),
        ({"mu": 1.0}, "F57", "项目.gpkg"),
        ({"width": 500.0}, "F32", "林带.gpkg"),
        ({"width": "约10米"}, "F36", "林带.gpkg"),
        ({"built_up": "2025年"}, "F36", "建成区.gpkg"),
        ({"reported": REPORTED.replace("98.5,%", "985,%")}, "F44", "上报.csv"),
        ({"reported": ELSEWHERE}, "F37", "上报.csv"),
        ({"text": PLAN.replace("value_ha = 5", "value_pct = 5")}, "F40", ""),
        ({"text": PLAN.replace('"ecological_river_rate"', '"rivers"')}, "F04", "研究.toml"),
    ],
)
def test_a_slip_in_a_register_is_refused_with_its_file(tmp_path, slips, code, file):
    found, named = refused(tmp_path, **slips)

    assert found == code
    assert file in named


def test_rivers_without_any_assessment_are_refused(tmp_path):
    start, end = PLAN.index("[layers.river_events]"), PLAN.index("[layers.projects]")

    assert refused(tmp_path, text=PLAN[:start] + PLAN[end:]) == ("F35", "河道.gpkg")


def test_shares_that_do_not_add_up_are_refused(tmp_path):
    study = with_shares(tmp_path, "代码,份额\n001,60\n002,30\n")

    with pytest.raises(InputRefused) as error:
        rates_of(study)
    assert [finding.code for finding in error.value.findings] == ["F41"]


def test_a_study_without_registers_has_its_rates_alone(tmp_path):
    tables = rates_of(Study.read(write_study(tmp_path / "研究", STUDY))).tables

    assert "ledger" not in tables
    assert "decompositions" not in tables
    assert isinstance(tables["targets"], pd.DataFrame)
    assert set(tables["targets"].index) == {"tree_cover_rate", "wetland_protection_rate"}
