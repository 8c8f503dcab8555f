"""Features of pixels: what a model sees of each, read window by window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sinks.grid import Grid, Window

Features = NDArray[np.float32]  # (features, rows, columns), or (features, pixels)


class FeatureBlocks(Protocol):
    """Numbers per pixel that can be read window by window, from any thread.

    Bands of an image, indices and statistics over time are all features; ``names`` says
    which is which, in the order of the first axis of what :meth:`read` returns.
    """

    @property
    def grid(self) -> Grid:
        """The grid the pixels lie on."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in order, each once."""
        ...

    def read(self, window: Window) -> Features:
        """Return float32 ``(features, rows, columns)``; NaN where a feature has no data."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class FeaturesInMemory:
    """Features held as an array ``(features, rows, columns)``, for small scenes and notebooks."""

    grid: Grid
    names: tuple[str, ...]
    values: Features

    def read(self, window: Window) -> Features:
        """Return the features of ``window``."""
        rows = slice(window.row, window.row + window.height)
        return self.values[:, rows, window.col : window.col + window.width]
