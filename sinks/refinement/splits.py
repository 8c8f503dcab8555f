"""Official polygons part a class that an image cannot: water into lake, river and pond.

A pixel of class X whose centre lies in a polygon of kind K becomes class Z where a rule
(X, K, Z) says so. Pixels of X in no such polygon stay what they are, and their hectares are
reported. Where polygons that overlap would make a pixel two different classes, the split is
refused, unless the order in which kinds take precedence is stated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.blocks import map_in_order, windows
from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.landcover.cover import CodeBlocks, LandCover
from sinks.landcover.legend import NO_DATA, Legend
from sinks.refinement.places import SIDE, PixelArea, painted
from sinks.zones.outlines import Rings
from sinks.zones.placed import placed
from sinks.zones.zones import Zones

CODES = 256

Codes = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class SplitRule:
    """What a pixel of class ``land_cover`` in a polygon of ``kind`` becomes (keys of classes)."""

    land_cover: str
    kind: str
    becomes: str


def rules_within(classes: Sequence[str]) -> tuple[SplitRule, ...]:
    """Return rules by which polygons, each of the kind of one of ``classes``, are right.

    >>> [(r.land_cover, r.kind, r.becomes) for r in rules_within(["LAK", "RIV"])]
    [('LAK', 'LAK', 'LAK'), ('LAK', 'RIV', 'RIV'), ('RIV', 'LAK', 'LAK'), ('RIV', 'RIV', 'RIV')]
    """
    return tuple(SplitRule(land_cover=x, kind=y, becomes=y) for x in classes for y in classes)


@dataclass(frozen=True, kw_only=True)
class Split:
    """A map after polygons parted its classes, and what that changed.

    ``changes``: index ``(land_cover, kind, land_cover_after)``, columns ``px`` and ``area_ha``;
    rows whose class did not change are pixels that a polygon confirms. ``unresolved``: index
    ``land_cover``, columns ``px`` and ``area_ha`` of pixels that a rule names but that lie in
    no polygon of its kinds.
    """

    cover: LandCover
    changes: pd.DataFrame
    unresolved: pd.DataFrame


def split(
    cover: LandCover,
    polygons: Mapping[str, Zones],
    rules: Iterable[SplitRule],
    *,
    precedence: Sequence[str] = (),
    threads: int = 1,
) -> Split:
    """Part classes of a map by official polygons.

    Parameters
    ----------
    polygons
        Polygons by kind; those of one kind may overlap.
    rules
        What becomes of a class in a kind.
    precedence
        Kinds, the strongest first, for pixels in polygons of several; all kinds or none.

    Returns
    -------
    Split
        A land cover that is parted when it is read, with the note ``U13``, and two tables.

    Raises
    ------
    InputRefused
        ``U08`` if a rule names a class that the legend lacks, ``U11`` if a kind of a rule has
        no polygons or the precedence lacks a kind, ``U12`` if polygons disagree about a pixel
        and no precedence is stated.
    """
    rules = tuple(rules)
    _require_known(rules, cover.legend, polygons, precedence)
    kinds = tuple(precedence) or tuple(polygons)
    blocks = SplitBlocks(
        source=cover.blocks,
        rings=tuple(placed(polygons[kind], cover.grid).rings for kind in kinds),
        becomes=tuple(_lookup(rules, kind, cover.legend) for kind in kinds),
    )
    area = PixelArea(cover.grid)
    sums = np.zeros((2, CODES, len(kinds) + 1, CODES), dtype=np.int64)
    disputed = np.zeros(2, dtype=np.int64)
    tiles = windows(cover.grid.shape, SIDE, SIDE)
    for tally in map_in_order(lambda t: blocks.tally(t, area), tiles, threads=threads):
        sums.reshape(2, -1)[:, tally.keys] += tally.counts
        disputed += tally.disputed
    if disputed[0] and not precedence:
        facts = {"px": int(disputed[0]), "area_ha": float(disputed[1] * area.unit_ha)}
        raise InputRefused.because("U12", kinds=kinds, **facts)
    return _result(cover, blocks, kinds, sums, area.unit_ha)


class _Tally(NamedTuple):
    """Pixels and area units of a tile, by code, kind and code after; and of disputed pixels."""

    keys: NDArray[np.int64]
    counts: NDArray[np.int64]
    disputed: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SplitBlocks:
    """Codes that are parted by polygons when they are read.

    ``rings`` and ``becomes`` have an entry per kind, the strongest first: outlines in pixels,
    and what each code becomes, shape ``(256,)``, 0 where no rule says anything.
    """

    source: CodeBlocks
    rings: tuple[Rings, ...]
    becomes: tuple[Codes, ...]

    @property
    def grid(self) -> Grid:
        """The grid the codes lie on."""
        return self.source.grid

    def read(self, window: Window) -> Codes:
        """Return the codes of ``window``."""
        codes = self.source.read(window)
        after, _, _ = self._parted(codes, window)
        return after

    def tally(self, window: Window, area: PixelArea) -> _Tally:
        """Count a tile; the kind behind the last is none."""
        codes = self.source.read(window)
        after, kind, disputed = self._parted(codes, window)
        units = area.pixels(window)
        cells = (codes.astype(np.int64) * (len(self.rings) + 1) + kind) * CODES + after
        keys, place = np.unique(cells, return_inverse=True)
        counts = np.zeros((2, len(keys)), dtype=np.int64)
        np.add.at(counts[0], place.ravel(), 1)
        np.add.at(counts[1], place.ravel(), units.ravel())
        quarrel = np.array([disputed.sum(), units[disputed].sum()])
        return _Tally(keys=keys, counts=counts, disputed=quarrel)

    def _parted(
        self, codes: Codes, window: Window
    ) -> tuple[Codes, NDArray[np.int64], NDArray[np.bool_]]:
        """Return the codes after, the kind that decided each, and where kinds disagree."""
        none = len(self.rings)
        after, kind = codes.copy(), np.full(codes.shape, none)
        disputed = np.zeros(codes.shape, dtype=bool)
        for number, (rings, becomes) in enumerate(zip(self.rings, self.becomes, strict=True)):
            every = np.ones(len(rings.bounds), dtype=np.int32)
            wanted = becomes[codes]
            hit = (painted(rings, every, window)[0] > 0) & (wanted != NO_DATA)
            free = hit & (kind == none)
            disputed |= hit & ~free & (after != wanted)
            after[free] = wanted[free]
            kind[free] = number
        return after, kind, disputed


def _result(
    cover: LandCover,
    blocks: SplitBlocks,
    kinds: tuple[str, ...],
    sums: NDArray[np.int64],
    unit_ha: float,
) -> Split:
    key = {c.code: c.key for c in cover.legend.classes}
    before, kind, after = np.nonzero(sums[0][:, :-1])
    px, units = sums[:, before, kind, after]
    names = [
        (key[int(x)], kinds[k], key[int(z)]) for x, k, z in zip(before, kind, after, strict=True)
    ]
    index = pd.MultiIndex.from_tuples(names, names=["land_cover", "kind", "land_cover_after"])
    changes = pd.DataFrame({"px": px, "area_ha": units * unit_ha}, index=index)
    named = np.flatnonzero(np.any(blocks.becomes, axis=0))
    left_px, left_units = sums[:, named, -1, named]
    unresolved = pd.DataFrame(
        {"px": left_px, "area_ha": left_units * unit_ha},
        index=pd.Index([key[int(code)] for code in named], name="land_cover"),
    )
    pixels = sums[0].sum(axis=(0, 1))
    moved = before != after
    facts = {
        "area_ha": float(units[moved].sum() * unit_ha),
        "left_ha": float(unresolved["area_ha"].sum()),
    }
    finding = Finding(code="U13", place=str(cover.year), facts=facts)
    refined = replace(
        cover,
        blocks=blocks,
        pixels={int(code): int(pixels[code]) for code in np.flatnonzero(pixels)},
        findings=(*cover.findings, finding),
    )
    return Split(cover=refined, changes=changes, unresolved=unresolved)


def _require_known(
    rules: tuple[SplitRule, ...],
    legend: Legend,
    polygons: Mapping[str, Zones],
    precedence: Sequence[str],
) -> None:
    keys = {key for rule in rules for key in (rule.land_cover, rule.becomes)}
    if strange := sorted(keys - set(legend.keys)):
        raise InputRefused.because("U08", keys=strange, legend=legend.name)
    missing = {rule.kind for rule in rules} - set(polygons)
    if precedence:
        missing |= set(polygons) ^ set(precedence)
    if missing:
        raise InputRefused.because("U11", kinds=sorted(missing), polygons=sorted(polygons))


def _lookup(rules: tuple[SplitRule, ...], kind: str, legend: Legend) -> Codes:
    becomes = np.full(CODES, NO_DATA, dtype=np.uint8)
    for rule in rules:
        if rule.kind == kind:
            before, after = (legend.by_key[key].code for key in (rule.land_cover, rule.becomes))
            becomes[before] = after
    return becomes
