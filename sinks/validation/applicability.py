r"""Area of applicability: where pixels resemble what the model was trained on.

Elsewhere the model still names a class, but its accuracy is not known. Features are
standardised by the mean and standard deviation of the training samples and weighted by how
much the model relies on them. With :math:`d_k` the distance of pixel *k* to the nearest
training sample in that space and :math:`\bar d` the mean distance between two training
samples, the dissimilarity index is

.. math:: DI_k = d_k / \bar d

It is 0 at a training sample. For a training sample itself, the nearest one *of another fold*
counts; a pixel lies outside if its index exceeds :math:`Q_{75} + 1.5\,(Q_{75} - Q_{25})` of
those, or the largest of them if that is less.

Reference: Meyer & Pebesma 2021, Methods Ecol. Evol. 12, 1620-1633; quartiles and the limit
as in CAST for R, whose published values the tests reproduce.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused
from sinks.imagery.features import Features
from sinks.training.model import TrainedModel
from sinks.training.samples import Samples
from sinks.validation.folds import Folds, require_folds_of
from sinks.validation.matching import nearest_outside

Floats = NDArray[np.float64]

MAX_POINTS = 20_000  # training samples; of more, so many are drawn
_EXACT_POINTS = 5_000  # samples between which all distances are measured
_PIXELS = 1 << 15  # that are worked on at once; bounds memory
_ROWS = 256  # of the matrix of distances
_LEAF = 32  # points that are compared one by one; a fifth faster here than the usual 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Applicability:
    """The space that training covers. Dissimilarities [1] are in mean training distances.

    ``mean`` and ``scale`` ``(features,)`` standardise and weight a feature: it is centred and
    multiplied. ``axes`` ``(features, dimensions)`` turns that space so that the features
    which vary together share a dimension; distances do not change, the search is twice as fast.
    ``points`` ``(samples, dimensions)`` are the training samples there. ``threshold`` is the
    largest dissimilarity inside; ``training`` ``(samples,)`` are those it comes from;
    ``weights`` ``(features,)`` add up to 1.
    """

    names: tuple[str, ...]
    weights: Floats
    mean: Floats
    scale: Floats
    axes: Floats
    points: Floats
    mean_distance: float
    training: Floats
    threshold: float
    findings: tuple[Finding, ...] = ()

    def dissimilarity(self, features: Features) -> NDArray[np.float32]:
        """Return the dissimilarity ``(pixels,)`` of ``features`` ``(features, pixels)``.

        NaN where a feature is. Each pixel is worked out by itself, so that the result does
        not depend on blocks or threads; may be called from many threads.
        """
        result = np.full(features.shape[1], np.nan, dtype=np.float32)
        known = np.flatnonzero(np.isfinite(features).all(axis=0))
        for start in range(0, len(known), _PIXELS):
            chunk = known[start : start + _PIXELS]
            places = _turned(features[:, chunk], self.mean, self.scale, self.axes)
            result[chunk] = self._tree.query(places)[0] / self.mean_distance
        return result

    def inside(self, dissimilarity: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Tell which dissimilarities are inside; those that are not known are not."""
        return np.asarray(dissimilarity <= np.float32(self.threshold))

    @cached_property
    def _tree(self) -> Any:
        from scipy.spatial import cKDTree

        return cKDTree(self.points, leafsize=_LEAF)


def area_of_applicability(
    samples: Samples, folds: Folds, *, weights: Floats | None = None, seed: int = 0
) -> Applicability:
    """Learn from the training samples what is like them.

    Parameters
    ----------
    weights
        ``(features,)``, not negative, of any sum; equal ones if not given. See
        :func:`importance_weights`. A feature of weight 0 does not count.
    seed
        Draws 20,000 samples if there are more (``Q12``), and 5,000 of those to estimate the
        mean distance if there are more; up to then it is exact.

    Raises
    ------
    InputRefused
        ``Q01`` if the folds are not those of these samples, ``Q11`` if the weights are not
        usable, ``Q13`` if all samples are the same where weights count.
    """
    require_folds_of(samples, folds)
    chosen, findings = _chosen(len(samples), seed)
    values = samples.features[chosen].T
    shares = _shares(weights, samples.names)
    mean = values.mean(axis=1, dtype=np.float64)
    spread = values.std(axis=1, dtype=np.float64)
    varies = (values != values[:, :1]).any(axis=1)
    findings += tuple(_constant(samples.names, ~varies & (shares > 0)))
    scale = np.divide(shares, spread, out=np.zeros(len(shares)), where=varies)
    if not scale.any():
        raise InputRefused.because("Q13", names=samples.names, count=len(samples))
    axes = _axes((values.T - mean) * scale, scale > 0)
    points = _turned(values, mean, scale, axes)
    mean_distance = _mean_distance(points, seed)
    training = nearest_outside(points, folds.fold[chosen]) / mean_distance
    return Applicability(
        names=samples.names,
        weights=shares,
        mean=mean,
        scale=scale,
        axes=axes,
        points=points,
        mean_distance=mean_distance,
        training=training,
        threshold=upper_whisker(training),
        findings=findings,
    )


