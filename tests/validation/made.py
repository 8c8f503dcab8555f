"""Samples made up for tests: by hand, or drawn with an effect that each polygon shares."""

from __future__ import annotations

import numpy as np

from sinks.training.samples import Samples
from sinks.validation.folds import Folds
from tests.scenes import SCENE_LEGEND

CODES = np.array([1, 2, 3], dtype=np.uint8)  # forest, grass, water


def samples_of(codes, *, group=None, xy=None, features=None):
    """Make samples; by default each is a polygon of its own, 100 m east of the one before."""
    n = len(codes)
    xy = np.column_stack([np.arange(n) * 100.0, np.zeros(n)]) if xy is None else np.asarray(xy)
    features = np.asarray(codes)[:, np.newaxis] if features is None else np.asarray(features)
    return Samples(
        names=tuple(f"band_{i}" for i in range(features.shape[1])),
        legend=SCENE_LEGEND,
        features=features.astype(np.float32),
        codes=np.asarray(codes, dtype=np.uint8),
        group=np.arange(n) if group is None else np.asarray(group),
        x_m=xy[:, 0].astype(float),
        y_m=xy[:, 1].astype(float),
    )


def landscape(polygons, *, pixels=12, seed=0):
    """Draw polygons of three classes whose pixels resemble one another.

    A pixel is the mean of its class (0, 1, 2 in both bands), plus an effect of its polygon
    (0.8), plus noise of its own (0.05): the noise of the landscape is in its patches.
    """
    random = np.random.default_rng(seed)
    code = np.repeat(CODES[np.arange(polygons) % 3], pixels)
    patch = random.normal(0, 0.8, (polygons, 2)).repeat(pixels, axis=0)
    features = (code - 1.0)[:, np.newaxis] + patch + random.normal(0, 0.05, (len(code), 2))
    middle = random.uniform(0, 20_000, (polygons, 2)).repeat(pixels, axis=0)
    return samples_of(
        code,
        group=np.arange(polygons).repeat(pixels),
        xy=middle + random.uniform(-30, 30, (len(code), 2)),
        features=features,
    )


def folds_of(*fold):
    return Folds(name="drawn", fold=np.array(fold))
