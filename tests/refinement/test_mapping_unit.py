"""The mapping unit: counted by hand on drawn scenes, then held to laws and to a slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from rasterio.features import sieve
from scipy import ndimage

from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.refinement import absorption, mapping_unit, places, tile_patches
from sinks.refinement.mapping_unit import MappingUnit, generalised
from tests.scenes import cover_from_codes, draw

ANY_SCENE = arrays(
    "uint8",
    array_shapes(min_dims=2, max_dims=2, max_side=14),
    elements=st.sampled_from([0, 1, 2, 3]),
)
CROSS, SQUARE = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]]), np.ones((3, 3))


def codes_of(cover):
    return cover.read(Window(0, 0, *cover.grid.shape))


def after(cover, unit_ha, **rule):
    return codes_of(generalised(cover, MappingUnit(unit_ha=unit_ha, **rule)).cover)


def same(found, picture):
    np.testing.assert_array_equal(found, codes_of(draw(picture)))


def test_a_patch_below_the_unit_takes_the_class_around_it():
    cover = draw("""
        F F F F
        F G W W
        F F W W
    """)

    same(
        after(cover, 2.0),
        """
        F F F F
        F F W W
        F F W W
    """,
    )


def test_a_patch_that_reaches_the_unit_stays():
    cover = draw("F F F\nF G G\nF F F")

    np.testing.assert_array_equal(after(cover, 2.0), codes_of(cover))


def test_the_longest_border_decides_and_the_legend_where_borders_are_equal():
    cover = draw("""
        F F W W
        F F G W
        F F W W
    """)
    even = draw("""
        W W F F
        W G G F
        W W F F
    """)

    same(
        after(cover, 2.0),
        """
        F F W W
        F F W W
        F F W W
    """,
    )
    same(
        after(even, 3.0),
        """
        W W F F
        W F F F
        W W F F
    """,
    )


def test_no_data_neither_gives_nor_takes():
    cover = draw("""
        . . . .
        . G . F
        . . W .
    """)

    np.testing.assert_array_equal(after(cover, 5.0), codes_of(cover))


def test_the_smallest_gives_way_first_and_what_it_makes_may_be_enough():
    cover = draw("G W W W F F F F F")  # the grass joins the water, which then has 4 ha

    same(after(cover, 4.0), "W W W W F F F F F")


def test_kept_classes_lose_nothing_but_may_gain():
    river = draw("""
        F F F F
        W W G W
        F F F F
    """)

    same(
        after(river, 4.0, keep=("water",)),
        """
        F F F F
        W W F W
        F F F F
    """,
    )
    same(after(draw("W W G W W"), 2.0, keep=("water",)), "W W W W W")


def test_over_corners_a_line_is_one_patch():
    cover = draw("""
        W F F
        F W F
        F F W
    """)

    np.testing.assert_array_equal(after(cover, 3.0, connectivity=8), codes_of(cover))
    same(after(cover, 3.0), "F F F\nF F F\nF F F")


def test_what_was_changed_is_counted_by_class_and_noted():
    found = generalised(draw("F F F G\nF W F F\nF F F F"), MappingUnit(unit_ha=2.0))

    rows = {key: tuple(row) for key, row in found.changes.round(6).iterrows()}
    assert rows == {("grass", "forest"): (1, 1, 1.0), ("water", "forest"): (1, 1, 1.0)}
    assert found.cover.pixels == {1: 12}
    assert [f.code for f in found.cover.findings] == ["U09"]


def patches(codes, connectivity):
    """Every patch as (code, mask), found class by class."""
    shape = CROSS if connectivity == 4 else SQUARE
    for code in (1, 2, 3):
        labels, count = ndimage.label(codes == code, shape)
        yield from ((code, labels == n) for n in range(1, count + 1))


@given(ANY_SCENE, st.integers(1, 9), st.sampled_from([4, 8]), st.sampled_from([(), ("water",)]))
def test_no_patch_stays_below_the_unit_unless_it_has_no_neighbour(codes, unit, connectivity, keep):
    codes[0, 0] = 1
    found = after(cover_from_codes(codes), float(unit), connectivity=connectivity, keep=keep)

    np.testing.assert_array_equal(found == 0, codes == 0)
    if keep:
        assert (found[codes == 3] == 3).all()
    for code, patch in patches(found, connectivity):
        if patch.sum() < unit and not (keep and code == 3):
            beside = ndimage.binary_dilation(patch, CROSS) & ~patch
            assert (found[beside] == 0).all()


@given(ANY_SCENE, st.integers(1, 9), st.sampled_from([4, 8]))
def test_patches_that_reach_the_unit_are_untouched_and_counts_are_true(codes, unit, connectivity):
    codes[0, 0] = 1
    result = generalised(
        cover_from_codes(codes), MappingUnit(unit_ha=float(unit), connectivity=connectivity)
    )
    found = codes_of(result.cover)

    for code, patch in patches(codes, connectivity):
        if patch.sum() >= unit:
            assert (found[patch] == code).all()
    assert result.cover.pixels == {c: n for c in range(4) if (n := int((found == c).sum()))}
    assert result.changes["px"].sum() == (found != codes).sum()


@given(ANY_SCENE, st.integers(1, 9), st.sampled_from([4, 8]))
def test_one_by_one_gives_the_same(codes, unit, connectivity):
    codes[0, 0] = 1

    found = after(cover_from_codes(codes), float(unit), connectivity=connectivity)

    np.testing.assert_array_equal(found, one_by_one(codes, unit, connectivity))


def one_by_one(codes, unit, connectivity):
    """The rule, literally: the smallest patch gives way, then everything is looked at anew."""
    codes, first = codes.copy(), np.arange(codes.size).reshape(codes.shape)
    shape = CROSS if connectivity == 4 else SQUARE
    while True:
        small = []
        for _, patch in patches(codes, connectivity):
            beside = [codes[n] for n in neighbours(codes, patch)]
            if patch.sum() < unit and any(beside):
                order = int(absorption_order(first[patch].min()))
                small.append((int(patch.sum()), order, patch, [b for b in beside if b]))
        if not small:
            return codes
        *_, patch, beside = min(small, key=lambda entry: entry[:2])
        codes[patch] = max((1, 2, 3), key=lambda code: (beside.count(code), -code))
        assert shape.shape == (3, 3)


def absorption_order(first):
    return absorption.scattered(np.array([first]))[0]


def neighbours(codes, patch):
    """Every pixel beside the patch, once for each side that it shares."""
    rows, cols = codes.shape
    for r, c in zip(*np.nonzero(patch), strict=True):
        for place in ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1)):
            if 0 <= place[0] < rows and 0 <= place[1] < cols and not patch[place]:
                yield place


ISLANDS = arrays("uint8", (5, 5, 6, 6), elements=st.sampled_from([1, 1, 2]))


@given(ISLANDS, st.integers(2, 12), st.sampled_from([4, 8]))
@settings(max_examples=30)
def test_islands_in_one_class_go_as_in_gdal(islands, unit, connectivity):
    """GDAL's sieve follows the same rule where a small patch has one neighbour only."""
    codes = np.ones((5, 8, 5, 8), dtype=np.uint8)
    codes[:, 1:7, :, 1:7] = islands.swapaxes(1, 2)
    codes = codes.reshape(40, 40)
    holes = ndimage.label(codes == 1, SQUARE if connectivity == 8 else CROSS)[0]
    codes[holes != holes[0, 0]] = 2  # an island has no lake

    found = after(cover_from_codes(codes), float(unit), connectivity=connectivity)

    np.testing.assert_array_equal(found, sieve(codes, size=unit, connectivity=connectivity))


