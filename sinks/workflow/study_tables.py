"""The tables of a study (CSV or Excel), each read as what it is."""

from __future__ import annotations

import pandas as pd

from sinks.errors import located
from sinks.sources.reported import read_reported
from sinks.sources.tables import Column, Table, read_table
from sinks.study import Study
from sinks.study_layers import RiverEvents, StatisticsSource, TableSource, TreeCount

_STATISTICS = {
    "input": Column(kind="text", names=("项目", "指标", "投入项")),
    "detail": Column(kind="text", required=False, names=("明细", "品种", "分项")),
    "zone": Column(kind="code", required=False, names=("单元", "单元编号", "乡镇代码")),
    "year": Column(kind="number", low=1900, high=2100, names=("年份",)),
    "value": Column(kind="number", required=False, names=("数值", "数量")),
    "unit": Column(kind="text", required=False, names=("单位", "计量单位")),
    "low": Column(kind="number", required=False, names=("下限", "95%下限")),
    "high": Column(kind="number", required=False, names=("上限", "95%上限")),
    "department": Column(kind="text", required=False, names=("部门", "来源部门", "填报部门")),
    "document": Column(kind="text", required=False, names=("文件", "依据文件", "出处")),
}


def read_study_table(source: TableSource) -> Table:
    """Read a table of a study by what it is.

    Raises
    ------
    InputRefused
        ``T02`` and following about cells; as :func:`sinks.sources.reported.read_reported`.
    """
    if isinstance(source, TreeCount):
        columns = {
            source.zone_field: Column(kind="code"),
            source.count_field: Column(kind="number", low=0),
        }
    elif isinstance(source, RiverEvents):
        distance = Column(kind="number", low=0, required=False)
        columns = {
            source.river_field: Column(kind="code"),
            source.from_field: distance,
            source.to_field: distance,
            source.status_field: Column(kind="text"),
            source.year_field: Column(kind="number", low=1900, high=2100, required=False),
            source.document_field: Column(kind="text", required=False),
        }
    elif isinstance(source, StatisticsSource):
        columns = _STATISTICS
    else:
        return read_reported(source.path, sheet=source.sheet, encoding=source.encoding)
    key = ("input", "detail", "zone", "year") if isinstance(source, StatisticsSource) else ()
    return read_table(
        source.path, columns=columns, key=key, sheet=source.sheet, encoding=source.encoding
    )


def read_town_shares(study: Study) -> dict[str, pd.Series]:
    """Return the shares of towns in percent that the study's table tells, by indicator.

    Rows that name no indicator are those of every indicator that has none of its own; they
    stand under the empty name.

    Raises
    ------
    InputRefused
        ``T02`` and following about cells.
    """
    path = study.plan.town_shares
    if path is None:
        return {}
    columns = {
        "indicator": Column(kind="text", required=False, names=("指标编号", "指标")),
        "zone": Column(kind="code", names=("单元", "乡镇代码", "代码")),
        "share_pct": Column(kind="number", low=0, high=100, names=("份额", "比例")),
    }
    with located(file=path, place="plan.town_shares"):
        table = read_table(path, columns=columns, key=("indicator", "zone"))
    frame = table.frame.assign(indicator=table.frame["indicator"].fillna(""))
    groups = frame.set_index("zone").groupby("indicator")["share_pct"]
    return {str(indicator): shares.astype(float) for indicator, shares in groups}
