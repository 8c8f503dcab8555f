"""The balance year by year: what the land does now, what ages, and what was converted.

Every year takes the same draws, so that the sum over years is as uncertain as its parts are
in common, and not as if each year were a throw of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.uncertainty.draws import Draws
from sinks.uncertainty.laws import Floats
from sinks.uncertainty.linear import LinearResult
from sinks.uncertainty.summary import probability_positive, summarised

NET, UNIT = "net_sink", "tco2e_per_year"
LAND = "land"  # the part that follows from the map


@dataclass(frozen=True, kw_only=True, eq=False)
class YearParts:
    """What a year has besides the land that the map speaks for.

    ``passed``: share of the way from the first land cover to the last; ``fixed``: rows of
    :class:`sinks.carbon.terms.Terms` by what they belong to.
    """

    year: int
    passed: float
    fixed: Mapping[str, pd.DataFrame]


def trajectory_table(
    first: tuple[LinearResult, Floats],
    last: tuple[LinearResult, Floats],
    years: Sequence[YearParts],
    draws: Draws,
) -> pd.DataFrame:
    """Return the balance of every year and zone, and what adds up from the second year on.

    Parameters
    ----------
    first, last
        The balance of the land at the first land cover and the last, and its draws.

    Returns
    -------
    pandas.DataFrame
        Index ``(year, zone)``; ``net_sink_tco2e_per_year`` with error, interval and
        ``probability_sink``; its parts ``net_sink_land_...`` and so on; and what added up
        since the first year, ``cumulative_tco2e`` with ``_low_`` and ``_high_``.
    """
    zones = last[0].strata_ha.index
    land = [result.mean(draws.parameters) for result, _ in (first, last)]
    total, cumulative, tables = pd.Series(0.0, index=zones), np.zeros_like(last[1]), {}
    for place, part in enumerate(years):
        drawn = (1 - part.passed) * first[1] + part.passed * last[1]
        means = {LAND: (1 - part.passed) * land[0] + part.passed * land[1]}
        for name, rows in part.fixed.items():
            coefficients = _coefficients(rows, zones, draws)
            drawn = drawn + coefficients @ draws.drawn
            of_part = coefficients @ draws.parameters["value"].to_numpy()
            means[name] = pd.Series(of_part, index=zones)
        mean = sum(means.values(), pd.Series(0.0, index=zones))
        if place:
            total, cumulative = total + mean, cumulative + drawn
        tables[part.year] = _year(drawn, mean, means, total, cumulative)
    return pd.concat(tables, names=["year"])


def _coefficients(rows: pd.DataFrame, zones: pd.Index, draws: Draws) -> Floats:
    keys = draws.parameters.index
    table = np.zeros((len(zones), len(keys)))
    place = (
        zones.get_indexer(pd.Index(rows["zone"])),
        keys.get_indexer(pd.Index(rows["parameter"])),
    )
    np.add.at(table, place, rows["net_per_unit"].to_numpy(dtype=float))
    return table


def _year(
    drawn: Floats,
    mean: pd.Series,
    means: Mapping[str, pd.Series],
    total: pd.Series,
    cumulative: Floats,
) -> pd.DataFrame:
    table = summarised(drawn, mean, name=NET, unit=UNIT)
    table["probability_sink"] = probability_positive(drawn)
    for name, of_part in means.items():
        table[f"{NET}_{name}_{UNIT}"] = of_part
    low, high = np.quantile(cumulative, [0.025, 0.975], axis=1)
    table["cumulative_tco2e"] = total
    return table.assign(cumulative_low_tco2e=low, cumulative_high_tco2e=high)
