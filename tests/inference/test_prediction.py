"""Prediction: counted by hand on a few pixels, then in memory that does not grow with an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from sinks.blocks import windows
from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.imagery.features import FeaturesInMemory
from sinks.inference.prediction import (
    Prediction,
    outside_by_class,
    predicted,
)
from tests.scenes import draw, scene_grid

NAN = np.nan


@dataclass
class Brightness:
    """Code 1 with probability red, code 3 with what is left."""

    codes = (1, 3)
    findings = ()

    def labels(self, features):
        return np.where(features[0] >= 0.5, 1, 3).astype(np.uint8)

    def probabilities(self, features):
        return np.stack([features[0], 1 - features[0]]).astype(np.float32)


@dataclass
class Distance:
    threshold = 0.5

    def dissimilarity(self, features):
        return features[1]


def image(red, nir, names=("red", "nir")):
    values = np.array([red, nir], dtype=np.float32)
    return FeaturesInMemory(grid=scene_grid(values.shape[1:]), names=names, values=values)


IMAGE = image([[0.75, 0.25], [NAN, 0.5]], [[0.1, 0.9], [0.2, np.inf]])
WHOLE = Window(0, 0, 2, 2)


def test_a_pixel_takes_its_class_and_one_without_all_features_none():
    found = predicted(
        WHOLE,
        Prediction(
            features=IMAGE,
            predictor=Brightness(),
            names=("red", "nir"),
            layers=("probability", "probabilities", "entropy", "dissimilarity"),
            applicability=Distance(),
        ),
    )

    assert found.codes.tolist() == [[1, 3], [0, 0]]
    entropy = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))  # of two classes, in bits
    expected = {
        "probability": [[[0.75, 0.75], [NAN, NAN]]],
        "probabilities": [[[0.75, 0.25], [NAN, NAN]], [[0.25, 0.75], [NAN, NAN]]],
        "entropy": [[[entropy, entropy], [NAN, NAN]]],
        "dissimilarity": [[[0.1, 0.9], [NAN, NAN]]],
    }
    assert set(found.layers) == set(expected)
    for name, values in expected.items():
        assert found.layers[name].dtype == np.float32
        np.testing.assert_allclose(found.layers[name], values, rtol=1e-6)


def test_features_are_found_by_name_not_by_order():
    swapped = image([[0.1, 0.9]], [[0.75, 0.25]], names=("nir", "red"))

    found = predicted(
        Window(0, 0, 1, 2),
        Prediction(features=swapped, predictor=Brightness(), names=("red",)),
    )

    assert found.codes.tolist() == [[1, 3]]


def test_a_window_without_data_asks_nothing_of_the_model():
    class Silent:
        codes, findings = (1,), ()

    found = predicted(
        Window(1, 0, 1, 1),
        Prediction(features=IMAGE, predictor=Silent(), names=("red",), layers=("entropy",)),
    )

    assert found.codes.tolist() == [[0]]
    assert np.isnan(found.layers["entropy"]).all()


def test_windows_of_any_size_give_the_same_map():
    random = np.random.default_rng(1)
    big = image(random.random((70, 90)), random.random((70, 90)))
    prediction = Prediction(features=big, predictor=Brightness(), names=("red",))
    whole = predicted(Window(0, 0, 70, 90), prediction).codes

    for window in windows((70, 90), 13, 17):
        rows = slice(window.row, window.row + window.height)
        cols = slice(window.col, window.col + window.width)
        np.testing.assert_array_equal(predicted(window, prediction).codes, whole[rows, cols])


def test_the_share_of_each_class_beyond_what_the_model_knows_is_in_hectares():
    cover = draw("""
        F F G
        W . G
    """)
    distance = np.array([[[0.1, 0.9, 0.5], [0.6, NAN, 0.51]]], dtype=np.float32)
    layer = FeaturesInMemory(grid=cover.grid, names=("dissimilarity",), values=distance)

    table = outside_by_class(cover, layer, 0.5)

    assert table.round(6).to_dict("index") == {
        "forest": {"area_ha": 2, "outside_ha": 1, "outside_pct": 50},
        "grass": {"area_ha": 2, "outside_ha": 1, "outside_pct": 50},
        "water": {"area_ha": 1, "outside_ha": 1, "outside_pct": 100},
    }


def test_an_image_without_a_feature_of_the_model_is_refused():
    with pytest.raises(InputRefused) as refused:
        Prediction(features=IMAGE, predictor=Brightness(), names=("red", "swir1"))

    assert refused.value.findings[0].code == "U01"
    assert "swir1" in str(refused.value)


def test_dissimilarity_without_an_area_of_applicability_is_refused():
    with pytest.raises(InputRefused, match="U02"):
        Prediction(
            features=IMAGE, predictor=Brightness(), names=("red",), layers=("dissimilarity",)
        )
