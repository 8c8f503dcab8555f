"""A trained model: a fitted scikit-learn estimator, and what it was trained to tell."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from sinks.errors import Finding


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedModel:
    """A fitted classifier of scikit-learn.

    ``names`` are the features in the order it expects, ``codes`` the legend codes in the
    order of ``estimator.classes_`` (which holds the same codes). ``estimator`` may be a
    pipeline; ``kind`` is the name the study uses, ``parameters`` what was set. ``findings``
    were noted while it was trained.
    """

    estimator: Any
    kind: str
    names: tuple[str, ...]
    codes: tuple[int, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
    seed: int = 0
    findings: tuple[Finding, ...] = ()

    @property
    def has_probabilities(self) -> bool:
        """Whether it can tell how probable each class is; a support vector machine cannot."""
        return hasattr(self.estimator, "predict_proba")


def one_thread() -> AbstractContextManager[Any]:
    """Keep numerical libraries from starting threads of their own.

    On a busy machine theirs cost more than they give, and their sums come in any order.
    """
    from threadpoolctl import threadpool_limits

    limits: AbstractContextManager[Any] = threadpool_limits(1)
    return limits
