"""Forests over pixels: our exact engine and a distilled network against scikit-learn.

    python -m benchmarks.classification [--size 1024] [--rounds 3] [--noise 850]
                                        [--folder /tmp/sinks-benchmarks]

Six bands and eight classes that overlap (``--noise`` says how much, in parts of 10,000), 20,000
samples, 100 trees: with leaves of one sample, which gives the deepest trees, and as a study
trains them. CPU seconds of one thread, in rounds of all competitors in turn on the same 2^18
pixels; ratios are medians over rounds. Labels are compared on the whole scene of
``--size`` x ``--size`` pixels.

Goals at --size 1024: labels the same on all pixels; scikit-learn / exact >= 5 (stretch 8);
the distilled network agrees on 97 % or refuses itself.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from benchmarks import scenes
from sinks.errors import InputRefused
from sinks.grid import Window
from sinks.inference.distilled import distil
from sinks.inference.predictors import Predictor, predictor_for
from sinks.training.model import TrainedModel

BANDS, SAMPLES, TREES = 6, 20_000, 100
ROUND_PX, DISTIL_PX = 1 << 18, 100_000
FORESTS = {
    "leaves of 1": {},
    "as studies": {"min_samples_leaf": 5, "class_weight": "balanced"},
}


class Scene(NamedTuple):
    """Pixels of a scene, ``(bands, pixels)``, and their classes."""

    features: NDArray[np.float32]
    codes: NDArray[np.uint8]


def main() -> None:
    """Print a few lines per forest."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path("/tmp/sinks-benchmarks"))
    options.add_argument("--size", type=int, default=1024)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--noise", type=float, default=850)
    chosen = options.parse_args()
    scene = seen(chosen.folder, chosen.size, chosen.noise)
    for name, parameters in FORESTS.items():
        model = trained(scene, parameters)
        trees = [each.tree_ for each in model.estimator.estimators_]
        print(
            f"{TREES} trees, {name}: {np.mean([tree.node_count for tree in trees]):.0f} nodes, "
            f"{np.mean([tree.max_depth for tree in trees]):.0f} levels; "
            f"memory {memory_mb():.0f} MB at most after training"
        )
        compare(scene, model, chosen.rounds)


def seen(folder: Path, size: int, noise: float) -> Scene:
    """Return what a sensor might see of generated land cover."""
    codes = scenes.land_cover(folder, size, 0).read(Window(0, 0, size, size)).ravel()
    codes = codes[codes > 0]
    random = np.random.default_rng(7)
    centres = random.uniform(500, 4500, (BANDS, scenes.CLASSES + 1)).astype(np.float32)
    light = np.exp(random.normal(0, 0.12, len(codes))).astype(np.float32)
    features = centres[:, codes] * light
    features += noise * random.standard_normal(features.shape, dtype=np.float32)
    return Scene(np.clip(np.rint(features), 1, 10_000) / np.float32(10_000), codes)


def trained(scene: Scene, parameters: dict[str, object]) -> TrainedModel:
    """Train a forest on random pixels of the scene."""
    drawn = np.random.default_rng(8).choice(len(scene.codes), SAMPLES, replace=False)
    forest = RandomForestClassifier(TREES, random_state=0, n_jobs=1, **parameters)
    forest.fit(scene.features[:, drawn].T, scene.codes[drawn])
    return TrainedModel(
        estimator=forest,
        kind="random_forest",
        names=tuple(f"band {i}" for i in range(BANDS)),
        codes=tuple(int(code) for code in forest.classes_),
    )


def compare(scene: Scene, model: TrainedModel, rounds: int) -> None:
    """Time scikit-learn, the exact engine and the distilled network; compare their labels."""
    start = time.perf_counter()
    exact = predictor_for(model)
    exact.labels(scene.features[:, :1])
    ready = time.perf_counter() - start
    labels = exact.labels(scene.features)
    print(f"  exact: ready in {ready:.1f} s; memory {memory_mb():.0f} MB at most")
    library = predictor_for(model, engine="library")
    expected = library.labels(scene.features)
    same = np.count_nonzero(labels == expected)
    print(f"  labels the same on {same} of {len(labels)} pixels; memory {memory_mb():.0f} MB")
    competitors = {"scikit-learn": library, "exact": exact, **distilled(scene, model)}
    seconds = against(scene, competitors, rounds)
    for name, predictor in competitors.items():
        ratio = statistics.median(
            theirs / ours
            for theirs, ours in zip(seconds["scikit-learn"], seconds[name], strict=True)
        )
        found = {"scikit-learn": expected, "exact": labels}.get(name)
        found = predictor.labels(scene.features) if found is None else found
        print(
            f"  {name:12s} accuracy {np.mean(found == scene.codes):.3f}  "
            f"{ROUND_PX / min(seconds[name]) / 1e6:7.3f} Mpx per CPU s  x {ratio:.1f}",
            flush=True,
        )


def distilled(scene: Scene, model: TrainedModel) -> dict[str, Predictor]:
    """Return the distilled network under its name, or nothing if it refuses itself."""
    drawn = np.linspace(0, len(scene.codes) - 1, DISTIL_PX).astype(np.int64)
    start = time.process_time()
    try:
        made = distil(model, scene.features[:, drawn], seed=0)
    except InputRefused as refused:
        print(f"  distilled: refused, {refused.findings[0].found('en')}")
        return {}
    took = time.process_time() - start
    print(f"  distilled in {took:.0f} s: {made.findings[0].found('en')}")
    return {"distilled": made}


def against(
    scene: Scene, competitors: dict[str, Predictor], rounds: int
) -> dict[str, list[float]]:
    """Return CPU seconds by competitor and round."""
    part = np.ascontiguousarray(scene.features[:, :ROUND_PX])
    seconds: dict[str, list[float]] = {name: [] for name in competitors}
    for _ in range(rounds):
        for name, predictor in competitors.items():
            seconds[name].append(cpu_seconds(lambda each=predictor: each.labels(part)))  # type: ignore[misc]
    return seconds


def cpu_seconds(job: Callable[[], object]) -> float:
    """Return the CPU seconds that a job takes."""
    start = time.process_time()
    job()
    return time.process_time() - start


def memory_mb() -> float:
    """Return the most memory the process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
