"""Maps classified from images on the page of a study: the map, its doubts, where to look next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from sinks.imagery.features import FeatureBlocks
from sinks.landcover.cover import LandCover
from sinks.maps.elements import EngineLayer, Look
from sinks.maps.figures import records
from sinks.maps.inert import Words
from sinks.maps.surfaces import (
    ClassifiedRaster,
    Detail,
    MarkedPixels,
    ProbabilityRaster,
    RecordLayer,
)
from sinks.results import Results

WHOLE_MAP = Words("分类图全图", "Whole map")
_OUTSIDE = Words("模型适用范围之外", "Outside the area of applicability")
_OUTSIDE_SAYS = Words("是，精度未知", "yes, accuracy unknown")
_NEXT = Words("建议补充样本处", "Where to sample next")
_CLUES = Words("更新线索图斑", "Parcels that disagree")
_HA = Words("公顷", "ha")
_PERCENT = Words("%", "%")
_POINTS = Look(colour="#ffffff", width=1.5, halo=None, fill="#c2185b")
_PARCELS = Look(colour="#d81b60", width=1.8, fill="#d81b6026")
_NEEDS = (
    Detail(column="need", label=Words("需要程度（0—1）", "Need (0-1)"), digits=2),
    Detail(column="entropy", label=Words("分类熵（0—1）", "Entropy (0-1)"), digits=2),
    Detail(column="dissimilarity", label=Words("差异指数", "Dissimilarity"), digits=2),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassifiedMap:
    """What a page shows of a map classified from images.

    ``shown`` says that the map is the land cover of its year and on the page already.
    ``probability`` and ``dissimilarity`` are layers on the grid of ``cover``, or nothing;
    pixels whose dissimilarity exceeds ``threshold`` lie where the model was never tested.
    ``places`` are points with ``rank``, ``need``, ``entropy`` and ``dissimilarity``;
    ``clues`` parcels, their id as index, with ``official``, ``majority``, ``parcel_ha``,
    ``purity`` (0-1) and ``disagreement_ha``.
    """

    id: str
    name: Words
    cover: LandCover
    threshold: float
    shown: bool = False
    probability: FeatureBlocks | None = None
    dissimilarity: FeatureBlocks | None = None
    places: gpd.GeoDataFrame | None = None
    clues: gpd.GeoDataFrame | None = None


def classified_layers(
    results: Results, maps: Sequence[ClassifiedMap], *, threads: int = 1
) -> list[EngineLayer]:
    """Return the layers of classified maps, in the order in which they are drawn, all hidden.

    Raises
    ------
    InputRefused
        ``M05``, ``M06`` if a raster or a layer cannot be placed on a page.
    """
    layers = [layer for made in maps for layer in _layers(results, made, threads)]
    if len({made.cover.year for made in maps}) < len(maps):
        for layer in layers:
            if isinstance(layer, (ClassifiedRaster, ProbabilityRaster)):
                layer.subject = layer.words  # a button with the year would not say which map
    return layers


def _layers(results: Results, made: ClassifiedMap, threads: int) -> Iterator[EngineLayer]:
    year = made.cover.year
    raster = None if made.shown else _raster(results, made, threads)
    if raster is not None:
        yield raster
    if made.probability is not None:
        name = Words(f"{made.name.zh}：概率", f"{made.name.en}: probability")
        yield ProbabilityRaster(made.probability, name, year=year, judged=raster, threads=threads)
    if made.dissimilarity is not None:
        yield MarkedPixels(
            made.dissimilarity,
            _of_year(_OUTSIDE, year),
            threshold=made.threshold,
            says=_OUTSIDE_SAYS,
            threads=threads,
        )
    if made.clues is not None and len(made.clues):
        yield _clue_layer(made, made.clues)
    if made.places is not None and len(made.places):
        yield _place_layer(made, made.places)


def _raster(results: Results, made: ClassifiedMap, threads: int) -> ClassifiedRaster:
    return ClassifiedRaster(
        made.cover,
        made.name,
        area_ha=_area_ha(results, made),
        area_of=WHOLE_MAP,
        show=False,
        threads=threads,
    )


def _of_year(name: Words, year: int) -> Words:
    return Words(f"{name.zh} {year}", f"{name.en} {year}")


def _area_ha(results: Results, made: ClassifiedMap) -> dict[int, float] | None:
    """Return the hectares of each code of a map as the result tables have them."""
    codes = {key: c.code for key, c in made.cover.legend.by_key.items()}
    areas = {
        codes[row["land_cover"]]: float(row["area_ha"])
        for row in records(results.table("map_classes"))
        if row["map"] == made.id
    }
    return areas or None


def _clue_layer(made: ClassifiedMap, clues: gpd.GeoDataFrame) -> RecordLayer:
    names = {c.key: Words(c.zh, c.en) for c in made.cover.legend.classes}
    details = (
        Detail(column="official", label=Words("官方类型", "Official class"), names=names),
        Detail(column="majority", label=Words("图上多数类型", "Majority on the map"), names=names),
        Detail(column="purity", label=Words("纯度", "Purity"), unit=_PERCENT, scale=100),
        Detail(column="parcel_ha", label=Words("图斑面积", "Parcel"), digits=2, unit=_HA),
        Detail(
            column="disagreement_ha", label=Words("不一致面积", "Disagreeing"), digits=2, unit=_HA
        ),
    )
    frame = clues.assign(name=pd.Index(clues.index).astype(str))
    name = _of_year(_CLUES, made.cover.year)
    return RecordLayer(frame, name, names=("name", "name"), look=_PARCELS, details=details)


def _place_layer(made: ClassifiedMap, places: gpd.GeoDataFrame) -> RecordLayer:
    ranks = places["rank"].astype(int).astype(str)
    frame = places.assign(name_zh="第 " + ranks + " 处", name_en="No. " + ranks)
    name = _of_year(_NEXT, made.cover.year)
    return RecordLayer(frame, name, names=("name_zh", "name_en"), look=_POINTS, details=_NEEDS)
