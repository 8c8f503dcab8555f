"""How well habitat hangs together: IIC, PC, the equivalent area, and the share of each patch.

=====  ============================================  ========================================
IIC    sum of a_i a_j / (1 + links_ij), over A^2      Pascual-Hortal & Saura 2006, Landscape
                                                     Ecology 21, 959-967
PC     sum of a_i a_j p*_ij, over A^2                Saura & Pascual-Hortal 2007, Landscape
                                                     and Urban Planning 83, 91-103
ECA    root of the sum of PC, in hectares            Saura et al. 2011, Ecological Indicators
                                                     11, 92-100
=====  ============================================  ========================================

Sums run over all ordered pairs, each patch with itself too. A is the area of the landscape.
``links`` is the least number of links on a way of links no longer than the threshold; p* is the
greatest product of probabilities exp(-k d) of links on a way. What an index loses without a
patch falls into three (Saura & Rubio 2010, Ecography 33, 523-537): the patch itself (intra),
its exchange with others (flux), and ways between others that lead over it (connector).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from sinks.restoration.network.corridors import Corridors
from sinks.restoration.network.lattice import Numbers, Places, refuse_unless_positive
from sinks.restoration.network.patches import Patches
from sinks.restoration.network.trees import (
    HOPS,
    PROBABILITY,
    Star,
    Sums,
    star_of,
    sums_over_pairs,
)

TAIL = 1e-9  # ways with a lower probability count as none: PC is low by less than that, relatively


@dataclass(frozen=True, kw_only=True)
class Dispersal:
    """How far what lives in the patches goes, in the metres of the links.

    ``half_m`` is the length at which half arrive (k = ln 2 / half); ``threshold_m`` is the
    length up to which a link exists for the IIC.

    Raises
    ------
    InputRefused
        ``N30`` if a length is not above nought.
    """

    half_m: float
    threshold_m: float

    def __post_init__(self) -> None:
        refuse_unless_positive(half_m=self.half_m, threshold_m=self.threshold_m)

    @property
    def k_per_m(self) -> float:
        """Decay per metre, k of exp(-k d)."""
        return log(2) / self.half_m


@dataclass(frozen=True, kw_only=True, eq=False)
class HabitatGraph:
    """Patches and the links between them.

    ``area_ha`` by node, shape ``(n,)``; ``one`` and ``other`` are places of nodes (0 to n - 1),
    each link once, ``length_m`` its length.
    """

    area_ha: Numbers
    one: Places
    other: Places
    length_m: Numbers

    def star(self, lengths: Numbers, *, upto: float = np.inf) -> Star:
        """Return the links no longer than ``upto`` metres by node, with ``lengths``."""
        kept = self.length_m <= upto
        return star_of(len(self.area_ha), self.one[kept], self.other[kept], lengths[kept])


def graph_of(corridors: Corridors, *, length: str = "cost_m") -> HabitatGraph:
    """Return the graph of patches linked by corridors.

    Parameters
    ----------
    length
        ``cost_m`` for effective distance, ``length_m`` for the length of the way.
    """
    one, other = (
        corridors.table.index.get_level_values(name).to_numpy(dtype=np.int64) - 1
        for name in ("patch", "patch_beyond")
    )
    lengths = corridors.table[length].to_numpy(dtype=np.float64)
    return HabitatGraph(area_ha=corridors.patches.area_ha, one=one, other=other, length_m=lengths)


def straight_graph(patches: Patches, *, within_m: float) -> HabitatGraph:
    """Return the graph of patches linked by straight lines between centroids.

    Raises
    ------
    InputRefused
        ``N30`` if ``within_m`` is not above nought.
    """
    refuse_unless_positive(within_m=within_m)
    places = patches.table[["row", "col"]].to_numpy(dtype=np.float64) * patches.lattice.size_m
    if not len(places):
        nothing = np.zeros(0, dtype=np.int64)
        return HabitatGraph(
            area_ha=patches.area_ha, one=nothing, other=nothing, length_m=np.zeros(0)
        )
    pairs = cKDTree(places).query_pairs(within_m, output_type="ndarray").astype(np.int64)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    length_m = np.linalg.norm(places[pairs[:, 0]] - places[pairs[:, 1]], axis=1)
    return HabitatGraph(
        area_ha=patches.area_ha, one=pairs[:, 0], other=pairs[:, 1], length_m=length_m
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Connectivity:
    """Indices of a landscape, and the share of each patch.

    ``eca_ha`` is one patch that would give the same PC, ``habitat_ha`` the area of all patches.
    ``patches`` has the index ``patch`` (1 to n) and, in per cent of the index, ``iic_pct`` and
    ``pc_pct`` (what is lost without the patch) and their parts ``_intra_pct``, ``_flux_pct``
    and ``_connector_pct``. A pair's exchange is lost with either patch, so shares do not add up
    to 100.
    """

    landscape_ha: float
    habitat_ha: float
    iic: float
    pc: float
    eca_ha: float
    patches: pd.DataFrame


def connectivity_of(
    graph: HabitatGraph, dispersal: Dispersal, *, landscape_ha: float
) -> Connectivity:
    """Find IIC, PC and the equivalent area of a graph.

    Parameters
    ----------
    landscape_ha
        Area A of the landscape, habitat or not.

    Raises
    ------
    InputRefused
        ``N30`` if the landscape has no area.
    """
    refuse_unless_positive(landscape_ha=landscape_ha)
    near = graph.star(np.ones(len(graph.length_m)), upto=dispersal.threshold_m)
    hops = sums_over_pairs(graph.area_ha, near, HOPS, limit=np.inf)
    far = graph.star(graph.length_m * dispersal.k_per_m)
    chances = sums_over_pairs(graph.area_ha, far, PROBABILITY, limit=-log(TAIL))
    pc_sum = float(chances.pairs.sum())
    return Connectivity(
        landscape_ha=landscape_ha,
        habitat_ha=float(graph.area_ha.sum()),
        iic=float(hops.pairs.sum()) / landscape_ha**2,
        pc=pc_sum / landscape_ha**2,
        eca_ha=sqrt(pc_sum),
        patches=pd.concat(
            [_shares("iic", graph.area_ha, hops), _shares("pc", graph.area_ha, chances)], axis=1
        ),
    )


def _shares(name: str, area_ha: Numbers, sums: Sums) -> pd.DataFrame:
    total = max(float(sums.pairs.sum()), np.finfo(float).tiny)
    intra = 100 * area_ha**2 / total
    flux = 100 * 2 * (sums.pairs - area_ha**2) / total
    connector = 100 * sums.stepping / total
    return pd.DataFrame(
        {
            f"{name}_pct": intra + flux + connector,
            f"{name}_intra_pct": intra,
            f"{name}_flux_pct": flux,
            f"{name}_connector_pct": connector,
        },
        index=pd.RangeIndex(1, len(area_ha) + 1, name="patch"),
    )
