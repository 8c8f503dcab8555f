"""Condition: every variable on one scale, whichever way it points, and how many made the mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.strategies import floats

from sinks.accounts.condition import COLUMNS, ROW, ConditionVariables, condition_account
from sinks.errors import InputRefused

VARIABLES = ConditionVariables(
    frame=pd.DataFrame(
        {
            "low_reference": [5.0, 0.0, np.nan],
            "high_reference": [1.0, 100.0, np.nan],
            "unit": ["class", "%", "species"],
        },
        index=pd.Index(["water", "shore", "birds"], name="variable"),
    ),
    table="the test levels",
)


def told(*rows: tuple[int, str, str, float], **columns: object) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=[*ROW, "value"]).set_index(ROW).assign(**columns)


def test_less_is_better_where_the_low_level_is_the_larger_number():
    account = condition_account(
        told((2025, "lake", "water", 2.0), (2025, "lake", "shore", 40.0)), VARIABLES
    ).loc[(2025, "lake")]

    assert account["indicator"].to_dict() == pytest.approx(
        {"water": 0.75, "shore": 0.4, "index": 0.575}
    )
    assert account["unit"].to_list() == ["class", "%", ""]
    assert list(account.columns) == list(COLUMNS)


@pytest.mark.parametrize(("value", "indicator"), [(6.0, 0), (5.0, 0), (1.0, 1), (0.5, 1)])
def test_beyond_its_levels_a_variable_counts_nothing_more(value, indicator):
    account = condition_account(told((2025, "lake", "water", value)), VARIABLES)

    assert account.loc[(2025, "lake", "water"), "indicator"] == indicator
    assert account.loc[(2025, "lake", "water"), "value"] == value


def test_the_index_says_how_many_of_how_many():
    account = condition_account(
        told(
            (2020, "lake", "water", 3.0),
            (2025, "lake", "water", 3.0),
            (2025, "lake", "shore", 100.0),
            (2025, "town", "shore", np.nan),
        ),
        VARIABLES,
    )

    index = account.xs("index", level="variable")
    assert index["indicator"].to_dict() == {(2020, "lake"): 0.5, (2025, "lake"): 0.75}
    assert index["variables"].to_list() == [1, 2]
    assert index["variables_of"].to_list() == [2, 2]


def test_rows_stay_in_the_order_they_were_told_and_the_index_is_last():
    account = condition_account(
        told(
            (2025, "town", "water", 3.0),
            (2025, "lake", "shore", 10.0),
            (2025, "town", "shore", 20.0),
        ),
        VARIABLES,
    )

    assert [row[1:] for row in account.index] == [
        ("town", "water"),
        ("town", "shore"),
        ("town", "index"),
        ("lake", "shore"),
        ("lake", "index"),
    ]


def test_levels_told_for_a_place_take_the_place_of_the_table():
    rows = told(
        (2025, "lake", "birds", 67.0),
        (2025, "lake", "shore", 40.0),
        low_reference=[0.0, np.nan],
        high_reference=[134.0, np.nan],
        source="survey of 2025",
    )

    account = condition_account(rows, VARIABLES).loc[(2025, "lake")]

    assert account["indicator"].to_list() == pytest.approx([0.5, 0.4, 0.45])
    assert account.loc["birds", ["high_reference", "source"]].to_list() == [134, "survey of 2025"]


def test_a_variable_of_ones_own_needs_levels_and_nothing_else():
    rows = told((2025, "d", "otters", 3.0), low_reference=0.0, high_reference=4.0, unit="pairs")

    account = condition_account(rows, VARIABLES).loc[(2025, "d")]

    assert account.loc["otters", ["indicator", "unit"]].to_list() == [0.75, "pairs"]


def test_nothing_told_is_an_empty_account():
    assert condition_account(told(), VARIABLES).empty


@given(floats(-1e6, 1e6), floats(-1e6, 1e6), floats(-1e6, 1e6))
def test_an_indicator_is_between_nothing_and_one_and_turns_with_its_levels(value, low, high):
    if low == high:
        return

    def indicator(low: float, high: float) -> float:
        rows = told((2025, "d", "otters", value), low_reference=low, high_reference=high)
        return condition_account(rows, VARIABLES).loc[(2025, "d", "otters"), "indicator"]

    assert 0 <= indicator(low, high) <= 1
    assert indicator(low, high) + indicator(high, low) == pytest.approx(1)


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"low_reference": 0.0},
        {"low_reference": 7.0, "high_reference": 7.0},
    ],
    ids=["none", "one", "the same"],
)
def test_a_variable_without_levels_is_refused_by_name(columns):
    with pytest.raises(InputRefused, match=r"S80(.|\n)*birds \(lake, 2025\)"):
        condition_account(told((2025, "lake", "birds", 67.0), **columns), VARIABLES)


def test_another_unit_than_that_of_the_levels_is_refused():
    with pytest.raises(InputRefused, match=r"S81(.|\n)*shore \(lake, 2025\): km \(%\)"):
        condition_account(told((2025, "lake", "shore", 40.0), unit="km"), VARIABLES)
