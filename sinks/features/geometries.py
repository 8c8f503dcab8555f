"""Geometries of a layer: built, judged, repaired where the study says so, and listed.

Areas of polygons that cross themselves cancel out without a word, so nothing invalid gets
past here. What is repaired is listed with the hectares before and after.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from sinks.errors import Finding, Reaction
from sinks.features.layers import RawLayer
from sinks.features.overlaps import polygons_only
from sinks.gate.coordinates import Box, fitting
from sinks.zones.overlay import polygon_ha

Kind = Literal["polygon", "line", "point", "any"]
_TYPES = {"polygon": (3, 6), "line": (1, 2, 5), "point": (0, 4), "any": (0, 1, 2, 3, 4, 5, 6)}
_NAMES = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString",
          "MultiPolygon", "GeometryCollection")  # fmt: skip
_WRONG_RINGS = ("hole", "nested", "disconnected")
_BROKEN_RINGS = ("too few points", "closed", "collapse")
_AREA_FIELDS = ("面积", "area", "mj", "tbmj", "亩", "公顷")
_MOST_OF_FEATURE, _MOST_OF_LAYER = 0.01, 0.001  # area that a repair may change
_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometryFault:
    """What is wrong with the geometry of one feature, and where."""

    code: str
    feature: int
    reason: str


def build(raw: RawLayer) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Build the geometries in two dimensions; put features without geometry aside.

    Returns
    -------
    tuple
        The frame, indexed by feature id, without CRS; findings ``V06`` (not finite),
        ``V09`` (rings that are none), ``V13`` and ``V14`` (none or empty), ``V29``
        (unreadable) and ``V47`` (heights were left out).
    """
    found: list[Finding] = []
    with np.errstate(invalid="ignore"):  # NaN is looked for below
        shapes = shapely.from_wkb(raw.wkb, on_invalid="ignore")
    given = np.array([each is not None for each in raw.wkb], dtype=bool)
    unbuilt = given & shapely.is_missing(shapes)
    found += _listed("V09", raw.ids[unbuilt], reason="ring")
    if raw.lost:
        found.append(Finding(code="V29", facts={"count": raw.lost}))
    found += _listed("V47", raw.ids[shapely.has_z(shapes)])
    shapes = shapely.force_2d(shapes)
    found += _listed("V06", _not_finite(shapes, raw.ids), bounds="NaN / ∞")
    empty = given & ~unbuilt & shapely.is_empty(shapes)
    found += _without_geometry("V13", raw, ~given) + _without_geometry("V14", raw, empty)
    frame = gpd.GeoDataFrame(raw.columns, geometry=shapes)
    return frame[given & ~unbuilt & ~empty], found


def types(frame: gpd.GeoDataFrame) -> dict[str, int]:
    """Count the features of each geometry type."""
    ids, counts = np.unique(shapely.get_type_id(frame.geometry.to_numpy()), return_counts=True)
    return {_NAMES[i]: int(n) for i, n in zip(ids, counts, strict=True) if i >= 0}


def type_findings(frame: gpd.GeoDataFrame, wanted: Kind) -> list[Finding]:
    """Return ``V24`` for features of another type than wanted, counted by type."""
    type_ids = shapely.get_type_id(frame.geometry.to_numpy())
    other = ~np.isin(type_ids, _TYPES[wanted])
    if not other.any():
        return []
    ids = frame.index.to_numpy()
    shown = [
        f"{_NAMES[t]} × {int((type_ids[other] == t).sum())} ({_first(ids[type_ids == t])})"
        for t in np.unique(type_ids[other])
    ]
    return [Finding(code="V24", facts={"ids": shown, "count": int(other.sum())})]


def outliers(frame: gpd.GeoDataFrame) -> list[Finding]:
    """Return ``V06`` if some features lie where their CRS cannot reach, and others do not."""
    west, south, east, north = frame.bounds.to_numpy().T
    crs = CRS(frame.crs)
    inside = fitting(crs, west, south) & fitting(crs, east, north)
    if inside.all() or not inside.any():
        return []
    ids = frame.index.to_numpy()[~inside]
    first = Box(*frame.bounds.to_numpy()[~inside][0])
    return _listed("V06", ids, bounds=[round(edge, 3) for edge in first])


def wide_findings(frame: gpd.GeoDataFrame) -> list[Finding]:
    """Return ``V31`` for shapes in degrees that go round the wrong side of the Earth."""
    if not CRS(frame.crs).is_geographic:
        return []
    bounds = frame.bounds
    return _listed("V31", frame.index.to_numpy()[(bounds.maxx - bounds.minx > 180).to_numpy()])


