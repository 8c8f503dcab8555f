r"""Phenology: the course of an index over the year, in a few numbers per pixel.

Crops, reeds and evergreen trees that look alike on one day differ in when they are green.
Beside the extremes, one annual harmonic is fitted by least squares to the clear dates,

.. math::

    y(t) = m + a \cos 2 \pi t + b \sin 2 \pi t,

with *t* the fraction of the year that has passed: mean *m*, amplitude
:math:`\sqrt{a^2 + b^2}`, and the day on which the curve is highest.

References: Jakubauskas, Legates & Kastens (2001), Photogrammetric Engineering & Remote
Sensing 67: 461-470; the fit to irregular clear dates as in Zhu & Woodcock (2014), Remote
Sensing of Environment 144: 152-171, first terms of eq. 1, without the trend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import pi

import numba
import numpy as np
from numpy.typing import NDArray

from sinks.errors import InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.composites import require_same_features
from sinks.imagery.features import FeatureBlocks, Features
from sinks.imagery.image import Image, in_pieces, selected
from sinks.imagery.indices import SpectralIndex

YEAR_DAYS = 365.25
STATISTICS = (
    *("min", "max", "range", "peak_day"),
    *("harmonic_mean", "harmonic_amplitude", "harmonic_peak_day"),
)
_FEWEST = 3  # dates that three coefficients need
_FLAT = 1e-6  # a determinant below: the dates do not tell the coefficients apart
_STACK_NUMBERS = 4_000_000  # held at once

Series = NDArray[np.float32]  # (dates, rows, columns)


def phenology(series: Series, days: Sequence[date]) -> Features:
    """Describe the course of an index over the year.

    Parameters
    ----------
    series
        Float32 ``(dates, rows, columns)``, NaN where a date is not clear.
    days
        The day of each date.

    Returns
    -------
    numpy.ndarray
        Float32 ``(7, rows, columns)`` in the order of ``STATISTICS``: lowest and highest
        value, their difference, day of the year (1-366) of the highest, then mean, amplitude
        and day of the year of the peak of the harmonic. NaN where no date is clear; the
        harmonic is NaN where fewer than three dates of different days are.

    Raises
    ------
    InputRefused
        ``B26`` unless there are three different days of the year.
    """
    numbers = _days_of_year(days)
    dates, rows, cols = series.shape
    values = np.ascontiguousarray(series, dtype=np.float32).reshape(dates, -1)
    angle = 2 * pi * (numbers - 1) / YEAR_DAYS
    result = np.full((len(STATISTICS), values.shape[1]), np.nan, dtype=np.float32)
    _describe(values, numbers, np.column_stack([np.cos(angle), np.sin(angle)]), result)
    return result.reshape(-1, rows, cols)


def phenology_of(images: Sequence[Image], index: SpectralIndex) -> PhenologyFeatures:
    """Return the course of an index over images of several days, window by window.

    Names are the key of the index with what :func:`phenology` returns: ``ndvi_min`` and so on.

    Raises
    ------
    InputRefused
        ``B25`` if the images do not lie on one grid or differ in bands, ``B26`` if a day is
        missing or there are fewer than three, ``B22`` if a band of the index is missing.
    """
    require_same_features(images)
    missing = [role for role in index.roles if role not in images[0].names]
    if missing:
        raise InputRefused.because(
            "B22", place=index.key, index=index.key, missing=missing, names=images[0].names
        )
    undated = [image.label or "—" for image in images if image.day is None]
    if undated:
        raise InputRefused.because("B26", place="day", what=undated)
    days = tuple(image.day for image in images if image.day is not None)
    _days_of_year(days)
    bands = tuple(selected(image, index.roles) for image in images)
    return PhenologyFeatures(bands=bands, index=index, days=days)


@dataclass(frozen=True, kw_only=True, eq=False)
class PhenologyFeatures:
    """The course of an index over several days: see :func:`phenology_of`."""

    bands: tuple[FeatureBlocks, ...]  # of each day, those that the index needs
    index: SpectralIndex
    days: tuple[date, ...]

    @property
    def grid(self) -> Grid:
        """The grid of all days."""
        return self.bands[0].grid

    @property
    def names(self) -> tuple[str, ...]:
        """Key of the index with each statistic."""
        return tuple(f"{self.index.key}_{name}" for name in STATISTICS)

    def read(self, window: Window) -> Features:
        """Return the statistics of ``window``."""
        per_px = len(self.bands) + len(self.index.roles)
        return in_pieces(
            self._read_piece,
            window,
            features=len(STATISTICS),
            most_px=max(_STACK_NUMBERS // per_px, 1),
        )

    def _read_piece(self, window: Window) -> Features:
        series = [
            self.index.of(dict(zip(bands.names, bands.read(window), strict=True)))
            for bands in self.bands
        ]
        return phenology(np.stack(series), self.days)


def _days_of_year(days: Sequence[date]) -> NDArray[np.float64]:
    numbers = [day.timetuple().tm_yday for day in days]
    if len(set(numbers)) < _FEWEST:
        raise InputRefused.because("B26", place="day", what=[str(day) for day in days] or "—")
    return np.array(numbers, dtype=np.float64)


@numba.njit(nogil=True, cache=True)
def _harmonic(
    values: NDArray[np.float32], place: int, waves: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Fit mean, cosine and sine to the clear dates, by the normal equations."""
    n = c = s = cc = ss = cs = y = yc = ys = 0.0
    for day in range(len(values)):
        value = np.float64(values[day, place])
        if np.isnan(value):
            continue
        cosine, sine = waves[day, 0], waves[day, 1]
        n, c, s, y = n + 1, c + cosine, s + sine, y + value
        cc, ss, cs = cc + cosine * cosine, ss + sine * sine, cs + cosine * sine
        yc, ys = yc + value * cosine, ys + value * sine
    if n < _FEWEST:
        return np.nan, np.nan, np.nan
    # about their means, so that two equations remain
    cc, ss, cs = cc - c * c / n, ss - s * s / n, cs - c * s / n
    yc, ys = yc - y * c / n, ys - y * s / n
    determinant = cc * ss - cs * cs
    if determinant < _FLAT:
        return np.nan, np.nan, np.nan
    a = (yc * ss - ys * cs) / determinant
    b = (ys * cc - yc * cs) / determinant
    return (y - a * c - b * s) / n, a, b


@numba.njit(nogil=True, cache=True)
def _describe(
    values: NDArray[np.float32],
    days: NDArray[np.float64],
    waves: NDArray[np.float64],
    result: NDArray[np.float32],
) -> None:
    for place in range(values.shape[1]):
        low, high, peak = np.inf, -np.inf, np.nan
        for day in range(len(values)):
            value = values[day, place]
            if np.isnan(value):
                continue
            low = min(low, value)
            if value > high:
                high, peak = value, days[day]
        if high < low:  # no date is clear
            continue
        mean, a, b = _harmonic(values, place, waves)
        result[0, place], result[1, place] = low, high
        result[2, place], result[3, place] = high - low, peak
        result[4, place], result[5, place] = mean, np.hypot(a, b)
        result[6, place] = 1 + np.arctan2(b, a) / (2 * np.pi) % 1 * YEAR_DAYS
