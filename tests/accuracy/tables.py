"""Samples written as error matrices, and the strata they come from."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd


def labels_of(
    matrix: Sequence[Sequence[int]], classes: Sequence[str], *, strata: str | None = None
) -> pd.DataFrame:
    """Write out the units of an error matrix (rows map, columns reference), strata as mapped."""
    pairs = [
        (mapped, reference)
        for mapped, counts in zip(classes, matrix, strict=True)
        for reference, count in zip(classes, counts, strict=True)
        for _ in range(count)
    ]
    labels = pd.DataFrame(pairs, columns=["map_class", "reference"])
    stratum = labels["map_class"] if strata is None else strata
    return labels.assign(sample=range(1, len(labels) + 1), stratum=stratum)


def strata_of_classes(
    classes: Sequence[str], population_px: Sequence[int], area_ha: Sequence[float]
) -> pd.DataFrame:
    """Strata that are the map classes."""
    return pd.DataFrame(
        {
            "stratum": list(classes),
            "map_class": list(classes),
            "population_px": list(population_px),
            "area_ha": list(area_ha),
        }
    )
