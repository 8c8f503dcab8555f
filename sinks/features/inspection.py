"""One pass over a layer, check by check, keeping what was found on the way."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypedDict

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from sinks.errors import Finding, InputRefused, Language, Reaction
from sinks.features import geometries, overlaps
from sinks.features.geometries import GeometryFault, Kind
from sinks.features.layers import RawLayer, open_layer
from sinks.gate.coordinates import Box, chosen_crs, datum_findings, placement_finding
from sinks.gate.environment import checked_path
from sinks.gate.georeference import crs_label
from sinks.zones.overlay import polygon_ha

MAX_FEATURES = 5_000_000
_POLYGONS = ("Polygon", "MultiPolygon")
_SHORT_NAME = 9  # bytes: a name cut within a character may be one shorter than ten


class LayerOptions(TypedDict, total=False):
    """What the study says of a layer, and what the caller needs of it.

    ``layer``, ``crs``, ``encoding``, ``repair`` and ``overlap`` are answers to what the file
    leaves open; ``geometry``, ``columns`` and ``check_overlaps`` are what must be so.
    """

    layer: str | None
    crs: str | None
    encoding: str | None
    repair: Literal["make_valid"] | None
    overlap: Literal["union"] | None
    geometry: Kind
    columns: Iterable[str]
    check_overlaps: bool
    max_features: int


@dataclass(frozen=True, kw_only=True)
class FieldFacts:
    """A field of the attribute table: name, type, and number of blanks."""

    name: str
    kind: str
    blanks: int


@dataclass(frozen=True, kw_only=True)
class LayerFacts:
    """Everything about a layer that could be found out before something stood in the way."""

    file: str
    driver: str | None = None
    layer: str | None = None
    layers: tuple[str, ...] = ()
    feature_count: int | None = None
    geometry_types: Mapping[str, int] = field(default_factory=dict)
    crs: CRS | None = None
    bounds: Box | None = None
    encoding: str | None = None
    encoding_samples: tuple[str, ...] = ()
    fields: tuple[FieldFacts, ...] = ()
    faults: tuple[GeometryFault, ...] = ()
    area_ha: float | None = None
    overlap_ha: float | None = None
    synthetic: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether a run would stop here."""
        return any(finding.stops for finding in self.findings)

    def crs_label(self, language: Language = "zh") -> str | None:
        """Name the CRS with its zone; None if the layer has none."""
        return None if self.crs is None else crs_label(self.crs, language)


