"""Laws of the spatial pattern on any mask, and patches counted by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from sinks.restoration.network.patches import core_patches, patches_of
from sinks.restoration.network.pattern import BACKGROUND, CLASSES, CORE, UNKNOWN, pattern_of
from tests.restoration.made_network import lattice_for, mask

ANY_MASK = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=16))


@given(ANY_MASK, ANY_MASK, st.integers(1, 3))
@settings(max_examples=150, deadline=None)
def test_the_classes_share_out_the_habitat_and_nothing_else(habitat, other, edge_px):
    known = np.resize(other, habitat.shape)

    codes = pattern_of(habitat, lattice_for(habitat), edge_px=edge_px, known=known).codes

    np.testing.assert_array_equal(codes == UNKNOWN, ~known)
    np.testing.assert_array_equal(codes == BACKGROUND, known & ~habitat)
    assert (codes[known & habitat] < len(CLASSES)).all()


@given(ANY_MASK, st.integers(1, 3))
@settings(max_examples=100, deadline=None)
def test_core_is_what_erosion_leaves_and_edges_touch_it(habitat, edge_px):
    codes = pattern_of(habitat, lattice_for(habitat), edge_px=edge_px).codes
    square = np.ones((2 * edge_px + 1,) * 2)

    eroded = ndimage.binary_erosion(habitat, square, border_value=1)

    np.testing.assert_array_equal(codes == CORE, eroded)
    opened = ndimage.binary_dilation(eroded, square) & habitat
    rims = np.isin(codes, [CLASSES.index("edge"), CLASSES.index("perforation")])
    np.testing.assert_array_equal(rims, opened & ~eroded)


@given(ANY_MASK)
@settings(max_examples=100, deadline=None)
def test_only_what_joins_cores_is_a_bridge(habitat):
    pattern = pattern_of(habitat, lattice_for(habitat))
    bridge = pattern.codes == CLASSES.index("bridge")
    with_bridge, _ = ndimage.label(pattern.codes == CORE, structure=np.ones((3, 3)))

    if pattern.count < 2:
        assert not bridge.any()
    groups, count = ndimage.label(bridge, structure=np.ones((3, 3)))
    for group in range(1, count + 1):
        around = ndimage.binary_dilation(groups == group, np.ones((3, 3)), iterations=2)
        assert len(set(with_bridge[around]) - {0}) >= 2


def test_patches_are_numbered_in_reading_order_with_area_and_centroid():
    drawn = mask("##..#\n##...\n.....\n...#.")

    patches = patches_of(drawn, lattice_for(drawn))

    assert list(patches.area_ha) == [4.0, 1.0, 1.0]
    assert patches.table["row"].tolist() == [0.5, 0.0, 3.0]
    assert patches.table["col"].tolist() == [0.5, 4.0, 3.0]
    assert len(patches_of(drawn & False, lattice_for(drawn))) == 0


def test_small_cores_are_left_out():
    drawn = np.zeros((9, 14), dtype=bool)
    drawn[1:4, 1:4] = True
    drawn[1:8, 6:13] = True
    pattern = pattern_of(drawn, lattice_for(drawn))

    every, large = core_patches(pattern), core_patches(pattern, min_ha=25.0)

    assert list(every.area_ha) == [1.0, 25.0]
    assert list(large.area_ha) == [25.0]
    assert large.table.loc[1, ["row", "col"]].tolist() == [4.0, 9.0]
    assert large.table.loc[1, ["x", "y"]].tolist() == [950.0, -450.0]
    assert large.labels[4, 9] == 1
    assert large.labels[2, 2] == 0
    assert large.boxes == [(slice(2, 7), slice(7, 12))]
