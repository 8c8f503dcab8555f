"""The sheets behind gross ecosystem product: data it lacks, its rules and guards."""

from __future__ import annotations

import re

from sinks.reports.account_words import (
    PRICE,
    amount_unit,
    begin,
    formula_text,
    in_language,
    rows_of,
    service_name,
    services_named,
    status_cell,
    told,
    yes_no,
)
from sinks.reports.cells import Cell, Column, Marked
from sinks.reports.plan_words import word_or_key, year_cell
from sinks.reports.sections import columns_of, section, verified_cell
from sinks.reports.sheets import Book, Sheet

_APART = re.compile(r"[;,；，、\s]+")  # between the services that a datum concerns


def write_gep_gaps(book: Book) -> None:
    """Write the data that are missing or stand on defaults, as a list to be filled in."""
    rows = rows_of(book, "gep_gaps")
    if not rows:
        return
    columns = _gap_columns(book)
    sheet = book.sheet("gep_gaps")
    sheet.table(columns)
    for (year, zone, key, detail), row in rows:
        place = "" if zone == book.district else str(zone)  # blank is the district
        asked: list[Cell] = [str(key), told(detail), place, year_cell(year)]
        blank, unit = Marked(None, "same"), amount_unit(book, row["unit"])
        empty: list[Cell] = [blank, unit, blank, blank]
        empty += [in_language(book, row, "department"), blank]
        services = [part for part in _APART.split(told(row["services"])) if part]
        effect = word_or_key(book, "gap_effect", row["effect"])
        missing = row["effect"] == "missing"
        about: list[Cell] = [in_language(book, row, "name"), services_named(book, services)]
        about += [Marked(effect, "warn" if missing else "same"), row["default_value"]]
        sheet.row([*asked, *empty, *about, told(row["default_source"])], columns)
    sheet.filtered()
    sheet.notes("gep_gaps")


def _gap_columns(book: Book) -> list[Column]:
    """Return the columns, first those of a table of statistics in its order."""
    return [
        *columns_of(book, "text", "workbook.fill_input"),
        *book.columns("detail"),
        *columns_of(book, "text", "workbook.fill_zone"),
        *book.columns("year"),
        *columns_of(book, "number", "workbook.fill_value"),
        *book.columns("unit"),
        *columns_of(book, "number", "workbook.fill_low", "workbook.fill_high"),
        *columns_of(book, "text", "workbook.fill_department", "workbook.fill_document"),
        *columns_of(book, "text", "workbook.fill_name", "column.services", "column.effect"),
        *columns_of(book, PRICE, "column.default_value"),
        *book.columns("default_source", widest=56),
    ]


def write_gep_rules(book: Book) -> None:
    """Write the rules by service, the rule set, the guards, and the prices that were used."""
    rules = book.records("gep_rules")
    if not rules:
        return
    columns = [
        *book.columns("service", "rule_set", "status"),
        Column(book.word("workbook.reason"), widest=40),
        *columns_of(book, "text", "workbook.formula_id"),
        Column(book.word("column.formula"), widest=56),
        *book.columns("verified"),
        *book.columns("reference", "where", widest=40),
    ]
    sheet = book.sheet("gep_rules")
    sheet.table(columns)
    names = book.records("rule_set")
    for service, row in rules.items():
        known = row["rule_set"] in names
        rule_set = in_language(book, names[row["rule_set"]], "name") if known else row["rule_set"]
        cells: list[Cell] = [service_name(book, service), told(rule_set)]
        cells += [status_cell(book, row["status"]), in_language(book, row, "reason")]
        cells += [told(row["formula"]), formula_text(book, row["formula"])]
        cells.append(verified_cell(book, checked=bool(row["verified"])))
        sheet.row([*cells, told(row["reference"]), told(row["where"])], columns)
    sheet.filtered()
    sheet.notes("gep_rules")
    _write_rule_set(sheet)
    _write_guards(sheet)


def _write_rule_set(sheet: Sheet) -> None:
    book, rows = sheet.book, sheet.book.records("rule_set")
    if not rows:
        return
    columns = [
        *book.columns("rule_set", "document"),
        *columns_of(book, "text", "workbook.document_status"),
        *book.columns("verified", "provisioning", "annualise"),
        *columns_of(book, "year", "column.base_year"),
    ]
    begin(sheet, "rule_set", columns, main=False)
    for row in rows.values():
        name, status = in_language(book, row, "name"), in_language(book, row, "status")
        cells: list[Cell] = [name, told(row["document"]), status]
        cells.append(verified_cell(book, checked=bool(row["verified"])))
        cells.append(word_or_key(book, "provisioning", row["provisioning"]))
        sheet.row([*cells, yes_no(book, answer=row["annualise"]), row["base_year"]], columns)


def _write_guards(sheet: Sheet) -> None:
    book, guards = sheet.book, sheet.book.records("gep_guards")
    if not guards:
        return
    finding = Column(book.word("workbook.finding"), widest=56)
    columns = [*book.columns("guard", "passed"), finding]
    section(sheet, "gep_guards", columns)
    for row in guards.values():
        passed = Marked(book.word("workbook.guard_passed"), "good")
        failed = Marked(book.word("workbook.guard_failed"), "warn")
        mark = passed if row["passed"] else failed
        cells: list[Cell] = [in_language(book, row, "name"), mark]
        sheet.row([*cells, in_language(book, row, "finding")], columns)
    sheet.notes("gep_guards")
