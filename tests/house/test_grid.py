"""Grid: hectares of pixels held against published values, geodesic polygons and plane areas."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis.strategies import floats, integers
from pyproj import CRS, Geod
from shapely.geometry import Polygon

from sinks.errors import InputRefused
from sinks.grid import Grid
from tests.scenes import scene_grid

CGCS2000_3_DEGREE_CM_120 = CRS("EPSG:4549")
CITIES = {"Yancheng": 33.35, "Beijing": 39.9, "Harbin": 45.8, "Guangzhou": 23.1, "Chengdu": 30.7}


def geographic(north: float, *, step: float = 1 / 12000, rows: int = 4, cols: int = 4) -> Grid:
    transform = Affine(step, 0, 119.7, 0, -step, north)
    return Grid(crs=CRS("EPSG:4490"), transform=transform, shape=(rows, cols))


def geodesic_ha(grid: Grid, row: int, col: int) -> float:
    corners = [(col, row), (col + 1, row), (col + 1, row + 1), (col, row + 1)]
    ring = Polygon([grid.transform @ corner for corner in corners]).segmentize(1e-5)
    area_m2, _ = Geod(ellps="GRS80").geometry_area_perimeter(ring)
    return abs(area_m2) / 10_000


def test_a_worldcover_pixel_at_33_3_degrees_is_71_73_square_metres():
    pixel_m2 = geographic(33.3 + 1 / 24000).pixel_ha(0, 0)[0, 0] * 10_000

    assert pixel_m2 == pytest.approx(71.73, abs=0.01)  # methods handbook, T21


@pytest.mark.parametrize("north", CITIES.values(), ids=CITIES)
def test_a_geographic_pixel_has_the_area_of_its_geodesic_polygon(north):
    grid = geographic(north)

    assert grid.pixel_ha(2, 1)[0, 0] == pytest.approx(geodesic_ha(grid, 2, 1), rel=1e-6)


def test_a_pixel_of_an_equal_area_projection_has_its_plane_area():
    assert scene_grid((10, 10)).pixel_ha([0, 9], [0, 9]) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("easting", [465_000.0, 500_000.0, 540_000.0])
def test_a_gauss_kruger_pixel_shrinks_with_the_square_of_the_scale(easting):
    transform = Affine(10, 0, easting, 0, -10, 3_695_000)
    grid = Grid(crs=CGCS2000_3_DEGREE_CM_120, transform=transform, shape=(1, 1))
    from_meridian_m = easting + 5 - 500_000

    scale = 1 + from_meridian_m**2 / (2 * 6_372_000.0**2)  # Snyder 1987, eq. 8-11, first term

    assert grid.pixel_ha(0, 0)[0, 0] == pytest.approx(0.01 / scale**2, rel=1e-7)


@given(integers(1, 600), integers(1, 4000), floats(-60, 60))
def test_patches_tell_the_same_hectares_as_single_pixels(height, cols, north):
    step = 1 / 12000
    transform = Affine(step, 0, 119.0, 0, -step, north)
    grid = Grid(crs=CRS("EPSG:4490"), transform=transform, shape=(height, cols))

    patches = grid.pixel_areas(0, height)

    bands = np.arange(height) // patches.band_rows
    segments = np.arange(cols) // patches.segment_cols
    np.testing.assert_allclose(
        patches.ha[bands][:, segments], grid.pixel_ha(range(height), range(cols)), rtol=2e-6
    )


def test_patches_cover_a_gauss_kruger_strip_to_a_few_parts_in_a_million():
    transform = Affine(10, 0, 465_000, 0, -10, 3_700_000)
    grid = Grid(crs=CGCS2000_3_DEGREE_CM_120, transform=transform, shape=(512, 6000))

    patches = grid.pixel_areas(0, 512)

    segments = np.arange(6000) // patches.segment_cols
    exact = grid.pixel_ha([255.5], np.arange(6000))[0]
    np.testing.assert_allclose(patches.ha[0][segments], exact, rtol=4e-6)
    width_m = 10 * patches.segment_cols  # the mean of x2 over a segment is mid2 + width2 / 12
    bias = width_m**2 / 12 / 6_372_000.0**2
    assert patches.ha[0][segments].sum() == pytest.approx(exact.sum(), rel=2 * bias)


def test_grids_are_aligned_when_their_pixel_edges_lie_on_the_same_lines():
    grid = scene_grid((10, 10))
    shifted = Grid(crs=grid.crs, transform=grid.transform @ Affine.translation(3, 2), shape=(4, 4))
    askew = Grid(crs=grid.crs, transform=grid.transform @ Affine.translation(0.5, 0), shape=(4, 4))

    assert grid.aligned_with(shifted)
    assert not grid.aligned_with(askew)


@pytest.mark.parametrize(
    ("code", "crs", "transform"),
    [
        ("R01", None, Affine(10, 0, 0, 0, -10, 0)),
        ("R05", CRS("EPSG:3857"), Affine(10, 0, 0, 0, -10, 0)),
        ("R07", CRS("EPSG:4549"), Affine(10, 1, 5e5, 1, -10, 3.7e6)),
        ("R08", CRS("EPSG:4549"), Affine(10, 0, 5e5, 0, 10, 3.7e6)),
        ("R02", CRS("EPSG:5701"), Affine(10, 0, 0, 0, -10, 0)),
    ],
)
def test_a_grid_whose_areas_cannot_be_told_is_refused(code, crs, transform):
    with pytest.raises(InputRefused) as refused:
        Grid(crs=crs, transform=transform, shape=(2, 2))

    assert refused.value.findings[0].code == code
