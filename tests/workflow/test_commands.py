"""Commands as a technician types them: single steps, the doctor, help, and slips."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path

import pandas as pd
import pytest

from sinks.cli import main
from sinks.gases.rates import net_balance
from sinks.parameters.densities import carbon_densities
from sinks.parameters.gases import flux_rates, warming_potentials
from tests.workflow.small import STUDY, write_study
from tests.workflow.test_run import sinks

HELP = tomllib.loads(Path("sinks/help.toml").read_text("utf-8"))
COMMANDS = [name for name in HELP if name not in ("main", "options")]


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Path:
    return write_study(tmp_path_factory.mktemp("单步 '一'") / "数据#1")


def test_areas_and_stocks_chain_through_files(study, tmp_path):
    areas, stocks = tmp_path / "面积.csv", tmp_path / "碳储量.csv"
    zones = study.parent / "图层" / "乡镇.gpkg"
    raster = study.parent / "土地覆盖_2020.tif"

    first = sinks("areas", "--land-cover", raster, "--scheme", "house", "--zones", zones,
                  "--zone-id", "代码", "--out", areas)  # fmt: skip
    second = sinks("stocks", "--areas", areas, "--out", stocks)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    table = pd.read_csv(stocks, dtype={"zone": str}, encoding="utf-8-sig")
    paddy = table[(table["zone"] == "001") & (table["land_cover"] == "PAD")]
    held = carbon_densities(30).frame.loc["PAD", "density_tc_per_ha"]
    expected_tc = 22 * held[held.index != "sediment"].sum()
    assert paddy["stock_tc"].sum() == pytest.approx(expected_tc, rel=1e-6)


def test_areas_and_the_balance_chain_through_files(study, tmp_path):
    zones = ("--zones", study.parent / "图层" / "乡镇.gpkg", "--zone-id", "代码")
    before, after = (study.parent / f"土地覆盖_{year}.tif" for year in (2020, 2025))
    change, out = tmp_path / "变化 表.csv", tmp_path / "碳 '收支'"

    sinks("areas", "--land-cover", before, "--after", after, "--scheme", "house", *zones,
          "--out", change)  # fmt: skip
    done = sinks("carbon", "--areas", change, "--years-between", 5, "--out", out)

    assert done.returncode == 0, done.stderr
    table = pd.read_csv(out / "fluxes.csv", dtype={"zone": str}, encoding="utf-8-sig")
    paddy = table[(table["zone"] == "001") & (table["land_cover"] == "PAD")]
    a_hectare = net_balance(flux_rates()[0], warming_potentials("AR5")).loc["rice_wheat"]
    expected = 22 * a_hectare["net_sink_tco2e_per_ha_per_year"]
    assert paddy["net_sink_tco2e_per_year"].sum() == pytest.approx(expected, rel=1e-6)
    assert set(paddy["use_zh"]) == {"稻麦轮作"}
    for words in ("001  净排放", "AR5", "吨二氧化碳当量/年", "核算量，非可交易减排量"):
        assert words in done.stdout


def test_the_balance_asks_for_the_years_of_a_change(tmp_path):
    change = tmp_path / "变化.csv"
    change.write_text("zone,land_cover,land_cover_after,area_ha\n1,PAD,BLT,1\n", "utf-8")

    done = sinks("carbon", "--areas", change, "--out", tmp_path / "碳", "--lang", "en")

    assert done.returncode == 2
    assert "SNK-D14" in done.stderr
    assert "--years-between" in done.stderr
    assert not (tmp_path / "碳").exists()


def test_two_dates_give_class_to_class(study, tmp_path):
    out = tmp_path / "变化.csv"
    done = sinks("areas", "--land-cover", study.parent / "土地覆盖_2020.tif",
                 "--after", study.parent / "土地覆盖_2025.tif", "--scheme", "house",
                 "--zones", study.parent / "图层" / "乡镇.gpkg", "--zone-id", "代码",
                 "--out", out)  # fmt: skip

    assert done.returncode == 0, done.stderr
    table = pd.read_csv(out, dtype={"zone": str}, encoding="utf-8-sig")
    built = table[table["land_cover_after"] == "BLT"]
    assert built["area_ha"].sum() == pytest.approx(6, rel=1e-6)


def test_the_doctor_lists_every_input_of_a_study(study):
    done = sinks("doctor", study)

    assert done.returncode == 0, done.stdout
    for words in ("土地覆盖_2020.tif", "CGCS2000", "水田", "小班.shp", "GB18030", "可以运行"):
        assert words in done.stdout


def test_the_doctor_says_what_a_run_would_refuse(study, tmp_path):
    broken = tmp_path / "盐都 影像.tif"
    broken.write_bytes((study.parent / "土地覆盖_2020.tif").read_bytes()[:700])

    done = sinks("doctor", broken, "--json")

    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert report["refused"]
    assert report["inputs"][0]["findings"][0]["code"].startswith("SNK-R")


def test_the_doctor_answers_for_a_study_that_cannot_be_read(tmp_path):
    file = tmp_path / "研究.toml"
    file.write_text(STUDY.replace("scheme =", "schema =", 1), encoding="utf-8")

    done = sinks("doctor", file)

    assert done.returncode == 2
    assert "SNK-C01" in done.stdout


def test_every_command_that_exists_has_a_help_text_and_no_other():
    assert set(COMMANDS) == set(main.commands)
    assert {"classify", "sample", "assess", "fetch"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_has_help_with_examples(command, language):
    done = sinks(command, "--help", "--lang", language)

    assert done.returncode == 0
    assert f"sinks {command}" in done.stdout


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_examples_in_the_help_name_options_that_exist(language):
    for command in COMMANDS:
        shown = sinks(command, "--help").stdout
        for line in HELP[command][language].splitlines():
            if line.strip().startswith("sinks "):
                options = [w for w in shlex.split(line) if w.startswith("--")]
                assert all(option in shown for option in options), line


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_examples_in_the_help_are_complete_and_would_run(command, language):
    examples = [shlex.split(line) for line in HELP[command][language].splitlines()
                if line.strip().startswith("sinks ")]  # fmt: skip

    assert examples
    for _, name, *words in examples:
        # raises if an option is missing, unknown, or has a value that it cannot have
        assert main.commands[name].make_context(name, words).params


@pytest.mark.parametrize(
    "words",
    [
        ("areas", "--land-cover", "没有.tif", "--scheme", "house", "--zones", "z.gpkg",
         "--zone-id", "id", "--out", "o.csv"),
        ("areas", "--land-cover", "http://x/a.tif", "--scheme", "house", "--zones", "z.gpkg",
         "--zone-id", "id", "--out", "o.csv"),
        ("stocks", "--areas", "没有.csv", "--out", "o.csv"),
        ("carbon", "--areas", "没有.csv", "--out", "o"),
        ("run", "没有.toml", "--out", "o"),
        ("fetch", "没有.toml", "--out", "o"),
        ("assess", "--sample", "没有.gpkg", "--out", "o"),
        ("sample", "--map", "没有.tif", "--scheme", "house", "--size", "50", "--out", "o"),
    ],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_refused_in_words(words, tmp_path):
    done = sinks(*words, cwd=tmp_path)

    assert done.returncode == 2
    assert "SNK-C" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_scheme_that_is_not_known_is_refused_with_those_that_are(study, tmp_path):
    done = sinks("areas", "--land-cover", study.parent / "土地覆盖_2020.tif", "--scheme", "三调",
                 "--zones", study.parent / "图层" / "乡镇.gpkg", "--zone-id", "代码",
                 "--out", tmp_path / "o.csv")  # fmt: skip

    assert done.returncode == 2
    assert "sandiao" in done.stderr


def test_a_code_is_explained():
    assert "EPSG" in sinks("explain", "SNK-R01").stdout
