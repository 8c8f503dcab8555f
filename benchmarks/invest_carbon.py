"""Carbon of two dates and its change: ours against InVEST carbon on one pair of rasters.

    python -m benchmarks.invest_carbon --python PYTHON [--size 2000] [--rounds 3]
                                       [--folder /tmp/sinks-benchmarks]

``--python`` is the interpreter of an environment with natcap.invest 3.20, which cannot live in
ours; without it the benchmark tells how to make one. Both sides read the same files and the same
pools, in processes of their own, in turn, without workers. Ours makes its tables and the three
rasters of a run, or all eleven of InVEST's. Work is counted after a first run on a tiny scene,
which loads and compiles; seconds of the process hold that too.

Totals must agree to the rounding of InVEST's float32 rasters on an equal-area grid, where a
pixel of the plane is one of the ellipsoid, and the changes per hectare must be those of InVEST's
own tests (github.com/natcap/invest, tests/test_carbon.py), or the benchmark fails. It goes on
with the grid of a district, and says what else the two do not share.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # InVEST's interpreter runs this file too and has nothing of ours
    from sinks.carbon.densities import CarbonDensities
    from sinks.landcover.cover import LandCover

POOLS = {"c_above": "above_ground", "c_below": "below_ground", "c_soil": "soil",
         "c_dead": "dead_organic_matter"}  # fmt: skip
CLASSES = ["BLF", "CNF", "MIX", "SHR", "GRS", "MAR", "PAD", "BLT"]  # what codes 1 to 8 stand for
DATES = ("before", "after")
GRIDS = {  # west and north in metres
    "equal-area": ("EPSG:6933", 11_580_000.0, 4_020_000.0),
    "three-degree": ("EPSG:4549", 450_000.0, 3_750_000.0),
}
EXAMPLE_POOLS = [[15, 10, 60, 1], [5, 3, 20, 0], [2, 1, 5, 0], [15, 10, 59, 1], *[[0] * 4] * 4]
EXAMPLE_CODES = ([[1, 1, 1]], [[2, 3, 4]])
EXAMPLE_CHANGE = [-58.0, -78.0, -1.0]  # tC/ha; the last is not from their tests
ROUNDING = 5 * 2.0**-24  # a half step of float32 for pools, three sums of them, a difference

RECIPE = """\
--python names an interpreter with natcap.invest 3.20, of which Linux has no wheel. What worked
with Python 3.12 on Debian 12, in seven minutes: libgdal-dev, gdal-bin and g++ from the
distribution, whose 'gdal-config --version' tells which Python package gdal it takes, there 3.6.2;
then in a virtual environment with its bin folder on PATH, because the build calls pybabel (and
without build isolation, because a newer Cython refuses pygeoprocessing 2.4):
    pip install "setuptools<81" wheel numpy "cython==3.1.*" setuptools_scm packaging pip babel
    pip install --no-build-isolation "gdal[numpy]==3.6.2"
    pip install --no-build-isolation pygeoprocessing "gdal==3.6.2"
    pip install --no-build-isolation natcap.invest "gdal==3.6.2" psutil"""

DIFFERENCES = """
What the two do not share:
- InVEST counts a pixel's area in the plane of the CRS, even Web Mercator; ours on the ellipsoid.
- InVEST gives totals of the raster; ours come by zone, class and pool, with intervals.
- InVEST carbon knows no CH4 and no N2O; ours does, in the balance, which is not timed here.
- A change of -1 tC/ha is InVEST's NoData: such pixels are missing from its total.
- InVEST's rasters are LZW in tiles of 256; ours are zstd in tiles of 512, with overviews."""


def invest(pair: Path, out: Path) -> dict[str, Any]:
    """Run InVEST carbon."""
    from natcap.invest import carbon
    from osgeo import gdal

    gdal.UseExceptions()
    asked = {
        "workspace_dir": str(out), "carbon_pools_path": str(pair / "pools.csv"),
        "lulc_bas_path": str(pair / "before.tif"), "lulc_alt_path": str(pair / "after.tif"),
        "calc_sequestration": True, "do_valuation": False, "n_workers": -1,
    }  # fmt: skip
    made = carbon.execute(asked)
    with Path(made["summary_csv"]).open(encoding="utf-8") as file:
        totals_tc = [float(row["Total"]) for row in csv.DictReader(file)]
    change = gdal.OpenEx(made["c_change_bas_alt"]).ReadAsArray(0, 0, len(EXAMPLE_CHANGE), 1)
    return {"totals_tc": totals_tc, "tc_per_ha": change[0].tolist()}


def ours(pair: Path, out: Path, *, each_pool: bool) -> dict[str, Any]:
    """Make tables and rasters."""
    import rasterio

    out.mkdir(parents=True)
    densities = densities_of(pair)
    covers = [cover_of(pair, date) for date in range(2)]
    totals_tc = table_totals_tc(covers, densities)
    raster_tc = raster_totals_tc(covers, densities, out, each_pool=each_pool)
    with rasterio.open(out / "change.tif") as file:
        change = file.read(1, window=((0, 1), (0, len(EXAMPLE_CHANGE))))[0]
    return {"totals_tc": totals_tc, "raster_tc": raster_tc, "tc_per_ha": change.tolist()}


