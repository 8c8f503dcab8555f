"""Coordinate systems of layers, and zones made of layers."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from sinks.errors import InputRefused, Reaction
from sinks.gate.coordinates import same_place
from sinks.sources.vectors import examine_layer, read_layer, read_zones
from tests.sources.layer_files import (
    BOW_TIE,
    as_json,
    layer,
    square,
    write_geojson,
    write_gpkg,
    write_shp,
)

DISTRICT = shapely.box(119.7, 33.0, 120.2, 33.6)
GK3 = {zone: f"EPSG:{4513 + zone - 25}" for zone in (38, 39, 40, 41, 42)}


def codes(findings):
    return [finding.code for finding in findings]


def refused(path, **options):
    with pytest.raises(InputRefused) as error:
        read_layer(path, **options)
    return error.value.findings[0]


def relabelled(path, *, true: str, said: str):
    """Write the district in one system and say it is another."""
    frame = layer(DISTRICT).to_crs(true).set_crs(said, allow_override=True)
    return write_gpkg(path, frame)


def test_a_layer_without_a_system_asks_for_it_and_guesses(tmp_path):
    path = write_shp(tmp_path / "a.shp", layer(square()).to_crs("EPSG:4528"))
    path.with_suffix(".prj").unlink()

    finding = refused(path)

    assert finding.code == "V01"
    assert finding.reaction is Reaction.ASK
    assert "EPSG:4528" in finding.found()
    assert read_layer(path, crs="EPSG:4528").frame.crs.to_epsg() == 4528


@pytest.mark.parametrize("stated", ["EPSG:999999", "no system", 'LOCAL_CS["x",UNIT["metre",1]]'])
def test_a_system_that_does_not_exist_is_refused(tmp_path, stated):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square()))

    assert refused(path, crs=stated).code == "V01"


@pytest.mark.parametrize("crs", [None, {"type": "link", "properties": {"href": "x"}}])
def test_geojson_that_takes_its_system_back_is_asked(tmp_path, crs):
    path = write_geojson(tmp_path / "a.geojson", as_json(square()), crs=crs)

    assert refused(path).code == "V01"


def test_geojson_says_its_system_or_means_degrees(tmp_path):
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    said = write_geojson(tmp_path / "a.geojson", as_json(square()), crs=named)
    plain = write_geojson(tmp_path / "b.geojson", as_json(square()))

    assert read_layer(said).frame.crs.to_epsg() == 4490
    assert read_layer(plain).frame.crs.to_epsg() == 4326


def test_an_undefined_system_of_a_geopackage_is_none(tmp_path):
    with pytest.warns(UserWarning, match="crs"):
        path = write_gpkg(tmp_path / "a.gpkg", layer(square(), crs=None))

    assert refused(path).code == "V01"


@pytest.mark.parametrize("code", [4490, 4549, 4528, 4326, 32650, 32651, 4499])
def test_the_usual_systems_are_accepted_with_one_area(tmp_path, code):
    path = write_gpkg(tmp_path / "a.gpkg", layer(DISTRICT.segmentize(0.001)).to_crs(code))

    facts = examine_layer(path)

    assert not facts.refused
    assert facts.crs.to_epsg() == code
    on_ellipsoid_m2, _ = Geod(ellps="GRS80").geometry_area_perimeter(DISTRICT.segmentize(0.001))
    assert facts.area_ha == pytest.approx(on_ellipsoid_m2 / 10_000, rel=1e-6)


@pytest.mark.parametrize("true", GK3)
@pytest.mark.parametrize("said", GK3)
def test_a_wrong_zone_number_is_refused_and_the_right_one_named(tmp_path, true, said):
    middle = shapely.box(3 * true - 0.3, 42, 3 * true + 0.3, 42.5)
    frame = layer(middle).to_crs(GK3[true]).set_crs(GK3[said], allow_override=True)
    path = write_gpkg(tmp_path / "a.gpkg", frame)

    if said == true:
        assert read_layer(path).findings == ()
    else:
        finding = refused(path)
        assert finding.code == "V05"
        assert finding.facts["near"] == GK3[true]


@pytest.mark.parametrize(
    ("true", "said"),
    [
        ("EPSG:4528", "EPSG:4549"),  # zone number that the system does not have
        ("EPSG:4549", "EPSG:4528"),  # and the other way round
        ("EPSG:4490", "EPSG:4528"),  # degrees called metres
        ("EPSG:4528", "EPSG:4490"),  # metres called degrees
    ],
)
def test_coordinates_of_another_kind_are_refused(tmp_path, true, said):
    assert refused(relabelled(tmp_path / "a.gpkg", true=true, said=said)).code == "V05"


@pytest.mark.parametrize("code", ["EPSG:4490", "EPSG:4326", "EPSG:4549", "EPSG:4528"])
def test_swapped_axes_are_refused(tmp_path, code):
    frame = layer(DISTRICT).to_crs(code)
    swapped = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1])
    path = write_gpkg(tmp_path / "a.gpkg", layer(*swapped, crs=code))

    assert refused(path).code == "V03"


def test_one_feature_far_away_is_refused_by_its_number(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), square(1e6), square(2)))

    finding = refused(path)

    assert (finding.code, finding.facts["ids"]) == ("V06", ["2"])


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_coordinates_that_are_no_numbers_are_refused(tmp_path, odd):
    with np.errstate(invalid="ignore"):
        broken = shapely.polygons([[120, 33], [121, 33], [121, odd], [120, 33]])
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), broken))

    assert refused(path).code == "V06"


def test_a_shape_around_half_the_earth_is_refused(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(shapely.box(-179, 10, 179, 20), crs=4326))

    assert refused(path).code == "V31"


def test_cgcs2000_and_wgs_84_are_one_place_and_keep_their_names(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), crs="EPSG:4326"))

    read = read_layer(path)

    assert same_place(CRS(4490), CRS(4326))
    assert not same_place(CRS(4549), CRS(4528))
    assert read.frame.crs.to_epsg() == 4326
    assert codes(read.findings) == ["V02"]
    assert codes(read_layer(path, crs="EPSG:4490").findings) == []  # said so: nothing to add


@pytest.mark.parametrize("code", [4610, 4214, 2362])
def test_an_old_datum_is_noted_as_inexact(tmp_path, code):
    place = shapely.box(113.9, 33, 114.1, 33.2)
    path = write_gpkg(tmp_path / "a.gpkg", layer(place, crs=4490).to_crs(code))

    assert codes(read_layer(path).findings) == ["V44"]


def test_the_study_may_correct_the_system_and_it_is_noted(tmp_path):
    path = relabelled(tmp_path / "a.gpkg", true="EPSG:4528", said="EPSG:4527")

    read = read_layer(path, crs="EPSG:4528")

    assert read.frame.crs.to_epsg() == 4528
    assert codes(read.findings) == ["V42"]
    assert refused(path, crs="EPSG:4529").code == "V05"  # a wrong answer is refused as well


def test_the_zone_is_named_without_a_code_in_the_prj(tmp_path):
    path = write_shp(tmp_path / "a.shp", layer(DISTRICT).to_crs("EPSG:4549"))

    assert "120°E" in examine_layer(path).crs_label("zh")


# ---- zones -------------------------------------------------------------------------------


def test_zones_have_ids_as_text_and_names_in_both_languages(tmp_path):
    frame = layer(
        square(),
        square(2),
        code=["0101", "0102"],
        名称=["大纵湖镇", None],
        en=["Dazonghu", "Louwang"],
    )
    path = write_gpkg(tmp_path / "乡镇.gpkg", frame)

    zones = read_zones(
        path, zone_field="code", name_zh_field="名称", name_en_field="en", kind="town"
    )

    assert zones.frame["zone"].to_list() == ["0101", "0102"]
    assert zones.frame["name_zh"].to_list() == ["大纵湖镇", "0102"]
    assert zones.frame["name_en"].to_list() == ["Dazonghu", "Louwang"]
    assert set(zones.frame["kind"]) == {"town"}
    assert zones.frame.index.to_list() == [0, 1]


@pytest.mark.parametrize("ids", [[320903002, 320903003], [320903002.0, 320903003.0]])
def test_ids_stored_as_numbers_have_no_decimal_point(tmp_path, ids):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), square(2), code=ids))

    zones = read_zones(path, zone_field="code")

    assert zones.frame["zone"].to_list() == ["320903002", "320903003"]
    assert zones.frame["name_en"].to_list() == ["320903002", "320903003"]


@pytest.mark.parametrize("odd", [1.5, 1e17])
def test_ids_that_are_not_exact_are_refused(tmp_path, odd):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), square(2), code=[1.0, odd]))

    with pytest.raises(InputRefused, match="SNK-V51") as error:
        read_zones(path, zone_field="code")
    assert error.value.findings[0].file == str(path)


@pytest.mark.parametrize("ids", [["a", "a"], ["a", None], ["a", " "]])
def test_ids_that_repeat_or_are_blank_are_refused(tmp_path, ids):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), square(2), code=ids))

    with pytest.raises(InputRefused, match="SNK-Z02"):
        read_zones(path, zone_field="code")


def test_a_zone_without_geometry_is_refused(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), None, code=["a", "b"]))

    with pytest.raises(InputRefused, match="SNK-V13"):
        read_zones(path, zone_field="code")


def test_a_partition_must_not_overlap_but_sites_may(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(), square(0.5), code=["a", "b"]))

    with pytest.raises(InputRefused, match="SNK-V11"):
        read_zones(path, zone_field="code", partition=True)
    assert len(read_zones(path, zone_field="code")) == 2
    assert len(read_zones(path, zone_field="code", partition=True, overlap="union")) == 2


def test_gaps_in_a_partition_are_noted_with_their_hectares(tmp_path):
    parts = [square(0, 0, 2), square(2, 0, 1), square(2, 2, 1), square(3, 0, 3), square(0, 2, 2)]
    parts = [*parts, shapely.union_all([square(2, 3, 1), square(3, 3, 1)])]  # around (2, 1)
    path = write_gpkg(tmp_path / "a.gpkg", layer(*parts, code=list("abcdef")))

    zones = read_zones(path, zone_field="code", partition=True)

    (finding,) = zones.findings
    assert finding.code == "V12"
    assert finding.facts["count"] == 1
    assert finding.facts["gap_ha"] == pytest.approx(103.5, abs=0.2)  # 0.01 degrees squared


def test_zones_with_faults_are_refused_as_layers_are(tmp_path):
    path = write_gpkg(tmp_path / "a.gpkg", layer(square(5), BOW_TIE, code=["a", "b"]))

    with pytest.raises(InputRefused, match="SNK-V07"):
        read_zones(path, zone_field="code")
    with pytest.raises(InputRefused, match="SNK-V38"):
        read_zones(path, zone_field="代码")
