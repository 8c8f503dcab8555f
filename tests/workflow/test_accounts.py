"""Ecosystem accounts of a whole study: figures by hand, rule sets, what is refused, commands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from sinks.errors import Finding, InputRefused
from sinks.parameters.accounts import account_inputs, index_factor
from sinks.study import Study
from sinks.workflow import account_land
from sinks.workflow.account_board import account_board
from tests.workflow.accounted import (
    ACCOUNTED,
    ACCOUNTS,
    ROWS,
    TOLD,
    ZONES,
    Ground,
    accounts_on,
    ground_of,
    stored,
    without,
    write_accounted,
    write_statistics,
)
from tests.workflow.planned import rates_of
from tests.workflow.small import STUDY, rectangle, write_layer, write_study
from tests.workflow.test_run import sinks

NEAR = pytest.approx
CUT = 1e-7  # areas of pixels on the ellipsoid
PIGS = (
    "产量,生猪,,2020,10,吨,,,,", "产量,生猪,,2025,10,吨,,,,",
    "单价,生猪,,2020,20,元/公斤,,,,", "单价,生猪,,2025,20,元/公斤,,,,",
)  # fmt: skip
SHEETS = ("GEP总表", "GEP各单元", "GEP两年对比", "GEP数据缺口", "SEEA范围账户", "SEEA资产账户")


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("生态 产品（一）")
    done = sinks("run", write_accounted(folder / "数据"), "--out", folder / "成果")
    assert done.returncode == 0, done.stderr
    return folder / "成果"


@pytest.fixture(scope="module")
def tables(result) -> dict[str, pd.DataFrame]:
    return stored(result)


@pytest.fixture(scope="module")
def ground(tmp_path_factory) -> Ground:
    return ground_of(write_accounted(tmp_path_factory.mktemp("地 面") / "数据"))


def item(tables, name: str, column: str = "value_yuan", year: int = 2025, zone: str = "district"):
    return tables["gep_items"][column][year, zone, name]


def refused(ground: Ground, rows: Sequence[str] | None = ROWS, text: str = ACCOUNTED) -> Finding:
    with pytest.raises(InputRefused) as fault:
        accounts_on(ground, rows, text)
    (finding,) = fault.value.findings
    return finding


# ---- figures by hand --------------------------------------------------------------------------


def test_products_are_output_times_what_is_left_of_the_price(tables):
    assert item(tables, "rice", year=2020) == NEAR(200 * (2500 - 2000))
    assert item(tables, "rice") == NEAR(220 * (3000 - 2400))
    assert item(tables, "timber", year=2020) == NEAR(30 * 800 * (1 - 0.6))  # cost by default
    assert item(tables, "timber", zone="gy") == 0  # told by towns, and no forest in the park
    assert item(tables, "rice", "quantity", zone="gy") == NEAR(220 * 2 / 22, rel=CUT)
    assert item(tables, "rice", "gross_yuan") == NEAR(220 * 3000)
    assert item(tables, "rice", "imports_yuan") == NEAR(220 * 3000 * 0.1)


def test_a_price_of_another_year_moves_with_its_index(tables):
    moved = 800 * index_factor("producer", 2020, 2025)

    assert item(tables, "timber") == NEAR(30 * moved * (1 - 0.6))
    assert item(tables, "timber", "sources").count("[2020]") == 1


def test_waters_take_up_the_load_and_no_more_than_they_can(tables):
    assert item(tables, "cod", "quantity", 2020) == NEAR(1000)
    assert item(tables, "cod", year=2020) == NEAR(1000 * 5.6)
    assert item(tables, "cod", "quantity") == NEAR(4 * 1106.7, rel=CUT)
    assert item(tables, "cod", "quantity", 2020, "001") == NEAR(500, rel=CUT)


def test_carbon_is_what_land_takes_up_at_the_price_of_the_market(tables):
    fluxes = tables["fluxes"].xs(("district", "co2"), level=("zone", "gas")).reset_index()
    here = fluxes[fluxes["use"] != "conversion"]["net_sink_tco2e_per_year"].sum()

    assert item(tables, "co2", "quantity") == NEAR(here, rel=CUT)
    assert item(tables, "co2") == NEAR(110 * 62.36, rel=CUT)
    assert item(tables, "co2", "spread") == "account"


def test_tourists_count_with_the_part_of_their_spending_that_nature_earns(tables):
    assert item(tables, "tourists", year=2020) == NEAR(10_000 * 100 * 0.5)
    assert item(tables, "tourists") == NEAR(12_000 * 120 * 0.5)
    assert item(tables, "tourists", zone="gy") == NEAR(5000 * 120 * 0.5)
    # what is not of the park lies on lake and forest: 4 + 16 ha, of them 2 in the west
    assert item(tables, "tourists", "quantity", zone="001") == NEAR(5000 + 7000 * 2 / 20, rel=CUT)


def storage_yuan_per_m3(year: int) -> float:
    built = 6.11 * index_factor("capital", 2005, year)
    return built * 0.0263 + 0.075 * index_factor("capital", 2020, year)


def test_water_is_worth_what_storing_it_costs(tables):
    kept = 22 * 10 * (1200 * (1 - 0.15) - 900) + 22 * 10 * (1200 * (1 - 0.0133) - 800)
    assert item(tables, "rain_kept", "quantity", 2020) == NEAR(kept, rel=1e-6)
    later = (
        22 * 10 * (1000 * (1 - 0.15) - 900)
        + 16 * 10 * (1000 * (1 - 0.0133) - 800)
        + 6 * 10 * (1000 * (1 - 0.6) - 350)
    )
    assert item(tables, "rain_kept", "quantity") == NEAR(later, rel=1e-6)
    for year in (2020, 2025):
        worth = storage_yuan_per_m3(year)
        assert item(tables, "lake_storage", year=year) == NEAR(4 * 10_000 * worth, rel=1e-6)
        assert item(tables, "rain_kept", "unit_value_yuan", year) == NEAR(worth)


def test_the_total_is_the_sum_by_hand(tables):
    cooling = 10 * 4.5 * 60 * 1000 * 2450 / (3600 * 3.0) * 4 * 0.1 * 0.5283
    shade = 70.4e4 * 60 / (3600 * 3.0) * 16 * 0.1 * 0.5283
    rain = 22 * 10 * (850 - 900) + 16 * 10 * (1000 * (1 - 0.0133) - 800) + 6 * 10 * (400 - 350)
    whole = (
        220 * 600
        + 30 * 800 * index_factor("producer", 2020, 2025) * 0.4
        + (rain + 40_000) * storage_yuan_per_m3(2025)
        + 4 * 1106.7 * 5.6
        + 110 * 62.36
        + cooling
        + shade
        + 12_000 * 60
    )

    row = tables["gep_totals"].loc[(2025, "district")]
    assert row["gep_yuan"] == NEAR(whole, rel=1e-6)
    assert row["gep_yuan_per_ha"] == NEAR(whole / 48, rel=1e-6)
    assert row["gep_low_yuan"] < row["gep_yuan"] < row["gep_high_yuan"]
    assert row["provisioning_yuan"] + row["regulating_yuan"] + row["cultural_yuan"] == NEAR(whole)
    assert row["told_share_pct"] + row["table_share_pct"] + row["default_share_pct"] == NEAR(100)


def test_the_total_is_never_more_than_its_services(tables):
    parts = tables["gep"]["value_yuan"].groupby(level=["year", "zone"]).sum()
    whole = tables["gep_totals"]["gep_yuan"]

    np.testing.assert_allclose(whole, parts.reindex(whole.index), rtol=1e-12)
    items = tables["gep_items"]
    np.testing.assert_allclose(
        items["quantity"] * items["unit_value_yuan"], items["value_yuan"], rtol=1e-12
    )


def test_towns_add_up_to_the_district_in_every_item_and_year(tables):
    for name, columns in (
        ("gep_items", ("quantity", "value_yuan", "constant_yuan", "gross_yuan")),
        ("gep", ("value_yuan", "constant_yuan")),
        ("gep_totals", ("gep_yuan", "constant_yuan", "imports_yuan", "area_ha")),
        ("gep_change", ("change_yuan", "quantity_effect_yuan", "price_effect_yuan")),
        ("seea_assets", ("opening_yuan", "closing_yuan")),
        ("seea_extent", ("opening_ha", "closing_ha", "managed_reduction_ha")),
    ):
        by_zone = {
            zone: tables[name].xs(zone, level="zone")[list(columns)].astype(float)
            for zone in ("district", "001", "002")
        }
        # a class that one of the towns does not have stands in no row of it
        towns = by_zone["001"].add(by_zone["002"], fill_value=0.0)
        gross = by_zone["001"].abs().add(by_zone["002"].abs(), fill_value=0.0).max()
        off = (towns - by_zone["district"]).abs().max()
        assert (off <= 1e-9 * gross + 1e-9).all(), name


def test_a_site_and_the_towns_are_for_reference(tables):
    standing = tables["gep_totals"]["standing"].xs(2025, level="year")

    assert standing.to_dict() == {
        "district": "full", "001": "reference", "002": "reference", "gy": "reference",
    }  # fmt: skip


def test_what_does_not_apply_has_a_reason_and_no_value(tables):
    here = tables["gep"].xs((2025, "district"), level=("year", "zone"))
    for service, status, words in (
        ("soil_retention", "not_applicable", "平原"),
        ("coastal_protection", "not_applicable", "不临海"),
        ("wind_erosion_control", "not_applicable", "风沙"),
        ("oxygen_release", "switched_off", "稀缺"),
        ("water_supply", "switched_off", "水源涵养"),
        ("fishery", "no_data", "净产值（增加值） 渔业产品"),
        ("recreation", "no_data", "居民休闲人次"),
        ("water_purification", "partly", "进入水体的污染物量 氨氮、进入水体的污染物量 总磷"),
        ("flood_regulation", "partly", "暴雨日降水量合计"),
        ("crops", "counted", ""),
    ):
        assert here.loc[service, "status"] == status
        assert words in here.loc[service, "reason_zh"]
        blank = here.loc[service, ["value_yuan", "constant_yuan", "share_pct"]].isna()
        assert blank.all() == (status not in ("counted", "partly"))
        assert blank.any() == blank.all()


def test_gaps_tell_what_is_missing_and_what_stands_in_its_place(tables):
    gaps = tables["gep_gaps"].xs((2025, "district"), level=("year", "zone"))

    def effect(name, detail=""):
        return gaps.loc[(name, detail), "effect"]

    assert effect("water_load_kg", "nh3n") == "missing"
    assert effect("resident_visits_persons") == "missing"
    assert effect("cost_yuan_per_t", "timber") == "default_used"
    assert effect("evapotranspiration_mm", "BLF") == "default_used"
    assert effect("price_yuan_per_t", "timber") == "other_year"
    assert gaps.loc[("hot_days", ""), "default_value"] == 60
    assert gaps.loc[("water_load_kg", "tp"), "department_zh"] == "生态环境局"
    asked = {str(name) for name, _ in gaps.index}
    assert not asked & {"rain_mm", "water_transparency", "visitors_persons", "nature_share"}
    # nobody is asked about classes that are not there, or for what all towns told
    assert {detail for name, detail in gaps.index if name == "evapotranspiration_mm"} == {
        "PAD", "BLF", "BLT",
    }  # fmt: skip
    assert ("output_t", "timber") not in gaps.index


def test_constant_prices_are_those_that_were_told_for_the_base_year(tables):
    assert item(tables, "rice", "constant_yuan") == NEAR(220 * 500)
    assert item(tables, "tourists", "constant_yuan") == NEAR(12_000 * 100 * 0.5)
    assert item(tables, "rice", "constant_yuan", 2020) == NEAR(item(tables, "rice", year=2020))
    assert tables["rule_set"]["base_year"].to_list() == [2020]


def test_change_is_split_into_amount_and_price_without_a_rest(tables):
    change = tables["gep_change"].xs("district", level="zone")

    crops = change.loc["crops"]
    assert crops["change_yuan"] == NEAR(132_000 - 100_000)
    assert crops["quantity_effect_yuan"] == NEAR(20 * (500 + 600) / 2)
    assert crops["price_effect_yuan"] == NEAR((600 - 500) * (200 + 220) / 2)
    assert crops["constant_change_pct"] == NEAR(10)
    np.testing.assert_allclose(
        change["quantity_effect_yuan"] + change["price_effect_yuan"], change["change_yuan"]
    )
    whole = change.drop(index="all")["change_yuan"].sum()
    assert change.loc["all", "change_yuan"] == NEAR(whole)
    totals = tables["gep_totals"]["gep_yuan"]
    assert whole == NEAR(totals[2025, "district"] - totals[2020, "district"])


def test_an_account_that_outweighs_all_others_is_noted_and_not_refused(tables, result):
    guards = tables["gep_guards"]
    assert guards["passed"].to_dict() == {
        **dict.fromkeys(guards.index, True), "one_account": False,
    }  # fmt: skip
    found = json.loads((result / "run.json").read_text("utf-8"))["findings"]
    (alarm,) = (each for each in found if each["code"] == "SNK-S62")
    assert "旅游康养" in json.dumps(alarm, ensure_ascii=False)


def test_accounts_of_seea_hang_together(tables):
    extent = tables["seea_extent"].xs("district", level="zone")
    assert extent.loc["BLF", "managed_reduction_ha"] == NEAR(6, rel=CUT)
    assert extent.loc["BLT", "managed_expansion_ha"] == NEAR(6, rel=CUT)
    condition = tables["seea_condition"].loc[(2025, "district", "water_transparency")]
    assert condition["indicator"] == NEAR(0.5)
    bridge = tables["seea_bridge"].xs((2025, "district"), level=("year", "zone"))
    assert bridge.loc["gep", "value_yuan"] == NEAR(
        tables["gep_totals"].loc[(2025, "district"), "gep_yuan"]
    )
    sides = tables["seea_monetary"].groupby(level=["year", "zone", "service", "side"])
    sums = sides["value_yuan"].sum()
    by_side = {side: sums.xs(side, level="side") for side in ("supply", "use")}
    used = by_side["use"].reindex(by_side["supply"].index)
    np.testing.assert_allclose(by_side["supply"], used, rtol=1e-9, atol=1e-6)
    assert bridge.loc["seea", "value_yuan"] == NEAR(
        by_side["supply"].xs((2025, "district"), level=("year", "zone")).sum()
    )


# ---- what leaves the building -----------------------------------------------------------------


def test_workbook_files_and_page_hold_the_same_totals(tables, result):
    totals = tables["gep_totals"]["gep_yuan"]
    csv = pd.read_csv(
        result / "results" / "gep_totals.csv", dtype={"zone": str}, encoding="utf-8-sig"
    ).set_index(["year", "zone"])["gep_yuan"]
    pd.testing.assert_series_equal(totals, csv.reindex(totals.index), check_exact=True)

    book = openpyxl.load_workbook(result / "workbook.xlsx", data_only=True)
    assert set(SHEETS) <= set(book.sheetnames)
    shown = [
        row[7] * 1e4
        for row in book["GEP总表"].iter_rows(values_only=True)
        if "生态产品总值（GEP）" in row[:4]
    ]
    places = [(2020, "district"), (2025, "district"), (2020, "gy"), (2025, "gy")]
    assert shown == NEAR([totals[place] for place in places], rel=1e-12)

    page = (result / "index.html").read_text("utf-8")
    on_page, _ = json.JSONDecoder().raw_decode(page[page.index('{"2020":[{"gep":') :])
    assert on_page["2025"][0]["gep"][0] == NEAR(totals[2025, "district"], rel=1e-4)
    assert len(on_page["2025"]) == 4


def test_every_number_of_an_account_has_a_formula(tables):
    known = set(tables["lineage"].index)
    lacking = [
        (name, column)
        for name, table in tables.items()
        if name.startswith(("gep", "seea_"))
        for column in table.columns
        if pd.api.types.is_numeric_dtype(table[column])
        and not pd.api.types.is_bool_dtype(table[column])
        and (name, column) not in known
    ]

    assert lacking == []
    rice = tables["lineage"].loc[("gep_items", "value_yuan")]
    assert "layers.statistics" in rice["inputs"]


def test_a_code_is_explained():
    for language, word in (("zh", "重复计算"), ("en", "twice")):
        done = sinks("explain", "SNK-S61", "--lang", language)
        assert done.returncode == 0
        assert word in done.stdout


def test_the_account_is_told_in_words_with_the_figures_of_the_tables(tables, result, tmp_path):
    totals = tables["gep_totals"]
    whole, of_site = (totals["gep_yuan"][2025, zone] for zone in ("district", "gy"))
    out = tmp_path / "西 镇.csv"

    zh = sinks("gep", result)
    town = sinks("gep", result, "--zone", "西镇", "--year", 2020, "--csv", out)
    en = sinks("gep", result, "--zone", "湖滨公园", "--lang", "en")

    assert (zh.returncode, town.returncode, en.returncode) == (0, 0, 0), zh.stderr + en.stderr
    assert f"总值 {whole / 1e4:,.0f} 万元" in zh.stdout
    assert "净产值（扣除中间投入）；核算值" in zh.stdout
    assert "土壤保持  不适用：本区为平原" in zh.stdout
    assert "未对照原文" in zh.stdout
    assert "-0—" not in zh.stdout  # nought has no sign
    assert "西镇，2020 年生态产品总值" in town.stdout
    assert "参照" in town.stdout
    services = pd.read_csv(out, encoding="utf-8-sig").set_index("service")["value_yuan"]
    expected = tables["gep"]["value_yuan"].xs((2020, "001"), level=("year", "zone"))
    pd.testing.assert_series_equal(services, expected.reindex(services.index), check_names=False)
    assert f"total {of_site / 1e6:,.1f} million yuan" in en.stdout
    assert "for reference" in en.stdout


def test_the_accounts_of_seea_are_told_in_words(tables, result):
    zh, en = sinks("seea", result), sinks("seea", result, "--zone", "002", "--lang", "en")

    assert (zh.returncode, en.returncode) == (0, 0), zh.stderr + en.stderr
    assert "阔叶林（T7.3）  期初 22.0 公顷，人为增 0.0、减 6.0" in zh.stdout
    assert "状况指数 0.50（" in zh.stdout
    assets = tables["seea_assets"].loc[("district", "all")]
    assert f"期初 {assets['opening_yuan'] / 1e4:,.0f} 万元" in zh.stdout
    assert "不与 GEP 相加" in zh.stdout
    assert "never added to GEP" in en.stdout
    bridge = tables["seea_bridge"]["value_yuan"][2025, "002", "seea"]
    assert f"Monetary supply of ecosystem services (SEEA EA)  {bridge / 1e6:+,.1f}" in en.stdout


def test_a_zone_a_year_or_a_result_that_is_not_there_is_refused(result):
    found = {
        "F60": sinks("gep", result, "--zone", "北镇"),
        "S73": sinks("gep", result, "--year", 2022),
        "C18": sinks("seea", result.parent),
    }

    for code, done in found.items():
        assert done.returncode == 2
        assert f"SNK-{code}" in done.stderr
        assert "Traceback" not in done.stderr
    assert "gy 湖滨公园" in found["F60"].stderr
    assert "2020" in found["S73"].stderr


# ---- gaps as a table to be filled in ----------------------------------------------------------


def filled(gaps: pd.DataFrame) -> list[str]:
    """Fill in the middle of what is possible for each item."""
    values = {"ratio": 0.5, "mm": 500, "d": 100, "mm/d": 4, "h": 3, "1": 1}
    rows = []
    for name, row in gaps.iterrows():
        value = values.get(row["单位"], 10)
        told = [name, row["明细"], "", row["年份"], value, row["单位"], "", "", row["部门"], ""]
        rows.append(",".join(map(str, told)))
    return rows


def test_gaps_are_written_as_a_table_that_can_be_filled_in_and_told(result, ground, tmp_path):
    out = tmp_path / "待 填.csv"
    done = sinks("gep", result, "--gaps", out)
    assert done.returncode == 0, done.stderr
    form = pd.read_csv(out, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    assert set(form["数值"]) == {""}
    assert set(form["项目"]) <= set(account_inputs().index)
    assert all(note.startswith(tuple(account_inputs()["name_zh"])) for note in form["说明"])

    rows = filled(form.set_index("项目"))
    # nights in hotels gain, so that what visitors spend on lodging has to be told too
    rows += [f"其中人均住宿消费,,,{year},10,元,,,," for year in (2020, 2025)]
    made = accounts_on(ground, [*ROWS, *rows]).tables

    status = made["gep"]["status"].xs((2025, "district"), level=("year", "zone"))
    for service in ("water_purification", "air_purification", "flood_regulation"):
        assert status[service] == "counted"
    for service in ("noise_reduction", "recreation", "landscape_premium"):
        assert status[service] == "counted"
    # products that were not told before lack nothing but their prices
    missing = made["gep_gaps"][made["gep_gaps"]["effect"] == "missing"]
    assert set(missing.index.get_level_values("input")) == {"price_yuan_per_t"}


def test_gaps_of_items_are_asked_for_as_they_can_be_told(ground, tmp_path):
    text = ACCOUNTED.replace("hilly = false", "hilly = true").replace(
        "coast = false", "coast = true"
    )
    made = accounts_on(ground, ROWS, text.replace("sand = false", "sand = true")).tables
    gaps = made["gep_gaps"].xs((2025, "district"), level=("year", "zone"))

    assert gaps.loc[("quantity", "sand_held"), "unit"] == "ha"
    assert gaps.loc[("quantity", "coast_kept"), "unit"] == "ha"
    assert ("slope_factor", "BLF") in gaps.index
    rows = (
        "功能量,sand_held,,2025,10,公顷,,,,", "功能量,受防护的岸带面积,,2025,4,公顷,,,,",
        "每公顷价值（只用于复现旧账）,,,2025,100,元/公顷,,,,",
    )  # fmt: skip
    told = accounts_on(ground, [*ROWS, *rows], text.replace("sand = false", "sand = true")).tables
    assert item(told, "sand_held") == NEAR(1000)
    assert item(told, "coast_kept") == NEAR(400)


# ---- rule sets --------------------------------------------------------------------------------


def test_the_older_specification_counts_output_less_what_came_from_outside(ground):
    made = accounts_on(ground, [*ROWS, *PIGS], ACCOUNTED.replace("GBT46869", "NDRC2022")).tables

    assert item(made, "rice") == NEAR(220 * 3000 * (1 - 0.1))
    assert item(made, "pigs") == NEAR(10 * 20_000 * (1 - 0.5))
    assert made["gep_guards"].loc["imports_deducted", "passed"]
    assert made["rule_set"]["provisioning"].to_list() == ["gross"]
    # exchange values hold no costs: the bridge takes them out
    bridge = made["seea_bridge"].xs((2025, "district"), level=("year", "zone"))["value_yuan"]
    assert bridge["gross_provisioning"] < 0
    assert bridge.drop("seea").sum() == NEAR(bridge["seea"])


def test_the_oldest_guideline_counts_oxygen_and_flags_what_came_from_outside(ground):
    found = accounts_on(ground, [*ROWS, *PIGS], ACCOUNTED.replace("GBT46869", "MEE2020"))
    made = found.tables

    assert item(made, "rice") == NEAR(220 * 3000)
    assert item(made, "o2", "quantity") == NEAR(110 * 32 / 44, rel=1e-5)
    status = made["gep"]["status"].xs((2025, "district"), level=("year", "zone"))
    assert status["oxygen_release"] == "counted"
    assert not made["gep_guards"].loc["imports_deducted", "passed"]
    assert {finding.code for finding in found.findings} == {"S62"}
    assert any("畜牧业产品" in finding.found() for finding in found.findings)


@pytest.mark.parametrize(
    ("basis", "value"),
    [("net", 220 * 600), ("gross", 220 * 3000 * 0.9), ("output", 220 * 3000)],
)
def test_a_study_may_say_how_products_are_valued(ground, basis, value):
    text = ACCOUNTED.replace("hilly", f'provisioning = "{basis}"\nhilly')

    made = accounts_on(ground, ROWS, text).tables

    assert item(made, "rice") == NEAR(value)
    assert made["rule_set"]["provisioning"].to_list() == [basis]


SETS = """rule_set,name_zh,name_en,document,provisioning,replication,reference,where,verified
本区,本区核算细则,Our rules,盐核〔2026〕1号,net,false,own_2026,第 3 条,true
"""
RULES = """rule_set,account,status,worth,reason_zh,reason_en,reference,where,verified
本区,crops,counted,produce_net,,,own_2026,第 4 条,true
本区,tourists,off,tourist,本区不计旅游,tourism is left out here,own_2026,第 9 条,true
本区,co2,counted,carbon,,,sinks_2026,第 7 条,true
"""
PRICES = """rule_set,price,detail,unit,year,index,value_in_unit,\
value_low_in_unit,value_high_in_unit,reference,where,verified
本区,carbon_yuan_per_tco2,,yuan/tCO2,2025,fixed,80,70,90,own_2026,第 8 条,true
"""
OWN = 'rule_set = "本区"\nrules = "规则 表.csv"\nrule_sets = "规则集.csv"\nprices = "价格.csv"'
OWNED = ACCOUNTED.replace('rule_set = "GBT46869"', OWN)


def write_rules(folder: Path, rules: str = RULES) -> None:
    (folder / "规则 表.csv").write_text(rules, encoding="utf-8-sig")
    (folder / "规则集.csv").write_text(SETS, encoding="utf-8")
    (folder / "价格.csv").write_text(PRICES, encoding="gbk")
    (folder / "references.toml").write_text(
        '[own_2026]\ntitle = "本区核算细则"\nread = "full"\n', encoding="utf-8"
    )


def test_a_district_may_bring_its_own_rules(ground):
    write_rules(ground.basis.study.file.parent)

    made = accounts_on(ground, ROWS, OWNED).tables

    assert set(made["gep_rules"].index) == {"crops", "tourism", "carbon_fixation"}
    assert made["gep_rules"].loc["tourism", ["status", "reason_zh"]].to_list() == [
        "switched_off", "本区不计旅游",
    ]  # fmt: skip
    assert item(made, "co2") == NEAR(110 * 80, rel=CUT)
    assert made["gep_totals"].loc[(2025, "district"), "gep_yuan"] == NEAR(
        220 * 600 + 110 * 80, rel=CUT
    )
    assert made["rule_set"]["name_zh"].to_list() == ["本区核算细则"]
    assert made["rule_set"]["verified"].to_list() == [True]


@pytest.mark.parametrize(
    ("rules", "code", "word"),
    [
        (RULES.replace("本区,co2", "本区,co3"), "S72", "co3"),
        (RULES.replace(",carbon,", ",carbon_price,"), "S72", "carbon_price"),
        (RULES.replace("co2,counted", "co2,on"), "S72", "on"),
        (RULES.replace("本区,", "别区,"), "S70", "本区"),
        (RULES.replace("own_2026,第 4 条", "own_2025,第 4 条"), "P03", "own_2025"),
    ],
)
def test_rules_that_do_not_fit_are_refused(ground, rules, code, word):
    write_rules(ground.basis.study.file.parent, rules)

    finding = refused(ground, ROWS, OWNED)

    assert finding.code == code
    assert word in finding.found()
    assert finding.file is not None


def test_a_rule_set_that_does_not_exist_is_refused_with_those_that_do(ground):
    finding = refused(ground, ROWS, ACCOUNTED.replace("GBT46869", "GBT46868"))

    assert finding.code == "S70"
    assert "GBT46868" in finding.found() and "NDRC2022" in finding.found()


# ---- what is refused --------------------------------------------------------------------------


def test_a_branch_told_by_product_and_as_a_whole_is_refused(ground):
    finding = refused(ground, [*ROWS, "净产值（增加值）,crops,,2025,100,万元,,,统计局,"])

    assert finding.code == "S64"
    assert "crops" in finding.found()


def test_a_branch_told_as_a_whole_alone_counts(ground):
    rows = (*without(ROWS, "产量,水稻"), "增加值,crops,,2025,100,万元,,,统计局,")

    made = accounts_on(ground, rows).tables

    assert item(made, "crops_value") == NEAR(1e6)
    assert made["gep"]["status"][2020, "district", "crops"] == "no_data"


NIGHTS = tuple(
    f"{text},,,{year},{value},{unit},,,文广旅局,"
    for year in (2020, 2025)
    for text, value, unit in (("受益酒店间夜", 1000, "间夜"), ("每间夜溢价", 50, "元/间夜"))
)
LODGING = tuple(f"住宿费,,,{year},30,元,,,文广旅局," for year in (2020, 2025))


def test_what_hotels_gain_is_not_in_the_spending_of_visitors_too(ground):
    finding = refused(ground, [*ROWS, *NIGHTS])
    assert finding.code == "S61"
    assert "景观增值" in finding.sentence()
    assert "住宿" in finding.found()
    assert "统计表" in finding.remedy()

    made = accounts_on(ground, [*ROWS, *NIGHTS, *LODGING]).tables
    assert item(made, "tourists") == NEAR(12_000 * (120 - 30) * 0.5)
    assert item(made, "hotel_nights") == NEAR(1000 * 50)
    assert made["gep_guards"].loc["visitors_once", "passed"]


def test_an_index_that_does_not_reach_is_refused(ground):
    rows = [*without(ROWS, "单价,木材"), "单价,木材,,1950,80,元/吨,,,林业局,"]

    finding = refused(ground, rows)

    assert finding.code == "S71"
    assert "1951" in finding.found()


def test_towns_that_tell_more_than_the_district_are_refused_on_the_command_line(tmp_path):
    rows = [*ROWS, "产量,水稻,001,2025,300,吨,,,,"]
    done = sinks("run", write_accounted(tmp_path / "数 据", rows=rows), "--out", tmp_path / "成果")

    assert done.returncode == 2
    assert "SNK-S54" in done.stderr
    assert "220" in done.stderr and "300" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "成果").exists()


def test_an_amount_that_only_some_towns_tell_asks_for_the_others(tmp_path):
    rows = without(ROWS, "产量,木材,002,2025")
    done = sinks("run", write_accounted(tmp_path / "数 据", rows=rows), "--out", tmp_path / "成果")

    assert done.returncode not in (0, 1)
    assert "SNK-S55" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "成果").exists()


def test_spreading_faults_name_the_amount_and_its_year(ground):
    more = refused(ground, [*ROWS, "产量,水稻,001,2025,300,吨,,,,"])
    some = refused(ground, without(ROWS, "产量,木材,002,2025"))

    for finding, code, place in ((more, "S54", "rice 2025"), (some, "S55", "timber 2025")):
        assert (finding.code, finding.place) == (code, place)
        assert "统计.csv" in str(finding.file)


def test_statistics_without_accounts_are_refused_in_words(tmp_path):
    study = write_accounted(tmp_path / "数据", STUDY + ZONES + TOLD)

    done = sinks("run", study, "--out", tmp_path / "成果")

    assert done.returncode == 2
    assert "[accounts]" in done.stderr
    assert "Traceback" not in done.stderr


# ---- studies of other kinds -------------------------------------------------------------------


def test_a_study_without_accounts_has_no_tables_sheets_or_tab_of_them(tmp_path):
    done = sinks("run", write_study(tmp_path / "数据"), "--out", tmp_path / "成果")
    assert done.returncode == 0, done.stderr

    made = stored(tmp_path / "成果")
    assert [n for n in made if n.startswith(("gep", "seea", "account", "rule_set"))] == []
    book = openpyxl.load_workbook(tmp_path / "成果" / "workbook.xlsx", read_only=True)
    assert [name for name in book.sheetnames if "GEP" in name or "SEEA" in name] == []
    page = (tmp_path / "成果" / "index.html").read_text("utf-8")
    assert '{"2020":[{"gep":' not in page
    refusal = sinks("gep", tmp_path / "成果")
    assert refusal.returncode == 2
    assert "SNK-S73" in refusal.stderr
    assert "[accounts]" in refusal.stderr


def test_the_map_alone_makes_an_account_and_a_long_list_of_gaps(ground):
    made = accounts_on(ground, None, STUDY + ZONES + ACCOUNTS).tables

    status = made["gep"]["status"].xs((2025, "district"), level=("year", "zone"))
    there = set(status.index[status.isin(["counted", "partly"])])
    assert {"water_retention", "carbon_fixation", "local_climate"} <= there
    assert {"crops", "tourism"} <= set(status.index[status == "no_data"])
    missing = made["gep_gaps"]["effect"].xs(2025, level="year") == "missing"
    assert missing.sum() > 15
    assert made["gep_totals"].loc[(2025, "district"), "told_share_pct"] == NEAR(0, abs=1e-9)
    assert "seea_condition" not in made


def test_one_land_cover_makes_an_account_without_change(tmp_path):
    first = '[[land_cover]]\npath = "土地覆盖_2020.tif"\nyear = 2020\nscheme = "house"\n'
    assert first in STUDY
    text = STUDY.replace(first, "") + ZONES + ACCOUNTS + TOLD
    done = sinks("run", write_accounted(tmp_path / "数据", text), "--out", tmp_path / "成果")
    assert done.returncode == 0, done.stderr

    made = stored(tmp_path / "成果")
    assert item(made, "rice") == NEAR(132_000)
    assert item(made, "rice", "constant_yuan") == NEAR(110_000)
    assert list(made["gep_totals"].index.unique("year")) == [2025]
    assert not {"gep_change", "seea_extent", "seea_assets", "seea_carbon"} & set(made)
    for command in ("gep", "seea"):
        told = sinks(command, tmp_path / "成果")
        assert told.returncode == 0, told.stderr


def test_a_map_older_than_a_definition_is_refused_in_words(tmp_path):
    last = '[[land_cover]]\npath = "土地覆盖_2025.tif"\nyear = 2025\nscheme = "house"\n'
    text = STUDY.replace(f"{last}synthetic = true\n", "")
    assert text != STUDY

    with pytest.raises(InputRefused) as fault:
        rates_of(Study.read(write_study(tmp_path / "数据", text)))

    assert fault.value.findings[0].code == "F05"


def test_statistics_in_a_workbook_give_the_same_account(ground):
    rows = without(ROWS, "生态系统状况")
    folder = ground.basis.study.file.parent
    write_statistics(folder / "统计.xlsx", rows)
    text = accounts_on(ground, rows).tables["gep_items"]
    book = accounts_on(ground, rows, ACCOUNTED.replace("统计.csv", "统计.xlsx")).tables[
        "gep_items"
    ]

    pd.testing.assert_frame_equal(text.drop(columns="sources"), book.drop(columns="sources"))


def test_zones_worked_on_a_few_at_a_time_give_the_same_account(ground, monkeypatch):
    rows = [*ROWS, *(f"过水量,,001,{year},1000,立方米,,,," for year in (2020, 2025)),
            *(f"{name},COD,,{year},{value},毫克/升,,,," for year in (2020, 2025)
              for name, value in (("进水浓度", 30), ("出水浓度", 20)))]  # fmt: skip
    whole = accounts_on(ground, rows).tables
    monkeypatch.setattr(account_land, "_BATCH", 1)
    few = accounts_on(ground, rows).tables

    for name, table in whole.items():
        if name.startswith(("gep", "seea")):
            other = few[name]
            pd.testing.assert_frame_equal(
                table.sort_index(), other.sort_index(), rtol=1e-9, check_like=True, obj=name
            )


def test_two_layers_that_make_up_the_district_do_not_halve_it(tmp_path):
    quarters = """
