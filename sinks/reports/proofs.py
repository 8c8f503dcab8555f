"""The sheets of what can prove a change, and of what a change since the base year is made of."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sinks.reports.cells import Cell, Marked, Tone, total
from sinks.reports.plan_words import evidence_word, indicator_name, unit_name, word_or_key
from sinks.reports.sections import columns_of
from sinks.reports.sheets import Book

_FOUND: Mapping[str, Tone] = {
    "seen": "good", "documents": "good", "undetectable": "warn", "records": "same",
    "unknown": "same",
}  # fmt: skip
_PARTS = ("definition", "map", "boundary", "real", "unresolved")
_STEPS = ("published", "redefined", "today")


def write_detections(book: Book) -> None:
    """Write whether each evidence could show what is needed in a year, and what would."""
    found = book.records("detections")
    if not found:
        return
    columns = [
        *book.columns("indicator", "evidence"),
        *columns_of(book, "number", "detections.change", "column.detectable"),
        *book.columns("unit"),
        *book.columns("found", "proof", widest=36),
        *columns_of(book, "number", "column.times_sample"),
    ]
    sheet = book.sheet("detections")
    sheet.table(columns)
    for (key, evidence), row in found.items():
        head: list[Cell] = [indicator_name(book, key), evidence_word(book, evidence)]
        words = Marked(book.word(f"detection.{row['found']}"), _FOUND[row["found"]])
        proof = book.word(f"proof.{row['proof']}")
        sizes = [row["change"], row["detectable"], unit_name(book, row["unit"])]
        sheet.row([*head, *sizes, words, proof, row["times_sample"]], columns)
    sheet.filtered()
    sheet.notes("detections")


def write_decompositions(book: Book) -> None:
    """Write what part of a change since a published figure is real; the parts add up to it."""
    found = book.records("decompositions")
    if not found:
        return
    columns = [
        *book.columns("indicator"),
        *columns_of(book, "year", "decompositions.year"),
        *columns_of(book, "text", "decompositions.rule"),
        *columns_of(book, "number", *(f"column.{name}" for name in _STEPS)),
        *columns_of(book, "number", *(f"part.{name}" for name in _PARTS)),
        *columns_of(book, "number", "decompositions.change"),
        *book.columns("document", widest=22),
    ]
    sheet = book.sheet("decompositions")
    sheet.table(columns)
    for key, row in found.items():
        rule = word_or_key(book, "rule", row["rule"])
        head: list[Cell] = [indicator_name(book, key), row["year"], rule]
        figures: list[Cell] = [row[name] for name in (*_STEPS, *_PARTS)]
        at, last = sheet.next_row, len(head) + len(figures) - 1
        change: Cell = None
        if pd.notna(row["change"]):
            change = total((at, last - len(_PARTS) + 1), (at, last), row["change"])
        sheet.row([*head, *figures, change, str(row["document"])], columns)
    sheet.filtered()
    sheet.notes("decompositions")
