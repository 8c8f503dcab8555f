"""Lines: as long as they are on the ellipsoid, and cut by zone without losing a metre."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis.strategies import integers, lists, tuples

from sinks.indicators.lines import courses, length_m, lines_by_zone
from sinks.zones.overlay import EQUAL_AREA, equal_area
from tests.indicators.ground import line, shapes, zones


def _once(path):
    """Whether a path never runs over itself."""
    whole = shapely.LineString(path)
    return shapely.length(shapely.node(whole)) > shapely.length(whole) - 1e-9


CORNERS = tuples(integers(0, 4), integers(0, 4))  # lines that often run along borders
PATHS = lists(CORNERS, min_size=2, max_size=6).filter(
    lambda path: all(a != b for a, b in pairwise(path)) and _once(path)
)


def in_degrees(*points):
    frame = gpd.GeoDataFrame(geometry=[shapely.LineString(points)], crs="EPSG:4326")
    return equal_area(frame).geometry.to_numpy()


def test_a_degree_of_the_meridian_is_as_long_as_the_ellipsoid_says():
    a, e2 = 6_378_137.0, 0.006_694_379_990_14
    phi = np.radians(np.linspace(33, 34, 10_001))
    radius = a * (1 - e2) / (1 - e2 * np.sin(phi) ** 2) ** 1.5
    arc_m = np.sum((radius[1:] + radius[:-1]) / 2 * np.diff(phi))  # 110.9 km

    assert length_m(in_degrees((120, 33), (120, 34)))[0] == pytest.approx(arc_m, abs=0.01)


def test_a_line_to_the_east_is_longer_in_the_plane_than_on_the_ground():
    a, e2, phi = 6_378_137.0, 0.006_694_379_990_14, np.radians(33)
    arc_m = a * np.cos(phi) / np.sqrt(1 - e2 * np.sin(phi) ** 2) * np.radians(0.1)
    there = in_degrees((120, 33), (120.1, 33))

    assert length_m(there)[0] == pytest.approx(arc_m, abs=0.01)  # 9.3 km
    assert there[0].length / arc_m == pytest.approx(1.033, abs=0.001)


def test_stretches_that_follow_one_another_make_up_the_line():
    whole = shapes(line((0, 0), (1, 0), (1, 3)))
    course = courses(whole)[0]

    cuts = np.linspace(0, course.length_m, 8)
    parts = [course.stretch(a, b) for a, b in pairwise(cuts)]

    assert length_m(np.array(parts)) == pytest.approx(course.length_m / 7)
    assert course.length_m == pytest.approx(length_m(whole)[0])


def test_the_gap_between_two_parts_of_a_river_has_no_length():
    parts = shapely.MultiLineString([line((0, 0), (0, 1)), line((0, 2), (0, 3))])
    first_m, second_m = length_m(shapes(*parts.geoms))

    course = courses(shapes(parts))[0]
    over_the_gap = course.stretch(first_m - 100, first_m + 100)

    assert course.length_m == pytest.approx(first_m + second_m)
    assert len(over_the_gap.geoms) == 2
    assert length_m(shapes(over_the_gap))[0] == pytest.approx(200)


def test_a_line_that_crosses_a_border_is_cut_there():
    pieces = lines_by_zone(shapes(line((1, 1), (3, 1))), zones()).set_index("zone")["length_m"]

    assert pieces["west"] == pytest.approx(pieces["east"])
    assert pieces["west"] + pieces["east"] == pytest.approx(pieces["whole"])


def test_a_line_on_the_border_of_two_zones_counts_half_in_each():
    border = shapes(line((2, 1), (2, 3)))

    pieces = lines_by_zone(border, zones()).set_index("zone")["length_m"]

    assert pieces["west"] == pieces["east"] == pytest.approx(length_m(border)[0] / 2)
    assert pieces["whole"] == pytest.approx(length_m(border)[0])


@given(PATHS)
def test_zones_that_partition_the_district_add_up_to_it(path):
    four = {f"{x}{y}": (x, y, x + 2, y + 2) for x in (0, 2) for y in (0, 2)}
    lines = shapes(line(*path))

    parts = lines_by_zone(lines, zones(four))["length_m"].sum()
    whole = lines_by_zone(lines, zones({"whole": (0, 0, 4, 4)}))["length_m"].sum()

    assert parts == pytest.approx(whole, abs=1e-4)
    assert whole <= length_m(lines)[0] + 1e-4


def test_the_plane_of_lines_is_that_of_areas():
    assert zones().crs == EQUAL_AREA
