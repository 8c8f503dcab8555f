"""A planned pattern beside the land, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sinks.errors import InputRefused
from sinks.restoration.network.planned import (
    Land,
    PlannedArea,
    PlannedLine,
    areas_on_land,
    lines_on_land,
)
from tests.restoration.made_network import lattice_for, letters, mask


def land(picture):
    """C core, h habitat, b built-up, w way of a corridor that was found, ? unknown."""
    drawn = letters(picture)
    return Land(
        habitat=np.isin(drawn, ["C", "h"]),
        cores=drawn == "C",
        built_up=drawn == "b",
        ways=drawn == "w",
        known=drawn != "?",
        lattice=lattice_for(drawn),
    )


def corridor(*points, key="east"):
    rows, cols = np.array(points, dtype=float).T
    return PlannedLine(key=key, kind="corridor", rows=rows, cols=cols)


def test_a_line_is_shared_out_by_what_it_crosses():
    found = lines_on_land([corridor((0, -0.5), (0, 9.5))], land("CCCh.bb.hh"))

    row = found.lines.loc["east"]
    assert row["length_m"] == pytest.approx(1000)
    assert row[["known_pct", "habitat_pct", "core_pct", "built_up_pct"]].tolist() == (
        pytest.approx([100, 60, 30, 20])
    )
    assert row["gaps"] == 1
    assert row["longest_gap_m"] == pytest.approx(400)
    gap = found.gaps.loc[0]
    assert gap[["from_m", "length_m", "built_up_m"]].tolist() == pytest.approx([400, 400, 200])
    assert gap["x"] == pytest.approx(600, abs=50)
    assert gap["y"] == pytest.approx(-50)


def test_what_is_not_known_is_neither_habitat_nor_gap():
    found = lines_on_land([corridor((0, -0.5), (0, 13.5))], land("hh??..hhhh"))

    row = found.lines.loc["east"]
    assert row["known_pct"] == pytest.approx(100 * 8 / 14)
    assert row["habitat_pct"] == pytest.approx(75)
    assert found.gaps["length_m"].tolist() == pytest.approx([200])


def test_habitat_and_corridors_within_reach_count():
    ground = land("""
        ..hh..
        ......
        wwwwww
    """)
    line = corridor((1, -0.5), (1, 5.5))

    strict = lines_on_land([line], ground).lines.loc["east"]
    near = lines_on_land([line], ground, reach_m=100.0).lines.loc["east"]

    assert strict[["habitat_pct", "found_pct"]].tolist() == [0, 0]
    assert near[["habitat_pct", "found_pct"]].tolist() == pytest.approx([100 / 3, 100])


def test_short_gaps_may_be_left_out():
    ground = land("h.h....h")
    line = corridor((0, -0.5), (0, 7.5))

    found = lines_on_land([line], ground, least_gap_m=150.0)

    assert found.gaps["length_m"].tolist() == pytest.approx([400])
    assert found.lines.loc["east", "gaps"] == 1


def test_a_bent_line_has_its_own_length():
    ground = land("hhhhh\n" * 5)

    found = lines_on_land([corridor((0, 0), (3, 4), (4, 4))], ground)

    assert found.lines.loc["east", "length_m"] == pytest.approx(600)
    assert len(found.gaps) == 0
    assert found.lines.loc["east", "longest_gap_m"] == 0


def test_several_lines_have_their_gaps_in_one_table():
    ground = land("hh..\n....")
    both = [corridor((0, -0.5), (0, 3.5)), corridor((1, 0), (1, 2), key="north")]

    found = lines_on_land(both, ground)

    assert found.lines.index.tolist() == ["east", "north"]
    assert found.gaps["line"].tolist() == ["east", "north"]
    assert lines_on_land([], ground).lines.empty
    assert lines_on_land([], ground).gaps.empty


@pytest.mark.parametrize("points", [((9, 9), (9, 12)), ((0, 0), (0, 0))])
def test_a_line_beside_the_land_is_refused(points):
    with pytest.raises(InputRefused) as refused:
        lines_on_land([corridor(*points)], land("hh..\n...."))

    assert refused.value.findings[0].code == "N36"


def test_planned_nodes_are_cores_where_cores_cover_half():
    ground = land("""
        CC..?
        CCb.?
    """)
    areas = [
        PlannedArea(key="lake", kind="heart", mask=mask("##...\n###..")),
        PlannedArea(key="park", kind="point", mask=mask("..###\n.....")),
    ]

    found = areas_on_land(areas, ground)

    assert found.loc["lake"].tolist() == pytest.approx(["heart", 5, 100, 80, 80, 20, True])
    assert found.loc["park"].tolist() == ["point", 3, pytest.approx(200 / 3), 0, 0, 0, False]
    assert found["is_core"].mean() == 0.5
    assert not areas_on_land(areas, ground, core_share=0.9)["is_core"].any()


def test_an_area_beside_the_land_is_refused():
    outside = PlannedArea(key="lake", kind="heart", mask=mask("....#"))

    with pytest.raises(InputRefused) as refused:
        areas_on_land([outside], land("hhhh?"))

    assert refused.value.findings[0].code == "N36"
