"""The compiled heart of forest inference: walk pixels down trees, and count their votes.

Pixels are worked on in blocks of 16 tiles of 512. For each tree in turn, a tile goes three
ways, so that the tree and the tile stay in the first-level cache:

1. **The top**: the 31 nodes that most samples pass lead to 32 exits. Every pixel is compared
   with all of them, which processors do for 8 or 16 pixels at once; a comparison that fails
   strikes the exits on the left of its node from a mask of 32 bits, and the lowest bit that is
   left is the exit (QuickScorer, Lucchese et al. 2015, SIGIR). The bit's number comes from a
   multiplication (de Bruijn sequence, Leiserson, Prokop & Randall 1998).
2. **The walk**: from its exit, each pixel goes on node by node. One step of all pixels makes an
   inner loop without branches, whose loads do not wait for one another. Pixels that are in a
   leaf stay there, and every third step they leave the list.
3. **The vote**: the leaf's share of each class is added to the votes of the pixel.

From half of the trees on, pixels whose first class is further ahead of the second than trees
are left to vote are decided, and leave the block. Votes are added in float64 in the order of
the trees and divided by their number, as scikit-learn does, so that labels are the same where
classes tie, too.

Numbers are compared as integers: read as such, float32 values have the same order once the
lower bits of negative ones are flipped (a *key*).
A node is one word of 64 bits: threshold (bits 0-31, a key), left child (32-53, counted from
the tree's first word; the right child follows it), whether the left and the right child are
leaves (54, 55), feature (56-63). A leaf is a word whose child is itself, whose threshold is
above every key of a finite number, and says by how much which row of ``values`` is its own.
The first rows, as many as classes, are those of pure leaves.

All compiled code stands in this file, because the cache on disk is renewed with the file of
the outermost function. Hot indices are unsigned: signed ones might count from the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

TOP_NODES = 32  # one of them is padding
CHILD_BIT, LEAF_BIT, FEATURE_BIT = 32, 54, 56
CHILDREN_MAX = 1 << (LEAF_BIT - CHILD_BIT)
FEATURES_MAX = 1 << (64 - FEATURE_BIT)
LEAF_KEY = 0x7F800000  # of infinity, which no finite number reaches
VALUES_MAX = (1 << 31) - LEAF_KEY
DE_BRUIJN = 0x077CB531
DE_BRUIJN_SHIFT = 27

_TILE_BITS = 9
_TILE_PX = 1 << _TILE_BITS
_BLOCK_TILES = 16  # keys and votes of a block stay in the second-level cache
_BLOCK_PX = _BLOCK_TILES * _TILE_PX
_FREE_STEPS = 2  # between steps that shorten the list of pixels
_TREES_PER_CHECK = 4
_ROUNDING = 1e-6  # votes; sums of 500 trees are right to 1e-11

_U = np.uint64
_ALL = np.uint32(0xFFFFFFFF)

Function = TypeVar("Function", bound=Callable[..., Any])
Keys = NDArray[np.int32]
Places = NDArray[np.int32]  # of pixels within their tile or block, or of words in a tree
Words = NDArray[np.int64]
Masks = NDArray[np.uint32]
Votes = NDArray[np.float64]
Unsigned = Any  # an unsigned number of 64 bits


def _compiled(function: Function) -> Function:
    """Compile a function that runs without the interpreter's lock."""
    return cast(Function, njit(nogil=True, cache=True, error_model="numpy")(function))


def _inlined(function: Function) -> Function:
    """Compile a function into each of its callers."""
    inline = njit(nogil=True, cache=True, error_model="numpy", forceinline=True)
    return cast(Function, inline(function))


