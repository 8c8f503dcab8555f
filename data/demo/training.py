"""Training polygons as an interpreter draws them: in clusters, inside fields, clear of cloud."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray

from .imagery import Ground, quality
from .landscape import YEARS
from .places import CODE, LONLAT, PIXEL_M, to_lonlat
from .signatures import rows
from .waters import oval

CLUSTERS, CLUSTER_M = 48, 520.0  # sheets of paper, and how far work on one reaches
SMALLEST_M2, LARGEST_M2 = 2_000.0, 20_000.0
INSETS_M = (7.0, 3.0)  # away from the border, less where the field is narrow
APART_M = 25.0
FEWEST = 5  # a class with fewer polygons is left out
PLACES, TRIED = 20_000, 3_000  # of a class: looked over, and tried at most
SIGHT = 12  # pixels looked at around a place
CLEAR = (4, 5, 6)  # values of the quality band without cloud and shadow
NARROW_LAST = 0.7  # share of places in narrow fields that are tried after all others

Places = NDArray[np.intp]
Luck = NDArray[np.float64]
Shape = shapely.Geometry


class Drawn(NamedTuple):
    """A polygon with its class and the number of its cluster."""

    key: str
    cluster: int
    shape: Shape


@dataclass(frozen=True)
class Screen:
    """What the interpreter has on the screen: classes and fields that can be seen."""

    ground: Ground
    codes: NDArray[np.uint8]

    def polygon(self, row: int, col: int, longest_m: float, luck: Luck) -> Shape:
        """Outline a part of the field at a place; empty if it is too small."""
        x, y = self.ground.cut.corner(row, col)
        here = (x + PIXEL_M / 2, y - PIXEL_M / 2)
        whole = self._field(row, col, shapely.Point(here))
        if whole.area < 2 * SMALLEST_M2:
            return shapely.Polygon()
        strokes = (_by_hand(here, longest_m, luck), shapely.Point(here).buffer(longest_m))
        for inset_m, stroke in zip(INSETS_M, strokes, strict=True):
            inner = shapely.buffer(whole, -inset_m, join_style="mitre")
            parts = shapely.get_parts(shapely.intersection(inner, stroke))
            part = max(parts, key=shapely.area, default=shapely.Polygon())
            part = shapely.set_precision(shapely.simplify(part, 2.5), 0.1)
            if SMALLEST_M2 <= part.area <= LARGEST_M2 and part.geom_type == "Polygon":
                return part
        return shapely.Polygon()

    def _field(self, row: int, col: int, here: shapely.Point) -> Shape:
        """Return the outline of the field at a place, as far as the eye reaches."""
        top, left = max(row - SIGHT, 0), max(col - SIGHT, 0)
        around = np.s_[top : row + SIGHT + 1, left : col + SIGHT + 1]
        field = (self.codes[around] == self.codes[row, col]) & (
            self.ground.fields[around] == self.ground.fields[row, col]
        )
        if field.sum() * PIXEL_M**2 < 2 * SMALLEST_M2:
            return shapely.Polygon()
        west, north = self.ground.cut.corner(top, left)
        outlines = rasterio.features.shapes(
            field.astype(np.uint8), mask=field, transform=Affine(10, 0, west, 0, -10, north)
        )
        shapes = (shapely.geometry.shape(outline) for outline, _ in outlines)
        return next(shape for shape in shapes if shape.contains(here))


def training_layer(ground: Ground, year: int, seed: int) -> gpd.GeoDataFrame:
    """Return the polygons of a year in degrees: ``id``, ``class`` and ``cluster``."""
    rng = np.random.Generator(np.random.PCG64((seed, 91, year)))
    codes = ground.codes[YEARS.index(year)]
    clear = np.isin(quality(ground, year, seed), CLEAR)
    screen = Screen(ground, np.where(clear, codes, 0).astype(np.uint8))
    centres, wide = _centres(screen.codes, rng), _wide(ground.fields)
    found: list[Drawn] = []
    for row in rows("training_polygons.csv"):
        wanted, longest_m = int(row["polygons"]), float(row["longest_m"])
        drawn = 0
        for place, cluster in _places(screen.codes == CODE[row["key"]], wide, centres, rng):
            shape = screen.polygon(*place, longest_m, rng.random(4))
            if not shape.is_empty and _apart(shape, found):
                found.append(Drawn(row["key"], cluster, shape))
                drawn += 1
            if drawn == wanted:
                break
    counts = Counter(one.key for one in found)
    kept = sorted((f for f in found if counts[f.key] >= FEWEST), key=lambda one: one.cluster)
    return gpd.GeoDataFrame(
        {
            "id": [f"T{year}-{n:03d}" for n in range(1, len(kept) + 1)],
            "class": [one.key for one in kept],
            "cluster": [one.cluster for one in kept],
        },
        geometry=[to_lonlat(one.shape) for one in kept],
        crs=LONLAT,
    )


def _centres(codes: NDArray[np.uint8], rng: np.random.Generator) -> Places:
    """Return the middles of the clusters, rows and columns."""
    seen = np.argwhere(codes > 0)
    return seen[np.floor(rng.random(CLUSTERS) * len(seen)).astype(np.intp)]


def _wide(fields: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a pixel has its own field on all four sides."""
    same = np.zeros(fields.shape, dtype=bool)
    here = fields[1:-1, 1:-1]
    around = (fields[:-2, 1:-1], fields[2:, 1:-1], fields[1:-1, :-2], fields[1:-1, 2:])
    same[1:-1, 1:-1] = np.logical_and.reduce([side == here for side in around])
    return same


def _places(
    wanted: NDArray[np.bool_], wide: NDArray[np.bool_], centres: Places, rng: np.random.Generator
) -> Iterator[tuple[tuple[int, int], int]]:
    """Yield places of a class with their cluster, those near a middle first."""
    places = np.argwhere(wanted)
    places = places[np.argsort(rng.random(len(places)), kind="stable")][:PLACES]
    away = ((places[:, np.newaxis] - centres) ** 2).sum(axis=2)
    nearest = away.argmin(axis=1)
    far = away.min(axis=1) > (CLUSTER_M / PIXEL_M) ** 2
    narrow = ~wide[tuple(places.T)] & (rng.random(len(places)) < NARROW_LAST)
    for n in np.argsort(far + 2 * narrow, kind="stable")[:TRIED]:
        yield (int(places[n, 0]), int(places[n, 1])), int(nearest[n]) + 1


def _by_hand(middle: tuple[float, float], longest_m: float, luck: Luck) -> Shape:
    long_m = longest_m * (0.55 + 0.45 * luck[0])
    waves = {2: 0.10j, 3: 0.12 * luck[1], 5: 0.06j * luck[2]}
    axes = (long_m, long_m * (0.45 + 0.35 * luck[2]))
    return oval(middle, axes, waves, tilt_deg=180 * float(luck[3]))


def _apart(shape: Shape, found: list[Drawn]) -> bool:
    away = shapely.distance(shape, np.array([one.shape for one in found], dtype=object))
    return bool((away > APART_M).all())
