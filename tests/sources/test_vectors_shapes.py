"""Geometries: what cannot be measured is refused, what is repaired is listed in hectares."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis.strategies import floats, lists, sampled_from, tuples

from sinks.errors import InputRefused, Reaction
from sinks.sources.stated_areas import PER_HA, area_field_findings, unit_of_areas
from sinks.sources.vectors import examine_layer, read_layer
from sinks.zones.overlay import polygon_ha
from tests.sources.layer_files import BOW_TIE, as_json, layer, square, write_geojson, write_gpkg

NESTED = shapely.MultiPolygon([square(0, 0, 4), square(1, 1, 1)])
OUTSIDE = shapely.Polygon(square(0, 0, 2).exterior, [square(5, 5, 1).exterior])


@pytest.fixture
def gpkg(tmp_path):
    return lambda *shapes, **columns: write_gpkg(tmp_path / "面.gpkg", layer(*shapes, **columns))


def codes(findings):
    return [finding.code for finding in findings]


def refused(path, **options):
    with pytest.raises(InputRefused) as error:
        read_layer(path, **options)
    return error.value.findings


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        pytest.param(BOW_TIE, "V07", id="bow-tie"),
        pytest.param(NESTED, "V08", id="a part within a part"),
        pytest.param(OUTSIDE, "V08", id="a hole outside its shell"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_feature_and_place(gpkg, shape, code):
    path = gpkg(square(20), shape)

    (finding,) = refused(path)

    assert finding.code == code
    assert finding.place == "FID 2"
    assert "[12" in finding.facts["reason"]  # a coordinate near 120
    assert [fault.feature for fault in examine_layer(path).faults] == [2]


def test_a_ring_that_is_not_closed_is_refused_with_its_feature(tmp_path):
    open_ring = {
        "type": "Polygon",
        "coordinates": [[[120, 33], [121, 33], [121, 34], [120.5, 34]]],
    }
    short = {"type": "Polygon", "coordinates": [[[120, 33], [121, 33], [120, 33]]]}
    path = write_geojson(tmp_path / "a.geojson", as_json(square()), open_ring, short)

    findings = refused(path)

    assert codes(findings) == ["V09", "V09"]
    assert [finding.facts["ids"] for finding in findings] == [["1"], ["2"]]


def test_a_small_fault_is_repaired_and_listed_with_its_hectares(gpkg):
    spike = [(119.99, 33.05), (120.1, 33.05), (120.1, 33.1), (120, 33.1), (120, 33.0499999)]
    path = gpkg(square(20, 0, 10), shapely.Polygon(spike))

    read = read_layer(path, repair="make_valid")

    (finding,) = read.findings
    assert finding.code == "V40"
    assert finding.reaction is Reaction.REPAIR
    assert finding.place == "FID 2"
    assert finding.facts["before_ha"] == pytest.approx(finding.facts["after_ha"], rel=1e-3)
    assert read.frame.is_valid.all()
    assert set(read.frame.geom_type) <= {"Polygon", "MultiPolygon"}
    assert refused(path)[0].code == "V07"


def test_a_repair_that_changes_a_feature_too_much_is_refused(gpkg):
    path = gpkg(square(20, 0, 50), BOW_TIE)

    (finding,) = refused(path, repair="make_valid")

    assert finding.code == "V43"
    assert finding.facts["before_ha"] == pytest.approx(0, abs=0.1)
    assert finding.facts["after_ha"] == pytest.approx(
        51.8, abs=0.1
    )  # two triangles, a quarter each


def test_a_repair_that_changes_the_layer_too_much_is_refused(gpkg):
    kite = 0.5  # side of a flap; 0.25 of 100 squares is 0.25 % of the feature, and of the layer
    flap = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (-kite, 0), (-kite, -kite), (0, -kite)]
    ring = [(120 + x / 100, 33 + y / 100) for x, y in flap]
    crossing = shapely.Polygon([*ring[:5], ring[7], ring[6], ring[5]])
    path = gpkg(crossing)

    (finding,) = refused(path, repair="make_valid")

    assert finding.code == "V43"
    change = abs(finding.facts["after_ha"] / finding.facts["before_ha"] - 1)
    assert 0.001 < change < 0.01


def test_features_without_geometry_are_skipped_and_counted(gpkg):
    path = gpkg(square(), None, shapely.Polygon(), 名称=["a", "b", "c"])

    read = read_layer(path)

    assert read.frame["名称"].to_list() == ["a"]
    assert codes(read.findings) == ["V13", "V14"]
    assert all(finding.reaction is Reaction.NOTE for finding in read.findings)


@pytest.mark.parametrize(("missing", "code"), [(None, "V13"), (shapely.Polygon(), "V14")])
def test_a_feature_with_an_area_and_no_geometry_is_refused(gpkg, missing, code):
    path = gpkg(square(), missing, 面积=[10.0, 12.5])

    (finding,) = refused(path)

    assert (finding.code, finding.facts["ids"]) == (code, ["2"])


def test_heights_are_left_out_with_a_note(gpkg):
    path = gpkg(shapely.force_3d(square(), 7.0), square(2))

    read = read_layer(path)

    assert not read.frame.has_z.any()
    assert codes(read.findings) == ["V47"]


def test_other_types_are_refused_with_counts_by_type(gpkg):
    path = gpkg(square(), shapely.LineString([(120, 33), (121, 33)]), shapely.Point(120, 33))

    (finding,) = refused(path)

    assert finding.code == "V24"
    assert finding.facts["count"] == 2
    assert [shown.split(" (")[0] for shown in finding.facts["ids"]] == [
        "Point × 1",
        "LineString × 1",
    ]


def test_lines_and_points_are_read_where_they_are_wanted(gpkg, tmp_path):
    line = gpkg(shapely.LineString([(120, 33), (121, 33)]))

    assert read_layer(line, geometry="line").frame.geom_type.to_list() == ["LineString"]
    assert refused(line, geometry="point")[0].code == "V24"
    assert examine_layer(line).findings == ()
    assert examine_layer(line).area_ha is None


def test_a_collection_is_never_a_polygon(tmp_path):
    collection = {"type": "GeometryCollection", "geometries": [as_json(square())]}
    path = write_geojson(tmp_path / "a.geojson", collection)

    assert refused(path, geometry="any")[0].code == "V24"


# ---- overlaps ----------------------------------------------------------------------------


def test_an_overlap_is_refused_with_its_hectares_where_areas_are_summed(gpkg):
    path = gpkg(square(0), square(0.5), square(3))

    (finding,) = refused(path, check_overlaps=True)

    half_ha = polygon_ha(layer(square(0.5, 0, 0.5)).iloc[:1]).iloc[0] / 2  # of 0.5 x 0.5: a half
    assert finding.code == "V11"
    assert finding.facts["overlap_ha"] == pytest.approx(4 * half_ha, rel=1e-4)
    assert finding.facts["ids"][0].startswith("1 ∩ 2: ")
    assert read_layer(path).findings == ()  # not summed, not looked for


def test_the_doctor_notes_overlaps_that_nobody_sums(gpkg):
    facts = examine_layer(gpkg(square(0), square(0.5), square(3)))

    assert codes(facts.findings) == ["V11"]
    assert not facts.refused
    assert facts.overlap_ha == pytest.approx(facts.area_ha / 6, rel=1e-4)


def test_three_polygons_on_one_place_count_it_twice_too_often(gpkg):
    facts = examine_layer(gpkg(square(0), square(0), square(0)))

    assert facts.overlap_ha == pytest.approx(facts.area_ha * 2 / 3, rel=1e-9)


def test_an_overlap_below_a_ten_thousandth_is_noted(gpkg):
    path = gpkg(square(0), square(0.99999))

    read = read_layer(path, check_overlaps=True)

    assert codes(read.findings) == ["V11"]
    assert read.findings[0].facts["overlap_pct"] < 0.01


def test_neighbours_do_not_overlap(gpkg):
    path = gpkg(square(0), square(1), square(0, 1), square(1, 1))

    assert read_layer(path, check_overlaps=True).findings == ()
    assert examine_layer(path).overlap_ha == 0


def test_copies_are_refused_as_copies(gpkg):
    path = gpkg(square(0), square(2), square(0))

    (finding,) = refused(path, check_overlaps=True)

    assert finding.code == "V10"
    assert finding.facts["ids"] == ["1 = 3"]


def test_with_overlap_union_each_place_counts_once(gpkg):
    path = gpkg(square(0), square(0.5), square(0), square(3), 名称=["a", "b", "copy", "d"])

    read = read_layer(path, check_overlaps=True, overlap="union")

    whole_ha = polygon_ha(layer(shapely.union_all([square(0), square(0.5), square(3)]))).iloc[0]
    assert polygon_ha(read.frame).sum() == pytest.approx(whole_ha, rel=1e-9)
    assert read.frame["名称"].to_list() == ["a", "b", "d"]
    assert read.frame.geometry.iloc[0].equals(square(0))  # the first keeps what it had
    assert codes(read.findings) == ["V50"]
    assert read.findings[0].reaction is Reaction.REPAIR


@given(lists(tuples(*[floats(0, 5).map(lambda v: round(v, 2))] * 2), min_size=2, max_size=7))
@settings(max_examples=25, deadline=None)
def test_union_never_loses_or_invents_area(tmp_path_factory, places):
    shapes = [square(x, y) for x, y in places]
    path = write_gpkg(tmp_path_factory.mktemp("union") / "a.gpkg", layer(*shapes))

    read = read_layer(path, overlap="union")

    whole_ha = polygon_ha(layer(shapely.union_all(shapes))).iloc[0]
    assert polygon_ha(read.frame).sum() == pytest.approx(whole_ha, rel=1e-6)


# ---- areas in attributes -----------------------------------------------------------------


@given(
    sampled_from(sorted(PER_HA)),
    lists(floats(0.98, 1.02), min_size=5, max_size=5),
)
@settings(max_examples=40, deadline=None)
def test_the_unit_of_stated_areas_is_found_from_the_map(unit, noise):
    frame = layer(*(square(2 * i) for i in range(5)))
    frame["MJ"] = polygon_ha(frame) * PER_HA[unit] * np.array(noise)

    told = unit_of_areas(frame, "MJ")

    assert told.unit == unit
    assert told.features == 5
    assert area_field_findings(frame, "MJ", unit=unit) == []


@pytest.mark.parametrize(
    ("factor", "stated", "reaction", "seems"),
    [
        (15.0, None, Reaction.ASK, "mu"),
        (15.0, "ha", Reaction.REFUSE, "mu"),
        (1e4, "mu", Reaction.REFUSE, "m2"),
        (1.2, "ha", Reaction.NOTE, "?"),
        (3.0, "ha", Reaction.REFUSE, "?"),
    ],
)
def test_a_slip_of_units_is_told_with_its_ratio(factor, stated, reaction, seems):
    frame = layer(square(), square(3), square(6))
    frame["MJ"] = polygon_ha(frame) * factor

    (finding,) = area_field_findings(frame, "MJ", unit=stated, file="a.gpkg")

    assert finding.code == "V32"
    assert finding.reaction is reaction
    assert finding.facts["seems"] == seems
    assert finding.facts["ratio"] == pytest.approx(factor)


def test_a_field_without_numbers_tells_nothing():
    frame = layer(square())
    frame["MJ"] = ["无"]

    assert math.isnan(unit_of_areas(frame, "MJ").median_ratio)
    assert area_field_findings(frame, "MJ", unit="ha") == []
