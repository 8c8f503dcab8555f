"""Samples examined before a model sees them: each fault provoked, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.errors import Finding, InputRefused
from sinks.parameters.training import sample_rules, training_rules
from sinks.training.checks import SampleRules, examined
from sinks.training.samples import class_counts
from tests.training.drawn import FOREST, GRASS, WATER, codes_of, made

# thresholds of zero or infinity, so that every test provokes only what it is about
QUIET = {
    "few_px": 0,
    "few_groups": 0,
    "least_groups": 0,
    "imbalance": np.inf,
    "contradictory_pct": 100,
    "repeated_pct": 100,
}
ALL = [FOREST, GRASS, WATER]


def rules(**told) -> SampleRules:
    return SampleRules(**{**QUIET, **told})


def found(samples, code, **told) -> Finding:
    (finding,) = [f for f in examined(samples, rules(**told)).findings if f.code == code]
    return finding


def refusal(samples, **told) -> Finding:
    with pytest.raises(InputRefused) as refused:
        examined(samples, rules(**told))
    (finding,) = refused.value.findings
    return finding


def test_sound_samples_pass_unchanged():
    samples = made([[1, 7], [2, 5], [3, 6], [4, 8]], [*ALL, WATER])

    clean = examined(samples, rules())

    assert clean.findings == ()
    np.testing.assert_array_equal(clean.features, samples.features)


def test_equal_samples_of_different_classes_are_dropped_and_listed():
    samples = made(
        [[1, 1], [1, 1], [1, 1], [2, 1], [1, 2], [3, 4]],
        [FOREST, FOREST, WATER, WATER, GRASS, GRASS],
        [0, 0, 1, 2, 3, 3],
        group_names=("north", "lake", "pond", "meadow"),
    )

    clean = examined(samples, rules(contradictory_pct=50))

    assert clean.features.tolist() == [[2, 1], [1, 2], [3, 4]]
    (finding,) = [f for f in clean.findings if f.code == "G30"]
    assert finding.reaction == "repair"
    assert finding.facts["count"] == 3
    assert finding.facts["share_pct"] == 50
    assert finding.facts["classes"] == ["森林 forest × 2", "水域 water × 1"]
    assert finding.facts["groups"] == ["north × 2", "lake × 1"]


def test_too_many_contradictions_are_refused():
    samples = made([[1], [1], [2], [3], [4]], [FOREST, WATER, GRASS, FOREST, WATER])

    finding = refusal(samples, contradictory_pct=39.9)

    assert (finding.code, finding.facts["share_pct"]) == ("G31", 40)


def test_equal_samples_of_one_class_are_kept_and_noted_when_many():
    samples = made([[1], [1], [1], [2], [3]], [FOREST, FOREST, FOREST, GRASS, WATER])

    clean = examined(samples, rules(repeated_pct=39))

    assert len(clean) == 5
    assert found(samples, "G32", repeated_pct=39).facts == {"count": 2, "share_pct": 40}
    assert "G32" not in codes_of(examined(samples, rules(repeated_pct=40)).findings)


def test_a_class_of_one_polygon_is_refused():
    samples = made(
        np.arange(6)[:, None], [FOREST] * 2 + [GRASS] * 2 + [WATER] * 2, [0, 1, 2, 3, 4, 4]
    )

    finding = refusal(samples, least_groups=2, few_groups=2, few_px=2)

    assert (finding.code, finding.facts["classes"]) == ("G33", ["水域 water: 2 px / 1"])


def test_a_class_that_lost_all_samples_is_refused():
    samples = made([[1], [2], [3], [3], [4]], [FOREST, FOREST, WATER, GRASS, GRASS])

    finding = refusal(samples, least_groups=1)

    assert (finding.code, finding.facts["classes"]) == ("G33", ["水域 water: 0 px / 0"])


def test_few_samples_or_groups_are_noted():
    samples = made(
        np.arange(9)[:, None],
        [FOREST] * 3 + [GRASS] * 3 + [WATER] * 3,
        [0, 1, 2, 3, 4, 4, 5, 6, 7],
    )

    few_groups = found(samples, "G34", few_groups=3, few_px=3, least_groups=2)
    few_px = found(samples, "G34", few_groups=2, few_px=4, least_groups=2)

    assert few_groups.facts["classes"] == ["草地 grass: 3 px / 2"]
    assert len(few_px.facts["classes"]) == 3


def test_strong_imbalance_is_noted():
    samples = made(np.arange(14)[:, None], [FOREST] * 11 + [GRASS] * 2 + [WATER])

    finding = found(samples, "G35", imbalance=10)

    assert finding.facts["ratio"] == 11
    assert "G35" not in codes_of(examined(samples, rules(imbalance=11)).findings)


def test_features_that_say_nothing_new_are_noted():
    samples = made(
        [[5, 1, 1, 0], [5, 2, 2, 0], [5, 2, 2, 1], [5, 4, 4, 1]],
        [*ALL, WATER],
        names=["empty", "red", "red again", "other"],
    )

    assert found(samples, "G36").facts["names"] == ["empty"]
    assert found(samples, "G37").facts["pairs"] == ["red = red again"]


def test_classes_without_samples_are_noted():
    finding = found(made([[1], [2], [3]], [FOREST, WATER, WATER]), "G38")

    assert finding.facts == {"classes": ["草地 grass"], "count": 1, "legend": "scene"}


def test_a_feature_with_one_value_for_each_class_is_noted():
    samples = made(
        [[20, 1], [20, 2], [30, 3], [30, 4], [10, 5]],
        [FOREST, FOREST, GRASS, GRASS, WATER],
        names=["old map", "red"],
    )

    assert found(samples, "G39").facts["names"] == ["old map"]


def test_everything_that_stands_in_the_way_is_said_at_once():
    samples = made([[1], [1], [2], [3]], [FOREST, WATER, GRASS, GRASS])

    with pytest.raises(InputRefused) as refused:
        examined(samples, rules(contradictory_pct=5, least_groups=2))

    assert codes_of(refused.value.findings) == ["G31", "G33"]


def test_what_was_noted_before_is_kept():
    earlier = Finding(code="G08", facts={"count": 1})
    samples = replace(made([[1], [2], [3], [4]], [*ALL, WATER]), findings=(earlier,))

    assert examined(samples, rules()).findings == (earlier,)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from(ALL)),
        min_size=1,
        max_size=40,
    )
)
def test_what_remains_has_one_class_for_each_vector(drawn):
    samples = made([[a, b] for a, b, _ in drawn], [code for *_, code in drawn])

    clean = examined(samples, rules())

    kept = {tuple(f) for f in clean.features.tolist()}
    classes = {}
    for a, b, code in drawn:
        classes.setdefault((a, b), set()).add(code)
    assert kept == {vector for vector, codes in classes.items() if len(codes) == 1}
    assert len(clean) == sum(len(classes[a, b]) == 1 for a, b, _ in drawn)
    assert class_counts(clean)["pixels"].sum() == len(clean)


def test_the_rules_that_ship_stand_within_their_range():
    table = training_rules()
    low, number, high = (table[c].astype(float) for c in ("number_low", "number", "number_high"))

    assert (low <= number).all()
    assert (number <= high).all()
    assert sample_rules().few_px == 30
