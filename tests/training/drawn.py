"""Small images and reference places for tests: x to the right, y down, in pixels."""

from __future__ import annotations

import numpy as np
import shapely
import shapely.affinity

from sinks.grid import Grid
from sinks.imagery.features import FeaturesInMemory
from sinks.training.extraction import extract
from sinks.training.places import ReferencePlaces
from sinks.training.samples import Samples
from tests.scenes import SCENE_LEGEND, scene_grid

FOREST, GRASS, WATER = 1, 2, 3


def image(rows: int, cols: int, *, grid: Grid | None = None) -> FeaturesInMemory:
    """An image with two features: the number of the pixel, and its square root."""
    number = np.arange(rows * cols, dtype=np.float32).reshape(rows, cols)
    return FeaturesInMemory(
        grid=grid or scene_grid((rows, cols)),
        names=("number", "root"),
        values=np.stack([number, np.sqrt(number)]),
    )


def on_ground(shape: shapely.Geometry, grid: Grid) -> shapely.Geometry:
    t = grid.transform
    return shapely.affinity.affine_transform(shape, [t.a, 0, 0, t.e, t.c, t.f])


def places(*drawn, grid: Grid, groups=None) -> ReferencePlaces:
    """Make places of pairs (shape in pixels, code); each is a group of its own if not told."""
    shapes, codes = zip(*drawn, strict=True)
    groups = groups if groups is not None else list(range(len(drawn)))
    return ReferencePlaces(
        shapes=np.array([on_ground(shape, grid) for shape in shapes], dtype=object),
        codes=np.array(codes, dtype=np.uint8),
        names=tuple(f"FID {i}" for i in range(len(drawn))),
        group=np.array(groups, dtype=np.int64),
        group_names=tuple(f"g{i}" for i in range(max(groups) + 1)),
    )


def extracted(scene: FeaturesInMemory, *drawn, groups=None, **options) -> Samples:
    shown = places(*drawn, grid=scene.grid, groups=groups)
    return extract(scene, shown, legend=SCENE_LEGEND, **options)


def codes_of(findings) -> list[str]:
    return [finding.code for finding in findings]


def made(features, codes, groups=None, *, names=None, group_names=None) -> Samples:
    """Samples of given features and codes, a group each if not told."""
    features = np.asarray(features, dtype=np.float32)
    groups = np.arange(len(codes)) if groups is None else np.asarray(groups)
    return Samples(
        names=tuple(names or (f"f{i}" for i in range(features.shape[1]))),
        legend=SCENE_LEGEND,
        features=features,
        codes=np.asarray(codes, dtype=np.uint8),
        group=groups.astype(np.int64),
        x_m=np.zeros(len(codes)),
        y_m=np.zeros(len(codes)),
        group_names=tuple(group_names or (f"g{i}" for i in range(int(groups.max()) + 1))),
    )
