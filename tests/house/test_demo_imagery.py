"""The shipped images, training polygons and land register: made again, counted, classified."""

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

from data.demo import interpreters, signatures, training
from data.demo.build import SEED
from data.demo.imagery import DAYS, OFFSET, SCALE, WINDOW, Ground, image, quality
from data.demo.interpreters import ERRORS, reference_labels
from data.demo.landscape import Landscape, draw
from data.demo.places import CODE, KEYS, SYNTHETIC
from data.demo.register import NAMES, PART, REGISTERED, known_parcels
from sinks.parameters.legends import crosswalk

DATA = Path(__file__).parents[2] / "data"
VECTOR = DATA / "vector"
YEARS = (2020, 2025)
ROLES = ("blue", "green", "red", "nir", "swir_1", "swir_2")
MILLION = 1_000_000
WATER = ("LAK", "RIV", "PND")


@pytest.fixture(scope="module")
def landscape() -> Landscape:
    return draw(SEED)


@pytest.fixture(scope="module")
def ground(landscape) -> Ground:
    """The window, its classes taken from the shipped land cover."""
    everywhere = np.zeros((2, 3_290, 5_070), dtype=np.uint8)
    everywhere[:, WINDOW.rows, WINDOW.cols] = np.stack([truth(year) for year in YEARS])
    return Ground.of(landscape, everywhere)


@cache
def truth(year: int) -> np.ndarray:
    with rasterio.open(DATA / "raster" / f"yandu_landcover_{year}.tif") as source:
        return source.read(1)[WINDOW.rows, WINDOW.cols]


@cache
def steps(year: int) -> np.ndarray:
    with rasterio.open(DATA / "raster" / f"yandu_window_{year}.tif") as source:
        return source.read()


@cache
def scene() -> np.ndarray:
    with rasterio.open(DATA / "raster" / "yandu_window_2020_quality.tif") as source:
        return source.read(1)


def clear(year: int) -> np.ndarray:
    """Where a pixel has data and neither cloud nor shadow."""
    usable = truth(year) > 0
    return usable & np.isin(scene(), training.CLEAR) if year == 2020 else usable


@cache
def polygons(year: int) -> gpd.GeoDataFrame:
    return gpd.read_file(VECTOR / f"yandu_training_{year}.gpkg").to_crs("EPSG:4549")


@cache
def register() -> gpd.GeoDataFrame:
    return gpd.read_file(VECTOR / "yandu_parcels_window.gpkg")


@cache
def key() -> pd.DataFrame:
    return pd.read_csv(VECTOR / "yandu_parcels_window_key.csv", dtype=str)


def burnt(shapes: gpd.GeoSeries, values: list[int] | range) -> np.ndarray:
    return rasterio.features.rasterize(
        zip(shapes, values, strict=True),
        truth(2025).shape,
        transform=WINDOW.transform,
        dtype="uint16",
    )


# ---- images ------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_the_shipped_image_is_what_the_seed_makes(ground, year):
    np.testing.assert_array_equal(image(ground, year, SEED), steps(year))


def test_the_shipped_quality_band_is_what_the_seed_makes(ground):
    np.testing.assert_array_equal(quality(ground, 2020, SEED), scene())


@pytest.mark.parametrize("year", YEARS)
def test_an_image_says_its_bands_day_scale_and_that_it_is_synthetic(year):
    path = DATA / "raster" / f"yandu_window_{year}.tif"
    with rasterio.open(path) as source:
        assert source.descriptions == ROLES == signatures.roles()
        assert set(source.scales) == {SCALE} == {0.0025}
        assert set(source.offsets) == {OFFSET} == {-0.01}
        assert (source.crs.to_epsg(), source.res, source.nodata) == (4549, (10, 10), 0)
        assert source.tags()["SINKS_DAY"] == DAYS[year]
        assert source.tags()["SINKS_SYNTHETIC"] == SYNTHETIC
        assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert path.stat().st_size < 2.9 * MILLION


def test_pixels_of_images_and_of_land_cover_lie_over_each_other():
    with rasterio.open(DATA / "raster" / "yandu_landcover_2025.tif") as cover:
        for name in ("2020", "2020_quality", "2025"):
            with rasterio.open(DATA / "raster" / f"yandu_window_{name}.tif") as source:
                window = cover.window(*source.bounds)
                assert (window.row_off, window.col_off) == (WINDOW.rows.start, WINDOW.cols.start)
                assert (window.height, window.width) == source.shape


def test_the_window_holds_all_of_the_lake_that_lies_in_the_district():
    with rasterio.open(DATA / "raster" / "yandu_landcover_2025.tif") as cover:
        rows, cols = np.nonzero(cover.read(1)[2_500:, :1_700] == CODE["LAK"])

    assert WINDOW.rows.start < rows.min() + 2_500 <= rows.max() + 2_500 < WINDOW.rows.stop
    assert WINDOW.cols.start < cols.min() <= cols.max() < WINDOW.cols.stop


