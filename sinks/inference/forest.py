"""Forests, computed exactly: the labels of scikit-learn, several times as fast.

A fitted random forest or extra-trees classifier is packed once for
:mod:`sinks.inference.forest_kernel`. Labels are those that ``predict`` gives in one thread, bit
for bit, ties included; probabilities are those of ``predict_proba``, rounded to float32. Three
facts make that possible:

* Features are float32 and thresholds float64. ``x <= threshold`` says the same as
  ``x <= t`` for the largest float32 ``t`` that is not above the threshold.
* ``tree_.value`` holds shares of classes (scikit-learn 1.3 and later). They are added in
  float64 in the order of the trees, then divided by the number of trees.
* Features are finite, so that where missing values would go does not matter.

Reference: Breiman 2001, *Machine Learning* 45; Geurts et al. 2006, *Machine Learning* 63.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding, InvariantViolated
from sinks.imagery.features import Features
from sinks.inference import forest_kernel as kernel
from sinks.training.model import TrainedModel

_FEW = 0.02  # share of samples in mixed leaves; beyond, asking costs more than adding

Ints = NDArray[np.int64]


class PackedForest(NamedTuple):
    """A forest as the kernel reads it; trees lie one after the other.

    ``words`` and ``values`` are cut into trees by ``starts`` and ``rows``; the tops have
    ``(trees, 32)`` features, keys of thresholds, masks, and exits by the hash of their bit.
    The first ``single`` rows of each tree's values are one vote for one class.
    """

    words: Ints
    starts: Ints
    top_features: NDArray[np.int32]
    top_keys: NDArray[np.int32]
    top_masks: NDArray[np.uint32]
    exits: NDArray[np.int32]
    values: NDArray[np.float64]
    rows: Ints
    single: int


@dataclass(frozen=True, kw_only=True, eq=False)
class ForestPredictor:
    """A forest of scikit-learn, computed exactly by our own kernel."""

    codes: tuple[int, ...]
    forest: PackedForest
    features: int
    findings: tuple[Finding, ...] = ()

    @property
    def trees(self) -> int:
        """How many trees vote."""
        return len(self.forest.starts) - 1

    def labels(self, features: Features) -> NDArray[np.uint8]:
        """Return the labels of scikit-learn's ``predict``, ``(pixels,)``.

        Raises
        ------
        InvariantViolated
            ``K03`` if a feature is not finite.
        """
        places = np.empty(features.shape[1], dtype=np.uint8)
        kernel.forest_labels(
            self._checked(features), tuple(self.forest), places, self.trees // 2 + 1
        )
        return np.asarray(self.codes, dtype=np.uint8)[places]

    def probabilities(self, features: Features) -> NDArray[np.float32]:
        """Return those of scikit-learn's ``predict_proba`` in float32, ``(classes, pixels)``."""
        shares = np.empty((len(self.codes), features.shape[1]), dtype=np.float32)
        kernel.forest_probabilities(self._checked(features), tuple(self.forest), shares)
        return shares

    def _checked(self, features: Features) -> Features:
        if len(features) != self.features:
            raise ValueError(f"the forest knows {self.features} features, not {len(features)}")
        if not_finite := np.count_nonzero(~np.isfinite(features)):
            raise InvariantViolated.because("K03", count=not_finite)
        return np.ascontiguousarray(features, dtype=np.float32)


def why_not(model: TrainedModel) -> Finding | None:
    """Say why the exact engine cannot compute a model: ``K01`` or ``K04``, or nothing."""
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    if not isinstance(model.estimator, (RandomForestClassifier, ExtraTreesClassifier)):
        return Finding(code="K01", facts={"kind": model.kind})
    nodes = max(each.tree_.node_count for each in model.estimator.estimators_)
    features = int(model.estimator.n_features_in_)
    if features > kernel.FEATURES_MAX or nodes > kernel.CHILDREN_MAX:
        return Finding(code="K04", facts={"features": features, "nodes": int(nodes)})
    return None


def forest_predictor(model: TrainedModel) -> ForestPredictor:
    """Pack a forest that :func:`why_not` has nothing against."""
    return ForestPredictor(
        codes=model.codes,
        forest=pack([each.tree_ for each in model.estimator.estimators_]),
        features=int(model.estimator.n_features_in_),
    )


# ---- packing -----------------------------------------------------------------------------


class _Top(NamedTuple):
    """The top of a tree: its exits from left to right, and for each node the exits it strikes."""

    exits: list[int]
    nodes: list[tuple[int, int]]  # node, mask of exits that remain on the right way


def pack(trees: list[Any]) -> PackedForest:
    """Pack fitted trees (``tree_`` of scikit-learn's estimators), in their order."""
    packed = [_pack_tree(tree) for tree in trees]
    words, tops, exits, values = zip(*packed, strict=True)
    mixed_share = np.mean([_mixed_share(tree) for tree in trees])
    top_features, top_keys, top_masks = (np.array(part) for part in zip(*tops, strict=True))
    return PackedForest(
        words=np.concatenate(words),
        starts=_ends([len(each) for each in words]),
        top_features=top_features,
        top_keys=top_keys,
        top_masks=top_masks,
        exits=np.array(exits),
        values=np.concatenate(values),
        rows=_ends([len(each) for each in values]),
        single=0 if mixed_share > _FEW else values[0].shape[1],
    )


