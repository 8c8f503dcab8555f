"""Polygons put on a grid: shares by hand, held to area by law, and to another library."""

from __future__ import annotations

import exactextract
import geopandas as gpd
import numpy as np
import pytest
import rasterio.io
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis.strategies import floats, lists, tuples
from pyproj import CRS
from shapely.geometry import MultiPolygon, Polygon, box

from sinks.errors import InputRefused, InvariantViolated
from sinks.grid import Grid, Window
from sinks.zones.footprints import Footprint, footprint
from tests.scenes import EQUAL_AREA, NORTH, WEST, scene_grid

# to a millionth of a pixel: nearer corners are one to shapely and two to a ring
COLUMN, ROW = (floats(-2, most).map(lambda v: round(v, 6)) for most in (11, 9))
CORNERS = lists(tuples(COLUMN, ROW), min_size=3, max_size=7)
WHOLE = Window(0, 0, 7, 9)


def stands(shapes, **values):
    """Polygons drawn in pixels: x to the right, y down, from the scene's corner."""
    to = [100, 0, 0, -100, WEST, NORTH]
    placed = [shapely.affinity.affine_transform(shape, to) for shape in shapes]
    return gpd.GeoDataFrame(values, geometry=placed, crs=EQUAL_AREA, index=range(len(shapes)))


def on_scene(shapes, *, threads=1, **values):
    frame = stands(shapes, **values)
    return footprint(frame, scene_grid((7, 9)), values=list(values), threads=threads)


def shares(cells, *, value=None):
    fraction, held = cells.block(WHOLE, value=value)
    return fraction if value is None else held


def test_a_pixel_on_the_edge_has_the_share_inside():
    fraction = shares(on_scene([box(0.5, 0.25, 2.25, 1)]))

    np.testing.assert_array_equal(fraction[0, :4], [0.375, 0.75, 0.1875, 0])
    assert not fraction[1:].any()


def test_a_slanted_edge_cuts_pixels_in_halves():
    cells = on_scene([Polygon([(0, 0), (2, 0), (0, 2)])])

    np.testing.assert_array_equal(shares(cells)[:2, :2], [[1, 0.5], [0.5, 0]])
    np.testing.assert_array_equal(cells.cell, [0, 1, 9])


def test_holes_and_parts_count_as_they_cover():
    ring = box(0, 0, 2, 2).difference(box(0.5, 0.5, 1.5, 1.5))
    cells = on_scene([MultiPolygon([*shapely.get_parts(ring), box(4, 4, 4.5, 5)])])

    assert (shares(cells)[:2, :2] == 0.75).all()
    assert shares(cells)[4, 4] == 0.5


def test_the_value_is_the_share_of_each_polygon_times_what_it_holds():
    cells = on_scene(
        [box(0, 0, 0.5, 1), box(0.5, 0, 1.25, 1)], tc_per_ha=[40.0, 100.0], year=[1.0, 2.0]
    )

    np.testing.assert_array_equal(shares(cells, value="tc_per_ha")[0, :2], [70, 25])
    np.testing.assert_array_equal(shares(cells, value="year")[0, :2], [1.5, 0.5])
    np.testing.assert_array_equal(shares(cells)[0, :2], [1, 0.25])


def test_a_place_that_two_polygons_cover_is_covered_once_and_holds_what_both_hold():
    cells = on_scene([box(0, 0, 1, 1), box(0.5, 0, 2, 1)], tc_per_ha=[10.0, 20.0])

    np.testing.assert_array_equal(shares(cells)[0, :2], [1, 1])
    np.testing.assert_array_equal(shares(cells, value="tc_per_ha")[0, :2], [20, 20])


def test_what_lies_beyond_the_grid_drops_out():
    across, beyond = box(-3, -3, 0.5, 0.5), box(20, 20, 22, 22)

    cells = on_scene([across, beyond], tc_per_ha=[8.0, np.nan])

    np.testing.assert_array_equal(cells.cell, [0])
    np.testing.assert_array_equal(cells.fraction, [0.25])
    np.testing.assert_array_equal(cells.values["tc_per_ha"], [2])


def test_no_polygon_covers_nothing():
    cells = on_scene([], tc_per_ha=[])

    assert len(cells.cell) == 0
    assert not shares(cells, value="tc_per_ha").any()


def test_a_window_holds_its_part_of_the_whole():
    cells = on_scene([Polygon([(0.3, 0.2), (8.7, 1.4), (3.2, 6.6)])], tc_per_ha=[50.0])
    window = Window(2, 3, 4, 5)

    for part, whole in zip(
        cells.block(window, value="tc_per_ha"), cells.block(WHOLE, value="tc_per_ha"), strict=True
    ):
        np.testing.assert_array_equal(part, whole[2:6, 3:8])


def test_a_polygon_over_many_windows_of_work_is_covered_in_full():
    grid = scene_grid((700, 1500))
    disc = stands([shapely.Point(760, 340).buffer(330, quad_segs=200)])

    cells = footprint(disc, grid)

    assert cells.fraction.sum() == pytest.approx(disc.area.sum() / 1e4, rel=1e-12)
    assert (cells.block(Window(330, 700, 40, 140))[0] == 1).all()


