"""Ecological rivers: each metre once, accepted ones alone, and registers that cannot be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis.strategies import floats, lists, tuples

from sinks.errors import InputRefused
from sinks.indicators.lines import length_m
from sinks.indicators.river_checks import RiverLimits, river_findings
from sinks.indicators.rivers import RiverRegister, RiverRule, ecological_rivers, merged
from tests.indicators.ground import box, layer, line, zones

RULE = RiverRule(tolerance_m=5)
LIMITS = RiverLimits(bank_m=15, alongside_pct=70, difference_pct=5)
COLUMNS = ["river", "from_m", "to_m", "status", "year", "document"]
LINES = {
    "R1": line((0.5, 1), (1.5, 1)),  # west
    "R2": line((2.5, 1), (3.5, 1)),  # east, as long
    "R3": line((1, 3), (3, 3)),  # both, twice as long; of the village
}
LEVELS = {"R1": "county", "R2": "township", "R3": "other"}
STRETCHES = lists(tuples(floats(0, 900), floats(1, 100)), max_size=6)


def register(*events, lines=None, registered_m=np.nan):
    lines = LINES if lines is None else lines
    rivers = layer(lines.values(), river=list(lines), registered_m=registered_m)
    rivers["level"] = [LEVELS.get(river, "county") for river in lines]
    frame = pd.DataFrame(list(events), columns=COLUMNS)
    frame = frame.astype({"from_m": float, "to_m": float, "year": float})
    return RiverRegister(rivers=rivers.set_index("river"), events=frame, rule=RULE)


def accepted(river, from_m=np.nan, to_m=np.nan, year=2024, document="doc 1"):
    return (river, from_m, to_m, "accepted", year, document)


def rates(made, year=2025, **options):
    return ecological_rivers(made, zones(), year=year, **options)


def codes(made):
    return {finding.code: finding.facts for finding in river_findings(made, LIMITS)}


def test_one_river_of_two_is_half_of_the_length_and_of_the_number():
    rows = rates(register(accepted("R1")))

    one_km = length_m(np.array([LINES["R1"]]))[0] / 1000
    whole = rows.loc[("whole", "ecological_river_rate")]
    assert whole["value"] == pytest.approx(50)
    assert whole["numerator"] == pytest.approx(one_km)
    assert whole["denominator"] == pytest.approx(2 * one_km)  # R3 is of the village
    assert (whole["unit"], whole["part_unit"], whole["evidence"]) == ("%", "km", "register")
    assert rows.loc[("west", "ecological_river_rate"), "value"] == pytest.approx(100)
    assert rows.loc[("east", "ecological_river_rate"), "value"] == 0
    number = rows.loc[("whole", "ecological_river_rate_by_count")]
    assert (number["numerator"], number["denominator"], number["part_unit"]) == (1, 2, "rivers")


def test_a_registered_rate_has_no_interval():
    assert rates(register(accepted("R1")))[["low", "high"]].isna().all(axis=None)


def test_a_stretch_assessed_again_counts_once():
    once = rates(register(accepted("R1", 100, 500)))
    again = rates(register(accepted("R1", 100, 400, 2021), accepted("R1", 300, 500, 2023)))

    pd.testing.assert_frame_equal(once, again)
    assert once.loc[("whole", "ecological_river_rate"), "numerator"] == pytest.approx(0.4)


def test_planned_stretches_do_not_count():
    made = register(accepted("R1", 0, 300), ("R1", 300, 600, "planned", 2026, ""))

    assert rates(made).loc[("whole", "ecological_river_rate"), "numerator"] == pytest.approx(0.3)
    assert codes(made)["F23"]["km"] == pytest.approx(0.3)


def test_a_year_has_what_was_accepted_by_then():
    made = register(accepted("R1", year=2021), accepted("R2", year=2024))

    by_year = [
        rates(made, year=year).loc[("whole", "ecological_river_rate"), "value"]
        for year in (2020, 2021, 2023, 2024)
    ]

    assert by_year == pytest.approx([0, 50, 50, 100])


def test_by_number_a_river_counts_once_it_is_ecological_from_end_to_end():
    drawn_m = length_m(np.array([LINES["R1"]]))[0]

    nearly = rates(register(accepted("R1", 0, drawn_m - 4)))
    lacking = rates(register(accepted("R1", 0, drawn_m - 40)))

    assert nearly.loc[("whole", "ecological_river_rate_by_count"), "numerator"] == 1
    assert lacking.loc[("whole", "ecological_river_rate_by_count"), "numerator"] == 0


def test_a_district_may_ask_for_the_number_instead():
    rows = rates(register(accepted("R1")), headline="by_count")

    assert rows.loc[("whole", "ecological_river_rate"), "part_unit"] == "rivers"
    assert rows.loc[("whole", "ecological_river_rate_by_length"), "part_unit"] == "km"


def test_distances_are_stretched_with_the_length_that_the_register_states():
    drawn_m = length_m(np.array([LINES["R1"]]))[0]
    made = register(accepted("R1", 0, drawn_m), registered_m=2 * drawn_m)

    assert rates(made).loc[("west", "ecological_river_rate"), "value"] == pytest.approx(50)
    assert codes(made)["F27"]["count"] == 2


def test_a_zone_without_registered_rivers_has_no_rate():
    rows = ecological_rivers(register(), zones({"dry": (0, 3.5, 0.1, 4)}), year=2025)

    assert rows["value"].isna().all()
    assert (rows["denominator"] == 0).all()


@given(STRETCHES)
def test_merged_stretches_cover_the_same_metres(stretches):
    spans = [(start, start + length) for start, length in stretches]

    found = merged(spans)

    middles = np.arange(0.5, 1000)
    inside = [any(a <= m <= b for a, b in spans) for m in middles]
    assert inside == [any(a <= m <= b for a, b in found) for m in middles]
    assert all(a[1] < b[0] for a, b in pairwise(found))


@settings(max_examples=20)
@given(STRETCHES, STRETCHES)
def test_more_assessments_never_lower_the_rate_and_never_pass_a_hundred(some, more):
    def value(stretches):
        events = [accepted("R1", start, min(start + length, 960)) for start, length in stretches]
        return rates(register(*events)).loc[("west", "ecological_river_rate"), "value"]

    assert value(some) <= value(some + more) + 1e-9
    assert value(some + more) <= 100 + 1e-9


def test_towns_have_together_the_kilometres_of_the_district():
    rows = rates(register(accepted("R1", 200, 700), accepted("R3"), lines=LINES))
    length = rows.xs("ecological_river_rate", level="indicator")

    for part in ("numerator", "denominator"):
        assert length.loc[["west", "east"], part].sum() == pytest.approx(length.loc["whole", part])


@pytest.mark.parametrize(
    ("event", "code"),
    [
        (accepted("R9"), "F20"),
        (accepted("R1", 0, 9_000), "F21"),
        (accepted("R1", 500, 500), "F21"),
        (accepted("R1", 700, 200), "F21"),
        (accepted("R1", -10, 200), "F21"),
    ],
    ids=str,
)
def test_stretches_that_cannot_be_are_refused(event, code):
    with pytest.raises(InputRefused) as refused:
        register(accepted("R2"), event)

    finding = refused.value.findings[0]
    assert (finding.code, finding.facts["count"]) == (code, 1)


def test_a_stretch_may_overrun_by_what_rounding_makes():
    drawn_m = length_m(np.array([LINES["R1"]]))[0]

    rows = rates(register(accepted("R1", 0, drawn_m + 4)))

    assert rows.loc[("west", "ecological_river_rate"), "value"] == pytest.approx(100)


def test_rivers_that_are_no_lines_or_come_twice_are_refused():
    with pytest.raises(InputRefused, match="F26"):
        register(lines={"R1": LINES["R1"], "R2": box(0, 0, 1, 1)})
    rivers = register().rivers
    with pytest.raises(InputRefused, match="F26"):
        RiverRegister(
            rivers=pd.concat([rivers, rivers.iloc[:1]]), events=register().events, rule=RULE
        )


def test_a_river_that_runs_back_on_itself_is_refused_because_no_distance_means_a_place():
    both_ways = line((0, 1), (1, 1), (0, 1))

    with pytest.raises(InputRefused, match="F26"):
        register(lines={"R1": both_ways})


def test_acceptance_without_a_document_counts_and_is_listed():
    made = register(accepted("R1", document=""), accepted("R2", year=np.nan))

    assert rates(made).loc[("whole", "ecological_river_rate"), "value"] == pytest.approx(100)
    assert (codes(made)["F22"]["count"], codes(made)["F22"]["ids"]) == (2, ["R1", "R2"])


def test_two_rivers_on_one_course_are_listed_with_their_kilometres():
    made = register(lines={"A": line((0, 1), (2, 1)), "B": line((1, 1), (3, 1), (3, 2))})

    facts = codes(made)["F24"]
    assert facts["pairs"] == ["A / B"]
    assert facts["km"] == pytest.approx(
        length_m(np.array([line((1, 1), (2, 1))]))[0] / 1000, abs=0.01
    )


def test_two_banks_of_one_river_are_listed():
    apart = 0.010  # km
    banks = {"left": line((0, 1), (3, 1)), "right": line((0, 1 + apart), (2.9, 1 + apart))}

    assert codes(register(lines=banks))["F25"]["pairs"] == ["right / left"]


def test_rivers_that_cross_or_join_are_no_banks():
    crossing = {
        "A": line((0, 1), (3, 1)),
        "B": line((1, 0), (1, 2)),
        "stub": line((2, 1), (2, 1.02)),
    }

    assert codes(register(lines=crossing)) == {}


def test_a_sound_register_has_nothing_to_list():
    assert (
        codes(register(accepted("R1"), ("R2", np.nan, np.nan, "not_accepted", np.nan, ""))) == {}
    )


def test_a_river_in_several_parts_is_one_river():
    parts = shapely.MultiLineString([line((0, 1), (1, 1)), line((1.2, 1), (2, 1))])

    rows = rates(register(accepted("A"), lines={"A": parts}))

    assert rows.loc[("whole", "ecological_river_rate_by_count"), "denominator"] == 1
    assert rows.loc[("whole", "ecological_river_rate"), "value"] == pytest.approx(100)
