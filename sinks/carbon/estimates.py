"""Carbon on areas that a probability sample estimated, with the error of the areas.

    carbon (tC) = sum over classes of density (tC/ha) x area (ha)

The areas of one estimate hang together: what one class gains by the sample another loses,
so their covariance is carried, not their variances alone. With densities independent of
areas and of one another, the variance is

    d' V d  +  sum A2 sD2  +  sum sD2 V_kk

for areas ``A`` with covariance ``V`` and densities ``d`` with standard errors ``sD``: the
part of the areas, of the densities, and of both. The same holds for a change, where ``A`` is
the change of area between two dates, both multiplied by one density.

References: IPCC 2006 Guidelines, vol. 1 ch. 3 (errors); Olofsson et al. 2014, sect. 4.3
(areas); Goodman 1960, J. Am. Stat. Assoc. 55: 708-713 (variance of products).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sinks.carbon.densities import QUANTITIES, CarbonDensities
from sinks.results import CHANGE_ESTIMATES, STOCK_ESTIMATES, checked
from sinks.units import Z_95


def estimated_stocks(
    areas_ha: pd.Series, covariance_ha2: Mapping[str, pd.DataFrame], densities: CarbonDensities
) -> pd.DataFrame:
    """Return the headline stock of each zone on estimated areas: STOCK_ESTIMATES.

    Parameters
    ----------
    areas_ha
        Index ``(zone, land_cover)``: estimated area of each class.
    covariance_ha2
        For each zone, the covariance of the areas of its classes, classes by classes.

    Returns
    -------
    pandas.DataFrame
        Index ``zone``; ``stock_tc`` with ``stock_se_tc`` and a 95 % interval whose sides are
        kept apart, and the standard error that areas and densities alone would give.

    Raises
    ------
    InputRefused
        ``D01`` if a class that occurs has no density.
    """
    carbon = _carbon(areas_ha, covariance_ha2, densities).add_prefix("stock_")
    return checked(carbon.assign(stock_low_tc=carbon["stock_low_tc"].clip(lower=0)),
                   STOCK_ESTIMATES)  # fmt: skip


def estimated_change(
    change_ha: pd.Series, covariance_ha2: Mapping[str, pd.DataFrame], densities: CarbonDensities
) -> pd.DataFrame:
    """Return the change of the headline stock on estimated change of area: CHANGE_ESTIMATES.

    Parameters as in :func:`estimated_stocks`, with the change of the area of each class
    between two dates and its covariance. Soil is at equilibrium, as in
    :mod:`sinks.carbon.change`: no annual sink.
    """
    carbon = _carbon(change_ha, covariance_ha2, densities).add_prefix("change_")
    return checked(carbon, CHANGE_ESTIMATES)


def _carbon(
    areas_ha: pd.Series, covariance_ha2: Mapping[str, pd.DataFrame], densities: CarbonDensities
) -> pd.DataFrame:
    densities.require(areas_ha.index.unique("land_cover"))
    held = densities.frame[list(QUANTITIES)].groupby(level="land_cover").sum()
    rows = {
        zone: _of_zone(of.droplevel("zone"), covariance_ha2[str(zone)], held)
        for zone, of in areas_ha.groupby(level="zone", sort=False)
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("zone")


def _of_zone(areas_ha: pd.Series, covariance: pd.DataFrame, held: pd.DataFrame) -> pd.Series:
    """Carbon of one zone: sum, standard errors, and both ends of the interval."""
    classes = areas_ha.index
    area, v = areas_ha.to_numpy(), covariance.loc[classes, classes].to_numpy()
    density, se, low, high = (held.loc[classes, column].to_numpy() for column in QUANTITIES)
    of_areas = float(density @ v @ density)
    of_densities = float((area * se) @ (area * se))
    of_both = float(se**2 @ np.diag(v))
    total = float(density @ area)
    # where a class shrinks, the upper end of its density makes the lower end of the change
    below = area * np.where(area >= 0, density - low, high - density)
    above = area * np.where(area >= 0, high - density, density - low)
    of_sample = Z_95**2 * (of_areas + of_both)
    return pd.Series(
        {
            "tc": total,
            "se_tc": np.sqrt(of_areas + of_densities + of_both),
            "low_tc": total - np.sqrt(below @ below + of_sample),
            "high_tc": total + np.sqrt(above @ above + of_sample),
            "area_se_tc": np.sqrt(of_areas),
            "density_se_tc": np.sqrt(of_densities),
        }
    )
