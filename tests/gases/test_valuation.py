"""Present value of carbon: the figures of InVEST's own tests (github.com/natcap/invest,
tests/test_carbon.py), whose pixels are 1 m2 and whose price is per tonne of carbon.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.gases.valuation import CarbonPrice, present_value

POOLS_TC_PER_HA = {1: (15, 10, 60, 1), 2: (5, 3, 20, 0), 3: (2, 1, 5, 0)}
HA_PER_PIXEL = 1 / 10_000


def change_tc_per_ha(before: int, after: int) -> float:
    return sum(POOLS_TC_PER_HA[after]) - sum(POOLS_TC_PER_HA[before])


def test_the_changes_of_the_worked_example():
    assert change_tc_per_ha(1, 2) == -58
    assert change_tc_per_ha(1, 3) == -78


@pytest.mark.parametrize(("after", "per_pixel"), [(2, -0.2494), (3, -0.3354)])
def test_without_rates_a_tonne_is_worth_its_price(after, per_pixel):
    price = CarbonPrice(price_yuan_per_tc=43)

    value = present_value(change_tc_per_ha(1, after) * HA_PER_PIXEL, price, 2016, 2030)

    assert value == pytest.approx(per_pixel)


@pytest.mark.parametrize(
    ("after", "per_pixel"), [(2, -0.34220789207450352), (3, -0.4602106134795047)]
)
def test_rates_weigh_on_later_years(after, per_pixel):
    price = CarbonPrice(price_yuan_per_tc=43, discount_pct=-7.1, price_change_pct=2.8)

    value = present_value(change_tc_per_ha(1, after) * HA_PER_PIXEL, price, 2016, 2030)

    assert value == pytest.approx(per_pixel, rel=1e-12)


def test_the_valuation_constant():
    price = CarbonPrice(price_yuan_per_tc=50, discount_pct=50, price_change_pct=5)

    assert price.per_tonne(2010, 2012) == pytest.approx(40.87302, abs=5e-6)


@given(st.floats(-500, 500), st.floats(0, 20), st.integers(1, 60))
def test_value_follows_the_change_and_discounting_lowers_it(change_tc, discount_pct, years):
    plain = CarbonPrice(price_yuan_per_tc=100)
    discounted = CarbonPrice(price_yuan_per_tc=100, discount_pct=discount_pct)

    value = present_value(change_tc, discounted, 2026, 2026 + years)

    assert abs(value) <= abs(present_value(change_tc, plain, 2026, 2026 + years)) + 1e-9
    assert value * change_tc >= 0
    assert present_value(-change_tc, discounted, 2026, 2026 + years) == pytest.approx(-value)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: CarbonPrice(price_yuan_per_tc=-1),
        lambda: CarbonPrice(price_yuan_per_tc=1, discount_pct=-100),
        lambda: CarbonPrice(price_yuan_per_tc=1, price_change_pct=float("nan")),
        lambda: CarbonPrice(price_yuan_per_tc=1).per_tonne(2030, 2030),
        lambda: CarbonPrice(price_yuan_per_tc=1).per_tonne(2030, 2020),
    ],
)
def test_prices_and_years_that_cannot_be_are_refused(wrong):
    with pytest.raises(InputRefused, match="Y09"):
        wrong()
