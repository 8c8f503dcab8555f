"""Class codes of a raster file: counted once, and translated to house codes window by window.

Memory does not depend on the size of the file. Counting and translating are compiled loops,
so that decoding the file is what takes the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numba
import numpy as np
import rasterio
from numpy.typing import NDArray

from sinks.blocks import map_in_order, windows
from sinks.grid import Grid, Window
from sinks.pixels.blocks import RawPixels

LOWEST, HIGHEST = -32768, 65535  # a value outside is no class code in any scheme
UNDEFINED = 255  # a code that a legend never has
_ROWS = 512  # per window of a pass
_WINDOW_BYTES = 8_000_000
_SIMPSON = np.array([1, 4, 1]) / 6
_Array = NDArray[Any]


class Strange(NamedTuple):
    """Values that cannot be codes: how many pixels, and the first with its row and column."""

    px: int = 0
    value: float = 0.0
    row: int = -1
    col: int = -1


@dataclass(frozen=True, kw_only=True)
class CodeCounts:
    """What the pixels of a raster hold.

    ``pixels`` counts every code but the no-data value; ``hectares`` says about how much
    land that is (each window at the mean area of its pixels; empty without a grid).
    """

    pixels: dict[int, int]
    hectares: dict[int, float]
    nodata: int
    not_finite: int
    fractional: Strange
    far_off: Strange

    @property
    def total(self) -> int:
        """Number of pixels."""
        others = self.nodata + self.not_finite + self.fractional.px + self.far_off.px
        return sum(self.pixels.values()) + others

    def share_pct(self, code: int) -> float:
        """Share of a code in all pixels."""
        return 100 * self.pixels.get(code, 0) / max(self.total, 1)


def count_codes(
    raw: RawPixels, *, nodata: float | None, grid: Grid | None, threads: int = 1
) -> CodeCounts:
    """Count what every pixel holds, in one pass."""
    histogram = np.zeros(_table_length(raw.dtype), dtype=np.int64)
    hectares = np.zeros(len(histogram))
    tally = np.zeros(4, dtype=np.int64)
    first = [Strange(), Strange()]
    pieces = pass_windows(raw.shape, raw.block_shape, np.dtype(raw.dtype).itemsize)
    for window, part in zip(
        pieces, map_in_order(lambda w: _count_window(raw, w, nodata), pieces, threads=threads),
        strict=True,
    ):  # fmt: skip
        histogram += part.histogram
        tally += part.tally
        first = [old if old.px else new for old, new in zip(first, part.first, strict=True)]
        if grid is not None:
            hectares += part.histogram * mean_pixel_ha(grid, window)
    codes = _codes(raw.dtype)
    nodata_px, not_finite = int(tally[0]), int(tally[1])
    if (fill := _as_code(nodata, codes)) is not None:
        nodata_px += int(histogram[fill - codes[0]])
        histogram[fill - codes[0]] = 0
    elif nodata is not None and np.isnan(nodata):
        nodata_px, not_finite = nodata_px + not_finite, 0
    found = np.flatnonzero(histogram)
    return CodeCounts(
        pixels={codes[i]: int(histogram[i]) for i in found},
        hectares={codes[i]: float(hectares[i]) for i in found} if grid is not None else {},
        nodata=nodata_px,
        not_finite=not_finite,
        fractional=first[0]._replace(px=int(tally[2])),
        far_off=first[1]._replace(px=int(tally[3])),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class RasterCodes:
    """House codes of a land-cover file: satisfies ``CodeBlocks``.

    ``table`` holds the house code of every value from the lowest on; NaN and values beyond
    the table are no data (whoever made this object has counted every pixel).
    """

    raw: RawPixels
    grid: Grid
    table: NDArray[np.uint8]
    as_it_is: bool = False  # every value that occurs is its own house code

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the house codes of ``window``; 0 is no data."""
        values = self.raw.read(window)
        if self.as_it_is:
            return values
        house = np.empty(values.shape, dtype=np.uint8)
        if values.dtype == np.uint8:
            _translate_bytes(values.ravel(), self.table, house.ravel())
        else:
            _translate(values.ravel(), self.table, house.ravel())
        return house


def house_codes(
    raw: RawPixels, *, grid: Grid, codes: Mapping[int, int], nodata: float | None,
    counts: CodeCounts,
) -> RasterCodes:  # fmt: skip
    """Make house codes of raw values; ``codes`` maps those of the scheme to the house's."""
    values = _codes(raw.dtype)
    table = np.full(len(values), UNDEFINED, dtype=np.uint8)
    for code, house in codes.items():
        if code in values:
            table[code - values[0]] = house
    occurring = list(counts.pixels)
    if (fill := _as_code(nodata, values)) is not None:
        table[fill - values[0]] = 0
        occurring += [fill] if counts.nodata else []
    same = raw.dtype == "uint8" and all(table[code] == code for code in occurring)
    return RasterCodes(raw=raw, grid=grid, table=table, as_it_is=same)


