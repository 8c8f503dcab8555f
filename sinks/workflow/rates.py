"""Coverage rates of a study: its layers cut by zone, its rules applied, its targets compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused, Language, located
from sinks.indicators.coverage import (
    ErrorModel,
    TreeRule,
    against_targets,
    estimated_tree_cover,
    mapped_tree_cover,
    total_se_ha,
    tree_cover,
)
from sinks.parameters.indicators import (
    constant,
    counted_kinds,
    indicator_rules,
    recognised,
    stand_kinds,
)
from sinks.parameters.labels import label, labels
from sinks.study import ForestSource, Study
from sinks.workflow.estimates import Estimates
from sinks.workflow.inputs import Inputs
from sinks.workflow.wetlands import cut_by_zone, wetland_rates
from sinks.zones.overlay import equal_area, intersections

MAPPED, ESTIMATED = "tree_cover_mapped_rate", "tree_cover_estimated_rate"


@dataclass(frozen=True, kw_only=True)
class Rates:
    """The tables ``indicators`` and ``targets``, and what was noted on the way."""

    tables: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...]


def rate_tables(
    study: Study, inputs: Inputs, tables: Mapping[str, pd.DataFrame], sampled: Estimates
) -> Rates:
    """Compute every rate that the study has layers for, and compare it with its target."""
    last = inputs.covers[-1]
    zones = equal_area(inputs.zones.frame).reset_index(drop=True)
    errors = ErrorModel(
        boundary_se_m=constant("boundary_se_m"),
        tree_count_relative_se=constant("tree_count_relative_se"),
    )
    rows, findings = [_mapped(inputs, tables, year=c.year) for c in inputs.covers], []
    rows += list(_estimated(inputs, tables, sampled))
    if study.layers.forest is not None:
        pieces = _stand_pieces(study.layers.forest, inputs, zones)
        grounds = _grounds(inputs, tables, sampled, year=last.year)
        for rule in _tree_rules(study):
            rates = tree_cover(pieces, grounds, tree_count(study, inputs), rule, errors)
            rows.append(_in_year(rates, last.year))
    if study.layers.wetland is not None and study.layers.protected is not None:
        rates, noted = wetland_rates(study, inputs, zones, errors)
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
        pd.DataFrame(tables["coverage"].xs(year, level="year")),
        inputs.covers[0].legend,
        indicator=MAPPED,
        rule="map",
    )
    return _in_year(rates, year)


def _estimated(
    inputs: Inputs, tables: Mapping[str, pd.DataFrame], sampled: Estimates
) -> Iterator[pd.DataFrame]:
    """Yield the tree cover of every year that a sample was labelled in."""
    for sample in sampled.samples:
        for year in sample.years:
            areas_ha, covariance_ha2 = sample.of_year(year)
            coverage = tables["coverage"].xs(year, level="year")
            rates = estimated_tree_cover(
                areas_ha,
                covariance_ha2,
                pd.DataFrame(coverage.loc[list(covariance_ha2)]),
                inputs.covers[0].legend,
                indicator=ESTIMATED,
                rule="sample",
            )
            yield _in_year(rates, year)


def _grounds(
    inputs: Inputs, tables: Mapping[str, pd.DataFrame], sampled: Estimates, *, year: int
) -> pd.DataFrame:
    """Land of each zone and its water: as a sample estimates it, else as the map shows it."""
    water = [c.key for c in inputs.covers[0].legend.classes if c.water]
    grounds = tables["coverage"].xs(year, level="year")[["zone_ha"]]
    sample = sampled.of_year(year)
    areas = tables["areas"].xs(year, level="year")["area_ha"]
    se_ha = pd.Series(0.0, index=grounds.index)
    if sample is not None:
        areas, covariance = sample.of_year(year)
        se_ha = pd.Series({zone: total_se_ha(v, water) for zone, v in covariance.items()})
    shown = areas[areas.index.isin(water, level="land_cover")].groupby(level="zone").sum()
    return grounds.assign(
        water_ha=shown.reindex(grounds.index, fill_value=0.0),
        water_se_ha=se_ha.reindex(grounds.index, fill_value=0.0),
    )


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
    return cut_by_zone(pieces, zones).assign(kind=np.array(kinds)[pieces.left])


def tree_count(study: Study, inputs: Inputs) -> pd.Series:
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
    if indicator in (MAPPED, ESTIMATED):
        return label(f"rule.{rule}", language)
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
