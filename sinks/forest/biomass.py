"""Living carbon of forest stands by the methods that fit each, and how far they disagree.

Trees: the mean of M1 and M2 where a volume from 30 m3/ha up was measured, of M1 alone
below it; M3 joins where stems, diameter and height were measured; the age curve M4 serves
where none of them does. Between 0 and 30 m3/ha M4 is worked out too: it does not enter the
mean, because a measured volume knows the stand better than a curve, but its distance from
M1 widens the range. Bamboo, economic forest and shrub are area x density.

The range of a stand holds the spread of its methods and of their factors, both on a
logarithmic scale; carbon is a product of factors, and cannot be negative.

References: IPCC 2006 Guidelines, vol. 4 ch. 2 and vol. 1 ch. 3; see
:mod:`sinks.forest.methods` for each method.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.forest.factors import Constant, ForestFactors
from sinks.forest.methods import METHODS, method_spreads, methods_tc_per_ha
from sinks.forest.stands import Stands
from sinks.units import Z_95

ABOVE, BELOW, DEAD = "above_ground", "below_ground", "dead_organic_matter"
LIVE = [f"{ABOVE}_tc_per_ha", f"{BELOW}_tc_per_ha"]
RANGE = ["live_low_tc_per_ha", "live_high_tc_per_ha"]


def stand_carbon(stands: Stands, factors: ForestFactors) -> pd.DataFrame:
    """Return the carbon per hectare of every stand.

    The roots of trees are split off by the root-to-shoot ratio of the wood, whatever the
    method; dead organic matter is that of the house class.

    Returns
    -------
    pandas.DataFrame
        Index ``stand``; ``above_ground_tc_per_ha``, ``below_ground_tc_per_ha``,
        ``dead_organic_matter_tc_per_ha``, ``live_low_tc_per_ha`` and
        ``live_high_tc_per_ha`` (95 % range of above and below ground together),
        ``methods`` (those of the mean, such as ``M1 M2``, or ``density``), and
        ``m1_tc_per_ha`` to ``m4_tc_per_ha`` with what each method gives. A stand of trees
        without volume, age or trees measured has no methods and NaN in every column: it
        keeps the density of its class.
    """
    found = methods_tc_per_ha(stands, factors)
    chosen = _chosen(found)
    live = chosen.mean(axis="columns")
    within = _within(chosen, method_spreads(stands, factors))
    low, high = mean_one_range((_between(found, live) ** 2 + within**2) ** 0.5)
    roots = _roots(stands, factors)
    trees = pd.DataFrame(
        {
            LIVE[0]: live / (1 + roots),
            LIVE[1]: live * roots / (1 + roots),
            RANGE[0]: live * low.fillna(1.0),
            RANGE[1]: live * high.fillna(1.0),
            "methods": _named(chosen),
        }
    )
    rows = trees.where(stands.frame["kind"] == "tree", _by_density(stands, factors))
    rows.insert(2, f"{DEAD}_tc_per_ha", _dead(stands, factors).where(rows[LIVE[0]].notna()))
    return rows.join(found.add_suffix("_tc_per_ha")).infer_objects()


def species_ranges(stands: Stands, carbon: pd.DataFrame) -> pd.DataFrame:
    """Return the 95 % range of true over estimated carbon, for all stands of a group together.

    The stands of a group share their equations and factors, so their errors are taken to
    be fully shared: ranges add up plainly, and the group is off by as much as its stands.
    Groups are independent of one another.

    Parameters
    ----------
    carbon
        What :func:`stand_carbon` gives for ``stands``; stands without carbon do not count.

    Returns
    -------
    pandas.DataFrame
        Index ``group``; ``relative_low``, ``relative_high`` around a mean of 1 (both 1
        where the group holds nothing).
    """
    weights = carbon.assign(live=carbon[LIVE].sum(axis="columns", skipna=False))
    weights = weights[["live", *RANGE]].mul(stands.frame["area_ha"], axis="index")
    sums = weights.groupby(stands.frame["group"]).sum()
    held = sums["live"].where(sums["live"] > 0)
    ratios = sums[RANGE].div(held, axis="index").fillna(1.0)
    return ratios.set_axis(["relative_low", "relative_high"], axis="columns")


def trees_outside(
    tree_count: pd.Series,
    factors: ForestFactors,
    *,
    count_relative_se: float,
    group: str = "broadleaf",
) -> pd.DataFrame:
    """Return the carbon of trees outside stands (四旁树) from their number.

    Parameters
    ----------
    tree_count
        Number of trees by zone.
    count_relative_se
        Relative standard error of the counts.
    group
        The species group whose roots they have.

    Returns
    -------
    pandas.DataFrame
        Index as ``tree_count``; ``above_ground_tc``, ``below_ground_tc``, ``live_low_tc``,
        ``live_high_tc`` (95 % range of both together).

    Examples
    --------
    >>> from sinks.parameters.forest import forest_factors
    >>> count = pd.Series({"town": 1000})
    >>> trees = trees_outside(count, forest_factors(), count_relative_se=0.1)
    >>> float(trees.loc["town", ["above_ground_tc", "below_ground_tc"]].sum().round(6))
    35.0
    """
    tree: Constant = factors.constants["tree_outside_tc"]
    live = tree_count * tree.number
    roots = factors.wood["root_to_shoot_ratio"][str(factors.groups["wood"][group])]
    low, high = (
        np.exp(sign * np.hypot(np.log(bound / tree.number), Z_95 * count_relative_se))
        for sign, bound in ((-1, tree.low), (1, tree.high))
    )
    return pd.DataFrame(
        {
            f"{ABOVE}_tc": live / (1 + roots),
            f"{BELOW}_tc": live * roots / (1 + roots),
            "live_low_tc": live * low,
            "live_high_tc": live * high,
        }
    )


def mean_one_range(spread: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the 95 % range of a lognormal factor with mean 1 and this spread of its logarithm.

    >>> low, high = mean_one_range(pd.Series([0.0, 0.2]))
    >>> low.round(3).to_list(), high.round(3).to_list()
    ([1.0, 0.662], [1.0, 1.451])
    """
    sigma = spread.to_numpy(dtype=float)
    low, high = (np.exp(sign * Z_95 * sigma - sigma**2 / 2) for sign in (-1, 1))
    return pd.Series(low, spread.index), pd.Series(high, spread.index)


