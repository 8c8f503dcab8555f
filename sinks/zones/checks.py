"""Laws that hold on every run; a broken one is our mistake, and no number is published.

Tabulation finds areas by looking at pixels, :mod:`sinks.zones.placed` from outlines alone.
Both must come to the same, up to what three known causes explain:

- a bent edge is followed by straight pieces that stray at most ``STRAY_PX``;
- a share of a pixel counts with the mean hectares of the pixel, though one side of it may be
  larger: by ``g`` relative, which makes at most ``g / 8`` of it;
- pixels of one patch share one number: half the change of hectares across the patch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sinks.errors import InvariantViolated
from sinks.grid import Grid
from sinks.units import M2_PER_HA
from sinks.zones.coverage_kernel import WEIGHT_COLS
from sinks.zones.overlay import equal_area
from sinks.zones.placed import STRAY_M, STRAY_PX, PlacedZones
from sinks.zones.zones import Zones

if TYPE_CHECKING:
    from sinks.zones.areas import Tabulation

Floats = NDArray[np.float64]

_SAME_BAND = 1e-6  # half the change of hectares across a band of rows; see Grid.pixel_areas
_SAFETY = 2.0  # the causes are estimated, not bounded
_ROUNDING = 1e-9  # relative, of sums of floating-point numbers
_ROUNDING_PX = 1e-6
_ROUNDING_HA = 1e-9


def check_coverage(coverage: pd.DataFrame, px: Floats, places: PlacedZones, grid: Grid) -> None:
    """Hold what was tabulated to what the outlines say.

    Raises
    ------
    InvariantViolated
        ``I02`` if classes, no data and what lies beyond the raster do not add up to the area
        of a zone, ``I04`` if its covered pixels differ from its area in the plane of pixels.
    """
    allowed_px = _ROUNDING_PX + _ROUNDING * np.abs(places.inside_px)
    if (worst := _worst(px, places.inside_px, allowed_px)) is not None:
        i, count = worst
        raise InvariantViolated.because(
            "I04",
            zone=places.ids[i],
            covered_px=float(px[i]),
            expected_px=float(places.inside_px[i]),
            count=count,
        )
    sum_ha = coverage[["mapped_ha", "no_data_ha", "outside_ha"]].sum(axis=1).to_numpy()
    allowed_ha = tolerance_ha(places, grid)
    if (worst := _worst(sum_ha, places.zone_ha, allowed_ha)) is not None:
        i, count = worst
        raise InvariantViolated.because(
            "I02",
            zone=places.ids[i],
            sum_ha=float(sum_ha[i]),
            zone_ha=float(places.zone_ha[i]),
            allowed_ha=float(allowed_ha[i]),
            count=count,
        )


def tolerance_ha(places: PlacedZones, grid: Grid) -> Floats:
    """Hectares by which pixels and outline of each zone may differ; see the module's text."""
    pixel_ha, down, across = _pixels(grid)
    patches = _SAME_BAND + across * WEIGHT_COLS / 2
    stray_px = STRAY_PX + STRAY_M / np.sqrt(pixel_ha * M2_PER_HA)
    # an outline of n pixels' length runs through 2 n pixels and a few more at most
    rim_px = places.edge_px * stray_px + (2 * places.edge_px + 4) * (down + across) / 8
    explained_ha = places.zone_ha * patches + pixel_ha * rim_px
    return np.asarray(_SAFETY * explained_ha + _ROUNDING * places.zone_ha + _ROUNDING_HA)


def check_partition(
    tabulation: Tabulation, zones: Zones, grid: Grid, *, parts: Sequence[str], whole: str
) -> None:
    """Hold the sum of the zones ``parts`` to the zone ``whole`` that they make up.

    In every class they may differ by the hectares that the polygons themselves do: where
    parts overlap, leave gaps or reach beyond.

    Raises
    ------
    InvariantViolated
        ``I03`` if they differ by more in any table.
    """
    allowed_ha = _mismatch_ha(zones, grid, parts, whole)
    for name, table in _tables(tabulation):
        long = table.drop(columns="area_se_ha", errors="ignore").melt(ignore_index=False)
        keys = [*long.index.names[1:], "variable"]
        sum_ha = long[long.index.isin(parts, level=0)].groupby(keys)["value"].sum()
        whole_ha = long[long.index.isin([whole], level=0)].groupby(keys)["value"].sum()
        sum_ha, whole_ha = sum_ha.align(whole_ha, fill_value=0.0)
        found, expected = sum_ha.to_numpy(dtype=float), whole_ha.to_numpy(dtype=float)
        if (worst := _worst(found, expected, np.full(len(found), allowed_ha))) is not None:
            i = worst[0]
            raise InvariantViolated.because(
                "I03",
                whole=whole,
                what=f"{name} {sum_ha.index[i]}",
                sum_ha=float(found[i]),
                whole_ha=float(expected[i]),
                allowed_ha=allowed_ha,
            )


def _mismatch_ha(zones: Zones, grid: Grid, parts: Sequence[str], whole: str) -> float:
    """Hectares by which polygons fail to partition ``whole``, and what strays may add."""
    ids = zones.frame["zone"].astype(str).to_numpy()
    shapes = np.asarray(equal_area(zones.frame).geometry)
    each, one = shapes[np.isin(ids, list(parts))], shapes[ids == whole][0]
    together = shapely.union_all(each)
    double_m2 = abs(shapely.area(each).sum() - together.area)
    apart_m2 = shapely.symmetric_difference(together, one).area
    side_m = np.sqrt(_pixels(grid)[0] * M2_PER_HA)
    stray_m2 = (STRAY_PX * side_m + STRAY_M) * shapely.length(each).sum()
    return float((double_m2 + apart_m2 + _SAFETY * stray_m2) / M2_PER_HA + _ROUNDING_HA)


def _tables(tabulation: Tabulation) -> Iterator[tuple[str, pd.DataFrame]]:
    for name in ("areas", "coverage", "areas_after", "coverage_after", "transitions"):
        if (table := getattr(tabulation, name)) is not None:
            yield name, table


def _worst(found: Floats, expected: Floats, allowed: Floats) -> tuple[int, int] | None:
    """Return the place that is furthest off and how many are off; None if none is."""
    off = np.abs(found - expected)
    wrong = np.flatnonzero(~(off <= allowed))  # not a number is wrong, too
    if not len(wrong):
        return None
    return int(wrong[np.argmax(off[wrong])]), len(wrong)


def _pixels(grid: Grid) -> tuple[float, float, float]:
    """Largest pixel in hectares, and the largest relative change to the next row and column."""
    rows, cols = grid.shape
    row, col = np.linspace(0, rows - 1, 9), np.linspace(0, cols - 1, 9)
    here = grid.pixel_ha(row, col)
    down = np.abs(grid.pixel_ha(row + 1, col) / here - 1).max()
    across = np.abs(grid.pixel_ha(row, col + 1) / here - 1).max()
    return float(here.max()), float(down), float(across)
