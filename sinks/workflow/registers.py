"""Indicators from the registers of a study: rivers, projects, red line, built-up area, reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused, located, refuse_if_stopped
from sinks.indicators.coverage import ErrorModel
from sinks.indicators.encroachment import encroachments
from sinks.indicators.greening import built_up_grounds, green_cover, mapped_green_cover
from sinks.indicators.ledger import LedgerFields, ledger
from sinks.indicators.ledger_checks import ledger_findings
from sinks.indicators.ledger_progress import progress, seen_on_map
from sinks.indicators.planting import PlantingRule, planted_area, planting_rows
from sinks.indicators.redline import redline_shares
from sinks.indicators.reported import reported_figures
from sinks.indicators.restoration import RestorationRule, restoration_rows, restored_wetland
from sinks.indicators.river_checks import RiverLimits, river_findings
from sinks.indicators.rivers import M_PER_KM, RiverRegister, RiverRule, ecological_rivers
from sinks.parameters.indicators import (
    constant,
    green_classes,
    protection_forms,
    recognised,
    river_terms,
)
from sinks.parameters.ledger import ledger_rules
from sinks.study import Study
from sinks.study_layers import ProjectSource, RiverEvents, RiverSource
from sinks.units import M2_PER_HA, mu_to_ha
from sinks.workflow.inputs import Inputs
from sinks.workflow.plan_rows import PlanRows
from sinks.zones.areas import tabulate
from sinks.zones.overlay import equal_area
from sinks.zones.zones import Zones


def register_rows(
    study: Study, inputs: Inputs, zones: gpd.GeoDataFrame, errors: ErrorModel
) -> Iterator[PlanRows]:
    """Yield what every register of the study comes to, those that it has."""
    layers = study.layers
    if layers.rivers is not None and layers.rivers.level_field is not None:
        yield _rivers(study, inputs, zones)
    if layers.projects is not None and is_ledger(layers.projects):
        yield _projects(study, inputs, zones)
    if layers.redline is not None and layers.redline.kind_field is not None:
        yield _redline(study, inputs, zones)
    if layers.built_up is not None and layers.built_up.year_field is not None:
        yield _greening(study, inputs, zones, errors)
    if layers.reported is not None:
        frame = inputs.tables["reported"].frame
        yield PlanRows(rows=reported_figures(frame, district=study.district.id))


def is_ledger(source: ProjectSource) -> bool:
    """Whether projects tell enough to be counted, and not only to be drawn."""
    return None not in (
        source.id_field,
        source.type_field,
        source.status_field,
        source.year_field,
        source.pre_class_field,
        source.post_class_field,
        source.accepted_field,
        source.document_field,
    )


# ---- rivers --------------------------------------------------------------------------------


def _rivers(study: Study, inputs: Inputs, zones: gpd.GeoDataFrame) -> PlanRows:
    source, layer = study.layers.rivers, inputs.layers["rivers"]
    if source is None:
        raise AssertionError
    with located(file=layer.file, place="layers.rivers"):
        register = RiverRegister(
            rivers=_river_lines(source, equal_area(layer.frame)),
            events=_river_events(study, inputs, source),
            rule=RiverRule(tolerance_m=constant("river_tolerance_m")),
        )
        limits = RiverLimits(
            bank_m=constant("river_bank_m"),
            alongside_pct=constant("river_alongside_pct"),
            difference_pct=constant("river_difference_pct"),
        )
        findings = refuse_if_stopped(river_findings(register, limits))
    first, last = inputs.covers[0].year, inputs.covers[-1].year
    headline = study.rules.ecological_river
    by_year = {
        year: ecological_rivers(register, zones, year=year, headline=headline)
        for year in range(first, last + 1)
    }
    return PlanRows(
        rows=pd.concat(by_year, names=["year"]),
        findings=tuple(_in_file(findings, str(layer.file), "layers.rivers")),
    )


def _river_lines(source: RiverSource, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    terms = pd.DataFrame(river_terms().xs("level", level="role"))
    levels = recognised(frame[source.level_field], terms, field=str(source.level_field))
    length = np.repeat(np.nan, len(frame))
    if source.length_field is not None:
        per_m = M_PER_KM if source.length_unit == "km" else 1.0
        told = pd.to_numeric(frame[source.length_field], errors="coerce").to_numpy(dtype=float)
        length = per_m * told
    columns = {"level": levels, "registered_m": length}
    index = pd.Index(frame[source.id_field].astype(str), name="river")
    shapes = np.asarray(frame.geometry)
    return gpd.GeoDataFrame(columns, index=index, geometry=shapes, crs=frame.crs)


def _river_events(study: Study, inputs: Inputs, source: RiverSource) -> pd.DataFrame:
    """Return assessed stretches: those of the table, or whole rivers by their status."""
    told = study.layers.river_events
    if isinstance(told, RiverEvents):
        frame, per_m = inputs.tables["river_events"].frame, M_PER_KM if told.unit == "km" else 1.0
        return _events(
            frame[told.river_field],
            (per_m * frame[told.from_field], per_m * frame[told.to_field]),
            frame[told.status_field],
            frame[told.year_field],
            frame[told.document_field],
        )
    frame = inputs.layers["rivers"].frame
    nothing = pd.Series(np.nan, index=frame.index)
    if source.status_field is None:
        raise InputRefused.because("F35", field="status_field")
    year = nothing if source.year_field is None else frame[source.year_field]
    document = None if source.document_field is None else frame[source.document_field]
    blank = pd.Series("", index=frame.index)
    return _events(
        frame[source.id_field],
        (nothing, nothing),
        frame[source.status_field],
        year,
        blank if document is None else document,
    )


def _events(
    river: pd.Series,
    ends: tuple[pd.Series, pd.Series],
    status: pd.Series,
    year: pd.Series,
    document: pd.Series,
) -> pd.DataFrame:
    terms = pd.DataFrame(river_terms().xs("status", level="role"))
    return pd.DataFrame(
        {
            "river": river.astype(str).to_numpy(),
            "from_m": pd.to_numeric(ends[0]).to_numpy(dtype=float),
            "to_m": pd.to_numeric(ends[1]).to_numpy(dtype=float),
            "status": recognised(status, terms, field=str(status.name)),
            "year": pd.to_numeric(year, errors="coerce").to_numpy(dtype=float),
            "document": document.fillna("").astype(str).to_numpy(),
        }
    )


# ---- projects ------------------------------------------------------------------------------


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


def _projects(study: Study, inputs: Inputs, zones: gpd.GeoDataFrame) -> PlanRows:
    source, layer = study.layers.projects, inputs.layers["projects"]
    if source is None:
        raise AssertionError
    last = inputs.covers[-1].year
    until = inputs.covers[-1].reference_date or date(last, 12, 31)
    rules = ledger_rules((study.plan.first_year, study.plan.until), until=until)
    fields = ledger_fields(source)
    place = {"file": str(layer.file), "place": "layers.projects"}
    with located(**place):
        noted = refuse_if_stopped(
            ledger_findings(
                layer.frame, fields, rules, district=inputs.district.frame, file=layer.file
            )
        )
        projects = ledger(layer.frame, fields, rules)
        survival = source.survival_field
        told = np.nan if survival is None else pd.to_numeric(layer.frame[survival])
        projects = projects.assign(survival_pct=told)
        restored, left_out = _restored(study, inputs, projects, zones, last)
        planted, doubts = _planted(study, inputs, projects, zones, last)
    done = progress(projects, until=last, since=study.plan.first_year)
    kept = ["name", "kind", "type", "pre_class", "post_class", "year", "status", "document"]
    listed = pd.DataFrame(projects[["project", *kept, "accepted_on", "area_ha"]])
    listed = listed.set_index("project")
    listed["accepted_on"] = listed["accepted_on"].dt.strftime("%Y-%m-%d").fillna("")
    return PlanRows(
        rows=pd.concat([restored, planted]),
        tables={
            "ledger_years": done,
            "ledger": listed.join(_seen(inputs, projects)),
        },
        findings=tuple(_in_file([*noted, *left_out, *doubts], *place.values())),
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
    felled = None
    if study.layers.felled is not None and study.layers.felled.year_field is not None:
        frame = equal_area(inputs.layers["felled"].frame)
        felled = frame.assign(year=pd.to_numeric(frame[study.layers.felled.year_field]))
    rule = PlantingRule(
        survival_pct=constant("planting_survival_pct"),
        patch_ha=mu_to_ha(constant("planting_patch_mu")),
    )
    of_kind = projects[projects["kind"] == "planting"]
    years = range(study.plan.first_year, last + 1)
    table, noted = planted_area(of_kind, felled, zones, rule, years=years)
    rows = {year: planting_rows(table, year=year) for year in years}
    return pd.concat(rows, names=["year"]), noted


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


# ---- red line, built-up area ---------------------------------------------------------------


def _redline(study: Study, inputs: Inputs, zones: gpd.GeoDataFrame) -> PlanRows:
    source, layer = study.layers.redline, inputs.layers["redline"]
    if source is None:
        raise AssertionError
    frame = equal_area(layer.frame)
    with located(file=layer.file, place="layers.redline"):
        kinds = recognised(
            frame[source.kind_field], protection_forms(), field=str(source.kind_field)
        )
        areas = frame.assign(form=kinds)
        rows = redline_shares(areas, zones)
    last = inputs.covers[-1].year
    tables = {}
    if len(inputs.covers) > 1:
        inside = areas[areas["form"] == "redline"]
        names = inside[source.name_field] if source.name_field else inside.index
        places = gpd.GeoDataFrame(
            {
                "zone": [f"{n + 1} {name}" for n, name in enumerate(names)],
                "name_zh": "",
                "name_en": "",
                "kind": "redline",
            },
            geometry=np.asarray(inside.geometry),
            crs=inside.crs,
        )
        found = encroachments(
            inputs.covers[0],
            inputs.covers[-1],
            Zones(frame=places),
            minimum_m2=constant("encroachment_minimum_m2"),
        )
        patches = found.patches.rename(columns={"zone": "redline_area"})
        tables["redline_changes"] = patches.rename_axis("patch")
    return PlanRows(rows=pd.concat({last: rows}, names=["year"]), tables=tables)


def _greening(
    study: Study, inputs: Inputs, zones: gpd.GeoDataFrame, errors: ErrorModel
) -> PlanRows:
    source, layer = study.layers.built_up, inputs.layers["built_up"]
    if source is None:
        raise AssertionError
    frame = equal_area(layer.frame)
    built_up = frame.assign(year=pd.to_numeric(frame[source.year_field]).astype(int))
    surveyed = study.layers.vegetation is not None
    headline = "vegetation" if surveyed else "mapped"
    by_year, findings = {}, list[Finding]()
    for cover in inputs.covers:
        grounds = built_up_grounds(built_up, zones, year=cover.year)
        shown, noted = mapped_green_cover(
            cover,
            grounds,
            zones,
            green_classes(),
            fine_m=constant("greening_pixel_m"),
            headline=headline,  # type: ignore[arg-type]
        )
        by_year[cover.year] = shown
        findings = list(noted)
    if surveyed:
        shapes = np.asarray(equal_area(inputs.layers["vegetation"].frame).geometry)
        last = inputs.covers[-1].year
        grounds = built_up_grounds(built_up, zones, year=last)
        by_year[last] = pd.concat([by_year[last], green_cover(shapes, grounds, zones, errors)])
    return PlanRows(
        rows=pd.concat(by_year, names=["year"]),
        findings=tuple(_in_file(findings, str(layer.file), "layers.built_up")),
    )


def _in_file(
    findings: list[Finding] | tuple[Finding, ...], file: str, place: str
) -> list[Finding]:
    return [replace(f, file=f.file or file, place=f.place or place) for f in findings]
