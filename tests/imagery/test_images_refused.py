"""Images that are refused or asked about: each with its code, and in words for people."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from sinks.errors import InputRefused, Reaction
from sinks.imagery.features import FeaturesInMemory
from sinks.imagery.image import Image, stacked
from sinks.sources.images import read_image
from tests.imagery.pictures import SIX, codes_of, image_of, ramp, write_image
from tests.scenes import scene_grid
from tests.sources.tiffs import set_tag, tag_place


@pytest.fixture
def tif(tmp_path):
    return tmp_path / "影像.tif"


def refused(*args, **more):
    with pytest.raises(InputRefused) as refusal:
        read_image(*args, **more)
    return refusal


def only(refusal, code):
    (finding,) = [f for f in refusal.value.findings if f.code == code]
    return finding


@pytest.mark.parametrize("bands", [SIX[:5], (*SIX, "pan")])
def test_roles_must_be_as_many_as_bands(tif, bands):
    refusal = refused(write_image(tif, ramp()), bands=bands, scale=1e-4)

    assert codes_of(refusal) == ["B01"]
    assert only(refusal, "B01").facts["bands"] == 6
    assert "影像.tif" in only(refusal, "B01").file


def test_an_unknown_role_is_refused_with_the_nearest(tif):
    refusal = refused(write_image(tif, ramp(bands=1)), bands=["grean"], scale=1e-4)

    assert only(refusal, "B02").facts["near"] == "green"


def test_a_role_is_given_once_and_so_is_a_file(tif):
    path = write_image(tif, ramp(bands=2))

    assert codes_of(refused(path, bands=["red", "red"], scale=1e-4)) == ["B03"]
    assert codes_of(refused({"red": path, "nir": path}, scale=1e-4)) == ["B03"]


def test_a_description_that_contradicts_the_role_is_asked_about(tif):
    path = write_image(tif, ramp(bands=2), names=["blue", "green"])

    refusal = refused(path, bands=["red", "green"], scale=1e-4)

    assert only(refusal, "B04").reaction == Reaction.ASK
    assert only(refusal, "B04").facts["described"] == "blue"


@pytest.mark.parametrize("pattern", ["*_B04*", "nothing*", "../*", "/etc/*", ""])
def test_a_pattern_matches_one_file_within_the_folder(tmp_path, pattern):
    for name in ("a_B04_10m.tif", "a_B04_20m.tif"):
        write_image(tmp_path / name, ramp(bands=1))

    refusal = refused(tmp_path, bands={"red": pattern}, scale=1e-4)

    assert codes_of(refusal) == ["B05"]
    assert only(refusal, "B05").facts["count"] == (2 if pattern == "*_B04*" else 0)


def test_bands_are_never_guessed(tmp_path):
    path = write_image(tmp_path / "a.tif", ramp(bands=1))

    for given in (
        (path, {}),
        (path, {"bands": "red"}),
        (path, {"bands": ["skip"]}),
        (path, {"bands": {"red": "a.tif"}}),
        (tmp_path, {"bands": ["red"]}),
        ({"red": path}, {"bands": ["red"]}),
        ({"skip": path}, {}),
        ({}, {}),
    ):
        assert codes_of(refused(given[0], **given[1])) == ["B06"]


def test_whole_numbers_without_a_scale_are_asked_about(tif):
    dark = write_image(tif, np.int16([[[1, 2, 1]]]))

    refusal = refused(dark, bands=["red"])

    assert only(refusal, "B07").reaction == Reaction.ASK
    assert "0.0001" in only(refusal, "B07").remedy("zh")


@pytest.mark.parametrize("scaling", [{"scale": 1}, {"scale": 1e-4, "offset": -1000}])
def test_values_that_no_surface_reflects_are_asked_about(tif, scaling):
    path = write_image(tif, ramp())

    refusal = refused(path, bands=SIX, **scaling)

    assert codes_of(refusal) == ["B07"]
    assert only(refusal, "B07").facts["percent"] > 99


def test_a_float_image_in_thousands_is_asked_about(tif):
    path = write_image(tif, ramp(dtype="float32"))

    assert codes_of(refused(path, bands=SIX)) == ["B07"]


def test_a_scale_that_contradicts_the_tags_is_asked_about(tif):
    path = write_image(tif, ramp(bands=1), scales=(1e-4,), offsets=(-0.1,))

    refusal = refused(path, bands=["red"], scale=1e-3, offset=0.0)

    assert codes_of(refusal) == ["B08", "B08"]
    assert [f.facts["what"] for f in refusal.value.findings] == ["scale", "offset"]


def test_a_scale_applied_twice_is_asked_about(tif):
    path = write_image(tif, (ramp() * 1e-4).astype(np.float32))

    assert codes_of(refused(path, bands=SIX, scale=1e-4)) == ["B09"]


def test_a_second_value_for_no_data_is_refused(tif):
    numbers = np.full((1, 20, 50), 800, dtype=np.int16)
    numbers[0, :2, 0], numbers[0, 0, 1] = -9999, 0

    refusal = refused(write_image(tif, numbers), bands=["red"], scale=1e-4)

    assert codes_of(refusal) == ["B30"]
    assert only(refusal, "B30").facts["example"] == -9999


def test_a_glint_is_no_second_no_data_value(tif):
    numbers = np.full((1, 40, 50), 800, dtype=np.int16)
    numbers[0, 7, 7] = 30_000

    assert read_image(write_image(tif, numbers), bands=["red"], scale=1e-4).names == ("red",)


def test_undeclared_no_data_is_asked_about_with_the_suspects(tif):
    numbers = ramp(bands=1)
    numbers[0, 0, :2] = 0
    numbers[0, 1, 0] = -9999

    refusal = refused(write_image(tif, numbers, nodata=None), bands=["red"], scale=1e-4)

    assert codes_of(refusal) == ["B10"]
    assert only(refusal, "B10").facts["values"] == ["-9999 (5 %)", "0 (10 %)"]


def test_undeclared_no_data_of_a_float_image_is_asked_about(tif):
    refusal = refused(write_image(tif, np.float32([[[0.5, np.nan]]]), nodata=None), bands=["red"])

    assert only(refusal, "B10").facts["values"] == ["0 (0 %)", "nan (50 %)"]


def test_a_no_data_value_that_pixels_cannot_have_is_asked_about(tif):
    path = write_image(tif, ramp(bands=1), nodata=None)

    assert codes_of(refused(path, bands=["red"], scale=1e-4, nodata=float("nan"))) == ["R15"]


def test_a_picture_for_the_eye_is_refused(tif):
    rgb = ramp(bands=3).astype(np.uint8)

    for options in ({"photometric": "rgb"}, {"compress": "jpeg", "photometric": "ycbcr"}):
        path = write_image(tif, rgb, **options)
        assert codes_of(refused(path, bands=["red", "green", "blue"], scale=0.004)) == ["B11"]


def test_sixteen_bits_called_rgb_are_bands_all_the_same(tif):
    path = write_image(tif, ramp(bands=3), photometric="rgb")

    assert read_image(path, bands=["red", "green", "blue"], scale=1e-4).names[0] == "red"


def test_a_palette_is_refused(tif):
    path = set_tag(write_image(tif, ramp(bands=1).astype(np.uint8)), 262, 3)

    assert codes_of(refused(path, bands=["red"], scale=0.004)) == ["B11"]


def test_complex_numbers_are_refused(tif):
    path = write_image(tif, ramp(bands=1, dtype="complex64"), nodata=None)

    assert codes_of(refused(path, bands=["red"], nodata="none")) == ["B12"]


@pytest.mark.parametrize(
    "other",
    [
        {"crs": "EPSG:8857"},
        {"pixel_m": 15.0, "align": "nir"},
        {"shift": (4, 0)},
        {"shift": (3, 0), "pixel_m": 5.0},
        {"shift": (1e5, 0)},
    ],
    ids=["CRS", "no whole factor", "part of a pixel", "edges apart", "no overlap"],
)
def test_bands_that_cannot_be_aligned_without_ambiguity_are_refused(tmp_path, other):
    align = other.pop("align", None)
    paths = {
        "red": write_image(tmp_path / "r.tif", ramp(bands=1)),
        "nir": write_image(tmp_path / "n.tif", ramp(bands=1), **other),
    }

    refusal = refused(paths, scale=1e-4, align=align)

    assert codes_of(refusal) == ["B13"]


def test_the_reference_band_must_be_in_the_image(tif):
    path = write_image(tif, ramp(bands=1))

    assert codes_of(refused(path, bands=["red"], scale=1e-4, align="nir")) == ["B15"]


def test_an_image_without_data_is_refused(tmp_path):
    empty = write_image(tmp_path / "a.tif", np.zeros((1, 4, 5), dtype=np.int16))
    disjoint = {
        "red": write_image(tmp_path / "r.tif", np.int16([[0, 1000]])),
        "nir": write_image(tmp_path / "n.tif", np.int16([[1000, 0]])),
    }

    assert codes_of(refused(empty, bands=["red"], scale=1e-4)) == ["B19"]
    assert codes_of(refused(disjoint, scale=1e-4)) == ["B19"]


def test_what_is_wrong_with_several_files_is_said_at_once(tmp_path):
    paths = {
        "red": write_image(tmp_path / "r.tif", ramp(bands=1), nodata=None),
        "nir": write_image(tmp_path / "n.tif", ramp(bands=1), crs=None),
        "green": tmp_path / "没有.tif",
    }

    refusal = refused(paths, scale=1e-4)

    assert codes_of(refusal) == ["B10", "R01", "C09"]
    assert all(finding.file for finding in refusal.value.findings)


def test_a_block_that_cannot_be_decoded_is_named(tif):
    path = write_image(tif, np.random.default_rng(3).integers(1, 9000, (2, 64, 64), "int16"),
                       compress="deflate", tiled=True, blockxsize=64, blockysize=64)  # fmt: skip
    raw = bytearray(path.read_bytes())
    (block,) = struct.unpack_from("<I", raw, tag_place(bytes(raw), 324) + 8)
    raw[block : block + 40] = b"\xff" * 40
    path.write_bytes(raw)

    refusal = refused(path, bands=["red", "nir"], scale=1e-4)

    assert codes_of(refusal) == ["R26"]
    assert "rows 0-63" in only(refusal, "R26").place


def test_names_of_an_image_are_roles():
    blocks = FeaturesInMemory(
        grid=scene_grid((1, 1)), names=("ndvi",), values=np.ones((1, 1, 1), np.float32)
    )

    with pytest.raises(InputRefused) as refusal:
        Image(blocks=blocks)
    assert codes_of(refusal) == ["B02"]


def test_features_are_stacked_on_one_grid_under_different_names():
    one, other = image_of({"red": [[0.1]]}), image_of({"nir": [[0.5]], "red": [[0.2]]})
    wide = image_of({"nir": [[0.5, 0.5]]}, label="宽")

    assert stacked([one, image_of({"nir": [[0.5]]})]).names == ("red", "nir")
    for parts, code in (([one, other], "B28"), ([one, wide], "B25"), ([], "B25")):
        with pytest.raises(InputRefused) as refusal:
            stacked(parts)
        assert codes_of(refusal) == [code]
