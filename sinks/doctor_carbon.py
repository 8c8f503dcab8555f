"""What the doctor says of carbon: own tables, what stands on the land, stands, density rasters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd

from sinks.carbon.densities import CarbonDensities
from sinks.doctor_items import Item, zone_ids
from sinks.errors import Finding, InputRefused, located
from sinks.grid import Grid
from sinks.parameters.densities import carbon_densities
from sinks.parameters.forest import forest_factors
from sinks.parameters.gases import land_uses, warming_potentials
from sinks.parameters.legends import house_legend
from sinks.sources.density_rasters import read_density
from sinks.sources.vectors import read_layer
from sinks.study import Study
from sinks.study_carbon import DensityRasterSource
from sinks.study_layers import ForestSource
from sinks.workflow.inputs import layer_options
from sinks.workflow.stands import listed_stands
from sinks.workflow.uses import study_rates, use_shares, with_reservoirs

Look = Callable[[], Item]
_STANDS = "layers.forest.species_field"


def carbon_looks(study: Study) -> Iterator[tuple[str, Path, Look]]:
    """Yield the place, file and look of everything about carbon that is not a layer or raster."""
    own = study.parameters
    if own.carbon_density is not None:
        look = partial(_densities_item, own.carbon_density, study)
        yield "parameters.carbon_density", own.carbon_density, look
    for name, path in (("wood_factors", own.wood_factors), ("growth_curves", own.growth_curves)):
        if path is not None:
            yield f"parameters.{name}", path, partial(_factors_item, name, path, study)
    yield "balance", study.file, partial(_balance_item, study)
    forest = study.layers.forest
    if forest is not None and forest.species_field is not None:
        yield _STANDS, forest.path, partial(_stands_item, study)


def density_item(source: DensityRasterSource, study: Study, grid: Grid | None) -> Item:
    """Read a raster of carbon density as the study describes it, on the grid of the land cover."""
    place = f"density_rasters.{source.id}"
    with located(file=source.path, place=place):
        _require_classes(source.land_cover)
        raster = read_density(
            source.path,
            unit=source.unit,
            carbon_fraction=source.carbon_fraction,
            nodata=source.nodata,
            crs=source.crs,
            align_to=grid,
            align=source.align,
            max_gigapixels=study.limits.max_gigapixels,
        )
    low, high = raster.low_tc_per_ha, raster.high_tc_per_ha
    shown = f"{low:,.4g} – {high:,.4g} t C/ha"
    facts = {"kind": "density", "low_tc_per_ha": low, "high_tc_per_ha": high}
    return Item(
        place=place,
        file=str(source.path),
        known={"numbers": (shown, shown)},
        facts=facts,
        findings=raster.findings,
    )


def _require_classes(keys: tuple[str, ...]) -> None:
    legend = house_legend()
    if unknown := sorted(set(keys) - set(legend.keys)):
        raise InputRefused.because("D10", unknown=unknown, classes=list(legend.keys))


def _densities_item(path: Path, study: Study) -> Item:
    own = carbon_densities(study.parameters.soil_depth_cm, path=path)
    return _table("parameters.carbon_density", path, len(own.frame), own.findings)


def _factors_item(name: str, path: Path, study: Study) -> Item:
    """Read a table of a district's own for stands."""
    told = {"wood_factors": "wood", "growth_curves": "curves"}[name]
    made = forest_factors(**{told: path}, densities=_densities(study))
    rows = len(made.wood if told == "wood" else made.curves)
    return _table(f"parameters.{name}", path, rows, made.findings)


def _table(place: str, path: Path, rows: int, findings: tuple[Finding, ...]) -> Item:
    facts = {"kind": "parameters", "rows": rows}
    return Item(
        place=place,
        file=str(path),
        known={"rows": (f"{rows:,}",) * 2},
        facts=facts,
        findings=findings,
    )


def _densities(study: Study) -> CarbonDensities:
    """Return the densities that stands lean on; a table that is refused has an item of its own."""
    own, depth = study.parameters.carbon_density, study.parameters.soil_depth_cm
    try:
        return carbon_densities(depth, path=own)
    except InputRefused:
        return carbon_densities(depth)


