"""What real scenes asked for: legends of others, folders of bands, many samples, missing data."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio

from sinks.imagery.features import FeaturesInMemory
from sinks.inference.prediction import outside_by_class
from sinks.mapmaking.classify import Thinned
from sinks.mapmaking.training import lessened, meanings
from sinks.parameters.legends import house_legend
from sinks.study_imagery import TrainingSource
from sinks.training.samples import Samples
from tests.mapmaking.scene import (
    BANDS,
    BLF,
    BLT,
    LAK,
    PAD,
    classify,
    codes_said,
    command,
    places,
    read_codes,
    words_of,
    write_bands,
    write_places,
    write_scene,
)
from tests.scenes import draw

FOREIGN = {LAK: "water", PAD: "rice", BLF: "Forest", BLT: "3"}
MEANT = "water=湖泊,rice=PAD,Forest=broadleaf forest,3=BLT"


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Path:
    folder = write_scene(tmp_path_factory.mktemp("实测"))
    write_places(folder / "外来.gpkg", places(words=FOREIGN))
    return folder


def foreign(scene: Path, out: Path, *words: object):
    return classify(scene, out, "--training", scene / "外来.gpkg", *words)


def classify_image(scene: Path, image: Path, out: Path, *words: object, bands=BANDS):
    """Classify another image than that of the scene."""
    others = words_of(scene, out)[4:]
    return command("classify", "--image", image, "--bands", ",".join(bands), *others, *words)


# ---- legends of others ----------------------------------------------------------------------


def test_words_of_another_legend_mean_the_classes_that_are_said(scene, tmp_path):
    assert foreign(scene, tmp_path / "外", "--classes", MEANT).exit_code == 0
    assert classify(scene, tmp_path / "内").exit_code == 0

    np.testing.assert_array_equal(
        read_codes(tmp_path / "外" / "land_cover.tif"),
        read_codes(tmp_path / "内" / "land_cover.tif"),
    )


def test_places_of_a_class_that_is_not_wanted_are_left_out_and_counted(scene, tmp_path):
    done = foreign(scene, tmp_path / "o", "--classes", MEANT.replace("=BLT", "=none"))

    assert done.exit_code == 0, done.output
    assert "G13" in codes_said(done)
    assert set(np.unique(read_codes(tmp_path / "o" / "land_cover.tif"))) == {LAK, PAD, BLF}


def test_a_word_that_means_a_class_that_is_not_is_refused_with_those_that_are(scene, tmp_path):
    done = foreign(scene, tmp_path / "o", "--classes", MEANT.replace("湖泊", "海"))

    assert codes_said(done) == ["J20"]
    assert "water = 海" in done.output
    assert "湖泊 LAK" in done.output


def test_codes_without_a_scheme_are_never_taken_for_ours():
    unnamed = TrainingSource(path=Path("a.shp"), class_field="id")
    named = TrainingSource(path=Path("a.shp"), class_field="id", scheme="house")

    assert meanings(unnamed).to_key == {}
    assert meanings(named).to_key["1"] == "LAK"


def test_refusals_of_the_command_name_its_options_and_the_classes(scene, tmp_path):
    done = foreign(scene, tmp_path / "o")

    assert codes_said(done) == ["G01"]
    assert "--training" in done.output
    assert "classifications.map" not in done.output
    assert all(c.key in done.output for c in house_legend().classes)


def test_an_option_of_pairs_without_a_value_is_refused(scene, tmp_path):
    done = foreign(scene, tmp_path / "o", "--classes", "water=")

    assert codes_said(done) == ["J02"]
    assert "--classes" in done.output


# ---- images ---------------------------------------------------------------------------------


def test_files_of_a_folder_are_found_by_pattern(scene, tmp_path):
    with rasterio.open(scene / "影像.tif") as file:
        values = file.read()
    for number, band in enumerate(values, start=1):
        write_bands(tmp_path / f"景_B{number:02}_10m.tif", band[np.newaxis])
    patterns = [f"{role}=*_B{n:02}_*.tif" for n, role in enumerate(BANDS, start=1)]

    done = classify_image(scene, tmp_path, tmp_path / "夹", bands=patterns)
    several = classify_image(scene, tmp_path, tmp_path / "o", bands=["blue=*_10m.tif"])
    whole = classify(scene, tmp_path / "图")

    assert (done.exit_code, whole.exit_code) == (0, 0), done.output
    assert codes_said(several) == ["B05"]
    np.testing.assert_array_equal(
        read_codes(tmp_path / "夹" / "land_cover.tif"),
        read_codes(tmp_path / "图" / "land_cover.tif"),
    )


def test_how_much_of_an_image_has_no_data_is_said(scene, tmp_path):
    with rasterio.open(scene / "影像.tif") as file:
        values = file.read()
    values[:, :, 76:] = 0  # 4 of 80 columns
    write_bands(tmp_path / "边.tif", values)

    whole = classify(scene, tmp_path / "全")
    partly = classify_image(scene, tmp_path / "边.tif", tmp_path / "o")

    assert "没有数据" not in whole.output.split("已写出")[1]
    assert "影像范围的 95.0 %" in partly.output


def test_trees_brighter_in_red_than_in_near_infrared_raise_a_doubt_about_the_bands(
    scene, tmp_path
):
    image = scene / "影像.tif"
    right = classify_image(scene, image, tmp_path / "o")
    wrong = classify_image(
        scene, image, tmp_path / "p", bands=["blue", "green", "nir", "red", "swir_1"]
    )

    assert (right.exit_code, wrong.exit_code) == (0, 0)
    assert "J22" not in codes_said(right)
    assert "J22" in codes_said(wrong)
    assert "100 % 的林地样本" in wrong.output  # forest reflects 0.3 and 0.04


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(scene, tmp_path):
    (tmp_path / "文件").write_text("不是文件夹")

    done = classify(scene, tmp_path / "文件" / "下面" / "分类")

    assert codes_said(done) == ["X05"]
    assert done.exit_code == 3


# ---- many samples, and the share outside ----------------------------------------------------


def crowd(*, polygons: int, of_each: int, rare: int) -> Samples:
    """Return samples of paddy in many polygons, and of a lake of ``rare`` pixels."""
    count = polygons * of_each
    codes = np.array([PAD] * count + [LAK] * rare, dtype=np.uint8)
    group = np.array([*np.repeat(np.arange(polygons), of_each), *[polygons] * rare])
    values = np.arange(count + rare, dtype=np.float32)
    return Samples(
        names=("red",), legend=house_legend(), features=values[:, np.newaxis], codes=codes,
        group=group, x_m=values.astype(float), y_m=values.astype(float),
    )  # fmt: skip


def test_of_too_many_samples_all_polygons_give_as_many_and_the_rare_class_all():
    few = lessened(crowd(polygons=100, of_each=600, rare=150), seed=3)

    by_group = pd.Series(few.group).value_counts()
    assert len(few) == 20_000
    assert by_group[100] == 150
    assert set(by_group.drop(100)) <= {198, 199}  # 19,850 of 100 polygons
    assert [f.code for f in few.findings] == ["J21"]
    np.testing.assert_array_equal(
        few.features, lessened(crowd(polygons=100, of_each=600, rare=150), seed=3).features
    )


def test_samples_that_are_not_too_many_stay_as_they_are():
    samples = crowd(polygons=10, of_each=1990, rare=100)

    assert lessened(samples, seed=3) is samples


class Third:
    """An area of applicability of numbers up to a third."""

    threshold = 1 / 3

    def dissimilarity(self, features):
        return features[0]


def test_a_thinned_layer_knows_every_third_pixel():
    index = Thinned(whole=Third(), every=3)
    values = np.arange(8, dtype=np.float32)[np.newaxis]

    np.testing.assert_array_equal(index.dissimilarity(values)[::3], [0, 3, 6])
    assert np.isnan(index.dissimilarity(values)[[1, 2, 4, 5, 7]]).all()
    assert index.threshold == 1 / 3


def test_a_share_worked_out_from_some_pixels_is_said(scene, tmp_path, monkeypatch):
    monkeypatch.setattr("sinks.mapmaking.classify._JUDGED_PX", 100)

    thinned = classify(scene, tmp_path / "some", "--layers", "probability")
    whole = classify(scene, tmp_path / "all", "--layers", "dissimilarity")

    assert thinned.exit_code == whole.exit_code == 0, thinned.output + whole.output
    assert "K08" in codes_said(thinned)
    assert "K08" not in codes_said(whole)


def test_pixels_whose_dissimilarity_is_not_known_are_outside_as_often_as_their_class():
    cover = draw("""
        F F F F
        G G W W
    """)
    nan = np.nan
    index = np.array([[[0.1, 0.9, nan, nan], [0.2, nan, nan, nan]]], dtype=np.float32)
    layer = FeaturesInMemory(grid=cover.grid, names=("dissimilarity",), values=index)

    table = outside_by_class(cover, layer, 0.5).round(9)

    assert table["area_ha"].to_dict() == {"forest": 4, "grass": 2, "water": 2}
    assert table["outside_ha"].to_dict() == {
        "forest": 2,  # one of two that are known
        "grass": 0,
        "water": round(2 / 3, 9),  # none known: as often as all, one in three
    }


def test_the_share_outside_is_told_without_the_layer_too(scene, tmp_path):
    with_layer = classify(scene, tmp_path / "有", "--layers", "dissimilarity")
    without = classify(scene, tmp_path / "无", "--layers", "probability")

    assert (with_layer.exit_code, without.exit_code) == (0, 0)
    assert not (tmp_path / "无" / "dissimilarity.tif").exists()
    shares = [pd.read_csv(tmp_path / name / "classes.csv") for name in ("有", "无")]
    pd.testing.assert_frame_equal(*shares)  # every pixel of so small a map is looked at


# ---- samples --------------------------------------------------------------------------------


def test_a_sample_reaches_the_standard_error_that_is_wanted_though_rare_classes_take_from_it(
    tmp_path,
):
    codes = np.full((200, 200), PAD, dtype=np.uint8)
    codes[:, :4], codes[:4, 4:8], codes[-4:, 4:8] = LAK, BLF, BLT
    write_bands(tmp_path / "图.tif", codes[np.newaxis])

    done = command(
        "sample", "--map", tmp_path / "图.tif", "--scheme", "house", "--target-se-pct", 2,
        "--minimum", 16, "--out", tmp_path / "样本",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    expected_pct = float(re.search(r"标准误 ([\d.]+)", done.output)[1])
    sizes = pd.read_csv(tmp_path / "样本" / "strata.csv").set_index("stratum")["sample_size"]
    assert 1.9 <= expected_pct <= 2
    assert sizes[["BLF", "BLT"]].to_list() == [16, 16]  # of 16 pixels each
    assert sizes.sum() > 400  # 0.8 * 0.2 / 0.02 ** 2, were all shares kept


def test_areas_that_differ_are_told_by_the_name_of_the_class(tmp_path):
    codes = np.full((40, 40), PAD, dtype=np.uint8)
    codes[:, 20:] = BLF
    write_bands(tmp_path / "图.tif", codes[np.newaxis])
    words = ["--map", tmp_path / "图.tif", "--scheme", "house", "--size", 100]
    assert command("sample", *words, "--out", tmp_path / "样本").exit_code == 0
    blind = gpd.read_file(tmp_path / "样本" / "to_label.gpkg")
    blind = pd.DataFrame(blind.drop(columns="geometry")).assign(label_1="水田")
    blind.to_csv(tmp_path / "甲.csv", index=False)

    done = command("assess", "--sample", tmp_path / "样本" / "sample.gpkg", "--labels",
                   tmp_path / "甲.csv", "--out", tmp_path / "精度")  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "水田 PAD：制图 8 公顷，估计 16 公顷" in done.output


@pytest.mark.parametrize("given", ["--quality", "--quality-scheme"])
def test_a_quality_band_and_its_scheme_are_asked_for_together(scene, tmp_path, given):
    word = scene / "影像.tif" if given == "--quality" else "s2_scl"

    done = classify(scene, tmp_path / "o", given, word)

    assert codes_said(done) == ["J23"]
