"""Where to sample next: counted by hand, then held to laws on any probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy as entropy_of_scipy

from sinks.errors import InputRefused
from sinks.validation.sampling_need import entropy, sampling_need, suggested_places

SURE = np.array([[1.0], [0.0]], dtype=np.float32)
EITHER = np.array([[0.5], [0.5]], dtype=np.float32)
UNLIKE = arrays("float32", 5, elements=st.floats(0, 100, width=32))
SHARES = arrays("float32", (4, 5), elements=st.floats(0, 1, width=32))


def shares(values):
    values = values + np.float32(1e-3)
    return values / values.sum(axis=0)


def dissimilarity(*values):
    return np.array(values, dtype=np.float32)


@pytest.mark.parametrize(
    ("unlike", "sure", "either"),
    [
        pytest.param(0.0, 0, 1, id="at a training sample only doubt counts"),
        pytest.param(0.5, 1 / 2, 1, id="at the threshold a sure model counts half"),
        pytest.param(1.5, 3 / 4, 1, id="at three times the threshold, three quarters"),
    ],
)
def test_need_by_hand(unlike, sure, either):
    assert sampling_need(SURE, dissimilarity(unlike), 0.5).tolist() == [sure]
    assert sampling_need(EITHER, dissimilarity(unlike), 0.5).tolist() == [either]


def test_doubt_and_strangeness_add_up():
    quarter = np.array([[0.75], [0.25]], dtype=np.float32)
    doubt = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))  # 0.811 bits of one

    found = sampling_need(quarter, dissimilarity(1.0), 1.0)

    assert found[0] == pytest.approx(1 - (1 - doubt) * (1 - 1 / 2), rel=1e-6)


@given(SHARES)
def test_entropy_is_that_of_scipy(values):
    found = entropy(shares(values))

    expected = entropy_of_scipy(shares(values).astype(float), base=4)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@given(SHARES, UNLIKE, st.floats(0, 10))
def test_need_is_a_share_that_grows_with_either_reason(values, unlike, threshold):
    need = sampling_need(shares(values), unlike, threshold)

    assert need.dtype == np.float32
    assert ((need >= 0) & (need <= 1)).all()
    assert (need >= entropy(shares(values)) - 1e-6).all()
    assert (sampling_need(shares(values), unlike + 1, threshold) >= need - 1e-6).all()


def test_a_threshold_of_nought_leaves_only_copies_inside():
    assert sampling_need(SURE, dissimilarity(0.0), 0.0).tolist() == [0]
    assert sampling_need(SURE, dissimilarity(0.1), 0.0).tolist() == [1]


def test_a_model_of_one_class_is_never_in_doubt():
    assert entropy(np.array([[1.0, np.nan]], dtype=np.float32)).tolist() == [
        0,
        pytest.approx(np.nan, nan_ok=True),
    ]


def test_no_data_needs_nothing():
    gone = np.array([[np.nan, 0.5], [np.nan, 0.5]], dtype=np.float32)

    need = sampling_need(gone, dissimilarity(1.0, np.nan), 1.0)

    assert np.isnan(need).all()
    assert suggested_places(need, np.zeros((2, 2)), count=1, apart_m=1.0).chosen.tolist() == []


def test_places_are_chosen_by_need_and_kept_apart():
    need = dissimilarity(0.9, 0.8, 0.95, np.nan, 0.1)
    xy_m = np.array([[0, 0], [500, 0], [60, 0], [900, 0], [520, 0]], dtype=float)

    found = suggested_places(need, xy_m, count=2, apart_m=100.0)

    # 0.95 is taken, 0.9 lies 60 m beside it, so that 0.8 comes next
    assert found.chosen.tolist() == [2, 1]
    assert found.findings == ()


def test_of_equal_places_the_first_comes_first():
    found = suggested_places(dissimilarity(1, 1, 1), np.eye(3, 2) * 500, count=3, apart_m=10.0)

    assert found.chosen.tolist() == [0, 1, 2]


@given(st.integers(0, 99), st.integers(1, 12), st.floats(1, 50))
def test_places_are_apart_and_none_left_out_is_better(seed, count, apart_m):
    random = np.random.default_rng(seed)
    need = random.random(60).astype(np.float32)
    xy_m = random.uniform(0, 100, (60, 2))

    found = suggested_places(need, xy_m, count=count, apart_m=apart_m)

    chosen = xy_m[found.chosen]
    gaps = np.linalg.norm(chosen[:, np.newaxis] - chosen, axis=2)
    assert (gaps[~np.eye(len(chosen), dtype=bool)] >= apart_m).all()
    assert (np.diff(need[found.chosen]) <= 0).all()
    beaten = np.linalg.norm(xy_m[:, np.newaxis] - chosen, axis=2) < apart_m
    better = need > need[found.chosen].min()
    assert beaten[better].any(axis=1).all()


def test_fewer_places_than_asked_are_noted():
    found = suggested_places(dissimilarity(1, 2), np.zeros((2, 2)), count=5, apart_m=30.0)

    assert found.chosen.tolist() == [1]
    assert found.findings[0].code == "Q16"
    assert found.findings[0].facts == {"asked": 5, "found": 1, "apart_m": 30.0}


@pytest.mark.parametrize("wrong", [{"count": 0}, {"apart_m": 0.0}, {"apart_m": np.nan}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(InputRefused, match=rf"Q15.*\n.*{next(iter(wrong))}"):
        suggested_places(
            dissimilarity(1.0), np.zeros((1, 2)), **{"count": 1, "apart_m": 1, **wrong}
        )


@pytest.mark.parametrize("threshold", [-1.0, np.nan, np.inf])
def test_a_threshold_that_is_none_is_refused(threshold):
    with pytest.raises(InputRefused, match=r"Q15.*\n.*threshold"):
        sampling_need(SURE, dissimilarity(1.0), threshold)
