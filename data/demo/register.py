"""The land register around 大纵湖 as of 2020: parcels, some out of date, a few simply wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from .imagery import WINDOW, Cut
from .landscape import Landscape
from .layers import WETLANDS
from .pieces import tidy, uncovered
from .places import PLANE
from .sheet import Patch

PART = (slice(2_430, 2_800), slice(900, 1_480))  # pixels: north of the lake
SMALLEST_M2, NARROWEST_M = 2_000.0, 16.0
WRONG = 8  # parcels whose code was never right
NAMES = {
    "0101": "水田", "0102": "水浇地", "0204": "其他园地", "0301": "乔木林地", "0305": "灌木林地",
    "0307": "其他林地", "0404": "其他草地", "0702": "农村宅基地", "0810": "公园与绿地",
    "1101": "河流水面", "1102": "湖泊水面", "1104A": "养殖坑塘", "1106": "内陆滩涂",
    "1107": "沟渠", "1108": "沼泽地", "1206": "裸土地",
}  # fmt: skip
REGISTERED = {
    "PAD": "0101", "DRY": "0102", "ORC": "0204", "BLF": "0301", "CNF": "0301", "MIX": "0307",
    "SHR": "0305", "GRS": "0404", "BLT": "0702", "UGR": "0810", "RIV": "1107", "LAK": "1102",
    "PND": "1104A", "MUD": "1106", "MAR": "1108", "BAR": "1206",
}  # fmt: skip
MISTAKEN = {"PAD": "1104A", "DRY": "1104A", "PND": "0101"}  # what a clerk wrote for what


@dataclass(frozen=True)
class Parcel:
    """A field with its class in both years and its code in the register of the first."""

    shape: shapely.Geometry
    before: str
    after: str
    code: str

    @property
    def state(self) -> str:
        """Whether the register is right today: ``same``, ``changed`` since, or ``wrong``."""
        if self.code != REGISTERED[self.before]:
            return "wrong"
        return "same" if self.before == self.after else "changed"


def parcel_layer(landscape: Landscape, seed: int) -> gpd.GeoDataFrame:
    """Return the register of 2020: identifier, code and name of the class, area."""
    parcels = known_parcels(landscape, seed)
    return gpd.GeoDataFrame(
        {
            "bsm": _identifiers(parcels),
            "dlbm": [p.code for p in parcels],
            "dlmc": [NAMES[p.code] for p in parcels],
            "tbmj_m2": [round(p.shape.area, 2) for p in parcels],
            "sjnf": 2020,
        },
        geometry=[p.shape for p in parcels],
        crs=PLANE,
    )


def parcel_key(landscape: Landscape, seed: int) -> pd.DataFrame:
    """Return what is true of each parcel, for comparison with what a map finds."""
    parcels = known_parcels(landscape, seed)
    return pd.DataFrame({
        "bsm": _identifiers(parcels),
        "dlbm": [p.code for p in parcels],
        "class_2020": [p.before for p in parcels],
        "class_2025": [p.after for p in parcels],
        "state": [p.state for p in parcels],
        "说明": "合成演示数据 SINKS_SYNTHETIC",
    })  # fmt: skip


def known_parcels(landscape: Landscape, seed: int) -> list[Parcel]:
    """Return the parcels with their codes, a few of them mistaken."""
    parcels = _parcels(landscape)
    for n in _wrong(parcels, seed):
        parcels[n] = replace(parcels[n], code=MISTAKEN[parcels[n].before])
    return parcels


def _identifiers(parcels: list[Parcel]) -> list[str]:
    return [f"3209031002{n:08d}" for n in range(1, len(parcels) + 1)]


def _parcels(landscape: Landscape) -> list[Parcel]:
    """Return the fields that lie wholly in the part, without lanes, dykes and small plots."""
    rows, cols = PART
    numbers = np.unique(landscape.numbers(rows, cols))
    strokes = [landscape.sheet.strokes[n - 1] for n in numbers[numbers > 0]]
    shapes = list(landscape.bend.shapes([s.rect.polygon() for s in strokes]))
    over = [landscape.overlays[-n - 1].shape for n in numbers[numbers < 0][::-1]]
    visible = uncovered([*shapes, *over])[: len(shapes)]
    found = [
        Parcel(tidy(shape), s.before, s.after, REGISTERED[s.before])
        for shape, s in zip(visible, strokes, strict=True)
    ]
    part = Cut(*PART).box()
    return [p for p in found if _whole_field(p.shape, part)]


def _whole_field(shape: shapely.Geometry, part: shapely.Geometry) -> bool:
    within = shape.area >= SMALLEST_M2 and part.contains(shape)
    return within and shapely.buffer(shape, -NARROWEST_M / 2).area > SMALLEST_M2 / 10


def _wrong(parcels: list[Parcel], seed: int) -> NDArray[np.intp]:
    """Choose parcels of 0.5 ha and more that did not change."""
    able = [
        n for n, p in enumerate(parcels)
        if p.before == p.after and p.before in MISTAKEN and p.shape.area > 5_000
    ]  # fmt: skip
    luck = np.random.Generator(np.random.PCG64((seed, 97))).random(len(able))
    return np.sort(np.array(able)[np.argsort(luck, kind="stable")[:WRONG]])


def water_2020(pieces: list[Patch]) -> gpd.GeoDataFrame:
    """Return the registered water of 2020 around the lake: lake, rivers, canals, ponds."""
    window = WINDOW.box()
    wet = [p for p in pieces if p.before in ("LAK", "RIV", "PND") and p.shape.intersects(window)]
    return gpd.GeoDataFrame(
        {
            "id": [f"S{n:05d}" for n in range(1, len(wet) + 1)],
            "dlbm": [_water_code(p) for p in wet],
            "area_ha": [round(p.shape.area / 1e4, 4) for p in wet],
        },
        geometry=[p.shape for p in wet],
        crs=PLANE,
    )


def _water_code(piece: Patch) -> str:
    """Return the code of 2020; what has become lake or marsh since was ponds."""
    kinds = ("pond", "reservoir") if piece.before == "PND" else tuple(WETLANDS)
    return WETLANDS[piece.kind][0] if piece.kind in kinds else WETLANDS["aqua"][0]
