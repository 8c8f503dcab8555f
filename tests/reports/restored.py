"""Tables of restoration for the district of the scene, made by hand: two scenarios."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.results import Results
from tests.reports.balanced import balanced
from tests.reports.judged import lineage_of

RESTORED = ("scenarios", "scenario_measures", "baselines", "scenario_years", "scenario_cohorts",
            "scenario_horizons", "scenario_spread", "scenario_effects")  # fmt: skip
BASELINES = {"as_is": ("维持现状", "as the land is"), "crab": ("蟹塘", "as crab ponds")}
SETS = {"AR5": 1.0, "AR6_20": 2.5}  # times the effect under the set that is chosen
CRAB = -40.25  # what a year is less against crab ponds
YEARS = tuple(range(2024, 2031))
HORIZONS = (2026, 2030)
# scenario: names; measure: year, before, after, area, uses, type, group, cost, parts of a year
SCENARIOS = {
    "done": ("已验收", "Accepted", {
        "P1": (2024, "PAD", "LAK", 12.5, "rice_wheat 100 %", "lake_s 75 %; other 25 %",
               "polder_to_lake", "", 400.0, (30.5, 12.25, -8.125, 2.5)),
        "P2": (2025, "PAD", "BLF", 3.75, "", "", "planting", "poplar", 90.0,
               (5.5, 1.25, 20.0, 3.5)),
    }),
    "plan": ("计划", "Planned", {
        "m_2027": (2027, "LAK", "LAK", 20.0, "", "", "own_type", "strange", 210.0,
                   (1.5, -60.25, 2.125, 0.0)),
    }),
}  # fmt: skip
EFFECTS = {
    "value_water": ("value", "yuan", 1000.5, 1250.25, (200.0, 300.0), "水源涵养", "Water"),
    "area_LAK": ("land", "ha", 150.25, 162.75, None, "湖泊", "Lake"),
    "item_co2": ("service", "t", 900.0, 905.5, (-3.0, 9.0), "固碳", "CO2 fixed"),
    "tree_cover_rate": ("indicator", "%", 24.5, 24.25, None, "林木覆盖率", "tree-cover rate"),
}
_PARTS = ("biomass", "soil", "ch4", "n2o")


def restored(**changed: object) -> Results:
    """The scene with a balance and two scenarios; a balance names the sets of potentials."""
    plain = balanced()
    cohorts, years = _yearly()
    horizons = _horizons(years)
    tables = {
        **plain.tables, **_named(), "scenario_cohorts": cohorts, "scenario_years": years,
        "scenario_horizons": horizons, "scenario_spread": _spread(horizons),
        "scenario_effects": _effects(),
    }  # fmt: skip
    tables["lineage"] = lineage_of(tables)
    return balanced(**{"tables": tables, **changed})


def _named() -> dict[str, pd.DataFrame]:
    scenarios, measures = {}, {}
    columns = ("year", "land_cover", "land_cover_after", "area_ha", "uses_before", "uses_after",
               "type", "group", "cost_yuan")  # fmt: skip
    for scenario, (zh, en, of) in SCENARIOS.items():
        starts = [measure[0] for measure in of.values()]
        scenarios[scenario,] = {
            "name_zh": zh, "name_en": en, "measures": len(of),
            "area_ha": sum(measure[3] for measure in of.values()),
            "first_year": min(starts), "last_year": max(starts)}  # fmt: skip
        for key, measure in of.items():
            told = measure[8] if key != "P2" else np.nan
            measures[scenario, key] = dict(zip(columns, (*measure[:8], told), strict=True))
    names = {(key,): {"name_zh": zh, "name_en": en} for key, (zh, en) in BASELINES.items()}
    return {
        "scenarios": _framed(scenarios, "scenario"), "baselines": _framed(names, "baseline"),
        "scenario_measures": _framed(measures, "scenario", "measure"),
    }  # fmt: skip


def _yearly() -> tuple[pd.DataFrame, pd.DataFrame]:
    cohorts, years = {}, {}
    for scenario, (_, _, of) in SCENARIOS.items():
        sums = np.zeros((len(YEARS), len(_PARTS)))
        for key, measure in of.items():
            parts = np.array([[part * (year >= measure[0]) for part in measure[9]]
                              for year in YEARS])  # fmt: skip
            cohorts |= _rows((scenario, key), parts)
            sums += parts
        for baseline in BASELINES:
            more = np.array([0.0, 0.0, CRAB if baseline == "crab" else 0.0, 0.0])
            years |= _rows((scenario, baseline), sums + more)
    return (
        _framed(cohorts, "scenario", "cohort", "year"),
        _framed(years, "scenario", "baseline", "year"),
    )


def _rows(key: tuple[str, str], parts: np.ndarray) -> dict[tuple[object, ...], dict[str, float]]:
    effects = parts.sum(axis=1)
    rows = {}
    for place, (year, added) in enumerate(zip(YEARS, effects.cumsum(), strict=True)):
        rows[(*key, year)] = {
            **_ranged("effect", "tco2e_per_year", effects[place], 50.0),
            **_ranged("cumulative", "tco2e", added, 50.0 * (place + 1)),
            "probability_benefit": 0.875 if effects[place] else np.nan,
            "cumulative_probability_benefit": 0.9375 if added else np.nan,
            **{f"effect_{part}_tco2e_per_year": value
               for part, value in zip(_PARTS, parts[place], strict=True)},
        }  # fmt: skip
    return rows


def _ranged(name: str, unit: str, value: float, reach: float) -> dict[str, float]:
    ends = {"": value, "_low": value - reach, "_high": value + reach}
    return {f"{name}{end}_{unit}": float(of) for end, of in ends.items()}


def _horizons(years: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for scenario, (_, _, of) in SCENARIOS.items():
        for baseline in BASELINES:
            for potentials, times in SETS.items():
                for year in HORIZONS:
                    done = [measure for measure in of.values() if measure[0] <= year]
                    row = years.loc[(scenario, baseline, year)]
                    rows[scenario, baseline, potentials, year] = _horizon(row, times, done)
    return _framed(rows, "scenario", "baseline", "potentials", "year")


def _horizon(row: pd.Series, times: float, done: list) -> dict[str, float]:
    names = [name for name in row.index if name.startswith(("cumulative", "effect"))][:6]
    told = {name: row[name] * times for name in names}
    area, cost = sum(measure[3] for measure in done), 1000.0 * sum(m[8] for m in done)
    told |= {"probability_benefit": row["cumulative_probability_benefit"], "area_ha": area}
    added = {name: value for name, value in told.items() if name.endswith("_tco2e")}
    told |= {f"{name}_per_ha": value / area if area else np.nan for name, value in added.items()}
    costs = _ranged("cost", "yuan", cost, 0.5 * cost) if area else dict.fromkeys(
        ("cost_yuan", "cost_low_yuan", "cost_high_yuan"), np.nan)  # fmt: skip
    told |= {**costs, "cost_yuan_per_ha": cost / area if area else np.nan}
    sure = area > 0 and told["cumulative_low_tco2e"] > 0
    for name in costs:
        told[f"{name}_per_tco2e"] = costs[name] / told["cumulative_tco2e"] if sure else np.nan
    return told


def _spread(horizons: pd.DataFrame) -> pd.DataFrame:
    rows = {}
    for key, of in horizons.groupby(level=["scenario", "potentials", "year"], sort=False):
        added, yearly = of["cumulative_tco2e"], of["effect_tco2e_per_year"]
        rows[key] = {
            "least_baseline": added.idxmin()[1], "most_baseline": added.idxmax()[1],
            "least_tco2e": added.min(), "most_tco2e": added.max(),
            "spread_tco2e": added.max() - added.min(),
            "low_tco2e": of["cumulative_low_tco2e"].min(),
            "high_tco2e": of["cumulative_high_tco2e"].max(),
            "least_tco2e_per_year": yearly.min(), "most_tco2e_per_year": yearly.max(),
            "spread_tco2e_per_year": yearly.max() - yearly.min()}  # fmt: skip
    return _framed(rows, "scenario", "potentials", "year")


def _effects() -> pd.DataFrame:
    rows = {}
    for scenario, cost in (("done", 490000.0), ("plan", np.nan)):
        for key, (kind, unit, without, with_, ends, zh, en) in EFFECTS.items():
            gain = with_ - without
            low, high = ends or (np.nan, np.nan)
            rows[scenario, key] = {
                "kind": kind, "unit": unit, "without": without, "with": with_,
                "difference": gain, "difference_low": low, "difference_high": high,
                "name_zh": zh, "name_en": en, "cost_yuan": cost,
                "cost_yuan_per_unit": cost / gain if gain > 0 else np.nan}  # fmt: skip
    return _framed(rows, "scenario", "effect")


def _framed(rows: dict, *levels: str) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(list(rows), names=list(levels))
    frame = pd.DataFrame(list(rows.values()), index=index)
    return frame if len(levels) > 1 else frame.set_axis(index.get_level_values(0))
