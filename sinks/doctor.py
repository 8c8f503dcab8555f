"""Look at inputs before a run does: what each file is, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from sinks.errors import Finding, InputRefused, Language, printable
from sinks.grid import Grid
from sinks.landcover.legend import Crosswalk
from sinks.parameters.legends import crosswalk
from sinks.pixels.alignment import grid_difference
from sinks.pixels.facts import RasterFacts, examine_raster
from sinks.sources.tables import examine_table
from sinks.sources.vectors import LayerFacts, examine_layer, read_layer
from sinks.study import ForestSource, LandCoverSource, Limits, Study, TreeCount
from sinks.study_parts import Source
from sinks.workflow.inputs import layer_options, read_tree_count, stated_area_findings

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


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the doctor found, input by input."""

    items: tuple[Item, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that was found, in the order of the inputs."""
        return tuple(finding for item in self.items for finding in item.findings)

    @property
    def refused(self) -> bool:
        """Whether a run with these inputs would be refused."""
        return any(finding.stops for finding in self.findings)

    def lines(self, language: Language = "zh") -> list[str]:
        """Say it for people."""
        side = 0 if language == "zh" else 1
        out = []
        for item in self.items:
            out.append(f"■ {printable(item.place)}  {printable(item.file)}")
            out += [f"    {_LABELS[key][side]}  {text[side]}" for key, text in item.known.items()]
            out += [f"    {line}" for f in item.findings for line in f.lines(language)]
        return [*out, self._verdict(language)]

    def as_json(self) -> dict[str, object]:
        """Return the same as plain data."""
        return {
            "refused": self.refused,
            "inputs": [
                {
                    "place": item.place,
                    "file": item.file,
                    **item.facts,
                    "findings": [finding.as_json() for finding in item.findings],
                }
                for item in self.items
            ],
        }

    def _verdict(self, language: Language) -> str:
        stops = sum(finding.stops for finding in self.findings)
        others = len(self.findings) - stops
        if language == "zh":
            head = f"不能运行：{stops} 处必须先处理" if stops else "可以运行"
            return f"{head}；另有提示与修复 {others} 条。"
        head = f"Cannot be run: {stops} things must be put right first" if stops else "Can be run"
        return f"{head}; {others} notes and repairs."


def examine(paths: Iterable[Path | str] | Path | str, *, scheme: str | None = None) -> Report:
    """Examine files, or every input of a study (a .toml file).

    ``scheme`` says what the codes of rasters mean; without it they are counted and not
    judged. Nothing is raised for a bad file: what is wrong is in the report.
    """
    wanted = [paths] if isinstance(paths, (Path, str)) else list(paths)
    items: list[Item] = []
    for path in map(Path, wanted):
        if path.suffix.lower() == ".toml":
            items += _study_items(path)
        else:
            items.append(_examined("—", path, partial(_file_item, path, scheme)))
    return Report(items=tuple(items))


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


def _file_item(path: Path, scheme: str | None) -> Item:
    if path.suffix.lower() in _RASTERS:
        known = crosswalk(scheme) if scheme else None
        return _raster_item("—", examine_raster(path, crosswalk=known), known)
    if path.suffix.lower() in _TABLES:
        return _table_item(path)
    return _layer_item("—", examine_layer(path))


def _study_items(path: Path) -> list[Item]:
    try:
        study = Study.read(path)
    except InputRefused as refused:
        return [Item(place="—", file=str(path), known={}, facts={}, findings=refused.findings)]
    items, first = [], None
    for place, source in study.sources():
        if isinstance(source, LandCoverSource):
            item, grid = _cover_item(place, source, first)
            first = first or grid
        else:
            item = _examined(
                place, source.path, partial(_source_item, place, source, study.limits)
            )
        items.append(item)
    return items


def _cover_item(
    place: str, source: LandCoverSource, first: Grid | None
) -> tuple[Item, Grid | None]:
    known = crosswalk(source.scheme)
    facts = examine_raster(source.path, crs=source.crs, nodata=source.nodata, crosswalk=known)
    item = _raster_item(place, facts, known)
    if first is not None and facts.grid is not None and source.align is None:
        askew = grid_difference(facts.grid, first, file=str(source.path))
        item = replace(item, findings=(*item.findings, *((askew,) if askew else ())))
    return item, facts.grid


def _source_item(place: str, source: Source, limits: Limits) -> Item:
    if isinstance(source, TreeCount):
        table = read_tree_count(source)
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


def _examined(place: str, path: Path, look: Callable[[], Item]) -> Item:
    """Turn a refusal into an item: the doctor goes on with the next file."""
    try:
        return look()
    except InputRefused as refused:
        return Item(place=place, file=str(path), known={}, facts={}, findings=refused.findings)


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


_LABELS = {
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
}
