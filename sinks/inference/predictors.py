"""Predictors: from features of pixels to classes, by a trained model.

A :class:`Predictor` is what prediction over windows needs of a model. The exact engine takes
forests apart (:mod:`sinks.inference.forest`); every other model is computed by scikit-learn, a
chunk of pixels at a time, because its calls cost the same for ten pixels as for thousands and
its memory grows with the pixels of a call.

Predictors hold no state that a call changes, so that several threads may share one.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused
from sinks.imagery.features import Features
from sinks.training.model import TrainedModel, one_thread

Engine = Literal["exact", "library"]

CHUNK_PX = 250_000  # scikit-learn loses a third of its speed at 10,000 pixels a call


class Predictor(Protocol):
    """A model as prediction sees it. Features are float32 ``(features, pixels)``, finite."""

    @property
    def codes(self) -> tuple[int, ...]:
        """Legend codes of the classes, in the order of the class axis."""
        ...

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be noted about the way the model is computed."""
        ...

    def labels(self, features: Features) -> NDArray[np.uint8]:
        """Return the most probable legend code of each pixel, ``(pixels,)``."""
        ...

    def probabilities(self, features: Features) -> NDArray[np.float32]:
        """Return ``(classes, pixels)``; columns add up to 1."""
        ...


def predictor_for(model: TrainedModel, *, engine: Engine = "exact") -> Predictor:
    """Return the predictor of a model; labels are the same whichever engine computes them.

    A model that the exact engine cannot take apart is computed by the library, with a note
    that says why (``K01``, ``K04``).
    """
    if engine == "library":
        return library_predictor(model)
    from sinks.inference.forest import forest_predictor, why_not

    reason = why_not(model)
    return library_predictor(model, reason) if reason else forest_predictor(model)


def library_predictor(model: TrainedModel, *findings: Finding) -> LibraryPredictor:
    """Return the predictor that asks scikit-learn."""
    return LibraryPredictor(
        codes=model.codes, kind=model.kind, estimator=model.estimator, findings=findings
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class LibraryPredictor:
    """Any fitted classifier, computed by scikit-learn in chunks of pixels."""

    codes: tuple[int, ...]
    kind: str
    estimator: Any
    findings: tuple[Finding, ...] = ()
    chunk_px: int = CHUNK_PX

    def __post_init__(self) -> None:
        object.__setattr__(self, "estimator", _in_one_thread(self.estimator))

    def labels(self, features: Features) -> NDArray[np.uint8]:
        """Return what ``predict`` says of each pixel."""
        found = np.empty(features.shape[1], dtype=np.uint8)
        with one_thread():
            for chunk in self._chunks(features):
                found[chunk] = self.estimator.predict(_rows(features[:, chunk]))
        return found

    def probabilities(self, features: Features) -> NDArray[np.float32]:
        """Return what ``predict_proba`` says, ``(classes, pixels)``.

        Raises
        ------
        InputRefused
            K02, if the model knows no probabilities.
        """
        if not hasattr(self.estimator, "predict_proba"):
            raise InputRefused.because("K02", kind=self.kind)
        found = np.empty((len(self.codes), features.shape[1]), dtype=np.float32)
        with one_thread():
            for chunk in self._chunks(features):
                found[:, chunk] = self.estimator.predict_proba(_rows(features[:, chunk])).T
        return found

    def _chunks(self, features: Features) -> Iterator[slice]:
        for start in range(0, features.shape[1], self.chunk_px):
            yield slice(start, start + self.chunk_px)


def _rows(features: Features) -> Features:
    return np.ascontiguousarray(features.T)


def _in_one_thread(estimator: Any) -> Any:
    """Return the estimator without threads of its own: theirs add up in any order."""
    if getattr(estimator, "n_jobs", None) in (None, 1):
        return estimator
    alone = copy(estimator)
    alone.n_jobs = 1
    return alone
