"""Years on different grids: refused with figures, or brought together by nearest neighbour."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from sinks.errors import InputRefused, Reaction
from sinks.grid import Grid, Window
from sinks.landcover.cover import CodesInMemory
from sinks.pixels.alignment import AlignedCodes, count_aligned, grid_difference
from sinks.sources.rasters import read_land_cover
from tests.scenes import NORTH, WEST, scene_grid
from tests.sources.tiffs import CODES, SCENE, write_tif

FIRST = scene_grid((2, 3))
RANDOM = np.random.default_rng(7).integers(0, 4, (60, 70), dtype=np.uint8)


@pytest.fixture
def tif(tmp_path):
    return tmp_path / "2025 年.tif"


def read(path, **more):
    return read_land_cover(path, crosswalk=SCENE, year=2025, **more)


def moved(right, down, *, size=100.0):
    return Affine(size, 0, WEST + 100 * right, 0, -size, NORTH - 100 * down)


def whole(cover):
    return cover.read(Window(0, 0, *cover.grid.shape))


def test_one_grid_needs_no_alignment(tif):
    cover = read(write_tif(tif), align_to=FIRST)

    assert cover.grid == FIRST
    np.testing.assert_array_equal(whole(cover), CODES)
    assert cover.findings == ()
    hair = read(write_tif(tif, transform=moved(0.004, 0)), align_to=FIRST)
    np.testing.assert_array_equal(whole(hair), CODES)


@given(
    right=st.floats(-3, 3).filter(lambda x: abs(x - round(x)) > 0.02),
    down=st.floats(-3, 3),
)
@settings(max_examples=30)
def test_a_shift_by_part_of_a_pixel_is_asked_about(right, down):
    shifted = Grid(crs=FIRST.crs, transform=moved(right, down), shape=FIRST.shape)
    finding = grid_difference(shifted, FIRST, file="a.tif")

    assert finding.code == "R22"
    assert finding.reaction is Reaction.ASK
    assert finding.facts["right"] == pytest.approx(right - round(right), abs=1e-3)
    assert finding.facts["down"] == pytest.approx(down - round(down), abs=1e-3)


def test_r22_says_by_how_much(tif):
    write_tif(tif, transform=moved(0.5, 2.25))

    with pytest.raises(InputRefused) as refused:
        read(tif, align_to=FIRST)

    (finding,) = refused.value.findings
    assert finding.code == "R22"
    assert finding.file == str(tif)
    assert "0.5 像元（向右）、0.25 像元（向下）" in finding.found("zh")


@pytest.mark.parametrize(
    ("transform", "codes", "crs", "said"),
    [
        (moved(1, 0), CODES, "EPSG:6933", "11500100"),
        (moved(0, 0), CODES[:1], "EPSG:6933", "3 x 1 px (3 x 2 px)"),
        (moved(0, 0, size=50), CODES, "EPSG:6933", "50 x 50 (100 x 100)"),
        (moved(0, 0), CODES, "EPSG:8857", "EPSG:8857"),
    ],
)
def test_r23_says_what_differs(tif, transform, codes, crs, said):
    write_tif(tif, codes, transform=transform, crs=crs)

    with pytest.raises(InputRefused) as refused:
        read(tif, align_to=FIRST)

    (finding,) = refused.value.findings
    assert finding.code == "R23"
    assert said in finding.found("en")


def test_any_other_way_of_aligning_is_refused(tif):
    with pytest.raises(InputRefused, match="C06"):
        read(write_tif(tif), align_to=FIRST, align="bilinear")


def test_r24_nearest_neighbour_by_hand(tif):
    write_tif(tif, transform=moved(1, 0))  # one pixel to the right of the first year

    cover = read(tif, align_to=FIRST, align="nearest")

    assert cover.grid == FIRST
    np.testing.assert_array_equal(whole(cover), [[0, 1, 2], [0, 3, 1]])
    assert cover.pixels == {0: 2, 1: 2, 2: 1, 3: 1}
    (note,) = cover.findings
    assert note.code == "R24"
    assert note.facts["uncovered_ha"] == pytest.approx(2)


def test_finer_pixels_give_the_one_at_the_centre(tif):
    fine = np.kron(CODES, np.ones((3, 3), np.uint8))
    fine[1::3, 1::3] = [[2, 2, 2], [3, 3, 3]]  # the middle ninth of every hectare
    write_tif(tif, fine, transform=moved(0, 0, size=100 / 3))

    cover = read(tif, align_to=FIRST, align="nearest")

    np.testing.assert_array_equal(whole(cover), [[2, 2, 2], [3, 3, 3]])


def test_no_common_ground_is_refused(tif):
    write_tif(tif, transform=moved(100, 0))

    with pytest.raises(InputRefused, match="R17"):
        read(tif, align_to=FIRST, align="nearest")


@given(
    right=st.floats(-80, 80), down=st.floats(-70, 70), size=st.sampled_from([100.0, 37.0, 250.0])
)
@settings(max_examples=60, deadline=None)
def test_aligned_codes_are_those_of_the_pixels_under_the_centres(right, down, size):
    source = CodesInMemory(grid=scene_grid(RANDOM.shape), codes=RANDOM)
    grid = Grid(crs=source.grid.crs, transform=moved(right, down, size=size), shape=(40, 50))

    codes = AlignedCodes(source=source, grid=grid).read(Window(3, 5, 30, 40))

    x = right + (5 + np.arange(40) + 0.5) * size / 100
    y = down + (3 + np.arange(30) + 0.5) * size / 100
    rows, cols = np.floor(y + 1e-6).astype(int), np.floor(x + 1e-6).astype(int)
    inside = ((rows >= 0) & (rows < 60))[:, None] & ((cols >= 0) & (cols < 70))[None, :]
    expected = RANDOM[rows.clip(0, 59)][:, cols.clip(0, 69)] * inside
    np.testing.assert_array_equal(codes, expected)


def test_another_frame_is_reached_pixel_by_pixel():
    gauss, degrees = CRS("EPSG:4549"), CRS("EPSG:4490")
    source = CodesInMemory(
        grid=Grid(crs=gauss, transform=Affine(100, 0, 5e5, 0, -100, 37e5), shape=RANDOM.shape),
        codes=RANDOM,
    )
    grid = Grid(crs=degrees, transform=Affine(1e-3, 0, 120.0, 0, -1e-3, 33.43), shape=(60, 90))
    aligned = AlignedCodes(source=source, grid=grid)

    codes = aligned.read(Window(0, 0, 60, 90))

    to_gauss = Transformer.from_crs(degrees, gauss, always_xy=True)
    for row, col in [(0, 0), (5, 17), (30, 40), (44, 60), (59, 89)]:
        x, y = to_gauss.transform(120.0 + (col + 0.5) * 1e-3, 33.43 - (row + 0.5) * 1e-3)
        r, c = int((37e5 - y) // 100), int((x - 5e5) // 100)
        inside = 0 <= r < 60 and 0 <= c < 70
        assert codes[row, col] == (RANDOM[r, c] if inside else 0)
    assert set(np.unique(codes)) <= {0, 1, 2, 3}
    counted = count_aligned(aligned)
    assert counted.pixels == {
        c: int(n) for c, n in zip(*np.unique(codes, return_counts=True), strict=True)
    }


@given(
    lon=st.floats(119.5, 120.4),
    lat=st.floats(33, 34),
    size=st.sampled_from([1e-4, 1e-3, 0.01, 0.3]),
)
@settings(max_examples=25, deadline=None)
def test_positions_between_frames_are_exact_to_a_hair_and_the_same_in_any_window(lon, lat, size):
    gauss, degrees = CRS("EPSG:4528"), CRS("EPSG:4490")
    codes = np.random.default_rng(8).integers(1, 4, (300, 400), dtype=np.uint8)
    x, y = Transformer.from_crs(degrees, gauss, always_xy=True).transform(lon, lat)
    source = CodesInMemory(
        grid=Grid(
            crs=gauss, transform=Affine(137, 0, x - 9000, 0, -137, y + 8000), shape=codes.shape
        ),
        codes=codes,
    )
    grid = Grid(crs=degrees, transform=Affine(size, 0, lon, 0, -size, lat), shape=(150, 170))
    aligned = AlignedCodes(source=source, grid=grid)

    at_once = aligned.read(Window(0, 0, 150, 170))

    pieces = [[aligned.read(Window(r, c, 50, 85)) for c in (0, 85)] for r in (0, 50, 100)]
    np.testing.assert_array_equal(np.block(pieces), at_once)
    lons = lon + (np.arange(170) + 0.5) * size
    lats = lat - (np.arange(150) + 0.5) * size
    xs, ys = Transformer.from_crs(degrees, gauss, always_xy=True).transform(
        *np.meshgrid(lons, lats)
    )
    down, right = (y + 8000 - ys) / 137, (xs - x + 9000) / 137
    clear = (np.abs(down - np.round(down)) > 2e-3) & (np.abs(right - np.round(right)) > 2e-3)
    rows, cols = np.floor(down).astype(int), np.floor(right).astype(int)
    inside = (rows >= 0) & (rows < 300) & (cols >= 0) & (cols < 400)
    expected = codes[rows.clip(0, 299), cols.clip(0, 399)] * inside
    np.testing.assert_array_equal(at_once[clear], expected[clear])


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_windows_and_threads_change_nothing(threads):
    source = CodesInMemory(grid=scene_grid(RANDOM.shape), codes=RANDOM)
    grid = Grid(crs=source.grid.crs, transform=moved(-9.3, 4.4, size=9), shape=(700, 900))
    aligned = AlignedCodes(source=source, grid=grid)
    at_once = aligned.read(Window(0, 0, 700, 900))

    pieces = [[aligned.read(Window(r, c, 350, 300)) for c in (0, 300, 600)] for r in (0, 350)]

    np.testing.assert_array_equal(np.block(pieces), at_once)
    counted = count_aligned(aligned, threads=threads)
    assert sum(counted.pixels.values()) == 700 * 900
    covered = count_aligned(AlignedCodes(source=all_forest(source), grid=grid)).pixels[1]
    pixel_ha = 9 * 9 / 10_000
    assert counted.uncovered_ha == pytest.approx((700 * 900 - covered) * pixel_ha)


def test_a_much_finer_source_is_read_in_parts(monkeypatch):
    monkeypatch.setattr("sinks.pixels.alignment._SOURCE_PX", 50)
    source = CodesInMemory(grid=scene_grid(RANDOM.shape), codes=RANDOM)
    grid = Grid(crs=source.grid.crs, transform=moved(0, 0, size=500), shape=(12, 14))

    codes = AlignedCodes(source=source, grid=grid).read(Window(0, 0, 12, 14))

    np.testing.assert_array_equal(codes, RANDOM[2::5, 2::5])


def all_forest(source):
    return CodesInMemory(grid=source.grid, codes=np.ones_like(source.codes))
