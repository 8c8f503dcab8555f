"""Laws that every result of carbon must keep, and bands that it should lie in.

A broken law is a mistake of the program, and nothing is published. A figure outside its band
is published with a note: it may be true, but somebody should look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from sinks.errors import Finding, InvariantViolated

_SAME = 1e-6  # relative, of sums of many floating-point numbers
_CLOSED_FORM = (0.9, 1.1)  # simulated over closed-form error: draws of one stream are no line
NET = "net_sink_tco2e_per_year"


def check_sums(fluxes: pd.DataFrame, balance: pd.DataFrame) -> None:
    """Hold the balance of every zone to the sum of its rows, and removals less emissions.

    Raises
    ------
    InvariantViolated
        ``I41``.
    """
    rows = fluxes[NET].groupby(level="zone").sum().reindex(balance.index, fill_value=0.0)
    scale = balance["removal_tco2e_per_year"] + balance["emission_tco2e_per_year"]
    difference = balance["removal_tco2e_per_year"] - balance["emission_tco2e_per_year"]
    allowed = _SAME * scale + _SAME
    _require("balance = sum of fluxes", (balance[NET] - rows).abs() <= allowed)
    _require("net sink = removals - emissions", (difference - balance[NET]).abs() <= allowed)


def check_change(change: pd.DataFrame) -> None:
    """Hold every change of stock to closing less opening, and to the sum of its parts.

    Raises
    ------
    InvariantViolated
        ``I41``.
    """
    scale = change["stock_before_tc"] + change["stock_after_tc"]
    balance = change["stock_before_tc"] + change["change_tc"] - change["stock_after_tc"]
    parts = change.filter(regex=r"^change_(biomass|soil_\w+|stands)_tc$").sum(axis=1)
    allowed = _SAME * scale + _SAME
    _require("opening + change = closing", balance.abs() <= allowed)
    _require("change = sum of its parts", (parts - change["change_tc"]).abs() <= allowed)


def check_simulation(simulated_se: pd.Series, closed_form_se: pd.Series) -> None:
    """Hold simulated standard errors to closed forms, where there is an error at all.

    Raises
    ------
    InvariantViolated
        ``I41``.
    """
    some = closed_form_se > _SAME
    ratio = simulated_se[some] / closed_form_se[some]
    _require("simulation = closed form", ratio.between(*_CLOSED_FORM))


def implausible(
    values: pd.Series, band: tuple[float, float], *, quantity: Mapping[str, str], year: int
) -> Iterator[Finding]:
    """Note the zones whose figure lies outside a band; ``quantity`` names it in both languages."""
    outside = values[~values.between(*band) & values.notna()]
    if len(outside):
        zones = [f"{zone} {value:.3g}" for zone, value in outside.items()]
        yield Finding(
            code="D20",
            place=str(year),
            facts={
                "quantity": dict(quantity),
                "low": band[0],
                "high": band[1],
                "zones": zones[:10],
                "count": len(zones),
            },
        )


def _require(law: str, kept: pd.Series) -> None:
    if not kept.all():
        broken = [str(zone) for zone in kept.index[~kept]]
        raise InvariantViolated.because("I41", law=law, zones=broken[:10], count=len(broken))
