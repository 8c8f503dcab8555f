"""Settings, measures and scenarios for tests of the impact of restoration."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from sinks.carbon.terms import density_parameters, flux_parameters
from sinks.gases.potentials import WarmingPotentials
from sinks.parameters.densities import carbon_densities
from sinks.parameters.forest import forest_factors
from sinks.parameters.gases import factors, flux_rates, land_uses
from sinks.parameters.restoration import restoration_factors
from sinks.restoration.impact.effects import Effect, effect
from sinks.restoration.impact.scenario import AS_IS, Baseline, Measure, Scenario
from sinks.restoration.impact.setting import Setting, with_parameters, with_restoration
from sinks.uncertainty.draws import Draws, draw
from sinks.workflow.stands import growth_parameters

AR5 = WarmingPotentials(name="AR5", ch4=28, n2o=265, years=100)
AR6_20 = WarmingPotentials(name="AR6_20", ch4=81.2, n2o=273, years=20)
AS_THEY_ARE = Baseline(id=AS_IS)
YEARS = (2020, 2060)
C = 44 / 12


@cache
def made_draws() -> Draws:
    balance = pd.concat([density_parameters(carbon_densities()), flux_parameters(flux_rates()[0])])
    drawn = draw(balance, seed=20260101, count=1000)
    drawn = with_parameters(drawn, growth_parameters(forest_factors()))
    return with_restoration(drawn, restoration_factors(), factors("wetland_soils"), longest=41)


def made_uses() -> pd.Series:
    pairs = list(land_uses().default_by_class.items())
    index = pd.MultiIndex.from_tuples(pairs, names=["land_cover", "use"])
    return pd.Series(1.0, index=index, name="share")


def made_setting(**told: object) -> Setting:
    usual = {
        "densities": carbon_densities(),
        "rates": flux_rates()[0],
        "uses": made_uses(),
        "forest": forest_factors(),
        "factors": restoration_factors(),
        "wetland_soils": factors("wetland_soils"),
        "draws": made_draws(),
        "years": YEARS,
    }
    return Setting(**{**usual, **told})


def made_measure(**told: object) -> Measure:
    """A pond of 10 ha that becomes marsh in 2026, unless told otherwise."""
    usual = {"id": "a", "year": 2026, "before": "PND", "after": "MAR", "area_ha": 10.0}
    return Measure(**{**usual, **told})


def made_effect(
    *measures: Measure, baseline: Baseline = AS_THEY_ARE, setting: Setting | None = None
) -> Effect:
    scenario = Scenario(id="made", measures=measures)
    return effect(scenario, baseline, setting or made_setting())


def drawn(of: Effect, potentials: WarmingPotentials = AR5) -> np.ndarray:
    return of.drawn(potentials)


def place(year: int) -> int:
    return year - YEARS[0]
