"""A project of the ledger on dated images: a chip of each, cut to the size of the project.

The chip holds the project and its surroundings. A project that would need more pixels than a
page should carry is shown coarser, each pixel of the chip the mean of a square of pixels of
the image. The dates of a project share one stretch, so that its brightness compares from date
to date; it does not compare from project to project.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks, Features, FeaturesInMemory
from sinks.maps.chips import Chips, DatedImage, image_chips

_MARGIN = 0.3  # surroundings on each side, of the longer side of a project
_LEAST_PX, _MOST_PX = 24, 192  # width of a chip
_STRIP = 32  # rows of a chip that are read at a time
_ROUNDING = 0.1  # of a chip's pixel: what is left out of an outline


@dataclass(frozen=True, kw_only=True)
class ProjectChip:
    """A project on one image.

    ``chips`` holds a single chip; ``rings`` are the boundaries of the project, holes too, as
    columns and rows in turn, in pixels of the chip.
    """

    chips: Chips
    rings: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """The part of an image around a project, and the project's boundaries on it."""

    image: DatedImage
    rings: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class _Frame:
    """The pixels of an image that make a chip: the first, how many go into one, its width."""

    row: int
    col: int
    factor: int
    size: int


def project_chips(
    shape: shapely.Geometry | None, crs: CRS, images: Sequence[DatedImage]
) -> tuple[ProjectChip | None, ...]:
    """Cut the chip of a project out of each image; ``None`` where the image does not show it.

    Parameters
    ----------
    shape
        Polygon of the project, in ``crs``; a project without one is on no image.
    images
        Their ``size_px`` says nothing here: a chip is as wide as the project asks.

    Raises
    ------
    InputRefused
        ``A10`` if a band of the natural view is missing.
    """
    if shape is None or shapely.is_empty(shape):
        return (None,) * len(images)
    west, south, east, north = shapely.bounds(shape)
    middle = (west + east) / 2, (south + north) / 2
    pieces = [_piece(shape, crs, middle, image) for image in images]
    shown = [piece.image for piece in pieces if piece is not None]
    if not shown:
        return (None,) * len(images)
    x, y = middle
    place = gpd.GeoDataFrame({"x": [x], "y": [y]}, geometry=gpd.points_from_xy([x], [y]), crs=crs)
    chips = iter(image_chips(place, shown, pixel=(0.0, 0.0)))
    return tuple(
        None if piece is None else ProjectChip(chips=next(chips), rings=piece.rings)
        for piece in pieces
    )


def _piece(
    shape: shapely.Geometry, crs: CRS, middle: tuple[float, float], image: DatedImage
) -> _Piece | None:
    grid = image.image.grid
    to_pixels = _to_pixels(crs, grid)
    outline = shapely.transform(shape, to_pixels)
    left, top, right, bottom = shapely.bounds(outline)
    rows, cols = grid.shape
    # said so that a place that the projection does not know is beyond the image too
    if not (right > 0 and bottom > 0 and left < cols and top < rows):
        return None
    col, row = to_pixels(np.array([middle]))[0]
    frame = _frame(row, col, max(right - left, bottom - top))
    held = _held(image.image, frame)
    on_chip = shapely.transform(
        outline, lambda xy: (xy - [frame.col, frame.row]) / frame.factor
    )  # fmt: skip
    natural = [held.names.index(role) for role in image.views()["natural"]]
    if not _covers(held.values[natural], shapely.bounds(on_chip)):
        return None
    return _Piece(
        image=replace(image, image=held, size_px=frame.size),
        rings=_rings(shapely.simplify(on_chip, _ROUNDING)),
    )


class _to_pixels:  # noqa: N801  a function with a memory
    """Turn places ``(n, 2)`` in ``crs`` into columns and rows of a grid, with fractions."""

    def __init__(self, crs: CRS, grid: Grid):
        self._change = Transformer.from_crs(crs, grid.crs, always_xy=True)
        self._grid = grid.transform

    def __call__(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = self._change.transform(xy[:, 0], xy[:, 1])
        return np.column_stack(
            [(x - self._grid.c) / self._grid.a, (y - self._grid.f) / self._grid.e]
        )


def _frame(row: float, col: float, side: float) -> _Frame:
    """Return the pixels around a place that hold a project ``side`` pixels wide.

    The place lies in the pixel of the chip from which chips are counted: the one right of
    and below its middle.
    """
    needed = side * (1 + 2 * _MARGIN)
    factor = max(1, ceil(needed / _MOST_PX))
    size = max(_LEAST_PX, 2 * ceil(needed / factor / 2))
    first = size // 2 * factor
    return _Frame(
        row=floor(row + 1e-6) - first, col=floor(col + 1e-6) - first, factor=factor, size=size
    )


def _held(image: FeatureBlocks, frame: _Frame) -> FeaturesInMemory:
    """Read the chip as an image of its own, strip by strip."""
    t, f = image.grid.transform, frame.factor
    corner = t @ (frame.col, frame.row)
    strips = [
        _means(_read(image, frame, top, min(_STRIP, frame.size - top)), f)
        for top in range(0, frame.size, _STRIP)
    ]
    grid = Grid(
        crs=image.grid.crs,
        transform=Affine(t.a * f, 0, corner[0], 0, t.e * f, corner[1]),
        shape=(frame.size, frame.size),
    )
    return FeaturesInMemory(grid=grid, names=image.names, values=np.concatenate(strips, axis=1))


def _read(image: FeatureBlocks, frame: _Frame, top: int, height: int) -> Features:
    """Return the pixels of the image under rows of a chip; NaN beyond the image."""
    rows, cols = image.grid.shape
    width, deep = frame.size * frame.factor, height * frame.factor
    first = frame.row + top * frame.factor
    north, south = max(first, 0), min(first + deep, rows)
    west, east = max(frame.col, 0), min(frame.col + width, cols)
    values = np.full((len(image.names), deep, width), np.nan, dtype=np.float32)
    if north < south and west < east:
        read = image.read(Window(north, west, south - north, east - west))
        values[:, north - first : south - first, west - frame.col : east - frame.col] = read
    return values


def _means(values: Features, factor: int) -> Features:
    """Return the mean of each square of pixels, of those that are known.

    >>> _means(np.array([[[1.0, 3.0], [np.nan, 2.0]]], dtype=np.float32), 2)
    array([[[2.]]], dtype=float32)
    """
    bands, rows, cols = values.shape
    squares = values.reshape(bands, rows // factor, factor, cols // factor, factor)
    known = np.isfinite(squares)
    count = known.sum(axis=(2, 4))
    total = np.where(known, squares, 0).sum(axis=(2, 4), dtype=np.float64)
    means = np.full(count.shape, np.nan)
    np.divide(total, count, out=means, where=count > 0)
    return means.astype(np.float32)


def _covers(bands: Features, bounds: NDArray[np.float64]) -> bool:
    """Whether anything is known of the rectangle that a project lies in."""
    # the edge of a pixel may lie a rounding error off
    left, top = np.maximum(np.floor(bounds[:2] + 1e-6), 0).astype(int)
    right, bottom = np.maximum(np.ceil(bounds[2:] - 1e-6), 0).astype(int)
    return bool(np.isfinite(bands[:, top:bottom, left:right]).all(axis=0).any())


def _rings(shape: shapely.Geometry) -> tuple[tuple[float, ...], ...]:
    rings = shapely.get_rings(shapely.get_parts(shape))
    corners = [shapely.get_coordinates(ring)[:-1].round(2).ravel() for ring in rings]
    return tuple(tuple(map(float, each)) for each in corners)
