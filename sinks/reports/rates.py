"""The sheets of rates and charts: indicators against targets, and the district at a glance."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import pandas as pd

from sinks.parameters.labels import labels
from sinks.reports.balance import write_heading
from sinks.reports.cells import Cell, Column, Marked, Tone
from sinks.reports.charts import Charted, charted, reach_of
from sinks.reports.sections import columns_of
from sinks.reports.sheets import Book
from sinks.units import UNITS

_MET: dict[str, Tone] = {"yes": "good", "no": "warn", "open": "warn", "unknown": "warn"}


def write_indicators(book: Book) -> None:
    """Write the rates of the district with their targets, then those of the other zones."""
    rates, targets = book.records("indicators"), book.records("targets")
    if not rates and not targets:
        return
    sheet, columns, shown = book.sheet("indicators"), _columns(book), set()
    sampled = _sampled(rates)
    sheet.table(columns)
    for key, target in targets.items():
        year = None if pd.isna(target["value_year"]) else int(target["value_year"])
        where = (year, book.district, key)
        shown.add(where)
        cells = _rate(book, where, rates.get(where), sampled)
        sheet.row([*cells, *_target(book, target)], columns)
    order = {zone: place for place, zone in enumerate(book.kinds)}
    rest = [where for where in rates if where not in shown and where[1] in order]
    for where in sorted(rest, key=lambda w: (order[w[1]], -w[0], w[2])):
        sheet.row([*_rate(book, where, rates[where], sampled), *[None] * 6], columns)
    sheet.filtered()
    sheet.notes("interval_sample" if sampled else "interval", "rounding")


def _sampled(rates: Mapping[Any, Mapping[str, Any]]) -> set[tuple[int, str]]:
    """Return the years and zones of which a probability sample gives a rate."""
    return {(year, zone) for (year, zone, _), r in rates.items() if r["evidence"] == "sample"}


def _name(book: Book, key: str, *, sampled: bool) -> str:
    """Return the name of a rate; a mapped one is not called unsampled beside a sampled one."""
    group = "indicator_sampled" if sampled and key in labels("indicator_sampled") else "indicator"
    return book.word(f"{group}.{key}")


def _columns(book: Book) -> list[Column]:
    def own(*names: str) -> list[Column]:
        return [Column(book.word(f"workbook.{name}"), "number") for name in names]

    return [
        *book.columns("zone", "indicator", "year", widest=21),
        *own("value"),
        *book.columns("unit"),
        *own("low", "high", "numerator", "denominator"),
        *book.columns("part_unit"),
        *book.columns("rule", widest=40),
        *book.columns("evidence"),
        Column(book.word("workbook.target_kind")),
        *own("target"),
        Column(book.word("workbook.target_year"), "year"),
        *book.columns("document", widest=20),
        *own("gap"),
        *book.columns("met", widest=16),
    ]


def _rate(
    book: Book,
    where: tuple[int | None, str, str],
    rate: Mapping[str, Any] | None,
    sampled: Container[tuple[int | None, str]],
) -> list[Cell]:
    year, zone, key = where
    zone_name = book.name("zones", zone) if zone else ""
    head: list[Cell] = [zone_name, _name(book, key, sampled=(year, zone) in sampled), year]
    if rate is None or pd.isna(rate["value"]):
        return [*head, book.word("workbook.no_figure"), *[None] * 8]
    dash = book.word("workbook.no_interval")
    ends = [dash if pd.isna(rate[end]) else rate[end] for end in ("low", "high")]
    unit, part_unit = (_unit(book, str(rate[name])) for name in ("unit", "part_unit"))
    parts: list[Cell] = [rate["numerator"], rate["denominator"], part_unit]
    rule, evidence = _rule(book, zone, rate), book.word(f"evidence.{rate['evidence']}")
    return [*head, rate["value"], unit, *ends, *parts, rule, evidence]


def _rule(book: Book, zone: str, rate: Mapping[str, Any]) -> str:
    """Return the definition: in full for the district, by its short name for the others."""
    full, key = str(rate[f"rule_{book.language}"]), str(rate["rule"])
    return full if zone == book.district or key not in labels("rule") else book.word(f"rule.{key}")


def _target(book: Book, target: Mapping[str, Any]) -> list[Cell]:
    met = str(target["met"])
    return [
        book.word(f"target_kind.{target['kind']}"),
        target["target"],
        target["year"],
        str(target["document"]),
        target["gap"],
        Marked(book.word(f"met.{met}"), _MET[met]),
    ]


def _unit(book: Book, unit: str) -> str:
    return UNITS[unit][0 if book.language == "zh" else 1] if unit in UNITS else unit


def write_charts(book: Book) -> None:
    """Write the district at a glance: small tables, and a chart of each beside it."""
    if book.in_district("areas").empty:
        return
    balance = _balance(book)
    tables = [_mapped(book), *_estimated(book), *balance, *_rates_with_targets(book)]
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
