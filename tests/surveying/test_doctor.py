"""``sinks doctor`` on images and samples: what they are, and what would be refused."""

from __future__ import annotations

import numpy as np
import pytest
import rasterio
from affine import Affine

from sinks.doctor import examine

PLACE = {"crs": "EPSG:4549", "transform": Affine(10, 0, 500_000, 0, -10, 3_700_000)}


@pytest.fixture
def image(tmp_path):
    path = tmp_path / "影像.tif"
    bands = np.full((4, 20, 30), 120, dtype=np.uint8)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=30,
        height=20,
        count=4,
        dtype="uint8",
        nodata=0,
        photometric="MINISBLACK",
        **PLACE,
    ) as target:
        target.write(bands)
        target.scales, target.offsets = (0.004,) * 4, (-0.01,) * 4
    return path


def test_a_file_of_several_bands_is_told_as_an_image_not_refused_as_a_map(image):
    report = examine(image)

    (item,) = report.items
    assert not report.refused
    assert item.facts["kind"] == "image"
    assert "× 0.004 + -0.01" in "\n".join(report.lines("zh"))


STUDY = """
sinks_study = 1
[study]
id = "s"
name_zh = "试验"
name_en = "trial"
[district]
path = "没有.gpkg"
name_zh = "试验"
name_en = "trial"
[[land_cover]]
path = "没有.tif"
year = 2025
[[images]]
id = "summer"
path = "影像.tif"
day = 2025-07-01
bands = [{bands}]
"""


@pytest.mark.parametrize(
    ("bands", "codes"),
    [('"blue", "green", "red", "nir"', set()), ('"blue", "green", "red"', {"B01"})],
)
def test_an_image_of_a_study_is_read_as_the_study_describes_it(image, bands, codes):
    file = image.parent / "研究.toml"
    file.write_text(STUDY.replace("{bands}", bands), encoding="utf-8")

    item = next(i for i in examine(file).items if i.place == "images.summer")

    assert {f.code for f in item.findings if f.stops} == codes
    assert item.facts.get("bands", []) == ([] if codes else ["blue", "green", "red", "nir"])
