"""The ground that accounts stand on: all, what is felt near dwellings, what is not dammed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.accounts.land import Land
from sinks.accounts.spreading import Places
from sinks.carbon.balance import Ground
from sinks.carbon.terms import Terms, fixed_rows
from sinks.restoration.impact.land import changed_ground
from sinks.uncertainty.laws import Floats
from sinks.workflow.account_rules import told_accounts
from sinks.workflow.balance import balance_maker
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.grounds import (
    NO_TRANSITIONS,
    RESERVOIR,
    DividedAreas,
    equals,
    ground_of_map,
    ground_of_sample,
)
from sinks.workflow.numbers import numbers
from sinks.zones.areas import tabulate
from sinks.zones.grounds import grounds_of
from sinks.zones.outlines import Shapes
from sinks.zones.overlay import equal_area, intersections, polygon_ha

FELT = "felt"
_BATCH = 48  # zones that are worked on at a time
_CO2 = "co2"


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyLand:
    """Where the accounts of a study stand: zones, ground of every year, uptake of carbon."""

    basis: CarbonBasis
    zones: tuple[str, ...]
    felt: DividedAreas | None
    anchors: tuple[str, ...]  # zones that others lean on: the district, and where was told
    _made: dict[int, dict[str, Ground]] = field(default_factory=dict)

    @property
    def district(self) -> str:
        """The zone that is the district."""
        return self.basis.study.district.id

    def batches(self) -> Iterator[tuple[str, ...]]:
        """Yield zones a few at a time, the anchors first in each."""
        anchors = tuple(zone for zone in self.zones if zone in self.anchors)
        others = [zone for zone in self.zones if zone not in anchors]
        for start in range(0, max(len(others), 1), _BATCH):
            yield (*anchors, *others[start : start + _BATCH])

    @cached_property
    def overlap(self) -> pd.DataFrame:
        """The share of every place that lies in every zone, by area."""
        frame = equal_area(self.basis.inputs.zones.frame).reset_index(drop=True)
        shapes = np.asarray(frame.geometry)
        pieces = intersections(shapes, shapes)
        ids = frame["zone"].astype(str).to_numpy()
        table = pd.DataFrame(
            {"place": ids[pieces.left], "zone": ids[pieces.right], "ha": pieces.area_ha}
        ).pivot_table("ha", "place", "zone", aggfunc="sum", fill_value=0.0)
        return table.div(polygon_ha(frame).set_axis(ids).reindex(table.index), axis=0)

    def land(self, year: int, zones: tuple[str, ...], changes: pd.DataFrame | None = None) -> Land:
        """Return the ground of a year for some zones, with changes of area if there are any.

        What changes is taken to lie off dwellings and reservoirs.
        """
        whole = self._grounds(year)
        grounds = {name: _of_zones(ground, zones) for name, ground in whole.items()}
        if changes is not None:
            for name in ("all", "unregulated"):
                grounds[name] = changed_ground(grounds[name], changes)
        return Land(
            places=Places(
                zones=zones,
                district=self.district,
                parts=district_parts(self.basis),
                overlap=self.overlap,
            ),
            grounds=grounds,
            mean_ha=whole["all"].areas_ha,
            width=1 + self.basis.draws.count,
        )

    def _grounds(self, year: int) -> dict[str, Ground]:
        """Return every ground of a year for all zones; made once."""
        if year not in self._made:
            basis, felt = self.basis, self.felt
            dammed = {RESERVOIR + source.zone for source in basis.study.balance.reservoirs}
            made = {"all": self._ground(basis.divided, year, _every)}
            made["unregulated"] = made["all"]
            if dammed:
                made["unregulated"] = self._ground(
                    basis.divided, year, lambda name: name not in dammed
                )
            if felt is not None:
                made[FELT] = self._ground(felt, year, equals(FELT))
            self._made[year] = made
        return self._made[year]

    def _ground(self, divided: DividedAreas, year: int, wanted: Callable[[str], bool]) -> Ground:
        """Return ground as a sample judges it, or with the map taken at its word."""
        basis, sample = self.basis, self.basis.sampled.of_year(year)
        zones = pd.Index(self.zones, name="zone", dtype=object)
        if sample is None:
            return ground_of_map(divided.at(year, wanted), zones, basis.classes)
        shown = divided.changed(wanted) if len(sample.years) > 1 else divided.at(year, wanted)
        return ground_of_sample(shown, sample, zones, basis.draws, year=year)

    def uptake(
        self, year: int, zones: tuple[str, ...], changes: pd.DataFrame | None = None
    ) -> dict[str, Floats]:
        """Return the net uptake of carbon dioxide by class, ``(zones, 1 + draws)``, in t a year.

        Growth, losses and soil of the ground as it is, stands and reservoirs among it; what
        land-use change sets free is left to the balance. ``changes`` of area may be added, see
        :func:`sinks.restoration.impact.land.changed_ground`.
        """
        basis = self.basis
        maker = balance_maker(basis)
        parts = maker.parts(year)
        fixed = fixed_rows([maker.own_shares, parts["reservoirs"], parts["stands"]])
        every = Terms(per_ha=maker.per_ha, fixed=fixed, parameters=basis.draws.parameters).of_gas(
            _CO2
        )
        here = _of_zones(basis.rest(year), zones)
        here = here if changes is None else changed_ground(here, changes)
        return {
            key: drawn
            for key in map(str, basis.classes)
            if (drawn := _uptake(every, key, here, basis)) is not None
        }


def _of_zones(ground: Ground, zones: tuple[str, ...]) -> Ground:
    index = pd.Index(zones, name="zone", dtype=object)
    return replace(
        ground, strata_ha=ground.strata_ha.reindex(index), se_ha=ground.se_ha.reindex(index)
    )


def _every(_ground: str) -> bool:
    return True


def _uptake(terms: Terms, key: str, ground: Ground, basis: CarbonBasis) -> Floats | None:
    """Return the uptake of one class, or nothing where it has none."""
    per_ha, fixed = (frame[frame["land_cover"] == key] for frame in (terms.per_ha, terms.fixed))
    if per_ha.empty and fixed.empty:
        return None
    own = Terms(per_ha=per_ha, fixed=fixed, parameters=terms.parameters)
    result = own.result(ground.strata_ha, ground.shares)
    mean = result.mean(terms.parameters).to_numpy()[:, np.newaxis]
    return np.hstack([mean, result.drawn(basis.draws, ground.drawn)])


def study_land(basis: CarbonBasis, told_at: Sequence[str], *, threads: int = 1) -> StudyLand:
    """Return the ground of a study's accounts; ``told_at`` are zones with figures of their own."""
    zones = tuple(str(zone) for zone in basis.inputs.zones.frame["zone"])
    return StudyLand(
        basis=basis,
        zones=zones,
        felt=_felt(basis, threads),
        anchors=tuple(dict.fromkeys((basis.study.district.id, *told_at))),
    )


