"""What the doctor says of ecosystem accounts: rule set, its tables, the table of statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd

from sinks.doctor_items import Item, zone_ids
from sinks.errors import Finding, InputRefused, located
from sinks.parameters.accounts import rule_sets
from sinks.sources.vectors import read_zones
from sinks.study import Study
from sinks.workflow.account_arguments import account_parameters
from sinks.workflow.account_rules import study_rules, told_accounts
from sinks.workflow.inputs import layer_options
from sinks.workflow.statistics import COLUMNS, statistics
from sinks.workflow.study_tables import read_study_table

Look = Callable[[], Item]


def account_looks(study: Study) -> Iterator[tuple[str, Path, Look]]:
    """Yield the place, file and look of what a run would refuse of the accounts of a study."""
    if study.accounts is not None:
        yield "accounts", study.file, partial(_accounts_item, study)


def _accounts_item(study: Study) -> Item:
    """Read rules and parameters, and what the table of statistics means."""
    told, found = _told(study)
    rules = study_rules(study, told)
    found = (*found, *account_parameters(study, told).findings)
    accounts = told_accounts(study)
    row = rule_sets(accounts.rule_sets).loc[rules.name]
    counted = sum(item.counted for item in rules.items)
    return Item(
        place="accounts",
        file=str(study.file),
        known={
            "rule_set": (str(row["name_zh"]), str(row["name_en"])),
            "counted": (f"{counted}",) * 2,
            "rows": (f"{len(told):,}",) * 2,
        },
        facts={"kind": "accounts", "rule_set": rules.name, "items": counted, "rows": len(told)},
        findings=found,
    )


def _told(study: Study) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return what the table of statistics tells; zones are checked where they can be read."""
    source = study.layers.statistics
    if source is None:
        return pd.DataFrame(columns=[*COLUMNS, "kind", "source"]), ()
    with located(file=source.path, place="layers.statistics"):
        table = read_study_table(source)
        zones = zone_ids(study)
        known = set(table.frame["zone"].dropna()) if zones is None else set(zones)
        district = study.district.id
        return statistics(table, {*known, district}, _parts(study), district), table.findings


def _parts(study: Study) -> list[str]:
    """Return the ids of the zones that make up the district; those of layers that can be read."""
    parts: list[str] = []
    for source in study.zones:
        if not source.partition:
            continue
        try:
            options = layer_options(source, study.limits)
            layer = read_zones(source.path, zone_field=source.id_field, **options)
        except InputRefused:
            continue
        parts += list(layer.frame["zone"].astype(str))
    return parts
