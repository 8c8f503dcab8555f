"""The page of a study, used as a clerk uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from playwright.sync_api import Browser
from pyproj import CRS

from sinks.grid import Grid
from sinks.landcover.cover import cover_from_array
from sinks.maps.assets import SCRIPTS, interface_words
from tests.maps.browser import Opened, opened
from tests.maps.conftest import written
from tests.maps.scene import LEGEND, Scene, scene

ASSETS = Path(__file__).parents[2] / "sinks" / "maps" / "assets"
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")


@pytest.fixture
def seen(browser: Browser, small_page: Path) -> Iterator[Opened]:
    with opened(browser, small_page) as page:
        page.settle()
        yield page


def colours_shown(seen: Opened, layer: str) -> set[str]:
    """Colours on the canvas of a layer."""
    return set(
        seen.run(
            f"""() => {{
              const {{ canvas }} = {layer}._shown;
              const data = new Uint32Array(canvas.getContext('2d')
                .getImageData(0, 0, canvas.width, canvas.height).data.buffer);
              return Array.from(new Set(data)).filter((v) => v >>> 24).map((v) => '#' +
                [v & 255, v >> 8 & 255, v >> 16 & 255]
                .map((b) => b.toString(16).padStart(2, '0')).join(''));
            }}"""
        )
    )


def middle_of_map(seen: Opened) -> tuple[float, float]:
    box = seen.page.locator(".leaflet-container").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_page_opens_with_everything_in_view(seen: Opened, small_scene: Scene) -> None:
    assert seen.page.title() == small_scene.results.name_zh
    assert "合成数据，仅供演示" in seen.texts(".sinks-banner")[0]
    footer = seen.texts(".sinks-footer")[0]
    for part in ("2020、2025", "CGCS2000", "sinks 0.1.0", "0123456789ab", "内部用图", "审图号"):
        assert part in footer
    assert seen.texts(".leaflet-control-attribution") == ["Leaflet"]
    west, south, east, north = small_scene.layers["zones"].to_crs("EPSG:4326").total_bounds
    corners = [[south, west], [north, east]]
    size, box = seen.run(
        "(c) => { const b = L.latLngBounds(c), s = map.getSize();"
        " const p = map.latLngToContainerPoint(b.getNorthWest());"
        " const q = map.latLngToContainerPoint(b.getSouthEast());"
        " return [[s.x, s.y], [p.x, p.y, q.x, q.y]]; }",
        corners,
    )
    assert min(box[0], box[1], size[0] - box[2], size[1] - box[3]) >= 0
    filled = max((box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1])
    assert filled > 0.93  # no wide empty margins


def test_a_study_of_one_year_on_coarse_degrees_opens_as_well(
    browser: Browser, small_scene: Scene, tmp_path: Path
) -> None:
    codes = np.array([[1, 3, 0], [4, 4, 7]], np.uint8)
    grid = Grid(
        crs=CRS("EPSG:4490"), transform=Affine(0.05, 0, 119.75, 0, -0.05, 33.45), shape=(2, 3)
    )
    cover = cover_from_array(codes, grid=grid, legend=LEGEND, year=2025)
    tables = dict(small_scene.results.tables)
    for name in ("stock_change", "targets", "indicators"):
        tables.pop(name)
    results = replace(small_scene.results, years=(2025,), tables=tables, findings=())
    one_year = replace(small_scene, results=results, covers={2025: cover})
    with opened(browser, written(one_year, tmp_path / "p.html")) as seen:
        seen.settle()
        assert seen.texts(".sinks-pill") == ["2025", "2025"]
        assert "2025" in seen.texts(".sinks-subtitle")[0]
        seen.page.get_by_role("tab", name="分区").click()
        assert seen.texts(".sinks-zone thead th") == ["类型", "2025"]
        assert (
            seen.run(
                "(p) => room.bases[0].codeAt(...sinks.mercator(L.latLng(p)))", [33.43, 119.83]
            )
            == 3
        )
        assert len(colours_shown(seen, "room.base")) == 4


def test_real_data_carries_no_banner(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(scene(synthetic=False), tmp_path / "p.html")) as seen:
        assert seen.page.locator(".sinks-banner").count() == 0
        assert "合成" not in seen.page.inner_text("body")


def test_the_legend_states_the_hectares_of_the_result_table(
    seen: Opened, small_scene: Scene
) -> None:
    areas = small_scene.results.table("areas")["area_ha"].xs((2025, "district"))
    rows = seen.texts(".sinks-class")
    assert len(rows) == len(LEGEND.classes)
    for row, c in zip(rows, LEGEND.classes, strict=True):
        area_ha = areas[c.key]
        assert row == f"{c.zh}{area_ha:,.1f}\u2009公顷{100 * area_ha / areas.sum():.1f}%"
    assert f"{areas.sum():,.1f}" in seen.texts(".sinks-legend-total")[0]


def test_a_click_hides_a_class_and_the_space_bar_brings_it_back(seen: Opened) -> None:
    paddy = LEGEND.by_key["PAD"].colour
    assert paddy in colours_shown(seen, "room.base")
    row = seen.page.locator(".sinks-class", has_text="水田")
    row.click()
    assert row.get_attribute("aria-checked") == "false"
    assert paddy not in colours_shown(seen, "room.base")
    seen.page.keyboard.press("Space")  # focus stayed on the row
    assert row.get_attribute("aria-checked") == "true"
    assert paddy in colours_shown(seen, "room.base")
    seen.page.click("text=全部隐藏")
    assert colours_shown(seen, "room.base") == set()
    seen.page.click("text=全部显示")
    assert paddy in colours_shown(seen, "room.base")


def test_one_raster_shows_at_a_time(seen: Opened) -> None:
    for number in range(5):
        seen.page.locator(".sinks-pill input").nth(number).check()
        seen.settle()
        assert seen.run("() => room.bases.map((l) => map.hasLayer(l))") == [
            i == number for i in range(5)
        ]
        assert seen.page.locator("canvas.sinks-pixels").count() == 1
    assert "吨碳/公顷" in seen.texts(".sinks-legend")[0]


def test_overlays_come_and_go_and_keep_their_order(seen: Opened) -> None:
    boxes = seen.page.locator(".sinks-overlays input")
    shown = seen.page.locator("canvas.sinks-shapes")
    before = shown.count()
    wetlands = seen.page.locator(".sinks-overlays li", has_text="湿地").locator("input")
    wetlands.check()
    seen.settle()
    assert shown.count() == before + 1
    orders = seen.page.eval_on_selector_all(
        "canvas.sinks-shapes", "nodes => nodes.map((n) => Number(n.style.zIndex))"
    )
    assert len(set(orders)) == len(orders)
    for i in range(boxes.count()):
        boxes.nth(i).uncheck()
    assert shown.count() == 0


def test_opacity_fades_the_raster(seen: Opened) -> None:
    seen.page.locator(".sinks-opacity input").fill("40")
    assert seen.run("() => map.getPane('sinksBase').style.opacity") == "0.4"
    assert seen.texts(".sinks-opacity output") == ["40%"]


def test_the_tooltip_names_place_classes_and_density(seen: Opened) -> None:
    seen.page.mouse.move(*middle_of_map(seen))
    tooltip = seen.page.locator(".sinks-tooltip")
    tooltip.wait_for()
    text = tooltip.inner_text()
    assert re.search(r"第\d镇", text)
    assert "土地覆盖 2020" in text
    assert "土地覆盖 2025" in text
    assert "碳密度变化 2020 → 2025" in text or "碳密度" not in text
    assert "盐湖区" not in text  # everything lies in the district


def test_a_click_identifies_and_gives_chinese_survey_axes(seen: Opened) -> None:
    seen.page.mouse.click(*middle_of_map(seen))
    popup = seen.page.locator(".sinks-popup")
    popup.wait_for()
    text = popup.inner_text()
    northing = re.search(r"X（北）\s+([\d,.]+) m", text)
    easting = re.search(r"Y（东）\s+([\d,.]+) m", text)
    assert northing
    assert easting
    assert northing[1].startswith("3,697,")
    assert easting[1].startswith("48")
    assert "EPSG:4549" in text


def test_enter_identifies_the_centre_of_the_map(seen: Opened) -> None:
    seen.page.locator(".leaflet-container").focus()
    seen.page.keyboard.press("Enter")
    seen.page.locator(".sinks-popup").wait_for()


def test_the_swipe_bar_moves_by_keyboard_and_mouse(seen: Opened) -> None:
    seen.page.click("text=卷帘对比")
    seen.settle()
    bar = seen.page.locator(".sinks-bar")
    assert seen.texts(".sinks-tag") == ["土地覆盖 2020", "土地覆盖 2025"]
    assert seen.run("() => room.bases.filter((l) => map.hasLayer(l)).length") == 2
    bar.focus()
    for _ in range(5):
        seen.page.keyboard.press("ArrowLeft")
    assert bar.get_attribute("aria-valuenow") == "40"
    centre = seen.run("() => map.getCenter()")
    seen.page.keyboard.press("End")
    assert bar.get_attribute("aria-valuenow") == "100"
    assert seen.run("() => map.getCenter()") == centre  # the map stood still
    seen.page.keyboard.press("Home")
    box = seen.page.locator(".leaflet-container").bounding_box()
    assert box
    seen.page.mouse.move(box["x"] + 4, box["y"] + box["height"] / 2)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 60, steps=4)
    seen.page.mouse.up()
    assert bar.get_attribute("aria-valuenow") == "75"
    seen.page.locator(".sinks-versus select").select_option(label="碳密度 2020")
    seen.page.locator(".sinks-pill input").nth(2).check()  # what was left becomes the base
    seen.settle()
    assert seen.texts(".sinks-tag") == ["土地覆盖 2025", "碳密度 2020"]
    seen.page.click("text=卷帘对比")
    assert seen.page.locator(".sinks-bar").count() == 0
    assert seen.run("() => room.bases.filter((l) => map.hasLayer(l)).length") == 1


def test_popups_lie_above_the_swipe_bar(seen: Opened) -> None:
    seen.page.click("text=卷帘对比")
    x, y = middle_of_map(seen)
    seen.page.mouse.click(x + 20, y + 60)
    seen.page.locator(".sinks-popup").wait_for()
    seen.page.wait_for_timeout(300)
    top = seen.run(
        "() => { const b = document.querySelector('.sinks-bar').getBoundingClientRect();"
        " const p = document.querySelector('.sinks-popup').getBoundingClientRect();"
        " const n = document.elementFromPoint(b.left + b.width / 2, p.top + 20);"
        " return !!n.closest('.sinks-popup'); }"
    )
    assert top


def test_indicators_stand_beside_their_targets(seen: Opened) -> None:
    seen.page.get_by_role("tab", name="指标").click()
    for summary in seen.page.locator(".sinks-indicator:first-of-type summary").all():
        summary.click()
    first, second, third = seen.page.locator(".sinks-indicator").all_inner_texts()
    for part in (
        "林木覆盖率",
        "23.40%",
        "稳定在 25%",
        "2030",
        "未达到",
        "1.60",
        "22.60 – 24.20",
        "1,234.5\u2009公顷",
        "5,000.3\u2009公顷",
        "22.20%",
        "登记",
    ):
        assert part in first
    assert "不能判定" in second
    assert "未计算" in third
    towns = seen.texts(".sinks-indicator:first-of-type tbody th")
    assert towns == ["第1镇", "第3镇", "第4镇", "第2镇"]  # the highest first


def test_choosing_a_zone_goes_there_and_shows_its_figures(
    seen: Opened, small_scene: Scene
) -> None:
    seen.page.get_by_role("tab", name="分区").click()
    seen.page.select_option("#sinks-zone", label="大盐湖")
    seen.page.wait_for_timeout(500)
    lake = small_scene.layers["zones"].to_crs("EPSG:4326").set_index("zone").geometry["lake"]
    inside = seen.run(
        "(c) => map.getBounds().contains(c) && map.getZoom() > 14",
        [[lake.bounds[1], lake.bounds[0]], [lake.bounds[3], lake.bounds[2]]],
    )
    assert inside
    text = seen.page.inner_text(".sinks-zone")
    totals = small_scene.results.table("stock_totals").loc[(2025, "lake")]
    assert f"{totals['stock_tc']:,.0f}\u2009吨碳" in text
    assert f"{totals['stock_low_tc']:,.0f} – {totals['stock_high_tc']:,.0f}" in text
    assert "账目转移" in text  # not all of the change passes through the air
    assert "−30" in text
    areas = small_scene.results.table("areas")["area_ha"].xs("lake", level="zone").unstack("year")
    cells = (
        seen.page.locator(".sinks-zone tbody tr", has_text="水田").locator("td").all_inner_texts()
    )
    assert cells[:2] == [f"{areas.loc['PAD', y]:,.1f}" for y in (2020, 2025)]
    assert seen.page.locator(".leaflet-sinksOutline-pane path").count() == 2


def test_the_other_language_leaves_no_chinese_behind(seen: Opened) -> None:
    seen.page.click("text=卷帘对比")
    x, y = middle_of_map(seen)
    seen.page.mouse.click(x + 60, y)
    seen.page.locator(".sinks-popup").wait_for()
    seen.page.get_by_role("button", name="Switch to English").click()
    seen.page.mouse.move(400, 500)
    assert left_over(seen) == []
    assert seen.page.title() == "Ecological atlas of Yanhu"
    for tab in ("Indicators", "Zones", "Notes", "Layers"):
        seen.page.get_by_role("tab", name=tab).click()
        for summary in seen.page.locator("summary:visible").all():
            summary.click()
        assert left_over(seen) == []
    seen.page.locator(".sinks-pill input").nth(4).check()
    assert left_over(seen) == []
    assert seen.run("() => document.documentElement.lang") == "en"
    seen.page.get_by_role("button", name="切换为中文").click()
    assert "土地覆盖" in seen.page.inner_text(".sinks-side")


def left_over(seen: Opened) -> list[str]:
    """Chinese in texts and in the attributes that are read aloud, but for the language button."""
    texts = seen.run(
        """() => Array.from(document.querySelectorAll('body *')).filter((n) =>
             !n.closest('script, style, noscript, #sinks-too-old')
             && n.getAttribute('aria-label') !== '切换为中文')
           .flatMap((n) => [
             ...Array.from(n.childNodes).filter((c) => c.nodeType === 3).map((c) => c.data),
             ...['title', 'aria-label', 'placeholder', 'label', 'alt']
               .map((a) => n.getAttribute(a) || '')])"""
    )
    return [text for text in texts if CHINESE.search(text)]


def test_a_page_can_start_in_english(browser: Browser, small_scene: Scene, tmp_path: Path) -> None:
    with opened(browser, written(small_scene, tmp_path / "p.html", language="en")) as seen:
        assert seen.page.title() == "Ecological atlas of Yanhu"
        assert left_over(seen) == []


def test_every_control_is_reached_by_the_tab_key(seen: Opened) -> None:
    seen.page.click("text=卷帘对比")
    wanted = seen.run(
        """() => { const all = Array.from(document.querySelectorAll(
             'button, select, input, a[href], .sinks-bar, summary'))
             .filter((n) => n.offsetParent && n.tabIndex >= 0);
           all.forEach((n, i) => { n.mark = i; });
           const radios = all.filter((n) => n.type === 'radio' && !n.checked);
           return all.filter((n) => !radios.includes(n)).map((n) => n.mark); }"""
    )
    reached = set()
    seen.run("() => document.activeElement.blur()")
    for _ in range(3 * len(wanted)):
        seen.page.keyboard.press("Tab")
        reached.add(seen.run("() => document.activeElement.mark"))
    assert set(wanted) <= reached


def test_tabs_move_by_arrow_keys(seen: Opened) -> None:
    seen.page.get_by_role("tab", name="图层").focus()
    seen.page.keyboard.press("ArrowLeft")
    assert seen.page.get_by_role("tab", name="说明").get_attribute("aria-selected") == "true"
    assert "怎样读这张图" in seen.page.inner_text(".sinks-side")


def test_printing_lays_the_page_out_first(seen: Opened) -> None:
    seen.run(
        "() => { window.print = () => {"
        " window.printed = [document.body.className, map.getSize().x]; }; }"
    )
    before = seen.run("() => map.getSize().x")
    seen.page.click("text=打印")
    seen.page.wait_for_function("() => window.printed")
    name, width = seen.run("() => window.printed")
    assert "sinks-print" in name
    assert width < before
    seen.page.wait_for_timeout(100)
    assert seen.run("() => map.getSize().x") == before


def test_the_page_fits_a_narrow_screen(browser: Browser, small_page: Path) -> None:
    with opened(browser, small_page, width=400, height=820) as seen:
        seen.settle()
        assert seen.run("() => document.documentElement.scrollWidth") <= 400
        assert seen.run("() => map.getSize().x") == 400
        assert seen.run("() => map.getSize().y") > 250


def test_words_of_both_languages_are_there_and_used() -> None:
    code = "".join((ASSETS / name).read_text(encoding="utf-8") for name in SCRIPTS)
    words = interface_words()
    for key, pair in words.items():
        assert set(pair) == {"zh", "en"}
        blanks = [set(re.findall("%(\\w+)%", pair[language])) for language in ("zh", "en")]
        assert blanks[0] == blanks[1], key
        stem = key.rsplit("_", 1)[0]
        stems = (stem, stem.removesuffix("_at").removesuffix("_per"))
        assert f"'{key}'" in code or any(f"`{part}_$" in code for part in stems), key
    for key in re.findall(r"word\('(\w+)'", code):
        assert key in words


def test_the_engine_keeps_to_the_language_of_old_browsers() -> None:
    for name in SCRIPTS:
        code = (ASSETS / name).read_text(encoding="utf-8")
        code = re.sub(r"/\*.*?\*/|//[^\n]*", "", code, flags=re.DOTALL)
        for newer in (
            r"\?\.[a-zA-Z(\[]",
            r"\?\?",
            r"\|\|=",
            r"&&=",
            r"\.replaceAll\(",
            r"\.at\(-",
            r"\.flatMap\(.*\.flat\(\)",
            r"#[a-z]+\s*[=(]\s*[({]",
            r"innerHTML",
            r"\beval\b",
        ):
            assert not re.search(newer, code), (name, newer)
        assert len(code.splitlines()) <= 300


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [":root", '[data-theme="dark"]'])
def test_texts_are_readable_on_their_ground(theme: str) -> None:
    css = (ASSETS / "sinks.css").read_text(encoding="utf-8")
    block = css[css.index(theme + " {") :].split("}")[0]
    token = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for ink, ground in (
        ("ink", "paper"), ("soft", "paper"), ("accent", "paper"), ("on-accent", "accent"),
        ("warn-ink", "warn"), ("good", "paper"), ("bad", "paper"), ("open", "paper"),
        ("ink", "tint"), ("sink", "paper"), ("source", "paper"),
    ):  # fmt: skip
        light, dark = sorted((luminance(token[ink]), luminance(token[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
