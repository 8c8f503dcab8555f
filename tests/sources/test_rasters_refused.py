"""Every fault of a raster is met once: with its code, its file, its place and its figures."""

from __future__ import annotations

import math
import os
import re
import shutil
import struct
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS, Geod
from rasterio.control import GroundControlPoint
from shapely import box
from shapely.geometry.polygon import orient

from sinks.errors import InputRefused, Reaction, messages
from sinks.sources.rasters import examine_raster, read_land_cover
from tests.scenes import NORTH, WEST, scene_grid
from tests.sources.tiffs import CODES, SCENE, codes_of, found, set_tag, tag_place, write_tif

CLARKE = (
    'GEOGCS["unknown",DATUM["unknown",SPHEROID["Clarke 1866",6378206.4,294.978698213898]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
)


@pytest.fixture
def tif(tmp_path):
    return tmp_path / "土地覆盖 2020.tif"


def examined(path, **answers):
    facts = examine_raster(path, crosswalk=SCENE, **answers)
    for finding in facts.findings:
        for language in ("zh", "en"):
            text = finding.lines(language)
            assert finding.file == str(path)
            assert text[0].startswith(f"SNK-{finding.code}")
            assert not re.search(r"\{\w*\}", "".join(text))
    return facts


def refused(path, code, **answers):
    facts = examined(path, **answers)
    finding = found(facts, code)
    assert finding.stops
    assert facts.refused
    return finding


def noted(path, code, **answers):
    facts = examined(path, **answers)
    finding = found(facts, code)
    assert finding.reaction in (Reaction.NOTE, Reaction.REPAIR)
    assert not facts.refused, facts.findings
    return finding


def test_a_sound_raster_raises_no_finding_but_absent_codes(tif):
    assert codes_of(examined(write_tif(tif))) == []
    assert codes_of(examined(write_tif(tif, CODES % 3))) == ["R21"]


# ---- where it lies -------------------------------------------------------------------------


def test_r01_no_crs_and_what_the_coordinates_look_like(tif):
    zone_40 = Affine(10, 0, 40_500_000, 0, -10, 3_700_000)
    finding = refused(write_tif(tif, crs=None, transform=zone_40), "R01")

    assert "40500000" in finding.found("zh")
    assert "EPSG:4528" in finding.found("zh")


def test_r01_is_answered_by_the_study(tif):
    facts = examined(write_tif(tif, crs=None), crs="EPSG:6933")

    assert not facts.refused
    assert facts.grid == scene_grid((2, 3))


@pytest.mark.parametrize(
    ("crs", "said"),
    [("EPSG:999999", "EPSG:999999"), ("盐都", "盐都"), ("EPSG:5703", "NAVD88 height")],
)
def test_r02_a_stated_crs_that_is_none(tif, crs, said):
    assert refused(write_tif(tif, crs=None), "R02", crs=crs).found("zh") == said


@pytest.mark.parametrize("lost", ["central_meridian", "false_easting"])
def test_r02_a_stated_projection_that_lost_its_origin(tif, lost):
    whole = CRS("EPSG:4549").to_wkt("WKT1_GDAL")
    broken = re.sub(rf'PARAMETER\["{lost}",\d+\],?\s*', "", whole)

    assert broken != whole
    assert refused(write_tif(tif, crs=None), "R02", crs=broken)


def test_r02_a_crs_without_a_place_on_earth(tif):
    local = 'LOCAL_CS["site plan",UNIT["metre",1]]'

    assert "site plan" in refused(write_tif(tif, crs=local), "R02").found("en")


@pytest.mark.parametrize(
    ("declared", "x", "y", "fits"),
    [
        ("EPSG:4326", 500_000, 3_700_000, "EPSG:4534"),
        ("EPSG:4548", 39_500_000, 3_700_000, "EPSG:4527"),
        ("EPSG:4527", 500_000, 3_700_000, "EPSG:4534"),
        ("EPSG:4527", 40_500_000, 3_700_000, "EPSG:4528"),
        ("EPSG:4549", 120.1, 33.4, "EPSG:4490"),
        ("EPSG:4490", 33.4, 120.1, "x <-> y"),
        ("EPSG:4490", -71.5, 18.6, "EPSG:4490"),
        ("EPSG:4549", 20_500_000, 3_700_000, "EPSG:4498"),
    ],
)
def test_r03_coordinates_outside_the_area_of_their_crs(tif, declared, x, y, fits):
    size = 10 if abs(x) > 1000 else 0.001
    finding = refused(
        write_tif(tif, crs=declared, transform=Affine(size, 0, x, 0, -size, y)), "R03"
    )

    assert finding.reaction is Reaction.REFUSE
    assert fits in finding.found("zh")
    assert declared in finding.found("en")


