"""Rasters counted by hand on small scenes, then held to the table and to the rules of COG."""

from __future__ import annotations

import struct
from hashlib import sha256
from itertools import pairwise

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from sinks.errors import EnvironmentFault, InvariantViolated
from sinks.grid import Grid
from sinks.reports import tiff
from sinks.reports.cogs import RasterOutput, write_classes, write_rasters
from tests.scenes import cover_from_codes, draw

NAN = np.nan
WORTH = np.full(256, NAN, np.float32)
WORTH[1:4] = 130, 65, 2.5  # tC/ha of forest, grass, water
LATER = np.full(256, NAN, np.float32)
LATER[1:4] = 140, 60, 0

CHINA_ALBERS = CRS.from_proj4(
    "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80 +units=m +no_defs"
)
OLD_SPHEROID = CRS.from_proj4("+proj=longlat +ellps=clrk66 +no_defs")
PLACES = {
    "CGCS2000 degrees": (CRS("EPSG:4490"), Affine(1e-4, 0, 119.9, 0, -1e-4, 33.5)),
    "CGCS2000 3-degree zone": (CRS("EPSG:4549"), Affine(10, 0, 480_000, 0, -10, 3_700_000)),
    "UTM": (CRS("EPSG:32651"), Affine(30, 0, 220_000, 0, -30, 3_700_000)),
    "Albers without a code": (CHINA_ALBERS, Affine(10, 0, 1_300_000, 0, -10, 3_700_000)),
    "a datum without a name": (OLD_SPHEROID, Affine(0.05, 0, 119, 0, -0.05, 34)),
}


def density(path, **lookups):
    return RasterOutput(
        path=path, name_zh="碳密度", name_en="carbon density", unit="tc_per_ha", **lookups
    )


def read(path, **options):
    with rasterio.open(path, **options) as file:
        return file.read(1)


def test_every_pixel_gets_what_its_class_is_worth(tmp_path):
    cover = draw("""
        F F .
        F W G
    """)

    (total,) = write_rasters(cover, [density(tmp_path / "a.tif", before=WORTH)])

    np.testing.assert_array_equal(read(tmp_path / "a.tif"), [[130, 130, NAN], [130, 2.5, 65]])
    assert total.valid_ha == pytest.approx(5)  # a letter is a hectare
    assert total.total == pytest.approx(3 * 130 + 2.5 + 65)


def test_change_is_after_minus_before_where_both_are_known(tmp_path):
    before, after = draw("F G . W"), draw("G G F .", year=2025)
    path = tmp_path / "change.tif"

    (total,) = write_rasters(before, [density(path, before=WORTH, after=LATER)], after=after)

    np.testing.assert_array_equal(read(path), [[60 - 130, 60 - 65, NAN, NAN]])
    assert total.total == pytest.approx(-75)
    assert total.valid_ha == pytest.approx(2)


def test_a_stock_after_does_not_need_data_before(tmp_path):
    before, after = draw("F . ."), draw("F W .", year=2025)
    path = tmp_path / "after.tif"

    (total,) = write_rasters(before, [density(path, after=WORTH)], after=after)

    np.testing.assert_array_equal(read(path), [[130, 2.5, NAN]])
    assert total.total == pytest.approx(132.5)


def test_an_overview_is_the_mean_of_the_valid_pixels_below(tmp_path):
    codes = np.zeros((514, 514), np.uint8)
    codes[:2, :2] = [[1, 2], [3, 0]]
    codes[513, 513] = 2
    path = tmp_path / "a.tif"

    write_rasters(cover_from_codes(codes), [density(path, before=WORTH)])

    overview = read(path, overview_level=0)
    assert overview.shape == (257, 257)
    assert overview[0, 0] == np.float32((130 + 65 + 2.5) / 3)
    assert overview[256, 256] == 65
    assert np.isnan(overview).sum() == 257 * 257 - 2


def test_overviews_follow_from_the_pixels_at_every_level(tmp_path):
    codes = speckle((1700, 2900))
    path = tmp_path / "a.tif"

    write_rasters(cover_from_codes(codes), [density(path, before=WORTH)])

    expected = WORTH[codes].astype(float)
    with rasterio.open(path) as file:
        assert file.overviews(1) == [2, 4, 8]
    for level in range(3):
        expected = mean_by_two(expected)
        np.testing.assert_allclose(read(path, overview_level=level), expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(1, 1), (512, 512), (513, 1), (1024, 1024), (1025, 2100)])
