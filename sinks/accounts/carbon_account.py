"""Thematic account of carbon: what stands on each class in biomass and soil, in tonnes of carbon.

    opening + additions - reductions + reappraisal = closing

Additions are what came to a class with the ground that it gained, reductions what left it with
the ground that it lost, both at the densities of their class. The rest is reappraisal: what
only one map shows, and what a register of stands tells otherwise than the densities (their
growth too). Ground under water is sediment and no soil, and in no column.

The account holds stocks of biocarbon; carbon in rock and fossil fuel is not in it. What land
exchanges with the air in a year, methane and nitrous oxide too, is a memo beside it
(:func:`carbon_flows`) and not the difference of two stocks.

References: United Nations et al. 2021, System of Environmental-Economic Accounting - Ecosystem
Accounting, ch. 13 (thematic account of carbon).
"""

from __future__ import annotations

import pandas as pd

from sinks.carbon.change import change_by_class
from sinks.carbon.densities import POOLS, CarbonDensities
from sinks.errors import InvariantViolated
from sinks.gases.rates import GASES

ROW = ["zone", "land_cover"]
COLUMNS = ("opening_tc", "additions_tc", "reductions_tc", "reappraisal_tc", "closing_tc")
_SLACK = 1e-9  # relative to what the rows hold: the rounding of their sums
_NET = ("net_sink_tco2e_per_year", "net_sink_low_tco2e_per_year", "net_sink_high_tco2e_per_year")


def carbon_account(
    stocks: pd.DataFrame, transitions: pd.DataFrame, densities: CarbonDensities
) -> pd.DataFrame:
    """Return the account of carbon between the first and the last year of the stocks.

    Parameters
    ----------
    stocks
        STOCKS with the outer level ``year``; pools other than the four are left out.
    transitions
        TRANSITIONS from the first to the last year.
    densities
        Those that the stocks were made with.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, land_cover)``; ``opening_tc``, ``additions_tc``, ``reductions_tc``
        (magnitudes), ``reappraisal_tc`` (signed), ``closing_tc``. Empty with a single year.

    Raises
    ------
    InputRefused
        ``D01`` if a class that occurs has no density.
    InvariantViolated
        ``I84`` if a row does not add up, or additions less reductions of a zone are not the
        change of its stock on the ground that both maps show.
    """
    years = sorted(stocks.index.unique("year"))
    if len(years) < 2:
        index = pd.MultiIndex.from_arrays([[], []], names=ROW)
        return pd.DataFrame(columns=list(COLUMNS), index=index, dtype=float)
    kept = stocks.loc[stocks.index.get_level_values("pool").isin(POOLS), "stock_tc"]
    by_year = kept.groupby(level=["year", *ROW], sort=False).sum()
    opening, closing = (by_year.xs(year, level="year") for year in (years[0], years[-1]))
    gained, lost = (
        _moved(transitions, side, densities) for side in ("land_cover_after", "land_cover")
    )
    account = pd.DataFrame(
        {
            "opening_tc": opening,
            "additions_tc": gained,
            "reductions_tc": lost,
            "closing_tc": closing,
        }
    ).fillna(0.0)
    account = account.reindex(_in_order([opening, closing, gained, lost]))
    moved = account["additions_tc"] - account["reductions_tc"]
    account["reappraisal_tc"] = account["closing_tc"] - account["opening_tc"] - moved
    _require_sound(account, change_by_class(transitions, densities)["change_tc"])
    return account[list(COLUMNS)]


def carbon_flows(balance_gases: pd.DataFrame) -> pd.DataFrame:
    """Return what the land of each zone exchanges with the air in a year, gas by gas: a memo.

    Parameters
    ----------
    balance_gases
        Index ``(zone, gas)``; ``net_sink_tco2e_per_year`` with ``_low_`` and ``_high_``.

    Returns
    -------
    pandas.DataFrame
        Index ``zone``; ``co2_net_sink_tco2e_per_year`` and so on, positive for what is taken
        out of the air; NaN for a gas that was not worked out.
    """
    zones = balance_gases.index.unique("zone")
    return pd.DataFrame(
        {
            f"{gas}_{column}": balance_gases[column]
            .reindex(pd.MultiIndex.from_product([zones, [gas]], names=["zone", "gas"]))
            .to_numpy()
            for gas in GASES
            for column in _NET
        },
        index=zones,
    )


def _moved(transitions: pd.DataFrame, side: str, densities: CarbonDensities) -> pd.Series:
    """Carbon on the ground that each class gained or lost, at the density of the class."""
    before = transitions.index.get_level_values("land_cover")
    after = transitions.index.get_level_values("land_cover_after")
    densities.require(before.union(after))
    changed = transitions.loc[before != after, "area_ha"]
    held = densities.by_pool.sum(axis="columns").loc[changed.index.get_level_values(side)]
    moved: pd.Series = (changed * held.to_numpy()).groupby(level=["zone", side], sort=False).sum()
    return moved.rename_axis(index=ROW)


def _in_order(parts: list[pd.Series]) -> pd.MultiIndex:
    """Return the zones and classes of all parts, each zone in one piece, as they first come."""
    pairs = list(dict.fromkeys(pair for part in parts for pair in part.index))
    zones = dict.fromkeys(zone for zone, _ in pairs)
    ordered = [pair for zone in zones for pair in pairs if pair[0] == zone]
    return pd.MultiIndex.from_tuples(ordered, names=ROW)


def _require_sound(account: pd.DataFrame, change_tc: pd.Series) -> None:
    moved = account["additions_tc"] - account["reductions_tc"]
    off = account["opening_tc"] + moved + account["reappraisal_tc"] - account["closing_tc"]
    size = account.abs().sum(axis="columns")
    adds_up = (off.abs() <= _SLACK * size).groupby(level="zone", sort=False).all()
    zones = adds_up.index
    changed = change_tc.groupby(level="zone").sum().reindex(zones, fill_value=0.0)
    of_zone = moved.groupby(level="zone").sum().reindex(zones)
    room = size.groupby(level="zone").sum().reindex(zones)
    agrees = (of_zone - changed).abs() <= _SLACK * room
    for law, kept in (
        ({"zh": "期初加减各项不等于期末", "en": "opening and moves are not closing"}, adds_up),
        ({"zh": "增减之差不等于碳储量变化", "en": "moves are not the change of stock"}, agrees),
    ):
        if not kept.all():
            broken = [str(zone) for zone in zones[~kept]]
            raise InvariantViolated.because("I84", law=law, rows=broken[:10], count=len(broken))
