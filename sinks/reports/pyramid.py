"""Turn class codes into rasters and their overviews in one pass over the pixels.

Tiles are made in the order of a quad-tree: four neighbours, then the tile of half their
resolution that covers them. So only one unfinished tile per resolution is held, whatever
the size of the raster. Each thread reads, looks up, shrinks and compresses a block of
tiles on its own; the results come back in order, so that files are the same byte for byte
on any number of threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from sinks.blocks import map_in_order
from sinks.grid import Window
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import NO_DATA
from sinks.reports.painters import HALF, WORD, Corner, Painter, Tile, add_hectares, is_alone
from sinks.reports.tiff import TILE, Spool

CODES = 256
_BLOCK_LEVEL = 1  # a thread takes 2 x 2 tiles at a time


class _Made(NamedTuple):
    """A finished tile of every raster, compressed."""

    level: int
    row: int
    col: int
    tiles: list[bytes]


class _Quarter(NamedTuple):
    """A quarter of a tile of every raster, where the tile below goes at half its size."""

    tiles: list[Tile]
    row: int
    col: int

    def shrink(self, painters: Sequence[Painter], tiles: Sequence[Tile]) -> None:
        """Put ``tiles`` here."""
        for painter, tile, target in zip(painters, tiles, self.tiles, strict=True):
            painter.shrink(tile, target, (self.row, self.col))

    def views(self) -> list[Tile]:
        """Return the quarters as arrays."""
        rows, cols = slice(self.row, self.row + HALF), slice(self.col, self.col + HALF)
        return [tile[rows, cols] for tile in self.tiles]


class _Block(NamedTuple):
    """What a thread hands back: tiles, the block at half its resolution, hectares by codes."""

    made: list[_Made]
    shrunk: list[Tile]
    hectares: NDArray[np.float64]


def resolutions(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Shapes of the raster and of its overviews, each half the one before, down to one tile.

    >>> resolutions((1000, 2049))
    [(1000, 2049), (500, 1025), (250, 513), (125, 257)]
    """
    shapes = [shape]
    while max(shapes[-1]) > TILE:
        rows, cols = shapes[-1]
        shapes.append((ceil(rows / 2), ceil(cols / 2)))
    return shapes


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
    tree = _QuadTree(tuple(resolutions(before.grid.shape)))
    leaf_level = min(_BLOCK_LEVEL, tree.top)
    worker = _Worker(tree, painters, before, after, leaf_level)
    blocks = map_in_order(worker, tree.leaves(leaf_level), threads=threads)
    hectares = np.zeros((CODES, CODES))

    def store(made: _Made) -> None:
        for levels, tile in zip(spools, made.tiles, strict=True):
            levels[made.level].append(made.row, made.col, tile)

    def next_block(_row: int, _col: int, into: _Quarter) -> None:
        block = next(blocks)
        np.add(hectares, block.hectares, out=hectares)
        for made in block.made:
            store(made)
        for quarter, shrunk in zip(into.views(), block.shrunk, strict=True):
            quarter[:] = shrunk

    grower = _Grower(tree, painters, _hand(painters, tree.top), leaf_level, next_block, store)
    grower.grow(tree.top, 0, 0, _Quarter(_halves(painters), 0, 0))
    return hectares


@dataclass(frozen=True)
class _QuadTree:
    """The tiles of all resolutions, and how each covers four of the finer one."""

    shapes: tuple[tuple[int, int], ...]

    @property
    def top(self) -> int:
        return len(self.shapes) - 1

    def children(self, level: int, row: int, col: int) -> list[tuple[int, int]]:
        """Tile rows and columns one level finer that exist, in reading order."""
        rows, cols = (ceil(length / TILE) for length in self.shapes[level - 1])
        four = [(r, c) for r in (2 * row, 2 * row + 1) for c in (2 * col, 2 * col + 1)]
        return [(r, c) for r, c in four if r < rows and c < cols]

    def leaves(self, leaf_level: int) -> Iterator[tuple[int, int]]:
        """Tiles of ``leaf_level`` in the order in which a :class:`_Grower` asks for them."""

        def below(level: int, row: int, col: int) -> Iterator[tuple[int, int]]:
            if level == leaf_level:
                yield row, col
                return
            for r, c in self.children(level, row, col):
                yield from below(level - 1, r, c)

        return below(self.top, 0, 0)


