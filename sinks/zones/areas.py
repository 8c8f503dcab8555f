"""Areas: how many hectares of each class lie in each zone, at one date or from one to another.

One pass over the pixels gives everything: zone x class, or zone x class before x class
after. Hectares are on the ellipsoid of the raster, a pixel at the edge of a zone counts by
the share that the zone covers, zones may overlap, and memory does not grow with the raster.
The sums are the same bit for bit whatever the number of threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import Legend
from sinks.results import AREAS, COVERAGE, TRANSITIONS, checked
from sinks.zones.checks import check_coverage
from sinks.zones.placed import PlacedZones, placed
from sinks.zones.tiles import Ints, PixelSums, sum_pixels
from sinks.zones.zones import Zones

_SAME_PX = 0.01  # grids whose corners differ by less are one grid


@dataclass(frozen=True, kw_only=True)
class Tabulation:
    """Areas of one date, or of two and the change between them.

    ``areas`` and ``coverage`` are those of the first date, ``areas_after`` and
    ``coverage_after`` those of the second, each on its own valid pixels; ``transitions`` are
    the pixels that have data at both dates.
    """

    areas: pd.DataFrame
    coverage: pd.DataFrame
    areas_after: pd.DataFrame | None = None
    coverage_after: pd.DataFrame | None = None
    transitions: pd.DataFrame | None = None


def tabulate(
    cover: LandCover, zones: Zones, *, after: LandCover | None = None, threads: int = 1
) -> Tabulation:
    """Tabulate land cover by zone and class, and its change if there is a second date.

    Parameters
    ----------
    after
        Land cover of a later date, on the same grid and with the same legend.
    threads
        How many tiles of the raster are worked on at a time; the result is the same.

    Returns
    -------
    Tabulation
        AREAS and COVERAGE of each date and TRANSITIONS, in hectares; only rows with an area.
        ``area_se_ha`` is NaN: a mapped area has no sampling error. A zone that does not meet
        the raster has no rows in AREAS, and all of it is ``outside_ha``.

    Raises
    ------
    InputRefused
        ``R22`` or ``R23`` if the two dates lie on different grids, ``L03`` if their legends
        differ, ``R20`` if a code occurs that the legend lacks, ``Z05`` if a zone cannot be
        shown in the CRS of the raster.
    InvariantViolated
        ``I02`` if classes, no data and what lies beyond the raster do not add up to a zone's
        area, ``I04`` if its covered pixels differ from its area in the plane of pixels.
    """
    covers = [cover] if after is None else [cover, after]
    _require_comparable(covers)
    places = placed(zones, cover.grid)
    sums = sum_pixels(covers, places.rings, threads=threads)
    areas, coverage = _one_date(sums, 0, cover.legend, places)
    check_coverage(coverage, sums.px, places, cover.grid)
    if after is None:
        return Tabulation(areas=areas, coverage=coverage)
    areas_after, coverage_after = _one_date(sums, 1, cover.legend, places)
    check_coverage(coverage_after, sums.px, places, cover.grid)
    return Tabulation(
        areas=areas,
        coverage=coverage,
        areas_after=areas_after,
        coverage_after=coverage_after,
        transitions=_transitions(sums, cover.legend, places),
    )


def require_one_grid(a: Grid, b: Grid) -> None:
    """Refuse a grid that is not the first one, to a hundredth of a pixel.

    Raises
    ------
    InputRefused
        ``R22`` if it is shifted, ``R23`` if it differs otherwise.
    """
    right = (b.transform.c - a.transform.c) / a.transform.a
    down = (b.transform.f - a.transform.f) / a.transform.e
    if differences := _differences(a, b):
        raise InputRefused.because("R23", differences=differences)
    if max(abs(right), abs(down)) >= _SAME_PX:
        raise InputRefused.because("R22", right=round(right, 3), down=round(down, 3))


def _require_comparable(covers: Sequence[LandCover]) -> None:
    first, last = covers[0], covers[-1]
    require_one_grid(first.grid, last.grid)
    if first.legend != last.legend:
        raise InputRefused.because("L03", before=first.legend.name, after=last.legend.name)


def _differences(a: Grid, b: Grid) -> list[str]:
    sizes = [f"{g.transform.a:.10g} x {-g.transform.e:.10g}" for g in (a, b)]
    reach = max(a.shape)
    same_size = (
        max(abs(b.transform.a / a.transform.a - 1), abs(b.transform.e / a.transform.e - 1)) * reach
        < _SAME_PX
    )
    pairs = [
        (a.crs == b.crs, b.crs.name, a.crs.name),
        (same_size, sizes[1], sizes[0]),
        (a.shape == b.shape, f"{b.shape[1]} x {b.shape[0]} px", f"{a.shape[1]} x {a.shape[0]} px"),
    ]
    return [f"{this} ({that})" for same, this, that in pairs if not same]


def _one_date(
    sums: PixelSums, date: int, legend: Legend, places: PlacedZones
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add up over the other date: AREAS and COVERAGE of one."""
    count = len(legend.classes) + 1
    cells = sums.zone * count + sums.classes[date]
    table_ha = np.bincount(cells, sums.area_ha, minlength=len(places.ids) * count)
    table_ha = table_ha.reshape(len(places.ids), count)
    classes_ha = table_ha[:, 1:]
    zone, land_cover = np.nonzero(classes_ha)
    areas = pd.DataFrame(
        {"area_ha": classes_ha[zone, land_cover], "area_se_ha": np.nan},
        index=_index([zone, land_cover], [places.ids, legend.keys], AREAS.index),
    )
    coverage = pd.DataFrame(
        {
            "zone_ha": places.zone_ha,
            "mapped_ha": classes_ha.sum(axis=1),
            "no_data_ha": table_ha[:, 0],
            "outside_ha": places.outside_ha,
        },
        index=pd.Index(places.ids, name="zone"),
    )
    return checked(areas, AREAS), checked(coverage, COVERAGE)


def _transitions(sums: PixelSums, legend: Legend, places: PlacedZones) -> pd.DataFrame:
    both = np.flatnonzero((sums.classes[0] > 0) & (sums.classes[1] > 0))
    codes = [sums.zone[both], sums.classes[0][both] - 1, sums.classes[1][both] - 1]
    index = _index(codes, [places.ids, legend.keys, legend.keys], TRANSITIONS.index)
    return checked(pd.DataFrame({"area_ha": sums.area_ha[both]}, index=index), TRANSITIONS)


def _index(
    codes: list[Ints], levels: list[Sequence[str]], names: tuple[str, ...]
) -> pd.MultiIndex:
    whole: Any = pd.MultiIndex  # its stubs ask for lists, which are slow here
    index: pd.MultiIndex = whole(levels=levels, codes=codes, names=names)
    return index.remove_unused_levels()
