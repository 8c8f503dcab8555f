"""Tables of a probability sample and of classified maps, for the district of the scene."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.parameters.formulas import formulas
from sinks.results import Results
from tests.reports.scene import CLASSES, results

INPUTS = {
    "samples.2025": "sample.gpkg", "samples.2025.labels.1": "one.csv",
    "classifications.west.training": "places.gpkg", "images.summer": "summer.tif",
}  # fmt: skip


def judged(*, years: tuple[int, ...] = (2020, 2025), **changed: object) -> Results:
    """The scene with a sample labelled at ``years``, and a map classified from an image."""
    plain = results()
    tables = {**plain.tables, **_sampled(plain, years), **_classified()}
    tables["inputs"] = _with_inputs(plain)
    tables["lineage"] = lineage_of(tables)
    return results(**{"tables": tables, **changed})  # type: ignore[arg-type]


def lineage_of(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The formulas of the tables, each with the files of its roles."""
    rows = formulas()
    rows = rows[rows.index.get_level_values("table").isin(tables)]
    files = tables["inputs"].to_dict("index")

    def named(roles: str) -> str:
        return "; ".join(
            f"{place} {file['file']} sha256:{file['sha256'][:12]}"
            for place, file in files.items()
            if any(f"{place}.".startswith(f"{role}.") for role in roles.split(";") if role)
        )

    return rows.assign(inputs=rows["inputs"].map(named))


def _with_inputs(plain: Results) -> pd.DataFrame:
    rows = {
        place: {"file": file, "sha256": f"{n}c" * 32, "bytes": 9, "synthetic": False, "source": ""}
        for n, (place, file) in enumerate(INPUTS.items())
    }
    more = pd.DataFrame.from_dict(rows, orient="index").rename_axis("place")
    return pd.concat([plain.table("inputs"), more])


def _sampled(plain: Results, years: tuple[int, ...]) -> dict[str, pd.DataFrame]:
    areas = plain.table("areas").loc[list(years), ["area_ha"]]
    shift = areas.index.get_level_values("land_cover").map({"LAK": 2.5, "PAD": -3.5, "BLF": 1.0})
    estimates = areas.assign(estimated_ha=areas["area_ha"] + shift, estimated_se_ha=1.5)
    spread = 1.96 * 1.5
    estimates["estimated_low_ha"] = (estimates["estimated_ha"] - spread).clip(lower=0)
    estimates["estimated_high_ha"] = estimates["estimated_ha"] + spread
    tables = {
        "area_estimates": estimates,
        "map_accuracy": _accuracy(years),
        "error_matrix": _matrix(years),
        "agreement": _agreement(len(years)),
        "stock_estimates": _carbon(plain.table("stock_totals").loc[list(years)], "stock"),
    }
    if len(years) > 1:
        tables["change_estimates"] = _carbon(plain.table("stock_change"), "change")
    return {**tables, "indicators": _indicators(plain, years)}


def _carbon(table: pd.DataFrame, name: str) -> pd.DataFrame:
    tc = table[f"{name}_tc"]
    found = {"": tc + 7.5, "_se": 5.0, "_low": tc - 4.25, "_high": tc + 31.5,
             "_area_se": 3.0, "_density_se": 4.0}  # fmt: skip
    frame = pd.DataFrame({f"{name}{part}_tc": v for part, v in found.items()}, index=table.index)
    if name == "stock":
        return frame
    return frame.assign(change_probability_gain=0.625, change_detectable_tc=8.25).loc[["d"]]


def _accuracy(years: tuple[int, ...]) -> pd.DataFrame:
    cells = {}
    for year in map(str, years):
        cells[year, "overall", "all"] = (90.5, 87.25, 93.125, 60)
        for n, key in enumerate(CLASSES):
            cells[year, "users", key] = (80.0 + n, 70.0, 90.0, 20)
            cells[year, "producers", key] = (100 / (n + 3), 20.5, 60.5, 18 + n)
    if len(years) > 1:
        cells["change", "overall", "all"] = (88.0, 80.0, 95.0, 60)
        cells["change", "users", "PAD>BLF"] = (50.0, 10.0, 90.0, 2)
        cells["change", "producers", "PAD>BLF"] = (np.nan, np.nan, np.nan, 0)
        cells["change", "users", "PAD>PAD"] = (95.0, 85.0, 98.0, 40)
        cells["change", "producers", "PAD>PAD"] = (96.0, 86.0, 99.0, 41)
        for measure in ("users", "producers"):
            cells["change", measure, "LAK>PAD"] = (np.nan, np.nan, np.nan, 0)
    frame = pd.DataFrame(
        list(cells.values()),
        columns=["accuracy_pct", "accuracy_low_pct", "accuracy_high_pct", "units"],
        index=pd.MultiIndex.from_tuples(
            [(2025, *key) for key in cells], names=["sample", "what", "measure", "land_cover"]),
    )  # fmt: skip
    return frame.assign(accuracy_se_pct=1.25)


