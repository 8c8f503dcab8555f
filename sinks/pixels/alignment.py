"""Pixels of one raster on the grid of another: by nearest neighbour, never otherwise.

Any other way of resampling invents classes: between codes 10 and 20 lies no land of code 15.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Protocol

import numba
import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from sinks.blocks import map_in_order, windows
from sinks.errors import Finding
from sinks.gate.georeference import crs_label
from sinks.grid import Grid, Window
from sinks.pixels.codes import count_bytes, mean_pixel_ha

_SAME_PX = 0.01  # grids that differ by less are one
_EDGE_PX = 1e-6  # a centre on the edge of a pixel belongs to the next one, whatever the rounding
_HAIR_PX = 1e-4  # positions interpolated on a lattice may be wrong by that
_SOURCE_PX = 2**24  # most pixels of the other grid that are held at once
_TILE = 512

_Places = NDArray[np.int64]
_Numbers = NDArray[np.float64]


class Aligned(NamedTuple):
    """Pixels by code on the grid aligned to, and how much of it the raster does not cover."""

    pixels: dict[int, int]
    uncovered_ha: float


class Pixels(Protocol):
    """Pixels that can be read window by window, from any thread."""

    @property
    def grid(self) -> Grid:
        """The grid the pixels lie on."""
        ...

    def read(self, window: Window) -> NDArray[Any]:
        """Return the pixels of ``window``, shape ``(height, width)``."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class AlignedPixels:
    """Pixels of ``source`` at the pixel centres of ``grid``; ``blank`` where it does not reach."""

    blank: ClassVar[Any]
    source: Pixels
    grid: Grid

    def read(self, window: Window) -> NDArray[Any]:
        """Return the pixels of ``window`` of the grid aligned to."""
        return self.pick(window)[0]

    def pick(self, window: Window) -> tuple[NDArray[Any], int]:
        """Return the pixels of ``window``, and how many of them the source covers."""
        rows, cols = self._lines(window) if self._to_source is None else self._field(window)
        covered, *edges = _extent(rows, cols, self.source.grid.shape)
        if covered == 0:
            return np.full((window.height, window.width), self.blank), 0
        top, bottom, left, right = edges
        needed = Window(top, left, bottom - top + 1, right - left + 1)
        if needed.height * needed.width > _SOURCE_PX and window.height * window.width > 1:
            return self._halves(window)
        return _gather(self.source.read(needed), rows - top, cols - left, self.blank), covered

    def _halves(self, window: Window) -> tuple[NDArray[Any], int]:
        row, col, height, width = window
        if height >= width:
            half = height // 2
            parts = Window(row, col, half, width), Window(row + half, col, height - half, width)
        else:
            half = width // 2
            parts = Window(row, col, height, half), Window(row, col + half, height, width - half)
        (first, n), (second, m) = self.pick(parts[0]), self.pick(parts[1])
        return np.concatenate([first, second], axis=0 if height >= width else 1), n + m

    def _lines(self, window: Window) -> tuple[_Places, _Places]:
        """Return the source row of every row and the source column of every column."""
        y, x = self._centres(
            np.arange(window.row, window.row + window.height, dtype=np.float64),
            np.arange(window.col, window.col + window.width, dtype=np.float64),
        )
        down, right = self._in_source(x, y)
        return _floor(down)[:, np.newaxis], _floor(right)[np.newaxis, :]

    def _field(self, window: Window) -> tuple[_Places, _Places]:
        """Return source row and column of every pixel, interpolated on a lattice.

        The lattice does not depend on the window, so that neither do the codes.
        """
        step, (row, col, height, width) = self._step, window
        down, right = self._exact(
            np.arange(row // step, (row + height) // step + 2, dtype=np.float64) * step,
            np.arange(col // step, (col + width) // step + 2, dtype=np.float64) * step,
        )
        return _between(down, right, step, (row % step, col % step, height, width))

    @cached_property
    def _step(self) -> int:
        """The widest lattice that is nowhere wrong by more than a hair of a pixel."""
        steps = [64, 32, 16, 8, 4, 2]
        return next((step for step in steps if self._error_px(step) < _HAIR_PX), 1)

    def _error_px(self, step: int) -> float:
        """Return the error of a lattice in the middle of its cells, all over the grid."""
        rows, cols = (np.linspace(0, max(n - step, 0), 9) for n in self.grid.shape)
        corners = [
            self._exact(rows + down, cols + right) for down in (0, step) for right in (0, step)
        ]
        middle = self._exact(rows + step / 2, cols + step / 2)
        wrong = [np.abs(sum(c[i] for c in corners) / 4 - middle[i]).max() for i in (0, 1)]
        return float(np.nan_to_num(max(wrong), nan=np.inf))

    def _exact(self, rows: _Numbers, cols: _Numbers) -> tuple[_Numbers, _Numbers]:
        """Return source rows and columns, with fractions, of the centres of rows x columns."""
        y, x = self._centres(rows, cols)
        xs, ys = np.meshgrid(x, y)
        if self._to_source is not None:
            xs, ys = self._to_source.transform(xs, ys)
        return self._in_source(xs, ys)

    def _centres(self, rows: _Numbers, cols: _Numbers) -> tuple[_Numbers, _Numbers]:
        to = self.grid.transform
        return to.f + (rows + 0.5) * to.e, to.c + (cols + 0.5) * to.a

    def _in_source(self, x: _Numbers, y: _Numbers) -> tuple[_Numbers, _Numbers]:
        of = self.source.grid.transform
        return (y - of.f) / of.e, (x - of.c) / of.a

    @cached_property
    def _to_source(self) -> Transformer | None:
        here, there = self.grid.crs, self.source.grid.crs
        return None if here == there else Transformer.from_crs(here, there, always_xy=True)


class AlignedCodes(AlignedPixels):
    """Class codes on another grid: satisfies ``CodeBlocks``, 0 where the source has no data."""

    blank = np.uint8(0)


class AlignedNumbers(AlignedPixels):
    """Numbers on another grid, float32, NaN where the source has none."""

    blank = np.float32(np.nan)


def uncovered_ha(pixels: AlignedPixels, *, threads: int = 1) -> float:
    """Hectares of the grid aligned to that the source does not reach."""
    pieces = windows(pixels.grid.shape, _TILE, _TILE)
    picks = map_in_order(lambda window: pixels.pick(window)[1], pieces, threads=threads)
    missing = (
        (window, window.height * window.width - covered)
        for window, covered in zip(pieces, picks, strict=True)
    )
    return sum(px * mean_pixel_ha(pixels.grid, window) for window, px in missing if px)


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


def _floor(px: _Numbers) -> _Places:
    px = np.where(np.isfinite(px), px, -1.0)  # no place in the other system
    places: _Places = np.floor(np.clip(px, -1, 2**40) + _EDGE_PX).astype(np.int64)
    return places


@numba.njit(nogil=True, cache=True)
def _between(
    down: _Numbers, right: _Numbers, step: int, part: tuple[int, int, int, int]
) -> tuple[_Places, _Places]:
    """Interpolate lattice values at every pixel of ``part`` (row, column, height, width)."""
    row, col, height, width = part
    rows = np.empty((height, width), dtype=np.int64)
    cols = np.empty((height, width), dtype=np.int64)
    shares = np.arange(step) / step
    for i in range(height):
        k, v = divmod(row + i, step)
        n, u = divmod(col, step)
        for j in range(width):
            for values, places in ((down, rows), (right, cols)):
                north = values[k, n] * (1 - shares[u]) + values[k, n + 1] * shares[u]
                south = values[k + 1, n] * (1 - shares[u]) + values[k + 1, n + 1] * shares[u]
                px = north * (1 - shares[v]) + south * shares[v] + _EDGE_PX
                places[i, j] = int(np.floor(px)) if 0 <= px < 2**40 else -1
            u += 1
            if u == step:
                n, u = n + 1, 0
    return rows, cols


@numba.njit(nogil=True, cache=True)
def _extent(
    rows: _Places, cols: _Places, shape: tuple[int, int]
) -> tuple[int, int, int, int, int]:
    """Return how many places lie inside, and first and last row and column of these."""
    covered, top, bottom, left, right = 0, shape[0], -1, shape[1], -1
    each_col, each_row = int(rows.shape[1] > 1), int(cols.shape[0] > 1)
    for i in range(rows.shape[0]):
        for j in range(cols.shape[1]):
            row, col = rows[i, j * each_col], cols[i * each_row, j]
            if 0 <= row < shape[0] and 0 <= col < shape[1]:
                covered += 1
                top, bottom = min(top, row), max(bottom, row)
                left, right = min(left, col), max(right, col)
    return covered, top, bottom, left, right


@numba.njit(nogil=True, cache=True)
def _gather(block: NDArray[Any], rows: _Places, cols: _Places, blank: Any) -> NDArray[Any]:
    """Pick the pixel at every place; rows or columns may be one line for all."""
    high, wide = block.shape
    each_col, each_row = int(rows.shape[1] > 1), int(cols.shape[0] > 1)
    picked = np.full((rows.shape[0], cols.shape[1]), blank)
    for i in range(picked.shape[0]):
        for j in range(picked.shape[1]):
            row, col = rows[i, j * each_col], cols[i * each_row, j]
            if 0 <= row < high and 0 <= col < wide:
                picked[i, j] = block[row, col]
    return picked