[[zones]]
path = "图层/片区.gpkg"
kind = "other"
id_field = "代码"
name_zh_field = "名称"
partition = true
"""
    file = write_accounted(tmp_path / "数据", STUDY + ZONES + quarters + ACCOUNTS + TOLD)
    write_layer(
        tmp_path / "数据" / "图层" / "片区.gpkg",
        [rectangle(0, 0, 800, 300), rectangle(0, 300, 800, 600)],
        代码=["n1", "n2"],
        名称=["南片", "北片"],
    )
    ground = ground_of(file)
    rows = without(ROWS, "产量,木材")  # told by towns, it lies in quarters as evenly as they do
    made = accounts_on(ground, rows, ground.basis.study.text).tables

    value = made["gep_totals"]["gep_yuan"].xs(2025, level="year")
    assert value["001"] + value["002"] == NEAR(value["district"], rel=1e-9)
    assert value["n1"] + value["n2"] == NEAR(value["district"], rel=1e-9)


def test_the_doctor_says_the_accounts_and_their_faults(tmp_path):
    study = write_accounted(tmp_path / "数据")
    fine = sinks("doctor", study)
    assert fine.returncode == 0, fine.stdout
    assert "核算规范  GB/T 46869—2025" in fine.stdout
    assert "统计.csv" in fine.stdout

    wrong = [*ROWS, "产粮,小麦,,2025,5,吨,,,,", "产量,小麦,009,2025,5,吨,,,,"]
    write_statistics(tmp_path / "数据" / "统计.csv", wrong)
    faulty = sinks("doctor", study)
    assert faulty.returncode == 2
    assert "SNK-S50" in faulty.stdout and "SNK-S53" in faulty.stdout
    assert "Traceback" not in faulty.stderr


def test_a_board_reads_what_was_stored_and_computes_nothing(result, tables):
    board = account_board(result, zone="gy", year=2020)

    expected = tables["gep"].xs((2020, "gy"), level=("year", "zone"))
    pd.testing.assert_frame_equal(board.services, expected)
    lines = board.gep_lines("en")
    assert all(line.isprintable() for line in lines)


def test_reports_of_own_rules_cite_the_publications_of_the_district(tmp_path):
    file = write_accounted(tmp_path / "数据", OWNED)
    write_rules(tmp_path / "数据")

    done = sinks("run", file, "--out", tmp_path / "成果")

    assert done.returncode == 0, done.stderr
    made = stored(tmp_path / "成果")
    assert made["references"].loc["own_2026", "text"] == "本区核算细则"
    parameters = made["lineage"].loc[("gep_items", "value_yuan"), "parameters"]
    assert "account_prices (价格.csv)" in parameters
    assert str(tmp_path) not in json.dumps(made["lineage"]["parameters"].to_list())
