"""Supply and use: what enters, who supplies, who uses, and that both sides always agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, lists, tuples

from sinks.accounts.supply_use import LEFT_OUT, left_out, monetary_tables, physical_tables
from sinks.errors import InputRefused, InvariantViolated
from tests.accounts.made_seea import class_table, item_table, seea

ITEMS = item_table(
    ("rice", "crops", 100.0, 1000.0),
    ("wheat", "crops", 50.0, 200.0),
    ("shade", "cooling", 9.0, 60.0),
    ("air", "oxygen", 5.0, 500.0),
    ("crane", "species", 1.0, 70.0),
)
CLASSES = class_table(
    ("rice", "PAD", 100.0, 1000.0),
    ("wheat", "PAD", 20.0, 80.0),
    ("wheat", "DRY", 30.0, 120.0),
    ("shade", "BLF", 12.0, 80.0),
    ("shade", "PND", -3.0, -20.0),
    ("air", "BLF", 5.0, 500.0),
    ("crane", "MAR", 1.0, 70.0),
)
HERE = (2025, "d")


def at(table: pd.DataFrame, column: str, *key: str) -> dict[object, float]:
    """Figures below a key of the district, by what is left of the index."""
    levels = table.index.names[: 2 + len(key)]
    return table[column].xs((*HERE, *key), level=levels).to_dict()


def test_money_goes_from_classes_to_economic_units():
    table = monetary_tables(ITEMS, CLASSES, seea())

    assert at(table, "value_yuan", "crops") == {
        ("supply", "PAD"): 1080,
        ("supply", "DRY"): 120,
        ("use", "agriculture"): 900,
        ("use", "exports"): 300,
    }


def test_a_class_that_takes_supplies_nothing():
    table = monetary_tables(ITEMS, CLASSES, seea())

    assert at(table, "value_yuan", "cooling") == {
        ("supply", "BLF"): 80,
        ("supply", "PND"): 0,
        ("use", "households"): 80,
    }


def test_what_is_not_final_or_has_no_exchange_value_is_not_in_the_money():
    services = seea(surplus=frozenset({"wheat"}))

    table = monetary_tables(ITEMS, CLASSES, services)

    assert set(table.index.unique("service")) == {"crops", "cooling"}
    assert at(table, "value_yuan", "crops", "supply") == {"PAD": 1000}


def test_what_has_no_exchange_value_is_still_counted_in_its_own_unit():
    table = physical_tables(ITEMS, CLASSES, seea())

    assert list(table.index.unique("item")) == ["rice", "wheat", "shade", "crane"]
    assert at(table, "quantity", "wheat") == {
        ("supply", "PAD"): 20,
        ("supply", "DRY"): 30,
        ("use", "agriculture"): 37.5,
        ("use", "exports"): 12.5,
    }
    assert (table["unit"] == "t").all()


def test_what_the_account_does_not_count_does_not_enter():
    items = ITEMS.assign(counted=ITEMS.index.get_level_values("item") != "rice")
    items.loc[(*HERE, "shade"), "value_yuan"] = np.nan

    table = monetary_tables(items, CLASSES, seea())

    assert at(table, "value_yuan", "crops", "supply") == {"PAD": 80, "DRY": 120}
    assert "cooling" not in table.index.unique("service")


def test_what_is_left_out_leads_from_one_total_to_the_other():
    services = seea(surplus=frozenset({"wheat"}))

    steps = left_out(ITEMS, CLASSES, services)
    supply = monetary_tables(ITEMS, CLASSES, services)["value_yuan"].xs("supply", level="side")

    assert at(steps, "value_yuan") == dict(zip(LEFT_OUT, [-500, -70, -200, 20], strict=True))
    assert ITEMS["value_yuan"].sum() + steps["value_yuan"].sum() == supply.sum() == 1080


def test_nothing_counted_is_nothing_supplied():
    items = ITEMS.assign(counted=False)

    assert monetary_tables(items, CLASSES, seea()).empty
    assert physical_tables(items, CLASSES, seea()).empty
    assert left_out(items, CLASSES, seea()).empty


@settings(max_examples=50, deadline=None)
@given(lists(tuples(floats(-1e9, 1e9), floats(-1e9, 1e9)), min_size=3, max_size=3), floats(0, 1))
def test_supply_is_use_and_the_rest_is_left_out(values, share):
    keys = [("rice", "crops"), ("shade", "cooling"), ("air", "oxygen")]
    items = item_table(*((*key, sum(of), sum(of)) for key, of in zip(keys, values, strict=True)))
    classes = class_table(
        *(
            (item, land_cover, value, value)
            for (item, _), of in zip(keys, values, strict=True)
            for land_cover, value in zip(("PAD", "BLF"), of, strict=True)
        )
    )
    services = seea(crops_agriculture=share, crops_exports=1 - share)

    table = monetary_tables(items, classes, services)["value_yuan"]
    quantities = physical_tables(items, classes, services)["quantity"]
    steps = left_out(items, classes, services)["value_yuan"]

    for both, level in ((table, "service"), (quantities, "item")):
        assert (both >= 0).all()
        sides = both.groupby(level=[level, "side"]).sum()
        for key in both.index.unique(level):
            assert sides[(key, "supply")] == pytest.approx(sides[(key, "use")], rel=1e-9)
    total = table.xs("supply", level="side").sum()
    size = sum(abs(value) for of in values for value in of)
    assert items["value_yuan"].sum() + steps.sum() == pytest.approx(total, abs=1e-9 * size)


@pytest.mark.parametrize("tables", [monetary_tables, physical_tables, left_out])
def test_classes_that_do_not_add_up_to_their_item_are_our_mistake(tables):
    short = CLASSES.drop((*HERE, "wheat", "DRY"))

    with pytest.raises(InvariantViolated, match=r"I82(.|\n)*2025 d wheat"):
        tables(ITEMS, short, seea())


@pytest.mark.parametrize(
    "shares",
    [{"crops_exports": 0.5}, {"crops_exports": np.nan}, {"cooling_industry": -1e-12}],
    ids=["more than 1", "blank", "negative"],
)
def test_shares_that_do_not_add_up_are_refused(shares):
    with pytest.raises(InputRefused, match=r"S82(.|\n)*the test users"):
        seea(**shares)


@pytest.mark.parametrize("tables", [monetary_tables, physical_tables, left_out])
def test_a_service_of_which_nothing_is_said_is_refused(tables):
    items = pd.concat([ITEMS, item_table(("mud", "bathing", 1.0, 1.0))])

    with pytest.raises(InputRefused, match=r"S83(.|\n)*bathing"):
        tables(items, CLASSES, seea())
