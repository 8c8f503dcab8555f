"""What the sheets of ecosystem accounts share: names, money in 万元, formulas that stay true."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sinks.parameters.labels import labels
from sinks.reports.cells import Cell, Column, Formula, Kind, Marked, Tone, total
from sinks.reports.plan_words import unit_name, word_or_key
from sinks.reports.sections import columns_of
from sinks.reports.sheets import Book, Sheet

WAN = 10_000.0  # yuan in 万元
GROUPS = ("provisioning", "regulating", "cultural")
COUNTED = ("counted", "partly")
PRICE: Kind = "degrees"  # five decimals: prices go down to fractions of a cent a cubic metre
_TONES: dict[str, Tone] = {"counted": "good", "partly": "same", "no_data": "warn"}
LESS = 1e-9  # part of a total below which a difference is rounding

Keyed = tuple[Any, dict[str, Any]]
Rows = dict[tuple[int, str], dict[str, dict[str, Any]]]


def wan(value_yuan: float | None) -> float | None:
    """Return yuan in 万元; nothing stays nothing.

    >>> wan(25_000.0), wan(None)
    (2.5, None)
    """
    return None if value_yuan is None or math.isnan(value_yuan) else value_yuan / WAN


def wan_cells(row: dict[str, Any], *names: str) -> list[Cell]:
    """Return columns of a row that are in yuan as cells in 万元."""
    return [wan(row[name]) for name in names]


def live(text: str, again: float, value: float | None) -> Cell:
    """Return the formula ``text`` with its value if it gives that value, else the value.

    ``again`` is what the formula comes to. So no program that calculates the workbook anew
    can show another figure than the results hold.

    >>> live("=A1*2", 4.0, 4.0)
    Formula(text='=A1*2', value=4.0)
    >>> live("=A1*2", 5.0, 4.0)
    4.0
    """
    if value is None or math.isnan(value):
        return None
    same = math.isclose(again, value, rel_tol=LESS, abs_tol=1e-12)
    return Formula(text, value) if same else value


def live_sum(first: tuple[int, int], last: tuple[int, int], parts: Sequence[Any]) -> Cell:
    """Return the sum of cells whose values are ``parts``; blank where all of them are."""
    known = amounts(parts)
    return total(first, last, math.fsum(known)) if known else None


def sum_to(
    first: tuple[int, int], last: tuple[int, int], parts: Sequence[Any], value: float | None
) -> Cell:
    """Return the sum of cells as a formula where it comes to ``value``, else the value."""
    return live(total(first, last, 0.0).text, math.fsum(amounts(parts)), value)


def sum_of(cells: Iterable[tuple[int, int]]) -> str:
    """Return the text of a sum of single cells.

    >>> sum_of([(4, 2), (9, 2)])
    '=SUM(C5,C10)'
    """
    return f"=SUM({','.join(xl_rowcol_to_cell(*cell) for cell in cells)})"


def amounts(cells: Iterable[Any]) -> list[float]:
    """Return the numbers of cells, those of formulas too, without blanks.

    >>> amounts([1.0, None, float("nan"), Formula("=A1", 2.0), "a"])
    [1.0, 2.0]
    """
    held = (cell.content if isinstance(cell, Marked) else cell for cell in cells)
    values = (cell.value if isinstance(cell, Formula) else cell for cell in held)
    return [v for v in values if isinstance(v, (int, float)) and not math.isnan(v)]


def amount(cell: Any) -> float:
    """Return the number of a cell; a blank is nothing, as formulas take it."""
    return math.fsum(amounts([cell]))


def money(book: Book, *keys: str, **facts: object) -> list[Column]:
    """Return columns in 万元 by the keys of their heads, ``value`` for ``workbook.value_wan``."""
    return [Column(book.word(f"workbook.{key}_wan", **facts), "number") for key in keys]


def deducted(parts_yuan: float, totals: dict[str, Any]) -> float:
    """Return the imports that the total lacks against its services; 0 if those are net of them.

    >>> deducted(100.0, {"gep_yuan": 80.0, "imports_yuan": 20.0})
    20.0
    >>> deducted(80.0, {"gep_yuan": 80.0, "imports_yuan": 20.0})
    0.0
    """
    imports = float(totals["imports_yuan"])
    near = LESS * abs(parts_yuan)
    below = imports > near and abs(parts_yuan - imports - totals["gep_yuan"]) <= near
    return imports if below else 0.0


def rows_of(book: Book, table: str) -> list[Keyed]:
    """Return the rows of a table, those of the district first, then sites, then the others."""
    levels = book.results.table(table).index.names
    place = levels.index("zone") if "zone" in levels else None
    ranks = {zone: rank for rank, zone in enumerate(zones_of(book))}

    def rank(row: Keyed) -> int:
        if place is None:
            return 0
        zone = row[0] if len(levels) == 1 else row[0][place]
        return ranks.get(zone, -1)  # what names no zone is asked of the district

    return sorted(book.records(table).items(), key=rank)


def by_place(rows: list[Keyed]) -> Rows:
    """Return rows by year, zone and a key as the rows of each year and zone by key."""
    found: Rows = {}
    for (year, zone, key), row in rows:
        found.setdefault((int(year), str(zone)), {})[str(key)] = row
    return found


def zones_of(book: Book) -> list[str]:
    """Return all zones, the district first and its sites next."""
    first = {"district": 0, "site": 1}
    return sorted(book.kinds, key=lambda zone: first.get(book.kinds[zone], 2))


def years_of(book: Book, table: str) -> list[int]:
    """Return the years of a table from first to last."""
    frame = book.results.table(table)
    return sorted(set(map(int, frame.index.get_level_values("year")))) if len(frame) else []


def zone_name(book: Book, zone: object) -> str:
    """Return the name of a zone; what the results do not name stays as it is."""
    return book.name("zones", str(zone)) if str(zone) in book.kinds else told(zone)


def service_name(book: Book, service: object) -> str:
    """Return the name of a service, ``all`` of them together being the total."""
    return (
        book.word("workbook.total") if service == "all" else word_or_key(book, "service", service)
    )


def services_named(book: Book, services: Iterable[str]) -> str:
    """Return the names of services in one text."""
    return listed(book, (service_name(book, service) for service in services))


def listed(book: Book, names: Iterable[str]) -> str:
    """Return names one after the other as the language of the book lists them."""
    return ("、" if book.language == "zh" else ", ").join(names)


def item_name(book: Book, item: object) -> str:
    """Return the name of an item of the accounts, or its key where it has none."""
    items = book.results.table("account_items")
    return book.name("account_items", str(item)) if str(item) in items.index else str(item)


def formula_text(book: Book, formula: object) -> str:
    """Return a formula of the accounts in words, empty where there is none."""
    formulas = book.records("account_formulas")
    return told(formulas[formula][f"text_{book.language}"]) if formula in formulas else ""


def amount_unit(book: Book, unit: object) -> str:
    """Return the name of a unit, of each part of ``yuan/m3``; others stay as they were told."""
    if not isinstance(unit, str):
        return ""
    known = labels("amount_unit")
    if all(part in known for part in unit.split("/")):
        return "/".join(book.word(f"amount_unit.{part}") for part in unit.split("/"))
    return unit_name(book, unit)


def status_cell(book: Book, status: object) -> Marked:
    """Return whether a service is counted, in the tone of the answer."""
    tone = _TONES.get(str(status), "plain")
    return Marked(word_or_key(book, "service_status", status), tone)


def yes_no(book: Book, *, answer: object) -> str:
    """Return yes or no."""
    return book.word("word.yes" if bool(answer) else "word.no")


def standing(book: Book, year: int, zone: str) -> str:
    """Return whether the figures of a zone are an account or for reference alone."""
    row = book.records("gep_totals").get((year, zone))
    return word_or_key(book, "standing", row["standing"]) if row else ""


def told(value: object) -> str:
    """Return a text of the results, empty where there is none."""
    return value if isinstance(value, str) else ""


def in_language(book: Book, row: dict[str, Any], name: str) -> str:
    """Return the text ``name_zh`` or ``name_en`` of a row."""
    return told(row[f"{name}_{book.language}"])


def begin(
    sheet: Sheet, key: str, columns: Sequence[Column], *, main: bool, **facts: object
) -> None:
    """Begin a table under its heading; the first on a sheet is the one that stays in sight."""
    if not main:
        sheet.line("")
    sheet.line(sheet.book.word(f"section.{key}", **facts), "section")
    sheet.table(columns, main=main)


def quantities(book: Book) -> list[Column]:
    """Return the columns of a quantity with its interval and unit."""
    names = ("column.quantity", "column.quantity_low", "column.quantity_high")
    return [*columns_of(book, "number", *names), *book.columns("unit")]


def quantity_cells(book: Book, row: dict[str, Any]) -> list[Cell]:
    """Return the cells under :func:`quantities`."""
    figures: list[Cell] = [row[f"quantity{end}"] for end in ("", "_low", "_high")]
    return [*figures, amount_unit(book, row["unit"])]
