"""Bands of another resolution or extent, brought to the reference grid by one stated rule.

A finer band is averaged, where a whole number of its pixels makes a pixel of the reference;
a coarser one gives each pixel the value of the coarse pixel its centre lies in. Nothing is
interpolated, and nothing is reprojected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding
from sinks.gate.georeference import crs_label
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.imagery.image import in_pieces, same_grid, selected

_CLOSE = 0.01  # of a pixel
_EDGE_PX = 1e-6  # a centre on an edge belongs to the next pixel, whatever the rounding
_SOURCE_PX = 2**22  # of all finer bands, held at once
_MOST_FINER = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class AveragedFeatures:
    """Means of ``factor`` x ``factor`` pixels of a finer band, over those that have data.

    ``row`` and ``col`` say where the reference grid begins, in pixels of the source.
    """

    source: FeatureBlocks
    grid: Grid
    factor: int
    row: int
    col: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the source."""
        return self.source.names

    def read(self, window: Window) -> Features:
        """Return the means of ``window``; NaN where the source has no data."""
        most_px = max(_SOURCE_PX // (self.factor**2 * len(self.names)), 1)
        return in_pieces(self._read, window, features=len(self.names), most_px=most_px)

    def selected(self, names: Sequence[str]) -> FeatureBlocks:
        """Return some features, without reading the others."""
        return replace(self, source=selected(self.source, names))

    def _read(self, window: Window) -> Features:
        k = self.factor
        fine = Window(
            self.row + window.row * k,
            self.col + window.col * k,
            window.height * k,
            window.width * k,
        )
        values = _padded(self.source, fine)
        if k == 1:
            return values
        total = np.zeros((len(values), window.height, window.width))
        count = np.zeros(total.shape, dtype=np.int32)
        for down in range(k):  # one after another, so that sums never depend on the window
            for right in range(k):
                part = values[:, down::k, right::k]
                seen = ~np.isnan(part)
                total += np.where(seen, part, 0)
                count += seen
        mean = np.full(total.shape, np.nan)
        np.divide(total, count, out=mean, where=count > 0)
        return mean.astype(np.float32)


@dataclass(frozen=True, kw_only=True, eq=False)
class NearestFeatures:
    """Values of a coarser band at the pixel centres of the reference grid."""

    source: FeatureBlocks
    grid: Grid

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the source."""
        return self.source.names

    def read(self, window: Window) -> Features:
        """Return the values of ``window``; NaN where the source does not reach."""
        here, there = self.grid.transform, self.source.grid.transform
        y = here.f + (np.arange(window.row, window.row + window.height) + 0.5) * here.e
        x = here.c + (np.arange(window.col, window.col + window.width) + 0.5) * here.a
        rows, cols = _whole((y - there.f) / there.e), _whole((x - there.c) / there.a)
        coarse = Window(
            int(rows[0]), int(cols[0]), int(rows[-1] - rows[0]) + 1, int(cols[-1] - cols[0]) + 1
        )
        values = _padded(self.source, coarse)
        return values[:, rows - rows[0]][:, :, cols - cols[0]]

    def selected(self, names: Sequence[str]) -> FeatureBlocks:
        """Return some features, without reading the others."""
        return replace(self, source=selected(self.source, names))


def placed(source: FeatureBlocks, grid: Grid) -> FeatureBlocks | str:
    """Bring features to ``grid`` by the rule of this module; say why if that cannot be."""
    own = source.grid
    if own.crs != grid.crs:
        return f"{crs_label(own.crs, 'en')} ≠ {crs_label(grid.crs, 'en')}"
    if same_grid(own, grid):
        return source
    if not _overlap(own, grid):
        return f"{_numbers(own.bounds)} ∩ {_numbers(grid.bounds)} = ∅"
    across, down = grid.transform.a / own.transform.a, grid.transform.e / own.transform.e
    reach = max(grid.shape)
    if across < 1 and down < 1 and abs(across - 1) * reach >= _CLOSE:
        return NearestFeatures(source=source, grid=grid)
    shift = (
        (grid.transform.f - own.transform.f) / own.transform.e,
        (grid.transform.c - own.transform.c) / own.transform.a,
    )
    factor = round(across)
    off = [abs(across - factor) * reach, abs(down - factor) * reach]
    off += [abs(s - round(s)) for s in shift]
    if max(off) >= _CLOSE or factor > _MOST_FINER:
        return f"{_size(own)} → {_size(grid)}, {shift[1]:.4g}, {shift[0]:.4g} px"
    return AveragedFeatures(
        source=source, grid=grid, factor=factor, row=round(shift[0]), col=round(shift[1])
    )


def placing_note(source: FeatureBlocks, result: FeatureBlocks, *, file: str) -> Finding | None:
    """Return ``B14``: what was done to bring a band to the reference grid, if anything was."""
    if result is source:
        return None
    rule = "最近像元 nearest pixel"
    if isinstance(result, AveragedFeatures):
        k = result.factor
        rule = f"{k}×{k} 平均 mean" if k > 1 else "整像元平移 shift by whole pixels"
    facts = {
        "roles": source.names,
        "from_m": _size(source.grid),
        "to_m": _size(result.grid),
        "rule": rule,
    }
    return Finding(code="B14", file=file, place=", ".join(source.names), facts=facts)


def _padded(source: FeatureBlocks, window: Window) -> Features:
    """Read a window that may reach beyond the source: NaN there."""
    rows, cols = source.grid.shape
    top, left = max(window.row, 0), max(window.col, 0)
    bottom = min(window.row + window.height, rows)
    right = min(window.col + window.width, cols)
    inside = Window(top, left, bottom - top, right - left)
    if inside == window:
        return source.read(window)
    values = np.full((len(source.names), window.height, window.width), np.nan, dtype=np.float32)
    if inside.height > 0 and inside.width > 0:
        down, across = top - window.row, left - window.col
        values[:, down : down + inside.height, across : across + inside.width] = source.read(
            inside
        )
    return values


def _whole(px: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    places: NDArray[np.int64] = np.floor(px + _EDGE_PX).astype(np.int64)
    return places


def _overlap(a: Grid, b: Grid) -> bool:
    west, south = max(a.bounds[0], b.bounds[0]), max(a.bounds[1], b.bounds[1])
    east, north = min(a.bounds[2], b.bounds[2]), min(a.bounds[3], b.bounds[3])
    return west < east and south < north


def _size(grid: Grid) -> str:
    return f"{grid.transform.a:.10g} × {-grid.transform.e:.10g}"


def _numbers(bounds: tuple[float, float, float, float]) -> str:
    return ", ".join(f"{number:.10g}" for number in bounds)
