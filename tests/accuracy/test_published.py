"""Published examples, to the digits that were printed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sinks.accuracy.assessment import assess
from sinks.accuracy.designs import allocated, anticipated_se, total_size
from tests.accuracy.tables import labels_of, strata_of_classes

# The publications leave the finite population correction out, as if pixels were without
# number; so many stand for that here. The areas are the published ones.
WITHOUT_NUMBER = 10**15

# ---- Olofsson et al. (2014), Remote Sensing of Environment 148: 42-57, section 5 ---------

CHANGE = ["deforestation", "forest gain", "stable forest", "stable non-forest"]
CHANGE_MATRIX = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
CHANGE_PX = [200_000, 150_000, 3_200_000, 6_450_000]
CHANGE_HA = [18_000.0, 13_500.0, 288_000.0, 580_500.0]


@pytest.fixture(scope="module")
def olofsson_2014():
    strata = strata_of_classes(CHANGE, [WITHOUT_NUMBER] * 4, CHANGE_HA)
    return assess(labels_of(CHANGE_MATRIX, CHANGE), strata, CHANGE)


def test_areas_of_olofsson_2014_to_the_hectare(olofsson_2014):
    areas = olofsson_2014.areas
    half_width_ha = 1.96 * areas["estimated_se_ha"]

    assert areas["estimated_ha"].round().to_list() == [21_158, 11_686, 285_770, 581_386]
    assert half_width_ha.round().to_list() == [6_158, 3_756, 15_510, 16_282]
    assert areas["mapped_ha"].to_list() == CHANGE_HA
    assert set(areas["interval"]) == {"normal"}


@pytest.mark.parametrize(
    ("measure", "share", "half_width"),
    [
        ("overall", [0.95], [0.02]),
        ("users", [0.88, 0.73, 0.93, 0.96], [0.07, 0.10, 0.04, 0.02]),
        # printed 0.23 and 0.01 for forest gain and stable non-forest; their own formula gives
        # 0.254 and 0.018, as R's mapaccuracy and everyone who recomputed it found
        ("producers", [0.75, 0.85, 0.93, 0.96], [0.21, 0.25, 0.03, 0.02]),
    ],
)
def test_accuracies_of_olofsson_2014(olofsson_2014, measure, share, half_width):
    found = olofsson_2014.accuracy.loc[measure]

    assert (found["accuracy_pct"] / 100).round(2).to_list() == share
    assert (1.96 * found["accuracy_se_pct"] / 100).round(2).to_list() == half_width


def test_the_error_matrix_of_olofsson_2014_in_counts_and_shares(olofsson_2014):
    np.testing.assert_array_equal(olofsson_2014.error_matrix, CHANGE_MATRIX)
    shares = olofsson_2014.error_matrix_share.to_numpy()

    # their table 9
    assert shares.round(4).tolist() == [
        [0.0176, 0, 0.0013, 0.0011],
        [0, 0.011, 0.0016, 0.0024],
        [0.0019, 0, 0.2967, 0.0213],
        [0.004, 0.002, 0.0179, 0.6212],
    ]


def test_the_finite_population_takes_a_tenth_of_a_per_mille_off(olofsson_2014):
    real = assess(
        labels_of(CHANGE_MATRIX, CHANGE), strata_of_classes(CHANGE, CHANGE_PX, CHANGE_HA), CHANGE
    )

    ratio = real.areas["estimated_se_ha"] / olofsson_2014.areas["estimated_se_ha"]

    np.testing.assert_allclose(
        real.areas["estimated_ha"], olofsson_2014.areas["estimated_ha"], rtol=1e-12
    )
    assert ((ratio < 1) & (ratio > 1 - 1e-4)).all()


def test_the_sample_size_of_olofsson_2014():
    """Section 5.1.1: S(O) = 0.01 and U = (0.7, 0.6, 0.9, 0.95) ask for 641 units."""
    pixels = pd.Series(CHANGE_PX, index=CHANGE)
    users = pd.Series([0.7, 0.6, 0.9, 0.95], index=CHANGE)

    size = total_size(users, pixels, target_se=0.01)

    assert size == 641
    # their table 5: proportional, and 75 for the rare classes with the rest in proportion,
    # which they round to 165 and 325
    assert list(allocated(size, pixels).values()) == [13, 10, 205, 413]
    assert list(allocated(size, pixels, least=75).values()) == [75, 75, 163, 328]
    neyman = allocated(size, pixels, rule="neyman", shares=users)
    assert anticipated_se(neyman, users, pixels) == pytest.approx(0.01, rel=1e-3)


# ---- Olofsson et al. (2013), Remote Sensing of Environment 129: 122-131, section 3 -------


def test_areas_and_accuracies_of_olofsson_2013():
    classes = ["deforestation", "forest", "non-forest"]
    matrix = [[97, 0, 3], [3, 279, 18], [2, 1, 97]]
    strata = strata_of_classes(classes, [WITHOUT_NUMBER] * 3, [22_353.0, 1_122_543.0, 610_228.0])

    found = assess(labels_of(matrix, classes), strata, classes)

    # eq. 10: deforestation in ha. The ends of two standard errors about all three areas, and
    # the accuracies, as the R package of A. Sanchez gives them for the same example
    areas = found.areas
    assert areas.loc["deforestation", "estimated_ha"].round() == 45_112
    low = areas["estimated_ha"] - 2 * areas["estimated_se_ha"]
    high = areas["estimated_ha"] + 2 * areas["estimated_se_ha"]
    assert low.round(2).to_list() == [23_609.59, 1_014_763.18, 622_672.62]
    assert high.round(2).to_list() == [66_615.21, 1_085_371.36, 697_216.04]
    share = found.accuracy["accuracy_pct"] / 100
    assert share["overall"].to_list() == pytest.approx([0.9444168], abs=1e-7)
    assert share["users"].to_list() == pytest.approx([0.97, 0.93, 0.97], abs=1e-12)
    assert share["producers"].to_list() == pytest.approx(
        [0.4806308, 0.9941887, 0.8969259], abs=1e-7
    )


# ---- Stehman (2014), International Journal of Remote Sensing 35: 4923-4939, table 2 ------

STRATA = {"1": 40_000, "2": 30_000, "3": 20_000, "4": 10_000}
# stratum, map class, reference class of the 40 units
UNITS = """
    1AA 1AA 1AA 1AA 1AA 1AC 1AB 1BA 1BB 1BC
    2AA 2BB 2BB 2BB 2BB 2BB 2BA 2BA 2BB 2BB
    3BC 3BC 3CC 3CC 3CC 3CD 3CD 3CB 3BB 3BA
    4DD 4DD 4DD 4DD 4DD 4DD 4DD 4DC 4DC 4DB