def _matrix(years: tuple[int, ...]) -> pd.DataFrame:
    cells = {}
    for year in map(str, years):
        cells |= {(year, "PAD", "PAD"): (40, 0.7), (year, "PAD", "LAK"): (2, 0.05),
                  (year, "LAK", "LAK"): (8, 0.05), (year, "BLF", "BLF"): (10, 0.2)}  # fmt: skip
    if len(years) > 1:
        cells["change", "PAD>BLF", "PAD>PAD"] = (1, 0.0125)
        cells["change", "PAD>PAD", "PAD>PAD"] = (59, 0.9875)
    return pd.DataFrame(
        list(cells.values()), columns=["units", "share_of_area"],
        index=pd.MultiIndex.from_tuples(
            [(2025, *key) for key in cells],
            names=["sample", "what", "land_cover", "reference"]),
    )  # fmt: skip


def _agreement(dates: int) -> pd.DataFrame:
    cells = {}
    for date in ("before", "after")[:dates]:
        cells[2025, date, "PAD"] = (75.0, 60.0, 86.0, 44)
        cells[2025, date, "all"] = (80.0, 68.25, 88.5, 60)
    return pd.DataFrame(
        list(cells.values()),
        columns=["agreement_pct", "agreement_low_pct", "agreement_high_pct", "places"],
        index=pd.MultiIndex.from_tuples(list(cells), names=["sample", "date", "land_cover"]),
    )


def _indicators(plain: Results, years: tuple[int, ...]) -> pd.DataFrame:
    rates = plain.table("indicators")
    mapped = rates.xs("tree_cover_mapped_rate", level="indicator", drop_level=False).loc[
        list(years)
    ]
    found = mapped.assign(
        value=mapped["value"] + 1, low=mapped["value"] - 1, high=mapped["value"] + 3,
        rule="sample", evidence="sample", rule_zh="抽样口径", rule_en="by sample",
    ).rename(index={"tree_cover_mapped_rate": "tree_cover_estimated_rate"})  # fmt: skip
    return pd.concat([rates, found])


def _classified() -> dict[str, pd.DataFrame]:
    ends = ("", "_low", "_high")
    validation = {
        ("west", kind): (5, *(top - n / 10 for n in range(3)), *(top - n / 5 for n in range(3)),
                         0.9 - top)
        for kind, top in (("random", 0.9), ("polygon", 0.75), ("block", 0.7), ("matched", 0.65))
    }  # fmt: skip
    names = [f"{of}{end}" for of in ("overall_accuracy", "balanced_accuracy") for end in ends]
    by_class = {("west", key): (50 + n, 0.8, 0.7, 0.9, 1 / 3, 0.25, 0.5)
                for n, key in enumerate(CLASSES)}  # fmt: skip
    of_class = [f"{of}{end}" for of in ("users_accuracy", "producers_accuracy") for end in ends]
    areas = {("west", key): (100.0 / (n + 1), 5.0 * n, 5.0 * n * (n + 1))
             for n, key in enumerate(CLASSES)}  # fmt: skip
    rules = {("west", "mapping_unit", "LAK", "PAD"): (10, 1.0),
             ("west", "mapping_unit", "PAD", "LAK"): (5, 0.5),
             ("west", "official_polygons", "LAK", "BLF"): (7, 0.75)}  # fmt: skip
    clues = {("west", "320903001"): ("PAD", "LAK", 1.5, 1.25, 1.0, 0.8, 0.9),
             ("west", "320903002"): (None, "BLF", 3.5, 3.25, 3.0, 0.95, np.nan)}  # fmt: skip
    return {
        "map_validation": _framed(validation, ["folds", *names, "optimism"], "validation"),
        "map_validation_classes": _framed(by_class, ["samples", *of_class], "land_cover"),
        "map_training": _framed(
            {("west", key): (60 + n, 4 + n) for n, key in enumerate(CLASSES)},
            ["pixels", "groups"], "land_cover"),
        "map_classes": _framed(areas, ["area_ha", "outside_ha", "outside_pct"], "land_cover"),
        "map_importance": _framed(
            {("west", "ndvi"): (3.5, 1.0), ("west", "mndwi"): (12.25, 2.0)},
            ["importance_pct", "importance_sd_pct"], "feature"),
        "map_rules": _framed(
            rules, ["px", "area_ha"], "rule", "land_cover", "land_cover_after"),
        "map_clues": _framed(
            clues, ["official", "majority", "parcel_ha", "disagreement_ha", "majority_ha",
                    "purity", "confidence"], "parcel"),
    }  # fmt: skip


def _framed(cells: dict[tuple, tuple], columns: list[str], *levels: str) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(cells), names=["map", *levels])
    return pd.DataFrame(list(cells.values()), columns=columns, index=index)
