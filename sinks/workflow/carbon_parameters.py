"""The parameters behind carbon as tables: what was used, with names and where each is from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sinks.carbon.densities import CarbonDensities
from sinks.errors import Language
from sinks.gases.rates import FluxRates
from sinks.landcover.legend import Legend
from sinks.parameters.forest import forest_factors
from sinks.parameters.gases import land_uses, potential_sets, warming_potentials
from sinks.parameters.labels import label
from sinks.uncertainty.summary import MAP
from sinks.workflow.basis import CarbonBasis
from sinks.workflow.uses import reservoir_uses

_PHASES = ("reservoir_young", "reservoir_old")


def explained_parameters(basis: CarbonBasis) -> dict[str, pd.DataFrame]:
    """Return the tables of densities, rates, uses, their shares, and sets of potentials."""
    densities, rates = basis.inputs.densities, basis.rates.frame
    shares = basis.uses.everywhere.rename("share").to_frame()
    used = {*shares.index.unique("use"), *basis.uses.of_zone.index.unique("use")}
    used |= set(reservoir_uses(basis.study, basis.last).values())
    shown = rates[rates.index.get_level_values("use").isin(used)]
    return {
        "densities": pd.concat([densities.frame, densities.sediment]),
        "flux_rates": shown.drop(columns=["reason"], errors="ignore"),
        "uses": _uses(basis),
        "use_shares": shares,
        "potentials": _potentials(basis.study.balance.potentials),
    }


def named_contributions(
    table: pd.DataFrame, basis: CarbonBasis, uses: pd.DataFrame
) -> pd.DataFrame:
    """Add to each contribution its name in both languages and whether its row is verified."""
    return with_parameter_names(
        table,
        uses,
        legend=basis.inputs.covers[0].legend,
        rates=basis.rates,
        densities=basis.inputs.densities,
    )


def with_parameter_names(
    table: pd.DataFrame,
    uses: pd.DataFrame,
    *,
    legend: Legend,
    rates: FluxRates,
    densities: CarbonDensities,
) -> pd.DataFrame:
    """Add the name of each row's ``parameter``, and whether its publication was read."""
    zh, en = _Names(legend, uses, "zh"), _Names(legend, uses, "en")
    keys = table["parameter"]
    return table.assign(
        name_zh=[zh.of(key) for key in keys],
        name_en=[en.of(key) for key in keys],
        verified=[_verified(str(key), rates, densities) for key in keys],
    )


class _Names:
    """Names of parameters in one language."""

    def __init__(self, legend: Legend, uses: pd.DataFrame, language: Language):
        groups = forest_factors().groups[f"name_{language}"].to_dict()
        self._language = language
        self._subjects: dict[str, dict[Any, Any]] = {
            "density": {c.key: getattr(c, language) for c in legend.classes},
            "flux": uses[f"name_{language}"].to_dict(),
            "stands": groups,
            "growth": groups,
        }

    def of(self, key: str) -> str:
        """Return the name of a parameter by its key, such as ``flux/lake/ch4``."""
        kind, *rest = str(key).split("/")
        what = label(f"flow.{rest[1]}" if kind == "flux" else f"parameter.{kind}", self._language)
        return what if kind == MAP else f"{self._subjects[kind][rest[0]]} · {what}"


def _verified(key: str, rates: FluxRates, densities: CarbonDensities) -> bool:
    kind, *rest = key.split("/")
    if kind == "flux":
        return bool(rates.frame.loc[(rest[0], rest[1]), "verified"])
    if kind == "density":
        return bool(densities.frame["verified"].xs(rest[0], level="land_cover").all())
    return kind == MAP  # a sample of this study judges its map


def _potentials(chosen: str) -> pd.DataFrame:
    sets = {name: warming_potentials(name) for name in potential_sets()}
    rows = [
        {
            "potentials": name,
            "name_zh": made.zh,
            "name_en": made.en,
            "ch4": made.ch4,
            "n2o": made.n2o,
            "years": made.years,
            "chosen": name == chosen,
            "citation": made.citation,
        }
        for name, made in sets.items()
    ]
    return pd.DataFrame(rows).set_index("potentials")


def _uses(basis: CarbonBasis) -> pd.DataFrame:
    """Return the names of all uses, those of reservoirs and stands too."""
    names = land_uses().frame[["name_zh", "name_en", "inventory"]]
    zones = basis.inputs.zones.frame.set_index("zone")[["name_zh", "name_en"]].to_dict("index")
    phases = names.to_dict("index")
    rows = {}
    for phase in _PHASES:
        for source in basis.study.balance.reservoirs:
            rows[f"{phase}_{source.zone}"] = _joined(zones[source.zone], phases[phase])
    stands = {"name_zh": "小班", "name_en": "Stands"}
    for group, row in forest_factors().groups.to_dict("index").items():
        rows[f"stand_{group}"] = _joined(stands, row)
    rows["conversion"] = {
        "name_zh": label("use.conversion", "zh"),
        "name_en": label("use.conversion", "en"),
        "inventory": True,
    }
    added = pd.DataFrame.from_dict(rows, orient="index")
    return pd.concat([names, added]).rename_axis("use")


def _joined(place: Mapping[Any, Any], what: Mapping[Any, Any]) -> dict[str, object]:
    return {
        "name_zh": f"{place['name_zh']}：{what['name_zh']}",
        "name_en": f"{place['name_en']}: {what['name_en']}",
        "inventory": True,
    }
