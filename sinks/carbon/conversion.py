"""What a change of land cover does to the air, year by year: nothing happens at once.

Between two maps *n* years apart an *n*-th of each conversion falls on each year.

- **Biomass and dead matter** of the class before are lost in the year of conversion. Woody land
  that comes from other land builds its own up through its growth; where the class after has no
  growth rate of its own (crops, reed), or where woody land only changes its kind, what it holds
  more or less counts in the year of conversion.
- **Soil** goes from one equilibrium to the other in equal steps over 20 years (IPCC 2006
  Guidelines, vol. 4 ch. 2, eq. 2.25: D = 20), cohort by cohort.
- Where land comes under water or out of it, soil becomes sediment or back: bookkeeping, and no
  exchange with the air (see :mod:`sinks.carbon.densities`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.carbon.densities import POOLS, SOIL, CarbonDensities
from sinks.carbon.terms import FIXED, density_key, fixed_rows
from sinks.units import CO2_PER_C

CONVERSION = "conversion"  # in the place of a use
BIOMASS, SOIL_CHANGE = "conversion_biomass", "conversion_soil"


def conversion_terms(
    transitions: pd.DataFrame,
    densities: CarbonDensities,
    growing: frozenset[str],
) -> pd.DataFrame:
    """Return the rows of all conversions together, as if they fell on one year.

    :func:`shares_of_year` says which share of each process does.

    Parameters
    ----------
    transitions
        TRANSITIONS between two maps.
    growing
        Woody classes: their biomass builds up through a growth rate.

    Returns
    -------
    pandas.DataFrame
        Columns of :data:`sinks.carbon.terms.FIXED`; ``land_cover`` is the class after.
    """
    flat = transitions.reset_index()
    flat = flat[flat["land_cover"] != flat["land_cover_after"]]
    before, after = flat["land_cover"], flat["land_cover_after"]
    water = densities.water_classes
    crossing = before.isin(water).to_numpy() != after.isin(water).to_numpy()
    planted = after.isin(growing).to_numpy() & ~before.isin(growing).to_numpy()
    rows = []
    for pool in POOLS:
        soil = pool == SOIL
        amount = flat["area_ha"].to_numpy() * CO2_PER_C
        lost = np.where(crossing, 0.0, amount) if soil else amount
        gained = lost if soil else np.where(planted, 0.0, amount)
        for classes, sign, tco2e in ((before, -1.0, lost), (after, 1.0, gained)):
            rows.append(_rows(flat, classes, pool, sign * tco2e))
    return pd.concat(rows, ignore_index=True)[list(FIXED)]


def shares_of_year(year: int, *, since: int, until: int, soil_years: int) -> tuple[float, float]:
    """Return the share of all that changed between two maps that falls on one year.

    An equal part is converted in each of the years after ``since`` up to ``until``.

    Returns
    -------
    tuple of float
        Share of the change of biomass, and of that of soil, whose cohorts take
        ``soil_years`` each.

    Examples
    --------
    A fifth is converted in each of 2021 to 2025; its soil moves by a twentieth a year.

    >>> shares_of_year(2025, since=2020, until=2025, soil_years=20)
    (0.2, 0.05)
    >>> shares_of_year(2021, since=2020, until=2025, soil_years=20)
    (0.2, 0.01)
    >>> shares_of_year(2042, since=2020, until=2025, soil_years=20)
    (0.0, 0.03)
    """
    cohorts = np.arange(since + 1, until + 1)
    moving = (cohorts <= year) & (year < cohorts + soil_years)
    converted = since < year <= until
    biomass = 1 / len(cohorts) if converted else 0.0
    return biomass, float(moving.sum()) / (len(cohorts) * soil_years)


def terms_of_year(
    conversions: pd.DataFrame, year: int, *, since: int, until: int, soil_years: int
) -> pd.DataFrame:
    """Return what falls on one year of the rows that :func:`conversion_terms` makes."""
    biomass, soil = shares_of_year(year, since=since, until=until, soil_years=soil_years)
    share = conversions["process"].map({BIOMASS: biomass, SOIL_CHANGE: soil})
    rows = conversions.assign(net_per_unit=conversions["net_per_unit"] * share)
    return fixed_rows([rows[share > 0]])


def soil_come_about(*, since: int, until: int, soil_years: int) -> float:
    """Return the share of the change of soil that has come about by the second of two maps.

    Examples
    --------
    Five cohorts of a fifth each, that have had 5, 4, 3, 2 and 1 of their 20 years.

    >>> round(soil_come_about(since=2020, until=2025, soil_years=20), 6)
    0.15
    """
    years = range(since + 1, until + 1)
    span = {"since": since, "until": until, "soil_years": soil_years}
    return sum(shares_of_year(year, **span)[1] for year in years)


def _rows(flat: pd.DataFrame, classes: pd.Series, pool: str, tco2e: np.ndarray) -> pd.DataFrame:
    keys = {key: density_key(key, pool) for key in classes.unique()}
    frame = pd.DataFrame(
        {
            "zone": flat["zone"],
            "land_cover": flat["land_cover_after"],
            "use": CONVERSION,
            "process": SOIL_CHANGE if pool == SOIL else BIOMASS,
            "gas": "co2",
            "parameter": classes.map(keys),
            "net_per_unit": tco2e,
        }
    )
    return frame[frame["net_per_unit"] != 0]
