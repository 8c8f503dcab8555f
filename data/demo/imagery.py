"""Six-band images of the window around 大纵湖: made from the land cover, which is their truth.

Every field has a place between the subtypes of its class (young and closed paddy, clear and
turbid water), partly its own and partly that of its neighbourhood; its light and its bands
deviate; pixels differ within it; the sensor mixes neighbours, and noise is added. Sums and
products of stored random numbers, rounded to whole steps: the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from shapely import Polygon

from .landscape import YEARS, Landscape
from .places import NORTH, PIXEL_M, WEST
from .sheet import Noise
from .signatures import STEPS, of_bands, of_classes, roles, spectra
from .sky import Plane, Sky

DAYS = {2020: "2020-08-14", 2025: "2025-07-23"}
SCALE, OFFSET, NODATA = 0.0025, -0.01, 0  # reflectance = number * SCALE + OFFSET
BRIGHTEST = 255
SPREAD = 0.11  # of a pixel's light goes to the next pixel on each side
REGIONS_M = ((900.0, 0.80), (240.0, 0.50))  # neighbours sow and stock alike so far, so much


class Cut(NamedTuple):
    """A window of the land-cover raster, in pixels."""

    rows: slice
    cols: slice

    @property
    def west(self) -> float:
        """Left edge in metres."""
        return WEST + self.cols.start * PIXEL_M

    @property
    def north(self) -> float:
        """Upper edge in metres."""
        return NORTH - self.rows.start * PIXEL_M

    @property
    def transform(self) -> Affine:
        """From pixels of the window to metres."""
        return Affine(PIXEL_M, 0, self.west, 0, -PIXEL_M, self.north)

    def corner(self, row: int, col: int) -> tuple[float, float]:
        """Return the upper left corner of a pixel of the window in metres."""
        return self.west + col * PIXEL_M, self.north - row * PIXEL_M

    def centres(self) -> tuple[Plane, Plane]:
        """Return x of the columns and y of the rows in metres."""
        cols = np.arange(self.cols.start, self.cols.stop)
        rows = np.arange(self.rows.start, self.rows.stop)
        return WEST + (cols + 0.5) * PIXEL_M, NORTH - (rows + 0.5) * PIXEL_M

    def box(self) -> Polygon:
        """Return the window as a polygon of the plane."""
        height, width = (part.stop - part.start for part in self)
        east, south = self.corner(height, width)
        return shapely.box(self.west, south, east, self.north)


WINDOW = Cut(slice(2_270, 3_160), slice(670, 1_640))  # 大纵湖, its marsh, ponds and fields


@dataclass(frozen=True)
class Ground:
    """The land of a window: class codes ``(2, rows, cols)`` and the number of each field."""

    cut: Cut
    codes: NDArray[np.uint8]
    fields: NDArray[np.int64]
    strokes: int  # fields are numbered from 0 to this

    @classmethod
    def of(cls, landscape: Landscape, codes: NDArray[np.uint8], cut: Cut = WINDOW) -> Ground:
        """Cut a window out of the landscape, whose codes are given."""
        numbers = landscape.numbers(*cut).astype(np.int64)
        overlays = len(landscape.overlays)
        return cls(
            cut,
            codes[:, cut.rows, cut.cols],
            numbers + overlays,
            len(landscape.sheet.strokes) + overlays + 1,
        )


def image(ground: Ground, year: int, seed: int) -> NDArray[np.uint8]:
    """Return the image of a year in whole steps, ``(bands, rows, cols)``; 0 is no data."""
    codes = ground.codes[YEARS.index(year)]
    rng = np.random.Generator(np.random.PCG64((seed, 81, year)))
    sky = _sky(ground, year, seed)
    position = _positions(ground, codes, year, seed, rng)
    bright = _brightness(ground, codes, year, seed, rng)
    deviation = of_classes("band_pct")[codes] / 100
    found = np.empty((len(roles()), *codes.shape), dtype=np.uint8)
    for band in range(len(found)):
        own = _per_field(ground, (seed, 82, year, band))
        land = spectra(year)[codes, position, band] * bright * (1 + deviation * own)
        seen = _through(_blurred(land, codes > 0), sky, band, year)
        seen = seen + of_bands("noise")[band] * _bell(rng, codes.shape)
        steps = np.floor((seen - OFFSET) / SCALE + 0.5)
        found[band] = np.where(codes > 0, np.clip(steps, 1, BRIGHTEST), NODATA)
    return found


def quality(ground: Ground, year: int, seed: int) -> NDArray[np.uint8]:
    """Return a scene classification with the values of Sentinel-2 (SCL); 0 is no data."""
    codes = ground.codes[YEARS.index(year)]
    plain = of_classes("scl")[codes].astype(np.uint8)
    flagged = _sky(ground, year, seed).classify(plain)
    return np.where(codes > 0, flagged, NODATA).astype(np.uint8)


def _sky(ground: Ground, year: int, seed: int) -> Sky:
    return Sky.over(*ground.cut.centres(), seed=seed, year=year)


def _positions(
    ground: Ground, codes: NDArray[np.uint8], year: int, seed: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return where each pixel stands between the subtypes of its class."""
    grid = ground.cut.centres()
    lasting = _uniform(ground, (seed, 83))
    yearly = _uniform(ground, (seed, 83, year))
    own = np.where(of_classes("every_year")[codes] > 0, yearly, lasting)
    around = 0.5 + sum(
        Noise.draw((seed, 84, year, n), spacing_m=far, amplitude=much).on_grid(*grid)
        for n, (far, much) in enumerate(REGIONS_M)
    )
    share = of_classes("regional")[codes]
    place = own + share * (around - own)
    place = place + of_classes("patchy")[codes] * _bell(rng, codes.shape)
    return np.floor(np.clip(place, 0, 0.999) * STEPS).astype(np.intp)


