"""A large image is classified in memory that its size does not change."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sinks.block_store import BlockStore, run_blocks
from sinks.grid import Grid
from sinks.inference.prediction import Prediction, predicted
from tests.scenes import scene_grid

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Endless:
    """Twelve features that are made when they are read."""

    grid: Grid
    names = tuple("abcdefghijkl")

    def read(self, window):
        rows = np.arange(window.row, window.row + window.height, dtype=np.float32)
        cols = np.arange(window.col, window.col + window.width, dtype=np.float32)
        waves = np.arange(1, 13, dtype=np.float32)[:, np.newaxis, np.newaxis]
        return 1.5 + np.sin(waves * rows[:, np.newaxis] / 97) * np.cos(waves * cols / 89)


class Largest:
    """The class whose feature is largest."""

    codes = tuple(range(1, 13))
    findings = ()

    def labels(self, features):
        return (features.argmax(axis=0) + 1).astype(np.uint8)

    def probabilities(self, features):
        return features / features.sum(axis=0)


def classify(folder, side_px):
    """Classify a square image and say the peak memory of the process in MB."""
    features = Endless(scene_grid((side_px, side_px), pixel_m=10.0))
    prediction = Prediction(
        features=features,
        predictor=Largest(),
        names=features.names,
        layers=("probability", "entropy"),
    )
    store = BlockStore(folder=Path(folder), key="memory", grid=features.grid)
    done = run_blocks(lambda window: predicted(window, prediction), store, threads=2)
    assert sum(done.pixels.values()) == side_px**2
    sys.stdout.write(str(peak_of_this_process_mb()))


def peak_of_this_process_mb():
    """Read the peak from the system: that of getrusage is never below the parent's."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


CHILD = (
    "import sys; from tests.inference.test_prediction_memory import classify; "
    "classify(sys.argv[1], int(sys.argv[2]))"
)


def peak_mb(folder, side_px):
    words = [sys.executable, "-c", CHILD, str(folder), str(side_px)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_nine_times_the_pixels_take_the_same_memory_and_less_than_500_mb(tmp_path):
    small, large = peak_mb(tmp_path / "small", 1300), peak_mb(tmp_path / "large", 3900)

    assert large < 500
    assert large < 1.25 * small
