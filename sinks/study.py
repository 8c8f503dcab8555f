"""What a study file says: paths, schemes, zones, layers, parameters and targets.

A study is a TOML file. It names every input and reads none of them; relative paths count
from the study file. Unknown keys are refused with the nearest key that exists.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from sinks.errors import InputRefused
from sinks.study_accounts import Accounts
from sinks.study_carbon import Balance, DensityRasterSource
from sinks.study_file import findings, resolved, unfit
from sinks.study_imagery import Catalogue, Classification, ImageSource, MapSample, SampleDraw
from sinks.study_layers import Layers
from sinks.study_parts import Id, Part, Source, Year
from sinks.study_plan import Plan, Rules, Target
from sinks.study_restoration import (
    BaselineSource,
    NetworkSource,
    Restoration,
    ScenarioSource,
    Siting,
)

SCHEMA = 1
_LARGEST = 1_000_000  # bytes; a study is written by hand


class LandCoverSource(Source):
    """A raster of land-cover classes."""

    year: Year
    scheme: str = "house"  # legend or crosswalk that its codes belong to; never guessed
    nodata: int | Literal["none"] | None = None
    align: Literal["nearest"] | None = None  # to the grid of the first, if grids differ
    reference_date: date | None = None


class DistrictSource(Source):
    """The boundary that every figure refers to: one polygon."""

    id: Id = "district"
    name_zh: str
    name_en: str
    where: dict[str, str] = Field(default_factory=dict)  # pick features: field = value


class ZoneSource(Source):
    """A layer of places that results are given for."""

    kind: Literal["town", "site", "wetland", "redline", "other"]
    id_field: str
    name_zh_field: str | None = None
    name_en_field: str | None = None
    partition: bool = False  # the zones make up the district and do not overlap
    clip: bool = False  # cut off what lies outside the district


class Parameters(Part):
    """A district's own parameter tables; without one, the table that ships is used."""

    carbon_density: Path | None = None
    greenhouse_fluxes: Path | None = None
    wood_factors: Path | None = None
    growth_curves: Path | None = None
    soil_depth_cm: Literal[30, 100] = 30


class Limits(Part):
    """Bounds that keep a wrong file from filling the machine."""

    max_gigapixels: float = Field(default=100.0, gt=0)
    max_features: int = Field(default=5_000_000, gt=0)


class About(Part):
    """Name and reporting year of the study."""

    id: Id
    name_zh: str
    name_en: str
    note_zh: str = ""
    note_en: str = ""
    seed: int = 1


class Study(Part):
    """A whole study file; ``file`` is where it stands."""

    sinks_study: Literal[1]
    file: Path
    text: str
    study: About
    district: DistrictSource
    land_cover: tuple[LandCoverSource, ...] = ()
    images: tuple[ImageSource, ...] = ()
    classifications: tuple[Classification, ...] = ()
    samples: tuple[MapSample, ...] = ()
    draws: tuple[SampleDraw, ...] = ()
    catalogue: Catalogue | None = None
    zones: tuple[ZoneSource, ...] = ()
    layers: Layers = Layers()
    parameters: Parameters = Parameters()
    balance: Balance = Balance()
    density_rasters: tuple[DensityRasterSource, ...] = ()
    rules: Rules = Rules()
    plan: Plan = Plan()
    accounts: Accounts | None = None
    targets: tuple[Target, ...] = ()
    restoration: Restoration = Restoration()
    scenarios: tuple[ScenarioSource, ...] = ()
    baselines: tuple[BaselineSource, ...] = ()
    siting: Siting | None = None
    networks: tuple[NetworkSource, ...] = ()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _in_order(self) -> Study:
        years = [c.year for c in self.land_cover]
        if years != sorted(set(years)):
            raise unfit("land_cover_order")
        classified = [c.year for c in self.classifications if c.land_cover]
        if len({*years, *classified}) != len(years) + len(classified) or not (years or classified):
            raise unfit("land_cover_once")
        self._require_known_images()
        sampled = [year for sample in self.samples for year in sample.years]
        if len(sampled) != len(set(sampled)):
            raise unfit("samples_once")
        kinds = [z.kind for z in self.zones if z.partition]
        if len(kinds) != len(set(kinds)):
            raise unfit("one_partition")
        if self.layers.statistics is not None and self.accounts is None:
            raise unfit("statistics_alone")
        return self

    def _require_known_images(self) -> None:
        lists = {
            "images": [image.id for image in self.images],
            "classifications": [made.id for made in self.classifications],
            "draws": [drawn.id for drawn in self.draws],
            "density_rasters": [raster.id for raster in self.density_rasters],
            "scenarios": [scenario.id for scenario in self.scenarios],
            "baselines": [baseline.id for baseline in self.baselines],
            "networks": [network.id for network in self.networks],
        }
        for what, names in lists.items():
            if len(names) != len(set(names)):
                raise unfit("id_twice", what=what)
        shown = [*(c.images for c in self.classifications), *(d.images for d in self.draws)]
        named = [name for names in shown for name in names]
        if unknown := sorted(set(named) - set(lists["images"])):
            raise unfit("unknown_image", ids=", ".join(unknown))

    @classmethod
    def read(cls, path: Path | str) -> Study:
        """Read a study file.

        Raises
        ------
        InputRefused
            ``C01`` unknown key, ``C06`` wrong type or range, ``C02`` not valid TOML,
            ``C09`` no such file, ``C15`` other schema version, ``C16`` not UTF-8.
        """
        file = Path(path)
        if not file.is_file():
            raise InputRefused.because("C09", file=file, path=str(path))
        if file.stat().st_size > _LARGEST:
            raise InputRefused.because("C04", file=file, bytes=file.stat().st_size)
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputRefused.because("C16", file=file, byte=error.start) from error
        return cls.parse(text, file=file)

    @classmethod
    def parse(cls, text: str, *, file: Path) -> Study:
        """Check the text of a study file; ``file`` is where its relative paths count from."""
        try:
            content = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise InputRefused.because("C02", file=file, why=str(error)) from error
        if content.get("sinks_study") != SCHEMA:
            raise InputRefused.because(
                "C15", file=file, found=content.get("sinks_study"), schema=SCHEMA
            )
        content = resolved(content, file.resolve().parent)
        try:
            return cls.model_validate({**content, "file": file, "text": text})
        except ValidationError as error:
            raise InputRefused(findings(error, cls, file)) from error

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Every input with its place in the study, in order."""
        yield "district", self.district
        for cover in self.land_cover:
            yield f"land_cover.{cover.year}", cover
        parts = [*self.images, *self.classifications, *self.samples]
        yield from chain.from_iterable(part.sources() for part in parts)  # type: ignore[attr-defined]
        for raster in self.density_rasters:
            yield f"density_rasters.{raster.id}", raster
        for zones in self.zones:
            yield f"zones.{zones.kind}", zones
        for name, layer in self.layers:
            if layer is not None:
                yield f"layers.{name}", layer

    @property
    def synthetic(self) -> tuple[str, ...]:
        """Places of the inputs that are made up."""
        return tuple(place for place, source in self.sources() if source.synthetic)
