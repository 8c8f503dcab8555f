"""Terms: what a net balance is the sum of, each a coefficient times one parameter.

A balance is linear in its parameters (IPCC 2006 Guidelines, vol. 4 ch. 1, eq. 1.1: activity
times factor). So it is kept as rows: those of a class are worth something per hectare of it,
those of a zone are there whatever the map says (stands of a register, a reservoir, what was
converted). One set of rows makes the table of fluxes, the totals, and the simulation.

Signs: ``net_per_unit`` is positive for what takes carbon out of the air. Removals and
emissions become magnitudes where a table is made of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sinks.carbon.densities import CarbonDensities
from sinks.gases.potentials import WarmingPotentials
from sinks.gases.rates import FLOW_GAS, RATE, RATE_HIGH, RATE_LOW, TAKES_UP, FluxRates
from sinks.uncertainty.linear import LinearResult

ROW = ("land_cover", "use", "process", "gas")  # of a flux, below its zone
PER_HA = (*ROW, "parameter", "net_per_unit")
FIXED = ("zone", *PER_HA)


@dataclass(frozen=True, kw_only=True, eq=False)
class UseShares:
    """Which use stands on a class, and on which share of it.

    ``everywhere`` has the index ``(land_cover, use)`` and the column ``share``; shares of a
    class add up to 1. ``of_zone`` has the index ``(zone, land_cover, use)`` and tells what is
    otherwise in single zones.
    """

    everywhere: pd.Series
    of_zone: pd.Series

    def differences(self) -> pd.Series:
        """Return what a zone with shares of its own has more or less of each use."""
        rows = []
        pairs = self.of_zone.reset_index()[["zone", "land_cover"]].drop_duplicates()
        for zone, key in pairs.to_numpy():
            own = self.of_zone.xs((zone, key), level=("zone", "land_cover"))
            more = own.sub(self.everywhere.xs(key, level="land_cover"), fill_value=0.0)
            rows += [(zone, key, use, share) for use, share in more.items() if share != 0]
        columns = ["zone", "land_cover", "use", "share"]
        return pd.DataFrame(rows, columns=columns).set_index(columns[:3])["share"].astype(float)


@dataclass(frozen=True, kw_only=True, eq=False)
class Terms:
    """Rows of a balance and the parameters they take.

    ``per_ha`` has the columns of :data:`PER_HA`: ``net_per_unit`` in tCO2e per hectare, year
    and unit of the parameter. ``fixed`` has those of :data:`FIXED`, in tCO2e per year and
    unit. ``parameters``: ``value``, ``low``, ``high``, ``stream`` by key.
    """

    per_ha: pd.DataFrame
    fixed: pd.DataFrame
    parameters: pd.DataFrame

    def of_gas(self, gas: str) -> Terms:
        """Return the rows of one gas."""
        per_ha, fixed = (frame[frame["gas"] == gas] for frame in (self.per_ha, self.fixed))
        return Terms(per_ha=per_ha, fixed=fixed, parameters=self.parameters)

    def result(self, strata_ha: pd.DataFrame, shares: pd.DataFrame) -> LinearResult:
        """Return the balance as sums of areas and parameters, for draws."""
        classes = shares.columns
        per_ha = self.per_ha.pivot_table(
            "net_per_unit", "land_cover", "parameter", aggfunc="sum", observed=True
        )
        fixed = self.fixed.pivot_table("net_per_unit", "zone", "parameter", aggfunc="sum")
        return LinearResult(
            strata_ha=strata_ha,
            shares=shares,
            per_ha=per_ha.reindex(classes).fillna(0.0),
            fixed=fixed.reindex(strata_ha.index).fillna(0.0),
        )


def fixed_rows(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put rows of zones together, in the columns of :data:`FIXED`; there may be none."""
    some = [frame[list(FIXED)] for frame in frames if len(frame)]
    if some:
        return pd.concat(some, ignore_index=True)
    empty = pd.DataFrame(columns=list(FIXED), dtype=object)
    return empty.astype({"net_per_unit": float})


def flux_parameters(rates: FluxRates) -> pd.DataFrame:
    """Return the parameters of flux rates: key ``flux/use/flow``, per hectare and year."""
    frame = rates.frame
    keys = [_key(use, flow) for use, flow in frame.index]
    return pd.DataFrame(
        {
            "value": frame[RATE].to_numpy(),
            "low": frame[RATE_LOW].to_numpy(),
            "high": frame[RATE_HIGH].to_numpy(),
            "stream": keys,
        },
        index=pd.Index(keys, name="parameter"),
    )


def density_parameters(densities: CarbonDensities) -> pd.DataFrame:
    """Return the parameters of densities: key ``density/class/pool``, in tC/ha.

    Pools of one class move together: they stand in the same places, and what makes a stand
    richer than the mean makes all of it so.
    """
    frame = densities.frame
    keys = [density_key(key, pool) for key, pool in frame.index]
    return pd.DataFrame(
        {
            "value": frame["density_tc_per_ha"].to_numpy(),
            "low": frame["density_low_tc_per_ha"].to_numpy(),
            "high": frame["density_high_tc_per_ha"].to_numpy(),
            "stream": [f"density/{key}" for key, _ in frame.index],
        },
        index=pd.Index(keys, name="parameter"),
    )


def density_key(land_cover: str, pool: str) -> str:
    """Return the key of the density of a pool."""
    return f"density/{land_cover}/{pool}"


def growing_classes(shares: pd.Series, rates: FluxRates) -> frozenset[str]:
    """Return the classes whose biomass builds up, growth above losses, under the uses they have.

    ``shares`` has the index ``(land_cover, use)``, see :class:`UseShares`.
    """
    flows = rates.frame[RATE]
    net = flows.xs("biomass_gain", level="flow") - flows.xs("biomass_loss", level="flow")
    grows = net.index[net > 0]
    uses = shares.index.get_level_values("use")
    return frozenset(shares.index.get_level_values("land_cover")[uses.isin(grows)])


def _key(use: str, flow: str) -> str:
    return f"flux/{use}/{flow}"


def net_per_unit(flow: str, potentials: WarmingPotentials) -> float:
    """Return what one unit of a flow (tC, kg of gas) is worth as net sink, in tCO2e."""
    sign = 1.0 if flow in TAKES_UP else -1.0
    return sign * potentials.factor(FLOW_GAS[flow])


def use_terms(
    uses: pd.Series, rates: FluxRates, potentials: WarmingPotentials, *, flows: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the rows of uses: ``uses`` is a share or an area by levels ending in ``use``.

    Parameters
    ----------
    flows
        Only these; all five unless said otherwise.

    Returns
    -------
    pandas.DataFrame
        The levels of ``uses`` as columns, and ``process``, ``gas``, ``parameter``,
        ``net_per_unit``.
    """
    wanted = rates.frame.reset_index()[["use", "flow"]]
    if flows:
        wanted = wanted[wanted["flow"].isin(flows)]
    worth = {flow: net_per_unit(flow, potentials) for flow in FLOW_GAS}
    rows = uses.rename("amount").reset_index().merge(wanted, on="use", how="inner")
    keys = [_key(use, flow) for use, flow in zip(rows["use"], rows["flow"], strict=True)]
    return rows.assign(
        process=rows["flow"],
        gas=rows["flow"].map(FLOW_GAS),
        parameter=keys,
        net_per_unit=rows["amount"] * rows["flow"].map(worth),
    ).drop(columns=["flow", "amount"])
