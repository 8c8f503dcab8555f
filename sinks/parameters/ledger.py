"""The words of a ledger of measures: types of projects and their states."""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd

from sinks.indicators.ledger import LedgerRules, folded
from sinks.parameters.legends import house_legend
from sinks.parameters.tables import TableForm, shipped

_TERMS = TableForm(
    key=("role", "term"),
    text=("kind", "name_zh", "name_en", "aliases"),
    flags=("converts",),
)


@cache
def project_terms() -> pd.DataFrame:
    """Return types and states of projects, by ``(role, term)``."""
    return shipped("project_terms.csv", _TERMS).set_index(["role", "term"])


def ledger_rules(years: tuple[int, int], *, until: date) -> LedgerRules:
    """Return what the words of a ledger mean, and what must hold of its years.

    Parameters
    ----------
    years
        First and last year of the plan.
    until
        The day after which nothing can have been accepted yet.

    Examples
    --------
    >>> ledger_rules((2021, 2030), until=date(2025, 12, 31)).statuses["已验收"]
    'accepted'
    """
    terms = project_terms()
    types, statuses = (pd.DataFrame(terms.xs(role)) for role in ("type", "status"))
    return LedgerRules(
        types=_words(types),
        kinds={str(key): str(kind) for key, kind in types["kind"].items()},
        converting=frozenset(types.index[types["converts"]]),
        statuses=_words(statuses),
        classes=frozenset(house_legend().keys),
        years=years,
        until=until,
    )


def _words(terms: pd.DataFrame) -> dict[str, str]:
    return {
        folded(word): str(key)
        for key, row in terms.iterrows()
        for word in (key, row["name_zh"], row["name_en"], *row["aliases"].split(";"))
        if folded(word)
    }
