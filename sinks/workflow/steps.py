"""Single steps on any files, without a study: what the commands and notebooks call."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd

from sinks.carbon.stocks import stocks_by_class
from sinks.errors import Finding, located
from sinks.grid import Grid
from sinks.landcover.cover import LandCover
from sinks.parameters.densities import carbon_densities
from sinks.parameters.legends import crosswalk
from sinks.results import AREAS, checked
from sinks.sources.rasters import read_land_cover as read_checked
from sinks.sources.tables import Column, read_table
from sinks.sources.vectors import read_zones
from sinks.zones.areas import tabulate

AREA_COLUMNS = {
    "zone": Column(kind="code"),
    "land_cover": Column(kind="code"),
    "area_ha": Column(kind="number", unit="ha", low=0),
    "area_se_ha": Column(kind="number", unit="ha", low=0, required=False),
}


def read_land_cover(  # noqa: PLR0913 (the answers that a file may leave open)
    path: Path | str,
    *,
    scheme: str,
    year: int = 0,
    crs: str | None = None,
    nodata: int | str | None = None,
    align_to: Grid | None = None,
    align: str | None = None,
    reference_date: date | None = None,
    threads: int = 1,
) -> LandCover:
    """Read a land-cover raster in the house classes.

    ``scheme`` names the legend or crosswalk that its codes belong to (see
    :func:`sinks.parameters.legends.schemes`); it is never guessed.

    Raises
    ------
    InputRefused
        With every reason that the gate found; see ``sinks doctor``.
    """
    with located(file=path):
        return read_checked(
            path,
            crosswalk=crosswalk(scheme),
            year=year,
            crs=crs,
            nodata=nodata,
            align_to=align_to,
            align=align,
            reference_date=reference_date,
            threads=threads,
        )


def area_table(  # noqa: PLR0913 (the options of the command)
    *,
    land_cover: Path,
    zones: Path,
    zone_id: str,
    scheme: str,
    after: Path | None = None,
    nodata: str | None = None,
    crs: str | None = None,
    align: str | None = None,
    threads: int = 1,
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Tabulate zone x class (x class of ``after``) in hectares, with what was noted."""
    stated: int | str | None = int(nodata) if nodata and nodata.lstrip("-").isdigit() else nodata
    before = read_land_cover(land_cover, scheme=scheme, nodata=stated, crs=crs, threads=threads)
    with located(file=zones):
        places = read_zones(zones, zone_field=zone_id)
    findings = [*before.findings, *places.findings]
    later = None
    if after is not None:
        later = read_land_cover(
            after,
            scheme=scheme,
            nodata=stated,
            crs=crs,
            align_to=before.grid,
            align=align,
            threads=threads,
        )
        findings += later.findings
    table = tabulate(before, places, after=later, threads=threads)
    return (table.areas if table.transitions is None else table.transitions), tuple(findings)


def stock_table(
    areas: Path, densities: Path | None = None, *, soil_depth_cm: Literal[30, 100] = 30
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Multiply the areas in a table that ``sinks areas`` wrote by carbon densities."""
    table = read_table(areas, columns=AREA_COLUMNS, key=("zone", "land_cover"))
    frame = table.frame.set_index(["zone", "land_cover"])
    if "area_se_ha" not in frame:
        frame["area_se_ha"] = float("nan")
    held = carbon_densities(soil_depth_cm, path=densities)
    with located(file=areas):
        return stocks_by_class(checked(frame, AREAS), held), table.findings
