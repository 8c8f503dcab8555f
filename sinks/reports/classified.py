"""The sheets of maps classified from images: how models were tested, and update clues.

Nothing here is the accuracy of a map: that takes a probability sample
(:mod:`sinks.reports.accuracy`). The sheet says so above its figures.
"""

from __future__ import annotations

from typing import Any

from sinks.parameters.labels import labels
from sinks.reports.areas import share
from sinks.reports.cells import Cell, Column, total
from sinks.reports.sections import class_name, columns_of, in_legend_order, map_name, section
from sinks.reports.sheets import Book, Sheet

_ENDS = ("workbook.low_short", "workbook.high_short")
_BY_CLASS = ("users_accuracy", "producers_accuracy")


def write_maps(book: Book) -> None:
    """Write how the model of each classified map was tested, and where it applies."""
    if book.results.table("map_validation").empty:
        return
    sheet = book.sheet("maps")
    sheet.line(book.word("note.validation"), "caution")
    _write_validation(sheet)
    _write_by_class(sheet)
    _write_classes(sheet)
    _write_importance(sheet)
    _write_rules(sheet)


def _write_validation(sheet: Sheet) -> None:
    """Write random folds beside spatial ones, and how much too high the former are."""
    book = sheet.book
    columns = [
        *columns_of(book, "text", "column.map", "column.validation"),
        *columns_of(book, "count", "column.folds"),
        *columns_of(book, "share", "column.overall_accuracy", *_ENDS),
        *columns_of(book, "share", "column.balanced_accuracy", *_ENDS, "column.optimism"),
    ]
    section(sheet, "validation", columns)
    for (name, folds), row in book.records("map_validation").items():
        apart = folds == "random"
        head: list[Cell] = [map_name(book, name), book.word(f"folds.{folds}"), row["folds"]]
        overall, balanced = (
            _interval(row, of) for of in ("overall_accuracy", "balanced_accuracy")
        )
        cells = [*head, *overall, *balanced, None if apart else row["optimism"]]
        sheet.row(cells, columns, "apart" if apart else "plain")
    sheet.notes("optimism")


def _interval(row: Any, name: str) -> list[Cell]:
    return [row.get(f"{name}{end}") for end in ("", "_low", "_high")]


def _write_by_class(sheet: Sheet) -> None:
    """Write the training places of every class, and what was told of those held back."""
    book, tested = sheet.book, sheet.book.records("map_validation_classes")
    training = book.records("map_training")
    if not tested and not training:
        return
    columns = [
        *columns_of(book, "text", "column.map", "column.land_cover"),
        *columns_of(book, "count", "column.pixels", "column.groups", "column.samples"),
    ]
    for measure in _BY_CLASS:
        columns += columns_of(book, "share", f"column.{measure}", *_ENDS)
    section(sheet, "validation_classes", columns)
    for name, key in _in_order(book, {*training, *tested}):
        of, row = training.get((name, key), {}), tested.get((name, key), {})
        counts: list[Cell] = [of.get("pixels"), of.get("groups"), row.get("samples")]
        ends = [cell for measure in _BY_CLASS for cell in _interval(row, measure)]
        sheet.row([map_name(book, name), class_name(book, key), *counts, *ends], columns)


def _in_order(book: Book, pairs: set[Any]) -> list[tuple[str, str]]:
    """Return pairs of map and class: maps by name, classes as in the legend."""
    place = {key: n for n, key in enumerate(in_legend_order(book, {key for _, key in pairs}))}
    return sorted(
        ((str(name), str(key)) for name, key in pairs), key=lambda p: (p[0], place[p[1]])
    )