def test_any_size_comes_back_as_it_was(tmp_path, shape):
    codes = speckle(shape)
    path = tmp_path / "a.tif"

    (total,) = write_rasters(cover_from_codes(codes), [density(path, before=WORTH)])

    np.testing.assert_array_equal(read(path), WORTH[codes])
    assert total.total == pytest.approx(np.nansum(WORTH[codes], dtype=float))
    assert_cloud_optimised(path)


@pytest.mark.parametrize("place", PLACES)
def test_a_raster_lies_where_its_land_cover_lies(tmp_path, place):
    crs, transform = PLACES[place]
    grid = Grid(crs=crs, transform=transform, shape=(700, 600))
    cover = cover_from_codes(speckle((700, 600)), grid=grid)
    path = tmp_path / "a.tif"

    write_rasters(cover, [density(path, before=WORTH)])

    with rasterio.open(path) as file:
        assert file.transform == transform
        assert CRS(file.crs.to_wkt()).equals(crs, ignore_axis_order=True)
        assert Grid(crs=CRS(file.crs.to_wkt()), transform=file.transform, shape=file.shape)


@pytest.mark.parametrize("place", PLACES)
def test_the_raster_adds_up_to_the_table(tmp_path, place):
    crs, transform = PLACES[place]
    grid = Grid(crs=crs, transform=transform, shape=(1300, 1100))
    codes, later = speckle((1300, 1100)), speckle((1300, 1100), seed=2)
    before, after = cover_from_codes(codes, grid=grid), cover_from_codes(later, grid=grid)
    outputs = [
        density(tmp_path / "before.tif", before=WORTH),
        density(tmp_path / "change.tif", before=WORTH, after=LATER),
    ]

    stock, change = write_rasters(before, outputs, after=after)

    # the grid lets patches of 256 columns share one area: 5e-5 at their rims in the UTM zone
    pixel_ha = grid.pixel_ha(np.arange(1300), np.arange(1100))
    table = sum(pixel_ha[codes == c].sum() * float(WORTH[c]) for c in (1, 2, 3))
    assert stock.total == pytest.approx(table, rel=1e-5)
    on_the_raster = read(outputs[1].path).astype(float) * pixel_ha
    assert change.total == pytest.approx(np.nansum(on_the_raster), abs=1e-5 * table)
    assert change.valid_ha == pytest.approx(pixel_ha[(codes > 0) & (later > 0)].sum(), rel=1e-5)


@given(st.floats(0, 1e6, width=64), st.floats(0, 1e6, width=64))
@settings(max_examples=25, deadline=None)
def test_rounding_to_float32_is_bounded_by_what_the_total_says(tmp_path_factory, low, high):
    exact = np.full(256, NAN)
    exact[1:4] = low, high, low / 3
    path = tmp_path_factory.mktemp("rounding") / "a.tif"
    before, after = draw("F G W F"), draw("G W F F", year=2025)

    (total,) = write_rasters(before, [density(path, before=exact, after=exact)], after=after)

    unrounded = (high - low) + (low / 3 - high) + (low - low / 3)
    assert abs(total.total - unrounded) <= total.rounding * (1 + 1e-6) + 1e-9


def test_files_are_the_same_on_any_number_of_threads(tmp_path):
    before, after = (cover_from_codes(speckle((2200, 3100), seed=s)) for s in (1, 2))
    hashes = set()
    for threads in (1, 2, 3):
        outputs = [
            density(tmp_path / f"stock{threads}.tif", before=WORTH),
            density(tmp_path / f"change{threads}.tif", before=WORTH, after=LATER),
        ]
        totals = write_rasters(before, outputs, after=after, threads=threads)
        files = tuple(sha256(o.path.read_bytes()).hexdigest() for o in outputs)
        hashes.add((files, tuple((t.total, t.valid_ha) for t in totals)))

    assert len(hashes) == 1


