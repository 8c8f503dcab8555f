"""Sampling designs: what the strata are, how many places are looked at in each, and why.

The size of a sample follows from the standard error that is wanted (Cochran 1977, eq. 5.25;
Olofsson et al. 2014, eq. 13), its division among the strata from a rule, and what the
division will yield from :func:`anticipated_se`. All three rest on anticipated shares; the
estimate afterwards does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import InputRefused

Kind = Literal["simple", "stratified", "systematic"]
Rule = Literal["proportional", "equal", "power", "neyman"]

KINDS: tuple[Kind, ...] = ("simple", "stratified", "systematic")
WHOLE = "all"  # the one stratum of a simple or systematic sample
CHANGE = "change"  # the stratum of every transition that no group names
ARROW = ">"  # from class to class: forest>water; * is any other class: forest>*, *>water

Floats = NDArray[np.float64]

_HALVINGS = 200  # more than a float has digits


@dataclass(frozen=True, kw_only=True)
class Design:
    """A probability sample that can be drawn again: kind, seed, units per stratum.

    A ``simple`` or ``systematic`` sample has the one stratum ``all``. For a systematic one the
    size is a wish: the spacing of its square grid follows from it, and the number of pixels
    that the grid meets depends on its random start.

    Raises
    ------
    InputRefused
        ``E01`` for an unknown kind, a negative seed, a stratum without units, or strata in a
        simple or systematic sample.
    """

    kind: Kind
    seed: int
    sizes: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        few = [f"{name}: {size}" for name, size in self.sizes.items() if size < 1]
        faults = [
            (self.kind not in KINDS, f"kind = {self.kind}"),
            (self.seed < 0, f"seed = {self.seed}"),
            (not self.sizes or bool(few), f"sizes = {few or 'none'}"),
            (self.kind != "stratified" and set(self.sizes) != {WHOLE}, f"strata of {self.kind}"),
        ]
        if found := [what for wrong, what in faults if wrong]:
            raise InputRefused.because("E01", faults=found)

    @property
    def total(self) -> int:
        """How many units are asked for."""
        return sum(self.sizes.values())


def total_size(shares: pd.Series, population_px: pd.Series, *, target_se: float) -> int:
    """Return the size of the sample that reaches a standard error under Neyman allocation.

    ``n = (sum W S)^2 / (target^2 + sum W S^2 / N)`` with ``S^2 = p (1 - p)``: Cochran (1977),
    eq. 5.25; the second term of the denominator vanishes for large maps (Olofsson et al.
    2014, eq. 13).

    Parameters
    ----------
    shares
        Anticipated share ``p`` per stratum: of correct pixels (the user's accuracies) for the
        error of the overall accuracy, of pixels of a class (:func:`class_shares`) for that of
        its area.
    population_px
        Pixels per stratum.
    target_se
        Standard error wanted, as a share of the whole map: 0.01 is one per cent.

    Raises
    ------
    InputRefused
        ``E05`` if the target is not between 0 and 1, a share is not, or none leaves a doubt.

    Examples
    --------
    The example of Olofsson et al. (2014, section 5.1.1):

    >>> pixels = pd.Series({"loss": 200, "gain": 150, "forest": 3200, "other": 6450}) * 1000
    >>> users = pd.Series({"loss": 0.7, "gain": 0.6, "forest": 0.9, "other": 0.95})
    >>> total_size(users, pixels, target_se=0.01)
    641
    """
    weight, spread = _spread(shares, population_px)
    if not 0 < target_se < 1 or not spread.any():
        raise InputRefused.because("E05", value=f"target_se = {target_se:g}")
    correction = float((weight * spread**2).sum() / population_px.sum())
    wanted = float((weight * spread).sum()) ** 2 / (target_se**2 + correction)
    return max(ceil(wanted), 2)


def class_shares(land_cover: str, users: pd.Series, population_px: pd.Series) -> pd.Series:
    """Anticipate which share of each stratum truly is ``land_cover``, strata being classes.

    In its own stratum that is its user's accuracy; the errors of the other strata are taken
    to fall on the remaining classes in proportion to their mapped areas.

    Raises
    ------
    InputRefused
        ``E05`` if a user's accuracy is not between 0 and 1, or the class is not a stratum.
    """
    weight, _ = _spread(users, population_px)
    if land_cover not in users.index:
        raise InputRefused.because("E05", value=f"class = {land_cover}")
    own = users.index == land_cover
    others = (1 - users) * weight[own][0] / np.where(own, 1.0, 1 - weight)
    return users.where(own, others)


def allocated(
    total: int,
    population_px: pd.Series,
    *,
    rule: Rule = "proportional",
    least: int = 2,
    shares: pd.Series | None = None,
) -> dict[str, int]:
    """Divide a sample among strata.

    Parameters
    ----------
    total
        Units in all. More are given only if ``least`` asks for more.
    population_px
        Pixels per stratum; the order of the result.
    rule
        ``proportional`` to the pixels; ``equal``; ``power``: to the square root of the pixels,
        a compromise of both (Bankier 1988); ``neyman``: to pixels times anticipated standard
        deviation, which needs ``shares``.
    least
        Fewest units of a stratum. Olofsson et al. (2014) advise 50 to 100 for rare classes,
        with the rest by the rule. A stratum never gets more units than it has pixels.

    Raises
    ------
    InputRefused
        ``E05`` if ``rule`` is not known or lacks its ``shares``.

    Examples
    --------
    >>> pixels = pd.Series({"loss": 200, "gain": 150, "forest": 3200, "other": 6450})
    >>> allocated(641, pixels, least=75)
    {'loss': 75, 'gain': 75, 'forest': 163, 'other': 328}
    """
    score = _scores(rule, population_px, shares)
    room = population_px.to_numpy()
    floor = np.minimum(max(least, 2), room)
    given = _bounded(max(total, int(floor.sum())), score, floor, room)
    return dict(zip(population_px.index, given.tolist(), strict=True))


def anticipated_se(sizes: Mapping[str, int], shares: pd.Series, population_px: pd.Series) -> float:
    """Return the standard error, as a share of the map, that a division will yield.

    ``sqrt(sum W^2 p (1 - p) (1 / n - 1 / N))``: Cochran (1977), eq. 5.7 with anticipated
    shares ``p``. What the sample shows may differ.
    """
    weight, spread = _spread(shares, population_px)
    units = np.array([sizes[str(name)] for name in population_px.index], dtype=float)
    variance = (weight * spread) ** 2 * (1 / units - 1 / population_px.to_numpy())
    return float(np.sqrt(np.maximum(variance, 0.0).sum()))


def stratum_lookup(
    keys: Sequence[str], groups: Mapping[str, Sequence[str]], *, two_dates: bool
) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Give each pair of classes, before and after, the number of its stratum.

    Groups hold what they name (see :func:`sinks.accuracy.strata.strata_of`); of the rest, each
    class is a stratum of its own, and all transitions together are ``change``.

    Returns
    -------
    tuple
        Names of strata, and numbers ``((K + 1)**2 + 1,)`` by pair, -1 for none.

    Raises
    ------
    InputRefused
        ``E04`` if a group holds what is not known, or what another group holds.
    """
    names = (*keys, *groups, *([CHANGE] if two_dates else []))
    owner = np.full((len(keys) + 1, len(keys) + 1), -1)
    if two_dates:
        owner[1:, 1:] = len(names) - 1
    np.fill_diagonal(owner, np.arange(-1, len(keys)))
    held: dict[tuple[int, int], str] = {}
    for number, (group, members) in enumerate(groups.items(), start=len(keys)):
        cells = [(m, cell) for m in members for cell in _cells(m, keys, two_dates=two_dates)]
        for member, cell in cells:
            if held.setdefault(cell, group) != group:
                raise InputRefused.because("E04", group=group, member=member)
            owner[cell] = number
    used = [names[number] for number in np.unique(owner[owner >= 0])]
    if twice := sorted({name for name in used if used.count(name) > 1}):
        raise InputRefused.because("E04", group=twice[0], member=twice[0])
    return names, np.append(owner.ravel(), -1).astype(np.int16)


def _cells(member: str, keys: Sequence[str], *, two_dates: bool) -> Iterator[tuple[int, int]]:
    """Return the places of what a group names; ``*`` is every other class."""
    first, arrow, last = member.partition(ARROW)
    known = {*keys, "*"} if arrow and two_dates else set(keys)
    last = last if arrow else first
    if first not in known or last not in known or (arrow and not two_dates):
        raise InputRefused.because("E04", group="", member=member)
    places = {key: place for place, key in enumerate(keys, start=1)}
    every = list(places.values())
    for a in every if first == "*" else [places[first]]:
        for b in every if last == "*" else [places[last]]:
            if a != b or "*" not in (first, last):
                yield a, b


def _spread(shares: pd.Series, population_px: pd.Series) -> tuple[Floats, Floats]:
    p = shares.reindex(population_px.index).to_numpy(dtype=float)
    if wrong := [str(name) for name in population_px.index[~((p >= 0) & (p <= 1))]]:
        raise InputRefused.because("E05", value=f"share of {', '.join(wrong)}")
    weight = (population_px / population_px.sum()).to_numpy(dtype=float)
    return weight, np.sqrt(p * (1 - p))


def _scores(rule: Rule, population_px: pd.Series, shares: pd.Series | None) -> Floats:
    pixels = population_px.to_numpy(dtype=float)
    if rule == "neyman" and shares is not None:
        weight, spread = _spread(shares, population_px)
        return weight * spread if spread.any() else pixels
    powers = {"proportional": 1.0, "power": 0.5, "equal": 0.0}
    if rule not in powers:
        raise InputRefused.because("E05", value=f"rule = {rule}")
    return np.asarray(pixels ** powers[rule])


def _bounded(
    total: int, score: Floats, floor: NDArray[np.int64], room: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Divide in proportion to ``score`` where that lies within the bounds, else at the bound."""
    low, high = 0.0, float((room[score > 0] / score[score > 0]).max())
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        few = np.clip(middle * score, floor, room).sum() < total
        low, high = (middle, high) if few else (low, middle)
    wanted = np.clip(high * score, floor, room)
    return _rounded(wanted, min(total, round(float(wanted.sum()))))


def _rounded(wanted: Floats, total: int) -> NDArray[np.int64]:
    """Round so that the sum stays: the largest remainders are rounded up."""
    down = np.floor(wanted).astype(np.int64)
    up = np.argsort(down - wanted, kind="stable")[: total - int(down.sum())]
    down[up] += 1
    return down
