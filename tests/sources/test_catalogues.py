"""Images from a STAC API served on loopback: found, read by window, put together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from sinks.errors import EnvironmentFault, InputRefused
from sinks.grid import Grid, Window
from sinks.sources.catalogues import Query, SceneComposite, find_scenes
from tests.sources.catalogue_server import served

UTM = "EPSG:32651"
CORNER = Affine(10, 0, 300_000, 0, -10, 3_700_000)
AROUND = (118.0, 32.0, 122.0, 35.0)
VEGETATION, CLOUD = 4, 9
# the whole scene, shifted by two pixels to the right and three down
GRID = Grid(crs=CRS(UTM), transform=CORNER @ Affine.translation(2, 3), shape=(30, 40))


@pytest.fixture
def catalogue(tmp_path):
    with served(tmp_path) as running:
        yield running


def bands(red: int, *, quality: int = VEGETATION) -> dict[str, np.ndarray]:
    return {
        "B04": np.full((60, 80), red, dtype=np.uint16),
        "B08": np.full((60, 80), 4 * red, dtype=np.uint16),
        "SCL": np.full((60, 80), quality, dtype=np.uint8),
    }


def query(catalogue, **changes) -> Query:
    wanted = Query(
        url=catalogue.url,
        collection="sentinel-2-l2a",
        bands={"red": "B04", "nir": "B08"},
        first=date(2025, 7, 1),
        last=date(2025, 7, 31),
        scale=0.0001,
        quality="SCL",
        clear=lambda codes: codes == VEGETATION,
    )
    return replace(wanted, **changes)


def test_scenes_of_the_days_are_found_with_their_cloud_and_files(catalogue):
    catalogue.add(date(2025, 7, 2), bands(1000), CORNER, cloud_pct=12)
    catalogue.add(date(2025, 7, 12), bands(1000), CORNER, cloud_pct=95)
    catalogue.add(date(2025, 9, 12), bands(1000), CORNER)

    scenes = find_scenes(query(catalogue, most_cloud_pct=60), AROUND)

    (scene,) = scenes.described()
    assert (scene["day"], scene["cloud_pct"]) == ("2025-07-02", 12)
    assert set(scene["files"]) == {"B04", "B08", "SCL"}


def test_the_median_of_clear_dates_is_scaled_once_and_lies_on_the_grid(catalogue):
    reds = np.arange(60 * 80, dtype=np.uint16).reshape(60, 80)
    for day, shift in ((2, 0), (7, 1000), (12, 2000)):
        catalogue.add(date(2025, 7, day), bands(0) | {"B04": reds + shift}, CORNER, nodata=60000)
    catalogue.add(date(2025, 7, 20), bands(9000, quality=CLOUD), CORNER, nodata=60000)
    image = SceneComposite(scenes=find_scenes(query(catalogue), AROUND), grid=GRID)

    values = image.read(Window(0, 0, 30, 40))

    assert image.names == ("red", "nir")
    np.testing.assert_allclose(values[0], (reds[3:33, 2:42] + 1000) * 0.0001, rtol=1e-6)


def test_windows_of_any_size_show_the_same(catalogue):
    reds = np.arange(60 * 80, dtype=np.uint16).reshape(60, 80)
    catalogue.add(date(2025, 7, 2), bands(0) | {"B04": reds}, CORNER, nodata=60000)
    image = SceneComposite(scenes=find_scenes(query(catalogue), AROUND), grid=GRID)
    whole = image.read(Window(0, 0, 30, 40))

    np.testing.assert_array_equal(image.read(Window(7, 11, 9, 13)), whole[:, 7:16, 11:24])


def test_a_pixel_that_no_date_shows_has_no_data(catalogue):
    hidden = bands(1000)
    hidden["SCL"][10, 20] = CLOUD
    catalogue.add(date(2025, 7, 2), hidden, CORNER)
    image = SceneComposite(scenes=find_scenes(query(catalogue), AROUND), grid=GRID)

    values = image.read(Window(0, 0, 30, 40))

    assert np.argwhere(np.isnan(values)).tolist() == [[0, 7, 18], [1, 7, 18]]


def test_scenes_that_do_not_state_their_cloud_are_noted(catalogue):
    del catalogue.add(date(2025, 7, 2), bands(1000), CORNER)["properties"]["eo:cloud_cover"]

    assert [f.code for f in find_scenes(query(catalogue), AROUND).findings] == ["W07"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"url": "file:///etc/passwd"}, "W02"),
        ({"first": date(2024, 1, 1), "last": date(2024, 2, 1)}, "W03"),
        ({"bands": {"red": "B4"}}, "W04"),
    ],
)
def test_what_a_catalogue_cannot_give_is_refused(catalogue, changes, code):
    catalogue.add(date(2025, 7, 2), bands(1000), CORNER)

    with pytest.raises(InputRefused) as refused:
        find_scenes(query(catalogue, **changes), AROUND)

    assert refused.value.findings[0].code == code


@pytest.mark.parametrize(
    "address", ["http://example.org/a.tif", "file:///etc/hosts", "/vsicurl/x"]
)
def test_files_are_read_from_no_other_host(catalogue, address):
    catalogue.add(date(2025, 7, 2), bands(1000), CORNER)["assets"]["B04"]["href"] = address

    with pytest.raises(InputRefused) as refused:
        find_scenes(query(catalogue), AROUND)

    assert refused.value.findings[0].code == "W05"


def test_a_catalogue_that_does_not_answer_is_refused():
    nowhere = Query(
        url="http://127.0.0.1:9", collection="c", bands={"red": "B04"},
        first=date(2025, 7, 1), last=date(2025, 7, 2),
    )  # fmt: skip

    with pytest.raises(EnvironmentFault) as refused:
        find_scenes(nowhere, AROUND)

    assert refused.value.findings[0].code == "W06"


def test_a_file_that_is_gone_is_refused(catalogue):
    catalogue.add(date(2025, 7, 2), bands(1000), CORNER)
    image = SceneComposite(scenes=find_scenes(query(catalogue), AROUND), grid=GRID)
    for file in catalogue.folder.glob("*_B04.tif"):
        file.unlink()

    with pytest.raises(EnvironmentFault) as refused:
        image.read(Window(0, 0, 30, 40))

    assert refused.value.findings[0].code == "W08"


def test_missing_packages_are_named(catalogue, monkeypatch):
    import builtins

    real = builtins.__import__

    def without(name, *rest, **more):
        if name.startswith("pystac_client"):
            raise ImportError("No module named 'pystac_client'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)

    with pytest.raises(EnvironmentFault) as refused:
        find_scenes(query(catalogue), AROUND)

    assert refused.value.findings[0].code == "W01"
