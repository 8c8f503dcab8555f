"""Methane of rice by water regime, preceding season and what is ploughed in.

    CH4 (kg/ha/a) = EFc x SFw x SFp x SFo x days,  SFo = (1 + sum of amount x CFOA) ^ 0.59

One season of rice in a year, as in Jiangsu. Straw counts in t of dry matter per hectare,
manure and compost in t of fresh weight. Where nearly all straw returns to the field, the
days between its return and flooding decide more than anything else.

References: IPCC 2019 Refinement, vol. 4 ch. 5, equations 5.1 to 5.3, Tables 5.11 to 5.14.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sinks.gases.factors import Factors, Ranged, combined
from sinks.gases.limits import require_between
from sinks.gases.rates import Rate

_MOST_T_PER_HA = 60.0  # more organic matter than any field takes in a year


@dataclass(frozen=True, slots=True, kw_only=True)
class RiceSeason:
    """How a field of rice is kept.

    ``water_regime``, ``pre_season``, ``region`` and the keys of ``amendments`` are levels
    of the factors; ``amendments`` says t/ha of each (``{"straw_short": 6}``). ``days``
    from planting to harvest; without them those of the region, with their range.

    Raises
    ------
    InputRefused
        ``Y09`` for days or amounts that no field has.
    """

    water_regime: str
    pre_season: str = "short_dry"
    region: str = "east_asia"
    days: float | None = None
    amendments: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.days is not None:
            require_between("days", self.days, 30, 366)
        for name, amount_t_per_ha in self.amendments.items():
            require_between(name, amount_t_per_ha, 0, _MOST_T_PER_HA)


def rice_methane(season: RiceSeason, factors: Factors, *, use: str = "rice_wheat") -> Rate:
    """Return the methane of a rice field, in place of the default of its use.

    Parameters
    ----------
    season
        How the field is kept.
    factors
        The table ``rice_methane``.
    use
        The use whose methane is replaced.

    Returns
    -------
    Rate
        kg CH4 per hectare and year; its range combines those of the factors as ratios.

    Raises
    ------
    InputRefused
        ``Y05`` for a regime, season, region or amendment that is not known.
    """

    def methane_kg_ch4_per_ha(f: Mapping[str, float]) -> float:
        organic = sum(t_per_ha * f[name] for name, t_per_ha in season.amendments.items())
        scaled = f["daily"] * f["water"] * f["before"]
        return float(scaled * (1 + organic) ** f["exponent"] * f["days"])

    known = season.days is not None
    days = Ranged.exactly(season.days or 0.0) if known else factors.get("season", season.region)
    parts = {
        "daily": factors.get("daily_emission", season.region),
        "days": days,
        "water": factors.get("water_regime", season.water_regime),
        "before": factors.get("pre_season", season.pre_season),
        "exponent": factors.get("amendment_exponent", "all"),
        **{name: factors.get("amendment", name) for name in season.amendments},
    }
    methane = combined(methane_kg_ch4_per_ha, parts, multiplied=True)
    return Rate(
        use=use,
        flow="ch4",
        rate_per_ha_per_year=methane.middle,
        rate_low_per_ha_per_year=methane.low,
        rate_high_per_ha_per_year=methane.high,
        basis=_said(season),
        **factors.cited("daily_emission", season.region),
    )


def _said(season: RiceSeason) -> str:
    """Say how the field is kept, for the table of parameters."""
    days = "days of the region" if season.days is None else f"{season.days:g} days"
    ploughed = [f"{name} {t_per_ha:g} t/ha" for name, t_per_ha in season.amendments.items()]
    said = [season.region, season.water_regime, season.pre_season, days, *ploughed]
    return "IPCC 2019 equation 5.1: " + ", ".join(said)
