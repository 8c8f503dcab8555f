"""What a command asks for, in the terms of a study: the same parts, checked the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from sinks.errors import InputRefused
from sinks.scenes.files import band_files
from sinks.study_file import findings
from sinks.study_imagery import Classification, ImageSource, TrainingSource

_COMMAND = Path("sinks classify")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class ClassificationRequest:
    """A map to be made, the images it is made of, and the seed of everything random."""

    classification: Classification
    images: tuple[ImageSource, ...]
    seed: int


def classification_request(  # noqa: PLR0913 (the options of the command)
    *,
    images: Sequence[Path],
    bands: Sequence[str] = (),
    days: Sequence[datetime] = (),
    scale: float | None = None,
    offset: float | None = None,
    nodata: str | None = None,
    crs: str | None = None,
    quality: Sequence[Path] = (),
    quality_scheme: str | None = None,
    training: Path,
    class_field: str,
    training_crs: str | None = None,
    group_field: str | None = None,
    scheme: str | None = None,
    classes: Sequence[str] = (),
    parameters: Sequence[str] = (),
    seed: int = 1,
    **rest: Any,
) -> ClassificationRequest:
    """Make a request of the options of ``sinks classify``.

    Raises
    ------
    InputRefused
        ``J01`` if days or quality files do not go with the images, ``J02`` for a parameter
        that is not ``name=value``, ``J23`` for a quality band without its scheme;
        ``C06`` for values that a study would refuse too.
    """
    for name, given in (("--day", days), ("--quality", quality)):
        if given and len(given) != len(images):
            raise InputRefused.because("J01", place=name, given=len(given), images=len(images))
    if bool(quality) != bool(quality_scheme):
        given_one = "--quality" if quality else "--quality-scheme"
        raise InputRefused.because("J23", place=given_one, given=given_one)
    sources = tuple(
        _checked(
            ImageSource,
            id=f"image_{number}",
            **_place(path, bands),
            day=days[number - 1].date() if days else None,
            scale=scale,
            offset=offset,
            nodata=nodata,
            crs=crs,
            quality=quality[number - 1] if quality else None,
            quality_scheme=quality_scheme,
        )
        for number, path in enumerate(images, start=1)
    )
    places = _checked(
        TrainingSource,
        path=training,
        class_field=class_field,
        group_field=group_field,
        crs=training_crs,
        scheme=scheme,
        classes=dict(_pair(text, "--classes") for text in classes),
    )
    classification = _checked(
        Classification,
        id="map",
        name_zh="土地覆盖",
        name_en="land cover",
        images=tuple(image.id for image in sources),
        training=places,
        parameters=dict(_parameter(text) for text in parameters),
        **rest,
    )
    return ClassificationRequest(classification=classification, images=sources, seed=seed)


def _place(path: Path, bands: Sequence[str]) -> dict[str, object]:
    """Say where the bands stand: in one file in order, or ``role=pattern`` in a folder."""
    named = dict(band.split("=", 1) for band in bands if "=" in band)
    if named and len(named) == len(bands):
        return {"files": {file.roles[0]: file.path for file in band_files(path, named)}}
    return {"path": path, "bands": tuple(bands)}


def _parameter(text: str) -> tuple[str, object]:
    """Take ``name=value`` apart; numbers, true and false, and lists are recognised."""
    name, value = _pair(text, "--set")
    if "," in value:
        try:
            return name, [int(part) for part in value.split(",")]
        except ValueError as error:
            raise InputRefused.because("J02", place="--set", text=text) from error
    for kind in (int, float):
        try:
            return name, kind(value)
        except ValueError:
            continue
    return name, {"true": True, "false": False}.get(value.lower(), value)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in text.partition("="))
    if not (name and equals and value):
        raise InputRefused.because("J02", place=option, text=text)
    return name, value


def _checked(part: type[Model], /, **values: Any) -> Model:
    try:
        return part.model_validate(values)
    except ValidationError as error:
        raise InputRefused(findings(error, part, _COMMAND)) from error
