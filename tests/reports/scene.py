"""A district of two towns with every table that a workbook shows, made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.errors import Finding
from sinks.results import Results

ZONES = {"d": ("全区", "District", "district"), "001": ("东镇", "East", "town"),
         "002": ("西镇", "West", "town")}  # fmt: skip
CLASSES = {"LAK": ("湖泊", "Lake"), "PAD": ("水田", "Paddy"), "BLF": ("阔叶林", "Broadleaf")}
POOLS = ("above_ground", "below_ground", "dead_organic_matter", "soil")
HA = {
    (2020, "001"): (10 / 3, 200.0, 30.0), (2020, "002"): (5.0, 100.0, 1 / 7),
    (2025, "001"): (13 / 3, 199.0, 30.0), (2025, "002"): (5.0, 99.0, 8 / 7),
}  # fmt: skip
AHEAD = (
    "trend_per_year", "trend_low_per_year", "trend_high_per_year",
    "forecast", "forecast_low", "forecast_high", "forecast_probability",
)  # fmt: skip


def results(*, years: tuple[int, ...] = (2020, 2025), **changed: object) -> Results:
    tables = {**_explaining(), **_yearly(years)}
    if len(years) > 1:
        tables |= _between()
    told = {
        "study": "scene", "name_zh": "试验区", "name_en": "Test district", "run": "0123abcd",
        "version": "0.1", "years": years, "tables": tables, "synthetic": ("land_cover.2020",),
        "findings": (Finding(code="N20", file="C:\\Users\\zhang\\a.tif", facts={"what": "a"}),),
    }  # fmt: skip
    return Results(**{**told, **changed})  # type: ignore[arg-type]


def renamed(name: str) -> Results:
    """The same with one text wherever an input can bring a text."""
    scene = results(name_zh=name, name_en=name)
    tables = dict(scene.tables)
    for table, columns in (("zones", ["name_zh", "name_en"]), ("targets", ["document"]),
                           ("inputs", ["file", "source"]), ("densities", ["where"])):  # fmt: skip
        tables[table] = tables[table].assign(**dict.fromkeys(columns, name))
    return results(name_zh=name, name_en=name, tables=tables)


def _yearly(years: tuple[int, ...]) -> dict[str, pd.DataFrame]:
    ha = {}
    for year in years:
        east, west = HA[year, "001"], HA[year, "002"]
        ha |= {(year, "d", k): a + b for k, a, b in zip(CLASSES, east, west, strict=True)}
        for zone, part in (("001", east), ("002", west)):
            ha |= {(year, zone, k): v for k, v in zip(CLASSES, part, strict=True)}
    areas = _frame(ha, "area_ha", "year", "zone", "land_cover").assign(area_se_ha=np.nan)
    whole = areas["area_ha"].groupby(level=["year", "zone"]).sum()
    gap = pd.Series(np.where(whole.index.get_level_values("zone") == "002", 2.5, 0), whole.index)
    coverage = pd.DataFrame({"zone_ha": whole + gap, "mapped_ha": whole, "no_data_ha": gap,
                             "outside_ha": 0.0})  # fmt: skip
    pools = {(*where, pool): float(v) * (n + 1) / 3 for where, v in whole.items()
             for n, pool in enumerate(POOLS)}  # fmt: skip
    stocks = _stocks(_frame(pools, "stock_tc", "year", "zone", "pool"))
    water = {
        (*where, "sediment"): 30.0 * v for where, v in areas["area_ha"].xs("LAK", level=2).items()
    }
    return {
        "areas": areas, "coverage": coverage, "stock_pools": stocks,
        "stock_totals": stocks.groupby(level=["year", "zone"]).sum(),
        "sediment": _stocks(_frame(water, "stock_tc", "year", "zone", "pool")),
        "indicators": _indicators(years, whole, areas),
    }  # fmt: skip


def _stocks(stock: pd.DataFrame) -> pd.DataFrame:
    tc = stock["stock_tc"]
    return stock.assign(stock_se_tc=tc / 10, stock_low_tc=tc * 0.8, stock_high_tc=tc * 1.2)


def _indicators(years: tuple[int, ...], whole: pd.Series, areas: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for year, zone in whole.index:
        wood, land = areas.loc[(year, zone, "BLF"), "area_ha"], whole[year, zone]
        parts = {"unit": "%", "numerator": wood, "denominator": land, "part_unit": "ha"}
        value = 100 * wood / land
        rows[year, zone, "tree_cover_mapped_rate"] = {
            "value": value, "low": np.nan, "high": np.nan, **parts, "rule": "map",
            "evidence": "map", "rule_zh": "制图口径", "rule_en": "as mapped"}  # fmt: skip
        if year == years[-1]:
            rows[year, zone, "tree_cover_rate"] = {
                "value": value, "low": value - 1, "high": value + 1, **parts, "rule": "total",
                "evidence": "register", "rule_zh": "口径全文", "rule_en": "in full"}  # fmt: skip
    frame = pd.DataFrame.from_dict(rows, orient="index")
    frame.index = pd.MultiIndex.from_tuples(rows, names=["year", "zone", "indicator"])
    return frame


def _between() -> dict[str, pd.DataFrame]:
    moved = {}
    for zone, paddy_lake, paddy_wood in (("001", 1.0, 0.0), ("002", 0.0, 1.0), ("d", 1.0, 1.0)):
        moved[zone, "PAD", "LAK"], moved[zone, "PAD", "BLF"] = paddy_lake, paddy_wood
        moved[zone, "PAD", "PAD"] = {"001": 199.0, "002": 99.0, "d": 298.0}[zone]
    moves = _frame(moved, "area_ha", "zone", "land_cover", "land_cover_after")
    parts = {"change_biomass_tc": 1.5, "change_soil_potential_tc": -2.25,
             "change_soil_sediment_tc": 0.125}  # fmt: skip
    phased = {"change_phased_tc": 1.0625, "change_phased_se_tc": 0.5,
              "change_phased_low_tc": -0.25, "change_phased_high_tc": 2.5,
              "change_phased_probability_gain": 0.875, "change_phased_detectable_tc": 0.75,
              "soil_share": 0.15}  # fmt: skip
    by_class = moves.assign(change_tc=moves["area_ha"] * -0.625, **parts)
    by_class.loc[pd.IndexSlice[:, "PAD", "PAD"], "change_tc"] = 0.0
    change = pd.DataFrame(
        {"common_ha": 100 / 3, "stock_before_tc": 9000.25, "stock_after_tc": 8999.625,
         "change_tc": -0.625, "change_se_tc": 1.0, "change_low_tc": -3.0, "change_high_tc": 2.0,
         "area_error_known": False, **parts, "change_stands_tc": 0.0,
         "change_probability_gain": 0.25, "change_detectable_tc": 1.5, **phased},
        index=pd.Index(list(ZONES), name="zone"),
    )  # fmt: skip
    target = {"name_zh": "林木覆盖率", "name_en": "tree-cover rate", "kind": "hold",
              "target": 25.0, "unit": "%", "year": np.nan, "document": "方案",
              "department": "", "part_unit": "ha", "gap_part": 2.5, "gap_mu": 37.5,
              "denominator": 331.0}  # fmt: skip
    value = 100 * (30 + 8 / 7) / sum(HA[2025, "001"] + HA[2025, "002"])
    met = {**target, "value": value, "low": value - 1, "high": value + 1, "value_year": 2025.0,
           "evidence": "register", "gap": 25 - value, "probability": np.nan,
           "judged_by": "exact", "met": "no"}  # fmt: skip
    unknown = {**target, "name_zh": "森林覆盖率", "name_en": "forest-cover rate",
               "value": np.nan, "low": np.nan, "high": np.nan, "value_year": np.nan,
               "evidence": np.nan, "gap": np.nan, "probability": np.nan,
               "judged_by": "no_figure", "met": "unknown"}  # fmt: skip
    targets = pd.DataFrame([met, unknown], index=["tree_cover_rate", "forest_cover_rate"])
    ahead = {"by_year": 2030, "needed_per_year": (25 - value) / 5, "years": 1,
             "years_met": np.nan, **dict.fromkeys(AHEAD, np.nan), "basis": "one_year",
             "needed_part_per_year": 0.5, "part_unit": "ha",
             "needed_mu_per_year": 7.5}  # fmt: skip
    outlook = pd.DataFrame([ahead, {**ahead, "basis": "no_figure"}], index=targets.index)
    return {"transitions": moves, "stock_change": change, "stock_change_by_class": by_class,
            "targets": targets.rename_axis("indicator"),
            "outlook": outlook.rename_axis("indicator")}  # fmt: skip


def _explaining() -> dict[str, pd.DataFrame]:
    pairs = pd.MultiIndex.from_tuples(
        [("PAD", "soil"), ("BLF", "soil")], names=["land_cover", "pool"]
    )
    return {
        "zones": _named(ZONES, "zone"), "classes": _named(CLASSES, "land_cover"),
        "densities": pd.DataFrame(
            {"density_tc_per_ha": [40.5, 1 / 3], "density_low_tc_per_ha": 0.25,
             "density_high_tc_per_ha": 50.0, "grade": "D", "citation": "Li 2017. Soils.",
             "anchors": "li_2017", "where": "table 2", "basis": "judgement",
             "verified": [True, False]}, index=pairs),
        "references": pd.DataFrame(
            {"text": ["Li 2017. Soils."], "read": ["full"]},
            index=pd.Index(["li_2017"], name="reference")),
        "inputs": pd.DataFrame(
            {"file": ["a.tif"], "sha256": ["ab" * 32], "bytes": [12345], "synthetic": [True],
             "source": ["made up"]}, index=pd.Index(["land_cover.2020"], name="place")),
        "lineage": pd.DataFrame(
            {"formula_zh": ["求和"], "formula_en": ["sum"], "method": ["m"], "parameters": [""],
             "inputs": ["land_cover.2020 a.tif sha256:abababababab"]},
            index=pd.MultiIndex.from_tuples([("areas", "area_ha")], names=["table", "column"])),
    }  # fmt: skip


def _named(rows: dict[str, tuple[str, ...]], index: str) -> pd.DataFrame:
    names = ["name_zh", "name_en", "kind"][: len(next(iter(rows.values())))]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis(index)


def _frame(cells: dict[tuple, float], column: str, *names: str) -> pd.DataFrame:
    return pd.DataFrame(
        {column: list(cells.values())}, index=pd.MultiIndex.from_tuples(cells, names=names)
    )
