"""Coverage rates of a study: its layers cut by zone, its rules applied, its targets compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused, Language, located
from sinks.indicators.belts import belt_pieces, belt_polygons, large_water_ha
from sinks.indicators.coverage import (
    ErrorModel,
    TreeRule,
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
from sinks.parameters.labels import label
from sinks.parameters.legends import crosswalk
from sinks.sources.vectors import Layer
from sinks.study import Study
from sinks.study_layers import BeltSource, ForestSource
from sinks.workflow.estimates import Estimates
from sinks.workflow.inputs import Inputs
from sinks.workflow.numbers import numbers
from sinks.workflow.plan import plan_tables
from sinks.workflow.plan_rows import PlanRows
from sinks.workflow.registers import register_rows
from sinks.workflow.wetlands import cut_by_zone, wetland_rows
from sinks.zones.overlay import equal_area, intersections

_STILL = ("LAK", "PND")  # water that stands; rivers hang together all over a plain
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
    parts = [PlanRows(rows=pd.concat(_shown(inputs, tables, sampled)))]
    if study.layers.forest is not None:
        pieces = _stand_pieces(study.layers.forest, inputs, zones)
        pieces = pd.concat([pieces, *_belts(study, inputs, zones)])
        grounds = _grounds(study, inputs, tables, sampled, zones)
        rates = [
            tree_cover(pieces, grounds, tree_count(study, inputs), rule, errors)
            for rule in _tree_rules(study)
        ]
        parts.append(PlanRows(rows=_in_year(pd.concat(rates), last.year)))
    if study.layers.wetland is not None and study.layers.protected is not None:
        parts.append(wetland_rows(study, inputs, zones, errors))
    parts += register_rows(study, inputs, zones, errors)
    indicators = _each_once([part.rows for part in parts])
    named = {"indicators": _with_texts(indicators)}
    for part in parts:
        named |= part.tables
    _require_in_force(named["indicators"], study)
    named |= plan_tables(study, inputs, {**tables, **named}, sampled)
    return Rates(tables=named, findings=tuple(f for part in parts for f in part.findings))


def _each_once(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack rows of indicators; what was computed goes before what was reported."""
    rows = pd.concat(parts)
    return rows[~rows.index.duplicated()].sort_index()


def _shown(
    inputs: Inputs, tables: Mapping[str, pd.DataFrame], sampled: Estimates
) -> list[pd.DataFrame]:
    """Return the tree cover of the maps, and as samples estimate it."""
    mapped = [_mapped(inputs, tables, year=cover.year) for cover in inputs.covers]
    return [*mapped, *_estimated(inputs, tables, sampled)]


def _belts(study: Study, inputs: Inputs, zones: gpd.GeoDataFrame) -> Iterator[pd.DataFrame]:
    """Yield the pieces of tree belts that are lines with a width, less the stands there."""
    belts, forest = study.layers.belts, study.layers.forest
    if belts is None or forest is None:
        return
    shapes = widened_belts(belts, inputs.layers["belts"])
    stands = equal_area(inputs.layers["forest"].frame)
    kinds = recognised(stands[forest.kind_field], stand_kinds(), field=forest.kind_field)
    counted = np.isin(kinds, list(_counted(study)))
    widened = np.asarray(shapes.geometry)
    yield belt_pieces(widened, np.asarray(stands.geometry)[counted], zones)


def widened_belts(source: BeltSource, layer: Layer) -> gpd.GeoDataFrame:
    """Make the lines of tree belts as wide as the study says.

    Raises
    ------
    InputRefused
        ``F36`` for widths that are no numbers, ``F32`` for those that cannot be.
    """
    with located(file=layer.file, place="layers.belts"):
        widths = numbers(layer.frame, source.width_field)
        return belt_polygons(
            layer.frame.assign(width_m=widths), widest_m=constant("belt_widest_m")
        )


def _counted(study: Study) -> frozenset[str]:
    rules = study.rules
    return counted_kinds("tree_cover", shrub=rules.shrub, economic=rules.economic_forest)


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
    study: Study,
    inputs: Inputs,
    tables: Mapping[str, pd.DataFrame],
    sampled: Estimates,
    zones: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Land of each zone and its water: as a sample estimates it, else as the map shows it.

    Large water is that of the wetland layer, standing water alone.
    """
    year = inputs.covers[-1].year
    water = [c.key for c in inputs.covers[0].legend.classes if c.water]
    grounds = tables["coverage"].xs(year, level="year")[["zone_ha"]]
    sample = sampled.of_year(year)
    areas = tables["areas"].xs(year, level="year")["area_ha"]
    se_ha = pd.Series(0.0, index=grounds.index)
    if sample is not None:
        areas, covariance = sample.of_year(year)
        se_ha = pd.Series({zone: total_se_ha(v, water) for zone, v in covariance.items()})
    shown = areas[areas.index.isin(water, level="land_cover")].groupby(level="zone").sum()
    grounds = grounds.assign(
        water_ha=shown.reindex(grounds.index, fill_value=0.0),
        water_se_ha=se_ha.reindex(grounds.index, fill_value=0.0),
    )
    source = study.layers.wetland
    if source is None:
        return grounds
    frame = equal_area(inputs.layers["wetland"].frame)
    codes = frame[source.code_field].astype(str).str.strip()
    still = codes.map(crosswalk(source.scheme).to_key).isin(_STILL)
    shapes = np.asarray(frame.geometry)[still.to_numpy()]
    limit_ha = study.rules.large_water_ha or constant("large_water_ha")
    large_ha = large_water_ha(shapes, zones, minimum_ha=limit_ha)
    return grounds.assign(large_water_ha=large_ha.reindex(grounds.index, fill_value=0.0))


def _tree_rules(study: Study) -> list[TreeRule]:
    rules = study.rules
    kinds = _counted(study)
    denominators = ["total", "minus_water"]
    if study.layers.wetland is not None:
        denominators.append("minus_water_gt")
    tree_rules = [
        TreeRule(
            indicator="tree_cover_rate"
            if rule == rules.tree_denominator
            else f"tree_cover_rate_{rule}",
            rule=rule,
            kinds=kinds,
            trees_per_ha=rules.trees_per_ha,
            minus_water=rule == "minus_water",
            minus_large_water=rule == "minus_water_gt",
        )
        for rule in denominators
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
    source, table = study.layers.tree_count, inputs.tables.get("tree_count")
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
    if indicator in (MAPPED, ESTIMATED) or rule == "reported":
        return label(f"rule.{rule}", language)
    row = rules.xs((indicator.removesuffix(f"_{rule}"), rule))
    name, over, under = (row[f"{p}_{language}"] for p in ("name", "numerator", "denominator"))
    counted = f"{over} ÷ {under}" if language == "zh" else f"{over} / {under}"
    return f"{name}{'：' if language == 'zh' else ': '}{counted if under else over}"
