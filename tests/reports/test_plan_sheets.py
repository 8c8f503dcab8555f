"""The sheets of the plan: targets, towns, years, evidence, protection, red line, ledger."""

from __future__ import annotations

import re

import openpyxl
import pandas as pd
import pytest

from sinks.parameters.formulas import formulas
from sinks.parameters.labels import label
from sinks.reports.workbook import write_workbook
from tests.reports.planned import DONE, FIGURES, PLAN, PLANTED, UNPROTECTED, WET, YEARS, planned
from tests.reports.test_accuracy import without
from tests.reports.test_workbook import PAYLOADS, cells, held, section, table, text, written

SHEETS = {
    "targets": "indicators", "targets_towns": "towns", "detections": "detections",
    "decompositions": "decompositions", "protection_forms": "wetland_protection",
    "redline_changes": "redline_changes", "ledger": "ledger",
}  # fmt: skip


def zh(name):
    return label(f"column.{name}")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    write_workbook(planned(), path)
    return openpyxl.load_workbook(path, data_only=True)


def page(book, key):
    return book[label(f"sheet.{key}")]


def rows_of(book, key, count):
    return table(page(book, key))[:count]


def outlook(book):
    heads, rows = section(page(book, "indicators"), label("section.outlook"))
    return [dict(zip(heads, row, strict=True)) for row in rows]


def test_every_target_has_a_row_with_value_interval_gap_and_verdict(book):
    targets = planned().table("targets")
    rows = rows_of(book, "indicators", len(targets))

    for row, (_, target) in zip(rows, targets.iterrows(), strict=True):
        assert row["指标"] == target["name_zh"]
        for name in ("target", "gap_mu", "gap_part"):
            value = target[name]
            assert row[zh(name)] == (None if pd.isna(value) else held(value))
        assert row[label("workbook.gap")] == (
            None if pd.isna(target["gap"]) else held(target["gap"])
        )
        assert row[zh("judged_by")] == label(f"judged_by.{target['judged_by']}")
        assert row[zh("document")] == "方案"
        assert row[zh("department")] == "林业局"


def test_the_verdict_has_a_mark_and_a_word_so_that_it_works_without_colour(book):
    rows = rows_of(book, "indicators", 7)

    assert [row["是否达到"] for row in rows] == [
        "× 未达到", "× 未达到", "√ 达到", "○ 不能判定", "○ 不能判定", "× 未达到", "— 没有数据",
    ]  # fmt: skip
    assert rows[3][zh("probability")] == 0.0625


def test_a_map_without_a_sample_has_a_dash_and_no_figure_says_so(book):
    mapped, unheard = rows_of(book, "indicators", 7)[4], rows_of(book, "indicators", 7)[6]

    assert (mapped["数值"], mapped["95% 下限"], mapped["95% 上限"]) == (46, "—", "—")
    assert (unheard["数值"], unheard["数值年份"], unheard["依据"]) == ("没有数据", None, "")


def test_what_is_needed_and_where_the_trend_leads_stand_below_each_target(book):
    ahead = planned().table("outlook")
    rows = outlook(book)

    assert [row["指标"] for row in rows] == list(planned().table("targets")["name_zh"])
    wet, planted = rows[0], rows[2]
    assert wet[zh("needed_per_year")] == 0.8  # 4 points in 5 years
    assert wet[zh("needed_mu_per_year")] == 12  # 0.8 ha of 100 ha
    assert planted[zh("needed_per_year")] == 0
    for name in ("trend_per_year", "forecast_low", "forecast_high", "forecast_probability"):
        assert wet[zh(name)] == ahead.loc[WET, name]
    assert wet["说明"] == "三年以上的直线趋势"


def test_towns_stand_below_the_district_with_gap_and_need_in_hectares_and_mu(book):
    rows = rows_of(book, "towns", 5)

    told = [(row["统计单元"], row["是否达到"], row[zh("gap_part")]) for row in rows]
    assert told[:3] == [
        ("全区", "× 未达到", 4), ("东镇", "√ 达到", -2), ("西镇", "× 未达到", 10),
    ]  # fmt: skip
    assert [row[zh("needed_mu_per_year")] for row in rows[:3]] == [12, 0, 30]
    assert [row["统计单元"] for row in rows[3:]] == ["全区", "西镇"]


def test_years_of_the_district_stand_side_by_side_with_the_target_in_their_unit(book):
    rows = {row["指标"]: row for row in table(page(book, "indicator_years"))}

    for key, values in FIGURES.items():
        name = planned().table("targets").loc[key, "name_zh"]
        assert [rows[name][str(year)] for year in YEARS] == list(values)
    assert rows[PLANTED]["目标值"] == held(100 / 15)  # 100 mu in hectares
    assert rows[DONE]["目标值"] == 50


