"""What a study says of the plan: targets, the years that count, the figures it started from."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from sinks.study_file import unfit
from sinks.study_parts import Id, Part, Percent, Year


class Rules(Part):
    """Which definition of a rate is used, where several are lawful."""

    wetland_set: Literal["W_law", "W_3d", "W_2nd"] = "W_law"
    tree_denominator: Literal["total", "minus_water", "minus_water_gt"] = "total"
    large_water_ha: float | None = Field(default=None, gt=0)  # with minus_water_gt
    trees_per_ha: float = Field(default=1650.0, gt=0)
    economic_forest: bool = True
    shrub: Literal["special", "all"] = "special"
    ecological_river: Literal["by_length", "by_count"] = "by_length"
    restored_wetland: Literal["restored_and_enhanced", "restored", "enhanced"] = (
        "restored_and_enhanced"
    )


class Target(Part):
    """One figure of the plan."""

    indicator: Id
    kind: Literal["hold", "at_least", "reach", "cumulative", "per_year"]
    value_pct: Percent | None = None
    value_ha: float | None = Field(default=None, gt=0)
    value_mu: float | None = Field(default=None, gt=0)
    year: Year | None = None
    document: str

    @model_validator(mode="after")
    def _one_value(self) -> Target:
        if sum(value is not None for value in (self.value_pct, self.value_ha, self.value_mu)) != 1:
            raise unfit("target_pct_or_ha")
        return self

    @property
    def figure(self) -> tuple[float, str]:
        """The value, and its unit."""
        told = {"%": self.value_pct, "ha": self.value_ha, "mu": self.value_mu}
        return next((value, unit) for unit, value in told.items() if value is not None)


class BaseFigure(Part):
    """A figure that was published for a year before, with the definition it followed."""

    indicator: Id
    year: Year
    value_pct: float = Field(ge=0, le=100)
    rule: str
    document: str


class Plan(Part):
    """The plan that targets belong to."""

    until: Year = 2030  # year by which targets without one of their own are asked for
    first_year: Year = 2021  # of its projects
    restored_since: date | None = None  # restoration counts from this day on
    share_by: Literal["ground", "potential", "shares"] = "ground"  # among the towns
    town_shares: Path | None = None  # zone and share, also by indicator; share_by = "shares"
    base: tuple[BaseFigure, ...] = ()

    @model_validator(mode="after")
    def _shares(self) -> Plan:
        if (self.share_by == "shares") != (self.town_shares is not None):
            raise unfit("town_shares")
        return self
