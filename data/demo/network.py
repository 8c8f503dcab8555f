"""Canals, roads and tree belts: the sheet is cut again and again into polders (圩区)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from .places import ROWS
from .sheet import SHEET_COLS, SHEET_ROWS, Rect, Sheet

PIECE = 200  # pixels; a belt or canal is kept in pieces of 2 km at most


class Canal(NamedTuple):
    """A dug river or canal: rank in the register and the water surface."""

    rank: str
    water: Rect

    def middle_line(self) -> shapely.LineString:
        """Return its course in sheet coordinates."""
        west, south, east, north = self.water.polygon().bounds
        if self.water.lies_flat:
            return shapely.LineString([(west, (south + north) / 2), (east, (south + north) / 2)])
        return shapely.LineString([((west + east) / 2, south), ((west + east) / 2, north)])


class Polder(NamedTuple):
    """Land between canals; ``whole`` reaches to the middle of the canals around it."""

    land: Rect
    whole: Rect
    number: int


class Reach(NamedTuple):
    """Pixels from the edge of the land to the water beyond the belt, on each side."""

    top: int = 0
    left: int = 0
    bottom: int = 0
    right: int = 0


class Band(NamedTuple):
    """One strip of a canal's cross-section."""

    width: int
    key: str


@dataclass(frozen=True)
class Network:
    """The canals, and the polders between them."""

    canals: list[Canal]
    polders: list[Polder]


def lay_out(sheet: Sheet, seed: int) -> Network:
    """Cut the sheet into polders and paint what lies between them."""
    rng = np.random.Generator(np.random.PCG64((seed, 1)))
    everything = Rect(0, 0, SHEET_ROWS, SHEET_COLS)
    network = Network([], [])
    todo = [(everything, everything, Reach())]
    while todo:
        land, whole, reach = todo.pop()
        if _small_enough(land, rng):
            network.polders.append(Polder(land, whole, len(network.polders)))
        else:
            canal, halves = _cut(sheet, rng, land, whole, reach)
            network.canals.append(canal)
            todo += halves
    return network


def _small_enough(land: Rect, rng: np.random.Generator) -> bool:
    pixels = land.height * land.width
    return pixels < 9_000 + 8_000 * rng.random() or land.length < 100


def _cut(
    sheet: Sheet, rng: np.random.Generator, land: Rect, whole: Rect, reach: Reach
) -> tuple[Canal, list[tuple[Rect, Rect, Reach]]]:
    """Cut across the longer side, more or less in the middle."""
    rank = _rank(land.length)
    bands = _cross_section(rank, rng)
    width = sum(band.width for band in bands)
    start = round(land.length * (0.36 + 0.28 * rng.random())) - width // 2
    water = _paint(sheet, land.cut(start, start + width), bands, reach, rank)
    before = sum(band.width for band in bands[: _water_at(bands)])
    after = width - before - bands[_water_at(bands)].width
    near, far = ("left", "right") if land.lies_flat else ("top", "bottom")
    edge = getattr(land, near) + start
    line = (getattr(water, near) + getattr(water, far)) // 2
    halves = [
        (land._replace(**{far: edge}), whole._replace(**{far: line}),
         reach._replace(**{far: before})),
        (land._replace(**{near: edge + width}), whole._replace(**{near: line}),
         reach._replace(**{near: after})),
    ]  # fmt: skip
    return Canal(rank, water), halves


def _paint(sheet: Sheet, strip: Rect, bands: list[Band], reach: Reach, rank: str) -> Rect:
    """Paint belts and roads, then the water, which runs on into the next canal."""
    at = 0
    for band in bands:
        rect = strip.slice_across(at, at + band.width)
        at += band.width
        if band.key == "RIV":
            water = rect
            continue
        for piece in pieces(rect, PIECE):
            sheet.paint(piece, band.key, kind="" if band.key == "BLT" else "belt")
    if strip.lies_flat:
        water = water._replace(left=water.left - reach.left, right=water.right + reach.right)
    else:
        water = water._replace(top=water.top - reach.top, bottom=water.bottom + reach.bottom)
    for piece in pieces(water, PIECE):
        sheet.paint(piece, "RIV", kind=f"{rank} canal")
    return water


def pieces(rect: Rect, longest: int) -> Iterator[Rect]:
    """Cut a long rectangle into equal pieces."""
    count = -(-rect.length // longest)
    edges = [round(rect.length * n / count) for n in range(count + 1)]
    for start, stop in pairwise(edges):
        yield rect.cut(start, stop)


def _rank(length: int) -> str:
    if length > ROWS // 3:
        return "county"
    return "township" if length > 250 else "other"


def _water_at(bands: list[Band]) -> int:
    return next(n for n, band in enumerate(bands) if band.key == "RIV")


def _cross_section(rank: str, rng: np.random.Generator) -> list[Band]:
    """Belts, road and water from one bank to the other."""

    def one_of(*keys: str) -> str:
        return keys[int(rng.random() * len(keys))]

    trees = one_of("BLF", "BLF", "BLF", "MIX", "MIX", "CNF")
    if rank == "county":
        road = [Band(2, "BLT"), Band(2, one_of("BLF", "MIX"))]
        bands = [Band(2, trees), *road, Band(5 + int(rng.random() * 3), "RIV"), Band(3, trees)]
    elif rank == "township":
        road = [Band(1, "BLT")] if rng.random() < 0.6 else []
        water = Band(3 + int(rng.random() * 2), "RIV")
        bands = [Band(1, trees), *road, Band(1, one_of("BLF", "MIX")), water, Band(2, trees)]
    else:
        road = [Band(1, "BLT")] if rng.random() < 0.5 else []
        far = [Band(1, one_of("BLF", "MIX"))] if rng.random() < 0.25 else []
        near = Band(2 if rng.random() < 0.4 else 1, trees)
        bands = [*road, near, Band(2, "RIV"), *far]
    return bands if rng.random() < 0.5 else bands[::-1]
