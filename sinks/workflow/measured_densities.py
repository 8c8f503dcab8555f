"""Carbon densities that a raster gives: the mean over a class of this district, in its place.

A raster of density (a biomass map, a soil map) tells what single classes hold here. Its mean
over the class within the district, weighted by area, takes the place of the table's row for
every zone; how it differs within the class is not used, because one class has one density in
all tables, rasters and simulations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sinks.carbon.densities import CarbonDensities, with_standard_errors
from sinks.errors import Finding, InputRefused, located
from sinks.sources.density_rasters import read_density
from sinks.study import Study
from sinks.study_carbon import DensityRasterSource
from sinks.units import Z_95
from sinks.workflow.inputs import Inputs, shown_path
from sinks.zones.weighted import weighted_means


def with_measured_densities(study: Study, inputs: Inputs, *, threads: int = 1) -> Inputs:
    """Put the means of the study's density rasters in the place of rows of the table.

    Raises
    ------
    InputRefused
        As :func:`sinks.sources.density_rasters.read_density`; ``D10`` for a class that the
        legend does not have, ``D11`` for a class without a pixel that has a density.
    """
    densities, findings = inputs.densities, list[Finding]()
    for source in study.density_rasters:
        with located(file=source.path, place=f"density_rasters.{source.id}"):
            densities, noted = _measured(source, study, inputs, densities, threads)
            findings += noted
    return replace(inputs, densities=densities, findings=(*inputs.findings, *findings))


def _measured(
    source: DensityRasterSource,
    study: Study,
    inputs: Inputs,
    densities: CarbonDensities,
    threads: int,
) -> tuple[CarbonDensities, tuple[Finding, ...]]:
    cover = inputs.covers[-1]
    if unknown := sorted(set(source.land_cover) - set(cover.legend.keys)):
        raise InputRefused.because("D10", unknown=unknown, classes=list(cover.legend.keys))
    raster = read_density(
        source.path,
        unit=source.unit,
        carbon_fraction=source.carbon_fraction,
        nodata=source.nodata,
        crs=source.crs,
        align_to=cover.grid,
        align=source.align,
        max_gigapixels=study.limits.max_gigapixels,
        threads=threads,
    )
    means = weighted_means(cover, raster, inputs.district, threads=threads)
    found = pd.DataFrame(means.xs(study.district.id, level="zone"))
    rows = _rows(source, found.to_dict("index"), study, densities)
    measured = pd.DataFrame.from_dict(dict(rows), orient="index")
    measured.index.names = densities.frame.index.names
    kept = densities.frame[~densities.frame.index.isin(measured.index)]
    both = pd.concat([kept, measured.reindex(columns=kept.columns)]).loc[densities.frame.index]
    return replace(densities, frame=with_standard_errors(both)), raster.findings


def _rows(
    source: DensityRasterSource,
    means: Mapping[Any, Mapping[Any, float]],
    study: Study,
    densities: CarbonDensities,
) -> Iterator[tuple[tuple[str, str], dict[str, object]]]:
    for key in source.land_cover:
        row = means.get(key)
        if row is None or not row["area_ha"] > 0:
            raise InputRefused.because("D11", land_cover=key)
        if source.pool == "soil" and key in densities.water_classes:
            raise InputRefused.because("D12", land_cover=key)
        density = float(row["density_tc_per_ha"])
        seen_ha, missing_ha = float(row["area_ha"]), float(row["missing_ha"])
        half = Z_95 * source.relative_se_pct / 100 * density
        yield (
            (key, source.pool),
            {
                "density_tc_per_ha": density,
                "density_low_tc_per_ha": max(density - half, 0.0),
                "density_high_tc_per_ha": density + half,
                "grade": "",
                "reference": f"density_rasters.{source.id}",
                "anchors": "",
                "where": shown_path(source.path, study.file),
                "verified": False,
                "basis": f"mean over {seen_ha:.1f} ha; no value on {missing_ha:.1f} ha",
                "citation": source.source,
            },
        )
