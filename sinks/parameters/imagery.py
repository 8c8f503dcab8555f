"""What images need to know: names of bands, spectral indices, schemes of quality codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

from sinks.errors import InputRefused
from sinks.imagery.indices import SpectralIndex
from sinks.imagery.quality import QualityScheme
from sinks.imagery.roles import nearest
from sinks.parameters.tables import TableForm, shipped

_ROLES = TableForm(key=("role",), text=("zh", "en", "wavelength_nm", "sentinel_2", "landsat_8"))
_INDICES = TableForm(key=("index",), text=("zh", "en", "formula"))
_QUALITY = TableForm(key=("scheme", "code"), text=("kind", "zh", "en"), flags=("clear",))


@cache
def band_roles() -> pd.DataFrame:
    """Return the roles that bands may have, with their names and central wavelengths.

    >>> band_roles().loc["red_edge_1", ["zh", "wavelength_nm"]].tolist()
    ['红边 1', '705']
    """
    return shipped("band_roles.csv", _ROLES).set_index("role")


@cache
def index_table() -> pd.DataFrame:
    """Return the spectral indices by key, with formula and citation."""
    return shipped("spectral_indices.csv", _INDICES).set_index("index")


@cache
def quality_table() -> pd.DataFrame:
    """Return the codes (or bits) of the quality schemes, and which of them are clear."""
    return shipped("quality_schemes.csv", _QUALITY)


@cache
def spectral_indices() -> Mapping[str, SpectralIndex]:
    """Return the spectral indices by key."""
    return {
        str(key): SpectralIndex(
            key=str(key), formula=row.formula, zh=row.zh, en=row.en, citation=row.citation
        )
        for key, row in index_table().iterrows()
    }


def chosen_indices(keys: Sequence[str]) -> tuple[SpectralIndex, ...]:
    """Return indices by key, in the order named.

    Raises
    ------
    InputRefused
        ``B23`` with the nearest known key.
    """
    known = spectral_indices()
    for key in keys:
        if key not in known:
            near = nearest(key, known)
            raise InputRefused.because("B23", place=key, index=key, near=near, known=list(known))
    return tuple(known[key] for key in keys)


def quality_scheme(name: str) -> QualityScheme:
    """Return a scheme of quality codes that ships.

    Raises
    ------
    InputRefused
        ``B16`` with the nearest known name.

    Examples
    --------
    >>> sorted(quality_scheme("s2_scl").keep)
    [2, 4, 5, 6, 7]
    >>> sorted(quality_scheme("landsat_qa_pixel").drop_bits)
    [0, 1, 2, 3, 4, 5]
    """
    table = quality_table()
    rows = table[table["scheme"] == name]
    if rows.empty:
        near = nearest(name, table["scheme"].unique())
        raise InputRefused.because("B16", place=name, scheme=name, near=near)
    codes = rows["code"].astype(int)
    if (rows["kind"] == "bit").all():
        return QualityScheme(name=name, drop_bits=frozenset(codes[~rows["clear"]]))
    return QualityScheme(name=name, keep=frozenset(codes[rows["clear"]]), known=frozenset(codes))
