"""Four ways from what was measured in a stand to its living carbon, each in tC/ha.

======  ============================================================  ====================
method  formula                                                       needs
======  ============================================================  ====================
M1      V x wood density x expansion x (1 + roots) x carbon           volume
M2      (a V + b) x carbon                                            volume of 30 m3/ha up
M3      stems x sum over organs of coefficient (D2 H)^exponent        stems, D, H
        x carbon
M4      limit (1 - exp(-rate t))^shape                                age
======  ============================================================  ====================

A method gives NaN for a stand that it does not fit. The intercept of M2 stands for 20 to
40 t/ha of biomass where nothing grows, so that it never serves a stand below its lowest
volume. Expansion in M1 is above-ground over stem biomass and always above 1. M3 puts the
mean tree in place of all trees. The national equations of GB/T 43648-2024 are not among
them: their coefficients stand in the paper copy alone.

References: IPCC 2006 Guidelines, vol. 4 ch. 2 (M1); Fang et al. (2001), Science 292, 2320
(M2); Ji et al. (2016), Chinese Journal of Plant Ecology 40 (M3).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sinks.forest.factors import WOOD, ForestFactors, log_spread
from sinks.forest.growth import Floats, curve_stock
from sinks.forest.stands import Stands, measured

METHODS = ("m1", "m2", "m3", "m4")
_KG_PER_T = 1000.0


def m1_tc_per_ha(
    volume_m3_per_ha: ArrayLike,
    wood_density_t_per_m3: ArrayLike,
    expansion: ArrayLike,
    root_to_shoot: ArrayLike,
    carbon_fraction: ArrayLike,
) -> Floats:
    """Return living carbon by volume and factors, in tC/ha.

    >>> m1_tc_per_ha([100], 0.378, 1.446, 0.227, 0.496).round(1)  # poplar
    array([33.3])
    """
    above_t = _floats(volume_m3_per_ha) * _floats(wood_density_t_per_m3) * _floats(expansion)
    return np.asarray(above_t * (1 + _floats(root_to_shoot)) * _floats(carbon_fraction))


def m2_tc_per_ha(
    volume_m3_per_ha: ArrayLike,
    slope_t_per_m3: ArrayLike,
    intercept_t_per_ha: ArrayLike,
    carbon_fraction: float,
    *,
    lowest_m3_per_ha: float,
) -> Floats:
    """Return living carbon by the linear equation of volume, in tC/ha; NaN below its reach.

    >>> m2_tc_per_ha([0, 29, 100], 0.4969, 26.973, 0.5, lowest_m3_per_ha=30).round(1)
    array([ nan,  nan, 38.3])
    """
    volume = _floats(volume_m3_per_ha)
    live = (_floats(slope_t_per_m3) * volume + _floats(intercept_t_per_ha)) * carbon_fraction
    return np.where(volume >= lowest_m3_per_ha, live, np.nan)


def tree_mass_kg(
    diameter_cm: ArrayLike, height_m: ArrayLike, equations: pd.DataFrame
) -> pd.DataFrame:
    """Return the dry mass of trees by organ, in kg: one row per tree, one column per organ.

    ``equations`` (index ``organ``): ``coefficient``, ``exponent``, ``diameter_from_cm``,
    ``diameter_to_cm``; a diameter that they were not fitted for gives NaN.
    """
    diameter = _floats(diameter_cm)
    x = diameter**2 * _floats(height_m)
    return pd.DataFrame(
        {
            organ: np.where(
                (diameter >= row["diameter_from_cm"]) & (diameter <= row["diameter_to_cm"]),
                row["coefficient"] * x ** row["exponent"],
                np.nan,
            )
            for organ, row in equations.iterrows()
        }
    )


def methods_tc_per_ha(stands: Stands, factors: ForestFactors) -> pd.DataFrame:
    """Return living carbon by each method for every stand of trees, in tC/ha.

    Returns
    -------
    pandas.DataFrame
        Index ``stand``; ``m1`` to ``m4``, NaN where a method does not apply: M2 below its
        lowest volume, M3 without stems, diameter and height, M4 where a volume from the
        lowest on was measured; all of them where the stand is not of trees.
    """
    rows = stands.frame.join(factors.groups.drop(columns="kind"), on="group")
    rows = rows[rows["kind"] == "tree"]
    volume = measured(rows["volume_m3_per_ha"])
    found = pd.DataFrame(
        {
            "m1": _by_factors(rows, volume, factors),
            "m2": _by_equation(rows, volume, factors),
            "m3": _by_trees(rows, factors),
            "m4": _by_age(rows, factors).where(~(volume >= factors.number("m2_lowest_volume"))),
        }
    )
    return found.reindex(stands.frame.index)


def method_spreads(stands: Stands, factors: ForestFactors) -> pd.DataFrame:
    """Return how far the factors of each method may be off, on a logarithmic scale.

    Index ``stand``; ``m1`` to ``m4``. Factors of one method are independent; the volume of
    the stand counts in M1 whole and in M2 with the part that it drives.
    """
    rows = stands.frame.join(factors.groups.drop(columns="kind"), on="group")
    volume_se = factors.number("volume_relative_se")
    wood = factors.wood.reindex(rows["wood"]).set_axis(rows.index)
    roots = wood["root_to_shoot_ratio"] / (1 + wood["root_to_shoot_ratio"])
    m1 = _quadrature(
        _spread(wood, "wood_density", "t_per_m3"),
        _spread(wood, "expansion", "ratio"),
        roots * _spread(wood, "root_to_shoot", "ratio"),
        _spread(wood, "carbon_content", "ratio"),
        volume_se,
    )
    equation = factors.equations.reindex(rows["volume_biomass"]).set_axis(rows.index)
    driven = equation["slope_t_per_m3"] * rows["volume_m3_per_ha"]
    share = driven / (driven + equation["intercept_t_per_ha"])
    m2 = _quadrature(
        share * _spread(equation, "slope", "t_per_m3"),
        (1 - share) * _spread(equation, "intercept", "t_per_ha"),
        factors.constants["m2_carbon_fraction"].relative_sd,
        share * volume_se,
    )
    curves = factors.curves.reindex(rows["growth"]).set_axis(rows.index)
    m3 = pd.Series(factors.number("allometry_relative_se"), rows.index)
    m4 = _spread(curves, "limit", "tc_per_ha")
    return pd.DataFrame({"m1": m1, "m2": m2, "m3": m3, "m4": m4})


def _by_factors(rows: pd.DataFrame, volume: pd.Series, factors: ForestFactors) -> Floats:
    wood = factors.wood.reindex(rows["wood"])
    return m1_tc_per_ha(volume, *(wood[quantity].to_numpy() for quantity in WOOD))


def _by_equation(rows: pd.DataFrame, volume: pd.Series, factors: ForestFactors) -> Floats:
    equation = factors.equations.reindex(rows["volume_biomass"])
    return m2_tc_per_ha(
        volume,
        equation["slope_t_per_m3"].to_numpy(),
        equation["intercept_t_per_ha"].to_numpy(),
        factors.number("m2_carbon_fraction"),
        lowest_m3_per_ha=factors.number("m2_lowest_volume"),
    )


def _by_trees(rows: pd.DataFrame, factors: ForestFactors) -> pd.Series:
    live = pd.Series(np.nan, rows.index)
    for name, stands in rows[rows["allometry"] != ""].groupby("allometry"):
        mass_kg = tree_mass_kg(
            measured(stands["diameter_cm"]),
            measured(stands["height_m"]),
            factors.allometry.loc[[str(name)]].droplevel("allometry"),
        ).sum(axis="columns", skipna=False)
        carbon = factors.wood.reindex(stands["wood"])["carbon_content_ratio"].to_numpy()
        stems = measured(stands["stems_per_ha"]).to_numpy()
        live[stands.index] = mass_kg.to_numpy() / _KG_PER_T * stems * carbon
    return live


def _by_age(rows: pd.DataFrame, factors: ForestFactors) -> pd.Series:
    curve = factors.curves.reindex(rows["growth"])
    stock = curve_stock(
        rows["age_years"],
        curve["limit_tc_per_ha"],
        curve["rate_per_year"],
        curve["shape_ratio"],
    )
    return pd.Series(stock, rows.index)


def _spread(frame: pd.DataFrame, quantity: str, unit: str) -> pd.Series:
    return log_spread(frame, f"{quantity}_low_{unit}", f"{quantity}_high_{unit}")


def _quadrature(*spreads: pd.Series | float) -> pd.Series:
    index = next(spread.index for spread in spreads if isinstance(spread, pd.Series))
    squares = sum((np.square(_floats(spread)) for spread in spreads), start=np.zeros(len(index)))
    return pd.Series(np.sqrt(squares), index)


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=float)
