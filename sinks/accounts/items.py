"""What an account is made of: items, each a physical quantity and what a unit of it is worth.

An item belongs to a service (crops, flood regulation, tourism …). Which items count, and how a
unit of each is valued, is said by a rule set: data, not code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from sinks.accounts.formulas import arguments

Status = Literal["counted", "off", "not_applicable"]
Provisioning = Literal["net", "gross", "output"]
GROUPS = {
    "provisioning": (
        *("crops", "forestry", "livestock", "fishery", "wetland_plants", "water_supply"),
    ),
    "regulating": (
        *("water_retention", "soil_retention", "wind_erosion_control", "coastal_protection"),
        *("flood_regulation", "air_purification", "water_purification", "carbon_fixation"),
        *("oxygen_release", "local_climate", "noise_reduction", "pest_control"),
        "species_conservation",
    ),
    "cultural": ("tourism", "recreation", "landscape_premium"),
}
SERVICES = tuple(service for services in GROUPS.values() for service in services)
GROUP_OF = {service: group for group, services in GROUPS.items() for service in services}


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One physical quantity of a service.

    ``quantity`` and ``worth`` name formulas; ``detail`` is what their arguments are asked for
    (a product, a pollutant). ``land_cover`` are the classes that give it, ``ground`` where
    (``all`` of it, what is ``felt`` near dwellings, what is ``unregulated`` by reservoirs).
    ``limit`` names the amount that the sum over the district cannot exceed; ``measured`` the
    formula of places where it was measured instead.
    """

    item: str
    service: str
    unit: str
    quantity: str
    worth: str
    land_cover: tuple[str, ...]
    detail: str = ""
    ground: Literal["all", "felt", "unregulated", "account"] = "all"
    limit: str = ""
    measured: str = ""
    status: Status = "counted"

    @property
    def counted(self) -> bool:
        """Whether the rule set counts it here."""
        return self.status == "counted"

    @property
    def takes(self) -> tuple[str, ...]:
        """The names of everything that enters it."""
        named = (*arguments(self.quantity), *arguments(self.worth))
        named += (self.limit,) if self.limit else ()
        return (*named, "felt_share") if self.ground == "felt" else named


@dataclass(frozen=True, kw_only=True, eq=False)
class RuleSet:
    """A specification as data: what counts, how it is valued, and whether it was read.

    ``reasons`` has the index ``item`` and the columns ``reason_zh``, ``reason_en``,
    ``verified``, ``reference``, ``where``. A ``replication`` repeats what was published, its
    double counts too, and says so.
    """

    name: str
    provisioning: Provisioning
    replication: bool
    items: tuple[Item, ...]
    reasons: pd.DataFrame = field(default_factory=pd.DataFrame)

    def of_service(self, service: str) -> tuple[Item, ...]:
        """Return the items of a service."""
        return tuple(item for item in self.items if item.service == service)

    def counts(self, item: str) -> bool:
        """Whether an item is there and counts."""
        return any(each.item == item and each.counted for each in self.items)
