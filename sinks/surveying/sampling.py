"""``sinks sample``: draw a probability sample on a map that is a file."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from sinks.errors import InputRefused, Language, located
from sinks.files import file_hash, files_hash
from sinks.landcover.cover import LandCover
from sinks.maps.chips import DatedImage
from sinks.parameters.legends import crosswalk
from sinks.publish import workspace
from sinks.sources.images import read_image
from sinks.sources.rasters import read_land_cover
from sinks.sources.vectors import read_layer
from sinks.surveying.drawing import SAMPLE, Kind, SampledMaps, SampleWish, draw_into
from sinks.surveying.outcome import StepOutcome, published_step
from sinks.zones.zones import Zones


def sample_map(  # noqa: PLR0913 (the options of the command)
    *,
    before: Path,
    out: Path,
    scheme: str,
    after: Path | None = None,
    nodata: str | None = None,
    years: Sequence[str] = (),
    within: Path | None = None,
    design: Kind = "stratified",
    size: int | None = None,
    target_se: float | None = None,
    users_accuracy: float = 80.0,
    minimum: int = 50,
    images: Sequence[Path] = (),
    bands: Sequence[str] = (),
    scale: float | None = None,
    offset: float | None = None,
    seed: int = 1,
    language: Language = "zh",
    threads: int = 1,
) -> StepOutcome:
    """Draw a sample on one map, or on two and the change between them.

    Written are the sample (GeoPackage with its design), the page for labelling, and the
    strata. A folder that holds a sample is never overwritten: labels may stand in it.

    Raises
    ------
    InputRefused
        ``J03`` without a size, ``J04`` if ``out`` holds a sample, ``J05`` if years or images
        do not go with the maps; and as the readers of maps, layers and images.
    """
    if (out / SAMPLE).exists():
        raise InputRefused.because("J04", file=out / SAMPLE)
    wish = SampleWish(
        kind=design,
        size=size,
        target_se=None if target_se is None else target_se / 100,
        users_accuracy=users_accuracy / 100,
        least=minimum,
        seed=seed,
    )
    maps = [before] if after is None else [before, after]
    dates = _dates(maps, years, images)
    covers = _covers(maps, scheme, nodata, threads)
    sampled = SampledMaps(
        covers=tuple(covers),
        dates=dates,
        map_hash=maps_hash(maps),
        district=None if within is None else _district(within),
        images=_shown(images, bands, scale, offset, dates),
        synthetic=_synthetic(covers, maps),
    )
    with workspace(out) as folder:
        drawn = draw_into(folder, sampled, wish, out=out, language=language, threads=threads)
        return published_step(
            folder,
            out,
            step="sample",
            inputs=_inputs(maps, images, within),
            said=drawn.said,
            findings=drawn.findings,
            seed=seed,
            sample_hash=drawn.hash,
            synthetic=list(sampled.synthetic),
        )


def maps_hash(maps: Sequence[Path]) -> str:
    """Return one hash for the map or maps that a sample was drawn on."""
    hashes = [file_hash(path) for path in maps]
    return hashes[0] if len(hashes) == 1 else sha256("".join(hashes).encode()).hexdigest()


def _inputs(maps: Sequence[Path], images: Sequence[Path], within: Path | None) -> dict[str, str]:
    """Return the hash of every file by its part: files of two dates may have the same name."""
    named = dict(zip(("map", "after"), maps, strict=False))
    named |= {f"image.{number}": path for number, path in enumerate(images, start=1)}
    named |= {} if within is None else {"within": within}
    return {part: files_hash(path) for part, path in named.items()}


def _dates(maps: Sequence[Path], years: Sequence[str], images: Sequence[Path]) -> tuple[str, ...]:
    if years and len(years) != len(maps):
        raise InputRefused.because("J05", place="--years", given=len(years), maps=len(maps))
    if len(images) > len(maps):
        raise InputRefused.because("J05", place="--image", given=len(images), maps=len(maps))
    dates = tuple(years) or tuple(path.stem for path in maps)
    if len(set(dates)) != len(maps):  # labels and figures go by these names
        raise InputRefused.because("J05", place="--years", given=len(set(dates)), maps=len(maps))
    return dates


def _covers(
    maps: Sequence[Path], scheme: str, nodata: str | None, threads: int
) -> list[LandCover]:
    known = crosswalk(scheme)
    covers: list[LandCover] = []
    for year, path in enumerate(maps):
        with located(file=path):
            cover = read_land_cover(
                path,
                crosswalk=known,
                year=year,
                nodata=nodata,
                align_to=covers[0].grid if covers else None,
                threads=threads,
            )
        covers.append(cover)
    return covers


def _district(path: Path) -> Zones:
    with located(file=path, place="--within"):
        layer = read_layer(path, geometry="polygon")
        ids = [str(number) for number in range(len(layer.frame))]
        frame = layer.frame[["geometry"]].assign(zone=ids, name_zh="", name_en="", kind="district")
        return Zones(frame=frame, findings=layer.findings)


def _shown(
    images: Sequence[Path],
    bands: Sequence[str],
    scale: float | None,
    offset: float | None,
    dates: tuple[str, ...],
) -> tuple[DatedImage, ...]:
    shown = []
    for path, day in zip(images, dates, strict=False):
        image = read_image(path, bands=tuple(bands), scale=scale, offset=offset)
        made_up = any(finding.code == "N20" for finding in image.findings)
        shown.append(DatedImage(label=day, image=image, synthetic=made_up))
    return tuple(shown)


def _synthetic(covers: Sequence[LandCover], maps: Sequence[Path]) -> tuple[str, ...]:
    """Name the maps that say of themselves that they are made up."""
    return tuple(
        path.name
        for cover, path in zip(covers, maps, strict=True)
        if any(finding.code == "N20" for finding in cover.findings)
    )
