"""What a study says of images, of maps classified from them, and of samples that judge maps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from sinks.study_file import unfit
from sinks.study_parts import Id, Part, Source, Year

LayerName = Literal["probability", "entropy", "dissimilarity", "next_samples"]


class ImageSource(Part):
    """An image of one day: a file with several bands, or a file for each band.

    ``bands`` are the roles of the bands of ``path`` in their order; ``files`` names a file
    for each role instead. Roles are never guessed.
    """

    id: Id
    day: date | None = None
    path: Path | None = None
    bands: tuple[str, ...] = ()
    files: dict[str, Path] = Field(default_factory=dict)
    crs: str | None = None
    scale: float | None = Field(default=None, gt=0)
    offset: float | None = None
    nodata: float | Literal["none"] | None = None
    align: str | None = None  # role of the band whose grid the others are brought to
    quality: Path | None = None
    quality_scheme: str | None = None
    synthetic: bool = False
    source: str = ""

    @model_validator(mode="after")
    def _one_form(self) -> ImageSource:
        if (self.path is None) == (not self.files) or bool(self.path) != bool(self.bands):
            raise unfit("image_form")
        if (self.quality is None) != (self.quality_scheme is None):
            raise unfit("quality_pair")
        return self

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Yield every file of the image with its place in the study."""
        named = {"": self.path, **{f".{role}": file for role, file in self.files.items()}}
        for suffix, path in {**named, ".quality": self.quality}.items():
            if path is not None:
                yield (
                    f"images.{self.id}{suffix}",
                    Source(path=path, crs=self.crs, synthetic=self.synthetic, source=self.source),
                )


class TrainingSource(Source):
    """Polygons or points whose class is known.

    ``class_field`` holds keys or names of classes; codes only of a ``scheme`` that is named.
    ``classes`` says which class each word of another legend means, such as ``{forest = "MIX"}``;
    places of a class ``"none"`` are left out.
    """

    class_field: str
    scheme: str | None = None
    classes: dict[str, str] = Field(default_factory=dict)
    group_field: str | None = None
    most_px: int | None = Field(default=200, gt=0)  # of one polygon


class SplitSource(Source):
    """Official polygons that decide between classes an image cannot tell apart.

    Where the map shows one of ``classes`` and a polygon of another of them lies, the polygon
    is right.
    """

    code_field: str
    scheme: str
    classes: tuple[str, ...] = Field(min_length=2)
    precedence: tuple[str, ...] = ()  # the strongest first, where polygons overlap


class ParcelSource(Source):
    """Official parcels, to be compared with the map: those that disagree are listed."""

    id_field: str
    code_field: str
    scheme: str
    purity: float = Field(default=0.75, ge=0.5, le=1)  # from here on the map may contradict
    minimum_ha: float = Field(default=0.1, ge=0)
    take_majority: bool = False  # pure parcels take the class of most of their pixels


class Classification(Part):
    """A map made from images: features, training places, model, rules, layers to write."""

    id: Id
    name_zh: str
    name_en: str
    year: Year
    images: tuple[Id, ...] = Field(min_length=1)
    statistics: tuple[str, ...] = ("median",)  # of the images, where there are several
    indices: tuple[str, ...] = ()
    phenology: str | None = None  # an index whose course over the year becomes features
    training: TrainingSource
    model: str = "random_forest"
    parameters: dict[str, int | float | str | bool | list[int]] = Field(default_factory=dict)
    engine: Literal["exact", "library", "distilled"] = "exact"
    folds: int = Field(default=5, ge=2, le=20)
    layers: tuple[LayerName, ...] = ("probability", "dissimilarity")
    next_samples: int = Field(default=50, ge=1, le=5000)
    minimum_ha: float | None = Field(default=None, gt=0)
    keep: tuple[str, ...] = ()  # classes that no minimum mapping unit touches
    splits: tuple[SplitSource, ...] = ()
    parcels: ParcelSource | None = None
    land_cover: bool = False  # the map is the land cover of its year

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Yield every layer that the classification names, with its place in the study."""
        place = f"classifications.{self.id}"
        yield f"{place}.training", self.training
        for number, split in enumerate(self.splits, start=1):
            yield f"{place}.splits.{number}", split
        if self.parcels is not None:
            yield f"{place}.parcels", self.parcels


class SampleDraw(Part):
    """A probability sample to be drawn on the land cover, for interpreters to label.

    With ``year_before``, strata are changes and both dates are labelled. ``images`` are what
    interpreters look at, one for each date.
    """

    id: Id
    year: Year
    year_before: Year | None = None
    design: Literal["simple", "stratified", "systematic"] = "stratified"
    size: int | None = Field(default=None, ge=2)
    target_se_pct: float | None = Field(default=None, gt=0, le=50)
    users_accuracy_pct: float = Field(default=80.0, ge=1, le=100)
    minimum: int = Field(default=50, ge=2)
    images: tuple[Id, ...] = Field(default=(), max_length=2)

    @model_validator(mode="after")
    def _one_size(self) -> SampleDraw:
        if (self.size is None) == (self.target_se_pct is None):
            raise unfit("size_or_target")
        if len(self.images) > len(self.years):
            raise unfit("image_each_date")
        return self

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are labelled, in order."""
        return tuple(year for year in (self.year_before, self.year) if year is not None)


class MapSample(Source):
    """A probability sample drawn on the land cover of ``year``, with its labels.

    Labels stand in the sample file itself, or in ``labels``, a file for each interpreter.
    With ``year_before``, both dates are labelled.
    """

    year: Year
    year_before: Year | None = None
    labels: tuple[Path, ...] = ()
    decided: Path | None = None  # a third person's labels of the places in dispute
    where_different: Literal["first", "second"] | None = None  # whose label stands otherwise

    @model_validator(mode="after")
    def _in_order(self) -> MapSample:
        if self.year_before is not None and self.year_before >= self.year:
            raise unfit("year_before_order")
        return self

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are labelled, one or two in order."""
        return (self.year,) if self.year_before is None else (self.year_before, self.year)

    def sources(self) -> Iterator[tuple[str, Source]]:
        """Yield the sample and its labels, with their places in the study."""
        place = f"samples.{self.year}"
        yield place, self
        files = {f"labels.{number}": path for number, path in enumerate(self.labels, start=1)}
        for name, path in {**files, "decided": self.decided}.items():
            if path is not None:
                made = Source(path=path, synthetic=self.synthetic, source=self.source)
                yield f"{place}.{name}", made


class Catalogue(Part):
    """A STAC API that ``sinks fetch`` may ask for images; ``sinks run`` never does.

    ``bands`` names the asset of each role; ``hosts`` are hosts beside that of ``url`` that
    files may be read from. The composite lies on square pixels of ``resolution_m`` in
    ``crs`` around the district.
    """

    enabled: bool = False
    url: str
    collection: str
    bands: dict[str, str] = Field(min_length=1)
    start: date
    end: date
    crs: str
    resolution_m: float = Field(gt=0)
    scale: float = Field(default=1.0, gt=0)
    offset: float = 0.0
    most_cloud_pct: float = Field(default=60.0, ge=0, le=100)
    quality_asset: str | None = None
    quality_scheme: str | None = None
    statistic: str = "median"
    hosts: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Catalogue:
        if self.end < self.start:
            raise unfit("end_before_start")
        if (self.quality_asset is None) != (self.quality_scheme is None):
            raise unfit("quality_asset_pair")
        return self
