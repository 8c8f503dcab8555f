"""The map of a study: every layer and panel, from results that are already there.

Nothing is computed here but colours and order; areas, stocks and rates come from the
result tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import folium
import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from sinks.errors import Language
from sinks.landcover.cover import LandCover
from sinks.maps.account_figures import account_figures
from sinks.maps.assets import add_engine, figure_of
from sinks.maps.carbon_figures import carbon_figures
from sinks.maps.classified import ClassifiedMap, classified_layers
from sinks.maps.elements import (
    ClassRaster,
    DerivedRaster,
    EngineLayer,
    ShapeLayer,
    values_by_code,
)
from sinks.maps.figures import (
    Bounds,
    area_by_code,
    district,
    label,
    zone_figures,
    zone_name,
)
from sinks.maps.inert import Words
from sinks.maps.notes import banner, footer, sections
from sinks.maps.panels import (
    AccountPanel,
    CarbonPanel,
    Frame,
    IndicatorPanel,
    LayerPanel,
    Legend,
    NotesPanel,
    Pointer,
    RestorationPanel,
    ZonePanel,
)
from sinks.maps.plan_figures import plan_figures
from sinks.maps.plan_layers import plan_layers
from sinks.maps.quantities import change_quantity, density_quantity, net_quantity
from sinks.maps.restoration_figures import restoration_figures
from sinks.maps.roles import PLAIN, ROLES, Role
from sinks.results import Results

UNNAMED = Words("（未命名）", "(unnamed)")
_NAME_FIELDS = ("name_zh", "name", "名称", "NAME", "Name", "MC")
_TABS = (
    ("layers", Words("图层", "Layers")),
    ("indicators", Words("指标", "Indicators")),
    ("zones", Words("分区", "Zones")),
    ("carbon", Words("碳收支", "Carbon")),
    ("accounts", Words("生态产品", "Ecosystem products")),
    ("restoration", Words("修复", "Restoration")),
    ("notes", Words("说明", "Notes")),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Rasters:
    """The rasters of a study.

    ``covers`` are land cover by year, years that the results have; ``densities_by_code`` the
    carbon density of all pools in tC/ha by class code, NaN where there is none;
    ``net_by_code`` the net sink of a hectare of a class in tCO2e a year in the last year, in the
    same way, if there is a balance; ``maps`` those that the study classified from images.
    """

    covers: Mapping[int, LandCover]
    densities_by_code: Mapping[int, float] | NDArray[np.floating]
    net_by_code: Mapping[int, float] | NDArray[np.floating] | None = None
    maps: Sequence[ClassifiedMap] = ()


def study_map(
    results: Results,
    rasters: Rasters,
    layers: Mapping[str, gpd.GeoDataFrame],
    *,
    language: Language = "zh",
    threads: int = 1,
) -> folium.Map:
    """Put a study on a map.

    Parameters
    ----------
    layers
        Frames by role. A frame with a column ``zone`` holds zones and is split by ``kind``;
        others are drawn as :data:`ROLES` says. Features are named by ``name_zh`` and
        ``name_en``, or ``name``, or ``名称``; no other column reaches the page. Where
        ``projects`` has a column ``project``, its ids are those of the table ``ledger``.
    language
        The language the map starts with, where the page around it does not say.

    Raises
    ------
    InputRefused
        ``M05``, ``M06`` if a raster or a layer cannot be placed on a page.
    """
    planned, plain = plan_layers(results, layers)
    shapes = [*_shape_layers(plain), *planned]
    bounds = _zone_bounds(layers)
    whole = bounds.get(district(results)) or _around(shapes)
    m = _bare_map(whole)
    add_engine(figure_of(m), language)
    balance, accounts = carbon_figures(results, bounds), account_figures(results, bounds)
    restored = restoration_figures(results)
    without = {
        "carbon": balance is None,
        "accounts": accounts is None,
        "restoration": restored is None,
    }
    tabs = [tab for tab in _TABS if not without.get(tab[0])]
    m.add_child(_frame(results, rasters.covers, whole, tabs))
    for layer in _raster_layers(results, rasters, threads):
        m.add_child(layer)
    made = classified_layers(results, rasters.maps, threads=threads)
    names = {made.id: made.name for made in rasters.maps}
    panels = (
        LayerPanel(tab="layers"),
        Legend(tab="layers"),
        Pointer(),
        IndicatorPanel(plan_figures(results), tab="indicators"),
        ZonePanel(zone_figures(results, bounds), tab="zones"),
        *([] if balance is None else [CarbonPanel(balance, tab="carbon")]),
        *([] if accounts is None else [AccountPanel(accounts, tab="accounts")]),
        *([] if restored is None else [RestorationPanel(restored, tab="restoration")]),
        NotesPanel(sections(results, rasters.covers, names), tab="notes"),
    )
    for element in (*shapes, *made, *panels):
        m.add_child(element)
    return m


def _bare_map(whole: Bounds) -> folium.Map:
    west, south, east, north = whole
    return folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        min_zoom=3,
        max_zoom=19,
        zoom_snap=0.25,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=100,
    )


def _frame(
    results: Results,
    covers: Mapping[int, LandCover],
    whole: Bounds,
    tabs: Sequence[tuple[str, Words]],
) -> Frame:
    years = "–".join(dict.fromkeys(str(y) for y in (results.years[0], results.years[-1])))
    return Frame(
        (results.name_zh, results.name_en),
        subtitle=(f"土地覆盖与碳储量 {years}", f"Land cover and carbon stock {years}"),
        tabs=tabs,
        bounds_deg=whole,
        banner=banner(results),
        footer=list(footer(results, covers)),
    )


def _raster_layers(results: Results, rasters: Rasters, threads: int) -> Iterator[EngineLayer]:
    """Yield land cover of every year, the density of each, its change, and the net sink."""
    years = sorted(rasters.covers)
    covers = [rasters.covers[year] for year in years]
    shown = [
        _class_raster(results, cover, show=cover is covers[-1], threads=threads)
        for cover in covers
    ]
    yield from shown
    values = values_by_code(rasters.densities_by_code)
    held = _held(values, covers)
    for raster in shown:
        yield DerivedRaster(raster, density_quantity(held), value_by_code=values)
    if len(shown) > 1 and held:
        change = change_quantity(held)
        yield DerivedRaster(shown[-1], change, value_by_code=values, minus=shown[0])
    if rasters.net_by_code is not None:
        values = values_by_code(rasters.net_by_code)
        net = net_quantity(results, _held(values, covers[-1:]))
        yield DerivedRaster(shown[-1], net, value_by_code=values)


def _held(values: Mapping[int, float], covers: Sequence[LandCover]) -> list[float]:
    """Return the values of the classes that occur."""
    return [values[c.code] for cover in covers for c in cover.classes() if c.code in values]


def _class_raster(results: Results, cover: LandCover, *, show: bool, threads: int) -> ClassRaster:
    whole = district(results)
    return ClassRaster(
        cover,
        area_ha=area_by_code(results, cover.year, whole, cover.classes()),
        area_of=zone_name(results, whole),
        show=show,
        threads=threads,
    )


def _shape_layers(layers: Mapping[str, gpd.GeoDataFrame]) -> Iterator[ShapeLayer]:
    """Yield the layers in the order of :data:`ROLES`, unknown ones below them."""
    parts = [part for name, frame in layers.items() for part in _parts(name, frame)]
    for key, frame in sorted(parts, key=lambda part: _rank(part[0])):
        is_zone = "zone" in frame
        role = ROLES.get(key) or Role(label("kind", key), PLAIN)
        yield ShapeLayer(
            _with_names(frame),
            role.name,
            names=("name_zh", "name_en"),
            look=replace(role.look, place=is_zone),
            zone_ids="zone" if is_zone else None,
            show=role.show,
        )


def _parts(name: str, frame: gpd.GeoDataFrame) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Take a layer as it is, or zones apart by kind."""
    if "zone" not in frame:
        if len(frame):
            yield name, frame
        return
    for kind in frame["kind"].unique():
        yield str(kind), frame[frame["kind"] == kind]


def _rank(key: str) -> int:
    return list(ROLES).index(key) if key in ROLES else -1


def _with_names(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a layer the columns ``name_zh`` and ``name_en``, from what it has."""
    found = next((field for field in _NAME_FIELDS if field in frame), None)
    zh = UNNAMED.zh if found is None else frame[found]
    en = frame.get("name_en", UNNAMED.en if found is None else zh)
    return frame.assign(name_zh=zh, name_en=en)


def _zone_bounds(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Bounds]:
    """West, south, east and north of every zone, in degrees."""
    zones = [frame.to_crs("EPSG:4326") for frame in layers.values() if "zone" in frame]
    return {
        str(zone): (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
        for frame in zones
        for zone, box in zip(frame["zone"], frame.geometry.bounds.to_numpy(), strict=True)
    }


def _around(shapes: Sequence[ShapeLayer]) -> Bounds:
    west, south, east, north = zip(*(layer.bounds_deg for layer in shapes), strict=True)
    return min(west), min(south), max(east), max(north)
