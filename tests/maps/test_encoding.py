"""Pixels, places and shapes on their way into the page."""

from __future__ import annotations

import zlib
from base64 import b64decode

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from sinks.errors import InputRefused
from sinks.grid import Grid, Window
from sinks.landcover.cover import LandCover
from sinks.maps.inert import Words
from sinks.maps.placement import placement
from sinks.maps.pyramid import BLOCK, class_pyramid, majority
from sinks.maps.ramps import change_ramp, density_ramp
from sinks.maps.shapes import STEP_M, encoded
from tests.maps.scene import CGCS2000_GK, grid_at
from tests.scenes import SCENE_LEGEND, cover_from_codes

CLARKE_1866 = CRS.from_wkt(
    'GEOGCS["Unknown datum based upon the Clarke 1866 ellipsoid",'
    'DATUM["Not_specified_based_on_Clarke_1866_spheroid",'
    'SPHEROID["Clarke 1866",6378206.4,294.978698213898]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)


def codes_in(pyramid_text: str, lengths: list[int], shape: tuple[int, int]) -> np.ndarray:
    """Put the blocks of one level together again."""
    across = -(-shape[1] // BLOCK)
    whole = np.zeros((-(-shape[0] // BLOCK) * BLOCK, across * BLOCK), np.uint8)
    at = 0
    for number, length in enumerate(lengths):
        block = pyramid_text[at : at + length]
        at += length
        if block:
            row, col = number // across * BLOCK, number % across * BLOCK
            pixels = np.frombuffer(zlib.decompress(b64decode(block)), np.uint8)
            whole[row : row + BLOCK, col : col + BLOCK] = pixels.reshape(BLOCK, BLOCK)
    return whole[: shape[0], : shape[1]]


@pytest.mark.parametrize("shape", [(3, 5), (512, 512), (513, 700), (1030, 1600)])
def test_every_level_holds_the_majority_of_the_one_below(shape: tuple[int, int]) -> None:
    codes = np.random.default_rng(1).integers(0, 4, shape).astype(np.uint8)
    pyramid = class_pyramid(cover_from_codes(codes, grid=grid_at(shape)), threads=2)
    text, at = pyramid.text(), 0
    for level in pyramid.levels:
        lengths = [len(block) for block in level.blocks]
        held = codes_in(text[at:], lengths, codes.shape)
        np.testing.assert_array_equal(held, codes)
        at += sum(lengths)
        codes = majority(codes)
    assert at == len(text)
    assert max(pyramid.levels[-1].rows, pyramid.levels[-1].cols) <= BLOCK


def test_the_pyramid_reads_every_row_once_and_never_more_than_a_strip() -> None:
    codes = np.ones((1500, 20), np.uint8)
    asked: list[Window] = []

    class Watched:
        grid = grid_at((1500, 20))

        def read(self, window: Window) -> np.ndarray:
            asked.append(window)
            return codes[window.row : window.row + window.height]

    cover = LandCover(blocks=Watched(), legend=SCENE_LEGEND, year=2020, pixels={1: codes.size})
    class_pyramid(cover)
    assert [w.row for w in asked] == [0, 512, 1024]
    assert {w.height for w in asked} == {512, 476}


def test_majority_of_four_pixels_by_hand() -> None:
    codes = np.array([[1, 1, 2, 3, 0, 0, 1], [2, 3, 3, 1, 0, 2, 1]], np.uint8)
    # 1 1 / 2 3: two ones; 2 3 / 3 1: two threes; 0 0 / 0 2: no data; 1 / 1 at the edge
    np.testing.assert_array_equal(majority(codes), [[1, 3, 0, 1]])


def test_a_block_without_data_takes_no_room() -> None:
    codes = np.zeros((10, 1200), np.uint8)
    codes[:, 600:700] = 1
    pyramid = class_pyramid(cover_from_codes(codes, grid=grid_at((10, 1200))))
    first, middle, last = pyramid.levels[0].blocks
    assert (first, last) == ("", "")
    assert middle


GRIDS = {
    "district on the 120 degree strip": grid_at((4500, 6000)),
    "city far from its central meridian": Grid(
        crs=CGCS2000_GK, transform=Affine(30, 0, 330_000, 0, -30, 3_900_000), shape=(9000, 9000)
    ),
    "degrees on CGCS2000": Grid(
        crs=CRS("EPSG:4490"), transform=Affine(1e-4, 0, 119.5, 0, -1e-4, 33.6), shape=(6000, 9000)
    ),
    "coarse degrees on Clarke 1866": Grid(
        crs=CLARKE_1866, transform=Affine(0.05, 0, 119.4, 0, -0.05, 33.7), shape=(20, 25)
    ),
}


@pytest.mark.parametrize("name", GRIDS)
def test_placement_finds_every_pixel_to_a_centimetre(name: str) -> None:
    grid = GRIDS[name]
    placed = placement(grid)
    rows, cols = grid.shape
    rng = np.random.default_rng(0)
    col, row = rng.uniform(0, cols, 4000), rng.uniform(0, rows, 4000)
    t = grid.transform
    x, y = t.c + col * t.a, t.f + row * t.e
    mx, my = Transformer.from_crs(grid.crs, "EPSG:3857", always_xy=True).transform(x, y)
    u = (mx - placed.centre_m[0]) / placed.half_m[0]
    v = (my - placed.centre_m[1]) / placed.half_m[1]
    powers = [u**i * v**j for i in range(placed.degree + 1) for j in range(placed.degree + 1 - i)]
    pixel_m = grid.transform.a * (111_320 if grid.crs.is_geographic else 1)
    off_m = np.hypot(np.dot(placed.col, powers) - col, np.dot(placed.row, powers) - row) * pixel_m
    assert off_m.max() < 0.01
    assert placed.error_m < 0.01


@pytest.mark.parametrize("north_deg", [89.0, 90.0])
def test_a_grid_of_the_whole_earth_is_refused(north_deg: float) -> None:
    whole = Grid(
        crs=CRS("EPSG:4490"),
        transform=Affine(0.5, 0, -180, 0, -0.5, north_deg),
        shape=(int(4 * north_deg), 720),
    )
    with pytest.raises(InputRefused) as refusal:
        placement(whole)
    assert refusal.value.findings[0].code == "M05"


def numbers_in(text: str) -> list[int]:
    raw, numbers, value, shift = zlib.decompress(b64decode(text)), [], 0, 0
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            numbers.append(value)
            value = shift = 0
    return numbers


def frame_of(*shapes: object, crs: object = CGCS2000_GK) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": range(len(shapes))}, geometry=list(shapes), crs=crs)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(-5e4, 5e4), st.floats(-5e4, 5e4), st.floats(1, 5e3)),
        min_size=1,
        max_size=12,
    )
)
def test_every_vertex_is_found_again_to_half_a_step(boxes: list[tuple[float, ...]]) -> None:
    frame = frame_of(*(box(5e5 + x, 3.7e6 + y, 5e5 + x + d, 3.7e6 + y + d) for x, y, d in boxes))
    shapes = encoded(frame)
    numbers = numbers_in(shapes.text)
    assert numbers[: shapes.features] == [1] * len(boxes)
    assert numbers[shapes.features : 2 * shapes.features] == [4] * len(boxes)
    signed = np.array([(n >> 1) ^ -(n & 1) for n in numbers[2 * shapes.features :]])
    found = np.cumsum(signed.reshape(-1, 2), axis=0) * STEP_M + shapes.origin_m
    ordered = frame.iloc[shapes.order].to_crs("EPSG:4326").to_crs("EPSG:3857")
    wanted = np.vstack([np.asarray(g.exterior.coords)[:-1] for g in ordered.geometry])
    assert np.abs(found - wanted).max() <= STEP_M / 2 + 1e-6


def test_holes_and_parts_become_rings_of_their_feature() -> None:
    square = box(5e5, 3.7e6, 5e5 + 100, 3.7e6 + 100)
    hole = Polygon(square.exterior, [box(5e5 + 10, 3.7e6 + 10, 5e5 + 20, 3.7e6 + 20).exterior])
    both = MultiPolygon([hole, box(5e5 + 200, 3.7e6, 5e5 + 300, 3.7e6 + 100)])
    assert numbers_in(encoded(frame_of(both)).text)[:4] == [3, 4, 4, 4]


def test_lines_and_points_keep_all_their_vertices() -> None:
    line = encoded(frame_of(LineString([(5e5, 3.7e6), (5e5 + 9, 3.7e6), (5e5, 3.7e6)])))
    assert (line.kind, numbers_in(line.text)[:2]) == ("line", [1, 3])
    point = encoded(frame_of(Point(5e5, 3.7e6)))
    assert (point.kind, numbers_in(point.text)) == ("point", [1, 1, *numbers_in(point.text)[2:]])


@pytest.mark.parametrize(
    "frame",
    [
        frame_of(),
        frame_of(box(0, 0, 1, 1), crs=None),
        frame_of(Point(5e5, 3.7e6), box(5e5, 3.7e6, 5e5 + 1, 3.7e6 + 1)),
        frame_of(box(5e5, 3.7e6, 5e5 + 1, 3.7e6 + 1), None),
        frame_of(Polygon()),
        frame_of(GeometryCollection([Point(5e5, 3.7e6)])),
        frame_of(box(0, 80, 1, 89), crs="EPSG:4326"),
    ],
    ids=["empty", "no crs", "mixed", "missing", "empty shape", "collection", "polar"],
)
def test_a_layer_that_no_page_can_show_is_refused(frame: gpd.GeoDataFrame) -> None:
    with pytest.raises(InputRefused) as refusal:
        encoded(frame)
    assert refusal.value.findings[0].code == "M06"


UNIT = Words("吨碳/公顷", "t C/ha")


def test_density_runs_from_zero_to_a_round_number_above_the_largest() -> None:
    ramp = density_ramp([12.0, 142.0, float("nan")], unit=UNIT)
    assert ramp.ticks == (0, 40, 80, 120, 160)
    assert (ramp.stops[0][0], ramp.stops[-1][0]) == (0, 160)


def test_change_is_white_at_zero_and_reaches_as_far_down_as_up() -> None:
    ramp = change_ramp([-30.0, 130.0], unit=UNIT)
    assert ramp.ticks == (-160, -80, 0, 80, 160)
    middle = ramp.stops[len(ramp.stops) // 2]
    assert middle == (0.0, "#f4f4f2")


def test_ramps_of_nothing_still_have_two_ends() -> None:
    assert density_ramp([], unit=UNIT).ticks == (0, 1)
    assert change_ramp([0.0], unit=UNIT).ticks == (-2, -1, 0, 1, 2)
