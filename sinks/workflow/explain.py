"""Tables that explain the others: zones, classes, inputs, references, lineage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sinks.parameters.formulas import formulas
from sinks.study import Parameters
from sinks.study_accounts import Accounts
from sinks.workflow.inputs import Inputs
from sinks.workflow.publications import own_tables, publications


def explained(
    inputs: Inputs,
    tables: Mapping[str, pd.DataFrame],
    *,
    parameters: Parameters,
    accounts: Accounts | None = None,
) -> dict[str, pd.DataFrame]:
    """Return the tables ``zones``, ``classes``, ``inputs``, ``references`` and ``lineage``."""
    zones = pd.DataFrame(inputs.zones.frame.drop(columns="geometry")).set_index("zone")
    return {
        "zones": zones[["name_zh", "name_en", "kind"]],
        "classes": _classes(inputs),
        "inputs": inputs.files,
        "references": publications(tables, parameters, accounts),
        "lineage": _lineage(inputs.files, tables, own_tables(parameters, accounts)),
    }


def _classes(inputs: Inputs) -> pd.DataFrame:
    rows = [
        {
            "land_cover": c.key,
            "code": c.code,
            "name_zh": c.zh,
            "name_en": c.en,
            "colour": c.colour,
        }
        for c in inputs.covers[0].legend.classes
    ]
    return pd.DataFrame(rows).set_index("land_cover")


def _lineage(
    files: pd.DataFrame, tables: Mapping[str, pd.DataFrame], own: Mapping[str, Path]
) -> pd.DataFrame:
    """Return, for every column of every table, its formula and the inputs behind it."""
    rows = formulas()
    present = rows[rows.index.get_level_values("table").isin(list(tables))]
    return present.assign(
        parameters=[_with_own(names, own) for names in present["parameters"]],
        inputs=[_named(files, roles) for roles in present["inputs"]],
    )


def _with_own(names: str, own: Mapping[str, Path]) -> str:
    """Name parameter tables; behind those that a district brought stands its file."""
    return "; ".join(
        f"{name} ({own[name].name})" if name in own else name for name in names.split(";") if name
    )


def _named(files: pd.DataFrame, roles: str) -> str:
    """Name the inputs of some roles; a land cover may come from images instead of a file.

    A role is the beginning of a place: ``layers`` names all layers, ``layers.forest`` one.
    """
    wanted = [role for role in roles.split(";") if role]
    if "land_cover" in wanted and _from_images(files):
        wanted += ["classifications", "images"]
    return "; ".join(
        f"{place} {row['file']} sha256:{row['sha256'][:12]}"
        for place, row in files.iterrows()
        if any(f"{place}.".startswith(f"{role}.") for role in wanted)
    )


def _from_images(files: pd.DataFrame) -> bool:
    return not any(str(place).startswith("land_cover.") for place in files.index)
