"""Areas by zone: counted by hand on drawn scenes, held to laws, and to another library."""

from __future__ import annotations

import exactextract
import geopandas as gpd
import numpy as np
import pytest
import rasterio.io
import shapely
from affine import Affine
from hypothesis import given
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, integers, lists, sampled_from, tuples
from pyproj import CRS, Geod
from shapely.geometry import MultiPolygon, Polygon, box

from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.zones.areas import tabulate
from sinks.zones.zones import Zones
from tests.scenes import cover_from_codes, draw, zones_at

SCENE = draw("""
    F F G G
    F F G G
    W W . .
""")
ANY_CODES = arrays("uint8", (7, 9), elements=sampled_from([0, 1, 2, 3]))
# to a millionth of a pixel: nearer corners are one to shapely and two to a ring
COLUMN, ROW = (floats(-2, most).map(lambda v: round(v, 6)) for most in (11, 9))
CORNERS = lists(tuples(COLUMN, ROW), min_size=3, max_size=7)


def areas_ha(cover, shapes, **settings):
    table = tabulate(cover, zones_at(shapes), **settings).areas["area_ha"]
    return {key: round(value, 9) for key, value in table.items()}


def test_a_letter_is_a_hectare():
    assert areas_ha(SCENE, {"all": box(0, 0, 4, 3)}) == {
        ("all", "forest"): 4, ("all", "grass"): 4, ("all", "water"): 2,
    }  # fmt: skip


def test_a_pixel_on_the_edge_counts_by_the_share_inside():
    zone = {"z": box(0.5, 0.25, 2.25, 1)}

    assert areas_ha(SCENE, zone) == {("z", "forest"): 1.5 * 0.75, ("z", "grass"): 0.25 * 0.75}


def test_a_slanted_edge_cuts_pixels_in_halves():
    triangle = {"z": Polygon([(0, 0), (2, 0), (0, 2)])}  # half of a square of 2 x 2

    assert areas_ha(SCENE, triangle) == {("z", "forest"): 2.0}


def test_a_hole_is_not_counted():
    ring = {"z": box(0, 0, 2, 2).difference(box(0.5, 0.5, 1.5, 1.5))}

    assert areas_ha(SCENE, ring) == {("z", "forest"): 3.0}


def test_parts_of_a_multipolygon_are_added():
    parts = {"z": MultiPolygon([box(0, 0, 1, 1), box(2, 0, 2.5, 1)])}

    assert areas_ha(SCENE, parts) == {("z", "forest"): 1.0, ("z", "grass"): 0.5}


def test_zones_that_overlap_each_count_in_full():
    zones = {"a": box(0, 0, 2, 2), "b": box(1, 0, 3, 2)}

    assert areas_ha(SCENE, zones) == {
        ("a", "forest"): 4, ("b", "forest"): 2, ("b", "grass"): 2,
    }  # fmt: skip


def test_a_zone_smaller_than_a_pixel_has_its_own_area():
    assert areas_ha(SCENE, {"z": box(0.4, 0.4, 0.5, 0.6)}) == {("z", "forest"): 0.02}


def test_no_data_and_what_lies_beyond_the_raster_are_told_apart():
    coverage = tabulate(SCENE, zones_at({"z": box(3, 2, 5, 3), "far": box(9, 9, 10, 10)})).coverage

    expected = {"zone_ha": 2, "mapped_ha": 0, "no_data_ha": 1, "outside_ha": 1}
    assert coverage.loc["z"].to_dict() == pytest.approx(expected, abs=1e-8)
    assert coverage.loc["far", "outside_ha"] == pytest.approx(1)


def test_two_dates_give_class_to_class_where_both_have_data():
    later = draw(
        """
        F W G .
        F F G G
        W W G G
        """,
        year=2025,
    )
    table = tabulate(SCENE, zones_at({"z": box(0, 0, 4, 3)}), after=later)

    changes = {key[1:]: round(v, 9) for key, v in table.transitions["area_ha"].items()}
    assert changes == {
        ("forest", "forest"): 3, ("forest", "water"): 1, ("grass", "grass"): 3,
        ("water", "water"): 2,
    }  # fmt: skip
    assert table.areas.loc[("z", "grass"), "area_ha"] == pytest.approx(4)
    assert table.areas_after.loc[("z", "grass"), "area_ha"] == pytest.approx(5)


