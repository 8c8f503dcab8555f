"""Town targets: shared by hand, and always the district's when put together."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis.strategies import floats, integers, lists, tuples

from sinks.errors import InputRefused
from sinks.indicators.apportionment import apportioned, rounded_to_sum
from sinks.parameters.labels import labels

WETLAND = pd.DataFrame(
    {
        "numerator": [10.0, 40.0, 30.0],
        "denominator": [100.0, 50.0, 50.0],
        "potential": [60.0, 5.0, 15.0],
        "share_pct": [50.0, 20.0, 30.0],
    },
    index=pd.Index(["a", "b", "c"], name="zone"),
)  # the district has 80 of 200 ha, 40 %; 50 % would be 20 ha more


@pytest.mark.parametrize(
    ("by", "targets"),
    [
        ("ground", [50, 50, 50]),
        # 20 ha by 60 : 5 : 15 are 15, 1.25, 3.75
        ("potential", [25, 100 * 41.25 / 50, 100 * 33.75 / 50]),
        # 20 ha by 50 : 20 : 30 are 10, 4, 6
        ("shares", [20, 88, 72]),
    ],
)
def test_a_rate_is_shared_through_its_numerator(by, targets):
    shared = apportioned(50, WETLAND, by=by, unit="%")

    assert shared["target"].to_list() == pytest.approx(targets)
    assert np.average(shared["target"], weights=WETLAND["denominator"]) == pytest.approx(50)


def test_an_amount_is_shared_as_it_is():
    shared = apportioned(500, WETLAND[["share_pct"]], by="shares", unit="ha")

    assert shared["target"].to_list() == [250, 100, 150]


def test_what_a_district_may_lose_its_towns_may_lose_in_proportion():
    shared = apportioned(20, WETLAND, by="potential", unit="%")

    assert shared["target"].to_list() == pytest.approx([5, 40, 30])  # half of what they have


@pytest.mark.parametrize(
    ("shares", "zones"),
    [([50.0, 20.0, 29.9], "—"), ([50.0, np.nan, 50.0], ["b"]), ([120.0, -20.0, 0.0], ["b"])],
)
def test_shares_that_do_not_add_up_are_refused(shares, zones):
    with pytest.raises(InputRefused) as refused:
        apportioned(50, WETLAND.assign(share_pct=shares), by="shares", unit="%")

    finding = refused.value.findings[0]
    assert (finding.code, finding.facts["zones"]) == ("F41", zones)


def test_more_than_all_of_a_town_is_refused():
    with pytest.raises(InputRefused) as refused:
        apportioned(50, WETLAND.assign(share_pct=[0.0, 100.0, 0.0]), by="shares", unit="%")

    assert refused.value.findings[0].code == "F42"
    assert refused.value.findings[0].facts["zones"] == ["b: 120 %"]


def test_something_on_no_ground_is_refused():
    dry = WETLAND.assign(numerator=[0.0, 40, 30], denominator=[0.0, 50, 50])

    with pytest.raises(InputRefused) as refused:
        apportioned(80, dry, by="shares", unit="%")

    assert refused.value.findings[0].code == "F42"


def test_a_town_without_ground_and_share_has_no_target():
    dry = WETLAND.assign(
        numerator=[0.0, 40, 30], denominator=[0.0, 50, 50], share_pct=[0.0, 50, 50]
    )

    assert np.isnan(apportioned(80, dry, by="shares", unit="%").loc["a", "target"])


@pytest.mark.parametrize(
    ("asked", "unit", "by", "column"),
    [(95, "%", "potential", "potential"), (1, "ha", "ground", "denominator")],
)
def test_what_the_towns_cannot_add_is_refused(asked, unit, by, column):
    towns = WETLAND if unit == "%" else WETLAND.assign(**{column: 0.0})

    with pytest.raises(InputRefused) as refused:
        apportioned(asked, towns, by=by, unit=unit)

    assert refused.value.findings[0].code == "F43"


@given(
    lists(tuples(floats(1, 1e4), floats(0, 1)), min_size=1, max_size=14),
    floats(0, 1),
)
def test_town_targets_weighted_by_ground_are_the_district_target(towns, way):
    """Whatever can be added is the potential, so that any rate up to 100 % can be reached."""
    ground = np.array([ground for ground, _ in towns])
    held = ground * [share for _, share in towns]
    frame = pd.DataFrame(
        {"numerator": held, "denominator": ground, "potential": ground - held}
    ).rename_axis("zone")
    target = 100 * way
    assume(way < 0.999)

    for by in ("ground", "potential"):
        shared = apportioned(target, frame, by=by, unit="%")
        assert np.average(shared["target"], weights=ground) == pytest.approx(target)
        assert shared["target"].between(-1e-9, 100 + 1e-6).all()


@given(lists(integers(0, 10_000), min_size=1, max_size=14), integers(0, 2))
def test_rounded_parts_add_up_to_the_rounded_whole(thousandths, decimals):
    amounts = pd.Series([number / 1000 for number in thousandths])

    rounded = rounded_to_sum(amounts, decimals)

    whole = Fraction(sum(thousandths), 1000)
    step = Fraction(1, 10**decimals)
    assert abs(Fraction(rounded.sum()).limit_denominator(1000) - whole) <= step / 2
    assert ((rounded - amounts).abs() < step + 1e-9).all()


def test_every_way_can_be_said():
    assert set(labels("apportioned_by")) == {"ground", "potential", "shares"}
