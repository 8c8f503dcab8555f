"""Names and rules of an account as tables: items, formulas, the rule set and what it counts."""

from __future__ import annotations

import pandas as pd

from sinks.accounts.items import Item, RuleSet
from sinks.parameters.accounts import account_items, account_products, rule_sets
from sinks.parameters.labels import labels
from sinks.study import Study
from sinks.workflow.account_rules import told_accounts


def named_tables(study: Study, rules: RuleSet) -> dict[str, pd.DataFrame]:
    """Return ``account_items``, ``account_formulas``, ``gep_rules`` and ``rule_set``."""
    return {
        "account_items": _items(rules),
        "account_formulas": _formulas(rules),
        "gep_rules": _rules(rules),
        "rule_set": _rule_set(study, rules),
    }


def formula_key(item: Item) -> str:
    """Return the key of what an item's value is: its quantity times its worth."""
    return f"{item.quantity} * {item.worth}"


def detail_name(detail: str, language: str) -> str:
    """Return the name of a product, pollutant or branch; anything else as it is.

    >>> detail_name("nh3n", "zh"), detail_name("rice", "en")
    ('氨氮', 'rice')
    """
    products = account_products()
    if detail in products.index:
        return str(products.loc[detail, f"name_{language}"])
    names = {**labels("service"), **labels("pollutant")}
    return names[detail][0 if language == "zh" else 1] if detail in names else detail


def item_names(item: str) -> tuple[str, str]:
    """Return the name of an item or product, Chinese and English."""
    products = account_products()
    named = products if item in products.index else account_items()
    return str(named.loc[item, "name_zh"]), str(named.loc[item, "name_en"])


def _items(rules: RuleSet) -> pd.DataFrame:
    rows = {}
    for item in rules.items:
        zh, en = item_names(item.item)
        rows[item.item] = {
            "name_zh": zh,
            "name_en": en,
            "service": item.service,
            "formula": formula_key(item),
            "unit": item.unit,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("item")


def _formulas(rules: RuleSet) -> pd.DataFrame:
    words = labels("formula")
    rows = {
        formula_key(item): {
            f"text_{lang}": f"{words[item.quantity][n]} × {words[item.worth][n]}"
            for n, lang in enumerate(("zh", "en"))
        }
        for item in rules.items
    }
    references = {formula_key(item): rules.reasons.loc[item.item] for item in rules.items}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("formula")
    return table.assign(
        method=[str(references[key]["where"]) for key in table.index],
        reference=[str(references[key]["reference"]) for key in table.index],
    )


def _rules(rules: RuleSet) -> pd.DataFrame:
    """Return what the rule set says of every service: index ``service``."""
    rows = {}
    for service in dict.fromkeys(item.service for item in rules.items):
        items = rules.of_service(service)
        counted = [item for item in items if item.counted]
        first = rules.reasons.loc[items[0].item]
        off = "not_applicable" if items[0].status == "not_applicable" else "switched_off"
        rows[service] = {
            "rule_set": rules.name,
            "status": "counted" if counted else off,
            "formula": "; ".join(dict.fromkeys(formula_key(item) for item in counted or items)),
            "reason_zh": "" if counted else str(first["reason_zh"]),
            "reason_en": "" if counted else str(first["reason_en"]),
            "verified": bool(rules.reasons.loc[[i.item for i in items], "verified"].all()),
            "reference": str(first["reference"]),
            "where": str(first["where"]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("service")


def _rule_set(study: Study, rules: RuleSet) -> pd.DataFrame:
    accounts = told_accounts(study)
    row = rule_sets(accounts.rule_sets).loc[rules.name]
    status = labels("rule_set_status")["read" if row["verified"] else "unread"]
    worths = {item.worth for item in rules.items if item.counted}
    return pd.DataFrame(
        {
            "name_zh": [str(row["name_zh"])],
            "name_en": [str(row["name_en"])],
            "document": [str(row["document"])],
            "status_zh": [status[0]],
            "status_en": [status[1]],
            "base_year": [accounts.base_year],
            "annualise": ["storage_capital" not in worths],
            "provisioning": [rules.provisioning],
            "replication": [rules.replication],
            "reference": [str(row["reference"])],
            "where": [str(row["where"])],
            "verified": [bool(row["verified"])],
        },
        index=pd.Index([rules.name], name="rule_set"),
    )
