"""Made-up rates for tests of gases."""

from __future__ import annotations

import pandas as pd

from sinks.gases.potentials import WarmingPotentials
from sinks.gases.rates import FLOW_GAS, FLOWS, RATE, RATE_HIGH, RATE_LOW, UNIT_OF_GAS, FluxRates

AR5 = WarmingPotentials(name="AR5", ch4=28, n2o=265, years=100)
CITED = {
    "reference": "survey",
    "citation": "Li 2020",
    "where": "table 3",
    "basis": "",
    "verified": False,
}


def make_rates(**uses: tuple[float | tuple[float, float, float], ...]) -> FluxRates:
    """Make rates of the five flows per use; a number alone is known exactly.

    A range is ``(low, rate, high)``; the order is that of ``FLOWS``.
    """
    return FluxRates(frame=make_frame(**uses), table="the test table")


def make_frame(**uses: tuple[float | tuple[float, float, float], ...]) -> pd.DataFrame:
    rows = []
    for use, rates in uses.items():
        for flow, of in zip(FLOWS, rates, strict=True):
            low, rate, high = of if isinstance(of, tuple) else (of, of, of)
            unit = UNIT_OF_GAS[FLOW_GAS[flow]]
            numbers = {RATE: float(rate), RATE_LOW: float(low), RATE_HIGH: float(high)}
            rows.append({"use": use, "flow": flow, "unit": unit, **numbers, **CITED})
    return pd.DataFrame(rows).set_index(["use", "flow"])
