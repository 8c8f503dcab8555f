"""The sheets of gross ecosystem product: figures of the results, formulas that give them."""

from __future__ import annotations

import re
from itertools import cycle, islice
from math import fsum

import pandas as pd
import pytest

from sinks.accounts.items import GROUP_OF
from sinks.parameters.labels import label, labels
from sinks.reports.workbook import write_workbook
from tests.reports.accounted import ACCOUNTS, ITEMS, PLACES, STATUS, YEARS, accounted
from tests.reports.test_accuracy import without
from tests.reports.test_workbook import PAYLOADS, cells, held, table, text, written

GEP = ("gep", "gep_items", "gep_classes", "gep_zones", "gep_change", "gep_gaps", "gep_rules",
       "gep_parameters")  # fmt: skip
SEEA = ("seea_extent", "seea_condition", "seea_supply_use", "seea_assets", "seea_carbon",
        "seea_bridge")  # fmt: skip
OF_INPUTS = ("方案", "产量表 第 3 行", "监测站", "工业")


def word(key, **facts):
    return label(f"workbook.{key}").format(**facts)


def page(book, key):
    return book[label(f"sheet.{key}")]


def by_heads(book, key):
    """The rows of the table that stays in sight, up to the first that is not one of it."""
    rows = table(page(book, key))
    return [row for row in rows if sum(cell is not None for cell in row.values()) > 2]


def blocks(found):
    """The tables of a sheet under their headings, by heading."""
    rows = list(found.iter_rows(values_only=True))
    heads = [n for n, row in enumerate(rows) if row[0] and not any(row[1:]) and n + 1 < len(rows)]
    told = {}
    for at in heads:
        body = []
        for row in rows[at + 2 :]:
            if sum(cell is not None for cell in row) < 2:
                break
            body.append(dict(zip(rows[at + 1], row, strict=True)))
        told.setdefault(rows[at][0], body)
    return told


def district(book):
    """The rows of the summary of the district in the last year."""
    return next(v for k, v in blocks(page(book, "gep")).items() if k.startswith("全区，2025"))


def again(formula, values):
    """What a formula comes to with the values of its sheet."""
    formula = formula.removeprefix("=")
    if rounded := re.fullmatch(r"ROUND\((.+),6\)", formula):
        return round(again(rounded[1], values), 6)
    if called := re.fullmatch(r"(SUM|AVERAGE)\(([A-Z0-9:,]+)\)", formula):
        spans = (values[span] for span in called[2].split(","))
        rows = (row for span in spans for row in (span if isinstance(span, tuple) else ((span,),)))
        known = [cell.value for row in rows for cell in row if cell.value is not None]
        return fsum(known) / (len(known) if called[1] == "AVERAGE" else 1)
    assert re.fullmatch(r"[A-Z0-9+*/-]+", formula), formula
    named = re.sub(r"[A-Z]+\d+", lambda cell: repr(values[cell[0]].value or 0.0), formula)
    return eval(named)


def formulas_of(opened, values):
    return [
        (cell, values[cell.parent.title][cell.coordinate].value)
        for cell in cells(opened)
        if cell.data_type == "f"
    ]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return written(tmp_path_factory.mktemp("book"), accounted(), values=True)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return written(tmp_path_factory.mktemp("book"), accounted())


def test_formulas_come_to_the_values_that_are_held(book, opened):
    ours = [label(f"sheet.{key}") for key in (*GEP, *SEEA)]
    pages = [opened[name] for name in ours]

    found = formulas_of(pages, book)
    assert {cell.parent.title for cell, _ in found} == set(ours) - {
        label("sheet.gep_classes"), label("sheet.gep_gaps"), label("sheet.gep_rules"),
    }  # fmt: skip
    for cell, value in found:
        assert again(cell.value, book[cell.parent.title]) == pytest.approx(value, abs=1e-9)


