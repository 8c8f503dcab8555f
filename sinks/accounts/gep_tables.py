"""The tables of an account of ecosystem products: services with their status, totals, change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sinks.accounts.gep import YUAN, Account, Effects
from sinks.accounts.items import GROUP_OF, GROUPS, SERVICES, RuleSet
from sinks.accounts.quantities import Flow, described, total
from sinks.results import ACCOUNTS, checked

ALL = "all"  # the sum of services in a comparison
BRANCH = "value_added"  # formula of items that stand for products not told one by one
_BASES = ("told", "table", "default")


def item_tables(accounts: Sequence[Account]) -> dict[str, pd.DataFrame]:
    """Return ``gep_items`` (year, zone, item) and ``gep_classes`` (year, zone, item, class)."""
    items = pd.concat([rows for made in accounts for rows in made.items])
    classes = pd.concat([rows for made in accounts for rows in made.classes])
    levels = ["year", "zone", "item"]
    return {
        "gep_items": checked(items.set_index(levels), ACCOUNTS),
        "gep_classes": classes.set_index([*levels, "land_cover"]),
    }


def service_table(
    accounts: Sequence[Account], rules: RuleSet, years: Sequence[int], items: pd.DataFrame
) -> pd.DataFrame:
    """Return ``gep`` (year, zone, service): value, constant prices, share, status and reason."""
    gross = items.groupby(["year", "zone", "service"], sort=False)["gross_yuan"].sum()
    rows = []
    for made in accounts:
        for year in years:
            whole = _total(made.current, year)
            rows += [
                _service_rows(made, rules, year, service, whole)
                for service in SERVICES
                if rules.of_service(service)
            ]
    table = pd.concat(rows).reset_index().set_index(["year", "zone", "service"])
    return table.assign(gross_yuan=gross.reindex(table.index))


def _service_rows(
    made: Account, rules: RuleSet, year: int, service: str, whole: Flow | None
) -> pd.DataFrame:
    status, reason = service_status(made, rules, year, service)
    frame = pd.DataFrame(index=made.index)
    if (year, service) in made.current:
        value, constant = made.current[year, service], made.constant[year, service]
        frame = described(value, "value", made.index)
        frame = frame.join(described(constant, "constant", made.index))
        if whole is not None:
            frame["share_pct"] = 100 * np.divide(
                value.mean, whole.mean, out=np.full(len(frame), np.nan), where=whole.mean != 0
            )
    return frame.assign(
        year=year,
        service=service,
        group=GROUP_OF[service],
        status=status,
        reason_zh=reason[0],
        reason_en=reason[1],
        verified=bool(_reasons(rules, service)["verified"].all()),
    )


def service_status(
    made: Account, rules: RuleSet, year: int, service: str
) -> tuple[str, tuple[str, str]]:
    """Return whether a service counts in a year, and why not (what is missing, or the rule)."""
    items = rules.of_service(service)
    counted = [item for item in items if item.counted]
    if not counted:
        first = _reasons(rules, service).iloc[0]
        status = "not_applicable" if items[0].status == "not_applicable" else "switched_off"
        return status, (str(first["reason_zh"]), str(first["reason_en"]))
    lacking = [item for item in counted if (year, item.item) in made.missing]
    there = len(counted) - len(lacking)
    lacking = [item for item in lacking if item.quantity != BRANCH or not there]
    if not lacking:
        return "counted", ("", "")
    names = dict.fromkeys(str(made.missing[year, item.item]) for item in lacking)
    text = ", ".join(names)
    return ("partly" if there else "no_data"), (text, text)


def _reasons(rules: RuleSet, service: str) -> pd.DataFrame:
    return rules.reasons.loc[[item.item for item in rules.of_service(service)]]


def total_table(
    accounts: Sequence[Account], years: Sequence[int], items: pd.DataFrame, services: pd.DataFrame
) -> pd.DataFrame:
    """Return ``gep_totals`` (year, zone): all services and each group, and what they rest on."""
    rows = []
    for made in accounts:
        for year in years:
            whole = _total(made.current, year)
            constant = _total(made.constant, year)
            if whole is None or constant is None:
                continue
            frame = described(whole, "gep", made.index)
            frame = frame.join(described(constant, "constant", made.index))
            for group in GROUPS:
                of_group = _total(made.current, year, group) or whole.scaled(0.0, YUAN)
                frame = frame.join(described(of_group, group, made.index))
            rows.append(frame.assign(year=year))
    table = pd.concat(rows).reset_index().set_index(["year", "zone"])
    sums = items.groupby(["year", "zone"], sort=False)[["gross_yuan", "imports_yuan"]].sum()
    return table.join(sums).join(_rests_on(items)).join(_counted(services))


def _total(
    values: Mapping[tuple[int, str], Flow], year: int, group: str | None = None
) -> Flow | None:
    parts = [
        flow
        for (when, service), flow in values.items()
        if when == year and group in (None, GROUP_OF[service])
    ]
    return total(parts) if parts else None


def _rests_on(items: pd.DataFrame) -> pd.DataFrame:
    """Return how much of the value, amounts of either sign alike, rests on what."""
    sized = items.reset_index().assign(size=items["value_yuan"].abs().to_numpy())
    shares = sized.pivot_table("size", ["year", "zone"], "rests_on", aggfunc="sum", fill_value=0)
    shares = shares.reindex(columns=_BASES, fill_value=0.0)
    pct = 100 * shares.div(shares.sum(axis=1).where(lambda whole: whole > 0), axis=0).fillna(0.0)
    return pct.set_axis([f"{name}_share_pct" for name in _BASES], axis="columns")


def _counted(services: pd.DataFrame) -> pd.DataFrame:
    by_zone = services.groupby(level=["year", "zone"], sort=False)["status"]
    return pd.DataFrame(
        {
            "services_counted": by_zone.agg(lambda s: int(s.isin(["counted", "partly"]).sum())),
            "services_missing": by_zone.agg(lambda s: int((s == "no_data").sum())),
        }
    )


def change_table(accounts: Sequence[Account], years: Sequence[int]) -> pd.DataFrame:
    """Return ``gep_change`` (zone, service): from the first year to the last, by its causes.

    Items that one of the years lacks are left out: what was not told did not change. A single
    year has no change.
    """
    rows = []
    for made in accounts if len(years) > 1 else ():
        for service, effects in made.effects.items():
            rows.append(_change_rows(made, effects).assign(service=service))
        if made.effects:
            first, *others = made.effects.values()
            rows.append(_change_rows(made, sum(others, first)).assign(service=ALL))
    if not rows:
        return pd.DataFrame()
    return pd.concat(rows).reset_index().set_index(["zone", "service"])


def _change_rows(made: Account, effects: Effects) -> pd.DataFrame:
    current, constant = effects.current, effects.constant
    grown = constant[1] + constant[0].scaled(-1.0, YUAN)
    parts = [
        described(effects.amount + effects.price, "change", made.index),
        described(effects.amount, "quantity_effect", made.index),
        described(effects.price, "price_effect", made.index),
        described(grown, "constant_change", made.index),
    ]
    before = constant[0].mean
    return pd.concat(parts, axis="columns").assign(
        value_before_yuan=current[0].mean,
        value_after_yuan=current[1].mean,
        constant_before_yuan=before,
        constant_after_yuan=constant[1].mean,
        constant_change_pct=100
        * np.divide(grown.mean, before, out=np.full(len(before), np.nan), where=before != 0),
    )
