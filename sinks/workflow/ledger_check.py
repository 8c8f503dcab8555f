"""``sinks ledger check``: everything that is wrong or open in a ledger, and what it comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from sinks.errors import Finding, InputRefused, Language, located, printable
from sinks.indicators.ledger import LedgerRules, ledger
from sinks.indicators.ledger_checks import ledger_findings
from sinks.indicators.ledger_progress import progress
from sinks.parameters.labels import label
from sinks.parameters.ledger import ledger_rules
from sinks.sources.vectors import Layer, read_layer
from sinks.study import Limits, Study
from sinks.study_layers import ProjectSource
from sinks.study_plan import Plan
from sinks.units import HA_PER_MU
from sinks.workflow.inputs import layer_options, read_district
from sinks.workflow.plan_rows import in_file
from sinks.workflow.projects import PLACE, ledger_fields, missing_fields, study_ledger_rules

FIELDS = {
    "id": "id",
    "name": "name",
    "type": "type",
    "pre_class": "pre_class",
    "post_class": "post_class",
    "year": "year",
    "status": "status",
    "accepted": "accept_date",
    "document": "doc_no",
}
Unit = Literal["ha", "mu", "m2"]
_PARTS = (*FIELDS, "area")


@dataclass(frozen=True, kw_only=True, eq=False)
class LedgerCheck:
    """What was found: ``progress`` has index ``(kind, year)``, empty if the ledger is refused."""

    file: Path
    projects: int
    findings: tuple[Finding, ...]
    progress: pd.DataFrame

    @property
    def refused(self) -> bool:
        """Whether a run would refuse the ledger."""
        return any(finding.stops for finding in self.findings)

    def lines(self, language: Language = "zh") -> list[str]:
        """Say it for people."""
        told = {"file": printable(self.file.name), "projects": self.projects}
        head = label("ledger.head", language).format(**told)
        said = [line for finding in self.findings for line in finding.lines(language)]
        return [head, *said, *self._years(language), self._verdict(language)]

    def _years(self, language: Language) -> Iterator[str]:
        for row in self.progress.reset_index().to_dict("records"):
            yield label("ledger.year", language).format(
                measure=label(f"measure.{row['kind']}", language),
                year=row["year"],
                projects=row["projects"],
                area_ha=row["area_ha"],
                area_mu=row["area_ha"] / HA_PER_MU,
                cumulative_ha=row["cumulative_ha"],
                cumulative_mu=row["cumulative_ha"] / HA_PER_MU,
            )

    def _verdict(self, language: Language) -> str:
        stops = sum(finding.stops for finding in self.findings)
        key = "ledger.refused" if stops else "ledger.fit"
        others = len(self.findings) - stops
        return label(key, language).format(stops=stops, others=others)


def check_ledger(
    layer: Path | None,
    *,
    study: Path | None = None,
    fields: Sequence[str] = (),
    area_unit: Unit = "ha",
    crs: str | None = None,
) -> LedgerCheck:
    """Check a layer of projects by itself, or as a study describes it.

    Parameters
    ----------
    layer
        The layer; with a study it may be left out.
    study
        Tells the fields, the district, and the years of its plan.
    fields
        Without a study: ``part=column`` for every column that is not called as in
        :data:`FIELDS`; ``area=column`` for stated areas in ``area_unit``.

    Raises
    ------
    InputRefused
        ``F61`` for what is no ``part=column``, ``F62`` if no layer is told, or a study tells too
        little of it; as
        studies and layers refuse. What is wrong with the ledger is in the findings.
    """
    if study is None:
        if layer is None:
            raise InputRefused.because("F62", missing=["LAYER"])
        source = _source(layer, fields, area_unit, crs)
        plan = Plan()
        rules = ledger_rules((plan.first_year, plan.until), until=date.today())
        return _checked(source, _read(source, Limits()), rules)
    told = Study.read(study)
    of_study = told.layers.projects
    missing = [PLACE] if of_study is None else missing_fields(of_study)
    if of_study is None or missing:
        raise InputRefused.because("F62", file=study, place=PLACE, missing=missing)
    source = of_study if layer is None else of_study.model_copy(update={"path": layer})
    district = read_district(told).frame
    return _checked(source, _read(source, told.limits), study_ledger_rules(told), district)


def _checked(
    source: ProjectSource,
    layer: Layer,
    rules: LedgerRules,
    district: gpd.GeoDataFrame | None = None,
) -> LedgerCheck:
    """Check a ledger, and say what was noted of its layer too."""
    check = checked_ledger(source, layer, rules, district)
    noted = in_file(layer.findings, layer.file, PLACE)
    return replace(check, findings=(*noted, *check.findings))


def checked_ledger(
    source: ProjectSource,
    layer: Layer,
    rules: LedgerRules,
    district: gpd.GeoDataFrame | None = None,
) -> LedgerCheck:
    """Check projects that were read; their place only where the district is known."""
    fields = ledger_fields(source)
    found = ledger_findings(layer.frame, fields, rules, district=district, file=layer.file)
    projects = ledger(layer.frame, fields, rules)
    counted = projects.iloc[:0] if any(f.stops for f in found) else projects
    done = progress(counted, until=rules.until.year, since=rules.years[0])
    return LedgerCheck(
        file=source.path,
        projects=len(projects),
        findings=in_file(found, layer.file, PLACE),
        progress=done,
    )


def _source(layer: Path, fields: Sequence[str], area_unit: Unit, crs: str | None) -> ProjectSource:
    named: dict[str, Any] = {f"{part}_field": column for part, column in FIELDS.items()}
    for text in fields:
        part, _, column = (word.strip() for word in text.partition("="))
        if part not in _PARTS or not column:
            raise InputRefused.because("F61", place="--field", text=text, parts=list(_PARTS))
        named[f"{part}_field"] = column
    return ProjectSource(path=layer, area_unit=area_unit, crs=crs, **named)


def _read(source: ProjectSource, limits: Limits) -> Layer:
    with located(file=source.path, place=PLACE):
        return read_layer(source.path, **layer_options(source, limits))
