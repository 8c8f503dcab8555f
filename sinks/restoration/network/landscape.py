"""The ecological network of a landscape: pattern, cores, corridors and connectivity in one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sinks.restoration.network.connectivity import (
    Connectivity,
    Dispersal,
    HabitatGraph,
    connectivity_of,
    graph_of,
)
from sinks.restoration.network.corridors import Corridors, corridors_between
from sinks.restoration.network.lattice import (
    Lattice,
    Mask,
    Numbers,
    coarsened_known,
    coarsened_mask,
    coarsened_mean,
    refuse_unless_alike,
)
from sinks.restoration.network.patches import Patches, core_patches
from sinks.restoration.network.pattern import Pattern, pattern_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Terrain:
    """Habitat and resistance of every pixel, and where both are known.

    Raises
    ------
    InputRefused
        ``N32`` if shapes differ.
    """

    habitat: Mask
    resistance: Numbers
    known: Mask
    lattice: Lattice

    def __post_init__(self) -> None:
        refuse_unless_alike(
            self.lattice.shape,
            habitat=self.habitat,
            resistance=self.resistance,
            known=self.known,
        )

    @property
    def known_ha(self) -> float:
        """Hectares that are known: the area of the landscape."""
        return int(self.known.sum()) * self.lattice.pixel_ha

    def coarsened(self, factor: int) -> Terrain:
        """Return the same on wider pixels.

        A wide pixel is known if half of it is, habitat if half of its known ground is; its
        resistance is the mean of its known ground.
        """
        return Terrain(
            habitat=coarsened_mask(self.habitat, self.known, factor),
            resistance=coarsened_mean(self.resistance, self.known, factor),
            known=coarsened_known(self.known, factor),
            lattice=self.lattice.coarsened(factor),
        )


@dataclass(frozen=True, kw_only=True)
class NetworkRule:
    """How a network is found.

    ``edge_px``: width of the edge of habitat; ``min_core_ha``: least core that is a node;
    ``dispersal``: lengths in metres of the easiest ground; ``limit_m``: how far from a core
    corridors are looked for, likewise.
    """

    dispersal: Dispersal
    edge_px: int = 1
    min_core_ha: float = 0.0
    limit_m: float = np.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """What was found, and on what."""

    terrain: Terrain
    rule: NetworkRule
    pattern: Pattern
    corridors: Corridors
    graph: HabitatGraph
    connectivity: Connectivity

    @property
    def patches(self) -> Patches:
        """The nodes."""
        return self.corridors.patches


def network_of(terrain: Terrain, rule: NetworkRule) -> Network:
    """Find the network of a landscape.

    Raises
    ------
    InputRefused
        ``N30`` for numbers that are not above nought; nothing known, for one.
    """
    pattern = pattern_of(
        terrain.habitat, terrain.lattice, edge_px=rule.edge_px, known=terrain.known
    )
    patches = core_patches(pattern, min_ha=rule.min_core_ha)
    corridors = corridors_between(patches, terrain.resistance, limit_m=rule.limit_m)
    graph = graph_of(corridors)
    return Network(
        terrain=terrain,
        rule=rule,
        pattern=pattern,
        corridors=corridors,
        graph=graph,
        connectivity=connectivity_of(graph, rule.dispersal, landscape_ha=terrain.known_ha),
    )
