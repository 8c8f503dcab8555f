"""The sheets of the balance, its parts and its parameters, and of forest stands."""

from __future__ import annotations

import re

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.carbon.balance import verdict
from sinks.parameters.formulas import formulas
from sinks.parameters.labels import label, labels
from sinks.reports.charts import reach_of
from sinks.reports.workbook import write_workbook
from tests.reports.balanced import CARBON, NET, PLACES, SETS, balanced
from tests.reports.judged import judged
from tests.reports.scene import results
from tests.reports.test_accuracy import formula_count, without
from tests.reports.test_workbook import PAYLOADS, cells, held, section, table, text, written

SHEETS = ("balance", "fluxes", "balance_years", "contributions", "stands", "stand_methods",
          "flux_rates", "uses")  # fmt: skip
OF = {
    "balance": "balance", "fluxes": "fluxes", "balance_years": "balance_years",
    "contributions": "contributions", "flux_rates": "flux_rates", "stand_methods": "stand_methods",
}  # fmt: skip


def zh(name):
    return label(f"column.{name}")


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    write_workbook(balanced(), path)
    return openpyxl.load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "a.xlsx"
    write_workbook(balanced(), path)
    return openpyxl.load_workbook(path)


def page(book, key):
    return book[label(f"sheet.{key}")]


def main(book, key, rows):
    return table(page(book, key))[:rows]


def test_the_balance_of_every_zone_is_that_of_the_results(book):
    found = balanced().table("balance")
    shown = {row["统计单元"]: row for row in main(book, "balance", len(found))}

    assert list(shown) == ["全区", "东镇", "西镇", "湖区"]
    for zone, row in found.iterrows():
        for name, value in row.items():
            assert shown[PLACES[zone][0]][zh(name)] == held(value)


def test_a_zone_is_called_sink_source_or_neither_by_its_probability(book):
    shown = {row["统计单元"]: row["判定"] for row in main(book, "balance", 4)}

    assert {zone: of[1] for zone, of in NET.items()} == {
        "d": 0.0001, "001": 0.05, "002": 0.95, "s": 0.5,
    }  # fmt: skip
    assert shown == {"全区": "净排放源", "东镇": "净排放源", "西镇": "净碳汇", "湖区": "不能判定"}
    tones = {c.value: c.fill.start_color.rgb for c in page(book, "balance")["C"]}
    assert tones["净碳汇"] == "FFE2EFDA"
    assert tones["净排放源"] == "FFFFE7CC"


@given(st.floats(0, 1))
def test_sink_and_source_are_mirror_images(probability):
    mirror = {"sink": "source", "source": "sink", "open": "open"}
    if min(abs(probability - 0.05), abs(probability - 0.95)) > 1e-9:  # 1 - p is rounded
        assert verdict(-7.5, 1 - probability) == mirror[verdict(7.5, probability)]


def test_a_zone_that_exchanges_nothing_is_neither_sink_nor_source(tmp_path):
    tables = dict(balanced().tables)
    names = ["net_sink_tco2e_per_year", "net_sink_se_tco2e_per_year", "probability_sink"]
    tables["balance"].loc["s", names] = 0.0
    tables["stock_change"].loc["002", "change_phased_tc"] = 0.0
    book = written(tmp_path, balanced(tables=tables))
    row = main(book, "balance", 4)[-1]
    change = {row["统计单元"]: row for row in table(book["碳储量变化"])[:3]}

    assert (row["统计单元"], row["判定"], row[zh("probability_sink")]) == (
        "湖区",
        "不能判定",
        None,
    )
    assert change["西镇"][zh("change_phased_probability_gain")] is None
    assert change["东镇"][zh("change_phased_probability_gain")] == 0.875


