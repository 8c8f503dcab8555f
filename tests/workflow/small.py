"""A study small enough to check by hand: two towns, a lake, two dates, all paths in Chinese.

The district is 800 m x 600 m: 40 x 30 pixels of 20 m. West town 西镇 and east town 东镇
share the line x = 400. In 2020 the west is paddy and the east broadleaf forest; a lake of
200 m x 200 m lies across the line. By 2025 a strip of 100 m x 600 m at the eastern end was
built up. Areas in the comments are plane areas; the projection is Gauss-Krüger at its own
meridian, where plane and ellipsoid agree to a few parts in a hundred million.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from affine import Affine
from shapely.geometry import LineString, Polygon, box

WEST, SOUTH = 500_000.0, 3_690_000.0
WIDTH_M, HEIGHT_M, PIXEL_M = 800.0, 600.0, 20.0
CRS = "EPSG:4549"
LAK, PAD, BLF, BLT = 1, 4, 7, 14

STUDY = """
sinks_study = 1

[study]
id = "shiyan"
name_zh = "试验区"
name_en = "Test district"

[district]
path = "图层/边界.gpkg"
name_zh = "试验区"
name_en = "Test district"

[[land_cover]]
path = "土地覆盖_2020.tif"
year = 2020
scheme = "house"

[[land_cover]]
path = "土地覆盖_2025.tif"
year = 2025
scheme = "house"
synthetic = true

[[zones]]
path = "图层/乡镇.gpkg"
kind = "town"
id_field = "代码"
name_zh_field = "名称"
partition = true

[layers.wetland]
path = "图层/湿地.gpkg"
scheme = "sandiao"
code_field = "地类编码"
natural_field = "天然"

[layers.protected]
path = "图层/保护地.gpkg"
form_field = "形式"

[layers.forest]
path = "图层/小班.shp"
id_field = "小班号"
kind_field = "地类"

[layers.tree_count]
path = "四旁树.csv"
zone_field = "代码"
count_field = "株数"

[[targets]]
indicator = "tree_cover_rate"
kind = "hold"
value_pct = 25
document = "方案"

[[targets]]
indicator = "wetland_protection_rate"
kind = "reach"
value_pct = 50
year = 2030
document = "方案"
"""


def rectangle(left: float, bottom: float, right: float, top: float) -> Polygon:
    """Return a rectangle in metres from the south-west corner of the district."""
    return box(WEST + left, SOUTH + bottom, WEST + right, SOUTH + top)


def write_study(folder: Path, text: str = STUDY) -> Path:
    """Write the study and its files below ``folder``; return the study file."""
    (folder / "图层").mkdir(parents=True)
    before = np.full((30, 40), PAD, dtype=np.uint8)
    before[:, 20:] = BLF
    before[10:20, 15:25] = LAK  # 200 m x 200 m across the line between the towns
    after = before.copy()
    after[:, 35:] = BLT  # 100 m x 600 m
    write_raster(folder / "土地覆盖_2020.tif", before)
    write_raster(folder / "土地覆盖_2025.tif", after)
    write_layers(folder / "图层")
    trees = pd.DataFrame({"代码": ["001", "002"], "株数": [1650, 0]})
    trees.to_csv(folder / "四旁树.csv", index=False, encoding="gbk")
    file = folder / "研究.toml"
    file.write_text(text, encoding="utf-8")
    return file


def write_raster(path: Path, codes: np.ndarray) -> None:
    """Write class codes as a GeoTIFF on the grid of the district."""
    rows, cols = codes.shape
    transform = Affine(PIXEL_M, 0, WEST, 0, -PIXEL_M, SOUTH + HEIGHT_M)
    profile = {"driver": "GTiff", "dtype": "uint8", "count": 1, "nodata": 0, "crs": CRS}
    with rasterio.open(
        path, "w", width=cols, height=rows, transform=transform, **profile
    ) as target:
        target.write(codes, 1)


def write_layers(folder: Path) -> None:
    """Write boundary, towns, wetlands, protected areas and stands."""
    write_layer(folder / "边界.gpkg", [rectangle(0, 0, 800, 600)], 名称=["试验区"])
    towns = [rectangle(0, 0, 400, 600), rectangle(400, 0, 800, 600)]
    write_layer(folder / "乡镇.gpkg", towns, 代码=["001", "002"], 名称=["西镇", "东镇"])
    write_layer(
        folder / "湿地.gpkg",
        # the lake 4 ha, a natural river 2 ha, an aquaculture pond 1 ha that the law leaves out
        [rectangle(300, 200, 500, 400), rectangle(0, 550, 400, 600), rectangle(0, 0, 100, 100)],
        地类编码=["1102", "1101", "1104A"],
        天然=[1, 1, 0],
    )
    write_layer(
        folder / "保护地.gpkg",
        # two parks that overlap on the lake: together its western three quarters, 3 ha
        [rectangle(250, 150, 400, 450), rectangle(350, 150, 450, 450)],
        形式=["国家湿地公园", "湿地保护小区"],
    )
    write_layer(
        folder / "小班.shp",
        # 6 ha of arbor in the east, 1 ha young and not yet forest
        [rectangle(500, 0, 700, 300), rectangle(700, 0, 800, 100)],
        encoding="gbk",
        小班号=["1", "2"],
        地类=["乔木林", "未成林"],
    )
    (folder / "小班.cpg").unlink()


def write_layer(path: Path, shapes: list[Polygon | LineString], **columns: list[object]) -> None:
    """Write one layer in the CRS of the district."""
    options = {"encoding": columns.pop("encoding")} if "encoding" in columns else {}
    gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_file(path, **options)
