"""Amounts that are told for the district, put on the ground of its zones.

A yearbook tells the output of rice or the visits of tourists for the whole district, and
perhaps for a park. What was told for towns stays theirs; what was told for a place lies in the
towns that hold its ground; the rest is spread over the classes that give it, in proportion to
their area. A place of which nothing was told has what the towns around it have. So towns always
add up to the district.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.errors import InputRefused
from sinks.uncertainty.laws import Floats

_SLACK = 1e-9
_NOTHING_HA = 1e-6  # a hundredth of a square metre is the rounding of areas, and no ground
_ROUNDING = 0.005  # of figures of towns beside the one of the district


@dataclass(frozen=True, kw_only=True, eq=False)
class Places:
    """Zones and how they lie to each other.

    ``zones``: those that are worked on at a time; ``district`` is one of them. ``parts`` are
    all that together make up the district (or none). ``overlap`` is the share of each place
    (row) that lies in each zone (column).
    """

    zones: tuple[str, ...]
    district: str
    parts: tuple[str, ...]
    overlap: pd.DataFrame

    def lies(self, places: Sequence[str], zones: Sequence[str]) -> Floats:
        """Return the share of each place that lies in each zone."""
        table = self.overlap.reindex(index=list(places), columns=list(zones), fill_value=0.0)
        return table.to_numpy(dtype=float)


@dataclass(frozen=True, kw_only=True, eq=False)
class Spread:
    """An amount by zone, shape ``(zones, 1 + draws)``, and how it came there."""

    amounts: Floats
    how: tuple[str, ...]  # told | spread, by zone


def spread(
    told: Mapping[str, Floats],
    key_ha: pd.Series,
    places: Places,
    otherwise_ha: pd.Series | None = None,
) -> Spread:
    """Put an amount on every zone.

    Parameters
    ----------
    told
        Draws of what was told, by zone, shape ``(1 + draws,)``; the district among them, or
        parts that make it up, or places alone.
    key_ha
        Area of the classes that the amount is spread over, by zone, for all zones there are.
    otherwise_ha
        What takes its place where the zones that tell nothing have none of these classes.

    Raises
    ------
    InputRefused
        ``S54`` if zones of the district tell more than the district, or all of its parts
        less; ``S55`` if some of its parts tell an amount, others do not, and neither does the
        district.
    """
    parts = [zone for zone in places.parts if zone in told]
    if parts and len(parts) < len(places.parts) and places.district not in told:
        raise InputRefused.because("S55", told=parts, of=len(places.parts))
    district = of_district(told, places)
    sites = [zone for zone in told if zone not in (*places.parts, places.district)]
    untold = [zone for zone in places.parts or (places.district,) if zone not in parts]
    of_sites = np.array([told[zone] for zone in sites]).reshape(len(sites), len(district))
    rest = district - sum((told[zone] for zone in parts), np.zeros_like(district))
    rest = rest - places.lies(sites, untold).sum(axis=1) @ of_sites
    _require_enough(rest, district)
    if otherwise_ha is not None and untold and key_ha[untold].sum() <= _NOTHING_HA:
        key_ha = otherwise_ha
    inside = places.lies(sites, parts).T @ of_sites
    own = [_over(told[zone] - inside[n], float(key_ha[zone])) for n, zone in enumerate(parts)]
    density = np.array([*own, _over(rest, float(key_ha[untold].sum()))])
    within = places.lies(sites, places.zones).T @ of_sites
    shares = _lies_in(parts, places)
    rows = [
        district if zone == places.district
        else told[zone] if zone in told
        else within[n] + float(key_ha[zone]) * (shares[n] @ density)
        for n, zone in enumerate(places.zones)
    ]  # fmt: skip
    how = tuple("told" if zone in told else "spread" for zone in places.zones)
    return Spread(amounts=np.array(rows), how=how)


def _lies_in(parts: Sequence[str], places: Places) -> Floats:
    """Return how much of each zone lies in each part that tells its own, and in the rest."""
    others = [[zone not in places.parts] for zone in places.zones]  # edges of parts touch
    shares = np.where(others, places.lies(places.zones, parts), 0.0)
    rest = np.maximum(1 - shares.sum(axis=1), 0.0)
    return np.column_stack([shares, rest])


def of_district(told: Mapping[str, Floats], places: Places) -> Floats:
    """Return what the district gives: what all its parts add up to, else as it was told.

    Raises
    ------
    InputRefused
        ``S54`` if all parts tell an amount, and together not that of the district.
    """
    parts = [told[zone] for zone in places.parts if zone in told]
    if parts and len(parts) == len(places.parts):
        whole = np.asarray(np.sum(parts, axis=0))
        _require_same(whole, told.get(places.district, whole))
        return whole
    if places.district in told:
        return told[places.district]
    return np.asarray(np.sum(parts or list(told.values()), axis=0))


def _over(amount: Floats, area_ha: float) -> Floats:
    return amount / area_ha if area_ha > _NOTHING_HA else np.zeros_like(amount)


def _require_enough(rest: Floats, district: Floats) -> None:
    if rest[0] < -_SLACK * max(abs(district[0]), 1.0):
        facts = {"told": float(district[0]), "parts": float(district[0] - rest[0])}
        raise InputRefused.because("S54", **facts)


def _require_same(parts: Floats, district: Floats) -> None:
    if abs(parts[0] - district[0]) > _ROUNDING * abs(district[0]):
        raise InputRefused.because("S54", told=float(district[0]), parts=float(parts[0]))
