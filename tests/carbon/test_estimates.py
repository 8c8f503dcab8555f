"""Carbon on areas that a sample estimated: by hand, by law, and against a simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.carbon.estimates import estimated_change, estimated_stocks
from sinks.carbon.stocks import stocks_by_class, zone_totals
from sinks.errors import InputRefused
from sinks.units import Z_95
from tests.carbon.made import area_table, make_densities

EXACT = make_densities(forest=(50, 10, 0, 40), grass=(5, 5, 0, 60))
ROUGH = make_densities(
    forest=((50, 40, 62), (10, 8, 12), 0, (40, 30, 45)), grass=((5, 4, 8), 5, 0, (60, 50, 75))
)
KEYS = ["forest", "grass"]


def areas(forest_ha: float, grass_ha: float, zone: str = "town") -> pd.Series:
    index = pd.MultiIndex.from_product([[zone], KEYS], names=["zone", "land_cover"])
    return pd.Series([forest_ha, grass_ha], index=index)


def swapped(variance_ha2: float) -> pd.DataFrame:
    """What forest gains, grass loses."""
    v = variance_ha2
    return pd.DataFrame([[v, -v], [-v, v]], index=KEYS, columns=KEYS)


def test_the_errors_of_two_areas_whose_sum_is_known_act_on_the_difference_of_densities():
    stocks = estimated_stocks(areas(30, 70), {"town": swapped(4.0)}, EXACT).loc["town"]

    assert stocks["stock_tc"] == 30 * 100 + 70 * 70
    assert stocks["stock_se_tc"] == pytest.approx(2 * (100 - 70))  # 2 ha x 30 tC/ha
    assert stocks["stock_area_se_tc"] == pytest.approx(60)
    assert stocks["stock_density_se_tc"] == 0
    assert stocks["stock_high_tc"] == pytest.approx(7900 + Z_95 * 60)


def test_without_an_error_of_area_the_interval_is_that_of_the_mapped_stock():
    mapped = stocks_by_class(
        area_table(("town", "forest", 30, 0), ("town", "grass", 70, 0)), ROUGH
    )

    estimated = estimated_stocks(areas(30, 70), {"town": swapped(0)}, ROUGH)

    columns = ["stock_tc", "stock_se_tc", "stock_low_tc", "stock_high_tc"]
    pd.testing.assert_frame_equal(estimated[columns], zone_totals(mapped)[columns])


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 1e4), st.floats(-500, 500))
def test_classes_of_one_density_make_the_error_of_area_vanish(variance_ha2, gain_ha):
    alike = make_densities(forest=(50, 10, 0, 40), grass=(50, 10, 0, 40))

    change = estimated_change(areas(gain_ha, -gain_ha), {"town": swapped(variance_ha2)}, alike)

    assert change.loc["town"].abs().max() == pytest.approx(0, abs=1e-6 * (1 + variance_ha2))


def test_the_variance_is_that_of_a_simulation():
    density_se = np.array([12.0, 9.0])
    symmetric = make_densities(
        forest=((100, 100 - Z_95 * 12, 100 + Z_95 * 12), 0, 0, 0),
        grass=((70, 70 - Z_95 * 9, 70 + Z_95 * 9), 0, 0, 0),
    )
    rng = np.random.default_rng(1)
    shift = rng.normal(0, 5, 200_000)
    drawn_ha = np.array([[30.0], [70.0]]) + np.array([[1.0], [-1.0]]) * shift
    drawn = rng.normal([[100], [70]], density_se[:, None], (2, 200_000))

    stocks = estimated_stocks(areas(30, 70), {"town": swapped(25.0)}, symmetric).loc["town"]

    simulated = (drawn_ha * drawn).sum(axis=0)
    assert stocks["stock_se_tc"] == pytest.approx(simulated.std(), rel=0.01)
    assert stocks["stock_low_tc"] == pytest.approx(np.quantile(simulated, 0.025), rel=0.01)


def test_where_a_class_shrinks_the_upper_end_of_its_density_makes_the_lower_end():
    change = estimated_change(areas(-10, 0), {"town": swapped(0)}, ROUGH).loc["town"]

    assert change["change_low_tc"] == pytest.approx(-10 * (62 + 12 + 45))
    assert change["change_high_tc"] == pytest.approx(-10 * (40 + 8 + 30))


def test_a_class_without_density_is_refused():
    index = pd.MultiIndex.from_tuples([("town", "marsh")], names=["zone", "land_cover"])
    covariance = pd.DataFrame([[0.0]], index=["marsh"], columns=["marsh"])

    with pytest.raises(InputRefused) as refused:
        estimated_stocks(pd.Series([1.0], index=index), {"town": covariance}, EXACT)

    assert refused.value.findings[0].code == "D01"
