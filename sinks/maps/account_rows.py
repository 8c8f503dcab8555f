"""Rows of the tables of ecosystem accounts as a page carries them: short, and texts once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from sinks.maps.figures import label, number, records, unit_name
from sinks.maps.inert import Words, words
from sinks.parameters.labels import labels

_DIGITS = 12  # significant ones: more than anything shows, fewer than a double writes
Row = Mapping[Any, Any]


class Texts:
    """Texts that rows share, each once."""

    def __init__(self) -> None:
        self._places: dict[Words, int] = {}

    def place(self, text: Words | None) -> int | None:
        """Return the place of a text in the list, nothing for no text."""
        return None if text is None else self._places.setdefault(text, len(self._places))

    def all(self) -> list[Words]:
        """Return the texts in the order of their places."""
        return list(self._places)


def said(row: Row | None, stem: str) -> Words | None:
    """Return a text of a table in both languages, nothing where both are blank."""
    given = [] if row is None else [row.get(f"{stem}_{language}") for language in ("zh", "en")]
    zh, en = (text_of(text) for text in given) if given else ("", "")
    return Words(zh or en, en or zh) if zh or en else None


def text_of(value: Any) -> str:
    """Return the text of a cell, nothing where it is blank."""
    return "" if value is None or pd.isna(value) else str(value).strip()


def plain(value: Any) -> Words | None:
    """Return a text that is the same in both languages, nothing where it is blank."""
    text = text_of(value)
    return words(text) if text else None


def figure(value: Any) -> float | None:
    """Return a number with as many digits as anything shows, nothing where it is blank."""
    found = number(value)
    return None if found is None else float(f"{found:.{_DIGITS}g}")


def figures(row: Row, columns: Sequence[str]) -> list[float | None]:
    """Return the numbers of a row in ``columns``."""
    return [figure(row.get(column)) for column in columns]


def money(row: Row, stem: str) -> list[float | None]:
    """Return an amount of yuan with the ends of its interval."""
    return figures(row, [f"{stem}_yuan", f"{stem}_low_yuan", f"{stem}_high_yuan"])


def unit_of(row: Row) -> Words | None:
    """Return the name of the unit of a row, nothing where it has none."""
    unit = text_of(row.get("unit"))
    if not unit:
        return None
    return label("amount_unit", unit) if unit in labels("amount_unit") else unit_name(unit)


def by_zone(table: pd.DataFrame, ids: Sequence[str]) -> list[list[dict[Any, Any]]]:
    """Return the rows of every zone, in the order of the table."""
    found: dict[str, list[dict[Any, Any]]] = {zone: [] for zone in ids}
    for row in records(table):
        if str(row["zone"]) in found:
            found[str(row["zone"])].append(row)
    return [found[zone] for zone in ids]


def in_order(rows: Iterable[list[Any]]) -> list[list[Any]]:
    """Return rows by the place that they begin with."""
    return sorted(rows, key=lambda row: row[0])


def is_true(value: Any) -> bool:
    """Say whether a cell is true; a blank one is not."""
    return not (value is None or pd.isna(value)) and bool(value)
