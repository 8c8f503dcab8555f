"""Train a model on reference places, and judge it where it was not trained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused, distinct, located
from sinks.grid import Window
from sinks.imagery.features import FeatureBlocks
from sinks.landcover.legend import Crosswalk
from sinks.parameters.legends import crosswalk
from sinks.parameters.training import sample_rules
from sinks.sources.samples import read_samples
from sinks.study_imagery import Classification, TrainingSource
from sinks.training.checks import examined
from sinks.training.estimators import ModelSpec, fit
from sinks.training.extraction import places_m
from sinks.training.importance import feature_importance
from sinks.training.model import TrainedModel
from sinks.training.samples import Samples, class_counts, named
from sinks.validation.applicability import (
    Applicability,
    area_of_applicability,
    importance_weights,
)
from sinks.validation.cross_validation import Validation, compared, cross_validate
from sinks.validation.folds import Folds, block_folds, polygon_folds, random_folds
from sinks.validation.matching import distances, matched_folds

_MOST_SAMPLES, _OF_CLASS = 20_000, 200  # pixels a model is trained on; kept of each class
_NIR_RED = tuple((f"nir{part}", f"red{part}") for part in ("", "_median", "_mean"))
_BLOCKS_PER_FOLD = 4
_ROWS_SEEN, _PLACES = 40, 1000  # rows of the image, and pixels of them, that stand for the map


@dataclass(frozen=True, kw_only=True, eq=False)
class Trained:
    """A model, where it applies, how it was judged, and the tables that say so.

    ``tables``: ``training`` (classes with pixels and groups), ``validation`` (one row for
    each kind of folds, the random one beside the spatial ones), ``validation_classes`` (by
    class, of the folds that resemble prediction), ``confusion`` (of these folds: class told,
    class true, samples), ``importance``, ``distances`` (quantiles in metres).
    """

    model: TrainedModel
    samples: Samples
    applicability: Applicability
    tables: dict[str, pd.DataFrame]
    findings: tuple[Finding, ...]


def trained(
    classification: Classification, features: FeatureBlocks, *, seed: int, threads: int = 1
) -> Trained:
    """Read the training places, train the model, and cross-validate it in four ways.

    Raises
    ------
    InputRefused
        With whatever stands against places, classes or parameters (codes ``G`` and ``Q``).
    """
    samples = _samples(classification, features, seed, threads)
    spec = ModelSpec(kind=classification.model, parameters=classification.parameters, seed=seed)
    places = _places(features, samples, seed)
    folds = _folds(samples, places, classification.folds, seed)
    validations = [cross_validate(samples, spec, each, threads=threads) for each in folds]
    model = fit(samples, spec, threads=threads)
    matched = folds[-1]
    applicability = area_of_applicability(
        samples, matched, weights=importance_weights(model), seed=seed
    )
    tables = {
        "training": class_counts(samples),
        "validation": compared(validations),
        "validation_classes": validations[-1].by_class,
        "confusion": _in_rows(validations[-1].confusion),
        "importance": feature_importance(samples, spec, threads=threads),
        "distances": distances(samples, matched, places).quantiles(),
    }
    return Trained(
        model=model,
        samples=samples,
        applicability=applicability,
        tables=tables,
        findings=(*_noted(samples, validations, model, applicability), *_confused(samples)),
    )


def _samples(
    classification: Classification, features: FeatureBlocks, seed: int, threads: int
) -> Samples:
    source = classification.training
    with located(file=source.path, place=f"classifications.{classification.id}.training"):
        samples = read_samples(
            source.path,
            features=features,
            crosswalk=meanings(source),
            most_px=source.most_px,
            seed=seed,
            threads=threads,
            class_field=source.class_field,
            group_field=source.group_field,
            layer=source.layer or source.sheet,
            crs=source.crs,
            encoding=source.encoding,
            repair=source.repair,
        )
        return examined(lessened(samples, seed), sample_rules())


def meanings(source: TrainingSource) -> Crosswalk:
    """Return what class each word of training places means.

    Codes mean something only in the scheme that is named: the 1 of another legend would
    quietly become our lake.

    Raises
    ------
    InputRefused
        ``J20`` if a word is said to mean a class that there is not.
    """
    known = crosswalk(source.scheme or "house")
    keys: dict[str, str | None] = {"none": None}
    for c in known.legend.classes:
        keys |= {word.casefold(): c.key for word in (c.key, c.zh, c.en)}
    if strange := [f"{w} = {c}" for w, c in source.classes.items() if c.casefold() not in keys]:
        raise InputRefused.because("J20", words=strange, known=named(known.legend))
    own = {word: keys[name.casefold()] for word, name in source.classes.items()}
    codes = known.to_key if source.scheme else {}
    return replace(known, scheme=source.scheme or "—", to_key={**codes, **own})


def lessened(samples: Samples, seed: int) -> Samples:
    """Return at most 20,000 samples, from all polygons in turn; the rare classes are kept.

    Cross-validation trains two dozen models, whose time grows with the samples; pixels of one
    polygon resemble one another, and add little.
    """
    if len(samples) <= _MOST_SAMPLES:
        return samples
    shuffled = np.random.default_rng(seed).permutation(len(samples))
    spread = shuffled[np.argsort(_turn(samples.group[shuffled]), kind="stable")]
    kept_first = np.argsort(_turn(samples.codes[spread]) >= _OF_CLASS, kind="stable")
    chosen = np.sort(spread[kept_first][:_MOST_SAMPLES])
    facts = {"count": len(samples), "used": len(chosen), "least": _OF_CLASS, "seed": seed}
    noted = (*samples.findings, Finding(code="J21", facts=facts))
    return replace(samples.subset(chosen), findings=noted)


def _turn(kinds: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return the number of each member among its kind, in their order, from 0."""
    return np.asarray(pd.Series(kinds).groupby(kinds).cumcount(), dtype=np.int64)


