"""Draw a probability sample of pixels from a map of any size.

Two passes over strips of the raster. The first counts the pixels of every stratum. Then the
sample is drawn as ordinal numbers within each stratum (simple random, without replacement, of
exactly the size asked for), and the second pass finds the pixels that have these numbers in
reading order. So every set of pixels of a stratum is equally likely, nothing larger than a
strip is ever held, and the sample depends on the map, the design and its seed alone.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from sinks.accuracy.designs import ARROW, WHOLE, Design
from sinks.accuracy.strata import Strata, strata_table
from sinks.blocks import map_in_order
from sinks.errors import InputRefused
from sinks.grid import Window

Ints = NDArray[np.int64]

_NONE = np.empty((0, 3), dtype=np.int64)

SECRET = ("stratum", "map_class", "map_class_after", "weight_px", "weight_ha")


def draw(strata: Strata, design: Design, *, threads: int = 1) -> gpd.GeoDataFrame:
    """Draw a sample.

    Parameters
    ----------
    strata
        The population, from :func:`~sinks.accuracy.strata.strata_of`; for a simple or
        systematic sample its strata are put together into one.
    threads
        How many strips are searched at a time; the sample is the same.

    Returns
    -------
    geopandas.GeoDataFrame
        A row per unit, points at pixel centres in the CRS of the map, in random order:
        ``sample`` (1, 2, ...), ``stratum``, ``map_class`` (key) and, with a second date,
        ``map_class_after``; ``x``, ``y``, ``lon``, ``lat``; ``weight_px`` and ``weight_ha``
        (inverse of the probability of inclusion, in pixels and in hectares of this pixel);
        ``pixel_ha``. Keep :func:`sampling_frame` with it: nothing else is needed to estimate.

    Raises
    ------
    InputRefused
        ``E02`` if a stratum is not there, or has fewer pixels than are asked for, or gets one
        unit although it has more pixels.
    """
    population = strata if design.kind == "stratified" else strata.whole()
    systematic = design.kind == "systematic"
    if not systematic:
        _require_sizes(population, design)
    grid = _systematic_grid(population, design) if systematic else None
    wanted = {} if systematic else _ordinals(population, design)
    jobs = [(number, strip) for number, strip in enumerate(population.strips)]

    def located(job: tuple[int, Window]) -> Ints:
        number, strip = job
        if grid is not None:
            return _on_grid(population, strip, *grid)
        return _with_ordinals(population, number, wanted)

    found = np.concatenate(list(map_in_order(located, jobs, threads=threads)))
    weight_px = float(grid[0] ** 2) if grid is not None else None
    return _frame(population, design, found, weight_px)


def sampling_frame(strata: Strata, design: Design, drawn: pd.DataFrame) -> pd.DataFrame:
    """Return what must be kept with a sample: its strata, their sizes, the design.

    Returns
    -------
    pandas.DataFrame
        The table of :func:`~sinks.accuracy.strata.strata_table` with the columns
        ``sample_size`` (units drawn in the stratum), ``design`` and ``seed`` on every row.
    """
    population = strata if design.kind == "stratified" else strata.whole()
    table = strata_table(population)
    sizes = table["stratum"].map(drawn["stratum"].value_counts()).fillna(0).astype("int64")
    return table.assign(sample_size=sizes, design=design.kind, seed=design.seed)


def blind(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the sample as interpreters may see it: places without what the map says there.

    The weight is left out too, because it tells the stratum.
    """
    return frame.drop(columns=[name for name in SECRET if name in frame.columns])


def transitions(before: pd.Series, after: pd.Series) -> pd.Series:
    """Write the change of each row as one key: ``forest>water``, or ``forest>forest``."""
    return before.astype(str) + ARROW + after.astype(str)


