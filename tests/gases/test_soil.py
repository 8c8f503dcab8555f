"""Soil carbon comes and goes over years: the increments add up, nothing jumps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.gases.soil import approached, phased, phased_increment

CHANGE = st.floats(-200, 200)


def test_a_change_comes_about_by_a_twentieth_a_year():
    np.testing.assert_allclose(
        phased(-40.0, [-3, 0, 1, 5, 20, 99], over_years=20), [0, 0, -2, -10, -40, -40]
    )


@given(CHANGE, st.integers(1, 60), st.integers(60, 100))
def test_the_increments_of_the_years_add_up_to_the_whole_change(change_tc, over_years, years):
    increments = phased_increment(change_tc, np.arange(1, years + 1), over_years=over_years)

    assert increments.sum() == pytest.approx(change_tc, abs=1e-9)
    assert np.abs(increments).max() <= abs(change_tc) / over_years + 1e-9


@given(CHANGE, st.floats(0.05, 0.15))
def test_the_curve_starts_at_nothing_slows_down_and_ends_at_the_whole_change(change_tc, k):
    course = approached(change_tc, np.arange(0, 400), rate_per_year=k)
    steps = np.abs(np.diff(course))

    assert course[0] == 0
    assert course[-1] == pytest.approx(change_tc, abs=1e-5)
    assert (np.diff(steps) <= 1e-9).all()
    assert steps[0] == pytest.approx(abs(change_tc) * (1 - np.exp(-k)), abs=1e-9)


def test_changes_of_many_places_are_phased_at_once():
    table = phased(np.array([[40.0], [-20.0]]), np.array([0, 10, 20]), over_years=20)

    np.testing.assert_allclose(table, [[0, 20, 40], [0, -10, -20]])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: phased(1.0, 1, over_years=0),
        lambda: phased(1.0, 1, over_years=float("nan")),
        lambda: approached(1.0, 1, rate_per_year=0),
        lambda: approached(1.0, 1, rate_per_year=20),
    ],
)
def test_a_jump_is_refused(wrong):
    with pytest.raises(InputRefused, match="Y09"):
        wrong()
