"""What effects are worked out from: parameters with their draws, and what is assumed.

Parameters are those of the balance, drawn once for both. Some worths are products of two
(the density of a marsh times how much of it has grown; methane times its overshoot), so that
a row names one parameter, or two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from sinks.carbon.conversion import conversion_terms
from sinks.carbon.densities import CarbonDensities
from sinks.carbon.terms import growing_classes
from sinks.errors import InvariantViolated
from sinks.forest.factors import ForestFactors
from sinks.gases.factors import Factors, Ranged
from sinks.gases.rates import RATE, FluxRates
from sinks.gases.wetland_soils import rewetted_rates
from sinks.restoration.impact.scenario import Leakage, Shares
from sinks.uncertainty.draws import Draws, draw, parameter_table
from sinks.units import CO2_PER_C

APPROACH = "restoration/vegetation_approach"
OVERSHOOT = "restoration/methane_overshoot"
COST = "cost_per_ha"
Conversion = tuple[tuple[str, str, float], ...]
_SUPPLEMENT_STEPS = (1, 2)  # of rewetted soil; after both it gains no more


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """Parameters, draws and assumptions of an effect.

    ``uses`` are the district's own: index ``(land_cover, use)``, shares that add up to 1 for
    each class. ``factors`` is the table ``restoration_factors``, ``wetland_soils`` that of
    rewetted soil. ``draws`` hold what :func:`with_restoration` adds. ``years``: the first
    and the last. ``overshoot``: whether methane overshoots while it settles.
    """

    densities: CarbonDensities
    rates: FluxRates
    uses: pd.Series
    forest: ForestFactors
    factors: Factors
    wetland_soils: Factors
    draws: Draws
    years: tuple[int, int]
    overshoot: bool = False
    leakage: Leakage = field(default_factory=Leakage)
    _conversions: dict[tuple[object, ...], Conversion] = field(default_factory=dict, init=False)

    @property
    def span(self) -> np.ndarray:
        """Every year from the first to the last."""
        return np.arange(self.years[0], self.years[1] + 1)

    @property
    def soil_years(self) -> int:
        """Years from one equilibrium of soil carbon to the other."""
        return int(self.wetland_soils.get("transition", "default").middle)

    @property
    def methane_years(self) -> int:
        """Years that methane takes to settle."""
        return int(self.factors.get("methane_transition", "default").middle)

    @cached_property
    def overshooting(self) -> frozenset[str]:
        """Uses whose methane overshoots while it settles: those that give off any."""
        methane = self.rates.frame[RATE].xs("ch4", level="flow")
        return frozenset(methane.index[methane > 0]) if self.overshoot else frozenset()

    def shares(self, land_cover: str, told: Shares) -> dict[str, float]:
        """Return the uses of a class: those told, or the district's own."""
        if told:
            return {use: float(share) for use, share in told.items() if share}
        own = self.uses.xs(land_cover, level="land_cover")
        return {str(use): float(share) for use, share in own.items() if share}

    def growing(self, land_cover: str, uses: Shares) -> frozenset[str]:
        """Return the class if its biomass builds up under one of its uses: growth above losses."""
        grown = any(use in self._growing_uses for use in uses)
        return frozenset({land_cover}) if grown else frozenset()

    @cached_property
    def _growing_uses(self) -> frozenset[str]:
        uses = sorted(self.rates.uses)
        each = pd.MultiIndex.from_arrays([uses, uses], names=["land_cover", "use"])
        return growing_classes(pd.Series(1.0, index=each), self.rates)

    def conversion(self, before: str, after: str, growing: frozenset[str]) -> Conversion:
        """Return the rows of the balance for a hectare that is converted.

        Returns
        -------
        tuple
            Process, parameter, and tC per hectare and unit of it, for each row.
        """
        key = (before, after, growing)
        if key not in self._conversions:
            index = pd.MultiIndex.from_tuples(
                [("", before, after)], names=["zone", "land_cover", "land_cover_after"]
            )
            one_ha = pd.DataFrame({"area_ha": [1.0]}, index=index)
            terms = conversion_terms(one_ha, self.densities, growing)
            tc = terms["net_per_unit"] / CO2_PER_C
            self._conversions[key] = tuple(
                zip(terms["process"], terms["parameter"], tc, strict=True)
            )
        return self._conversions[key]

    def cost_level(self, type_: str, before: str) -> str | None:
        """Return the level of the cost that fits a measure best; nothing if none does."""
        known = self.factors.levels(COST)
        return next((level for level in (f"{type_}_{before}", type_) if level in known), None)


