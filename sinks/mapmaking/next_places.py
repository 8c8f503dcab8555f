"""Where to sample next: the places that a new sample would teach the model most."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from sinks.blocks import map_in_order, windows
from sinks.errors import Finding
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.inference.prediction import SIDE
from sinks.training.extraction import places_m
from sinks.validation.sampling_need import combined_need, suggested_places

_APART_PX = 10  # neighbours would teach the same


@dataclass(frozen=True, kw_only=True, eq=False)
class NeedLayer:
    """How much a sample is needed at each pixel, 0 to 1, from the layers it follows from."""

    entropy: FeatureBlocks
    dissimilarity: FeatureBlocks
    threshold: float
    names: tuple[str, ...] = ("need",)

    @property
    def grid(self) -> Grid:
        """The grid of both layers."""
        return self.entropy.grid

    def read(self, window: Window) -> Features:
        """Return float32 ``(1, rows, columns)``; NaN where there is no data."""
        unsure, unlike = self.entropy.read(window), self.dissimilarity.read(window)
        return combined_need(unsure, unlike, self.threshold)


def next_places(
    entropy: FeatureBlocks,
    dissimilarity: FeatureBlocks,
    threshold: float,
    *,
    count: int,
    threads: int = 1,
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Choose places by need, a few of every block and then of all.

    Returns
    -------
    geopandas.GeoDataFrame
        Points in the CRS of the layers, most needed first: ``rank``, ``need`` (0 to 1),
        ``entropy``, ``dissimilarity``.
    """
    grid = entropy.grid
    apart_m = _APART_PX * _pixel_m(grid)

    def best(window: Window) -> NDArray[np.float64]:
        """Return pixel number, need, entropy and dissimilarity of the best of a block."""
        unsure, unlike = (layer.read(window)[0].ravel() for layer in (entropy, dissimilarity))
        need = combined_need(unsure, unlike, threshold)
        pixels = _pixels(window, grid)
        places = np.column_stack(places_m(grid, pixels))
        chosen = suggested_places(need, places, count=count, apart_m=apart_m).chosen
        return np.column_stack([pixels, need, unsure, unlike])[chosen]

    blocks = windows(grid.shape, SIDE, SIDE)
    candidates = np.concatenate(list(map_in_order(best, blocks, threads=threads)))
    places = np.column_stack(places_m(grid, candidates[:, 0].astype(np.int64)))
    need = candidates[:, 1].astype(np.float32)
    suggestions = suggested_places(need, places, count=count, apart_m=apart_m)
    pixels, *columns = candidates[suggestions.chosen].T
    rows, cols = np.divmod(pixels.astype(np.int64), grid.shape[1])
    x, y = grid.transform @ (cols + 0.5, rows + 0.5)
    frame = gpd.GeoDataFrame(
        {"rank": np.arange(1, len(pixels) + 1)}
        | dict(zip(("need", "entropy", "dissimilarity"), columns, strict=True)),
        geometry=shapely.points(x, y),
        crs=grid.crs,
    )
    return frame, suggestions.findings


def _pixels(window: Window, grid: Grid) -> NDArray[np.int64]:
    rows = np.arange(window.row, window.row + window.height)[:, np.newaxis]
    cols = np.arange(window.col, window.col + window.width)
    return np.asarray((rows * grid.shape[1] + cols).ravel(), dtype=np.int64)


def _pixel_m(grid: Grid) -> float:
    middle = [n // 2 for n in grid.shape]
    return float(np.sqrt(grid.pixel_ha([middle[0]], [middle[1]])[0, 0] * 10_000))
