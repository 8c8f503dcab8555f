"""Frames of China: named as surveyors name them, and found out when they do not fit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from sinks.errors import Reaction
from sinks.gate.georeference import (
    anchored,
    crs_label,
    frame_findings,
    likely_frame,
    plain_crs,
    shown,
)

# lon, lat of a place in the middle of each 3° zone, and the codes of its frames
BY_MERIDIAN = {zone: (zone * 3, 4534 + zone - 25, 4513 + zone - 25) for zone in range(27, 45)}


def box_in(crs: CRS, lon: float, lat: float, half_m: float = 5000.0):
    x, y = Transformer.from_crs("EPSG:4490", crs, always_xy=True).transform(lon, lat)
    half = half_m if crs.is_projected else half_m / 100_000
    return x - half, y - half, x + half, y + half


def refusals(crs: CRS, bounds):
    found = frame_findings(crs, bounds, file="a.tif")
    return [f.code for f in found if f.reaction is Reaction.REFUSE]


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        (4490, "EPSG:4490 CGCS2000 经纬度", "EPSG:4490 CGCS2000 longitude and latitude"),
        (
            4549,
            "EPSG:4549 CGCS2000 3° 带，中央经线 120°E，无带号",
            "EPSG:4549 CGCS2000 3° zone, central meridian 120°E, no zone number",
        ),
        (
            4528,
            "EPSG:4528 CGCS2000 3° 带 40，中央经线 120°E",
            "EPSG:4528 CGCS2000 3° zone 40, central meridian 120°E",
        ),
        (
            4499,
            "EPSG:4499 CGCS2000 6° 带 21，中央经线 123°E",
            "EPSG:4499 CGCS2000 6° zone 21, central meridian 123°E",
        ),
        (
            2364,
            "EPSG:2364 西安80 Xian 1980 3° 带 40，中央经线 120°E",
            "EPSG:2364 西安80 Xian 1980 3° zone 40, central meridian 120°E",
        ),
        (
            32651,
            "EPSG:32651 WGS84 WGS 84 / UTM zone 51N，中央经线 123°E",
            "EPSG:32651 WGS84 WGS 84 / UTM zone 51N, central meridian 123°E",
        ),
        (4326, "EPSG:4326 WGS84 经纬度", "EPSG:4326 WGS84 longitude and latitude"),
    ],
)
def test_a_frame_is_named_with_its_zone(code, zh, en):
    assert crs_label(CRS(code)) == zh
    assert crs_label(CRS(code), "en") == en


@pytest.mark.parametrize("code", [4490, 4326, 4549, 4528, 4499, 4508, 2364, 32651, 3857, 6933])
@pytest.mark.parametrize("dialect", ["WKT1_GDAL", "WKT1_ESRI", "WKT2_2015", "WKT2_2019"])
def test_a_frame_is_recognised_in_every_dialect(code, dialect):
    assert plain_crs(CRS.from_wkt(CRS(code).to_wkt(dialect))) == CRS(code)


def test_a_frame_that_is_only_alike_is_left_alone():
    moved = CRS("+proj=tmerc +lat_0=0 +lon_0=120.5 +k=1 +x_0=500000 +ellps=GRS80 +units=m")

    assert plain_crs(moved) is moved


@given(
    zone=st.sampled_from(sorted(BY_MERIDIAN)),
    east=st.floats(-1.4, 1.4),
    lat=st.floats(25, 45),
    numbered=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_coordinates_in_their_own_frame_pass(zone, east, lat, numbered):
    meridian, plain, with_number = BY_MERIDIAN[zone]
    crs = CRS(with_number if numbered else plain)

    # the areas of use follow the border of China; a margin is allowed around them
    area = crs.area_of_use
    lat = min(max(lat, area.south), area.north)
    assert refusals(crs, box_in(crs, meridian + east, lat)) == []


@given(
    zone=st.sampled_from(sorted(BY_MERIDIAN)),
    other=st.sampled_from(sorted(BY_MERIDIAN)),
    lat=st.floats(30, 42),
    relabel=st.sampled_from(
        [
            "number as plain",
            "plain as number",
            "number as number",
            "as degrees",
            "degrees as plain",
        ]
    ),
)
@settings(max_examples=120, deadline=None)
def test_relabelled_zones_are_refused_and_the_right_one_is_named(zone, other, lat, relabel):
    meridian, plain, numbered = BY_MERIDIAN[zone]
    made, said, fits = {
        "number as plain": (numbered, BY_MERIDIAN[other][1], f"EPSG:{numbered}"),
        "plain as number": (plain, BY_MERIDIAN[other][2], "EPSG:4534 ... EPSG:4554"),
        "number as number": (numbered, BY_MERIDIAN[other][2], f"EPSG:{numbered}"),
        "as degrees": (plain, 4490, "EPSG:4534 ... EPSG:4554"),
        "degrees as plain": (4490, plain, "EPSG:4490"),
    }[relabel]
    area = CRS(plain).area_of_use  # it follows the border of China
    bounds = box_in(CRS(made), meridian, min(max(lat, area.south), area.north))

    found = [f for f in frame_findings(CRS(said), bounds, file="a.tif") if f.code == "R03"]

    if made == said:
        assert found == []
    else:
        (finding,) = found
        assert finding.reaction is Reaction.REFUSE
        assert finding.facts["fits"] == fits


@pytest.mark.parametrize(
    ("bounds", "frame"),
    [
        ((119.9, 33.2, 120.3, 33.6), "EPSG:4490"),
        ((33.2, 119.9, 33.6, 120.3), "EPSG:4490 (x <-> y)"),
        ((40_480_000, 3_680_000, 40_520_000, 3_720_000), "EPSG:4528"),
        ((21_200_000, 3_680_000, 21_240_000, 3_720_000), "EPSG:4499"),
        ((480_000, 3_680_000, 520_000, 3_720_000), "EPSG:4534 ... EPSG:4554"),
        ((13_340_000, 3_920_000, 13_380_000, 3_960_000), "EPSG:4491"),
        ((0, 0, 300, 200), "—"),
        ((99_000_000, 3_680_000, 99_040_000, 3_720_000), "—"),
        ((480_000, -9e6, 520_000, -8e6), "—"),
    ],
)
def test_what_coordinates_look_like(bounds, frame):
    assert likely_frame(bounds) == frame


def test_bounds_are_written_for_people():
    assert shown((119.12345678, 33, 120, 34)) == "119.1235, 33.0000, 120.0000, 34.0000"
    assert shown((500_000.4, 3_700_000, 500_100, 3_700_100)) == "500000, 3700000, 500100, 3700100"


@pytest.mark.parametrize("code", [4490, 4528, 4549, 32651, 3857, 3405, 2056, 5041, 8857])
def test_every_whole_frame_says_where_its_origin_lies(code):
    assert anchored(CRS(code))
    assert anchored(CRS(CRS(code).to_wkt("WKT1_ESRI" if code != 8857 else "WKT2_2019")))
