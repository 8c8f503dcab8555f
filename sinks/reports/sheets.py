"""Sheets of a workbook: formats, layout and the printed page; the results in one language.

Rows are kept until the book is written, because widths and heights follow from what is in
them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from sinks.errors import InputRefused, Language
from sinks.parameters.labels import label
from sinks.reports.cells import (
    PATTERNS,
    Cell,
    Column,
    Formula,
    Kind,
    Marked,
    Row,
    Tone,
    height_pt,
    legal,
    sheet_name,
    text_of,
    widths,
)
from sinks.reports.tables import unit_of
from sinks.results import Results

FONT = "微软雅黑"
_FIXED_DATE = datetime(2000, 1, 1)  # one run gives one file: no clock in it
_MOST_ROWS = 1_048_576
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": FONT, "font_size": 10},
}
_KINDS: dict[str, Kind] = dict.fromkeys(("value", "tc_per_ha", "per_ha_per_year"), "number")
_KINDS |= {"year": "year", "bytes": "count", "ha": "ha", "tc": "tc", "pct": "pct"}
_KINDS |= dict.fromkeys(("tco2e", "tco2e_per_year"), "tco2e")
_TONES: dict[str, dict[str, object]] = {
    "plain": {},
    "head": {"bold": True, "bg_color": "#DCE6F1", "align": "center"},
    "total": {"bold": True, "bg_color": "#F2F2F2"},
    "apart": {"italic": True, "font_color": "#595959"},
    "same": {"bg_color": "#EDEDED"},
    "good": {"font_color": "#006100", "bg_color": "#E2EFDA"},
    "warn": {"font_color": "#9C0006", "bg_color": "#FFE7CC"},
    "title": {"bold": True, "font_size": 14, "border": 0},
    "section": {"bold": True, "font_size": 11, "border": 0},
    "banner": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#C00000", "border": 0},
    "caution": {"bold": True, "font_color": "#9C0006", "bg_color": "#FFE7CC", "border": 0},
    "note": {"font_color": "#404040", "border": 0},
}


@dataclass(kw_only=True)
class Book:
    """A workbook of results in one language, kept in memory until it is written."""

    results: Results
    language: Language
    removed: int = 0  # characters that no cell can hold
    sheets: list[Sheet] = field(default_factory=list)
    _formats: dict[tuple[str, str], Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._file = BytesIO()
        self.workbook = xlsxwriter.Workbook(self._file, _OPTIONS)
        self.workbook.set_properties(
            {"title": self.study_name[:255], "author": "sinks", "created": _FIXED_DATE}
        )

    @cached_property
    def study_name(self) -> str:
        """The name of the study."""
        return self.clean(self.results.name_zh if self.language == "zh" else self.results.name_en)

    @cached_property
    def kinds(self) -> dict[str, str]:
        """Kind by zone, the district first."""
        zones = self.results.table("zones")
        kinds = {} if zones.empty else {str(zone): str(kind) for zone, kind in zones.kind.items()}
        return dict(sorted(kinds.items(), key=lambda item: item[1] != "district"))

    @cached_property
    def district(self) -> str:
        """The zone that is the district; empty if there is none."""
        return next((zone for zone, kind in self.kinds.items() if kind == "district"), "")

    def word(self, key: str, **facts: object) -> str:
        """Return the text of ``key`` in the language of the book."""
        return label(key, self.language).format(**facts)

    def name(self, table: str, key: str) -> str:
        """Return the name of a zone or class."""
        return str(self.results.table(table).loc[key, f"name_{self.language}"])

    def zone_cells(self, zone: str) -> list[Cell]:
        """Return name and kind of a zone."""
        return [self.name("zones", zone), self.word(f"kind.{self.kinds[zone]}")]

    def classes(self, keys: Iterable[object]) -> list[str]:
        """Return land-cover classes in the order of the legend."""
        wanted = set(keys)
        return [str(key) for key in self.results.table("classes").index if key in wanted]

    def records(self, table: str) -> dict[Any, dict[str, Any]]:
        """Return a result table as records by key."""
        return self.results.table(table).to_dict("index")  # type: ignore[return-value]

    def in_district(self, table: str) -> pd.DataFrame:
        """Return the rows of the district, without the level ``zone``."""
        frame = self.results.table(table)
        if frame.empty or self.district not in frame.index.get_level_values("zone"):
            return pd.DataFrame()
        return pd.DataFrame(frame.xs(self.district, level="zone"))

    def columns(self, *names: str, widest: float = 32) -> list[Column]:
        """Return columns as the result tables name them, with the format of their unit."""
        return [Column(self.word(f"column.{name}"), _kind(name), widest) for name in names]

    def clean(self, text: str) -> str:
        """Return ``text`` as a cell can hold it; what is taken out is counted."""
        kept, count = legal(text, cut=self.word("workbook.cut"))
        self.removed += count
        return kept

    def sheet(self, key: str, *, pages: int = 0, **facts: object) -> Sheet:
        """Begin a sheet with its title and the banner; ``pages`` high, 0 for as many as needed.

        ``facts`` are what the title says.
        """
        name = sheet_name(self.word(f"sheet.{key}"), [sheet.name for sheet in self.sheets])
        sheet = Sheet(book=self, name=name, page=self.workbook.add_worksheet(name))
        sheet.page.fit_to_pages(1, pages)
        self.sheets.append(sheet)
        if self.results.synthetic:
            sheet.line(self.word("workbook.synthetic"), "banner")
        sheet.line(self.word(f"title.{key}", **facts), "title")
        return sheet

    def format(self, kind: str, tone: str) -> Any:
        """Return the cell format of a kind of number in a tone."""
        if (kind, tone) not in self._formats:
            look: dict[str, object] = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
            look |= {"border": 1, "border_color": "#BFBFBF", "text_wrap": kind == "text"}
            look |= {"indent": 0 if tone in ("head", "title", "banner") else int(kind == "text")}
            if kind != "text":
                look |= {"num_format": PATTERNS[kind][0], "align": "right"}
            self._formats[kind, tone] = self.workbook.add_format(look | _TONES[tone])
        return self._formats[kind, tone]

    def write(self, path: Path) -> None:
        """Lay out all sheets and write the file."""
        for sheet in self.sheets:
            sheet.lay_out()
        self.workbook.close()
        path.write_bytes(self._file.getvalue())


@dataclass(kw_only=True)
class Sheet:
    """A sheet: rows from top to bottom, laid out when the book is written."""

    book: Book
    name: str
    page: Any
    rows: list[Row | tuple[str, str]] = field(default_factory=list)
    _head: int | None = None
    _several: bool = False
    _filter: tuple[int, int, int] | None = None

    @property
    def next_row(self) -> int:
        """The number of the row that comes next, from 0."""
        return len(self.rows)

    def line(self, text: str, tone: str = "note") -> None:
        """Add a line of text across the sheet."""
        self.rows.append((self.book.clean(text), tone))

    def notes(self, *keys: str) -> None:
        """Add notes below a table."""
        for key in keys:
            self.line(self.book.word(f"note.{key}"))

    def table(self, columns: Sequence[Column], *, main: bool = True) -> None:
        """Begin a table; the head of the main one stays in sight.

        It is printed on each page too, unless other tables follow, over which it would stand.
        """
        if main:
            self._head = self.next_row
        self._several = not main
        self.row([column.head for column in columns], columns, "head")

    def row(self, cells: Sequence[Cell], columns: Sequence[Column], tone: Tone = "plain") -> None:
        """Add a row to a table.

        Raises
        ------
        InputRefused
            ``O09`` if the sheet is full.
        """
        if self.next_row >= _MOST_ROWS:
            raise InputRefused.because("O09", place=self.name, rows=_MOST_ROWS)
        cleaned = [self.book.clean(cell) if isinstance(cell, str) else cell for cell in cells]
        self.rows.append(Row(cleaned, columns, tone))

    def filtered(self) -> None:
        """Let the main table, which ends here, be filtered."""
        head = self._head
        if head is not None and self.next_row > head + 1:
            row = self.rows[head]
            self._filter = (head, self.next_row - 1, len(row.cells) if isinstance(row, Row) else 1)

    def chart(self, chart: Any, row: int, column: int) -> None:
        """Put a chart at a cell."""
        self.page.insert_chart(row, column, chart, {"x_offset": 14, "object_position": 2})

    def lay_out(self) -> None:
        """Write the rows, with widths and heights that show all of them."""
        room = widths(row for row in self.rows if isinstance(row, Row)) or [100.0]
        for column, width in enumerate(room):
            self.page.set_column(column, column, width)
        for number, row in enumerate(self.rows):
            if isinstance(row, Row):
                self._write_row(number, row, room)
            else:
                self._write_line(number, *row, room)
        self._set_page()

    def _write_row(self, number: int, row: Row, room: Sequence[float]) -> None:
        texts = [text_of(cell) for cell in row.cells]
        self.page.set_row(number, max(map(height_pt, texts, room)))
        for place, (cell, column) in enumerate(zip(row.cells, row.columns, strict=True)):
            shown = cell if isinstance(cell, Marked) else Marked(cell, row.tone)
            self._write_cell((number, place), shown, column.kind)

    def _write_cell(self, at: tuple[int, int], shown: Marked, kind: str) -> None:
        cell = shown.content
        look = self.book.format("text" if isinstance(cell, str) else kind, shown.tone)
        if isinstance(cell, str):
            self.page.write_string(*at, cell, look)
        elif isinstance(cell, Formula):
            self.page.write_formula(*at, cell.text, look, cell.value)
        elif cell is None or math.isnan(cell):
            self.page.write_blank(*at, None, look)
        else:
            self.page.write_number(*at, cell + 0.0, look)  # no negative zero

    def _write_line(self, row: int, text: str, tone: str, room: Sequence[float]) -> None:
        size = 1.4 if tone == "title" else 1.0
        self.page.set_row(row, height_pt(text, sum(room) / size) * size)
        look = self.book.format("text", tone)
        if len(room) > 1:
            self.page.merge_range(row, 0, row, len(room) - 1, "", look)
        self.page.write_string(row, 0, text, look)

    def _set_page(self) -> None:
        page, word, results = self.page, self.book.word, self.book.results
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        run = word("workbook.run", run=results.run, version=results.version)
        pages = word("workbook.pages", page="&P", pages="&N")
        page.set_header(f"&L{_in_header(self.book.study_name)}&R{_in_header(self.name)}")
        page.set_footer(f"&L{_in_header(run)}&R{pages}")
        if self._head is not None:
            page.repeat_rows(0, self._head - self._several)
            page.freeze_panes(self._head + 1, 1)
        if self._filter is not None:
            head, last, columns = self._filter
            page.autofilter(head, 0, last, columns - 1)


def _kind(name: str) -> Kind:
    """Return how a column of a result table looks, by its name or the unit at its end."""
    return _KINDS.get(name) or _KINDS.get(unit_of(name) or "", "text")


def _in_header(text: str) -> str:
    # & begins a command in headers; 255 characters are the most a header may have
    return text.replace("&", "＆")[:80]
