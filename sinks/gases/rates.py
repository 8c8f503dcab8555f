"""Flux rates: what one hectare of a use exchanges with the air in a year.

Five flows make a use: growth of biomass, its loss (harvest and mortality, because growth is
before harvest), the change of soil carbon with burial, methane and nitrous oxide. Carbon is
counted in tC, gases in kg of gas. Their sum is the net sink:

    net sink (tCO2e/ha/a) = 44/12 (gain - loss + soil) - CH4 GWP/1000 - N2O GWP/1000

References: IPCC 2006 Guidelines, vol. 4 ch. 2, equations 2.1 to 2.4 and 2.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from sinks.errors import InputRefused
from sinks.gases.potentials import WarmingPotentials

GASES = ("co2", "ch4", "n2o")
FLOW_GAS: Mapping[str, str] = {
    "biomass_gain": "co2",
    "biomass_loss": "co2",
    "soil_gain": "co2",
    "ch4": "ch4",
    "n2o": "n2o",
}
FLOWS = tuple(FLOW_GAS)
UNIT_OF_GAS: Mapping[str, str] = {"co2": "tc", "ch4": "kg_ch4", "n2o": "kg_n2o"}
TAKES_UP = ("biomass_gain", "soil_gain")  # a positive rate removes carbon from the air
NEVER_NEGATIVE = ("biomass_gain", "biomass_loss")

RATE = "rate_per_ha_per_year"
RATE_LOW, RATE_HIGH = "rate_low_per_ha_per_year", "rate_high_per_ha_per_year"
REMOVAL = "removal_tco2e_per_ha_per_year"
EMISSION = "emission_tco2e_per_ha_per_year"
NET_SINK = "net_sink_tco2e_per_ha_per_year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One rate with its range of about 95 %: a row that a calculation puts into a table.

    Per hectare and year, in tC or kg of gas as the flow says (:data:`UNIT_OF_GAS`).
    """

    use: str
    flow: str
    rate_per_ha_per_year: float
    rate_low_per_ha_per_year: float
    rate_high_per_ha_per_year: float
    reference: str
    citation: str
    where: str
    basis: str
    verified: bool = False

    @property
    def unit(self) -> str:
        """The unit of the flow: ``tc``, ``kg_ch4`` or ``kg_n2o``."""
        return UNIT_OF_GAS[FLOW_GAS[self.flow]]

    def row(self) -> dict[str, object]:
        """Return the rate as a row of :class:`FluxRates`."""
        names = ("use", "flow", "unit", RATE, RATE_LOW, RATE_HIGH)
        cited = ("reference", "citation", "where", "basis", "verified")
        return {name: getattr(self, name) for name in (*names, *cited)}


