"""Images from files: bands by declared role, as reflectance on one grid, clouds masked."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sinks.errors import Finding, InputRefused, Reaction, refuse_if_stopped
from sinks.imagery.features import FeatureBlocks
from sinks.imagery.image import Image, stacked
from sinks.scenes.bands import ByRole, Opened, ScaledBands, Stated, open_bands
from sinks.scenes.files import BandFile, Bands, Paths, band_files
from sinks.scenes.masks import MaskedFeatures, Quality, clear_pixels
from sinks.scenes.placing import placed, placing_note
from sinks.scenes.probe import brightness_findings, has_data

__all__ = ["Quality", "read_image"]


def read_image(  # noqa: PLR0913 (the answers that files may leave open)
    paths: Paths,
    *,
    bands: Bands = None,
    day: date | None = None,
    scale: ByRole = None,
    offset: ByRole = None,
    nodata: float | str | None = None,
    quality: Quality | None = None,
    crs: str | None = None,
    align: str | None = None,
    label: str | None = None,
    max_gigapixels: float = 100.0,
) -> Image:
    """Return the image that GeoTIFF files hold; pixels are read later, window by window.

    Headers and a few thousand pixels are looked at now.

    Parameters
    ----------
    paths, bands
        A file and the roles of its bands in their order (``skip`` for one not wanted); or a
        mapping of roles to single-band files; or a folder and a mapping of roles to file
        name patterns. Roles are never guessed.
    scale, offset
        Reflectance = value x scale + offset, where the tags of the file do not say it; one
        number, or one for each role.
    nodata
        The value that means no data, where the file does not say it; ``"none"`` if none.
    quality
        A file of quality codes and the scheme that says which are clear.
    align
        Role of the band on whose grid all others are brought (the first, unless stated):
        means of whole numbers of finer pixels, the nearest of coarser ones.
    label
        What people call the image; the name of the file or folder unless stated.

    Raises
    ------
    InputRefused
        With all that stands against the files: ``B01`` to ``B19``, and what is said of any
        raster (``R01`` and following). A scene wholly under cloud is noted (``B20``).
    """
    files = band_files(paths, bands)
    stated = Stated(
        scale=scale, offset=offset, nodata=nodata, crs=crs, max_gigapixels=max_gigapixels
    )
    opened = [open_bands(file, stated) for file in files]
    noted = refuse_if_stopped(_all_findings(opened, file=str(files[0].path)))
    parts = [part.bands for part in opened if part.bands is not None]
    blocks, placing = _on_one_grid(parts, align)
    if not has_data(blocks):
        raise InputRefused.because("B19", file=files[0].path, roles=blocks.names)
    if quality is not None:
        blocks, masking = _masked(blocks, quality, stated)
        placing += masking
    return Image(
        blocks=blocks,
        day=day,
        label=_label(paths, files) if label is None else label,
        findings=(*noted, *placing),
    )


def _all_findings(opened: list[Opened], *, file: str) -> list[Finding]:
    found = [finding for part in opened for finding in part.findings]
    if any(finding.stops for finding in found):
        return found
    values = {role: seen for part in opened for role, seen in part.values.items()}
    return [*found, *brightness_findings(values, file=file)]


def _on_one_grid(
    parts: list[ScaledBands], align: str | None
) -> tuple[FeatureBlocks, tuple[Finding, ...]]:
    """Bring the bands of all files to the grid of the reference band."""
    names = [role for part in parts for role in part.names]
    if align is not None and align not in names:
        raise InputRefused.because("B15", place="align", align=align, roles=names)
    grid = next(part.grid for part in parts if align is None or align in part.names)
    on_grid, notes, faults = list[FeatureBlocks](), list[Finding](), list[Finding]()
    for part in parts:
        file, result = str(part.raw.path), placed(part, grid)
        if isinstance(result, str):
            place = ", ".join(part.names)
            faults.append(Finding(code="B13", file=file, place=place, facts={"what": result}))
            continue
        on_grid.append(result)
        note = placing_note(part, result, file=file)
        notes += [note] if note else []
    refuse_if_stopped(faults)
    return stacked(on_grid), tuple(notes)


def _masked(
    blocks: FeatureBlocks, quality: Quality, stated: Stated
) -> tuple[FeatureBlocks, tuple[Finding, ...]]:
    """Leave out what the quality file marks; note if that is everything."""
    clear, noted = clear_pixels(
        quality, blocks.grid, crs=stated.crs, max_gigapixels=stated.max_gigapixels
    )
    masked = MaskedFeatures(source=blocks, clear=clear)
    if not has_data(masked):
        facts = {"px": blocks.grid.shape[0] * blocks.grid.shape[1]}
        noted += (
            Finding(
                code="B20",
                file=str(quality.path),
                facts=facts,
                reaction_override=Reaction.NOTE,  # other dates may show the ground
            ),
        )
    return masked, noted


def _label(paths: Paths, files: tuple[BandFile, ...]) -> str:
    return Path(paths).stem if isinstance(paths, Path | str) else files[0].path.stem