@_compiled
def forest_labels(
    features: NDArray[np.float32], forest: Any, places: NDArray[np.uint8], decide_from: int
) -> int:
    """Find the class with most votes, the first of those that tie; return trees walked.

    Parameters
    ----------
    features
        Finite, ``(features, pixels)``.
    forest
        A ``PackedForest`` as plain tuple: a class of ours would be written into the cache.
    places
        Takes the place of each pixel's class on the class axis.
    decide_from
        How many trees vote before pixels may leave because they are decided. As many as there
        are: never. That changes no label.
    """
    trees, classes = len(forest[1]) - 1, forest[6].shape[1]
    keys, pixels, votes = _scratch(features.shape[0], classes)
    walked = 0
    for start in range(0, features.shape[1], _BLOCK_PX):
        count = min(_BLOCK_PX, features.shape[1] - start)
        _set_out(features, start, count, keys, pixels)
        votes[:count] = 0
        walked += _vote(keys, pixels, votes, forest, count, decide_from)
        for i in range(count):
            best, most = 0, votes[i, 0] / trees
            for c in range(1, classes):
                share = votes[i, c] / trees
                if share > most:
                    best, most = c, share
            places[start + i] = best
    return walked


@_compiled
def forest_probabilities(
    features: NDArray[np.float32], forest: Any, shares: NDArray[np.float32]
) -> None:
    """Give each class its mean share of the trees' votes, ``(classes, pixels)``."""
    trees, classes = len(forest[1]) - 1, forest[6].shape[1]
    keys, pixels, votes = _scratch(features.shape[0], classes)
    for start in range(0, features.shape[1], _BLOCK_PX):
        count = min(_BLOCK_PX, features.shape[1] - start)
        _set_out(features, start, count, keys, pixels)
        votes[:count] = 0
        _vote(keys, pixels, votes, forest, count, trees)
        for c in range(classes):
            for i in range(count):
                shares[c, start + i] = np.float32(votes[i, c] / trees)


# ---- a block of pixels -------------------------------------------------------------------


@_compiled
def _scratch(features: int, classes: int) -> tuple[Keys, Places, Votes]:
    keys = np.empty((_BLOCK_TILES, features, _TILE_PX), dtype=np.int32)
    pixels = np.empty(_BLOCK_PX, dtype=np.int32)
    return keys, pixels, np.empty((_BLOCK_PX, classes), dtype=np.float64)


@_compiled
def _set_out(
    features: NDArray[np.float32], start: int, count: int, keys: Keys, pixels: Places
) -> None:
    """Fill a block, tile by tile, with the keys of its pixels."""
    for tile in range(0, count, _TILE_PX):
        end = min(tile + _TILE_PX, count)
        for f in range(features.shape[0]):
            bits = features[f, start + tile : start + end].view(np.int32)
            row = keys[tile >> _TILE_BITS, f]
            for i in range(len(bits)):
                row[i] = bits[i] ^ ((bits[i] >> 31) & 0x7FFFFFFF)
        for i in range(tile, end):
            pixels[i] = i


@_compiled
def _vote(
    keys: Keys, pixels: Places, votes: Votes, forest: Any, count: int, decide_from: int
) -> int:
    """Add the votes of all trees; return how many were walked, over the pixels."""
    words, starts, top_features, top_keys, top_masks, exits, values, rows, single = forest
    trees = len(starts) - 1
    masks = np.empty(_TILE_PX, dtype=np.uint32)
    leaves, nodes, active = _places(), _places(), _places()
    walked = 0
    for t in range(trees):
        tree, own = words[starts[t] : starts[t + 1]], values[rows[t] : rows[t + 1]]
        for tile in range(0, count, _TILE_PX):
            size = min(_TILE_PX, count - tile)
            here = keys[tile >> _TILE_BITS]
            _pass_top(here, top_features[t], top_keys[t], top_masks[t], masks[:size])
            walking = _enter(masks[:size], exits[t], leaves, nodes, active)
            _walk(here.reshape(here.size), tree, leaves, nodes, active, walking)
            _add(tree, leaves, own, votes, pixels[tile : tile + size], single)
        walked += count
        voted = t + 1
        if decide_from <= voted < trees and (voted - decide_from) % _TREES_PER_CHECK == 0:
            count = _keep_undecided(keys, pixels, votes, count, trees - voted)
    return walked


@_compiled
def _places() -> Places:
    return np.empty(_TILE_PX + 1, dtype=np.int32)


