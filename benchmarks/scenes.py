"""Made-up rasters and zones for the benchmarks, the same on every machine and every day.

Land cover is the largest of smooth random fields of three wavelengths, with 1.5 % speckle and
a corner without data; about a tenth of it changes between the two dates. Zones are wiggly
Voronoi cells that partition the scene, or blobs that overlap. Everything is made once into a
folder and found there again.

Benchmarks run from the root of the project, such as ``python -m benchmarks.tabulation``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from rasterio.windows import Window as RasterioWindow

from sinks.grid import Grid, Window
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import LandClass, Legend
from sinks.zones.zones import Zones

SCENE_CRS = CRS("EPSG:4549")
PIXEL_M = 10.0
WEST_M, NORTH_M = 450_000.0, 3_750_000.0
CLASSES = 8
WAVES = ((512, 1.0), (96, 0.8), (20, 0.45))  # pixels and amplitude
PERIOD = 10_240  # pixels after which the pattern repeats, so that texture is the same at any size
LEGEND = Legend(
    name="benchmark",
    classes=tuple(
        LandClass(code=c, key=f"c{c}", zh=f"类{c}", en=f"class {c}", colour="#888888",
                  ipcc="other_land")
        for c in range(1, CLASSES + 1)
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FileBlocks:
    """Class codes of a file of our own, read window by window."""

    path: Path
    grid: Grid

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Return the codes of ``window``."""
        inside = RasterioWindow(window.col, window.row, window.width, window.height)
        return np.asarray(self._file.read(1, window=inside))

    @cached_property
    def _file(self) -> rasterio.DatasetReader:  # benchmarks read in one thread
        return rasterio.open(self.path)


def scene_grid(size: int) -> Grid:
    """Return the grid of a scene of ``size`` x ``size`` pixels."""
    transform = Affine(PIXEL_M, 0, WEST_M, 0, -PIXEL_M, NORTH_M)
    return Grid(crs=SCENE_CRS, transform=transform, shape=(size, size))


