"""Everything a study names, through the gate: read once, checked, hashed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from sinks.carbon.densities import CarbonDensities
from sinks.errors import Finding, InputRefused, located, refuse_if_stopped
from sinks.features.inspection import LayerOptions
from sinks.files import companions, files_hash
from sinks.landcover.cover import LandCover
from sinks.parameters.densities import carbon_densities
from sinks.parameters.legends import crosswalk
from sinks.sources.rasters import read_land_cover
from sinks.sources.stated_areas import area_field_findings
from sinks.sources.tables import Table
from sinks.sources.vectors import Layer, read_layer, read_zones
from sinks.study import DistrictSource, LandCoverSource, Limits, Study, ZoneSource
from sinks.study_imagery import TrainingSource
from sinks.study_layers import (
    BeltSource,
    ForestSource,
    Layers,
    RiverSource,
    TableSource,
    WetlandSource,
)
from sinks.study_parts import Source
from sinks.workflow.study_tables import read_study_table
from sinks.zones.zones import Zones


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a run works on; everything in it has passed the gate.

    ``zones`` holds the district and every zone of the study; ``partitions`` the ids of those
    that together make up the district; ``layers`` the other layers and ``tables`` the tables
    by role; ``files`` one row per input: file, sha256, bytes, synthetic, source.
    """

    district: Zones
    zones: Zones
    partitions: tuple[tuple[str, ...], ...]
    covers: tuple[LandCover, ...]
    layers: Mapping[str, Layer]
    tables: Mapping[str, Table]
    densities: CarbonDensities
    files: pd.DataFrame
    findings: tuple[Finding, ...]

    def with_covers(self, made: Iterable[LandCover]) -> Inputs:
        """Add land cover that was made from images, in the order of the years."""
        covers = sorted([*self.covers, *made], key=lambda cover: cover.year)
        return replace(self, covers=tuple(covers))


def input_files(study: Study) -> pd.DataFrame:
    """Hash every input of a study: index ``place``; file, sha256, bytes, synthetic, source.

    Raises
    ------
    InputRefused
        ``C09`` if a file does not exist.
    """
    rows = []
    for place, source in study.sources():
        if not source.path.is_file():
            raise InputRefused.because("C09", file=source.path, place=place, path=source.path)
        rows.append(
            {
                "place": place,
                "file": shown_path(source.path, study.file),
                "sha256": files_hash(source.path),
                "bytes": sum(path.stat().st_size for path in companions(source.path)),
                "synthetic": source.synthetic,
                "source": source.source,
            }
        )
    return pd.DataFrame(rows).set_index("place")


def read_inputs(study: Study, files: pd.DataFrame, *, threads: int = 1) -> Inputs:
    """Read everything a study names, or refuse with what is wrong and where.

    Land cover that the study classifies from images is added afterwards.
    """
    district = read_district(study)
    layers = [_zones(source, district, study.limits) for source in study.zones]
    frames = [district.frame, *(zones.to_crs(district.crs).frame for zones in layers)]
    zones = Zones(frame=gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=district.crs))
    covers = _covers(study, threads)
    named = dict(_layers(study.layers, study.limits))
    tables = dict(_tables(study.layers))
    findings = [district.findings, *(z.findings for z in layers), *(c.findings for c in covers)]
    findings += [layer.findings for layer in named.values()]
    findings += [table.findings for table in tables.values()]
    return Inputs(
        district=district,
        zones=zones,
        partitions=tuple(tuple(z.frame["zone"].astype(str)) for z in layers if z.partition),
        covers=covers,
        layers=named,
        tables=tables,
        densities=carbon_densities(
            study.parameters.soil_depth_cm, path=study.parameters.carbon_density
        ),
        files=files,
        findings=tuple(finding for group in findings for finding in group),
    )


def read_district(study: Study) -> Zones:
    """Return the district as one zone.

    Raises
    ------
    InputRefused
        ``Z01`` if nothing in its layer is the district; as layers refuse.
    """
    source = study.district
    with located(file=source.path, place="district"):
        layer = read_layer(source.path, **layer_options(source, study.limits))
        frame = layer.frame
        for field, wanted in source.where.items():
            frame = frame[frame[field].astype(str) == wanted]
        if frame.empty:
            raise InputRefused.because("Z01", where=source.where)
        whole = gpd.GeoDataFrame(
            {
                "zone": [source.id],
                "name_zh": [source.name_zh],
                "name_en": [source.name_en],
                "kind": ["district"],
            },
            geometry=[shapely.union_all(frame.geometry.to_numpy())],
            crs=frame.crs,
        )
        return Zones(frame=whole, findings=layer.findings)


