"""Polygons over polygons: areas by hand, laws on random polygons, and each place once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples
from pyproj import Geod
from shapely.geometry import box

from sinks.zones.overlay import (
    EQUAL_AREA,
    dissolve,
    equal_area,
    intersections,
    overlap_ha,
    polygon_ha,
    self_overlaps,
)

BOXES = lists(
    tuples(floats(0, 50), floats(0, 50), floats(1, 40), floats(1, 40)), min_size=1, max_size=6
)


def shapes(*corners):
    return np.array([box(*corner) for corner in corners], dtype=object)


def boxes(drawn):
    return shapes(*((x, y, x + w, y + h) for x, y, w, h in drawn))


def frame(array):
    return gpd.GeoDataFrame(geometry=list(array), crs=EQUAL_AREA)


def test_two_protected_squares_that_overlap_by_half_protect_a_third_less_than_their_sum():
    wetland = frame(shapes((0, 0, 2000, 2000)))
    parks = frame(shapes((0, 0, 1000, 1000), (500, 0, 1500, 1000)))

    # union of 1.5 km2 in a wetland of 4 km2: 37.5 %, not 50 % (methods handbook, T19)
    assert overlap_ha(wetland, parks) / polygon_ha(wetland).sum() == pytest.approx(0.375)


def test_pieces_name_both_owners():
    pieces = intersections(shapes((0, 0, 2, 2), (5, 5, 6, 6)), shapes((1, 1, 9, 9), (0, 0, 1, 1)))

    found = sorted(zip(pieces.left, pieces.right, shapely.area(pieces.shapes), strict=True))
    assert found == [(0, 0, 1.0), (0, 1, 1.0), (1, 0, 1.0)]


def test_polygons_that_only_touch_share_nothing():
    assert len(intersections(shapes((0, 0, 1, 1)), shapes((1, 0, 2, 1))).shapes) == 0


def test_overlaps_within_a_layer_are_named_once():
    layer = frame(shapes((0, 0, 200, 100), (100, 0, 300, 100), (900, 0, 950, 50)))

    pairs = self_overlaps(layer)

    assert pairs[["left", "right"]].to_numpy().tolist() == [[0, 1]]
    assert pairs["area_ha"].tolist() == [1.0]


@given(BOXES, BOXES)
def test_what_is_in_both_and_what_is_in_one_add_up(first, second):
    left, right = dissolve(boxes(first)), dissolve(boxes(second))

    inside = shapely.area(intersections(left, right).shapes).sum()
    outside = shapely.difference(shapely.union_all(left), shapely.union_all(right)).area

    assert inside + outside == pytest.approx(shapely.area(left).sum(), rel=1e-9)


@given(BOXES)
def test_dissolving_counts_each_place_once(drawn):
    layer = boxes(drawn)

    parts = dissolve(layer)

    assert shapely.area(parts).sum() == pytest.approx(shapely.union_all(layer).area)
    assert sum(a.intersection(b).area for a in parts for b in parts if a is not b) < 1e-9


@pytest.mark.parametrize("north", [23.1, 33.3, 45.8])
def test_hectares_of_degrees_are_those_of_the_ellipsoid(north):
    layer = gpd.GeoDataFrame(geometry=[box(119.7, north - 0.3, 120.2, north)], crs="EPSG:4490")

    ring = layer.geometry.segmentize(0.001).iloc[0]
    geodesic_m2, _ = Geod(ellps="GRS80").geometry_area_perimeter(ring)

    assert polygon_ha(layer).iloc[0] == pytest.approx(abs(geodesic_m2) / 10_000, rel=1e-7)
    assert equal_area(equal_area(layer)).crs == EQUAL_AREA
