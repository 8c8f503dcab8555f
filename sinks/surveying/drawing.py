"""Draw a sample on maps that are there, and write it with the page on which it is labelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from sinks.accuracy.designs import WHOLE, Design, allocated, anticipated_se, total_size
from sinks.accuracy.selection import draw, sampling_frame
from sinks.accuracy.strata import Strata, strata_of
from sinks.errors import Finding, InputRefused, Language, distinct
from sinks.landcover.cover import LandCover
from sinks.maps.chips import DatedImage
from sinks.maps.labelling import write_labelling_page
from sinks.reports.sample_file import write_sample
from sinks.reports.tables import write_table
from sinks.sources.sample_files import SampleFacts, SampleFile
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
        while True:
            sizes = allocated(total, population, rule="proportional", least=self.least)
            design = Design(kind=self.kind, seed=self.seed, sizes=sizes)
            if not self._short(design, strata) or total >= population.sum():
                return design
            total += max(total // 50, 1)  # what rare classes get is missing elsewhere

    def expected_se_pct(self, design: Design, strata: Strata) -> float:
        """Return the standard error of the overall accuracy that the design should reach."""
        population = strata.population_px
        if design.kind != "stratified":
            population = pd.Series({WHOLE: int(population.sum())})
        shares = pd.Series(self.users_accuracy, index=population.index)
        return 100 * anticipated_se(design.sizes, shares, population)

    def _short(self, design: Design, strata: Strata) -> bool:
        """Tell whether a design misses the standard error that is wanted."""
        wanted_pct = 100 * (self.target_se or np.inf)
        return self.expected_se_pct(design, strata) > wanted_pct

    def _total(self, population: pd.Series) -> int:
        if self.size is not None:
            return self.size
        shares = pd.Series(self.users_accuracy, index=population.index)
        return total_size(shares, population, target_se=float(self.target_se or 0))


@dataclass(frozen=True, kw_only=True, eq=False)
class SampledMaps:
    """What a sample is drawn on: a map, or two of different dates, and what is shown of it.

    ``dates`` name the maps in words; ``map_hash`` identifies them; ``images`` are looked at
    while labelling; ``synthetic`` names what is made up.
    """

    covers: tuple[LandCover, ...]
    dates: tuple[str, ...]
    map_hash: str
    district: Zones | None = None
    images: tuple[DatedImage, ...] = ()
    synthetic: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DrawnSample:
    """A sample that was drawn and written: its design, its hash, and what to say of it."""

    design: Design
    hash: str
    said: Mapping[Language, list[str]]
    findings: tuple[Finding, ...]


def draw_into(
    folder: Path,
    maps: SampledMaps,
    wish: SampleWish,
    *,
    out: Path,
    language: Language = "zh",
    threads: int = 1,
) -> DrawnSample:
    """Draw a sample and write it into ``folder``, which will be published as ``out``.

    Written are the sample with its design, the points alone for interpreters, the page for
    labelling, and the strata.
    """
    strata = strata_of(*maps.covers, district=maps.district, threads=threads)
    design = wish.design(strata)
    drawn = draw(strata, design, threads=threads)
    grid = maps.covers[0].grid
    facts = SampleFacts(
        kind=design.kind,
        seed=wish.seed,
        map_hash=maps.map_hash,
        dates=maps.dates,
        pixel=(grid.transform.a, -grid.transform.e),
        synthetic=maps.synthetic,
    )
    sample = _write(folder, drawn, sampling_frame(strata, design, drawn), facts)
    write_labelling_page(
        sample,
        folder / PAGE,
        legend=maps.covers[0].legend,
        title=("样本判读 " + "、".join(maps.dates), "Labelling " + ", ".join(maps.dates)),
        images=maps.images,
        language=language,
    )
    noted = [*(f for cover in maps.covers for f in cover.findings), *strata.findings]
    return DrawnSample(
        design=design,
        hash=sample.hash,
        said=_said(out, len(drawn), design, wish.expected_se_pct(design, strata)),
        findings=distinct(noted),
    )


def _write(
    folder: Path, drawn: gpd.GeoDataFrame, frame: pd.DataFrame, facts: SampleFacts
) -> SampleFile:
    """Write the sample with its design, the points alone for interpreters, and the strata."""
    write_sample(drawn, frame, folder / BLIND, facts=facts, blind=True)
    write_table(frame.set_index("stratum"), folder / STRATA)
    return write_sample(drawn, frame, folder / SAMPLE, facts=facts)


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
