"""The pixels a network is found on: their side, hectares and place, and how they are coarsened.

A network is found on square pixels of equal size. Hectares of a pixel are the mean on the
ellipsoid (:meth:`sinks.grid.Grid.pixel_ha`); within a district they differ from pixel to pixel
by a few parts in a hundred thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.units import M2_PER_HA

HALF = 0.5
_SQUARE = 0.02  # how much longer one side of a pixel may be than the other

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]
Numbers = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Square pixels in rows and columns.

    ``size_m`` is the side of a pixel, ``pixel_ha`` its area, ``transform`` leads from
    ``(column, row)`` to coordinates of the map.

    Raises
    ------
    InputRefused
        ``N30`` if a number is not above nought.
    """

    shape: tuple[int, int]
    size_m: float
    pixel_ha: float
    transform: Affine

    def __post_init__(self) -> None:
        refuse_unless_positive(size_m=self.size_m, pixel_ha=self.pixel_ha)

    def coarsened(self, factor: int) -> Lattice:
        """Return the lattice whose pixels are ``factor`` times as wide; the last may jut out."""
        rows, cols = self.shape
        return Lattice(
            shape=(ceil(rows / factor), ceil(cols / factor)),
            size_m=self.size_m * factor,
            pixel_ha=self.pixel_ha * factor**2,
            transform=self.transform @ Affine.scale(factor),
        )

    def coordinates(self, rows: Places | Numbers, cols: Places | Numbers) -> Numbers:
        """Return x and y of the middles of pixels, shape ``(n, 2)``, in units of the map."""
        scale_x, _, left, _, scale_y, top = tuple(self.transform)[:6]
        x = left + scale_x * (np.asarray(cols) + HALF)
        return np.column_stack([x, top + scale_y * (np.asarray(rows) + HALF)])


def lattice_of(grid: Grid) -> Lattice:
    """Return the lattice of a grid.

    Raises
    ------
    InputRefused
        ``N31`` if pixels are not square on the ground, to a fiftieth: lengths over corners
        and sides would not compare.
    """
    rows, cols = grid.shape
    ha = grid.pixel_ha(np.linspace(0, rows - 1, 9), np.linspace(0, cols - 1, 9))
    pixel_ha = float(ha.mean())
    width_m, height_m = _sides_m(grid)
    if abs(width_m / height_m - 1) > _SQUARE:
        raise InputRefused.because("N31", crs=grid.crs.name, width_m=width_m, height_m=height_m)
    return Lattice(
        shape=grid.shape,
        size_m=sqrt(pixel_ha * M2_PER_HA),
        pixel_ha=pixel_ha,
        transform=grid.transform,
    )


def plain_lattice(shape: tuple[int, int], size_m: float) -> Lattice:
    """Return a lattice in a plane: x to the right, y upwards, nought at the top left corner."""
    return Lattice(
        shape=shape,
        size_m=size_m,
        pixel_ha=size_m**2 / M2_PER_HA,
        transform=Affine.scale(size_m, -size_m),
    )


def coarsened_known(known: Mask, factor: int) -> Mask:
    """Return which coarse pixels are known: those of which at least half is."""
    return np.asarray(_block_sums(known.astype(np.float64), factor) >= HALF * factor**2)


def coarsened_mask(mask: Mask, known: Mask, factor: int, *, share: float = HALF) -> Mask:
    """Return coarse pixels of whose known ground at least ``share`` is in ``mask``."""
    there = _block_sums(known.astype(np.float64), factor)
    inside = _block_sums((mask & known).astype(np.float64), factor)
    return np.asarray((inside >= share * there) & coarsened_known(known, factor))


def coarsened_mean(values: Numbers, known: Mask, factor: int) -> Numbers:
    """Return the mean of ``values`` over the known pixels of each block; inf where unknown.

    Parameters
    ----------
    values
        Resistance, say; what stands at unknown pixels does not count.
    """
    there = _block_sums(known.astype(np.float64), factor)
    sums = _block_sums(np.where(known, values, 0.0), factor)
    mean = np.full(there.shape, np.inf)
    kept = coarsened_known(known, factor)
    mean[kept] = sums[kept] / there[kept]
    return mean


def refuse_unless_positive(**numbers: float) -> None:
    """Refuse numbers that are not above nought and finite.

    Raises
    ------
    InputRefused
        ``N30``, with every such number.
    """
    wrong = [f"{name} = {value:g}" for name, value in numbers.items() if not 0 < value < np.inf]
    if wrong:
        raise InputRefused.because("N30", wrong=wrong)


def refuse_unless_alike(shape: tuple[int, int], **layers: NDArray[np.generic]) -> None:
    """Refuse layers of another shape.

    Raises
    ------
    InputRefused
        ``N32``, with every such layer.
    """
    wrong = [f"{name} {layer.shape}" for name, layer in layers.items() if layer.shape != shape]
    if wrong:
        raise InputRefused.because("N32", wrong=wrong, shape=str(shape))


def _sides_m(grid: Grid) -> tuple[float, float]:
    """Return width and height on the ground of the pixel in the middle."""
    rows, cols = grid.shape
    x, y = grid.transform @ (cols / 2, rows / 2)
    to_lonlat = Transformer.from_crs(grid.crs, grid.crs.geodetic_crs, always_xy=True)
    lon, lat = to_lonlat.transform([x, x + grid.transform.a, x], [y, y, y + grid.transform.e])
    geod = grid.crs.get_geod() or Geod(ellps="WGS84")
    _, _, sides = geod.inv([lon[0]] * 2, [lat[0]] * 2, lon[1:], lat[1:])
    return float(sides[0]), float(sides[1])


def _block_sums(values: Numbers, factor: int) -> Numbers:
    rows, cols = values.shape
    sums = np.add.reduceat(values, np.arange(0, rows, factor), axis=0)
    return np.asarray(np.add.reduceat(sums, np.arange(0, cols, factor), axis=1))
