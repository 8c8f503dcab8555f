"""Stocks and their change with simulated intervals, and the closed forms they must agree with.

The engine of :mod:`sinks.uncertainty` is given what a stock is made of: densities of classes
on areas, and stands of a register. Closed forms of :mod:`sinks.carbon.stocks` and
:mod:`sinks.carbon.estimates` stand beside it and are compared in every run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sinks.carbon.balance import Ground
from sinks.carbon.densities import POOLS, SOIL, CarbonDensities
from sinks.carbon.terms import density_key
from sinks.uncertainty.draws import Draws
from sinks.uncertainty.laws import Floats
from sinks.uncertainty.linear import LinearResult
from sinks.uncertainty.summary import Z_90, probability_positive, summarised

_LEVELS = ("land_cover", "land_cover_after")
KEPT = ["zone", "parameter", "tc_per_unit"]


def stock_result(ground: Ground, densities: CarbonDensities, fixed: pd.DataFrame) -> LinearResult:
    """Return a stock (or its change) as sums of areas and densities.

    Parameters
    ----------
    ground
        Areas of classes, or what they change by.
    fixed
        Columns of :data:`KEPT`: what does not depend on the map.
    """
    classes = ground.shares.columns
    pairs = [(key, density_key(str(key), pool)) for key in classes for pool in POOLS]
    densities.require(classes)
    per_ha = pd.DataFrame(0.0, index=classes, columns=[parameter for _, parameter in pairs])
    for key, parameter in pairs:
        per_ha.loc[key, parameter] = 1.0
    return LinearResult(
        strata_ha=ground.strata_ha,
        shares=ground.shares,
        per_ha=per_ha,
        fixed=crossed(fixed, ground.strata_ha.index),
    )


def crossed(fixed: pd.DataFrame, zones: pd.Index) -> pd.DataFrame:
    """Return rows of :data:`KEPT` as zones by parameters."""
    if fixed.empty:
        return pd.DataFrame(index=zones)
    table = fixed.pivot_table("tc_per_unit", "zone", "parameter", aggfunc="sum")
    return table.reindex(zones).fillna(0.0)


def simulated(
    result: LinearResult, ground: Ground, draws: Draws, *, name: str = "stock"
) -> pd.DataFrame:
    """Return mean, standard error and interval of a stock or change by zone, in tC."""
    return _described(result.drawn(draws, ground.drawn), result.mean(draws.parameters), name)


def _described(drawn: Floats, mean: pd.Series, name: str) -> pd.DataFrame:
    table = summarised(drawn, mean, name=name, unit="tc")
    if name == "stock":
        return table.assign(stock_low_tc=table["stock_low_tc"].clip(lower=0.0))
    table[f"{name}_probability_gain"] = probability_positive(drawn)
    table[f"{name}_detectable_tc"] = Z_90 * table[f"{name}_se_tc"]
    return table


def simulated_rows(
    rows: Sequence[pd.DataFrame], zones: pd.Index, draws: Draws, *, name: str = "change"
) -> pd.DataFrame:
    """Return mean, error and interval of what rows of :data:`KEPT` add up to, by zone."""
    table = crossed(pd.concat(rows, ignore_index=True), zones)
    coefficients = table.reindex(columns=draws.parameters.index, fill_value=0.0).to_numpy()
    means = draws.parameters["value"].to_numpy()
    mean = pd.Series(coefficients @ means, index=zones)
    return _described(coefficients @ draws.drawn, mean, name)


def change_rows(transitions: pd.DataFrame, densities: CarbonDensities) -> pd.DataFrame:
    """Return the change that transitions make on the way to equilibrium: rows of :data:`KEPT`."""
    return _changed(transitions, densities, soil_share=1.0, crossing=True)


def phased_rows(
    transitions: pd.DataFrame, densities: CarbonDensities, soil_share: float
) -> pd.DataFrame:
    """Return the change that has come about: all biomass, and a share of the soil.

    Soil that came under water, or out of it, is left out: it moved to another line.
    """
    return _changed(transitions, densities, soil_share=soil_share, crossing=False)


def _changed(
    transitions: pd.DataFrame, densities: CarbonDensities, *, soil_share: float, crossing: bool
) -> pd.DataFrame:
    flat = transitions.reset_index()
    flat = flat[flat["land_cover"] != flat["land_cover_after"]]
    wet = [flat[level].isin(densities.water_classes) for level in _LEVELS]
    crosses = (wet[0] != wet[1]).to_numpy()
    area = flat["area_ha"].to_numpy()
    soil_ha = area * soil_share * np.where(crosses & (not crossing), 0.0, 1.0)
    rows = [
        _rows(flat, level, pool, sign * (soil_ha if pool == SOIL else area))
        for pool in POOLS
        for level, sign in zip(_LEVELS, (-1.0, 1.0), strict=True)
    ]
    return pd.concat(rows, ignore_index=True)


def _rows(flat: pd.DataFrame, level: str, pool: str, tc_per_unit: np.ndarray) -> pd.DataFrame:
    keys = [density_key(str(key), pool) for key in flat[level]]
    return pd.DataFrame({"zone": flat["zone"], "parameter": keys, "tc_per_unit": tc_per_unit})
