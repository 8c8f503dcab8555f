"""What a scenario changes, year by year and cohort by cohort, with interval and sign.

Rows times draws: all years of a cohort are one product of small matrices. Every year takes the
same draws, so that what has added up is as uncertain as its parts are in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sinks.gases.potentials import WarmingPotentials
from sinks.gases.rates import GASES
from sinks.restoration.impact.rows import PARTS, EffectRows, effect_rows
from sinks.restoration.impact.scenario import Baseline, Scenario
from sinks.restoration.impact.setting import Setting
from sinks.uncertainty.draws import Draws
from sinks.uncertainty.laws import Floats
from sinks.uncertainty.summary import probability_positive

YEARLY, CUMULATIVE = "tco2e_per_year", "tco2e"


@dataclass(frozen=True, kw_only=True, eq=False)
class Effect:
    """The effect of a scenario against a baseline: rows, and the draws that they take."""

    scenario: Scenario
    baseline: Baseline
    rows: EffectRows
    draws: Draws

    @property
    def years(self) -> pd.Index:
        """The years of the table."""
        return pd.Index(self.rows.years, name="year")

    def mean(
        self, potentials: WarmingPotentials, *, cohort: str | None = None, part: str | None = None
    ) -> Floats:
        """Return the effect of every year at the means of all parameters, in tCO2e."""
        chosen = self._chosen(cohort, part)
        worth = self._worth[0][self._codes[0][chosen]] * self._factors(potentials)[chosen]
        return np.asarray(worth @ self.rows.per_year[chosen])

    def drawn(self, potentials: WarmingPotentials, *, cohort: str | None = None) -> Floats:
        """Return draws of the effect of every year, shape ``(years, draws)``, in tCO2e."""
        chosen = self._chosen(cohort, None)
        used, place = np.unique(self._codes[0][chosen], return_inverse=True)
        coefficients = np.zeros((len(used), len(self.rows.years)))
        per_unit = self.rows.per_year[chosen] * self._factors(potentials)[chosen, np.newaxis]
        np.add.at(coefficients, place, per_unit)
        return np.asarray(coefficients.T @ self._worth[1][used])

    @cached_property
    def _codes(self) -> tuple[np.ndarray, pd.DataFrame]:
        """Which pair of parameters each row takes, and the pairs."""
        pairs = pd.MultiIndex.from_frame(self.rows.keys[["parameter", "times"]])
        codes, found = pd.factorize(pairs)
        index = pd.MultiIndex.from_tuples(list(found), names=pairs.names) if len(found) else pairs
        return codes, index.to_frame(index=False)

    @cached_property
    def _worth(self) -> tuple[Floats, Floats]:
        """Return what one unit of each pair is worth: at the means, and in every draw."""
        pairs, known = self._codes[1], self.draws.parameters.index
        first = known.get_indexer(pd.Index(pairs["parameter"]))
        second = known.get_indexer(pd.Index(pairs["times"]))
        values = self.draws.parameters["value"].to_numpy(dtype=float)
        alone = second < 0
        means = values[first] * np.where(alone, 1.0, values[second])
        drawn = self.draws.drawn[first]
        drawn[~alone] *= self.draws.drawn[second[~alone]]
        return means, drawn

    @cached_property
    def _cohorts(self) -> Mapping[str, np.ndarray]:
        """The rows of each cohort, by number."""
        found = self.rows.keys.groupby("cohort", sort=False).indices
        return {str(cohort): np.asarray(rows) for cohort, rows in found.items()}

    def _chosen(self, cohort: str | None, part: str | None) -> np.ndarray:
        none = np.zeros(0, dtype=np.intp)
        chosen = np.arange(len(self.rows.keys))
        if cohort is not None:
            chosen = self._cohorts.get(cohort, none)
        if part is not None:
            chosen = chosen[(self._parts == part)[chosen]]
        return chosen

    @cached_property
    def _parts(self) -> np.ndarray:
        return self.rows.keys["part"].to_numpy(dtype=object)

    @cached_property
    def _gases(self) -> np.ndarray:
        return pd.Index(GASES).get_indexer(pd.Index(self.rows.keys["gas"]))

    def _factors(self, potentials: WarmingPotentials) -> Floats:
        """Return the tCO2e of one unit of each row."""
        factors = np.array([potentials.factor(gas) for gas in GASES])
        return np.asarray(factors[self._gases], dtype=float)


def effect(scenario: Scenario, baseline: Baseline, setting: Setting) -> Effect:
    """Return the effect of a scenario against a baseline, for every set of potentials.

    Raises
    ------
    InputRefused
        As :func:`sinks.restoration.impact.rows.effect_rows`.
    """
    rows = effect_rows(scenario, baseline, setting)
    return Effect(scenario=scenario, baseline=baseline, rows=rows, draws=setting.draws)


def effect_years(of: Effect, potentials: WarmingPotentials) -> pd.DataFrame:
    """Return what a scenario changes in every year: positive is a benefit.

    Returns
    -------
    pandas.DataFrame
        Index ``year``; ``effect_tco2e_per_year`` and what has added up since the first year,
        ``cumulative_tco2e``, each with ``_low_`` and ``_high_`` (95 % of draws);
        ``probability_benefit`` of the year and ``cumulative_probability_benefit`` (share of
        draws above 0, blank where nothing changes); and the parts that make up the effect,
        ``effect_biomass_tco2e_per_year``, ``_soil_``, ``_ch4_``, ``_n2o_``.
    """
    return _table(of, potentials, None)


def effect_cohorts(of: Effect, potentials: WarmingPotentials) -> pd.DataFrame:
    """Return the same by measure, which adds up to the scenario in every draw.

    Returns
    -------
    pandas.DataFrame
        Index ``(cohort, year)``; columns as :func:`effect_years`. Ends of intervals do not
        add up, means and parts do.
    """
    names = [measure.id for measure in of.scenario.measures]
    tables = {name: _table(of, potentials, name) for name in names}
    if not tables:
        empty = _table(of, potentials, None).iloc[:0]
        return pd.concat({"": empty}, names=["cohort"])
    return pd.concat(tables, names=["cohort"])


def interval(drawn: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % interval of every row of draws."""
    low, high = np.quantile(drawn, [0.025, 0.975], axis=1)
    return low, high


def probability_benefit(drawn: Floats) -> Floats:
    """Return the share of draws above 0 by row; blank where every draw is 0."""
    return np.where((drawn != 0).any(axis=1), probability_positive(drawn), np.nan)


def _table(of: Effect, potentials: WarmingPotentials, cohort: str | None) -> pd.DataFrame:
    drawn = of.drawn(potentials, cohort=cohort)
    added = drawn.cumsum(axis=0)
    mean = of.mean(potentials, cohort=cohort)
    ends, added_ends = interval(drawn), interval(added)
    columns = {
        f"effect_{YEARLY}": mean,
        f"effect_low_{YEARLY}": ends[0],
        f"effect_high_{YEARLY}": ends[1],
        f"cumulative_{CUMULATIVE}": mean.cumsum(),
        f"cumulative_low_{CUMULATIVE}": added_ends[0],
        f"cumulative_high_{CUMULATIVE}": added_ends[1],
        "probability_benefit": probability_benefit(drawn),
        "cumulative_probability_benefit": probability_benefit(added),
    }
    for part in PARTS:
        columns[f"effect_{part}_{YEARLY}"] = of.mean(potentials, cohort=cohort, part=part)
    return pd.DataFrame(columns, index=of.years)