def _zones(source: ZoneSource, district: Zones, limits: Limits) -> Zones:
    with located(file=source.path, place=f"zones.{source.kind}"):
        zones = read_zones(
            source.path,
            zone_field=source.id_field,
            name_zh_field=source.name_zh_field,
            name_en_field=source.name_en_field,
            kind=source.kind,
            partition=source.partition,
            **layer_options(source, limits),
        )
        return _clipped(zones, district) if source.clip else zones


def _clipped(zones: Zones, district: Zones) -> Zones:
    """Cut off what lies outside the district, and note the share of each zone that is left."""
    inside = shapely.intersection(
        zones.frame.geometry.to_numpy(),
        district.to_crs(zones.crs).frame.geometry.iloc[0],
    )
    share_pct = 100 * shapely.area(inside) / shapely.area(zones.frame.geometry.to_numpy())
    cut = share_pct < 99.99
    note = Finding(
        code="Z04",
        facts={
            "zones": [
                f"{name} {share:.1f} %"
                for name, share in zip(zones.frame["name_zh"][cut], share_pct[cut], strict=True)
            ],
            "count": int(cut.sum()),
        },
    )
    frame = zones.frame.set_geometry(gpd.GeoSeries(_polygons(inside), crs=zones.frame.crs))
    frame = frame[~frame.geometry.is_empty]
    return Zones(
        frame=frame.reset_index(drop=True),
        partition=zones.partition,
        findings=(*zones.findings, *((note,) if cut.any() else ())),
    )


def _polygons(shapes: NDArray[np.object_]) -> list[shapely.Geometry]:
    """Keep the polygons of mixed intersections: a touching line has no area."""
    kept: list[shapely.Geometry] = []
    for shape in shapes:
        parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]
        kept.append(shapely.union_all(parts) if parts else shapely.Polygon())
    return kept


def _covers(study: Study, threads: int) -> tuple[LandCover, ...]:
    covers: list[LandCover] = []
    for source in study.land_cover:
        with located(file=source.path, place=f"land_cover.{source.year}"):
            covers.append(_cover(source, study, covers, threads))
    return tuple(covers)


def _cover(
    source: LandCoverSource, study: Study, before: list[LandCover], threads: int
) -> LandCover:
    return read_land_cover(
        source.path,
        crosswalk=crosswalk(source.scheme),
        year=source.year,
        crs=source.crs,
        nodata=source.nodata,
        align_to=before[0].grid if before else None,
        align=source.align,
        reference_date=source.reference_date,
        max_gigapixels=study.limits.max_gigapixels,
        threads=threads,
    )


def _layers(layers: Layers, limits: Limits) -> Iterator[tuple[str, Layer]]:
    for role in type(layers).model_fields:
        source = getattr(layers, role)
        if source is None or isinstance(source, TableSource):
            continue
        with located(file=source.path, place=f"layers.{role}"):
            layer = read_layer(source.path, **layer_options(source, limits))
            refuse_if_stopped(stated_area_findings(source, layer.frame))
            yield role, layer


def _tables(layers: Layers) -> Iterator[tuple[str, Table]]:
    for role, source in layers:
        if isinstance(source, TableSource):
            with located(file=source.path, place=f"layers.{role}"):
                yield role, read_study_table(source)


def required_fields(source: Source) -> tuple[str, ...]:
    """Return the fields that the study names for a layer: they must exist."""
    if isinstance(source, DistrictSource):
        return tuple(source.where)
    names = [name for name in type(source).model_fields if name.endswith("_field")]
    return tuple(field for name in names if (field := getattr(source, name)) is not None)


def stated_area_findings(source: Source, frame: gpd.GeoDataFrame) -> list[Finding]:
    """Return what is wrong with the areas that stands state: 亩 taken for hectares, say."""
    if not isinstance(source, ForestSource) or source.area_field is None:
        return []
    if source.area_field not in frame:
        return []
    return area_field_findings(frame, source.area_field, unit=source.area_unit, file=source.path)


def _geometry(source: Source) -> Literal["any", "line", "polygon"]:
    if isinstance(source, (RiverSource, BeltSource)):
        return "line"
    return "any" if isinstance(source, TrainingSource) else "polygon"


def layer_options(source: Source, limits: Limits) -> LayerOptions:
    """Return what is needed of a layer, and the study's answers to what it may leave open."""
    summed = isinstance(source, (WetlandSource, ForestSource))
    return {
        "layer": source.layer,
        "crs": source.crs,
        "encoding": source.encoding,
        "repair": source.repair,
        "overlap": source.overlap,
        "geometry": _geometry(source),
        "columns": required_fields(source),
        "max_features": limits.max_features,
        # areas that are added up must not hold a place twice
        "check_overlaps": summed or (isinstance(source, ZoneSource) and source.partition),
    }


def shown_path(path: Path, study_file: Path) -> str:
    """Name a file relative to the study, so that no result tells a machine's folders."""
    base = study_file.resolve().parent
    resolved = path.resolve()
    return resolved.relative_to(base).as_posix() if resolved.is_relative_to(base) else path.name
