"""Files that are no layer, or not a whole one: refused by name, and nothing crashes."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import zipfile

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis.strategies import binary, integers
from pyproj import Geod

from sinks.errors import InputRefused, Reaction
from sinks.sources.vectors import examine_layer, read_layer
from tests.sources.layer_files import (
    as_json,
    layer,
    nested_wkb,
    spoil_gpkg,
    square,
    write_geojson,
    write_gpkg,
    write_shp,
)

VRT = """<OGRVRTDataSource><OGRVRTLayer name="x">
<SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"""
POLYGON = as_json(square())


def refusal(path, **options):
    """Return the first finding that stops, after seeing that examining does not raise."""
    facts = examine_layer(path, **options)
    with pytest.raises(InputRefused) as refused:
        read_layer(path, **options)
    finding = refused.value.findings[0]
    assert facts.refused
    assert finding.code in {f.code for f in facts.findings}
    assert finding.file == str(path.resolve())
    assert all(finding.lines(language) for language in ("zh", "en"))
    return finding


@pytest.mark.parametrize("suffix", [".gpkg", ".shp", ".geojson", ".fgb"])
def test_four_formats_hold_the_same_layer(tmp_path, suffix):
    path = tmp_path / f"生态 单元#1 100%{suffix}"
    layer(square(), square(3), 名称=["大纵湖", "盐龙湖"]).to_file(path, encoding="utf-8")

    read = read_layer(path)
    facts = examine_layer(path)

    assert set(read.frame["名称"]) == {"大纵湖", "盐龙湖"}  # FlatGeobuf sorts by place
    assert read.file == path
    assert facts.feature_count == 2
    assert facts.geometry_types == {"Polygon": 2}
    assert facts.crs.to_epsg() == 4490
    assert facts.crs_label("zh") == "EPSG:4490 CGCS2000 经纬度"
    on_ellipsoid_m2, _ = Geod(ellps="GRS80").geometry_area_perimeter(square().segmentize(1e-4))
    assert facts.area_ha == pytest.approx(2 * on_ellipsoid_m2 / 10_000, rel=1e-6)
    assert [f.name for f in facts.fields if f.name != "fid"] == ["名称"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("secret.gpkg", VRT.encode(), "OGR VRT"),
        ("secret.shp", VRT.encode(), "OGR VRT"),
        ("secret.geojson", VRT.encode(), "OGR VRT"),
        ("a.kml", b'<?xml version="1.0"?><kml xmlns="x"><Document/></kml>', "KML"),
        ("a.gml", b'<?xml version="1.0"?><gml:FeatureCollection/>', "GML"),
        ("a.parquet", b"PAR1 and more", "Parquet"),
        ("a.pbf", b"\0\0\0\x0d\x0a\x09OSMHeader", "OSM PBF"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(52) + b"MPBX" + bytes(100), "SQLite"),
        ("a.geojson", b'{"type":"Topology","objects":{},"arcs":[]}', "TopoJSON"),
        ("a.json", b'{"geometryType":"esriGeometryPolygon","features":[]}', "Esri JSON"),
        ("a.geojson", b'{"hello": 1}', "JSON"),
        ("a.tab", b"!table\n!version 300", "MapInfo TAB"),
        ("a.csv", b'WKT,id\n"POINT (1 2)",1\n', "CSV"),
        ("empty.gpkg", b"", "0 B"),
    ],
)
def test_other_formats_are_refused_by_name(tmp_path, name, content, kind):
    path = tmp_path / name
    path.write_bytes(content)

    finding = refusal(path)

    assert finding.code == "V36"
    assert kind in finding.found()


def test_an_archive_is_refused_with_what_it_holds(tmp_path):
    path = tmp_path / "边界.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("placeholder")
        info.filename = "盐都区.shp".encode("gbk").decode("cp437")  # as Windows writes it
        archive.writestr(info, b"")
    raw = path.read_bytes()
    name = "盐都区.shp".encode("gbk")
    utf = "盐都区.shp".encode("gbk").decode("cp437").encode()
    assert utf in raw
    legacy = tmp_path / "旧.zip"
    with zipfile.ZipFile(legacy, "w") as archive:
        archive.writestr("x" * len(name), b"")
    legacy.write_bytes(legacy.read_bytes().replace(b"x" * len(name), name))

    finding = refusal(legacy)

    assert finding.code == "V35"
    assert "盐都区.shp" in finding.found("zh")


def test_a_packed_file_is_refused(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_bytes(gzip.compress(b"{}"))

    assert refusal(path).code == "V35"


# ---- shapefiles --------------------------------------------------------------------------


@pytest.fixture
def shp(tmp_path):
    return write_shp(tmp_path / "湿地.shp", layer(square(), square(2), square(4)))


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_missing_part_is_named(shp, part):
    shp.with_suffix(part).unlink()

    finding = refusal(shp)

    assert finding.code == "V16"
    assert part in finding.found()


def test_parts_in_capital_letters_are_found(shp):
    for part in (".shx", ".dbf", ".prj", ".cpg"):
        shp.with_suffix(part).rename(shp.with_suffix(part.upper()))

    assert len(read_layer(shp).frame) == 3


def test_a_side_file_is_not_the_layer(shp):
    assert refusal(shp.with_suffix(".dbf")).code == "V16"


def test_an_attribute_table_with_fewer_records_is_refused(shp, tmp_path):
    other = write_shp(tmp_path / "b.shp", layer(square()))
    shutil.copy(other.with_suffix(".dbf"), shp.with_suffix(".dbf"))

    finding = refusal(shp)

    assert finding.code == "V15"
    assert {finding.facts[part] for part in ("shp", "shx", "dbf")} == {3, 1}


def test_an_index_with_fewer_records_is_refused(shp):
    shx = bytearray(shp.with_suffix(".shx").read_bytes()[:-8])
    shx[24:28] = (len(shx) // 2).to_bytes(4, "big")
    shp.with_suffix(".shx").write_bytes(shx)

    assert refusal(shp).code == "V15"


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("cut", [1, 9, 120])
def test_a_part_that_ends_early_is_refused(shp, part, cut):
    file = shp.with_suffix(part)
    file.write_bytes(file.read_bytes()[: -min(cut, file.stat().st_size - 1)])

    if (part, cut) == (".dbf", 1):  # only the end mark is gone
        assert len(read_layer(shp).frame) == 3
    else:
        assert refusal(shp).code in ("V15", "V16")


def test_a_record_that_reaches_beyond_the_file_is_refused(shp):
    content = bytearray(shp.read_bytes())
    content[104:108] = (10_000).to_bytes(4, "big")
    shp.write_bytes(content)

    assert refusal(shp).code == "V16"


def test_records_in_another_order_than_the_index_are_still_counted(shp):
    shx = shp.with_suffix(".shx")
    head, *entries = (
        shx.read_bytes()[:100],
        *(shx.read_bytes()[i : i + 8] for i in (100, 108, 116)),
    )
    shx.write_bytes(head + entries[2] + entries[0] + entries[1])

    assert len(read_layer(shp).frame) == 3


def test_a_multipatch_is_refused(shp):
    for part in (shp, shp.with_suffix(".shx")):
        content = bytearray(part.read_bytes())
        content[32:36] = (31).to_bytes(4, "little")
        part.write_bytes(content)

    assert refusal(shp).code == "V23"


@settings(max_examples=60, deadline=None)
@given(place=integers(0, 400), flip=integers(1, 255))
def test_a_flipped_byte_is_read_or_refused_but_never_raises(tmp_path_factory, place, flip):
    path = tmp_path_factory.mktemp("flip") / "a.shp"
    write_shp(path, layer(square(), square(2)))
    for part in (".shp", ".shx", ".dbf"):
        file = path.with_suffix(part)
        content = bytearray(file.read_bytes())
        whole = bytes(content)
        content[place % len(content)] ^= flip
        file.write_bytes(content)

        examine_layer(path)

        file.write_bytes(whole)


@pytest.mark.parametrize(
    ("said", "damaged", "refused"),
    [
        (b"Greenwich", b"Greenwi\xfch", True),  # no UTF-8: GDAL cannot write it down again
        (b"Central_Meridian", b"x", True),
        (b"False_Easting", b"x", True),
    ],
)
def test_damaged_text_of_the_reference_system_never_raises(tmp_path, said, damaged, refused):
    path = tmp_path / "a.shp"
    write_shp(path, layer(square(), square(2)).to_crs("EPSG:4549"))
    file = path.with_suffix(".prj")
    content = file.read_bytes()
    assert said in content
    file.write_bytes(content.replace(said, damaged))

    assert examine_layer(path).refused == refused


# ---- GeoPackage --------------------------------------------------------------------------


def test_one_of_several_layers_has_to_be_named(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square()), "乡镇")
    write_gpkg(path, layer(square(), square(2)), "湿地", mode="a")

    finding = refusal(path)

    assert finding.code == "V25"
    assert finding.reaction is Reaction.ASK
    assert finding.facts["layers"] == ("乡镇", "湿地")
    assert len(read_layer(path, layer="湿地").frame) == 2
    assert refusal(path, layer="不存在").code == "V25"


def test_a_table_without_geometry_beside_a_layer_is_no_second_layer(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square()))
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE notes (fid INTEGER PRIMARY KEY, text TEXT)")
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) "
        "VALUES ('notes', 'attributes', 'notes')"
    )
    base.commit()
    base.close()

    assert len(read_layer(path).frame) == 1


def test_a_geopackage_that_is_being_edited_is_refused(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square()))
    (tmp_path / "a.gpkg-wal").write_bytes(b"changes")

    assert refusal(path).code == "V37"


def test_nothing_is_written_beside_an_input(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square()))
    base = sqlite3.connect(path)
    base.execute("PRAGMA journal_mode = WAL")
    base.close()
    before = path.read_bytes()

    read_layer(path)

    assert [each.name for each in tmp_path.iterdir()] == ["a.gpkg"]
    assert path.read_bytes() == before


def test_a_damaged_geopackage_is_refused(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square()))
    path.write_bytes(path.read_bytes()[:8192])

    assert refusal(path).code == "V39"


@pytest.mark.parametrize("depth", [40, 100_000])
def test_a_geometry_nested_too_deeply_does_not_bring_the_program_down(tmp_path, depth):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), square(2)))
    spoil_gpkg(path, nested_wkb(depth))

    assert refusal(path).code == "V29"


def test_a_geometry_cut_short_is_refused(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), square(2)))
    spoil_gpkg(path, shapely.to_wkb(square())[:40])

    assert refusal(path).code == "V29"


def test_a_layer_made_for_curves_is_refused(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square()))
    base = sqlite3.connect(path)
    base.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVEPOLYGON'")
    base.commit()
    base.close()

    assert refusal(path).code == "V23"


def test_a_layer_marked_as_synthetic_says_so(tmp_path):
    path = write_gpkg(
        tmp_path / "a.gpkg",
        layer(square()),
        layer_options={"DESCRIPTION": "SINKS_SYNTHETIC demonstration"},
    )

    assert examine_layer(path).synthetic
    assert [f.code for f in read_layer(path).findings] == ["N20"]


def test_more_features_than_allowed_are_refused_before_they_are_read(tmp_path):
    frame = layer(square(), square(2), square(4))
    for path in (
        write_gpkg(tmp_path / "a.gpkg", frame),
        write_shp(tmp_path / "a.shp", frame),
        write_geojson(tmp_path / "a.geojson", *map(as_json, frame.geometry)),
    ):
        finding = refusal(path, max_features=2)

        assert finding.code == "V30"
        assert finding.facts == {"features": 3, "most": 2}
    frame.to_file(tmp_path / "a.fgb")
    assert refusal(tmp_path / "a.fgb", max_features=2).code == "V30"


# ---- GeoJSON -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"type":"FeatureCollection","features":[', "ends"),
        ('{"type":"FeatureCollection","features":[}', "Expecting"),
        ('{"type":"FeatureCollection","features":[]} and more', "Extra"),
        ('{"type":"FeatureCollection","features":[1]}', "feature"),
        ('{"type":"FeatureCollection","features":{}}', "features"),
        ('{"type":"FeatureCollection" "features":[]}', "Expecting"),
        ('{"type":"Point","coordinates":[NaN, 1]}', "NaN"),
    ],
)
def test_malformed_geojson_is_refused_with_the_place(tmp_path, content, said):
    path = tmp_path / "a.geojson"
    path.write_text(content)

    finding = refusal(path)

    assert finding.code == "V27"
    assert said in finding.facts["why"]


def test_geojson_in_gbk_is_refused(tmp_path):
    path = tmp_path / "a.geojson"
    write_geojson(path, POLYGON, properties={"名称": "大纵湖"})
    path.write_bytes(path.read_text("utf-8").encode("gbk"))

    assert refusal(path).code == "V27"


def test_a_mark_at_the_beginning_of_geojson_does_no_harm(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", POLYGON)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert len(read_layer(path).frame) == 1


def test_a_geometry_that_gdal_drops_is_refused(tmp_path):
    path = write_geojson(
        tmp_path / "a.geojson", POLYGON, {"type": "Poligon", "coordinates": POLYGON["coordinates"]}
    )

    finding = refusal(path)

    assert finding.code == "V27"
    assert "1 (1)" in finding.facts["why"]  # one geometry, of feature 1


def test_brackets_without_end_are_refused_at_once(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_text("[" * 100_000)
    assert refusal(path).code == "V28"

    path.write_text('{"type":"FeatureCollection","x":' + '{"a":' * 70 + "1" + "}" * 70 + "}")
    assert refusal(path).code == "V28"


def test_brackets_within_text_are_no_depth(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", POLYGON, properties={"注": '"[[[{{\\' * 50})

    assert len(read_layer(path).frame) == 1


@pytest.mark.parametrize("where", ["feature", "collection"])
def test_features_with_systems_of_their_own_are_refused(tmp_path, where):
    path = write_geojson(tmp_path / "a.geojson", POLYGON)
    content = json.loads(path.read_text("utf-8"))
    holder = content if where == "collection" else content["features"][0]
    holder["coordRefSys"] = "http://www.opengis.net/def/crs/EPSG/0/32631"
    path.write_text(json.dumps(content))

    assert refusal(path).code == "V26"


def test_a_single_feature_or_geometry_is_a_layer(tmp_path):
    path = tmp_path / "a.geojson"
    for content in (POLYGON, {"type": "Feature", "properties": {}, "geometry": POLYGON}):
        path.write_text(json.dumps(content))

        assert len(read_layer(path).frame) == 1


@given(binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_refused_and_never_raise(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "a.gpkg"
    for head in (b"", b"SQLite format 3\0", b"fgb\x03fgb\x00", b'{"type":'):
        path.write_bytes(head + content)

        assert examine_layer(path).refused


def test_the_doctor_may_ask_for_a_file_that_is_not_there(tmp_path):
    facts = examine_layer(tmp_path / "没有.gpkg")

    assert [finding.code for finding in facts.findings] == ["C09"]
    assert facts.feature_count is None


def test_what_gdal_has_to_say_is_passed_on(tmp_path, monkeypatch):
    import warnings

    import pyogrio.raw

    path = write_gpkg(tmp_path / "a.gpkg", layer(square()))
    read = pyogrio.raw.read

    def speaking(*args, **options):
        warnings.warn("something odd about this file", RuntimeWarning, stacklevel=1)
        return read(*args, **options)

    monkeypatch.setattr(pyogrio.raw, "read", speaking)

    assert [(f.code, f.facts["text"]) for f in read_layer(path).findings] == [
        ("V46", "something odd about this file")
    ]


def test_an_empty_layer_is_refused(tmp_path):
    empty = gpd.GeoDataFrame({"id": []}, geometry=[], crs="EPSG:4490")
    path = write_gpkg(tmp_path / "a.gpkg", empty)

    assert refusal(path).code == "V48"
