"""Images that are sound: every form of file gives the same reflectance by role."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.blocks import windows
from sinks.errors import Reaction
from sinks.grid import Window
from sinks.imagery.features import FeaturesInMemory
from sinks.imagery.image import selected
from sinks.parameters.imagery import quality_scheme
from sinks.pixels.blocks import RawPixels
from sinks.scenes.placing import AveragedFeatures, NearestFeatures, placed
from sinks.sources.images import Quality, read_image
from tests.imagery.pictures import SIX, ramp, whole, write_image
from tests.scenes import NORTH, WEST, scene_grid

S2 = {"scale": 1e-4, "offset": -0.1}
NAN = np.nan


def codes(image):
    return [finding.code for finding in image.findings]


def test_six_bands_become_reflectance_by_role(tmp_path):
    numbers = ramp()
    numbers[:, 0, 0] = 0
    path = write_image(tmp_path / "大纵湖_影像.tif", numbers, tiled=True, blockxsize=16,
                       blockysize=16, compress="deflate")  # fmt: skip

    image = read_image(path, bands=SIX, day=date(2024, 5, 1), **S2)

    values = whole(image)
    assert (image.names, image.day, image.label) == (SIX, date(2024, 5, 1), "大纵湖_影像")
    assert values.dtype == np.float32
    assert np.isnan(values[:, 0, 0]).all()
    expected = (numbers * 1e-4 - 0.1).astype(np.float32)
    np.testing.assert_array_equal(values.reshape(6, -1)[:, 1:], expected.reshape(6, -1)[:, 1:])


def test_scale_and_offset_of_the_tags_are_applied_once_and_may_be_stated_too(tmp_path):
    numbers = np.array([[[50, 100]], [[150, 250]]], dtype=np.uint8)
    path = write_image(tmp_path / "a.tif", numbers, scales=(0.004, 0.002), offsets=(0, 0.01))

    by_tag = read_image(path, bands=["red", "nir"])
    stated = read_image(path, bands=["red", "nir"], scale={"red": 0.004, "nir": 0.002})

    expected = np.array([[[0.2, 0.4]], [[0.31, 0.51]]], dtype=np.float32)
    np.testing.assert_array_equal(whole(by_tag), expected)
    np.testing.assert_array_equal(whole(stated), expected)


def test_a_float_image_is_reflectance_as_it_is(tmp_path):
    numbers = np.array([[[0.1, NAN, np.inf, -9999]]], dtype=np.float32)
    path = write_image(tmp_path / "a.tif", numbers, nodata=-9999)

    np.testing.assert_array_equal(
        whole(read_image(path, bands=["red"])), np.float32([[[0.1, NAN, NAN, NAN]]])
    )


def test_a_band_that_is_not_wanted_is_skipped(tmp_path):
    path = write_image(tmp_path / "a.tif", ramp(bands=3))

    image = read_image(path, bands=["red", "skip", "nir"], scale=1e-4)

    assert image.names == ("red", "nir")
    np.testing.assert_array_equal(whole(image), (ramp(bands=3)[[0, 2]] * 1e-4).astype(np.float32))


def test_single_band_files_by_role_or_by_pattern_are_the_same_image(tmp_path):
    numbers = ramp(bands=3)
    named = {"red": "T51_B04_10m.tif", "nir": "T51_B08_10m.tif", "green": "T51_B03_10m.tif"}
    paths = {
        role: write_image(tmp_path / name, numbers[i])
        for i, (role, name) in enumerate(named.items())
    }

    by_role = read_image(paths, **S2)
    by_pattern = read_image(
        tmp_path, bands={"red": "*_B04_*.tif", "nir": "*_B08_*", "green": "T51_B03*"}, **S2
    )

    assert by_role.names == by_pattern.names == ("red", "nir", "green")
    np.testing.assert_array_equal(whole(by_role), (numbers * 1e-4 - 0.1).astype(np.float32))
    np.testing.assert_array_equal(whole(by_pattern), whole(by_role))


def test_every_file_keeps_its_own_no_data_value(tmp_path):
    paths = {
        "red": write_image(tmp_path / "r.tif", np.int16([[0, 1000]]), nodata=-1),
        "nir": write_image(tmp_path / "n.tif", np.int16([[0, 1000]]), nodata=0),
    }

    image = read_image(paths, scale=1e-4)

    np.testing.assert_array_equal(whole(image), np.float32([[[0, 0.1]], [[NAN, 0.1]]]))


def test_no_data_may_be_stated_or_stated_to_be_none(tmp_path):
    path = write_image(tmp_path / "a.tif", np.int16([[[0, 1000]]]), nodata=None)

    zero = read_image(path, bands=["red"], scale=1e-4, nodata=0)
    none = read_image(path, bands=["red"], scale=1e-4, nodata="none")

    np.testing.assert_array_equal(whole(zero), np.float32([[[NAN, 0.1]]]))
    np.testing.assert_array_equal(whole(none), np.float32([[[0, 0.1]]]))


def test_rows_that_run_north_are_turned_in_every_band(tmp_path):
    numbers = ramp(bands=2)
    path = tmp_path / "a.tif"
    with rasterio.open(
        path, "w", driver="GTiff", count=2, dtype="int16", height=4, width=5, nodata=0,
        crs="EPSG:6933", transform=Affine(10, 0, WEST, 0, 10, NORTH - 40),
    ) as file:  # fmt: skip
        file.write(numbers[:, ::-1])

    image = read_image(path, bands=["red", "nir"], scale=1e-4)

    assert "R08" in codes(image)
    np.testing.assert_array_equal(whole(image), (numbers * 1e-4).astype(np.float32))


def test_a_coarser_band_gives_every_pixel_the_value_its_centre_lies_in(tmp_path):
    fine = write_image(tmp_path / "red.tif", ramp(bands=1, rows=4, cols=4))
    coarse = write_image(tmp_path / "swir.tif", np.int16([[1000, 2000], [3000, 4000]]),
                         pixel_m=20.0)  # fmt: skip

    image = read_image({"red": fine, "swir_1": coarse}, scale=1e-4)

    row = [0.1, 0.1, 0.2, 0.2], [0.3, 0.3, 0.4, 0.4]
    np.testing.assert_array_equal(whole(image)[1], np.float32([row[0], row[0], row[1], row[1]]))
    (note,) = [finding for finding in image.findings if finding.code == "B14"]
    assert note.reaction == Reaction.NOTE
    assert note.facts["roles"] == ("swir_1",)
    assert "nearest" in note.facts["rule"]


def test_a_finer_band_is_averaged_over_what_has_data(tmp_path):
    coarse = write_image(tmp_path / "swir.tif", np.int16([[1000, 2000]]), pixel_m=20.0)
    fine = write_image(tmp_path / "red.tif", np.int16([[1000, 3000, 0, 0], [2000, 4000, 0, 700]]))

    image = read_image({"red": fine, "swir_1": coarse}, align="swir_1", scale=1e-4)

    assert image.grid.shape == (1, 2)
    np.testing.assert_allclose(whole(image)[0], [[0.25, 0.07]], rtol=1e-6)


def test_a_band_of_another_extent_is_moved_by_whole_pixels(tmp_path):
    first = write_image(tmp_path / "red.tif", np.int16([[1000, 2000], [3000, 4000]]))
    second = write_image(tmp_path / "nir.tif", np.int16([[100, 200], [300, 400]]), shift=(10, 10))

    image = read_image({"red": first, "nir": second}, scale=1e-4)

    np.testing.assert_array_equal(whole(image)[1], np.float32([[NAN, 0.03], [NAN, NAN]]))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    height=st.integers(1, 13), width=st.integers(1, 13), factor=st.sampled_from([1, 2, 3]),
    finer=st.booleans(),
)  # fmt: skip
def test_windows_of_any_size_give_the_same_aligned_values(height, width, factor, finer):
    fine, coarse = scene_grid((12, 12)), scene_grid((12 // factor, 12 // factor),
                                                    pixel_m=100.0 * factor)  # fmt: skip
    own, to = (fine, coarse) if finer else (coarse, fine)
    values = np.random.default_rng(7).random((2, *own.shape), dtype=np.float32)
    values[values < 0.2] = NAN
    source = FeaturesInMemory(grid=own, names=("red", "nir"), values=values)

    result = placed(source, to)

    assert isinstance(result, FeaturesInMemory | AveragedFeatures | NearestFeatures)
    pieces = np.full((2, *to.shape), -1, dtype=np.float32)
    for row, col, high, wide in windows(to.shape, height, width):
        part = result.read(Window(row, col, high, wide))
        pieces[:, row : row + high, col : col + wide] = part
    np.testing.assert_array_equal(pieces, whole(result))


def test_an_image_is_read_alike_from_threads_and_after_travelling(tmp_path):
    numbers = np.random.default_rng(1).integers(1, 9000, (6, 100, 90), dtype=np.int16)
    path = write_image(tmp_path / "a.tif", numbers, tiled=True, blockxsize=32, blockysize=32)
    image = read_image(path, bands=SIX, scale=1e-4)
    pieces = windows(image.grid.shape, 17, 23)

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(image.read, pieces))
    travelled = pickle.loads(pickle.dumps(image.blocks))

    for window, part in zip(pieces, parts, strict=True):
        np.testing.assert_array_equal(part, travelled.read(window))
        row, col, high, wide = window
        expected = (numbers[:, row : row + high, col : col + wide] * 1e-4).astype(np.float32)
        np.testing.assert_array_equal(part, expected)


def test_chosen_bands_are_those_of_the_whole_image(tmp_path):
    numbers = ramp(bands=3, rows=4, cols=4)
    paths = {
        "red": write_image(tmp_path / "red.tif", numbers[0]),
        "swir_1": write_image(tmp_path / "swir.tif", numbers[1, :2, :2], pixel_m=20.0),
        "nir": write_image(tmp_path / "nir.tif", numbers[2], shift=(10, 0)),
    }
    mask = write_image(tmp_path / "q.tif", np.uint8([[4, 9], [4, 4]]), pixel_m=20.0)
    image = read_image(paths, scale=1e-4, quality=Quality(mask, quality_scheme("s2_scl")))

    for names in (["nir", "red"], ["swir_1"], ["nir", "swir_1", "red"], list(paths)):
        chosen = selected(image, names)
        rows = [image.names.index(name) for name in names]
        assert chosen.names == tuple(names)
        np.testing.assert_array_equal(whole(chosen), whole(image)[rows])


def test_bands_that_are_not_chosen_are_not_read(tmp_path, monkeypatch):
    image = read_image(write_image(tmp_path / "a.tif", ramp()), bands=SIX, scale=1e-4)
    chosen, read, asked = selected(image, ["nir", "red"]), RawPixels.read, []

    def noted(self, window, bands=1):
        asked.append(bands)
        return read(self, window, bands)

    monkeypatch.setattr(RawPixels, "read", noted)
    whole(chosen)

    assert asked == [(4, 3)]


def test_temperatures_need_not_look_like_reflectance(tmp_path):
    paths = {
        "red": write_image(tmp_path / "r.tif", np.uint16([[20000, 30000]])),
        "thermal_1": write_image(tmp_path / "t.tif", np.uint16([[44000, 45000]])),
    }

    image = read_image(
        paths,
        scale={"red": 2.75e-5, "thermal_1": 0.00341802},
        offset={"red": -0.2, "thermal_1": 149.0},
    )

    np.testing.assert_allclose(whole(image), [[[0.35, 0.625]], [[299.39288, 302.8109]]], rtol=1e-6)


def test_an_image_without_dark_pixels_is_noted_for_a_missing_offset(tmp_path):
    numbers = np.random.default_rng(1).integers(1100, 4000, (2, 9, 9), dtype=np.int16)
    path = write_image(tmp_path / "a.tif", numbers)

    assert "B29" in codes(read_image(path, bands=["red", "nir"], scale=1e-4))
    assert "B29" not in codes(read_image(path, bands=["red", "nir"], **S2))


@pytest.mark.parametrize("said", ["red", "Red", "B04", "", None])
def test_a_description_that_agrees_or_says_nothing_is_no_matter(tmp_path, said):
    path = write_image(tmp_path / "a.tif", ramp(bands=1), names=[said] if said else [])

    assert read_image(path, bands=["red"], scale=1e-4).names == ("red",)
