"""The landscape of both years: polders get their use, the sheet is bent, waters laid over."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import rasterio.features
import shapely
from affine import Affine
from numpy.typing import NDArray

from . import waters
from .fields import Plot, Settled, fill
from .network import Network, Polder, lay_out
from .places import (
    CITY,
    CODE,
    COLS,
    LAKE,
    MARGIN_M,
    NORTH,
    PIXEL_M,
    ROWS,
    WEST,
    district_plane,
    plane_xy,
    point,
    towns,
)
from .sheet import Bend, Noise, Patch, Rect, Sheet

YEARS = (2020, 2025)
CITY_CENTRES = 3
SHARES = {"pond": 0.150, "orchard": 0.050, "forest": 0.028}  # of the polders


@dataclass(frozen=True)
class Landscape:
    """The drawn sheet, how it is bent, and what lies over it."""

    sheet: Sheet
    bend: Bend
    network: Network
    overlays: list[Patch]
    themes: dict[int, str]  # what each polder near the district is used for

    def codes(self, pixel_m: int = PIXEL_M) -> tuple[NDArray[np.uint8], Affine]:
        """Return class codes of both years, ``(2, rows, cols)``, and the transform.

        A coarser map takes the class at the middle of each pixel.
        """
        rows, cols = ROWS * PIXEL_M // pixel_m, COLS * PIXEL_M // pixel_m
        transform = Affine(pixel_m, 0, WEST, 0, -pixel_m, NORTH)
        over = self._overlay_numbers(rows, cols, transform)
        inside = _burn([(shapely.buffer(district_plane(), MARGIN_M), 1)], rows, cols, transform)
        xs = WEST + (np.arange(cols) + 0.5) * pixel_m
        found = np.empty((2, rows, cols), dtype=np.uint8)
        laid = [(CODE[p.before], CODE[p.after]) for p in self.overlays]
        lookup = np.array([(0, 0), *laid], dtype=np.uint8)
        for top in range(0, rows, 256):
            strip = slice(top, min(top + 256, rows))
            ys = NORTH - (np.arange(strip.start, strip.stop) + 0.5) * pixel_m
            at = self.bend.rows_and_cols(xs, ys)
            for year, drawn in enumerate(self.sheet.codes):
                land = np.where(over[strip] > 0, lookup[over[strip], year], drawn[at])
                found[year, strip] = np.where(inside[strip] > 0, land, 0)
        return found, transform

    def numbers(self, rows: slice, cols: slice) -> NDArray[np.int32]:
        """Return the stroke of the sheet under each pixel of a window, or minus the overlay."""
        transform = Affine(PIXEL_M, 0, WEST, 0, -PIXEL_M, NORTH)
        over = self._overlay_numbers(ROWS, COLS, transform)[rows, cols].astype(np.int32)
        xs = WEST + (np.arange(cols.start, cols.stop) + 0.5) * PIXEL_M
        ys = NORTH - (np.arange(rows.start, rows.stop) + 0.5) * PIXEL_M
        drawn = self.sheet.numbers[self.bend.rows_and_cols(xs, ys)]
        return np.where(over > 0, -over, drawn)

    def _overlay_numbers(self, rows: int, cols: int, transform: Affine) -> NDArray[np.uint16]:
        return _burn(
            [(p.shape, n) for n, p in enumerate(self.overlays, start=1)], rows, cols, transform
        )


def draw(seed: int) -> Landscape:
    """Draw the landscape."""
    sheet, bend = Sheet(), Bend.draw(seed)
    network = lay_out(sheet, seed)
    near = _near_district(network.polders, bend)
    themes = _themes(near, bend, seed)
    paddy = Noise.draw((seed, 21), spacing_m=7_000, amplitude=0.75)
    ragged = Noise.draw((seed, 22), spacing_m=1_500, amplitude=900)
    settled = partial(_settled, _centres(bend), ragged)
    for polder in near:
        u, v = (np.array(c) for c in polder.land.middle)
        share = 0.62 - 0.25 * (u - WEST) / (COLS * PIXEL_M) + paddy.at(u, v)
        rng = np.random.Generator(np.random.PCG64((seed, 2, polder.number)))
        wet_share = float(np.clip(share, 0.05, 0.95))
        fill(Plot(sheet, rng, themes[polder.number], wet_share, settled), polder)
    return Landscape(sheet, bend, network, waters.patches(), themes)


def _near_district(polders: list[Polder], bend: Bend) -> list[Polder]:
    around = shapely.buffer(district_plane(), 1_500)
    middles = bend.to_ground(np.array([p.land.middle for p in polders]))
    inside = shapely.contains_xy(around, middles)
    return [p for p, yes in zip(polders, inside, strict=True) if yes]


def _themes(polders: list[Polder], bend: Bend, seed: int) -> dict[int, str]:
    """Give every polder a use: the wettest become ponds, and so on by rank."""
    xy = bend.to_ground(np.array([p.land.middle for p in polders]))
    x, y = xy.T
    from_lake = np.hypot(*(xy - np.array(point(LAKE))).T)
    from_city = np.hypot(*(xy - np.array(point(CITY))).T)
    wet = Noise.draw((seed, 11), spacing_m=3_000, amplitude=1).at(x, y)
    wet = wet + 1.5 / (1 + (from_lake / 7_000) ** 2) - 0.6 / (1 + (from_city / 8_000) ** 2)
    scores = {
        "pond": wet,
        "orchard": Noise.draw((seed, 12), spacing_m=2_500, amplitude=1).at(x, y),
        "forest": Noise.draw((seed, 13), spacing_m=2_000, amplitude=1).at(x, y),
    }
    themes: dict[int, str] = {}
    for theme, score in scores.items():
        best = [polders[n].number for n in np.argsort(-score, kind="stable")]
        free = [number for number in best if number not in themes]
        themes.update(dict.fromkeys(free[: round(SHARES[theme] * len(polders))], theme))
    themes.update(_by_the_lakes(polders, xy))
    return {p.number: themes.get(p.number, "field") for p in polders}


def _by_the_lakes(polders: list[Polder], xy: NDArray[np.float64]) -> dict[int, str]:
    """Return marsh beside the lakes, and ponds near them that were given back."""
    lakes = [waters.lake(), *waters.small_lakes().values()]
    away = shapely.distance(shapely.points(xy)[:, np.newaxis], np.array(lakes)).T
    near_small = np.argsort(away[1:].min(axis=0), kind="stable")[:5]
    found = {polders[n].number: "marsh" for n in near_small}
    in_district = shapely.contains_xy(district_plane(), xy)
    order = [n for n in np.argsort(away[0], kind="stable") if in_district[n] and away[0][n] > 250]
    found |= {polders[n].number: "marsh" for n in order[:3]}
    return found | {polders[n].number: "restored" for n in order[3:6]}


def _centres(bend: Bend) -> NDArray[np.float64]:
    """Sheet coordinates of settlements and their reach in both years, in metres."""
    places = [
        (*point(CITY), 3_900, 4_300),
        (*point((120.168, 33.318)), 2_500, 2_900),
        (*point((120.085, 33.378)), 1_100, 1_250),
    ]
    places += [(*point(town.seat), 620, 700) for town in towns()]
    found = np.array(places)
    return np.column_stack((bend.to_sheet(found[:, :2]), found[:, 2:]))


def city_reach(bend: Bend, lonlat: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether places, in degrees, lie in the city of the second year."""
    uv = bend.to_sheet(plane_xy(lonlat))
    city = _centres(bend)[:CITY_CENTRES]
    away = np.hypot(city[:, 0] - uv[:, :1], city[:, 1] - uv[:, 1:])
    return np.asarray((away < city[:, 3]).any(axis=1))


def _settled(centres: NDArray[np.float64], ragged: Noise, block: Rect) -> Settled:
    u, v = block.middle
    away = np.hypot(centres[:, 0] - u, centres[:, 1] - v)
    away = away + float(ragged.at(np.array(u), np.array(v)))
    return Settled(bool((away < centres[:, 2]).any()), bool((away < centres[:, 3]).any()))


def _burn(
    shapes: list[tuple[shapely.Geometry, int]], rows: int, cols: int, transform: Affine
) -> NDArray[np.uint16]:
    return np.asarray(
        rasterio.features.rasterize(
            shapes, out_shape=(rows, cols), transform=transform, dtype="uint16"
        )
    )
