"""Parameters of ecosystem accounts: items, rule sets, coefficients, prices, indices, inputs.

A rule set is rows: which accounts count, how a unit of each is valued, and coefficients and
prices of its own where it has them (column ``rule_set``; ``any`` holds for all). A district may
bring tables of the same form; its rows take the place of those that ship, or add a rule set.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from sinks.errors import Finding, InputRefused, located
from sinks.parameters.tables import TableForm, own_table, shipped

ANY = "any"
_VALUE = "value_in_unit"
_ITEMS = TableForm(
    key=("item",),
    text=(
        *("service", "detail", "unit", "quantity", "limit", "measured", "ground"),
        *("land_cover", "needs", "name_zh", "name_en"),
    ),
)
_PRODUCTS = TableForm(
    key=("product",),
    text=("service", "name_zh", "name_en", "aliases", "land_cover"),
    quantities=("cost_share_ratio", "imported_share_ratio"),
)
_SETS = TableForm(
    key=("rule_set",),
    text=("name_zh", "name_en", "document", "provisioning"),
    flags=("replication",),
)
_RULES = TableForm(
    key=("rule_set", "account"),
    text=("status", "worth", "reason_zh", "reason_en"),
    optional=("grade", "basis"),
    blank=("reason_zh", "reason_en"),
)
_COEFFICIENTS = TableForm(
    key=("rule_set", "coefficient", "detail", "land_cover"),
    text=("unit",),
    quantities=(_VALUE,),
    optional=("grade", "basis"),
    blank=("detail", "land_cover"),
)
_PRICES = TableForm(
    key=("rule_set", "price", "detail"),
    text=("unit", "year", "index"),
    quantities=(_VALUE,),
    optional=("grade", "basis"),
    blank=("detail",),
)
_INDICES = TableForm(key=("index", "year"), quantities=("ratio_pct",))
_INPUTS = TableForm(
    key=("input",),
    text=(
        *("kind", "unit", "detail", "least", "most", "spread", "error_pct", "index"),
        *("name_zh", "name_en", "aliases", "department_zh", "department_en"),
    ),
)
TABLES = {
    "account_items": _ITEMS,
    "account_products": _PRODUCTS,
    "account_rule_sets": _SETS,
    "account_rules": _RULES,
    "account_coefficients": _COEFFICIENTS,
    "account_prices": _PRICES,
    "price_indices": _INDICES,
    "account_inputs": _INPUTS,
}
FIXED = "fixed"  # the index of prices that are set by law


def account_table(name: str) -> pd.DataFrame:
    """Return one of :data:`TABLES` whole, as it ships: all rule sets, with what each row cites."""
    return shipped(f"{name}.csv", TABLES[name])


@cache
def account_items() -> pd.DataFrame:
    """Return the items of accounts by key: service, formula, unit, classes, names."""
    return shipped("account_items.csv", _ITEMS).set_index("item")


@cache
def account_products() -> pd.DataFrame:
    """Return the products that a bureau may tell, by key."""
    return shipped("account_products.csv", _PRODUCTS).set_index("product")


@cache
def account_inputs() -> pd.DataFrame:
    """Return what a bureau may tell, by key: kind, unit, bounds, names, who holds it.

    >>> str(account_inputs().loc["rain_mm", "name_zh"])
    '年降水量'
    """
    table = shipped("account_inputs.csv", _INPUTS).set_index("input")
    numbers = {name: pd.to_numeric(table[name]) for name in ("least", "most", "error_pct")}
    return table.assign(**numbers)


@cache
def statistic_units() -> dict[tuple[str, str], float]:
    """Return by what a number in a written unit is multiplied: ``(unit, term)`` to factor.

    >>> statistic_units()["t", "万吨"]
    10000.0
    """
    path = Path(__file__).parent / "statistic_units.csv"
    table = pd.read_csv(path, dtype=str, na_filter=False, encoding="utf-8")
    return {(str(r.unit), str(r.term)): float(str(r.factor)) for r in table.itertuples()}


def rule_sets(path: Path | None = None) -> pd.DataFrame:
    """Return the rule sets that there are, by name; with those of a district's own table."""
    return _with_own("account_rule_sets.csv", _SETS, path)[0].set_index("rule_set")


def account_rules(
    rule_set: str, path: Path | None = None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the rules of a set: index ``account`` (an item, or a service of products).

    Raises
    ------
    InputRefused
        ``S70`` if the set has no rules; as own tables refuse.
    """
    table, findings = _with_own("account_rules.csv", _RULES, path)
    rows = table[table["rule_set"] == rule_set]
    if rows.empty:
        known = sorted(set(table["rule_set"]))
        raise InputRefused.because("S70", file=path, found=rule_set, known=known)
    return rows.set_index("account").drop(columns="rule_set"), findings


def account_coefficients(
    rule_set: str, path: Path | None = None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the coefficients of a set: index ``(coefficient, detail, land_cover)``."""
    table, findings = _with_own("account_coefficients.csv", _COEFFICIENTS, path)
    return _of_set(table, rule_set, ["coefficient", "detail", "land_cover"]), findings


def account_prices(
    rule_set: str, path: Path | None = None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the prices of a set: index ``(price, detail)``, each with the year it is of."""
    table, findings = _with_own("account_prices.csv", _PRICES, path)
    rows = _of_set(table, rule_set, ["price", "detail"])
    return rows.assign(year=rows["year"].astype(int)), findings


def _with_own(
    name: str, form: TableForm, path: Path | None
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the table that ships, and the rows of a district's own in their place."""
    table = shipped(name, form).assign(table=name)
    if path is None:
        return table, ()
    with located(file=path):
        own, findings = own_table(path, form)
    own = own.assign(table=path.name)
    keys = pd.MultiIndex.from_frame(own[list(form.key)])
    kept = table[~pd.MultiIndex.from_frame(table[list(form.key)]).isin(keys)]
    return pd.concat([kept, own], ignore_index=True), findings


def _of_set(table: pd.DataFrame, rule_set: str, key: list[str]) -> pd.DataFrame:
    """Return the rows of a set, and those for any where it has none."""
    rows = table[table["rule_set"].isin([ANY, rule_set])]
    rows = rows.assign(own=rows["rule_set"] == rule_set).sort_values("own", kind="stable")
    return rows.drop_duplicates(key, keep="last").set_index(key).drop(columns=["rule_set", "own"])


@cache
def _indices() -> dict[tuple[str, int], float]:
    table = shipped("price_indices.csv", _INDICES)
    return {(str(r["index"]), int(r["year"])): float(r["ratio_pct"]) for _, r in table.iterrows()}


def index_factor(index: str, start: int, end: int) -> float:
    """Return by what a price of one year is multiplied to be one of another.

    Raises
    ------
    InputRefused
        ``S71`` if the index does not reach so far.

    Examples
    --------
    >>> round(index_factor("producer", 2020, 2022), 4), index_factor("fixed", 2005, 2025)
    (1.1253, 1.0)
    """
    if index == FIXED or start == end:
        return 1.0
    first, last = sorted((start, end))
    factor = 1.0
    for year in range(first + 1, last + 1):
        if (index, year) not in _indices():
            years = sorted(y for name, y in _indices() if name == index) or [0]
            facts = {"index": index, "year": str(year), "first": str(years[0] - 1)}
            raise InputRefused.because("S71", last=str(years[-1]), **facts)
        factor *= _indices()[index, year] / 100
    return factor if end > start else 1 / factor