@dataclass(frozen=True, kw_only=True)
class FluxRates:
    """Rates of each use and flow, with a range of about 95 %.

    ``frame`` has the index ``(use, flow)`` with exactly the flows of :data:`FLOWS` for
    every use, and the columns ``unit``, ``rate_per_ha_per_year`` with its low and high,
    ``reference``, ``citation``, ``where``, ``verified`` and ``basis``. Rates may be
    negative (methane taken up, soil that loses carbon), growth and loss of biomass not.

    Raises
    ------
    InputRefused
        ``Y01`` if a use lacks a flow or has one that is not known, ``Y02`` for a rate that
        is blank, not between its low and high, or negative where it cannot be, ``Y03`` for
        a unit that does not fit the flow.
    """

    frame: pd.DataFrame
    table: str

    def __post_init__(self) -> None:
        for use, group in self.frame.groupby(level="use"):
            flows = list(group.index.get_level_values("flow"))
            if sorted(flows) != sorted(FLOWS):
                raise InputRefused.because(
                    "Y01", place=use, flows=flows, wanted=list(FLOWS), table=self.table
                )
        self._refuse("Y02", ~self._sound())
        wanted = self._flow.map(FLOW_GAS).map(UNIT_OF_GAS).to_numpy()
        self._refuse("Y03", self.frame["unit"].to_numpy() != wanted)

    @cached_property
    def uses(self) -> frozenset[str]:
        """The uses that have rates."""
        return frozenset(self.frame.index.unique("use"))

    def require(self, uses: Iterable[str]) -> None:
        """Refuse uses that have no rates, by name.

        Raises
        ------
        InputRefused
            ``Y04``.
        """
        if missing := sorted(set(uses) - self.uses):
            raise InputRefused.because("Y04", uses=missing, table=self.table)

    def with_rates(self, rates: Iterable[Rate]) -> FluxRates:
        """Return the table with some rates replaced, or with a new use of five rates."""
        rows = pd.DataFrame([rate.row() for rate in rates]).set_index(["use", "flow"])
        added = rows.reindex(columns=self.frame.columns, fill_value="").astype(self.frame.dtypes)
        kept = self.frame[~self.frame.index.isin(added.index)]
        order = self.frame.index.union(added.index, sort=False)
        return replace(self, frame=pd.concat([kept, added]).loc[order])

    def rates_of(self, use: str, *, named: str) -> tuple[Rate, ...]:
        """Return the five rates of a use under another name, to be changed from there.

        Raises
        ------
        InputRefused
            ``Y04``.
        """
        self.require([use])
        columns = ["flow", RATE, RATE_LOW, RATE_HIGH, "reference", "citation", "where", "basis"]
        rows = self.frame.reset_index()
        own = rows.loc[rows["use"] == use, [*columns, "verified"]].to_dict("records")
        return tuple(Rate(use=named, **{str(name): of for name, of in row.items()}) for row in own)

    @property
    def _flow(self) -> pd.Index:
        return self.frame.index.get_level_values("flow")

    def _sound(self) -> npt.NDArray[np.bool_]:
        numbers = self.frame[[RATE_LOW, RATE, RATE_HIGH]].to_numpy(dtype=float)
        ordered = (numbers[:, 0] <= numbers[:, 1]) & (numbers[:, 1] <= numbers[:, 2])
        possible = ~self._flow.isin(NEVER_NEGATIVE) | (numbers[:, 0] >= 0)
        sound: npt.NDArray[np.bool_] = np.isfinite(numbers).all(axis=1) & ordered & possible
        return sound

    def _refuse(self, code: str, faulty: npt.NDArray[np.bool_]) -> None:
        if faulty.any():
            rows = [" ".join(map(str, key)) for key in self.frame.index[faulty]]
            raise InputRefused.because(code, rows=rows[:10], count=len(rows), table=self.table)


def exchanges(rates: FluxRates, potentials: WarmingPotentials) -> pd.DataFrame:
    """Say what each flow removes from the air and gives off, in one unit.

    Returns
    -------
    pandas.DataFrame
        Index ``(use, flow)``; ``gas``, and per hectare and year the magnitudes
        ``removal_tco2e_...`` and ``emission_tco2e_...``, both 0 or more, and their
        difference ``net_sink_tco2e_...`` (positive is a sink).
    """
    flow = rates.frame.index.get_level_values("flow")
    gas = flow.map(FLOW_GAS)
    sign = np.where(flow.isin(TAKES_UP), 1.0, -1.0)
    factor = gas.map({g: potentials.factor(g) for g in GASES}).to_numpy(dtype=float)
    net = sign * factor * rates.frame[RATE].to_numpy(dtype=float)
    columns = {
        "gas": gas,
        REMOVAL: np.maximum(net, 0.0),
        EMISSION: np.maximum(-net, 0.0),
        NET_SINK: net + 0.0,  # turns -0.0 into 0.0
    }
    return pd.DataFrame(columns, index=rates.frame.index)


def net_balance(rates: FluxRates, potentials: WarmingPotentials) -> pd.DataFrame:
    """Add up what a hectare of each use removes and gives off, by gas and in all.

    Returns
    -------
    pandas.DataFrame
        Index ``use``; per hectare and year ``removal_co2_tco2e_...``,
        ``emission_co2_tco2e_...`` and so on for ``ch4`` and ``n2o``, their sums
        ``removal_tco2e_...`` and ``emission_tco2e_...``, and ``net_sink_tco2e_...`` =
        removal - emission.
    """
    parts = exchanges(rates, potentials)
    by_gas = parts.pivot_table([REMOVAL, EMISSION], "use", "gas", aggfunc="sum", sort=False)
    columns = {
        f"{what}_{gas}_tco2e_per_ha_per_year": by_gas[(column, gas)]
        for gas in GASES
        for what, column in (("removal", REMOVAL), ("emission", EMISSION))
    }
    totals = parts.groupby("use", sort=False)[[REMOVAL, EMISSION, NET_SINK]].sum()
    return pd.DataFrame(columns).join(totals).loc[rates.frame.index.unique("use")]
