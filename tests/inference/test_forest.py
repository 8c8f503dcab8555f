"""Exact inference: the labels of scikit-learn, on any forest and any pixel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

from sinks.errors import InvariantViolated
from sinks.inference import forest_kernel
from sinks.inference.forest import float_keys, forest_predictor, why_not
from sinks.training.model import TrainedModel

FEW_VALUES = st.sampled_from([0.0, -0.0, 0.25, 0.5, 0.75, 1.0, -1.0])
ANY_VALUE = st.floats(width=32, allow_nan=False, allow_infinity=False)
LARGEST = np.finfo(np.float32).max


@st.composite
def forests(draw):
    """A fitted forest, and pixels among which are its samples and its thresholds."""
    count, width = draw(st.integers(2, 40)), draw(st.integers(1, 4))
    values = draw(st.sampled_from([FEW_VALUES, ANY_VALUE]))
    samples = draw(arrays(np.float32, (count, width), elements=values))
    codes = draw(arrays(np.uint8, count, elements=st.sampled_from([3, 7, 20, 200])))
    kind = draw(st.sampled_from([RandomForestClassifier, ExtraTreesClassifier]))
    fitted = kind(
        n_estimators=draw(st.integers(1, 12)),
        min_samples_leaf=draw(st.integers(1, 4)),
        max_leaf_nodes=draw(st.sampled_from([None, 2, 5])),
        class_weight=draw(st.sampled_from([None, "balanced", "balanced_subsample"])),
        bootstrap=draw(st.booleans()),
        random_state=draw(st.integers(0, 9)),
    ).fit(samples, codes)
    pixels = [samples, draw(arrays(np.float32, (20, width), elements=values))]
    return fitted, np.concatenate([*pixels, *beside_thresholds(fitted, width)])


def beside_thresholds(fitted, width):
    """Pixels on every threshold, as near as float32 comes, and just beside it."""
    thresholds = np.concatenate([tree.tree_.threshold for tree in fitted.estimators_])
    on = np.clip(thresholds, -LARGEST, LARGEST).astype(np.float32)
    up = np.minimum(np.nextafter(on, np.float32(np.inf)), LARGEST)
    down = np.maximum(np.nextafter(on, np.float32(-np.inf)), -LARGEST)
    return [np.repeat(each[:, np.newaxis], width, axis=1) for each in (on, up, down)]


def model_of(fitted, kind="random_forest"):
    names = tuple(f"band {i}" for i in range(fitted.n_features_in_))
    codes = tuple(int(code) for code in fitted.classes_)
    return TrainedModel(estimator=fitted, kind=kind, names=names, codes=codes)


def noisy_scene(seed, count, classes=5, width=6):
    """Classes that overlap, so that trees are deep and votes are split."""
    random = np.random.default_rng(seed)
    codes = random.integers(1, classes + 1, count).astype(np.uint8)
    centres = np.random.default_rng(1).uniform(0, 1, (classes + 1, width))
    return (centres[codes] + random.normal(0, 0.35, (count, width))).astype(np.float32), codes


@pytest.fixture(scope="module", params=["pure leaves", "mixed leaves"])
def noisy(request):
    """A forest of 30 deep trees, and 20,000 pixels as (features, pixels)."""
    samples, codes = noisy_scene(2, 2000)
    leaf = 1 if request.param == "pure leaves" else 5
    fitted = RandomForestClassifier(
        30, min_samples_leaf=leaf, class_weight="balanced", random_state=0
    ).fit(samples, codes)
    return fitted, np.ascontiguousarray(noisy_scene(3, 20_000)[0].T)


@settings(max_examples=50)
@given(forests())
def test_labels_and_probabilities_are_those_of_scikit_learn(made):
    fitted, pixels = made

    predictor = forest_predictor(model_of(fitted))

    features = np.ascontiguousarray(pixels.T)
    np.testing.assert_array_equal(predictor.labels(features), fitted.predict(pixels))
    np.testing.assert_array_equal(
        predictor.probabilities(features), fitted.predict_proba(pixels).T.astype(np.float32)
    )


def test_the_same_holds_where_trees_are_deep_and_pixels_many(noisy):
    fitted, features = noisy

    predictor = forest_predictor(model_of(fitted))

    assert max(tree.tree_.max_depth for tree in fitted.estimators_) > 12
    np.testing.assert_array_equal(predictor.labels(features), fitted.predict(features.T))
    np.testing.assert_array_equal(
        predictor.probabilities(features), fitted.predict_proba(features.T).T.astype(np.float32)
    )


def test_deciding_early_walks_fewer_trees_and_changes_no_label(noisy):
    fitted, features = noisy
    forest = tuple(forest_predictor(model_of(fitted)).forest)
    early, late = (np.empty(features.shape[1], dtype=np.uint8) for _ in range(2))

    walked = forest_kernel.forest_labels(features, forest, early, 16)
    all_trees = forest_kernel.forest_labels(features, forest, late, 30)

    assert all_trees == 30 * features.shape[1]
    assert 0.5 < walked / all_trees < 0.9
    np.testing.assert_array_equal(early, late)


def test_two_trees_that_disagree_give_the_first_class():
    samples = np.array([[0.0], [1.0]], dtype=np.float32)
    fitted = RandomForestClassifier(2, bootstrap=False, random_state=0).fit(samples, [9, 4])
    fitted.estimators_[1] = (
        RandomForestClassifier(1, bootstrap=False, random_state=0)
        .fit(samples, [0, 1])
        .estimators_[0]
    )  # the second tree has learnt 4 for 0 and 9 for 1, turned round

    predictor = forest_predictor(model_of(fitted))

    votes = predictor.probabilities(samples.T.copy())
    np.testing.assert_array_equal(votes, [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_array_equal(predictor.labels(samples.T.copy()), [4, 4])


def test_trees_of_a_single_leaf_give_one_answer():
    samples, _ = noisy_scene(0, 30)
    one_class = forest_predictor(model_of(RandomForestClassifier(3).fit(samples, [5] * 30)))
    stump = RandomForestClassifier(3, min_samples_leaf=30, random_state=0, bootstrap=False)
    undivided = forest_predictor(model_of(stump.fit(samples, [5] * 10 + [6] * 20)))

    features = np.ascontiguousarray(samples.T)

    assert set(one_class.labels(features)) == {5}
    assert set(undivided.labels(features)) == {6}
    np.testing.assert_allclose(undivided.probabilities(features)[0], 1 / 3, rtol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 2, 511, 512, 513, 8191, 8192, 8193])
def test_a_pixel_does_not_depend_on_those_beside_it(noisy, count):
    fitted, features = noisy
    predictor = forest_predictor(model_of(fitted))

    alone = predictor.labels(features[:, 100 : 100 + count])

    np.testing.assert_array_equal(alone, predictor.labels(features)[100 : 100 + count])
    shares = predictor.probabilities(features[:, 100 : 100 + count])
    np.testing.assert_array_equal(shares, predictor.probabilities(features)[:, 100 : 100 + count])


def test_threads_may_share_a_predictor(noisy):
    fitted, features = noisy
    predictor = forest_predictor(model_of(fitted))
    expected = predictor.labels(features)
    parts = [slice(start, start + 2500) for start in range(0, features.shape[1], 2500)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda part: predictor.labels(features[:, part]), parts * 3))

    np.testing.assert_array_equal(np.concatenate(found), np.tile(expected, 3))


@given(arrays(np.float64, 20, elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_a_key_says_the_same_as_its_threshold(thresholds):
    numbers = np.clip(thresholds, -LARGEST, LARGEST).astype(np.float32)
    numbers = np.concatenate([numbers, [0, -0.0, 1, -1, LARGEST, -LARGEST]]).astype(np.float32)
    bits = numbers.view(np.int32)
    keys = bits ^ ((bits >> 31) & 0x7FFFFFFF)

    below = keys[:, np.newaxis] <= float_keys(thresholds)

    np.testing.assert_array_equal(below, numbers[:, np.newaxis].astype(float) <= thresholds)


def test_many_features_and_many_classes_fit():
    random = np.random.default_rng(4)
    samples = random.normal(size=(600, 255)).astype(np.float32)
    codes = np.repeat(np.arange(1, 201, dtype=np.uint8), 3)
    fitted = ExtraTreesClassifier(4, random_state=0).fit(samples, codes)

    predictor = forest_predictor(model_of(fitted))

    pixels = samples + random.normal(0, 0.5, samples.shape).astype(np.float32)
    np.testing.assert_array_equal(
        predictor.labels(np.ascontiguousarray(pixels.T)), fitted.predict(pixels)
    )


def test_a_forest_of_too_many_features_is_left_to_the_library():
    samples = np.random.default_rng(5).normal(size=(20, 257)).astype(np.float32)
    fitted = RandomForestClassifier(2, random_state=0).fit(samples, [1, 2] * 10)

    reason = why_not(model_of(fitted))

    assert reason is not None
    assert reason.code == "K04"
    assert reason.facts["features"] == 257
    assert not reason.stops


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_our_mistake(noisy, bad):
    fitted, features = noisy
    spoilt = features[:, :10].copy()
    spoilt[2, 3] = bad
    predictor = forest_predictor(model_of(fitted))

    for predict in (predictor.labels, predictor.probabilities):
        with pytest.raises(InvariantViolated) as violated:
            predict(spoilt)
        assert violated.value.findings[0].code == "K03"
        assert violated.value.findings[0].facts["count"] == 1


def test_features_of_another_image_are_turned_away(noisy):
    predictor = forest_predictor(model_of(noisy[0]))

    with pytest.raises(ValueError, match="knows 6 features, not 5"):
        predictor.labels(noisy[1][:5])
