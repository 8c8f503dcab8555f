"""SEEA EA of a study: extent, condition, supply and use, assets, carbon, and the way from GEP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sinks.accounts.assets import Capitalisation, asset_account
from sinks.accounts.bridge import bridge
from sinks.accounts.carbon_account import carbon_account, carbon_flows
from sinks.accounts.condition import condition_account
from sinks.accounts.extent import extent_account
from sinks.accounts.gep import Account
from sinks.accounts.supply_use import SeeaServices, left_out, monetary_tables, physical_tables
from sinks.errors import located
from sinks.parameters.accounts import account_coefficients
from sinks.parameters.accounts_seea import (
    bridge_steps,
    condition_variables,
    ecosystem_kinds,
    seea_services,
)
from sinks.study import Study
from sinks.uncertainty.draws import draw
from sinks.workflow.account_rules import told_accounts
from sinks.workflow.basis import CarbonBasis

_CAPITAL = ("discount_rate", "asset_life_years")


def seea_tables(
    study: Study,
    basis: CarbonBasis,
    tables: Mapping[str, pd.DataFrame],
    made: Mapping[str, pd.DataFrame],
    accounts: Sequence[Account],
    told: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return the tables of SEEA EA by name.

    Parameters
    ----------
    tables
        Areas, transitions, stocks and balance by gas.
    made
        Tables of the account of ecosystem products. Of an account that repeats a published
        one there is no supply, use or asset: its values are no exchange values.

    Raises
    ------
    InputRefused
        ``S80``, ``S81`` about variables of condition.
    InvariantViolated
        ``I81`` to ``I84`` if an account does not balance.
    """
    services = seea_services()
    found = {**_physical_assets(basis, tables), "seea_condition": _condition(told, study)}
    if not bool(made["rule_set"]["replication"].iloc[0]):
        found |= _services(made, services)
        found["seea_assets"] = _assets(study, accounts, services)
    return found


def _physical_assets(
    basis: CarbonBasis, tables: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Return extent and carbon between the first and the last land cover."""
    found = {"seea_carbon_flows": carbon_flows(tables["balance_gases"])}
    if len(basis.years) > 1:
        ends = [basis.years[0], basis.last]
        areas, stocks = (
            tables[name][tables[name].index.get_level_values("year").isin(ends)]
            for name in ("areas", "stocks")
        )
        transitions = tables["transitions"]
        found["seea_extent"] = extent_account(
            areas, transitions, ecosystem_kinds(), _estimates(tables, ends)
        )
        found["seea_carbon"] = carbon_account(stocks, transitions, basis.inputs.densities)
    return found


def _estimates(tables: Mapping[str, pd.DataFrame], years: list[int]) -> pd.DataFrame | None:
    table = tables.get("area_estimates")
    if table is None:
        return None
    return table[table.index.get_level_values("year").isin(years)]


def _condition(told: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return the account of condition of what the bureau told; levels are its range."""
    rows = told[told["argument"] == "condition"]
    if rows.empty:
        return pd.DataFrame()
    named = {"detail": "variable", "low": "low_reference", "high": "high_reference"}
    frame = rows.rename(columns=named).set_index(["year", "zone", "variable"])
    with located(file=study.file, place="layers.statistics"):
        return condition_account(frame.drop(columns=["argument", "kind"]), condition_variables())


def _services(made: Mapping[str, pd.DataFrame], services: SeeaServices) -> dict[str, pd.DataFrame]:
    """Return supply and use, and the bridge from the account of products."""
    items, classes = made["gep_items"], made["gep_classes"]
    net_items = items.assign(value_yuan=items["exchange_yuan"])
    net_classes = classes.assign(value_yuan=classes["exchange_yuan"])
    monetary = monetary_tables(net_items, net_classes, services)
    supply = monetary.xs("supply", level="side")["value_yuan"]
    supply = supply.groupby(level=["year", "zone"], sort=False).sum()
    place = ["year", "zone"]
    counted = items.groupby(level=place, sort=False)[["value_yuan", "exchange_yuan"]].sum()
    steps = [
        ("gep", counted["value_yuan"]),
        ("gross_provisioning", counted["exchange_yuan"] - counted["value_yuan"]),
    ]
    apart = left_out(net_items, net_classes, services)["value_yuan"]
    apart_by = apart.index.unique("step")
    steps += [(str(step), apart.xs(step, level="step")) for step in apart_by]
    return {
        "seea_physical": physical_tables(items, classes, services),
        "seea_monetary": monetary,
        "seea_bridge": bridge(steps, supply, bridge_steps()),
    }


def _assets(study: Study, accounts: Sequence[Account], services: SeeaServices) -> pd.DataFrame:
    """Return the monetary asset account of the services with an exchange value."""
    frame = services.frame
    exchanged = set(frame.index[frame["final"] & frame["exchange"]])
    capital = _capital(study)
    parts = [
        asset_account(
            [flow for flow in made.assets if flow.service in exchanged], made.index, capital
        )
        for made in accounts
        if made.assets
    ]
    return pd.concat(parts) if parts else pd.DataFrame()


def _capital(study: Study) -> Capitalisation:
    """Return discount rate and life with their draws."""
    accounts = told_accounts(study)
    table, _ = account_coefficients(accounts.rule_set, accounts.coefficients)
    places = pd.MultiIndex.from_product([_CAPITAL, [""], [""]])
    rows = table.loc[places].to_dict("records")
    ends = [[float(row[f"value{end}_in_unit"]) for end in ("", "_low", "_high")] for row in rows]
    frame = pd.DataFrame(ends, columns=["value", "low", "high"], index=list(_CAPITAL))
    drawn = draw(
        frame.rename_axis("parameter"), seed=study.study.seed, count=study.balance.draws
    ).drawn
    rate, life = (np.hstack([ends[n][0], drawn[n]]) for n in range(len(_CAPITAL)))
    return Capitalisation(rate=rate, life_years=life)
