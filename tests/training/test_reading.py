"""Training layers and tables read end to end: encodings, codes, coordinates, refusals."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from pyproj import CRS
from shapely import LineString, Point, Polygon, box

from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.landcover.legend import Crosswalk
from sinks.parameters.legends import crosswalk
from sinks.sources.samples import read_samples
from sinks.training.samples import class_counts
from tests.scenes import SCENE_LEGEND
from tests.training.drawn import codes_of, image, on_ground

SCENE = image(10, 10)
SCHEME = Crosswalk(
    scheme="drawn",
    legend=SCENE_LEGEND,
    to_key={"101": "forest", "0102": "grass", "103": "water", "0": None},
)
DRAWN = {"101": box(0.1, 0.1, 3.9, 1.9), "0102": box(5.1, 5.1, 6.9, 6.9), "103": Point(9.5, 9.5)}


def written(path, shapes, *, crs="EPSG:4490", encoding=None, cpg=True, **columns):
    """Write shapes drawn in pixels as a layer in another CRS."""
    ground = [on_ground(shape, SCENE.grid) for shape in shapes]
    frame = gpd.GeoDataFrame(columns, geometry=ground, crs=SCENE.grid.crs).to_crs(crs)
    frame.to_file(path, **({"encoding": encoding} if encoding else {}))
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def read(path, **options):
    return read_samples(
        path, **{"features": SCENE, "crosswalk": SCHEME, "class_field": "地类", **options}
    )


def counts(samples):
    return {key: n for key, n in class_counts(samples)["pixels"].items() if n}


def refusal(path, **options):
    with pytest.raises(InputRefused) as refused:
        read(path, **options)
    return refused.value.findings[0]


@pytest.mark.parametrize("cpg", [True, False])
def test_a_gbk_shapefile_under_a_chinese_path_is_read(tmp_path, cpg):
    folder = tmp_path / "盐都区 训练样本"
    folder.mkdir()
    path = written(
        folder / "样本.shp",
        [DRAWN["101"], DRAWN["0102"]],
        crs="EPSG:4528",
        encoding="gbk",
        cpg=cpg,
        地类=["森林", "草地"],
        地块=["楼王镇一号", "大纵湖"],
    )

    samples = read(path, group_field="地块")

    assert counts(samples) == {"forest": 8, "grass": 4}
    assert sorted(samples.group_names) == sorted(["大纵湖", "楼王镇一号"])
    forest = samples.group[samples.codes == 1]
    assert {samples.group_names[g] for g in forest} == {"楼王镇一号"}
    assert samples.features[:4, 0].tolist() == [0, 1, 2, 3]


def test_points_and_polygons_of_one_geopackage_are_read(tmp_path):
    path = written(tmp_path / "样本.gpkg", DRAWN.values(), 地类=list(DRAWN))

    samples = read(path)

    assert counts(samples) == {"forest": 8, "grass": 4, "water": 1}
    assert set(samples.group_names) == {"FID 1", "FID 2", "FID 3"}
    assert samples.legend is SCENE_LEGEND


@pytest.mark.parametrize(
    "said", [[101, 103], [101.0, 103.0], ["101 ", "１０３"], ["Forest", "水域"]], ids=str
)
def test_a_class_may_be_a_code_a_key_or_a_name(tmp_path, said):
    path = written(tmp_path / "a.gpkg", [DRAWN["101"], DRAWN["103"]], 地类=said)

    assert counts(read(path)) == {"forest": 8, "water": 1}


def test_codes_of_a_national_scheme_are_read(tmp_path):
    path = written(tmp_path / "a.gpkg", [DRAWN["101"], DRAWN["103"]], 地类=["0101", "1104A"])

    samples = read(path, crosswalk=crosswalk("sandiao"))

    assert counts(samples) == {"PAD": 8, "PND": 1}


def test_an_unknown_code_is_refused_with_the_nearest(tmp_path):
    path = written(tmp_path / "a.gpkg", DRAWN.values(), 地类=["101", "102", "102"])

    finding = refusal(path)

    assert (finding.code, finding.file) == ("G01", str(path))
    assert finding.facts["unknown"] == ["102 × 2 → 0102"]


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_class_is_refused_with_its_feature(tmp_path, blank):
    path = written(tmp_path / "a.gpkg", DRAWN.values(), 地类=["101", blank, "103"])

    finding = refusal(path)

    assert (finding.code, finding.facts["ids"]) == ("G02", ["FID 2"])
    assert finding.facts["field"] == "地类"


def test_a_blank_group_is_refused_too(tmp_path):
    path = written(tmp_path / "a.gpkg", DRAWN.values(), 地类=list(DRAWN), 地块=["a", "b", None])

    finding = refusal(path, group_field="地块")

    assert (finding.code, finding.facts["field"]) == ("G02", "地块")


def test_a_code_of_no_data_is_left_out_and_listed(tmp_path):
    path = written(tmp_path / "a.gpkg", DRAWN.values(), 地类=["101", "0", "103"])

    samples = read(path)

    assert counts(samples) == {"forest": 8, "water": 1}
    (finding,) = [f for f in samples.findings if f.code == "G13"]
    assert (finding.facts["ids"], finding.file) == (["FID 2"], str(path))


def test_what_is_found_on_the_image_names_the_file(tmp_path):
    path = written(tmp_path / "a.gpkg", [DRAWN["101"], box(20, 20, 22, 22)], 地类=["101", "101"])

    samples = read(path, most_px=3)

    assert [(f.code, f.file) for f in samples.findings] == [("G05", str(path)), ("G11", str(path))]


def test_contradictions_name_the_file_and_the_features(tmp_path):
    path = written(
        tmp_path / "a.gpkg", [box(0, 0, 2.2, 2.2), box(1.1, 1.1, 3, 3)], 地类=["101", "103"]
    )

    finding = refusal(path)

    assert (finding.code, finding.file) == ("G07", str(path))
    assert finding.facts["pairs"] == ["FID 1 forest ∩ FID 2 water × 1"]


def test_an_invalid_polygon_among_points_is_refused(tmp_path):
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    path = written(tmp_path / "a.gpkg", [bow_tie, DRAWN["103"]], 地类=["101", "103"])

    assert refusal(path).code == "V07"


def test_lines_are_refused(tmp_path):
    path = written(tmp_path / "a.gpkg", [LineString([(0, 0), (3, 3)])], 地类=["101"])

    assert refusal(path).code == "G03"


def test_a_place_that_the_image_cannot_show_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"地类": ["101"]}, geometry=[Point(-60, 0)], crs="EPSG:4326").to_file(path)
    grid = Grid(
        crs=CRS.from_proj4("+proj=ortho +lat_0=33 +lon_0=120 +units=m"),
        transform=Affine(100, 0, 0, 0, -100, 0),
        shape=(10, 10),
    )

    assert refusal(path, features=image(10, 10, grid=grid)).code == "G14"


@pytest.mark.parametrize(("encoding", "field"), [("utf-8-sig", "地类"), ("gbk", "class")])
def test_points_come_from_a_table_too(tmp_path, encoding, field):
    centres = [on_ground(Point(x, y), SCENE.grid) for x, y in [(0.5, 0.5), (4.2, 3.9)]]
    lines = [f"经度,纬度,{field},地块"]
    degrees = gpd.GeoSeries(centres, crs=SCENE.grid.crs).to_crs("EPSG:4490")
    lines += [
        f"{p.x:.8f},{p.y:.8f},{code},{plot}"
        for p, code, plot in zip(degrees, ["101", "0102"], ["一号地", "二号地"], strict=True)
    ]
    path = tmp_path / "采样点.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))

    samples = read(path, class_field=field, group_field="地块", crs="EPSG:4490")

    assert samples.features[:, 0].tolist() == [0, 34]
    assert samples.codes.tolist() == [1, 2]
    assert [samples.group_names[g] for g in samples.group] == ["一号地", "二号地"]


@pytest.mark.parametrize(
    ("rows", "crs", "code"),
    [
        (["120.1,33.3,101"], None, "V01"),
        (["33.3,120.1,101"], "EPSG:4528", "V05"),
        (["33.3,120.1,101"], "EPSG:4490", "V03"),
        (["120.1,33.3,999"], "EPSG:4490", "G01"),
        (["120.1,33.3,101"], "EPSG:4490", "G04"),
    ],
)
def test_a_table_that_cannot_be_placed_or_read_is_refused(tmp_path, rows, crs, code):
    path = tmp_path / "点.csv"
    path.write_text("\n".join(["x,y,地类", *rows]), "utf-8")

    assert refusal(path, crs=crs).code == code


def test_rows_name_the_places_of_a_table(tmp_path):
    path = tmp_path / "点.csv"
    path.write_text("x,y,地类\n120.1,33.3,0\n120.1,33.3,101\n", "utf-8")

    with pytest.raises(InputRefused) as refused:
        read(path, crs="EPSG:4490")

    assert codes_of(refused.value.findings) == ["G04"]
    assert refused.value.findings[0].facts["ids"] == ["row 3"]


def test_reading_twice_with_other_threads_gives_the_same(tmp_path):
    path = written(tmp_path / "a.gpkg", DRAWN.values(), 地类=list(DRAWN))

    one, two = (read(path, most_px=3, seed=4, threads=n) for n in (1, 3))

    np.testing.assert_array_equal(one.features, two.features)