def _chosen(found: pd.DataFrame) -> pd.DataFrame:
    """Keep the methods that make the mean: the age curve only where nothing was measured."""
    measured = found[["m1", "m2", "m3"]].notna().any(axis="columns")
    return found.assign(m4=found["m4"].mask(measured))


def _between(found: pd.DataFrame, live: pd.Series) -> pd.Series:
    """Spread between the methods that fit a stand; 0 where only one does."""
    positive = found.where(found > 0)
    logs = pd.DataFrame(np.log(positive.to_numpy(dtype=float)), found.index)
    spread = logs.std(axis="columns", ddof=1).fillna(0.0)
    return spread.where(live > 0)


def _within(chosen: pd.DataFrame, spreads: pd.DataFrame) -> pd.Series:
    """Spread by the factors of the chosen methods, which share volume and wood: their mean."""
    return spreads.reindex(chosen.index).where(chosen.notna()).mean(axis="columns")


def _roots(stands: Stands, factors: ForestFactors) -> pd.Series:
    wood = stands.frame["group"].map(factors.groups["wood"])
    return wood.map(factors.wood["root_to_shoot_ratio"])


def _named(chosen: pd.DataFrame) -> pd.Series:
    parts = [chosen[m].notna().map({True: f"{m.upper()} ", False: ""}) for m in METHODS]
    return (parts[0] + parts[1] + parts[2] + parts[3]).str.strip()


def _by_density(stands: Stands, factors: ForestFactors) -> pd.DataFrame:
    """Carbon of stands whose kind has a density, with the columns of the trees."""
    kinds = stands.frame["kind"]
    above, below = (factors.densities.xs(pool, level="pool") for pool in (ABOVE, BELOW))
    both = above + below
    columns = {
        LIVE[0]: kinds.map(above["density_tc_per_ha"]),
        LIVE[1]: kinds.map(below["density_tc_per_ha"]),
        RANGE[0]: kinds.map(both["density_low_tc_per_ha"]),
        RANGE[1]: kinds.map(both["density_high_tc_per_ha"]),
    }
    return pd.DataFrame(columns).assign(methods="density")


def _dead(stands: Stands, factors: ForestFactors) -> pd.Series:
    land_cover = stands.frame["group"].map(factors.groups["land_cover"])
    return land_cover.map(factors.dead["density_tc_per_ha"])
