"""The sheets of rates and charts: indicators against targets, and the district at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

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
    sheet.table(columns)
    for key, target in targets.items():
        year = None if pd.isna(target["value_year"]) else int(target["value_year"])
        where = (year, book.district, key)
        shown.add(where)
        sheet.row([*_rate(book, where, rates.get(where)), *_target(book, target)], columns)
    order = {zone: place for place, zone in enumerate(book.kinds)}
    rest = [where for where in rates if where not in shown and where[1] in order]
    for where in sorted(rest, key=lambda w: (order[w[1]], -w[0], w[2])):
        sheet.row([*_rate(book, where, rates[where]), *[None] * 6], columns)
    sheet.filtered()
    sheet.notes("interval", "rounding")


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
    book: Book, where: tuple[int | None, str, str], rate: Mapping[str, Any] | None
) -> list[Cell]:
    year, zone, key = where
    zone_name = book.name("zones", zone) if zone else ""
    head: list[Cell] = [zone_name, book.word(f"indicator.{key}"), year]
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
    areas = book.in_district("areas")
    if areas.empty:
        return
    sheet = book.sheet("charts", pages=1)
    keys = book.classes(areas.index.get_level_values("land_cover"))
    heads = [Column(book.word("workbook.mapped", year=y), "ha") for y in book.results.years]
    columns = [*book.columns("land_cover"), *heads]
    ha = areas["area_ha"].to_dict()
    rows: list[list[Cell]] = [
        [book.name("classes", key), *(ha.get((year, key), 0.0) for year in book.results.years)]
        for key in keys
    ]
    _charted(sheet, columns, rows, name="area", lines=max(16, len(rows) + 1))
    rates = _rates_with_targets(book)
    if rates:
        sheet.line("")
        heads = [Column(book.word(f"workbook.{n}_pct"), "number") for n in ("value", "target")]
        _charted(sheet, [*book.columns("indicator"), *heads], rates, name="indicator", lines=12)
    sheet.notes("rounding")


def _rates_with_targets(book: Book) -> list[list[Cell]]:
    return [
        [str(target[f"name_{book.language}"]), target["value"], target["target"]]
        for target in book.records("targets").values()
        if target["unit"] == "%" and pd.notna(target["value"])
    ]


def _charted(
    sheet: Sheet, columns: list[Column], rows: list[list[Cell]], *, name: str, lines: int
) -> None:
    """Write a table and, right of it, its chart as tall as ``lines`` rows."""
    book, head = sheet.book, sheet.next_row
    first, last = head + 1, head + len(rows)
    sheet.table(columns, main=False)
    for row in rows:
        sheet.row(row, columns)
    chart = book.workbook.add_chart({"type": "column"})
    for place in range(1, len(columns)):
        chart.add_series(
            {
                "name": [sheet.name, head, place],
                "categories": [sheet.name, first, 0, last, 0],
                "values": [sheet.name, first, place, last, place],
                "fill": {"color": _COLOURS[(place - 1) % len(_COLOURS)]},
                "gap": 80,
            }
        )
    mark = book.word("workbook.synthetic_mark") if book.results.synthetic else ""
    font = {"name": FONT, "size": 9}
    title = book.word(f"workbook.{name}_chart") + mark
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12}})
    chart.set_x_axis({"num_font": font})
    axis = {"name": book.word(f"workbook.{name}_axis"), "name_font": font, "num_font": font}
    chart.set_y_axis({**axis, "num_format": "#,##0", "min": 0})
    chart.set_legend({"position": "bottom", "font": font})
    chart.set_size({"width": 820, "height": lines * _LINE_PX})
    sheet.chart(chart, head, len(columns))
    while sheet.next_row < head + lines:
        sheet.line("")
