"""The ledger of measures: drawn by hand, each fault once, each place once."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from sinks.errors import Reaction
from sinks.indicators.ledger import LedgerFields, ledger
from sinks.indicators.ledger_checks import ledger_findings
from sinks.indicators.ledger_progress import progress, seen_on_map
from sinks.parameters.labels import labels
from sinks.parameters.ledger import ledger_rules, project_terms
from sinks.sources.vectors import read_layer
from tests.scenes import EQUAL_AREA, NORTH, WEST

VECTOR = Path(__file__).parents[2] / "data" / "vector"
RULES = ledger_rules((2021, 2030), until=date(2025, 12, 31))
FIELDS = LedgerFields(area="面积")
IN_MU = LedgerFields(area="面积", area_unit="mu")
SOUND = {
    "id": "P1", "name": "一号", "type": "退养还湿", "pre_class": "PND", "post_class": "MAR",
    "year": 2024, "status": "已验收", "doc_no": "演示1号", "accept_date": "2024-06-01",
    "面积": 1.0, "geometry": (0, 0, 1, 1),
}  # fmt: skip


def hectares(west, south, east, north):
    """A box in hundreds of metres: a unit square is one hectare."""
    return shapely.box(
        WEST + 100 * west, NORTH + 100 * south, WEST + 100 * east, NORTH + 100 * north
    )


DISTRICT = gpd.GeoDataFrame(geometry=[hectares(-100, -100, 100, 100)], crs=EQUAL_AREA)


def projects(*changes):
    rows = [{**SOUND, **change} for change in changes]
    shapes = [hectares(*row.pop("geometry")) for row in rows]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=EQUAL_AREA)


def found(*changes, fields=FIELDS):
    findings = ledger_findings(projects(*changes), fields, RULES, district=DISTRICT, file="台账")
    assert all(f.file == "台账" and f.facts["count"] == len(f.facts["rows"]) for f in findings)
    return {f.code: f.facts["rows"] for f in findings}


def house(*changes):
    return ledger(projects(*changes), FIELDS, RULES)


def test_a_sound_ledger_has_nothing_to_say():
    assert found({}, {"id": "P2", "geometry": (2, 0, 3, 1)}) == {}


def test_words_are_told_in_house_terms():
    row = house({"type": "造林", "status": " Under way "}).iloc[0]

    assert (row["type"], row["kind"], row["status"]) == ("planting", "planting", "under_way")
    assert (row["area_ha"], row["stated_ha"]) == (pytest.approx(1), 1)


@pytest.mark.parametrize(
    ("changes", "code", "rows"),
    [
        ([{"id": ""}], "F52", ["— (1)"]),
        ([{}, {"geometry": (2, 0, 3, 1)}], "F52", ["P1 (× 2)"]),
        ([{"type": "种草"}], "F53", ["P1: type = 种草"]),
        ([{"status": None}], "F53", ["P1: status = —"]),
        ([{"pre_class": "坑塘"}], "F53", ["P1: class = 坑塘"]),
        ([{"pre_class": "MAR"}], "F54", ["P1: 退养还湿, MAR → MAR"]),
        ([{"year": 2019}], "F55", ["P1: 2019 (2021—2030)"]),
        ([{"accept_date": "2024-13-01"}], "F55", ["P1: 2024-13-01"]),
        ([{"accept_date": "2023-06-01"}], "F55", ["P1: 2023-06-01 (2024)"]),
        ([{"accept_date": "2026-06-01"}], "F55", ["P1: 2026-06-01 (2024)"]),
        ([{"doc_no": None}], "F56", ["P1: − document"]),
        ([{"doc_no": " ", "accept_date": None}], "F56", ["P1: − document, date"]),
        ([{"面积": 1.02}], "F57", ["P1: 1.02 / 1 ha (+2.0%)"]),
        ([{"面积": 15.0}], "F57", ["P1: 15 / 1 ha (× 15)"]),
        (
            [{}, {"id": "P2", "year": 2025, "accept_date": "2025-06-01",
                  "geometry": (0.5, 0, 1.5, 1)}],
            "F58", ["P1 (2024) ∩ P2 (2025): 0.5 ha"],
        ),
        ([{"geometry": (99.5, 0, 100.5, 1)}], "F59", ["P1: 0.5 ha"]),
        ([{"geometry": (200, 0, 201, 1)}], "F59", ["P1: 1 ha"]),
    ],
)  # fmt: skip
def test_every_fault_is_listed_once(changes, code, rows):
    assert found(*changes) == {code: rows}


def test_an_area_in_another_unit_is_refused_and_one_that_is_off_is_noted():
    slipped, off = (
        ledger_findings(projects({"面积": area}), FIELDS, RULES)[0] for area in (15.0, 1.02)
    )

    assert (slipped.reaction, off.reaction) == (Reaction.REFUSE, Reaction.NOTE)


def test_a_stated_area_may_be_rounded_to_its_last_digit():
    small = {"geometry": (0, 0, 0.11, 0.1), "面积": 0.2}  # 0.165 mu

    assert found(small, fields=IN_MU) == {}
    assert found({**small, "面积": 0.21}, fields=IN_MU) == {
        "F57": ["P1: 0.014 / 0.011 ha (+27.3%)"]
    }


@pytest.mark.parametrize("written", ["2024/6/1", "2024.06.01", "20240601", "2024年6月1日"])
def test_days_may_be_written_in_several_ways(written):
    assert house({"accept_date": written}).iloc[0]["accepted_on"] == pd.Timestamp(2024, 6, 1)


def test_projects_under_way_need_no_document():
    assert found({"status": "在建", "doc_no": None, "accept_date": None}) == {}


def test_planting_on_restored_ground_is_no_overlap():
    assert found({}, {"id": "P2", "type": "造林", "post_class": "BLF"}) == {}


def test_a_place_counts_once_in_the_first_year():
    table = progress(
        house(
            {"geometry": (0, 0, 2, 1)},
            {"id": "P2", "year": 2025, "accept_date": "2025-03-01", "geometry": (1, 0, 4, 1)},
            {"id": "P3", "status": "计划", "geometry": (8, 0, 9, 1)},
        ),
        since=2023,
        until=2025,
    ).loc["restoration"]

    assert table["projects"].to_dict() == {2023: 0, 2024: 1, 2025: 1}
    assert table["gross_ha"].to_list() == pytest.approx([0, 2, 3])
    assert table["area_ha"].to_list() == pytest.approx([0, 2, 2])
    assert table["cumulative_ha"].to_list() == pytest.approx([0, 2, 4])


def test_ground_done_before_the_first_year_is_not_done_again():
    table = progress(
        house({"geometry": (0, 0, 2, 1)}, {"id": "P2", "year": 2025, "accept_date": "2025-03-01",
                                           "geometry": (1, 0, 4, 1)}),
        since=2025, until=2025,
    )  # fmt: skip

    assert table.loc[("restoration", 2025), "cumulative_ha"] == pytest.approx(2)


def test_without_projects_there_is_no_progress():
    assert progress(house({})[:0], until=2025).empty
    assert progress(house({"status": "计划"}), until=2025).empty


@given(lists(tuples(integers(0, 6), integers(1, 3), integers(2021, 2025)), min_size=1, max_size=8))
def test_the_years_together_are_the_union_of_the_projects(boxes):
    rows = [
        {"id": f"P{n}", "year": year, "accept_date": f"{year}-06-01",
         "geometry": (west, 0, west + wide, 1)}
        for n, (west, wide, year) in enumerate(boxes)
    ]  # fmt: skip

    table = progress(house(*rows), since=2021, until=2025)

    columns = {x for west, wide, _ in boxes for x in range(west, west + wide)}
    assert table["area_ha"].sum() == pytest.approx(len(columns))
    assert table["cumulative_ha"].iloc[-1] == pytest.approx(len(columns))
    assert table["gross_ha"].sum() == pytest.approx(sum(wide for _, wide, _ in boxes))


def moved(*rows):
    frame = pd.DataFrame(rows, columns=["zone", "land_cover", "land_cover_after", "area_ha"])
    return frame.set_index(["zone", "land_cover", "land_cover_after"])


def test_a_map_bears_a_project_out_if_most_of_it_has_the_class_after():
    large = {"geometry": (0, 0, 4, 4)}  # 400 m wide: the rim of 10 m is a tenth
    table = seen_on_map(
        house(
            large,
            {**large, "id": "P2"},
            {"id": "P3", "geometry": (0, 0, 0.5, 0.5)},  # 50 m wide: 0.2 of 0.25 ha are rim
            {**large, "id": "P4", "status": "在建"},
            {**large, "id": "P5", "year": 2019},
            {**large, "id": "P6"},
        ),
        moved(
            ("P1", "PND", "MAR", 9.0), ("P1", "PND", "PND", 4.0), ("P1", "MAR", "MAR", 3.0),
            ("P2", "PND", "PND", 12.0), ("P2", "PND", "MAR", 4.0),
            ("P3", "PND", "MAR", 0.25), ("P4", "PND", "PND", 16.0), ("P5", "PND", "MAR", 16.0),
        ),
        years=(2020, 2025),
        pixel_m=10,
    )  # fmt: skip

    assert table["judged"].to_dict() == {
        "P1": "seen", "P2": "unseen", "P3": "too_small", "P4": "not_due", "P5": "not_due",
        "P6": "no_map",
    }  # fmt: skip
    first = table.loc["P1"]
    assert first["was_before_pct"] == pytest.approx(100 * 13 / 16)
    assert first["is_after_pct"] == pytest.approx(100 * 12 / 16)
    assert first["became_pct"] == pytest.approx(100 * 9 / 16)
    assert np.isnan(table.loc["P6", "is_after_pct"])


def test_every_word_of_the_plausibility_check_can_be_said():
    assert set(labels("seen")) == {"seen", "unseen", "too_small", "not_due", "no_map"}


def test_the_message_about_unknown_words_names_all_that_are_known():
    terms = project_terms()

    assert terms.loc["type", "name_zh"].to_list() == [
        "退养还湿", "退圩还湖", "水系连通", "植被恢复", "污染治理", "新建小微湿地", "造林"
    ]  # fmt: skip
    assert terms.loc["status"].index.to_list() == ["planned", "under_way", "accepted", "dropped"]


def test_the_demonstration_ledger_is_sound_but_for_one_place_treated_twice():
    layer = read_layer(VECTOR / "yandu_projects.gpkg", geometry="polygon").frame
    district = read_layer(VECTOR / "yandu_district.gpkg", geometry="polygon").frame

    findings = ledger_findings(
        layer, LedgerFields(area="area_mu", area_unit="mu"), RULES, district=district
    )

    assert [finding.code for finding in findings] == ["F58"]
    assert findings[0].facts["rows"] == ["P001 (2022) ∩ P014 (2025): 14.04 ha"]
