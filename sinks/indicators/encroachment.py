"""What changed inside the red line: patches of pixels whose class differs between two maps.

Pixels of one change (class before, class after) that hang together over their sides make a
patch; its area is what of it lies inside the red line. Patches below the smallest unit are
added up, not listed: at the edges of fields, two maps differ by a pixel here and there.

A patch is a place to look at, with the certainty of the two maps; it proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sinks.blocks import windows
from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import NO_DATA, LandClass, Legend
from sinks.refinement.places import SIDE, PixelArea
from sinks.units import M2_PER_HA
from sinks.zones.areas import require_one_grid
from sinks.zones.outlines import Rings
from sinks.zones.placed import placed
from sinks.zones.shares import pixel_shares, windows_over
from sinks.zones.tiles import meeting
from sinks.zones.zones import Zones

_REACHED = 0.999  # of the unit: four pixels of 10 m are 400 m2 on any projection
_USE = {"cropland": 1, "settlements": 2}  # IPCC categories by how far they are from nature
_CODES = 256

Ints = NDArray[np.int64]


class ChangedPixels(NamedTuple):
    """Pixels inside a place that have another class than before, in reading order."""

    row: Ints
    col: Ints
    change: Ints  # code before x 256 + code after
    area_ha: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Encroachments:
    """Patches of change, and what was too small to be listed.

    ``patches``: ``zone``, ``land_cover``, ``land_cover_after`` (class keys), ``area_ha``,
    ``px``, ``lon``, ``lat`` (degrees, of a pixel of the patch near its middle), ``encroaches``;
    the largest first. ``small_ha`` and ``small`` count the patches below the unit.
    """

    patches: pd.DataFrame
    small_ha: float
    small: int


def encroachments(
    before: LandCover, after: LandCover, places: Zones, *, minimum_m2: float
) -> Encroachments:
    """List the changes of class inside places, such as the areas of the red line.

    Where places overlap, a patch is listed in each.

    Raises
    ------
    InputRefused
        ``R22`` or ``R23`` if the maps lie on different grids, ``L03`` if their legends differ,
        ``Z05`` if a place cannot be shown in the CRS of the maps.
    """
    require_one_grid(before.grid, after.grid)
    if before.legend != after.legend:
        raise InputRefused.because("L03", before=before.legend.name, after=after.legend.name)
    placed_zones = placed(places, before.grid)
    tables = [
        _patches(_changed(before, after, placed_zones.rings, number), before).assign(zone=zone)
        for number, zone in enumerate(placed_zones.ids)
    ]
    table = pd.concat(tables, ignore_index=True)
    small = table["area_ha"] * M2_PER_HA < _REACHED * minimum_m2
    columns = [
        "zone",
        "land_cover",
        "land_cover_after",
        "area_ha",
        "px",
        "lon",
        "lat",
        "encroaches",
    ]
    listed = table.loc[~small, columns].sort_values(
        ["area_ha", "zone", "lat", "lon"], ascending=[False, True, False, True]
    )
    return Encroachments(
        patches=listed.reset_index(drop=True),
        small_ha=float(table.loc[small, "area_ha"].sum()),
        small=int(small.sum()),
    )


def encroaches(before: LandClass, after: LandClass) -> bool:
    """Whether a change takes land from nature.

    It does if land comes into more intense use (nature, cropland, settlement, in this order),
    if natural wetland is none any more, or if trees make room for what is no natural wetland.
    """
    harder = _USE.get(after.ipcc, 0) > _USE.get(before.ipcc, 0)
    drained = before.natural and not after.natural
    felled = before.tree and not (after.tree or after.natural)
    return harder or drained or felled


def patch_numbers(pixels: ChangedPixels) -> NDArray[np.int32]:
    """Give every changed pixel the number of its patch: one change, joined over sides.

    >>> three = ChangedPixels(np.array([0, 0, 1]), np.array([0, 1, 2]), np.ones(3), np.ones(3))
    >>> patch_numbers(three)
    array([0, 0, 1], dtype=int32)
    """
    if not len(pixels.row):
        return np.zeros(0, dtype=np.int32)
    across = int(pixels.col.max()) + 2  # a column that stays empty parts the rows
    keys = pixels.row * across + pixels.col
    pairs = []
    for step in (1, across):
        at = np.minimum(np.searchsorted(keys, keys + step), len(keys) - 1)
        joined = (keys[at] == keys + step) & (pixels.change[at] == pixels.change)
        pairs.append(np.stack([np.flatnonzero(joined), at[joined]]))
    one, other = np.concatenate(pairs, axis=1)
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(keys), len(keys)))
    return np.asarray(connected_components(graph, directed=False)[1])


def _changed(before: LandCover, after: LandCover, rings: Rings, place: int) -> ChangedPixels:
    """Collect the changed pixels of one place, tile by tile; only these are kept."""
    grid, area, bounds = before.grid, PixelArea(before.grid), rings.bounds[place]
    nothing = np.zeros(0, dtype=np.int64)
    found = [ChangedPixels(nothing, nothing, nothing, np.zeros(0))]
    for tile in windows(grid.shape, SIDE, SIDE):
        if not len(meeting(bounds[np.newaxis], tile)):
            continue
        pixel_ha = area.pixels(tile) * area.unit_ha
        for window in windows_over(bounds, tile):
            was, now = (cover.read(window).astype(np.int64) for cover in (before, after))
            share = pixel_shares(rings, place, window)
            hit = (was != now) & (was != NO_DATA) & (now != NO_DATA) & (share > 0)
            row, col = np.nonzero(hit)
            down, right = window.row - tile.row, window.col - tile.col
            area_ha = share[hit] * pixel_ha[row + down, col + right]
            change = was[hit] * _CODES + now[hit]
            found.append(ChangedPixels(row + window.row, col + window.col, change, area_ha))
    row, col, change, area_ha = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort([col, row])
    return ChangedPixels(row[order], col[order], change[order], area_ha[order])


def _patches(pixels: ChangedPixels, cover: LandCover) -> pd.DataFrame:
    frame = pd.DataFrame({**pixels._asdict(), "patch": patch_numbers(pixels)})
    groups = frame.groupby("patch")
    middle = groups[["row", "col"]].transform("mean")
    away = (frame["row"] - middle["row"]) ** 2 + (frame["col"] - middle["col"]) ** 2
    nearest = frame.loc[away.groupby(frame["patch"]).idxmin()]
    lon, lat = _lonlat(cover.grid, nearest["row"].to_numpy(), nearest["col"].to_numpy())
    table = _classes(nearest["change"].to_numpy(), cover.legend)
    return table.assign(
        area_ha=groups["area_ha"].sum().to_numpy(), px=groups.size().to_numpy(), lon=lon, lat=lat
    )


def _classes(change: Ints, legend: Legend) -> pd.DataFrame:
    pairs = [(legend.by_code[c // _CODES], legend.by_code[c % _CODES]) for c in change.tolist()]
    return pd.DataFrame(
        {
            "land_cover": [was.key for was, _ in pairs],
            "land_cover_after": [now.key for _, now in pairs],
            "encroaches": np.array([encroaches(was, now) for was, now in pairs], dtype=bool),
        }
    )


def _lonlat(grid: Grid, row: Ints, col: Ints) -> tuple[NDArray[np.float64], ...]:
    x = grid.transform.c + (col + 0.5) * grid.transform.a
    y = grid.transform.f + (row + 0.5) * grid.transform.e
    to_lonlat = Transformer.from_crs(grid.crs, grid.crs.geodetic_crs, always_xy=True)
    return tuple(np.asarray(values, dtype=float) for values in to_lonlat.transform(x, y))
