"""A sample as a GeoPackage: points to label in QGIS, and the design in tables beside them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

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

_FIXED_DATE = "2000-01-01T00:00:00.000Z"  # one sample gives one file: no clock in it
_SYNTHETIC = "SINKS_SYNTHETIC 合成数据，仅供演示 / synthetic data, for demonstration only. "
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
    _write(tables, part, made_up=bool(facts.synthetic))
    part.replace(path)
    return sample


def _write(tables: dict[str, pd.DataFrame], path: Path, *, made_up: bool) -> None:
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        for name, table in tables.items():
            about = f"{_SYNTHETIC if made_up else ''}{_ABOUT[name]}"
            pyogrio.write_dataframe(
                table,
                path,
                layer=name,
                driver="GPKG",
                layer_options={"DESCRIPTION": about, "IDENTIFIER": name},
                append=path.exists(),
            )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
