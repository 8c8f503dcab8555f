"""Coverage rates of a study: its layers cut by zone, its rules applied, its targets compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sinks.errors import Finding, InputRefused, Language, located
from sinks.indicators.coverage import (
    ErrorModel,
    TreeRule,
    against_targets,
    mapped_tree_cover,
    protected_share,
    tree_cover,
)
from sinks.parameters.indicators import (
    constant,
    counted_kinds,
    indicator_rules,
    protection_forms,
    recognised,
    stand_kinds,
)
from sinks.parameters.labels import label, labels
from sinks.parameters.legends import natural_codes, wetland_codes
from sinks.study import ForestSource, ProtectedSource, Study, WetlandSource
from sinks.workflow.inputs import Inputs
from sinks.zones.overlay import Pieces, dissolve, equal_area, intersections

MAPPED = "tree_cover_mapped_rate"


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The tables ``indicators`` and ``targets``, and what was noted on the way."""

    tables: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...]


def rate_tables(study: Study, inputs: Inputs, tables: Mapping[str, pd.DataFrame]) -> Rates:
    """Compute every rate that the study has layers for, and compare it with its target."""
    last = inputs.covers[-1]
    zones = equal_area(inputs.zones.frame).reset_index(drop=True)
    errors = ErrorModel(
        boundary_se_m=constant("boundary_se_m"),
        tree_count_relative_se=constant("tree_count_relative_se"),
    )
    rows, findings = [_mapped(inputs, tables, year=c.year) for c in inputs.covers], []
    if study.layers.forest is not None:
        pieces = _stand_pieces(study.layers.forest, inputs, zones)
        grounds = _grounds(inputs, tables, year=last.year)
        for rule in _tree_rules(study):
            rates = tree_cover(pieces, grounds, _tree_count(study, inputs), rule, errors)
            rows.append(_in_year(rates, last.year))
    if study.layers.wetland is not None and study.layers.protected is not None:
        rates, noted = _wetland_rates(study, inputs, zones, errors)
        rows.append(_in_year(rates, last.year))
        findings += noted
    indicators = _with_texts(pd.concat(rows).sort_index())
    _require_in_force(indicators, study)
    named = {"indicators": indicators}
    if study.targets:
        named["targets"] = against_targets(
            indicators, _target_table(study), zone=study.district.id, year=last.year
        )
    return Rates(tables=named, findings=tuple(findings))


def _mapped(inputs: Inputs, tables: Mapping[str, pd.DataFrame], *, year: int) -> pd.DataFrame:
    rates = mapped_tree_cover(
        pd.DataFrame(tables["areas"].xs(year, level="year")),
        _grounds(inputs, tables, year=year),
        inputs.covers[0].legend,
        indicator=MAPPED,
        rule="map",
    )
    return _in_year(rates, year)


def _grounds(inputs: Inputs, tables: Mapping[str, pd.DataFrame], *, year: int) -> pd.DataFrame:
    """Land of each zone and how much of it the map shows as water."""
    water = [c.key for c in inputs.covers[0].legend.classes if c.water]
    areas = tables["areas"].xs(year, level="year")["area_ha"]
    shown = areas[areas.index.isin(water, level="land_cover")].groupby(level="zone").sum()
    grounds = tables["coverage"].xs(year, level="year")[["zone_ha"]]
    return grounds.assign(water_ha=shown.reindex(grounds.index, fill_value=0.0))


def _tree_rules(study: Study) -> list[TreeRule]:
    rules = study.rules
    kinds = counted_kinds("tree_cover", shrub=rules.shrub, economic=rules.economic_forest)
    tree_rules = [
        TreeRule(
            indicator="tree_cover_rate"
            if rule == rules.tree_denominator
            else f"tree_cover_rate_{rule}",
            rule=rule,
            kinds=kinds,
            trees_per_ha=rules.trees_per_ha,
            minus_water=rule == "minus_water",
        )
        for rule in ("total", "minus_water")
    ]
    forest = counted_kinds("land_based")
    return [
        *tree_rules,
        TreeRule(
            indicator="forest_cover_rate", rule="land_based", kinds=forest, trees_per_ha=None
        ),
    ]