def with_parameters(draws: Draws, parameters: pd.DataFrame) -> Draws:
    """Add parameters that are not drawn yet, by the seed of the draws.

    What a parameter is drawn as follows from seed and stream alone, so that it is the same
    as if all had been drawn at once.
    """
    new = parameters[~parameters.index.isin(draws.parameters.index)]
    if new.empty:
        return draws
    added = draw(new, seed=draws.seed, count=draws.count)
    return _joined(draws, added.parameters, added.drawn)


def with_restoration(
    draws: Draws, factors: Factors, wetland_soils: Factors, *, longest: int
) -> Draws:
    """Add the parameters of restoration to those of a balance.

    Parameters
    ----------
    factors
        The table ``restoration_factors``.
    longest
        Years over which vegetation is followed.

    Returns
    -------
    Draws
        With ``restoration/vegetation_approach`` (1/a) and its shares by year
        (:func:`approach_key`), ``restoration/methane_overshoot``, the gains of rewetted soil
        (:func:`rewetted_key`, tC/ha/a) and costs (:func:`cost_key`, yuan/ha).
    """
    rows = [
        (APPROACH, factors.get("vegetation_approach", "default")),
        (OVERSHOOT, factors.get("methane_overshoot", "default")),
        *((cost_key(level), factors.get(COST, level)) for level in factors.levels(COST)),
        *((rewetted_key(step), _gain(step, wetland_soils)) for step in _SUPPLEMENT_STEPS),
    ]
    table = parameter_table([(key, of.middle, of.low, of.high) for key, of in rows])
    costs = table.index.str.startswith(cost_key(""))
    # prices of one place and time rise together
    table.loc[costs, "stream"] = cost_key("")
    return _with_approach(with_parameters(draws, table), longest)


def approach_key(age: int) -> str:
    """Return the key of the share of vegetation that is built up in a year, the first being 1."""
    return f"{APPROACH}/{age}"


def rewetted_key(step: int) -> str:
    """Return the key of the gain of rewetted soil: years 1 to 20 are step 1."""
    return f"restoration/rewetted_soil/{step}"


def cost_key(level: str) -> str:
    """Return the key of a cost per hectare."""
    return f"restoration/cost/{level}"


def require_drawn(draws: Draws, keys: pd.Index) -> None:
    """Refuse rows that take a parameter which is not drawn.

    Raises
    ------
    InvariantViolated
        ``I40``.
    """
    missing = sorted(set(keys) - set(draws.parameters.index))
    if missing:
        raise InvariantViolated.because("I40", faults=missing[:10])


def _gain(step: int, wetland_soils: Factors) -> Ranged:
    years = int(wetland_soils.get("transition", "default").middle)
    gain, _ = rewetted_rates(0, (step - 1) * years, wetland_soils)
    return Ranged(
        middle=gain.rate_per_ha_per_year,
        low=gain.rate_low_per_ha_per_year,
        high=gain.rate_high_per_ha_per_year,
    )


def _with_approach(draws: Draws, longest: int) -> Draws:
    """Add the shares of vegetation that each year brings: they follow from the rate.

    Their means are those at the mean rate, so that a figure can be checked by hand; the mean of
    the draws lies a little beside it, because growth is no line in its rate.
    """
    place = draws.parameters.index.get_indexer(pd.Index([APPROACH]))
    ends = draws.parameters[["value", "low", "high"]].to_numpy(dtype=float)[place[0]]
    keys = [approach_key(age) for age in range(1, longest + 1)]
    since, until = np.arange(longest)[:, None], np.arange(1, longest + 1)[:, None]

    def gained(rate: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(-rate * since) - np.exp(-rate * until))

    at = gained(ends[np.newaxis])
    parameters = pd.DataFrame(
        {"value": at[:, 0], "low": at.min(axis=1), "high": at.max(axis=1), "stream": APPROACH},
        index=pd.Index(keys, name="parameter"),
    )
    kept = ~pd.Index(keys).isin(draws.parameters.index)
    return _joined(draws, parameters[kept], gained(draws.drawn[place])[kept])


def _joined(draws: Draws, parameters: pd.DataFrame, drawn: np.ndarray) -> Draws:
    return Draws(
        parameters=pd.concat([draws.parameters, parameters]),
        drawn=np.vstack([draws.drawn, drawn]),
        seed=draws.seed,
    )
