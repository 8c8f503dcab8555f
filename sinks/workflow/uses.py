"""What stands on the land of a study: uses and their rates, with what the study says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sinks.carbon.terms import UseShares
from sinks.errors import Finding, InputRefused, located
from sinks.gases.flooded import Reservoir, reservoir_rates
from sinks.gases.nitrogen import NitrogenInput, nitrous_oxide
from sinks.gases.rates import FluxRates
from sinks.gases.rice import RiceSeason, rice_methane
from sinks.parameters.gases import factors, flux_rates, land_uses
from sinks.study import Study
from sinks.study_carbon import Reservoir as ReservoirSource
from sinks.study_carbon import UseShare


def study_rates(study: Study) -> tuple[FluxRates, tuple[Finding, ...]]:
    """Return the rates of every use: the tables', and what equations make of the study.

    Raises
    ------
    InputRefused
        As :func:`sinks.parameters.gases.flux_rates`; ``Y04`` or ``Y05`` for a use, a water
        regime or an amendment that is not known.
    """
    rates, findings = flux_rates(path=study.parameters.greenhouse_fluxes)
    balance = study.balance
    if (rice := balance.rice) is not None:
        with located(file=study.file, place="balance.rice"):
            rates.require([rice.use])
            season = RiceSeason(**rice.model_dump(exclude={"use"}))
            made = rice_methane(season, factors("rice_methane"), use=rice.use)
            rates = rates.with_rates([made])
    for nitrogen in balance.nitrogen:
        with located(file=study.file, place="balance.nitrogen"):
            rates.require([nitrogen.use])
            crops = [NitrogenInput(**crop.model_dump()) for crop in nitrogen.crops]
            made = nitrous_oxide(
                crops, factors("nitrogen_emissions"), use=nitrogen.use, indirect=nitrogen.indirect
            )
            rates = rates.with_rates([made])
    return rates, findings


def reservoir_use(zone: str, phase: str) -> str:
    """Return the name of the use that a reservoir is in a phase of its life."""
    return f"{phase}_{zone}"


def with_reservoirs(rates: FluxRates, study: Study) -> FluxRates:
    """Add two uses for each reservoir of the study: young, and old.

    Raises
    ------
    InputRefused
        ``Y05`` for a trophic state that is not known.
    """
    known = factors("flooded_land")
    limit = int(known.get("age_limit", "all").middle)
    for source in study.balance.reservoirs:
        for year in (source.flooded_since, source.flooded_since + limit):
            with located(file=study.file, place=f"balance.reservoirs.{source.zone}"):
                made = _reservoir(source, year)
                rates = rates.with_rates(reservoir_rates(made, year, known, rates))
    return rates


def reservoir_uses(study: Study, year: int) -> dict[str, str]:
    """Return the use that each reservoir is in a year, by zone: of those filled by then."""
    return {
        source.zone: _reservoir(source, year).use
        for source in study.balance.reservoirs
        if source.flooded_since <= year
    }


def use_shares(
    told_uses: Sequence[UseShare], classes: pd.Index, zones: pd.Index, *, file: object = None
) -> UseShares:
    """Return what stands on every class: the usual use, or the shares that ``told_uses`` tells.

    Raises
    ------
    InputRefused
        ``Y08`` for a use that cannot stand on its class, ``D10`` for a class or zone that
        does not exist.
    """
    uses = land_uses()
    everywhere = {(key, uses.default_by_class[key]): 1.0 for key in classes}
    of_zone: dict[tuple[str, str, str], float] = {}
    with located(file=file, place="balance.uses"):
        for told in told_uses:
            _require_known(told, classes, zones)
            for use in told.shares:
                uses.require(use, told.land_cover)
            for zone in told.zones:
                of_zone |= {(zone, told.land_cover, u): share for u, share in told.shares.items()}
            if not told.zones:
                everywhere = {k: v for k, v in everywhere.items() if k[0] != told.land_cover}
                everywhere |= {(told.land_cover, u): share for u, share in told.shares.items()}
    return UseShares(
        everywhere=_series(everywhere, ["land_cover", "use"]),
        of_zone=_series(of_zone, ["zone", "land_cover", "use"]),
    )


def _reservoir(source: ReservoirSource, year: int) -> Reservoir:
    told = source.model_dump(include={"flooded_since", "dug", "trophic", "outlet_dam"})
    phase = Reservoir(use="", **told).phase(year, factors("flooded_land"))
    return Reservoir(use=reservoir_use(source.zone, phase), **told)


def _require_known(told: UseShare, classes: pd.Index, zones: pd.Index) -> None:
    strange = sorted({told.land_cover} - set(classes)) + sorted(set(told.zones) - set(zones))
    if strange:
        raise InputRefused.because("D10", unknown=strange, classes=list(classes))


def _series(rows: Mapping[Any, float], names: list[str]) -> pd.Series:
    index = pd.MultiIndex.from_tuples(list(rows), names=names) if rows else None
    if index is None:
        index = pd.MultiIndex.from_arrays([[] for _ in names], names=names)
    return pd.Series(list(rows.values()), index=index, name="share", dtype=float)
