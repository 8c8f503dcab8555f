"""Zones placed on a grid: their outlines in pixels, and the areas that outlines alone give.

These areas are found without looking at a pixel. Tabulation must come to the same ones, and
is checked against them on every run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertCylindricalEqualAreaConversion

from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.units import M2_PER_HA
from sinks.zones.outlines import (
    Outlines,
    Rings,
    Shapes,
    moved_shapes,
    outlines_of,
    polygon_parts,
    straightened,
)
from sinks.zones.zones import Zones

STRAY_PX = 1e-3  # how far an edge may be off after the zones came to the CRS of the raster
STRAY_M = 0.01  # and in the plane where areas are measured

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PlacedZones:
    """Zones in pixels of a grid; every array has one number per zone.

    ``zone_ha`` is the area on the ellipsoid of the grid, ``outside_ha`` the part of it beyond
    the raster, ``inside_px`` the plane area within the raster in pixels, ``edge_px`` the
    length of the outline in pixels.
    """

    ids: list[str]
    rings: Rings
    zone_ha: Floats
    outside_ha: Floats
    inside_px: Floats
    edge_px: Floats


def placed(zones: Zones, grid: Grid) -> PlacedZones:
    """Place zones on a grid.

    Raises
    ------
    InputRefused
        ``Z05`` if the CRS of the raster cannot show the place where a zone lies.
    """
    ids = [str(zone) for zone in zones.frame["zone"].to_numpy(dtype=object)]
    ground = _ground(grid)
    shapes = _straight(zones, grid, ground)
    outlines = outlines_of(shapes)
    on_grid = outlines.moved(zones.crs, grid.crs)
    pixels = _in_pixels(on_grid, grid)
    _require_shown(pixels, ids, grid)
    zone_ha = outlines.moved(zones.crs, ground).areas() / M2_PER_HA
    whole_px = pixels.areas()
    outside_ha, outside_px = _beyond(shapes, zones.crs, grid, pixels, (zone_ha, whole_px))
    return PlacedZones(
        ids=ids,
        rings=_rings(pixels),
        zone_ha=zone_ha,
        outside_ha=outside_ha,
        inside_px=whole_px - outside_px,
        edge_px=pixels.lengths(),
    )


def straight_on(shapes: Shapes, crs: CRS, grid: Grid) -> Shapes:
    """Cut edges so that they run on ``grid`` where they run in ``crs``, to ``STRAY_PX``."""
    stray = STRAY_PX * grid.transform.a, STRAY_PX * -grid.transform.e
    return straightened(shapes, crs, grid.crs, stray=stray)


def rings_on(shapes: Shapes, crs: CRS, grid: Grid, *, ids: list[str]) -> Rings:
    """Return the outlines of shapes in pixels of a grid; edges were cut by :func:`straight_on`.

    Raises
    ------
    InputRefused
        ``Z05`` if the CRS of the raster cannot show the place where a shape lies.
    """
    pixels = _in_pixels(outlines_of(shapes).moved(crs, grid.crs), grid)
    _require_shown(pixels, ids, grid)
    return _rings(pixels)


def _ground(grid: Grid) -> CRS:
    """Return an equal-area plane on the ellipsoid of the grid, true at its middle."""
    west, south, east, north = grid.bounds
    geodetic = grid.crs.geodetic_crs
    to_lonlat = Transformer.from_crs(grid.crs, geodetic, always_xy=True)
    lon, lat = to_lonlat.transform((west + east) / 2, (south + north) / 2)
    conversion = LambertCylindricalEqualAreaConversion(
        latitude_first_parallel=round(lat), longitude_natural_origin=round(lon)
    )
    return ProjectedCRS(conversion=conversion, geodetic_crs=geodetic)


def _straight(zones: Zones, grid: Grid, ground: CRS) -> Shapes:
    """Cut the edges of zones for both moves: to the grid, and to the plane."""
    shapes = straight_on(zones.frame.geometry.to_numpy(), zones.crs, grid)
    return straightened(shapes, zones.crs, ground, stray=(STRAY_M, STRAY_M))


def _require_shown(outlines: Outlines, ids: list[str], grid: Grid) -> None:
    lost = np.flatnonzero(~np.isfinite(outlines.bounds).all(axis=1))
    if len(lost):
        shown = [ids[i] for i in lost[:10]]
        raise InputRefused.because("Z05", ids=shown, count=len(lost), crs=grid.crs.name)


def _in_pixels(outlines: Outlines, grid: Grid) -> Outlines:
    to = grid.transform
    points = (outlines.points - (to.c, to.f)) / (to.a, to.e)
    return replace(outlines, points=np.ascontiguousarray(points))


def _rings(pixels: Outlines) -> Rings:
    turns_left = pixels.ring_areas < 0  # y runs down: on its left it goes down
    return Rings(
        points=pixels.points,
        ring_points=pixels.ring_points,
        zone_rings=pixels.owner_rings,
        sign=np.where(turns_left != pixels.hole, 1.0, -1.0),
        bounds=pixels.bounds,
    )


def _beyond(
    shapes: Shapes, crs: CRS, grid: Grid, pixels: Outlines, whole: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Return hectares and pixels of each zone that lie beyond the raster."""
    rows, cols = grid.shape
    left, top, right, bottom = pixels.bounds.T
    apart = (right <= 0) | (bottom <= 0) | (left >= cols) | (top >= rows)
    across = ~apart & ((left < 0) | (top < 0) | (right > cols) | (bottom > rows))
    outside_ha, outside_px = (np.where(apart, size, 0.0) for size in whole)
    if across.any():
        inside = shapely.box(*grid.bounds)
        rest = shapely.difference(moved_shapes(shapes[across], crs, grid.crs), inside)
        outside_ha[across] = _areas_ha(rest, grid)
        outside_px[across] = shapely.area(rest) / abs(grid.transform.a * grid.transform.e)
    return outside_ha, outside_px


def _areas_ha(shapes: Shapes, grid: Grid) -> Floats:
    """Hectares of shapes in the CRS of the grid, empty ones among them."""
    owner, parts = polygon_parts(shapes)
    if not len(parts):
        return np.zeros(len(shapes))
    ground = _ground(grid)
    parts = straightened(parts, grid.crs, ground, stray=(STRAY_M, STRAY_M))
    part_ha = outlines_of(parts).moved(grid.crs, ground).areas() / M2_PER_HA
    return np.asarray(np.bincount(owner, part_ha, minlength=len(shapes)), dtype=float)
