"""The register of rivers of a study: its lines, what was accepted of them, and the rates."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused, located, refuse_if_stopped
from sinks.indicators.river_checks import RiverLimits, river_findings
from sinks.indicators.rivers import M_PER_KM, RiverRegister, RiverRule, ecological_rivers
from sinks.parameters.indicators import constant, recognised, river_terms
from sinks.sources.tables import Table
from sinks.sources.vectors import Layer
from sinks.study import Study
from sinks.study_layers import RiverSource
from sinks.workflow.inputs import Inputs
from sinks.workflow.numbers import numbers
from sinks.workflow.plan_rows import PlanRows, in_file
from sinks.zones.overlay import equal_area

PLACE = "layers.rivers"


def river_rows(study: Study, inputs: Inputs, zones: gpd.GeoDataFrame) -> PlanRows:
    """Return the share of ecological rivers at the end of every year between the land covers."""
    layer = inputs.layers["rivers"]
    register, findings = river_register(study, layer, inputs.tables.get("river_events"))
    first, last = inputs.covers[0].year, inputs.covers[-1].year
    headline = study.rules.ecological_river
    by_year = {
        year: ecological_rivers(register, zones, year=year, headline=headline)
        for year in range(first, last + 1)
    }
    return PlanRows(rows=pd.concat(by_year, names=["year"]), findings=findings)


def river_register(
    study: Study, layer: Layer, stretches: Table | None
) -> tuple[RiverRegister, tuple[Finding, ...]]:
    """Return the register that a study describes, and what was noted about it.

    Parameters
    ----------
    stretches
        Table of assessed stretches; without one whole rivers count by their status.

    Raises
    ------
    InputRefused
        ``F35`` without either, ``F01`` for words and ``F36`` for numbers that mean nothing;
        as :class:`sinks.indicators.rivers.RiverRegister`.
    """
    source = study.layers.rivers
    if source is None:
        raise AssertionError
    with located(file=layer.file, place=PLACE):
        register = RiverRegister(
            rivers=_lines(source, equal_area(layer.frame)),
            events=_whole_rivers(source, layer.frame)
            if stretches is None
            else _stretches(study, stretches),
            rule=RiverRule(tolerance_m=constant("river_tolerance_m")),
        )
        limits = RiverLimits(
            bank_m=constant("river_bank_m"),
            alongside_pct=constant("river_alongside_pct"),
            difference_pct=constant("river_difference_pct"),
        )
        findings = refuse_if_stopped(river_findings(register, limits))
    return register, in_file(findings, layer.file, PLACE)


def _lines(source: RiverSource, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    field = str(source.level_field)
    levels = recognised(frame[field], _terms("level"), field=field)
    length_m = np.repeat(np.nan, len(frame))
    if source.length_field is not None:
        per_m = M_PER_KM if source.length_unit == "km" else 1.0
        length_m = per_m * numbers(frame, source.length_field, blank=True).to_numpy()
    index = pd.Index(frame[source.id_field].astype(str), name="river")
    lines = gpd.GeoDataFrame(index=index, geometry=np.asarray(frame.geometry), crs=frame.crs)
    return lines.assign(level=levels, registered_m=length_m)


def _stretches(study: Study, table: Table) -> pd.DataFrame:
    told = study.layers.river_events
    if told is None:
        raise AssertionError
    frame, per_m = table.frame, M_PER_KM if told.unit == "km" else 1.0
    with located(file=table.file, place="layers.river_events"):
        status = recognised(frame[told.status_field], _terms("status"), field=told.status_field)
    return pd.DataFrame(
        {
            "river": frame[told.river_field].astype(str),
            "from_m": per_m * frame[told.from_field],
            "to_m": per_m * frame[told.to_field],
            "status": status,
            "year": frame[told.year_field],
            "document": _texts(frame, told.document_field),
        }
    )


def _whole_rivers(source: RiverSource, frame: gpd.GeoDataFrame) -> pd.DataFrame:
    field, year = source.status_field, source.year_field
    if field is None:
        raise InputRefused.because("F35", field="status_field")
    return pd.DataFrame(
        {
            "river": frame[source.id_field].astype(str),
            "from_m": np.nan,
            "to_m": np.nan,
            "status": recognised(frame[field], _terms("status"), field=field),
            "year": np.nan if year is None else numbers(frame, year, blank=True),
            "document": _texts(frame, source.document_field),
        }
    )


def _terms(role: str) -> pd.DataFrame:
    return pd.DataFrame(river_terms().xs(role, level="role"))


def _texts(frame: pd.DataFrame, field: str | None) -> pd.Series | str:
    return "" if field is None else frame[field].fillna("").astype(str)
