"""Rasters that people look at: density, change and classes, as cloud-optimised GeoTIFF.

The numbers of a report never come from these files; they come from the table of areas.
But the two must agree: :func:`write_rasters` says what each raster adds up to.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.landcover.cover import LandCover
from sinks.landcover.legend import NO_DATA, Legend
from sinks.reports.overlays import Laid
from sinks.reports.painters import CODES, Codes, Painter
from sinks.reports.pyramid import Sums, paint_all
from sinks.reports.quadtree import resolutions
from sinks.reports.raster_outputs import RasterOutput, check_outputs, worth_of
from sinks.reports.spools import Spool
from sinks.reports.tiff import Description, assemble
from sinks.units import UNITS


@dataclass(frozen=True, kw_only=True)
class RasterTotal:
    """What a raster adds up to: the sum of value times hectares over its valid pixels.

    Polygons laid over it are in the sum.
    ``rounding`` bounds how far ``total`` can lie from the same sum over numbers that were
    never rounded to float32.
    """

    path: Path
    total: float
    valid_ha: float
    rounding: float


def write_rasters(
    before: LandCover,
    outputs: Sequence[RasterOutput],
    *,
    after: LandCover | None = None,
    metadata: Mapping[str, str] | None = None,
    threads: int = 1,
) -> list[RasterTotal]:
    """Write rasters of float32 on the grid of ``before``, in one pass over its pixels.

    Parameters
    ----------
    before, after
        Land cover of one year, and of a later one on the same grid.
    outputs
        The rasters; each looks its values up by the codes of one or both.
    metadata
        Items that every file carries, such as the note that it shows synthetic data.
    threads
        Files are the same byte for byte whatever the number.

    Returns
    -------
    list of RasterTotal
        For each output, what it adds up to over the whole grid.

    Raises
    ------
    InvariantViolated
        ``I21`` if the land covers are not on one grid, ``I22`` if a class that occurs has
        no value, ``I62`` if an overlay does not fit; nothing is written then.
    """
    check_outputs(outputs, before, after)
    painters = [output.painter() for output in outputs]
    descriptions = [
        _described(
            before,
            dtype="f4",
            no_data="nan",
            name=_name(output),
            unit=UNITS[output.unit][1],
            metadata={**(metadata or {}), **output.tags},
        )
        for output in outputs
    ]
    files = {output.path: d for output, d in zip(outputs, descriptions, strict=True)}
    laid = [output.laid() for output in outputs]
    sums = _write(painters, files, before, after=after, overlays=laid, threads=threads)
    return [
        _total(output, sums.hectares, *overlaid)
        for output, overlaid in zip(outputs, sums.overlaid, strict=True)
    ]


def write_classes(
    cover: LandCover,
    path: Path,
    *,
    metadata: Mapping[str, str] | None = None,
    threads: int = 1,
) -> None:
    """Write the class codes of ``cover`` with the colours of its legend; 0 is no data.

    An overview shows the class that is most frequent below; areas come from the table.
    """
    description = _described(
        cover,
        dtype="u1",
        no_data=str(NO_DATA),
        metadata={**(metadata or {}), **_class_names(cover.legend)},
        name=f"土地覆盖 land cover {cover.year}",
        colours=_colour_table(cover.legend),
    )
    _write([Codes()], {path: description}, cover, after=None, overlays=[[]], threads=threads)


def _write(
    painters: Sequence[Painter],
    files: Mapping[Path, Description],
    before: LandCover,
    *,
    after: LandCover | None,
    overlays: Sequence[Sequence[Laid]],
    threads: int,
) -> Sums:
    """Make all files beside their places, then move them in; return what was counted."""
    with ExitStack() as stack:
        folder = next(iter(files)).parent
        temporary = tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder)
        scratch = Path(stack.enter_context(temporary))
        shapes = resolutions(before.grid.shape)
        spools = [[Spool(shape, scratch, stack) for shape in shapes] for _ in files]
        sums = paint_all(
            painters, before, after=after, spools=spools, overlays=overlays, threads=threads
        )
        for levels, (path, description) in zip(spools, files.items(), strict=True):
            assemble(scratch / path.name, levels, description)
        for path in files:
            (scratch / path.name).replace(path)
    return sums


def _total(
    output: RasterOutput, hectares: NDArray[np.float64], overlaid: float, size: float
) -> RasterTotal:
    values = output.values().astype(float)
    valid = np.isfinite(values)
    ha = hectares[valid]
    before, after = worth_of(output.before)[:, np.newaxis], worth_of(output.after)[np.newaxis, :]
    rounded = np.abs(before) + np.abs(after) + np.abs(values)  # each to half a step of float32
    return RasterTotal(
        path=output.path,
        total=float(values[valid] @ ha + overlaid),
        valid_ha=float(ha.sum()),
        rounding=float(np.finfo(np.float32).eps / 2 * (rounded[valid] @ ha + size)),
    )


def _described(cover: LandCover, **facts: Any) -> Description:
    metadata = tuple(sorted((facts.pop("metadata") or {}).items()))
    grid = cover.grid
    dtype = np.dtype(facts.pop("dtype"))
    return Description(
        crs=grid.crs, transform=grid.transform, dtype=dtype, metadata=metadata, **facts
    )


def _name(output: RasterOutput) -> str:
    return f"{output.name_zh} {output.name_en}"


def _class_names(legend: Legend) -> dict[str, str]:
    return {f"CLASS_{c.code:03d}": f"{c.key} {c.zh} {c.en}" for c in legend.classes}


def _colour_table(legend: Legend) -> NDArray[np.uint8]:
    table = np.zeros((CODES, 3), np.uint8)
    for land_class in legend.classes:
        table[land_class.code] = list(bytes.fromhex(land_class.colour.removeprefix("#")))
    return table
