"""Rows of INDICATORS: rates and areas, the headline of an indicator and its variants.

Where several definitions are lawful, one of them carries the name of the indicator, and the
others stand beside it under ``indicator_rule``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.results import INDICATORS, checked
from sinks.units import Z_95


def rate_rows(
    numerator: pd.Series,
    denominator: pd.Series,
    *,
    se_pct: pd.Series | None = None,
    named: tuple[str, str],
    evidence: str,
    part_unit: str = "ha",
) -> pd.DataFrame:
    """Return a rate in percent for each zone.

    Parameters
    ----------
    numerator, denominator
        By zone, both in ``part_unit``; where the denominator is 0 there is no rate.
    se_pct
        Standard error of the rate in percentage points; without one there is no interval.
    named
        Indicator and rule.

    Returns
    -------
    pandas.DataFrame
        INDICATORS rows.

    Examples
    --------
    >>> km = pd.Series([3.0], index=pd.Index(["town"], name="zone"))
    >>> rows = rate_rows(km, 4 * km, named=("i", "r"), evidence="register", part_unit="km")
    >>> float(rows.loc[("town", "i"), "value"])
    25.0
    """
    rate_pct = 100 * (numerator / denominator.where(denominator > 0))
    half_pct = rate_pct * np.nan if se_pct is None else Z_95 * se_pct
    return _checked(
        pd.DataFrame(
            {
                "value": rate_pct,
                "low": (rate_pct - half_pct).clip(lower=0),
                "high": (rate_pct + half_pct).clip(upper=100),
                "unit": "%",
                "numerator": numerator,
                "denominator": denominator,
                "part_unit": part_unit,
            }
        ),
        named,
        evidence,
    )


def area_rows(area_ha: pd.Series, *, named: tuple[str, str], evidence: str) -> pd.DataFrame:
    """Return an area in hectares for each zone; it has no denominator."""
    return _checked(
        pd.DataFrame(
            {
                "value": area_ha,
                "low": np.nan,
                "high": np.nan,
                "unit": "ha",
                "numerator": area_ha,
                "denominator": np.nan,
                "part_unit": "ha",
            }
        ),
        named,
        evidence,
    )


def variant(indicator: str, rule: str, headline: str) -> tuple[str, str]:
    """Return name and rule of one definition; only the headline has the plain name.

    >>> variant("tree_cover_rate", "total", "total")
    ('tree_cover_rate', 'total')
    >>> variant("tree_cover_rate", "minus_water", "total")
    ('tree_cover_rate_minus_water', 'minus_water')
    """
    return (indicator if rule == headline else f"{indicator}_{rule}"), rule


def _checked(frame: pd.DataFrame, named: tuple[str, str], evidence: str) -> pd.DataFrame:
    indicator, rule = named
    frame = frame.assign(rule=rule, evidence=evidence, indicator=indicator)
    return checked(frame.set_index("indicator", append=True), INDICATORS)
