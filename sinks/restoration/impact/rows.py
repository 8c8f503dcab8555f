"""The effect of measures as rows: a coefficient for each year, times one parameter or two.

    effect of a year = (net sink WITH the measure) - (net sink WITHOUT it)

Positive is a benefit. WITHOUT, the uses before go on with all their gases. WITH, those after
take their place: growth, burial and nitrous oxide at once, methane over some years. On top of
that vegetation before is lost in the year of conversion, that of the class after is built up,
and soil goes from one equilibrium to the other (:mod:`sinks.carbon.conversion`). What is the
same before and after makes no row, so that a measure that changes nothing changes nothing.

Woody land grows by the rate of its use, or by the curve of its species group: trees planted at
the end of a year first grow in the next, are cut at their rotation and planted again
(:mod:`sinks.forest.trajectory`); the litter of planted stands is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sinks.carbon.conversion import SOIL_CHANGE
from sinks.errors import InputRefused
from sinks.forest.factors import ForestFactors
from sinks.forest.schedule import curves_of
from sinks.forest.trajectory import TRAJECTORY, cohort_flows
from sinks.gases.rates import FLOW_GAS, FLOWS, TAKES_UP
from sinks.restoration.impact.courses import Cohort
from sinks.restoration.impact.scenario import Baseline, Measure, Scenario
from sinks.restoration.impact.setting import (
    OVERSHOOT,
    Setting,
    approach_key,
    require_drawn,
    rewetted_key,
)
from sinks.uncertainty.laws import Floats

PARTS = ("biomass", "soil", "ch4", "n2o")
KEYS = ("cohort", "part", "gas", "parameter", "times")
_PART = {"biomass_gain": "biomass", "biomass_loss": "biomass", "soil_gain": "soil"}
_NEVER = 10**6  # years beyond those of any table


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a cohort: ``per_year`` in tC or kg of gas, per unit of its parameters."""

    part: str
    gas: str
    parameter: str
    times: str
    per_year: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class EffectRows:
    """Rows of a scenario: ``keys`` has the columns of :data:`KEYS`.

    ``per_year`` has a row for each of them and a column for each of ``years``, in tC or kg of
    gas per unit of ``parameter`` (and of ``times``, empty where there is none); positive is
    taken out of the air, or not given to it.
    """

    keys: pd.DataFrame
    per_year: Floats
    years: tuple[int, ...]


def effect_rows(scenario: Scenario, baseline: Baseline, setting: Setting) -> EffectRows:
    """Return what the measures of a scenario change against a baseline, as rows.

    Raises
    ------
    InputRefused
        ``N73`` for a species group that has no curve of growth, ``N75`` for one planted where
        the baseline has its class already, ``N74`` for a year outside those of the table,
        ``D01`` or ``Y04`` for a class or a use that is not known.
    InvariantViolated
        ``I40`` if a parameter is not drawn.
    """
    _require_years(scenario, setting)
    rows = [
        (measure.id, row)
        for measure in scenario.measures
        for row in _measure_rows(measure, baseline, setting)
        if row.per_year.any()
    ]
    keys = [(cohort, row.part, row.gas, row.parameter, row.times) for cohort, row in rows]
    frame = pd.DataFrame(keys, columns=list(KEYS), dtype=object)
    used = pd.Index(frame["parameter"]).union(pd.Index(frame["times"])).difference([""])
    require_drawn(setting.draws, used)
    per_year = np.array([row.per_year for _, row in rows]).reshape(len(rows), len(setting.span))
    return EffectRows(keys=frame, per_year=per_year, years=tuple(map(int, setting.span)))


def _measure_rows(measure: Measure, baseline: Baseline, setting: Setting) -> Iterator[Row]:
    land_cover, told = baseline.land(measure)
    setting.densities.require([land_cover, measure.after])
    uses = (
        setting.shares(land_cover, told),
        setting.shares(measure.after, measure.uses_after),
    )
    setting.rates.require({*uses[0], *uses[1]})
    if land_cover == measure.after and uses[0] == uses[1] and not measure.planted:
        return
    cohort = Cohort(
        years=setting.span,
        since=measure.year,
        ends=int(setting.span[-1]) + _NEVER
        if measure.reenclosed_in is None
        else measure.reenclosed_in,
    )
    yield from _flux_rows(measure, uses, cohort, setting)
    if land_cover != measure.after:
        yield from _conversion_rows(measure, land_cover, uses, cohort, setting)
    if measure.rewetted:
        yield from _rewetted_rows(measure, cohort, setting)
    if measure.group is not None:
        yield _planted_row(measure, land_cover, cohort, setting)


def _flux_rows(
    measure: Measure,
    uses: tuple[dict[str, float], dict[str, float]],
    cohort: Cohort,
    setting: Setting,
) -> Iterator[Row]:
    """Yield what uses exchange more or less, and what of those that end goes on elsewhere."""
    before, after = uses
    replaced = {
        *(("biomass_gain", "biomass_loss") if measure.planted else ()),
        *(("soil_gain",) if measure.rewetted else ()),
    }
    for use in dict.fromkeys([*before, *after]):
        starts = after.get(use, 0.0) - before.get(use, 0.0)
        for flow in FLOWS:
            sign = 1.0 if flow in TAKES_UP else -1.0
            with_it = 0.0 if flow in replaced else after.get(use, 0.0)
            more = sign * measure.area_ha * (with_it - before.get(use, 0.0))
            for times, course in _flux_courses(use, flow, cohort, setting, starts=starts > 0):
                yield _flux_row(use, flow, times, more * course)
            leaked = sign * measure.area_ha * max(-starts, 0.0) * setting.leakage.of(use)
            yield _flux_row(use, flow, "", leaked * cohort.stands)


