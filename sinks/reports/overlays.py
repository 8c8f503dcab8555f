"""What polygons change on a raster that otherwise shows what classes are worth.

Forest stands replace what their class holds; a reservoir gives off what its age does. Each
pixel is moved by the share that the polygons cover, once its class has been looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
from numpy.typing import NDArray

from sinks.grid import Window
from sinks.reports.painters import CODES, WORD, Tile
from sinks.reports.spools import TILE
from sinks.zones.footprints import Footprint

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Overlay:
    """Polygons over a raster: a pixel gains ``fraction x delta + value``.

    Overlays of one raster add up. Where two of them cover one place both take their delta,
    so what replaces a class must not lie under something else that does.

    Attributes
    ----------
    footprint
        The polygons on the grid of the raster.
    delta
        What a hectare of each class gains where polygons cover it, such as minus what the
        class holds: shape ``(256,)`` by code; for a change ``(256, 256)``, by codes before
        and after.
    value
        Which of the footprint's values is added; none unless stated.
    """

    footprint: Footprint
    delta: Floats
    value: str | None = None

    def table(self, *, before: bool, after: bool) -> Floats | None:
        """Return ``delta`` by both codes, shape ``(256, 256)``; None if its shape is wrong.

        ``before`` and ``after`` say which land covers the raster shows.
        """
        delta = np.asarray(self.delta, dtype=float)
        if before and after:
            return delta if delta.shape == (CODES, CODES) else None
        if delta.shape != (CODES,):
            return None
        lines = delta[:, np.newaxis] if before else delta[np.newaxis, :]
        return np.broadcast_to(lines, (CODES, CODES))

    def laid(self, *, before: bool, after: bool) -> Laid:
        """Return the overlay as it is added to tiles."""
        table = self.table(before=before, after=after)
        cells = len(self.footprint.cell)
        held = np.zeros(cells) if self.value is None else self.footprint.values[self.value]
        return Laid(self.footprint, np.ascontiguousarray(table), np.ascontiguousarray(held))


@dataclass(frozen=True, eq=False)
class Laid:
    """An overlay ready to be added: ``table`` by both codes, ``value`` by cell."""

    footprint: Footprint
    table: Floats
    value: Floats

    @cached_property
    def tiles(self) -> frozenset[tuple[int, int]]:
        """Row and column of every tile that the polygons touch."""
        cols = self.footprint.grid.shape[1]
        row, col = np.divmod(self.footprint.cell, cols)
        across = cols // TILE + 1
        numbers = np.unique(row // TILE * across + col // TILE)
        return frozenset((int(n) // across, int(n) % across) for n in numbers)

    def add(
        self, tile: Tile, place: tuple[int, int], codes: tuple[Tile, Tile], ha: Floats
    ) -> Floats:
        """Add the overlay to the ``tile`` at ``place`` (row and column of tiles).

        ``codes`` are those of the tile before and after, ``ha`` the hectares of its pixels
        by row and word of columns. Pixels without data stay so.

        Returns
        -------
        numpy.ndarray
            What was added, times hectares; and the size of the pixels it left, times
            hectares.
        """
        row, col = place[0] * TILE, place[1] * TILE
        rows, cols = self.footprint.grid.shape
        window = Window(row, col, min(TILE, rows - row), min(TILE, cols - col))
        cells = self.footprint.cell, self.footprint.fraction, self.value
        lines = *self.footprint.spans(window), (row * cols + col, cols)
        return np.array(_add(tile, codes, ha, self.table, cells, lines))


@numba.njit(nogil=True, cache=True)
def _add(
    tile: Tile,
    codes: tuple[Tile, Tile],
    ha: Floats,
    table: Floats,
    cells: tuple[Ints, Floats, Floats],
    lines: tuple[Ints, Ints, tuple[int, int]],
) -> tuple[float, float]:
    """Add cells to a tile, row by row.

    ``lines``: where the cells of each row begin and end, the number of the tile's first cell
    and how much it grows from row to row. Sums are of pixels as they are written, so that
    what a raster adds up to is what it shows.
    """
    (before, after), (cell, fraction, value) = codes, cells
    begin, end, (first, step) = lines
    added, size = 0.0, 0.0
    for r in range(len(begin)):
        left = first + r * step
        for i in range(begin[r], end[r]):
            c = cell[i] - left
            old = tile[r, c]
            if not np.isnan(old):
                new = np.float32(old + fraction[i] * table[before[r, c], after[r, c]] + value[i])
                tile[r, c] = new
                each = ha[r, c // WORD]
                added += each * (np.float64(new) - np.float64(old))
                size += each * abs(np.float64(new))
    return added, size
