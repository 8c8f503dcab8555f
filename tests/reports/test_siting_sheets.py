"""The sheets of siting and of networks: figures of the results under heads with units."""

from __future__ import annotations

import re

import pytest

from sinks.parameters.labels import label
from tests.reports.balanced import balanced
from tests.reports.sited import PATCHES, PLANS, UNITS, sited
from tests.reports.test_workbook import PAYLOADS, cells, section, text, written


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return written(tmp_path_factory.mktemp("book"), sited(), values=True)


def under(book, sheet, key, **facts):
    """The rows under a heading, by the heads of their columns."""
    heading = label(f"section.{key}").format(**facts)
    heads, rows = section(book[label(f"sheet.{sheet}")], heading)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def zh(name):
    return label(f"column.{name}")


def test_the_best_plan_stands_with_interval_gap_and_cost_in_wan(book):
    page = book[label("sheet.siting")]
    rows = list(page.iter_rows(values_only=True))
    heads = next(row for row in rows if row[0] == zh("siting"))
    best = dict(zip(heads, rows[rows.index(heads) + 1], strict=True))

    assert best[zh("siting")] == "下一步"
    assert best[label("workbook.cost_wan")] == 25.0
    assert (best[zh("carbon_low_tco2e")], best[zh("carbon_high_tco2e")]) == (-30.0, 410.75)
    assert best[zh("gap_pct")] == 0.25
    assert label("note.siting") in text(page)


def test_demands_name_their_place_and_what_the_plan_comes_to(book):
    budget, north = under(book, "siting", "siting_demands")

    assert budget[zh("of")] == label("siting_demand.cost_yuan")
    assert budget[zh("sense")] == label("siting_sense.at_most")
    assert not budget[zh("zone")]
    assert (budget[zh("amount")], budget[zh("achieved")]) == (300_000.0, 250_000.0)
    assert north[zh("zone")] == sited().table("zones").loc["001", "name_zh"]


@pytest.mark.parametrize("table", ["siting_plans", "siting_front"])
def test_plans_have_their_objective_and_cost(book, table):
    rows = under(book, "siting", table)

    assert [(row[zh("objective")], row[label("workbook.cost_wan")]) for row in rows] == [
        (objective, cost / 10_000) for objective, _, cost in PLANS.values()
    ]
    assert [row[label("siting_plans.units")] for row in rows] == [1.0, 1.0]


def test_units_say_whether_they_were_chosen_and_how_often_elsewhere(book):
    rows = under(book, "siting", "siting_units")

    assert {
        row[label("siting_units.unit")]: row[label("siting_units.chosen")] for row in rows
    } == {unit: label("word.yes" if chosen else "word.no") for unit, (*_, chosen) in UNITS.items()}
    assert [row[zh("carbon_tco2e")] for row in rows] == [
        carbon for _, _, carbon, _ in UNITS.values()
    ]
    assert [row[zh("frequency")] for row in rows] == [1.0, 0.25]


def test_cores_that_matter_most_come_first(book):
    rows = under(book, "networks", "network_patches", most=60)

    most = sorted(PATCHES, key=lambda patch: -PATCHES[patch][1])
    assert [row[zh("patch")] for row in rows] == [str(patch) for patch in most]
    assert [row[zh("pc_pct")] for row in rows] == [PATCHES[patch][1] for patch in most]


def test_pattern_change_and_corridors_of_a_network_are_named(book):
    pattern = under(book, "networks", "network_pattern")
    change, small = under(book, "networks", "network_change")
    corridors = under(book, "networks", "network_corridors")

    assert [row[zh("pattern")] for row in pattern] == ["核心", "边缘", "背景"]
    assert change[label("network_change.index")] == zh("eca_ha")
    assert (change[zh("before")], change[zh("after")]) == (67.25, 75.5)
    assert (small[zh("before")], small[zh("after")]) == ("0.00452", "0.00569")
    assert [(row[zh("patch")], row[zh("patch_beyond")]) for row in corridors] == [
        ("1", "2"), ("1", "3"),
    ]  # fmt: skip
    assert {row[zh("network")] for row in [*pattern, change, *corridors]} == {"沼泽网络"}


def test_without_siting_and_networks_there_are_no_such_sheets(tmp_path):
    names = written(tmp_path, balanced()).sheetnames

    assert not {label("sheet.siting"), label("sheet.networks")} & set(names)


def test_english_has_no_chinese_of_ours(tmp_path):
    english = written(tmp_path, sited(), language="en")

    pages = [english[label(f"sheet.{key}", "en")] for key in ("siting", "networks")]
    texts = [c.value for page in pages for c in cells([page]) if isinstance(c.value, str)]
    assert not [text for text in texts if re.search("[\u3000-\u9fff]", text)]


@pytest.mark.parametrize("name", PAYLOADS)
def test_names_of_inputs_stay_texts(tmp_path, name):
    found = sited()
    tables = {
        **found.tables,
        "siting": found.table("siting").assign(name_zh=name),
        "networks": found.table("networks").assign(name_zh=name),
    }
    book = written(tmp_path, sited(tables=tables))

    for key in ("siting", "networks"):
        page = book[label(f"sheet.{key}")]
        held = [c for c in cells([page]) if str(c.value).rstrip() == name]
        assert held
        assert {c.data_type for c in held} == {"s"}
        assert not [c for c in held if c.hyperlink]
