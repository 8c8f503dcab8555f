"""Protected areas of every form and the ecological red line; all made up.

The forms lie over each other on purpose, as they do in life: who adds them up counts twice.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
import shapely.ops
from pyproj import Transformer

from . import waters
from .landscape import Landscape
from .pieces import uncovered
from .places import (
    LAKE,
    PLANE,
    PLANE_WITH_ZONE,
    RESERVOIR,
    district_plane,
    point,
    polygonal,
)

PROTECTED_RIVERS = ("蟒蛇河", "演示河二")
NOTE = "合成演示数据，非真实保护地"
PARK_FROM_M = 820.0  # the park takes what lies north of this line, from the middle of 大纵湖


class Area(NamedTuple):
    """One protected area: what it is, and from when until when."""

    form: str
    name: str
    level: str
    since: str
    until: str
    shape: shapely.Geometry


def protected_layer(landscape: Landscape) -> gpd.GeoDataFrame:
    """Return the protected areas, with the field names of a Chinese shapefile."""
    areas = [*_lake_areas(), *_sources(), *_red_line_areas(), *_small_areas(landscape)]
    columns = ["保护形式", "名称", "级别", "生效日期", "失效日期"]
    frame = gpd.GeoDataFrame(
        [area[:-1] for area in areas],
        columns=columns,
        geometry=[clean(area.shape) for area in areas],
        crs=PLANE,
    )
    frame.insert(0, "编号", [f"BH{n:03d}" for n in range(1, len(frame) + 1)])
    frame["备注"] = NOTE
    for column in columns[-2:]:
        frame[column] = [date.fromisoformat(day) if day else None for day in frame[column]]
    return _with_zone(frame)


def _lake_areas() -> list[Area]:
    x, y = point(LAKE)
    inside, water = district_plane(), waters.lake()
    north = shapely.box(x - 9_000, y + PARK_FROM_M, x + 9_000, y + 9_000)
    park = shapely.intersection(shapely.buffer(water, 330), north)
    scenic = waters.oval((x + 1_300, y + 2_200), (2_500, 1_700), {2: 0.08j, 3: 0.05, 5: 0.03})
    found = (
        ("国家湿地公园", "国家级", "2016-08-16", shapely.intersection(park, inside)),
        ("水产种质资源保护区", "国家级", "2012-12-07", water),
        ("风景名胜区", "省级", "2009-05-01", shapely.intersection(scenic, inside)),
    )
    return [Area(form, f"大纵湖{form}（演示）", *rest[:2], "", rest[2]) for form, *rest in found]


def _sources() -> list[Area]:
    upstream = shapely.ops.substring(waters.river_line(), 14_000, 27_000)
    found = {
        "盐龙湖": waters.oval(point(RESERVOIR), (1_250, 1_650), {2: 0.05j, 3: 0.04}),
        "蟒蛇河": shapely.buffer(upstream, 900, quad_segs=4),
    }
    form = "饮用水水源保护区"
    return [
        Area(form, f"{n}{form}（演示）", "县级", "2013-03-01", "", s) for n, s in found.items()
    ]


def _red_line_areas() -> list[Area]:
    form = "生态保护红线"
    return [
        Area(form, f"演示红线区{n}", "国家级", "2018-06-30", "", shape)
        for n, shape in enumerate(red_line(), start=1)
    ]


def red_line() -> list[shapely.Geometry]:
    """Return the areas of the ecological red line, disjoint, in metres."""
    inside = district_plane()
    shapes = [
        shapely.intersection(shapely.buffer(waters.lake(), 120), inside),
        shapely.intersection(shapely.buffer(waters.river_line(), 110, quad_segs=4), inside),
        shapely.buffer(waters.reservoir(), 250),
        *[shapely.buffer(s, 220) for s in list(waters.small_lakes().values())[:2]],
    ]
    return list(uncovered([clean(shape) for shape in reversed(shapes)]))[::-1]


def red_line_layer() -> gpd.GeoDataFrame:
    """Return the ecological red line as a layer."""
    shapes = red_line()
    columns = {
        "id": [f"HX{n:02d}" for n in range(1, len(shapes) + 1)],
        "name": [f"演示红线区{n}" for n in range(1, len(shapes) + 1)],
        "kind": ["国家级生态保护红线"] * len(shapes),
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=PLANE)


def _small_areas(landscape: Landscape) -> list[Area]:
    """Wetland reserves (湿地保护小区): small lakes, ponds given back, and rivers."""
    shapes = {n: shapely.buffer(s, 260) for n, s in list(waters.small_lakes().items())[:2]}
    shapes |= {f"退养还湿{n}号": s for n, s in enumerate(given_back(landscape), start=1)}
    lines = waters.river_lines()
    shapes |= {n: shapely.buffer(lines[n], 60, quad_segs=4) for n in PROTECTED_RIVERS}
    for n, (line, half_m) in enumerate(_protected_canals(landscape), start=1):
        shapes[f"演示骨干河道{n}号"] = shapely.buffer(line, half_m, quad_segs=4)
    areas = [
        Area(
            "湿地保护小区",
            f"{name}湿地保护小区（演示）",
            "县级",
            f"{2011 + n % 12}-0{1 + n % 9}-15",
            "",
            shapely.intersection(shape, district_plane()),
        )
        for n, (name, shape) in enumerate(shapes.items())
    ]
    areas[-1] = areas[-1]._replace(until="2022-12-31")  # one has run out
    areas[-2] = areas[-2]._replace(since="2026-03-01")  # one is still to come
    return areas


def _protected_canals(landscape: Landscape) -> list[tuple[shapely.LineString, float]]:
    """Every county canal, and every second of the township canals."""
    canals = landscape.network.canals
    chosen = [c for c in canals if c.rank == "county"]
    chosen += [c for c in canals if c.rank == "township"][::2]
    lines = landscape.bend.shapes([c.middle_line() for c in chosen])
    inside = district_plane()
    return [
        (shapely.intersection(line, inside), 50.0 if c.rank == "county" else 30.0)
        for c, line in zip(chosen, lines, strict=True)
        if shapely.intersection(line, inside).length > 1_500
    ]


def given_back(landscape: Landscape) -> list[shapely.Geometry]:
    """Return the polders whose ponds were given back to marsh, without what lies over them."""
    chosen = [p for p in landscape.network.polders if landscape.themes.get(p.number) == "restored"]
    over = shapely.union_all([p.shape for p in landscape.overlays])
    bent = landscape.bend.shapes([p.land.polygon() for p in chosen])
    inside = district_plane()
    return [clean(shapely.intersection(shapely.difference(s, over), inside)) for s in bent]


def clean(shape: shapely.Geometry) -> shapely.Geometry:
    """Round to centimetres and drop what is too small to draw."""
    return polygonal(shapely.set_precision(shapely.simplify(shape, 0.5), 0.01), at_least=60)


def _with_zone(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer in the coordinates with zone number that bureaus use (EPSG:4528)."""
    to_zone = Transformer.from_crs(PLANE, PLANE_WITH_ZONE, always_xy=True)
    shapes = shapely.transform(
        np.asarray(frame.geometry), lambda xy: np.column_stack(to_zone.transform(*xy.T)).round(2)
    )
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index), crs=PLANE_WITH_ZONE)
