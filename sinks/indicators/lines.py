"""Lines of a register: how long they are on the ellipsoid, stretches of them, parts by zone.

Lengths are sums of geodesics between vertices that stand 200 m apart at most. A plane length
in :data:`sinks.zones.overlay.EQUAL_AREA` is none: there, north and south are drawn together.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from shapely import STRtree

from sinks.zones.outlines import Shapes, polygon_parts
from sinks.zones.overlay import EQUAL_AREA

_GEOD = Geod(ellps="WGS84")
_TO_LONLAT = Transformer.from_crs(EQUAL_AREA, "EPSG:4326", always_xy=True)
_STEP_M = 200.0  # in a shorter edge, distance and plane distance are proportional to 0.1 mm
_LINE = 1  # type of geometry

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """The vertices of one line, and how far along the line each lies.

    ``points`` has shape ``(n, 2)`` in EQUAL_AREA; ``along_m`` counts from the first vertex
    and stands still between two parts of a line; ``part`` numbers the parts.
    """

    points: Floats
    along_m: Floats
    part: Ints

    @property
    def length_m(self) -> float:
        """Length of the whole line in metres, gaps between its parts left out."""
        return float(self.along_m[-1])

    def stretch(self, from_m: float, to_m: float) -> shapely.MultiLineString:
        """Return what lies between two distances from the start, in metres."""
        lines = []
        for part in range(int(self.part[-1]) + 1):
            here = self.part == part
            along, points = self.along_m[here], self.points[here]
            low, high = max(from_m, along[0]), min(to_m, along[-1])
            if low < high:
                stops = np.unique([low, *along[(along > low) & (along < high)], high])
                lines.append(np.column_stack([np.interp(stops, along, c) for c in points.T]))
        return shapely.MultiLineString(lines)


def courses(shapes: Shapes) -> list[Course]:
    """Measure lines and multilines in EQUAL_AREA, their parts in the order they are stored in."""
    parts, owner = shapely.get_parts(shapely.segmentize(shapes, _STEP_M), return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    steps_m = _steps_m(points, part)
    starts = np.searchsorted(owner[part], np.arange(1, len(shapes)))  # of the next line
    return [
        Course(points=of_line, along_m=np.cumsum(steps), part=number - number[0])
        for of_line, steps, number in zip(
            *(np.split(values, starts) for values in (points, steps_m, part)), strict=True
        )
    ]


def length_m(shapes: Shapes) -> Floats:
    """Return the length of each line in EQUAL_AREA on the ellipsoid, in metres."""
    owner, lines = _line_parts(shapes)
    points, line = shapely.get_coordinates(shapely.segmentize(lines, _STEP_M), return_index=True)
    sums = np.bincount(owner[line], _steps_m(points, line), minlength=len(shapes))
    return sums.astype(np.float64)


def lines_by_zone(shapes: Shapes, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut lines by zone.

    What runs on the border of a zone counts half, so that zones which share the border share
    the line, and zones that make up a district have together what the district has.

    Parameters
    ----------
    shapes
        Lines that do not run over themselves.
    zones
        Polygons in EQUAL_AREA with the column ``zone``.

    Returns
    -------
    pandas.DataFrame
        ``line`` (position in ``shapes``), ``zone``, ``length_m``.
    """
    owner, areas = polygon_parts(zones.geometry.to_numpy())
    line, area = STRtree(areas).query(shapes, predicate="intersects")
    shapely.prepare(areas)
    cut = ~shapely.contains_properly(areas[area], shapes[line])
    inside, border = shapes[line].copy(), np.full(len(line), None, dtype=object)
    inside[cut] = shapely.intersection(inside[cut], areas[area[cut]])
    border[cut] = shapely.intersection(inside[cut], shapely.boundary(areas[area[cut]]))
    return pd.DataFrame(
        {
            "line": line,
            "zone": zones["zone"].to_numpy()[owner[area]],
            "length_m": length_m(inside) - length_m(border) / 2,
        }
    )


def _line_parts(shapes: Shapes) -> tuple[Ints, Shapes]:
    """Take shapes apart into lines; say which shape each came from."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    again, within = shapely.get_parts(parts, return_index=True)  # collections hold multilines
    lines = shapely.get_type_id(again) == _LINE
    return owner[within][lines], again[lines]


def _steps_m(points: Floats, line: Ints) -> Floats:
    """Distance of each vertex from the one before on its line; 0 for the first of a line."""
    lon, lat = _TO_LONLAT.transform(*points.T)
    steps = np.zeros(len(points))
    if len(points) > 1:
        steps[1:] = _GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]
        steps[1:][line[1:] != line[:-1]] = 0.0
    return steps
