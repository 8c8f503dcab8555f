"""Restoration of a study: what its scenarios change, against every baseline and year by year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding, located
from sinks.gases.potentials import WarmingPotentials
from sinks.parameters.forest import forest_factors
from sinks.parameters.gases import factors, potential_sets, warming_potentials
from sinks.parameters.restoration import horizon_years, restoration_factors
from sinks.restoration.impact.effects import effect, effect_cohorts, effect_years
from sinks.restoration.impact.horizons import beside, spread
from sinks.restoration.impact.scenario import AS_IS, Baseline, Leakage, Scenario
from sinks.restoration.impact.setting import Setting, with_parameters, with_restoration
from sinks.study import Study
from sinks.workflow.accounts import AccountBasis
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.scenario_effects import scenario_effects
from sinks.workflow.scenarios import study_baselines, study_scenarios
from sinks.workflow.siting import siting_tables
from sinks.workflow.stands import growth_parameters


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyRestoration:
    """Tables of scenarios and siting by name, polygons of units, and what was noted."""

    tables: Mapping[str, pd.DataFrame]
    units: gpd.GeoDataFrame | None = None
    findings: tuple[Finding, ...] = ()


def restoration_tables(
    study: Study,
    basis: CarbonBasis,
    accounts: AccountBasis | None,
    tables: Mapping[str, pd.DataFrame],
) -> StudyRestoration:
    """Work out what the scenarios of a study change; nothing without any.

    Tables: ``scenarios``, ``scenario_measures``, ``baselines``, ``scenario_years`` (scenario,
    baseline, year) under the set of potentials that the study chose, ``scenario_cohorts``
    against the land as it is, ``scenario_horizons`` under every set, ``scenario_spread`` and
    ``scenario_effects``.

    Raises
    ------
    InputRefused
        ``N70`` and following about measures, baselines and leakage; ``N76`` for more land than
        there is.
    """
    if not study.scenarios and study.siting is None:
        return StudyRestoration(tables={})
    ledger = tables.get("ledger", pd.DataFrame())
    scenarios = study_scenarios(study, ledger, basis.classes, basis.rates)
    told, names = study_baselines(study, basis.classes, basis.rates)
    setting = _setting(study, basis, scenarios)
    chosen = warming_potentials(study.balance.potentials)
    sited = siting_tables(study, basis, setting, chosen)
    if not scenarios:
        return StudyRestoration(tables=sited.tables, units=sited.layer)
    sets = [chosen, *(warming_potentials(n) for n in potential_sets() if n != chosen.name)]
    with located(file=study.file):
        horizons = _horizons(scenarios, told, setting, sets)
        made = {
            "scenarios": _scenarios(study, scenarios),
            "scenario_measures": _measures(scenarios),
            "baselines": names,
            "scenario_years": _years(scenarios, told, setting, chosen),
            "scenario_cohorts": _cohorts(scenarios, told, setting, chosen),
            "scenario_horizons": horizons,
            "scenario_spread": _of_each(
                {
                    s.id: spread(pd.DataFrame(horizons.xs(s.id, level="scenario")))
                    for s in scenarios
                }
            ),
            "scenario_effects": scenario_effects(
                study, basis, accounts, scenarios, tables, horizons
            ),
        }
    return StudyRestoration(tables={**made, **sited.tables}, units=sited.layer)


def _setting(study: Study, basis: CarbonBasis, scenarios: Sequence[Scenario]) -> Setting:
    """Return parameters and draws: those of the balance, and those of restoration."""
    told, soils = study.restoration, factors("wetland_soils")
    forest = forest_factors(
        wood=study.parameters.wood_factors,
        curves=study.parameters.growth_curves,
        densities=basis.inputs.densities,
    )
    years = [measure.year for scenario in scenarios for measure in scenario.measures]
    until = max(*horizon_years(), study.balance.until)
    first = min([until, *years, *([study.siting.year] if study.siting else [])])
    draws = with_parameters(basis.draws, growth_parameters(forest))
    return Setting(
        densities=basis.inputs.densities,
        rates=basis.rates,
        uses=basis.uses.everywhere,
        forest=forest,
        factors=restoration_factors(),
        wetland_soils=soils,
        draws=with_restoration(draws, restoration_factors(), soils, longest=until - first + 1),
        years=(first, until),
        overshoot=told.overshoot,
        leakage=Leakage(
            share=told.leakage_share, uses=frozenset(told.leakage_uses), note=told.leakage_note
        ),
    )


def _of_each(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, names=["scenario"])


def _horizons(
    scenarios: Iterable[Scenario],
    told: Sequence[Baseline],
    setting: Setting,
    sets: Sequence[WarmingPotentials],
) -> pd.DataFrame:
    years = horizon_years()
    return _of_each({s.id: beside(s, told, setting, sets=sets, years=years) for s in scenarios})


def _years(
    scenarios: Iterable[Scenario],
    told: Sequence[Baseline],
    setting: Setting,
    chosen: WarmingPotentials,
) -> pd.DataFrame:
    parts = {
        s.id: pd.concat(
            {b.id: effect_years(effect(s, b, setting), chosen) for b in told}, names=["baseline"]
        )
        for s in scenarios
    }
    return _of_each(parts)


def _cohorts(
    scenarios: Iterable[Scenario],
    told: Sequence[Baseline],
    setting: Setting,
    chosen: WarmingPotentials,
) -> pd.DataFrame:
    """Return what each year's measures bring, against the land as it is."""
    as_is = next(baseline for baseline in told if baseline.id == AS_IS)
    parts = {s.id: effect_cohorts(effect(s, as_is, setting), chosen) for s in scenarios}
    return _of_each(parts)


def _scenarios(study: Study, scenarios: Sequence[Scenario]) -> pd.DataFrame:
    named = {source.id: source for source in study.scenarios}
    rows = {
        s.id: {
            "name_zh": named[s.id].name_zh,
            "name_en": named[s.id].name_en,
            "measures": len(s.measures),
            "area_ha": s.area_ha,
            "first_year": min(m.year for m in s.measures),
            "last_year": max(m.year for m in s.measures),
        }
        for s in scenarios
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")


def _measures(scenarios: Sequence[Scenario]) -> pd.DataFrame:
    rows = [
        {
            "scenario": scenario.id,
            "measure": m.id,
            "year": m.year,
            "land_cover": m.before,
            "land_cover_after": m.after,
            "area_ha": m.area_ha,
            "uses_before": _shares(m.uses_before),
            "uses_after": _shares(m.uses_after),
            "cost_yuan": np.nan if m.cost_yuan is None else m.cost_yuan,
            "type": m.type,
            "group": m.group or "",
        }
        for scenario in scenarios
        for m in scenario.measures
    ]
    return pd.DataFrame(rows).set_index(["scenario", "measure"])


def _shares(shares: Mapping[str, float]) -> str:
    return "; ".join(f"{use} {100 * share:g} %" for use, share in shares.items())
