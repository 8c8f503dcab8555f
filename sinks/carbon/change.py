"""Change of carbon stocks between two dates, on the ground that both maps show.

    change (tC) = sum over classes of density (tC/ha) x (area after - area before)

Both dates take the same density: what is not known about a density is not known twice, so
a class whose area did not change adds nothing to the error.

The change compares two equilibria. Soil needs about twenty years to go from one to the
other, so the soil part is **potential** and not what happened between the dates; fluxes
will phase it. Where land becomes water or water land, soil turns into sediment or back
(see :mod:`sinks.carbon.densities`): that part is bookkeeping, shown in a column of its own,
and no exchange with the air. Nothing here may be read as an annual sink.

Errors as in :mod:`sinks.carbon.stocks`, of the densities alone.

References: IPCC 2006 Guidelines, vol. 4 ch. 2, eq. 2.25; vol. 1 ch. 3 (errors).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.carbon.densities import QUANTITIES, SOIL, CarbonDensities
from sinks.results import CHANGE, checked

_PARTS = ("change_biomass_tc", "change_soil_potential_tc", "change_soil_sediment_tc")


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
