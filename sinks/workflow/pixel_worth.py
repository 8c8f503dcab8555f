"""What a hectare of every class, and of every change of class, is worth: rasters by codes.

The same rows that make the tables are worked out for one hectare of each class and of each
pair of classes, so that a raster that is looked up in them adds up to the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.carbon.conversion import conversion_terms
from sinks.carbon.simulated import change_rows, phased_rows
from sinks.carbon.stands import LIVE
from sinks.carbon.stocks import CODES, density_by_code
from sinks.carbon.terms import use_terms
from sinks.workflow.balance import GASES_OF_STANDS, BalanceMaker

Values = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class PixelWorth:
    """Looks up what a hectare is worth; arrays by code, NaN where the legend has none.

    Arrays of one code have the shape ``(256,)``, of codes before and after ``(256, 256)``.
    """

    maker: BalanceMaker

    @cached_property
    def held_tc_per_ha(self) -> Values:
        """Carbon density of each class, the four pools of the headline."""
        return self._density(None)

    @cached_property
    def live_tc_per_ha(self) -> Values:
        """Carbon of the living biomass of each class."""
        return self._density(LIVE)

    @cached_property
    def net_by_code(self) -> Values:
        """Net sink of each class in tCO2e a year, its usual uses on it."""
        rows = self.maker.per_ha
        return self._by_code(self._net(rows).groupby(rows["land_cover"]).sum())

    def net_of_uses(self, shares: pd.Series) -> Values:
        """Return the net sink of uses: ``shares`` by ``(land_cover, use)``; 0 elsewhere."""
        rows = use_terms(shares, self.maker.basis.rates, self.maker.potentials)
        found = self._by_code(self._net(rows).groupby(rows["land_cover"]).sum())
        return np.nan_to_num(found)

    def gases_of_stands(self, classes: NDArray[np.object_]) -> Floats:
        """Return what the ground of stands exchanges besides growth, by the class of each."""
        uses = self.maker.basis.uses.everywhere
        rows = use_terms(
            uses, self.maker.basis.rates, self.maker.potentials, flows=GASES_OF_STANDS
        )
        by_class = self._net(rows).groupby(rows["land_cover"]).sum().to_dict()
        return np.array([by_class[key] for key in classes], dtype=np.float64)

    @cached_property
    def conversion_by_pair(self) -> Values:
        """Net sink of a hectare that was converted, in tCO2e in the last year."""
        if len(self.maker.basis.years) < 2:
            return self._by_pair(pd.Series(dtype=float))
        basis = self.maker.basis
        rows = conversion_terms(self._pairs, basis.inputs.densities, self.maker.growing)
        rows = self.maker.of_year(rows, basis.last)
        return self._by_pair(self._net(rows).groupby(rows["zone"]).sum())

    @cached_property
    def net_by_pair(self) -> Values:
        """Net sink by classes before and after: the class after, and its conversion."""
        return self.net_by_code[np.newaxis, :] + self.conversion_by_pair

    def change_by_pair(self, soil_share: float | None) -> Values:
        """Return the change of density: to equilibrium, or with a share of the soil so far."""
        densities = self.maker.basis.inputs.densities
        if soil_share is None:
            rows = change_rows(self._pairs, densities)
        else:
            rows = phased_rows(self._pairs, densities, soil_share)
        change = rows["tc_per_unit"] * rows["parameter"].map(self._means)
        return self._by_pair(change.groupby(rows["zone"]).sum())

    @property
    def _means(self) -> pd.Series:
        return self.maker.basis.draws.parameters["value"]

    @cached_property
    def codes(self) -> dict[str, int]:
        """Code of each class."""
        legend = self.maker.basis.inputs.covers[0].legend
        return {c.key: c.code for c in legend.classes}

    @cached_property
    def _pairs(self) -> pd.DataFrame:
        """One hectare of every change, as TRANSITIONS whose zones name the pairs."""
        keys = [(f"{a}>{b}", a, b) for a in self.codes for b in self.codes]
        index = pd.MultiIndex.from_tuples(keys, names=["zone", "land_cover", "land_cover_after"])
        return pd.DataFrame({"area_ha": 1.0}, index=index)

    def _net(self, rows: pd.DataFrame) -> pd.Series:
        return rows["net_per_unit"] * rows["parameter"].map(self._means)

    def _density(self, pools: tuple[str, ...] | None) -> Values:
        basis = self.maker.basis
        legend, densities = basis.inputs.covers[0].legend, basis.inputs.densities
        if pools is None:
            return density_by_code(legend, densities)
        return density_by_code(legend, densities, pools)

    def _by_code(self, by_key: pd.Series) -> Values:
        table = np.full(CODES, np.nan, np.float32)
        for key, code in self.codes.items():
            table[code] = by_key.get(key, 0.0)
        return table

    def _by_pair(self, by_name: pd.Series) -> Values:
        table = np.full((CODES, CODES), np.nan, np.float32)
        for a, before in self.codes.items():
            for b, after in self.codes.items():
                table[before, after] = by_name.get(f"{a}>{b}", 0.0)
        return table