def test_every_item_is_quantity_times_unit_value(book, opened):
    items = accounted().table("gep_items")
    rows = by_heads(book, "gep_items")
    assert len(rows) == len(items)

    shown = {(row["统计单元"], row["年份"], row["核算指标"]): row for row in rows}
    for (year, zone, item), of in items.iterrows():
        row = shown[PLACES[zone][0], year, ITEMS[item][0]]
        assert row[word("value_wan")] == pytest.approx(of["value_yuan"] / 10000, rel=1e-15)
        assert row[word("value_low_wan")] == held(of["value_low_yuan"] / 10000)
        assert row[word("constant_wan")] == held(of["constant_yuan"] / 10000)
        assert row[word("gross_wan")] == held(of["gross_yuan"] / 10000)
        assert row["功能量"] == held(of["quantity"])
        assert row["计入 GEP"] == ("是" if of["counted"] else "否")
    values = [cell.value for cell in page(opened, "gep_items")["N"]][3 : 3 + len(items)]
    assert values == [f"=G{n}*K{n}/10000" for n in range(4, 4 + len(items))]
    assert rows[0]["公式"] == "net_output 的公式"
    assert rows[0]["参数与数据出处"] == "prices.csv: 1; 产量表 第 3 行"


def test_the_summary_has_the_district_then_sites_with_services_in_order_of_groups(book):
    found = blocks(page(book, "gep"))
    heads = [f"{PLACES[z][0]}，{y} 年" for z in ("d", "s") for y in YEARS]
    told = [key for key in found if any(key.startswith(head) for head in heads)]

    assert [key.split("（")[0] for key in told] == heads
    assert [key.split("（")[1] for key in told] == ["核算值）"] * 2 + ["参照值）"] * 2
    for heading, (zone, year) in zip(
        told, [(z, y) for z in ("d", "s") for y in YEARS], strict=True
    ):
        _check_block(found[heading], year, zone)


def _check_block(rows, year, zone):
    results = accounted()
    services, totals = results.table("gep"), results.table("gep_totals")
    of_services = [row for row in rows if row["序号"] is not None]
    assert [row["核算科目"] for row in of_services] == [label(f"service.{key}") for key in STATUS]
    for row, service in zip(of_services, STATUS, strict=True):
        of = services.loc[(year, zone, service)]
        value = row[word("value_wan")]
        if pd.isna(of["value_yuan"]):
            assert value is None
        else:
            assert value == pytest.approx(of["value_yuan"] / 10000)
            assert row[word("value_high_wan")] == held(of["value_high_yuan"] / 10000)
            assert row["占 GEP 的比例（%）"] == held(of["share_pct"])
        assert row["状态"] == label(f"service_status.{of['status']}")
        assert (row["原因"] or "") == of["reason_zh"]
    by_name = {row["核算科目"]: row for row in rows}
    of = totals.loc[(year, zone)]
    for group in labels("service_group"):
        name = word("group_total", group=label(f"service_group.{group}"))
        assert by_name[name][word("value_wan")] == pytest.approx(of[f"{group}_yuan"] / 10000)
    whole = by_name[word("gep_total")]
    assert whole[word("value_wan")] == pytest.approx(of["gep_yuan"] / 10000)
    assert whole[word("constant_wan")] == pytest.approx(of["constant_yuan"] / 10000)
    assert whole[word("value_low_wan")] == held(of["gep_low_yuan"] / 10000)


def test_a_service_of_two_items_has_a_row_for_each_and_their_sum(book):
    rows = next(
        iter(v for k, v in blocks(page(book, "gep")).items() if k.startswith("全区，2025"))
    )
    air = [row for row in rows if row["核算科目"] == "空气净化"]

    assert [row["核算指标"] for row in air] == ["二氧化硫", "粉尘"]
    parts = [row[word("item_wan")] for row in air]
    assert air[0][word("value_wan")] == pytest.approx(sum(parts))
    assert air[1][word("value_wan")] is None


