"""A trained model: a fitted scikit-learn estimator, and what it was trained to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainedModel:
    """A fitted classifier of scikit-learn.

    ``names`` are the features in the order it expects, ``codes`` the legend codes in the
    order of ``estimator.classes_`` (which holds the same codes). ``estimator`` may be a
    pipeline; ``kind`` is the name the study uses, ``parameters`` what was set.
    """

    estimator: Any
    kind: str
    names: tuple[str, ...]
    codes: tuple[int, ...]
    parameters: Mapping[str, object] = field(default_factory=dict)