def _balance_item(study: Study) -> Item:
    """Check what the study says of potentials, uses, rice, nitrogen and reservoirs."""
    found: list[Finding] = []
    zones = zone_ids(study) if study.balance.uses or study.balance.reservoirs else None
    checks = (_of_potentials, _of_rates, partial(_of_uses, zones), partial(_of_reservoirs, zones))
    for check in checks:
        try:
            found += check(study)
        except InputRefused as refused:
            found += refused.findings
    names = land_uses().frame[["name_zh", "name_en"]]
    told = [
        (told.land_cover, use, f"{100 * share:g} %")
        for told in study.balance.uses
        for use, share in told.shares.items()
    ]
    shown = [
        "; ".join(f"{key} {names[column].get(use, use)} {pct}" for key, use, pct in told)
        for column in names
    ]
    known = {"potentials": (study.balance.potentials,) * 2}
    if told:
        known["uses"] = (shown[0], shown[1])
    if study.balance.reservoirs:
        reservoirs = ", ".join(reservoir.zone for reservoir in study.balance.reservoirs)
        known["reservoirs"] = (reservoirs, reservoirs)
    return Item(
        place="balance",
        file=str(study.file),
        known=known,
        facts={"kind": "balance", "potentials": study.balance.potentials},
        findings=tuple(found),
    )


def _of_potentials(study: Study) -> tuple[Finding, ...]:
    with located(file=study.file, place="balance.potentials"):
        warming_potentials(study.balance.potentials)
    return ()


def _of_rates(study: Study) -> tuple[Finding, ...]:
    rates, found = study_rates(study)
    with_reservoirs(rates, study)
    return found


def _of_uses(zones: list[str] | None, study: Study) -> tuple[Finding, ...]:
    named = [zone for told in study.balance.uses for zone in told.zones]
    known = pd.Index(named if zones is None else zones)
    use_shares(study.balance.uses, pd.Index(house_legend().keys), known, file=study.file)
    return ()


def _of_reservoirs(zones: list[str] | None, study: Study) -> tuple[Finding, ...]:
    """Refuse what the grounds of a study would: a reservoir that is no zone of it."""
    named = {reservoir.zone for reservoir in study.balance.reservoirs}
    if zones is not None and (strange := sorted(named - set(zones))):
        raise InputRefused.because(
            "D10", file=study.file, place="balance.reservoirs", unknown=strange, classes=zones
        )
    return ()


def _stands_item(study: Study) -> Item:
    """Look at species, ages and volumes of stands, as their carbon needs them."""
    source = study.layers.forest
    if source is None:
        raise AssertionError
    frame = _layer(source, study)
    item = Item(place=_STANDS, file=str(source.path), known={}, facts={}, findings=())
    if frame is None:
        return item
    with located(file=source.path, place=_STANDS):
        made = forest_factors(densities=_densities(study))
        stands = listed_stands(source, frame, made, str(source.path)).frame
    area_ha = stands["area_ha"].groupby(stands["group"]).sum().sort_values(ascending=False)
    names = made.groups.loc[area_ha.index, ["name_zh", "name_en"]]
    shown = [
        "; ".join(f"{name} {ha:,.1f} ha" for name, ha in zip(names[column], area_ha, strict=True))
        for column in names
    ]
    measured = stands[["volume_m3_per_ha", "age_years"]].notna().sum()
    counts = f"{len(stands):,}; m³/ha {measured.iloc[0]:,}; a {measured.iloc[1]:,}"
    known = {"species": (shown[0], shown[1]), "stands": (counts, counts)}
    facts = {"kind": "stands", "area_ha": {str(key): float(ha) for key, ha in area_ha.items()}}
    return replace(item, known=known, facts=facts)


def _layer(source: ForestSource, study: Study) -> gpd.GeoDataFrame | None:
    """Return the layer of stands; nothing if it cannot be read, which its item says."""
    try:
        return read_layer(source.path, **layer_options(source, study.limits)).frame
    except InputRefused:
        return None
