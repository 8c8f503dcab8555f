"""The sheets of figures: areas, change matrix, stocks and their change.

Every figure is one of the result tables; computed here are only sums and shares, as
formulas that the reader can open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.reports.cells import Cell, Column, Formula, Marked, Tone, total
from sinks.reports.sheets import Book, Sheet

POOLS = ("above_ground", "below_ground", "dead_organic_matter", "soil")
_CHANGES = ("change_biomass_tc", "change_soil_potential_tc", "change_soil_sediment_tc")
_LARGEST = 10
_SHOWN_HA = 0.005  # what two decimals show as something


@dataclass(frozen=True, kw_only=True)
class _Areas:
    """The table of areas: zone by class, and for each year the same columns side by side."""

    book: Book
    sheet: Sheet
    columns: Sequence[Column]
    ha: Mapping[Any, float]
    se_ha: Mapping[Any, float]
    sums_ha: Mapping[Any, float]
    coverage: Mapping[Any, Mapping[str, float]]

    @property
    def width(self) -> int:
        """Columns per year."""
        return (len(self.columns) - 3) // len(self.book.results.years)

    def write(self, zone: str, keys: Sequence[str]) -> None:
        """Write the classes of a zone, their total, and what has no class."""
        rows = range(self.sheet.next_row, self.sheet.next_row + len(keys))
        for row, key in zip(rows, keys, strict=True):
            self._add(zone, self.book.name("classes", key), self._class(zone, key, row, rows.stop))
        self._add(zone, self.book.word("workbook.total"), self._total(zone, keys, rows), "total")
        for name, column in (("no_data", "no_data_ha"), ("outside", "outside_ha")):
            gaps = [self._gap(zone, year, column) for year in self.book.results.years]
            if max(gaps) >= _SHOWN_HA:
                cells = [c for gap in gaps for c in (gap, *[None] * (self.width - 1))]
                self._add(zone, self.book.word(f"workbook.{name}"), cells, "apart")

    def _add(self, zone: str, name: str, cells: Sequence[Cell], tone: Tone = "plain") -> None:
        self.sheet.row([*self.book.zone_cells(zone), name, *cells], self.columns, tone)

    def _class(self, zone: str, key: str, row: int, sum_row: int) -> list[Cell]:
        cells: list[Cell] = []
        for place, year in enumerate(self.book.results.years):
            where, column = (year, zone, key), 3 + place * self.width
            mapped, error = self.ha.get(where, 0.0), self.se_ha.get(where, math.nan)
            no_sample = self.book.word("workbook.no_sample")
            cells += [mapped, no_sample if math.isnan(error) else mapped]
            cells += [error] * (self.width - 3)
            cells.append(
                _share(mapped, self.sums_ha.get((year, zone), 0.0), (row, column), sum_row)
            )
        return cells

    def _total(self, zone: str, keys: Sequence[str], rows: range) -> list[Cell]:
        cells: list[Cell] = []
        for place, year in enumerate(self.book.results.years):
            column = 3 + place * self.width
            whole = sum(self.ha.get((year, zone, key), 0.0) for key in keys)
            cells.append(total((rows.start, column), (rows.stop - 1, column), whole))
            cells += [None] * (self.width - 2)
            cells.append(_share(whole, whole, (rows.stop, column), rows.stop))
        return cells

    def _gap(self, zone: str, year: int, column: str) -> float:
        return self.coverage.get((year, zone), {}).get(column, 0.0)


def write_areas(book: Book) -> None:
    """Write zone by class: mapped area of every year, estimated area, share; totals."""
    areas = book.results.table("areas")
    if areas.empty:
        return
    sheet = book.sheet("areas")
    columns = book.columns("zone", "kind", "land_cover")
    for year in book.results.years:
        columns += _year_columns(book, year, estimated=bool(areas["area_se_ha"].notna().any()))
    sheet.table(columns)
    table = _Areas(
        book=book,
        sheet=sheet,
        columns=columns,
        ha=areas["area_ha"].to_dict(),
        se_ha=areas["area_se_ha"].to_dict(),
        sums_ha=areas["area_ha"].groupby(level=["year", "zone"]).sum().to_dict(),
        coverage=book.records("coverage"),
    )
    found = areas.reset_index().groupby("zone")["land_cover"].unique()
    for zone in (zone for zone in book.kinds if zone in found.index):
        table.write(zone, book.classes(found[zone]))
    sheet.filtered()
    sheet.notes("mapped", "rounding")


def _year_columns(book: Book, year: int, *, estimated: bool) -> list[Column]:
    error = [Column(book.word("workbook.estimated_se", year=year), "ha")] if estimated else []
    return [
        Column(book.word("workbook.mapped", year=year), "ha"),
        Column(book.word("workbook.estimated", year=year), "ha"),
        *error,
        Column(book.word("workbook.share", year=year), "number"),
    ]


def _share(part: float, whole: float, at: tuple[int, int], sum_row: int) -> Cell:
    if whole == 0:
        return None
    over, under = xl_rowcol_to_cell(*at), xl_rowcol_to_cell(sum_row, at[1])
    return Formula(f"=100*{over}/{under}", 100 * part / whole)


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
    """Write total, pools and, apart, sediment of every zone with their intervals."""
    totals = book.results.table("stock_totals")
    if totals.empty:
        return
    columns = book.columns("zone", "kind", "pool")
    for year in book.results.years:
        for part in ("stock", "stock_low", "stock_high"):
            columns.append(Column(book.word(f"workbook.{part}", year=year), "tc"))
    sheet = book.sheet("stocks")
    sheet.table(columns)
    records = {
        **{(*where, "total"): row for where, row in book.records("stock_totals").items()},
        **book.records("stock_pools"),
        **book.records("sediment"),
    }
    zones = set(totals.index.get_level_values("zone"))
    for zone in (zone for zone in book.kinds if zone in zones):
        for cells, tone in list(_stock_lines(book, zone, records, sheet.next_row)):
            sheet.row([*book.zone_cells(zone), *cells], columns, tone)
    sheet.filtered()
    sheet.notes("sediment", *_error_note(totals), "rounding")


def _stock_lines(
    book: Book, zone: str, records: Mapping[Any, Mapping[str, Any]], row: int
) -> Iterator[tuple[list[Cell], Tone]]:
    """Yield the lines of a zone: the total, a formula over the pools; pools; sediment."""
    pools = [p for p in POOLS if (book.results.years[0], zone, p) in records]
    whole = _intervals(book, zone, "total", records)
    for column in range(0, len(whole), 3) if pools else ():
        stock = float(whole[column])  # type: ignore[arg-type]
        whole[column] = total((row + 1, 3 + column), (row + len(pools), 3 + column), stock)
    yield [book.word("workbook.stock_total"), *whole], "total"
    for pool in pools:
        yield [book.word(f"pool.{pool}"), *_intervals(book, zone, pool, records)], "plain"
    sediment = _intervals(book, zone, "sediment", records)
    if any(cell is not None for cell in sediment):
        yield [book.word("workbook.sediment"), *sediment], "apart"


def _intervals(
    book: Book, zone: str, line: str, records: Mapping[Any, Mapping[str, Any]]
) -> list[Cell]:
    parts = ("stock_tc", "stock_low_tc", "stock_high_tc")
    found = [records.get((year, zone, line), {}) for year in book.results.years]
    return [record.get(part) for record in found for part in parts]


def _error_note(table: pd.DataFrame) -> list[str]:
    known = "area_error_known" in table and bool(table["area_error_known"].all())
    return [] if known else ["density_error"]


def write_change(book: Book) -> None:
    """Write the change of every zone, and the transitions that weigh most in the district."""
    change = book.results.table("stock_change")
    if change.empty:
        return
    whole = ("common_ha", "stock_before_tc", "stock_after_tc")
    interval = ("change_tc", "change_low_tc", "change_high_tc")
    names = [name for name in (*whole, *interval, *_CHANGES) if name in change]
    columns = book.columns("zone", "kind", *names)
    sheet, records = book.sheet("change"), book.records("stock_change")
    sheet.table(columns)
    for zone in (zone for zone in book.kinds if zone in records):
        sheet.row([*book.zone_cells(zone), *(records[zone][n] for n in names)], columns)
    sheet.filtered()
    sheet.notes("change", *_error_note(change), "rounding")
    _write_largest(book, sheet)


def _write_largest(book: Book, sheet: Sheet) -> None:
    table = book.in_district("stock_change_by_class")
    if table.empty:
        return
    moved = table[table["change_tc"] != 0].sort_values("change_tc", key=abs, ascending=False)
    largest = moved.head(_LARGEST)
    names = ["area_ha", "change_tc", *(name for name in _CHANGES if name in table)]
    heads = [Column(book.word(f"workbook.class_{end}")) for end in ("from", "to")]
    columns = [*heads, *book.columns(*names)]
    sheet.line("")
    sheet.line(book.word("workbook.largest", count=len(largest)), "section")
    sheet.table(columns, main=False)
    for pair, row in zip(largest.index, largest.to_dict("records"), strict=True):
        classes = [book.name("classes", key) for key in pair]
        sheet.row([*classes, *(row[name] for name in names)], columns)
