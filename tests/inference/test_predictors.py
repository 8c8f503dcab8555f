"""Predictors: the engine that a model gets, and what scikit-learn says in chunks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from sinks.errors import InputRefused
from sinks.inference.forest import ForestPredictor
from sinks.inference.predictors import LibraryPredictor, library_predictor, predictor_for
from sinks.training.model import TrainedModel

RANDOM = np.random.default_rng(0)
CODES = RANDOM.choice([2, 5, 9], 300).astype(np.uint8)
SAMPLES = (CODES[:, np.newaxis] + RANDOM.normal(0, 2, (300, 3))).astype(np.float32)
FEATURES = np.ascontiguousarray(SAMPLES.T)


def trained(estimator, kind):
    fitted = estimator.fit(SAMPLES, CODES)
    return TrainedModel(estimator=fitted, kind=kind, names=("a", "b", "c"), codes=(2, 5, 9))


@pytest.mark.parametrize("estimator", [RandomForestClassifier(9), ExtraTreesClassifier(9)])
def test_both_engines_give_a_forest_the_same_labels(estimator):
    model = trained(estimator, "forest")

    exact, library = predictor_for(model), predictor_for(model, engine="library")

    assert isinstance(exact, ForestPredictor)
    assert isinstance(library, LibraryPredictor)
    assert exact.codes == library.codes == (2, 5, 9)
    assert exact.findings == library.findings == ()
    np.testing.assert_array_equal(exact.labels(FEATURES), library.labels(FEATURES))
    np.testing.assert_array_equal(exact.probabilities(FEATURES), library.probabilities(FEATURES))


def test_other_models_are_left_to_the_library_with_a_note():
    model = trained(make_pipeline(StandardScaler(), SVC()), "svm")

    predictor = predictor_for(model)

    assert isinstance(predictor, LibraryPredictor)
    assert [(each.code, each.facts["kind"]) for each in predictor.findings] == [("K01", "svm")]
    assert not predictor.findings[0].stops
    np.testing.assert_array_equal(predictor.labels(FEATURES), model.estimator.predict(SAMPLES))


def test_the_size_of_chunks_changes_nothing():
    whole = library_predictor(trained(DecisionTreeClassifier(max_depth=3), "tree"))
    cut = replace(whole, chunk_px=7)

    np.testing.assert_array_equal(cut.labels(FEATURES), whole.labels(FEATURES))
    np.testing.assert_array_equal(cut.probabilities(FEATURES), whole.probabilities(FEATURES))
    np.testing.assert_allclose(whole.probabilities(FEATURES).sum(axis=0), 1, rtol=1e-6)


def test_the_library_works_in_one_thread_and_leaves_the_model_as_it_was():
    model = trained(RandomForestClassifier(3, n_jobs=2), "random_forest")

    predictor = library_predictor(model)

    assert predictor.estimator.n_jobs == 1
    assert model.estimator.n_jobs == 2


def test_probabilities_of_a_model_that_has_none_are_refused():
    predictor = predictor_for(trained(SVC(), "svm"))

    with pytest.raises(InputRefused, match="svm gives classes only") as refused:
        predictor.probabilities(FEATURES)

    assert refused.value.findings[0].code == "K02"


def test_no_pixels_give_no_labels():
    predictor = library_predictor(trained(DecisionTreeClassifier(), "tree"))

    assert predictor.labels(FEATURES[:, :0]).shape == (0,)
    assert predictor.probabilities(FEATURES[:, :0]).shape == (3, 0)
