"""The tiles of a raster and of its overviews, made in the order of a quad-tree.

Four neighbours, then the tile of half their resolution that covers them: so only one unfinished
tile per resolution is held, whatever the size of the raster.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import zstandard

from sinks.reports.painters import HALF, Shrinker, Tile
from sinks.reports.spools import TILE


class Made(NamedTuple):
    """A finished tile of every raster, compressed."""

    level: int
    row: int
    col: int
    tiles: list[bytes]


class Quarter(NamedTuple):
    """A quarter of a tile of every raster, where the tile below goes at half its size."""

    tiles: list[Tile]
    row: int
    col: int

    def shrink(self, painters: Sequence[Shrinker], tiles: Sequence[Tile]) -> None:
        """Put ``tiles`` here."""
        for painter, tile, target in zip(painters, tiles, self.tiles, strict=True):
            painter.shrink(tile, target, (self.row, self.col))

    def views(self) -> list[Tile]:
        """Return the quarters as arrays."""
        rows, cols = slice(self.row, self.row + HALF), slice(self.col, self.col + HALF)
        return [tile[rows, cols] for tile in self.tiles]


class Block(NamedTuple):
    """What a thread hands back: tiles, and the block at half its resolution."""

    made: list[Made]
    shrunk: list[Tile]


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


def grow_all(
    tree: QuadTree,
    painters: Sequence[Shrinker],
    blocks: Iterator[Block],
    store: Callable[[Made], None],
    *,
    leaf_level: int,
) -> None:
    """Store the tiles of all ``blocks``, and make and store those of the levels above.

    ``blocks`` come in the order of ``tree.leaves(leaf_level)``.
    """

    def next_block(_row: int, _col: int, into: Quarter) -> None:
        block = next(blocks)
        for made in block.made:
            store(made)
        for quarter, shrunk in zip(into.views(), block.shrunk, strict=True):
            quarter[:] = shrunk

    grower = Grower(tree, painters, hand_of(painters, tree.top), leaf_level, next_block, store)
    grower.grow(tree.top, 0, 0, Quarter(halves(painters), 0, 0))


@dataclass(frozen=True)
class QuadTree:
    """The tiles of all resolutions, and how each covers four of the finer one."""

    shapes: tuple[tuple[int, int], ...]

    @property
    def top(self) -> int:
        """The level of the one tile that covers everything."""
        return len(self.shapes) - 1

    def children(self, level: int, row: int, col: int) -> list[tuple[int, int]]:
        """Tile rows and columns one level finer that exist, in reading order."""
        rows, cols = (ceil(length / TILE) for length in self.shapes[level - 1])
        four = [(r, c) for r in (2 * row, 2 * row + 1) for c in (2 * col, 2 * col + 1)]
        return [(r, c) for r, c in four if r < rows and c < cols]

    def leaves(self, leaf_level: int) -> Iterator[tuple[int, int]]:
        """Tiles of ``leaf_level`` in the order in which a :class:`Grower` asks for them."""

        def below(level: int, row: int, col: int) -> Iterator[tuple[int, int]]:
            if level == leaf_level:
                yield row, col
                return
            for r, c in self.children(level, row, col):
                yield from below(level - 1, r, c)

        return below(self.top, 0, 0)


@dataclass(frozen=True)
class Grower:
    """Makes the tiles above ``leaf_level``, in one thread, with one tile per level in hand."""

    tree: QuadTree
    painters: Sequence[Shrinker]
    hand: list[list[Tile]]
    leaf_level: int
    leaf: Callable[[int, int, Quarter], None]
    store: Callable[[Made], None]

    def grow(self, level: int, row: int, col: int, into: Quarter) -> None:
        """Make a tile and all tiles below it; put it at half its resolution ``into``."""
        if level == self.leaf_level:
            self.leaf(row, col, into)
            return
        tiles, children = self.hand[level], self.tree.children(level, row, col)
        if len(children) < 4:
            for tile, painter in zip(tiles, self.painters, strict=True):
                tile.fill(painter.no_data)
        for r, c in children:
            quarter = Quarter(tiles, (r - 2 * row) * HALF, (c - 2 * col) * HALF)
            self.grow(level - 1, r, c, quarter)
        self.store(Made(level, row, col, [compressed(tile) for tile in tiles]))
        into.shrink(self.painters, tiles)


def hand_of(painters: Sequence[Shrinker], top: int) -> list[list[Tile]]:
    """Make a tile of every raster for each level up to ``top``."""
    shape = TILE, TILE
    return [[np.empty(shape, p.dtype) for p in painters] for _ in range(top + 1)]


def halves(painters: Sequence[Shrinker]) -> list[Tile]:
    """Make room for a tile of every raster at half its resolution."""
    return [np.empty((HALF, HALF), painter.dtype) for painter in painters]


_of_thread = threading.local()


def compressed(tile: Tile) -> bytes:
    """Compress with zstd at level 1, which costs a ninth of deflate at 6 for the same size."""
    if not hasattr(_of_thread, "zstd"):
        _of_thread.zstd = zstandard.ZstdCompressor(level=1)
    # a copy, because what zstd returns clings to the megabyte it was made in
    return bytes(memoryview(_of_thread.zstd.compress(tile)))
