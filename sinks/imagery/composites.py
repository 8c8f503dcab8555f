"""Composites: what several dates tell of each pixel together, cloud left out.

A pixel hidden at one date is seen at another. Median and percentiles over the clear dates
are robust against haze and shadow that a mask has missed; they are those of Hyndman & Fan
(1996, The American Statistician 50: 361-365), definition 7, which is numpy's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from sinks.blocks import map_in_order, windows
from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.imagery.image import in_pieces, require_one_grid

_PLAIN = {"min": 0.0, "median": 0.5, "max": 1.0}
_MEAN, _COUNT = -1.0, -2.0  # in the place of a quantile
_STACK_NUMBERS = 8_000_000  # held at once: 32 MB
_ROWS = 512

Stack = NDArray[np.float32]  # (dates, features, rows, columns)


def composite(stack: Stack, statistics: Sequence[str]) -> Stack:
    """Return statistics over the dates of every feature and pixel.

    Parameters
    ----------
    stack
        Float32 ``(dates, features, rows, columns)``, NaN where a date is not clear.
    statistics
        ``median``, ``mean``, ``min``, ``max``, ``count`` (of clear dates), ``p1`` to ``p99``.

    Returns
    -------
    numpy.ndarray
        Float32 ``(statistics, features, rows, columns)``; NaN where no date is clear, but
        for ``count``, which is 0 there.

    Raises
    ------
    InputRefused
        ``B27`` for a statistic that is not known, or given twice.

    Examples
    --------
    >>> stack = np.array([0.2, np.nan, 0.4], dtype=np.float32).reshape(3, 1, 1, 1)
    >>> composite(stack, ["median", "count"]).ravel().round(2).tolist()
    [0.30000001192092896, 2.0]
    """
    quantiles = np.array(checked_statistics(statistics))
    dates, *rest = stack.shape
    values = np.ascontiguousarray(stack, dtype=np.float32).reshape(dates, -1)
    result = np.empty((len(quantiles), values.shape[1]), dtype=np.float32)
    _summarise(values, quantiles, result)
    return result.reshape(len(quantiles), *rest)


def composite_of(images: Sequence[FeatureBlocks], statistics: Sequence[str]) -> FeatureBlocks:
    """Return statistics over images of several dates, computed window by window.

    Names are those of the images with the statistic: ``red_median``, ``nir_median``,
    ``red_p10`` and so on, statistic by statistic.

    Raises
    ------
    InputRefused
        ``B25`` if the images do not lie on one grid or do not have the same features,
        ``B27`` for a statistic that is not known.
    """
    require_same_features(images)
    checked_statistics(statistics)
    return CompositeFeatures(images=tuple(images), statistics=tuple(statistics))


def require_same_features(images: Sequence[FeatureBlocks]) -> None:
    """Refuse images of several dates that differ in grid or features (``B25``)."""
    require_one_grid(images)
    for number, image in enumerate(images[1:], start=2):
        if image.names != images[0].names:
            what = f"{', '.join(image.names)} ≠ {', '.join(images[0].names)}"
            place = getattr(image, "label", "") or f"第 {number} 个 / no. {number}"
            raise InputRefused.because("B25", place=place, what=what)


@dataclass(frozen=True, kw_only=True, eq=False)
class CompositeFeatures:
    """Statistics over several dates: see :func:`composite_of`."""

    images: tuple[FeatureBlocks, ...]
    statistics: tuple[str, ...]

    @property
    def grid(self) -> Grid:
        """The grid of all images."""
        return self.images[0].grid

    @property
    def names(self) -> tuple[str, ...]:
        """Feature and statistic, statistic by statistic."""
        return tuple(f"{name}_{how}" for how in self.statistics for name in self.images[0].names)

    def read(self, window: Window) -> Features:
        """Return the statistics of ``window``."""
        per_px = len(self.images) * len(self.images[0].names)
        return in_pieces(
            self._read_piece,
            window,
            features=len(self.names),
            most_px=max(_STACK_NUMBERS // per_px, 1),
        )

    def _read_piece(self, window: Window) -> Features:
        shape = len(self.images), len(self.images[0].names), window.height, window.width
        stack = np.empty(shape, dtype=np.float32)
        for day, image in enumerate(self.images):
            stack[day] = image.read(window)
        return composite(stack, self.statistics).reshape(-1, window.height, window.width)


def checked_statistics(statistics: Sequence[str]) -> tuple[float, ...]:
    """Return each statistic as a quantile 0-1, or a mark for mean and count (else ``B27``)."""
    marks = [_mark(name) for name in statistics]
    wrong = [name for name, mark in zip(statistics, marks, strict=True) if mark is None]
    wrong += sorted({name for name in statistics if list(statistics).count(name) > 1})
    if wrong or not marks:
        raise InputRefused.because("B27", place="statistics", what=wrong or ["—"])
    return tuple(mark for mark in marks if mark is not None)


def count_unseen(blocks: FeatureBlocks, *, threads: int = 1) -> int:
    """Count the pixels at which some feature has no value, in one pass over all windows."""
    pieces = windows(blocks.grid.shape, _ROWS, _ROWS)
    return sum(map_in_order(lambda w: unseen_px(blocks.read(w)), pieces, threads=threads))


def unseen_px(values: Features) -> int:
    """Count the pixels of a window at which some feature has no value."""
    return int(np.isnan(values).any(axis=0).sum())


def unseen_findings(unseen: int, total: int, *, what: str) -> tuple[Finding, ...]:
    """Say how many of ``total`` pixels were not seen clearly at any date.

    Returns ``B20``, which stops a run, if that is all of them; the note ``B21`` if it is
    some; nothing if every pixel was seen.
    """
    if not unseen:
        return ()
    if unseen == total:
        return (Finding(code="B20", place=what, facts={"px": total}),)
    facts = {"px": unseen, "percent": 100 * unseen / total}
    return (Finding(code="B21", place=what, facts=facts),)


def _mark(name: str) -> float | None:
    if name in _PLAIN:
        return _PLAIN[name]
    if name in ("mean", "count"):
        return _MEAN if name == "mean" else _COUNT
    percent = re.fullmatch(r"p([1-9]\d?)", name)
    return int(percent[1]) / 100 if percent else None


@numba.njit(nogil=True, cache=True)
def _sort_clear(values: NDArray[np.float32], place: int, clear: NDArray[np.float64]) -> int:
    """Fill ``clear`` with the values of a place in ascending order; return how many."""
    n = 0
    for day in range(len(values)):
        value = np.float64(values[day, place])
        if np.isnan(value):
            continue
        i = n
        while i > 0 and clear[i - 1] > value:
            clear[i] = clear[i - 1]
            i -= 1
        clear[i] = value
        n += 1
    return n


@numba.njit(nogil=True, cache=True)
def _summarise(
    values: NDArray[np.float32], quantiles: NDArray[np.float64], result: NDArray[np.float32]
) -> None:
    dates, places = values.shape
    clear = np.empty(dates, dtype=np.float64)
    for place in range(places):
        n = _sort_clear(values, place, clear)
        for k in range(len(quantiles)):
            share = quantiles[k]
            if share == _COUNT:
                result[k, place] = n
            elif n == 0:
                result[k, place] = np.nan
            elif share == _MEAN:
                result[k, place] = clear[:n].sum() / n
            else:
                at = share * (n - 1)
                low = int(at)
                high = min(low + 1, n - 1)
                result[k, place] = clear[low] + (clear[high] - clear[low]) * (at - low)
