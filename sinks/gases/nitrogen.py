"""Nitrous oxide of fields by the nitrogen they get.

    direct   = N x EF x 44/28
    indirect = (N volatilised x EF4 + N leached x EF5) x 44/28

Flooded rice has a factor of its own for all its nitrogen. Indirect emissions rise from
other ground and water but are charged to the field that got the nitrogen.

References: IPCC 2019 Refinement, vol. 4 ch. 11, equations 11.1, 11.9 and 11.10, Tables 11.1
and 11.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sinks.gases.factors import Factors, Ranged, combined
from sinks.gases.limits import require_between
from sinks.gases.rates import Rate
from sinks.units import N2O_PER_N

_MOST_KG_N_PER_HA = 1500.0  # beyond the heaviest manuring of greenhouse vegetables


@dataclass(frozen=True, slots=True, kw_only=True)
class NitrogenInput:
    """Nitrogen that one crop gets, in kg N per hectare.

    ``organic`` is manure, compost and residues. ``flooded`` names the water regime of
    rice; ``None`` is a crop without flooding.

    Raises
    ------
    InputRefused
        ``Y09`` for an amount that no field gets.
    """

    synthetic_kg_n_per_ha: float
    organic_kg_n_per_ha: float = 0.0
    flooded: Literal["continuous", "drained", "aggregated"] | None = None

    def __post_init__(self) -> None:
        for name in ("synthetic_kg_n_per_ha", "organic_kg_n_per_ha"):
            require_between(name, getattr(self, name), 0, _MOST_KG_N_PER_HA)


def direct_n2o(
    inputs: Sequence[NitrogenInput], factors: Factors, *, climate: str = "wet"
) -> Ranged:
    """Return the N2O that rises from the fields themselves, in kg N2O/ha/a.

    ``inputs`` are the crops of a year on the same ground; ``climate`` chooses the factors
    of crops without flooding (``wet``, ``aggregated``, ``china_iv``).

    Raises
    ------
    InputRefused
        ``Y05`` for a climate that is not known.
    """
    names = {crop.flooded for crop in inputs if crop.flooded}
    parts = {
        "synthetic": factors.get("direct_synthetic", climate),
        "organic": factors.get("direct_organic", climate),
        **{str(name): factors.get("direct_flooded", str(name)) for name in names},
    }

    def direct_kg_n2o_per_ha(f: Mapping[str, float]) -> float:
        nitrogen = 0.0
        for crop in inputs:
            synthetic = f[crop.flooded or "synthetic"]
            organic = f[crop.flooded or "organic"]
            nitrogen += crop.synthetic_kg_n_per_ha * synthetic
            nitrogen += crop.organic_kg_n_per_ha * organic
        return nitrogen * N2O_PER_N

    return combined(direct_kg_n2o_per_ha, parts)


def indirect_n2o(
    inputs: Sequence[NitrogenInput], factors: Factors, *, climate: str = "wet"
) -> Ranged:
    """Return the N2O of nitrogen that left the fields by air and water, in kg N2O/ha/a.

    Raises
    ------
    InputRefused
        ``Y05`` for a climate that is not known.
    """
    synthetic = sum(crop.synthetic_kg_n_per_ha for crop in inputs)
    organic = sum(crop.organic_kg_n_per_ha for crop in inputs)
    parts = {
        "synthetic": factors.get("volatilised", "synthetic"),
        "organic": factors.get("volatilised", "organic"),
        "leached": factors.get("leached", "wet"),
        "deposited": factors.get("indirect_deposited", climate),
        "in_water": factors.get("indirect_leached", "all"),
    }

    def indirect_kg_n2o_per_ha(f: Mapping[str, float]) -> float:
        by_air = (synthetic * f["synthetic"] + organic * f["organic"]) * f["deposited"]
        by_water = (synthetic + organic) * f["leached"] * f["in_water"]
        return (by_air + by_water) * N2O_PER_N

    return combined(indirect_kg_n2o_per_ha, parts)


def nitrous_oxide(
    inputs: Sequence[NitrogenInput], factors: Factors, *, use: str, indirect: bool = True
) -> Rate:
    """Return the N2O of a field in a wet climate, in place of the default of its use.

    Parameters
    ----------
    inputs
        The crops of a year on the same ground.
    factors
        The table ``nitrogen_emissions``.
    use
        The use whose nitrous oxide is replaced.
    indirect
        Count what rises elsewhere of nitrogen that left the field.

    Returns
    -------
    Rate
        kg N2O per hectare and year.
    """
    parts = {"direct": direct_n2o(inputs, factors)}
    if indirect:
        parts["indirect"] = indirect_n2o(inputs, factors)
    n2o = combined(lambda f: sum(f.values()), parts)
    given = "; ".join(
        f"{crop.synthetic_kg_n_per_ha:g} + {crop.organic_kg_n_per_ha:g} kg N/ha"
        f" ({crop.flooded or 'not flooded'})"
        for crop in inputs
    )
    return Rate(
        use=use,
        flow="n2o",
        rate_per_ha_per_year=n2o.middle,
        rate_low_per_ha_per_year=n2o.low,
        rate_high_per_ha_per_year=n2o.high,
        basis=f"IPCC 2019 chapter 11, {' and '.join(parts)}: {given}",
        **factors.cited("direct_synthetic", "wet"),
    )
