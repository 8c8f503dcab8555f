"""Carbon stocks: the carbon that stands on the ground at one moment.

    stock (tC) = area (ha) x density (tC/ha)

Two routes lead to the same stock: tables multiply areas and carry errors, maps look up
:func:`density_by_code`. What changes between two moments is in :mod:`sinks.carbon.change`.

Errors. A standard error is the width of the range over 2 x 1.96. Pools of one class share
its areas and its places, so their errors add up plainly; classes are independent, so theirs
add up in quadrature (IPCC 2006 Guidelines, vol. 1 ch. 3). Ranges are not symmetric: a mean
of 57 may stand between 35 and 135. So the two sides of an interval are added up apart; for
one class this gives back its range, and a simulation in the tests agrees for several.
Where an area has no standard error (a mapped area), it counts as exact and
``area_error_known`` says False: the interval then covers the densities alone.

References: IPCC 2006 Guidelines, vol. 4 ch. 2 (stocks); vol. 1 ch. 3 (errors).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.carbon.densities import POOLS, QUANTITIES, CarbonDensities
from sinks.landcover.legend import Legend
from sinks.results import STOCKS, TOTALS, checked
from sinks.units import Z_95

CODES = 256  # a uint8 raster holds no more


def stocks_by_class(areas: pd.DataFrame, densities: CarbonDensities) -> pd.DataFrame:
    """Multiply the area of each class by its carbon density.

    The errors of area and density are independent, so that the variance of a stock is
    ``A2 sD2 + D2 sA2 + sA2 sD2``.

    Parameters
    ----------
    areas
        AREAS: index ``(zone, land_cover)``; ``area_ha``, ``area_se_ha`` (may be blank).

    Returns
    -------
    pandas.DataFrame
        STOCKS: index ``(zone, land_cover, pool)`` over the four pools of the headline;
        ``stock_tc``, ``stock_se_tc``, ``stock_low_tc``, ``stock_high_tc``,
        ``area_error_known``.

    Raises
    ------
    InputRefused
        ``D01`` if a class that occurs has no density.

    Examples
    --------
    Ten hectares of paddy: soil alone, because annual crops count as nothing.

    >>> from sinks.parameters.densities import carbon_densities
    >>> paddy = pd.MultiIndex.from_tuples([("town", "PAD")], names=["zone", "land_cover"])
    >>> areas = pd.DataFrame({"area_ha": [10.0], "area_se_ha": [np.nan]}, index=paddy)
    >>> stocks = stocks_by_class(areas, carbon_densities(30))
    >>> zone_totals(stocks).loc["town", ["stock_tc", "stock_low_tc", "stock_high_tc"]].to_list()
    [480.0, 350.0, 620.0]
    """
    densities.require(areas.index.unique("land_cover"))
    return _multiplied(areas, densities.frame)


def sediment_stocks(areas: pd.DataFrame, densities: CarbonDensities) -> pd.DataFrame:
    """Carbon in the ground under water, which is not in the headline: a STOCKS table too."""
    densities.require(areas.index.unique("land_cover"))
    under_water = areas.index.get_level_values("land_cover").isin(densities.water_classes)
    return _multiplied(areas[under_water], densities.sediment)


def zone_totals(stocks: pd.DataFrame) -> pd.DataFrame:
    """Add up the stocks of each zone, over its classes and pools: TOTALS."""
    return checked(_added_up(stocks, ["zone"]), TOTALS)


def pool_totals(stocks: pd.DataFrame) -> pd.DataFrame:
    """Add up the stocks of each zone and pool, over the classes."""
    return _added_up(stocks, ["zone", "pool"])


def class_totals(stocks: pd.DataFrame) -> pd.DataFrame:
    """Add up the stocks of each zone and class, over the pools."""
    return _added_up(stocks, ["zone", "land_cover"])


def density_by_code(
    legend: Legend, densities: CarbonDensities, pools: Sequence[str] = POOLS
) -> NDArray[np.float32]:
    """Return the carbon density of every raster code, to colour or write maps with.

    Parameters
    ----------
    pools
        Which pools are added up; the four of the headline unless said otherwise.

    Returns
    -------
    numpy.ndarray
        float32, shape ``(256,)``, in tC/ha; NaN for code 0 and for codes that the legend
        does not define.

    Raises
    ------
    InputRefused
        ``D01`` if a class of the legend has no density.
    """
    densities.require(legend.keys)
    held = densities.by_pool[list(pools)].sum(axis="columns")
    by_code = np.full(CODES, np.nan, dtype=np.float32)
    for land_class in legend.classes:
        by_code[land_class.code] = held[land_class.key]
    return by_code


def _multiplied(areas: pd.DataFrame, densities: pd.DataFrame) -> pd.DataFrame:
    rows = areas[["area_ha", "area_se_ha"]].join(densities[list(QUANTITIES)], how="inner")
    rows = rows.reorder_levels(["zone", "land_cover", "pool"])
    area, density, density_se, low, high = (
        rows[column].to_numpy() for column in ("area_ha", *QUANTITIES)
    )
    known = rows["area_se_ha"].notna().to_numpy()
    area_se = rows["area_se_ha"].fillna(0.0).to_numpy()
    stock = area * density
    of_area = Z_95 * area_se * density
    stocks = {
        "stock_tc": stock,
        "stock_se_tc": np.sqrt(
            (area * density_se) ** 2 + (density * area_se) ** 2 + (area_se * density_se) ** 2
        ),
        "stock_low_tc": np.maximum(stock - np.hypot(area * (density - low), of_area), 0.0),
        "stock_high_tc": stock + np.hypot(area * (high - density), of_area),
        "area_error_known": known,
    }
    return checked(pd.DataFrame(stocks, index=rows.index), STOCKS)


def _added_up(stocks: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """Add stocks up within the groups that ``levels`` make, with both sides of the interval.

    Within a class errors add up plainly, between classes in quadrature. Zones may overlap,
    so ``levels`` always has them: the district is a zone of its own.
    """
    sides = pd.DataFrame(
        {
            "stock_tc": stocks["stock_tc"],
            "stock_se_tc": stocks["stock_se_tc"],
            "below_tc": stocks["stock_tc"] - stocks["stock_low_tc"],
            "above_tc": stocks["stock_high_tc"] - stocks["stock_tc"],
        }
    )
    by_class = list(dict.fromkeys([*levels, "land_cover"]))
    classes = sides.groupby(level=by_class, sort=False).sum()
    errors = ["stock_se_tc", "below_tc", "above_tc"]
    classes[errors] **= 2
    sums = classes.groupby(level=levels, sort=False).sum()
    sums[errors] **= 0.5
    known = stocks["area_error_known"].groupby(level=levels, sort=False).all()
    return pd.DataFrame(
        {
            "stock_tc": sums["stock_tc"],
            "stock_se_tc": sums["stock_se_tc"],
            "stock_low_tc": (sums["stock_tc"] - sums["below_tc"]).clip(lower=0.0),
            "stock_high_tc": sums["stock_tc"] + sums["above_tc"],
            "area_error_known": known,
        }
    )
