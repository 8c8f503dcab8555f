"""Labels of a sample coming back: from the page (CSV), from QGIS (GeoPackage) or from Excel.

A file of the page holds the labels of one interpreter; a table filled by hand has columns
``label_1``, ``label_2`` (and ``label_after_1``, ...) for one or two. Either way every label
must belong to this sample and name a class; nothing is guessed.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused, Reaction, refuse_if_stopped
from sinks.gate.environment import checked_path
from sinks.gate.kinds import first_bytes
from sinks.landcover.legend import Legend
from sinks.sheets.cells import folded
from sinks.sheets.headers import Column
from sinks.sources.sample_files import SampleFile
from sinks.sources.tables import read_table
from sinks.sources.vectors import read_layer

Blanks = Literal["refuse", "keep"]

_SQLITE = b"SQLite format 3\x00"
_LISTED = 10
_NUMBERED = re.compile(r"label_(\d)")
_ABOUT = ("confidence", "note", "time")
_GUARDED = re.compile(r"'(?=[=+\-@'])")  # keeps a spreadsheet from taking a text for a formula
_COLUMNS = {
    "sample_hash": Column("text", names=("样本编号",)),
    "sample": Column("code", names=("样点", "样点号")),
    "label": Column("code", required=False, names=("标签", "类型")),
    "label_after": Column("code", required=False, names=("后期标签",)),
    **{
        f"{field}_{n}": Column("code", required=False)
        for field in ("label", "label_after")
        for n in (1, 2)
    },
    "interpreter": Column("text", required=False, names=("判读人",)),
    **{name: Column("text", required=False) for name in _ABOUT},
    **{f"{name}_{n}": Column("text", required=False) for name in _ABOUT[:2] for n in (1, 2)},
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Labels:
    """The labels of all interpreters.

    ``frame`` has one row per sample, in the order of the sample: ``sample``, and for each
    interpreter ``n`` ``label_n``, with two dates ``label_after_n`` (class keys, missing where
    blank), ``confidence_n`` and ``note_n``. ``interpreters`` are their names, in the order
    of their numbers.
    """

    frame: pd.DataFrame
    interpreters: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Answers:
    """What one interpreter said: ``frame`` has ``sample`` and fields, as they stand there."""

    file: Path
    interpreter: str
    frame: pd.DataFrame
    suffix: str = ""

    def column(self, field: str) -> str:
        """Name a field as the file does."""
        return f"{field}{self.suffix}"


def read_labels(
    path: Path | str | Sequence[Path | str],
    *,
    sample: SampleFile,
    legend: Legend,
    blanks: Blanks = "refuse",
    sheet: str | None = None,
) -> Labels:
    """Read the labels of a sample, from one file or from one for each interpreter.

    Parameters
    ----------
    path
        CSV of the labelling page, GeoPackage filled in QGIS, or Excel.
    legend
        Classes; a label may be the key, the code, or the Chinese or English name of one.
    blanks
        ``keep`` to accept samples without label; they are noted.
    sheet
        The sheet of a workbook that has several.

    Raises
    ------
    InputRefused
        ``A01`` labels of another sample, ``A02`` ids it does not have, ``A03`` ids twice,
        ``A04`` a label that is no class, ``A05`` blanks, ``A06`` an interpreter twice,
        ``A07`` several interpreters in one list; and as the readers of tables and layers.
    """
    paths = [path] if isinstance(path, (str, Path)) else list(path)
    answers: list[_Answers] = []
    found: list[Finding] = []
    for each in paths:
        table, noted = _table(checked_path(each), sheet)
        _require_of_sample(table, sample, file=each)
        answers += _interpreters(table, Path(each))
        found += noted
    _refuse_same_interpreter(answers)
    fields = ("label", "label_after")[: len(sample.facts.dates)]
    parts = []
    for number, answer in enumerate(answers, start=1):
        part, noted = _recognised(answer, sample, legend, fields, blanks)
        parts.append(part.add_suffix(f"_{number}"))
        found += noted
    findings = refuse_if_stopped(found)
    frame = pd.concat(parts, axis=1).rename_axis("sample").reset_index()
    return Labels(
        frame=frame,
        interpreters=tuple(answer.interpreter for answer in answers),
        findings=findings,
    )


def _table(file: Path, sheet: str | None) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the rows of a file as text, whatever the file is."""
    if first_bytes(file).startswith(_SQLITE):
        layer = read_layer(file, geometry="point")
        frame = pd.DataFrame(layer.frame.drop(columns=layer.frame.geometry.name))
        if missing := {"sample", "sample_hash"} - set(frame.columns):
            raise InputRefused.because("A08", file=file, why=f"− {', '.join(sorted(missing))}")
        known = [name for name in _COLUMNS if name in frame.columns]
        return frame[known].apply(_texts), list(layer.findings)
    table = read_table(file, columns=_COLUMNS, sheet=sheet)
    return table.frame.apply(_texts), list(table.findings)


def _texts(column: pd.Series) -> pd.Series:
    """Return a column as text without blanks around it; missing where there is nothing."""
    texts = column.map(_text)
    return texts.astype("object")


