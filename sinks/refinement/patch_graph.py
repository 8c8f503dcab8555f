"""Which patches hang together and touch across tiles, in one pass over the rows of tiles.

Patches are nodes, shared sides are edges. After each row of tiles, small patches whose
surroundings are complete are handed over and forgotten: memory holds what still touches the
lowest row, and the clumps of small patches that hang on to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]

NONE = -1


class Nodes(NamedTuple):
    """Patches: area in units, pixels, first pixel in reading order, code, and which are fixed."""

    area: Ints
    px: Ints
    first: Ints
    code: Ints
    fixed: NDArray[np.bool_]

    def chosen(self, which: NDArray[np.bool_]) -> Nodes:
        """Return some of the patches."""
        area, px, first, code, fixed = self
        return Nodes(area[which], px[which], first[which], code[which], fixed[which])

    def followed_by(self, others: Nodes) -> Nodes:
        """Return these patches and others behind them."""
        area, px, first, code = (
            np.concatenate(both) for both in zip(self[:4], others[:4], strict=True)
        )
        return Nodes(area, px, first, code, np.concatenate([self.fixed, others.fixed]))

    def merged(self, group: Ints, count: int) -> Nodes:
        """Return one patch per group; all of a group have one code."""
        area, px = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        first = np.full(count, np.iinfo(np.int64).max)
        code, fixed = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
        np.add.at(area, group, self.area)
        np.add.at(px, group, self.px)
        np.minimum.at(first, group, self.first)
        np.logical_or.at(fixed, group, self.fixed)
        code[group] = self.code
        return Nodes(area, px, first, code, fixed)


class Edges(NamedTuple):
    """Pairs of patches that touch, the lower number first, and the sides of pixels they share."""

    low: Ints
    high: Ints
    sides: Ints

    def renumbered(self, numbers: Ints, count: int) -> Edges:
        """Give patches new numbers; put together what becomes one pair, drop what becomes one."""
        a, b = numbers[self.low], numbers[self.high]
        apart = (a != b) & (a != NONE) & (b != NONE)
        low, high = np.minimum(a, b)[apart], np.maximum(a, b)[apart]
        return Edges(*_added_up(low * max(count, 1) + high, self.sides[apart], max(count, 1)))

    def chosen(self, which: NDArray[np.bool_]) -> Edges:
        """Return some of the pairs."""
        return Edges(*(values[which] for values in self))

    def followed_by(self, others: Edges) -> Edges:
        """Return these pairs and others behind them."""
        return Edges(*(np.concatenate(both) for both in zip(self, others, strict=True)))


_NOTHING = np.zeros(0, dtype=np.int64)
NO_NODES = Nodes(_NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING.astype(bool))
NO_EDGES = Edges(_NOTHING, _NOTHING, _NOTHING)


def groups_of(count: int, pairs: tuple[Ints, Ints]) -> tuple[int, Ints]:
    """Return how many groups ``pairs`` join ``count`` things into, and the group of each."""
    if not count:
        return 0, np.zeros(0, dtype=np.int64)
    joins = coo_array((np.ones(len(pairs[0]), dtype=np.int8), pairs), shape=(count, count))
    found, group = connected_components(joins, directed=False)
    return int(found), group.astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A row of tiles: its patches by label, the pairs that touch, its first and last row.

    Labels are those of the tiles, counted on from tile to tile. ``joined`` are pairs of labels
    of one patch that the border of two tiles cuts. Rows hold a label per column, -1 for no data.
    """

    nodes: Nodes
    edges: Edges
    joined: tuple[Ints, Ints]
    top: Ints
    bottom: Ints