def test_a_tile_of_one_class_is_the_same_everywhere(tmp_path):
    codes = np.ones((1536, 1536), np.uint8)
    codes[600, 600] = 2  # the tile in the middle is not of one class
    path = tmp_path / "a.tif"

    write_rasters(cover_from_codes(codes), [density(path, before=WORTH)])

    np.testing.assert_array_equal(read(path), WORTH[codes])
    assert read(path, overview_level=0)[0, 0] == 130
    sizes = directories(path)[0][325]
    assert len(set(sizes)) == 2


def test_no_data_has_one_bit_pattern_whichever_tile_was_made_first(tmp_path):
    codes = np.zeros((1536, 1536), np.uint8)
    codes[0, 0] = 1
    path = tmp_path / "a.tif"

    write_rasters(cover_from_codes(codes), [density(path, before=WORTH)])

    overview = read(path, overview_level=0)
    tiles = [  # each the half of one tile
        overview[row : row + 256, col : col + 256].tobytes()
        for row in (0, 256, 512)
        for col in (0, 256, 512)
    ]
    assert len(set(tiles[1:])) == 1
    assert np.isnan(overview[256:]).all()


def test_the_file_tells_its_name_unit_and_that_it_is_synthetic(tmp_path):
    path = tmp_path / "a.tif"
    note = "合成数据 <仅供演示> & synthetic"

    write_rasters(draw("F G"), [density(path, before=WORTH)], metadata={"SINKS_SYNTHETIC": note})

    with rasterio.open(path) as file:
        assert file.tags()["SINKS_SYNTHETIC"] == note
        assert file.descriptions == ("碳密度 carbon density",)
        assert file.units == ("t C/ha",)
        assert np.isnan(file.nodata)
        assert file.profile["compress"] == "zstd"
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_a_file_over_four_gigabytes_becomes_a_big_tiff(tmp_path, monkeypatch):
    monkeypatch.setattr(tiff, "_CLASSIC_LIMIT", 1000)  # as if this file were too large
    codes = speckle((700, 900))
    path = tmp_path / "a.tif"

    write_rasters(cover_from_codes(codes), [density(path, before=WORTH)])

    assert path.read_bytes()[:4] == b"II\x2b\x00"
    np.testing.assert_array_equal(read(path), WORTH[codes])
    assert_cloud_optimised(path)


def test_classes_keep_their_codes_and_colours(tmp_path):
    codes = np.zeros((600, 520), np.uint8)
    codes[:2, :4] = [[1, 1, 2, 0], [2, 3, 0, 0]]
    path = tmp_path / "classes.tif"

    write_classes(cover_from_codes(codes), path)

    np.testing.assert_array_equal(read(path), codes)
    np.testing.assert_array_equal(read(path, overview_level=0)[0, :3], [1, 2, 0])
    assert_cloud_optimised(path)
    with rasterio.open(path) as file:
        assert file.nodata == 0
        assert file.colormap(1)[1][:3] == (0x1F, 0x6A, 0x33)
        assert file.tags()["CLASS_001"] == "forest 森林 forest"


def test_land_covers_on_two_grids_are_not_mixed(tmp_path):
    output = density(tmp_path / "a.tif", before=WORTH, after=WORTH)

    with pytest.raises(InvariantViolated, match="I21"):
        write_rasters(draw("F G"), [output], after=draw("F G G", year=2025))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("code", "worth"), [(2, NAN), (0, 0.0)])
def test_a_class_without_a_value_and_a_value_without_data_are_refused(tmp_path, code, worth):
    lookup = WORTH.copy()
    lookup[code] = worth

    with pytest.raises(InvariantViolated, match="I22"):
        write_rasters(draw("F G ."), [density(tmp_path / "a.tif", before=lookup)])

    assert list(tmp_path.iterdir()) == []


def test_a_crs_that_a_geotiff_cannot_hold_is_refused(tmp_path):
    hammer = CRS.from_proj4("+proj=hammer +units=m")
    grid = Grid(crs=hammer, transform=Affine(10, 0, 0, 0, -10, 0), shape=(1, 2))

    with pytest.raises(InvariantViolated, match="I23"):
        write_rasters(
            cover_from_codes(np.array([[1, 2]]), grid=grid),
            [density(tmp_path / "a.tif", before=WORTH)],
        )

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_does_not_read_back_is_not_published(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    write_rasters(draw("F G"), [density(path, before=WORTH)])
    old = path.read_bytes()
    monkeypatch.setattr(tiff, "_checksum", lambda path: 0)  # as a failing disk would have it

    with pytest.raises(EnvironmentFault, match="X21"):
        write_rasters(draw("F W"), [density(path, before=WORTH)])

    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]
    assert path.read_bytes() == old


