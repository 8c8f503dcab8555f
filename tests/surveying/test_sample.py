"""A sample by the command: how large, where, what interpreters see, and what is refused."""

from __future__ import annotations

import json
import math
import re
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from click.testing import Result

from sinks.publish import published
from sinks.sources.sample_files import read_sample
from tests.mapmaking.scene import (
    BANDS,
    BLF,
    BLT,
    KEYS,
    LAK,
    PAD,
    before_building,
    codes_said,
    command,
    ground,
    looked_up,
    mapped,
    place_at,
    seen,
    write_bands,
    write_codes,
)
from tests.workflow.small import write_layer
from tests.workflow.test_run import sinks

FILES = {"sample.gpkg", "to_label.gpkg", "label.html", "strata.csv", "run.json"}


@pytest.fixture(scope="module")
def maps(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("地图 '一'")
    write_codes(folder / "2020年.tif", mapped(before_building(), seed=1))
    write_codes(folder / "2025年.tif", mapped(ground(), seed=2))
    write_bands(folder / "影像.tif", seen(ground()))
    write_layer(folder / "边界.gpkg", [place_at(0, 0, 60, 30)], 名称=["西部"])
    return folder


@pytest.fixture(scope="module")
def drawn(maps) -> Path:
    """Draw a sample by the command itself, in a process of its own."""
    out = maps / "成果" / "样本（一）"
    done = sinks(
        "sample", "--map", maps / "2025年.tif", "--scheme", "house", "--size", 120,
        "--minimum", 20, "--image", maps / "影像.tif", "--bands", ",".join(BANDS),
        "--scale", 0.0001, "--out", out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"sinks assess --sample {out / 'sample.gpkg'}" in done.stdout
    return out


def sample(maps: Path, out: Path, *words: object) -> Result:
    return command(
        "sample", "--map", maps / "2025年.tif", "--scheme", "house", "--out", out, *words
    )


def page_facts(page: Path) -> dict[str, object]:
    """Return what the page knows: the JSON that stands in it."""
    blocks = re.findall(r"<script[^>]*json[^>]*>(.*?)</script>", page.read_text("utf-8"), re.S)
    facts = [found for block in blocks if "samples" in (found := json.loads(block))]
    assert len(facts) == 1
    return facts[0]


# ---- what is written ------------------------------------------------------------------------


def test_sample_page_and_strata_are_published(drawn):
    assert {path.name for path in drawn.iterdir()} == FILES
    record = published(drawn)
    assert record is not None
    assert set(record["inputs"]) == {"map", "image.1"}
    assert record["sample_hash"] == read_sample(drawn / "sample.gpkg").hash
    assert record["synthetic"] == []


def test_the_strata_are_the_classes_of_the_map_with_the_least_that_was_asked(maps, drawn):
    strata = pd.read_csv(drawn / "strata.csv", encoding="utf-8-sig").set_index("stratum")
    codes = mapped(ground(), seed=2)

    for code, key in KEYS.items():
        assert strata.loc[key, "population_px"] == (codes == code).sum()
    design = read_sample(drawn / "sample.gpkg").design
    sizes = design["stratum"].value_counts()
    assert sizes.sum() == 120
    assert sizes.min() == 20
    # weights add up to the map, and to each stratum
    weights = design.groupby("stratum")["weight_px"].sum()
    np.testing.assert_allclose(weights, strata["population_px"].reindex(weights.index))


def test_every_point_shows_the_class_that_its_design_says(drawn):
    told = read_sample(drawn / "sample.gpkg").design.set_index("sample")["map_class"]

    assert looked_up(drawn / "sample.gpkg", mapped(ground(), seed=2)).to_dict() == told.to_dict()


def test_what_interpreters_get_holds_no_design(drawn):
    assert [name for name, _ in pyogrio.list_layers(drawn / "to_label.gpkg")] == ["sample"]
    content = (drawn / "to_label.gpkg").read_bytes()
    for secret in (b"stratum", b"map_class", b"weight"):
        assert secret not in content


def test_the_page_tells_of_a_sample_only_where_it_lies(drawn):
    facts = page_facts(drawn / "label.html")

    assert len(facts["samples"]) == 120
    assert all(set(each) == {"id", "x", "y", "lon", "lat"} for each in facts["samples"])
    assert len(facts["chips"]) == 1
    html = (drawn / "label.html").read_text("utf-8")
    assert "样本判读" in html
    assert "stratum" not in html
    assert "map_class" not in html


def test_no_map_can_be_told_from_the_page(maps, tmp_path):
    """The same points on a map of quite other classes make the same page but for its hash."""
    swapped = np.zeros(256, dtype=np.uint8)
    swapped[[LAK, PAD, BLF, BLT]] = [BLT, LAK, PAD, BLF]
    write_codes(tmp_path / "2025年.tif", swapped[mapped(ground(), seed=2)])
    words = ["--design", "simple", "--size", 40]

    pages = []
    for folder in (maps, tmp_path):
        out = tmp_path / f"样本 {folder.name}"
        assert sample(folder, out, *words).exit_code == 0
        told = read_sample(out / "sample.gpkg")
        pages.append((out / "label.html").read_text("utf-8").replace(told.hash, "#"))

    assert pages[0] == pages[1]


# ---- how large and where ------------------------------------------------------------------------


def test_the_size_for_a_standard_error_is_that_of_olofsson_and_others(maps, tmp_path):
    done = sample(maps, tmp_path / "o", "--target-se-pct", 2, "--users-accuracy-pct", 85,
                  "--minimum", 2)  # fmt: skip

    assert done.exit_code == 0, done.output
    # eq. 13 of Olofsson et al. (2014) with one anticipated accuracy in all strata, and the
    # second term of the denominator, which counts on a map of 4800 pixels
    spread = 0.85 * 0.15
    expected = math.ceil(spread / (0.02**2 + spread / 4800))
    assert len(read_sample(tmp_path / "o" / "sample.gpkg")) == expected
    told_pct = float(re.search(r"标准误 ([\d.]+) 个百分点", done.output)[1])
    assert told_pct == pytest.approx(2, abs=0.01)


def test_within_a_boundary_points_and_population_are_inside(maps, tmp_path):
    words = ["--size", 60, "--minimum", 5, "--within", maps / "边界.gpkg"]

    assert sample(maps, tmp_path / "o", *words).exit_code == 0
    found = read_sample(tmp_path / "o" / "sample.gpkg")
    boundary = gpd.read_file(maps / "边界.gpkg").geometry.iloc[0]
    assert found.points.within(boundary).all()
    assert found.strata["population_px"].sum() == 60 * 30
    assert "within" in published(tmp_path / "o")["inputs"]


def test_two_dates_make_change_a_stratum_and_both_dates_are_labelled(maps, tmp_path):
    done = command(
        "sample", "--map", maps / "2020年.tif", "--after", maps / "2025年.tif",
        "--scheme", "house", "--years", "2020,2025", "--size", 100, "--minimum", 10,
        "--out", tmp_path / "o",
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    found = read_sample(tmp_path / "o" / "sample.gpkg")
    assert found.facts.dates == ("2020", "2025")
    assert {"label_1", "label_after_1"} <= set(found.points.columns)
    pairs = found.design[["map_class", "map_class_after"]]
    changed = pairs["map_class"] != pairs["map_class_after"]
    assert (changed == (found.design["stratum"] == "change")).all()
    assert changed.any()
    before, after = mapped(before_building(), seed=1), mapped(ground(), seed=2)
    counted = found.strata.groupby("stratum")["population_px"].sum()
    assert counted["change"] == (before != after).sum()
    assert page_facts(tmp_path / "o" / "label.html")["dates"] == ["2020", "2025"]


@pytest.mark.parametrize("design", ["simple", "stratified"])
def test_every_design_weighs_the_map_once(design, maps, tmp_path):
    assert sample(maps, tmp_path / "o", "--design", design, "--size", 90).exit_code == 0

    found = read_sample(tmp_path / "o" / "sample.gpkg")
    assert found.facts.kind == design
    assert found.design["weight_px"].sum() == pytest.approx(4800)


def test_a_systematic_sample_has_the_points_of_a_grid(maps, tmp_path):
    assert sample(maps, tmp_path / "o", "--design", "systematic", "--size", 90).exit_code == 0

    found = read_sample(tmp_path / "o" / "sample.gpkg")
    assert found.facts.kind == "systematic"
    apart_px = math.sqrt(found.design["weight_px"].iloc[0])
    assert apart_px == round(math.sqrt(4800 / 90))  # whole pixels
    rows, cols = 60 / apart_px, 80 / apart_px  # the start is random, so either may be rounded
    fewest, most = math.floor(rows) * math.floor(cols), math.ceil(rows) * math.ceil(cols)
    assert fewest <= len(found) <= most
    assert found.points["x"].nunique() <= math.ceil(cols)


def test_the_same_seed_draws_the_same_whatever_the_threads_and_another_draws_another(
    maps, tmp_path
):
    for name, words in {"甲": [], "乙": ["--threads", 2], "丙": ["--seed", 2]}.items():
        assert sample(maps, tmp_path / name, "--size", 50, "--minimum", 5, *words).exit_code == 0

    parts = {name: published(tmp_path / name)["outputs"] for name in "甲乙丙"}
    assert parts["甲"] == parts["乙"]
    assert read_sample(tmp_path / "甲/sample.gpkg").hash != read_sample(
        tmp_path / "丙/sample.gpkg").hash  # fmt: skip


def test_a_sample_of_a_made_up_map_says_so(tmp_path):
    write_bands(tmp_path / "2025年.tif", ground()[np.newaxis], tags={"SINKS_SYNTHETIC": "演示"})

    assert sample(tmp_path, tmp_path / "o", "--size", 40, "--minimum", 5).exit_code == 0

    assert read_sample(tmp_path / "o" / "sample.gpkg").facts.synthetic == ("2025年.tif",)
    assert published(tmp_path / "o")["synthetic"] == ["2025年.tif"]
    assert page_facts(tmp_path / "o" / "label.html")["banner"] is not None
    with sqlite3.connect(tmp_path / "o" / "to_label.gpkg") as base:
        told = [text for (text,) in base.execute("SELECT description FROM gpkg_contents")]
    base.close()
    assert all("SINKS_SYNTHETIC" in text for text in told)


# ---- refusals -----------------------------------------------------------------------------------


def test_a_sample_that_may_have_labels_is_never_overwritten(maps, drawn):
    before = {path: path.read_bytes() for path in drawn.iterdir()}

    done = sample(maps, drawn, "--size", 50)

    assert (done.exit_code, codes_said(done)) == (2, ["J04"])
    assert {path: path.read_bytes() for path in drawn.iterdir()} == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], "J03"),
        (["--size", 50, "--target-se-pct", 1], "J03"),
        (["--size", 50, "--years", "2020,2025"], "J05"),
        (["--size", 50, "--image", "影像.tif", "--image", "影像.tif"], "J05"),
        (["--size", 50, "--after", "2025年.tif"], "J05"),  # two dates of one name
        (["--size", 50, "--after", "2020年.tif", "--years", "2025,2025"], "J05"),
        (["--target-se-pct", 1, "--users-accuracy-pct", 100], "E05"),
        (["--size", 50, "--seed", -1], "E01"),
        (["--size", 50, "--within", "没有.gpkg"], "C09"),
        (["--size", 50, "--nodata", "nothing"], "C06"),
        (["--size", 50, "--scheme", "worldcover"], "R20"),
        (["--size", 50, "--image", "影像.tif"], "B06"),
        (["--size", 50, "--image", "影像.tif", "--bands", ",".join(BANDS)], "B07"),
    ],
)
def test_wrong_words_are_refused_and_leave_nothing_behind(words, code, maps, tmp_path):
    words = [maps / word if str(word).endswith(".tif") else word for word in words]

    done = sample(maps, tmp_path / "o", *words)

    assert done.exit_code == 2, done.output
    assert code in codes_said(done)
    assert [path for path in tmp_path.iterdir() if path.suffix != ".lock"] == []


def test_a_folder_that_is_not_ours_is_never_written_to(maps, tmp_path):
    (tmp_path / "合影.jpg").write_bytes(b"x")

    done = sample(maps, tmp_path, "--size", 50)

    assert (done.exit_code, codes_said(done)) == (2, ["C12"])
    assert [path.name for path in tmp_path.iterdir()] == ["合影.jpg"]
