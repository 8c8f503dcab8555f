"""From images and training places to a map, how good it is where, and what it disagrees with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.block_store import BlockStore, StoredLayer, key_of, run_blocks
from sinks.errors import Finding, InputRefused, distinct
from sinks.files import file_hash, files_hash
from sinks.imagery.features import FeatureBlocks, Features
from sinks.inference.distilled import distil
from sinks.inference.prediction import (
    Applicability,
    Layer,
    Prediction,
    outside_by_class,
    predicted,
)
from sinks.inference.predictors import Predictor, predictor_for
from sinks.landcover.cover import LandCover
from sinks.mapmaking.features import SeenFeatures, features_of, spread_pixels
from sinks.mapmaking.next_places import NeedLayer, next_places
from sinks.mapmaking.refining import refined
from sinks.mapmaking.requests import ClassificationRequest
from sinks.mapmaking.training import Trained, trained
from sinks.progress import BlockProgress, silent_blocks
from sinks.study_imagery import Classification
from sinks.training.estimators import WITHOUT_PROBABILITIES

_UNCERTAIN = {"probability", "entropy", "next_samples"}
_LEARNT_PX = 100_000  # that a distilled network learns from
_JUDGED_PX = 1_000_000  # about so many stand for a map whose dissimilarity is not written


@dataclass(frozen=True, kw_only=True, eq=False)
class Classified:
    """A map made from images, with everything that judges it.

    ``layers`` are read by window, by name; ``tables`` by name as in
    :class:`sinks.mapmaking.training.Trained`, and ``classes`` (hectares of each class, and
    how many lie outside the area of applicability: of all pixels if that layer is wanted,
    else of about a million spread over the map) and ``rules`` (what rules changed).
    ``places`` are where to sample next, ``clues`` the official parcels that disagree.
    ``resumed`` says what an earlier run had left; the map does not depend on it.
    """

    classification: Classification
    cover: LandCover
    layers: Mapping[str, FeatureBlocks]
    threshold: float
    tables: Mapping[str, pd.DataFrame]
    places: gpd.GeoDataFrame | None
    clues: gpd.GeoDataFrame | None
    findings: tuple[Finding, ...]
    resumed: tuple[Finding, ...]
    synthetic: bool


def classified(
    request: ClassificationRequest,
    store: Path,
    *,
    threads: int = 1,
    progress: BlockProgress = silent_blocks,
) -> Classified:
    """Train, judge, classify every pixel, and apply the rules.

    ``store`` is a folder for finished blocks: a run that was killed goes on from them, and a
    run with other inputs or settings empties it. The map reads from it, so it must stay until
    the map is written.

    Raises
    ------
    InputRefused
        With whatever stands against images, places, model or rules.
    """
    wanted = request.classification
    _require_probabilities(wanted)
    seen = features_of(wanted, request.images, threads=threads)
    learned = trained(wanted, seen.blocks, seed=request.seed, threads=threads)
    predictor = _predictor(request, seen, learned, threads)
    applicability, thinned = _applicability(wanted, seen, learned)
    layers = _layers(wanted)
    prediction = Prediction(
        features=seen.blocks,
        predictor=predictor,
        names=learned.model.names,
        layers=layers,
        applicability=applicability,
    )
    blocks = BlockStore(folder=store, key=_key(request), grid=seen.blocks.grid)
    done = run_blocks(partial(predicted, prediction=prediction), blocks,
                      threads=threads, progress=progress)  # fmt: skip
    cover = LandCover(
        blocks=blocks.codes(),
        legend=learned.samples.legend,
        year=wanted.year,
        pixels=done.pixels,
    )
    stored = {str(name): blocks.layer(name, prediction.bands[name]) for name in layers}
    result = refined(cover, wanted, probability=stored.get("probability"), threads=threads)
    threshold = learned.applicability.threshold
    classes = outside_by_class(result.cover, stored["dissimilarity"], threshold, threads=threads)
    places, few = _places(wanted, stored, threshold, threads)
    found = [*seen.findings, *learned.findings, *predictor.findings]
    found += [*thinned, *result.findings, *few]
    return Classified(
        classification=wanted,
        cover=result.cover,
        layers=_shown(wanted, stored, threshold),
        threshold=threshold,
        tables={**learned.tables, "classes": classes, "rules": result.changes},
        places=places,
        clues=result.clues,
        findings=distinct(found),
        resumed=done.findings,
        synthetic=seen.synthetic,
    )


def _require_probabilities(wanted: Classification) -> None:
    """Refuse a layer that the model cannot give before any time is spent on it."""
    if wanted.model in WITHOUT_PROBABILITIES and (unknown := _UNCERTAIN & {*wanted.layers}):
        raise InputRefused.because("K02", place=", ".join(sorted(unknown)), kind=wanted.model)


@dataclass(frozen=True, kw_only=True, eq=False)
class Thinned:
    """Dissimilarity of every so many pixels of a block; it is the slowest of all layers."""

    whole: Applicability
    every: int

    @property
    def threshold(self) -> float:
        """Dissimilarity above which the model was never tested."""
        return self.whole.threshold

    def dissimilarity(self, features: Features) -> NDArray[np.float32]:
        """Return the index of some pixels, NaN of the others."""
        result = np.full(features.shape[1], np.nan, dtype=np.float32)
        result[:: self.every] = self.whole.dissimilarity(features[:, :: self.every])
        return result


def _applicability(
    wanted: Classification, seen: SeenFeatures, learned: Trained
) -> tuple[Applicability, tuple[Finding, ...]]:
    """Return what judges every pixel, or some where only the share outside is wanted."""
    rows, cols = seen.blocks.grid.shape
    every = rows * cols // _JUDGED_PX | 1  # odd, so that it is no column of a block
    if every == 1 or {"dissimilarity", "next_samples"} & {*wanted.layers}:
        return learned.applicability, ()
    said = Finding(code="K08", place=wanted.id, facts={"every": every, "count": rows * cols})
    return Thinned(whole=learned.applicability, every=every), (said,)


def _layers(wanted: Classification) -> tuple[Layer, ...]:
    """Return the layers that are made: those to be written, and those that others need."""
    names = {*wanted.layers, "dissimilarity"}
    if wanted.parcels is not None and wanted.model not in WITHOUT_PROBABILITIES:
        names |= {"probability"}  # how sure the map is where it contradicts a parcel
    if "next_samples" in names:
        names |= {"entropy"}
    return tuple(name for name in get_args(Layer) if name in names)


def _predictor(
    request: ClassificationRequest, seen: SeenFeatures, learned: Trained, threads: int
) -> Predictor:
    engine = request.classification.engine
    if engine != "distilled":
        return predictor_for(learned.model, engine=engine)
    order = [seen.blocks.names.index(name) for name in learned.model.names]
    pixels = spread_pixels(seen.blocks, _LEARNT_PX)[order]
    return distil(learned.model, pixels, seed=request.seed, threads=threads)


def _shown(
    wanted: Classification, stored: Mapping[str, StoredLayer], threshold: float
) -> dict[str, FeatureBlocks]:
    """Return the layers that the study wants, in its order."""
    derived: dict[str, FeatureBlocks] = dict(stored)
    if "next_samples" in wanted.layers:
        derived["next_samples"] = NeedLayer(
            entropy=stored["entropy"], dissimilarity=stored["dissimilarity"], threshold=threshold
        )
    return {name: derived[name] for name in wanted.layers}


def _places(
    wanted: Classification, stored: Mapping[str, StoredLayer], threshold: float, threads: int
) -> tuple[gpd.GeoDataFrame | None, tuple[Finding, ...]]:
    if "next_samples" not in wanted.layers:
        return None, ()
    return next_places(
        stored["entropy"],
        stored["dissimilarity"],
        threshold,
        count=wanted.next_samples,
        threads=threads,
    )


def described(request: ClassificationRequest) -> dict[str, object]:
    """Say what was asked for as plain data, with files by name: no folder of a machine."""
    told = request.classification.model_dump(mode="json", exclude_defaults=True)
    return {str(key): _named(key, value) for key, value in told.items()}


def _named(key: str, value: object) -> object:
    if isinstance(value, dict):
        return {name: _named(name, part) for name, part in value.items()}
    if isinstance(value, list):
        return [_named(key, part) for part in value]
    return Path(value).name if key == "path" and isinstance(value, str) else value


def input_hashes(request: ClassificationRequest) -> dict[str, str]:
    """Return the SHA-256 of every file that a request names, by its place in a study."""
    sources = [source for image in request.images for source in image.sources()]
    every = [*sources, *request.classification.sources()]
    return {place: files_hash(source.path) for place, source in every}


def _key(request: ClassificationRequest) -> str:
    """Hash everything that blocks depend on: files, settings, seed, and the code itself."""
    package = Path(__file__).parents[1]
    return key_of(
        {
            "classification": request.classification.model_dump(mode="json"),
            "images": [image.model_dump(mode="json") for image in request.images],
            "seed": request.seed,
            "files": input_hashes(request),
            "code": [file_hash(path) for path in sorted(package.rglob("*.py"))],
        }
    )
