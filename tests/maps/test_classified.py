"""Classified maps on the page, what they are worth, and estimates beside mapped figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from pyproj import Transformer

from sinks.grid import Window
from sinks.maps.classified import ClassifiedMap, classified_layers
from sinks.maps.pixel_data import Beyond, PixelData, Steps
from sinks.maps.quality import quality_sections
from sinks.maps.surfaces import ProbabilityRaster
from sinks.results import Results
from tests.maps.browser import Opened, opened
from tests.maps.conftest import written
from tests.maps.payloads import PAYLOADS
from tests.maps.scene import LEGEND, Scene, grid_at
from tests.maps.surveyed_scene import (
    SECRET,
    SHAPE,
    THRESHOLD,
    Surveyed,
    classified,
    layer,
    surveyed,
)
from tests.maps.test_atlas import colours_shown, left_over

STEPS_PCT = [0, 40, 50, 60, 70, 80, 90]  # from where each step of probability reaches


@pytest.fixture(scope="module")
def what() -> Surveyed:
    return surveyed()


@pytest.fixture(scope="module")
def page(what: Surveyed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(what, tmp_path_factory.mktemp("page") / "p.html")


@pytest.fixture(scope="module")
def shared(browser: Browser, page: Path) -> Iterator[Opened]:
    """Open the page once, for tests that leave it as it is."""
    with opened(browser, page) as seen:
        seen.settle()
        yield seen


@pytest.fixture
def seen(browser: Browser, page: Path) -> Iterator[Opened]:
    with opened(browser, page) as fresh:
        fresh.settle()
        yield fresh


def some_places(count: int = 300) -> tuple[np.ndarray, np.ndarray, list[list[float]]]:
    """Rows and columns of pixels, and a place in each in Web Mercator."""
    rng, grid = np.random.default_rng(7), grid_at(SHAPE)
    row, col = rng.integers(0, SHAPE[0], count), rng.integers(0, SHAPE[1], count)
    inside = rng.uniform(0.01, 0.99, (2, count))
    x = grid.transform.c + (col + inside[0]) * grid.transform.a
    y = grid.transform.f + (row + inside[1]) * grid.transform.e
    mercator = Transformer.from_crs(grid.crs, "EPSG:3857", always_xy=True).transform(x, y)
    return row, col, np.column_stack(mercator).tolist()


def whole(blocks: Steps | Beyond) -> np.ndarray:
    return blocks.read(Window(0, 0, *blocks.grid.shape))


# ---- layers ---------------------------------------------------------------------------


def test_classified_maps_stand_beside_the_land_cover_and_are_hidden_at_first(
    shared: Opened,
) -> None:
    rows = shared.texts(".sinks-choice-row")
    assert rows[-2:] == ["卫星影像分类图20202025", "所示类型的概率20202025"]
    shown = shared.run(
        "() => room.bases.filter((l) => map.hasLayer(l)).map((l) => l.facts.name.zh)"
    )
    assert shown == ["土地覆盖 2025"]
    for name in ("模型适用范围之外 2025", "更新线索图斑 2025", "建议补充样本处 2025"):
        ticks = shared.page.locator(".sinks-overlays li", has_text=name).locator("input")
        assert ticks.count() == 1
        assert not ticks.is_checked()


def test_pixels_read_in_the_page_are_those_of_the_arrays(shared: Opened, what: Surveyed) -> None:
    row, col, points = some_places()
    read = shared.run(
        """async (p) => {
          const named = (name) => room.bases.find((l) => l.facts.name.zh === name);
          const layers = given.names.map(named).concat(
            room.overlays.find((l) => l.facts.kind === 'mask'));
          return Promise.all(layers.map((l) => Promise.all(
            given.points.map(([x, y]) => l.pixels.codeAt(x, y)))));
        }""",
        {"names": ["湖区 2025 年分类图", "湖区 2025 年分类图：概率"], "points": points},
    )
    made = what.maps[1]
    codes = made.cover.blocks.codes[row, col]  # type: ignore[attr-defined]
    sure, unlike = (one.values[0][row, col] for one in (made.probability, made.dissimilarity))  # type: ignore[union-attr]
    steps = [0 if np.isnan(p) else sum(100 * float(p) >= s for s in STEPS_PCT) for p in sure]
    assert read == [codes.tolist(), steps, (unlike > THRESHOLD).astype(int).tolist()]


def test_the_legend_of_a_classified_map_is_the_result_table(seen: Opened, what: Surveyed) -> None:
    seen.page.get_by_role("radio", name="湖区 2025 年分类图", exact=True).check()
    areas = what.results.table("map_classes")["area_ha"].xs("lake_2025")
    rows = seen.texts(".sinks-class")
    assert len(rows) == len(areas)
    for row, (key, area_ha) in zip(rows, areas.items(), strict=True):
        name = LEGEND.by_key[str(key)].zh
        assert row == f"{name}{area_ha:,.1f}\u2009公顷{100 * area_ha / areas.sum():.1f}%"
    assert seen.texts(".sinks-legend-total")[0].startswith(f"分类图全图{areas.sum():,.1f}")
    seen.page.get_by_role("radio", name="湖区 2025 年分类图：概率").check()
    assert seen.texts(".sinks-class bdi")[0] == "低于 40%"
    assert seen.texts(".sinks-class bdi")[-1] == "90–100%"
    seen.settle()
    assert "#ffffd4" in colours_shown(seen, "room.base")


def test_pixels_outside_the_area_of_applicability_are_hatched(seen: Opened) -> None:
    box = seen.page.locator(".sinks-overlays li", has_text="模型适用范围之外")
    box.locator("input").check()
    seen.settle()
    shares = seen.run(
        """() => {
          const { canvas } = room.overlays.find((l) => l.facts.kind === 'mask')._shown;
          const marked = (x0, x1) => {
            const data = canvas.getContext('2d')
              .getImageData(x0, canvas.height * 0.4, x1 - x0, canvas.height * 0.2).data;
            let [dark, light, none] = [0, 0, 0];
            for (let i = 0; i < data.length; i += 4) {
              if (!data[i + 3]) none++; else if (data[i] < 128) dark++; else light++;
            }
            const all = dark + light + none;
            return [dark / all, light / all, none / all];
          };
          const w = canvas.width;
          return [marked(w * 0.3, w * 0.4), marked(w * 0.68, w * 0.72)];
        }"""
    )
    (west_dark, west_light, _), (east_dark, east_light, east_none) = shares
    assert west_dark == west_light == 0  # everything there is like the training places
    assert east_none < 0.2
    assert east_light > east_dark > 0.1  # a hatch: the colours below show between its lines


def test_a_click_tells_class_probability_and_what_lies_outside(seen: Opened) -> None:
    rows = identified(seen, pixel=(200, 420))
    made = dict(rows)
    assert made["模型适用范围之外 2025"] == "是，精度未知"
    assert re.fullmatch(r".+（概率 (低于 )?\d+.*%）", made["湖区 2025 年分类图"])
    assert "湖区 2025 年分类图：概率" not in made
    west = dict(identified(seen, pixel=(200, 120)))
    assert "模型适用范围之外 2025" not in west


def test_a_click_on_a_parcel_tells_what_the_register_and_the_map_say(
    seen: Opened, what: Surveyed
) -> None:
    rows = identified(seen, pixel=(153, 102))
    at = [name for name, _ in rows].index("更新线索图斑 2025")
    assert rows[at : at + 6] == [
        ["更新线索图斑 2025", "320903001"],
        ["官方类型", "湖泊"],
        ["图上多数类型", "水田"],
        ["纯度", "91%"],
        ["图斑面积", "8.27\u2009公顷"],
        ["不一致面积", "8.25\u2009公顷"],
    ]
    point = identified(seen, pixel=(200, 350))
    at = [name for name, _ in point].index("建议补充样本处 2025")
    assert point[at : at + 4] == [
        ["建议补充样本处 2025", "第 1 处"],
        ["需要程度（0—1）", "0.93"],
        ["分类熵（0—1）", "0.70"],
        ["差异指数", "0.71"],
    ]


def identified(seen: Opened, pixel: tuple[int, int]) -> list[list[str]]:
    """Click in the middle of a pixel; return term and text of every row of the popup."""
    return identified_all(seen, [pixel])[0]


def identified_all(seen: Opened, pixels: list[tuple[int, int]]) -> list[list[list[str]]]:
    """Click in one pixel after the other."""
    grid = grid_at(SHAPE)
    row, col = np.array(pixels).T + 0.5
    x, y = grid.transform @ (col, row)
    lon, lat = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(x, y)
    return list(
        seen.run(
            """async (places) => {
              const found = [];
              for (const [lat, lon] of places) {
                await room.pointer.identify(L.latLng(lat, lon));
                const popup = map._popup.getElement(); // the one before may still be fading
                const texts = (what) => Array.from(popup.querySelectorAll(what))
                  .map((n) => n.textContent);
                const values = texts('dd');
                found.push(texts('dt').map((name, i) => [name, values[i]]));
              }
              return found;
            }""",
            np.column_stack([lat, lon]).tolist(),
        )
    )


def test_no_other_column_reaches_the_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert SECRET not in text
    assert "13800000000" not in text


def test_a_popup_never_grows_beyond_the_map(browser: Browser, page: Path) -> None:
    with opened(browser, page, width=900, height=500) as seen:
        seen.settle()
        identified(seen, pixel=(153, 102))
        high = seen.run(
            "() => [document.querySelector('.sinks-popup').offsetHeight, map.getSize().y]"
        )
        assert high[0] <= high[1]


def test_maps_of_one_year_get_rows_of_their_own(what: Surveyed) -> None:
    other = replace(what.maps[1], id="other", name=what.maps[0].name)
    layers = classified_layers(what.results, [what.maps[1], other])
    subjects = [one.facts()["subject"].zh for one in layers if "subject" in one.facts()]
    assert len(set(subjects)) == len(subjects) == 4


def test_a_map_that_is_the_land_cover_is_not_drawn_twice(what: Surveyed) -> None:
    layers = classified_layers(what.results, [replace(what.maps[1], shown=True)])
    assert [type(one).__name__ for one in layers] == [
        "ProbabilityRaster", "MarkedPixels", "RecordLayer", "RecordLayer",
    ]  # fmt: skip
    assert isinstance(layers[0], ProbabilityRaster)
    assert layers[0].facts()["judges"] is None


def test_a_map_without_layers_is_only_a_map(what: Surveyed) -> None:
    bare = ClassifiedMap(
        id="bare", name=what.maps[0].name, cover=what.maps[0].cover, threshold=THRESHOLD,
        clues=what.maps[1].clues.iloc[:0],  # type: ignore[union-attr]
    )  # fmt: skip
    (only,) = classified_layers(what.results, [bare])
    assert only.facts()["area_ha"] is None  # the tables know nothing of it


def test_marks_take_a_fraction_of_the_numbers_they_stand_for(what: Surveyed) -> None:
    unlike = what.maps[1].dissimilarity
    assert unlike is not None
    data = PixelData.of(Beyond(layer=unlike, threshold=THRESHOLD))
    assert len(data.text()) < 0.02 * 4 * SHAPE[0] * SHAPE[1]


@given(
    st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1, width=32)), min_size=1, max_size=30),
    st.floats(0, 1, width=32),
)
def test_a_number_falls_into_the_step_whose_edges_hold_it(
    values: list[float], threshold: float
) -> None:
    grid = grid_at((1, len(values)))
    numbers = layer("x", np.array([values], np.float32), grid)
    edges = (0.25, 0.5, 0.875)
    steps = whole(Steps(layer=numbers, edges=edges))[0]
    marks = whole(Beyond(layer=numbers, threshold=threshold))[0]
    for value, step, mark in zip(values, steps, marks, strict=True):
        if np.isnan(value):
            assert (step, mark) == (0, 0)
        else:
            low, high = [-1.0, *edges][step - 1], [*edges, 2.0][step - 1]
            assert low <= value < high
            assert mark == (value > threshold)


# ---- estimates ------------------------------------------------------------------------


def choose(seen: Opened, zone: str) -> str:
    seen.page.get_by_role("tab", name="分区").click()
    seen.page.select_option("#sinks-zone", label=zone)
    return seen.page.inner_text(".sinks-zone")


def shown(hectares: float) -> str:
    """Write a number as browsers round it: the decimal that is seen, half up."""
    return f"{Decimal(repr(float(hectares))).quantize(Decimal('0.1'), ROUND_HALF_UP):,}"


def table_rows(seen: Opened) -> list[list[str]]:
    rows = seen.page.locator(".sinks-estimates tbody tr").all()
    return [row.locator("th bdi, td").all_inner_texts() for row in rows]


@pytest.mark.parametrize(("zone", "name"), [("district", "盐湖区"), ("t1", "第1镇")])
def test_estimated_areas_stand_beside_mapped_ones(
    seen: Opened, what: Surveyed, zone: str, name: str
) -> None:
    text = choose(seen, name)
    estimates = what.results.table("area_estimates")
    for year in (2025, 2020):
        seen.page.locator(f".sinks-estimates input[aria-label='{year}']").check()
        found = estimates.xs((year, zone))
        assert table_rows(seen) == [
            [
                c.zh,
                shown(found.loc[c.key, "area_ha"]),
                shown(found.loc[c.key, "estimated_ha"]),
                " – ".join(shown(found.loc[c.key, f"estimated_{e}_ha"]) for e in ("low", "high")),
            ]
            for c in LEGEND.classes
        ]
    assert "引用时用估计面积" in text
    assert ("全区的混淆情况" in text) == (zone != "district")


def test_stocks_and_change_are_given_on_mapped_and_on_estimated_areas(
    shared: Opened, what: Surveyed
) -> None:
    choose(shared, "盐湖区")
    cards = shared.texts(".sinks-card")
    totals, estimates = (what.results.table(t) for t in ("stock_totals", "stock_estimates"))
    for card, year in zip(cards, (2020, 2025), strict=False):
        for label, table in (("按制图面积", totals), ("按估计面积", estimates)):
            row = table.loc[(year, "district")]
            assert (
                f"{label}{row['stock_tc']:,.0f}\u2009吨碳95% 区间 {row['stock_low_tc']:,.0f} – "
                f"{row['stock_high_tc']:,.0f}" in card
            )
    row = what.results.table("change_estimates").loc["district"]
    low, high = (f"{row[f'change_{end}_tc']:,.0f}".replace("-", "−") for end in ("low", "high"))
    assert f"按估计面积+{row['change_tc']:,.0f}\u2009吨碳95% 区间 {low} – {high}" in cards[2]
    assert cards[2].index("账目转移") < cards[2].index("按估计面积")  # parts of the mapped change


def test_a_zone_without_an_estimate_shows_what_is_mapped(shared: Opened) -> None:
    text = choose(shared, "第3镇")
    assert "面积为制图面积" in text
    assert shared.page.locator(".sinks-estimates").count() == 0
    assert "估计" not in text


def test_estimated_tree_cover_has_its_interval_and_its_evidence(
    shared: Opened, small_scene: Scene
) -> None:
    shared.page.get_by_role("tab", name="指标").click()
    items = {
        item.split("\n")[0]: item
        for item in shared.page.locator(".sinks-indicator").all_inner_texts()
    }
    estimated = items["林木覆盖率（概率样本估计）"]
    for part in ("13.79%", "12.91 – 14.66 %", "概率样本"):
        assert part in estimated
    assert "抽样估计另列" in items["林木覆盖率（遥感制图）"]
    assert "未抽样" not in "".join(items)


# ---- notes ----------------------------------------------------------------------------


def rows_of(results: Results, title: str) -> dict[str, str]:
    names = {"lake_2025": surveyed_name(2025), "lake_2020": surveyed_name(2020)}
    sections = {s.title[0]: s for s in quality_sections(results, names)}
    return {what[0]: text[0].replace("\u2060", "") for what, text in sections[title].rows}


def surveyed_name(year: int) -> tuple[str, str]:
    return classified(year).name


def test_the_notes_say_how_good_the_land_cover_is(what: Surveyed) -> None:
    rows = rows_of(what.results, "精度")
    assert rows["2020 年 总体精度"] == "90.1%（87.0–92.5）；800 个样点"
    assert rows["2025 年 总体精度"] == "89.8%（86.7–92.2）；800 个样点"
    assert rows["2020 → 2025 变化 总体精度"] == "87.3%（84.2–89.7）；800 个样点"
    assert rows["2020 年 用户精度最低"].split("\n") == [
        "阔叶林 77.7%（74.6–80.1）", "旱地水浇地 81.2%（78.1–83.6）", "水田 93.4%（90.3–95.8）",
    ]  # fmt: skip
    assert rows["2020 年 生产者精度最低"].startswith("水田 55.5%")
    assert rows["2020 年 判读员一致"] == "91.4%（80.1–95.2）；640 个样点"
    assert rows["2025 年 判读员一致"] == "88.2%（80.1–95.2）；640 个样点"


def test_the_notes_put_random_beside_matched_folds(what: Surveyed) -> None:
    rows = rows_of(what.results, "分类图的交叉验证：总体精度")
    assert rows["湖区 2025 年分类图"].split("\n") == [
        "距离匹配分组 75.3%（70.3–79.3）", "随机分组 92.8%（87.8–96.8）",
        "随机偏高 17.5 个百分点",
    ]  # fmt: skip
    classes = what.results.table("map_classes").xs("lake_2025")
    outside, total = classes["outside_ha"].sum(), classes["area_ha"].sum()
    share = f"{100 * outside / total:.2f}%"
    assert rows["适用范围之外"] == f"{outside:,.1f} 公顷，占分类面积 {total:,.1f} 公顷的 {share}"


def test_the_page_shows_the_notes_and_what_cross_validation_is_not(shared: Opened) -> None:
    shared.page.get_by_role("tab", name="说明").click()
    text = shared.page.inner_text(".sinks-notes")
    assert "不是地图的精度" in text
    assert "90.1%" in text
    assert "没有概率样本" not in text


def test_a_map_without_a_sample_says_that_accuracy_is_unknown(what: Surveyed) -> None:
    tables = {k: v for k, v in what.results.tables.items() if k != "map_accuracy"}
    first, second = quality_sections(replace(what.results, tables=tables), {})
    assert "精度未知" in first.paragraphs[0][0]
    assert not first.rows
    assert second.rows[0][0][0] == "lake_2020"  # without a name it goes by its id


def test_a_page_without_these_tables_has_no_trace_of_them(
    browser: Browser, small_page: Path, small_scene: Scene
) -> None:
    assert list(quality_sections(small_scene.results, {})) == []
    with opened(browser, small_page) as seen:
        seen.settle()
        assert len(seen.texts(".sinks-choice-row")) == 3
        assert seen.texts(".sinks-notes h2") == [
            "合成数据", "怎样读这张图", "数据来源", "修复与提示", "程序",
        ]  # fmt: skip
        text = choose(seen, "盐湖区")
        assert "面积为制图面积" in text
        assert "估计" not in text
        assert len(seen.texts(".sinks-card")[0].split("95%")) == 2


# ---- language and hostile text --------------------------------------------------------


def test_the_other_language_leaves_no_chinese_behind(seen: Opened) -> None:
    for box in seen.page.locator(".sinks-wide input").all():
        box.check()
    seen.page.get_by_role("radio", name="湖区 2025 年分类图：概率").check()
    identified(seen, pixel=(153, 102))
    seen.page.get_by_role("button", name="Switch to English").click()
    for tab in ("Indicators", "Zones", "Notes", "Layers"):
        seen.page.get_by_role("tab", name=tab).click()
        assert left_over(seen) == []


def test_hostile_names_of_maps_and_parcels_are_shown_letter_by_letter(
    browser: Browser, tmp_path: Path
) -> None:
    hostile = surveyed(names=PAYLOADS)
    with opened(browser, written(hostile, tmp_path / "p.html")) as seen:
        seen.settle()
        assert seen.run("() => window.hacked") is None
        labels = seen.run("() => room.bases.map((l) => l.radio.getAttribute('aria-label'))")
        assert labels.count(PAYLOADS[0]) == 2
        clicked = identified_all(seen, [(153, 102 + 6 * i) for i in range(len(PAYLOADS))])
        ids = [text for rows in clicked for name, text in rows if name.startswith("更新线索")]
        assert ids == list(PAYLOADS)
        assert seen.run("() => window.hacked") is None


def test_tables_of_a_sample_may_lack_a_year(
    what: Surveyed, browser: Browser, tmp_path: Path
) -> None:
    only = {}
    for name in ("area_estimates", "stock_estimates"):
        table = what.results.table(name)
        only[name] = table[table.index.get_level_values("year") == 2025]
    tables = {**what.results.tables, **only, "change_estimates": pd.DataFrame()}
    one_date = replace(what, results=replace(what.results, tables=tables), maps=())
    with opened(browser, written(one_date, tmp_path / "p.html")) as seen:
        choose(seen, "盐湖区")
        cards = seen.texts(".sinks-card")
        assert ["按估计面积" in card for card in cards] == [False, True, False]
        assert seen.page.locator(".sinks-estimates input").count() == 0
        assert len(table_rows(seen)) == len(LEGEND.classes)