def faults(frame: gpd.GeoDataFrame) -> tuple[GeometryFault, ...]:
    """List the features whose geometry is not valid, with the place where it is not."""
    shapes = frame.geometry.to_numpy()
    wrong = ~shapely.is_valid(shapes)
    reasons = shapely.is_valid_reason(shapes[wrong])
    return tuple(
        GeometryFault(code=_fault_code(reason), feature=int(feature), reason=reason)
        for feature, reason in zip(frame.index[wrong], reasons, strict=True)
    )


def fault_findings(found: Iterable[GeometryFault]) -> list[Finding]:
    """Return one finding for each kind of fault."""
    by_code: dict[str, list[GeometryFault]] = {}
    for fault in found:
        by_code.setdefault(fault.code, []).append(fault)
    return [
        finding
        for code, same in sorted(by_code.items())
        for finding in _listed(code, [f.feature for f in same], reason=same[0].reason)
    ]


def repair(
    frame: gpd.GeoDataFrame, found: Iterable[GeometryFault]
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Make faulty polygons valid; ``V40`` lists each, ``V43`` refuses what changes too much.

    A repair may change a feature by 1 % of its area and the layer by 0.1 %.
    """
    reasons = {fault.feature: fault.reason for fault in found}
    faulty = frame.loc[list(reasons)]
    fixed = shapely.make_valid(
        faulty.geometry.to_numpy(), method="structure", keep_collapsed=False
    )
    mended = faulty.set_geometry(polygons_only(fixed), crs=frame.crs)
    after_ha = polygon_ha(mended)
    before, after = (shapely.area(each.geometry.to_numpy()) for each in (faulty, mended))
    # what a program that does not look for faults would have counted
    before_ha = after_ha * np.divide(before, after, out=np.zeros_like(before), where=after > 0)
    change_ha = (after_ha - before_ha).abs()
    too_much = change_ha > _MOST_OF_FEATURE * before_ha.abs()
    result = frame.copy()
    result.loc[mended.index, "geometry"] = mended.geometry
    layer_ha = float(polygon_ha(result).sum())
    if too_much.any() or change_ha.sum() > _MOST_OF_LAYER * layer_ha:
        worst = change_ha.sort_values(ascending=False).index
        listed, code = worst[:1], "V43"
    else:
        listed, code = mended.index[:_LISTED], "V40"
    rest = mended.index.difference(listed, sort=False)
    groups = [*([i] for i in listed), *([list(rest)] if len(rest) else [])]
    return result, [
        Finding(
            code=code,
            place=f"FID {group[0]}" if len(group) == 1 else None,
            facts={
                "ids": [str(i) for i in group[:10]],
                "count": len(group),
                "reason": reasons[group[0]],
                "before_ha": float(before_ha[group].sum()),
                "after_ha": float(after_ha[group].sum()),
            },
        )
        for group in ([int(i) for i in members] for members in groups)
    ]


def _listed(code: str, ids: Iterable[int] | NDArray[np.int64], **facts: object) -> list[Finding]:
    """Return a finding that names the features, or none if there are none."""
    features = [int(i) for i in ids]
    if not features:
        return []
    facts = {"ids": [str(i) for i in features[:10]], "count": len(features), **facts}
    return [Finding(code=code, place=f"FID {features[0]}", facts=facts)]


def _not_finite(shapes: NDArray[np.object_], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    return ids[np.unique(owner[~np.isfinite(coordinates).all(axis=1)])]


def _without_geometry(code: str, raw: RawLayer, where: NDArray[np.bool_]) -> list[Finding]:
    """Refuse features that have an area in their attributes and none on the map; note others."""
    named = [c for c in raw.columns if any(word in str(c).lower() for word in _AREA_FIELDS)]
    stated = raw.columns.loc[where, named].apply(pd.to_numeric, errors="coerce").fillna(0).ne(0)
    reaction = Reaction.REFUSE if stated.to_numpy().any() else Reaction.NOTE
    found = _listed(code, raw.ids[where])
    return [replace(finding, reaction_override=reaction) for finding in found]


def _fault_code(reason: str) -> str:
    said = reason.lower()
    if any(word in said for word in _WRONG_RINGS):
        return "V08"
    return "V09" if any(word in said for word in _BROKEN_RINGS) else "V07"


def _first(ids: NDArray[np.int64]) -> str:
    return ", ".join(str(int(i)) for i in ids[:5]) + (" …" if len(ids) > 5 else "")
