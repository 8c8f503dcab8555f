"""What a plan is to do best, and what it must keep.

====================  ================================================================
:func:`budget`        at most so much money
:func:`area`          at least or at most so many hectares, all over or in one zone
:func:`target`        at least so much of a benefit, all over or in one zone
:func:`beside`        a share of the chosen area touches wetland that exists
:func:`most_units`    at most so many separate units
====================  ================================================================

An :class:`Aim` maximises weighted benefits (Marxan's *maximal coverage*, prioritizr's maximum
utility objective) or minimises cost (their *minimum set*). Compactness is part of the aim: a
penalty on boundary between chosen ground and other ground (Marxan's boundary length modifier),
or a bonus for each pair of neighbours that are both chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sinks.errors import InputRefused
from sinks.restoration.siting.units import Units
from sinks.uncertainty.laws import Floats

Sense = Literal["at_least", "at_most"]
COST, AREA, COUNT, BESIDE = "cost_yuan", "area_ha", "units", "beside_wetland"
UNIT_OF = {COST: "yuan", AREA: "ha", COUNT: "units", BESIDE: "ha"}  # else that of the benefit


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is optimised.

    Parameters
    ----------
    maximise
        Weight of each benefit, in units of the objective per unit of the benefit; ``None``
        minimises cost (yuan), with targets among the demands.
    penalty_per_m
        Objective per metre of boundary between chosen ground and other ground.
    bonus_per_pair
        Objective per pair of neighbours that are both chosen; of units taken in part, the
        smaller share counts.
    whole
        Units are taken whole or not at all; else any share of a unit may be taken.

    Raises
    ------
    InputRefused
        ``N56`` if penalty or bonus is negative, or a weight is not a number.
    """

    maximise: Mapping[str, float] | None
    penalty_per_m: float = 0.0
    bonus_per_pair: float = 0.0
    whole: bool = True

    def __post_init__(self) -> None:
        require_within("penalty_per_m", self.penalty_per_m, 0.0, np.inf)
        require_within("bonus_per_pair", self.bonus_per_pair, 0.0, np.inf)
        for benefit, weight in (self.maximise or {}).items():
            require_within(benefit, weight, -np.inf, np.inf)

    def worth(self, units: Units) -> Floats:
        """Return what each whole unit adds to what is optimised, apart from compactness.

        Raises
        ------
        InputRefused
            ``N52`` if a benefit is none of the units'.
        """
        if self.maximise is None:
            return units.numbers(COST)
        worth = np.zeros(len(units.table))
        for benefit, weight in self.maximise.items():
            require_known(benefit, units.benefits)
            worth += weight * units.numbers(benefit)
        return worth


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """At least or at most an amount of something, over the chosen units of a zone or of all.

    ``of`` is ``cost_yuan`` (yuan), ``area_ha`` (ha), ``units`` (number), ``beside_wetland``
    (share of the chosen area, 0 to 1) or a benefit (in its unit). ``name`` tells it in reports
    and conflicts.

    Raises
    ------
    InputRefused
        ``N56`` if the amount is no number, or a share is not within 0 and 1; ``N52`` if units
        are to be counted from below (a plan could meet that with slivers).
    """

    name: str
    of: str
    sense: Sense
    amount: float
    zone: str | None = None

    def __post_init__(self) -> None:
        if self.of == COUNT:
            require_known(f"{COUNT} {self.sense}", (f"{COUNT} at_most",))
        most = 1.0 if self.of == BESIDE else np.inf
        require_within(self.name, self.amount, 0.0 if self.of == BESIDE else -np.inf, most)

    @property
    def limit(self) -> float:
        """What the sum of :meth:`parts` over chosen units is held to."""
        return 0.0 if self.of == BESIDE else self.amount

    def parts(self, units: Units) -> Floats:
        """Return what each whole unit adds to the sum that is held to the limit.

        A share *s* of area is linear too: the sum of area times (beside - *s*) is held to 0.

        Raises
        ------
        InputRefused
            ``N52`` if the demand names a zone or a benefit that no unit has.
        """
        parts = self._everywhere(units)
        if self.zone is None:
            return parts
        zones = units.table["zone"]
        require_known(self.zone, tuple(map(str, zones.unique())))
        return np.where(zones.astype(str) == self.zone, parts, 0.0)

    def _everywhere(self, units: Units) -> Floats:
        if self.of == COUNT:
            return np.ones(len(units.table))
        if self.of == BESIDE:
            require_known(BESIDE, tuple(map(str, units.table.columns)))
            return units.numbers(AREA) * (units.numbers(BESIDE) - self.amount)
        require_known(self.of, (COST, AREA, *units.benefits))
        return units.numbers(self.of)

    def achieved(self, units: Units, shares: Floats) -> float:
        """Return what a plan has of it, in the unit of the amount."""
        if self.of == BESIDE:
            inside = self.zone is None or units.table["zone"].astype(str) == self.zone
            area_ha = units.numbers(AREA) * shares * inside
            whole_ha = float(area_ha.sum())
            return float(area_ha @ units.numbers(BESIDE)) / whole_ha if whole_ha > 0 else np.nan
        taken = shares > 0 if self.of == COUNT else shares
        return float(self.parts(units) @ taken)


def budget(most_yuan: float, *, name: str = "budget") -> Demand:
    """Ask for at most so much money (yuan)."""
    return Demand(name=name, of=COST, sense="at_most", amount=most_yuan)


def area(
    area_ha: float, sense: Sense = "at_least", *, zone: str | None = None, name: str = ""
) -> Demand:
    """Ask for at least or at most so many hectares, all over or in one zone."""
    told = name or " ".join(["area", sense.replace("_", " "), *([zone] if zone else [])])
    return Demand(name=told, of=AREA, sense=sense, amount=area_ha, zone=zone)


def target(benefit: str, amount: float, *, zone: str | None = None, name: str = "") -> Demand:
    """Ask for at least so much of a benefit, in its unit."""
    told = name or " ".join(["target", benefit, *([zone] if zone else [])])
    return Demand(name=told, of=benefit, sense="at_least", amount=amount, zone=zone)


def beside(least_share: float, *, name: str = "beside wetland") -> Demand:
    """Ask that at least a share (0 to 1) of the chosen area touches wetland that exists."""
    return Demand(name=name, of=BESIDE, sense="at_least", amount=least_share)


def most_units(count: int, *, name: str = "most units") -> Demand:
    """Ask for at most so many separate units, whole or in part."""
    return Demand(name=name, of=COUNT, sense="at_most", amount=float(count))


def require_known(name: str, known: tuple[str, ...]) -> None:
    """Refuse (``N52``) what is not among the names that there are."""
    if name not in known:
        raise InputRefused.because("N52", what=name, known=sorted(known)[:20] or "—")


def require_within(name: str, value: float, least: float, most: float) -> None:
    """Refuse (``N56``) a number that is infinite, none, or out of its range."""
    if not (np.isfinite(value) and least <= value <= most):
        raise InputRefused.because("N56", name=name, value=float(value), least=least, most=most)
