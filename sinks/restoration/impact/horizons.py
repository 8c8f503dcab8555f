"""What has added up by a year, what it cost, and how much of it hangs on the baseline alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.errors import InputRefused
from sinks.gases.potentials import WarmingPotentials
from sinks.restoration.impact.effects import Effect, effect, interval, probability_benefit
from sinks.restoration.impact.scenario import Baseline, Measure, Scenario
from sinks.restoration.impact.setting import Setting, cost_key
from sinks.uncertainty.draws import draw, parameter_table
from sinks.uncertainty.laws import Floats

_ADDED = "cumulative_tco2e"


@dataclass(frozen=True, kw_only=True, eq=False)
class Costs:
    """Costs of what is done by a year, in yuan: at their means, and in every draw."""

    mean: float
    drawn: Floats


def horizons(
    of: Effect,
    setting: Setting,
    sets: Sequence[WarmingPotentials],
    years: Sequence[int],
) -> pd.DataFrame:
    """Return what has added up by each horizon under every set of potentials.

    Returns
    -------
    pandas.DataFrame
        Index ``(potentials, year)``; ``cumulative_tco2e`` since the first year of the table
        and ``effect_tco2e_per_year`` of that year, each with ``_low_`` and ``_high_``;
        ``probability_benefit`` (of what has added up, blank where nothing changes);
        ``area_ha`` converted by then; ``cumulative_tco2e_per_ha`` with range;
        ``cost_yuan`` with range, blank if the cost of a measure is not known;
        ``cost_yuan_per_ha``; ``cost_yuan_per_tco2e`` with range, blank where the interval of
        what has added up reaches 0 or below.

    Raises
    ------
    InputRefused
        ``N74`` for a year that the table does not have.
    """
    _require_years(of, years)
    rows = {
        (potentials.name, year): row
        for potentials in sets
        for year, row in _rows(of, setting, potentials, years).items()
    }
    index = pd.MultiIndex.from_tuples(list(rows), names=["potentials", "year"])
    return pd.DataFrame(list(rows.values()), index=index)


def beside(
    scenario: Scenario,
    baselines: Sequence[Baseline],
    setting: Setting,
    *,
    sets: Sequence[WarmingPotentials],
    years: Sequence[int],
) -> pd.DataFrame:
    """Return the horizons of one scenario against several baselines, side by side.

    Returns
    -------
    pandas.DataFrame
        Index ``(baseline, potentials, year)``; columns of :func:`horizons`.
    """
    tables = {
        baseline.id: horizons(effect(scenario, baseline, setting), setting, sets, years)
        for baseline in baselines
    }
    return pd.concat(tables, names=["baseline"])


def spread(horizons_beside: pd.DataFrame) -> pd.DataFrame:
    """Return the range that the baseline alone causes; it is shown and never averaged.

    Parameters
    ----------
    horizons_beside
        What :func:`beside` returns.

    Returns
    -------
    pandas.DataFrame
        Index ``(potentials, year)``; ``least_baseline`` and ``most_baseline``,
        ``least_tco2e``, ``most_tco2e`` and their difference ``spread_tco2e`` of what has
        added up; ``low_tco2e`` and ``high_tco2e``, the ends of all intervals together;
        ``least_tco2e_per_year``, ``most_tco2e_per_year``, ``spread_tco2e_per_year`` of the
        effect of the year.
    """
    groups = horizons_beside.groupby(level=["potentials", "year"], sort=False)
    added, yearly = groups[_ADDED], groups["effect_tco2e_per_year"]
    return pd.DataFrame(
        {
            "least_baseline": added.idxmin().map(lambda key: key[0]),
            "most_baseline": added.idxmax().map(lambda key: key[0]),
            "least_tco2e": added.min(),
            "most_tco2e": added.max(),
            "spread_tco2e": added.max() - added.min(),
            "low_tco2e": groups["cumulative_low_tco2e"].min(),
            "high_tco2e": groups["cumulative_high_tco2e"].max(),
            "least_tco2e_per_year": yearly.min(),
            "most_tco2e_per_year": yearly.max(),
            "spread_tco2e_per_year": yearly.max() - yearly.min(),
        }
    )


def costs(measures: Sequence[Measure], setting: Setting) -> Costs | None:
    """Return what measures cost: as told, or else by their type and the class before.

    Returns
    -------
    Costs or None
        Nothing if the cost of a measure is neither told nor to be had from its type. All costs
        move together, told or not: prices of one place and time rise as one.
    """
    count = setting.draws.count
    mean, drawn = 0.0, np.zeros(count)
    for measure in measures:
        one = _cost(measure, setting)
        if one is None:
            return None
        mean, drawn = mean + one.mean, drawn + one.drawn
    return Costs(mean=mean, drawn=drawn)


def _cost(measure: Measure, setting: Setting) -> Costs | None:
    draws = setting.draws
    if (told := measure.costs) is not None:
        table = parameter_table([("told", *told)]).assign(stream=cost_key(""))
        return Costs(mean=told[0], drawn=draw(table, seed=draws.seed, count=draws.count).drawn[0])
    level = setting.cost_level(measure.type, measure.before)
    if level is None:
        return None
    place = draws.parameters.index.get_indexer(pd.Index([cost_key(level)]))[0]
    mean = draws.parameters["value"].to_numpy(dtype=float)[place]
    return Costs(mean=measure.area_ha * mean, drawn=measure.area_ha * draws.drawn[place])


def _rows(
    of: Effect, setting: Setting, potentials: WarmingPotentials, years: Sequence[int]
) -> dict[int, Mapping[str, float]]:
    drawn, mean = of.drawn(potentials), of.mean(potentials)
    added, added_mean = drawn.cumsum(axis=0), mean.cumsum()
    rows: dict[int, Mapping[str, float]] = {}
    for year in years:
        place = of.rows.years.index(year)
        done = [measure for measure in of.scenario.measures if measure.year <= year]
        now = _ranged("effect", "tco2e_per_year", mean[place], drawn[place])
        so_far = _ranged("cumulative", "tco2e", added_mean[place], added[place])
        area_ha = sum(measure.area_ha for measure in done)
        rows[year] = {
            **so_far,
            **now,
            "probability_benefit": float(probability_benefit(added[[place]])[0]),
            "area_ha": area_ha,
            **{f"{name}_per_ha": _over(value, area_ha) for name, value in so_far.items()},
            **_cost_columns(costs(done, setting), added_mean[place], added[place], area_ha),
        }
    return rows


def _ranged(name: str, unit: str, mean: float, drawn: Floats) -> dict[str, float]:
    low, high = interval(drawn[np.newaxis])
    return {
        f"{name}_{unit}": float(mean),
        f"{name}_low_{unit}": float(low[0]),
        f"{name}_high_{unit}": float(high[0]),
    }


def _cost_columns(
    of: Costs | None, added_mean: float, added: Floats, area_ha: float
) -> dict[str, float]:
    names = ("cost_yuan", "cost_low_yuan", "cost_high_yuan")
    per_tonne = [f"{name}_per_tco2e" for name in names]
    blank = dict.fromkeys(per_tonne, np.nan)
    if of is None or area_ha == 0:
        return {**dict.fromkeys(names, np.nan), "cost_yuan_per_ha": np.nan, **blank}
    told = dict(zip(names, _ranged("cost", "yuan", of.mean, of.drawn).values(), strict=True))
    told["cost_yuan_per_ha"] = of.mean / area_ha
    if not (of.drawn > 0).all():
        return {**told, **blank}
    # tonnes per yuan have an interval of one sign where the tonnes have
    low, high = interval((added / of.drawn)[np.newaxis])
    if low[0] <= 0 or added_mean <= 0:
        return {**told, **blank}
    found = (of.mean / added_mean, 1 / float(high[0]), 1 / float(low[0]))
    return {**told, **dict(zip(per_tonne, found, strict=True))}


def _over(value: float, area_ha: float) -> float:
    return value / area_ha if area_ha else np.nan


def _require_years(of: Effect, years: Sequence[int]) -> None:
    first, last = of.rows.years[0], of.rows.years[-1]
    if outside := [str(year) for year in years if year not in of.rows.years]:
        raise InputRefused.because(
            "N74", place=of.scenario.id, years=outside, first=str(first), last=str(last)
        )
