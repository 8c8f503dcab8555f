"""The nodes of the network: cores of habitat that are large enough."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from sinks.restoration.network.lattice import Labels, Lattice, Mask
from sinks.restoration.network.pattern import EIGHT, Pattern

_REACHED = 1 - 1e-9  # of the least area: 100 pixels of 0.01 ha are a hectare


@dataclass(frozen=True, kw_only=True, eq=False)
class Patches:
    """Labelled patches and the table of them.

    ``labels`` holds 1 to n in reading order, 0 between patches. ``table`` has the index
    ``patch`` (1 to n) and the columns ``px``, ``area_ha``, ``row`` and ``col`` (centroid, in
    pixels, 0 is the middle of the first), ``x`` and ``y`` (the same on the map).
    """

    labels: Labels
    table: pd.DataFrame
    lattice: Lattice

    def __len__(self) -> int:
        return len(self.table)

    @property
    def area_ha(self) -> NDArray[np.float64]:
        """Hectares by patch, shape ``(n,)``."""
        return np.asarray(self.table["area_ha"], dtype=np.float64)

    @cached_property
    def boxes(self) -> list[tuple[slice, slice]]:
        """Rows and columns that each patch spans, in the order of the table."""
        return list(ndimage.find_objects(self.labels))


def core_patches(pattern: Pattern, *, min_ha: float = 0.0) -> Patches:
    """Return the cores of at least ``min_ha``, in reading order."""
    return _large_ones(pattern.cores, pattern.count, pattern.lattice, min_ha)


def patches_of(mask: Mask, lattice: Lattice, *, min_ha: float = 0.0) -> Patches:
    """Return the patches of any mask, over sides and corners, of at least ``min_ha``."""
    labels, count = ndimage.label(mask, structure=EIGHT)
    return _large_ones(labels, int(count), lattice, min_ha)


def _large_ones(labels: Labels, count: int, lattice: Lattice, min_ha: float) -> Patches:
    px = np.bincount(labels.ravel(), minlength=count + 1)
    large = px * lattice.pixel_ha >= min_ha * _REACHED
    large[0] = False
    numbers = np.where(large, np.cumsum(large), 0).astype(np.int32)
    places = np.flatnonzero(labels)
    of_place = labels.ravel()[places]
    rows, cols = np.divmod(places, lattice.shape[1])
    middle = [
        np.bincount(of_place, weights=line, minlength=count + 1)[large] / px[large]
        for line in (rows, cols)
    ]
    xy = lattice.coordinates(middle[0], middle[1])
    table = pd.DataFrame(
        {
            "px": px[large],
            "area_ha": px[large] * lattice.pixel_ha,
            "row": middle[0],
            "col": middle[1],
            "x": xy[:, 0],
            "y": xy[:, 1],
        },
        index=pd.RangeIndex(1, int(large.sum()) + 1, name="patch"),
    )
    return Patches(labels=numbers[labels], table=table, lattice=lattice)
