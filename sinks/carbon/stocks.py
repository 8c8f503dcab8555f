"""Carbon stocks: the carbon that stands on the ground at one moment, and its change.

    stock (tC) = area (ha) x density (tC/ha)
    change (tC) = sum over classes of density x (area after - area before)

A change takes the same density at both dates: what is not known about a density is not
known twice. It compares two equilibria. Soil needs about twenty years to go from one to
the other, so the soil part of a change is **potential** and not what happened between the
dates; fluxes phase it. Where land becomes water or water land, soil turns into sediment or
back (see :mod:`sinks.carbon.densities`): that part is bookkeeping, shown in a column of
its own, and no exchange with the air.

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

from sinks.carbon.densities import POOLS, QUANTITIES, SOIL, CarbonDensities
from sinks.landcover.legend import Legend
from sinks.results import CHANGE, STOCKS, TOTALS, checked
from sinks.units import Z_95

CODES = 256  # a uint8 raster holds no more

_PARTS = ("change_biomass_tc", "change_soil_potential_tc", "change_soil_sediment_tc")


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


def change_by_class(transitions: pd.DataFrame, densities: CarbonDensities) -> pd.DataFrame:
    """Attribute the change of stock to what turned into what.

    Parameters
    ----------
    transitions
        TRANSITIONS: index ``(zone, land_cover, land_cover_after)``; ``area_ha``.

    Returns
    -------
    pandas.DataFrame
        Same index; ``area_ha``, ``change_tc`` and its parts, which add up to it:
        ``change_biomass_tc``, ``change_soil_potential_tc`` (between land classes, at
        equilibrium), ``change_soil_sediment_tc`` (soil that came under water or out of
        it). Pairs of one class have no change.

    Raises
    ------
    InputRefused
        ``D01`` if a class that occurs has no density.
    """
    before = transitions.index.get_level_values("land_cover")
    after = transitions.index.get_level_values("land_cover_after")
    densities.require(before.union(after))
    area_ha = transitions["area_ha"].to_numpy()
    held = densities.by_pool
    gain_tc = (held.loc[after].to_numpy() - held.loc[before].to_numpy()) * area_ha[:, None]
    is_soil = held.columns == SOIL
    soil_tc = gain_tc[:, is_soil].sum(axis=1)
    water = densities.water_classes
    crossing = before.isin(water) != after.isin(water)
    columns = {
        "area_ha": area_ha,
        "change_tc": gain_tc.sum(axis=1),
        "change_biomass_tc": gain_tc[:, ~is_soil].sum(axis=1),
        "change_soil_potential_tc": np.where(crossing, 0.0, soil_tc),
        "change_soil_sediment_tc": np.where(crossing, soil_tc, 0.0),
    }
    return pd.DataFrame(columns, index=transitions.index)


def stock_change(transitions: pd.DataFrame, densities: CarbonDensities) -> pd.DataFrame:
    """Return the change of the headline stock of each zone on the common mask: CHANGE.

    Both dates take one density, so that a class whose area did not change adds nothing to
    the error, however uncertain its density. The soil part is the potential change at
    equilibrium, not yet phased over twenty years: nothing here is an annual sink.

    Parameters
    ----------
    transitions
        TRANSITIONS, over the pixels with data at both dates.

    Returns
    -------
    pandas.DataFrame
        Index ``zone``; ``common_ha``, the stocks before and after on that area,
        ``change_tc`` with error and interval (of the densities alone), and its parts as in
        :func:`change_by_class`.

    Raises
    ------
    InputRefused
        ``D01`` if a class that occurs has no density.
    """
    changes = change_by_class(transitions, densities)
    zones = changes.groupby(level="zone", sort=False).sum()
    held = densities.by_pool.sum(axis="columns")
    lost_ha, gained_ha = (
        transitions["area_ha"].groupby(level=["zone", side], sort=False).sum()
        for side in ("land_cover", "land_cover_after")
    )
    gained_ha = gained_ha.rename_axis(index=["zone", "land_cover"])
    frame = pd.DataFrame(
        {
            "common_ha": zones["area_ha"],
            "stock_before_tc": _held_by_zone(lost_ha, held),
            "stock_after_tc": _held_by_zone(gained_ha, held),
            "change_tc": zones["change_tc"],
            **_change_errors(gained_ha.sub(lost_ha, fill_value=0.0), densities),
        },
        index=zones.index,
    )
    frame["change_low_tc"] = frame["change_tc"] - frame["change_low_tc"]
    frame["change_high_tc"] = frame["change_tc"] + frame["change_high_tc"]
    frame["area_error_known"] = False
    return checked(frame.join(zones[list(_PARTS)]), CHANGE)


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


def _held_by_zone(area_ha: pd.Series, held: pd.Series) -> pd.Series:
    """Stock of each zone, from the area of its classes and the density of each."""
    density = held.loc[area_ha.index.get_level_values("land_cover")].to_numpy()
    stocks_tc: pd.Series = (area_ha * density).groupby(level="zone", sort=False).sum()
    return stocks_tc


def _change_errors(net_ha: pd.Series, densities: CarbonDensities) -> dict[str, pd.Series]:
    """Error of a change and how far its interval reaches down and up, by zone.

    Where a class shrinks, the upper end of its density makes the lower end of the change.
    """
    classes = densities.frame[list(QUANTITIES)].groupby(level="land_cover").sum()
    of = classes.loc[net_ha.index.get_level_values("land_cover")]
    density, se, low, high = (of[column].to_numpy() for column in QUANTITIES)
    net = net_ha.to_numpy()
    grows = net >= 0
    parts = {
        "change_se_tc": net * se,
        "change_low_tc": net * np.where(grows, density - low, high - density),
        "change_high_tc": net * np.where(grows, high - density, density - low),
    }
    squares = pd.DataFrame(parts, index=net_ha.index) ** 2
    sums = squares.groupby(level="zone", sort=False).sum() ** 0.5
    return {column: sums[column] for column in parts}
