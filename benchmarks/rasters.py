"""Two stocks and their change as rasters, against what GDAL alone needs to decode and encode.

    python -m benchmarks.rasters [--size 10000] [--rounds 3] [--folder /tmp/sinks-benchmarks]

Every part runs in a process of its own and prints CPU seconds, wall seconds and peak memory.
The floor is GDAL's own work, without any calculation: decode both land covers, encode three
float32 rasters (tiles of 512, zstd 1). Our files also hold overviews, a third more pixels
that compress half as well; so the floor of the same pixels encodes those too, ready made.
The other two are what GDAL takes to make the same files: overviews built in place, and its
COG driver.

Goals at --size 20000: ours / floor <= 1.0 on one thread, <= 0.65 on two; <= 300 MB.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import rasterio
import rasterio.shutil
from affine import Affine
from rasterio.enums import Resampling
from rasterio.windows import Window

from sinks.landcover.cover import LandCover
from sinks.landcover.legend import Crosswalk, LandClass, Legend
from sinks.sources.rasters import read_land_cover

NAMES = ("before", "after", "change")
ROWS = 512
CODES = range(1, 9)  # those that the scenes have
HELD = np.full(256, np.nan, np.float32)  # tC/ha, made up
HELD[CODES] = [41 + 15.6 * code for code in CODES]


class Clock:
    """CPU and wall seconds of what runs inside :meth:`running`."""

    cpu_s = wall_s = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time until the block ends."""
        cpu, wall = process_time(), perf_counter()
        yield
        self.cpu_s += process_time() - cpu
        self.wall_s += perf_counter() - wall


def decode(folder: Path, size: int, threads: int, clock: Clock) -> None:
    """Read both land covers."""
    codes = np.empty((ROWS, size), np.uint8)
    with clock.running():
        for path in (input_path(folder, size, date) for date in (0, 1)):
            with rasterio.open(path, num_threads=threads) as file:
                for row in range(0, size, ROWS):
                    height = min(ROWS, size - row)
                    file.read(1, window=Window(0, row, size, height), out=codes[:height])


def encode(folder: Path, size: int, threads: int, clock: Clock) -> None:
    """Write the three rasters; looking values up is not counted."""
    for name, values in zip(NAMES, (before, after, change), strict=True):
        written(path_of(folder, name), size, lambda row, v=values: v(folder, size, row), clock)


def encode_overviews(folder: Path, size: int, threads: int, clock: Clock) -> None:
    """Write the overviews of the three rasters as files of their own; they are ready made."""
    for name in NAMES:
        for level in range(len(factors(size))):
            with rasterio.open(path_of(folder, f"ours_{name}"), overview_level=level) as file:
                values = file.read(1)
            path = path_of(folder, f"{name}_{level}")
            written(path, len(values), lambda row, v=values: v[row : row + ROWS], clock)


def written(path: Path, size: int, strip_at: Callable[[int], np.ndarray], clock: Clock) -> None:
    """Let GDAL write a raster strip by strip; only that counts."""
    profile = {
        "driver": "GTiff", "width": size, "height": size, "count": 1, "dtype": "float32",
        "crs": "EPSG:4549", "transform": Affine(10, 0, 450_000, 0, -10, 3_750_000),
        "tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "zstd",
        "zstd_level": 1, "nodata": np.nan, "bigtiff": "if_safer",
    }  # fmt: skip
    with clock.running():
        file = rasterio.open(path, "w", **profile)
    for row in range(0, size, ROWS):
        strip = strip_at(row)
        with clock.running():
            file.write(strip, 1, window=Window(0, row, *strip.shape[::-1]))
    with clock.running():
        file.close()


def overviews(folder: Path, size: int, threads: int, clock: Clock) -> None:
    """Build overviews in the three files that ``encode`` left."""
    options = {"GDAL_NUM_THREADS": str(threads), "ZSTD_LEVEL_OVERVIEW": "1"}
    with clock.running(), rasterio.Env(**options):
        for name in NAMES:
            with rasterio.open(path_of(folder, name), "r+") as file:
                file.build_overviews(factors(size), Resampling.average)


def factors(size: int) -> list[int]:
    """By what the overviews are smaller."""
    return [2**level for level in range(1, 12) if size > 512 * 2 ** (level - 1)]


def cog(folder: Path, size: int, threads: int, clock: Clock) -> None:
    """Copy the three files to COG by GDAL's driver."""
    for name in NAMES:
        with clock.running():
            rasterio.shutil.copy(
                path_of(folder, name),
                path_of(folder, f"cog_{name}"),
                driver="COG",
                compress="zstd",
                level=1,
                blocksize=512,
                overviews="ignore_existing",
                overview_resampling="average",
                num_threads=threads,
            )


def ours(folder: Path, size: int, threads: int, clock: Clock) -> None:
    """Write the three rasters as we do, overviews included."""
    from sinks.reports.cogs import write_rasters
    from sinks.reports.raster_outputs import RasterOutput

    def outputs(prefix: str) -> list[RasterOutput]:
        lookups = ({"before": HELD}, {"after": HELD}, {"before": HELD, "after": HELD})
        return [
            RasterOutput(
                path=path_of(folder, f"{prefix}_{name}"), name_zh=name, name_en=name,
                unit="tc_per_ha", **lookup,
            )
            for name, lookup in zip(NAMES, lookups, strict=True)
        ]  # fmt: skip

    small = [opened(folder, 600, date) for date in (0, 1)]
    write_rasters(small[0], outputs("small"), after=small[1])  # compile, or load what was
    covers = [opened(folder, size, date) for date in (0, 1)]
    with clock.running():
        write_rasters(covers[0], outputs("ours"), after=covers[1], threads=threads)


