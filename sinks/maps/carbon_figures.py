"""From the tables of carbon to what the carbon panel of a page shows, zone by zone.

What a set of warming potentials changes are amounts of CH4 and N2O, each in proportion to its
potential; removals and emissions of each gas are given under every set of the tables, and
add up to the net balance that the tables have for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sinks.carbon.balance import SURE, verdict
from sinks.maps.figures import (
    CHANGE,
    STOCK,
    Bounds,
    change_parts,
    district,
    label,
    of_year,
    records,
    rows_of,
    zone_list,
)
from sinks.maps.inert import Words, names_of, words
from sinks.results import Results
from sinks.uncertainty.summary import Z_90

GASES = ("co2", "ch4", "n2o")
_U = "tco2e_per_year"
_NET = (f"net_sink_{_U}", f"net_sink_low_{_U}", f"net_sink_high_{_U}")
_GROSS = (f"removal_{_U}", f"emission_{_U}")
_PHASED = ("change_phased_tc", "change_phased_low_tc", "change_phased_high_tc")
_PARTS = ("land", "reservoirs", "stands", "conversion")
_YEARLY = (
    *_NET,
    *(f"net_sink_{part}_{_U}" for part in _PARTS),
    *("cumulative_tco2e", "cumulative_low_tco2e", "cumulative_high_tco2e"),
)
_STANDS = ("replaced_ha", "live_tc", "live_by_class_tc")


def carbon_figures(results: Results, bounds_deg: Mapping[str, Bounds]) -> dict[str, Any] | None:
    """Return balance, its reasons, its years, stocks and change by zone; nothing without one."""
    if results.table("balance").empty:
        return None
    zones = zone_list(results, bounds_deg)
    ids = [zone["id"] for zone in zones["zones"]]
    last = results.years[-1]
    estimates = results.table("stock_estimates")
    return {
        **zones,
        "whole": district(results),
        "year": last,
        "first_year": results.years[0],
        "sure_pct": round(100 * SURE),
        "sets": potential_sets(results),
        "net": _net(results, ids),
        "gases": [label("gas", gas) for gas in GASES],
        "by_gas": _by_gas(results, ids),
        "contributions": _contributions(results, ids),
        "series": _series(results, ids),
        "stock": rows_of(of_year(results.table("stock_totals"), last), ids, STOCK),
        "stock_estimated": rows_of(of_year(estimates, last), ids, STOCK),
        "sediment": rows_of(of_year(results.table("sediment"), last), ids, STOCK),
        "trees_outside": _trees_outside(results, ids),
        "stands": rows_of(results.table("stand_replacement"), ids, _STANDS),
        "phased": _phased(results, ids),
        "potential": rows_of(results.table("stock_change"), ids, CHANGE),
        "potential_estimated": rows_of(results.table("change_estimates"), ids, CHANGE),
        "parts": change_parts(results, ids),
        "crediting": _crediting(results),
        "accounting_only": label("crediting", "accounting_only"),
    }


def potential_sets(results: Results) -> list[dict[str, Any]]:
    """Return the sets of warming potentials, the chosen one first."""
    rows = [
        {
            "key": str(row["potentials"]),
            "name": names_of(row["name_zh"], row["name_en"]),
            "ch4": float(row["ch4"]),
            "n2o": float(row["n2o"]),
            "chosen": bool(row["chosen"]),
            "citation": words(str(row["citation"])),
        }
        for row in records(results.table("potentials"))
    ]
    return sorted(rows, key=lambda row: not row["chosen"])


def _net(results: Results, ids: Sequence[str]) -> dict[str, list[dict[str, Any] | None]]:
    """Return by set and zone the net balance, its interval and what may be said of its sign."""
    table = results.table("balance_potentials")
    told = table.assign(detectable=Z_90 * table[f"net_sink_se_{_U}"])
    columns = (*_NET, "probability_sink", "detectable")
    return {
        str(key): [_told(row) for row in rows_of(rows.droplevel("potentials"), ids, columns)]
        for key, rows in told.groupby(level="potentials")
    }


def _told(row: Sequence[float] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    net, low, high, probability, detectable = row
    return {
        "net": [net, low, high],
        "probability": probability,
        "verdict": verdict(net, probability),
        "detectable": detectable,
    }


def _by_gas(results: Results, ids: Sequence[str]) -> dict[str, list[list[Any]]]:
    """Return by set, zone and gas: removals, emissions, net and its interval."""
    gross = results.table("fluxes")[[*_GROSS]].groupby(level=["zone", "gas"]).sum()
    table = results.table("balance_gases")[[*_NET]].join(gross).fillna(0.0)
    per_gas = (rows_of(_of_gas(table, gas), ids, (*_GROSS, *_NET)) for gas in GASES)
    per_zone = list(zip(*per_gas, strict=True))
    sets = potential_sets(results)
    return {each["key"]: [_scaled(rows, each, sets[0]) for rows in per_zone] for each in sets}


def _scaled(rows: Sequence[Any], to: Mapping[str, Any], chosen: Mapping[str, Any]) -> list[Any]:
    """Turn amounts of the gases of a zone under the chosen set into those under another."""
    scales = [to.get(gas, 1.0) / chosen.get(gas, 1.0) for gas in GASES]
    return [
        None if row is None else [scale * amount for amount in row]
        for scale, row in zip(scales, rows, strict=True)
    ]


def _of_gas(table: pd.DataFrame, gas: str) -> pd.DataFrame:
    return table[table.index.get_level_values("gas") == gas].droplevel("gas")


def _contributions(results: Results, ids: Sequence[str]) -> list[list[list[Any]]]:
    """Return for every zone the names, keys and shares of what decides the width, in order."""
    table = results.table("contributions")
    found: dict[str, list[list[Any]]] = {zone: [] for zone in ids}
    for row in records(table.sort_index()):
        if row["result"] == "net_sink" and row["zone"] in found:
            name = names_of(row["name_zh"], row["name_en"])
            share_pct = float(row["contribution_pct"])
            found[row["zone"]].append([name, str(row["parameter"]), share_pct])
    return [found[zone] for zone in ids]


def _series(results: Results, ids: Sequence[str]) -> dict[str, Any]:
    """Return the years and, for every zone, one list of numbers per column."""
    table = results.table("balance_years").sort_index()
    by_zone = {str(zone): rows for zone, rows in table.groupby(level="zone")}
    return {
        "years": [int(year) for year in table.index.unique("year")],
        "parts": list(_PARTS),
        "zones": [
            [by_zone[zone][column].tolist() for column in _YEARLY] if zone in by_zone else None
            for zone in ids
        ],
    }


def _phased(results: Results, ids: Sequence[str]) -> list[dict[str, Any] | None]:
    """Return the change that has come about, and how probably it is a gain."""
    table = results.table("stock_change")
    if _PHASED[0] not in table:
        return [None] * len(ids)
    rows = rows_of(table, ids, (*_PHASED, "change_phased_probability_gain"))
    return [row and {"change": row[:3], "probability": row[3]} for row in rows]


def _trees_outside(results: Results, ids: Sequence[str]) -> list[Any]:
    table = results.table("trees_outside")
    if table.empty:
        return [None] * len(ids)
    live = table.assign(live_tc=table["above_ground_tc"] + table["below_ground_tc"])
    return rows_of(live, ids, ("live_tc", "live_low_tc", "live_high_tc"))


def _crediting(results: Results) -> dict[str, Any] | None:
    """Return the hectares of new stands that no credits could be had for, and by which rule."""
    rows = {str(row["rule"]): row for row in records(results.table("crediting"))}
    if "any" not in rows:
        return None
    return {
        "of_ha": float(rows["any"]["of_ha"]),
        "area_ha": float(rows["any"]["area_ha"]),
        "rules": [
            [Words(str(row["name_zh"]), str(row["name_en"])), float(row["area_ha"])]
            for rule, row in rows.items()
            if rule != "any" and row["area_ha"] > 0
        ],
    }
