"""Rasters counted by hand on small scenes, then held to the table and to the rules of COG."""

from __future__ import annotations

import struct
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry import box

from sinks.errors import EnvironmentFault, InvariantViolated
from sinks.grid import Grid
from sinks.reports import tiff
from sinks.reports.cogs import write_classes, write_rasters
from sinks.reports.overlays import Overlay
from sinks.reports.raster_outputs import RasterOutput
from sinks.zones.footprints import Footprint, footprint
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


# ---- polygons over rasters ---------------------------------------------------------------


def test_stands_replace_what_their_class_holds_and_nothing_else(tmp_path):
    cover = draw("F G W .")
    stands = covering(cover, {(0, 0): (1.0, 40.0), (0, 1): (0.25, 20.0), (0, 3): (0.5, 30.0)})
    path = tmp_path / "a.tif"
    output = density(path, before=WORTH, overlays=(replaced(stands),))

    (total,) = write_rasters(cover, [output])

    # forest: 130 - 130 + 40; grass: 65 - 0.25 x 65 + 20; no data stays no data
    np.testing.assert_array_equal(read(path), [[40, 68.75, 2.5, NAN]])
    assert total.total == pytest.approx(40 + 68.75 + 2.5)
    assert total.valid_ha == pytest.approx(3)


def test_overlays_add_up_and_one_without_a_value_moves_the_rate_alone(tmp_path):
    cover = draw("F W W")
    reservoir = covering(cover, {(0, 1): (0.5, 0.0)})
    faster = np.where(np.arange(256) == 3, 7.0, 0.0)
    path = tmp_path / "a.tif"
    overlays = (
        replaced(covering(cover, {(0, 0): (0.5, 10.0)})),
        Overlay(footprint=reservoir, delta=faster),
        Overlay(footprint=reservoir, delta=faster),
    )

    (total,) = write_rasters(cover, [density(path, before=WORTH, overlays=overlays)])

    np.testing.assert_array_equal(read(path), [[75, 2.5 + 3.5 + 3.5, 2.5]])
    assert total.total == pytest.approx(75 + 9.5 + 2.5)


def test_a_change_is_moved_by_the_pair_of_classes(tmp_path):
    before, after = draw("F F G ."), draw("G F . W", year=2025)
    stands = covering(before, {(0, c): (0.5, 6.0) for c in range(4)})
    pairs = WORTH[:, np.newaxis].astype(float) - LATER[np.newaxis, :]
    path = tmp_path / "change.tif"
    overlays = (Overlay(footprint=stands, delta=pairs, value="tc_per_ha"),)
    output = density(path, before=WORTH, after=LATER, overlays=overlays)

    (total,) = write_rasters(before, [output], after=after)

    # half of what the classes change, and six
    change = [(60 - 130) / 2 + 6, (140 - 130) / 2 + 6]
    np.testing.assert_array_equal(read(path), [[*change, NAN, NAN]])
    assert total.total == pytest.approx(sum(change))


def test_a_raster_of_the_later_date_looks_its_classes_up(tmp_path):
    before, after = draw("F F ."), draw("G W F", year=2025)
    stands = covering(before, {(0, 0): (0.5, 5.0), (0, 2): (1.0, 1.0)})
    overlays = (Overlay(footprint=stands, delta=-LATER.astype(float), value="tc_per_ha"),)
    path = tmp_path / "after.tif"

    write_rasters(before, [density(path, after=LATER, overlays=overlays)], after=after)

    np.testing.assert_array_equal(read(path), [[60 - 30 + 5, 0, 1]])


def test_overviews_are_means_of_the_pixels_that_stands_replaced(tmp_path):
    codes = speckle((1100, 1500))
    cover = cover_from_codes(codes)
    stands = wood(cover.grid)
    path = tmp_path / "a.tif"

    write_rasters(cover, [density(path, before=WORTH, overlays=(replaced(stands),))])

    expected = by_brute_force(codes, stands)
    np.testing.assert_allclose(read(path), expected, rtol=1e-6)
    for level in range(2):
        expected = mean_by_two(expected)
        np.testing.assert_allclose(read(path, overview_level=level), expected, rtol=1e-5)
    assert_cloud_optimised(path)


@pytest.mark.parametrize("place", PLACES)
def test_the_raster_adds_up_to_classes_and_stands(tmp_path, place):
    crs, transform = PLACES[place]
    grid = Grid(crs=crs, transform=transform, shape=(1300, 1100))
    codes = speckle((1300, 1100))
    stands = wood(grid)
    path = tmp_path / "a.tif"
    output = density(path, before=WORTH, overlays=(replaced(stands),))

    (total,) = write_rasters(cover_from_codes(codes, grid=grid), [output])

    pixel_ha = grid.pixel_ha(np.arange(1300), np.arange(1100))
    fraction, held = dense(stands)
    known = codes > 0
    classes = np.where(known, WORTH[codes], 0.0)
    table = (pixel_ha * classes * (1 - fraction)).sum() + (pixel_ha * held)[known].sum()
    assert total.total == pytest.approx(table, rel=1e-5)
    on_the_raster = read(path).astype(float) * pixel_ha
    assert total.total == pytest.approx(np.nansum(on_the_raster), rel=1e-5)