@dataclass(frozen=True)
class _Grower:
    """Makes the tiles above ``leaf_level``, in one thread, with one tile per level in hand."""

    tree: _QuadTree
    painters: Sequence[Painter]
    hand: list[list[Tile]]
    leaf_level: int
    leaf: Callable[[int, int, _Quarter], None]
    store: Callable[[_Made], None]

    def grow(self, level: int, row: int, col: int, into: _Quarter) -> None:
        """Make a tile and all tiles below it; put it at half its resolution ``into``."""
        if level == self.leaf_level:
            self.leaf(row, col, into)
            return
        tiles, children = self.hand[level], self.tree.children(level, row, col)
        if len(children) < 4:
            for tile, painter in zip(tiles, self.painters, strict=True):
                tile.fill(painter.no_data)
        for r, c in children:
            quarter = _Quarter(tiles, (r - 2 * row) * HALF, (c - 2 * col) * HALF)
            self.grow(level - 1, r, c, quarter)
        self.store(_Made(level, row, col, [_compressed(tile) for tile in tiles]))
        into.shrink(self.painters, tiles)


class _Worker:
    """Reads a block of both land covers and makes the tiles that lie in it."""

    def __init__(
        self,
        tree: _QuadTree,
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

    def __call__(self, place: tuple[int, int]) -> _Block:
        """Make the block whose tile at the worker's level is at ``place`` (row, column)."""
        row, col = place[0] * self.side, place[1] * self.side
        rows, cols = self.before.grid.shape
        window = Window(row, col, min(self.side, rows - row), min(self.side, cols - col))
        before, after = self._codes(self.before, window), self._codes(self.after, window)
        made: list[_Made] = []

        def leaf(r: int, c: int, into: _Quarter) -> None:
            tiles = self._tile(before, after, (r * TILE - row, c * TILE - col), into)
            made.append(_Made(0, r, c, tiles))

        shrunk = _halves(self.painters)
        grower = _Grower(self.tree, self.painters, self._hand(), 0, leaf, made.append)
        grower.grow(self.level, *place, _Quarter(shrunk, 0, 0))
        return _Block(made, shrunk, self._hectares(before, after, window))

    def _hand(self) -> list[list[Tile]]:
        """Tiles to work on, kept by the thread: fresh memory costs as much as the work."""
        if not hasattr(self.of_thread, "hand"):
            self.of_thread.hand = _hand(self.painters, self.level)
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

    def _tile(self, before: Tile, after: Tile, corner: Corner, into: _Quarter) -> list[bytes]:
        """Compress a tile of every raster; a tile of one pair of codes is made only once."""
        alone = is_alone(before, corner) and is_alone(after, corner)
        pair = (int(before[corner]), int(after[corner])) if alone else None
        if pair in self.memo:
            packed, pixels = self.memo[pair]
            for quarter, pixel in zip(into.views(), pixels, strict=True):
                quarter.fill(pixel)
            return packed
        packed, pixels = [], []
        tile = self._hand()[0][0]  # one after the other, while it is in the processor's cache
        for painter, target in zip(self.painters, into.tiles, strict=True):
            painter.paint(before, after, corner, tile)
            painter.shrink(tile, target, (into.row, into.col))
            packed.append(_compressed(tile))
            pixels.append(tile[0, 0])
        if pair is not None:
            self.memo[pair] = packed, pixels
        return packed

    def _hectares(self, before: Tile, after: Tile, window: Window) -> NDArray[np.float64]:
        """Hectares of every pair of codes in ``window``, shape ``(256, 256)``."""
        areas = self.pixel_areas(window.row, window.height)
        cols = window.col + np.arange(0, self.side, WORD)
        segments = np.minimum(cols // areas.segment_cols, areas.ha.shape[1] - 1)
        sums = np.zeros((CODES, CODES))
        rows = slice(0, window.height)
        add_hectares(before[rows], after[rows], areas.ha[:, segments], areas.band_rows, sums)
        return sums


def _hand(painters: Sequence[Painter], top: int) -> list[list[Tile]]:
    """Make a tile of every raster for each level up to ``top``."""
    shape = TILE, TILE
    return [[np.empty(shape, p.dtype) for p in painters] for _ in range(top + 1)]


def _halves(painters: Sequence[Painter]) -> list[Tile]:
    return [np.empty((HALF, HALF), painter.dtype) for painter in painters]


_of_thread = threading.local()


def _compressed(tile: Tile) -> bytes:
    """Compress with zstd at level 1, which costs a ninth of deflate at 6 for the same size."""
    if not hasattr(_of_thread, "zstd"):
        _of_thread.zstd = zstandard.ZstdCompressor(level=1)
    # a copy, because what zstd returns clings to the megabyte it was made in
    return bytes(memoryview(_of_thread.zstd.compress(tile)))
