"""Cross-validation: how well a kind of model tells samples that it was not trained on.

Each fold is held back once; the model is trained on the others and tells the classes of
what was held back. All folds are then counted together (kNNDM asks for that, and folds may
be of unequal size).

What this is not: samples drawn by hand are no probability sample of the map. The figures
judge the model, and compare models and samples; no area may be derived from them, and they
are not the accuracy of the map. For those see :mod:`sinks.accuracy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused, located
from sinks.landcover.legend import Legend
from sinks.training.estimators import ModelSpec, fit
from sinks.training.model import one_thread
from sinks.training.samples import Samples
from sinks.validation.folds import RANDOM, Folds, groups_of, require_folds_of
from sinks.validation.measures import Measures, intervals, measures

Ints = NDArray[np.int64]

_OVERALL = ("overall_accuracy", "balanced_accuracy")
_BY_CLASS = ("users_accuracy", "producers_accuracy", "f1")
_FEW_GROUPS = 10  # with fewer, an interval drawn from them is a rough one


@dataclass(frozen=True, kw_only=True, eq=False)
class Validation:
    """What a cross-validation found. It judges the model, not the map: no areas from it.

    ``told`` and ``true`` ``(samples,)`` are the codes that were told out of fold and those
    of the reference; ``group`` ``(samples,)`` numbers the polygon of each; ``seed`` draws
    the intervals. ``findings`` were noted on the way.

    Raises
    ------
    InputRefused
        ``Q01`` if these are not of one length.
    """

    folds: Folds
    legend: Legend
    told: NDArray[np.uint8]
    true: NDArray[np.uint8]
    group: Ints
    seed: int = 0
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        lengths = [len(part) for part in (self.folds.fold, self.told, self.true, self.group)]
        if len(set(lengths)) > 1:
            raise InputRefused.because("Q01", folds=self.folds.name, numbers=lengths)

    @property
    def name(self) -> str:
        """How the folds were made."""
        return self.folds.name

    @cached_property
    def codes(self) -> NDArray[np.uint8]:
        """Codes that occur, in ascending order."""
        return np.unique(np.concatenate([self.told, self.true]))

    @property
    def keys(self) -> list[str]:
        """Keys of the classes that occur, in the order of :attr:`codes`."""
        return [self.legend.by_code[int(code)].key for code in self.codes]

    @cached_property
    def confusion(self) -> pd.DataFrame:
        """Number of samples: rows are classes as told (map), columns as they are (reference)."""
        told, true = (np.searchsorted(self.codes, codes) for codes in (self.told, self.true))
        counts = _tally(told, true, (len(self.codes), len(self.codes))).astype(np.int64)
        columns = pd.Index(self.keys, name="reference")
        return pd.DataFrame(counts, index=pd.Index(self.keys, name="map"), columns=columns)

    @cached_property
    def measures(self) -> Measures:
        """Overall and by class, in the order of :attr:`codes`."""
        right, told, true = self._counts_by_group.sum(axis=0)
        return measures(right, told, true)

    @cached_property
    def overall(self) -> pd.Series:
        """``overall_accuracy`` and ``balanced_accuracy`` [1], each with ``_low`` and ``_high``.

        The ends are those of a 95 % interval from draws of whole polygons; it is too narrow,
        because the models of the folds resemble one another (see
        :func:`~sinks.validation.measures.intervals`).
        """
        return pd.Series({name: float(v) for name, v in self._with_ends(_OVERALL)}, name=self.name)

    @cached_property
    def by_class(self) -> pd.DataFrame:
        """A row per class: samples, user's and producer's accuracy and F1 [1] with intervals."""
        columns = {"samples": self.confusion.sum().to_numpy(), **dict(self._with_ends(_BY_CLASS))}
        return pd.DataFrame(columns, index=pd.Index(self.keys, name="land_cover"))

    def _with_ends(self, names: Iterable[str]) -> Iterator[tuple[str, NDArray[np.float64]]]:
        for name in names:
            low, high = self._intervals[name]
            yield name, getattr(self.measures, name)
            yield f"{name}_low", low
            yield f"{name}_high", high

    @cached_property
    def _intervals(self) -> dict[str, NDArray[np.float64]]:
        return intervals(self._counts_by_group, self.seed)

    @cached_property
    def _counts_by_group(self) -> NDArray[np.float64]:
        """Samples told right, told, and true, ``(groups, 3, classes)``."""
        _, group = np.unique(self.group, return_inverse=True)
        right = self.told == self.true
        counted = [(group[right], self.told[right]), (group, self.told), (group, self.true)]
        shape = (int(group.max()) + 1, len(self.codes))
        return np.stack([_tally(g, np.searchsorted(self.codes, c), shape) for g, c in counted], 1)


def cross_validate(
    samples: Samples, spec: ModelSpec, folds: Folds, *, threads: int = 1
) -> Validation:
    """Train once per fold on the other folds, and tell what was held back.

    The result judges the model on places chosen by hand; no area may be derived from it.

    Raises
    ------
    InputRefused
        ``Q01`` if the folds are not those of these samples, ``Q08`` if what is left when a
        fold is held back has fewer than two classes.
    """
    require_folds_of(samples, folds)
    told = np.zeros(len(samples), dtype=np.uint8)
    for number in range(folds.k):
        held_back = folds.fold == number
        with located(place=f"{folds.name}, {number + 1}/{folds.k}"):
            told[held_back] = _told(samples, spec, held_back, threads=threads)
    return Validation(
        folds=folds,
        legend=samples.legend,
        told=told,
        true=samples.codes,
        group=samples.group,
        seed=spec.seed,
        findings=(*folds.findings, *_untrained(samples, folds), *_few_groups(samples, folds)),
    )


def compared(validations: Iterable[Validation]) -> pd.DataFrame:
    """Put validations beside one another, so that the optimism of random folds is seen.

    Returns
    -------
    pandas.DataFrame
        A row per validation, by name: ``folds``; overall and balanced accuracy [1], each with
        ``_low`` and ``_high``; ``optimism`` [1]: how much higher the overall accuracy of
        random folds is (NaN if they are not among them).
    """
    validations = list(validations)
    table = pd.DataFrame([v.overall for v in validations]).rename_axis("validation")
    table.insert(0, "folds", [v.folds.k for v in validations])
    accuracy = table["overall_accuracy"]
    table["optimism"] = accuracy.get(RANDOM, np.nan) - accuracy
    return table


def _tally(rows: Ints, columns: Ints, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Count how often each pair of row and column occurs."""
    pairs = np.bincount(rows * shape[1] + columns, minlength=shape[0] * shape[1])
    return pairs.reshape(shape).astype(np.float64)


