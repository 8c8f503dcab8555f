"""The sheets of the greenhouse-gas balance: all zones, gases, sets of potentials, fluxes.

Positive is a net sink. Every sheet says its unit, the set of warming potentials, and that the
amounts are for accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sinks.carbon.balance import verdict
from sinks.reports.cells import Cell, Column, Marked, Tone, total
from sinks.reports.sections import (
    chance,
    class_name,
    columns_of,
    section,
    singled_out,
    zones_in,
)
from sinks.reports.sheets import Book, Sheet

_TONES: Mapping[str, Tone] = {"sink": "good", "source": "warn", "open": "same"}
_NET = tuple(f"net_sink{end}_tco2e_per_year" for end in ("", "_low", "_high"))
_NET_SE, _DETECTABLE = "net_sink_se_tco2e_per_year", "detectable_tco2e_per_year"
_PARTS = ("removal_tco2e_per_year", "emission_tco2e_per_year")
_SIGN = "probability_sink"


def verdict_cell(book: Book, row: Mapping[Any, Any]) -> Marked:
    """Return the word for a row of a balance, in the tone of a sink, a source or neither."""
    found = verdict(row[_NET[0]], row[_SIGN])
    return Marked(book.word(f"verdict.{found}"), _TONES[found])


def write_heading(sheet: Sheet) -> None:
    """Say unit and sign, the warming potentials, and that amounts are for accounts alone."""
    book = sheet.book
    for row in book.records("potentials").values():
        if row["chosen"]:
            name, accounting = row[f"name_{book.language}"], "crediting.accounting_only"
            facts = {"name": name, "ch4": row["ch4"], "n2o": row["n2o"]}
            line = book.word("workbook.balance_heading", accounting=book.word(accounting), **facts)
            sheet.line(line, "caution")


def write_balance(book: Book) -> None:
    """Write the balance of every zone; of the district by gas; and under each set of GWP."""
    balance = book.records("balance")
    if not balance:
        return
    sheet = book.sheet("balance", year=book.results.years[-1])
    write_heading(sheet)
    columns = [
        *book.columns("zone", "kind"),
        Column(book.word("workbook.verdict")),
        *book.columns(*_PARTS, *_NET, _NET_SE),
        *columns_of(book, "share", f"column.{_SIGN}"),
        *book.columns(_DETECTABLE),
    ]
    sheet.table(columns)
    for zone in zones_in(book, "balance"):
        row = balance[zone]
        figures = [row[name] for name in (*_PARTS, *_NET, _NET_SE)]
        sign = chance(row[_NET[0]], row[_SIGN])
        head = [*book.zone_cells(zone), verdict_cell(book, row)]
        sheet.row([*head, *figures, sign, row[_DETECTABLE]], columns)
    sheet.filtered()
    areas = "balance_sample" if _sampled(book) else "balance_mapped"
    sheet.notes("balance", areas, "balance_scope", "rounding")
    _write_gases(sheet)
    _write_potentials(sheet)


def _sampled(book: Book) -> bool:
    """Whether a sample judges the last land cover, on which the balance then stands."""
    estimates = book.results.table("stock_estimates")
    years = () if estimates.empty else set(estimates.index.get_level_values("year"))
    return book.results.years[-1] in years


def _write_gases(sheet: Sheet) -> None:
    book, gases = sheet.book, sheet.book.in_district("balance_gases")
    whole = book.records("balance").get(book.district)
    if gases.empty or whole is None:
        return
    names = (*_NET, _NET_SE)
    columns = book.columns("zone", "gas", *names)
    section(sheet, "balance_gases", columns)
    first, district = sheet.next_row, book.name("zones", book.district)
    for gas, row in zip(gases.index, gases.to_dict("records"), strict=True):
        sheet.row([district, book.word(f"gas.{gas}"), *(row[name] for name in names)], columns)
    net = total((first, 2), (sheet.next_row - 1, 2), whole[_NET[0]])
    cells = [district, book.word("workbook.total"), net, *(whole[name] for name in names[1:])]
    sheet.row(cells, columns, "total")


def _write_potentials(sheet: Sheet) -> None:
    book, balances = sheet.book, sheet.book.records("balance_potentials")
    if not balances:
        return
    columns = [
        *book.columns("zone", "potentials", widest=44),
        *columns_of(book, "number", "column.ch4", "column.n2o"),
        Column(book.word("workbook.verdict")),
        *book.columns(*_NET, _NET_SE),
        *columns_of(book, "share", f"column.{_SIGN}"),
    ]
    section(sheet, "balance_potentials", columns)
    sets = book.records("potentials")
    for zone in singled_out(book, "balance_potentials"):
        for key, of in sets.items():
            row = balances[key, zone]
            head: list[Cell] = [book.name("zones", zone), str(of[f"name_{book.language}"])]
            head += [of["ch4"], of["n2o"], verdict_cell(book, row)]
            figures = [row[name] for name in (*_NET, _NET_SE)]
            cells = [*head, *figures, chance(row[_NET[0]], row[_SIGN])]
            sheet.row(cells, columns, "total" if of["chosen"] else "plain")
    sheet.notes("potentials")


def write_fluxes(book: Book) -> None:
    """Write what every class, use, process and gas exchanges, the district first."""
    fluxes = book.results.table("fluxes")
    if fluxes.empty:
        return
    sheet = book.sheet("fluxes", year=book.results.years[-1])
    write_heading(sheet)
    names = (*_PARTS, *_NET)
    heads = [*book.columns("zone", "land_cover"), *book.columns("use", widest=40)]
    columns = [*heads, *book.columns("process", "gas", *names)]
    sheet.table(columns)
    parts: dict[Any, pd.DataFrame] = dict(iter(fluxes.groupby(level="zone", sort=False)))
    for zone in zones_in(book, "fluxes"):
        rows = parts[zone].droplevel("zone")
        for (key, use, process, gas), row in zip(rows.index, rows.to_dict("records"), strict=True):
            head = [book.name("zones", zone), class_name(book, key), book.name("uses", use)]
            head += [book.word(f"flow.{process}"), book.word(f"gas.{gas}")]
            sheet.row([*head, *(row[name] for name in names)], columns)
    sheet.filtered()
    sheet.line(book.word("note.fluxes", sheet=book.word("sheet.balance")))
    sheet.notes("rounding")