@pytest.mark.parametrize(
    ("language", "set_name", "accounting"),
    [("zh", "第五次", "核算量，非可交易减排量"), ("en", "fifth", "not a tradable")],
)
def test_unit_sign_potentials_and_accounting_stand_above_every_balance(
    tmp_path, language, set_name, accounting
):
    found = written(tmp_path, balanced(), language=language)

    for key in ("balance", "fluxes", "balance_years"):
        line = found[label(f"sheet.{key}", language)]["A3"].value
        assert set_name in line
        assert accounting in line
        assert "28" in line
        assert ("吨二氧化碳当量/年" if language == "zh" else "t CO₂e a year") in line
        assert line in text(found[label("sheet.charts", language)])


def test_gases_of_the_district_add_up_to_its_balance_in_a_formula(book, opened):
    heads, rows = section(page(book, "balance"), label("section.balance_gases"))
    found = balanced().table("balance_gases").loc["d"]

    assert [row[1] for row in rows] == ["二氧化碳", "甲烷", "氧化亚氮", "合计"]
    for row, (_, of) in zip(rows, found.iterrows(), strict=False):
        shown = dict(zip(heads, row, strict=True))
        assert [shown[zh(name)] for name in found] == [held(of[name]) for name in found]
    assert rows[-1][2] == pytest.approx(sum(row[2] for row in rows[:-1]))
    sums = [c.value for c in page(opened, "balance")["C"] if str(c.value).startswith("=SUM")]
    assert len(sums) == 1


def test_other_sets_of_potentials_stand_beside_for_district_and_sites(book):
    heads, rows = section(page(book, "balance"), label("section.balance_potentials"))
    found = balanced().table("balance_potentials")

    assert [row[:2] for row in rows] == [
        ("全区", "第五次"), ("全区", "第六次"), ("湖区", "第五次"), ("湖区", "第六次"),
    ]  # fmt: skip
    for row, key in zip(rows, [(n, z) for z in ("d", "s") for n in SETS], strict=True):
        shown = dict(zip(heads, row, strict=True))
        assert shown[zh("net_sink_tco2e_per_year")] == held(
            found.loc[key, "net_sink_tco2e_per_year"]
        )
        assert (shown[zh("ch4")], shown[zh("n2o")]) == SETS[key[0]][2:4]
    bold = [c.value for c in page(book, "balance")["B"] if c.font.bold and c.value == "第六次"]
    assert not bold


def test_the_balance_says_whether_its_areas_come_from_a_sample(tmp_path, book):
    estimates = judged().table("stock_estimates")
    sampled = written(
        tmp_path, balanced(tables={**balanced().tables, "stock_estimates": estimates})
    )
    mapped, found = text(page(book, "balance")), text(page(sampled, "balance"))

    assert label("note.balance_mapped") in mapped
    assert label("note.balance_sample") in found
    assert label("note.balance_mapped") not in found


def test_a_sample_of_the_first_year_alone_leaves_the_balance_on_mapped_areas(tmp_path):
    estimates = judged().table("stock_estimates").loc[[2020]]
    tables = {**balanced().tables, "stock_estimates": estimates}
    shown = text(page(written(tmp_path, balanced(tables=tables)), "balance"))

    assert label("note.balance_mapped") in shown


def test_fluxes_of_all_zones_are_there_with_names_the_district_first(book):
    found = balanced().table("fluxes")
    rows = main(book, "fluxes", len(found))

    assert [row["统计单元"] for row in rows[:3]] == ["全区"] * 3
    shown = {tuple(list(row.values())[:5]): row for row in rows}
    assert len(shown) == len(found)
    named = ("全区", "阔叶林", "小班：杨树", "小班生长", "二氧化碳")
    of = found.loc[("d", "BLF", "stand_poplar", "stand_growth", "co2")]
    assert [shown[named][zh(name)] for name in found] == [held(of[name]) for name in found]
    assert page(book, "fluxes").auto_filter.ref.endswith(str(4 + len(found)))


def test_years_of_the_district_stand_with_parts_and_sums(book):
    found = balanced().table("balance_years").xs("d", level="zone")
    rows = list(page(book, "balance_years").iter_rows(values_only=True))
    head = next(n for n, row in enumerate(rows) if row[0] == "年份")
    shown = [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :][: len(found)]]

    assert [row["年份"] for row in shown] == [2020, 2021, 2022, 2023]
    for row, (_, of) in zip(shown, found.iterrows(), strict=True):
        assert [row[zh(name)] for name in found] == [held(of[name]) for name in found]
        assert row["判定"] == "净排放源"


