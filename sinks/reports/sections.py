"""Tables one below the other on a sheet, each under its heading; names and order in them."""

from __future__ import annotations

from collections.abc import Iterable

from sinks.reports.cells import Cell, Column, Kind, Marked
from sinks.reports.sheets import Book, Sheet

_ARROW = " → "


def section(sheet: Sheet, key: str, columns: list[Column], **facts: object) -> None:
    """Begin a table under the heading ``section.<key>``, a line below what is there."""
    sheet.line("")
    sheet.line(sheet.book.word(f"section.{key}", **facts), "section")
    sheet.table(columns, main=False)


def columns_of(book: Book, kind: Kind, *keys: str) -> list[Column]:
    """Return columns of one kind by the keys of their heads, such as ``column.accuracy_pct``."""
    return [Column(book.word(key), kind) for key in keys]


def class_name(book: Book, key: object) -> str:
    """Return the name of a class, of ``all``, or of a change written ``forest>water``.

    A class that the results do not name keeps its key; no class gives an empty text.
    """
    if not isinstance(key, str):
        return ""
    if key == "all":
        return book.word("word.all")
    names = book.results.table("classes")
    parts = [book.name("classes", p) if p in names.index else p for p in key.split(">")]
    if len(parts) > 1 and len(set(parts)) == 1:
        return book.word("workbook.unchanged", name=parts[0])
    return _ARROW.join(parts)


def zones_in(book: Book, table: str) -> list[str]:
    """Return the zones that a result table tells of, the district first."""
    index = book.results.table(table).index
    told = set(index.get_level_values("zone")) if "zone" in index.names else set()
    return [zone for zone in book.kinds if zone in told]


def singled_out(book: Book, table: str) -> list[str]:
    """Return the district and the sites that a table tells of: zones that a plan names."""
    return [zone for zone in zones_in(book, table) if book.kinds[zone] in ("district", "site")]


def in_legend_order(book: Book, keys: Iterable[object]) -> list[str]:
    """Return classes, or changes between them, in the order of the legend; strange ones last."""
    legend = {str(key): place for place, key in enumerate(book.results.table("classes").index)}

    def place(key: str) -> tuple[list[int], str]:
        return [legend.get(part, len(legend)) for part in key.split(">")], key

    return sorted({str(key) for key in keys}, key=place)


def map_name(book: Book, key: object) -> str:
    """Return the name of a classified map, or its id where the results do not name it."""
    maps = book.results.table("maps")
    return book.name("maps", str(key)) if str(key) in maps.index else str(key)


def chance(amount: float, probability: float) -> Cell:
    """Return the probability that an amount is above 0; of nothing at all none is told."""
    return probability if amount else None


def verified_cell(book: Book, *, checked: bool) -> Marked:
    """Say whether the text of the reference was compared."""
    if checked:
        return Marked(book.word("verified.yes"), "good")
    return Marked(book.word("verified.no"), "warn")
