"""Attribute text of shapefiles: encodings, cut text, field names."""

from __future__ import annotations

import pytest

from sinks.errors import InputRefused, Reaction
from sinks.sources.vectors import examine_layer, read_layer, read_zones
from tests.sources.layer_files import (
    layer,
    square,
    write_dbf,
    write_geojson,
    write_gpkg,
    write_shp,
    write_shp_of_bytes,
)

TOWNS = ["大纵湖镇", "楼王镇", "学富镇", "尚庄镇"]


def towns(**columns):
    return layer(*(square(i) for i in range(4)), **(columns or {"名称": TOWNS}))


def codes(findings):
    return [finding.code for finding in findings]


def refusal(path, **options):
    with pytest.raises(InputRefused) as refused:
        read_layer(path, **options)
    return refused.value.findings[0]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize("cpg", [True, False])
def test_chinese_names_survive_with_and_without_a_cpg(tmp_path, encoding, cpg):
    path = write_shp(tmp_path / "乡镇 图层.shp", towns(), encoding=encoding, cpg=cpg)

    read = read_layer(path, columns=["名称"])

    assert read.frame["名称"].to_list() == TOWNS
    assert read.findings == ()


def test_the_facts_name_the_encoding_and_show_samples(tmp_path):
    path = write_shp(tmp_path / "乡镇.shp", towns(), encoding="gbk", cpg=False)

    facts = examine_layer(path)

    assert facts.encoding == "GB18030"
    assert facts.encoding_samples[1] == "大纵湖镇"


def test_an_unclear_encoding_is_asked_for_and_the_answer_is_taken(tmp_path):
    path = write_shp_of_bytes(tmp_path / "a.shp", ["安徽".encode("gbk")])

    assert refusal(path).reaction is Reaction.ASK
    assert read_layer(path, encoding="gbk").frame["NAME"].to_list() == ["安徽"]


def test_a_western_table_is_asked_for_with_samples(tmp_path):
    path = write_shp_of_bytes(tmp_path / "a.shp", ["Südliche Weinstraße".encode("latin1")])

    finding = refusal(path)

    assert finding.code == "V17"
    assert "Südliche Weinstraße" in finding.found("zh")


def test_big5_is_asked_for_and_not_read_as_other_characters(tmp_path):
    names = [name.encode("big5") for name in ("臺北市", "高雄縣", "嘉義縣")]
    path = write_shp_of_bytes(tmp_path / "a.shp", names)

    assert refusal(path).code == "V19"
    assert read_layer(path, encoding="big5").frame["NAME"].to_list()[0] == "臺北市"


def test_a_cpg_that_is_wrong_is_noted(tmp_path):
    path = write_shp(tmp_path / "a.shp", towns(), encoding="gbk")
    path.with_suffix(".cpg").write_text("UTF-8")

    read = read_layer(path)

    assert read.frame["名称"].to_list() == TOWNS
    assert codes(read.findings) == ["V18"]


def test_a_language_byte_that_is_wrong_is_noted(tmp_path):
    path = write_shp(tmp_path / "a.shp", towns(), encoding="utf-8", cpg=False)
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes()[:29] + b"\x4d" + dbf.read_bytes()[30:])  # says GBK

    read = read_layer(path)

    assert read.frame["名称"].to_list() == TOWNS
    assert codes(read.findings) == ["V18"]


def test_an_encoding_that_the_bytes_contradict_is_refused(tmp_path):
    path = write_shp(tmp_path / "a.shp", towns(), encoding="utf-8", cpg=False)

    assert refusal(path, encoding="gbk").code == "V41"


def test_rows_in_two_encodings_are_refused_with_their_numbers(tmp_path):
    texts = [name.encode("gbk") for name in TOWNS]
    path = write_shp_of_bytes(tmp_path / "a.shp", [*texts, "潘黄街道".encode()])

    finding = refusal(path)

    assert finding.code == "V20"
    assert finding.facts["rows"] == ["4"]


def test_text_cut_within_a_character_is_noted(tmp_path):
    texts = [name.encode("gbk") for name in TOWNS]
    path = write_shp_of_bytes(tmp_path / "a.shp", [*texts, "国家湿地公园".encode("gbk")], size=9)

    read = read_layer(path)

    assert read.frame["NAME"].to_list()[-1] == "国家湿地"
    assert codes(read.findings) == ["V21"]


def test_an_id_cut_within_a_character_is_refused(tmp_path):
    texts = [name.encode("gbk") for name in TOWNS]
    path = write_shp_of_bytes(tmp_path / "a.shp", [*texts, "国家湿地公园".encode("gbk")], size=9)

    with pytest.raises(InputRefused, match="SNK-V21"):
        read_zones(path, zone_field="NAME")


def test_field_names_that_repeat_are_refused(tmp_path):
    path = write_shp(tmp_path / "a.shp", layer(square()), cpg=False)
    write_dbf(path.with_suffix(".dbf"), [(b"NAME", 5), (b"NAME", 5)], [[b"a", b"b"]])

    assert refusal(path).code == "V22"


def test_a_field_called_geometry_is_refused(tmp_path):
    path = write_geojson(
        tmp_path / "a.geojson",
        {"type": "Polygon", "coordinates": [[[120, 33], [121, 33], [121, 34], [120, 33]]]},
        properties={"geometry": "x"},
    )

    assert refusal(path).code == "V22"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_field_name_cut_to_ten_bytes_is_found_by_its_beginning(tmp_path, encoding):
    name = "湿地类型编码".encode(encoding)[:10]
    path = write_shp(tmp_path / "a.shp", layer(square(), square(2)), cpg=False)
    texts = [["大纵湖湿地".encode(encoding)], ["盐龙湖湿地".encode(encoding)]]
    write_dbf(path.with_suffix(".dbf"), [(name, 20)], texts)

    read = read_layer(path, columns=["湿地类型编码"])

    assert read.frame["湿地类型编码"].to_list() == ["大纵湖湿地", "盐龙湖湿地"]
    assert codes(read.findings) == ["V49"]


def test_a_field_that_is_missing_is_named_with_near_ones(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", towns(乡镇名称=TOWNS, 代码=["1", "2", "3", "4"]))

    finding = refusal(path, columns=["乡镇名", "代码"])

    assert finding.code == "V38"
    assert "乡镇名称" in finding.found("zh")


def test_deleted_records_are_counted(tmp_path):
    path = write_shp(tmp_path / "a.shp", towns())
    dbf = bytearray(path.with_suffix(".dbf").read_bytes())
    start = int.from_bytes(dbf[8:10], "little")
    dbf[start] = ord("*")
    path.with_suffix(".dbf").write_bytes(dbf)

    read = read_layer(path)

    assert read.frame["名称"].to_list() == TOWNS[1:]
    assert codes(read.findings) == ["V45"]