@pytest.mark.parametrize("year", YEARS)
def test_an_image_has_data_where_the_land_cover_has(year):
    np.testing.assert_array_equal(steps(year) > 0, np.stack([truth(year) > 0] * 6))


def test_vegetation_is_bright_in_the_near_infrared_and_water_dark():
    seen = {y: steps(y) * SCALE + OFFSET for y in YEARS}
    for year, values in seen.items():
        means = {
            k: values[:, clear(year) & (truth(year) == CODE[k])].mean(axis=1)
            for k in (*WATER, "PAD", "DRY", "BLF", "MAR", "BLT")
        }
        for k in ("PAD", "DRY", "BLF"):
            assert means[k][3] > 4 * means[k][2]
        for k in WATER:
            assert means[k][4] < 0.06 < means["BLT"][4]
        assert means["BLT"][:3].min() > max(means["PAD"][:3])


def test_cloud_is_bright_shadow_dark_and_both_are_flagged_beside_it():
    near_infrared = steps(2020)[3] * SCALE + OFFSET
    found, counts = np.unique(scene(), return_counts=True)

    assert found.tolist() == [0, 3, 4, 5, 6, 8, 9]
    assert 0.01 < counts[[1, 5, 6]].sum() / counts[1:].sum() < 0.03
    assert near_infrared[scene() == 9].min() > 0.3
    green = np.isin(truth(2020), [CODE["PAD"], CODE["DRY"], CODE["MIX"]])
    shaded = near_infrared[green & (scene() == 3)].mean()
    assert shaded < 0.8 * near_infrared[green & clear(2020)].mean()


def test_days_differ_where_nothing_on_the_ground_changed():
    same = clear(2020) & (truth(2020) == truth(2025)) & (truth(2020) == CODE["PAD"])
    ratio = steps(2025)[:, same].mean(axis=1) / steps(2020)[:, same].mean(axis=1)

    assert ratio[0] > ratio[3] + 0.05  # hazier, and paddy younger


def test_shares_of_subtypes_come_to_one_and_bands_to_six():
    table = pd.DataFrame(signatures.rows("spectra.csv"))
    shares = table.astype({"share_2020": float, "share_2025": float}).groupby("key", sort=False)

    assert list(shares.groups) == list(KEYS)
    np.testing.assert_allclose(shares[["share_2020", "share_2025"]].sum(), 1)
    assert (signatures.spectra(2020)[1:] > 0).all()
    assert table["basis"].str.startswith("judgement").all()


# ---- training polygons -------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_training_polygons_are_hand_sized_pure_clustered_and_in_degrees(year):
    frame, stored = polygons(year), gpd.read_file(VECTOR / f"yandu_training_{year}.gpkg")
    ids = burnt(frame.geometry, range(1, len(frame) + 1))
    drawn = np.array([0, *(CODE[k] for k in frame["class"])])[ids]

    assert stored.crs.to_epsg() == 4490
    assert list(stored.columns) == ["id", "class", "cluster", "geometry"]
    assert frame["id"].is_unique
    assert 200 <= len(frame) <= 300
    assert frame["class"].value_counts().min() >= 5
    assert frame["cluster"].nunique() < 50
    assert frame.area.between(1_990, 20_000).all()
    assert len(np.unique(ids)) == len(frame) + 1
    np.testing.assert_array_equal(drawn[ids > 0], truth(year)[ids > 0])
    assert clear(year)[ids > 0].all()


@pytest.mark.parametrize("year", YEARS)
def test_only_classes_with_too_little_room_have_no_polygons(year):
    missing = set(KEYS) - set(polygons(year)["class"])
    counts = np.bincount(truth(year).ravel(), minlength=17)

    assert missing == (set() if year == 2020 else {"BAR"})
    assert all(counts[CODE[k]] < 100 for k in missing)


def test_the_shipped_polygons_are_what_the_seed_makes(ground):
    made = training.training_layer(ground, 2025, SEED)
    shipped = gpd.read_file(VECTOR / "yandu_training_2025.gpkg")

    assert shipped["class"].tolist() == made["class"].tolist()
    assert shipped["cluster"].tolist() == made["cluster"].tolist()
    for one, other in zip(shipped.geometry, made.geometry, strict=True):
        assert one.geoms[0].equals_exact(other, 1e-9)


@pytest.mark.parametrize("year", YEARS)
def test_classifying_the_window_is_realistically_hard(year):
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_score

    frame = polygons(year)
    ids = burnt(frame.geometry, range(1, len(frame) + 1))
    chosen = np.flatnonzero(ids)[::3]
    seen = steps(year).reshape(6, -1)[:, chosen].T
    known, groups = truth(year).ravel()[chosen], ids.ravel()[chosen]
    forest = RandomForestClassifier(60, random_state=1)
    mixed = StratifiedKFold(3, shuffle=True, random_state=1)
    random = cross_val_score(forest, seen, known, cv=mixed).mean()
    apart = cross_val_score(forest, seen, known, cv=GroupKFold(3), groups=groups).mean()
    rows, cols = (places[::37] for places in np.nonzero(clear(year)))

    mapped = forest.fit(seen, known).predict(steps(year)[:, rows, cols].T)
    right = (mapped == truth(year)[rows, cols]).mean()

    assert 0.82 < right < 0.90
    assert apart < random - 0.04


