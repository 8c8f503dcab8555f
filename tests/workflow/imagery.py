"""The small study from above: two images, a map classified from each, and a sample.

The ground is that of ``small.py`` at 10 m. Official polygons call the western half of the lake
a pond; one official parcel calls paddy what is forest.
"""

from __future__ import annotations

from pathlib import Path

from tests.mapmaking.scene import (
    BANDS,
    before_building,
    ground,
    mapped,
    place_at,
    places,
    seen,
    write_bands,
    write_codes,
    write_places,
)
from tests.workflow.small import STUDY, write_layer, write_study

_CLASSIFICATION = """
[[images]]
id = "image_{year}"
day = {year}-07-20
path = "影像 {year}.tif"
bands = {bands}
scale = 0.0001
synthetic = {synthetic}

[[classifications]]
id = "map_{year}"
name_zh = "{year} 年分类图"
name_en = "Map of {year}"
year = {year}
images = ["image_{year}"]
indices = ["ndvi"]
parameters = {{ n_estimators = 10 }}
folds = 2
layers = {layers}
next_samples = 5
land_cover = true

[classifications.training]
path = "样本/样本 {year}.gpkg"
class_field = "地类"
group_field = "组"

[[classifications.splits]]
path = "样本/水面.gpkg"
code_field = "地类编码"
scheme = "sandiao"
classes = ["LAK", "PND"]
"""

_PARCELS = """
[classifications.parcels]
path = "样本/图斑.gpkg"
id_field = "编号"
code_field = "地类编码"
scheme = "sandiao"
"""

SAMPLES = """
[[samples]]
path = "样本/样点/sample.gpkg"
year_before = 2020
year = 2025
labels = ["样本/甲.csv", "样本/乙.csv"]
decided = "样本/丙.csv"
"""

_LAND_COVER = STUDY[STUDY.index("[[land_cover]]") : STUDY.index("[[zones]]")]


def imagery_study() -> str:
    """Return a study whose land cover of both years is classified from images."""
    bands = str(list(BANDS)).replace("'", '"')
    before = _CLASSIFICATION.format(
        year=2020, bands=bands, synthetic="true", layers='["probability"]'
    )
    after = _CLASSIFICATION.format(
        year=2025, bands=bands, synthetic="false", layers='["dissimilarity", "next_samples"]'
    )
    return STUDY.replace(_LAND_COVER, before + after + _PARCELS)


def write_imagery(folder: Path) -> Path:
    """Write the study with its images, training places and official polygons."""
    file = write_study(folder, imagery_study())
    (folder / "样本").mkdir()
    for year, codes in ((2020, before_building()), (2025, ground())):
        write_bands(folder / f"影像 {year}.tif", seen(codes, seed=year))
        frame = places()
        known = frame if year == 2025 else frame[frame["地类"] != "BLT"]
        write_places(folder / "样本" / f"样本 {year}.gpkg", known)
    write_layer(
        folder / "样本" / "水面.gpkg",
        [place_at(20, 30, 20, 10), place_at(20, 40, 20, 10)],
        地类编码=["1104", "1102"],
    )
    write_layer(
        folder / "样本" / "图斑.gpkg",
        [place_at(0, 0, 20, 30), place_at(40, 45, 20, 20)],
        编号=["甲", "乙"],
        地类编码=["0101", "0101"],
    )
    return file


def write_plain(folder: Path, text: str = STUDY) -> Path:
    """Write the small study with maps of 10 m that err at some pixels, without images."""
    file = write_study(folder, text)
    (folder / "样本").mkdir()
    write_codes(folder / "土地覆盖_2020.tif", mapped(before_building(), seed=1, wrong=0.05))
    write_codes(folder / "土地覆盖_2025.tif", mapped(ground(), seed=2, wrong=0.05))
    return file
