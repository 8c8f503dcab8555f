"""Fetch a composite of the study area from the catalogue that a study names, to a file."""

from __future__ import annotations

from functools import partial
from math import ceil, floor
from pathlib import Path

import numpy as np
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError

from sinks.block_store import BlockStore, key_of, run_blocks
from sinks.errors import InputRefused, Language, located
from sinks.grid import Grid, Window
from sinks.imagery.composites import unseen_findings
from sinks.inference.prediction import BlockResult
from sinks.parameters.imagery import quality_scheme
from sinks.progress import BlockProgress, silent_blocks
from sinks.publish import workspace
from sinks.reports.layers import LayerOutput, write_layer
from sinks.sources.catalogues import Query, SceneComposite, Scenes, find_scenes
from sinks.sources.vectors import read_layer
from sinks.study import Study
from sinks.study_imagery import Catalogue
from sinks.surveying.outcome import StepOutcome, published_step
from sinks.surveying.standalone import block_folder, clear_blocks

IMAGE = "composite.tif"
_LAYER = "composite"
_MARGIN_PX = 20  # around the district


def fetch_composite(
    study: Study,
    out: Path,
    *,
    language: Language = "zh",
    progress: BlockProgress = silent_blocks,
) -> StepOutcome:
    """Read the scenes of the study's days window by window, and publish their composite.

    Written are a GeoTIFF of reflectance (float32, a band for each role) and ``run.json`` with
    every scene and file it was made of. Finished blocks wait beside ``out``, so that a fetch
    that was stopped goes on.

    Raises
    ------
    InputRefused
        ``J30`` if the study names no catalogue or has not enabled it, ``R02`` if its CRS is not
        usable; and as :func:`sinks.sources.catalogues.find_scenes`.
    """
    wanted = study.catalogue
    if wanted is None or not wanted.enabled:
        raise InputRefused.because("J30", file=study.file, place="catalogue")
    grid, bounds_deg = _around(study, wanted)
    scenes = find_scenes(_query(wanted), bounds_deg)
    image = SceneComposite(scenes=scenes, grid=grid, statistic=wanted.statistic)
    key = key_of({"catalogue": wanted.model_dump(mode="json"), "scenes": scenes.described()})
    store = BlockStore(folder=block_folder(out), key=key, grid=grid)
    with workspace(out) as folder:
        done = run_blocks(partial(_block, image), store, progress=progress)
        unseen, every = done.pixels.get(0, 0), sum(done.pixels.values())
        noted = (*scenes.findings, *unseen_findings(unseen, every, what=wanted.collection))
        output = LayerOutput(
            path=folder / IMAGE,
            name_zh=f"{wanted.collection} {wanted.statistic}",
            name_en=f"{wanted.start} - {wanted.end}",
        )
        write_layer(store.layer(_LAYER, image.names), output)
        outcome = published_step(
            folder,
            out,
            step="fetch",
            inputs={},
            said={"zh": _said(out, scenes, "zh"), "en": _said(out, scenes, "en")},
            findings=noted,
            catalogue=wanted.model_dump(mode="json"),
            scenes=scenes.described(),
            language=language,
        )
    clear_blocks(store.folder)
    return outcome


def _query(wanted: Catalogue) -> Query:
    scheme = None if wanted.quality_scheme is None else quality_scheme(wanted.quality_scheme)
    return Query(
        url=wanted.url,
        collection=wanted.collection,
        bands=wanted.bands,
        first=wanted.start,
        last=wanted.end,
        scale=wanted.scale,
        offset=wanted.offset,
        most_cloud_pct=wanted.most_cloud_pct,
        quality=wanted.quality_asset,
        clear=None if scheme is None else scheme.clear,
        hosts=wanted.hosts,
    )


def _around(study: Study, wanted: Catalogue) -> tuple[Grid, tuple[float, float, float, float]]:
    """Return a grid of whole pixels around the district, and its bounds in degrees."""
    source = study.district
    with located(file=source.path, place="district"):
        layer = read_layer(source.path, layer=source.layer, crs=source.crs, geometry="polygon")
    try:
        crs = CRS.from_user_input(wanted.crs)
    except CRSError as error:
        raise InputRefused.because("R02", place="catalogue.crs", crs=wanted.crs) from error
    size = wanted.resolution_m
    west, south, east, north = layer.frame.to_crs(crs).total_bounds
    left, top = (floor(west / size) - _MARGIN_PX) * size, (ceil(north / size) + _MARGIN_PX) * size
    shape = ceil((top - south) / size) + _MARGIN_PX, ceil((east - left) / size) + _MARGIN_PX
    grid = Grid(crs=crs, transform=Affine(size, 0, left, 0, -size, top), shape=shape)
    degrees = layer.frame.to_crs("EPSG:4326").total_bounds
    return grid, (float(degrees[0]), float(degrees[1]), float(degrees[2]), float(degrees[3]))


def _block(image: SceneComposite, window: Window) -> BlockResult:
    """Read one window; its codes say which pixels some scene shows."""
    values = image.read(window)
    seen = np.asarray(np.isfinite(values).all(axis=0), dtype=np.uint8)
    return BlockResult(window=window, codes=seen, layers={_LAYER: values})


def _said(out: Path, scenes: Scenes, language: Language) -> list[str]:
    days = sorted({str(scene["day"]) for scene in scenes.described()})
    bands = ", ".join(f'"{role}"' for role in scenes.query.bands)
    entry = f'path = "{out / IMAGE}", bands = [{bands}]'
    if language == "zh":
        return [
            f"{len(scenes.items)} 景，{len(days)} 天：{days[0]} 至 {days[-1]}",
            f"在研究文件的 [[images]] 中写 {entry}",
        ]
    return [
        f"{len(scenes.items)} scenes of {len(days)} days, {days[0]} to {days[-1]}",
        f"In [[images]] of the study write {entry}",
    ]
