"""Look at a raster as a clerk would want it looked at: everything that is wrong, at once.

From cheap to dear: the path, the first bytes, the tags, the georeference, and then every
pixel once. What would be dangerous or pointless to go on with ends the look; everything
else is collected. Nothing here raises for a bad file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError

from sinks.errors import Finding, InputRefused, Language, Reaction
from sinks.gate.environment import checked_path
from sinks.gate.georeference import (
    Bounds,
    anchored,
    crs_label,
    frame_findings,
    likely_frame,
    plain_crs,
    shown,
)
from sinks.grid import Grid
from sinks.landcover.legend import Crosswalk
from sinks.pixels.blocks import RawPixels, stamp_of, unreadable
from sinks.pixels.codes import CodeCounts, count_codes
from sinks.pixels.geotiff import (
    GeoTiff,
    beside_findings,
    gdal_log,
    open_geotiff,
    tag_findings,
)
from sinks.pixels.rules import code_findings, header_findings, no_data, sparse_findings
from sinks.pixels.tiff import TiffHeader, read_header


@dataclass(frozen=True, kw_only=True)
class RasterFacts:
    """What is known of a raster file, and what is wrong with it.

    What follows ``findings`` is None where the file does not get so far. ``grid`` is
    north-up whatever the file is; ``nodata`` is the value in force, the stated one or else
    the declared one; ``counts`` holds pixels and hectares by code of the file.
    """

    file: str
    findings: tuple[Finding, ...]
    header: TiffHeader | None = None
    crs: CRS | None = None
    grid: Grid | None = None
    nodata: float | None = None
    raw: RawPixels | None = None
    counts: CodeCounts | None = None
    tiff: GeoTiff | None = None

    @property
    def refused(self) -> bool:
        """Whether a run would stop at this file."""
        return any(finding.stops for finding in self.findings)

    def crs_label(self, language: Language = "zh") -> str:
        """Say which coordinate reference system it is, with the zone."""
        return "—" if self.crs is None else crs_label(self.crs, language)


def examine_raster(
    path: Path | str,
    *,
    crs: str | None = None,
    nodata: int | str | None = None,
    crosswalk: Crosswalk | None = None,
    max_gigapixels: float = 100.0,
    threads: int = 1,
) -> RasterFacts:
    """Find out what a raster file holds and everything that is wrong with it.

    Parameters
    ----------
    crs, nodata
        What the study states where the file does not, or to overrule it; ``nodata`` may be
        ``"none"``.
    crosswalk
        The scheme of the codes; without one, codes are counted and not judged.
    max_gigapixels
        Larger rasters are refused from their header.
    """
    with gdal_log(str(path)) as log:
        facts = _header_facts(path, crs, max_gigapixels=max_gigapixels, image=False)
        if facts.raw is not None:
            facts = _counted(facts, crosswalk, stated=nodata, threads=threads)
    return replace(facts, findings=(*facts.findings, *log))


def examine_bands(
    path: Path | str, *, crs: str | None = None, max_gigapixels: float = 100.0
) -> RasterFacts:
    """Find out what a file with bands of an image is, without looking at its pixels.

    ``nodata`` and ``counts`` stay None; scales and offsets stand in ``tiff``.
    """
    with gdal_log(str(path)) as log:
        facts = _header_facts(path, crs, max_gigapixels=max_gigapixels, image=True)
    return replace(facts, findings=(*facts.findings, *log))


def _header_facts(
    path: Path | str, crs: str | None, *, max_gigapixels: float, image: bool
) -> RasterFacts:
    """Look at the path and the tags, before GDAL does; then at the georeference."""
    file = str(path)
    try:
        header = read_header(checked_path(path))
    except InputRefused as refusal:
        return RasterFacts(file=file, findings=_of(refusal, file))
    except OSError as error:  # gone, or locked, since the path was looked at
        return RasterFacts(file=file, findings=_broken(error, file))
    found = header_findings(header, file=file, max_gigapixels=max_gigapixels, image=image)
    facts = RasterFacts(file=file, findings=tuple(found), header=header)
    if facts.refused:
        return facts
    return _placed(facts, header, checked_path(path), stated=crs, image=image)


def _placed(
    facts: RasterFacts, header: TiffHeader, path: Path, *, stated: str | None, image: bool
) -> RasterFacts:
    """Open the file and find where its pixels lie; no grid if that cannot be said."""
    file, shape = facts.file, (header.height, header.width)
    try:
        tiff = open_geotiff(path)
    except Exception as error:  # a broken file may make GDAL raise anything
        return replace(facts, findings=_broken(error, file))
    turned = tiff.straight and (tiff.transform.e > 0 or tiff.transform.a < 0)
    raw = RawPixels(
        path=path,
        shape=shape,
        dtype=tiff.dtype,
        block_shape=header.block_shape,
        stamp=stamp_of(path),
        south_up=turned and tiff.transform.e > 0,
        east_left=turned and tiff.transform.a < 0,
    )
    found = [*facts.findings, *tag_findings(tiff, file=file, image=image)]
    found += beside_findings(path, placed=tiff.placed, file=file)
    if turned:
        before = {"transform": tuple(tiff.transform)[:6]}
        found.append(
            Finding(code="R08", file=file, facts=before, reaction_override=Reaction.REPAIR)
        )
    transform = _north_up(tiff.transform, shape) if turned else tiff.transform
    bounds, grid = _bounds(transform, shape), None
    crs, frame_faults = _frame(tiff.wkt, stated, bounds, file)
    found += frame_faults
    if crs is not None and tiff.straight:
        grid, grid_faults = _grid(crs, transform, bounds, shape=shape, file=file)
        found += grid_faults
    return replace(facts, findings=tuple(found), crs=crs, grid=grid, raw=raw, tiff=tiff)


def _counted(
    facts: RasterFacts, crosswalk: Crosswalk | None, *, stated: int | str | None, threads: int
) -> RasterFacts:
    """Look at every pixel once, and judge what was found."""
    header, raw, file = facts.header, facts.raw, facts.file
    if header is None or raw is None:
        return facts
    nodata = no_data(header.nodata_text, stated, dtype=raw.dtype, file=file)
    found = [*facts.findings, *nodata.findings, *sparse_findings(header, nodata, file=file)]
    facts = replace(facts, nodata=nodata.value, findings=tuple(found))
    try:
        counts = count_codes(raw, nodata=nodata.value, grid=facts.grid, threads=threads)
    except InputRefused as refusal:
        return replace(facts, findings=(*found, *_of(refusal, file)))
    found += code_findings(counts, nodata, dtype=raw.dtype, crosswalk=crosswalk, file=file)
    return replace(facts, counts=counts, findings=tuple(found))


def _frame(
    wkt: str | None, stated: str | None, bounds: Bounds, file: str
) -> tuple[CRS | None, list[Finding]]:
    """Return the CRS to use: the stated one, else the declared one."""
    text = wkt if stated is None else stated
    try:
        used = None if text is None else plain_crs(CRS.from_user_input(text))
    except CRSError as error:
        facts: dict[str, object] = {"crs": str(stated or error)[:200]}
        return None, [Finding(code="R02", file=file, facts=facts)]
    if used is None:
        guess = likely_frame(bounds)
        where = shown(bounds) + (f" → {guess} ?" if guess != "—" else "")
        return None, [Finding(code="R01", file=file, facts={"bounds": where})]
    if not (used.is_geographic or used.is_projected) or not anchored(used):
        return None, [Finding(code="R02", file=file, facts={"crs": used.name})]
    declared = used if stated is None or wkt is None else _parsed(wkt)
    if declared == used:
        return used, []
    label = "?" if declared is None else crs_label(declared, "en")
    facts = {"what": "CRS", "declared": label, "used": crs_label(used, "en")}
    return used, [Finding(code="R40", file=file, facts=facts)]


def _parsed(wkt: str) -> CRS | None:
    try:
        return plain_crs(CRS.from_wkt(wkt))
    except CRSError:
        return None


def _grid(
    crs: CRS, transform: Affine, bounds: Bounds, *, shape: tuple[int, int], file: str
) -> tuple[Grid | None, tuple[Finding, ...]]:
    try:
        grid = Grid(crs=crs, transform=transform, shape=shape)
    except InputRefused as refusal:
        return None, _of(refusal, file)
    found = tuple(frame_findings(crs, bounds, file=file))
    return (None if any(finding.stops for finding in found) else grid), found


def _north_up(transform: Affine, shape: tuple[int, int]) -> Affine:
    a, _, c, _, e, f = tuple(transform)[:6]
    west, north = c + min(a, 0) * shape[1], f + max(e, 0) * shape[0]
    return Affine(abs(a), 0, west, 0, -abs(e), north)


def _bounds(transform: Affine, shape: tuple[int, int]) -> Bounds:
    a, b, c, d, e, f = tuple(transform)[:6]
    corners = [(row, col) for row in (0, shape[0]) for col in (0, shape[1])]
    xs = [c + a * col + b * row for row, col in corners]
    ys = [f + d * col + e * row for row, col in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _broken(error: Exception, file: str) -> tuple[Finding, ...]:
    return unreadable(error, file=file, place="TIFF header").findings


def _of(refusal: InputRefused, file: str) -> tuple[Finding, ...]:
    return tuple(replace(finding, file=file) for finding in refusal.findings)
