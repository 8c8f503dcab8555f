"""Which features a model lives by: what it loses without each, where it was not trained.

Permutation importance (Breiman 2001) on groups that were held back. The importance that a
forest keeps from its training counts splits of impurity; it favours features with many
values, and praises what a forest learned by heart (Strobl et al. 2007), so it is not used.
Of features that say nearly the same, each looks less important than both together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.training.estimators import ModelSpec, fit
from sinks.training.model import one_thread
from sinks.training.samples import Samples

_MOST_FOLDS = 3
_REPEATS = 3
_MOST_OF_CLASS = 300  # held back samples of a class; a share of them is known to 3 points


def feature_importance(samples: Samples, spec: ModelSpec, *, threads: int = 1) -> pd.DataFrame:
    """Measure how much accuracy is lost when one feature is shuffled.

    Accuracy is the mean of the shares of each class that are found (so that rare classes
    count), in groups that were held back, in up to three folds by group.

    Returns
    -------
    pandas.DataFrame
        Index ``feature`` in the order of the samples; ``importance_pct``, the loss in points
        of percent, and ``importance_sd_pct``, how much it differs between folds.
    """
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import StratifiedGroupKFold

    folds = StratifiedGroupKFold(_folds(samples), shuffle=True, random_state=spec.seed)
    losses = []
    for learn, test in folds.split(samples.features, samples.codes, samples.group):
        model = fit(samples.subset(learn), spec, threads=threads)
        held_back = samples.subset(_some_of_each(samples.codes, test, spec.seed))
        with one_thread():
            found = permutation_importance(
                model.estimator,
                held_back.features,
                held_back.codes,
                scoring=_mean_recall,
                n_repeats=_REPEATS,
                random_state=spec.seed,
            )
        losses.append(100 * found.importances_mean)
    index = pd.Index(samples.names, name="feature")
    columns = {
        "importance_pct": np.mean(losses, axis=0),
        "importance_sd_pct": np.std(losses, axis=0, ddof=1),
    }
    return pd.DataFrame(columns, index=index)


def _folds(samples: Samples) -> int:
    """Return how many folds leave every class a group to be tested on."""
    pairs = np.unique(np.column_stack([samples.codes, samples.group]), axis=0)
    fewest = int(np.unique(pairs[:, 0], return_counts=True)[1].min())
    return min(max(fewest, 2), _MOST_FOLDS)


def _some_of_each(
    codes: NDArray[np.uint8], test: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Draw a limited number of the samples held back of each class."""
    draw = np.random.default_rng(seed)
    mixed = draw.permutation(test)
    each = [mixed[codes[mixed] == code][:_MOST_OF_CLASS] for code in np.unique(codes[test])]
    return np.sort(np.concatenate(each))


def _mean_recall(estimator: Any, features: NDArray[np.float32], codes: NDArray[np.uint8]) -> float:
    """Return the mean, over the classes that occur, of the share that is found."""
    right = estimator.predict(features) == codes
    return float(np.mean([right[codes == code].mean() for code in np.unique(codes)]))
