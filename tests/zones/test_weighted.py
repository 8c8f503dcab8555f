"""Mean densities by zone and class: by hand on drawn scenes, and held to brute force."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import floats, lists, sampled_from, tuples
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry import box

from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.zones.areas import tabulate
from sinks.zones.weighted import weighted_means
from sinks.zones.zones import Zones
from tests.scenes import cover_from_codes, draw, scene_grid, zones_at

NAN = np.nan
SCENE = draw("""
    F F G
    F W .
""")
DENSITY = [[10, 20, 5], [60, 0, 99]]
CODES = arrays("uint8", (7, 9), elements=sampled_from([0, 1, 2, 3]))
DENSITIES = arrays("float32", (7, 9), elements=floats(0, 400, width=32) | sampled_from([NAN]))
# to a millionth of a pixel: nearer corners are one to shapely and two to a ring
COLUMN, ROW = (floats(-2, most).map(lambda v: round(v, 6)) for most in (11, 9))
CORNERS = lists(tuples(COLUMN, ROW), min_size=3, max_size=7)


@dataclass
class Numbers:
    """Densities in memory."""

    grid: Grid
    values: NDArray[np.float32]

    def read(self, window):
        rows = slice(window.row, window.row + window.height)
        return self.values[rows, window.col : window.col + window.width]


def numbers(values, *, grid=None):
    values = np.asarray(values, dtype=np.float32)
    return Numbers(grid or scene_grid(values.shape), values)


def means(cover, density, shapes, **settings):
    return weighted_means(cover, numbers(density), zones_at(shapes), **settings)


def rows(table):
    return {
        key: tuple(np.round(row, 9)) for key, row in zip(table.index, table.values, strict=True)
    }


def test_the_mean_is_over_the_pixels_of_a_class():
    table = means(SCENE, DENSITY, {"z": box(0, 0, 3, 2)})

    assert rows(table) == {
        ("z", "forest"): (3, 0, 30),
        ("z", "grass"): (1, 0, 5),
        ("z", "water"): (1, 0, 0),
    }


def test_a_pixel_on_the_edge_weighs_the_share_inside():
    table = means(SCENE, DENSITY, {"z": box(0.5, 0, 2, 1)})

    # half a pixel of 10, a whole one of 20
    assert rows(table) == {("z", "forest"): (1.5, 0, round(25 / 1.5, 9))}


def test_pixels_without_a_density_are_counted_apart():
    table = means(SCENE, [[NAN, 20, NAN], [60, 0, 99]], {"z": box(0, 0, 3, 2)})

    assert rows(table)["z", "forest"] == (2, 1, 40)
    area_ha, missing_ha, mean = rows(table)["z", "grass"]
    assert (area_ha, missing_ha) == (0, 1)
    assert np.isnan(mean)


def test_zones_may_overlap_and_a_zone_beyond_has_no_rows():
    shapes = {"a": box(0, 0, 1, 1), "b": box(0, 0, 2, 1), "c": box(9, 9, 10, 10)}

    assert rows(means(SCENE, DENSITY, shapes)) == {
        ("a", "forest"): (1, 0, 10), ("b", "forest"): (2, 0, 15),
    }  # fmt: skip


@given(CODES, DENSITIES, CORNERS)
@settings(deadline=None, max_examples=40)
def test_means_agree_with_brute_force(codes, density, corners):
    codes[0, 0] = 1
    shape = shapely.convex_hull(shapely.MultiPoint(corners))
    if shape.geom_type != "Polygon" or shape.area < 1e-3:
        return

    table = means(cover_from_codes(codes), density, {"z": shape})

    share = np.array(
        [[shape.intersection(box(c, r, c + 1, r + 1)).area for c in range(9)] for r in range(7)]
    )
    for code, key in ((1, "forest"), (2, "grass"), (3, "water")):
        known = (codes == code) & ~np.isnan(density)
        area_ha, missing_ha = share[known].sum(), share[(codes == code) & np.isnan(density)].sum()
        if area_ha + missing_ha < 1e-9:
            continue
        found = table.loc["z", key]
        assert found["area_ha"] == pytest.approx(area_ha, abs=1e-9)
        assert found["missing_ha"] == pytest.approx(missing_ha, abs=1e-9)
        stock_tc = (share[known] * density[known].astype(float)).sum()
        if area_ha > 1e-9:
            held_tc = found["area_ha"] * found["density_tc_per_ha"]
            assert held_tc == pytest.approx(stock_tc, abs=400 * 1e-9)


def district():
    """A scene of 1,100 x 9,000 pixels of ten metres, several tiles each way, and its zones."""
    rng = np.random.default_rng(7)
    shape = (1100, 9000)
    grid = Grid(
        crs=CRS("EPSG:4549"), transform=Affine(10, 0, 420_000, 0, -10, 3_700_000), shape=shape
    )
    codes = np.kron(rng.integers(0, 4, (44, 360)), np.ones((25, 25), int))
    density = rng.gamma(2, 40, shape).astype(np.float32)
    density[rng.random(shape) < 0.1] = NAN
    frame = gpd.GeoDataFrame(
        {"zone": ["a", "b"], "name_zh": "", "name_en": "", "kind": "other"},
        geometry=[
            shapely.Point(465_000, 3_694_500).buffer(5000),
            box(430_003, 3_690_001, 510_000, 3_699_000),
        ],
        crs="EPSG:4549",
    )
    return cover_from_codes(codes, grid=grid), numbers(density, grid=grid), Zones(frame=frame)


def test_areas_are_those_of_tabulation_and_threads_change_nothing():
    cover, density, zones = district()

    one, two = (weighted_means(cover, density, zones, threads=n) for n in (1, 2))

    pd.testing.assert_frame_equal(one, two, check_exact=True)
    areas = tabulate(cover, zones).areas["area_ha"]
    found = one["area_ha"] + one["missing_ha"]
    pd.testing.assert_series_equal(found, areas, check_names=False, rtol=1e-9)


def test_a_constant_density_is_its_own_mean_and_means_are_linear():
    cover, density, zones = district()
    constant = replace(density, values=np.full_like(density.values, 7.25))
    doubled = replace(density, values=2 * density.values)

    first = weighted_means(cover, density, zones)["density_tc_per_ha"]
    second = weighted_means(cover, doubled, zones)["density_tc_per_ha"]

    assert (weighted_means(cover, constant, zones)["density_tc_per_ha"].round(9) == 7.25).all()
    np.testing.assert_array_equal(second, 2 * first)
    assert first.between(79, 81).all()  # the law of the scene has the mean 80


@pytest.mark.parametrize(("shift_m", "shape", "code"), [(30, (2, 3), "R22"), (0, (2, 4), "R23")])
def test_densities_on_another_grid_are_refused(shift_m, shape, code):
    grid = scene_grid(shape)
    to = grid.transform
    moved = replace(grid, transform=Affine(to.a, 0, to.c + shift_m, 0, to.e, to.f))

    with pytest.raises(InputRefused, match=code):
        weighted_means(
            SCENE, numbers(np.zeros(shape), grid=moved), zones_at({"z": box(0, 0, 1, 1)})
        )


def test_a_file_that_changed_since_its_codes_were_counted_is_refused():
    cover = draw("F G")
    changed = replace(cover.blocks, codes=np.array([[1, 9]], np.uint8))
    object.__setattr__(cover, "blocks", changed)

    with pytest.raises(InputRefused, match="R20"):
        means(cover, [[1, 2]], {"z": box(0, 0, 2, 1)})
