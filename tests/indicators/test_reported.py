"""Reported indicators: read from a file as departments send it, refused or listed when wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from sinks.errors import InputRefused
from sinks.indicators.outlook import outlook
from sinks.indicators.reported import COLUMNS, reported_figures, reported_targets
from sinks.indicators.targets import compared, latest
from sinks.parameters.labels import label
from sinks.sources.reported import read_reported

DEMO = Path(__file__).parents[2] / "data" / "tables" / "yandu_reported.csv"
ROW = {
    "指标编号": "straw_use_rate", "指标名称": "秸秆综合利用率", "数值": "97.8", "单位": "%",
    "年份": "2024", "部门": "农业农村局", "依据文件": "盐农〔2025〕3号", "目标值": "98",
    "目标年份": "", "目标方式": "不低于", "分子": "", "分母": "",
}  # fmt: skip


@pytest.fixture
def reported(tmp_path):
    def read(*changes):
        path = tmp_path / "上报.csv"
        pd.DataFrame([{**ROW, **change} for change in changes]).to_csv(path, index=False)
        return read_reported(path)

    return read


def noted(table):
    return {f.code: f.facts["rows"] for f in table.findings if f.code.startswith("F")}


def test_a_table_in_chinese_terms_becomes_house_terms(reported):
    table = reported({}, {"年份": "2025", "数值": "98.1", "单位": "％"})

    assert list(table.frame) == list(COLUMNS)
    assert table.frame["unit"].to_list() == ["%", "%"]
    assert table.frame["kind"].to_list() == ["at_least", "at_least"]
    assert noted(table) == {}


def test_a_workbook_is_read_like_a_text_file(tmp_path):
    book = Workbook()
    book.active.append(list(ROW))
    book.active.append([float(v) if v.replace(".", "").isdigit() else v for v in ROW.values()])
    book.save(tmp_path / "上报.xlsx")

    frame = read_reported(tmp_path / "上报.xlsx").frame

    assert frame.loc[2, ["value", "year", "target"]].to_list() == [97.8, 2024, 98]


def test_figures_are_rows_of_indicators_by_year_and_zone(reported):
    frame = reported({"分子": "48.9", "分母": "50"}, {"统计单元": "320903100", "数值": "90"}).frame

    rows = reported_figures(frame, district="yandu")

    district, town = (rows.loc[(2024, z, "straw_use_rate")] for z in ("yandu", "320903100"))
    assert (district["value"], district["numerator"], district["denominator"]) == (97.8, 48.9, 50)
    assert district["evidence"] == "report"
    assert town["value"] == 90
    assert np.isnan(town["denominator"])
    assert rows[["low", "high"]].isna().all(axis=None)
    assert label(f"evidence.{district['evidence']}")
    assert label(f"rule.{district['rule']}")


def test_a_target_stands_once_however_many_years_repeat_it(reported):
    targets = reported_targets(reported({}, {"年份": "2025"}).frame, district="yandu")

    assert targets.index.to_list() == [("yandu", "straw_use_rate")]
    row = targets.iloc[0]
    assert (row["kind"], row["target"], row["unit"]) == ("at_least", 98, "%")
    assert row["name_en"] == "秸秆综合利用率"  # no English name was told


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([{"数值": "101"}], "F44"),
        ([{"目标值": "980"}], "F44"),
        ([{"单位": "家", "数值": "-1"}], "F44"),
        ([{"单位": "亩", "目标值": ""}, {"单位": "公顷", "年份": "2025", "目标值": ""}], "F45"),
        ([{"指标编号": "秸秆"}], "F48"),
        ([{"目标方式": "希望"}], "F48"),
        ([{"目标方式": ""}], "F48"),
        ([{"年份": ""}], "F48"),
        ([{}, {"年份": "2025", "目标值": "95"}], "F51"),
        ([{}, {}], "T02"),
        ([{"单位": ""}], "T05"),
        ([{"年份": "24"}], "T04"),
        ([{"数值": "约98"}], "T07"),
    ],
)
def test_what_cannot_be_right_is_refused(reported, changes, code):
    with pytest.raises(InputRefused) as refused:
        reported(*changes)

    assert {finding.code for finding in refused.value.findings} == {code}
    assert all(f.file and f.file.endswith("上报.csv") for f in refused.value.findings)


@pytest.mark.parametrize(
    ("changes", "code", "rows"),
    [
        ([{"依据文件": ""}], "F46", ["2: straw_use_rate, 2024"]),
        ([{"数值": "", "年份": ""}], "F47", ["straw_use_rate: value"]),
        ([{"目标值": "", "目标方式": ""}], "F47", ["straw_use_rate: target"]),
        ([{"目标方式": "达到"}], "F47", ["straw_use_rate: target_year"]),
        ([{"分子": "40", "分母": "50"}], "F49", ["2: straw_use_rate, 97.8 % ≠ 80 %"]),
        ([{"数值": "0.978"}], "F50", ["2: straw_use_rate, 0.978 %"]),
        (
            [{"单位": "ha", "数值": "6.6", "目标方式": "每年"},
             {"单位": "ha", "数值": "99", "目标方式": "每年", "年份": "2025"}],
            "F50", ["straw_use_rate 2024: 6.6 → 2025: 99 (× 15)"],
        ),
        (
            [{"单位": "家", "数值": "9", "目标方式": "累计"},
             {"单位": "家", "数值": "8", "目标方式": "累计", "年份": "2025"}],
            "F50", ["straw_use_rate 2024: 9 → 2025: 8"],
        ),
    ],
)  # fmt: skip
def test_what_is_open_or_odd_is_listed(reported, changes, code, rows):
    assert noted(reported(*changes)) == {code: rows}


def test_a_rate_that_was_rounded_is_not_odd(reported):
    assert noted(reported({"数值": "97.8", "分子": "48.92", "分母": "50"})) == {}  # 97.84 %


def test_the_demonstration_table_lists_what_is_still_to_be_filled_in():
    table = read_reported(DEMO)

    blank = noted(table)["F47"]
    assert "plan_item_5_annual: value, target" in blank
    assert "plan_item_11_annual: value, target" in blank
    assert set(noted(table)) == {"F47"}


def test_the_demonstration_table_has_the_figures_of_the_plan_and_says_what_is_made_up():
    frame = read_reported(DEMO).frame
    targets = reported_targets(frame, district="yandu")["target"].droplevel("zone")

    assert targets.to_dict() == {
        "straw_use_rate": 98, "green_produce_rate": 80, "national_green_factories": 3,
        "provincial_green_factories": 20, "zero_carbon_factories": 2, "high_tech_output_rate": 73,
        "new_energy_capacity": 60, "smart_microgrids": 5, "solid_waste_use_rate": 75,
        "green_building_rate": 100, "retrofitted_floor_area": 3.5,
        "renewable_substitution_rate": 10, "green_travel_rate": 75, "national_platforms": 1,
    }  # fmt: skip
    lines = DEMO.read_text("utf-8-sig").splitlines()[1:]
    figures = [line for line, value in zip(lines, frame["value"], strict=True) if value == value]
    assert all("SINKS_SYNTHETIC" in line for line in figures)


def test_the_demonstration_table_goes_all_the_way_to_an_outlook():
    frame = read_reported(DEMO).frame
    figures = reported_figures(frame, district="yandu")
    targets = reported_targets(frame, district="yandu")

    gaps = compared(latest(figures, 2025), targets)
    ahead = outlook(gaps, figures, horizon=2030)

    assert gaps.loc[("yandu", "straw_use_rate"), "met"] == "yes"
    assert gaps.loc[("yandu", "provincial_green_factories"), "gap_part"] == 11
    assert ahead.loc[("yandu", "provincial_green_factories"), "needed_per_year"] == 11 / 5
    assert (ahead.loc[("yandu", "national_platforms"), "basis"]) == "one_year"
