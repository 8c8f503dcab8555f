"""Small scenes for tests: drawn with letters, one letter is one hectare exactly."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely.affinity
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS

from sinks.grid import Grid
from sinks.landcover.cover import LandCover, cover_from_array
from sinks.landcover.legend import LandClass, Legend
from sinks.zones.zones import Zones

EQUAL_AREA = CRS("EPSG:6933")  # plane area is area on the ellipsoid
WEST, NORTH = 11_500_000.0, 4_000_000.0  # near Yancheng

SCENE_LEGEND = Legend(
    name="scene",
    classes=(
        LandClass(code=1, key="forest", zh="森林", en="forest", colour="#1f6a33",
                  ipcc="forest_land", tree=True),
        LandClass(code=2, key="grass", zh="草地", en="grass", colour="#94c283", ipcc="grassland"),
        LandClass(code=3, key="water", zh="水域", en="water", colour="#288ac3", ipcc="wetlands",
                  wetland=True, natural=True, water=True),
    ),
)  # fmt: skip
LETTERS = {".": 0, "F": 1, "G": 2, "W": 3}


def scene_grid(shape: tuple[int, int], *, pixel_m: float = 100.0) -> Grid:
    """Return a grid whose pixels have exactly ``pixel_m`` squared on the ellipsoid."""
    transform = Affine(pixel_m, 0, WEST, 0, -pixel_m, NORTH)
    return Grid(crs=EQUAL_AREA, transform=transform, shape=shape)


def cover_from_codes(
    codes: NDArray[np.uint8], *, year: int = 2020, grid: Grid | None = None
) -> LandCover:
    """Make land cover of scene codes 0-3; a pixel is one hectare unless ``grid`` differs."""
    codes = np.asarray(codes, dtype=np.uint8)
    shape = (codes.shape[0], codes.shape[1])
    return cover_from_array(codes, grid=grid or scene_grid(shape), legend=SCENE_LEGEND, year=year)


def draw(picture: str, *, year: int = 2020) -> LandCover:
    """Turn a picture into land cover: F forest, G grass, W water, . no data."""
    lines = [line.split() for line in picture.strip().splitlines()]
    return cover_from_codes(
        np.array([[LETTERS[letter] for letter in line] for line in lines], dtype=np.uint8),
        year=year,
    )


def zones_at(shapes: dict[str, object], *, partition: bool = False) -> Zones:
    """Make zones of shapes drawn in pixels: x to the right, y down, from the scene's corner."""
    placed = [
        shapely.affinity.affine_transform(shape, [100, 0, 0, -100, WEST, NORTH])
        for shape in shapes.values()
    ]
    names = list(shapes)
    frame = gpd.GeoDataFrame(
        {"zone": names, "name_zh": names, "name_en": names, "kind": "other"},
        geometry=placed,
        crs=EQUAL_AREA,
    )
    return Zones(frame=frame, partition=partition)
