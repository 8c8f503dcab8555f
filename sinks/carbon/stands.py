"""Forest stands in the place of class densities: what a register knows better than the map.

On the ground of a stand its own live carbon counts, and nothing of what the map shows there;
dead matter and soil are those of the stand's class. The area replaced, and what the class
densities would have given for it, are told beside it.

Errors of the stands of one species group are shared (they have one set of factors), groups
are independent.

Reference: IPCC 2006 Guidelines, vol. 4 ch. 4, sect. 4.2.1 (stands with a stock inventory).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.carbon.densities import QUANTITIES, SOIL, CarbonDensities
from sinks.carbon.terms import density_key
from sinks.results import STOCKS, checked
from sinks.units import Z_95

LIVE = ("above_ground", "below_ground")
OF_CLASS = ("dead_organic_matter", SOIL)


def stand_key(group: str) -> str:
    """Return the key of the parameter that holds the error of a group's stands (mean 1)."""
    return f"stands/{group}"


def stand_parameters(ranges: pd.DataFrame) -> pd.DataFrame:
    """Return the parameters of stands: true over estimated live carbon of each group.

    ``ranges`` has the index ``group``, ``relative_low`` and ``relative_high``.
    """
    keys = [stand_key(str(group)) for group in ranges.index]
    return pd.DataFrame(
        {
            "value": 1.0,
            "low": ranges["relative_low"].to_numpy(),
            "high": ranges["relative_high"].to_numpy(),
            "stream": keys,
        },
        index=pd.Index(keys, name="parameter"),
    )


def stand_stocks(
    held: pd.DataFrame, ranges: pd.DataFrame, densities: CarbonDensities
) -> pd.DataFrame:
    """Return the stocks of stands: STOCKS, by the class of each stand.

    Parameters
    ----------
    held
        Index ``(zone, land_cover, group)``; ``area_ha``, ``above_ground_tc``,
        ``below_ground_tc``.
    ranges
        As in :func:`stand_parameters`.

    Raises
    ------
    InputRefused
        ``D01`` if the class of a stand has no density.
    """
    densities.require(held.index.unique("land_cover"))
    of = ranges.loc[held.index.get_level_values("group")]
    rows = []
    for pool in LIVE:
        tc = held[f"{pool}_tc"].to_numpy()
        below, above = tc * (1 - of["relative_low"]), tc * (of["relative_high"] - 1)
        rows.append(_sides(held, pool, tc, below.to_numpy(), above.to_numpy()))
    live = _in_quadrature(pd.concat(rows))
    area = held["area_ha"].groupby(level=["zone", "land_cover"], sort=False).sum()
    others = [_of_class(area, pool, densities) for pool in OF_CLASS]
    return _table(pd.concat([live, *others]))


def together(rest: pd.DataFrame, stands: pd.DataFrame) -> pd.DataFrame:
    """Add the stocks of stands to those of the rest of the ground: STOCKS.

    Live carbon of stands and of the rest is independent; soil and dead matter of one class
    have one density and move together.
    """
    sides = pd.concat([_apart(rest), _apart(stands)])
    shared = sides.index.get_level_values("pool").isin(OF_CLASS)
    plain = sides[shared].groupby(level=list(STOCKS.index), sort=False).sum()
    added = _table(pd.concat([_in_quadrature(sides[~shared]), plain]))
    known = rest["area_error_known"].reindex(added.index, fill_value=True)
    return added.assign(area_error_known=known.astype(bool))


def stand_terms(held: pd.DataFrame) -> pd.DataFrame:
    """Return stocks of stands as coefficients: ``zone``, ``parameter``, ``tc_per_unit``."""
    flat = held.reset_index()
    live = flat.assign(
        parameter=flat["group"].map(stand_key),
        tc_per_unit=flat["above_ground_tc"] + flat["below_ground_tc"],
    )
    others = [
        flat.assign(
            parameter=[density_key(key, pool) for key in flat["land_cover"]],
            tc_per_unit=flat["area_ha"],
        )
        for pool in OF_CLASS
    ]
    columns = ["zone", "parameter", "tc_per_unit"]
    return pd.concat([live, *others], ignore_index=True)[columns]