@given(
    arrays("uint8", (19, 23), elements=st.sampled_from([0, 1, 1, 2, 3])),
    st.integers(2, 30),
    st.sampled_from([4, 8]),
    st.integers(2, 12),
)
@settings(max_examples=40)
def test_the_size_of_tiles_changes_nothing(codes, unit, connectivity, side):
    codes[0, 0] = 1
    whole = after(cover_from_codes(codes), float(unit), connectivity=connectivity)

    with pytest.MonkeyPatch.context() as patch:
        for module in (mapping_unit, places):
            patch.setattr(module, "SIDE", side)
        patch.setattr(places, "STEP", (1, 1))
        patch.setattr(tile_patches, "STEP", (1, 1))
        small = after(cover_from_codes(codes), float(unit), connectivity=connectivity)

    np.testing.assert_array_equal(small, whole)


def test_threads_and_windows_change_nothing_on_a_map_of_many_tiles():
    random = np.random.default_rng(3)
    codes = np.kron(random.integers(1, 4, (60, 70)), np.ones((20, 20), int)).astype(np.uint8)
    noise = random.random(codes.shape) < 0.2
    codes[noise] = random.integers(0, 4, int(noise.sum()))
    cover = cover_from_codes(codes)

    one = generalised(cover, MappingUnit(unit_ha=8.0))
    two = generalised(cover, MappingUnit(unit_ha=8.0), threads=2)

    whole = codes_of(one.cover)
    np.testing.assert_array_equal(codes_of(two.cover), whole)
    assert one.changes.equals(two.changes)
    part = one.cover.read(Window(500, 490, 40, 600))
    np.testing.assert_array_equal(part, whole[500:540, 490:1090])


def test_a_refined_map_can_be_refined_again():
    cover = generalised(draw("F F G F W W W W"), MappingUnit(unit_ha=2.0)).cover

    again = generalised(cover, MappingUnit(unit_ha=5.0))

    same(codes_of(again.cover), "F F F F F F F F")
    assert [f.code for f in again.cover.findings] == ["U09", "U09"]


@pytest.mark.parametrize("unit_ha", [0.0, -1.0, float("nan"), float("inf")])
def test_a_unit_that_is_no_area_is_refused(unit_ha):
    with pytest.raises(InputRefused, match="U07"):
        MappingUnit(unit_ha=unit_ha)


def test_a_class_to_keep_that_the_legend_lacks_is_refused():
    with pytest.raises(InputRefused, match="U08"):
        generalised(draw("F G"), MappingUnit(unit_ha=1.0, keep=("river",)))


def test_a_map_that_is_noise_at_the_unit_is_refused(monkeypatch):
    monkeypatch.setattr(mapping_unit, "MOST_PATCHES", 8)

    with pytest.raises(InputRefused, match="U10"):
        generalised(draw("F G F\nG F G\nF G F"), MappingUnit(unit_ha=2.0))
