"""A sample as a GeoPackage: points to label in QGIS, and the design in tables beside them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from sinks.reports.geopackage import SYNTHETIC, write_layers
from sinks.sources.sample_files import (
    DESIGN,
    FACTS,
    POINTS,
    STRATA,
    SampleFacts,
    SampleFile,
    blind_sample,
    facts_table,
)

_ABOUT = {
    POINTS: "样点，供判读 / points to label",
    DESIGN: "抽样设计，判读时勿看 / design, not for interpreters",
    STRATA: "层 / strata",
    FACTS: "抽样参数 / how it was drawn",
}


def write_sample(
    drawn: gpd.GeoDataFrame,
    strata: pd.DataFrame,
    path: Path | str,
    *,
    facts: SampleFacts,
    blind: bool = False,
) -> SampleFile:
    """Write a sample, and return it as :func:`sinks.sources.sample_files.read_sample` reads it.

    Parameters
    ----------
    drawn
        Points as :func:`sinks.accuracy.selection.draw` returns them.
    strata
        The table of :func:`sinks.accuracy.selection.sampling_frame` with them.
    blind
        Leave the design out: a file to hand to interpreters.

    Raises
    ------
    InputRefused
        ``A09`` if the sample is not complete.
    """
    path = Path(path)
    sample = blind_sample(drawn, strata, facts)
    tables: dict[str, pd.DataFrame] = {POINTS: sample.points}
    if not blind:
        tables |= {DESIGN: sample.design, STRATA: sample.strata, FACTS: facts_table(sample)}
    part = path.with_name(f".{path.name}.part.gpkg")
    part.unlink(missing_ok=True)
    mark = SYNTHETIC if facts.synthetic else ""
    write_layers(tables, part, {name: f"{mark}{_ABOUT[name]}" for name in tables})
    part.replace(path)
    return sample
