"""What a study says about carbon: what stands on its classes, its waters, rice and fields.

Names of uses, water regimes and sets of potentials are those of the parameter tables; they
are checked where these are read.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sinks.study_file import unfit
from sinks.study_parts import Id, Part, Source, Year

Amount = Annotated[float, Field(gt=0, le=60)]
Share = Annotated[float, Field(gt=0, le=1)]
_WHOLE = 1e-6  # how far shares may be from adding up to 1

PoolName = Literal["above_ground", "below_ground", "dead_organic_matter", "soil"]


class UseShare(Part):
    """What stands on a class, as shares of its area; ``zones`` limits it to some zones."""

    land_cover: str
    shares: dict[str, Share] = Field(min_length=1)
    zones: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> UseShare:
        if abs(sum(self.shares.values()) - 1) > _WHOLE:
            raise unfit("shares_whole", total=f"{sum(self.shares.values()):g}")
        return self


class Reservoir(Part):
    """A zone of the study that is a reservoir: its gases follow its age and trophic state."""

    zone: str
    flooded_since: Year  # the year it was first filled
    dug: bool  # the ground was dug out first, so that no soil and no plants were flooded
    trophic: str = "unknown"  # oligotrophic, mesotrophic, eutrophic, hypereutrophic
    outlet_dam: bool = False  # water leaves through a dam
    land_cover: tuple[str, ...] = ("LAK", "PND")  # the classes of its water


class Rice(Part):
    """How rice is grown: methane by the equation of the IPCC instead of the table's mean."""

    use: str = "rice_wheat"
    water_regime: str  # continuous, single_drainage, multiple_drainage, ...
    pre_season: str = "short_dry"
    region: str = "east_asia"
    days: float | None = Field(default=None, ge=30, le=366)  # of cultivation; else regional
    amendments: dict[str, Amount] = Field(default_factory=dict)  # t/ha: straw_short = 6


class Crop(Part):
    """Nitrogen that one crop gets."""

    synthetic_kg_n_per_ha: float = Field(ge=0, le=1500)
    organic_kg_n_per_ha: float = Field(default=0.0, ge=0, le=1500)
    flooded: Literal["continuous", "drained", "aggregated"] | None = None  # rice


class Nitrogen(Part):
    """Nitrogen on a use of fields: nitrous oxide by the IPCC instead of the table's mean."""

    use: str
    crops: tuple[Crop, ...] = Field(min_length=1)  # of one year on the same ground
    indirect: bool = True  # count what rises elsewhere of nitrogen that left the field


class Balance(Part):
    """How the balance of greenhouse gases is made."""

    potentials: str = "AR5"  # global warming potentials: AR5, AR6, AR6_20, ...
    draws: int = Field(default=10_000, ge=10_000, le=1_000_000)
    until: Year = 2060  # last year of the trajectories
    uses: tuple[UseShare, ...] = ()
    reservoirs: tuple[Reservoir, ...] = ()
    rice: Rice | None = None
    nitrogen: tuple[Nitrogen, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Balance:
        named = [(u.land_cover, zone) for u in self.uses for zone in (u.zones or ("",))]
        named += [("reservoir", reservoir.zone) for reservoir in self.reservoirs]
        if twice := sorted({" ".join(pair).strip() for pair in named if named.count(pair) > 1}):
            raise unfit("balance_once", names=", ".join(twice))
        return self


class DensityRasterSource(Source):
    """A raster of carbon density that takes the place of the table for some classes."""

    id: Id
    pool: PoolName
    land_cover: tuple[str, ...] = Field(min_length=1)
    unit: Literal["tc_per_ha", "t_biomass_per_ha"] = "tc_per_ha"
    carbon_fraction: Share | None = None  # of dry matter, where the unit is t_biomass_per_ha
    relative_se_pct: float = Field(gt=0, le=200)  # of the mean over a class
    align: Literal["nearest"] | None = None
    nodata: float | None = None

    @model_validator(mode="after")
    def _carbon(self) -> DensityRasterSource:
        if (self.unit == "t_biomass_per_ha") != (self.carbon_fraction is not None):
            raise unfit("carbon_fraction")
        return self
