"""One pass over the pixels: what each zone holds of each class, tile by tile.

A tile is read, its classes are numbered (pairs of classes if there are two dates), and the
kernel adds it up. What comes back is sparse, and is added up in the order of the tiles.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, log2
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinks.blocks import map_in_order, windows
from sinks.errors import InputRefused
from sinks.grid import Grid, Window
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import Legend
from sinks.zones.coverage_kernel import UNIT_BITS, WEIGHT_COLS, pair_numbers, sum_tile
from sinks.zones.outlines import Rings

_TILE_ROWS, _TILE_COLS = 512, 1 << 12  # fewer pixels than UNIT_BITS allow for
_TABLE_CELLS = 1 << 18  # of the dense table that the kernel fills: 2 MB
_PENDING = 1 << 20  # sums that may wait to be added up: 16 MB
_STRANGE = 255  # number of a code that the legend lacks; no class has it

_memory = threading.local()

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class PixelSums:
    """Hectares by zone and class (pair of classes), sparse, in the order of both.

    ``classes`` has an array per date: 0 is no data, ``i`` the class ``i - 1`` of the legend.
    ``px`` are the covered pixels of every zone.
    """

    zone: Ints
    classes: tuple[Ints, ...]
    area_ha: Floats
    px: Floats


def sum_pixels(covers: Sequence[LandCover], rings: Rings, *, threads: int = 1) -> PixelSums:
    """Add up one date or two by zone and class.

    Raises
    ------
    InputRefused
        ``R20`` if a code occurs that the legend does not define.
    """
    grid, legend = covers[0].grid, covers[0].legend
    work = _Work(covers=covers, rings=rings, numbering=_numbering(legend), unit_ha=_unit_ha(grid))
    px = np.zeros(len(rings.bounds))
    keys, area_ha = _added_up(map_in_order(work.part, jobs(grid), threads=threads), px)
    zone, place = np.divmod(keys, len(work.place))
    classes = (place,) if len(covers) == 1 else np.divmod(place, len(legend.classes) + 1)
    return PixelSums(zone=zone, classes=classes, area_ha=area_ha, px=px)


class Tile(NamedTuple):
    """Class numbers of a rectangle of pixels that starts at ``row`` and ``col`` of the raster.

    ``weights`` are area units of a pixel, whole numbers, by band of ``band_rows`` rows and
    group of ``WEIGHT_COLS`` columns of the tile.
    """

    numbers: NDArray[np.uint16]
    row: int
    col: int
    weights: Floats
    band_rows: int


class Job(NamedTuple):
    """A tile to be worked on, with the hectares of its pixels by band and group of columns."""

    window: Window
    pixel_ha: Floats
    band_rows: int


class _Part(NamedTuple):
    """What a tile holds: pixels of the zones that meet it, hectares by zone and class."""

    zones: Ints
    px: Floats
    keys: Ints  # zone x places + place
    area_ha: Floats


class _Numbering(NamedTuple):
    """Numbers 0 to n for no data and n classes: their codes themselves where these are 1 to n.

    ``place`` of a number is that of its class in (no data, classes of the legend).
    """

    lookup: NDArray[np.uint8] | None
    place: Ints


@dataclass(frozen=True, kw_only=True)
class _Work:
    covers: Sequence[LandCover]
    rings: Rings
    numbering: _Numbering
    unit_ha: float

    @property
    def place(self) -> Ints:
        """The place of every number, or of every pair of numbers, in the order of results."""
        place = self.numbering.place
        if len(self.covers) == 1:
            return place
        return (place[:, np.newaxis] * len(place) + place).ravel()

    def part(self, job: Job) -> _Part:
        """Add up one tile."""
        window = job.window
        weights = np.ascontiguousarray(np.rint(job.pixel_ha / self.unit_ha))
        tile = Tile(self._numbers(window), window.row, window.col, weights, job.band_rows)
        place = self.place
        here = meeting(self.rings.bounds, window)
        px, keys, units = np.zeros(len(here)), [here[:0]], [here[:0]]
        step = max(_TABLE_CELLS // len(place), 1)
        for start in range(0, len(here), step):
            zones = here[start : start + step]
            table = np.zeros((len(zones), len(place)), dtype=np.int64)
            px[start : start + step] = sum_tile(tuple(tile), tuple(self.rings), zones, table)
            row, number = np.nonzero(table)
            keys.append(zones[row] * len(place) + place[number])
            units.append(table[row, number])
        area_ha = np.concatenate(units) * np.float64(self.unit_ha)
        return _Part(here, px, np.concatenate(keys), area_ha)

    def _numbers(self, window: Window) -> NDArray[np.uint16]:
        """Read a tile and number its classes, or its pairs of classes."""
        lookup, place = self.numbering
        codes = [cover.read(window) for cover in self.covers]
        each = codes if lookup is None else [lookup[of_date] for of_date in codes]
        each = [np.require(of_date, requirements=["C", "W"]) for of_date in each]
        numbers = _scratch(window.height, window.width)
        if pair_numbers(each[0], each[-1], len(place) if len(each) > 1 else 0, numbers) >= len(
            place
        ):
            self._refuse(codes)
        return numbers

    def _refuse(self, codes: list[NDArray[np.uint8]]) -> None:
        """Name the codes without a class: a file changed since its codes were counted."""
        legend = self.covers[0].legend
        strange = set(np.unique(codes).tolist()) - {0, *legend.by_code}
        raise InputRefused.because("R20", codes=sorted(strange), legend=legend.name)


def _scratch(rows: int, cols: int) -> NDArray[np.uint16]:
    """Return memory for a tile, the same again in one thread: new memory is slow at first."""
    if not hasattr(_memory, "cells") or len(_memory.cells) < rows * cols:
        _memory.cells = np.empty(rows * cols, dtype=np.uint16)
    cells: NDArray[np.uint16] = _memory.cells[: rows * cols]
    return cells.reshape(rows, cols)


def _numbering(legend: Legend) -> _Numbering:
    codes = [c.code for c in legend.classes]
    order = np.arange(len(codes) + 1)
    if sorted(codes) == list(order[1:]):
        place = np.zeros_like(order)
        place[codes] = order[1:]
        return _Numbering(None, place)
    lookup = np.full(256, _STRANGE, dtype=np.uint8)
    lookup[[0, *codes]] = order
    return _Numbering(lookup, order)


def jobs(grid: Grid) -> Iterator[Job]:
    """Cut a raster into tiles; a pixel's hectares are those at the middle of its patch."""
    cols = grid.shape[1]
    groups = _middles(0, cols, WEIGHT_COLS)
    for strip in windows(grid.shape, _TILE_ROWS):
        band_rows = grid.pixel_areas(strip.row, strip.height).band_rows
        pixel_ha = grid.pixel_ha(_middles(strip.row, strip.height, band_rows), groups)
        for col in range(0, cols, _TILE_COLS):
            window = Window(strip.row, col, strip.height, min(_TILE_COLS, cols - col))
            first = col // WEIGHT_COLS
            of_tile = pixel_ha[:, first : first + ceil(window.width / WEIGHT_COLS)]
            yield Job(window, of_tile, band_rows)


