"""The ledger of measures of a study: checked, counted by year, held against the maps."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding, located, refuse_if_stopped
from sinks.indicators.ledger import LedgerFields, LedgerRules, ledger
from sinks.indicators.ledger_checks import ledger_findings
from sinks.indicators.ledger_progress import progress, seen_on_map
from sinks.indicators.planting import PlantingRule, planted_area, planting_rows
from sinks.indicators.restoration import RestorationRule, restoration_rows, restored_wetland
from sinks.parameters.indicators import constant
from sinks.parameters.ledger import ledger_rules
from sinks.study import Study
from sinks.study_layers import ProjectSource
from sinks.units import M2_PER_HA, mu_to_ha
from sinks.workflow.inputs import Inputs
from sinks.workflow.numbers import numbers
from sinks.workflow.plan_rows import PlanRows, in_file
from sinks.zones.areas import tabulate
from sinks.zones.overlay import equal_area
from sinks.zones.zones import Zones

PLACE = "layers.projects"
_NEEDED = (
    *("id_field", "type_field", "status_field", "year_field"),
    *("pre_class_field", "post_class_field", "accepted_field", "document_field"),
)
_LISTED = ("name", "kind", "type", "pre_class", "post_class", "year", "status", "document")


def is_ledger(source: ProjectSource) -> bool:
    """Whether projects tell enough to be counted, and not only to be drawn."""
    return not missing_fields(source)


def missing_fields(source: ProjectSource) -> list[str]:
    """Return the keys that a layer of projects lacks to be a ledger."""
    return [key for key in _NEEDED if getattr(source, key) is None]


def ledger_fields(source: ProjectSource) -> LedgerFields:
    """Return which columns of the layer of projects say what."""
    return LedgerFields(
        project=str(source.id_field),
        name=source.name_field or str(source.id_field),
        type=str(source.type_field),
        pre_class=str(source.pre_class_field),
        post_class=str(source.post_class_field),
        year=str(source.year_field),
        status=str(source.status_field),
        document=str(source.document_field),
        accepted_on=str(source.accepted_field),
        area=source.area_field,
        area_unit=source.area_unit,
    )


def study_ledger_rules(study: Study) -> LedgerRules:
    """Return what must hold of the projects of a study, known by the date of its last map."""
    years = {cover.year: cover.reference_date for cover in study.land_cover}
    years |= {made.year: None for made in study.classifications if made.land_cover}
    last = max(years)
    until = years[last] or date(last, 12, 31)
    return ledger_rules((study.plan.first_year, study.plan.until), until=until)


def project_rows(study: Study, inputs: Inputs, zones: gpd.GeoDataFrame) -> PlanRows:
    """Return what was restored and planted by the end of every year.

    Tables: ``ledger_years`` (kind, year), ``ledger`` (project).
    """
    source, layer = study.layers.projects, inputs.layers["projects"]
    if source is None:
        raise AssertionError
    last = inputs.covers[-1].year
    rules, fields = study_ledger_rules(study), ledger_fields(source)
    with located(file=layer.file, place=PLACE):
        district = inputs.district.frame
        noted = refuse_if_stopped(
            ledger_findings(layer.frame, fields, rules, district=district, file=layer.file)
        )
        survival = source.survival_field
        told = np.nan if survival is None else numbers(layer.frame, survival, blank=True)
        projects = ledger(layer.frame, fields, rules).assign(survival_pct=told)
    restored, left_out = _restored(study, inputs, projects, zones, last)
    planted, doubts = _planted(study, inputs, projects, zones, last)
    return PlanRows(
        rows=pd.concat([restored, planted]),
        tables={
            "ledger_years": progress(projects, until=last, since=study.plan.first_year),
            "ledger": _listed(projects).join(_seen(inputs, projects)),
        },
        findings=in_file([*noted, *left_out, *doubts], layer.file, PLACE),
    )


def _restored(
    study: Study, inputs: Inputs, projects: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, last: int
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    since = study.plan.restored_since or date(study.plan.first_year, 1, 1)
    wetland = frozenset(c.key for c in inputs.covers[-1].legend.classes if c.natural)
    rule = RestorationRule(since=since, wetland=wetland)
    of_kind = projects[projects["kind"] == "restoration"]
    table, noted = restored_wetland(of_kind, zones, rule, until=last)
    headline = study.rules.restored_wetland
    years = table.index.unique("year")
    rows = {year: restoration_rows(table, year=year, headline=headline) for year in years}
    return pd.concat(rows, names=["year"]), noted


def _planted(
    study: Study, inputs: Inputs, projects: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, last: int
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    rule = PlantingRule(
        survival_pct=constant("planting_survival_pct"),
        patch_ha=mu_to_ha(constant("planting_patch_mu")),
    )
    of_kind = projects[projects["kind"] == "planting"]
    years = range(study.plan.first_year, last + 1)
    table, noted = planted_area(of_kind, _felled(study, inputs), zones, rule, years=years)
    rows = {year: planting_rows(table, year=year) for year in years}
    return pd.concat(rows, names=["year"]), noted


def _felled(study: Study, inputs: Inputs) -> gpd.GeoDataFrame | None:
    source = study.layers.felled
    if source is None or source.year_field is None:
        return None
    layer = inputs.layers["felled"]
    with located(file=layer.file, place="layers.felled"):
        frame = equal_area(layer.frame)
        return frame.assign(year=numbers(frame, source.year_field))


def _listed(projects: gpd.GeoDataFrame) -> pd.DataFrame:
    days = projects["accepted_on"].dt.strftime("%Y-%m-%d").fillna("")
    listed = pd.DataFrame(projects[["project", *_LISTED, "area_ha"]])
    listed.insert(len(listed.columns) - 1, "accepted_on", days)
    return listed.set_index("project")


def _seen(inputs: Inputs, projects: gpd.GeoDataFrame) -> pd.DataFrame:
    """Hold what projects state against the two land covers."""
    if len(inputs.covers) < 2 or projects.empty:
        return pd.DataFrame(index=projects["project"])
    first, last = inputs.covers[0], inputs.covers[-1]
    places = gpd.GeoDataFrame(
        {"zone": projects["project"].to_numpy(), "name_zh": "", "name_en": "", "kind": "other"},
        geometry=np.asarray(projects.geometry),
        crs=projects.crs,
    )
    table = tabulate(first, Zones(frame=places), after=last)
    if table.transitions is None:
        raise AssertionError
    corner = np.zeros(1)
    side_m = float(np.sqrt(first.grid.pixel_ha(corner, corner).max() * M2_PER_HA))
    years = (first.year, last.year)
    return seen_on_map(projects, table.transitions, years=years, pixel_m=side_m)
