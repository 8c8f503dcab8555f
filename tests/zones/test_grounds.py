"""Grounds of zones: counted on drawn scenes, and adding up to their zone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from sinks.zones.areas import tabulate
from sinks.zones.grounds import REST, by_ground, grounds_of
from sinks.zones.overlay import equal_area
from tests.scenes import cover_from_codes, draw, zones_at


def divided(cover, zones, **named):
    shapes = {name: zones_at(dict(enumerate_shapes(of))).frame.geometry.to_numpy()
              for name, of in named.items()}  # fmt: skip
    grounds = grounds_of(equal_area(zones.frame), shapes)
    table = tabulate(cover, grounds.beside(zones))
    return by_ground(table.areas, grounds)["area_ha"]


def enumerate_shapes(shapes):
    return ((f"s{i}", shape) for i, shape in enumerate(shapes))


SCENE = draw("""
    F F G
    F W G
""")
WHOLE = zones_at({"whole": box(0, 0, 3, 2), "west": box(0, 0, 1, 2)})


def test_the_ground_of_stands_is_taken_out_of_each_zone():
    found = divided(SCENE, WHOLE, stands=[box(0.5, 0, 2, 1)])

    assert found[("whole", "stands", "forest")] == pytest.approx(1.5)
    assert found[("whole", REST, "forest")] == pytest.approx(1.5)
    assert found[("whole", REST, "grass")] == pytest.approx(2)
    assert found[("west", "stands", "forest")] == pytest.approx(0.5)
    assert found[("west", REST, "forest")] == pytest.approx(1.5)


def test_the_first_ground_to_name_a_place_has_it():
    found = divided(SCENE, WHOLE, stands=[box(0, 0, 2, 2)], reservoir=[box(1, 1, 3, 2)])

    assert found[("whole", "stands", "water")] == pytest.approx(1)
    assert ("whole", "reservoir", "water") not in found.index
    assert found[("whole", "reservoir", "grass")] == pytest.approx(1)


def test_polygons_that_overlap_within_a_ground_count_once():
    found = divided(SCENE, WHOLE, stands=[box(0, 0, 1, 1), box(0, 0, 1, 2)])

    assert found[("whole", "stands", "forest")] == pytest.approx(2)


def test_ground_that_a_zone_lies_in_wholly_leaves_no_rest():
    found = divided(SCENE, WHOLE, stands=[box(-1, -1, 2, 3)])

    assert found.xs("west", level="zone").index.unique("ground").to_list() == ["stands"]


def test_no_ground_at_all_leaves_the_zones_as_they_are():
    grounds = grounds_of(equal_area(WHOLE.frame), {"stands": np.array([], dtype=object)})

    areas = tabulate(SCENE, WHOLE).areas
    assert grounds.parts is None
    found = by_ground(areas, grounds)
    assert found.index.unique("ground").to_list() == [REST]
    assert found["area_ha"].to_list() == areas["area_ha"].to_list()


corner, side = st.floats(-1, 6), st.floats(0.1, 4)
rectangles = st.tuples(corner, corner, side, side)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(rectangles, min_size=1, max_size=4),
    st.lists(rectangles, max_size=2),
    st.integers(0, 10),
)
def test_grounds_add_up_to_their_zone(first, second, seed):
    codes = np.random.default_rng(seed).integers(1, 4, (5, 5)).astype(np.uint8)
    cover = cover_from_codes(codes)
    zones = zones_at({"whole": box(0, 0, 5, 5), "part": box(1, 1, 3.5, 4)})
    named = {"a": [box(x, y, x + w, y + h) for x, y, w, h in first]}
    named["b"] = [box(x, y, x + w, y + h) for x, y, w, h in second] or [box(2, 2, 3, 3)]

    shapes = {k: zones_at(dict(enumerate_shapes(v))).frame.geometry.to_numpy()
              for k, v in named.items()}  # fmt: skip
    grounds = grounds_of(equal_area(zones.frame), shapes)
    table = tabulate(cover, grounds.beside(zones))
    found = by_ground(table.areas, grounds)["area_ha"]

    sums = found.groupby(level=["zone", "land_cover"]).sum()
    for (zone, key), area_ha in table.areas["area_ha"].items():
        if zone in ("whole", "part"):
            assert sums[(zone, key)] == pytest.approx(area_ha, abs=1e-6)
