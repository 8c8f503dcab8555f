"""The workbook: the figures of the results, formulas of ours alone, texts that stay texts."""

from __future__ import annotations

import re

import openpyxl
import pytest

from sinks.errors import InputRefused
from sinks.parameters.labels import label
from sinks.reports import sheets
from sinks.reports.cells import legal, sheet_name
from sinks.reports.workbook import write_workbook
from tests.reports.scene import CLASSES, ZONES, renamed, results

ZH = [
    *("说明", "指标与目标", "历年指标", "各单元指标", "图表"),
    *("土地覆盖面积", "面积变化矩阵", "碳储量", "碳储量变化"),
    *("参数与来源", "输入文件", "来源追溯", "提示与修复"),
]
BETWEEN = ("指标与目标", "历年指标", "面积变化矩阵", "碳储量变化")
PAYLOADS = (
    '=HYPERLINK("http://evil.example")', "＝1+1", "+1", "-1", "@SUM(1)", "{{7*7}}", "{=1+1}",
    "</script><script>x</script>", "<r><t>x</t></r>", "_x0041_", "a\u202eb", "http://evil.example",
    "007", "&P&N &[Picture]", "[Red]0", "a\nb", "𠮷野家🦆", "'quoted'", "#REF!", "&amp;<b>",
)  # fmt: skip


NOT_SHOWN = {"area_error_known", "soil_share", "change_se_tc", "change_phased_se_tc",
             "change_probability_gain", "change_detectable_tc"}  # fmt: skip


def written(tmp_path, found, *, language="zh", values=False):
    write_workbook(found, tmp_path / "a.xlsx", language=language)
    return openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=values)


def cells(book):
    return [cell for page in book for row in page.iter_rows() for cell in row]


def section(page, heading):
    """The heads and the rows of the table under a heading."""
    rows = list(page.iter_rows(values_only=True))
    start = next(n for n, row in enumerate(rows) if row[0] == heading) + 1
    found = []
    for row in rows[start + 1 :]:
        if not any(cell is not None for cell in row[1:]):
            break
        found.append(row)
    return rows[start], found


def text(page):
    return "\n".join(c.value for row in page.iter_rows() for c in row if isinstance(c.value, str))


def held(number):
    """A number as a cell of XlsxWriter holds it: 16 significant digits."""
    return float(f"{number:.16G}")


