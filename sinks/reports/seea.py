"""The sheets of SEEA EA on ecosystems: extent, condition and carbon.

Closing stocks and sums are formulas with their values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.parameters.labels import labels
from sinks.reports.account_words import (
    Keyed,
    amount,
    amount_unit,
    amounts,
    live,
    live_sum,
    rows_of,
    told,
    zone_name,
)
from sinks.reports.cells import Cell, Column, total
from sinks.reports.plan_words import word_or_key
from sinks.reports.sections import class_name, columns_of, in_legend_order, section
from sinks.reports.sheets import Book, Sheet

_EXPANSIONS = ("managed_expansion_ha", "unmanaged_expansion_ha")
_REDUCTIONS = ("managed_reduction_ha", "unmanaged_reduction_ha")
_EXTENT: Mapping[str, int] = {  # the columns of an account and their sign in its closing
    "opening_ha": 1,
    **dict.fromkeys(_EXPANSIONS, 1),
    **dict.fromkeys(_REDUCTIONS, -1),
    "reappraisal_ha": 1,
}
_CARBON: Mapping[str, int] = {
    "opening_tc": 1,
    "additions_tc": 1,
    "reductions_tc": -1,
    "reappraisal_tc": 1,
}
_ENDS = ("", "_low", "_high")
_ESTIMATED = tuple(f"{at}_estimated{end}_ha" for at in ("opening", "closing") for end in _ENDS)


def write_seea_extent(book: Book) -> None:
    """Write the extent account of every zone; each closing area follows from its row."""
    rows = rows_of(book, "seea_extent")
    if not rows:
        return
    years = book.results.years
    sampled = any(amounts(row.get(name) for name in _ESTIMATED) for _, row in rows)
    names = _ESTIMATED if sampled else ()
    columns = [
        *book.columns("zone", "land_cover", "get", *_EXTENT, "closing_ha"),
        *book.columns(*names),
    ]
    sheet = book.sheet("seea_extent", before=years[0], after=years[-1])
    sheet.table(columns)
    _write_stocks(sheet, columns, rows, _Stock(parts=_EXTENT, closing="closing_ha", more=names))
    sheet.filtered()
    sheet.notes("seea_extent", "rounding")


@dataclass(frozen=True, kw_only=True)
class _Stock:
    """An account of a stock by class: its parts with their signs, and its closing column."""

    parts: Mapping[str, int]
    closing: str
    more: Sequence[str] = ()


def _write_stocks(sheet: Sheet, columns: list[Column], rows: list[Keyed], stock: _Stock) -> None:
    """Write the rows of each zone by class, and its sums."""
    book = sheet.book
    zones: dict[str, dict[str, dict[str, Any]]] = {}
    for (zone, key), row in rows:
        zones.setdefault(str(zone), {})[str(key)] = row
    lead = len(columns) - len(stock.parts) - 1 - len(stock.more)
    for zone, of in zones.items():
        first, name = sheet.next_row, zone_name(book, zone)
        for key in in_legend_order(book, of):
            row = of[key]
            head: list[Cell] = [name, class_name(book, key)]
            head += [told(row["get"])] if "get" in row else []
            figures: list[Cell] = [row[part] for part in stock.parts]
            closing = _closing(sheet.next_row, lead, row, stock)
            cells = [*head, *figures, closing, *(row.get(part) for part in stock.more)]
            sheet.row(cells, columns)
        last = sheet.next_row - 1
        whole: list[Cell] = [name, book.word("workbook.total")]
        whole += [""] * (lead - len(whole))
        for place, part in enumerate((*stock.parts, stock.closing), start=lead):
            parts = [row[part] for row in of.values()]
            whole.append(live_sum((first, place), (last, place), parts))
        sheet.row([*whole, *([None] * len(stock.more))], columns, "total")


def _closing(at: int, lead: int, row: dict[str, Any], stock: _Stock) -> Cell:
    """Return the closing stock as what the parts of the row come to."""
    cells = [xl_rowcol_to_cell(at, lead + place) for place in range(len(stock.parts))]
    signs = list(stock.parts.values())
    terms = [f"{'+' if sign > 0 else '-'}{c}" for sign, c in zip(signs, cells, strict=True)]
    again = math.fsum(sign * amount(row[part]) for part, sign in stock.parts.items())
    return live(f"={''.join(terms).removeprefix('+')}", again, row[stock.closing])


def write_seea_condition(book: Book) -> None:
    """Write the variables of condition between their reference levels, and their index."""
    rows = rows_of(book, "seea_condition")
    if not rows:
        return
    figures = ("value", "low_reference", "high_reference")
    counts = [name for name in ("variables", "variables_of") if name in rows[0][1]]
    columns = [
        *book.columns("zone", "year", "variable"),
        *columns_of(book, "number", *(f"column.{name}" for name in figures)),
        *book.columns("unit"),
        *columns_of(book, "number", "seea_condition.indicator"),
        *columns_of(book, "count", *(f"column.{name}" for name in counts)),
        *book.columns("source", widest=56),
    ]
    sheet = book.sheet("seea_condition")
    sheet.table(columns)
    begun: tuple[object, object] | None = None
    first, held = 0, list[Any]()
    for (year, zone, variable), row in rows:
        if (year, zone) != begun:
            begun, first, held = (year, zone), sheet.next_row, []
        head: list[Cell] = [zone_name(book, zone), int(year)]
        head.append(word_or_key(book, "condition_variable", variable))
        cells = [*head, *(row[name] for name in figures), amount_unit(book, row["unit"])]
        index = variable == "index"
        ends = (first, len(cells)), (sheet.next_row - 1, len(cells))
        indicator = _mean(*ends, held, row["indicator"]) if index else row["indicator"]
        cells += [indicator, *(row[name] for name in counts), told(row["source"])]
        sheet.row(cells, columns, "total" if index else "plain")
        held.append(row["indicator"])
    sheet.filtered()
    sheet.notes("seea_condition")


def _mean(first: tuple[int, int], last: tuple[int, int], parts: list[Any], value: float) -> Cell:
    known = amounts(parts)
    if not known:
        return value
    text = total(first, last, 0.0).text.replace("SUM", "AVERAGE")
    return live(text, math.fsum(known) / len(known), value)


def write_seea_carbon(book: Book) -> None:
    """Write the carbon account by class, and the yearly flows of gases beside it."""
    rows = rows_of(book, "seea_carbon")
    if not rows:
        return
    columns = [
        *book.columns("zone", "land_cover"),
        *columns_of(book, "tc", "seea_carbon.opening_tc"),
        *book.columns("additions_tc", "reductions_tc", "reappraisal_tc"),
        *columns_of(book, "tc", "seea_carbon.closing_tc"),
    ]
    sheet = book.sheet("seea_carbon")
    sheet.table(columns)
    _write_stocks(sheet, columns, rows, _Stock(parts=_CARBON, closing="closing_tc"))
    sheet.filtered()
    sheet.notes("seea_carbon", "rounding")
    _write_carbon_flows(sheet)


def _write_carbon_flows(sheet: Sheet) -> None:
    """Write the memo columns under the names they have, in the order of the table."""
    book, rows = sheet.book, rows_of(sheet.book, "seea_carbon_flows")
    if not rows:
        return
    names = [str(name) for name in book.results.table("seea_carbon_flows").select_dtypes("number")]
    known = labels("column")
    heads = [book.columns(n)[0] if n in known else Column(n, "number") for n in names]
    columns = [*book.columns("zone"), *heads]
    section(sheet, "seea_carbon_flows", columns)
    for zone, row in rows:
        sheet.row([zone_name(book, zone), *(row[name] for name in names)], columns)
