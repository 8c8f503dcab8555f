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


class Siting(Part):
    """Where the next hectares of restoration do most good.

    Candidates are the cells of a grid; of each, the ground of the classes ``before`` may be
    turned into ``after``. ``budget_yuan``, ``area_ha`` and ``target_tco2e`` ask for at most so
    much money, at least so many hectares, at least so much benefit; with a target and without
    a budget the cost is made as small as may be.
    """

    id: Id = "siting"
    name_zh: str
    name_en: str
    before: tuple[str, ...] = Field(min_length=1)
    after: str
    uses_after: Shares = Field(default_factory=dict)
    type: str = "aquaculture_to_wetland"
    year: Year  # in which it is done
    horizon: Year = 2060  # by which its benefit adds up
    cell_m: float = Field(default=250.0, ge=30, le=5000)
    smallest_ha: float = Field(default=1.0, gt=0)  # of a candidate
    budget_yuan: float | None = Field(default=None, gt=0)
    area_ha: float | None = Field(default=None, gt=0)
    target_tco2e: float | None = None
    least_ha: dict[str, float] = Field(default_factory=dict)  # by town
    beside_wetland: float | None = Field(default=None, ge=0, le=1)  # share of the area
    habitat_tco2e_per_ha: float = Field(default=0.0, ge=0)  # what habitat counts beside carbon
    compact_tco2e_per_km: float = Field(default=0.0, ge=0)  # penalty on boundary
    locked_out: tuple[Literal["built_up", "redline", "forest", "protected"], ...] = ("built_up",)
    plans: int = Field(default=10, ge=1, le=100)  # near-optimal ones
    within: float = Field(default=0.05, gt=0, lt=1)  # of the optimum
    trials: int = Field(default=40, ge=0, le=1000)  # of benefits as they may be

    @model_validator(mode="after")
    def _bounded(self) -> Siting:
        if self.budget_yuan is None and self.area_ha is None and self.target_tco2e is None:
            raise unfit("siting_unbounded")
        return self


class NetworkSource(Part):
    """An ecological network: what is habitat, and how animals move."""

    id: Id
    name_zh: str
    name_en: str
    guild: Literal["wetland", "woodland"]
    habitat: tuple[str, ...] = Field(min_length=1)
    pixel_m: float = Field(default=50.0, ge=5, le=1000)  # to which the map is coarsened
    edge_px: int = Field(default=1, ge=1, le=20)
    smallest_core_ha: float = Field(default=2.0, ge=0)
    half_m: float = Field(default=5000.0, gt=0)  # of the easiest ground, that half survive
    limit_m: float | None = Field(default=None, gt=0)  # how far corridors are looked for
