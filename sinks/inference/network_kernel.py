"""A small network over many pixels: layers in float32, a tile of pixels at a time.

Every pixel is summed up by itself in one fixed order, so that its class depends neither on the
pixels beside it nor on threads, which libraries of matrices do not promise. Rows of weights and
of pixels come in fours, the last filled up with noughts, so that four inputs are added in one
pass over a tile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

ROWS = 4  # the multiple that layers are filled up to
_TILE_PX = 256  # a layer of 32 takes 32 KB

Function = TypeVar("Function", bound=Callable[..., Any])
Floats = NDArray[np.float32]


def _compiled(function: Function) -> Function:
    """Compile a function that runs without the interpreter's lock."""
    return cast(Function, njit(nogil=True, cache=True, error_model="numpy")(function))


@_compiled
def network_labels(
    features: Floats, network: Any, places: NDArray[np.uint8], classes: int
) -> None:
    """Find the class with the largest score, the first of those that tie, ``(pixels,)``."""
    front, back, most = _scratch(network)
    for start in range(0, features.shape[1], _TILE_PX):
        tile = features[:, start : start + _TILE_PX]
        scores = _scores(tile, network, front, back)
        best, count = places[start : start + _TILE_PX], tile.shape[1]
        most[:count] = scores[0, :count]
        best[:] = 0
        for c in range(1, classes):
            row = scores[c]
            for i in range(count):
                better = row[i] > most[i]
                most[i] = row[i] if better else most[i]
                best[i] = c if better else best[i]


@_compiled
def network_scores(features: Floats, network: Any, scores: Floats) -> None:
    """Give each class its score, the logarithm of its odds, ``(classes, pixels)``."""
    front, back, _ = _scratch(network)
    for start in range(0, features.shape[1], _TILE_PX):
        tile = features[:, start : start + _TILE_PX]
        found = _scores(tile, network, front, back)
        scores[:, start : start + _TILE_PX] = found[: scores.shape[0], : tile.shape[1]]


@_compiled
def _scratch(network: Any) -> tuple[Floats, Floats, Floats]:
    rows = 0
    for weights in network[2]:
        rows = max(rows, weights.shape[0], weights.shape[1])
    front = np.zeros((rows, _TILE_PX), dtype=np.float32)
    return front, front.copy(), np.empty(_TILE_PX, dtype=np.float32)


@_compiled
def _scores(tile: Floats, network: Any, front: Floats, back: Floats) -> Floats:
    """Pass a tile through all layers; negative sums become 0, but for the last."""
    mean, scale, weights, biases = network
    count = tile.shape[1]
    front[:] = 0
    for f in range(tile.shape[0]):
        for i in range(count):
            front[f, i] = (tile[f, i] - mean[f]) * scale[f]
    for layer in range(len(weights)):
        floor = np.float32(0) if layer < len(weights) - 1 else np.float32(-np.inf)
        _pass_layer(front, weights[layer], biases[layer], floor, back)
        front, back = back, front
    return front


@_compiled
def _pass_layer(
    inputs: Floats, weights: Floats, bias: Floats, floor: np.float32, outputs: Floats
) -> None:
    for o in range(weights.shape[0]):
        total = outputs[o]
        total[:] = bias[o]
        for k in range(0, weights.shape[1], ROWS):
            w0, w1, w2, w3 = weights[o, k], weights[o, k + 1], weights[o, k + 2], weights[o, k + 3]
            x0, x1, x2, x3 = inputs[k], inputs[k + 1], inputs[k + 2], inputs[k + 3]
            for i in range(_TILE_PX):
                total[i] += (w0 * x0[i] + w1 * x1[i]) + (w2 * x2[i] + w3 * x3[i])
        for i in range(_TILE_PX):
            total[i] = max(total[i], floor)
