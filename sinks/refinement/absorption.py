"""Small patches take the class that surrounds them most, the smallest first.

Of patches below the mapping unit that touch one another, the smallest gives way first; between
equals an order that is scattered over the map decides (a hash of the first pixel), so that no
direction is preferred. It takes the class with which it shares most sides of pixels (ties: the
class that comes first in the legend) and becomes one with the patches of that class that it
touches. This goes on until no patch below the unit shares a side with another class. Patches
that give way at the same time do not touch, so that the outcome is that of one by one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sinks.refinement.patch_graph import Edges, Ints, Nodes, groups_of

CODES = 256


def absorbed(nodes: Nodes, edges: Edges, *, enough: int, rank: Ints) -> Ints:
    """Return the class code of every patch after the small ones gave way.

    Parameters
    ----------
    nodes, edges
        Patches, and the pairs that touch. Patches that are ``fixed`` keep their class.
    enough
        Area units from which on a patch stays.
    rank
        Place in the legend by code, shape ``(256,)``.
    """
    group = np.arange(len(nodes.area))
    while len(giving := _giving_way(nodes, edges, enough)):
        taken = _surrounding(giving, nodes.code, edges, rank)
        code = nodes.code.copy()
        code[giving] = taken
        one = code[edges.low] == code[edges.high]
        count, merged = groups_of(len(code), (edges.low[one], edges.high[one]))
        nodes = nodes._replace(code=code).merged(merged, count)
        nodes = nodes._replace(fixed=nodes.fixed | (nodes.area >= enough))
        edges = edges.renumbered(merged, count)
        edges = edges.chosen(~(nodes.fixed[edges.low] & nodes.fixed[edges.high]))
        group = merged[group]
    return nodes.code[group]


def _giving_way(nodes: Nodes, edges: Edges, enough: int) -> Ints:
    """Return the small patches that are smaller than every small patch they touch."""
    small = ~nodes.fixed & (nodes.area < enough)
    beside = edges.sides > 0
    able = np.zeros(len(small), dtype=bool)
    able[edges.low[beside]] = True
    able[edges.high[beside]] = True
    able &= small
    turn = np.empty(len(small), dtype=np.int64)
    turn[np.lexsort((nodes.first, scattered(nodes.first), nodes.area))] = np.arange(len(small))
    both = able[edges.low] & able[edges.high]
    low, high = edges.low[both], edges.high[both]
    able[np.where(turn[low] < turn[high], high, low)] = False
    return np.flatnonzero(able)


def _surrounding(giving: Ints, code: Ints, edges: Edges, rank: Ints) -> Ints:
    """Return, for each patch that gives way, the class it shares most sides with."""
    number = np.full(len(code), -1, dtype=np.int64)
    number[giving] = np.arange(len(giving))
    patch = np.concatenate([number[edges.low], number[edges.high]])
    other = code[np.concatenate([edges.high, edges.low])]
    sides = np.concatenate([edges.sides, edges.sides])
    here = (patch >= 0) & (sides > 0)
    keys, place = np.unique(patch[here] * CODES + other[here], return_inverse=True)
    total = np.zeros(len(keys), dtype=np.int64)
    np.add.at(total, place, sides[here])
    patch, other = np.divmod(keys, CODES)
    order = np.lexsort((rank[other], -total, patch))
    best = order[np.flatnonzero(np.diff(patch[order], prepend=-1))]
    return np.asarray(other[best])


def scattered(first: Ints) -> NDArray[np.uint64]:
    """Mix numbers so that neighbours are far apart (SplitMix64: Steele, Lea & Flood 2014)."""
    mixed = first.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
