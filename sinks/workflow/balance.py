"""Tables of the greenhouse-gas balance: of the last year of land cover, and year by year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from sinks.carbon.balance import (
    Ground,
    alternatives,
    balance_table,
    flux_table,
    gas_table,
)
from sinks.carbon.conversion import conversion_terms, terms_of_year
from sinks.carbon.laws import check_sums
from sinks.carbon.simulated import stock_result
from sinks.carbon.stands import stand_terms
from sinks.carbon.terms import PER_HA, Terms, fixed_rows, growing_classes, use_terms
from sinks.carbon.trajectory import YearParts, trajectory_table
from sinks.errors import located
from sinks.gases.potentials import WarmingPotentials
from sinks.parameters.gases import factors, potential_sets, warming_potentials
from sinks.uncertainty.laws import Floats
from sinks.uncertainty.linear import LinearResult
from sinks.uncertainty.summary import contributions
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.grounds import PLACE, RESERVOIR, equals, off_stands
from sinks.workflow.stands import increment_terms
from sinks.workflow.uses import reservoir_uses

GASES_OF_STANDS = ("soil_gain", "ch4", "n2o")  # living carbon has terms of its own


@dataclass(frozen=True, kw_only=True, eq=False)
class BalanceMaker:
    """Makes the balance of a study under one set of potentials."""

    basis: CarbonBasis
    potentials: WarmingPotentials

    def terms(self, year: int) -> Terms:
        """Return the rows of the balance of a year, on the land cover of the last."""
        parts = [*self.parts(year).values()]
        return Terms(
            per_ha=self.per_ha,
            fixed=fixed_rows([self.own_shares, *parts]),
            parameters=self.basis.draws.parameters,
        )

    def parts(self, year: int) -> dict[str, pd.DataFrame]:
        """Return the rows that do not follow from the map, by what they belong to."""
        return {
            "reservoirs": fixed_rows(list(self._reservoirs(year))),
            "stands": fixed_rows([self.of_stands, self._increments(year)]),
            "conversion": self._conversions(year),
        }

    @cached_property
    def per_ha(self) -> pd.DataFrame:
        """The rows of classes, for every zone alike."""
        uses = self.basis.uses.everywhere
        return use_terms(uses, self.basis.rates, self.potentials)[list(PER_HA)]

    @cached_property
    def own_shares(self) -> pd.DataFrame:
        """What places with uses of their own have more or less than :attr:`per_ha` says.

        Their ground is part of every zone that they lie in; areas are those of the map.
        """
        basis, rows = self.basis, []
        for zone, more in basis.uses.differences().groupby(level="zone", sort=False):
            area_ha = basis.divided.at(basis.last, equals(f"{PLACE}{zone}"))["area_ha"]
            told = more.droplevel("zone").rename("share").reset_index()
            pairs = area_ha.reset_index().merge(told, on="land_cover")
            pairs["amount"] = pairs["area_ha"] * pairs["share"]
            amounts = pairs.set_index(["zone", "land_cover", "use"])["amount"]
            rows.append(use_terms(amounts, basis.rates, self.potentials))
        return fixed_rows(rows)

    @cached_property
    def of_stands(self) -> pd.DataFrame:
        """What the ground of stands exchanges besides their growth: by the use of their class."""
        held = self.basis.stands_in(self.basis.last)["area_ha"]
        area_ha = held.groupby(level=["zone", "land_cover"]).sum()
        return self._by_class(area_ha, flows=GASES_OF_STANDS)

    @cached_property
    def growing(self) -> frozenset[str]:
        """Classes whose biomass builds up: growth above losses."""
        return growing_classes(self.basis.uses.everywhere, self.basis.rates)

    def _by_class(self, area_ha: pd.Series, *, flows: tuple[str, ...] = ()) -> pd.DataFrame:
        """Return the rows of ground whose class is known: ``area_ha`` by zone and class."""
        if area_ha.empty:
            return fixed_rows([])
        shares = self.basis.uses.everywhere.rename("share").reset_index()
        rows = area_ha.rename("area_ha").reset_index().merge(shares, on="land_cover")
        rows["amount"] = rows["area_ha"] * rows["share"]
        amounts = rows.set_index(["zone", "land_cover", "use"])["amount"]
        return use_terms(amounts, self.basis.rates, self.potentials, flows=flows)

    def _reservoirs(self, year: int) -> Iterator[pd.DataFrame]:
        """Yield the rows of each reservoir: its water by its age, the rest as elsewhere."""
        basis = self.basis
        uses = reservoir_uses(basis.study, year)
        for source in basis.study.balance.reservoirs:
            area_ha = basis.divided.at(basis.last, equals(RESERVOIR + source.zone))["area_ha"]
            water = area_ha.index.get_level_values("land_cover").isin(source.land_cover)
            yield self._by_class(area_ha if source.zone not in uses else area_ha[~water])
            if source.zone in uses:
                of_use = pd.concat({uses[source.zone]: area_ha[water]}, names=["use"])
                amounts = of_use.reorder_levels(["zone", "land_cover", "use"])
                yield use_terms(amounts, basis.rates, self.potentials)

    def _increments(self, year: int) -> pd.DataFrame:
        stands = self.basis.stands
        if stands is None:
            return fixed_rows([])
        return increment_terms(stands, year)

    def _conversions(self, year: int) -> pd.DataFrame:
        if len(self.basis.years) < 2:
            return fixed_rows([])
        return self.of_year(self.conversions, year)

    def of_year(self, conversions: pd.DataFrame, year: int) -> pd.DataFrame:
        """Return the share of rows of conversions that falls on a year."""
        took = factors("wetland_soils").get("transition", "default").middle
        first, last = self.basis.years[0], self.basis.last
        return terms_of_year(conversions, year, since=first, until=last, soil_years=int(took))

    @cached_property
    def conversions(self) -> pd.DataFrame:
        """The rows of everything that was converted between the first land cover and the last."""
        basis = self.basis
        changed = pd.concat([basis.divided.changed(off_stands), basis.planted])
        return conversion_terms(changed, basis.inputs.densities, self.growing)


def balance_maker(basis: CarbonBasis) -> BalanceMaker:
    """Return the maker of the balance under the potentials that the study chose."""
    with located(file=basis.study.file, place="balance.potentials"):
        chosen = warming_potentials(basis.study.balance.potentials)
    return BalanceMaker(basis=basis, potentials=chosen)


def balance_tables(basis: CarbonBasis) -> dict[str, pd.DataFrame]:
    """Return FLUXES, BALANCE and what explains them, by table, for the last land cover."""
    maker, ground = balance_maker(basis), basis.rest(basis.last)
    terms = maker.terms(basis.last)
    fluxes = flux_table(terms, ground)
    balance = balance_table(fluxes, terms, ground, basis.draws)
    check_sums(fluxes, balance)
    sets = {
        name: replace(maker, potentials=warming_potentials(name)).terms(basis.last)
        for name in potential_sets()
    }
    return {
        "fluxes": fluxes,
        "balance": balance,
        "balance_gases": gas_table(terms, ground, basis.draws),
        "balance_potentials": alternatives(sets, ground, basis.draws),
        "balance_years": balance_years(maker),
        "contributions": _contributions(basis, terms, ground),
    }


def balance_years(maker: BalanceMaker) -> pd.DataFrame:
    """Return the balance year by year from the first land cover on: index ``(year, zone)``.

    Land cover goes from the first map to the last in equal steps and then stays as it is.
    """
    basis = maker.basis
    first, last, until = basis.years[0], basis.last, basis.study.balance.until
    at_last = _of_land(maker, basis.rest(last))
    at_first = _of_land(maker, basis.rest(first)) if _alike(basis) else at_last
    parts = [
        YearParts(
            year=year,
            passed=1.0 if last == first else min((year - first) / (last - first), 1.0),
            fixed=maker.parts(year),
        )
        for year in range(first, max(until, last) + 1)
    ]
    return trajectory_table(at_first, at_last, parts, basis.draws)


def mapped_balance(basis: CarbonBasis) -> pd.Series:
    """Return the net sink of every zone with the map taken at its word, in tCO2e a year."""
    maker = BalanceMaker(
        basis=basis, potentials=warming_potentials(basis.study.balance.potentials)
    )
    terms, ground = maker.terms(basis.last), basis.mapped_rest(basis.last)
    return terms.result(ground.strata_ha, ground.shares).mean(terms.parameters)


def _alike(basis: CarbonBasis) -> bool:
    """Whether the first and the last land cover are known in the same way."""
    sampled = [basis.sampled.of_year(year) for year in (basis.years[0], basis.last)]
    return sampled[0] is sampled[1]


def _of_land(maker: BalanceMaker, ground: Ground) -> tuple[LinearResult, Floats]:
    """Return the balance of the ground that the map speaks for, and its draws."""
    basis = maker.basis
    terms = Terms(per_ha=maker.per_ha, fixed=maker.own_shares, parameters=basis.draws.parameters)
    result = terms.result(ground.strata_ha, ground.shares)
    return result, result.drawn(basis.draws, ground.drawn)


def _contributions(basis: CarbonBasis, terms: Terms, ground: Ground) -> pd.DataFrame:
    """Return the five parameters that move stock and balance of every zone most."""
    bare = basis.sampled_off_stands(basis.last) or basis.mapped_off_stands(basis.last)
    held = stand_terms(basis.stands_in(basis.last))
    results = {
        "stock": (stock_result(bare, basis.inputs.densities, held), bare),
        "net_sink": (terms.result(ground.strata_ha, ground.shares), ground),
    }
    parts = {}
    for name, (result, of) in results.items():
        by_map = None
        if of.drawn is not None:
            by_map = result.moved_by_map(basis.draws.parameters, of.drawn)
        parts[name] = contributions(
            result.drawn(basis.draws, of.drawn),
            basis.draws,
            result.coefficients(),
            moved_by_map=by_map,
        )
    return pd.concat(parts, names=["result"])
