"""The maps that a study classifies, and the tables that judge them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from sinks.landcover.cover import LandCover
from sinks.mapmaking.classify import Classified, classified
from sinks.mapmaking.requests import ClassificationRequest
from sinks.progress import BlockProgress, silent_blocks
from sinks.study import Study
from sinks.zones.areas import tabulate
from sinks.zones.zones import Zones

TABLES = ("validation", "validation_classes", "confusion", "training", "importance", "distances")
_WHOLE_PCT = 99.9  # of a zone must be on the map for its areas to be given


def study_maps(
    study: Study, store: Path, *, threads: int = 1, progress: BlockProgress = silent_blocks
) -> tuple[Classified, ...]:
    """Make every map that a study classifies; finished blocks wait in ``store``."""
    images = {image.id: image for image in study.images}
    return tuple(
        classified(
            ClassificationRequest(
                classification=wanted,
                images=tuple(images[name] for name in wanted.images),
                seed=study.study.seed,
            ),
            store / wanted.id,
            threads=threads,
            progress=progress,
        )
        for wanted in study.classifications
    )


def land_covers(maps: Iterable[Classified]) -> tuple[LandCover, ...]:
    """Return the maps that are the land cover of their year."""
    return tuple(made.cover for made in maps if made.classification.land_cover)


def map_tables(
    maps: Sequence[Classified], zones: Zones, *, threads: int = 1
) -> dict[str, pd.DataFrame]:
    """Return the tables of all maps, ``map`` being the outer level of each.

    ``maps`` (name, year, model, threshold); ``map_validation``, ``map_validation_classes``,
    ``map_confusion``, ``map_training``, ``map_importance``, ``map_distances`` as in
    :class:`sinks.mapmaking.training.Trained`;
    ``map_classes``, ``map_rules``; ``map_areas`` (hectares of each class in the zones that
    lie on the map); ``map_clues`` (parcels that disagree).
    """
    if not maps:
        return {}
    tables = {"maps": _described(maps)} | {
        f"map_{name}": _stacked({m.classification.id: m.tables[name] for m in maps})
        for name in (*TABLES, "classes", "rules")
    }
    tables["map_areas"] = _stacked({m.classification.id: _areas(m, zones, threads) for m in maps})
    clues = {
        m.classification.id: pd.DataFrame(m.clues.drop(columns="geometry")).rename_axis("parcel")
        for m in maps
        if m.clues is not None
    }
    if clues:
        tables["map_clues"] = _stacked(clues)
    return {name: table for name, table in tables.items() if not table.empty}


def _described(maps: Sequence[Classified]) -> pd.DataFrame:
    """Return what each map is and how it was made."""
    rows = {
        m.classification.id: {
            "name_zh": m.classification.name_zh,
            "name_en": m.classification.name_en,
            "year": m.classification.year,
            "model": m.classification.model,
            "engine": m.classification.engine,
            "threshold": m.threshold,
        }
        for m in maps
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("map")


def _stacked(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    return pd.DataFrame(pd.concat(tables, names=["map"]))


def _areas(made: Classified, zones: Zones, threads: int) -> pd.DataFrame:
    """Return hectares by zone and class, of zones that lie wholly on the map."""
    found = tabulate(made.cover, zones, threads=threads)
    coverage = found.coverage
    on_map_pct = 100 * (1 - coverage["outside_ha"] / coverage["zone_ha"])
    whole = on_map_pct.index[on_map_pct >= _WHOLE_PCT]
    areas = found.areas[["area_ha"]]
    return areas[areas.index.get_level_values("zone").isin(whole)]
