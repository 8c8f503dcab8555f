"""Study files: what they may say, and how each slip is answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from sinks.errors import InputRefused
from sinks.study import Study

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
path = "土地覆盖_2020.tif"
year = 2020
scheme = "house"

[[land_cover]]
path = "土地覆盖_2025.tif"
year = 2025
scheme = "house"
synthetic = true

[[zones]]
path = "乡镇.gpkg"
kind = "town"
id_field = "代码"

[[targets]]
indicator = "wetland_protection"
kind = "reach"
value_pct = 50
year = 2030
document = "方案"
"""


def codes(text: str, *, file: Path = Path("研究.toml")) -> list[tuple[str, str | None]]:
    with pytest.raises(InputRefused) as refused:
        Study.parse(text, file=file)
    return [(finding.code, finding.place) for finding in refused.value.findings]


def test_paths_count_from_the_study_file_wherever_the_program_runs(tmp_path):
    study = Study.parse(STUDY, file=tmp_path / "研究.toml")

    assert study.land_cover[0].path == tmp_path / "土地覆盖_2020.tif"
    assert study.synthetic == ("land_cover.2025",)


@pytest.mark.parametrize(
    "key", ["sinks_study", "path", "year", "scheme", "kind", "id_field", "value_pct", "name_zh"]
)
def test_every_key_with_a_letter_too_many_is_refused(key):
    broken = STUDY.replace(f"\n{key} =", f"\n{key}x =", 1)

    assert broken != STUDY
    assert {code for code, _ in codes(broken)} <= {"C01", "C06", "C15"}


def test_an_unknown_key_is_answered_with_the_nearest_known_one():
    with pytest.raises(InputRefused) as refused:
        Study.parse(STUDY.replace("scheme =", "schema =", 1), file=Path("a.toml"))

    facts = [f.facts for f in refused.value.findings if f.code == "C01"]
    assert facts == [{"key": "schema", "near": "scheme"}]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value_pct = 50", "value_pct = 500"),
        ("value_pct = 50", "value_pct = 50\nvalue_ha = 3"),
        ("year = 2025", "year = 2020"),
        ("year = 2020", 'year = "later"'),
        ('kind = "town"', 'kind = "city"'),
    ],
)
def test_a_value_out_of_range_or_against_another_is_refused(old, new):
    assert {code for code, _ in codes(STUDY.replace(old, new, 1))} == {"C06"}


def test_what_is_no_toml_is_refused_with_its_line():
    assert codes(STUDY + "\n[study]\n") == [("C02", None)]


def test_another_version_of_the_study_file_is_refused():
    assert codes(STUDY.replace("sinks_study = 1", "sinks_study = 2")) == [("C15", None)]


def test_a_study_file_that_is_missing_too_large_or_gbk_is_refused(tmp_path):
    gbk, large = tmp_path / "gbk.toml", tmp_path / "large.toml"
    gbk.write_bytes(STUDY.encode("gbk"))
    large.write_bytes(b"#" * 1_000_001)

    found = []
    for path in (gbk, large, tmp_path / "none.toml"):
        with pytest.raises(InputRefused) as refused:
            Study.read(path)
        found.append(refused.value.findings[0].code)

    assert found == ["C16", "C04", "C09"]


def test_a_byte_order_mark_from_notepad_is_welcome(tmp_path):
    path = tmp_path / "研究 一.toml"
    path.write_bytes(b"\xef\xbb\xbf" + STUDY.encode())

    assert Study.read(path).study.name_zh == "试验区"


IMAGERY = (
    STUDY
    + """
[[images]]
id = "spring"
day = 2025-04-10
path = "影像 春.tif"
bands = ["blue", "green", "red", "nir"]
quality = "质量.tif"
quality_scheme = "s2_scl"

[[images]]
id = "summer"
files = { red = "夏/B04.tif", nir = "夏/B08.tif" }

[[classifications]]
id = "crops"
name_zh = "分类图"
name_en = "Map"
year = 2023
images = ["spring", "summer"]
land_cover = true

[classifications.training]
path = "样本.shp"
class_field = "地类"

[[classifications.splits]]
path = "水面.gpkg"
code_field = "地类编码"
scheme = "sandiao"
classes = ["LAK", "PND"]

[classifications.parcels]
path = "图斑.gpkg"
id_field = "编号"
code_field = "地类编码"
scheme = "sandiao"

[[samples]]
path = "样本点.gpkg"
year_before = 2020
year = 2025
labels = ["甲.csv", "乙.csv"]
decided = "丙.csv"

[catalogue]
url = "http://127.0.0.1:1/stac"
collection = "s2"
bands = { red = "B04", nir = "B08" }
start = 2025-06-01
end = 2025-08-31
crs = "EPSG:4549"
resolution_m = 10
"""
)


