"""The sheets of indicators: every zone with its definition, and the district year by year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sinks.indicators.targets import unit_ratio
from sinks.parameters.labels import labels
from sinks.reports.cells import Cell, Column
from sinks.reports.charts import dress, series_at
from sinks.reports.plan_words import (
    evidence_word,
    figure_cells,
    indicator_name,
    unit_name,
    word_or_key,
)
from sinks.reports.sections import columns_of, section
from sinks.reports.sheets import Book, Sheet

_CHARTED_YEARS = 3  # fewer make no line
_LINES, _WIDTH_PX = 13, 620
_LOOKS: tuple[dict[str, Any], ...] = (
    {"line": {"color": "#1F4E79", "width": 2.25}, "marker": {"type": "circle", "size": 6}},
    {"line": {"color": "#7F7F7F", "width": 1.0, "dash_type": "dash"}},
    {"line": {"color": "#7F7F7F", "width": 1.0, "dash_type": "dash"}},
    {"line": {"color": "#C55A11", "width": 1.75, "dash_type": "long_dash"}},
)


def write_rates(book: Book) -> None:
    """Write the latest figure of every indicator and zone with its parts and its rule."""
    rates = book.records("indicators")
    latest = {(zone, key): year for year, zone, key in sorted(rates)}
    if not latest:
        return
    sampled = {(year, zone) for (year, zone, _), r in rates.items() if r["evidence"] == "sample"}
    sheet, columns = book.sheet("rates"), _columns(book)
    sheet.table(columns)
    for zone in book.kinds:
        for key in _in_order(key for of, key in latest if of == zone):
            where = latest[zone, key], zone, key
            named = rate_name(book, key, sampled=where[:2] in sampled)
            sheet.row(_rate(book, where, named, rates[where]), columns)
    sheet.filtered()
    sheet.notes("interval_sample" if sampled else "interval", "rates", "rounding")


def rate_name(book: Book, key: str, *, sampled: bool) -> str:
    """Return the name of a rate; a mapped one is not called unsampled beside a sampled one."""
    if sampled and key in labels("indicator_sampled"):
        return book.word(f"indicator_sampled.{key}")
    return indicator_name(book, key)


def _in_order(keys: Any) -> list[str]:
    """Return indicators as the labels list them; those that are reported, behind them."""
    ours = {key: place for place, key in enumerate(labels("indicator"))}
    return sorted(set(keys), key=lambda key: (ours.get(key, len(ours)), key))


def _columns(book: Book) -> list[Column]:
    def own(*names: str) -> list[Column]:
        return columns_of(book, "number", *(f"workbook.{name}" for name in names))

    return [
        *book.columns("zone", "indicator", "year", widest=21),
        *own("value"),
        *book.columns("unit"),
        *own("low", "high", "numerator", "denominator"),
        *book.columns("part_unit"),
        *book.columns("rule", widest=40),
        *book.columns("evidence"),
    ]


def _rate(
    book: Book, where: tuple[int, str, str], named: str, rate: Mapping[str, Any]
) -> list[Cell]:
    year, zone, _ = where
    head: list[Cell] = [book.name("zones", zone), named, year]
    value, low, high = figure_cells(book, rate)
    unit, part_unit = (unit_name(book, rate[name]) for name in ("unit", "part_unit"))
    parts: list[Cell] = [rate["numerator"], rate["denominator"], part_unit]
    source = [_rule(book, zone, rate), evidence_word(book, rate["evidence"])]
    return [*head, value, unit, low, high, *parts, *source]


def _rule(book: Book, zone: str, rate: Mapping[str, Any]) -> str:
    """Return the definition: in full for the district, by its short name for the others."""
    full, key = str(rate[f"rule_{book.language}"]), str(rate["rule"])
    return full if zone == book.district or key not in labels("rule") else book.word(f"rule.{key}")


def write_indicator_years(book: Book) -> None:
    """Write the indicators of the district year by year; those with a target as lines."""
    figures = book.in_district("indicators")
    if figures.empty or figures.index.unique("year").size < 2:
        return
    years = sorted(figures.index.unique("year"))
    sampled = bool((figures["evidence"] == "sample").any())
    columns = [
        *book.columns("indicator"),
        *book.columns("rule", "unit", widest=26),
        *columns_of(book, "number", "column.target"),
        *(Column(str(year), "number") for year in years),
    ]
    sheet = book.sheet("indicator_years")
    sheet.table(columns)
    for key in _in_order(figures.index.unique("indicator")):
        history = pd.DataFrame(figures.xs(key, level="indicator"))
        last = history.iloc[-1]
        head: list[Cell] = [rate_name(book, key, sampled=sampled)]
        head += [word_or_key(book, "rule", last["rule"]), unit_name(book, last["unit"])]
        values = history["value"].reindex(years)
        sheet.row([*head, _target(book, key, last["unit"]), *map(float, values)], columns)
    sheet.filtered()
    sheet.notes("indicator_years")
    _write_histories(sheet, figures)


def _write_histories(sheet: Sheet, figures: pd.DataFrame) -> None:
    """Write the indicators that have a target and years enough for a line, two on a page."""
    known = figures[figures["value"].notna()]
    breaks = []
    for key in sheet.book.results.table("targets").index:
        history = known[known.index.get_level_values("indicator") == key].droplevel("indicator")
        if len(history) >= _CHARTED_YEARS:
            breaks.append(sheet.next_row)
            _write_history(sheet, str(key), history.sort_index())
    sheet.page.set_h_pagebreaks(breaks[::2])


def _target(book: Book, key: str, unit: str) -> float | None:
    """Return the target of an indicator in the unit of its figures."""
    target = book.records("targets").get(key)
    ratio = None if target is None else unit_ratio(str(target["unit"]), unit)
    return None if target is None or ratio is None else float(target["target"]) * ratio


def _write_history(sheet: Sheet, key: str, history: pd.DataFrame) -> None:
    """Write value, interval and target of one indicator by year, with a chart of them."""
    book, unit = sheet.book, str(history["unit"].iloc[-1])
    facts = {"indicator": indicator_name(book, key), "unit": unit_name(book, unit)}
    heads = ("value", "low", "high", "target")
    columns = [
        *book.columns("year"),
        *columns_of(book, "number", *(f"column.{name}" for name in heads)),
    ]
    section(sheet, "history", columns, **facts)
    head = sheet.next_row - 1
    target = _target(book, key, unit)
    for year, row in zip(history.index, history.to_dict("records"), strict=True):
        sheet.row([int(year), row["value"], row["low"], row["high"], target], columns)
    sheet.chart(_chart(sheet, head, history, facts), head, len(columns))
    while sheet.next_row < head + _LINES:
        sheet.line("")


def _chart(sheet: Sheet, head: int, history: pd.DataFrame, facts: Mapping[str, str]) -> Any:
    chart = sheet.book.workbook.add_chart({"type": "line"})
    bounded = history["low"].notna().any()
    for place, look in enumerate(_LOOKS, start=1):
        if bounded or place in (1, 4):
            chart.add_series(series_at(sheet, head, len(history), place) | look)
    named, unit = facts["indicator"], facts["unit"]
    dress(sheet.book, chart, "history", lines=_LINES, level=True, indicator=named, unit=unit)
    chart.set_size({"width": _WIDTH_PX})
    return chart