def test_r03_is_a_note_for_a_district_that_reaches_over_the_edge_of_its_zone(tif):
    east_of_zone = Affine(
        10, 0, 500_000 + 170_000, 0, -10, 3_700_000
    )  # 121.83° in zone 118.5-121.5

    finding = noted(write_tif(tif, crs="EPSG:4549", transform=east_of_zone), "R03")
    assert finding.reaction is Reaction.NOTE


def test_r04_degrees_are_noted(tif):
    degrees = Affine(0.001, 0, 120, 0, -0.001, 33.5)

    assert "EPSG:4490" in noted(write_tif(tif, crs="EPSG:4490", transform=degrees), "R04").found()


def test_r05_web_mercator(tif):
    place = Affine(10, 0, 13_370_000, 0, -10, 3_950_000)

    assert (
        "Pseudo-Mercator"
        in refused(write_tif(tif, crs="EPSG:3857", transform=place), "R05").found()
    )


def test_r06_feet_are_noted_and_counted_in_hectares(tif):
    feet = Affine(1000, 0, 6_560_000, 0, -1000, 1_800_000)
    facts = examined(write_tif(tif, crs="EPSG:2229", transform=feet))

    assert "US survey foot" in found(facts, "R06").found("en")
    one_ha = 304.8006096**2 / 10_000
    assert facts.counts.hectares[2] == pytest.approx(one_ha, rel=1e-3)


def test_r07_a_rotated_raster_with_or_without_crs(tif):
    turned = Affine(86.6, 50, WEST, 50, -86.6, NORTH)

    assert refused(write_tif(tif, transform=turned), "R07")
    assert refused(write_tif(tif, transform=turned, crs=None), "R07")


def test_r08_a_raster_from_south_to_north_is_turned(tif):
    south_up = Affine(100, 0, WEST, 0, 100, NORTH - 200)
    finding = noted(write_tif(tif, CODES[::-1], transform=south_up), "R08")

    assert finding.reaction is Reaction.REPAIR
    cover = read_land_cover(tif, crosswalk=SCENE, year=2020)
    assert cover.grid == scene_grid((2, 3))


def test_r09_no_place_at_all(tif):
    assert "RPC" not in refused(write_tif(tif, transform=None), "R09").found()


def test_r09_ground_control_points(tif):
    points = [GroundControlPoint(0, 0, 120, 33), GroundControlPoint(2, 3, 121, 32)]
    write_tif(tif, transform=None, points=points)

    assert "2" in refused(tif, "R09").found()


def test_r10_pixel_is_point_is_noted(tif):
    assert noted(write_tif(tif, tags={"AREA_OR_POINT": "Point"}), "R10")


def test_r11_oblong_pixels_are_noted(tif):
    finding = noted(write_tif(tif, transform=Affine(200, 0, WEST, 0, -50, NORTH)), "R11")

    assert "200 × 50" in finding.found("zh")


def test_r39_files_beside_it_are_not_read_and_named(tif):
    write_tif(tif, crs=None)
    tif.with_name(tif.name + ".aux.xml").write_text(
        "<PAMDataset><SRS>EPSG:4490</SRS></PAMDataset>"
    )

    assert refused(tif, "R01")
    assert tif.name + ".aux.xml" in found(examined(tif), "R39").found()


def test_r39_is_silent_about_statistics(tif):
    write_tif(tif)
    tif.with_name(tif.name + ".aux.xml").write_text("<PAMDataset><Histograms/></PAMDataset>")

    assert codes_of(examined(tif)) == []


def test_r40_the_study_overrules_the_file_and_says_so(tif):
    place = Affine(10, 0, 500_000, 0, -10, 3_700_000)
    finding = noted(write_tif(tif, crs="EPSG:4548", transform=place), "R40", crs="EPSG:4549")

    assert "EPSG:4548" in finding.found()
    assert "EPSG:4549" in finding.found()
    assert "255" in noted(write_tif(tif, nodata=255), "R40", nodata=0).found()


