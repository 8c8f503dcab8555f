"""Carbon as an asset: what came and went with the ground, and nothing under water."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, lists

from sinks.accounts import carbon_account as carbon
from sinks.accounts.carbon_account import COLUMNS, carbon_account, carbon_flows
from sinks.carbon.change import stock_change
from sinks.carbon.densities import POOLS
from sinks.carbon.stocks import sediment_stocks, stocks_by_class
from sinks.errors import InputRefused, InvariantViolated
from tests.carbon.made import area_table, make_densities, transition_table

NAN = float("nan")
KEYS = ("forest", "grass", "water")
DENSITIES = make_densities(  # 142, 68 and 1 tC/ha
    forest=(50, 10, 2, 80), grass=(5, 3, 0, 60), water=(1, 0, 0, 0), sediment={"water": 30}
)


def stocks(before: list[float], after: list[float], zone: str = "d") -> pd.DataFrame:
    tables = {
        year: stocks_by_class(
            area_table(*((zone, key, ha, NAN) for key, ha in zip(KEYS, hectares, strict=True))),
            DENSITIES,
        )
        for year, hectares in ((2020, before), (2025, after))
    }
    return pd.concat(tables, names=["year"])


def test_carbon_moves_with_the_ground():
    account = carbon_account(
        stocks([10, 5, 4], [8, 6, 5]),
        transition_table(
            ("d", "forest", "grass", 2.0), ("d", "grass", "water", 1.0), ("d", "water", "water", 4)
        ),
        DENSITIES,
    ).loc["d"]

    assert account.loc["forest"].to_list() == [1420, 0, 284, 0, 1136]
    assert account.loc["grass"].to_list() == [340, 136, 68, 0, 408]
    assert account.loc["water"].to_list() == [4, 1, 0, 0, 5]


def test_what_only_one_map_shows_is_reappraised():
    account = carbon_account(
        stocks([10, 5, 0], [11, 3, 0]), transition_table(("d", "grass", "grass", 3.0)), DENSITIES
    ).loc["d"]

    assert account["reappraisal_tc"].to_list() == [142, -136, 0]
    assert (account[["additions_tc", "reductions_tc"]] == 0).all(axis=None)


def test_sediment_is_never_in_the_account():
    land = stocks([1, 0, 10], [1, 0, 10])
    under_water = sediment_stocks(area_table(("d", "water", 10.0, NAN)), DENSITIES)
    both = pd.concat([land, pd.concat({2020: under_water, 2025: under_water}, names=["year"])])
    still = transition_table(("d", "water", "water", 10.0))

    account = carbon_account(both, still, DENSITIES)

    assert set(both.index.unique("pool")) == {*POOLS, "sediment"}
    pd.testing.assert_frame_equal(account, carbon_account(land, still, DENSITIES))
    assert account.loc[("d", "water"), "opening_tc"] == 10


def test_a_class_that_is_gone_and_one_that_is_new_have_rows():
    old = stocks([2, 0, 0], [0, 2, 0])
    present = old[old["stock_tc"] > 0]

    account = carbon_account(present, transition_table(("d", "forest", "grass", 2.0)), DENSITIES)

    assert account.loc[("d", "forest")].to_list() == [284, 0, 284, 0, 0]
    assert account.loc[("d", "grass")].to_list() == [0, 136, 0, 0, 136]


def test_a_single_year_has_no_account():
    account = carbon_account(
        stocks([1, 1, 1], [1, 1, 1]).loc[[2025]], transition_table(), DENSITIES
    )

    assert account.empty
    assert list(account.columns) == list(COLUMNS)


@settings(max_examples=30, deadline=None)
@given(
    lists(floats(0, 1e4), min_size=9, max_size=9), lists(floats(0, 1e3), min_size=6, max_size=6)
)
def test_rows_add_up_and_moves_are_the_change_of_the_stock(hectares, once):
    matrix, alone = np.array(hectares).reshape(3, 3), np.array(once).reshape(2, 3)
    pairs = [(before, after) for before in KEYS for after in KEYS]
    change = transition_table(*(("d", *p, ha) for p, ha in zip(pairs, hectares, strict=True)))

    account = carbon_account(
        stocks(list(matrix.sum(1) + alone[0]), list(matrix.sum(0) + alone[1])), change, DENSITIES
    )

    opening, gained, lost, again, closing = (account[column] for column in COLUMNS)
    size = 1e-9 * float((opening + closing).sum() + gained.sum())
    np.testing.assert_allclose(opening + gained - lost + again, closing, rtol=0, atol=size)
    moved = stock_change(change, DENSITIES)["change_tc"].item()
    assert (gained - lost).sum() == pytest.approx(moved, abs=size)
    expected = (alone[1] - alone[0]) * [142, 68, 1]
    np.testing.assert_allclose(again, expected, rtol=0, atol=10 * size)


def test_the_memo_of_flows_has_every_gas_of_every_zone():
    columns = [f"net_sink{side}_tco2e_per_year" for side in ("", "_low", "_high")]
    index = pd.MultiIndex.from_tuples(
        [("town", "co2"), ("town", "ch4"), ("d", "co2"), ("d", "ch4"), ("d", "n2o")],
        names=["zone", "gas"],
    )
    balance = pd.DataFrame(np.arange(15.0).reshape(5, 3), index=index, columns=columns)

    flows = carbon_flows(balance)

    assert list(flows.index) == ["town", "d"]
    assert flows.loc["d", "ch4_net_sink_low_tco2e_per_year"] == 10
    assert flows.loc["d", "n2o_net_sink_tco2e_per_year"] == 12
    assert np.isnan(flows.loc["town", "n2o_net_sink_high_tco2e_per_year"])


def test_a_class_without_density_is_refused():
    with pytest.raises(InputRefused, match="D01"):
        carbon_account(
            stocks([1, 1, 1], [1, 1, 1]), transition_table(("d", "grass", "dune", 1.0)), DENSITIES
        )


def test_a_row_that_does_not_add_up_is_our_mistake():
    broken = stocks([1, 1, 1], [1, 1, 1])
    broken.loc[(2025, "d", "grass", "soil"), "stock_tc"] = np.inf

    with pytest.raises(InvariantViolated, match=r"I84(.|\n)*: d \(1 zones"):
        carbon_account(broken, transition_table(("d", "grass", "grass", 1.0)), DENSITIES)


def test_moves_that_are_not_the_change_of_the_stock_are_our_mistake(monkeypatch):
    def twice(transitions, densities):
        return pd.DataFrame({"change_tc": 2 * 74 * transitions["area_ha"]})

    monkeypatch.setattr(carbon, "change_by_class", twice)

    with pytest.raises(InvariantViolated, match="I84"):
        carbon_account(
            stocks([0, 1, 0], [1, 0, 0]), transition_table(("d", "grass", "forest", 1)), DENSITIES
        )