def replaced_live(held: pd.DataFrame, area_ha: pd.Series) -> pd.DataFrame:
    """Return rows that put the live carbon of stands in the place of class densities.

    ``area_ha`` has the index ``(zone, land_cover)``: the ground of the stands by their class,
    whose live carbon is taken out. Columns as in :func:`stand_terms`.
    """
    flat = held.reset_index()
    taken = area_ha.rename("area_ha").reset_index()
    live = flat.assign(
        parameter=flat["group"].map(stand_key),
        tc_per_unit=flat["above_ground_tc"] + flat["below_ground_tc"],
    )
    out = [
        taken.assign(
            parameter=[density_key(key, pool) for key in taken["land_cover"]],
            tc_per_unit=-taken["area_ha"],
        )
        for pool in LIVE
    ]
    columns = ["zone", "parameter", "tc_per_unit"]
    return pd.concat([live[columns], *(rows[columns] for rows in out)], ignore_index=True)


def replacement(
    under: pd.DataFrame, held: pd.DataFrame, densities: CarbonDensities
) -> pd.DataFrame:
    """Say what stands replaced, and what class densities would have given for it.

    Parameters
    ----------
    under
        Index ``(zone, land_cover)``: ``area_ha`` of what the map shows under the stands.

    Returns
    -------
    pandas.DataFrame
        Index ``zone``: ``stands_ha`` (register), ``replaced_ha`` (map), ``live_tc`` of the
        stands, ``live_by_class_tc`` that the classes of the map would have had.
    """
    live_tc_per_ha = densities.by_pool[list(LIVE)].sum(axis="columns")
    density = live_tc_per_ha.loc[under.index.get_level_values("land_cover")].to_numpy()
    by_class = (under["area_ha"] * density).groupby(level="zone", sort=False).sum()
    sums = held.groupby(level="zone", sort=False).sum()
    return pd.DataFrame(
        {
            "stands_ha": sums["area_ha"],
            "replaced_ha": under["area_ha"].groupby(level="zone", sort=False).sum(),
            "live_tc": sums["above_ground_tc"] + sums["below_ground_tc"],
            "live_by_class_tc": by_class,
        }
    ).fillna(0.0)


def _of_class(area_ha: pd.Series, pool: str, densities: CarbonDensities) -> pd.DataFrame:
    of = densities.frame.xs(pool, level="pool")[list(QUANTITIES)]
    rows = of.loc[area_ha.index.get_level_values("land_cover")]
    density, _, low, high = (rows[name].to_numpy() for name in QUANTITIES)
    area = area_ha.to_numpy()
    frame = area_ha.to_frame()
    return _sides(frame, pool, area * density, area * (density - low), area * (high - density))


def _sides(
    of: pd.DataFrame, pool: str, tc: np.ndarray, below: np.ndarray, above: np.ndarray
) -> pd.DataFrame:
    zones, classes = (of.index.get_level_values(level) for level in ("zone", "land_cover"))
    index = pd.MultiIndex.from_arrays(
        [zones, classes, np.repeat(pool, len(of))], names=STOCKS.index
    )
    return pd.DataFrame({"stock_tc": tc, "below_tc": below, "above_tc": above}, index=index)


def _apart(stocks: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stock_tc": stocks["stock_tc"],
            "below_tc": stocks["stock_tc"] - stocks["stock_low_tc"],
            "above_tc": stocks["stock_high_tc"] - stocks["stock_tc"],
        }
    )


def _in_quadrature(sides: pd.DataFrame) -> pd.DataFrame:
    squares = sides.assign(below_tc=sides["below_tc"] ** 2, above_tc=sides["above_tc"] ** 2)
    sums = squares.groupby(level=list(STOCKS.index), sort=False).sum()
    return sums.assign(below_tc=np.sqrt(sums["below_tc"]), above_tc=np.sqrt(sums["above_tc"]))


def _table(sides: pd.DataFrame) -> pd.DataFrame:
    stock, below, above = (sides[name] for name in ("stock_tc", "below_tc", "above_tc"))
    table = pd.DataFrame(
        {
            "stock_tc": stock,
            "stock_se_tc": (below + above) / (2 * Z_95),
            "stock_low_tc": (stock - below).clip(lower=0.0),
            "stock_high_tc": stock + above,
            "area_error_known": True,
        }
    )
    return checked(table, STOCKS)
