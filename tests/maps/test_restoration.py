"""Restoration on the page: what it says is what the tables say, scenario beside scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser

from sinks.carbon.balance import verdict
from sinks.maps.inert import json_text
from sinks.maps.restoration_figures import KINDS, restoration_figures
from tests.maps.account_scene import account_tables
from tests.maps.browser import Opened, opened
from tests.maps.carbon_scene import SETS, U, carbon_tables
from tests.maps.conftest import written
from tests.maps.payloads import PAYLOADS
from tests.maps.restoration_scene import (
    BASELINES,
    COST,
    EFFECTS,
    SCENARIOS,
    STOPS,
    YEARS,
    restored,
    with_tables,
)
from tests.maps.scene import Scene, scene
from tests.maps.test_atlas import left_over

PANEL = ".sinks-tabpage:not([hidden])"
WORDS = {"sink": "有益", "source": "不利", "open": "95% 下不能判定"}
NONE = "-1"


@pytest.fixture(scope="module")
def planned() -> Scene:
    return restored()


@pytest.fixture(scope="module")
def opened_once(
    browser: Browser, planned: Scene, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opened]:
    page = written(planned, tmp_path_factory.mktemp("restoration") / "page.html")
    with opened(browser, page) as found:
        found.page.get_by_role("tab", name="修复").click()
        yield found


@pytest.fixture
def seen(opened_once: Opened) -> Opened:
    """Return the page as it stands when it is opened."""
    opened_once.run("() => sinks.speak('zh')")
    choose(opened_once, "done", "marsh")
    mode(opened_once, "curve", "累计")
    press(opened_once, "sinks-restore-stop", "2060")
    return opened_once


def choose(seen: Opened, first: str, beside: str | None, baseline: str = "as_is") -> None:
    keys = list(SCENARIOS)
    seen.page.select_option("#sinks-restore-beside", NONE)
    seen.page.select_option("#sinks-restore-scenario", str(keys.index(first)))
    if beside:
        seen.page.select_option("#sinks-restore-beside", str(keys.index(beside)))
    seen.page.select_option("#sinks-restore-baseline", str(list(BASELINES).index(baseline)))


def press(seen: Opened, name: str, text: str) -> None:
    seen.page.locator(f".sinks-pill:has(input[name={name}])", has_text=text).click()


def mode(seen: Opened, place: str, text: str) -> None:
    press(seen, f"sinks-restore-mode-{place}", text)


def digits(values: Sequence[float]) -> int:
    most = max((abs(value) for value in values if not math.isnan(value)), default=0.0)
    if most >= 0.1 or most == 0:
        return 0 if most >= 1000 or most == 0 else 1 if most >= 10 else 2
    return min(8, 1 + math.ceil(-math.log10(most)))


def shown(value: float, n: int, *, sign: bool = False) -> str:
    return (f"{value:+,.{n}f}" if sign and value > 0 else f"{value:,.{n}f}").replace("-", "−")


def told(row: Any, stem: str, unit: str) -> list[float]:
    return [float(row[f"{stem}{end}_{unit}"]) for end in ("", "_low", "_high")]


def written_as(values: Sequence[float]) -> str:
    """Write a figure and its interval one below the other, as a cell has them."""
    n = digits(values)
    return f"{shown(values[0], n, sign=True)}{shown(values[1], n)} – {shown(values[2], n)}"


def part(seen: Opened, title: str) -> str:
    return seen.page.locator(f"{PANEL} .sinks-part").filter(has_text=title).first.inner_text()


def cells(seen: Opened, title: str) -> list[list[str]]:
    """Return the rows of the first table of a part."""
    rows: list[list[str]] = seen.run(
        "(t) => { const part = Array.from(document.querySelectorAll('.sinks-restore .sinks-part'))"
        ".find((n) => n.querySelector('h3').textContent.includes(t));"
        " return Array.from(part.querySelector('table').tBodies[0].rows)"
        ".map((r) => Array.from(r.cells).map((c) => c.textContent)); }",
        title,
    )
    return rows


# ---- figures ----------------------------------------------------------------------------


def test_without_scenarios_there_are_no_figures_and_no_tab(
    browser: Browser, small_page: Path
) -> None:
    assert restoration_figures(scene().results) is None
    with opened(browser, small_page) as found:
        assert "修复" not in found.texts(".sinks-tab")


def test_figures_are_those_of_the_tables(planned: Scene) -> None:
    figures = restoration_figures(planned.results)
    assert figures is not None
    assert figures["years"] == list(YEARS)
    assert figures["stops"] == list(STOPS)
    assert figures["sets"][0]["key"] == "AR5"
    horizons = planned.results.table("scenario_horizons")
    years = planned.results.table("scenario_years")
    for s, scenario in enumerate(SCENARIOS):
        for b, baseline in enumerate(BASELINES):
            for k, year in enumerate(STOPS):
                row = horizons.loc[(scenario, baseline, "AR5", year)]
                found = figures["horizons"][s][b][k]
                assert found["added"]["value"] == pytest.approx(told(row, "cumulative", "tco2e"))
                assert found["yearly"]["value"] == pytest.approx(told(row, "effect", U))
            for key in SETS:
                row = horizons.loc[(scenario, baseline, key, STOPS[-1])]
                last = figures["sets_last"][key][s][b]
                assert last["value"] == pytest.approx(told(row, "cumulative", "tco2e"))
            rows = years.loc[(scenario, baseline)]
            series = figures["series"][s][b]
            assert series["added"][0] == pytest.approx(rows["cumulative_tco2e"].tolist())
            assert series["yearly"][2] == pytest.approx(rows[f"effect_high_{U}"].tolist())
    kinds = [KINDS.index(effect["kind"]) for effect in figures["effects"]]
    assert kinds == sorted(kinds)
    assert figures["changes"][1][2] is None  # an effect that the scenario does not have
    json_text(figures)


def test_what_the_baseline_causes_is_the_table_of_its_spread(planned: Scene) -> None:
    figures = restoration_figures(planned.results)
    assert figures is not None
    table = planned.results.table("scenario_spread")
    for s, scenario in enumerate(SCENARIOS):
        for k, year in enumerate(STOPS):
            row = table.loc[(scenario, "AR5", year)]
            found = figures["spread"][s][k]
            for kind, unit in (("added", "tco2e"), ("yearly", U)):
                wanted = [row[f"{end}_{unit}"] for end in ("least", "most", "spread")]
                assert found[kind] == pytest.approx(wanted)


def test_few_tables_are_enough(planned: Scene) -> None:
    empty = pd.DataFrame()
    few = with_tables(planned, scenario_effects=empty, scenario_spread=empty)
    figures = restoration_figures(few.results)
    assert figures is not None
    assert figures["effects"] == []
    assert figures["spread"] == [[None] * len(STOPS)] * len(SCENARIOS)
    for needed in ("scenario_horizons", "scenario_years", "baselines", "potentials"):
        assert restoration_figures(with_tables(planned, **{needed: empty}).results) is None


def test_whether_costs_were_told_is_known_from_the_measures(planned: Scene) -> None:
    measures = planned.results.table("scenario_measures")
    costs = pd.Series([1.0, 2.0, 3.0, None, None, None], index=measures.index)
    figures = restoration_figures(
        with_tables(planned, scenario_measures=measures.assign(cost_yuan=costs)).results
    )
    assert figures is not None
    assert [s["cost_told"] for s in figures["scenarios"]] == ["all", "some", "none"]


# ---- the page -----------------------------------------------------------------------------


def test_two_scenarios_stand_side_by_side(seen: Opened, planned: Scene) -> None:
    rows = {row[0]: row[1:] for row in cells(seen, "方案概况")}
    assert rows["措施"] == ["33 项", "5 项"]
    assert rows["面积"] == ["474.5\u2009公顷", "500.0\u2009公顷"]
    assert rows["实施年份"] == ["2021–2025", "2026–2030"]
    assert rows["费用"] == [
        "1.00\u2009亿元0.28 – 2.60\u2009亿元",
        "500.0\u2009万元140 – 1,300\u2009万元",
    ]
    assert rows["每公顷费用"] == ["21.1\u2009万元", "1.00\u2009万元"]
    text = part(seen, "方案概况")
    assert "已验收项目、修复湿地：没有给出费用的措施，用按措施类型的缺省值" in text
    assert seen.texts(".sinks-restore > .sinks-accounting") == ["核算量，非可交易减排量"]
    choose(seen, "trees", None)
    rows = {row[0]: row[1:] for row in cells(seen, "方案概况")}
    assert rows["实施年份"] == ["2035–2040"]
    assert rows["费用"] == ["—"]
    assert "缺省值" not in part(seen, "方案概况")


@pytest.mark.parametrize("baseline", BASELINES)
def test_effects_of_the_horizons_read_as_in_the_table(
    seen: Opened, planned: Scene, baseline: str
) -> None:
    table = planned.results.table("scenario_horizons")
    years = planned.results.table("scenario_years")
    pair = ("marsh", "trees")
    choose(seen, *pair, baseline)
    rows = cells(seen, "减排增汇效果")
    assert [row[0] for row in rows[::4]] == [f"到 {year} 年" for year in STOPS]
    for k, year in enumerate(STOPS):
        _, added, yearly, cost = rows[4 * k : 4 * k + 4]
        for side, scenario in enumerate(pair, 1):
            row = table.loc[(scenario, baseline, "AR5", year)]
            p_year = years.loc[(scenario, baseline, year), "probability_benefit"]
            for cell, stem, unit, p in (
                (added[side], "cumulative", "tco2e", row["probability_benefit"]),
                (yearly[side], "effect", U, p_year),
            ):
                values = told(row, stem, unit)
                said = "没有影响" if math.isnan(p) else WORDS[verdict(values[0], p)]
                assert cell.startswith(f"{written_as(values)}{said}")
                assert ("有益的概率" in cell) is not math.isnan(p)
            if math.isnan(row["cost_yuan_per_tco2e"]):
                assert cost[side] == "—"
            else:
                assert "元" in cost[side]
    text = part(seen, "减排增汇效果")
    assert f"相对于：基线{baseline}" in text
    assert "GWP：AR5 潜势（CH₄ = 28，N₂O = 265）" in text
    assert "最初几年的累计主要是一次性的植被生长" in text


def test_the_cost_of_a_tonne_is_in_yuan(seen: Opened) -> None:
    row = cells(seen, "减排增汇效果")[-1]
    assert row[0] == "每吨费用"
    cost = COST["done"] / 61_128.3697
    assert row[1] == f"{shown(cost, 0)}\u2009元{shown(cost / 2, 0)} – {shown(4 * cost, 0)}\u2009元"


def test_curves_are_those_of_the_scenarios_and_the_switch_turns_them(
    seen: Opened, planned: Scene
) -> None:
    table = planned.results.table("scenario_years").xs("as_is", level="baseline")
    for text, stem, unit, key in (
        ("累计", "cumulative", "tco2e", "cumulative_probability_benefit"),
        ("当年", "effect", U, "probability_benefit"),
    ):
        mode(seen, "curve", text)
        lines = [
            points(seen, f"polyline.{name}") for name in ("sinks-chart-net", "sinks-part-beside")
        ]
        bands = [
            points(seen, f"polygon.{name}") for name in ("sinks-chart-band", "sinks-band-beside")
        ]
        heights = []
        for scenario, line, band in zip(("done", "marsh"), lines, bands, strict=True):
            rows = table.loc[scenario]
            assert len(line) == len(YEARS)
            assert len(band) == 2 * len(YEARS)
            values = [*rows[f"{stem}_{unit}"], *rows[f"{stem}_low_{unit}"]]
            heights += list(zip(values, [y for _, y in line + band[: len(YEARS)]], strict=True))
        (least, low), (most, high) = min(heights), max(heights)
        for value, y in heights:  # both on one scale
            assert y == pytest.approx(
                low + (value - least) / (most - least) * (high - low), abs=0.11
            )
        seen.run(
            "(year) => { const s = document.querySelector('.sinks-restore input[type=range]');"
            " s.value = year; s.dispatchEvent(new Event('input')); }",
            2027,
        )
        rows = {row[0]: row[1:] for row in cells(seen, "逐年效果")}
        for side, scenario in enumerate(("done", "marsh")):
            row = table.loc[(scenario, 2027)]
            assert rows[text][side] == written_as(told(row, stem, unit))
            p = row[key]
            assert rows["有益的概率"][side] == ("> 99.9%" if p > 0.999 else f"{100 * p:.1f}%")
    choose(seen, "done", None)
    assert seen.page.locator(".sinks-part-beside, .sinks-band-beside").count() == 0


def points(seen: Opened, selector: str) -> list[list[float]]:
    found: list[list[float]] = seen.run(
        "(s) => document.querySelector('.sinks-chart ' + s).getAttribute('points').split(' ')"
        ".map((p) => p.split(',').map(Number))",
        selector,
    )
    return found


@pytest.mark.parametrize(
    ("text", "stem", "unit"), [("累计", "cumulative", "tco2e"), ("当年", "effect", U)]
)
def test_every_baseline_has_a_bar_of_its_own(
    seen: Opened, planned: Scene, text: str, stem: str, unit: str
) -> None:
    table = planned.results.table("scenario_horizons")
    press(seen, "sinks-restore-stop", "2040")
    mode(seen, "spread", text)
    assert seen.texts(".sinks-against > b") == [f"基线{key}" for key in BASELINES]
    assert seen.texts(".sinks-against-chosen > b") == ["基线as_is"]
    figures = seen.texts(".sinks-against .sinks-figure")
    bars = seen.run(
        "() => Array.from(document.querySelectorAll('.sinks-against .sinks-flow-track'), (t) => {"
        " const zero = t.querySelector('.sinks-flow-zero').getBoundingClientRect().left;"
        " const bar = t.querySelector('i').getBoundingClientRect();"
        " return [bar.left - zero, bar.right - zero]; })"
    )
    keys = [(s, b) for b in BASELINES for s in ("done", "marsh")]
    lengths = []
    for (scenario, baseline), said, (left, right) in zip(keys, figures, bars, strict=True):
        values = told(table.loc[(scenario, baseline, "AR5", 2040)], stem, unit)
        assert said == written_as(values)
        lengths.append((right if values[0] > 0 else left) / values[0])
    assert lengths == pytest.approx([lengths[0]] * len(lengths), rel=0.05)
    row = planned.results.table("scenario_spread").loc[("marsh", "AR5", 2040)]
    ends = [row[f"{end}_{unit}"] for end in ("least", "most", "spread")]
    least, most, width = (shown(value, digits(ends)) for value in ends)
    said = part(seen, "仅因基线不同造成的差别")
    assert f"修复湿地：只换基线，就从 {least} 到 {most}，相差 {width}。" in said
    assert "不取平均" in said


def test_other_potentials_stand_in_a_table_of_the_last_year(seen: Opened, planned: Scene) -> None:
    table = planned.results.table("scenario_horizons")
    choose(seen, "done", "marsh", "paddy")
    rows = cells(seen, "其他增温潜势下的累计，到 2060 年")
    assert len(rows) == len(SETS)
    for row in rows:
        key = next(name for name in SETS if row[0].startswith(f"{name} 潜势"))
        for side, scenario in enumerate(("done", "marsh"), 1):
            found = table.loc[(scenario, "paddy", key, 2060)]
            values = told(found, "cumulative", "tco2e")
            said = WORDS[verdict(values[0], found["probability_benefit"])]
            assert row[side].startswith(f"{written_as(values)}{said}")


def test_effects_on_land_indicators_services_and_value(seen: Opened) -> None:
    seen.page.locator(".sinks-restore summary", has_text="实物量").click()
    rows = {
        row[0]: row[1:]
        for row in seen.run(
            "() => Array.from(document.querySelectorAll('.sinks-restore details tbody tr'))"
            ".map((r) => Array.from(r.cells).map((c) => c.innerText.replace(/\\n/g, '|')))"
        )
    }
    assert [name.split("|")[0] for name in rows] == [
        "芦苇沼泽",
        "坑塘",
        "林木覆盖率",
        "固碳量",
        "洪水调蓄",
    ]
    per_ha = f"{COST['done'] / 158.58 / 1e4:.1f}"
    assert rows["芦苇沼泽|公顷"][0] == f"+158.6|1,170.9 → 1,329.5|{per_ha}\u2009万元/公顷"
    assert rows["坑塘|公顷"][0] == "−357.7|8,952.5 → 8,594.8"  # a loss has no cost of a unit
    assert rows["林木覆盖率|%"][0].startswith("+0.026|24.15 → 24.18|")
    assert rows["林木覆盖率|%"][1] == "—"
    assert rows["固碳量|吨"][1].startswith("+953|392 – 1,749|135,429.3 → 136,381.8|")
    assert rows["洪水调蓄"][0].startswith(
        "+59.4\u2009万元|33.1 – 104.2|4,194 → 4,253|168.6\u2009元/元"
    )
    assert len(rows) == len(EFFECTS)


def test_a_scenario_is_never_compared_with_itself(seen: Opened) -> None:
    choose(seen, "done", "marsh")
    seen.page.select_option("#sinks-restore-scenario", "1")
    assert seen.page.locator("#sinks-restore-beside").input_value() == NONE
    assert seen.page.locator("#sinks-restore-beside option[value='1']").is_disabled()
    assert len(cells(seen, "方案概况")[0]) == 2


def test_the_keyboard_stays_where_the_switch_is(seen: Opened) -> None:
    seen.page.locator("input[name=sinks-restore-stop]:checked").focus()
    seen.page.keyboard.press("ArrowLeft")
    assert seen.run("() => document.activeElement.name") == "sinks-restore-stop"
    assert "2040 年" in part(seen, "仅因基线不同造成的差别")


def test_the_other_language_leaves_no_chinese(seen: Opened) -> None:
    seen.run("() => sinks.speak('en')")
    mode(seen, "curve", "Yearly")
    for pair in (("done", "marsh"), ("trees", None)):
        choose(seen, *pair)
        assert left_over(seen) == []
    assert "Baselines stand apart and are never averaged" in seen.page.inner_text(PANEL)


@pytest.mark.parametrize("width", [390, 1366])
def test_seven_tabs_and_the_panel_fit(
    browser: Browser, planned: Scene, tmp_path: Path, width: int
) -> None:
    full = with_tables(planned, **carbon_tables(planned), **account_tables())
    with opened(browser, written(full, tmp_path / "p.html"), width=width, height=800) as found:
        for language in ("zh", "en"):
            found.run("(l) => sinks.speak(l)", language)
            found.page.locator("#sinks-tab-restoration").click()
            assert len(found.texts(".sinks-tab")) == 7
            for place in (PANEL, ".sinks-tabs"):
                inner, outer = found.run(
                    "(s) => { const n = document.querySelector(s);"
                    " return [n.scrollWidth, n.clientWidth]; }",
                    place,
                )
                assert inner <= outer


def test_names_that_would_act_are_shown_letter_by_letter(
    browser: Browser, planned: Scene, tmp_path: Path
) -> None:
    of = planned.results.table
    names = {"name_zh": list(PAYLOADS), "name_en": list(PAYLOADS)}
    baselines = pd.DataFrame(names, index=pd.Index(range(len(PAYLOADS)), name="baseline"))
    baselines.index = pd.Index([*BASELINES, *map(str, baselines.index[3:])], name="baseline")
    bad = PAYLOADS[10]
    hostile = with_tables(
        planned,
        baselines=baselines,
        scenarios=of("scenarios").assign(name_zh=PAYLOADS[4], name_en=bad),
        scenario_effects=of("scenario_effects").assign(name_zh=bad, unit=PAYLOADS[14]),
        potentials=of("potentials").assign(name_zh=PAYLOADS[16]),
    )
    with opened(browser, written(hostile, tmp_path / "p.html")) as found:
        found.page.get_by_role("tab", name="修复").click()
        assert found.texts("#sinks-restore-baseline option") == list(PAYLOADS)
        assert found.texts(".sinks-against > b > bdi") == list(PAYLOADS)
        assert found.texts(".sinks-restore thead bdi")[0] == PAYLOADS[4]
        text = found.page.locator(PANEL).text_content() or ""
        for name in (bad, PAYLOADS[14], PAYLOADS[16]):
            assert name in text
        assert found.run("() => window.hacked") is None
