"""Turn class codes into rasters and their overviews in one pass over the pixels.

Each thread reads, looks up, shrinks and compresses a block of tiles on its own; the results
come back in order, so that files are the same byte for byte on any number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinks.blocks import map_in_order
from sinks.grid import Window
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import NO_DATA
from sinks.reports.overlays import Laid
from sinks.reports.painters import (
    CODES,
    WORD,
    Corner,
    Painter,
    Tile,
    add_hectares,
    is_alone,
)
from sinks.reports.quadtree import (
    Block,
    Grower,
    Made,
    QuadTree,
    Quarter,
    compressed,
    grow_all,
    halves,
    hand_of,
    resolutions,
)
from sinks.reports.spools import TILE, Spool

_BLOCK_LEVEL = 1  # a thread takes 2 x 2 tiles at a time


def paint_all(
    painters: Sequence[Painter],
    before: LandCover,
    *,
    after: LandCover | None,
    spools: Sequence[Sequence[Spool]],
    overlays: Sequence[Sequence[Laid]],
    threads: int,
) -> Sums:
    """Make every raster with its overviews, into the ``spools`` of each (finest first).

    All have pixels of one type; ``overlays`` are those of each.
    """
    tree = QuadTree(tuple(resolutions(before.grid.shape)))
    leaf_level = min(_BLOCK_LEVEL, tree.top)
    worker = _Worker(tree, painters, (before, after), overlays, leaf_level)
    sums = Sums(np.zeros((CODES, CODES)), np.zeros((len(painters), 2)))

    def store(made: Made) -> None:
        for levels, tile in zip(spools, made.tiles, strict=True):
            levels[made.level].append(made.row, made.col, tile)

    def counted(painted: Iterable[_Painted]) -> Iterator[Block]:
        for block, of_block in painted:
            for total, part in zip(sums, of_block, strict=True):
                np.add(total, part, out=total)
            yield block

    painted = map_in_order(worker, tree.leaves(leaf_level), threads=threads)
    grow_all(tree, painters, counted(painted), store, leaf_level=leaf_level)
    return sums


class Sums(NamedTuple):
    """What was counted on the way.

    ``hectares`` of every code before (rows) and after (columns), shape ``(256, 256)``;
    ``overlaid`` of every raster what overlays added x hectares, and the size of the pixels
    they left x hectares, shape ``(rasters, 2)``.
    """

    hectares: NDArray[np.float64]
    overlaid: NDArray[np.float64]


class _Painted(NamedTuple):
    """What a thread hands back: a block, and what was counted in it."""

    block: Block
    sums: Sums


class _Ground(NamedTuple):
    """Codes of a block that starts at ``row`` and ``col``, and what was counted in it.

    ``ha`` are hectares per pixel by bands of ``band_rows`` rows and words of columns.
    """

    before: Tile
    after: Tile
    row: int
    col: int
    ha: NDArray[np.float64]
    band_rows: int
    sums: Sums

    def corner(self, place: tuple[int, int]) -> Corner:
        """Where a tile of the raster begins in the block."""
        return place[0] * TILE - self.row, place[1] * TILE - self.col

    def lay(self, overlay: Laid, tile: Tile, place: tuple[int, int], raster: int) -> None:
        """Add an overlay to a tile, and count what it adds."""
        row, col = self.corner(place)
        rows, cols = slice(row, row + TILE), slice(col, col + TILE)
        bands = np.minimum(np.arange(row, row + TILE) // self.band_rows, len(self.ha) - 1)
        ha = self.ha[bands, col // WORD : (col + TILE) // WORD]
        codes = self.before[rows, cols], self.after[rows, cols]
        self.sums.overlaid[raster] += overlay.add(tile, place, codes, ha)


class _Worker:
    """Reads a block of both land covers and makes the tiles that lie in it."""

    def __init__(
        self,
        tree: QuadTree,
        painters: Sequence[Painter],
        covers: tuple[LandCover, LandCover | None],
        overlays: Sequence[Sequence[Laid]],
        level: int,
    ) -> None:
        self.tree, self.painters, self.level = tree, painters, level
        self.overlays = overlays
        self.overlaid = {place for each in overlays for one in each for place in one.tiles}
        self.before, self.after = covers
        self.side = TILE << level
        self.nothing = np.full((self.side, self.side), NO_DATA, np.uint8)
        self.pixel_areas = lru_cache(maxsize=4)(self.before.grid.pixel_areas)
        self.memo: dict[tuple[int, int], tuple[list[bytes], list[Any]]] = {}
        self.of_thread = threading.local()

    def __call__(self, place: tuple[int, int]) -> _Painted:
        """Make the block whose tile at the worker's level is at ``place`` (row, column)."""
        row, col = place[0] * self.side, place[1] * self.side
        rows, cols = self.before.grid.shape
        window = Window(row, col, min(self.side, rows - row), min(self.side, cols - col))
        ground = self._ground(window)
        made: list[Made] = []

        def leaf(r: int, c: int, into: Quarter) -> None:
            made.append(Made(0, r, c, self._tile(ground, (r, c), into)))

        shrunk = halves(self.painters)
        grower = Grower(self.tree, self.painters, self._hand(), 0, leaf, made.append)
        grower.grow(self.level, *place, Quarter(shrunk, 0, 0))
        return _Painted(Block(made, shrunk), ground.sums)

    def _hand(self) -> list[list[Tile]]:
        """Tiles to work on, kept by the thread: fresh memory costs as much as the work."""
        if not hasattr(self.of_thread, "hand"):
            self.of_thread.hand = hand_of(self.painters, self.level)
        hand: list[list[Tile]] = self.of_thread.hand
        return hand

    def _codes(self, cover: LandCover | None, window: Window) -> Tile:
        """Codes of ``window``, filled up with no data to the full block."""
        if cover is None:
            return self.nothing
        if window.height == window.width == self.side:
            return np.ascontiguousarray(cover.read(window))
        codes = self.nothing.copy()
        codes[: window.height, : window.width] = cover.read(window)
        return codes

    def _tile(self, ground: _Ground, place: tuple[int, int], into: Quarter) -> list[bytes]:
        """Compress a tile of every raster; a tile of one pair of codes is made only once."""
        corner = ground.corner(place)
        alone = place not in self.overlaid and all(
            is_alone(codes, corner) for codes in (ground.before, ground.after)
        )
        if not alone:
            return self._painted(ground, place, into, whole=True)[0]
        pair = int(ground.before[corner]), int(ground.after[corner])
        if pair not in self.memo:
            # two threads may have made it: what the first one made is kept by both
            self.memo.setdefault(pair, self._painted(ground, place, into, whole=False))
        packed, pixels = self.memo[pair]
        for quarter, pixel in zip(into.views(), pixels, strict=True):
            quarter.fill(pixel)
        return packed

    def _painted(
        self, ground: _Ground, place: tuple[int, int], into: Quarter, *, whole: bool
    ) -> tuple[list[bytes], list[Any]]:
        """Paint a tile of every raster and compress it; halve it too if it is not all alike.

        Halving may give another bit pattern of NaN than filling does: a tile that is all
        alike is filled whoever makes it, so that files do not depend on threads.
        """
        packed, pixels = [], []
        tile = self._hand()[0][0]  # one after the other, while it is in the processor's cache
        for i, (painter, target) in enumerate(zip(self.painters, into.tiles, strict=True)):
            painter.paint(ground.before, ground.after, ground.corner(place), tile)
            for overlay in self.overlays[i]:
                if place in overlay.tiles:
                    ground.lay(overlay, tile, place, i)
            if whole:
                painter.shrink(tile, target, (into.row, into.col))
            packed.append(compressed(tile))
            pixels.append(tile[0, 0])
        return packed, pixels

    def _ground(self, window: Window) -> _Ground:
        """Read the codes of ``window`` and count the hectares of every pair of them."""
        before, after = self._codes(self.before, window), self._codes(self.after, window)
        areas = self.pixel_areas(window.row, window.height)
        cols = window.col + np.arange(0, self.side, WORD)
        segments = np.minimum(cols // areas.segment_cols, areas.ha.shape[1] - 1)
        ha, rows = areas.ha[:, segments], slice(0, window.height)
        sums = Sums(np.zeros((CODES, CODES)), np.zeros((len(self.painters), 2)))
        add_hectares(before[rows], after[rows], ha, areas.band_rows, sums.hectares)
        return _Ground(before, after, window.row, window.col, ha, areas.band_rows, sums)
