"""Siting of a study: the best plan, others nearly as good, the front, and what survives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import InputRefused, located
from sinks.gases.potentials import WarmingPotentials
from sinks.restoration.impact.setting import Setting
from sinks.restoration.siting.conflicts import require_plan
from sinks.restoration.siting.demands import Aim, Demand, area, beside, budget, target
from sinks.restoration.siting.fronts import Front, Steps, front
from sinks.restoration.siting.plans import Plan, solve
from sinks.restoration.siting.portfolio import Portfolio, Search, portfolio
from sinks.restoration.siting.robustness import Robustness, Trials, robustness
from sinks.study import Study
from sinks.study_restoration import Siting
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.siting_units import CARBON, HABITAT, Candidates, candidates

M_PER_KM = 1000.0
_GAP = 0.01
_POINTS = 7
_LEAST = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class StudySiting:
    """Tables of siting by name, and the units that a plan takes, as polygons."""

    tables: Mapping[str, pd.DataFrame]
    layer: gpd.GeoDataFrame | None = None


def siting_tables(
    study: Study, basis: CarbonBasis, setting: Setting, potentials: WarmingPotentials
) -> StudySiting:
    """Find where the next hectares do most good; nothing if the study does not ask.

    Tables: ``siting`` (id), ``siting_demands`` (demand), ``siting_plans`` (plan),
    ``siting_front`` (point), ``siting_trials`` (draw), ``siting_units`` (unit) of all units
    that any plan takes.

    Raises
    ------
    InputRefused
        ``N83`` without a candidate, for what the study does not have, or a year too far;
        ``N50`` to ``N56`` as :mod:`sinks.restoration.siting`.
    """
    siting = study.siting
    if siting is None:
        return StudySiting(tables={})
    with located(file=study.file, place="siting"):
        _require_known(siting, basis, setting)
        found = candidates(study, siting, basis, setting, potentials)
        if found.units.table.empty:
            raise InputRefused.because("N83", found="0", known=", ".join(siting.before))
        aim, demands = _question(siting)
        best = solve(found.units, aim, demands, gap=_GAP)
        require_plan(best, found.units, aim, demands)
        others = portfolio(
            found.units,
            aim,
            demands,
            search=Search(plans=siting.plans, within=siting.within, seed=study.study.seed),
        )
        traced = front(found.units, _of_carbon(aim), HABITAT, demands, steps=Steps(points=_POINTS))
        tried = _tried(study, siting, found, aim, demands)
    return StudySiting(
        tables=_tables(siting, found, best, others, traced, tried),
        layer=_layer(found, best, others, tried),
    )


def _require_known(siting: Siting, basis: CarbonBasis, setting: Setting) -> None:
    strange = sorted({*siting.before, siting.after} - set(map(str, basis.classes)))
    years = setting.years
    if not years[0] <= siting.year <= siting.horizon <= years[1]:
        strange.append(f"{siting.year}, {siting.horizon}")
    layers = [str(role) for role in basis.inputs.layers]
    if "locked_out" in siting.model_fields_set:
        strange += [f"layers.{role}" for role in siting.locked_out if role not in layers]
    if strange:
        known = [*map(str, basis.classes), f"{years[0]}-{years[1]}"]
        known += [f"layers.{role}" for role in layers]
        raise InputRefused.because("N83", found=strange, known=known)


def _question(siting: Siting) -> tuple[Aim, list[Demand]]:
    """Return what is optimised and what must be kept."""
    demands = []
    if siting.budget_yuan is not None:
        demands.append(budget(siting.budget_yuan, name="budget_yuan"))
    if siting.area_ha is not None:
        sense = (
            "at_most" if siting.budget_yuan is None and siting.target_tco2e is None else "at_least"
        )
        demands.append(area(siting.area_ha, sense, name="area_ha"))  # type: ignore[arg-type]
    if siting.target_tco2e is not None:
        demands.append(target(CARBON, siting.target_tco2e, name="target_tco2e"))
    demands += [
        area(least, zone=zone, name=f"least_ha {zone}") for zone, least in siting.least_ha.items()
    ]
    if siting.beside_wetland is not None:
        demands.append(beside(siting.beside_wetland, name="beside_wetland"))
    cheapest = siting.target_tco2e is not None and siting.budget_yuan is None
    weights = {CARBON: 1.0, HABITAT: siting.habitat_tco2e_per_ha}
    penalty = siting.compact_tco2e_per_km / M_PER_KM
    return Aim(maximise=None if cheapest else weights, penalty_per_m=penalty), demands


def _of_carbon(aim: Aim) -> Aim:
    """Return the aim of the front: carbon alone against habitat."""
    return Aim(maximise={CARBON: 1.0}, penalty_per_m=aim.penalty_per_m)


def _tried(
    study: Study, siting: Siting, found: Candidates, aim: Aim, demands: Sequence[Demand]
) -> Robustness | None:
    if not siting.trials:
        return None
    trials = Trials(count=siting.trials, seed=study.study.seed, gap=_GAP)
    return robustness(found.units, aim, demands, {CARBON: found.carbon}, trials=trials)


def _tables(
    siting: Siting,
    found: Candidates,
    best: Plan,
    others: Portfolio,
    traced: Front,
    tried: Robustness | None,
) -> dict[str, pd.DataFrame]:
    mean, low, high = _carbon(found, best.shares.to_numpy(dtype=float))
    one = {
        "name_zh": siting.name_zh,
        "name_en": siting.name_en,
        "candidates": int((found.units.table["locked"] != "out").sum()),
        "status": best.status,
        "gap_pct": 100 * best.gap,
        "chosen": len(best.chosen),
        "area_ha": float(best.totals["area_ha"]),
        "cost_yuan": float(best.totals["cost_yuan"]),
        "carbon_tco2e": mean,
        "carbon_low_tco2e": low,
        "carbon_high_tco2e": high,
        "habitat_ha": float(best.totals[HABITAT]),
        "boundary_km": float(best.totals["boundary_m"]) / M_PER_KM,
        "year": siting.year,
        "horizon": siting.horizon,
    }
    made = {
        "siting": pd.DataFrame(one, index=pd.Index([siting.id], name="siting")),
        "siting_demands": best.demands,
        "siting_plans": others.plans,
        "siting_front": traced.points,
        "siting_units": _units(found, best, others, tried),
    }
    if tried is not None:
        made["siting_trials"] = tried.draws
    return made


def _carbon(found: Candidates, shares: np.ndarray) -> tuple[float, float, float]:
    """Return the benefit of a plan with its interval, in tCO2e."""
    drawn = shares @ found.carbon
    low, high = np.quantile(drawn[1:], [0.025, 0.975])
    return float(drawn[0]), float(low), float(high)


def _units(
    found: Candidates, best: Plan, others: Portfolio, tried: Robustness | None
) -> pd.DataFrame:
    """Return the units that any plan takes, those of the best first."""
    table = found.units.table
    chosen = best.shares.reindex(table.index).to_numpy(dtype=float) > _LEAST
    columns = ["zone", "area_ha", "cost_yuan", CARBON, HABITAT, "beside_wetland"]
    frame = table[columns].assign(
        chosen=chosen,
        frequency=others.frequency.reindex(table.index).to_numpy(),
        robust=np.nan if tried is None else tried.frequency.reindex(table.index).to_numpy(),
    )
    kept = frame["chosen"] | (frame["frequency"] > 0) | (frame["robust"] > 0)
    return frame[kept].sort_values(["chosen", "frequency"], ascending=False, kind="stable")


def _layer(
    found: Candidates, best: Plan, others: Portfolio, tried: Robustness | None
) -> gpd.GeoDataFrame:
    """Return the units that any plan takes, as polygons."""
    frame = found.outlines.set_index("unit")
    taken = others.frequency.reindex(frame.index)
    robust = taken * 0.0 if tried is None else tried.frequency.reindex(frame.index)
    kept = (taken > 0) | (robust > 0)
    chosen = best.shares.reindex(frame.index) > _LEAST
    layer = frame[kept].assign(
        chosen=chosen[kept].astype(int), frequency=taken[kept], robust=robust[kept]
    )
    named = layer.reset_index()
    often = [f"{100 * share:.0f} %" for share in named["frequency"]]
    zh = [f"{unit}，{share} 的方案选中" for unit, share in zip(named["unit"], often, strict=True)]
    en = [f"{unit}, in {share} of plans" for unit, share in zip(named["unit"], often, strict=True)]
    return gpd.GeoDataFrame(named.assign(name_zh=zh, name_en=en))