# ---- official layers ---------------------------------------------------------------------


def test_the_register_is_what_the_seed_makes_and_the_key_knows_what_is_wrong(landscape):
    made, frame, answers = known_parcels(landscape, SEED), register(), key()

    assert [p.code for p in made] == frame["dlbm"].tolist() == answers["dlbm"].tolist()
    assert frame["bsm"].tolist() == answers["bsm"].tolist()
    assert frame["dlmc"].tolist() == frame["dlbm"].map(NAMES).tolist()
    assert answers["state"].value_counts().to_dict() == {"same": 616, "changed": 26, "wrong": 8}


def test_parcels_show_what_the_key_says_in_both_years():
    frame, answers = register(), key()
    ids = burnt(frame.geometry, range(1, len(frame) + 1))
    for year in YEARS:
        counts = np.zeros((len(frame) + 1, 17), dtype=int)
        np.add.at(counts, (ids, truth(year)), 1)
        shown = [KEYS[code - 1] for code in counts[1:].argmax(axis=1)]
        assert shown == answers[f"class_{year}"].tolist()


def test_parcels_do_not_overlap_and_lie_in_their_part():
    shapes = register().geometry.to_numpy()
    low, high = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    common = shapely.area(shapely.intersection(shapes[low], shapes[high]))[low < high]

    assert common.sum() < 1e-6 * register().area.sum()  # coordinates are whole millimetres
    assert shapely.is_valid(shapes).all()
    assert WINDOW._replace(rows=PART[0], cols=PART[1]).box().contains(shapely.box(
        *register().total_bounds))  # fmt: skip


def test_codes_of_the_register_mean_the_class_that_was_registered():
    meant = crosswalk("sandiao").to_key

    for house, code in REGISTERED.items():
        if house != "CNF":  # the register does not know the species: 0301 is broadleaf
            assert meant[code] == house


@pytest.mark.parametrize(("year", "name"), [(2020, "water_2020"), (2025, "wetlands")])
def test_official_water_splits_the_water_of_its_year(year, name):
    meant = crosswalk("sandiao").to_key
    frame = gpd.read_file(VECTOR / f"yandu_{name}.gpkg")
    house = frame["dlbm"].map(meant)
    water = frame[house.isin(WATER)]
    official = burnt(water.geometry, [CODE[k] for k in house[house.isin(WATER)]])
    wet = np.isin(truth(year), [CODE[k] for k in WATER])
    inside = truth(year) > 0

    agree = official[wet & (official > 0)] == truth(year)[wet & (official > 0)]

    assert agree.mean() > 0.999
    assert (official[wet] > 0).mean() > 0.97
    assert (official[inside & ~wet] > 0).mean() < 0.01  # an edge through a pixel


# ---- interpreters ------------------------------------------------------------------------


def places(count: int) -> np.ndarray:
    return np.random.default_rng(4).uniform((477e3, 3674e3), (486e3, 3677e3), (count, 2))


def test_interpreters_err_as_often_as_they_say_and_only_to_similar_classes():
    xy = places(6_000)
    with rasterio.open(DATA / "raster" / "yandu_landcover_2025.tif") as source:
        right = np.array([KEYS[code - 1] for (code,) in source.sample(xy)])

    for labels, error in zip(reference_labels(xy, 2025, 7), ERRORS, strict=True):
        wrong = labels != right
        # four standard errors of a share
        assert abs(wrong.mean() - error) < 4 * np.sqrt(error * (1 - error) / len(xy))
        for true, label in zip(right[wrong], labels[wrong], strict=True):
            assert label in [taken for taken, _ in interpreters.SIMILAR[true]]


def test_labels_depend_on_the_place_and_the_seed_and_not_on_the_order():
    xy = places(400)
    forwards, backwards = reference_labels(xy, 2025, 7), reference_labels(xy[::-1], 2025, 7)

    np.testing.assert_array_equal(forwards.second, backwards.second[::-1])
    assert (forwards.second != reference_labels(xy, 2025, 8).second).any()
    assert (forwards.first != forwards.second).any()


def test_where_nothing_changed_the_labels_of_both_years_agree():
    xy = places(1_500)
    with rasterio.open(DATA / "raster" / "yandu_landcover_2020.tif") as one:
        before = np.array([code for (code,) in one.sample(xy)])
    with rasterio.open(DATA / "raster" / "yandu_landcover_2025.tif") as two:
        after = np.array([code for (code,) in two.sample(xy)])
    same = before == after

    first, second = (reference_labels(xy, year, 7) for year in YEARS)

    np.testing.assert_array_equal(first.first[same], second.first[same])
    assert (first.first[~same] != second.first[~same]).mean() > 0.9


def test_a_place_outside_the_land_cover_has_no_label():
    assert reference_labels(np.array([[470_000.0, 3_699_000.0]]), 2025, 7).first.tolist() == [""]
