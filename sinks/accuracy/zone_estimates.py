r"""Estimated areas of zones at one date or at two, stratum by stratum.

In a zone *z* that holds :math:`M_{zh}` hectares of stratum *h*, the true area of class *j* is

.. math:: \hat A_{zj} = \sum_h M_{zh}\, \hat p_{hj}

where :math:`\hat p_{hj}` is the share of stratum *h* that the whole sample found to be *j*.
For the district that was sampled this is the direct estimate (Stehman 2014, eq. 3) and its
covariance; for a zone it is synthetic (Rao & Molina 2015, ch. 3) and assumes that **the map
confuses its classes in this zone as it does in the whole district**. Zones add up. With two
dates the same units tell both, so that a class at one date, at the other, and its change have
one joint covariance.

Strata may be map classes, or groups of transitions of which no single one need be sampled.
Intervals are those of :func:`sinks.accuracy.estimators.area_interval`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from sinks.accuracy.estimators import Estimate, Floats, Units, area_interval, totals
from sinks.accuracy.labels import checked_labels
from sinks.errors import Finding
from sinks.uncertainty.areas import SampledShares

_AFTER = "land_cover_after"


@dataclass(frozen=True, kw_only=True, eq=False)
class StrataEstimates:
    """Estimated areas of zones.

    ``areas`` has the index ``(date, zone, land_cover)``, ``date`` being 0, or 0 and 1 for a
    sample labelled at two dates, and ``area_ha`` (mapped), ``estimated_ha``,
    ``estimated_se_ha``, ``estimated_low_ha``, ``estimated_high_ha``.
    ``covariance_ha2`` holds for each zone the joint covariance over ``(date, land_cover)``.
    ``sampled`` is what all of them follow from: the shares of each stratum; ``stratum_of``
    names the stratum of what the map shows, a tuple of class keys by date.
    """

    areas: pd.DataFrame
    covariance_ha2: Mapping[str, pd.DataFrame]
    sampled: SampledShares
    stratum_of: Mapping[tuple[str, ...], str]
    findings: tuple[Finding, ...] = ()

    def of_date(self, date: int) -> tuple[pd.Series, dict[str, pd.DataFrame]]:
        """Return estimated hectares by zone and class at one date, and their covariance."""
        covariance = {zone: self._part(zone, date, date) for zone in self.covariance_ha2}
        return self.areas["estimated_ha"].xs(date, level="date"), covariance

    def change(self) -> tuple[pd.Series, dict[str, pd.DataFrame]]:
        """Return the change of hectares by zone and class, and its covariance."""
        before, after = (self.of_date(date)[0] for date in (0, 1))
        covariance = {
            zone: self._part(zone, 0, 0)
            + self._part(zone, 1, 1)
            - self._part(zone, 0, 1)
            - self._part(zone, 1, 0)
            for zone in self.covariance_ha2
        }
        return after - before, covariance

    def with_strata_of(self, mapped: pd.DataFrame) -> tuple[SampledShares, pd.DataFrame]:
        """Return the shares of strata, and the hectares of each in every zone of ``mapped``.

        ``mapped`` is AREAS or TRANSITIONS as for :func:`estimated_by_strata`, of any zones.
        What lies in no stratum becomes one of its own that is what the map says.
        """
        keys = [tuple(map(str, key[1:])) for key in mapped.index]
        beyond = {">".join(key): key for key in keys if key not in self.stratum_of}
        names = [self.stratum_of.get(key, ">".join(key)) for key in keys]
        columns = pd.Index([*self.sampled.shares.index, *beyond], name="stratum", dtype=object)
        strata_ha = _crossed(mapped["area_ha"], names, columns)
        return self.sampled.with_mapped(beyond), strata_ha

    def _part(self, zone: str, date: int, other: int) -> pd.DataFrame:
        """Return covariance between classes at one date (rows) and at another (columns)."""
        whole = self.covariance_ha2[zone]
        keys = whole.index.unique("land_cover")
        rows, columns = (slice(d * len(keys), (d + 1) * len(keys)) for d in (date, other))
        return pd.DataFrame(whole.to_numpy()[rows, columns], index=keys, columns=keys)


def estimated_by_strata(
    labels: pd.DataFrame, strata: pd.DataFrame, mapped: pd.DataFrame, classes: Sequence[str]
) -> StrataEstimates:
    """Estimate the areas of zones from a sample and what the map shows in each.

    Parameters
    ----------
    labels, strata
        As for :func:`sinks.accuracy.assessment.assess`; ``strata`` must tell the
        ``map_class`` (and ``map_class_after``) of its rows.
    mapped
        AREAS, index ``(zone, land_cover)``; for two dates TRANSITIONS, index ``(zone,
        land_cover, land_cover_after)``; column ``area_ha``.
    classes
        Class keys of the legend, in its order.

    Raises
    ------
    InputRefused
        As :func:`sinks.accuracy.labels.checked_labels`.
    """
    sample = checked_labels(labels, strata, classes)
    keys, references = _keys(sample.rows, mapped, classes)
    indicators = np.hstack([_indicators(reference, keys) for reference in references])
    in_strata, beyond = _in_strata(mapped, strata)
    found = {
        str(zone): _zone(sample.units, stratum_ha, indicators)
        for zone, stratum_ha in zip(in_strata.index, in_strata.to_numpy(), strict=True)
    }
    zones = in_strata.index
    areas = [
        _table(
            found,
            _on_map(mapped["area_ha"], level, zones, keys),
            _on_map(beyond, level, zones, keys),
            date=date,
        )
        for date, level in enumerate(_dates(mapped))
    ]
    pairs = pd.MultiIndex.from_product(
        [range(len(references)), keys], names=["date", "land_cover"]
    )
    return StrataEstimates(
        areas=pd.concat(areas, names=["date"], keys=range(len(areas))),
        covariance_ha2={
            zone: pd.DataFrame(made.areas.covariance, index=pairs, columns=pairs)
            for zone, made in found.items()
        },
        sampled=_sampled(sample.units, in_strata.columns, indicators, pairs),
        stratum_of=_stratum_of(strata, _dates(mapped)),
        findings=(*sample.findings, *_noted(beyond, mapped)),
    )


def _sampled(
    units: Units, strata: pd.Index, indicators: Floats, pairs: pd.MultiIndex
) -> SampledShares:
    """Return what one hectare of each stratum holds of every class and date."""
    made = [_zone(units, one, indicators).areas for one in np.eye(len(strata))]
    return SampledShares(
        shares=pd.DataFrame([m.value for m in made], index=strata, columns=pairs),
        covariance={
            str(name): pd.DataFrame(m.covariance, index=pairs, columns=pairs)
            for name, m in zip(strata, made, strict=True)
        },
    )


def _dates(mapped: pd.DataFrame) -> list[str]:
    return ["land_cover", *([_AFTER] if _AFTER in mapped.index.names else [])]


def _keys(
    rows: pd.DataFrame, mapped: pd.DataFrame, classes: Sequence[str]
) -> tuple[pd.Index, list[pd.Series]]:
    levels = _dates(mapped)
    columns = ["reference", "reference_after"][: len(levels)]
    seen = {key for column in columns for key in rows[column]}
    seen |= {str(key) for level in levels for key in mapped.index.unique(level)}
    keys = pd.Index([key for key in classes if key in seen], name="land_cover", dtype=object)
    return keys, [rows[column] for column in columns]


def _indicators(labels: pd.Series, keys: pd.Index) -> Floats:
    same = labels.to_numpy(dtype=object)[:, np.newaxis] == keys.to_numpy(dtype=object)
    return np.asarray(same, dtype=float)


def _in_strata(mapped: pd.DataFrame, strata: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Return hectares, zones by strata, and those of classes that no stratum holds."""
    stratum_of = _stratum_of(strata, _dates(mapped))
    strata_of_rows = [stratum_of.get(tuple(key[1:])) for key in mapped.index]
    names = pd.Index(strata["stratum"].astype(str).unique())
    area_ha = mapped["area_ha"]
    return _crossed(area_ha, strata_of_rows, names), area_ha[pd.isna(strata_of_rows)]


