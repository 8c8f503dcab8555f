"""Tables that explain the others: zones, classes, inputs, references, lineage."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sinks.parameters.formulas import formulas
from sinks.parameters.references import references, references_beside
from sinks.workflow.inputs import Inputs


def explained(
    inputs: Inputs, tables: Mapping[str, pd.DataFrame], *, own_densities: Path | None
) -> dict[str, pd.DataFrame]:
    """Return the tables ``zones``, ``classes``, ``inputs``, ``references`` and ``lineage``."""
    zones = pd.DataFrame(inputs.zones.frame.drop(columns="geometry")).set_index("zone")
    return {
        "zones": zones[["name_zh", "name_en", "kind"]],
        "classes": _classes(inputs),
        "inputs": inputs.files,
        "references": _references(tables, own_densities),
        "lineage": _lineage(inputs.files, tables),
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


def _references(tables: Mapping[str, pd.DataFrame], table: Path | None) -> pd.DataFrame:
    """Return the publications that the densities cite, and how far each was read."""
    known = references() if table is None else references_beside(table)
    cited = sorted(set(tables["densities"]["reference"]) & set(known))
    rows = [
        {
            "reference": key,
            "text": known[key].cited(),
            "read": known[key].read,
        }
        for key in cited
    ]
    return pd.DataFrame(rows, columns=["reference", "text", "read"]).set_index("reference")


def _lineage(files: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return, for every column of every table, its formula and the inputs behind it."""
    rows = formulas()
    present = rows[rows.index.get_level_values("table").isin(list(tables))]
    return present.assign(inputs=[_named(files, roles) for roles in present["inputs"]])


def _named(files: pd.DataFrame, roles: str) -> str:
    """Name the inputs of some roles; a land cover may come from images instead of a file."""
    wanted = {role for role in roles.split(";") if role}
    if "land_cover" in wanted:
        wanted |= {"classifications", "images"} if _from_images(files) else set()
    return "; ".join(
        f"{place} {row['file']} sha256:{row['sha256'][:12]}"
        for place, row in files.iterrows()
        if str(place).split(".")[0] in wanted
    )


def _from_images(files: pd.DataFrame) -> bool:
    return not any(str(place).startswith("land_cover.") for place in files.index)
