"""Matching distances: counted on a line, and held to the values that CAST for R publishes."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from sinks.errors import InputRefused
from sinks.validation import matching
from sinks.validation.folds import groups_of, polygon_folds, random_folds
from sinks.validation.matching import distances, matched_folds, nearest_outside
from tests.validation.made import folds_of, landscape, samples_of

# Six samples in a square of 10 x 10, of the tests of CAST (tests/testthat/test-knndm.R).
CAST_SAMPLES = [(1, 1), (1, 2), (2, 2), (2, 3), (1, 4), (5, 4)]
# What set.seed(1); runif(2, 0, 10) gives in R: where sf::st_sample starts a regular grid.
CAST_START = np.array([2.655086631, 3.721238996])


def cast_places(size):
    """Return the regular sample that sf::st_sample lays over the square."""
    step = np.sqrt(100 / size)
    steps = np.arange(np.ceil(10 / step) + 1) * step
    x, y = np.meshgrid(CAST_START[0] % step + steps, CAST_START[1] % step + steps)
    places = np.column_stack([x.ravel(), y.ravel()])
    return places[(places <= 10).all(axis=1)]


@pytest.mark.parametrize(
    ("size", "places", "wasserstein"),
    [
        pytest.param(20, 20, 1.091896, id="twenty places, W to six digits"),
        pytest.param(1000, 992, 1.2004, id="a thousand places, W to four digits"),
    ],
)
def test_the_wasserstein_distance_that_cast_publishes(size, places, wasserstein):
    samples, predicted = samples_of([1] * 6, xy=CAST_SAMPLES), cast_places(size)
    assert len(predicted) == places

    folds = matched_folds(samples, predicted, k=2, seed=0)

    digits = len(str(wasserstein).split(".")[1])
    found = distances(samples, folds, predicted).wasserstein_m
    assert round(found, digits) == wasserstein
    assert len(set(folds.fold[:4])) == 1  # the cluster in the corner is held back together
    assert set(folds.fold[4:]) == {1 - folds.fold[0]}


def test_no_other_split_of_those_six_is_nearer():
    samples, predicted = samples_of([1] * 6, xy=CAST_SAMPLES), cast_places(20)
    chosen = distances(samples, matched_folds(samples, predicted, 2, 0), predicted).wasserstein_m
    places = np.array(CAST_SAMPLES, dtype=float)
    to_samples = distances(samples, folds_of(0, 0, 0, 1, 1, 1), predicted).prediction_to_sample_m

    for held_back in combinations(range(6), 3):
        fold = np.isin(np.arange(6), held_back).astype(np.int64)
        assert wasserstein_distance(nearest_outside(places, fold), to_samples) >= chosen


def test_a_cluster_larger_than_a_fold_is_one_and_the_others_are_dealt_in_turn():
    cluster = np.array([0, 1, 2, 3, 4])
    size = np.array([3.0, 20.0, 4.0, 5.0, 6.0])  # 38 samples: more than 12 2/3 fill a fold
    along = np.array([40.0, 30.0, 20.0, 10.0, 0.0])

    fold = matching._merged(cluster, size, along, 3)

    assert fold.tolist() == [2, 0, 1, 2, 1]  # from the end: 4, 3, 2, then 0, past the large one


def test_three_distributions_on_a_line():
    samples = samples_of([1, 1, 2, 2], xy=[(0, 0), (1, 0), (10, 0), (12, 0)])

    found = distances(samples, folds_of(0, 0, 1, 1), np.array([[5.0, 0], [11.5, 0]]))

    assert found.sample_to_sample_m.tolist() == [1, 1, 2, 2]
    assert found.prediction_to_sample_m.tolist() == [4, 0.5]
    assert found.fold_to_fold_m.tolist() == [10, 9, 9, 11]
    # the mean of 0.5 and 4 is 2.25, that of 9, 9, 10 and 11 is 9.75, and all of these lie above
    assert found.wasserstein_m == 9.75 - 2.25
    assert found.quantiles().loc[[0.0, 0.5, 1.0]].to_numpy().tolist() == [
        [1, 0.5, 9],
        [1.5, 2.25, 9.5],
        [2, 4, 11],
    ]


def test_matched_folds_are_nearer_to_prediction_than_random_ones():
    samples = clustered(seed=1)
    predicted = np.random.default_rng(5).uniform(0, 10_000, (500, 2))

    matched = matched_folds(samples, predicted, k=5, seed=0)

    matched_m, random_m = (
        distances(samples, folds, predicted).wasserstein_m
        for folds in (matched, random_folds(samples, 5, 0))
    )
    assert matched_m < random_m / 2


@settings(max_examples=30)
@given(seed=st.integers(0, 50), k=st.integers(2, 6))
def test_matched_folds_are_never_further_from_prediction_than_polygons_at_random(seed, k):
    random = np.random.default_rng(seed)
    samples = samples_of([1] * 30, xy=random.uniform(0, 10_000, (30, 2)))
    predicted = random.uniform(0, 10_000, (20, 2))

    matched_m, polygon_m = (
        distances(samples, folds, predicted).wasserstein_m
        for folds in (matched_folds(samples, predicted, k, 3), polygon_folds(samples, k, 3))
    )

    assert matched_m <= polygon_m


@settings(max_examples=30)
@given(seed=st.integers(0, 50), k=st.integers(2, 6))
def test_polygons_stay_whole_and_the_choice_is_the_same_every_time(seed, k):
    samples = landscape(12, pixels=3, seed=seed)
    predicted = np.random.default_rng(seed).uniform(0, 20_000, (40, 2))

    folds = matched_folds(samples, predicted, k, seed=0)

    assert folds.k == k
    for group in np.unique(samples.group):
        assert len(set(folds.fold[samples.group == group])) == 1
    np.testing.assert_array_equal(matched_folds(samples, predicted, k, seed=0).fold, folds.fold)


def test_more_polygons_than_wards_method_can_hold_share_seats(monkeypatch):
    samples = clustered(seed=1)
    predicted = np.random.default_rng(5).uniform(0, 10_000, (500, 2))
    whole = distances(samples, matched_folds(samples, predicted, 5, 0), predicted).wasserstein_m
    monkeypatch.setattr(matching, "_SEATS", 40)

    seated = matched_folds(samples, predicted, 5, seed=0)

    assert seated.k == 5
    random_m = distances(samples, random_folds(samples, 5, 0), predicted).wasserstein_m
    assert distances(samples, seated, predicted).wasserstein_m < (whole + random_m) / 2


def test_a_huge_polygon_makes_uneven_folds_that_are_noted():
    group = [0] * 90 + list(range(1, 11))
    xy = np.column_stack([np.array(group) * 100.0, np.zeros(100)])
    samples = samples_of([1] * 100, group=group, xy=xy)

    folds = matched_folds(samples, xy, k=3, seed=0)

    assert [finding.code for finding in folds.findings] == ["Q07"]
    assert folds.findings[0].facts["share_pct"] >= 90.0
    assert len(groups_of(samples).size) == 11


def test_few_polygons_are_noted_and_held_back_alone():
    samples = samples_of([1, 2, 3])

    folds = matched_folds(samples, np.array([[50.0, 0.0]]), k=5, seed=0)

    assert sorted(folds.fold) == [0, 1, 2]
    assert [finding.code for finding in folds.findings] == ["Q03"]


@pytest.mark.parametrize("places", [np.empty((0, 2)), np.array([[np.nan, 1]]), np.zeros((3, 3))])
def test_no_places_of_prediction_are_refused(places):
    with pytest.raises(InputRefused, match="Q06"):
        matched_folds(samples_of([1, 2, 3]), places, k=2, seed=0)


def test_folds_of_other_samples_are_refused():
    with pytest.raises(InputRefused, match="Q01"):
        distances(samples_of([1, 2, 3]), folds_of(0, 1), np.zeros((1, 2)))


def clustered(seed):
    """Return 200 points in ten clusters of a square of 10 km."""
    random = np.random.default_rng(seed)
    middle = random.uniform(0, 10_000, (10, 2)).repeat(20, axis=0)
    return samples_of([1] * 200, xy=middle + random.normal(0, 200, (200, 2)))
