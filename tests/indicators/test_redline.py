"""The red line: its share of each zone, and the patches of change inside it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from hypothesis.strategies import sampled_from

from sinks.errors import InputRefused
from sinks.indicators.encroachment import encroaches, encroachments
from sinks.indicators.redline import redline_shares
from sinks.landcover.cover import cover_from_array
from sinks.landcover.legend import Legend
from sinks.zones.areas import tabulate
from tests.indicators.ground import box, layer, zones
from tests.scenes import SCENE_LEGEND, cover_from_codes, draw, scene_grid, zones_at

LINE = zones_at({"line": shapely.box(0, 0, 4, 3)})
SCENES = arrays("uint8", (12, 12), elements=sampled_from([0, 1, 2, 3]))


def patches(before, after, places=LINE, minimum_m2=400):
    return encroachments(draw(before), draw(after, year=2025), places, minimum_m2=minimum_m2)


def test_the_share_of_a_zone_counts_overlapping_areas_once():
    areas = layer([box(0, 0, 1, 4), box(0, 0, 2, 2), box(3, 0, 5, 4)], form=["redline"] * 3)

    shares = redline_shares(areas, zones())

    west = shares.loc[("west", "redline_share")]
    assert west["value"] == pytest.approx(100 * 600 / 800)
    assert (west["rule"], west["evidence"], west["part_unit"]) == ("national", "register", "ha")
    assert shares.loc[("whole", "redline_share"), "numerator"] == pytest.approx(600 + 400)


def test_the_national_line_and_the_control_area_are_never_added():
    areas = layer([box(0, 0, 1, 4), box(0, 0, 2, 4)], form=["redline", "control_area"])

    shares = redline_shares(areas, zones()).xs("whole")["value"]

    assert shares.to_dict() == pytest.approx({"redline_share": 25, "control_area_share": 50})


def test_a_tier_that_the_layer_does_not_hold_has_no_row():
    shares = redline_shares(layer([box(0, 0, 1, 1)], form=["control_area"]), zones())

    assert shares.index.unique("indicator").to_list() == ["control_area_share"]


def test_a_layer_of_something_else_is_refused():
    with pytest.raises(InputRefused, match="F34"):
        redline_shares(layer([box(0, 0, 1, 1)], form=["park"]), zones())


def test_pixels_of_one_change_that_touch_make_one_patch():
    found = patches(
        """
        F F F F
        F F W F
        F F F F
        """,
        """
        G G F W
        G F G F
        F F F W
        """,
    )

    listed = found.patches[["land_cover", "land_cover_after", "px", "area_ha"]]
    assert listed.to_numpy().tolist() == [
        ["forest", "grass", 3, pytest.approx(3)],
        ["forest", "water", 1, pytest.approx(1)],  # patches of one size from north to south
        ["water", "grass", 1, pytest.approx(1)],
        ["forest", "water", 1, pytest.approx(1)],
    ]


def test_pixels_that_touch_at_a_corner_are_two_patches():
    found = patches("F F\nF F", "G F\nF G", zones_at({"line": shapely.box(0, 0, 2, 2)}))

    assert found.patches["px"].to_list() == [1, 1]


def test_the_end_of_a_row_does_not_touch_the_start_of_the_next():
    found = patches("F F F\nF F F", "F F G\nG F F", zones_at({"line": shapely.box(0, 0, 3, 2)}))

    assert found.patches["px"].to_list() == [1, 1]


def test_only_what_lies_inside_counts_and_its_area_is_that_inside():
    half = zones_at({"line": shapely.box(0, 0, 1.5, 1)})

    found = patches("F F F", "G G G", half)

    assert found.patches["area_ha"].to_list() == pytest.approx([1.5])
    assert found.patches["px"].to_list() == [2]


def test_patches_below_the_unit_are_added_up_and_not_listed():
    grid = scene_grid((2, 6), pixel_m=10)  # four pixels are 400 m2
    before = np.ones((2, 6), dtype=np.uint8)
    after = np.array([[2, 2, 1, 3, 3, 1], [2, 2, 1, 3, 1, 1]], dtype=np.uint8)
    line = zones_at({"line": shapely.box(0, 0, 1, 1)})

    found = encroachments(
        cover_from_codes(before, grid=grid), cover_from_codes(after, grid=grid), line,
        minimum_m2=400,
    )  # fmt: skip

    assert found.patches["land_cover_after"].to_list() == ["grass"]
    assert (found.small, found.small_ha) == (1, pytest.approx(0.03))


def test_no_data_is_no_change():
    assert patches("F . F F", "F G . F").patches.empty


def test_a_patch_says_where_it_is():
    found = patches("F F F", "F F G")

    lon, lat = found.patches.loc[0, ["lon", "lat"]]
    assert (lon, lat) == (pytest.approx(119.19, abs=0.01), pytest.approx(33.05, abs=0.5))


def test_two_areas_that_overlap_list_a_patch_each():
    both = zones_at({"a": shapely.box(0, 0, 2, 1), "b": shapely.box(1, 0, 3, 1)})

    assert patches("F F F", "F G F", both).patches["zone"].to_list() == ["a", "b"]


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        ("grass", "water", False),
        ("water", "grass", True),  # natural wetland is none any more
        ("forest", "grass", True),  # trees made room for grass
        ("forest", "water", False),  # and here for natural wetland
        ("grass", "forest", False),
    ],
)
def test_a_change_encroaches_if_it_takes_from_nature(before, after, taken):
    by_key = SCENE_LEGEND.by_key

    assert encroaches(by_key[before], by_key[after]) is taken


@settings(max_examples=40)
@given(SCENES, SCENES)
def test_patches_and_what_is_too_small_are_all_the_change_that_areas_show(before, after):
    if not (before.any() and after.any()):
        return
    covers = cover_from_codes(before), cover_from_codes(after, year=2025)
    line = zones_at({"line": shapely.Polygon([(0.3, 1), (11, 0.5), (9, 11.2), (2, 8)])})

    found = encroachments(*covers, line, minimum_m2=30_000)

    moves = tabulate(covers[0], line, after=covers[1]).transitions["area_ha"]
    classes = moves.index.to_frame()
    changed_ha = moves[classes["land_cover"] != classes["land_cover_after"]].sum()
    assert found.patches["area_ha"].sum() + found.small_ha == pytest.approx(changed_ha)
    assert (found.patches["area_ha"] >= 2.99).all()


def test_maps_of_two_grids_or_legends_are_refused():
    before = draw("F F")
    other = Legend(name="other", classes=SCENE_LEGEND.classes[:2])
    codes = np.array([[1, 2]], dtype=np.uint8)

    with pytest.raises(InputRefused, match="R23"):
        encroachments(before, draw("F F F"), LINE, minimum_m2=400)
    with pytest.raises(InputRefused, match="L03"):
        strange = cover_from_array(codes, grid=before.grid, legend=other, year=2025)
        encroachments(before, strange, LINE, minimum_m2=400)
