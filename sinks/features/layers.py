"""One layer of a file as it stands there: geometries as WKB, attributes, CRS, encoding.

The driver follows from the first bytes. Every record the file holds must come out: what
GDAL drops without a word is found by counting before and after.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pyogrio.raw
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from sinks.errors import Finding, InputRefused
from sinks.features import geojson, geopackages
from sinks.features.shapefiles import Shapefile, open_shapefile
from sinks.gate.encodings import Cell, codec_name, decide, decode
from sinks.gate.kinds import vector_driver

_KNOWN_WARNINGS = (
    *("Non closed ring", "Measured (M)", "Several features with id", "Too many recursion"),
    *("Unsupported geometry type", "driver supports"),
)
_BYTES = "latin1"  # every byte is a character: text passes GDAL unchanged
_DEGREES = CRS("EPSG:4326")  # longitude first, as in all that GDAL gives


@dataclass(frozen=True, slots=True, kw_only=True)
class RawLayer:
    """A layer as read: ``wkb`` has None where there is no geometry, ``ids`` name features."""

    driver: str
    name: str
    names: tuple[str, ...]
    crs: CRS | None
    ids: NDArray[np.int64]
    wkb: NDArray[np.object_]
    columns: pd.DataFrame
    encoding: str = "UTF-8"
    samples: tuple[str, ...] = ()
    cut_columns: tuple[str, ...] = ()  # where text was cut off within a character
    synthetic: bool = False
    lost: int = 0  # geometries that the file has and GDAL cannot read
    findings: tuple[Finding, ...] = field(default=())


def open_layer(
    path: Path, *, layer: str | None, encoding: str | None, max_features: int
) -> RawLayer:
    """Read one layer with the driver that its first bytes ask for.

    Raises
    ------
    InputRefused
        ``V15`` to ``V30`` and ``V35`` to ``V41``, as the format has it.
    """
    driver = vector_driver(path)
    if driver == "ESRI Shapefile":
        return _shapefile(path, encoding, max_features)
    if driver == "GPKG":
        return _geopackage(path, layer, max_features)
    if driver == "GeoJSON":
        return _geojson(path, max_features)
    return _flatgeobuf(path, max_features)


def _shapefile(path: Path, encoding: str | None, max_features: int) -> RawLayer:
    parts = open_shapefile(path)
    _limit(path, parts.records, max_features)
    raw = _read(path, "ESRI Shapefile", encoding=_BYTES)
    if len(raw.ids) != parts.records - parts.deleted or raw.columns.shape[1] != len(parts.fields):
        facts = {"shp": parts.records, "shx": parts.records, "dbf": len(raw.ids)}
        raise InputRefused.because("V15", file=path, **facts)
    decoded = _decoded(path, raw, parts, encoding)
    deleted = Finding(code="V45", file=str(path), facts={"count": parts.deleted})
    return replace(decoded, findings=(*decoded.findings, deleted)) if parts.deleted else decoded


def _geopackage(path: Path, layer: str | None, max_features: int) -> RawLayer:
    found = geopackages.layers(path)
    names = tuple(each.name for each in found)
    chosen = [each for each in found if layer in (None, each.name)]
    if len(chosen) != 1:
        facts = {"layers": names or "—", "asked": layer or "—"}
        raise InputRefused.because("V25", file=path, **facts)
    rows, geometries = geopackages.counted(path, chosen[0])
    if chosen[0].curved:
        kind = chosen[0].geometry_type
        raise InputRefused.because("V23", file=path, place=layer, kind=kind, count=rows)
    _limit(path, rows, max_features)
    raw = _read(path, "GPKG", layer=chosen[0].name, IMMUTABLE="YES")
    if len(raw.ids) != rows:
        raise InputRefused.because("V39", file=path, why=f"{rows:,} ≠ {len(raw.ids):,}")
    held = sum(each is not None for each in raw.wkb)
    return replace(raw, names=names, synthetic=chosen[0].synthetic, lost=geometries - held)


def _geojson(path: Path, max_features: int) -> RawLayer:
    found = geojson.open_geojson(path)
    _limit(path, found.features, max_features)
    raw = _read(path, "GeoJSON")
    empty = np.array([each is None for each in raw.wkb], dtype=bool)
    if len(raw.ids) != found.features or empty.sum() != len(found.without_geometry):
        lost = sorted(set(np.flatnonzero(empty).tolist()) - found.without_geometry)
        why = f"geometry: {len(lost)} ({', '.join(map(str, lost[:10]))})"
        raise InputRefused.because("V27", file=path, why=why)
    return replace(raw, crs=_geojson_crs(found.members))


def _flatgeobuf(path: Path, max_features: int) -> RawLayer:
    with _refusing(path):
        info = pyogrio.read_info(path, force_feature_count=True)
    _limit(path, int(info["features"]), max_features)
    return _read(path, "FlatGeobuf")


def _limit(path: Path, features: int, most: int) -> None:
    if features > most:
        raise InputRefused.because("V30", file=path, features=features, most=most)


def _geojson_crs(members: dict[str, Any]) -> CRS | None:
    """Return the CRS: degrees unless the member ``crs`` of GeoJSON 2008 says otherwise."""
    if "crs" not in members:
        return _DEGREES
    try:
        crs = CRS.from_user_input(members["crs"]["properties"]["name"])
        return _DEGREES if crs == CRS("OGC:CRS84") else crs
    except (CRSError, KeyError, TypeError):
        return None  # it says something that cannot be understood


# a NameError comes from pyogrio when the file says a CRS that GDAL cannot write down
_OF_GDAL = (RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, NameError)


@contextmanager
def _refusing(path: Path) -> Iterator[list[warnings.WarningMessage]]:
    """Turn the errors of GDAL into refusals and keep its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield caught
        except pyogrio.errors.GeometryError as error:
            raise InputRefused.because("V23", file=path, kind=str(error), count=1) from error
        except _OF_GDAL as error:
            why = str(error).replace(str(path), path.name)[:160]
            raise InputRefused.because("V39", file=path, why=why) from error


