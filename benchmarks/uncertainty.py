"""Intervals of a balance from 10,000 draws: ours against a loop and against plain numpy.

    python -m benchmarks.uncertainty [--draws 10000] [--zones 30] [--rounds 5]

Every class of the house legend, every use that may stand on it, zones of random areas; with
the areas as the map has them, and drawn with the error of a sample. All competitors take the
same draws and find the same figures: mean, standard error and interval of every zone and of
each gas in it, and the probability of a sink; ours makes the table of fluxes as well. The loop
goes through draws and zones one by one; plain numpy holds zones by classes by draws at once.
CPU seconds of one thread, best of the rounds; memory is the most that a job allocates at a
time, beside the draws, in a run apart.

Goals with the defaults: figures equal to 1e-12; loop / ours >= 15; plain numpy / ours >= 0.7
with areas of the map and >= 1.2 with areas drawn, with four times our memory or more; draws
and all tables in 1 second.
"""

from __future__ import annotations

import argparse
import resource
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sinks.carbon.balance import NET, UNIT, Ground, balance_table, flux_table, gas_table
from sinks.carbon.terms import PER_HA, Terms, fixed_rows, flux_parameters, use_terms
from sinks.gases.rates import GASES
from sinks.parameters.gases import flux_rates, land_uses, warming_potentials
from sinks.parameters.legends import house_legend
from sinks.uncertainty.areas import SampledShares, area_se, drawn_shares, mapped_shares
from sinks.uncertainty.draws import Draws, draw

Floats = NDArray[np.float64]
Made = TypeVar("Made")
CLASSES = pd.Index(house_legend().keys, name="land_cover")
SUMMARY = [f"{NET}_{end}{UNIT}" for end in ("", "se_", "low_", "high_")]
LABELLED = 50  # places of a sample in each class of the map


