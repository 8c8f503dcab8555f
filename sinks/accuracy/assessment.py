"""How right a map is, and how large each class truly is, from a probability sample.

Mapped area is counted; what the map confuses, the count confuses too. A sample of places
whose true class is known corrects it and says how sure the correction is. The estimators are
those of Stehman (2014) for strata that need not be map classes; where they are, they are those
of Olofsson et al. (2014). Kappa is not computed: it answers no question about a map
(Pontius & Millones 2011).

Intervals are 95 %. Areas and their change: estimate ± 1.96 standard errors, areas cut at 0
and at the total. Accuracies: Wilson's interval at the effective sample size, which stays
between 0 and 100 %. Where all units answered alike there is no estimated variance; both then
leave open what a sample of this size could have missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sinks.accuracy.designs import ARROW
from sinks.accuracy.estimators import (
    Estimate,
    Floats,
    Units,
    area_interval,
    totals,
    wilson_interval,
)
from sinks.accuracy.labels import Labelled, Nonresponse, checked_labels
from sinks.accuracy.selection import design_of, mapped_areas, transitions
from sinks.errors import Finding
from sinks.units import Z_95


@dataclass(frozen=True, kw_only=True, eq=False)
class Assessment:
    """What a sample says of a map. Classes are in the order of the legend.

    ``error_matrix`` counts units, rows are the map, columns the reference;
    ``error_matrix_share`` is the same in shares of the area, and adds up to 1.
    ``accuracy`` has the index ``(measure, land_cover)``, ``measure`` being ``overall`` (with
    land cover ``all``), ``users`` or ``producers``, and ``accuracy_pct``, ``accuracy_se_pct``,
    ``accuracy_low_pct``, ``accuracy_high_pct``, ``units``; NaN where the sample has no unit.
    ``areas`` has the index ``land_cover`` and ``mapped_ha`` (NaN if the strata do not tell),
    ``estimated_ha``, ``estimated_se_ha``, ``estimated_low_ha``, ``estimated_high_ha``,
    ``interval`` (``normal``, or ``wilson`` where no variance was seen).
    ``area_covariance_ha2`` is joint over the classes; its rows add up to 0.
    ``strata`` counts pixels, hectares and units.
    """

    error_matrix: pd.DataFrame
    error_matrix_share: pd.DataFrame
    accuracy: pd.DataFrame
    areas: pd.DataFrame
    area_covariance_ha2: pd.DataFrame
    strata: pd.DataFrame
    design: str
    findings: tuple[Finding, ...] = ()

    @property
    def classes(self) -> list[str]:
        """The classes of map and reference."""
        return list(self.areas.index)


@dataclass(frozen=True, kw_only=True, eq=False)
class ChangeAssessment:
    """What a sample labelled at two dates says of two maps and of the change between them.

    ``change`` has the transitions as its classes, written ``forest>water``;
    ``net_change`` has the index ``land_cover`` and ``change_ha``, ``change_se_ha``,
    ``change_low_ha``, ``change_high_ha``. ``area_covariance_ha2`` is joint over
    ``(date, land_cover)``, ``date`` being ``before`` or ``after``.
    """

    before: Assessment
    after: Assessment
    change: Assessment
    net_change: pd.DataFrame
    area_covariance_ha2: pd.DataFrame


def assess(
    labels: pd.DataFrame,
    strata: pd.DataFrame,
    classes: Sequence[str],
    *,
    collapse: Mapping[str, str] | None = None,
    nonresponse: Nonresponse = "refuse",
) -> Assessment:
    """Estimate accuracy and areas from a labelled sample.

    Parameters
    ----------
    labels
        A row per unit: ``sample`` (id), ``stratum``, ``map_class`` and ``reference`` (class
        keys); ``pixel_ha`` if pixels differ in size. What
        :func:`sinks.accuracy.selection.draw` returns, with ``reference`` added.
    strata
        What :func:`sinks.accuracy.selection.sampling_frame` returns. Needed: ``stratum``,
        ``population_px``, ``area_ha``, one or more rows per stratum; with ``map_class`` the
        rows also tell the mapped areas, with ``sample_size`` rows that got lost are noticed.
    classes
        Class keys of the legend, in its order.
    collapse
        Stratum to the stratum it joins, for strata with less than two units. Units keep
        their own weights; the variance is that of the joint stratum.
    nonresponse
        ``refuse`` units without a label; or ``adjust`` weights within strata, as if labels
        were missing at random there.

    Raises
    ------
    InputRefused
        ``E10`` for a missing column, ``E11`` for repeated samples, ``E12`` for an unknown
        stratum, ``E13`` for a label that is no class, ``E14`` for missing labels, ``E16`` for
        strata with less than two units, ``E18`` if ``strata`` contradicts itself or the sample.

    Examples
    --------
    A tenth of the mapped forest is really grass:

    >>> strata = pd.DataFrame({"stratum": ["forest", "grass"], "map_class": ["forest", "grass"],
    ...                        "population_px": [100_000, 50_000], "area_ha": [1000.0, 500.0]})
    >>> labels = pd.DataFrame({"sample": range(150), "stratum": ["forest"] * 100 + ["grass"] * 50,
    ...                        "reference": ["forest"] * 90 + ["grass"] * 60})
    >>> found = assess(labels.assign(map_class=labels["stratum"]), strata, ["forest", "grass"])
    >>> found.areas.loc["grass", ["mapped_ha", "estimated_ha"]].round(1).to_list()
    [500.0, 600.0]
    >>> found.areas["estimated_se_ha"].round(1).to_list()
    [30.1, 30.1]
    """
    sample = checked_labels(labels, strata, classes, collapse=collapse, nonresponse=nonresponse)
    rows = sample.rows
    mapped = mapped_areas(strata, ["map_class"])
    return _assessed(sample, strata, classes, (rows["map_class"], rows["reference"], mapped))


def assess_change(
    labels: pd.DataFrame,
    strata: pd.DataFrame,
    classes: Sequence[str],
    *,
    collapse: Mapping[str, str] | None = None,
    nonresponse: Nonresponse = "refuse",
) -> ChangeAssessment:
    """Estimate accuracy, areas and change from a sample labelled at two dates.

    As :func:`assess`, with ``map_class_after`` and ``reference_after`` in ``labels`` and
    ``map_class_after`` in ``strata``. All estimates come from the same units, so that their
    covariance is known: change is estimated with the error that it has, not with that of two
    separate samples.
    """
    sample = checked_labels(labels, strata, classes, collapse=collapse, nonresponse=nonresponse)
    rows = sample.rows
    first = (rows["map_class"], rows["reference"], mapped_areas(strata, ["map_class"]))
    later_ha = mapped_areas(strata, ["map_class_after"])
    last = (rows["map_class_after"], rows["reference_after"], later_ha)
    moves = (
        transitions(first[0], last[0]),
        transitions(first[1], last[1]),
        mapped_areas(strata, ["map_class", "map_class_after"]),
    )
    before, after = (_assessed(sample, strata, classes, date) for date in (first, last))
    net_change, covariance = _net_change(sample.units, classes, first[1], last[1])
    every_move = [f"{a}{ARROW}{b}" for a in classes for b in classes]
    return ChangeAssessment(
        before=before,
        after=after,
        change=_assessed(sample, strata, every_move, moves),
        net_change=net_change,
        area_covariance_ha2=covariance,
    )


def _assessed(
    sample: Labelled,
    strata: pd.DataFrame,
    classes: Sequence[str],
    labels: tuple[pd.Series, pd.Series, pd.Series],
) -> Assessment:
    mapped, reference, mapped_ha = labels
    seen = {*mapped, *reference, *mapped_ha.index[mapped_ha > 0]}
    keys = pd.Index([key for key in classes if key in seen], name="land_cover", dtype=object)
    units, total_ha = sample.units, float(sample.units.stratum_ha.sum())
    on_map, truly = _indicators(mapped, keys), _indicators(reference, keys)
    cell = on_map.argmax(axis=1) * len(keys) + truly.argmax(axis=1)
    met, units_met = np.unique(cell, return_counts=True)  # all other pairs of classes are 0
    cells = totals(units, (cell[:, np.newaxis] == met).astype(float))
    areas = totals(units, truly)
    table = _areas(areas, mapped_ha.reindex(keys), units, truly)

    def square(value: NDArray[Any]) -> pd.DataFrame:
        filled = np.zeros(len(keys) ** 2, dtype=value.dtype)
        filled[met] = value
        map_keys = keys.rename("map_class")
        return pd.DataFrame(filled.reshape(len(keys), -1), index=map_keys, columns=keys)

    return Assessment(
        error_matrix=square(units_met),
        error_matrix_share=square(cells.value / total_ha),
        accuracy=_accuracies(units, keys, on_map, truly),
        areas=table,
        area_covariance_ha2=pd.DataFrame(areas.covariance, index=keys, columns=keys),
        strata=sample.strata,
        design=design_of(strata),
        findings=(*sample.findings, *_notes(table, strata, len(mapped))),
    )


def _indicators(labels: pd.Series, keys: pd.Index) -> Floats:
    held = labels.to_numpy(dtype=object)[:, np.newaxis] == keys.to_numpy()
    return np.asarray(held, dtype=float)


def _accuracies(units: Units, keys: pd.Index, on_map: Floats, truly: Floats) -> pd.DataFrame:
    right = on_map * truly
    every = np.ones((len(right), 1))
    wholes = {"overall": every, "users": on_map, "producers": truly}
    parts = {"overall": right.sum(axis=1, keepdims=True), "users": right, "producers": right}
    names = {"overall": pd.Index(["all"]), "users": keys, "producers": keys}
    tables = []
    for measure, whole in wholes.items():
        of = totals(units, whole)
        share = totals(units, parts[measure]).over(of)
        held = of.value / units.stratum_ha.sum()
        sizes = np.where(held > 0, units.effective_size() * np.maximum(held, _TINY), 0.0)
        if measure == "users":  # the map tells which units these are before they are labelled
            sizes = np.array([units.effective_size(column > 0) for column in whole.T])
        low, high = wilson_interval(share.value, share.se, sizes)
        columns = (share.value, share.se, low, high)
        index = pd.MultiIndex.from_product([[measure], names[measure]])
        table = pd.DataFrame(100 * np.column_stack(columns), index, _ACCURACY)
        tables.append(table.assign(units=whole.sum(axis=0).astype(np.int64)))
    return pd.concat(tables).rename_axis(["measure", "land_cover"])


_TINY = np.finfo(float).tiny  # nothing of an endless sample is nothing
_ACCURACY = ["accuracy_pct", "accuracy_se_pct", "accuracy_low_pct", "accuracy_high_pct"]


def _areas(areas: Estimate, mapped_ha: pd.Series, units: Units, truly: Floats) -> pd.DataFrame:
    low, high, unseen = area_interval(areas, units, truly)
    return pd.DataFrame(
        {
            "mapped_ha": mapped_ha.fillna(0.0) if mapped_ha.notna().any() else mapped_ha,
            "estimated_ha": areas.value,
            "estimated_se_ha": areas.se,
            "estimated_low_ha": low,
            "estimated_high_ha": high,
            "interval": np.where(unseen, "wilson", "normal"),
        },
        index=mapped_ha.index,
    )


def _net_change(
    units: Units, classes: Sequence[str], before: pd.Series, after: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    seen = {*before, *after}
    keys = pd.Index([key for key in classes if key in seen], name="land_cover", dtype=object)
    both = totals(units, np.hstack([_indicators(before, keys), _indicators(after, keys)]))
    net = both.combined(np.vstack([-np.eye(len(keys)), np.eye(len(keys))]))
    change = pd.DataFrame(
        {
            "change_ha": net.value,
            "change_se_ha": net.se,
            "change_low_ha": net.value - Z_95 * net.se,
            "change_high_ha": net.value + Z_95 * net.se,
        },
        index=keys,
    )
    dates = pd.MultiIndex.from_product([["before", "after"], keys], names=["date", "land_cover"])
    return change, pd.DataFrame(both.covariance, index=dates, columns=dates)


def _notes(areas: pd.DataFrame, strata: pd.DataFrame, count: int) -> list[Finding]:
    unmet = areas.index[(areas["estimated_ha"] == 0) & (areas["mapped_ha"] > 0)]
    facts: dict[str, Any] = {"classes": list(unmet)}
    notes = [Finding(code="E20", facts=facts)] if len(unmet) else []
    if design_of(strata) == "systematic":
        notes.append(Finding(code="E21", facts={"units": count}))
    return notes
