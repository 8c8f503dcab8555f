"""What a pixel of a raster shows, and what four of them show together at half the resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numba
import numpy as np
from numpy.typing import NDArray

from sinks.landcover.legend import NO_DATA
from sinks.reports.spools import TILE

CODES = 256
HALF = TILE // 2
WORD = 8  # pixels that are looked at together

Tile = NDArray[Any]
Lookup = NDArray[np.float32]
Corner = tuple[int, int]  # row and column where a tile begins


class Shrinker(Protocol):
    """Knows the pixels of one raster, and what four of them are together."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its pixels."""
        ...

    @property
    def no_data(self) -> float:
        """The pixel that says nothing is known."""
        ...

    def shrink(self, tile: Tile, into: Tile, corner: Corner) -> None:
        """Put ``tile`` at half its resolution ``into`` another, from ``corner`` on."""
        ...


class Painter(Shrinker, Protocol):
    """Makes the pixels of one raster from class codes."""

    def paint(self, before: Tile, after: Tile, corner: Corner, tile: Tile) -> None:
        """Fill ``tile`` from two blocks of codes, read from ``corner`` on."""
        ...


class Codes:
    """Shows the codes themselves; an overview shows the most frequent one."""

    dtype = np.dtype(np.uint8)
    no_data = float(NO_DATA)

    def paint(self, before: Tile, after: Tile, corner: Corner, tile: Tile) -> None:
        """Copy the codes before."""
        row, col = corner
        tile[:] = before[row : row + TILE, col : col + TILE]

    def shrink(self, tile: Tile, into: Tile, corner: Corner) -> None:
        """Put the most frequent codes into another tile."""
        _mode(tile, into, corner)


class Values:
    """Shows numbers; an overview shows the mean of those that are valid."""

    dtype = np.dtype(np.float32)
    no_data = np.nan

    def shrink(self, tile: Tile, into: Tile, corner: Corner) -> None:
        """Put the means into another tile."""
        _mean(tile, into, corner)


@dataclass(frozen=True)
class Worth(Values):
    """Shows what each code is worth, of the codes before or of those ``after``."""

    table: Lookup
    after: bool = False

    def paint(self, before: Tile, after: Tile, corner: Corner, tile: Tile) -> None:
        """Look the codes up."""
        _look_up(after if self.after else before, self.table, corner, tile)


@dataclass(frozen=True)
class Difference(Values):
    """Shows what the codes after are worth, less what those before are."""

    tables: tuple[Lookup, Lookup]

    def paint(self, before: Tile, after: Tile, corner: Corner, tile: Tile) -> None:
        """Look both up and subtract."""
        _difference(before, after, self.tables, corner, tile)


@dataclass(frozen=True)
class Pairs(Values):
    """Shows what each pair of codes before and after is worth."""

    table: Lookup

    def paint(self, before: Tile, after: Tile, corner: Corner, tile: Tile) -> None:
        """Look the pairs up."""
        _look_up_pairs(before, after, self.table, corner, tile)


@numba.njit(nogil=True, cache=True)
def _look_up(codes: Tile, table: Lookup, corner: Corner, tile: Tile) -> None:
    row, col = corner
    for r in range(TILE):
        line, out = codes[row + r, col : col + TILE], tile[r]
        for c in range(TILE):
            out[c] = table[line[c]]


@numba.njit(nogil=True, cache=True)
def _look_up_pairs(before: Tile, after: Tile, table: Lookup, corner: Corner, tile: Tile) -> None:
    row, col = corner
    for r in range(TILE):
        old, new = before[row + r, col : col + TILE], after[row + r, col : col + TILE]
        out = tile[r]
        for c in range(TILE):
            out[c] = table[old[c], new[c]]


@numba.njit(nogil=True, cache=True)
def _difference(
    before: Tile, after: Tile, tables: tuple[Lookup, Lookup], corner: Corner, tile: Tile
) -> None:
    (worth_before, worth_after), (row, col) = tables, corner
    for r in range(TILE):
        old, new = before[row + r, col : col + TILE], after[row + r, col : col + TILE]
        out = tile[r]
        for c in range(TILE):
            out[c] = worth_after[new[c]] - worth_before[old[c]]


@numba.njit(nogil=True, cache=True, error_model="numpy")
def _mean(tile: Tile, into: Tile, corner: Corner) -> None:
    """Mean of the pixels that are not NaN, of every two by two."""
    row, col = corner
    for r in range(HALF):
        upper, lower, out = tile[2 * r], tile[2 * r + 1], into[row + r, col : col + HALF]
        for c in range(HALF):
            total, count = np.float32(0), np.float32(0)
            for value in (upper[2 * c], upper[2 * c + 1], lower[2 * c], lower[2 * c + 1]):
                valid = not np.isnan(value)
                total += value if valid else np.float32(0)
                count += np.float32(1) if valid else np.float32(0)
            out[c] = total / count


@numba.njit(nogil=True, cache=True)
def _mode(tile: Tile, into: Tile, corner: Corner) -> None:
    """Most frequent code of every two by two, first come first; no data if there is no other."""
    row, col = corner
    for r in range(HALF):
        upper, lower = tile[2 * r], tile[2 * r + 1]
        for c in range(HALF):
            four = (upper[2 * c], upper[2 * c + 1], lower[2 * c], lower[2 * c + 1])
            best, most = np.uint8(0), 0
            for code in four:
                count = 0
                for other in four:
                    count += other == code
                if code != 0 and count > most:
                    best, most = code, count
            into[row + r, col + c] = best


@numba.njit(nogil=True, cache=True)
def add_hectares(
    before: Tile,
    after: Tile,
    ha: NDArray[np.float64],
    band_rows: int,
    sums: NDArray[np.float64],
) -> None:
    """Add the hectares of every pixel to its pair of codes, eight equal ones at a time.

    ``ha`` holds hectares per pixel of bands of rows and of words of eight columns.
    """
    one_each = np.uint64(0x0101010101010101)
    last = np.uint64(0xFF)
    for r in range(before.shape[0]):
        each = ha[r // band_rows]
        old_words, new_words = before[r].view(np.uint64), after[r].view(np.uint64)
        for word in range(len(old_words)):
            old, new = old_words[word], new_words[word]
            x, y = old & last, new & last
            if old == x * one_each and new == y * one_each:
                sums[x, y] += WORD * each[word]
            else:
                for c in range(WORD * word, WORD * word + WORD):
                    sums[before[r, c], after[r, c]] += each[word]


@numba.njit(nogil=True, cache=True)
def is_alone(codes: Tile, corner: Corner) -> bool:
    """Whether the tile that begins at ``corner`` holds one code only."""
    row, col = corner
    first = codes[row, col]
    for r in range(row, row + TILE):
        for c in range(col, col + TILE):
            if codes[r, c] != first:
                return False
    return True