def test_indicators_of_three_years_and_a_target_have_a_chart_with_the_target_as_a_line(book):
    charts = page(book, "indicator_years")._charts

    assert len(charts) == len(FIGURES)
    assert [len(chart.series) for chart in charts] == [4, 2, 2, 2]  # with an interval, without
    heads, rows = section(
        page(book, "indicator_years"),
        label("section.history").format(indicator="湿地保护率", unit="%"),
    )
    assert heads[:5] == ("年份", "数值", "95% 下限", "95% 上限", "目标值")
    assert [row[:5] for row in rows] == [
        (2023, 44, 43.5, 44.5, 50), (2024, 45, 44.5, 45.5, 50), (2025, 46, 45.5, 46.5, 50),
    ]  # fmt: skip


def test_reported_indicators_are_named_as_their_targets_name_them(book):
    names = {row["指标"] for row in table(page(book, "rates"))}

    assert "绿色工厂" in names
    assert "factories" not in names


def test_evidence_says_whether_it_could_show_the_change_and_what_would(book):
    rows = rows_of(book, "detections", 3)

    assert [row["能否看出"] for row in rows] == [
        "以文件为凭，多小都算", "变化太小，这一证据看不出来", "只有上报数，本身不能证明",
    ]  # fmt: skip
    assert rows[1][zh("times_sample")] == 4
    assert rows[2]["单位"] == "家"


def test_parts_of_a_change_add_up_in_a_formula_even_where_some_cannot_be_told(tmp_path, book):
    opened = written(tmp_path, planned())["变化分解"]
    heads = [cell.value for cell in opened[3]]
    at = heads.index(label("decompositions.change"))

    assert [opened[row][at].value for row in (4, 5)] == ["=SUM(G4:K4)", "=SUM(G5:K5)"]
    shown = page(book, "decompositions")
    for row in (4, 5):
        parts = [cell.value for cell in shown[row][6:11] if cell.value is not None]
        assert shown[row][at].value == sum(parts)
    assert shown["C5"].value == "own rule"


def test_areas_booked_to_forms_add_up_to_the_union_that_is_the_numerator(tmp_path, book):
    rows = {row["保护形式"]: row for row in rows_of(book, "wetland_protection", 5)}
    booked = zh("exclusive_ha")

    assert rows["合计"][booked] == 46
    assert rows[label("workbook.union")][booked] == 46
    assert rows[label("workbook.sum_check")][booked] == 0
    opened = written(tmp_path, planned())["湿地保护明细"]
    assert [opened.cell(row, 4).value for row in (6, 8)] == ["=SUM(D4:D5)", "=ROUND(D6-D7,2)"]


def test_a_sum_other_than_the_union_shows(tmp_path):
    found = planned()
    forms = found.table("protection_forms").assign(exclusive_ha=[30.0, 17.25])
    shown = written(
        tmp_path, planned(tables={**found.tables, "protection_forms": forms}), values=True
    )

    assert page(shown, "wetland_protection")["D8"].value == 1.25


def test_overlaps_are_a_matrix_of_forms(book):
    heads, rows = section(page(book, "wetland_protection"), label("section.protection_overlaps"))

    assert heads[:3] == ("保护形式", "湿地保护小区", "红线")
    assert [row[:3] for row in rows] == [("湿地保护小区", 30, 4), ("红线", 4, 20)]


def test_a_hundred_wetlands_without_protection_are_named_and_the_rest_is_counted(book):
    heading = label("section.unprotected_wetlands").format(count=100)
    _, rows = section(page(book, "wetland_protection"), heading)
    rest, whole = rows[100], rows[101]

    assert rows[0][:6] == (1, 2, 1.5, 0.5, "荡0", "1101")
    assert rows[99][0] == 100
    assert rest[:4] == ("其余 3 处", 6, 4.5, 1.5)
    assert whole[:4] == ("合计", 2 * UNPROTECTED, 1.5 * UNPROTECTED, 0.5 * UNPROTECTED)


def test_leads_of_encroachment_come_first_and_are_added_up(book):
    rows = rows_of(book, "redline_changes", 2)

    assert [(row["侵占线索"], row["变化后类型"]) for row in rows] == [
        ("是", "水田"),
        ("否", "阔叶林"),
    ]
    assert (rows[0][zh("lon")], rows[0][zh("lat")]) == (119.75, 33.25)
    assert "共 2 处变化，其中 1 处为侵占线索，合计 0.25 公顷" in text(
        page(book, "redline_changes")
    )


