"""What a study says of restoration: scenarios of measures, baselines, what is assumed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from sinks.study_file import unfit
from sinks.study_parts import Id, Part, Year

Shares = dict[str, float]


class ScenarioMeasure(Part):
    """Land that is turned into another class, in equal parts over some years."""

    id: Id
    first_year: Year
    last_year: Year | None = None  # else all of it in the first
    before: str  # class of the legend
    after: str
    area_ha: float = Field(gt=0)
    uses_before: Shares = Field(default_factory=dict)
    uses_after: Shares = Field(default_factory=dict)
    type: str = ""  # as in the ledger, for what it costs
    species_group: Id | None = None  # of trees that are planted
    rotation_years: int | None = Field(default=None, ge=0)  # 0: never cut
    rewetted: bool = False  # soil gains as the Wetlands Supplement says
    reenclosed_in: Year | None = None  # from then on it is again what it was
    cost_yuan_per_ha: float | None = Field(default=None, ge=0)

    @property
    def years(self) -> range:
        """The years in which it is done."""
        return range(self.first_year, (self.last_year or self.first_year) + 1)

    @model_validator(mode="after")
    def _in_order(self) -> ScenarioMeasure:
        if not len(self.years):
            raise unfit("measure_years")
        return self


class ScenarioSource(Part):
    """A named list of measures: of its own, or the projects of the ledger."""

    id: Id
    name_zh: str
    name_en: str
    ledger: tuple[Literal["accepted", "under_way", "planned"], ...] = ()  # projects so far
    measures: tuple[ScenarioMeasure, ...] = ()

    @model_validator(mode="after")
    def _something(self) -> ScenarioSource:
        if not self.ledger and not self.measures:
            raise unfit("scenario_empty")
        return self


class BaselineSource(Part):
    """What the land would have gone on being, where no measure had been taken."""

    id: Id
    name_zh: str
    name_en: str
    classes: dict[str, str] = Field(default_factory=dict)  # class before: class it is taken for
    uses: dict[str, Shares] = Field(default_factory=dict)  # class: shares of uses


class Restoration(Part):
    """What is assumed of every scenario."""

    overshoot: bool = True  # methane of new wetland, in its first years
    leakage_share: float = Field(default=0.0, ge=0, le=1)  # of culture that goes on elsewhere
    leakage_uses: tuple[str, ...] = ()
    leakage_note: str = ""
