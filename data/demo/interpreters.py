"""Two interpreters who label places of a sample: mostly right, now and then a similar class.

What they take for what stands in ``confusions.csv``. A place draws the same luck in every
year, as for one who looks at both pictures side by side: where nothing changed, the labels
of both years agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray

from .places import HERE, KEYS
from .signatures import rows

ERRORS = (0.03, 0.05)  # of the first and of the second interpreter
SHIPPED = HERE.parent


class Labels(NamedTuple):
    """House classes that two interpreters give to places; empty where no land cover is."""

    first: NDArray[np.str_]
    second: NDArray[np.str_]


def reference_labels(
    points_xy: NDArray[np.float64], year: int, seed: int, folder: Path = SHIPPED
) -> Labels:
    """Label places from the true land cover of a year, with the errors of interpreters.

    Parameters
    ----------
    points_xy
        Metres of EPSG:4549, shape ``(n, 2)``.
    year
        2020 or 2025: the shipped land cover of the year is the truth.
    seed
        Another seed makes other errors; the order of the places does not matter.
    folder
        Where ``raster/yandu_landcover_<year>.tif`` stands.
    """
    with rasterio.open(folder / "raster" / f"yandu_landcover_{year}.tif") as source:
        codes = np.array([code for (code,) in source.sample(points_xy)])
    truth = np.array(["", *KEYS])[codes]
    first, second = (
        np.array(
            [seen(key, xy, error, (seed, n)) for key, xy in zip(truth, points_xy, strict=True)]
        )
        for n, error in enumerate(ERRORS, start=95)
    )
    return Labels(first, second)


def seen(key: str, xy: Sequence[float], error: float, seed: tuple[int, int]) -> str:
    """Return the class that somebody sees where ``key`` stands: now and then a similar one."""
    x_cm, y_cm = (round(float(metres) * 100) for metres in xy)
    wrong, which = np.random.Generator(np.random.PCG64((*seed, x_cm, y_cm))).random(2)
    if not key or wrong >= error:
        return str(key)
    similar = SIMILAR[key]
    edges = np.add.accumulate([weight for _, weight in similar])
    return similar[int(np.searchsorted(edges[:-1], which * edges[-1], side="right"))][0]


SIMILAR = {
    key: [(row["taken_for"], float(row["weight"])) for row in group]
    for key, group in groupby(rows("confusions.csv"), key=lambda row: row["key"])
}
