"""The sheets that say how good the maps are: accuracy, estimated areas, error matrices.

All of it comes from a probability sample; without one there is no such sheet. Every table
begins with what was assessed (the map of a year, or change) and the class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sinks.reports.areas import estimate_cells
from sinks.reports.cells import Cell, Column, Formula, Kind, Marked, Tone, total
from sinks.reports.sections import class_name, columns_of, in_legend_order, section
from sinks.reports.sheets import Book, Sheet

CHANGE = "change"
_ENDS = ("", "_low", "_high")
_ENDS_PCT = ("workbook.low_pct", "workbook.high_pct")


def write_accuracy(book: Book) -> None:
    """Write accuracy of every map, areas of the district, and how interpreters agree.

    Change has too many kinds for a matrix: what map and reference say of it stands in pairs.
    """
    if book.results.table("map_accuracy").empty:
        return
    sheet = book.sheet("accuracy")
    _write_designs(sheet)
    _write_overall(sheet)
    _write_district(sheet)
    for (sample, what), accuracy in _assessed(book, "map_accuracy"):
        _write_classes(sheet, _what(book, sample, what), accuracy)
    sheet.notes("class_accuracy")
    for (sample, what), rows in _assessed(book, "error_matrix"):
        if what == CHANGE:
            _write_pairs(sheet, _what(book, sample, what), rows)
    _write_agreement(sheet)
    sheet.line("")
    sheet.notes("accuracy", "rounding")


def _write_designs(sheet: Sheet) -> None:
    """Say how each sample was drawn and who labelled it."""
    book = sheet.book
    for sample, row in book.records("samples").items():
        facts = {str(key): value for key, value in row.items()}
        facts["design"] = book.word(f"design.{row['design']}")
        years = "、".join(_years(book, int(sample)))
        sheet.line(book.word("accuracy.design", years=years, **facts))


def _assessed(book: Book, name: str) -> list[tuple[tuple[int, str], pd.DataFrame]]:
    """Return the parts of a table by sample and what was assessed, in their order."""
    table = book.results.table(name)
    if table.empty:
        return []
    parts: Any = table.groupby(level=["sample", "what"], sort=False)
    return [(where, part.droplevel([0, 1])) for where, part in parts]


def _years(book: Book, sample: int) -> list[str]:
    """Return the years that a sample was labelled in."""
    return [w for (s, w), _ in _assessed(book, "map_accuracy") if s == sample and w != CHANGE]


def _what(book: Book, sample: int, what: str) -> str:
    if what != CHANGE:
        return book.word("what.year", year=what)
    before, after = _years(book, sample)
    return book.word("what.change", before=before, after=after)


def _head(book: Book) -> list[Column]:
    return columns_of(book, "text", "column.what", "column.land_cover")


def _write_overall(sheet: Sheet) -> None:
    book = sheet.book
    columns = [
        *_head(book),
        *columns_of(book, "pct", "workbook.overall_pct", *_ENDS_PCT),
        *columns_of(book, "count", "column.units"),
        *columns_of(book, "year", "column.sample"),
    ]
    section(sheet, "overall", columns)
    for (sample, what), accuracy in _assessed(book, "map_accuracy"):
        cells = _accuracy(accuracy, "overall", "all")
        head: list[Cell] = [_what(book, sample, what), class_name(book, "all")]
        sheet.row([*head, *cells, sample], columns)


def _accuracy(accuracy: pd.DataFrame, measure: str, key: str) -> list[Cell]:
    """Return accuracy, both ends of its interval, and the samples behind it."""
    if (measure, key) not in accuracy.index or not accuracy.loc[(measure, key), "units"]:
        return [None, None, None, 0]
    row: Any = accuracy.loc[(measure, key)]
    return [*(float(row[f"accuracy{end}_pct"]) for end in _ENDS), int(row["units"])]


def _write_district(sheet: Sheet) -> None:
    """Write mapped and estimated area of every class and year; zones are told where to find."""
    book = sheet.book
    areas = book.in_district("area_estimates")
    if areas.empty:
        return
    names = ["mapped", *(f"estimated{end}" for end in _ENDS)]
    columns = [
        *_head(book),
        *columns_of(book, "ha", *(f"workbook.{name}_area" for name in names)),
        *columns_of(book, "ha", "workbook.difference", "column.estimated_se_ha"),
    ]
    section(sheet, "district_areas", columns)
    for year, part in areas.groupby(level="year"):
        rows: dict[Any, Any] = part.droplevel("year").to_dict("index")
        for key in in_legend_order(book, rows):
            row = rows[key]
            head: list[Cell] = [
                book.word("what.year", year=year),
                class_name(book, key),
                row["area_ha"],
            ]
            sheet.row([*head, *estimate_cells(row, direct=True), row["estimated_se_ha"]], columns)
    sheet.notes("district_areas")
    if len(book.results.table("area_estimates").index.unique("zone")) > 1:
        sheet.line(book.word("note.zones_synthetic", sheet=book.word("sheet.areas")))


def _write_classes(sheet: Sheet, what: str, accuracy: pd.DataFrame) -> None:
    """Write user's and producer's accuracy of the classes that the sample met."""
    book, columns = sheet.book, _head(sheet.book)
    for measure in ("users", "producers"):
        columns += columns_of(book, "pct", f"workbook.{measure}_pct", *_ENDS_PCT)
        columns += columns_of(book, "count", f"workbook.{measure}_units")
    section(sheet, "class_accuracy", columns, what=what)
    keys = in_legend_order(book, accuracy.index.unique("land_cover").drop("all"))
    unsampled = 0
    for key in keys:
        users, producers = (_accuracy(accuracy, m, key) for m in ("users", "producers"))
        if not users[-1] and not producers[-1]:
            unsampled += 1
            continue
        sheet.row([what, class_name(book, key), *users, *producers], columns)
    if unsampled:
        sheet.line(book.word("workbook.unsampled", count=unsampled))


def _write_agreement(sheet: Sheet) -> None:
    """Write how often two interpreters agree, and how many places are in dispute."""
    book, table = sheet.book, sheet.book.results.table("agreement")
    if table.empty:
        return
    columns = [
        *_head(book),
        *columns_of(book, "pct", "column.agreement_pct", *_ENDS_PCT),
        *columns_of(book, "count", "column.places", "workbook.in_dispute"),
    ]
    section(sheet, "agreement", columns)
    parts: Any = table.groupby(level=["sample", "date"], sort=False)
    for (sample, date), part in parts:
        what = _what(book, sample, _years(book, sample)[date == "after"])
        rows = part.droplevel([0, 1]).to_dict("index")
        for key in ["all", *in_legend_order(book, set(rows) - {"all"})]:
            row = rows[key]
            ends: list[Cell] = [row[f"agreement{end}_pct"] for end in _ENDS]
            apart = round(row["places"] * (100 - row["agreement_pct"]) / 100)
            cells = [what, class_name(book, key), *ends, row["places"], apart]
            sheet.row(cells, columns, "total" if key == "all" else "plain")
    sheet.notes("agreement")


def write_error_matrix(book: Book) -> None:
    """Write samples and shares of the area by class of each map and of the reference."""
    assessed = [part for part in _assessed(book, "error_matrix") if part[0][1] != CHANGE]
    if not assessed:
        return
    sheet = book.sheet("error_matrix")
    for (sample, what), rows in assessed:
        named = _what(book, sample, what)
        _write_matrix(sheet, "matrix_units", named, rows["units"])
        _write_matrix(sheet, "matrix_share", named, rows["share_of_area"])
    sheet.line("")
    sheet.notes("error_matrix")


def _write_matrix(sheet: Sheet, key: str, what: str, values: pd.Series) -> None:
    """Write classes of the map by classes of the reference, with sums."""
    book, found = sheet.book, dict[Any, Any](values.to_dict())
    keys = in_legend_order(book, {name for pair in found for name in pair})
    kind: Kind = "count" if key == "matrix_units" else "share"
    names = [class_name(book, name) for name in keys]
    corner, heads = book.word("workbook.map_reference"), [*names, book.word("workbook.total")]
    columns = [Column(corner), *(Column(head, kind) for head in heads)]
    section(sheet, key, columns, what=what)
    first = sheet.next_row
    for place, mapped in enumerate(keys):
        cells: list[Cell] = [found.get((mapped, reference)) for reference in keys]
        cells[place] = Marked(found.get((mapped, mapped)), "same")
        sheet.row([names[place], *cells, _sum_across(first + place, keys, found, mapped)], columns)
    last = first + len(keys) - 1
    sums: list[Cell] = [
        total((first, 1 + c), (last, 1 + c), sum(found.get((m, key), 0) for m in keys))
        for c, key in enumerate(keys)
    ]
    whole = total((first, 1 + len(keys)), (last, 1 + len(keys)), sum(found.values()))
    sheet.row([book.word("workbook.total"), *sums, whole], columns, "total")


def _sum_across(row: int, keys: Sequence[str], found: dict[Any, Any], mapped: str) -> Formula:
    value = sum(found.get((mapped, reference), 0) for reference in keys)
    return total((row, 1), (row, len(keys)), value)


def _write_pairs(sheet: Sheet, what: str, rows: pd.DataFrame) -> None:
    """Write what the map and the reference say of change, pair by pair that was met."""
    book, found = sheet.book, dict[Any, Any](rows.to_dict("index"))
    columns = [
        *columns_of(book, "text", "workbook.on_map", "workbook.in_reference"),
        *columns_of(book, "count", "column.units"),
        *columns_of(book, "share", "column.share_of_area"),
    ]
    section(sheet, "matrix_changes", columns, what=what)
    ordered = in_legend_order(book, {name for pair in found for name in pair})
    place = {key: number for number, key in enumerate(ordered)}
    for pair in sorted(found, key=lambda p: [place[key] for key in p]):
        row = found[pair]
        tone: Tone = "same" if pair[0] == pair[1] else "plain"
        names = [class_name(book, key) for key in pair]
        sheet.row([*names, row["units"], row["share_of_area"]], columns, tone)
