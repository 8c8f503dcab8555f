"""Codes of pixels on their way into a page: where they lie, and the blocks they come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks
from sinks.landcover.cover import CodeBlocks
from sinks.landcover.legend import NO_DATA
from sinks.maps.placement import Placement, crs_name, placement
from sinks.maps.pyramid import Pyramid, class_pyramid


@dataclass(frozen=True, kw_only=True)
class PixelData:
    """Codes at full size and in overviews, and the way to them from Web Mercator."""

    grid: Grid
    placement: Placement
    pyramid: Pyramid

    @classmethod
    def of(cls, codes: CodeBlocks, *, threads: int = 1) -> PixelData:
        """Read all codes once."""
        return cls(
            grid=codes.grid,
            placement=placement(codes.grid),
            pyramid=class_pyramid(codes, threads=threads),
        )

    def facts(self) -> dict[str, Any]:
        """Return grid, placement and the lengths of the blocks."""
        transform = self.grid.transform
        west, south, east, north = self.placement.west_south_east_north_m
        return {
            "crs": crs_name(self.grid.crs),
            "projected": bool(self.grid.crs.is_projected),
            "west": transform.c,
            "north": transform.f,
            "step_x": transform.a,
            "step_y": transform.e,
            "extent_m": [west, south, east, north],
            "placement": {
                "centre_m": self.placement.centre_m,
                "half_m": self.placement.half_m,
                "degree": self.placement.degree,
                "col": self.placement.col,
                "row": self.placement.row,
            },
            "levels": self.pyramid.sizes(),
        }

    def text(self) -> str:
        """Return the blocks."""
        return self.pyramid.text()


@dataclass(frozen=True, kw_only=True, eq=False)
class Steps:
    """Numbers as a few codes: 1 below the first edge, 2 from there on, ...; 0 is no data.

    A page that carried numbers in full would be many times as large; what is read in it is
    the step, never a number that was rounded.
    """

    layer: FeatureBlocks
    edges: tuple[float, ...]

    @property
    def grid(self) -> Grid:
        """The grid of the layer."""
        return self.layer.grid

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the codes of ``window``."""
        values = self.layer.read(window)[0]
        codes = np.digitize(values, np.asarray(self.edges, values.dtype)) + 1
        return np.where(np.isfinite(values), codes, NO_DATA).astype(np.uint8)


@dataclass(frozen=True, kw_only=True, eq=False)
class Beyond:
    """The pixels of a layer that lie above a threshold: 1 there, 0 elsewhere."""

    layer: FeatureBlocks
    threshold: float

    @property
    def grid(self) -> Grid:
        """The grid of the layer."""
        return self.layer.grid

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the codes of ``window``."""
        beyond: NDArray[np.bool_] = self.layer.read(window)[0] > self.threshold
        return beyond.astype(np.uint8)
