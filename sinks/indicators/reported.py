"""Indicators that departments report: no geometry, only figures and the documents they stand in.

One row of the table is one figure of one year, or a target without a figure yet. What cannot
be right is refused; what has no document, is still to be filled in, or does not fit the year
before is listed. Nothing is filled in or interpolated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from sinks.errors import Finding
from sinks.indicators.targets import KINDS

COLUMNS = (
    "indicator",
    "name",
    "name_en",
    "zone",
    "value",
    "unit",
    "year",
    "numerator",
    "denominator",
    "part_unit",
    "department",
    "document",
    "target",
    "target_year",
    "kind",
    "target_document",
)
_ASKED = ("target", "target_year", "kind")
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LISTED = 10
_SLIPS = (15.0, 100.0, 10_000.0)  # 亩 for hectares, hectares for km2 or shares for %, 万
_CLOSE = 0.02  # how near the ratio of two years must come to a slip
_ROUNDED_PCT = 0.05  # reported rates are rounded to a tenth of a point
_FRACTION = 1.0  # a rate of 1 % or less is likely a fraction whose % was lost


def reported_findings(table: pd.DataFrame, *, file: object = None) -> list[Finding]:
    """Return what is wrong with a table of reported indicators, each kind of fault once.

    Parameters
    ----------
    table
        Indexed by row of the sheet; :data:`COLUMNS`, numbers NaN and texts missing where
        blank.

    Returns
    -------
    list of Finding
        Refusals ``F44`` a share beyond 0-100 % or a negative amount, ``F45`` an indicator
        in two units, ``F48`` a row that cannot be understood, ``F51`` targets of one
        indicator that differ; notes ``F46`` no document, ``F47`` to be filled in, ``F49`` a
        rate other than its parts, ``F50`` figures that look like a slip of unit: against the
        year before, sums that fall, rates of 1 % or less.
    """
    checks: dict[str, Callable[[pd.DataFrame], Iterator[str]]] = {
        "F44": _impossible,
        "F45": _units,
        "F46": _without_document,
        "F47": _to_be_filled_in,
        "F48": _not_understood,
        "F49": _other_than_parts,
        "F50": _leaps,
        "F51": _differing_targets,
    }
    found = {code: list(dict.fromkeys(check(table))) for code, check in checks.items()}
    where = None if file is None else str(file)
    return [
        Finding(code=code, file=where, facts={"rows": rows[:_LISTED], "count": len(rows)})
        for code, rows in found.items()
        if rows
    ]


def reported_figures(table: pd.DataFrame, *, district: str) -> pd.DataFrame:
    """Return the figures as INDICATORS rows stacked by year, without intervals.

    Rows without a zone are those of ``district``. The evidence is ``report``; numerator and
    denominator are blank where they were not reported.
    """
    told = table[table["value"].notna()]
    amount = told["unit"] != "%"
    frame = pd.DataFrame(
        {
            "year": told["year"].astype(int),
            "zone": told["zone"].fillna(district).astype(str),
            "indicator": told["indicator"],
            "value": told["value"],
            "low": np.nan,
            "high": np.nan,
            "unit": told["unit"],
            "numerator": told["value"].where(amount, told["numerator"]),
            "denominator": told["denominator"].where(~amount),
            "part_unit": told["unit"].where(amount, told["part_unit"]),
            "rule": "reported",
            "evidence": "report",
        }
    )
    return frame.set_index(["year", "zone", "indicator"]).sort_index()


def reported_targets(table: pd.DataFrame, *, district: str) -> pd.DataFrame:
    """Return the targets that have a figure, as a table of targets.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, indicator)``; ``name_zh``, ``name_en``, ``kind``, ``target``,
        ``unit``, ``year`` (NaN where the plan names none), ``document``, ``department``.
    """
    asked = table[table["target"].notna()]
    frame = pd.DataFrame(
        {
            "zone": asked["zone"].fillna(district).astype(str),
            "indicator": asked["indicator"],
            "name_zh": asked["name"],
            "name_en": asked["name_en"].fillna(asked["name"]),
            "kind": asked["kind"],
            "target": asked["target"],
            "unit": asked["unit"],
            "year": asked["target_year"],
            "document": asked["target_document"].fillna(""),
            "department": asked["department"].fillna(""),
        }
    )
    return frame.drop_duplicates(["zone", "indicator"]).set_index(["zone", "indicator"])


def _impossible(table: pd.DataFrame) -> Iterator[str]:
    share = table["unit"] == "%"
    for column in ("value", "target"):
        numbers = table[column]
        for row in table.index[(numbers < 0) | (share & (numbers > 100))]:
            yield _row(table, row, f"{column} = {numbers[row]:g} {table.loc[row, 'unit']}")


def _units(table: pd.DataFrame) -> Iterator[str]:
    for indicator, units in table.groupby("indicator")["unit"].unique().items():
        if len(units) > 1:
            yield f"{indicator}: {', '.join(map(str, units))}"


def _without_document(table: pd.DataFrame) -> Iterator[str]:
    for row in table.index[table["value"].notna() & table["document"].isna()]:
        yield _row(table, row, f"{table.loc[row, 'year']:g}")


def _to_be_filled_in(table: pd.DataFrame) -> Iterator[str]:
    for indicator, rows in table.groupby("indicator", sort=False):
        blank = [column for column in ("value", "target") if rows[column].isna().all()]
        if (rows["kind"] == "reach").any() and rows["target_year"].isna().all():
            blank.append("target_year")
        if blank:
            yield f"{indicator}: {', '.join(blank)}"


def _not_understood(table: pd.DataFrame) -> Iterator[str]:
    faults = {
        "indicator = {indicator}": ~table["indicator"].map(lambda x: bool(_ID.fullmatch(x))),
        "kind = {kind}": table["kind"].notna() & ~table["kind"].isin(KINDS),
        "target, kind = —": table["target"].notna() & table["kind"].isna(),
        "value, year = —": table["value"].notna() & table["year"].isna(),
    }
    for text, faulty in faults.items():
        for row in table.index[faulty]:
            yield _row(table, row, text.format(**table.loc[row].to_dict()))


def _other_than_parts(table: pd.DataFrame) -> Iterator[str]:
    rate = table["unit"] == "%"
    real = 100 * table["numerator"] / table["denominator"].where(table["denominator"] > 0)
    for row in table.index[rate & ((real - table["value"]).abs() > _ROUNDED_PCT + 1e-9)]:
        yield _row(table, row, f"{table.loc[row, 'value']:g} % ≠ {real[row]:.4g} %")


def _leaps(table: pd.DataFrame) -> Iterator[str]:
    """Yield neighbours in time that a slip of unit explains, sums that fall, and fractions."""
    told = table[table["value"].notna()].sort_values("year")
    fraction = (told["unit"] == "%") & (told["value"] > 0) & (told["value"] <= _FRACTION)
    for row in told.index[fraction]:
        yield _row(told, row, f"{told.loc[row, 'value']:g} %")
    adding = set(table.loc[table["kind"] == "cumulative", "indicator"])
    for (indicator, _), rows in told.groupby(["indicator", told["zone"].fillna("")]):
        values, years = rows["value"].to_numpy(dtype=float), rows["year"].astype("Int64").tolist()
        for i in range(1, len(values)):
            before, after = values[i - 1], values[i]
            text = f"{indicator} {years[i - 1]}: {before:g} → {years[i]}: {after:g}"
            if indicator in adding and after < before:
                yield text
            elif (slip := _slip(before, after)) is not None:
                yield f"{text} (× {slip:g})"


def _slip(before: float, after: float) -> float | None:
    if not (before > 0 and after > 0):
        return None
    ratio = max(before, after) / min(before, after)
    return next((slip for slip in _SLIPS if abs(ratio / slip - 1) <= _CLOSE), None)


def _differing_targets(table: pd.DataFrame) -> Iterator[str]:
    groups = table.groupby(["indicator", table["zone"].fillna("")])
    for (indicator, _), rows in groups:
        for column in _ASKED:
            said = [str(each) for each in rows[column].dropna().unique()]
            if len(said) > 1:
                yield f"{indicator}: {column} = {', '.join(said)}"


def _row(table: pd.DataFrame, row: Any, text: str) -> str:
    return f"{row}: {table['indicator'][row]}, {text}"
