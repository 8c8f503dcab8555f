"""The table of statistics: what rows mean, and what is refused with row, finding and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from sinks.errors import Finding, InputRefused
from sinks.parameters.accounts import account_inputs, account_items, statistic_units
from sinks.study_layers import StatisticsSource
from sinks.workflow.statistics import statistics
from sinks.workflow.study_tables import read_study_table
from tests.workflow.accounted import ROWS, write_statistics

ZONES = ("district", "001", "002", "gy")
PARTS = ("001", "002")
NEAR = pytest.approx


def read(folder: Path, rows: Sequence[str], name: str = "统 计.csv") -> pd.DataFrame:
    source = StatisticsSource(path=write_statistics(folder / name, rows))
    return statistics(read_study_table(source), ZONES, PARTS, "district")


def refused(folder: Path, *rows: str) -> list[Finding]:
    with pytest.raises(InputRefused) as fault:
        read(folder, rows)
    return [finding for finding in fault.value.findings if finding.stops]


def row(text: str) -> str:
    """Fill up a row with blank cells."""
    return text + "," * (9 - text.count(","))


@pytest.mark.parametrize(
    ("item", "detail"),
    [
        ("output_t", "rice"), ("产量", "水稻"), ("总产量", "稻谷"), ("Output", "Rice"),
        (" 产 量 ", "粳稻"), ("产品产量", "RICE"),
    ],
)  # fmt: skip
def test_names_other_words_and_keys_mean_the_same(tmp_path, item, detail):
    told = read(tmp_path, [row(f"{item},{detail},,2025,5,吨")])

    assert told[["argument", "detail", "kind"]].iloc[0].to_list() == ["output_t", "rice", "amount"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("产量,水稻,,2025,21.6,万吨", 216_000),
        ("产量,水稻,,2025,216000,t", 216_000),
        ("单价,水稻,,2025,2.86,元/公斤", 2860),
        ("单价,水稻,,2025,1.43,元/斤", 2860),
        ("单价,水稻,,2025,0.286,万元/吨", 2860),
        ("游客人次,,,2025,612.5,万人次", 6_125_000),
        ("自然景观的贡献比例,,,2025,55,%", 0.55),
        ("自然景观的贡献比例,,,2025,55,％", 0.55),
        ("过水量,,,2025,1.2,亿立方米", 1.2e8),
        ("入河量,总磷,,2025,3,吨", 3000),
        ("林带长度,,,2025,500,米", 0.5),
        ("净产值（增加值）,crops,,2025,2,亿元", 2e8),
        ("每公顷价值（只用于复现旧账）,,,2025,10,元/亩", 150),
        ("功能量（直接给出）,生活用水,,2025,3,万立方米", 30_000),
    ],
)
def test_units_are_converted_to_those_of_accounts(tmp_path, text, value):
    told = read(tmp_path, [row(text)]).iloc[0]

    assert told["value"] == NEAR(value, rel=1e-12)
    assert told["low"] <= told["value"] <= told["high"]


def test_every_item_may_be_told_in_its_own_unit():
    inputs = account_inputs()
    wanted = {*inputs["unit"], *account_items()["unit"]} - {"item"}

    assert [unit for unit in wanted if statistic_units().get((unit, unit)) != 1.0] == []


def test_a_blank_zone_is_the_district_and_others_are_themselves(tmp_path):
    told = read(tmp_path, [row(f"产量,水稻,{zone},2025,5,吨") for zone in ("", "001", "gy")])

    assert told["zone"].to_list() == ["district", "001", "gy"]


def test_an_own_range_is_kept_and_else_it_is_that_of_the_item(tmp_path):
    told = read(
        tmp_path,
        [
            "产量,水稻,,2025,10,万吨,9,12,农业农村局,农1号",
            "产量,小麦,,2025,10,万吨,,,农业农村局,",
            "产量,蔬菜,,2025,10,万吨,9,,,",
        ],
    )

    error = 10 * account_inputs().loc["output_t", "error_pct"] / 100
    assert (told["low"] / 1e4).to_list() == NEAR([9, 10 - error, 9])
    assert (told["high"] / 1e4).to_list() == NEAR([12, 10 + error, 10 + error])


def test_the_source_is_file_row_and_document(tmp_path):
    told = read(
        tmp_path,
        ["产量,水稻,,2025,10,万吨,,,农业农村局,农〔2026〕1号", row("产量,小麦,,2025,1,吨")],
    )

    assert told["source"].to_list() == ["统 计.csv row 2 (农〔2026〕1号)", "统 计.csv row 3"]


def test_the_range_of_a_condition_is_the_levels_that_judge_it(tmp_path):
    told = read(
        tmp_path,
        [
            "生态系统状况,bird_species,gy,2025,80,species,20,120,林业局,",
            row("状况变量,water_transparency,001,2025,0.7,m"),
            "生态系统状况,water_quality_class,,2025,3,class,5,1,,",
        ],
    )

    assert told.iloc[0][["value", "low", "high"]].to_list() == [80, 20, 120]
    assert told[["low", "high"]].iloc[1].isna().all()  # those of the table that ships
    assert told["zone"].to_list() == ["gy", "001", "district"]
    assert told.iloc[2][["low", "high"]].to_list() == [5, 1]  # low is what counts 0


def test_a_workbook_says_what_a_text_file_says(tmp_path):
    text, book = read(tmp_path, ROWS), read(tmp_path, ROWS, "统 计.xlsx")

    same = ["argument", "detail", "zone", "year", "value", "low", "high", "kind"]
    pd.testing.assert_frame_equal(text[same], book[same])


FAULTS = {
    "S50": ("产粮,鱼类,,2025,5,吨", ("产粮 → 产量?",), ("account_inputs.csv",)),
    "S51": ("产量,水果,,2025,5,石", ("产量 石",), ("万吨",)),
    "S52": ("产量,甘蔗,,2025,5,吨", ("产量 甘蔗",), ("产品表",)),
    "S53": ("产量,虾类,009,2025,5,吨", ("产量 009",), ("[[zones]]",)),
    "S56": ("单价,水稻,,2025,28600,元/公斤", ("单价 28,600",), ("万吨",)),
    "S57": ("年降水量,,001,2025,1036,毫米", ("年降水量",), ("单元留空",)),
    "S58": ("产量,水稻,,2025,5,吨,6,7,,", ("产量 5",), ("留空",)),
}


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_told_once_with_file_row_finding_and_remedy(tmp_path, code):
    text, found, remedy = FAULTS[code]

    (finding,) = refused(tmp_path, row("产量,小麦,,2025,5,吨"), row(text))

    assert finding.code == code
    assert finding.file.endswith("统 计.csv")
    assert finding.place == "row 3"
    assert all(word in finding.found() for word in found)
    assert all(word in finding.remedy() for word in remedy)
    assert finding.remedy("en").isascii() or "万吨" in finding.remedy("en")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("产量,水稻,,2025,5,", "S51"),  # a unit is never guessed
        ("产量,水稻,,2025,5,公顷", "S51"),
        ("功能量（直接给出）,生活用水,,2025,5,吨", "S51"),
        ("产量,,,2025,5,吨", "S52"),  # of what
        ("年降水量,水稻,,2025,1000,毫米", "S52"),  # nothing belongs there
        ("入河量,SO3,,2025,5,吨", "S52"),
        ("年蒸散发量,XYZ,,2025,800,毫米", "S52"),
        ("单价,水稻,002,2025,3,元/公斤", "S57"),
        ("年降水量,,,2025,12,毫米", "S56"),
        ("产量,水稻,,2025,-5,吨", "S56"),
        ("自然景观的贡献比例,,,2025,55,1", "S56"),  # 55 is not a share
        ("产量,水稻,,2025,5,吨,,4,,", "S58"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, text, code):
    assert [finding.code for finding in refused(tmp_path, row(text))] == [code]


def test_a_price_may_be_told_for_a_site_and_an_amount_for_a_town(tmp_path):
    told = read(
        tmp_path,
        [row("单价,水稻,gy,2025,3,元/公斤"), row("产量,水稻,001,2025,3,吨"),
         row("产量,水稻,,2025,0,吨")],
    )  # fmt: skip

    assert len(told) == 3


def test_all_faults_are_told_at_once_each_with_all_its_rows(tmp_path):
    texts = [text for text, _, _ in FAULTS.values()]

    found = refused(tmp_path, *map(row, texts), row("单价,蔬菜,,2025,5,斗"))

    assert sorted(finding.code for finding in found) == sorted(FAULTS)
    by_code = {finding.code: finding for finding in found}
    assert by_code["S51"].place == "row 3, 9"
    assert "2 行" in by_code["S51"].found()


def test_a_figure_told_twice_is_refused_with_both_rows(tmp_path):
    (finding,) = refused(
        tmp_path, row("产量,水稻,,2025,5,吨"), row("单价,水稻,,2025,5,元/公斤"),
        row("产量,水稻,,2025,6,吨"),
    )  # fmt: skip

    assert finding.code == "T02"
    assert finding.facts["rows"] == ["2", "4"]


@pytest.mark.parametrize("other", ["总产量,稻谷,,2025,6,吨", "output_t,rice,district,2025,6,吨"])
def test_a_figure_told_twice_in_other_words_is_refused_too(tmp_path, other):
    (finding,) = refused(tmp_path, row("产量,水稻,,2025,5,吨"), row(other))

    assert finding.code == "T02"
    assert finding.facts["rows"] == ["2", "3"]


@pytest.mark.parametrize("cell", ["五", "5吨左右"])
def test_a_value_that_is_no_number_is_refused_with_its_cell(tmp_path, cell):
    (finding,) = refused(tmp_path, row("产量,小麦,,2025,5,吨"), row(f"产量,水稻,,2025,{cell},吨"))

    assert finding.code.startswith("T")
    assert "3" in str(finding.place)


def test_a_row_of_a_form_that_was_left_blank_tells_nothing(tmp_path):
    found = read(tmp_path, [row("产量,小麦,,2025,5,吨"), row("产量,水稻,,2025,,吨")])

    assert list(found["detail"]) == ["wheat"]


@pytest.mark.parametrize("year", ["25", "二〇二五", ""])
def test_a_year_is_a_year(tmp_path, year):
    codes = [finding.code for finding in refused(tmp_path, row(f"产量,水稻,,{year},5,吨"))]

    assert len(codes) == 1
