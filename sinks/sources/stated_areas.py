"""Areas that an attribute states, held against the polygons.

A field of areas is in 亩 where hectares were thought of, or in square metres: the ratio to
the hectares on the map gives the unit away, because one factor holds for every feature.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding, Reaction
from sinks.units import HA_PER_MU, M2_PER_HA
from sinks.zones.overlay import polygon_ha

PER_HA = {"ha": 1.0, "mu": 1 / HA_PER_MU, "m2": M2_PER_HA, "km2": 0.01,
          "10^4 mu": 1e-4 / HA_PER_MU}  # fmt: skip
_CLOSE = 0.05  # how far the median ratio may lie from that of a unit


class StatedAreas(NamedTuple):
    """The unit that a field seems to be in (None if it fits none), and its ratio to hectares."""

    unit: str | None
    median_ratio: float
    features: int


def unit_of_areas(frame: gpd.GeoDataFrame, field: str) -> StatedAreas:
    """Return the unit in which ``field`` states the areas of the polygons.

    The median over the features of stated area per hectare on the map decides, so that
    single wrong features do not matter.
    """
    stated = pd.to_numeric(frame[field], errors="coerce").to_numpy(dtype=float)
    mapped_ha = np.asarray(polygon_ha(frame), dtype=float)
    told = np.isfinite(stated) & (stated > 0) & (mapped_ha > 0)
    if not told.any():
        return StatedAreas(None, float("nan"), 0)
    ratio = float(np.median(stated[told] / mapped_ha[told]))
    near = [unit for unit, per_ha in PER_HA.items() if abs(ratio / per_ha - 1) <= _CLOSE]
    return StatedAreas(near[0] if near else None, ratio, int(told.sum()))


def area_field_findings(
    frame: gpd.GeoDataFrame, field: str, *, unit: str | None, file: object = None
) -> list[Finding]:
    """Return ``V32`` if areas in ``field`` are not in ``unit``, or if no unit was stated.

    It asks where the unit is not stated, refuses where another one was, and notes where
    areas fit no unit although one was stated (a layer may state areas of another year).
    """
    told = unit_of_areas(frame, field)
    if told.features == 0 or (unit is not None and told.unit == unit):
        return []
    if told.unit is None and unit is not None:
        off = told.median_ratio / PER_HA[unit]
        reaction = Reaction.NOTE if 0.5 < off < 2 else Reaction.REFUSE
    else:
        reaction = Reaction.ASK if unit is None else Reaction.REFUSE
    facts = {
        "field": field,
        "seems": told.unit or "?",
        "ratio": told.median_ratio,
        "count": told.features,
        "stated": unit or "—",
    }
    where = None if file is None else str(file)
    return [Finding(code="V32", file=where, place=field, facts=facts, reaction_override=reaction)]
