"""Resistance, cheapest ways and corridors: counted by hand, and held to scipy's Dijkstra."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from sinks.errors import InputRefused
from sinks.grid import Grid
from sinks.restoration.network.corridors import crossings, swath_of, way_length
from sinks.restoration.network.lattice import (
    coarsened_known,
    coarsened_mask,
    coarsened_mean,
    lattice_of,
    plain_lattice,
)
from sinks.restoration.network.paths import SHIFTS, spread
from sinks.restoration.network.resistance import (
    BuiltUpShadow,
    Resistances,
    resistance_of,
    shadowed,
)
from tests.restoration.made_network import lattice_for, mask, network_on

KEYS = {1: "forest", 2: "town"}


def table(**rows):
    index = pd.Index(rows, name="land_cover")
    return pd.DataFrame(rows.values(), index=index, columns=["resistance", "low", "high"])


def slow_costs(ground, starts):
    """Cost of every pixel from ``starts``, by scipy."""
    places = np.arange(ground.size).reshape(ground.shape)
    one, other, cost = [], [], []
    for a, b, length in SHIFTS:
        step = (ground[a] + ground[b]) / 2 * length
        one += list(places[a][step < np.inf])
        other += list(places[b][step < np.inf])
        cost += list(step[step < np.inf])
    graph = coo_array((cost, (one, other)), shape=(ground.size,) * 2).tocsr()
    found = dijkstra(graph, directed=False, indices=np.flatnonzero(starts), min_only=True)
    return found.reshape(ground.shape)


# ---- resistance --------------------------------------------------------------------------


def test_resistance_goes_by_class_and_unknown_ground_cannot_be_crossed():
    codes = np.array([[0, 1, 2]], dtype=np.uint8)
    resistances = Resistances(table=table(forest=(1, 1, 2), town=(100, 50, 200)))

    assert resistance_of(codes, KEYS, resistances).tolist() == [[np.inf, 1, 100]]
    assert resistance_of(codes, KEYS, resistances, bound="low").tolist() == [[np.inf, 1, 50]]


def test_a_class_without_resistance_is_refused():
    with pytest.raises(InputRefused) as refused:
        resistance_of(
            np.array([[2, 3]], np.uint8), KEYS, Resistances(table=table(forest=(1, 1, 1)))
        )

    assert refused.value.findings[0].code == "N34"
    assert refused.value.findings[0].facts["classes"] == ["town", "3"]


@pytest.mark.parametrize("row", [(0.5, 0.5, 1), (3, 4, 5), (6, 4, 5), (1, 1, np.inf)])
def test_a_resistance_below_1_or_outside_its_range_is_refused(row):
    with pytest.raises(InputRefused) as refused:
        Resistances(table=table(forest=row))

    assert refused.value.findings[0].code == "N33"


def test_built_up_ground_casts_a_shadow_that_fades():
    ground = np.ones((1, 5))
    built = np.array([[True, False, False, False, False]])

    found = shadowed(
        ground, built, plain_lattice((1, 5), 100.0), BuiltUpShadow(reach_m=200.0, factor=3.0)
    )

    assert found.tolist() == [[1, 2, 1, 1, 1]]
    assert (
        shadowed(
            ground, ~built & False, lattice_for(ground), BuiltUpShadow(reach_m=200.0, factor=3.0)
        )
        is ground
    )
    with pytest.raises(InputRefused):
        BuiltUpShadow(reach_m=200.0, factor=0.5)


# ---- coarsening --------------------------------------------------------------------------


def test_a_wide_pixel_is_what_half_of_its_known_ground_is():
    habitat = mask("##..#\n....#")
    known = mask("#####\n##..#")

    assert coarsened_mask(habitat, known, 2).tolist() == [[True, False, True]]
    assert coarsened_mask(habitat, known, 2, share=0.6).tolist() == [[False, False, True]]
    assert coarsened_known(known, 2).tolist() == [[True, True, True]]
    assert coarsened_known(known, 3).tolist() == [[True, False]]


def test_resistance_of_a_wide_pixel_is_the_mean_of_its_known_ground():
    values = np.array([[2.0, 4.0, np.inf], [6.0, np.inf, np.inf]])
    known = values < np.inf

    assert coarsened_mean(values, known, 2).tolist() == [[4.0, np.inf]]


def test_a_coarse_lattice_covers_the_fine_one():
    fine = plain_lattice((5, 7), 10.0)
    coarse = fine.coarsened(3)

    assert (coarse.shape, coarse.size_m) == ((2, 3), 30.0)
    assert coarse.pixel_ha == pytest.approx(0.09)
    assert coarse.coordinates(np.array([0]), np.array([1])).tolist() == [[45.0, -15.0]]


def test_pixels_must_be_square_on_the_ground():
    gauss = Grid(
        crs=CRS("EPSG:4549"), transform=Affine(10, 0, 480_000, 0, -10, 3_690_000), shape=(50, 50)
    )
    degrees = Grid(
        crs=CRS("EPSG:4490"), transform=Affine(1e-4, 0, 120, 0, -1e-4, 33.4), shape=(50, 50)
    )

    assert lattice_of(gauss).size_m == pytest.approx(10, rel=1e-4)
    with pytest.raises(InputRefused) as refused:
        lattice_of(degrees)
    assert refused.value.findings[0].code == "N31"


# ---- cheapest ways -----------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(2, 9))
@settings(max_examples=60, deadline=None)
def test_costs_are_those_of_dijkstra(seed, rows, cols):
    random = np.random.default_rng(seed)
    ground = random.choice([1.0, 2.5, 7.0, np.inf], (rows, cols), p=[0.4, 0.3, 0.2, 0.1])
    starts = np.where(random.random((rows, cols)) < 0.1, np.int32(1), np.int32(0))
    starts[ground == np.inf] = 0
    starts.flat[0], ground.flat[0] = 1, 1.0

    found = spread(ground, starts)

    np.testing.assert_allclose(found.cost, slow_costs(ground, starts > 0), rtol=1e-12)
    np.testing.assert_array_equal(found.owner > 0, found.cost < np.inf)


def test_spreading_stops_at_the_limit():
    starts = np.array([[1, 0, 0, 0]], dtype=np.int32)

    assert spread(np.ones((1, 4)), starts, limit=2.0).cost.tolist() == [[0, 1, 2, np.inf]]


# ---- corridors ---------------------------------------------------------------------------


def test_a_straight_corridor_has_its_length_as_cost():
    corridors, _ = network_on("#....#")

    row = corridors.table.loc[(1, 2)]
    assert row.tolist() == [500.0, 500.0, 1.0]
    assert corridors.ways[0].cols.tolist() == [0, 1, 2, 3, 4, 5]
    assert corridors.coordinates(0)[[0, -1]].tolist() == [[50.0, -50.0], [550.0, -50.0]]


def test_a_corridor_goes_around_what_is_hard_to_cross():
    corridors, _ = network_on("""
        .....
        #.9.#
        ..9..
    """)

    way = corridors.ways[0]
    assert way.rows[way.cols == 2].tolist() == [0]
    assert corridors.table["cost_m"].item() == pytest.approx(100 * (2 + 2 * sqrt(2)))
    assert corridors.table["mean_resistance"].item() == pytest.approx(1)


def test_ground_that_cannot_be_crossed_parts_cores():
    corridors, _ = network_on("""
        #.x.#
        ..x..
    """)

    assert len(corridors.table) == 0
    assert corridors.ways == ()


def test_cores_are_neighbours_if_their_grounds_touch():
    corridors, _ = network_on("#...#...#")

    assert list(corridors.table.index) == [(1, 2), (2, 3)]


def test_corridors_beyond_twice_the_limit_are_left_out():
    assert len(network_on("#....#", limit_m=300.0)[0].table) == 1
    assert len(network_on("#....#", limit_m=100.0)[0].table) == 0


def test_a_landscape_without_cores_has_no_corridors():
    assert len(network_on("......")[0].table) == 0
    assert len(network_on("#.....")[0].table) == 0


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_a_corridor_costs_what_its_way_costs_and_no_way_is_cheaper(seed):
    random = np.random.default_rng(seed)
    ground = random.choice([1.0, 3.0, 8.0], (9, 11))
    drawn = np.full((9, 11), ".")
    drawn[random.integers(0, 9, 3), random.integers(0, 11, 3)] = "#"

    corridors, _ = network_on("\n".join("".join(row) for row in drawn), ground, size_m=1.0)

    labels = corridors.patches.labels
    for (one, other), way, cost in zip(
        corridors.table.index, corridors.ways, corridors.table["cost_m"], strict=True
    ):
        along = ground[way.rows, way.cols]
        steps = np.hypot(np.diff(way.rows), np.diff(way.cols))
        assert cost == pytest.approx(float(((along[1:] + along[:-1]) / 2 * steps).sum()))
        assert way_length(way) == pytest.approx(steps.sum())
        assert (labels[way.rows[0], way.cols[0]], labels[way.rows[-1], way.cols[-1]]) == (
            one,
            other,
        )
        least = slow_costs(ground, labels == one)[labels == other].min()
        assert cost >= least - 1e-9
        if len(corridors.patches) == 2:
            assert cost == pytest.approx(least)


# ---- swaths ------------------------------------------------------------------------------


def test_the_swath_holds_all_ways_within_the_tolerance():
    corridors, ground = network_on("""
        ......
        #....#
        ......
    """)

    narrow = swath_of(corridors, ground, 0, more=0.0)
    wide = swath_of(corridors, ground, 0, more=(sqrt(2) * 2 + 3) / 5 - 1)

    assert (narrow.rows.tolist(), narrow.cols.tolist()) == ([1] * 4, [1, 2, 3, 4])
    assert set(zip(wide.rows.tolist(), wide.cols.tolist(), strict=True)) == {
        (row, col) for row in range(3) for col in range(1, 5)
    }
    assert narrow.excess_m.max() == 0
    assert crossings([narrow, wide], (3, 6))[1].tolist() == [0, 2, 2, 2, 2, 0]


@given(st.integers(0, 10_000), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_a_swath_is_where_both_costs_add_up_to_little(seed, more):
    random = np.random.default_rng(seed)
    ground = random.choice([1.0, 3.0, 8.0], (12, 14))
    drawn = np.full((12, 14), ".")
    drawn[2, 3:5] = drawn[9, 10:12] = drawn[10, 2] = "#"
    corridors, _ = network_on("\n".join("".join(row) for row in drawn), ground, size_m=1.0)
    pair, labels = corridors.table.index[0], corridors.patches.labels
    cost = corridors.table["cost_m"].iloc[0]

    found = swath_of(corridors, ground, 0, more=more)

    total = slow_costs(ground, labels == pair[0]) + slow_costs(ground, labels == pair[1])
    expected = (total <= cost * (1 + more) + 1e-6) & ~np.isin(labels, pair)
    sure = np.abs(total - cost * (1 + more)) > 1e-5
    inside = np.zeros(ground.shape, dtype=bool)
    inside[found.rows, found.cols] = True
    np.testing.assert_array_equal(inside[sure], expected[sure])
    assert inside[corridors.ways[0].rows[1:-1], corridors.ways[0].cols[1:-1]].all()
