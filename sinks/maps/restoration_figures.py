"""From the tables of scenarios to what the restoration panel of a page shows.

Effects are against a baseline each and stay so: nothing is averaged over baselines. What the
signs allow to be said is decided as for the balance: from a probability on that is sure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sinks.carbon.balance import SURE, verdict
from sinks.maps.account_rows import Row, figure, figures, money, text_of, unit_of
from sinks.maps.carbon_figures import potential_sets
from sinks.maps.figures import label, names_by_id, number, records
from sinks.maps.inert import names_of, words
from sinks.results import Results

KINDS = ("land", "indicator", "service", "value")
_Y = "tco2e_per_year"
_ADDED = ("cumulative_tco2e", "cumulative_low_tco2e", "cumulative_high_tco2e")
_YEARLY = (f"effect_{_Y}", f"effect_low_{_Y}", f"effect_high_{_Y}")
_PER_TONNE = ("cost_yuan_per_tco2e", "cost_low_yuan_per_tco2e", "cost_high_yuan_per_tco2e")
_CHANCES = ("cumulative_probability_benefit", "probability_benefit")
_SPREAD = {
    "added": ("least_tco2e", "most_tco2e", "spread_tco2e"),
    "yearly": (f"least_{_Y}", f"most_{_Y}", f"spread_{_Y}"),
}
_EFFECT = ("without", "with", "difference", "difference_low", "difference_high")
_NEEDED = ("scenarios", "baselines", "scenario_years", "scenario_horizons", "potentials")
_WORDS = {"sink": "benefit", "source": "cost", "open": "open"}


def restoration_figures(results: Results) -> dict[str, Any] | None:
    """Return what the scenarios of a study change; nothing without scenarios.

    Returns
    -------
    dict or None
        Scenarios with area, years and cost; baselines; sets of warming potentials, the chosen
        one first. Under the chosen set, by scenario and baseline: ``horizons`` (what has added
        up by a year, the effect of that year, what may be said of both, cost of a tonne) and
        ``series`` (one list of numbers per column). ``sets_last`` has what has added up by the
        last horizon under every set, ``spread`` what the baseline alone causes, ``effects``
        what changes in land, indicators, services and value.
    """
    if any(results.table(name).empty for name in _NEEDED):
        return None
    sets = potential_sets(results)
    scenarios = [str(key) for key in results.table("scenarios").index]
    baselines = names_by_id(results.table("baselines"))
    horizons = _by_key(
        results, "scenario_horizons", ("potentials", "scenario", "baseline", "year")
    )
    stops = sorted({key[3] for key in horizons})
    years = _by_key(results, "scenario_years", ("scenario", "baseline", "year"))
    pairs = [[(scenario, baseline) for baseline in baselines] for scenario in scenarios]
    chosen = sets[0]["key"]
    return {
        "sure_pct": round(100 * SURE),
        "sets": sets,
        "scenarios": [_scenario(results, horizons, chosen, stops, key) for key in scenarios],
        "baselines": [{"key": key, "name": name} for key, name in baselines.items()],
        "stops": stops,
        "years": sorted({key[2] for key in years}),
        "horizons": [
            [_horizons(horizons, years, chosen, pair, stops) for pair in row] for row in pairs
        ],
        "series": [[_series(years, pair) for pair in row] for row in pairs],
        "sets_last": {
            each["key"]: [
                [_told(horizons.get((each["key"], *pair, stops[-1]))) for pair in row]
                for row in pairs
            ]
            for each in sets
        },
        "spread": _spread(results, chosen, scenarios, stops),
        **_effects(results, scenarios),
        "accounting_only": label("crediting", "accounting_only"),
    }


def _by_key(results: Results, name: str, levels: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    """Return the rows of a table by ``levels``."""
    return {
        tuple(int(row[level]) if level == "year" else str(row[level]) for level in levels): row
        for row in records(results.table(name))
    }


def _scenario(
    results: Results,
    horizons: Mapping[tuple[Any, ...], Row],
    chosen: str,
    stops: Sequence[int],
    key: str,
) -> dict[str, Any]:
    """Return what is said of a scenario once; its cost is the same against every baseline."""
    row = results.table("scenarios").loc[key].to_dict()
    done = [horizons[at] for at in horizons if at[:2] == (chosen, key) and at[3] == stops[-1]]
    return {
        "key": key,
        "name": names_of(row["name_zh"], row["name_en"]),
        "measures": int(row["measures"]),
        "area_ha": figure(row["area_ha"]),
        "years": [int(row["first_year"]), int(row["last_year"])],
        "cost": money(done[0], "cost") if done else [None] * 3,
        "cost_per_ha": figure(done[0].get("cost_yuan_per_ha")) if done else None,
        "cost_told": _cost_told(results, key),
    }


def _cost_told(results: Results, key: str) -> str:
    """Say whether the costs of the measures were told: all, some, none, or not known."""
    measures = results.table("scenario_measures")
    if "cost_yuan" not in measures:
        return "unknown"
    told = measures.xs(key, level="scenario")["cost_yuan"].notna()
    return "all" if told.all() else "some" if told.any() else "none"


def _horizons(
    horizons: Mapping[tuple[Any, ...], Row],
    years: Mapping[tuple[Any, ...], Row],
    chosen: str,
    pair: tuple[str, str],
    stops: Sequence[int],
) -> list[dict[str, Any] | None]:
    """Return by horizon what has added up, the effect of that year, and what a tonne costs."""
    found: list[dict[str, Any] | None] = []
    for stop in stops:
        row = horizons.get((chosen, *pair, stop))
        added = _told(row)
        if row is None or added is None:
            found.append(None)
            continue
        chance = number(years.get((*pair, stop), {}).get(_CHANCES[1]))
        yearly = _judged(figures(row, _YEARLY), chance)
        found.append({"added": added, "yearly": yearly, "per_tonne": figures(row, _PER_TONNE)})
    return found


def _told(row: Row | None) -> dict[str, Any] | None:
    """Return what has added up with its interval, its probability and its verdict."""
    if row is None:
        return None
    return _judged(figures(row, _ADDED), number(row.get("probability_benefit")))


def _judged(values: list[float | None], probability: float | None) -> dict[str, Any]:
    """Return an effect with what may be said of its sign; nothing changes without a chance."""
    said = "none" if probability is None else _WORDS[verdict(values[0] or 0.0, probability)]
    return {"value": values, "probability": probability, "verdict": said}


def _series(
    years: Mapping[tuple[Any, ...], Row], pair: tuple[str, str]
) -> dict[str, list[list[float | None]]]:
    """Return by year value, low, high and probability, of what has added up and of the year."""
    rows = [row for key, row in sorted(years.items()) if key[:2] == pair]
    return {
        "added": [[figure(row[c]) for row in rows] for c in (*_ADDED, _CHANCES[0])],
        "yearly": [[figure(row[c]) for row in rows] for c in (*_YEARLY, _CHANCES[1])],
    }


def _spread(
    results: Results, chosen: str, scenarios: Sequence[str], stops: Sequence[int]
) -> list[list[dict[str, Any] | None]]:
    """Return by scenario and horizon the least and the most of all baselines, and the width."""
    rows = _by_key(results, "scenario_spread", ("potentials", "scenario", "year"))
    return [
        [
            {kind: figures(row, columns) for kind, columns in _SPREAD.items()}
            if (row := rows.get((chosen, scenario, stop)))
            else None
            for stop in stops
        ]
        for scenario in scenarios
    ]


def _effects(results: Results, scenarios: Sequence[str]) -> dict[str, Any]:
    """Return every effect once, in the order of kinds, and its figures by scenario."""
    rows = records(results.table("scenario_effects"))
    told = {str(row["effect"]): row for row in rows}
    order = sorted(told, key=lambda key: _rank(str(told[key]["kind"])))
    by_key = {(str(row["scenario"]), str(row["effect"])): row for row in rows}
    return {
        "effects": [
            {
                "kind": str(told[key]["kind"]),
                "name": names_of(told[key].get("name_zh"), told[key].get("name_en")),
                "unit": unit_of(told[key]) or words(text_of(told[key].get("unit"))),
            }
            for key in order
        ],
        "changes": [
            [_change(by_key.get((scenario, key))) for key in order] for scenario in scenarios
        ],
    }


def _change(row: Row | None) -> list[float | None] | None:
    """Return without, with, difference, its interval, and what one unit of it costs."""
    return None if row is None else figures(row, (*_EFFECT, "cost_yuan_per_unit"))


def _rank(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)
