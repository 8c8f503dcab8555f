"""The sheets of forest stands: their carbon, how it was worked out, and what it replaced."""

from __future__ import annotations

import pandas as pd
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from sinks.reports.cells import Cell, Column, Formula, total
from sinks.reports.sections import class_name, columns_of, section, zones_in
from sinks.reports.sheets import Book, Sheet

_AMOUNTS = ("area_ha", "above_ground_tc", "below_ground_tc", "live_tc")
_ENDS = ("live_low_tc", "live_high_tc")
_METHODS = tuple(f"m{number}_tc_per_ha" for number in (1, 2, 3, 4))
_FLOWS = ("opening_tc", "growth_tc", "harvest_tc", "mortality_tc", "closing_tc")
_SHOWN_HA = 0.005  # what two decimals show as something


def write_stands(book: Book) -> None:
    """Write stands by zone and species group, trees outside apart; and how they came about."""
    if book.results.table("stands").empty and book.results.table("trees_outside").empty:
        return
    _write_groups(book.sheet("stands"))
    if not book.results.table("stand_methods").empty:
        sheet = book.sheet("stand_methods")
        _write_methods(sheet)
        _write_replacement(sheet)
        _write_years(sheet)
        _write_crediting(sheet)


def _write_groups(sheet: Sheet) -> None:
    book = sheet.book
    columns = book.columns("zone", "kind", "group", "land_cover", *_AMOUNTS, *_ENDS)
    sheet.table(columns)
    stands, trees = book.results.table("stands"), book.records("trees_outside")
    zones = {*zones_in(book, "stands"), *zones_in(book, "trees_outside")}
    for zone in (zone for zone in book.kinds if zone in zones):
        head = book.zone_cells(zone)
        for cells in _groups(book, stands, zone):
            sheet.row([*head, *cells], columns)
        if rows := len(_of_zone(stands, zone)):
            sheet.row([*head, *_total(book, stands, zone, sheet.next_row, rows)], columns, "total")
        if tree := trees.get(zone):
            live = tree["above_ground_tc"] + tree["below_ground_tc"]
            parts = [tree["above_ground_tc"], tree["below_ground_tc"], live]
            ends = [tree[name] for name in _ENDS]
            name = book.word("workbook.trees_outside")
            sheet.row([*head, name, "", None, *parts, *ends], columns, "apart")
    sheet.filtered()
    sheet.notes(
        *(["stands"] if len(stands) else []), *(["trees_outside"] if trees else []), "rounding"
    )


def _of_zone(stands: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Return the groups of a zone that show as something; slivers along its edge do not."""
    if stands.empty or zone not in stands.index.get_level_values("zone"):
        return stands.iloc[:0]
    rows = pd.DataFrame(stands.xs(zone, level="zone"))
    return rows[rows["area_ha"] >= _SHOWN_HA]


def _groups(book: Book, stands: pd.DataFrame, zone: str) -> list[list[Cell]]:
    rows = _of_zone(stands, zone)
    return [
        [
            book.name("species_groups", group),
            class_name(book, key),
            *(row[name] for name in (*_AMOUNTS, *_ENDS)),
        ]
        for (key, group), row in zip(rows.index, rows.to_dict("records"), strict=True)
    ]


def _total(book: Book, stands: pd.DataFrame, zone: str, row: int, rows: int) -> list[Cell]:
    """Return sums over the groups of a zone, in ``row``; their ranges do not add up."""
    sums = _of_zone(stands, zone)[list(_AMOUNTS)].sum()
    cells: list[Cell] = [
        total((row - rows, 4 + place), (row - 1, 4 + place), float(sums[name]))
        for place, name in enumerate(_AMOUNTS)
    ]
    return [book.word("workbook.total"), "", *cells, None, None]


def _write_replacement(sheet: Sheet) -> None:
    book, found = sheet.book, sheet.book.records("stand_replacement")
    names = ("stands_ha", "replaced_ha", "live_tc", "live_by_class_tc")
    zones = [
        zone
        for zone in zones_in(book, "stand_replacement")
        if found[zone]["stands_ha"] >= _SHOWN_HA
    ]
    if not zones:
        return
    columns = [
        *book.columns("zone", "kind", *names),
        *columns_of(book, "tc", "workbook.live_difference"),
    ]
    section(sheet, "stand_replacement", columns)
    for zone in zones:
        row = found[zone]
        held, by_class = (xl_rowcol_to_cell(sheet.next_row, column) for column in (4, 5))
        more = Formula(f"={held}-{by_class}", row["live_tc"] - row["live_by_class_tc"])
        sheet.row([*book.zone_cells(zone), *(row[name] for name in names), more], columns)


def _write_methods(sheet: Sheet) -> None:
    """Write what each method gives beside what was used, and how far they lie apart."""
    book, found = sheet.book, sheet.book.records("stand_methods")
    columns = [
        *book.columns("group", "methods"),
        *columns_of(book, "count", "column.stands"),
        *book.columns("area_ha", *_METHODS, "live_tc_per_ha"),
        *columns_of(book, "pct", "workbook.spread"),
    ]
    section(sheet, "stand_methods", columns)
    for (group, methods), row in found.items():
        named = book.word("method.density") if methods == "density" else str(methods)
        head = [book.name("species_groups", group), named, row["stands"], row["area_ha"]]
        values = [row[name] for name in _METHODS]
        spread = _spread(values, sheet.next_row, len(head))
        sheet.row([*head, *values, row["live_tc_per_ha"], spread], columns)
    sheet.notes("stand_methods")


def _spread(values: list[float], row: int, first: int) -> Cell:
    """Return how far methods lie apart, in % of their mean; nothing for a single one."""
    known = [value for value in values if not pd.isna(value)]
    if len(known) < 2 or sum(known) == 0:
        return None
    span = xl_range(row, first, row, first + len(values) - 1)
    spread = 100 * (max(known) - min(known)) / (sum(known) / len(known))
    return Formula(f"=100*(MAX({span})-MIN({span}))/AVERAGE({span})", spread)


def _write_years(sheet: Sheet) -> None:
    book, years = sheet.book, sheet.book.in_district("stand_years")
    if years.empty:
        return
    columns = book.columns("year", *_FLOWS)
    section(sheet, "stand_years", columns)
    for year, row in zip(years.index, years.to_dict("records"), strict=True):
        sheet.row([int(year), *(row[name] for name in _FLOWS)], columns)
    sheet.notes("stand_years")


def _write_crediting(sheet: Sheet) -> None:
    """Write how much new planting fails each rule for credits; all of it is for accounts."""
    book, rules = sheet.book, sheet.book.records("crediting")
    if not rules:
        return
    heads = columns_of(book, "ha", "crediting.area_ha", "column.of_ha")
    columns = [Column(book.word("workbook.rule_of"), widest=44), *heads]
    section(sheet, "crediting", columns)
    for row in rules.values():
        any_rule = not row[f"name_{book.language}"]
        name = book.word("workbook.any_rule") if any_rule else str(row[f"name_{book.language}"])
        cells: list[Cell] = [name, row["area_ha"], row["of_ha"]]
        sheet.row(cells, columns, "total" if any_rule else "plain")
    sheet.line(f"{book.word('crediting.accounting_only')}", "caution")
    sheet.notes("crediting")
