"""Image files for tests: small, of known reflectance, written as producers write them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

from sinks.grid import Window
from sinks.imagery.features import FeaturesInMemory
from sinks.imagery.image import Image
from tests.scenes import EQUAL_AREA, NORTH, WEST, scene_grid

SIX = ("blue", "green", "red", "nir", "swir_1", "swir_2")


def write_image(
    path, values, *, scales=None, offsets=None, names=None, pixel_m=10.0, shift=(0.0, 0.0),
    crs=EQUAL_AREA, **options,
):  # fmt: skip
    """Write bands ``(bands, rows, columns)``; ``shift`` moves the corner east and north (m)."""
    values = np.asarray(values)
    values = values[np.newaxis] if values.ndim == 2 else values
    transform = Affine(pixel_m, 0, WEST + shift[0], 0, -pixel_m, NORTH + shift[1])
    options = {"nodata": 0, "photometric": "minisblack", **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(
            path, "w", driver="GTiff", count=len(values), dtype=values.dtype,
            height=values.shape[1], width=values.shape[2], crs=crs, transform=transform, **options,
        ) as file:  # fmt: skip
            file.write(values)
            if scales is not None:
                file.scales = scales
            if offsets is not None:
                file.offsets = offsets
            for band, name in enumerate(names or [], start=1):
                file.set_band_description(band, name)
    return Path(path)


def ramp(bands=6, rows=4, cols=5, dtype="int16"):
    """Return digital numbers 100, 200, ... so that every pixel of every band differs."""
    return 100 * np.arange(1, bands * rows * cols + 1).reshape(bands, rows, cols).astype(dtype)


def whole(blocks):
    return blocks.read(Window(0, 0, *blocks.grid.shape))


def image_of(bands, *, day=None, label=""):
    """Make an image in memory of reflectance by role: lists of rows."""
    values = np.array(list(bands.values()), dtype=np.float32)
    blocks = FeaturesInMemory(grid=scene_grid(values.shape[1:]), names=tuple(bands), values=values)
    return Image(blocks=blocks, day=day, label=label)


def codes_of(refused):
    return [finding.code for finding in refused.value.findings]
