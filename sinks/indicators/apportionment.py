"""Targets of towns that add up to that of the district.

===============  =====================================================================
``ground``       by the area of the denominator: every town is asked for the same rate
``potential``    what is missing is shared in proportion to what each town can still add
``shares``       what is missing is shared as a table says (%), which a bureau can edit
===============  =====================================================================

A rate is apportioned through its numerator, so that the mean of the towns' targets, weighted
by their denominators, is the district's target. Where the district has more than it must
keep, towns may fall in proportion to what they have. An amount (hectares restored, planted
per year) is shared as it is.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from sinks.errors import InputRefused, InvariantViolated

Way = Literal["ground", "potential", "shares"]

_SLACK_PCT = 1e-6  # how far shares may be off 100: the rounding of their sum
_SLACK = 1e-9


def apportioned(target: float, towns: pd.DataFrame, *, by: Way, unit: str) -> pd.DataFrame:
    """Share a target of the district among its towns.

    Parameters
    ----------
    target
        In ``unit``: ``%`` for a rate, anything else for an amount.
    towns
        Index ``zone``; ``numerator`` and ``denominator`` of the indicator today, in the
        unit of its parts; ``potential`` (what can still be added, same unit) or
        ``share_pct`` where they are asked for. An amount needs only the column it is
        shared by.

    Returns
    -------
    pandas.DataFrame
        Index ``zone``; ``share_pct`` of what is shared, ``amount`` (for a rate the numerator
        that the town must have), ``target`` in ``unit``, NaN for a town without ground.

    Raises
    ------
    InputRefused
        ``F41`` if shares are blank, negative or do not add up to 100; ``F42`` if a town is
        asked for more than 100 %, or for something on no ground; ``F43`` if the towns
        together cannot add what is missing.
    InvariantViolated
        ``I01`` if the parts do not add up to the whole.

    Examples
    --------
    >>> towns = pd.DataFrame({"numerator": [10.0, 40], "denominator": [100.0, 50],
    ...                       "potential": [60.0, 5]}, index=["a", "b"])
    >>> apportioned(50, towns, by="potential", unit="%")["target"].round(2).tolist()
    [33.08, 83.85]
    """
    rate = unit == "%"
    held = towns["numerator"] if rate else pd.Series(0.0, index=towns.index)
    whole = target / 100 * float(towns["denominator"].sum()) if rate else target
    missing = whole - float(held.sum())
    shares_pct = _shares_pct(towns, by)
    _require_able(missing, shares_pct, towns, by)
    if by == "ground":
        amount = whole * shares_pct / 100
    elif missing >= 0:
        amount = held + missing * shares_pct / 100
    else:
        amount = held * (whole / float(held.sum()))
    asked = _rates_pct(amount, towns["denominator"]) if rate else amount
    if abs(float(amount.sum()) - whole) > _SLACK * max(abs(whole), 1.0):
        faults = [f"{amount.sum()!r} != {whole!r}"]
        raise InvariantViolated.because("I01", table="apportionment", faults=faults)
    return pd.DataFrame({"share_pct": shares_pct, "amount": amount, "target": asked})


def rounded_to_sum(amounts: pd.Series, decimals: int) -> pd.Series:
    """Round amounts so that they still add up to their rounded sum (largest remainders).

    >>> rounded_to_sum(pd.Series([33.34, 33.33, 33.33]), 0).tolist()
    [34.0, 33.0, 33.0]
    """
    scaled = amounts.to_numpy(dtype=float) * 10**decimals
    floors = np.floor(scaled)
    short = round(float(scaled.sum())) - int(floors.sum())
    largest = np.argsort(-(scaled - floors), kind="stable")[:short]
    floors[largest] += 1
    return pd.Series(floors / 10**decimals, index=amounts.index)


def _shares_pct(towns: pd.DataFrame, by: Way) -> pd.Series:
    if by != "shares":
        weights = towns["denominator"] if by == "ground" else towns["potential"].clip(lower=0)
        whole = float(weights.sum())
        return 100 * weights / whole if whole > 0 else 0.0 * weights
    shares_pct = towns["share_pct"]
    total_pct = float(shares_pct.sum())
    faulty = sorted(map(str, shares_pct.index[~(shares_pct >= 0)]))
    if faulty or abs(total_pct - 100) > _SLACK_PCT:
        raise InputRefused.because("F41", total=total_pct, zones=faulty or "—")
    return shares_pct


def _require_able(missing: float, shares_pct: pd.Series, towns: pd.DataFrame, by: Way) -> None:
    able = float(towns["potential"].clip(lower=0).sum()) if by == "potential" else np.inf
    able = able if shares_pct.sum() > 0 else 0.0
    if missing > able * (1 + _SLACK):
        raise InputRefused.because("F43", missing=missing, able=able)


def _rates_pct(amount: pd.Series, ground: pd.Series) -> pd.Series:
    """Return what amounts are of their ground, none of it more than there is."""
    asked = 100 * amount / ground.where(ground > 0)
    beyond = (asked > 100 * (1 + _SLACK)) | (asked.isna() & (amount.abs() > _SLACK))
    if beyond.any():
        zones = [f"{zone}: {asked[zone]:.4g} %" for zone in asked.index[beyond]]
        raise InputRefused.because("F42", zones=zones[:10], count=int(beyond.sum()))
    return asked
