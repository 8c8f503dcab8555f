"""Means of a raster of densities by zone and class, weighted by area.

Pixels weigh what they weigh in tabulation: hectares on the ellipsoid, times the share that
the zone covers. Densities are not rounded on the way. The sums are the same bit for bit
whatever the number of threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.blocks import map_in_order
from sinks.errors import InputRefused
from sinks.grid import Grid, Window
from sinks.landcover.cover import LandCover
from sinks.zones.areas import require_one_grid
from sinks.zones.coverage_kernel import WEIGHT_COLS
from sinks.zones.outlines import Rings
from sinks.zones.placed import placed
from sinks.zones.shares import pixel_shares, windows_over
from sinks.zones.tiles import Job, jobs, meeting
from sinks.zones.zones import Zones

CODES = 256

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class DensityBlocks(Protocol):
    """Densities per hectare that can be read window by window, from any thread."""

    @property
    def grid(self) -> Grid:
        """The grid the pixels lie on."""
        ...

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return the densities of ``window``, shape ``(height, width)``; NaN where none is."""
        ...


def weighted_means(
    cover: LandCover, density: DensityBlocks, zones: Zones, *, threads: int = 1
) -> pd.DataFrame:
    """Return the mean density of every zone and class.

    Parameters
    ----------
    density
        Densities in tC/ha on the grid of ``cover``.
    threads
        How many tiles of the raster are worked on at a time; the result is the same.

    Returns
    -------
    pandas.DataFrame
        Index ``zone, land_cover``, in the order of both; only rows with an area.
        ``area_ha`` has a density, ``missing_ha`` has none; together they are the area that
        :func:`sinks.zones.areas.tabulate` finds. ``density_tc_per_ha`` is the mean over
        ``area_ha``, NaN where that is nought.

    Raises
    ------
    InputRefused
        ``R22`` or ``R23`` if the densities lie on another grid, ``R20`` if a code occurs that
        the legend lacks, ``Z05`` if a zone cannot be shown in the CRS of the raster.
    """
    require_one_grid(cover.grid, density.grid)
    places = placed(zones, cover.grid)
    work = _Work(cover=cover, density=density, rings=places.rings)
    sums = np.zeros((len(places.ids), work.classes + 1, 3))
    for part in map_in_order(work.part, jobs(cover.grid), threads=threads):
        sums[part.zones] += part.sums
    zone, land_cover = np.nonzero(sums[:, 1:, :2].any(axis=2))
    area_ha, missing_ha, stock_tc = sums[zone, land_cover + 1].T
    mean = np.divide(stock_tc, area_ha, out=np.full(len(zone), np.nan), where=area_ha > 0)
    keys = [np.array(places.ids, dtype=object)[zone], np.array(cover.legend.keys)[land_cover]]
    return pd.DataFrame(
        {"area_ha": area_ha, "missing_ha": missing_ha, "density_tc_per_ha": mean},
        index=pd.MultiIndex.from_arrays(keys, names=["zone", "land_cover"]),
    )


class _Part(NamedTuple):
    """Of a tile: the zones that meet it; hectares with and without a density, and tonnes."""

    zones: Ints
    sums: Floats  # (zones, classes, 3)


@dataclass(frozen=True, kw_only=True)
class _Work:
    cover: LandCover
    density: DensityBlocks
    rings: Rings

    @property
    def classes(self) -> int:
        return len(self.cover.legend.classes)

    def part(self, job: Job) -> _Part:
        """Add up one tile."""
        window, bounds = job.window, self.rings.bounds
        here = meeting(bounds, window)
        sums = np.zeros((len(here), CODES, 3))
        codes, density = self.cover.read(window), self.density.read(window)
        for i, zone in enumerate(here):
            for part in windows_over(bounds[zone], window):
                share = pixel_shares(self.rings, int(zone), part)
                at = part.row - window.row, part.col - window.col
                _add(codes, density, share, (job.pixel_ha, job.band_rows), at, sums[i])
        return _Part(here, self._by_class(codes, sums))

    def _by_class(self, codes: NDArray[np.uint8], sums: Floats) -> Floats:
        """Put codes in the order of the legend, no data first."""
        legend = self.cover.legend
        known = [0, *(c.code for c in legend.classes)]
        if strange := set(np.unique(codes).tolist()) - set(known):
            raise InputRefused.because("R20", codes=sorted(strange), legend=legend.name)
        return sums[:, known]


@numba.njit(nogil=True, cache=True)
def _add(
    codes: NDArray[np.uint8],
    density: NDArray[np.float32],
    share: Floats,
    weights: tuple[Floats, int],
    at: tuple[int, int],
    sums: Floats,
) -> None:
    """Add the pixels that ``share`` covers, from row and column ``at`` of the tile on."""
    (pixel_ha, band_rows), (row, col) = weights, at
    for r in range(share.shape[0]):
        ha = pixel_ha[(row + r) // band_rows]
        for c in range(share.shape[1]):
            if share[r, c] > 0:
                code, value = codes[row + r, col + c], density[row + r, col + c]
                area_ha = share[r, c] * ha[(col + c) // WEIGHT_COLS]
                if np.isnan(value):
                    sums[code, 1] += area_ha
                else:
                    sums[code, 0] += area_ha
                    sums[code, 2] += area_ha * value
