"""How classes look from above: spectra of subtypes, how much they vary, what bands see.

The numbers are rows of ``spectra.csv``, ``variability.csv`` and ``bands.csv``, all judgement.
"""

from __future__ import annotations

import csv
from functools import cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from .places import HERE, KEYS

STEPS = 256  # positions between the first and the last subtype of a class
UNIT = 100_000  # spectra are whole numbers of 1e-5, so that every machine has the same


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of this folder."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def roles() -> tuple[str, ...]:
    """Return the bands in the order of the files."""
    return tuple(row["role"] for row in rows("bands.csv"))


@cache
def of_bands(column: str) -> NDArray[np.float64]:
    """Return a column of ``bands.csv``, one number per band."""
    return np.array([float(row[column]) for row in rows("bands.csv")])


@cache
def of_classes(column: str) -> NDArray[np.float64]:
    """Return a column of ``variability.csv`` by class code; 0 is no data."""
    table = rows("variability.csv")
    if tuple(row["key"] for row in table) != KEYS:
        raise ValueError("variability.csv needs the classes in the order of their codes")
    return np.array([0.0, *(float(row[column]) for row in table)])


@cache
def spectra(year: int) -> NDArray[np.float64]:
    """Return reflectance ``(class code, position, band)``.

    Along the positions a class passes from its first subtype to its last; how long it dwells
    on each is the subtype's share in the year.
    """
    found = np.zeros((len(KEYS) + 1, STEPS, len(roles())))
    positions = (np.arange(STEPS) + 0.5) / STEPS
    for key, group in groupby(rows("spectra.csv"), key=lambda row: row["key"]):
        subtypes = list(group)
        shares = [float(row[f"share_{year}"]) for row in subtypes]
        middles = [sum(shares[:n]) + share / 2 for n, share in enumerate(shares)]
        for band, role in enumerate(roles()):
            levels = [float(row[role]) for row in subtypes]
            found[KEYS.index(key) + 1, :, band] = np.interp(positions, middles, levels)
    return np.asarray(np.floor(found * UNIT + 0.5) / UNIT)
