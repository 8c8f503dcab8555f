"""The sheets of how the balance goes on, and of what its interval comes from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sinks.reports.balance import verdict_cell, write_heading
from sinks.reports.cells import Cell, Column, Marked
from sinks.reports.charts import COLOURS, dress, reach_of, series_at
from sinks.reports.sections import chance, columns_of, singled_out, verified_cell
from sinks.reports.sheets import Book, Sheet

_PARTS = tuple(
    f"net_sink_{part}_tco2e_per_year" for part in ("land", "reservoirs", "stands", "conversion")
)
_NET = tuple(f"net_sink{end}_tco2e_per_year" for end in ("", "_low", "_high"))
_NET_SE = "net_sink_se_tco2e_per_year"
_CUMULATIVE = tuple(f"cumulative{end}_tco2e" for end in ("", "_low", "_high"))
_LINES = 20  # height of the chart in rows
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": "#000000", "width": 2.0},
    {"color": "#7F7F7F", "width": 1.0, "dash_type": "dash"},
    {"color": "#7F7F7F", "width": 1.0, "dash_type": "dash"},
)


def write_balance_years(book: Book) -> None:
    """Write the balance of the district year by year, with a chart of it above."""
    years = book.in_district("balance_years")
    if years.empty:
        return
    columns = [
        *book.columns("year", *_PARTS, *_NET, _NET_SE),
        *columns_of(book, "share", "column.probability_sink"),
        Column(book.word("workbook.verdict")),
        *book.columns(*_CUMULATIVE),
    ]
    sheet = book.sheet("balance_years")
    write_heading(sheet)
    top = sheet.next_row
    while sheet.next_row < top + _LINES:
        sheet.line("")
    head = sheet.next_row
    sheet.table(columns, main=False)
    for year, row in zip(years.index, years.to_dict("records"), strict=True):
        sign = [chance(row[_NET[0]], row["probability_sink"]), verdict_cell(book, row)]
        figures: list[Cell] = [row[name] for name in (*_PARTS, *_NET, _NET_SE)]
        sums = [row[name] for name in _CUMULATIVE]
        sheet.row([int(year), *figures, *sign, *sums], columns)
    sheet.chart(_chart(sheet, head, years), top, 0)
    sheet.notes("balance_years", "rounding")


def _chart(sheet: Sheet, head: int, years: pd.DataFrame) -> Any:
    """Return the parts as columns on one another, and over them the balance with its interval."""
    workbook, rows = sheet.book.workbook, len(years)
    chart = workbook.add_chart({"type": "column", "subtype": "stacked"})
    for place, colour in enumerate(COLOURS[: len(_PARTS)], start=1):
        fill = {"fill": {"color": colour}, "gap": 30}
        chart.add_series(series_at(sheet, head, rows, place) | fill)
    over = workbook.add_chart({"type": "line"})
    for place, look in enumerate(_LOOKS, start=1 + len(_PARTS)):
        over.add_series(series_at(sheet, head, rows, place) | {"line": look})
    chart.combine(over)
    parts = years[list(_PARTS)]
    below, above = parts.clip(upper=0).sum(axis=1), parts.clip(lower=0).sum(axis=1)
    reach = reach_of([*below, *above, *years[_NET[1]], *years[_NET[2]]])
    dress(sheet.book, chart, "balance_years", lines=_LINES, reach=reach)
    return chart


def write_contributions(book: Book) -> None:
    """Write which parameters the intervals of the district and of each site come from."""
    found = book.records("contributions")
    if not found:
        return
    columns = [
        *book.columns("result", "zone"),
        *columns_of(book, "count", "column.rank"),
        *book.columns("parameter", widest=60),
        *book.columns("contribution_pct", "verified"),
    ]
    sheet = book.sheet("contributions")
    sheet.table(columns)
    for zone in singled_out(book, "contributions"):
        for result in ("net_sink", "stock"):
            head: list[Cell] = [book.word(f"result.{result}"), book.name("zones", zone)]
            for (of, where, rank), row in found.items():
                if (of, where) == (result, zone):
                    name = str(row[f"name_{book.language}"])
                    cells = [*head, rank, name, row["contribution_pct"], _checked(book, row)]
                    sheet.row(cells, columns)
    sheet.filtered()
    sheet.notes("contributions")


def _checked(book: Book, row: dict[str, Any]) -> Marked:
    """Say whether a parameter was checked; the error of the map comes from a sample."""
    if row["parameter"] == "map":
        return Marked(book.word("verified.sample"), "good")
    return verified_cell(book, checked=bool(row["verified"]))
