"""The rows of a table beneath its header: read column by column, faults gathered by cell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sinks.errors import Finding, InputRefused
from sinks.sheets.cells import Reading, Shown, Trouble, Unreadable, is_blank, read_cell
from sinks.sheets.delimited import Grid
from sinks.sheets.headers import Column, Header, address, is_note, total_kind

_LISTED = 10
_ID_DIGITS = 18  # of Chinese ids; Excel keeps fifteen and fills up with zeros
_NOT_ADDITIVE = ("pct", "%")

Contents = dict[str, list[Reading]]


class Total(NamedTuple):
    """A row that adds others up: its number and the data rows that it is about."""

    row: int
    kind: str
    since: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Which rows beneath the header hold data, from 0, and which hold totals."""

    rows: tuple[int, ...]
    totals: tuple[Total, ...]
    findings: tuple[Finding, ...] = ()


@dataclass
class _Faults:
    """Faults of cells, gathered by code and column."""

    found: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, code: str, column: str, place: str, text: object) -> None:
        self.found.setdefault((code, column), []).append((place, str(text)[:40]))

    def findings(self, columns: Mapping[str, Column]) -> list[Finding]:
        return [
            Finding(
                code=code,
                place=cells[0][0],
                facts={
                    "column": name,
                    "count": len(cells),
                    "cells": [place for place, _ in cells[:_LISTED]],
                    "found": list(dict.fromkeys(text for _, text in cells))[:3],
                    "unit": columns[name].unit or "—",
                    "low": "—" if columns[name].low is None else columns[name].low,
                    "high": "—" if columns[name].high is None else columns[name].high,
                },
            )
            for (code, name), cells in self.found.items()
        ]


def body_of(grid: Grid, header: Header, *, file: object) -> Body:
    """Tell data rows from blank rows, notes and totals.

    Raises
    ------
    InputRefused
        ``T22`` for rows with too few or too many cells, ``T38`` if there is no data.
    """
    width = len(grid.rows[header.row])
    rows: list[int] = []
    totals: list[Total] = []
    notes: list[int] = []
    since = 0
    for number in range(header.row + 1, len(grid.rows)):
        row = grid.rows[number]
        if all(map(is_blank, row)):
            continue
        if is_note(row):
            notes.append(number)
            continue
        if grid.text and (len(row) < width or not all(map(is_blank, row[width:]))):
            why = f"{len(row)} ≠ {width}"
            raise InputRefused.because("T22", file=file, place=f"A{number + 1}", why=why)
        if kind := total_kind(row):
            totals.append(Total(number, kind, since))
            since = len(rows)
        else:
            rows.append(number)
    if not rows:
        raise InputRefused.because("T38", file=file, place=grid.sheet, row=header.row + 1)
    facts = {"count": len(notes), "text": str(grid.rows[notes[0]][0])[:40] if notes else ""}
    noted = (Finding(code="T32", place=address(grid, notes[0], 0), facts=facts),) if notes else ()
    return Body(rows=tuple(rows), totals=tuple(totals), findings=noted)


def read_columns(
    grid: Grid, header: Header, body: Body, columns: Mapping[str, Column]
) -> tuple[Contents, list[Finding]]:
    """Read every cell of the wanted columns; return contents and what was found."""
    faults = _Faults()
    contents: Contents = {}
    for name, column in columns.items():
        if name not in header.positions:
            contents[name] = [Reading(None)] * len(body.rows)
            continue
        position = header.positions[name]
        factor = header.factors.get(name, 1.0)
        contents[name] = [
            _read(grid, (row, position), column, factor, faults, name) for row in body.rows
        ]
    return contents, faults.findings(columns)