def _told(
    samples: Samples, spec: ModelSpec, held_back: NDArray[np.bool_], *, threads: int
) -> NDArray[np.uint8]:
    training = samples.subset(~held_back)
    if len(training.classes) < 2:
        found = [samples.legend.by_code[code].key for code in training.classes]
        raise InputRefused.because("Q08", classes=found)
    model = fit(training, spec, threads=threads)
    with one_thread():
        told = model.estimator.predict(samples.features[held_back])
    return cast("NDArray[np.uint8]", told)


def _untrained(samples: Samples, folds: Folds) -> Iterator[Finding]:
    """Yield ``Q09`` for each class of which all samples are in one fold."""
    for code in samples.classes:
        places = np.unique(folds.fold[samples.codes == code])
        if len(places) == 1:
            key = samples.legend.by_code[code].key
            count = int((samples.codes == code).sum())
            facts = {"folds": folds.name, "land_cover": key, "count": count}
            yield Finding(code="Q09", facts=facts)


def _few_groups(samples: Samples, folds: Folds) -> Iterator[Finding]:
    """Yield ``Q10`` if an interval rests on few polygons."""
    groups = len(groups_of(samples).size)
    if groups < _FEW_GROUPS:
        yield Finding(code="Q10", facts={"folds": folds.name, "groups": groups})
