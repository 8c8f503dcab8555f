"""Pinch points: resistor networks that can be solved on paper."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.restoration.network import pinch
from sinks.restoration.network.pinch import flow_between, pinch_points, potentials, resistors
from tests.restoration.made_network import network_on


def resistance_between(count, parts):
    one, other, ohm = (np.array(part) for part in zip(*parts, strict=True))
    return potentials(count, one, other, 1 / ohm)[0]


def test_resistors_in_a_row_add_up():
    assert resistance_between(3, [(0, 2, 2.0), (2, 1, 3.0)]) == pytest.approx(5)


def test_resistors_side_by_side_share_the_current():
    assert resistance_between(2, [(0, 1, 3.0), (0, 1, 6.0)]) == pytest.approx(2)


def test_a_bridge_of_wheatstone():
    """Balanced: nothing flows over the middle; unbalanced: 1, 2, 3, 4 ohm around, 5 across."""
    balanced = [(0, 2, 1.0), (0, 3, 2.0), (2, 1, 2.0), (3, 1, 4.0), (2, 3, 5.0)]
    unbalanced = [(0, 2, 1.0), (0, 3, 2.0), (2, 1, 3.0), (3, 1, 4.0), (2, 3, 5.0)]
    # star of the triangle 1, 2, 5 ohm: 1*2/8, 1*5/8, 2*5/8
    star = 2 / 8 + 1 / (1 / (5 / 8 + 3) + 1 / (10 / 8 + 4))

    assert resistance_between(4, balanced) == pytest.approx(1 / (1 / 3 + 1 / 6))
    assert resistance_between(4, unbalanced) == pytest.approx(star)


def test_a_cube_of_equal_resistors():
    corners = [(a, b) for a in range(8) for b in range(a + 1, 8) if (a ^ b).bit_count() == 1]
    order = [0, 7, 1, 2, 3, 4, 5, 6]  # opposite corners are nodes 0 and 1
    parts = [(order.index(a), order.index(b), 1.0) for a, b in corners]

    assert resistance_between(8, parts) == pytest.approx(5 / 6)


def test_pixels_are_resistors_over_sides_and_corners():
    one, other, conductance = resistors(
        np.array([[0, 2], [2, 1]]), np.array([[1.0, 3.0], [3.0, 5.0]])
    )

    found = sorted(zip(one.tolist(), other.tolist(), (1 / conductance).tolist(), strict=True))
    assert found == [
        (0, 1, pytest.approx(3 * sqrt(2))), (0, 2, 2.0), (0, 2, 2.0), (2, 1, 4.0), (2, 1, 4.0),
    ]  # fmt: skip


def test_all_current_passes_through_a_single_line():
    corridors, ground = network_on("xxxxxx\n#....#\nxxxxxx")

    flow = flow_between(corridors, ground, 0)

    assert flow.current.tolist() == pytest.approx([1] * 4)
    assert flow.resistance_m == pytest.approx(500)


def test_two_ways_of_equal_cost_carry_half_each():
    corridors, ground = network_on("""
        x.....x
        #xxxxx#
        x.....x
    """)

    found = pinch_points(corridors, ground)

    assert found.current[0, 1:6] == pytest.approx([0.5] * 5)
    assert found.current[2, 1:6] == pytest.approx([0.5] * 5)
    row = found.table.loc[(1, 2)]
    assert row["detours"] == pytest.approx(2)
    assert row["swath_ha"] == 10
    assert row["most_current"] == pytest.approx(0.5)


def test_the_gap_in_a_wall_is_the_pinch_point():
    corridors, ground = network_on("""
        #..x..#
        #.....#
        #..x..#
    """)

    row = pinch_points(corridors, ground, more=0.5).table.loc[(1, 2)]

    assert row[["row", "col"]].tolist() == [1, 3]
    assert row["most_current"] == pytest.approx(1)


def test_a_swath_that_is_too_wide_is_refused(monkeypatch):
    monkeypatch.setattr(pinch, "MOST_PIXELS", 3)
    corridors, ground = network_on("#....#")

    with pytest.raises(InputRefused) as refused:
        pinch_points(corridors, ground)

    assert refused.value.findings[0].code == "N37"


def test_without_corridors_there_are_no_pinch_points():
    corridors, ground = network_on("#...")

    found = pinch_points(corridors, ground)

    assert found.current.sum() == 0
    assert len(found.table) == 0


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_current_is_kept_and_more_ways_never_resist_more(seed):
    random = np.random.default_rng(seed)
    ground = random.choice([1.0, 3.0, 8.0], (9, 12))
    drawn = np.full((9, 12), ".")
    drawn[:, 0] = drawn[:, -1] = "#"
    corridors, _ = network_on("\n".join("".join(row) for row in drawn), ground)

    narrow, wide = (flow_between(corridors, ground, 0, more=more) for more in (0.0, 0.5))

    cost_m = corridors.table["cost_m"].item()
    assert wide.resistance_m <= narrow.resistance_m + 1e-9 <= cost_m + 2e-9
    for flow in (narrow, wide):
        assert (flow.current >= -1e-12).all()
        assert (flow.current <= 1 + 1e-9).all()
        columns = np.bincount(flow.swath.cols, flow.current, 12)[1:-1]
        assert (columns >= 1 - 1e-9).all()  # every column is crossed by the whole flow
