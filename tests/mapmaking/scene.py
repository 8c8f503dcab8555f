"""A district from above: images whose ground is known pixel by pixel, and places to learn from.

The ground is that of ``tests/workflow/small.py`` at 10 m: 60 x 80 pixels, 800 m x 600 m. Paddy
in the west, broadleaf forest in the east, a lake of 400 pixels across the line between them,
and a built-up strip of 600 pixels at the eastern end. Bands are noisy on purpose, so that a
model errs at some pixels.
"""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from shapely.geometry import Polygon

from sinks.cli import main
from tests.workflow.small import BLF, BLT, CRS, HEIGHT_M, LAK, PAD, SOUTH, WEST, rectangle

ROWS, COLS, PIXEL_M = 60, 80, 10.0
BANDS = ("blue", "green", "red", "nir", "swir_1")
KEYS = {LAK: "LAK", PAD: "PAD", BLF: "BLF", BLT: "BLT"}
NAMES = {LAK: "湖泊", PAD: "水田", BLF: "阔叶林", BLT: "城镇村、道路、水工"}
SANDIAO = {LAK: "1102", PAD: "0101", BLF: "0301", BLT: "0701"}
_LOOKS = {
    LAK: (700, 800, 600, 400, 200),
    PAD: (500, 900, 700, 2400, 1500),
    BLF: (300, 600, 400, 3000, 1200),
    BLT: (1100, 1300, 1400, 1900, 2100),
}
_NOISE = 260
# rows and columns of the corners of places of 4 x 4 pixels, by class
_CORNERS = {
    LAK: [(21, 31), (21, 45), (28, 38), (35, 31), (35, 45), (29, 45)],
    PAD: [(2, 2), (2, 24), (16, 12), (30, 4), (44, 22), (54, 8)],
    BLF: [(2, 44), (2, 62), (14, 56), (30, 62), (46, 46), (54, 60)],
    BLT: [(2, 71), (12, 75), (22, 71), (32, 75), (42, 71), (54, 75)],
}


def ground() -> NDArray[np.uint8]:
    """Return the true class of every pixel."""
    codes = np.full((ROWS, COLS), PAD, dtype=np.uint8)
    codes[:, 40:] = BLF
    codes[20:40, 30:50] = LAK
    codes[:, 70:] = BLT
    return codes


def seen(codes: NDArray[np.uint8], *, seed: int = 7, noise: float = _NOISE) -> NDArray[np.int16]:
    """Return digital numbers ``(bands, rows, columns)`` of noisy bands over ``codes``."""
    looks = np.zeros((256, len(BANDS)))
    for code, values in _LOOKS.items():
        looks[code] = values
    clean = looks[codes].transpose(2, 0, 1)
    blurred = clean + np.random.default_rng(seed).normal(0, noise, clean.shape)
    return np.clip(blurred, 1, 9999).astype(np.int16)


def write_bands(
    path: Path, values: NDArray[np.int16], *, tags: dict[str, str] | None = None
) -> Path:
    """Write bands over the district; 0 means no data, the scale stands nowhere."""
    count, rows, cols = values.shape
    with rasterio.open(
        path, "w", driver="GTiff", dtype=values.dtype, count=count, height=rows, width=cols,
        nodata=0, crs=CRS, transform=Affine(PIXEL_M, 0, WEST, 0, -PIXEL_M, SOUTH + HEIGHT_M),
        photometric="minisblack",
    ) as file:  # fmt: skip
        file.write(values)
        file.update_tags(**(tags or {}))
    return path


def write_codes(path: Path, codes: NDArray[np.uint8]) -> Path:
    """Write a map of class codes on the grid of the images."""
    return write_bands(path, codes[np.newaxis])


def place_at(row: int, col: int, rows: int = 4, cols: int = 4) -> Polygon:
    """Return the rectangle of pixels from ``row`` and ``col`` on."""
    top = HEIGHT_M - row * PIXEL_M
    left = col * PIXEL_M
    return rectangle(left, top - rows * PIXEL_M, left + cols * PIXEL_M, top)


