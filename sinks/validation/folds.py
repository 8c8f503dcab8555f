"""Folds: which samples are held back together when a model is judged by cross-validation.

Random folds put pixels of one polygon on both sides of the test, so that the model is asked
what it has already seen. Folds by polygon or by block keep neighbours together; folds that
match the distances of prediction stand in :mod:`sinks.validation.matching`.

References: Roberts et al. 2017 (why structured data need structured folds), Ploton et al.
2020 (how far random folds mislead on maps).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused
from sinks.training.samples import Samples

Ints = NDArray[np.int64]
RANDOM, BLOCK, POLYGON, MATCHED = "random", "block", "polygon", "matched"


@dataclass(frozen=True, kw_only=True, eq=False)
class Folds:
    """A split of the samples into ``k`` parts, each held back once.

    ``name`` says how they were made; ``fold`` ``(samples,)`` numbers the part of each sample
    from 0 to ``k - 1``. ``findings`` were noted on the way.

    Raises
    ------
    InputRefused
        ``Q01`` if there are fewer than two folds, or one of them is empty.
    """

    name: str
    fold: Ints
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        found = np.unique(self.fold)
        if self.fold.ndim != 1 or len(found) < 2 or found[0] != 0 or found[-1] != len(found) - 1:
            raise InputRefused.because("Q01", folds=self.name, numbers=found[:20].tolist())

    @property
    def k(self) -> int:
        """Number of folds."""
        return int(self.fold.max()) + 1


class Groups(NamedTuple):
    """The polygons and points that samples come from.

    ``of_sample`` ``(samples,)`` numbers the group of each sample from 0 on; ``xy_m``
    ``(groups, 2)`` is the middle of its samples, ``code`` ``(groups,)`` the class of its
    first sample, ``size`` ``(groups,)`` how many samples it has.
    """

    of_sample: Ints
    xy_m: NDArray[np.float64]
    code: NDArray[np.uint8]
    size: Ints


def groups_of(samples: Samples) -> Groups:
    """Return the groups of the samples, in the order of their numbers."""
    _, first, of_sample = np.unique(samples.group, return_index=True, return_inverse=True)
    size = np.bincount(of_sample)
    middle = [np.bincount(of_sample, place) / size for place in (samples.x_m, samples.y_m)]
    return Groups(of_sample.astype(np.int64), np.stack(middle, axis=1), samples.codes[first], size)


def random_folds(samples: Samples, k: int, seed: int) -> Folds:
    """Deal samples to folds at random, class by class, whatever polygon they come from.

    This is what most software reports. It is here to be seen beside the others: pixels of
    one polygon resemble one another, so the accuracy it yields is too high.

    Raises
    ------
    InputRefused
        ``Q02`` if ``k`` is not between 2 and the number of samples.
    """
    require_k(k, len(samples))
    fold = dealt(samples.codes, k, seed)
    return Folds(name=RANDOM, fold=fold, findings=tuple(_leaks(RANDOM, fold, samples)))


def polygon_folds(samples: Samples, k: int, seed: int) -> Folds:
    """Deal whole polygons to folds at random, class by class: leave-polygon-out.

    With no more polygons than ``k``, each is held back alone and ``Q03`` notes it.

    Raises
    ------
    InputRefused
        ``Q02`` if ``k`` is less than 2, ``Q04`` if all samples come from one polygon.
    """
    groups = groups_of(samples)
    parts, findings = possible_k(POLYGON, k, len(groups.size))
    fold = dealt(groups.code, parts, seed)[groups.of_sample]
    return Folds(name=POLYGON, fold=fold, findings=findings)


def block_folds(samples: Samples, k: int, size_m: float, seed: int) -> Folds:
    """Deal square blocks of the ground to folds at random.

    Blocks are ``size_m`` metres wide and lie on the lines of the coordinates. A polygon
    belongs to the block that its middle lies in, so that it is never on both sides.

    Raises
    ------
    InputRefused
        ``Q02`` if ``k`` is less than 2 or ``size_m`` is not a positive length, ``Q04`` if
        all samples lie in one block.
    """
    if not (size_m > 0 and np.isfinite(size_m)):
        raise InputRefused.because("Q02", name="size_m", value=size_m, allowed="> 0")
    groups = groups_of(samples)
    cells = np.floor(groups.xy_m / size_m).astype(np.int64)
    blocks, block = np.unique(cells, axis=0, return_inverse=True)
    parts, findings = possible_k(BLOCK, k, len(blocks))
    fold = dealt(np.zeros(len(blocks), np.uint8), parts, seed)[block.ravel()[groups.of_sample]]
    return Folds(name=BLOCK, fold=fold, findings=findings)


def require_folds_of(samples: Samples, folds: Folds) -> None:
    """Refuse (``Q01``) folds that number more or fewer samples than there are."""
    if len(folds.fold) != len(samples):
        raise InputRefused.because("Q01", folds=folds.name, numbers=[len(folds.fold)])


def possible_k(name: str, k: int, units: int) -> tuple[int, tuple[Finding, ...]]:
    """Return how many folds ``units`` things can fill, and ``Q03`` if fewer than asked for.

    Raises
    ------
    InputRefused
        ``Q02`` if ``k`` is less than 2, ``Q04`` if there are fewer than two things to split.
    """
    if units < 2:
        raise InputRefused.because("Q04", folds=name, units=units)
    require_k(k, max(k, 2))
    if k <= units:
        return k, ()
    return units, (Finding(code="Q03", facts={"folds": name, "asked": k, "units": units}),)


def require_k(k: int, most: int) -> None:
    """Refuse (``Q02``) a number of folds that is not between 2 and ``most``."""
    if not 2 <= k <= most:
        raise InputRefused.because("Q02", name="k", value=k, allowed=f"2 … {most}")


def dealt(codes: NDArray[np.uint8], k: int, seed: int) -> Ints:
    """Deal things to ``k`` folds like cards, class by class, in random order."""
    order = np.lexsort((np.random.default_rng(seed).random(len(codes)), codes))
    fold = np.empty(len(codes), dtype=np.int64)
    fold[order] = np.arange(len(codes)) % k
    return fold


def leaking_share(fold: Ints, samples: Samples) -> float:
    """Return the share of samples whose polygon lies in more than one fold."""
    groups = groups_of(samples).of_sample
    folds_of_group = np.bincount(np.unique(np.stack([groups, fold]), axis=1)[0])
    return float((folds_of_group[groups] > 1).mean())


def _leaks(name: str, fold: Ints, samples: Samples) -> Iterator[Finding]:
    if share := leaking_share(fold, samples):
        yield Finding(code="Q05", facts={"folds": name, "share_pct": round(100 * share, 1)})
