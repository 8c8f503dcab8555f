"""Wetland of a study: which polygons count, what protects them, and the rates by zone."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sinks.errors import Finding, located
from sinks.indicators.coverage import ErrorModel, protected_share
from sinks.parameters.indicators import protection_forms, recognised
from sinks.parameters.legends import natural_codes, wetland_codes
from sinks.study import ProtectedSource, Study, WetlandSource
from sinks.workflow.inputs import Inputs
from sinks.zones.overlay import Pieces, dissolve, equal_area, intersections


def wetland_rates(
    study: Study, inputs: Inputs, zones: gpd.GeoDataFrame, errors: ErrorModel
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the rates of protected wetland by zone, all of it and the natural part."""
    source, forms = study.layers.wetland, study.layers.protected
    if source is None or forms is None:
        raise AssertionError
    wetland = _wetland(source, study, inputs)
    protected, findings = _protected(forms, inputs)
    rates = []
    for indicator, chosen in (
        ("wetland_protection_rate", wetland["in_set"]),
        ("natural_wetland_protection_rate", wetland["in_set"] & wetland["natural"]),
    ):
        shapes = wetland.geometry.to_numpy()[chosen.to_numpy()]
        rates.append(
            protected_share(
                _wetland_pieces(shapes, protected, zones),
                list(zones["zone"]),
                errors,
                indicator=indicator,
                rule=study.rules.wetland_set,
            )
        )
    return pd.concat(rates), findings


def _wetland_pieces(
    wetland: np.ndarray, protected: np.ndarray, zones: gpd.GeoDataFrame
) -> pd.DataFrame:
    """Cut wetland by zone, and each piece into its protected and unprotected part."""
    by_zone = intersections(wetland, zones.geometry.to_numpy())
    whole = cut_by_zone(by_zone, zones)
    held = intersections(by_zone.shapes, protected)
    inside = pd.DataFrame(
        {
            "zone": whole["zone"].to_numpy()[held.left],
            "area_ha": held.area_ha,
            "perimeter_m": shapely.length(held.shapes),
        }
    )
    inside_ha = inside["area_ha"].groupby(held.left).sum().reindex(whole.index, fill_value=0.0)
    outside = whole.assign(area_ha=(whole["area_ha"] - inside_ha).clip(lower=0))
    return pd.concat(
        [inside.assign(protected=True), outside.assign(protected=False)], ignore_index=True
    )


def _wetland(source: WetlandSource, study: Study, inputs: Inputs) -> gpd.GeoDataFrame:
    layer = inputs.layers["wetland"]
    frame = equal_area(layer.frame)
    codes = frame[source.code_field].astype(str).str.strip()
    natural = codes.isin(natural_codes(source.scheme))
    if source.natural_field is not None:
        natural = frame[source.natural_field].astype(int).astype(bool)
    in_set = codes.isin(wetland_codes(source.scheme, study.rules.wetland_set))
    return frame.assign(in_set=in_set, natural=natural)


def _protected(source: ProtectedSource, inputs: Inputs) -> tuple[np.ndarray, list[Finding]]:
    """Dissolve the protected areas that are accepted and valid at the date of the figures."""
    layer, last = inputs.layers["protected"], inputs.covers[-1]
    on = pd.Timestamp(last.reference_date or date(last.year, 12, 31))
    frame = equal_area(layer.frame)
    with located(file=layer.file, place="layers.protected"):
        forms = recognised(frame[source.form_field], protection_forms(), field=source.form_field)
    accepted = protection_forms()["accepted"].reindex(forms).to_numpy(dtype=bool)
    valid = np.ones(len(frame), dtype=bool)
    if source.valid_from_field is not None:
        starts = pd.to_datetime(frame[source.valid_from_field]).to_numpy()
        valid &= ~(starts > np.datetime64(on))
    if source.valid_to_field is not None:
        ends = pd.to_datetime(frame[source.valid_to_field]).to_numpy()
        valid &= ~(ends < np.datetime64(on))
    findings = []
    if (left_out := ~(accepted & valid)).any():
        reasons = [f"{int((~accepted).sum())} form", f"{int((accepted & ~valid).sum())} date"]
        facts = {"count": int(left_out.sum()), "reasons": reasons, "date": on.date()}
        findings.append(Finding(code="F02", file=str(layer.file), facts=facts))
    return dissolve(frame.geometry.to_numpy()[accepted & valid]), findings


def cut_by_zone(pieces: Pieces, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return zone, hectares and perimeter of every piece."""
    return pd.DataFrame(
        {
            "zone": zones["zone"].to_numpy()[pieces.right],
            "area_ha": pieces.area_ha,
            "perimeter_m": shapely.length(pieces.shapes),
        }
    )
