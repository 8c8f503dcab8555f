"""Samples as files and labels coming back: what agrees is merged, what does not is refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest

from sinks.accuracy.designs import Design
from sinks.accuracy.selection import draw, sampling_frame
from sinks.accuracy.strata import strata_of
from sinks.errors import Finding, InputRefused, Reaction
from sinks.reports.sample_file import write_sample
from sinks.sources.labels import read_labels
from sinks.sources.sample_files import SampleFacts, blind_sample, read_sample
from tests.maps.labelling_scene import LEGEND, SECRETS, drawn, facts, sample, strata
from tests.scenes import draw as picture

PLACES = [(1, 1), (2, 8), (5, 5)]
TWO = sample(PLACES)
ONE = sample(PLACES, two=False)


def page_csv(path: Path, rows: list[dict[str, object]], *, of=TWO, by: str = "张三") -> Path:
    """Write what the page writes, of some samples."""
    told = [{"sample_hash": of.hash, "interpreter": by, **row} for row in rows]
    path.write_bytes(("\ufeff" + pd.DataFrame(told).to_csv(index=False)).encode())
    return path


def both(*labels: str) -> list[dict[str, object]]:
    """Rows of the page: 'PAD>BLT' is before and after, of samples 1, 2, ..."""
    return [
        {"sample": n, "label": before, "label_after": after}
        for n, (before, _, after) in enumerate((each.partition(">") for each in labels), start=1)
    ]


def single(*labels: str) -> list[dict[str, object]]:
    return [{"sample": n, "label": label} for n, label in enumerate(labels, start=1)]


def refused(act: Callable[[], object]) -> list[Finding]:
    with pytest.raises(InputRefused) as refusal:
        act()
    return list(refusal.value.findings)


def refusal(code: str, act: Callable[[], object]) -> Finding:
    (finding,) = refused(act)
    assert finding.code == code
    assert finding.remedy("zh")
    return finding


# ---- the sample file -----------------------------------------------------------------------


def test_a_sample_drawn_on_a_map_comes_back_from_its_file_as_it_was(tmp_path):
    cover = picture("""
        F F G G W .
        F F G G W W
        F G G W W W
    """)
    design = Design(kind="stratified", seed=5, sizes={"forest": 2, "grass": 3, "water": 2})
    population = strata_of(cover)
    chosen = draw(population, design)
    told = SampleFacts(
        kind="stratified", seed=5, map_hash="0a" * 32, dates=("2020",), pixel=(100.0, 100.0)
    )

    written = write_sample(
        chosen, sampling_frame(population, design, chosen), tmp_path / "样本.gpkg", facts=told
    )
    read = read_sample(tmp_path / "样本.gpkg")

    assert read.hash == written.hash
    assert read.facts == told
    assert len(read) == 7
    pd.testing.assert_frame_equal(read.design, written.design, check_dtype=False)
    pd.testing.assert_frame_equal(read.strata, written.strata, check_dtype=False)
    np.testing.assert_array_equal(read.points[["x", "y"]], chosen[["x", "y"]])
    np.testing.assert_array_equal(read.design["weight_px"], chosen["weight_px"])
    assert read.points.crs == chosen.crs


def test_points_say_nothing_of_the_design_and_a_blind_file_has_none(tmp_path):
    write_sample(drawn(PLACES), strata(), tmp_path / "a.gpkg", facts=facts())
    points = gpd.read_file(tmp_path / "a.gpkg", layer="sample")
    assert list(points.columns) == [
        "sample", "x", "y", "lon", "lat", "label_1", "label_2", "label_after_1", "label_after_2",
        "note", "sample_hash", "geometry",
    ]  # fmt: skip
    assert points[["label_1", "label_after_2", "note"]].isna().all(axis=None)

    write_sample(drawn(PLACES), strata(), tmp_path / "b.gpkg", facts=facts(), blind=True)
    content = (tmp_path / "b.gpkg").read_bytes()
    assert not any(secret.encode() in content for secret in SECRETS)


def test_one_sample_gives_one_file_byte_for_byte(tmp_path):
    contents = []
    for name in ("a", "b"):
        write_sample(drawn(PLACES), strata(), tmp_path / f"{name}.gpkg", facts=facts())
        contents.append((tmp_path / f"{name}.gpkg").read_bytes())
    assert contents[0] == contents[1]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.gpkg", "b.gpkg"]


@pytest.mark.parametrize("made_up", [(), ("影像",)])
def test_every_table_says_whether_it_is_made_up(tmp_path, made_up):
    path = tmp_path / "a.gpkg"
    write_sample(drawn(PLACES), strata(), path, facts=facts(synthetic=made_up))
    with sqlite3.connect(path) as base:
        told = [text for (text,) in base.execute("SELECT description FROM gpkg_contents")]
    base.close()
    assert len(told) == 4
    assert [("SINKS_SYNTHETIC" in text) for text in told] == [bool(made_up)] * 4


def test_the_hash_knows_points_seed_map_and_dates():
    base = facts()
    others = [
        blind_sample(drawn([*PLACES[:2], (6, 6)]), strata(), base),
        *(
            blind_sample(drawn(PLACES), strata(), replace(base, **change))
            for change in ({"seed": 8}, {"map_hash": "00" * 32}, {"dates": ("2018", "2024")})
        ),
    ]
    assert len({TWO.hash, *(each.hash for each in others)}) == 5


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lambda d: d.drop(columns="weight_px"), "weight_px", id="no weight"),
        pytest.param(lambda d: d.drop(columns="map_class_after"), "after", id="no second class"),
        pytest.param(lambda d: d.assign(sample=1), "sample", id="ids twice"),
        pytest.param(lambda d: d.assign(x=np.nan), "x, y", id="no place"),
        pytest.param(lambda d: d.assign(stratum="other"), "other", id="an unknown stratum"),
        pytest.param(lambda d: d.set_crs(None, allow_override=True), "CRS", id="no CRS"),
        pytest.param(lambda d: d.iloc[:0], "0", id="no sample"),
    ],
)
def test_a_sample_that_is_not_complete_is_not_written(tmp_path, spoil, why):
    spoiled = spoil(drawn(PLACES))
    found = refusal(
        "A09", lambda: write_sample(spoiled, strata(), tmp_path / "a.gpkg", facts=facts())
    )
    assert why in found.found("zh")
    assert list(tmp_path.iterdir()) == []


def test_facts_without_a_date_or_a_pixel_are_refused():
    refusal("A09", lambda: replace(facts(), dates=()))
    refusal("A09", lambda: replace(facts(), pixel=(0.0, 10.0)))


def changed(path: Path, statement: str) -> Path:
    """Change a sample file the way another program would."""
    write_sample(drawn(PLACES), strata(), path, facts=facts())
    base = sqlite3.connect(path)
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
        base.execute(f'DROP TRIGGER "{name}"')  # they call functions of GDAL
    base.execute(statement)
    base.commit()
    base.close()
    return path


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM sample WHERE sample = 2", id="a point is gone"),
        pytest.param("UPDATE sample SET x = x + 1 WHERE sample = 2", id="a place was changed"),
        pytest.param(
            "UPDATE sample SET geom = (SELECT geom FROM sample WHERE sample = 1) WHERE sample = 2",
            id="a point was moved",
        ),
        pytest.param("UPDATE design SET sample = 9 WHERE sample = 2", id="the design was changed"),
        pytest.param("UPDATE facts SET content = 'x' WHERE name = 'seed'", id="facts are broken"),
    ],
)
def test_a_sample_that_was_changed_is_refused(tmp_path, statement):
    path = changed(tmp_path / "a.gpkg", statement)
    refusal("A08", lambda: read_sample(path))


def test_labels_filled_in_meanwhile_do_no_harm_to_the_sample(tmp_path):
    path = changed(tmp_path / "a.gpkg", "UPDATE sample SET label_1 = 'PAD', note = '塘'")
    assert read_sample(path).hash == TWO.hash


def test_a_file_that_is_no_sample_or_has_no_design_is_refused(tmp_path):
    write_sample(drawn(PLACES), strata(), tmp_path / "blind.gpkg", facts=facts(), blind=True)
    assert "design" in refusal("A08", lambda: read_sample(tmp_path / "blind.gpkg")).found("en")
    (tmp_path / "a.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    refusal("A08", lambda: read_sample(tmp_path / "a.geojson"))


# ---- labels --------------------------------------------------------------------------------


def test_two_interpreters_are_merged_by_sample(tmp_path):
    first = page_csv(tmp_path / "a.csv", both("PAD>BLT", "LAK>LAK", "MAR>MAR"))
    second = page_csv(tmp_path / "b.csv", both("PAD>PAD", "LAK>RIV", "MAR>MAR")[::-1], by="李四")

    labels = read_labels([first, second], sample=TWO, legend=LEGEND)

    assert labels.interpreters == ("张三", "李四")
    assert labels.frame.to_dict("list") == {
        "sample": [1, 2, 3],
        "label_1": ["PAD", "LAK", "MAR"],
        "label_after_1": ["BLT", "LAK", "MAR"],
        "label_2": ["PAD", "LAK", "MAR"],
        "label_after_2": ["PAD", "RIV", "MAR"],
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [("PAD", "PAD"), (" pad ", "PAD"), ("3", "PAD"), ("３", "PAD"), ("水田", "PAD"),
     ("Paddy", "PAD"), ("旱地水浇地", "DRY"), ("dry  cropland", "DRY")],
)  # fmt: skip
def test_a_class_is_known_by_key_code_and_name(tmp_path, written, meant):
    path = page_csv(tmp_path / "a.csv", single(written, "LAK", "LAK"), of=ONE)
    assert read_labels(path, sample=ONE, legend=LEGEND).frame.loc[0, "label_1"] == meant


def test_a_name_that_two_classes_share_is_not_guessed(tmp_path):
    twins = replace(
        LEGEND, classes=tuple(replace(c, zh="水体") if c.code < 3 else c for c in LEGEND.classes)
    )
    path = page_csv(tmp_path / "a.csv", single("水体", "LAK", "RIV"), of=ONE)
    refusal("A04", lambda: read_labels(path, sample=ONE, legend=twins))


def test_a_geopackage_filled_in_qgis_is_read(tmp_path):
    path = tmp_path / "a.gpkg"
    write_sample(drawn(PLACES, two=False), strata(), path, facts=facts(two=False))
    points = gpd.read_file(path, layer="sample")
    points["label_1"], points["note"] = ["PAD", "水田", "3"], ["清楚", None, None]
    pyogrio.write_dataframe(points, tmp_path / "filled.gpkg", layer="sample")

    labels = read_labels(tmp_path / "filled.gpkg", sample=read_sample(path), legend=LEGEND)

    assert labels.frame["label_1"].tolist() == ["PAD"] * 3
    assert "label_2" not in labels.frame  # nobody has begun
    assert labels.interpreters == ("filled.gpkg 1",)


def test_a_workbook_with_two_interpreters_is_read_codes_as_numbers_too(tmp_path):
    told = {"sample": [1, 2, 3], "label_1": [3, 1, 6], "label_2": ["水田", "湖泊", "芦苇沼泽"]}
    pd.DataFrame(told).assign(sample_hash=ONE.hash).to_excel(tmp_path / "判读.xlsx", index=False)

    labels = read_labels(tmp_path / "判读.xlsx", sample=ONE, legend=LEGEND)

    assert labels.frame["label_1"].tolist() == ["PAD", "LAK", "MAR"]
    assert labels.frame["label_2"].tolist() == ["PAD", "LAK", "MAR"]


def test_notes_and_confidence_come_along_and_lose_their_guard(tmp_path):
    rows = [{**row, "confidence": "low", "note": "'=1+1"} for row in single("PAD", "PAD", "PAD")]
    labels = read_labels(page_csv(tmp_path / "a.csv", rows, of=ONE), sample=ONE, legend=LEGEND)
    assert labels.frame.loc[0, ["confidence_1", "note_1"]].tolist() == ["low", "=1+1"]


def test_labels_of_another_sample_are_refused(tmp_path):
    path = page_csv(tmp_path / "a.csv", both("PAD>PAD"), of=ONE)
    found = refusal("A01", lambda: read_labels(path, sample=TWO, legend=LEGEND))
    assert ONE.hash in found.found("zh")
    assert TWO.hash in found.found("zh")


def test_ids_that_the_sample_does_not_have_are_refused(tmp_path):
    path = page_csv(tmp_path / "a.csv", [*both("PAD>PAD"), {"sample": 77, "label": "PAD"}])
    assert "77" in refusal("A02", lambda: read_labels(path, sample=TWO, legend=LEGEND)).found("zh")


def test_an_id_given_twice_is_refused(tmp_path):
    path = page_csv(tmp_path / "a.csv", both("PAD>PAD", "LAK>LAK", "LAK>LAK") + both("RIV>RIV"))
    found = refusal("A03", lambda: read_labels(path, sample=TWO, legend=LEGEND))
    assert found.facts["samples"] == ["1"]


def test_a_label_that_is_no_class_is_refused_with_the_nearest(tmp_path):
    path = page_csv(tmp_path / "a.csv", both("芦苇沼>PAD", "PAD>PAD", "芦苇沼>XYZ"))

    first, second = refused(lambda: read_labels(path, sample=TWO, legend=LEGEND))

    assert (first.code, first.place, first.facts["count"]) == ("A04", "label", 2)
    assert (first.facts["near"], first.facts["samples"]) == ("芦苇沼泽", ["1", "3"])
    assert (second.place, second.facts["label"]) == ("label_after", "XYZ")


def test_blanks_are_counted_and_asked_about_and_noted_where_the_answer_is_keep(tmp_path):
    path = page_csv(tmp_path / "a.csv", both("PAD>", "LAK>LAK"))  # sample 3 has no row

    before, after = refused(lambda: read_labels(path, sample=TWO, legend=LEGEND))
    assert [before.code, after.code] == ["A05", "A05"]
    assert (before.facts["samples"], before.facts["total"]) == (["3"], 3)
    assert after.facts["samples"] == ["1", "3"]
    assert before.reaction == Reaction.ASK

    kept = read_labels(path, sample=TWO, legend=LEGEND, blanks="keep")
    assert kept.frame["label_after_1"].isna().tolist() == [True, False, True]
    assert [f.reaction for f in kept.findings if f.code == "A05"] == [Reaction.NOTE] * 2


def test_a_file_without_any_label_is_all_blank(tmp_path):
    path = page_csv(tmp_path / "a.csv", [{"sample": n} for n in (1, 2, 3)], of=ONE)
    found = refusal("A05", lambda: read_labels(path, sample=ONE, legend=LEGEND))
    assert found.facts["count"] == 3


def test_one_interpreter_given_twice_is_refused(tmp_path):
    paths = [
        page_csv(tmp_path / name, both("PAD>PAD", "LAK>LAK", "LAK>LAK"))
        for name in ("a.csv", "b.csv")
    ]
    found = refusal("A06", lambda: read_labels(paths, sample=TWO, legend=LEGEND))
    assert "a.csv" in found.found("zh")


def test_several_interpreters_in_one_list_are_refused(tmp_path):
    rows = [{**row, "interpreter": f"{n}号"} for n, row in enumerate(both("PAD>PAD", "LAK>LAK"))]
    path = page_csv(tmp_path / "a.csv", rows)
    refusal("A07", lambda: read_labels(path, sample=TWO, legend=LEGEND))


def test_a_geopackage_without_ids_is_refused(tmp_path):
    frame = gpd.GeoDataFrame({"label_1": ["PAD"]}, geometry=drawn(PLACES).geometry[:1])
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg", layer="sample")
    refusal("A08", lambda: read_labels(tmp_path / "a.gpkg", sample=TWO, legend=LEGEND))
