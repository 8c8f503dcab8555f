"""The minimum mapping unit: patches that are too small become part of what surrounds them.

A patch is a set of pixels of one class that hang together over their sides (or over corners
too). A patch whose area on the ellipsoid is below the unit takes the class with which it shares
the longest border, the smallest first (:mod:`sinks.refinement.absorption`). No data never
changes and never spreads; classes that are kept, such as rivers, lose no pixel, but may gain.

Patches are followed over the borders of windows, so the outcome is that of the whole map at
once. One pass over the pixels finds what every patch becomes; a byte for every patch of a tile
of 512 x 512 pixels is kept, and the map is recoded when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.blocks import map_in_order, parts_of, windows
from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.landcover.cover import CodeBlocks, LandCover
from sinks.landcover.legend import NO_DATA, Legend
from sinks.refinement.absorption import CODES, absorbed
from sinks.refinement.patch_graph import Ints, PatchGraph
from sinks.refinement.places import SIDE, PixelArea
from sinks.refinement.tile_patches import (
    PatchRule,
    TilePatches,
    label_patches,
    strip_of,
    tile_patches,
)

MOST_PATCHES = 4_000_000  # small ones that may hang together: half a gigabyte of memory

_REACHED = 0.999  # of the unit: 100 pixels of 0.01 ha are a hectare on any projection

Codes = NDArray[np.uint8]
Marks = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class MappingUnit:
    """The smallest patch that a map may show.

    ``connectivity`` 4: pixels hang together over sides; 8: over corners too. ``keep`` are keys
    of classes that lose no pixel.

    Raises
    ------
    InputRefused
        ``U07`` if the unit is not a positive number of hectares.
    """

    unit_ha: float
    connectivity: Literal[4, 8] = 4
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.unit_ha < np.inf:
            raise InputRefused.because("U07", unit_ha=self.unit_ha)


@dataclass(frozen=True, kw_only=True)
class Generalised:
    """A map after the mapping unit was applied, and what that changed.

    ``changes`` has the index ``(land_cover, land_cover_after)`` and the columns ``patches``,
    ``px`` and ``area_ha``.
    """

    cover: LandCover
    changes: pd.DataFrame


def generalised(cover: LandCover, rule: MappingUnit, *, threads: int = 1) -> Generalised:
    """Apply a mapping unit to a map.

    Parameters
    ----------
    threads
        How many tiles are looked at together; the outcome is the same.

    Returns
    -------
    Generalised
        A land cover on the same grid, recoded when it is read, with the note ``U09`` of how
        much was changed, and the table of changes. No patch of it lies below the unit, unless
        its class is kept or it shares no side with another class.

    Raises
    ------
    InputRefused
        ``U08`` if a class to be kept is not in the legend, ``U10`` if so many small patches
        hang together that the map is noise at this unit.
    """
    area = PixelArea(cover.grid)
    patch_rule = _patch_rule(cover, rule, area)
    tiles = windows(cover.grid.shape, SIDE, SIDE)
    found = map_in_order(
        lambda tile: tile_patches(cover.blocks, tile, area, patch_rule), tiles, threads=threads
    )
    outcome = _Outcome(legend=cover.legend, rule=patch_rule)
    outcome.follow(found, across=ceil(cover.grid.shape[1] / SIDE), tiles=len(tiles))
    codes = dict(zip(tiles, outcome.codes_of_tiles(), strict=True))
    recoded = RecodedPatches(source=cover.blocks, eight=patch_rule.eight, codes=codes)
    changes = outcome.changes(area.unit_ha)
    facts = {
        "unit_ha": rule.unit_ha,
        "patches": int(changes["patches"].sum()),
        "area_ha": float(changes["area_ha"].sum()),
    }
    refined = replace(
        cover,
        blocks=recoded,
        pixels=outcome.pixels_after(cover.grid.shape),
        findings=(*cover.findings, Finding(code="U09", place=str(cover.year), facts=facts)),
    )
    return Generalised(cover=refined, changes=changes)


@dataclass(frozen=True, kw_only=True, eq=False)
class RecodedPatches:
    """Codes whose small patches are recoded when they are read.

    ``codes`` holds the class of each patch of a tile by label, None where nothing changes.
    """

    source: CodeBlocks
    eight: bool
    codes: dict[Window, Codes | None] = field(repr=False)

    @property
    def grid(self) -> Grid:
        """The grid the codes lie on."""
        return self.source.grid

    def read(self, window: Window) -> Codes:
        """Return the codes of ``window``."""
        found = np.empty((window.height, window.width), dtype=np.uint8)
        for tile, here, there in parts_of(window, self.grid.shape, SIDE):
            found[here] = self._tile(tile)[there]
        return found

    def _tile(self, tile: Window) -> Codes:
        codes = np.require(self.source.read(tile), requirements=["C", "W"])
        of_patch = self.codes[tile]
        if of_patch is None:
            return codes
        labels, _ = label_patches(codes, self.eight)
        return np.where(labels < 0, np.uint8(0), of_patch[labels])


class _Outcome:
    """What becomes of every patch, tile row by tile row."""

    def __init__(self, *, legend: Legend, rule: PatchRule) -> None:
        self.legend, self.rule = legend, rule
        self.rank = np.full(CODES, CODES)
        for place, land_class in enumerate(legend.classes):
            self.rank[land_class.code] = place
        self.codes = list[Codes]()  # of the patches of each tile, by label
        self.starts = list[int]()  # the first label of each tile, counted over all tiles
        self.changed = set[int]()  # tiles
        self.px = np.zeros(CODES, dtype=np.int64)
        self.sums = np.zeros((3, CODES, CODES), dtype=np.int64)  # patches, pixels, area units

    def follow(self, found: Iterable[TilePatches], *, across: int, tiles: int) -> None:
        """Take in all tiles, of which ``across`` make a row."""
        graph, row, labels = PatchGraph(), list[TilePatches](), 0
        for number, tile in enumerate(found, start=1):
            self.starts.append(labels)
            self.codes.append(tile.nodes.code.astype(np.uint8))
            np.add.at(self.px, tile.nodes.code, tile.nodes.px)
            labels += len(tile.nodes.area)
            row.append(tile)
            if len(row) == across:
                graph = self._next_row(graph, row, last=number == tiles)
                row = []

    def _next_row(
        self, graph: PatchGraph, row: Sequence[TilePatches], *, last: bool
    ) -> PatchGraph:
        eight, enough, _ = self.rule
        graph = graph.with_strip(strip_of(row, eight=eight), enough=enough, eight=eight)
        waiting = int((~graph.nodes.fixed).sum())
        if waiting > MOST_PATCHES:
            raise InputRefused.because("U10", patches=waiting, most=MOST_PATCHES)
        finished = graph.finished(last=last)
        self._settle(graph, finished)
        return graph.without(finished)

    def _settle(self, graph: PatchGraph, finished: Marks) -> None:
        """Find the class of finished patches, and note those that change."""
        edges = graph.edges.chosen(finished[graph.edges.low] | finished[graph.edges.high])
        here = finished.copy()
        here[edges.low] = here[edges.high] = True
        numbers = np.cumsum(here) - 1
        nodes = graph.nodes.chosen(here)
        edges = edges.renumbered(numbers, len(nodes.area))
        after = graph.nodes.code.copy()
        after[here] = absorbed(nodes, edges, enough=self.rule.enough, rank=self.rank)
        moved = finished & (after != graph.nodes.code)
        change = graph.nodes.code[moved], after[moved]
        values = np.ones(int(moved.sum()), dtype=np.int64), graph.nodes.px[moved]
        for sums, value in zip(self.sums, (*values, graph.nodes.area[moved]), strict=True):
            np.add.at(sums, change, value)
        labels, of_node = graph.members
        self._recode(labels[moved[of_node]], after[of_node[moved[of_node]]])

    def _recode(self, labels: Ints, after: Ints) -> None:
        """Write the new class of patches where their tiles look them up."""
        starts = np.array(self.starts)
        tile = np.searchsorted(starts, labels, side="right") - 1
        for number in np.unique(tile):
            here = tile == number
            self.codes[number][labels[here] - starts[number]] = after[here]
            self.changed.add(int(number))

    def codes_of_tiles(self) -> list[Codes | None]:
        """Return the class of each patch of every tile, None where nothing changes."""
        return [codes if n in self.changed else None for n, codes in enumerate(self.codes)]

    def pixels_after(self, shape: tuple[int, int]) -> dict[int, int]:
        """Count the pixels of every code after the changes."""
        px = self.px + self.sums[1].sum(axis=0) - self.sums[1].sum(axis=1)
        px[NO_DATA] = shape[0] * shape[1] - px.sum()
        return {int(code): int(px[code]) for code in np.flatnonzero(px)}

    def changes(self, unit_ha: float) -> pd.DataFrame:
        """Return patches, pixels and hectares by class before and after."""
        keys = {c.code: c.key for c in self.legend.classes}
        before, after = np.nonzero(self.sums[0])
        names = [(keys[int(a)], keys[int(b)]) for a, b in zip(before, after, strict=True)]
        patches, px, units = self.sums[:, before, after]
        return pd.DataFrame(
            {"patches": patches, "px": px, "area_ha": units * unit_ha},
            index=pd.MultiIndex.from_tuples(names, names=["land_cover", "land_cover_after"]),
        )


def _patch_rule(cover: LandCover, rule: MappingUnit, area: PixelArea) -> PatchRule:
    by_key = cover.legend.by_key
    if strange := sorted(set(rule.keep) - set(by_key)):
        raise InputRefused.because("U08", keys=strange, legend=cover.legend.name)
    keep = np.zeros(CODES, dtype=bool)
    keep[[by_key[key].code for key in rule.keep]] = True
    enough = ceil(_REACHED * rule.unit_ha / area.unit_ha)
    return PatchRule(eight=rule.connectivity == 8, enough=enough, keep=keep)
