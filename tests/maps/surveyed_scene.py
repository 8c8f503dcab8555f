"""The small district with maps classified from images, and a probability sample of its cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Point, box

from sinks.grid import Grid
from sinks.imagery.features import FeaturesInMemory
from sinks.landcover.cover import cover_from_array
from sinks.maps.atlas import Rasters
from sinks.maps.classified import ClassifiedMap
from sinks.maps.inert import Words
from tests.maps.scene import DENSITY_TC_PER_HA, LEGEND, Scene, grid_at, landscape, scene

SHAPE = (450, 600)
THRESHOLD = 0.6
SECRET = "张三 13800000000"  # of a column that no page may carry
ESTIMATED = "tree_cover_estimated_rate"
MAPPED = "tree_cover_mapped_rate"


@dataclass(frozen=True, kw_only=True)
class Surveyed(Scene):
    """A scene with classified maps."""

    maps: tuple[ClassifiedMap, ...]

    @property
    def rasters(self) -> Rasters:
        return Rasters(covers=self.covers, densities_by_code=self.density_by_code, maps=self.maps)


def surveyed(names: Sequence[str] = ()) -> Surveyed:
    """Make the scene; ``names`` stand for the names of maps and the ids of parcels."""
    base = scene(SHAPE)
    maps = tuple(classified(year, names) for year in (2020, 2025))
    results = replace(
        base.results, tables={**base.results.tables, **sample_tables(base), **map_tables(maps)}
    )
    return Surveyed(
        results=results,
        covers=base.covers,
        layers=base.layers,
        density_by_code=base.density_by_code,
        maps=maps,
    )


def classified(year: int, names: Sequence[str] = ()) -> ClassifiedMap:
    """Make a map of the whole scene that is sure in the west and unlike its places in the east."""
    grid = grid_at(SHAPE)
    codes = landscape(SHAPE, later=year == 2025)
    codes[(np.indices(SHAPE).sum(axis=0) + year) % 17 == 0] = 4  # errors of the map
    rng = np.random.default_rng(year)
    across = np.linspace(0, 1, SHAPE[1], dtype=np.float32)
    noise = rng.uniform(-0.1, 0.1, SHAPE).astype(np.float32)
    empty = landscape(SHAPE) == 0
    unlike, sure = (
        np.where(empty, np.nan, np.clip(x + noise, 0, 1)).astype(np.float32)
        for x in (across, 1 - 0.7 * across)
    )
    zh, en = (names[0], names[0]) if names else (f"湖区 {year} 年分类图", f"Lake map {year}")
    return ClassifiedMap(
        id=f"lake_{year}",
        name=Words(zh, en),
        cover=cover_from_array(codes, grid=grid, legend=LEGEND, year=year),
        threshold=THRESHOLD,
        probability=layer("probability", sure, grid),
        dissimilarity=layer("dissimilarity", unlike, grid) if year == 2025 else None,
        places=places(grid) if year == 2025 else None,
        clues=clues(grid, names) if year == 2025 else None,
    )


def layer(name: str, values: np.ndarray, grid: Grid) -> FeaturesInMemory:
    return FeaturesInMemory(grid=grid, names=(name,), values=values[np.newaxis])


def places(grid: Grid) -> gpd.GeoDataFrame:
    x, y = grid.transform @ (np.array([350.5, 420.5]), np.array([200.5, 220.5]))
    return gpd.GeoDataFrame(
        {"rank": [1, 2], "need": [0.93, 0.8], "entropy": [0.7, 0.6], "dissimilarity": [0.71, 0.82],
         "owner": SECRET},
        geometry=[Point(a, b) for a, b in zip(x, y, strict=True)],
        crs=grid.crs,
    )  # fmt: skip


def clues(grid: Grid, names: Sequence[str] = ()) -> gpd.GeoDataFrame:
    """Return parcels side by side, as many as there are names, or three."""
    ids = list(names) or ["320903001", "320903002", "320903003"]
    west, north = grid.transform @ (100, 150)
    squares = [box(west + i * 60, north - 60, west + i * 60 + 50, north) for i in range(len(ids))]
    return gpd.GeoDataFrame(
        {"official": "LAK", "majority": "PAD", "parcel_ha": 8.274, "mapped_ha": 8.27,
         "mapped_pct": 99.9, "majority_ha": 7.4, "purity": 0.914, "disagreement_ha": 8.251,
         "confidence": 0.8, "owner": SECRET},
        index=pd.Index(ids, name="zone"),
        geometry=squares,
        crs=grid.crs,
    )  # fmt: skip


def sample_tables(base: Scene) -> dict[str, pd.DataFrame]:
    """Make estimates of the district and of the first town, and what the sample says of maps."""
    areas = base.results.table("areas")[["area_ha"]]
    known = areas[areas.index.get_level_values("zone").isin(["district", "t1"])]
    estimates = known.assign(
        estimated_ha=known["area_ha"] * 0.93 + 1,
        estimated_se_ha=1.0,
        estimated_low_ha=known["area_ha"] * 0.9,
        estimated_high_ha=known["area_ha"] * 0.96 + 2,
    )
    density = estimates.index.get_level_values("land_cover").map(DENSITY_TC_PER_HA).fillna(0.0)
    stock = (estimates["estimated_ha"] * density).groupby(level=["year", "zone"]).sum()
    change = stock.xs(2025) - stock.xs(2020)
    return {
        "area_estimates": estimates,
        "stock_estimates": pd.DataFrame(
            {"stock_tc": stock, "stock_low_tc": stock * 0.7, "stock_high_tc": stock * 1.3}
        ),
        "change_estimates": pd.DataFrame(
            {"change_tc": change, "change_low_tc": change - 800, "change_high_tc": change + 900}
        ),
        "map_accuracy": accuracy(),
        "agreement": pd.DataFrame(
            {"sample": 2025, "date": ["before", "after", "after"],
             "land_cover": ["all", "all", "PAD"], "agreement_pct": [91.4, 88.2, 70.0],
             "agreement_low_pct": 80.1, "agreement_high_pct": 95.2, "places": 640}
        ).set_index(["sample", "date", "land_cover"]),
        "indicators": indicators(base.results.table("indicators")),
    }  # fmt: skip


def accuracy() -> pd.DataFrame:
    rows = [
        ("2020", "overall", "all", 90.1), ("2020", "users", "PAD", 93.4),
        ("2020", "users", "DRY", 81.2), ("2020", "users", "BLF", 77.7),
        ("2020", "users", "LAK", 95.0), ("2020", "users", "MAR", np.nan),
        ("2020", "producers", "PAD", 55.5), ("2020", "producers", "RIV", 61.3),
        ("2025", "overall", "all", 89.8), ("2025", "users", "RIV", 66.6),
        ("change", "overall", "all", 87.3), ("change", "users", "PAD>BLT", 12.3),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["what", "measure", "land_cover", "accuracy_pct"])
    frame = frame.assign(
        sample=2025, accuracy_se_pct=1.0, units=800,
        accuracy_low_pct=frame["accuracy_pct"] - 3.1,
        accuracy_high_pct=frame["accuracy_pct"] + 2.4,
    )  # fmt: skip
    return frame.set_index(["sample", "what", "measure", "land_cover"])


def indicators(known: pd.DataFrame) -> pd.DataFrame:
    """Add tree cover as a sample estimates it, and as the map has it."""
    wanted = known[known.index.get_level_values("indicator") == "tree_cover"].reset_index()
    rows = [
        wanted.assign(indicator=ESTIMATED, value=13.79, low=12.91, high=14.66, rule="sample",
                      evidence="sample"),
        wanted.assign(indicator=MAPPED, value=14.24, low=np.nan, high=np.nan, rule="mapped",
                      evidence="map"),
    ]  # fmt: skip
    return pd.concat([known, *(r.set_index(known.index.names) for r in rows)])


def map_tables(maps: Sequence[ClassifiedMap]) -> dict[str, pd.DataFrame]:
    """Make what cross-validation and the area of applicability say of the maps."""
    validation = pd.DataFrame(
        [
            (made.id, kind, 5, value, value - 0.05, value + 0.04, 0.928 - value)
            for made in maps
            for kind, value in (("random", 0.928), ("block", 0.761), ("matched", 0.753))
        ],
        columns=["map", "validation", "folds", "overall_accuracy", "overall_accuracy_low",
                 "overall_accuracy_high", "optimism"],
    )  # fmt: skip
    classes = pd.DataFrame(
        [
            (made.id, c.key, 0.01 * made.cover.pixels[c.code] + 0.004, 1.5)
            for made in maps
            for c in made.cover.classes()
        ],
        columns=["map", "land_cover", "area_ha", "outside_ha"],
    )
    return {
        "map_validation": validation.set_index(["map", "validation"]),
        "map_classes": classes.set_index(["map", "land_cover"]),
    }
