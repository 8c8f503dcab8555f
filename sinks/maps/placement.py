"""From the screen back to the pixels: where on a grid a point of Web Mercator lies.

A page shows pixels on the grid they were counted on, so nothing is resampled before it is
drawn. The browser needs the way from Web Mercator metres to column and row; a polynomial in
two variables gives it to well under a centimetre, for any projection, over a province.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.maps.inert import Words, words

WEB_MERCATOR = "EPSG:3857"
TOLERANCE_M = 0.01
_DEGREES = range(2, 10)
_NAMELESS = ("unknown", "unnamed", "undefined")
_NODES = 25
_CHECKS = 83  # not a multiple of the nodes: the fit is measured where it was not made

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Column and row as polynomials of Web Mercator.

    With ``u, v = (mercator - centre_m) / half_m``, the column is the sum of
    ``col[k] * u**i * v**j`` over ``i`` from 0 to ``degree`` and ``j`` from 0 to
    ``degree - i``, ``k`` counting the terms; the row likewise. ``error_m`` is the largest
    deviation found, on the ground.
    """

    centre_m: tuple[float, float]
    half_m: tuple[float, float]
    degree: int
    col: tuple[float, ...]
    row: tuple[float, ...]
    error_m: float

    @property
    def west_south_east_north_m(self) -> tuple[float, float, float, float]:
        """The rectangle of Web Mercator in which the placement holds."""
        (x, y), (dx, dy) = self.centre_m, self.half_m
        return x - dx, y - dy, x + dx, y + dy


def placement(grid: Grid) -> Placement:
    """Fit the way from Web Mercator to the pixels of ``grid``.

    Raises
    ------
    InputRefused
        ``M05`` if no polynomial of degree 9 comes within a centimetre: the grid covers too
        much of the earth for one page.
    """
    centre, half = _rectangle(grid)
    back = Transformer.from_crs(WEB_MERCATOR, grid.crs, always_xy=True)
    pixel_m = _pixel_m(grid)
    nodes = np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    u, v = (a.ravel() for a in np.meshgrid(nodes, nodes))
    wanted = _pixels(grid, back, (u, v), (centre, half))
    cu, cv = (a.ravel() for a in np.meshgrid(*[np.linspace(-1, 1, _CHECKS)] * 2))
    truth = _pixels(grid, back, (cu, cv), (centre, half))
    for degree in _DEGREES:
        terms, *_ = np.linalg.lstsq(_powers(u, v, degree), wanted, rcond=None)
        off_px = _powers(cu, cv, degree) @ terms - truth
        error_m = float(np.hypot(*(off_px * pixel_m).T).max())
        if error_m <= TOLERANCE_M:
            return Placement(
                centre_m=centre,
                half_m=half,
                degree=degree,
                col=tuple(terms[:, 0].tolist()),
                row=tuple(terms[:, 1].tolist()),
                error_m=error_m,
            )
    raise InputRefused.because("M05", error_m=error_m, bounds=[round(b, 3) for b in grid.bounds])


def crs_name(crs: CRS) -> Words:
    """Return what a CRS is called, by its ellipsoid if it has no name."""
    if crs.name.lower() in _NAMELESS and crs.ellipsoid is not None:
        ellipsoid = crs.ellipsoid.name
        return Words(f"{ellipsoid} 椭球（未命名）", f"unnamed, on the ellipsoid {ellipsoid}")
    authority = crs.to_authority()
    return words(f"{crs.name} ({':'.join(authority)})" if authority else crs.name)


def _rectangle(grid: Grid) -> tuple[tuple[float, float], tuple[float, float]]:
    """Centre and half size, in Web Mercator, of a rectangle around the grid."""
    west, south, east, north = grid.bounds
    to_mercator = Transformer.from_crs(grid.crs, WEB_MERCATOR, always_xy=True)
    x, y = to_mercator.transform(
        *np.meshgrid(np.linspace(west, east, 33), np.linspace(south, north, 33))
    )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputRefused.because(
            "M05", error_m=float("inf"), bounds=[round(b, 3) for b in grid.bounds]
        )
    half = float(np.ptp(x)) / 2 * 1.02, float(np.ptp(y)) / 2 * 1.02
    return (float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2), half


def _pixels(
    grid: Grid,
    back: Transformer,
    at: tuple[Array, Array],
    frame: tuple[tuple[float, float], tuple[float, float]],
) -> Array:
    """Column and row, fractional, of points given in units of the rectangle."""
    (cx, cy), (hx, hy) = frame
    x, y = back.transform(cx + at[0] * hx, cy + at[1] * hy)
    transform = grid.transform
    return np.stack([(x - transform.c) / transform.a, (y - transform.f) / transform.e], axis=1)


def _pixel_m(grid: Grid) -> Array:
    """Width and height of a pixel on the ground, in metres, roughly."""
    unit_m = (
        np.radians(1.0) * 6_378_137.0
        if grid.crs.is_geographic
        else float(grid.crs.axis_info[0].unit_conversion_factor)
    )
    return np.abs([grid.transform.a, grid.transform.e]) * unit_m


def _powers(u: Array, v: Array, degree: int) -> Array:
    terms = [u**i * v**j for i in range(degree + 1) for j in range(degree + 1 - i)]
    return np.stack(terms, axis=-1)
