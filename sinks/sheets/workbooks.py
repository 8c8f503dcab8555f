"""Sheets of an Excel workbook (.xlsx), guarded against what a workbook can hide.

The archive is looked through before openpyxl sees it: sizes, declarations that XML bombs
need, passwords. Each sheet is read twice, once for stored values and once for formulas, so
that a formula without a stored value is found.
"""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException

from sinks.errors import Finding, InputRefused
from sinks.sheets.cells import Shown, Trouble
from sinks.sheets.delimited import Grid

_MEMBERS, _UNPACKED = 5_000, 600_000_000  # parts of an archive, and bytes of all of them
_MOST_CELLS = 5_000_000
_BLANK_ROWS = 1_000  # rows without content after which no more may come
_CHUNK = 1 << 20
_DECLARED = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C\0T|E\0N\0T\0I)|\0<\0!\0(?:D\0O\0C\0T|E\0N\0T\0I)",
    re.I,
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z0-9:]+)"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\bhidden="(?:1|true)"')
_BROKEN = (zipfile.BadZipFile, KeyError, TypeError, ValueError, IndexError, AttributeError,
           EOFError, OSError, zlib.error, NotImplementedError, ParseError, RuntimeError,
           DefusedXmlException, AssertionError, OverflowError)  # fmt: skip


def read_workbook(path: Path, *, sheet: str | None) -> Grid:
    """Read the cells of one sheet.

    Raises
    ------
    InputRefused
        ``T18`` if it is not clear which sheet, ``T23`` if cells lie far away or are too
        many, ``T24`` if the workbook is broken or locked, ``T25`` if its XML declares
        entities.
    """
    _look_through(path)
    with _opened(path, values=True) as stored, _opened(path, values=False) as written:
        name, findings = _chosen(path, stored, sheet)
        with _refusing(path):
            rows = list(_rows(path, stored[name], written[name]))
            merged, hidden = _marks(path, stored[name])
    if hidden:
        facts = {"names": f"{name}: {hidden}"}
        findings.append(Finding(code="T35", file=str(path), place=name, facts=facts))
    return Grid(rows=rows, sheet=name, merged=merged, findings=tuple(findings))


def _look_through(path: Path) -> None:
    """Unpack every part once, counting bytes, and look for declarations."""
    with _refusing(path), zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        unpacked = sum(info.file_size for info in infos)
        if any(info.flag_bits & 1 for info in infos):
            raise InputRefused.because("T24", file=path, why="password")
        if len(infos) > _MEMBERS or unpacked > _UNPACKED:
            found = f"{len(infos):,}, {unpacked:,} B"
            raise InputRefused.because("T23", file=path, found=found)
        for info in infos:
            if info.filename.lower().endswith((".xml", ".rels", ".vml")):
                _refuse_declarations(path, archive, info)


def _refuse_declarations(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    tail, total = b"", 0
    with archive.open(info) as part:
        while chunk := part.read(_CHUNK):
            total += len(chunk)
            if total > _UNPACKED:
                raise InputRefused.because("T23", file=path, found=f"{info.filename}: {total:,} B")
            if _DECLARED.search(tail + chunk):
                raise InputRefused.because("T25", file=path, place=info.filename)
            tail = chunk[-32:]


@contextmanager
def _opened(path: Path, *, values: bool) -> Iterator[Any]:
    with path.open("rb") as file:  # ours to close: openpyxl leaves a broken one open
        with _refusing(path):
            book = openpyxl.load_workbook(file, read_only=True, data_only=values, keep_links=False)
        with closing(book):
            yield book


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Refuse what openpyxl stumbles over, whatever it calls it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of styles and extensions that carry no cell
        try:
            yield
        except _BROKEN as error:
            why = f"{type(error).__name__}: {str(error)[:100]}"
            raise InputRefused.because("T24", file=path, why=why) from error


def _chosen(path: Path, book: Any, asked: str | None) -> tuple[str, list[Finding]]:
    """Choose the sheet that was asked for, or else the only visible one with content."""
    with _refusing(path):
        sheets = book.worksheets
        hidden = [s.title for s in sheets if s.sheet_state != "visible"]
        filled = [s.title for s in sheets if s.title not in hidden and _has_content(s)]
    names = [s.title for s in sheets]
    if asked in names:
        return str(asked), []
    if asked is not None or len(filled) != 1:
        facts = {"sheets": filled or names or "—", "asked": asked or "—"}
        raise InputRefused.because("T18", file=path, **facts)
    note = Finding(code="T35", file=str(path), facts={"names": hidden})
    return filled[0], [note] if hidden else []


def _has_content(sheet: Any) -> bool:
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_row=_BLANK_ROWS)
    return any(cell.value is not None for row in rows for cell in row)


def _rows(path: Path, stored: Any, written: Any) -> Iterator[list[object]]:
    """Yield rows of contents; stop where nothing more comes."""
    stored.reset_dimensions()
    written.reset_dimensions()
    blank, seen = 0, 0
    pending: list[list[object]] = []
    for number, (values, formulas) in enumerate(
        zip_longest(stored.iter_rows(), written.iter_rows(), fillvalue=()), 1
    ):
        row = [_content(v, f) for v, f in zip_longest(values, formulas)]
        seen += len(row)
        if seen > _MOST_CELLS:
            place = f"{stored.title}!{number}"
            raise InputRefused.because("T23", file=path, place=place, found=f"> {_MOST_CELLS:,}")
        if all(content is None for content in row):
            blank += 1
            if blank <= _BLANK_ROWS:
                pending.append([])
            continue
        if blank > _BLANK_ROWS:
            raise InputRefused.because(
                "T23", file=path, place=f"{stored.title}!{number}", found=f"{blank:,} + 1"
            )
        yield from pending
        pending, blank = [], 0
        yield row


def _content(value: Any, formula: Any) -> object:
    """Return what a cell holds: text, number, date, or the trouble with it."""
    content = None if value is None else value.value
    if value is not None and value.data_type == "e":
        return Trouble("T20", str(content))
    if content is None:
        is_formula = formula is not None and formula.data_type == "f"
        return Trouble("T19", str(formula.value)[:60]) if is_formula else None
    if isinstance(content, (int, float)) and not isinstance(content, bool):
        pattern = str(value.number_format or "General")
        if "%" in pattern or re.fullmatch(r"0{2,}", pattern):
            return Shown(content, pattern)
    return content


def _marks(path: Path, sheet: Any) -> tuple[tuple[str, ...], int]:
    """Return the merged ranges of a sheet, and how many of its rows are hidden."""
    merged: list[str] = []
    hidden, tail = 0, b""
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path) as part:
        while chunk := part.read(_CHUNK):
            text = tail + chunk
            merged += [ref.decode() for ref in _MERGED.findall(text)]
            hidden += len(_HIDDEN_ROW.findall(text))
            tail = text[text.rfind(b"<") :] if not text.endswith(b">") else b""
    return tuple(merged), hidden
