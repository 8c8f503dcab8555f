"""The shipped study of 盐都区: made again where it can be, counted where it was promised."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import rasterio.features
import shapely

from data.demo.build import SEED, different_pixels
from data.demo.landscape import Landscape, draw
from data.demo.network import lay_out
from data.demo.places import CODE, KEYS, SYNTHETIC, district, district_plane, towns
from data.demo.sheet import Bend, Noise, Sheet
from data.demo.waters import enclosures, lake, reservoir, river_line
from sinks.parameters.legends import house_legend
from sinks.study import Study
from sinks.zones.overlay import dissolve, equal_area, intersections, polygon_ha

DATA = Path(__file__).parents[2] / "data"
VECTOR = DATA / "vector"
TREES = ("乔木林", "竹林", "国家特别规定灌木林", "经济林", "林带")
LOST = {"LAK", "RIV"}  # classes that no place may leave in five years
MILLION = 1_000_000


@pytest.fixture(scope="module")
def landscape() -> Landscape:
    return draw(SEED)


@cache
def codes(year: int) -> np.ndarray:
    with rasterio.open(DATA / "raster" / f"yandu_landcover_{year}.tif") as source:
        return source.read(1)


@cache
def layer(name: str) -> gpd.GeoDataFrame:
    return equal_area(gpd.read_file(VECTOR / f"yandu_{name}.gpkg"))


@cache
def protected() -> gpd.GeoDataFrame:
    return equal_area(gpd.read_file(VECTOR / "盐都保护地.shp", encoding="GBK"))


@cache
def inside() -> shapely.Geometry:
    return layer("district").geometry.iloc[0]


@cache
def mapped_ha(year: int) -> dict[str, float]:
    """Hectares of each class inside the district, counted by pixel."""
    with rasterio.open(DATA / "raster" / f"yandu_landcover_{year}.tif") as source:
        outside = rasterio.features.geometry_mask(
            [district_plane()], source.shape, source.transform
        )
    counts = np.bincount(codes(year)[~outside], minlength=17)
    return dict(zip(KEYS, counts[1:] / 100, strict=True))


def shares(year: int) -> dict[str, float]:
    """Per cent of the district."""
    found = mapped_ha(year)
    return {key: 100 * ha / sum(found.values()) for key, ha in found.items()}


# ---- how it is made ----------------------------------------------------------------------


def test_the_shipped_land_cover_is_what_the_seed_makes(landscape):
    assert different_pixels(landscape, DATA, pixel_m=110) == 0


def test_another_seed_makes_another_landscape(landscape):
    assert lay_out(Sheet(), SEED).canals == landscape.network.canals
    assert lay_out(Sheet(), SEED + 1).canals != landscape.network.canals


def test_polders_and_canals_do_not_lie_over_each_other(landscape):
    lands = [p.land.polygon() for p in landscape.network.polders]

    assert shapely.union_all(lands).area == sum(land.area for land in lands)


def test_noise_is_the_same_at_points_and_on_a_grid():
    noise = Noise.draw((7,), spacing_m=3_000, amplitude=1)
    xs, ys = np.linspace(470_000, 520_000, 9), np.linspace(3_669_000, 3_699_000, 7)

    at_points = noise.at(*np.meshgrid(xs, ys))

    np.testing.assert_array_equal(noise.on_grid(xs, ys), at_points)
    assert np.abs(at_points).max() < 1


def test_bending_there_and_back_returns_to_the_place():
    ground = np.random.default_rng(3).uniform((471e3, 3668e3), (519e3, 3698e3), (50, 2))
    bend = Bend.draw(SEED)

    np.testing.assert_allclose(bend.to_ground(bend.to_sheet(ground)), ground, atol=1e-6)


def test_the_generator_writes_the_codes_of_the_house_legend():
    assert {c.key: c.code for c in house_legend().classes} == CODE


# ---- what is real ------------------------------------------------------------------------


def test_the_boundary_is_the_published_one():
    published = district()

    assert len(shapely.get_coordinates(published)) == 75
    assert polygon_ha(layer("district"))[0] / 100 == pytest.approx(1049.67, abs=0.01)
    assert shapely.get_coordinates(published)[0].tolist() == [120.010267, 33.399093]


def test_the_lake_has_its_known_size_and_about_half_of_it_lies_in_the_district():
    whole = lake()

    assert whole.area / MILLION == pytest.approx(28.5, abs=0.1)
    assert 0.5 < whole.intersection(district_plane()).area / whole.area < 0.56


def test_the_reservoir_has_its_known_size_and_place():
    assert reservoir().area / MILLION == pytest.approx(2.2, abs=0.1)
    assert reservoir().within(district_plane())


def test_the_river_runs_from_the_lake_to_the_city():
    line = river_line()

    assert line.distance(lake()) == 0
    assert line.coords[0][0] < line.coords[-1][0]
    assert 30_000 < line.length < 45_000


def test_the_modis_cut_is_41_cells_of_the_real_place_in_its_own_crs():
    with rasterio.open(DATA / "raster" / "yandu_modis_igbp_2019.tif") as source:
        cells, transform = source.read(1), source.transform
        assert source.crs.to_epsg() is None
        assert "Clarke 1866" in source.crs.wkt
        assert source.nodata == 255
        assert "SINKS_SYNTHETIC" not in source.tags()
    rows, cols = np.indices(cells.shape)
    lon = transform.c + (cols + 0.5) * transform.a
    lat = transform.f + (rows + 0.5) * transform.e
    within = shapely.contains_xy(district(), lon, lat)

    found, counts = np.unique(cells[within], return_counts=True)

    assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == {
        0: 2, 9: 2, 11: 4, 12: 31, 13: 2
    }  # fmt: skip


# ---- land cover --------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2020, 2025])
def test_the_land_cover_is_a_small_tiled_raster_that_says_it_is_synthetic(year):
    path = DATA / "raster" / f"yandu_landcover_{year}.tif"
    with rasterio.open(path) as source:
        assert source.tags()["SINKS_SYNTHETIC"] == SYNTHETIC
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert source.block_shapes == [(512, 512)]
        assert (source.crs.to_epsg(), source.res, source.nodata) == (4549, (10, 10), 0)
        assert source.overviews(1)[0] == 2
    assert path.stat().st_size < 3 * MILLION


@pytest.mark.parametrize("year", [2020, 2025])
def test_the_shares_are_those_of_a_polder_plain(year):
    share = shares(year)

    def together(*keys: str) -> float:
        return sum(share[key] for key in keys)

    assert all(share[key] > 0 for key in KEYS)
    assert 44 < together("PAD", "DRY") < 52
    assert 17 < together("LAK", "RIV", "PND") < 22
    assert 12 < together("BLT", "UGR") < 15
    assert 17 < together("ORC", "BLF", "CNF", "MIX", "SHR") < 25
    assert 1 < together("MAR", "MUD") < 2


def test_the_whole_district_is_covered_in_both_years():
    covered = codes(2020) > 0

    np.testing.assert_array_equal(covered, codes(2025) > 0)
    assert covered.sum() / 100 > 1.0 * polygon_ha(layer("district"))[0]


def test_only_plausible_changes_happen_and_few():
    before, after = codes(2020), codes(2025)
    changed = before != after
    pairs = np.unique(np.stack((before[changed], after[changed])), axis=1).T

    left = {KEYS[a - 1] for a, _ in pairs}
    from_built = {KEYS[b - 1] for a, b in pairs if KEYS[a - 1] == "BLT"}

    assert not left & LOST
    assert from_built == {"DRY"}  # houses gone, land tilled again
    assert 0.02 < changed.sum() / (before > 0).sum() < 0.06


def test_ponds_given_back_are_lake_or_marsh_and_the_city_grows():
    first, second = shares(2020), shares(2025)

    assert second["LAK"] + second["MAR"] > first["LAK"] + first["MAR"] + 0.3
    assert second["PND"] < first["PND"]
    assert second["BLT"] > first["BLT"] + 0.5
    assert sum(shape.area for shape, _ in enclosures()) / 1e4 == pytest.approx(256, abs=1)


# ---- layers ------------------------------------------------------------------------------


def test_the_towns_partition_the_district_without_gap_or_overlap():
    frame = gpd.read_file(VECTOR / "yandu_towns.gpkg")
    shapes = frame.geometry.to_numpy()

    assert shapely.coverage_is_valid(shapes)
    assert shapely.union_all(shapes).symmetric_difference(district()).area < 1e-12
    assert sum(s.area for s in shapes) == pytest.approx(district().area, rel=1e-12)
    assert frame["code"].tolist() == [t.code for t in towns()]
    assert frame["name_zh"].tolist() == [t.name_zh for t in towns()]
    assert all(len(s.geoms) == 1 for s in shapes)


def test_every_layer_says_that_it_is_synthetic_and_only_the_district_does_not():
    paths = sorted(VECTOR.glob("*.gpkg"))
    silent = {p.stem for p in paths if b"SINKS_SYNTHETIC" not in p.read_bytes()}

    assert silent == {"yandu_district"}
    assert set(protected()["备注"]) == {"合成演示数据，非真实保护地"}
    assert "SINKS_SYNTHETIC" in (VECTOR / "yandu_tree_count.csv").read_text("utf-8-sig")


def test_the_files_are_small():
    sizes = {p: p.stat().st_size for p in DATA.rglob("*") if p.is_file()}

    assert max(sizes.values()) < 3.1 * MILLION
    assert sum(sizes.values()) < 25 * MILLION


def test_every_geometry_is_valid_on_the_plane_of_the_areas():
    names = ("towns", "sites", "wetlands", "forest_stands", "rivers", "built_up", "redline")

    assert all(layer(name).is_valid.all() for name in (*names, "projects"))
    assert protected().is_valid.all()


@pytest.mark.parametrize(
    ("wetland_codes", "keys"),
    [
        pytest.param(["1102"], ["LAK"], id="lakes"),
        pytest.param(["1101", "1107"], ["RIV"], id="rivers, canals and ditches"),
        pytest.param(["1103", "1104", "1104A"], ["PND"], id="ponds and the reservoir"),
        pytest.param(["1108"], ["MAR"], id="marsh"),
        pytest.param(["1106"], ["MUD"], id="mud"),
    ],
)
def test_wetland_polygons_and_land_cover_agree(wetland_codes, keys):
    frame = layer("wetlands")
    drawn = frame[frame["dlbm"].isin(wetland_codes)].geometry.intersection(inside())

    counted_ha = sum(mapped_ha(2025)[key] for key in keys)

    assert drawn.area.sum() / 1e4 == pytest.approx(counted_ha, rel=0.01)


def test_stands_and_land_cover_agree():
    frame = layer("forest_stands")
    drawn_ha = frame.geometry.area.groupby(frame["覆盖类型"]).sum() / 1e4

    for key in ("BLF", "CNF", "SHR"):
        assert drawn_ha[key] == pytest.approx(mapped_ha(2025)[key], rel=0.01)
    for key in ("ORC", "MIX"):  # trees between houses are in no stand, they are counted
        assert drawn_ha[key] < mapped_ha(2025)[key]


def test_stated_stand_areas_are_mu_of_the_polygons():
    frame = layer("forest_stands")

    ratio = frame["面积亩"] * (2000 / 3) / frame.geometry.area

    assert ratio.median() == pytest.approx(1, abs=1e-3)
    assert frame["小班号"].is_unique
    assert frame["郁闭度"].between(0.05, 0.85).all()


def test_tree_cover_is_a_little_under_a_quarter():
    stands, count = layer("forest_stands"), pd.read_csv(VECTOR / "yandu_tree_count.csv")
    counted_ha = stands[stands["地类"].isin(TREES)].geometry.area.sum() / 1e4
    rate_pct = 100 * (counted_ha + count["四旁树株数"].sum() / 1650) / inside().area * 1e4

    assert 24 < rate_pct < 25
    assert count["乡镇代码"].astype(str).tolist() == [t.code for t in towns()]


def test_forms_of_protection_overlap_and_hold_a_little_under_half_of_the_wetland():
    areas = protected().assign(geometry=lambda f: f.geometry.intersection(inside()))
    since, until = (pd.to_datetime(areas[c]) for c in ("生效日期", "失效日期"))
    valid = areas[(since <= "2025-12-31") & ~(until < "2025-12-31")]
    union = dissolve(valid.geometry.to_numpy())
    wetland = layer("wetlands").query("dlbm != '1104A'").clip(inside())
    held_ha = intersections(wetland.geometry.to_numpy(), union).area_ha.sum()

    assert len(areas) - len(valid) == 2  # one has run out, one is still to come
    assert valid.geometry.area.sum() > 1.3 * shapely.area(union).sum()
    assert 48 < 100 * held_ha / (wetland.geometry.area.sum() / 1e4) < 50
    assert areas["保护形式"].nunique() == 6
    park = areas[areas["保护形式"] == "国家湿地公园"].geometry.area.sum()
    assert park / 1e4 == pytest.approx(1_060, abs=30)


def test_the_shapefile_is_gbk_and_nothing_says_so():
    table = (VECTOR / "盐都保护地.dbf").read_bytes()

    assert not (VECTOR / "盐都保护地.cpg").exists()
    assert table[29] == 0  # language driver id
    assert "保护形式".encode("gbk") in table
    with pytest.raises(UnicodeDecodeError):
        table.decode("utf-8")


def test_rivers_are_registered_once_with_their_length():
    frame = gpd.read_file(VECTOR / "yandu_rivers.gpkg")

    assert frame["id"].is_unique
    assert set(frame["level"]) == {"county", "township", "other"}
    np.testing.assert_allclose(frame["length_km"], frame.length / 1000, rtol=1e-3)
    counted = frame[frame["level"] != "other"].groupby("ecological")["length_km"].sum()
    assert 60 < 100 * counted["yes"] / counted.sum() < 70


def test_planting_projects_come_to_about_100_mu_a_year():
    frame = layer("projects").query("kind == 'planting'")

    per_year = frame.groupby("year")["area_mu"].sum()

    assert per_year.index.tolist() == [2021, 2022, 2023, 2024, 2025]
    assert per_year.between(85, 120).all()


def test_restored_wetland_is_wetland_in_2025_and_was_not_in_2020():
    frame = layer("projects").query("kind == 'restoration' and pre_class == 'PND'")
    done = frame[frame["status"] == "accepted"].to_crs("EPSG:4549")
    for shape, becomes in zip(done.geometry, done["post_class"], strict=True):
        x, y = shapely.get_coordinates(shape.representative_point())[0]
        row, col = int((3_700_000 - y) // 10), int((x - 469_900) // 10)
        assert KEYS[codes(2020)[row, col] - 1] == "PND"
        assert KEYS[codes(2025)[row, col] - 1] in (becomes, "MAR", "MUD", "PND", "CNF")


# ---- study files -------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "real"), [("yandu", 1), ("yandu_modis", 2)])
def test_the_study_files_name_files_that_exist_and_say_what_is_synthetic(name, real):
    study = Study.read(DATA / f"{name}.toml")
    sources = dict(study.sources())

    assert all(source.path.is_file() for source in sources.values())
    assert all(source.source for source in sources.values())
    assert len(sources) - len(study.synthetic) == real
