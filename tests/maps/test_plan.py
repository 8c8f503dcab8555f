"""The plan on the page: a status board that says what the tables say, towns, ledger, red line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator

from sinks.maps.plan_figures import plan_figures
from sinks.maps.plan_layers import ledger_layers, plan_layers, redline_layer
from sinks.parameters.labels import label
from tests.maps.browser import Opened, opened
from tests.maps.conftest import written
from tests.maps.plan_scene import LEDGER, TARGETS, WETLAND_TOWNS, planned
from tests.maps.scene import Scene
from tests.maps.test_atlas import colours_shown, left_over

MET = {"yes": "已达到", "no": "未达到", "open": "尚不能判定", "unknown": "没有数"}
TOWN_LAYER = "room.overlays.find((l) => l.facts.label_kind === 'town')"


@pytest.fixture(scope="module")
def plan() -> Scene:
    return planned()


@pytest.fixture(scope="module")
def plan_page(plan: Scene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(plan, tmp_path_factory.mktemp("plan") / "page.html")


@pytest.fixture
def seen(browser: Browser, plan_page: Path) -> Iterator[Opened]:
    with opened(browser, plan_page) as page:
        page.page.get_by_role("tab", name="指标").click()
        yield page


def card(seen: Opened, name: str) -> Locator:
    heading = seen.page.locator("h3").get_by_text(name, exact=True)
    return seen.page.locator(".sinks-indicator, .sinks-reported").filter(has=heading)


def opened_card(seen: Opened, name: str) -> str:
    found = card(seen, name)
    found.locator("summary").first.click()
    return found.inner_text()


# ---- status board -----------------------------------------------------------------------


def test_computed_targets_stand_first_and_reported_ones_in_a_list(seen: Opened) -> None:
    names = {key: row[0] for key, row in TARGETS.items()}
    computed = [names[key] for key, row in TARGETS.items() if not row[5]]
    variant = "湿地保护率（第二次湿地资源调查口径）"
    assert seen.texts(".sinks-indicator h3") == [*computed, variant]
    assert seen.texts(".sinks-reported h3") == [n for n in names.values() if n not in computed]
    assert seen.texts(".sinks-board h2")[1:] == ["部门上报（3）", "其他口径与对照（1）"]


def test_every_target_has_a_light_of_its_own_shape_and_a_word(seen: Opened) -> None:
    for name, *_, met in TARGETS.values():
        badge = card(seen, name).locator(".sinks-badge")
        assert badge.inner_text() == MET[met]
        assert badge.locator("svg").count() == 1
    drawn = {met: seen.run("(m) => sinks.lightShape(m).innerHTML", met) for met in MET}
    assert len(set(drawn.values())) == len(MET)
    counted = [text.replace("\n", "") for text in seen.texts(".sinks-lights .sinks-badge")]
    assert counted == ["已达到2", "未达到3", "尚不能判定1", "没有数1"]


def test_a_gap_stands_in_points_hectares_and_mu(seen: Opened) -> None:
    for name, told in (
        ("林木覆盖率", "差 0.82\u2009个百分点 = 862.5\u2009公顷 = 12,937\u2009亩"),
        ("湿地保护率", "差 1.15\u2009个百分点 = 148.3\u2009公顷 = 2,224\u2009亩"),
        ("生态河道", "超出 1.23\u2009个百分点 = 16.3\u2009公里"),
        ("新增造林", "差 84.70\u2009亩 = 5.6\u2009公顷"),
        ("绿色工厂", "差 11\u2009家；"),
        ("新能源装机", "超出 1.55\u2009万千瓦；"),
    ):
        assert told in card(seen, name).inner_text()


def test_the_way_ahead_says_need_probability_and_what_it_is_told_from(seen: Opened) -> None:
    for name, told in (
        ("林木覆盖率", "到 2030 年每年需 0.16\u2009个百分点 = 172.5\u2009公顷 = 2,587\u2009亩"),
        ("林木覆盖率", "只有一年：没有趋势"),
        ("湿地保护率", "2030 年达到的概率 < 0.1%（三年以上的直线趋势）"),
        ("湿地保护率", "照此到 2030 年为 48.76%（48.06 – 49.46）"),
        ("生态河道", "2030 年达到的概率 > 99.9%"),
        ("新增造林", "2030 年达到的概率 38.2%（年度完成量的平均进度）"),
        ("新增造林", "4 年中有 3 年达到"),
        ("绿色工厂", "到 2030 年每年需 2.2\u2009家"),
        ("绿色工厂", "只有两年"),
        ("绿色工厂", "照此到 2030 年为 24.00\u2009家（没有区间）"),
    ):
        assert told in card(seen, name).inner_text()
    for name in ("生态河道", "新能源装机", "绿色出行"):  # nothing is needed, or nothing is known
        assert "每年需" not in card(seen, name).inner_text()


def test_figures_are_those_of_the_tables_in_the_unit_of_the_target(seen: Opened) -> None:
    shown = {row[0]: card(seen, row[0]).locator("b") for row in TARGETS.values()}
    values = {name: found.inner_text() for name, found in shown.items() if found.count()}
    assert values == {
        "林木覆盖率": "24.18%",
        "湿地保护率": "48.85%",
        "生态河道": "71.23%",
        "新增造林": "15.30\u2009亩",  # the table of indicators has hectares
        "绿色工厂": "9\u2009家",  # as reported
        "新能源装机": "61.55\u2009万千瓦",
    }
    assert "未计算" in card(seen, "绿色出行").inner_text()
    assert "22.95 – 25.41 %" in card(seen, "林木覆盖率").inner_text()
    assert "区间" not in card(seen, "新增造林").inner_text()  # a register has none


def test_a_change_too_small_to_be_seen_says_what_would_prove_it(seen: Opened) -> None:
    tree, planting = (card(seen, n).locator(".sinks-blind") for n in ("林木覆盖率", "新增造林"))
    assert tree.all_inner_texts() == [
        "全面调查图层看不出每年所需的变化（172.5\u2009公顷，至少 1,532.5\u2009公顷 才看得出）；"
        "能证明的：更准的边界测量，或项目图斑和现场验收"
    ]
    assert [text.split("看不出")[0] for text in planting.all_inner_texts()] == ["遥感制图"]
    text = opened_card(seen, "新增造林")
    assert "以文件为凭，多小都算" in text


def test_the_rule_its_numbers_and_what_changed_stand_below(seen: Opened) -> None:
    text = opened_card(seen, "湿地保护率")
    for told in ("1,234.5\u2009公顷", "湿地保护法口径", "方案（六）", label("judged_by.exact"),
                 label("evidence.register"), "33%（第二次湿地资源调查口径，演示1号）",
                 "+15.91\u2009个百分点", "−0.05\u2009个百分点"):  # fmt: skip
        assert told in text
    assert "分母" not in text  # the table has none
    assert "9.5%" in opened_card(seen, "林木覆盖率")


def test_the_years_at_hand_are_a_line_and_are_read_aloud(seen: Opened) -> None:
    read = card(seen, "新增造林").locator(".sinks-spark svg").get_attribute("aria-label")
    told = {2022: "10.80", 2023: "12.30", 2024: "13.80", 2025: "15.30"}
    assert read == "；".join(f"{year} 年 {value}\u2009亩" for year, value in told.items())
    assert card(seen, "新增造林").locator("circle.sinks-spark-dot").count() == 4
    assert card(seen, "林木覆盖率").locator(".sinks-spark").count() == 0  # one year is no line
    ys = seen.run(
        "() => Array.from(document.querySelectorAll('.sinks-spark')[0]"
        ".querySelectorAll('circle, .sinks-spark-target'))"
        ".map((n) => Number(n.getAttribute('cy') || n.getAttribute('y1')))"
    )
    target, *points = ys
    assert points == sorted(points, reverse=True)  # it rises, and stays below the target
    assert target < min(points)


# ---- towns ------------------------------------------------------------------------------


def test_towns_are_coloured_by_their_distance_to_the_target(seen: Opened) -> None:
    seen.settle()
    before = colours_shown(seen, TOWN_LAYER)
    card(seen, "湿地保护率").get_by_role("button", name="看 4 个镇").click()
    seen.settle()
    fills = seen.run(f"() => {TOWN_LAYER}.fills")
    zones = seen.run(f"() => {TOWN_LAYER}.facts.zone_ids")
    expected = {"t1": "#01665e", "t2": "#dfc27d", "t3": "#7f4a0b", "t4": "#d5d9dd"}
    assert dict(zip(zones, fills, strict=True)) == expected
    assert set(expected.values()) <= colours_shown(seen, TOWN_LAYER)
    assert seen.texts(".sinks-town-legend div") == [
        "已达到1", "未达到，已有目标的八成以上1", "未达到，不到目标的一半1", "没有数1",
    ]  # fmt: skip
    seen.page.select_option("#sinks-town-map", label="不着色")
    seen.settle()
    assert colours_shown(seen, TOWN_LAYER) == before
    assert seen.page.locator(".sinks-town-legend").count() == 0


def test_the_list_of_towns_has_value_target_and_gap_of_the_table(seen: Opened) -> None:
    seen.page.select_option("#sinks-town-map", label="湿地保护率")
    rows = seen.page.locator(".sinks-towns tbody tr")
    cells = [row.locator("td").all_inner_texts() for row in rows.all()]
    values = [value for value, *_ in WETLAND_TOWNS.values()]
    assert [row[0] for row in cells] == [*(f"{v:.2f}" for v in values[:3]), "—"]
    assert [row[1] for row in cells] == ["50.00"] * 4
    assert [row[2].split() for row in cells] == [
        ["0.00"], ["9.71", "17.3", "公顷"], ["27.54", "134.0", "公顷"], ["—"],
    ]  # fmt: skip
    signs = [row.locator("[role=img]").get_attribute("aria-label") for row in rows.all()]
    assert signs == [MET[met] for *_, met in WETLAND_TOWNS.values()]


def test_the_towns_come_to_the_map_when_they_were_hidden(seen: Opened) -> None:
    seen.run(f"() => {TOWN_LAYER}.remove()")
    seen.page.select_option("#sinks-town-map", label="湿地保护率")
    assert seen.run(f"() => map.hasLayer({TOWN_LAYER})")


def test_without_towns_with_targets_there_is_nothing_to_choose(
    browser: Browser, plan: Scene, tmp_path: Path
) -> None:
    tables = {name: t for name, t in plan.results.tables.items() if name != "targets_towns"}
    alone = replace(plan, results=replace(plan.results, tables=tables))
    with opened(browser, written(alone, tmp_path / "p.html")) as page:
        assert page.page.locator("#sinks-town-map").count() == 0
        assert page.page.locator(".sinks-indicator").count() == 5


# ---- ledger and red line ----------------------------------------------------------------


def test_a_project_tells_type_year_state_document_and_area_and_no_more(
    seen: Opened, plan: Scene
) -> None:
    places = plan.layers["projects"].to_crs("EPSG:4326").set_index("project").geometry
    told = {
        "P1": ["退圩还湖", "2022", "已验收", "有", "105.60\u2009公顷"],
        "P2": ["植被恢复", "2024", "已验收", "缺", "12.35\u2009公顷"],
        "P3": ["新建小微湿地", "2026", "计划", "尚未验收", "3.20\u2009公顷"],
        "P4": ["造林", "2025", "实施中", "尚未验收", "1.18\u2009公顷"],
    }
    for project, expected in told.items():
        centre = places[project].centroid
        seen.run("(p) => room.pointer.identify(L.latLng(p))", [centre.y, centre.x])
        popup = seen.page.locator(".sinks-popup").last  # the one before it still fades
        rows, values = (popup.locator(what).all_inner_texts() for what in ("dt", "dd"))
        at = next(i for i, name in enumerate(rows) if "（台账）" in name)
        assert rows[at + 1 : at + 5] == ["年份", "状态", "验收文件", "面积"]
        assert values[at : at + 5] == expected
    source = seen.run("() => document.documentElement.outerHTML")
    assert "秘密项目名" not in source
    assert "654321" not in source


def test_projects_are_coloured_by_state_and_the_list_of_layers_says_how(seen: Opened) -> None:
    seen.page.get_by_role("tab", name="图层").click()
    for name, keys in (
        ("湿地修复项目（台账）", ["已验收", "计划"]),
        ("造林项目（台账）", ["实施中"]),
        ("红线内的地类变化", ["疑似占用", "其他变化"]),
    ):
        row = seen.page.locator(".sinks-overlays li").filter(has_text=name)
        assert row.locator(".sinks-layer-keys > span").all_inner_texts() == keys
    seen.page.get_by_text("红线内的地类变化").click()
    seen.settle()
    layer = "room.overlays.find((l) => l.facts.name.en === 'Changes within the red line')"
    assert {"#d7191c", "#8fa3b5"} <= colours_shown(seen, layer)


def test_a_change_within_the_red_line_says_whether_it_encroaches(seen: Opened) -> None:
    seen.run("() => room.pointer.identify(L.latLng(33.415, 119.80))")
    text = seen.page.locator(".sinks-popup").inner_text().replace("\n", "")
    assert "第 1 处" in text
    assert "原类型旱地水浇地现类型城镇道路面积0.39\u2009公顷性质疑似占用" in text


def test_a_polygon_that_the_ledger_does_not_have_is_not_drawn(plan: Scene) -> None:
    layers = list(ledger_layers(plan.results, plan.layers["projects"]))
    assert sum(layer.facts()["features"] for layer in layers) == len(LEDGER)


def test_projects_without_a_ledger_are_drawn_as_they_were(plan: Scene) -> None:
    tables = {
        n: t for n, t in plan.results.tables.items() if n not in ("ledger", "redline_changes")
    }
    results = replace(plan.results, tables=tables)
    made, rest = plan_layers(results, plan.layers)
    assert made == []
    assert "projects" in rest
    assert redline_layer(results) is None


# ---- both languages, few tables -----------------------------------------------------------


def test_the_board_is_english_where_the_page_is(
    browser: Browser, plan: Scene, tmp_path: Path
) -> None:
    targets = plan.results.table("targets").assign(document="plan", department="")
    steps = plan.results.table("decompositions").assign(document="notice 1")
    units = {"家": "works", "万千瓦": "10 MW"}
    tables = {name: frame.replace(units) for name, frame in plan.results.tables.items()} | {
        "targets": targets.replace(units),
        "decompositions": steps,
    }
    english = replace(plan, results=replace(plan.results, tables=tables))
    with opened(browser, written(english, tmp_path / "p.html", language="en")) as page:
        page.page.get_by_role("tab", name="Indicators").click()
        page.page.select_option("#sinks-town-map", label="indicator 1")
        assert left_over(page) == []


def test_a_study_without_a_plan_still_shows_its_indicators(plan: Scene) -> None:
    tables = {"indicators": plan.results.table("indicators"), "zones": plan.results.table("zones")}
    figures = plan_figures(replace(plan.results, tables=tables))
    assert all(item["target"] is None and not item["towns"] for item in figures["items"])
    units = {item["unit"].zh for item in figures["items"]}
    assert units == {"%", "公顷", "家", "万千瓦"}