def _middles(start: int, length: int, step: int) -> Floats:
    edges = start + np.append(np.arange(0, length, step), length)
    return np.asarray((edges[:-1] + edges[1:] - 1) / 2)


def _unit_ha(grid: Grid) -> float:
    """Return a power of two: the largest pixel over 2^UNIT_BITS, or a little more."""
    rows, cols = grid.shape
    sample = grid.pixel_ha(np.linspace(0, rows - 1, 9), np.linspace(0, cols - 1, 9))
    return 2.0 ** (ceil(log2(sample.max())) - UNIT_BITS)


def meeting(bounds: Floats, window: Window) -> Ints:
    """Return the zones whose bounds meet a window."""
    left, top, right, bottom = bounds.T
    row, col, height, width = window
    across = (left < col + width) & (right > col)
    return np.flatnonzero(across & (top < row + height) & (bottom > row))


def _added_up(parts: Iterable[_Part], px: Floats) -> tuple[Ints, Floats]:
    """Add parts up in their order: pixels into ``px``, hectares by key, which are returned."""
    sums, waiting = (np.zeros(0, dtype=np.int64), np.zeros(0)), list[tuple[Ints, Floats]]()
    for part in parts:
        px[part.zones] += part.px
        waiting.append((part.keys, part.area_ha))
        if sum(len(keys) for keys, _ in waiting) > max(_PENDING, len(sums[0])):
            sums, waiting = _by_key([sums, *waiting]), []
    return _by_key([sums, *waiting])


def _by_key(sums: Sequence[tuple[Ints, Floats]]) -> tuple[Ints, Floats]:
    """Add up what has the same key; keys come in order, and sums in that of the list."""
    keys, area_ha = (np.concatenate(both) for both in zip(*sums, strict=True))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.add.reduceat(area_ha[order], first)
