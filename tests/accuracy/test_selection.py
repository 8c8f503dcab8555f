"""Samples drawn from maps: counted by hand, by law, and by drawing again and again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from sinks.accuracy import strata as strata_module
from sinks.accuracy.assessment import assess
from sinks.accuracy.designs import Design, allocated, class_shares, total_size
from sinks.accuracy.selection import SECRET, blind, draw, sampling_frame
from sinks.accuracy.strata import strata_of, strata_table
from sinks.errors import InputRefused
from sinks.grid import Grid
from tests.scenes import cover_from_codes, zones_at
from tests.scenes import draw as scene

MAP = scene("""
    F F F G
    F . G G
    W W G G
""")
LATER = scene(
    """
    F F G G
    F F W .
    W W G G
    """,
    year=2025,
)


def noise(rows: int, cols: int, seed: int = 1):
    return np.random.default_rng(seed).integers(0, 4, (rows, cols)).astype(np.uint8)


def whole(size: int, *, kind="simple", seed: int = 7) -> Design:
    return Design(kind=kind, seed=seed, sizes={"all": size})


# ---- strata ------------------------------------------------------------------------------


def test_the_strata_of_a_map_are_its_classes():
    strata = strata_of(MAP)

    assert strata.population_px.to_dict() == {"forest": 4, "grass": 5, "water": 2}
    assert strata.findings == ()
    table = strata_table(strata)
    assert list(table.columns) == ["stratum", "map_class", "population_px", "area_ha"]
    np.testing.assert_allclose(table["area_ha"], table["population_px"])  # a pixel is a hectare


def test_with_two_dates_what_stays_is_a_stratum_and_what_changes_another():
    strata = strata_of(MAP, LATER)

    assert strata.population_px.to_dict() == {"forest": 3, "grass": 3, "water": 2, "change": 2}
    rows = strata_table(strata).set_index("stratum").loc["change"]
    assert list(zip(rows["map_class"], rows["map_class_after"], strict=True)) == [
        ("forest", "grass"),
        ("grass", "water"),
    ]


def test_groups_hold_classes_and_transitions():
    groups = {"loss": ["forest>*"], "land": ["forest", "grass"]}

    strata = strata_of(MAP, LATER, groups=groups)

    assert strata.population_px.to_dict() == {"water": 2, "loss": 1, "land": 6, "change": 1}


def test_a_district_takes_the_pixels_whose_centre_it_holds():
    district = zones_at({"a": shapely.box(0.4, 0.4, 2.4, 2.6)})  # two columns, three rows

    strata = strata_of(MAP, district=district)

    assert strata.population_px.to_dict() == {"forest": 3, "water": 2}
    assert [f.code for f in strata.findings] == ["E06"]
    assert strata.findings[0].facts["blank_px"] == 1


@given(
    st.lists(
        st.tuples(st.floats(-5, 25), st.floats(-5, 25), st.floats(0.5, 12)),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=25)
def test_pixels_in_a_district_are_those_whose_centre_it_contains(circles):
    shape = shapely.union_all([shapely.Point(x, y).buffer(r) for x, y, r in circles])
    shape = shape.difference(shapely.Point(10, 10).buffer(3))  # with a hole
    rows, cols = np.mgrid[0:20, 0:20] + 0.5
    within = shapely.contains_xy(shape, cols.ravel(), rows.ravel())
    cover = cover_from_codes(np.ones((20, 20), dtype=np.uint8))
    if not within.any():
        return

    strata = strata_of(cover, district=zones_at({"a": shape}))

    inside = strata.lookup[strata.pairs(strata.strips[0])] >= 0
    np.testing.assert_array_equal(inside, within)


def test_hectares_of_geographic_pixels_shrink_to_the_north():
    grid = Grid(
        crs=CRS("EPSG:4326"), transform=Affine(0.01, 0, 120, 0, -0.01, 60), shape=(4000, 2)
    )
    codes = np.repeat(np.uint8([1, 2]), 2000)[:, np.newaxis].repeat(2, axis=1)
    cover = cover_from_codes(codes, grid=grid)

    strata = strata_of(cover)

    exact = grid.pixel_ha(np.arange(4000), [0, 1]).sum(axis=1)
    areas = strata_table(strata)["area_ha"]
    np.testing.assert_allclose(areas, [exact[:2000].sum(), exact[2000:].sum()], rtol=1e-6)
    drawn = draw(strata, whole(20))
    rows = ((60 - drawn["y"]) / 0.01).astype(int)
    np.testing.assert_allclose(drawn["pixel_ha"], grid.pixel_ha(rows, [0])[:, 0])


def test_a_group_without_pixels_is_noted():
    strata = strata_of(MAP, LATER, groups={"flooded": ["forest>water"]})

    assert [f.code for f in strata.findings] == ["E07"]
    assert "flooded" not in strata.names


# ---- drawing -----------------------------------------------------------------------------


def test_a_sample_has_the_sizes_asked_for_and_knows_its_pixels():
    codes = noise(30, 40)
    strata = strata_of(cover_from_codes(codes))
    design = Design(kind="stratified", seed=3, sizes={"forest": 9, "grass": 5, "water": 2})

    drawn = draw(strata, design)

    assert drawn["stratum"].value_counts().to_dict() == dict(design.sizes)
    cols = ((drawn["x"] - strata.grid.bounds[0]) / 100).astype(int)
    rows = ((strata.grid.bounds[3] - drawn["y"]) / 100).astype(int)
    keys = np.array(["", "forest", "grass", "water"])
    assert (keys[codes[rows, cols]] == drawn["map_class"]).all()
    assert not drawn.duplicated(["x", "y"]).any()
    assert sorted(drawn["sample"]) == list(range(1, 17))
    weights = drawn.groupby("stratum")["weight_px"].sum()
    np.testing.assert_allclose(weights, strata.population_px[weights.index])
    lonlat = drawn.to_crs("EPSG:4326").geometry
    np.testing.assert_allclose(drawn[["lon", "lat"]], np.c_[lonlat.x, lonlat.y])


def test_interpreters_see_neither_stratum_nor_class_nor_weight():
    drawn = draw(strata_of(MAP, LATER), whole(5))

    seen = blind(drawn)

    assert not set(SECRET) & set(seen.columns)
    assert list(seen.columns) == ["sample", "x", "y", "lon", "lat", "pixel_ha", "geometry"]


def test_the_order_of_the_sample_does_not_tell_the_stratum():
    codes = np.repeat(np.uint8([[1], [2]]), 500, axis=1)
    drawn = draw(
        strata_of(cover_from_codes(codes)),
        Design(kind="stratified", seed=5, sizes={"forest": 200, "grass": 200}),
    )

    first_half = (drawn["stratum"].iloc[:200] == "forest").sum()

    assert abs(first_half - 100) < 3 * 5  # hypergeometric, standard deviation 5


@pytest.mark.parametrize("kind", ["simple", "systematic"])
def test_windows_and_threads_do_not_change_the_sample(monkeypatch, kind):
    cover, after = cover_from_codes(noise(90, 50)), cover_from_codes(noise(90, 50, seed=2))
    district = zones_at({"a": shapely.Point(25, 45).buffer(30)})
    one = draw(strata_of(cover, after, district=district), whole(60, kind=kind))

    monkeypatch.setattr(strata_module, "_STRIP_ROWS", 7)
    strips = strata_of(cover, after, district=district, threads=3)
    other = draw(strips, whole(60, kind=kind), threads=3)

    assert len(strips.strips) == 13
    pd.testing.assert_frame_equal(one, other)


def test_a_stratum_is_drawn_alike_whatever_the_others_are():
    cover = cover_from_codes(noise(30, 40))
    sizes = {"forest": 9, "grass": 5, "water": 2}
    one = draw(strata_of(cover), Design(kind="stratified", seed=3, sizes=sizes))
    joint = strata_of(cover, groups={"open": ["grass", "water"]})
    other = draw(joint, Design(kind="stratified", seed=3, sizes={"forest": 9, "open": 4}))

    def forest(frame):
        return sorted(map(tuple, frame.loc[frame["stratum"] == "forest", ["x", "y"]].to_numpy()))

    assert forest(one) == forest(other)


def test_every_pixel_is_equally_likely():
    strata = strata_of(MAP)  # 11 pixels
    repeats = 300
    hits = pd.concat([draw(strata, whole(4, seed=seed)) for seed in range(repeats)])

    counts = hits.groupby(["x", "y"]).size()

    share, spread = 4 / 11, np.sqrt(4 / 11 * 7 / 11 / repeats)
    assert len(counts) == 11
    assert np.abs(counts / repeats - share).max() < 4 * spread  # 11 pixels are looked at


@given(st.integers(1, 900), st.integers(0, 50))
@settings(max_examples=15)
def test_a_systematic_sample_is_a_square_grid_with_a_random_start(size, seed):
    strata = strata_of(cover_from_codes(np.ones((30, 30), dtype=np.uint8)))

    drawn = draw(strata, whole(size, kind="systematic", seed=seed))

    spacing = int(np.sqrt(900 / size))
    steps = [np.diff(np.unique(drawn[axis])) for axis in ("x", "y")]
    assert set(np.concatenate(steps).round()) <= {spacing * 100.0}
    assert set(drawn["weight_px"]) == {spacing**2}
    assert (30 // spacing) ** 2 <= len(drawn) <= (-(-30 // spacing)) ** 2


def test_a_perfect_labelling_of_a_sample_gives_the_areas_of_the_map():
    codes = noise(40, 40)
    strata = strata_of(cover_from_codes(codes))
    design = Design(kind="stratified", seed=1, sizes=allocated(60, strata.population_px, least=10))
    drawn = draw(strata, design)

    found = assess(
        drawn.assign(reference=drawn["map_class"]),
        sampling_frame(strata, design, drawn),
        MAP.legend.keys,
    )

    np.testing.assert_allclose(found.areas["estimated_ha"], found.areas["mapped_ha"])
    assert found.accuracy["accuracy_pct"].to_list() == pytest.approx([100] * 7)
    assert found.design == "stratified"


def test_a_systematic_sample_says_how_its_error_is_estimated():
    strata = strata_of(cover_from_codes(noise(40, 40)))
    drawn = draw(strata, whole(50, kind="systematic"))
    frame = sampling_frame(strata, whole(50, kind="systematic"), drawn)

    found = assess(drawn.assign(reference=drawn["map_class"]), frame, MAP.legend.keys)

    assert [f.code for f in found.findings] == ["E21"]
    assert set(frame["sample_size"]) == {len(drawn)}
    assert set(frame["seed"]) == {7}


# ---- how many ----------------------------------------------------------------------------

PIXELS = pd.Series({"forest": 1000, "grass": 3000, "water": 6000})


def test_the_target_of_a_class_area_is_reached_by_the_size_it_asks_for():
    users = pd.Series({"forest": 0.9, "grass": 0.8, "water": 0.95})

    shares = class_shares("forest", users, PIXELS)

    # a tenth of the map, of what is left: 0.1 / 0.7 of the errors of grass, 0.1 / 0.4 of water
    assert shares.to_list() == pytest.approx([0.9, 0.2 / 7, 0.05 / 4])
    size = total_size(shares, PIXELS, target_se=0.01)
    spread = np.sqrt(shares * (1 - shares))
    weight = PIXELS / 10_000
    variance = (weight * spread).sum() ** 2 / size - (weight * spread**2).sum() / 10_000
    assert variance <= 0.01**2 < variance * size / (size - 1) + 1e-6


@pytest.mark.parametrize("rule", ["proportional", "equal", "power"])
@given(total=st.integers(6, 3000), least=st.integers(2, 100), first=st.integers(2, 50))
@settings(max_examples=25)
def test_allocations_keep_their_total_and_their_bounds(rule, total, least, first):
    pixels = pd.Series({"rare": first, "forest": 1000, "grass": 3000})

    sizes = pd.Series(allocated(total, pixels, rule=rule, least=least))

    floor = np.minimum(least, pixels)
    assert sizes.sum() == max(total, floor.sum())
    assert (sizes >= floor).all()
    assert (sizes <= pixels).all()


def test_the_square_root_rule_lies_between_equal_and_proportional():
    three = [
        allocated(300, PIXELS, rule=rule)["forest"] for rule in ("proportional", "power", "equal")
    ]

    assert three == [30, 58, 100]


# ---- refusals ----------------------------------------------------------------------------


def far():
    return zones_at({"a": shapely.box(100, 100, 101, 101)})


@pytest.mark.parametrize(
    ("attempt", "code"),
    [
        (lambda: Design(kind="random", seed=1, sizes={"all": 5}), "E01"),
        (lambda: Design(kind="stratified", seed=1, sizes={"forest": 0}), "E01"),
        (lambda: Design(kind="simple", seed=1, sizes={"forest": 9}), "E01"),
        (lambda: Design(kind="simple", seed=-1, sizes={"all": 9}), "E01"),
        (lambda: draw(strata_of(MAP), whole(12)), "E02"),
        (lambda: draw(strata_of(MAP), whole(12, kind="systematic")), "E02"),
        (
            lambda: draw(strata_of(MAP), Design(kind="stratified", seed=1, sizes={"forest": 3})),
            "E02",
        ),
        (lambda: strata_of(MAP, district=far()), "E03"),
        (lambda: strata_of(MAP, groups={"a": ["forest", "marsh"]}), "E04"),
        (lambda: strata_of(MAP, groups={"a": ["forest>water"]}), "E04"),
        (lambda: strata_of(MAP, groups={"a": ["forest"], "b": ["forest"]}), "E04"),
        (lambda: strata_of(MAP, groups={"water": ["forest"]}), "E04"),
        (lambda: strata_of(MAP, LATER, groups={"a": ["*>grass"], "b": ["forest>*"]}), "E04"),
        (lambda: total_size(PIXELS * 0 + 0.5, PIXELS, target_se=0), "E05"),
        (lambda: total_size(PIXELS * 0 + 1, PIXELS, target_se=0.01), "E05"),
        (lambda: total_size(PIXELS * 0 + 1.5, PIXELS, target_se=0.01), "E05"),
        (lambda: class_shares("marsh", PIXELS * 0 + 0.5, PIXELS), "E05"),
        (lambda: allocated(50, PIXELS, rule="neyman"), "E05"),
        (lambda: strata_of(MAP, cover_from_codes(noise(5, 5))), "R23"),
    ],
)
def test_what_cannot_be_sampled_is_refused(attempt, code):
    with pytest.raises(InputRefused) as refused:
        attempt()

    assert [f.code for f in refused.value.findings] == [code]
    assert refused.value.lines("zh")
