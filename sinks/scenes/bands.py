"""Bands of one file: roles held against it, scale and offset applied once, no data as NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import rasterio
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.features import Features
from sinks.imagery.roles import ROLES, SKIP
from sinks.pixels.blocks import RawPixels
from sinks.pixels.facts import RasterFacts, examine_bands
from sinks.pixels.rules import no_data, sparse_findings
from sinks.scenes.files import BandFile
from sinks.scenes.probe import BandValues, band_values, no_data_question, sample

ByRole = float | Mapping[str, float] | None


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What is stated of an image where its files do not say it, or to overrule them.

    ``scale`` and ``offset`` may be one number or a number for each role: reflectance =
    value x scale + offset.
    """

    scale: ByRole = None
    offset: ByRole = None
    nodata: float | str | None = None
    crs: str | None = None
    max_gigapixels: float = 100.0


@dataclass(frozen=True, kw_only=True, eq=False)
class ScaledBands:
    """Bands of a file as reflectance: satisfies ``FeatureBlocks`` on the file's own grid.

    ``bands`` are their numbers in the file, from 1 on.
    """

    raw: RawPixels
    grid: Grid
    names: tuple[str, ...]
    bands: tuple[int, ...]
    scales: tuple[float, ...]
    offsets: tuple[float, ...]
    nodata: float | None

    def read(self, window: Window) -> Features:
        """Return reflectance of ``window``; NaN where the file has no data."""
        with rasterio.Env():  # what GDAL says goes to its log, not to the screen
            values = self.raw.read(window, self.bands)
        return self.scaled(values)

    def selected(self, names: Sequence[str]) -> ScaledBands:
        """Return some bands; the others are not read."""
        places = [self.names.index(name) for name in names]
        return replace(
            self,
            names=tuple(names),
            bands=tuple(self.bands[i] for i in places),
            scales=tuple(self.scales[i] for i in places),
            offsets=tuple(self.offsets[i] for i in places),
        )

    def scaled(self, values: NDArray[Any]) -> Features:
        """Turn values of the file, bands first, into reflectance."""
        result = np.empty(values.shape, dtype=np.float32)
        for band, (scale, offset) in enumerate(zip(self.scales, self.offsets, strict=True)):
            plane = values[band]
            with np.errstate(over="ignore", invalid="ignore"):
                result[band] = plane.astype(np.float64) * scale + offset
            if self.nodata is not None:
                result[band][plane == plane.dtype.type(self.nodata)] = np.nan
        result[~np.isfinite(result)] = np.nan
        return result


class Opened(NamedTuple):
    """What became of a file: its bands (None if it cannot be used), and all that was found."""

    bands: ScaledBands | None
    findings: tuple[Finding, ...]
    values: dict[str, BandValues] = {}  # noqa: RUF012 (never changed)


@dataclass(frozen=True)
class _Scaling:
    scale: float
    offset: float
    known: bool  # said by the file or stated
    findings: list[Finding] = field(default_factory=list)


def open_bands(file: BandFile, stated: Stated) -> Opened:
    """Open a file of an image and look at a sample of its pixels."""
    facts = examine_bands(file.path, crs=stated.crs, max_gigapixels=stated.max_gigapixels)
    found = [*facts.findings, *_role_findings(facts, file.roles)]
    if facts.header is None or facts.raw is None or facts.grid is None or _stops(found):
        return Opened(None, tuple(found))
    nodata = no_data(
        facts.header.nodata_text, stated.nodata, dtype=facts.raw.dtype, file=facts.file
    )
    found += [*nodata.findings, *sparse_findings(facts.header, nodata, file=facts.file)]
    wanted = [(n, role) for n, role in enumerate(file.roles, start=1) if role != SKIP]
    scalings = [_scaling(facts, n, role, stated) for n, role in wanted]
    found += [finding for scaling in scalings for finding in scaling.findings]
    bands = ScaledBands(
        raw=facts.raw,
        grid=facts.grid,
        names=tuple(role for _, role in wanted),
        bands=tuple(n for n, _ in wanted),
        scales=tuple(scaling.scale for scaling in scalings),
        offsets=tuple(scaling.offset for scaling in scalings),
        nodata=nodata.value,
    )
    asks = not nodata.settled and not nodata.findings
    return _looked_at(bands, found, asks=asks, known=all(s.known for s in scalings))


def _looked_at(bands: ScaledBands, found: list[Finding], *, asks: bool, known: bool) -> Opened:
    """Look at some pixels: suspects for no data, and values that reflectance cannot have."""
    file = str(bands.raw.path)
    try:
        raw = sample(bands.raw, bands.bands)
    except InputRefused as refusal:
        return Opened(None, (*found, *refusal.findings))
    found += [no_data_question(raw, file=file)] if asks else []
    scaled = bands.scaled(raw)
    values = {
        role: band_values(raw[i], scaled[i], scaling=(bands.scales[i], bands.offsets[i]))
        for i, role in enumerate(bands.names)
    }
    whole = np.dtype(bands.raw.dtype).kind != "f" and not known
    questions = [seen.question(role, file=file, whole=whole) for role, seen in values.items()]
    # one band says enough; and until no data is known, odd values may well be it
    found += [q for q in questions if q is not None and not (asks and q.code == "B30")][:1]
    return Opened(bands, tuple(found), values)


def _role_findings(facts: RasterFacts, roles: tuple[str, ...]) -> list[Finding]:
    """Hold the declared roles against the number and the descriptions of the bands."""
    if facts.header is None:
        return []
    if facts.header.bands != len(roles):
        counts = {"bands": facts.header.bands, "declared": len(roles), "roles": roles}
        return [Finding(code="B01", file=facts.file, place="bands", facts=counts)]
    descriptions = facts.tiff.descriptions if facts.tiff else ()
    found = []
    for n, (said, role) in enumerate(zip(descriptions, roles, strict=False), start=1):
        described = (said or "").strip().lower().replace(" ", "_")
        if described in ROLES and role not in (described, SKIP):
            what = {"band": n, "described": described, "declared": role}
            found.append(Finding(code="B04", file=facts.file, place=role, facts=what))
    return found


def _scaling(facts: RasterFacts, band: int, role: str, stated: Stated) -> _Scaling:
    """Decide on scale and offset of a band: the tags of the file, or what is stated."""
    tags = {"scale": 1.0, "offset": 0.0}
    if facts.tiff is not None:
        tags = {
            "scale": facts.tiff.scales[band - 1],
            "offset": facts.tiff.offsets[band - 1],
        }
    tagged = tags != {"scale": 1.0, "offset": 0.0}
    said = {"scale": _of_role(stated.scale, role), "offset": _of_role(stated.offset, role)}
    used, found = {}, []
    for what, tag in tags.items():
        value = said[what]
        if tagged and value is not None and not np.isclose(value, tag, rtol=1e-6, atol=1e-12):
            different = {"role": role, "what": what, "tags": tag, "stated": value}
            found.append(Finding(code="B08", file=facts.file, place=role, facts=different))
        used[what] = tag if tagged or value is None else value
    return _Scaling(used["scale"], used["offset"], tagged or said["scale"] is not None, found)


def _of_role(number: ByRole, role: str) -> float | None:
    return number.get(role) if isinstance(number, Mapping) else number


def _stops(findings: list[Finding]) -> bool:
    return any(finding.stops for finding in findings)
