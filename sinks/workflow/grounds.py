"""The ground of a study, divided: what the map says, what stands and reservoirs say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.carbon.balance import Ground
from sinks.errors import InputRefused
from sinks.study import Study
from sinks.surveying.estimates import SampleEstimates
from sinks.uncertainty.areas import area_se, drawn_shares, mapped_shares
from sinks.uncertainty.draws import Draws
from sinks.workflow.stands import StandInventory
from sinks.zones.grounds import REST, Grounds, by_ground, grounds_of
from sinks.zones.outlines import Shapes
from sinks.zones.overlay import equal_area
from sinks.zones.zones import Zones

STANDS, NEW_STANDS = "stands", "new_stands:"  # new ones are followed by their class
RESERVOIR = "reservoir:"  # before the zone of one
PLACE = "place:"  # before a zone that the study tells other uses of
TRANSITION = ["zone", "land_cover", "land_cover_after"]
NO_TRANSITIONS = pd.DataFrame(
    {"area_ha": pd.Series(dtype=float)},
    index=pd.MultiIndex.from_arrays([[], [], []], names=TRANSITION),
)


def study_grounds(study: Study, zones: Zones, stands: StandInventory | None) -> Grounds:
    """Cut out of every zone its stands, then reservoirs, then places with uses of their own."""
    frame = equal_area(zones.frame)
    named: dict[str, Shapes] = {}
    if stands is not None:
        for key in sorted(set(stands.classes[stands.new])):
            named[NEW_STANDS + key] = stands.shapes[stands.new & (stands.classes == key)]
        named[STANDS] = stands.shapes[~stands.new]
    for reservoir in study.balance.reservoirs:
        chosen = frame["zone"] == reservoir.zone
        if not chosen.any():
            raise InputRefused.because(
                "D10", file=study.file, place="balance.reservoirs", unknown=[reservoir.zone],
                classes=list(frame["zone"]),
            )  # fmt: skip
        named[RESERVOIR + reservoir.zone] = np.asarray(frame.geometry[chosen])
    for zone in dict.fromkeys(zone for told in study.balance.uses for zone in told.zones):
        named[PLACE + zone] = np.asarray(frame.geometry[frame["zone"] == zone])
    return grounds_of(gpd.GeoDataFrame(frame), named)


@dataclass(frozen=True, kw_only=True, eq=False)
class DividedAreas:
    """Areas and transitions of every zone by ground.

    ``areas`` has the index ``(year, zone, ground, land_cover)``, ``transitions`` ``(zone,
    ground, land_cover, land_cover_after)``; column ``area_ha``.
    """

    areas: pd.DataFrame
    transitions: pd.DataFrame

    @classmethod
    def of(
        cls,
        areas: Mapping[int, pd.DataFrame],
        transitions: pd.DataFrame | None,
        grounds: Grounds,
    ) -> DividedAreas:
        """Divide the tables of zones and their parts."""
        divided = {year: by_ground(table, grounds) for year, table in areas.items()}
        return cls(
            areas=pd.concat(divided, names=["year"]),
            transitions=by_ground(NO_TRANSITIONS if transitions is None else transitions, grounds),
        )

    def at(self, year: int, grounds: Callable[[str], bool]) -> pd.DataFrame:
        """Return AREAS of some grounds in a year: index ``(zone, land_cover)``."""
        return _taken(pd.DataFrame(self.areas.xs(year, level="year")), grounds)

    def changed(self, grounds: Callable[[str], bool]) -> pd.DataFrame:
        """Return TRANSITIONS of some grounds; empty with a single date."""
        return _taken(self.transitions, grounds)


def equals(ground: str) -> Callable[[str], bool]:
    """Return what picks one ground by its name."""
    return lambda name: name == ground


def is_rest(ground: str) -> bool:
    """Whether the map alone speaks for a ground."""
    return ground == REST or ground.startswith(PLACE)


def is_new(ground: str) -> bool:
    """Whether a ground carries stands that were planted after the first land cover."""
    return ground.startswith(NEW_STANDS)


def is_old(ground: str) -> bool:
    """Whether a ground carries stands that stood at the first land cover already."""
    return ground == STANDS


def off_stands(ground: str) -> bool:
    """Whether no stand is on a ground."""
    return not (is_old(ground) or is_new(ground))


def off_old_stands(ground: str) -> bool:
    """Whether no stand was on a ground at the first land cover."""
    return not is_old(ground)


def _taken(table: pd.DataFrame, grounds: Callable[[str], bool]) -> pd.DataFrame:
    names = table.index.get_level_values("ground")
    chosen = [name for name in names.unique() if grounds(str(name))]
    levels = [name for name in table.index.names if name != "ground"]
    return pd.DataFrame(table[names.isin(chosen)].groupby(level=levels, sort=False).sum())


def ground_of_map(shown: pd.DataFrame, zones: pd.Index, classes: pd.Index) -> Ground:
    """Return ground with the map taken at its word: ``shown`` is AREAS."""
    table = shown.pivot_table("area_ha", "zone", "land_cover", aggfunc="sum", fill_value=0.0)
    strata_ha = table.reindex(index=zones, columns=classes, fill_value=0.0)
    strata_ha = strata_ha.rename_axis(index="zone", columns="land_cover")
    return Ground(
        strata_ha=strata_ha,
        shares=mapped_shares(classes),
        drawn=None,
        se_ha=pd.DataFrame(0.0, index=strata_ha.index, columns=classes),
    )


def ground_of_sample(
    shown: pd.DataFrame, sample: SampleEstimates, zones: pd.Index, draws: Draws, *, year: int
) -> Ground:
    """Return ground as a sample judges it: ``shown`` is AREAS, or TRANSITIONS of two dates."""
    says, strata_ha = sample.found.with_strata_of(shown)
    strata_ha = strata_ha.reindex(zones, fill_value=0.0).rename_axis("zone")
    date = sample.years.index(year)
    of_date = says.shares.columns.get_level_values("date") == date
    drawn = drawn_shares(says, draws, "-".join(map(str, sample.years)))
    return Ground(
        strata_ha=strata_ha[says.shares.index],
        shares=says.at(date),
        drawn=drawn[:, of_date],
        se_ha=area_se(says, strata_ha, date),
    )
