"""The sheet of the ledger of measures: its projects, and what they come to by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sinks.indicators.targets import unit_ratio
from sinks.parameters.ledger import project_terms
from sinks.reports.cells import Cell, Marked, Tone
from sinks.reports.plan_words import unit_name, year_cell
from sinks.reports.sections import class_name, columns_of, section
from sinks.reports.sheets import Book, Sheet
from sinks.units import HA_PER_MU

# what each kind of measure works towards
_INDICATOR = {"restoration": "wetland_restored_area", "planting": "afforestation_area"}
_SHARES = ("was_before_pct", "is_after_pct", "became_pct")
_SEEN: Mapping[str, Tone] = {"seen": "good", "unseen": "warn"}


def write_ledger(book: Book) -> None:
    """Write every project with its acceptance and what maps show; then progress by year."""
    projects = book.results.table("ledger")
    if projects.empty:
        return
    sheet = book.sheet("ledger")
    _write_projects(sheet, projects)
    _write_years(sheet)


def _write_projects(sheet: Sheet, projects: pd.DataFrame) -> None:
    book, seen = sheet.book, "judged" in projects
    columns = [
        *book.columns("project", "name", "type", "pre_class", "post_class"),
        *book.columns("year", "status", "accepted_on", "document"),
        *book.columns("area_ha"),
        *columns_of(book, "number", "workbook.area_mu"),
        *(book.columns(*_SHARES, "judged") if seen else []),
    ]
    sheet.table(columns)
    for key, row in zip(projects.index, projects.to_dict("records"), strict=True):
        classes = [class_name(book, row[name]) for name in ("pre_class", "post_class")]
        head: list[Cell] = [str(key), str(row["name"]), _term(book, "type", row), *classes]
        head += [year_cell(row["year"]), _status(book, row)]
        head += [str(row["accepted_on"]), str(row["document"])]
        areas: list[Cell] = [row["area_ha"], row["area_ha"] / HA_PER_MU]
        sheet.row([*head, *areas, *(_map_cells(book, row) if seen else [])], columns)
    sheet.filtered()
    sheet.notes("ledger")


def _term(book: Book, role: str, row: Mapping[Any, Any]) -> str:
    """Return the name of a type or state of projects; one that is not known has none."""
    terms = project_terms()
    key = (role, row[role])
    return str(terms.loc[key, f"name_{book.language}"]) if key in terms.index else ""


def _status(book: Book, row: Mapping[Any, Any]) -> Cell:
    name = _term(book, "status", row)
    return Marked(name, "good") if row["status"] == "accepted" else name


def _map_cells(book: Book, row: Mapping[Any, Any]) -> list[Cell]:
    judged = row["judged"]
    if not isinstance(judged, str):
        return [None, None, None, ""]
    word = book.word(f"seen.{judged}")
    return [*(row[name] for name in _SHARES), Marked(word, _SEEN.get(judged, "plain"))]


def _write_years(sheet: Sheet) -> None:
    """Write what was accepted by year, and how far the indicator has come to its target."""
    book, years = sheet.book, sheet.book.records("ledger_years")
    if not years:
        return
    columns = [
        *book.columns("kind", "year"),
        *columns_of(book, "count", "column.projects"),
        *book.columns("gross_ha", "area_ha", "cumulative_ha"),
        *columns_of(book, "number", "workbook.area_mu", "column.value"),
        *book.columns("unit"),
        *columns_of(book, "number", "column.target"),
        *columns_of(book, "pct", "workbook.of_target"),
    ]
    section(sheet, "ledger_years", columns)
    names = ("projects", "gross_ha", "area_ha", "cumulative_ha")
    for (kind, year), row in years.items():
        head: list[Cell] = [book.word(f"measure.{kind}"), year, *(row[name] for name in names)]
        done = [row["area_ha"] / HA_PER_MU, *_towards(book, kind, year)]
        sheet.row([*head, *done], columns)
    sheet.notes("ledger_years")


def _towards(book: Book, kind: str, year: int) -> list[Cell]:
    """Return value, unit, target and the share of it reached of the indicator of a measure."""
    key = _INDICATOR.get(kind, "")
    rate = book.records("indicators").get((year, book.district, key))
    if rate is None or pd.isna(rate["value"]):
        return [None, "", None, None]
    value, unit = float(rate["value"]), str(rate["unit"])
    target = book.records("targets").get(key)
    ratio = None if target is None else unit_ratio(str(target["unit"]), unit)
    if target is None or not ratio:
        return [value, unit_name(book, unit), None, None]
    asked = float(target["target"]) * ratio
    return [value, unit_name(book, unit), asked, 100 * value / asked if asked else None]
