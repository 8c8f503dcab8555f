"""Candidate units of a study: cells of a grid with what of them may be restored, cost, benefit."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from sinks.gases.potentials import WarmingPotentials
from sinks.grid import Window
from sinks.landcover.cover import LandCover
from sinks.restoration.impact.effects import effect
from sinks.restoration.impact.scenario import AS_IS, Baseline, Measure, Scenario
from sinks.restoration.impact.setting import Setting, cost_key
from sinks.restoration.siting.units import Units
from sinks.study import Study
from sinks.study_restoration import Siting
from sinks.uncertainty.laws import Floats
from sinks.workflow.basis import CarbonBasis

CARBON, HABITAT = "carbon_tco2e", "habitat_ha"
_CODES = 256
_NEARLY = 0.999  # of its side squared: what a full cell at the edge of a zone of 3° covers


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """Units, the outline of each, and draws of their carbon, shape ``(units, 1 + draws)``.

    ``classes`` has the hectares of each class before by unit.
    """

    units: Units
    outlines: gpd.GeoDataFrame
    classes: pd.DataFrame
    carbon: Floats


def candidates(
    study: Study,
    siting: Siting,
    basis: CarbonBasis,
    setting: Setting,
    potentials: WarmingPotentials,
) -> Candidates:
    """Return the cells of the last land cover that may be restored.

    A cell belongs to the town that holds its centre, and is locked out if its centre lies in
    a layer that the study locks out, or in a reservoir. Benefit and cost of a hectare follow
    from its class before.
    """
    cover = basis.inputs.covers[-1]
    side_px = max(1, round(siting.cell_m / abs(cover.grid.transform.a)))
    areas_ha, wet = _counted(cover, side_px, [*siting.before])
    rows, cols = np.nonzero(areas_ha.sum(axis=2) >= siting.smallest_ha * _NEARLY)
    outlines = _outlines(cover, rows, cols, side_px)
    zones, inside = _zones(study, basis, outlines)
    rows, cols, zones = rows[inside], cols[inside], zones[inside]
    outlines = gpd.GeoDataFrame(outlines[inside].reset_index(drop=True))
    held = areas_ha[rows, cols]
    worth, per_ha = _per_ha(siting, setting, potentials)
    near = _near(wet)[rows, cols]
    names = [f"r{row}c{col}" for row, col in zip(rows, cols, strict=True)]
    index = pd.Index(names, name="unit", dtype=object)
    area_ha = held.sum(axis=1)
    table = pd.DataFrame(
        {
            "area_ha": area_ha,
            "cost_yuan": held @ per_ha,
            CARBON: held @ worth[:, 0],
            HABITAT: area_ha * near,
            "zone": zones,
            "locked": np.where(_locked_out(study, siting, basis, outlines), "out", ""),
            "beside_wetland": near > 0,
        },
        index=index,
    )
    return Candidates(
        units=Units(
            table=table,
            benefits=(CARBON, HABITAT),
            borders=_borders(rows, cols, names, side_px * abs(cover.grid.transform.a)),
        ),
        outlines=outlines.assign(unit=names),
        classes=pd.DataFrame(held, index=index, columns=list(siting.before)),
        carbon=held @ worth,
    )


def _counted(cover: LandCover, side_px: int, before: list[str]) -> tuple[Floats, Floats]:
    """Return hectares by cell and class before, and the share of each cell that is wetland."""
    height, width = cover.grid.shape
    down, across = -(-height // side_px), -(-width // side_px)
    keys = {c.key: c.code for c in cover.legend.classes}
    wetland = np.isin(np.arange(_CODES), [c.code for c in cover.legend.classes if c.natural])
    areas_ha = np.zeros((down, across, len(before)))
    wet = np.zeros((down, across))
    for row in range(down):
        window = Window(
            row=row * side_px, col=0, height=min(side_px, height - row * side_px), width=width
        )
        codes = cover.blocks.read(window)
        middle = np.array([window.row + window.height / 2]), np.array([width / 2])
        pixel_ha = float(cover.grid.pixel_ha(*middle).ravel()[0])
        starts = np.arange(0, width, side_px)
        for place, key in enumerate(before):
            counts = np.add.reduceat((codes == keys[key]).sum(axis=0), starts)
            areas_ha[row, :, place] = counts * pixel_ha
        wet[row] = np.add.reduceat(wetland[codes].sum(axis=0), starts) / side_px**2
    return areas_ha, wet


def _near(wet: Floats) -> Floats:
    """Return the mean share of wetland of a cell and the eight around it."""
    padded = np.pad(wet, 1)
    height, width = wet.shape
    around = [padded[r : r + height, c : c + width] for r in range(3) for c in range(3)]
    return np.asarray(np.mean(around, axis=0))


def _outlines(
    cover: LandCover, rows: NDArray[np.intp], cols: NDArray[np.intp], side_px: int
) -> gpd.GeoDataFrame:
    """Return the square of each cell in the CRS of the land cover."""
    transform = cover.grid.transform
    side_m = side_px * transform.a
    west, north = transform.c + cols * side_m, transform.f - rows * side_m
    boxes = shapely.box(west, north - side_m, west + side_m, north)
    return gpd.GeoDataFrame(geometry=boxes, crs=cover.grid.crs)


def _zones(
    study: Study, basis: CarbonBasis, outlines: gpd.GeoDataFrame
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the zone of each cell, a part of the district or the district, and which have one."""
    frame = basis.inputs.zones.frame
    parts = next(iter(basis.inputs.partitions), (study.district.id,))
    own = frame[frame["zone"].isin(parts)].to_crs(CRS(outlines.crs))
    centres = shapely.centroid(np.asarray(outlines.geometry))
    tree = shapely.STRtree(centres)
    zone, place = tree.query(np.asarray(own.geometry), predicate="contains")
    found = np.full(len(outlines), "", dtype=object)
    found[place] = own["zone"].astype(str).to_numpy()[zone]
    return found, found != ""


