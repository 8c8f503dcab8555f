"""What judges a classified map, as layers: steps of probability, marked pixels, records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import Transformer

from sinks.imagery.features import FeatureBlocks
from sinks.maps.elements import ClassRaster, EngineLayer, Look, ShapeLayer, Text
from sinks.maps.inert import Block, Words, words
from sinks.maps.pixel_data import Beyond, PixelData, Steps
from sinks.maps.ramps import PROBABILITY

CLASSIFIED = Words("卫星影像分类图", "Classified from images")
PROBABILITY_OF = Words("所示类型的概率", "Probability of that class")
_NO_UNIT = Words("", "")
_EDGES = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


class ClassifiedRaster(ClassRaster):
    """A map classified from images, beside the land cover of its year."""

    subject = CLASSIFIED


class ProbabilityRaster(EngineLayer):
    """How probable the class shown is, pixel by pixel, in seven steps.

    A click tells it beside the class of ``judged``, the raster on the map that it belongs to.
    """

    maker = "classRaster"
    subject = PROBABILITY_OF

    def __init__(
        self,
        layer: FeatureBlocks,
        name: Text,
        *,
        year: int,
        judged: ClassRaster | None = None,
        threads: int = 1,
    ):
        super().__init__(name, overlay=False, show=False)
        self._year = year
        self._judged = judged
        self._pixels = PixelData.of(Steps(layer=layer, edges=_EDGES), threads=threads)

    def facts(self) -> dict[str, Any]:
        """Return names, steps in the place of classes, and where the pixels lie."""
        return {
            "name": self.words,
            "short": words(str(self._year)),
            "subject": self.subject,
            "quiet": True,
            "judges": None if self._judged is None else self._judged.get_name(),
            "classes": [
                {"code": code, "key": f"probability.{code}", "name": name, "colour": colour}
                for code, (name, colour) in enumerate(zip(_steps(), PROBABILITY, strict=True), 1)
            ],
            "area_ha": None,
            "area_of": _NO_UNIT,
            **self._pixels.facts(),
        }

    def blocks(self) -> Iterator[Block]:
        """Yield the facts and the pixels."""
        yield from super().blocks()
        yield Block(self, "blocks", self._pixels.text(), kind="base64")


def _steps() -> Iterator[Words]:
    pct = [round(100 * edge) for edge in (*_EDGES, 1.0)]
    yield Words(f"低于 {pct[0]}%", f"below {pct[0]}%")
    for low, high in pairwise(pct):
        yield words(f"{low}–{high}%")


class MarkedPixels(EngineLayer):
    """Pixels above a threshold, hatched; ``says`` is what a click on one tells."""

    maker = "maskLayer"

    def __init__(
        self, layer: FeatureBlocks, name: Text, *, threshold: float, says: Text, threads: int = 1
    ):
        super().__init__(name, overlay=True, show=False)
        self._says = words(says)
        to_degrees = Transformer.from_crs(layer.grid.crs, "EPSG:4326", always_xy=True)
        self._bounds_deg = to_degrees.transform_bounds(*layer.grid.bounds)
        self._pixels = PixelData.of(Beyond(layer=layer, threshold=threshold), threads=threads)

    def facts(self) -> dict[str, Any]:
        """Return names, and where the pixels lie."""
        return {
            "name": self.words,
            "kind": "mask",
            "says": self._says,
            "asked": True,
            "place": False,
            "bounds_deg": self._bounds_deg,
            **self._pixels.facts(),
        }

    def blocks(self) -> Iterator[Block]:
        """Yield the facts and the pixels."""
        yield from super().blocks()
        yield Block(self, "blocks", self._pixels.text(), kind="base64")


@dataclass(frozen=True, kw_only=True)
class Detail:
    """A column that a click shows: numbers with ``digits`` and ``unit``, or keys with names."""

    column: str
    label: Words
    digits: int = 0
    unit: Words = _NO_UNIT
    scale: float = 1.0
    names: Mapping[str, Words] | None = None

    def facts(self, values: pd.Series) -> dict[str, Any]:
        """Return label and values: numbers, or positions among the names that occur."""
        if self.names is None:
            numbers = [None if pd.isna(v) else self.scale * float(v) for v in values]
            return {
                "label": self.label,
                "digits": self.digits,
                "unit": self.unit,
                "values": numbers,
            }
        keys = list(dict.fromkeys(key for key in values if key in self.names))
        places = {key: place for place, key in enumerate(keys)}
        return {
            "label": self.label,
            "names": [self.names[key] for key in keys],
            "values": [places.get(key) for key in values],
        }


@dataclass(frozen=True, kw_only=True)
class Fills:
    """Colours of single features by what they are; no colour: such a feature is not filled.

    ``keys`` are what every feature is, in the order of the frame; ``names`` are listed in
    their own order, as far as they occur.
    """

    keys: Sequence[str]
    colours: Mapping[str, str | None]
    names: Mapping[str, Words]

    def facts(self, order: Iterable[int]) -> dict[str, Any]:
        """Return colours in the order of the shapes, and what they stand for."""
        held = [key for key in self.colours if key in set(self.keys)]
        return {
            "fills": [self.colours[self.keys[place]] for place in order],
            "keys": [[self.names[key], self.colours[key]] for key in held],
        }


class RecordLayer(ShapeLayer):
    """Shapes of which a click tells more than a name; only the columns named in ``details``.

    Where there are ``fills``, they take the place of the fill of ``look``.
    """

    def __init__(
        self,
        frame: gpd.GeoDataFrame,
        name: Text,
        *,
        names: tuple[str, str],
        look: Look,
        details: Sequence[Detail],
        fills: Fills | None = None,
    ):
        super().__init__(frame, name, names=names, look=look, show=False)
        ordered = frame.iloc[self._shapes.order]
        self._fills = {} if fills is None else fills.facts(self._shapes.order)
        self._details = [detail.facts(ordered[detail.column]) for detail in details]

    def facts(self) -> dict[str, Any]:
        """Return what a layer of shapes has, and the details."""
        return {**super().facts(), "details": self._details, **self._fills}
