"""What lies inside a polder: fields in strips, ponds, orchards, woods, villages, town blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .network import Polder
from .sheet import Rect, Sheet

# What a strip of a class may have become five years later, and how often.
CHANGES: dict[str, tuple[tuple[str, float], ...]] = {
    "PAD": (("DRY", 0.012), ("PND", 0.002), ("ORC", 0.002)),
    "DRY": (("PAD", 0.010), ("ORC", 0.007), ("BLT", 0.005), ("GRS", 0.004), ("BAR", 0.003)),
    "ORC": (("DRY", 0.016), ("BLF", 0.004)),
    "BLF": (("DRY", 0.008), ("MIX", 0.006), ("BAR", 0.004)),
    "GRS": (("BLF", 0.04), ("SHR", 0.03), ("DRY", 0.02)),
    "SHR": (("BLF", 0.03),),
    "PND": (("PAD", 0.014), ("MAR", 0.006)),
    "BAR": (("BLT", 0.5), ("UGR", 0.2)),
}


class Settled(NamedTuple):
    """Whether a place is built up in the first and in the second year."""

    before: bool
    after: bool


@dataclass
class Plot:
    """Land to be filled: where to draw, with which random numbers, and how."""

    sheet: Sheet
    rng: np.random.Generator
    theme: str
    paddy: float  # share of paddy in cropland, 0-1
    settled: Callable[[Rect], Settled]

    def chance(self, probability: float) -> bool:
        """Whether something that happens with ``probability`` happens."""
        return bool(self.rng.random() < probability)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``."""
        return low + int(self.rng.random() * (high - low + 1))

    def pick(self, **weights: float) -> str:
        """Return one of the keys, by weight."""
        left = self.rng.random() * sum(weights.values())
        for key, weight in weights.items():
            if left < weight:
                return key
            left -= weight
        return key

    def later(self, key: str) -> str:
        """Return what land of a class has become in the second year."""
        left = self.rng.random()
        for becomes, share in CHANGES.get(key, ()):
            left -= share
            if left < 0:
                return becomes
        return key


def fill(plot: Plot, polder: Polder) -> None:
    """Fill one polder: a village along a canal, then blocks."""
    land = polder.land
    if plot.theme in ("field", "orchard", "pond", "forest") and not plot.settled(land).before:
        for _ in range(0 if plot.chance(0.1) else 1 + plot.chance(0.62)):
            if land.length > 60:
                land = _village(plot, land)
    for block in _blocks(plot, land, 46 if plot.theme == "pond" else 40):
        _block(plot, block)


def _blocks(plot: Plot, land: Rect, longest: int) -> Iterator[Rect]:
    """Cut land into blocks; between them a ditch, a farm road, or just a ridge."""
    todo = [land]
    while todo:
        rect = todo.pop()
        if rect.length <= longest:
            yield rect
            continue
        at = round(rect.length * (0.35 + 0.3 * plot.rng.random()))
        between = plot.pick(RIV=0.30, BLT=0.30, none=0.40)
        gap = 0 if between == "none" else 1
        if gap:
            line = rect.cut(at, at + 1)
            plot.sheet.paint(line, between, kind="ditch" if between == "RIV" else "")
        todo += [rect.cut(0, at), rect.cut(at + gap, rect.length)]


def _block(plot: Plot, block: Rect) -> None:
    settled = plot.settled(block)
    if settled.after:
        _town_block(plot, block, new=not settled.before)
    else:
        _THEMES[plot.theme](plot, block)


def _field_block(plot: Plot, block: Rect) -> None:
    use = plot.pick(
        crops=0.842, ORC=0.036, BLF=0.036, MIX=0.010, CNF=0.010, SHR=0.007, GRS=0.010, PND=0.049
    )
    if use == "crops":
        _crops(plot, block)
    elif use == "PND":
        _ponds(plot, block, kind="aqua" if plot.chance(0.5) else "pond")
    else:
        _strips(plot, block, use, width=plot.between(20, 40))