def test_a_failed_run_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.tif"
    write_rasters(draw("F G"), [density(path, before=WORTH)])
    old = path.read_bytes()

    class Broken:
        grid = draw("F W").grid

        def read(self, window):
            raise OSError("the disk went away")

    cover = draw("F W")
    object.__setattr__(cover, "blocks", Broken())
    with pytest.raises(OSError, match="went away"):
        write_rasters(cover, [density(path, before=WORTH)])

    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]
    assert path.read_bytes() == old


# ---- by hand -----------------------------------------------------------------------------


def speckle(shape, *, seed=1):
    """Codes 0-3, in patches and single pixels."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, 4, (shape[0] // 37 + 1, shape[1] // 53 + 1))
    codes = np.kron(coarse, np.ones((37, 53), int))[: shape[0], : shape[1]].astype(np.uint8)
    single = random.random(shape) < 0.05
    codes[single] = random.integers(0, 4, int(single.sum()))
    codes[0, 0] = 1
    return codes


def mean_by_two(values):
    rows, cols = -(-values.shape[0] // 2) * 2, -(-values.shape[1] // 2) * 2
    padded = np.full((rows, cols), NAN)
    padded[: values.shape[0], : values.shape[1]] = values
    four = padded.reshape(rows // 2, 2, cols // 2, 2).transpose(0, 2, 1, 3).reshape(-1, 4)
    count = np.isfinite(four).sum(axis=1)
    total = np.nansum(four, axis=1)
    means = np.divide(total, count, out=np.full(len(count), NAN), where=count > 0)
    return means.reshape(rows // 2, cols // 2)


def directories(path):
    """The tags of every directory of a TIFF, and where each stands, by the book."""
    raw = path.read_bytes()
    big = raw[2] == 43
    count, entry, offset, step = ("<Q", "<HHQ", "<Q", 20) if big else ("<H", "<HHI", "<I", 12)
    (at,) = struct.unpack_from(offset, raw, 8 if big else 4)
    found = []
    while at:
        (entries,) = struct.unpack_from(count, raw, at)
        first = at + struct.calcsize(count)
        tags = {"at": at}
        for start in range(first, first + step * entries, step):
            number, kind, length = struct.unpack_from(entry, raw, start)
            value = start + struct.calcsize(entry)
            size = {1: 1, 2: 1, 3: 2, 4: 4, 12: 8, 16: 8}[kind] * length
            if size > struct.calcsize(offset):
                (value,) = struct.unpack_from(offset, raw, value)
            code = {1: "B", 2: "B", 3: "H", 4: "I", 12: "d", 16: "Q"}[kind]
            tags[number] = struct.unpack_from(f"<{length}{code}", raw, value)
        found.append(tags)
        (at,) = struct.unpack_from(offset, raw, first + step * entries)
    return found


def assert_cloud_optimised(path):
    """The rules of GDAL's validator, and that each tile is framed as the file says."""
    raw, levels = path.read_bytes(), directories(path)
    assert [d["at"] for d in levels] == sorted(d["at"] for d in levels)
    assert [d[254][0] for d in levels] == [0] + [1] * (len(levels) - 1)
    for finer, coarser in pairwise(levels):
        for side in (256, 257):
            assert coarser[side][0] == -(-finer[side][0] // 2)
        assert min(finer[324]) > max(coarser[324]), "coarse pixels must come before fine ones"
    assert max(levels[-1][256][0], levels[-1][257][0]) <= 512
    end = 0
    for level in reversed(levels):
        assert level[322] == level[323] == (512,)
        for start, size in zip(level[324], level[325], strict=True):
            assert start - 4 >= end > level["at"] or end == 0, "tiles follow in reading order"
            assert struct.unpack_from("<I", raw, start - 4) == (size,)
            end = start + size + 4
            assert raw[end - 8 : end - 4] == raw[end - 4 : end]
    assert end == len(raw)
    assert min(levels[-1][324]) > max(d["at"] for d in levels)
