"""``sinks indicators`` and ``sinks ledger check`` as a clerk uses them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.workflow.planned import PLAN, write_plan
from tests.workflow.small import rectangle, write_layer
from tests.workflow.test_run import sinks


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("看板 (一)")
    study = write_plan(folder / "研究")
    done = sinks("run", study.file, "--out", folder / "成果")
    assert done.returncode == 0, done.stderr
    return folder / "成果"


def test_the_board_tells_figure_target_gap_need_outlook_and_evidence(result):
    done = sinks("indicators", result)

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "试验区：试验区，指标与目标",
        "含合成数据，仅供演示，不得用于管理决策",
    ]
    start = next(n for n, line in enumerate(lines) if "县乡生态河道覆盖率" in line)
    river = lines[start : start + 4]
    assert river[0] == ("× 未达到  县乡生态河道覆盖率  37.5 %，2025 年；目标：达到 70 %，2030 年")
    assert river[1].strip() == "差 32.5 个百分点（0.26 公里）；每年需 6.5 个百分点（0.05 公里）"
    assert "照现在的趋势，2030 年" in river[2]
    assert "证据：登记图层" in river[3]
    assert "超过 2 亩（0.13 公顷）；每年需 100 亩（6.67 公顷）" in done.stdout
    assert "5 年中 1 年达到" in done.stdout


def test_the_board_of_a_town_in_english_and_as_a_table(result, tmp_path):
    out = tmp_path / "西镇.csv"

    done = sinks("indicators", result, "--town", "西镇", "--csv", out, "--lang", "en")

    assert done.returncode == 0, done.stderr
    assert "√ met  ecological rivers of county and towns  75 %, 2025" in done.stdout
    assert "ahead by 5 points (0.02 km)" in done.stdout
    table = pd.read_csv(out, encoding="utf-8-sig").set_index("indicator")
    assert table.loc["ecological_river_rate", "gap"] == pytest.approx(-5, rel=1e-4)
    assert "green_cover_rate" not in table.index  # no built-up land there
    assert sinks("indicators", result, "--town", "001").returncode == 0


def test_a_town_that_is_not_there_and_a_folder_that_is_no_result_are_refused(result, tmp_path):
    unknown = sinks("indicators", result, "--town", "北镇")
    empty = sinks("indicators", tmp_path, "--lang", "en")

    assert (unknown.returncode, empty.returncode) == (2, 2)
    assert "SNK-F60" in unknown.stderr
    assert "001 西镇, 002 东镇" in unknown.stderr
    assert "SNK-C18" in empty.stderr


def write_ledger(folder: Path, **changed: list[object]) -> Path:
    """Write a ledger in the words of the demonstration: 1 ha of wetland in 2022, 2 ha in 2023."""
    columns: dict[str, list[object]] = {
        "id": ["P1", "P2"], "name": ["一期", "二期"], "type": ["退圩还湖", "退圩还湖"],
        "pre_class": ["PND", "PND"], "post_class": ["LAK", "LAK"], "year": [2022, 2023],
        "status": ["accepted", "accepted"], "accept_date": ["2022-06-01", "2023-06-01"],
        "doc_no": ["1号", "2号"], "area_mu": [15.0, 30.0],
    }  # fmt: skip
    shapes = [rectangle(0, 0, 100, 100), rectangle(100, 0, 200, 200)]
    write_layer(folder / "项目.gpkg", shapes, **(columns | changed))
    return folder / "项目.gpkg"


def test_a_ledger_without_faults_tells_its_progress(tmp_path):
    layer = write_ledger(tmp_path)

    done = sinks("ledger", "check", layer, "--field", "area=area_mu", "--area-unit", "mu")

    assert done.returncode == 0, done.stdout
    assert "湿地修复  2022 年：验收 1 个，1.00 公顷（15.0 亩）；累计 1.00 公顷" in done.stdout
    assert "湿地修复  2023 年：验收 1 个，2.00 公顷（30.0 亩）；累计 3.00 公顷" in done.stdout
    assert "可以计入；提示 0 条。" in done.stdout


def test_a_ledger_with_faults_lists_all_of_them_and_tells_no_progress(tmp_path):
    layer = write_ledger(tmp_path, id=["P1", "P1"], doc_no=["", "2号"], type=["退圩还湖", "开发"])

    done = sinks("ledger", "check", layer, "--field", "area=area_mu", "--lang", "en")

    assert done.returncode == 2
    for code in ("SNK-F52", "SNK-F53", "SNK-F56", "SNK-F57"):
        assert code in done.stdout
    assert "× 15" in done.stdout
    assert "Cannot be counted: 3 things" in done.stdout
    assert "accepted, 1.00 ha" not in done.stdout


def test_columns_of_other_names_are_told_or_refused(tmp_path):
    layer, renamed = write_ledger(tmp_path), tmp_path / "别名.gpkg"
    write_layer(
        renamed, [rectangle(0, 0, 100, 100)], 编号=["P1"], name=["一期"],
        type=["退圩还湖"], pre_class=["PND"], post_class=["LAK"], year=[2022],
        status=["accepted"], accept_date=["2022-06-01"], doc_no=["1号"],
    )  # fmt: skip

    told = sinks("ledger", "check", renamed, "--field", "id=编号")
    untold = sinks("ledger", "check", renamed)
    slip = sinks("ledger", "check", layer, "--field", "number=id")

    assert told.returncode == 0, told.stderr
    assert untold.returncode == 2
    assert "id" in untold.stderr
    assert "SNK-F61" in slip.stderr


def test_a_study_tells_fields_district_and_years(tmp_path):
    study = write_plan(tmp_path / "研究")

    done = sinks("ledger", "check", "--study", study.file)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "造林  2025 年：验收 1 个，6.80 公顷（102.0 亩）" in done.stdout
    assert "SNK-F58" in done.stdout  # what was enhanced lies half on what was restored


def test_without_a_ledger_there_is_nothing_to_check(tmp_path):
    study = write_plan(tmp_path / "研究", PLAN.replace('type_field = "类型"\n', ""))

    bare, lacking = sinks("ledger", "check"), sinks("ledger", "check", "--study", study.file)

    assert (bare.returncode, lacking.returncode) == (2, 2)
    assert "SNK-F62" in bare.stderr
    assert "type_field" in lacking.stderr
