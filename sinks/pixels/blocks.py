"""Pixels of a raster file as they stand in it, read by window from any thread or process."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import RasterioError
from rasterio.windows import Window as FileWindow

from sinks.errors import InputRefused
from sinks.grid import Window

_ERRORS = (RasterioError, ValueError, OSError)  # of a file that cannot be read


@dataclass(frozen=True, kw_only=True, eq=False)
class RawPixels:
    """Values of the bands of a GeoTIFF, with rows from north to south.

    ``stamp`` is size and time of change (ns) of the file when it was examined. The object
    can be sent to another process.
    """

    path: Path
    shape: tuple[int, int]
    dtype: str
    block_shape: tuple[int, int]
    stamp: tuple[int, int]
    south_up: bool = False
    east_left: bool = False
    _opened: threading.local = field(default_factory=threading.local, init=False, repr=False)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "_opened"}

    def __setstate__(self, state: Mapping[str, object]) -> None:
        vars(self).update(state, _opened=threading.local())

    def read(self, window: Window, bands: int | Sequence[int] = 1) -> NDArray[Any]:
        """Return the values of ``window`` at full resolution.

        ``bands`` are numbers from 1 on: of one number comes ``(rows, columns)``, of several
        ``(bands, rows, columns)``.

        Raises
        ------
        InputRefused
            ``R26`` if a block cannot be decoded, ``R33`` if its codec is not known, ``X14``
            if the file has changed since it was examined.
        """
        try:
            values = self._decoded(window, bands)
        except _ERRORS as error:
            raise self._refusal(window, bands, error) from error
        if self.south_up or self.east_left:
            step = slice(None, None, -1)
            values = values[..., step if self.south_up else slice(None), :]
            return np.ascontiguousarray(values[..., step if self.east_left else slice(None)])
        return values

    def _decoded(self, window: Window, bands: int | Sequence[int]) -> NDArray[Any]:
        row, col, height, width = window
        if self.south_up:
            row = self.shape[0] - row - height
        if self.east_left:
            col = self.shape[1] - col - width
        place = FileWindow(col, row, width, height)
        wanted = bands if isinstance(bands, int) else list(bands)
        values: NDArray[Any] = self._dataset().read(wanted, window=place)
        return values

    def _dataset(self) -> Any:
        dataset = getattr(self._opened, "dataset", None)
        if dataset is None:
            now = stamp_of(self.path)
            if now != self.stamp:
                raise InputRefused.because("X14", file=self.path, before=self.stamp, now=now)
            dataset = rasterio.open(self.path, driver="GTiff")
            self._opened.dataset = dataset
        return dataset

    def _refusal(
        self, window: Window, bands: int | Sequence[int], error: Exception
    ) -> InputRefused:
        """Name the first block of ``window`` that cannot be decoded, and why."""
        for block in _blocks_of(window, self.block_shape, self.shape):
            try:
                self._decoded(block, bands)
            except _ERRORS as cause:
                window, error = block, cause
                break
        row, col, height, width = window
        place = f"行 rows {row}-{row + height - 1}，列 columns {col}-{col + width - 1}"
        return unreadable(error, file=self.path, place=place)


def stamp_of(path: Path) -> tuple[int, int]:
    """Return size and time of last change (ns) of a file; zeros if it is gone."""
    try:
        about = path.stat()
    except OSError:
        return 0, 0
    return about.st_size, about.st_mtime_ns


def unreadable(error: BaseException, *, file: Path | str, place: str) -> InputRefused:
    """Turn what GDAL says into a refusal, with the first cause in the chain.

    ``R33`` if the codec or kind of number is not known, ``R26`` otherwise.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    why = " ".join(str(error).split())[:300] or type(error).__name__
    unknown = re.search(r"codec|compression|not supported|unsupported|not configured", why, re.I)
    refusal: InputRefused = (
        InputRefused.because("R33", file=file, place=place, why=why)
        if unknown
        else InputRefused.because("R26", file=file, place=place, why=why)
    )
    return refusal


def _blocks_of(
    window: Window, block_shape: tuple[int, int], shape: tuple[int, int]
) -> list[Window]:
    high, wide = block_shape
    return [
        Window(row, col, min(high, shape[0] - row), min(wide, shape[1] - col))
        for row in range(window.row // high * high, window.row + window.height, high)
        for col in range(window.col // wide * wide, window.col + window.width, wide)
    ]
