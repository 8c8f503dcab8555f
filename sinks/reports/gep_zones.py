"""The sheets of gross ecosystem product by zone, and of its change between two years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.reports.account_words import (
    COUNTED,
    PRICE,
    WAN,
    amount,
    amounts,
    begin,
    by_place,
    deducted,
    live,
    live_sum,
    money,
    rows_of,
    service_name,
    standing,
    sum_to,
    wan,
    wan_cells,
    years_of,
    zone_name,
    zones_of,
)
from sinks.reports.cells import Cell, Column, Formula
from sinks.reports.charts import COLOURS, dress, reach_of, series_at
from sinks.reports.plan_words import word_or_key
from sinks.reports.sections import columns_of
from sinks.reports.sheets import Book, Sheet

_ENDS = ("", "_low", "_high")
_CHART_LINES = 17
_SPLIT = [f"{part}{end}" for part in ("quantity_effect", "price_effect") for end in _ENDS]
_EFFECTS = tuple(f"{name}_yuan" for name in _SPLIT)
_EFFECT_AT = {"quantity_effect": 6, "price_effect": 9}  # columns of the comparison


def write_gep_zones(book: Book) -> None:
    """Write the values of every zone by service, and that towns add up to the district."""
    services, totals = by_place(rows_of(book, "gep")), book.records("gep_totals")
    if not services or not totals:
        return
    sheet = book.sheet("gep_zones")
    valued = dict.fromkeys(
        key for of in services.values() for key, row in of.items() if row["status"] in COUNTED
    )
    for number, year in enumerate(years_of(book, "gep_totals")):
        zones = [zone for zone in zones_of(book) if (year, zone) in totals]
        values = {zone: services.get((year, zone), {}) for zone in zones}
        matrix = _Matrix(sheet=sheet, services=list(valued), values=values, main=number == 0)
        matrix.write(year, {zone: totals[year, zone] for zone in zones})
    sheet.notes("gep_zones", "rounding")


@dataclass(frozen=True, kw_only=True)
class _Matrix:
    """Zones by services in one year; what is deducted has a column where there is any."""

    sheet: Sheet
    services: list[str]
    values: dict[str, dict[str, dict[str, Any]]]
    main: bool

    def write(self, year: int, totals: dict[str, dict[str, Any]]) -> None:
        """Write the district, sites, towns, the sum of the towns and how far it is off."""
        book, sheet = self.sheet.book, self.sheet
        cells = {zone: self._values(zone) for zone in totals}
        less = {z: deducted(sum(amounts(cells[z])) * WAN, of) for z, of in totals.items()}
        if any(less.values()):
            cells = {zone: [*values, -less[zone] / WAN] for zone, values in cells.items()}
        columns = self._columns(imports=any(less.values()))
        begin(sheet, "gep_zones", columns, main=self.main, year=year)
        towns = [zone for zone in totals if book.kinds[zone] == "town"]
        written: dict[str, tuple[int, list[Cell]]] = {}
        for zone in (*(z for z in totals if z not in towns), *towns):
            at = sheet.next_row
            written[zone] = at, self._row(columns, zone, cells[zone], totals[zone])
        if towns:
            self._sums(columns, [written[zone] for zone in towns], written.get(book.district))

    def _columns(self, *, imports: bool) -> list[Column]:
        book = self.sheet.book
        return [
            *book.columns("zone", "kind"),
            *(Column(service_name(book, key), "number") for key in self.services),
            *(money(book, "deducted") if imports else []),
            *money(book, "gep", "gep_low", "gep_high"),
            *book.columns("area_ha"),
            *columns_of(book, PRICE, "workbook.per_ha_wan"),
            *book.columns("standing"),
        ]

    def _values(self, zone: str) -> list[Cell]:
        of = self.values[zone]
        return [wan(of[key]["value_yuan"]) if key in of else None for key in self.services]

    def _row(
        self, columns: list[Column], zone: str, values: list[Cell], of: dict[str, Any]
    ) -> list[Cell]:
        book, at, value = self.sheet.book, self.sheet.next_row, wan(of["gep_yuan"])
        cells: list[Cell] = [*book.zone_cells(zone), *values]
        last = len(cells) - 1
        whole = sum_to((at, 2), (at, last), cells[2:], value)
        over = f"={xl_rowcol_to_cell(at, last + 1)}/{xl_rowcol_to_cell(at, last + 4)}"
        again = (value or 0.0) / of["area_ha"] if of["area_ha"] else 0.0
        per_ha = live(over, again, wan(of["gep_yuan_per_ha"]))
        cells += [whole, *wan_cells(of, "gep_low_yuan", "gep_high_yuan"), of["area_ha"], per_ha]
        cells.append(word_or_key(book, "standing", of["standing"]))
        self.sheet.row(cells, columns, "total" if zone == book.district else "plain")
        return cells

    def _sums(
        self,
        columns: list[Column],
        towns: list[tuple[int, list[Cell]]],
        whole: tuple[int, list[Cell]] | None,
    ) -> None:
        """Write the sums of towns, and their difference to the district to the nearest cent."""
        book, at = self.sheet.book, self.sheet.next_row
        first, kind = towns[0][0], book.word("kind.town")
        added = [*range(2, len(columns) - 5), len(columns) - 3]
        cells: list[Cell] = [book.word("workbook.towns_total"), kind]
        cells += [None] * (len(columns) - 2)
        for place in added:
            cells[place] = live_sum(
                (first, place), (at - 1, place), [town[place] for _, town in towns]
            )
        cells[-1] = ""
        self.sheet.row(cells, columns, "total")
        if whole is None:
            return
        check: list[Cell] = [book.word("workbook.towns_check"), ""]
        check += [None] * (len(columns) - 3)
        check.append("")
        for place in added:
            ours, theirs = xl_rowcol_to_cell(at, place), xl_rowcol_to_cell(whole[0], place)
            off = round(amount(cells[place]) - amount(whole[1][place]), 6)
            check[place] = Formula(f"=ROUND({ours}-{theirs},6)", off + 0.0)
        self.sheet.row(check, columns, "apart")


def write_gep_change(book: Book) -> None:
    """Write the two years beside each other: the district with its chart, then each site."""
    rows = rows_of(book, "gep_change")
    if not rows:
        return
    years = years_of(book, "gep_totals") or list(book.results.years)
    facts = {"before": years[0], "after": years[-1]}
    sheet = book.sheet("gep_change", **facts)
    columns = _change_columns(book, facts)
    shown = [z for z in zones_of(book) if book.kinds[z] in ("district", "site")]
    main = True
    for zone in shown:
        of = {str(key): row for (where, key), row in rows if where == zone}
        if not of:
            continue
        name, told = zone_name(book, zone), standing(book, years[-1], zone)
        begin(sheet, "gep_change", columns, main=main, zone=name, standing=told)
        head = sheet.next_row - 1
        for key in sorted(of, key=lambda service: service == "all"):
            _write_change(sheet, columns, key, of[key])
        if main:
            _chart_change(sheet, head, of, facts)
        main = False
    sheet.notes("gep_change", "rounding")


def _change_columns(book: Book, facts: dict[str, int]) -> list[Column]:
    return [
        *book.columns("service"),
        *money(book, "before", "after", **facts),
        *money(book, "change", "change_low", "change_high"),
        *money(book, *_SPLIT),
        *money(book, "constant_before", "constant_after", **facts),
        *money(book, *(f"constant_change{end}" for end in _ENDS)),
        *columns_of(book, "pct", "column.constant_change_pct"),
    ]


def _write_change(sheet: Sheet, columns: list[Column], key: str, row: dict[str, Any]) -> None:
    """Write a service; its changes are differences of the cells of the two years."""
    book, at = sheet.book, sheet.next_row
    now = wan_cells(row, "value_before_yuan", "value_after_yuan")
    fixed = wan_cells(row, "constant_before_yuan", "constant_after_yuan")
    change = _difference(at, 1, now, wan(row["change_yuan"]))
    constant = _difference(at, 12, fixed, wan(row["constant_change_yuan"]))
    cells: list[Cell] = [service_name(book, key), *now, change]
    cells += wan_cells(row, "change_low_yuan", "change_high_yuan", *_EFFECTS)
    cells += [*fixed, constant]
    cells += wan_cells(row, "constant_change_low_yuan", "constant_change_high_yuan")
    sheet.row([*cells, row["constant_change_pct"]], columns, "total" if key == "all" else "plain")


def _difference(at: int, before: int, cells: list[Cell], value: float | None) -> Cell:
    text = f"={xl_rowcol_to_cell(at, before + 1)}-{xl_rowcol_to_cell(at, before)}"
    return live(text, amount(cells[1]) - amount(cells[0]), value)


def _chart_change(
    sheet: Sheet, head: int, of: dict[str, dict[str, Any]], facts: dict[str, int]
) -> None:
    """Put the two effects by service below the table as columns, with their intervals told."""
    rows = [row for key, row in of.items() if key != "all"]
    if not rows:
        return
    chart = sheet.book.workbook.add_chart({"type": "column"})
    for (_, place), colour in zip(_EFFECT_AT.items(), COLOURS[1::2], strict=False):
        look = {"fill": {"color": colour}, "gap": 80}
        chart.add_series(series_at(sheet, head, len(rows), place) | look)
    held = amounts(wan(row[f"{name}_yuan"]) for row in rows for name in _EFFECT_AT)
    reach = reach_of(held)
    before, after = facts["before"], facts["after"]
    dress(
        sheet.book,
        chart,
        "gep_change",
        lines=_CHART_LINES - 1,
        reach=reach,
        before=before,
        after=after,
    )
    sheet.line("")
    sheet.chart(chart, sheet.next_row, 0)
    for _ in range(_CHART_LINES):
        sheet.line("")
