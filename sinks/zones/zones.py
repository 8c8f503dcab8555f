"""The places that results are given for: district, towns, sites, wetlands, red-line areas."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from sinks.errors import Finding, InputRefused

COLUMNS = ("zone", "name_zh", "name_en", "kind", "geometry")


@dataclass(frozen=True, kw_only=True)
class Zones:
    """Polygons with an id each.

    ``frame`` has the columns ``zone`` (unique id, text), ``name_zh``, ``name_en``, ``kind``
    and ``geometry`` (valid polygons or multipolygons). ``partition``: the zones do not
    overlap and together make up their district; otherwise they may overlap.

    Raises
    ------
    InputRefused
        ``V01`` without a CRS, ``Z01`` if there is no zone, ``Z02`` if ids repeat or are
        empty, ``V07`` if a geometry is invalid, ``V24`` if one is not a polygon.
    """

    frame: gpd.GeoDataFrame
    partition: bool = False
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        frame = self.frame
        if missing := set(COLUMNS) - set(frame.columns):
            raise InputRefused.because("Z03", columns=sorted(missing))
        if frame.empty:
            raise InputRefused.because("Z01")
        if frame.crs is None:
            raise InputRefused.because("V01", bounds=[round(b, 3) for b in frame.total_bounds])
        ids = frame["zone"].astype(str)
        twice = sorted(set(ids[ids.duplicated() | (ids.str.strip() == "")]))
        if twice:
            raise InputRefused.because("Z02", ids=twice[:10], count=len(twice))
        shapes = frame.geometry.to_numpy()
        flat = ~np.isin(shapely.get_type_id(shapes), (3, 6)) | shapely.is_empty(shapes)
        if flat.any():
            raise InputRefused.because("V24", ids=list(ids[flat][:10]), count=int(flat.sum()))
        invalid = ~shapely.is_valid(shapes)
        if invalid.any():
            raise InputRefused.because(
                "V07",
                ids=list(ids[invalid][:10]),
                count=int(invalid.sum()),
                reason=shapely.is_valid_reason(shapes[invalid][0]),
            )

    @property
    def crs(self) -> CRS:
        """The coordinate reference system of the geometries."""
        return CRS(self.frame.crs)

    def to_crs(self, crs: CRS) -> Zones:
        """Return the zones in another CRS, their edges following the old one.

        Edges are cut every 200 m first, so that a straight edge stays within a millimetre
        of where it was.
        """
        if self.crs == crs:
            return self
        step = 200.0 if self.crs.is_projected else 0.002
        dense = self.frame.set_geometry(self.frame.geometry.segmentize(step))
        return replace(self, frame=dense.to_crs(crs))

    def __len__(self) -> int:
        return len(self.frame)
