"""The annual balance of greenhouse gases: what land takes out of the air less what it gives.

    net sink (tCO2e/a) = removals - emissions, summed over classes, uses, processes and gases

Positive is a sink. CO2, CH4 and N2O are added with the global warming potentials of one named
set; other sets stand beside it as alternatives, because which one is meant is a choice and no
error. Everything follows from one set of rows (:mod:`sinks.carbon.terms`).

References: IPCC 2006 Guidelines and 2019 Refinement, vol. 4; 2013 Wetlands Supplement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sinks.carbon.terms import ROW, Terms
from sinks.gases.rates import GASES
from sinks.results import BALANCE, FLUXES, checked
from sinks.uncertainty.draws import Draws
from sinks.uncertainty.laws import Floats
from sinks.uncertainty.summary import Z_90, probability_positive, summarised
from sinks.units import Z_95

SURE = 0.95  # probability from which a balance is called a sink, or a source
NET = "net_sink"
UNIT = "tco2e_per_year"


def verdict(net_sink: float, probability_sink: float) -> Literal["sink", "source", "open"]:
    """Return what may be said of the sign of a balance.

    A zone that exchanges nothing is neither, though no draw of it is above 0.

    >>> verdict(9.5, 0.97), verdict(-9.5, 0.03), verdict(9.5, 0.5), verdict(0.0, 0.0)
    ('sink', 'source', 'open', 'open')
    """
    if net_sink == 0 or 1 - SURE < probability_sink < SURE:
        return "open"
    return "sink" if probability_sink >= SURE else "source"


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """The ground that a balance is made on: areas by class, with what is known of their error.

    ``strata_ha``: zones by strata; ``shares``: strata by classes (each class itself, without
    a sample); ``drawn``: draws of the shares, or nothing where areas are taken as exact;
    ``se_ha``: standard error of the area of each class, zones by classes, zero without one.
    """

    strata_ha: pd.DataFrame
    shares: pd.DataFrame
    drawn: Floats | None
    se_ha: pd.DataFrame

    @property
    def areas_ha(self) -> pd.DataFrame:
        """Mean areas, zones by classes."""
        return self.strata_ha @ self.shares

    def by_class(self) -> pd.Series:
        """Return mean areas as rows: index ``(zone, land_cover)``, ``area_ha``."""
        areas = self.areas_ha
        pairs = pd.MultiIndex.from_product(
            [areas.index, areas.columns], names=["zone", "land_cover"]
        )
        return pd.Series(areas.to_numpy().ravel(), index=pairs, name="area_ha")


def flux_table(terms: Terms, ground: Ground) -> pd.DataFrame:
    """Return what every zone, class, use, process and gas exchanges in a year: FLUXES.

    Intervals are closed forms: parameters and area of a row in quadrature, both sides apart,
    parameters of one stream plainly.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, land_cover, use, process, gas)``; ``removal_tco2e_per_year`` and
        ``emission_tco2e_per_year`` (magnitudes), ``net_sink_tco2e_per_year`` with ``_low_``
        and ``_high_``. Rows of nothing that never can be anything are left out.
    """
    levels = ["zone", *ROW]
    parts = [_of_classes(terms, ground), terms.fixed.assign(relative_se=0.0)]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1])
    ends = terms.parameters.loc[rows["parameter"], ["value", "low", "high", "stream"]]
    coefficient = rows["net_per_unit"].to_numpy()
    value, low, high = (ends[name].to_numpy() for name in ("value", "low", "high"))
    takes = coefficient >= 0
    rows = rows.assign(
        stream=ends["stream"].to_numpy(),
        net=coefficient * value,
        below=np.abs(coefficient) * np.where(takes, value - low, high - value),
        above=np.abs(coefficient) * np.where(takes, high - value, value - low),
        of_area=Z_95 * rows["relative_se"].to_numpy() * np.abs(coefficient * value),
    )
    streams = rows.groupby([*levels, "stream"], sort=False)[
        ["net", "below", "above", "of_area"]
    ].sum()
    streams[["below", "above", "of_area"]] **= 2
    sums = streams.groupby(level=levels, sort=False).sum()
    sums = sums[(sums != 0).any(axis=1)]
    net = sums["net"]
    table = pd.DataFrame(
        {
            f"removal_{UNIT}": net.clip(lower=0.0),
            f"emission_{UNIT}": (-net).clip(lower=0.0),
            f"{NET}_{UNIT}": net,
            f"{NET}_low_{UNIT}": net - np.sqrt(sums["below"] + sums["of_area"]),
            f"{NET}_high_{UNIT}": net + np.sqrt(sums["above"] + sums["of_area"]),
        }
    )
    return checked(table, FLUXES)


def balance_table(
    fluxes: pd.DataFrame, terms: Terms, ground: Ground, draws: Draws
) -> pd.DataFrame:
    """Return the net balance of every zone with its simulated interval: BALANCE.

    Returns
    -------
    pandas.DataFrame
        Index ``zone``; removals and emissions (sums of the rows of FLUXES),
        ``net_sink_tco2e_per_year`` with ``_se_``, ``_low_``, ``_high_``;
        ``probability_sink``, the share of draws in which the zone is a net sink;
        ``detectable_tco2e_per_year``, how far from nothing a balance must be to be told from
        it at 90 % (1.645 standard errors).
    """
    result = terms.result(ground.strata_ha, ground.shares)
    drawn = result.drawn(draws, ground.drawn)
    mean = result.mean(terms.parameters)
    found = summarised(drawn, mean, name=NET, unit=UNIT)
    sums = fluxes[[f"removal_{UNIT}", f"emission_{UNIT}"]].groupby(level="zone").sum()
    table = sums.reindex(mean.index).fillna(0.0).join(found)
    table["probability_sink"] = probability_positive(drawn)
    table[f"detectable_{UNIT}"] = Z_90 * table[f"{NET}_se_{UNIT}"]
    return checked(table, BALANCE)


def gas_table(terms: Terms, ground: Ground, draws: Draws) -> pd.DataFrame:
    """Return the net balance of each gas by zone: index ``(zone, gas)``."""
    parts = {}
    for gas in GASES:
        of_gas = terms.of_gas(gas)
        result = of_gas.result(ground.strata_ha, ground.shares)
        drawn = result.drawn(draws, ground.drawn)
        parts[gas] = summarised(drawn, result.mean(terms.parameters), name=NET, unit=UNIT)
    table = pd.concat(parts, names=["gas"]).swaplevel()
    return table.reindex(
        pd.MultiIndex.from_product([ground.strata_ha.index, GASES], names=["zone", "gas"])
    )


def alternatives(sets: Mapping[str, Terms], ground: Ground, draws: Draws) -> pd.DataFrame:
    """Return the net balance under every set of potentials: index ``(potentials, zone)``."""
    parts = {}
    for name, terms in sets.items():
        result = terms.result(ground.strata_ha, ground.shares)
        drawn = result.drawn(draws, ground.drawn)
        table = summarised(drawn, result.mean(terms.parameters), name=NET, unit=UNIT)
        parts[name] = table.assign(probability_sink=probability_positive(drawn))
    return pd.concat(parts, names=["potentials"])


def _of_classes(terms: Terms, ground: Ground) -> pd.DataFrame:
    """Give the rows per hectare the hectares of every zone, and the error of those."""
    areas = ground.areas_ha
    se = ground.se_ha.reindex(index=areas.index, columns=areas.columns).fillna(0.0)
    flat = ground.by_class().reset_index().assign(area_se_ha=se.to_numpy().ravel())
    flat = flat[(flat["area_ha"] != 0) | (flat["area_se_ha"] != 0)]
    rows = flat.merge(terms.per_ha, on="land_cover", how="inner")
    area = rows["area_ha"]
    relative = np.divide(
        rows["area_se_ha"], area.abs(), out=np.zeros(len(rows)), where=(area != 0).to_numpy()
    )
    return rows.assign(net_per_unit=rows["net_per_unit"] * area, relative_se=relative)
