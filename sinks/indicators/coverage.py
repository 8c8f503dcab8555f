"""Coverage rates: how much of a zone is under trees, how much of its wetland is protected.

    rate (%) = 100 x numerator (ha) / denominator (ha)

Numerators come from registered polygons cut by zone, each place counted once. Such a
register has no sampling error, but its boundaries are drawn: every polygon is taken to be
off by an independent offset of its whole boundary with standard error ``boundary_se_m``,
so that its area has the standard error ``perimeter x boundary_se_m``.

Rates from a land-cover map are given beside them as what they are, mapped shares without
an interval; where a probability sample judges the map, the estimated share with its
interval stands beside the mapped one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.indicators.rows import rate_rows
from sinks.landcover.legend import Legend
from sinks.units import M2_PER_HA


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorModel:
    """How exactly registers are known: boundary offset in m, relative error of tree counts."""

    boundary_se_m: float
    tree_count_relative_se: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRule:
    """What counts as tree cover: kinds of stands, trees outside stands, and the denominator."""

    indicator: str
    rule: str
    kinds: frozenset[str]
    trees_per_ha: float | None  # None: trees outside stands do not count
    minus_water: bool = False
    minus_large_water: bool = False  # only bodies above a size: `belts.large_water_ha`


def tree_cover(
    pieces: pd.DataFrame,
    grounds: pd.DataFrame,
    tree_count: pd.Series,
    rule: TreeRule,
    errors: ErrorModel,
) -> pd.DataFrame:
    """Return the share of each zone that is under trees by ``rule``.

    Parameters
    ----------
    pieces
        Stands cut by zone: ``zone``, ``kind``, ``area_ha``, ``perimeter_m``.
    grounds
        Index ``zone``; ``zone_ha``, ``water_ha`` and ``water_se_ha`` (0 where the water is
        mapped and not estimated); ``large_water_ha`` if the rule deducts large water alone.
    tree_count
        Trees outside stands (四旁树), by zone; zones without a count have none.

    Returns
    -------
    pandas.DataFrame
        INDICATORS rows, one per zone.
    """
    counted = pieces[pieces["kind"].isin(rule.kinds)]
    area_ha, boundary_se_ha = registered_ha(counted, grounds.index, errors)
    if rule.trees_per_ha:
        trees_ha = tree_count.reindex(grounds.index, fill_value=0) / rule.trees_per_ha
        area_ha = area_ha + trees_ha
        tree_se_ha = trees_ha * errors.tree_count_relative_se
        se_ha = (boundary_se_ha**2 + tree_se_ha**2) ** 0.5
    else:
        se_ha = boundary_se_ha
    ground_ha = _ground(grounds, rule)
    known_ha = ground_ha.where(ground_ha > 0)
    ground_se_ha = grounds["water_se_ha"] if rule.minus_water else 0.0
    se_pct = 100 * (se_ha**2 + (area_ha / known_ha * ground_se_ha) ** 2) ** 0.5 / known_ha
    return rate_rows(
        area_ha,
        ground_ha,
        se_pct=se_pct,
        named=(rule.indicator, rule.rule),
        evidence="survey",
    )


def protected_share(
    pieces: pd.DataFrame,
    zones: Sequence[str],
    errors: ErrorModel,
    *,
    indicator: str,
    rule: str,
) -> pd.DataFrame:
    """Return the share of each zone's wetland that lies under protection.

    Parameters
    ----------
    pieces
        Wetland cut by zone and by the union of protected areas: ``zone``, ``protected``
        (bool), ``area_ha``, ``perimeter_m``. Forms of protection were dissolved before, so
        that a place under three of them counts once.

    Returns
    -------
    pandas.DataFrame
        INDICATORS rows; zones without wetland have no rate, and a denominator of 0.
    """
    index = pd.Index(zones, name="zone")
    inside_ha, inside_se_ha = registered_ha(pieces[pieces["protected"]], index, errors)
    outside_ha, outside_se_ha = registered_ha(pieces[~pieces["protected"]], index, errors)
    wetland_ha = inside_ha + outside_ha
    # share p of two independent parts: dp = (outside d inside - inside d outside) / wetland2
    cross_ha2 = ((outside_ha * inside_se_ha) ** 2 + (inside_ha * outside_se_ha) ** 2) ** 0.5
    se_pct = 100 * cross_ha2 / wetland_ha.where(wetland_ha > 0) ** 2
    return rate_rows(
        inside_ha, wetland_ha, se_pct=se_pct, named=(indicator, rule), evidence="register"
    )


def mapped_tree_cover(
    areas: pd.DataFrame, grounds: pd.DataFrame, legend: Legend, *, indicator: str, rule: str
) -> pd.DataFrame:
    """Return the share of each zone that the map shows as tree classes; it has no interval."""
    trees = [c.key for c in legend.classes if c.tree]
    shown = areas[areas.index.isin(trees, level="land_cover")]
    area_ha = shown.groupby(level="zone")["area_ha"].sum().reindex(grounds.index, fill_value=0.0)
    return rate_rows(area_ha, grounds["zone_ha"], named=(indicator, rule), evidence="map")


def estimated_tree_cover(
    estimated_ha: pd.Series,
    covariance_ha2: Mapping[str, pd.DataFrame],
    grounds: pd.DataFrame,
    legend: Legend,
    *,
    indicator: str,
    rule: str,
) -> pd.DataFrame:
    """Return the share of each zone under tree classes as a probability sample estimates it.

    Parameters
    ----------
    estimated_ha
        Index ``(zone, land_cover)``: estimated areas.
    covariance_ha2
        For each zone, their covariance: tree classes are mistaken for one another, so their
        sum is known better than each of them.
    """
    trees = [c.key for c in legend.classes if c.tree]
    counted = estimated_ha[estimated_ha.index.isin(trees, level="land_cover")]
    area_ha = counted.groupby(level="zone").sum().reindex(grounds.index, fill_value=0.0)
    se_ha = pd.Series({zone: total_se_ha(v, trees) for zone, v in covariance_ha2.items()})
    se_pct = 100 * se_ha.reindex(grounds.index) / grounds["zone_ha"]
    return rate_rows(
        area_ha, grounds["zone_ha"], se_pct=se_pct, named=(indicator, rule), evidence="sample"
    )


def registered_ha(
    pieces: pd.DataFrame, zones: pd.Index, errors: ErrorModel
) -> tuple[pd.Series, pd.Series]:
    """Add up registered polygons by zone: hectares and the standard error of their boundaries.

    ``pieces`` have ``zone``, ``area_ha`` and ``perimeter_m``.
    """
    groups = pieces.assign(squared_m2=pieces["perimeter_m"] ** 2).groupby("zone")
    area_ha = groups["area_ha"].sum().reindex(zones, fill_value=0.0)
    squared_m2 = groups["squared_m2"].sum().reindex(zones, fill_value=0.0)
    return area_ha, np.sqrt(squared_m2) * errors.boundary_se_m / M2_PER_HA


def total_se_ha(covariance_ha2: pd.DataFrame, classes: Sequence[str]) -> float:
    """Return the standard error of the total area of ``classes``, those that occur."""
    occurring = [key for key in classes if key in covariance_ha2.index]
    variance = covariance_ha2.loc[occurring, occurring].to_numpy().sum()
    return float(np.sqrt(max(variance, 0.0)))


def _ground(grounds: pd.DataFrame, rule: TreeRule) -> pd.Series:
    if not (rule.minus_water or rule.minus_large_water):
        return grounds["zone_ha"]
    water_ha = grounds["water_ha" if rule.minus_water else "large_water_ha"]
    land_ha = grounds["zone_ha"] - water_ha
    # all water: what is left is the rounding between a polygon and its pixels
    return land_ha.where(land_ha > 1e-5 * grounds["zone_ha"], 0.0)
