"""The sheet of charts: the district at a glance, small tables with a chart beside each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sinks.reports.account_words import COUNTED, WAN, money, service_name
from sinks.reports.balance import write_heading
from sinks.reports.cells import Cell, Column
from sinks.reports.charts import Charted, charted, reach_of
from sinks.reports.sections import columns_of
from sinks.reports.sheets import Book


def write_charts(book: Book) -> None:
    """Write the district at a glance: small tables, and a chart of each beside it."""
    if book.in_district("areas").empty:
        return
    balance = _balance(book)
    rates, product = _rates_with_targets(book), _ecosystem_product(book)
    tables = [_mapped(book), *_estimated(book), *balance, *rates, *product]
    sheet = book.sheet("charts", pages=1)
    beside = max(len(table.columns) for table in tables)
    for number, table in enumerate(tables):
        if number:
            sheet.line("")
        charted(sheet, table, beside)
    if balance:
        write_heading(sheet)
    sheet.notes("rounding")


def _mapped(book: Book) -> Charted:
    areas = book.in_district("areas")
    keys = book.classes(areas.index.get_level_values("land_cover"))
    years, ha = book.results.years, areas["area_ha"].to_dict()
    heads = [Column(book.word("workbook.mapped", year=y), "ha") for y in years]
    return Charted(
        name="area",
        columns=[*book.columns("land_cover"), *heads],
        rows=[
            [book.name("classes", key), *(ha.get((year, key), 0.0) for year in years)]
            for key in keys
        ],
        series=len(years),
        lines=max(16, len(keys) + 1),
    )


def _estimated(book: Book) -> list[Charted]:
    """Return mapped and estimated areas of the last year that a sample was labelled in."""
    estimates = book.in_district("area_estimates")
    if estimates.empty:
        return []
    year = estimates.index.get_level_values("year").max()
    names = ["mapped", "estimated", "below", "above"]
    heads = [Column(book.word(f"workbook.{name}", year=year), "ha") for name in names]
    found = estimates.xs(year, level="year")
    found = found.loc[book.classes(found.index)]
    estimate = found["estimated_ha"]
    below, above = estimate - found["estimated_low_ha"], found["estimated_high_ha"] - estimate
    values = [found["area_ha"], estimate, below, above]
    table = Charted(
        name="estimate",
        columns=[*book.columns("land_cover"), *heads],
        rows=[
            [book.name("classes", str(key)), *(float(value[key]) for value in values)]
            for key in found.index
        ],
        series=2,
        lines=max(16, len(found) + 1),
        bars=True,
    )
    return [table]


def _balance(book: Book) -> list[Charted]:
    """Return the net balance of the district by gas, and all gases together."""
    gases = book.in_district("balance_gases")
    whole = book.records("balance").get(book.district)
    if gases.empty or whole is None:
        return []
    named: dict[str, Mapping[Any, Any]] = {
        book.word(f"gas.{gas}"): row for gas, row in gases.to_dict("index").items()
    }
    named[book.word("workbook.total")] = whole
    rows: list[list[Cell]] = []
    held: list[float] = []
    for name, row in named.items():
        net, low, high = (row[f"net_sink{end}_tco2e_per_year"] for end in ("", "_low", "_high"))
        rows.append([name, net, net - low, high - net])
        held += [net, low, high]
    heads = [f"workbook.{name}_tco2e" for name in ("below", "above")]
    columns = columns_of(book, "tco2e", "column.net_sink_tco2e_per_year", *heads)
    return [
        Charted(
            name="balance",
            columns=[*book.columns("gas"), *columns],
            rows=rows,
            series=1,
            lines=14,
            bars=True,
            reach=reach_of(held),
        )
    ]


def _rates_with_targets(book: Book) -> list[Charted]:
    rows: list[list[Cell]] = [
        [str(target[f"name_{book.language}"]), target["value"], target["target"]]
        for target in book.records("targets").values()
        if target["unit"] == "%" and pd.notna(target["value"])
    ]
    heads = [Column(book.word(f"workbook.{n}_pct"), "number") for n in ("value", "target")]
    columns = [*book.columns("indicator"), *heads]
    table = Charted(name="indicator", columns=columns, rows=rows, series=2, lines=12)
    return [table] if rows else []


def _ecosystem_product(book: Book) -> list[Charted]:
    """Return gross ecosystem product of the district in the last year by service."""
    found = book.in_district("gep")
    if found.empty:
        return []
    year = found.index.get_level_values("year").max()
    services = pd.DataFrame(found.xs(year, level="year"))
    rows: list[list[Cell]] = []
    held: list[float] = []
    for service, row in services.to_dict("index").items():
        if row["status"] not in COUNTED:
            continue
        value, low, high = (row[f"value{end}_yuan"] / WAN for end in ("", "_low", "_high"))
        rows.append([service_name(book, service), value, value - low, high - value])
        held += [value, low, high]
    heads = money(book, "after", "below", "above", after=year)
    table = Charted(
        name="gep",
        columns=[*book.columns("service"), *heads],
        rows=rows,
        series=1,
        lines=14,
        bars=True,
        reach=reach_of(held),
    )
    return [table] if rows else []
