"""Parameter tables: read, checked, and refused if a row cannot be cited.

One row is one citable statement: ``reference`` (a key of ``references.toml``), ``where``
(table or page) and ``verified`` (true only where the publication itself was read for this
figure). Quantities carry their unit in the name and stand between ``_low`` and ``_high``,
a range of about 95 %. A district's own table passes the same checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused
from sinks.parameters.references import Reference, references, references_beside
from sinks.sources.tables import Column, read_table
from sinks.units import UNITS

HERE = Path(__file__).parent
_CITED = ("reference", "where")
_FLAGS = {"true": True, "false": False}
_HEADINGS = {
    "reference": ("文献", "引用"),
    "where": ("出处", "页码", "表号"),
    "verified": ("已核对", "核对"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    """What a parameter table holds: columns by kind, each required.

    ``key`` columns together name a row; ``quantities`` are numbers with their unit as
    suffix and a ``_low``/``_high`` twin each; ``optional`` are columns of text that may be
    missing; ``blank`` those of ``key`` and ``text`` that need not say anything. ``headings``:
    what else a district may write above a column.
    """

    key: tuple[str, ...]
    text: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def numbers(self) -> tuple[str, ...]:
        """Every column of numbers: each quantity with its lower and upper twin."""
        return tuple(name for q in self.quantities for name in (q, *twins(q)))


def twins(quantity: str) -> tuple[str, str]:
    """Return the columns that hold the range of a quantity.

    >>> twins("density_tc_per_ha")
    ('density_low_tc_per_ha', 'density_high_tc_per_ha')
    """
    unit = max((u for u in UNITS if quantity.endswith(f"_{u}")), key=len)
    stem = quantity.removesuffix(f"_{unit}")
    return f"{stem}_low_{unit}", f"{stem}_high_{unit}"


def shipped(name: str, form: TableForm) -> pd.DataFrame:
    """Read a table that comes with the program, e.g. ``crosswalks/igbp.csv``.

    Returns
    -------
    pandas.DataFrame
        Columns of ``form`` and those of the citation (``citation`` is the reference in
        words), indexed by line of the file.

    Raises
    ------
    InputRefused
        ``P01`` to ``P06``, see :func:`require_citable`.
    """
    file = HERE / name
    frame = pd.read_csv(file, dtype=str, na_filter=False, encoding="utf-8").fillna("")
    frame.index = pd.RangeIndex(2, len(frame) + 2, name="row")
    wanted = (*form.key, *form.text, *form.flags, *form.numbers, *_CITED, "verified")
    if missing := [column for column in wanted if column not in frame]:
        raise InputRefused.because("P01", file=file, columns=missing)
    for column in form.numbers:
        frame[column] = _numbers(frame[column], file)
    for column in (*form.flags, "verified"):
        frame[column] = _truths(frame[column], file)
    require_citable(frame, form, file=file, known=references())
    return _cited(frame, references())


def own_table(path: Path | str, form: TableForm) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Read a district's own table, CSV or Excel, through the gate for tables.

    A ``references.toml`` beside the table holds the publications that it cites.

    Raises
    ------
    InputRefused
        ``T02`` and following about cells; ``P01`` to ``P06`` about meaning.
    """
    table = read_table(path, columns=_columns(form), key=form.key)
    known = references_beside(table.file)
    texts = (*form.key, *form.text, *form.optional, *_CITED)
    frame = table.frame.fillna(dict.fromkeys(texts, ""))
    require_citable(frame, form, file=table.file, known=known)
    return _cited(frame, known), table.findings


def require_citable(
    frame: pd.DataFrame, form: TableForm, *, file: Path, known: Mapping[str, Reference]
) -> None:
    """Refuse a table with a row that cannot be cited or a range that cannot be.

    Raises
    ------
    InputRefused
        ``P02`` without reference or place, ``P03`` a reference (or anchor) that is not
        known, ``P04`` not a number, ``P05`` not low <= value <= high, ``P06`` a row twice.
    """
    _refuse("P02", file, _rows(frame, (frame[list(_CITED)] == "").any(axis="columns")))
    strange = _strange_keys(frame, known)
    _refuse("P03", file, _rows(frame, map(bool, strange)), keys=sorted(set().union(*strange)))
    for quantity in form.quantities:
        low, high = twins(quantity)
        ordered = (frame[low] <= frame[quantity]) & (frame[quantity] <= frame[high])
        _refuse("P05", file, _rows(frame, ~ordered), column=quantity)
    twice = frame.duplicated(subset=list(form.key), keep=False)
    keys = {" ".join(key) for key in frame.loc[twice, list(form.key)].itertuples(index=False)}
    _refuse("P06", file, _rows(frame, twice), keys=sorted(keys)[:10])


def _strange_keys(frame: pd.DataFrame, known: Mapping[str, Reference]) -> list[set[str]]:
    """Keys of each row, those of its anchors too, that no publication has."""
    anchors = frame["anchors"] if "anchors" in frame else pd.Series("", index=frame.index)
    return [
        {reference, *str(others).split()} - set(known)
        for reference, others in zip(frame["reference"], anchors, strict=True)
    ]


def _cited(frame: pd.DataFrame, known: Mapping[str, Reference]) -> pd.DataFrame:
    return frame.assign(citation=[known[key].cited() for key in frame["reference"]])


def _columns(form: TableForm) -> dict[str, Column]:
    """Say what is wanted of a district's table in the words of the gate."""
    headings = {**_HEADINGS, **form.headings}
    text = dict.fromkeys((*form.key, *form.text, *_CITED), Column())
    columns = {
        **text,
        **dict.fromkeys((*form.flags, "verified"), Column(kind="flag")),
        **{name: Column(kind="number", unit=_unit(name)) for name in form.numbers},
        **dict.fromkeys((*form.optional, *form.blank), Column(required=False)),
    }
    return {
        name: Column(
            kind=column.kind,
            unit=column.unit,
            required=column.required,
            names=headings.get(name, ()),
        )
        for name, column in columns.items()
    }


def _unit(column: str) -> str:
    return max((u for u in UNITS if column.endswith(f"_{u}")), key=len)


def _numbers(column: pd.Series, file: Path) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce")
    faulty = ~np.isfinite(numbers.to_numpy(dtype=float))
    _refuse("P04", file, _rows(column, faulty), column=column.name, found=list(column[faulty]))
    return numbers


def _truths(column: pd.Series, file: Path) -> pd.Series:
    faulty = ~column.isin(_FLAGS)
    _refuse("P04", file, _rows(column, faulty), column=column.name, found=list(column[faulty]))
    return column.map(_FLAGS).astype(bool)


def _rows(frame: pd.DataFrame | pd.Series, which: Iterable[bool]) -> list[str]:
    return [str(row) for row, hit in zip(frame.index, which, strict=True) if hit]


def _refuse(code: str, file: Path, rows: list[str], **facts: object) -> None:
    if rows:
        place = f"row {', '.join(rows[:10])}"
        raise InputRefused.because(code, file=file, place=place, count=len(rows), **facts)
