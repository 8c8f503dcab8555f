"""Labels as they come back: what two interpreters agree on, and whether they fit the sample.

Agreement is the plain share of places to which both gave the same label. It describes the
interpreters, not the district: every place counts once, whatever its weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from sinks.accuracy.estimators import Units, wilson_interval
from sinks.errors import Finding, InputRefused

Nonresponse = Literal["refuse", "adjust"]

_SHOWN = 10  # samples that a finding names


class Labelled(NamedTuple):
    """A checked sample: rows (one per unit that counts), units, strata, what was noted."""

    rows: pd.DataFrame
    units: Units
    strata: pd.DataFrame
    findings: tuple[Finding, ...]


def checked_labels(
    labels: pd.DataFrame,
    strata: pd.DataFrame,
    classes: Sequence[str],
    *,
    collapse: Mapping[str, str] | None = None,
    nonresponse: Nonresponse = "refuse",
) -> Labelled:
    """Check labels and strata, and make units of them.

    See :func:`sinks.accuracy.assessment.assess` for the tables, the options and what is
    refused.
    """
    _require_columns(labels, strata)
    sizes = _strata_sizes(strata)
    _require_known(labels, sizes, classes)
    rows, noted = _answered(labels, sizes, nonresponse)
    group, joined = _groups(rows, sizes, collapse or {})
    findings = (*noted, *joined)
    counted = rows["stratum"].value_counts().reindex(sizes.index, fill_value=0)
    table = sizes[["population_px", "area_ha"]].assign(units=counted)
    return Labelled(rows, _units(rows, sizes, group), table, findings)


def agreement(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Compare the labels of two interpreters.

    Parameters
    ----------
    first, second
        ``sample`` and ``reference``, with two dates also ``reference_after``; the same
        samples in any order.

    Returns
    -------
    tuple
        How often they agree, index ``(date, land_cover)``: of all places (``all``), and of
        the places that at least one of them called a class, those that both did;
        ``agreement_pct``, ``agreement_low_pct``, ``agreement_high_pct`` (Wilson), ``places``.
        And the places where they disagree: ``sample``, ``date``, ``first``, ``second``.

    Raises
    ------
    InputRefused
        ``E30`` if they did not label the same samples, ``E11`` if one comes twice.
    """
    a, b = _paired(first, second)
    shares, places = [], []
    for date, column in (("before", "reference"), ("after", "reference_after")):
        if column not in a:
            continue
        same = a[column] == b[column]
        apart = pd.DataFrame({"date": date, "first": a[column], "second": b[column]})[~same]
        places.append(apart.reset_index())
        shares.append(_agreed(a[column], b[column], date))
    return pd.concat(shares), pd.concat(places, ignore_index=True)


def consensus(
    first: pd.DataFrame,
    second: pd.DataFrame,
    *,
    adjudicated: pd.DataFrame | None = None,
    rule: Literal["adjudicate", "first", "second"] = "adjudicate",
) -> pd.DataFrame:
    """Make one set of labels of two: what they agree on stands, the rest must be decided.

    Parameters
    ----------
    adjudicated
        What a third person decided, in the form of ``first``, for the places in dispute.
    rule
        Whose label stands where nobody decided; ``adjudicate`` accepts none.

    Raises
    ------
    InputRefused
        ``E31`` if places are still in dispute, and as :func:`agreement`.
    """
    a, b = _paired(first, second)
    decided = a.iloc[:0] if adjudicated is None else adjudicated.set_index("sample")
    dispute = (a != b).any(axis=1)
    open_ = dispute & ~dispute.index.isin(decided.dropna().index)
    if open_.any() and rule == "adjudicate":
        raise InputRefused.because("E31", count=int(open_.sum()), samples=_shown(a.index[open_]))
    labels = (b if rule == "second" else a).copy()
    settled = dispute[dispute & ~open_].index
    labels.loc[settled] = decided.loc[settled, labels.columns]
    return labels.reset_index()


