"""The small district with scenarios of restoration: a gain, one that is not sure, one to come."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from sinks.results import Results
from tests.maps.carbon_scene import SETS, U, potentials
from tests.maps.scene import Scene, scene

NAN = np.nan
YEARS = range(2021, 2061)
STOPS = (2030, 2040, 2060)
BASELINES = {"as_is": 1.0, "paddy": 2.3, "crab": -0.6}  # effect against each, of the first
# scenario: name_zh, name_en, measures, hectares, first and last year, tCO2e a year, spread of it
SCENARIOS = {
    "done": ("已验收项目", "projects accepted", 33, 474.481, 2021, 2025, 1197.9, 0.4),
    "marsh": ("修复湿地", "marsh restored", 5, 500.0, 2026, 2030, 4088.8, 1.7),
    "trees": ("造林", "planting", 6, 33.3333, 2035, 2040, 208.94, 0.3),
}
COST = {"done": 100_161_523.98, "marsh": 5_000_000.0, "trees": NAN}
WEIGHT = dict(zip(SETS, (1.0, 0.97, -0.8, 1.2), strict=True))
# effect: kind, unit, without, with, low, high, zh, en
EFFECTS = {
    "item_co2": ("service", "t", 135_429.3, 136_381.8, 391.9, 1749.2, "固碳量", "CO2 fixed"),
    "area_MAR": ("land", "ha", 1170.94, 1329.52, NAN, NAN, "芦苇沼泽", "reed marsh"),
    "value_flood": ("value", "yuan", 41_936_660.2, 42_530_730.9, 331_218.5, 1_042_425.1,
                    "洪水调蓄", "flood regulation"),
    "tree_cover": ("indicator", "%", 24.15188, 24.17836, NAN, NAN, "林木覆盖率", "tree cover"),
    "area_PND": ("land", "ha", 8952.4976, 8594.8243, NAN, NAN, "坑塘", "pond"),
}  # fmt: skip


def restored() -> Scene:
    base = scene()
    tables = {**base.results.tables, "potentials": potentials(), **scenario_tables()}
    return replace(base, results=replace(base.results, tables=tables))


def with_tables(base: Scene, **tables: pd.DataFrame) -> Scene:
    results: Results = base.results
    return replace(base, results=replace(results, tables={**results.tables, **tables}))


def scenario_tables() -> dict[str, pd.DataFrame]:
    columns = ["name_zh", "name_en", "measures", "area_ha", "first_year", "last_year"]
    rows = {key: told[:6] for key, told in SCENARIOS.items()}
    names = {key: (f"基线{key}", f"baseline {key}") for key in BASELINES}
    horizons = scenario_horizons()
    return {
        "scenarios": pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis(
            "scenario"
        ),
        "scenario_measures": measures(),
        "baselines": pd.DataFrame.from_dict(
            names, orient="index", columns=["name_zh", "name_en"]
        ).rename_axis("baseline"),
        "scenario_years": scenario_years(),
        "scenario_horizons": horizons,
        "scenario_spread": scenario_spread(horizons),
        "scenario_effects": scenario_effects(),
    }


def yearly(scenario: str, baseline: str, year: int, weight: float = 1.0) -> tuple[float, ...]:
    """Return the effect of a year with its interval; nothing before the first measure."""
    first, per_year, spread = (
        SCENARIOS[scenario][4],
        SCENARIOS[scenario][6],
        SCENARIOS[scenario][7],
    )
    if year < first:
        return 0.0, 0.0, 0.0
    bend = 1 + 2 * np.exp(-(year - first) / 5)  # more in the first years
    value = per_year * BASELINES[baseline] * weight * bend
    return value, value - spread * abs(value), value + 1.2 * spread * abs(value)


def added(scenario: str, baseline: str, year: int, weight: float = 1.0) -> tuple[float, ...]:
    parts = [yearly(scenario, baseline, y, weight) for y in YEARS if y <= year]
    return tuple(float(of) for of in np.sum(parts, axis=0))


def chance(values: tuple[float, ...]) -> float:
    """Return a probability that goes with an interval; blank where nothing changes."""
    value, low, high = values
    if value == 0:
        return NAN
    return 0.9995 if low > 0 else 0.02 if high < 0 else 0.7814 if value > 0 else 0.3127


def ranged(stem: str, unit: str, values: tuple[float, ...]) -> dict[str, float]:
    names = (f"{stem}_{unit}", f"{stem}_low_{unit}", f"{stem}_high_{unit}")
    return dict(zip(names, values, strict=True))


def scenario_years() -> pd.DataFrame:
    rows = {
        (scenario, baseline, year): {
            **ranged("effect", U, now := yearly(scenario, baseline, year)),
            **ranged("cumulative", "tco2e", so_far := added(scenario, baseline, year)),
            "probability_benefit": chance(now),
            "cumulative_probability_benefit": chance(so_far),
        }
        for scenario, baseline, year in product(SCENARIOS, BASELINES, YEARS)
    }
    return indexed(rows, ["scenario", "baseline", "year"])


def scenario_horizons() -> pd.DataFrame:
    rows = {}
    for key in product(SCENARIOS, BASELINES, SETS, STOPS):
        scenario, baseline, name, year = key
        so_far = added(scenario, baseline, year, WEIGHT[name])
        cost = COST[scenario]
        sure = so_far[1] > 0
        rows[key] = {
            **ranged("cumulative", "tco2e", so_far),
            **ranged("effect", U, yearly(scenario, baseline, year, WEIGHT[name])),
            "probability_benefit": chance(so_far),
            "area_ha": SCENARIOS[scenario][3],
            "cost_yuan": cost, "cost_low_yuan": 0.28 * cost, "cost_high_yuan": 2.6 * cost,
            "cost_yuan_per_ha": cost / SCENARIOS[scenario][3],
            "cost_yuan_per_tco2e": cost / so_far[0] if sure else NAN,
            "cost_low_yuan_per_tco2e": 0.5 * cost / so_far[0] if sure else NAN,
            "cost_high_yuan_per_tco2e": 4 * cost / so_far[0] if sure else NAN,
        }  # fmt: skip
    return indexed(rows, ["scenario", "baseline", "potentials", "year"])


def scenario_spread(horizons: pd.DataFrame) -> pd.DataFrame:
    groups = horizons.groupby(level=["scenario", "potentials", "year"])
    found = {}
    for stem, name in (("cumulative_tco2e", "tco2e"), (f"effect_{U}", U)):
        least, most = groups[stem].min(), groups[stem].max()
        found |= {f"least_{name}": least, f"most_{name}": most, f"spread_{name}": most - least}
    return pd.DataFrame(found)


def scenario_effects() -> pd.DataFrame:
    rows = {}
    for scenario, (effect, told) in product(SCENARIOS, EFFECTS.items()):
        if scenario == "marsh" and effect == "tree_cover":
            continue
        kind, unit, without, with_, low, high, zh, en = told
        difference = with_ - without
        cost = COST[scenario]
        rows[scenario, effect] = {
            "kind": kind, "unit": unit, "without": without, "with": with_,
            "difference": difference, "difference_low": low, "difference_high": high,
            "name_zh": zh, "name_en": en, "cost_yuan": cost,
            "cost_yuan_per_unit": cost / difference if difference > 0 else NAN,
        }  # fmt: skip
    return indexed(rows, ["scenario", "effect"])


def measures() -> pd.DataFrame:
    rows = {
        (key, f"{key}_{k}"): {"year": told[4], "area_ha": told[3] / 2, "type": "planting"}
        for key, told in SCENARIOS.items()
        for k in range(2)
    }
    return indexed(rows, ["scenario", "measure"])


def indexed(rows: dict[tuple[object, ...], dict[str, object]], names: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows.values()))
    frame.index = pd.MultiIndex.from_tuples(list(rows), names=names)
    return frame.sort_index()
