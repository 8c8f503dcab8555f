"""Estimates counted by hand, held to laws on any sample, and tried on a known population."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.accuracy.assessment import assess, assess_change
from sinks.accuracy.estimators import wilson_interval
from sinks.units import Z_95
from tests.accuracy.tables import labels_of, strata_of_classes

CLASSES = ["forest", "grass", "water"]


@st.composite
def samples(draw, *, strata=("s1", "s2", "s3")):
    """Labels, strata and pixel sizes of any sample with two units or more per stratum."""
    labels, sizes = [], []
    for name in strata:
        pairs = draw(
            st.lists(
                st.tuples(st.sampled_from(CLASSES), st.sampled_from(CLASSES)),
                min_size=2,
                max_size=8,
            )
        )
        labels += [(name, *pair) for pair in pairs]
        sizes.append((name, draw(st.integers(len(pairs), 1000)), draw(st.floats(1, 1e4))))
    frame = pd.DataFrame(labels, columns=["stratum", "map_class", "reference"])
    table = pd.DataFrame(sizes, columns=["stratum", "population_px", "area_ha"])
    pixels = draw(st.lists(st.floats(0.5, 2), min_size=len(frame), max_size=len(frame)))
    return frame.assign(sample=range(len(frame)), pixel_ha=pixels), table


# ---- by hand -----------------------------------------------------------------------------


def test_one_stratum_is_a_simple_random_sample():
    labels = labels_of([[6, 2], [0, 2]], CLASSES[:2], strata="all")
    strata = pd.DataFrame({"stratum": ["all"], "population_px": [100], "area_ha": [50.0]})

    found = assess(labels, strata, CLASSES)

    # 6 of 10 are forest: variance p (1 - p) / (n - 1) with a tenth of the pixels seen
    se = np.sqrt(0.6 * 0.4 / 9 * 0.9)
    assert found.areas.loc["forest", "estimated_ha"] == pytest.approx(30)
    assert found.areas.loc["forest", "estimated_se_ha"] == pytest.approx(50 * se)
    assert found.areas.loc["forest", "estimated_high_ha"] == pytest.approx(30 + Z_95 * 50 * se)
    assert found.accuracy.loc[("overall", "all"), "accuracy_pct"] == pytest.approx(80)
    assert found.accuracy.loc[("users", "forest"), "accuracy_pct"] == pytest.approx(75)
    assert found.accuracy.loc[("producers", "grass"), "accuracy_pct"] == pytest.approx(50)
    assert found.accuracy["units"].to_list() == [10, 8, 2, 6, 4]
    assert found.design == "simple"


def test_users_accuracies_of_map_strata_are_binomial():
    labels = labels_of([[45, 5], [2, 28]], CLASSES[:2])
    strata = strata_of_classes(CLASSES[:2], [10**9, 10**9], [900.0, 100.0])

    users = assess(labels, strata, CLASSES).accuracy.loc["users"]

    se_pct = [100 * np.sqrt(0.9 * 0.1 / 49), 100 * np.sqrt(28 / 30 * 2 / 30 / 29)]
    np.testing.assert_allclose(users["accuracy_se_pct"], se_pct, rtol=1e-6)


def test_large_pixels_count_for_more():
    labels = pd.DataFrame(
        {
            "sample": [1, 2, 3, 4],
            "stratum": "all",
            "map_class": "forest",
            "reference": ["forest", "forest", "grass", "grass"],
            "pixel_ha": [3.0, 3.0, 1.0, 1.0],
        }
    )
    strata = pd.DataFrame({"stratum": ["all"], "population_px": [10**9], "area_ha": [80.0]})

    forest = assess(labels, strata, CLASSES).areas.loc["forest"]

    # ratio 6 / 8; residuals a (y - R) are 3/4, 3/4, -3/4, -3/4, the mean pixel has 2 ha
    residual = np.array([0.75, 0.75, -0.75, -0.75])
    assert forest["estimated_ha"] == pytest.approx(60)
    assert forest["estimated_se_ha"] == pytest.approx(80 / 2 * np.sqrt(residual.var(ddof=1) / 4))


def test_change_is_estimated_with_the_covariance_of_its_dates():
    # 10 of 40 forest units became grass, none of the 20 grass units changed
    before = ["forest"] * 40 + ["grass"] * 20
    after = ["forest"] * 30 + ["grass"] * 30
    labels = pd.DataFrame(
        {
            "sample": range(60),
            "stratum": before,
            "map_class": before,
            "map_class_after": after,
            "reference": before,
            "reference_after": after,
        }
    )
    strata = pd.DataFrame(
        {
            "stratum": ["forest", "forest", "grass"],
            "map_class": ["forest", "forest", "grass"],
            "map_class_after": ["forest", "grass", "grass"],
            "population_px": [30 * 10**9, 10 * 10**9, 20 * 10**9],
            "area_ha": [300.0, 100.0, 200.0],
        }
    )

    found = assess_change(labels, strata, CLASSES)

    se_ha = 400 * np.sqrt(0.25 * 0.75 / 39)
    net = found.net_change
    assert net["change_ha"].to_list() == pytest.approx([-100, 100])
    np.testing.assert_allclose(net["change_se_ha"], [se_ha, se_ha], rtol=1e-6)
    lost = found.change.areas.loc["forest>grass"]
    assert (lost["mapped_ha"], lost["estimated_ha"]) == (100, pytest.approx(100))
    assert lost["estimated_se_ha"] == pytest.approx(se_ha)
    assert found.before.areas["mapped_ha"].to_list() == [400, 200]
    assert found.after.areas["mapped_ha"].to_list() == [300, 300]
    # forest before is known exactly, as every unit agreed with the map
    assert found.area_covariance_ha2.loc["before", "before"].to_numpy() == pytest.approx(
        np.zeros((2, 2))
    )
    joint = found.area_covariance_ha2.loc[("after", "forest"), ("after", "grass")]
    assert joint == pytest.approx(-(se_ha**2))


# ---- laws --------------------------------------------------------------------------------


@given(samples())
@settings(max_examples=25)
def test_areas_add_up_and_errors_cancel(sample):
    labels, strata = sample

    found = assess(labels, strata, CLASSES)

    total_ha = strata["area_ha"].sum()
    covariance = found.area_covariance_ha2.to_numpy()
    assert found.areas["estimated_ha"].sum() == pytest.approx(total_ha)
    assert found.error_matrix_share.to_numpy().sum() == pytest.approx(1)
    np.testing.assert_allclose(covariance.sum(axis=1), 0, atol=1e-9 * total_ha**2)
    np.testing.assert_allclose(covariance, covariance.T)
    assert np.linalg.eigvalsh(covariance).min() > -1e-9 * total_ha**2
    np.testing.assert_allclose(
        np.sqrt(np.diagonal(covariance)), found.areas["estimated_se_ha"], atol=1e-9 * total_ha
    )


@given(samples())
@settings(max_examples=25)
def test_intervals_hold_their_estimate_and_stay_in_bounds(sample):
    labels, strata = sample

    found = assess(labels, strata, CLASSES)

    total_ha = strata["area_ha"].sum()
    accuracy, areas = found.accuracy.dropna(), found.areas
    tiny = 1e-9
    assert (accuracy["accuracy_low_pct"] >= 0).all()
    assert (accuracy["accuracy_low_pct"] <= accuracy["accuracy_pct"] + tiny).all()
    assert (accuracy["accuracy_pct"] <= accuracy["accuracy_high_pct"] + tiny).all()
    assert (accuracy["accuracy_high_pct"] <= 100 + tiny).all()
    assert (areas["estimated_low_ha"] >= 0).all()
    assert (areas["estimated_low_ha"] <= areas["estimated_ha"] * (1 + tiny)).all()
    assert (areas["estimated_ha"] <= areas["estimated_high_ha"] * (1 + tiny)).all()
    assert (areas["estimated_high_ha"] <= total_ha * (1 + tiny)).all()


@given(samples(), st.randoms(use_true_random=False))
@settings(max_examples=15)
def test_the_order_of_strata_and_units_does_not_matter(sample, random):
    labels, strata = sample
    rows, names = list(range(len(labels))), list(range(len(strata)))
    random.shuffle(rows)
    random.shuffle(names)

    one = assess(labels, strata, CLASSES)
    other = assess(labels.iloc[rows], strata.iloc[names], CLASSES)

    pd.testing.assert_frame_equal(one.areas, other.areas)
    pd.testing.assert_frame_equal(one.accuracy, other.accuracy, atol=1e-7)
    pd.testing.assert_frame_equal(one.area_covariance_ha2, other.area_covariance_ha2, atol=1e-6)


@given(samples(strata=("s1",)))
@settings(max_examples=15)
def test_a_stratum_split_in_two_with_the_same_sample_gives_the_same_areas(sample):
    labels, strata = sample
    halves = pd.concat(
        [strata.assign(stratum=name, area_ha=strata["area_ha"] / 2) for name in ("a", "b")]
    )
    both = pd.concat([labels.assign(stratum=name) for name in ("a", "b")])
    both = both.assign(sample=range(len(both)))

    one = assess(labels, strata, CLASSES)
    two = assess(both, halves, CLASSES)

    # twice the units in two independent halves: the same areas, half the variance
    np.testing.assert_allclose(two.areas["estimated_ha"], one.areas["estimated_ha"])
    np.testing.assert_allclose(
        two.area_covariance_ha2,
        one.area_covariance_ha2 / 2,
        atol=1e-9 * one.areas["estimated_ha"].sum() ** 2,
    )


@given(samples())
@settings(max_examples=15)
def test_a_census_has_no_error(sample):
    labels, strata = sample
    counted = strata.assign(population_px=strata["stratum"].map(labels["stratum"].value_counts()))

    found = assess(labels, counted, CLASSES)

    areas = found.areas
    assert areas["estimated_se_ha"].to_numpy() == pytest.approx(0)
    np.testing.assert_allclose(areas["estimated_low_ha"], areas["estimated_high_ha"])
    assert set(areas["interval"]) == {"normal"}
    known = found.accuracy.dropna()
    np.testing.assert_allclose(known["accuracy_low_pct"], known["accuracy_high_pct"])


@given(samples())
@settings(max_examples=15)
def test_a_change_of_classes_to_themselves_is_no_change(sample):
    labels, strata = sample
    twice = labels.assign(map_class_after=labels["map_class"], reference_after=labels["reference"])

    found = assess_change(twice, strata, CLASSES)

    total_ha = strata["area_ha"].sum()
    assert found.net_change.to_numpy() == pytest.approx(0, abs=1e-6 * total_ha)
    stable = found.change.areas
    assert set(stable.index) == {f"{key}>{key}" for key in found.before.areas.index}
    np.testing.assert_allclose(stable["estimated_ha"], found.before.areas["estimated_ha"])
    pd.testing.assert_frame_equal(found.before.accuracy, found.after.accuracy)


# ---- intervals ---------------------------------------------------------------------------


def test_wilson_of_81_in_263_is_the_published_one():
    """Newcombe (1998), Statistics in Medicine 17: 857-872, table I, method 3."""
    cases = np.array([[81, 263], [15, 148], [0, 20], [1, 29]])
    share = cases[:, 0] / cases[:, 1]
    se = np.sqrt(share * (1 - share) / cases[:, 1])

    low, high = wilson_interval(share, se, cases[:, 1].astype(float))

    assert low.round(4).tolist() == [0.2553, 0.0624, 0, 0.0061]
    assert high.round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


def test_a_perfect_sample_does_not_claim_certainty():
    labels = labels_of([[50, 0], [0, 50]], CLASSES[:2])
    strata = strata_of_classes(CLASSES[:2], [10**9, 10**9], [10.0, 990.0])

    found = assess(labels, strata, CLASSES)

    overall = found.accuracy.loc[("overall", "all")]
    users = found.accuracy.loc[("users", "forest")]
    forest = found.areas.loc["forest"]
    assert (overall["accuracy_pct"], overall["accuracy_high_pct"]) == (100, 100)
    # 50 units of nearly equal weight decide: 50 / (50 + 1.96^2)
    assert users["accuracy_low_pct"] == pytest.approx(100 * 50 / (50 + Z_95**2))
    assert overall["accuracy_low_pct"] < 94
    # of 10 ha that 50 units found to be forest, and of 990 ha that 50 units found not to be
    open_share = Z_95**2 / (50 + Z_95**2)
    assert forest["interval"] == "wilson"
    assert forest["estimated_low_ha"] == pytest.approx(10 - 10 * open_share)
    assert forest["estimated_high_ha"] == pytest.approx(10 + 990 * open_share)


# ---- a known population ------------------------------------------------------------------

REPEATS = 400


@pytest.fixture(scope="module")
def repeated():
    """Draw 400 stratified samples of a population whose truth is known; assess each."""
    random = np.random.default_rng(2026)
    truth = random.choice(3, size=30_000, p=[0.5, 0.3, 0.2])
    mapped = np.where(random.random(30_000) < 0.8, truth, random.choice(3, size=30_000))
    stratum = (mapped + (random.random(30_000) < 0.3)) % 3  # strata are not the map classes
    strata = pd.DataFrame(
        {
            "stratum": ["0", "1", "2"],
            "population_px": np.bincount(stratum),
            "area_ha": np.bincount(stratum) * 1.0,
        }
    )
    members = [np.flatnonzero(stratum == number) for number in range(3)]
    names = np.array(CLASSES, dtype=object)
    found = []
    for _ in range(REPEATS):
        chosen = np.concatenate([random.choice(m, 80, replace=False) for m in members])
        labels = pd.DataFrame(
            {
                "sample": chosen,
                "stratum": stratum[chosen].astype(str),
                "map_class": names[mapped[chosen]],
                "reference": names[truth[chosen]],
            }
        )
        found.append(assess(labels, strata, CLASSES))
    return truth, mapped, found


def true_accuracy(truth, mapped):
    right = np.bincount(truth[truth == mapped])
    return np.concatenate(
        [[right.sum() / len(truth)], right / np.bincount(mapped), right / np.bincount(truth)]
    )


def test_areas_are_unbiased_and_their_errors_are_those_of_repetition(repeated):
    truth, _, found = repeated
    areas = np.array([a.areas["estimated_ha"] for a in found])
    se = np.array([a.areas["estimated_se_ha"] for a in found])

    off = (areas.mean(axis=0) - np.bincount(truth)) / (areas.std(axis=0) / np.sqrt(REPEATS))
    ratio = np.sqrt((se**2).mean(axis=0)) / areas.std(axis=0, ddof=1)

    assert np.abs(off).max() < 3  # standard errors of the mean of 400
    assert np.abs(ratio - 1).max() < 3 / np.sqrt(2 * REPEATS)  # error of a standard deviation


def test_95_per_cent_of_the_intervals_hold_the_truth(repeated):
    truth, mapped, found = repeated
    low, high = (
        np.array([a.areas[f"estimated_{end}_ha"] for a in found]) for end in ("low", "high")
    )
    held = [(low <= np.bincount(truth)) & (np.bincount(truth) <= high)]
    low, high = (
        np.array([a.accuracy[f"accuracy_{end}_pct"] for a in found]) / 100
        for end in ("low", "high")
    )
    right = true_accuracy(truth, mapped)
    held.append((low <= right) & (right <= high))

    coverage = np.hstack(held).mean(axis=0)

    spread = np.sqrt(0.95 * 0.05 / REPEATS)
    assert np.abs(coverage - 0.95).max() < 3 * spread