def _crops(plot: Plot, block: Rect) -> None:
    main = "PAD" if plot.chance(plot.paddy) else "DRY"
    _strips(plot, block, main, width=plot.between(3, 7))


def _strips(plot: Plot, block: Rect, main: str, *, width: int) -> None:
    """Fill a block with strips along its longer side, most of them of one kind."""
    across = min(block.width, block.height)
    for start in range(0, across, width):
        strip = block.slice_across(start, min(start + width, across))
        key = main
        if main in ("PAD", "DRY") and plot.chance(0.17):
            key = plot.pick(PAD=0.36, DRY=0.48, ORC=0.07, GRS=0.03, BLF=0.03, SHR=0.01, BAR=0.02)
        _strip(plot, strip, key)


def _strip(plot: Plot, strip: Rect, key: str) -> None:
    if key == "DRY" and strip.height * strip.width > 60 and plot.chance(0.0034):
        trees = plot.pick(BLF=0.4, MIX=0.35, CNF=0.25)
        plot.sheet.paint(strip, "DRY", trees, kind="planting")
        return
    after = plot.later(key)
    woody = {"ORC", "BLF", "CNF", "MIX", "SHR"} & {key, after}
    kind = "stand" if woody else "pond" if "PND" in (key, after) else ""
    kind = "marsh" if after == "MAR" else kind
    plot.sheet.paint(strip, key, after, kind=kind)


def _ponds(plot: Plot, block: Rect, *, kind: str) -> None:
    """Fill a block with ponds behind dykes one pixel wide."""
    plot.sheet.paint(block, "GRS" if plot.chance(0.35) else "DRY")
    inner = Rect(block.top, block.left, block.bottom - 1, block.right - 1)
    size = plot.between(16, 26)
    rows, cols = (max(1, round(n / size)) for n in (inner.height, inner.width))
    for r in range(rows):
        for c in range(cols):
            top, left = inner.top + inner.height * r // rows, inner.left + inner.width * c // cols
            pond = Rect(
                top + 1,
                left + 1,
                inner.top + inner.height * (r + 1) // rows,
                inner.left + inner.width * (c + 1) // cols,
            )
            plot.sheet.paint(pond, "PND", plot.later("PND"), kind=kind)


def _pond_block(plot: Plot, block: Rect) -> None:
    if plot.chance(0.80):
        _ponds(plot, block, kind="aqua")
    else:
        _field_block(plot, block)


def _restored_block(plot: Plot, block: Rect) -> None:
    """Former ponds that have become marsh with open water."""
    becomes = plot.pick(MAR=0.60, PND=0.24, MUD=0.10, CNF=0.06)
    inner = block._replace(bottom=block.bottom - 1, right=block.right - 1)
    plot.sheet.paint(block, "GRS", "MAR", kind="marsh")
    kind = {"CNF": "stand", "PND": "pond"}.get(becomes, "marsh")
    plot.sheet.paint(inner, "PND", becomes, kind=kind)


def _marsh_block(plot: Plot, block: Rect) -> None:
    key = plot.pick(MAR=0.58, PND=0.14, MUD=0.11, CNF=0.07, GRS=0.06, SHR=0.04)
    kind = {"CNF": "stand", "SHR": "stand", "GRS": "", "PND": "pond"}.get(key, "marsh")
    plot.sheet.paint(block, key, kind=kind)


def _orchard_block(plot: Plot, block: Rect) -> None:
    if plot.chance(0.6):
        _strips(plot, block, "ORC", width=plot.between(16, 40))
    else:
        _field_block(plot, block)


def _forest_block(plot: Plot, block: Rect) -> None:
    if plot.chance(0.75):
        key = plot.pick(BLF=0.5, CNF=0.28, MIX=0.17, SHR=0.05)
        _strips(plot, block, key, width=plot.between(16, 40))
    else:
        _field_block(plot, block)


_THEMES: dict[str, Callable[[Plot, Rect], None]] = {
    "field": _field_block,
    "pond": _pond_block,
    "restored": _restored_block,
    "marsh": _marsh_block,
    "orchard": _orchard_block,
    "forest": _forest_block,
}


