"""Coverage rates: counted by hand, held to laws, and never better known than they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from sinks.indicators.coverage import (
    ErrorModel,
    TreeRule,
    estimated_tree_cover,
    mapped_tree_cover,
    protected_share,
    tree_cover,
)
from sinks.units import Z_95
from tests.scenes import SCENE_LEGEND

EXACT = ErrorModel(boundary_se_m=0, tree_count_relative_se=0)
DRAWN = ErrorModel(boundary_se_m=5, tree_count_relative_se=0.1)
ALL_TREES = TreeRule(
    indicator="tree_cover_rate",
    rule="test",
    kinds=frozenset({"arbor", "belt"}),
    trees_per_ha=1650,
)
GROUNDS = pd.DataFrame(
    {"zone_ha": [100.0, 50.0], "water_ha": [20.0, 0.0], "water_se_ha": [2.0, 0.0]},
    index=pd.Index(["town", "site"], name="zone"),
)
NO_TREES = pd.Series(dtype=float)


def stands(*rows):
    frame = pd.DataFrame(rows, columns=["zone", "kind", "area_ha", "perimeter_m"])
    return frame.astype({"area_ha": float, "perimeter_m": float})


def wetland(*rows):
    frame = pd.DataFrame(rows, columns=["zone", "protected", "area_ha", "perimeter_m"])
    return frame.astype({"protected": bool, "area_ha": float, "perimeter_m": float})


def test_stands_of_the_counted_kinds_are_added_and_divided_by_all_the_land():
    pieces = stands(
        ("town", "arbor", 10.0, 0), ("town", "belt", 5.0, 0), ("town", "unestablished", 40.0, 0)
    )

    rates = tree_cover(pieces, GROUNDS, NO_TREES, ALL_TREES, EXACT)

    town = rates.loc[("town", "tree_cover_rate")]
    assert town["value"] == pytest.approx(100 * (10 + 5) / 100)
    assert (town["numerator"], town["denominator"]) == (15, 100)
    assert rates.loc[("site", "tree_cover_rate"), "value"] == 0


def test_sixteen_hundred_and_fifty_scattered_trees_are_a_hectare():
    trees = pd.Series({"town": 3300.0})

    rates = tree_cover(stands(), GROUNDS, trees, ALL_TREES, EXACT)

    assert rates.loc[("town", "tree_cover_rate"), "numerator"] == pytest.approx(2.0)


def test_without_water_the_same_trees_are_a_larger_share():
    dry = TreeRule(
        indicator="dry",
        rule="test",
        kinds=frozenset({"arbor"}),
        trees_per_ha=None,
        minus_water=True,
    )

    rates = tree_cover(stands(("town", "arbor", 10.0, 0)), GROUNDS, NO_TREES, dry, EXACT)

    assert rates.loc[("town", "dry"), "value"] == pytest.approx(100 * 10 / (100 - 20))


def test_a_zone_that_is_all_water_has_no_rate_of_land():
    sea = GROUNDS[:1].assign(zone_ha=10.0, water_ha=10.0000001, water_se_ha=0.0)
    dry = TreeRule(
        indicator="dry", rule="test", kinds=frozenset(), trees_per_ha=None, minus_water=True
    )

    row = tree_cover(stands(), sea, NO_TREES, dry, EXACT).loc[("town", "dry")]

    assert np.isnan(row["value"])
    assert row["denominator"] == 0


def test_boundaries_and_counts_widen_the_interval_in_quadrature():
    pieces = stands(("town", "arbor", 9.0, 1200.0), ("town", "arbor", 9.0, 1600.0))
    trees = pd.Series({"town": 1650.0 * 2})

    town = tree_cover(pieces, GROUNDS, trees, ALL_TREES, DRAWN).loc[("town", "tree_cover_rate")]

    boundary_ha = np.hypot(1200, 1600) * 5 / 10_000  # 1 ha
    half_pct = 1.959964 * np.hypot(boundary_ha, 2 * 0.1)  # of 100 ha
    assert town["high"] - town["value"] == pytest.approx(half_pct)
    assert town["value"] - town["low"] == pytest.approx(half_pct)


def test_protection_is_a_share_of_the_wetland_and_not_of_the_park():
    pieces = wetland(("town", True, 1.5, 0), ("town", False, 2.5, 0))

    rates = protected_share(pieces, ["town"], EXACT, indicator="wetland", rule="W_law")

    # two 1 km squares that overlap by half in a 4 km2 wetland: 37.5 %, not 50 % (handbook T19)
    assert rates.loc[("town", "wetland"), "value"] == pytest.approx(37.5)


def test_a_zone_without_wetland_has_no_rate():
    rates = protected_share(wetland(), ["town"], EXACT, indicator="wetland", rule="W_law")

    assert np.isnan(rates.loc[("town", "wetland"), "value"])
    assert rates.loc[("town", "wetland"), "denominator"] == 0


@given(lists(tuples(floats(0.01, 500), floats(0, 5000)), min_size=1, max_size=8))
def test_splitting_a_wetland_in_protected_and_not_keeps_its_area(parts):
    pieces = wetland(*(("z", i % 2 == 0, area, edge) for i, (area, edge) in enumerate(parts)))

    row = protected_share(pieces, ["z"], DRAWN, indicator="w", rule="r").loc[("z", "w")]

    assert row["denominator"] == pytest.approx(sum(area for area, _ in parts))
    assert 0 <= row["low"] <= row["value"] <= row["high"] <= 100


def test_a_mapped_share_has_no_interval():
    index = pd.MultiIndex.from_tuples(
        [("town", "forest"), ("town", "water")], names=["zone", "land_cover"]
    )
    areas = pd.DataFrame({"area_ha": [30.0, 70.0]}, index=index)

    rates = mapped_tree_cover(areas, GROUNDS, SCENE_LEGEND, indicator="mapped", rule="map")

    assert rates.loc[("town", "mapped"), "value"] == pytest.approx(30)
    assert rates.loc[("town", "mapped"), ["low", "high"]].isna().all()


def test_the_error_of_estimated_water_reaches_a_rate_without_water():
    rule = replace(ALL_TREES, minus_water=True)

    rates = tree_cover(stands(("town", "arbor", 40.0, 0)), GROUNDS, NO_TREES, rule, EXACT)

    town = rates.loc[("town", "tree_cover_rate")]
    assert town["value"] == pytest.approx(50)  # 40 of 80 ha
    assert town["high"] - 50 == pytest.approx(Z_95 * 50 * 2 / 80)  # 2 ha of 80


def test_tree_classes_mistaken_for_one_another_do_not_blur_their_sum():
    keys = ["forest", "grass"]
    estimated = pd.Series(
        [30.0, 70.0],
        index=pd.MultiIndex.from_product([["town"], keys], names=["zone", "land_cover"]),
    )
    covariance = pd.DataFrame([[4.0, -4.0], [-4.0, 4.0]], index=keys, columns=keys)
    both_trees = replace(
        SCENE_LEGEND, classes=tuple(replace(c, tree=True) for c in SCENE_LEGEND.classes)
    )

    def rate(legend):
        rates = estimated_tree_cover(
            estimated, {"town": covariance}, GROUNDS[:1], legend, indicator="t", rule="sample"
        )
        return rates.loc[("town", "t")]

    assert rate(SCENE_LEGEND)["value"] == 30
    assert rate(SCENE_LEGEND)["low"] == pytest.approx(30 - Z_95 * 2)
    assert (rate(both_trees)["value"], rate(both_trees)["low"]) == (100, 100)
    assert rate(both_trees)["evidence"] == "sample"
