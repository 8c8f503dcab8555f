"""What GDAL reads from the header of a GeoTIFF, what it only logs, and what lies beside it."""

from __future__ import annotations

import logging
import math
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import rasterio
from affine import Affine

from sinks.errors import Finding

_SQUARE = 1e-3  # sides of a pixel that differ by less, relatively, are the same
_MOST_SAID = 5  # lines of GDAL that are passed on
_WORLD_FILES = (".tfw", ".tifw", ".tiffw", ".wld")
_TELLING = (b"<SRS", b"<GeoTransform", b"NoDataValue", b"<GCPList")  # in an .aux.xml
_AUX_BYTES = 1_000_000


class GeoTiff(NamedTuple):
    """Georeference, kind of numbers and tags; ``wkt`` is None without a CRS."""

    wkt: str | None
    transform: Affine
    points: int  # ground control points
    rational: bool  # rational polynomial coefficients
    dtype: str
    scales: tuple[float, ...]  # of each band, like offsets and descriptions
    offsets: tuple[float, ...]
    descriptions: tuple[str | None, ...]
    tags: dict[str, str]
    structure: dict[str, str]
    units: tuple[str | None, ...]  # of each band

    @property
    def placed(self) -> bool:
        """Whether an affine transform says where the pixels lie."""
        return not (self.transform.is_identity or self.points or self.rational)

    @property
    def straight(self) -> bool:
        """Whether rows and columns run along the axes."""
        return self.placed and not (self.transform.b or self.transform.d)


def open_geotiff(path: Path) -> GeoTiff:
    """Read the header with the GeoTIFF driver and no other.

    Not with ``OVERVIEW_LEVEL=NONE``: GDAL 3.10 then invents a transform for files without
    one. Reads are never reduced, so that overviews are not used anyway.
    """
    with rasterio.Env(), rasterio.open(path, driver="GTiff") as dataset:
        return GeoTiff(
            dataset.crs.to_wkt() if dataset.crs else None,
            dataset.transform,
            len(dataset.gcps[0]),
            dataset.rpcs is not None,
            dataset.dtypes[0],
            tuple(dataset.scales),
            tuple(dataset.offsets),
            tuple(dataset.descriptions),
            dataset.tags(),
            dataset.tags(ns="IMAGE_STRUCTURE"),
            tuple(dataset.units),
        )


def tag_findings(tiff: GeoTiff, *, file: str, image: bool = False) -> list[Finding]:
    """Judge what the tags say beyond the georeference; an ``image`` may have a scale."""
    transform = tiff.transform
    across, down = math.hypot(transform.a, transform.d), math.hypot(transform.b, transform.e)
    synthetic = tiff.tags.get("SINKS_SYNTHETIC")
    corner = {"transform": tuple(transform)[:6]}
    scaling = {"scale": tiff.scales[0], "offset": tiff.offsets[0]}
    rules: list[tuple[object, str, dict[str, object]]] = [
        (not tiff.placed, "R09", {"points": tiff.points, "rpc": "RPC" if tiff.rational else "—"}),
        (tiff.placed and not tiff.straight, "R07", {**corner}),
        (lossy := _lossy(tiff.structure), "B11" if image else "R32", {"what": lossy}),
        (not image and scaling != {"scale": 1, "offset": 0}, "R36", {**scaling}),
        (tiff.tags.get("AREA_OR_POINT") == "Point", "R10", {**corner}),
        (abs(across - down) > _SQUARE * down, "R11", {"across": across, "down": down}),
        (synthetic, "N20", {"what": synthetic}),
    ]
    return [Finding(code=code, file=file, facts=facts) for wrong, code, facts in rules if wrong]


def _lossy(structure: dict[str, str]) -> str:
    inexact = structure.get("MAX_Z_ERROR", "0") != "0"
    inexact |= structure.get("COMPRESSION_REVERSIBILITY", "").startswith("LOSSY")
    return "; ".join(f"{key}={value}" for key, value in structure.items()) if inexact else ""


def beside_findings(path: Path, *, placed: bool, file: str) -> list[Finding]:
    """Return ``R39`` if files beside it say what the file itself does not."""
    names = [path.name + ".msk", *([] if placed else [path.stem + s for s in _WORLD_FILES])]
    telling = [name for name in names if (path.parent / name).is_file()]
    aux = path.with_name(path.name + ".aux.xml")
    if aux.is_file():
        with aux.open("rb") as text:
            start = text.read(_AUX_BYTES)
        telling += [aux.name] if any(tag in start for tag in _TELLING) else []
    return [Finding(code="R39", file=file, facts={"names": telling})] if telling else []


@contextmanager
def gdal_log(file: str) -> Iterator[list[Finding]]:
    """Collect what GDAL only logs, as ``X18``; the list fills when the block ends."""
    listener, logger = _Listener(Path(file).name), logging.getLogger("rasterio")
    found: list[Finding] = []
    logger.addHandler(listener)
    try:
        with warnings.catch_warnings(), _undecodable_lines(listener):
            warnings.simplefilter("ignore")  # not georeferenced: R09 says it
            yield found
    finally:
        logger.removeHandler(listener)
        lines = list(listener.said)[:_MOST_SAID]
        found += [Finding(code="X18", file=file, facts={"line": line}) for line in lines]


@contextmanager
def _undecodable_lines(listener: _Listener) -> Iterator[None]:
    """Keep rasterio from printing a traceback where a line of GDAL's log is not UTF-8."""
    printing, ignoring = sys.excepthook, sys.unraisablehook

    def told(error: BaseException | None) -> bool:
        undecodable = isinstance(error, UnicodeDecodeError)
        if undecodable:
            listener.said[f"GDAL: {error}"] = None
        return undecodable

    sys.excepthook = lambda *what: None if told(what[1]) else printing(*what)
    sys.unraisablehook = lambda what: None if told(what.exc_value) else ignoring(what)
    try:
        yield
    finally:
        sys.excepthook, sys.unraisablehook = printing, ignoring


class _Listener(logging.Handler):
    """Lines of the log, each once and without what rasterio puts before it."""

    def __init__(self, name: str) -> None:
        super().__init__(logging.WARNING)
        self.said: dict[str, None] = {}
        self._before = re.compile(rf"CPLE_\w+ in (?:{re.escape(name)}: )?")

    def emit(self, record: logging.LogRecord) -> None:
        line = " ".join(self._before.sub("", record.getMessage()).split())[:200]
        if "GDAL_SKIP" not in line:  # the two GDALs do not have the same drivers to lose
            self.said[line] = None
