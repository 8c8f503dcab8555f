"""Tables of a siting and of one ecological network for the district of the scene, by hand."""

from __future__ import annotations

import pandas as pd

from sinks.results import Results
from tests.reports.balanced import balanced
from tests.reports.judged import lineage_of

UNITS = {"r1c1": (2.5, 250_000.0, 180.5, True), "r1c2": (1.25, 125_000.0, -20.25, False)}
PLANS = {0: (250.5, 0.0, 250_000.0), 1: (240.25, 0.041, 125_000.0)}
PATCHES = {1: (40.5, 61.25), 2: (12.25, 8.5), 3: (30.0, 22.0)}


def sited(**changed: object) -> Results:
    """The scene with a siting of two units and a network of three cores."""
    plain = balanced()
    tables = {**plain.tables, **_siting(), **_network()}
    tables["lineage"] = lineage_of(tables)
    return balanced(**{"tables": tables, **changed})


def _keyed(rows: list[dict[str, object]], *levels: str) -> pd.DataFrame:
    return pd.DataFrame(rows).set_index(list(levels))


def _siting() -> dict[str, pd.DataFrame]:
    best = {"siting": "next", "name_zh": "下一步", "name_en": "Next", "candidates": 40,
            "status": "optimal", "gap_pct": 0.25, "chosen": 1, "area_ha": 2.5,
            "cost_yuan": 250_000.0, "carbon_tco2e": 180.5, "carbon_low_tco2e": -30.0,
            "carbon_high_tco2e": 410.75, "habitat_ha": 1.5, "boundary_km": 0.75, "year": 2026,
            "horizon": 2060}  # fmt: skip
    demands = [
        {"demand": "budget", "of": "cost_yuan", "zone": None, "sense": "at_most",
         "amount": 300_000.0, "achieved": 250_000.0},
        {"demand": "north", "of": "area_ha", "zone": "001", "sense": "at_least",
         "amount": 1.0, "achieved": 2.5},
    ]  # fmt: skip
    plans = [
        {"plan": key, "objective": objective, "lost": lost, "cost_yuan": cost, "area_ha": 2.5,
         "units": 1.0, "boundary_m": 750.0, "pairs": 0.0, "carbon_tco2e": 180.5,
         "habitat_ha": 1.5}
        for key, (objective, lost, cost) in PLANS.items()
    ]  # fmt: skip
    front = [{**row, "point": row["plan"], "second": 1.5} for row in plans]
    units = [
        {"unit": unit, "zone": "001", "area_ha": area, "cost_yuan": cost,
         "carbon_tco2e": carbon, "habitat_ha": 0.5, "beside_wetland": True, "chosen": chosen,
         "frequency": 1.0 if chosen else 0.25, "robust": 0.95}
        for unit, (area, cost, carbon, chosen) in UNITS.items()
    ]  # fmt: skip
    return {
        "siting": _keyed([best], "siting"),
        "siting_demands": _keyed(demands, "demand"),
        "siting_plans": _keyed(plans, "plan"),
        "siting_front": _keyed(front, "point").drop(columns=["plan", "lost"]),
        "siting_units": _keyed(units, "unit"),
    }


def _network() -> dict[str, pd.DataFrame]:
    network = {"network": "marsh", "name_zh": "沼泽网络", "name_en": "Marshes",
               "landscape_ha": 1000.0, "core_ha": 82.75, "cores": 3, "corridors": 2,
               "half_m": 5000.0, "pixel_m": 50.0, "iic": 0.00321, "iic_low": 0.0032,
               "iic_high": 0.00323, "pc": 0.00452, "pc_low": 0.00442, "pc_high": 0.00469,
               "eca_ha": 67.25, "eca_low_ha": 66.5, "eca_high_ha": 68.5}  # fmt: skip
    pattern = [
        {"network": "marsh", "pattern": key, "area_ha": area, "share_pct": area / 10}
        for key, area in {"core": 90.0, "edge": 45.0, "background": 865.0}.items()
    ]
    change = [
        {"network": "marsh", "index": "eca_ha", "before": 67.25, "after": 75.5, "change": 8.25,
         "change_pct": 12.27},
        {"network": "marsh", "index": "pc", "before": 0.00452, "after": 0.00569,
         "change": 0.00117, "change_pct": 25.9},
    ]  # fmt: skip
    patches = [
        {"network": "marsh", "patch": key, "px": 180, "area_ha": area, "pc_pct": share,
         "pc_intra_pct": share / 2, "pc_flux_pct": share / 4, "pc_connector_pct": share / 4}
        for key, (area, share) in PATCHES.items()
    ]  # fmt: skip
    corridors = [
        {"network": "marsh", "patch": 1, "patch_beyond": other, "cost_m": 440.0,
         "length_m": 200.0, "mean_resistance": 2.2}
        for other in (2, 3)
    ]  # fmt: skip
    return {
        "networks": _keyed([network], "network"),
        "network_pattern": _keyed(pattern, "network", "pattern"),
        "network_change": _keyed(change, "network", "index"),
        "network_patches": _keyed(patches, "network", "patch"),
        "network_corridors": _keyed(corridors, "network", "patch", "patch_beyond"),
    }
