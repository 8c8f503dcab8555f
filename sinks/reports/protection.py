"""The sheets of places under protection: wetland by form, and change inside the red line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.reports.cells import Cell, Column, Formula, Marked, total
from sinks.reports.sections import class_name, columns_of, section
from sinks.reports.sheets import Book, Sheet

_FORM_HA = ("gross_ha", "form_ha", "exclusive_ha")
_WETLAND_HA = ("wetland_ha", "protected_ha", "unprotected_ha")
_LISTED = 100  # wetlands without protection that are named; the rest is counted


def write_wetland_protection(book: Book) -> None:
    """Write what each form of protection holds, what forms share, and what has none."""
    if book.results.table("protection_forms").empty:
        return
    sheet = book.sheet("wetland_protection")
    _write_forms(sheet)
    _write_overlaps(sheet)
    _write_unprotected(sheet)


def _write_forms(sheet: Sheet) -> None:
    book, forms = sheet.book, sheet.book.records("protection_forms")
    columns = book.columns("form", *_FORM_HA)
    sheet.table(columns)
    first, sums = sheet.next_row, book.results.table("protection_forms")[list(_FORM_HA)].sum()
    for key, row in forms.items():
        sheet.row([book.name("protection_forms", key), *(row[n] for n in _FORM_HA)], columns)
    at = sheet.next_row
    cells = [
        total((first, 1 + place), (at - 1, 1 + place), float(sums[name]))
        for place, name in enumerate(_FORM_HA)
    ]
    sheet.row([book.word("workbook.total"), *cells], columns, "total")
    _write_check(sheet, columns, xl_rowcol_to_cell(at, 3), float(sums["exclusive_ha"]))
    sheet.notes("protection_forms", "rounding")


def _write_check(sheet: Sheet, columns: list[Column], sum_at: str, sum_ha: float) -> None:
    """Write the union of all forms, the numerator of the rate, and what the sum differs by."""
    book, rates = sheet.book, sheet.book.in_district("indicators")
    where = book.results.years[-1], "wetland_protection_rate"
    if rates.empty or where not in rates.index:
        return
    union_ha = float(rates["numerator"].to_dict()[where])
    union_at = xl_rowcol_to_cell(sheet.next_row, 3)
    sheet.row([book.word("workbook.union"), None, None, union_ha], columns, "apart")
    apart = Formula(f"=ROUND({sum_at}-{union_at},2)", round(sum_ha - union_ha, 2) + 0.0)
    sheet.row([book.word("workbook.sum_check"), None, None, apart], columns, "apart")


def _write_overlaps(sheet: Sheet) -> None:
    book, shared = sheet.book, sheet.book.results.table("protection_overlaps")
    forms = [str(form) for form in book.results.table("protection_forms").index]
    if shared.empty or len(forms) < 2:
        return
    names = [book.name("protection_forms", form) for form in forms]
    columns = [*book.columns("form"), *(Column(name, "ha") for name in names)]
    section(sheet, "protection_overlaps", columns)
    area_ha = shared["area_ha"].to_dict()
    for form, name in zip(forms, names, strict=True):
        cells: list[Cell] = [area_ha.get((form, other)) for other in forms]
        cells[forms.index(form)] = Marked(area_ha.get((form, form)), "same")
        sheet.row([name, *cells], columns)
    sheet.notes("protection_overlaps")


def _write_unprotected(sheet: Sheet) -> None:
    """Write the largest wetlands without full protection; the rest by number and area."""
    book, table = sheet.book, sheet.book.results.table("unprotected_wetlands")
    if table.empty:
        return
    columns = [
        *columns_of(book, "count", "column.rank"),
        *book.columns(*_WETLAND_HA, "name", "dlbm"),
    ]
    shown = min(_LISTED, len(table))
    section(sheet, "unprotected_wetlands", columns, count=shown)
    first = sheet.next_row
    for rank, row in enumerate(table.iloc[:shown].to_dict("records"), start=1):
        areas = [row[name] for name in _WETLAND_HA]
        sheet.row([rank, *areas, str(row["name"]), str(row["dlbm"])], columns)
    if rest := len(table) - shown:
        sums = _sums(table.iloc[shown:])
        name = book.word("workbook.rest", count=rest)
        sheet.row([name, *sums.values(), "", ""], columns, "apart")
    last, sums = sheet.next_row - 1, _sums(table)
    cells = [total((first, 1 + n), (last, 1 + n), sums[c]) for n, c in enumerate(_WETLAND_HA)]
    whole: list[Cell] = [book.word("workbook.total"), *cells, "", ""]
    sheet.row(whole, columns, "total")
    sheet.notes("unprotected_wetlands")


def _sums(table: pd.DataFrame) -> dict[str, float]:
    return {name: float(table[name].sum()) for name in _WETLAND_HA}


def write_redline(book: Book) -> None:
    """Write the patches whose class changed inside the red line, leads of encroachment first."""
    table = book.results.table("redline_changes")
    if table.empty:
        return
    columns = [
        *book.columns("redline_area", "encroaches", "land_cover", "land_cover_after", "area_ha"),
        *columns_of(book, "count", "column.px"),
        *columns_of(book, "degrees", "column.lon", "column.lat"),
    ]
    sheet = book.sheet("redline_changes")
    sheet.table(columns)
    for row in table.sort_values("encroaches", ascending=False, kind="stable").to_dict("records"):
        sheet.row(_patch(book, row), columns)
    sheet.filtered()
    leads = table[table["encroaches"].astype(bool)]
    facts = {"count": len(leads), "patches": len(table), "area_ha": leads["area_ha"].sum()}
    sheet.line(book.word("workbook.redline_sum", **facts))
    sheet.notes("redline_changes")


def _patch(book: Book, row: Mapping[Any, Any]) -> list[Cell]:
    word = book.word("word.yes" if row["encroaches"] else "word.no")
    lead = Marked(word, "warn") if row["encroaches"] else word
    classes = [class_name(book, row[name]) for name in ("land_cover", "land_cover_after")]
    place = [row[name] for name in ("area_ha", "px", "lon", "lat")]
    return [str(row["redline_area"]), lead, *classes, *place]
