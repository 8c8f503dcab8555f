"""Ecological red line and provincial control area: how much of each zone they take.

The national red line (生态保护红线) and the control area of the province (生态空间管控区域) are
two tiers of law. Their shares stand apart and are never added; within a tier each place counts
once. What changed inside is a list of its own: :mod:`sinks.indicators.encroachment`.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from sinks.errors import InputRefused
from sinks.indicators.places import pieces_by_zone
from sinks.indicators.rows import rate_rows
from sinks.units import M2_PER_HA
from sinks.zones.overlay import dissolve

TIERS = {
    "redline": ("redline_share", "national"),
    "control_area": ("control_area_share", "provincial"),
}


def redline_shares(areas: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the share of each zone that lies within each tier.

    Parameters
    ----------
    areas
        ``form``: ``redline`` or ``control_area``, others are not looked at; polygons in
        EQUAL_AREA, which may overlap.
    zones
        Polygons in EQUAL_AREA with the column ``zone``.

    Returns
    -------
    pandas.DataFrame
        INDICATORS rows of the tiers that the layer holds.

    Raises
    ------
    InputRefused
        ``F34`` if the layer holds neither tier.
    """
    index = pd.Index(zones["zone"], name="zone")
    zone_ha = pd.Series(shapely.area(zones.geometry.to_numpy()) / M2_PER_HA, index=index)
    rows = []
    for form in [form for form in TIERS if (areas["form"] == form).any()]:
        shapes = dissolve(areas[areas["form"] == form].geometry.to_numpy())
        inside_ha = pieces_by_zone(shapes, zones).groupby("zone")["area_ha"].sum()
        inside_ha = inside_ha.reindex(index, fill_value=0.0)
        rows.append(rate_rows(inside_ha, zone_ha, named=TIERS[form], evidence="register"))
    if not rows:
        raise InputRefused.because("F34", forms=sorted(set(areas["form"]))[:10])
    return pd.concat(rows)
