"""Samples that a study draws on its land cover, for interpreters to label."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from sinks.errors import Finding, InputRefused, Language, located
from sinks.files import file_hash
from sinks.landcover.cover import LandCover
from sinks.mapmaking.features import image_of
from sinks.maps.chips import DatedImage
from sinks.publish import MANIFEST
from sinks.study import Study
from sinks.study_imagery import SampleDraw
from sinks.surveying.drawing import SampledMaps, SampleWish, draw_into
from sinks.workflow.inputs import Inputs

FOLDER = "samples"


def draw_samples(
    study: Study, inputs: Inputs, folder: Path, *, language: Language, threads: int = 1
) -> tuple[Finding, ...]:
    """Draw every sample of a study into ``folder/samples``, with its page for labelling.

    Raises
    ------
    InputRefused
        ``J09`` if there is no land cover of a year; and as drawing and the page refuse.
    """
    findings: list[Finding] = []
    covers = {cover.year: cover for cover in inputs.covers}
    for wanted in study.draws:
        place = folder / FOLDER / wanted.id
        place.mkdir(parents=True)
        with located(file=study.file, place=f"draws.{wanted.id}"):
            drawn = draw_into(
                place,
                _maps(study, wanted, covers, inputs),
                _wish(wanted, study.study.seed),
                out=place,
                language=language,
                threads=threads,
            )
        findings += drawn.findings
    return tuple(findings)


def refuse_if_labelled(out: Path) -> None:
    """Refuse (``J04``) to replace a result whose samples were changed: labels stand in them."""
    try:
        record = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    for name, facts in record.get("outputs", {}).items():
        path = out / name
        if name.startswith(f"{FOLDER}/") and path.is_file() and file_hash(path) != facts["sha256"]:
            raise InputRefused.because("J04", file=path)


def _wish(wanted: SampleDraw, seed: int) -> SampleWish:
    return SampleWish(
        kind=wanted.design,
        size=wanted.size,
        target_se=None if wanted.target_se_pct is None else wanted.target_se_pct / 100,
        users_accuracy=wanted.users_accuracy_pct / 100,
        least=wanted.minimum,
        seed=seed,
    )


def _maps(
    study: Study, wanted: SampleDraw, covers: Mapping[int, LandCover], inputs: Inputs
) -> SampledMaps:
    if missing := [year for year in wanted.years if year not in covers]:
        raise InputRefused.because("J09", years=missing, known=sorted(covers))
    hashes = [_hash(study, year, inputs) for year in wanted.years]
    return SampledMaps(
        covers=tuple(covers[year] for year in wanted.years),
        dates=tuple(map(str, wanted.years)),
        map_hash=hashes[0] if len(hashes) == 1 else sha256("".join(hashes).encode()).hexdigest(),
        district=inputs.district,
        images=tuple(_shown(study, wanted)),
        synthetic=study.synthetic,
    )


def _hash(study: Study, year: int, inputs: Inputs) -> str:
    """Identify the land cover of a year: the hash of its file, or of what it was made from."""
    place = f"land_cover.{year}"
    if place in inputs.files.index:
        return str(inputs.files.loc[place, "sha256"])
    made = next(c for c in study.classifications if c.land_cover and c.year == year)
    told = [made.model_dump_json(), str(study.study.seed), *map(str, inputs.files["sha256"])]
    return sha256("\n".join(told).encode()).hexdigest()


def _shown(study: Study, wanted: SampleDraw) -> Iterator[DatedImage]:
    images = {image.id: image for image in study.images}
    for name, year in zip(wanted.images, wanted.years, strict=False):
        source = images[name]
        yield DatedImage(label=str(year), image=image_of(source), synthetic=source.synthetic)
