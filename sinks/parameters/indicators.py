"""What the rates of the plan count: kinds of stands, forms of protection, rules, constants."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Literal

import pandas as pd

from sinks.errors import InputRefused
from sinks.parameters.tables import TableForm, shipped

_KINDS = TableForm(
    key=("kind",),
    text=("name_zh", "name_en", "aliases", "tree_cover"),
    flags=("forest_notice", "forest_land"),
)
_FORMS = TableForm(key=("form",), text=("name_zh", "name_en", "aliases"), flags=("accepted",))
_RULES = TableForm(
    key=("indicator", "rule"),
    text=(
        "name_zh",
        "name_en",
        "numerator_zh",
        "numerator_en",
        "denominator_zh",
        "denominator_en",
    ),
)
_RIVERS = TableForm(key=("role", "term"), text=("name_zh", "name_en", "aliases"))
_GREEN = TableForm(key=("land_cover",), flags=("green",))
_CONSTANTS = TableForm(key=("constant",), text=("number", "unit"))


@cache
def stand_kinds() -> pd.DataFrame:
    """Return the kinds of forest stands by key, with their aliases and where they count."""
    return shipped("stand_kinds.csv", _KINDS).set_index("kind")


@cache
def protection_forms() -> pd.DataFrame:
    """Return the forms of protection by key, with aliases and whether they are accepted."""
    return shipped("forms.csv", _FORMS).set_index("form")


@cache
def indicator_rules() -> pd.DataFrame:
    """Return the definitions of rates, by ``(indicator, rule)``."""
    return shipped("indicator_rules.csv", _RULES).set_index(["indicator", "rule"])


@cache
def river_terms() -> pd.DataFrame:
    """Return levels of rivers and states of their assessment, by ``(role, term)``.

    >>> recognised(["是", "规划"], river_terms().xs("status"), field="ecological")
    ['accepted', 'planned']
    """
    return shipped("river_terms.csv", _RIVERS).set_index(["role", "term"])


@cache
def green_table() -> pd.DataFrame:
    """Return which classes of the house legend are vegetation within a town, by key."""
    return shipped("green_classes.csv", _GREEN).set_index("land_cover")


def green_classes() -> frozenset[str]:
    """Return the keys of the classes that count as green in a built-up area.

    >>> "UGR" in green_classes(), "LAK" in green_classes()
    (True, False)
    """
    table = green_table()
    return frozenset(table.index[table["green"]])


def constant(name: str) -> float:
    """Return a constant that rates need, such as ``trees_per_ha``.

    >>> constant("trees_per_ha")
    1650.0
    """
    table = shipped("indicator_constants.csv", _CONSTANTS).set_index("constant")
    return float(str(table.loc[name, "number"]))


def counted_kinds(
    rule: Literal["tree_cover", "notice_2023", "land_based"],
    *,
    shrub: str = "special",
    economic: bool = True,
) -> frozenset[str]:
    """Return the kinds of stands that count by a rule.

    ``shrub`` (``special`` or ``all``) and ``economic`` are the switches of 林木覆盖率.
    """
    kinds = stand_kinds()
    if rule == "notice_2023":
        return frozenset(kinds.index[kinds["forest_notice"]])
    if rule == "land_based":
        return frozenset(kinds.index[kinds["forest_land"]])
    counted = {"always"} | ({"economic"} if economic else set())
    counted |= {"shrub_all"} if shrub == "all" else set()
    return frozenset(kinds.index[kinds["tree_cover"].isin(counted)])


def recognised(texts: Iterable[object], table: pd.DataFrame, *, field: str) -> list[str]:
    """Return the key of ``table`` that each text means: its key, a name or an alias.

    Raises
    ------
    InputRefused
        ``F01`` with the texts that mean nothing known.
    """
    keys = {
        _folded(name): str(key)
        for key, row in table.iterrows()
        for name in (str(key), row["name_zh"], row["name_en"], *row["aliases"].split(";"))
        if name.strip()
    }
    said = [_folded(text) for text in texts]
    if unknown := sorted({text for text in said if text not in keys}):
        raise InputRefused.because(
            "F01", field=field, unknown=unknown[:10], known=list(table["name_zh"])
        )
    return [keys[text] for text in said]


def _folded(text: object) -> str:
    """Drop what typing varies: width of characters, case, blanks around."""
    return unicodedata.normalize("NFKC", str(text)).strip().casefold()
