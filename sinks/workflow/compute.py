"""From checked inputs to result tables: algebra on one tabulation, no file touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from sinks.errors import InputRefused
from sinks.landcover.cover import LandCover
from sinks.study import Study
from sinks.workflow.grounds import DividedAreas, study_grounds
from sinks.workflow.inputs import Inputs
from sinks.workflow.stands import StandInventory
from sinks.zones.areas import Tabulation, tabulate
from sinks.zones.checks import check_partition
from sinks.zones.grounds import Grounds
from sinks.zones.zones import Zones

WHOLE_MAP = "__map__"  # a zone of its own, to hold the rasters that are written to the tables
_OUTSIDE_PCT = 0.1  # more of the district beyond the map is refused


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Result tables by name, and the same areas divided.

    ``divided`` tells them by ground; in it the whole map is a zone too, to hold
    rasters to the tables.
    """

    by_name: Mapping[str, pd.DataFrame]
    divided: DividedAreas
    grounds: Grounds


def area_tables(
    study: Study,
    inputs: Inputs,
    zones: Zones,
    stands: StandInventory | None,
    *,
    threads: int = 1,
) -> Tables:
    """Tabulate every year and ground, and the change from the first year to the last.

    ``zones`` are those of the study and the whole map, see :func:`with_whole_map`.

    Raises
    ------
    InputRefused
        ``V34`` if part of the district lies outside a map.
    InvariantViolated
        ``I03`` if zones that make up the district do not add up to it.
    """
    grounds = study_grounds(study, zones, stands)
    years = [cover.year for cover in inputs.covers]
    tables = _tabulations(inputs.covers, grounds.beside(zones), threads)
    district = str(inputs.district.frame["zone"].iloc[0])
    for parts in inputs.partitions:
        for table, cover in zip(tables, inputs.covers, strict=True):
            check_partition(table, zones, cover.grid, parts=parts, whole=district)
    areas = pd.concat({y: t.areas for y, t in zip(years, tables, strict=True)}, names=["year"])
    coverage = pd.concat(
        {y: t.coverage for y, t in zip(years, tables, strict=True)}, names=["year"]
    )
    _require_district_on_map(coverage, district)
    named = {"areas": areas, "coverage": coverage}
    if (transitions := tables[0].transitions) is not None:
        named["transitions"] = transitions
    own = [str(zone) for zone in inputs.zones.frame["zone"]]
    return Tables(
        by_name={
            name: table[table.index.get_level_values("zone").isin(own)]
            for name, table in named.items()
        },
        divided=DividedAreas.of(
            {year: table.areas for year, table in zip(years, tables, strict=True)},
            transitions,
            grounds,
        ),
        grounds=grounds,
    )


def _tabulations(covers: Sequence[LandCover], zones: Zones, threads: int) -> list[Tabulation]:
    """One tabulation per year; the first also holds the change to the last."""
    if len(covers) == 1:
        return [tabulate(covers[0], zones, threads=threads)]
    both = tabulate(covers[0], zones, after=covers[-1], threads=threads)
    if both.areas_after is None or both.coverage_after is None:
        raise AssertionError
    last = Tabulation(areas=both.areas_after, coverage=both.coverage_after)
    between = [tabulate(cover, zones, threads=threads) for cover in covers[1:-1]]
    return [both, *between, last]


def with_whole_map(zones: Zones, cover: LandCover) -> Zones:
    """Add a zone that holds the whole raster, a little larger than it."""
    margin = 2 * abs(cover.grid.transform.e)
    frame = gpd.GeoDataFrame(
        {"zone": [WHOLE_MAP], "name_zh": [""], "name_en": [""], "kind": ["other"]},
        geometry=[box(*cover.grid.bounds).buffer(margin, join_style="mitre")],
        crs=cover.grid.crs,
    )
    whole = Zones(frame=frame).to_crs(zones.crs)
    both = pd.concat([zones.frame, whole.frame], ignore_index=True)
    return Zones(frame=gpd.GeoDataFrame(both, crs=zones.crs))


def _require_district_on_map(coverage: pd.DataFrame, district: str) -> None:
    share_pct = 100 * coverage["outside_ha"] / coverage["zone_ha"]
    share_pct = share_pct.xs(district, level="zone")
    for year, outside_pct in share_pct[share_pct > _OUTSIDE_PCT].items():
        raise InputRefused.because(
            "V34", place=f"land_cover.{year}", share_pct=round(outside_pct, 2), zone=district
        )