def cover_of(pair: Path, date: int) -> LandCover:
    """Return land cover as a run reads it, through the gate."""
    from benchmarks.scenes import LEGEND
    from sinks.landcover.legend import Crosswalk
    from sinks.sources.rasters import read_land_cover

    to_key = {"0": None, **{str(c.code): c.key for c in LEGEND.classes}}
    crosswalk = Crosswalk(scheme="benchmark", legend=LEGEND, to_key=to_key)
    return read_land_cover(pair / f"{DATES[date]}.tif", crosswalk=crosswalk, year=2020 + 5 * date)


def densities_of(pair: Path) -> CarbonDensities:
    """Return the densities of InVEST's table, with made-up ranges of 30 % each way."""
    import pandas as pd

    from sinks.carbon.densities import CarbonDensities, with_standard_errors

    pools = pd.read_csv(pair / "pools.csv", index_col="lucode")
    pools = pools.rename(index="c{}".format, columns=POOLS)
    held = pools.stack().rename_axis(["land_cover", "pool"])  # noqa: PD013 (keys are the index)
    ranges = {"density": held, "density_low": 0.7 * held, "density_high": 1.3 * held}
    frame = with_standard_errors(pd.DataFrame(ranges).add_suffix("_tc_per_ha"))
    return CarbonDensities(frame=frame, table="pools.csv", soil_depth_cm=30, sediment=frame[:0])


def table_totals_tc(covers: Sequence[LandCover], densities: CarbonDensities) -> list[float]:
    """Tabulate one zone, the whole raster; return its stocks and their change."""
    import geopandas as gpd
    import shapely

    from sinks.carbon.change import stock_change
    from sinks.carbon.stocks import stocks_by_class, zone_totals
    from sinks.zones.areas import tabulate
    from sinks.zones.zones import COLUMNS, Zones

    grid = covers[0].grid
    extent = ("all", "全部", "all", "other", shapely.box(*grid.bounds))
    zones = Zones(frame=gpd.GeoDataFrame([extent], columns=list(COLUMNS), crs=grid.crs))
    found = tabulate(covers[0], zones, after=covers[1])
    stocks = [stocks_by_class(areas, densities) for areas in (found.areas, found.areas_after)]
    change = stock_change(found.transitions, densities)
    return [*(zone_totals(s)["stock_tc"].item() for s in stocks), change["change_tc"].item()]


def raster_totals_tc(
    covers: Sequence[LandCover], densities: CarbonDensities, out: Path, *, each_pool: bool
) -> list[float]:
    """Write the rasters and return what stocks and change add up to."""
    from sinks.carbon.stocks import density_by_code
    from sinks.reports.cogs import write_rasters
    from sinks.reports.raster_outputs import RasterOutput

    held = density_by_code(covers[0].legend, densities)
    lookups = {date: {date: held} for date in DATES} | {"change": dict.fromkeys(DATES, held)}
    for pool in POOLS.values() if each_pool else ():
        of_pool = density_by_code(covers[0].legend, densities, [pool])
        lookups |= {f"{pool}_{date}": {date: of_pool} for date in DATES}
    outputs = [
        RasterOutput(path=out / f"{name}.tif", name_zh=name, name_en=name, unit="tc_per_ha", **of)
        for name, of in lookups.items()
    ]
    return [raster.total for raster in write_rasters(covers[0], outputs, after=covers[1])[:3]]


PARTS: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "InVEST": invest,
    "ours": partial(ours, each_pool=False),
    "ours, all rasters": partial(ours, each_pool=True),
}


def one_part(part: str, pair: Path, out: Path) -> None:
    """Run a part, and print what it found and what it took."""
    PARTS[part](pair.with_name("example"), out / "first")
    cpu_s, wall_s = process_time(), perf_counter()
    found = PARTS[part](pair, out / "measured")
    cpu_s, wall_s = process_time() - cpu_s, perf_counter() - wall_s
    status = Path("/proc/self/status").read_text("ascii")  # getrusage would count the parent too
    sizes = [path.stat().st_size for path in (out / "measured").rglob("*.tif")]
    taken = {
        "work, wall s": wall_s, "work, CPU s": cpu_s, "process, CPU s": process_time(),
        "peak MB": int(status.split("VmHWM:")[1].split()[0]) / 1024, "rasters": len(sizes),
        "rasters, MB": sum(sizes) / 1e6,
    }  # fmt: skip
    print(json.dumps({**found, **taken}))


def write_scenes(folder: Path, size: int) -> None:
    """Write the example, and one scene on both grids."""
    from benchmarks.scenes import land_cover
    from sinks.grid import Window
    from sinks.parameters.densities import carbon_densities

    whole = Window(0, 0, size, size)
    codes = [land_cover(folder.parent, size, date).read(whole) for date in range(2)]
    pools = carbon_densities(30).by_pool.loc[CLASSES, list(POOLS.values())].to_numpy().tolist()
    write_pair(folder / "example", EXAMPLE_CODES, EXAMPLE_POOLS, "equal-area")
    for grid in GRIDS:
        write_pair(folder / grid, codes, pools, grid)


