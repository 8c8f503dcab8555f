"""The patches of tiles: pixels of one class that hang together, and what they touch.

Pixels hang together over their sides alone, or over corners too. Labels come from one pass in
reading order with union-find (Rosenfeld & Pfaltz 1966; Wu, Otoo & Suzuki 2009), numbered by the
first pixel of each patch, so that the same tile has the same labels whenever it is read.

All compiled code of patches stands in this file, because the cache on disk is renewed when the
file of the outermost function changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sinks.grid import Window
from sinks.landcover.cover import CodeBlocks
from sinks.refinement.patch_graph import NONE, Edges, Ints, Nodes, Strip, contacts
from sinks.refinement.places import STEP, PixelArea

Labels = NDArray[np.int32]
Codes = NDArray[np.uint8]


class PatchRule(NamedTuple):
    """What makes a patch, and which may change: ``keep`` says of each code that it may not."""

    eight: bool
    enough: int  # area units from which on a patch stays
    keep: NDArray[np.bool_]


class TilePatches(NamedTuple):
    """Patches of one tile, and the labels along its four sides."""

    nodes: Nodes
    edges: Edges
    top: Ints
    bottom: Ints
    left: Ints
    right: Ints


def tile_patches(
    blocks: CodeBlocks, window: Window, area: PixelArea, rule: PatchRule
) -> TilePatches:
    """Find the patches of a tile, their areas, and which of them touch."""
    codes = np.require(blocks.read(window), requirements=["C", "W"])
    labels, count = label_patches(codes, rule.eight)
    sums = tuple(np.zeros(count, dtype=np.int64) for _ in range(4))
    sum_patches(labels, codes, area.groups(window), STEP, sums)
    units, px, first, code = sums
    row, col = np.divmod(first, window.width)
    first = (window.row + row) * blocks.grid.shape[1] + window.col + col
    nodes = Nodes(units, px, first, code, rule.keep[code])
    pairs = np.empty((4 * codes.size, 3), dtype=np.int32)
    found = touching(labels, nodes.fixed | (units >= rule.enough), rule.eight, pairs)
    low, high, sides = pairs[:found].T.astype(np.int64)
    edges = Edges(low, high, sides).renumbered(np.arange(count), count)
    rims = labels[0], labels[-1], labels[:, 0], labels[:, -1]
    return TilePatches(nodes, edges, *(rim.astype(np.int64) for rim in rims))


def strip_of(tiles: Sequence[TilePatches], *, eight: bool) -> Strip:
    """Put the tiles of one row side by side."""
    starts = np.cumsum([0, *(len(tile.nodes.area) for tile in tiles)])
    nodes, edges = tiles[0].nodes, tiles[0].edges
    for tile, start in zip(tiles[1:], starts[1:], strict=False):
        nodes = nodes.followed_by(tile.nodes)
        low, high, sides = tile.edges
        edges = edges.followed_by(Edges(low + start, high + start, sides))
    one, other = [], []
    for number, (tile, beside) in enumerate(pairwise(tiles)):
        right = _counted_on(tile.right, starts[number])
        left = _counted_on(beside.left, starts[number + 1])
        joined, across = contacts(right, left, nodes.code, eight=eight)
        one.append(joined[0])
        other.append(joined[1])
        edges = edges.followed_by(across)
    nothing = np.zeros(0, dtype=np.int64)
    return Strip(
        nodes=nodes,
        edges=edges,
        joined=(np.concatenate([nothing, *one]), np.concatenate([nothing, *other])),
        top=np.concatenate([_counted_on(t.top, s) for t, s in zip(tiles, starts, strict=False)]),
        bottom=np.concatenate(
            [_counted_on(t.bottom, s) for t, s in zip(tiles, starts, strict=False)]
        ),
    )


def _counted_on(labels: Ints, start: int) -> Ints:
    return np.where(labels == NONE, NONE, labels + start)


# ---- compiled ----------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def label_patches(codes: Codes, eight: bool) -> tuple[Labels, int]:  # noqa: FBT001 (compiled)
    """Label the patches of a tile from 0 on, in the order of their first pixels.

    Returns labels of the shape of ``codes``, -1 where there is no data, and how many there are.
    """
    rows, cols = codes.shape
    labels = np.full((rows, cols), NONE, dtype=np.int32)
    parent = np.empty(rows * cols, dtype=np.int32)
    count = 0
    for r in range(rows):
        for c in range(cols):
            if codes[r, c] == 0:
                continue
            label = _label_before(codes, labels, parent, (r, c), eight)
            if label == NONE:
                label = count
                parent[count] = count
                count += 1
            labels[r, c] = label
    return labels, _numbered(labels, parent, count)


@njit(nogil=True, cache=True)
def _label_before(
    codes: Codes,
    labels: Labels,
    parent: Labels,
    at: tuple[int, int],
    eight: bool,  # noqa: FBT001
) -> int:
    """Return the label of the pixels left and above that are of the same patch, made one."""
    r, c = at
    code, label = codes[r, c], NONE
    if c > 0 and codes[r, c - 1] == code:
        label = _root(parent, labels[r, c - 1])
    if r > 0:
        reach = 1 if eight else 0
        for above in range(max(c - reach, 0), min(c + reach, codes.shape[1] - 1) + 1):
            if codes[r - 1, above] == code:
                label = _joined(parent, label, labels[r - 1, above])
    return label


@njit(nogil=True, cache=True)
def _root(parent: Labels, label: int) -> int:
    while parent[label] != label:
        parent[label] = parent[parent[label]]
        label = parent[label]
    return label


@njit(nogil=True, cache=True)
def _joined(parent: Labels, label: int, other: int) -> int:
    """Join two labels (one may be none yet) under the smaller, which came first."""
    other = _root(parent, other)
    if label == NONE:
        return other
    low, high = min(label, other), max(label, other)
    parent[high] = low
    return low


@njit(nogil=True, cache=True)
def _numbered(labels: Labels, parent: Labels, count: int) -> int:
    """Put final numbers in the place of labels, and return how many patches there are."""
    numbers = np.empty(count, dtype=np.int32)
    patches = 0
    for label in range(count):
        if parent[label] == label:
            numbers[label] = patches
            patches += 1
        else:
            numbers[label] = numbers[_root(parent, label)]
    for r in range(labels.shape[0]):
        for c in range(labels.shape[1]):
            if labels[r, c] != NONE:
                labels[r, c] = numbers[labels[r, c]]
    return patches


@njit(nogil=True, cache=True)
def sum_patches(
    labels: Labels, codes: Codes, units: Any, step: tuple[int, int], sums: Any
) -> None:
    """Add up area and pixels of every patch, and note its class and first pixel.

    ``units`` are area units of a pixel, whole numbers, by group of ``step`` rows and columns;
    ``sums`` are arrays by label: area, pixels, first pixel (row x columns + column), code.
    """
    area, px, first, code = sums
    rows, cols = labels.shape
    for r in range(rows):
        for c in range(cols):
            label = labels[r, c]
            if label != NONE:
                if px[label] == 0:
                    first[label], code[label] = r * cols + c, codes[r, c]
                px[label] += 1
                area[label] += units[r // step[0], c // step[1]]


@njit(nogil=True, cache=True)
def touching(labels: Labels, large: Any, eight: bool, pairs: Any) -> int:  # noqa: FBT001
    """List the pairs of patches that touch, with the sides of pixels they share.

    Patches that are both ``large`` (by label) are left out. ``pairs`` has room for 4 x 3 numbers
    a pixel: the lower label, the higher, and sides, 0 where only corners touch. A pair may come
    several times. Returns how many were found.
    """
    rows, cols = labels.shape
    count = 0
    for r in range(rows):
        for c in range(cols):
            label = labels[r, c]
            if c + 1 < cols and labels[r, c + 1] != label:  # calls are dear, and most are alike
                count = _noted(pairs, count, large, (label, labels[r, c + 1], 1))
            if r + 1 < rows and labels[r + 1, c] != label:
                count = _noted(pairs, count, large, (label, labels[r + 1, c], 1))
    if eight:
        for r in range(rows - 1):
            for c in range(cols - 1):
                count = _noted(pairs, count, large, (labels[r, c], labels[r + 1, c + 1], 0))
                count = _noted(pairs, count, large, (labels[r, c + 1], labels[r + 1, c], 0))
    return count


@njit(nogil=True, cache=True)
def _noted(pairs: Any, count: int, large: Any, pair: tuple[int, int, int]) -> int:
    """Note a pair of patches, in the entry of the one before if it is the same."""
    a, b, sides = pair
    if a == b or min(a, b) == NONE or (large[a] and large[b]):
        return count
    low, high = min(a, b), max(a, b)
    if count > 0 and pairs[count - 1, 0] == low and pairs[count - 1, 1] == high:
        pairs[count - 1, 2] += sides
        return count
    pairs[count, 0], pairs[count, 1], pairs[count, 2] = low, high, sides
    return count + 1
