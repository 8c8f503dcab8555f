"""Flows and stocks: never added to each other, always finite, of one unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sinks.accounts.quantities import Flow, Stock, described, total
from sinks.errors import InvariantViolated

FLOW = Flow(np.array([[2.0, 1.0, 3.0], [10.0, 10.0, 10.0]]), "yuan")


def test_a_stock_added_to_a_flow_is_a_slip_of_the_program():
    stock = Stock(FLOW.drawn, "yuan")

    with pytest.raises(TypeError):
        FLOW + stock
    with pytest.raises(TypeError):
        stock + FLOW
    with pytest.raises(TypeError):
        FLOW + 1.0
    with pytest.raises(TypeError):
        sum([FLOW, stock])


def test_flows_of_one_unit_add_up_draw_by_draw():
    both = FLOW + FLOW

    assert isinstance(both, Flow)
    assert both.unit == "yuan"
    np.testing.assert_array_equal(both.drawn, 2 * FLOW.drawn)


def test_stocks_add_up_to_a_stock():
    stock = Stock(FLOW.drawn, "tc")

    assert isinstance(stock + stock, Stock)


def test_units_that_differ_are_refused():
    with pytest.raises(InvariantViolated, match=r"I80(.|\n)*yuan \+ t"):
        FLOW + Flow(FLOW.drawn, "t")


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [Flow, Stock])
def test_what_is_not_finite_is_refused(kind, wrong):
    with pytest.raises(InvariantViolated, match="I80"):
        kind(np.array([[1.0, wrong]]), "yuan")


def test_a_sum_refuses_a_stock_wherever_it_stands():
    stock = Stock(FLOW.drawn, "yuan")

    for amounts in ([FLOW, stock], [stock, FLOW], [stock]):
        with pytest.raises(InvariantViolated, match=r"I80(.|\n)*Stock"):
            total(amounts)


def test_a_sum_refuses_another_unit():
    with pytest.raises(InvariantViolated, match="I80"):
        total([FLOW, Flow(FLOW.drawn, "t")])


def test_a_sum_by_hand():
    np.testing.assert_array_equal(total([FLOW, FLOW, FLOW]).mean, [6.0, 30.0])


def test_the_interval_holds_95_of_100_draws():
    draws = np.arange(101.0)  # quantiles of 0 to 100 are their own percent
    flow = Flow(np.array([[50.0, *draws]]), "yuan")

    low, high = flow.interval()

    assert (low[0], high[0]) == pytest.approx((2.5, 97.5))
    assert flow.mean[0] == 50.0


def test_without_draws_the_interval_is_the_value():
    flow = Flow(np.array([[5.0], [7.0]]), "yuan")

    for end in flow.interval():
        np.testing.assert_array_equal(end, [5.0, 7.0])


def test_a_price_per_row_makes_money_of_amounts():
    value = Flow(np.array([[2.0, 1.0], [3.0, 4.0]]), "t").scaled(
        np.array([[10.0], [100.0]]), "yuan"
    )

    assert value.unit == "yuan"
    np.testing.assert_array_equal(value.drawn, [[20.0, 10.0], [300.0, 400.0]])


def test_rows_can_be_taken():
    np.testing.assert_array_equal(FLOW.at(np.array([False, True])).mean, [10.0])


def test_a_table_has_the_unit_in_its_names():
    table = described(FLOW, "value", pd.Index(["a", "b"]))

    assert list(table.columns) == ["value_yuan", "value_low_yuan", "value_high_yuan"]
    assert table.loc["b"].tolist() == [10.0, 10.0, 10.0]
