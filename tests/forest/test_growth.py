"""Growth: the published curves, their inverse, and the worked example of gain and loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis.strategies import floats, sampled_from

from sinks.errors import InputRefused
from sinks.forest.growth import (
    GainLoss,
    curve_age,
    curve_stock,
    four_parameter_volume,
    gain_loss,
    increment,
    rotation_mean,
)
from sinks.parameters.forest import growth_curves, volume_curves

CURVES = sampled_from(sorted(growth_curves().index))
# IPCC 2006 Guidelines, vol. 4 ch. 4, worked example
EXAMPLE = {
    "area_ha": 100_000.0,
    "growth_t_per_ha_per_year": 4.0,
    "root_to_shoot": 0.29,
    "carbon_fraction": 0.47,
    "removed_m3_per_year": 1000.0,
    "removal_expansion_t_per_m3": 1.11,
    "bark_ratio": 0.1,
    "disturbed_ha_per_year": 2000.0,
    "disturbed_t_per_ha": 4.0,
    "lost_share": 0.3,
}


def parameters(name):
    row = growth_curves().loc[name]
    return row["limit_tc_per_ha"], row["rate_per_year"], row["shape_ratio"]


@pytest.mark.parametrize(
    ("name", "stocks"),
    [
        ("poplar_short_rotation", [17.1, 39.7, 55.2, 64.3, 72.0]),
        ("taxodiaceae", [8.5, 23.4, 39.0, 53.1, 74.9]),
        ("native_broadleaf", [7.3, 19.5, 32.0, 43.6, 61.8]),
        ("orchard", [6.9, 12.3, 15.2, 16.7, 17.7]),
    ],
)
def test_stands_of_5_10_15_20_and_30_years_hold(name, stocks):
    assert curve_stock([5, 10, 15, 20, 30], *parameters(name)).round(1).tolist() == stocks


@pytest.mark.parametrize(
    ("name", "age", "volume"),
    [
        # Zhang B. et al. 2016, table 1
        ("hebei_broadleaf", 10, 4.501),
        ("hebei_broadleaf", 20, 22.945),
        ("hebei_broadleaf", 30, 50.089),
        ("hebei_conifer", 20, 41.984),
        ("hebei_broadleaf", 1, 0.0),
    ],
)
def test_the_published_curves_of_volume_give(name, age, volume):
    row = volume_curves().loc[name, ["limit", "offset", "rate", "exponent_m"]].astype(float)

    assert round(float(four_parameter_volume(age, *row)), 3) == volume


def test_no_published_curve_of_elsewhere_is_in_use():
    assert not volume_curves()["in_use"].any()
    assert not set(volume_curves().index) & set(growth_curves().index)


@given(CURVES, floats(0, 80))
def test_the_age_that_is_read_off_a_curve_is_the_age(name, age):
    curve = parameters(name)

    assert curve_stock(curve_age(curve_stock(age, *curve), *curve), *curve) == pytest.approx(
        curve_stock(age, *curve), rel=1e-9, abs=1e-12
    )


def test_a_stock_at_the_limit_or_above_tells_no_age():
    assert curve_age([75, 80], *parameters("poplar_short_rotation")).tolist() == [np.inf, np.inf]


@given(CURVES)
def test_the_increments_add_up_to_the_stock_and_fade(name):
    curve = parameters(name)
    years = np.arange(1, 101)
    gains = increment(years, *curve)

    assert gains.sum() == pytest.approx(float(curve_stock(100, *curve)))
    assert (gains > 0).all()
    assert (np.diff(gains)[gains.argmax() :] < 0).all()
    assert gains[-1] < curve[0] / 100 < gains.max()  # what limit over age says of a century


def test_before_planting_there_is_nothing():
    assert curve_stock([-3, 0], 75, 0.13, 2.0).tolist() == [0, 0]


def test_a_12_year_rotation_of_poplar_holds_22_tc_per_ha_in_the_long_run():
    curve = parameters("poplar_short_rotation")
    # limit x (1 - 2 (1 - e^-kT) / kT + (1 - e^-2kT) / 2kT), with kT = 1.56
    exact = 75 * (1 - 2 * (1 - np.exp(-1.56)) / 1.56 + (1 - np.exp(-3.12)) / 3.12)

    assert rotation_mean(12, *curve) == pytest.approx(exact, rel=1e-4)
    assert round(rotation_mean(12, *curve)) == 22
    assert rotation_mean(12, *curve) < 0.5 * curve_stock(12, *curve)


def test_gain_and_loss_of_the_ipcc_example():
    balance = gain_loss(GainLoss(**EXAMPLE))

    assert balance["gain_tc_per_year"] == pytest.approx(242_520)
    assert round(balance["wood_tc_per_year"], 2) == 725.16
    assert balance["fuelwood_tc_per_year"] == 0
    assert balance["disturbance_tc_per_year"] == pytest.approx(1455.12)
    assert round(balance["net_tc_per_year"], 2) == 240_339.72


def test_fuelwood_is_a_loss_with_its_roots():
    with_fuel = gain_loss(GainLoss(**EXAMPLE, fuelwood_t_per_year=100.0))

    assert with_fuel["fuelwood_tc_per_year"] == pytest.approx(100 * 1.29 * 0.47)
    assert round(with_fuel["net_tc_per_year"], 2) == round(240_339.72 - 60.63, 2)


@pytest.mark.parametrize(
    "slip", [{"area_ha": -1.0}, {"lost_share": 1.1}, {"bark_ratio": float("nan")}]
)
def test_a_figure_of_gain_and_loss_that_cannot_be_is_refused(slip):
    with pytest.raises(InputRefused) as refused:
        GainLoss(**{**EXAMPLE, **slip})

    assert refused.value.findings[0].code == "H04"