@given(CORNERS)
@settings(deadline=None)
def test_shares_add_up_to_the_area_and_to_those_of_another_library(corners):
    shape = shapely.convex_hull(shapely.MultiPoint(corners))
    if shape.geom_type != "Polygon" or shape.area < 1e-3:
        return
    fraction = shares(on_scene([shape]))

    inside = shape.intersection(box(0, 0, 9, 7)).area
    assert fraction.sum(dtype=float) == pytest.approx(inside, abs=63 * 1e-7)
    np.testing.assert_allclose(fraction, by_exactextract([shape]), atol=1e-6)


@given(CORNERS, floats(0, 3.14))
@settings(deadline=None, max_examples=40)
def test_splitting_a_polygon_changes_nothing(corners, angle):
    shape = shapely.convex_hull(shapely.MultiPoint(corners))
    half = shapely.affinity.rotate(box(-50, 0, 50, 50), angle, (4, 3), use_radians=True)
    parts = [shape.intersection(half), shape.difference(half)]
    if not all(part.geom_type == "Polygon" for part in (shape, *parts)):
        return

    whole = on_scene([shape], tc_per_ha=80.0)
    split = on_scene(parts, tc_per_ha=80.0)

    np.testing.assert_allclose(shares(split), shares(whole), atol=1e-6)
    np.testing.assert_allclose(
        shares(split, value="tc_per_ha"), shares(whole, value="tc_per_ha"), atol=8e-5
    )


def test_polygons_in_another_crs_lie_where_their_edges_run():
    grid = Grid(
        crs=CRS("EPSG:4549"), transform=Affine(10, 0, 480_000, 0, -10, 3_700_000), shape=(400, 600)
    )
    square = gpd.GeoSeries([box(480_500, 3_697_000, 485_000, 3_699_000)], crs="EPSG:4549")
    moved = square.segmentize(20).to_crs(4490)

    cells = footprint(gpd.GeoDataFrame(geometry=moved), grid)

    assert cells.fraction.sum() == pytest.approx(450 * 200, abs=1300 * 1e-3)  # stray of an edge


def test_threads_change_nothing():
    rng = np.random.default_rng(5)
    shapes = [box(x, y, x + w, y + h) for x, y, w, h in rng.uniform(0, [8, 6, 2, 2], (700, 4))]
    one, two = (on_scene(shapes, threads=n, tc_per_ha=rng.random(700) * 0 + 3) for n in (1, 2))

    np.testing.assert_array_equal(one.fraction, two.fraction)
    np.testing.assert_array_equal(one.values["tc_per_ha"], two.values["tc_per_ha"])


def test_a_place_that_the_grid_cannot_show_is_refused():
    antipodes = gpd.GeoDataFrame(geometry=[box(-61, 30, -60, 31)], crs="EPSG:4326")
    view = CRS.from_proj4("+proj=ortho +lat_0=0 +lon_0=120 +ellps=WGS84 +units=m")
    grid = Grid(crs=view, transform=Affine(100, 0, 0, 0, -100, 0), shape=(9, 9))

    with pytest.raises(InputRefused, match="Z05"):
        footprint(antipodes, grid)


def test_a_polygon_without_a_number_is_our_mistake():
    with pytest.raises(InvariantViolated, match="I61") as violated:
        on_scene([box(0, 0, 1, 1)], tc_per_ha=[np.nan])

    assert violated.value.findings[0].facts["columns"] == ["tc_per_ha"]


@pytest.mark.parametrize(
    ("cell", "fraction"),
    [([3, 3], [0.5, 0.5]), ([-1], [1.0]), ([63], [1.0]), ([1], [1.5]), ([1], [0.0]), ([1], [])],
)
def test_cells_that_cannot_be_are_our_mistake(cell, fraction):
    with pytest.raises(InvariantViolated, match="I61"):
        Footprint(
            grid=scene_grid((7, 9)),
            cell=np.array(cell, dtype=np.int64),
            fraction=np.array(fraction),
            values={},
        )


def by_exactextract(polygons):
    """Shares of the scene's pixels, as exactextract has them."""
    found = np.zeros(63)
    profile = {"driver": "GTiff", "width": 9, "height": 7, "count": 1, "dtype": "uint8"}
    with rasterio.io.MemoryFile() as memory:
        with memory.open(**profile, transform=Affine(1, 0, 0, 0, -1, 7), crs=EQUAL_AREA) as file:
            file.write(np.ones((1, 7, 9), np.uint8))
        flipped = [shapely.affinity.affine_transform(p, [1, 0, 0, -1, 0, 7]) for p in polygons]
        frame = gpd.GeoDataFrame(geometry=flipped, crs=EQUAL_AREA)
        with memory.open() as file:
            for row in exactextract.exact_extract(file, frame, ["cell_id", "coverage"]):
                answer = row["properties"]
                np.add.at(found, answer["cell_id"], answer["coverage"])
    return found.reshape(7, 9)
