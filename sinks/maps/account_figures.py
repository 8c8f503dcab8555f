"""From the tables of ecosystem accounts to what the accounts panel of a page shows.

Every figure is one of the tables. Texts that many rows share stand once, in ``texts``; rows name
them by their place, and services, items and zones likewise, as a district has thousands of rows.
Amounts of money are in yuan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sinks.maps.account_rows import (
    Row,
    Texts,
    by_zone,
    figure,
    figures,
    in_order,
    is_true,
    money,
    plain,
    said,
    text_of,
    unit_of,
)
from sinks.maps.figures import Bounds, district, label, number, of_year, records, zone_list
from sinks.maps.inert import Words, words
from sinks.maps.seea_figures import seea_figures
from sinks.results import Results

GROUPS = ("provisioning", "regulating", "cultural")
GAPS_SHOWN = 30
_SHARES = ("told", "table", "default")
_QUANTITY = ("quantity", "quantity_low", "quantity_high")


def account_figures(results: Results, bounds_deg: Mapping[str, Bounds]) -> dict[str, Any] | None:
    """Return the accounts of every zone and year; nothing without the table ``gep``.

    Parameters
    ----------
    bounds_deg
        West, south, east and north of zones, in degrees.

    Returns
    -------
    dict or None
        Zones and years; by year and zone totals, services and the items they are made of; by
        zone the change from the first year to the last and the accounts of SEEA EA; gaps in the
        data by year and zone; checks, rule set and the names of keys.
    """
    gep = results.table("gep")
    if gep.empty:
        return None
    zones = zone_list(results, bounds_deg)
    ids = [str(zone["id"]) for zone in zones["zones"]]
    years = sorted(int(year) for year in gep.index.unique("year"))
    texts = Texts()
    services = _services(results)
    places = {str(service["key"]): k for k, service in enumerate(services)}
    totals, items = results.table("gep_totals"), results.table("gep_items")
    found = {
        **zones,
        "whole": district(results),
        "years": years,
        "rule_set": _rule_set(results),
        "groups": [{"key": key, "name": label("service_group", key)} for key in GROUPS],
        "services": services,
        "statuses": _names("service_status", gep, "status"),
        "standings": _names("standing", totals, "standing"),
        "spreads": _names("spread", items, "spread"),
        "grounds": {key: label("rests_on", key) for key in _SHARES},
        "totals": {str(year): _totals(of_year(totals, year), ids) for year in years},
        "accounts": {
            str(year): _accounts(of_year(gep, year), ids, places, texts) for year in years
        },
        "items": _items(results, places),
        "traces": {
            str(year): _traces(of_year(items, year), ids, _item_places(results), texts)
            for year in years
        },
        "change": _change(results, ids, places),
        "gaps": _gaps(results, years, ids, texts),
        "guards": _guards(results),
        "seea": seea_figures(results, years, ids, places, texts),
    }
    return {**found, "texts": texts.all()}


def _names(group: str, table: pd.DataFrame, column: str) -> dict[str, Words]:
    """Return the names of the keys that a column has."""
    keys = [] if table.empty else [str(key) for key in table[column].dropna().unique()]
    return {key: label(group, key) for key in keys}


def _services(results: Results) -> list[dict[str, Any]]:
    """Return the services by group, in each in the order of the rule set."""
    rules = {str(row["service"]): row for row in records(results.table("gep_rules"))}
    groups = {str(row["service"]): str(row["group"]) for row in records(results.table("gep"))}
    order = [key for key in dict.fromkeys([*rules, *groups]) if key in groups]
    return [
        {
            "key": key,
            "name": label("service", key),
            "group": groups[key],
            "reference": plain(rules.get(key, {}).get("reference")),
            "where": plain(rules.get(key, {}).get("where")),
        }
        for key in sorted(order, key=lambda key: _rank(groups[key]))
    ]


def _rank(group: str) -> int:
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)


def _rule_set(results: Results) -> dict[str, Any] | None:
    rows = records(results.table("rule_set"))
    if not rows:
        return None
    row = rows[0]
    base = number(row.get("base_year"))
    return {
        "name": said(row, "name") or words(str(row["rule_set"])),
        "document": plain(row.get("document")),
        "status": said(row, "status"),
        "base_year": None if base is None else int(base),
        "provisioning": text_of(row.get("provisioning")) or "net",
        "verified": is_true(row.get("verified")),
    }


def _totals(table: pd.DataFrame, ids: Sequence[str]) -> list[dict[str, Any] | None]:
    return [_total(rows[0]) if rows else None for rows in by_zone(table, ids)]


def _total(row: Row) -> dict[str, Any]:
    return {
        "gep": money(row, "gep"),
        "constant": money(row, "constant"),
        "groups": [money(row, group) for group in GROUPS],
        "gross": figure(row.get("gross_yuan")),
        "imports": figure(row.get("imports_yuan")),
        "per_ha": figure(row.get("gep_yuan_per_ha")),
        "area_ha": figure(row.get("area_ha")),
        "shares": [figure(row.get(f"{key}_share_pct")) for key in _SHARES],
        "counted": number(row.get("services_counted")),
        "missing": number(row.get("services_missing")),
        "standing": text_of(row.get("standing")),
    }


def _accounts(
    table: pd.DataFrame, ids: Sequence[str], places: Mapping[str, int], texts: Texts
) -> list[list[list[Any]]]:
    """Return for every zone the services: place, status, reason, amounts, share, verified."""
    return [
        in_order(
            [
                places[str(row["service"])],
                str(row["status"]),
                texts.place(said(row, "reason")),
                *money(row, "value"),
                *money(row, "constant"),
                figure(row.get("gross_yuan")),
                figure(row.get("share_pct")),
                int(is_true(row.get("verified"))),
            ]
            for row in rows
        )
        for rows in by_zone(table, ids)
    ]


def _item_places(results: Results) -> dict[str, int]:
    """Return the places of the items, in the order of the catalogue."""
    used = [str(row["item"]) for row in records(results.table("gep_items"))]
    known = [str(row["item"]) for row in records(results.table("account_items"))]
    found = set(used)
    order = dict.fromkeys([*(key for key in known if key in found), *used])
    return {key: place for place, key in enumerate(order)}


def _items(results: Results, places: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return what is said of an item once: name, service, unit and formula."""
    rows = {str(row["item"]): row for row in records(results.table("gep_items"))}
    told = {str(row["item"]): row for row in records(results.table("account_items"))}
    formulas = {str(row["formula"]): row for row in records(results.table("account_formulas"))}
    return [
        {
            "name": said(told.get(key), "name") or words(key),
            "service": places.get(str(rows[key]["service"])),
            "unit": unit_of(rows[key]) or words(""),
            **_formula(formulas.get(text_of(rows[key].get("formula")), {})),
        }
        for key in _item_places(results)
    ]