def test_r41_a_frame_without_epsg_code_works_and_names_its_ellipsoid(tif):
    place = Affine(0.05, 0, 119, 0, -0.05, 34.5)

    facts = examined(write_tif(tif, crs=CLARKE, transform=place))
    assert "Clarke 1866" in found(facts, "R41").found()
    assert not facts.refused
    two_rows = box(119, 34.4, 119.05, 34.5)
    m2, _ = Geod(ellps="clrk66").geometry_area_perimeter(orient(two_rows))
    assert facts.counts.hectares[2] == pytest.approx(m2 / 2 / 10_000, rel=1e-6)


# ---- what its values mean ------------------------------------------------------------------


def test_r12_asks_for_no_data_and_shows_what_it_could_be(tif):
    finding = refused(write_tif(tif, nodata=None), "R12")

    assert finding.reaction is Reaction.ASK
    assert "0 (16.67 %)" in finding.found("zh")
    assert codes_of(examined(tif, nodata=0)) == []
    assert codes_of(examined(tif, nodata="none")) == []  # the scheme says that 0 is no data


def test_r12_hides_no_unknown_code_behind_the_question(tif):
    codes = np.array([[1, 2, 3], [9, 255, 0]], dtype=np.uint8)
    facts = examined(write_tif(tif, codes, nodata=None))

    assert "255 (16.67 %)" in found(facts, "R12").found()
    assert found(facts, "R20").facts["codes"] == ["9 (1.0 ha, 17 %)"]


def test_r13_one_value_cannot_be_no_data_and_a_class(tif):
    finding = refused(write_tif(tif, nodata=2), "R13")

    assert "草地" in finding.found("zh")
    assert refused(write_tif(tif), "R13", nodata=1).facts["px"] == 3
    assert codes_of(examined(write_tif(tif, CODES % 3, nodata=3))) == ["R21"]  # none occurs


def test_r14_nan_as_no_data_of_integers(tif):
    write_tif(tif)

    assert refused(spoiled_nodata(tif, "nan"), "R14").reaction is Reaction.ASK
    assert "R14" not in codes_of(examined(tif, nodata=0))


@pytest.mark.parametrize("declared", ["-9999", "300", "1.5", "none", "1e400"])
def test_r15_a_no_data_value_that_no_pixel_can_have(tif, declared):
    write_tif(tif)

    assert declared in refused(spoiled_nodata(tif, declared), "R15").found()
    assert not examined(tif, nodata=0).refused
    assert refused(write_tif(tif), "R15", nodata=-9999).place == "nodata"


def test_r15_pixels_that_are_almost_the_no_data_value(tif):
    codes = np.array([[1, 2, -3.4028e38], [3, 1, 1]], dtype=np.float32)

    finding = refused(write_tif(tif, codes, nodata=-3.40282346e38), "R15")
    assert finding.place == "行 row 0，列 column 2"


def test_the_lowest_float_is_no_data_however_it_was_rounded(tif):
    lowest = float(np.finfo(np.float32).min)
    codes = np.array([[1, 2, lowest], [3, 1, 1]], dtype=np.float32)
    write_tif(tif, codes, nodata=lowest)

    for text in ("-3.40282346639e+38", "-3.4028234663852886e+38", "-3.4028235e+38"):
        assert examined(spoiled_nodata(tif, text)).counts.nodata == 1


def test_r16_a_second_no_data_value(tif):
    codes = np.array([[1, 2, -99999], [3, 1, 0]], dtype=np.int32)
    finding = refused(write_tif(tif, codes, nodata=0), "R16")

    assert (finding.place, finding.facts["value"]) == ("行 row 0，列 column 2", -99999)


def test_r17_nothing_but_no_data(tif):
    assert refused(write_tif(tif, np.zeros((2, 3), np.uint8)), "R17").facts["legend"] == "scene"


def test_r18_values_between_codes(tif):
    codes = np.array([[1, 2, 0], [3, 1.37, 2.5]], dtype=np.float32)
    finding = refused(write_tif(tif, codes), "R18")

    assert finding.place == "行 row 1，列 column 1"
    assert (finding.facts["px"], round(finding.facts["value"], 2)) == (2, 1.37)


