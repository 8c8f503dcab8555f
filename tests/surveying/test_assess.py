"""Labels come back by the command: figures by hand and by the estimator, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from click.testing import Result

from sinks.accuracy.assessment import assess as assessed
from sinks.parameters.legends import house_legend
from sinks.publish import published
from sinks.sources.sample_files import read_sample
from tests.mapmaking.scene import (
    before_building,
    codes_said,
    command,
    ground,
    looked_up,
    mapped,
    with_slips,
    write_bands,
    write_codes,
    write_labels,
)
from tests.workflow.test_run import sinks

TABLES = {
    "accuracy", "agreement", "area_covariance_ha2", "areas", "disputes", "error_matrix",
    "error_matrix_share", "strata",
}  # fmt: skip


@pytest.fixture(scope="module")
def scene(tmp_path_factory) -> Path:
    """A sample of a map, with the labels of two interpreters and of a third person."""
    folder = tmp_path_factory.mktemp("判读 '一'")
    write_codes(folder / "2025年.tif", mapped(ground(), seed=2))
    done = command("sample", "--map", folder / "2025年.tif", "--scheme", "house",
                   "--size", 160, "--minimum", 30, "--out", folder / "样本")  # fmt: skip
    assert done.exit_code == 0, done.output
    sample = folder / "样本" / "sample.gpkg"
    truth = looked_up(sample, ground())
    write_labels(folder / "甲.csv", sample, "张三", with_slips(truth, every=20))
    write_labels(folder / "乙.csv", sample, "李四", with_slips(truth, every=20, start=5))
    write_labels(folder / "丙.csv", sample, "王五", truth)
    return folder


@pytest.fixture(scope="module")
def judged(scene) -> Path:
    """Assess by the command itself, in a process of its own."""
    out = scene / "成果" / "精度（一）"
    done = sinks("assess", "--sample", scene / "样本" / "sample.gpkg",
                 "--labels", scene / "甲.csv", "--labels", scene / "乙.csv",
                 "--decided", scene / "丙.csv", "--out", out)  # fmt: skip
    assert done.returncode == 0, done.stderr
    (out.parent / "说.txt").write_text(done.stdout, encoding="utf-8")
    return out


def assess(scene: Path, out: Path, *words: object) -> Result:
    return command("assess", "--sample", scene / "样本" / "sample.gpkg", "--out", out, *words)


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", encoding="utf-8-sig")


def expected(scene: Path, labels: pd.Series):
    """Assess with the estimator itself, without the command and its files of labels."""
    sample = read_sample(scene / "样本" / "sample.gpkg")
    design = sample.design.assign(reference=labels.reindex(sample.design["sample"]).to_numpy())
    return assessed(design, sample.strata, list(house_legend().keys))


# ---- figures --------------------------------------------------------------------------------


def test_every_table_is_published_with_the_names_of_interpreters(judged):
    assert {path.name for path in judged.iterdir()} == {
        *(f"{name}.csv" for name in TABLES), "run.json",
    }  # fmt: skip
    record = published(judged)
    assert record is not None
    assert record["interpreters"] == ["张三", "李四"]
    assert set(record["inputs"]) == {"sample", "labels.1", "labels.2", "decided"}


def test_figures_are_those_of_the_estimator_on_what_the_third_person_settled(scene, judged):
    truth = looked_up(scene / "样本" / "sample.gpkg", ground())  # where both slipped is nowhere
    wanted = expected(scene, truth)

    areas = table(judged, "areas").set_index("land_cover")
    accuracy = table(judged, "accuracy").set_index(["measure", "land_cover"])
    for column in wanted.areas.select_dtypes("number"):
        assert areas[column].to_dict() == pytest.approx(wanted.areas[column].to_dict())
    for column in wanted.accuracy.select_dtypes("number"):
        assert accuracy[column].to_dict() == pytest.approx(wanted.accuracy[column].to_dict())


def test_areas_are_hectares_of_strata_times_shares_that_were_counted(scene, judged):
    design = read_sample(scene / "样本" / "sample.gpkg").design.set_index("sample")
    truth = looked_up(scene / "样本" / "sample.gpkg", ground())
    shares = pd.crosstab(design["stratum"], truth, normalize="index")
    stratum_ha = pd.Series(mapped(ground(), seed=2).ravel()).map(
        {1: "LAK", 4: "PAD", 7: "BLF", 14: "BLT"}
    ).value_counts() * 0.01  # fmt: skip

    by_hand = shares.mul(stratum_ha, axis=0).sum()
    estimated = table(judged, "areas").set_index("land_cover")["estimated_ha"]

    for key, hectares in by_hand.items():
        assert estimated[key] == pytest.approx(hectares, rel=1e-6)
    assert estimated.sum() == pytest.approx(48, rel=1e-6)


def test_disputes_are_listed_and_agreement_is_counted(scene, judged):
    disputes = table(judged, "disputes")
    agreement = table(judged, "agreement").set_index("land_cover")["agreement_pct"]

    slips = {*range(1, 161, 20), *range(6, 161, 20)}
    assert set(disputes["sample"]) == slips
    assert agreement["all"] == pytest.approx(100 * (160 - len(slips)) / 160)
    said = (judged.parent / "说.txt").read_text("utf-8")
    assert f"两位判读员一致 {agreement['all']:.1f} %，{len(slips)} 处不一致" in said


def test_the_overall_accuracy_is_said_with_its_interval(judged):
    row = table(judged, "accuracy").set_index("measure").loc["overall"]
    low, high = row["accuracy_low_pct"], row["accuracy_high_pct"]

    said = (judged.parent / "说.txt").read_text("utf-8")

    assert f"2025年：总体精度 {row['accuracy_pct']:.1f} %（{low:.1f}—{high:.1f}）" in said
    assert low < row["accuracy_pct"] < high


def test_rows_of_the_covariance_add_up_to_nothing(judged):
    covariance = table(judged, "area_covariance_ha2").set_index("land_cover").drop(columns="date")

    assert covariance.shape == (4, 4)
    assert covariance.sum(axis=1).abs().max() < 1e-9 * covariance.abs().to_numpy().max()


@pytest.mark.parametrize(("rule", "file"), [("first", "甲"), ("second", "乙")])
def test_a_rule_lets_one_interpreter_decide(rule, file, scene, tmp_path):
    both = ["--labels", scene / "甲.csv", "--labels", scene / "乙.csv"]

    done = assess(scene, tmp_path / "o", *both, "--where-different", rule)

    assert done.exit_code == 0, done.output
    told = pd.read_csv(scene / f"{file}.csv", encoding="utf-8-sig").set_index("sample")["label"]
    wanted = expected(scene, told).areas["estimated_ha"]
    areas = table(tmp_path / "o", "areas").set_index("land_cover")["estimated_ha"]
    assert areas.to_dict() == pytest.approx(wanted.to_dict())


def test_labels_may_stand_in_the_sample_file_itself(scene, tmp_path):
    copy = tmp_path / "样本" / "sample.gpkg"
    copy.parent.mkdir()
    copy.write_bytes((scene / "样本" / "sample.gpkg").read_bytes())
    truth = looked_up(copy, ground())
    points = gpd.read_file(copy, layer="sample")
    points["label_1"] = truth.reindex(points["sample"]).to_numpy()
    pyogrio.write_dataframe(points, copy, layer="sample", append=False)

    done = assess(tmp_path, tmp_path / "o")

    assert done.exit_code == 0, done.output
    areas = table(tmp_path / "o", "areas").set_index("land_cover")["estimated_ha"]
    wanted = expected(scene, truth).areas["estimated_ha"]
    assert areas.to_dict() == pytest.approx(wanted.to_dict())
    assert not (tmp_path / "o" / "agreement.csv").exists()


def test_two_dates_give_both_maps_and_the_change_between_them(tmp_path):
    write_codes(tmp_path / "前.tif", mapped(before_building(), seed=1, wrong=0.05))
    write_codes(tmp_path / "后.tif", mapped(ground(), seed=2, wrong=0.05))
    drawn = command("sample", "--map", tmp_path / "前.tif", "--after", tmp_path / "后.tif",
                    "--scheme", "house", "--years", "2020,2025", "--size", 200,
                    "--minimum", 10, "--out", tmp_path / "样本")  # fmt: skip
    assert drawn.exit_code == 0, drawn.output
    sample = tmp_path / "样本" / "sample.gpkg"
    truth = [looked_up(sample, codes) for codes in (before_building(), ground())]
    write_labels(tmp_path / "甲.csv", sample, "张三", *truth)

    done = assess(tmp_path, tmp_path / "o", "--labels", tmp_path / "甲.csv")

    assert done.exit_code == 0, done.output
    assert re.findall(r"^(.+)：总体精度", done.output, re.M) == ["2020", "2025", "变化"]
    areas = table(tmp_path / "o", "areas").set_index(["date", "land_cover"])
    built = areas.loc[("2025", "BLT")]
    assert built["estimated_low_ha"] <= 6 <= built["estimated_high_ha"]  # the strip that was built
    assert ("2020", "BLT") not in areas.index or areas.loc[("2020", "BLT"), "estimated_ha"] == 0
    change = areas.loc["change", "estimated_ha"]
    assert set(change.index[change > 0]) <= {"LAK>LAK", "PAD>PAD", "BLF>BLF", "BLF>BLT"}
    assert change.sum() == pytest.approx(48, rel=1e-6)


def test_a_made_up_map_is_named_where_its_accuracy_is_said(tmp_path):
    write_bands(tmp_path / "图.tif", ground()[None], tags={"SINKS_SYNTHETIC": "演示"})
    drawn = command("sample", "--map", tmp_path / "图.tif", "--scheme", "house", "--size", 40,
                    "--minimum", 5, "--out", tmp_path / "样本")  # fmt: skip
    assert drawn.exit_code == 0, drawn.output
    sample = tmp_path / "样本" / "sample.gpkg"
    write_labels(tmp_path / "甲.csv", sample, "张三", looked_up(sample, ground()))

    done = assess(tmp_path, tmp_path / "o", "--labels", tmp_path / "甲.csv")

    assert done.exit_code == 0, done.output
    assert published(tmp_path / "o")["synthetic"] == ["图.tif"]


# ---- refusals -----------------------------------------------------------------------------------


def refused(scene: Path, folder: Path, *words: object) -> list[str]:
    done = assess(scene, folder / "o", *words)
    assert done.exit_code == 2, done.output
    assert "处理" in done.output
    assert not (folder / "o").exists()
    return codes_said(done)


def of(scene: Path, *names: str) -> list[object]:
    return [word for name in names for word in ("--labels", scene / f"{name}.csv")]


@pytest.mark.parametrize(
    ("names", "words", "code"),
    [
        (["甲", "乙"], [], "E31"),  # disputes that nobody decided
        (["甲", "乙", "丙"], [], "J07"),
        (["甲", "甲"], [], "A06"),
        (["甲"], ["--decided", "丙.csv"], "J12"),
        (["甲"], ["--where-different", "first"], "J12"),
        (["没有"], [], "C09"),
        ([], [], "A05"),  # nobody has filled the sample in
    ],
)
def test_interpreters_who_do_not_fit_together_are_refused(names, words, code, scene, tmp_path):
    words = [scene / word if word.endswith(".csv") else word for word in words]

    assert code in refused(scene, tmp_path, *of(scene, *names), *words)


def test_one_place_that_the_third_person_left_open_is_refused(scene, tmp_path):
    decided = pd.read_csv(scene / "丙.csv", encoding="utf-8-sig", dtype=str)
    decided.loc[decided["sample"] == "21", "label"] = None  # the first interpreter slipped here
    decided.to_csv(tmp_path / "裁定.csv", index=False, encoding="utf-8-sig")

    words = [*of(scene, "甲", "乙"), "--decided", tmp_path / "裁定.csv"]
    found = assess(scene, tmp_path / "o", *words)

    assert codes_said(found) == ["E31"]
    assert "21" in found.output


def test_decisions_of_two_persons_in_one_file_are_refused(scene, tmp_path):
    told = pd.read_csv(scene / "丙.csv", encoding="utf-8-sig", dtype=str)
    two = told.drop(columns="interpreter").rename(columns={"label": "label_1"})
    two.assign(label_2=two["label_1"]).to_csv(tmp_path / "裁定.csv", index=False)

    words = [*of(scene, "甲", "乙"), "--decided", tmp_path / "裁定.csv"]

    assert refused(scene, tmp_path, *words) == ["J12"]


def test_a_blank_a_strange_word_and_labels_of_another_sample_are_refused(scene, tmp_path):
    told = pd.read_csv(scene / "甲.csv", encoding="utf-8-sig", dtype=str)
    blank, strange, other = told.copy(), told.copy(), told.assign(sample_hash="0" * 16)
    blank.loc[3, "label"] = None
    strange.loc[3, "label"] = "水稻田"
    for code, frame in {"A05": blank, "A04": strange, "A01": other}.items():
        frame.to_csv(tmp_path / f"{code}.csv", index=False, encoding="utf-8-sig")
        assert code in refused(scene, tmp_path, "--labels", tmp_path / f"{code}.csv")


def test_what_is_no_sample_is_refused(scene, tmp_path):
    files = {"V36": scene / "甲.csv", "A08": scene / "样本" / "to_label.gpkg"}
    for code, file in files.items():
        done = command("assess", "--sample", file, "--out", tmp_path / "o")
        assert (done.exit_code, codes_said(done)) == (2, [code])


def test_a_folder_that_is_not_ours_is_never_written_to(scene, tmp_path):
    (tmp_path / "合影.jpg").write_bytes(b"x")

    done = assess(scene, tmp_path, *of(scene, "甲"))

    assert (done.exit_code, codes_said(done)) == (2, ["C12"])
    assert [path.name for path in tmp_path.iterdir()] == ["合影.jpg"]


def test_a_damaged_sample_is_refused_and_never_raises(scene, tmp_path):
    whole = (scene / "样本" / "sample.gpkg").read_bytes()
    rng = np.random.default_rng(1)
    for number in range(60):
        content = np.frombuffer(whole, dtype=np.uint8).copy()
        places = rng.integers(0, len(content), 200)
        content[places] = rng.integers(0, 256, 200)
        damaged = tmp_path / f"{number}.gpkg"
        damaged.write_bytes(content.tobytes())

        done = command("assess", "--sample", damaged, *of(scene, "丙"), "--out", tmp_path / "o")

        assert done.exception is None or isinstance(done.exception, SystemExit)
        assert done.exit_code in (0, 2), done.output
