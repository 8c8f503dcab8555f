"""The table of statistics: what each row means, in the unit of accounts, with its interval."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from sinks.errors import Finding, refuse_if_stopped
from sinks.parameters.accounts import (
    account_inputs,
    account_items,
    account_products,
    statistic_units,
)
from sinks.parameters.labels import labels
from sinks.parameters.legends import house_legend
from sinks.sheets.cells import folded
from sinks.sources.tables import Table

POLLUTANTS = {
    "so2": ("二氧化硫", "SO2", "sulphur dioxide"),
    "nox": ("氮氧化物", "NOx", "nitrogen oxides"),
    "dust": ("颗粒物", "粉尘", "烟尘", "dust"),
    "cod": ("化学需氧量", "COD"),
    "nh3n": ("氨氮", "NH3-N"),
    "tp": ("总磷", "TP"),
}
CONDITION = "condition"  # its range are the levels that it is judged by
COLUMNS = ["argument", "detail", "zone", "year", "value", "low", "high"]
_LISTED = 10


def statistics(
    table: Table, zones: Collection[str], parts: Collection[str], district: str
) -> pd.DataFrame:
    """Return the rows of a table of statistics in the terms of accounts.

    Parameters
    ----------
    zones
        Ids of all zones; ``parts`` of those that make up the district.

    Returns
    -------
    pandas.DataFrame
        Rows that tell a value, indexed by row of the sheet: :data:`COLUMNS` (``zone`` is the
        district's id where the cell is blank), ``kind`` (amount, figure, price), ``source``.

    Raises
    ------
    InputRefused
        ``S50`` an item that is not known, ``S51`` a unit, ``S52`` a detail, ``S53`` a zone,
        ``S56`` a value beyond what is possible, ``S57`` a price or figure for a zone that is
        part of the district, ``S58`` a range that does not hold its value, ``T02`` a figure
        that two rows tell in different words.
    """
    inputs = account_inputs()
    meant = _meanings(inputs)
    filled = table.frame[table.frame["value"].notna()]  # a row left blank tells nothing
    frame = filled.assign(argument=filled["input"].map(lambda text: meant.get(folded(text))))
    unknown = list(_unknown(table, frame[frame["argument"].isna()], meant))
    frame = frame[frame["argument"].notna()]
    frame = frame.assign(
        written=frame["detail"],
        kind=frame["argument"].map(inputs["kind"]),
        detail=pd.Series(
            [_detail(row, inputs) for row in frame.to_dict("records")], frame.index, dtype=object
        ),
        zone=frame["zone"].fillna(district),
    )
    frame["factor"] = [_factor(row, inputs) for row in frame.to_dict("records")]
    faults = _all_faults(table, frame, inputs, (set(zones), set(parts)))
    refuse_if_stopped([*unknown, *faults])
    frame = frame.assign(year=frame["year"].astype(int))
    error = frame["argument"].map(inputs["error_pct"]) / 100
    value = frame["value"] * frame["factor"]
    spread = (value.abs() * error).where(frame["argument"] != CONDITION)
    return frame.assign(
        value=value,
        low=(frame["low"] * frame["factor"]).fillna(value - spread),
        high=(frame["high"] * frame["factor"]).fillna(value + spread),
        source=[_source(table, row) for row in frame.reset_index().to_dict("records")],
    )[[*COLUMNS, "kind", "source"]]


def _unknown(table: Table, rows: pd.DataFrame, meant: Mapping[str, str]) -> Iterator[Finding]:
    """Say which items are not known, each with the one that it is nearest to."""
    if rows.empty:
        return
    shown = []
    for text in dict.fromkeys(rows["input"]):
        near = difflib.get_close_matches(folded(text), list(meant), n=1, cutoff=0.4)
        shown.append(f"{text} → {near[0]}?" if near else str(text))
    place = f"row {', '.join(map(str, rows.index[:_LISTED]))}"
    facts = {"rows": shown[:_LISTED], "count": len(rows)}
    yield Finding(code="S50", file=str(table.file), place=place, facts=facts)


def _meanings(inputs: pd.DataFrame) -> dict[str, str]:
    """Return what each heading of an item means: its key, a name, another word for it."""
    return {
        folded(word): str(key)
        for key, row in inputs.iterrows()
        for word in (str(key), row["name_zh"], row["name_en"], *row["aliases"].split(";"))
        if word
    }


def _details(kind: str) -> dict[str, str]:
    """Return what details may be called, by what they are of."""
    words: Mapping[str, tuple[str, ...]] = {}
    if kind == "product":
        words = {
            str(key): (row["name_zh"], row["name_en"], *row["aliases"].split(";"))
            for key, row in account_products().iterrows()
        }
    elif kind == "pollutant":
        words = POLLUTANTS
    elif kind == "land_cover":
        words = {c.key: (c.zh, c.en) for c in house_legend().classes}
    elif kind == "item":
        words = {str(k): (r["name_zh"], r["name_en"]) for k, r in account_items().iterrows()}
    elif kind == "service":
        words = {key: labels("service")[key] for key in map(str, account_items()["service"])}
    return {folded(w): key for key, others in words.items() for w in (key, *others) if w}


def _detail(row: Mapping[Any, Any], inputs: pd.DataFrame) -> str | None:
    """Return the key of a row's detail, blank where none belongs to it, nothing if unknown."""
    kind, told = str(inputs.loc[row["argument"], "detail"]), row["detail"]
    blank = pd.isna(told) or not str(told).strip()
    if kind == "":
        return "" if blank else None
    if blank:
        return None
    return str(told).strip() if kind == "variable" else _details(kind).get(folded(told))


def _factor(row: Mapping[Any, Any], inputs: pd.DataFrame) -> float:
    """Return by what a row's value is multiplied; not a number where its unit is not known."""
    unit = str(inputs.loc[row["argument"], "unit"])
    if unit == "item":
        items = account_items()["unit"]
        unit = str(items.get(row["detail"], ""))
    written = "" if pd.isna(row["unit"]) else str(row["unit"]).strip()
    if row["argument"] == CONDITION:
        return 1.0
    return statistic_units().get((unit, written), np.nan)


def _all_faults(
    table: Table, frame: pd.DataFrame, inputs: pd.DataFrame, known: tuple[set[str], set[str]]
) -> Iterator[Finding]:
    zones, parts = known
    yield from _faults(table, frame[frame["detail"].isna()], "S52", "written")
    fine = frame[frame["detail"].notna()]
    yield from _faults(table, fine[fine["factor"].isna()], "S51", "unit")
    yield from _faults(table, fine[~fine["zone"].isin(zones)], "S53", "zone")
    wrong = fine["zone"].isin(parts) & (fine["kind"] != "amount") & (fine["argument"] != CONDITION)
    yield from _faults(table, fine[wrong], "S57", "input")
    value = fine["value"] * fine["factor"]
    beyond = (value < fine["argument"].map(inputs["least"])) | (
        value > fine["argument"].map(inputs["most"])
    )
    yield from _faults(table, fine[beyond], "S56", "value")
    yield from _faults(table, fine[fine["year"] % 1 != 0], "S56", "year")
    astray = (fine["low"] > fine["value"]) | (fine["high"] < fine["value"])
    astray &= fine["argument"] != CONDITION
    yield from _faults(table, fine[astray], "S58", "value")
    yield from _repeats(table, fine)


def _repeats(table: Table, rows: pd.DataFrame) -> Iterator[Finding]:
    """Say what is told twice: by another word for its item or detail, or for the district."""
    for key, same in rows.groupby(["argument", "detail", "zone", "year"], sort=False):
        if len(same) > 1:
            numbers = [str(row) for row in same.index]
            facts = {"key": [str(part) for part in key if part != ""], "rows": numbers}
            place = f"row {', '.join(numbers)}"
            yield Finding(code="T02", file=str(table.file), place=place, facts=facts)


def _faults(table: Table, rows: pd.DataFrame, code: str, column: str) -> Iterator[Finding]:
    """Say one kind of fault of some rows, with what stands in the column that it is of."""
    if rows.empty:
        return
    beside = (
        [""] * len(rows) if column == "input" else [f" {_shown(cell)}" for cell in rows[column]]
    )
    shown = [f"{item}{more}" for item, more in zip(rows["input"], beside, strict=True)]
    place = f"row {', '.join(map(str, rows.index[:_LISTED]))}"
    facts = {"rows": list(dict.fromkeys(shown))[:_LISTED], "count": len(rows)}
    yield Finding(code=code, file=str(table.file), place=place, facts=facts)


def _shown(cell: object) -> str:
    """Write a cell; a blank one as a dash."""
    if isinstance(cell, float):
        return "—" if np.isnan(cell) else f"{cell:,.6g}"
    return "—" if pd.isna(cell) else str(cell)  # type: ignore[call-overload]


def _source(table: Table, row: Mapping[Any, Any]) -> str:
    """Say where a figure stands: file, row, and the document that it is from."""
    said = f"{table.file.name} row {row['row']}"
    return said if pd.isna(row["document"]) else f"{said} ({row['document']})"
