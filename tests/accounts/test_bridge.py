"""The bridge: differences in their order, and never a rest."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists

from sinks.accounts.bridge import bridge
from sinks.accounts.supply_use import LEFT_OUT, left_out, monetary_tables
from sinks.errors import InputRefused, InvariantViolated
from tests.accounts.made_seea import class_table, item_table, seea

KEYS = ["gep", "gross_provisioning", *LEFT_OUT, "seea"]
NAMES = pd.DataFrame(
    {"name_zh": [f"{key} zh" for key in KEYS], "name_en": KEYS},
    index=pd.Index(KEYS, name="step"),
)


def yuan(**zones: float) -> pd.Series:
    index = pd.MultiIndex.from_product([[2025], zones], names=["year", "zone"])
    return pd.Series([float(value) for value in zones.values()], index=index)


def test_every_step_says_what_is_left_after_it():
    table = bridge(
        [
            ("gep", yuan(d=100, town=40)),
            ("gross_provisioning", yuan(d=-60)),
            ("not_final", yuan(d=5)),
        ],
        yuan(d=45, town=40),
        NAMES,
    )

    district = table.loc[(2025, "d")]
    assert list(district.index) == ["gep", "gross_provisioning", "not_final", "seea"]
    assert district["order"].to_list() == [0, 1, 2, 3]
    assert district["value_yuan"].to_list() == [100, -60, 5, 45]
    assert district["cumulative_yuan"].to_list() == [100, 40, 45, 45]
    assert district.loc["seea", ["name_zh", "name_en"]].to_list() == ["seea zh", "seea"]
    assert table.loc[(2025, "town"), "value_yuan"].to_list() == [40, 0, 0, 40]


def test_it_takes_what_the_supply_table_leaves_out():
    items = item_table(("rice", "crops", 1.0, 900.0), ("air", "oxygen", 1.0, 500.0))
    classes = class_table(
        ("rice", "PAD", 2.0, 1000.0), ("rice", "PND", -1.0, -100.0), ("air", "BLF", 1.0, 500.0)
    )
    places = ["year", "zone"]
    supply = monetary_tables(items, classes, seea())["value_yuan"].xs("supply", level="side")
    steps = left_out(items, classes, seea())["value_yuan"]

    table = bridge(
        [
            ("gep", items["value_yuan"].groupby(level=places).sum()),
            *((step, steps.xs(step, level="step")) for step in LEFT_OUT),
        ],
        supply.groupby(level=places).sum(),
        NAMES,
    )

    assert table["cumulative_yuan"].to_list() == [1400, 900, 900, 900, 1000, 1000]


@given(lists(floats(-1e12, 1e12), min_size=1, max_size=5))
def test_steps_that_come_to_the_supply_are_taken_and_no_others(values):
    steps = [(key, yuan(d=value)) for key, value in zip(KEYS, values, strict=False)]
    supply = sum(values)

    table = bridge(steps, yuan(d=supply), NAMES)

    assert table["cumulative_yuan"].iloc[-1] == supply
    off = 1 + 1e-5 * sum(abs(value) for value in values)
    with pytest.raises(InvariantViolated, match=r"I82(.|\n)*2025 d"):
        bridge(steps, yuan(d=supply + off), NAMES)


def test_a_supply_that_no_account_explains_is_our_mistake():
    with pytest.raises(InvariantViolated, match=r"I82(.|\n)*2025 town"):
        bridge([("gep", yuan(d=100))], yuan(d=100, town=40), NAMES)


@pytest.mark.parametrize(
    "keys", [[], ["not_final", "gep"], ["gep", "not_final", "not_final"], ["gep", "seea"]]
)
def test_steps_out_of_order_or_twice_are_our_mistake(keys):
    with pytest.raises(InvariantViolated, match="I82"):
        bridge([(key, yuan(d=0)) for key in keys], yuan(d=0), NAMES)


def test_a_step_without_a_name_is_refused():
    with pytest.raises(InputRefused, match=r"S83(.|\n)*magic"):
        bridge([("gep", yuan(d=1)), ("magic", yuan(d=0))], yuan(d=1), NAMES)
