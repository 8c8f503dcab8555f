"""Chips: the piece of an image around each sample, on its own grid, small enough for a page.

A chip travels as planes of bytes, one for each band that any view shows, the differences
between neighbours deflated (RFC 1951). The page puts views together from planes, so that a
false-colour view costs one plane more and not a second picture. JPEG would smear colours
over the edge of the very pixel that is judged; a palette would show shades that are not there.

All chips of a band share one stretch, so that brightness compares from sample to sample and
from date to date; only images whose numbers have no range in common are stretched each alone.
"""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from sinks.errors import InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks
from sinks.maps.inert import Words, words

Role3 = tuple[str, str, str]
Ranges = Mapping[str, tuple[float, float]]  # of a band: what is black and what is white

NATURAL: Role3 = ("red", "green", "blue")
FALSE_COLOUR: Role3 = ("nir", "red", "green")
_LOOKED_AT = 500  # chips that settle the stretch
_SHADES = 254  # 1-255; 0 is no data


@dataclass(frozen=True, kw_only=True)
class DatedImage:
    """An image to be shown, and how.

    ``natural`` names the features shown as red, green and blue, ``false_colour`` those of
    the second view, which is left out where the image lacks them. ``size_px`` is the width
    of a chip in pixels of the image.
    """

    label: str | tuple[str, str]
    image: FeatureBlocks
    natural: Role3 = NATURAL
    false_colour: Role3 | None = FALSE_COLOUR
    size_px: int = 48
    synthetic: bool = False

    def views(self) -> dict[str, Role3]:
        """Return what is shown, by name of the view.

        Raises
        ------
        InputRefused
            ``A10`` if a band of the natural view is not there.
        """
        known = self.image.names
        if missing := [role for role in self.natural if role not in known]:
            facts = {"missing": missing, "known": list(known)}
            raise InputRefused.because("A10", image=words(self.label).zh, **facts)
        second = self.false_colour if set(self.false_colour or ()) <= set(known) else None
        return {"natural": self.natural, **({"false": second} if second else {})}


@dataclass(frozen=True, kw_only=True)
class Chips:
    """Chips of one image.

    ``planes`` holds one text per sample: base64 of the deflated planes ``(bands, size_px,
    size_px)``, or nothing where the image shows nothing. ``outlines`` are the corners of the
    sample's pixel in pixels of its chip, ``views`` positions of planes as red, green, blue;
    ``comparable`` whether brightness compares with the chips of the other images.
    """

    label: Words
    size_px: int
    metres_per_px: float
    views: Mapping[str, tuple[int, int, int]]
    planes: tuple[str, ...]
    outlines: tuple[tuple[float, ...], ...]
    comparable: bool

    @property
    def bytes(self) -> int:
        """What the chips take in a page."""
        return sum(map(len, self.planes))


@dataclass(frozen=True, kw_only=True)
class _Places:
    """Where samples lie on the grid of an image: pixel of each, and corners of its outline."""

    rows: NDArray[np.int64]
    cols: NDArray[np.int64]
    corners: NDArray[np.float64]  # (samples, 4, 2): column and row, in pixels of the grid


def image_chips(
    points: gpd.GeoDataFrame,
    images: Sequence[DatedImage],
    *,
    pixel: tuple[float, float],
    stretch: tuple[float, float] = (2.0, 98.0),
) -> tuple[Chips, ...]:
    """Cut the chips of all samples out of images, window by window.

    Parameters
    ----------
    points
        Columns ``x`` and ``y`` in the CRS of the frame: middles of sample units.
    pixel
        Width and height of a sample unit in units of that CRS.
    stretch
        Percentiles of a band, over all chips of all images, that are shown black and white.

    Raises
    ------
    InputRefused
        ``A10`` if a band is missing, ``A11`` if an image shows no sample, ``A12`` if a
        sample unit is wider than half a chip.
    """
    shown = [(image, _placed(points, image, pixel)) for image in images]
    ranges, comparable = _ranges(shown, stretch)
    return tuple(
        _chips(image, places, each, comparable=comparable)
        for (image, places), each in zip(shown, ranges, strict=True)
    )


def _placed(points: gpd.GeoDataFrame, image: DatedImage, pixel: tuple[float, float]) -> _Places:
    grid = image.image.grid
    x, y = points["x"].to_numpy(dtype=float), points["y"].to_numpy(dtype=float)
    right, up = np.array([-1, 1, 1, -1]) * pixel[0] / 2, np.array([1, 1, -1, -1]) * pixel[1] / 2
    to_image = Transformer.from_crs(points.crs, grid.crs, always_xy=True)
    middles = _pixels(grid, *to_image.transform(x, y))
    corners = _pixels(grid, *to_image.transform(x[:, None] + right, y[:, None] + up))
    # a place that the projection does not know lies far beyond the image
    middles, corners = (np.where(np.isfinite(p), p, -1e9) for p in (middles, corners))
    side = float(np.ptp(corners, axis=1).max())
    if side > image.size_px / 2:
        facts = {"side": round(side, 1), "size": image.size_px, "needed": int(np.ceil(3 * side))}
        raise InputRefused.because("A12", image=words(image.label).zh, **facts)
    # the middle of a pixel may lie a rounding error off
    cols, rows = np.floor(middles + 1e-6).astype(np.int64).T
    return _Places(rows=rows, cols=cols, corners=corners)


