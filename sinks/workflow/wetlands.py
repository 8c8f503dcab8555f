"""Wetland of a study: which polygons count, what protects them, and the rates by zone."""

from __future__ import annotations

from datetime import date
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sinks.errors import Finding, located
from sinks.indicators.coverage import ErrorModel
from sinks.indicators.protection import (
    in_force,
    protected_by_form,
    protection_rates,
    unprotected,
    wetland_pieces,
)
from sinks.parameters.indicators import constant, indicator_rules, protection_forms, recognised
from sinks.parameters.legends import natural_codes, wetland_codes
from sinks.study import Study
from sinks.study_layers import ProtectedSource, WetlandSource
from sinks.workflow.inputs import Inputs
from sinks.workflow.plan_rows import PlanRows
from sinks.zones.overlay import Pieces, dissolve, equal_area, intersections

SETS: tuple[Literal["W_law", "W_3d", "W_2nd"], ...] = ("W_law", "W_3d", "W_2nd")
RATES = ("wetland_protection_rate", "natural_wetland_protection_rate")


def wetland_rows(
    study: Study, inputs: Inputs, zones: gpd.GeoDataFrame, errors: ErrorModel
) -> PlanRows:
    """Return the rates of protected wetland by zone and year, and who protects what.

    The rates of earlier years are those of today's polygons under what was in force at their
    end, from the year on in which the definition existed; always of the last date.

    Tables: ``protection_forms`` (form), ``protection_overlaps`` (form, form_other),
    ``unprotected_wetlands`` (wetland), all of the district at the last date.
    """
    source, forms = study.layers.wetland, study.layers.protected
    if source is None or forms is None:
        raise AssertionError
    wetland, last = _wetland(source, inputs), inputs.covers[-1]
    protected, accepted = _protected(forms, inputs)
    rule, ids = study.rules.wetland_set, list(zones["zone"])
    by_year, held = {}, np.array([], dtype=object)
    first = min(max(inputs.covers[0].year, _since(rule)), last.year)
    for year in range(first, last.year + 1):
        day = (last.reference_date if year == last.year else None) or date(year, 12, 31)
        valid = _valid(forms, protected, day)
        held = dissolve(np.asarray(protected.geometry)[accepted & valid])
        pieces = wetland_pieces(np.asarray(wetland.geometry), held, zones)
        rates = protection_rates(pieces, wetland[["natural", *SETS]], ids, errors, headline=rule)
        plain = rates.index.get_level_values("indicator").isin(RATES)
        by_year[year] = rates if year == last.year else rates[plain]
    chosen = protected[accepted & valid]
    counted = wetland[wetland[rule]]
    return PlanRows(
        rows=pd.concat(by_year, names=["year"]),
        tables=_details(study, counted, chosen, held, zones),
        findings=_left_out(forms, inputs, accepted, valid, day),
    )


def _details(
    study: Study,
    wetland: gpd.GeoDataFrame,
    protected: gpd.GeoDataFrame,
    held: np.ndarray,
    zones: gpd.GeoDataFrame,
) -> dict[str, pd.DataFrame]:
    """Return what each form protects, what forms share, and what is not protected."""
    place = np.asarray(zones.geometry[zones["zone"] == study.district.id])
    forms = protection_forms()
    ranks = {str(form): int(rank) for form, rank in forms["priority"].items()}
    by_form = protected_by_form(np.asarray(wetland.geometry), protected, ranks, place=place)
    names = forms[["name_zh", "name_en"]].loc[by_form.areas.index]
    flat = by_form.overlaps.rename_axis(index="form", columns="form_other")
    shared = flat.reset_index().melt("form", value_name="area_ha")
    cut = intersections(np.asarray(wetland.geometry), place)
    inside = gpd.GeoDataFrame(geometry=cut.shapes, crs=wetland.crs, index=cut.left)
    inside = inside.dissolve(by=cut.left)
    field = study.layers.wetland.name_field if study.layers.wetland else None
    listed = unprotected(inside, held, sliver_m2=constant("sliver_m2"))
    kept = listed[~listed["sliver"]].drop(columns="sliver")
    named = wetland.iloc[kept.index]
    names_of = named[field].astype(str).to_numpy() if field else np.repeat("", len(kept))
    kept = kept.assign(name=names_of, dlbm=named["code"].to_numpy())
    return {
        "protection_forms": by_form.areas.join(names),
        "protection_overlaps": shared.set_index(["form", "form_other"]),
        "unprotected_wetlands": kept.reset_index(drop=True).rename_axis("rank"),
    }


def _since(rule: str) -> int:
    """Return the first year at whose end a definition of wetland existed."""
    valid_from = indicator_rules()["valid_from"].to_dict()
    return date.fromisoformat(str(valid_from[RATES[0], rule])).year


def _wetland(source: WetlandSource, inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the wetland polygons with what they count as: ``natural``, and every set."""
    frame = equal_area(inputs.layers["wetland"].frame)
    codes = frame[source.code_field].astype(str).str.strip()
    natural = codes.isin(natural_codes(source.scheme))
    if source.natural_field is not None:
        natural = frame[source.natural_field].astype(int).astype(bool)
    sets = {name: codes.isin(wetland_codes(source.scheme, name)) for name in SETS}
    return frame.assign(natural=natural, code=codes, **sets).reset_index(drop=True)


def _protected(source: ProtectedSource, inputs: Inputs) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """Return the protected areas with their form, and which forms are accepted."""
    layer = inputs.layers["protected"]
    frame = equal_area(layer.frame)
    with located(file=layer.file, place="layers.protected"):
        forms = recognised(frame[source.form_field], protection_forms(), field=source.form_field)
    accepted = protection_forms()["accepted"].reindex(forms).to_numpy(dtype=bool)
    return frame.assign(form=forms).reset_index(drop=True), accepted


def _valid(source: ProtectedSource, frame: gpd.GeoDataFrame, day: date) -> np.ndarray:
    blank = pd.Series(pd.NaT, index=frame.index)
    starts, ends = (
        blank if field is None else frame[field]
        for field in (source.valid_from_field, source.valid_to_field)
    )
    return np.asarray(in_force(starts, ends, day=day))


def _left_out(
    source: ProtectedSource, inputs: Inputs, accepted: np.ndarray, valid: np.ndarray, day: date
) -> tuple[Finding, ...]:
    if (accepted & valid).all():
        return ()
    reasons = [f"{int((~accepted).sum())} form", f"{int((accepted & ~valid).sum())} date"]
    facts = {"count": int((~(accepted & valid)).sum()), "reasons": reasons, "date": day}
    return (Finding(code="F02", file=str(inputs.layers["protected"].file), facts=facts),)


def cut_by_zone(pieces: Pieces, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return zone, hectares and perimeter of every piece."""
    return pd.DataFrame(
        {
            "zone": zones["zone"].to_numpy()[pieces.right],
            "area_ha": pieces.area_ha,
            "perimeter_m": shapely.length(pieces.shapes),
        }
    )
