"""Carbon stocks and their change: counted by hand, then held to laws on any scene."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sinks.carbon.change import change_by_class, stock_change
from sinks.carbon.densities import POOLS
from sinks.carbon.stocks import (
    class_totals,
    density_by_code,
    pool_totals,
    sediment_stocks,
    stocks_by_class,
    zone_totals,
)
from sinks.errors import InputRefused
from sinks.units import Z_95
from tests.carbon.made import area_table, make_densities, transition_table
from tests.scenes import SCENE_LEGEND, cover_from_codes, draw

NAN = float("nan")
# tC/ha above ground, below, dead matter, soil
EXACT = make_densities(
    forest=(50, 10, 2, 80), grass=(5, 3, 0, 60), water=(1, 0, 0, 0), sediment={"water": 30}
)
ROUGH = make_densities(
    forest=((50, 40, 60), (10, 8, 12), (2, 1, 3), (80, 60, 120)),
    grass=((5, 4, 8), (3, 2, 4), 0, (60, 50, 75)),
    water=((1, 0, 2), 0, 0, 0),
    sediment={"water": (30, 15, 60)},
)
KEYS = ("forest", "grass", "water")
ANY_SCENE = arrays(
    "uint8",
    array_shapes(min_dims=2, max_dims=2, max_side=8),
    elements=st.sampled_from([0, 1, 2, 3]),
).filter(np.any)
ANY_AREAS = st.lists(st.floats(0, 1e5), min_size=3, max_size=3)
ANY_MATRIX = st.lists(st.floats(0, 1e4), min_size=9, max_size=9)
law = settings(max_examples=40, deadline=None)  # the first call warms pandas up


def areas_of(hectares: list[float], zone: str = "town") -> pd.DataFrame:
    return area_table(*((zone, k, ha, NAN) for k, ha in zip(KEYS, hectares, strict=True)))


def transitions_of(hectares: list[float], zone: str = "town") -> pd.DataFrame:
    pairs = [(before, after) for before in KEYS for after in KEYS]
    rows = ((zone, *pair, ha) for pair, ha in zip(pairs, hectares, strict=True))
    return transition_table(*rows)


# ---- by hand -------------------------------------------------------------------------------


def test_a_stock_is_area_times_density():
    areas = area_table(("town", "forest", 3.0, NAN), ("town", "grass", 1.0, NAN))

    stocks = stocks_by_class(areas, EXACT)

    assert stocks.loc[("town", "forest", "soil"), "stock_tc"] == 3 * 80
    assert zone_totals(stocks).loc["town", "stock_tc"] == 3 * 142 + 1 * 68
    assert pool_totals(stocks).loc[("town", "soil"), "stock_tc"] == 3 * 80 + 1 * 60
    assert class_totals(stocks).loc[("town", "forest"), "stock_tc"] == 3 * 142


def test_sediment_is_counted_apart():
    areas = area_table(("lake", "water", 10.0, NAN), ("lake", "grass", 2.0, NAN))

    stocks = stocks_by_class(areas, EXACT)

    assert set(stocks.index.get_level_values("pool")) == set(POOLS)
    assert zone_totals(stocks).loc["lake", "stock_tc"] == 10 * 1 + 2 * 68
    assert sediment_stocks(areas, EXACT)["stock_tc"].to_dict() == {
        ("lake", "water", "sediment"): 300
    }


def test_land_without_water_has_no_sediment():
    assert sediment_stocks(area_table(("town", "grass", 2.0, NAN)), EXACT).empty


def test_one_class_gives_back_its_range_however_skewed():
    stocks = stocks_by_class(area_table(("town", "forest", 2.0, NAN)), ROUGH)

    soil = stocks.loc[("town", "forest", "soil")]
    assert (soil["stock_low_tc"], soil["stock_high_tc"]) == (2 * 60, 2 * 120)
    assert soil["stock_se_tc"] == pytest.approx(2 * (120 - 60) / (2 * Z_95))


def test_pools_of_one_class_add_plainly_and_classes_in_quadrature():
    areas = area_table(("town", "forest", 1.0, NAN), ("town", "grass", 1.0, NAN))

    total = zone_totals(stocks_by_class(areas, ROUGH)).loc["town"]

    forest_up, grass_up = 10 + 2 + 1 + 40, 3 + 1 + 0 + 15
    forest_down, grass_down = 10 + 2 + 1 + 20, 1 + 1 + 0 + 10
    assert total["stock_tc"] == 142 + 68
    assert total["stock_high_tc"] == pytest.approx(210 + (forest_up**2 + grass_up**2) ** 0.5)
    assert total["stock_low_tc"] == pytest.approx(210 - (forest_down**2 + grass_down**2) ** 0.5)


def test_the_relative_errors_of_area_and_density_combine():
    tenth = 10 * Z_95  # 10 % as a standard error makes a range of +-19.6 %
    densities = make_densities(forest=(0, 0, 0, (100, 100 - tenth, 100 + tenth)))
    areas = area_table(("town", "forest", 100.0, 10.0))

    soil = stocks_by_class(areas, densities).loc[("town", "forest", "soil")]

    # A2 sD2 + D2 sA2 + sA2 sD2 over A2 D2: 0.01 + 0.01 + 0.0001
    assert soil["stock_se_tc"] / soil["stock_tc"] == pytest.approx(0.0201**0.5)
    assert soil["area_error_known"]


def test_an_area_without_error_counts_as_exact_and_the_table_says_so():
    areas = area_table(("town", "forest", 100.0, NAN), ("town", "grass", 5.0, 1.0))

    stocks = stocks_by_class(areas, EXACT)

    assert (stocks.xs("forest", level="land_cover")["stock_se_tc"] == 0).all()
    assert not zone_totals(stocks).loc["town", "area_error_known"]
    assert class_totals(stocks).loc[("town", "grass"), "area_error_known"]


def test_a_stock_never_reaches_below_nothing():
    stocks = stocks_by_class(area_table(("town", "forest", 1.0, 5.0)), EXACT)

    assert (stocks["stock_low_tc"] >= 0).all()


def test_zones_are_never_added():
    areas = area_table(("town", "forest", 1.0, NAN), ("district", "forest", 3.0, NAN))

    totals = zone_totals(stocks_by_class(areas, EXACT))

    assert totals["stock_tc"].to_dict() == {"town": 142, "district": 3 * 142}
    assert list(totals.index) == ["town", "district"]  # in the order they came


# ---- change --------------------------------------------------------------------------------


def test_what_was_built_on_is_lost():
    transitions = transition_table(
        ("town", "forest", "grass", 2.0), ("town", "forest", "forest", 7.0)
    )

    change = stock_change(transitions, EXACT).loc["town"]

    assert change["common_ha"] == 9
    assert change["stock_before_tc"] == 9 * 142
    assert change["stock_after_tc"] == 7 * 142 + 2 * 68
    assert change["change_tc"] == 2 * (68 - 142)
    assert change["change_biomass_tc"] == 2 * (8 - 62)
    assert change["change_soil_potential_tc"] == 2 * (60 - 80)
    assert change["change_soil_sediment_tc"] == 0


def test_soil_that_floods_is_moved_and_not_emitted():
    transitions = transition_table(
        ("lake", "grass", "water", 10.0), ("lake", "water", "forest", 1.0)
    )

    change = stock_change(transitions, EXACT).loc["lake"]

    assert change["change_soil_sediment_tc"] == -10 * 60 + 1 * 80
    assert change["change_soil_potential_tc"] == 0
    assert change["change_biomass_tc"] == 10 * (1 - 8) + 1 * (62 - 1)


def test_one_class_into_another_is_attributed():
    table = change_by_class(transition_table(("town", "grass", "forest", 3.0)), EXACT)

    row = table.loc[("town", "grass", "forest")]
    assert row["area_ha"] == 3
    assert row["change_tc"] == 3 * (142 - 68)


def test_the_same_density_stands_at_both_dates():
    """Densities drawn apart for each date would give a change where nothing changed."""
    still = transition_table(
        ("town", "forest", "forest", 1000.0), ("town", "grass", "grass", 10.0)
    )

    change = stock_change(still, ROUGH).loc["town"]

    stock_before = stocks_by_class(areas_of([1000, 10, 0]), ROUGH)
    apart_se_tc = 2**0.5 * zone_totals(stock_before).loc["town", "stock_se_tc"]
    assert apart_se_tc > 20_000  # what the trap would say
    assert change[["change_tc", "change_se_tc", "change_low_tc", "change_high_tc"]].eq(0).all()


def test_areas_that_swap_places_do_not_change_the_stock():
    swapped = transition_table(("town", "forest", "grass", 5.0), ("town", "grass", "forest", 5.0))

    change = stock_change(swapped, ROUGH).loc["town"]

    assert change["change_tc"] == 0
    assert change["change_se_tc"] == 0


def test_a_shrinking_class_turns_its_range_over():
    """1 ha of grass to forest: forest grows, grass shrinks."""
    change = stock_change(transition_table(("town", "grass", "forest", 1.0)), ROUGH).loc["town"]

    forest_up, forest_down = 10 + 2 + 1 + 40, 10 + 2 + 1 + 20
    grass_up, grass_down = 3 + 1 + 0 + 15, 1 + 1 + 0 + 10
    assert change["change_tc"] == 142 - 68
    assert change["change_high_tc"] - 74 == pytest.approx((forest_up**2 + grass_down**2) ** 0.5)
    assert 74 - change["change_low_tc"] == pytest.approx((forest_down**2 + grass_up**2) ** 0.5)


# ---- by publication ------------------------------------------------------------------------


def test_the_example_of_invest():
    """InVEST carbon model, tests/test_carbon.py: pools of three classes, change per hectare."""
    invest = make_densities(one=(15, 10, 1, 60), two=(5, 3, 0, 20), three=(2, 1, 0, 5))

    def per_hectare(before, after):
        return stock_change(transition_table(("px", before, after, 1.0)), invest)[
            "change_tc"
        ].item()

    assert per_hectare("one", "two") == -58
    assert per_hectare("one", "three") == -78


# ---- by law --------------------------------------------------------------------------------


@law
@given(ANY_SCENE)
def test_map_and_table_agree(codes):
    cover = cover_from_codes(codes)  # one pixel is one hectare
    counts = [float((codes == c.code).sum()) for c in cover.legend.classes]

    from_map = np.nansum(density_by_code(cover.legend, EXACT)[codes])
    from_table = zone_totals(stocks_by_class(areas_of(counts), EXACT))["stock_tc"].item()

    assert from_map == pytest.approx(from_table)


def test_maps_show_nothing_where_nothing_is_known():
    held = density_by_code(SCENE_LEGEND, EXACT)

    assert held.shape == (256,)
    assert held.dtype == np.float32
    assert np.isnan(held[[0, 4, 254, 255]]).all()
    assert held[[1, 2, 3]].tolist() == [142, 68, 1]
    np.testing.assert_array_equal(
        held[draw("F F .").blocks.codes], np.array([[142, 142, NAN]], dtype=np.float32)
    )


def test_a_map_of_one_pool_shows_that_pool():
    assert density_by_code(SCENE_LEGEND, EXACT, ["soil"])[[1, 2, 3]].tolist() == [80, 60, 0]


@law
@given(ANY_AREAS, st.floats(0, 1))
def test_a_zone_cut_in_two_holds_the_same_carbon(hectares, share):
    left = areas_of([ha * share for ha in hectares], "left")
    right = areas_of([ha * (1 - share) for ha in hectares], "right")

    parts = zone_totals(stocks_by_class(pd.concat([left, right]), ROUGH))
    whole = zone_totals(stocks_by_class(areas_of(hectares), ROUGH)).loc["town"]

    assert parts["stock_tc"].sum() == pytest.approx(whole["stock_tc"], rel=1e-9)


@law
@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_zones_changes_nothing(order):
    def totals(zones):
        tables = [areas_of([ord(zone), 2.0, 3.0], zone) for zone in zones]
        return zone_totals(stocks_by_class(pd.concat(tables), ROUGH))

    shuffled = totals(order)

    assert list(shuffled.index) == order
    pd.testing.assert_frame_equal(shuffled.sort_index(), totals(["a", "b", "c", "d"]))


@law
@given(ANY_MATRIX)
def test_a_change_is_the_stock_after_less_the_stock_before(hectares):
    transitions = transitions_of(hectares)
    matrix = np.array(hectares).reshape(3, 3)

    def total(areas):
        return zone_totals(stocks_by_class(areas_of(list(areas)), ROUGH))["stock_tc"].item()

    change = stock_change(transitions, ROUGH).loc["town"]

    assert change["stock_before_tc"] == pytest.approx(total(matrix.sum(axis=1)))
    assert change["stock_after_tc"] == pytest.approx(total(matrix.sum(axis=0)))
    scale = 1e-9 * (change["stock_before_tc"] + change["stock_after_tc"])
    difference = change["stock_after_tc"] - change["stock_before_tc"]
    assert change["change_tc"] == pytest.approx(difference, abs=scale)


@law
@given(ANY_MATRIX)
def test_the_parts_of_a_change_and_its_classes_add_up_to_it(hectares):
    transitions = transitions_of(hectares)
    change = stock_change(transitions, ROUGH).loc["town"]
    by_class = change_by_class(transitions, ROUGH)

    parts = [c for c in change.index if c.startswith(("change_biomass", "change_soil"))]
    scale = 1e-9 * (change["stock_before_tc"] + change["stock_after_tc"])
    assert len(parts) == 3
    assert change[parts].sum() == pytest.approx(change["change_tc"], abs=scale)
    assert by_class["change_tc"].sum() == pytest.approx(change["change_tc"], abs=scale)
    assert by_class["area_ha"].sum() == pytest.approx(change["common_ha"])


@law
@given(ANY_MATRIX)
def test_time_turned_round_turns_the_change_and_its_interval_round(hectares):
    matrix = np.array(hectares).reshape(3, 3)
    forth = stock_change(transitions_of(hectares), ROUGH).loc["town"]
    back = stock_change(transitions_of(list(matrix.T.ravel())), ROUGH).loc["town"]

    scale = 1e-9 * (forth["stock_before_tc"] + forth["stock_after_tc"])
    assert back["change_tc"] == pytest.approx(-forth["change_tc"], abs=scale)
    assert back["change_low_tc"] == pytest.approx(-forth["change_high_tc"], abs=scale)
    assert back["change_se_tc"] == pytest.approx(forth["change_se_tc"], abs=scale)


@law
@given(st.lists(st.floats(100, 1000), min_size=3, max_size=3))
def test_intervals_agree_with_a_simulation(hectares):
    """Two-piece normal densities, one draw per class: ends within 3 % of the width."""
    draws = np.random.default_rng(7).standard_normal((3, 200_000))
    classes = ROUGH.frame.groupby(level="land_cover", sort=False).sum()
    mean, low, high = (
        classes[f"density_{side}tc_per_ha"].to_numpy()[:, None] for side in ("", "low_", "high_")
    )
    density = mean + np.where(draws > 0, high - mean, mean - low) * draws / Z_95
    ends = np.quantile(np.array(hectares) @ density, [0.025, 0.975])

    total = zone_totals(stocks_by_class(areas_of(hectares), ROUGH)).loc["town"]

    allowed = 0.03 * (ends[1] - ends[0])
    assert total["stock_low_tc"] == pytest.approx(ends[0], abs=allowed)
    assert total["stock_high_tc"] == pytest.approx(ends[1], abs=allowed)


# ---- by refusal ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        lambda d: stocks_by_class(area_table(("town", "forest", 1.0, NAN)), d),
        lambda d: sediment_stocks(area_table(("town", "forest", 1.0, NAN)), d),
        lambda d: stock_change(transition_table(("town", "grass", "forest", 1.0)), d),
        lambda d: change_by_class(transition_table(("town", "forest", "grass", 1.0)), d),
        lambda d: density_by_code(SCENE_LEGEND, d),
    ],
    ids=["stocks", "sediment", "change", "by class", "map"],
)
def test_a_class_without_density_is_refused_by_name(step):
    grass_only = make_densities(grass=(5, 3, 0, 60), water=(0, 0, 0, 0))

    with pytest.raises(InputRefused, match=r"D01(.|\n)*forest; table the test table"):
        step(grass_only)
