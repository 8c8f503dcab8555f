"""Densities of a raster file: every pixel looked at once, and then read window by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray

from sinks.blocks import map_in_order
from sinks.grid import Grid, Window
from sinks.pixels.blocks import RawPixels
from sinks.pixels.codes import Strange, pass_windows

MOST_TC_PER_HA = 2000.0  # more than deep peat and its forest hold together
_ROUNDING = 1e-6  # tC/ha that rounding may have left below nought
_FILLS = (0, -1, -99, -999, -9999, 255, 65535)  # that often mean no data


@dataclass(frozen=True, kw_only=True, eq=False)
class FileDensities:
    """A band of a file in tC/ha: satisfies ``DensityBlocks`` on the file's own grid.

    Density = value x ``scale`` + ``offset``, unit included.
    """

    raw: RawPixels
    grid: Grid
    band: int
    scale: float
    offset: float
    nodata: float | None

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return tC/ha of ``window``; NaN where the file has no data."""
        return self.scaled(self.values(window))

    def values(self, window: Window) -> NDArray[Any]:
        """Return the values of ``window`` as they stand in the file."""
        with rasterio.Env():  # what GDAL says goes to its log, not to the screen
            values: NDArray[Any] = self.raw.read(window, self.band)
        return values

    def scaled(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Turn values of the file into tC/ha."""
        with np.errstate(over="ignore", invalid="ignore"):
            result = (values.astype(np.float64) * self.scale + self.offset).astype(np.float32)
        if self.nodata is not None:
            result[values == values.dtype.type(self.nodata)] = np.nan
        return result


class DensityCounts(NamedTuple):
    """What the pixels of a density raster hold.

    ``fills`` are pixels by value that often means no data; ``impossible`` counts values that
    no density has, with the first of them. ``low`` and ``high`` are the least and greatest
    density, infinite without any.
    """

    total: int
    valid: int
    nan: int
    fills: dict[float, int]
    impossible: Strange
    low: float
    high: float

    def shares(self) -> list[str]:
        """Say which values that often mean no data occur, and how often."""
        return [f"{v:g} ({100 * px / self.total:.3g} %)" for v, px in self.fills.items()]


def count_densities(densities: FileDensities, *, threads: int = 1) -> DensityCounts:
    """Look at every pixel once."""
    raw = densities.raw
    pieces = pass_windows(raw.shape, raw.block_shape, 8)
    parts = map_in_order(lambda window: _counted(densities, window), pieces, threads=threads)
    return _together(list(parts))


def _counted(densities: FileDensities, window: Window) -> DensityCounts:
    values = densities.values(window)
    scaled = densities.scaled(values)
    known = ~np.isnan(scaled)
    wrong = known & ~((scaled >= -_ROUNDING) & (scaled <= MOST_TC_PER_HA))
    low, high = (
        f(scaled, where=known, initial=i) for f, i in ((np.min, np.inf), (np.max, -np.inf))
    )
    return DensityCounts(
        total=values.size,
        valid=int(known.sum()),
        nan=int(np.isnan(values).sum()) if values.dtype.kind == "f" else 0,
        fills={fill: px for fill in _fills(values.dtype) if (px := int((values == fill).sum()))},
        impossible=_first(wrong, scaled, window),
        low=float(low),
        high=float(high),
    )


def _fills(dtype: np.dtype[Any]) -> list[float]:
    if dtype.kind == "f":
        return [float(fill) for fill in _FILLS]
    limits = np.iinfo(dtype)
    usual = {*_FILLS, int(limits.min), int(limits.max)}
    return [float(fill) for fill in sorted(usual) if limits.min <= fill <= limits.max]


def _first(wrong: NDArray[np.bool_], scaled: NDArray[np.float32], window: Window) -> Strange:
    if not wrong.any():
        return Strange()
    row, col = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    value = float(scaled[row, col])
    return Strange(int(wrong.sum()), value, window.row + int(row), window.col + int(col))


def _together(parts: Sequence[DensityCounts]) -> DensityCounts:
    fills: dict[float, int] = {}
    for part in parts:
        for value, px in part.fills.items():
            fills[value] = fills.get(value, 0) + px
    first = next((part.impossible for part in parts if part.impossible.px), Strange())
    return DensityCounts(
        total=sum(part.total for part in parts),
        valid=sum(part.valid for part in parts),
        nan=sum(part.nan for part in parts),
        fills=fills,
        impossible=first._replace(px=sum(part.impossible.px for part in parts)),
        low=min(part.low for part in parts),
        high=max(part.high for part in parts),
    )
