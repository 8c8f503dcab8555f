"""The header of a table among title rows, and the rows beneath that are no data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal, NamedTuple

from sinks.errors import Finding, InputRefused
from sinks.sheets.cells import folded, is_blank, narrow, unit_factor
from sinks.sheets.delimited import HEADER_WITHIN, Grid

_IN_BRACKETS = re.compile(r"[(\[（【](.*?)[)\]）】]\s*$")
_FREE_WORDS = re.compile(r"\d{4}年?|[A-Za-z]?\d+|必填|选填|可选|说明|代码|编码|code|optional")
_NOTE = re.compile(
    r"(注|备注|附注|说明|资料来源|数据来源|来源|制表|填表|审核|单位|联系|note|source|unit)\s*\d*\s*[:：.]",
    re.I,
)
_TOTALS = {"合计", "总计", "共计", "总和", "total", "sum", "grand total"}
_WORD = 12  # characters of a word that names a total, spaces included
_SUBTOTALS = {"小计", "subtotal"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is wanted of a table.

    ``kind``: text, number, code (text that may look like a number), date or flag. ``unit``
    (of numbers) is what the result is in; other units of the same kind are converted.
    A ``required`` column must be there and have no blanks. ``low`` and ``high`` are the
    bounds of what is possible. ``names`` are other headings that mean this column.
    """

    kind: Literal["text", "number", "code", "date", "flag"] = "text"
    _: KW_ONLY
    unit: str | None = None
    required: bool = True
    low: float | None = None
    high: float | None = None
    names: tuple[str, ...] = ()


class Header(NamedTuple):
    """Row of the header from 0, position of each column, and factors of units named there."""

    row: int
    positions: dict[str, int]
    factors: dict[str, float]
    findings: tuple[Finding, ...]


def is_header(row: Sequence[object], columns: Mapping[str, Column]) -> bool:
    """Whether a row names every column that is required."""
    named = {name for cell in row if (name := _named(cell, columns))}
    return bool(named) and {name for name, c in columns.items() if c.required} <= named


def find_header(grid: Grid, columns: Mapping[str, Column], *, file: object) -> Header:
    """Find the first row that names every required column.

    Raises
    ------
    InputRefused
        ``T17`` if there is none, ``T03`` if it names a column twice, ``T11`` if it names
        a unit that cannot be converted.
    """
    top = list(grid.rows[:HEADER_WITHIN])
    at = next((i for i, row in enumerate(top) if is_header(row, columns)), None)
    if at is None:
        raise InputRefused.because("T17", file=file, place=grid.sheet, **_missing(top, columns))
    positions: dict[str, int] = {}
    for position, cell in enumerate(top[at]):
        name = _named(cell, columns)
        if name in positions:
            cells = [address(grid, at, positions[name]), address(grid, at, position)]
            raise InputRefused.because("T03", file=file, place=cells[1], name=cell, cells=cells)
        if name:
            positions[name] = position
    factors, findings = _factors(grid, at, positions, columns, file)
    if above := sum(1 for row in top[:at] if not all(map(is_blank, row))):
        facts = {"count": above, "text": _first_text(top[:at])}
        findings.append(Finding(code="T32", file=str(file), place=grid.sheet, facts=facts))
    return Header(at, positions, factors, tuple(findings))


def address(grid: Grid, row: int, position: int) -> str:
    """Return the address of a cell as Excel shows it.

    >>> address(Grid(rows=[], sheet="表1"), 2, 27)
    '表1!AB3'
    """
    letters, position = "", position + 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{grid.sheet}!{letters}{row + 1}" if grid.sheet else f"{letters}{row + 1}"


def total_kind(row: Sequence[object]) -> str | None:
    """Return ``total`` or ``subtotal`` if a row adds others up."""
    words = {folded(c) for c in row if isinstance(c, str) and len(c) <= _WORD and not c.isascii()}
    words |= {c.strip().lower() for c in row if isinstance(c, str) and len(c) <= _WORD}
    if words & _TOTALS:
        return "total"
    return "subtotal" if words & _SUBTOTALS else None


def is_note(row: Sequence[object]) -> bool:
    """Whether a row holds a remark on the table and nothing else."""
    filled = [cell for cell in row if not is_blank(cell)]
    return len(filled) == 1 and isinstance(filled[0], str) and bool(_NOTE.match(narrow(filled[0])))


def _named(cell: object, columns: Mapping[str, Column]) -> str | None:
    """Return the column that a heading means."""
    if not isinstance(cell, str) or is_blank(cell):
        return None
    texts = {folded(cell), folded(_IN_BRACKETS.sub("", narrow(cell)))}
    for name, column in columns.items():
        if texts & {folded(each) for each in (name, *column.names)}:
            return name
    return None


def _factors(
    grid: Grid, at: int, positions: dict[str, int], columns: Mapping[str, Column], file: object
) -> tuple[dict[str, float], list[Finding]]:
    """Return what to multiply a column by, where the heading has another unit than wanted."""
    factors: dict[str, float] = {}
    found: list[Finding] = []
    for name, position in positions.items():
        heading, column = str(grid.rows[at][position]), columns[name]
        known = {folded(each) for each in (name, *column.names)}
        bracket = _IN_BRACKETS.search(narrow(heading))
        if column.unit is None or bracket is None or folded(heading) in known:
            continue
        word, factor = bracket.group(1), unit_factor(bracket.group(1), column.unit)
        place = address(grid, at, position)
        facts = {"heading": heading, "unit": column.unit, "found": word}
        if factor is None and not _FREE_WORDS.fullmatch(word.strip()):
            raise InputRefused.because("T11", file=file, place=place, **facts)
        if factor is not None and factor != 1.0:
            factors[name] = factor
            facts["factor"] = f"{factor:g}"
            found.append(Finding(code="T29", file=str(file), place=place, facts=facts))
    return factors, found


def _missing(top: list[Sequence[object]], columns: Mapping[str, Column]) -> dict[str, object]:
    required = [name for name, column in columns.items() if column.required]
    best = max(top, key=lambda row: len({_named(cell, columns) for cell in row}), default=())
    have = {_named(cell, columns) for cell in best}
    headings = [str(cell) for cell in best if not is_blank(cell)][:20]
    wanted = ["/".join((name, *columns[name].names)) for name in required if name not in have]
    return {"missing": wanted, "found": headings or "—"}


def _first_text(rows: list[Sequence[object]]) -> str:
    return next((str(cell)[:40] for row in rows for cell in row if not is_blank(cell)), "—")