def _formula(row: Row) -> dict[str, Words | None]:
    return {
        "formula": said(row, "text"),
        "method": plain(row.get("method")),
        "reference": plain(row.get("reference")),
    }


def _traces(
    table: pd.DataFrame, ids: Sequence[str], items: Mapping[str, int], texts: Texts
) -> list[list[list[Any]]]:
    """Return for every zone the items: place, quantity, price, value, constant, and whence."""
    return [
        in_order(
            [
                items[str(row["item"])],
                *figures(row, _QUANTITY),
                *money(row, "unit_value"),
                *money(row, "value"),
                *money(row, "constant"),
                figure(row.get("gross_yuan")),
                int(is_true(row.get("counted"))),
                text_of(row.get("spread")),
                text_of(row.get("rests_on")),
                texts.place(plain(row.get("sources"))),
            ]
            for row in rows
        )
        for rows in by_zone(table, ids)
    ]


def _change(
    results: Results, ids: Sequence[str], places: Mapping[str, int]
) -> list[dict[str, Any] | None]:
    """Return for every zone the change of the whole and of the services."""
    found = []
    for rows in by_zone(results.table("gep_change"), ids):
        by_service = {str(row["service"]): _effects(row) for row in rows}
        services = [[k, by_service[key]] for key, k in places.items() if key in by_service]
        whole = by_service.get("all")
        found.append(None if whole is None else {"all": whole, "services": services})
    return found


def _effects(row: Row) -> dict[str, Any]:
    return {
        "change": money(row, "change"),
        "quantity": money(row, "quantity_effect"),
        "price": money(row, "price_effect"),
        "constant": money(row, "constant_change"),
        "pct": figure(row.get("constant_change_pct")),
    }


def _gaps(
    results: Results, years: Sequence[int], ids: Sequence[str], texts: Texts
) -> dict[str, Any]:
    """Return gaps once, and by year and zone how many there are and which are shown."""
    shown: dict[tuple[Any, ...], int] = {}
    table = results.table("gep_gaps")
    by_year: dict[str, list[dict[str, Any]]] = {}
    for year in years:
        by_year[str(year)] = zones = []
        for rows in by_zone(of_year(table, year), ids):
            found = sorted((_gap(row, texts) for row in rows), key=lambda gap: gap[0] != "missing")
            listed = [shown.setdefault(gap, len(shown)) for gap in found[:GAPS_SHOWN]]
            missing = sum(gap[0] == "missing" for gap in found)
            zones.append({"count": len(found), "missing": missing, "rows": listed})
    return {"rows": list(shown), "of": by_year}


def _gap(row: Row, texts: Texts) -> tuple[Any, ...]:
    """Return effect, name, detail, unit, services, default, its source and department."""
    services = [key for key in text_of(row.get("services")).replace(";", ",").split(",") if key]
    return (
        text_of(row.get("effect")),
        texts.place(said(row, "name") or words(text_of(row["input"]))),
        texts.place(plain(row.get("detail"))),
        texts.place(unit_of(row)),
        tuple(texts.place(label("service", key.strip())) for key in services),
        figure(row.get("default_value")),
        texts.place(plain(row.get("default_source"))),
        texts.place(said(row, "department")),
    )


def _guards(results: Results) -> list[dict[str, Any]]:
    return [
        {
            "name": said(row, "name") or words(str(row["guard"])),
            "passed": is_true(row.get("passed")),
            "finding": said(row, "finding"),
        }
        for row in records(results.table("gep_guards"))
    ]
