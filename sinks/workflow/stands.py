"""The forest stands of a study: read from its layer, worked out, and cut by zone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.carbon.terms import FIXED
from sinks.errors import Finding, located
from sinks.forest.biomass import LIVE, species_ranges, stand_carbon
from sinks.forest.factors import ForestFactors
from sinks.forest.growth import Floats
from sinks.forest.stands import MEASURES, Stands, measured
from sinks.forest.stands import species_groups as groups_of
from sinks.forest.trajectory import (
    TRAJECTORY,
    cohort_flows,
    mean_increment,
    stand_ages,
    summed_flows,
)
from sinks.parameters.forest import forest_factors, stand_limits
from sinks.parameters.indicators import recognised, stand_kinds
from sinks.study import Study
from sinks.study_layers import ForestSource
from sinks.units import CO2_PER_C, HA_PER_MU
from sinks.workflow.inputs import Inputs
from sinks.workflow.numbers import numbers
from sinks.zones.outlines import Shapes
from sinks.zones.overlay import equal_area, intersections, polygon_ha
from sinks.zones.zones import Zones

_ORCHARDS = ("economic", "farm_economic")  # kinds whose trees stand for their fruit
_NO_STAND = ("not_forest", "cutover")
_EVENED_YEARS = 5  # harvests of so many years make the mean of one


@dataclass(frozen=True, kw_only=True, eq=False)
class StandInventory:
    """Stands with carbon of their own, and where they stand.

    ``stands`` and ``carbon`` have one row per stand, ``shapes`` its polygon in equal area,
    ``new`` whether it was planted after the first land cover. ``pieces``: ``zone``,
    ``stand``, ``area_ha``, each place once. ``ranges``: relative range by species group.
    ``year`` is that of the inventory, ``until`` the last year that it is followed to.
    """

    year: int
    until: int
    stands: Stands
    carbon: pd.DataFrame
    ranges: pd.DataFrame
    shapes: Shapes
    new: NDArray[np.bool_]
    pieces: pd.DataFrame
    factors: ForestFactors
    findings: tuple[Finding, ...]

    @cached_property
    def classes(self) -> NDArray[np.object_]:
        """The house class of each stand."""
        return self.stands.frame["group"].map(self.factors.groups["land_cover"]).to_numpy(object)

    def held(self, *, new: bool | None = None) -> pd.DataFrame:
        """Return live carbon by zone, class and species group, of all stands or the new ones.

        Index ``(zone, land_cover, group)``; ``area_ha``, ``above_ground_tc``,
        ``below_ground_tc``.
        """
        rows = self.pieces.join(self.carbon[LIVE], on="stand")
        rows = rows.join(self.stands.frame["group"], on="stand")
        if new is not None:
            planted = pd.Series(self.new, index=self.stands.frame.index)
            rows = rows[rows["stand"].map(planted).to_numpy(dtype=bool) == new]
        amounts = {
            "area_ha": rows["area_ha"],
            **{
                column.replace("_tc_per_ha", "_tc"): rows[column] * rows["area_ha"]
                for column in LIVE
            },
        }
        keys = rows[["zone", "group"]].assign(
            land_cover=rows["group"].map(self.factors.groups["land_cover"])
        )
        frame = keys.assign(**amounts)
        return frame.groupby(["zone", "land_cover", "group"], sort=True).sum()

    @cached_property
    def flows(self) -> Floats:
        """Stocks and flows of each stand, ``(stands, years, 5)``, in tC.

        Every stand is followed by itself, so that zones add up however they are drawn.
        """
        frame = self.stands.frame
        whole = pd.DataFrame({"zone": "", "stand": frame.index, "area_ha": frame["area_ha"].array})
        ages = stand_ages(self.stands, self.carbon, self.factors)
        live = self.carbon[LIVE].sum(axis=1).to_numpy() * frame["area_ha"].to_numpy()
        whole = whole.assign(group=frame["group"].array, age_years=ages.array, live_tc=live)
        return cohort_flows(whole, self.factors, years=self.until - self.year)

    @cached_property
    def years(self) -> pd.DataFrame:
        """The carbon of the stands of zones year by year: index ``(zone, year, group)``."""
        frame = self.stands.frame
        place = frame.index.get_indexer(pd.Index(self.pieces["stand"]))
        share = self.pieces["area_ha"].to_numpy() / frame["area_ha"].to_numpy()[place]
        places = pd.DataFrame(
            {"zone": self.pieces["zone"].array, "group": frame["group"].to_numpy()[place]}
        )
        flows = self.flows[place] * share[:, np.newaxis, np.newaxis]
        return summed_flows(flows, places, first_year=self.year)


def stand_inventory(study: Study, inputs: Inputs, zones: Zones) -> StandInventory | None:
    """Work out the stands of a study and cut them by ``zones``; nothing without species.

    Raises
    ------
    InputRefused
        ``H01`` for species that are not known, ``H04`` for values that cannot be; as the
        tables of the study refuse.
    """
    source = study.layers.forest
    if source is None or source.species_field is None:
        return None
    layer = inputs.layers["forest"]
    factors = forest_factors(
        wood=study.parameters.wood_factors,
        curves=study.parameters.growth_curves,
        densities=inputs.densities,
    )
    with located(file=layer.file, place="layers.forest"):
        stands = listed_stands(source, layer.frame, factors, str(layer.file))
    carbon = stand_carbon(stands, factors)
    known = carbon[LIVE[0]].notna() & ~_kinds(source, layer.frame, stands).isin(_NO_STAND)
    kept = Stands(frame=stands.frame[known], limits=stands.limits, file=stands.file)
    carbon = carbon[known]
    frame = equal_area(layer.frame)[known.to_numpy()]
    year = source.reference_year or inputs.covers[-1].year
    return StandInventory(
        year=year,
        until=max(study.balance.until, year + _EVENED_YEARS),
        stands=kept,
        carbon=carbon,
        ranges=species_ranges(kept, carbon),
        shapes=frame.geometry.to_numpy(),
        new=(kept.frame["age_years"] < year - inputs.covers[0].year).to_numpy(),
        pieces=_pieces(frame, kept, zones),
        factors=factors,
        findings=(*factors.findings, *_noted(known, stands, str(layer.file))),
    )


def increment_terms(inventory: StandInventory, year: int) -> pd.DataFrame:
    """Return growth, harvest and mortality of stands in a year as rows of a balance.

    Harvests of five years make the mean of the year of the inventory, so that one year's
    cutting does not stand for all; later years have their own.
    """
    if year <= inventory.year:
        span = (inventory.year + 1, inventory.year + _EVENED_YEARS)
    else:
        span = (year, year)
    mean = mean_increment(inventory.years, first_year=span[0], last_year=span[1])
    return stand_rows(mean, inventory.factors)


def net_of_stands(inventory: StandInventory) -> Floats:
    """Return growth less losses of each stand in the year of the inventory, tCO2e/ha/a.

    As :func:`increment_terms`: the mean of the five years that follow.
    """
    held = [list(TRAJECTORY).index(name) for name in ("opening_tc", "closing_tc")]
    opening, closing = (
        inventory.flows[:, 0, held[0]],
        inventory.flows[:, _EVENED_YEARS - 1, held[1]],
    )
    area_ha = inventory.stands.frame["area_ha"].to_numpy()
    return np.asarray(CO2_PER_C * (closing - opening) / _EVENED_YEARS / area_ha)


def stand_rows(mean: pd.DataFrame, factors: ForestFactors) -> pd.DataFrame:
    """Turn increments by zone and group into rows of a balance."""
    flat = mean.reset_index()
    rows = []
    for process, sign, key in (
        ("growth", 1.0, "growth"),
        ("mortality", -1.0, "growth"),
        ("harvest", -1.0, "stands"),
    ):
        rows.append(
            pd.DataFrame(
                {
                    "zone": flat["zone"],
                    "land_cover": flat["group"].map(factors.groups["land_cover"]),
                    "use": "stand_" + flat["group"],
                    "process": f"stand_{process}",
                    "gas": "co2",
                    "parameter": f"{key}/" + flat["group"],
                    "net_per_unit": sign * CO2_PER_C * flat[f"{process}_tc_per_year"],
                }
            )
        )
    return pd.concat(rows, ignore_index=True)[list(FIXED)]


def growth_parameters(factors: ForestFactors) -> pd.DataFrame:
    """Return the parameters of growth: key ``growth/group``, true over tabulated growth."""
    curves = factors.curves.reindex(factors.groups["growth"].replace("", np.nan))
    ends = curves[["limit_low_tc_per_ha", "limit_high_tc_per_ha"]].div(
        curves["limit_tc_per_ha"], axis=0
    )
    low, high = ends.fillna(1.0).to_numpy().T
    keys = [f"growth/{group}" for group in factors.groups.index]
    return pd.DataFrame(
        {"value": 1.0, "low": low, "high": high, "stream": keys},
        index=pd.Index(keys, name="parameter"),
    )


def listed_stands(
    source: ForestSource, layer: gpd.GeoDataFrame, factors: ForestFactors, file: str
) -> Stands:
    """Return the stands of a layer as the inventory lists them: ``source`` names its species.

    Raises
    ------
    InputRefused
        ``F36`` for a measure that is no number, ``H01`` for species that are not known, ``H04``
        for values that cannot be.
    """
    index = pd.Index(layer[source.id_field].astype(str), name="stand")
    groups = groups_of(layer[source.species_field].astype(str), factors.groups, file=file)
    frame = pd.DataFrame({"group": groups}, index=index)
    fields = {
        "age_years": source.age_field,
        "stems_per_ha": source.stems_field,
        "diameter_cm": source.diameter_field,
        "height_m": source.height_field,
    }
    frame["area_ha"] = polygon_ha(layer).to_numpy()
    for name, field in fields.items():
        frame[name] = np.nan if field is None else _measures(layer, field)
    frame["volume_m3_per_ha"] = _volumes(source, layer, frame["area_ha"].to_numpy())
    kinds = recognised(layer[source.kind_field], stand_kinds(), field=source.kind_field)
    fruit = np.isin(kinds, _ORCHARDS)
    frame["group"] = frame["group"].mask(fruit, "orchard")
    frame["kind"] = frame["group"].map(factors.groups["kind"])
    return Stands(frame=frame[["group", "kind", *MEASURES]], limits=stand_limits(), file=file)


def _measures(layer: gpd.GeoDataFrame, field: str) -> NDArray[np.float64]:
    return measured(numbers(layer, field, blank=True)).to_numpy(dtype=float)


def _volumes(
    source: ForestSource, layer: gpd.GeoDataFrame, area_ha: NDArray[np.float64]
) -> NDArray[np.float64]:
    if source.volume_field is None:
        return np.full(len(layer), np.nan)
    volumes = _measures(layer, source.volume_field)
    if source.volume_unit == "m3":
        return volumes / area_ha
    return volumes / HA_PER_MU if source.volume_unit == "m3_per_mu" else volumes


def _kinds(source: ForestSource, layer: gpd.GeoDataFrame, stands: Stands) -> pd.Series:
    kinds = recognised(layer[source.kind_field], stand_kinds(), field=source.kind_field)
    return pd.Series(kinds, index=stands.frame.index)


def _pieces(frame: gpd.GeoDataFrame, stands: Stands, zones: Zones) -> pd.DataFrame:
    places = equal_area(zones.frame)
    pieces = intersections(frame.geometry.to_numpy(), places.geometry.to_numpy())
    rows = pd.DataFrame(
        {
            "zone": places["zone"].to_numpy(dtype=object)[pieces.right],
            "stand": stands.frame.index.to_numpy(dtype=object)[pieces.left],
            "area_ha": pieces.area_ha,
        }
    )
    return rows.groupby(["zone", "stand"], sort=False, as_index=False).sum()


def _noted(known: pd.Series, stands: Stands, file: str) -> list[Finding]:
    """Note stands that keep the density of the class that the map shows."""
    if known.all():
        return []
    area_ha = float(stands.frame.loc[~known, "area_ha"].sum())
    some = [str(stand) for stand in known.index[~known][:10]]
    facts = {"count": int((~known).sum()), "area_ha": round(area_ha, 2), "stands": some}
    return [Finding(code="D21", file=file, facts=facts)]
