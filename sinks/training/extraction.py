"""From reference places to samples: what the image shows in the pixels they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertAzimuthalEqualAreaConversion

from sinks.blocks import map_in_order
from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.landcover.legend import Legend
from sinks.training.places import Pixels, ReferencePlaces, contradictions, pixels_within
from sinks.training.samples import Samples, counted, named

MOST_SAMPLES = 5_000_000  # kept in memory as a whole; models learn nothing more from more
_TILE = 512  # side in pixels of what is read at once
_LISTED = 10


@dataclass(frozen=True)
class _Held:
    """Pixels in ascending order, each once, with the place each comes from."""

    pixels: Pixels
    place: NDArray[np.int64]
    findings: tuple[Finding, ...]


def extract(
    features: FeatureBlocks,
    places: ReferencePlaces,
    *,
    legend: Legend,
    most_px: int | None = None,
    seed: int = 0,
    threads: int = 1,
) -> Samples:
    """Read the features of the pixels that reference places hold.

    Samples come in the order of their pixels, whatever the order of the places. Samples
    where a feature has no data are dropped and counted by class. At most ``most_px`` pixels
    of a place are taken, at random by ``seed`` and by the place's own first pixel.

    Raises
    ------
    InputRefused
        ``G01`` for codes that the legend does not have, ``G04`` if no place lies on the
        image, ``G07`` if places of different classes hold the same pixel, ``G10`` if a class
        that has places on the image is left without samples, ``G12`` if there are more
        samples than a model can use.
    """
    grid = features.grid
    _refuse_unknown_codes(places, legend)
    shapes = places.in_pixels(grid)
    inside, outside = _on_image(shapes, places, grid)
    _refuse_contradictions(shapes, places, legend, grid)
    held = _held(shapes, places, inside, _Taking(grid, most_px, seed))
    values = _read(features, held.pixels, threads)
    finite = np.asarray(np.isfinite(values).all(axis=1))
    codes = places.codes[held.place]
    x_m, y_m = places_m(grid, held.pixels[finite])
    samples = Samples(
        names=features.names,
        legend=legend,
        features=values[finite],
        codes=codes[finite],
        group=places.group[held.place][finite],
        x_m=x_m,
        y_m=y_m,
        group_names=places.group_names,
        findings=(*outside, *held.findings, *_dropped(codes, finite, legend)),
    )
    _refuse_lost_classes(places.codes[inside], samples)
    return samples


@dataclass(frozen=True)
class _Taking:
    """How many pixels of a place are taken, and which."""

    grid: Grid
    most_px: int | None
    seed: int

    def pixels(self, shape: shapely.Geometry) -> tuple[Pixels, int]:
        """Return the pixels taken, and how many the place holds."""
        held = pixels_within(shape, _whole(self.grid), self.grid.shape[1])
        if self.most_px is None or len(held) <= self.most_px:
            return held, len(held)
        draw = np.random.default_rng([self.seed, int(held[0])])
        return np.sort(draw.choice(held, self.most_px, replace=False)), len(held)


def _on_image(
    shapes: NDArray[np.object_], places: ReferencePlaces, grid: Grid
) -> tuple[NDArray[np.int64], tuple[Finding, ...]]:
    """Return which places lie on the image, with a note of the others."""
    rows, cols = grid.shape
    on_it = shapely.intersects(shapes, shapely.box(0, 0, cols, rows))
    away = [places.names[i] for i in np.flatnonzero(~on_it)]
    facts = {"ids": away[:_LISTED], "count": len(away), "total": len(places)}
    if not on_it.any():
        raise InputRefused.because("G04", **facts, bounds=[round(v, 6) for v in grid.bounds])
    found = (Finding(code="G05", facts=facts),) if away else ()
    return np.flatnonzero(on_it), found


def _refuse_unknown_codes(places: ReferencePlaces, legend: Legend) -> None:
    unknown = sorted(set(places.codes.tolist()) - set(legend.by_code))
    if unknown:
        facts = {"scheme": legend.name, "unknown": unknown, "count": len(unknown)}
        raise InputRefused.because("G01", field="codes", known=named(legend), **facts)


def _refuse_contradictions(
    shapes: NDArray[np.object_], places: ReferencePlaces, legend: Legend, grid: Grid
) -> None:
    pairs: list[str] = []
    first = count = 0
    for a, b, pixels in contradictions(shapes, places.codes, _whole(grid)):
        first = first if pairs else int(pixels[0])
        keys = (legend.by_code[int(places.codes[i])].key for i in (a, b))
        named = " ∩ ".join(f"{places.names[i]} {k}" for i, k in zip((a, b), keys, strict=True))
        pairs.append(f"{named} × {len(pixels)}")
        count += len(pixels)
    if pairs:
        row, col = divmod(first, grid.shape[1])
        raise InputRefused.because(
            "G07",
            place=f"row {row}, column {col}",
            pairs=pairs[:_LISTED],
            count=len(pairs),
            px=count,
        )


def _held(
    shapes: NDArray[np.object_], places: ReferencePlaces, inside: NDArray[np.int64], how: _Taking
) -> _Held:
    """Collect the pixels of the places on the image, each pixel once."""
    taken, owner, all_px, empty, thinned = [], [], 0, [], 0
    for place in inside.tolist():
        pixels, there = how.pixels(shapes[place])
        taken.append(pixels)
        owner.append(np.full(len(pixels), place))
        all_px += len(pixels)
        thinned += there > len(pixels)
        empty += [] if there else [places.names[place]]
        if all_px > MOST_SAMPLES:
            raise InputRefused.because("G12", count=all_px, limit=MOST_SAMPLES)
    pixels, place, again = _once(np.concatenate(taken), np.concatenate(owner), places.group)
    found = []
    if empty:
        found.append(Finding(code="G06", facts={"ids": empty[:_LISTED], "count": len(empty)}))
    if again:
        found.append(Finding(code="G08", facts={"count": again}))
    if thinned:
        facts = {"most_px": how.most_px, "count": thinned, "seed": how.seed, "px": len(pixels)}
        found.append(Finding(code="G11", facts=facts))
    return _Held(pixels, place, tuple(found))


def _once(
    pixels: Pixels, place: NDArray[np.int64], group: NDArray[np.int64]
) -> tuple[Pixels, NDArray[np.int64], int]:
    """Keep every pixel once, with the lowest group, and count what was left out."""
    order = np.lexsort((group[place], pixels))
    pixels, place = pixels[order], place[order]
    first = np.diff(pixels, prepend=-1) > 0
    return pixels[first], place[first], int((~first).sum())


def _read(features: FeatureBlocks, pixels: Pixels, threads: int) -> Features:
    """Read the features of pixels, shape ``(pixels, features)``, tile by tile."""
    rows, cols = np.divmod(pixels, features.grid.shape[1])
    tile = rows // _TILE * (features.grid.shape[1] // _TILE + 1) + cols // _TILE
    order = np.argsort(tile, kind="stable")
    cuts = np.flatnonzero(np.diff(tile[order])) + 1
    values = np.empty((len(pixels), len(features.names)), np.float32)

    def read(members: NDArray[np.int64]) -> None:
        r, c = rows[members], cols[members]
        window = Window(
            int(r.min()), int(c.min()), int(np.ptp(r)) + 1, int(np.ptp(c)) + 1
        )  # no more of the tile than is wanted
        values[members] = features.read(window)[:, r - window.row, c - window.col].T

    tiles: Iterable[NDArray[np.int64]] = np.split(order, cuts) if len(pixels) else ()
    for _ in map_in_order(read, tiles, threads=threads):
        pass
    return values


def _dropped(
    codes: NDArray[np.uint8], finite: NDArray[np.bool_], legend: Legend
) -> tuple[Finding, ...]:
    lost = Counter(codes[~finite].tolist())
    if not lost:
        return ()
    facts = {"classes": counted(lost, legend), "count": lost.total(), "total": len(codes)}
    return (Finding(code="G09", facts=facts),)


def _refuse_lost_classes(codes: NDArray[np.uint8], samples: Samples) -> None:
    lost = Counter({c: n for c, n in Counter(codes.tolist()).items() if c not in samples.classes})
    if lost:
        classes = counted(lost, samples.legend)
        raise InputRefused.because("G10", classes=classes, count=len(classes))


def places_m(grid: Grid, pixels: Pixels) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where pixels lie in metres; on an equal-area plane if the CRS has degrees."""
    rows, cols = np.divmod(pixels, grid.shape[1])
    x = grid.transform.c + (cols + 0.5) * grid.transform.a
    y = grid.transform.f + (rows + 0.5) * grid.transform.e
    if not grid.crs.is_geographic:
        unit_m = float(grid.crs.axis_info[0].unit_conversion_factor)
        return x * unit_m, y * unit_m
    west, south, east, north = grid.bounds
    middle = LambertAzimuthalEqualAreaConversion((south + north) / 2, (west + east) / 2)
    plane = ProjectedCRS(middle, geodetic_crs=grid.crs)
    x_m, y_m = Transformer.from_crs(grid.crs, plane, always_xy=True).transform(x, y)
    return np.asarray(x_m), np.asarray(y_m)


def _whole(grid: Grid) -> Window:
    return Window(0, 0, *grid.shape)
