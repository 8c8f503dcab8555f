"""Carbon of areas that a table tells: stocks, change and annual balance, without a study.

The same rows, draws and laws as in a study (:mod:`sinks.workflow.balance`), on plainer
ground: no stands, no reservoirs, one use or one mixture of uses to each class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sinks.carbon.balance import Ground, alternatives, balance_table, flux_table, gas_table
from sinks.carbon.change import stock_change
from sinks.carbon.conversion import conversion_terms, soil_come_about, terms_of_year
from sinks.carbon.densities import CarbonDensities
from sinks.carbon.laws import check_change, check_simulation, check_sums
from sinks.carbon.simulated import (
    KEPT,
    change_rows,
    crossed,
    phased_rows,
    simulated,
    simulated_rows,
    stock_result,
)
from sinks.carbon.stocks import stocks_by_class, zone_totals
from sinks.carbon.terms import (
    PER_HA,
    Terms,
    UseShares,
    density_parameters,
    fixed_rows,
    flux_parameters,
    growing_classes,
    use_terms,
)
from sinks.gases.potentials import WarmingPotentials
from sinks.gases.rates import FluxRates
from sinks.parameters.gases import factors
from sinks.results import CHANGE, TOTALS, checked
from sinks.uncertainty.draws import Draws, draw
from sinks.uncertainty.linear import LinearResult
from sinks.uncertainty.summary import closed_form_se, contributions
from sinks.workflow.grounds import ground_of_map

_AT_ONCE = 500_000  # zones times draws: bounds the memory, however long the table


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownAreas:
    """Areas of classes by zone, and what became what if the table tells it.

    ``areas`` is AREAS (``area_se_ha`` NaN where the area is taken as exact); ``transitions``
    is TRANSITIONS, empty for one date; ``years`` lie between its dates.
    """

    areas: pd.DataFrame
    transitions: pd.DataFrame
    years: int = 1

    @property
    def zones(self) -> pd.Index:
        """The zones, in the order of the table."""
        return self.areas.index.unique("zone")

    def of(self, zones: pd.Index) -> KnownAreas:
        """Return some zones."""
        areas, transitions = (
            table[table.index.get_level_values("zone").isin(zones)]
            for table in (self.areas, self.transitions)
        )
        return KnownAreas(areas=areas, transitions=transitions, years=self.years)

    def ground(self, classes: pd.Index, draws: Draws) -> Ground:
        """Return the ground, with draws of its areas where their errors are told.

        Errors of one zone are taken as independent: a table tells no covariance. Each zone
        is then a stratum of its own, and what a sample has as shares are its areas.
        """
        mapped = ground_of_map(self.areas, self.zones, classes)
        wide = self.areas["area_se_ha"].fillna(0.0).unstack("land_cover")  # noqa: PD010
        se_ha = wide.reindex(index=self.zones, columns=classes).fillna(0.0)
        if not (se_ha > 0).any(axis=None):
            return mapped
        names = self.zones.rename("stratum")
        areas = mapped.areas_ha.set_axis(names)
        normal = [draws.normal(f"area/{zone}", len(classes)) for zone in self.zones]
        drawn = areas.to_numpy()[:, :, None] + se_ha.to_numpy()[:, :, None] * np.array(normal)
        one = pd.DataFrame(np.eye(len(names)), index=self.zones, columns=names)
        return Ground(strata_ha=one, shares=areas, drawn=drawn, se_ha=se_ha)


@dataclass(frozen=True, kw_only=True, eq=False)
class AreaCarbon:
    """What turns areas into carbon: parameters with their draws, uses, potentials.

    The first of ``potentials`` is the one chosen; others stand beside it.
    """

    densities: CarbonDensities
    rates: FluxRates
    uses: UseShares
    potentials: Sequence[WarmingPotentials]
    classes: pd.Index
    seed: int
    count: int

    @cached_property
    def draws(self) -> Draws:
        """Draws of densities and rates, the same in every zone."""
        parameters = [density_parameters(self.densities), flux_parameters(self.rates)]
        return draw(pd.concat(parameters), seed=self.seed, count=self.count)

    def tables(self, known: KnownAreas) -> dict[str, pd.DataFrame]:
        """Return stocks, change, fluxes, balance and what decides their width, by table.

        Raises
        ------
        InputRefused
            ``D01`` for a class without density.
        InvariantViolated
            ``I41`` if a law of the accounts is broken.
        """
        self.densities.require(known.areas.index.unique("land_cover"))
        size = max(_AT_ONCE // self.count, 1)
        starts = range(0, len(known.zones), size)
        parts = [self._tables(known.of(known.zones[start : start + size])) for start in starts]
        return {name: pd.concat([part[name] for part in parts]) for name in parts[0]}

    def _tables(self, known: KnownAreas) -> dict[str, pd.DataFrame]:
        ground = known.ground(self.classes, self.draws)
        sets = {potentials.name: self._terms(known, potentials) for potentials in self.potentials}
        terms = sets[self.potentials[0].name]
        stock = stock_result(ground, self.densities, pd.DataFrame(columns=KEPT))
        fluxes = flux_table(terms, ground)
        balance = balance_table(fluxes, terms, ground, self.draws)
        check_sums(fluxes, balance)
        net = terms.result(ground.strata_ha, ground.shares)
        decided = {"stock": self._decides(stock, ground), "net_sink": self._decides(net, ground)}
        return {
            "balance": balance,
            "balance_gases": gas_table(terms, ground, self.draws),
            "balance_potentials": alternatives(sets, ground, self.draws),
            "fluxes": fluxes,
            "contributions": pd.concat(decided, names=["result"]),
            "stock_totals": self._totals(known, stock, ground),
            **self._change(known),
        }

    def _terms(self, known: KnownAreas, potentials: WarmingPotentials) -> Terms:
        per_ha = use_terms(self.uses.everywhere, self.rates, potentials)
        return Terms(
            per_ha=per_ha[list(PER_HA)],
            fixed=self._conversions(known),
            parameters=self.draws.parameters,
        )

    def _conversions(self, known: KnownAreas) -> pd.DataFrame:
        """Return what changes of class do in the last year of the transitions."""
        if known.transitions.empty:
            return fixed_rows([])
        growing = growing_classes(self.uses.everywhere, self.rates)
        every = conversion_terms(known.transitions, self.densities, growing)
        return terms_of_year(
            every, known.years, since=0, until=known.years, soil_years=_soil_years()
        )

    def _totals(self, known: KnownAreas, stock: LinearResult, ground: Ground) -> pd.DataFrame:
        closed = zone_totals(stocks_by_class(known.areas, self.densities))
        drawn = simulated(stock, ground, self.draws).loc[closed.index]
        if ground.drawn is None:
            exact = closed_form_se(stock.coefficients(), self.draws)
            check_simulation(drawn["stock_se_tc"], exact.loc[closed.index])
        known_errors = closed["area_error_known"]
        return checked(
            drawn.assign(stock_tc=closed["stock_tc"], area_error_known=known_errors), TOTALS
        )

    def _change(self, known: KnownAreas) -> dict[str, pd.DataFrame]:
        """Return the change to equilibrium, and that which has come about by the last date."""
        every = known.transitions
        if every.empty:
            return {}
        share = soil_come_about(since=0, until=known.years, soil_years=_soil_years())
        to_equilibrium = [change_rows(every, self.densities)]
        so_far = [phased_rows(every, self.densities, share)]
        drawn = simulated_rows(to_equilibrium, known.zones, self.draws)
        coefficients = crossed(to_equilibrium[0], known.zones)
        check_simulation(drawn["change_se_tc"], closed_form_se(coefficients, self.draws))
        phased = simulated_rows(so_far, known.zones, self.draws, name="change_phased")
        closed = stock_change(every, self.densities)
        table = closed.drop(columns=list(drawn.columns.intersection(closed.columns)))
        table = table.join(drawn).join(phased).assign(soil_share=share)
        check_change(table)
        return {"stock_change": checked(table, CHANGE)}

    def _decides(self, result: LinearResult, ground: Ground) -> pd.DataFrame:
        by_map = None
        if ground.drawn is not None:
            by_map = result.moved_by_map(self.draws.parameters, ground.drawn)
        drawn = result.drawn(self.draws, ground.drawn)
        return contributions(drawn, self.draws, result.coefficients(), moved_by_map=by_map)


def _soil_years() -> int:
    return int(factors("wetland_soils").get("transition", "default").middle)
