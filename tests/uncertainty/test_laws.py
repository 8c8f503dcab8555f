"""Laws: the mean is kept, the range is met, and draws do not depend on their company."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.errors import InvariantViolated
from sinks.uncertainty.draws import draw, parameter_table
from sinks.uncertainty.laws import quantiles

ENDS = np.array([[0.025, 0.975]])
law = settings(max_examples=60, deadline=None)


def ends_of(value: float, low: float, high: float) -> list[float]:
    return quantiles(parameter_table([("p", value, low, high)]), ENDS)[0].tolist()


def mean_of(value: float, low: float, high: float) -> float:
    return float(draw(parameter_table([("p", value, low, high)]), seed=1).drawn.mean())


def test_a_lognormal_whose_mean_fits_its_range_gives_it_back():
    sigma = 0.5
    low, high = (np.exp(side * 1.959964 * sigma) for side in (-1, 1))
    mean = np.exp(sigma**2 / 2)

    assert ends_of(mean, low, high) == pytest.approx([low, high])


def test_a_symmetric_range_around_zero_is_normal():
    assert ends_of(0.0, -1.959964, 1.959964) == pytest.approx([-1.959964, 1.959964], rel=1e-6)


def test_a_gamma_meets_the_upper_end():
    # mean 1 with an exponential law: 97.5 % at -ln(0.025) = 3.689
    assert ends_of(1.0, 0.0, 3.688879)[1] == pytest.approx(3.688879, rel=1e-3)


def test_a_known_parameter_never_moves():
    values = draw(parameter_table([("p", 7.0, 7.0, 7.0)]), seed=3).drawn

    assert (values == 7.0).all()


@law
@given(
    st.floats(0.01, 1e3),
    st.floats(0.05, 0.99),
    st.floats(1.01, 6.0),
)
def test_every_law_of_a_positive_range_keeps_its_mean_and_sign(value, down, up):
    drawn = draw(
        parameter_table([("log", value, value * down, value * up), ("gam", value, 0, value * up)]),
        seed=5,
    ).drawn

    assert (drawn >= 0).all()
    assert drawn.mean(axis=1) == pytest.approx([value, value], rel=0.02)


@law
@given(st.floats(-50, 50), st.floats(0.1, 50), st.floats(0.1, 50))
def test_a_law_of_both_signs_keeps_its_mean(value, down, up):
    low = min(value - down, -0.01)

    assert mean_of(value, low, value + up) == pytest.approx(value, abs=0.005 * (value - low + up))


def test_a_parameter_is_drawn_alike_in_any_company():
    alone = draw(parameter_table([("b", 2.0, 1.0, 4.0)]), seed=9)
    among = draw(parameter_table([("a", 1.0, 0.5, 2.0), ("b", 2.0, 1.0, 4.0)]), seed=9)

    np.testing.assert_array_equal(alone.drawn[0], among.drawn[1])
    assert np.corrcoef(among.drawn)[0, 1] == pytest.approx(0, abs=0.04)


def test_another_seed_gives_other_draws():
    one, other = (draw(parameter_table([("b", 2.0, 1.0, 4.0)]), seed=s).drawn for s in (1, 2))

    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("a", 5.0, 1.0, 2.0)], "a"),
        ([("a", np.nan, 1.0, 2.0)], "a"),
        ([("a", 1.0, 1.0, 2.0), ("a", 1.0, 1.0, 2.0)], "x2"),
    ],
)
def test_parameters_that_cannot_be_are_our_mistake(rows, said):
    with pytest.raises(InvariantViolated, match=said):
        draw(parameter_table(rows), seed=1)


def test_a_hundred_draws_are_too_few():
    with pytest.raises(InvariantViolated, match="100 draws"):
        draw(pd.DataFrame(parameter_table([("a", 1.0, 1.0, 1.0)])), seed=1, count=100)
