"""The sheets of SEEA EA on services: supply and use, assets, and the bridge from GEP.

Money is shown in 万元. Sums and what is accumulated are formulas with their values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.reports.account_words import (
    WAN,
    Keyed,
    amount,
    amount_unit,
    begin,
    in_language,
    item_name,
    live,
    live_sum,
    money,
    rows_of,
    service_name,
    sum_to,
    wan,
    wan_cells,
    zone_name,
)
from sinks.reports.cells import Cell, Column, Formula, Kind
from sinks.reports.plan_words import word_or_key
from sinks.reports.sections import class_name, columns_of, in_legend_order
from sinks.reports.sheets import Book, Sheet

_ENDS = ("", "_low", "_high")
_ASSET_PARTS = ("opening_yuan", "extent_yuan", "condition_yuan", "revaluation_yuan")
_ASSET_ENDS = tuple(f"{at}{end}_yuan" for at in ("opening", "closing") for end in _ENDS[1:])


@dataclass(frozen=True, kw_only=True)
class _Flows:
    """A table of supply and use: rows by item or service, columns by class and user."""

    name: str  # of the column that names the rows
    row_name: Callable[[Book, object], str]
    flows: dict[tuple[Any, Any, str], dict[tuple[str, str], float]]
    units: dict[tuple[Any, Any, str], str]
    classes: list[str]
    users: list[str]
    kind: Kind
    summed: bool


def write_seea_supply_use(book: Book) -> None:
    """Write who supplies and who uses each service, in quantities and in exchange values."""
    physical, monetary = rows_of(book, "seea_physical"), rows_of(book, "seea_monetary")
    if not physical and not monetary:
        return
    sheet = book.sheet("seea_supply_use")
    if physical:
        of = _flows(book, physical, "quantity", 1.0)
        columns = _flow_columns(book, of)
        sheet.table(columns)
        _write_flows(sheet, columns, of)
        sheet.filtered()
    if monetary:
        of = _flows(book, monetary, "value_yuan", WAN)
        columns = _flow_columns(book, of)
        begin(sheet, "seea_monetary", columns, main=not physical)
        _write_flows(sheet, columns, of)
    sheet.notes("seea_supply_use", "rounding")


def _flows(book: Book, rows: list[Keyed], column: str, scale: float) -> _Flows:
    flows: dict[tuple[Any, Any, str], dict[tuple[str, str], float]] = {}
    units: dict[tuple[Any, Any, str], str] = {}
    parties: dict[str, dict[str, None]] = {"supply": {}, "use": {}}
    for (year, zone, key, side, party), row in rows:
        where = zone, year, str(key)
        flows.setdefault(where, {})[str(side), str(party)] = row[column] / scale
        units[where] = amount_unit(book, row.get("unit"))
        parties[str(side)][str(party)] = None
    money_told = column == "value_yuan"
    return _Flows(
        name="service" if money_told else "item",
        row_name=service_name if money_told else item_name,
        flows=flows,
        units={} if money_told else units,
        classes=in_legend_order(book, parties["supply"]),
        users=list(parties["use"]),
        kind="number",
        summed=money_told,
    )


def _flow_columns(book: Book, of: _Flows) -> list[Column]:
    word = book.word
    supply = [word("workbook.supply_of", name=class_name(book, key)) for key in of.classes]
    used = [word_or_key(book, "economic_unit", key) for key in of.users]
    heads = [*supply, word("workbook.supply_sum")]
    heads += [word("workbook.use_of", name=name) for name in used]
    heads += [word("workbook.use_sum"), word("workbook.supply_less_use")]
    unit = book.columns("unit") if of.units else []
    return [*book.columns("zone", "year", of.name), *unit, *(Column(h, of.kind) for h in heads)]


def _write_flows(sheet: Sheet, columns: list[Column], of: _Flows) -> None:
    """Write a row for each item or service of each zone and year, and sums of money."""
    book, written = sheet.book, dict[tuple[Any, Any], list[tuple[int, list[Cell]]]]()
    lead = len(columns) - len(of.classes) - len(of.users) - 3
    places = list(dict.fromkeys((zone, year) for zone, year, _ in of.flows))
    for zone, year in places:
        head: list[Cell] = [zone_name(book, zone), int(year)]
        for where, flows in of.flows.items():
            if where[:2] != (zone, year):
                continue
            named = [*head, of.row_name(book, where[2])]
            named += [of.units[where]] if of.units else []
            at, figures = sheet.next_row, _flow_cells(sheet.next_row, lead, flows, of)
            sheet.row([*named, *figures], columns)
            written.setdefault((zone, year), []).append((at, figures))
        if of.summed:
            rows = written[zone, year]
            ends = rows[0][0], rows[-1][0]
            sums: list[Cell] = [*head, book.word("workbook.total")]
            sums += [
                live_sum((ends[0], lead + n), (ends[1], lead + n), [cells[n] for _, cells in rows])
                for n in range(len(columns) - lead)
            ]
            sheet.row(sums, columns, "total")


def _flow_cells(at: int, lead: int, flows: dict[tuple[str, str], float], of: _Flows) -> list[Cell]:
    """Return what classes supply and users use, each with its sum, and their difference."""
    supply: list[Cell] = [flows.get(("supply", key)) for key in of.classes]
    used: list[Cell] = [flows.get(("use", key)) for key in of.users]
    middle = lead + len(supply)
    sums = (
        live_sum((at, lead), (at, middle - 1), supply),
        live_sum((at, middle + 1), (at, middle + len(used)), used),
    )
    ends = (xl_rowcol_to_cell(at, place) for place in (middle, middle + 1 + len(used)))
    apart = round(amount(sums[0]) - amount(sums[1]), 6) + 0.0
    check = Formula(f"=ROUND({'-'.join(ends)},6)", apart)
    return [*supply, sums[0], *used, sums[1], check]


def write_seea_assets(book: Book) -> None:
    """Write the asset account of every zone by service, with its sums."""
    rows = rows_of(book, "seea_assets")
    if not rows:
        return
    columns = [
        *book.columns("zone", "service"),
        *money(book, "opening", "extent", "condition", "revaluation", "closing"),
        *money(book, "opening_low", "opening_high", "closing_low", "closing_high"),
        *columns_of(book, "count", "column.life_years"),
        *columns_of(book, "pct", "column.discount_pct"),
    ]
    sheet = book.sheet("seea_assets")
    sheet.table(columns)
    zones: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for (zone, service), row in rows:
        zones.setdefault(str(zone), []).append((str(service), row))
    for zone, services in zones.items():
        first, name = sheet.next_row, zone_name(book, zone)
        for service, row in services:
            at, parts = sheet.next_row, wan_cells(row, *_ASSET_PARTS)
            closing = sum_to((at, 2), (at, 5), parts, wan(row["closing_yuan"]))
            cells = [name, service_name(book, service), *parts, closing]
            cells += [*wan_cells(row, *_ASSET_ENDS), row["life_years"], row["discount_pct"]]
            sheet.row(cells, columns)
        last = sheet.next_row - 1
        whole: list[Cell] = [name, book.word("workbook.total")]
        whole += [
            live_sum((first, 2 + n), (last, 2 + n), [wan(row[part]) for _, row in services])
            for n, part in enumerate((*_ASSET_PARTS, "closing_yuan"))
        ]
        sheet.row([*whole, *([None] * 6)], columns, "total")
    sheet.filtered()
    sheet.notes("seea_assets", "rounding")


def write_seea_bridge(book: Book) -> None:
    """Write how GEP becomes exchange values, step by step."""
    rows = sorted(rows_of(book, "seea_bridge"), key=lambda row: row[1]["order"])
    if not rows:
        return
    columns = [
        *book.columns("zone", "year"),
        *columns_of(book, "count", "column.order"),
        *book.columns("step", widest=56),
        *money(book, "step", "cumulative"),
    ]
    sheet = book.sheet("seea_bridge")
    sheet.table(columns)
    places = dict.fromkeys(key[:2] for key, _ in rows_of(book, "seea_bridge"))
    for year, zone in places:
        before: tuple[int, float] | None = None
        for (_, _, step), row in (r for r in rows if r[0][:2] == (year, zone)):
            at, value = sheet.next_row, wan(row["cumulative_yuan"])
            head: list[Cell] = [zone_name(book, zone), int(year), row["order"]]
            head += [in_language(book, row, "name"), wan(row["value_yuan"])]
            whole = step in ("gep", "seea")
            cells = [*head, _accumulated(at, before, row)]
            sheet.row(cells, columns, "total" if whole else "plain")
            before = at, value or 0.0
    sheet.filtered()
    sheet.notes("seea_bridge", "rounding")


def _accumulated(at: int, before: tuple[int, float] | None, row: dict[str, Any]) -> Cell:
    """Return what the steps come to; the last names the sum itself and adds nothing."""
    own, value = xl_rowcol_to_cell(at, 4), wan(row["cumulative_yuan"])
    if before is None:
        return live(f"={own}", amount(wan(row["value_yuan"])), value)
    over = xl_rowcol_to_cell(before[0], 5)
    added = live(f"={over}+{own}", before[1] + amount(wan(row["value_yuan"])), value)
    return added if isinstance(added, Formula) else live(f"={over}", before[1], value)
