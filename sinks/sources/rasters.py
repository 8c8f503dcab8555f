"""Land cover from a raster file: looked at once, then read block by block in house classes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sinks.errors import Finding, InputRefused, located, refuse_if_stopped
from sinks.grid import Grid
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import NO_DATA, Crosswalk
from sinks.pixels.alignment import AlignedCodes, count_aligned, grid_difference, grid_differences
from sinks.pixels.codes import RasterCodes, house_codes
from sinks.pixels.facts import RasterFacts, examine_raster

__all__ = ["RasterCodes", "RasterFacts", "examine_raster", "read_land_cover"]


def read_land_cover(  # noqa: PLR0913 (the answers that a file may leave open)
    path: Path | str,
    *,
    crosswalk: Crosswalk,
    year: int,
    crs: str | None = None,
    nodata: int | str | None = None,
    align_to: Grid | None = None,
    align: str | None = None,
    reference_date: date | None = None,
    max_gigapixels: float = 100.0,
    threads: int = 1,
) -> LandCover:
    """Return the land cover that a raster file holds, in the classes of the legend.

    Every pixel is looked at once; the codes stay in the file and are read by window.

    Parameters
    ----------
    crs, nodata
        What the study states where the file does not, or to overrule it; ``nodata`` may be
        ``"none"``.
    align_to, align
        The grid that the result must lie on. If the file's differs it is refused, or
        brought to it by nearest neighbour where ``align`` is ``"nearest"``.

    Raises
    ------
    InputRefused
        With all that stands against the file, among it ``R22`` and ``R23`` for a grid that
        differs; ``C06`` if ``align`` is anything else.
    """
    facts = examine_raster(
        path,
        crs=crs,
        nodata=nodata,
        crosswalk=crosswalk,
        max_gigapixels=max_gigapixels,
        threads=threads,
    )
    findings = [*facts.findings, *_grid_findings(facts, align_to, align)]
    noted = refuse_if_stopped(findings)
    codes, pixels = _codes(facts, crosswalk)
    with located(file=path):
        cover = LandCover(
            blocks=codes,
            legend=crosswalk.legend,
            year=year,
            pixels=pixels,
            reference_date=reference_date,
            findings=noted,
        )
        if align_to is None or grid_difference(codes.grid, align_to, file=str(path)) is None:
            return cover
        return _aligned(cover, align_to, file=str(path), threads=threads)


def _grid_findings(facts: RasterFacts, align_to: Grid | None, align: str | None) -> list[Finding]:
    """Return what stands against the grid of the file, unless it is to be aligned."""
    if align not in (None, "nearest"):
        why = {"value": align, "why": 'align = "nearest"'}
        return [Finding(code="C06", file=facts.file, place="align", facts=why)]
    if align_to is None or facts.grid is None or align == "nearest":
        return []
    difference = grid_difference(facts.grid, align_to, file=facts.file)
    return [] if difference is None else [difference]


def _codes(facts: RasterFacts, crosswalk: Crosswalk) -> tuple[RasterCodes, dict[int, int]]:
    """Return house codes of the file and the number of pixels of each, no data included."""
    raw, grid, counts = facts.raw, facts.grid, facts.counts
    if raw is None or grid is None or counts is None:  # then a finding has stopped it
        raise InputRefused(facts.findings)
    to_house = crosswalk.house_codes()
    codes = house_codes(raw, grid=grid, codes=to_house, nodata=facts.nodata, counts=counts)
    pixels = {NO_DATA: counts.nodata + counts.not_finite}
    for code, px in counts.pixels.items():
        pixels[to_house[code]] = pixels.get(to_house[code], 0) + px
    return codes, {code: px for code, px in sorted(pixels.items()) if px}


def _aligned(cover: LandCover, grid: Grid, *, file: str, threads: int) -> LandCover:
    """Bring land cover to another grid by nearest neighbour, and note what it misses."""
    codes = AlignedCodes(source=cover.blocks, grid=grid)
    pixels, uncovered_ha = count_aligned(codes, threads=threads)
    facts = {"differences": grid_differences(cover.grid, grid), "uncovered_ha": uncovered_ha}
    note = Finding(code="R24", file=file, facts=facts)
    return replace(cover, blocks=codes, pixels=pixels, findings=(*cover.findings, note))
