"""What a model sees of each pixel: images read, composited, with indices and phenology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sinks.errors import Finding, located
from sinks.grid import Window
from sinks.imagery.composites import (
    checked_statistics,
    composite_of,
    count_unseen,
    unseen_findings,
)
from sinks.imagery.features import FeatureBlocks, Features
from sinks.imagery.image import Image, stacked
from sinks.imagery.indices import with_indices
from sinks.imagery.phenology import phenology_of
from sinks.parameters.imagery import chosen_indices, quality_scheme
from sinks.sources.images import Quality, read_image
from sinks.study_imagery import Classification, ImageSource

_ROWS = 40  # fewest rows that stand for an image
MADE_UP = "N20"  # the note of a file that says of itself that it is synthetic


@dataclass(frozen=True, kw_only=True, eq=False)
class SeenFeatures:
    """Features on one grid, and what was noted; ``synthetic`` if an image says it is made up."""

    blocks: FeatureBlocks
    findings: tuple[Finding, ...]
    synthetic: bool


def image_of(source: ImageSource) -> Image:
    """Read an image as a study or a command describes it."""
    files = source.files if source.path is None else source.path
    first = next(iter(source.files.values())) if source.path is None else source.path
    quality = None
    with located(file=first, place=f"images.{source.id}"):
        if source.quality is not None and source.quality_scheme is not None:
            quality = Quality(source.quality, quality_scheme(source.quality_scheme))
        return read_image(
            files,
            bands=source.bands or None,
            day=source.day,
            scale=source.scale,
            offset=source.offset,
            nodata=source.nodata,
            quality=quality,
            crs=source.crs,
            align=source.align,
            label=source.id,
        )


def features_of(
    classification: Classification, sources: Sequence[ImageSource], *, threads: int = 1
) -> SeenFeatures:
    """Put the features of a classification together.

    One image gives its bands and indices. Several give statistics over their dates of bands
    and indices alike, and with ``phenology`` the course of an index over the year; pixels
    that no date shows are counted.
    """
    images = [image_of(source) for source in sources if source.id in classification.images]
    indices = chosen_indices(classification.indices)
    checked_statistics(classification.statistics)
    indexed = [with_indices(image, indices) for image in images]
    findings = [finding for image in images for finding in image.findings]
    if len(images) == 1:
        blocks = indexed[0]
    else:
        blocks = composite_of(indexed, classification.statistics)
        rows, cols = blocks.grid.shape
        unseen = count_unseen(blocks, threads=threads)
        findings += unseen_findings(unseen, rows * cols, what=classification.id)
    if classification.phenology is not None:
        (index,) = chosen_indices([classification.phenology])
        blocks = stacked([blocks, phenology_of(images, index)])
    made_up = any(f.code == MADE_UP for f in findings) or any(s.synthetic for s in sources)
    return SeenFeatures(blocks=blocks, findings=tuple(findings), synthetic=made_up)


def spread_pixels(features: FeatureBlocks, count: int) -> Features:
    """Return features of about ``count`` pixels with data, ``(features, pixels)``.

    They are those of whole rows spread evenly over the image, in the order of reading; more
    rows are read where many pixels have no data, until there are enough.
    """
    rows, cols = features.grid.shape
    wanted = min(max(-(-count // cols), _ROWS), rows)
    while True:
        chosen = np.unique(np.linspace(0, rows - 1, wanted).astype(int))
        found = [features.read(Window(int(row), 0, 1, cols))[:, 0] for row in chosen]
        known = [row[:, np.isfinite(row).all(axis=0)] for row in found]
        pixels = np.concatenate(known, axis=1)
        if pixels.shape[1] >= count or wanted == rows:
            return pixels
        wanted = min(2 * wanted, rows)