def _stratum_of(strata: pd.DataFrame, dates: Sequence[str]) -> dict[tuple[str, ...], str]:
    on_map = ["map_class", "map_class_after"][: len(dates)]
    known = strata.drop_duplicates(on_map)[[*on_map, "stratum"]]
    return {tuple(row): str(name) for *row, name in known.to_numpy()}


def _crossed(area_ha: pd.Series, columns: Iterable[object], names: pd.Index) -> pd.DataFrame:
    """Add hectares up, zones by ``names``; what has no name among them is left out."""
    zones = area_ha.index.unique("zone")
    row = zones.get_indexer(area_ha.index.get_level_values("zone"))
    column = names.get_indexer(pd.Index(list(columns), dtype=object))
    table = np.zeros((len(zones), len(names)))
    known = column >= 0
    np.add.at(table, (row[known], column[known]), area_ha.to_numpy(dtype=float)[known])
    return pd.DataFrame(table, index=zones, columns=names)


class _Zone(NamedTuple):
    """The estimates of a zone and their intervals, ``(classes of all dates,)``."""

    areas: Estimate
    low: Floats
    high: Floats


def _zone(units: Units, stratum_ha: Floats, indicators: Floats) -> _Zone:
    """Estimate one zone: the sample of each stratum stands for the zone's part of it."""
    here = stratum_ha > 0
    chosen = here[units.stratum]
    place = np.cumsum(here) - 1
    part = Units(
        stratum=place[units.stratum[chosen]],
        size=units.size[chosen],
        stratum_ha=stratum_ha[here],
        stratum_px=units.stratum_px[here],
    )
    areas = totals(part, indicators[chosen])
    low, high, _ = area_interval(areas, part, indicators[chosen])
    return _Zone(areas, low, high)


