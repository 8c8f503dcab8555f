"""From images to a map by the command: what it writes, that it is right, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from scipy import ndimage

from sinks.grid import Window
from sinks.imagery.features import FeatureBlocks
from sinks.mapmaking.requests import classification_request
from sinks.parameters.legends import crosswalk
from sinks.parameters.training import sample_rules
from sinks.publish import published
from sinks.sources.images import read_image
from sinks.sources.samples import read_samples
from sinks.surveying.standalone import block_folder, classify_files
from sinks.training.checks import examined
from sinks.training.estimators import ModelSpec, fit
from sinks.training.samples import Samples
from tests.mapmaking.scene import (
    BANDS,
    BLF,
    BLT,
    COLS,
    LAK,
    NAMES,
    PAD,
    ROWS,
    SANDIAO,
    classify,
    codes_said,
    command,
    ground,
    places,
    read_codes,
    seen,
    words_of,
    write_bands,
    write_places,
    write_scene,
)
from tests.workflow.small import CRS
from tests.workflow.test_run import ROOT, sinks

TABLES = {
    "classes", "confusion", "distances", "importance", "rules", "training", "validation",
    "validation_classes",
}  # fmt: skip
PIXEL_HA = 0.01


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Path:
    return write_scene(tmp_path_factory.mktemp("盐都 '一'") / "数据#1")


@pytest.fixture(scope="module")
def made(scene) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Classify by the command itself, in a process of its own."""
    out = scene / "成果" / "分类（一）"
    done = sinks("classify", *words_of(scene, out))
    assert done.returncode == 0, done.stderr
    return out, done


def table(folder: Path, name: str) -> pd.DataFrame:
    frame = pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")
    return frame.set_index(frame.columns[0])


def layer(folder: Path, name: str) -> np.ndarray:
    with rasterio.open(folder / f"{name}.tif") as file:
        return file.read(1)


def features(scene: Path) -> FeatureBlocks:
    return read_image(scene / "影像.tif", bands=BANDS, scale=0.0001)


def learnt(scene: Path) -> Samples:
    """Return the samples that the command learns from, read without it."""
    samples = read_samples(
        scene / "样本 面.shp", features=features(scene), crosswalk=crosswalk("house"),
        most_px=200, seed=1, class_field="地类", group_field="组",
    )  # fmt: skip
    return examined(samples, sample_rules())


# ---- what is written ------------------------------------------------------------------------


def test_map_layers_tables_and_record_are_published_and_nothing_else(scene, made):
    out, _ = made

    names = {path.name for path in out.iterdir()}
    layers = {"land_cover.tif", "probability.tif", "dissimilarity.tif"}
    assert names == layers | {f"{name}.csv" for name in TABLES} | {"run.json"}
    assert published(out) is not None  # every file has the hash that the record gives
    assert not block_folder(out).exists()


def test_progress_goes_to_the_error_stream_and_the_result_to_the_other(made):
    _, done = made

    assert "1/1" in done.stderr
    assert "已写出" in done.stdout
    assert "1/1" not in done.stdout


def test_no_folder_of_the_machine_stands_in_what_is_published(tmp_path):
    scene = write_scene(tmp_path / "甲的资料", tags={"SINKS_SYNTHETIC": "合成"})

    done = classify(scene, tmp_path / "成果")

    assert done.exit_code == 0, done.output
    assert "N20" in codes_said(done)
    for path in (tmp_path / "成果").iterdir():
        assert "甲的资料".encode() not in path.read_bytes(), path.name


def test_the_record_holds_inputs_seed_settings_and_words(scene, made):
    out, done = made
    record = json.loads((out / "run.json").read_text("utf-8"))

    assert record["step"] == "classify"
    assert set(record["inputs"]) == {"images.image_1", "classifications.map.training"}
    assert (record["seed"], record["request"]["parameters"]) == (1, {"n_estimators": 10})
    for line in record["headlines"]["zh"]:
        assert line in done.stdout


def test_the_optimism_of_random_folds_stands_beside_the_accuracy_in_space(made):
    out, done = made

    accuracy_pct = 100 * table(out, "validation")["overall_accuracy"]
    assert set(accuracy_pct.index) == {"random", "polygon", "block", "matched"}
    assert f"空间 {accuracy_pct['matched']:.1f} %" in done.stdout
    assert f"随机 {accuracy_pct['random']:.1f} %（以空间的为准）" in done.stdout
    assert "不是概率样本" in done.stdout


