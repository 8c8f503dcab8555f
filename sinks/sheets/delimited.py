"""Delimited text (CSV): its encoding, its delimiter and its rows, each counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sinks.errors import Finding, InputRefused
from sinks.gate.encodings import Cell, codec_name, decide

_LARGEST = 400_000_000  # bytes
_DELIMITERS = (",", "\t", ";", "|", "，")
_LONGEST_RECORD = 100  # lines; more mean a quotation mark that was not closed
HEADER_WITHIN = 50  # rows

IsHeader = Callable[[Sequence[object]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of a table as they stand: row 0 is row 1 of the sheet."""

    rows: Sequence[Sequence[object]]
    sheet: str | None = None
    text: bool = False  # every cell is text, and every row must have as many
    decimal_comma: bool = False
    encoding: str | None = None
    merged: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def read_delimited(path: Path, *, encoding: str | None, is_header: IsHeader) -> Grid:
    """Read the rows of a CSV file as text.

    The delimiter is the one under which a row among the first fifty is the header.

    Raises
    ------
    InputRefused
        ``T22`` for NUL bytes, quotation marks that do not close and empty files, ``T23``
        for a file too large; ``V17``, ``V19``, ``V20`` or ``V41`` about its encoding.
    """
    if path.stat().st_size > _LARGEST:
        raise InputRefused.because("T23", file=path, found=f"{path.stat().st_size:,} B")
    text, codec, findings = _text(path, encoding, is_header)
    if not text.strip():
        raise InputRefused.because("T22", file=path, why="0")
    tried = {mark: _head(text, mark) for mark in _DELIMITERS}
    delimiter = next((d for d in _DELIMITERS if any(map(is_header, tried[d]))), None)
    if delimiter is None:
        delimiter = max(_DELIMITERS, key=lambda d: max(map(len, tried[d]), default=0))
    return Grid(
        rows=_rows(path, text, delimiter),
        text=True,
        decimal_comma=delimiter == ";",
        encoding=codec,
        findings=tuple(findings),
    )


def _text(path: Path, stated: str | None, is_header: IsHeader) -> tuple[str, str, list[Finding]]:
    """Decode a file by its mark, by what the study says, or by content."""
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16"), "UTF-16", []
        except UnicodeDecodeError as error:
            raise InputRefused.because("T22", file=path, why=f"UTF-16: {error}") from error
    marked = raw.startswith(b"\xef\xbb\xbf")
    lines = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if nul := next((number for number, line in enumerate(lines, 1) if b"\0" in line), None):
        raise InputRefused.because("T22", file=path, place=f"A{nul}", why="NUL")
    cells = (Cell(line.strip(), row=number) for number, line in enumerate(lines, 1))
    decision = decide(cells, stated="utf-8" if marked else stated)
    content = b"\n".join(lines)
    if codec := _by_header(content, decision.plausible, is_header):
        return content.decode(codec), codec_name(codec), []
    findings = [replace(finding, file=str(path)) for finding in decision.findings]
    if decision.codec is None:
        raise InputRefused(findings)
    return content.decode(decision.codec), codec_name(decision.codec), findings


def _by_header(content: bytes, codecs: Sequence[str], is_header: IsHeader) -> str | None:
    """Return the only codec among several under which the headings make sense, if there is one.

    A short table in GBK may be Big5 as well; that it has the headings we look for decides,
    unless they are plain ASCII.
    """
    making_sense = [
        codec
        for codec in codecs
        for mark in _DELIMITERS
        for row in _head(content.decode(codec), mark)
        if is_header(row) and not is_header([cell for cell in row if cell.isascii()])
    ]
    return making_sense[0] if len(set(making_sense)) == 1 else None


def _head(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows as a delimiter cuts them, as far as they can be read."""
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            rows.append(row)
            if len(rows) == HEADER_WITHIN:
                break
    except csv.Error:
        pass
    return rows


def _rows(path: Path, text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for row in reader:
            if reader.line_num - before > _LONGEST_RECORD or _swallowed(row, delimiter):
                why = f'" … {reader.line_num - before} lines'
                raise InputRefused.because("T22", file=path, place=f"A{before + 1}", why=why)
            before = reader.line_num
            rows.append(row)
    except csv.Error as error:
        raise InputRefused.because(
            "T22", file=path, place=f"A{before + 1}", why=str(error)
        ) from error
    return rows


def _swallowed(row: list[str], delimiter: str) -> bool:
    """Whether a quoted cell holds whole rows: an opening mark that met a later one."""
    return any(
        "\n" in cell and any(line.count(delimiter) >= len(row) - 1 for line in cell.splitlines())
        for cell in row
        if len(row) > 1
    )
