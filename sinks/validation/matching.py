"""Folds whose distances resemble those of prediction: k-fold nearest-neighbour matching.

How far a pixel of the map lies from the nearest sample differs from how far samples lie from
one another. Folds are fair if a sample that is held back is as far from those left as the
map is from all of them. Samples are clustered ever more finely, clusters are merged into
``k`` folds, and of all these splits the one is taken whose distances have the smallest
Wasserstein distance W1 to those of prediction: the area between the two distributions, in
metres.

The method is kNNDM (Linnenbrink et al. 2024, Geosci. Model Dev. 17, 5897-5912), after NNDM
(Milà et al. 2022, Methods Ecol. Evol. 13, 1304-1316), as in CAST for R: Ward clusters,
ordered along the first principal axis of the places, dealt to folds in turn; a cluster
larger than a fold is a fold. Two things differ. Whole polygons are clustered by their
middles, so that none is ever on both sides. And no test decides beforehand that a random
deal of polygons would do: it competes with the others, so that matched folds are never
further from prediction than it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused
from sinks.training.samples import Samples
from sinks.validation.folds import (
    MATCHED,
    Folds,
    Groups,
    Ints,
    dealt,
    groups_of,
    possible_k,
    require_folds_of,
)

Floats = NDArray[np.float64]

QUANTILES = np.linspace(0, 1, 21)
_SPLITS = 60  # numbers of clusters tried, denser where there are few
_SEATS = 4000  # places that Ward's method clusters; more polygons share the nearest one


@dataclass(frozen=True, kw_only=True, eq=False)
class Distances:
    """Three distributions of nearest-neighbour distances, and how far two of them are apart.

    ``sample_to_sample_m`` ``(samples,)``: to the nearest other sample;
    ``prediction_to_sample_m`` ``(places,)``: from places of the map to the nearest sample;
    ``fold_to_fold_m`` ``(samples,)``: to the nearest sample of another fold.
    """

    sample_to_sample_m: Floats
    prediction_to_sample_m: Floats
    fold_to_fold_m: Floats

    @property
    def wasserstein_m(self) -> float:
        """W1 between what cross-validation asks and what prediction asks, in metres."""
        return _wasserstein_m(self.fold_to_fold_m, self.prediction_to_sample_m)

    def quantiles(self) -> pd.DataFrame:
        """Return each distribution as quantiles in metres, for a figure."""
        columns = ("sample_to_sample_m", "prediction_to_sample_m", "fold_to_fold_m")
        by_column = {name: np.quantile(getattr(self, name), QUANTILES) for name in columns}
        return pd.DataFrame(by_column, index=pd.Index(QUANTILES.round(2), name="quantile"))


def matched_folds(samples: Samples, prediction_xy: Floats, k: int, seed: int) -> Folds:
    """Choose folds whose distances resemble those from the map to the samples.

    Parameters
    ----------
    prediction_xy
        Places of the map, ``(places, 2)``, in the metres of ``samples``; a thousand at
        random or on a regular grid are enough.
    seed
        Deals polygons at random for the split that the others must beat; chooses 4,000
        polygons as middles of clusters if there are more.

    Raises
    ------
    InputRefused
        ``Q02`` if ``k`` is less than 2, ``Q04`` if all samples come from one polygon,
        ``Q06`` if there are no places of prediction.
    """
    predicted_m = _to_samples_m(samples, prediction_xy)
    groups = groups_of(samples)
    parts, findings = possible_k(MATCHED, k, len(groups.size))
    by_group = [dealt(groups.code, parts, seed), *_splits(groups, parts, seed)]
    splits = [split[groups.of_sample] for split in by_group]
    fair = [fold for fold in splits if _largest_share(fold) <= _allowed_share(parts)]
    if not fair:
        fair = [min(splits, key=_largest_share)]
        share_pct = round(100 * _largest_share(fair[0]), 1)
        findings += (Finding(code="Q07", facts={"folds": MATCHED, "share_pct": share_pct}),)
    places = np.column_stack([samples.x_m, samples.y_m])
    fold = min(fair, key=lambda fold: _wasserstein_m(nearest_outside(places, fold), predicted_m))
    return Folds(name=MATCHED, fold=fold, findings=findings)


def distances(samples: Samples, folds: Folds, prediction_xy: Floats) -> Distances:
    """Return the three distributions of distances, for folds of any kind.

    Raises
    ------
    InputRefused
        ``Q01`` if the folds are not those of these samples, ``Q06`` if there are no places of
        prediction.
    """
    require_folds_of(samples, folds)
    places = np.column_stack([samples.x_m, samples.y_m])
    return Distances(
        sample_to_sample_m=nearest_outside(places, np.arange(len(samples))),
        prediction_to_sample_m=_to_samples_m(samples, prediction_xy),
        fold_to_fold_m=nearest_outside(places, folds.fold),
    )


def nearest_outside(points: Floats, fold: Ints) -> Floats:
    """Return the distance of each point to the nearest one of another fold.

    ``points`` is ``(n, dimensions)``. If every point is a fold of its own, this is the
    distance to the nearest other point.
    """
    from scipy.spatial import cKDTree

    if len(np.unique(fold)) == len(fold):
        return np.asarray(cKDTree(points).query(points, k=2)[0][:, 1])
    nearest_m = np.empty(len(points))
    for number in np.unique(fold):
        held_back = fold == number
        nearest_m[held_back] = cKDTree(points[~held_back]).query(points[held_back])[0]
    return nearest_m


def _splits(groups: Groups, k: int, seed: int) -> list[Ints]:
    """Return splits of the groups into ``k`` folds, from coarse clusters to none."""
    from scipy.cluster.hierarchy import cut_tree, ward

    seat = _seat(groups.xy_m, seed)
    seats = int(seat.max()) + 1
    share = np.bincount(seat, groups.size)
    places = np.stack([np.bincount(seat, groups.size * axis) / share for axis in groups.xy_m.T], 1)
    numbers = np.unique(np.geomspace(k, seats, _SPLITS).round().astype(int))
    clusters = cut_tree(ward(places), n_clusters=numbers).T
    along = _along_first_axis(places)
    return [_merged(cluster, share, along, k)[seat] for cluster in clusters.astype(np.int64)]


def _merged(cluster: Ints, size: Ints | Floats, along: Floats, k: int) -> Ints:
    """Merge clusters into ``k`` folds: large ones stay, the others are dealt in turn."""
    total = np.bincount(cluster, size)
    order = np.argsort(np.bincount(cluster, size * along) / total, kind="stable")
    large = order[total[order] >= size.sum() / k][: k - 1]
    small = order[~np.isin(order, large)]
    fold = np.empty(len(total), dtype=np.int64)
    fold[large] = np.arange(len(large))
    fold[small] = len(large) + np.arange(len(small)) % (k - len(large))
    return fold[cluster]


def _seat(places: Floats, seed: int) -> Ints:
    """Give each place a number; those that lie nearest to one of 4,000 chosen share its."""
    from scipy.spatial import cKDTree

    if len(places) <= _SEATS:
        return np.arange(len(places))
    chosen = np.random.default_rng(seed).choice(len(places), _SEATS, replace=False)
    nearest = cKDTree(places[chosen]).query(places)[1]
    return np.unique(nearest, return_inverse=True)[1].astype(np.int64)


def _along_first_axis(places: Floats) -> Floats:
    """Return where each place lies along the line on which they spread most."""
    centred = places - places.mean(axis=0)
    axis = np.linalg.eigh(np.einsum("px,py->xy", centred, centred))[1][:, -1]
    return np.asarray(centred @ (axis * np.sign(axis[np.abs(axis).argmax()])))


def _largest_share(fold: Ints) -> float:
    return float(np.bincount(fold).max() / len(fold))


def _allowed_share(k: int) -> float:
    """Return the share of the samples a fold may hold: half; three quarters if there are two."""
    return max(0.5, 1.5 / k)


def _to_samples_m(samples: Samples, prediction_xy: Floats) -> Floats:
    from scipy.spatial import cKDTree

    places = np.asarray(prediction_xy, dtype=float)
    if places.shape[1:] != (2,) or not len(places) or not np.isfinite(places).all():
        raise InputRefused.because("Q06", shape=places.shape)
    tree = cKDTree(np.column_stack([samples.x_m, samples.y_m]))
    return np.asarray(tree.query(places)[0])


def _wasserstein_m(one_m: Floats, other_m: Floats) -> float:
    from scipy.stats import wasserstein_distance

    return float(wasserstein_distance(one_m, other_m))