def test_projects_stand_with_acceptance_area_in_mu_and_what_the_map_shows(book):
    known, unknown = rows_of(book, "ledger", 2)

    assert (known["项目类型"], known["状态"], known["验收日期"]) == (
        "退圩还湖",
        "已验收",
        "2023-05-20",
    )
    assert (known["实施前地类"], known["实施后地类"]) == ("水田", "湖泊")
    assert (known["面积（公顷）"], known["面积（亩）"]) == (10, 150)
    assert (known[zh("became_pct")], known["图上情况"]) == (75, "图上已是目标地类")
    assert (unknown["项目类型"], unknown["状态"], unknown["年份"]) == ("", "", None)
    assert unknown["图上情况"] == "图上还不是目标地类"


def test_progress_is_held_against_the_target_by_the_figure_that_is_judged(book):
    heads, rows = section(page(book, "ledger"), label("section.ledger_years"))
    told = {(row[0], row[1]): dict(zip(heads, row, strict=True)) for row in rows}
    share = label("workbook.of_target")

    assert [told["湿地修复", year][share] for year in YEARS] == [20, 60, 80]  # of 50 ha
    assert told["造林", 2025][share] == pytest.approx(120)  # 8 ha = 120 mu of 100 mu
    assert told["造林", 2025][label("workbook.area_mu")] == 120


def test_a_ledger_of_one_land_cover_says_nothing_of_maps(tmp_path):
    found = planned()
    seen = ["mapped_ha", "was_before_pct", "is_after_pct", "became_pct", "judged"]
    ledger = found.table("ledger").drop(columns=seen)
    shown = written(tmp_path, planned(tables={**found.tables, "ledger": ledger}))

    assert [cell.value for cell in page(shown, "ledger")[3] if cell.value][-1] == "面积（亩）"


@pytest.mark.parametrize("name", SHEETS)
def test_without_its_table_there_is_no_sheet(tmp_path, name):
    missing = (name, "outlook") if name == "targets" else (name,)
    shown = written(tmp_path, planned(tables=without(planned(), *missing))).sheetnames

    assert label(f"sheet.{SHEETS[name]}") not in shown


def test_every_column_of_the_plan_that_people_see_has_its_lineage(book):
    told = formulas().index
    words = {"evidence", "unit", "part_unit", "document", "rule", "year", "name", "dlbm", "kind",
             "department", "name_zh", "name_en", "value_year", "redline_area", "land_cover",
             "land_cover_after", "type", "pre_class", "post_class", "status", "accepted_on",
             "mapped_ha", "denominator"}  # fmt: skip
    unseen = {"outlook_towns": {*formulas().loc["outlook"].index, "years", "years_met", "basis"}}
    for name in PLAN:
        columns = set(planned().table(name).columns) - words - unseen.get(name, set())
        assert not {(name, column) for column in columns} - set(told), name
    shown = {row[0].value for row in page(book, "lineage").iter_rows()}
    assert {label(f"table.{name}") for name in PLAN} <= shown


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_in_registers_and_reports_stay_texts(tmp_path, payload):
    found = planned()
    tables = dict(found.tables)
    for name, columns in {
        "targets": ["name_zh", "document", "department", "unit"],
        "ledger": ["name", "document", "accepted_on"], "decompositions": ["rule", "document"],
        "unprotected_wetlands": ["name", "dlbm"], "redline_changes": ["redline_area"],
        "protection_forms": ["name_zh"], "detections": ["unit"],
    }.items():  # fmt: skip
        tables[name] = tables[name].assign(**dict.fromkeys(columns, payload))
    shown, plain = written(tmp_path, planned(tables=tables)), written(tmp_path, found)

    assert sum(c.data_type == "f" for c in cells(shown)) == sum(
        c.data_type == "f" for c in cells(plain)
    )
    assert not any(sheet._hyperlinks for sheet in shown)


def test_english_has_no_chinese_of_ours(tmp_path):
    shown = written(tmp_path, planned(), language="en")
    of_inputs = {"方案", "林业局", "家", "公报", "文1", "退圩还湖", "不明", "1 红线"}
    texts = {c.value for c in cells(shown) if isinstance(c.value, str)} - of_inputs

    ours = [t for t in [*texts, *shown.sheetnames] if not t.startswith("荡")]
    assert not [t for t in ours if re.search("[\u3000-\u9fff]", t) and "(家)" not in t]


def test_two_writes_of_a_plan_are_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(planned(), tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
