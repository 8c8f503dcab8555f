"""Ecosystem products on the page: what it says is what the tables say."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser

from sinks.maps.account_figures import GAPS_SHOWN, account_figures
from sinks.maps.figures import label
from sinks.maps.inert import json_text
from tests.maps.account_scene import (
    APART,
    BRIDGE,
    EXTENT,
    GROUP_OF,
    GUARDS,
    ITEMS,
    SHARE,
    YEARS,
    accounted,
    gep_change,
)
from tests.maps.browser import Opened, opened
from tests.maps.conftest import written
from tests.maps.payloads import PAYLOADS
from tests.maps.plan_scene import plan_tables
from tests.maps.scene import Scene, scene
from tests.maps.test_atlas import left_over

ORDER = ("district", "t1", "t2", "t3", "t4", "lake")
TOWN_LAYER = "room.overlays.find((l) => l.facts.label_kind === 'town')"
PANEL = ".sinks-tabpage:not([hidden])"


@pytest.fixture(scope="module")
def accounts() -> Scene:
    return accounted()


@pytest.fixture(scope="module")
def page(accounts: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(accounts, tmp_path_factory.mktemp("accounts") / "page.html")


@pytest.fixture
def seen(browser: Browser, page: Path) -> Iterator[Opened]:
    with opened(browser, page) as found:
        found.page.get_by_role("tab", name="生态产品").click()
        yield found


def choose(seen: Opened, zone: str, year: int = 2025) -> None:
    seen.page.select_option("#sinks-accounts-zone", value=str(ORDER.index(zone)))
    seen.page.select_option("#sinks-accounts-year", value=str(year))


def part(seen: Opened, title: str) -> str:
    return seen.page.locator(f"{PANEL} .sinks-part").filter(has_text=title).first.inner_text()


def digits(values: Sequence[float]) -> int:
    """Return the digits that an amount is shown with."""
    most = max(abs(value) for value in values)
    if most >= 0.1 or most == 0:
        return 0 if most >= 1000 or most == 0 else 1 if most >= 10 else 2
    return min(8, 1 + math.ceil(-math.log10(most)))


def shown(value: float, n: int, *, sign: bool = False) -> str:
    text = f"{value:+,.{n}f}" if sign else f"{value:,.{n}f}"
    return text.replace("-", "−")


def money(row: Mapping[str, Any], stem: str, per: float, *, sign: bool = False) -> tuple[str, str]:
    """Write an amount and its interval, as the page does."""
    values = [row[f"{stem}{end}_yuan"] / per for end in ("", "_low", "_high")]
    n = digits(values)
    return shown(values[0], n, sign=sign), f"{shown(values[1], n)} – {shown(values[2], n)}"


def per_zh(*values: float) -> float:
    return 1e8 if max(map(abs, values)) >= 1e9 else 1e4


def counted(accounts: Scene, zone: str, year: int) -> dict[str, Any]:
    gep = accounts.results.table("gep").xs((year, zone))
    rows = gep[gep["status"].isin(["counted", "partly"])].to_dict("index")
    return {service: rows[service] for service in GROUP_OF}


# ---- figures ----------------------------------------------------------------------------


def test_without_accounts_there_are_no_figures_and_no_tab(
    browser: Browser, small_page: Path
) -> None:
    assert account_figures(scene().results, {}) is None
    with opened(browser, small_page) as found:
        assert "生态产品" not in found.texts(".sinks-tab")


def test_figures_are_those_of_the_tables(accounts: Scene) -> None:
    figures = account_figures(accounts.results, {})
    assert figures is not None
    assert figures["years"] == list(YEARS)
    assert [zone["id"] for zone in figures["zones"]] == list(ORDER)
    services = [service["key"] for service in figures["services"]]
    assert services[:2] == ["crops", "fishery"]  # groups in order, rules in theirs
    assert set(services) == {*GROUP_OF, *APART}
    gep, items = accounts.results.table("gep"), accounts.results.table("gep_items")
    for year in YEARS:
        for i, zone in enumerate(ORDER):
            for row in figures["accounts"][str(year)][i]:
                told = gep.loc[(year, zone, services[row[0]])]
                assert row[1] == told["status"]
                if row[1] in ("counted", "partly"):
                    assert row[3] == pytest.approx(told["value_yuan"], rel=1e-11)
                else:
                    assert row[3:10] == [None] * 7
            traces = figures["traces"][str(year)][i]
            assert len(traces) == len(ITEMS)
            for row in traces:
                told = items.loc[(year, zone, list(ITEMS)[row[0]])]
                assert row[7] == pytest.approx(row[1] * row[4], rel=1e-10)
                assert row[7] == pytest.approx(told["value_yuan"], rel=1e-11)


def test_gaps_are_counted_in_full_listed_in_part_and_missing_first(accounts: Scene) -> None:
    figures = account_figures(accounts.results, {})
    assert figures is not None
    gaps = figures["gaps"]
    district, town = gaps["of"]["2025"][:2]
    assert (district["count"], district["missing"], len(district["rows"])) == (40, 5, GAPS_SHOWN)
    assert (town["count"], len(town["rows"])) == (3, 3)
    effects = [gaps["rows"][k][0] for k in district["rows"]]
    assert effects == ["missing"] * 5 + ["default_used"] * 25
    assert len(gaps["rows"]) == GAPS_SHOWN  # told once for all zones and years


def test_extent_of_a_zone_closes_and_assets_add_up(accounts: Scene) -> None:
    figures = account_figures(accounts.results, {})
    assert figures is not None
    for i, zone in enumerate(ORDER):
        extent, assets = figures["seea"]["extent"][i], figures["seea"]["assets"][i]
        assert len(extent["rows"]) == len(EXTENT)
        for row in (*(row[2:9] for row in extent["rows"]), extent["total"]):
            opening, up, up_alone, down, down_alone, appraised, closing = row
            after = opening + up + up_alone - down - down_alone + appraised
            assert closing == pytest.approx(after)
        table = accounts.results.table("seea_assets").xs(zone)
        assert assets["total"][0] == pytest.approx(table["opening_yuan"].sum())
        assert assets["total"][4] == pytest.approx(table["closing_yuan"].sum())


def test_few_tables_are_enough(accounts: Scene) -> None:
    tables = {"gep", "gep_totals", "zones", "classes"}
    kept = {name: accounts.results.table(name) for name in tables}
    figures = account_figures(replace(accounts.results, tables=kept), {})
    assert figures is not None
    assert figures["rule_set"] is None
    assert figures["change"] == [None] * len(ORDER)
    assert figures["guards"] == []
    assert figures["items"] == []
    json_text(figures)


# ---- the whole ----------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_the_whole_reads_as_in_its_table(seen: Opened, accounts: Scene, year: int) -> None:
    totals = accounts.results.table("gep_totals")
    for zone in SHARE:
        choose(seen, zone, year)
        row = totals.loc[(year, zone)]
        per = per_zh(row["gep_yuan"], row["gep_high_yuan"])
        value, interval = money(row, "gep", per)
        unit = "亿元" if per == 1e8 else "万元"
        assert seen.texts(f"{PANEL} .sinks-value b") == [f"{value}\u2009{unit}"]
        text = part(seen, f"生态产品总值（GEP）{year} 年")
        assert f"95% 区间 {interval}" in text
        assert f"{shown(row['gep_yuan_per_ha'], 0)}\u2009元/公顷" in text
        assert f"{year} 年现价" in text
        assert "按 2020 年不变价" in text
        assert "核算规范，2022-481" in text
        assert "尚未对照原件核对" in text
        for share in ("44.1%", "24.3%", "31.6%"):
            assert share in text
        for group in ("provisioning", "regulating", "cultural"):
            value, interval = money(row, group, per)
            assert f"{label('service_group', group).zh}\t{value}\n{interval}" in text


def test_a_zone_below_the_county_is_for_reference_and_a_site_is_not_added(seen: Opened) -> None:
    badge = f"{PANEL} .sinks-value .sinks-badge"
    assert seen.texts(badge) == []
    for zone in ("t1", "lake"):
        choose(seen, zone)
        assert seen.texts(badge) == [label("standing", "reference").zh]
        assert seen.page.locator(f"{badge} svg").count() == 1  # a shape beside the colour
        overlap = "重点区域与乡镇重叠，不加入全区合计"
        assert (overlap in seen.page.inner_text(PANEL)) == (zone == "lake")


def test_a_zone_chosen_elsewhere_is_chosen_here(seen: Opened) -> None:
    seen.page.get_by_role("tab", name="分区").click()
    seen.page.select_option("#sinks-zone", label="大盐湖")
    seen.page.get_by_role("tab", name="生态产品").click()
    assert seen.texts(f"{PANEL} .sinks-zone h2 bdi") == ["大盐湖"]


# ---- services ----------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["district", "t2", "lake"])
def test_there_is_a_bar_for_every_counted_service_with_its_figures(
    seen: Opened, accounts: Scene, zone: str
) -> None:
    for year in YEARS:
        choose(seen, zone, year)
        rows = counted(accounts, zone, year)
        ends = [r[f"value{e}_yuan"] for r in rows.values() for e in ("", "_low", "_high")]
        bars = seen.page.locator("button.sinks-service")
        assert bars.count() == len(rows)
        for k, (service, row) in enumerate(rows.items()):
            bar = bars.nth(k)
            assert bar.locator("bdi").inner_text() == label("service", service).zh
            value, interval = money(row, "value", per_zh(*ends))
            figure = bar.locator(".sinks-figure")
            assert figure.locator("b").inner_text() == value
            assert figure.locator("small").inner_text() == interval
            share = shown(row["share_pct"], 1)
            assert f"{share}%" in bar.locator(".sinks-service-name").inner_text()


def test_bars_run_from_one_zero_line_losses_to_the_left(seen: Opened, accounts: Scene) -> None:
    rows = counted(accounts, "district", 2025)
    boxes = seen.run(
        "() => Array.from(document.querySelectorAll('button.sinks-service .sinks-flow-track'))"
        ".map((track) => { const box = (n) => { const b = n.getBoundingClientRect();"
        " return [b.left, b.right]; };"
        " const zero = box(track.querySelector('.sinks-flow-zero'))[0];"
        " return [zero].concat(Array.from(track.querySelectorAll('i:not(.sinks-flow-zero)'))"
        ".map((n) => box(n).map((x) => x - zero))); })"
    )
    assert max(box[0] for box in boxes) - min(box[0] for box in boxes) < 0.1
    per_px = rows["fishery"]["value_yuan"] / boxes[1][1][1]
    for (_, bar, whisker), row in zip(boxes, rows.values(), strict=True):
        assert bar == pytest.approx(sorted([0.0, row["value_yuan"] / per_px]), abs=0.1)
        ends = [row["value_low_yuan"] / per_px, row["value_high_yuan"] / per_px]
        assert whisker[0] == pytest.approx(ends[0], abs=0.1)
        assert whisker[1] == pytest.approx(max(ends[1], ends[0] + 2), abs=0.1)  # at least 2 px


def test_services_apart_say_why_in_words(seen: Opened) -> None:
    text = part(seen, "没有计入的科目（3）")
    for service, (_, status, zh, _) in APART.items():
        name, state = label("service", service).zh, label("service_status", status).zh
        assert f"{name}\n{state}：{zh}" in text
    assert label("service_status", "partly").zh in text


@pytest.mark.parametrize("how", ["click", "Enter", "Space"])
def test_a_bar_opens_to_what_it_is_made_of(seen: Opened, accounts: Scene, how: str) -> None:
    choose(seen, "t1", 2025)
    bar = seen.page.locator("button.sinks-service").nth(3)
    trace = seen.page.locator(".sinks-trace")
    assert trace.count() == 0
    if how == "click":
        bar.click()
    else:
        bar.press(how)
    assert bar.get_attribute("aria-expanded") == "true"
    text = trace.inner_text()
    items = accounts.results.table("gep_items").xs((2025, "t1"))
    for item in ("cod", "tn"):
        row = items.loc[item]
        quantity = [row[f"quantity{end}"] for end in ("", "_low", "_high")]
        price = [row[f"unit_value{end}_yuan"] for end in ("", "_low", "_high")]
        value = row["value_yuan"] / 1e4
        told = (
            f"{shown(quantity[0], digits(quantity))}\u2009千克 × "
            f"{shown(price[0], digits(price))}\u2009元/千克 = "
            f"{shown(value, digits([value]))}\u2009万元"
        )
        assert told in text
        interval = money(row, "value", 1e4)[1]
        assert f"{interval}\u2009万元" in text
        assert row["sources"] in text
        for key in ("spread", "rests_on"):
            assert label(key, str(row[key])).zh in text
    assert "数量乘以单价" in text
    assert "ndrc_2022，table 3" in text
    bar.press("Enter")
    assert trace.count() == 0


def test_an_open_bar_stays_open_in_other_zones_and_years(seen: Opened) -> None:
    seen.page.locator("button.sinks-service").nth(1).click()
    first = seen.page.locator(".sinks-product").inner_text()
    assert "未扣成本的产值" in seen.page.locator(".sinks-trace").inner_text()
    choose(seen, "lake", 2020)
    assert seen.page.locator(".sinks-product").count() == 1
    assert seen.page.locator(".sinks-product").inner_text() != first


def test_an_item_that_is_not_counted_says_so(seen: Opened) -> None:
    seen.page.locator("button.sinks-service").nth(4).click()
    articles = seen.page.locator(".sinks-trace article").all_inner_texts()
    assert ["不计入" in text for text in articles] == [False, True]


# ---- change, towns, gaps, checks ----------------------------------------------------------


def test_change_is_told_by_quantity_price_and_at_constant_prices(
    seen: Opened, accounts: Scene
) -> None:
    table = gep_change(accounts.results.table("gep"))
    for zone in ("district", "t3"):
        choose(seen, zone)
        row = table.loc[(zone, "all")]
        ends = [row[f"{s}{e}_yuan"] for s in ("change", "constant_change")
                for e in ("", "_low", "_high")]  # fmt: skip
        figures = seen.texts("div.sinks-service .sinks-figure b")
        ranges = seen.texts("div.sinks-service .sinks-figure small")
        stems = ("change", "quantity_effect", "price_effect", "constant_change")
        wanted = [money(row, stem, per_zh(*ends), sign=True) for stem in stems]
        assert list(zip(figures, ranges, strict=True)) == wanted
        text = part(seen, "2020 → 2025 年变化")
        assert f"{shown(row['constant_change_pct'], 1, sign=True)}%" in text


def test_towns_are_coloured_by_gep_of_a_hectare(seen: Opened, accounts: Scene) -> None:
    seen.page.get_by_role("button", name="在地图上着色").click()
    totals = accounts.results.table("gep_totals")["gep_yuan_per_ha"]
    table = seen.page.locator(f"{PANEL} .sinks-part").filter(has_text="单位面积 GEP")
    rows = table.locator("tbody tr").all_inner_texts()
    wanted = sorted(((totals[2025, town], town) for town in ORDER[1:5]), reverse=True)
    assert [row.split("\t")[1] for row in rows] == [shown(value, 0) for value, _ in wanted]
    fills = seen.run(f"() => {TOWN_LAYER}.fills")
    assert len(set(fills)) == 4
    assert "GEP 2025（元/公顷）" in seen.page.inner_text(".sinks-town-legend")
    seen.page.select_option("#sinks-accounts-year", value="2020")
    assert "GEP 2020（元/公顷）" in seen.page.inner_text(".sinks-town-legend")
    seen.page.get_by_role("button", name="在地图上着色").click()
    assert seen.page.locator(".sinks-town-legend").count() == 0
    assert seen.run(f"() => {TOWN_LAYER}.fills") is None


def test_one_colouring_of_towns_takes_the_place_of_the_other(
    browser: Browser, accounts: Scene, tmp_path: Path
) -> None:
    tables = {**accounts.results.tables, **plan_tables()}
    both = replace(accounts, results=replace(accounts.results, tables=tables))
    with opened(browser, written(both, tmp_path / "p.html")) as found:
        found.page.get_by_role("tab", name="生态产品").click()
        button = found.page.get_by_role("button", name="在地图上着色")
        button.click()
        found.page.get_by_role("tab", name="指标").click()
        found.page.select_option("#sinks-town-map", index=1)
        assert found.page.locator(".sinks-town-legend").count() == 1
        assert "湿地保护率" in found.page.inner_text(".sinks-town-legend")
        found.page.get_by_role("tab", name="生态产品").click()
        assert button.get_attribute("aria-pressed") == "false"
        button.click()
        assert found.page.locator(".sinks-town-legend").count() == 1
        assert found.page.locator("#sinks-town-map").input_value() == ""


def test_gaps_are_listed_with_default_service_and_department(seen: Opened) -> None:
    assert "缺 5 项，用缺省值 35 项" in part(seen, "数据缺项（40）")
    seen.page.get_by_text("列出 30 项").click()
    rows = seen.page.locator(".sinks-gaps li").all_inner_texts()
    assert len(rows) == GAPS_SHOWN
    assert rows[0].startswith("缺 产量 · p0")
    for told in ("缺省 产量", "暂用 12.5（yearbook 2024）", "农业产品、渔业产品", "农业农村局"):
        assert told in rows[-1]
    choose(seen, "t2")
    assert seen.page.locator(".sinks-gaps").count() == 0


def test_checks_pass_or_are_flagged_in_shape_and_word(seen: Opened) -> None:
    rows = seen.page.locator(".sinks-guards li")
    shapes = []
    for k, (zh, _, passed, finding, _) in enumerate(GUARDS.values()):
        text = rows.nth(k).inner_text()
        for told in (zh, finding, "通过" if passed else "须处理"):
            assert told in text
        shapes.append(rows.nth(k).locator("svg").inner_html())
    assert len(set(shapes)) == 2


# ---- SEEA ----------------------------------------------------------------------------------


def test_extent_assets_condition_and_bridge_read_as_in_their_tables(
    seen: Opened, accounts: Scene
) -> None:
    choose(seen, "district")
    text = part(seen, "SEEA EA 账户")
    assert "流量" in text
    assert "不能相加" in text
    rows = seen.page.locator(f"{PANEL} table").filter(has_text="范围账户").locator("tbody tr")
    paddy = rows.filter(has_text="水田")
    assert paddy.locator("td > span").all_inner_texts() == ["1,235", "1,193"]
    assert paddy.locator("small").all_inner_texts() == [
        "T7.1", "估计 1,284", "1,185 – 1,383", "自然扩大 +3.25", "人为缩小 −41.7",
        "自然缩小 −2.20", "重新评估 −1.31", "估计 1,240", "1,145 – 1,336",
    ]  # fmt: skip
    for told in ("植被覆盖度\nmap", "61.2%", "2/3 个变量"):
        assert told in text
    assets = accounts.results.table("seea_assets").xs("district")
    total = assets["closing_yuan"].sum()
    assert shown(total / 1e8, digits([total / 1e8])) in text
    assert "100 年，贴现率 3%" in text
    bridge = accounts.results.table("seea_bridge").xs((2025, "district")).sort_values("order")
    table = seen.page.locator(f"{PANEL} table").filter(has_text="从 GEP 到 SEEA")
    rows = [row.split("\t") for row in table.locator("tbody tr").all_inner_texts()]
    assert len(rows) == len(BRIDGE)
    for row, told in zip(rows, bridge.to_dict("records"), strict=True):
        cumulative = told["cumulative_yuan"] / 1e4
        assert row[0] == told["name_zh"]
        assert row[2] == shown(cumulative, digits([cumulative]))


def test_a_zone_without_an_account_says_so(
    browser: Browser, accounts: Scene, tmp_path: Path
) -> None:
    tables = {
        name: table[table.index.get_level_values("zone") != "lake"]
        if name.startswith(("gep", "seea")) and "zone" in table.index.names
        else table
        for name, table in accounts.results.tables.items()
    }
    without = replace(accounts, results=replace(accounts.results, tables=tables))
    with opened(browser, written(without, tmp_path / "p.html")) as found:
        found.page.get_by_role("tab", name="生态产品").click()
        choose(found, "lake")
        assert "这个分区没有生态产品账户" in found.page.inner_text(PANEL)


# ---- languages, widths, foreign names -------------------------------------------------------


def test_the_other_language_leaves_no_chinese_in_the_panel(seen: Opened, accounts: Scene) -> None:
    seen.page.get_by_role("button", name="Switch to English").click()
    seen.page.locator("button.sinks-service").nth(5).click()
    seen.page.get_by_role("button", name="Colour the map").click()
    for zone in ("district", "lake"):
        choose(seen, zone)
        assert left_over(seen) == []
        row = accounts.results.table("gep_totals").loc[(2025, zone)]
        value, _ = money(row, "gep", 1e6)
        assert seen.texts(f"{PANEL} .sinks-value b") == [f"{value}\u2009million yuan"]


@pytest.mark.parametrize("width", [390, 1366, 1920])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_in_the_panel_is_wider_than_it(
    browser: Browser, page: Path, width: int, language: str
) -> None:
    with opened(browser, page, width=width, height=820) as found:
        found.page.locator("#sinks-tab-accounts").click()
        found.run("(l) => sinks.speak(l)", language)
        for k in range(len(GROUP_OF)):
            found.page.locator("button.sinks-service").nth(k).click()
        for summary in found.page.locator(f"{PANEL} summary").all():
            summary.click()
        for zone in ("district", "lake"):
            choose(found, zone)
            inner, outer = found.run(
                f"() => {{ const p = document.querySelector('{PANEL}');"
                " return [p.scrollWidth, p.clientWidth]; }"
            )
            assert inner <= outer


def test_names_that_would_act_are_shown_letter_by_letter(
    browser: Browser, accounts: Scene, tmp_path: Path
) -> None:
    tables = dict(accounts.results.tables)
    guards = pd.DataFrame(
        {"name_zh": PAYLOADS, "name_en": PAYLOADS, "passed": True, "finding_zh": PAYLOADS,
         "finding_en": PAYLOADS},
        index=pd.Index([f"g{k}" for k in range(len(PAYLOADS))], name="guard"),
    )  # fmt: skip
    tables["gep_guards"] = guards
    bad = PAYLOADS[10]
    tables["account_items"] = tables["account_items"].assign(name_zh=bad, name_en=bad)
    tables["account_formulas"] = tables["account_formulas"].assign(text_zh=PAYLOADS[14])
    tables["gep_items"] = tables["gep_items"].assign(sources=PAYLOADS[15])
    tables["gep"] = tables["gep"].assign(reason_zh=PAYLOADS[11], reason_en=PAYLOADS[0])
    tables["rule_set"] = tables["rule_set"].assign(name_zh=bad, document=PAYLOADS[5])
    tables["gep_gaps"] = tables["gep_gaps"].assign(name_zh=bad, default_source=PAYLOADS[12])
    tables["seea_bridge"] = tables["seea_bridge"].assign(name_zh=bad, name_en=bad)
    hostile = replace(accounts, results=replace(accounts.results, tables=tables))
    with opened(browser, written(hostile, tmp_path / "p.html")) as found:
        found.page.get_by_role("tab", name="生态产品").click()
        assert found.texts(".sinks-guards b bdi") == [text.strip() for text in PAYLOADS]
        found.page.locator("button.sinks-service").first.click()
        text = found.page.locator(".sinks-trace").inner_text()
        for told in (bad, PAYLOADS[14], PAYLOADS[15], PAYLOADS[11]):
            assert told in text
        assert bad in found.page.locator(".sinks-gaps").first.text_content()  # type: ignore[operator]
        assert found.run("() => window.hacked") is None


def test_the_panel_adds_little_to_the_page(page: Path, small_page: Path) -> None:
    more = page.stat().st_size - small_page.stat().st_size
    assert more / len(SHARE) < 15_000  # bytes a zone
