"""The sheets of rates and charts: indicators against targets, and the district at a glance."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_range_formula

from sinks.parameters.labels import labels
from sinks.reports.cells import Cell, Column, Marked, Tone
from sinks.reports.sheets import FONT, Book, Sheet
from sinks.units import UNITS

_MET: dict[str, Tone] = {"yes": "good", "no": "warn", "open": "warn", "unknown": "warn"}
_COLOURS = ("#9DC3E6", "#1F4E79", "#A9D18E", "#548235")
_LINE_PX = 27  # height of a row of one line


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
    tables = [_mapped(book), *_estimated(book), *_rates_with_targets(book)]
    sheet = book.sheet("charts", pages=1)
    beside = max(len(table.columns) for table in tables)
    for number, table in enumerate(tables):
        if number:
            sheet.line("")
        _charted(sheet, table, beside)
    sheet.notes("rounding")


@dataclass(frozen=True, kw_only=True)
class _Table:
    """A table with a chart: the first column names, the next ``series`` are columns of it.

    ``lines`` is the least height in rows. With ``bars``, two more columns hold how far the
    error bars of the last series go down and up.
    """

    name: str
    columns: list[Column]
    rows: list[list[Cell]]
    series: int
    lines: int
    bars: bool = False


def _mapped(book: Book) -> _Table:
    areas = book.in_district("areas")
    keys = book.classes(areas.index.get_level_values("land_cover"))
    years, ha = book.results.years, areas["area_ha"].to_dict()
    heads = [Column(book.word("workbook.mapped", year=y), "ha") for y in years]
    return _Table(
        name="area",
        columns=[*book.columns("land_cover"), *heads],
        rows=[
            [book.name("classes", key), *(ha.get((year, key), 0.0) for year in years)]
            for key in keys
        ],
        series=len(years),
        lines=max(16, len(keys) + 1),
    )


def _estimated(book: Book) -> list[_Table]:
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
    table = _Table(
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


def _rates_with_targets(book: Book) -> list[_Table]:
    rows: list[list[Cell]] = [
        [str(target[f"name_{book.language}"]), target["value"], target["target"]]
        for target in book.records("targets").values()
        if target["unit"] == "%" and pd.notna(target["value"])
    ]
    heads = [Column(book.word(f"workbook.{n}_pct"), "number") for n in ("value", "target")]
    columns = [*book.columns("indicator"), *heads]
    table = _Table(name="indicator", columns=columns, rows=rows, series=2, lines=12)
    return [table] if rows else []


def _charted(sheet: Sheet, table: _Table, beside: int) -> None:
    """Write a table and, at the column ``beside``, its chart."""
    head = sheet.next_row
    sheet.table(table.columns, main=False)
    for row in table.rows:
        sheet.row(row, table.columns)
    sheet.chart(_chart(sheet, table, head), head, beside)
    while sheet.next_row < head + table.lines:
        sheet.line("")


def _chart(sheet: Sheet, table: _Table, head: int) -> Any:
    book, first, last = sheet.book, head + 1, head + len(table.rows)
    chart = book.workbook.add_chart({"type": "column"})
    for place in range(1, table.series + 1):
        series: dict[str, Any] = {
            "name": [sheet.name, head, place],
            "categories": [sheet.name, first, 0, last, 0],
            "values": [sheet.name, first, place, last, place],
            "fill": {"color": _COLOURS[(place - 1) % len(_COLOURS)]},
            "gap": 80,
        }
        if table.bars and place == table.series:
            minus, plus = (_span(sheet, first, last, place + n) for n in (1, 2))
            bars = {"type": "custom", "minus_values": minus, "plus_values": plus}
            series["y_error_bars"] = bars
        chart.add_series(series)
    mark = book.word("workbook.synthetic_mark") if book.results.synthetic else ""
    font = {"name": FONT, "size": 9}
    title = book.word(f"workbook.{table.name}_chart") + mark
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12}})
    chart.set_x_axis({"num_font": font})
    axis = {"name": book.word(f"workbook.{table.name}_axis"), "name_font": font, "num_font": font}
    chart.set_y_axis({**axis, "num_format": "#,##0", "min": 0})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_size({"width": 820, "height": table.lines * _LINE_PX})
    return chart


def _span(sheet: Sheet, first: int, last: int, column: int) -> str:
    return f"={xl_range_formula(sheet.name, first, column, last, column)}"
