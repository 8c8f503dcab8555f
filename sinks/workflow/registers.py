"""Indicators from the registers of a study: rivers, projects, red line, built-up area, reports."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused, located
from sinks.indicators.coverage import ErrorModel
from sinks.indicators.encroachment import encroachments
from sinks.indicators.greening import built_up_grounds, green_cover, mapped_green_cover
from sinks.indicators.redline import redline_shares
from sinks.indicators.reported import reported_figures
from sinks.parameters.indicators import constant, green_classes, protection_forms, recognised
from sinks.sources.tables import Table
from sinks.study import Study
from sinks.workflow.inputs import Inputs
from sinks.workflow.numbers import numbers
from sinks.workflow.plan_rows import PlanRows, in_file
from sinks.workflow.projects import is_ledger, project_rows
from sinks.workflow.rivers import river_rows
from sinks.zones.overlay import equal_area
from sinks.zones.zones import Zones


def register_rows(
    study: Study, inputs: Inputs, zones: gpd.GeoDataFrame, errors: ErrorModel
) -> Iterator[PlanRows]:
    """Yield what every register of the study comes to, those that it has."""
    layers = study.layers
    if layers.rivers is not None and layers.rivers.level_field is not None:
        yield river_rows(study, inputs, zones)
    if layers.projects is not None and is_ledger(layers.projects):
        yield project_rows(study, inputs, zones)
    if layers.redline is not None and layers.redline.kind_field is not None:
        yield _redline(study, inputs, zones)
    if layers.built_up is not None and layers.built_up.year_field is not None:
        yield _greening(study, inputs, zones, errors)
    if layers.reported is not None:
        table = inputs.tables["reported"]
        require_known_zones(table, list(inputs.zones.frame["zone"]))
        yield PlanRows(rows=reported_figures(table.frame, district=study.district.id))


def require_known_zones(reported: Table, zones: list[str]) -> None:
    """Refuse reported figures of zones that do not exist: ``F37``."""
    if strange := sorted(set(reported.frame["zone"].dropna()) - set(zones)):
        facts = {"zones": strange[:10]}
        raise InputRefused.because("F37", file=reported.file, place="layers.reported", **facts)


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
    with located(file=layer.file, place="layers.built_up"):
        built_up = frame.assign(year=numbers(frame, str(source.year_field)).astype(int))
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
        findings=in_file(findings, layer.file, "layers.built_up"),
    )
