"""The small study with ecosystem accounts: a table of statistics short enough to add up by hand.

Ground as in :mod:`tests.workflow.small`: paddy 22 ha in the west, broadleaf forest 22 ha in
the east (16 ha in 2025, when 6 ha are built up), a lake of 4 ha, half of it in either town. A
park of 4 ha lies in the west: 2 ha of paddy, 2 ha of the lake.

============== ============================================================================
rice           200 t in 2020, 220 t in 2025; 2.5 and 3 yuan/kg, of which costs 2 and 2.4
timber         none in the west, 30 t in the east, in both years; 800 yuan/t, told for 2020
lake           holds 1 m between normal and flood level, once a year
COD            1 t enters the waters in 2020, 10 t in 2025: more than they can take up
tourists       10,000 and 12,000 visits, of them 4,000 and 5,000 in the park; 100 yuan a head in
               2020, 120 in 2025, half of it owed to nature
condition      the lake is clear to 0.7 m (0.2 m counts 0, 1.2 m counts 1), told for 2025
============== ============================================================================
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook

from sinks.study import Study
from sinks.workflow.accounts import StudyAccounts, account_tables
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.carbon import carbon_tables
from sinks.workflow.compute import area_tables, with_whole_map
from sinks.workflow.estimates import estimates
from sinks.workflow.inputs import input_files, read_inputs
from sinks.workflow.stands import stand_inventory
from sinks.workflow.study_tables import read_study_table
from tests.workflow.small import STUDY, rectangle, write_layer, write_study

ZONES = """
[[zones]]
path = "图层/公园.gpkg"
kind = "site"
id_field = "代码"
name_zh_field = "名称"
"""
ACCOUNTS = """
[accounts]
rule_set = "GBT46869"
base_year = 2020
hilly = false
coast = false
drifting_sand = false
"""
TOLD = """
[layers.statistics]
path = "统计.csv"
"""
ACCOUNTED = STUDY + ZONES + ACCOUNTS + TOLD
HEADINGS = ("项目", "明细", "单元", "年份", "数值", "单位", "下限", "上限", "部门", "文件")
RICE = (
    "产量,水稻,,2020,0.02,万吨,,,农业农村局,农1号",
    "产量,水稻,,2025,0.022,万吨,,,农业农村局,农2号",
    "单价,水稻,,2020,2.5,元/公斤,,,农业农村局,农3号",
    "单价,水稻,,2025,3,元/公斤,,,农业农村局,农4号",
    "生产成本,水稻,,2020,2,元/公斤,,,农业农村局,农5号",
    "成本（物质、人工、资本，不含地租）,水稻,,2025,2.4,元/公斤,,,农业农村局,农6号",
)
TIMBER = (
    "产量,木材,001,2020,0,吨,,,林业局,林1号",
    "产量,木材,002,2020,30,吨,,,林业局,林1号",
    "产量,木材,001,2025,0,吨,,,林业局,林2号",
    "产量,木材,002,2025,30,吨,,,林业局,林2号",
    "单价,木材,,2020,800,元/吨,,,林业局,林1号",
)
WEATHER = (
    "年降水量,,,2020,1200,毫米,,,气象局,",
    "降水量,,,2025,1000,mm,,,气象局,",
)
LEVELS = tuple(
    f"{name},,,{year},{value},{unit},,,水务局,"
    for year in (2020, 2025)
    for name, value, unit in (
        ("汛期最高蓄水位", 2, "米"),
        ("常水位", 1, "米"),
        ("堤顶（圩堤）高程", 3, "米"),
        ("年内调蓄次数", 1, "次"),
    )
)
WATERS = (
    "进入水体的污染物量,化学需氧量,,2020,1,吨,,,生态环境局,环1号",
    "入河量,COD,,2025,10,吨,,,生态环境局,环2号",
)
VISITORS = (
    "游客人次,,,2020,1,万人次,,,文广旅局,旅1号",
    "接待游客,,,2025,1.2,万人次,,,文广旅局,旅2号",
    "游客人次,,gy,2020,0.4,万人次,,,文广旅局,旅1号",
    "游客人次,,gy,2025,0.5,万人次,,,文广旅局,旅2号",
    "游客人均消费,,,2020,100,元,90,120,文广旅局,旅1号",
    "游客人均消费,,,2025,120,元,110,150,文广旅局,旅2号",
    "自然景观的贡献比例,,,2020,50,%,,,文广旅局,旅1号",
    "自然景观的贡献比例,,,2025,50,%,,,文广旅局,旅2号",
)
CONDITION = ("生态系统状况,water_transparency,,2025,0.7,m,,,生态环境局,环3号",)
ROWS = (*RICE, *TIMBER, *WEATHER, *LEVELS, *WATERS, *VISITORS, *CONDITION)


def write_accounted(
    folder: Path, text: str = ACCOUNTED, rows: Sequence[str] = ROWS, *, excel: bool = False
) -> Path:
    """Write the study and what it tells; return the study file."""
    file = write_study(folder, text)
    write_layer(
        folder / "图层" / "公园.gpkg",
        [rectangle(200, 200, 400, 400)],
        代码=["gy"],
        名称=["湖滨公园"],
    )
    write_statistics(folder / ("统计.xlsx" if excel else "统计.csv"), rows)
    return file


def write_statistics(path: Path, rows: Sequence[str]) -> Path:
    """Write rows of figures as CSV as Excel saves it, or as a workbook."""
    lines = [",".join(HEADINGS), *rows]
    if path.suffix == ".csv":
        path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
        return path
    book = Workbook()
    sheet = book.active
    for line in lines:
        sheet.append([_cell(text) for text in line.split(",")])
    book.save(path)
    return path


def _cell(text: str) -> object:
    """Return a number as one, and codes such as 001 as text."""
    number = text.replace(".", "", 1).isdigit() and not (text[0] == "0" and text.isdigit())
    return float(text) if number else text or None


def stored(result: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of a result with their index."""
    content: dict[str, Any] = json.loads((result / "results.json").read_text("utf-8"))
    return {
        name: pd.DataFrame(table["rows"], columns=table["columns"]).set_index(table["index"])
        for name, table in content["tables"].items()
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """Areas and carbon of the study: what its accounts stand on."""

    basis: CarbonBasis
    tables: Mapping[str, pd.DataFrame]


def ground_of(file: Path) -> Ground:
    """Work out areas and carbon of a study, without pages and sheets."""
    study = Study.read(file)
    inputs = read_inputs(study, input_files(study))
    zones = with_whole_map(inputs.zones, inputs.covers[0])
    stands = stand_inventory(study, inputs, zones)
    areas = area_tables(study, inputs, zones, stands)
    sampled = estimates(study, inputs, areas.by_name)
    carbon = carbon_tables(study, inputs, areas, stands, sampled)
    tables = {**areas.by_name, **sampled.tables, **carbon.tables}
    return Ground(basis=carbon.basis, tables=tables)


def told_on(ground: Ground, rows: Sequence[str] | None = ROWS, text: str = ACCOUNTED) -> Ground:
    """Return the same ground with another table of statistics and other words in the study."""
    folder = ground.basis.study.file.parent
    (folder / "另一.toml").write_text(text, encoding="utf-8")
    tables = dict(ground.basis.inputs.tables)
    tables.pop("statistics", None)
    if rows is not None:
        write_statistics(folder / "统计.csv", rows)
    study = Study.read(folder / "另一.toml")
    if study.layers.statistics is not None:
        tables["statistics"] = read_study_table(study.layers.statistics)
    inputs = replace(ground.basis.inputs, tables=tables)
    return replace(ground, basis=replace(ground.basis, study=study, inputs=inputs))


def accounts_on(
    ground: Ground, rows: Sequence[str] | None = ROWS, text: str = ACCOUNTED
) -> StudyAccounts:
    """Work out the accounts that other figures, or other words, give on the same ground."""
    here = told_on(ground, rows, text)
    return account_tables(here.basis.study, here.basis, here.tables)


def without(rows: Sequence[str], *words: str) -> tuple[str, ...]:
    """Leave out the rows that begin with one of some words."""
    return tuple(row for row in rows if not row.startswith(words))
