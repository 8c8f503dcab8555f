"""What is real: the district boundary, the towns and their boxes, lakes and the river.

The boundary and the boxes come from open packages (``data/README.md`` has the licences).
Everything else in this folder is made up.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely import MultiPolygon, Polygon

HERE = Path(__file__).parent
SYNTHETIC = "合成演示数据，不代表实际状况 / synthetic demonstration data, not the real situation"
LONLAT, PLANE, PLANE_WITH_ZONE = "EPSG:4490", "EPSG:4549", "EPSG:4528"

KEYS = (
    "LAK", "RIV", "PND", "PAD", "DRY", "ORC", "BLF", "CNF",
    "MIX", "SHR", "GRS", "MAR", "MUD", "BLT", "UGR", "BAR",
)  # fmt: skip
CODE = {key: code for code, key in enumerate(KEYS, start=1)}  # 0 is no data

# The raster: metres in EPSG:4549, the district with a margin of 200 m.
WEST, NORTH, ROWS, COLS, PIXEL_M = 469_900, 3_700_000, 3_290, 5_070, 10
MARGIN_M = 200

# Places known from maps, longitude and latitude in degrees.
CITY = (120.122, 33.352)  # the built-up area of Yancheng, south-west part
LAKE = (119.8110, 33.1560)  # middle of 大纵湖, which spans 119.779-119.853, 33.127-33.188
RESERVOIR = (120.010, 33.330)  # 盐龙湖, about 2.2 km2
RIVER = (  # 蟒蛇河: from the lake past 义丰, 秦南 and 龙冈 to the city
    (119.827, 33.160), (119.857, 33.205), (119.884, 33.240), (119.913, 33.261),
    (119.948, 33.288), (119.972, 33.316), (119.990, 33.349), (120.020, 33.372),
    (120.060, 33.381), (120.098, 33.377), (120.131, 33.381),
)  # fmt: skip
SEATS = {  # where a town's middle is known and differs from the middle of its box
    "320903108": (119.913, 33.253),  # 秦南镇
    "320903100": (119.846, 33.205),  # 大纵湖镇
    "320903109": (120.014, 33.381),  # 龙冈镇
    "320903112": (120.118, 33.196),  # 大冈镇
}


class Town(NamedTuple):
    """A town or street: code, names, and a box in degrees; ``known`` if the box is real."""

    code: str
    name_zh: str
    name_en: str
    west: float
    south: float
    east: float
    north: float
    known: bool

    @property
    def seat(self) -> tuple[float, float]:
        """Longitude and latitude of the built-up middle."""
        middle = ((self.west + self.east) / 2, (self.south + self.north) / 2)
        return SEATS.get(self.code, middle)


def towns() -> list[Town]:
    """Return the 14 towns and streets of the district."""
    with (HERE / "towns.csv").open(encoding="utf-8", newline="") as file:
        return [
            Town(
                *(row[key] for key in ("code", "name_zh", "name_en")),
                *(float(row[key]) for key in ("west", "south", "east", "north")),
                known=row["known"] == "1",
            )
            for row in csv.DictReader(file)
        ]


def district() -> Polygon:
    """Return the boundary in degrees (EPSG:4490), vertex by vertex as published."""
    with (HERE / "boundary.csv").open(encoding="utf-8", newline="") as file:
        return Polygon([(float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)])


def district_plane() -> Polygon:
    """Return the boundary in metres; its straight lines in degrees are followed to 1 cm."""
    return to_plane(shapely.segmentize(district(), 0.002))


_TO_PLANE = Transformer.from_crs(LONLAT, PLANE, always_xy=True)


def plane_xy(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees to metres, shape ``(n, 2)``."""
    return np.column_stack(_TO_PLANE.transform(lonlat[:, 0], lonlat[:, 1]))


def lonlat(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres to degrees, shape ``(n, 2)``."""
    return np.column_stack(_TO_PLANE.transform(xy[:, 0], xy[:, 1], direction="INVERSE"))


def to_plane(shape: shapely.Geometry) -> shapely.Geometry:
    """Return ``shape`` (degrees) in metres."""
    return shapely.transform(shape, plane_xy)


def to_lonlat(shape: shapely.Geometry) -> shapely.Geometry:
    """Return ``shape`` (metres) in degrees."""
    return shapely.transform(shape, lonlat)


def point(place: tuple[float, float]) -> tuple[float, float]:
    """Metres of a place given in degrees, to the centimetre."""
    (xy,) = plane_xy(np.array([place]))
    return round(float(xy[0]), 2), round(float(xy[1]), 2)


def polygonal(shape: shapely.Geometry, *, at_least: float = 0) -> Polygon | MultiPolygon:
    """Return the polygons of any geometry as one, largest first, without the smallest."""
    parts = [
        part
        for part in shapely.get_parts(shape)
        if isinstance(part, Polygon) and part.area > at_least
    ]
    parts.sort(key=lambda part: -part.area)
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