def table(page):
    """The main table of a sheet: from the row that stays in sight to the first gap."""
    rows = list(page.iter_rows(min_row=page[page.freeze_panes].row - 1, values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_areas_are_those_of_the_results(tmp_path):
    found = results()
    rows = table(written(tmp_path, found, values=True)["土地覆盖面积"])
    shown = {(row["统计单元"], row["土地覆盖类型"]): row for row in rows}

    for (year, zone, key), ha in found.table("areas")["area_ha"].items():
        row = shown[ZONES[zone][0], CLASSES[key][0]]
        assert row[f"{year} 年制图面积（公顷）"] == held(ha)
        assert row[f"{year} 年估计面积（公顷）"] == "无概率样本"
    for (year, zone), ha in found.table("coverage")["mapped_ha"].items():
        assert shown[ZONES[zone][0], "合计"][f"{year} 年制图面积（公顷）"] == pytest.approx(ha)
    assert shown["西镇", "无数据（不在合计内）"]["2025 年制图面积（公顷）"] == 2.5
    assert ("东镇", "无数据（不在合计内）") not in shown


def test_stocks_are_those_of_the_results_with_sediment_apart(tmp_path):
    found = results()
    rows = table(written(tmp_path, found, values=True)["碳储量"])
    names = {"stock_totals": "合计（四个碳库）", "sediment": "另列：水下底泥（不计入合计）"}
    shown = {(row["统计单元"], row["碳库"]): row for row in rows}

    for name in ("stock_totals", "stock_pools", "sediment"):
        for (year, zone, *pool), row in found.table(name).iterrows():
            line = names.get(name) or label(f"pool.{pool[0]}")
            cell = shown[ZONES[zone][0], line]
            stock = row["stock_tc"] if name == "stock_totals" else held(row["stock_tc"])
            assert cell[f"{year} 年碳储量（吨碳）"] == stock  # formulas keep every digit
            assert cell[f"{year} 年 95% 下限（吨碳）"] == held(row["stock_low_tc"])
            assert cell[f"{year} 年 95% 上限（吨碳）"] == held(row["stock_high_tc"])


def test_change_and_its_parts_are_those_of_the_results(tmp_path):
    found = results()
    page = written(tmp_path, found, values=True)["碳储量变化"]
    heads, potential = section(page, label("section.change_potential"))
    shown = {row["统计单元"]: row for row in table(page)[: len(ZONES)]}
    for row in potential:
        shown[row[0]] |= dict(zip(heads, row, strict=True))

    for zone, row in found.table("stock_change").iterrows():
        for name in row.index:
            if name not in NOT_SHOWN:
                assert shown[ZONES[zone][0]][label(f"column.{name}")] == held(row[name])
    assert "15%" in text(page)  # of the change of soil has come about
    assert "2020—2025 年" in text(page)
    largest = [r for r in page.iter_rows(values_only=True) if r[0] == "水田"]
    assert [r[:4] for r in largest] == [("水田", "湖泊", 1, -0.625), ("水田", "阔叶林", 1, -0.625)]


def test_what_came_about_stands_before_the_potential_and_catches_the_eye_where_it_is_open(
    tmp_path,
):
    found = results()
    change = found.table("stock_change")
    surely = change.assign(change_phased_low_tc=0.5)
    for shown, shade in ((change, True), (surely, False)):
        tables = {**found.tables, "stock_change": shown}
        page = written(tmp_path, results(tables=tables))["碳储量变化"]
        heads = [cell.value for cell in page[3]]
        low = heads.index(label("column.change_phased_low_tc"))
        assert heads[3] == label("column.change_phased_tc")
        assert label("column.change_tc") not in heads
        assert (page[4][low].fill.start_color.rgb == "FFFFE7CC") is shade


def test_rates_stand_with_parts_interval_and_rule(tmp_path):
    found = results()
    rows = table(written(tmp_path, found, values=True)["各单元指标"])
    rate = found.table("indicators").loc[(2025, "d", "tree_cover_rate")]

    assert [row["统计单元"] for row in rows[:6]] == [
        "全区",
        "全区",
        "东镇",
        "东镇",
        "西镇",
        "西镇",
    ]
    first = list(rows[0].values())
    figures = rate[["value", "low", "high", "numerator", "denominator"]].map(held)
    assert first[2:10] == [2025, figures["value"], "%", *figures.iloc[1:], "公顷"]
    assert first[10:] == ["口径全文", "登记图层"]
    mapped = next(r for r in rows if r["统计单元"] == "东镇" and "遥感制图" in r["指标"])
    assert mapped["95% 下限（同数值单位）"] == "—"
    assert mapped["年份"] == 2025  # the latest alone: 2020 stands in the sheet of years


def test_the_matrix_counts_up_in_rows_and_columns(tmp_path):
    page = written(tmp_path, results(), values=True)["面积变化矩阵"]
    rows = {row[0]: row[1:] for row in page.iter_rows(values_only=True)}

    assert rows["水田"] == (1, 298, 1, 300)
    assert rows["合计"] == (1, 298, 1, 300)


def test_only_sums_and_shares_are_formulas_and_their_values_are_right(tmp_path):
    found = results()
    ours, values = written(tmp_path, found), written(tmp_path, found, values=True)
    formulas = [cell for cell in cells(ours) if cell.data_type == "f"]

    assert {cell.parent.title for cell in formulas} == {"土地覆盖面积", "面积变化矩阵", "碳储量"}
    for cell in formulas:
        page = values[cell.parent.title]
        if span := re.fullmatch(r"=SUM\((\w+:\w+)\)", cell.value):
            again = sum(c.value for row in page[span[1]] for c in row)
        else:
            over, under = re.fullmatch(r"=100\*(\w+)/(\w+)", cell.value).groups()
            again = 100 * page[over].value / page[under].value
        assert page[cell.coordinate].value == pytest.approx(again, rel=1e-14)


@pytest.mark.parametrize("text", PAYLOADS)
def test_texts_of_inputs_stay_texts(tmp_path, text):
    book = written(tmp_path, renamed(text))
    plain = written(tmp_path, results())

    assert book["土地覆盖面积"]["A4"].value.rstrip() == text
    assert book["指标与目标"]["A4"].data_type == "s"
    assert sum(c.data_type == "f" for c in cells(book)) == sum(
        c.data_type == "f" for c in cells(plain)
    )
    assert not any(page._hyperlinks for page in book)


def test_characters_that_xml_cannot_hold_are_taken_out_and_noted(tmp_path):
    book = written(tmp_path, renamed("a\x00b\x0b\ufffe\ud800c"))

    assert book["土地覆盖面积"]["A4"].value == "abc"
    assert "SNK-O08" in [row[0] for row in book["提示与修复"].iter_rows(values_only=True)]


def test_a_text_too_long_for_a_cell_says_that_it_was_cut():
    text, removed = legal("长" * 40_000, cut="……见 results.json")

    assert len(text) == 32_767
    assert text.endswith("……见 results.json")
    assert removed == 0


@pytest.mark.parametrize("name", ["a[1]:*?/\\b", "x" * 50, "'a'", "", "\x00"])
def test_names_of_sheets_obey_excel(name):
    fit = sheet_name(name, {"A_1_____B"})

    assert 0 < len(fit) <= 31
    assert not set(fit) & set("[]:*?/\\\x00")
    assert not fit.startswith("'")


def test_a_sheet_that_is_full_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "_MOST_ROWS", 8)

    with pytest.raises(InputRefused, match="O09"):
        write_workbook(results(), tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


def test_chinese_comes_first_and_english_has_no_chinese_of_ours(tmp_path):
    assert written(tmp_path, results()).sheetnames == ZH
    english = written(tmp_path, results(), language="en")

    of_inputs = {"方案"}
    texts = {c.value for c in cells(english) if isinstance(c.value, str)} - of_inputs
    assert len(english.sheetnames) == len(ZH)
    assert not [
        text for text in [*texts, *english.sheetnames] if re.search("[\u3000-\u9fff]", text)
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sheet_says_that_data_are_made_up(tmp_path, language):
    banner = label("workbook.synthetic", language)
    for page in written(tmp_path, results(), language=language):
        assert page["A1"].value == banner
        assert page["A1"].fill.start_color.rgb == "FFC00000"
        assert page.print_title_rows is None or page.print_title_rows.startswith("$1:")

    for page in written(tmp_path, results(synthetic=()), language=language):
        assert page["A1"].value != banner


def test_parameters_not_checked_catch_the_eye(tmp_path):
    page = written(tmp_path, results())["参数与来源"]
    marks = {c.value: c.fill.start_color.rgb for row in page.iter_rows() for c in row}

    assert marks["未核对原文"] == "FFFFE7CC"
    assert marks["已核对原文"] == "FFE2EFDA"


def test_files_are_named_without_the_folders_of_a_user(tmp_path):
    book = written(tmp_path, results())

    assert not [c for c in cells(book) if isinstance(c.value, str) and "zhang" in c.value]
    assert book.properties.creator == "sinks"
    assert book.properties.lastModifiedBy in (None, "sinks")


def test_two_writes_are_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(results(), tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_study_of_one_year_has_no_sheets_of_change(tmp_path):
    book = written(tmp_path, results(years=(2020,)))

    assert book.sheetnames == [name for name in ZH if name not in BETWEEN]
    assert len(book["图表"]._charts) == 1


def test_a_run_without_tables_still_says_what_it_is(tmp_path):
    book = written(tmp_path, results(tables={}, findings=()))

    assert book.sheetnames == ["说明", "提示与修复"]
    assert book["提示与修复"]["A3"].value == "没有需要提示或修复的问题。"


def test_sheets_are_ready_to_print(tmp_path):
    book = written(tmp_path, results())
    for page in book:
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.page_setup.fitToWidth in (None, 1)
        assert "试验区" in page.oddHeader.left.text
        assert "0123abcd" in page.oddFooter.left.text
    for name in ("土地覆盖面积", "碳储量", "指标与目标"):
        assert book[name].freeze_panes == "B4"
        assert book[name].auto_filter.ref.startswith("A3:")
    assert len(book["图表"]._charts) == 2
    fonts = {cell.font.name for cell in cells(book) if cell.value is not None}
    assert fonts == {"微软雅黑"}


def test_columns_are_wide_enough_for_their_numbers_and_rows_tall_enough_for_their_texts(tmp_path):
    found = results()
    areas = found.table("areas").assign(area_ha=lambda a: a["area_ha"] * 1e7)
    page = written(tmp_path, results(tables={**found.tables, "areas": areas}))["土地覆盖面积"]

    assert page.column_dimensions["D"].width >= len("2,000,000,000.00") + 1
    about = written(tmp_path, found)["说明"]
    tall = next(c for c in about["B"] if c.value and c.value.startswith("制图面积"))
    assert (
        about.row_dimensions[tall.row].height
        >= 16 * len(tall.value) * 2 / about.column_dimensions["B"].width
    )
