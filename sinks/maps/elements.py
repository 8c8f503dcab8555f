"""Layers for a folium map: rasters of classes, numbers derived from them, and shapes.

They go where folium's own layers go, also in a notebook, beside any other layer::

    m = folium.Map(tiles=None)
    before = ClassRaster(cover_2020).add_to(m)
    after = ClassRaster(cover_2025, show=False).add_to(m)
    ShapeLayer(towns, "镇街", names="name_zh").add_to(m)
    LayerPanel().add_to(m)
    Legend().add_to(m)
    Pointer().add_to(m)

Names and numbers travel as inert data (:mod:`sinks.maps.inert`); the scripts of these
elements hold identifiers only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

import geopandas as gpd
import numpy as np
from branca.element import MacroElement
from folium.map import Layer
from folium.template import Template
from numpy.typing import NDArray

from sinks.landcover.cover import LandCover
from sinks.maps.assets import add_engine, figure_of
from sinks.maps.inert import Block, Words, html_text, json_text, names_of, words
from sinks.maps.pixel_data import PixelData
from sinks.maps.ramps import Ramp
from sinks.maps.shapes import STEP_M, encoded, inside_places

Text = str | tuple[str, str]

LAND_COVER = Words("土地覆盖", "Land cover")
MAKER = Template(
    """
    {% macro script(this, kwargs) %}
    var {{ this.get_name() }} = sinks.{{ this.maker }}(
        {{ this._parent.get_name() }}, "{{ this.get_name() }}");
    {% endmacro %}
    """
)


class EngineLayer(Layer):
    """A layer that our engine draws; ``maker`` is the function of the engine that makes it."""

    _template = MAKER
    maker = ""

    def __init__(self, name: Text, *, overlay: bool, show: bool):
        # folium writes this name into a script and Leaflet into HTML, so it is escaped twice
        super().__init__(html_text(words(name).zh), overlay=overlay, show=show)
        self._name = type(self).__name__
        self.words = words(name)

    def facts(self) -> dict[str, Any]:
        """Return what the browser needs to know, as plain data."""
        raise NotImplementedError

    def blocks(self) -> Iterator[Block]:
        """Yield the data that rides in the page."""
        yield Block(self, "facts", json_text(self.facts()), kind="json")

    def render(self, **kwargs: object) -> None:  # type: ignore[override]  # as folium's own do
        """Put engine, data and one line of script into the figure."""
        add_to_figure(self, self.blocks())
        super().render(**kwargs)  # type: ignore[no-untyped-call]


def add_to_figure(element: MacroElement, blocks: Iterator[Block]) -> None:
    """Put the engine and the data of an element into its page."""
    figure = figure_of(element)
    add_engine(figure)
    for block in blocks:
        figure.html.add_child(block, name=block.name)


class ClassRaster(EngineLayer):
    """Land cover of one year, pixel by pixel.

    ``area_ha`` gives the hectares of each class code as the result tables have them, for the
    legend; ``area_of`` says for which place. Colours and names come from the legend of the
    cover.
    """

    maker = "classRaster"
    subject = LAND_COVER

    def __init__(
        self,
        cover: LandCover,
        name: Text | None = None,
        *,
        area_ha: Mapping[int, float] | None = None,
        area_of: Text = ("合计", "Total"),
        show: bool = True,
        threads: int = 1,
    ):
        year = str(cover.year)
        default = Words(f"{LAND_COVER.zh} {year}", f"{LAND_COVER.en} {year}")
        super().__init__(default if name is None else name, overlay=False, show=show)
        self.cover = cover
        self._area_ha = area_ha
        self._area_of = words(area_of)
        self._pixels = PixelData.of(cover, threads=threads)

    def facts(self) -> dict[str, Any]:
        """Return names, classes, grid, placement and the lengths of the blocks."""
        areas = self._area_ha
        return {
            "name": self.words,
            "short": words(str(self.cover.year)),
            "subject": self.subject,
            "classes": [
                {"code": c.code, "key": c.key, "name": Words(c.zh, c.en), "colour": c.colour}
                for c in self.cover.classes()
            ],
            "area_ha": None if areas is None else {str(k): float(v) for k, v in areas.items()},
            "area_of": self._area_of,
            **self._pixels.facts(),
        }

    def blocks(self) -> Iterator[Block]:
        """Yield the facts and the pixels."""
        yield from super().blocks()
        yield Block(self, "blocks", self._pixels.text(), kind="base64")


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What numbers on a map are: their subject and unit, their colours, a note below them.

    ``digits`` and, for those that have one, a sign are shown where a place is asked for;
    ``quiet`` numbers only where they are on the map or by a click.
    """

    subject: Words
    unit: Words
    ramp: Ramp
    note: Words | None = None
    digits: int = 1
    signed: bool = False
    quiet: bool = False


