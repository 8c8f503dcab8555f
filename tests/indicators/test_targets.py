"""Targets: judged by what carries a figure, and told in the units that people use."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.strategies import floats

from sinks.errors import InputRefused, InvariantViolated
from sinks.indicators.targets import (
    EXACT,
    KINDS,
    SURE,
    against_targets,
    compared,
    latest,
    probability_at_least,
)
from sinks.parameters.labels import labels

INDICATOR = pd.Index(["i"], name="indicator")


def figure(value, low=np.nan, high=np.nan, *, evidence="sample", **other):
    row = {
        "value": value, "low": low, "high": high, "unit": "%", "numerator": 500.0,
        "denominator": 2000.0, "part_unit": "ha", "rule": "r", "evidence": evidence,
        "value_year": 2025.0, **other,
    }  # fmt: skip
    return pd.DataFrame([row], index=INDICATOR)


def target(asked=25.0, *, unit="%", kind="at_least", year=2030.0):
    row = {"kind": kind, "target": asked, "unit": unit, "year": year}
    return pd.DataFrame([row], index=INDICATOR)


def judged(value, low=np.nan, high=np.nan, **other):
    return compared(figure(value, low, high, **other), target()).loc["i"]


@pytest.mark.parametrize(
    ("low", "value", "high", "met"),
    [(25.1, 26, 27, "yes"), (23, 24, 24.9, "no"), (24, 25.5, 27, "open"), (25, 26, 27, "yes")],
)
def test_an_estimate_meets_its_target_only_at_a_probability_of_95_percent(low, value, high, met):
    row = judged(value, low, high)

    assert row["met"] == met
    assert row["judged_by"] == "probability"
    assert row["gap"] == pytest.approx(25 - value)


def test_the_probability_is_that_of_a_normal_law_around_the_estimate():
    row = judged(26.0, 26 - 1.959964, 26 + 1.959964)  # one standard error above the target

    assert row["probability"] == pytest.approx(0.8413447, abs=1e-6)
    assert row["met"] == "open"


def test_probability_of_95_percent_is_one_and_two_thirds_standard_errors():
    at = 25 + 1.644854  # standard error 1

    assert judged(at + 0.001, at + 0.001 - 1.959964, at + 0.001 + 1.959964)["met"] == "yes"
    assert judged(at - 0.001, at - 0.001 - 1.959964, at - 0.001 + 1.959964)["met"] == "open"


@pytest.mark.parametrize("evidence", sorted(EXACT))
def test_what_is_registered_or_reported_is_compared_exactly_whatever_its_interval(evidence):
    just, short = (judged(v, v - 3, v + 3, evidence=evidence) for v in (25.0, 24.99))

    assert (just["met"], short["met"]) == ("yes", "no")
    assert np.isnan(just["probability"])
    assert just["judged_by"] == "exact"


def test_a_sum_of_floats_that_should_be_the_target_is_the_target():
    value = 100 * sum([0.1] * 3) / 1.2 * (1 - 1e-15)

    assert judged(value, evidence="register")["met"] == "yes"


def test_a_map_without_an_interval_decides_nothing():
    row = judged(80.0, evidence="map")

    assert (row["met"], row["judged_by"]) == ("open", "no_interval")


def test_the_two_sides_of_an_interval_are_kept_apart():
    row = judged(24.0, 23.9, 24 + 2 * 1.959964)  # standard error 2 above, tiny below

    assert row["probability"] == pytest.approx(0.3085375, abs=1e-6)  # half a standard error


def test_an_end_that_was_cut_off_does_not_make_a_figure_surer():
    whole = probability_at_least(*map(np.atleast_1d, (1.0, -1.0, 3.0, 0.5)), rate=True)
    cut = probability_at_least(*map(np.atleast_1d, (1.0, 0.0, 3.0, 0.5)), rate=True)

    assert cut == whole


@given(floats(0, 100), floats(0.01, 30), floats(0, 100), floats(0, 100))
def test_a_higher_target_is_never_likelier(value, half, one, other):
    low, high = np.array([max(value - half, 0)]), np.array([min(value + half, 100)])
    lower, higher = (
        probability_at_least(np.array([value]), low, high, np.array([t]), rate=True)[0]
        for t in sorted((one, other))
    )

    assert 0 <= higher <= lower <= 1


def test_a_gap_is_told_in_points_hectares_and_mu():
    row = judged(20.0, 19, 21)

    assert row["gap"] == 5  # points
    assert (row["gap_part"], row["part_unit"]) == (5 / 100 * 2000, "ha")
    assert row["gap_mu"] == pytest.approx(1500)


def test_a_rate_of_rivers_has_its_gap_in_kilometres_and_none_in_mu():
    row = judged(20.0, evidence="register", denominator=400.0, part_unit="km")

    assert (row["gap_part"], row["part_unit"]) == (20, "km")
    assert np.isnan(row["gap_mu"])


def test_a_target_in_mu_meets_a_figure_in_hectares():
    planted = figure(5.0, evidence="register", unit="ha", denominator=np.nan)

    row = compared(planted, target(100, unit="mu", kind="per_year")).loc["i"]

    assert row["value"] == pytest.approx(75)  # 5 ha
    assert row["gap"] == pytest.approx(25)
    assert (row["gap_mu"], row["gap_part"]) == (pytest.approx(25), pytest.approx(25 / 15))
    assert row["part_unit"] == "ha"


def test_a_count_has_its_gap_in_its_own_unit():
    factories = figure(9.0, evidence="report", unit="家", denominator=np.nan)

    row = compared(factories, target(20, unit="家", kind="cumulative")).loc["i"]

    assert (row["gap_part"], row["part_unit"]) == (11, "家")


def test_a_target_in_another_kind_of_unit_is_refused():
    with pytest.raises(InputRefused) as refused:
        compared(figure(5.0), target(500, unit="ha"))

    assert refused.value.findings[0].code == "F40"
    assert refused.value.findings[0].facts["target_unit"] == "ha"


@pytest.mark.parametrize(
    ("figures", "targets"),
    [(figure(5.0, evidence="guess"), target()), (figure(5.0), target(kind="hope"))],
)
def test_an_evidence_or_a_kind_that_does_not_exist_is_our_mistake(figures, targets):
    with pytest.raises(InvariantViolated):
        compared(figures, targets)


def stacked(*rows):
    frame = pd.concat([figure(value).assign(year=y, zone=zone) for y, zone, value in rows])
    frame = frame.drop(columns="value_year").reset_index()
    return frame.set_index(["year", "zone", "indicator"])


def test_the_latest_figure_that_is_not_after_the_year_counts():
    figures = stacked((2020, "d", 18.0), (2024, "d", 22.0), (2026, "d", 30.0), (2025, "d", np.nan))

    row = against_targets(figures, target(), zone="d", year=2025).loc["i"]

    assert (row["value"], row["value_year"]) == (22, 2024)


def test_towns_are_compared_with_their_own_targets():
    figures = latest(stacked((2025, "a", 20.0), (2025, "b", 30.0)), 2025)
    towns = pd.concat({z: target(t) for z, t in (("a", 15.0), ("b", 40.0))}, names=["zone"])

    gaps = compared(figures.assign(evidence="register"), towns)

    assert gaps["met"].to_dict() == {("a", "i"): "yes", ("b", "i"): "no"}
    assert gaps["gap"].to_list() == [-5, 10]


def test_a_target_without_a_figure_is_unknown():
    other = target().rename(index={"i": "other"})

    row = against_targets(stacked((2025, "d", 1.0)), other, zone="d", year=2025).loc["other"]

    assert (row["met"], row["judged_by"]) == ("unknown", "no_figure")
    assert np.isnan(row["gap"])


def test_every_word_of_a_judgement_can_be_said():
    assert set(labels("target_kind")) >= set(KINDS)
    assert set(labels("met")) == {"yes", "no", "open", "unknown"}
    assert set(labels("judged_by")) == {"exact", "probability", "no_interval", "no_figure"}
    assert SURE == 0.95
