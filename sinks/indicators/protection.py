"""Protection of wetland in detail: by form, by definition of wetland, and what has none.

Forms of protection overlap: a park lies in a red-line area, and that in a water source. Of
each form there are three areas, all of them wetland, none of them the size of the park:

- ``gross_ha``: its areas added up as registered, places twice where they overlap;
- ``form_ha``: what the form protects, each place once;
- ``exclusive_ha``: what it protects and no form of higher priority does.

Exclusive areas add up to the union, and only the union is ever the numerator of a rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sinks.errors import InvariantViolated
from sinks.indicators.coverage import ErrorModel, protected_share
from sinks.indicators.rows import variant
from sinks.units import M2_PER_HA
from sinks.zones.outlines import Shapes
from sinks.zones.overlay import dissolve, intersections

_SAME = 1e-6  # relative: overlays cut edges anew, each time to the last digits of coordinates


@dataclass(frozen=True, kw_only=True, eq=False)
class ProtectedByForm:
    """What each form protects of the wetland of one place.

    ``areas`` has the index ``form`` in the order of priority and the columns ``gross_ha``,
    ``form_ha``, ``exclusive_ha``. ``overlaps`` is symmetric, form by form, in hectares, with
    ``form_ha`` on its diagonal.

    Raises
    ------
    InvariantViolated
        ``I71`` if exclusive areas do not add up to the union, or the union is larger than
        the wetland.
    """

    areas: pd.DataFrame
    overlaps: pd.DataFrame
    union_ha: float
    wetland_ha: float

    def __post_init__(self) -> None:
        sum_ha, allowed_ha = float(self.areas["exclusive_ha"].sum()), _SAME * self.wetland_ha
        apart = abs(sum_ha - self.union_ha) > allowed_ha
        if apart or self.union_ha > self.wetland_ha + allowed_ha:
            raise InvariantViolated.because(
                "I71", sum_ha=sum_ha, union_ha=self.union_ha, wetland_ha=self.wetland_ha
            )


def in_force(valid_from: pd.Series, valid_to: pd.Series, *, day: date) -> NDArray[np.bool_]:
    """Say which protected areas are valid on ``day``; a blank date is no limit.

    >>> days = pd.to_datetime(pd.Series(["2020-01-01", None]))
    >>> in_force(days, pd.Series([pd.NaT, pd.NaT]), day=date(2019, 12, 31))
    array([False,  True])
    """
    on = pd.Timestamp(day)
    begun = ~(pd.to_datetime(valid_from) > on)
    return (begun & ~(pd.to_datetime(valid_to) < on)).to_numpy(dtype=bool)


def protected_by_form(
    wetland: Shapes, protected: gpd.GeoDataFrame, priority: Mapping[str, int], *, place: Shapes
) -> ProtectedByForm:
    """Return what each form of protection covers of the wetland of a place.

    Parameters
    ----------
    wetland
        Polygons of the wetland that counts.
    protected
        ``form``; the areas that are accepted and in force.
    priority
        Rank of each form; the lowest takes what several cover.
    place
        Polygons of the district or zone: wetland outside does not count. All in EQUAL_AREA.
    """
    ground = intersections(dissolve(wetland), place).shapes
    forms = sorted(protected["form"].unique(), key=lambda form: (priority[form], form))
    by_form = [protected.geometry[protected["form"] == form].to_numpy() for form in forms]
    held = [_union(intersections(ground, dissolve(shapes)).shapes) for shapes in by_form]
    rest = [shapely.difference(one, _union(held[:n])) for n, one in enumerate(held)]
    areas = pd.DataFrame(
        {
            "gross_ha": [intersections(ground, s).area_ha.sum() for s in by_form],
            "form_ha": _hectares(held),
            "exclusive_ha": _hectares(rest),
        },
        index=pd.Index(forms, name="form"),
    )
    shared = [_hectares(shapely.intersection(one, held)) for one in held]
    overlaps = pd.DataFrame(shared, index=areas.index, columns=forms, dtype=float)
    return ProtectedByForm(
        areas=areas,
        overlaps=overlaps,
        union_ha=float(_hectares([_union(held)])[0]),
        wetland_ha=float(_hectares(ground).sum()),
    )


def unprotected(wetland: gpd.GeoDataFrame, protected: Shapes, *, sliver_m2: float) -> pd.DataFrame:
    """List the wetlands by what is unprotected of them, the largest part first.

    Parameters
    ----------
    wetland
        Wetland polygons, those of the set, cut at the district; their index is kept.
    protected
        What is protected; may overlap. Both in EQUAL_AREA.
    sliver_m2
        Parts below this size come from borders that were drawn twice.

    Returns
    -------
    pandas.DataFrame
        ``wetland_ha``, ``protected_ha``, ``unprotected_ha``, ``sliver`` (bool); wetlands that
        are protected whole are left out, slivers are not, so that sums can be checked.
    """
    shapes = wetland.geometry.to_numpy()
    held = intersections(shapes, dissolve(protected))
    wetland_ha = _hectares(shapes)
    protected_ha = np.bincount(held.left, held.area_ha, minlength=len(shapes))
    open_ha = (wetland_ha - protected_ha).clip(min=0.0)
    table = pd.DataFrame(
        {
            "wetland_ha": wetland_ha,
            "protected_ha": protected_ha,
            "unprotected_ha": open_ha,
            "sliver": open_ha < sliver_m2 / M2_PER_HA,
        },
        index=wetland.index,
    )
    listed = table[table["unprotected_ha"] > 0]
    return listed.sort_values("unprotected_ha", ascending=False, kind="stable")


def wetland_pieces(wetland: Shapes, protected: Shapes, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut wetland by zone, and each piece into its protected and unprotected part.

    Returns
    -------
    pandas.DataFrame
        ``wetland`` (position), ``zone``, ``protected`` (bool), ``area_ha``, ``perimeter_m``.
    """
    by_zone = intersections(wetland, zones.geometry.to_numpy())
    held = intersections(by_zone.shapes, dissolve(protected))
    whole = pd.DataFrame(
        {
            "wetland": by_zone.left,
            "zone": zones["zone"].to_numpy()[by_zone.right],
            "area_ha": by_zone.area_ha,
            "perimeter_m": shapely.length(by_zone.shapes),
        }
    )
    inside = whole.iloc[held.left].assign(
        area_ha=held.area_ha, perimeter_m=shapely.length(held.shapes)
    )
    inside_ha = np.bincount(held.left, held.area_ha, minlength=len(whole))
    outside = whole.assign(area_ha=(whole["area_ha"] - inside_ha).clip(lower=0))
    return pd.concat(
        [inside.assign(protected=True), outside.assign(protected=False)], ignore_index=True
    )


