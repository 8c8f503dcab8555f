"""Layers of polygons, lines and points: examined without raising, or read and refused.

:func:`examine_layer` tells everything about a file; :func:`read_layer` returns a layer that
is sound, or refuses; :func:`read_zones` returns zones.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

import geopandas as gpd
import pandas as pd

from sinks.errors import Finding, InputRefused, located, refuse_if_stopped
from sinks.features.geometries import GeometryFault
from sinks.features.inspection import FieldFacts, LayerFacts, LayerOptions, Look
from sinks.gate.environment import checked_path
from sinks.zones.zones import Zones

__all__ = [
    "FieldFacts",
    "GeometryFault",
    "Layer",
    "LayerFacts",
    "LayerOptions",
    "examine_layer",
    "read_layer",
    "read_zones",
]

_EXACT = 2**53  # whole numbers beyond this are not exact in a field of floats


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A sound layer: valid geometries with a CRS, indexed by feature id."""

    frame: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    file: Path


def examine_layer(path: Path | str, **options: Unpack[LayerOptions]) -> LayerFacts:
    """Find out everything about a layer; a bad file gives findings, never an error.

    Options are those of :func:`read_layer`; without ``geometry`` any type will do.
    """
    wanted: LayerOptions = {"geometry": "any", **options}
    look = Look(file=str(path), options=wanted, measure_overlaps=True)
    try:
        look.take()
    except InputRefused as refused:
        look.findings += refused.findings
    return look.facts()


def read_layer(path: Path | str, **options: Unpack[LayerOptions]) -> Layer:
    """Read a layer whose geometries can be measured.

    Parameters
    ----------
    path
        GeoPackage, Shapefile, GeoJSON or FlatGeobuf.
    **options
        See :class:`LayerOptions`. Without ``geometry`` polygons are wanted.

    Raises
    ------
    InputRefused
        With every finding that stands in the way: codes ``V01`` to ``V48``.
    """
    look = Look(file=str(path), options=options)
    look.take()
    findings = refuse_if_stopped(look.findings)
    return Layer(frame=look.frame, findings=findings, file=checked_path(path))


def read_zones(
    path: Path | str,
    *,
    zone_field: str,
    name_zh_field: str | None = None,
    name_en_field: str | None = None,
    kind: str = "other",
    partition: bool = False,
    **options: Unpack[LayerOptions],
) -> Zones:
    """Read a layer of zones.

    Parameters
    ----------
    zone_field
        Field of the unique ids, read as text.
    name_zh_field, name_en_field
        Fields of the names; the Chinese name, or else the id, stands in for one not given.
    kind
        town, site, wetland, redline or other.
    partition
        Whether the zones make up a whole and must not overlap.

    Raises
    ------
    InputRefused
        As :func:`read_layer`; also ``V21`` if an id was cut off, ``Z02`` if ids repeat.
    """
    named = [field for field in (zone_field, name_zh_field, name_en_field) if field]
    wanted: LayerOptions = {
        **options,
        "columns": tuple(dict.fromkeys([*options.get("columns", ()), *named])),
        "check_overlaps": options.get("check_overlaps", False) or partition,
    }
    look = Look(file=str(path), options=wanted, partition=partition, id_field=zone_field)
    look.take()
    look.refuse_zones_without_shape()
    findings = refuse_if_stopped(look.findings)
    with located(file=look.file, place=zone_field):
        ids = _ids(look.frame[zone_field])
        names_zh = _names(look.frame, name_zh_field, ids)
        names_en = _names(look.frame, name_en_field, names_zh)
        columns = {"zone": ids, "name_zh": names_zh, "name_en": names_en}
        frame = gpd.GeoDataFrame(columns, geometry=look.frame.geometry, crs=look.frame.crs)
        frame.insert(3, "kind", kind)
        return Zones(frame=frame.reset_index(drop=True), partition=partition, findings=findings)


def _ids(values: pd.Series) -> pd.Series:
    """Return ids as text: whole numbers without a decimal point, blanks as no text.

    Raises
    ------
    InputRefused
        ``V51`` if ids are numbers that are not whole, or too long to be exact.
    """
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values.astype("object").where(values.notna(), "").map(lambda v: str(v).strip())
    numbers = values.dropna()
    wrong = numbers[(numbers % 1 != 0) | (numbers.abs() >= _EXACT)]
    if len(wrong) and pd.api.types.is_float_dtype(values):
        shown = [repr(number) for number in wrong[:10]]
        raise InputRefused.because("V51", ids=shown, count=len(wrong))
    return values.map(lambda v: "" if pd.isna(v) else str(int(v))).astype("object")


def _names(frame: gpd.GeoDataFrame, field: str | None, instead: pd.Series) -> pd.Series:
    """Return a column of names, with another text where there is none."""
    if field is None:
        return instead
    names = frame[field].astype("object")
    return names.where(names.notna() & (names.astype(str).str.strip() != ""), instead).astype(str)
