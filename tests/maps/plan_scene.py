"""A scene with a plan: five kinds of targets, towns, ways ahead, a ledger, a red line."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import box

from tests.maps.scene import NORTH, WEST, Scene, scene

YEARS = (2022, 2023, 2024, 2025)
NAN = np.nan
TOWNS = ("t1", "t2", "t3", "t4")

# indicator: zh, kind, target, unit, year, department, value, low, high, evidence, gap,
# gap_part, part_unit, gap_mu, probability, judged_by, met
TARGETS = {
    "tree_cover_rate": ("林木覆盖率", "hold", 25.0, "%", NAN, "", 24.178, 22.948, 25.408, "survey",
                        0.822, 862.45, "ha", 12_936.7, 0.0953, "probability", "open"),
    "wetland_protection_rate": ("湿地保护率", "reach", 50.0, "%", 2030, "", 48.851, 48.612, 49.09,
                                "register", 1.149, 148.29, "ha", 2224.3, NAN, "exact", "no"),
    "ecological_river_rate": ("生态河道", "reach", 70.0, "%", 2030, "", 71.234, NAN, NAN,
                              "register", -1.234, -16.3, "km", NAN, NAN, "exact", "yes"),
    "afforestation_area": ("新增造林", "per_year", 100.0, "mu", NAN, "", 15.3, NAN, NAN,
                           "register", 84.7, 5.6467, "ha", 84.7, NAN, "exact", "no"),
    "green_factories": ("绿色工厂", "cumulative", 20.0, "家", NAN, "工信局", 9.0, NAN, NAN,
                        "report", 11.0, 11.0, "家", NAN, NAN, "exact", "no"),
    "new_energy": ("新能源装机", "at_least", 60.0, "万千瓦", NAN, "发改委", 61.55, NAN, NAN,
                   "report", -1.55, -1.55, "万千瓦", NAN, NAN, "exact", "yes"),
    "green_travel": ("绿色出行", "reach", 75.0, "%", NAN, "交通局", NAN, NAN, NAN, NAN, NAN, NAN,
                     NAN, NAN, NAN, "no_figure", "unknown"),
}  # fmt: skip
_COLUMNS = ["name_zh", "kind", "target", "unit", "year", "department", "value", "low", "high",
            "evidence", "gap", "gap_part", "part_unit", "gap_mu", "probability", "judged_by",
            "met"]  # fmt: skip

# by_year, needed, in parts, in mu, years, years_met, forecast, low, high, probability, basis
OUTLOOK = {
    "tree_cover_rate": (2030, 0.1644, 172.49, 2587.3, 1, NAN, NAN, NAN, NAN, NAN, "one_year"),
    "wetland_protection_rate": (2030, 0.2298, 29.66, 444.86, 4, NAN, 48.76, 48.06, 49.46, 0.00028,
                                "line"),
    "ecological_river_rate": (2030, 0.0, 0.0, NAN, 4, NAN, 100.0, 98.5, 100.0, 0.99997, "line"),
    "afforestation_area": (2030, 100.0, 6.6667, 100.0, 4, 3, 83.42, 0.0, 226.46, 0.3818, "pace"),
    "green_factories": (2030, 2.2, 2.2, NAN, 2, NAN, 24.0, NAN, NAN, NAN, "two_years"),
    "new_energy": (2030, 0.0, 0.0, NAN, 2, NAN, 72.5, NAN, NAN, NAN, "two_years"),
    "green_travel": (2030, NAN, NAN, NAN, 0, NAN, NAN, NAN, NAN, NAN, "no_figure"),
}  # fmt: skip
_AHEAD = ["by_year", "needed_per_year", "needed_part_per_year", "needed_mu_per_year", "years",
          "years_met", "forecast", "forecast_low", "forecast_high", "forecast_probability",
          "basis"]  # fmt: skip

# town: value, target, gap, gap_part, met
WETLAND_TOWNS = {
    "t1": (71.92, 50.0, -21.92, -869.9, "yes"),
    "t2": (40.29, 50.0, 9.71, 17.3, "no"),  # four fifths of the target
    "t3": (22.46, 50.0, 27.54, 134.0, "no"),
    "t4": (NAN, 50.0, NAN, NAN, "unknown"),
}

LEDGER = {
    "P1": ("restoration", "polder_to_lake", 2022.0, "accepted", "演示〔2022〕3号", 105.6),
    "P2": ("restoration", "vegetation_recovery", 2024.0, "accepted", "", 12.347),
    "P3": ("restoration", "small_wetland", 2026.0, "planned", "", 3.2),
    "P4": ("planting", "planting", 2025.0, "under_way", "", 1.176),
}


def planned() -> Scene:
    base = scene()
    tables = {**base.results.tables, **plan_tables()}
    ids = [*LEDGER, "P9"]  # the last is not in the ledger
    squares = [
        box(WEST + x, NORTH - 2300, WEST + x + 200, NORTH - 2100) for x in range(1500, 3500, 400)
    ]
    projects = gpd.GeoDataFrame(
        {"project": ids, "name_zh": "秘密项目名", "cost": 654_321},
        geometry=squares,
        crs="EPSG:4549",
    )
    return replace(
        base,
        results=replace(base.results, tables=tables),
        layers={**base.layers, "projects": projects},
    )


def plan_tables() -> dict[str, pd.DataFrame]:
    targets = pd.DataFrame.from_dict(TARGETS, orient="index", columns=_COLUMNS)
    return {
        "targets": targets.assign(
            name_en=[f"indicator {i}" for i in range(len(targets))],
            document="方案（六）",
            value_year=np.where(targets["value"].notna(), 2025, NAN),
        ).rename_axis("indicator"),
        "outlook": outlook(targets),
        "indicators": indicators(),
        "targets_towns": towns(),
        "detections": detections(),
        "decompositions": decompositions(),
        "ledger": ledger(),
        "redline_changes": redline_changes(),
    }  # fmt: skip


def outlook(targets: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(OUTLOOK, orient="index", columns=_AHEAD)
    return frame.assign(part_unit=targets["part_unit"]).rename_axis("indicator")


def indicators() -> pd.DataFrame:
    rows = [
        row
        for key, target in TARGETS.items()
        for row in _years(key, dict(zip(_COLUMNS, target, strict=True)))
    ]
    variant = {"indicator": "wetland_protection_rate_W_2nd", "zone": "district", "year": 2025,
               "value": 33.569, "low": 33.424, "high": 33.714, "unit": "%", "numerator": 6610.1,
               "denominator": 19_691.1, "part_unit": "ha", "rule": "W_2nd",
               "evidence": "register"}  # fmt: skip
    return pd.DataFrame([*rows, variant]).set_index(["year", "zone", "indicator"])


def _years(key: str, target: dict[str, object]) -> list[dict[str, object]]:
    """Return a figure for every year, areas in hectares; nothing for what is not reported."""
    value = float(target["value"])  # type: ignore[arg-type]
    if np.isnan(value):
        return []
    ratio, unit = (1 / 15, "ha") if target["unit"] == "mu" else (1.0, target["unit"])
    first = 2025 if key == "tree_cover_rate" else 2022
    numerator = 1234.5 if target["evidence"] != "report" else NAN
    return [
        {"indicator": key, "zone": "district", "year": year,
         "value": (value + 1.5 * (year - 2025)) * ratio, "low": target["low"],
         "high": target["high"], "unit": unit, "numerator": numerator, "denominator": NAN,
         "part_unit": target["part_unit"], "rule": "W_law", "evidence": target["evidence"]}
        for year in YEARS if year >= first
    ]  # fmt: skip


def towns() -> pd.DataFrame:
    columns = ["value", "target", "gap", "gap_part", "met"]
    frame = pd.DataFrame.from_dict(WETLAND_TOWNS, orient="index", columns=columns)
    told = frame.assign(unit="%", part_unit="ha", gap_mu=15 * frame["gap_part"])
    told.index = pd.MultiIndex.from_product(
        [TOWNS, ["wetland_protection_rate"]], names=["zone", "indicator"]
    )
    return told


def detections() -> pd.DataFrame:
    rows = {
        ("tree_cover_rate", "survey"): (172.49, 1532.54, "ha", "undetectable", "survey"),
        ("tree_cover_rate", "map"): (172.49, 48.9, "ha", "seen", "map"),
        ("tree_cover_rate", "sample"): (172.49, 242.58, "ha", "undetectable", "sample"),
        ("afforestation_area", "register"): (6.6667, NAN, "ha", "documents", "register"),
        ("afforestation_area", "map"): (6.6667, 48.9, "ha", "undetectable", "map"),
        ("green_factories", "report"): (2.2, NAN, "家", "records", "report"),
    }
    columns = ["change", "detectable", "unit", "found", "proof"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    frame.index = pd.MultiIndex.from_tuples(frame.index, names=["indicator", "evidence"])
    return frame


def decompositions() -> pd.DataFrame:
    row = {"year": 2022, "rule": "W_2nd", "document": "演示1号", "published": 33.0,
           "definition": 15.905, "map": 0.0, "boundary": 0.0, "real": -0.054,
           "unresolved": 0.0}  # fmt: skip
    return pd.DataFrame([row], index=pd.Index(["wetland_protection_rate"], name="indicator"))


def ledger() -> pd.DataFrame:
    columns = ["kind", "type", "year", "status", "document", "area_ha"]
    frame = pd.DataFrame.from_dict(LEDGER, orient="index", columns=columns)
    return frame.assign(name="秘密项目名").rename_axis("project")


def redline_changes() -> pd.DataFrame:
    rows = [("DRY", "BLT", 0.39, True), ("PAD", "MAR", 56.97, False)]
    columns = ["land_cover", "land_cover_after", "area_ha", "encroaches"]
    frame = pd.DataFrame(rows, columns=columns).rename_axis("patch")
    return frame.assign(lon=[119.80, 119.81], lat=[33.415, 33.42])
