"""Rasters of a study: carbon density, its change and the net balance, held to the tables.

A pixel shows what its class is worth; on the ground of stands, reservoirs and places with uses
of their own, what these are. What each raster adds up to over the whole map must be what the
tables say of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.carbon.stands import OF_CLASS
from sinks.errors import InvariantViolated
from sinks.forest.biomass import LIVE
from sinks.reports.cogs import RasterTotal, write_rasters
from sinks.reports.overlays import Overlay
from sinks.reports.raster_outputs import RasterOutput
from sinks.workflow.balance import balance_maker
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.carbon import Carbon
from sinks.workflow.compute import WHOLE_MAP
from sinks.workflow.grounds import PLACE, RESERVOIR
from sinks.workflow.pixel_worth import Floats, PixelWorth, Values
from sinks.workflow.stands import StandInventory, net_of_stands
from sinks.workflow.uses import reservoir_uses
from sinks.zones.footprints import Footprint, footprint
from sinks.zones.overlay import EQUAL_AREA

_SAME = 1e-5  # both weigh pixels by patches that differ by a few parts in a million


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """A raster, what the tables say that it adds up to, and the size of what was added."""

    output: RasterOutput
    table: float
    size: float


def write_study_rasters(
    carbon: Carbon, folder: Path, *, metadata: Mapping[str, str] | None, threads: int
) -> None:
    """Write the rasters of a study into ``folder`` and hold each to the tables.

    Raises
    ------
    InvariantViolated
        ``I05`` if a raster does not add up to the table.
    """
    folder.mkdir()
    maker = StudyRasters(carbon=carbon, folder=folder, threads=threads)
    covers = carbon.basis.inputs.covers
    passes = [(cover, cover, [maker.density(cover.year)]) for cover in covers[:-1]]
    at_last = [maker.density(covers[-1].year), *maker.changes(), maker.net()]
    for before, after, wanted in [*passes, (covers[0], covers[-1], at_last)]:
        outputs = [one.output for one in wanted]
        totals = write_rasters(before, outputs, after=after, metadata=metadata, threads=threads)
        for total, one in zip(totals, wanted, strict=True):
            _require_equal(total, one)


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyRasters:
    """Makes the rasters of a study, all of them looked up by the later land cover or by pairs."""

    carbon: Carbon
    folder: Path
    threads: int = 1

    @property
    def basis(self) -> CarbonBasis:
        """What the tables were made from."""
        return self.carbon.basis

    @cached_property
    def worth(self) -> PixelWorth:
        """What hectares are worth by their codes."""
        return PixelWorth(maker=balance_maker(self.basis))

    def density(self, year: int) -> _Wanted:
        """Return the carbon density of a year."""
        held, stands = self.worth.held_tc_per_ha, self.basis.stands
        stood = [] if stands is None else self._feet(new=None if year >= stands.year else False)
        overlays = [Overlay(footprint=f, delta=_floats(-held), value="stock") for _, f in stood]
        total = self._figure("stock_totals", "stock_tc", (year, WHOLE_MAP))
        output = self._output(
            f"carbon_density_{year}",
            (f"碳密度 {year}", f"carbon density {year}"),
            unit="tc_per_ha",
            after=held,
            overlays=tuple(overlays),
        )
        return _Wanted(output=output, table=total, size=2 * total + self._unmapped_tc())

    def changes(self) -> Iterator[_Wanted]:
        """Yield the change of density: the whole way to equilibrium, and so far."""
        if len(self.basis.years) < 2:
            return
        stocks = [self._figure("stock_change", f"stock_{end}_tc") for end in ("before", "after")]
        size, share = sum(stocks) + self._unmapped_tc(), self._figure("stock_change", "soil_share")
        first, last = self.basis.years[0], self.basis.last
        for name, words, soil, column in (
            ("change", ("碳密度变化（至平衡态）", "change of density to equilibrium"), None,
             "change_tc"),
            ("change_phased", ("碳密度变化（至今，土壤按 20 年分摊）",
             "change of density so far, soil phased over 20 years"),
             share, "change_phased_tc"),
        ):  # fmt: skip
            pairs = self.worth.change_by_pair(soil)
            output = self._output(
                f"carbon_{name}_{first}_{last}",
                (f"{words[0]} {first}—{last}", f"{words[1]} {first}-{last}"),
                unit="tc_per_ha",
                pairs=pairs,
                overlays=tuple(self._changed_stands(pairs)),
            )
            yield _Wanted(output=output, table=self._figure("stock_change", column), size=size)

    def net(self) -> _Wanted:
        """Return the net balance of the last year per hectare."""
        year, worth = self.basis.last, self.worth
        overlays = [*self._net_of_stands(), *self._net_of_waters(), *self._net_of_places()]
        output = self._output(
            f"net_sink_{year}",
            (f"净碳汇 {year}（负值为净排放源）", f"net sink {year} (negative is a source)"),
            unit="tco2e_per_ha_per_year",
            pairs=worth.net_by_pair,
            overlays=tuple(overlays),
            tags={
                "SINKS_GWP": self.basis.study.balance.potentials,
                "SINKS_GASES": "CO2, CH4, N2O",
            },
        )
        table = self._figure("mapped_balance", "net_sink_tco2e_per_year")
        gross = [
            self._figure("balance", f"{side}_tco2e_per_year") for side in ("removal", "emission")
        ]
        return _Wanted(output=output, table=table, size=sum(gross) + self._unmapped_tc())

    def _output(self, stem: str, name: tuple[str, str], **shown: Any) -> RasterOutput:
        path = self.folder / f"{stem}.tif"
        return RasterOutput(path=path, name_zh=name[0], name_en=name[1], **shown)

    def _figure(self, table: str, column: str, key: object = WHOLE_MAP) -> float:
        """Return a figure of the whole map."""
        return float(self.carbon.whole_map[table][column].to_dict()[key])

    def _unmapped_tc(self) -> float:
        """Return the carbon of stands on ground that the map does not show."""
        if not len(self.carbon.whole_map.get("stand_replacement", ())):
            return 0.0
        stands_ha, replaced_ha, live_tc = (
            self._figure("stand_replacement", name)
            for name in ("stands_ha", "replaced_ha", "live_tc")
        )
        return max(stands_ha - replaced_ha, 0.0) / stands_ha * live_tc / _SAME

    @cached_property
    def _stand_feet(self) -> dict[str, Footprint]:
        """Old stands, and new ones by their class, on the grid."""
        stands, grid = self.basis.stands, self.basis.inputs.covers[0].grid
        if stands is None:
            return {}
        frame = stand_values(stands, self.worth)
        parts = {"": frame[~stands.new]}
        for key in sorted(set(stands.classes[stands.new])):
            parts[key] = frame[stands.new & (stands.classes == key)]
        return {
            key: footprint(of, grid, values=("stock", "live", "net"), threads=self.threads)
            for key, of in parts.items()
            if len(of)
        }

    def _feet(self, *, new: bool | None) -> list[tuple[str, Footprint]]:
        return [(k, f) for k, f in self._stand_feet.items() if new is None or bool(k) == new]

    def _changed_stands(self, pairs: Values) -> Iterator[Overlay]:
        for _, foot in self._feet(new=False):
            yield Overlay(footprint=foot, delta=_floats(-pairs))
        for key, foot in self._feet(new=True):
            code = self.worth.codes[key]
            became = pairs[:, [code]] - self.worth.live_tc_per_ha[code]
            yield Overlay(footprint=foot, delta=_floats(became - pairs), value="live")

    def _net_of_stands(self) -> Iterator[Overlay]:
        net, conversion = self.worth.net_by_pair, self.worth.conversion_by_pair
        for key, foot in self._stand_feet.items():
            kept = conversion[:, [self.worth.codes[key]]] if key else 0.0
            yield Overlay(footprint=foot, delta=_floats(kept - net), value="net")

    def _net_of_waters(self) -> Iterator[Overlay]:
        """Yield what reservoirs give off other than what their class usually does."""
        uses = reservoir_uses(self.basis.study, self.basis.last)
        for source in self.basis.study.balance.reservoirs:
            foot = self._ground(RESERVOIR + source.zone)
            if foot is not None and source.zone in uses:
                pairs = [(key, uses[source.zone]) for key in source.land_cover]
                yield Overlay(footprint=foot, delta=self._instead(pairs, source.land_cover))

    def _net_of_places(self) -> Iterator[Overlay]:
        differences = self.basis.uses.differences()
        for zone, more in differences.groupby(level="zone", sort=False):
            foot = self._ground(f"{PLACE}{zone}")
            if foot is not None:
                delta = self.worth.net_of_uses(more.droplevel("zone"))
                yield Overlay(footprint=foot, delta=_for_all_before(delta))

    def _instead(self, pairs: list[tuple[str, str]], classes: tuple[str, ...]) -> Floats:
        """Return what uses are worth less what their classes usually are."""
        index = pd.MultiIndex.from_tuples(pairs, names=["land_cover", "use"])
        delta = self.worth.net_of_uses(pd.Series(1.0, index=index))
        for code in (self.worth.codes[key] for key in classes):
            delta[code] -= self.worth.net_by_code[code]
        return _for_all_before(delta)

    def _ground(self, name: str) -> Footprint | None:
        """Return the ground of the whole map by its name; nothing if it has no such ground."""
        parts, of = self.basis.grounds.parts, self.basis.grounds.of
        chosen = of.index[(of["zone"] == WHOLE_MAP) & (of["ground"] == name)]
        if parts is None or not len(chosen):
            return None
        frame = parts.frame[parts.frame["zone"].isin(chosen)]
        return footprint(frame, self.basis.inputs.covers[0].grid, threads=self.threads)


def stand_values(stands: StandInventory, worth: PixelWorth) -> gpd.GeoDataFrame:
    """Return what a hectare of each stand holds and exchanges.

    Columns ``live`` and ``stock`` (tC/ha; with dead matter and soil of its class) and
    ``net`` (tCO2e/ha/a, gases of its class and growth less losses).
    """
    densities = worth.maker.basis.inputs.densities.by_pool[list(OF_CLASS)].sum(axis=1).to_dict()
    live = stands.carbon[LIVE].sum(axis=1).to_numpy()
    of_class = np.array([densities[key] for key in stands.classes])
    net = net_of_stands(stands) + worth.gases_of_stands(stands.classes)
    return gpd.GeoDataFrame(
        {"live": live, "stock": live + of_class, "net": net},
        geometry=stands.shapes,
        crs=EQUAL_AREA,
    )


def _for_all_before(by_code: Values) -> Floats:
    return _floats(np.broadcast_to(by_code[np.newaxis, :], (len(by_code), len(by_code))))


def _floats(values: Values) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _require_equal(raster: RasterTotal, wanted: _Wanted) -> None:
    allowed = raster.rounding + _SAME * wanted.size
    if abs(raster.total - wanted.table) > allowed:
        raise InvariantViolated.because(
            "I05",
            file=raster.path.name,
            raster=raster.total,
            table=wanted.table,
            unit=wanted.output.unit,
            allowed=allowed,
        )
