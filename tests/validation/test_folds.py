"""Folds: dealt by hand on a few samples, then held to laws on any samples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.validation.folds import (
    Folds,
    block_folds,
    groups_of,
    leaking_share,
    polygon_folds,
    random_folds,
)
from tests.validation.made import folds_of, landscape, samples_of

KINDS = {
    "random": random_folds,
    "polygon": polygon_folds,
    "block": lambda samples, k, seed: block_folds(samples, k, 250.0, seed),
}


@st.composite
def grouped(draw):
    """Samples in two groups or more, in any order, at least three blocks of 250 m apart."""
    group = draw(st.lists(st.integers(0, 9), min_size=8, max_size=40))
    group = np.array([*group, 0, 7])
    codes = np.array(draw(st.lists(st.sampled_from([1, 2, 3]), min_size=10, max_size=10)))
    return samples_of(codes[group % 10], group=group, xy=np.column_stack([group * 130.0, group]))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(samples=grouped(), k=st.integers(2, 8), seed=st.integers(0, 99))
def test_every_sample_is_held_back_once_and_the_same_seed_deals_the_same(kind, samples, k, seed):
    folds = KINDS[kind](samples, k, seed)

    assert folds.fold.shape == (len(samples),)
    assert 2 <= folds.k <= k
    assert set(folds.fold) == set(range(folds.k))
    np.testing.assert_array_equal(KINDS[kind](samples, k, seed).fold, folds.fold)


@pytest.mark.parametrize("kind", ["polygon", "block"])
@settings(max_examples=40)
@given(samples=grouped(), k=st.integers(2, 8), seed=st.integers(0, 99))
def test_a_polygon_never_lies_on_both_sides(kind, samples, k, seed):
    folds = KINDS[kind](samples, k, seed)

    for group in np.unique(samples.group):
        assert len(set(folds.fold[samples.group == group])) == 1
    assert leaking_share(folds.fold, samples) == 0


def test_random_folds_are_of_one_size_and_hold_each_class():
    samples = samples_of([1] * 10 + [2] * 5)

    folds = random_folds(samples, 5, seed=0)

    assert np.bincount(folds.fold).tolist() == [3, 3, 3, 3, 3]
    assert np.bincount(folds.fold[samples.codes == 2]).tolist() == [1, 1, 1, 1, 1]


def test_random_folds_say_how_many_samples_leak():
    samples = samples_of([1, 1, 1, 1, 2], group=[7, 7, 7, 7, 8])  # four of five in a polygon

    (finding,) = random_folds(samples, 2, seed=0).findings

    assert finding.code == "Q05"
    assert finding.facts["share_pct"] == 80.0


def test_random_folds_of_points_do_not_leak():
    assert random_folds(samples_of([1, 1, 2, 2]), 2, seed=0).findings == ()


def test_each_class_has_polygons_in_every_fold():
    samples = landscape(30, pixels=4)  # ten polygons of each class

    folds = polygon_folds(samples, 5, seed=3)

    for code in samples.classes:
        assert np.bincount(folds.fold[samples.codes == code]).tolist() == [8] * 5


def test_few_polygons_are_held_back_one_by_one():
    samples = samples_of([1, 1, 2, 2, 3], group=[4, 4, 9, 9, 2])

    folds = polygon_folds(samples, 10, seed=0)

    assert folds.k == 3
    assert [finding.code for finding in folds.findings] == ["Q03"]
    assert folds.findings[0].facts == {"folds": "polygon", "asked": 10, "units": 3}


def test_a_block_holds_what_lies_in_its_square():
    xy = [(10, 10), (240, 240), (260, 10), (-10, 10)]  # blocks of 250 m: two in the first

    folds = block_folds(samples_of([1, 1, 2, 2], xy=xy), 3, 250.0, seed=0)

    assert folds.fold[0] == folds.fold[1]
    assert len(set(folds.fold)) == 3


def test_a_polygon_across_two_blocks_belongs_to_the_one_of_its_middle():
    xy = [(200, 0), (240, 0), (280, 0), (400, 0)]  # the middle of the first three is at 240 m

    folds = block_folds(samples_of([1, 1, 1, 2], group=[5, 5, 5, 6], xy=xy), 2, 250.0, seed=0)

    assert len(set(folds.fold[:3])) == 1
    assert folds.fold[3] != folds.fold[0]


def test_groups_have_a_middle_a_class_and_a_size():
    groups = groups_of(samples_of([1, 2, 2], group=[9, 4, 4], xy=[(0, 0), (10, 2), (20, 4)]))

    assert groups.of_sample.tolist() == [1, 0, 0]
    assert groups.xy_m.tolist() == [[15, 3], [0, 0]]
    assert groups.code.tolist() == [2, 1]
    assert groups.size.tolist() == [2, 1]


@pytest.mark.parametrize("fold", [[0, 0, 0], [0, 2, 2], [1, 2, 1], [-1, 0, 1]])
def test_a_fold_that_is_empty_or_alone_is_refused(fold):
    with pytest.raises(InputRefused, match="Q01"):
        folds_of(*fold)


@pytest.mark.parametrize("kind", KINDS)
def test_one_fold_is_refused(kind):
    with pytest.raises(InputRefused, match=r"Q02.*\n.*k = 1"):
        KINDS[kind](landscape(6), 1, 0)


def test_more_random_folds_than_samples_are_refused():
    with pytest.raises(InputRefused, match=r"Q02.*\n.*k = 5; allowed: 2 … 4"):
        random_folds(samples_of([1, 1, 2, 2]), 5, seed=0)


@pytest.mark.parametrize("size_m", [0.0, -10.0, np.nan, np.inf])
def test_a_block_without_size_is_refused(size_m):
    with pytest.raises(InputRefused, match=r"Q02.*\n.*size_m"):
        block_folds(samples_of([1, 2]), 2, size_m, seed=0)


def test_a_single_polygon_or_block_cannot_be_split():
    samples = samples_of([1, 2, 1], group=[3, 3, 3])

    with pytest.raises(InputRefused, match="Q04"):
        polygon_folds(samples, 2, seed=0)
    with pytest.raises(InputRefused, match="Q04"):
        block_folds(samples_of([1, 2]), 2, 1e6, seed=0)


def test_folds_know_their_number():
    assert Folds(name="drawn", fold=np.array([2, 0, 1, 1])).k == 3
