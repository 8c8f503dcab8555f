"""``sinks fetch``: the composite of a study area from a STAC API on loopback, read back."""

from __future__ import annotations

import json
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from shapely.geometry import box

from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.sources.images import read_image
from sinks.study import Study
from sinks.surveying.fetching import fetch_composite
from tests.sources.catalogue_server import served

UTM = "EPSG:32651"
CORNER = Affine(10, 0, 300_000, 0, -10, 3_700_000)

STUDY = """
sinks_study = 1

[study]
id = "shiyan"
name_zh = "试验区"
name_en = "Test district"

[district]
path = "边界.gpkg"
name_zh = "试验区"
name_en = "Test district"

[[land_cover]]
path = "土地覆盖.tif"
year = 2025

[catalogue]
enabled = true
url = "{url}"
collection = "sentinel-2-l2a"
start = 2025-07-01
end = 2025-07-31
crs = "EPSG:32651"
resolution_m = 10
scale = 0.0001
quality_asset = "SCL"
quality_scheme = "s2_scl"

[catalogue.bands]
red = "B04"
nir = "B08"
"""


@pytest.fixture
def catalogue(tmp_path):
    (tmp_path / "目录").mkdir()
    with served(tmp_path / "目录") as running:
        yield running


def study(folder, url: str, text: str = STUDY) -> Study:
    # 20 x 16 pixels, 30 pixels from the western and northern edge of the scenes
    ground = box(300_300, 3_699_540, 300_500, 3_699_700)
    gpd.GeoDataFrame(geometry=[ground], crs=UTM).to_file(folder / "边界.gpkg")
    file = folder / "研究.toml"
    file.write_text(text.replace("{url}", url), encoding="utf-8")
    return Study.read(file)


def add_scenes(catalogue) -> np.ndarray:
    """Three days of rising red, the last of them cloud; return the red of the first."""
    reds = np.arange(100 * 110, dtype=np.uint16).reshape(100, 110) % 3000 + 100
    for day, shift, quality in ((2, 0, 4), (12, 200, 5), (22, 5000, 9)):
        bands = {
            "B04": (reds + shift).astype(np.uint16),
            "B08": np.full_like(reds, 4000),
            "SCL": np.full(reds.shape, quality, dtype=np.uint8),
        }
        catalogue.add(date(2025, 7, day), bands, CORNER)
    return reds


def test_the_composite_of_clear_days_is_written_and_read_like_any_image(catalogue, tmp_path):
    reds = add_scenes(catalogue)

    outcome = fetch_composite(study(tmp_path, catalogue.url), tmp_path / "影像")

    image = read_image(outcome.folder / "composite.tif", bands=("red", "nir"))
    shown = image.read(Window(20, 20, 16, 20))  # the district, within its margin
    np.testing.assert_allclose(shown[0], (reds[30:46, 30:50] + 100) * 0.0001, rtol=1e-6)
    np.testing.assert_allclose(shown[1], 0.4)
    record = json.loads((outcome.folder / "run.json").read_text("utf-8"))
    assert [scene["day"] for scene in record["scenes"]] == [
        "2025-07-02", "2025-07-12", "2025-07-22",
    ]  # fmt: skip
    assert "2025-07-02" in "\n".join(outcome.lines("zh"))


def test_a_fetch_that_was_stopped_goes_on_from_its_blocks(catalogue, tmp_path):
    add_scenes(catalogue)
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_composite(study(tmp_path, catalogue.url), tmp_path / "影像", progress=stop)
    asked = len(catalogue.requests)
    outcome = fetch_composite(study(tmp_path, catalogue.url), tmp_path / "影像")

    assert told[-1] == (1, 1)
    assert not any("/files/" in request for request in catalogue.requests[asked:])
    assert (outcome.folder / "composite.tif").is_file()
    assert not (tmp_path / ".影像.blocks").exists()


@pytest.mark.parametrize("change", [("enabled = true", "enabled = false"), ("enabled = true", "")])
def test_nothing_is_fetched_unless_the_study_says_so(catalogue, tmp_path, change):
    add_scenes(catalogue)

    with pytest.raises(InputRefused) as refused:
        fetch_composite(study(tmp_path, catalogue.url, STUDY.replace(*change)), tmp_path / "影像")

    assert refused.value.findings[0].code == "J30"
    assert catalogue.requests == []
    assert not (tmp_path / "影像").exists()


def test_a_crs_that_is_none_is_refused(catalogue, tmp_path):
    text = STUDY.replace('crs = "EPSG:32651"', 'crs = "EPSG:1"')

    with pytest.raises(InputRefused) as refused:
        fetch_composite(study(tmp_path, catalogue.url, text), tmp_path / "影像")

    assert refused.value.findings[0].code == "R02"
