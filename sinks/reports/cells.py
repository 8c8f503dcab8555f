"""Cells of a workbook: what they may hold, how much room their text takes, names of sheets."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from xlsxwriter.utility import xl_rowcol_to_cell

Kind = Literal["text", "ha", "tc", "tco2e", "number", "year", "count", "pct", "share", "degrees"]
Tone = Literal["plain", "head", "total", "apart", "good", "warn", "same"]

PATTERNS: dict[str, tuple[str, int]] = {
    "ha": ("#,##0.00", 2),
    "tc": ("#,##0", 0),
    "tco2e": ("#,##0", 0),
    "number": ("#,##0.00", 2),
    "year": ("0", 0),
    "count": ("#,##0", 0),
    "pct": ("0.0", 1),
    "share": ("0.0%", 1),
    "degrees": ("0.00000", 5),
}
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # not in XML 1.0
_MOST_CHARACTERS, _MOST_IN_NAME = 32_767, 31
_LINE_PT, _TALLEST_PT = 16, 409
_WIDEST_HEAD = 16  # longer heads take more than three lines


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head with the unit, how its numbers look, and how wide text may get."""

    head: str
    kind: Kind = "text"
    widest: float = 32


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of ours and its value, for programs that do not calculate."""

    text: str
    value: float


@dataclass(frozen=True, slots=True)
class Marked:
    """A cell with a tone of its own."""

    content: str | float | Formula | None
    tone: Tone


Cell = str | float | Formula | Marked | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    cells: Sequence[Cell]
    columns: Sequence[Column]
    tone: Tone


def total(first: tuple[int, int], last: tuple[int, int], value: float) -> Formula:
    """Return the sum of the cells from ``first`` to ``last`` (row and column, from 0).

    >>> total((1, 2), (3, 2), 6.0)
    Formula(text='=SUM(C2:C4)', value=6.0)
    """
    return Formula(f"=SUM({xl_rowcol_to_cell(*first)}:{xl_rowcol_to_cell(*last)})", value)


def legal(text: str, *, cut: str) -> tuple[str, int]:
    r"""Return ``text`` as a cell can hold it, and how many characters were taken out.

    What exceeds the length of a cell gives way to the words ``cut``.

    >>> legal("a\x00b", cut="...")
    ('ab', 1)
    """
    kept, count = _ILLEGAL.subn("", text)
    if len(kept) > _MOST_CHARACTERS:
        kept = kept[: _MOST_CHARACTERS - len(cut)] + cut
    # XlsxWriter would take such a text for markup of its own
    return (f"{kept} " if kept.startswith("<r>") and kept.endswith("</r>") else kept), count


def sheet_name(wanted: str, taken: Iterable[str] = ()) -> str:
    """Return ``wanted`` as Excel accepts it for a sheet: characters, length, no name twice.

    >>> sheet_name("a/b:c"), sheet_name("x" * 40, {"x" * 31})[-4:]
    ('a_b_c', 'x(2)')
    """
    name = re.sub(r"[\[\]:*?/\\]", "_", _ILLEGAL.sub("", wanted)).strip("'")[:_MOST_IN_NAME] or "_"
    number, unique, used = 1, name, {other.casefold() for other in taken}
    while unique.casefold() in used:
        number += 1
        unique = f"{name[: _MOST_IN_NAME - len(f'({number})')]}({number})"
    return unique


def height_pt(text: str, width: float) -> float:
    """Return the height of a row in which ``text`` is wrapped at ``width`` characters."""
    room = max(width - 1.5, 1)
    lines = sum(_lines(_measure(part), room) for part in text.split("\n"))
    return min(_LINE_PT * lines + 4, _TALLEST_PT)


def _lines(wanted: float, room: float) -> int:
    # words do not fill lines to the end, and fonts differ a little from machine to machine
    return 1 if wanted <= room else math.ceil(wanted * 1.08 / room)


def widths(rows: Iterable[Row]) -> list[float]:
    """Return the width of each column that shows every cell, some in several lines."""
    found: list[float] = []
    for row in rows:
        found += [6.0] * (len(row.columns) - len(found))
        for place, (cell, column) in enumerate(zip(row.cells, row.columns, strict=True)):
            found[place] = max(found[place], _width(cell, column, head=row.tone == "head"))
    return found


def text_of(cell: Cell) -> str:
    """Return the text of a cell, empty for a number."""
    content = cell.content if isinstance(cell, Marked) else cell
    return content if isinstance(content, str) else ""


def _width(cell: Cell, column: Column, *, head: bool) -> float:
    content = cell.content if isinstance(cell, Marked) else cell
    number = content.value if isinstance(content, Formula) else content
    if isinstance(number, (int, float)):
        decimals = PATTERNS[column.kind][1]
        shown = f"{number:.{decimals}%}" if column.kind == "share" else f"{number:,.{decimals}f}"
        return _measure(shown) + 2.5
    text = text_of(cell)
    if head:
        room = min(_measure(text) / 3, _WIDEST_HEAD)
        return max(_longest_word(text), room) + 3.5  # with the filter's button
    return min(_measure(text) + 3, column.widest)


def _measure(text: str) -> float:
    """Return the width of a text in digits; a Chinese character takes two."""
    wide = sum(unicodedata.east_asian_width(c) in "WFA" for c in text)
    return 2.0 * wide + 1.1 * (len(text) - wide)


def _longest_word(text: str) -> float:
    words = re.findall(r"[\x21-\x7e]+|[^\x21-\x7e]", text)
    return max(map(_measure, words), default=0)
