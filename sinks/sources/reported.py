"""The table of indicators that departments report, CSV or Excel, through the gate for tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sinks.errors import refuse_if_stopped
from sinks.indicators.reported import COLUMNS, reported_findings
from sinks.sheets.cells import folded
from sinks.sources.tables import Column, Table, read_table

_KINDS = {
    "hold": ("保持", "稳定在", "稳定"),
    "at_least": ("不低于", "保持在以上", "以上"),
    "reach": ("达到", "达"),
    "cumulative": ("累计",),
    "per_year": ("每年", "年度"),
}
_UNITS = {
    "%": ("％", "百分比", "percent", "pct"),
    "ha": ("公顷", "hm2", "hm²"),
    "mu": ("亩",),
    "m2": ("平方米", "m²", "㎡"),
    "km2": ("平方公里", "平方千米", "km²"),
    "km": ("公里", "千米"),
}
_NAMES = {
    "indicator": ("指标编号", "指标代码"),
    "name": ("指标", "指标名称"),
    "name_en": ("英文名称",),
    "zone": ("统计单元", "单元编号", "乡镇代码"),
    "value": ("数值", "完成值", "现状值"),
    "unit": ("单位", "计量单位"),
    "year": ("年份", "数据年份"),
    "numerator": ("分子",),
    "denominator": ("分母",),
    "part_unit": ("分子分母单位",),
    "department": ("部门", "责任部门", "填报部门"),
    "document": ("文件", "依据文件", "文号"),
    "target": ("目标值", "目标"),
    "target_year": ("目标年份",),
    "kind": ("目标方式", "目标类型"),
    "target_document": ("目标文件", "目标出处"),
}
_NUMBERS = ("value", "numerator", "denominator", "target")
_REQUIRED = ("indicator", "name", "unit")
_YEARS = ("year", "target_year")


def read_reported(
    path: Path | str, *, sheet: str | None = None, encoding: str | None = None
) -> Table:
    """Read reported indicators: each row a figure of one year, a target, or both.

    Returns
    -------
    Table
        ``frame`` with the columns of :data:`sinks.indicators.reported.COLUMNS`, kinds of
        targets and common units in house terms, indexed by row of the sheet; ``findings``
        hold what was noted (``F46``, ``F47``, ``F49``, ``F50``).

    Raises
    ------
    InputRefused
        ``T02`` and following about cells, and a figure told twice for one year; ``F44``,
        ``F45``, ``F48``, ``F51`` about meaning.
    """
    columns = {name: _column(name) for name in COLUMNS}
    key = ("indicator", "zone", "year")
    table = read_table(path, columns=columns, key=key, sheet=sheet, encoding=encoding)
    frame = table.frame.assign(
        kind=_in_house_terms(table.frame["kind"], _KINDS),
        unit=_in_house_terms(table.frame["unit"], _UNITS),
        part_unit=_in_house_terms(table.frame["part_unit"], _UNITS),
    )
    noted = refuse_if_stopped(reported_findings(frame, file=table.file))
    return Table(
        frame=frame,
        findings=(*table.findings, *noted),
        file=table.file,
        sheet=table.sheet,
        encoding=table.encoding,
    )


def _column(name: str) -> Column:
    names, required = _NAMES[name], name in _REQUIRED
    if name in _YEARS:
        return Column("number", required=False, low=1900, high=2100, names=names)
    if name in _NUMBERS:
        return Column("number", required=False, names=names)
    return Column("code" if name == "zone" else "text", required=required, names=names)


def _in_house_terms(texts: pd.Series, terms: dict[str, tuple[str, ...]]) -> pd.Series:
    """Return the house key of each text that has one; other texts stay as they are."""
    keys = {folded(word): key for key, words in terms.items() for word in (key, *words)}
    return texts.map(lambda text: keys.get(folded(text), text), na_action="ignore")
