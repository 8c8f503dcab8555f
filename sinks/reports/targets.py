"""The sheets of targets: of the district, and those of its towns as they are sent on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sinks.reports.cells import Cell, Column
from sinks.reports.plan_words import (
    evidence_word,
    figure_cells,
    indicator_name,
    met_cell,
    unit_name,
    year_cell,
)
from sinks.reports.sections import columns_of, section
from sinks.reports.sheets import Book, Sheet

_TREND = ("trend_per_year", "trend_low_per_year", "trend_high_per_year")
_FORECAST = ("forecast", "forecast_low", "forecast_high")

Rows = Mapping[Any, Mapping[str, Any]]


def write_targets(book: Book) -> None:
    """Write where every target of the district stands, and whether it can still be met."""
    targets = book.records("targets")
    if not targets:
        return
    sheet = book.sheet("indicators")
    _write_status(sheet, targets)
    _write_outlook(sheet, targets, book.records("outlook"))


def _write_status(sheet: Sheet, targets: Rows) -> None:
    book = sheet.book
    columns = [
        *book.columns("indicator"),
        Column(book.word("workbook.target_kind")),
        *columns_of(book, "number", "column.target"),
        *book.columns("unit"),
        *columns_of(book, "number", "column.value", "column.low", "column.high"),
        *columns_of(book, "year", "column.value_year"),
        *book.columns("evidence", "met"),
        *columns_of(book, "share", "column.probability"),
        *_gap_columns(book),
        *book.columns("judged_by", "department", "document", widest=30),
    ]
    sheet.table(columns)
    for key, row in targets.items():
        judged = [met_cell(book, row["met"]), row["probability"], *_gap_cells(book, row)]
        basis: list[Cell] = [book.word(f"judged_by.{row['judged_by']}")]
        basis += [str(row["department"]), str(row["document"])]
        sheet.row([*_figures(book, key, row), *judged, *basis], columns)
    sheet.filtered()
    sheet.notes("targets", "rounding")


def _figures(book: Book, key: str, row: Mapping[str, Any]) -> list[Cell]:
    asked: list[Cell] = [book.word(f"target_kind.{row['kind']}"), row["target"]]
    figure = [unit_name(book, row["unit"]), *figure_cells(book, row)]
    source = [year_cell(row["value_year"]), evidence_word(book, row["evidence"])]
    return [indicator_name(book, key), *asked, *figure, *source]


def _gap_columns(book: Book) -> list[Column]:
    return [
        *columns_of(book, "number", "workbook.gap", "column.gap_part"),
        *book.columns("part_unit"),
        *columns_of(book, "number", "column.gap_mu"),
    ]


def _gap_cells(book: Book, row: Mapping[str, Any]) -> list[Cell]:
    return [row["gap"], row["gap_part"], unit_name(book, row["part_unit"]), row["gap_mu"]]


def _need_columns(book: Book) -> list[Column]:
    needs = ("needed_per_year", "needed_part_per_year", "needed_mu_per_year")
    per_year, part, mu = columns_of(book, "number", *(f"column.{name}" for name in needs))
    return [
        *columns_of(book, "year", "column.by_year"),
        per_year,
        part,
        *book.columns("part_unit"),
        mu,
    ]


def _need_cells(book: Book, row: Mapping[str, Any]) -> list[Cell]:
    unit, mu = unit_name(book, row["part_unit"]), row["needed_mu_per_year"]
    needs: list[Cell] = [row["needed_per_year"], row["needed_part_per_year"], unit, mu]
    return [year_cell(row["by_year"]), *needs]


def _write_outlook(sheet: Sheet, targets: Rows, ahead: Rows) -> None:
    book = sheet.book
    columns = [
        *book.columns("indicator", "met"),
        *columns_of(book, "number", "column.target"),
        *book.columns("unit"),
        *_need_columns(book),
        *columns_of(book, "number", *(f"column.{name}" for name in (*_TREND, *_FORECAST))),
        *columns_of(book, "share", "column.forecast_probability"),
        *columns_of(book, "count", "outlook.years", "column.years_met"),
        *book.columns("basis", widest=30),
    ]
    section(sheet, "outlook", columns)
    for key, target in targets.items():
        row = ahead[key]
        head: list[Cell] = [indicator_name(book, key), met_cell(book, target["met"])]
        head += [target["target"], unit_name(book, target["unit"])]
        trend: list[Cell] = [row[name] for name in (*_TREND, *_FORECAST, "forecast_probability")]
        basis: list[Cell] = [row["years"], row["years_met"], book.word(f"outlook.{row['basis']}")]
        sheet.row([*head, *_need_cells(book, row), *trend, *basis], columns)
    sheet.notes("outlook")


def write_towns(book: Book) -> None:
    """Write the targets shared among towns: by indicator, the district's own row first."""
    shared, ahead = book.records("targets_towns"), book.records("outlook_towns")
    if not shared:
        return
    columns = [
        *book.columns("indicator", "zone"),
        *columns_of(book, "number", "column.target"),
        *book.columns("unit"),
        *columns_of(book, "number", "column.value", "column.low", "column.high"),
        *book.columns("evidence", "met"),
        *columns_of(book, "share", "column.probability"),
        *_gap_columns(book),
        *_need_columns(book),
        *columns_of(book, "share", "column.forecast_probability"),
    ]
    sheet = book.sheet("towns")
    sheet.table(columns)
    whole, way = book.records("targets"), book.records("outlook")
    for indicator in dict.fromkeys(key for _, key in shared):
        if indicator in whole:
            cells = _town(book, (book.district, indicator), whole[indicator], way[indicator])
            sheet.row(cells, columns, "total")
        for where in ((zone, indicator) for zone in book.kinds if (zone, indicator) in shared):
            sheet.row(_town(book, where, shared[where], ahead[where]), columns)
    sheet.filtered()
    sheet.notes("towns", "targets", "rounding")


def _town(
    book: Book, where: tuple[str, str], row: Mapping[str, Any], ahead: Mapping[str, Any]
) -> list[Cell]:
    zone, key = where
    head: list[Cell] = [indicator_name(book, key), book.name("zones", zone), row["target"]]
    figure = [unit_name(book, row["unit"]), *figure_cells(book, row)]
    judged: list[Cell] = [evidence_word(book, row["evidence"]), met_cell(book, row["met"])]
    need = [*_need_cells(book, ahead), ahead["forecast_probability"]]
    return [*head, *figure, *judged, row["probability"], *_gap_cells(book, row), *need]
