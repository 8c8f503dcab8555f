"""What a plan or a single place does to the network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from sinks.errors import InputRefused
from sinks.restoration.network import gains
from sinks.restoration.network.change import changed
from sinks.restoration.network.connectivity import (
    Dispersal,
    HabitatGraph,
    connectivity_of,
    graph_of,
)
from sinks.restoration.network.corridors import corridors_between
from sinks.restoration.network.gains import gains_of_units
from sinks.restoration.network.landscape import NetworkRule, Terrain, network_of
from sinks.restoration.network.patches import patches_of
from sinks.restoration.network.unit_links import links_of_units
from tests.restoration.made_network import lattice_for, letters, network_on

HALF_AT_500 = Dispersal(half_m=500.0, threshold_m=1000.0)
RULE = NetworkRule(dispersal=HALF_AT_500)

TWO_BLOCKS = """
    .............
    .###.....###.
    .###.....###.
    .###.....###.
    .............
"""


def terrain(picture):
    drawn = letters(picture)
    habitat = drawn == "#"
    return Terrain(
        habitat=habitat,
        resistance=np.where(habitat, 1.0, 4.0),
        known=drawn != "?",
        lattice=lattice_for(drawn),
    )


def filled(ground, place):
    habitat = ground.habitat.copy()
    habitat[place] = True
    return replace(ground, habitat=habitat, resistance=np.where(habitat, 1.0, ground.resistance))


# ---- a plan ------------------------------------------------------------------------------


def test_a_planned_bridge_makes_the_corridor_cheaper():
    before = terrain(TWO_BLOCKS)
    after = filled(before, (2, slice(4, 9)))

    found = changed(network_of(before, RULE), network_of(after, RULE))

    row = found.corridors.loc[(1, 2)]
    # eight steps from core to core: four edges of habitat, and what lay between
    assert row["cost_m_before"] == pytest.approx(100 * (1 + 2.5 + 4 * 4 + 2.5 + 1))
    assert row["cost_m_after"] == pytest.approx(800)
    assert row["saved_m"] == pytest.approx(1500)
    assert row["change"] == "cheaper"
    assert found.pattern.loc["bridge", "change_ha"] == 5
    assert found.pattern["change_ha"].sum() == 0
    assert found.indices.loc["cores", "change"] == 0
    assert found.indices.loc["pc", "change_pct"] > 0
    assert found.indices.loc["eca_ha", "after"] <= found.indices.loc["core_ha", "after"]


def test_a_plan_that_fills_the_gap_joins_the_cores():
    before = terrain(TWO_BLOCKS)
    after = filled(before, (slice(1, 4), slice(4, 9)))

    found = changed(network_of(before, RULE), network_of(after, RULE))

    assert found.indices.loc["cores", ["before", "after"]].tolist() == [2, 1]
    assert found.corridors["change"].tolist() == ["joined"]


def test_nothing_planned_changes_nothing():
    network = network_of(terrain(TWO_BLOCKS), RULE)

    found = changed(network, network)

    assert found.corridors["change"].tolist() == ["same"]
    assert (found.indices["change"] == 0).all()


def test_ways_that_close_are_told():
    before = terrain(TWO_BLOCKS)
    walled = before.resistance.copy()
    walled[:, 6] = np.inf
    dearer = np.where(before.habitat, 1.0, 8.0)

    gone = changed(network_of(before, RULE), network_of(replace(before, resistance=walled), RULE))
    more = changed(network_of(before, RULE), network_of(replace(before, resistance=dearer), RULE))
    new = changed(network_of(replace(before, resistance=walled), RULE), network_of(before, RULE))

    assert [one.corridors["change"].item() for one in (gone, more, new)] == [
        "gone", "dearer", "new",
    ]  # fmt: skip
    assert np.isnan(gone.corridors["cost_m_after"].item())


def test_change_of_nothing_is_blank_in_per_cent():
    empty = terrain("." * 13 + "\n" + "." * 13)
    nothing = network_of(empty, RULE)

    found = changed(nothing, nothing)

    assert found.indices["change_pct"].isna().all()
    assert len(found.corridors) == 0


def test_a_network_is_the_same_on_pixels_that_are_split():
    fine = terrain(TWO_BLOCKS)
    double = Terrain(
        habitat=np.kron(fine.habitat, np.ones((2, 2))) > 0,
        resistance=np.kron(fine.resistance, np.ones((2, 2))),
        known=np.ones((10, 26), dtype=bool),
        lattice=replace(fine.lattice, shape=(10, 26), size_m=50.0, pixel_ha=0.25),
    )

    again = network_of(double.coarsened(2), RULE)

    assert again.connectivity.pc == network_of(fine, RULE).connectivity.pc
    assert again.terrain.known_ha == fine.known_ha


# ---- single places -----------------------------------------------------------------------


def test_a_place_that_touches_nothing_is_linked_to_the_ground_around_it():
    corridors, ground = network_on("#.......#")
    units = np.array([[0, 0, 0, 0, 1, 0, 0, 0, 0]], dtype=np.int32)

    links = links_of_units(units, ground, corridors.reach, habitat_resistance=1.0)

    assert links.patch.tolist() == [0, 1]
    assert links.cost.tolist() == [4, 4]
    assert links.px.tolist() == [1]


def test_a_place_that_touches_patches_joins_them():
    corridors, ground = network_on("##.##")
    units = np.array([[0, 1, 1, 0, 0]], dtype=np.int32)

    found = gains_of_units(corridors, ground, units, HALF_AT_500, landscape_ha=5.0)

    before = connectivity_of(graph_of(corridors), HALF_AT_500, landscape_ha=5.0)
    assert found.loc[1, "area_ha"] == 1
    assert found.loc[1, "pc_gain"] + before.pc == pytest.approx(1)
    assert found.loc[1, "eca_gain_ha"] + before.eca_ha == pytest.approx(5)


def test_a_place_inside_a_patch_adds_nothing():
    corridors, ground = network_on("###..##")
    units = np.array([[1, 1, 0, 0, 0, 2, 0]], dtype=np.int32)

    found = gains_of_units(corridors, ground, units, HALF_AT_500, landscape_ha=7.0)

    assert (found[["area_ha", "pc_gain", "eca_gain_ha"]] == 0).all(axis=None)


def test_where_there_is_no_patch_a_place_is_alone():
    corridors, ground = network_on(".....")
    units = np.array([[0, 1, 1, 0, 0]], dtype=np.int32)

    found = gains_of_units(corridors, ground, units, HALF_AT_500, landscape_ha=5.0)

    assert found.loc[1, ["links", "pc_gain", "eca_gain_ha"]].tolist() == [0, 4 / 25, 2]


def scene(seed):
    """Twelve patches on mixed ground, and places of a few pixels between them."""
    random = np.random.default_rng(seed)
    ground = random.choice([1.0, 3.0, 8.0], (30, 34))
    habitat, units = np.zeros((30, 34), dtype=bool), np.zeros((30, 34), dtype=np.int32)
    for row, col in random.integers(1, 27, (12, 2)):
        habitat[row : row + 2, col : col + 3] = True
    for number, (row, col) in enumerate(random.integers(1, 27, (8, 2)), start=1):
        units[row : row + 2, col : col + 2] = number
    ground[habitat] = 1.0
    return habitat, ground, units


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_a_gain_is_that_of_the_graph_with_the_place_added(seed):
    habitat, ground, units = scene(seed)
    lattice = lattice_for(habitat)
    corridors = corridors_between(patches_of(habitat, lattice), ground)
    graph = graph_of(corridors)
    before = connectivity_of(graph, HALF_AT_500, landscape_ha=1000.0)

    found = gains_of_units(corridors, ground, units, HALF_AT_500, landscape_ha=1000.0)

    links = links_of_units(units, ground, corridors.reach, habitat_resistance=1.0)
    for number in range(int(units.max())):
        mine = slice(links.first[number], links.first[number + 1])
        added = HabitatGraph(
            area_ha=np.append(graph.area_ha, links.px[number] * lattice.pixel_ha),
            one=np.append(graph.one, links.patch[mine]),
            other=np.append(graph.other, np.full(len(links.patch[mine]), len(graph.area_ha))),
            length_m=np.append(graph.length_m, links.cost[mine] * lattice.size_m),
        )
        after = connectivity_of(added, HALF_AT_500, landscape_ha=1000.0)
        assert found.loc[number + 1, "pc_gain"] == pytest.approx(after.pc - before.pc, abs=1e-8)
        assert found.loc[number + 1, "eca_gain_ha"] == pytest.approx(
            after.eca_ha - before.eca_ha, abs=1e-5
        )


def gain_made_anew(habitat, ground, place):
    """ECA gained if the network is made anew with the place as habitat."""
    lattice = lattice_for(habitat)
    eca = []
    for more in (habitat, habitat | place):
        easier = np.where(more & ~habitat, 1.0, ground)
        anew = corridors_between(patches_of(more, lattice), easier)
        eca.append(connectivity_of(graph_of(anew), HALF_AT_500, landscape_ha=1000.0).eca_ha)
    return eca[1] - eca[0]


def test_gains_are_close_to_those_of_networks_made_anew():
    quick, anew = [], []
    for seed in range(12):
        habitat, ground, units = scene(seed)
        corridors = corridors_between(patches_of(habitat, lattice_for(habitat)), ground)
        found = gains_of_units(corridors, ground, units, HALF_AT_500, landscape_ha=1000.0)
        quick += found["eca_gain_ha"].tolist()
        anew += [gain_made_anew(habitat, ground, units == number) for number in found.index]
    off = np.abs(np.array(quick) - anew) / np.maximum(anew, 0.5)

    assert np.median(off) < 0.001
    assert np.quantile(off, 0.9) < 0.1
    assert spearmanr(quick, anew).statistic > 0.98


def test_too_many_patches_are_refused(monkeypatch):
    monkeypatch.setattr(gains, "MOST_PATCHES", 1)
    corridors, ground = network_on("#..#")

    with pytest.raises(InputRefused) as refused:
        gains_of_units(
            corridors, ground, np.zeros((1, 4), dtype=np.int32), HALF_AT_500, landscape_ha=4.0
        )

    assert refused.value.findings[0].code == "N35"
