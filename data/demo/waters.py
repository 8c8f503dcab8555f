"""Lakes, natural rivers, marsh and highways: drawn on the ground, over the bent sheet."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
import shapely.affinity
import shapely.ops
from numpy.typing import NDArray
from shapely import LineString, Polygon

from .places import LAKE, RESERVOIR, RIVER, plane_xy, point, polygonal
from .sheet import Patch

CM = 0.01
SHORE_POINTS = 240
LAKE_TILT_DEG = -38.0  # its long axis runs from north-west to south-east


def oval(
    middle: tuple[float, float],
    semi_axes_m: tuple[float, float],
    waves: dict[int, complex],
    *,
    tilt_deg: float = 0,
) -> Polygon:
    """Return an oval with a wavy shore: per wave number an amplitude (share) and a phase.

    ``middle`` in metres of EPSG:4549.
    """
    turn = np.linspace(0, 2 * np.pi, SHORE_POINTS, endpoint=False)
    radius = 1 + sum((np.conj(a) * np.exp(1j * k * turn)).real for k, a in waves.items())
    shore = radius * (semi_axes_m[0] * np.cos(turn) + 1j * semi_axes_m[1] * np.sin(turn))
    shore = shore * np.exp(1j * np.radians(tilt_deg)) + complex(*middle)
    return Polygon(np.column_stack((shore.real, shore.imag)).round(2))


def lake() -> Polygon:
    """Return 大纵湖: the known place, extent and size (28.5 km2) with a made-up shoreline."""
    waves = {1: 0.11, 2: -0.01j, 3: 0.04 + 0.03j, 5: -0.03 + 0.02j, 7: 0.02j}
    waves |= {11: 0.014, 17: 0.010j, 29: 0.006}
    return oval(point(LAKE), (4_000, 2_250), waves, tilt_deg=LAKE_TILT_DEG)


def reservoir() -> Polygon:
    """Return 盐龙湖: the known place and size (2.2 km2) with a made-up shoreline."""
    return oval(point(RESERVOIR), (640, 1_070), {2: 0.03j, 3: 0.05, 4: -0.04j, 6: 0.02})


def river_line() -> LineString:
    """Return the middle of 蟒蛇河: the known course, smoothed, with made-up meanders."""
    return meander(plane_xy(np.array(RIVER)), swing_m=170, wave_m=1_900)


def meander(course: NDArray[np.float64], *, swing_m: float, wave_m: float) -> LineString:
    """Smooth a course by cutting its corners and let it swing."""
    for _ in range(4):  # Chaikin (1974)
        first, last = (
            course[:-1] * 0.75 + course[1:] * 0.25,
            course[:-1] * 0.25 + course[1:] * 0.75,
        )
        inner = np.stack((first, last), axis=1).reshape(-1, 2)
        course = np.vstack((course[:1], inner, course[-1:]))
    line = shapely.segmentize(LineString(course), 120.0)
    xy = shapely.get_coordinates(line)
    step = np.gradient(xy, axis=0)
    across = np.column_stack((-step[:, 1], step[:, 0])) / np.hypot(*step.T)[:, np.newaxis]
    along = np.append(0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    phase = 2 * np.pi * along / wave_m
    swing = np.sin(phase) * np.sin(phase * 0.37 + 1) * swing_m
    fade = np.minimum(1, np.minimum(along, along[-1] - along) / 1_500)
    return LineString((xy + across * (swing * fade)[:, np.newaxis]).round(2))


OTHER_RIVERS = {  # made-up courses and names
    "演示河一": ((119.715, 33.255), (119.775, 33.262), (119.832, 33.300), (119.880, 33.330),
              (119.930, 33.352), (119.958, 33.392), (119.975, 33.424)),
    "演示河二": ((119.905, 33.148), (119.945, 33.185), (119.985, 33.222), (120.040, 33.250),
              (120.085, 33.290), (120.104, 33.335), (120.122, 33.384)),
    "演示河三": ((120.062, 33.176), (120.080, 33.215), (120.118, 33.236), (120.150, 33.272),
              (120.172, 33.312), (120.168, 33.352)),
}  # fmt: skip
SMALL_LAKES = {  # made-up: middle, semi-axes in metres
    "演示荡一": ((119.792, 33.243), (760, 420)),
    "演示荡二": ((119.741, 33.219), (420, 520)),
    "演示荡三": ((119.936, 33.176), (560, 330)),
    "演示荡四": ((119.866, 33.318), (380, 460)),
}
HIGHWAYS = (
    ((119.69, 33.290), (119.80, 33.282), (119.93, 33.300), (120.04, 33.296), (120.23, 33.262)),
    ((119.985, 33.430), (119.962, 33.330), (119.975, 33.240), (119.955, 33.140)),
)


def patches() -> list[Patch]:
    """Return everything drawn on the ground; later pieces lie over earlier ones."""
    return [*_highways(), *_shores(), *_rivers(), *_lakes(), *_reservoir()]


def _highways() -> list[Patch]:
    lines = [meander(plane_xy(np.array(course)), swing_m=0, wave_m=1) for course in HIGHWAYS]
    belts = [Patch(_wide(line, 45), "MIX", "MIX", "belt") for line in lines]
    return belts + [Patch(_wide(line, 16), "BLT", "BLT", "road") for line in lines]


def river_lines() -> dict[str, LineString]:
    """Return the natural rivers by name."""
    made_up = {
        name: meander(plane_xy(np.array(course)), swing_m=230, wave_m=2_300)
        for name, course in OTHER_RIVERS.items()
    }
    return {**made_up, "蟒蛇河": river_line()}


def _rivers() -> list[Patch]:
    lines = river_lines()
    half_m = dict.fromkeys(lines, 22.0) | {"蟒蛇河": 36.0}
    pieces = [(line, half_m[name]) for name, line in lines.items()]
    belts = [
        Patch(_wide(part, half + (55 if half > 30 else 35)), key, key, "belt")
        for line, half in pieces
        for part, key in zip(_parts(line, 2_500), _cycle("MIX", "BLF", "CNF"), strict=False)
    ]
    levees = [Patch(_wide(line, half + 12), "GRS", "GRS", "levee") for line, half in pieces]
    water = [
        Patch(_wide(part, half), "RIV", "RIV", "river")
        for line, half in pieces
        for part in _parts(line, 4_000)
    ]
    return belts + levees + water


def small_lakes() -> dict[str, Polygon]:
    """Return the small lakes (荡) by name."""
    waves = {2: 0.08j, 3: 0.06, 5: 0.03j, 9: 0.02, 19: 0.012}
    return {n: oval(point(at), axes, waves) for n, (at, axes) in SMALL_LAKES.items()}


def _shores() -> list[Patch]:
    waves = {2: 0.06j, 3: -0.05, 4: 0.05j, 7: 0.04, 13: 0.03j, 23: 0.015}
    shores = [oval(point(LAKE), (4_440, 2_560), waves, tilt_deg=LAKE_TILT_DEG)]
    waves = {3: 0.10j, 4: 0.05, 8: 0.04j, 15: 0.02}
    for at, (a, b) in SMALL_LAKES.values():
        shores.append(oval(point(at), (a + 240, b + 170), waves))
    return [Patch(shore, "MAR", "MAR", "marsh") for shore in shores]


def _lakes() -> list[Patch]:
    found = [Patch(lake(), "LAK", "LAK", "lake")]
    found += _beds(lake(), (20, 44, 66, 92, 118, 138), size_m=520, key="MAR")
    found += _beds(lake(), (32, 80, 105, 128, 146), size_m=480, key="MUD")
    found += [Patch(shape, "PND", after, "restored") for shape, after in enclosures()]
    for water in small_lakes().values():
        found.append(Patch(water, "LAK", "LAK", "lake"))
        found += _beds(water, (40, 150), size_m=190, key="MAR")
        found += _beds(water, (95, 210), size_m=170, key="MUD")
    return found


def enclosures() -> list[tuple[Polygon, str]]:
    """Return net enclosures of the lake that were given up between the years (退圩还湖)."""
    water = shapely.buffer(lake(), -80)
    x, y = point(LAKE)
    pens = (  # along and across the lake's long axis, in metres
        (-2_700, 420, -1_500, 1_300, "LAK"),
        (-1_350, 900, -250, 1_750, "LAK"),
        (-3_300, -600, -2_500, 200, "MAR"),
    )
    found = []
    for *corners, key in pens:
        pen = shapely.affinity.rotate(shapely.box(*corners), LAKE_TILT_DEG, origin=(0, 0))
        pen = shapely.intersection(shapely.affinity.translate(pen, x, y), water)
        found.append((polygonal(shapely.set_precision(pen, CM)), key))
    return found


def _reservoir() -> list[Patch]:
    water = reservoir()
    x, y = point(RESERVOIR)
    beds = [shapely.box(x - 700, y - 950 + 330 * n, x - 250, y - 680 + 330 * n) for n in range(3)]
    return [
        Patch(shapely.buffer(water, 80).simplify(1), "CNF", "CNF", "belt"),
        Patch(shapely.buffer(water, 20).simplify(1), "GRS", "GRS", "levee"),
        Patch(water, "PND", "PND", "reservoir"),
        *[Patch(shapely.intersection(water, bed), "MAR", "MAR", "marsh") for bed in beds],
    ]


def _beds(water: Polygon, places: tuple[int, ...], *, size_m: float, key: str) -> list[Patch]:
    """Return reed beds or mud at points of the shore, counted from its first."""
    shore = shapely.get_coordinates(water.exterior)
    found = []
    for n in places:
        ahead = np.degrees(np.arctan2(*(shore[n + 2] - shore[n - 2])[::-1]))
        waves = {2: 0.2j, 3: 0.15 * 1j**n, 5: 0.1, 9: 0.05}
        bed = oval(tuple(shore[n]), (size_m, size_m * 0.32), waves, tilt_deg=float(ahead))
        bed = shapely.set_precision(shapely.intersection(water, bed), CM)
        found.append(Patch(polygonal(bed), key, key, "marsh"))
    return found


def _wide(line: LineString, half_m: float) -> shapely.Geometry:
    shape = shapely.buffer(line, half_m, cap_style="flat", quad_segs=4)
    return shapely.set_precision(shape, CM)


def _parts(line: LineString, length_m: float) -> list[LineString]:
    count = max(1, round(line.length / length_m))
    ends = np.linspace(0, line.length, count + 1)
    return [shapely.ops.substring(line, a, b) for a, b in pairwise(ends)]


def _cycle(*keys: str) -> list[str]:
    return list(keys) * 20
