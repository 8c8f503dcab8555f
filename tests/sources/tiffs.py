"""GeoTIFFs for tests: sound ones of the scene, and ways to spoil them."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

from sinks.landcover.legend import Crosswalk
from tests.scenes import EQUAL_AREA, NORTH, SCENE_LEGEND, WEST

SCENE = Crosswalk(
    scheme="scene",
    legend=SCENE_LEGEND,
    to_key={"0": None, "1": "forest", "2": "grass", "3": "water"},
)
HECTARE = Affine(100, 0, WEST, 0, -100, NORTH)  # one pixel of the scene is one hectare
CODES = np.array([[1, 2, 0], [3, 1, 1]], dtype=np.uint8)


def write_tif(
    path, codes=CODES, *, crs=EQUAL_AREA, transform=HECTARE, tags=None, points=(), **options
):
    """Write a GeoTIFF and return its path; no data is 0 unless ``nodata`` says otherwise."""
    codes = np.atleast_3d(np.asarray(codes).T).T  # bands, rows, columns
    options = {"nodata": 0, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rasters that are not georeferenced: meant here
        with rasterio.open(
            path, "w", driver="GTiff", count=len(codes), dtype=codes.dtype,
            height=codes.shape[1], width=codes.shape[2], crs=crs, transform=transform, **options,
        ) as file:  # fmt: skip
            file.write(codes)
            file.update_tags(**(tags or {}))
            if points:
                file.gcps = points, crs
    return Path(path)


def found(facts, code):
    """Return the one finding with a code; fail if there is none or more."""
    (finding,) = [f for f in facts.findings if f.code == code]
    return finding


def codes_of(facts):
    return [finding.code for finding in facts.findings]


def tag_place(raw: bytes, tag: int) -> int:
    """Return where the entry of a tag stands in a little-endian classic TIFF."""
    (directory,) = struct.unpack_from("<I", raw, 4)
    (count,) = struct.unpack_from("<H", raw, directory)
    places = [directory + 2 + 12 * i for i in range(count)]
    (place,) = [p for p in places if struct.unpack_from("<H", raw, p)[0] == tag]
    return place


def set_tag(path: Path, tag: int, value: int) -> Path:
    """Overwrite the one value of a tag."""
    raw = bytearray(path.read_bytes())
    place = tag_place(bytes(raw), tag)
    form = {3: "<H", 4: "<I"}[struct.unpack_from("<H", raw, place + 2)[0]]
    struct.pack_into(form, raw, place + 8, value)
    path.write_bytes(raw)
    return path
