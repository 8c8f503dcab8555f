"""Amounts that are told for the district, put on the ground of its zones.

A yearbook tells the output of rice or the visits of tourists for the whole district, and
perhaps for a park. What was told for towns stays theirs; what was told for a place lies in the
towns that hold its ground; the rest is spread over the classes that give it, in proportion to
their area. So towns always add up to the district.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.errors import InputRefused
from sinks.uncertainty.laws import Floats

_SLACK = 1e-9


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


def spread(told: Mapping[str, Floats], key_ha: pd.Series, places: Places) -> Spread:
    """Put an amount on every zone.

    Parameters
    ----------
    told
        Draws of what was told, by zone, shape ``(1 + draws,)``; the district among them, or
        parts that make it up, or places alone.
    key_ha
        Area of the classes that the amount is spread over, by zone, for all zones there are.

    Raises
    ------
    InputRefused
        ``S54`` if zones of the district tell more than the district, ``S55`` if some of its
        parts tell an amount, others do not, and neither does the district.
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
    per_ha = _over(rest, float(key_ha[untold].sum()))
    within = places.lies(sites, places.zones).T @ of_sites
    rows = [
        district if zone == places.district
        else told[zone] if zone in told
        else within[n] + per_ha * float(key_ha[zone])
        for n, zone in enumerate(places.zones)
    ]  # fmt: skip
    how = tuple("told" if zone in told else "spread" for zone in places.zones)
    return Spread(amounts=np.array(rows), how=how)


def of_district(told: Mapping[str, Floats], places: Places) -> Floats:
    """Return what the district gives: as told, else what its parts or places add up to."""
    if places.district in told:
        return told[places.district]
    parts = [told[zone] for zone in places.parts if zone in told]
    return np.asarray(np.sum(parts or list(told.values()), axis=0))


def _over(amount: Floats, area_ha: float) -> Floats:
    return amount / area_ha if area_ha > 0 else np.zeros_like(amount)


def _require_enough(rest: Floats, district: Floats) -> None:
    if rest[0] < -_SLACK * max(abs(district[0]), 1.0):
        facts = {"told": float(district[0]), "parts": float(district[0] - rest[0])}
        raise InputRefused.because("S54", **facts)
