"""A study that draws a sample: the same every time, and never written over once labelled."""

from __future__ import annotations

import geopandas as gpd
import pytest

from sinks.errors import InputRefused
from sinks.sources.sample_files import read_sample
from sinks.study import Study
from sinks.workflow.run import run_study
from tests.workflow.small import STUDY, write_study

DRAW = """
[[draws]]
id = "survey"
year_before = 2020
year = 2025
size = 60
minimum = 8
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("抽样")
    study = Study.read(write_study(folder / "研究", STUDY + DRAW))
    run_study(study, folder / "成果")
    return study, folder / "成果"


def test_the_sample_lies_in_the_district_with_its_page_and_nothing_that_tells_the_map(drawn):
    _, out = drawn
    sample = read_sample(out / "samples" / "survey" / "sample.gpkg")

    assert len(sample) >= 60
    assert sample.facts.dates == ("2020", "2025")
    assert set(sample.strata["stratum"]) == {"LAK", "PAD", "BLF", "change"}
    page = (out / "samples" / "survey" / "label.html").read_text("utf-8")
    assert sample.hash in page
    assert "stratum" not in page
    blind = gpd.read_file(out / "samples" / "survey" / "to_label.gpkg")
    assert not {"stratum", "map_class", "weight_px"} & set(blind.columns)


def test_the_same_study_draws_the_same_sample_again(drawn):
    study, out = drawn
    first = (out / "samples" / "survey" / "sample.gpkg").read_bytes()

    assert run_study(study, out).reused
    run_study(study, out, again=True)

    assert (out / "samples" / "survey" / "sample.gpkg").read_bytes() == first


def test_labels_that_stand_in_a_result_are_never_written_over(drawn, tmp_path):
    study, _ = drawn
    out = tmp_path / "成果"
    run_study(study, out)
    labelled = out / "samples" / "survey" / "to_label.gpkg"
    frame = gpd.read_file(labelled)
    frame.assign(label_1="BLF").to_file(labelled, layer="sample")

    with pytest.raises(InputRefused) as refused:
        run_study(study, out, again=True)

    assert refused.value.findings[0].code == "J04"
    assert (gpd.read_file(labelled)["label_1"] == "BLF").all()


def test_a_year_without_land_cover_cannot_be_sampled(tmp_path):
    text = STUDY + DRAW.replace("year_before = 2020", "").replace("2025", "2023")
    study = Study.read(write_study(tmp_path / "研究", text))

    with pytest.raises(InputRefused) as refused:
        run_study(study, tmp_path / "成果")

    assert refused.value.findings[0].code == "J09"
    assert refused.value.findings[0].place == "draws.survey"
