"""Reference polygons and points for training, from layers and tables, as samples."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Required, TypedDict, Unpack, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sinks.errors import Finding, InputRefused, located, refuse_if_stopped
from sinks.features.geometries import fault_findings, faults
from sinks.gate.coordinates import Box, chosen_crs, datum_findings, placement_finding
from sinks.gate.environment import checked_path
from sinks.grid import Grid
from sinks.imagery.features import FeatureBlocks
from sinks.landcover.legend import Crosswalk
from sinks.sources.tables import Column, read_table
from sinks.sources.vectors import read_layer
from sinks.training.extraction import extract
from sinks.training.places import ReferencePlaces
from sinks.training.samples import Samples, named

__all__ = ["PlaceOptions", "PlacesRead", "read_places", "read_samples"]

_TABLES = (".csv", ".txt", ".xlsx", ".xlsm")
_X = Column(kind="number", names=("经度", "东坐标", "lon", "longitude", "easting"))
_Y = Column(kind="number", names=("纬度", "北坐标", "lat", "latitude", "northing"))
_LISTED = 10


class PlaceOptions(TypedDict, total=False):
    """What a study says of a layer or table of reference places.

    ``class_field`` holds codes of the scheme, or keys or names of the classes; places that
    share a value of ``group_field`` belong together, otherwise each stands alone. The others
    answer what a file leaves open; ``layer`` is the sheet of a workbook.
    """

    class_field: Required[str]
    group_field: str | None
    layer: str | None
    crs: str | None
    encoding: str | None
    repair: Literal["make_valid"] | None


@dataclass(frozen=True, kw_only=True)
class PlacesRead:
    """Reference places in the CRS of the image, and what was found on the way."""

    places: ReferencePlaces
    findings: tuple[Finding, ...]
    file: Path


def read_samples(
    path: Path | str,
    *,
    features: FeatureBlocks,
    crosswalk: Crosswalk,
    most_px: int | None = None,
    seed: int = 0,
    threads: int = 1,
    **options: Unpack[PlaceOptions],
) -> Samples:
    """Read reference polygons or points, and what an image shows of their pixels.

    Parameters
    ----------
    path
        A layer as :func:`sinks.sources.vectors.read_layer` reads it, or a table of points
        (CSV, XLSX) with columns x and y whose CRS ``crs`` states.
    features
        What the image shows; places are brought to its CRS.
    crosswalk
        From the codes of the scheme to the legend of the map.
    most_px, seed, threads
        See :func:`sinks.training.extraction.extract`.
    **options
        See :class:`PlaceOptions`.

    Raises
    ------
    InputRefused
        As :func:`read_places` and :func:`sinks.training.extraction.extract`.
    """
    read = read_places(path, grid=features.grid, crosswalk=crosswalk, **options)
    with located(file=read.file):
        samples = extract(
            features,
            read.places,
            legend=crosswalk.legend,
            most_px=most_px,
            seed=seed,
            threads=threads,
        )
    own = tuple(replace(f, file=f.file or str(read.file)) for f in samples.findings)
    return replace(samples, findings=read.findings + own)


def read_places(
    path: Path | str, *, grid: Grid, crosswalk: Crosswalk, **options: Unpack[PlaceOptions]
) -> PlacesRead:
    """Read reference places, and bring them to the CRS of ``grid``.

    Raises
    ------
    InputRefused
        As :func:`sinks.sources.vectors.read_layer` and
        :func:`sinks.sources.tables.read_table`; ``G01`` for classes that neither the scheme
        nor its legend knows, ``G02`` for blank classes or groups, ``G14`` if the CRS of the
        image cannot show a place.
    """
    file = checked_path(path)
    of_table = file.suffix.lower() in _TABLES
    frame, findings = _table(file, options) if of_table else _layer(file, options)
    with located(file=file):
        _refuse_blanks(frame, options)
        keys = _classes(frame, options["class_field"], crosswalk)
        found = _without_data(_named(frame[keys.isna()]), options["class_field"], crosswalk)
        findings += tuple(replace(f, file=str(file)) for f in found)
        frame, keys = frame[keys.notna()], keys.dropna()
        places = _places(frame.to_crs(grid.crs), keys, crosswalk, options.get("group_field"))
    return PlacesRead(places=places, findings=findings, file=file)


def _layer(file: Path, options: PlaceOptions) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    layer = read_layer(
        file,
        geometry="any",
        columns=_fields(options),
        layer=options.get("layer"),
        crs=options.get("crs"),
        encoding=options.get("encoding"),
        repair=options.get("repair"),
    )
    # a layer of polygons was judged while it was read; one of several types was not
    found = refuse_if_stopped(
        replace(f, file=str(file)) for f in fault_findings(faults(layer.frame))
    )
    names = [f"FID {i}" for i in layer.frame.index]
    return layer.frame.set_axis(pd.Index(names)), layer.findings + found


def _table(file: Path, options: PlaceOptions) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """Read points from a table of coordinates, whose CRS must be stated."""
    fields = {field: Column(kind="code") for field in _fields(options)}
    table = read_table(
        file,
        columns={"x": _X, "y": _Y, **fields},
        sheet=options.get("layer"),
        encoding=options.get("encoding"),
    )
    shapes = gpd.points_from_xy(table.frame["x"], table.frame["y"])
    bounds = Box(*map(float, shapes.total_bounds))
    crs, found = chosen_crs(None, options.get("crs"), bounds=bounds, file=file)
    misplaced = placement_finding(crs, bounds, file=file)
    found = [*found, *datum_findings(crs, file=file), *([misplaced] if misplaced else [])]
    names = pd.Index([f"row {row}" for row in table.frame.index])
    frame = gpd.GeoDataFrame(table.frame.set_axis(names), geometry=shapes, crs=crs)
    return frame, table.findings + refuse_if_stopped(found)


def _fields(options: PlaceOptions) -> tuple[str, ...]:
    group_field = options.get("group_field")
    return (options["class_field"], *([group_field] if group_field else []))


def _refuse_blanks(frame: gpd.GeoDataFrame, options: PlaceOptions) -> None:
    for field in _fields(options):
        blank = _named(frame[_texts(frame[field]) == ""])
        if blank:
            raise InputRefused.because("G02", field=field, ids=blank[:_LISTED], count=len(blank))


def _classes(frame: gpd.GeoDataFrame, field: str, crosswalk: Crosswalk) -> pd.Series:
    """Return the class key of every place, missing where the code means no data."""
    meanings = _meanings(crosswalk)
    said = _texts(frame[field]).map(_folded)
    unknown = said[~said.isin(list(meanings))].value_counts()
    if len(unknown):
        shown = [f"{text} × {n} → {_near(str(text), meanings)}" for text, n in unknown.items()]
        facts = {"field": field, "scheme": crosswalk.scheme, "count": len(unknown)}
        known = named(crosswalk.legend)
        raise InputRefused.because("G01", unknown=shown[:_LISTED], known=known, **facts)
    return said.map(dict(meanings)).astype("object")


def _without_data(names: list[str], field: str, crosswalk: Crosswalk) -> list[Finding]:
    if not names:
        return []
    facts = {"ids": names[:_LISTED], "count": len(names)}
    return [Finding(code="G13", facts={"field": field, "scheme": crosswalk.scheme, **facts})]


def _meanings(crosswalk: Crosswalk) -> Mapping[str, str | None]:
    """Return the class of every text that a scheme or its legend gives a meaning."""
    classes = crosswalk.legend.classes
    named = {_folded(name): c.key for c in classes for name in (c.zh, c.en, c.key)}
    return {**named, **{_folded(code): key for code, key in crosswalk.to_key.items()}}


def _near(text: str, meanings: Mapping[str, str | None]) -> str:
    near = difflib.get_close_matches(text, meanings, n=1, cutoff=0.6)
    return near[0] if near else "—"


def _places(
    frame: gpd.GeoDataFrame, keys: pd.Series, crosswalk: Crosswalk, group_field: str | None
) -> ReferencePlaces:
    names = _named(frame)
    shapes = frame.geometry.to_numpy()
    lost = np.flatnonzero(~np.isfinite(shapely.bounds(shapes)).all(axis=1))
    if len(lost):
        ids = [names[i] for i in lost[:_LISTED]]
        raise InputRefused.because("G14", ids=ids, count=len(lost), crs=str(frame.crs))
    groups = pd.Series(names) if group_field is None else _texts(frame[group_field])
    number, group_names = pd.factorize(groups.to_numpy(dtype=object), sort=group_field is not None)
    by_key = crosswalk.legend.by_key
    return ReferencePlaces(
        shapes=np.asarray(shapes, dtype=object),
        codes=np.array([by_key[key].code for key in keys], dtype=np.uint8),
        names=tuple(names),
        group=number.astype(np.int64),
        group_names=tuple(map(str, group_names)),
    )


def _texts(values: pd.Series) -> pd.Series:
    """Return a column as text: whole numbers without a decimal point, blanks as no text."""
    return values.astype("object").where(values.notna(), "").map(_text).astype("object")


def _text(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(cast("float", value))) if whole else str(value).strip()


def _folded(text: str) -> str:
    """Drop what typing varies: width of characters, case, blanks around."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _named(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in cast("Sequence[object]", frame.index)]