def test_r19_many_nan_are_refused_and_few_are_noted(tif):
    codes = np.ones((40, 50), dtype=np.float32)
    codes[:, 0] = [2, 3] * 20
    codes[3, 3] = np.nan

    assert noted(write_tif(tif, codes), "R19").facts == {"px": 1, "percent": 0.05}
    assert examined(tif).counts.not_finite == 1
    codes[4, :5] = np.inf
    assert refused(write_tif(tif, codes), "R19").facts["px"] == 6


def test_nan_that_is_declared_is_no_data(tif):
    codes = np.array([[1, 2, np.nan], [3, 1, 1]], dtype=np.float32)

    assert codes_of(examined(write_tif(tif, codes, nodata=math.nan))) == []
    cover = read_land_cover(tif, crosswalk=SCENE, year=2020)
    assert cover.pixels == {0: 1, 1: 3, 2: 1, 3: 1}


def test_r20_unknown_codes_with_hectares_and_share(tif):
    codes = np.array([[1, 9, 9], [3, 2, 77]], dtype=np.uint8)

    assert refused(write_tif(tif, codes), "R20").facts["codes"] == [
        "9 (2.0 ha, 33 %)",
        "77 (1.0 ha, 17 %)",
    ]


def test_r20_many_unknown_codes_are_shortened(tif):
    codes = np.arange(100, dtype=np.uint8).reshape(10, 10)

    assert refused(write_tif(tif, codes), "R20").facts["codes"][-1] == "… +84"


def test_r36_scaled_values_are_no_codes(tif):
    write_tif(tif)
    with rasterio.open(tif, "r+") as file:
        file.scales = (0.1,)

    assert refused(tif, "R36").facts == {"scale": 0.1, "offset": 0}


def test_n20_synthetic_data_says_so(tif):
    assert (
        "demonstration"
        in noted(write_tif(tif, tags={"SINKS_SYNTHETIC": "demonstration"}), "N20").found()
    )


@pytest.mark.parametrize("nodata", ["water", "0 or 255", ""])
def test_c06_a_no_data_answer_that_is_no_number(tif, nodata):
    assert refused(write_tif(tif), "C06", nodata=nodata).place == "nodata"


# ---- what kind of file it is ---------------------------------------------------------------


def test_r25_a_file_that_ends_in_the_middle(tif, tmp_path):
    whole = write_tif(tif, np.ones((300, 300), np.uint8)).read_bytes()

    for size in (8, 100, 400, 5000, len(whole) - 1):
        cut = tmp_path / f"cut {size}.tif"
        cut.write_bytes(whole[:size])
        facts = examined(cut)
        assert facts.refused
        assert codes_of(facts) == ["R25"]
    assert f"{len(whole) - 1:,}" in facts.findings[0].found()


def test_r26_a_block_that_cannot_be_decoded(tif):
    codes = np.random.default_rng(1).integers(1, 4, (400, 500), dtype=np.uint8)
    write_tif(tif, codes, compress="deflate", tiled=True, blockxsize=256, blockysize=256)
    raw = bytearray(tif.read_bytes())
    table = struct.unpack_from("<I", raw, table_place(raw, 324))[0]
    (last_tile,) = struct.unpack_from("<I", raw, table + 12)
    raw[last_tile : last_tile + 40] = b"\xff" * 40
    tif.write_bytes(raw)

    finding = refused(tif, "R26")
    assert finding.place == "行 rows 256-399，列 columns 256-499"
    assert "TIFFReadEncodedTile" in finding.found() or "Decod" in finding.found()


def test_r26_names_rows_from_the_north_whatever_the_file(tif):
    codes = np.ones((400, 300), dtype=np.uint8)
    south_up = Affine(100, 0, WEST, 0, 100, NORTH - 40_000)
    write_tif(tif, codes, transform=south_up, compress="deflate", blockysize=100)
    raw = bytearray(tif.read_bytes())
    table = struct.unpack_from("<I", raw, table_place(raw, 273))[0]
    (first_strip,) = struct.unpack_from("<I", raw, table)
    raw[first_strip : first_strip + 20] = b"\xff" * 20
    tif.write_bytes(raw)

    assert refused(tif, "R26").place == "行 rows 300-399，列 columns 0-299"


@pytest.mark.parametrize(
    ("tag", "value"), [(256, 0), (257, 0), (259, 60000), (258, 62465), (277, 0)]
)
def test_r26_r33_tags_that_make_no_sense(tif, tag, value):
    facts = examined(set_tag(write_tif(tif), tag, value))

    assert facts.refused
    assert {"R26", "R33", "R32", "R25"} & set(codes_of(facts))


