"""Planting: large enough, alive, accepted, each place once; felling beside it."""

from __future__ import annotations

import numpy as np
import pytest

from sinks.indicators.planting import PlantingRule, planted_area, planting_rows
from sinks.units import mu_to_ha
from tests.indicators.ground import box, layer, zones

RULE = PlantingRule(survival_pct=85, patch_ha=mu_to_ha(1))
YEARS = range(2021, 2024)
MU_KM = mu_to_ha(1) / 100 / 0.1  # a plot 100 m deep and this wide has 1 mu


def plot(sides, year=2021, survival_pct=90.0, status="accepted"):
    return (box(*sides), year, survival_pct, status)


def found(*plots, felled=None):
    shapes, year, survival, status = zip(*plots, strict=True) if plots else [()] * 4
    planted = layer(shapes, year=list(year), survival_pct=list(survival), status=list(status))
    return planted_area(planted, felled, zones(), RULE, years=YEARS)


def gross(table, year, zone="whole"):
    return table.loc[(year, zone), "gross_ha"]


def test_a_hundred_mu_are_six_and_two_thirds_hectares():
    table, findings = found(*(plot((x / 10, 0, x / 10 + MU_KM, 0.1)) for x in range(20)))

    assert gross(table, 2021) == pytest.approx(20 / 15)  # hectares of 20 mu
    assert findings == ()


def test_planting_counts_where_enough_of_it_lives():
    table, findings = found(
        plot((0, 0, 1, 1), survival_pct=85.0), plot((1, 0, 2, 1), survival_pct=84.9)
    )

    assert gross(table, 2021) == pytest.approx(100)
    assert findings[0].code == "F29"
    assert findings[0].facts["died"] == 1


def test_survival_that_is_not_stated_is_trusted_and_listed():
    table, findings = found(plot((0, 0, 1, 1), survival_pct=np.nan))

    assert gross(table, 2021) == pytest.approx(100)
    assert (findings[0].code, findings[0].facts["area_ha"]) == ("F28", 100)


def test_a_patch_below_one_mu_does_not_count_but_two_that_touch_do():
    half = MU_KM / 2
    alone = plot((3, 3, 3 + half, 3.1))
    together = plot((0, 0, half, 0.1)), plot((half, 0, 2 * half, 0.1))

    table, findings = found(alone, *together)

    assert gross(table, 2021) == pytest.approx(1 / 15)
    assert (findings[0].facts["small"], findings[0].facts["small_ha"]) == (1, 0.033)


def test_plots_of_two_years_do_not_make_one_patch():
    half = MU_KM / 2

    table, _ = found(plot((0, 0, half, 0.1), 2021), plot((half, 0, 2 * half, 0.1), 2022))

    assert (table["gross_ha"] == 0).all()


def test_a_place_planted_again_counts_in_its_first_year():
    table, _ = found(plot((0, 0, 2, 1), 2021), plot((1, 0, 3, 1), 2023))

    assert [gross(table, year) for year in YEARS] == pytest.approx([200, 0, 100])
    assert gross(table, 2023, "east") == pytest.approx(100)


def test_planting_before_the_years_asked_for_takes_its_place():
    table, _ = found(plot((0, 0, 1, 1), 2019), plot((0, 0, 2, 1), 2021))

    assert gross(table, 2021) == pytest.approx(100)


def test_what_is_not_accepted_or_has_no_year_does_not_count():
    table, findings = found(
        plot((0, 0, 1, 1), status="under_way"), plot((1, 0, 2, 1), year=np.nan)
    )

    assert (table["gross_ha"] == 0).all()
    assert findings[0].facts["no_year"] == 1


def test_felling_is_deducted_beside_the_gross_area_and_net_may_be_negative():
    felled = layer([box(2, 0, 4, 1), box(3, 0, 4, 1)], year=[2021, 2021])

    table, _ = found(plot((0, 0, 1, 1), 2021), felled=felled)

    whole = table.loc[(2021, "whole")]
    assert whole.to_dict() == pytest.approx({"gross_ha": 100, "felled_ha": 200, "net_ha": -100})
    assert table.loc[(2022, "whole"), "felled_ha"] == 0


def test_towns_add_up_to_the_district():
    table, _ = found(plot((1, 0, 3, 1), 2021), plot((0, 2, 4, 3), 2022))

    halves = table["gross_ha"].unstack("zone")
    np.testing.assert_allclose(halves["west"] + halves["east"], halves["whole"])


def test_the_row_of_a_year_is_the_gross_area():
    table, _ = found(plot((0, 0, 1, 1), 2022))

    row = planting_rows(table, year=2022).loc[("whole", "afforestation_area")]

    assert (row["value"], row["unit"], row["rule"], row["evidence"]) == (
        pytest.approx(100), "ha", "gross", "register",
    )  # fmt: skip
