"""The sheets of SEEA EA: stocks that close, supply that is used, the bridge from GEP."""

from __future__ import annotations

import pandas as pd
import pytest

from sinks.parameters.labels import label
from tests.reports.accounted import ITEMS, PART, PLACES, YEARS, accounted, places
from tests.reports.test_accuracy import without
from tests.reports.test_gep_sheets import again, blocks, by_heads, formulas_of, page, word
from tests.reports.test_workbook import held, text, written


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return written(tmp_path_factory.mktemp("book"), accounted(), values=True)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    return written(tmp_path_factory.mktemp("book"), accounted())


def zh(name):
    return label(f"column.{name}")


def test_every_area_closes_in_a_formula_of_its_row(book, opened):
    extent = accounted().table("seea_extent")
    rows = {(row["统计单元"], row["土地覆盖类型"]): row for row in by_heads(book, "seea_extent")}

    assert list(rows)[:3] == [("全区", "湖泊"), ("全区", "水田"), ("全区", "合计")]
    assert list(rows)[3][0] == "湖区"
    for (zone, key), of in extent.iterrows():
        row = rows[PLACES[zone][0], {"LAK": "湖泊", "PAD": "水田"}[key]]
        for name in extent:
            want = of[name] if isinstance(of[name], str) else held(of[name])
            assert row[zh(name)] == (pytest.approx(want) if name == "closing_ha" else want)
    for zone in PART:
        sums = rows[PLACES[zone][0], "合计"]
        assert sums[zh("closing_ha")] == pytest.approx(extent.loc[zone, "closing_ha"].sum())
    assert page(opened, "seea_extent")["J4"].value == "=D4+E4+F4-G4-H4+I4"


def test_estimated_areas_have_columns_only_with_a_sample(tmp_path, book):
    found = accounted()
    extent = found.table("seea_extent").copy()
    extent[[name for name in extent if "estimated" in name]] = float("nan")
    shown = written(tmp_path, accounted(tables={**found.tables, "seea_extent": extent}))

    heads = [cell.value for cell in page(shown, "seea_extent")[3]]
    assert zh("opening_estimated_ha") not in heads
    assert zh("opening_estimated_ha") in [cell.value for cell in page(book, "seea_extent")[3]]


def test_a_row_that_does_not_close_shows_its_result_and_no_formula(tmp_path):
    found = accounted()
    extent = found.table("seea_extent").copy()
    extent.loc[("d", "LAK"), "closing_ha"] += 1.0
    shown = written(tmp_path, accounted(tables={**found.tables, "seea_extent": extent}))

    assert page(shown, "seea_extent")["J4"].value == held(extent.loc[("d", "LAK"), "closing_ha"])


def test_condition_is_read_between_levels_and_averaged(book, opened):
    rows = by_heads(book, "seea_condition")

    assert [row["状况变量"] for row in rows[:3]] == ["鸟类种数", "own_variable", "状况指数"]
    assert [row[label("seea_condition.indicator")] for row in rows[:3]] == [0.625, 0.25, 0.4375]
    assert page(opened, "seea_condition")["H6"].value == "=AVERAGE(H4:H5)"
    assert rows[0]["来源"] == "监测站"
    assert [row[zh("variables")] for row in rows[:3]] == [1, 1, 2]


def test_supply_is_used_in_quantities_and_in_money(book):
    physical = accounted().table("seea_physical")
    rows = {
        (row["统计单元"], row["年份"], row["核算指标"]): row
        for row in by_heads(book, "seea_supply_use")
        if row["核算指标"] in {of[0] for of in ITEMS.values()}
    }
    whole = physical["quantity"].groupby(level=["year", "zone", "item", "side"]).sum()
    assert len(rows) == len(whole) / 2
    for (year, zone, item, side), quantity in whole.items():
        row = rows[PLACES[zone][0], year, ITEMS[item][0]]
        assert row[word(f"{side}_sum")] == pytest.approx(quantity)
        assert row[word("supply_less_use")] == 0
    part = physical.loc[(2020, "d", "crab", "use", "households"), "quantity"]
    row = rows["全区", 2020, "螃蟹"]
    assert row[word("use_of", name="住户")] == held(part)
    assert row[word("use_of", name="own_user")] == held(part)
    assert row["单位"] == "吨"


def test_exchange_values_have_sums_of_services(book):
    monetary = accounted().table("seea_monetary")
    rows = blocks(page(book, "seea_supply_use"))[label("section.seea_monetary")]
    sums = [row for row in rows if row["核算科目"] == "合计"]
    supply = (
        monetary.xs("supply", level="side")["value_yuan"].groupby(level=["zone", "year"]).sum()
    )

    assert [row["统计单元"] for row in sums][:4] == ["全区", "全区", "湖区", "湖区"]
    for row in sums:
        zone = next(z for z, names in PLACES.items() if names[0] == row["统计单元"])
        value = supply[zone, row["年份"]] / 10000
        assert row[word("supply_sum")] == pytest.approx(value)
        assert row[word("use_sum")] == pytest.approx(value)