def total_findings(
    grid: Grid,
    header: Header,
    body: Body,
    columns: Mapping[str, Column],
    contents: Contents,
) -> list[Finding]:
    """Compare rows of totals with what they add up: ``T33`` if right, ``T34`` if not."""
    found = []
    for total in body.totals:
        end = sum(row < total.row for row in body.rows)
        members = range(total.since, end) if total.kind == "subtotal" else range(len(body.rows))
        for name, column in columns.items():
            if name not in header.positions or not _adds_up(column):
                continue
            place = (total.row, header.positions[name])
            stated = _stated(grid, place, column, header.factors.get(name, 1.0))
            if stated is None:
                continue
            real = math.fsum(float(contents[name][i].content or 0.0) for i in members)  # type: ignore[arg-type]
            factor = header.factors.get(name, 1.0)
            slack = _rounding(_cell(grid, place), len(members)) * factor + 1e-9 * abs(stated)
            right = abs(stated - real) <= slack
            facts = {"column": name, "stated": stated, "real": real, "count": len(members)}
            code = "T33" if right else "T34"
            found.append(Finding(code=code, place=address(grid, *place), facts=facts))
    return found


def _read(
    grid: Grid,
    place: tuple[int, int],
    column: Column,
    factor: float,
    faults: _Faults,
    name: str,
) -> Reading:
    cell = _cell(grid, place)
    try:
        reading = read_cell(cell, column.kind, unit=column.unit, decimal_comma=grid.decimal_comma)
    except Unreadable as fault:
        faults.add(fault.code, name, address(grid, *place), _as_text(cell))
        return Reading(None)
    if factor != 1.0 and "T28" not in reading.notes and isinstance(reading.content, float):
        reading = reading._replace(content=reading.content * factor)
    for code in _remarks(cell, reading, column, grid):
        faults.add(code, name, address(grid, *place), _as_text(cell))
    return reading


def _remarks(cell: object, reading: Reading, column: Column, grid: Grid) -> list[str]:
    """Return the codes of what there is to say about a cell that was read."""
    if reading.content is None:
        return ["T05"] if column.required else list(reading.notes)
    codes = [*reading.notes, *_more_notes(cell, column, grid)]
    if isinstance(reading.content, float) and not _within(reading.content, column):
        codes.append("T04")
    return codes


def _more_notes(cell: object, column: Column, grid: Grid) -> list[str]:
    if column.kind == "number" and isinstance(cell, str) and not grid.text and not is_blank(cell):
        return ["T36"]
    if column.kind == "code" and isinstance(cell, str):
        digits = cell.strip()
        if len(digits) == _ID_DIGITS and digits.isdigit() and digits.endswith("000"):
            return ["T40"]
    return []


def _within(number: float, column: Column) -> bool:
    low = -math.inf if column.low is None else column.low
    high = math.inf if column.high is None else column.high
    return low <= number <= high


def _cell(grid: Grid, place: tuple[int, int]) -> object:
    row, position = grid.rows[place[0]], place[1]
    return row[position] if position < len(row) else None


def _as_text(cell: object) -> str:
    if isinstance(cell, Trouble):
        return cell.text
    return str(cell.stored) if isinstance(cell, Shown) else "" if cell is None else str(cell)


def _adds_up(column: Column) -> bool:
    unit = column.unit or ""
    return column.kind == "number" and unit not in _NOT_ADDITIVE and "per_" not in unit


def _stated(grid: Grid, place: tuple[int, int], column: Column, factor: float) -> float | None:
    """Return the number in a row of totals, or None if there is none to compare."""
    try:
        reading = read_cell(
            _cell(grid, place), "number", unit=column.unit, decimal_comma=grid.decimal_comma
        )
    except Unreadable:
        return None
    return reading.content * factor if isinstance(reading.content, float) else None


def _rounding(cell: object, rows: int) -> float:
    """How far a sum of rounded numbers may lie from a rounded total."""
    text = _as_text(cell)
    decimals = len(text.partition(".")[2]) if "." in text and "e" not in text.lower() else 0
    if not isinstance(cell, str) and decimals > 6:
        decimals = 6
    return 0.5 * 10.0**-decimals * (1 + math.sqrt(rows))
