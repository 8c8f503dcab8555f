"""Measures, scenarios that are lists of them, and baselines: what would have been anyway.

A measure turns land of one class and use into another in one year; it is a cohort of its own
from then on. A baseline says what the land would have gone on being: an enclosure in a lake,
a crab pond and a paddy look alike in a plan of wetland, and the baseline alone decides whether
the same hectares save 25,000 t or nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sinks.errors import InputRefused

AS_IS = "as_is"
_WHOLE = 1e-6  # shares of uses may miss 1 by so much
Shares = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure, accepted or planned: land that is converted in ``year``.

    ``before`` and ``after`` are keys of the legend. ``uses_before`` and ``uses_after`` are
    shares by use that add up to 1; empty: those that the district has on the class.
    ``type`` is that of the ledger (``aquaculture_to_wetland``), for costs that are not told.
    ``group``: species group that is planted; it is cut every ``rotation_years`` (0: never;
    nothing: as the group usually is). ``rewetted``: soil carbon gains as the Wetlands
    Supplement says, instead of going from one density to the other. ``reenclosed_in``: the
    year from which the land is again what it was. ``zones``: every zone that it lies in.

    ``cost_yuan`` is the whole cost, with a range if one is told.

    Raises
    ------
    InputRefused
        ``N70`` for an area, year, share or cost that cannot be.
    """

    id: str
    year: int
    before: str
    after: str
    area_ha: float
    uses_before: Shares = field(default_factory=dict)
    uses_after: Shares = field(default_factory=dict)
    type: str = ""
    group: str | None = None
    rotation_years: int | None = None
    rewetted: bool = False
    reenclosed_in: int | None = None
    cost_yuan: float | None = None
    cost_low_yuan: float | None = None
    cost_high_yuan: float | None = None
    zones: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if faults := [*self._impossible()]:
            raise InputRefused.because("N70", place=self.id, faults=faults)

    @property
    def costs(self) -> tuple[float, float, float] | None:
        """The cost that was told and its range, in yuan; nothing if none was."""
        if self.cost_yuan is None:
            return None
        low, high = (
            self.cost_yuan if end is None else end
            for end in (self.cost_low_yuan, self.cost_high_yuan)
        )
        return self.cost_yuan, low, high

    @property
    def planted(self) -> bool:
        """Whether trees of a species group are planted."""
        return self.group is not None

    def _impossible(self) -> Iterator[str]:
        if not (math.isfinite(self.area_ha) and self.area_ha > 0):
            yield f"area_ha = {self.area_ha:g}"
        if self.reenclosed_in is not None and self.reenclosed_in <= self.year:
            yield f"year {self.year}, reenclosed_in = {self.reenclosed_in}"
        if (self.rotation_years or 0) < 0:
            yield f"rotation_years = {self.rotation_years}"
        if self.planted and self.before == self.after:
            yield f"group = {self.group}, before = after = {self.after}"
        yield from wrong_shares("uses_before", self.uses_before)
        yield from wrong_shares("uses_after", self.uses_after)
        if (costs := self.costs) is not None and not 0 <= costs[1] <= costs[0] <= costs[2]:
            yield f"cost_yuan = {costs[0]:g} ({costs[1]:g} ... {costs[2]:g})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A named list of measures, each a cohort of its own.

    Raises
    ------
    InputRefused
        ``N71`` if two measures have one name.
    """

    id: str
    measures: tuple[Measure, ...]

    def __post_init__(self) -> None:
        count = Counter(measure.id for measure in self.measures)
        if twice := sorted(name for name, times in count.items() if times > 1):
            raise InputRefused.because("N71", place=self.id, measures=twice[:10])

    @property
    def area_ha(self) -> float:
        """The area of all measures, in hectares."""
        return math.fsum(measure.area_ha for measure in self.measures)


def together(id: str, scenarios: Iterable[Scenario]) -> Scenario:  # noqa: A002 - as the fields
    """Return one scenario of all measures; a measure is then named ``scenario/measure``.

    >>> one = Measure(id="a", year=2026, before="PND", after="MAR", area_ha=2.0)
    >>> both = together("both", [Scenario(id=k, measures=(one,)) for k in ("x", "y")])
    >>> [measure.id for measure in both.measures], both.area_ha
    (['x/a', 'y/a'], 4.0)
    """
    measures = [
        replace(measure, id=f"{scenario.id}/{measure.id}")
        for scenario in scenarios
        for measure in scenario.measures
    ]
    return Scenario(id=id, measures=tuple(measures))


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the land would have gone on being, emissions included.

    ``classes`` says which class the land is taken to have been, by the class before of a
    measure; ``uses`` which shares of uses a class is taken to have had. What it says takes
    the place of what a measure says; where it says nothing, the measure speaks, or else the
    district's own uses. ``name`` is the key of its label.

    Raises
    ------
    InputRefused
        ``N70`` for shares that do not add up to 1.
    """

    id: str
    name: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)
    uses: Mapping[str, Shares] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = [text for key, of in self.uses.items() for text in wrong_shares(key, of)]
        if faults:
            raise InputRefused.because("N70", place=self.id, faults=faults)

    def land(self, measure: Measure) -> tuple[str, Shares]:
        """Return class and uses before a measure; no uses: those that the class usually has.

        >>> pond = Measure(id="a", year=2026, before="PND", after="MAR", area_ha=1.0)
        >>> Baseline(id="paddy", classes={"PND": "PAD"}).land(pond)
        ('PAD', {})
        """
        land_cover = self.classes.get(measure.before, measure.before)
        if land_cover in self.uses:
            return land_cover, self.uses[land_cover]
        return land_cover, measure.uses_before if land_cover == measure.before else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """What is displaced and goes on elsewhere: a share of the land of some uses.

    Of each hectare of one of ``uses`` that ends, ``share`` is taken to start anew outside
    the measure, with all its gases. ``note`` says on what ground.

    Raises
    ------
    InputRefused
        ``N72`` for a share outside 0 to 1, or one above 0 without uses or without a note.
    """

    share: float = 0.0
    uses: frozenset[str] = frozenset()
    note: str = ""

    def __post_init__(self) -> None:
        told = bool(self.uses) and bool(self.note.strip())
        if not 0 <= self.share <= 1 or (self.share > 0 and not told):
            facts = {"share": self.share, "uses": sorted(self.uses), "note": self.note or "-"}
            raise InputRefused.because("N72", **facts)

    def of(self, use: str) -> float:
        """Return the share of a use that goes on elsewhere."""
        return self.share if use in self.uses else 0.0


def wrong_shares(name: str, shares: Shares) -> Iterator[str]:
    """Yield what is wrong with shares by use that are told."""
    values = list(shares.values())
    if values and (min(values) < 0 or not abs(math.fsum(values) - 1) <= _WHOLE):
        yield f"{name}: " + ", ".join(f"{use} {share:g}" for use, share in shares.items())
