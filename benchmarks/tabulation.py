"""Tabulation against its floor, reading the pixels, and against exactextract.

    python -m benchmarks.tabulation [--size 10000] [--zones 30 5000 100000] [--rounds 5]
                                    [--exactextract] [--folder /tmp/sinks-benchmarks]

CPU seconds of one thread, decoding and tabulating in turn; ratios of the best rounds and of the
medians. The scenes are made once, which takes minutes. Memory is that of the whole process,
which also holds the zones; run one number of zones at a time to compare it.

Goals at --size 10000: two dates / decoding <= 1.5 for 30 zones, <= 2 for 5,000;
exactextract / ours >= 15 for 30 and 5,000 zones, >= 12 for 100,000, with cells equal to 1e-5
pixels; <= 300 MB.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("GDAL_CACHEMAX", "64")  # or files are read once and kept

import numpy as np

from benchmarks import scenes
from sinks.blocks import windows
from sinks.landcover.cover import LandCover
from sinks.zones.areas import tabulate
from sinks.zones.placed import placed
from sinks.zones.tiles import sum_pixels
from sinks.zones.zones import Zones


def main() -> None:
    """Print a line per number of zones."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path("/tmp/sinks-benchmarks"))
    options.add_argument("--size", type=int, default=10_000)
    options.add_argument("--zones", type=int, nargs="*", default=[30, 5_000, 100_000])
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--exactextract", action="store_true")
    chosen = options.parse_args()
    before, after = (scenes.land_cover(chosen.folder, chosen.size, date) for date in (0, 1))
    start = time.perf_counter()
    tabulate(before, scenes.partition(chosen.folder, chosen.size, 30), after=after)
    print(f"{chosen.size}² px; first call {time.perf_counter() - start:.2f} s with compiling")
    print("  zones  seconds  decode  two dates  ratio (median)  one date  max RSS MB")
    for count in chosen.zones:
        zones = scenes.partition(chosen.folder, chosen.size, count)
        against_decoding(before, after, zones, chosen.rounds)
        if chosen.exactextract:
            against_exactextract(before, zones)


def against_decoding(before: LandCover, after: LandCover, zones: Zones, rounds: int) -> None:
    """Compare with reading both rasters in strips."""

    def decode() -> None:
        for window in windows(before.grid.shape, 512):
            before.read(window)
            after.read(window)

    jobs: list[Callable[[], object]] = [
        decode,
        lambda: tabulate(before, zones, after=after),
        lambda: tabulate(before, zones),
    ]
    seconds = [[cpu_seconds(job) for job in jobs] for _ in range(rounds)]
    floor, two, one = (min(times) for times in zip(*seconds, strict=True))
    middle = [statistics.median(times) for times in zip(*seconds, strict=True)]
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(zones):7d}           {floor:6.3f}     {two:6.3f}  "
        f"{two / floor:5.2f}  ({middle[1] / middle[0]:5.2f})    {one:6.3f}      {memory_mb:6.0f}",
        flush=True,
    )


def against_exactextract(cover: LandCover, zones: Zones) -> None:
    """Compare class areas of one date, in pixels, with exactextract reading the same file."""
    import exactextract  # heavy, and only needed here

    path = str(cover.blocks.path)  # type: ignore[attr-defined]
    frame = zones.frame[["zone", "geometry"]]
    start = time.process_time()
    found = exactextract.exact_extract(
        path, frame, ["count", "unique", "frac"], output="pandas", strategy="raster-sequential"
    )
    theirs = time.process_time() - start
    ours = min(cpu_seconds(lambda: tabulate(cover, zones)) for _ in range(3))
    off_px = np.abs(_pixels(cover, zones) - _their_pixels(found, len(cover.legend.classes))).max()
    print(
        f"        exactextract {theirs:.2f} s / {ours:.3f} s = {theirs / ours:.1f}; "
        f"largest difference of a cell {off_px:.1e} px",
        flush=True,
    )


def cpu_seconds(job: Callable[[], object]) -> float:
    """Return the CPU seconds that a job takes."""
    start = time.process_time()
    job()
    return time.process_time() - start


def _pixels(cover: LandCover, zones: Zones) -> np.ndarray:
    """Pixels by zone and class."""
    sums = sum_pixels([scenes.on_plane(cover)], placed(zones, cover.grid).rings)
    table = np.zeros((len(zones), len(cover.legend.classes) + 1))
    table[sums.zone, sums.classes[0]] = sums.area_ha
    return table[:, 1:]


def _their_pixels(found: object, classes: int) -> np.ndarray:
    table = np.zeros((len(found), classes + 1))  # type: ignore[arg-type]
    rows = zip(found["count"], found["unique"], found["frac"], strict=True)  # type: ignore[index]
    for i, (count, codes, shares) in enumerate(rows):
        table[i, np.asarray(codes, dtype=int)] = np.asarray(shares) * count
    return table[:, 1:]


if __name__ == "__main__":
    main()