class DerivedRaster(EngineLayer):
    """Numbers looked up by class: carbon density of a year, its change, or the net balance.

    ``value_by_code`` gives a number for each class code, NaN or nothing where there is none;
    it is shown for ``raster``, or as its difference from ``minus``, the raster of an earlier
    year. Both must be on the map already. No pixel is stored twice.
    """

    maker = "derivedRaster"

    def __init__(
        self,
        raster: ClassRaster,
        quantity: Quantity,
        *,
        value_by_code: Mapping[int, float] | NDArray[np.floating],
        minus: ClassRaster | None = None,
        show: bool = False,
    ):
        year = str(raster.cover.year)
        self._years = year if minus is None else f"{minus.cover.year} → {year}"
        subject = quantity.subject
        name = Words(f"{subject.zh} {self._years}", f"{subject.en} {self._years}")
        super().__init__(name, overlay=False, show=show)
        self._raster, self._minus = raster, minus
        self._quantity = quantity
        self._values = values_by_code(value_by_code)

    def facts(self) -> dict[str, Any]:
        """Return names, the numbers by code, the ramp, and which rasters they belong to."""
        ramp = self._quantity.ramp
        return {
            "name": self.words,
            "short": words(self._years),
            "subject": self._quantity.subject,
            "of": self._raster.get_name(),
            "minus": None if self._minus is None else self._minus.get_name(),
            "value_by_code": {str(code): value for code, value in self._values.items()},
            "ramp": {"stops": ramp.stops, "ticks": ramp.ticks, "unit": ramp.unit},
            "short_unit": self._quantity.unit,
            "note": self._quantity.note,
            "digits": self._quantity.digits,
            "signed": self._quantity.signed,
            "quiet": self._quantity.quiet,
        }


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a layer is drawn, and where its names show.

    ``labels`` writes the names on the map in the manner of a ``town`` or a ``site``;
    ``place``: named in the tooltip also when hidden; ``asked``: named there at all.
    """

    colour: str = "#1c2430"
    width: float = 1.5
    halo: str | None = "#ffffffb3"
    fill: str | None = None
    dash: tuple[float, ...] = ()
    labels: Literal["town", "site"] | None = None
    place: bool = False
    asked: bool = True


class ShapeLayer(EngineLayer):
    """Polygons, lines or points with a name each.

    ``names`` are columns of ``frame``: one name, or zh and en; ``zone_ids`` is the column of
    zone ids, if the features are zones.
    """

    maker = "shapeLayer"

    def __init__(
        self,
        frame: gpd.GeoDataFrame,
        name: Text,
        *,
        names: str | tuple[str, str],
        look: Look | None = None,
        zone_ids: str | None = None,
        show: bool = True,
    ):
        super().__init__(name, overlay=True, show=show)
        self._shapes = encoded(frame)
        ordered = frame.iloc[self._shapes.order]
        zh, en = (names, names) if isinstance(names, str) else names
        self._names = [names_of(a, b) for a, b in zip(ordered[zh], ordered[en], strict=True)]
        self._look = look or Look()
        self._labels = inside_places(ordered) if self._look.labels else None
        self._zone_ids = None if zone_ids is None else [str(z) for z in ordered[zone_ids]]

    @property
    def bounds_deg(self) -> tuple[float, float, float, float]:
        """West, south, east and north."""
        return self._shapes.bounds_deg

    def facts(self) -> dict[str, Any]:
        """Return names, style, label places and the size of the encoded shapes."""
        look = self._look
        return {
            "name": self.words,
            "kind": self._shapes.kind,
            "origin_m": self._shapes.origin_m,
            "step_m": STEP_M,
            "features": self._shapes.features,
            "rings": self._shapes.rings,
            "bounds_deg": self._shapes.bounds_deg,
            "names": self._names,
            "style": {
                "colour": look.colour,
                "width": look.width,
                "halo": look.halo,
                "fill": look.fill,
                "dash": look.dash,
            },
            "labels": self._labels,
            "label_kind": look.labels,
            "place": look.place,
            "asked": look.asked,
            "zone_ids": self._zone_ids,
        }

    def blocks(self) -> Iterator[Block]:
        """Yield the facts and the shapes."""
        yield from super().blocks()
        yield Block(self, "blocks", self._shapes.text, kind="base64")


def values_by_code(given: Mapping[int, float] | NDArray[np.floating]) -> dict[int, float]:
    """Return finite numbers by class code, of a mapping or of an array indexed by code."""
    pairs = given.items() if isinstance(given, Mapping) else enumerate(given.tolist())
    return {int(code): float(value) for code, value in pairs if isfinite(value)}