def test_the_map_is_what_the_model_says_of_every_pixel(scene, made):
    out, _ = made
    model = fit(learnt(scene), ModelSpec(parameters={"n_estimators": 10}, seed=1))
    pixels = features(scene).read(Window(0, 0, ROWS, COLS)).reshape(len(BANDS), -1).T

    told = model.estimator.predict(pixels).reshape(ROWS, COLS)
    sure = model.estimator.predict_proba(pixels).max(axis=1).reshape(ROWS, COLS)

    np.testing.assert_array_equal(read_codes(out / "land_cover.tif"), told)
    np.testing.assert_allclose(layer(out, "probability"), sure, atol=1e-6)


def test_the_scene_is_neither_trivial_nor_hopeless(made):
    right = (read_codes(made[0] / "land_cover.tif") == ground()).mean()

    assert 0.8 < right < 0.99  # otherwise the tests of this file would prove little


def test_hectares_of_classes_are_counted_and_the_unknown_is_said(made):
    out, done = made
    codes, unlike = read_codes(out / "land_cover.tif"), layer(out, "dissimilarity")
    beyond = unlike > json.loads((out / "run.json").read_text("utf-8"))["threshold"]

    classes = table(out, "classes")
    for code, key in ((LAK, "LAK"), (PAD, "PAD"), (BLF, "BLF"), (BLT, "BLT")):
        here = codes == code
        assert classes.loc[key, "area_ha"] == pytest.approx(PIXEL_HA * here.sum(), rel=1e-6)
        outside_ha = PIXEL_HA * (here & beyond).sum()
        assert classes.loc[key, "outside_ha"] == pytest.approx(outside_ha, rel=1e-6)
    assert f"{100 * beyond.mean():.1f} % 的面积在模型适用范围之外" in done.stdout


def test_the_confusion_counts_every_sample_once(scene, made):
    confusion = table(made[0], "confusion")

    assert confusion["samples"].sum() == len(learnt(scene)) == 4 * 6 * 16


# ---- the same again ---------------------------------------------------------------------------


def test_a_second_run_in_english_with_two_threads_gives_the_same_bytes(scene, made):
    out, _ = made
    before = {name: facts["sha256"] for name, facts in published(out)["outputs"].items()}
    (out / "我的备注.txt").write_text("不要删", encoding="utf-8")

    done = sinks("classify", *words_of(scene, out), "--threads", 2, "--lang", "en")

    assert done.returncode == 0, done.stderr
    assert "Written to" in done.stdout
    assert "已写出" not in done.stdout
    assert (out / "我的备注.txt").read_text("utf-8") == "不要删"
    after = {name: facts["sha256"] for name, facts in published(out)["outputs"].items()}
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() <= {"我的备注.txt"}


def test_another_seed_gives_another_forest(scene, made, tmp_path):
    assert classify(scene, tmp_path / "o", "--seed", 2).exit_code == 0

    assert (read_codes(tmp_path / "o" / "land_cover.tif") != read_codes(
        made[0] / "land_cover.tif")).any()  # fmt: skip


def test_single_bands_in_a_folder_give_the_same_map(scene, made, tmp_path):
    folder = tmp_path / "单波段"
    folder.mkdir()
    for role, band in zip(BANDS, seen(ground()), strict=True):
        write_bands(folder / f"波段 {role}.tif", band[np.newaxis])
    roles = ",".join(f"{role}=波段 {role}.tif" for role in BANDS)

    words = ["--image", folder, *words_of(scene, tmp_path / "o")[2:], "--bands", roles]
    done = command("classify", *words)

    assert done.exit_code == 0, done.output
    np.testing.assert_array_equal(
        read_codes(tmp_path / "o" / "land_cover.tif"), read_codes(made[0] / "land_cover.tif")
    )


# ---- models, engines, layers, rules -------------------------------------------------------------


def test_every_engine_gives_the_labels_of_the_library(scene, made, tmp_path):
    done = classify(scene, tmp_path / "o", "--engine", "library")

    assert done.exit_code == 0, done.output
    np.testing.assert_array_equal(
        read_codes(tmp_path / "o" / "land_cover.tif"), read_codes(made[0] / "land_cover.tif")
    )


