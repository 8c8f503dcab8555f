"""Layers of numbers counted by hand on small scenes, then held to the rules of COG."""

from __future__ import annotations

import warnings
from hashlib import sha256

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.errors import EnvironmentFault
from sinks.imagery.features import FeaturesInMemory
from sinks.reports import tiff
from sinks.reports.layers import LayerOutput, write_layer
from tests.reports.test_cogs import assert_cloud_optimised, mean_by_two
from tests.scenes import scene_grid

NAN = np.nan


def layer(values, names=None):
    values = np.asarray(values)
    names = names or tuple(f"band {n}" for n in range(1, len(values) + 1))
    return FeaturesInMemory(grid=scene_grid(values.shape[1:]), names=names, values=values)


def numbers(shape, *, bands=1, seed=1):
    random = np.random.default_rng(seed)
    values = random.random((bands, *shape), dtype=np.float32)
    values[random.random(values.shape) < 0.1] = NAN
    return values


def output(path, **settings):
    return LayerOutput(path=path, name_zh="类别概率", name_en="probability", **settings)


def read(path, **options):
    with rasterio.open(path, **options) as file:
        return file.read()


def test_numbers_come_back_as_they_were_and_nan_is_no_data(tmp_path):
    path = tmp_path / "a.tif"

    write_layer(layer(np.float32([[[0.5, NAN], [0.25, 1.0]]])), output(path, unit="1"))

    np.testing.assert_array_equal(read(path), [[[0.5, NAN], [0.25, 1.0]]])
    with rasterio.open(path) as file:
        assert np.isnan(file.nodata)
        assert file.descriptions == ("类别概率 probability",)
        assert file.units == ("1",)
        assert file.dtypes == ("float32",)


@pytest.mark.parametrize("bands", [1, 2, 5])
@pytest.mark.parametrize("shape", [(1, 1), (512, 513), (1030, 1500)])
def test_any_size_and_number_of_bands_comes_back(tmp_path, shape, bands):
    values = numbers(shape, bands=bands)
    path = tmp_path / "a.tif"

    write_layer(layer(values), output(path))

    np.testing.assert_array_equal(read(path), values)
    assert_cloud_optimised(path)
    expected = values.astype(float)
    with rasterio.open(path) as file:
        levels = len(file.overviews(bands))
    for level in range(levels):
        expected = np.stack([mean_by_two(band) for band in expected])
        np.testing.assert_allclose(read(path, overview_level=level), expected, rtol=1e-6)


def test_every_band_has_its_name_and_the_file_says_it_is_synthetic(tmp_path):
    path = tmp_path / "a.tif"
    values = layer(numbers((3, 4), bands=2), names=("class_001", "class_003"))

    write_layer(values, output(path), metadata={"SINKS_SYNTHETIC": "合成 <made up> & so on"})

    with rasterio.open(path) as file:
        assert file.descriptions == (
            "类别概率 probability class_001",
            "类别概率 probability class_003",
        )
        assert file.tags()["SINKS_SYNTHETIC"] == "合成 <made up> & so on"
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.interleaving.name == "band"


def test_gdal_finds_nothing_to_warn_of_in_several_bands(tmp_path):
    path = tmp_path / "a.tif"
    write_layer(layer(numbers((700, 700), bands=3)), output(path))

    with warnings.catch_warnings(), rasterio.open(path) as file:
        warnings.simplefilter("error")
        window = rasterio.windows.Window(400, 400, 200, 200)
        part = file.read(3, window=window)

    np.testing.assert_array_equal(part, numbers((700, 700), bands=3)[2, 400:600, 400:600])


def test_whole_numbers_keep_nought_for_no_data_and_show_the_most_frequent(tmp_path):
    codes = np.zeros((1, 600, 520), np.uint8)
    codes[0, :2, :4] = [[7, 7, 2, 0], [2, 7, 0, 0]]
    path = tmp_path / "a.tif"

    write_layer(layer(codes), output(path, dtype="uint8"))

    np.testing.assert_array_equal(read(path), codes)
    assert read(path, overview_level=0)[0, 0, :2].tolist() == [7, 2]
    with rasterio.open(path) as file:
        assert (file.nodata, file.dtypes) == (0, ("uint8",))


def test_files_are_the_same_on_any_number_of_threads(tmp_path):
    values = layer(numbers((1100, 1300), bands=2))
    hashes = set()
    for threads in (1, 2, 3):
        path = tmp_path / f"{threads}.tif"
        write_layer(values, output(path), threads=threads)
        hashes.add(sha256(path.read_bytes()).hexdigest())

    assert len(hashes) == 1


@given(st.integers(1, 600), st.integers(1, 600), st.integers(1, 3))
@settings(max_examples=10)
def test_what_is_written_is_what_is_read(tmp_path_factory, rows, cols, bands):
    path = tmp_path_factory.mktemp("layer") / "a.tif"
    values = numbers((rows, cols), bands=bands)

    write_layer(layer(values), output(path))

    np.testing.assert_array_equal(read(path), values)


def test_a_file_that_does_not_read_back_is_not_published(tmp_path, monkeypatch):
    path = tmp_path / "a.tif"
    write_layer(layer(numbers((3, 4))), output(path))
    old = path.read_bytes()
    monkeypatch.setattr(tiff, "_checksum", lambda path: 0)  # as a failing disk would have it

    with pytest.raises(EnvironmentFault, match="X21"):
        write_layer(layer(numbers((3, 4), seed=2)), output(path))

    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]
    assert path.read_bytes() == old
