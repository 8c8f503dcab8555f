"""Prediction: from features to class codes and to how sure the model is, a window at a time.

A window of 512 x 512 pixels is all that is held, whatever the size of the image. A pixel with a
feature that is missing has no class: code 0, and NaN in every layer.

=============  =====================================================================  ======
layer          what it says of a pixel                                                unit
=============  =====================================================================  ======
probability    probability of the class that the map shows                            0-1
probabilities  probability of every class, in the order of the predictor's codes      0-1
entropy        0 is sure of one class, 1 of none, see :mod:`sinks.validation`           0-1
dissimilarity  distance to the training data, see :mod:`sinks.validation`             index
=============  =====================================================================  ======
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.blocks import map_in_order, windows
from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.imagery.features import FeatureBlocks, Features
from sinks.inference.predictors import Predictor
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import NO_DATA
from sinks.validation.sampling_need import entropy

SIDE = 512  # pixels of a window each way; 2^18 of them, and a tile of the files that are written
_ROWS = 128  # of a window that are worked on at once
CODES = 256

Layer = Literal["probability", "probabilities", "entropy", "dissimilarity"]


class Applicability(Protocol):
    """Tells how far pixels are from the training data, and from where on that is too far."""

    @property
    def threshold(self) -> float:
        """Dissimilarity above which the model was never tested."""
        ...

    def dissimilarity(self, features: Features) -> NDArray[np.float32]:
        """Return the index of each pixel, from float32 ``(features, pixels)``."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class BlockResult:
    """What was found in a window: codes ``(rows, columns)``, layers ``(bands, rows, columns)``."""

    window: Window
    codes: NDArray[np.uint8]
    layers: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """A model and the image it is applied to.

    ``names`` are the features that the model was trained on, in its order; the image may hold
    them in any order, and others too.

    Raises
    ------
    InputRefused
        ``U01`` if the image lacks a feature of the model, ``U02`` if ``dissimilarity`` is asked
        for without ``applicability``.
    """

    features: FeatureBlocks
    predictor: Predictor
    names: tuple[str, ...]
    layers: tuple[Layer, ...] = ()
    applicability: Applicability | None = None

    def __post_init__(self) -> None:
        if missing := [name for name in self.names if name not in self.features.names]:
            raise InputRefused.because("U01", missing=missing, present=self.features.names)
        if "dissimilarity" in self.layers and self.applicability is None:
            raise InputRefused.because("U02")

    @property
    def bands(self) -> dict[str, tuple[str, ...]]:
        """Names of the bands of each layer that is made."""
        classes = tuple(f"class_{code:03d}" for code in self.predictor.codes)
        return {name: classes if name == "probabilities" else (name,) for name in self.layers}

    @cached_property
    def _order(self) -> list[int]:
        return [self.features.names.index(name) for name in self.names]


def predicted(window: Window, prediction: Prediction) -> BlockResult:
    """Classify the pixels of ``window``, and make the layers that were asked for.

    Features are held for a part of the window at a time.
    """
    shape = (window.height, window.width)
    codes = np.full(shape, NO_DATA, dtype=np.uint8)
    found = {
        name: np.full((len(bands), *shape), np.nan, dtype=np.float32)
        for name, bands in prediction.bands.items()
    }
    for row, _, height, width in windows(shape, _ROWS, window.width):
        part = Window(window.row + row, window.col, height, width)
        rows = slice(row, row + height)
        _fill(part, codes[rows], {n: layer[:, rows] for n, layer in found.items()}, prediction)
    return BlockResult(window=window, codes=codes, layers=found)


def _fill(
    window: Window,
    codes: NDArray[np.uint8],
    layers: Mapping[str, NDArray[np.float32]],
    prediction: Prediction,
) -> None:
    """Write codes and layers where all features are known."""
    values = prediction.features.read(window)[prediction._order]
    known = np.isfinite(values).all(axis=0)
    pixels = values[:, known]
    if pixels.shape[1]:
        codes[known] = prediction.predictor.labels(pixels)
        for name, numbers in _layers(pixels, codes[known], prediction).items():
            layers[name][:, known] = numbers


def outside_by_class(
    cover: LandCover, dissimilarity: FeatureBlocks, threshold: float, *, threads: int = 1
) -> pd.DataFrame:
    """Add up, by class, how much of a map lies where its model was never tested.

    Parameters
    ----------
    dissimilarity
        The layer of that name, on the grid of ``cover``. Where it is not known (NaN), pixels
        are taken to be outside as often as others of their class; as often as all, in a
        class of which no pixel is known.
    threshold
        Dissimilarity above which a pixel lies outside the area of applicability.

    Returns
    -------
    pandas.DataFrame
        Index ``land_cover``, in the order of the legend; columns ``area_ha``, ``outside_ha``
        and ``outside_pct``.
    """

    def part(window: Window) -> NDArray[np.float64]:
        codes = cover.read(window)
        unlike = dissimilarity.read(window)[0]
        rows = np.arange(window.row, window.row + window.height)
        cols = window.col + (window.width - 1) / 2
        ha = np.broadcast_to(cover.grid.pixel_ha(rows, cols), codes.shape)
        masks = (codes > 0, np.isfinite(unlike), unlike > threshold)
        return np.array([np.bincount(codes[m], ha[m], minlength=CODES) for m in masks])

    total = np.zeros((3, CODES))
    for sums in map_in_order(part, windows(cover.grid.shape, SIDE, SIDE), threads=threads):
        total += sums
    classes = cover.classes()
    area_ha, known_ha, beyond_ha = total[:, [c.code for c in classes]]
    overall = beyond_ha.sum() / max(known_ha.sum(), np.finfo(float).tiny)
    share = np.divide(beyond_ha, known_ha, out=np.full(len(classes), overall), where=known_ha > 0)
    columns = {"area_ha": area_ha, "outside_ha": area_ha * share, "outside_pct": 100 * share}
    return pd.DataFrame(columns, index=pd.Index([c.key for c in classes], name="land_cover"))


def _layers(
    pixels: Features, codes: NDArray[np.uint8], prediction: Prediction
) -> dict[str, NDArray[np.float32]]:
    """Return the layers that were asked for, ``(bands, pixels)`` or ``(pixels,)`` each."""
    found: dict[str, NDArray[np.float32]] = {}
    wanted = prediction.layers
    if set(wanted) - {"dissimilarity"}:
        probabilities = prediction.predictor.probabilities(pixels)
        if "probability" in wanted:
            found["probability"] = _of_class(probabilities, codes, prediction.predictor.codes)
        if "probabilities" in wanted:
            found["probabilities"] = probabilities
        if "entropy" in wanted:
            found["entropy"] = entropy(probabilities)
    if prediction.applicability is not None and "dissimilarity" in wanted:
        found["dissimilarity"] = prediction.applicability.dissimilarity(pixels)
    return found


def _of_class(
    probabilities: NDArray[np.float32], codes: NDArray[np.uint8], order: tuple[int, ...]
) -> NDArray[np.float32]:
    """Return the probability of the class that each pixel has."""
    place = np.zeros(CODES, dtype=np.intp)
    place[list(order)] = np.arange(len(order))
    chosen: NDArray[np.float32] = probabilities[place[codes], np.arange(len(codes))]
    return chosen
