"""Charts of a workbook: a small table with its chart beside it, and how all charts look."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_range_formula

from sinks.reports.cells import Cell, Column
from sinks.reports.sheets import FONT, Book, Sheet

Reach = tuple[float, float, float]  # low and high end of an axis, and its step
COLOURS = ("#9DC3E6", "#1F4E79", "#A9D18E", "#548235")
LINE_PX = 27  # height of a row of one line
_WIDTH_PX = 820


@dataclass(frozen=True, kw_only=True)
class Charted:
    """A table with a chart: the first column names, the next ``series`` are columns of it.

    ``name`` is that of the texts of the chart; ``lines`` is the least height in rows. With
    ``bars``, two more columns hold how far the error bars of the last series go down and up.
    Values are amounts from 0 up unless ``reach`` tells what the axis must hold.
    """

    name: str
    columns: list[Column]
    rows: list[list[Cell]]
    series: int
    lines: int
    bars: bool = False
    reach: Reach | None = None


def charted(sheet: Sheet, table: Charted, beside: int) -> None:
    """Write a table and, at the column ``beside``, its chart."""
    head = sheet.next_row
    sheet.table(table.columns, main=False)
    for row in table.rows:
        sheet.row(row, table.columns)
    sheet.chart(_chart(sheet, table, head), head, beside)
    while sheet.next_row < head + table.lines:
        sheet.line("")


def dress(
    book: Book,
    chart: Any,
    name: str,
    *,
    lines: int,
    reach: Reach | None = None,
    level: bool = False,
    **facts: object,
) -> None:
    """Give a chart its title, axes, fonts and size; ``lines`` is its height in rows.

    ``reach`` is told for amounts that may be below 0: no program makes room for error bars
    by itself. The axis of a ``level`` need not begin at 0. ``facts`` are what title and axis
    say.
    """
    mark = book.word("workbook.synthetic_mark") if book.results.synthetic else ""
    font = {"name": FONT, "size": 9}
    title = book.word(f"workbook.{name}_chart", **facts) + mark
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12}})
    chart.set_x_axis({"num_font": font, **({"label_position": "low"} if reach else {})})
    named = book.word(f"workbook.{name}_axis", **facts)
    axis = {"name": named, "name_font": font, "num_font": font}
    names = ("min", "max", "major_unit")
    lowest = {} if level else {"min": 0}
    digits = "General" if level else "#,##0"
    ends = dict(zip(names, reach, strict=True)) if reach else lowest
    chart.set_y_axis({**axis, "num_format": digits, **ends})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_size({"width": _WIDTH_PX, "height": lines * LINE_PX})


def reach_of(values: Iterable[float]) -> Reach:
    """Return the ends of an axis that holds all values, in round steps from 0.

    >>> reach_of([-307_818.0, 182_634.0])
    (-400000.0, 200000.0, 100000.0)
    """
    found = [0.0, *values]
    low, high = min(found), max(found)
    widest = max(-low, high, 1.0)
    tens = 10.0 ** math.floor(math.log10(widest))
    step = next(part for part in (0.5, 1.0, 2.0) if widest / tens <= 5 * part) * tens
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def series_at(sheet: Sheet, head: int, rows: int, column: int) -> dict[str, Any]:
    """Return a series: ``rows`` values below ``head``, named by it; the first column names."""
    first, last = head + 1, head + rows
    return {
        "name": [sheet.name, head, column],
        "categories": [sheet.name, first, 0, last, 0],
        "values": [sheet.name, first, column, last, column],
    }


def _chart(sheet: Sheet, table: Charted, head: int) -> Any:
    book, rows = sheet.book, len(table.rows)
    chart = book.workbook.add_chart({"type": "column"})
    for place in range(1, table.series + 1):
        colour = COLOURS[(place - 1) % len(COLOURS)]
        series = series_at(sheet, head, rows, place) | {"fill": {"color": colour}, "gap": 80}
        if table.bars and place == table.series:
            minus, plus = (_span(sheet, head + 1, head + rows, place + n) for n in (1, 2))
            bars = {"type": "custom", "minus_values": minus, "plus_values": plus}
            series["y_error_bars"] = bars
        chart.add_series(series)
    dress(book, chart, table.name, lines=table.lines, reach=table.reach)
    return chart


def _span(sheet: Sheet, first: int, last: int, column: int) -> str:
    return f"={xl_range_formula(sheet.name, first, column, last, column)}"
