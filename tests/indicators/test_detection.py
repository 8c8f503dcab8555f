"""The smallest change an evidence can show: by hand, and against what chance alone shows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sinks.indicators.detection import (
    change_se,
    detectable_in_sample,
    detectable_on_map,
    detections,
)
from sinks.indicators.targets import ESTIMATED, EXACT
from sinks.parameters.labels import labels
from sinks.units import mu_to_ha


def test_the_rim_of_a_square_is_four_sides_of_pixels():
    # 100 ha in one square of 1 km: an edge of 4 km, 10 m wide
    assert detectable_on_map(100.0, 10.0) == pytest.approx(4 * 1000 * 10 / 10_000)


def test_a_long_edge_and_many_mistakes_hide_more():
    assert detectable_on_map(100.0, 10.0, edge_m=50_000) == pytest.approx(50)
    assert detectable_on_map(100.0, 10.0, edge_m=50_000, accuracy=0.4) == pytest.approx(60)


def test_a_hundred_mu_a_year_cannot_be_seen_on_a_map_of_10_m():
    trees_ha = 0.25 * 104_700  # a quarter of the district
    asked = pd.DataFrame(
        {
            "change": mu_to_ha(100),
            "detectable": detectable_on_map(trees_ha, 10),
            "unit": "ha",
            "evidence": "map",
        },
        index=["afforestation_area"],
    )

    row = detections(asked).loc["afforestation_area"]

    assert row["change"] == pytest.approx(6.667, abs=1e-3)
    assert row["detectable"] == pytest.approx(4 * np.sqrt(trees_ha * 1e4) * 10 / 1e4)  # 64.7 ha
    assert (row["found"], row["proof"]) == ("undetectable", "map")


def test_errors_shared_by_both_dates_leave_the_change():
    assert change_se(3.0, 4.0) == 5.0
    assert change_se(3.0, 3.0, covariance=9.0) == 0.0
    assert change_se(3.0, 3.0, covariance=9.1) == 0.0  # rounding of a covariance


def test_chance_alone_passes_the_detectable_change_one_time_in_ten():
    chance = np.random.default_rng(4).normal(0, 20.0, 200_000)

    share = np.mean(np.abs(chance) > detectable_in_sample(20.0))

    assert share == pytest.approx(0.1, abs=4 * (0.1 * 0.9 / 200_000) ** 0.5)


def test_each_evidence_has_its_own_answer():
    asked = pd.DataFrame(
        [
            (10.0, 5.0, "sample"),
            (10.0, 40.0, "sample"),
            (-10.0, 5.0, "survey"),
            (10.0, np.nan, "map"),
            (10.0, np.nan, "register"),
            (10.0, np.nan, "report"),
        ],
        columns=["change", "detectable", "evidence"],
    )

    table = detections(asked)

    assert table["found"].to_list() == [
        "seen", "undetectable", "seen", "unknown", "documents", "records"
    ]  # fmt: skip
    # four times as small an error takes sixteen times the sample
    assert table["times_sample"].dropna().to_dict() == {1: 16.0}


def test_every_answer_can_be_said():
    assert set(labels("detection")) == {"seen", "undetectable", "documents", "records", "unknown"}
    assert set(labels("proof")) == EXACT | ESTIMATED
