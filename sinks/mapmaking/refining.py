"""Rules after classification: mapping unit, official polygons, parcels that disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from sinks.errors import Finding, InputRefused, located
from sinks.imagery.features import FeatureBlocks
from sinks.landcover.cover import LandCover
from sinks.landcover.legend import Crosswalk
from sinks.parameters.legends import crosswalk
from sinks.refinement.mapping_unit import MappingUnit, generalised
from sinks.refinement.parcels import ParcelRule, Parcels, by_parcel, compared, leads
from sinks.refinement.splits import rules_within, split
from sinks.sources.vectors import Layer, read_layer
from sinks.study_imagery import Classification, ParcelSource, SplitSource
from sinks.zones.zones import Zones

_CHANGE = ["rule", "land_cover", "land_cover_after"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Refined:
    """A map after its rules.

    ``changes`` has the index ``(rule, land_cover, land_cover_after)`` and ``px``, ``area_ha``;
    ``clues`` are the parcels that disagree with the map, with their polygons, the largest
    disagreement first; None without parcels.
    """

    cover: LandCover
    changes: pd.DataFrame
    clues: gpd.GeoDataFrame | None
    findings: tuple[Finding, ...]


def refined(
    cover: LandCover,
    wanted: Classification,
    *,
    probability: FeatureBlocks | None,
    threads: int = 1,
) -> Refined:
    """Apply the rules of a classification in their order.

    First the mapping unit, then official polygons that part a class, then parcels: those that
    disagree are listed, and with ``by_parcel`` the pure ones take their majority class.
    """
    changes: list[pd.DataFrame] = []
    findings: list[Finding] = []
    if wanted.minimum_ha is not None:
        unit = MappingUnit(unit_ha=wanted.minimum_ha, keep=wanted.keep)
        smoothed = generalised(cover, unit, threads=threads)
        cover = smoothed.cover
        changes.append(_named(smoothed.changes, "mapping_unit"))
    for number, source in enumerate(wanted.splits, start=1):
        with located(file=source.path, place=f"classifications.{wanted.id}.splits.{number}"):
            polygons, noted = _polygons(source)
            parted = split(
                cover,
                polygons,
                [rule for rule in rules_within(source.classes) if rule.kind in polygons],
                precedence=[kind for kind in source.precedence if kind in polygons],
                threads=threads,
            )
        cover = parted.cover
        findings += noted
        changes.append(_named(parted.changes.groupby(_CHANGE[1:]).sum(), "official_polygons"))
    clues = None
    if wanted.parcels is not None:
        with located(file=wanted.parcels.path, place=f"classifications.{wanted.id}.parcels"):
            cover, clues, noted = _with_parcels(cover, wanted.parcels, probability, threads)
        findings += noted
    return Refined(
        cover=cover,
        changes=pd.concat(changes) if changes else _named(None, ""),
        clues=clues,
        findings=(*cover.findings, *findings),
    )


def _named(changes: pd.DataFrame | None, rule: str) -> pd.DataFrame:
    if changes is None:
        index = pd.MultiIndex.from_arrays([[], [], []], names=_CHANGE)
        return pd.DataFrame({"px": [], "area_ha": []}, index=index)
    moved = changes[changes.index.get_level_values(0) != changes.index.get_level_values(1)]
    return pd.concat({rule: moved[["px", "area_ha"]]}, names=["rule"])


def _polygons(source: SplitSource) -> tuple[dict[str, Zones], tuple[Finding, ...]]:
    """Return the official polygons of each of the classes that they part."""
    layer = _layer(source)
    keys = _keys(layer.frame[source.code_field], crosswalk(source.scheme), source.code_field)
    chosen = {key: keys == key for key in source.classes}
    ids = pd.Series([str(number) for number in range(len(keys))], index=keys.index)
    return {
        key: _zones(layer, ids, here) for key, here in chosen.items() if here.any()
    }, layer.findings


def _with_parcels(
    cover: LandCover, source: ParcelSource, probability: FeatureBlocks | None, threads: int
) -> tuple[LandCover, gpd.GeoDataFrame, tuple[Finding, ...]]:
    layer = _layer(source)
    keys = _keys(layer.frame[source.code_field], crosswalk(source.scheme), source.code_field)
    ids = layer.frame[source.id_field].astype(str)
    zones = _zones(layer, ids, pd.Series(data=True, index=keys.index))
    official: Mapping[str, str | None] = dict(zip(ids, keys, strict=True))
    parcels = Parcels(zones=zones, official=official)
    rule = ParcelRule(purity=source.purity, minimum_ha=source.minimum_ha)
    table = compared(cover, parcels, rule, probability=probability, threads=threads)
    found = leads(table)
    shapes = zones.frame.set_index("zone").geometry.reindex(found.index)
    clues = gpd.GeoDataFrame(found, geometry=shapes, crs=zones.crs)
    if source.take_majority:
        cover = by_parcel(cover, parcels, table, rule, threads=threads)
    return cover, clues, layer.findings


def _layer(source: SplitSource | ParcelSource) -> Layer:
    return read_layer(
        source.path,
        layer=source.layer,
        crs=source.crs,
        encoding=source.encoding,
        repair=source.repair,
        geometry="polygon",
        columns=_fields(source),
    )


def _fields(source: SplitSource | ParcelSource) -> tuple[str, ...]:
    if isinstance(source, ParcelSource):
        return source.id_field, source.code_field
    return (source.code_field,)


def _zones(layer: Layer, ids: pd.Series, here: pd.Series) -> Zones:
    frame = layer.frame.loc[here.to_numpy(), ["geometry"]]
    named = frame.assign(zone=ids[here.to_numpy()], name_zh="", name_en="", kind="other")
    return Zones(frame=gpd.GeoDataFrame(named, crs=layer.frame.crs))


def _keys(codes: pd.Series, known: Crosswalk, field: str) -> pd.Series:
    """Return class keys of official codes; a code that the scheme lacks is refused."""
    texts = codes.astype(str).str.strip()
    if strange := sorted(set(texts) - set(known.to_key)):
        raise InputRefused.because(
            "J11", place=field, codes=strange[:10], count=len(strange), scheme=known.scheme
        )
    return texts.map(dict(known.to_key))