def test_every_file_of_images_maps_and_samples_counts_from_the_study_file(tmp_path):
    study = Study.parse(IMAGERY, file=tmp_path / "研究.toml")

    named = {place: source.path for place, source in study.sources()}
    wanted = {
        "images.spring": "影像 春.tif",
        "images.spring.quality": "质量.tif",
        "images.summer.red": "夏/B04.tif",
        "images.summer.nir": "夏/B08.tif",
        "classifications.crops.training": "样本.shp",
        "classifications.crops.splits.1": "水面.gpkg",
        "classifications.crops.parcels": "图斑.gpkg",
        "samples.2025": "样本点.gpkg",
        "samples.2025.labels.1": "甲.csv",
        "samples.2025.labels.2": "乙.csv",
        "samples.2025.decided": "丙.csv",
    }
    assert wanted.keys() <= named.keys()
    for place, name in wanted.items():
        assert named[place] == tmp_path / name, place


def test_a_catalogue_is_off_unless_the_study_turns_it_on():
    study = Study.parse(IMAGERY, file=Path("研究.toml"))

    assert study.catalogue is not None
    assert not study.catalogue.enabled
    assert study.catalogue.url == "http://127.0.0.1:1/stac"  # no path, so left as it is


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('images = ["spring", "summer"]', 'images = ["spring", "autumn"]', "autumn"),
        ('id = "summer"', 'id = "winter"', "no [[images]] has the id summer"),
        ('id = "summer"\n', 'id = "summer"\npath = "夏.tif"\nbands = ["red"]\n', "only one"),
        ('files = { red = "夏/B04.tif", nir = "夏/B08.tif" }\n', "", "path with bands"),
        ('bands = ["blue", "green", "red", "nir"]\n', "", "path with bands"),
        ('quality_scheme = "s2_scl"\n', "", "belong together"),
        ('quality = "质量.tif"\n', "", "belong together"),
        ("year = 2023", "year = 2025", "from one map"),
        ("year_before = 2020", "year_before = 2025", "before year"),
        ("end = 2025-08-31", "end = 2025-05-31", "end is before start"),
        ('images = ["spring", "summer"]', "images = []", "at least 1"),
        ('classes = ["LAK", "PND"]', 'classes = ["LAK"]', "at least 2"),
        ("resolution_m = 10", "resolution_m = 0", "greater than 0"),
        ("resolution_m = 10", 'resolution_m = 10\nquality_asset = "SCL"', "belong together"),
    ],
)
def test_what_images_maps_and_samples_say_against_themselves_is_refused(old, new, said):
    assert old in IMAGERY
    with pytest.raises(InputRefused) as refused:
        Study.parse(IMAGERY.replace(old, new, 1), file=Path("研究.toml"))

    assert {finding.code for finding in refused.value.findings} == {"C06"}
    finding = refused.value.findings[0]
    assert said in finding.found("en")
    assert finding.found("zh") != finding.found("en")


@pytest.mark.parametrize(
    ("part", "following", "said"),
    [
        ('[[images]]\nid = "summer"', "[[classifications]]", "images: an id comes twice"),
        ("[[classifications]]", "[[samples]]", "classifications: an id comes twice"),
        ("[[samples]]", "[catalogue]", "one sample only"),
    ],
)
def test_a_part_that_is_written_twice_is_refused(part, following, said):
    start = IMAGERY.index(part)
    again = IMAGERY[start : IMAGERY.index(following)].replace("land_cover = true", "")
    twice = IMAGERY[:start] + again + IMAGERY[start:]

    with pytest.raises(InputRefused) as refused:
        Study.parse(twice, file=Path("研究.toml"))

    assert said in refused.value.findings[0].found("en")


def test_a_study_may_have_no_land_cover_but_what_it_classifies():
    start, end = IMAGERY.index("[[land_cover]]"), IMAGERY.index("[[zones]]")
    only = (IMAGERY[:start] + IMAGERY[end:]).replace("year_before = 2020\n", "")

    study = Study.parse(only, file=Path("研究.toml"))

    assert (study.land_cover, [c.year for c in study.classifications]) == ((), [2023])
    with pytest.raises(InputRefused):
        Study.parse(only.replace("land_cover = true", "land_cover = false"), file=Path("a.toml"))
