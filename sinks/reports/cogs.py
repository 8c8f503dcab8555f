"""Rasters that people look at: density, change and classes, as cloud-optimised GeoTIFF.

The numbers of a report never come from these files; they come from the table of areas.
But the two must agree: :func:`write_rasters` says what each raster adds up to.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sinks.errors import InvariantViolated
from sinks.grid import Grid
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import NO_DATA, Legend
from sinks.reports.overlays import Laid, Overlay
from sinks.reports.painters import CODES, Codes, Difference, Lookup, Painter, Pairs, Worth
from sinks.reports.pyramid import Sums, paint_all
from sinks.reports.quadtree import resolutions
from sinks.reports.spools import Spool
from sinks.reports.tiff import Description, assemble
from sinks.units import UNITS


@dataclass(frozen=True, kw_only=True)
class RasterOutput:
    """A raster to be written: what each class is worth, per hectare.

    ``before`` and ``after`` are looked up by the codes of either land cover, shape
    ``(256,)``, NaN where there is no data. With both, the raster is the change, after
    minus before, where both are known. ``pairs``, shape ``(256, 256)`` by codes before and
    after, stands in the place of both. ``unit`` is a key of :data:`sinks.units.UNITS`.
    ``overlays`` are polygons that change what classes are worth on their ground; ``tags``
    are items that this file carries besides those of all, such as its set of GWP.
    """

    path: Path
    name_zh: str
    name_en: str
    unit: str
    before: Lookup | None = None
    after: Lookup | None = None
    pairs: Lookup | None = None
    overlays: tuple[Overlay, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    def laid(self) -> list[Laid]:
        """Return what is added to the pixels."""
        shown = {"before": self.shows_before, "after": self.shows_after}
        return [overlay.laid(**shown) for overlay in self.overlays]

    @property
    def shows_before(self) -> bool:
        """Whether the codes before decide the pixels."""
        return self.before is not None or self.pairs is not None

    @property
    def shows_after(self) -> bool:
        """Whether the codes after decide the pixels."""
        return self.after is not None or self.pairs is not None

    def painter(self) -> Painter:
        """Return what makes the pixels."""
        if self.pairs is not None:
            return Pairs(np.ascontiguousarray(self.pairs, np.float32))
        if self.before is None:
            return Worth(_worth(self.after), after=True)
        if self.after is None:
            return Worth(_worth(self.before))
        return Difference((_worth(self.before), _worth(self.after)))

    def values(self) -> Lookup:
        """Values of every pair of codes, shape ``(256, 256)``, as they are written."""
        if self.pairs is not None:
            return np.asarray(self.pairs, np.float32)
        before, after = _worth(self.before)[:, np.newaxis], _worth(self.after)[np.newaxis, :]
        if self.after is None:
            return np.repeat(before, CODES, axis=1)
        difference: Lookup = after - before
        return difference


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
    _check_grids(before, after)
    for output in outputs:
        _check_values(output, before, after)
        _check_pairs(output, before, after)
        _check_overlays(output, before, after)
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


def _check_grids(before: LandCover, after: LandCover | None) -> None:
    if after is not None and not _one_grid(before.grid, after.grid):
        raise InvariantViolated.because("I21", before=_place(before), after=_place(after))


def _one_grid(a: Grid, b: Grid) -> bool:
    return a.shape == b.shape and a.crs == b.crs and a.transform.almost_equals(b.transform)


def _place(cover: LandCover) -> str:
    return f"{cover.year}: {cover.grid.crs.name}, {cover.grid.shape}, {cover.grid.bounds}"


def _check_values(output: RasterOutput, before: LandCover, after: LandCover | None) -> None:
    for lookup, cover in ((output.before, before), (output.after, after)):
        if lookup is None:
            continue
        known = [] if cover is None else cover.classes()
        blank = [c.key for c in known if not np.isfinite(lookup[c.code])]
        if blank or cover is None or not np.isnan(lookup[NO_DATA]):
            raise InvariantViolated.because(
                "I22", file=output.path.name, classes=blank, raster=output.name_en
            )


def _check_pairs(output: RasterOutput, before: LandCover, after: LandCover | None) -> None:
    if output.pairs is None:
        return
    codes = [
        [] if cover is None else [c.code for c in cover.classes()] for cover in (before, after)
    ]
    blank = not np.isfinite(output.pairs[np.ix_(*codes)]).all()
    edges = (output.pairs[NO_DATA], output.pairs[:, NO_DATA])
    if blank or after is None or any(np.isfinite(edge).any() for edge in edges):
        raise InvariantViolated.because(
            "I22", file=output.path.name, classes=["pairs"], raster=output.name_en
        )


def _check_overlays(output: RasterOutput, before: LandCover, after: LandCover | None) -> None:
    """Refuse an overlay without a number for a class that occurs where the raster has one."""
    covers = [
        [c.code for c in cover.classes()] if shown and cover is not None else None
        for shown, cover in ((output.shows_before, before), (output.shows_after, after))
    ]
    codes = [list(range(CODES)) if known is None else known for known in covers]
    for overlay in output.overlays:
        table = overlay.table(before=output.shows_before, after=output.shows_after)
        faults = {
            "grid": not _one_grid(overlay.footprint.grid, before.grid),
            "value": overlay.value not in (None, *overlay.footprint.values),
            "delta": table is None or not np.isfinite(table[np.ix_(*codes)]).all(),
        }
        if wrong := [name for name, fault in faults.items() if fault]:
            raise InvariantViolated.because(
                "I62", file=output.path.name, raster=output.name_en, what=wrong
            )


def _total(
    output: RasterOutput, hectares: NDArray[np.float64], overlaid: float, size: float
) -> RasterTotal:
    values = output.values().astype(float)
    valid = np.isfinite(values)
    ha = hectares[valid]
    before, after = _worth(output.before)[:, np.newaxis], _worth(output.after)[np.newaxis, :]
    rounded = np.abs(before) + np.abs(after) + np.abs(values)  # each to half a step of float32
    return RasterTotal(
        path=output.path,
        total=float(values[valid] @ ha + overlaid),
        valid_ha=float(ha.sum()),
        rounding=float(np.finfo(np.float32).eps / 2 * (rounded[valid] @ ha + size)),
    )


def _worth(lookup: Lookup | None) -> Lookup:
    """Return a lookup as it is written; without one, every code is worth nothing."""
    if lookup is None:
        return np.zeros(CODES, np.float32)
    return np.ascontiguousarray(lookup, np.float32)


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
