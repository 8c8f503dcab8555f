"""What the doctor says of one input: what it is, what is known of it, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sinks.errors import Finding, InputRefused, Language, printable
from sinks.grid import Grid
from sinks.landcover.legend import Crosswalk
from sinks.mapmaking.features import image_of
from sinks.parameters.legends import crosswalk, house_legend
from sinks.pixels.alignment import grid_difference
from sinks.pixels.facts import RasterFacts, examine_bands, examine_raster
from sinks.sources.tables import examine_table
from sinks.sources.vectors import LayerFacts, examine_layer, read_layer, read_zones
from sinks.study import LandCoverSource, Limits, Study
from sinks.study_imagery import ImageSource, MapSample
from sinks.study_layers import ForestSource, TableSource
from sinks.study_parts import Source
from sinks.surveying.assessing import labelled_sample
from sinks.workflow.inputs import layer_options, stated_area_findings
from sinks.workflow.study_tables import read_study_table

_RASTERS = {".tif", ".tiff", ".vrt", ".img", ".asc", ".hdf", ".ovr"}
_TABLES = {".csv", ".xlsx", ".xls", ".txt"}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One input: where the study names it, its file, and what is known of it by label."""

    place: str
    file: str
    known: dict[str, tuple[str, str]]  # Chinese and English text by label
    facts: dict[str, Any]
    findings: tuple[Finding, ...]


def file_item(path: Path, scheme: str | None) -> Item:
    """Look at a file by what its name ends in."""
    if path.suffix.lower() in _RASTERS:
        bands = examine_bands(path)
        if bands.header is not None and bands.header.bands > 1:
            return _bands_item(bands)
        known = crosswalk(scheme) if scheme else None
        return _raster_item("—", examine_raster(path, crosswalk=known), known)
    if path.suffix.lower() in _TABLES:
        return _table_item(path)
    return _layer_item("—", examine_layer(path))


def _table_item(path: Path) -> Item:
    facts = examine_table(path)
    shown = ", ".join(map(printable, facts.first_row))
    known = {
        "encoding": (f"{facts.encoding or ''} {facts.sheet or ''}".strip(),) * 2,
        "fields": (shown, shown),
        "rows": (f"{facts.rows:,}",) * 2,
    }
    plain = {"kind": "table", "fields": list(facts.first_row), "rows": facts.rows}
    return Item(
        place="—",
        file=facts.file,
        known=known if facts.first_row else {},
        facts=plain,
        findings=facts.findings,
    )


def cover_item(
    place: str, source: LandCoverSource, first: Grid | None
) -> tuple[Item, Grid | None]:
    """Look at a land cover of a study, and at how its grid fits that of the first."""
    known = crosswalk(source.scheme)
    facts = examine_raster(source.path, crs=source.crs, nodata=source.nodata, crosswalk=known)
    item = _raster_item(place, facts, known)
    if first is not None and facts.grid is not None and source.align is None:
        askew = grid_difference(facts.grid, first, file=str(source.path))
        item = replace(item, findings=(*item.findings, *((askew,) if askew else ())))
    return item, facts.grid


def _bands_item(facts: RasterFacts) -> Item:
    """Say what an image file is, as far as it says itself; its roles are for the study to say."""
    item = _raster_item("—", facts, None)
    tiff, known = facts.tiff, dict(item.known)
    known.pop("nodata", None)
    if tiff is not None:
        numbers = zip(tiff.scales, tiff.offsets, strict=True)
        scaling = "; ".join(dict.fromkeys(f"× {s:g} + {o:g}" for s, o in numbers))
        names = ", ".join(name or "?" for name in tiff.descriptions)
        known |= {"bands": (f"{len(tiff.scales)}  {printable(names)}",) * 2}
        known |= {"scaling": (f"{tiff.dtype}  {scaling}",) * 2}
    return replace(item, known=known, facts={**item.facts, "kind": "image"})


def image_item(source: ImageSource) -> Item:
    """Read an image as the study describes it: everything but its pixels."""
    image = image_of(source)
    rows, cols = image.grid.shape
    size = f"{cols:,} × {rows:,}, {image.grid.transform.a:.8g}"
    known = {"bands": (", ".join(image.names),) * 2, "size": (size, size)}
    if image.day is not None:
        known["day"] = (image.day.isoformat(),) * 2
    facts = {"kind": "image", "bands": list(image.names), "rows": rows, "cols": cols}
    return Item(
        place=f"images.{source.id}",
        file=str(source.path or "; ".join(map(str, source.files.values()))),
        known=known,
        facts=facts,
        findings=image.findings,
    )


def _sample_item(place: str, source: MapSample) -> Item:
    """Read a sample and its labels, as far as they can be judged without the map."""
    labelled = labelled_sample(
        source.path,
        source.labels,
        legend=house_legend(),
        decided=source.decided,
        rule=source.where_different,
    )
    names = ", ".join(map(printable, labelled.interpreters))
    known = {
        "samples": (f"{len(labelled.labels):,}",) * 2,
        "interpreters": (names, names),
        "disputes": (f"{len(labelled.disputes):,}",) * 2,
    }
    facts = {"kind": "sample", "samples": len(labelled.labels)}
    return Item(place=place, file=str(source.path), known=known, facts=facts,
                findings=labelled.findings)  # fmt: skip


