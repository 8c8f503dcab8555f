"""Models: the same from the same seed, whatever the threads; settings checked by name."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import Pipeline

from sinks.errors import InputRefused
from sinks.training.estimators import KINDS, ModelSpec, fit
from sinks.training.importance import feature_importance
from tests.training.drawn import FOREST, GRASS, WATER, codes_of, made

FAST = {
    "random_forest": {"n_estimators": 12},
    "extra_trees": {"n_estimators": 12},
    "hist_gradient_boosting": {"max_iter": 8},
    "svm": {},
    "mlp": {"hidden_layer_sizes": [8], "learning_rate_init": 0.02},
}


def clouds(per_class=90, *, spread=1.0, seed=3):
    """Three classes as clouds in the first two of three features; groups of ten pixels."""
    random = np.random.default_rng(seed)
    codes = np.repeat([FOREST, GRASS, WATER], per_class)
    middle = np.array([[0, 0, 0], [3, 0, 0], [0, 3, 0]])[codes - 1]
    features = middle + spread * random.normal(size=middle.shape)
    return made(features, codes, np.arange(len(codes)) // 10, names=["red", "nir", "noise"])


def scores(model, features):
    score = (
        model.estimator.predict_proba
        if model.has_probabilities
        else model.estimator.decision_function
    )
    return score(features)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_is_the_same_for_any_threads_and_differs_by_seed_alone(kind):
    samples = clouds()
    spec = ModelSpec(kind=kind, parameters=FAST[kind], seed=7)

    one, two, again = (fit(samples, spec, threads=n) for n in (1, 2, 1))

    np.testing.assert_array_equal(scores(one, samples.features), scores(two, samples.features))
    np.testing.assert_array_equal(scores(one, samples.features), scores(again, samples.features))
    assert one.codes == (FOREST, GRASS, WATER) == tuple(one.estimator.classes_)
    assert (one.kind, one.names, one.seed) == (kind, samples.names, 7)


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_tells_apart_what_lies_apart(kind):
    model = fit(clouds(), ModelSpec(kind=kind, parameters=FAST[kind]))

    told = model.estimator.predict(np.float32([[0, 0, 0], [3, 0, 0], [0, 3, 0]]))

    assert told.tolist() == [FOREST, GRASS, WATER]


def test_another_seed_gives_another_forest():
    samples = clouds()

    a, b = (fit(samples, ModelSpec(parameters={"n_estimators": 5}, seed=s)) for s in (1, 2))

    assert not np.array_equal(scores(a, samples.features), scores(b, samples.features))


def test_the_default_is_a_forest_of_a_hundred_trees_with_balanced_classes():
    spec = ModelSpec()

    assert spec.settings == {
        "n_estimators": 100,
        "min_samples_leaf": 5,
        "class_weight": "balanced",
    }
    assert isinstance(spec.estimator(), RandomForestClassifier)


@pytest.mark.parametrize("kind", ["svm", "mlp"])
def test_where_distances_count_features_are_scaled(kind):
    samples = clouds()
    larger = made(samples.features * 1024, samples.codes, samples.group)  # exact in floats
    spec = ModelSpec(kind=kind, parameters=FAST[kind])

    assert isinstance(spec.estimator(), Pipeline)
    a, b = fit(samples, spec), fit(larger, spec)
    told = a.estimator.predict(samples.features) == b.estimator.predict(larger.features)
    assert told.all()


def test_a_fitted_forest_predicts_in_one_thread():
    model = fit(clouds(), ModelSpec(parameters={"n_estimators": 3}), threads=2)

    assert model.estimator.n_jobs == 1


def test_rare_classes_weigh_as_much_as_frequent_ones():
    frequent, rare = clouds(300, spread=1.8), clouds(20, spread=1.8, seed=8)
    keep = (frequent.codes == FOREST) | (frequent.codes == GRASS)
    features = np.vstack([frequent.features[keep], rare.features[rare.codes == WATER]])
    codes = np.concatenate([frequent.codes[keep], rare.codes[rare.codes == WATER]])
    new = clouds(400, spread=1.8, seed=9)

    shares = []
    for weight in ("balanced", "none"):
        parameters = {"n_estimators": 30, "class_weight": weight}
        model = fit(made(features, codes), ModelSpec(parameters=parameters))
        shares.append((model.estimator.predict(new.features) == WATER).mean())

    assert abs(shares[0] - 1 / 3) < abs(shares[1] - 1 / 3)
    assert shares[1] < shares[0]


def test_none_is_no_limit():
    assert ModelSpec(parameters={"max_depth": "none"}).estimator().max_depth is None


@pytest.mark.parametrize(
    ("told", "code", "fact", "value"),
    [
        ({"kind": "randomforest"}, "G20", "near", "random_forest"),
        ({"kind": "支持向量机"}, "G20", "near", "—"),
        ({"parameters": {"n_estimator": 10}}, "G21", "near", "n_estimators"),
        ({"parameters": {"n_jobs": 2}}, "G21", "name", "n_jobs"),
        ({"parameters": {"random_state": 2}}, "G21", "name", "random_state"),
        ({"kind": "svm", "parameters": {"probability": True}}, "G21", "name", "probability"),
        ({"parameters": {"n_estimators": 0}}, "G22", "allowed", "an int in the range [1, inf)"),
        ({"parameters": {"n_estimators": "many"}}, "G22", "name", "n_estimators"),
        ({"parameters": {"n_estimators": True}}, "G22", "allowed", "not true / false"),
        ({"parameters": {"max_features": "sqr"}}, "G22", "value", "'sqr'"),
        ({"kind": "svm", "parameters": {"kernel": len}}, "G22", "name", "kernel"),
        ({"kind": "mlp", "parameters": {"hidden_layer_sizes": ["8"]}}, "G22", "value", "['8']"),
        ({"seed": -1}, "G22", "name", "seed"),
    ],
    ids=str,
)
def test_what_the_study_may_not_say_is_refused(told, code, fact, value):
    with pytest.raises(InputRefused) as refused:
        ModelSpec(**told)

    (finding,) = refused.value.findings
    assert finding.code == code
    assert finding.facts[fact] == value


def test_one_class_is_not_enough():
    with pytest.raises(InputRefused) as refused:
        fit(made([[1], [2]], [WATER, WATER]), ModelSpec())

    assert codes_of(refused.value.findings) == ["G23"]
    assert refused.value.findings[0].facts == {"classes": ["water"], "count": 2}


@pytest.mark.parametrize("kind", ["mlp", "svm"])
def test_a_model_that_did_not_converge_says_so(kind):
    model = fit(clouds(), ModelSpec(kind=kind, parameters={"max_iter": 2}))

    assert [(f.code, f.facts["iterations"]) for f in model.findings] == [("G24", 2)]


def test_what_scikit_learn_cannot_train_is_refused():
    spec = ModelSpec(kind="mlp", parameters={"hidden_layer_sizes": [8, -1]})

    with pytest.raises(InputRefused, match="G25"):
        fit(clouds(), spec)


def test_what_scikit_learn_warns_of_is_noted():
    spec = ModelSpec(parameters={"n_estimators": 2, "oob_score": True})

    assert codes_of(fit(clouds(), spec).findings) == ["G26"]


@pytest.mark.parametrize("kind", ["random_forest", "svm"])
def test_what_matters_is_told_from_what_does_not(kind):
    samples = clouds(120)
    spec = ModelSpec(kind=kind, parameters=FAST[kind])

    table = feature_importance(samples, spec)

    loss = table["importance_pct"]
    assert list(table.index) == ["red", "nir", "noise"]
    assert loss["red"] > 20
    assert loss["nir"] > 20
    assert abs(loss["noise"]) < 5
    np.testing.assert_array_equal(
        loss, feature_importance(samples, spec, threads=2)["importance_pct"]
    )


def test_what_is_learned_by_heart_is_not_important():
    """A feature that numbers the polygons gives nothing away about other polygons."""
    samples = clouds(60)
    numbered = samples.features.copy()
    numbered[:, 2] = np.random.default_rng(1).permutation(18)[samples.group]
    samples = made(numbered, samples.codes, samples.group, names=["red", "nir", "polygon"])

    table = feature_importance(samples, ModelSpec(parameters={"n_estimators": 20}))

    assert table.loc["polygon", "importance_pct"] < 5
