"""A sample on a made-up map with images of two dates, to be labelled."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.grid import Grid
from sinks.imagery.features import FeaturesInMemory
from sinks.maps.chips import DatedImage
from sinks.reports.sample_file import write_sample
from sinks.sources.sample_files import SampleFacts, SampleFile, blind_sample
from tests.maps.scene import LEGEND, NORTH, WEST, grid_at

__all__ = ["LEGEND", "SECRETS", "drawn", "facts", "image", "sample", "strata", "write_sample"]

PIXEL_M = 10.0
BANDS = ("blue", "green", "red", "nir")
SECRETS = ("stratum-of-loss", "MAP-CLASS-LAK", "MAP-CLASS-PAD")  # what no page may hold
_LOOKS = np.array([[300, 500, 400, 350], [420, 800, 650, 3200], [900, 950, 1000, 1500]])


def drawn(places: list[tuple[int, int]], *, two: bool = True) -> gpd.GeoDataFrame:
    """Samples at pixels (row, column) of a scene, in the order given."""
    row, col = np.array(places).T
    x, y = WEST + (col + 0.5) * PIXEL_M, NORTH - (row + 0.5) * PIXEL_M
    table = {
        "sample": np.arange(1, len(places) + 1),
        "stratum": SECRETS[0],
        "map_class": SECRETS[1],
        **({"map_class_after": SECRETS[2]} if two else {}),
        "x": x,
        "y": y,
        "weight_px": 731.25,
        "weight_ha": 7.3125,
        "pixel_ha": 0.01,
    }
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(x, y), crs="EPSG:4549")


def strata() -> pd.DataFrame:
    return pd.DataFrame(
        {"stratum": [SECRETS[0]], "population_px": [87_750], "area_ha": [877.5], "seed": [7]}
    )


def facts(*, two: bool = True, synthetic: tuple[str, ...] = ()) -> SampleFacts:
    return SampleFacts(
        kind="simple",
        seed=7,
        map_hash="5e" * 32,
        dates=("2018", "2025") if two else ("2025",),
        pixel=(PIXEL_M, PIXEL_M),
        synthetic=synthetic,
    )


def sample(places: list[tuple[int, int]], *, two: bool = True) -> SampleFile:
    return blind_sample(drawn(places, two=two), strata(), facts(two=two))


def image(
    label: str,
    *,
    side: int = 120,
    seed: int = 0,
    bands: tuple[str, ...] = BANDS,
    grid: Grid | None = None,
) -> DatedImage:
    """Fields, water and buildings in blocks, with noise; a corner without data."""
    rng = np.random.default_rng(seed)
    kinds = np.kron(rng.integers(0, 3, (side // 12 + 1, side // 12 + 1)), np.ones((12, 12), int))
    reflectance = _LOOKS[kinds[:side, :side]].transpose(2, 0, 1)
    values: NDArray[np.float32] = (reflectance * rng.normal(1, 0.06, reflectance.shape)).astype(
        np.float32
    )
    values[:, :10, :10] = np.nan
    chosen = [BANDS.index(band) for band in bands]
    held = FeaturesInMemory(grid=grid or grid_at((side, side)), names=bands, values=values[chosen])
    return DatedImage(label=label, image=held)
