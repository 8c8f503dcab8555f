"""A distilled network: what it computes, how its agreement is measured, when it refuses."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier

from sinks.errors import InputRefused
from sinks.inference import network_kernel
from sinks.inference.distilled import (
    Agreement,
    Distilled,
    agreement_of,
    distil,
    network_of,
    network_probabilities,
)
from sinks.inference.predictors import predictor_for
from sinks.training.model import TrainedModel

CENTRES = np.random.default_rng(1).uniform(0, 3000, (4, 5))


def pixels_of(seed, count, noise=250.0):
    """Pixels of four classes, 2, 4, 6 and 8, in five bands with the numbers of reflectance."""
    random = np.random.default_rng(seed)
    places = random.integers(0, 4, count)
    values = CENTRES[places] + random.normal(0, noise, (count, 5))
    return values.astype(np.float32), (2 * places + 2).astype(np.uint8)


def forest_of(samples, codes, trees=15):
    fitted = RandomForestClassifier(trees, random_state=0).fit(samples, codes)
    names = tuple(f"band {i}" for i in range(samples.shape[1]))
    classes = tuple(int(code) for code in fitted.classes_)
    return TrainedModel(estimator=fitted, kind="random_forest", names=names, codes=classes)


@pytest.fixture(scope="module")
def forest():
    return forest_of(*pixels_of(0, 1500))


@pytest.fixture(scope="module")
def unlabelled():
    return np.ascontiguousarray(pixels_of(5, 6000)[0].T)


@pytest.fixture(scope="module")
def distilled(forest, unlabelled):
    return distil(forest, unlabelled, seed=0)


def test_where_classes_are_distinct_it_answers_as_the_forest(forest, distilled):
    features, codes = pixels_of(6, 5000)

    labels = distilled.labels(features.T)

    assert distilled.codes == (2, 4, 6, 8)
    assert distilled.agreement.share >= 0.97
    assert np.mean(labels == predictor_for(forest).labels(features.T)) >= 0.97
    assert np.mean(labels == codes) >= 0.97


def test_it_says_how_often_it_answers_as_the_forest(distilled):
    (note,) = distilled.findings

    assert note.code == "K07"
    assert not note.stops
    assert distilled.agreement.pixels == 6000 // 5
    assert distilled.agreement.strips == 10
    assert note.facts["share_pct"] == round(100 * distilled.agreement.share, 2)
    assert f"{note.facts['share_pct']} %" in note.found("zh")


def test_probabilities_are_those_of_its_labels(distilled):
    features = pixels_of(7, 3000)[0].T

    shares = distilled.probabilities(features)

    assert shares.shape == (4, 3000)
    assert shares.dtype == np.float32
    np.testing.assert_allclose(shares.sum(axis=0), 1, rtol=1e-6)
    best = np.array(distilled.codes, dtype=np.uint8)[shares.argmax(axis=0)]
    np.testing.assert_array_equal(best, distilled.labels(features))


def test_noise_that_a_forest_has_learnt_by_heart_cannot_be_distilled():
    samples, _ = pixels_of(8, 1500)
    by_heart = forest_of(samples, np.random.default_rng(2).choice([1, 2], 1500))

    with pytest.raises(InputRefused, match=r"at least 97 % is needed") as refused:
        distil(by_heart, pixels_of(9, 3000)[0].T, seed=0)

    (finding,) = refused.value.findings
    assert finding.code == "K05"
    assert finding.facts["low_pct"] < finding.facts["share_pct"] < 80


def test_the_seed_settles_everything_and_threads_nothing(forest, unlabelled, distilled):
    again = distil(forest, unlabelled, seed=0, threads=3)

    assert again.agreement == distilled.agreement
    for ours, theirs in zip(again.network.weights, distilled.network.weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    other = distil(forest, unlabelled, seed=1)
    assert not np.array_equal(other.network.weights[0], distilled.network.weights[0])


def test_a_pixel_does_not_depend_on_those_beside_it(distilled):
    features = np.ascontiguousarray(pixels_of(10, 2000)[0].T)
    whole = distilled.probabilities(features)
    parts = [slice(start, start + 99) for start in range(0, 2000, 99)]

    with ThreadPoolExecutor(4) as pool:
        cut = list(pool.map(lambda part: distilled.probabilities(features[:, part]), parts))

    np.testing.assert_array_equal(np.concatenate(cut, axis=1), whole)


def test_pixels_that_are_held_out_are_not_learnt_from():
    """Only strips that are held out hold a second class: the network would never meet it."""
    two_classes = forest_of(np.array([[0.0], [9.0]] * 20, dtype=np.float32), [3, 4] * 20)
    features = np.zeros((1, 5000), dtype=np.float32)
    features[0, np.arange(5000) // 100 % 5 == 2] = 9  # 50 strips of 100

    with pytest.raises(InputRefused) as refused:
        distil(two_classes, features, seed=0)

    assert set(predictor_for(two_classes).labels(features)) == {3, 4}
    assert refused.value.findings[0].code == "K06"
    assert refused.value.findings[0].facts["classes"] == 1


@pytest.mark.parametrize("count", [0, 40, 999])
def test_too_few_pixels_are_refused(forest, unlabelled, count):
    with pytest.raises(InputRefused) as refused:
        distil(forest, unlabelled[:, :count], seed=0)

    assert refused.value.findings[0].code == "K06"
    assert refused.value.findings[0].facts["count"] == count


@pytest.mark.parametrize("classes", [[6, 8], [2, 6, 8], [2, 4, 6, 8]])
@pytest.mark.parametrize("hidden", [(3,), (8, 5)])
def test_layers_taken_out_of_scikit_learn_compute_the_same(classes, hidden):
    samples, codes = pixels_of(11, 600)
    met = np.isin(codes, classes)
    mean, scale = samples.mean(axis=0), 1 / samples.std(axis=0)
    scaled = (samples - mean) * scale
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 20 rounds do not converge, and need not
        fitted = MLPClassifier(hidden, max_iter=20, random_state=0).fit(scaled[met], codes[met])

    network = network_of(fitted, (2, 4, 6, 8), mean, scale)

    shares = network_probabilities(network, samples.T, 4)
    expected = np.zeros((4, 600))
    expected[[(code - 2) // 2 for code in classes]] = fitted.predict_proba(scaled).T
    np.testing.assert_allclose(shares, expected, atol=2e-5)
    places = np.empty(600, dtype=np.uint8)
    network_kernel.network_labels(np.ascontiguousarray(samples.T), tuple(network), places, 4)
    np.testing.assert_array_equal(places, shares.argmax(axis=0))


def test_agreement_is_averaged_over_strips():
    strips = [np.array([True] * 9 + [False]), np.array([True] * 10)]

    found = agreement_of(strips)

    # 0.9 and 1: mean 0.95, standard error 0.05; Student's 97.5 % quantile for 1 is 12.706
    assert (found.share, found.pixels, found.strips) == (0.95, 20, 2)
    assert found.low == pytest.approx(0.95 - 12.706 * 0.05, abs=1e-4)
    assert found.high == 1


def test_no_network_below_the_least_agreement_exists(distilled):
    just = Agreement(share=0.97, low=0.96, high=0.98, pixels=100, strips=10)
    below = Agreement(share=0.9699, low=0.96, high=0.98, pixels=100, strips=10)

    made = Distilled(codes=distilled.codes, network=distilled.network, agreement=just)

    assert made.agreement == just
    with pytest.raises(InputRefused):
        Distilled(codes=distilled.codes, network=distilled.network, agreement=below)
