"""Names that people see, in Chinese and English: pools, columns, kinds, rules, rates.

Keys have a group and a name: ``pool.soil``, ``column.stock_tc``, ``kind.town``. Class names
stand in the legend, sentences of refusals in ``messages/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pandas as pd

from sinks.errors import Language
from sinks.parameters.tables import HERE


@cache
def _names() -> Mapping[str, tuple[str, str]]:
    frame = pd.read_csv(HERE / "labels.csv", dtype=str, na_filter=False, encoding="utf-8")
    return {str(row.key): (str(row.zh), str(row.en)) for row in frame.itertuples()}


def label(key: str, language: Language = "zh") -> str:
    """Return the name of ``key``.

    Raises
    ------
    LookupError
        If there is no such name: a slip of the program, which the tests catch.

    Examples
    --------
    >>> label("pool.soil"), label("column.stock_tc", "en")
    ('土壤', 'carbon stock (t C)')
    """
    if key not in _names():
        raise LookupError(f"no name for {key!r} in labels.csv")
    return _names()[key][0 if language == "zh" else 1]


def labels(group: str) -> dict[str, tuple[str, str]]:
    """Return the names of a group: name to (zh, en), without the group's prefix.

    >>> labels("pool")["soil"]
    ('土壤', 'soil')
    """
    prefix = f"{group}."
    return {k.removeprefix(prefix): v for k, v in _names().items() if k.startswith(prefix)}
