"""Parameters of greenhouse gases: uses of the land, rates, potentials, factors of equations.

A district's own rates replace those that ship row by row; the others stay. A rate outside
the range of the row that ships needs a ``reason``, because a slip of unit (mass of carbon
for mass of methane, mu for hectare) looks just like that.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from sinks.errors import Finding, InputRefused, located
from sinks.gases.factors import Factors
from sinks.gases.potentials import WarmingPotentials
from sinks.gases.rates import FLOWS, RATE, RATE_HIGH, RATE_LOW, FluxRates
from sinks.gases.uses import LandUses
from sinks.parameters.labels import labels
from sinks.parameters.tables import TableForm, own_table, shipped

DEFAULT_POTENTIALS = "AR5"
FACTOR_TABLES = ("rice_methane", "nitrogen_emissions", "flooded_land", "wetland_soils")
_FLUXES = "greenhouse_fluxes.csv"
_KEY = ["use", "flow"]
_USE_FORM = TableForm(
    key=("use",), text=("name_zh", "name_en", "land_cover"), flags=("default", "inventory")
)
_POTENTIAL_FORM = TableForm(
    key=("set", "gas"), text=("gwp", "years", "name_zh", "name_en", "grade", "basis")
)
_FACTOR_FORM = TableForm(
    key=("factor", "level"),
    text=("unit",),
    quantities=("value_in_unit",),
    optional=("grade", "anchors", "basis"),
)
_FLUX_FORM = TableForm(
    key=("use", "flow"),
    text=("unit",),
    quantities=(RATE,),
    optional=("grade", "anchors", "basis", "reason"),
    headings={
        "use": ("用途", "利用方式"),
        "flow": ("通量", "过程"),
        "unit": ("单位",),
        RATE: ("通量值", "年通量"),
        RATE_LOW: ("通量下限", "下限"),
        RATE_HIGH: ("通量上限", "上限"),
        "reason": ("理由", "说明"),
    },
)


@cache
def land_use_table() -> pd.DataFrame:
    """Return the table behind :func:`land_uses`, index ``use``."""
    return shipped("land_uses.csv", _USE_FORM).set_index("use")


@cache
def land_uses() -> LandUses:
    """Return what can be on each class, and the default of each.

    >>> land_uses().default_by_class["PND"]
    'pond_crab'
    """
    frame = land_use_table()
    covers = frame["land_cover"].str.split(";").map(tuple)
    return LandUses(frame=frame.assign(land_cover=covers), table="land_uses.csv")


@cache
def potential_table() -> pd.DataFrame:
    """Return the table of warming potentials, index ``(set, gas)``."""
    return shipped("warming_potentials.csv", _POTENTIAL_FORM).set_index(["set", "gas"])


def potential_sets() -> tuple[str, ...]:
    """Return the keys of the sets of warming potentials, the default first.

    >>> potential_sets()
    ('AR5', 'AR5_feedback', 'AR6', 'AR6_20', 'SAR')
    """
    return tuple(potential_table().index.unique("set"))


def warming_potentials(name: str = DEFAULT_POTENTIALS) -> WarmingPotentials:
    """Return a set of warming potentials.

    Raises
    ------
    InputRefused
        ``Y06`` if there is no such set.

    Examples
    --------
    >>> warming_potentials("AR6").ch4
    27.0
    """
    if name not in potential_sets():
        raise InputRefused.because("Y06", found=name, known=list(potential_sets()))
    rows = potential_table().to_dict("index")
    ch4, n2o = rows[(name, "ch4")], rows[(name, "n2o")]
    return WarmingPotentials(
        name=name,
        ch4=float(ch4["gwp"]),
        n2o=float(n2o["gwp"]),
        years=int(ch4["years"]),
        zh=ch4["name_zh"],
        en=ch4["name_en"],
        citation=ch4["citation"],
    )


@cache
def factors(table: str) -> Factors:
    """Return the factors of an equation: one of :data:`FACTOR_TABLES`.

    >>> factors("rice_methane").get("water_regime", "multiple_drainage").middle
    0.55
    """
    name = f"{table}.csv"
    return Factors(frame=shipped(name, _FACTOR_FORM).set_index(["factor", "level"]), table=name)


@cache
def flux_table() -> pd.DataFrame:
    """Return the table of rates that ships, index ``(use, flow)``."""
    return shipped(_FLUXES, _FLUX_FORM).set_index(_KEY)


def flux_rates(*, path: Path | str | None = None) -> tuple[FluxRates, tuple[Finding, ...]]:
    """Return the rates of every use, and what was found in a district's own table.

    Parameters
    ----------
    path
        A district's own table (CSV or Excel), whose rows take the place of those that
        ship; without one, the table that ships.

    Raises
    ------
    InputRefused
        ``T02`` and following about cells, ``P02`` to ``P06`` about citation and ranges,
        ``Y10`` a use or flow that is not known, ``Y11`` a rate outside the range that ships
        without a reason, ``Y02`` and ``Y03`` about signs and units.

    Examples
    --------
    >>> rates, _ = flux_rates()
    >>> float(rates.frame.loc[("pond_enclosure", "ch4"), "rate_per_ha_per_year"])
    1800.0
    """
    if path is None:
        return FluxRates(frame=flux_table(), table=_FLUXES), ()
    with located(file=path):
        own, findings = own_table(path, _FLUX_FORM)
        own = _known(own)
        _require_reasons(own)
        frame = _replaced(own.set_index(_KEY))
        return FluxRates(frame=frame, table=f"{Path(path).name} + {_FLUXES}"), findings


def _known(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn names of uses and flows into keys; refuse those that are not known."""
    uses = {
        name: str(use)
        for use, row in land_use_table().iterrows()
        for name in (str(use), row["name_zh"], row["name_en"])
    }
    flows = {name: flow for flow in FLOWS for name in (flow, *labels("flow")[flow])}
    for column, known in (("use", uses), ("flow", flows)):
        strange = frame[~frame[column].isin(known)]
        if len(strange):
            raise InputRefused.because(
                "Y10",
                place=f"row {', '.join(map(str, strange.index[:10]))}",
                found=sorted(set(strange[column])),
                known=list(dict.fromkeys(known.values())),
            )
    return frame.assign(use=frame["use"].map(uses), flow=frame["flow"].map(flows))


def _require_reasons(frame: pd.DataFrame) -> None:
    """Ask for a reason where a rate lies outside the range of the row that ships."""
    usual = flux_table()[[RATE_LOW, RATE_HIGH]].add_suffix("_usual")
    both = frame.join(usual, on=_KEY)
    low, high = both[f"{RATE_LOW}_usual"], both[f"{RATE_HIGH}_usual"]
    outside = (both[RATE] < low) | (both[RATE] > high)
    odd = both[outside & (both["reason"].str.strip() == "")]
    if len(odd):
        columns = ["use", "flow", RATE, f"{RATE_LOW}_usual", f"{RATE_HIGH}_usual"]
        rows = [
            f"{use} {flow} {rate:g} ({least:g} … {most:g})"
            for use, flow, rate, least, most in odd[columns].itertuples(index=False)
        ]
        place = f"row {', '.join(map(str, odd.index[:10]))}"
        raise InputRefused.because("Y11", place=place, rows=rows[:10], count=len(odd))


def _replaced(own: pd.DataFrame) -> pd.DataFrame:
    """Put a district's rows in the place of those that ship, in the same order."""
    base = flux_table().assign(reason="")
    kept = base[~base.index.isin(own.index)]
    return pd.concat([kept, own[list(base.columns)]]).loc[base.index]
