"""The sheet of areas: what the map shows, and beside it what a probability sample estimates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.reports.cells import Cell, Column, Formula, Marked, total
from sinks.reports.sheets import Book

_HEAD = ("zone", "kind", "land_cover")
# a class that a zone has neither on the map nor by the sample has no row in the table
_NOTHING = dict.fromkeys(("area_ha", "estimated_ha", "estimated_low_ha", "estimated_high_ha"), 0.0)
_SHOWN_HA = 0.005  # what two decimals show as something


@dataclass(frozen=True, kw_only=True)
class _Year:
    """The columns of one year, from ``first`` on; ``estimates`` are empty without a sample."""

    book: Book
    year: int
    first: int
    ha: Mapping[Any, float]
    sums_ha: Mapping[Any, float]
    estimates: Mapping[Any, Mapping[str, float]]

    @property
    def columns(self) -> list[Column]:
        """Mapped area; estimate with interval and difference, or none; share."""
        ends = ["estimated_low", "estimated_high", "difference_of"] if self.estimates else []
        names = ["mapped", "estimated", *ends]
        ha = [Column(self.book.word(f"workbook.{n}", year=self.year), "ha") for n in names]
        return [*ha, Column(self.book.word("workbook.share", year=self.year), "number")]

    def of_class(self, zone: str, key: str, at: int, sum_row: int) -> list[Cell]:
        """Return the cells of a class, in row ``at`` of the sheet; its total is in ``sum_row``."""
        mapped = self.ha.get((zone, key), 0.0)
        part = share(mapped, self.sums_ha.get(zone, 0.0), (at, self.first), (sum_row, self.first))
        if not self.estimates:
            return [mapped, self.book.word("workbook.no_sample"), part]
        row = self.estimates.get((zone, key), _NOTHING)
        return [mapped, *estimate_cells(row, direct=zone == self.book.district), part]

    def total(self, zone: str, keys: Sequence[str], rows: range) -> list[Cell]:
        """Return the cells of the total over ``rows``."""
        whole = sum(self.ha.get((zone, key), 0.0) for key in keys)
        cells: list[Cell] = [None] * len(self.columns)
        cells[0] = self._sum(0, rows, whole)
        if self.estimates:
            found = [self.estimates.get((zone, key), {}) for key in keys]
            cells[1] = self._sum(1, rows, sum(of.get("estimated_ha", 0.0) for of in found))
        at = rows.stop, self.first
        cells[-1] = share(whole, whole, at, at)
        return cells

    def _sum(self, column: int, rows: range, value: float) -> Formula:
        at = self.first + column
        return total((rows.start, at), (rows.stop - 1, at), value)


def write_areas(book: Book) -> None:
    """Write zone by class: mapped area of every year, estimated area, share; totals."""
    areas = book.results.table("areas")
    if areas.empty:
        return
    years = _years(book)
    columns = [*book.columns(*_HEAD), *(column for year in years for column in year.columns)]
    sheet = book.sheet("areas")
    sheet.table(columns)
    for zone, keys in _classes(book).items():
        rows = range(sheet.next_row, sheet.next_row + len(keys))
        for row, key in zip(rows, keys, strict=True):
            cells = [c for year in years for c in year.of_class(zone, key, row, rows.stop)]
            sheet.row([*book.zone_cells(zone), book.name("classes", key), *cells], columns)
        cells = [c for year in years for c in year.total(zone, keys, rows)]
        whole = [*book.zone_cells(zone), book.word("workbook.total"), *cells]
        sheet.row(whole, columns, "total")
        for gap in _gaps(book, zone, years):
            sheet.row(gap, columns, "apart")
    sheet.filtered()
    sampled = any(year.estimates for year in years)
    sheet.notes(*(["mapped_sample", "mapped_common"] if sampled else ["mapped"]), "rounding")


def _years(book: Book) -> list[_Year]:
    areas, estimates = book.results.table("areas"), book.records("area_estimates")
    years, first = [], len(_HEAD)
    for number in book.results.years:
        of_year = areas["area_ha"].xs(number, level="year")
        year = _Year(
            book=book,
            year=number,
            first=first,
            ha=of_year.to_dict(),
            sums_ha=of_year.groupby(level="zone").sum().to_dict(),
            estimates={where[1:]: row for where, row in estimates.items() if where[0] == number},
        )
        years.append(year)
        first += len(year.columns)
    return years


def _classes(book: Book) -> dict[str, list[str]]:
    """Return the classes of each zone that were mapped or estimated in any year."""
    found: dict[str, set[str]] = {}
    for table in ("areas", "area_estimates"):
        for _, zone, key in book.results.table(table).index:
            found.setdefault(zone, set()).add(key)
    return {zone: book.classes(found[zone]) for zone in book.kinds if zone in found}


def _gaps(book: Book, zone: str, years: Sequence[_Year]) -> list[list[Cell]]:
    """Return the rows of what has no class, where there is enough of it to be shown."""
    coverage, rows = book.records("coverage"), []
    for name, column in (("no_data", "no_data_ha"), ("outside", "outside_ha")):
        gaps = [coverage.get((year.year, zone), {}).get(column, 0.0) for year in years]
        if max(gaps) >= _SHOWN_HA:
            cells: list[Cell] = [*book.zone_cells(zone), book.word(f"workbook.{name}")]
            for gap, year in zip(gaps, years, strict=True):
                cells += [gap, *[None] * (len(year.columns) - 1)]
            rows.append(cells)
    return rows


def estimate_cells(row: Mapping[str, float], *, direct: bool) -> list[Cell]:
    """Return estimate, both ends of its interval, and estimated less mapped area.

    Where the estimate is direct, the difference catches the eye if the mapped area is outside
    the interval. The interval of a synthetic one does not hold its bias and judges nothing.
    """
    estimate, low, high = (row[f"estimated{end}_ha"] for end in ("", "_low", "_high"))
    difference = estimate - row["area_ha"]
    if direct and not low - _SHOWN_HA <= row["area_ha"] <= high + _SHOWN_HA:
        return [estimate, low, high, Marked(difference, "warn")]
    return [estimate, low, high, difference]


def share(part: float, whole: float, at: tuple[int, int], of: tuple[int, int]) -> Cell:
    """Return what the cell ``at`` is of the cell ``of``, as a formula, in %."""
    if whole == 0:
        return None
    over, under = xl_rowcol_to_cell(*at), xl_rowcol_to_cell(*of)
    return Formula(f"=100*{over}/{under}", 100 * part / whole)
