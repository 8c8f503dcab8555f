"""The sheet of change: what has come about first, then the potential change and estimates.

Carbon in soil follows a change of land cover over twenty years. What has come about by the
second date is the figure to cite; the whole way to equilibrium stands apart below it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sinks.reports.cells import Cell, Column, Marked
from sinks.reports.sections import chance, columns_of, section, zones_in
from sinks.reports.sheets import Book, Sheet

_PHASED = tuple(f"change_phased{part}_tc" for part in ("", "_low", "_high"))
_PHASED_SIGN = ("change_phased_probability_gain", "change_phased_detectable_tc")
_PARTS = (
    *("change_biomass_tc", "change_soil_potential_tc"),
    *("change_soil_sediment_tc", "change_stands_tc"),
)
_ENDS = ("change_tc", "change_low_tc", "change_high_tc")
_POTENTIAL = ("stock_before_tc", _ENDS[0], "stock_after_tc", *_ENDS[1:], *_PARTS)
_ESTIMATED = (*_ENDS, "change_area_se_tc", "change_density_se_tc")
_SIGN = ("change_probability_gain", "change_detectable_tc")
_LARGEST = 10


def write_change(book: Book) -> None:
    """Write the change of every zone, and the transitions that weigh most in the district."""
    change = book.results.table("stock_change")
    if change.empty:
        return
    sheet = book.sheet("change", before=book.results.years[0], after=book.results.years[-1])
    columns = [
        *book.columns("zone", "kind", "common_ha", *_PHASED),
        *columns_of(book, "share", f"column.{_PHASED_SIGN[0]}"),
        *book.columns(_PHASED_SIGN[1]),
    ]
    sheet.table(columns)
    records = book.records("stock_change")
    for zone in zones_in(book, "stock_change"):
        row = records[zone]
        cells: list[Cell] = [row["common_ha"], *(row[name] for name in _PHASED)]
        cells += [chance(row[_PHASED[0]], row[_PHASED_SIGN[0]]), row[_PHASED_SIGN[1]]]
        sheet.row([*book.zone_cells(zone), *_marked(cells, at=2)], columns)
    sheet.filtered()
    sheet.line(book.word("note.change_phased", share=float(change["soil_share"].iloc[0])))
    if not book.results.table("stands").empty:
        sheet.notes("change_stands")
    sheet.notes("change_detectable", "change_density_error", "rounding")
    _write_potential(sheet)
    _write_estimated(sheet)
    _write_largest(sheet)


def _marked(cells: list[Cell], *, at: int) -> list[Cell]:
    """Let the ends of an interval, from ``at`` on, catch the eye where it straddles 0."""
    low, high = cells[at : at + 2]
    if isinstance(low, float) and isinstance(high, float) and low < 0 < high:
        cells[at : at + 2] = [Marked(low, "warn"), Marked(high, "warn")]
    return cells


def _write_potential(sheet: Sheet) -> None:
    """Write the change once soil has gone all the way, with its parts."""
    book, records = sheet.book, sheet.book.records("stock_change")
    columns = book.columns("zone", "kind", *_POTENTIAL)
    section(sheet, "change_potential", columns)
    for zone in zones_in(book, "stock_change"):
        cells = [records[zone][name] for name in _POTENTIAL]
        sheet.row([*book.zone_cells(zone), *_marked(cells, at=3)], columns)
    sheet.notes("change")


def _write_estimated(sheet: Sheet) -> None:
    """Write the change on areas that a sample estimates; it tells that of the district."""
    book, estimates = sheet.book, sheet.book.records("change_estimates")
    if not estimates:
        return
    columns = [
        *book.columns("zone", "kind", *_ESTIMATED),
        *columns_of(book, "share", f"column.{_SIGN[0]}"),
        *book.columns(_SIGN[1]),
    ]
    section(sheet, "change_estimated", columns)
    for zone in zones_in(book, "change_estimates"):
        row: Mapping[str, float] = estimates[zone]
        cells: list[Cell] = [row[name] for name in (*_ESTIMATED, *_SIGN)]
        sheet.row([*book.zone_cells(zone), *_marked(cells, at=1)], columns)
    sheet.notes("change_sample")


def _write_largest(sheet: Sheet) -> None:
    book, table = sheet.book, sheet.book.in_district("stock_change_by_class")
    if table.empty:
        return
    moved = table[table["change_tc"] != 0].sort_values("change_tc", key=abs, ascending=False)
    largest = moved.head(_LARGEST)
    names = ["area_ha", "change_tc", *(name for name in _PARTS if name in table)]
    heads = [Column(book.word(f"workbook.class_{end}")) for end in ("from", "to")]
    columns = [*heads, *book.columns(*names)]
    sheet.line("")
    sheet.line(book.word("workbook.largest", count=len(largest)), "section")
    sheet.table(columns, main=False)
    for pair, row in zip(largest.index, largest.to_dict("records"), strict=True):
        classes = [book.name("classes", key) for key in pair]
        sheet.row([*classes, *(row[name] for name in names)], columns)
