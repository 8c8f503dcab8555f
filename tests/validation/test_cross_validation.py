"""Cross-validation: counted by hand, and the optimism of random folds made visible."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from sinks.errors import InputRefused
from sinks.training.estimators import ModelSpec, fit
from sinks.validation.cross_validation import Validation, compared, cross_validate
from sinks.validation.folds import Folds, block_folds, polygon_folds, random_folds
from sinks.validation.matching import matched_folds
from sinks.validation.measures import measures
from tests.scenes import SCENE_LEGEND
from tests.validation.made import folds_of, landscape, samples_of

FOREST = ModelSpec(parameters={"n_estimators": 10, "min_samples_leaf": 1}, seed=7)
CODES = st.lists(st.tuples(*[st.sampled_from([1, 2, 3])] * 2), min_size=4, max_size=40)


def validation_of(told, true, *, group=None):
    n = len(told)
    return Validation(
        folds=folds_of(*(np.arange(n) % 2)),
        legend=SCENE_LEGEND,
        told=np.array(told, dtype=np.uint8),
        true=np.array(true, dtype=np.uint8),
        group=np.arange(n) if group is None else np.array(group),
    )


def test_a_confusion_has_the_map_in_rows_and_the_reference_in_columns():
    found = validation_of(told=[1, 1, 1, 2, 2], true=[1, 2, 2, 2, 1])  # two grasses told forest

    assert found.confusion.index.to_list() == ["forest", "grass"]
    assert found.confusion.index.name == "map"
    assert found.confusion.columns.name == "reference"
    assert found.confusion.to_numpy().tolist() == [[1, 2], [1, 1]]


def test_accuracies_of_a_class_by_hand():
    found = validation_of(told=[1, 1, 2, 2, 2], true=[1, 2, 2, 2, 1])

    forest, grass = found.by_class.loc["forest"], found.by_class.loc["grass"]
    assert (forest["samples"], grass["samples"]) == (2, 3)
    assert (forest["users_accuracy"], grass["users_accuracy"]) == (1 / 2, 2 / 3)
    assert (forest["producers_accuracy"], grass["producers_accuracy"]) == (1 / 2, 2 / 3)
    assert forest["f1"] == 2 * 1 / (2 + 2)
    assert found.overall["overall_accuracy"] == 3 / 5
    assert found.overall["balanced_accuracy"] == (1 / 2 + 2 / 3) / 2


def test_a_class_that_is_never_told_has_no_users_accuracy():
    water = validation_of(told=[1, 1, 1], true=[1, 1, 3]).by_class.loc["water"]

    assert np.isnan(water["users_accuracy"])
    assert water["producers_accuracy"] == 0


def test_a_class_that_does_not_occur_counts_for_no_mean():
    found = measures(np.array([3.0, 0.0]), np.array([3.0, 1.0]), np.array([4.0, 0.0]))

    assert found.balanced_accuracy == 3 / 4


@settings(max_examples=30)
@given(CODES)
def test_measures_are_those_of_scikit_learn(pairs):
    told, true = np.array(pairs).T
    labels = np.unique(pairs)
    by_class = {"labels": labels, "average": None, "zero_division": np.nan}

    found = validation_of(told, true).measures

    users, producers, f1 = (
        score(true, told, **by_class) for score in (precision_score, recall_score, f1_score)
    )
    np.testing.assert_allclose(found.users_accuracy, users)
    np.testing.assert_allclose(found.producers_accuracy, producers)
    np.testing.assert_allclose(found.f1, f1)
    assert found.balanced_accuracy == pytest.approx(np.nanmean(producers))
    assert found.overall_accuracy == pytest.approx(accuracy_score(true, told))


@settings(max_examples=30)
@given(CODES)
def test_an_interval_lies_around_shares_between_0_and_1(pairs):
    told, true = np.array(pairs).T
    overall = validation_of(told, true).overall

    assert 0 <= overall["overall_accuracy_low"] <= overall["overall_accuracy"]
    assert overall["overall_accuracy"] <= overall["overall_accuracy_high"] <= 1


def test_the_interval_of_independent_samples_is_the_binomial_one():
    true = np.ones(2000)
    told = np.where(np.arange(2000) % 5 == 0, 2, 1)  # 80 % right

    found = validation_of(told, true).overall

    half = 1.96 * (0.8 * 0.2 / 2000) ** 0.5  # 1.75 %
    width = found["overall_accuracy_high"] - found["overall_accuracy_low"]
    # the ends of a thousand draws are quantiles with a standard error of 4 % of the width
    assert width == pytest.approx(2 * half, rel=0.15)


def test_samples_of_one_polygon_add_no_certainty():
    told, true, group = [1, 1, 2, 1, 1, 1], [1, 1, 1, 1, 1, 1], np.arange(6)
    few = validation_of(told, true, group=group)
    many = validation_of(np.repeat(told, 50), np.repeat(true, 50), group=group.repeat(50))

    assert few.overall.to_list() == many.overall.to_list()


def test_one_polygon_has_no_interval():
    overall = validation_of([1, 2], [1, 1], group=[3, 3]).overall

    assert overall["overall_accuracy"] == 0.5
    assert np.isnan([overall["overall_accuracy_low"], overall["overall_accuracy_high"]]).all()


def test_each_sample_is_told_by_a_model_that_never_saw_its_fold():
    samples = landscape(12)
    folds = polygon_folds(samples, 3, seed=0)

    found = cross_validate(samples, FOREST, folds)

    for number in range(3):
        held_back = folds.fold == number
        model = fit(samples.subset(~held_back), FOREST)
        expected = model.estimator.predict(samples.features[held_back])
        np.testing.assert_array_equal(found.told[held_back], expected)
    assert found.confusion.to_numpy().sum() == len(samples)


def test_the_optimism_of_random_folds_is_seen():
    """Noise lies in patches: random folds know the patch, folds by polygon do not.

    The judge is an area of 1,500 other polygons that no model was trained on. One landscape
    says little (60 polygons: a standard error of 6 %), so eight of them are averaged.
    """
    elsewhere = landscape(1500, pixels=1, seed=999)
    truth, tables = [], []
    for seed in range(8):
        samples = landscape(60, pixels=8, seed=seed)
        told = fit(samples, FOREST).estimator.predict(elsewhere.features)
        truth.append((told == elsewhere.codes).mean())
        kinds = random_folds(samples, 5, seed=0), polygon_folds(samples, 5, seed=0)
        tables.append(compared(cross_validate(samples, FOREST, folds) for folds in kinds))

    errors = pd.DataFrame([t["overall_accuracy"] for t in tables]).sub(truth, axis=0)
    standard_error = errors.std() / np.sqrt(len(tables))

    assert errors["random"].mean() > 0.2
    assert errors["random"].min() > 0
    assert abs(errors["polygon"].mean()) < 2 * standard_error["polygon"]
    assert all(table.loc["polygon", "optimism"] > 0 for table in tables)


def test_three_kinds_of_folds_stand_beside_one_another():
    samples = landscape(60, pixels=8)
    kinds = (
        random_folds(samples, 5, seed=0),
        polygon_folds(samples, 5, seed=0),
        block_folds(samples, 5, 2_000.0, seed=0),
    )
    validations = [cross_validate(samples, FOREST, folds) for folds in kinds]

    table = compared(validations)

    assert table.index.to_list() == ["random", "polygon", "block"]
    assert table["folds"].to_list() == [5, 5, 5]
    assert table.loc["random", "optimism"] == 0
    assert table.loc["block", "optimism"] > 0.2
    codes = [[finding.code for finding in found.findings] for found in validations]
    assert codes == [["Q05"], [], []]


def test_matched_folds_stand_beside_the_others():
    samples = landscape(24, pixels=5)
    predicted = np.random.default_rng(0).uniform(0, 20_000, (200, 2))
    matched = cross_validate(samples, FOREST, matched_folds(samples, predicted, 4, seed=0))

    table = compared([matched])

    assert table.index.to_list() == ["matched"]
    assert np.isnan(table.loc["matched", "optimism"])  # nothing random to compare with


def test_threads_change_nothing():
    samples, folds = landscape(12), random_folds(landscape(12), 3, seed=0)

    one, two = (cross_validate(samples, FOREST, folds, threads=t) for t in (1, 2))

    np.testing.assert_array_equal(one.told, two.told)
    assert one.overall.equals(two.overall)


def test_a_class_in_one_fold_only_is_noted():
    samples = samples_of([1, 2, 1, 2, 3, 3], features=np.eye(6))

    found = cross_validate(samples, FOREST, folds_of(0, 0, 1, 1, 1, 1))

    assert [finding.code for finding in found.findings] == ["Q09", "Q10"]
    assert found.findings[0].facts == {"folds": "drawn", "land_cover": "water", "count": 2}
    assert found.by_class.loc["water", "producers_accuracy"] == 0


def test_few_polygons_make_a_rough_interval():
    samples = landscape(9)

    found = cross_validate(samples, FOREST, polygon_folds(samples, 3, seed=0))

    assert [finding.code for finding in found.findings] == ["Q10"]
    assert found.findings[0].facts["groups"] == 9


def test_a_single_class_left_is_refused_with_the_fold():
    samples = samples_of([1, 1, 2, 2])

    with pytest.raises(InputRefused, match="Q08") as refused:
        cross_validate(samples, FOREST, Folds(name="polygon", fold=np.array([0, 0, 1, 1])))

    assert refused.value.findings[0].place == "polygon, 1/2"
    assert refused.value.findings[0].facts["classes"] == ["grass"]


def test_a_validation_of_unequal_lengths_is_refused():
    with pytest.raises(InputRefused, match="Q01"):
        validation_of(told=[1, 2, 1], true=[1, 2, 1], group=[0, 1])


def test_folds_of_other_samples_are_refused():
    with pytest.raises(InputRefused, match="Q01"):
        cross_validate(samples_of([1, 1, 2, 2]), FOREST, folds_of(0, 1, 0))
