"""What carbon is worked out from: areas by ground, stands, uses, parameters and their draws."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from sinks.carbon.balance import Ground
from sinks.carbon.stands import stand_parameters
from sinks.carbon.terms import UseShares, density_parameters, flux_parameters
from sinks.errors import Finding, InputRefused
from sinks.gases.rates import FluxRates
from sinks.study import Study
from sinks.uncertainty.draws import Draws, draw
from sinks.workflow.compute import Tables
from sinks.workflow.estimates import Estimates
from sinks.workflow.grounds import (
    NEW_STANDS,
    NO_TRANSITIONS,
    TRANSITION,
    DividedAreas,
    equals,
    ground_of_map,
    ground_of_sample,
    is_new,
    is_rest,
    off_old_stands,
    off_stands,
)
from sinks.workflow.inputs import Inputs
from sinks.workflow.stands import StandInventory, growth_parameters
from sinks.workflow.uses import study_rates, use_shares, with_reservoirs
from sinks.zones.grounds import Grounds


@dataclass(frozen=True, kw_only=True, eq=False)
class CarbonBasis:
    """Everything that carbon tables are made of; nothing in it is read again.

    ``zones`` are all zones, that of the whole map too; ``classes`` those of the legend.
    """

    study: Study
    inputs: Inputs
    zones: pd.Index
    classes: pd.Index
    divided: DividedAreas
    grounds: Grounds
    stands: StandInventory | None
    rates: FluxRates
    uses: UseShares
    draws: Draws
    sampled: Estimates
    findings: tuple[Finding, ...]
    _rest: dict[int, Ground] = field(default_factory=dict)

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the land cover."""
        return tuple(cover.year for cover in self.inputs.covers)

    @property
    def last(self) -> int:
        """The last year of the land cover, that the balance is made for."""
        return self.years[-1]

    def stands_in(self, year: int) -> pd.DataFrame:
        """Return the stands that stood in a year, by zone, class and species group."""
        if self.stands is None:
            return _NO_STANDS
        return self.stands.held(new=None if year >= self.stands.year else False)

    def off_stands(self, year: int) -> pd.DataFrame:
        """Return AREAS of a year where no stand stood."""
        return self.divided.at(year, off_stands if self._all_stand(year) else off_old_stands)

    def rest(self, year: int) -> Ground:
        """Return the ground that the map alone speaks for, as well as it is known."""
        if year not in self._rest:
            self._rest[year] = self._sampled_rest(year) or self.mapped_rest(year)
        return self._rest[year]

    def _sampled_rest(self, year: int) -> Ground | None:
        sample = self.sampled.of_year(year)
        if sample is None:
            return None
        two = len(sample.years) > 1
        shown = self.divided.changed(is_rest) if two else self.divided.at(year, is_rest)
        return ground_of_sample(shown, sample, self.zones, self.draws, year=year)

    def mapped_rest(self, year: int) -> Ground:
        """Return the same ground with the map taken at its word."""
        return ground_of_map(self.divided.at(year, is_rest), self.zones, self.classes)

    def mapped_off_stands(self, year: int) -> Ground:
        """Return the ground without stands with the map taken at its word."""
        return ground_of_map(self.off_stands(year), self.zones, self.classes)

    def sampled_off_stands(self, year: int) -> Ground | None:
        """Return the ground without stands as a sample judges it; nothing without one."""
        sample = self.sampled.of_year(year)
        if sample is None:
            return None
        shown = self.off_stands(year)
        if len(sample.years) > 1:
            bare = off_stands if self._all_stand(year) else off_old_stands
            shown = self.divided.changed(bare)
        return ground_of_sample(shown, sample, self.zones, self.draws, year=year)

    def sampled_change(self) -> Ground:
        """Return what a sample says the ground without stands changed by, at the last date."""
        sample = self.sampled.of_year(self.last)
        if sample is None or len(sample.years) < 2:
            raise AssertionError
        shown = self.divided.changed(off_stands)
        before, after = (
            ground_of_sample(shown, sample, self.zones, self.draws, year=year)
            for year in sample.years
        )
        if before.drawn is None or after.drawn is None:
            raise AssertionError
        return replace(
            after, shares=after.shares - before.shares, drawn=after.drawn - before.drawn
        )

    @cached_property
    def planted(self) -> pd.DataFrame:
        """Return TRANSITIONS of the ground of new stands: from what was mapped to their class."""
        rows = []
        for ground in self.divided.transitions.index.unique("ground"):
            if is_new(str(ground)):
                here = self.divided.changed(equals(str(ground)))
                before = here.groupby(level=["zone", "land_cover"], sort=False).sum()
                after = str(ground).removeprefix(NEW_STANDS)
                rows.append(pd.concat({after: before}, names=["land_cover_after"]))
        if not rows:
            return NO_TRANSITIONS
        return pd.DataFrame(pd.concat(rows).reorder_levels(TRANSITION))

    @cached_property
    def stands_new(self) -> pd.DataFrame:
        """Return the stands planted after the first land cover."""
        return _NO_STANDS if self.stands is None else self.stands.held(new=True)

    def _all_stand(self, year: int) -> bool:
        return self.stands is None or year >= self.stands.year


def carbon_basis(
    study: Study,
    inputs: Inputs,
    areas: Tables,
    stands: StandInventory | None,
    sampled: Estimates,
    zones: pd.Index,
) -> CarbonBasis:
    """Put together what carbon is worked out from, and draw its parameters.

    Raises
    ------
    InputRefused
        As :mod:`sinks.workflow.uses`; ``D10`` for a class of a reservoir that does not exist.
    """
    rates, findings = study_rates(study)
    rates = with_reservoirs(rates, study)
    classes = pd.Index(inputs.covers[0].legend.keys, name="land_cover", dtype=object)
    for source in study.balance.reservoirs:
        if unknown := sorted(set(source.land_cover) - set(classes)):
            place = f"balance.reservoirs.{source.zone}"
            raise InputRefused.because(
                "D10", file=study.file, place=place, unknown=unknown, classes=list(classes)
            )
    parameters = [density_parameters(inputs.densities), flux_parameters(rates)]
    if stands is not None:
        parameters += [stand_parameters(stands.ranges), growth_parameters(stands.factors)]
        findings = (*findings, *stands.findings)
    return CarbonBasis(
        study=study,
        inputs=inputs,
        zones=zones,
        classes=classes,
        divided=areas.divided,
        grounds=areas.grounds,
        stands=stands,
        rates=rates,
        uses=use_shares(study.balance.uses, classes, zones, file=study.file),
        draws=draw(pd.concat(parameters), seed=study.study.seed, count=study.balance.draws),
        sampled=sampled,
        findings=findings,
    )


_NO_STANDS = pd.DataFrame(
    {name: pd.Series(dtype=float) for name in ("area_ha", "above_ground_tc", "below_ground_tc")},
    index=pd.MultiIndex.from_arrays([[], [], []], names=["zone", "land_cover", "group"]),
)
