"""Ground within zones of which something else is known than the map: stands, reservoirs.

Every zone is divided into grounds that do not overlap: those that polygons name, in the order
given (the first one to name a place has it), and ``rest``. Each is tabulated like a zone, and
the rest of a zone is what the zone holds less its grounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from sinks.zones.outlines import Shapes, polygon_parts
from sinks.zones.overlay import EQUAL_AREA, dissolve, intersections
from sinks.zones.zones import Zones

REST = "rest"
_MARK = "|"  # between a zone and a ground of it; no id of a study holds it
_STEP_M = 200.0  # edges are cut so long before they come into another CRS
_SLIVER_HA = 1e-9  # what is left of a class by rounding


@dataclass(frozen=True, kw_only=True, eq=False)
class Grounds:
    """The grounds of zones, in parts that are zones of their own, and where each belongs.

    ``parts`` are single polygons, or nothing if no ground meets a zone; ``of`` has the index
    ``part`` (id in ``parts``) and the columns ``zone`` and ``ground``.
    """

    parts: Zones | None
    of: pd.DataFrame

    def beside(self, zones: Zones) -> Zones:
        """Return ``zones`` and the parts in their CRS, to be tabulated together."""
        if self.parts is None:
            return zones
        frame = self.parts.frame
        shapes = frame.geometry.segmentize(_STEP_M).to_crs(zones.crs).to_numpy()
        # an edge that touched another may cross it by nanometres in another CRS
        crossed = ~shapely.is_valid(shapes)
        shapes[crossed] = [_polygons(shape) for shape in shapely.make_valid(shapes[crossed])]
        parts = frame.set_geometry(gpd.GeoSeries(shapes, crs=zones.crs))
        both = pd.concat([zones.frame, parts], ignore_index=True)
        return Zones(frame=gpd.GeoDataFrame(both, crs=zones.crs))


def grounds_of(zones: gpd.GeoDataFrame, named: Mapping[str, Shapes]) -> Grounds:
    """Cut the grounds of every zone.

    Parameters
    ----------
    zones
        Column ``zone`` and polygons in :data:`sinks.zones.overlay.EQUAL_AREA`.
    named
        Polygons of each ground in the same projection; they may overlap, within a ground
        and between grounds.
    """
    pieces = list(_cut(zones, named))
    rows = [(zone, ground) for zones_of, ground, _ in pieces for zone in zones_of]
    of = pd.DataFrame(rows, columns=["zone", "ground"], dtype=object)
    of.index = pd.Index([f"{zone}{_MARK}{n}" for n, (zone, _) in enumerate(rows)], name="part")
    if not rows:
        return Grounds(parts=None, of=of)
    frame = gpd.GeoDataFrame(
        {"zone": list(of.index), "name_zh": "", "name_en": "", "kind": "other"},
        geometry=np.concatenate([shapes for _, _, shapes in pieces]),
        crs=EQUAL_AREA,
    )
    return Grounds(parts=Zones(frame=frame), of=of)


def by_ground(table: pd.DataFrame, grounds: Grounds) -> pd.DataFrame:
    """Divide AREAS or TRANSITIONS of zones and their parts by ground.

    Parameters
    ----------
    table
        Index ``zone`` and others; ``area_ha``; holds every zone and every part.

    Returns
    -------
    pandas.DataFrame
        Index ``zone``, ``ground`` and the others; ``area_ha``, larger than nothing. The
        grounds of a zone add up to it.
    """
    flat = table[["area_ha"]].reset_index()
    is_part = flat["zone"].isin(grounds.of.index)
    parts = flat[is_part].assign(
        ground=flat.loc[is_part, "zone"].map(grounds.of["ground"]),
        zone=flat.loc[is_part, "zone"].map(grounds.of["zone"]),
    )
    whole = flat[~is_part]
    levels = ["zone", "ground", *[name for name in table.index.names if name != "zone"]]
    taken = parts.assign(ground=REST, area_ha=-parts["area_ha"])
    rows = pd.concat([whole.assign(ground=REST), taken, parts], ignore_index=True)
    divided = rows.groupby(levels, sort=False, observed=True)[["area_ha"]].sum()
    return divided[divided["area_ha"] > _SLIVER_HA]


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[np.isin(shapely.get_type_id(parts), (3, 6))])


def _cut(
    zones: gpd.GeoDataFrame, named: Mapping[str, Shapes]
) -> Iterator[tuple[NDArray[np.object_], str, Shapes]]:
    """Yield zones, ground and shapes of the pieces of each ground."""
    taken: list[Shapes] = []
    ids = zones["zone"].to_numpy(dtype=object)
    for ground, shapes in named.items():
        if not len(shapes):
            continue
        own = dissolve(np.asarray(shapes))
        for others in taken:
            own = _without(own, others)
        taken.append(own)
        pieces = intersections(own, zones.geometry.to_numpy())
        yield ids[pieces.right], ground, pieces.shapes


def _without(shapes: Shapes, others: Shapes) -> Shapes:
    """Cut ``others`` out of ``shapes``, looking only at those that meet."""
    number, other = STRtree(others).query(shapes, predicate="intersects")
    left = shapes.copy()
    for one in np.unique(number):
        left[one] = shapely.difference(
            shapes[one], shapely.union_all(others[other[number == one]])
        )
    return polygon_parts(left)[1]