def _text(content: object) -> str | None:
    if content is None or content is pd.NA or content != content:  # noqa: PLR0124 (NaN)
        return None
    if isinstance(content, (float, np.floating)) and content == content // 1:
        return str(int(content))
    return _GUARDED.sub("", str(content).strip(), count=1) or None


def _require_of_sample(table: pd.DataFrame, sample: SampleFile, *, file: object) -> None:
    """Refuse labels of another sample, ids that it does not have, and ids given twice."""
    hashes = sorted({h or "—" for h in table["sample_hash"]})
    if hashes != [sample.hash]:
        raise InputRefused.because("A01", file=file, found=hashes[:3], wanted=sample.hash)
    known = {str(s) for s in sample.points["sample"]}
    counted = Counter(s or "—" for s in table["sample"])
    strange = [s for s in counted if s not in known]
    twice = [s for s, times in counted.items() if times > 1]
    for code, samples in (("A02", strange), ("A03", twice)):
        if samples:
            raise InputRefused.because(
                code, file=file, place="sample", count=len(samples), samples=samples[:_LISTED]
            )


def _interpreters(table: pd.DataFrame, file: Path) -> list[_Answers]:
    """Tell interpreters apart: by name in a file of the page, by number in one filled by hand.

    A numbered column without any label is an interpreter who has not begun.
    """
    names = sorted({name for name in table.get("interpreter", []) if name})
    if len(names) > 1:
        raise InputRefused.because("A07", file=file, place="interpreter", interpreters=names)
    if _says(table, "label"):
        name = names[0] if names else file.name
        return [_Answers(file=file, interpreter=name, frame=table)]
    numbers = [m[1] for column in table.columns if (m := _NUMBERED.fullmatch(str(column)))]
    begun = [n for n in numbers if _says(table, f"label_{n}") or _says(table, f"label_after_{n}")]
    if not begun:
        return [_Answers(file=file, interpreter=file.name, frame=table)]
    return [
        _Answers(file=file, interpreter=f"{file.name} {n}", frame=table, suffix=f"_{n}")
        for n in begun
    ]


def _says(table: pd.DataFrame, column: str) -> bool:
    return column in table and bool(table[column].notna().any())


def _refuse_same_interpreter(answers: Iterable[_Answers]) -> None:
    files: dict[str, list[str]] = {}
    for answer in answers:
        files.setdefault(folded(answer.interpreter), []).append(answer.file.name)
    for name, where in files.items():
        if len(where) > 1:
            raise InputRefused.because("A06", file=where[-1], interpreter=name, files=where)


def _recognised(
    answer: _Answers,
    sample: SampleFile,
    legend: Legend,
    fields: Sequence[str],
    blanks: Blanks,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return class keys by sample, and what is unknown or blank."""
    rows = answer.frame.set_index(answer.frame["sample"].astype(int))
    rows = rows.reindex(sample.points["sample"])
    known = _known(legend)
    found: list[Finding] = []
    told: dict[str, pd.Series] = {}
    for field in fields:
        column = answer.column(field)
        texts = rows[column] if column in rows else pd.Series(None, rows.index, dtype="object")
        told[field] = texts.map(lambda text: known.get(folded(text)), na_action="ignore")
        found += _strange(texts[told[field].isna() & texts.notna()], answer, column, legend)
        found += _blank(texts, answer, column, blanks)
    for name in _ABOUT[:2]:
        column = answer.column(name)
        if _says(rows, column):
            told[name] = rows[column]
    return pd.DataFrame(told), found


def _known(legend: Legend) -> dict[str, str]:
    """Return the key of everything that names one class: keys before codes before names."""
    ways = (lambda c: c.key, lambda c: str(c.code), lambda c: c.zh, lambda c: c.en)
    known: dict[str, str] = {}
    for way in ways:
        texts = Counter(folded(way(c)) for c in legend.classes)
        named = {folded(way(c)): c.key for c in legend.classes if texts[folded(way(c))] == 1}
        known = {**named, **known}
    return known


def _strange(texts: pd.Series, answer: _Answers, column: str, legend: Legend) -> Iterator[Finding]:
    """Yield ``A04`` for each text that names no class."""
    names = {folded(n): n for c in legend.classes for n in (c.key, c.zh, c.en)}
    first = legend.classes[0]
    for text, rows in texts.groupby(texts):
        near = difflib.get_close_matches(folded(str(text)), names, n=1, cutoff=0.4)
        yield Finding(
            code="A04",
            file=str(answer.file),
            place=column,
            facts={
                "label": text,
                "count": len(rows),
                "samples": [str(s) for s in rows.index[:_LISTED]],
                "near": names[near[0]] if near else "—",
                "example": f"{first.key} / {first.code} / {first.zh}",
            },
        )


def _blank(texts: pd.Series, answer: _Answers, column: str, blanks: Blanks) -> Iterator[Finding]:
    """Yield ``A05`` if samples have no label."""
    missing = texts.index[texts.isna()]
    if len(missing):
        finding = Finding(
            code="A05",
            file=str(answer.file),
            place=column,
            facts={
                "column": f"{answer.interpreter} {column}",
                "count": len(missing),
                "total": len(texts),
                "samples": [str(s) for s in missing[:_LISTED]],
            },
        )
        kept = blanks == "keep"
        yield replace(finding, reaction_override=Reaction.NOTE) if kept else finding
