"""Places counted once: nothing is lost, nothing is there twice, and the first one has it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from sinks.indicators.places import counted_once, pieces_by_zone
from tests.indicators.ground import box, shapes, zones

BOXES = lists(
    tuples(integers(0, 3), integers(0, 3), integers(1, 3), integers(1, 3)), min_size=1, max_size=6
)


def test_what_two_polygons_share_belongs_to_the_first():
    first, second = counted_once(shapes(box(0, 0, 2, 1), box(1, 0, 4, 1)))

    assert first.equals(box(0, 0, 2, 1))
    assert second.equals(box(2, 0, 4, 1))


def test_a_polygon_that_others_cover_has_nothing_left():
    rest = counted_once(shapes(box(0, 0, 1, 1), box(1, 0, 2, 1), box(0.5, 0, 1.5, 1)))

    assert shapely.area(rest[2]) == 0


@given(BOXES)
def test_together_they_cover_what_all_cover_and_no_place_twice(drawn):
    whole = shapes(*(box(x, y, x + width, y + height) for x, y, width, height in drawn))

    rest = counted_once(whole)

    assert shapely.area(rest).sum() == pytest.approx(shapely.area(shapely.union_all(whole)))
    assert shapely.union_all(rest).equals(shapely.union_all(whole))


@given(BOXES)
def test_halves_of_a_district_have_together_what_it_has(drawn):
    whole = counted_once(
        shapes(*(box(x / 2, y / 2, (x + w) / 2, (y + h) / 2) for x, y, w, h in drawn))
    )

    area_ha = pieces_by_zone(whole, zones()).groupby("zone")["area_ha"].sum()

    assert area_ha.reindex(["west", "east"], fill_value=0).sum() == pytest.approx(area_ha["whole"])


def test_a_piece_says_which_polygon_it_is_of():
    pieces = pieces_by_zone(shapes(box(0, 0, 1, 1), box(3, 0, 4, 1)), zones())

    assert pieces.set_index("zone").loc[["west", "east"], "shape"].to_list() == [0, 1]
    np.testing.assert_allclose(pieces["area_ha"], 100)
    np.testing.assert_allclose(pieces["perimeter_m"], 4000)
