"""Splits by polygons: counted by hand on drawn scenes, then held to laws on any scene."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import MultiPolygon, Polygon, box

from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.refinement.places import painted
from sinks.refinement.splits import SplitRule, rules_within, split
from sinks.zones.placed import placed
from tests.scenes import cover_from_codes, draw, scene_grid, zones_at

SCENE = draw("""
    F F W W
    F W W W
    . W W G
""")
TO_GRASS = SplitRule(land_cover="water", kind="reeds", becomes="grass")
TO_FOREST = SplitRule(land_cover="water", kind="swamp", becomes="forest")
ANY_CODES = arrays("uint8", (7, 9), elements=st.sampled_from([0, 1, 2, 3]))
# to a millionth of a pixel: nearer corners overflow where lengths are divided
COLUMN, ROW = (st.floats(-2, most).map(lambda v: round(v, 6)) for most in (11, 9))
CORNERS = st.lists(st.tuples(COLUMN, ROW), min_size=3, max_size=7)


def codes_of(cover):
    return cover.read(Window(0, 0, *cover.grid.shape))


def rows_of(table):
    return {key: tuple(row) for key, row in table.round(6).iterrows()}


def test_pixels_of_the_class_in_the_polygon_change_and_others_stay():
    found = split(SCENE, {"reeds": zones_at({"a": box(0, 0, 2.6, 3)})}, [TO_GRASS])

    expected = draw("""
        F F G W
        F G G W
        . G G G
    """)
    np.testing.assert_array_equal(codes_of(found.cover), codes_of(expected))
    assert rows_of(found.changes) == {("water", "reeds", "grass"): (5, 5.0)}
    assert rows_of(found.unresolved) == {"water": (2, 2.0)}
    assert found.cover.pixels == {0: 1, 1: 3, 2: 6, 3: 2}
    assert [f.code for f in found.cover.findings] == ["U13"]


def test_the_centre_of_a_pixel_decides():
    half = {"a": box(2.5, 0, 3.49, 1)}  # holds the centre 2.5 on its left edge, not 3.5

    found = split(SCENE, {"reeds": zones_at(half)}, [TO_GRASS])

    assert codes_of(found.cover)[0].tolist() == [1, 1, 2, 3]


def test_a_hole_of_a_polygon_changes_nothing():
    ring = {"a": box(0, 0, 4, 3).difference(box(2.2, 1.2, 3.8, 1.8))}

    found = split(SCENE, {"reeds": zones_at(ring)}, [TO_GRASS])

    assert codes_of(found.cover).tolist() == [[1, 1, 2, 2], [1, 2, 3, 3], [0, 2, 2, 2]]


def test_polygons_within_a_group_of_classes_are_right():
    layers = {"water": zones_at({"a": box(2, 0, 4, 3)}), "grass": zones_at({"b": box(0, 0, 2, 3)})}

    found = split(SCENE, layers, rules_within(["water", "grass"]))

    expected = draw("""
        F F W W
        F G W W
        . G W W
    """)
    np.testing.assert_array_equal(codes_of(found.cover), codes_of(expected))
    assert rows_of(found.changes) == {
        ("grass", "water", "water"): (1, 1.0),
        ("water", "water", "water"): (5, 5.0),  # confirmed
        ("water", "grass", "grass"): (2, 2.0),
    }
    assert found.unresolved["px"].sum() == 0


def test_polygons_that_disagree_are_asked_about_and_settled_by_precedence():
    layers = {"reeds": zones_at({"a": box(0, 0, 3, 3)}), "swamp": zones_at({"b": box(2, 0, 4, 3)})}

    with pytest.raises(InputRefused) as refused:
        split(SCENE, layers, [TO_GRASS, TO_FOREST])
    settled = split(SCENE, layers, [TO_GRASS, TO_FOREST], precedence=("swamp", "reeds"))

    (finding,) = refused.value.findings
    assert finding.code == "U12"
    assert finding.facts["px"] == 3
    assert finding.facts["area_ha"] == pytest.approx(3)
    assert codes_of(settled.cover)[1].tolist() == [1, 2, 1, 1]


def test_polygons_that_overlap_and_agree_are_no_conflict():
    layers = {"reeds": zones_at({"a": box(0, 0, 3, 3), "b": box(1, 0, 4, 3)})}

    assert split(SCENE, layers, [TO_GRASS]).changes["px"].sum() == 7


def test_a_class_that_the_legend_lacks_is_refused():
    rule = SplitRule(land_cover="water", kind="reeds", becomes="lake")

    with pytest.raises(InputRefused, match="U08"):
        split(SCENE, {"reeds": zones_at({"a": box(0, 0, 1, 1)})}, [rule])


@pytest.mark.parametrize("precedence", [(), ("reeds",)])
def test_a_kind_without_polygons_or_without_a_place_in_the_order_is_refused(precedence):
    layers = {"swamp": zones_at({"a": box(0, 0, 1, 1)})}

    with pytest.raises(InputRefused, match="U11"):
        split(SCENE, layers, [TO_GRASS] if not precedence else [TO_FOREST], precedence=precedence)


def cut(corners, at):
    whole = shapely.convex_hull(shapely.MultiPoint(corners))
    halves = [whole.intersection(box(-9, -9, at, 99)), whole.intersection(box(at, -9, 99, 99))]
    sound = all(shape.geom_type == "Polygon" and shape.area > 1e-3 for shape in halves)
    return (whole, *halves) if sound else None


@given(ANY_CODES, CORNERS, st.floats(0.5, 8.5))
@settings(max_examples=25)
def test_parting_a_polygon_in_two_changes_nothing(codes, corners, at):
    shapes = cut(corners, at)
    if shapes is None:
        return
    cover = cover_from_codes(codes | 1)
    whole, left, right = shapes

    one = split(cover, {"reeds": zones_at({"w": whole})}, [TO_GRASS])
    two = split(cover, {"reeds": zones_at({"l": left, "r": right})}, [TO_GRASS])

    np.testing.assert_array_equal(codes_of(one.cover), codes_of(two.cover))
    assert one.changes.equals(two.changes)


@given(ANY_CODES, CORNERS, st.integers(0, 6), st.integers(0, 8))
@settings(max_examples=25)
def test_a_window_shows_what_the_whole_shows_and_counts_are_true(codes, corners, row, col):
    whole = shapely.convex_hull(shapely.MultiPoint(corners))
    if whole.geom_type != "Polygon" or whole.area < 1e-3:
        return
    cover = cover_from_codes(codes | 1)
    found = split(cover, {"reeds": zones_at({"w": whole})}, [TO_GRASS], threads=2)

    after = codes_of(found.cover)
    np.testing.assert_array_equal(found.cover.read(Window(row, col, 1, 1)), after[row, col])
    moved = (after != codes_of(cover)).sum()
    assert found.changes["px"].sum() == moved
    assert found.cover.pixels == {c: n for c in range(4) if (n := int((after == c).sum()))}


@given(CORNERS)
@settings(max_examples=40)
def test_centres_are_found_as_shapely_finds_them(corners):
    shape = shapely.convex_hull(shapely.MultiPoint(corners))
    if shape.geom_type != "Polygon" or shape.area < 1e-3:
        return
    rings = placed(zones_at({"z": shape}), scene_grid((7, 9))).rings
    x, y = np.meshgrid(np.arange(9) + 0.5, np.arange(7) + 0.5)
    near = shapely.distance(shape.boundary, shapely.points(x, y)) < 1e-6

    found, disputed = painted(rings, np.ones(1, dtype=np.int32), Window(0, 0, 7, 9))

    np.testing.assert_array_equal((found > 0)[~near], shapely.contains_xy(shape, x, y)[~near])
    assert not disputed.any()


def test_polygons_that_share_edges_share_no_pixel():
    diagonal = {"a": Polygon([(0, 0), (4, 0), (0, 4)]), "b": Polygon([(4, 0), (4, 4), (0, 4)])}
    rings = placed(zones_at(diagonal), scene_grid((4, 4))).rings

    found, disputed = painted(rings, np.array([1, 2], dtype=np.int32), Window(0, 0, 4, 4))

    assert (found > 0).all()
    assert not disputed.any()


def test_parts_of_a_polygon_far_from_a_window_are_left_alone():
    parts = MultiPolygon([box(0, 0, 2, 2), box(700, 700, 702, 701)])
    rings = placed(zones_at({"z": parts}), scene_grid((800, 800))).rings

    found, _ = painted(rings, np.ones(1, dtype=np.int32), Window(698, 699, 5, 5))

    assert np.argwhere(found).tolist() == [[2, 1], [2, 2]]
