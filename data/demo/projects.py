"""Restoration and planting projects 2021-2026: accepted, under way and planned; all made up."""

from __future__ import annotations

import csv

import geopandas as gpd
import numpy as np
import shapely

from . import waters
from .landscape import Landscape
from .layers import MU_M2
from .places import HERE, LAKE, PLANE, district_plane, point
from .protection import clean, given_back
from .sheet import Patch

PLANTED_MU = 88.0  # a year is full from here on: the plan asks for about 100 亩


def project_layer(landscape: Landscape, pieces: list[Patch]) -> gpd.GeoDataFrame:
    """Return the projects; where two lie over each other, a place was treated twice."""
    frame = gpd.GeoDataFrame(
        [*_restorations(landscape, pieces), *_plantings(pieces)], geometry="geometry", crs=PLANE
    )
    frame["geometry"] = [clean(shape) for shape in frame.geometry]
    frame.insert(0, "id", [f"P{n:03d}" for n in range(1, len(frame) + 1)])
    frame["area_ha"] = (frame.geometry.area / 1e4).round(3)
    frame["area_mu"] = (frame.geometry.area / MU_M2).round(1)
    frame["accept_date"] = [
        f"{year}-{5 + n % 8:02d}-20" if status == "accepted" else None
        for n, (year, status) in enumerate(zip(frame["year"], frame["status"], strict=True))
    ]
    return frame


def _restorations(landscape: Landscape, pieces: list[Patch]) -> list[dict[str, object]]:
    places = _places(landscape, pieces)
    with (HERE / "projects.csv").open(encoding="utf-8", newline="") as file:
        return [
            {
                "name": row["name"],
                "kind": "restoration",
                "type": row["type"],
                "pre_class": row["pre_class"],
                "post_class": row["post_class"],
                "year": int(row["year"]),
                "status": row["status"],
                "doc_no": _document(int(row["year"]), row["doc"]),
                "geometry": places[row["place"]],
            }
            for row in csv.DictReader(file)
        ]


def _places(landscape: Landscape, pieces: list[Patch]) -> dict[str, shapely.Geometry]:
    """Return where the projects lie, by the names used in ``projects.csv``."""
    pens = [shape for shape, _ in waters.enclosures()]
    polders = given_back(landscape)
    ponds = [p.shape for p in pieces if p.kind in ("aqua", "pond") and p.after == "MAR"]
    x, y = point(LAKE)
    west = shapely.box(x - 9_000, y - 9_000, x - 1_500, y + 9_000)
    bed = waters.oval((x + 2_450, y + 1_000), (900, 420), {3: 0.1}, tilt_deg=waters.LAKE_TILT_DEG)
    shore = shapely.difference(district_plane(), shapely.union_all([waters.lake(), *polders]))
    return {
        **{f"pen {n}": shape for n, shape in enumerate(pens)},
        **{f"polder {n}": shape for n, shape in enumerate(polders)},
        **{f"pond {n}": shape for n, shape in enumerate(ponds)},
        "next polder": _next_polder(landscape),
        "reed bed": shapely.intersection(bed, shore),
        "part of pen 0": shapely.intersection(pens[0], west),
    }


def _next_polder(landscape: Landscape) -> shapely.Geometry:
    """Return the polder of ponds that lies next to the lake."""
    ponds = [p for p in landscape.network.polders if landscape.themes.get(p.number) == "pond"]
    shapes = landscape.bend.shapes([p.land.polygon() for p in ponds])
    shapes = shapes[shapely.within(shapes, district_plane())]
    away = shapely.distance(shapes, waters.lake())
    return shapes[int(np.where(away > 0, away, np.inf).argmin())]


def _plantings(pieces: list[Patch]) -> list[dict[str, object]]:
    """Deal the planted plots out to the years until each has about 100 亩."""
    rows: list[dict[str, object]] = []
    year, planted_mu = 2021, 0.0
    for n, piece in enumerate((p for p in pieces if p.kind == "planting"), start=1):
        if year > 2025:
            break
        accepted = year < 2025
        rows.append({
            "name": f"新增造林{n}号（演示）",
            "kind": "planting",
            "type": "造林",
            "pre_class": piece.before,
            "post_class": piece.after,
            "year": year,
            "status": "accepted" if accepted else "under_way",
            "doc_no": _document(year, str(60 + n) if accepted else ""),
            "geometry": piece.shape,
        })  # fmt: skip
        planted_mu += piece.shape.area / MU_M2
        if planted_mu > PLANTED_MU:
            year, planted_mu = year + 1, 0.0
    return rows


def _document(year: int, number: str) -> str:
    return f"演示〔{year}〕{number}号" if number else ""
