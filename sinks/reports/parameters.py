"""The sheets of parameters: carbon densities, flux rates, uses, potentials, publications."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sinks.reports.cells import Cell, Column, Marked
from sinks.reports.sections import class_name, columns_of, section, verified_cell
from sinks.reports.sheets import Book, Sheet

_SOURCES = ("grade", "citation", "anchors", "where", "basis")
_ENDS = ("", "_low", "_high")


def write_densities(book: Book) -> None:
    """Write the carbon densities that were used, and the publications of all parameters."""
    densities = book.records("densities")
    if not densities:
        return
    values = [f"density{end}_tc_per_ha" for end in _ENDS]
    columns = [*book.columns("land_cover", "pool", *values), *_source_columns(book)]
    sheet = book.sheet("densities")
    sheet.table(columns)
    for (key, pool), row in densities.items():
        head: list[Cell] = [book.name("classes", key), book.word(f"pool.{pool}")]
        sheet.row([*head, *(row[name] for name in values), *_sources(book, row)], columns)
    sheet.filtered()
    sheet.notes("verified")
    _write_references(sheet)


def write_flux_rates(book: Book) -> None:
    """Write the rates of greenhouse gases that were used."""
    rates = book.records("flux_rates")
    if not rates:
        return
    values = [f"rate{end}_per_ha_per_year" for end in _ENDS]
    heads = [*book.columns("use", widest=40), *book.columns("flow", "unit", *values)]
    columns = [*heads, *_source_columns(book)]
    sheet = book.sheet("flux_rates")
    sheet.table(columns)
    for (use, flow), row in rates.items():
        head: list[Cell] = [book.name("uses", use), book.word(f"flow.{flow}")]
        head.append(book.word(f"flux_unit.{row['unit']}"))
        sheet.row([*head, *(row[name] for name in values), *_sources(book, row)], columns)
    sheet.filtered()
    sheet.notes("flux_rates", "verified")


def write_uses(book: Book) -> None:
    """Write what stands on each class, and the sets of warming potentials."""
    if book.results.table("use_shares").empty and book.results.table("potentials").empty:
        return
    sheet = book.sheet("uses")
    _write_shares(sheet)
    _write_potentials(sheet)


def _source_columns(book: Book) -> list[Column]:
    return [
        *book.columns("grade"),
        *book.columns("citation", widest=58),
        *book.columns("anchors", widest=24),
        *book.columns("where", "basis", widest=40),
        *book.columns("verified"),
    ]


def _sources(book: Book, row: Mapping[str, Any]) -> list[Cell]:
    texts: list[Cell] = [str(row[name]) for name in _SOURCES]
    return [*texts, verified_cell(book, checked=bool(row["verified"]))]


def _write_shares(sheet: Sheet) -> None:
    book, shares, uses = sheet.book, sheet.book.records("use_shares"), sheet.book.records("uses")
    if not shares:
        return
    heads = [*book.columns("land_cover"), *book.columns("use", widest=40)]
    columns = [*heads, *columns_of(book, "share", "column.share"), *book.columns("inventory")]
    section(sheet, "use_shares", columns)
    for (key, use), row in shares.items():
        inventory = book.word("word.yes" if uses[use]["inventory"] else "word.no")
        cells = [class_name(book, key), book.name("uses", use), row["share"], inventory]
        sheet.row(cells, columns)
    sheet.notes("use_shares")


def _write_potentials(sheet: Sheet) -> None:
    book, sets = sheet.book, sheet.book.records("potentials")
    if not sets:
        return
    columns = [
        *book.columns("potentials", widest=40),
        *book.columns("citation", "chosen"),
        *columns_of(book, "number", "column.ch4", "column.n2o"),
        *columns_of(book, "count", "column.years"),
    ]
    section(sheet, "potentials", columns)
    for row in sets.values():
        chosen = Marked(book.word("word.yes"), "good") if row["chosen"] else book.word("word.no")
        head: list[Cell] = [str(row[f"name_{book.language}"]), str(row["citation"]), chosen]
        sheet.row([*head, row["ch4"], row["n2o"], row["years"]], columns)
    sheet.notes("potentials")


def _write_references(sheet: Sheet) -> None:
    """Name the publications that rows cite or lean on, each with how far it was read."""
    book, references = sheet.book, sheet.book.records("references")
    if not references:
        return
    sheet.line("")
    sheet.line(book.word("workbook.references"), "section")
    between = book.word("workbook.read_as")
    for key, row in references.items():
        sheet.line(f"[{key}] {row['text']}{between}{book.word('read.' + str(row['read']))}")