def _paired(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = []
    for labels in (first, second):
        _require_once(labels["sample"])
        columns = [c for c in label_columns(labels) if c.startswith("reference")]
        tables.append(labels.set_index("sample")[columns].dropna())
    a, b = tables
    only = [_shown(x.index.difference(y.index)) for x, y in ((a, b), (b, a))]
    if any(only) or list(a.columns) != list(b.columns):
        raise InputRefused.because("E30", first=only[0], second=only[1])
    return a, b.loc[a.index]


def _agreed(first: pd.Series, second: pd.Series, date: str) -> pd.DataFrame:
    keys = list(dict.fromkeys([*first, *second]))
    either = np.column_stack([np.ones(len(first))] + [(first == k) | (second == k) for k in keys])
    both = either * (first == second).to_numpy()[:, np.newaxis]
    places = either.sum(axis=0)
    share = both.sum(axis=0) / places
    low, high = wilson_interval(share, np.sqrt(share * (1 - share) / places), places)
    index = pd.MultiIndex.from_product([[date], ["all", *keys]], names=["date", "land_cover"])
    columns = ["agreement_pct", "agreement_low_pct", "agreement_high_pct"]
    table = pd.DataFrame(100 * np.column_stack([share, low, high]), index, columns)
    return table.assign(places=places.astype(np.int64))


def label_columns(labels: pd.DataFrame) -> list[str]:
    """Return the columns of ``labels`` that hold class keys."""
    known = ("map_class", "map_class_after", "reference", "reference_after")
    return [column for column in known if column in labels.columns]


def _require_columns(labels: pd.DataFrame, strata: pd.DataFrame) -> None:
    dates = {"map_class", "reference"}
    if {"map_class_after", "reference_after"} & set(labels.columns):
        dates |= {"map_class_after", "reference_after"}
    for name, table, needed in (
        ("labels", labels, {"sample", "stratum", *dates}),
        ("strata", strata, {"stratum", "population_px", "area_ha"}),
    ):
        if missing := sorted(needed - set(table.columns)):
            raise InputRefused.because("E10", table=name, columns=missing)


def _strata_sizes(strata: pd.DataFrame) -> pd.DataFrame:
    """Add the rows of each stratum up: ``population_px``, ``area_ha``, ``sample_size``."""
    by_name = strata.groupby(strata["stratum"].astype(str), sort=False)
    sizes = by_name[["population_px", "area_ha"]].sum().rename_axis("stratum")
    numbers = sizes.to_numpy(dtype=float)
    wrong = ~(np.isfinite(numbers) & (numbers > 0)).all(axis=1)
    faults = [f"{name}: population_px or area_ha is not positive" for name in sizes.index[wrong]]
    if "sample_size" in strata.columns:
        sizes["sample_size"] = by_name["sample_size"].first()
        uneven = by_name["sample_size"].min() != by_name["sample_size"].max()
        faults += [f"{name}: several values of sample_size" for name in sizes.index[uneven]]
    if faults:
        raise InputRefused.because("E18", faults=faults)
    return sizes


def _require_known(labels: pd.DataFrame, sizes: pd.DataFrame, classes: Sequence[str]) -> None:
    samples = labels["sample"]
    _require_once(samples)
    strange = ~labels["stratum"].astype(str).isin(sizes.index)
    if strange.any():
        names = sorted(set(labels.loc[strange, "stratum"].astype(str)))
        raise InputRefused.because("E12", strata=names, samples=_shown(samples[strange]))
    for column in label_columns(labels):
        outside = ~labels[column].isin(classes) & ~_blank(labels[column])
        if column.startswith("map_class"):
            outside |= _blank(labels[column])
        if outside.any():
            raise InputRefused.because(
                "E13",
                column=column,
                labels=sorted({str(label) for label in labels.loc[outside, column]}),
                samples=_shown(samples[outside]),
                known=list(classes),
            )


def _require_once(samples: pd.Series) -> None:
    twice = samples.isna() | samples.duplicated(keep=False)
    if twice.any():
        found = _shown(samples[twice].unique())
        raise InputRefused.because("E11", count=int(twice.sum()), samples=found)


def _answered(
    labels: pd.DataFrame, sizes: pd.DataFrame, nonresponse: Nonresponse
) -> tuple[pd.DataFrame, list[Finding]]:
    """Keep the units that have a label; refuse or note the others, rows that are gone too."""
    references = [c for c in label_columns(labels) if c.startswith("reference")]
    blank = np.logical_or.reduce([_blank(labels[column]) for column in references])
    rows = labels[~blank].assign(stratum=lambda f: f["stratum"].astype(str))
    there = labels["stratum"].astype(str).value_counts().reindex(sizes.index, fill_value=0)
    drawn = sizes.get("sample_size", there).astype(int)
    answered = rows["stratum"].value_counts().reindex(sizes.index, fill_value=0)
    most = np.minimum(drawn, sizes["population_px"])
    if faults := [
        f"{name}: {units} units, at most {limit}"
        for name, units, limit in zip(sizes.index, there, most, strict=True)
        if units > limit
    ]:
        raise InputRefused.because("E18", faults=faults)
    missing = drawn - answered
    if not missing.any():
        return rows, []
    counts = {"missing": int(missing.sum()), "drawn": int(drawn.sum())}
    if nonresponse != "adjust":
        raise InputRefused.because(
            "E14", samples=_shown(labels.loc[blank, "sample"]) or ["-"], **counts
        )
    found = [str(name) for name in missing.index[missing > 0]]
    return rows, [Finding(code="E15", facts={"strata": found, **counts})]


def _groups(
    rows: pd.DataFrame, sizes: pd.DataFrame, collapse: Mapping[str, str]
) -> tuple[pd.Series, list[Finding]]:
    """Return the stratum that each stratum is estimated in: itself, or the one it joins."""
    group = pd.Series(sizes.index, index=sizes.index, dtype=object)
    strange = sorted({*collapse, *collapse.values()} - set(sizes.index))
    if strange:
        raise InputRefused.because("E12", strata=strange, samples=["collapse"])
    for name, into in collapse.items():
        group[group == group[name]] = group[into]
    count = rows["stratum"].map(group).value_counts().reindex(group.unique(), fill_value=0)
    px = sizes["population_px"].groupby(group).sum().reindex(count.index)
    short = (count < 2) & (count < px)
    if few := [f"{name} ({n})" for name, n in count[short].items()]:
        raise InputRefused.because("E16", strata=few)
    joined = [f"{name} + {into}" for name, into in collapse.items()]
    return group, [Finding(code="E17", facts={"joined": joined})] if joined else []


def _units(rows: pd.DataFrame, sizes: pd.DataFrame, group: pd.Series) -> Units:
    names = pd.Index(group.unique())
    count = rows["stratum"].value_counts()
    weight = (sizes["population_px"] / count).reindex(rows["stratum"]).to_numpy(dtype=float)
    pixel_ha = rows["pixel_ha"].to_numpy(dtype=float) if "pixel_ha" in rows else 1.0
    if not np.all(np.isfinite(pixel_ha) & (np.asarray(pixel_ha) > 0)):
        raise InputRefused.because("E18", faults=["pixel_ha is not positive"])
    sums = sizes[["population_px", "area_ha"]].groupby(group).sum().reindex(names)
    return Units(
        stratum=names.get_indexer(rows["stratum"].map(group)).astype(np.int64),
        size=weight * pixel_ha,
        stratum_ha=sums["area_ha"].to_numpy(dtype=float),
        stratum_px=sums["population_px"].to_numpy(dtype=np.int64),
    )


def _blank(column: pd.Series) -> pd.Series:
    return column.isna() | (column.astype(str).str.strip() == "")


def _shown(samples: Iterable[object]) -> list[str]:
    names = [str(sample) for sample in samples]
    more = [] if len(names) <= _SHOWN else [f"… ({len(names)})"]
    return names[:_SHOWN] + more
