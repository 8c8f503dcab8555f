"""Labels that come back faulty, two interpreters, and strata with too few units."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sinks.accuracy.assessment import assess, assess_change
from sinks.accuracy.labels import agreement, consensus
from sinks.errors import InputRefused
from tests.accuracy.tables import labels_of, strata_of_classes

CLASSES = ["forest", "grass", "water"]
LABELS = labels_of([[8, 2], [1, 9]], CLASSES[:2])
STRATA = strata_of_classes(CLASSES[:2], [1000, 2000], [100.0, 200.0]).assign(sample_size=10)


def codes_of(attempt) -> list[str]:
    with pytest.raises(InputRefused) as refused:
        attempt()
    assert refused.value.lines("zh")
    return [finding.code for finding in refused.value.findings]


@pytest.mark.parametrize(
    ("labels", "strata", "code"),
    [
        (LABELS.drop(columns="reference"), STRATA, "E10"),
        (LABELS.assign(reference_after="forest"), STRATA, "E10"),
        (LABELS, STRATA.drop(columns="area_ha"), "E10"),
        (LABELS.assign(sample=1), STRATA, "E11"),
        (LABELS.assign(stratum="marsh"), STRATA, "E12"),
        (LABELS.assign(reference="marsh"), STRATA, "E13"),
        (LABELS.assign(map_class=""), STRATA, "E13"),
        (LABELS.assign(reference=[None, *LABELS["reference"][1:]]), STRATA, "E14"),
        (LABELS.assign(reference=[" ", *LABELS["reference"][1:]]), STRATA, "E14"),
        (LABELS.iloc[1:], STRATA, "E14"),
        (LABELS.iloc[:11], STRATA.assign(sample_size=[10, 1]), "E16"),
        (LABELS, STRATA.assign(sample_size=9), "E18"),
        (LABELS, STRATA.assign(population_px=5), "E18"),
        (LABELS, STRATA.assign(area_ha=0.0), "E18"),
        (LABELS.assign(pixel_ha=0.0), STRATA, "E18"),
        (LABELS, pd.concat([STRATA, STRATA.assign(sample_size=3)]), "E18"),
    ],
)
def test_what_cannot_be_estimated_is_refused(labels, strata, code):
    assert codes_of(lambda: assess(labels, strata, CLASSES)) == [code]


def test_a_refusal_names_the_samples():
    with pytest.raises(InputRefused) as refused:
        assess(LABELS.assign(reference=["marsh", *LABELS["reference"][1:]]), STRATA, CLASSES)

    text = "\n".join(refused.value.lines("en"))
    for part in ("SNK-E13", "reference", "marsh", "units 1", "forest, grass, water"):
        assert part in text


def test_missing_labels_may_count_as_random_within_their_stratum():
    gone = LABELS.assign(reference=[*LABELS["reference"][:18], None, None])

    found = assess(gone, STRATA, CLASSES, nonresponse="adjust")

    # forest 8 of 10 in 100 ha, 1 of the 8 labelled of 200 ha
    assert found.areas.loc["forest", "estimated_ha"] == pytest.approx(80 + 200 / 8)
    assert [f.code for f in found.findings] == ["E15"]
    assert found.findings[0].facts == {"missing": 2, "drawn": 20, "strata": ["grass"]}
    assert found.strata["units"].to_list() == [10, 8]


def test_a_stratum_with_one_unit_joins_another_and_keeps_its_weight():
    labels = pd.concat(
        [
            LABELS,
            pd.DataFrame(
                {"sample": [99], "stratum": "water", "map_class": "water", "reference": "water"}
            ),
        ]
    )
    strata = strata_of_classes(CLASSES, [1000, 2000, 10], [100.0, 200.0, 1.0])

    assert codes_of(lambda: assess(labels, strata, CLASSES)) == ["E16"]
    found = assess(labels, strata, CLASSES, collapse={"water": "grass"})

    assert found.areas.loc["water", "estimated_ha"] == pytest.approx(1)
    assert found.areas.loc["water", "estimated_se_ha"] > 0
    assert [f.code for f in found.findings] == ["E17"]
    assert codes_of(lambda: assess(labels, strata, CLASSES, collapse={"water": "marsh"})) == [
        "E12"
    ]


def test_a_stratum_without_units_is_taken_to_be_like_the_one_it_joins():
    strata = strata_of_classes(CLASSES, [1000, 2000, 1000], [100.0, 200.0, 100.0])

    found = assess(LABELS, strata, CLASSES, collapse={"water": "grass"})

    assert found.areas.loc["forest", "estimated_ha"] == pytest.approx(80 + 300 / 10)
    assert found.areas["estimated_ha"].sum() == pytest.approx(400)


def test_a_stratum_that_was_seen_whole_needs_no_second_unit():
    labels = pd.concat(
        [
            LABELS,
            pd.DataFrame(
                {"sample": [99], "stratum": "water", "map_class": "water", "reference": "water"}
            ),
        ]
    )
    strata = strata_of_classes(CLASSES, [1000, 2000, 1], [100.0, 200.0, 1.0])

    assert assess(labels, strata, CLASSES).areas.loc["water", "estimated_ha"] == pytest.approx(1)


def test_a_class_that_the_reference_never_met_is_noted_and_not_ruled_out():
    labels = labels_of([[10, 0, 0], [0, 10, 0], [5, 5, 0]], CLASSES)
    strata = strata_of_classes(CLASSES, [1000] * 3, [100.0] * 3)

    found = assess(labels, strata, CLASSES)

    water = found.areas.loc["water"]
    assert (water["mapped_ha"], water["estimated_ha"]) == (100, 0)
    assert water["estimated_high_ha"] > 0
    assert [(f.code, f.facts["classes"]) for f in found.findings] == [("E20", ["water"])]
    producers = found.accuracy.loc[("producers", "water")]
    assert np.isnan(producers["accuracy_pct"])
    assert producers["units"] == 0


def test_change_needs_labels_of_both_dates():
    labels = LABELS.assign(
        map_class_after=LABELS["map_class"],
        reference_after=[None, *LABELS["reference"][1:]],
    )

    assert codes_of(lambda: assess_change(labels, STRATA, CLASSES)) == ["E14"]


# ---- two interpreters --------------------------------------------------------------------

FIRST = pd.DataFrame({"sample": [1, 2, 3, 4], "reference": ["forest", "forest", "grass", "grass"]})
SECOND = pd.DataFrame(
    {"sample": [4, 3, 2, 1], "reference": ["grass", "forest", "forest", "forest"]}
)


def test_agreement_is_the_share_of_places_with_the_same_label():
    shares, places = agreement(FIRST, SECOND)

    assert shares["agreement_pct"].round(1).to_dict() == {
        ("before", "all"): 75.0,
        ("before", "forest"): 66.7,  # both of them of three that one of them called forest
        ("before", "grass"): 50.0,
    }
    assert shares["places"].to_list() == [4, 3, 2]
    assert (shares["agreement_low_pct"] < shares["agreement_pct"]).all()
    assert places.to_dict("records") == [
        {"sample": 3, "date": "before", "first": "grass", "second": "forest"}
    ]


def test_two_dates_are_compared_apart():
    one = FIRST.assign(reference_after="water")
    two = SECOND.assign(reference_after=["water", "water", "grass", "water"])

    shares, places = agreement(one, two)

    assert shares.loc[("after", "all"), "agreement_pct"] == pytest.approx(75)
    assert places["date"].to_list() == ["before", "after"]
    assert places["sample"].to_list() == [3, 2]


def test_full_agreement_of_few_places_is_no_proof():
    shares, places = agreement(FIRST, FIRST)

    assert shares.loc[("before", "all"), "agreement_low_pct"] < 55
    assert places.empty


def test_what_is_in_dispute_must_be_decided():
    decided = pd.DataFrame({"sample": [3], "reference": ["water"]})

    assert codes_of(lambda: consensus(FIRST, SECOND)) == ["E31"]
    agreed = consensus(FIRST, SECOND, adjudicated=decided)
    assert agreed["reference"].to_list() == ["forest", "forest", "water", "grass"]
    stated = consensus(FIRST, SECOND, rule="second")
    assert stated["reference"].to_list() == ["forest", "forest", "forest", "grass"]
    stated = consensus(FIRST, SECOND, rule="first")
    assert stated["reference"].to_list() == ["forest", "forest", "grass", "grass"]


def test_a_decision_about_another_place_settles_nothing():
    decided = pd.DataFrame({"sample": [1], "reference": ["water"]})

    assert codes_of(lambda: consensus(FIRST, SECOND, adjudicated=decided)) == ["E31"]


def test_interpreters_of_different_places_are_not_compared():
    assert codes_of(lambda: agreement(FIRST, SECOND.iloc[1:])) == ["E30"]
    assert codes_of(lambda: agreement(FIRST, SECOND.assign(sample=1))) == ["E11"]
