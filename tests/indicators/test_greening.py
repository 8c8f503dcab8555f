"""Green cover of the built-up area: from above, each place once, and at a fixed outline."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, lists, tuples

from sinks.indicators.coverage import ErrorModel
from sinks.indicators.greening import built_up_grounds, green_cover, mapped_green_cover
from sinks.units import Z_95
from tests.indicators.ground import box, layer, shapes, zones
from tests.scenes import NORTH, WEST, cover_from_codes, scene_grid

EXACT = ErrorModel(boundary_se_m=0, tree_count_relative_se=0)
TOWN = (1, 1, 3, 2)  # 200 ha, half in the west, half in the east
GREEN = frozenset({"forest", "grass"})


def grounds(*outlines, year=2025):
    built_up = layer([box(*sides) for _, sides in outlines], year=[y for y, _ in outlines])
    return built_up_grounds(built_up, zones(), year=year)


def rate(rows, zone="whole", indicator="green_cover_rate"):
    return rows.loc[(zone, indicator)]


def test_trees_over_grass_and_what_stands_outside_the_town_do_not_add():
    vegetation = shapes(box(1, 1, 2, 1.5), box(1.5, 1, 2, 2), box(0, 1, 1, 2), box(3, 3, 4, 4))

    rows = green_cover(vegetation, grounds((2025, TOWN)), zones(), EXACT)

    green_ha = 50 + 50 - 25
    assert rate(rows)["numerator"] == pytest.approx(green_ha)
    assert rate(rows)["value"] == pytest.approx(100 * green_ha / 200)
    assert rate(rows, "west")["value"] == pytest.approx(75)
    assert rate(rows, "east")["value"] == 0
    assert (rate(rows)["rule"], rate(rows)["evidence"]) == ("vegetation", "survey")


def test_an_outline_that_grew_has_its_first_rate_beside_it():
    vegetation = shapes(box(1, 1, 2, 2))
    built_up = (2020, (1, 1, 2, 2)), (2025, (1, 1, 3, 2))

    now = green_cover(vegetation, grounds(*built_up), zones(), EXACT)
    before = green_cover(vegetation, grounds(*built_up, year=2020), zones(), EXACT)

    assert rate(now)["value"] == pytest.approx(50)
    assert rate(now, indicator="green_cover_rate_vegetation_fixed")["value"] == pytest.approx(100)
    assert rate(before)["value"] == pytest.approx(100)
    assert before.index.unique("indicator").to_list() == ["green_cover_rate"]


def test_the_outline_is_the_latest_that_is_not_later_than_the_year():
    built_up = (2020, (1, 1, 2, 2)), (2023, (1, 1, 3, 2)), (2026, (0, 0, 4, 4))

    found = grounds(*built_up, year=2025)[""].set_index("zone").area / 10_000

    assert found["whole"] == pytest.approx(200)


def test_a_zone_without_town_has_no_rate():
    rows = green_cover(shapes(box(0, 0, 4, 4)), grounds((2025, (0, 0, 1, 1))), zones(), EXACT)

    assert np.isnan(rate(rows, "east")["value"])
    assert rate(rows, "west")["value"] == pytest.approx(100)


def test_the_edge_of_vegetation_gives_the_interval():
    drawn = ErrorModel(boundary_se_m=2, tree_count_relative_se=0)

    row = rate(green_cover(shapes(box(1, 1, 2, 2)), grounds((2025, TOWN)), zones(), drawn))

    se_ha = 4000 * 2 / 10_000  # perimeter x 2 m
    assert row["high"] - row["value"] == pytest.approx(Z_95 * 100 * se_ha / 200)


@given(lists(tuples(floats(0, 3), floats(0, 3), floats(0.1, 2), floats(0.1, 2)), min_size=1))
def test_towns_have_together_the_green_of_the_district_and_never_more_than_all(drawn):
    vegetation = shapes(*(box(x, y, x + w, y + h) for x, y, w, h in drawn))

    rows = green_cover(vegetation, grounds((2025, TOWN)), zones(), EXACT)

    green_ha = rows.xs("green_cover_rate", level="indicator")["numerator"]
    assert green_ha["west"] + green_ha["east"] == pytest.approx(green_ha["whole"], abs=1e-6)
    assert rate(rows)["value"] <= 100 + 1e-9


def test_a_map_counts_its_green_classes_and_is_said_to_be_rough():
    grid = scene_grid((4, 4), pixel_m=1000)
    codes = np.array([[1, 1, 1, 1], [1, 1, 1, 1], [0, 2, 3, 1], [1, 1, 1, 1]], dtype=np.uint8)
    built_up = layer([box(1, -3, 3, -2)], year=[2025])  # the third row, second and third pixel
    zone = zones({"whole": (0, -4, 4, 0)})
    cover = cover_from_codes(codes, grid=grid, year=2025)

    rows, findings = mapped_green_cover(
        cover, built_up_grounds(built_up, zone, year=2025), zone, GREEN, fine_m=2,
        headline="mapped",
    )  # fmt: skip

    assert (grid.transform.c, grid.transform.f) == (WEST, NORTH)
    row = rate(rows)
    assert (row["numerator"], row["denominator"]) == pytest.approx((100, 200))
    assert (row["rule"], row["evidence"]) == ("mapped", "map")
    assert np.isnan(row["low"])
    assert [(f.code, f.facts["pixel_m"]) for f in findings] == [("F30", 1000)]


def test_a_fine_map_is_taken_as_it_is():
    cover = cover_from_codes(np.ones((2, 2), dtype=np.uint8), grid=scene_grid((2, 2), pixel_m=1))
    zone = zones({"whole": (0, -1, 1, 0)})
    outside = built_up_grounds(layer([box(5, 5, 6, 6)], year=[2025]), zone, year=2025)

    rows, findings = mapped_green_cover(cover, outside, zone, GREEN, fine_m=2)

    assert findings == ()
    assert np.isnan(rate(rows, indicator="green_cover_rate_mapped")["value"])
