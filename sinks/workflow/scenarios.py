"""The scenarios and baselines of a study: measures it tells, and projects of its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from sinks.errors import InputRefused, located
from sinks.gases.rates import FluxRates
from sinks.parameters.forest import forest_factors
from sinks.parameters.labels import labels
from sinks.parameters.restoration import baselines
from sinks.restoration.impact.scenario import Baseline, Measure, Scenario
from sinks.study import Study
from sinks.study_restoration import ScenarioMeasure, ScenarioSource


def study_scenarios(
    study: Study, ledger: pd.DataFrame, classes: pd.Index, rates: FluxRates
) -> tuple[Scenario, ...]:
    """Return the scenarios of a study.

    Parameters
    ----------
    ledger
        The result table ``ledger``; empty without one.

    Raises
    ------
    InputRefused
        ``N80`` for a class, use or species group that is not known, ``N81`` for a scenario of
        the ledger where there is none, or no project in the states that are asked for; as
        :class:`Measure` and :class:`Scenario`.
    """
    made = []
    for source in study.scenarios:
        with located(file=study.file, place=f"scenarios.{source.id}"):
            measures = (*_of_ledger(source, ledger), *_told(source))
            if not measures:
                raise InputRefused.because("N81")
            _require_known(measures, classes, rates)
            made.append(Scenario(id=source.id, measures=measures))
    return tuple(made)


def _told(source: ScenarioSource) -> Iterator[Measure]:
    """Yield a measure for every year in which a part of it is done."""
    for told in source.measures:
        part_ha = told.area_ha / len(told.years)
        for year in told.years:
            yield _measure(told, year, part_ha)


def _measure(told: ScenarioMeasure, year: int, area_ha: float) -> Measure:
    per_ha = told.cost_yuan_per_ha
    return Measure(
        id=told.id if len(told.years) == 1 else f"{told.id}_{year}",
        year=year,
        before=told.before,
        after=told.after,
        area_ha=area_ha,
        uses_before=told.uses_before,
        uses_after=told.uses_after,
        type=told.type,
        group=told.species_group,
        rotation_years=told.rotation_years,
        rewetted=told.rewetted,
        reenclosed_in=told.reenclosed_in,
        cost_yuan=None if per_ha is None else per_ha * area_ha,
    )


def _of_ledger(source: ScenarioSource, ledger: pd.DataFrame) -> Iterator[Measure]:
    """Yield the projects of the ledger in the states that a scenario asks for."""
    if not source.ledger:
        return
    if ledger.empty:
        raise InputRefused.because("N81")
    rows = ledger[ledger["status"].isin(source.ledger)].reset_index()
    for row in rows.to_dict("records"):
        accepted = str(row["accepted_on"])[:4]
        yield Measure(
            id=str(row["project"]),
            year=int(accepted) if accepted.isdigit() else int(row["year"]),
            before=str(row["pre_class"]),
            after=str(row["post_class"]),
            area_ha=float(row["area_ha"]),
            type=str(row["type"]),
        )


def _require_known(measures: Sequence[Measure], classes: pd.Index, rates: FluxRates) -> None:
    uses, groups = set(rates.frame.index.unique("use")), set(forest_factors().groups.index)
    strange: set[str] = set()
    for measure in measures:
        strange |= {measure.before, measure.after} - set(classes)
        strange |= {*measure.uses_before, *measure.uses_after} - uses
        strange |= {measure.group or ""} - {"", *groups}
    if strange:
        facts = {"unknown": sorted(strange)[:10], "classes": list(classes)}
        raise InputRefused.because("N80", groups=sorted(groups), **facts)


def study_baselines(
    study: Study, classes: pd.Index, rates: FluxRates
) -> tuple[tuple[Baseline, ...], pd.DataFrame]:
    """Return the baselines that are told side by side, and their names by id.

    Those that ship come first (as the land is; as enclosure, crab pond, paddy), then those of
    the study, which may take the place of one that ships.

    Raises
    ------
    InputRefused
        ``N80`` for a class or use that is not known; ``N70`` for shares that do not add up.
    """
    found, names = dict(baselines()), {}
    for key in found:
        names[key] = labels("baseline")[key]
    for source in study.baselines:
        with located(file=study.file, place=f"baselines.{source.id}"):
            strange = {*source.classes, *source.classes.values(), *source.uses} - set(classes)
            told = {use for shares in source.uses.values() for use in shares}
            strange |= told - set(rates.frame.index.unique("use"))
            if strange:
                facts = {"unknown": sorted(strange)[:10], "classes": list(classes)}
                raise InputRefused.because("N80", groups="—", **facts)
            found[source.id] = Baseline(id=source.id, classes=source.classes, uses=source.uses)
        names[source.id] = (source.name_zh, source.name_en)
    table = pd.DataFrame.from_dict(names, orient="index", columns=["name_zh", "name_en"])
    return tuple(found.values()), table.rename_axis("baseline")
