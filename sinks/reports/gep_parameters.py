"""The sheet of prices and coefficients behind gross ecosystem product."""

from __future__ import annotations

from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.reports.account_words import (
    PRICE,
    amount_unit,
    live,
    told,
)
from sinks.reports.cells import Cell
from sinks.reports.plan_words import word_or_key, year_cell
from sinks.reports.sections import class_name, columns_of, section, verified_cell
from sinks.reports.sheets import Book, Sheet

_TOLD_AT, _FACTOR_AT = 7, 10  # columns of the prices


def write_gep_parameters(book: Book) -> None:
    """Write the prices of every year, and the coefficients, each with where it is from."""
    if not book.records("gep_prices") and not book.records("gep_coefficients"):
        return
    sheet = book.sheet("gep_parameters")
    _write_prices(sheet)
    _write_coefficients(sheet)
    sheet.notes("verified")


def _write_prices(sheet: Sheet) -> None:
    book, rows = sheet.book, sheet.book.records("gep_prices")
    if not rows:
        return
    prices = ("gep_prices.value_yuan", "column.low_yuan", "column.high_yuan")
    columns = [
        *book.columns("price", "year", "unit"),
        *columns_of(book, PRICE, *prices),
        *book.columns("verified"),
        *columns_of(book, PRICE, "column.told_value"),
        *columns_of(book, "year", "column.told_year"),
        *book.columns("index"),
        *columns_of(book, PRICE, "column.factor"),
        *book.columns("reference", "where", widest=40),
    ]
    section(sheet, "gep_prices", columns)
    for (price, year), row in rows.items():
        head: list[Cell] = [_parameter(book, *str(price).partition(" ")[::2])]
        head += [int(year), amount_unit(book, row["unit"])]
        cells = [*head, _price(sheet.next_row, row), row["low_yuan"], row["high_yuan"]]
        cells.append(verified_cell(book, checked=bool(row["verified"])))
        cells += [row["told_value"], year_cell(row["told_year"]), _index(row), row["factor"]]
        sheet.row([*cells, told(row["reference"]), told(row["where"])], columns)
    sheet.notes("gep_prices")


def _write_coefficients(sheet: Sheet) -> None:
    book, rows = sheet.book, sheet.book.records("gep_coefficients")
    if not rows:
        return
    values = [f"value{end}_in_unit" for end in ("", "_low", "_high")]
    columns = [
        *book.columns("coefficient", "land_cover", "unit"),
        *columns_of(book, PRICE, *(f"column.{name}" for name in values)),
        *book.columns("grade", "verified"),
        *book.columns("citation", "where", "basis", widest=48),
    ]
    section(sheet, "gep_coefficients", columns)
    for (name, detail, cover), row in rows.items():
        cells: list[Cell] = [_parameter(book, name, detail), class_name(book, cover)]
        cells += [amount_unit(book, row["unit"]), *(row[value] for value in values)]
        cells += [told(row["grade"]), verified_cell(book, checked=bool(row["verified"]))]
        sheet.row([*cells, *(told(row[text]) for text in ("citation", "where", "basis"))], columns)


def _parameter(book: Book, name: str, detail: str) -> str:
    """Return the name of a coefficient or price, with what it is of."""
    said = word_or_key(book, "coefficient", name)
    return f"{said} {word_or_key(book, 'pollutant', detail)}".strip()


def _price(at: int, row: dict[str, Any]) -> Cell:
    """Return the price of the year: the price as told times its factor."""
    past, factor = (xl_rowcol_to_cell(at, column) for column in (_TOLD_AT, _FACTOR_AT))
    again = row["told_value"] * row["factor"]
    return live(f"={past}*{factor}", again, row["value_yuan"])


def _index(row: dict[str, Any]) -> Cell:
    """Return which index was used, or its figure; an empty cell where there is none."""
    return row["index"] if pd.notna(row["index"]) else None