def test_a_distilled_network_says_how_often_it_agrees_or_refuses_itself(scene, made, tmp_path):
    noisy = classify(scene, tmp_path / "o", "--engine", "distilled")
    easy = write_scene(tmp_path / "易")
    write_bands(easy / "影像.tif", seen(ground(), noise=100))
    clear = classify(easy, tmp_path / "p", "--engine", "distilled")

    assert (noisy.exit_code, codes_said(noisy)[-1]) == (2, "K05")
    assert not (tmp_path / "o").exists()
    assert clear.exit_code == 0, clear.output
    assert "K07" in codes_said(clear)


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("extra_trees", ["--set", "n_estimators=5", "--set", "criterion=entropy"]),
        ("hist_gradient_boosting", ["--set", "max_iter=1", "--set", "learning_rate=1.0"]),
        ("svm", ["--set", "C=10", "--layers", "dissimilarity"]),
        ("mlp", ["--set", "hidden_layer_sizes=16,8", "--set", "learning_rate_init=0.05"]),
    ],
)
def test_every_model_makes_a_map(model, settings, scene, tmp_path):
    words = [w for w in words_of(scene, tmp_path / "o") if w not in ("--set", "n_estimators=10")]

    done = command("classify", *words, "--model", model, *settings)

    assert done.exit_code == 0, done.output
    assert ("K01" in codes_said(done)) == (model != "extra_trees")  # what the kernel cannot take
    codes = read_codes(tmp_path / "o" / "land_cover.tif")
    assert set(np.unique(codes)) <= set(NAMES)
    assert (codes == ground()).mean() > 0.5


def test_settings_are_numbers_words_lists_and_truth(scene, tmp_path):
    said = ["n_estimators=20", "max_features=0.5", "criterion=entropy", "bootstrap=true",
            "hidden_layer_sizes=8,4", "max_depth=none"]  # fmt: skip

    request = classification_request(
        images=[scene / "影像.tif"], bands=BANDS, training=scene / "样本 面.shp",
        class_field="地类", year=2025, parameters=said,
    )  # fmt: skip

    assert request.classification.parameters == {
        "n_estimators": 20, "max_features": 0.5, "criterion": "entropy", "bootstrap": True,
        "hidden_layer_sizes": [8, 4], "max_depth": "none",
    }  # fmt: skip


def test_places_to_sample_next_are_ranked_where_the_need_is(scene, tmp_path):
    done = classify(scene, tmp_path / "o", "--layers", "next_samples,entropy")

    assert done.exit_code == 0, done.output
    chosen = gpd.read_file(tmp_path / "o" / "next_samples.gpkg")
    need = layer(tmp_path / "o", "next_samples")
    assert chosen["rank"].tolist() == list(range(1, len(chosen) + 1))
    assert (np.diff(chosen["need"]) <= 0).all()
    with rasterio.open(tmp_path / "o" / "next_samples.tif") as file:
        cols, rows = np.floor(~file.transform @ (chosen.geometry.x, chosen.geometry.y)).astype(int)
    np.testing.assert_allclose(need[rows, cols], chosen["need"], atol=1e-6)
    assert chosen["need"].iloc[0] == pytest.approx(np.nanmax(need), abs=1e-6)
    assert {"entropy.tif", "next_samples.tif"} <= {p.name for p in (tmp_path / "o").iterdir()}
    assert not (tmp_path / "o" / "probability.tif").exists()


def test_no_patch_is_smaller_than_the_mapping_unit(scene, made, tmp_path):
    assert classify(scene, tmp_path / "o", "--minimum-ha", 0.05).exit_code == 0

    before, after = (read_codes(f / "land_cover.tif") for f in (made[0], tmp_path / "o"))
    for code in np.unique(after):
        patches, count = ndimage.label(after == code)
        assert (np.bincount(patches.ravel())[1 : count + 1] >= 5).all()  # of 0.01 ha each
    rules = table(tmp_path / "o", "rules")
    assert set(rules.index) == {"mapping_unit"}
    assert rules["px"].sum() == (before != after).sum() > 0