def _folds(samples: Samples, places: NDArray[np.float64], k: int, seed: int) -> list[Folds]:
    """Return random folds and three spatial ones; the last resemble prediction."""
    return [
        random_folds(samples, k, seed),
        polygon_folds(samples, k, seed),
        block_folds(samples, k, _block_m(samples, k), seed),
        matched_folds(samples, places, k, seed),
    ]


def _block_m(samples: Samples, k: int) -> float:
    """Return the side of squares of which a few make a fold, over the ground of the samples."""
    across, down = np.ptp(samples.x_m), np.ptp(samples.y_m)
    return max(sqrt(across * down / (_BLOCKS_PER_FOLD * k)), 1.0)


def _places(features: FeatureBlocks, samples: Samples, seed: int) -> NDArray[np.float64]:
    """Return places of the map in metres: pixels with data of rows spread over the image."""
    rows, cols = features.grid.shape
    chosen = np.unique(np.linspace(0, rows - 1, min(_ROWS_SEEN, rows)).astype(int))
    found = []
    for row in chosen:
        seen = np.isfinite(features.read(Window(int(row), 0, 1, cols))).all(axis=(0, 1))
        found.append(int(row) * cols + np.flatnonzero(seen))
    pixels = np.concatenate(found).astype(np.int64)
    if len(pixels) > _PLACES:
        pixels = np.random.default_rng(seed).choice(pixels, _PLACES, replace=False)
    if not len(pixels):
        return np.column_stack([samples.x_m, samples.y_m])
    return np.column_stack(places_m(features.grid, pixels))


def _confused(samples: Samples) -> tuple[Finding, ...]:
    """Return ``J22`` if trees look as no plant does: brighter in red than in near infrared."""
    trees = np.isin(samples.codes, [c.code for c in samples.legend.classes if c.tree])
    places = {name: place for place, name in enumerate(samples.names)}
    pair = next((p for p in _NIR_RED if set(p) <= set(places)), None)
    if pair is None or not trees.any():
        return ()
    nir, red = (samples.features[trees, places[name]] for name in pair)
    share = float((nir <= red).mean())
    facts = {"share_pct": round(100 * share, 1), "count": int(trees.sum())}
    return (Finding(code="J22", facts=facts),) if share > 0.5 else ()


def _in_rows(confusion: pd.DataFrame) -> pd.DataFrame:
    """Turn a matrix into rows that hold samples: class told, class true."""
    rows = confusion.rename_axis("land_cover").reset_index()
    long = rows.melt("land_cover", var_name="reference", value_name="samples")
    return long[long["samples"] > 0].set_index(["land_cover", "reference"])


def _noted(
    samples: Samples,
    validations: list[Validation],
    model: TrainedModel,
    applicability: Applicability,
) -> tuple[Finding, ...]:
    found = [samples.findings, *(v.findings for v in validations), model.findings]
    return distinct(finding for group in [*found, applicability.findings] for finding in group)
