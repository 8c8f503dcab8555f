"""Spatial pattern: counted by hand on drawn scenes."""

from __future__ import annotations

import numpy as np
import pytest

from sinks.errors import InputRefused
from sinks.restoration.network.pattern import pattern_of
from tests.restoration.made_network import drawn_pattern, lattice_for, letters, lines, mask


def found(picture, **rule):
    drawn = letters(picture)
    return pattern_of(drawn == "#", lattice_for(drawn), known=drawn != "?", **rule)


def same(picture, expected, **rule):
    assert drawn_pattern(found(picture, **rule).codes) == lines(expected)


def test_a_block_is_core_within_an_edge():
    same(
        """
        .......
        .#####.
        .#####.
        .#####.
        .......
        """,
        """
        .......
        .EEEEE.
        .ECCCE.
        .EEEEE.
        .......
        """,
    )


def test_a_wider_edge_leaves_less_core():
    same(
        """
        .......
        .#####.
        .#####.
        .#####.
        .#####.
        .#####.
        .......
        """,
        """
        .......
        .EEEEE.
        .EEEEE.
        .EECEE.
        .EEEEE.
        .EEEEE.
        .......
        """,
        edge_px=2,
    )


def test_around_a_hole_in_the_core_is_perforation():
    same(
        """
        ...........
        .#########.
        .#########.
        .#########.
        .#########.
        .####.####.
        .#########.
        .#########.
        .#########.
        .#########.
        ...........
        """,
        """
        ...........
        .EEEEEEEEE.
        .ECCCCCCCE.
        .ECCCCCCCE.
        .ECCPPPCCE.
        .ECCP.PCCE.
        .ECCPPPCCE.
        .ECCCCCCCE.
        .ECCCCCCCE.
        .EEEEEEEEE.
        ...........
        """,
    )


def test_a_core_in_the_hole_of_another_has_an_edge():
    drawn = np.ones((17, 17), dtype=bool)
    drawn[[0, -1]] = drawn[:, [0, -1]] = False
    drawn[4:13, 4:13] = False
    drawn[6:11, 6:11] = True

    codes = pattern_of(drawn, lattice_for(drawn)).codes

    assert drawn_pattern(codes[6:7, :]) == ".ECP..EEEEE..PCE."
    assert drawn_pattern(codes[8:9, :]) == ".ECP..ECCCE..PCE."


def test_a_line_between_two_blocks_is_a_bridge_and_what_dangles_from_it_a_branch():
    same(
        """
        .............
        .###.....###.
        .###.....###.
        .###########.
        .###..#..###.
        .###..#..###.
        ......#......
        ......#......
        """,
        """
        .............
        .EEE.....EEE.
        .ECE.....ECE.
        .ECEBBBBBECE.
        .ECE..B..ECE.
        .EEE..R..EEE.
        ......R......
        ......R......
        """,
    )


def test_a_bridge_as_wide_as_two_edges_is_bridge_all_over():
    same(
        """
        .............
        .###.....###.
        .###########.
        .###########.
        .###.....###.
        .............
        """,
        """
        .............
        .EEE.....EEE.
        .ECEBBBBBECE.
        .ECEBBBBBECE.
        .EEE.....EEE.
        .............
        """,
    )


def test_a_dangling_line_is_a_branch():
    same(
        """
        .........
        .###.....
        .#######.
        .###.....
        .........
        """,
        """
        .........
        .EEE.....
        .ECERRRR.
        .EEE.....
        .........
        """,
    )


def test_a_line_from_a_core_back_to_it_is_a_loop():
    same(
        """
        .........
        .#####...
        .#######.
        .#####.#.
        .#######.
        .#####...
        .........
        """,
        """
        .........
        .EEEEE...
        .ECCCELL.
        .ECCCE.L.
        .ECCCELL.
        .EEEEE...
        .........
        """,
    )


def test_habitat_without_core_is_an_islet_whatever_its_shape():
    same(
        """
        .......
        .##..#.
        .##.#..
        ...#...
        .......
        """,
        """
        .......
        .II..I.
        .II.I..
        ...I...
        .......
        """,
    )


def test_ground_that_is_not_known_makes_no_edge():
    same(
        """
        ???????
        ?###...
        ?###...
        ?###...
        ?......
        """,
        """
        ???????
        ?CCE...
        ?CCE...
        ?EEE...
        ?......
        """,
    )


def test_the_border_of_the_raster_makes_no_edge():
    same("###\n###\n###", "CCC\nCCC\nCCC")


def test_the_table_counts_known_ground():
    table = found("?###\n....").table()

    assert table.loc["background", "px"] == 4
    assert table["px"].sum() == 7
    assert table["area_ha"].sum() == pytest.approx(7.0)
    assert table["share_pct"].sum() == pytest.approx(100)


def test_a_width_of_nought_is_refused():
    with pytest.raises(InputRefused) as refused:
        found("###", edge_px=0)

    assert refused.value.findings[0].code == "N30"


def test_layers_of_another_shape_are_refused():
    with pytest.raises(InputRefused) as refused:
        pattern_of(mask("###"), lattice_for(mask("##")))

    assert refused.value.findings[0].code == "N32"
