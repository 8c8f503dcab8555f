"""What may be wrong with a register of rivers and still lets it be counted: listed, with km.

Planned stretches, acceptance without a document, stated lengths that differ from the drawn
ones, lines of two rivers on one course, and two banks drawn as two rivers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from sinks.errors import Finding
from sinks.indicators.lines import length_m
from sinks.indicators.rivers import M_PER_KM, RiverRegister

_ON_THE_LINE_M = 0.1  # lines that are drawn on one another, rounding of coordinates included
_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RiverLimits:
    """What is listed.

    ``bank_m``: two lines are taken for the banks of one river if the shorter one runs for at
    least ``alongside_pct`` of its length within this distance of the other, and is ten times
    as long as the distance. ``difference_pct``: stated and drawn lengths may differ by so much.
    """

    bank_m: float
    alongside_pct: float
    difference_pct: float


def river_findings(register: RiverRegister, limits: RiverLimits) -> tuple[Finding, ...]:
    """Return the notes on a register.

    ``F22`` accepted without document or year (they count), ``F23`` planned or under way (not),
    ``F24`` rivers on one course (both count), ``F25`` banks that were drawn as rivers (both
    count), ``F27`` stated lengths that differ from the drawn ones.
    """
    return (
        *_event_findings(register),
        *_length_findings(register, limits),
        *_double_findings(register, limits),
    )


def _event_findings(register: RiverRegister) -> Iterator[Finding]:
    events = register.events[register.events["river"].isin(register.counted)]
    accepted = events["status"] == "accepted"
    blank = events["document"].fillna("").astype(str).str.strip() == ""
    for code, chosen in (
        ("F22", accepted & (blank | events["year"].isna())),
        ("F23", ~accepted & (events["status"] != "not_accepted")),
    ):
        if chosen.any():
            listed = events[chosen]
            facts = {
                "count": len(listed),
                "km": round(_stated_km(register, listed), 1),
                "ids": list(dict.fromkeys(listed["river"]))[:_LISTED],
            }
            yield Finding(code=code, facts=facts)


def _stated_km(register: RiverRegister, events: pd.DataFrame) -> float:
    end_m = register.registered_m.loc[events["river"]].to_numpy()
    to_m = events["to_m"].fillna(pd.Series(end_m, events.index))
    return float((to_m - events["from_m"].fillna(0.0)).sum()) / M_PER_KM


def _length_findings(register: RiverRegister, limits: RiverLimits) -> Iterator[Finding]:
    ratio = (register.registered_m / register.drawn_m).loc[register.counted]
    apart = ratio[(ratio - 1).abs() > limits.difference_pct / 100]
    if len(apart):
        worst = np.argsort(-np.abs(np.log(apart.to_numpy())), kind="stable")[:_LISTED]
        shown = [f"{river} ×{value:.3g}" for river, value in apart.iloc[worst].items()]
        facts = {"count": len(apart), "ratios": shown, "allowed_pct": limits.difference_pct}
        yield Finding(code="F27", facts=facts)


def _double_findings(register: RiverRegister, limits: RiverLimits) -> Iterator[Finding]:
    lines = register.rivers.loc[register.counted].geometry.to_numpy()
    names = [str(river) for river in register.counted]
    pairs = neighbours(lines, limits.bank_m)
    on_m = alongside_m(lines, pairs, _ON_THE_LINE_M)
    near_m = alongside_m(lines, pairs, limits.bank_m)
    shorter_m = length_m(lines)[pairs[:, 0]] if len(pairs) else on_m
    one_course = on_m > register.rule.tolerance_m
    long_enough = shorter_m >= 10 * limits.bank_m  # a stub lies near whatever it joins
    banks = ~one_course & long_enough & (near_m >= limits.alongside_pct / 100 * shorter_m)
    for code, chosen, shared_m in (("F24", one_course, on_m), ("F25", banks, near_m)):
        if chosen.any():
            shown = [f"{names[a]} / {names[b]}" for a, b in pairs[chosen][:_LISTED]]
            km = round(float(shared_m[chosen].sum()) / M_PER_KM, 2)
            yield Finding(code=code, facts={"count": int(chosen.sum()), "pairs": shown, "km": km})


def neighbours(lines: NDArray[np.object_], distance_m: float) -> NDArray[np.intp]:
    """Return pairs of lines within a distance, shape ``(n, 2)``, the shorter line first.

    Distances are those of the plane, some per cent off in either direction: enough to list.
    """
    one, other = STRtree(lines).query(lines, predicate="dwithin", distance=distance_m)
    pairs: NDArray[np.intp] = np.column_stack([one, other])[one < other]
    swapped = shapely.length(lines[pairs[:, 0]]) > shapely.length(lines[pairs[:, 1]])
    pairs[swapped] = pairs[swapped][:, ::-1]
    return pairs


def alongside_m(
    lines: NDArray[np.object_], pairs: NDArray[np.intp], distance_m: float
) -> NDArray[np.float64]:
    """Return how much of the first line of each pair runs within a distance of the second."""
    first, second = lines[pairs[:, 0]], lines[pairs[:, 1]]
    return length_m(shapely.intersection(first, shapely.buffer(second, distance_m)))
