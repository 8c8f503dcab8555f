"""Layers as a bureau would have them: towns, sites, wetlands, stands, rivers, built-up area."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from . import waters
from .landscape import Landscape, city_reach
from .pieces import Faces, tidy, uncovered
from .places import (
    KEYS,
    LONLAT,
    PLANE,
    district,
    district_plane,
    polygonal,
    to_lonlat,
    towns,
)
from .sheet import Patch

MU_M2 = 2000 / 3
TREES = ("ORC", "BLF", "CNF", "MIX", "SHR")
SMALLEST_STAND_M2 = MU_M2  # 1 亩
CORRIDOR_M = 400.0  # of 蟒蛇河, on each side

# Code of the third national land survey (三调), and whether the water is natural.
WETLANDS = {
    "lake": ("1102", 1), "restored": ("1102", 1), "reservoir": ("1103", 0), "pond": ("1104", 0),
    "aqua": ("1104A", 0), "river": ("1101", 1), "county canal": ("1101", 0),
    "township canal": ("1101", 0), "other canal": ("1107", 0), "ditch": ("1107", 0),
}  # fmt: skip
BY_CLASS = {"MAR": ("1108", 1), "MUD": ("1106", 1)}

SPECIES = {
    "BLF": ("意杨", "意杨", "意杨", "垂柳", "榆树", "国槐"),
    "CNF": ("水杉", "水杉", "池杉", "落羽杉"),
    "MIX": ("杨树、水杉", "香樟、女贞", "榉树、朴树", "意杨、垂柳"),
    "ORC": ("桃", "梨", "银杏", "桑", "苗木"),
    "SHR": ("杞柳", "石楠", "紫薇"),
    "竹林": ("刚竹",),
}
ECOLOGICAL = {"county": 0.72, "township": 0.62, "other": 0.35}  # chance of being accepted
SHORTEST_RIVER_M = 500
FOUR_SIDES = 0.094  # hundreds of trees per pixel of built-up land: houses, roads, ditches
VOLUME_M3_PER_HA = {"BLF": 190.0, "CNF": 230.0, "MIX": 170.0}  # of an old stand


def district_layer() -> gpd.GeoDataFrame:
    """Return the real boundary, one polygon."""
    return _layer({"name": ["盐都区"], "gb": ["156320903"]}, [district()], LONLAT)


def town_layer(faces: Faces) -> gpd.GeoDataFrame:
    """Return the towns: real names and codes, made-up borders that cover the district."""
    shapes, known = faces.of_towns(), towns()
    columns = {
        "code": [t.code for t in known],
        "name_zh": [t.name_zh for t in known],
        "name_en": [t.name_en for t in known],
    }
    return _layer(columns, [shapes[t.code] for t in known], LONLAT)


def site_layer() -> gpd.GeoDataFrame:
    """Return the three sites of the plan; the lake reaches beyond the district."""
    corridor = shapely.buffer(waters.river_line(), CORRIDOR_M, quad_segs=4)
    shapes = [waters.lake(), waters.reservoir(), shapely.simplify(corridor, 1.0)]
    columns = {
        "id": ["dazonghu", "yanlonghu", "mangshehe"],
        "name_zh": ["大纵湖", "盐龙湖", "蟒蛇河"],
        "name_en": ["Dazong Lake", "Yanlong Lake", "Mangshe River"],
    }
    return _layer(columns, [to_lonlat(s) for s in shapes], LONLAT)


def wetland_layer(pieces: list[Patch], landscape: Landscape) -> gpd.GeoDataFrame:
    """Return every water, marsh and mud of 2025; the ditches of a polder are one feature."""
    wet = [p for p in pieces if p.after in ("LAK", "RIV", "PND", "MAR", "MUD")]
    ditches = [p for p in wet if p.kind == "ditch"]
    single = [p for p in wet if p.kind != "ditch"]
    found = [(*_wetland(p), p.shape) for p in single]
    found += [("1107", 0, shape) for shape in _by_polder(ditches, landscape)]
    codes, natural, shapes = zip(*found, strict=True)
    columns = {
        "id": [f"W{n:05d}" for n in range(1, len(found) + 1)],
        "dlbm": list(codes),
        "natural": list(natural),
        "area_ha": [round(s.area / 1e4, 4) for s in shapes],
    }
    return _layer(columns, shapes, PLANE)


def _wetland(piece: Patch) -> tuple[str, int]:
    if piece.after in BY_CLASS:
        return BY_CLASS[piece.after]
    return WETLANDS.get(piece.kind, ("1104", 0))


def _by_polder(ditches: list[Patch], landscape: Landscape) -> list[shapely.Geometry]:
    wholes = landscape.bend.shapes([p.whole.polygon() for p in landscape.network.polders])
    shapes = np.array([d.shape for d in ditches])
    points = shapely.point_on_surface(shapes)
    at, polder = shapely.STRtree(wholes).query(points, predicate="within")
    _, first = np.unique(at, return_index=True)
    groups: dict[int, list[shapely.Geometry]] = {}
    for n, number in zip(at[first], polder[first], strict=True):
        groups.setdefault(int(number), []).append(shapes[n])
    return [shapely.union_all(group) for _, group in sorted(groups.items())]


def stand_layer(pieces: list[Patch], seed: int) -> gpd.GeoDataFrame:
    """Return the forest stands (小班) of 2025 of 1 亩 and more."""
    woody = [
        p
        for p in pieces
        if p.after in TREES and p.kind in ("belt", "stand", "planting", "marsh")
        and p.shape.area >= SMALLEST_STAND_M2
    ]  # fmt: skip
    rng = np.random.Generator(np.random.PCG64((seed, 31)))
    dice = rng.random((len(woody), 5))
    rows = [_stand(p, *d) for p, d in zip(woody, dice.tolist(), strict=True)]
    shapes = [tidy(s) for s in uncovered(shapely.simplify([p.shape for p in woody], 0.4))]
    frame = _layer(pd.DataFrame(rows), shapes, PLANE)
    frame.insert(0, "小班号", [f"XB{n:05d}" for n in range(1, len(frame) + 1)])
    return frame


def _stand(
    piece: Patch, which: float, what: float, old: float, dense: float, good: float
) -> dict[str, object]:
    """Describe one stand from five random numbers."""
    key = piece.after
    kind = "林带" if piece.kind == "belt" else "乔木林"
    if key in ("ORC", "SHR"):
        kind = "经济林" if key == "ORC" else "国家特别规定灌木林" if what < 0.6 else "其他灌木林"
    if key == "MIX" and piece.kind == "stand" and what < 0.08:
        kind = "竹林"
    new = piece.before not in TREES
    age = 1 + int(old * 4) if new else 5 + int(old * 22)
    if new and age < 3 and kind == "乔木林":
        kind = "未成林造林地"
    names = SPECIES.get(kind, SPECIES[key])
    grown = kind in ("林带", "乔木林")
    volume = VOLUME_M3_PER_HA.get(key, 0) * (0.7 + 0.6 * good) * age**2 / (age**2 + 150)
    return {
        "地类": kind,
        "优势树种": names[int(which * len(names))],
        "平均年龄": age,
        "公顷蓄积": round(volume, 1) if grown else 0.0,  # m3/ha
        "郁闭度": round(0.05 + 0.12 * dense if kind == "未成林造林地" else 0.3 + 0.55 * dense, 2),
        "面积亩": round(piece.shape.area / MU_M2, 2),
        "调查年份": 2025,
        "覆盖类型": key,
    }


def tree_count(codes: NDArray[np.uint8], town_of: NDArray[np.uint16]) -> pd.DataFrame:
    """Return the trees outside stands (四旁树) per town, in proportion to its built-up land."""
    built = np.isin(codes, [KEYS.index(key) + 1 for key in ("BLT", "UGR")])
    known = towns()
    pixels = np.bincount(town_of[built], minlength=len(known) + 1)[1:]
    rural = np.array([0.55 if "街道" in t.name_zh else 1.0 for t in known])
    return pd.DataFrame({
        "乡镇代码": [t.code for t in known],
        "乡镇": [t.name_zh for t in known],
        "四旁树株数": (np.round(pixels * rural * FOUR_SIDES) * 100).astype(int),
        "年份": 2025,
        "说明": "合成演示数据 SINKS_SYNTHETIC",
    })  # fmt: skip


def river_layer(landscape: Landscape, seed: int) -> gpd.GeoDataFrame:
    """Return the registered rivers as centre lines inside the district."""
    lines = [(name, "county", line) for name, line in waters.river_lines().items()]
    canals = landscape.network.canals
    middles = landscape.bend.shapes([canal.middle_line() for canal in canals])
    lines += [("", canal.rank, line) for canal, line in zip(canals, middles, strict=True)]
    inside = district_plane()
    found = [(name, level, shapely.intersection(line, inside)) for name, level, line in lines]
    found = [river for river in found if river[2].length > SHORTEST_RIVER_M]
    dice = np.random.Generator(np.random.PCG64((seed, 41))).random((len(found), 2))
    rows = [
        _river(n, *river, *luck)
        for n, (river, luck) in enumerate(zip(found, dice.tolist(), strict=True), start=1)
    ]
    columns = pd.DataFrame(rows).astype({"accept_year": "Int32"})
    return _layer(columns, [line for *_, line in found], PLANE)


def _river(
    n: int, name: str, level: str, line: shapely.Geometry, luck: float, when: float
) -> dict[str, object]:
    good, year = luck < ECOLOGICAL[level], 2019 + int(when * 7)
    return {
        "id": f"R{n:04d}",
        "name": name or f"演示{n}号河",
        "level": level,
        "length_km": round(Geod(ellps="GRS80").geometry_length(to_lonlat(line)) / 1000, 3),
        "ecological": "yes" if good else "no",
        "accept_year": year if good else pd.NA,
        "doc_no": f"演示〔{year}〕{n}号" if good else "",
    }


def built_up_layer(faces: Faces, landscape: Landscape) -> gpd.GeoDataFrame:
    """Return the built-up area of the city inside the district in 2025."""
    points = shapely.get_coordinates(shapely.point_on_surface(faces.shapes))
    chosen = city_reach(landscape.bend, points)
    shape = polygonal(shapely.coverage_union_all(faces.shapes[chosen]))
    columns = {"name": ["盐城市城市建成区（盐都部分，演示）"], "year": [2025]}
    return _layer(columns, [shapely.get_parts(shape)[0]], LONLAT)


def _layer(columns: object, shapes: object, crs: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs)  # type: ignore[call-overload]
