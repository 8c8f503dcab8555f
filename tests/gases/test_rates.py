"""Rates per hectare: added up by hand, held to laws, and to a balance worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.gases.potentials import WarmingPotentials
from sinks.gases.rates import (
    EMISSION,
    FLOWS,
    GASES,
    NET_SINK,
    REMOVAL,
    Rate,
    exchanges,
    net_balance,
)
from sinks.parameters.gases import flux_rates, land_uses, warming_potentials
from tests.gases.made import AR5, CITED, make_frame, make_rates


def test_carbon_counts_44_12_and_gases_their_potential():
    rates = make_rates(forest=(2.0, 0.5, 0.25, 10.0, 2.0))

    parts = exchanges(rates, AR5).loc["forest"]

    assert parts.loc["biomass_gain", REMOVAL] == pytest.approx(2.0 * 44 / 12)
    assert parts.loc["biomass_loss", EMISSION] == pytest.approx(0.5 * 44 / 12)
    assert parts.loc["soil_gain", REMOVAL] == pytest.approx(0.25 * 44 / 12)
    assert parts.loc["ch4", EMISSION] == pytest.approx(10 * 28 / 1000)
    assert parts.loc["n2o", EMISSION] == pytest.approx(2 * 265 / 1000)


def test_the_balance_of_a_use_by_gas_and_in_all():
    rates = make_rates(forest=(2.0, 0.5, 0.25, 10.0, 2.0))

    row = net_balance(rates, AR5).loc["forest"]

    assert row["removal_co2_tco2e_per_ha_per_year"] == pytest.approx(2.25 * 44 / 12)
    assert row["emission_co2_tco2e_per_ha_per_year"] == pytest.approx(0.5 * 44 / 12)
    assert row["emission_ch4_tco2e_per_ha_per_year"] == pytest.approx(0.28)
    assert row["emission_n2o_tco2e_per_ha_per_year"] == pytest.approx(0.53)
    assert row[NET_SINK] == pytest.approx(1.75 * 44 / 12 - 0.28 - 0.53)


def test_methane_taken_up_is_a_removal_and_soil_lost_an_emission():
    parts = exchanges(make_rates(dry=(0, 0, -0.3, -2.5, 0)), AR5).loc["dry"]

    assert parts.loc["ch4", REMOVAL] == pytest.approx(0.07)
    assert parts.loc["ch4", EMISSION] == 0
    assert parts.loc["soil_gain", EMISSION] == pytest.approx(1.1)
    assert parts.loc["soil_gain", REMOVAL] == 0


RATES = st.floats(-1e3, 1e3)


@given(st.tuples(st.floats(0, 10), st.floats(0, 10), RATES, RATES, RATES))
def test_removals_and_emissions_are_magnitudes_whose_difference_is_the_net_sink(five):
    table = net_balance(make_rates(any_use=five), AR5)
    gain, loss, soil, ch4, n2o = five

    assert (table.drop(columns=NET_SINK) >= 0).all(axis=None)
    for what, total in (("removal", REMOVAL), ("emission", EMISSION)):
        gases = sum(table[f"{what}_{gas}_tco2e_per_ha_per_year"] for gas in GASES)
        np.testing.assert_allclose(gases, table[total])
    net = (gain - loss + soil) * 44 / 12 - ch4 * 0.028 - n2o * 0.265
    np.testing.assert_allclose(table[NET_SINK], net, atol=1e-9)
    np.testing.assert_allclose(table[REMOVAL] - table[EMISSION], net, atol=1e-9)


# Net emission in tCO2e/ha/a with AR5 and AR6, worked by hand from the figures of the
# publications (Ma 2018 for ponds, IPCC 2013 and 2019): for a rewetted marsh
# 235 x 0.028 - 44/12 x 1.0 = 2.9; burial is credited to ponds at its high end of 0.5 tC.
BY_HAND = [
    ("marsh_ipcc", 0.0, 2.9, 2.7),
    ("marsh_reed", 0.0, 1.5, 1.4),
    ("marsh_natural", 0.0, -1.8, -1.9),
    ("lake", 0.0, 0.3, 0.3),
    ("pond_crab", 0.0, 3.3, None),
    ("pond_crab", 0.5, 1.45, None),
    ("pond_mixed_fish", 0.0, 3.7, None),
    ("pond_mixed_fish", 0.5, 1.8, None),
    ("pond_ipcc", 0.0, 5.1, 4.9),
    ("pond_enclosure", 0.0, 51.4, 49.6),
    ("rice_wheat", 0.0, 6.4, 6.3),
]


@pytest.mark.parametrize(("use", "burial_tc", "ar5", "ar6"), BY_HAND)
def test_the_balance_worked_by_hand_comes_out_of_the_table_that_ships(use, burial_tc, ar5, ar6):
    rates, _ = flux_rates()
    for name, expected in (("AR5", ar5), ("AR6", ar6)):
        net_sink = net_balance(rates, warming_potentials(name)).loc[use, NET_SINK]
        if expected is not None:
            assert -(net_sink + burial_tc * 44 / 12) == pytest.approx(expected, abs=0.05)


def test_restoring_500_ha_is_decided_by_what_was_there_before():
    rates, _ = flux_rates()
    net = net_balance(rates, warming_potentials("AR5"))[NET_SINK] * 500

    from_enclosure = net["marsh_natural"] - net["pond_enclosure"]
    from_crab_natural = net["marsh_natural"] - net["pond_crab"]
    from_crab_ipcc = net["marsh_ipcc"] - net["pond_crab"]

    assert from_enclosure == pytest.approx((1.84 + 51.41) * 500, abs=10)
    assert from_crab_natural == pytest.approx((1.84 + 3.28) * 500, abs=10)
    assert from_crab_ipcc == pytest.approx((3.28 - 2.91) * 500, abs=10)


@pytest.mark.parametrize(
    ("use", "net_tc_per_ha"),
    [("broadleaf", 1.30), ("mixed_forest", 0.52), ("orchard", 0.0), ("built_up", 0.0)],
)
def test_growth_less_harvest_and_mortality_is_what_inventories_find(use, net_tc_per_ha):
    rate = flux_rates()[0].frame["rate_per_ha_per_year"]

    assert rate[(use, "biomass_gain")] - rate[(use, "biomass_loss")] == pytest.approx(
        net_tc_per_ha
    )


def test_no_use_of_the_table_grows_without_loss():
    rate = flux_rates()[0].frame["rate_per_ha_per_year"].unstack("flow")
    growing = rate[rate["biomass_gain"] > 0]

    assert len(growing) == 7
    assert (growing["biomass_loss"] > 0).all()


def test_rates_are_replaced_in_their_place():
    rates = make_rates(paddy=(0, 0, 0.2, 180, 8), lake=(0, 0, 0.4, 60, 0.5))

    changed = rates.with_rates([made_rate("paddy", "ch4", 127.0)])

    assert list(changed.frame.index) == list(rates.frame.index)
    assert changed.frame.loc[("paddy", "ch4"), "rate_per_ha_per_year"] == 127
    assert changed.frame.loc[("paddy", "ch4"), "unit"] == "kg_ch4"
    assert changed.frame.loc[("lake", "ch4"), "rate_per_ha_per_year"] == 60
    assert rates.frame.loc[("paddy", "ch4"), "rate_per_ha_per_year"] == 180


def test_a_new_use_needs_all_five_rates():
    rates = make_rates(lake=(0, 0, 0.4, 60, 0.5))
    copied = rates.rates_of("lake", named="reservoir")

    assert rates.with_rates(copied).uses == {"lake", "reservoir"}
    with pytest.raises(InputRefused, match=r"Y01(.|\n)*reservoir"):
        rates.with_rates(copied[:4])


def test_rates_worked_out_fit_into_the_table_that_ships():
    rates, _ = flux_rates()

    changed = rates.with_rates(rates.rates_of("reservoir_old", named="盐龙湖"))

    assert changed.frame.dtypes.equals(rates.frame.dtypes)
    assert changed.frame.loc["盐龙湖", "citation"].str.len().min() > 10
    assert not changed.frame.isna().any(axis=None)


def test_every_use_that_can_be_chosen_has_rates():
    flux_rates()[0].require(land_uses().frame.index)

    assert list(flux_rates()[0].frame.loc["lake"].index) == list(FLOWS)


@pytest.mark.parametrize(
    ("slip", "code"),
    [
        (lambda frame: frame.drop(("lake", "ch4")), "Y01"),
        (lambda frame: frame.rename({"ch4": "methane"}), "Y01"),
        (lambda frame: changed(frame, "ch4", rate_per_ha_per_year=float("nan")), "Y02"),
        (lambda frame: changed(frame, "ch4", rate_low_per_ha_per_year=70.0), "Y02"),
        (lambda frame: changed(frame, "ch4", rate_high_per_ha_per_year=float("inf")), "Y02"),
        (lambda frame: changed(frame, "biomass_loss", rate_low_per_ha_per_year=-0.1), "Y02"),
        (lambda frame: changed(frame, "ch4", unit="kg_n2o"), "Y03"),
        (lambda frame: changed(frame, "soil_gain", unit="kg_ch4"), "Y03"),
    ],
)
def test_rates_that_cannot_be_used_are_refused(slip, code):
    frame = make_frame(lake=(0, 0, 0.4, 60, 0.5))

    with pytest.raises(InputRefused, match=f"SNK-{code}"):
        replace(make_rates(lake=(0, 0, 0.4, 60, 0.5)), frame=slip(frame))


def test_a_use_without_rates_is_refused_by_name():
    with pytest.raises(InputRefused, match=r"Y04(.|\n)*swamp"):
        make_rates(lake=(0, 0, 0.4, 60, 0.5)).require(["lake", "swamp"])


@pytest.mark.parametrize("potential", [0, -28, float("nan"), float("inf")])
def test_a_potential_that_is_no_positive_number_is_refused(potential):
    with pytest.raises(InputRefused, match="Y06"):
        WarmingPotentials(name="own", ch4=potential, n2o=265, years=100)


def changed(frame, flow, **values):
    frame = frame.copy()
    for column, entry in values.items():
        frame.loc[("lake", flow), column] = entry
    return frame


def made_rate(use, flow, rate):
    return Rate(
        use=use,
        flow=flow,
        rate_per_ha_per_year=rate,
        rate_low_per_ha_per_year=rate,
        rate_high_per_ha_per_year=rate,
        **CITED,
    )
