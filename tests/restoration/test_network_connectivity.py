"""IIC, PC and the equivalent area: by hand, by brute force, and by their published properties."""

from __future__ import annotations

from itertools import pairwise, permutations
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.restoration.network.connectivity import (
    Dispersal,
    HabitatGraph,
    connectivity_of,
    graph_of,
    straight_graph,
)
from tests.restoration.made_network import network_on

HALF_AT_100 = Dispersal(half_m=100.0, threshold_m=100.0)


def graph(area, links):
    one, other, length = zip(*links, strict=True) if links else ((), (), ())
    return HabitatGraph(
        area_ha=np.array(area, dtype=float),
        one=np.array(one, dtype=np.int64),
        other=np.array(other, dtype=np.int64),
        length_m=np.array(length, dtype=float),
    )


def simple_ways(start, end, nodes):
    """All ways without a node twice, as lists of steps."""
    between = [node for node in nodes if node not in (start, end)]
    for many in range(len(between) + 1):
        for middle in permutations(between, many):
            yield list(pairwise([start, *middle, end]))


def slow_sums(area, links, dispersal, without=None):
    """Sums of IIC and PC over all simple ways."""
    nodes = [node for node in range(len(area)) if node != without]
    length = {(a, b): d for a, b, d in links} | {(b, a): d for a, b, d in links}
    iic = pc = sum(area[node] ** 2 for node in nodes)
    for start, end in permutations(nodes, 2):
        ways = [
            [length[step] for step in way]
            for way in simple_ways(start, end, nodes)
            if all(step in length for step in way)
        ]
        hops = [len(way) for way in ways if max(way) <= dispersal.threshold_m]
        chances = [exp(-dispersal.k_per_m * sum(way)) for way in ways]
        iic += area[start] * area[end] / (1 + min(hops, default=np.inf))
        pc += area[start] * area[end] * max(chances, default=0)
    return iic, pc


def test_two_patches_by_hand():
    found = connectivity_of(graph([10, 20], [(0, 1, 100.0)]), HALF_AT_100, landscape_ha=100.0)

    assert found.iic == pytest.approx((100 + 400 + 2 * 200 / 2) / 100**2)
    assert found.pc == pytest.approx((100 + 400 + 2 * 200 * 0.5) / 100**2)
    assert found.eca_ha == pytest.approx(sqrt(700))
    assert found.habitat_ha == 30
    first = found.patches.loc[1]
    assert first["pc_pct"] == pytest.approx(100 * (700 - 400) / 700)
    assert first["pc_intra_pct"] == pytest.approx(100 * 100 / 700)
    assert first["pc_flux_pct"] == pytest.approx(100 * 200 / 700)
    assert first["pc_connector_pct"] == 0


def test_the_patch_in_the_middle_is_a_connector():
    chain = graph([1, 1, 1], [(0, 1, 100.0), (1, 2, 100.0)])

    found = connectivity_of(chain, HALF_AT_100, landscape_ha=3.0)

    assert found.pc == pytest.approx((3 + 4 * 0.5 + 2 * 0.25) / 9)
    assert found.iic == pytest.approx((3 + 4 / 2 + 2 / 3) / 9)
    assert found.patches.loc[2, "pc_connector_pct"] == pytest.approx(100 * 0.5 / 5.5)
    assert found.patches.loc[2, "iic_connector_pct"] == pytest.approx(100 * (2 / 3) / (17 / 3))
    assert found.patches.loc[1, "pc_connector_pct"] == 0


def test_a_way_around_leaves_nothing_to_the_connector():
    ring = graph([1] * 4, [(0, 1, 100.0), (1, 2, 100.0), (2, 3, 100.0), (3, 0, 100.0)])

    found = connectivity_of(ring, HALF_AT_100, landscape_ha=4.0)

    assert found.patches["pc_connector_pct"].tolist() == pytest.approx([0] * 4)


def test_the_most_probable_way_counts_not_the_direct_one():
    triangle = graph([1, 1, 1], [(0, 1, 100.0), (1, 2, 100.0), (0, 2, 300.0)])

    found = connectivity_of(triangle, HALF_AT_100, landscape_ha=3.0)

    assert found.pc == pytest.approx((3 + 4 * 0.5 + 2 * 0.25) / 9)


def test_links_beyond_the_threshold_do_not_count_for_the_iic():
    far = graph([1, 1], [(0, 1, 100.1)])

    assert connectivity_of(far, HALF_AT_100, landscape_ha=2.0).iic == pytest.approx(2 / 4)


