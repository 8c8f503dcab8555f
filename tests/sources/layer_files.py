"""Small layer files for tests: squares near Yancheng, written well or written badly."""

from __future__ import annotations

import json
import sqlite3
import struct
from pathlib import Path

import geopandas as gpd
import shapely

DEGREES, GK40 = "EPSG:4490", "EPSG:4528"


def square(x: float = 0, y: float = 0, side: float = 1) -> shapely.Polygon:
    """A square whose unit is a hundredth of a degree, from 120 E 33 N."""
    return shapely.box(120 + x / 100, 33 + y / 100, 120 + (x + side) / 100, 33 + (y + side) / 100)


BOW_TIE = shapely.Polygon([(120, 33), (120.01, 33.01), (120.01, 33), (120, 33.01)])


def layer(*shapes, crs=DEGREES, **columns) -> gpd.GeoDataFrame:
    columns = columns or {"id": [f"z{i}" for i in range(len(shapes))]}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)


def write_gpkg(path: Path, frame: gpd.GeoDataFrame, name: str = "单元", **options) -> Path:
    frame.to_file(path, driver="GPKG", layer=name, **options)
    return path


def write_shp(path: Path, frame: gpd.GeoDataFrame, *, encoding="utf-8", cpg=True) -> Path:
    frame.to_file(path, driver="ESRI Shapefile", encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink()
    return path


def write_geojson(path: Path, *geometries, properties=None, **members) -> Path:
    features = [
        {"type": "Feature", "properties": (properties or {}) | {"id": f"z{i}"}, "geometry": g}
        for i, g in enumerate(geometries)
    ]
    content = {"type": "FeatureCollection", **members, "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def as_json(shape: shapely.Geometry) -> dict:
    return json.loads(shapely.to_geojson(shape))


def write_dbf(path: Path, fields: list[tuple[bytes, int]], records: list[list[bytes]]) -> Path:
    """Write an attribute table of text fields byte by byte; language byte 0."""
    width = 1 + sum(size for _, size in fields)
    start = 32 + 32 * len(fields) + 1
    head = struct.pack("<BBBBIHH20x", 3, 125, 1, 1, len(records), start, width)
    described = b"".join(struct.pack("<11sc4xBB14x", name, b"C", size, 0) for name, size in fields)
    rows = b"".join(
        b" " + b"".join(v.ljust(size)[:size] for v, (_, size) in zip(row, fields, strict=True))
        for row in records
    )
    path.write_bytes(head + described + b"\r" + rows + b"\x1a")
    return path


def write_shp_of_bytes(path: Path, texts: list[bytes], *, field=b"NAME", size=24) -> Path:
    """Write squares whose attribute is made of these bytes, with neither .cpg nor language."""
    write_shp(path, layer(*(square(i) for i in range(len(texts)))), cpg=False)
    write_dbf(path.with_suffix(".dbf"), [(field, size)], [[text] for text in texts])
    return path


def spoil_gpkg(path: Path, wkb: bytes, *, name="单元", row=1) -> None:
    """Put other bytes in place of a geometry."""
    blob = b"GP\0\1" + struct.pack("<i", 4490) + wkb
    base = sqlite3.connect(path)
    for (trigger,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        base.execute(f'DROP TRIGGER "{trigger}"')
    base.execute(f'UPDATE "{name}" SET geom = ? WHERE fid = ?', (blob, row))
    base.commit()
    base.close()


def nested_wkb(depth: int) -> bytes:
    inner = struct.pack("<BIdd", 1, 1, 120, 33)
    return struct.pack("<BII", 1, 7, 1) * depth + inner