"""


def stehman_2014(pixels: int | None):
    """Assess the example; ``pixels`` per stratum instead of the published numbers."""
    labels = pd.DataFrame(
        [tuple(unit) for unit in UNITS.split()], columns=["stratum", "map_class", "reference"]
    ).assign(sample=range(40))
    strata = pd.DataFrame(
        {
            "stratum": list(STRATA),
            "population_px": [pixels or px for px in STRATA.values()],
            "area_ha": [float(px) for px in STRATA.values()],
        }
    )
    return assess(labels, strata, ["A", "B", "C", "D"])


def test_every_printed_estimate_of_stehman_2014():
    found = stehman_2014(None)
    share = found.areas["estimated_ha"] / 100_000
    se = found.areas["estimated_se_ha"] / 100_000
    accuracy = found.accuracy[["accuracy_pct", "accuracy_se_pct"]] / 100

    assert (share["A"].round(3), share["C"].round(3)) == (0.350, 0.200)  # p. 4932
    assert (se["A"].round(3), se["C"].round(3)) == (0.082, 0.064)  # p. 4935
    assert accuracy.loc["overall", :].round(3).iloc[0].to_list() == [0.63, 0.085]  # 4932, 4936
    assert accuracy.loc[("users", "B")].round(3).to_list() == [0.574, 0.125]  # 4934, 4936
    # p. 4936 prints 0.114: it sets a variance of stratum 4 to 0 that its table 3 gives as 0.1
    assert accuracy.loc[("producers", "B")].round(3).to_list() == [0.794, 0.117]
    assert found.error_matrix_share.loc["B", "C"].round(2) == 0.08  # p. 4935
    assert found.areas["mapped_ha"].isna().all()  # the strata do not tell


def test_stehman_2014_to_the_digits_of_two_r_packages():
    """mapaccuracy (H. Costa) has the finite population correction, mapac (D. Pflugmacher) not."""
    with_correction, without = stehman_2014(None), stehman_2014(WITHOUT_NUMBER)

    se = with_correction.areas["estimated_se_ha"] / 100_000
    assert se[["A", "C"]].to_list() == pytest.approx([0.0822478, 0.06427977], abs=5e-8)
    se = with_correction.accuracy["accuracy_se_pct"] / 100
    assert se[("overall", "all")] == pytest.approx(0.08464219, abs=5e-9)
    assert se[("users", "B")] == pytest.approx(0.1247822, abs=5e-8)
    assert se[("producers", "B")] == pytest.approx(0.1165479, abs=5e-8)

    accuracy = without.accuracy / 100
    users, producers = accuracy.loc["users"], accuracy.loc["producers"]
    assert users["accuracy_pct"].to_list() == pytest.approx(
        [0.7419355, 0.5744681, 0.5, 0.7], abs=5e-8
    )
    assert users["accuracy_se_pct"].to_list()[:3] == pytest.approx(
        [0.1645627, 0.1248023, 0.2151657], abs=5e-8
    )
    assert producers["accuracy_pct"].to_list()[:3] == pytest.approx(
        [0.6571429, 0.7941176, 0.3], abs=5e-8
    )
    assert producers["accuracy_se_pct"].to_list()[:3] == pytest.approx(
        [0.1477318, 0.1165671, 0.1504438], abs=5e-8
    )
