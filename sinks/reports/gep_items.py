"""The sheets of items of gross ecosystem product, and of what land cover gives them.

Values are live formulas: quantity times unit value, in 万元.
"""

from __future__ import annotations

from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.reports.account_words import (
    PRICE,
    WAN,
    formula_text,
    item_name,
    live,
    money,
    quantities,
    quantity_cells,
    rows_of,
    service_name,
    told,
    wan,
    wan_cells,
    yes_no,
    zone_name,
)
from sinks.reports.cells import Cell, Column, Tone
from sinks.reports.plan_words import word_or_key
from sinks.reports.sections import class_name, columns_of
from sinks.reports.sheets import Book

_ENDS = ("", "_low", "_high")
_VALUE = tuple(f"value{end}_yuan" for end in _ENDS)
_CONSTANT = tuple(f"constant{end}_yuan" for end in _ENDS)


def write_gep_items(book: Book) -> None:
    """Write every item: quantity times unit value is value, with the trace of each."""
    rows = rows_of(book, "gep_items")
    if not rows:
        return
    columns = _item_columns(book)
    sheet = book.sheet("gep_items")
    sheet.table(columns)
    for (year, zone, item), row in rows:
        kind: list[Cell] = [book.word(f"service_group.{row['group']}")]
        kind += [service_name(book, row["service"]), item_name(book, item)]
        head = [zone_name(book, zone), int(year), *kind, yes_no(book, answer=row["counted"])]
        prices: list[Cell] = [row[f"unit_value{end}_yuan"] for end in _ENDS]
        figures = [*quantity_cells(book, row), *prices, _product(sheet.next_row, row)]
        figures += wan_cells(row, *_VALUE[1:], "gross_yuan", *_CONSTANT)
        trace: list[Cell] = [word_or_key(book, "spread", row["spread"])]
        trace += [word_or_key(book, "rests_on", row["rests_on"]), told(row["formula"])]
        trace += [formula_text(book, row["formula"]), told(row["sources"])]
        tone: Tone = "plain" if row["counted"] else "apart"
        sheet.row([*head, *figures, *trace], columns, tone)
    sheet.filtered()
    sheet.notes("gep_items")


_QUANTITY_COLUMN, _PRICE_COLUMN = 6, 10  # columns of the items


def _product(at: int, row: dict[str, Any]) -> Cell:
    quantity, price = (xl_rowcol_to_cell(at, c) for c in (_QUANTITY_COLUMN, _PRICE_COLUMN))
    again = row["quantity"] * row["unit_value_yuan"] / WAN
    return live(f"={quantity}*{price}/{WAN:.0f}", again, wan(row["value_yuan"]))


def _item_columns(book: Book) -> list[Column]:
    prices = (f"column.unit_value{end}_yuan" for end in _ENDS)
    return [
        *book.columns("zone", "year"),
        *columns_of(book, "text", "gep_items.group"),
        *book.columns("service", "item", "counted"),
        *quantities(book),
        *columns_of(book, PRICE, *prices),
        *money(book, "value", "value_low", "value_high", "gross"),
        *money(book, "constant", "constant_low", "constant_high"),
        *book.columns("spread", "rests_on"),
        *columns_of(book, "text", "workbook.formula_id"),
        Column(book.word("column.formula"), widest=56),
        *book.columns("sources", widest=56),
    ]


def write_gep_classes(book: Book) -> None:
    """Write quantities and values by land cover, as far as items have one."""
    rows = rows_of(book, "gep_classes")
    if not rows:
        return
    of = book.results.table("account_items")
    services = of["service"].to_dict() if len(of) else {}
    columns = [
        *book.columns("zone", "year", "service", "item", "land_cover"),
        *quantities(book),
        *money(book, "value", "value_low", "value_high"),
    ]
    sheet = book.sheet("gep_classes")
    sheet.table(columns)
    for (year, zone, item, key), row in rows:
        service = service_name(book, services[item]) if item in services else ""
        head: list[Cell] = [zone_name(book, zone), int(year), service, item_name(book, item)]
        figures = [*quantity_cells(book, row), *wan_cells(row, *_VALUE)]
        sheet.row([*head, class_name(book, key), *figures], columns)
    sheet.filtered()
    sheet.notes("gep_classes", "rounding")
