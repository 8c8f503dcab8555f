"""Samples: pixels whose class is known, with what the image shows of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import Finding
from sinks.imagery.features import Features
from sinks.landcover.legend import Legend


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """Reference pixels. All arrays are as long as there are samples, ``n``.

    ``features`` is ``(n, features)``, finite; ``codes`` are legend codes; ``group`` numbers
    the polygon or point a pixel comes from, because pixels of one polygon resemble one
    another and must not lie on both sides of a test; ``x_m``, ``y_m`` are places in metres
    (of the raster's CRS, or of an equal-area one if that is geographic). ``group_names``
    names each group as its layer does. ``findings`` were noted on the way.
    """

    names: tuple[str, ...]
    legend: Legend
    features: Features
    codes: NDArray[np.uint8]
    group: NDArray[np.int64]
    x_m: NDArray[np.float64]
    y_m: NDArray[np.float64]
    group_names: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def classes(self) -> tuple[int, ...]:
        """Codes that occur, in ascending order."""
        return tuple(int(code) for code in np.unique(self.codes))

    def subset(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Samples:
        """Return the chosen samples, by mask or position."""
        return Samples(
            names=self.names,
            legend=self.legend,
            features=self.features[chosen],
            codes=self.codes[chosen],
            group=self.group[chosen],
            x_m=self.x_m[chosen],
            y_m=self.y_m[chosen],
            group_names=self.group_names,
            findings=self.findings,
        )


def class_counts(samples: Samples) -> pd.DataFrame:
    """Count the samples of each class.

    Returns
    -------
    pandas.DataFrame
        Index ``land_cover`` (class key) in the order of the legend, classes without samples
        included; columns ``code``, ``zh``, ``en``, ``pixels`` and ``groups``.
    """
    counts = pd.DataFrame({"code": samples.codes, "group": samples.group}).groupby("code")
    pixels, groups = counts.size(), counts["group"].nunique()
    rows = [
        (c.key, c.code, c.zh, c.en, int(pixels.get(c.code, 0)), int(groups.get(c.code, 0)))
        for c in samples.legend.classes
    ]
    columns = ["land_cover", "code", "zh", "en", "pixels", "groups"]
    return pd.DataFrame(rows, columns=columns).set_index("land_cover")


def counted(counts: Mapping[int, int], legend: Legend) -> list[str]:
    """Name classes with their counts, in the order of the legend, for findings."""
    return [f"{c.zh} {c.key} × {counts[c.code]:,}" for c in legend.classes if counts.get(c.code)]


def named(legend: Legend) -> list[str]:
    """Name the classes of a legend, for findings."""
    return [f"{c.zh} {c.key}" for c in legend.classes]