def land_cover(folder: Path, size: int, date: int) -> LandCover:
    """Return land cover of date 0 or 1; makes the file if the folder lacks it."""
    path = folder / f"cover{date}_{size}.tif"
    if not path.exists():
        _once(path, lambda part: _write_cover(part, size, date))
    blocks = FileBlocks(path=path, grid=scene_grid(size))
    pixels = dict.fromkeys(range(CLASSES + 1), size * size // (CLASSES + 1))
    return LandCover(blocks=blocks, legend=LEGEND, year=2020 + 5 * date, pixels=pixels)


class PlaneGrid(Grid):
    """A grid that takes every pixel for one hectare, to compare pixels instead of areas."""

    def pixel_ha(self, rows: ArrayLike, cols: ArrayLike) -> NDArray[np.float64]:
        """Return ones."""
        return np.ones((np.size(rows), np.size(cols)))


def on_plane(cover: LandCover) -> LandCover:
    """Return land cover whose pixels are one hectare each."""
    grid = cover.grid
    plane = PlaneGrid(crs=grid.crs, transform=grid.transform, shape=grid.shape)
    return replace(cover, blocks=replace(cover.blocks, grid=plane))


def partition(folder: Path, size: int, count: int) -> Zones:
    """Return about ``count`` zones that partition the scene but for its rim."""
    side_m = size * PIXEL_M / np.sqrt(count)
    step = side_m / (60 if count < 1000 else 5)
    frame = _frame(folder / f"zones{count}_{size}.gpkg", lambda: _cells(size, count, step))
    return Zones(frame=frame, partition=True)


def blobs(folder: Path, name: str, count: int, *, radius: float, seed: int) -> gpd.GeoDataFrame:
    """Return star-shaped polygons that overlap; ``radius`` as a share of the scene's 100 km."""
    return _frame(folder / f"{name}{count}.gpkg", lambda: _stars(count, radius, seed))


def _once(path: Path, write: Callable[[Path], object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"part_{path.name}")
    part.unlink(missing_ok=True)
    write(part)
    part.replace(path)


# ---- rasters -----------------------------------------------------------------------------


def _write_cover(path: Path, size: int, date: int) -> None:
    profile = {
        "driver": "GTiff", "width": size, "height": size, "count": 1, "dtype": "uint8",
        "crs": SCENE_CRS.to_wkt(), "transform": scene_grid(size).transform, "nodata": 0,
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "zstd",
    }  # fmt: skip
    noises = [_noise(cell, wave, drift=0.11 * date) for wave, (cell, _) in enumerate(WAVES)]
    with rasterio.open(path, "w", **profile) as file:
        for row in range(0, size, 512):
            codes = _codes(noises, row, min(512, size - row), size)
            file.write(codes, 1, window=RasterioWindow(0, row, size, len(codes)))


def _noise(cell: int, wave: int, *, drift: float) -> NDArray[np.float32]:
    nodes = PERIOD // cell + 4
    shape = (CLASSES, nodes, nodes)
    still = np.random.default_rng(100 + wave).standard_normal(shape)
    moved = np.random.default_rng(150 + wave).standard_normal(shape)
    return np.asarray(still + drift * moved, dtype=np.float32)


def _codes(
    noises: list[NDArray[np.float32]], row: int, height: int, size: int
) -> NDArray[np.uint8]:
    field = np.zeros((CLASSES, height, size), dtype=np.float32)
    for (cell, amplitude), noise in zip(WAVES, noises, strict=True):
        field += amplitude * _between_nodes(noise, cell, row, height, size)
    field[0] += 0.5
    field[-1] -= 0.6
    codes = (field.argmax(axis=0) + 1).astype(np.uint8)
    random = np.random.default_rng((7, row))
    speckle = random.random(codes.shape, dtype=np.float32) < 0.015
    codes[speckle] = random.integers(1, CLASSES + 1, int(speckle.sum()))
    sea = (row + np.arange(height))[:, np.newaxis] + np.arange(size) > 1.85 * size
    codes[sea] = 0
    return codes


def _between_nodes(
    noise: NDArray[np.float32], cell: int, row: int, height: int, size: int
) -> NDArray[np.float32]:
    period = (noise.shape[1] - 2) * cell
    y = ((row + np.arange(height)) % period) / cell
    x = (np.arange(size) % period) / cell
    down, right = (y % 1).astype(np.float32), (x % 1).astype(np.float32)
    i, j = y.astype(int), x.astype(int)
    rows = noise[:, i] * (1 - down)[:, np.newaxis] + noise[:, i + 1] * down[:, np.newaxis]
    return np.asarray(rows[:, :, j] * (1 - right) + rows[:, :, j + 1] * right)


# ---- polygons ----------------------------------------------------------------------------


def _frame(path: Path, shapes: Callable[[], NDArray[np.object_]]) -> gpd.GeoDataFrame:
    if not path.exists():
        _once(path, lambda part: _write_frame(part, shapes()))
    return gpd.read_file(path)


def _write_frame(path: Path, shapes: NDArray[np.object_]) -> None:
    ids = [f"z{i}" for i in range(len(shapes))]
    columns = {"zone": ids, "name_zh": ids, "name_en": ids, "kind": "other"}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=SCENE_CRS).to_file(path, driver="GPKG")


def _cells(size: int, count: int, step_m: float) -> NDArray[np.object_]:
    west, south, east, north = scene_grid(size).bounds
    rim = 0.01 * (east - west)
    extent = shapely.box(west + rim, south + rim, east - rim, north - rim)
    points = np.random.default_rng(2).uniform((west, south), (east, north), (count, 2))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=extent)
    )
    side_m = (east - west) / np.sqrt(count)
    cells = shapely.transform(
        shapely.segmentize(cells, step_m), lambda xy: _wiggled(xy, 0.03 * side_m, side_m / 2)
    )
    cells = shapely.intersection(shapely.make_valid(cells), extent)
    solid = np.isin(shapely.get_type_id(cells), (3, 6)) & ~shapely.is_empty(cells)
    return np.asarray(cells[solid])


def _wiggled(xy: NDArray[np.float64], amplitude_m: float, wave_m: float) -> NDArray[np.float64]:
    random = np.random.default_rng(5)
    moved = xy.copy()
    for octave in range(4):
        turns = random.uniform(0.5, 2, (2, 2)) * 2 * np.pi / wave_m * 2**octave
        moved += amplitude_m / 1.9**octave * np.sin(xy @ turns + random.uniform(0, 6, 2))
    return moved


def _stars(count: int, radius: float, seed: int) -> NDArray[np.object_]:
    random = np.random.default_rng(seed)
    west, south, east, north = scene_grid(10_000).bounds
    centres = random.uniform((west, south), (east, north), (count, 2))
    angle = np.linspace(0, 2 * np.pi, 151)[:-1]
    waves = np.arange(1, 7)
    heights = random.uniform(0, 0.25 / waves, (count, 6))
    phases = random.uniform(0, 6.28, (count, 6))
    swing = (
        np.sin(waves * angle[:, np.newaxis] + phases[:, np.newaxis]) @ heights[:, :, np.newaxis]
    )
    radii = radius * (east - west) * random.lognormal(0, 0.65, (count, 1)) * (1 + swing[..., 0])
    rays = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    rings = centres[:, np.newaxis] + radii[..., np.newaxis] * rays
    return np.asarray(shapely.make_valid(shapely.polygons(rings)))
