"""Small layers for tests of indicators: shapes in kilometres from a corner, areas exact."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
import shapely.affinity

from tests.scenes import EQUAL_AREA, NORTH, WEST

ZONES = {"west": (0, 0, 2, 4), "east": (2, 0, 4, 4), "whole": (0, 0, 4, 4)}


def km(shape):
    """Place a shape that was drawn in kilometres, x to the east and y to the north."""
    return shapely.affinity.affine_transform(shape, [1000, 0, 0, 1000, WEST, NORTH])


def box(west, south, east, north):
    """Return a rectangle given in kilometres: 1 x 1 is 100 ha exactly."""
    return km(shapely.box(west, south, east, north))


def line(*points):
    """Return a line through points given in kilometres."""
    return km(shapely.LineString(points))


def layer(shapes, **columns):
    """Return a layer of shapes in EQUAL_AREA with columns of attributes."""
    return gpd.GeoDataFrame(geometry=list(shapes), crs=EQUAL_AREA).assign(**columns)


def zones(boxes=None):
    """Return zones: the west and the east half of 1,600 ha, and the whole, if not said else."""
    boxes = ZONES if boxes is None else boxes
    return layer([box(*sides) for sides in boxes.values()], zone=list(boxes))


def shapes(*geometries):
    """Return an array of shapes."""
    return np.array(geometries, dtype=object)
