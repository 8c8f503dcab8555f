"""The sheets of figures: change matrix and stocks.

Every figure is one of the result tables; computed here are only sums and shares, as
formulas that the reader can open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sinks.reports.cells import Cell, Column, Marked, Tone, total
from sinks.reports.sections import zones_in
from sinks.reports.sheets import Book

POOLS = ("above_ground", "below_ground", "dead_organic_matter", "soil")
_STOCK = ("stock_tc", "stock_low_tc", "stock_high_tc")
_STOCK_ERRORS = ("stock_area_se_tc", "stock_density_se_tc")


def write_matrix(book: Book) -> None:
    """Write what the classes of the district turned into, in hectares."""
    table, years = book.in_district("transitions"), book.results.years
    if table.empty:
        return
    ha: dict[Any, float] = table["area_ha"].to_dict()
    keys = book.classes({key for pair in ha for key in pair})
    names = [book.name("classes", key) for key in keys]
    corner = book.word("workbook.before_after", before=years[0], after=years[-1])
    heads = [*names, book.word("workbook.total")]
    columns = [Column(corner), *(Column(head, "ha") for head in heads)]
    sheet = book.sheet("matrix")
    sheet.table(columns)
    first, end = sheet.next_row, len(keys)
    area = [[ha.get((before, after), 0.0) for after in keys] for before in keys]
    for place, name in enumerate(names):
        row = first + place
        cells: list[Cell] = [*area[place], total((row, 1), (row, end), sum(area[place]))]
        cells[place] = Marked(area[place][place], "same")
        sheet.row([name, *cells], columns)
    sums = [sum(column) for column in zip(*area, strict=True)]
    sums.append(sum(map(sum, area)))
    last = first + end - 1
    totals = [total((first, 1 + c), (last, 1 + c), value) for c, value in enumerate(sums)]
    sheet.row([book.word("workbook.total"), *totals], columns, "total")
    sheet.notes("matrix", "rounding")


def write_stocks(book: Book) -> None:
    """Write total, pools and, apart, sediment of every zone with their intervals.

    Where a sample estimates areas, the total on them follows that on mapped areas.
    """
    totals = book.results.table("stock_totals")
    if totals.empty:
        return
    sampled = not book.results.table("stock_estimates").empty
    parts = (*_STOCK, *_STOCK_ERRORS) if sampled else _STOCK
    columns = book.columns("zone", "kind", "pool")
    for year in book.results.years:
        columns += [
            Column(book.word(f"workbook.{part.removesuffix('_tc')}", year=year), "tc")
            for part in parts
        ]
    sheet = book.sheet("stocks")
    sheet.table(columns)
    lines = _StockLines(book=book, parts=parts, records=_stock_records(book))
    for zone in zones_in(book, "stock_totals"):
        for cells, tone in lines.of(zone, sheet.next_row):
            sheet.row([*book.zone_cells(zone), *cells], columns, tone)
    sheet.filtered()
    if not book.results.table("stand_replacement").empty:
        sheet.line(book.word("note.stocks_stands", sheet=book.word("sheet.stand_methods")))
    sheet.notes(
        "sediment",
        *(["stock_sample", "zones_carbon"] if sampled else _error_note(totals)),
        "rounding",
    )


def _stock_records(book: Book) -> dict[Any, dict[str, Any]]:
    """Return totals, pools and sediment by year, zone and line."""
    lines = {"stock_totals": "total", "stock_estimates": "estimated"}
    whole = {
        (*where, line): row
        for table, line in lines.items()
        for where, row in book.records(table).items()
    }
    return {**whole, **book.records("stock_pools"), **book.records("sediment")}


@dataclass(frozen=True, kw_only=True)
class _StockLines:
    """The lines of a zone: totals, pools, sediment; for each year the same ``parts``."""

    book: Book
    parts: Sequence[str]
    records: Mapping[Any, Mapping[str, Any]]

    def of(self, zone: str, row: int) -> list[tuple[list[Cell], Tone]]:
        """Return the lines of a zone, the first of which comes in ``row`` of the sheet."""
        word, years = self.book.word, self.book.results.years
        pools = [p for p in POOLS if (years[0], zone, p) in self.records]
        estimated = any((year, zone, "estimated") in self.records for year in years)
        first = row + 1 + estimated
        whole = self._cells(zone, "total")
        for column in range(0, len(whole), len(self.parts)) if pools else ():
            stock = float(whole[column])  # type: ignore[arg-type]
            span = (first, 3 + column), (first + len(pools) - 1, 3 + column)
            whole[column] = total(*span, stock)
        named = "stock_total_mapped" if estimated else "stock_total"
        lines: list[tuple[list[Cell], Tone]] = [([word(f"workbook.{named}"), *whole], "total")]
        if estimated:
            on_sample = self._cells(zone, "estimated")
            lines.append(([word("workbook.stock_total_estimated"), *on_sample], "total"))
        lines += [([word(f"pool.{pool}"), *self._cells(zone, pool)], "plain") for pool in pools]
        sediment = self._cells(zone, "sediment")
        if any(cell is not None for cell in sediment):
            lines.append(([word("workbook.sediment"), *sediment], "apart"))
        return lines

    def _cells(self, zone: str, line: str) -> list[Cell]:
        found = [self.records.get((y, zone, line), {}) for y in self.book.results.years]
        return [record.get(part) for record in found for part in self.parts]


def _error_note(table: pd.DataFrame) -> list[str]:
    known = "area_error_known" in table and bool(table["area_error_known"].all())
    return [] if known else ["density_error"]
