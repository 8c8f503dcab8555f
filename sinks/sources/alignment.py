"""Land cover of one year on the grid of another: by nearest neighbour, never otherwise.

Any other way of resampling invents classes: between codes 10 and 20 lies no land of code 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from sinks.blocks import map_in_order, windows
from sinks.errors import Finding
from sinks.grid import Grid, Window
from sinks.landcover.cover import CodeBlocks
from sinks.sources.codes import count_bytes, mean_pixel_ha
from sinks.sources.georeference import crs_label

_SAME_PX = 0.01  # grids that differ by less are one
_EDGE_PX = 1e-6  # a centre on the edge of a pixel belongs to the next one, whatever the rounding
_SOURCE_PX = 2**24  # most pixels of the other grid that are held at once
_TILE = 512

_Places = NDArray[np.int64]


class Aligned(NamedTuple):
    """Pixels by code on the grid aligned to, and how much of it the raster does not cover."""

    pixels: dict[int, int]
    uncovered_ha: float


@dataclass(frozen=True, kw_only=True, eq=False)
class AlignedCodes:
    """Codes of ``source`` at the pixel centres of ``grid``: satisfies ``CodeBlocks``.

    0 where the source has no data or does not reach.
    """

    source: CodeBlocks
    grid: Grid

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the codes of ``window`` of the grid aligned to."""
        return self.pick(window)[0]

    def pick(self, window: Window) -> tuple[NDArray[np.uint8], int]:
        """Return the codes of ``window``, and how many of its pixels the source covers."""
        shape = (window.height, window.width)
        rows, cols = (np.broadcast_to(places, shape) for places in self._places(window))
        high, wide = self.source.grid.shape
        inside = (rows >= 0) & (rows < high) & (cols >= 0) & (cols < wide)
        covered = int(np.count_nonzero(inside))
        if covered == 0:
            return np.zeros(shape, dtype=np.uint8), 0
        top, bottom = _range(rows, inside)
        left, right = _range(cols, inside)
        needed = Window(top, left, bottom - top + 1, right - left + 1)
        if needed.height * needed.width > _SOURCE_PX and inside.size > 1:
            return self._halves(window)
        return _gather(self.source.read(needed), rows - top, cols - left), covered

    def _halves(self, window: Window) -> tuple[NDArray[np.uint8], int]:
        row, col, height, width = window
        if height >= width:
            half = height // 2
            parts = Window(row, col, half, width), Window(row + half, col, height - half, width)
        else:
            half = width // 2
            parts = Window(row, col, height, half), Window(row, col + half, height, width - half)
        (first, n), (second, m) = self.pick(parts[0]), self.pick(parts[1])
        return np.concatenate([first, second], axis=0 if height >= width else 1), n + m

    def _places(self, window: Window) -> tuple[_Places, _Places]:
        """Return row and column in the source of every pixel centre, fit to be broadcast."""
        to, of = self.grid.transform, self.source.grid.transform
        x = to.c + (window.col + np.arange(window.width)[np.newaxis, :] + 0.5) * to.a
        y = to.f + (window.row + np.arange(window.height)[:, np.newaxis] + 0.5) * to.e
        if self._transformer is not None:
            xs, ys = np.broadcast_arrays(x, y)
            x, y = self._transformer.transform(xs, ys)
        return _floor((y - of.f) / of.e), _floor((x - of.c) / of.a)

    @cached_property
    def _transformer(self) -> Transformer | None:
        here, there = self.grid.crs, self.source.grid.crs
        return None if here == there else Transformer.from_crs(here, there, always_xy=True)


def count_aligned(codes: AlignedCodes, *, threads: int = 1) -> Aligned:
    """Count the pixels of every code on the grid aligned to, in one pass."""
    pieces = windows(codes.grid.shape, _TILE, _TILE)
    counts, uncovered_ha = np.zeros(256, dtype=np.int64), 0.0
    picks = map_in_order(lambda window: _counted(codes, window), pieces, threads=threads)
    for window, (part, covered) in zip(pieces, picks, strict=True):
        counts += part
        missing = window.height * window.width - covered
        uncovered_ha += missing * mean_pixel_ha(codes.grid, window) if missing else 0.0
    return Aligned({int(c): int(counts[c]) for c in np.flatnonzero(counts)}, uncovered_ha)


def grid_difference(grid: Grid, first: Grid, *, file: str) -> Finding | None:
    """Compare a grid with that of the first year.

    Returns ``R22`` if it is shifted by part of a pixel, ``R23`` if it differs otherwise, and
    None if both are one grid (to a hundredth of a pixel).
    """
    a, b = first.transform, grid.transform
    right, down = (b.c - a.c) / a.a, (b.f - a.f) / a.e
    comparable = grid.crs == first.crs and grid.shape == first.shape
    if comparable and first.aligned_with(grid) and max(abs(right), abs(down)) < _SAME_PX:
        return None
    facts: dict[str, object] = {"differences": grid_differences(grid, first)}
    sized = grid.crs == first.crs and max(abs(b.a / a.a - 1), abs(b.e / a.e - 1)) < 1e-6
    parts = right - round(right), down - round(down)
    if sized and max(map(abs, parts)) >= _SAME_PX:
        facts |= {"right": round(parts[0], 3), "down": round(parts[1], 3)}
        return Finding(code="R22", file=file, facts=facts)
    return Finding(code="R23", file=file, facts=facts)


def grid_differences(grid: Grid, first: Grid) -> list[str]:
    """Say in figures where two grids differ, the first year's in brackets."""
    a, b = first.transform, grid.transform
    pairs = [
        (crs_label(grid.crs, "en"), crs_label(first.crs, "en")),
        (f"{b.a:.10g} x {-b.e:.10g}", f"{a.a:.10g} x {-a.e:.10g}"),
        (f"{grid.shape[1]} x {grid.shape[0]} px", f"{first.shape[1]} x {first.shape[0]} px"),
        (f"{b.c:.10g}, {b.f:.10g}", f"{a.c:.10g}, {a.f:.10g}"),
    ]
    return [f"{this} ({that})" for this, that in pairs if this != that]


def _counted(codes: AlignedCodes, window: Window) -> tuple[NDArray[np.int64], int]:
    picked, covered = codes.pick(window)
    counts = np.zeros(256, dtype=np.int64)
    count_bytes(picked.ravel(), counts)
    return counts, covered


def _range(places: _Places, inside: NDArray[np.bool_]) -> tuple[int, int]:
    reached = places if inside.all() else places[inside]
    return int(reached.min()), int(reached.max())


def _floor(px: NDArray[np.floating[Any]]) -> _Places:
    px = np.where(np.isfinite(px), px, -1.0)  # no place in the other system
    places: _Places = np.floor(np.clip(px, -1, 2**40) + _EDGE_PX).astype(np.int64)
    return places


@numba.njit(nogil=True, cache=True)
def _gather(block: NDArray[np.uint8], rows: _Places, cols: _Places) -> NDArray[np.uint8]:
    high, wide = block.shape
    codes = np.zeros(rows.shape, dtype=np.uint8)
    for i in range(rows.shape[0]):
        for j in range(rows.shape[1]):
            row, col = rows[i, j], cols[i, j]
            if 0 <= row < high and 0 <= col < wide:
                codes[i, j] = block[row, col]
    return codes