def test_what_is_not_counted_shows_its_quantity_and_no_value(book):
    rows = next(
        iter(v for k, v in blocks(page(book, "gep")).items() if k.startswith("全区，2025"))
    )
    oxygen = next(row for row in rows if row["核算科目"] == "释氧")

    assert oxygen["功能量"] == held(331.0 * 1.375)
    assert oxygen[word("item_wan")] is None
    assert oxygen["原因"] == "规范不计"


def test_the_headline_tells_rule_set_prices_standing_basis_and_what_was_not_checked(book):
    told = text(page(book, "gep"))

    for part in ("国标指南（GB/T 46869-2025），现行", "不变价按 2020 年价", "净产值",
                 "未核对原文",
                 "乡镇、街道、重点区域", "缺省参数 41.2%", "旅游康养。"):  # fmt: skip
        assert part in told
    assert page(book, "gep")["A1"].value == label("workbook.synthetic")


def test_imports_deducted_below_the_services_have_a_row_of_the_sum(tmp_path):
    found = accounted(imports=80000.0)
    shown = written(tmp_path, found, values=True)
    rows = district(shown)
    by_name = {row["核算科目"]: row for row in rows}
    of = found.table("gep_totals").loc[(2025, "d")]

    assert by_name[word("gep_deducted")][word("value_wan")] == pytest.approx(-8.0 * 1.375)
    assert by_name[word("gep_total")][word("value_wan")] == pytest.approx(of["gep_yuan"] / 10000)
    zones = by_heads(shown, "gep_zones")
    assert zones[0][word("deducted_wan")] == pytest.approx(-8.0 * 1.375)
    for cell, value in formulas_of([page(written(tmp_path, found), "gep_zones")], shown):
        held_in = page(shown, "gep_zones")
        assert again(cell.value, held_in) == pytest.approx(value, abs=1e-9)


def test_a_total_that_its_parts_do_not_make_is_no_formula(tmp_path):
    found = accounted()
    totals = found.table("gep_totals")
    other = totals.assign(provisioning_yuan=totals["provisioning_yuan"] + 5e5)
    tables = {**found.tables, "gep_totals": other}
    shown = written(tmp_path, accounted(tables=tables))
    name = word("group_total", group="物质供给")
    row = next(r for r in page(shown, "gep").iter_rows() if r[2].value == name)

    assert row[7].data_type == "n"
    assert row[7].value == held(other.loc[(2020, "d"), "provisioning_yuan"] / 10000)


def test_imports_inside_the_services_stand_below_as_a_memo(tmp_path):
    found = accounted()
    totals = found.table("gep_totals").assign(imports_yuan=25000.0)
    shown = written(
        tmp_path, accounted(tables={**found.tables, "gep_totals": totals}), values=True
    )
    row = next(r for r in page(shown, "gep").iter_rows() if r[2].value == word("gep_memo_imports"))

    assert row[7].value == 2.5


def test_towns_add_up_to_the_district_in_formulas_and_sites_are_not_added(book, opened):
    rows = by_heads(book, "gep_zones")
    names = [row["统计单元"] for row in rows]
    at = names.index(word("towns_total"))

    assert names[:5] == ["全区", "湖区", "东镇", "西镇", word("towns_total")]
    for head in ("农业产品", "固碳", word("gep_wan"), "面积（公顷）"):
        assert rows[at][head] == pytest.approx(rows[0][head])
        assert rows[at + 1][head] == 0
    assert page(opened, "gep_zones")["I9"].value == "=SUM(I7:I8)"
    assert word("per_ha_wan") in rows[0]
    totals = accounted().table("gep_totals").loc[(2020, "s")]
    assert rows[1][word("per_ha_wan")] == pytest.approx(totals["gep_yuan_per_ha"] / 10000)
    assert rows[1]["效力"] == "参照值"
    assert "重点区域与乡镇重叠" in text(page(book, "gep_zones"))


