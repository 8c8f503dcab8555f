"""Tree belts: length by width, each place once; and the water that a denominator may leave out."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from sinks.errors import InputRefused
from sinks.indicators.belts import belt_pieces, belt_polygons, large_water_ha
from sinks.indicators.coverage import ErrorModel, TreeRule, tree_cover
from sinks.indicators.lines import length_m
from tests.indicators.ground import box, layer, line, shapes, zones

EXACT = ErrorModel(boundary_se_m=0, tree_count_relative_se=0)


def belts(*lines, width_m=10.0):
    return belt_polygons(layer(lines, width_m=width_m), widest_m=50)


@pytest.mark.parametrize("towards", [(3, 0), (0, 3), (2, 2)], ids=["east", "north", "north-east"])
def test_a_belt_is_as_large_as_length_times_width_whatever_way_it_runs(towards):
    course = line((0, 0), towards)

    area_ha = belts(course, width_m=12).area.to_numpy() / 10_000

    assert area_ha == pytest.approx(length_m(shapes(course)) * 12 / 10_000, rel=1e-4)


def test_belts_in_another_crs_come_out_the_same():
    ends = shapely.LineString([(500_000, 3_690_000), (502_000, 3_691_000)])
    course = gpd.GeoDataFrame({"width_m": [12.0]}, geometry=[ends], crs="EPSG:4549")

    area_ha = belt_polygons(course, widest_m=50).area.iloc[0] / 10_000

    assert area_ha == pytest.approx(np.hypot(2000, 1000) * 12 / 10_000, rel=1e-5)


def test_a_belt_through_a_stand_or_another_belt_counts_once():
    one, other = belts(line((0, 1), (4, 1)), line((1, 0), (1, 4))).geometry
    stand = box(2, 0, 4, 2)

    pieces = belt_pieces(shapes(one, other), shapes(stand), zones())

    whole_ha = shapely.area(shapely.difference(shapely.union_all([one, other]), stand)) / 10_000
    by_zone = pieces.groupby("zone")["area_ha"].sum()
    assert by_zone["whole"] == pytest.approx(whole_ha)
    assert by_zone.get("east", 0.0) == pytest.approx(0, abs=1e-6)
    assert set(pieces["kind"]) == {"belt"}


def test_belts_of_ten_metres_are_found_that_a_map_of_ten_metres_would_lose():
    # handbook, mistake 8: 40 belts of 4 km x 10 m in 1,600 ha are 10 % of it
    courses = [line((0.05 + n / 10, 0), (0.05 + n / 10, 4)) for n in range(40)]
    pieces = belt_pieces(belts(*courses).geometry.to_numpy(), shapes(), zones())
    grounds = pd.DataFrame(
        {"zone_ha": [1600.0], "water_ha": 0.0, "water_se_ha": 0.0},
        index=pd.Index(["whole"], name="zone"),
    )
    rule = TreeRule(indicator="i", rule="r", kinds=frozenset({"belt"}), trees_per_ha=None)

    row = tree_cover(pieces, grounds, pd.Series(dtype=float), rule, EXACT).loc[("whole", "i")]

    assert row["numerator"] == pytest.approx(
        length_m(shapes(*courses)).sum() * 10 / 10_000, rel=1e-4
    )


@pytest.mark.parametrize("width_m", [0.0, -5.0, np.nan, 60.0])
def test_a_width_that_cannot_be_is_refused(width_m):
    with pytest.raises(InputRefused, match="F32") as refused:
        belts(line((0, 0), (1, 0)), width_m=width_m)

    assert refused.value.findings[0].facts["count"] == 1


def test_large_water_is_judged_by_its_whole_body():
    water = shapes(box(-2, 0, 0, 1), box(0, 0, 1, 1), box(3, 0, 3.5, 1), box(2, 2, 3, 4))

    found = large_water_ha(water, zones(), minimum_ha=150)

    # 300 ha that reach in with 100; 50 ha that are too small; 200 ha in the east
    assert found.to_dict() == pytest.approx({"west": 100, "east": 200, "whole": 300})


def test_a_rate_may_leave_out_large_water_alone():
    grounds = pd.DataFrame(
        {"zone_ha": [1600.0], "water_ha": 500.0, "water_se_ha": 9.0, "large_water_ha": 400.0},
        index=pd.Index(["whole"], name="zone"),
    )
    stands = pd.DataFrame(
        {"zone": ["whole"], "kind": ["arbor"], "area_ha": [300.0], "perimeter_m": [0.0]}
    )
    rule = TreeRule(indicator="i", rule="total", kinds=frozenset({"arbor"}), trees_per_ha=None)

    def value(rule):
        return tree_cover(stands, grounds, pd.Series(dtype=float), rule, EXACT).loc[("whole", "i")]

    large = value(replace(rule, minus_large_water=True))
    assert large["value"] == pytest.approx(100 * 300 / 1200)
    assert large["high"] == pytest.approx(
        large["value"]
    )  # a registered lake has no sampling error
    assert value(rule)["value"] < large["value"] < value(replace(rule, minus_water=True))["value"]
