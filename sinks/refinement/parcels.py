"""Official parcels and the map: what most of each parcel is, and which parcels disagree.

A parcel's majority class is the class with most hectares in it, its purity the share of that
class in what is mapped. Areas are exact: a pixel at the edge of a parcel counts by the share
that lies inside. A parcel that is large and pure enough and whose majority is not its official
class is a lead for the update of the register (更新线索), not a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.blocks import map_in_order, windows
from sinks.errors import Finding, InputRefused
from sinks.grid import Grid, Window
from sinks.imagery.features import FeatureBlocks
from sinks.landcover.cover import CodeBlocks, LandCover
from sinks.landcover.legend import NO_DATA
from sinks.refinement.places import SIDE, PixelArea, painted
from sinks.zones.areas import tabulate
from sinks.zones.outlines import Rings
from sinks.zones.placed import placed
from sinks.zones.zones import Zones

CODES = 256

Codes = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Parcels:
    """Official parcels, and the class key of each by id: None where the legend has none.

    Raises
    ------
    InputRefused
        ``U14`` if a parcel has no entry in ``official``.
    """

    zones: Zones
    official: Mapping[str, str | None]

    def __post_init__(self) -> None:
        missing = [zone for zone in self.ids if zone not in self.official]
        if missing:
            raise InputRefused.because("U14", missing=len(missing), ids=missing[:10])

    @property
    def ids(self) -> list[str]:
        """Ids of the parcels, in the order of their layer."""
        return [str(zone) for zone in self.zones.frame["zone"]]


@dataclass(frozen=True, kw_only=True)
class ParcelRule:
    """From which purity and area on the map may contradict a parcel.

    ``purity`` 0.75: a map that is right on 85 to 90 % of its pixels puts about as much of a
    parcel in its true class, so three quarters in another class is more than stray errors.
    ``minimum_ha`` 0.1: below ten pixels of 10 m, most pixels of a parcel are cut by its edge.

    Raises
    ------
    InputRefused
        ``U15`` if the purity is not between 0.5 and 1, or the area is negative.
    """

    purity: float = 0.75
    minimum_ha: float = 0.1

    def __post_init__(self) -> None:
        if not (0.5 <= self.purity <= 1 and 0 <= self.minimum_ha < np.inf):
            facts = {"purity": self.purity, "minimum_ha": self.minimum_ha}
            raise InputRefused.because("U15", **facts)


def compared(
    cover: LandCover,
    parcels: Parcels,
    rule: ParcelRule,
    *,
    probability: FeatureBlocks | None = None,
    threads: int = 1,
) -> pd.DataFrame:
    """Compare every parcel with the map.

    Parameters
    ----------
    probability
        The layer of the probability of the mapped class, on the grid of ``cover``.

    Returns
    -------
    pandas.DataFrame
        Index ``zone``, the largest disagreement first. Columns: ``official`` and ``majority``
        (class keys; the majority is None where nothing is mapped), ``parcel_ha``,
        ``mapped_ha``, ``mapped_pct`` (of the parcel), ``majority_ha``, ``purity`` (0-1, of what
        is mapped), ``disagreement_ha`` (mapped as another class than the official one),
        ``confidence`` (mean probability of the pixels of the majority, NaN without the layer),
        ``agrees`` and ``lead`` (the majority is another class, and the parcel meets ``rule``).

    Raises
    ------
    InputRefused
        ``U08`` if an official class is not in the legend.
    """
    official = pd.Series([parcels.official[zone] for zone in parcels.ids], index=parcels.ids)
    if strange := sorted(set(official.dropna()) - set(cover.legend.keys)):
        raise InputRefused.because("U08", keys=strange, legend=cover.legend.name)
    found = tabulate(cover, parcels.zones, threads=threads)
    by_class = _by_class(found.areas, cover, parcels)
    coverage = found.coverage.loc[parcels.ids]
    table = pd.DataFrame(index=pd.Index(parcels.ids, name="zone"))
    table["official"] = official.astype(object).where(official.notna(), None)
    mapped = by_class.sum(axis=1)
    table["majority"] = by_class.idxmax(axis=1).astype(object).where(mapped > 0, None)
    table["parcel_ha"], table["mapped_ha"] = coverage["zone_ha"], mapped
    table["mapped_pct"] = 100 * mapped / coverage["zone_ha"]
    table["majority_ha"] = by_class.max(axis=1)
    table["purity"] = table["majority_ha"] / mapped.where(mapped > 0)
    table["disagreement_ha"] = mapped - _official_ha(by_class, official)
    table["confidence"] = _confidence(cover, parcels, table["majority"], probability, threads)
    return _judged(table, rule)


def leads(table: pd.DataFrame) -> pd.DataFrame:
    """Return the parcels that disagree with the map, the largest disagreement first."""
    return table[table["lead"]].drop(columns=["agrees", "lead"])


def by_parcel(
    cover: LandCover, parcels: Parcels, table: pd.DataFrame, rule: ParcelRule, *, threads: int = 1
) -> LandCover:
    """Give each parcel that is pure and large enough its majority class, whole.

    A pixel belongs to the parcel that its centre lies in; no data stays no data. ``table`` is
    what :func:`compared` found. The note ``U17`` says how much changed.

    Raises
    ------
    InputRefused
        ``U16`` if parcels overlap and would make one pixel two classes.
    """
    rows = table.loc[parcels.ids]
    chosen = (rows["purity"] >= rule.purity) & (rows["mapped_ha"] >= rule.minimum_ha)
    codes = _codes(cover, rows["majority"].where(chosen, None))
    blocks = ParcelBlocks(
        source=cover.blocks, rings=placed(parcels.zones, cover.grid).rings, codes=codes
    )
    area, pixels = PixelArea(cover.grid), np.zeros(CODES, dtype=np.int64)
    changed = disputed_px = disputed = 0
    tiles = windows(cover.grid.shape, SIDE, SIDE)
    for tally in map_in_order(lambda t: blocks.tally(t, area), tiles, threads=threads):
        pixels += tally.pixels
        changed += tally.changed
        disputed_px += tally.disputed_px
        disputed += tally.disputed
    if disputed_px:
        facts = {"px": disputed_px, "area_ha": disputed * area.unit_ha}
        raise InputRefused.because("U16", **facts)
    noted = {
        "parcels": int(chosen.sum()),
        "purity": rule.purity,
        "area_ha": changed * area.unit_ha,
    }
    finding = Finding(code="U17", place=str(cover.year), facts=noted)
    return replace(
        cover,
        blocks=blocks,
        pixels={int(code): int(pixels[code]) for code in np.flatnonzero(pixels)},
        findings=(*cover.findings, finding),
    )


class _Tally(NamedTuple):
    """Pixels of a tile by code; area units that change; pixels and units that are disputed."""

    pixels: NDArray[np.int64]
    changed: int
    disputed_px: int
    disputed: int


@dataclass(frozen=True, kw_only=True, eq=False)
class ParcelBlocks:
    """Codes with parcels painted over them when they are read: ``codes`` by parcel, 0 for none."""

    source: CodeBlocks
    rings: Rings
    codes: NDArray[np.int32]

    @property
    def grid(self) -> Grid:
        """The grid the codes lie on."""
        return self.source.grid

    def read(self, window: Window) -> Codes:
        """Return the codes of ``window``."""
        before = self.source.read(window)
        return self._over(before, painted(self.rings, self.codes, window)[0])

    def tally(self, window: Window, area: PixelArea) -> _Tally:
        """Count the pixels of a tile, and what changes in it."""
        before, units = self.source.read(window), area.pixels(window)
        over, disputed = painted(self.rings, self.codes, window)
        disputed &= before != NO_DATA
        after = self._over(before, over)
        return _Tally(
            pixels=np.bincount(after.ravel(), minlength=CODES),
            changed=int(units[after != before].sum()),
            disputed_px=int(disputed.sum()),
            disputed=int(units[disputed].sum()),
        )

    @staticmethod
    def _over(before: Codes, over: NDArray[np.int32]) -> Codes:
        return np.where((over > 0) & (before != NO_DATA), over, before).astype(np.uint8)


def _by_class(areas: pd.DataFrame, cover: LandCover, parcels: Parcels) -> pd.DataFrame:
    """Hectares by parcel (rows) and class (columns, in the order of the legend)."""
    table = areas.pivot_table("area_ha", "zone", "land_cover", aggfunc="sum", observed=True)
    return table.reindex(index=parcels.ids, columns=list(cover.legend.keys)).fillna(0.0)


def _official_ha(by_class: pd.DataFrame, official: pd.Series) -> NDArray[np.float64]:
    """Hectares of each parcel that are mapped as its official class; NaN where it has none."""
    place = by_class.columns.get_indexer(pd.Index(official.fillna("").astype(str)))
    found = by_class.to_numpy()[np.arange(len(by_class)), place]
    return np.where(place >= 0, found, np.nan)


def _judged(table: pd.DataFrame, rule: ParcelRule) -> pd.DataFrame:
    known = table["official"].notna() & table["majority"].notna()
    table["agrees"] = known & (table["official"] == table["majority"])
    sure = (table["purity"] >= rule.purity) & (table["mapped_ha"] >= rule.minimum_ha)
    table["lead"] = known & ~table["agrees"] & sure
    return table.sort_values("disagreement_ha", ascending=False, kind="stable")


def _codes(cover: LandCover, keys: pd.Series) -> NDArray[np.int32]:
    by_key = cover.legend.by_key
    return np.array([0 if key is None else by_key[key].code for key in keys], dtype=np.int32)


def _confidence(
    cover: LandCover,
    parcels: Parcels,
    majority: pd.Series,
    probability: FeatureBlocks | None,
    threads: int,
) -> NDArray[np.float64]:
    """Mean probability of the pixels of the majority class whose centre lies in each parcel."""
    count = len(majority)
    if probability is None:
        return np.full(count, np.nan)
    rings, codes = placed(parcels.zones, cover.grid).rings, _codes(cover, majority)
    numbers = np.arange(1, count + 1, dtype=np.int32)

    def part(window: Window) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        owner = painted(rings, numbers, window)[0] - 1
        values = probability.read(window)[0]
        mine = (owner >= 0) & (cover.read(window) == codes[owner]) & np.isfinite(values)
        return owner[mine], values[mine]

    total, px = np.zeros(count), np.zeros(count)
    tiles = windows(cover.grid.shape, SIDE, SIDE)
    for owner, values in map_in_order(part, tiles, threads=threads):
        np.add.at(total, owner, values)
        np.add.at(px, owner, 1)
    mean: NDArray[np.float64] = np.divide(total, px, out=np.full(count, np.nan), where=px > 0)
    return mean