def _stand_pieces(source: ForestSource, inputs: Inputs, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut stands by zone, each place once: where stands overlap, the first in the layer counts."""
    layer = inputs.layers["forest"]
    frame = equal_area(layer.frame)
    with located(file=layer.file, place="layers.forest"):
        kinds = recognised(frame[source.kind_field], stand_kinds(), field=source.kind_field)
    pieces = intersections(frame.geometry.to_numpy(), zones.geometry.to_numpy())
    return _cut(pieces, zones).assign(kind=np.array(kinds)[pieces.left])


def _tree_count(study: Study, inputs: Inputs) -> pd.Series:
    """Trees outside stands by zone; the district has those of its towns."""
    source, table = study.layers.tree_count, inputs.tree_count
    if source is None or table is None:
        return pd.Series(dtype=float)
    counts = table.frame.set_index(source.zone_field)[source.count_field].astype(float)
    if unknown := sorted(set(counts.index) - set(inputs.zones.frame["zone"])):
        raise InputRefused.because("F03", file=table.file, zones=unknown[:10])
    if study.district.id not in counts.index:
        counts[study.district.id] = counts.sum()
    return counts


def _wetland_rates(
    study: Study, inputs: Inputs, zones: gpd.GeoDataFrame, errors: ErrorModel
) -> tuple[pd.DataFrame, list[Finding]]:
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
    whole = _cut(by_zone, zones)
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


def _cut(pieces: Pieces, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "zone": zones["zone"].to_numpy()[pieces.right],
            "area_ha": pieces.area_ha,
            "perimeter_m": shapely.length(pieces.shapes),
        }
    )


def _in_year(rates: pd.DataFrame, year: int) -> pd.DataFrame:
    return pd.concat({year: rates}, names=["year"])


def _with_texts(indicators: pd.DataFrame) -> pd.DataFrame:
    """Add the definition behind each rule in both languages."""
    rules = indicator_rules()
    texts: dict[str, list[str]] = {"rule_zh": [], "rule_en": []}
    names = indicators.index.get_level_values("indicator")
    for indicator, rule in zip(names, indicators["rule"], strict=True):
        texts["rule_zh"].append(_definition(rules, indicator, rule, "zh"))
        texts["rule_en"].append(_definition(rules, indicator, rule, "en"))
    return indicators.assign(**texts)


def _require_in_force(indicators: pd.DataFrame, study: Study) -> None:
    """Refuse figures of a year in which their definition did not exist yet."""
    rules = indicator_rules()["valid_from"]
    for row in indicators.reset_index().itertuples():
        year, indicator, rule = int(str(row.year)), str(row.indicator), str(row.rule)
        since = rules.get((indicator.removesuffix(f"_{rule}"), rule))
        if since is not None and date.fromisoformat(since) > date(year, 12, 31):
            raise InputRefused.because(
                "F05", file=study.file, place="rules", rule=rule, since=since, year=str(year)
            )


def _definition(rules: pd.DataFrame, indicator: str, rule: str, language: Language) -> str:
    if indicator == MAPPED:
        return label("rule.map", language)
    row = rules.xs((indicator.removesuffix(f"_{rule}"), rule))
    name, over, under = (row[f"{p}_{language}"] for p in ("name", "numerator", "denominator"))
    return f"{name}：{over} ÷ {under}" if language == "zh" else f"{name}: {over} / {under}"


def _target_table(study: Study) -> pd.DataFrame:
    known = labels("indicator")
    if unknown := sorted({t.indicator for t in study.targets} - set(known)):
        raise InputRefused.because(
            "F04", file=study.file, place="targets", unknown=unknown, known=list(known)
        )
    rows = [
        {
            "indicator": target.indicator,
            "name_zh": label(f"indicator.{target.indicator}", "zh"),
            "name_en": label(f"indicator.{target.indicator}", "en"),
            "kind": target.kind,
            "target": target.value_pct if target.value_pct is not None else target.value_ha,
            "unit": "%" if target.value_pct is not None else "ha",
            "year": target.year,
            "document": target.document,
        }
        for target in study.targets
    ]
    return pd.DataFrame(rows).set_index("indicator")