def _write_classes(sheet: Sheet) -> None:
    """Write the area of each class on the map, and how much of it the model does not cover."""
    book, found = sheet.book, sheet.book.records("map_classes")
    if not found:
        return
    columns = [
        *columns_of(book, "text", "column.map", "column.land_cover"),
        *columns_of(book, "ha", "workbook.mapped_area", "map_classes.outside_ha"),
        *columns_of(book, "number", "column.outside_pct"),
    ]
    section(sheet, "map_classes", columns)
    pairs = _in_order(book, set(found))
    for name in dict.fromkeys(name for name, _ in pairs):
        rows = [found[pair] for pair in pairs if pair[0] == name]
        first = sheet.next_row
        for (_, key), row in zip([p for p in pairs if p[0] == name], rows, strict=True):
            cells = [row[column] for column in ("area_ha", "outside_ha", "outside_pct")]
            sheet.row([map_name(book, name), class_name(book, key), *cells], columns)
        whole: list[Cell] = [map_name(book, name), book.word("workbook.total")]
        sheet.row([*whole, *_sums(rows, first)], columns, "total")
    sheet.notes("map_classes")


def _sums(rows: list[dict[str, Any]], first: int) -> list[Cell]:
    """Return the sums of area and of what lies outside, and the share of the latter."""
    last = first + len(rows) - 1
    area, outside = (sum(row[name] for row in rows) for name in ("area_ha", "outside_ha"))
    return [
        total((first, 2), (last, 2), area),
        total((first, 3), (last, 3), outside),
        share(outside, area, (last + 1, 3), (last + 1, 2)),
    ]


def _write_importance(sheet: Sheet) -> None:
    """Write the features of each map, the one it needs most first."""
    book, table = sheet.book, sheet.book.results.table("map_importance")
    if table.empty:
        return
    names = ("importance_pct", "importance_sd_pct")
    columns = [
        *columns_of(book, "text", "column.map", "column.feature"),
        *columns_of(book, "number", *(f"column.{name}" for name in names)),
    ]
    section(sheet, "importance", columns)
    rows = table.reset_index().sort_values(
        ["map", "importance_pct"], ascending=[True, False], kind="stable"
    )
    for row in rows.to_dict("records"):
        head: list[Cell] = [map_name(book, row["map"]), str(row["feature"])]
        sheet.row([*head, *(row[n] for n in names)], columns)
    sheet.notes("importance")


def _write_rules(sheet: Sheet) -> None:
    """Write how many pixels each rule changed."""
    book, table = sheet.book, sheet.book.results.table("map_rules")
    if table.empty:
        return
    columns = [
        *columns_of(book, "text", "column.map", "workbook.rule"),
        *columns_of(book, "count", "column.px"),
        *columns_of(book, "ha", "column.area_ha"),
    ]
    section(sheet, "map_rules", columns)
    summed = table.groupby(level=["map", "rule"])[["px", "area_ha"]].sum().reset_index()
    for row in summed.to_dict("records"):
        rule = str(row["rule"])
        named = book.word(f"map_rule.{rule}") if rule in labels("map_rule") else rule
        sheet.row([map_name(book, row["map"]), named, row["px"], row["area_ha"]], columns)


def write_clues(book: Book) -> None:
    """Write the official parcels that a map contradicts, the largest disagreement first."""
    table = book.results.table("map_clues")
    if table.empty:
        return
    columns: list[Column] = [
        *columns_of(book, "text", "column.map", "column.parcel"),
        *columns_of(book, "text", "column.official", "column.majority"),
        *columns_of(book, "ha", "column.parcel_ha", "column.disagreement_ha"),
        *columns_of(book, "ha", "column.majority_ha"),
        *columns_of(book, "share", "column.purity", "column.confidence"),
    ]
    sheet = book.sheet("clues")
    sheet.table(columns)
    rows = table.reset_index().sort_values("disagreement_ha", ascending=False, kind="stable")
    for row in rows.to_dict("records"):
        names: list[Cell] = [map_name(book, row["map"]), str(row["parcel"])]
        classes: list[Cell] = [class_name(book, row[of]) for of in ("official", "majority")]
        areas = [row[of] for of in ("parcel_ha", "disagreement_ha", "majority_ha")]
        sheet.row([*names, *classes, *areas, row["purity"], row.get("confidence")], columns)
    sheet.filtered()
    sheet.notes("clues")
