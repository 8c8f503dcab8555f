"""Compressed tiles that wait, in a temporary file, until the directories before them are known."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TILE = 512  # pixels each way

_FRAME = 8  # bytes around each tile: its size before, its last four bytes after


class Spool:
    """The compressed tiles of one resolution, in a temporary file, in the order they came.

    ``shape`` is that of the raster at this resolution, in rows and columns; each of ``bands``
    has tiles of its own, one band after the other in the finished file. ``stack`` closes the
    temporary file.
    """

    def __init__(
        self, shape: tuple[int, int], folder: Path, stack: ExitStack, *, bands: int = 1
    ) -> None:
        self.shape, self.bands = shape, bands
        tiles = bands, ceil(shape[0] / TILE), ceil(shape[1] / TILE)
        self.starts = np.zeros(tiles, np.int64)
        self.sizes = np.zeros(tiles, np.int64)
        self.end = 0
        self.file = stack.enter_context(tempfile.TemporaryFile(dir=folder))  # noqa: SIM115

    def append(self, row: int, col: int, tile: bytes, *, band: int = 0) -> None:
        """Keep the compressed ``tile`` of this tile row and column."""
        self.starts[band, row, col], self.sizes[band, row, col] = self.end, len(tile)
        self.end += self.file.write(tile)

    @property
    def stored(self) -> int:
        """Bytes that the tiles take in the finished file."""
        return int((self.sizes + _FRAME).sum())

    def offsets(self, begin: int) -> NDArray[np.int64]:
        """Where each tile will start in the finished file if the first frame is at ``begin``."""
        framed = self.sizes.ravel() + _FRAME
        return begin + _FRAME // 2 + np.cumsum(framed) - framed

    def framed(self) -> Iterator[bytes]:
        """Return the tiles band by band in reading order, each in its frame."""
        for start, size in zip(self.starts.flat, self.sizes.flat, strict=True):
            self.file.seek(int(start))
            tile = self.file.read(int(size))
            yield struct.pack("<I", size) + tile + tile[-4:]