def _locked_out(
    study: Study, siting: Siting, basis: CarbonBasis, outlines: gpd.GeoDataFrame
) -> NDArray[np.bool_]:
    """Whether the centre of each cell lies where nothing may be chosen."""
    frames = [
        basis.inputs.layers[role].frame
        for role in siting.locked_out
        if role in basis.inputs.layers
    ]
    dammed = [source.zone for source in study.balance.reservoirs]
    zones = basis.inputs.zones.frame
    frames.append(zones[zones["zone"].isin(dammed)])
    found = [_inside(outlines, frame) for frame in frames]
    return np.asarray(np.any(found, axis=0), dtype=bool)


def _inside(outlines: gpd.GeoDataFrame, frame: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    centres = shapely.centroid(np.asarray(outlines.geometry))
    shapes = np.asarray(frame.geometry.to_crs(CRS(outlines.crs)))
    _, place = shapely.STRtree(centres).query(shapes, predicate="contains")
    inside = np.zeros(len(outlines), dtype=bool)
    inside[place] = True
    return inside


def _per_ha(
    siting: Siting, setting: Setting, potentials: WarmingPotentials
) -> tuple[Floats, Floats]:
    """Return what a hectare of each class brings by the horizon, with draws, and what it costs."""
    at = list(setting.span).index(siting.horizon)
    worth, costs = [], []
    draws = setting.draws.parameters
    for key in siting.before:
        measure = Measure(
            id=key, year=siting.year, before=key, after=siting.after, area_ha=1.0,
            uses_after=siting.uses_after, type=siting.type,
        )  # fmt: skip
        scenario = Scenario(id=key, measures=(measure,))
        of = effect(scenario, Baseline(id=AS_IS), setting)
        added = of.drawn(potentials)[: at + 1].sum(axis=0)
        mean = of.mean(potentials)[: at + 1].sum()
        worth.append(np.concatenate([[mean], added]))
        level = setting.cost_level(siting.type, key)
        costs.append(0.0 if level is None else float(draws["value"].to_dict()[cost_key(level)]))
    return np.array(worth), np.array(costs)


def _borders(
    rows: NDArray[np.intp], cols: NDArray[np.intp], names: list[str], side_m: float
) -> pd.DataFrame:
    """Return the pairs of cells that share an edge."""
    place = {(int(r), int(c)): n for n, (r, c) in enumerate(zip(rows, cols, strict=True))}
    pairs = [
        (names[one], names[place[beside]])
        for (row, col), one in place.items()
        for beside in ((row + 1, col), (row, col + 1))
        if beside in place
    ]
    frame = pd.DataFrame(pairs, columns=["unit", "beside"], dtype=object)
    return frame.assign(length_m=side_m)
