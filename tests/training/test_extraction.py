"""Samples read under polygons and points: counted by hand, then held to laws."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod
from shapely import LineString, MultiPoint, MultiPolygon, Point, Polygon, box

from sinks.blocks import windows
from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.training import extraction
from sinks.training import places as places_module
from sinks.training.places import pixels_within
from sinks.training.samples import class_counts
from tests.training.drawn import FOREST, GRASS, WATER, codes_of, extracted, image, places


def test_a_polygon_gives_the_pixels_whose_centre_lies_inside():
    scene = image(4, 5)

    samples = extracted(scene, (box(0.6, 0, 3.6, 2.4), FOREST))  # columns 1-3, rows 0-1

    assert samples.features[:, 0].tolist() == [1, 2, 3, 6, 7, 8]
    assert samples.codes.tolist() == [FOREST] * 6
    assert samples.names == ("number", "root")
    assert samples.findings == ()


def test_a_centre_on_the_edge_belongs_to_nobody():
    scene = image(1, 4)

    samples = extracted(scene, (box(0, 0, 1.5, 1), FOREST), (box(1.5, 0, 4, 1), WATER))

    assert dict(zip(samples.features[:, 0].tolist(), samples.codes.tolist(), strict=True)) == {
        0: FOREST, 2: WATER, 3: WATER
    }  # fmt: skip


def test_a_hole_and_a_second_part_count():
    scene = image(5, 9)
    ring = Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior.coords])

    samples = extracted(scene, (MultiPolygon([ring, box(6, 4, 8, 5)]), GRASS))

    assert samples.features[:, 0].tolist() == [0, 1, 2, 9, 11, 18, 19, 20, 42, 43]


def test_a_point_gives_the_pixel_that_holds_it():
    scene = image(3, 3)

    samples = extracted(
        scene, (Point(0.99, 0.01), FOREST), (MultiPoint([(2.2, 1.9), (1, 2)]), WATER)
    )

    assert samples.features[:, 0].tolist() == [0, 5, 7]
    assert samples.codes.tolist() == [FOREST, WATER, WATER]
    assert samples.group.tolist() == [0, 1, 1]


def test_places_are_given_in_metres():
    scene = image(2, 2)  # pixels of 100 m

    samples = extracted(scene, (Point(0.5, 0.5), FOREST), (Point(1.5, 1.5), WATER))

    assert (np.diff(samples.x_m).item(), np.diff(samples.y_m).item()) == (100, -100)


def test_degrees_become_metres_on_the_ground():
    grid = Grid(crs=CRS("EPSG:4490"), transform=Affine(0.01, 0, 120, 0, -0.01, 34), shape=(100, 9))
    scene = image(100, 9, grid=grid)

    samples = extracted(scene, (Point(0.5, 0.5), FOREST), (Point(8.5, 99.5), WATER))

    _, _, metres = Geod(ellps="GRS80").inv(120.005, 33.995, 120.085, 33.005)
    distance_m = np.hypot(np.diff(samples.x_m), np.diff(samples.y_m)).item()
    assert distance_m == pytest.approx(metres, rel=1e-5)


def test_polygons_of_one_visit_make_one_group():
    scene = image(2, 4)

    samples = extracted(
        scene, (box(0, 0, 1, 2), FOREST), (box(1, 0, 2, 2), GRASS), (box(3, 0, 4, 2), WATER),
        groups=[0, 0, 1],
    )  # fmt: skip

    counts = class_counts(samples)
    assert samples.group.tolist() == [0, 0, 1, 0, 0, 1]
    assert samples.group_names == ("g0", "g1")
    assert counts["pixels"].to_dict() == {"forest": 2, "grass": 2, "water": 2}
    assert counts["groups"].to_dict() == {"forest": 1, "grass": 1, "water": 1}


def test_a_pixel_in_two_polygons_of_one_class_is_used_once():
    scene = image(2, 3)

    samples = extracted(scene, (box(0, 0, 2, 2), FOREST), (box(1, 0, 3, 2), FOREST))

    assert samples.features[:, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert samples.group.tolist() == [0, 0, 1, 0, 0, 1]
    assert [(f.code, f.facts["count"]) for f in samples.findings] == [("G08", 2)]


def test_samples_without_data_are_dropped_and_counted_by_class():
    scene = image(2, 3)
    scene.values[0, 0, 0] = np.nan
    scene.values[1, 1, 2] = np.inf

    samples = extracted(scene, (box(0, 0, 2, 2), FOREST), (box(2, 0, 3, 2), WATER))

    assert samples.features[:, 0].tolist() == [1, 2, 3, 4]
    (finding,) = samples.findings
    assert (finding.code, finding.reaction) == ("G09", "repair")
    assert finding.facts["classes"] == ["森林 forest × 1", "水域 water × 1"]
    assert (finding.facts["count"], finding.facts["total"]) == (2, 6)


def test_polygons_too_small_for_a_pixel_are_listed():
    scene = image(2, 3)

    samples = extracted(scene, (box(0.1, 0.1, 0.4, 0.4), FOREST), (box(1, 0, 3, 2), FOREST))

    assert len(samples) == 4
    assert [(f.code, f.facts["ids"]) for f in samples.findings] == [("G06", ["FID 0"])]


def test_places_off_the_image_are_listed():
    scene = image(2, 3)

    samples = extracted(
        scene, (box(1, 0, 9, 2), FOREST), (box(5, 0, 9, 2), WATER), (Point(3, 1), WATER)
    )

    assert samples.features[:, 0].tolist() == [1, 2, 4, 5]
    (finding,) = samples.findings
    assert (finding.code, finding.facts["ids"]) == ("G05", ["FID 1", "FID 2"])


def test_at_most_so_many_pixels_are_taken_of_a_polygon():
    scene = image(20, 20)
    drawn = [(box(0, 0, 10, 10), FOREST), (box(10, 10, 12, 11), WATER)]

    samples = extracted(scene, *drawn, most_px=7, seed=5)
    again, other = (extracted(scene, *drawn, most_px=7, seed=seed) for seed in (5, 6))

    assert class_counts(samples)["pixels"].to_dict() == {"forest": 7, "grass": 0, "water": 2}
    assert np.array_equal(samples.features, again.features)
    assert not np.array_equal(samples.features, other.features)
    assert [(f.code, f.facts["count"], f.facts["px"]) for f in samples.findings] == [("G11", 1, 9)]


def test_pixels_are_drawn_evenly():
    scene = image(20, 20)
    counts = np.zeros(400)
    for seed in range(200):
        samples = extracted(scene, (box(0, 0, 20, 20), FOREST), most_px=100, seed=seed)
        counts[samples.features[:, 0].astype(int)] += 1

    # 200 draws at 1/4: mean 50, standard deviation 6.1; chi-square over 399 degrees
    chi_square = ((counts - 50) ** 2 / (200 * 0.25 * 0.75)).sum()
    assert 400 - 5 * 28.2 < chi_square < 400 + 5 * 28.2


@pytest.mark.parametrize(
    ("drawn", "pair"),
    [
        ([(box(0, 0, 2, 2), FOREST), (box(1, 1, 3, 3), WATER)], "FID 0 forest ∩ FID 1 water × 1"),
        ([(box(0, 0, 2, 2), FOREST), (Point(1.1, 1.2), GRASS)], "FID 0 forest ∩ FID 1 grass × 1"),
        ([(Point(1.1, 1.9), WATER), (Point(1.8, 1.2), GRASS)], "FID 0 water ∩ FID 1 grass × 1"),
    ],
    ids=["two polygons", "polygon and point", "two points"],
)
def test_a_pixel_of_two_classes_is_refused_with_its_place(drawn, pair):
    with pytest.raises(InputRefused) as refused:
        extracted(image(3, 3), *drawn)

    (finding,) = refused.value.findings
    assert (finding.code, finding.place) == ("G07", "row 1, column 1")
    assert finding.facts == {"pairs": [pair], "count": 1, "px": 1}


def test_neighbours_may_share_an_edge():
    cut = [(0, 3), (1.2, 1.1), (3.7, 1.9), (6, 0)]
    above, below = Polygon([(0, 0), *cut]), Polygon([*cut, (6, 4), (0, 4)])

    samples = extracted(image(4, 6), (above, FOREST), (below, WATER))

    assert len(samples) == 24


@pytest.mark.parametrize(
    ("code", "drawn"),
    [
        ("G01", [(box(0, 0, 2, 2), FOREST), (Point(2.5, 2.5), 9)]),
        ("G03", [(LineString([(0, 0), (2, 2)]), FOREST)]),
        ("G04", [(box(7, 7, 8, 8), FOREST), (Point(-1, 1), WATER)]),
        ("G10", [(box(0, 0, 2, 2), FOREST), (box(2.1, 0.1, 2.4, 0.4), WATER)]),
    ],
)
def test_what_cannot_be_used_is_refused(code, drawn):
    with pytest.raises(InputRefused) as refused:
        extracted(image(3, 3), *drawn)

    assert codes_of(refused.value.findings) == [code]


def test_more_samples_than_a_model_can_use_are_refused(monkeypatch):
    monkeypatch.setattr(extraction, "MOST_SAMPLES", 8)

    with pytest.raises(InputRefused, match="G12"):
        extracted(image(3, 3), (box(0, 0, 3, 3), FOREST))
    assert len(extracted(image(3, 3), (box(0, 0, 3, 3), FOREST), most_px=8)) == 8


CIRCLES = st.lists(
    st.tuples(st.floats(-3, 33), st.floats(-3, 23), st.floats(0.6, 6)), min_size=1, max_size=6
)


@settings(deadline=None, max_examples=40)
@given(CIRCLES, st.integers(1, 9), st.sampled_from([1, 3]), st.randoms(use_true_random=False))
def test_windows_threads_and_the_order_of_polygons_change_nothing(circles, tile, threads, random):
    scene = image(20, 30)
    drawn = [(Point(15, 10).buffer(3), FOREST)]
    drawn += [(Point(x, y).buffer(radius), FOREST) for x, y, radius in circles]
    order = random.sample(range(len(drawn)), len(drawn))

    plain = extracted(scene, *drawn, most_px=20)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(extraction, "_TILE", tile)
        patched.setattr(places_module, "_AT_ONCE", tile)
        shuffled = [drawn[i] for i in order]
        other = extracted(scene, *shuffled, groups=order, most_px=20, threads=threads)

    for what in ("features", "codes", "group", "x_m", "y_m"):
        np.testing.assert_array_equal(getattr(plain, what), getattr(other, what))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.floats(-9, 39), st.floats(-9, 29)), min_size=3, max_size=12))
def test_pixels_are_those_whose_centres_shapely_finds_inside(corners):
    shape = shapely.MultiPoint(corners).convex_hull.buffer(0.3)
    (whole,) = windows((20, 30), 20)

    pixels = pixels_within(shape, whole, 30)

    inside = [n for n in range(600) if shape.contains(Point(n % 30 + 0.5, n // 30 + 0.5))]
    assert pixels.tolist() == inside


def test_only_tiles_with_samples_are_read():
    class Watched:
        def __init__(self, scene):
            self.scene, self.grid, self.names, self.read_px = scene, scene.grid, scene.names, 0

        def read(self, window):
            self.read_px += window.height * window.width
            return self.scene.read(window)

    scene = Watched(image(1500, 1500))

    extracted(scene, (box(3, 3, 5, 5), FOREST), (box(1400, 1400, 1410, 1402), WATER))

    assert scene.read_px == 4 + 20


def test_places_know_their_number():
    assert len(places((Point(1, 1), FOREST), grid=image(2, 2).grid)) == 1
