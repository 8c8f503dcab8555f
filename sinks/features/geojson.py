"""A look through a GeoJSON file before GDAL reads it: depth, size, features, geometries.

GDAL turns a geometry that it cannot make sense of into none at all without a word, so the
geometries that the file holds are counted here, one feature in memory at a time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sinks.errors import InputRefused

_LARGEST = 400_000_000  # bytes of text that are held in memory
_DEEPEST = 64  # brackets within brackets
_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_TYPES = ("FeatureCollection", "Feature", "Point", "MultiPoint", "LineString",
          "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")  # fmt: skip
_ELSEWHERE = {"Topology": "TopoJSON"}
_CHUNK = 1 << 24


@dataclass(slots=True, kw_only=True)
class GeoJson:
    """What a GeoJSON file holds: number of features, which of them have no geometry."""

    features: int = 0
    without_geometry: set[int] = field(default_factory=set)
    members: dict[str, Any] = field(default_factory=dict)


def open_geojson(path: Path) -> GeoJson:
    """Look through a GeoJSON file.

    Raises
    ------
    InputRefused
        ``V26`` if features have coordinate systems of their own, ``V27`` if it is not
        well-formed GeoJSON in UTF-8, ``V28`` if it is too large or nested too deeply,
        ``V36`` for TopoJSON, Esri JSON and other relatives.
    """
    size = path.stat().st_size
    if size > _LARGEST:
        raise InputRefused.because("V28", file=path, found=f"{size:,} B > {_LARGEST:,} B")
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if (depth := _depth(content)) > _DEEPEST:
        raise InputRefused.because("V28", file=path, found=f"{depth:,} > {_DEEPEST}")
    try:
        text = content.decode("utf-8")
        del content
        return _checked(_read(text), path)
    except UnicodeDecodeError as error:
        why = f"UTF-8: {error.start:,} B"
        raise InputRefused.because("V27", file=path, why=why) from error
    except json.JSONDecodeError as error:
        why = f"{error.msg} ({error.lineno}:{error.colno})"
        raise InputRefused.because("V27", file=path, why=why) from error
    except (ValueError, TypeError) as error:
        raise InputRefused.because("V27", file=path, why=str(error)[:120]) from error


def _depth(content: bytes) -> int:
    """Return how deep brackets are nested, outside of strings."""
    bare = np.frombuffer(_STRINGS.sub(b"", content), np.uint8)
    depth = deepest = 0
    for start in range(0, len(bare), _CHUNK):
        part = bare[start : start + _CHUNK]
        up = (part == ord("[")) | (part == ord("{"))
        down = (part == ord("]")) | (part == ord("}"))
        steps = np.cumsum(up.astype(np.int32) - down.astype(np.int32), dtype=np.int64) + depth
        deepest, depth = max(deepest, int(steps.max())), int(steps[-1])
    return deepest


def _read(text: str) -> GeoJson:
    """Read the members of the outermost object, but only count the features."""
    found = GeoJson()
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    place = _after(text, 0, "{")
    while text[place] != "}":
        name, place = decoder.raw_decode(text, place)
        place = _after(text, place, ":")
        if name == "features" and text[place] == "[":
            place = _count(text, place, decoder, found)
        else:
            found.members[str(name)], place = decoder.raw_decode(text, place)
        place = _skip(text, place)
        if text[place] != "}":
            place = _after(text, place, ",")
    if text[place + 1 :].strip(" \t\r\n\0"):
        raise json.JSONDecodeError("Extra data", text, place + 1)
    return found


def _count(text: str, place: int, decoder: json.JSONDecoder, found: GeoJson) -> int:
    """Go through the features; return the place after their closing bracket."""
    place = _after(text, place, "[")
    while text[place] != "]":
        feature, place = decoder.raw_decode(text, place)
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise json.JSONDecodeError("Not a feature", text, place)
        if feature.get("geometry") is None:
            found.without_geometry.add(found.features)
        for key in ("crs", "coordRefSys"):
            if key in feature:
                found.members.setdefault("feature crs", feature[key])
        found.features += 1
        place = _skip(text, place)
        if text[place] != "]":
            place = _after(text, place, ",")
    return place + 1


def _after(text: str, place: int, sign: str) -> int:
    """Return the place of the next token after ``sign``, which must come now."""
    place = _skip(text, place)
    if text[place] != sign:
        raise json.JSONDecodeError(f"Expecting '{sign}'", text, place)
    return _skip(text, place + 1)


def _skip(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    end = match.end() if match else place
    if end >= len(text):
        raise json.JSONDecodeError("The file ends too early", text, len(text))
    return end


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _checked(found: GeoJson, path: Path) -> GeoJson:
    members = found.members
    kind = members.get("type")
    if kind in _ELSEWHERE or "geometryType" in members or "spatialReference" in members:
        relative = _ELSEWHERE.get(str(kind), "Esri JSON")
        raise InputRefused.because("V36", file=path, kind=relative)
    if kind not in _TYPES:
        raise InputRefused.because("V36", file=path, kind=f"JSON (type = {kind})")
    if "feature crs" in members or "coordRefSys" in members:
        raise InputRefused.because("V26", file=path, kind="crs / coordRefSys")
    if kind == "FeatureCollection" and not isinstance(members.get("features", []), list):
        raise InputRefused.because("V27", file=path, why="features ≠ [ ]")
    if kind != "FeatureCollection":
        found.features = 1
        if kind == "Feature" and members.get("geometry") is None:
            found.without_geometry = {0}
    return found