def test_towns_that_do_not_make_the_district_show_by_how_much(tmp_path):
    found = accounted()
    services = found.table("gep").copy()
    services.loc[(2020, "001", "crops"), "value_yuan"] += 12500.0
    shown = written(tmp_path, accounted(tables={**found.tables, "gep": services}), values=True)
    rows = by_heads(shown, "gep_zones")
    check = next(row for row in rows if row["统计单元"] == word("towns_check"))

    assert check["农业产品"] == 1.25
    assert word("deducted_wan") not in check


def test_change_is_split_in_the_effects_of_quantities_and_prices(book):
    found = blocks(page(book, "gep_change"))
    change = accounted().table("gep_change")

    for zone, heading in (("d", "全区（核算值）"), ("s", "湖区（参照值）")):
        for row in found[heading]:
            key = "all" if row["核算科目"] == "合计" else _service(row["核算科目"])
            of = change.loc[(zone, key)]
            assert row[word("change_wan")] == pytest.approx(of["change_yuan"] / 10000)
            for name in ("quantity_effect", "price_effect_low", "constant_change_high"):
                assert row[word(f"{name}_wan")] == held(of[f"{name}_yuan"] / 10000)
            parts = row[word("quantity_effect_wan")] + row[word("price_effect_wan")]
            assert parts == pytest.approx(row[word("change_wan")], abs=1e-9)
    assert "东镇" not in text(page(book, "gep_change"))


def _service(name):
    return next(key for key, (zh, _) in labels("service").items() if zh == name)


def test_the_change_of_the_district_has_a_native_chart(opened):
    charts = page(opened, "gep_change")._charts

    assert len(charts) == 1
    assert [series.val.numRef.f.split("!")[1] for series in charts[0].series] == [
        "$G$5:$G$10", "$J$5:$J$10",
    ]  # fmt: skip


def test_the_sheet_of_charts_has_the_services_of_the_district(book, opened):
    told = text(page(book, "charts"))

    assert label("workbook.after_wan").format(after=2025) in told
    plain = len(page(opened, "charts")._charts)
    assert plain == 3


def test_gaps_are_a_list_to_be_filled_in(book, opened):
    rows = by_heads(book, "gep_gaps")
    heads = [cell.value for cell in page(opened, "gep_gaps")[3]]

    assert heads[:10] == [
        "项目",
        "明细",
        "单元",
        "年份",
        "数值",
        "单位",
        "下限",
        "上限",
        "部门",
        "文件",
    ]
    assert [row["单元"] or "" for row in rows] == ["", "s", "001"]
    for row in rows:
        assert [row[name] for name in ("数值", "下限", "上限", "文件")] == [None] * 4
        assert (row["部门"], row["单位"]) == ("水利局", "立方米")
        assert row["涉及科目"] == "水资源供给、渔业产品"
    assert rows[0]["缺省值"] == 0.0125
    assert [row["处理"] for row in rows] == [
        *[label("gap_effect.default_used")] * 2, label("gap_effect.missing"),
    ]  # fmt: skip


def test_rules_guards_and_prices_stand_with_what_was_checked(book, opened):
    rules = by_heads(book, "gep_rules")[: len(STATUS)]
    found = blocks(page(book, "gep_rules"))

    assert [row["核算科目"] for row in rules] == [label(f"service.{key}") for key in STATUS]
    assert [row["已核对原文"] for row in rules][-1] == label("verified.no")
    guards = found[label("section.gep_guards")]
    assert [row["通过"] for row in guards] == ["√ 通过", "× 未通过"]
    prices = blocks(page(book, "gep_parameters"))[label("section.gep_prices")]
    assert [row["核算年价格（元/单位）"] for row in prices] == [5.0, 5.625]
    assert [row["单位"] for row in prices] == ["元/千克"] * 2
    marks = {c.value: c.fill.start_color.rgb for c in cells([page(opened, "gep_rules")])}
    assert marks["× 未通过"] == "FFFFE7CC"


