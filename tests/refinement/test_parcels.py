"""Parcels against the map: counted by hand on drawn scenes, then held to laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from shapely.geometry import box

from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.imagery.features import FeaturesInMemory
from sinks.refinement.parcels import ParcelRule, Parcels, by_parcel, compared, leads
from tests.scenes import cover_from_codes, draw, zones_at

NAN = np.nan
SCENE = draw("""
    F F G W
    F G G W
    F F . W
    W W W W
""")
SHAPES = {"east": box(3, 0, 4, 4), "west": box(0, 0, 2, 3), "mixed": box(2, 0, 3, 4)}
OFFICIAL = {"east": "grass", "west": "forest", "mixed": None}
RULE = ParcelRule(purity=0.75, minimum_ha=2)


def parcels(shapes=SHAPES, official=OFFICIAL):
    return Parcels(zones=zones_at(shapes), official=official)


def codes_of(cover):
    return cover.read(Window(0, 0, *cover.grid.shape))


def test_majority_purity_and_agreement_are_counted():
    table = compared(SCENE, parcels(), RULE)

    west = table.loc["west"]
    assert (west["majority"], west["official"], bool(west["agrees"])) == ("forest", "forest", True)
    assert west["purity"] == pytest.approx(5 / 6)
    assert west["disagreement_ha"] == pytest.approx(1)
    mixed = table.loc["mixed"]  # G G . W
    assert (mixed["majority"], mixed["official"]) == ("grass", None)
    assert mixed["purity"] == pytest.approx(2 / 3)
    assert mixed["mapped_pct"] == pytest.approx(75)
    assert np.isnan(mixed["disagreement_ha"])


def test_leads_are_the_parcels_that_disagree_and_are_large_and_pure_enough():
    table = compared(SCENE, parcels(), RULE)

    assert leads(table).index.tolist() == ["east"]
    assert leads(table).loc["east", "disagreement_ha"] == pytest.approx(4)
    strict = ParcelRule(purity=0.75, minimum_ha=4.5)
    assert leads(compared(SCENE, parcels(), strict)).empty


def test_the_largest_disagreement_comes_first_and_unknown_ones_last():
    shapes = {
        "a": box(0, 0, 1, 1),
        "b": box(3, 0, 4, 4),
        "c": box(2, 0, 3, 1),
        "d": box(0, 3, 2, 4),
    }
    official = {"a": "grass", "b": "grass", "c": None, "d": "forest"}

    assert compared(SCENE, parcels(shapes, official), RULE).index.tolist() == ["b", "d", "a", "c"]


def test_confidence_is_the_mean_probability_of_the_majority_in_the_parcel():
    values = np.full((1, 4, 4), 0.5, dtype=np.float32)
    values[0, :, 3] = [0.9, 0.7, 0.8, 0.6]
    values[0, 1, 1] = 0.1  # grass in the west, where forest is the majority
    layer = FeaturesInMemory(grid=SCENE.grid, names=("probability",), values=values)

    confidence = compared(SCENE, parcels(), RULE, probability=layer, threads=2)["confidence"]

    assert confidence["east"] == pytest.approx(0.75)
    assert confidence["west"] == pytest.approx(0.5)
    assert compared(SCENE, parcels(), RULE)["confidence"].isna().all()


def test_a_parcel_where_nothing_is_mapped_has_no_majority():
    nowhere = {"gap": box(2.1, 2.1, 2.9, 2.9), "beyond": box(9, 9, 10, 10), "east": SHAPES["east"]}

    table = compared(SCENE, parcels(nowhere, dict.fromkeys(nowhere, "forest")), RULE)

    for zone in ("gap", "beyond"):
        assert table.loc[zone, "majority"] is None
        assert np.isnan(table.loc[zone, "purity"])
        assert not table.loc[zone, ["agrees", "lead"]].any()


def test_a_tie_goes_to_the_class_that_comes_first_in_the_legend():
    table = compared(draw("W F"), parcels({"a": box(0, 0, 2, 1)}, {"a": "water"}), RULE)

    assert table.loc["a", "majority"] == "forest"


def test_parcels_that_are_pure_take_their_majority_whole_and_others_stay():
    cover = by_parcel(SCENE, parcels(), compared(SCENE, parcels(), RULE), RULE)

    expected = draw("""
        F F G W
        F F G W
        F F . W
        W W W W
    """)
    np.testing.assert_array_equal(codes_of(cover), codes_of(expected))
    assert cover.pixels == {0: 1, 1: 6, 2: 2, 3: 7}
    (finding,) = cover.findings
    assert (finding.code, finding.facts["parcels"]) == ("U17", 2)
    assert finding.facts["area_ha"] == pytest.approx(1)


def test_parcels_that_overlap_with_two_classes_are_refused():
    shapes = {"a": box(0, 0, 2, 3), "b": box(1, 0, 4, 4), "c": box(0, 0, 1, 1)}
    both = parcels(shapes, dict.fromkeys(shapes, "forest"))
    rule = ParcelRule(purity=0.5, minimum_ha=0.0)
    table = compared(SCENE, both, rule)

    with pytest.raises(InputRefused) as refused:
        by_parcel(SCENE, both, table, rule)

    (finding,) = refused.value.findings
    assert (finding.code, finding.facts["px"]) == ("U16", 3)


def test_a_parcel_without_an_official_class_is_refused():
    with pytest.raises(InputRefused, match="U14"):
        parcels(official={"east": "grass"})


def test_an_official_class_that_the_legend_lacks_is_refused():
    with pytest.raises(InputRefused, match="U08"):
        compared(SCENE, parcels(official={**OFFICIAL, "east": "lake"}), RULE)


@pytest.mark.parametrize("rule", [{"purity": 0.3}, {"purity": 1.2}, {"minimum_ha": -1.0}])
def test_thresholds_that_make_no_sense_are_refused(rule):
    with pytest.raises(InputRefused, match="U15"):
        ParcelRule(**rule)


ANY_CODES = arrays("uint8", (6, 8), elements=st.sampled_from([0, 1, 2, 3]))


@given(ANY_CODES, st.floats(0.5, 7.5))
@settings(max_examples=15)
def test_parting_a_parcel_in_two_changes_no_total(codes, at):
    codes[0, 0] = 1
    cover = cover_from_codes(codes)
    one = parcels({"whole": box(0, 0, 8, 6)}, {"whole": "grass"})
    two = parcels(
        {"left": box(0, 0, at, 6), "right": box(at, 0, 8, 6)}, {"left": "grass", "right": "grass"}
    )

    whole, parts = compared(cover, one, RULE), compared(cover, two, RULE)

    for column in ("parcel_ha", "mapped_ha", "disagreement_ha"):
        assert parts[column].sum() == pytest.approx(whole[column].sum(), abs=1e-6)


@given(ANY_CODES, st.integers(1, 7))
@settings(max_examples=15)
def test_a_map_by_parcel_keeps_its_gaps_and_each_pure_parcel_has_one_class(codes, at):
    codes[0, 0] = 1
    cover, rule = cover_from_codes(codes), ParcelRule(purity=0.5, minimum_ha=0)
    both = parcels(
        {"left": box(0, 0, at, 6), "right": box(at, 0, 8, 6)}, {"left": "grass", "right": "grass"}
    )
    table = compared(cover, both, rule)

    after = codes_of(by_parcel(cover, both, table, rule, threads=2))

    np.testing.assert_array_equal(after == 0, codes == 0)
    for zone, part in (("left", after[:, :at]), ("right", after[:, at:])):
        if table.loc[zone, "purity"] >= 0.5:
            assert len(set(part[part > 0].tolist())) == 1
