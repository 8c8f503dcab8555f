"""The ledger of measures (台账): restoration and planting projects as polygons, held to rules.

Everything that is wrong or open is listed, each kind of fault once with the projects that it
concerns, so that a clerk can put the ledger right in one go. What can be counted from it
stands in :mod:`sinks.indicators.ledger_progress`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.units import HA_PER_MU, M2_PER_HA
from sinks.zones.overlay import equal_area

_HA_PER = {"ha": 1.0, "mu": HA_PER_MU, "m2": 1 / M2_PER_HA}


@dataclass(frozen=True, kw_only=True)
class LedgerFields:
    """Which columns of the layer say what; ``area`` may be left out."""

    project: str = "id"
    name: str = "name"
    type: str = "type"
    pre_class: str = "pre_class"
    post_class: str = "post_class"
    year: str = "year"
    status: str = "status"
    document: str = "doc_no"
    accepted_on: str = "accept_date"
    area: str | None = None
    area_unit: Literal["ha", "mu", "m2"] = "ha"


@dataclass(frozen=True, kw_only=True)
class LedgerRules:
    """What the words of a ledger mean, and what must hold.

    ``types`` and ``statuses`` lead from every known word, folded, to its key; ``kinds`` from
    a type to ``restoration`` or ``planting``; ``converting`` are the types that turn one
    class into another; ``classes`` the keys of the legend; ``years`` the first and the last
    year of the plan; ``until`` the day after which nothing can have been accepted.
    """

    types: Mapping[str, str]
    kinds: Mapping[str, str]
    converting: frozenset[str]
    statuses: Mapping[str, str]
    classes: frozenset[str]
    years: tuple[int, int]
    until: date


def ledger(frame: gpd.GeoDataFrame, fields: LedgerFields, rules: LedgerRules) -> gpd.GeoDataFrame:
    """Return the projects in house terms, in the equal-area projection.

    Returns
    -------
    geopandas.GeoDataFrame
        The index of ``frame``; ``project``, ``name``, ``type``, ``kind``,
        ``pre_class``, ``post_class``, ``status`` and ``document`` (texts, empty where blank
        or not known),
        ``said_type``, ``said_status``, ``said_date`` (as they stand in the layer), ``year``
        (NaN), ``accepted_on`` (NaT), ``stated_ha`` (NaN), ``rounding_ha`` (half of the last
        digit that is stated) and ``area_ha`` of the polygon.
    """
    plane = equal_area(frame)
    texts = {
        name: _texts(frame, getattr(fields, name))
        for name in ("project", "name", "pre_class", "post_class", "document")
    }
    said = {n: _texts(frame, getattr(fields, n)) for n in ("type", "status", "accepted_on")}
    types = said["type"].map(lambda word: rules.types.get(folded(word), ""))
    return gpd.GeoDataFrame(
        {
            **texts,
            "type": types,
            "kind": types.map(lambda key: rules.kinds.get(key, "")),
            "status": said["status"].map(lambda word: rules.statuses.get(folded(word), "")),
            "said_type": said["type"],
            "said_status": said["status"],
            "said_date": said["accepted_on"],
            "year": pd.to_numeric(frame[fields.year], errors="coerce").astype(float),
            "accepted_on": _days(frame[fields.accepted_on]),
            **_stated(frame, fields),
            "area_ha": plane.geometry.area / M2_PER_HA,
        },
        geometry=plane.geometry,
        crs=plane.crs,
    )


def folded(word: str) -> str:
    """Drop what typing varies in a word: case and blanks.

    >>> folded(" Under way ")
    'underway'
    """
    return "".join(str(word).split()).casefold()


def _texts(frame: gpd.GeoDataFrame, field: str) -> pd.Series:
    return frame[field].astype("object").where(frame[field].notna(), "").map(str).str.strip()


def _days(column: pd.Series) -> pd.Series:
    """Return dates, NaT where a text is none: 2025-05-20, 2025/5/20, 20250520, 2025年5月20日."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.tz_localize(None) if column.dt.tz is not None else column
    plain = column.astype("object").where(column.notna(), "").map(str).str.strip()
    plain = plain.str.replace(r"[/.年月]", "-", regex=True).str.removesuffix("日")
    plain = plain.str.replace(r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3", regex=True)
    return pd.to_datetime(plain, format="%Y-%m-%d", errors="coerce")


def _stated(frame: gpd.GeoDataFrame, fields: LedgerFields) -> dict[str, pd.Series]:
    if fields.area is None:
        blank = pd.Series(np.nan, index=frame.index)
        return {"stated_ha": blank, "rounding_ha": blank}
    stated = pd.to_numeric(frame[fields.area], errors="coerce").astype(float)
    decimals = stated.map(lambda number: len(f"{number:.12g}".partition(".")[2]))
    unit_ha = _HA_PER[fields.area_unit]
    return {"stated_ha": stated * unit_ha, "rounding_ha": 0.5 * 0.1**decimals * unit_ha}