def test_r28_blocks_never_written(tif):
    codes = np.zeros((512, 512), dtype=np.uint8)
    codes[:256, :256] = [1, 2, 3, 1] * 64
    sparse = {"tiled": True, "blockxsize": 256, "blockysize": 256, "sparse_ok": True}

    assert noted(write_tif(tif, codes, **sparse), "R28").facts == {"sparse": 3, "blocks": 4}
    write_tif(tif, codes, nodata=None, **sparse)
    assert refused(tif, "R28").reaction is Reaction.REFUSE
    assert noted(tif, "R28", nodata=0)
    assert refused(tif, "R28", nodata="none")


@pytest.mark.parametrize(
    "blocks",
    [
        {"tiled": True, "blockxsize": 4096, "blockysize": 4096},
        {"tiled": True, "blockxsize": 256, "blockysize": 256},
        {"blockysize": 1},
    ],
    ids=["large tiles", "small tiles", "strips"],
)
def test_r29_a_dimension_bomb_is_refused_at_once(tif, blocks):
    with rasterio.open(
        tif, "w", driver="GTiff", width=300_000, height=300_000, count=1, dtype="uint8",
        crs="EPSG:4549", transform=Affine(1, 0, 500_000, 0, -1, 3_700_000), sparse_ok=True,
        **blocks,
    ):  # fmt: skip
        pass

    tracemalloc.start()
    started = time.perf_counter()
    finding = refused(tif, "R29")
    seconds = time.perf_counter() - started
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert finding.facts["gigapixels"] == pytest.approx(90)
    assert seconds < 1
    assert peak < 100e6


def test_r29_the_limit_of_the_study(tif):
    assert refused(write_tif(tif), "R29", max_gigapixels=5e-9)
    assert not examined(tif, max_gigapixels=6e-9).refused


def test_r29_r30_one_strip_that_would_fill_the_memory(tif):
    write_tif(tif)
    set_tag(tif, 256, 30_000)
    set_tag(tif, 257, 30_000)
    set_tag(tif, 278, 30_000)

    assert {"R29", "R30"} & set(codes_of(examined(tif)))
    assert refused(tif, "R30").facts["bytes"] == 900_000_000


def test_r31_several_images_in_one_file(tif):
    raw = bytearray(write_tif(tif).read_bytes())
    (directory,) = struct.unpack_from("<I", raw, 4)
    (count,) = struct.unpack_from("<H", raw, directory)
    whole = bytes(raw[directory : directory + 2 + 12 * count])
    struct.pack_into("<I", raw, directory + 2 + 12 * count, len(raw))
    tif.write_bytes(bytes(raw) + whole + b"\0\0\0\0")

    assert refused(tif, "R31").facts == {"pages": 2}


def test_overviews_inside_are_no_further_images_and_are_never_used(tif):
    codes = np.random.default_rng(2).integers(1, 4, (600, 600), dtype=np.uint8)
    write_tif(tif, codes, tiled=True)
    with rasterio.open(tif, "r+") as file:
        file.build_overviews([2, 4], rasterio.enums.Resampling.mode)

    assert codes_of(examined(tif)) == []
    assert examined(tif).counts.pixels == {c: int((codes == c).sum()) for c in (1, 2, 3)}


def test_r32_pictures(tif):
    rgb = np.ones((3, 4, 4), dtype=np.uint8)

    assert refused(write_tif(tif, rgb, photometric="RGB"), "R32").facts["what"] == "3 bands, RGB"
    assert refused(write_tif(tif, np.ones((2, 4, 4), np.uint8)), "R32").facts["what"] == "2 bands"
    grey = write_tif(tif, np.ones((16, 16), np.uint8), compress="jpeg")
    assert refused(grey, "R32").facts["what"] == "JPEG"


def test_r33_complex_numbers(tif):
    assert (
        refused(write_tif(tif, np.ones((2, 2), np.complex64)), "R33").facts["why"]
        == "complex numbers"
    )


def test_r34_a_mask_inside_the_file(tif):
    write_tif(tif)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK="YES"), rasterio.open(tif, "r+") as file:
        file.write_mask(np.array([[255, 0, 255], [255, 255, 255]], dtype=np.uint8))

    assert refused(tif, "R34").facts == {"masks": 1}


