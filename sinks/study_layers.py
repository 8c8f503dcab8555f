"""The layers that a study may name: what each is, and which of its fields says what."""

from __future__ import annotations

from typing import Literal

from sinks.study_parts import Part, Source, Year


class TableSource(Source):
    """A table of a study (CSV or Excel) instead of a layer."""


class WetlandSource(Source):
    """Wetland polygons; ``scheme`` says what the codes in ``code_field`` mean."""

    scheme: str
    code_field: str
    natural_field: str | None = None  # true / false, where the code does not decide it
    name_field: str | None = None


class ProtectedSource(Source):
    """Protected areas of every form, overlaps and all."""

    form_field: str
    name_field: str | None = None
    valid_from_field: str | None = None
    valid_to_field: str | None = None


class ForestSource(Source):
    """Forest stands (小班) with their kind in house terms or a scheme of their own."""

    id_field: str
    kind_field: str
    area_field: str | None = None
    area_unit: Literal["ha", "mu", "m2"] | None = None
    canopy_field: str | None = None
    species_field: str | None = None
    age_field: str | None = None
    volume_field: str | None = None
    volume_unit: Literal["m3_per_ha", "m3_per_mu", "m3"] = "m3_per_ha"
    stems_field: str | None = None  # per hectare
    diameter_field: str | None = None  # mean, cm
    height_field: str | None = None  # mean, m
    reference_year: Year | None = None  # of the inventory; else that of the last land cover


class RiverSource(Source):
    """Registered rivers as centre lines; a status of a whole river, where there is one."""

    id_field: str
    name_field: str | None = None
    level_field: str | None = None  # county, township, other
    status_field: str | None = None  # accepted as ecological, or not
    year_field: str | None = None  # of the assessment
    document_field: str | None = None
    length_field: str | None = None  # as registered
    length_unit: Literal["m", "km"] = "km"


class RiverEvents(TableSource):
    """Stretches of rivers that passed an assessment, by distance along the river."""

    river_field: str
    from_field: str
    to_field: str
    unit: Literal["m", "km"] = "m"
    status_field: str
    year_field: str
    document_field: str


class BeltSource(Source):
    """Tree belts as lines with their measured width in metres."""

    width_field: str
    name_field: str | None = None


class PolygonSource(Source):
    """Any other polygon layer that pages show and later accounts use."""

    name_field: str | None = None
    year_field: str | None = None
    kind_field: str | None = None


class ProjectSource(PolygonSource):
    """Projects of restoration and planting; with type and status they are a ledger (台账)."""

    id_field: str | None = None
    type_field: str | None = None
    status_field: str | None = None
    pre_class_field: str | None = None
    post_class_field: str | None = None
    document_field: str | None = None
    accepted_field: str | None = None  # the day
    survival_field: str | None = None  # of trees, in percent
    area_field: str | None = None
    area_unit: Literal["ha", "mu", "m2"] = "ha"


class ReportedSource(TableSource):
    """Indicators that departments report, with their targets."""


class StatisticsSource(TableSource):
    """What bureaus know in figures: output, prices, weather, loads, visitors."""


class TreeCount(TableSource):
    """A table of trees outside stands: zone id and number of trees (四旁树)."""

    zone_field: str
    count_field: str


class Layers(Part):
    """The layers that rates and accounts need, each optional."""

    wetland: WetlandSource | None = None
    protected: ProtectedSource | None = None
    forest: ForestSource | None = None
    tree_count: TreeCount | None = None
    belts: BeltSource | None = None
    rivers: RiverSource | None = None
    river_events: RiverEvents | None = None
    redline: PolygonSource | None = None
    built_up: PolygonSource | None = None
    vegetation: PolygonSource | None = None
    felled: PolygonSource | None = None
    projects: ProjectSource | None = None
    reported: ReportedSource | None = None
    statistics: StatisticsSource | None = None
