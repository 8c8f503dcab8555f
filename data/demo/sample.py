"""The labelled sample of the demonstration: drawn by the product, labelled by two made-up people.

The land cover of the study is taken to be wrong in places, as maps are: what stands on the
ground differs from it by the confusions of ``confusions.csv``, the same way in both years
where nothing changed, and of the change that the map shows a part did not happen. Two
interpreters see the ground with errors of their own; a third person decides where they differ.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from sinks.sources.sample_files import SampleFile, read_sample
from sinks.surveying.sampling import sample_map

from .interpreters import ERRORS, seen

SIZE, LEAST = 800, 40
MAP_ERROR, NO_CHANGE = 0.09, 0.15  # shares of places where map and ground differ
_GROUND, _FIRST_SEED = 77, 95
_NAMES = ("演示判读员甲", "演示判读员乙", "演示裁定")
FILE = "yandu_sample.gpkg"


def label_file(number: int) -> str:
    """Return the name of the labels of an interpreter, or of what was decided (3)."""
    return f"yandu_sample_labels_{number}.csv"


def write_sample_and_labels(out: Path, seed: int) -> None:
    """Draw the sample on the land cover below ``out``, and label it."""
    raster, vector = out / "raster", out / "vector"
    drawn = out / ".sample"
    sample_map(
        before=raster / "yandu_landcover_2020.tif",
        after=raster / "yandu_landcover_2025.tif",
        years=("2020", "2025"),
        scheme="house",
        within=vector / "yandu_district.gpkg",
        size=SIZE,
        minimum=LEAST,
        seed=seed,
        out=drawn,
    )
    shutil.copyfile(drawn / "sample.gpkg", vector / FILE)
    shutil.rmtree(drawn)
    (out / "..sample.lock").unlink(missing_ok=True)
    sample = read_sample(vector / FILE)
    ground = _ground(sample, seed)
    labels = [_seen_by(sample, ground, number, seed) for number in (0, 1)]
    dispute = (labels[0] != labels[1]).any(axis=1)
    for number, told in enumerate([*labels, ground[dispute]]):
        path = vector / label_file(number + 1)
        table = _as_exported(sample, told, _NAMES[number])
        path.write_bytes(("\ufeff" + table.to_csv(index=False, lineterminator="\r\n")).encode())


def _ground(sample: SampleFile, seed: int) -> pd.DataFrame:
    """Return what stands at every place in both years."""
    design = sample.design.set_index("sample")
    rows = {}
    for number, xy in _places(sample).items():
        before, after = design.loc[number, ["map_class", "map_class_after"]]
        luck = np.random.Generator(np.random.PCG64((seed, _GROUND, number))).random()
        if before != after and luck < NO_CHANGE:
            after = before
        wrong = (seed, _GROUND)
        rows[number] = [seen(key, xy, MAP_ERROR, wrong) for key in (before, after)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["label", "label_after"])


def _seen_by(sample: SampleFile, ground: pd.DataFrame, number: int, seed: int) -> pd.DataFrame:
    """Return what an interpreter makes of the ground."""
    told = {
        place: [seen(key, xy, ERRORS[number], (seed, _FIRST_SEED + number)) for key in keys]
        for (place, xy), keys in zip(_places(sample).items(), ground.to_numpy(), strict=True)
    }
    return pd.DataFrame.from_dict(told, orient="index", columns=["label", "label_after"])


def _places(sample: SampleFile) -> dict[int, tuple[float, float]]:
    points = sample.points
    return {
        int(n): (float(x), float(y))
        for n, x, y in zip(points["sample"], points["x"], points["y"], strict=True)
    }


def _as_exported(sample: SampleFile, told: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return labels in the form in which the labelling page exports them."""
    table = told.rename_axis("sample").reset_index()
    table.insert(0, "sample_hash", sample.hash)
    note = "合成演示数据 SINKS_SYNTHETIC"
    return table.assign(interpreter=name, confidence="high", note=note)