def protection_rates(
    pieces: pd.DataFrame,
    wetland: pd.DataFrame,
    zones: Sequence[str],
    errors: ErrorModel,
    *,
    headline: str,
) -> pd.DataFrame:
    """Return the rates by every definition of wetland, all of it and the natural part.

    Parameters
    ----------
    pieces
        Of :func:`wetland_pieces`.
    wetland
        One row per polygon: ``natural`` (bool), and a column of bool for each definition
        (``W_law``, ``W_3d``, ``W_2nd``).
    headline
        The definition whose rates have the plain names.

    Returns
    -------
    pandas.DataFrame
        INDICATORS rows; a zone without such wetland has no rate.
    """
    rows = []
    for rule in [column for column in wetland if column != "natural"]:
        for indicator, chosen in (
            ("wetland_protection_rate", wetland[rule]),
            ("natural_wetland_protection_rate", wetland[rule] & wetland["natural"]),
        ):
            name, _ = variant(indicator, str(rule), headline)
            counted = pieces[chosen.to_numpy(dtype=bool)[pieces["wetland"]]]
            rows.append(protected_share(counted, zones, errors, indicator=name, rule=str(rule)))
    return pd.concat(rows)


def _union(shapes: Sequence[object] | Shapes) -> shapely.Geometry:
    return shapely.union_all(np.asarray(shapes, dtype=object))


def _hectares(shapes: Sequence[object] | Shapes) -> NDArray[np.float64]:
    return np.asarray(shapely.area(np.asarray(shapes, dtype=object)) / M2_PER_HA)