def _on_map(areas: pd.Series, level: str, zones: pd.Index, keys: pd.Index) -> pd.DataFrame:
    """Return hectares as the map has them, zones by classes of one date."""
    table = _crossed(areas, areas.index.get_level_values(level), keys)
    return table.reindex(zones, fill_value=0.0)


def _table(
    found: Mapping[str, _Zone], shown: pd.DataFrame, beyond: pd.DataFrame, *, date: int
) -> pd.DataFrame:
    """Put one date together; what lies in no stratum counts as the map has it."""
    keys = shown.columns
    part = slice(date * len(keys), (date + 1) * len(keys))
    as_mapped = beyond.to_numpy()
    columns = {
        "area_ha": shown.to_numpy(),
        "estimated_ha": np.array([z.areas.value[part] for z in found.values()]) + as_mapped,
        "estimated_se_ha": np.array([z.areas.se[part] for z in found.values()]),
        "estimated_low_ha": np.array([z.low[part] for z in found.values()]) + as_mapped,
        "estimated_high_ha": np.array([z.high[part] for z in found.values()]) + as_mapped,
    }
    index = pd.MultiIndex.from_product([list(found), keys], names=["zone", "land_cover"])
    return pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index=index)


def _noted(beyond: pd.Series, mapped: pd.DataFrame) -> list[Finding]:
    """Note ground of classes that have no pixel centre in the sampled district."""
    if beyond.empty:
        return []
    pairs = sorted({">".join(map(str, key[1:])) for key in beyond.index})
    largest_pct = (
        100
        * (
            beyond.groupby(level="zone").sum() / mapped["area_ha"].groupby(level="zone").sum()
        ).max()
    )
    facts = {"classes": pairs[:10], "largest_pct": round(float(largest_pct), 4)}
    return [Finding(code="J06", facts=facts)]
