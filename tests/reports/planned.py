"""Tables of the plan for the district of the scene, made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.results import Results
from tests.reports.judged import lineage_of
from tests.reports.scene import AHEAD, results

PLAN = (
    "targets", "targets_towns", "outlook", "outlook_towns", "detections", "decompositions",
    "protection_forms", "protection_overlaps", "unprotected_wetlands", "redline_changes",
    "ledger", "ledger_years",
)  # fmt: skip
WET, DONE, PLANTED = "wetland_protection_rate", "wetland_restored_area", "afforestation_area"
YEARS = range(2023, 2026)
# value by year of the district: %, ha since the first year, ha of the year
FIGURES = {WET: (44.0, 45.0, 46.0), DONE: (10.0, 30.0, 40.0), PLANTED: (6.0, 7.0, 8.0),
           "factories": (1.0, 2.0, 2.0)}  # fmt: skip
UNPROTECTED = 103  # the first hundred are named


def planned(**changed: object) -> Results:
    """The scene with every table of the plan."""
    plain = results()
    tables = {**plain.tables, **_targets(), **_places(), **_ledger()}
    tables["indicators"] = pd.concat([tables["indicators"], _history()])
    tables["detections"] = _framed({
        (WET, "register"): {"change": 1.5, "detectable": np.nan, "unit": "ha",
                            "found": "documents", "proof": "register", "times_sample": np.nan},
        (WET, "sample"): {"change": 1.5, "detectable": 3.0, "unit": "ha",
                          "found": "undetectable", "proof": "sample", "times_sample": 4.0},
        ("factories", "report"): {"change": 0.5, "detectable": np.nan, "unit": "家",
                                  "found": "records", "proof": "report", "times_sample": np.nan},
    }, "indicator", "evidence")  # fmt: skip
    tables["decompositions"] = _framed({
        WET: {"year": 2023, "rule": "W_2nd", "document": "公报", "published": 33.0,
              "redefined": 44.0, "today": 46.0, "change": 13.0, "definition": 11.0, "map": 0.0,
              "boundary": 0.0, "real": 2.0, "unresolved": 0.0},
        "factories": {"year": 2023, "rule": "own rule", "document": "", "published": 1.0,
                      "redefined": np.nan, "today": 3.0, "change": 2.0, "definition": np.nan,
                      "map": 0.0, "boundary": 0.0, "real": np.nan, "unresolved": 2.0},
    }, "indicator")  # fmt: skip
    tables["lineage"] = lineage_of(tables)
    return results(**{"tables": tables, **changed})  # type: ignore[arg-type]


def _history() -> pd.DataFrame:
    rows = {}
    for key, values in FIGURES.items():
        rate = key == WET
        unit = "%" if rate else "家" if key == "factories" else "ha"
        for year, value in zip(YEARS, values, strict=True):
            rows[year, "d", key] = {
                "value": value, "low": value - 0.5 if rate else np.nan,
                "high": value + 0.5 if rate else np.nan, "unit": unit,
                "numerator": value, "denominator": 100.0 if rate else np.nan,
                "part_unit": "ha" if rate else unit, "rule": "W_law" if rate else "reported",
                "evidence": "register", "rule_zh": "口径", "rule_en": "rule"}  # fmt: skip
    return _framed(rows, "year", "zone", "indicator")


def target(key: str, value: float, asked: float, **more: object) -> dict[str, object]:
    unit = {WET: "%", DONE: "ha", PLANTED: "mu"}.get(key, "家")
    area = {WET: 1.0, DONE: 1.0, PLANTED: 1 / 15}.get(key, np.nan)  # ha of denominator 100 ha
    part = (asked - value) * (1.0 if np.isnan(area) else area)
    return {
        "name_zh": key, "name_en": key, "kind": "reach", "target": asked, "unit": unit,
        "year": np.nan, "document": "方案", "department": "林业局", "value": value,
        "low": np.nan, "high": np.nan, "evidence": "register",
        "value_year": np.nan if np.isnan(value) else 2025.0,
        "gap": asked - value, "gap_part": part, "part_unit": "家" if np.isnan(area) else "ha",
        "gap_mu": part * 15 if area > 0 else np.nan,
        "probability": np.nan, "judged_by": "exact", "met": "yes" if value >= asked else "no",
        "denominator": 100.0, **more,
    }  # fmt: skip


def _targets() -> dict[str, pd.DataFrame]:
    mapped = {"evidence": "map", "judged_by": "no_interval", "met": "open"}
    sampled = {"low": 40.0, "high": 52.0, "evidence": "sample", "probability": 0.0625,
               "judged_by": "probability", "met": "open"}  # fmt: skip
    rows = {
        WET: target(WET, 46.0, 50.0, name_zh="湿地保护率", name_en="wetland", low=45.5, high=46.5),
        DONE: target(DONE, 40.0, 50.0, kind="cumulative"),
        PLANTED: target(PLANTED, 120.0, 100.0, kind="per_year"),
        "tree_cover_rate": target(WET, 46.0, 50.0, **sampled),
        "green_cover_rate": target(WET, 46.0, 50.0, **mapped),
        "factories": target("factories", 2.0, 3.0, name_zh="绿色工厂", name_en="factories"),
        "unheard": target("x", np.nan, 5.0, evidence=np.nan, judged_by="no_figure", met="unknown"),
    }
    towns = {("001", WET): target(WET, 52.0, 50.0), ("002", WET): target(WET, 40.0, 50.0),
             ("002", "unheard"): target("x", np.nan, 5.0, evidence=np.nan,
                                        judged_by="no_figure", met="unknown")}  # fmt: skip
    return {
        "targets": _framed(rows, "indicator"),
        "outlook": _framed({key: _ahead(row) for key, row in rows.items()}, "indicator"),
        "targets_towns": _framed(towns, "zone", "indicator"),
        "outlook_towns": _framed(
            {k: _ahead(row) for k, row in towns.items()}, "zone", "indicator"
        ),
    }


def _ahead(row: dict) -> dict[str, object]:
    need = max(row["gap"], 0.0) / 5
    area = row["part_unit"] == "ha"
    part = max(row["gap_part"], 0.0) / 5
    trend = dict(zip(AHEAD, (1.0, 0.5, 1.5, 51.0, 48.0, 54.0, 0.75), strict=True))
    return {
        "by_year": 2030, "needed_per_year": need, "years": 3, "years_met": np.nan, **trend,
        "basis": "line", "needed_part_per_year": part, "part_unit": row["part_unit"],
        "needed_mu_per_year": 15 * part if area else np.nan,
    }  # fmt: skip


def _places() -> dict[str, pd.DataFrame]:
    forms = {"wetland_plot": (31.0, 30.0, 30.0, "湿地保护小区", "plot"),
             "redline": (20.0, 20.0, 16.0, "红线", "red line")}  # fmt: skip
    names = ("gross_ha", "form_ha", "exclusive_ha", "name_zh", "name_en")
    shared = {("wetland_plot", "wetland_plot"): 30.0, ("wetland_plot", "redline"): 4.0,
              ("redline", "wetland_plot"): 4.0, ("redline", "redline"): 20.0}  # fmt: skip
    wetlands = {
        rank: {"wetland_ha": 2.0, "protected_ha": 1.5, "unprotected_ha": 0.5, "name": f"荡{rank}",
               "dlbm": "1101"}
        for rank in range(UNPROTECTED)
    }  # fmt: skip
    patch = {"redline_area": "1 红线", "land_cover": "LAK", "land_cover_after": "BLF",
             "area_ha": 0.5, "px": 50, "lon": 119.75, "lat": 33.25,
             "encroaches": False}  # fmt: skip
    lead = {**patch, "land_cover_after": "PAD", "area_ha": 0.25, "px": 25, "encroaches": True}
    return {
        "protection_forms": _framed(
            {form: dict(zip(names, of, strict=True)) for form, of in forms.items()}, "form"),
        "protection_overlaps": _framed(
            {pair: {"area_ha": ha} for pair, ha in shared.items()}, "form", "form_other"),
        "unprotected_wetlands": _framed(wetlands, "rank"),
        "redline_changes": _framed({0: patch, 1: lead}, "patch"),
    }  # fmt: skip


def _ledger() -> dict[str, pd.DataFrame]:
    project = {"name": "退圩还湖", "kind": "restoration", "type": "polder_to_lake",
               "pre_class": "PAD", "post_class": "LAK", "year": 2023.0, "status": "accepted",
               "document": "文1", "accepted_on": "2023-05-20", "area_ha": 10.0,
               "mapped_ha": 10.0, "was_before_pct": 90.0, "is_after_pct": 80.0,
               "became_pct": 75.0, "judged": "seen"}  # fmt: skip
    unknown = {**project, "name": "不明", "kind": "", "type": "", "status": "", "year": np.nan,
               "accepted_on": "", "document": "", "pre_class": "", "is_after_pct": 20.0,
               "judged": "unseen"}  # fmt: skip
    years = {}
    for kind, key in (("restoration", DONE), ("planting", PLANTED)):
        for year, value in zip(YEARS, FIGURES[key], strict=True):
            years[kind, year] = {"projects": 1, "gross_ha": value + 1, "area_ha": value,
                                 "cumulative_ha": value * 2}  # fmt: skip
    return {
        "ledger": _framed({"P1": project, "P2": unknown}, "project"),
        "ledger_years": _framed(years, "kind", "year"),
    }


def _framed(rows: dict, *levels: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows.values()))
    if len(levels) == 1:
        return frame.set_axis(pd.Index(list(rows), name=levels[0]))
    return frame.set_axis(pd.MultiIndex.from_tuples(list(rows), names=list(levels)))