def main() -> None:
    """Print a line for the draws, and lines per kind of ground."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=10_000)
    options.add_argument("--zones", type=int, default=30)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    terms, areas_ha = every_use(), random_areas(chosen.zones)
    uses, parameters = terms.per_ha["use"].nunique(), len(terms.parameters)
    print(f"{chosen.zones} zones, {len(CLASSES)} classes, {uses} uses, {chosen.draws} draws")
    with threadpool_limits(1):
        seconds, draws = best(
            lambda: draw(terms.parameters, seed=1, count=chosen.draws), chosen.rounds
        )
        print(f"draws of {parameters} parameters {seconds:.2f} s")
        compare("areas of the map", terms, mapped(areas_ha), draws, chosen.rounds)
        seconds, ground = best(lambda: sampled(areas_ha, draws), chosen.rounds)
        print(f"draws of {len(CLASSES)} x {len(CLASSES)} shares {seconds:.2f} s")
        compare("areas drawn", terms, ground, draws, chosen.rounds)
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"max RSS {memory_mb:.0f} MB, all competitors")


def every_use() -> Terms:
    """Return the terms of a district with every use on its class, in equal shares."""
    rates, _ = flux_rates()
    uses = land_uses()
    shares = {
        (key, use): 1 / len(uses.allowed(key)) for key in CLASSES for use in uses.allowed(key)
    }
    index = pd.MultiIndex.from_tuples(shares, names=["land_cover", "use"])
    rows = use_terms(pd.Series(list(shares.values()), index=index), rates, warming_potentials())
    parameters = flux_parameters(rates)
    return Terms(per_ha=rows[list(PER_HA)], fixed=fixed_rows([]), parameters=parameters)


def random_areas(zones: int) -> pd.DataFrame:
    """Return hectares by zone and class."""
    index = pd.Index([f"zone {n}" for n in range(zones)], name="zone")
    areas_ha = np.random.default_rng(3).gamma(0.7, 300.0, (zones, len(CLASSES)))
    return pd.DataFrame(areas_ha, index=index, columns=CLASSES)


def mapped(areas_ha: pd.DataFrame) -> Ground:
    """Return the ground of a map that is taken at its word."""
    shares = mapped_shares(CLASSES)
    return Ground(strata_ha=areas_ha, shares=shares, drawn=None, se_ha=0 * areas_ha)


def sampled(areas_ha: pd.DataFrame, draws: Draws) -> Ground:
    """Return the ground that a sample judges: 85 % of each class of the map are that class."""
    pairs = pd.MultiIndex.from_product([[0], CLASSES], names=["date", "land_cover"])
    size = len(CLASSES)
    shares = np.full((size, size), 0.15 / (size - 1))
    np.fill_diagonal(shares, 0.85)
    covariance = {
        str(key): pd.DataFrame((np.diag(row) - np.outer(row, row)) / (LABELLED - 1), pairs, pairs)
        for key, row in zip(CLASSES, shares, strict=True)
    }
    sample = SampledShares(
        shares=pd.DataFrame(shares, index=CLASSES, columns=pairs), covariance=covariance
    )
    return Ground(
        strata_ha=areas_ha,
        shares=sample.at(0),
        drawn=drawn_shares(sample, draws, "sample"),
        se_ha=area_se(sample, areas_ha, 0),
    )


def compare(name: str, terms: Terms, ground: Ground, draws: Draws, rounds: int) -> None:
    """Compare three ways to the same tables."""
    jobs = {
        "ours": partial(ours, terms, ground, draws),
        "plain numpy": partial(peer, at_once, terms, ground, draws),
        "loop": partial(peer, by_loop, terms, ground, draws),
    }
    print(f"{name:18s} seconds   / ours      MB   apart")
    least, figures = best(jobs["ours"], rounds)
    for way, job in jobs.items():
        seconds, found = best(job, 1 if way == "loop" else rounds)
        apart = (np.abs(found - figures).max(axis=0) / np.abs(figures).max(axis=0)).max()
        line = f"  {way:16s} {seconds:7.3f}  {seconds / least:7.1f}  {most_mb(job):6.0f}"
        print(f"{line}   {apart:.0e}", flush=True)


def ours(terms: Terms, ground: Ground, draws: Draws) -> Floats:
    """Make the tables with :mod:`sinks.carbon.balance`; shape ``(zones, figures)``."""
    balance = balance_table(flux_table(terms, ground), terms, ground, draws)
    gases = gas_table(terms, ground, draws)
    parts = [gases.xs(gas, level="gas").loc[balance.index, SUMMARY] for gas in GASES]
    return np.hstack([balance[[*SUMMARY, "probability_sink"]].to_numpy(), *parts])


def peer(
    way: Callable[[Floats, Floats, Floats, Floats], Floats],
    terms: Terms,
    ground: Ground,
    draws: Draws,
) -> Floats:
    """Make the same figures from arrays, ``way`` giving net sinks by zone and draw."""
    theta = draws.drawn
    shares = ground.shares.to_numpy()[:, :, np.newaxis] if ground.drawn is None else ground.drawn
    strata_ha, mean_areas_ha = ground.strata_ha.to_numpy(), ground.areas_ha.to_numpy()
    means = terms.parameters["value"].to_numpy()
    parts = []
    for gas in (None, *GASES):
        worth = _worth(terms if gas is None else terms.of_gas(gas))
        net = way(strata_ha, shares, worth, theta)
        low, high = np.quantile(net, [0.025, 0.975], axis=1)
        parts += [mean_areas_ha @ worth @ means, net.std(axis=1), low, high]
        parts += [(net > 0).mean(axis=1)] if gas is None else []
    return np.array(parts).T


def by_loop(strata_ha: Floats, shares: Floats, worth: Floats, theta: Floats) -> Floats:
    """Go through draws and zones one by one, as one would at first."""
    net = np.empty((len(strata_ha), theta.shape[1]))
    for at in range(theta.shape[1]):
        per_ha = worth @ theta[:, at]
        drawn = shares[:, :, at % shares.shape[2]]
        for zone, hectares in enumerate(strata_ha):
            net[zone, at] = (hectares @ drawn) @ per_ha
    return net


def at_once(strata_ha: Floats, shares: Floats, worth: Floats, theta: Floats) -> Floats:
    """Multiply areas and rates of every zone, class and draw, then add up classes."""
    areas_ha = np.tensordot(strata_ha, shares, axes=1)
    net: Floats = (areas_ha * (worth @ theta)).sum(axis=1)
    return net


def best(job: Callable[[], Made], rounds: int) -> tuple[float, Made]:
    """Return the least CPU seconds of a job, and what it made."""
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        found = job()
        seconds.append(time.process_time() - start)
    return min(seconds), found


def most_mb(job: Callable[[], object]) -> float:
    """Return the most memory that a job holds at a time, in MB."""
    tracemalloc.start()
    job()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def _worth(terms: Terms) -> Floats:
    """Classes by parameters, tCO2e per hectare and unit."""
    table = terms.per_ha.pivot_table("net_per_unit", "land_cover", "parameter", aggfunc="sum")
    return np.asarray(table.reindex(index=CLASSES, columns=terms.parameters.index).fillna(0.0))


if __name__ == "__main__":
    main()