def test_r35_an_overview_is_not_the_raster(tif, tmp_path):
    overview = tmp_path / "土地覆盖.tif.ovr"
    shutil.copy(write_tif(tif), overview)

    assert refused(overview, "R35")
    assert refused(set_new_subfile_type(tif, 1), "R35")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'<VRTDataset rasterXSize="9">', "VRT"),
        (b'\xef\xbb\xbf\n <VRTDataset rasterXSize="9">', "VRT"),
        (b"<GDAL_WMS><Service/>", "WMS"),
        (b"PK\x03\x04....", "ZIP"),
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"CDF\x01", "netCDF"),
        (b"SQLite format 3\0", "SQLite / GeoPackage"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x89PNG\r\n", "PNG"),
        (b"%PDF-1.7", "PDF"),
        (b"EHFA_HEADER_TAG", "ERDAS Imagine"),
        (b"ncols 10\n", "ASCII grid"),
        (b'{"type": ', "JSON"),
        (b"", "0 bytes"),
        (b"II*", "49 49 2a"),
    ],
)
def test_r37_other_things_in_the_clothes_of_a_tif(tif, content, kind):
    tif.write_bytes(content)

    assert refused(tif, "R37").facts == {"kind": kind}


def test_r37_a_vrt_does_not_lead_to_other_files(tif, tmp_path):
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"\x01\x02\x03\x01\x02\x03")
    tif.write_text(
        '<VRTDataset rasterXSize="3" rasterYSize="2"><VRTRasterBand dataType="Byte" band="1" '
        f'subClass="VRTRawRasterBand"><SourceFilename>{secret}</SourceFilename>'
        "</VRTRasterBand></VRTDataset>"
    )

    assert codes_of(examined(tif)) == ["R37"]


def test_x14_a_file_that_changes_after_it_was_examined(tif):
    cover = read_land_cover(write_tif(tif), crosswalk=SCENE, year=2020)
    os.utime(tif, ns=(0, 0))

    window = (0, 0, 2, 3)
    fresh = type(cover.blocks.raw)(
        **{k: v for k, v in vars(cover.blocks.raw).items() if k != "_opened"}
    )
    with pytest.raises(InputRefused, match="X14"):
        fresh.read(window)
    tif.unlink()
    with pytest.raises(InputRefused, match="X14"):
        fresh.read(window)


@pytest.mark.parametrize(
    "path", ["http://example.org/a.tif", "missing.tif", "a\0b", "/vsimem/a.tif"]
)
def test_paths_are_findings_too(path):
    facts = examine_raster(path)

    assert facts.refused
    assert facts.findings[0].file == path


def test_every_raster_code_is_provoked_here_or_where_rasters_are_aligned_or_hold_densities():
    here = Path(__file__)
    others = ("test_rasters_aligned.py", "test_density_rasters.py")
    text = "".join(here.with_name(name).read_text("utf-8") for name in (here.name, *others))
    missing = [c for c in messages() if c.startswith("R") and f'"{c}"' not in text]

    assert missing == []


def spoiled_nodata(path, text):
    """Give a file another no-data text, longer or shorter than it had."""
    raw = bytearray(path.read_bytes())
    place = table_place(raw, 42113) - 8
    encoded = text.encode() + b"\0"
    struct.pack_into("<I", raw, place + 4, len(encoded))
    if len(encoded) <= 4:
        raw[place + 8 : place + 12] = encoded.ljust(4, b"\0")
    else:
        struct.pack_into("<I", raw, place + 8, len(raw))
        raw += encoded
    path.write_bytes(raw)
    return path


def table_place(raw, tag):
    return tag_place(bytes(raw), tag) + 8


def set_new_subfile_type(path, kind):
    """Turn the tag of the planar layout, which has a default, into that of the kind of image."""
    raw = bytearray(path.read_bytes())
    (directory,) = struct.unpack_from("<I", raw, 4)
    (count,) = struct.unpack_from("<H", raw, directory)
    entries = [bytes(raw[directory + 2 + 12 * i :][:12]) for i in range(count)]
    kept = [e for e in entries if struct.unpack_from("<H", e)[0] != 284]
    added = struct.pack("<HHII", 254, 4, 1, kind)
    raw[directory + 2 : directory + 2 + 12 * count] = b"".join([added, *kept])
    path.write_bytes(raw)
    return path
