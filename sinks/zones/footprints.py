"""Polygons put on a grid as sparse cells: how much of each pixel they cover, and with what.

A layer of forest stands touches a small part of a district's pixels. What is kept grows with
these alone, not with the raster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from sinks.blocks import map_in_order
from sinks.errors import InvariantViolated
from sinks.grid import Grid, Window
from sinks.zones.outlines import Rings, Shapes
from sinks.zones.overlay import dissolve
from sinks.zones.placed import rings_on, straight_on
from sinks.zones.shares import pixel_shares, windows_over

_BATCH = 256  # polygons that a thread takes at a time

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Footprint:
    """What polygons cover of the pixels of a grid, and what they bring along.

    Attributes
    ----------
    cell
        Numbers of the pixels that are touched, row x columns + column, ascending.
    fraction
        The share of each that the polygons cover, every place counted once: above 0, at
        most 1.
    values
        By name: for each pixel the sum over polygons of share x what a hectare of the
        polygon holds. A place that two polygons cover has what both hold.

    Raises
    ------
    InvariantViolated
        ``I61`` if cells are not in order or lie beyond the grid, or numbers cannot be.
    """

    grid: Grid
    cell: Ints
    fraction: Floats
    values: Mapping[str, Floats]

    def __post_init__(self) -> None:
        rows, cols = self.grid.shape
        inside = not len(self.cell) or (self.cell[0] >= 0 and self.cell[-1] < rows * cols)
        faults = {
            "cell": not inside or bool((np.diff(self.cell) <= 0).any()),
            "fraction": not bool(((self.fraction > 0) & (self.fraction <= 1)).all()),
            **{name: not bool(np.isfinite(each).all()) for name, each in self.values.items()},
        }
        lengths = {len(self.fraction), *(len(each) for each in self.values.values())}
        wrong = [name for name, fault in faults.items() if fault]
        if wrong or lengths != {len(self.cell)}:
            raise InvariantViolated.because("I61", columns=wrong or sorted(lengths))

    def spans(self, window: Window) -> tuple[Ints, Ints]:
        """Return for every row of ``window`` where its cells begin, and where they end."""
        first = (window.row + np.arange(window.height)) * self.grid.shape[1] + window.col
        begin, end = np.searchsorted(self.cell, [first, first + window.width])
        return begin, end

    def block(
        self, window: Window, *, value: str | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the fraction and a value of every pixel of ``window``, 0 where none is."""
        begin, end = self.spans(window)
        kept = np.concatenate([np.arange(*span) for span in zip(begin, end, strict=True)])
        row, col = np.divmod(self.cell[kept], self.grid.shape[1])
        blocks = np.zeros((2, window.height, window.width), dtype=np.float32)
        place = row - window.row, col - window.col
        blocks[0][place] = self.fraction[kept]
        if value is not None:
            blocks[1][place] = self.values[value][kept]
        return blocks[0], blocks[1]


class _Shares(NamedTuple):
    """Shares of pixels by polygon, one after the other."""

    cell: Ints
    polygon: Ints
    share: Floats


def footprint(
    frame: gpd.GeoDataFrame, grid: Grid, *, values: Sequence[str] = (), threads: int = 1
) -> Footprint:
    """Put polygons on a grid.

    Parameters
    ----------
    frame
        Valid polygons or multipolygons; what lies beyond the grid drops out, and so do
        those without an area.
    values
        Columns of ``frame``: what a hectare of each polygon holds.
    threads
        The result is the same whatever the number.

    Raises
    ------
    InputRefused
        ``Z05`` if the CRS of the raster cannot show the place where a polygon lies.
    InvariantViolated
        ``I61`` if a polygon that covers something has a value that is not a number.
    """
    crs = CRS(frame.crs)
    frame = frame[shapely.area(np.asarray(frame.geometry, dtype=object)) > 0]
    shapes = np.asarray(frame.geometry, dtype=object)
    if len(shapes):
        shapes = straight_on(shapes, crs, grid)
    ids = [str(label) for label in frame.index]
    each = _shares(shapes, crs, grid, ids=ids, threads=threads)
    once = dissolve(shapes) if len(shapes) else shapes
    covered = _shares(once, crs, grid, ids=["—"] * len(once), threads=threads)
    cell, fraction = _by_cell(covered.cell, covered.share)
    held = {}
    for name in values:
        worth = frame[name].to_numpy(dtype=float)[each.polygon]
        at, sums = _by_cell(each.cell, each.share * worth)
        held[name] = _spread(at, sums, cell)
    return Footprint(grid=grid, cell=cell, fraction=np.minimum(fraction, 1.0), values=held)


def _shares(shapes: Shapes, crs: CRS, grid: Grid, *, ids: list[str], threads: int) -> _Shares:
    """Return the shares of all pixels that shapes touch, shape by shape."""
    nothing = _Shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    if not len(shapes):
        return nothing
    rings = rings_on(shapes, crs, grid, ids=ids)
    batches = [range(i, min(i + _BATCH, len(shapes))) for i in range(0, len(shapes), _BATCH)]
    parts = map_in_order(
        lambda batch: _joined([nothing, *_batch(rings, batch, grid)]), batches, threads=threads
    )
    return _joined(list(parts))


def _batch(rings: Rings, batch: range, grid: Grid) -> Iterator[_Shares]:
    rows, cols = grid.shape
    for polygon in batch:
        for window in windows_over(rings.bounds[polygon], Window(0, 0, rows, cols)):
            share = pixel_shares(rings, polygon, window)
            row, col = np.nonzero(share)
            cell = (window.row + row) * cols + window.col + col
            yield _Shares(cell, np.full(len(cell), polygon), share[row, col])


def _joined(parts: Sequence[_Shares]) -> _Shares:
    return _Shares(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _by_cell(cell: Ints, amount: Floats) -> tuple[Ints, Floats]:
    """Add up by cell; cells come in order, sums in that of the polygons."""
    order = np.argsort(cell, kind="stable")
    first = np.flatnonzero(np.diff(cell[order], prepend=-1))
    sums = np.add.reduceat(amount[order], first) if len(first) else np.empty(0)
    return cell[order][first], sums


def _spread(at: Ints, sums: Floats, cell: Ints) -> Floats:
    """Put sums at cells ``at`` in the order of ``cell``; slivers that union lost drop out."""
    place = np.searchsorted(cell, at)
    kept = cell[np.minimum(place, len(cell) - 1)] == at if len(cell) else np.zeros(0, bool)
    held = np.zeros(len(cell))
    held[place[kept]] = sums[kept]
    return held