def _pack_tree(tree: Any) -> tuple[Ints, tuple[Any, Any, Any], NDArray[np.int32], Any]:
    """Return words, top, exits by hash, and rows of values of one tree."""
    is_leaf = tree.children_left < 0
    top = _top(tree, is_leaf)
    order = _order(tree, top.exits)
    new = np.empty(len(order), dtype=np.int64)
    new[order] = np.arange(len(order))
    leaf_rows, values = _values(tree, is_leaf)
    keys = np.where(is_leaf, kernel.LEAF_KEY + leaf_rows, float_keys(tree.threshold))
    words = _words(tree, is_leaf, new, keys)[order]
    exits = np.zeros(kernel.TOP_NODES, dtype=np.int32)
    for bit, node in enumerate(top.exits):
        exits[_hash(bit)] = 2 * new[node] + is_leaf[node]
    return words, _padded(tree, top, keys), exits, values


def _words(tree: Any, is_leaf: NDArray[np.bool_], new: Ints, keys: Ints) -> Ints:
    """Return a word per node, in the order of scikit-learn."""
    left, right = tree.children_left, tree.children_right
    child = np.where(is_leaf, new, new[left]).astype(np.uint64)
    ends = np.where(is_leaf, 3, is_leaf[left] + 2 * is_leaf[right]).astype(np.uint64)
    feature = np.where(is_leaf, 0, tree.feature).astype(np.uint64)
    word = (keys & 0xFFFFFFFF).astype(np.uint64) | (child << np.uint64(kernel.CHILD_BIT))
    word |= (ends << np.uint64(kernel.LEAF_BIT)) | (feature << np.uint64(kernel.FEATURE_BIT))
    return word.view(np.int64)


def _values(tree: Any, is_leaf: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.float64]]:
    """Return the row of each node, and the rows: one per class for pure leaves, then others."""
    shares = tree.value[:, 0]
    classes = shares.shape[1]
    rows = shares.argmax(axis=1)
    others = np.flatnonzero(is_leaf & ~_pure(shares))
    rows[others] = classes + np.arange(len(others))
    return rows, np.concatenate([np.eye(classes), shares[others]])


def _pure(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray((shares == 1).any(axis=1) & (np.count_nonzero(shares, axis=1) == 1))


def _mixed_share(tree: Any) -> float:
    mixed = (tree.children_left < 0) & ~_pure(tree.value[:, 0])
    return float(tree.n_node_samples[mixed].sum() / tree.n_node_samples[0])


def float_keys(thresholds: NDArray[np.float64]) -> Ints:
    """Return the keys of the largest float32 numbers that are not above the thresholds."""
    with np.errstate(over="ignore"):
        single = thresholds.astype(np.float32)
    above = single > thresholds
    single[above] = np.nextafter(single[above], np.float32(-np.inf))
    bits = (single + np.float32(0)).view(np.int32)  # -0 becomes 0, which it equals
    return (bits ^ ((bits >> 31) & 0x7FFFFFFF)).astype(np.int64)


def _order(tree: Any, exits: list[int]) -> Ints:
    """Return the nodes level by level from the exits down, children side by side.

    The nodes of the top come last, where no pixel meets them.
    """
    levels = [np.array(exits)]
    while len(levels[-1]):
        inner = levels[-1][tree.children_left[levels[-1]] >= 0]
        levels.append(np.stack([tree.children_left[inner], tree.children_right[inner]], 1).ravel())
    below = np.concatenate(levels)
    above = np.setdiff1d(np.arange(tree.node_count), below)
    return np.concatenate([below, above]).astype(np.int64)


def _top(tree: Any, is_leaf: NDArray[np.bool_]) -> _Top:
    """Open the node that most samples reach, until there are 32 exits."""
    opened: set[int] = set()
    waiting = [(-int(tree.n_node_samples[0]), 0)]
    while waiting and len(opened) < kernel.TOP_NODES - 1:
        node = heapq.heappop(waiting)[1]
        if not is_leaf[node]:
            opened.add(node)
            for child in (int(tree.children_left[node]), int(tree.children_right[node])):
                heapq.heappush(waiting, (-int(tree.n_node_samples[child]), child))
    top = _Top([], [])
    _list_exits(tree, 0, opened, top)
    return top


def _list_exits(tree: Any, node: int, opened: set[int], top: _Top) -> None:
    """List the exits below a node; those on its left are struck if the comparison fails."""
    if node not in opened:
        top.exits.append(node)
        return
    first = len(top.exits)
    _list_exits(tree, int(tree.children_left[node]), opened, top)
    on_left = (1 << len(top.exits)) - (1 << first)
    _list_exits(tree, int(tree.children_right[node]), opened, top)
    top.nodes.append((node, ~on_left & 0xFFFFFFFF))


def _padded(
    tree: Any, top: _Top, keys: Ints
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint32]]:
    """Return features, keys and masks of the top's nodes; padding strikes nothing."""
    features = np.zeros(kernel.TOP_NODES, dtype=np.int32)
    top_keys = np.zeros(kernel.TOP_NODES, dtype=np.int32)
    masks = np.full(kernel.TOP_NODES, 0xFFFFFFFF, dtype=np.uint32)
    by_feature = sorted(top.nodes, key=lambda each: int(tree.feature[each[0]]))
    for i, (node, mask) in enumerate(by_feature):
        features[i], top_keys[i], masks[i] = tree.feature[node], keys[node], mask
    return features, top_keys, masks


def _hash(bit: int) -> int:
    return ((kernel.DE_BRUIJN << bit) & 0xFFFFFFFF) >> kernel.DE_BRUIJN_SHIFT


def _ends(lengths: list[int]) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
