"""Tables of carbon stocks and their change: closed forms by class, simulated totals."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.carbon.balance import Ground
from sinks.carbon.change import change_by_class, stock_change
from sinks.carbon.conversion import soil_come_about
from sinks.carbon.laws import check_change, check_simulation
from sinks.carbon.simulated import (
    change_rows,
    crossed,
    phased_rows,
    simulated,
    simulated_rows,
    stock_result,
)
from sinks.carbon.stands import (
    replaced_live,
    replacement,
    stand_stocks,
    stand_terms,
    together,
)
from sinks.carbon.stocks import (
    class_totals,
    pool_totals,
    sediment_stocks,
    stocks_by_class,
    zone_totals,
)
from sinks.parameters.gases import factors
from sinks.results import CHANGE, CHANGE_ESTIMATES, STOCK_ESTIMATES, TOTALS, checked
from sinks.uncertainty.summary import closed_form_se
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.grounds import is_old, off_stands


def stock_tables(basis: CarbonBasis) -> dict[str, pd.DataFrame]:
    """Return the stocks of every year and what stands replaced, by table."""
    densities = basis.inputs.densities
    stocks = {year: _stocks(basis, year) for year in basis.years}
    areas = {year: _exact(basis.off_stands(year)) for year in basis.years}
    under = {year: sediment_stocks(of_year, densities) for year, of_year in areas.items()}
    named = {
        "stocks": stocks,
        "stock_totals": {year: _totals(basis, year, held) for year, held in stocks.items()},
        "stock_pools": {year: pool_totals(held) for year, held in stocks.items()},
        "stock_classes": {year: class_totals(held) for year, held in stocks.items()},
        "sediment": {year: pool_totals(held) for year, held in under.items()},
    }
    tables = {name: pd.concat(by_year, names=["year"]) for name, by_year in named.items()}
    if basis.stands is not None:
        below = basis.divided.at(basis.last, lambda ground: not off_stands(ground))
        tables["stand_replacement"] = replacement(below, basis.stands_in(basis.last), densities)
    return tables


def estimate_tables(basis: CarbonBasis, district: str) -> dict[str, pd.DataFrame]:
    """Return stocks and change on areas that a sample estimated, by table; none without one.

    The change is told for the district alone: a sample pools all changes, so that it does
    not know what changed in a town.
    """
    stocks = {year: made for year in basis.years if (made := _estimated(basis, year)) is not None}
    tables = {"stock_estimates": pd.concat(stocks, names=["year"])} if stocks else {}
    sample = basis.sampled.of_year(basis.last)
    if sample is not None and sample.years == (basis.years[0], basis.last):
        tables["change_estimates"] = _estimated_change(basis).loc[[district]]
    return tables


def change_tables(basis: CarbonBasis) -> dict[str, pd.DataFrame]:
    """Return what changed between the first land cover and the last, by table.

    Ground of stands that stood at both dates counts as unchanged: one inventory tells no
    change, and growth belongs to the balance. Soil is told twice: the whole way to its new
    equilibrium (potential), and what has come about by the second date (phased).
    """
    if len(basis.years) < 2:
        return {}
    densities = basis.inputs.densities
    every = _transitions(basis)
    swap = _swapped(basis)
    rows = [change_rows(every, densities), swap]
    drawn = simulated_rows(rows, basis.zones, basis.draws)
    coefficients = crossed(pd.concat(rows, ignore_index=True), basis.zones)
    check_simulation(drawn["change_se_tc"], closed_form_se(coefficients, basis.draws))
    closed = stock_change(every, densities).reindex(basis.zones).fillna(0.0)
    ends = [f"change_{end}_tc" for end in ("se", "low", "high")]
    table = (
        _with_stands(basis, closed, swap).drop(columns=ends).join(drawn.drop(columns="change_tc"))
    )
    soil_share = _soil_come_about(basis)
    rows = [phased_rows(every, densities, soil_share), swap]
    phased = simulated_rows(rows, basis.zones, basis.draws, name="change_phased")
    table = table.join(phased).assign(area_error_known=False, soil_share=soil_share)
    check_change(table)
    return {
        "stock_change": checked(table, CHANGE),
        "stock_change_by_class": change_by_class(every, densities),
    }


def _stocks(basis: CarbonBasis, year: int) -> pd.DataFrame:
    rest = stocks_by_class(_exact(basis.off_stands(year)), basis.inputs.densities)
    if basis.stands is None:
        return rest
    held = basis.stands_in(year)
    stands = stand_stocks(held, basis.stands.ranges, basis.inputs.densities)
    return together(rest, stands)


def _totals(basis: CarbonBasis, year: int, stocks: pd.DataFrame) -> pd.DataFrame:
    """Return totals with simulated errors, held to the closed form."""
    closed = zone_totals(stocks)
    ground = basis.mapped_off_stands(year)
    result = stock_result(ground, basis.inputs.densities, stand_terms(basis.stands_in(year)))
    drawn = simulated(result, ground, basis.draws).loc[closed.index]
    check_simulation(drawn["stock_se_tc"], closed_form_se(result.coefficients(), basis.draws))
    known = closed["area_error_known"]
    return checked(drawn.assign(stock_tc=closed["stock_tc"], area_error_known=known), TOTALS)


def _estimated(basis: CarbonBasis, year: int) -> pd.DataFrame | None:
    ground = basis.sampled_off_stands(year)
    if ground is None:
        return None
    fixed = stand_terms(basis.stands_in(year))
    return checked(_of_sample(basis, ground, fixed, name="stock"), STOCK_ESTIMATES)


def _estimated_change(basis: CarbonBasis) -> pd.DataFrame:
    planted = change_rows(basis.planted, basis.inputs.densities)
    fixed = pd.concat([planted, _swapped(basis)])
    change = _of_sample(basis, basis.sampled_change(), fixed, name="change")
    return checked(change, CHANGE_ESTIMATES)


def _of_sample(
    basis: CarbonBasis, ground: Ground, fixed: pd.DataFrame, *, name: str
) -> pd.DataFrame:
    """Simulate on sampled areas, and tell apart what areas and parameters do alone."""
    result = stock_result(ground, basis.inputs.densities, fixed)
    table = simulated(result, ground, basis.draws, name=name)
    if ground.drawn is None:
        raise AssertionError
    by_map = result.moved_by_map(basis.draws.parameters, ground.drawn).std(axis=1)
    by_density = result.drawn(basis.draws).std(axis=1)
    return table.assign(**{f"{name}_area_se_tc": by_map, f"{name}_density_se_tc": by_density})


def _transitions(basis: CarbonBasis) -> pd.DataFrame:
    """Return TRANSITIONS of all ground but that of old stands; new ones have their class."""
    both = pd.concat([basis.divided.changed(off_stands), basis.planted])
    return both.groupby(level=list(both.index.names), sort=False).sum()


def _swapped(basis: CarbonBasis) -> pd.DataFrame:
    """Return rows that put the live carbon of new stands in the place of class densities."""
    planted = basis.planted["area_ha"]
    area = planted.groupby(level=["zone", "land_cover_after"], sort=False).sum()
    return replaced_live(basis.stands_new, area.rename_axis(["zone", "land_cover"]))


def _with_stands(basis: CarbonBasis, closed: pd.DataFrame, swap: pd.DataFrame) -> pd.DataFrame:
    """Add new stands to the change, and old ones to the stock at both dates."""
    means = basis.draws.parameters["value"]
    gain = (swap["tc_per_unit"] * swap["parameter"].map(means)).groupby(swap["zone"]).sum()
    gain = gain.reindex(basis.zones, fill_value=0.0)
    old = stand_terms(basis.stands_in(basis.years[0]) if basis.stands else basis.stands_new)
    held = (old["tc_per_unit"] * old["parameter"].map(means)).groupby(old["zone"]).sum()
    held = held.reindex(basis.zones, fill_value=0.0)
    under = basis.divided.changed(is_old)["area_ha"].groupby(level="zone").sum()
    return closed.assign(
        common_ha=closed["common_ha"] + under.reindex(basis.zones, fill_value=0.0),
        stock_before_tc=closed["stock_before_tc"] + held,
        stock_after_tc=closed["stock_after_tc"] + held + gain,
        change_tc=closed["change_tc"] + gain,
        change_stands_tc=gain,
    )


def _soil_come_about(basis: CarbonBasis) -> float:
    """Return the share of the change of soil that has come about by the last date."""
    took = factors("wetland_soils").get("transition", "default").middle
    return soil_come_about(since=basis.years[0], until=basis.last, soil_years=int(took))


def _exact(areas: pd.DataFrame) -> pd.DataFrame:
    return areas.assign(area_se_ha=np.nan)
