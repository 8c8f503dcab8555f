"""Write what leaves the building, all of it from one set of result tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.carbon.stocks import density_by_code
from sinks.errors import InvariantViolated, Language
from sinks.mapmaking.classify import Classified
from sinks.maps.atlas import Rasters, study_map
from sinks.maps.classified import ClassifiedMap
from sinks.maps.inert import Words
from sinks.maps.page import write_page
from sinks.progress import Progress
from sinks.reports.cogs import RasterOutput, RasterTotal, write_rasters
from sinks.reports.geopackage import write_geopackage
from sinks.reports.tables import write_tables
from sinks.reports.workbook import write_workbook
from sinks.results import Results
from sinks.study import Study
from sinks.surveying.standalone import write_map
from sinks.workflow.compute import Tables
from sinks.workflow.inputs import Inputs

SYNTHETIC = "合成数据，仅供演示 Synthetic data, for demonstration only"


def write_all(  # noqa: PLR0913 (all that a run has)
    study: Study,
    results: Results,
    inputs: Inputs,
    tables: Tables,
    folder: Path,
    language: Language,
    *,
    maps: Sequence[Classified],
    threads: int,
    progress: Progress,
) -> None:
    """Write rasters, tables, GeoPackage, workbook and page into ``folder``.

    Raises
    ------
    InvariantViolated
        ``I05`` if a raster does not add up to the table.
    """
    progress("rasters")
    _write_rasters(results, inputs, tables, folder / "rasters", threads=threads)
    for made in maps:
        write_map(made, folder / "rasters", prefix=f"{made.classification.id}_", threads=threads)
    progress("tables")
    layers = {"zones": inputs.zones.frame, **_named_layers(study, inputs)}
    write_tables(results, folder)
    write_geopackage(results, layers, folder / "results.gpkg")
    write_workbook(results, folder / "workbook.xlsx", language=language)
    progress("page")
    rasters = Rasters(
        covers={cover.year: cover for cover in inputs.covers},
        densities_by_code=density_by_code(inputs.covers[0].legend, inputs.densities),
        maps=[_on_page(made) for made in maps],
    )
    page = study_map(results, rasters, layers, language=language, threads=threads)
    write_page(
        page, folder / "index.html", title=(results.name_zh, results.name_en), language=language
    )


def _on_page(made: Classified) -> ClassifiedMap:
    """Return what the page shows of a classified map."""
    wanted = made.classification
    return ClassifiedMap(
        id=wanted.id,
        name=Words(wanted.name_zh, wanted.name_en),
        cover=made.cover,
        threshold=made.threshold,
        shown=wanted.land_cover,
        probability=made.layers.get("probability"),
        dissimilarity=made.layers.get("dissimilarity"),
        places=made.places,
        clues=made.clues,
    )


def _named_layers(study: Study, inputs: Inputs) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers, each feature with the name that the study's field gives it."""
    layers = {}
    for role, layer in inputs.layers.items():
        field = getattr(getattr(study.layers, role), "name_field", None)
        frame = layer.frame
        layers[role] = frame if field is None else frame.assign(name_zh=frame[field])
    return layers


def _write_rasters(
    results: Results, inputs: Inputs, tables: Tables, folder: Path, *, threads: int
) -> None:
    """Write the density of each year and the change, and hold their totals to the tables."""
    folder.mkdir()
    held = density_by_code(inputs.covers[0].legend, inputs.densities)
    metadata = {"SINKS_SYNTHETIC": SYNTHETIC} if results.synthetic else None
    first, last = inputs.covers[0], inputs.covers[-1]
    for cover in inputs.covers[1:-1]:
        output = _density(folder, cover.year, before=held)
        totals = write_rasters(cover, [output], metadata=metadata, threads=threads)
        _require_equal(totals[0], _table_tc(tables, held, inputs, cover.year))
    outputs = [_density(folder, first.year, before=held)]
    expected = [_table_tc(tables, held, inputs, first.year)]
    if last is not first:
        outputs += [
            _density(folder, last.year, after=held),
            RasterOutput(
                path=folder / f"carbon_change_{first.year}_{last.year}.tif",
                name_zh=f"碳密度变化 {first.year}—{last.year}",
                name_en=f"change of carbon density {first.year}-{last.year}",
                unit="tc_per_ha",
                before=held,
                after=held,
            ),
        ]
        expected += [_table_tc(tables, held, inputs, last.year), _change_tc(tables, held, inputs)]
    after = None if last is first else last
    totals = write_rasters(first, outputs, after=after, metadata=metadata, threads=threads)
    for total, table_tc in zip(totals, expected, strict=True):
        _require_equal(total, table_tc)


def _density(folder: Path, year: int, **lookup: np.ndarray) -> RasterOutput:
    return RasterOutput(
        path=folder / f"carbon_density_{year}.tif",
        name_zh=f"碳密度 {year}",
        name_en=f"carbon density {year}",
        unit="tc_per_ha",
        **lookup,
    )


def _table_tc(tables: Tables, held: np.ndarray, inputs: Inputs, year: int) -> pd.Series:
    """Carbon by class over the whole map, as the table has it."""
    areas = tables.whole_map["areas"].xs(year, level="year")["area_ha"]
    return pd.Series(areas * _by_key(held, inputs, areas, "land_cover"))


def _change_tc(tables: Tables, held: np.ndarray, inputs: Inputs) -> pd.Series:
    """Change of carbon by class before and after over the whole map, as the table has it."""
    areas = tables.whole_map["transitions"]["area_ha"]
    before = _by_key(held, inputs, areas, "land_cover")
    after = _by_key(held, inputs, areas, "land_cover_after")
    return pd.Series(areas * (after - before))


def _by_key(held: np.ndarray, inputs: Inputs, areas: pd.Series, level: str) -> np.ndarray:
    codes = {key: c.code for key, c in inputs.covers[0].legend.by_key.items()}
    return held[areas.index.get_level_values(level).map(codes)].astype(float)


def _require_equal(raster: RasterTotal, table_tc: pd.Series) -> None:
    # both weigh pixels by patches that differ from the ellipsoid by a few parts in a million
    allowed_tc = raster.rounding + 1e-5 * float(table_tc.abs().sum())
    if abs(raster.total - float(table_tc.sum())) > allowed_tc:
        raise InvariantViolated.because(
            "I05",
            file=raster.path.name,
            raster_tc=raster.total,
            table_tc=float(table_tc.sum()),
            allowed_tc=allowed_tc,
        )