def test_classes_of_land_cover_stand_with_their_part(book):
    classes = accounted().table("gep_classes")
    rows = by_heads(book, "gep_classes")

    assert len(rows) == len(classes)
    assert [row["土地覆盖类型"] for row in rows[:2]] == ["湖泊", "水田"]
    first = classes.loc[(2020, "d", "rice", "LAK")]
    assert rows[0][word("value_wan")] == held(first["value_yuan"] / 10000)


@pytest.mark.parametrize("name", [
    "gep_items", "gep_classes", "gep_change", "gep_gaps", "gep_rules", "seea_extent",
    "seea_condition", "seea_assets", "seea_carbon", "seea_bridge",
])  # fmt: skip
def test_without_its_table_there_is_no_sheet(tmp_path, name):
    shown = written(tmp_path, accounted(tables=without(accounted(), name))).sheetnames

    assert label(f"sheet.{name}") not in shown
    assert label("sheet.gep") in shown


def test_without_the_tables_of_accounts_there_are_no_sheets_and_no_chart(tmp_path):
    shown = written(tmp_path, accounted(tables=without(accounted(), *ACCOUNTS)))

    assert not {label(f"sheet.{key}") for key in (*GEP, *SEEA)} & set(shown.sheetnames)
    assert len(page(shown, "charts")._charts) == 2


def test_names_of_services_and_words_are_there_for_all_keys():
    assert set(labels("service")) == set(GROUP_OF)
    assert set(labels("service_group")) == set(GROUP_OF.values())
    found = accounted()
    for name in ACCOUNTS:
        if name.startswith(("gep", "seea", "rule")):
            frame = found.table(name)
            columns = {*map(str, frame.columns), *frame.index.names} - {"own_measure"}
            own = set(labels(name)) | set(labels("column"))
            assert columns <= own, name
            assert name in labels("table")


def test_sheets_stay_in_sight_and_can_be_filtered(opened):
    for key in {*GEP, *SEEA} - {"gep_parameters"}:  # two tables, neither of them the main one
        assert page(opened, key).freeze_panes.startswith("B")
    for key in ("gep_items", "gep_classes", "gep_gaps", "gep_rules", *SEEA):
        assert page(opened, key).auto_filter.ref, key


@pytest.mark.parametrize("first", range(0, len(PAYLOADS), 12))
def test_texts_of_the_study_stay_texts(tmp_path, first):
    found = accounted()
    tables = dict(found.tables)
    payloads = islice(cycle(PAYLOADS), first, None)  # another in every column
    for name, columns in {
        "zones": ["name_zh"], "account_items": ["name_zh"], "account_formulas": ["text_zh"],
        "gep_items": ["sources", "unit"], "gep": ["reason_zh"], "seea_bridge": ["name_zh"],
        "gep_gaps": ["name_zh", "department_zh", "default_source", "services", "unit"],
        "rule_set": ["name_zh", "document", "status_zh"], "seea_condition": ["source", "unit"],
        "gep_guards": ["finding_zh", "name_zh"], "gep_prices": ["where", "index", "unit"],
        "gep_rules": ["where", "reason_zh"], "classes": ["name_zh"],
    }.items():  # fmt: skip
        tables[name] = tables[name].assign(**{column: next(payloads) for column in columns})
    shown, plain = written(tmp_path, accounted(tables=tables)), written(tmp_path, found)

    for key in (*GEP, *SEEA):
        counts = [
            sum(c.data_type == "f" for c in cells([page(book, key)])) for book in (shown, plain)
        ]
        assert counts[0] == counts[1], key
    assert not any(sheet._hyperlinks for sheet in shown)


def test_english_has_no_chinese_of_ours(tmp_path):
    shown = written(tmp_path, accounted(), language="en")
    texts = {c.value for c in cells(shown) if isinstance(c.value, str)}

    assert len(shown.sheetnames) == len(written(tmp_path, accounted()).sheetnames)
    ours = [t for t in [*texts, *shown.sheetnames] if not any(own in t for own in OF_INPUTS)]
    assert not [t for t in ours if re.search("[\u3000-\u9fff]", t)]


def test_two_writes_are_the_same_bytes(tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(accounted(), tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