def _pixels(grid: Grid, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return columns and rows (last axis) of places, with fractions."""
    t = grid.transform
    return np.stack([(x - t.c) / t.a, (y - t.f) / t.e], axis=-1)


def _ranges(
    shown: Sequence[tuple[DatedImage, _Places]], stretch: tuple[float, float]
) -> tuple[list[Ranges], bool]:
    """Return black and white of every band for each image, and whether all share them."""
    seen = [_seen(image, places) for image, places in shown]
    alone: list[Ranges] = [{r: _range(band, stretch) for r, band in s.items()} for s in seen]
    roles = dict.fromkeys(role for bands in seen for role in bands)
    if any(_apart([ranges[role] for ranges in alone if role in ranges]) for role in roles):
        return alone, False
    pooled = {r: np.concatenate([bands[r] for bands in seen if r in bands]) for r in roles}
    common = {role: _range(band, stretch) for role, band in pooled.items()}
    return [common] * len(shown), True


def _seen(image: DatedImage, places: _Places) -> dict[str, NDArray[np.float32]]:
    """Return what every band shows in an even choice of chips."""
    roles = _roles(image)
    step = max(1, len(places.rows) // _LOOKED_AT)
    chips = np.stack(list(_read(image, places, roles, slice(None, None, step))), axis=1)
    return {r: band[np.isfinite(band)] for r, band in zip(roles, chips, strict=True)}


def _apart(ranges: Sequence[tuple[float, float]]) -> bool:
    return max(low for low, _ in ranges) >= min(high for _, high in ranges)


def _range(band: NDArray[np.float32], stretch: tuple[float, float]) -> tuple[float, float]:
    if not len(band):
        return 0.0, 1.0
    low, high = (float(each) for each in np.percentile(band, stretch))
    return low, high if high > low else low + 1.0


def _chips(image: DatedImage, places: _Places, ranges: Ranges, *, comparable: bool) -> Chips:
    roles, views = _roles(image), image.views()
    black = np.array([ranges[role][0] for role in roles])[:, None, None]
    white = np.array([ranges[role][1] for role in roles])[:, None, None]
    planes = tuple(
        _packed(chip, black, white) for chip in _read(image, places, roles, slice(None))
    )
    if not any(planes):
        raise InputRefused.because("A11", image=words(image.label).zh, count=len(planes))
    corner = np.stack([places.cols, places.rows], axis=-1) - image.size_px // 2
    outlines = (places.corners - corner[:, None, :]).reshape(len(planes), 8).round(2)
    return Chips(
        label=words(image.label),
        comparable=comparable,
        size_px=image.size_px,
        metres_per_px=_metres(image.image.grid, places),
        views={name: _positions(roles, view) for name, view in views.items()},
        planes=planes,
        outlines=tuple(tuple(map(float, each)) for each in outlines),
    )


def _roles(image: DatedImage) -> tuple[str, ...]:
    """Return the bands that any view shows, each once."""
    return tuple(dict.fromkeys(role for view in image.views().values() for role in view))


def _positions(roles: tuple[str, ...], view: Role3) -> tuple[int, int, int]:
    red, green, blue = (roles.index(role) for role in view)
    return red, green, blue


def _read(
    image: DatedImage, places: _Places, roles: Sequence[str], chosen: slice
) -> Iterator[NDArray[np.float32]]:
    """Yield the chip of each sample, ``(roles, size, size)``; NaN beyond the image."""
    rows, cols = image.image.grid.shape
    bands = [image.image.names.index(role) for role in roles]
    for row, col in zip(places.rows[chosen], places.cols[chosen], strict=True):
        top, left = int(row) - image.size_px // 2, int(col) - image.size_px // 2
        north, south = max(top, 0), min(top + image.size_px, rows)
        west, east = max(left, 0), min(left + image.size_px, cols)
        chip = np.full((len(bands), image.size_px, image.size_px), np.nan, dtype=np.float32)
        if north < south and west < east:
            read = image.image.read(Window(north, west, south - north, east - west))
            chip[:, north - top : south - top, west - left : east - left] = read[bands]
        yield chip


def _packed(
    chip: NDArray[np.float32], black: NDArray[np.float64], white: NDArray[np.float64]
) -> str:
    """Return a chip as text: differences along rows of shades 1-255, 0 where nothing is known."""
    known = np.isfinite(chip)
    if not known.any():
        return ""
    shades = np.clip((chip - black) / (white - black), 0, 1) * _SHADES
    planes = np.where(known, np.nan_to_num(shades).round() + 1, 0).astype(np.uint8)
    steps = np.diff(planes, axis=2, prepend=np.uint8(0))
    return b64encode(zlib.compress(steps.tobytes(), 9)).decode("ascii")


def _metres(grid: Grid, places: _Places) -> float:
    """Return the width of a square of the same area as a pixel where the samples lie."""
    row, col = float(np.median(places.rows)), float(np.median(places.cols))
    return float(np.sqrt(grid.pixel_ha(row, col)[0, 0] * 1e4))