def _flux_courses(
    use: str, flow: str, cohort: Cohort, setting: Setting, *, starts: bool
) -> Iterator[tuple[str, Floats]]:
    """Yield the course of a flux; methane that starts overshoots until it has settled."""
    if flow != "ch4":
        yield "", cohort.stands
        return
    level = cohort.level(setting.methane_years)
    if not (starts and use in setting.overshooting):
        yield "", level
        return
    early = cohort.early(setting.methane_years)
    yield OVERSHOOT, level * early
    yield "", level * (1.0 - early)


def _flux_row(use: str, flow: str, times: str, per_year: Floats) -> Row:
    gas = FLOW_GAS[flow]
    return Row(_PART.get(flow, gas), gas, f"flux/{use}/{flow}", times, per_year)


def _conversion_rows(
    measure: Measure,
    land_cover: str,
    uses: tuple[dict[str, float], dict[str, float]],
    cohort: Cohort,
    setting: Setting,
) -> Iterator[Row]:
    """Yield what is lost and built up where one class becomes another."""
    growing = setting.growing(land_cover, uses[0]) | setting.growing(measure.after, uses[1])
    both_grow = {land_cover, measure.after} <= growing
    for process, parameter, per_ha in setting.conversion(land_cover, measure.after, growing):
        tc = measure.area_ha * per_ha
        if process == SOIL_CHANGE:
            share = 0.0 if measure.rewetted else 1.0
            yield _carbon("soil", parameter, "", share * tc * cohort.soil(setting.soil_years))
        elif both_grow and not measure.planted:  # woody land that changes its kind
            yield _carbon("biomass", parameter, "", tc * (cohort.in_first - cohort.in_end))
        elif tc < 0:
            yield from _lost_rows(parameter, tc, cohort, regrows=land_cover not in growing)
        elif not measure.planted:
            for age, course in cohort.built_up():
                yield _carbon("biomass", parameter, approach_key(age), tc * course)


def _lost_rows(parameter: str, tc: float, cohort: Cohort, *, regrows: bool) -> Iterator[Row]:
    """Yield vegetation that is lost; woody land regrows by the rate of its use, if at all."""
    yield _carbon("biomass", parameter, "", tc * cohort.in_first)
    if regrows:
        for age, course in cohort.regrown():
            yield _carbon("biomass", parameter, approach_key(age), -tc * course)


def _rewetted_rows(measure: Measure, cohort: Cohort, setting: Setting) -> Iterator[Row]:
    """Yield what rewetted soil gains; enclosed again it loses as much, over as many years."""
    years = setting.soil_years
    for step in (1, 2):
        gains = cohort.stands * ((cohort.age - 1) // years == step - 1)
        stood = np.clip(cohort.ends - cohort.since - (step - 1) * years, 0, years)
        course = gains - stood * cohort.going_back(years)
        yield _carbon("soil", rewetted_key(step), "", measure.area_ha * course)


def _planted_row(measure: Measure, land_cover: str, cohort: Cohort, setting: Setting) -> Row:
    """Return what trees gain, die off and are cut, by the curve of their species group."""
    factors = _with_rotation(measure, setting.forest)
    trees = pd.DataFrame(
        {
            "group": [measure.group],
            "age_years": [0.0],
            "area_ha": [measure.area_ha],
            "live_tc": [np.nan],
        }
    )
    known = list(factors.groups.index)
    if measure.group not in known or curves_of(trees["group"], factors)["limit"].isna().any():
        grow = [str(key) for key in known if factors.groups.loc[key, "growth"]]
        raise InputRefused.because("N73", place=measure.id, group=measure.group, known=grow)
    if land_cover == measure.after:
        raise InputRefused.because("N75", place=measure.id, land_cover=land_cover)
    later = int(cohort.years[-1]) - measure.year
    flows = cohort_flows(trees, factors, years=later)
    closing = np.zeros(len(cohort.years))
    closing[len(closing) - later :] = flows[0, :, TRAJECTORY.index("closing_tc")]
    per_year = np.diff(closing * cohort.stands, prepend=0.0)
    return _carbon("biomass", f"growth/{measure.group}", "", per_year)


def _with_rotation(measure: Measure, factors: ForestFactors) -> ForestFactors:
    if measure.rotation_years is None:
        return factors
    rotations = factors.rotations.drop(measure.group, errors="ignore")
    if measure.rotation_years:
        rotations = pd.concat(
            [rotations, pd.Series({measure.group: float(measure.rotation_years)})]
        )
    return replace(factors, rotations=rotations)


def _carbon(part: str, parameter: str, times: str, per_year: Floats) -> Row:
    return Row(part, "co2", parameter, times, np.asarray(per_year, dtype=float))


def _require_years(scenario: Scenario, setting: Setting) -> None:
    first, last = setting.years
    outside = [
        f"{measure.id} {measure.year}"
        for measure in scenario.measures
        if not first <= measure.year <= last
    ]
    if outside:
        raise InputRefused.because(
            "N74", place=scenario.id, years=outside[:10], first=str(first), last=str(last)
        )
