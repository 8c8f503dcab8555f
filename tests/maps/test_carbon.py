"""Greenhouse gases and carbon on the page: what it says is what the tables say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser
from pyproj import Transformer

from sinks.carbon.balance import SURE, verdict
from sinks.maps.carbon_figures import GASES, carbon_figures
from tests.maps.browser import Opened, opened
from tests.maps.carbon_scene import (
    NET_BY_CODE,
    PARTS,
    SETS,
    ZONES,
    Balanced,
    U,
    balanced,
    digits_for,
)
from tests.maps.conftest import written
from tests.maps.payloads import PAYLOADS
from tests.maps.test_atlas import colours_shown, left_over

TO_MERCATOR = "EPSG:3857"
VERDICTS = {"sink": "净碳汇", "source": "净排放源", "open": "不能判定是汇是源"}
NET = [f"net_sink_{U}", f"net_sink_low_{U}", f"net_sink_high_{U}"]


@pytest.fixture(scope="module")
def balanced_scene() -> Balanced:
    return balanced()


@pytest.fixture(scope="module")
def balanced_page(balanced_scene: Balanced, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(balanced_scene, tmp_path_factory.mktemp("carbon") / "page.html")


@pytest.fixture
def seen(browser: Browser, balanced_page: Path) -> Iterator[Opened]:
    with opened(browser, balanced_page) as page:
        page.page.get_by_role("tab", name="碳收支").click()
        yield page


def choose(seen: Opened, zone: str, potentials: str = "AR5") -> None:
    order = ["district", "t1", "t2", "t3", "t4", "lake"]
    seen.page.select_option("#sinks-carbon-zone", value=str(order.index(zone)))
    seen.page.select_option("#sinks-potentials", value=potentials)


def shown(value: float, digits: int, *, sign: bool = False) -> str:
    """Write a number as the page does."""
    text = f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
    return text.replace("-", "−")


def span(low: float, high: float, digits: int) -> str:
    return f"{shown(low, digits)} – {shown(high, digits)}"


def part(seen: Opened, title: str) -> str:
    return seen.page.locator(".sinks-part", has_text=title).inner_text()


@pytest.mark.parametrize("name", SETS)
def test_the_balance_of_every_zone_reads_as_in_its_table(
    seen: Opened, balanced_scene: Balanced, name: str
) -> None:
    table = balanced_scene.results.table("balance_potentials")
    for zone in ZONES:
        choose(seen, zone, name)
        row = table.loc[(name, zone)]
        net, low, high = row[NET]
        digits = digits_for([net, low, high])
        head = seen.texts(".sinks-part .sinks-value b")
        assert head == [f"{shown(net, digits, sign=True)}\u2009吨二氧化碳当量/年"]
        said = seen.texts(".sinks-verdict")[0]
        assert f"95% 区间 {span(low, high, digits)}" in said
        assert said[1:].startswith(VERDICTS[verdict(net, row["probability_sink"])])
        text = part(seen, "2025 年温室气体净收支")
        detectable = shown(1.644854 * row[f"net_sink_se_{U}"], digits)
        assert re.search(rf"可与零分辨的最小值（90%）\s+{re.escape(detectable)}\n", text)
        ch4, n2o = SETS[name]
        assert f"GWP：{name} 潜势（CH₄ = {ch4:g}，N₂O = {n2o:g}）" in text
        assert "核算量，非可交易减排量" in text
        assert "正值为净碳汇" in text


def test_the_set_of_the_study_comes_first_and_has_the_figures_of_its_balance(
    seen: Opened, balanced_scene: Balanced
) -> None:
    assert seen.texts("#sinks-potentials option")[0] == "AR5 潜势"
    table = balanced_scene.results.table("balance")
    for zone in ZONES:
        choose(seen, zone)
        row = table.loc[zone]
        digits = digits_for(list(row[NET]))
        bars = seen.texts(".sinks-flow b")
        assert bars[0] == shown(row[f"removal_{U}"], digits)
        assert bars[1] == shown(row[f"emission_{U}"], digits)
        assert bars[2] == shown(row[NET[0]], digits, sign=True)


@pytest.mark.parametrize("name", SETS)
def test_gases_stand_in_tonnes_times_the_potential_of_the_set(seen: Opened, name: str) -> None:
    ch4, n2o = SETS[name]
    for zone in ("district", "t2"):
        choose(seen, zone, name)
        gases = ZONES[zone]
        digits = digits_for([gases.net(name), 1.66 * gases.net(name)])
        cells = [row.split("\t") for row in gas_rows(seen)]
        assert [row[0] for row in cells] == ["二氧化碳", "甲烷", "氧化亚氮"]
        emitted = [gases.co2_emitted, ch4 * gases.ch4, n2o * gases.n2o]
        assert [row[2] for row in cells] == [shown(value, digits) for value in emitted]
        assert cells[0][1] == shown(gases.co2_removed, digits)
        assert cells[1][3].startswith(shown(-ch4 * gases.ch4, digits))
        low, high = -1.66 * n2o * gases.n2o, (-1 + 0.726) * n2o * gases.n2o
        assert cells[2][3].endswith(span(low, high, digits))


def gas_rows(seen: Opened) -> list[str]:
    rows: list[str] = seen.run(
        "() => Array.from(document.querySelectorAll('.sinks-gases')[0].tBodies[0].rows)"
        ".map((r) => Array.from(r.cells).map((c) => c.textContent).join('\\t'))"
    )
    return rows


def test_under_every_set_the_gases_add_up_to_the_net_balance_of_that_set(
    balanced_scene: Balanced,
) -> None:
    figures = carbon_figures(balanced_scene.results, {})
    assert figures is not None
    table = balanced_scene.results.table("balance_potentials")[NET[0]]
    for name in SETS:
        for i, zone in enumerate(z["id"] for z in figures["zones"]):
            rows = np.array(figures["by_gas"][name][i])
            assert rows.shape == (len(GASES), 5)
            np.testing.assert_allclose(rows[:, 2].sum(), table[name, zone], rtol=1e-12)
            np.testing.assert_allclose(rows[:, 0] - rows[:, 1], rows[:, 2], rtol=1e-12)


def test_the_sign_is_told_only_where_it_is_sure() -> None:
    assert [verdict(1.0, p) for p in (1.0, SURE, SURE - 1e-4, 0.5, 0.0501, 0.05, 0.0)] == [
        "sink", "sink", "open", "open", "open", "source", "source",
    ]  # fmt: skip


def test_source_sink_and_the_untold_are_said_in_words(seen: Opened) -> None:
    for zone, word, chance in (
        ("district", "净排放源", "< 0.1%"),
        ("t1", "净碳汇", "> 99.9%"),
        ("t2", "不能判定是汇是源", "23.5%"),
        ("t3", "净碳汇", "95.0%"),
        ("t4", "净排放源", "5.0%"),
    ):
        choose(seen, zone)
        assert seen.texts(".sinks-verdict .sinks-badge span:last-child") == [word]
        assert re.search(rf"为净碳汇的概率\s+{chance}", part(seen, "2025 年温室气体净收支"))
    choose(seen, "t2", "AR6_20")  # over twenty years methane weighs more
    assert seen.texts(".sinks-verdict .sinks-badge span:last-child") == ["净排放源"]


def test_bars_run_from_one_zero_line_to_their_amounts(seen: Opened) -> None:
    choose(seen, "t2")
    gases = ZONES["t2"]
    boxes = seen.run(
        "() => Array.from(document.querySelectorAll('.sinks-flow-track')).map((track) => {"
        " const box = (n) => { const b = n.getBoundingClientRect(); return [b.left, b.right]; };"
        " const zero = box(track.querySelector('.sinks-flow-zero'))[0];"
        " return Array.from(track.querySelectorAll('i:not(.sinks-flow-zero)'))"
        ".map((n) => box(n).map((x) => x - zero)); })"
    )
    removed, emitted, net = boxes
    per_px = gases.co2_removed / removed[0][1]
    lengths = [gases.co2_emitted, 28 * gases.ch4, 265 * gases.n2o]
    end = 0.0
    for (left, right), length in zip(emitted, lengths, strict=True):
        assert right == pytest.approx(end, abs=0.1)
        end -= length / per_px
        assert left == pytest.approx(end, abs=0.1)
    assert net[0] == pytest.approx(sorted([0.0, gases.net("AR5") / per_px]), abs=0.1)
    low, high = gases.net("AR5") - 0.66 * 141.4, 0.0
    low, high = gases.net("AR5") * (1 + 0.66), gases.net("AR5") * (1 - 0.726)
    assert net[1] == pytest.approx([low / per_px, high / per_px], abs=0.1)


def test_what_decides_the_width_is_named_with_key_and_share(seen: Opened) -> None:
    choose(seen, "lake")
    assert seen.texts(".sinks-reasons bdi") == [
        "稻麦轮作 · 甲烷", "flux/rice_wheat/ch4", "湖泊 · 甲烷", "flux/lake/ch4",
        "土地覆盖图的误差", "map",
    ]  # fmt: skip
    assert seen.texts(".sinks-reasons b") == ["56.9%", "11.8%", "4.5%"]
    assert "AR5 潜势" in part(seen, "区间宽度主要取决于")


@pytest.mark.parametrize("zone", ["district", "t2"])
def test_any_year_of_the_chart_reads_as_in_its_table(
    seen: Opened, balanced_scene: Balanced, zone: str
) -> None:
    choose(seen, zone, "SAR")
    table = balanced_scene.results.table("balance_years").xs(zone, level="zone")
    assert seen.texts(".sinks-reading output") == ["2025"]
    assert "AR5 潜势" in part(seen, "逐年净收支 2020–2060")  # other sets have no years
    slider = seen.page.locator(".sinks-reading input")
    for year in (2020, 2025, 2033, 2060):
        slider.fill(str(year))
        row = table.loc[year]
        digits = digits_for(list(row[NET]))
        parts = {p: row[f"net_sink_{p}_{U}"] for p in PARTS if p != "reservoirs"}  # all zero
        assert seen.texts(".sinks-reading dd") == [
            shown(row[NET[0]], digits, sign=True),
            span(row[NET[1]], row[NET[2]], digits),
            *(shown(value, digits, sign=True) for value in parts.values()),
        ]
    slider.press("ArrowLeft")
    assert seen.texts(".sinks-reading output") == ["2059"]
    choose(seen, "t1")
    assert seen.texts(".sinks-reading output") == ["2059"]


def test_the_chart_draws_the_years_to_scale(seen: Opened, balanced_scene: Balanced) -> None:
    choose(seen, "district")
    net = balanced_scene.results.table("balance_years").xs("district", level="zone")[NET[0]]
    points, ticks = seen.run(
        "() => { const c = document.querySelector('.sinks-chart');"
        " const line = c.querySelector('.sinks-chart-net').getAttribute('points');"
        " const ticks = Array.from(c.querySelectorAll('g')).map((g) => [g.textContent,"
        " Number(g.querySelector('line').getAttribute('y1'))]);"
        " return [line.split(' ').map((p) => p.split(',').map(Number)), ticks]; }"
    )
    values = {float(name.replace(",", "").replace("−", "-")): y for name, y in ticks}
    assert 0.0 in values
    assert 3 <= len(values) <= 7
    slope, offset = np.polyfit(list(values), list(values.values()), 1)
    np.testing.assert_allclose([y for _, y in points], slope * net + offset, atol=0.1)
    steps = np.diff([x for x, _ in points])
    np.testing.assert_allclose(steps, steps.mean(), atol=0.11)
    assert seen.page.locator(".sinks-chart .sinks-part-reservoirs").count() == 0  # none here


def test_sums_to_2030_2040_and_2060_read_as_in_their_table(
    seen: Opened, balanced_scene: Balanced
) -> None:
    choose(seen, "lake")
    table = balanced_scene.results.table("balance_years").xs("lake", level="zone")
    rows = seen.run(
        "() => Array.from(document.querySelectorAll('.sinks-gases')[1].tBodies[0].rows)"
        ".map((r) => Array.from(r.cells).map((c) =>"
        " Array.from(c.childNodes).map((n) => n.textContent)))"
    )
    digits = digits_for(list(np.abs(table[NET[0]])))
    columns = ["cumulative_tco2e", "cumulative_low_tco2e", "cumulative_high_tco2e"]
    for (year, net, total), expected in zip(rows, (2030, 2040, 2060), strict=True):
        assert year == [str(expected)]
        for cell, names in ((net, NET), (total, columns)):
            value, low, high = table.loc[expected, names]
            assert cell == [shown(value, digits, sign=True), span(low, high, digits)]


def test_the_stock_as_estimated_stands_before_the_mapped_one(
    seen: Opened, balanced_scene: Balanced
) -> None:
    results = balanced_scene.results
    for zone in ("district", "t2"):  # the sample says nothing of the second
        choose(seen, zone)
        card = seen.page.locator(".sinks-card", has_text="碳储量 2025").last.inner_text()
        mapped = results.table("stock_totals").loc[(2025, zone)]
        wanted = [("按制图面积", mapped)]
        if zone == "district":
            wanted.insert(0, ("按估计面积", results.table("stock_estimates").loc[(2025, zone)]))
        places = []
        for label, row in wanted:
            figure = f"{label}\n{shown(row['stock_tc'], 0)}\u2009吨碳\n95% 区间 "
            figure += span(row["stock_low_tc"], row["stock_high_tc"], 0)
            assert figure in card
            places.append(card.index(figure))
        assert places == sorted(places)
        assert ("按估计面积" in card) == (zone == "district")
        assert "5,398（3,666 – 7,998）" in card
        assert ("3,800（1,069 – 8,886）" in card) == (zone == "district")
        assert ("68,349（取代类型的 41,010）" in card) == (zone == "district")


def test_change_so_far_stands_apart_from_the_whole_way(
    seen: Opened, balanced_scene: Balanced
) -> None:
    choose(seen, "district")
    row = balanced_scene.results.table("stock_change").loc["district"]
    estimate = balanced_scene.results.table("change_estimates").loc["district"]
    so_far = seen.page.locator(".sinks-card", has_text="已发生的变化").inner_text()
    assert f"{shown(row['change_phased_tc'], 0, sign=True)}\u2009吨碳" in so_far
    assert span(row["change_phased_low_tc"], row["change_phased_high_tc"], 0) in so_far
    assert "71.3%" in so_far
    whole = seen.page.locator(".sinks-card", has_text="到平衡态的潜在变化").inner_text()
    assert shown(row["change_tc"], 0, sign=True) in whole
    assert shown(estimate["change_tc"], 0, sign=True) in whole
    assert "新造林小班" in whole
    assert "−12" in whole


def test_only_the_whole_says_which_stands_earn_no_credits(seen: Opened) -> None:
    text = part(seen, "CCER-14-001-V01")
    assert "新造林 339.4\u2009公顷 中，214.5\u2009公顷" in text
    assert "营造经济林" in text
    assert "权属不清" not in text
    choose(seen, "t1")
    assert seen.page.locator(".sinks-part", has_text="CCER").count() == 0


def test_a_zone_chosen_in_one_panel_is_chosen_in_the_other(seen: Opened) -> None:
    choose(seen, "lake")
    seen.page.get_by_role("tab", name="分区").click()
    assert seen.page.locator("#sinks-zone").input_value() == "5"
    assert seen.texts(".sinks-zone h2 bdi") == ["大盐湖", "大盐湖"]
    seen.page.select_option("#sinks-zone", label="第2镇")
    assert seen.texts(".sinks-zone h2 bdi") == ["第2镇", "第2镇"]
    seen.page.wait_for_timeout(300)
    assert seen.page.locator(".leaflet-sinksOutline-pane path").count() == 2


def test_without_a_sample_the_balance_says_that_areas_are_mapped(
    browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, written(balanced(sampled=False), tmp_path / "p.html")) as seen:
        seen.page.get_by_role("tab", name="碳收支").click()
        text = seen.page.inner_text(".sinks-tabpage:not([hidden])")
        assert "面积为制图面积，区间不含图的误差" in text
        assert "按估计面积" not in text


def test_a_zone_on_estimated_areas_says_what_that_assumes(seen: Opened) -> None:
    for zone, estimated, assumed in (
        ("district", True, False),
        ("t1", True, True),
        ("t2", False, False),
    ):
        choose(seen, zone)
        text = part(seen, "2025 年温室气体净收支")
        assert ("面积为概率样本的估计面积" in text) == estimated
        assert ("假定此处图的误差与全区相同" in text) == assumed


def test_a_study_without_a_balance_has_no_tab_for_it(browser: Browser, small_page: Path) -> None:
    with opened(browser, small_page) as seen:
        assert seen.texts(".sinks-tab") == ["图层", "指标", "分区", "说明"]
        assert "净碳汇" not in seen.page.inner_text("body")


def test_the_net_sink_of_classes_is_a_layer_around_zero(
    seen: Opened, balanced_scene: Balanced
) -> None:
    seen.page.get_by_role("tab", name="图层").click()
    seen.page.locator(".sinks-choice-row", has_text="净碳汇").locator("input").check()
    seen.settle()
    legend = seen.texts(".sinks-legend")[0]
    for said in ("按类型", "不含小班和水库", "吨二氧化碳当量/公顷/年", "褐 = 排放源", "AR5 潜势"):
        assert said in legend
    assert seen.texts(".sinks-ticks span") == ["−8", "−4", "0", "+4", "+8"]
    assert len(colours_shown(seen, "room.base")) > 3
    brown, middle, teal = (rgb(seen, value) for value in (-7.0, 0.0, 7.0))
    assert brown[0] > 2 * brown[2]
    assert max(middle) - min(middle) < 5
    assert teal[2] > 2 * teal[0]


def rgb(seen: Opened, value: float) -> list[int]:
    """Return red, green and blue of a value of the raster that shows."""
    parts: list[int] = seen.run(
        "(v) => { const c = room.base.ramp(v); return [c & 255, c >> 8 & 255, c >> 16 & 255]; }",
        value,
    )
    return parts


def test_a_click_tells_density_and_net_sink_of_the_class(
    seen: Opened, balanced_scene: Balanced
) -> None:
    cover = balanced_scene.covers[2025]
    codes = cover.blocks.codes  # type: ignore[attr-defined]
    to_degrees = Transformer.from_crs(cover.grid.crs, "EPSG:4326", always_xy=True)
    to_mercator = Transformer.from_crs(cover.grid.crs, TO_MERCATOR, always_xy=True)
    layer = "room.bases.find((l) => l.facts.subject.zh.startsWith('净碳汇'))"
    for code in (3, 5, 2):
        row, col = np.argwhere(codes == code)[1000]
        x, y = cover.grid.transform @ (col + 0.5, row + 0.5)
        value = seen.run(f"(p) => {layer}.valueAt(p[0], p[1])", to_mercator.transform(x, y))
        lon, lat = to_degrees.transform(x, y)
        seen.run("(p) => room.pointer.identify(L.latLng(p))", [lat, lon])
        text = seen.page.locator(".sinks-popup").last.inner_text()
        if code not in NET_BY_CODE:
            assert np.isnan(value)
            assert "净碳汇" not in text
            continue
        assert value == NET_BY_CODE[code]
        assert f"{shown(value, 2, sign=True)}\u2009吨二氧化碳当量/公顷/年" in text
        density = balanced_scene.density_by_code[code]
        assert f"{density:.1f}\u2009吨碳/公顷" in text


def test_the_other_language_leaves_no_chinese_in_the_carbon_panel(seen: Opened) -> None:
    seen.page.get_by_role("button", name="Switch to English").click()
    for zone in ("district", "t2"):
        choose(seen, zone, "AR6_20")
        assert left_over(seen) == []
    assert "net source" in seen.texts(".sinks-verdict")[0]
    assert "not a tradable emission reduction" in seen.page.inner_text(".sinks-accounting")


@pytest.mark.parametrize("width", [400, 1440])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_in_the_panel_is_wider_than_it(
    browser: Browser, balanced_page: Path, width: int, language: str
) -> None:
    with opened(browser, balanced_page, width=width, height=820) as seen:
        seen.page.get_by_role("tab", name="碳收支").click()
        seen.run("(l) => sinks.speak(l)", language)
        inner, outer = seen.run(
            "() => { const p = document.querySelector('.sinks-tabpage:not([hidden])');"
            " return [p.scrollWidth, p.clientWidth]; }"
        )
        assert inner <= outer


def test_names_that_would_act_are_shown_letter_by_letter(
    browser: Browser, balanced_scene: Balanced, tmp_path: Path
) -> None:
    tables = dict(balanced_scene.results.tables)
    index = pd.MultiIndex.from_product(
        [["net_sink"], ["district"], range(len(PAYLOADS))], names=["result", "zone", "rank"]
    )
    tables["contributions"] = pd.DataFrame(
        {"parameter": PAYLOADS, "contribution_pct": 1.0, "name_zh": PAYLOADS, "name_en": PAYLOADS},
        index=index,
    )
    tables["potentials"] = tables["potentials"].assign(name_zh=PAYLOADS[4], name_en=PAYLOADS[14])
    hostile = replace(balanced_scene, results=replace(balanced_scene.results, tables=tables))
    with opened(browser, written(hostile, tmp_path / "p.html")) as seen:
        seen.page.get_by_role("tab", name="碳收支").click()
        assert seen.texts(".sinks-reasons span > bdi") == list(PAYLOADS)
        assert seen.texts(".sinks-reasons small bdi") == list(PAYLOADS)
        assert seen.texts("#sinks-potentials option") == [PAYLOADS[4]] * len(SETS)
        assert seen.run("() => window.hacked") is None


def test_the_panel_adds_little_to_the_page(balanced_page: Path, small_page: Path) -> None:
    more = balanced_page.stat().st_size - small_page.stat().st_size
    assert more / len(ZONES) < 15_000  # bytes a zone