def places(*, words: dict[int, str] = KEYS) -> gpd.GeoDataFrame:
    """Return training polygons; neighbours in the list share a group (``组``)."""
    rows = [
        {"地类": words[code], "组": f"{code}-{number // 2}", "geometry": place_at(row, col)}
        for code, corners in _CORNERS.items()
        for number, (row, col) in enumerate(corners)
    ]
    return gpd.GeoDataFrame(rows, crs=CRS)


def write_places(path: Path, frame: gpd.GeoDataFrame | None = None, **options: str) -> Path:
    """Write training polygons, and take the note of their encoding away."""
    (places() if frame is None else frame).to_file(path, **options)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    return path


def read_codes(path: Path) -> NDArray[np.uint8]:
    """Return the codes that a map shows."""
    with rasterio.open(path) as file:
        return file.read(1)


def command(*words: object) -> Result:
    """Run a command in this process, as ``sinks`` would."""
    return CliRunner().invoke(main, [str(word) for word in words])


def codes_said(done: Result) -> list[str]:
    """Return the codes of all findings that a command told, in their order."""
    return re.findall(r"^SNK-(\w+)", done.output, flags=re.MULTILINE)


def classify(folder: Path, out: Path, *words: object) -> Result:
    """Classify ``影像.tif`` of a folder with a small forest; later words win."""
    return command("classify", *words_of(folder, out), *words)


def words_of(folder: Path, out: Path) -> list[object]:
    """Return the words that classify ``影像.tif`` of a folder."""
    return [
        "--image", folder / "影像.tif", "--bands", ",".join(BANDS), "--scale", "0.0001",
        "--training", folder / "样本 面.shp", "--class-field", "地类", "--group-field", "组",
        "--year", 2025, "--folds", 2, "--set", "n_estimators=10", "--out", out,
    ]  # fmt: skip


def write_scene(folder: Path, *, tags: dict[str, str] | None = None) -> Path:
    """Write an image and training polygons (GBK, without a note of it) below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    write_bands(folder / "影像.tif", seen(ground()), tags=tags)
    write_places(folder / "样本 面.shp", places(words=NAMES), encoding="GBK")
    return folder


def mapped(codes: NDArray[np.uint8], *, seed: int = 3, wrong: float = 0.1) -> NDArray[np.uint8]:
    """Return a map of ``codes`` on which a share of the pixels shows any class by chance."""
    rng = np.random.default_rng(seed)
    chance = rng.choice([LAK, PAD, BLF, BLT], codes.shape).astype(np.uint8)
    return np.where(rng.random(codes.shape) < wrong, chance, codes).astype(np.uint8)


def before_building() -> NDArray[np.uint8]:
    """Return the ground of an earlier date, when the strip was forest still."""
    codes = ground()
    codes[codes == BLT] = BLF
    return codes


def looked_up(sample: Path, codes: NDArray[np.uint8]) -> pd.Series:
    """Return the class key of ``codes`` at every point of a sample."""
    points = gpd.read_file(sample, layer="sample").set_index("sample").geometry
    cols = ((points.x - WEST) / PIXEL_M).astype(int)
    rows = ((SOUTH + HEIGHT_M - points.y) / PIXEL_M).astype(int)
    return pd.Series([KEYS[int(code)] for code in codes[rows, cols]], index=points.index)


def write_labels(path: Path, sample: Path, name: str, *labels: pd.Series) -> Path:
    """Write labels of one date or two as the page exports them."""
    table = pd.DataFrame(dict(zip(("label", "label_after"), labels, strict=False)))
    head = {"sample_hash": gpd.read_file(sample, layer="sample")["sample_hash"].iloc[0]}
    table = table.rename_axis("sample").reset_index().assign(interpreter=name, **head)
    table.to_csv(path, index=False, encoding="utf-8-sig")
    return path


def with_slips(labels: pd.Series, *, every: int, start: int = 0) -> pd.Series:
    """Return labels of which every so many says BLT, or PAD where that was right."""
    told = labels.copy()
    chosen = told.index[start::every]
    told[chosen] = ["PAD" if label == "BLT" else "BLT" for label in told[chosen]]
    return told