def test_the_chart_of_years_stacks_the_parts_below_the_balance_and_its_interval(opened):
    sheet = page(opened, "balance_years")
    (chart,) = sheet._charts
    columns, lines = chart._charts

    assert columns.grouping == "stacked"
    heads = {name: [sheet[s.tx.strRef.f.split("!")[1].replace("$", "")].value for s in of.series]
             for name, of in (("columns", columns), ("lines", lines))}  # fmt: skip
    parts = ("land", "reservoirs", "stands", "conversion")
    assert heads["columns"] == [zh(f"net_sink_{part}_tco2e_per_year") for part in parts]
    assert heads["lines"] == [zh(f"net_sink{e}_tco2e_per_year") for e in ("", "_low", "_high")]
    assert columns.y_axis.scaling.min <= -1800.5 < 0 <= columns.y_axis.scaling.max


def test_the_chart_of_gases_has_room_for_its_bars(opened):
    chart = opened["图表"]._charts[1]

    assert (chart.y_axis.scaling.min, chart.y_axis.scaling.max) == (-2000.0, 1000.0)
    assert chart.y_axis.majorUnit == 500.0
    assert chart.series[0].errBars is not None


@given(st.lists(st.integers(-(10**9), 10**9), max_size=5))
def test_an_axis_holds_its_values_and_nought(values):
    low, high, step = reach_of(values)

    assert low <= min([0, *values])
    assert high >= max([0, *values])
    assert (low % step, high % step) == (0, 0)
    assert (high - low) / step <= 10


def test_what_decides_the_interval_is_told_for_district_and_sites_alone(book):
    rows = main(book, "contributions", 8)

    assert [(row["结果"], row["统计单元"], row["位次"]) for row in rows] == [
        (result, zone, rank)
        for zone in ("全区", "湖区")
        for result in ("净收支", "碳储量")
        for rank in (1, 2)
    ]
    first = rows[0]
    assert (first["参数"], first[zh("contribution_pct")]) == ("稻麦 · 甲烷", 70.25)
    assert [row["已核对原文"] for row in rows[:4]] == [
        "未核对原文", "由本研究的样本得出", "已核对原文", "由本研究的样本得出",
    ]  # fmt: skip


def test_stands_add_up_and_trees_outside_stand_apart(book):
    rows = [tuple(row.values()) for row in main(book, "stands", 8)]

    assert [row[:3] for row in rows] == [
        ("全区", "全区", "杨树"), ("全区", "全区", "柳树"), ("全区", "全区", "合计"),
        ("全区", "全区", "另列：四旁树（不计入合计）"),
        ("东镇", "乡镇、街道", "杨树"), ("东镇", "乡镇、街道", "柳树"),
        ("东镇", "乡镇、街道", "合计"),
        ("西镇", "乡镇、街道", "另列：四旁树（不计入合计）"),
    ]  # fmt: skip
    assert rows[0][3:] == ("阔叶林", 20.0, 300.5, 60.25, 360.75, 180.375, 721.5)
    assert rows[2][4:8] == (30.0, 500.5, 110.25, 610.75)
    assert rows[3][4:] == (None, 30.5, 6.25, 36.75, 10.0, 99.0)


def test_slivers_of_stands_at_the_edge_of_a_zone_are_not_shown(book):
    sheet = page(book, "stands")

    assert "湖区" not in {cell.value for cell in sheet["A"]}


def test_what_stands_replaced_is_told_with_the_difference(book):
    _, rows = section(page(book, "stand_methods"), label("section.stand_replacement"))

    assert rows[0][2:7] == (30.0, 30.0, 610.75, 500.5, 110.25)
    assert [row[0] for row in rows] == ["全区", "东镇"]


