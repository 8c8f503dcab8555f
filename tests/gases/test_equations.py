"""Rice, nitrogen, flooded land, wetland soils: worked by hand from IPCC equations, and laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.gases.factors import Ranged, combined
from sinks.gases.flooded import Reservoir, reservoir_rates, water_methane
from sinks.gases.nitrogen import NitrogenInput, direct_n2o, indirect_n2o, nitrous_oxide
from sinks.gases.rice import RiceSeason, rice_methane
from sinks.gases.wetland_soils import rewetted_rates, stock_after_rewetting
from sinks.parameters.gases import factors, flux_rates

RICE = factors("rice_methane")
NITROGEN = factors("nitrogen_emissions")
FLOODED = factors("flooded_land")
SOILS = factors("wetland_soils")


# IPCC 2019 equation 5.1 with the factors of East Asia, in kg CH4/ha/a: 1.32 x 112 = 147.8
@pytest.mark.parametrize(
    ("season", "printed"),
    [
        (RiceSeason(water_regime="continuous"), "147.8"),
        (RiceSeason(water_regime="multiple_drainage"), "81.3"),
        (RiceSeason(water_regime="multiple_drainage", pre_season="long_dry"), "72.4"),
        (RiceSeason(water_regime="multiple_drainage", amendments={"straw_short": 6}), "256"),
        (RiceSeason(water_regime="multiple_drainage", amendments={"straw_long": 6}), "127"),
    ],
    ids=["continuous", "drained", "long dry", "straw late", "straw early"],
)
def test_methane_of_rice_is_what_the_equation_says(season, printed):
    digits = len(printed.partition(".")[2])

    assert f"{rice_methane(season, RICE).rate_per_ha_per_year:.{digits}f}" == printed


def test_the_range_of_rice_combines_the_ratios_of_its_factors():
    season = RiceSeason(water_regime="multiple_drainage", days=100)

    rate = rice_methane(season, RICE)

    down = math.sqrt(sum(math.log(r) ** 2 for r in (0.89 / 1.32, 0.41 / 0.55, 0.88)))
    up = math.sqrt(sum(math.log(r) ** 2 for r in (1.96 / 1.32, 0.72 / 0.55, 1.12)))
    assert rate.rate_per_ha_per_year == pytest.approx(1.32 * 0.55 * 100)
    assert rate.rate_low_per_ha_per_year == pytest.approx(72.6 * math.exp(-down))
    assert rate.rate_high_per_ha_per_year == pytest.approx(72.6 * math.exp(up))


def test_days_that_are_known_narrow_the_range():
    known = rice_methane(RiceSeason(water_regime="continuous", days=112), RICE)
    default = rice_methane(RiceSeason(water_regime="continuous"), RICE)

    assert known.rate_per_ha_per_year == default.rate_per_ha_per_year
    assert known.rate_high_per_ha_per_year < default.rate_high_per_ha_per_year
    assert known.rate_low_per_ha_per_year > default.rate_low_per_ha_per_year


def test_rice_that_is_never_flooded_gives_no_methane():
    rate = rice_methane(RiceSeason(water_regime="upland"), RICE)

    assert (rate.rate_low_per_ha_per_year, rate.rate_high_per_ha_per_year) == (0, 0)


def test_a_season_takes_the_place_of_the_default_of_its_use():
    season = RiceSeason(water_regime="multiple_drainage", amendments={"straw_long": 6})
    rates, _ = flux_rates()

    row = rates.with_rates([rice_methane(season, RICE)]).frame.loc[("rice_wheat", "ch4")]

    assert row["rate_per_ha_per_year"] == pytest.approx(127, abs=0.5)
    assert "straw_long 6 t/ha" in row["basis"]
    assert row["reference"] == "ipcc_2019_v4"


# IPCC 2019 Table 11.1: 300 kg N x 0.005 on drained rice, 225 kg N x 0.016 on wheat
def test_direct_nitrous_oxide_of_rice_and_wheat():
    rice = NitrogenInput(synthetic_kg_n_per_ha=300, flooded="drained")
    wheat = NitrogenInput(synthetic_kg_n_per_ha=225)

    assert direct_n2o([rice], NITROGEN).middle == pytest.approx(2.36, abs=0.005)
    assert direct_n2o([wheat], NITROGEN).middle == pytest.approx(5.66, abs=0.005)
    both = direct_n2o([rice, wheat], NITROGEN)
    assert both.middle == pytest.approx(8.014, abs=0.001)
    assert both.low == pytest.approx(both.middle - math.hypot(300 * 0.005, 225 * 0.003) * 44 / 28)


def test_indirect_nitrous_oxide_by_air_and_by_water():
    crop = NitrogenInput(synthetic_kg_n_per_ha=200, organic_kg_n_per_ha=100)

    by_air = (200 * 0.11 + 100 * 0.21) * 0.014
    by_water = 300 * 0.24 * 0.011
    assert indirect_n2o([crop], NITROGEN).middle == pytest.approx((by_air + by_water) * 44 / 28)


def test_organic_nitrogen_counts_less_on_dry_land_and_alike_when_flooded():
    def direct(**of):
        return direct_n2o([NitrogenInput(**of)], NITROGEN).middle

    organic = {"synthetic_kg_n_per_ha": 0, "organic_kg_n_per_ha": 100}
    assert direct(**organic) == pytest.approx(100 * 0.006 * 44 / 28)
    assert direct(**organic, flooded="continuous") == pytest.approx(100 * 0.003 * 44 / 28)


def test_nitrous_oxide_of_a_use_counts_what_rises_elsewhere_unless_told_not_to():
    inputs = [NitrogenInput(synthetic_kg_n_per_ha=225)]
    direct, indirect = direct_n2o(inputs, NITROGEN), indirect_n2o(inputs, NITROGEN)

    alone = nitrous_oxide(inputs, NITROGEN, use="dry_crops", indirect=False)
    whole = nitrous_oxide(inputs, NITROGEN, use="dry_crops")

    assert alone.rate_per_ha_per_year == pytest.approx(direct.middle)
    assert whole.rate_per_ha_per_year == pytest.approx(direct.middle + indirect.middle)
    width = math.hypot(direct.high - direct.middle, indirect.high - indirect.middle)
    assert whole.rate_high_per_ha_per_year - whole.rate_per_ha_per_year == pytest.approx(width)
    assert flux_rates()[0].with_rates([whole]).frame.loc[("dry_crops", "n2o"), "unit"] == "kg_n2o"


YANLONG = Reservoir(use="盐龙湖", flooded_since=2012, dug=True, trophic="mesotrophic")


@pytest.mark.parametrize(
    ("year", "phase"),
    [
        (2012, "reservoir_young"),
        (2031, "reservoir_young"),  # its 20th year
        (2032, "reservoir_old"),
        (2060, "reservoir_old"),
    ],
)
def test_a_reservoir_of_2012_changes_class_in_2032(year, phase):
    assert YANLONG.phase(year, FLOODED) == phase


def reservoir(year=2025, **changes):
    settings = {"use": "r", "flooded_since": 2012, "dug": True, **changes}
    rates = reservoir_rates(Reservoir(**settings), year, FLOODED, flux_rates()[0])
    return {rate.flow: rate for rate in rates}


@pytest.mark.parametrize(
    ("trophic", "kg_ch4_per_ha"),
    [
        ("unknown", 127.5),
        ("oligotrophic", 0.7 * 127.5),
        ("mesotrophic", 3 * 127.5),
        ("eutrophic", 10 * 127.5),
        ("hypereutrophic", 25 * 127.5),
    ],
)
def test_methane_of_a_reservoir_follows_its_trophic_state(trophic, kg_ch4_per_ha):
    rate = reservoir(trophic=trophic)["ch4"]

    assert rate.rate_per_ha_per_year == pytest.approx(kg_ch4_per_ha)
    assert 0 < rate.rate_low_per_ha_per_year < kg_ch4_per_ha < rate.rate_high_per_ha_per_year


def test_an_old_reservoir_gives_less_and_a_dam_adds_what_leaves_below():
    assert reservoir(2032)["ch4"].rate_per_ha_per_year == pytest.approx(80.3)
    assert reservoir(2032, outlet_dam=True)["ch4"].rate_per_ha_per_year == pytest.approx(
        80.3 * 1.09
    )


def test_flooded_soil_decays_for_20_years_and_dug_ground_does_not():
    assert reservoir(dug=False)["soil_gain"].rate_per_ha_per_year == -1.46
    assert reservoir(dug=True)["soil_gain"].rate_per_ha_per_year == 0.3
    assert reservoir(2032, dug=False)["soil_gain"].rate_per_ha_per_year == 0.3


def test_the_rates_of_a_reservoir_make_a_use_of_their_own():
    rates, _ = flux_rates()

    changed = rates.with_rates(reservoir_rates(YANLONG, 2025, FLOODED, rates))

    assert changed.frame.loc[("盐龙湖", "ch4"), "rate_per_ha_per_year"] == pytest.approx(382.5)


@pytest.mark.parametrize(
    ("use", "factor", "level", "table"),
    [
        ("pond_ipcc", "methane", "pond", FLOODED),
        ("canal", "methane", "canal", FLOODED),
        ("reservoir_young", "methane", "reservoir_young", FLOODED),
        ("reservoir_old", "methane", "reservoir_old", FLOODED),
        ("marsh_ipcc", "methane", "temperate", SOILS),
    ],
)
def test_a_figure_that_stands_in_two_tables_is_the_same(use, factor, level, table):
    row = flux_rates()[0].frame.loc[(use, "ch4")]
    there = table.get(factor, level)

    assert there == Ranged(
        middle=row["rate_per_ha_per_year"],
        low=row["rate_low_per_ha_per_year"],
        high=row["rate_high_per_ha_per_year"],
    )


def test_ponds_by_the_sea_give_less_methane():
    rate = water_methane("saline_pond", FLOODED, use="pond_ipcc")

    assert (rate.flow, rate.unit, rate.rate_per_ha_per_year) == ("ch4", "kg_ch4", 30)


def test_rewetted_soil_regains_what_it_lost_in_40_years():
    stock = stock_after_rewetting([-1, 0, 10, 20, 30, 40, 60], SOILS)

    steps = [0.71, 0.71, 0.755, 0.80, 0.90, 1.0, 1.0]
    np.testing.assert_allclose(stock, 135 * np.array(steps))


def test_the_gains_of_the_years_add_up_to_the_stock():
    gains = [
        rewetted_rates(2026, year, SOILS)[0].rate_per_ha_per_year for year in range(2026, 2076)
    ]

    assert gains[0] == pytest.approx(135 * 0.09 / 20)
    assert gains[20] == pytest.approx(135 * 0.20 / 20)
    assert gains[40:] == [0] * 10
    stock = stock_after_rewetting(np.arange(51), SOILS)
    np.testing.assert_allclose(np.cumsum(gains), stock[1:] - stock[0])


def test_rewetting_gives_methane_from_the_first_year_and_a_gain_that_may_be_none():
    soil, ch4 = rewetted_rates(2026, 2026, SOILS)

    assert (ch4.rate_low_per_ha_per_year, ch4.rate_per_ha_per_year) == (127, 235)
    assert soil.rate_low_per_ha_per_year < 0 < soil.rate_high_per_ha_per_year
    assert flux_rates()[0].with_rates([soil, ch4]).uses == flux_rates()[0].uses


POSITIVE = st.floats(0.1, 10)


@given(st.lists(st.tuples(POSITIVE, POSITIVE, POSITIVE).map(sorted), min_size=1, max_size=4))
def test_a_combined_range_holds_the_middle_and_is_never_wider_than_all_ends_at_once(ranges):
    parts = {str(i): Ranged(low=r[0], middle=r[1], high=r[2]) for i, r in enumerate(ranges)}

    for multiplied in (False, True):
        whole = combined(lambda f: math.prod(f.values()), parts, multiplied=multiplied)
        assert whole.low <= whole.middle * (1 + 1e-9)
        assert whole.high >= whole.middle * (1 - 1e-9)
    product = combined(lambda f: math.prod(f.values()), parts, multiplied=True)
    assert product.low >= math.prod(part.low for part in parts.values()) * (1 - 1e-9)
    assert product.high <= math.prod(part.high for part in parts.values()) * (1 + 1e-9)


@given(POSITIVE, POSITIVE)
def test_one_factor_gives_its_own_range_even_where_it_divides(low, high):
    part = Ranged(low=min(low, high), middle=math.sqrt(low * high), high=max(low, high))

    whole = combined(lambda f: 1 / f["a"], {"a": part}, multiplied=True)

    assert whole.low == pytest.approx(1 / part.high)
    assert whole.high == pytest.approx(1 / part.low)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (lambda: RiceSeason(water_regime="continuous", days=3), "Y09"),
        (lambda: RiceSeason(water_regime="continuous", amendments={"straw_short": 6000}), "Y09"),
        (lambda: RiceSeason(water_regime="continuous", amendments={"compost": -1}), "Y09"),
        (lambda: NitrogenInput(synthetic_kg_n_per_ha=-1), "Y09"),
        (lambda: NitrogenInput(synthetic_kg_n_per_ha=0, organic_kg_n_per_ha=2000), "Y09"),
        (lambda: NitrogenInput(synthetic_kg_n_per_ha=float("nan")), "Y09"),
        (lambda: Reservoir(use="r", flooded_since=20, dug=True), "Y09"),
        (lambda: YANLONG.phase(2011, FLOODED), "Y09"),
        (lambda: rewetted_rates(2026, 2025, SOILS), "Y09"),
        (lambda: rice_methane(RiceSeason(water_regime="wet"), RICE), "Y05"),
        (lambda: rice_methane(RiceSeason(water_regime="upland", region="mars"), RICE), "Y05"),
        (lambda: reservoir(trophic="dystrophic"), "Y05"),
        (lambda: water_methane("sea", FLOODED, use="canal"), "Y05"),
    ],
)
def test_what_cannot_be_is_refused(wrong, code):
    with pytest.raises(InputRefused, match=f"SNK-{code}"):
        wrong()


def test_a_level_that_is_not_known_is_refused_with_those_that_are():
    with pytest.raises(InputRefused) as refused:
        rice_methane(RiceSeason(water_regime="wet"), RICE)

    assert refused.value.findings[0].facts["known"][:2] == ["continuous", "single_drainage"]
