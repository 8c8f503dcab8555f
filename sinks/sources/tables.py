"""Tables from CSV and Excel: the columns that are wanted, every cell read strictly.

Nothing is guessed: a blank is not zero, a code is text, a date where a code should be is
refused with its cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd
from openpyxl.utils import range_boundaries

from sinks.errors import Finding, InputRefused, refuse_if_stopped
from sinks.gate.environment import checked_path
from sinks.gate.kinds import table_kind
from sinks.sheets.body import Body, Contents, body_of, read_columns, total_findings
from sinks.sheets.cells import Reading
from sinks.sheets.delimited import Grid, read_delimited
from sinks.sheets.headers import Column, Header, address, find_header, is_header
from sinks.sheets.workbooks import read_workbook

__all__ = ["Column", "Table", "TableFacts", "examine_table", "read_table"]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as read: columns as asked for, indexed by row number of the sheet.

    Numbers are float64 (NaN where an optional cell is blank), codes and text are strings
    (missing where blank), dates are timestamps, flags are booleans.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    file: Path
    sheet: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """What is known of a table without knowing which columns are wanted."""

    file: str
    sheet: str | None = None
    encoding: str | None = None
    first_row: tuple[str, ...] = ()
    rows: int = 0
    findings: tuple[Finding, ...] = ()


def examine_table(
    path: Path | str, *, sheet: str | None = None, encoding: str | None = None
) -> TableFacts:
    """Look at the form of a table; a bad file gives findings, never an error."""
    try:
        file = checked_path(path)
        grid = _grid(file, {}, sheet=sheet, encoding=encoding)
    except InputRefused as refused:
        return TableFacts(file=str(path), findings=refused.findings)
    filled = [row for row in grid.rows if any(cell not in (None, "") for cell in row)]
    first = filled[0] if filled else []
    return TableFacts(
        file=str(path),
        sheet=grid.sheet,
        encoding=grid.encoding,
        first_row=tuple(str(cell) for cell in first if cell not in (None, "")),
        rows=max(len(filled) - 1, 0),
        findings=tuple(replace(f, file=f.file or str(path)) for f in grid.findings),
    )


def read_table(
    path: Path | str,
    *,
    columns: Mapping[str, Column],
    key: Sequence[str] = (),
    sheet: str | None = None,
    encoding: str | None = None,
    merged: Literal["fill"] | None = None,
) -> Table:
    """Read the wanted columns of a CSV file or an Excel sheet.

    Parameters
    ----------
    columns
        What is wanted, by the name it gets in the result.
    key
        Columns whose values together must not repeat.
    sheet, encoding
        Answers where the file leaves it open.
    merged
        ``fill`` to repeat the content of merged cells in each of them.

    Raises
    ------
    InputRefused
        With every finding that stands in the way: codes ``T02`` to ``T40``.
    """
    file = checked_path(path)
    grid = _grid(file, columns, sheet=sheet, encoding=encoding)
    header = find_header(grid, columns, file=file)
    body = body_of(grid, header, file=file)
    grid, filled = _merged_filled(grid, header, body, fill=merged == "fill", file=file)
    contents, found = read_columns(grid, header, body, columns)
    found = [*grid.findings, *header.findings, *body.findings, *filled, *found]
    found += _repeats(grid, header, body, contents, key)
    if not any(finding.stops for finding in found):
        found += total_findings(grid, header, body, columns, contents)
    findings = refuse_if_stopped(replace(f, file=f.file or str(file)) for f in found)
    index = pd.Index([row + 1 for row in body.rows], name="row")
    typed = {name: _typed(contents[name], column, index) for name, column in columns.items()}
    return Table(
        frame=pd.DataFrame(typed, index=index),
        findings=findings,
        file=file,
        sheet=grid.sheet,
        encoding=grid.encoding,
    )


def _grid(
    file: Path, columns: Mapping[str, Column], *, sheet: str | None, encoding: str | None
) -> Grid:
    if table_kind(file) == "xlsx":
        return read_workbook(file, sheet=sheet)
    return read_delimited(file, encoding=encoding, is_header=lambda row: is_header(row, columns))


def _merged_filled(
    grid: Grid, header: Header, body: Body, *, fill: bool, file: Path
) -> tuple[Grid, list[Finding]]:
    """Repeat merged content in each cell, or refuse merged cells among the data."""
    wanted = set(header.positions.values())
    data = {header.row, *body.rows}
    concerned = []
    for ref in grid.merged:
        west, north, east, south = (edge - 1 for edge in range_boundaries(ref) if edge)
        if wanted & set(range(west, east + 1)) and data & set(range(north, south + 1)):
            concerned.append((west, north, east, south))
    if not concerned:
        return grid, []
    facts = {"cells": list(grid.merged)[:10], "count": len(concerned)}
    place = address(grid, concerned[0][1], concerned[0][0])
    in_header = any(north <= header.row <= south for _, north, _, south in concerned)
    if not fill or in_header:
        raise InputRefused.because("T16", file=file, place=place, **facts)
    width = max(map(len, grid.rows))
    rows = [[*row, *[None] * (width - len(row))] for row in grid.rows]
    for west, north, east, south in concerned:
        for number in range(north, south + 1):
            rows[number][west : east + 1] = [rows[north][west]] * (east + 1 - west)
    return replace(grid, rows=rows), [Finding(code="T31", place=place, facts=facts)]


def _repeats(
    grid: Grid, header: Header, body: Body, contents: Contents, key: Sequence[str]
) -> list[Finding]:
    """Return ``T02`` for every key that stands in several rows."""
    rows_of: dict[tuple[object, ...], list[int]] = {}
    for at, row in enumerate(body.rows):
        values = tuple(contents[name][at].content for name in key)
        if any(value is not None for value in values):
            rows_of.setdefault(values, []).append(row)
    first = header.positions[key[0]] if key and key[0] in header.positions else 0
    return [
        Finding(
            code="T02",
            place=address(grid, rows[-1], first),
            facts={
                "key": [str(value) for value in values],
                "rows": [str(row + 1) for row in rows],
            },
        )
        for values, rows in list(rows_of.items())
        if len(rows) > 1
    ][:20]


def _typed(readings: Sequence[Reading], column: Column, index: pd.Index) -> pd.Series:
    contents = [reading.content for reading in readings]
    if column.kind == "number":
        return pd.Series(contents, index=index, dtype="float64")
    if column.kind == "date":
        return pd.to_datetime(pd.Series(contents, index=index, dtype="object"))
    if column.kind == "flag":
        whole = all(content is not None for content in contents)
        return pd.Series(contents, index=index, dtype="bool" if whole else "boolean")
    return pd.Series(contents, index=index, dtype="str")
