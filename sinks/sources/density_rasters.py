"""A raster of carbon density from a file: unit stated, every pixel looked at, read by block."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sinks.errors import Finding, InputRefused, refuse_if_stopped
from sinks.grid import Grid, Window
from sinks.pixels.alignment import AlignedNumbers, grid_difference, grid_differences, uncovered_ha
from sinks.pixels.densities import (
    MOST_TC_PER_HA,
    DensityCounts,
    FileDensities,
    count_densities,
)
from sinks.pixels.density_units import DensityUnit, spelled, tc_per_ha, unit_findings
from sinks.pixels.facts import RasterFacts, examine_bands
from sinks.pixels.rules import NoData, no_data, sparse_findings

__all__ = ["DensityRaster", "DensityUnit", "read_density"]

_PICTURES = ("B11", "B12")  # what an image is refused for, a density is too


@dataclass(frozen=True, kw_only=True, eq=False)
class DensityRaster:
    """Carbon density in tC/ha on a grid, read by window: satisfies ``DensityBlocks``.

    ``low_tc_per_ha`` and ``high_tc_per_ha`` are the least and the greatest in the file.
    ``findings`` were noted on the way.
    """

    blocks: FileDensities | AlignedNumbers
    low_tc_per_ha: float
    high_tc_per_ha: float
    findings: tuple[Finding, ...] = ()

    @property
    def grid(self) -> Grid:
        """The grid the densities lie on."""
        return self.blocks.grid

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return tC/ha of ``window``, shape ``(height, width)``; NaN where there is none."""
        return self.blocks.read(window)


def read_density(  # noqa: PLR0913 (the answers that a file may leave open)
    path: Path | str,
    *,
    unit: DensityUnit,
    carbon_fraction: float | None = None,
    band: int | None = None,
    scale: float | None = None,
    offset: float | None = None,
    nodata: float | str | None = None,
    crs: str | None = None,
    align_to: Grid | None = None,
    align: str | None = None,
    max_gigapixels: float = 100.0,
    threads: int = 1,
) -> DensityRaster:
    """Return the carbon density that a raster file holds.

    Every pixel is looked at once; the densities stay in the file and are read by window.

    Parameters
    ----------
    unit
        What the values are in, after scale and offset.
    carbon_fraction
        Tonnes of carbon in a tonne of dry matter, needed for ``t_biomass_per_ha`` alone.
    band
        Number of the band, from 1 on; needed where there are several.
    scale, offset
        Where the tags of the file do not say it: quantity = value x scale + offset. Whole
        numbers without either count as they are.
    crs, nodata
        What the study states where the file does not, or to overrule it; ``nodata`` may be
        ``"none"``. NaN is never a density.
    align_to, align
        The grid that the result must lie on. If the file's differs it is refused, or
        brought to it by nearest neighbour where ``align`` is ``"nearest"``.

    Raises
    ------
    InputRefused
        With all that stands against the file: ``R90`` if its unit is another one, ``R91``
        for biomass without a carbon fraction, ``R92`` for values that no density has,
        ``R93`` if the band is not clear, ``R94`` for a picture, ``R95`` without any data,
        ``R96`` if no data is not settled, ``B08`` if scale or offset contradict the tags,
        ``C06`` for an answer that is not acceptable, and what is said of any raster.
    """
    facts = _examined(path, crs=crs, max_gigapixels=max_gigapixels)
    found = [
        *facts.findings,
        *unit_findings(unit, carbon_fraction, file=facts.file),
        *_band_findings(facts, band, unit),
        *_grid_findings(facts, align_to, align),
    ]
    if facts.header is None or facts.raw is None or facts.grid is None or _stops(found):
        raise InputRefused(finding for finding in found if finding.stops)
    no = no_data(facts.header.nodata_text, nodata, dtype=facts.raw.dtype, file=facts.file)
    scaling = _scaling(facts, _number(band), scale, offset)
    sparse = sparse_findings(facts.header, no, file=facts.file)
    found += [*no.findings, *sparse, *scaling.findings]
    per_unit = tc_per_ha(unit, carbon_fraction)
    densities = FileDensities(
        raw=facts.raw,
        grid=facts.grid,
        band=_number(band),
        scale=scaling.scale * per_unit,
        offset=scaling.offset * per_unit,
        nodata=no.value,
    )
    counts = count_densities(densities, threads=threads)
    found += _pixel_findings(counts, no, densities, unit=unit, file=facts.file)
    noted = refuse_if_stopped(found)
    raster = DensityRaster(
        blocks=densities, low_tc_per_ha=counts.low, high_tc_per_ha=counts.high, findings=noted
    )
    return _aligned(raster, align_to, file=facts.file, threads=threads)