def write_pair(pair: Path, codes: Any, pools: Any, grid: str) -> None:
    """Write two rasters, and the table of pools of codes from 1 on."""
    import numpy as np
    import rasterio

    pair.mkdir(parents=True, exist_ok=True)
    crs, west_m, north_m = GRIDS[grid]
    for date, of_date in zip(DATES, np.asarray(codes, np.uint8), strict=True):
        profile = {
            "height": of_date.shape[0], "width": of_date.shape[1], "count": 1, "blockxsize": 512,
            "dtype": "uint8", "nodata": 0, "compress": "zstd", "crs": crs, "tiled": True,
            "transform": rasterio.Affine(10, 0, west_m, 0, -10, north_m), "blockysize": 512,
        }  # fmt: skip
        with rasterio.open(pair / f"{date}.tif", "w", **profile) as file:
            file.write(of_date, 1)
    with (pair / "pools.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [[code, *of_code] for code, of_code in enumerate(pools, start=1)]
        csv.writer(file).writerows([["lucode", *POOLS], *rows])


def measured(part: str, pair: Path, python: str) -> dict[str, Any]:
    """Run one part in a process of its own, into a new folder: InVEST skips what it finds."""
    out = pair.with_name("out")
    shutil.rmtree(out, ignore_errors=True)
    us = [sys.executable, "-m", "benchmarks.invest_carbon"]
    command = [python, "-I", __file__] if part == "InVEST" else us
    command += ["--part", part, "--pair", str(pair), "--out", str(out)]
    start = perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return {"process, wall s": perf_counter() - start, **json.loads(done.stdout.splitlines()[-1])}


def compare_example(pair: Path, python: str) -> None:
    """Print the changes of InVEST's own example, and their totals."""
    print(f"InVEST's own example and a loss of one tonne: {EXAMPLE_CHANGE} tC/ha")
    for part in ("InVEST", "ours"):
        found = measured(part, pair, python)
        print(f"{part:8s}{found['tc_per_ha']} tC/ha, total {found['totals_tc'][2]:.4f} tC")
        if found["tc_per_ha"] != EXAMPLE_CHANGE:
            raise SystemExit("these are not the changes of the example")


def compare_totals(pair: Path, python: str) -> bool:
    """Print totals and differences; return whether float32 explains them."""
    theirs, found = (measured(part, pair, python) for part in ("InVEST", "ours"))
    rounding_tc = ROUNDING * sum(theirs["totals_tc"][:2])
    print(f"\ntotals on the {pair.name} grid, tC, and relative differences from InVEST's")
    print(f"{'':8s}{'InVEST':>16s}{'our tables':>18s}{'our rasters':>28s}")
    off_tc = []
    for i, name in enumerate((*DATES, "change")):
        their_tc, *our_tc = theirs["totals_tc"][i], found["totals_tc"][i], found["raster_tc"][i]
        cells = [f"{tc:17.4f} {tc / their_tc - 1:9.1e}" for tc in our_tc]
        print(f"{name:8s}{their_tc:16.4f}", *cells)
        off_tc += [abs(tc - their_tc) for tc in our_tc]
    print(f"float32 explains {rounding_tc:.1e} tC, the largest difference is {max(off_tc):.1e} tC")
    return bool(max(off_tc) <= rounding_tc)


def compare_seconds(pair: Path, python: str, rounds: int) -> None:
    """Print medians of seconds and memory, and the median of InVEST / ours."""
    runs = [[measured(part, pair, python) for part in PARTS] for _ in range(rounds)]
    print(f"\n{pair.name} grid, medians of {rounds} rounds; in brackets InVEST / ours")
    print(f"{'':14s}" + "".join(f"{part:>24s}" for part in PARTS))
    for key in (key for key, taken in runs[0][0].items() if isinstance(taken, int | float)):
        line = f"{key:14s}"
        for i in range(len(PARTS)):
            ratio = median(found[0][key] / found[i][key] for found in runs)
            line += f"{median(found[i][key] for found in runs):15.2f} ({ratio:6.2f})"
        print(line)


def main() -> None:
    """Compare, or run one part."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", help="interpreter that has natcap.invest")
    parser.add_argument("--size", type=int, default=2000, help="pixels each way")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/tmp/sinks-benchmarks"))
    for internal in ("--part", "--pair", "--out"):
        parser.add_argument(internal, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        one_part(asked.part, Path(asked.pair), Path(asked.out))
        return
    if not asked.python:
        raise SystemExit(RECIPE)
    folder = asked.folder / f"invest_{asked.size}"
    write_scenes(folder, asked.size)
    compare_example(folder / "example", asked.python)
    agree = compare_totals(folder / "equal-area", asked.python)
    compare_totals(folder / "three-degree", asked.python)
    compare_seconds(folder / "three-degree", asked.python, asked.rounds)
    print(DIFFERENCES)
    if not agree:
        raise SystemExit("totals on the equal-area grid differ by more than float32 explains")


if __name__ == "__main__":
    main()