def opened(folder: Path, size: int, date: int) -> LandCover:
    """Return land cover as a run reads it, through the gate."""
    classes = tuple(
        LandClass(code=code, key=f"c{code}", zh="", en="", colour="#888888", ipcc="other_land")
        for code in CODES
    )
    crosswalk = Crosswalk(
        scheme="benchmark",
        legend=Legend(name="benchmark", classes=classes),
        to_key={"0": None, **{str(c.code): c.key for c in classes}},
    )
    path = input_path(folder, size, date)
    return read_land_cover(path, crosswalk=crosswalk, year=2020 + 5 * date)


def before(folder: Path, size: int, row: int) -> np.ndarray:
    """Values of a strip of the first raster."""
    return HELD[strip_of(folder, size, row, 0)]


def after(folder: Path, size: int, row: int) -> np.ndarray:
    """Values of a strip of the second raster."""
    return HELD[strip_of(folder, size, row, 1)]


def change(folder: Path, size: int, row: int) -> np.ndarray:
    """Values of a strip of the third raster."""
    return after(folder, size, row) - before(folder, size, row)


def strip_of(folder: Path, size: int, row: int, date: int) -> np.ndarray:
    """Codes of a strip."""
    with rasterio.open(input_path(folder, size, date)) as file:
        return file.read(1, window=Window(0, row, size, min(ROWS, size - row)))


def input_path(folder: Path, size: int, date: int) -> Path:
    """Where :mod:`benchmarks.scenes` keeps a land cover."""
    return folder / f"cover{date}_{size}.tif"


def path_of(folder: Path, name: str) -> Path:
    """Where a raster goes."""
    return folder / f"rasters_{name}.tif"


PARTS: dict[str, Callable[[Path, int, int, Clock], None]] = {
    part.__name__: part for part in (ours, decode, encode, encode_overviews, overviews, cog)
}


FLOORS = {
    "floor": ("decode", "encode"),
    "floor of the same pixels": ("decode", "encode", "encode_overviews"),
    "GDAL with overviews": ("decode", "encode", "overviews"),
    "GDAL's COG driver": ("decode", "encode", "cog"),
}


def measured(part: str, folder: Path, size: int, threads: int = 1) -> dict[str, float]:
    """Run one part in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.rasters", "--part", part, "--size", str(size),
               "--folder", str(folder), "--threads", str(threads)]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def one_part(name: str, folder: Path, size: int, threads: int) -> None:
    """Run a part and print what it took."""
    clock = Clock()
    PARTS[name](folder, size, threads, clock)
    print(json.dumps({"cpu_s": clock.cpu_s, "wall_s": clock.wall_s, "peak_mb": peak_mb()}))


def peak_mb() -> float:
    """Peak memory of this process alone; getrusage would count the parent it was forked from."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def one_round(folder: Path, size: int) -> dict[str, float]:
    """Measure every part once, close together, and return what compares them."""
    runs = {name: measured(name, folder, size) for name in PARTS}
    two = measured("ours", folder, size, threads=2)
    found = {"ours, one thread, cpu s": runs["ours"]["cpu_s"]}
    for name, parts in FLOORS.items():
        cpu_s, wall_s = (sum(runs[part][key] for part in parts) for key in ("cpu_s", "wall_s"))
        found[f"{name}, cpu s"] = cpu_s
        found[f"ours / {name}, one thread, cpu"] = runs["ours"]["cpu_s"] / cpu_s
        found[f"ours / {name}, two threads, wall"] = two["wall_s"] / wall_s
    return {
        **found,
        "peak MB, one thread": runs["ours"]["peak_mb"],
        "peak MB, two threads": two["peak_mb"],
        "bytes of ours / of GDAL's COG": written_mb(folder, "ours") / written_mb(folder, "cog"),
    }


def written_mb(folder: Path, prefix: str) -> float:
    """Megabytes of three rasters."""
    return sum(path_of(folder, f"{prefix}_{name}").stat().st_size for name in NAMES) / 1e6


def main() -> None:
    """Measure, or run one part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000, help="pixels each way")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/sinks-benchmarks"))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--part", choices=PARTS)
    asked = parser.parse_args()
    if asked.part:
        one_part(asked.part, asked.folder, asked.size, asked.threads)
        return
    from benchmarks.scenes import land_cover  # brings geopandas, which no part needs

    for size in (600, asked.size):
        for date in (0, 1):
            land_cover(asked.folder, size, date)
    rounds = [one_round(asked.folder, asked.size) for _ in range(asked.rounds)]
    for name in rounds[0]:
        values = [found[name] for found in rounds]
        print(f"{name:55s} {median(values):8.3f}   {min(values):.3f} - {max(values):.3f}")


if __name__ == "__main__":
    main()
