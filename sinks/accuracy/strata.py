"""Strata: the population a sample is drawn from, counted in one pass over the map.

The population is the pixels that have a class (at both dates, if there are two) and whose
centre lies in the district. A stratum is a map class, a group of classes, or with two dates
a group of transitions from class to class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sinks.accuracy.designs import WHOLE, stratum_lookup
from sinks.blocks import map_in_order, windows
from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.landcover.cover import LandCover
from sinks.zones.zones import Zones

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Edges = NDArray[np.float64]  # of an outline, in pixels

_SAME_PX = 0.01
_STRIP_ROWS = 512
_STRIP_PX = 8_000_000  # strips of a wider raster have fewer rows


@dataclass(frozen=True, kw_only=True, eq=False)
class Strata:
    """A population in strata; made by :func:`strata_of`.

    A pixel has a pair of classes, ``before * (K + 1) + after`` by their places in the legend
    (0 is no data); the last pair is everything outside the district. ``lookup`` numbers the
    stratum of each pair, -1 if it is not in the population. ``counts`` ``(strips, strata)``
    are pixels; ``composition`` is what :func:`strata_table` returns.
    """

    cover: LandCover
    after: LandCover | None
    district: Edges | None
    names: tuple[str, ...]
    lookup: NDArray[np.int16]
    counts: Ints
    composition: pd.DataFrame
    findings: tuple[Finding, ...] = ()

    @property
    def grid(self) -> Grid:
        """The grid of the map."""
        return self.cover.grid

    @property
    def strips(self) -> list[Window]:
        """The strips that the map is read in, in the order of ``counts``."""
        return _strips(self.grid.shape)

    @cached_property
    def population_px(self) -> pd.Series:
        """Pixels per stratum."""
        index = pd.Index(self.names, name="stratum", dtype=object)
        return pd.Series(self.counts.sum(axis=0), index=index, name="population_px")

    @cached_property
    def before(self) -> Ints:
        """Pixels of each stratum before each strip, in reading order."""
        return np.asarray(np.cumsum(self.counts, axis=0) - self.counts)

    def pairs(self, strip: Window) -> NDArray[np.int32]:
        """Return the pair of classes of each pixel of a strip, flat, in reading order."""
        return _pairs(self.cover, self.after, self.district, strip)

    def keys(self, pairs: Ints) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """Return the class keys of pairs, before and after."""
        keys = np.array(["", *self.cover.legend.keys], dtype=object)
        before, after = np.divmod(pairs, len(keys))
        return keys[before], keys[after]

    def whole(self) -> Strata:
        """Put all strata together into one, called ``all``."""
        return replace(
            self,
            names=(WHOLE,),
            lookup=np.minimum(self.lookup, np.int16(0)),
            counts=self.counts.sum(axis=1, keepdims=True),
            composition=self.composition.assign(stratum=WHOLE),
        )


def strata_of(
    cover: LandCover,
    after: LandCover | None = None,
    *,
    district: Zones | None = None,
    groups: Mapping[str, Sequence[str]] | None = None,
    threads: int = 1,
) -> Strata:
    """Count the pixels of every stratum of a map, or of a map of change.

    Parameters
    ----------
    after
        A later date on the same grid, with the same legend.
    district
        Polygons that bound the population together; without them it is the whole map.
    groups
        Name of a stratum to what it holds: class keys (``forest``, with two dates the pixels
        that stay so), and transitions (``forest>water``, ``forest>*``, ``*>water``, where
        ``*`` is any other class). What no group names: each class is a stratum of its own,
        all other transitions are the stratum ``change``.
    threads
        How many strips are counted at a time; the result is the same.

    Raises
    ------
    InputRefused
        ``E03`` if no pixel with a class lies in the district, ``E04`` if a group holds what
        the legend lacks or another group holds, ``R23`` for different grids, ``L03`` for
        different legends.
    """
    _require_comparable(cover, after)
    names, lookup = stratum_lookup(cover.legend.keys, groups or {}, two_dates=after is not None)
    outline = None if district is None else _edges(district, cover.grid)

    def counted(strip: Window) -> tuple[Ints, Floats]:
        pairs = _pairs(cover, after, outline, strip).reshape(strip.height, strip.width)
        return _counted(cover.grid, strip, pairs, len(lookup))

    counts, px, ha = [], np.zeros(len(lookup), np.int64), np.zeros(len(lookup))
    for strip_px, strip_ha in map_in_order(counted, _strips(cover.grid.shape), threads=threads):
        px, ha = px + strip_px, ha + strip_ha
        counts.append(np.bincount(lookup[lookup >= 0], strip_px[lookup >= 0], len(names)))
    blank_px = int(px[:-1][lookup[:-1] < 0].sum())
    if not px[lookup >= 0].any():
        raise InputRefused.because("E03", blank_px=blank_px)
    every = Strata(
        cover=cover,
        after=after,
        district=outline,
        names=names,
        lookup=lookup,
        counts=np.array(counts).astype(np.int64),
        composition=pd.DataFrame({"population_px": px, "area_ha": ha}),
    )
    found = _notes(every, groups or {}, blank_px if outline is not None else 0)
    return replace(_tidy(every), findings=tuple(found))


def strata_table(strata: Strata) -> pd.DataFrame:
    """Return what the population holds: a row for each class (or transition) of each stratum.

    Columns ``stratum``, ``map_class``, with two dates ``map_class_after``, ``population_px``,
    ``area_ha``.
    """
    table = strata.composition
    return table.drop(columns="map_class_after") if strata.after is None else table


def _strips(shape: tuple[int, int]) -> list[Window]:
    return windows(shape, int(np.clip(_STRIP_PX // shape[1], 1, _STRIP_ROWS)))


def _pairs(
    cover: LandCover, after: LandCover | None, outline: Edges | None, strip: Window
) -> NDArray[np.int32]:
    keys = len(cover.legend.classes) + 1
    inside = None if outline is None else _inside(outline, strip)
    if inside is not None and not inside.any():
        return np.full(inside.size, keys**2, dtype=np.int32)
    place = np.zeros(256, dtype=np.int32)
    for number, land_class in enumerate(cover.legend.classes, start=1):
        place[land_class.code] = number
    first = place[cover.read(strip)]
    pairs = first * keys + (first if after is None else place[after.read(strip)])
    if inside is not None:
        pairs[~inside] = keys**2
    return np.asarray(pairs.ravel())


def _edges(district: Zones, grid: Grid) -> Edges:
    """Return the edges of the district in pixels: column and row of start and end, ``(n, 4)``."""
    shapes = district.to_crs(grid.crs).frame.geometry.to_numpy()
    rings = shapely.get_rings(shapely.get_parts(shapely.union_all(shapely.make_valid(shapes))))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    corners = np.column_stack(~grid.transform @ tuple(points.T))
    edges = np.hstack([corners[:-1], corners[1:]])
    return np.asarray(edges[ring[1:] == ring[:-1]])


def _inside(edges: Edges, strip: Window) -> NDArray[np.bool_]:
    """Whether the centre of each pixel lies in the outline: the parity of the edges before it.

    Places are counted from the corner of the raster, so that the answer does not depend on
    the strip.
    """
    start, stop = np.sort(
        np.ceil(edges[:, [1, 3]] - 0.5).clip(strip.row, strip.row + strip.height)
    ).T
    count = (stop - start).astype(np.int64)  # rows whose middle an edge crosses
    edge = np.repeat(np.arange(len(edges)), count)
    row = start[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    x, y, x_end, y_end = edges[edge].T
    crossed = x + (row + 0.5 - y) * (x_end - x) / (y_end - y)
    first = np.ceil(crossed - 0.5 - strip.col).clip(0, strip.width).astype(np.int64)
    turns = np.zeros((strip.height, strip.width + 1), dtype=np.uint8)
    np.add.at(turns, (row.astype(np.int64) - strip.row, first), 1)
    return np.asarray(np.cumsum(turns[:, :-1], axis=1, dtype=np.uint8) % 2 == 1)


def _counted(
    grid: Grid, strip: Window, pairs: NDArray[np.int32], count: int
) -> tuple[Ints, Floats]:
    """Count pixels and hectares by pair, patch by patch of one pixel size."""
    areas = grid.pixel_areas(strip.row, strip.height)
    px, ha = np.zeros(count, np.int64), np.zeros(count)
    for (band, segment), pixel_ha in np.ndenumerate(areas.ha):
        rows = slice(band * areas.band_rows, (band + 1) * areas.band_rows)
        cols = slice(segment * areas.segment_cols, (segment + 1) * areas.segment_cols)
        here = np.bincount(pairs[rows, cols].ravel(), minlength=count)
        px, ha = px + here, ha + here * pixel_ha
    return px, ha


def _tidy(strata: Strata) -> Strata:
    """Name what the composition counts, and leave out strata without pixels."""
    before, after = strata.keys(np.arange(len(strata.lookup) - 1))
    table = strata.composition.iloc[:-1].assign(
        number=strata.lookup[:-1], map_class=before, map_class_after=after
    )
    table = table[(table["number"] >= 0) & (table["population_px"] > 0)]
    table = table.sort_values("number", kind="stable")
    names = np.array(strata.names, dtype=object)
    columns = ["stratum", "map_class", "map_class_after", "population_px", "area_ha"]
    kept = strata.counts.sum(axis=0) > 0
    renumbered = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
    return replace(
        strata,
        names=tuple(names[kept]),
        lookup=renumbered[strata.lookup].astype(np.int16),
        counts=strata.counts[:, kept],
        composition=table.assign(stratum=names[table["number"]])[columns].reset_index(drop=True),
    )


def _notes(strata: Strata, groups: Mapping[str, object], blank_px: int) -> Iterator[Finding]:
    there = strata.population_px
    if blank_px:
        yield Finding(code="E06", facts={"blank_px": blank_px, "pixels": int(there.sum())})
    if empty := [name for name in groups if not there[name].sum()]:
        yield Finding(code="E07", facts={"strata": empty})


def _require_comparable(cover: LandCover, after: LandCover | None) -> None:
    if after is None:
        return
    a, b = cover.grid, after.grid
    apart = np.abs(np.subtract(a.bounds, b.bounds)).max() / a.transform.a
    if a.shape != b.shape or not a.aligned_with(b) or apart > _SAME_PX:
        here, there = (f"{g.shape[1]} x {g.shape[0]} px, {g.crs.name}" for g in (a, b))
        raise InputRefused.because("R23", differences=[f"{there} ({here})"])
    if cover.legend != after.legend:
        raise InputRefused.because("L03", before=cover.legend.name, after=after.legend.name)