def pass_windows(
    shape: tuple[int, int], block_shape: tuple[int, int], item_bytes: int
) -> list[Window]:
    """Cut a raster into windows of a few megabytes that follow its blocks."""
    high, wide = block_shape
    most_px = _WINDOW_BYTES // item_bytes
    width = shape[1] if high * shape[1] <= most_px else wide * max(most_px // (high * wide), 1)
    most_rows = min(_ROWS, most_px // width)
    return windows(shape, high * max(most_rows // high, 1), width)


def mean_pixel_ha(grid: Grid, window: Window) -> float:
    """Mean hectares of the pixels of ``window``, by Simpson's rule."""
    row, col, height, width = window
    rows = np.linspace(row - 0.5, row + height - 0.5, 3)
    cols = np.linspace(col - 0.5, col + width - 0.5, 3)
    return float(_SIMPSON @ grid.pixel_ha(rows, cols) @ _SIMPSON)


class _Part(NamedTuple):
    histogram: NDArray[np.int64]
    tally: NDArray[np.int64]  # no data, not finite, fractional, far off
    first: list[Strange]


def _count_window(raw: RawPixels, window: Window, nodata: float | None) -> _Part:
    with rasterio.Env():  # what GDAL says goes to its log, not to the screen
        values = raw.read(window).ravel()
    histogram = np.zeros(_table_length(raw.dtype), dtype=np.int64)
    tally, first = np.zeros(4, dtype=np.int64), np.full(2, -1, dtype=np.int64)
    if values.dtype == np.uint8:
        count_bytes(values, histogram)
    else:
        fill = values.dtype.type(0 if nodata is None else nodata)
        _count(values, fill, histogram, tally, first)
    return _Part(histogram, tally, [_strange(values, int(at), window) for at in first])


def _strange(values: _Array, at: int, window: Window) -> Strange:
    if at < 0:
        return Strange()
    row, col = divmod(at, window.width)
    return Strange(1, float(values[at]), window.row + row, window.col + col)


def _codes(dtype: str) -> range:
    return range(256) if dtype == "uint8" else range(LOWEST, HIGHEST + 1)


def _as_code(nodata: float | None, codes: range) -> int | None:
    """Return a no-data value as an integer if it is one of ``codes``."""
    if nodata is None or not float(nodata).is_integer():
        return None
    return int(nodata) if int(nodata) in codes else None


def _table_length(dtype: str) -> int:
    return len(_codes(dtype))


@numba.njit(nogil=True, cache=True)
def count_bytes(values: NDArray[np.uint8], histogram: NDArray[np.int64]) -> None:
    """Add the number of every value 0-255 to ``histogram``."""
    # four counters, because equal neighbours would wait for one another's store
    parts = np.zeros((4, 256), dtype=np.int64)
    whole = len(values) // 4 * 4
    for i in range(0, whole, 4):
        parts[0, values[i]] += 1
        parts[1, values[i + 1]] += 1
        parts[2, values[i + 2]] += 1
        parts[3, values[i + 3]] += 1
    for i in range(whole, len(values)):
        parts[0, values[i]] += 1
    for code in range(256):
        histogram[code] += parts[0, code] + parts[1, code] + parts[2, code] + parts[3, code]


@numba.njit(nogil=True, cache=True)
def _count(
    values: _Array, nodata: Any, histogram: NDArray[np.int64],
    tally: NDArray[np.int64], first: NDArray[np.int64],
) -> None:  # fmt: skip
    for i in range(len(values)):
        value = values[i]
        if value == nodata and not LOWEST <= value <= HIGHEST:
            tally[0] += 1
        elif value - value != 0:
            tally[1] += 1
        elif not LOWEST <= value <= HIGHEST:
            tally[3] += 1
            if first[1] < 0:
                first[1] = i
        elif int(value) != value:
            tally[2] += 1
            if first[0] < 0:
                first[0] = i
        else:
            histogram[int(value) - LOWEST] += 1


@numba.njit(nogil=True, cache=True)
def _translate_bytes(
    values: NDArray[np.uint8], table: NDArray[np.uint8], house: NDArray[np.uint8]
) -> None:
    for i in range(len(values)):
        house[i] = table[values[i]]


@numba.njit(nogil=True, cache=True)
def _translate(values: _Array, table: NDArray[np.uint8], house: NDArray[np.uint8]) -> None:
    for i in range(len(values)):
        value = values[i]
        if LOWEST <= value <= HIGHEST:
            house[i] = table[int(value) - LOWEST]
        else:
            house[i] = 0
