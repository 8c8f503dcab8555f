"""Draw a probability sample on a map, and make the page on which it is labelled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from sinks.accuracy.designs import WHOLE, Design, allocated, anticipated_se, total_size
from sinks.accuracy.selection import draw, sampling_frame
from sinks.accuracy.strata import Strata, strata_of
from sinks.errors import InputRefused, Language, distinct, located
from sinks.files import file_hash, files_hash
from sinks.landcover.cover import LandCover
from sinks.maps.chips import DatedImage
from sinks.maps.labelling import write_labelling_page
from sinks.parameters.legends import crosswalk
from sinks.publish import workspace
from sinks.reports.sample_file import write_sample
from sinks.reports.tables import write_table
from sinks.sources.images import read_image
from sinks.sources.rasters import read_land_cover
from sinks.sources.sample_files import SampleFacts, SampleFile
from sinks.sources.vectors import read_layer
from sinks.surveying.outcome import StepOutcome, published_step
from sinks.zones.zones import Zones

Kind = Literal["simple", "stratified", "systematic"]

SAMPLE, BLIND, PAGE, STRATA = "sample.gpkg", "to_label.gpkg", "label.html", "strata.csv"


@dataclass(frozen=True, kw_only=True)
class SampleWish:
    """How large a sample should be: its size, or the standard error that decides it.

    ``users_accuracy`` is the share of right pixels that is expected in each stratum.
    """

    kind: Kind
    size: int | None
    target_se: float | None
    users_accuracy: float
    least: int
    seed: int

    def __post_init__(self) -> None:
        if (self.size is None) == (self.target_se is None):
            raise InputRefused.because("J03", place="--size, --target-se-pct")

    def design(self, strata: Strata) -> Design:
        """Divide the sample among strata; change and rare classes get ``least`` at least."""
        population = strata.population_px
        total = self._total(population)
        if self.kind != "stratified":
            return Design(kind=self.kind, seed=self.seed, sizes={WHOLE: total})
        sizes = allocated(total, population, rule="proportional", least=self.least)
        return Design(kind=self.kind, seed=self.seed, sizes=sizes)

    def expected_se_pct(self, design: Design, strata: Strata) -> float:
        """Return the standard error of the overall accuracy that the design should reach."""
        population = strata.population_px
        if design.kind != "stratified":
            population = pd.Series({WHOLE: int(population.sum())})
        shares = pd.Series(self.users_accuracy, index=population.index)
        return 100 * anticipated_se(design.sizes, shares, population)

    def _total(self, population: pd.Series) -> int:
        if self.size is not None:
            return self.size
        shares = pd.Series(self.users_accuracy, index=population.index)
        return total_size(shares, population, target_se=float(self.target_se or 0))


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
    district = None if within is None else _district(within)
    strata = strata_of(*covers, district=district, threads=threads)
    chosen = wish.design(strata)
    drawn = draw(strata, chosen, threads=threads)
    facts = SampleFacts(
        kind=chosen.kind,
        seed=seed,
        map_hash=maps_hash(maps),
        dates=dates,
        pixel=(covers[0].grid.transform.a, -covers[0].grid.transform.e),
        synthetic=_synthetic([*covers], maps),
    )
    with workspace(out) as folder:
        sample = _write(folder, drawn, sampling_frame(strata, chosen, drawn), facts)
        write_labelling_page(
            sample,
            folder / PAGE,
            legend=covers[0].legend,
            title=("样本判读 " + "、".join(dates), "Labelling " + ", ".join(dates)),
            images=_shown(images, bands, scale, offset, dates),
            language=language,
        )
        return published_step(
            folder,
            out,
            step="sample",
            inputs=_inputs(maps, images, within),
            said=_said(out, len(drawn), chosen, wish.expected_se_pct(chosen, strata)),
            findings=distinct([*(f for c in covers for f in c.findings), *strata.findings]),
            seed=seed,
            sample_hash=sample.hash,
            synthetic=list(facts.synthetic),
        )


def _write(
    folder: Path, drawn: gpd.GeoDataFrame, frame: pd.DataFrame, facts: SampleFacts
) -> SampleFile:
    """Write the sample with its design, the points alone for interpreters, and the strata."""
    write_sample(drawn, frame, folder / BLIND, facts=facts, blind=True)
    write_table(frame.set_index("stratum"), folder / STRATA)
    return write_sample(drawn, frame, folder / SAMPLE, facts=facts)


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
) -> list[DatedImage]:
    shown = []
    for path, day in zip(images, dates, strict=False):
        image = read_image(path, bands=tuple(bands), scale=scale, offset=offset)
        made_up = any(finding.code == "N20" for finding in image.findings)
        shown.append(DatedImage(label=day, image=image, synthetic=made_up))
    return shown


def _synthetic(covers: Sequence[LandCover], maps: Sequence[Path]) -> tuple[str, ...]:
    """Name the maps that say of themselves that they are made up."""
    return tuple(
        path.name
        for cover, path in zip(covers, maps, strict=True)
        if any(finding.code == "N20" for finding in cover.findings)
    )


def _said(out: Path, count: int, design: Design, se_pct: float) -> dict[Language, list[str]]:
    page = out / PAGE
    sizes = "、".join(f"{name} {size}" for name, size in design.sizes.items())
    return {
        "zh": [
            f"抽取样点 {count} 个（{sizes}），种子 {design.seed}",
            f"预计总体精度的标准误 {se_pct:.2f} 个百分点",
            f"请打开 {page} 判读，导出 CSV，再执行 sinks assess --sample {out / SAMPLE}",
        ],
        "en": [
            f"{count} samples drawn ({sizes.replace('、', ', ')}), seed {design.seed}",
            f"expected standard error of the overall accuracy: {se_pct:.2f} percentage points",
            f"Open {page} to label, export the CSV, then: sinks assess --sample {out / SAMPLE}",
        ],
    }
