"""Whether the coordinates of a layer fit the coordinate reference system it claims.

Within a metre CGCS2000 is WGS 84; the older datums of China are not, and no public
transformation to them is exact.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from sinks.errors import Finding, InputRefused
from sinks.gate.georeference import anchored, crs_label, likely_frame, plain_crs, shown

_MARGIN_DEG = 1.5  # a district may lie that far outside the zone it is mapped in
_SAME_DEGREES = ("EPSG:4490", "EPSG:4326", "OGC:CRS84")
_GOOD_ENOUGH_M = 5.0  # of a change of datum


class Box(NamedTuple):
    """West, south, east and north."""

    west: float
    south: float
    east: float
    north: float


def chosen_crs(
    declared: CRS | None, stated: str | None, *, bounds: Box, file: object
) -> tuple[CRS, list[Finding]]:
    """Return the CRS to use: the study's where it states one, otherwise the file's.

    Raises
    ------
    InputRefused
        ``V01`` if neither says anything usable.
    """
    said = declared if declared is not None and usable(declared) else None
    if stated is None:
        if said is None:
            raise InputRefused.because("V01", file=file, bounds=_with_guess(bounds))
        return plain_crs(said), []
    try:
        crs = CRS.from_user_input(stated)
    except CRSError as error:
        raise InputRefused.because("V01", file=file, bounds=f"crs = {stated}") from error
    if not usable(crs):
        raise InputRefused.because("V01", file=file, bounds=f"crs = {stated}")
    if said is None or same_place(said, crs):
        return crs, []
    facts = {"declared": crs_label(said, "en"), "used": crs_label(crs, "en")}
    return crs, [Finding(code="V42", file=str(file), facts=facts)]


def usable(crs: CRS) -> bool:
    """Whether a CRS ties coordinates to the Earth."""
    undefined = crs.name.lower().startswith("undefined")
    known = crs.is_geographic or crs.is_projected
    return bool(known and crs.axis_info and not undefined and anchored(crs))


def same_place(a: CRS, b: CRS) -> bool:
    """Whether the same coordinates mean the same place to within a metre.

    >>> same_place(CRS("EPSG:4490"), CRS("EPSG:4326"))
    True
    """
    if a.equals(b, ignore_axis_order=True):
        return True
    return all(any(c.equals(d, ignore_axis_order=True) for d in _degrees()) for c in (a, b))


def datum_findings(crs: CRS, *, file: object) -> list[Finding]:
    """Say how positions reach CGCS2000: ``V02`` as they are, ``V44`` by a rough shift."""
    base, target = crs.geodetic_crs, CRS("EPSG:4490")
    if base is None or base.equals(target, ignore_axis_order=True):
        return []
    label = crs_label(crs, "en")
    if same_place(base, target):
        return [Finding(code="V02", file=str(file), facts={"crs": label})]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of grids that are not installed; accuracy tells
        ways = TransformerGroup(base, target, always_xy=True).transformers
    accuracy_m = ways[0].accuracy if ways else -1.0
    if 0 <= accuracy_m <= _GOOD_ENOUGH_M:
        return []
    known = f"±{accuracy_m:g} m" if accuracy_m > 0 else "?"
    return [Finding(code="V44", file=str(file), facts={"crs": label, "accuracy": known})]


def placement_finding(crs: CRS, bounds: Box, *, file: object) -> Finding | None:
    """Return what is wrong if coordinates cannot lie in their CRS.

    ``V03`` if they fit once x and y change places, ``V05`` if they do not fit it at all.
    """
    if fits(crs, bounds):
        return None
    west, south, east, north = bounds
    facts = {"crs": crs_label(crs, "en"), "bounds": shown(bounds)}
    if fits(crs, Box(south, west, north, east)):
        return Finding(code="V03", file=str(file), facts=facts)
    return Finding(code="V05", file=str(file), facts={**facts, "near": likely_frame(bounds)})


def fits(crs: CRS, bounds: Box) -> bool:
    """Whether a box lies where its CRS is meant for, give or take 1.5 degrees."""
    west, south, east, north = bounds
    x, y = (axis.ravel() for axis in np.meshgrid([west, east], [south, north]))
    return bool(fitting(crs, x, y).all())


def fitting(crs: CRS, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
    """Tell of every point whether it lies where its CRS is meant for."""
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    lon, lat = x, y
    inside = np.isfinite(x) & np.isfinite(y)
    if not crs.is_geographic:
        to_degrees = _to_degrees(crs.to_wkt())
        lon, lat = to_degrees.transform(x, y)
        back_x, back_y = to_degrees.transform(lon, lat, direction="INVERSE")
        inside &= (np.abs(back_x - x) < 1) & (np.abs(back_y - y) < 1)
    inside &= (np.abs(lon) <= 180 + 1e-6) & (np.abs(lat) <= 90 + 1e-6)
    area = crs.area_of_use
    if area is None or area.west > area.east:  # nothing said, or across the antimeridian
        return np.asarray(inside)
    inside &= (lon >= area.west - _MARGIN_DEG) & (lon <= area.east + _MARGIN_DEG)
    return np.asarray(
        inside & (lat >= area.south - _MARGIN_DEG) & (lat <= area.north + _MARGIN_DEG)
    )


def _with_guess(bounds: Box) -> str:
    if not np.isfinite(bounds).all():
        return "—"
    guess = likely_frame(bounds)
    return shown(bounds) + (f" → {guess} ?" if guess != "—" else "")


@cache
def _degrees() -> tuple[CRS, ...]:
    return tuple(CRS(code) for code in _SAME_DEGREES)


@cache
def _to_degrees(wkt: str) -> Transformer:
    crs = CRS.from_wkt(wkt)
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