@dataclass(frozen=True, kw_only=True)
class PatchGraph:
    """What is not finished after some rows of tiles.

    ``members`` are the labels (counted over all tiles) of small patches, and the node of each;
    ``bottom`` is the node of every column of the lowest row.
    """

    nodes: Nodes = NO_NODES
    edges: Edges = NO_EDGES
    members: tuple[Ints, Ints] = (_NOTHING, _NOTHING)
    bottom: Ints | None = None
    labels: int = 0

    def with_strip(self, strip: Strip, *, enough: int, eight: bool) -> PatchGraph:
        """Add the next row of tiles. A patch of ``enough`` area units may no longer change."""
        before, fresh = len(self.nodes.area), len(strip.nodes.area)
        nodes = self.nodes.followed_by(strip.nodes)
        edges = self.edges.followed_by(
            Edges(strip.edges.low + before, strip.edges.high + before, strip.edges.sides)
        )
        joined = [(strip.joined[0] + before, strip.joined[1] + before)]
        if self.bottom is not None:
            top = _looked_up(before + np.arange(fresh), strip.top)
            seam, across = contacts(self.bottom, top, nodes.code, eight=eight)
            joined.append(seam)
            edges = edges.followed_by(across)
        pairs = tuple(np.concatenate(side) for side in zip(*joined, strict=True))
        count, group = groups_of(before + fresh, (pairs[0], pairs[1]))
        nodes = nodes.merged(group, count)
        nodes = nodes._replace(fixed=nodes.fixed | (nodes.area >= enough))
        labels = np.concatenate([self.members[0], self.labels + np.arange(fresh)])
        of_node = group[np.concatenate([self.members[1], before + np.arange(fresh)])]
        small = ~nodes.fixed[of_node]
        edges = edges.renumbered(group, count)
        return PatchGraph(
            nodes=nodes,
            edges=edges.chosen(~(nodes.fixed[edges.low] & nodes.fixed[edges.high])),
            members=(labels[small], of_node[small]),
            bottom=_looked_up(group[before:], strip.bottom),
            labels=self.labels + fresh,
        )

    def finished(self, *, last: bool) -> NDArray[np.bool_]:
        """Say of each patch whether it is small and can no longer grow, nor any in its clump."""
        small, (low, high, _) = ~self.nodes.fixed, self.edges
        both = small[low] & small[high]
        count, clump = groups_of(len(small), (low[both], high[both]))
        growing = np.zeros(count, dtype=bool)
        if not last:
            growing[clump[self._open() & small]] = True
        return np.asarray(small & ~growing[clump])

    def without(self, finished: NDArray[np.bool_]) -> PatchGraph:
        """Forget finished patches, and large ones that nothing unfinished touches."""
        low, high, _ = self.edges
        waiting = ~self.nodes.fixed & ~finished
        keep = waiting | self._open()
        touched = waiting[low] | waiting[high]
        keep[low[touched]] = True
        keep[high[touched]] = True
        keep &= ~finished
        numbers = np.where(keep, np.cumsum(keep) - 1, NONE)
        labels, of_node = self.members
        stay = keep[of_node]
        return replace(
            self,
            nodes=self.nodes.chosen(keep),
            edges=self.edges.renumbered(numbers, int(keep.sum())),
            members=(labels[stay], numbers[of_node[stay]]),
            bottom=None if self.bottom is None else _looked_up(numbers, self.bottom),
        )

    def _open(self) -> NDArray[np.bool_]:
        open_ = np.zeros(len(self.nodes.area), dtype=bool)
        if self.bottom is not None:
            open_[self.bottom[self.bottom != NONE]] = True
        return open_


def contacts(
    one: Ints, other: Ints, code: Ints, *, eight: bool
) -> tuple[tuple[Ints, Ints], Edges]:
    """Compare two rows of pixels that lie side by side: which patches are one, which touch.

    Both hold a patch per pixel, -1 for no data; ``code`` is the class of every patch.
    """
    pairs = [(one, other, 1)]
    if eight:
        pairs += [(one[:-1], other[1:], 0), (one[1:], other[:-1], 0)]
    a = np.concatenate([pair[0] for pair in pairs])
    b = np.concatenate([pair[1] for pair in pairs])
    sides = np.repeat([pair[2] for pair in pairs], [len(pair[0]) for pair in pairs])
    known = (a != NONE) & (b != NONE)
    a, b, sides = a[known], b[known], sides[known]
    same = code[a] == code[b]
    apart = Edges(np.minimum(a, b)[~same], np.maximum(a, b)[~same], sides[~same])
    return (a[same], b[same]), apart


def _looked_up(numbers: Ints, places: Ints) -> Ints:
    found = np.full(len(places), NONE, dtype=np.int64)
    known = places != NONE
    found[known] = numbers[places[known]]
    return found


def _added_up(keys: Ints, sides: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    if not len(keys):
        return keys, keys, keys
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    low, high = np.divmod(keys[first], count)
    return low, high, np.add.reduceat(sides[order], first)
