"""Phenology: a curve that is known is found again, whatever dates are clear."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.blocks import windows
from sinks.errors import InputRefused
from sinks.imagery import phenology as module
from sinks.imagery.phenology import STATISTICS, YEAR_DAYS, phenology, phenology_of
from sinks.parameters.imagery import spectral_indices
from tests.imagery.pictures import codes_of, image_of, whole

NAN = np.nan
NDVI = spectral_indices()["ndvi"]
MONTHS = [date(2024, month, 15) for month in range(1, 13)]


def curve(days, mean, amplitude, peak_day):
    angle = 2 * np.pi * (np.array([d.timetuple().tm_yday for d in days]) - peak_day) / YEAR_DAYS
    return np.float32(mean + amplitude * np.cos(angle))


def described(series, days):
    values = phenology(np.float32(series).reshape(-1, 1, 1), days)
    return dict(zip(STATISTICS, values.ravel().tolist(), strict=True))


def test_extremes_and_their_day_by_hand():
    days = [date(2024, 4, 1), date(2024, 7, 1), date(2024, 8, 1), date(2024, 11, 1)]

    result = described([0.2, NAN, 0.8, 0.3], days)

    assert result["min"] == np.float32(0.2)
    assert result["max"] == np.float32(0.8)
    assert result["range"] == pytest.approx(0.6)
    assert result["peak_day"] == 214  # 1 August of a leap year


@given(
    mean=st.floats(0.1, 0.6), amplitude=st.floats(0.05, 0.4), peak_day=st.floats(1, 366),
    clear=st.sets(st.integers(0, 11), min_size=4, max_size=12),
)  # fmt: skip
def test_a_harmonic_is_found_again_from_any_four_months(mean, amplitude, peak_day, clear):
    series = curve(MONTHS, mean, amplitude, peak_day)
    series[[i for i in range(12) if i not in clear]] = NAN

    result = described(series, MONTHS)

    assert result["harmonic_mean"] == pytest.approx(mean, abs=1e-4)
    assert result["harmonic_amplitude"] == pytest.approx(amplitude, abs=1e-4)
    apart = abs(result["harmonic_peak_day"] - peak_day)
    assert min(apart, YEAR_DAYS - apart) < 0.1


def test_the_harmonic_is_the_least_squares_fit():
    days = [date(2023, 3, 1) + timedelta(days=40 * i) for i in range(9)]
    series = np.random.default_rng(2).random(9, dtype=np.float32)
    angle = 2 * np.pi * (np.array([d.timetuple().tm_yday for d in days]) - 1) / YEAR_DAYS
    design = np.column_stack([np.ones(9), np.cos(angle), np.sin(angle)])

    (mean, a, b), *_ = np.linalg.lstsq(design, series.astype(float), rcond=None)

    result = described(series, days)
    assert result["harmonic_mean"] == pytest.approx(mean, rel=1e-6)
    assert result["harmonic_amplitude"] == pytest.approx(np.hypot(a, b), rel=1e-6)


def test_two_clear_dates_have_extremes_and_no_harmonic():
    series = np.full(12, NAN, dtype=np.float32)
    series[[3, 8]] = 0.2, 0.5

    result = described(series, MONTHS)

    assert result["max"] == np.float32(0.5)
    assert np.isnan([result[name] for name in STATISTICS[4:]]).all()


def test_dates_of_one_season_in_two_years_do_not_make_a_harmonic():
    days = [date(2023, 5, 1), date(2023, 9, 1), date(2025, 5, 1), date(2025, 12, 1)]

    result = described([0.3, 0.5, 0.4, NAN], days)

    assert np.isnan(result["harmonic_mean"])


def test_a_pixel_that_no_date_shows_has_no_value():
    assert np.isnan(list(described(np.full(12, NAN), MONTHS).values())).all()


@pytest.mark.parametrize("held", [1, 50, 10_000])
def test_windows_and_pieces_of_any_size_give_the_same(monkeypatch, held):
    random = np.random.default_rng(9)
    images = [
        image_of({role: random.random((6, 5), dtype=np.float32) for role in ("red", "nir")}, day=d)
        for d in MONTHS[:5]
    ]
    features = phenology_of(images, NDVI)
    at_once = whole(features)
    monkeypatch.setattr(module, "_STACK_NUMBERS", held)

    assert features.names[:2] == ("ndvi_min", "ndvi_max")
    for window in windows((6, 5), 4, 2):
        row, col, high, wide = window
        np.testing.assert_array_equal(
            features.read(window), at_once[:, row : row + high, col : col + wide]
        )


def test_the_index_is_that_of_each_date():
    images = [
        image_of({"red": [[0.1]], "nir": [[nir]]}, day=day)
        for nir, day in zip((0.3, 0.1, 0.4), MONTHS, strict=False)
    ]

    values = dict(zip(STATISTICS, whole(phenology_of(images, NDVI)).ravel(), strict=True))

    assert values["min"] == 0
    assert values["max"] == pytest.approx(0.6)
    assert values["peak_day"] == 75


@pytest.mark.parametrize(
    "days",
    [
        [None, *MONTHS[:3]],
        MONTHS[:2],
        [date(2023, 5, 1), date(2022, 5, 1), date(2021, 5, 1), date(2021, 8, 1)],
    ],
    ids=["a day is missing", "two dates", "two days of the year"],
)
def test_too_few_days_are_refused(days):
    images = [image_of({"red": [[0.1]], "nir": [[0.5]]}, day=d, label="春") for d in days]

    with pytest.raises(InputRefused) as refusal:
        phenology_of(images, NDVI)
    assert codes_of(refusal) == ["B26"]


def test_an_index_needs_its_bands_at_every_date():
    images = [image_of({"red": [[0.1]]}, day=day) for day in MONTHS]

    with pytest.raises(InputRefused) as refusal:
        phenology_of(images, NDVI)
    assert codes_of(refusal) == ["B22"]
