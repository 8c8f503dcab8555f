"""Figures held against what a plan asks: how far off, how surely met, in the units people use.

Five kinds of target, all of them floors: ``hold`` and ``at_least`` (the level of a year),
``reach`` (a level by a year), ``cumulative`` (the sum since the baseline) and ``per_year``
(the amount of one year). What carries a figure decides how it is judged:

===========  =======================  ===================================================
evidence     what it is               met
===========  =======================  ===================================================
register     documents, each counted  if the figure reaches the target, exactly
report       told by a department     the same
survey       full-cover survey        if P(figure >= target) is 0.95 or more;
sample       probability sample       not met if it is 0.05 or less; open between, and
map          classified map           open without an interval
===========  =======================  ===================================================
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from sinks.errors import InputRefused, InvariantViolated
from sinks.units import HA_PER_MU, M2_PER_HA, Z_95

Floats = NDArray[np.float64]

KINDS = ("hold", "at_least", "reach", "cumulative", "per_year")
EXACT, ESTIMATED = frozenset({"register", "report"}), frozenset({"survey", "sample", "map"})
SURE = 0.95  # probability at which an estimated figure counts as met
_ROUNDING = 1e-9  # a sum of floats may fall short of the target by this share of it
_AREAS_HA = {"ha": 1.0, "mu": HA_PER_MU, "m2": 1 / M2_PER_HA, "km2": 100.0}
_LENGTHS_KM = {"km": 1.0, "m": 1e-3}


def against_targets(
    indicators: pd.DataFrame, targets: pd.DataFrame, *, zone: str, year: int
) -> pd.DataFrame:
    """Compare the figures of ``zone`` with what the plan asks of it.

    Parameters
    ----------
    indicators
        INDICATORS stacked by year: index ``(year, zone, indicator)``. Of each indicator the
        latest figure that is not after ``year`` counts.
    targets
        Index ``indicator``; see :func:`compared`.
    """
    figures = latest(indicators, year)
    return compared(figures[figures.index.get_level_values("zone") == zone].droplevel(0), targets)


def latest(indicators: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the latest figure of each zone and indicator not after ``year``.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, indicator)``; the columns of INDICATORS and ``value_year``.
    """
    years = indicators.index.get_level_values("year")
    known = indicators[(years <= year) & indicators["value"].notna()].sort_index()
    known = known.assign(value_year=known.index.get_level_values("year").astype(float))
    return known.groupby(["zone", "indicator"]).tail(1).droplevel("year").sort_index()