def _examined(path: Path | str, *, crs: str | None, max_gigapixels: float) -> RasterFacts:
    """Look at the file as at one with bands, and say of densities what is said of images."""
    facts = examine_bands(path, crs=crs, max_gigapixels=max_gigapixels)
    said = (replace(f, code="R94") if f.code in _PICTURES else f for f in facts.findings)
    return replace(facts, findings=tuple(said))


def _band_findings(facts: RasterFacts, band: int | None, unit: str) -> list[Finding]:
    """Return ``R93`` if the band is not clear, ``R90`` if it is in another unit."""
    if facts.header is None or facts.tiff is None:
        return []
    bands, number = facts.header.bands, _number(band)
    if (band is None and bands > 1) or number not in range(1, bands + 1):
        what = {"bands": bands, "stated": "—" if band is None else band}
        return [Finding(code="R93", file=facts.file, place="band", facts=what)]
    declared = facts.tiff.units[number - 1]
    if spelled(declared) in (None, unit):
        return []
    units = {"declared": declared, "stated": unit}
    return [Finding(code="R90", file=facts.file, place="unit", facts=units)]


def _number(band: int | None) -> int:
    return 1 if band is None else band


class _Scaling(NamedTuple):
    scale: float
    offset: float
    findings: tuple[Finding, ...]


def _scaling(facts: RasterFacts, band: int, scale: float | None, offset: float | None) -> _Scaling:
    """Decide on scale and offset: the tags of the file, or else what is stated."""
    tags = (1.0, 0.0)
    if facts.tiff is not None:
        tags = facts.tiff.scales[band - 1], facts.tiff.offsets[band - 1]
    if tags == (1.0, 0.0):
        return _Scaling(1.0 if scale is None else scale, offset or 0.0, ())
    different = [
        {"role": f"{band}", "what": what, "tags": tag, "stated": said}
        for what, tag, said in zip(("scale", "offset"), tags, (scale, offset), strict=True)
        if said is not None and not np.isclose(said, tag, rtol=1e-6, atol=1e-12)
    ]
    found = (Finding(code="B08", file=facts.file, place="scale", facts=both) for both in different)
    return _Scaling(*tags, tuple(found))


def _grid_findings(facts: RasterFacts, align_to: Grid | None, align: str | None) -> list[Finding]:
    """Return what stands against the grid of the file, unless it is to be aligned."""
    if align not in (None, "nearest"):
        why = {"value": align, "why": 'align = "nearest"'}
        return [Finding(code="C06", file=facts.file, place="align", facts=why)]
    if align_to is None or facts.grid is None or align == "nearest":
        return []
    difference = grid_difference(facts.grid, align_to, file=facts.file)
    return [] if difference is None else [difference]


def _pixel_findings(
    counts: DensityCounts, no: NoData, densities: FileDensities, *, unit: str, file: str
) -> list[Finding]:
    """Judge what the pixels hold; a raster with NaN in it has said what no data is."""
    if not (no.settled or no.findings or counts.nan):
        values = counts.shares() or ["0 (0 %)"]
        return [Finding(code="R96", file=file, place="nodata", facts={"values": values})]
    if not counts.valid:
        return [Finding(code="R95", file=file, facts={"px": counts.total})]
    if not (odd := counts.impossible).px:
        return []
    facts: dict[str, object] = {
        "px": odd.px,
        "value": odd.value,
        "limit": MOST_TC_PER_HA,
        "unit": unit,
        "scale": densities.scale,
        "offset": densities.offset,
    }
    place = f"行 row {odd.row}，列 column {odd.col}"
    return [Finding(code="R92", file=file, place=place, facts=facts)]


def _aligned(
    raster: DensityRaster, grid: Grid | None, *, file: str, threads: int
) -> DensityRaster:
    """Bring densities to ``grid`` by nearest neighbour, unless it is theirs."""
    if grid is None or grid_difference(raster.grid, grid, file=file) is None:
        return raster
    blocks = AlignedNumbers(source=raster.blocks, grid=grid)
    facts = {
        "differences": grid_differences(raster.grid, grid),
        "uncovered_ha": uncovered_ha(blocks, threads=threads),
    }
    note = Finding(code="R97", file=file, facts=facts)
    return replace(raster, blocks=blocks, findings=(*raster.findings, note))


def _stops(found: list[Finding]) -> bool:
    return any(finding.stops for finding in found)