def test_supply_that_is_not_used_shows(tmp_path):
    found = accounted()
    physical = found.table("seea_physical").copy()
    physical.loc[(2020, "d", "rice", "use", "households"), "quantity"] -= 1.5
    shown = written(
        tmp_path, accounted(tables={**found.tables, "seea_physical": physical}), values=True
    )

    assert by_heads(shown, "seea_supply_use")[0][word("supply_less_use")] == 1.5


@pytest.mark.parametrize("name", ["seea_physical", "seea_monetary"])
def test_one_side_of_the_supply_is_enough_for_the_sheet(tmp_path, name):
    found = accounted(tables=without(accounted(), name))
    shown, values = written(tmp_path, found), written(tmp_path, found, values=True)
    both = without(accounted(), "seea_physical", "seea_monetary")

    assert page(shown, "seea_supply_use").freeze_panes
    for cell, value in formulas_of([page(shown, "seea_supply_use")], values):
        assert again(cell.value, page(values, "seea_supply_use")) == pytest.approx(value, abs=1e-9)
    neither = written(tmp_path, accounted(tables=both)).sheetnames
    assert label("sheet.seea_supply_use") not in neither


def test_assets_close_and_are_said_to_be_no_part_of_gep(book):
    assets = accounted().table("seea_assets")
    rows = {(row["统计单元"], row["核算科目"]): row for row in by_heads(book, "seea_assets")}

    for (zone, service), of in assets.iterrows():
        row = rows[PLACES[zone][0], label(f"service.{service}")]
        assert row[word("closing_wan")] == pytest.approx(of["closing_yuan"] / 10000)
        assert row[word("condition_wan")] == held(of["condition_yuan"] / 10000)
        assert (row[zh("life_years")], row[zh("discount_pct")]) == (50, 3)
    whole = rows["全区", "合计"][word("closing_wan")]
    assert whole == pytest.approx(assets.loc["d", "closing_yuan"].sum() / 10000)
    assert "不能与每年的 GEP 相加" in text(page(book, "seea_assets"))


def test_carbon_closes_and_flows_of_gases_stand_apart(book):
    carbon = accounted().table("seea_carbon")
    rows = {(row["统计单元"], row["土地覆盖类型"]): row for row in by_heads(book, "seea_carbon")}
    head = label("seea_carbon.closing_tc")

    assert rows["全区", "湖泊"][head] == pytest.approx(carbon.loc[("d", "LAK"), "closing_tc"])
    assert rows["全区", "合计"][head] == pytest.approx(carbon.loc["d", "closing_tc"].sum())
    memo = blocks(page(book, "seea_carbon"))[label("section.seea_carbon_flows")]
    assert [row["统计单元"] for row in memo] == ["全区", "湖区", "东镇", "西镇"]
    assert memo[0][zh("ch4_net_sink_tco2e_per_year")] == held(-90.25 * PART["d"])
    assert memo[0]["own_measure"] == 1.5


def test_the_bridge_goes_from_gep_to_supply_step_by_step(book, opened):
    found = accounted()
    rows = by_heads(book, "seea_bridge")
    steps = found.table("seea_bridge")

    first = [row for row in rows if (row["统计单元"], row["年份"]) == ("全区", YEARS[0])]
    want = places(steps)[YEARS[0], "d"]
    assert [row["步骤"] for row in first] == list(want["name_zh"])
    for row, cumulative in zip(first, want["cumulative_yuan"], strict=True):
        assert row[word("cumulative_wan")] == pytest.approx(cumulative / 10000)
    gep = found.table("gep_totals").loc[(YEARS[0], "d"), "gep_yuan"]
    assert first[0][word("cumulative_wan")] == pytest.approx(gep / 10000)
    told = [cell.value for cell in page(opened, "seea_bridge")["F"]][3:6]
    assert told == ["=E4", "=F4+E5", "=F5"]


def test_a_step_that_leads_elsewhere_shows_its_result(tmp_path):
    found = accounted()
    steps = found.table("seea_bridge").copy()
    steps.loc[(2020, "d", "surplus"), "cumulative_yuan"] += 7e5
    shown = written(tmp_path, accounted(tables={**found.tables, "seea_bridge": steps}))
    cells = [page(shown, "seea_bridge")[at] for at in ("F5", "F6")]

    assert [cell.data_type for cell in cells] == ["n", "n"]
    assert pd.notna(cells[0].value)
