"""Amounts of a district put on its towns and places: by hand, and by law in every draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.accounts.spreading import Places, of_district, spread
from sinks.errors import InputRefused

ZONES = ("district", "north", "south", "park")
KEY_HA = pd.Series({"district": 40.0, "north": 10.0, "south": 30.0, "park": 6.0})
OVERLAP = pd.DataFrame(
    [[1.0, 0.25, 0.75, 0.1], [1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.2], [1.0, 0.0, 1.0, 1.0]],
    index=list(ZONES),
    columns=list(ZONES),
)
PLACES = Places(zones=ZONES, district="district", parts=("north", "south"), overlap=OVERLAP)


def amounts(told: dict[str, float], key_ha: pd.Series = KEY_HA, places: Places = PLACES) -> dict:
    drawn = {zone: np.array([amount]) for zone, amount in told.items()}
    found = spread(drawn, key_ha, places)
    return dict(zip(places.zones, found.amounts[:, 0], strict=True))


def test_a_district_of_100_t_is_spread_by_area():
    found = amounts({"district": 100.0})

    assert found == pytest.approx({"district": 100, "north": 25, "south": 75, "park": 15})


def test_what_a_town_told_stays_its_own_and_the_rest_goes_to_the_other():
    found = amounts({"district": 100.0, "north": 40.0})

    # 60 t on 30 ha of the south, of which the park has 6
    assert found == pytest.approx({"district": 100, "north": 40, "south": 60, "park": 12})


def test_a_place_in_a_town_that_told_has_what_that_town_has():
    found = amounts({"district": 100.0, "south": 90.0})

    assert found == pytest.approx({"district": 100, "north": 10, "south": 90, "park": 18})


def test_what_a_park_told_lies_in_the_town_around_it():
    found = amounts({"district": 100.0, "park": 20.0})

    # 80 t on 40 ha, and 20 in the south besides
    assert found == pytest.approx({"district": 100, "north": 20, "south": 80, "park": 20})


def test_what_a_park_told_is_part_of_what_its_town_told():
    found = amounts({"district": 100.0, "south": 90.0, "park": 20.0})

    assert found == pytest.approx({"district": 100, "north": 10, "south": 90, "park": 20})


def test_a_place_over_a_park_that_told_has_its_share_of_it_once():
    zones = (*ZONES, "wood")
    overlap = OVERLAP.reindex(index=zones, columns=zones, fill_value=0.0)
    overlap.loc["park", "wood"], overlap.loc["wood", "south"] = 0.5, 1.0
    places = Places(zones=zones, district="district", parts=PLACES.parts, overlap=overlap)
    key_ha = pd.concat([KEY_HA, pd.Series({"wood": 12.0})])

    found = amounts({"district": 100.0, "south": 90.0, "park": 18.0}, key_ha, places)

    # half of the park, and 12 ha of the 72 t on 30 ha that the south has besides
    assert found["wood"] == pytest.approx(9 + 12 * 72 / 30)


def test_a_park_that_reaches_into_two_towns_is_in_both():
    overlap = OVERLAP.copy()
    overlap.loc["park", ["north", "south"]] = [0.25, 0.75]
    places = Places(zones=ZONES, district="district", parts=("north", "south"), overlap=overlap)

    found = amounts({"district": 100.0, "park": 20.0}, places=places)

    # 80 t on 40 ha, and 5 and 15 of the park
    assert found == pytest.approx({"district": 100, "north": 25, "south": 75, "park": 20})


def test_towns_alone_make_up_the_district():
    found = amounts({"north": 10.0, "south": 90.0})

    assert found == pytest.approx({"district": 100, "north": 10, "south": 90, "park": 18})


def test_a_park_alone_is_all_there_is():
    found = amounts({"park": 20.0})

    assert found == pytest.approx({"district": 20, "north": 0, "south": 20, "park": 20})


def test_a_district_without_towns_is_the_amount_itself():
    places = Places(zones=ZONES, district="district", parts=(), overlap=OVERLAP)

    assert amounts({"district": 100.0}, places=places)["district"] == 100.0
    assert amounts({"district": 100.0}, places=places)["park"] == pytest.approx(15.0)


def test_how_a_zone_came_by_its_amount_is_said():
    found = spread({"district": np.ones(1), "north": np.zeros(1)}, KEY_HA, PLACES)

    assert found.how == ("told", "told", "spread", "spread")


def test_only_some_zones_may_be_worked_on():
    some = Places(
        zones=("district", "south"), district="district", parts=PLACES.parts, overlap=OVERLAP
    )

    assert amounts({"district": 100.0, "north": 40.0}, places=some) == pytest.approx(
        {"district": 100, "south": 60}
    )


def test_ground_of_another_kind_takes_what_none_of_its_own_can():
    key_ha = pd.Series({"district": 10.0, "north": 10.0, "south": 0.0, "park": 0.0})
    told = {"district": np.array([100.0]), "north": np.array([40.0])}

    found = spread(told, key_ha, PLACES, KEY_HA).amounts[:, 0]

    assert found.tolist() == pytest.approx([100.0, 40.0, 60.0, 12.0])


def test_where_all_towns_tell_places_in_them_keep_to_their_own_ground():
    told = {"north": np.array([10.0]), "south": np.array([90.0])}

    found = spread(told, KEY_HA, PLACES, 2 * KEY_HA + 7).amounts[:, 0]

    assert found[3] == pytest.approx(18.0)


@pytest.mark.parametrize(
    "told",
    [
        {"district": 100.0, "north": 101.0},
        {"district": 100.0, "park": 101.0},
        {"district": 100.0, "north": 60.0, "park": 50.0},
        {"district": 100.0, "north": 60.0, "south": 60.0},
        {"district": 100.0, "north": 40.0, "south": 40.0},
    ],
    ids=["town", "park", "town and park", "both towns", "both towns, less"],
)
def test_parts_that_are_not_what_the_district_tells_are_refused(told):
    with pytest.raises(InputRefused) as refused:
        amounts(told)

    assert [finding.code for finding in refused.value.findings] == ["S54"]


def test_towns_that_differ_from_the_district_by_rounding_are_the_district():
    found = amounts({"district": 100.0, "north": 24.9, "south": 74.9})

    assert found["district"] == pytest.approx(99.8)


def test_some_towns_without_the_district_are_refused():
    with pytest.raises(InputRefused) as refused:
        amounts({"north": 10.0})

    (finding,) = refused.value.findings
    assert finding.code == "S55"
    assert finding.facts == {"told": ["north"], "of": 2}


def test_the_district_is_what_was_told_or_the_sum_of_its_towns():
    one, two = np.array([1.0, 2.0]), np.array([10.0, 20.0])

    np.testing.assert_array_equal(of_district({"district": two, "north": one}, PLACES), two)
    np.testing.assert_array_equal(of_district({"north": one, "south": two}, PLACES), one + two)
    np.testing.assert_array_equal(of_district({"park": one}, PLACES), one)


hectares = st.tuples(st.floats(0, 1e4), st.floats(0, 1e4))
figures = st.tuples(*[st.floats(0, 1e6)] * 3)


@settings(max_examples=100, deadline=None)
@given(
    hectares,
    figures,
    st.sampled_from(["district", "north", "south", "park", "park and north", "both"]),
)
def test_towns_always_add_up_to_the_district_in_every_draw(areas_ha, told, by):
    north, south, park = (amount * np.array([1.0, 0.5, 1.7]) for amount in told)
    whole = north + south + park + 1.0
    drawn = {
        "district": {},
        "north": {"north": north},
        "south": {"south": south},
        "park": {"park": park},
        "park and north": {"park": park, "north": north[::-1]},
        "both": {"north": north, "south": south},
    }[by]
    of_whole = {} if by == "both" else {"district": whole + north[0]}
    key_ha = pd.Series({"district": sum(areas_ha), "park": areas_ha[1] / 5}).reindex(ZONES)
    key_ha[["north", "south"]] = areas_ha

    found = spread({**of_whole, **drawn}, key_ha, PLACES, KEY_HA).amounts

    np.testing.assert_allclose(found[1] + found[2], found[0], rtol=1e-9, atol=1e-6)
    assert np.isfinite(found).all()
