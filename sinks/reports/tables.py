"""Result tables as CSV and JSON: the single source of every number that is shown.

``results.json`` holds every table at full precision, with the unit of each column, where its
numbers come from, and what was found in the inputs; the CSV files hold the same tables with
the names of zones, classes and uses beside their keys. One run gives one file, byte for byte.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sinks.parameters.labels import labels
from sinks.results import Results
from sinks.units import UNITS

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NAMED = {
    "zone": "zones",
    "land_cover": "classes",
    "land_cover_after": "classes",
    "use": "uses",
    "group": "species_groups",
}
_WORDED = {"process": "flow", "flow": "flow", "gas": "gas"}


def write_tables(results: Results, folder: Path) -> None:
    """Write ``results/*.csv`` and ``results.json`` into ``folder``."""
    (folder / "results").mkdir()
    for name, table in results.tables.items():
        write_table(with_names(table, results), folder / "results" / f"{name}.csv")
    text = json.dumps(as_plain(results), ensure_ascii=False, allow_nan=False, indent=1)
    (folder / "results.json").write_text(text + "\n", encoding="utf-8")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write one table as CSV that Excel opens rightly: UTF-8 with a mark, no live formulas."""
    flat = table.reset_index()
    texts = [name for name in flat if not pd.api.types.is_numeric_dtype(flat[name])]
    flat = flat.assign(**{str(name): flat[name].map(_inert) for name in texts})
    floats = flat.select_dtypes("float")
    flat[floats.columns] = floats + 0.0  # no negative zero
    flat.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def with_names(table: pd.DataFrame, results: Results) -> pd.DataFrame:
    """Put the names of zones, classes, uses, gases and so on beside their keys, in zh and en."""
    named = table.copy()
    for level, source in _NAMED.items():
        names = results.table(source)
        if level not in table.index.names or source not in results.tables:
            continue
        keys = table.index.get_level_values(level)
        for language in ("zh", "en"):
            named[f"{level}_{language}"] = names[f"name_{language}"].reindex(keys).to_numpy()
    for level, group in _WORDED.items():
        if level in table.index.names:
            words, keys = labels(group), table.index.get_level_values(level)
            for place, language in enumerate(("zh", "en")):
                named[f"{level}_{language}"] = [words[str(key)][place] for key in keys]
    return named


def as_plain(results: Results) -> dict[str, Any]:
    """Return everything a run found as plain data, ready for JSON."""
    return {
        "study": results.study,
        "name_zh": results.name_zh,
        "name_en": results.name_en,
        "run": results.run,
        "version": results.version,
        "years": list(results.years),
        "synthetic": list(results.synthetic),
        "tables": {name: _plain_table(table) for name, table in sorted(results.tables.items())},
        "findings": [finding.as_json() for finding in results.findings],
    }


def unit_of(column: str) -> str | None:
    """Return the unit that a column's suffix says, as a key of :data:`sinks.units.UNITS`.

    >>> unit_of("stock_se_tc"), unit_of("density_tc_per_ha"), unit_of("rule")
    ('tc', 'tc_per_ha', None)
    """
    fitting = [unit for unit in UNITS if column.endswith(f"_{unit}")]
    return max(fitting, key=len, default=None)


def _plain_table(table: pd.DataFrame) -> dict[str, Any]:
    units = {column: unit for column in table.columns if (unit := unit_of(str(column)))}
    flat = table.reset_index()
    return {
        "index": list(table.index.names),
        "columns": [str(column) for column in flat.columns],
        "units": {column: UNITS[unit][1] for column, unit in units.items()},
        "rows": [[_plain(cell) for cell in row] for row in _rows(flat)],
    }


def _rows(flat: pd.DataFrame) -> Iterable[tuple[object, ...]]:
    return flat.itertuples(index=False, name=None)


def _plain(cell: Any) -> object:
    if isinstance(cell, (bool, np.bool_)):
        return bool(cell)
    if isinstance(cell, (int, np.integer)):
        return int(cell)
    if isinstance(cell, (float, np.floating)):
        return float(cell) + 0.0 if math.isfinite(cell) else None  # no negative zero
    return None if cell is None or cell is pd.NA or cell is pd.NaT else str(cell)


def _inert(cell: object) -> object:
    """Keep a text from being taken for a formula by a spreadsheet."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