@given(st.lists(st.floats(0, 1e4), min_size=6, max_size=6), st.floats(0.001, 1))
@settings(max_examples=25, deadline=None)
def test_rounding_of_overlaid_pixels_is_bounded_too(tmp_path_factory, numbers, share):
    worth, cover = np.full(256, NAN), draw("F G W")
    worth[1:4] = numbers[:3]
    stands = covering(cover, {(0, c): (share, share * numbers[3 + c]) for c in range(3)})
    overlay = Overlay(footprint=stands, delta=-worth, value="tc_per_ha")
    path = tmp_path_factory.mktemp("rounding") / "a.tif"

    (total,) = write_rasters(cover, [density(path, before=worth, overlays=(overlay, overlay))])

    unrounded = sum(worth[1 + c] + 2 * share * (numbers[3 + c] - worth[1 + c]) for c in range(3))
    assert abs(total.total - unrounded) <= total.rounding * (1 + 1e-6) + 1e-9
    assert np.nansum(read(path), dtype=float) == pytest.approx(total.total, rel=1e-9, abs=1e-9)


def test_splitting_a_stand_changes_no_total(tmp_path):
    grid = Grid(crs=PLACES["UTM"][0], transform=PLACES["UTM"][1], shape=(600, 700))
    cover = cover_from_codes(speckle((600, 700)), grid=grid)
    shape = shapely.Point(230_000, 3_691_000).buffer(5000)
    half = box(0, 0, 231_111, 4_000_000)
    totals = []
    for n, shapes in enumerate(([shape], [shape & half, shape - half])):
        frame = gpd.GeoDataFrame(
            {"tc_per_ha": [55.5] * len(shapes)}, geometry=shapes, crs=grid.crs
        )
        stands = footprint(frame, grid, values=["tc_per_ha"])
        path = tmp_path / f"{n}.tif"
        (total,) = write_rasters(
            cover, [density(path, before=WORTH, overlays=(replaced(stands),))]
        )
        totals.append(total)

    np.testing.assert_allclose(read(tmp_path / "0.tif"), read(tmp_path / "1.tif"), rtol=1e-5)
    assert totals[1].total == pytest.approx(totals[0].total, abs=totals[0].rounding)


def test_overlaid_files_are_the_same_on_any_number_of_threads(tmp_path):
    before, after = (cover_from_codes(speckle((2200, 3100), seed=s)) for s in (1, 2))
    stands = wood(before.grid)
    pairs = WORTH[:, np.newaxis].astype(float) - LATER[np.newaxis, :]
    change = Overlay(footprint=stands, delta=pairs)
    hashes = set()
    for threads in (1, 2, 3):
        outputs = [
            density(tmp_path / f"plain{threads}.tif", before=WORTH),
            density(tmp_path / f"s{threads}.tif", before=WORTH, overlays=(replaced(stands),)),
            density(tmp_path / f"c{threads}.tif", before=WORTH, after=LATER, overlays=(change,)),
        ]
        totals = write_rasters(before, outputs, after=after, threads=threads)
        files = tuple(sha256(o.path.read_bytes()).hexdigest() for o in outputs)
        hashes.add((files, tuple((t.total, t.valid_ha, t.rounding) for t in totals)))

    assert len(hashes) == 1


def test_a_raster_beside_an_overlaid_one_is_what_it_is_alone(tmp_path):
    cover = cover_from_codes(np.kron([[1, 2], [0, 3]], np.ones((700, 700), int)))
    plain = density(tmp_path / "plain.tif", before=WORTH)
    beside = replace(plain, path=tmp_path / "beside.tif")
    overlaid = density(tmp_path / "o.tif", before=WORTH, overlays=(replaced(wood(cover.grid)),))

    (alone,) = write_rasters(cover, [plain])
    both = write_rasters(cover, [beside, overlaid])

    assert (both[0].total, both[0].rounding) == (alone.total, alone.rounding)
    np.testing.assert_array_equal(read(beside.path), read(plain.path))
    assert both[1].rounding > both[0].rounding


