"""What a raster is asked to show, and whether it can: values for every class, fitting overlays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sinks.errors import InvariantViolated
from sinks.grid import Grid
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import NO_DATA
from sinks.reports.overlays import Laid, Overlay
from sinks.reports.painters import CODES, Difference, Lookup, Painter, Pairs, Worth


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
            return Worth(worth_of(self.after), after=True)
        if self.after is None:
            return Worth(worth_of(self.before))
        return Difference((worth_of(self.before), worth_of(self.after)))

    def values(self) -> Lookup:
        """Values of every pair of codes, shape ``(256, 256)``, as they are written."""
        if self.pairs is not None:
            return np.asarray(self.pairs, np.float32)
        before, after = worth_of(self.before)[:, np.newaxis], worth_of(self.after)[np.newaxis, :]
        if self.after is None:
            return np.repeat(before, CODES, axis=1)
        difference: Lookup = after - before
        return difference


def check_outputs(
    outputs: Sequence[RasterOutput], before: LandCover, after: LandCover | None
) -> None:
    """Hold what is asked for to the land cover that it is looked up by.

    Raises
    ------
    InvariantViolated
        ``I21`` if the land covers are not on one grid, ``I22`` if a class that occurs has
        no value, ``I62`` if an overlay does not fit.
    """
    _check_grids(before, after)
    for output in outputs:
        _check_values(output, before, after)
        _check_pairs(output, before, after)
        _check_overlays(output, before, after)


def worth_of(lookup: Lookup | None) -> Lookup:
    """Return a lookup as it is written; without one, every code is worth nothing."""
    if lookup is None:
        return np.zeros(CODES, np.float32)
    return np.ascontiguousarray(lookup, np.float32)


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
