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
from sinks.reports.painters import (
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

CODES = 256
_BLOCK_LEVEL = 1  # a thread takes 2 x 2 tiles at a time


def paint_all(
    painters: Sequence[Painter],
    before: LandCover,
    *,
    after: LandCover | None,
    spools: Sequence[Sequence[Spool]],
    threads: int,
) -> NDArray[np.float64]:
    """Make every raster with its overviews, into the ``spools`` of each (finest first).

    All have pixels of one type.

    Returns
    -------
    numpy.ndarray
        Shape ``(256, 256)``: hectares of every code before (rows) and after (columns).
    """
    tree = QuadTree(tuple(resolutions(before.grid.shape)))
    leaf_level = min(_BLOCK_LEVEL, tree.top)
    worker = _Worker(tree, painters, before, after, leaf_level)
    hectares = np.zeros((CODES, CODES))

    def store(made: Made) -> None:
        for levels, tile in zip(spools, made.tiles, strict=True):
            levels[made.level].append(made.row, made.col, tile)

    def counted(painted: Iterable[_Painted]) -> Iterator[Block]:
        for block, hectares_of_block in painted:
            np.add(hectares, hectares_of_block, out=hectares)
            yield block

    painted = map_in_order(worker, tree.leaves(leaf_level), threads=threads)
    grow_all(tree, painters, counted(painted), store, leaf_level=leaf_level)
    return hectares


class _Painted(NamedTuple):
    """What a thread hands back: a block, and its hectares by codes before and after."""

    block: Block
    hectares: NDArray[np.float64]


class _Worker:
    """Reads a block of both land covers and makes the tiles that lie in it."""

    def __init__(
        self,
        tree: QuadTree,
        painters: Sequence[Painter],
        before: LandCover,
        after: LandCover | None,
        level: int,
    ) -> None:
        self.tree, self.painters, self.level = tree, painters, level
        self.before, self.after = before, after
        self.side = TILE << level
        self.nothing = np.full((self.side, self.side), NO_DATA, np.uint8)
        self.pixel_areas = lru_cache(maxsize=4)(before.grid.pixel_areas)
        self.memo: dict[tuple[int, int] | None, tuple[list[bytes], list[Any]]] = {}
        self.of_thread = threading.local()

    def __call__(self, place: tuple[int, int]) -> _Painted:
        """Make the block whose tile at the worker's level is at ``place`` (row, column)."""
        row, col = place[0] * self.side, place[1] * self.side
        rows, cols = self.before.grid.shape
        window = Window(row, col, min(self.side, rows - row), min(self.side, cols - col))
        before, after = self._codes(self.before, window), self._codes(self.after, window)
        made: list[Made] = []

        def leaf(r: int, c: int, into: Quarter) -> None:
            tiles = self._tile(before, after, (r * TILE - row, c * TILE - col), into)
            made.append(Made(0, r, c, tiles))

        shrunk = halves(self.painters)
        grower = Grower(self.tree, self.painters, self._hand(), 0, leaf, made.append)
        grower.grow(self.level, *place, Quarter(shrunk, 0, 0))
        return _Painted(Block(made, shrunk), self._hectares(before, after, window))

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

    def _tile(self, before: Tile, after: Tile, corner: Corner, into: Quarter) -> list[bytes]:
        """Compress a tile of every raster; a tile of one pair of codes is made only once."""
        alone = is_alone(before, corner) and is_alone(after, corner)
        pair = (int(before[corner]), int(after[corner])) if alone else None
        if pair not in self.memo:
            packed, pixels = self._painted(before, after, corner, into, whole=pair is None)
            if pair is None:
                return packed
            # two threads may have made it: what the first one made is kept by both
            self.memo.setdefault(pair, (packed, pixels))
        packed, pixels = self.memo[pair]
        for quarter, pixel in zip(into.views(), pixels, strict=True):
            quarter.fill(pixel)
        return packed

    def _painted(
        self, before: Tile, after: Tile, corner: Corner, into: Quarter, *, whole: bool
    ) -> tuple[list[bytes], list[Any]]:
        """Paint a tile of every raster and compress it; halve it too if it is not all alike.

        Halving may give another bit pattern of NaN than filling does: a tile that is all
        alike is filled whoever makes it, so that files do not depend on threads.
        """
        packed, pixels = [], []
        tile = self._hand()[0][0]  # one after the other, while it is in the processor's cache
        for painter, target in zip(self.painters, into.tiles, strict=True):
            painter.paint(before, after, corner, tile)
            if whole:
                painter.shrink(tile, target, (into.row, into.col))
            packed.append(compressed(tile))
            pixels.append(tile[0, 0])
        return packed, pixels

    def _hectares(self, before: Tile, after: Tile, window: Window) -> NDArray[np.float64]:
        """Hectares of every pair of codes in ``window``, shape ``(256, 256)``."""
        areas = self.pixel_areas(window.row, window.height)
        cols = window.col + np.arange(0, self.side, WORD)
        segments = np.minimum(cols // areas.segment_cols, areas.ha.shape[1] - 1)
        sums = np.zeros((CODES, CODES))
        rows = slice(0, window.height)
        add_hectares(before[rows], after[rows], areas.ha[:, segments], areas.band_rows, sums)
        return sums
