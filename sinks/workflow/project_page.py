"""The page of the ledger's projects on the images of a study, where it has both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd

from sinks.errors import Language
from sinks.mapmaking.features import image_of
from sinks.maps.chips import NATURAL, DatedImage
from sinks.maps.projects import write_projects_page
from sinks.results import Results
from sinks.study import Study
from sinks.workflow.inputs import Inputs


def write_project_page(
    study: Study, results: Results, inputs: Inputs, path: Path, *, language: Language
) -> Path | None:
    """Write the page, unless the study has no ledger or no image in natural colour.

    Raises
    ------
    InputRefused
        ``M07`` if the page would be too large.
    """
    source = study.layers.projects
    if source is None or results.table("ledger").empty:
        return None
    images = list(_images(study))
    if not images:
        return None
    frame = inputs.layers["projects"].frame
    ids = frame[source.id_field].map(str).str.strip().to_numpy()
    outlines = gpd.GeoSeries(frame.geometry.to_numpy(), index=ids, crs=frame.crs)
    return write_projects_page(results, outlines, path, images=images, language=language)


def _images(study: Study) -> Iterator[DatedImage]:
    """Yield the images that can be shown, the earliest first; one without a day comes last."""
    for source in sorted(study.images, key=lambda each: each.day or date.max):
        image = image_of(source)
        if set(NATURAL) <= set(image.names):
            label = str(source.day or source.id)
            yield DatedImage(label=label, image=image, synthetic=source.synthetic)