def test_methods_stand_side_by_side_with_their_spread(book):
    _, rows = section(page(book, "stand_methods"), label("section.stand_methods"))

    # (22 - 18) / ((18 + 20 + 22) / 3) = 20 %
    assert rows[0] == ("杨树", "M1 M2", 7, 20.0, 18.0, 20.0, None, 22.0, 19.0, 20.0)
    assert rows[1][:4] == ("柳树", "面积×密度", 3, 10.0)
    assert rows[1][-1] is None


def test_stands_year_by_year_are_those_of_the_district(book):
    _, rows = section(page(book, "stand_methods"), label("section.stand_years"))

    assert rows[0][:6] == (2026, 610.75, 30.5, 10.25, 1.0, 630.0)
    assert len(rows) == 1


def test_new_planting_that_cannot_be_credited_is_told_by_rule_as_an_amount_for_accounts(book):
    sheet = page(book, "stand_methods")
    rows = list(sheet.iter_rows(values_only=True))
    start = next(n for n, row in enumerate(rows) if row[0] == label("section.crediting"))

    assert [row[:3] for row in rows[start + 2 : start + 5]] == [
        ("营造经济林", 2.5, 3.0), ("权属不清", 0.5, 3.0), ("至少一条不符合", 2.75, 3.0),
    ]  # fmt: skip
    assert rows[start + 5][0] == "核算量，非可交易减排量"


def test_rates_stand_with_their_unit_range_source_and_whether_they_were_checked(book):
    first, second = main(book, "flux_rates", 2)

    assert [first[key] for key in ("用途", "过程", "单位")] == [
        "稻麦轮作",
        "甲烷",
        "千克甲烷/公顷/年",
    ]
    assert [first[zh(f"rate{end}_per_ha_per_year")] for end in ("", "_low", "_high")] == [
        170.5, 85.25, 341.0,
    ]  # fmt: skip
    assert [first[zh(name)] for name in ("anchors", "where", "basis")] == [
        "li_2017", "table 3", "judgement",
    ]  # fmt: skip
    assert (first["已核对原文"], second["已核对原文"]) == ("已核对原文", "未核对原文")
    assert set(labels("flux_unit")) == {"tc", "kg_ch4", "kg_n2o"}


def test_uses_of_classes_and_sets_of_potentials_follow_the_rates(book):
    sheet = page(book, "uses")
    _, shares = section(sheet, label("section.use_shares"))
    _, sets = section(sheet, label("section.potentials"))

    assert [row[:4] for row in shares] == [
        ("水田", "稻麦轮作", 1.0, "是"), ("湖泊", "湖区：水库", 0.25, "否"),
    ]  # fmt: skip
    assert [(row[0], *row[2:6]) for row in sets] == [
        ("第五次", "是", 28.0, 265.0, 100), ("第六次", "否", 81.2, 273.0, 20),
    ]  # fmt: skip


def test_publications_carry_the_key_that_rows_lean_on(book):
    assert "[li_2017] Li 2017. Soils." in text(book["参数与来源"])


@pytest.mark.parametrize(("sheet", "gone"), OF.items())
def test_an_empty_table_gives_no_sheet(tmp_path, sheet, gone):
    tables = without(balanced(), gone)
    names = written(tmp_path, balanced(tables=tables)).sheetnames
    empty = {**tables, gone: pd.DataFrame()}

    assert label(f"sheet.{sheet}") not in names
    assert written(tmp_path, balanced(tables=empty)).sheetnames == names
    assert len(names) == len(written(tmp_path, balanced()).sheetnames) - 1


def test_heads_of_the_main_table_are_not_printed_over_others(opened):
    assert page(opened, "fluxes").print_title_rows == "$1:$4"  # banner, title, heading, head
    assert page(opened, "balance").print_title_rows == "$1:$3"
    assert page(opened, "balance").freeze_panes == "B5"


