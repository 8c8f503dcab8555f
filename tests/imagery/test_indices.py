"""Spectral indices: values by hand, laws of ratios, and formulas that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.errors import InputRefused
from sinks.imagery.composites import composite_of
from sinks.imagery.indices import SpectralIndex, with_indices
from sinks.imagery.roles import ROLES
from sinks.parameters.imagery import band_roles, chosen_indices, spectral_indices
from tests.imagery.pictures import codes_of, image_of, whole

# a pixel of rice: a little blue, green and red, much near infrared
RICE = {
    "blue": 0.04, "green": 0.08, "red": 0.05, "red_edge_1": 0.12, "red_edge_3": 0.36,
    "nir": 0.40, "swir_1": 0.20,
}  # fmt: skip
BY_HAND = {
    "ndvi": (0.40 - 0.05) / (0.40 + 0.05),
    "evi": 2.5 * 0.35 / (0.40 + 0.30 - 0.30 + 1),
    "savi": 1.5 * 0.35 / (0.45 + 0.5),
    "ndwi": (0.08 - 0.40) / (0.08 + 0.40),
    "mndwi": (0.08 - 0.20) / (0.08 + 0.20),
    "ndbi": (0.20 - 0.40) / (0.20 + 0.40),
    "ndmi": (0.40 - 0.20) / (0.40 + 0.20),
    "ndre": (0.40 - 0.12) / (0.40 + 0.12),
    "ci_re": 0.40 / 0.12 - 1,
}
REFLECTANCE = st.floats(2**-10, 1.0, width=32)


def refused(*args, **more):
    with pytest.raises(InputRefused) as refusal:
        with_indices(*args, **more)
    return refusal


def test_every_index_that_ships_has_the_value_counted_by_hand():
    image = image_of({role: [[value]] for role, value in RICE.items()})

    features = with_indices(image, chosen_indices(list(BY_HAND)))

    assert set(BY_HAND) == set(spectral_indices())
    assert features.names == (*RICE, *BY_HAND)
    assert features.grid == image.grid
    np.testing.assert_allclose(
        whole(features)[len(RICE) :, 0, 0], list(BY_HAND.values()), rtol=1e-6
    )
    np.testing.assert_array_equal(whole(features)[: len(RICE)], whole(image))


@given(red=REFLECTANCE, nir=REFLECTANCE)
def test_a_normalised_difference_is_odd_and_within_one(red, nir):
    ndvi = spectral_indices()["ndvi"]

    there = ndvi.of({"nir": np.float32([nir]), "red": np.float32([red])})
    back = ndvi.of({"nir": np.float32([red]), "red": np.float32([nir])})

    assert -1 <= there[0] <= 1
    assert there[0] == -back[0]


@pytest.mark.parametrize(("nir", "red"), [(0.0, 0.0), (0.1, -0.1), (np.nan, 0.1), (1e-8, 0.0)])
def test_where_the_divisor_is_zero_there_is_no_value(nir, red):
    image = image_of({"nir": [[nir]], "red": [[red]]})

    assert np.isnan(whole(with_indices(image, chosen_indices(["ndvi"])))[2, 0, 0])


def test_an_overflow_is_no_value_either():
    huge = SpectralIndex(key="huge", formula="(nir / 0.00001) ** 99")

    assert np.isnan(huge.of({"nir": np.float32([0.5])})[0])


def test_indices_of_a_composite_take_its_statistics():
    images = [
        image_of({"red": [[r]], "nir": [[n]]}) for r, n in ((0.1, 0.3), (0.2, 0.4), (0.3, 0.5))
    ]
    medians = composite_of(images, ["median", "p10"])

    features = with_indices(medians, chosen_indices(["ndvi"]), suffix="_median")

    assert features.names[-1] == "ndvi_median"
    assert whole(features)[-1, 0, 0] == pytest.approx(0.2 / 0.6)


def test_no_index_leaves_the_features_as_they_are():
    image = image_of({"red": [[0.1]]})

    assert with_indices(image, []) is image


def test_an_index_whose_bands_are_missing_is_refused_by_their_names():
    refusal = refused(image_of({"red": [[0.1]], "nir": [[0.2]]}), chosen_indices(["evi"]))

    assert codes_of(refusal) == ["B22"]
    assert refusal.value.findings[0].facts["missing"] == ["blue"]


def test_an_index_is_appended_once():
    image = image_of({"red": [[0.1]], "nir": [[0.2]]})

    assert codes_of(refused(image, chosen_indices(["ndvi", "ndvi"]))) == ["B28"]


def test_an_unknown_index_is_refused_with_the_nearest():
    with pytest.raises(InputRefused) as refusal:
        chosen_indices(["ndvl"])

    assert codes_of(refusal) == ["B23"]
    assert refusal.value.findings[0].facts["near"] == "ndvi"


@pytest.mark.parametrize(
    "formula",
    [
        "__import__('os')", "nir.real", "nir[0]", "nir if red else 1", "'nir'", "nir, red",
        "nir << 2", "nir @ red", "nir // red", "true + nir", "True + nir", "1j * nir", "B8 - B4",
        "lambda: nir", "nir := red", "", "1 + 2", "nir +", "(" * 150 + "nir", "nir + " * 50 + "1",
        "f'{nir}'", "nir\x00",
    ],
)  # fmt: skip
def test_a_formula_holds_nothing_but_arithmetic_of_roles(formula):
    with pytest.raises(InputRefused) as refusal:
        SpectralIndex(key="own", formula=formula)
    assert codes_of(refusal) == ["B24"]


def test_every_role_has_a_name_and_a_wavelength():
    table = band_roles()

    assert tuple(table.index) == ROLES
    assert (table["wavelength_nm"].astype(float) > 400).all()
    assert (table[["zh", "en"]] != "").all(axis=None)
