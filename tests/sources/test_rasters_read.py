"""Rasters that are sound: every kind of file gives the same land cover."""

from __future__ import annotations

import pickle
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sinks.blocks import windows
from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.landcover.legend import Crosswalk
from sinks.pixels.codes import count_codes, pass_windows
from sinks.sources.rasters import examine_raster, read_land_cover
from tests.scenes import NORTH, SCENE_LEGEND, WEST, scene_grid
from tests.sources.tiffs import CODES, SCENE, codes_of, write_tif

REVERSED = Crosswalk(
    scheme="other",
    legend=SCENE_LEGEND,
    to_key={"0": None, "7": "forest", "300": "grass", "65535": "water", "0101": None},
)


@pytest.fixture
def tif(tmp_path):
    return tmp_path / "土地覆盖.tif"


def read(path, **more):
    return read_land_cover(path, **{"crosswalk": SCENE, "year": 2020, **more})


def whole(cover):
    return cover.read(Window(0, 0, *cover.grid.shape))


@given(
    codes=arrays(
        "uint8", array_shapes(min_dims=2, max_dims=2, max_side=40), elements=st.integers(0, 3)
    ),
    blocks=st.sampled_from(
        [{}, {"tiled": True, "blockxsize": 16, "blockysize": 16}, {"blockysize": 5}]
    ),
    compress=st.sampled_from(["none", "lzw", "deflate", "zstd", "packbits"]),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_was_written_is_read_and_counted(tmp_path, codes, blocks, compress):
    codes.flat[0] = 1
    path = write_tif(tmp_path / "a.tif", codes, compress=compress, **blocks)

    cover = read(path)

    assert cover.grid == scene_grid(codes.shape)
    np.testing.assert_array_equal(whole(cover), codes)
    assert cover.pixels == {
        int(c): int(n) for c, n in zip(*np.unique(codes, return_counts=True), strict=True)
    }


@pytest.mark.parametrize(
    "dtype", ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "float32", "float64"]
)
def test_codes_may_be_any_kind_of_number(tif, dtype):
    cover = read(write_tif(tif, CODES.astype(dtype)))

    assert whole(cover).dtype == np.uint8
    np.testing.assert_array_equal(whole(cover), CODES)
    assert cover.pixels == {0: 1, 1: 3, 2: 1, 3: 1}


@pytest.mark.parametrize(
    ("dtype", "nodata"),
    [
        ("int16", -9999),
        ("int32", -2147483648),
        ("uint32", 4294967295),
        ("float32", -3.4028234663852886e38),
        ("float32", 1e20),
        ("float64", -9999.0),
        ("uint16", 0),
    ],
)
def test_any_no_data_value_becomes_0(tif, dtype, nodata):
    codes = np.array([[7, 300, nodata], [7, 300, 7]]).astype(dtype)

    cover = read(write_tif(tif, codes, nodata=nodata), crosswalk=REVERSED)

    np.testing.assert_array_equal(whole(cover), [[1, 2, 0], [1, 2, 1]])
    assert cover.pixels == {0: 1, 1: 3, 2: 2}


def test_large_codes_are_translated(tif):
    codes = np.array([[7, 300, 65535], [0, 101, 7]], dtype=np.uint16)

    cover = read(write_tif(tif, codes), crosswalk=REVERSED)

    np.testing.assert_array_equal(whole(cover), [[1, 2, 3], [0, 0, 1]])


def test_a_stated_no_data_value_counts_instead_of_the_declared_one(tif):
    codes = np.array([[1, 2, 5], [3, 1, 1]], dtype=np.uint8)

    cover = read(write_tif(tif, codes, nodata=0), nodata=5)

    np.testing.assert_array_equal(whole(cover), CODES)


@pytest.mark.parametrize("south_up", [False, True])
@pytest.mark.parametrize("east_left", [False, True])
def test_turned_rasters_are_read_north_up(tif, south_up, east_left):
    codes = np.random.default_rng(3).integers(1, 4, (70, 90), dtype=np.uint8)
    turned = codes[::-1] if south_up else codes
    turned = turned[:, ::-1] if east_left else turned
    transform = Affine(
        -100 if east_left else 100, 0, WEST + 9000 * east_left,
        0, 100 if south_up else -100, NORTH - 7000 * south_up,
    )  # fmt: skip
    write_tif(tif, turned, transform=transform, tiled=True, blockxsize=32, blockysize=32)

    cover = read(tif)

    assert cover.grid == scene_grid((70, 90))
    np.testing.assert_array_equal(whole(cover), codes)
    np.testing.assert_array_equal(cover.read(Window(11, 33, 40, 21)), codes[11:51, 33:54])


@pytest.mark.parametrize(
    "name",
    [
        "湿 地 2020.tif",
        "it's.tif",
        'two"quotes.tif',
        "100%.tif",
        "a#b?c.tif",
        "a&b;c!.tif",
        "[1].tif",
        "-o.tif",
        "长" * 80 + ".tif",
        "é.TIF",
        "noextension",
        "a.tar.gz",
    ],
)
def test_paths_of_people_work(tmp_path, name):
    folder = tmp_path / "盐都区 资料 (终稿)'"
    folder.mkdir()
    path = write_tif(tmp_path / "a.tif")
    shutil.move(path, folder / name)

    np.testing.assert_array_equal(whole(read(folder / name)), CODES)
    np.testing.assert_array_equal(whole(read(str(folder / name))), CODES)