def test_trees_outside_stands_need_no_stands(tmp_path):
    gone = ("stands", "stand_years", "stand_methods", "stand_replacement", "crediting")
    book = written(tmp_path, balanced(tables=without(balanced(), *gone)))
    none = written(tmp_path, balanced(tables=without(balanced(), *gone, "trees_outside")))

    assert [row["树种组"] for row in main(book, "stands", 2)] == ["另列：四旁树（不计入合计）"] * 2
    assert label("note.stands") not in text(page(book, "stands"))
    assert label("sheet.stands") not in none.sheetnames


def test_a_study_without_carbon_has_none_of_these_sheets(tmp_path):
    names = written(tmp_path, results()).sheetnames

    assert not {label(f"sheet.{key}") for key in SHEETS} & set(names)


def test_stocks_and_change_say_what_stands_do_in_them(book):
    assert label("note.change_stands") in text(book["碳储量变化"])
    told = label("note.stocks_stands").format(sheet=label("sheet.stand_methods"))
    assert told in text(book["碳储量"])


def test_formulas_of_these_sheets_give_their_values(book, opened):
    found = 0
    for key in ("balance", "stands", "stand_methods"):
        values = page(book, key)
        for cell in cells([page(opened, key)]):
            if cell.data_type != "f":
                continue
            found += 1
            assert values[cell.coordinate].value == pytest.approx(_again(cell.value, values))
    # one sum of gases; four sums each of two zones; two differences; two methods, one spread
    assert found == 1 + 8 + 2 + 1


def _again(formula, values):
    if span := re.fullmatch(r"=SUM\((\w+:\w+)\)", formula):
        return sum(c.value for row in values[span[1]] for c in row)
    if apart := re.fullmatch(r"=([A-Z]+\d+)-([A-Z]+\d+)", formula):
        return values[apart[1]].value - values[apart[2]].value
    span = re.fullmatch(r"=100\*\(MAX\((.+)\)-MIN\(\1\)\)/AVERAGE\(\1\)", formula)[1]
    known = [c.value for row in values[span] for c in row if c.value is not None]
    return 100 * (max(known) - min(known)) / (sum(known) / len(known))


def test_every_column_of_carbon_leads_back_to_a_formula_and_its_files(book):
    known, found = formulas(), balanced()
    missing = [
        (name, column)
        for name in CARBON
        for column in found.table(name).select_dtypes(["number", "bool"])
        if (name, column) not in known.index
    ]
    assert not missing

    rows = {(r["表"], r["列"]): r for r in table(book["来源追溯"]) if r["列"]}
    net = rows[label("table.balance"), zh("net_sink_tco2e_per_year")]
    assert {"land_cover.2020", "samples.2025", "layers.forest"} <= set(net["输入"].split(", "))
    assert "greenhouse_fluxes" in net["参数"]
    of_stands = rows[label("table.stand_methods"), zh("m1_tc_per_ha")]
    assert of_stands["输入"] == "layers.forest"
    assert (label("table.crediting"), label("crediting.area_ha")) in rows


@pytest.mark.parametrize("payload", PAYLOADS)
def test_names_of_zones_in_uses_and_parameters_stay_texts(tmp_path, payload):
    tables = dict(balanced().tables)
    for name in ("uses", "contributions", "species_groups", "zones"):
        tables[name] = tables[name].assign(name_zh=payload)
    found, plain = written(tmp_path, balanced(tables=tables)), written(tmp_path, balanced())

    for key in SHEETS:
        assert formula_count(page(found, key)) == formula_count(page(plain, key))
        assert not page(found, key)._hyperlinks


def test_english_has_no_chinese_of_ours(tmp_path):
    book = written(tmp_path, balanced(), language="en")
    texts = {c.value for c in cells(book) if isinstance(c.value, str)} - {"方案"}

    assert len(book.sheetnames) == len(written(tmp_path, balanced()).sheetnames)
    assert not [t for t in [*texts, *book.sheetnames] if re.search("[\u3000-\u9fff]", t)]


def test_no_cell_shows_a_negative_nought(tmp_path):
    book = written(tmp_path, balanced())

    assert not [c for c in cells(book) if isinstance(c.value, float) and str(c.value) == "-0.0"]


def test_two_writes_are_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(balanced(), tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