def mapped_areas(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Add mapped hectares of a sampling frame up by one column of classes, or by transition.

    Empty if the frame does not tell.
    """
    if not set(columns) <= set(frame.columns):
        return pd.Series(dtype=float)
    key = frame[columns[0]].astype(str)
    for column in columns[1:]:
        key = transitions(key, frame[column])
    return frame["area_ha"].groupby(key).sum()


def design_of(frame: pd.DataFrame) -> str:
    """Return the kind of design that a sampling frame states, or else shows."""
    if "design" in frame.columns:
        return str(frame["design"].iloc[0])
    return "stratified" if len(set(frame["stratum"])) > 1 else "simple"


def _require_sizes(strata: Strata, design: Design) -> None:
    there = strata.population_px
    strange = sorted(set(design.sizes) - set(there.index))
    wrong = [
        f"{name}: {size:,} / {there[name]:,}"
        for name, size in design.sizes.items()
        if name in there.index and (size > there[name] or size == 1 < there[name])
    ]
    missing = sorted(set(there.index) - set(design.sizes))
    if strange or wrong or missing:
        raise InputRefused.because("E02", unknown=strange, sizes=wrong, without=missing)


def _ordinals(strata: Strata, design: Design) -> dict[int, Ints]:
    """Draw ordinal numbers per stratum, each stratum from a stream of its own."""
    drawn = {}
    for number, (name, there) in enumerate(strata.population_px.items()):
        stream = np.random.default_rng([design.seed, *str(name).encode()])
        chosen = stream.choice(int(there), design.sizes[str(name)], replace=False, shuffle=False)
        drawn[number] = np.sort(chosen)
    return drawn


def _with_ordinals(strata: Strata, number: int, wanted: dict[int, Ints]) -> Ints:
    """Find the pixels of a strip whose turn it is: rows, columns, pairs of classes."""
    before, counted = strata.before[number], strata.counts[number]
    here = {
        stratum: ordinals[first:last] - before[stratum]
        for stratum, ordinals in wanted.items()
        for first, last in [
            np.searchsorted(ordinals, [before[stratum], before[stratum] + counted[stratum]])
        ]
        if last > first
    }
    if not here:
        return _NONE
    strip = strata.strips[number]
    pairs = strata.pairs(strip)
    inside = strata.lookup[pairs]
    places = [np.flatnonzero(inside == stratum)[turn] for stratum, turn in here.items()]
    return _rows(strip, pairs, np.concatenate(places))


def _systematic_grid(strata: Strata, design: Design) -> tuple[int, int, int]:
    """Return spacing, first row and first column of a square grid of pixels."""
    there = int(strata.population_px.iloc[0])
    if design.total > there:
        raise InputRefused.because(
            "E02", unknown=[], sizes=[f"{WHOLE}: {design.total:,} / {there:,}"], without=[]
        )
    spacing = max(int(np.sqrt(there / design.total)), 1)
    row, col = np.random.default_rng(design.seed).integers(spacing, size=2)
    return spacing, int(row), int(col)


def _on_grid(strata: Strata, strip: Window, spacing: int, row: int, col: int) -> Ints:
    rows = np.arange((row - strip.row) % spacing, strip.height, spacing)
    if not len(rows):
        return _NONE
    pairs = strata.pairs(strip)
    places = (rows[:, np.newaxis] * strip.width + np.arange(col, strip.width, spacing)).ravel()
    return _rows(strip, pairs, places[strata.lookup[pairs[places]] >= 0])


def _rows(strip: Window, pairs: NDArray[np.int32], places: NDArray[np.int64]) -> Ints:
    row, col = np.divmod(places, strip.width)
    return np.column_stack([row + strip.row, col, pairs[places]])


def _frame(
    strata: Strata, design: Design, found: Ints, weight_px: float | None
) -> gpd.GeoDataFrame:
    """Put units in random order, so that their numbers do not tell the stratum."""
    order = np.random.default_rng([design.seed, 1]).permutation(len(found))
    rows, cols, pairs = found[order].T
    grid = strata.grid
    map_class, map_class_after = strata.keys(pairs)
    x, y = grid.transform @ (cols + 0.5, rows + 0.5)
    lon, lat = Transformer.from_crs(grid.crs, "EPSG:4326", always_xy=True).transform(x, y)
    names = strata.population_px.index.to_numpy(dtype=object)[strata.lookup[pairs]]
    pixel_ha = np.array([grid.pixel_ha(r, c)[0, 0] for r, c in zip(rows, cols, strict=True)])
    sizes = pd.Series(design.sizes)
    weight = (strata.population_px / sizes).reindex(names).to_numpy(dtype=float)
    weight = weight if weight_px is None else np.full(len(found), weight_px)
    table = {
        "sample": np.arange(1, len(found) + 1),
        "stratum": names,
        "map_class": map_class,
        **({"map_class_after": map_class_after} if strata.after else {}),
        "x": x,
        "y": y,
        "lon": lon,
        "lat": lat,
        "weight_px": weight,
        "weight_ha": weight * pixel_ha,
        "pixel_ha": pixel_ha,
    }
    return gpd.GeoDataFrame(table, geometry=shapely.points(x, y), crs=grid.crs)