def compared(figures: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Compare figures with targets of the same index.

    Parameters
    ----------
    figures
        Index ``indicator`` or ``(zone, indicator)``; the columns of INDICATORS and
        ``value_year``. For a cumulative target the value is the sum since the baseline,
        for one per year the amount of that year.
    targets
        The same index levels; at least ``kind``, ``target``, ``unit`` and ``year``.

    Returns
    -------
    pandas.DataFrame
        ``targets`` with ``value``, ``low``, ``high`` (in the unit of the target),
        ``value_year``, ``evidence``; ``gap``, target minus value, in the unit of the target
        (percentage points for a rate), ``gap_part`` in ``part_unit`` (for a rate what is
        missing in the unit of its denominator) and ``gap_mu`` where that is an area;
        ``probability`` that the figure reaches the target, blank for exact comparison;
        ``judged_by`` (``exact``, ``probability``, ``no_interval``, ``no_figure``) and
        ``met`` (``yes``, ``no``, ``open``, ``unknown``).

    Raises
    ------
    InputRefused
        ``F40`` if a target is in a unit that its figures cannot be told in.
    InvariantViolated
        ``I01`` for a kind of target or an evidence that does not exist.
    """
    told = ["value", "low", "high", "value_year", "unit", "denominator", "part_unit", "evidence"]
    joined = targets.join(figures[told].rename(columns={"unit": "value_unit"}))
    _require_known(joined)
    factors = _factors(joined)
    ends = {name: joined[name] * factors for name in ("value", "low", "high")}
    joined = joined.assign(**ends, gap=joined["target"] - ends["value"])
    amounts = parts(joined, joined["gap"])
    judged = _judged(joined)
    return joined.drop(columns=["value_unit", "denominator", "part_unit"]).assign(
        gap_part=amounts["part"],
        part_unit=amounts["part_unit"],
        gap_mu=amounts["mu"],
        probability=judged["probability"],
        judged_by=judged["judged_by"],
        met=judged["met"],
        denominator=joined["denominator"],
    )


def parts(rows: pd.DataFrame, amounts: pd.Series) -> pd.DataFrame:
    """Tell amounts that are in ``unit`` in the unit of what is counted, and in 亩.

    Parameters
    ----------
    rows
        ``unit``, ``denominator`` and ``part_unit``, aligned with ``amounts``.

    Returns
    -------
    pandas.DataFrame
        ``part``, ``part_unit`` (``ha`` for every area) and ``mu``, NaN for what is no area.
    """
    rate = rows["unit"] == "%"
    part = amounts.where(~rate, amounts / 100 * rows["denominator"])
    unit = rows["unit"].where(~rate, rows["part_unit"])
    to_ha = unit.map(_AREAS_HA).astype(float)
    area = to_ha.notna()
    part_ha = part * to_ha
    return pd.DataFrame(
        {
            "part": part.where(~area, part_ha),
            "part_unit": unit.where(~area, "ha"),
            "mu": part_ha / HA_PER_MU,
        }
    )


def unit_ratio(unit: str, other: str) -> float | None:
    """Return how many ``other`` one ``unit`` is, or None if they measure different things.

    >>> unit_ratio("ha", "mu"), unit_ratio("%", "ha")
    (15.0, None)
    """
    if unit == other:
        return 1.0
    for table in (_AREAS_HA, _LENGTHS_KM):
        if unit in table and other in table:
            return table[unit] / table[other]
    return None


def probability_at_least(
    value: Floats, low: Floats, high: Floats, target: Floats, *, rate: bool | NDArray[np.bool_]
) -> Floats:
    """Return the probability that a figure reaches a target, from its 95 % interval.

    The two sides of the interval are two half normals. Where an end was cut at 0, or at
    100 for a ``rate``, that side is taken to be at least as wide as the other one.

    Returns
    -------
    numpy.ndarray
        The shape of ``value``; NaN where there is no interval.

    Examples
    --------
    >>> one = np.array([26.0]), np.array([25.0]), np.array([27.0]), np.array([25.0])
    >>> probability_at_least(*one, rate=True).round(3).tolist()
    [0.975]
    """
    below, above = (value - low) / Z_95, (high - value) / Z_95
    wider = np.maximum(below, above)
    below = np.where(low <= 0, wider, below)
    above = np.where(rate & (high >= 100), wider, above)
    se = np.where(target > value, above, below)
    with np.errstate(divide="ignore", invalid="ignore"):
        probability = special.ndtr((value - target) / se)
    known = np.where(reaches(value, target), 1.0, 0.0)
    return np.asarray(np.where(se == 0, known, probability))


def reaches(value: Floats, target: Floats | float) -> NDArray[np.bool_]:
    """Whether a figure reaches a target, but for the rounding of sums."""
    return np.asarray(value >= target - _ROUNDING * np.maximum(np.abs(target), 1))


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    value, low, high, target = (
        rows[name].to_numpy(dtype=float) for name in ("value", "low", "high", "target")
    )
    rate = (rows["unit"] == "%").to_numpy()
    probability = probability_at_least(value, low, high, target, rate=rate)
    exact, unknown = rows["evidence"].isin(EXACT).to_numpy(), np.isnan(value)
    probability[exact | unknown] = np.nan
    yes = np.where(exact, reaches(value, target), probability >= SURE)
    no = np.where(exact, ~reaches(value, target), probability <= 1 - SURE)
    blank = np.isnan(probability)
    return pd.DataFrame(
        {
            "probability": probability,
            "judged_by": np.select(
                [unknown, exact, blank], ["no_figure", "exact", "no_interval"], "probability"
            ),
            "met": np.select([unknown, yes, no], ["unknown", "yes", "no"], "open"),
        },
        index=rows.index,
    )


def _factors(rows: pd.DataFrame) -> pd.Series:
    """Return what turns each figure into the unit of its target."""
    factors = []
    for key, row in rows.iterrows():
        figure, asked = row["value_unit"], str(row["unit"])
        ratio = 1.0 if pd.isna(figure) else unit_ratio(str(figure), asked)
        if ratio is None:
            name = key[-1] if isinstance(key, tuple) else key
            raise InputRefused.because(
                "F40", place=name, indicator=name, unit=str(figure), target_unit=asked
            )
        factors.append(ratio)
    return pd.Series(factors, index=rows.index, dtype=float)


def _require_known(rows: pd.DataFrame) -> None:
    strange = sorted(set(rows["kind"]) - set(KINDS))
    strange += sorted(set(rows["evidence"].dropna()) - EXACT - ESTIMATED)
    if strange:
        raise InvariantViolated.because("I01", table="targets", faults=strange)