def source_item(place: str, source: Source, limits: Limits) -> Item:
    """Look at any other input of a study."""
    if isinstance(source, MapSample):
        return _sample_item(place, source)
    if source.path.suffix.lower() in _TABLES and not isinstance(source, TableSource):
        return replace(_table_item(source.path), place=place)
    if isinstance(source, TableSource):
        table = read_study_table(source)
        known = {"rows": (f"{len(table.frame)}",) * 2}
        return Item(
            place=place,
            file=str(source.path),
            known=known,
            facts={"rows": len(table.frame)},
            findings=table.findings,
        )
    facts = examine_layer(source.path, **layer_options(source, limits))
    item = _layer_item(place, facts)
    if facts.refused or not isinstance(source, ForestSource):
        return item
    layer = read_layer(source.path, **layer_options(source, limits))
    return replace(item, findings=(*item.findings, *stated_area_findings(source, layer.frame)))


def zone_ids(study: Study) -> list[str] | None:
    """Return the ids of all zones; nothing if a layer cannot be read, which its item says."""
    ids = [study.district.id]
    for source in study.zones:
        try:
            layer = read_zones(
                source.path, zone_field=source.id_field, **layer_options(source, study.limits)
            )
        except InputRefused:
            return None
        ids += list(layer.frame["zone"].astype(str))
    return ids


def _raster_item(place: str, facts: RasterFacts, scheme: Crosswalk | None) -> Item:
    known: dict[str, tuple[str, str]] = {}
    plain: dict[str, Any] = {"kind": "raster"}
    if facts.crs is not None:
        known["crs"] = (facts.crs_label("zh"), facts.crs_label("en"))
        plain["crs"] = facts.crs_label("en")
    if facts.grid is not None:
        rows, cols = facts.grid.shape
        size = f"{cols:,} × {rows:,}, {facts.grid.transform.a:.8g} × {-facts.grid.transform.e:.8g}"
        known["size"] = (size, size)
        plain |= {"rows": rows, "cols": cols, "transform": list(facts.grid.transform)[:6]}
    if facts.header is not None:
        nodata = "—" if facts.nodata is None else f"{facts.nodata:g}"
        known["nodata"] = (nodata, nodata)
        plain["nodata"] = facts.nodata
    if facts.counts is not None:
        known["codes"] = (_codes(facts, scheme, "zh"), _codes(facts, scheme, "en"))
        plain["codes"] = {
            str(code): {"px": n, "area_ha": facts.counts.hectares.get(code)}
            for code, n in facts.counts.pixels.items()
        }
    return Item(place=place, file=facts.file, known=known, facts=plain, findings=facts.findings)


def _codes(facts: RasterFacts, scheme: Crosswalk | None, language: Language) -> str:
    """List the codes with their names and hectares."""
    names = {}
    if scheme is not None:
        by_code = scheme.legend.by_code
        names = {
            code: f" {getattr(by_code[house], language)}"
            for code, house in scheme.house_codes().items()
            if house in by_code
        }
    assert facts.counts is not None  # noqa: S101 (the caller has looked)
    return "; ".join(
        f"{code}{names.get(code, '')} {facts.counts.hectares.get(code, float('nan')):,.1f} ha"
        for code in facts.counts.pixels
    )


def _layer_item(place: str, facts: LayerFacts) -> Item:
    known: dict[str, tuple[str, str]] = {}
    if facts.driver:
        known["format"] = (f"{facts.driver}  {facts.layer or ''}",) * 2
    if facts.crs is not None:
        known["crs"] = (facts.crs_label("zh") or "", facts.crs_label("en") or "")
    if facts.feature_count is not None:
        kinds = ", ".join(f"{name} {n:,}" for name, n in facts.geometry_types.items())
        known["features"] = (f"{facts.feature_count:,}  {kinds}",) * 2
    if facts.encoding:
        samples = "、".join(printable(sample) for sample in facts.encoding_samples[:3])
        known["encoding"] = (f"{facts.encoding}  {samples}",) * 2
    if facts.fields:
        known["fields"] = (", ".join(printable(f.name) for f in facts.fields),) * 2
    if facts.area_ha is not None:
        known["area"] = (f"{facts.area_ha:,.2f} ha",) * 2
    if facts.overlap_ha:
        known["overlap"] = (f"{facts.overlap_ha:,.4f} ha",) * 2
    plain = {
        "kind": "layer",
        "driver": facts.driver,
        "layer": facts.layer,
        "crs": facts.crs_label("en"),
        "features": facts.feature_count,
        "encoding": facts.encoding,
        "fields": [f.name for f in facts.fields],
        "geometry_faults": len(facts.faults),
        "area_ha": facts.area_ha,
        "overlap_ha": facts.overlap_ha,
    }
    return Item(place=place, file=facts.file, known=known, facts=plain, findings=facts.findings)


LABELS = {
    "format": ("格式", "format"),
    "crs": ("坐标系", "CRS"),
    "size": ("大小", "size"),
    "nodata": ("无数据值", "no data"),
    "codes": ("编码", "codes"),
    "features": ("要素", "features"),
    "encoding": ("文字编码", "encoding"),
    "fields": ("字段", "fields"),
    "area": ("面积", "area"),
    "overlap": ("重叠", "overlap"),
    "rows": ("行数", "rows"),
    "bands": ("波段", "bands"),
    "scaling": ("数值", "numbers"),
    "day": ("日期", "day"),
    "samples": ("样点", "samples"),
    "interpreters": ("判读员", "interpreters"),
    "disputes": ("不一致", "in dispute"),
    "potentials": ("增温潜势", "potentials"),
    "rule_set": ("核算规范", "rule set"),
    "counted": ("计入指标", "items that count"),
    "uses": ("用途", "uses"),
    "reservoirs": ("水库", "reservoirs"),
    "species": ("树种组", "species groups"),
    "targets": ("目标", "targets"),
    "rivers": ("县乡河道", "rivers that count"),
    "projects": ("项目，已验收面积", "projects, area accepted"),
    "years": ("年份", "years"),
    "stands": ("小班（其中有蓄积、有年龄）", "stands (with volume, with age)"),
}
