"""Polygons of one layer that cover each other, and the gaps that they leave, in hectares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sinks.errors import Finding, Reaction
from sinks.zones.overlay import polygon_ha

_TOLERATED = 1e-4  # share of the area that may be counted twice
_LISTED = 10
_PAIRS = 100_000  # intersected at a time
_SLIVER_HA = 1e-6  # an overlap below 100 cm2 is rounding of coordinates


@dataclass(frozen=True, kw_only=True)
class Overlaps:
    """What polygons share with earlier ones of the layer.

    ``pairs`` names an earlier and a later feature and their hectares in common;
    ``shared`` is indexed by later feature and holds what it has in common with any earlier
    one; ``double_ha`` is the area that a sum over the layer counts more than once.
    """

    pairs: tuple[tuple[int, int, float], ...]
    copies: tuple[tuple[int, int], ...]
    shared: gpd.GeoSeries
    double_ha: float


def find(frame: gpd.GeoDataFrame) -> Overlaps:
    """Find the polygons that overlap; ``frame`` holds valid polygons with a CRS."""
    shapes, ids = frame.geometry.to_numpy(), frame.index.to_numpy()
    early, late, common = _pieces(shapes)
    piece_ha = _hectares(common, frame)
    real = piece_ha > _SLIVER_HA
    table = pd.DataFrame({"early": early, "late": late, "ha": piece_ha})[real]
    table = table.groupby(["early", "late"], as_index=False).sum()
    same = shapely.equals(shapes[table["early"]], shapes[table["late"]])
    shared = _shared(common[real], late[real], frame)
    return Overlaps(
        pairs=tuple((int(ids[a]), int(ids[b]), ha) for a, b, ha in table.itertuples(index=False)),
        copies=tuple(
            (int(ids[a]), int(ids[b])) for a, b, _ in table[same].itertuples(index=False)
        ),
        shared=shared,
        double_ha=float(_hectares(shared.to_numpy(), frame).sum()),
    )


def _pieces(
    shapes: NDArray[np.object_],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.object_]]:
    """Return what pairs of polygons share: position of the earlier, of the later, the shape."""
    late, early = shapely.STRtree(shapes).query(shapes)
    late, early = late[early < late], early[early < late]
    kept, pieces = [np.zeros(0, dtype=np.intp)], [np.zeros(0, dtype=object)]
    for start in range(0, len(late), _PAIRS):  # neighbours mostly share a line: soon forgotten
        end = start + _PAIRS
        common = shapely.intersection(shapes[early[start:end]], shapes[late[start:end]])
        solid = np.flatnonzero(shapely.area(common) > 0)
        kept.append(start + solid)
        pieces.append(polygons_only(common[solid]))
    chosen = np.concatenate(kept)
    return early[chosen], late[chosen], np.concatenate(pieces)


def _shared(
    common: NDArray[np.object_], late: NDArray[np.intp], frame: gpd.GeoDataFrame
) -> gpd.GeoSeries:
    """Unite what each later feature has in common with earlier ones."""
    order = np.argsort(late, kind="stable")
    later, starts = np.unique(late[order], return_index=True)
    groups = np.split(common[order], starts[1:]) if len(later) else []
    united = [shapely.union_all(group) for group in groups]
    return gpd.GeoSeries(united, index=frame.index[later], crs=frame.crs)


def overlap_findings(found: Overlaps, *, area_ha: float, summed: bool) -> list[Finding]:
    """Return ``V10`` for copies and ``V11`` for overlaps.

    They stop a run only if areas of the layer are summed and more than 0.01 % counts twice.
    """
    if not found.pairs:
        return []
    stop = summed and found.double_ha > _TOLERATED * area_ha
    reaction = Reaction.REFUSE if stop else Reaction.NOTE
    copies = set(found.copies)
    others = [pair for pair in found.pairs if pair[:2] not in copies]
    out = []
    if copies:
        shown = [f"{a} = {b}" for a, b in found.copies[:_LISTED]]
        facts: dict[str, object] = {"count": len(copies), "ids": shown}
        out.append(Finding(code="V10", facts=facts, reaction_override=reaction))
    if others:
        facts = _overlap_facts(others, found.double_ha, area_ha)
        place = f"FID {others[0][0]}, {others[0][1]}"
        out.append(Finding(code="V11", place=place, facts=facts, reaction_override=reaction))
    return out


def without_overlaps(
    frame: gpd.GeoDataFrame, found: Overlaps, *, area_ha: float
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Give what overlaps to the feature that comes first; features wholly covered go."""
    late = found.shared.index
    rest = shapely.difference(frame.loc[late].geometry.to_numpy(), found.shared.to_numpy())
    result = frame.copy()
    result.loc[late, "geometry"] = gpd.GeoSeries(polygons_only(rest), index=late, crs=frame.crs)
    facts = _overlap_facts(list(found.pairs), found.double_ha, area_ha)
    finding = Finding(code="V50", facts=facts)
    return result[~result.geometry.is_empty], [finding]


def gap_findings(frame: gpd.GeoDataFrame) -> list[Finding]:
    """Return ``V12`` for the holes that polygons leave between them."""
    whole = shapely.union_all(frame.geometry.to_numpy())
    rings = [ring for part in shapely.get_parts(whole) for ring in part.interiors]
    if not rings:
        return []
    gaps = shapely.polygons(rings)
    gap_ha = _hectares(gaps, frame)
    largest = int(np.argmax(gap_ha))
    middle = gaps[largest].representative_point()
    facts = {
        "count": len(gaps),
        "gap_ha": float(gap_ha.sum()),
        "largest_ha": float(gap_ha[largest]),
        "where": f"{middle.x:.6g} {middle.y:.6g}",
    }
    return [Finding(code="V12", facts=facts)]


def polygons_only(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Drop the lines and points that an operation on polygons may leave behind."""
    return np.array([_polygonal(shape) for shape in shapes], dtype=object)


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    if isinstance(shape, (shapely.Polygon, shapely.MultiPolygon)):
        return shape
    return shapely.MultiPolygon(list(_flat_parts(shape)))


def _flat_parts(shape: shapely.Geometry) -> Iterator[shapely.Polygon]:
    for part in shapely.get_parts(shape):
        if isinstance(part, shapely.Polygon):
            yield part
        elif isinstance(part, shapely.MultiPolygon):
            yield from shapely.get_parts(part)


def _hectares(shapes: NDArray[np.object_], like: gpd.GeoDataFrame) -> NDArray[np.float64]:
    if not len(shapes):
        return np.zeros(0)
    frame = gpd.GeoDataFrame(geometry=shapes, crs=like.crs)
    return np.asarray(polygon_ha(frame), dtype=float)


def _overlap_facts(
    pairs: list[tuple[int, int, float]], double_ha: float, area_ha: float
) -> dict[str, object]:
    largest = sorted(pairs, key=lambda pair: -pair[2])[:_LISTED]
    return {
        "count": len(pairs),
        "overlap_ha": double_ha,
        "overlap_pct": 100 * double_ha / area_ha if area_ha else 100.0,
        "ids": [f"{a} ∩ {b}: {ha:,.4f} ha" for a, b, ha in largest],
    }
