"""A planned pattern beside what the land shows: corridors, belts, hearts and points.

Lines are walked in steps of at most half a pixel, each counted with its true length; areas are
counted by pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import ndimage

from sinks.errors import InputRefused
from sinks.restoration.network.lattice import (
    HALF,
    Lattice,
    Mask,
    Numbers,
    refuse_unless_alike,
)

Kind = Literal["corridor", "belt", "heart", "point"]

_STEP_PX = 0.5

LINE_COLUMNS = (
    "kind",
    "length_m",
    "known_pct",
    "habitat_pct",
    "core_pct",
    "built_up_pct",
    "found_pct",
    "gaps",
    "longest_gap_m",
)
GAP_COLUMNS = ("line", "from_m", "length_m", "built_up_m", "x", "y")
AREA_COLUMNS = (
    "kind",
    "area_ha",
    "known_pct",
    "habitat_pct",
    "core_pct",
    "built_up_pct",
    "is_core",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlannedLine:
    """A planned corridor or belt along a line.

    ``rows`` and ``cols`` are its vertices in pixels; the middle of the first pixel is 0, 0.
    """

    key: str
    kind: Kind
    rows: Numbers
    cols: Numbers


@dataclass(frozen=True, kw_only=True, eq=False)
class PlannedArea:
    """A planned heart, point or belt that covers ground."""

    key: str
    kind: Kind
    mask: Mask


@dataclass(frozen=True, kw_only=True, eq=False)
class Land:
    """What the land shows: habitat, cores, built-up ground and the ways of corridors found.

    Raises
    ------
    InputRefused
        ``N32`` if shapes differ.
    """

    habitat: Mask
    cores: Mask
    built_up: Mask
    ways: Mask
    known: Mask
    lattice: Lattice

    def __post_init__(self) -> None:
        layers = {
            name: getattr(self, name) for name in ("habitat", "cores", "built_up", "ways", "known")
        }
        refuse_unless_alike(self.lattice.shape, **layers)


class LineFindings(NamedTuple):
    """Planned lines beside the land.

    ``lines`` has the index ``line`` (keys) and :data:`LINE_COLUMNS`: shares of the known length
    that lie on habitat, in cores, on built-up ground, and along a corridor that was found.
    ``gaps`` has a row for each stretch without habitat: how far from the start of the line it
    begins, its length, how much of it is built-up, and its middle on the map.
    """

    lines: pd.DataFrame
    gaps: pd.DataFrame


class _Walk(NamedTuple):
    """Stations along a line: place in pixels, length each stands for, and what lies there."""

    rows: Numbers
    cols: Numbers
    length_m: Numbers
    known: Mask
    habitat: Mask
    core: Mask
    built_up: Mask
    found: Mask


def lines_on_land(
    lines: Sequence[PlannedLine], land: Land, *, reach_m: float = 0.0, least_gap_m: float = 0.0
) -> LineFindings:
    """Compare planned lines with the land.

    Parameters
    ----------
    reach_m
        A place on the line counts as habitat, core or found corridor if there is such within
        this distance; built-up ground counts where the line itself crosses it.
    least_gap_m
        Shorter gaps are not listed or counted.

    Raises
    ------
    InputRefused
        ``N36`` if none of a line lies on known ground, or it has no length.
    """
    near = replace(
        land,
        habitat=_within(land.habitat, land.lattice, reach_m),
        cores=_within(land.cores, land.lattice, reach_m),
        ways=_within(land.ways, land.lattice, reach_m),
    )
    rows, gaps = [], [pd.DataFrame(columns=list(GAP_COLUMNS))]
    for line in lines:
        walk = _walk(line, near)
        if not walk.known.any():
            raise InputRefused.because("N36", place=line.key, key=line.key)
        stretches = _gaps(line.key, walk, land.lattice)
        stretches = stretches[stretches["length_m"] >= least_gap_m]
        rows.append((line.kind, *_shares(walk), *_longest(stretches)))
        gaps += [stretches] if len(stretches) else []
    index = pd.Index([line.key for line in lines], name="line", dtype=object)
    return LineFindings(
        lines=pd.DataFrame(rows, columns=list(LINE_COLUMNS), index=index),
        gaps=pd.concat(gaps[1:] or gaps, ignore_index=True),
    )


def areas_on_land(
    areas: Sequence[PlannedArea], land: Land, *, core_share: float = HALF
) -> pd.DataFrame:
    """Compare planned areas with the land.

    Parameters
    ----------
    core_share
        From which share of its known ground in cores on a planned node is one.

    Returns
    -------
    DataFrame
        Index ``area`` (keys), :data:`AREA_COLUMNS`; the mean of ``is_core`` is the share of
        planned nodes that are cores.

    Raises
    ------
    InputRefused
        ``N32`` if a mask has another shape, ``N36`` if it holds no known ground.
    """
    rows = []
    for area in areas:
        refuse_unless_alike(land.lattice.shape, **{area.key: area.mask})
        known = area.mask & land.known
        px = int(known.sum())
        if not px:
            raise InputRefused.because("N36", place=area.key, key=area.key)
        habitat, core, built_up = (
            int((layer & known).sum()) / px for layer in (land.habitat, land.cores, land.built_up)
        )
        whole = int(area.mask.sum())
        parts = 100 * px / whole, 100 * habitat, 100 * core, 100 * built_up
        rows.append((area.kind, whole * land.lattice.pixel_ha, *parts, core >= core_share))
    index = pd.Index([area.key for area in areas], name="area", dtype=object)
    return pd.DataFrame(rows, columns=list(AREA_COLUMNS), index=index)


def _within(mask: Mask, lattice: Lattice, reach_m: float) -> Mask:
    if reach_m <= 0 or not mask.any():
        return mask
    return np.asarray(ndimage.distance_transform_edt(~mask) * lattice.size_m <= reach_m)


def _walk(line: PlannedLine, near: Land) -> _Walk:
    down, across = np.diff(line.rows), np.diff(line.cols)
    length = np.hypot(down, across)
    steps = np.ceil(length / _STEP_PX).astype(np.int64)
    part = np.repeat(np.arange(len(steps)), steps)
    within = (np.arange(len(part)) - np.repeat(np.cumsum(steps) - steps, steps) + HALF) / steps[
        part
    ]
    rows = line.rows[:-1][part] + within * down[part]
    cols = line.cols[:-1][part] + within * across[part]
    row, col = np.rint(rows).astype(np.int64), np.rint(cols).astype(np.int64)
    height, width = near.lattice.shape
    inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    place = np.clip(row, 0, height - 1), np.clip(col, 0, width - 1)
    known = inside & near.known[place]
    layers = near.habitat, near.cores, near.built_up, near.ways
    length_m = length[part] / steps[part] * near.lattice.size_m
    return _Walk(rows, cols, length_m, known, *(known & layer[place] for layer in layers))


def _shares(walk: _Walk) -> tuple[float, ...]:
    """Return the length, the share of it that is known, and shares of what is known."""
    whole, known = walk.length_m.sum(), walk.length_m[walk.known].sum()
    parts = walk.habitat, walk.core, walk.built_up, walk.found
    shares = (100 * float(walk.length_m[part].sum() / known) for part in parts)
    return float(whole), 100 * float(known / whole), *shares


def _gaps(key: str, walk: _Walk, lattice: Lattice) -> pd.DataFrame:
    gap = np.concatenate([[False], walk.known & ~walk.habitat, [False]])
    turns = np.flatnonzero(gap[1:] != gap[:-1])
    start, stop = turns[::2], turns[1::2]
    so_far = np.concatenate([[0.0], np.cumsum(walk.length_m)])
    built_up = np.concatenate([[0.0], np.cumsum(walk.length_m * walk.built_up)])
    middle = (start + stop) // 2
    xy = lattice.coordinates(walk.rows[middle], walk.cols[middle])
    return pd.DataFrame(
        {
            "line": key,
            "from_m": so_far[start],
            "length_m": so_far[stop] - so_far[start],
            "built_up_m": built_up[stop] - built_up[start],
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _longest(gaps: pd.DataFrame) -> tuple[int, float]:
    return len(gaps), float(gaps["length_m"].max()) if len(gaps) else 0.0
