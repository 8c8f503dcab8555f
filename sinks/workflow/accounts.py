"""Ecosystem accounts of a study: products by its specification, SEEA EA, what explains them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sinks.accounts.gep import Account, Year, account
from sinks.accounts.gep_tables import change_table, item_tables, service_table, total_table
from sinks.accounts.items import RuleSet
from sinks.accounts.known import Known
from sinks.errors import Finding, located
from sinks.parameters.accounts import account_inputs
from sinks.study import Study
from sinks.workflow.account_arguments import account_parameters, known_in
from sinks.workflow.account_gaps import coefficient_table, gap_table, price_table
from sinks.workflow.account_guards import checked_guards
from sinks.workflow.account_land import StudyLand, district_parts, study_land
from sinks.workflow.account_names import detail_name, named_tables
from sinks.workflow.account_rules import study_rules
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.seea import seea_tables
from sinks.workflow.statistics import COLUMNS, statistics


@dataclass(frozen=True, kw_only=True, eq=False)
class AccountBasis:
    """What an account is made of, so that it can be made again on other land."""

    rules: RuleSet
    land: StudyLand
    known: Mapping[int, Known]


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyAccounts:
    """Tables of the accounts by name, what they were made of, and what was noted."""

    tables: Mapping[str, pd.DataFrame]
    basis: AccountBasis | None = None
    findings: tuple[Finding, ...] = ()


def account_tables(
    study: Study,
    basis: CarbonBasis,
    tables: Mapping[str, pd.DataFrame],
    *,
    threads: int = 1,
) -> StudyAccounts:
    """Work out the accounts that a study asks for; none without ``[accounts]``.

    Parameters
    ----------
    tables
        Result tables of areas, carbon and balance.

    Raises
    ------
    InputRefused
        As :mod:`sinks.workflow.statistics`, :mod:`sinks.workflow.account_rules`,
        :mod:`sinks.workflow.account_guards` and :mod:`sinks.accounts.spreading`.
    """
    if study.accounts is None:
        return StudyAccounts(tables={})
    told = _told(study, basis)
    rules, parameters = study_rules(study, told), account_parameters(study, told)
    years = basis.years if len(basis.years) == 1 else (basis.years[0], basis.last)
    known = {year: known_in(study, parameters, rules, year) for year in years}
    land = study_land(basis, list(dict.fromkeys(told["zone"])), threads=threads)
    accounts = _accounts(rules, land, known)
    if not any(each.items for each in accounts):
        return StudyAccounts(tables=named_tables(study, rules))
    made = _gep(accounts, rules, years)
    made["gep_totals"] = _placed(made["gep_totals"], basis, tables["coverage"])
    guarded, alarms = checked_guards(study, rules, known, made, tables)
    gaps = gap_table(rules, known, accounts[0], study, district_parts(basis))
    made |= {
        "gep_gaps": gaps,
        "gep_guards": guarded,
        "gep_prices": price_table(parameters, rules, years),
        "gep_coefficients": coefficient_table(parameters, rules),
        **named_tables(study, rules),
    }
    made |= seea_tables(study, basis, tables, made, accounts, told)
    return StudyAccounts(
        tables={name: table for name, table in made.items() if not table.empty},
        basis=AccountBasis(rules=rules, land=land, known=known),
        findings=(*parameters.findings, *alarms),
    )


def _told(study: Study, basis: CarbonBasis) -> pd.DataFrame:
    """Return what the study's table of statistics tells; nothing without one."""
    table = basis.inputs.tables.get("statistics")
    if table is None:
        return pd.DataFrame(columns=[*COLUMNS, "kind", "source"])
    zones = [str(zone) for zone in basis.inputs.zones.frame["zone"]]
    parts = [zone for part in basis.inputs.partitions for zone in part]
    return statistics(table, zones, parts, study.district.id)


def _accounts(rules: RuleSet, land: StudyLand, known: Mapping[int, Known]) -> list[Account]:
    """Return the account of all zones, some at a time, each zone once."""
    made: list[Account] = []
    table = land.basis.inputs.tables.get("statistics")
    told_in = None if table is None else table.file
    for zones in land.batches():
        years = [
            Year(
                year=year,
                land=land.land(year, zones),
                known=replace(each, uptake=land.uptake(year, zones)),
            )
            for year, each in known.items()
        ]
        with located(file=told_in):
            whole = account(rules, years)
        made.append(whole if not made else whole.without(land.anchors))
    return made


def _placed(totals: pd.DataFrame, basis: CarbonBasis, coverage: pd.DataFrame) -> pd.DataFrame:
    """Add the area of each zone, and whether a specification for counties holds for it."""
    kinds = basis.inputs.zones.frame.set_index("zone")["kind"]
    zones = totals.index.get_level_values("zone")
    area_ha = coverage["zone_ha"].reindex(totals.index)
    return totals.assign(
        area_ha=area_ha,
        gep_yuan_per_ha=totals["gep_yuan"] / area_ha,
        standing=np.where(kinds.reindex(zones) == "district", "full", "reference"),
    )


def _with_names(services: pd.DataFrame) -> pd.DataFrame:
    """Say what services lack by its name instead of its key."""
    inputs = account_inputs()
    lacking = services["status"].isin(["partly", "no_data"])
    said = {}
    for language in ("zh", "en"):
        names = inputs[f"name_{language}"].to_dict()
        texts = services[f"reason_{language}"]
        named = [
            _named(text, names, language) if lacks else text
            for text, lacks in zip(texts, lacking, strict=True)
        ]
        said[f"reason_{language}"] = named
    return services.assign(**said)


def _named(text: str, names: Mapping[Any, Any], language: str) -> str:
    parts = []
    for part in text.split(", "):
        key, _, detail = part.partition(" ")
        named = (str(names.get(key, key)), detail_name(detail, language))
        parts.append(" ".join(filter(None, named)))
    return ("、" if language == "zh" else ", ").join(dict.fromkeys(parts))


def _gep(
    accounts: Sequence[Account], rules: RuleSet, years: Sequence[int]
) -> dict[str, pd.DataFrame]:
    made = item_tables(accounts)
    services = _with_names(service_table(accounts, rules, years, made["gep_items"]))
    totals = total_table(accounts, years, made["gep_items"], services)
    tables = {**made, "gep": services, "gep_totals": totals}
    if len(years) > 1:
        tables["gep_change"] = change_table(accounts, years)
    return tables
