"""Morphological spatial pattern: what part each pixel of habitat plays.

After Vogt et al. 2007 (Landscape Ecology 22, 171-177) and Soille & Vogt 2009 (Pattern
Recognition Letters 30, 456-459), with foreground that hangs together over sides and corners:

=============  =================================================================================
core           farther from the background than the edge width
islet          habitat that hangs together and has no core
edge           within the edge width of a core, on its outer side
perforation    the same, on the side of a hole in the core
bridge         narrow habitat that joins cores
loop           narrow habitat that leaves a core and returns to it
branch         narrow habitat that ends
=============  =================================================================================

Distances are counted in steps over sides and corners (chessboard), which goes with such
foreground; the papers count straight lines, so that slanted edges are deeper here by up to 41 %.
Ground that is not known makes no edge: what lies beyond a district is not its background.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from sinks.restoration.network.lattice import (
    Labels,
    Lattice,
    Mask,
    refuse_unless_alike,
    refuse_unless_positive,
)
from sinks.restoration.network.thinning import thinned

BACKGROUND, CORE, ISLET, PERFORATION, EDGE, LOOP, BRIDGE, BRANCH = range(8)
CLASSES = ("background", "core", "islet", "perforation", "edge", "loop", "bridge", "branch")
UNKNOWN = 255

EIGHT = np.ones((3, 3), dtype=bool)

Steps = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """The class of every pixel (place in :data:`CLASSES`, 255 unknown), and the labelled cores.

    ``cores`` holds 1 to ``count``, in reading order, and 0 outside cores.
    """

    codes: NDArray[np.uint8]
    cores: Labels
    count: int
    lattice: Lattice

    def table(self) -> pd.DataFrame:
        """Return ``px``, ``area_ha`` and ``share_pct`` of known ground, by class."""
        px = np.bincount(self.codes.ravel(), minlength=UNKNOWN + 1)[: len(CLASSES)]
        index = pd.Index(CLASSES, name="pattern")
        return pd.DataFrame(
            {
                "px": px,
                "area_ha": px * self.lattice.pixel_ha,
                "share_pct": 100 * px / max(int(px.sum()), 1),
            },
            index=index,
        )


def pattern_of(
    habitat: Mask, lattice: Lattice, *, edge_px: int = 1, known: Mask | None = None
) -> Pattern:
    """Tell of every pixel which part it plays.

    Parameters
    ----------
    habitat
        Which pixels are habitat, shape ``(rows, columns)``.
    edge_px
        Width of the edge, in pixels.
    known
        Where there is data; everywhere if None.

    Returns
    -------
    Pattern
        Its classes other than background cover ``habitat`` where it is known, each pixel once.

    Raises
    ------
    InputRefused
        ``N30`` if the edge is not at least a pixel wide, ``N32`` if shapes differ.
    """
    refuse_unless_positive(edge_px=edge_px)
    known = np.ones(lattice.shape, dtype=bool) if known is None else known
    refuse_unless_alike(lattice.shape, habitat=habitat, known=known)
    ground = habitat & known
    depth = steps_to(known & ~habitat)
    cores, count = ndimage.label(ground & (depth > edge_px), structure=EIGHT)
    codes = np.full(lattice.shape, UNKNOWN, dtype=np.uint8)
    codes[known] = BACKGROUND
    codes[cores > 0] = CORE
    rest = ground & (cores == 0)
    alone = rest & ~_with_core(ground, cores)
    codes[alone] = ISLET
    rest &= ~alone
    if count:
        owner = _mark_rims(codes, rest, cores, edge_px)
        links = rest & (owner == 0)
        _mark_links(codes, links, owner, thinned(ground, links, depth), edge_px)
    return Pattern(codes=codes, cores=cores, count=int(count), lattice=lattice)


def steps_to(mask: Mask) -> Steps:
    """Return steps over sides and corners to the nearest pixel of ``mask``.

    Where there is none, there are as many as rows and columns together.
    """
    if not mask.any():
        return np.full(mask.shape, sum(mask.shape), dtype=np.int32)
    return np.asarray(ndimage.distance_transform_cdt(~mask, "chessboard"), dtype=np.int32)


def _with_core(ground: Mask, cores: Labels) -> Mask:
    labels, count = ndimage.label(ground, structure=EIGHT)
    has = np.zeros(count + 1, dtype=bool)
    has[labels[cores > 0]] = True
    return np.asarray(has[labels])


def _mark_rims(codes: NDArray[np.uint8], rest: Mask, cores: Labels, edge_px: int) -> Labels:
    """Mark edges and perforations; return whose rim each pixel is (0: nobody's).

    The ground around a core is that which holds the pixel above its first; every other piece of
    ground without core that it touches is a hole in it.
    """
    steps, (row, col) = ndimage.distance_transform_cdt(
        cores == 0, "chessboard", return_indices=True
    )
    rim = rest & (steps <= edge_px)
    owner = np.where(rim, cores[row, col], np.int32(0))
    around, _ = ndimage.label(np.pad(cores == 0, 1, constant_values=True))
    labels, first = np.unique(np.pad(cores, 1).ravel(), return_index=True)
    outer = np.zeros(int(labels[-1]) + 1, dtype=np.int64)
    width = cores.shape[1] + 2
    outer[labels[1:]] = around.ravel()[first[1:] - width]
    outside = around[1:-1, 1:-1] == outer[owner]
    codes[rim & outside] = EDGE
    codes[rim & ~outside] = PERFORATION
    return np.asarray(owner)


def _mark_links(
    codes: NDArray[np.uint8], links: Mask, owner: Labels, paths: Mask, edge_px: int
) -> None:
    """Mark bridges, loops and branches.

    A link without core is at most twice the edge width wide, so that what lies within that
    width of its path is the link, and what lies beyond is a branch of it.
    """
    codes[links] = BRANCH
    labels, count = ndimage.label(paths, structure=EIGHT)
    if not count:
        return
    most = ndimage.maximum_filter(owner, size=3, mode="constant")
    fewest = np.where(owner > 0, owner, np.iinfo(np.int32).max)
    least = ndimage.minimum_filter(fewest, size=3, mode="nearest")
    numbers = np.arange(1, count + 1)
    joins = ndimage.maximum(most, labels, numbers) > ndimage.minimum(least, labels, numbers)
    kinds = np.where(np.concatenate([[False], joins]), BRIDGE, LOOP).astype(np.uint8)
    marks = np.where(labels > 0, kinds[labels], np.uint8(0))
    for kind in (LOOP, BRIDGE):
        reached = ndimage.binary_dilation(marks == kind, EIGHT, iterations=edge_px, mask=links)
        codes[reached] = kind
