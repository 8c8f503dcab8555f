"""Carbon densities: tonnes of carbon on one hectare of each class, by pool.

Four pools make the headline stock. Ground under water is no soil but sediment: it is kept
apart, because land that floods does not lose its soil carbon to the air, nor does a
drained lake gain any. A class with sediment has no soil, so that nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused
from sinks.units import Z_95

POOLS = ("above_ground", "below_ground", "dead_organic_matter", "soil")
SOIL = "soil"
SEDIMENT = "sediment"  # reported apart, never in the headline

_DENSITY = "density_tc_per_ha"
_LOW, _HIGH = "density_low_tc_per_ha", "density_high_tc_per_ha"
_SE = "density_se_tc_per_ha"
QUANTITIES = (_DENSITY, _SE, _LOW, _HIGH)


@dataclass(frozen=True, kw_only=True)
class CarbonDensities:
    """Carbon per hectare of each class and pool, with a range of about 95 %.

    ``frame`` has the index ``(land_cover, pool)`` with exactly the four pools of
    :data:`POOLS` for every class, and the columns ``density_tc_per_ha``,
    ``density_low_tc_per_ha``, ``density_high_tc_per_ha``, ``density_se_tc_per_ha``,
    ``reference``, ``where`` and ``verified``. ``sediment`` has the same columns and the
    pool ``sediment`` of the water classes alone. Soil (and sediment) reach down to
    ``soil_depth_cm``: 0-30 and 0-100 cm are alternatives and never both. ``table`` names
    where the figures come from.

    Raises
    ------
    InputRefused
        ``D02`` if a class lacks a pool or has one that is not known, ``D03`` for a
        density that is blank, negative or not between its low and high, ``D04`` for a
        class with both soil and sediment.
    """

    frame: pd.DataFrame
    table: str
    soil_depth_cm: int
    sediment: pd.DataFrame
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        for land_cover, group in self.frame.groupby(level="land_cover"):
            pools = list(group.index.get_level_values("pool"))
            if sorted(pools) != sorted(POOLS):
                raise InputRefused.because(
                    "D02", place=land_cover, pools=pools, wanted=list(POOLS), table=self.table
                )
        self._require_ranges(self.frame)
        self._require_ranges(self.sediment)
        soil = self.frame.xs(SOIL, level="pool")[_HIGH]
        both = [key for key in self.water_classes if soil.get(key, 0) != 0]
        if both:
            raise InputRefused.because("D04", classes=both, table=self.table)

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes that have densities."""
        return frozenset(self.frame.index.unique("land_cover"))

    @cached_property
    def water_classes(self) -> frozenset[str]:
        """The classes whose ground is sediment."""
        return frozenset(self.sediment.index.unique("land_cover"))

    @cached_property
    def by_pool(self) -> pd.DataFrame:
        """Carbon density in tC/ha: index ``land_cover``, one column per pool."""
        return self.frame.pivot_table(_DENSITY, "land_cover", "pool", sort=False)[list(POOLS)]

    def require(self, classes: Sequence[str] | pd.Index) -> None:
        """Refuse classes that have no density, by name.

        Raises
        ------
        InputRefused
            ``D01``.
        """
        if missing := sorted(set(classes) - self.classes):
            raise InputRefused.because("D01", classes=missing, table=self.table)

    def _require_ranges(self, frame: pd.DataFrame) -> None:
        numbers = frame[[_LOW, _DENSITY, _HIGH]].to_numpy(dtype=float)
        sound = np.isfinite(numbers).all(axis=1) & (numbers[:, 0] >= 0)
        sound &= (numbers[:, 0] <= numbers[:, 1]) & (numbers[:, 1] <= numbers[:, 2])
        if not sound.all():
            rows = [" ".join(key) for key in frame.index[~sound]]
            raise InputRefused.because("D03", rows=rows, table=self.table)


def with_standard_errors(frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``density_se_tc_per_ha`` to densities with a range: its width over 2 x 1.96."""
    return frame.assign(**{_SE: (frame[_HIGH] - frame[_LOW]) / (2 * Z_95)})
