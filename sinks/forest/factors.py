"""What is known of the trees of each species group: wood, equations, growth, limits.

Every figure comes from the parameter tables with its reference; nothing is decided here.
A factor outside its limits is refused, because it is a slip more often than a rare tree:
a wood density of 0.48 t/m3 under the name of an expansion factor makes half the carbon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.errors import Finding, InputRefused
from sinks.units import Z_95

KINDS = ("tree", "bamboo", "orchard", "shrub")
WOOD = ("wood_density_t_per_m3", "expansion_ratio", "root_to_shoot_ratio", "carbon_content_ratio")
CURVE = ("limit_tc_per_ha", "rate_per_year", "shape_ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A figure with its range of about 95 %."""

    number: float
    low: float
    high: float

    @property
    def relative_sd(self) -> float:
        """Spread of the figure on a logarithmic scale: ``ln(high / low) / (2 x 1.96)``."""
        return float(np.log(self.high / self.low)) / (2 * Z_95)


@dataclass(frozen=True, kw_only=True)
class ForestFactors:
    """Parameters of forest stands, each with its range and reference.

    ``groups`` (index ``group``): ``kind`` (tree, bamboo, orchard, shrub), ``leaf``
    (broadleaf, conifer, mixed; blank if no tree), the rows of the other tables that the
    group uses (``wood``, ``volume_biomass``, ``allometry``, ``growth``; blank for none),
    ``land_cover`` (house class), names and aliases.

    ``wood`` (index ``wood``), ``equations`` (index ``volume_biomass``; B = a V + b),
    ``allometry`` (index ``allometry, organ``), ``curves`` (index ``growth``), ``densities``
    (index ``kind, pool``; stands that are area x density), ``dead`` (index ``land_cover``;
    dead organic matter) hold figures with ``_low`` and ``_high`` twins. ``rotations``:
    years from planting to cutting by group, for groups that are cut. ``limits`` (index
    ``quantity``): ``lowest`` and ``highest``.

    Raises
    ------
    InputRefused
        ``H02`` for a factor outside its limits, ``H03`` for a group that uses a row that
        is not there.
    """

    groups: pd.DataFrame
    wood: pd.DataFrame
    equations: pd.DataFrame
    allometry: pd.DataFrame
    curves: pd.DataFrame
    densities: pd.DataFrame
    dead: pd.DataFrame
    constants: Mapping[str, Constant]
    rotations: pd.Series
    limits: pd.DataFrame
    table: str = "wood_factors.csv, growth_curves.csv"
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        self._require_rows()
        self._require_limits(self.wood, WOOD)
        self._require_limits(self.curves, CURVE)

    def number(self, constant: str) -> float:
        """Return a constant without its range."""
        return self.constants[constant].number

    def _require_limits(self, frame: pd.DataFrame, quantities: tuple[str, ...]) -> None:
        rows = [
            f"{key} {quantity} {value:g} ({low:g}-{high:g})"
            for quantity in quantities
            for low, high in [tuple(self.limits.loc[quantity, ["lowest", "highest"]])]
            for key, value in frame[quantity].items()
            if not low <= value <= high
        ]
        if rows:
            raise InputRefused.because("H02", file=self.table, rows=rows[:10], count=len(rows))

    def _require_rows(self) -> None:
        used = {
            "wood": self.wood.index,
            "volume_biomass": self.equations.index,
            "allometry": self.allometry.index.unique("allometry"),
            "growth": self.curves.index,
        }
        missing = [
            f"{group}: {row}"
            for column, there in used.items()
            for group, row in self.groups[column].items()
            if row and row not in there
        ]
        if missing:
            raise InputRefused.because("H03", file=self.table, unknown=missing, known=[])


def log_spread(frame: pd.DataFrame, low: str, high: str) -> pd.Series:
    """Spread of figures on a logarithmic scale from their 95 % range (0 where it is a point).

    >>> frame = pd.DataFrame({"low": [1.0, 2.0], "high": [4.0, 2.0]})
    >>> log_spread(frame, "low", "high").round(3).to_list()
    [0.354, 0.0]
    """
    ratio = (frame[high] / frame[low]).to_numpy(dtype=float)
    return pd.Series(np.log(ratio) / (2 * Z_95), frame.index)