@_compiled
def _keep_undecided(keys: Keys, pixels: Places, votes: Votes, count: int, left: int) -> int:
    """Move pixels whose first class can still be caught to the front; return how many."""
    kept = 0
    for i in range(count):
        first, second, pixel = -1.0, -1.0, pixels[i]
        for c in range(votes.shape[1]):
            share = votes[pixel, c]
            second = max(second, min(first, share))
            first = max(first, share)
        if first - second <= left + _ROUNDING:
            pixels[kept] = pixel
            origin, target = keys[i >> _TILE_BITS], keys[kept >> _TILE_BITS]
            for f in range(keys.shape[1]):
                target[f, kept & (_TILE_PX - 1)] = origin[f, i & (_TILE_PX - 1)]
            kept += 1
    return kept


# ---- a tile and a tree -------------------------------------------------------------------


@_compiled
def _pass_top(keys: Keys, features: Places, thresholds: Keys, struck: Masks, masks: Masks) -> None:
    """Leave in each pixel's mask the exits it can reach, four nodes at a time."""
    size = len(masks)
    masks[:] = _ALL
    for node in range(0, TOP_NODES, 4):
        x0, x1 = keys[features[node], :size], keys[features[node + 1], :size]
        x2, x3 = keys[features[node + 2], :size], keys[features[node + 3], :size]
        t0, t1, t2, t3 = (
            thresholds[node], thresholds[node + 1], thresholds[node + 2], thresholds[node + 3],
        )  # fmt: skip
        m0, m1, m2, m3 = struck[node], struck[node + 1], struck[node + 2], struck[node + 3]
        for i in range(size):
            a = m0 if x0[i] > t0 else _ALL
            b = m1 if x1[i] > t1 else _ALL
            c = m2 if x2[i] > t2 else _ALL
            d = m3 if x3[i] > t3 else _ALL
            masks[i] &= (a & b) & (c & d)


@_compiled
def _enter(masks: Masks, exits: Places, leaves: Places, nodes: Places, active: Places) -> int:
    """Send pixels to their exits; list those that walk on, and return how many.

    An exit is twice the place of its word, plus one if it is a leaf.
    """
    walking = 0
    for i in range(len(masks)):
        lowest = _U(masks[i]) & (~_U(masks[i]) + _U(1))
        number = ((lowest * _U(DE_BRUIJN)) & _U(_ALL)) >> _U(DE_BRUIJN_SHIFT)
        way_out = exits[number]
        leaves[i] = nodes[walking] = way_out >> 1
        active[walking] = i
        walking += 1 - (way_out & 1)
    return walking


@_compiled
def _walk(
    keys: Keys, tree: Words, leaves: Places, nodes: Places, active: Places, walking: int
) -> None:
    """Walk the pixels of the list down to their leaves."""
    while walking > 0:
        for _ in range(_FREE_STEPS):
            for k in range(walking):
                child, _ends = _step(keys, tree, _U(active[k]), _U(nodes[k]))
                nodes[k] = np.int32(child)
        going = 0
        for k in range(walking):
            pixel = _U(active[k])
            child, ends = _step(keys, tree, pixel, _U(nodes[k]))
            leaves[pixel] = nodes[going] = np.int32(child)
            active[going] = np.int32(pixel)
            going += 1 - int(ends)
        walking = going


@_inlined
def _step(keys: Keys, tree: Words, pixel: Unsigned, node: Unsigned) -> tuple[Unsigned, Unsigned]:
    """Return the child a pixel goes to, and 1 if that is a leaf."""
    word = _U(tree[node])
    row = (word >> _U(FEATURE_BIT - _TILE_BITS)) & _U((FEATURES_MAX - 1) << _TILE_BITS)
    right = _U(keys[row + pixel] > np.int32(word & _U(_ALL)))
    child = ((word >> _U(CHILD_BIT)) & _U(CHILDREN_MAX - 1)) + right
    return child, (word >> (_U(LEAF_BIT) + right)) & _U(1)


@_compiled
def _add(
    tree: Words, leaves: Places, values: Votes, votes: Votes, pixels: Places, single: int
) -> None:
    """Add what the leaves say to the votes; the first ``single`` rows are one vote for a class."""
    classes, one_vote = _U(votes.shape[1]), _U(single)
    for i in range(len(pixels)):
        row = _U((tree[_U(leaves[i])] & 0x7FFFFFFF) - LEAF_KEY)
        pixel = _U(pixels[i])
        if row < one_vote:
            votes[pixel, row] += 1.0
        else:
            for c in range(classes):
                votes[pixel, c] += values[row, c]
