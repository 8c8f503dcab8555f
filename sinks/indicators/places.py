"""Places counted once: of polygons that cover each other, each place belongs to the first."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely import STRtree

from sinks.zones.outlines import Shapes
from sinks.zones.overlay import intersections


def counted_once(shapes: Shapes) -> Shapes:
    """Return of each polygon what none before it covers; some may be empty.

    Together they cover what ``shapes`` cover, and no place twice.

    >>> left, right = shapely.box(0, 0, 2, 1), shapely.box(1, 0, 4, 1)
    >>> [float(shape.area) for shape in counted_once(np.array([left, right]))]
    [2.0, 2.0]
    """
    late, early = STRtree(shapes).query(shapes, predicate="intersects")
    behind = early < late
    covering = pd.Series(early[behind]).groupby(late[behind])
    rest = shapes.copy()
    for number, before in covering:
        rest[number] = shapely.difference(shapes[number], shapely.union_all(shapes[before]))
    return rest


def pieces_by_zone(shapes: Shapes, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut polygons by zone.

    Parameters
    ----------
    zones
        Polygons with the column ``zone``; both in EQUAL_AREA.

    Returns
    -------
    pandas.DataFrame
        ``shape`` (position in ``shapes``), ``zone``, ``area_ha``, ``perimeter_m``.
    """
    pieces = intersections(shapes, zones.geometry.to_numpy())
    return pd.DataFrame(
        {
            "shape": pieces.left,
            "zone": zones["zone"].to_numpy()[pieces.right],
            "area_ha": pieces.area_ha,
            "perimeter_m": np.asarray(shapely.length(pieces.shapes)),
        }
    )
