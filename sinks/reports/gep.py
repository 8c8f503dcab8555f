"""The sheet of gross ecosystem product: the summary as the specifications lay it out.

Money is shown in 万元. Values and sums are formulas with their values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sinks.reports.account_words import (
    COUNTED,
    GROUPS,
    WAN,
    amount_unit,
    amounts,
    begin,
    by_place,
    deducted,
    in_language,
    item_name,
    listed,
    live,
    live_sum,
    money,
    rows_of,
    service_name,
    services_named,
    status_cell,
    sum_of,
    sum_to,
    told,
    wan,
    wan_cells,
    years_of,
    zone_name,
    zones_of,
)
from sinks.reports.cells import Cell, Column, Tone
from sinks.reports.plan_words import word_or_key
from sinks.reports.sections import columns_of, verified_cell
from sinks.reports.sheets import Book, Sheet

_ITEM_AT, _VALUE_AT, _CONSTANT_AT = 6, 7, 10  # columns of the summary
_ENDS = ("", "_low", "_high")
_VALUE = tuple(f"value{end}_yuan" for end in _ENDS)
_CONSTANT = tuple(f"constant{end}_yuan" for end in _ENDS)


@dataclass(frozen=True, kw_only=True)
class _Block:
    """The summary of one zone and year, being written."""

    sheet: Sheet
    columns: list[Column]
    services: dict[str, dict[str, Any]]
    items: dict[str, list[tuple[str, dict[str, Any]]]]
    totals: dict[str, Any]

    def row(self, cells: Sequence[Cell], tone: Tone = "plain") -> None:
        """Add a row; columns after the last cell stay blank."""
        blank = [None] * (len(self.columns) - len(cells))
        self.sheet.row([*cells, *blank], self.columns, tone)


def write_gep(book: Book) -> None:
    """Write the summary as the specifications lay it out: the district, then each site."""
    services, items = by_place(rows_of(book, "gep")), _items(book)
    totals = book.records("gep_totals")
    shown = [z for z in zones_of(book) if book.kinds[z] in ("district", "site")]
    blocks = [(year, zone) for zone in shown for year in years_of(book, "gep_totals")]
    if not services or not totals:
        return
    sheet = book.sheet("gep")
    _write_headline(sheet)
    columns, main = _summary_columns(book), True
    for year, zone in blocks:
        of = totals.get((year, zone))
        if of is None or (year, zone) not in services:
            continue
        facts = {"zone": zone_name(book, zone), "year": year}
        begin(sheet, "gep_block", columns, main=main, standing=_standing(book, of), **facts)
        main = False
        block = _Block(
            sheet=sheet,
            columns=columns,
            services=services[year, zone],
            items=items.get((year, zone), {}),
            totals=of,
        )
        _write_block(block)
    sheet.notes("gep", "rounding")


def _standing(book: Book, totals: dict[str, Any]) -> str:
    return word_or_key(book, "standing", totals["standing"])


def _items(book: Book) -> dict[tuple[int, str], dict[str, list[tuple[str, dict[str, Any]]]]]:
    """Return the items by year and zone, then by service."""
    found: dict[tuple[int, str], dict[str, list[tuple[str, dict[str, Any]]]]] = {}
    for (year, zone, item), row in rows_of(book, "gep_items"):
        of = found.setdefault((int(year), str(zone)), {})
        of.setdefault(str(row["service"]), []).append((str(item), row))
    return found


def _write_headline(sheet: Sheet) -> None:
    """Say rule set, prices, standing, what the figures rest on and what was not checked."""
    book, lines = sheet.book, []
    for row in book.records("rule_set").values():
        name, status = in_language(book, row, "name"), in_language(book, row, "status")
        facts = {"name": name, "document": told(row["document"]), "status": status}
        lines.append(book.word("workbook.gep_rule_set", **facts))
        if not row["verified"]:
            lines.append(book.word("workbook.gep_rules_unverified"))
        net = word_or_key(book, "provisioning", row["provisioning"])
        year = int(row["base_year"])
        lines.append(book.word("workbook.gep_prices", base_year=year, provisioning=net))
        kind = "gep_annualised" if row["annualise"] else "gep_not_annualised"
        lines.append(book.word(f"workbook.{kind}"))
    sheet.line(" ".join(lines), "caution")
    totals = book.records("gep_totals")
    below = {book.kinds[z] for (_, z), row in totals.items() if row["standing"] == "reference"}
    if below:
        kinds = [kind for kind in dict.fromkeys(book.kinds.values()) if kind in below]
        named = listed(book, (book.word(f"kind.{kind}") for kind in kinds))
        sheet.line(book.word("workbook.gep_reference", kinds=named), "caution")
    _write_basis(sheet)


def _write_basis(sheet: Sheet) -> None:
    book, totals = sheet.book, sheet.book.records("gep_totals")
    for year in years_of(book, "gep_totals"):
        row = totals.get((year, book.district))
        if row is not None:
            parts = {part: row[f"{part}_share_pct"] for part in ("told", "table", "default")}
            counts = {part: int(row[f"services_{part}"]) for part in ("counted", "missing")}
            sheet.line(book.word("workbook.gep_rests_on", year=year, **parts, **counts))
    unchecked = dict.fromkeys(
        service
        for (_, _, service), row in book.records("gep").items()
        if row["status"] in COUNTED and not row["verified"]
    )
    if unchecked:
        services = services_named(book, unchecked)
        sheet.line(book.word("workbook.gep_unverified", services=services), "caution")


def _summary_columns(book: Book) -> list[Column]:
    return [
        *columns_of(book, "count", "workbook.number"),
        *columns_of(book, "text", "gep.group", "column.service"),
        *book.columns("item"),
        *columns_of(book, "number", "column.quantity"),
        *book.columns("unit"),
        *money(book, "item", "value", "value_low", "value_high"),
        *money(book, "constant", "constant_low", "constant_high"),
        *columns_of(book, "pct", "gep.share_pct"),
        *book.columns("status"),
        Column(book.word("workbook.reason"), widest=40),
        *book.columns("verified"),
    ]


def _write_block(block: _Block) -> None:
    """Write services by group with sums, then what is deducted, then the total."""
    book, sheet, of = block.sheet.book, block.sheet, block.totals
    sums: list[tuple[int, float, float]] = []  # row, value and constant value in yuan
    number = 0
    for group in GROUPS:
        rows = {key: row for key, row in block.services.items() if row["group"] == group}
        first = sheet.next_row
        for service, row in rows.items():
            number += 1
            _write_service(block, number, service, row)
        if rows:
            sums.append((sheet.next_row, *_write_group(block, group, first, rows)))
    parts, fixed = (sum(part[place] for part in sums) for place in (1, 2))
    at = [row for row, _, _ in sums]
    imports = deducted(parts, of)
    if imports:
        at.append(sheet.next_row)
        parts -= imports
        line = [None, None, book.word("workbook.gep_deducted"), None, None, "", None]
        block.row([*line, -imports / WAN], "apart")
    value = live(sum_of((row, _VALUE_AT) for row in at), parts / WAN, wan(of["gep_yuan"]))
    held = live(sum_of((row, _CONSTANT_AT) for row in at), fixed / WAN, wan(of["constant_yuan"]))
    ends = wan_cells(of, "gep_low_yuan", "gep_high_yuan")
    fixed_ends = wan_cells(of, *_CONSTANT[1:])
    line = [None, "", book.word("workbook.gep_total"), "", None, "", None]
    block.row([*line, value, *ends, held, *fixed_ends, 100.0], "total")
    if not imports and of["imports_yuan"] > 0:
        memo = [None, "", book.word("workbook.gep_memo_imports"), "", None, "", None]
        block.row([*memo, wan(of["imports_yuan"])], "apart")


def _write_service(block: _Block, number: int, service: str, row: dict[str, Any]) -> None:
    """Write a service, one row for each of its items; its value stands in the first."""
    book, sheet = block.sheet.book, block.sheet
    counts = row["status"] in COUNTED
    items = block.items.get(service, [])
    values = [wan(of["value_yuan"]) if counts and of["counted"] else None for _, of in items]
    first = sheet.next_row
    ends = (first, _ITEM_AT), (first + max(len(items), 1) - 1, _ITEM_AT)
    value = sum_to(*ends, values, wan(row["value_yuan"]))
    figures = [value, *wan_cells(row, *_VALUE[1:], *_CONSTANT), row["share_pct"]]
    status: list[Cell] = [status_cell(book, row["status"]), in_language(book, row, "reason")]
    told_of = [*figures, *status, verified_cell(book, checked=bool(row["verified"]))]
    group = book.word(f"service_group.{row['group']}")
    head: list[Cell] = [number, group, service_name(book, service)]
    tone: Tone = "plain" if counts else "apart"
    for place, ((item, of), amount) in enumerate(zip(items, values, strict=True)):
        unit = amount_unit(book, of["unit"])
        cells: list[Cell] = [item_name(book, item), of["quantity"], unit, amount]
        lead: list[Cell] = head if place == 0 else [None, group, head[2]]
        block.row([*lead, *cells, *(told_of if place == 0 else [])], tone)
    if not items:
        block.row([*head, "", None, "", None, *told_of], tone)


def _write_group(
    block: _Block, group: str, first: int, rows: dict[str, dict[str, Any]]
) -> tuple[float, float]:
    """Write the sums of a group; return its value and its constant value in yuan."""
    book, last, of = block.sheet.book, block.sheet.next_row - 1, block.totals
    parts, fixed = ([row[name] for row in rows.values()] for name in ("value_yuan", _CONSTANT[0]))
    value, held = sum(amounts(parts)), sum(amounts(fixed))
    name = book.word(f"service_group.{group}")
    cells: list[Cell] = [None, name, book.word("workbook.group_total", group=name), "", None, ""]
    ends = (first, _VALUE_AT), (last, _VALUE_AT)
    whole = sum_to(*ends, [value / WAN], wan(of[f"{group}_yuan"]))
    limits = wan_cells(of, f"{group}_low_yuan", f"{group}_high_yuan")
    constant = live_sum((first, _CONSTANT_AT), (last, _CONSTANT_AT), [held / WAN])
    shares = sum(amounts(row["share_pct"] for row in rows.values()))
    block.row([*cells, None, whole, *limits, constant, None, None, shares], "total")
    return value, held