@dataclass
class Look:
    """One pass over a layer: what is known so far, and what was found."""

    file: str
    options: LayerOptions
    partition: bool = False
    id_field: str | None = None
    measure_overlaps: bool = False
    raw: RawLayer | None = None
    frame: gpd.GeoDataFrame = field(default_factory=gpd.GeoDataFrame)
    faults: tuple[GeometryFault, ...] = ()
    area_ha: float | None = None
    overlap_ha: float | None = None
    findings: list[Finding] = field(default_factory=list)

    def take(self) -> None:
        """Look at everything in turn; what cannot be looked past is raised."""
        try:
            self._open()
            self._place()
            self._judge_shapes()
        except (shapely.errors.ShapelyError, ProjError, CRSError) as error:
            why = str(error)[:120]
            raise InputRefused.because("V39", file=self.file, why=why) from error

    def _open(self) -> None:
        """Read the layer and build its geometries."""
        path = checked_path(self.file)
        self.file = str(path)
        self.raw = open_layer(
            path,
            layer=self.options.get("layer"),
            encoding=self.options.get("encoding"),
            max_features=self.options.get("max_features", MAX_FEATURES),
        )
        self._note(self.raw.findings)
        if self.raw.synthetic:
            self._note([Finding(code="N20", facts={"what": self.raw.name})])
        self.frame, found = geometries.build(self.raw)
        self._note(found)
        self._look_at_columns()
        self._note(geometries.type_findings(self.frame, self.options.get("geometry", "polygon")))
        if self.frame.empty:
            if not any(finding.stops for finding in self.findings):
                self._note([Finding(code="V48", facts={"rows": len(self.raw.ids)})])
            self._stop()

    def refuse_zones_without_shape(self) -> None:
        """Refuse what a layer may skip: a zone without geometry would vanish from results."""
        self.findings = [
            replace(f, reaction_override=Reaction.REFUSE) if f.code in ("V13", "V14") else f
            for f in self.findings
        ]

    def facts(self) -> LayerFacts:
        """Tell what is known."""
        facts = LayerFacts(file=self.file, findings=tuple(self.findings))
        if self.raw is None:
            return facts
        frame = self.frame
        return replace(
            facts,
            driver=self.raw.driver,
            layer=self.raw.name,
            layers=self.raw.names,
            feature_count=len(self.raw.ids),
            geometry_types=geometries.types(frame) if "geometry" in frame else {},
            crs=frame.crs if "geometry" in frame and frame.crs else self.raw.crs,
            bounds=Box(*map(float, frame.total_bounds)) if len(frame) else None,
            encoding=self.raw.encoding,
            encoding_samples=self.raw.samples,
            fields=tuple(_field_facts(self.raw.columns)),
            faults=self.faults,
            area_ha=self.area_ha,
            overlap_ha=self.overlap_ha,
            synthetic=self.raw.synthetic,
        )

    def _place(self) -> None:
        """Give the frame its CRS and see whether the coordinates fit it."""
        assert self.raw is not None  # noqa: S101 (for the type checker)
        bounds = Box(*map(float, self.frame.total_bounds))
        crs, found = chosen_crs(
            self.raw.crs, self.options.get("crs"), bounds=bounds, file=self.file
        )
        self.frame = self.frame.set_crs(crs, allow_override=True)
        self._note(found)
        self._note(datum_findings(crs, file=self.file))
        if any(finding.code == "V06" for finding in self.findings):
            self._stop()
        misplaced = placement_finding(crs, bounds, file=self.file)
        if misplaced:
            self._note(geometries.outliers(self.frame) or [misplaced])
        self._note(geometries.wide_findings(self.frame))
        if misplaced:
            self._stop()

    def _judge_shapes(self) -> None:
        """Look for faults and overlaps, and measure what is sound."""
        if not set(geometries.types(self.frame)) <= set(_POLYGONS):
            return
        self.faults = geometries.faults(self.frame)
        if self.faults and self.options.get("repair") == "make_valid":
            self.frame, found = geometries.repair(self.frame, self.faults)
        else:
            found = geometries.fault_findings(self.faults)
        self._note(found)
        if any(finding.stops for finding in found):
            return
        self.area_ha = float(polygon_ha(self.frame).sum())
        self._look_at_overlaps()

    def _look_at_overlaps(self) -> None:
        summed = self.options.get("check_overlaps", False)
        union = self.options.get("overlap") == "union"
        if not (summed or union or self.measure_overlaps):
            return
        found, area_ha = overlaps.find(self.frame), self.area_ha or 0.0
        self.overlap_ha = found.double_ha
        if union and found.pairs:
            self.frame, notes = overlaps.without_overlaps(self.frame, found, area_ha=area_ha)
        else:
            notes = overlaps.overlap_findings(found, area_ha=area_ha, summed=summed)
        self._note(notes)
        if self.partition:
            self._note(overlaps.gap_findings(self.frame))

    def _look_at_columns(self) -> None:
        """Find the columns that are needed, also under a name cut to ten bytes."""
        assert self.raw is not None  # noqa: S101
        wanted = list(self.options.get("columns", ()))
        names = {name: _matching(name, self.frame) for name in wanted}
        if absent := [name for name, found in names.items() if found is None]:
            near = difflib.get_close_matches(absent[0], map(str, self.frame.columns), n=3)
            facts = {"absent": absent, "near": near or "—", "fields": list(self.raw.columns)}
            self._note([Finding(code="V38", facts=facts)])
        renamed = {found: name for name, found in names.items() if found not in (None, name)}
        self.frame = self.frame.rename(columns=renamed)
        if renamed:
            facts = {"names": [f"{short} → {full}" for short, full in renamed.items()]}
            self._note([Finding(code="V49", facts=facts)])
        cut = names.get(self.id_field or "")
        if cut in self.raw.cut_columns:
            self.findings = [
                replace(f, reaction_override=Reaction.REFUSE)
                if (f.code, f.place) == ("V21", cut)
                else f
                for f in self.findings
            ]

    def _note(self, found: Iterable[Finding]) -> None:
        self.findings += [replace(f, file=f.file or self.file) for f in found]

    def _stop(self) -> None:
        """Raise what was found: nothing beyond can be judged."""
        found, self.findings = self.findings, [f for f in self.findings if not f.stops]
        raise InputRefused(finding for finding in found if finding.stops)


def _matching(wanted: str, frame: gpd.GeoDataFrame) -> str | None:
    """Return the field of a name, also if a shapefile cut it to ten bytes."""
    names = [str(name) for name in frame.columns if name != "geometry"]
    if wanted in names:
        return wanted
    short = [name for name in names if wanted.startswith(name) and _may_be_cut(name)]
    return short[0] if len(short) == 1 else None


def _may_be_cut(name: str) -> bool:
    return max(len(name.encode("gb18030")), len(name.encode("utf-8"))) >= _SHORT_NAME


def _field_facts(columns: pd.DataFrame) -> list[FieldFacts]:
    return [
        FieldFacts(name=str(name), kind=str(column.dtype), blanks=int(column.isna().sum()))
        for name, column in columns.items()
    ]