def test_palette_and_single_bits_are_plain_codes(tif):
    bits = (CODES > 0).astype(np.uint8)
    for options in (
        {"nbits": 1},
        {"nbits": 2},
        {"nbits": 1, "photometric": "miniswhite"},
        {"bigtiff": "yes"},
        {"predictor": 2, "compress": "lzw"},
        {"endianness": "big"},
    ):
        cover = read(write_tif(tif, bits, **options))
        np.testing.assert_array_equal(whole(cover), bits)
    write_tif(tif)
    with rasterio.open(tif, "r+") as file:
        file.write_colormap(1, {i: (i, 9, 9, 255) for i in range(4)})
    np.testing.assert_array_equal(whole(read(tif)), CODES)


def test_a_handle_serves_threads_and_other_processes(tif):
    codes = np.random.default_rng(4).integers(0, 4, (900, 700), dtype=np.uint8)
    cover = read(
        write_tif(tif, codes, compress="deflate", tiled=True, blockxsize=128, blockysize=128)
    )
    pieces = windows(codes.shape, 97, 113) * 3

    with ThreadPoolExecutor(8) as pool:
        read_back = list(pool.map(cover.read, pieces))
    for window, block in zip(pieces, read_back, strict=True):
        row, col, height, width = window
        np.testing.assert_array_equal(block, codes[row : row + height, col : col + width])

    elsewhere = pickle.loads(pickle.dumps(cover))
    np.testing.assert_array_equal(whole(elsewhere), codes)


def test_threads_count_the_same(tif):
    codes = np.random.default_rng(5).integers(0, 4, (3000, 3000), dtype=np.uint8)
    write_tif(tif, codes, tiled=True)

    one, four = (examine_raster(tif, crosswalk=SCENE, threads=n).counts for n in (1, 4))

    assert one == four
    assert one.total == 9_000_000


def test_hectares_by_code_are_those_of_the_ellipsoid(tif):
    degrees = Affine(0.001, 0, 120, 0, -0.001, 34)
    codes = np.ones((1000, 50), dtype=np.uint8)
    codes[500:] = 2

    facts = examine_raster(
        write_tif(tif, codes, crs="EPSG:4490", transform=degrees), crosswalk=SCENE
    )

    rows = facts.grid.pixel_ha(np.arange(1000), [0])[:, 0] * 50
    assert facts.counts.hectares[1] == pytest.approx(rows[:500].sum(), rel=1e-4)
    assert sum(facts.counts.hectares.values()) == pytest.approx(rows.sum(), rel=1e-6)


def test_what_the_study_knows_travels_with_the_cover(tif):
    cover = read(
        write_tif(tif, tags={"SINKS_SYNTHETIC": "yes"}),
        year=2025,
        reference_date=date(2025, 6, 30),
    )

    assert (cover.year, cover.reference_date) == (2025, date(2025, 6, 30))
    assert [f.code for f in cover.findings] == ["N20"]


def test_a_refused_file_gives_nothing(tif):
    with pytest.raises(InputRefused) as refused:
        read(write_tif(tif, nodata=None, crs=None))

    assert [f.code for f in refused.value.findings] == ["R01", "R12"]


def test_a_file_is_let_go_when_nobody_reads_it(tif):
    cover = read(write_tif(tif))
    whole(cover)
    del cover

    with rasterio.open(tif, "r+") as file:
        file.update_tags(A="1")
    tif.unlink()


@pytest.mark.parametrize(
    ("shape", "block", "item_bytes"),
    [
        ((10_000, 10_000), (512, 512), 1),
        ((100_000, 100_000), (1, 100_000), 2),
        ((30_000, 70_000), (256, 256), 8),
        ((7, 9), (16, 16), 1),
        ((50_000, 300), (50_000, 300), 1),
        ((20_000, 20_000), (4096, 4096), 1),
    ],
)
def test_a_pass_follows_the_blocks_and_stays_small(shape, block, item_bytes):
    pieces = pass_windows(shape, block, item_bytes)

    assert sum(w.height * w.width for w in pieces) == shape[0] * shape[1]
    assert all(w.row % block[0] == 0 and w.col % block[1] == 0 for w in pieces)
    one_block = block[0] * block[1] * item_bytes
    assert max(w.height * w.width * item_bytes for w in pieces) <= max(17_000_000, one_block)


@given(
    values=arrays(
        "float32", (6, 7), elements=st.one_of(st.integers(-5, 9).map(float), st.floats(width=32))
    )
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_pixel_is_counted_as_one_thing(tmp_path, values):
    path = write_tif(tmp_path / "a.tif", values, nodata=None)
    raw = examine_raster(path).raw

    counts = count_codes(raw, nodata=None, grid=None)

    whole_numbers = np.isfinite(values) & (values == np.floor(values))
    in_range = np.isfinite(values) & (values >= -32768) & (values <= 65535)
    assert counts.total == 42
    assert counts.not_finite == int((~np.isfinite(values)).sum())
    assert counts.far_off.px == int((np.isfinite(values) & ~in_range).sum())
    assert counts.fractional.px == int((in_range & ~whole_numbers).sum())
    assert sum(counts.pixels.values()) == int((in_range & whole_numbers).sum())


def test_without_a_scheme_codes_are_counted_and_not_judged(tif):
    facts = examine_raster(write_tif(tif, CODES + 100, nodata=100))

    assert codes_of(facts) == []
    assert facts.counts.pixels == {101: 3, 102: 1, 103: 1}
    assert facts.counts.nodata == 1