def importance_weights(model: TrainedModel) -> Floats:
    """Return how much a forest relies on each feature; equal weights for other models.

    They add up to 1. The importance of a forest is the mean decrease of impurity (Breiman
    2001); Meyer & Pebesma take that of the model at hand.
    """
    importance = getattr(model.estimator, "feature_importances_", None)
    if importance is None or not np.sum(importance):
        return np.full(len(model.names), 1 / len(model.names))
    return np.asarray(importance / np.sum(importance), dtype=np.float64)


def upper_whisker(training: Floats) -> float:
    """Return the third quartile and one and a half times the box, at most the maximum.

    >>> upper_whisker(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    7.0
    """
    lower, upper = np.quantile(training, [0.25, 0.75])
    return float(min(upper + 1.5 * (upper - lower), training.max()))


def _chosen(count: int, seed: int) -> tuple[NDArray[np.int64], tuple[Finding, ...]]:
    if count <= MAX_POINTS:
        return np.arange(count), ()
    drawn = np.random.default_rng(seed).choice(count, MAX_POINTS, replace=False)
    return np.sort(drawn), (Finding(code="Q12", facts={"count": count, "used": MAX_POINTS}),)


def _shares(weights: Floats | None, names: tuple[str, ...]) -> Floats:
    given = np.ones(len(names)) if weights is None else np.asarray(weights, dtype=np.float64)
    sound = given.shape == (len(names),) and np.isfinite(given).all() and (given >= 0).all()
    if not sound or not given.any():
        raise InputRefused.because("Q11", weights=given.tolist(), names=names)
    return np.asarray(given / given.sum())


def _constant(names: tuple[str, ...], constant: NDArray[np.bool_]) -> list[Finding]:
    """Return ``Q14`` if features that should count have one value in all samples."""
    left_out = [name for name, is_constant in zip(names, constant, strict=True) if is_constant]
    return [Finding(code="Q14", facts={"names": left_out})] if left_out else []


def _axes(centred: Floats, counts: NDArray[np.bool_]) -> Floats:
    """Return the principal axes of the features that count, widest first.

    None is left out: where samples do not spread, pixels may. ``einsum`` adds up in one
    order, whatever the threads of a matrix product.
    """
    spread = np.einsum("sf,sg->fg", centred[:, counts], centred[:, counts])
    axes = np.zeros((len(counts), len(spread)))
    axes[counts] = np.linalg.eigh(spread)[1][:, ::-1]
    return axes


def _turned(values: Features, mean: Floats, scale: Floats, axes: Floats) -> Floats:
    """Place features ``(features, n)`` among the training samples: ``(n, dimensions)``.

    Added up feature by feature, not by a matrix product, whose rounding depends on how many
    pixels come together: a pixel has one place, and a training sample lies on itself.
    """
    places = np.zeros((values.shape[1], axes.shape[1]))
    for value, middle, factor, axis in zip(values, mean, scale, axes, strict=True):
        if factor:
            places += ((value - middle) * factor)[:, np.newaxis] * axis
    return places


def _mean_distance(points: Floats, seed: int) -> float:
    """Return the mean distance between two points, of at most 5,000 drawn ones."""
    from scipy.spatial.distance import cdist

    if len(points) > _EXACT_POINTS:
        drawn = np.random.default_rng(seed).choice(len(points), _EXACT_POINTS, replace=False)
        points = points[drawn]
    starts = range(0, len(points), _ROWS)
    total = sum(float(cdist(points[start : start + _ROWS], points).sum()) for start in starts)
    return total / (len(points) * (len(points) - 1))
