"""Class codes for the browser: blocks of the raster's own pixels, and overviews of them.

Every level is cut into blocks of 512 x 512 codes, each deflated and in base64; blocks
without data are left out. Level 0 holds the pixels as they are, so a class read in the page
is the class that was counted. Level k + 1 shows, for every 2 x 2 pixels of level k, the code
that occurs most often; overviews are for looking, no figure comes from them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from zlib import compress

import numpy as np
from numpy.typing import NDArray

from sinks.blocks import map_in_order, windows
from sinks.landcover.cover import CodeBlocks
from sinks.landcover.legend import NO_DATA

BLOCK = 512
_EFFORT = 6  # of deflate; 9 takes three times as long for 2 % less

Codes = NDArray[np.uint8]


@dataclass(kw_only=True)
class Level:
    """One level: its size in pixels and its blocks in base64, row by row, empty if no data."""

    rows: int
    cols: int
    blocks: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Pyramid:
    """Class codes at full size and at half sizes down to a single block."""

    levels: tuple[Level, ...]

    def sizes(self) -> list[dict[str, object]]:
        """Say where blocks are: rows, columns and lengths of the blocks per level."""
        return [
            {"rows": level.rows, "cols": level.cols, "lengths": [len(b) for b in level.blocks]}
            for level in self.levels
        ]

    def text(self) -> str:
        """All blocks, level by level, one after the other."""
        return "".join(block for level in self.levels for block in level.blocks)


def class_pyramid(codes: CodeBlocks, *, threads: int = 1) -> Pyramid:
    """Build the pyramid of ``codes`` in one pass over its rows, in bounded memory."""
    levels = tuple(_levels(*codes.grid.shape))
    waiting: list[Codes] = [np.empty((0, level.cols), np.uint8) for level in levels]
    for window in windows(codes.grid.shape, BLOCK):
        _push(levels, waiting, codes.read(window), threads)
    return Pyramid(levels=levels)


def majority(codes: Codes) -> Codes:
    """Return, for every 2 x 2 pixels, the code that occurs most often.

    A tie goes to the upper or left one; where all four differ, to the first with data.
    """
    rows, cols = codes.shape
    even = np.pad(codes, ((0, rows % 2), (0, cols % 2)))
    a, b, c, d = even[0::2, 0::2], even[0::2, 1::2], even[1::2, 0::2], even[1::2, 1::2]
    alone = np.where(a != NO_DATA, a, b)
    result = np.where((b == c) | (b == d), b, np.where(c == d, c, alone))
    return np.where((a == b) | (a == c) | (a == d), a, result)


def _levels(rows: int, cols: int) -> Iterator[Level]:
    yield Level(rows=rows, cols=cols)
    while max(rows, cols) > BLOCK:
        rows, cols = ceil(rows / 2), ceil(cols / 2)
        yield Level(rows=rows, cols=cols)


def _push(
    levels: tuple[Level, ...], waiting: list[Codes], strip: Codes, threads: int, at: int = 0
) -> None:
    """Encode a strip of level ``at`` and hand its overview on to the next level."""
    level = levels[at]
    blocks = partial(_encoded, strip)
    level.blocks.extend(map_in_order(blocks, range(ceil(level.cols / BLOCK)), threads=threads))
    if at + 1 == len(levels):
        return
    above = levels[at + 1]
    waiting[at + 1] = np.concatenate([waiting[at + 1], majority(strip)])
    done = len(above.blocks) // ceil(above.cols / BLOCK) * BLOCK
    if len(waiting[at + 1]) == min(BLOCK, above.rows - done):
        full, waiting[at + 1] = waiting[at + 1], waiting[at + 1][:0]
        _push(levels, waiting, full, threads, at + 1)


def _encoded(strip: Codes, number: int) -> str:
    """Encode block ``number`` of a strip; short blocks at the edges are filled with no data."""
    part = strip[:, number * BLOCK : (number + 1) * BLOCK]
    if not part.any():
        return ""
    block = np.zeros((BLOCK, BLOCK), np.uint8)
    block[: part.shape[0], : part.shape[1]] = part
    return b64encode(compress(block.tobytes(), _EFFORT)).decode("ascii")
