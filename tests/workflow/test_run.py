"""A whole study by its command: figures by hand, and what happens on the second day."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sinks.errors import InputRefused
from sinks.publish import published
from sinks.study import Study
from sinks.workflow.run import run_study
from tests.workflow.small import LAK, STUDY, write_raster, write_study

ROOT = Path(__file__).resolve().parents[2]
ALL_HA = 48.0


def sinks(*words: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "sinks.cli", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("盐都 试验（一）")
    out = folder / "成果"
    done = sinks("run", write_study(folder / "数据"), "--out", out)
    assert done.returncode == 0, done.stderr
    return out


def tables(result: Path) -> dict[str, pd.DataFrame]:
    return {
        path.stem: pd.read_csv(path, dtype={"zone": str}, encoding="utf-8-sig")
        for path in (result / "results").glob("*.csv")
    }


def figure(frame: pd.DataFrame, column: str, **where: object) -> float:
    for name, wanted in where.items():
        frame = frame[frame[name] == wanted]
    assert len(frame) == 1
    return float(frame[column].iloc[0])


def test_areas_are_those_that_were_drawn(result):
    areas = tables(result)["areas"]

    def area_ha(year, zone, land_cover):
        return figure(areas, "area_ha", year=year, zone=zone, land_cover=land_cover)

    assert area_ha(2020, "district", "LAK") == pytest.approx(4, rel=1e-6)
    assert area_ha(2020, "001", "PAD") == pytest.approx(24 - 2, rel=1e-6)
    assert area_ha(2020, "002", "BLF") == pytest.approx(24 - 2, rel=1e-6)
    assert area_ha(2025, "002", "BLT") == pytest.approx(6, rel=1e-6)


def test_the_change_is_what_was_built(result):
    transitions = tables(result)["transitions"]
    built = figure(
        transitions, "area_ha", zone="district", land_cover="BLF", land_cover_after="BLT"
    )

    assert built == pytest.approx(6, rel=1e-6)


def test_rates_are_those_of_the_drawn_layers(result):
    indicators = tables(result)["indicators"]

    def rate(indicator, zone="district"):
        return figure(indicators, "value", zone=zone, indicator=indicator, year=2025)

    # 6 ha of arbor and 1650 scattered trees, which are 1 ha
    assert rate("tree_cover_rate") == pytest.approx(100 * (6 + 1) / ALL_HA, rel=1e-6)
    # lake 4 ha and river 2 ha are wetland by law, the aquaculture pond is not; 3 ha protected
    assert rate("wetland_protection_rate") == pytest.approx(100 * 3 / 6, rel=1e-6)
    assert rate("wetland_protection_rate", "002") == pytest.approx(100 * 1 / 2, rel=1e-6)
    assert rate("natural_wetland_protection_rate") == pytest.approx(100 * 3 / 6, rel=1e-6)


def test_the_stock_change_is_density_times_what_was_built(result):
    by_name = tables(result)
    densities = by_name["densities"]

    def density(land_cover):
        rows = densities[densities["land_cover"] == land_cover]
        return rows.loc[rows["pool"] != "sediment", "density_tc_per_ha"].sum()

    change = figure(by_name["stock_change"], "change_tc", zone="district")

    assert change == pytest.approx(6 * (density("BLT") - density("BLF")), rel=1e-6)
    assert figure(by_name["stock_change"], "common_ha", zone="district") == pytest.approx(ALL_HA)


def test_json_and_csv_hold_the_same_numbers(result):
    stored = json.loads((result / "results.json").read_text("utf-8"))

    for name, frame in tables(result).items():
        assert len(stored["tables"][name]["rows"]) == len(frame), name


def test_every_file_that_was_promised_is_there(result):
    record = json.loads((result / "run.json").read_text("utf-8"))

    names = set(record["outputs"])
    assert {"index.html", "workbook.xlsx", "results.gpkg", "results.json"} <= names
    assert {
        "rasters/carbon_density_2020.tif",
        "rasters/carbon_density_2025.tif",
        "rasters/carbon_change_2020_2025.tif",
    } <= names
    assert record["synthetic"] == ["land_cover.2025"]
    assert all(len(row["sha256"]) == 64 for row in record["inputs"])


def test_no_result_tells_the_folders_of_the_machine(result):
    for path in result.rglob("*"):
        if path.suffix in {".json", ".csv", ".html"}:
            assert str(result.parent) not in path.read_text("utf-8"), path.name


def test_a_second_run_says_that_all_is_up_to_date(result):
    before = {p: p.stat().st_mtime_ns for p in result.rglob("*")}

    done = sinks("run", result.parent / "数据" / "研究.toml", "--out", result)

    assert done.returncode == 0
    assert "最新" in done.stdout
    assert {p: p.stat().st_mtime_ns for p in result.rglob("*")} == before


def test_the_result_is_the_same_from_any_folder_and_with_any_threads(tmp_path):
    study = write_study(tmp_path / "数据")
    first = sinks("run", study, "--out", tmp_path / "甲")
    second = sinks("run", "数据/研究.toml", "--out", "乙", "--threads", 2, cwd=tmp_path)

    assert (first.returncode, second.returncode) == (0, 0)
    outputs = [published(tmp_path / name)["outputs"] for name in ("甲", "乙")]
    assert outputs[0].keys() == outputs[1].keys()
    for name, facts in outputs[0].items():
        if not name.endswith((".xlsx", ".gpkg")):  # these hold the time they were written
            assert facts == outputs[1][name], name


def test_a_changed_input_is_computed_again(tmp_path):
    study = Study.read(write_study(tmp_path / "数据"))
    run_study(study, tmp_path / "成果")
    import numpy as np

    write_raster(study.land_cover[1].path, np.full((30, 40), LAK, dtype=np.uint8))

    assert not run_study(study, tmp_path / "成果").reused
    assert run_study(study, tmp_path / "成果").reused


def test_a_refused_study_publishes_nothing_and_names_the_file(tmp_path):
    study = write_study(
        tmp_path / "数据", STUDY.replace('scheme = "house"', 'scheme = "worldcover"', 1)
    )

    done = sinks("run", study, "--out", tmp_path / "成果")

    assert done.returncode == 2
    assert "土地覆盖_2020.tif" in done.stderr
    assert "SNK-R20" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "成果").exists()


def test_a_district_beyond_its_map_is_refused(tmp_path):
    import geopandas as gpd

    from tests.workflow.small import rectangle

    study = write_study(tmp_path / "数据")
    gpd.GeoDataFrame(
        {"名称": ["试验区"]}, geometry=[rectangle(0, 0, 900, 600)], crs="EPSG:4549"
    ).to_file(tmp_path / "数据" / "图层" / "边界.gpkg")

    with pytest.raises(InputRefused) as refused:
        run_study(Study.read(study), tmp_path / "成果")

    assert refused.value.findings[0].code == "V34"


def test_english_speaks_english(tmp_path):
    done = sinks("run", write_study(tmp_path / "数据"), "--out", tmp_path / "out", "--lang", "en")

    assert done.returncode == 0
    assert "Open" in done.stdout
    assert "完成" not in done.stdout
