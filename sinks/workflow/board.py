"""The status board of a result: every target of a place with figure, gap, need and outlook.

Nothing is computed again: all of it is read from ``results.json``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sinks.errors import Language, printable
from sinks.parameters.labels import label
from sinks.units import UNITS
from sinks.workflow.stored import Stored, stored_result

_SHARED = ("part_unit",)  # columns that targets and outlook have in common


@dataclass(frozen=True, kw_only=True, eq=False)
class Board:
    """The targets of one place.

    ``names`` are those of the study and of the place, Chinese and English; ``rows`` has
    index ``indicator`` and the columns of ``targets`` and ``outlook``.
    """

    study: tuple[str, str]
    place: tuple[str, str]
    synthetic: bool
    rows: pd.DataFrame

    def lines(self, language: Language = "zh") -> list[str]:
        """Say it for people."""
        side = 0 if language == "zh" else 1
        names = {"study": printable(self.study[side]), "place": printable(self.place[side])}
        head = [label("board.head", language).format(**names)]
        if self.synthetic:
            head.append(label("workbook.synthetic", language))
        if self.rows.empty:
            return [*head, label("board.none", language)]
        rows = self.rows.to_dict("records")
        return [*head, *(line for row in rows for line in _target_lines(row, language))]


def status_board(result: Path, *, town: str | None = None) -> Board:
    """Read the board of the district, or of one town, from the folder of a run.

    Parameters
    ----------
    town
        Its id or its name in either language.

    Raises
    ------
    InputRefused
        ``C18`` if the folder holds no result of a run, ``F60`` for a town that has no targets.
    """
    stored = stored_result(result)
    towns = _joined(stored, "_towns")
    if town is None:
        zone, rows = stored.zone(None, ()), _joined(stored, "")
    else:
        zone = stored.zone(town, [] if towns.empty else list(towns.index.unique("zone")))
        rows = towns[towns.index.get_level_values("zone") == zone].droplevel("zone")
    return Board(
        study=stored.names,
        place=stored.zone_names(zone),
        synthetic=stored.synthetic,
        rows=rows,
    )


def _joined(stored: Stored, suffix: str) -> pd.DataFrame:
    targets, ahead = (stored.table(f"{name}{suffix}") for name in ("targets", "outlook"))
    return targets if targets.empty else targets.join(ahead.drop(columns=list(_SHARED)))


# ---- words ---------------------------------------------------------------------------------


def _target_lines(row: Mapping[Any, Any], language: Language) -> Iterator[str]:
    told = {
        "mark": label(f"met_mark.{row['met']}", language),
        "name": printable(str(row[f"name_{language}"])),
        "kind": label(f"target_kind.{row['kind']}", language),
        "target": _amount(row["target"], row["unit"], language),
        "by_year": f"{row['by_year']:.0f}",
    }
    if pd.isna(row["value"]):
        yield label("board.row_without", language).format(**told)
        return
    value = _amount(row["value"], row["unit"], language) + _interval(row, "low", "high", language)
    year = f"{row['value_year']:.0f}"
    yield label("board.row", language).format(value=value, year=year, **told)
    yield "    " + _way(row, language)
    yield "    " + _outlook(row, language)
    evidence = label(f"evidence.{row['evidence']}", language)
    judged = label(f"judged_by.{row['judged_by']}", language)
    yield "    " + label("board.evidence", language).format(evidence=evidence, judged=judged)


def _way(row: Mapping[Any, Any], language: Language) -> str:
    """Say what is missing, and how much of it every year."""
    gap, sign = float(row["gap"]), -1 if row["gap"] < 0 else 1
    amounts = [sign * row[name] for name in ("gap_part", "gap_mu")]
    words = _in_all_units(sign * gap, row, amounts, language)
    key = "board.level" if gap == 0 else "board.short" if gap > 0 else "board.ahead"
    said = label(key, language).format(gap=words)
    if not row["needed_per_year"] > 0:
        return said
    amounts = [row[name] for name in ("needed_part_per_year", "needed_mu_per_year")]
    words = _in_all_units(row["needed_per_year"], row, amounts, language)
    return said + label("board.needed", language).format(needed=words)


def _in_all_units(
    amount: float, row: Mapping[Any, Any], parts: list[float], language: Language
) -> str:
    """Tell an amount in the unit of the target, then in that of its parts and in 亩."""
    unit = row["unit"]
    points = label("board.points", language).format(amount=_number(amount))
    said = points if unit == "%" else _amount(amount, unit, language)
    part, mu = parts
    others = []
    if pd.notna(part) and row["part_unit"] != unit:
        others.append(_amount(part, row["part_unit"], language))
    if pd.notna(mu) and unit != "mu":
        others.append(_amount(mu, "mu", language))
    if not others:
        return said
    return (
        f"{said}（{'，'.join(others)}）" if language == "zh" else f"{said} ({', '.join(others)})"
    )


def _outlook(row: Mapping[Any, Any], language: Language) -> str:
    basis = label(f"outlook.{row['basis']}", language)
    if pd.notna(row["years_met"]):
        years = {"years": row["years"], "met": f"{row['years_met']:.0f}"}
        basis += label("board.years_met", language).format(**years)
    if pd.isna(row["forecast"]):
        return label("board.no_forecast", language).format(basis=basis)
    ends = _interval(row, "forecast_low", "forecast_high", language)
    told = {
        "by_year": f"{row['by_year']:.0f}",
        "forecast": _amount(row["forecast"], row["unit"], language) + ends,
        "basis": basis,
    }
    if pd.isna(row["forecast_probability"]):
        return label("board.forecast", language).format(**told)
    chance = _percent(float(row["forecast_probability"]))
    return label("board.forecast_chance", language).format(probability=chance, **told)


def _amount(amount: float, unit: str, language: Language) -> str:
    name = UNITS[unit][language == "en"] if unit in UNITS else printable(unit)
    return f"{_number(amount)} {name}"


def _interval(row: Mapping[Any, Any], low: str, high: str, language: Language) -> str:
    if pd.isna(row[low]) or pd.isna(row[high]):
        return ""
    ends = (_number(row[low]), _number(row[high]))
    return f"（{'—'.join(ends)}）" if language == "zh" else f" ({' - '.join(ends)})"


def _number(amount: float) -> str:
    """Write a number with as many digits as people read.

    >>> _number(12936.69), _number(2.115), _number(0.4), _number(100.0)
    ('12,937', '2.12', '0.4', '100')
    """
    if abs(amount) >= 1000:
        return f"{amount:,.0f}"
    return f"{amount:.2f}".rstrip("0").rstrip(".")


def _percent(probability: float) -> str:
    """Write a probability; none is certain.

    >>> _percent(0.0003), _percent(0.886), _percent(0.9999)
    ('< 1 %', '89 %', '> 99 %')
    """
    if probability < 0.01:
        return "< 1 %"
    return "> 99 %" if probability > 0.99 else f"{100 * probability:.0f} %"
