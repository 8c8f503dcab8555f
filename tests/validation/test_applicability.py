"""Area of applicability: by hand in one feature, by law in several, and by CAST for R."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from sinks.errors import InputRefused
from sinks.training.estimators import ModelSpec, fit
from sinks.validation import applicability
from sinks.validation.applicability import (
    area_of_applicability,
    importance_weights,
    upper_whisker,
)
from sinks.validation.folds import polygon_folds, random_folds
from tests.validation.made import folds_of, landscape, samples_of

# The dissimilarities of 30 training samples, and the threshold from them, that the tests of
# CAST for R expect (tests/testthat/test-trainDI.R, example cookfarm).
CAST_TRAINING = np.array([
    0.09043580, 0.14046341, 0.16584582, 0.57617177, 0.26840303, 0.14353894, 0.19768329,
    0.24022059, 0.06832037, 0.29150668, 0.18471625, 0.57617177, 0.12344463, 0.09043580,
    0.14353894, 0.26896008, 0.22713731, 0.24022059, 0.20388725, 0.06832037, 0.23604264,
    0.20388725, 0.91513568, 0.09558666, 0.14046341, 0.16214832, 0.37107762, 0.16214832,
    0.18471625, 0.12344463,
])  # fmt: skip
CAST_THRESHOLD = 0.38986


def line(*values):
    """Return samples with one feature."""
    return samples_of([1] * len(values), features=np.array(values)[:, np.newaxis])


def pixels(*values):
    return np.array([values], dtype=np.float32)


@pytest.fixture(scope="module")
def trained():
    samples = landscape(30)
    return samples, area_of_applicability(samples, polygon_folds(samples, 5, seed=0))


def test_the_threshold_that_cast_publishes():
    assert round(upper_whisker(CAST_TRAINING), 5) == CAST_THRESHOLD


def test_the_dissimilarity_of_one_feature_by_hand():
    area = area_of_applicability(line(0, 2, 4), folds_of(0, 1, 0))

    # mean distance between two of 0, 2, 4: (2 + 4 + 2) / 3 = 8/3; standardising cancels out
    found = area.dissimilarity(pixels(0, 1, 4, 12))

    assert found.tolist() == pytest.approx([0, 1 * 3 / 8, 0, 8 * 3 / 8])


def test_training_samples_are_compared_with_other_folds_only():
    area = area_of_applicability(line(0, 1, 4, 6), folds_of(0, 0, 1, 1))

    # to the other fold: 4, 3, 3, 5; mean distance of the six pairs: (1+4+6+3+5+2) / 6 = 3.5
    assert area.training.tolist() == pytest.approx([4 / 3.5, 3 / 3.5, 3 / 3.5, 5 / 3.5])
    # quartiles 3 and 4.25: 4.25 + 1.5 * 1.25 is more than the largest, 5
    assert area.threshold == pytest.approx(5 / 3.5)


def test_a_lone_sample_far_away_does_not_widen_the_area():
    area = area_of_applicability(line(*range(9), 100), folds_of(*np.arange(10) % 2))

    assert area.training.max() == pytest.approx(92 * area.training.min())
    assert area.threshold == pytest.approx(area.training.min())  # all but one are 1 apart
    assert area.inside(area.dissimilarity(pixels(50))).tolist() == [False]


def test_pixels_like_the_samples_are_inside_and_a_class_never_trained_is_outside(trained):
    _, area = trained
    alike = landscape(100, seed=9).features.T
    lake = np.random.default_rng(0).normal(30, 0.5, (2, 500)).astype(np.float32)

    assert area.inside(area.dissimilarity(alike)).mean() > 1 / 2
    assert not area.inside(area.dissimilarity(lake)).any()


def test_training_samples_have_no_dissimilarity(trained):
    samples, area = trained

    assert area.dissimilarity(samples.features.T).tolist() == [0.0] * len(samples)


def test_search_finds_what_measuring_every_distance_finds():
    samples = landscape(20)
    weights = np.array([3.0, 1.0])
    area = area_of_applicability(samples, random_folds(samples, 3, seed=0), weights=weights)
    places = landscape(40, seed=4).features

    spread = samples.features.std(axis=0, dtype=float)
    train, new = samples.features / spread * weights, places / spread * weights
    mean = cdist(train, train).sum() / (len(train) * (len(train) - 1))
    expected = cdist(new, train).min(axis=1) / mean

    np.testing.assert_allclose(area.dissimilarity(places.T), expected, rtol=1e-5, atol=1e-6)


@given(
    factor=st.sampled_from([-4.0, 0.125, 2.0, 1024.0]),
    shift=st.sampled_from([-64.0, 0.0, 256.0]),
)
def test_the_units_of_a_feature_do_not_matter(factor, shift):
    def area_and_pixels(factor, shift):
        change = np.array([factor, 1.0]), np.array([shift, 0.0])
        rescaled = samples_of([1] * 60, features=features * change[0] + change[1])
        folds = folds_of(*np.arange(60) % 4)
        area = area_of_applicability(rescaled, folds)
        return area, area.dissimilarity((places * change[0] + change[1]).T.astype(np.float32))

    random = np.random.default_rng(1)  # in steps of 1/1024, so that rescaling is exact
    features = random.integers(0, 4096, (60, 2)) / 1024
    places = random.integers(0, 8192, (50, 2)) / 1024

    (plain, expected), (rescaled, found) = area_and_pixels(1, 0), area_and_pixels(factor, shift)

    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-7)
    assert rescaled.threshold == pytest.approx(plain.threshold)


def test_a_feature_without_weight_does_not_matter():
    random = np.random.default_rng(0)
    one = random.normal(size=(40, 1))
    two = np.hstack([one, random.normal(size=(40, 1)) * 100])
    folds = folds_of(*np.arange(40) % 4)
    alone = area_of_applicability(samples_of([1] * 40, features=one), folds)

    beside = area_of_applicability(
        samples_of([1] * 40, features=two), folds, weights=np.array([5.0, 0.0])
    )

    assert beside.threshold == pytest.approx(alone.threshold)
    strange = np.array([[0.5, 2.0], [1e6, -1e6]], dtype=np.float32)
    np.testing.assert_allclose(
        beside.dissimilarity(strange), alone.dissimilarity(strange[:1]), rtol=1e-6
    )


def test_only_the_ratio_of_weights_counts(trained):
    samples, area = trained
    folds = polygon_folds(samples, 5, seed=0)

    again = area_of_applicability(samples, folds, weights=np.array([7.0, 7.0]))

    assert again.threshold == area.threshold
    assert again.weights.tolist() == [0.5, 0.5]


def test_a_pixel_off_the_line_of_correlated_features_is_seen():
    values = np.arange(20.0)
    samples = samples_of([1] * 20, features=np.column_stack([values, 2 * values]))
    area = area_of_applicability(samples, folds_of(*np.arange(20) % 4))

    on, off = area.dissimilarity(np.array([[10, 10], [20, 0]], dtype=np.float32))

    # both features count alike: (10, 0) lies between the samples (5, 5), sqrt(50) away; two
    # samples are sqrt(2) * 7 apart in the mean, and sqrt(2) from the nearest of another fold
    assert (on, off) == (0, pytest.approx(5 / 7))
    assert area.threshold == pytest.approx(1 / 7)


def test_the_importance_of_a_forest_weighs():
    samples = landscape(30)
    noise = np.random.default_rng(0).normal(size=(len(samples), 1))
    told_by_one = samples_of(samples.codes, features=np.hstack([samples.features[:, :1], noise]))

    forest = fit(told_by_one, ModelSpec(parameters={"n_estimators": 10}))
    scaled = fit(told_by_one, ModelSpec(kind="svm"))

    told, not_told = importance_weights(forest)
    assert told > not_told
    assert told + not_told == pytest.approx(1)
    assert importance_weights(scaled).tolist() == [0.5, 0.5]


def test_a_pixel_without_data_is_neither_like_nor_inside(trained):
    _, area = trained
    values = np.array([[0.5, np.nan, np.inf], [0.5, 0.5, 0.5]], dtype=np.float32)

    found = area.dissimilarity(values)

    assert np.isnan(found).tolist() == [False, True, True]
    assert area.inside(found).tolist() == [True, False, False]


def test_the_size_of_a_block_does_not_change_a_bit(trained, monkeypatch):
    _, area = trained
    values = landscape(50, seed=8).features.T
    whole = area.dissimilarity(values)

    one_by_one = [area.dissimilarity(values[:, i : i + 1])[0] for i in range(values.shape[1])]
    monkeypatch.setattr(applicability, "_PIXELS", 7)

    assert whole.tolist() == one_by_one == area.dissimilarity(values).tolist()


def test_a_mean_distance_of_drawn_samples_is_close_to_that_of_all(monkeypatch):
    samples = landscape(100)
    folds = polygon_folds(samples, 5, seed=0)
    exact = area_of_applicability(samples, folds)
    monkeypatch.setattr(applicability, "_EXACT_POINTS", 300)

    drawn = area_of_applicability(samples, folds, seed=1)

    # 300 of 1,200: the standard error of a mean distance is below its spread / sqrt(300) = 4 %
    assert drawn.mean_distance == pytest.approx(exact.mean_distance, rel=0.1)
    assert drawn.mean_distance == area_of_applicability(samples, folds, seed=1).mean_distance
    assert drawn.findings == ()


def test_very_many_samples_are_thinned_and_noted(monkeypatch):
    samples = landscape(30)
    monkeypatch.setattr(applicability, "MAX_POINTS", 100)

    area = area_of_applicability(samples, polygon_folds(samples, 5, seed=0))

    assert len(area.points) == len(area.training) == 100
    assert [finding.code for finding in area.findings] == ["Q12"]
    assert area.findings[0].facts == {"count": 360, "used": 100}


def test_a_feature_with_one_value_is_left_out_and_noted():
    values = np.array([0.1, 1.3, 2.2, 3.1])
    samples = samples_of([1] * 4, features=np.column_stack([values, np.full(4, 0.3)]))

    area = area_of_applicability(samples, folds_of(0, 1, 0, 1))

    assert [finding.code for finding in area.findings] == ["Q14"]
    assert area.findings[0].facts["names"] == ["band_1"]
    assert area.dissimilarity(samples.features.T).tolist() == [0.0] * 4


def test_samples_that_are_all_alike_are_refused():
    with pytest.raises(InputRefused, match="Q13"):
        area_of_applicability(line(2, 2, 2), folds_of(0, 1, 0))


@pytest.mark.parametrize("weights", [[1.0, 2.0], [-1.0], [0.0], [np.nan]])
def test_weights_that_cannot_be_used_are_refused(weights):
    with pytest.raises(InputRefused, match="Q11"):
        area_of_applicability(line(1, 2, 3), folds_of(0, 1, 0), weights=np.array(weights))


def test_folds_of_other_samples_are_refused():
    with pytest.raises(InputRefused, match="Q01"):
        area_of_applicability(line(1, 2, 3), folds_of(0, 1))
