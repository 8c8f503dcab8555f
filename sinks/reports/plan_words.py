"""Words of the plan in cells: names of indicators, units, evidence, and whether it is met."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sinks.parameters.labels import labels
from sinks.reports.cells import Cell, Marked, Tone
from sinks.reports.sheets import Book
from sinks.units import UNITS

_TONES: Mapping[str, Tone] = {"yes": "good", "no": "warn", "open": "same", "unknown": "same"}


def indicator_name(book: Book, key: str) -> str:
    """Return the name of an indicator: that of its target, else ours, else its key."""
    if key in book.results.table("targets").index:
        return book.name("targets", key)
    return word_or_key(book, "indicator", key)


def word_or_key(book: Book, group: str, key: object) -> str:
    """Return the name of a key in a group; one that has none, of an input, stays as it is."""
    return book.word(f"{group}.{key}") if str(key) in labels(group) else str(key)


def unit_name(book: Book, unit: object) -> str:
    """Return the name of a unit; those of reported indicators stay as reported."""
    if not isinstance(unit, str):
        return ""
    return UNITS[unit][book.language == "en"] if unit in UNITS else unit


def evidence_word(book: Book, evidence: object) -> str:
    """Return what a figure stands on; nothing where there is no figure."""
    return book.word(f"evidence.{evidence}") if isinstance(evidence, str) else ""


def met_cell(book: Book, met: object) -> Marked:
    """Return whether a target is met: a mark and a word, so that it works without colour."""
    return Marked(book.word(f"met_mark.{met}"), _TONES[str(met)])


def figure_cells(book: Book, row: Mapping[str, Any]) -> list[Cell]:
    """Return value and both ends of its interval; a map without a sample has no ends."""
    if pd.isna(row["value"]):
        return [book.word("workbook.no_figure"), None, None]
    blank = book.word("workbook.no_interval") if row["evidence"] == "map" else None
    ends: list[Cell] = [blank if pd.isna(row[end]) else row[end] for end in ("low", "high")]
    return [row["value"], *ends]


def year_cell(year: float) -> Cell:
    """Return a year, or nothing where none is told.

    >>> year_cell(2030.0), year_cell(float("nan"))
    (2030, None)
    """
    return None if pd.isna(year) else int(year)