def _brightness(
    ground: Ground, codes: NDArray[np.uint8], year: int, seed: int, rng: np.random.Generator
) -> Plane:
    field = _per_field(ground, (seed, 85, year)) * of_classes("bright_pct")[codes]
    pixel = _bell(rng, codes.shape) * of_classes("texture_pct")[codes]
    return 1 + (field + pixel) / 100


def _through(land: Plane, sky: Sky, band: int, year: int) -> Plane:
    """Return what the sensor sees of the land: shadow, light, haze, cloud, gain."""
    dark = 1 - sky.shadow * (1 - of_bands("shadow")[band])
    lit = land * dark * sky.light + of_bands("haze")[band] * sky.haze
    veiled = lit + sky.cloud * (of_bands("cloud")[band] - lit)
    return veiled * of_bands(f"gain_{year}")[band]


def _blurred(values: Plane, valid: NDArray[np.bool_]) -> Plane:
    """Mix each pixel with its neighbours that have data."""
    weight = _spread(_spread(valid.astype(float), 0), 1)
    return _spread(_spread(np.where(valid, values, 0), 0), 1) / np.maximum(weight, SPREAD**2)


def _spread(values: Plane, axis: int) -> Plane:
    padded = np.pad(values, [(1, 1) if n == axis else (0, 0) for n in range(2)])
    size = values.shape[axis]
    before, here, after = (padded.take(range(n, n + size), axis=axis) for n in range(3))
    return SPREAD * before + (1 - 2 * SPREAD) * here + SPREAD * after


def _uniform(ground: Ground, seed: tuple[int, ...]) -> Plane:
    """Return a number from 0 to 1 per field, at its pixels."""
    return np.random.Generator(np.random.PCG64(seed)).random(ground.strokes)[ground.fields]


def _per_field(ground: Ground, seed: tuple[int, ...]) -> Plane:
    """Return a deviation per field, mean 0 and standard deviation 1, at its pixels."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return _bell(rng, (ground.strokes,))[ground.fields]


def _bell(rng: np.random.Generator, shape: tuple[int, ...]) -> Plane:
    """Draw deviations, mean 0 and standard deviation 1: twice the sum of three even draws."""
    return 2 * (rng.random(shape) + rng.random(shape) + rng.random(shape) - 1.5)
