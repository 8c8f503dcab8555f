"""What an account lacks and what it took instead: the list of gaps, and the prices it used."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sinks.accounts.formulas import AMOUNTS, arguments
from sinks.accounts.gep import Account
from sinks.accounts.gep_tables import BRANCH
from sinks.accounts.items import Item, RuleSet
from sinks.accounts.known import Known
from sinks.parameters.accounts import (
    account_inputs,
    account_items,
    account_products,
    index_factor,
)
from sinks.parameters.labels import labels
from sinks.study import Study
from sinks.workflow.account_arguments import Tables
from sinks.workflow.account_rules import BRANCHES

_TOLD_AS = {"cost_share": "cost_yuan_per_t"}  # what a bureau tells for a default
_SHOWN = [
    *("unit", "value_in_unit", "value_low_in_unit", "value_high_in_unit"),
    *("grade", "reference", "citation", "where", "verified", "basis"),
]
_COLUMNS = [
    *("year", "zone", "input", "detail", "unit", "services", "effect"),
    *("default_value", "default_source"),
]


def gap_table(
    rules: RuleSet,
    known: Mapping[int, Known],
    made: Account,
    study: Study,
    parts: Collection[str],
) -> pd.DataFrame:
    """Return what was not told: index ``(year, zone, input, detail)``.

    ``parts`` are the zones that make up the district: what all of them tell, it tells.
    ``effect``: ``missing`` (the account lacks it), ``default_used`` (a judgement stands in its
    place), ``other_year`` (a figure of another year does), ``places_only`` (told for places,
    not for the district).
    """
    gaps: list[_Gap] = []
    for year, each in known.items():
        gaps += _missing(rules, made, each, (year, study.district.id))
        gaps += _instead(rules, made, each, (year, study.district.id), frozenset(parts))
    rows = [[getattr(gap, name) for name in _COLUMNS] for gap in gaps]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    keys = ["year", "zone", "input", "detail"]
    services = frame.groupby(keys, sort=False)["services"].agg(
        lambda s: ";".join(dict.fromkeys(s))
    )
    table = frame.drop_duplicates(keys).set_index(keys).assign(services=services)
    inputs = account_inputs()
    told = [str(name) for name in table.index.get_level_values("input")]
    columns = ("name_zh", "name_en", "department_zh", "department_en")
    names = {name: list(inputs[name].reindex(told).fillna("")) for name in columns}
    # what no bureau is asked for stands in tables of parameters, under a name of its own
    others = labels("coefficient")
    for side, name in enumerate(("name_zh", "name_en")):
        pairs = zip(names[name], told, strict=True)
        names[name] = [known or others.get(key, (key, key))[side] for known, key in pairs]
    return table.assign(**names)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Gap:
    """One thing that was not told."""

    year: int
    zone: str
    input: str
    detail: str
    services: str
    effect: str
    default_value: float | None = None
    default_source: str = ""

    @property
    def unit(self) -> str:
        """The unit that it would be told in."""
        inputs = account_inputs()
        if self.input not in inputs.index:
            return ""
        unit = str(inputs.loc[self.input, "unit"])
        return str(account_items().loc[self.detail, "unit"]) if unit == "item" else unit


def _missing(rules: RuleSet, made: Account, known: Known, at: tuple[int, str]) -> Iterator[_Gap]:
    """Yield what items that count were not told."""
    year, zone = at
    for item in rules.items:
        lacks = made.missing.get((year, item.item))
        if lacks is None or item.quantity == BRANCH:
            continue
        for argument in dict.fromkeys((lacks.argument, *_beside(item, known))):
            for detail in _details(item, argument):
                yield _Gap(
                    year=year, zone=zone, input=argument, detail=detail,
                    services=item.service, effect="missing",
                )  # fmt: skip
    for service in BRANCHES:
        items = rules.of_service(service)
        told = any(item.quantity == "output" for item in items)  # each has gaps of its own
        counted = any(item.counted for item in items) and not told
        if counted and (year, service) not in made.current:
            yield _Gap(
                year=year, zone=zone, input="output_t", detail=_products(service),
                services=service, effect="missing",
            )  # fmt: skip


def _beside(item: Item, known: Known) -> Iterator[str]:
    """Yield the figures and prices that an item lacks beside what it was found to lack first."""
    inputs = account_inputs()
    for name in item.takes:
        figure = name in inputs.index and inputs.loc[name, "kind"] != "amount"
        if figure and not known.at("").has(name, item.detail, item.land_cover):
            yield name


def _details(item: Item, argument: str) -> tuple[str, ...]:
    """Return the details with which a bureau would tell what an item lacks."""
    inputs = account_inputs()
    kind = str(inputs.loc[argument, "detail"]) if argument in inputs.index else ""
    named = {"": ("",), "land_cover": item.land_cover, "item": (item.item,)}
    return named.get(kind, (item.detail,))


def _products(service: str) -> str:
    table = account_products()
    return ";".join(table.index[table["service"] == service])


def _instead(
    rules: RuleSet, made: Account, known: Known, at: tuple[int, str], parts: frozenset[str]
) -> Iterator[_Gap]:
    """Yield what stands in the place of something that a bureau could tell."""
    year, zone = at
    frame = known.at("").frame.assign(value=known.at("").drawn[:, 0]).reset_index()
    given = _classes(made, at)
    for item in rules.items:
        if not item.counted or (year, item.item) in made.missing:
            continue
        taken = frame["argument"].isin(item.takes) & frame["detail"].isin(["", item.detail])
        taken &= frame["land_cover"].isin(["", *given.get(item.item, ())])
        for row in frame[taken].to_dict("records"):
            name = _TOLD_AS.get(row["argument"], row["argument"])
            effect = _effect(row)
            if effect and name in account_inputs().index:
                yield _Gap(
                    year=year, zone=zone, input=name, detail=row["detail"] or row["land_cover"],
                    services=item.service, effect=effect, default_value=row["value"],
                    default_source=row["source"],
                )  # fmt: skip
        yield from _places_only(item, known, at, parts)


def _classes(made: Account, at: tuple[int, str]) -> dict[str, list[str]]:
    """Return the classes that give each item there."""
    rows = pd.concat([rows[["year", "zone", "item", "land_cover"]] for rows in made.classes])
    here = rows[(rows["year"] == at[0]) & (rows["zone"] == at[1])]
    return {str(item): list(of["land_cover"]) for item, of in here.groupby("item")}


def _effect(row: Mapping[Any, Any]) -> str:
    if row["basis"] == "default":
        return "default_used"
    return "other_year" if str(row["source"]).endswith("]") else ""


def _places_only(
    item: Item, known: Known, at: tuple[int, str], parts: frozenset[str]
) -> Iterator[_Gap]:
    """Yield amounts that places tell, and neither the district nor all of its parts."""
    year, zone = at
    for name in arguments(item.quantity) if item.quantity in AMOUNTS else ():
        told = known.amounts.get((name, item.detail), {})
        whole = zone in told or bool(parts and parts <= set(told))
        if told and not whole:
            yield _Gap(
                year=year, zone=zone, input=name, detail=item.detail, services=item.service,
                effect="places_only",
            )  # fmt: skip


def coefficient_table(tables: Tables, rules: RuleSet) -> pd.DataFrame:
    """Return the coefficients that count: index ``(coefficient, detail, land_cover)``."""
    used = {name for item in rules.items if item.counted for name in item.takes}
    rows = tables.coefficients
    rows = rows[rows.index.get_level_values("coefficient").isin(used)]
    return pd.DataFrame(rows[_SHOWN])


def price_table(tables: Tables, rules: RuleSet, years: Sequence[int]) -> pd.DataFrame:
    """Return the prices of parameter tables in every year: index ``(price, year)``."""
    used = {name for item in rules.items if item.counted for name in item.takes}
    rows = []
    for row in tables.prices.reset_index().to_dict("records"):
        if row["price"] not in used:
            continue
        for year in years:
            factor = index_factor(str(row["index"]), int(row["year"]), year)
            ends = {
                f"{end}_yuan": factor * row[f"value{'' if end == 'value' else f'_{end}'}_in_unit"]
                for end in ("value", "low", "high")
            }
            rows.append(
                {
                    "price": f"{row['price']} {row['detail']}".strip(),
                    "year": year,
                    "unit": row["unit"],
                    **ends,
                    "told_value": row["value_in_unit"],
                    "told_year": row["year"],
                    "index": row["index"],
                    "factor": factor,
                    **{name: row[name] for name in ("reference", "where", "verified")},
                }
            )
    return pd.DataFrame(rows).set_index(["price", "year"]) if rows else pd.DataFrame()
