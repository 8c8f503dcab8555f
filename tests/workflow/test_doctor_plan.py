"""``sinks doctor`` on the plan's registers: what a run would refuse, without a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from sinks.doctor import Report, examine
from tests.workflow.planned import ELSEWHERE, EVENTS, PLAN, REPORTED, write_plan


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "研究"


def stops(report: Report) -> set[tuple[str, str]]:
    return {(item.place, f.code) for item in report.items for f in item.findings if f.stops}


def test_registers_that_can_be_counted_are_told_with_their_sizes(folder):
    report = examine(write_plan(folder).file)

    assert not report.refused
    said = "\n".join(report.lines("zh"))
    for words in (
        "县乡河道  2; 0.8 km",
        "项目，已验收面积  4; 造林 6.8 ha; 湿地修复 1.5 ha",
        "目标  林木覆盖率、湿地保护率",
        "年份  2025",
    ):
        assert words in said
    noted = {(item.place, f.code) for item in report.items for f in item.findings}
    assert ("layers.rivers.level_field", "F23") in noted
    assert ("layers.projects.type_field", "F58") in noted


@pytest.mark.parametrize(
    ("slips", "place", "code"),
    [
        ({"events": EVENTS.replace("R2,", "R9,")}, "layers.rivers.level_field", "F20"),
        ({"events": EVENTS.replace("100,300", "100,430")}, "layers.rivers.level_field", "F21"),
        ({"events": EVENTS.replace("R2,0", "R2,零")}, "layers.river_events", "T07"),
        ({"mu": 1.0}, "layers.projects.type_field", "F57"),
        ({"width": 500.0}, "layers.belts.width_field", "F32"),
        ({"built_up": "2025年"}, "layers.built_up.year_field", "F36"),
        ({"reported": REPORTED.replace("98.5,%", "985,%")}, "layers.reported", "F44"),
        ({"reported": ELSEWHERE}, "layers.reported.zone", "F37"),
        ({"text": PLAN.replace('"ecological_river_rate"', '"rivers"')}, "targets", "F04"),
    ],
)
def test_a_slip_in_a_register_is_found_once_and_where_it_is(folder, slips, place, code):
    found = stops(examine(write_plan(folder, **slips).file))

    assert found == {(place, code)}


@pytest.mark.parametrize(("shares", "codes"), [("60", set()), ("50", {"F41"})])
def test_shares_of_towns_must_add_up(folder, shares, codes):
    words = 'share_by = "shares"\ntown_shares = "份额.csv"'
    study = write_plan(folder, PLAN.replace('share_by = "ground"', words))
    (folder / "份额.csv").write_text(f"代码,份额\n001,{shares}\n002,40\n", encoding="utf-8")

    assert {code for _, code in stops(examine(study.file))} == codes


def test_a_layer_that_cannot_be_read_is_told_by_its_own_item_alone(folder):
    study = write_plan(folder)
    for name in ("河道", "项目", "林带", "建成区"):
        (folder / "图层" / f"{name}.gpkg").write_bytes(b"no layer")

    places = {place for place, _ in stops(examine(study.file))}

    assert places == {"layers.rivers", "layers.projects", "layers.belts", "layers.built_up"}
