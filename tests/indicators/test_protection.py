"""Protection in detail: forms that overlap, parts that add up, wetland that has no protection."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis.strategies import integers, lists, sampled_from, tuples

from sinks.errors import InvariantViolated
from sinks.indicators.coverage import ErrorModel
from sinks.indicators.protection import (
    ProtectedByForm,
    in_force,
    protected_by_form,
    protection_rates,
    unprotected,
    wetland_pieces,
)
from tests.indicators.ground import box, layer, shapes, zones

PRIORITY = {"park": 1, "source": 2, "redline": 3}
WHOLE = shapes(box(0, 0, 4, 4))
EXACT = ErrorModel(boundary_se_m=0, tree_count_relative_se=0)
SIDES = tuples(integers(0, 3), integers(0, 3), integers(1, 3), integers(1, 3)).map(
    lambda side: (side[0], side[1], side[0] + side[2], side[1] + side[3])
)
AREAS = lists(
    tuples(sampled_from(sorted(PRIORITY)), SIDES).map(lambda a: (a[0], *a[1])), max_size=6
)


def protected(*areas):
    return layer([box(*sides) for _, *sides in areas], form=[form for form, *_ in areas])


def by_form(wetland, *areas):
    return protected_by_form(wetland, protected(*areas), PRIORITY, place=WHOLE)


def test_two_squares_that_overlap_by_half_protect_one_and_a_half():
    # handbook T19: two 1 km squares, half of each shared, in a wetland of 4 km2: 37.5 %, not 50 %
    found = by_form(shapes(box(0, 0, 2, 2)), ("park", 0, 0, 1, 1), ("redline", 0.5, 0, 1.5, 1))

    assert found.union_ha == pytest.approx(150)
    assert found.union_ha / found.wetland_ha == pytest.approx(0.375)
    assert found.areas["gross_ha"].sum() == pytest.approx(200)
    assert found.areas["exclusive_ha"].to_dict() == pytest.approx({"park": 100, "redline": 50})
    assert found.overlaps.loc["park", "redline"] == pytest.approx(50)


def test_a_park_counts_with_its_wetland_and_not_with_its_size():
    found = by_form(shapes(box(0, 0, 1, 1)), ("park", 0.5, 0, 3, 3))

    assert found.areas.loc["park", "gross_ha"] == pytest.approx(50)


def test_areas_of_one_form_that_overlap_are_gross_twice_and_protect_once():
    found = by_form(WHOLE, ("park", 0, 0, 2, 1), ("park", 1, 0, 3, 1))

    assert found.areas.loc["park"].to_dict() == pytest.approx(
        {"gross_ha": 400, "form_ha": 300, "exclusive_ha": 300}
    )


def test_what_lies_beyond_the_district_is_no_part_of_it():
    found = protected_by_form(
        shapes(box(-2, 0, 2, 1)), protected(("park", -3, 0, 1, 1)), PRIORITY, place=WHOLE
    )

    assert (found.wetland_ha, found.union_ha) == pytest.approx((200, 100))


def test_without_protection_there_is_an_empty_table_and_a_wetland():
    found = by_form(WHOLE)

    assert found.areas.empty
    assert (found.union_ha, found.wetland_ha) == pytest.approx((0, 1600))


@given(AREAS)
def test_exclusive_parts_add_up_to_the_union_and_the_matrix_is_even(areas):
    wetland = shapes(box(0, 0, 2, 3), box(1, 2, 4, 4))

    found = by_form(wetland, *areas)

    union = shapely.union_all([box(*sides) for _, *sides in areas])
    held_ha = shapely.area(shapely.intersection(shapely.union_all(wetland), union)) / 10_000
    assert found.union_ha == pytest.approx(held_ha)
    assert found.areas["exclusive_ha"].sum() == pytest.approx(held_ha)
    matrix = found.overlaps.to_numpy()
    np.testing.assert_allclose(matrix, matrix.T)
    np.testing.assert_allclose(np.diag(matrix), found.areas["form_ha"])
    assert (found.areas["exclusive_ha"] <= found.areas["form_ha"] + 1e-9).all()
    assert (found.areas["form_ha"] <= found.areas["gross_ha"] + 1e-9).all()


@pytest.mark.parametrize(("exclusive", "union", "wetland"), [(90, 100, 200), (300, 300, 200)])
def test_parts_that_do_not_add_up_are_never_published(exclusive, union, wetland):
    areas = pd.DataFrame({"exclusive_ha": [float(exclusive)]})

    with pytest.raises(InvariantViolated, match="I71"):
        ProtectedByForm(areas=areas, overlaps=areas, union_ha=union, wetland_ha=wetland)


def test_protection_holds_from_its_first_day_to_its_last():
    begins = pd.Series(["2020-06-01", "2020-06-01", None, None])
    ends = pd.Series([None, "2022-12-31", "2022-12-31", None])

    def on(day):
        return in_force(begins, ends, day=day).tolist()

    assert on(date(2020, 5, 31)) == [False, False, True, True]
    assert on(date(2020, 6, 1)) == [True, True, True, True]
    assert on(date(2022, 12, 31)) == [True, True, True, True]
    assert on(date(2023, 1, 1)) == [True, False, False, True]


def test_wetlands_are_listed_by_what_is_unprotected_of_them():
    wetland = layer([box(0, 0, 1, 1), box(1, 0, 4, 1), box(0, 2, 1, 3)]).set_index(
        pd.Index(["small", "large", "held"])
    )

    table = unprotected(wetland, shapes(box(2, 0, 4, 1), box(0, 2, 1, 3)), sliver_m2=10)

    assert table.index.to_list() == ["small", "large"]
    assert table.loc["large"].to_list() == pytest.approx([300, 200, 100, False])


def test_slivers_between_borders_drawn_twice_are_marked_and_still_add_up():
    wetland = layer([box(0, 0, 1, 1)])
    nearly = shapes(box(0, 0, 1, 0.999_999))  # 1 m2 is missing

    table = unprotected(wetland, nearly, sliver_m2=10)

    assert table["sliver"].to_list() == [True]
    assert table["unprotected_ha"].sum() + table["protected_ha"].sum() == pytest.approx(100)


def test_each_definition_of_wetland_has_its_rate_and_one_has_the_name():
    wetland = shapes(box(0, 0, 1, 1), box(2, 0, 3, 1), box(3, 2, 4, 4))
    sets = pd.DataFrame(
        {
            "W_law": [True, True, False],
            "W_2nd": [True, True, True],
            "natural": [True, False, False],
        }
    )
    pieces = wetland_pieces(wetland, shapes(box(0, 0, 1, 1)), zones())

    rates = protection_rates(pieces, sets, ["west", "east", "whole"], EXACT, headline="W_law")

    whole = rates.xs("whole")["value"]
    assert whole["wetland_protection_rate"] == pytest.approx(100 * 100 / 200)
    assert whole["wetland_protection_rate_W_2nd"] == pytest.approx(100 * 100 / 400)
    assert whole["natural_wetland_protection_rate"] == pytest.approx(100)
    assert rates.loc[("east", "wetland_protection_rate"), "value"] == 0
    assert np.isnan(rates.loc[("east", "natural_wetland_protection_rate"), "value"])


@given(AREAS)
def test_pieces_keep_the_wetland_and_towns_add_up(areas):
    wetland = shapes(box(0, 0, 3, 3), box(3, 0, 4, 4))

    pieces = wetland_pieces(wetland, protected(*areas).geometry.to_numpy(), zones())
    area_ha = pieces.pivot_table(
        index="zone", columns="protected", values="area_ha", aggfunc="sum", fill_value=0.0
    )

    assert area_ha.loc["whole"].sum() == pytest.approx(900 + 400)
    halves = area_ha.loc[["west", "east"]].sum()
    np.testing.assert_allclose(halves, area_ha.loc["whole"], atol=1e-9)