def test_published_properties():
    """One where all is habitat, falling with isolation; ECA is habitat where p is 1."""
    whole = connectivity_of(graph([50], []), HALF_AT_100, landscape_ha=50.0)
    parts = graph([20, 30], [(0, 1, 1e-9)])
    touching = connectivity_of(parts, HALF_AT_100, landscape_ha=50.0)
    apart = connectivity_of(graph([20, 30], []), HALF_AT_100, landscape_ha=50.0)

    assert (whole.iic, whole.pc, whole.eca_ha) == (1.0, 1.0, 50.0)
    assert touching.eca_ha == pytest.approx(touching.habitat_ha)
    assert apart.pc == apart.iic == pytest.approx((20**2 + 30**2) / 50**2)
    assert apart.pc < touching.pc <= 1


def test_a_landscape_without_patches_has_no_connectivity():
    found = connectivity_of(graph([], []), HALF_AT_100, landscape_ha=50.0)

    assert (found.iic, found.pc, found.eca_ha, len(found.patches)) == (0, 0, 0, 0)


@given(st.integers(0, 100_000), st.integers(1, 5))
@settings(max_examples=60, deadline=None)
def test_indices_and_shares_are_those_of_brute_force(seed, count):
    random = np.random.default_rng(seed)
    area = random.integers(1, 20, count).astype(float)
    links = [
        (one, other, float(random.choice([0.0, 40.0, 90.0, 100.0, 130.0])))
        for one in range(count)
        for other in range(one + 1, count)
        if random.random() < 0.6
    ]

    found = connectivity_of(graph(area, links), HALF_AT_100, landscape_ha=100.0)

    iic, pc = slow_sums(area, links, HALF_AT_100)
    assert found.iic * 100**2 == pytest.approx(iic)
    assert found.pc * 100**2 == pytest.approx(pc)
    for node in range(count):
        iic_left, pc_left = slow_sums(area, links, HALF_AT_100, without=node)
        shares = found.patches.loc[node + 1]
        assert shares["iic_pct"] == pytest.approx(100 * (1 - iic_left / iic))
        assert shares["pc_pct"] == pytest.approx(100 * (1 - pc_left / pc))
        parts = shares[["pc_intra_pct", "pc_flux_pct", "pc_connector_pct"]]
        assert parts.sum() == pytest.approx(shares["pc_pct"])
        assert (parts >= -1e-9).all()


def test_larger_graphs_lose_what_a_graph_without_the_patch_lacks():
    random = np.random.default_rng(7)
    places = random.random((60, 2)) * 1000
    links = [
        (one, other, float(np.hypot(*(places[one] - places[other]))))
        for one in range(60)
        for other in range(one + 1, 60)
        if np.hypot(*(places[one] - places[other])) < 220
    ]
    area = random.integers(1, 50, 60).astype(float)
    found = connectivity_of(graph(area, links), HALF_AT_100, landscape_ha=1e4)

    for node in range(60):
        rest = [(a - (a > node), b - (b > node), d) for a, b, d in links if node not in (a, b)]
        left = connectivity_of(graph(np.delete(area, node), rest), HALF_AT_100, landscape_ha=1e4)
        share = found.patches.loc[node + 1]
        assert share["pc_pct"] == pytest.approx(100 * (1 - left.pc / found.pc), abs=1e-6)
        assert share["iic_pct"] == pytest.approx(100 * (1 - left.iic / found.iic), abs=1e-6)


def test_a_graph_of_corridors_takes_cost_or_length():
    corridors, _ = network_on("""
        #33#
        #33#
    """)

    assert graph_of(corridors).length_m.tolist() == [200 + 300 + 200]
    assert graph_of(corridors, length="length_m").length_m.tolist() == [300]
    assert graph_of(corridors).area_ha.tolist() == [2, 2]


def test_a_straight_graph_links_centroids_within_reach():
    corridors, _ = network_on("#..#......#")

    near = straight_graph(corridors.patches, within_m=300.0)

    assert (near.one.tolist(), near.other.tolist(), near.length_m.tolist()) == ([0], [1], [300])
    assert len(straight_graph(network_on("...")[0].patches, within_m=1.0).one) == 0


def test_the_probability_is_half_at_half():
    assert exp(-HALF_AT_100.k_per_m * 100) == pytest.approx(0.5)
    assert HALF_AT_100.k_per_m == pytest.approx(log(2) / 100)


@pytest.mark.parametrize("lengths", [(0, 1), (1, 0), (-5, 1), (np.nan, 1), (np.inf, 1)])
def test_lengths_must_be_above_nought(lengths):
    with pytest.raises(InputRefused) as refused:
        Dispersal(half_m=lengths[0], threshold_m=lengths[1])

    assert refused.value.findings[0].code == "N30"