def test_several_dates_are_told_apart_better_than_one(scene, made, tmp_path):
    words: list[object] = []
    for number, day in enumerate(("2025-04-10", "2025-07-20", "2025-10-05")):
        path = write_bands(tmp_path / f"影像 {day}.tif", seen(ground(), seed=number))
        words += ["--image", path, "--day", day]
    words += [*words_of(scene, tmp_path / "o")[2:], "--statistics", "median,p10"]

    done = command("classify", *words, "--indices", "ndvi", "--phenology", "ndvi")

    assert done.exit_code == 0, done.output
    names = set(table(tmp_path / "o", "importance").index)
    assert {f"{role}_{of}" for role in (*BANDS, "ndvi") for of in ("median", "p10")} <= names
    assert {"ndvi_peak_day", "ndvi_harmonic_amplitude"} <= names
    right = [(read_codes(f / "land_cover.tif") == ground()).mean() for f in (tmp_path / "o",
             made[0])]  # fmt: skip
    assert right[0] > right[1]


def test_pixels_that_the_quality_band_marks_are_no_data(scene, tmp_path):
    clouds = np.full((ROWS, COLS), 4, dtype=np.uint8)
    clouds[50:, :10] = 9
    quality = write_bands(tmp_path / "质量.tif", clouds[np.newaxis])

    done = classify(scene, tmp_path / "o", "--quality", quality, "--quality-scheme", "s2_scl")

    assert done.exit_code == 0, done.output
    np.testing.assert_array_equal(read_codes(tmp_path / "o" / "land_cover.tif") == 0, clouds == 9)
    assert np.isnan(layer(tmp_path / "o", "probability")[50:, :10]).all()


def test_training_points_and_codes_of_a_scheme_are_understood(scene, tmp_path):
    frame = places(words=SANDIAO)
    points = frame.set_geometry(frame.geometry.centroid)
    write_places(tmp_path / "样本点.gpkg", points)
    words = ["--training", tmp_path / "样本点.gpkg", "--scheme", "sandiao"]

    done = classify(scene, tmp_path / "o", *words)

    assert done.exit_code == 0, done.output
    counted = table(tmp_path / "o", "training")
    assert counted.loc[["LAK", "PAD", "BLF", "BLT"], "pixels"].tolist() == [6, 6, 6, 6]
    assert "G34" in codes_said(done)  # so few pixels are noted


# ---- made-up data -------------------------------------------------------------------------------


def test_what_is_made_of_a_made_up_image_says_so_and_what_is_not_does_not(made, tmp_path):
    scene = write_scene(tmp_path / "虚", tags={"SINKS_SYNTHETIC": "演示"})

    done = classify(scene, tmp_path / "o", "--layers", "next_samples,probability")

    assert "N20" in codes_said(done)
    for path in (tmp_path / "o").glob("*.tif"):
        with rasterio.open(path) as file:
            assert "合成" in file.tags()["SINKS_SYNTHETIC"], path.name
    marked = (tmp_path / "o" / "next_samples.gpkg").read_bytes()
    assert b"SINKS_SYNTHETIC" in marked
    with rasterio.open(made[0] / "land_cover.tif") as file:
        assert "SINKS_SYNTHETIC" not in file.tags()


# ---- stopped runs -------------------------------------------------------------------------------


