"""Where pixels lie, and how many hectares each covers on the ellipsoid.

Area never comes from ``width x height`` of a pixel alone. A geographic pixel is a band of
the ellipsoid cut by two meridians; a projected pixel is its plane area divided by the
areal scale of the projection at that place (Snyder 1987, USGS PP 1395, eqs. 3-12 and 4-19).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil
from typing import NamedTuple

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Proj, Transformer

from sinks.errors import InputRefused
from sinks.units import M2_PER_HA

_SAME_AREA = 2e-6  # pixels whose hectares differ by less, relatively, may share one number
_WEB_MERCATOR = "Mercator_Auxiliary_Sphere", "Pseudo Mercator", "Popular Visualisation"


class Window(NamedTuple):
    """A rectangle of pixels: first row and column, height and width."""

    row: int
    col: int
    height: int
    width: int


class PixelAreas(NamedTuple):
    """Hectares per pixel of a strip of rows, in patches small enough to share one number.

    ``ha`` has shape ``(bands, segments)``; a band is ``band_rows`` rows high, a segment
    ``segment_cols`` columns wide (the last of each may be cut off).
    """

    ha: NDArray[np.float64]
    band_rows: int
    segment_cols: int


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A north-up raster grid: coordinate reference system, transform, rows and columns.

    Raises
    ------
    InputRefused
        ``R01`` without a CRS, ``R02`` if the CRS has no unit, ``R05`` for Web Mercator,
        ``R07`` if the transform is rotated, ``R08`` if rows do not run south.
    """

    crs: CRS
    transform: Affine
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        if self.crs is None:
            raise InputRefused.because("R01", bounds=self.transform)
        if not (self.crs.is_geographic or self.crs.is_projected) or not self.crs.axis_info:
            raise InputRefused.because("R02", crs=self.crs.name)
        if _is_web_mercator(self.crs):
            raise InputRefused.because("R05", crs=self.crs.name)
        if self.transform.b or self.transform.d:
            raise InputRefused.because("R07", transform=tuple(self.transform)[:6])
        if self.transform.a <= 0 or self.transform.e >= 0:
            raise InputRefused.because("R08", transform=tuple(self.transform)[:6])

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in units of the CRS."""
        rows, cols = self.shape
        east, south = self.transform @ (cols, rows)
        return self.transform.c, south, east, self.transform.f

    def aligned_with(self, other: Grid, *, tolerance_px: float = 0.01) -> bool:
        """Whether both have one CRS, one pixel size, and pixel edges on the same lines."""
        a, b = self.transform, other.transform
        if self.crs != other.crs:
            return False
        reach = max(*self.shape, *other.shape) * 1.0
        same_size = max(abs(a.a / b.a - 1), abs(a.e / b.e - 1)) * reach < tolerance_px
        shift = ((b.c - a.c) / a.a, (b.f - a.f) / a.e)
        return same_size and all(abs(s - round(s)) < tolerance_px for s in shift)

    def pixel_ha(self, rows: ArrayLike, cols: ArrayLike) -> NDArray[np.float64]:
        """Hectares of the pixels at ``rows`` x ``cols``, shape ``(len(rows), len(cols))``.

        Positions may be fractional: row 2.5 is half a pixel further south than row 2.
        """
        r = np.atleast_1d(np.asarray(rows, dtype=float))
        c = np.atleast_1d(np.asarray(cols, dtype=float))
        if self.crs.is_geographic:
            return np.repeat(self._band_ha(r)[:, np.newaxis], len(c), axis=1)
        x = self.transform.c + (c + 0.5) * self.transform.a
        y = self.transform.f + (r + 0.5) * self.transform.e
        return self._plane_m2 / M2_PER_HA / self._areal_scale(*np.meshgrid(x, y))

    def pixel_areas(self, row: int, height: int) -> PixelAreas:
        """Hectares per pixel of ``height`` rows from ``row`` on, as :class:`PixelAreas`."""
        cols = self.shape[1]
        ends = self.pixel_ha([row, row + height - 1], np.linspace(0, cols - 1, 9))
        down = np.abs(ends[1] / ends[0] - 1).max() / max(height - 1, 1)
        across = np.abs(np.diff(ends, axis=1) / ends[:, 1:]).max() / max((cols - 1) / 8, 1)
        band_rows = int(np.clip(_SAME_AREA / max(down, 1e-30), 1, height))
        # a run of pixels is cut at segment borders, so segments are never very short
        segment_cols = int(np.clip(_SAME_AREA / max(across, 1e-30), 256, cols))
        bands, segments = ceil(height / band_rows), ceil(cols / segment_cols)
        return PixelAreas(
            self.pixel_ha(
                _middles(row, row + height, band_rows, bands),
                _middles(0, cols, segment_cols, segments),
            ),
            band_rows,
            segment_cols,
        )

    @cached_property
    def _unit_m(self) -> float:
        return float(self.crs.axis_info[0].unit_conversion_factor)

    @cached_property
    def _plane_m2(self) -> float:
        return abs(self.transform.a * self.transform.e) * self._unit_m**2

    def _band_ha(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        north = np.radians(self.transform.f + rows * self.transform.e)
        south = np.radians(self.transform.f + (rows + 1) * self.transform.e)
        b, e = _ellipsoid(self.crs)
        zone: NDArray[np.float64] = _authalic(north, e) - _authalic(south, e)
        return b**2 / 2 * float(np.radians(self.transform.a)) * zone / M2_PER_HA

    def _areal_scale(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = self._to_lonlat.transform(x, y)
        return np.asarray(self._projection.get_factors(lon, lat, radians=False).areal_scale)

    @cached_property
    def _to_lonlat(self) -> Transformer:
        return Transformer.from_crs(self.crs, self.crs.geodetic_crs, always_xy=True)

    @cached_property
    def _projection(self) -> Proj:
        return Proj(self.crs)


def _middles(start: int, stop: int, step: int, count: int) -> NDArray[np.float64]:
    edges = np.minimum(start + step * np.arange(count + 1), stop)
    return (edges[:-1] + edges[1:] - 1) / 2


def _ellipsoid(crs: CRS) -> tuple[float, float]:
    """Return the semi-minor axis in metres and the eccentricity."""
    if crs.ellipsoid is None:
        raise InputRefused.because("R02", crs=crs.name)
    a, b = crs.ellipsoid.semi_major_metre, crs.ellipsoid.semi_minor_metre
    return b, float(np.sqrt(1 - (b / a) ** 2))


def _authalic(phi: NDArray[np.float64], e: float) -> NDArray[np.float64]:
    """Twice the area between equator and latitude over b2 per radian (Snyder 1987, 3-12)."""
    s = np.sin(phi)
    if e == 0:
        return 2 * s
    return s / (1 - (e * s) ** 2) + np.arctanh(e * s) / e


def _is_web_mercator(crs: CRS) -> bool:
    operation = crs.coordinate_operation
    return (
        crs.is_projected
        and operation is not None
        and any(name in operation.method_name for name in _WEB_MERCATOR)
    )
