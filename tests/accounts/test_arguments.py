"""Arguments of formulas: which number is taken, how it is drawn, how sure it is."""

from __future__ import annotations

import numpy as np
import pytest

from sinks.accounts.arguments import Missing
from tests.accounts.made_gep import COUNT, make_arguments

PRICE = (100.0, 80.0, 125.0)


def test_a_number_for_its_detail_comes_before_one_for_any():
    known = make_arguments({"price": 1.0, "price/cod": 2.0})

    assert known.take("price", "cod", ())[0, 0] == 2.0
    assert known.take("price", "tp", ())[0, 0] == 1.0
    assert known.take("price", "", ())[0, 0] == 1.0


def test_classes_have_rows_of_their_own_in_the_order_asked_for():
    known = make_arguments({"rate//PAD": 1.0, "rate//MAR": 2.0, "rate//LAK": 3.0})

    assert known.take("rate", "", ("LAK", "PAD"))[:, 0].tolist() == [3.0, 1.0]


def test_classes_of_a_detail_come_before_those_of_any():
    known = make_arguments({"rate//PAD": 1.0, "rate/cod/PAD": 5.0})

    assert known.take("rate", "cod", ("PAD",))[:, 0].tolist() == [5.0]
    assert known.take("rate", "tp", ("PAD",))[:, 0].tolist() == [1.0]


def test_a_number_for_all_classes_stands_for_each():
    known = make_arguments({"rain": 1010.0})

    assert known.take("rain", "", ("LAK", "PAD")).shape == (1, 1 + COUNT)


@pytest.mark.parametrize(
    ("name", "detail", "classes"),
    [
        ("price", "tp", ()),
        ("other", "", ()),
        ("rate", "", ("PAD", "LAK")),
        ("rate", "", ()),
    ],
    ids=["no such detail", "no such number", "not of every class", "only by class"],
)
def test_what_is_not_known_is_named(name, detail, classes):
    known = make_arguments({"price/cod": 2.0, "rate//PAD": 1.0})

    with pytest.raises(Missing) as missing:
        known.take(name, detail, classes)

    assert (missing.value.argument, missing.value.detail) == (name, detail)
    assert str(missing.value) == f"{name} {detail}".strip()
    assert not known.has(name, detail, classes)


def test_what_is_known_is_there():
    assert make_arguments({"price/cod": 2.0}).has("price", "cod")


def test_the_first_column_is_the_mean_and_draws_keep_it():
    taken = make_arguments({"price": PRICE}).take("price", "", ())

    assert taken.shape == (1, 1 + COUNT)
    assert taken[0, 0] == 100.0
    assert taken[0, 1:].mean() == pytest.approx(100.0, rel=2e-3)
    assert np.quantile(taken[0, 1:], 0.975) / np.quantile(taken[0, 1:], 0.025) == pytest.approx(
        125 / 80, rel=0.05
    )


def test_a_number_that_is_known_exactly_has_draws_that_are_it():
    assert (make_arguments({"price": 5.0}).take("price", "", ()) == 5.0).all()


def test_draws_are_the_same_whatever_else_is_drawn():
    alone = make_arguments({"price": PRICE})
    beside = make_arguments({"rate//PAD": PRICE, "other": PRICE, "price": PRICE})

    np.testing.assert_array_equal(alone.take("price", "", ()), beside.take("price", "", ()))
    assert not np.array_equal(beside.take("other", "", ()), beside.take("price", "", ()))


def test_another_seed_gives_other_draws_of_the_same_mean():
    one, two = (make_arguments({"price": PRICE}, seed=seed).drawn[0] for seed in (1, 2))

    assert one[0] == two[0]
    assert not np.array_equal(one[1:], two[1:])


def test_the_basis_is_the_least_sure_of_what_entered():
    known = make_arguments(
        {"a": 1.0, "b": 1.0, "c": 1.0}, {"a": "told", "b": "table", "c": "default"}
    )

    assert known.basis([], "", ()) == "told"
    assert known.basis(["a"], "", ()) == "told"
    assert known.basis(["a", "b"], "", ()) == "table"
    assert known.basis(["c", "a", "b"], "", ()) == "default"


def test_sources_are_named_once():
    known = make_arguments({"a": 1.0, "b": 1.0})

    assert known.sources(["a", "b", "a"], "", ()) == ["the table: a", "the table: b"]