def _village(plot: Plot, land: Rect) -> Rect:
    """Put a village along one edge of the land; return the land that is left."""
    deep = plot.between(8, 13)
    flat = plot.chance(0.7) == land.lies_flat  # mostly along the longer side
    across, size = (Rect.rows, land.height) if flat else (Rect.cols, land.width)
    first = plot.chance(0.5)
    band = across(land, 0, deep) if first else across(land, size - deep, size)
    rest = across(land, deep, size) if first else across(land, 0, size - deep)

    start = round(band.length * 0.3 * plot.rng.random())
    stop = round(band.length * (0.62 + 0.38 * plot.rng.random()))
    _strips(plot, band.cut(0, start), "DRY", width=4)
    _strips(plot, band.cut(stop, band.length), plot.pick(DRY=0.5, ORC=0.2, BLF=0.3), width=13)
    _houses(plot, band.cut(start, stop), flat=flat, first=first)
    return rest


def _houses(plot: Plot, ribbon: Rect, *, flat: bool, first: bool) -> None:
    """Rows of houses with yards, gardens and small ponds; now and then one goes or comes."""
    along, across = (Rect.cols, Rect.rows) if flat else (Rect.rows, Rect.cols)
    length, deep = (ribbon.width, ribbon.height) if flat else (ribbon.height, ribbon.width)
    at = 0
    while at < length:
        step = min(plot.between(3, 9), length - at)
        lot = along(ribbon, at, at + step)
        at += step
        front = round(deep * (0.55 + 0.3 * plot.rng.random()))
        near = across(lot, 0, front) if first else across(lot, deep - front, deep)
        plot.sheet.paint(lot, plot.pick(MIX=0.45, DRY=0.35, ORC=0.12, BLT=0.08))
        before, after = _lot(plot)
        plot.sheet.paint(near, before, after, kind="pond" if after == "PND" else "")


def _lot(plot: Plot) -> tuple[str, str]:
    use = plot.pick(BLT=0.80, MIX=0.08, DRY=0.07, PND=0.05)
    if use == "BLT" and plot.chance(0.02):
        return "BLT", "DRY"  # the house is gone, the land is tilled again
    if use == "DRY" and plot.chance(0.35):
        return "DRY", "BLT"
    return use, use


def _town_block(plot: Plot, block: Rect, *, new: bool) -> None:
    """Streets around; inside homes with green between them, workshops, or a park."""
    before = ""
    if new:
        before = "BAR" if plot.chance(0.12) else plot.pick(DRY=0.6, PAD=0.4)
    plot.sheet.paint(block, before or "BLT", "BLT")
    inner = block.rows(1, block.height - 1).cols(1, block.width - 1)
    use = plot.pick(homes=0.58, works=0.26, park=0.12, site=0.04)
    if use == "park":
        _park(plot, inner, before)
    elif use == "site":
        plot.sheet.paint(inner, before or "BAR", "BLT" if not new else "BAR")
    else:
        _rows_of_green(plot, inner, before, apart=5 if use == "homes" else 9)


def _rows_of_green(plot: Plot, inner: Rect, before: str, *, apart: int) -> None:
    for start in range(2, inner.height - 1, apart):
        green = inner.rows(start, start + (2 if plot.chance(0.45) else 1))
        if plot.chance(0.8):
            plot.sheet.paint(green, before or "UGR", "UGR")


def _park(plot: Plot, inner: Rect, before: str) -> None:
    plot.sheet.paint(inner, before or "UGR", "UGR")
    if min(inner.height, inner.width) < 12:
        return
    trees = inner.rows(2, inner.height // 2).cols(2, inner.width // 2)
    plot.sheet.paint(trees, before or "MIX", "MIX", kind="stand")
    pool = inner.rows(inner.height // 2, inner.height - 3).cols(inner.width // 3, inner.width - 3)
    plot.sheet.paint(pool, before or "PND", "PND", kind="pond")
