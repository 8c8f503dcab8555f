"""Can it still be met: needs by hand, lines and paces held to simulated years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis.strategies import floats
from scipy import stats

from sinks.errors import InvariantViolated
from sinks.indicators.outlook import outlook
from sinks.indicators.targets import compared, latest
from sinks.indicators.trends import line, pace, total_at_pace
from sinks.parameters.labels import labels
from sinks.units import Z_95


def history(*rows, unit="%", evidence="sample", denominator=2000.0):
    """Years with value and standard error (None: no interval)."""
    frame = pd.DataFrame(
        [
            {
                "year": year, "zone": "d", "indicator": "i", "value": value,
                "low": np.nan if se is None else value - Z_95 * se,
                "high": np.nan if se is None else value + Z_95 * se,
                "unit": unit, "numerator": value, "denominator": denominator,
                "part_unit": "ha", "rule": "r", "evidence": evidence,
            }
            for year, value, se in rows
        ]
    )  # fmt: skip
    return frame.set_index(["year", "zone", "indicator"])


def ahead(figures, asked, *, kind="reach", unit="%", year=2030.0, now=2025, correlation=None):
    index = pd.MultiIndex.from_tuples([("d", "i")], names=["zone", "indicator"])
    target = pd.DataFrame({"kind": kind, "target": asked, "unit": unit, "year": year}, index=index)
    table = compared(latest(figures, now), target)
    known = figures[figures.index.get_level_values("year") <= now]
    return outlook(table, known, horizon=2030, correlation=correlation).loc[("d", "i")]


def test_what_is_missing_is_shared_among_the_years_left():
    row = ahead(history((2025, 40.0, 1.0)), 50.0)

    assert row["needed_per_year"] == 2  # 10 points in 5 years
    assert row["needed_part_per_year"] == 40  # of 2,000 ha
    assert row["needed_mu_per_year"] == 600
    assert (row["basis"], row["years"]) == ("one_year", 1)
    assert row[["trend_per_year", "forecast", "forecast_probability"]].isna().all()


def test_a_target_without_a_year_is_asked_for_by_the_end_of_the_plan():
    row = ahead(history((2025, 40.0, 1.0)), 50.0, kind="at_least", year=np.nan)

    assert (row["by_year"], row["needed_per_year"]) == (2030, 2)


def test_two_years_make_a_line_with_the_errors_of_both():
    row = ahead(history((2020, 40.0, 1.0), (2025, 45.0, 1.0)), 50.0)

    assert row["basis"] == "two_years"
    assert (row["trend_per_year"], row["forecast"]) == (pytest.approx(1), pytest.approx(50))
    # 2 x 45 - 40: the error is that of 2 a - b
    assert row["forecast_high"] - 50 == pytest.approx(Z_95 * 5**0.5)
    assert row["trend_high_per_year"] - 1 == pytest.approx(Z_95 * 2**0.5 / 5)
    assert row["forecast_probability"] == pytest.approx(0.5)


def test_errors_of_one_sample_leave_the_trend_but_not_the_level():
    figures = history((2020, 40.0, 1.0), (2025, 45.0, 1.0))

    row = ahead(figures, 50.0, correlation={"sample": 1.0})

    assert row["trend_high_per_year"] - row["trend_low_per_year"] == pytest.approx(0, abs=1e-6)
    assert row["forecast_high"] - 50 == pytest.approx(Z_95)  # 2 a - b with one error in both


def test_two_exact_years_have_a_line_and_no_interval():
    row = ahead(history((2020, 40.0, None), (2025, 45.0, None), evidence="register"), 49.0)

    assert row["forecast"] == pytest.approx(50)
    assert row[["forecast_low", "forecast_high", "forecast_probability"]].isna().all()


def test_maps_without_interval_have_a_line_and_no_interval():
    row = ahead(history((2020, 40.0, None), (2022, 43.0, None), (2025, 45.0, None),
                        evidence="map"), 49.0)  # fmt: skip

    assert row["basis"] == "line"
    assert np.isnan(row["forecast_probability"])


def test_a_rate_never_leads_beyond_all_there_is():
    row = ahead(history((2020, 60.0, 1.0), (2025, 95.0, 1.0)), 98.0)

    assert (row["forecast"], row["forecast_high"]) == (100, 100)
    assert row["forecast_probability"] > 0.99


def test_a_sum_goes_on_at_the_pace_of_its_years():
    figures = history((2021, 80.0, None), (2022, 200.0, None), (2023, 370.0, None),
                      (2024, 430.0, None), (2025, 440.0, None),
                      unit="ha", evidence="register", denominator=np.nan)  # fmt: skip

    row = ahead(figures, 500.0, kind="cumulative", unit="ha")

    amounts = np.array([120.0, 170.0, 60.0, 10.0])
    assert row["needed_per_year"] == 12
    assert row["trend_per_year"] == amounts.mean() == 90
    assert row["forecast"] == 440 + 5 * 90
    assert row["forecast_low"] == 440  # a sum never falls
    assert row["basis"] == "pace"
    scatter = (((amounts - 90) ** 2).sum() / 3) ** 0.5
    above = (890 - 500) / (scatter * (5 + 25 / 4) ** 0.5)
    assert row["forecast_probability"] == pytest.approx(stats.t.cdf(above, 3))


def test_a_sum_that_has_come_to_its_target_stays_there():
    figures = history((2024, 430.0, None), (2025, 520.0, None),
                      unit="ha", evidence="register", denominator=np.nan)  # fmt: skip

    row = ahead(figures, 500.0, kind="cumulative", unit="ha")

    assert (row["needed_per_year"], row["forecast_probability"]) == (0, 1)


def test_planting_is_asked_for_every_year_anew():
    figures = history(*((y, a, None) for y, a in zip(range(2021, 2026), (7.5, 7.1, 6.7, 6.4, 0.0),
                                                     strict=True)),
                      unit="ha", evidence="register", denominator=np.nan)  # fmt: skip

    row = ahead(figures, 100.0, kind="per_year", unit="mu")

    assert row["needed_per_year"] == 100  # mu
    assert row["needed_part_per_year"] == pytest.approx(100 / 15)
    assert row["years_met"] == 3  # 112.5, 106.5, 100.5 mu of 100
    assert row["forecast"] == pytest.approx(15 * 27.7 / 5)
    assert row["basis"] == "pace"


def test_once_the_year_has_come_nothing_is_forecast():
    row = ahead(history((2028, 40.0, 1.0), (2030, 45.0, 1.0)), 50.0, now=2030)

    assert row["basis"] == "due"
    assert np.isnan(row["needed_per_year"])


def test_without_a_figure_nothing_is_said():
    row = ahead(history((2026, 40.0, 1.0)), 50.0)

    assert row["basis"] == "no_figure"
    assert np.isnan(row["needed_per_year"])


@pytest.mark.parametrize("errors", [0.0, 0.7])
def test_lines_hold_the_year_to_come_in_95_of_100_cases(errors):
    random = np.random.default_rng(11)
    years, runs = np.arange(2018.0, 2026.0), 4000
    hits = 0
    for _ in range(runs):
        wobble = 0.5 if errors == 0 else 0.0  # scatter of years, or errors of values
        truth = 40 + 0.6 * (years - 2018) + random.normal(0, wobble, len(years))
        seen = truth + random.normal(0, errors, len(years))
        low, high = line(years, seen, np.full(len(years), errors), year=2030).interval
        hits += low <= 40 + 0.6 * 12 + random.normal(0, wobble) <= high

    share = hits / runs
    if errors == 0:
        assert share == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / runs) ** 0.5)
    else:  # scatter that the errors explain is sometimes taken for more: never too narrow
        assert share > 0.95 - 4 * (0.95 * 0.05 / runs) ** 0.5


def test_paces_hold_the_sum_to_come_in_95_of_100_cases():
    random, runs = np.random.default_rng(12), 4000
    hits = 0
    for _ in range(runs):
        amounts = random.normal(20, 5, 5)
        low, high = total_at_pace(amounts, years=5, done=100.0).interval
        hits += low <= 100 + random.normal(20, 5, 5).sum() <= high

    assert hits / runs == pytest.approx(0.95, abs=4 * (0.95 * 0.05 / runs) ** 0.5)


def test_one_amount_or_amounts_that_are_all_the_same_tell_no_error():
    for amounts in ([5.0], [5.0, 5.0, 5.0]):
        forecast = pace(np.array(amounts))
        assert forecast.figure == 5
        assert np.isnan(forecast.interval).all()


@given(floats(-5, 5), floats(0, 100), floats(1, 30))
def test_a_line_through_points_on_a_line_goes_on_along_it(slope, level, years_ahead):
    years = np.array([2015.0, 2018.0, 2020.0, 2025.0])

    forecast = line(years, level + slope * (years - 2015), np.ones(4), year=2025 + years_ahead)

    assert forecast.figure == pytest.approx(level + slope * (10 + years_ahead), abs=1e-6)
    assert forecast.per_year == pytest.approx(slope, abs=1e-9)


def test_years_of_several_zones_are_never_taken_for_one_series():
    figures = history((2020, 40.0, 1.0), (2025, 45.0, 1.0))
    of_district = compared(
        latest(figures, 2025).droplevel("zone"),
        pd.DataFrame(
            {"kind": "reach", "target": 50.0, "unit": "%", "year": 2030.0},
            index=pd.Index(["i"], name="indicator"),
        ),
    )

    with pytest.raises(InvariantViolated):
        outlook(of_district, figures, horizon=2030)

    row = outlook(of_district, figures.droplevel("zone"), horizon=2030).loc["i"]
    assert row["forecast"] == pytest.approx(50)


def test_every_basis_can_be_said():
    said = set(labels("outlook")) - {"years"}  # the head of a column of the table outlook
    assert said == {"line", "pace", "two_years", "one_year", "no_figure", "due"}
