"""Which coordinate reference system a file is in, by name, and whether its numbers fit it.

Chinese data comes in many frames that look alike: the same easting with and without the
number of its zone, zones of 3° and of 6°, degrees that are called metres. A frame that does
not fit the coordinates changes areas by so little that nobody notices, or by a lot.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from sinks.errors import Finding, Language, Reaction

Bounds = tuple[float, float, float, float]  # west, south, east, north in units of the CRS

_REACH_DEG = 1.5  # a district may lie that far outside the zone it is mapped in
_EDGE_DEG = 0.05
# EPSG codes of CGCS2000 / Gauss-Kruger: with zone number in the easting, and without
_ZONES_3 = range(25, 46)  # EPSG:4513 ... and, by central meridian, EPSG:4534 ...
_ZONES_6 = range(13, 24)  # EPSG:4491 ... and EPSG:4502 ...


def plain_crs(crs: CRS) -> CRS:
    """Return the EPSG entry with the same datum, projection and unit, or ``crs`` itself.

    Names and the order of axes may differ: programs write them as they like.
    """
    code = crs.to_epsg(min_confidence=25)  # PROJ: alike in something; compared below
    if code is None:
        return crs
    entry = CRS.from_epsg(code)
    return entry if _essence(entry) == _essence(crs) else crs


def anchored(crs: CRS) -> bool:
    """Whether a projection says where its origin lies; degrees always do.

    A file may have lost its central meridian or false easting; PROJ then takes 0 silently.
    """
    way = (crs.source_crs if crs.is_bound and crs.source_crs else crs).coordinate_operation
    if not crs.is_projected or way is None:
        return True
    said = " ".join(parameter.name.lower() for parameter in way.params)
    return "longitude" in said and "easting" in said


def crs_label(crs: CRS, language: Language = "zh") -> str:
    """Say which frame it is, with the zone of a Gauss-Kruger frame.

    >>> crs_label(CRS("EPSG:4549"))
    'EPSG:4549 CGCS2000 3° 带，中央经线 120°E，无带号'
    >>> crs_label(CRS("EPSG:4528"), "en")
    'EPSG:4528 CGCS2000 3° zone 40, central meridian 120°E'
    >>> crs_label(CRS("EPSG:4490"))
    'EPSG:4490 CGCS2000 经纬度'
    """
    code = crs.to_epsg()
    head = f"EPSG:{code}" if code else {"zh": "无 EPSG 编号", "en": "no EPSG code"}[language]
    return " ".join(part for part in (head, _datum(crs), _frame(crs, language)) if part)


def frame_findings(crs: CRS, bounds: Bounds, *, file: str) -> list[Finding]:
    """Compare coordinates with the frame they are said to be in.

    Returns ``R03`` where they do not fit (a note where only a part lies outside), ``R04``
    for degrees, ``R06`` for units other than metres, ``R41`` for a frame without EPSG code.
    """
    found = []
    facts: dict[str, object] = {"crs": crs_label(crs, "en"), "bounds": shown(bounds)}
    if crs.to_epsg() is None:
        ellipsoid = crs.ellipsoid.name if crs.ellipsoid else "—"
        found.append(Finding(code="R41", file=file, facts={**facts, "ellipsoid": ellipsoid}))
    if crs.is_geographic:
        found.append(Finding(code="R04", file=file, facts=facts))
    elif crs.axis_info[0].unit_conversion_factor != 1:
        axis = crs.axis_info[0]
        unit = {"unit": axis.unit_name, "metres": axis.unit_conversion_factor}
        found.append(Finding(code="R06", file=file, facts={**facts, **unit}))
    outside = _outside_deg(crs, bounds)
    if outside is not None:
        where = {"outside": outside[0], "fits": likely_frame(bounds, outside[1])}
        far = outside[0] > _REACH_DEG
        reaction = Reaction.REFUSE if far else Reaction.NOTE
        found.append(
            Finding(code="R03", file=file, facts={**facts, **where}, reaction_override=reaction)
        )
    return found


def likely_frame(bounds: Bounds, longitude: float | None = None) -> str:
    """Name the CGCS2000 frame that coordinates look like.

    ``longitude`` of the middle, where the declared frame gives one, decides the zone if the
    easting does not carry it.

    >>> likely_frame((40_500_000, 3_690_000, 40_510_000, 3_700_000))
    'EPSG:4528'
    >>> likely_frame((500_000, 3_690_000, 510_000, 3_700_000))
    'EPSG:4534 ... EPSG:4554'
    >>> likely_frame((119.5, 33, 120.5, 34))
    'EPSG:4490'
    """
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    if min(abs(x), abs(y)) <= 90 and max(abs(x), abs(y)) <= 180:
        return "EPSG:4490" if abs(y) <= 90 else "EPSG:4490 (x <-> y)"
    zone = int(x // 1_000_000) if 1_500_000 < y < 6_000_000 else -1  # latitudes of China
    if zone == 0 and longitude is not None and round(longitude / 3) in _ZONES_3:
        return f"EPSG:{4534 + round(longitude / 3) - _ZONES_3[0]}"
    if zone in _ZONES_3:
        return f"EPSG:{4513 + zone - _ZONES_3[0]}"
    if zone in _ZONES_6:
        return f"EPSG:{4491 + zone - _ZONES_6[0]}"
    return "EPSG:4534 ... EPSG:4554" if zone == 0 else "—"


def lonlat_bounds(crs: CRS, bounds: Bounds) -> Bounds | None:
    """Return the bounds in degrees, or None if they cannot be expressed in them."""
    west, south, east, north = bounds
    along = np.linspace(0, 1, 21)
    x = west + np.tile(along, 21) * (east - west)
    y = south + np.repeat(along, 21) * (north - south)
    lon, lat = _lonlat(crs, x, y)
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        return None
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def shown(bounds: Bounds) -> str:
    """Write bounds for people: degrees with four decimals, metres with none."""
    digits = 4 if max(map(abs, bounds)) <= 360 else 0
    return ", ".join(f"{value:.{digits}f}" for value in bounds)


def _lonlat(
    crs: CRS, x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if crs.is_geographic:
        return x, y
    try:
        to_lonlat = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
        lon, lat = to_lonlat.transform(x, y)
    except (CRSError, ProjError):
        return np.full_like(x, np.inf), np.full_like(y, np.inf)
    return np.asarray(lon), np.asarray(lat)


def _outside_deg(crs: CRS, bounds: Bounds) -> tuple[float, float | None] | None:
    """How far the middle lies outside the area of use, in degrees, and its longitude.

    None if all of it lies inside; at least a hair if only an edge does not.
    """
    there = lonlat_bounds(crs, bounds)
    area = crs.area_of_use
    limits = area.bounds if area else (-360.0, -90.0, 360.0, 90.0)
    if there is None or abs(there[1]) > 91 or abs(there[3]) > 91:
        return math.inf, None
    lon, lat = (there[0] + there[2]) / 2, (there[1] + there[3]) / 2
    middle = max(limits[0] - lon, lon - limits[2], limits[1] - lat, lat - limits[3], 0.0)
    edge = max(*(limits[i] - there[i] for i in (0, 1)), *(there[i] - limits[i] for i in (2, 3)))
    return (middle, lon) if edge > _EDGE_DEG else None


def _datum(crs: CRS) -> str:
    known = {
        "China 2000": "CGCS2000",
        "World Geodetic System 1984": "WGS84",
        "Beijing 1954": "北京54 Beijing 1954",
        "Xian 1980": "西安80 Xian 1980",
    }
    return known.get(_datum_name(crs), _datum_name(crs))


def _datum_name(crs: CRS) -> str:
    name = crs.datum.name if crs.datum else ""
    return name.replace("_", " ").removesuffix(" ensemble")


def _essence(crs: CRS) -> tuple[object, ...]:
    """Return what two frames share if they give the same coordinates."""
    operation = crs.coordinate_operation
    method = operation.method_name if operation else ""
    ellipsoid = crs.ellipsoid
    return (
        _datum_name(crs),
        round(ellipsoid.semi_major_metre, 3) if ellipsoid else 0,
        method,
        tuple(sorted(_parameters(crs).items())),
        crs.axis_info[0].unit_conversion_factor if crs.axis_info else 0,
    )


def _parameters(crs: CRS) -> dict[str, float]:
    operation = crs.coordinate_operation
    return {p.name: round(float(p.value), 9) for p in operation.params} if operation else {}


_ZONE = {"Longitude of natural origin", "False easting"}  # what a damaged text may lack


def _frame(crs: CRS, language: Language) -> str:
    zh = language == "zh"
    if crs.is_geographic:
        return "经纬度" if zh else "longitude and latitude"
    operation = crs.coordinate_operation
    said = _parameters(crs)
    if operation is None or operation.method_name != "Transverse Mercator" or _ZONE - said.keys():
        return crs.name
    meridian = said["Longitude of natural origin"]
    zone = int((said["False easting"] - 500_000) // 1_000_000)
    width = _zone_width(crs.name, meridian, zone)
    middle = f"{'中央经线' if zh else 'central meridian'} {meridian:g}°E"
    if not width:
        return f"{crs.name}{'，' if zh else ', '}{middle}"
    if zh:
        return f"{width}° 带{f' {zone}' if zone else ''}，{middle}{'' if zone else '，无带号'}"
    return (
        f"{width}° zone{f' {zone}' if zone else ''}, {middle}{'' if zone else ', no zone number'}"
    )


def _zone_width(name: str, meridian: float, zone: int) -> int:
    """Return 3 or 6 for a Gauss-Kruger zone, 0 for any other transverse Mercator."""
    plain = name.lower().replace("-", " ").replace("_", " ")
    if "gauss" not in plain and " gk " not in plain:
        return 0
    if zone:
        return 3 if zone * 3 == round(meridian) else 6
    return 3 if "3 degree" in plain else 6
