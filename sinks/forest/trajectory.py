"""The carbon of stands year by year: growth, mortality, harvest and replanting.

    opening + growth - harvest - mortality = closing

A cohort is the land of one species group and age in one zone. It follows the curve of its
group, scaled so that it begins with the carbon of the inventory; the scale stays between
the low and the high limit of the curve. A stand beyond them is put at another age of the
curve, and one above the high limit stays as it is. At its rotation age a cohort is cut at
the end of the year: its living carbon is gone to the air at once (IPCC tier 1; wood in use
is left out), and it is replanted at age 0. Stands past their rotation when the inventory
was taken are cut in equal parts over some years, not all in the first. Groups without a
rotation are not cut; groups without a curve hold what they hold.

Curves are of standing carbon. What dies is therefore shown as mortality and as growth that
makes up for it, and does not change the closing stock. Dead organic matter is left out.

References: IPCC 2006 Guidelines, vol. 4 ch. 2, equations 2.7 to 2.14.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sinks.errors import InputRefused, InvariantViolated
from sinks.forest.biomass import LIVE
from sinks.forest.factors import ForestFactors
from sinks.forest.growth import Floats, curve_age
from sinks.forest.schedule import Schedule, curves_of, with_schedule
from sinks.forest.stands import Stands

FLOWS = ("growth_tc", "harvest_tc", "mortality_tc")
TRAJECTORY = ("opening_tc", *FLOWS, "closing_tc")
_TOLERANCE = 1e-9  # of the carbon that is there: what adding floats may lose


def stand_cohorts(
    pieces: pd.DataFrame, stands: Stands, carbon: pd.DataFrame, factors: ForestFactors
) -> pd.DataFrame:
    """Gather stands into cohorts by zone, species group and age.

    A stand of unknown age gets the age at which its curve holds its carbon; ages count in
    whole years. Stands without carbon are left out: they keep the density of their class.

    Parameters
    ----------
    pieces
        Stands cut by zone: ``zone``, ``stand``, ``area_ha``.
    carbon
        What :func:`sinks.forest.biomass.stand_carbon` gives.

    Returns
    -------
    pandas.DataFrame
        ``zone``, ``group``, ``age_years``, ``area_ha``, ``live_tc``, one row per cohort.
    """
    live = carbon[LIVE].sum(axis="columns", skipna=False)
    rows = stands.frame[["group"]].assign(live=live, age_years=stand_ages(stands, carbon, factors))
    joined = pieces.join(rows, on="stand").dropna(subset="live")
    joined = joined.assign(live_tc=joined["live"] * joined["area_ha"])
    keys = ["zone", "group", "age_years"]
    return joined.groupby(keys, as_index=False)[["area_ha", "live_tc"]].sum()


def stand_ages(stands: Stands, carbon: pd.DataFrame, factors: ForestFactors) -> pd.Series:
    """Return the age of every stand in whole years; the curve tells those not known.

    ``carbon`` is what :func:`sinks.forest.biomass.stand_carbon` gives.
    """
    live = carbon[LIVE].sum(axis="columns", skipna=False)
    curves = curves_of(stands.frame["group"], factors)
    read_off = curve_age(live, *(curves[name] for name in ("limit", "rate", "shape")))
    read_off = np.minimum(read_off, factors.number("longest_age_years"))
    age = stands.frame["age_years"].fillna(pd.Series(read_off, stands.frame.index))
    return age.fillna(0.0).round()


def stand_trajectory(
    cohorts: pd.DataFrame, factors: ForestFactors, *, first_year: int, last_year: int
) -> pd.DataFrame:
    """Follow cohorts year by year from the inventory on.

    Parameters
    ----------
    cohorts
        ``zone``, ``group``, ``age_years`` at the end of ``first_year`` (negative: planted
        that many years later), ``area_ha``, ``live_tc`` (NaN: what the curve gives).
    first_year
        The year of the inventory: its closing stock is that of the cohorts.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, year, group)`` for the years after ``first_year``; ``opening_tc``,
        ``growth_tc`` (gross), ``harvest_tc``, ``mortality_tc``, ``closing_tc``; losses are
        magnitudes.

    Raises
    ------
    InputRefused
        ``H06`` if ``last_year`` does not come after ``first_year``.
    InvariantViolated
        ``I24`` if the flows of a year do not make the difference of its stocks.

    Examples
    --------
    Ten hectares of native broadleaf planted in 2025 gain more each year, for a while:

    >>> from sinks.parameters.forest import forest_factors
    >>> planted = pd.DataFrame({"zone": ["town"], "group": ["broadleaf"],
    ...     "age_years": [0.0], "area_ha": [10.0], "live_tc": [0.0]})
    >>> rows = stand_trajectory(planted, forest_factors(), first_year=2025, last_year=2027)
    >>> rows["closing_tc"].round(1).to_list()
    [5.6, 17.4]
    """
    if last_year <= first_year:
        raise InputRefused.because("H06", first_year=str(first_year), last_year=str(last_year))
    flows = cohort_flows(cohorts, factors, years=last_year - first_year)
    return summed_flows(flows, cohorts[["zone", "group"]], first_year=first_year)


def cohort_flows(cohorts: pd.DataFrame, factors: ForestFactors, *, years: int) -> Floats:
    """Follow every cohort by itself.

    Parameters
    ----------
    cohorts
        As for :func:`stand_trajectory`; a cohort may be a single stand.

    Returns
    -------
    numpy.ndarray
        Shape ``(cohorts, years, 5)``, in tC: the stocks and flows of :data:`TRAJECTORY` in
        each of the years after the inventory.
    """
    rows = with_schedule(cohorts, factors)
    before, after = _stocks(rows, years)
    flows = _flows(before, after, factors.number("mortality_per_year"))
    parts = np.stack([flows[name] for name in TRAJECTORY], axis=2)
    whole = np.zeros((len(cohorts), *parts.shape[1:]))
    np.add.at(whole, rows.cohort, parts)
    return whole


def summed_flows(flows: Floats, places: pd.DataFrame, *, first_year: int) -> pd.DataFrame:
    """Add flows up by ``zone`` and ``group`` of each row of ``places``.

    Returns
    -------
    pandas.DataFrame
        As :func:`stand_trajectory`.

    Raises
    ------
    InvariantViolated
        ``I24`` if the flows of a year do not make the difference of its stocks.
    """
    keys = pd.MultiIndex.from_frame(places[["zone", "group"]])
    number, found = pd.factorize(keys, sort=True)
    sums = np.zeros((len(found), *flows.shape[1:]))
    np.add.at(sums, number, flows)
    years = range(first_year + 1, first_year + 1 + flows.shape[1])
    rows = [(zone, year, group) for zone, group in found for year in years]
    index = pd.MultiIndex.from_tuples(rows, names=["zone", "year", "group"])
    frame = pd.DataFrame(sums.reshape(len(rows), -1), index=index, columns=list(TRAJECTORY))
    frame = frame.sort_index()
    require_balance(frame)
    return frame


def mean_increment(trajectory: pd.DataFrame, *, first_year: int, last_year: int) -> pd.DataFrame:
    """Return what the years from ``first_year`` to ``last_year`` brought, per year.

    One year answers for a balance of that year; several even out harvests.

    Returns
    -------
    pandas.DataFrame
        Index ``(zone, group)``; ``growth_tc_per_year``, ``harvest_tc_per_year``,
        ``mortality_tc_per_year``, ``net_tc_per_year`` (growth less losses).

    Raises
    ------
    InputRefused
        ``H06`` for years that the trajectory does not have.
    """
    years = trajectory.index.get_level_values("year")
    if not years.min() <= first_year <= last_year <= years.max():
        raise InputRefused.because("H06", first_year=str(first_year), last_year=str(last_year))
    chosen = trajectory.loc[(years >= first_year) & (years <= last_year), list(FLOWS)]
    mean = chosen.groupby(level=["zone", "group"]).sum() / (last_year - first_year + 1)
    mean = mean.add_suffix("_per_year")
    losses = mean["harvest_tc_per_year"] + mean["mortality_tc_per_year"]
    return mean.assign(net_tc_per_year=mean["growth_tc_per_year"] - losses)


def require_balance(trajectory: pd.DataFrame) -> None:
    """Refuse a trajectory whose flows do not make the difference of its stocks.

    Raises
    ------
    InvariantViolated
        ``I24`` where opening + growth - harvest - mortality is not closing, where a year
        does not open with what the year before closed with, or where a figure is negative.
    """
    gain = trajectory["growth_tc"] - trajectory["harvest_tc"] - trajectory["mortality_tc"]
    gap = (trajectory["opening_tc"] + gain - trajectory["closing_tc"]).abs()
    last = trajectory["closing_tc"].groupby(level=["zone", "group"]).shift(1)
    gap += (trajectory["opening_tc"] - last).abs().fillna(0.0)
    allowed = _TOLERANCE * (1.0 + trajectory[list(TRAJECTORY)].abs().sum(axis="columns"))
    least = trajectory[list(TRAJECTORY)].min(axis="columns")
    sound = (gap <= allowed) & (least >= -allowed)
    if not sound.all():
        rows = [" ".join(map(str, key)) for key in trajectory.index[~sound]]
        raise InvariantViolated.because("I24", rows=rows[:10])


def _stocks(rows: Schedule, years: int) -> tuple[Floats, Floats]:
    """Return the stock of each cohort before the cut of a year and after it, in tC.

    Shapes ``(cohorts, years)`` and ``(cohorts, years + 1)``; column 0 of the second is the
    inventory.
    """
    year = np.arange(years + 1)[None, :]
    since = year - rows.first_cut[:, None]
    turn = since % rows.rotation[:, None]
    cut = (since >= 0) & (turn == 0)
    regrown = np.where(turn == 0, rows.rotation[:, None], turn)
    age = np.where(since <= 0, rows.curve_age[:, None] + year, regrown)
    limit = np.where(since <= 0, rows.limit[:, None], rows.limit_replanted[:, None])
    before = rows.stock_tc(age, limit)
    return before[:, 1:], np.where(cut, 0.0, before)


def _flows(before: Floats, after: Floats, mortality_per_year: float) -> dict[str, Floats]:
    opening, closing = after[:, :-1], after[:, 1:]
    died = mortality_per_year * opening
    return {
        "opening_tc": opening,
        "growth_tc": before - opening + died,
        "harvest_tc": before - closing,
        "mortality_tc": died,
        "closing_tc": closing,
    }
