"""Which publications a result leans on, and how far each was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from sinks.parameters.forest import (
    crediting_table,
    forest_factors,
    stand_constants,
    tree_allometry,
)
from sinks.parameters.gases import potential_table
from sinks.parameters.references import Reference, references, references_beside
from sinks.study import Parameters
from sinks.study_accounts import Accounts


def own_tables(parameters: Parameters, accounts: Accounts | None = None) -> dict[str, Path]:
    """Return the parameter tables that a district brought, by name."""
    named = {name: getattr(parameters, name) for name in type(parameters).model_fields}
    brought = {name: path for name, path in named.items() if isinstance(path, Path)}
    return brought if accounts is None else brought | accounts.own_tables()


def publications(
    tables: Mapping[str, pd.DataFrame], parameters: Parameters, accounts: Accounts | None = None
) -> pd.DataFrame:
    """Return what the rows of parameters behind ``tables`` cite or lean on.

    Returns
    -------
    pandas.DataFrame
        Index ``reference``; ``text`` and ``read``, of all that is a publication: a row may
        also cite a raster of the study.
    """
    known: dict[str, Reference] = dict(references())
    for path in own_tables(parameters, accounts).values():
        known |= references_beside(path)
    cited: set[str] = set()
    for frame in _rows(tables, parameters):
        cited |= set(frame["reference"])
        if "anchors" in frame:
            cited |= {key for keys in frame["anchors"] for key in str(keys).split()}
    rows = [
        {"reference": key, "text": known[key].cited(), "read": known[key].read}
        for key in sorted(cited & set(known))
    ]
    return pd.DataFrame(rows, columns=["reference", "text", "read"]).set_index("reference")


def _rows(tables: Mapping[str, pd.DataFrame], parameters: Parameters) -> Iterator[pd.DataFrame]:
    for name in ("densities", "flux_rates", "gep_coefficients", "gep_prices", "gep_rules"):
        if name in tables:
            yield tables[name]
    if "potentials" in tables:
        yield potential_table()
    if "stands" in tables:
        yield from _of_stands(tables, parameters)
    if "stands" in tables or "trees_outside" in tables:
        yield stand_constants()
    if "crediting" in tables:
        yield crediting_table()


def _of_stands(
    tables: Mapping[str, pd.DataFrame], parameters: Parameters
) -> Iterator[pd.DataFrame]:
    """Yield the rows that the species groups of the stands use."""
    factors = forest_factors(wood=parameters.wood_factors, curves=parameters.growth_curves)
    groups = factors.groups.loc[tables["species_groups"].index]
    for column, rows in (
        ("wood", factors.wood),
        ("volume_biomass", factors.equations),
        ("growth", factors.curves),
    ):
        yield rows[rows.index.isin(groups[column])]
    if tables["stand_methods"]["m3_tc_per_ha"].notna().any():
        trees = tree_allometry()
        yield trees[trees.index.get_level_values("allometry").isin(groups["allometry"])]
