"""Sums over the shortest ways of a graph, and what each node as a stepping stone adds to them.

From each node a tree of shortest ways is grown. To leave a node out changes only the ways to
what hangs below it in the tree; those are found anew from what hangs elsewhere. So the sums
without each node come from one tree per node, exactly, and no matrix of pairs is kept.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from sinks.restoration.network.lattice import Numbers, Places

PROBABILITY, HOPS = 0, 1  # exp(-d), 1 / (1 + d)


class Star(NamedTuple):
    """The links of each node: those of node i stand at ``first[i]`` to ``first[i + 1]``."""

    first: Places
    beyond: Places
    length: Numbers


class Sums(NamedTuple):
    """By node: sum of a_i a_j f(d_ij) over all j, and what all others lose without the node."""

    pairs: Numbers
    stepping: Numbers


def star_of(count: int, one: Places, other: Places, length: Numbers) -> Star:
    """Put links, each told once, in the order of their nodes (0 to ``count`` - 1)."""
    start = np.concatenate([one, other])
    beyond = np.concatenate([other, one]).astype(np.int64)
    order = np.lexsort((beyond, start))
    first = np.searchsorted(start[order], np.arange(count + 1)).astype(np.int64)
    lengths = np.concatenate([length, length]).astype(np.float64)
    return Star(first, beyond[order], lengths[order])


def sums_over_pairs(weight: NDArray[np.float64], star: Star, kind: int, *, limit: float) -> Sums:
    """Sum over pairs of nodes, and find what each node adds as a stepping stone.

    Parameters
    ----------
    weight
        Weight a of each node, shape ``(n,)``.
    kind
        :data:`PROBABILITY` or :data:`HOPS`, the function f of the length of the way.
    limit
        Ways that are longer count as none.
    """
    pairs, stepping = np.zeros(len(weight)), np.zeros(len(weight))
    _sum(weight, star, kind, limit, (pairs, stepping))
    return Sums(pairs, stepping)


# ---- compiled ----------------------------------------------------------------------------


@njit(nogil=True, cache=True)
def _sum(weight: Any, star: Any, kind: int, limit: float, out: Any) -> None:
    count = len(weight)
    pairs, stepping = out
    distance, again = np.full(count, np.inf), np.full(count, np.inf)
    parent, inside = np.full(count, -1), np.full(count, -1)
    child, sibling = np.full(count, -1), np.full(count, -1)
    reached, below = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    for source in range(count):
        found = _grow(star, source, limit, (distance, parent, reached))
        for node in reached[:found]:
            pairs[source] += weight[source] * weight[node] * _worth(distance[node], kind)
        _hang(reached[:found], parent, child, sibling)
        for node in reached[1:found]:
            if child[node] >= 0:
                hanging = _collect(node, child, sibling, (below, inside))
                _grow_without(star, node, below[:hanging], limit, (distance, again, inside))
                for far in below[:hanging]:
                    lost = _worth(distance[far], kind) - _worth(again[far], kind)
                    stepping[node] += weight[source] * weight[far] * lost
                    again[far] = np.inf
        distance[reached[:found]] = np.inf


@njit(nogil=True, cache=True)
def _worth(distance: float, kind: int) -> float:
    return np.exp(-distance) if kind == PROBABILITY else 1 / (1 + distance)


@njit(nogil=True, cache=True)
def _grow(star: Any, source: int, limit: float, out: Any) -> int:
    """Grow the tree of ``source``; return how many nodes it has, which stand in ``reached``."""
    first, beyond, length = star
    distance, parent, reached = out
    distance[source], parent[source] = 0.0, -1
    heap = [(0.0, source)]
    found = 0
    while len(heap) > 0:
        so_far, node = heappop(heap)
        if so_far > distance[node]:
            continue
        reached[found] = node
        found += 1
        for at in range(first[node], first[node + 1]):
            fresh = so_far + length[at]
            if fresh < distance[beyond[at]] and fresh <= limit:
                distance[beyond[at]], parent[beyond[at]] = fresh, node
                heappush(heap, (fresh, beyond[at]))
    return found


@njit(nogil=True, cache=True)
def _hang(reached: Any, parent: Any, child: Any, sibling: Any) -> None:
    """Link each node of a tree to its first child, and children to one another."""
    for node in reached:
        child[node] = -1
    for node in reached[1:]:
        sibling[node] = child[parent[node]]
        child[parent[node]] = node


@njit(nogil=True, cache=True)
def _collect(top: int, child: Any, sibling: Any, out: Any) -> int:
    """Collect what hangs below ``top``; return how many, and mark each as inside."""
    below, inside = out
    count, at = 0, 0
    node = child[top]
    while node >= 0:
        below[count] = node
        inside[node] = top
        count += 1
        node = sibling[node]
        if node < 0:
            while at < count and node < 0:
                node = child[below[at]]
                at += 1
    return count


@njit(nogil=True, cache=True)
def _grow_without(star: Any, left_out: int, below: Any, limit: float, out: Any) -> None:
    """Find the ways to what hangs below a node anew, from the rest of the tree."""
    first, beyond, length = star
    _, again, inside = out
    heap = _entries(star, left_out, below, limit, out)
    while len(heap) > 0:
        so_far, node = heappop(heap)
        if so_far > again[node]:
            continue
        for at in range(first[node], first[node + 1]):
            fresh = so_far + length[at]
            if inside[beyond[at]] == left_out and fresh < again[beyond[at]] and fresh <= limit:
                again[beyond[at]] = fresh
                heappush(heap, (fresh, beyond[at]))
    inside[below] = -1


@njit(nogil=True, cache=True)
def _entries(star: Any, left_out: int, below: Any, limit: float, out: Any) -> Any:
    """Return the nodes below that the rest of the tree reaches by one link, cheapest first."""
    first, beyond, length = star
    distance, again, inside = out
    heap = [(0.0, 0) for _ in range(0)]
    for node in below:
        nearest = np.inf
        for at in range(first[node], first[node + 1]):
            if beyond[at] != left_out and inside[beyond[at]] != left_out:
                nearest = min(nearest, distance[beyond[at]] + length[at])
        if nearest <= limit:
            again[node] = nearest
            heappush(heap, (nearest, node))
    return heap