def test_a_killed_run_goes_on_from_its_finished_blocks(tmp_path):
    scene = tmp_path / "大"
    scene.mkdir()
    codes = np.tile(ground(), (9, 26))[:512, :2048]  # 4 blocks
    write_bands(scene / "影像.tif", seen(codes))
    write_places(scene / "样本 面.shp", places(words=NAMES), encoding="GBK")
    out, whole = scene / "分类", scene / "一次"
    words = ["--set", "n_estimators=20", "--layers", "probability,entropy"]

    store = block_folder(out)
    running = subprocess.Popen(
        [sys.executable, "-m", "sinks.cli", "classify", *map(str, words_of(scene, out)), *words],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    while running.poll() is None and not list(store.glob("*.block")):
        time.sleep(0.002)
    running.send_signal(signal.SIGKILL)
    running.wait()
    kept = len(list(store.glob("*.block")))
    assert running.returncode == -signal.SIGKILL
    assert 0 < kept < 4
    assert not out.exists()

    told: list[tuple[int, int]] = []
    request = classification_request(
        images=[scene / "影像.tif"], bands=BANDS, scale=0.0001, training=scene / "样本 面.shp",
        class_field="地类", group_field="组", year=2025, folds=2,
        parameters=["n_estimators=20"], layers=("probability", "entropy"), statistics=("median",),
    )  # fmt: skip
    classify_files(request, out, progress=lambda done, total: told.append((done, total)))
    classify_files(request, whole)

    assert told[0] == (kept, 4)
    assert told[-1] == (4, 4)
    assert not store.exists()
    parts = [published(folder)["outputs"] for folder in (out, whole)]
    assert parts[0] == parts[1]


# ---- refusals -----------------------------------------------------------------------------------


def refused(words: list[object], folder: Path) -> list[str]:
    """Run words that must be refused; nothing may be left but locks."""
    before = {path for path in folder.rglob("*") if path.suffix != ".lock"}
    done = command("classify", *words)
    after = {path for path in folder.rglob("*") if path.suffix != ".lock"}
    assert done.exit_code == 2, done.output
    assert after == before
    assert "处理" in done.output
    return codes_said(done)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--day", "2025-04-10", "--day", "2025-07-20"], "J01"),
        (["--quality", "甲.tif", "--quality", "乙.tif", "--quality-scheme", "s2_scl"], "J01"),
        (["--set", "n_estimators"], "J02"),
        (["--set", "=5"], "J02"),
        (["--set", "hidden_layer_sizes=8,many"], "J02"),
        (["--set", "n_trees=5"], "G21"),
        (["--set", "n_estimators=many"], "G22"),
        (["--nodata", "nothing"], "C06"),
        (["--quality-scheme", "s2_scl"], "J23"),
        (["--layers", "probability,certainty"], "C06"),
        (["--bands", "blue,green"], "B01"),
        (["--bands", "blue,green,red,nir,infrared"], "B02"),
        (["--indices", "ndxi"], "B23"),
        (["--phenology", "ndvi"], "B26"),
        (["--class-field", "类型"], "V38"),
        (["--class-field", "组"], "G01"),
        (["--scheme", "三调"], "P07"),
        (["--training", "没有.gpkg"], "C09"),
        (["--image", "没有.tif"], "C09"),
    ],
)
def test_wrong_words_are_refused_and_leave_nothing_behind(words, code, scene, tmp_path):
    assert code in refused([*words_of(scene, tmp_path / "o"), *words], tmp_path)


def test_a_folder_that_is_not_ours_is_never_written_to(scene, tmp_path):
    own = tmp_path / "照片"
    own.mkdir()
    (own / "合影.jpg").write_bytes(b"x")

    assert refused(words_of(scene, own), own) == ["C12"]


def test_layers_that_a_model_cannot_give_are_refused_before_anything_is_trained(scene, tmp_path):
    words = words_of(scene, tmp_path / "成果")

    done = command("classify", *words, "--model", "svm", "--layers", "probability")

    assert (done.exit_code, codes_said(done)[-1]) == (2, "K02")
    assert not list(tmp_path.glob(".成果.blocks/*"))


def test_a_statistic_that_is_not_known_is_refused_even_for_one_image(scene, tmp_path):
    done = classify(scene, tmp_path / "成果", "--statistics", "meridian")

    assert (done.exit_code, codes_said(done)[-1]) == (2, "B27")


def test_points_in_a_table_say_their_system_in_an_option(scene, tmp_path):
    frame = places()
    points = frame.geometry.representative_point()
    rows = pd.DataFrame({"x": points.x, "y": points.y, "地类": frame["地类"], "组": frame["组"]})
    rows.to_csv(tmp_path / "样点.csv", index=False, encoding="utf-8-sig")
    words = ["--training", tmp_path / "样点.csv", "--training-crs", "EPSG:4549"]

    done = classify(scene, tmp_path / "成果", *words, "--set", "min_samples_leaf=1")

    assert done.exit_code == 0, done.output
    assert table(tmp_path / "成果", "training")["pixels"].sum() == len(frame)


def test_a_class_with_one_place_is_refused(scene, tmp_path):
    frame = places()
    lonely = frame[(frame["地类"] != "BLT") | ~frame["地类"].duplicated()]
    write_places(tmp_path / "样本.gpkg", lonely)

    words = [*words_of(scene, tmp_path / "o"), "--training", tmp_path / "样本.gpkg"]

    assert "G33" in refused(words, tmp_path)


def test_training_places_beside_the_image_are_refused(scene, tmp_path):
    frame = places()
    moved = gpd.GeoDataFrame(frame, geometry=frame.translate(5_000, 0), crs=CRS)
    write_places(tmp_path / "样本.gpkg", moved)

    found = refused([*words_of(scene, tmp_path / "o"), "--training", tmp_path / "样本.gpkg"],
                    tmp_path)  # fmt: skip

    assert found[-1].startswith("G")
