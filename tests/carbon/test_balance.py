"""The balance of greenhouse gases: by hand on few hectares, by law on any areas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.carbon.balance import Ground, alternatives, balance_table, flux_table, gas_table
from sinks.carbon.conversion import BIOMASS, SOIL_CHANGE, conversion_terms, shares_of_year
from sinks.carbon.laws import check_simulation, check_sums, implausible
from sinks.carbon.terms import (
    PER_HA,
    Terms,
    UseShares,
    density_parameters,
    fixed_rows,
    flux_parameters,
    use_terms,
)
from sinks.errors import InvariantViolated
from sinks.gases.potentials import WarmingPotentials
from sinks.gases.rates import FLOW_GAS, FLOWS, UNIT_OF_GAS, FluxRates
from sinks.uncertainty.areas import mapped_shares
from sinks.uncertainty.draws import draw
from tests.carbon.made import make_densities, transition_table

AR5 = WarmingPotentials(name="AR5", ch4=28, n2o=265, years=100)
CLASSES = pd.Index(["forest", "grass", "water"], name="land_cover")
NET = "net_sink_tco2e_per_year"


def make_rates(**uses: tuple) -> FluxRates:
    """Rates of uses: gain, loss, soil, CH4, N2O; a number is exact, else (rate, low, high)."""
    rows = {
        (use, flow): of if isinstance(of, tuple) else (of, of, of)
        for use, flows in uses.items()
        for flow, of in zip(FLOWS, flows, strict=True)
    }
    index = pd.MultiIndex.from_tuples(rows, names=["use", "flow"])
    columns = [f"rate{end}_per_ha_per_year" for end in ("", "_low", "_high")]
    frame = pd.DataFrame(list(rows.values()), index=index, columns=columns, dtype=float)
    frame["unit"] = [UNIT_OF_GAS[FLOW_GAS[flow]] for _, flow in rows]
    cited = {"reference": "li_2016", "citation": "", "where": "test", "basis": ""}
    return FluxRates(frame=frame.assign(**cited, verified=False), table="the test table")


RATES = make_rates(
    woods=((2.0, 1.0, 3.0), 0.5, 0.2, (-2.0, -3.0, -1.0), 0.5),
    meadow=(0, 0, 0.1, -1, (1.0, 0.5, 2.0)),
    lake=(0, 0, (0.4, 0.1, 0.9), (60.0, 8.0, 270.0), 0.5),
    crabs=(0, 0, 0, (69.0, 30.0, 185.0), (5.1, 1.5, 8.0)),
)


def shares(**of: dict[str, float]) -> UseShares:
    rows = {(key, use): share for key, uses in of.items() for use, share in uses.items()}
    index = pd.MultiIndex.from_tuples(rows, names=["land_cover", "use"])
    empty = pd.MultiIndex.from_arrays([[], [], []], names=["zone", "land_cover", "use"])
    return UseShares(
        everywhere=pd.Series(list(rows.values()), index=index, dtype=float),
        of_zone=pd.Series([], index=empty, dtype=float),
    )


USUAL = shares(forest={"woods": 1}, grass={"meadow": 1}, water={"lake": 0.75, "crabs": 0.25})


def terms_of(usual: UseShares = USUAL, fixed: pd.DataFrame | None = None,
             potentials: WarmingPotentials = AR5) -> Terms:  # fmt: skip
    return Terms(
        per_ha=use_terms(usual.everywhere, RATES, potentials)[list(PER_HA)],
        fixed=fixed_rows([] if fixed is None else [fixed]),
        parameters=flux_parameters(RATES),
    )


def ground_of(**zones: tuple[float, float, float]) -> Ground:
    index = pd.Index(list(zones), name="zone")
    strata_ha = pd.DataFrame(list(zones.values()), index=index, columns=CLASSES, dtype=float)
    return Ground(
        strata_ha=strata_ha, shares=mapped_shares(CLASSES), drawn=None, se_ha=0 * strata_ha
    )


def test_a_hectare_of_woods_takes_what_it_grows_and_gives_what_it_loses():
    fluxes = flux_table(terms_of(), ground_of(town=(10, 0, 0))).xs("woods", level="use")

    by_process = fluxes.droplevel(["zone", "land_cover", "gas"])
    assert by_process.loc["biomass_gain", "removal_tco2e_per_year"] == pytest.approx(
        10 * 2 * 44 / 12
    )
    assert by_process.loc["biomass_loss", "emission_tco2e_per_year"] == pytest.approx(
        10 * 0.5 * 44 / 12
    )
    # methane that woods take up is a removal, nitrous oxide an emission
    assert by_process.loc["ch4", "removal_tco2e_per_year"] == pytest.approx(10 * 2 * 28 / 1000)
    assert by_process.loc["n2o", "emission_tco2e_per_year"] == pytest.approx(10 * 0.5 * 265 / 1000)


def test_uses_of_a_class_share_its_area():
    fluxes = flux_table(terms_of(), ground_of(lake=(0, 0, 100)))

    methane = fluxes.xs("ch4", level="process")["emission_tco2e_per_year"].droplevel(
        ["zone", "land_cover", "gas"]
    )
    assert methane["lake"] == pytest.approx(75 * 60 * 28 / 1000)
    assert methane["crabs"] == pytest.approx(25 * 69 * 28 / 1000)


def test_one_parameter_gives_back_its_range_and_a_sink_its_reversed_one():
    fluxes = flux_table(terms_of(), ground_of(lake=(0, 0, 100)))

    methane = fluxes.loc[("lake", "water", "crabs", "ch4", "ch4")]
    assert methane["net_sink_low_tco2e_per_year"] == pytest.approx(-25 * 185 * 28 / 1000)
    assert methane["net_sink_high_tco2e_per_year"] == pytest.approx(-25 * 30 * 28 / 1000)


def test_a_wetland_can_be_a_source_and_the_table_says_how_surely():
    terms, ground = terms_of(), ground_of(lake=(0, 0, 100), woods=(100, 0, 0))
    draws = draw(terms.parameters, seed=4)

    balance = balance_table(flux_table(terms, ground), terms, ground, draws)

    of_lake = 75 * (0.4 * 44 / 12 - 60 * 0.028 - 0.5 * 0.265) - 25 * (69 * 0.028 + 5.1 * 0.265)
    assert balance.loc["lake", NET] == pytest.approx(of_lake)
    assert balance.loc["lake", "probability_sink"] < 0.2
    assert balance.loc["woods", "probability_sink"] > 0.99
    assert balance.loc["lake", "detectable_tco2e_per_year"] == pytest.approx(
        1.644854 * balance.loc["lake", "net_sink_se_tco2e_per_year"]
    )


def test_potentials_are_alternatives_and_not_noise():
    twenty = WarmingPotentials(name="AR6_20", ch4=81.2, n2o=273, years=20)
    ground = ground_of(lake=(0, 0, 100))
    sets = {"AR5": terms_of(), "AR6_20": terms_of(potentials=twenty)}
    draws = draw(sets["AR5"].parameters, seed=4)

    found = alternatives(sets, ground, draws)[NET]

    kg_ch4 = 75 * 60 + 25 * 69
    kg_n2o = 75 * 0.5 + 25 * 5.1
    apart = (81.2 - 28) * kg_ch4 / 1000 + (273 - 265) * kg_n2o / 1000
    assert found["AR5", "lake"] - found["AR6_20", "lake"] == pytest.approx(apart)


areas = st.tuples(*[st.floats(0, 1e5)] * 3)


@settings(max_examples=25, deadline=None)
@given(areas, areas)
def test_any_balance_is_the_sum_of_its_rows_its_gases_and_its_zones(east, west):
    whole = tuple(a + b for a, b in zip(east, west, strict=True))
    terms, ground = terms_of(), ground_of(east=east, west=west, whole=whole)
    draws = draw(terms.parameters, seed=4, count=1000)

    fluxes = flux_table(terms, ground)
    balance = balance_table(fluxes, terms, ground, draws)

    check_sums(fluxes, balance)
    net = balance[NET]
    assert net["east"] + net["west"] == pytest.approx(net["whole"], abs=1e-6)
    gases = gas_table(terms, ground, draws)[NET].groupby(level="zone").sum()
    np.testing.assert_allclose(gases[net.index], net, atol=1e-6)


def test_a_balance_that_is_not_the_sum_of_its_rows_ends_the_run():
    terms, ground = terms_of(), ground_of(town=(1, 1, 1))
    fluxes = flux_table(terms, ground)
    balance = balance_table(fluxes, terms, ground, draw(terms.parameters, seed=1, count=1000))

    with pytest.raises(InvariantViolated, match="town"):
        check_sums(fluxes * 1.01, balance)


def test_a_simulation_that_leaves_its_closed_form_ends_the_run():
    one = pd.Series({"town": 1.0, "exact": 0.0})

    check_simulation(one * 1.05, one)
    with pytest.raises(InvariantViolated, match="closed form: town"):
        check_simulation(one * 2, one)


def test_a_figure_outside_its_band_is_noted_by_zone():
    values = pd.Series({"town": 20.0, "lake": 3.0, "none": float("nan")})

    (note,) = implausible(values, (-11, 12.2), quantity={"zh": "变化", "en": "change"}, year=2025)

    assert note.code == "D20"
    assert "town 20" in note.found("en")
    assert "lake" not in note.found("en")


# ---- conversion ----------------------------------------------------------------------------

DENSITIES = make_densities(
    forest=(50, 10, 2, 80), grass=(5, 3, 0, 60), water=(1, 0, 0, 0), sediment={"water": 30}
)


def converted(*rows, year: int = 2025) -> pd.Series:
    biomass, soil = shares_of_year(year, since=2020, until=2025, soil_years=20)
    terms = conversion_terms(transition_table(*rows), DENSITIES, frozenset({"forest"}))
    share = terms["process"].map({BIOMASS: biomass, SOIL_CHANGE: soil})
    means = density_parameters(DENSITIES)["value"]
    terms["net"] = terms["net_per_unit"] * share * terms["parameter"].map(means)
    return terms.groupby("process")["net"].sum() * 12 / 44  # tC a year


def test_cleared_woods_lose_a_fifth_of_their_biomass_each_year_and_soil_little_by_little():
    found = converted(("town", "forest", "grass", 100.0))

    assert found["conversion_biomass"] == pytest.approx(100 * (8 - 62) / 5)
    assert found["conversion_soil"] == pytest.approx(100 * (60 - 80) / 20)


def test_planted_woods_start_from_nothing_and_grow_by_their_rate():
    found = converted(("town", "grass", "forest", 100.0))

    assert found["conversion_biomass"] == pytest.approx(-100 * 8 / 5)
    assert found["conversion_soil"] == pytest.approx(100 * (80 - 60) / 20)


def test_soil_that_comes_under_water_goes_nowhere():
    found = converted(("town", "grass", "water", 100.0))

    assert found["conversion_biomass"] == pytest.approx(100 * (1 - 8) / 5)
    assert "conversion_soil" not in found


def test_land_that_stays_as_it_is_exchanges_nothing():
    assert converted(("town", "forest", "forest", 100.0)).empty


def test_all_years_together_make_the_whole_change():
    years = [converted(("town", "forest", "grass", 100.0), year=y) for y in range(2019, 2050)]

    assert sum(y.get("conversion_biomass", 0.0) for y in years) == pytest.approx(-5400)
    assert sum(y.get("conversion_soil", 0.0) for y in years) == pytest.approx(-2000)
    # never more than a twentieth in a year: no jump
    assert min(y.get("conversion_soil", 0.0) for y in years) == pytest.approx(-100)