def test_dates_on_different_grids_are_refused():
    with pytest.raises(InputRefused) as refused:
        tabulate(SCENE, zones_at({"z": box(0, 0, 1, 1)}), after=draw("F F\nG G"))

    assert refused.value.findings[0].code in {"R22", "R23"}


@given(ANY_CODES, CORNERS, floats(0.5, 8.5))
def test_splitting_a_zone_changes_nothing(codes, corners, at):
    whole = shapely.convex_hull(shapely.MultiPoint(corners))
    left, right = whole.intersection(box(-9, -9, at, 99)), whole.intersection(box(at, -9, 99, 99))
    if not all(shape.geom_type == "Polygon" and shape.area > 1e-3 for shape in (left, right)):
        return
    cover = cover_from_codes(codes | 1)  # every pixel has data

    zones = zones_at({"whole": whole, "left": left, "right": right})
    by_zone = tabulate(cover, zones).areas["area_ha"].unstack("zone").fillna(0.0)

    for column in ("whole", "left", "right"):
        by_zone[column] = by_zone.get(column, 0.0)
    np.testing.assert_allclose(by_zone["left"] + by_zone["right"], by_zone["whole"], atol=1e-8)


@given(ANY_CODES, CORNERS)
def test_every_cell_agrees_with_exactextract(codes, corners):
    zone = shapely.convex_hull(shapely.MultiPoint(corners))
    if zone.geom_type != "Polygon" or zone.area < 1e-3 or not zone.intersects(box(0, 0, 9, 7)):
        return
    cover, zones = cover_from_codes(np.maximum(codes, 1)), zones_at({"z": zone})

    ours = tabulate(cover, zones).areas["area_ha"].droplevel("zone")

    names = {1: "forest", 2: "grass", 3: "water"}
    theirs = fractions(np.maximum(codes, 1), cover.grid, zones.frame)
    for code, px in theirs.items():
        assert ours.get(names[code], 0.0) == pytest.approx(px, abs=1e-5)


def fractions(codes, grid, frame):
    """Covered pixels by code, as exactextract has them."""
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "crs": grid.crs.to_wkt()}
    with rasterio.io.MemoryFile() as memory:
        with memory.open(
            width=codes.shape[1], height=codes.shape[0], transform=grid.transform, **profile
        ) as raster:
            raster.write(codes, 1)
        with memory.open() as raster:
            found = exactextract.exact_extract(
                raster, frame, ["count", "unique", "frac"], output="pandas"
            )
    row = found.iloc[0]
    return {int(c): f * row["count"] for c, f in zip(row["unique"], row["frac"], strict=True)}


@given(ANY_CODES, integers(1, 4))
def test_threads_change_not_a_bit(codes, threads):
    cover = cover_from_codes(np.maximum(codes, 1))
    zones = zones_at({"a": box(0.3, 0.2, 7.7, 6.1), "b": Polygon([(1, 1), (8, 2), (3, 6)])})

    one, many = tabulate(cover, zones), tabulate(cover, zones, threads=threads)

    assert one.areas["area_ha"].tolist() == many.areas["area_ha"].tolist()


@pytest.mark.parametrize(
    ("crs", "transform", "zone"),
    [
        ("EPSG:4490", Affine(0.0001, 0, 119.9, 0, -0.0001, 33.4), (119.91, 33.37, 119.95, 33.395)),
        (
            "EPSG:4549",
            Affine(10, 0, 470_000, 0, -10, 3_695_000),
            (470_500, 3_692_000, 474_000, 3_694_800),
        ),
    ],
)
def test_hectares_are_those_of_the_ellipsoid(crs, transform, zone):
    codes = np.ones((400, 600), dtype=np.uint8)
    grid = Grid(crs=CRS(crs), transform=transform, shape=codes.shape)
    frame = gpd.GeoDataFrame(
        {"zone": ["z"], "name_zh": "z", "name_en": "z", "kind": "other"},
        geometry=[box(*zone)],
        crs=crs,
    )

    area_ha = tabulate(cover_from_codes(codes, grid=grid), Zones(frame=frame)).areas["area_ha"]

    dense = frame.geometry.segmentize(0.0005 if CRS(crs).is_geographic else 50).to_crs(4490)
    geodesic_m2, _ = Geod(ellps="GRS80").geometry_area_perimeter(dense.iloc[0])
    assert area_ha.sum() == pytest.approx(abs(geodesic_m2) / 10_000, rel=1e-6)
