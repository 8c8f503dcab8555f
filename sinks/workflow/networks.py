"""The ecological networks of a study: cores, corridors, connectivity, and what a plan adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sinks.errors import InputRefused, located
from sinks.grid import Window
from sinks.landcover.cover import LandCover
from sinks.parameters.network import resistances
from sinks.restoration.network.change import changed
from sinks.restoration.network.connectivity import Dispersal
from sinks.restoration.network.landscape import Network, NetworkRule, Terrain, network_of
from sinks.restoration.network.lattice import Mask, lattice_of
from sinks.restoration.network.resistance import Bound, resistance_of
from sinks.study import Study
from sinks.study_restoration import NetworkSource

_STRIP = 1024  # rows that are read at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class StudyNetworks:
    """Tables of the networks by name, and their corridors as lines."""

    tables: Mapping[str, pd.DataFrame]
    corridors: gpd.GeoDataFrame | None = None


def network_tables(
    study: Study, cover: LandCover, units: gpd.GeoDataFrame | None
) -> StudyNetworks:
    """Find the networks of a study in its last land cover; nothing if it names none.

    Parameters
    ----------
    units
        Polygons that a plan turns into habitat, for what the networks gain by it.

    Tables: ``networks`` (network), ``network_pattern`` (network, pattern), ``network_patches``
    (network, patch), ``network_corridors`` (network, patch, patch_beyond), and with a plan
    ``network_change`` (network, index).

    Raises
    ------
    InputRefused
        ``N85`` for classes that the legend does not have; ``N30`` to ``N37`` as
        :mod:`sinks.restoration.network`.
    """
    if not study.networks:
        return StudyNetworks(tables={})
    codes = _codes(cover)
    planned = _planned(study, units, cover, codes)
    parts: dict[str, list[pd.DataFrame]] = {}
    lines = []
    for source in study.networks:
        with located(file=study.file, place=f"networks.{source.id}"):
            _require_known(source, cover)
            joins = study.siting is not None and study.siting.after in source.habitat
            found, tables = _network(source, cover, codes, planned if joins else None)
        for name, table in tables.items():
            parts.setdefault(name, []).append(pd.concat({source.id: table}, names=["network"]))
        lines.append(_lines(source, found, cover))
    tables = {name: pd.concat(frames) for name, frames in parts.items()}
    tables["networks"] = tables["networks"].droplevel(1)
    return StudyNetworks(tables=tables, corridors=gpd.GeoDataFrame(pd.concat(lines)))


def _require_known(source: NetworkSource, cover: LandCover) -> None:
    known = [c.key for c in cover.legend.classes]
    if strange := sorted(set(source.habitat) - set(known)):
        raise InputRefused.because("N85", found=strange, known=known)


def _codes(cover: LandCover) -> np.ndarray:
    """Return the codes of the whole map: a byte a pixel."""
    height, width = cover.grid.shape
    codes = np.empty((height, width), dtype=np.uint8)
    for row in range(0, height, _STRIP):
        window = Window(row=row, col=0, height=min(_STRIP, height - row), width=width)
        codes[row : row + window.height] = cover.blocks.read(window)
    return codes


def _planned(
    study: Study, units: gpd.GeoDataFrame | None, cover: LandCover, codes: np.ndarray
) -> Mask | None:
    """Return the pixels that the best plan turns into another class."""
    if units is None or study.siting is None:
        return None
    before = [c.code for c in cover.legend.classes if c.key in study.siting.before]
    mask = np.zeros(cover.grid.shape, dtype=bool)
    chosen = units[units["chosen"].astype(bool)]
    transform = cover.grid.transform
    for west, south, east, north in chosen.to_crs(cover.grid.crs).geometry.bounds.to_numpy():
        cols = np.round((np.array([west, east]) - transform.c) / transform.a).astype(int)
        rows = np.round((np.array([north, south]) - transform.f) / transform.e).astype(int)
        mask[max(rows[0], 0) : rows[1], max(cols[0], 0) : cols[1]] = True
    return mask & np.isin(codes, before)


def _network(
    source: NetworkSource, cover: LandCover, codes: np.ndarray, planned: Mask | None
) -> tuple[Network, dict[str, pd.DataFrame]]:
    rule = NetworkRule(
        dispersal=Dispersal(half_m=source.half_m, threshold_m=source.half_m),
        edge_px=source.edge_px,
        min_core_ha=source.smallest_core_ha,
        limit_m=np.inf if source.limit_m is None else source.limit_m,
    )
    found = {bound: network_of(_terrain(source, cover, codes, bound), rule) for bound in _bounds()}
    best = found["resistance"]
    tables = {
        "networks": _summary(source, found),
        "network_pattern": best.pattern.table().drop(columns="px"),
        "network_patches": _patches(best),
        "network_corridors": best.corridors.table,
    }
    if planned is not None:
        terrain = _terrain(source, cover, codes, "resistance", planned)
        tables["network_change"] = changed(best, network_of(terrain, rule)).indices
    return best, tables


def _bounds() -> tuple[Bound, ...]:
    return ("resistance", "low", "high")


def _terrain(
    source: NetworkSource,
    cover: LandCover,
    codes: np.ndarray,
    bound: Bound,
    planned: Mask | None = None,
) -> Terrain:
    """Return habitat and resistance on the pixels of the network."""
    keys = {c.code: c.key for c in cover.legend.classes}
    chosen = [code for code, key in keys.items() if key in source.habitat]
    habitat = np.isin(codes, chosen)
    resistance = resistance_of(codes, keys, resistances(source.guild), bound=bound)
    if planned is not None:
        easiest = float(resistance[habitat].min()) if habitat.any() else 1.0
        resistance = np.where(planned, easiest, resistance)
        habitat = habitat | planned
    lattice = lattice_of(cover.grid)
    terrain = Terrain(habitat=habitat, resistance=resistance, known=codes > 0, lattice=lattice)
    factor = max(1, round(source.pixel_m / lattice.size_m))
    return terrain.coarsened(factor) if factor > 1 else terrain


def _summary(source: NetworkSource, found: Mapping[Bound, Network]) -> pd.DataFrame:
    best = found["resistance"].connectivity
    ends = {
        name: sorted(float(getattr(each.connectivity, name)) for each in found.values())
        for name in ("iic", "pc", "eca_ha")
    }
    row: dict[str, object] = {
        "name_zh": source.name_zh,
        "name_en": source.name_en,
        "landscape_ha": best.landscape_ha,
        "core_ha": best.habitat_ha,
        "cores": len(found["resistance"].patches),
        "corridors": len(found["resistance"].corridors.table),
        "half_m": source.half_m,
        "pixel_m": found["resistance"].terrain.lattice.size_m,
    }
    for name, values in ends.items():
        stem, _, unit = name.partition("_")
        tail = f"_{unit}" if unit else ""
        row[name] = float(getattr(best, name))
        row[f"{stem}_low{tail}"], row[f"{stem}_high{tail}"] = values[0], values[-1]
    return pd.DataFrame(row, index=pd.Index(["one"], name="row"))


def _patches(network: Network) -> pd.DataFrame:
    return network.patches.table.join(network.connectivity.patches)


def _lines(source: NetworkSource, network: Network, cover: LandCover) -> gpd.GeoDataFrame:
    """Return the corridors as lines through the middles of their pixels."""
    table = network.corridors.table.reset_index()
    shapes = [_line(network.corridors.coordinates(n)) for n in range(len(table))]
    km = [f"{metres / 1000:.1f} km" for metres in table["length_m"]]
    frame = table.assign(
        network=source.id,
        name_zh=[f"{source.name_zh}廊道，{length}" for length in km],
        name_en=[f"{source.name_en}: corridor, {length}" for length in km],
    )
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=cover.grid.crs)


def _line(points: np.ndarray) -> shapely.Geometry:
    return shapely.LineString(points) if len(points) > 1 else shapely.LineString([*points] * 2)
