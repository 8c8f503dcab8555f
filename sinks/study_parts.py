"""What the parts of a study file have in common: strict models, and files with their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Percent = Annotated[float, Field(gt=0, le=100)]
Year = Annotated[int, Field(ge=1900, le=2100)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Part(BaseModel):
    """A table of a study file; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Source(Part):
    """A file and the answers that its content may make necessary."""

    path: Path
    layer: str | None = None  # of a GeoPackage with several
    sheet: str | None = None  # of a workbook with several
    crs: str | None = None  # where the file does not say it
    encoding: str | None = None  # of attribute text, where the bytes do not decide it
    repair: Literal["make_valid"] | None = None
    overlap: Literal["union"] | None = None
    synthetic: bool = False  # made up for demonstration; said on every page it reaches
    source: str = ""  # who made it, printed in the report
