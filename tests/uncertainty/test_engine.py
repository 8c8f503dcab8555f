"""The engine: areas times parameters, held to closed forms and to laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sinks.errors import InvariantViolated
from sinks.uncertainty.areas import SampledShares, drawn_shares, mapped_shares
from sinks.uncertainty.draws import draw, parameter_table
from sinks.uncertainty.linear import LinearResult
from sinks.uncertainty.summary import (
    MAP,
    closed_form_se,
    contributions,
    probability_positive,
    summarised,
)

CLASSES = pd.Index(["forest", "grass"], name="land_cover")
# normal laws: a range of 1.96 standard errors on both sides of nothing but the mean
PARAMETERS = parameter_table(
    [("forest", 100.0, -96.0, 296.0), ("grass", 10.0, -9.6, 29.6), ("stands", 1.0, 1.0, 1.0)]
)
SE = {"forest": 196 / 1.959964, "grass": 19.6 / 1.959964}


def result_of(areas_ha: dict[str, tuple[float, float]], fixed: float = 0.0) -> LinearResult:
    zones = pd.Index(list(areas_ha), name="zone")
    return LinearResult(
        strata_ha=pd.DataFrame(list(areas_ha.values()), index=zones, columns=CLASSES),
        shares=mapped_shares(CLASSES),
        per_ha=pd.DataFrame(np.eye(2), index=CLASSES, columns=["forest", "grass"]),
        fixed=pd.DataFrame({"stands": fixed}, index=zones),
    )


def test_a_result_is_area_times_parameter_and_what_is_fixed():
    result = result_of({"town": (3.0, 2.0)}, fixed=50.0)

    assert result.mean(PARAMETERS).to_dict() == {"town": 3 * 100 + 2 * 10 + 50}
    drawn = result.drawn(draw(PARAMETERS, seed=1))
    assert drawn.mean() == pytest.approx(370, rel=0.002)


def test_the_simulation_agrees_with_the_closed_form():
    result = result_of({"town": (3.0, 2.0)})

    found = summarised(
        result.drawn(draw(PARAMETERS, seed=1)), result.mean(PARAMETERS), name="net", unit="tc"
    ).loc["town"]

    se = ((3 * SE["forest"]) ** 2 + (2 * SE["grass"]) ** 2) ** 0.5
    assert found["net_se_tc"] == pytest.approx(se, rel=0.02)
    assert found["net_low_tc"] == pytest.approx(320 - 1.96 * se, abs=0.05 * se)
    assert found["net_high_tc"] == pytest.approx(320 + 1.96 * se, abs=0.05 * se)


def test_zones_that_make_up_the_district_add_up_to_it_in_every_draw():
    result = result_of({"east": (3.0, 2.0), "west": (1.0, 4.0), "district": (4.0, 6.0)})

    east, west, district = result.drawn(draw(PARAMETERS, seed=1))

    np.testing.assert_allclose(east + west, district, rtol=1e-12, atol=1e-9)


def test_a_class_that_did_not_change_adds_nothing_to_the_error_of_a_change():
    before, after = result_of({"town": (3.0, 2.0)}), result_of({"town": (3.0, 1.0)})
    draws = draw(PARAMETERS, seed=1)

    change = after.drawn(draws) - before.drawn(draws)

    assert change.std() == pytest.approx(SE["grass"], rel=0.02)


def sampled(variance: float) -> SampledShares:
    """90 % of what is mapped as forest is forest; what is mapped as grass is grass."""
    dates = pd.MultiIndex.from_product([[0], CLASSES], names=["date", "land_cover"])
    shares = pd.DataFrame([[0.9, 0.1], [0.0, 1.0]], index=CLASSES, columns=dates)
    wrong = variance * np.array([[1, -1], [-1, 1]])
    covariance = {
        "forest": pd.DataFrame(wrong, index=dates, columns=dates),
        "grass": pd.DataFrame(0 * wrong, index=dates, columns=dates),
    }
    return SampledShares(shares=shares, covariance=covariance)


def test_the_error_of_the_map_follows_the_covariance_of_the_sample():
    says = sampled(variance=0.02**2)
    draws = draw(PARAMETERS, seed=1)
    shares = drawn_shares(says, draws, "2020")
    exact = result_of({"town": (1000.0, 500.0)})
    result = LinearResult(
        strata_ha=exact.strata_ha, shares=says.at(0), per_ha=exact.per_ha, fixed=exact.fixed
    )

    assert result.areas_ha.loc["town"].to_dict() == {"forest": 900.0, "grass": 600.0}
    moved = result.moved_by_map(PARAMETERS, shares)
    # 20 hectares of forest (100) that are grass (10) or not
    assert moved.std() == pytest.approx(20 * (100 - 10), rel=0.02)
    both = result.drawn(draws, shares)
    parts = (900 * SE["forest"]) ** 2 + (600 * SE["grass"]) ** 2 + (20 * 90) ** 2
    product = 20**2 * (SE["forest"] ** 2 + SE["grass"] ** 2)
    assert both.std() == pytest.approx((parts + product) ** 0.5, rel=0.02)


def test_areas_add_up_in_every_draw():
    shares = drawn_shares(sampled(variance=0.02**2), draw(PARAMETERS, seed=1), "2020")

    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-12)


def test_what_moves_a_result_most_is_named_first():
    result = result_of({"town": (1.0, 5.0)})
    draws = draw(PARAMETERS, seed=1)

    found = contributions(result.drawn(draws), draws, result.coefficients())

    # variances 100^2 and (5 x 10)^2: four fifths and one fifth
    assert found["parameter"].to_list() == ["forest", "grass"]
    assert found["contribution_pct"].to_list() == pytest.approx([80, 20], abs=2)


def test_the_error_of_the_map_is_a_contribution_of_its_own():
    says, draws = sampled(variance=0.02**2), draw(PARAMETERS.loc[["stands"]], seed=1)
    zones = pd.Index(["town"], name="zone")
    result = LinearResult(
        strata_ha=pd.DataFrame([[1000.0, 500.0]], index=zones, columns=CLASSES),
        shares=says.at(0),
        per_ha=pd.DataFrame([[2.0], [0.0]], index=CLASSES, columns=["stands"]),
        fixed=pd.DataFrame(index=zones),
    )
    shares = drawn_shares(says, draws, "2020")

    found = contributions(
        result.drawn(draws, shares),
        draws,
        result.coefficients(),
        moved_by_map=result.moved_by_map(draws.parameters, shares),
    )

    assert found.loc[("town", 1)].to_dict() == {"parameter": MAP, "contribution_pct": 100.0}


def test_the_share_of_draws_above_nothing_is_a_probability():
    assert probability_positive(np.array([[-1.0, 1.0, 2.0, 3.0]])).tolist() == [0.75]


def test_parameters_of_one_stream_move_together_and_count_as_one():
    pools = parameter_table([("soil", 50.0, 30.0, 90.0), ("live", 20.0, 10.0, 45.0)])
    draws = draw(pools.assign(stream="density/forest"), seed=1)
    zones = pd.Index(["town"], name="zone")
    coefficients = pd.DataFrame([[1.0, 1.0]], index=zones, columns=pools.index)
    total = draws.drawn.sum(axis=0, keepdims=True)

    found = contributions(total, draws, coefficients)

    # the ends of both ranges are reached at once
    assert np.quantile(total, 0.975) == pytest.approx(
        np.quantile(draws.drawn, 0.975, axis=1).sum(), rel=1e-3
    )
    assert found["parameter"].to_list() == ["density/forest"]
    assert found["contribution_pct"].to_list() == pytest.approx([100.0])


def test_the_closed_form_needs_no_draw_of_the_sum():
    result = result_of({"town": (3.0, 2.0)})
    draws = draw(PARAMETERS, seed=1)

    se = closed_form_se(result.coefficients(), draws)["town"]

    assert se == pytest.approx(((3 * SE["forest"]) ** 2 + (2 * SE["grass"]) ** 2) ** 0.5, rel=0.01)
    assert se == pytest.approx(result.drawn(draws).std(), rel=0.02)


def test_a_blank_coefficient_is_our_mistake():
    sound = result_of({"town": (1.0, 5.0)})
    blank = pd.DataFrame([[1.0, np.nan], [0.0, 1.0]], index=CLASSES, columns=["forest", "grass"])

    with pytest.raises(InvariantViolated, match="per_ha"):
        replace(sound, per_ha=blank)
