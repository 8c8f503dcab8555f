"""Stands in the place of class densities, and simulated stocks beside their closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sinks.carbon.balance import Ground
from sinks.carbon.densities import POOLS
from sinks.carbon.simulated import (
    change_rows,
    phased_rows,
    simulated,
    simulated_rows,
    stock_result,
)
from sinks.carbon.stands import (
    replaced_live,
    replacement,
    stand_parameters,
    stand_stocks,
    stand_terms,
    together,
)
from sinks.carbon.stocks import stocks_by_class, zone_totals
from sinks.carbon.terms import density_parameters
from sinks.uncertainty.areas import mapped_shares
from sinks.uncertainty.draws import draw
from tests.carbon.made import area_table, make_densities, transition_table

NAN = float("nan")
DENSITIES = make_densities(
    forest=((50, 40, 62), (10, 8, 12), (2, 1, 3), (80, 60, 105)),
    grass=((5, 4, 8), (3, 2, 4), 0, (60, 50, 75)),
    water=((1, 0, 2), 0, 0, 0),
    sediment={"water": (30, 15, 60)},
)
RANGES = pd.DataFrame(
    {"relative_low": [0.8, 0.5], "relative_high": [1.2, 1.6]},
    index=pd.Index(["poplar", "willow"], name="group"),
)
CLASSES = pd.Index(["forest", "grass", "water"], name="land_cover")


def stands(*rows: tuple[str, str, str, float, float, float]) -> pd.DataFrame:
    """Stands of ``(zone, class, group, hectares, tC above, tC below)``."""
    columns = ["zone", "land_cover", "group", "area_ha", "above_ground_tc", "below_ground_tc"]
    return pd.DataFrame(list(rows), columns=columns).set_index(columns[:3])


HELD = stands(("town", "forest", "poplar", 2, 60, 12), ("town", "forest", "willow", 1, 20, 5))


def parameters() -> pd.DataFrame:
    return pd.concat([density_parameters(DENSITIES), stand_parameters(RANGES)])


def test_stands_bring_their_living_carbon_and_leave_ground_to_their_class():
    pools = stand_stocks(HELD, RANGES, DENSITIES).loc[("town", "forest"), "stock_tc"]

    assert pools.to_dict() == {
        "above_ground": 60 + 20, "below_ground": 12 + 5,
        "dead_organic_matter": 3 * 2, "soil": 3 * 80,
    }  # fmt: skip


def test_groups_are_independent_and_stands_of_a_group_are_not():
    above = stand_stocks(HELD, RANGES, DENSITIES).loc[("town", "forest", "above_ground")]

    # poplar 60 -20 % +20 %, willow 20 -50 % +60 %
    assert above["stock_low_tc"] == pytest.approx(80 - (12**2 + 10**2) ** 0.5)
    assert above["stock_high_tc"] == pytest.approx(80 + (12**2 + 12**2) ** 0.5)


def test_soil_of_stands_and_of_the_rest_of_the_class_moves_together():
    rest = stocks_by_class(area_table(("town", "forest", 7.0, NAN)), DENSITIES)

    both = together(rest, stand_stocks(HELD, RANGES, DENSITIES))

    soil = both.loc[("town", "forest", "soil")]
    assert soil["stock_tc"] == pytest.approx(10 * 80)
    assert (soil["stock_low_tc"], soil["stock_high_tc"]) == pytest.approx((600, 1050))
    live = both.loc[("town", "forest", "above_ground"), "stock_tc"]
    assert live == pytest.approx(7 * 50 + 80)


def test_it_is_told_what_classes_would_have_given():
    under = area_table(("town", "grass", 2.5, NAN), ("town", "forest", 0.5, NAN))

    row = replacement(under, HELD, DENSITIES).loc["town"]

    assert row.to_dict() == {
        "stands_ha": 3, "replaced_ha": 3, "live_tc": 97, "live_by_class_tc": 2.5 * 8 + 0.5 * 60,
    }  # fmt: skip


def ground_of(**zones: tuple[float, float, float]) -> Ground:
    strata_ha = pd.DataFrame(
        list(zones.values()), index=pd.Index(list(zones), name="zone"), columns=CLASSES
    ).astype(float)
    return Ground(
        strata_ha=strata_ha, shares=mapped_shares(CLASSES), drawn=None, se_ha=0 * strata_ha
    )


def test_the_simulation_agrees_with_the_closed_form_of_stands_and_classes():
    areas = area_table(("town", "forest", 7.0, NAN), ("town", "grass", 4.0, NAN))
    closed = zone_totals(
        together(stocks_by_class(areas, DENSITIES), stand_stocks(HELD, RANGES, DENSITIES))
    ).loc["town"]
    ground, draws = ground_of(town=(7, 4, 0)), draw(parameters(), seed=3)

    found = simulated(
        stock_result(ground, DENSITIES, stand_terms(HELD)), ground, draws
    ).loc["town"]  # fmt: skip

    assert found["stock_tc"] == pytest.approx(closed["stock_tc"])
    assert found["stock_se_tc"] == pytest.approx(closed["stock_se_tc"], rel=0.08)
    assert found["stock_low_tc"] == pytest.approx(closed["stock_low_tc"], rel=0.02)
    assert found["stock_high_tc"] == pytest.approx(closed["stock_high_tc"], rel=0.02)


def test_a_change_takes_one_density_for_both_dates():
    draws, zones = draw(parameters(), seed=3), pd.Index(["town"], name="zone")
    same = transition_table(("town", "forest", "forest", 1000.0), ("town", "grass", "grass", 9.0))
    cleared = transition_table(("town", "forest", "grass", 10.0))

    still = simulated_rows([change_rows(same, DENSITIES)], zones, draws).loc["town"]
    lost = simulated_rows([change_rows(cleared, DENSITIES)], zones, draws).loc["town"]

    assert (still["change_tc"], still["change_se_tc"]) == (0, 0)
    assert lost["change_tc"] == pytest.approx(10 * (68 - 142))
    assert lost["change_probability_gain"] < 0.01


def test_soil_is_phased_and_what_comes_under_water_is_left_out():
    draws, zones = draw(parameters(), seed=3), pd.Index(["town"], name="zone")
    rows = transition_table(("town", "forest", "grass", 10.0), ("town", "grass", "water", 5.0))

    found = simulated_rows([phased_rows(rows, DENSITIES, 0.15)], zones, draws).loc["town"]

    assert found["change_tc"] == pytest.approx(10 * (8 - 62 + 0.15 * (60 - 80)) + 5 * (1 - 8))


def test_new_stands_put_their_own_carbon_where_their_class_would_be():
    draws, zones = draw(parameters(), seed=3), pd.Index(["town"], name="zone")
    planted = transition_table(("town", "grass", "forest", 3.0))
    swap = replaced_live(HELD, pd.Series({("town", "forest"): 3.0}).rename_axis(
        ["zone", "land_cover"]))  # fmt: skip

    found = simulated_rows([change_rows(planted, DENSITIES), swap], zones, draws).loc["town"]

    stock_after = 60 + 12 + 20 + 5 + 3 * (2 + 80)
    assert found["change_tc"] == pytest.approx(stock_after - 3 * 68)


def test_a_stock_has_every_pool_of_the_headline():
    result = stock_result(ground_of(town=(1, 0, 0)), DENSITIES, stand_terms(HELD.iloc[:0]))

    used = result.coefficients().loc["town"]
    assert used[used != 0].index.to_list() == [f"density/forest/{pool}" for pool in POOLS]
    assert np.isclose(result.mean(parameters())["town"], 142)