def _read(path: Path, driver: str, *, encoding: str | None = None, **options: str) -> RawLayer:
    """Read a layer through GDAL; refuse if another driver than expected takes the file."""
    with _refusing(path) as caught:
        meta, ids, wkb, values = pyogrio.raw.read(
            path, encoding=encoding, return_fids=True, **options
        )
        info = pyogrio.read_info(path, layer=options.get("layer"), encoding=encoding)
    if info["driver"] != driver:
        raise InputRefused.because("V36", file=path, kind=info["driver"])
    names = [str(name) for name in meta["fields"]]
    if twice := sorted({n for n in names if names.count(n) > 1} | ({"geometry"} & set(names))):
        raise InputRefused.because("V22", file=path, names=twice)
    return RawLayer(
        driver=driver,
        name=str(info["layer_name"]),
        names=(str(info["layer_name"]),),
        crs=_crs(meta["crs"]),
        ids=np.asarray(ids),
        wkb=np.full(len(ids), None) if wkb is None else wkb,
        columns=pd.DataFrame(dict(zip(names, values, strict=True)), index=pd.Index(ids)),
        findings=tuple(_said(path, caught)),
    )


def _crs(text: str | None) -> CRS | None:
    try:
        return CRS.from_user_input(text) if text else None
    except CRSError:
        return None


def _said(path: Path, caught: list[warnings.WarningMessage]) -> list[Finding]:
    """Return what GDAL said and no other check repeats, each sentence once."""
    texts = dict.fromkeys(str(warning.message)[:200] for warning in caught)
    fresh = [text for text in texts if not any(known in text for known in _KNOWN_WARNINGS)]
    return [Finding(code="V46", file=str(path), facts={"text": text}) for text in fresh[:5]]


def _decoded(path: Path, raw: RawLayer, parts: Shapefile, stated: str | None) -> RawLayer:
    """Decode names and text of an attribute table, once it is clear how."""
    cells = {name: _cells(raw, name, parts) for name in _text_columns(raw, parts)}
    every = [*parts.name_cells, *(cell for column in cells.values() for cell in column if cell)]
    decision = decide(every, stated=stated, declared=parts.declared_encoding)
    findings = tuple(replace(f, file=str(path), place=".dbf") for f in decision.findings)
    if decision.codec is None:
        raise InputRefused(findings)
    codec, cut = decision.codec, {}
    columns = raw.columns.copy()
    for name, column in cells.items():
        texts = [decode(cell, codec) if cell else (None, False) for cell in column]
        columns[name] = pd.array([text for text, _ in texts], dtype="str")
        cut[name] = [int(i) for i, (_, half) in zip(raw.ids, texts, strict=True) if half]
    names = {old: decode(cell, codec) for old, cell in zip(columns, parts.name_cells, strict=True)}
    columns.columns = [text for text, _ in names.values()]
    halved = {names[name][0]: rows for name, rows in cut.items() if rows}
    return replace(
        raw,
        columns=columns,
        encoding=codec_name(codec),
        samples=next(iter(decision.samples.values()), ()),
        cut_columns=tuple(halved),
        findings=(*raw.findings, *findings, *_cut_findings(path, halved)),
    )


def _text_columns(raw: RawLayer, parts: Shapefile) -> list[str]:
    kinds = zip(raw.columns, parts.fields, strict=True)
    return [str(name) for name, dbf_field in kinds if dbf_field.kind == "C"]


def _cells(raw: RawLayer, name: str, parts: Shapefile) -> list[Cell | None]:
    """Return the texts of a column as the bytes in the file; None where there is none."""
    width = parts.fields[list(raw.columns).index(name)].width
    pairs = zip(raw.ids, raw.columns[name], strict=True)
    encoded = (
        (int(i), text.encode(_BYTES)) if isinstance(text, str) else None for i, text in pairs
    )
    return [pair and Cell(pair[1], len(pair[1]) >= width, pair[0]) for pair in encoded]


def _cut_findings(path: Path, halved: dict[str, list[int]]) -> list[Finding]:
    return [
        Finding(
            code="V21",
            file=str(path),
            place=name,
            facts={"ids": [str(i) for i in ids[:10]], "count": len(ids)},
        )
        for name, ids in halved.items()
    ]