def test_each_file_may_carry_tags_of_its_own(tmp_path):
    first = replace(density(tmp_path / "a.tif", before=WORTH), tags={"SINKS_GWP": "AR5"})
    second = density(tmp_path / "b.tif", before=WORTH)

    write_rasters(draw("F G"), [first, second], metadata={"SINKS_SYNTHETIC": "yes"})

    with rasterio.open(first.path) as file, rasterio.open(second.path) as other:
        assert file.tags()["SINKS_GWP"] == "AR5"
        assert file.tags()["SINKS_SYNTHETIC"] == other.tags()["SINKS_SYNTHETIC"] == "yes"
        assert "SINKS_GWP" not in other.tags()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"value": "tc"}, ["value"]),
        ({"delta": np.full(256, NAN)}, ["delta"]),
        ({"delta": np.zeros((256, 256))}, ["delta"]),
        ({"delta": np.zeros(4)}, ["delta"]),
    ],
)
def test_an_overlay_that_does_not_fit_is_our_mistake(tmp_path, change, what):
    cover = draw("F G .")
    overlay = replace(replaced(covering(cover, {(0, 0): (1.0, 1.0)})), **change)
    output = density(tmp_path / "a.tif", before=WORTH, overlays=(overlay,))

    with pytest.raises(InvariantViolated, match="I62") as violated:
        write_rasters(cover, [output])

    assert violated.value.findings[0].facts["what"] == what
    assert list(tmp_path.iterdir()) == []


def test_an_overlay_on_another_grid_is_our_mistake(tmp_path):
    stands = covering(draw("F G W W"), {(0, 0): (1.0, 1.0)})
    output = density(tmp_path / "a.tif", before=WORTH, overlays=(replaced(stands),))

    with pytest.raises(InvariantViolated, match="I62"):
        write_rasters(draw("F G"), [output])


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


def covering(cover, cells):
    """A footprint of cells by hand: row and column to share and what is held."""
    cols = cover.grid.shape[1]
    places = sorted(cells)
    return Footprint(
        grid=cover.grid,
        cell=np.array([row * cols + col for row, col in places], dtype=np.int64),
        fraction=np.array([cells[place][0] for place in places]),
        values={"tc_per_ha": np.array([cells[place][1] for place in places])},
    )


def replaced(stands):
    """Stands instead of what their class holds."""
    return Overlay(footprint=stands, delta=-WORTH.astype(float), value="tc_per_ha")


def wood(grid):
    """Round stands here and there over a grid, across tiles and beyond its edge."""
    rng = np.random.default_rng(11)
    (rows, cols), to = grid.shape, grid.transform
    places = rng.uniform((0, 0, 2), (cols, rows, 90), (40, 3))
    discs = [shapely.Point(x, y).buffer(radius) for x, y, radius in places]
    matrix = [to.a, 0, 0, to.e, to.c, to.f]
    placed = [shapely.affinity.affine_transform(disc, matrix) for disc in discs]
    frame = gpd.GeoDataFrame({"tc_per_ha": rng.uniform(0, 80, 40)}, geometry=placed, crs=grid.crs)
    return footprint(frame, grid, values=["tc_per_ha"])


def dense(stands):
    """Share and value of every pixel of the grid."""
    pixels = np.zeros((2, *stands.grid.shape))
    pixels[0].flat[stands.cell] = stands.fraction
    pixels[1].flat[stands.cell] = stands.values["tc_per_ha"]
    return pixels


def by_brute_force(codes, stands):
    """Density of every pixel with stands replaced, no data as NaN."""
    fraction, held = dense(stands)
    worth = WORTH[codes].astype(float)
    return worth * (1 - fraction) + held


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


# ---- pairs of classes ----------------------------------------------------------------------

PAIRS = np.full((256, 256), NAN, np.float32)
PAIRS[1:4, 1:4] = [[1, -20, -30], [5, 2, -4], [7, 6, 3]]  # tCO2e/ha/a by class before and after


def test_a_raster_of_pairs_shows_what_each_change_is_worth(tmp_path):
    before, after = draw("F F\nG ."), draw("F W\nF G", year=2025)
    output = RasterOutput(path=tmp_path / "对.tif", name_zh="净", name_en="net",
                          unit="tco2e_per_ha_per_year", pairs=PAIRS)  # fmt: skip

    (total,) = write_rasters(before, [output], after=after)

    np.testing.assert_array_equal(read(output.path), [[1, -30], [5, NAN]])
    assert total.total == pytest.approx(1 - 30 + 5)


def test_pairs_with_a_blank_or_with_a_value_for_no_data_are_refused(tmp_path):
    before, after = draw("F F"), draw("F W", year=2025)
    for place, worth in (((1, 3), NAN), ((0, 1), 5.0)):
        pairs = PAIRS.copy()
        pairs[place] = worth
        output = RasterOutput(path=tmp_path / "a.tif", name_zh="", name_en="net",
                              unit="tco2e_per_ha_per_year", pairs=pairs)  # fmt: skip
        with pytest.raises(InvariantViolated, match="pairs"):
            write_rasters(before, [output], after=after)
