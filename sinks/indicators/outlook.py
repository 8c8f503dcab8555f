"""Whether a target can still be met: what is needed every year, and where the years lead.

What is needed per year follows from the gap and the years left. Where it leads is told from
two or more years: levels by a line, amounts by their pace (:mod:`sinks.indicators.trends`).
With one year there is only the need, and the table says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from sinks.errors import InvariantViolated
from sinks.indicators.targets import EXACT, parts, reaches, unit_ratio
from sinks.indicators.trends import Forecast, line, pace, total_at_pace
from sinks.units import Z_95

LEVELS = ("hold", "at_least", "reach")
_AHEAD = (
    "trend_per_year",
    "trend_low_per_year",
    "trend_high_per_year",
    "forecast",
    "forecast_low",
    "forecast_high",
    "forecast_probability",
)


def outlook(
    compared: pd.DataFrame,
    history: pd.DataFrame,
    *,
    horizon: int,
    correlation: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return need and trend of every target.

    Parameters
    ----------
    compared
        As :func:`sinks.indicators.targets.compared` returns it, of any index.
    history
        INDICATORS stacked by year: the index levels of ``compared`` and ``year``. Of a
        cumulative target the sums by the end of each year, of one per year the amounts; a
        year in which nothing was done is a row with 0.
    horizon
        Year by which targets without one of their own are asked for (2030).
    correlation
        By evidence, of the errors of two years; without an entry they are independent.

    Returns
    -------
    pandas.DataFrame
        The index of ``compared``. ``by_year``; ``needed_per_year`` in the unit of the
        target (of one per year the target itself), ``needed_part_per_year`` in
        ``part_unit`` and ``needed_mu_per_year``; ``trend_per_year``, ``forecast`` of that
        year, each with a 95 % interval, and ``forecast_probability`` that it reaches the
        target; ``years`` at hand, ``years_met`` of those (of a target per year); ``basis``:
        ``line``, ``pace``, ``two_years`` (which cannot show how years vary), ``one_year``
        (no trend), ``no_figure``, or ``due`` where the year has come.

    Raises
    ------
    InvariantViolated
        ``I01`` if the history is not of the same index levels: zones would be mixed.
    """
    years = history.reset_index("year")
    if years.index.names != compared.index.names:
        faults = [f"index {tuple(history.index.names)}"]
        raise InvariantViolated.because("I01", table="history", faults=faults)
    rows = [
        _ahead(row, _told(years[years.index == key], str(row["unit"])), horizon, correlation or {})
        for key, row in compared.iterrows()
    ]
    table = pd.DataFrame(rows, index=compared.index)
    amounts = parts(compared, table["needed_per_year"])
    return table.assign(
        needed_part_per_year=amounts["part"],
        part_unit=amounts["part_unit"],
        needed_mu_per_year=amounts["mu"],
    )


def _ahead(
    target: pd.Series, told: pd.DataFrame, horizon: int, correlation: Mapping[str, float]
) -> dict[str, Any]:
    by_year = horizon if pd.isna(target["year"]) else int(target["year"])
    since = target["value_year"]
    left = np.nan if pd.isna(since) else by_year - int(since)
    found: dict[str, Any] = {
        "by_year": by_year,
        "needed_per_year": _needed(target, left),
        "years": len(told),
        "years_met": _years_met(target, told),
        **dict.fromkeys(_AHEAD, np.nan),
    }
    if np.isnan(left) or left <= 0:
        return {**found, "basis": "no_figure" if np.isnan(left) else "due"}
    if len(told) < 2:
        return {**found, "basis": "one_year"}
    ahead = _forecast(target, told, by_year, correlation)
    return {**found, **_numbers(ahead, target), "basis": _basis(target, told)}


def _basis(target: pd.Series, told: pd.DataFrame) -> str:
    if len(told) == 2 and target["kind"] != "per_year":
        return "two_years"
    return "line" if target["kind"] in LEVELS else "pace"


def _years_met(target: pd.Series, told: pd.DataFrame) -> float:
    if target["kind"] != "per_year":
        return float("nan")
    return float(reaches(told["value"].to_numpy(dtype=float), float(target["target"])).sum())


def _needed(target: pd.Series, left: float) -> float:
    if target["kind"] == "per_year":
        return float(target["target"])
    return float(max(target["gap"], 0.0) / left) if left > 0 else float("nan")


def _told(history: pd.DataFrame, unit: str) -> pd.DataFrame:
    """Return the years of one target in its unit: index ``year``; ``value``, ``se``."""
    known = history[history["value"].notna()]
    ratio = known["unit"].map(lambda own: unit_ratio(str(own), unit)).astype(float)
    se = (known["high"] - known["low"]) / (2 * Z_95)
    told = pd.DataFrame(
        {
            "value": known["value"] * ratio,
            "se": se.where(se.notna() | ~known["evidence"].isin(EXACT), 0.0) * ratio,
            "evidence": known["evidence"],
        }
    )
    return told.set_index(known["year"]).sort_index()


def _forecast(
    target: pd.Series, told: pd.DataFrame, by_year: int, correlation: Mapping[str, float]
) -> Forecast:
    years, values, errors = (
        each.to_numpy(dtype=float) for each in (told.index, told["value"], told["se"])
    )
    if target["kind"] in LEVELS:
        shared = correlation.get(str(told["evidence"].iloc[-1]), 0.0)
        return line(years, values, errors, year=by_year, correlation=shared)
    if target["kind"] == "per_year":
        return pace(values)
    left = by_year - int(target["value_year"])
    amounts = np.diff(values) / np.diff(years)
    return total_at_pace(amounts, years=left, done=float(target["value"]))


def _numbers(ahead: Forecast, target: pd.Series) -> dict[str, float]:
    """Return trend and forecast, what cannot be cut off: rates end at 100, sums never fall."""
    lowest = float(target["value"]) if target["kind"] == "cumulative" else 0.0
    highest = 100.0 if target["unit"] == "%" else np.inf
    figures = np.clip([ahead.figure, *ahead.interval], lowest, highest)
    there = target["kind"] == "cumulative" and target["met"] == "yes"
    probability = 1.0 if there else ahead.probability_at_least(float(target["target"]))
    return dict(
        zip(
            _AHEAD,
            [ahead.per_year, *ahead.per_year_interval, *map(float, figures), probability],
            strict=True,
        )
    )
