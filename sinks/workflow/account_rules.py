"""The rule set of a study: what counts by its specification, on this land, of its products."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sinks.accounts.formulas import WORTHS
from sinks.accounts.items import Item, RuleSet, Status
from sinks.errors import InputRefused, located
from sinks.parameters.accounts import (
    account_items,
    account_products,
    account_rules,
    rule_sets,
)
from sinks.parameters.labels import label
from sinks.study import Study
from sinks.study_accounts import Accounts

PRODUCE = {"net": "produce_net", "gross": "produce_gross", "output": "produce_output"}
BRANCHES = ("crops", "forestry", "livestock", "fishery", "wetland_plants")
_REASONS = ["reason_zh", "reason_en", "verified", "reference", "where"]


def study_rules(study: Study, statistics: pd.DataFrame) -> RuleSet:
    """Return what a study's specification counts, and how it values it.

    Products are those that ``statistics`` tell an output of; a branch whose products are not
    told may have its net value told instead.

    Raises
    ------
    InputRefused
        ``S70`` a rule set that does not exist, ``S72`` rules that name no formula or status,
        ``S64`` products and the net value of one branch.
    """
    accounts = told_accounts(study)
    with located(file=study.file, place="accounts.rule_set"):
        sets = rule_sets(accounts.rule_sets)
        rules, _ = account_rules(accounts.rule_set, accounts.rules)
        if accounts.rule_set not in sets.index:
            facts = {"found": accounts.rule_set, "known": list(sets.index)}
            raise InputRefused.because("S70", **facts)
        _require_known(rules)
    chosen = sets.loc[accounts.rule_set]
    provisioning = accounts.provisioning or str(chosen["provisioning"])
    rows = [*_items(rules, accounts), *_products(rules, statistics, provisioning)]
    _require_once(rows, statistics, study)
    reasons = pd.DataFrame({item.item: reason for item, reason in rows}).T.rename_axis("item")
    return RuleSet(
        name=accounts.rule_set,
        provisioning=provisioning,  # type: ignore[arg-type]
        replication=bool(chosen["replication"]),
        items=tuple(item for item, _ in rows),
        reasons=reasons,
    )


def told_accounts(study: Study) -> Accounts:
    """Return what the study says of accounts, which must be there."""
    if study.accounts is None:
        raise AssertionError
    return study.accounts


def _require_known(rules: pd.DataFrame) -> None:
    """Refuse rules that name an item, a formula or a status that does not exist: ``S72``."""
    known = {*account_items().index, *BRANCHES}
    faults = [f"{name}" for name in rules.index if name not in known]
    faults += [f"{n}: {r['worth']}" for n, r in rules.iterrows() if r["worth"] not in WORTHS]
    faults += [
        f"{n}: {r['status']}" for n, r in rules.iterrows() if r["status"] not in ("counted", "off")
    ]
    if faults:
        raise InputRefused.because("S72", faults=faults[:10], count=len(faults))


def _items(rules: pd.DataFrame, accounts: Accounts) -> list[tuple[Item, dict[str, Any]]]:
    return [
        _item(row, rules.loc[row["item"]].to_dict(), accounts)
        for row in account_items().reset_index().to_dict("records")
        if row["item"] in rules.index
    ]


def _item(
    row: dict[Any, Any], rule: dict[Any, Any], accounts: Accounts
) -> tuple[Item, dict[str, Any]]:
    status: Status = rule["status"]
    reason = {key: rule[key] for key in _REASONS}
    needs = {
        "slope": accounts.hilly,
        "coast": accounts.coast,
        "drifting_sand": accounts.drifting_sand,
    }
    if status == "counted" and not needs.get(row["needs"], True):
        status = "not_applicable"
        reason["reason_zh"] = label(f"lacks.{row['needs']}", "zh")
        reason["reason_en"] = label(f"lacks.{row['needs']}", "en")
    made = Item(
        item=row["item"],
        service=row["service"],
        unit=row["unit"],
        quantity=row["quantity"],
        worth=rule["worth"],
        land_cover=tuple(row["land_cover"].split()),
        detail=row["detail"],
        ground=row["ground"],
        limit=row["limit"],
        measured=row["measured"],
        status=status,
    )
    return made, reason


def _products(
    rules: pd.DataFrame, statistics: pd.DataFrame, provisioning: str
) -> list[tuple[Item, dict[str, Any]]]:
    """Return an item for every product whose output is told, of the branches that have a rule."""
    told = set(statistics.loc[statistics["argument"] == "output_t", "detail"])
    made = []
    for name, row in account_products().to_dict("index").items():
        if name in told and row["service"] in rules.index:
            rule = rules.loc[row["service"]]
            item = Item(
                item=str(name),
                service=row["service"],
                unit="t",
                quantity="output",
                worth=PRODUCE[provisioning],
                land_cover=tuple(row["land_cover"].split()),
                detail=str(name),
                status=rule["status"],
            )
            made.append((item, {key: rule[key] for key in _REASONS}))
    return made


def _require_once(
    rows: list[tuple[Item, dict[str, Any]]], statistics: pd.DataFrame, study: Study
) -> None:
    """Refuse a branch that is told by product and as a whole: ``S64``."""
    branches = set(statistics.loc[statistics["argument"] == "value_added_yuan", "detail"])
    both = sorted({item.service for item, _ in rows if item.quantity == "output"} & branches)
    if both:
        raise InputRefused.because(
            "S64", file=study.file, place="layers.statistics", branches=both
        )