def district_parts(basis: CarbonBasis) -> tuple[str, ...]:
    """Return the zones that amounts are spread over: those of the first layer that partitions.

    Zones of another such layer lie across them and are places like any other, or the ground
    of the district would count twice.
    """
    return next(iter(basis.inputs.partitions), ())


def _felt(basis: CarbonBasis, threads: int) -> DividedAreas | None:
    """Return the areas near dwellings by zone, where the study has a built-up area."""
    layer = basis.inputs.layers.get("built_up")
    if layer is None:
        return None
    frame = equal_area(basis.inputs.zones.frame)
    near = _near(layer.frame, basis)
    grounds = grounds_of(gpd.GeoDataFrame(frame), {FELT: near})
    if grounds.parts is None:
        return None
    covers = basis.inputs.covers
    areas: dict[int, pd.DataFrame] = {}
    transitions = None
    for cover in covers[:-1]:
        found = tabulate(cover, grounds.parts, after=covers[-1], threads=threads)
        areas[cover.year] = found.areas
        if transitions is None:
            transitions, areas[covers[-1].year] = found.transitions, _known(found.areas_after)
    if len(covers) == 1:
        areas[covers[0].year] = tabulate(covers[0], grounds.parts, threads=threads).areas
    return DividedAreas.of(areas, NO_TRANSITIONS if transitions is None else transitions, grounds)


def _known(areas: pd.DataFrame | None) -> pd.DataFrame:
    if areas is None:
        raise AssertionError
    return areas


def _near(frame: gpd.GeoDataFrame, basis: CarbonBasis) -> Shapes:
    """Return the built-up area of the last year told, and what lies within reach of it."""
    source = basis.study.layers.built_up
    if source is not None and source.year_field is not None:
        years = numbers(frame, source.year_field)
        frame = frame[years == years[years <= max(basis.last, years.min())].max()]
    reach_m = told_accounts(basis.study).living_within_m
    local = frame.geometry.to_crs(frame.estimate_utm_crs())  # metres are metres there
    wider = gpd.GeoDataFrame(geometry=local.buffer(reach_m), crs=local.crs)
    return np.asarray(equal_area(wider).geometry)
