"""Density rasters: read in tC/ha whatever their unit, and refused where they cannot be right."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import rasterio
import rasterio.warp
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.sources.density_rasters import read_density
from sinks.zones.areas import tabulate
from sinks.zones.weighted import weighted_means
from tests.scenes import EQUAL_AREA, NORTH, WEST, draw, scene_grid, zones_at
from tests.sources.tiffs import write_tif

NAN = np.nan
VALUES = np.array([[10, 20.5, NAN], [0, 130, 65]], dtype=np.float32)
WHOLE = Window(0, 0, 2, 3)


@pytest.fixture
def tif(tmp_path):
    return tmp_path / "碳密度.tif"


def write(path, values=VALUES, *, nodata=NAN, scale=None, offset=None, unit=None, **options):
    """Write densities, with the tags that are given."""
    write_tif(path, values, nodata=nodata, **options)
    with rasterio.open(path, "r+") as file:
        if scale is not None:
            file.scales = [scale] * file.count
        if offset is not None:
            file.offsets = [offset] * file.count
        if unit is not None:
            file.units = [unit] * file.count
    return path


def refused(path, code, **answers):
    answers = {"unit": "tc_per_ha", **answers}
    with pytest.raises(InputRefused) as refusal:
        read_density(path, **answers)
    (finding,) = [f for f in refusal.value.findings if f.code == code]
    for language in ("zh", "en"):
        assert not re.search(r"\{\w*\}", "".join(finding.lines(language)))
    return finding


def test_densities_come_back_as_they_stand_with_nan_where_there_are_none(tif):
    raster = read_density(write(tif), unit="tc_per_ha")

    found = raster.read(WHOLE)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, VALUES)
    np.testing.assert_array_equal(raster.read(Window(1, 1, 1, 2)), [[130, 65]])
    assert (raster.low_tc_per_ha, raster.high_tc_per_ha) == (0, 130)
    assert raster.grid == scene_grid((2, 3))
    assert raster.findings == ()


@pytest.mark.parametrize(
    ("unit", "fraction", "tc_per_ha"),
    [
        ("tc_per_ha", None, 20.5),
        ("t_biomass_per_ha", 0.5, 10.25),
        ("kg_c_per_m2", None, 205),  # 10,000 m2 of 20.5 kg are 205 t
        ("g_c_per_m2", None, 0.205),
    ],
)
def test_every_unit_becomes_tonnes_of_carbon_per_hectare(tif, unit, fraction, tc_per_ha):
    raster = read_density(write(tif), unit=unit, carbon_fraction=fraction)

    assert raster.read(WHOLE)[0, 1] == pytest.approx(tc_per_ha)


def test_whole_numbers_with_scale_and_offset_in_the_tags_are_scaled_once(tif):
    values = np.array([[100, 200, 65535]], dtype=np.uint16)
    write(tif, values, nodata=65535, scale=0.1, offset=-5.0)

    raster = read_density(tif, unit="t_biomass_per_ha", carbon_fraction=0.5)

    np.testing.assert_allclose(raster.read(Window(0, 0, 1, 3)), [[2.5, 7.5, NAN]])


def test_scale_and_offset_may_be_stated_where_the_tags_are_silent(tif):
    write(tif, np.array([[100, 200]], dtype=np.int16), nodata=-1)

    raster = read_density(tif, unit="tc_per_ha", scale=0.5, offset=1.0)

    np.testing.assert_array_equal(raster.read(Window(0, 0, 1, 2)), [[51, 101]])


def test_a_band_is_chosen_by_its_number(tif):
    write(tif, np.stack([VALUES, VALUES + 1]))

    found = read_density(tif, unit="tc_per_ha", band=2).read(WHOLE)

    np.testing.assert_array_equal(found, VALUES + 1)


@pytest.mark.parametrize("band", [None, 0, 3])
def test_a_band_that_is_not_clear_is_asked_for(tif, band):
    write(tif, np.stack([VALUES, VALUES]))

    assert refused(tif, "R93", band=band).facts["bands"] == 2


def test_biomass_without_a_carbon_fraction_is_asked_for_and_not_guessed(tif):
    refused(write(tif), "R91", unit="t_biomass_per_ha")


@pytest.mark.parametrize(
    ("answers", "place"),
    [
        ({"unit": "tc"}, "unit"),
        ({"unit": "t_biomass_per_ha", "carbon_fraction": 47}, "carbon_fraction"),
        ({"unit": "tc_per_ha", "carbon_fraction": 0.47}, "carbon_fraction"),
        ({"align": "bilinear"}, "align"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(tif, answers, place):
    assert refused(write(tif), "C06", **answers).place == place


@pytest.mark.parametrize("said", ["Mg/ha", "t ha⁻¹", "t/ha"])
def test_a_unit_in_the_file_that_is_not_the_stated_one_is_asked_about(tif, said):
    write(tif, unit=said)

    assert refused(tif, "R90").facts["declared"] == said
    assert read_density(tif, unit="t_biomass_per_ha", carbon_fraction=0.47)


@pytest.mark.parametrize("said", ["t C/ha", "Mg C ha-1", "m"])
def test_a_unit_in_the_file_that_fits_or_is_not_known_passes(tif, said):
    assert read_density(write(tif, unit=said), unit="tc_per_ha").high_tc_per_ha == 130


@pytest.mark.parametrize(
    ("value", "unit"), [(-3, "tc_per_ha"), (2001, "tc_per_ha"), (210, "kg_c_per_m2")]
)
def test_values_that_no_density_has_are_refused_with_their_place(tif, value, unit):
    values = VALUES / 10
    values[1, 0] = value

    finding = refused(write(tif, values), "R92", unit=unit)

    assert finding.facts["px"] == 1
    assert finding.place == "行 row 1，列 column 0"


def test_what_rounding_left_below_nought_passes(tif):
    values = VALUES.copy()
    values[0, 0] = -1e-7

    assert read_density(write(tif, values), unit="tc_per_ha").low_tc_per_ha == pytest.approx(-1e-7)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_pixels_are_no_densities(tif, value):
    values = VALUES.copy()
    values[0, 0] = value

    assert refused(write(tif, values), "R92").facts["value"] == value


def test_a_raster_without_any_density_is_refused(tif):
    assert refused(write(tif, np.full((2, 3), NAN, np.float32)), "R95").facts["px"] == 6


def test_no_data_is_asked_for_where_the_file_does_not_say_it(tif):
    values = np.array([[0, 20, 20], [255, 30, 0]], dtype=np.uint8)
    write(tif, values, nodata=None)

    assert refused(tif, "R96").facts["values"] == ["0 (33.3 %)", "255 (16.7 %)"]
    known = read_density(tif, unit="tc_per_ha", nodata=255).read(WHOLE)
    np.testing.assert_array_equal(known, [[0, 20, 20], [NAN, 30, 0]])
    assert read_density(tif, unit="tc_per_ha", nodata="none").high_tc_per_ha == 255


def test_nan_says_what_no_data_is(tif):
    assert read_density(write(tif, nodata=None), unit="tc_per_ha").high_tc_per_ha == 130


def test_a_scale_that_contradicts_the_tags_is_asked_about(tif):
    write(tif, np.array([[100]], dtype=np.int16), nodata=-1, scale=0.1)

    assert refused(tif, "B08", scale=0.01).facts["tags"] == 0.1
    assert read_density(tif, unit="tc_per_ha", scale=0.1).high_tc_per_ha == pytest.approx(10)


def test_a_picture_is_no_density(tif):
    bands = np.full((3, 16, 16), 9, dtype=np.uint8)
    write(tif, bands, nodata=0, photometric="RGB")

    refused(tif, "R94", band=1)


def test_a_file_that_is_no_raster_is_refused_by_the_gate(tif):
    tif.write_bytes(b"PK\x03\x04 not a GeoTIFF")

    refused(tif, "R37")


# ---- grids -------------------------------------------------------------------------------


def test_another_grid_is_refused_unless_the_study_aligns_it(tif):
    grid = scene_grid((3, 4))
    write(tif)

    refused(tif, "R23", align_to=grid)
    raster = read_density(tif, unit="tc_per_ha", align_to=grid, align="nearest")

    assert raster.grid == grid
    (note,) = raster.findings
    assert (note.code, note.stops) == ("R97", False)
    assert note.facts["uncovered_ha"] == pytest.approx(6)
    expected = np.full((3, 4), NAN)
    expected[:2, :3] = VALUES
    np.testing.assert_array_equal(raster.read(Window(0, 0, 3, 4)), expected)


def test_a_coarse_raster_gives_each_pixel_the_value_its_centre_lies_in(tif):
    coarse = Affine(200, 0, WEST, 0, -200, NORTH)
    write(tif, np.array([[10, 20]], dtype=np.float32), transform=coarse)

    raster = read_density(tif, unit="tc_per_ha", align_to=scene_grid((2, 4)), align="nearest")

    np.testing.assert_array_equal(raster.read(Window(0, 0, 2, 4)), [[10, 10, 20, 20]] * 2)


def test_the_same_grid_needs_no_aligning(tif):
    raster = read_density(write(tif), unit="tc_per_ha", align_to=scene_grid((2, 3)))

    assert raster.findings == ()


def test_another_crs_is_reached_by_nearest_neighbour(tif):
    degrees = Affine(0.01, 0, 119, 0, -0.01, 34)
    values = np.arange(10_000, dtype=np.float32).reshape(100, 100) / 10
    write(tif, values, crs="EPSG:4490", transform=degrees)
    to = replace(scene_grid((40, 50)), transform=Affine(1000, 0, 11_500_000, 0, -1000, 4_100_000))

    found = read_density(tif, unit="tc_per_ha", align_to=to, align="nearest").read(
        Window(0, 0, 40, 50)
    )

    lon, lat = rasterio.warp.transform(
        EQUAL_AREA.to_wkt(), "EPSG:4490", [11_500_500 + 1000 * 20], [4_099_500 - 1000 * 10]
    )
    assert found[10, 20] == values[int((34 - lat[0]) / 0.01), int((lon[0] - 119) / 0.01)]


# ---- laws --------------------------------------------------------------------------------


@given(st.integers(-100, 1000), st.sampled_from([0.1, 0.5, 2.0]), st.floats(0, 50))
@settings(deadline=None, max_examples=30)
def test_a_pixel_is_read_or_refused_and_never_changed(tmp_path_factory, value, scale, offset):
    path = tmp_path_factory.mktemp("law") / "a.tif"
    write(path, np.array([[value, 7]], dtype=np.int32), nodata=-999, scale=scale, offset=offset)
    tc_per_ha = value * scale + offset

    try:
        found = read_density(path, unit="tc_per_ha").read(Window(0, 0, 1, 2))[0, 0]
    except InputRefused as refusal:
        assert [f.code for f in refusal.findings] == ["R92"]
        assert tc_per_ha < 0 or tc_per_ha > 2000
    else:
        assert found == pytest.approx(tc_per_ha, rel=1e-6, abs=1e-6)


def test_threads_change_nothing(tmp_path):
    rng = np.random.default_rng(3)
    values = rng.gamma(2, 40, (1300, 900)).astype(np.float32)
    path = write(tmp_path / "a.tif", values, tiled=True, blockxsize=256, blockysize=256)

    one, two = (read_density(path, unit="tc_per_ha", threads=n) for n in (1, 2))

    assert (one.low_tc_per_ha, one.high_tc_per_ha) == (two.low_tc_per_ha, two.high_tc_per_ha)
    assert (one.low_tc_per_ha, one.high_tc_per_ha) == (values.min(), values.max())


def test_means_by_zone_and_class_come_from_the_file(tif):
    cover = draw("""
        F F .
        G F F
    """)
    zones = zones_at({"z": cover_box(cover)})
    raster = read_density(write(tif), unit="tc_per_ha", align_to=cover.grid)

    table = weighted_means(cover, raster, zones)

    assert table.loc[("z", "forest"), "density_tc_per_ha"] == pytest.approx(225.5 / 4)
    assert table.loc[("z", "grass"), "density_tc_per_ha"] == 0
    areas = tabulate(cover, zones).areas["area_ha"]
    assert (table["area_ha"] + table["missing_ha"]).to_dict() == pytest.approx(areas.to_dict())


def cover_box(cover):
    rows, cols = cover.grid.shape
    return box(0, 0, cols, rows)
