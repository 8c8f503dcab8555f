"""Assets: present values against sums year by year, and entries that always add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists

from sinks.accounts import assets
from sinks.accounts.assets import ALL, AssetFlow, Capitalisation, annuity, asset_account
from sinks.errors import InputRefused, InvariantViolated

ZONES = pd.Index(["d"])
FLAT = Capitalisation(rate=np.array([0.0]), life_years=np.array([10.0]))
ENTRIES = ["opening_yuan", "extent_yuan", "condition_yuan", "revaluation_yuan", "closing_yuan"]


def flow(
    quantity: tuple[float, float],
    price: tuple[float, float],
    area: tuple[float, float],
    service: str = "crops",
) -> AssetFlow:
    arrays = [np.array([[number]]) for pair in (quantity, price, area) for number in pair]
    return AssetFlow(
        service=service,
        quantity_before=arrays[0],
        quantity_after=arrays[1],
        price_before_yuan=arrays[2],
        price_after_yuan=arrays[3],
        area_before_ha=arrays[4],
        area_after_ha=arrays[5],
    )


def entries(*flows: AssetFlow, service: str = "crops") -> list[float]:
    return asset_account(flows, ZONES, FLAT).loc[("d", service), ENTRIES].to_list()


@given(floats(0, 0.2), integers(1, 100))
def test_an_annuity_is_the_sum_of_its_discounted_years(rate, years):
    by_year = sum((1 + rate) ** -year for year in range(1, years + 1))

    assert annuity(rate, years).item() == pytest.approx(by_year)


def test_without_discount_a_yuan_a_year_is_worth_its_years():
    assert annuity(0.0, 25.0).item() == 25
    assert annuity(1e-12, 25.0).item() == pytest.approx(25)


def test_a_yuan_a_year_at_three_percent_over_fifty_years():
    """Tables of finance: 25.7298."""
    assert annuity(0.03, 50).item() == pytest.approx(25.7298, abs=5e-5)


@pytest.mark.parametrize(("rate", "life"), [(-0.01, 10), (0.03, 0), (np.nan, 10), (0.03, np.inf)])
def test_a_rate_or_life_that_cannot_be_is_refused(rate, life):
    with pytest.raises(InputRefused, match="S84"):
        annuity(rate, life)


@pytest.mark.parametrize(
    ("quantity", "price", "area", "expected"),
    [
        # half more area at the same yield; then a better yield; then a higher price
        ((100, 150), (2, 2), (10, 15), [2000, 1000, 0, 0, 3000]),
        ((100, 120), (2, 2), (10, 10), [2000, 0, 400, 0, 2400]),
        ((100, 100), (2, 3), (10, 10), [2000, 0, 0, 1000, 3000]),
        # 10 to 5 ha would leave 50; 60 came, 10 by condition, each now worth 3
        ((100, 60), (2, 3), (10, 5), [2000, -1000, 200, 600, 1800]),
        # new ground, ground that is gone, and what stands on no ground
        ((0, 40), (2, 2), (0, 4), [0, 800, 0, 0, 800]),
        ((40, 0), (2, 2), (4, 0), [800, -800, 0, 0, 0]),
        ((40, 50), (2, 2), (0, 0), [800, 0, 200, 0, 1000]),
    ],
)
def test_a_change_is_told_apart(quantity, price, area, expected):
    assert entries(flow(quantity, price, area)) == pytest.approx(expected)


def test_flows_of_a_service_add_up_and_so_do_services():
    flows = (
        flow((100, 150), (2, 2), (10, 15)),
        flow((10, 10), (1, 2), (1, 1)),
        flow((5, 5), (4, 4), (1, 1), service="cooling"),
    )

    assert entries(*flows) == [2100, 1000, 0, 100, 3200]
    assert entries(*flows, service="cooling") == [200, 0, 0, 0, 200]
    assert entries(*flows, service=ALL) == [2300, 1000, 0, 100, 3400]


def test_rate_and_life_are_shown_at_their_means():
    capital = Capitalisation(rate=np.array([0.03, 0.02]), life_years=np.array([50.0, 60.0]))

    row = asset_account([flow((1, 1), (1, 1), (1, 1))], ZONES, capital).loc[("d", "crops")]

    assert row[["discount_pct", "life_years"]].to_list() == [3, 50]
    assert row["opening_yuan"] == annuity(0.03, 50)
    assert row["opening_low_yuan"] == row["opening_high_yuan"] == annuity(0.02, 60)


def test_without_draws_there_is_no_interval():
    row = asset_account([flow((1, 1), (1, 1), (1, 1))], ZONES, FLAT).loc[("d", "crops")]

    assert row[["opening_low_yuan", "closing_high_yuan"]].isna().all()


def test_no_flows_are_an_empty_account():
    account = asset_account([], ZONES, FLAT)

    assert account.empty
    assert list(account.columns) == list(assets.COLUMNS)


NUMBERS = lists(floats(0, 1e6), min_size=6, max_size=6)


@given(NUMBERS, NUMBERS)
def test_entries_add_up_in_every_zone_and_draw(means, others):
    """The second zone and every draw are other mixtures of the same numbers."""
    mix = np.linspace(0, 1, 8).reshape(2, 4)
    arrays = [a * (1 - mix) + b * mix for a, b in zip(means, others, strict=True)]
    both = AssetFlow(
        service="crops",
        quantity_before=arrays[0],
        quantity_after=arrays[1],
        price_before_yuan=arrays[2],
        price_after_yuan=arrays[3],
        area_before_ha=arrays[4],
        area_after_ha=arrays[5],
    )
    capital = Capitalisation(
        rate=np.array([0.03, 0.02, 0.03, 0.04]), life_years=np.array([50.0, 25, 50, 100])
    )

    account = asset_account([both, both], pd.Index(["a", "b"]), capital)
    parts = both.effects(capital.factor)

    assert list(account.index) == [("a", "crops"), ("a", ALL), ("b", "crops"), ("b", ALL)]
    sums = account[ENTRIES[:4]].sum(axis=1)
    size = account[ENTRIES].abs().sum(axis=1).max()
    np.testing.assert_allclose(sums, account["closing_yuan"], rtol=1e-9, atol=1e-9 * size)
    of_draws = sum(parts[part] for part in assets.PARTS[:-1])
    np.testing.assert_allclose(of_draws, parts["closing"], rtol=1e-9, atol=1e-9 * size)
    assert (account["opening_low_yuan"] <= account["opening_high_yuan"]).all()


def test_entries_that_do_not_add_up_are_our_mistake():
    with pytest.raises(InvariantViolated, match=r"I83(.|\n)*d crops"):
        asset_account([flow((1, np.nan), (1, 1), (1, 1))], ZONES, FLAT)
