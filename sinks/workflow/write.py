"""Write what leaves the building, all of it from one set of result tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd

from sinks.errors import Language
from sinks.mapmaking.classify import Classified
from sinks.maps.atlas import Rasters, study_map
from sinks.maps.classified import ClassifiedMap
from sinks.maps.inert import Words
from sinks.maps.page import write_page
from sinks.progress import Progress
from sinks.reports.geopackage import write_geopackage
from sinks.reports.tables import write_tables
from sinks.reports.workbook import write_workbook
from sinks.results import Results
from sinks.study import Study
from sinks.surveying.standalone import write_map
from sinks.workflow.balance import balance_maker
from sinks.workflow.carbon import Carbon
from sinks.workflow.inputs import Inputs
from sinks.workflow.pixel_worth import PixelWorth
from sinks.workflow.project_page import write_project_page
from sinks.workflow.rasters import write_study_rasters

SYNTHETIC = "合成数据，仅供演示 Synthetic data, for demonstration only"


def write_all(  # noqa: PLR0913 (all that a run has)
    study: Study,
    results: Results,
    inputs: Inputs,
    carbon: Carbon,
    folder: Path,
    language: Language,
    *,
    maps: Sequence[Classified],
    found: Mapping[str, gpd.GeoDataFrame],
    threads: int,
    progress: Progress,
) -> None:
    """Write rasters, tables, GeoPackage, workbook and pages into ``folder``.

    Raises
    ------
    InvariantViolated
        ``I05`` if a raster does not add up to the table.
    """
    progress("rasters")
    metadata = {"SINKS_SYNTHETIC": SYNTHETIC} if results.synthetic else None
    write_study_rasters(carbon, folder / "rasters", metadata=metadata, threads=threads)
    for made in maps:
        write_map(made, folder / "rasters", prefix=f"{made.classification.id}_", threads=threads)
    progress("tables")
    layers = {"zones": inputs.zones.frame, **_named_layers(study, inputs), **found}
    write_tables(results, folder)
    write_geopackage(results, layers, folder / "results.gpkg")
    write_workbook(results, folder / "workbook.xlsx", language=language)
    progress("page")
    worth = PixelWorth(maker=balance_maker(carbon.basis))
    rasters = Rasters(
        covers={cover.year: cover for cover in inputs.covers},
        densities_by_code=worth.held_tc_per_ha,
        net_by_code=worth.net_by_code,
        maps=[_on_page(made) for made in maps],
    )
    on_map = {**layers, **_projects(study, layers)}
    page = study_map(results, rasters, on_map, language=language, threads=threads)
    write_page(
        page, folder / "index.html", title=(results.name_zh, results.name_en), language=language
    )
    write_project_page(study, results, inputs, folder / "projects.html", language=language)


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


def _projects(study: Study, layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Return the projects with the ids that the table ``ledger`` has them by."""
    source = study.layers.projects
    if source is None:
        return {}
    frame = layers["projects"]
    return {"projects": frame.assign(project=frame[source.id_field].astype(str).str.strip())}


def _named_layers(study: Study, inputs: Inputs) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers, each feature with the name that the study's field gives it."""
    layers = {}
    for role, layer in inputs.layers.items():
        field = getattr(getattr(study.layers, role), "name_field", None)
        frame = layer.frame
        layers[role] = frame if field is None else frame.assign(name_zh=frame[field])
    return layers
