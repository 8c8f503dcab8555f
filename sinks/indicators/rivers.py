"""Ecological rivers: the share of registered county and township rivers that passed assessment.

    rate (%) = 100 x accepted length (km) / registered length (km)

A river is one registered centre line, never its two banks. Assessments are stretches of it,
from one distance along the line to another; where they overlap, each metre counts once,
whatever the years. Only accepted stretches count, never planned ones. A register is exact:
the rate has no interval.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sinks.errors import InputRefused
from sinks.indicators.lines import Course, courses, lines_by_zone
from sinks.indicators.rows import rate_rows, variant
from sinks.zones.outlines import Shapes

INDICATOR = "ecological_river_rate"
M_PER_KM = 1000.0

Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class RiverRule:
    """Which rivers count, and how exactly distances along them are stated.

    ``tolerance_m``: by how much a stretch may reach beyond its river, because distances are
    rounded; a river that lacks no more than that is accepted whole.
    """

    tolerance_m: float
    levels: frozenset[str] = frozenset({"county", "township"})


@dataclass(frozen=True, kw_only=True, eq=False)
class RiverRegister:
    """Registered rivers, and what their assessments came to.

    Parameters
    ----------
    rivers
        Index ``river`` (unique id); ``level``; ``registered_m`` (NaN where the register does
        not say it); lines in EQUAL_AREA.
    events
        ``river``, ``from_m``, ``to_m`` (NaN: from the start, to the end), ``status``
        (``accepted``, or anything else), ``year`` (NaN if not said), ``document`` (may be
        empty). Distances are in the metres of the register: where its length differs from
        the drawn one, they are stretched with it.

    Raises
    ------
    InputRefused
        ``F20`` stretches of unknown rivers, ``F21`` stretches that end before they start or
        beyond their river, ``F26`` ids that repeat, shapes that are not lines or run over
        themselves.
    """

    rivers: gpd.GeoDataFrame
    events: pd.DataFrame
    rule: RiverRule

    def __post_init__(self) -> None:
        ids = self.rivers.index
        shapes = self.rivers.geometry.to_numpy()
        flat = ~np.isin(shapely.get_type_id(shapes), (1, 5)) | shapely.is_empty(shapes)
        faulty = ids.duplicated(keep=False) | flat
        faulty[~flat] |= _doubled_m(shapes[~flat]) > self.rule.tolerance_m
        if faulty.any():
            raise InputRefused.because("F26", count=int(faulty.sum()), ids=list(ids[faulty][:10]))
        strange = self.events.loc[~self.events["river"].isin(ids), "river"]
        if len(strange):
            raise InputRefused.because("F20", count=len(strange), ids=sorted(set(strange))[:10])
        self._require_within()

    def _require_within(self) -> None:
        end_m = self.registered_m.loc[self.events["river"]].to_numpy()
        from_m = self.events["from_m"].fillna(0.0).to_numpy()
        to_m = self.events["to_m"].fillna(pd.Series(end_m, self.events.index)).to_numpy()
        beyond = to_m > end_m + self.rule.tolerance_m
        if (faulty := (from_m < 0) | (from_m >= to_m) | beyond).any():
            rows = zip(self.events["river"], from_m, to_m, end_m, strict=True)
            shown = [
                f"{river}: {start:.0f}-{stop:.0f} m / {end:.0f} m"
                for (river, start, stop, end), hit in zip(rows, faulty, strict=True)
                if hit
            ]
            raise InputRefused.because("F21", count=len(shown), stretches=shown[:10])

    @cached_property
    def courses(self) -> dict[str, Course]:
        """The course of each river, by id."""
        return dict(zip(self.rivers.index, courses(self.rivers.geometry.to_numpy()), strict=True))

    @cached_property
    def drawn_m(self) -> pd.Series:
        """Length of each line on the ellipsoid, by river."""
        return pd.Series({river: c.length_m for river, c in self.courses.items()}, dtype=float)

    @cached_property
    def registered_m(self) -> pd.Series:
        """Length that the register states, the drawn one where it states none, by river."""
        return self.rivers["registered_m"].astype(float).fillna(self.drawn_m)

    @property
    def counted(self) -> pd.Index:
        """Ids of the rivers whose level counts."""
        return self.rivers.index[self.rivers["level"].isin(self.rule.levels)]

    def stretches(self, *, year: int) -> dict[str, list[Stretch]]:
        """Return what was accepted of each river that counts by the end of ``year``.

        Distances are in metres on the ellipsoid along the drawn line; stretches of a river
        do not overlap. A stretch without a year counts in every year.
        """
        accepted = self.events[
            self.events["river"].isin(self.counted)
            & (self.events["status"] == "accepted")
            & ~(self.events["year"] > year)
        ]
        return {
            str(river): merged(self._on_the_line(str(river), events))
            for river, events in accepted.groupby("river")
        }

    def _on_the_line(self, river: str, events: pd.DataFrame) -> list[Stretch]:
        drawn_m = float(self.drawn_m[river])
        scale = drawn_m / float(self.registered_m[river])
        from_m = events["from_m"].fillna(0.0) * scale
        to_m = (events["to_m"] * scale).fillna(drawn_m).clip(upper=drawn_m)
        return list(zip(from_m, to_m, strict=True))


def merged(stretches: list[Stretch]) -> list[Stretch]:
    """Return stretches that cover what the given ones cover, each metre once, in order.

    >>> merged([(0, 400), (300, 700), (900, 1000)])
    [(0, 700), (900, 1000)]
    """
    found: list[Stretch] = []
    for start, stop in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def ecological_rivers(
    register: RiverRegister,
    zones: gpd.GeoDataFrame,
    *,
    year: int,
    headline: Literal["by_length", "by_count"] = "by_length",
) -> pd.DataFrame:
    """Return the share of rivers that are ecological, by length and by number.

    A river belongs to the zones that its line runs through; what runs on the border of a zone
    counts half. By number, a river counts in every zone that it runs through, and counts as
    ecological if its whole length was accepted, so numbers of zones do not add up.

    Parameters
    ----------
    zones
        Polygons in EQUAL_AREA with the column ``zone``.
    year
        Assessments up to the end of this year count.

    Returns
    -------
    pandas.DataFrame
        INDICATORS rows; zones without such rivers have no rate.
    """
    index = pd.Index(zones["zone"], name="zone")
    accepted = register.stretches(year=year)
    return pd.concat(
        [
            _by_length(register, accepted, zones, index, headline),
            _by_count(register, accepted, zones, index, headline),
        ]
    )


def _doubled_m(lines: Shapes) -> NDArray[np.float64]:
    """Return how much of each line lies on another part of it."""
    return np.asarray(shapely.length(lines) - shapely.length(shapely.node(lines)))


def _by_length(
    register: RiverRegister,
    accepted: dict[str, list[Stretch]],
    zones: gpd.GeoDataFrame,
    index: pd.Index,
    headline: str,
) -> pd.DataFrame:
    def km(shapes: Shapes) -> pd.Series:
        pieces = lines_by_zone(shapes, zones)
        return pieces.groupby("zone")["length_m"].sum().reindex(index, fill_value=0.0) / M_PER_KM

    return rate_rows(
        km(np.array(list(_shapes(register, accepted)), dtype=object)),
        km(register.rivers.loc[register.counted].geometry.to_numpy()),
        named=variant(INDICATOR, "by_length", headline),
        evidence="register",
        part_unit="km",
    )


def _shapes(
    register: RiverRegister, accepted: dict[str, list[Stretch]]
) -> Iterator[shapely.MultiLineString]:
    for river, stretches in accepted.items():
        for start, stop in stretches:
            yield register.courses[river].stretch(start, stop)


def _by_count(
    register: RiverRegister,
    accepted: dict[str, list[Stretch]],
    zones: gpd.GeoDataFrame,
    index: pd.Index,
    headline: str,
) -> pd.DataFrame:
    rivers = register.rivers.loc[register.counted]
    pieces = lines_by_zone(rivers.geometry.to_numpy(), zones)
    pieces = pieces.groupby(["zone", "line"])[["length_m"]].sum().reset_index()
    pieces = pieces[pieces["length_m"] > register.rule.tolerance_m]
    accepted_m = pd.Series({r: sum(b - a for a, b in s) for r, s in accepted.items()}, dtype=float)
    missing_m = register.drawn_m - accepted_m.reindex(register.drawn_m.index, fill_value=0.0)
    whole = (missing_m <= register.rule.tolerance_m).loc[rivers.index].to_numpy()
    counts = pieces.assign(whole=whole[pieces["line"]]).groupby("zone")["whole"]
    return rate_rows(
        counts.sum().reindex(index, fill_value=0).astype(float),
        counts.count().reindex(index, fill_value=0).astype(float),
        named=variant(INDICATOR, "by_count", headline),
        evidence="register",
        part_unit="rivers",
    )
