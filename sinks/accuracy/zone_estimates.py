r"""Estimated areas of zones at one date or at two, stratum by stratum.

In a zone *z* that holds :math:`M_{zh}` hectares of stratum *h*, the true area of class *j* is

.. math:: \hat A_{zj} = \sum_h M_{zh}\, \hat p_{hj}

where :math:`\hat p_{hj}` is the share of stratum *h* that the whole sample found to be *j*.
For the district that was sampled this is the direct estimate (Stehman 2014, eq. 3) and its
covariance; for a zone it is synthetic (Rao & Molina 2015, ch. 3) and assumes that **the map
confuses its classes in this zone as it does in the whole district**. Zones add up. With two
dates the same units tell both, so that a class at one date, at the other, and its change have
one joint covariance.

Where strata are the map classes, :func:`sinks.accuracy.domains.estimated_areas` gives the
same; here strata may be groups of transitions, of which no single one need be sampled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sinks.accuracy.estimators import Estimate, Floats, Units, totals
from sinks.accuracy.labels import checked_labels
from sinks.errors import Finding
from sinks.units import Z_95

_AFTER = "land_cover_after"


@dataclass(frozen=True, kw_only=True, eq=False)
class StrataEstimates:
    """Estimated areas of zones.

    ``areas`` has the index ``(date, zone, land_cover)``, ``date`` being 0, or 0 and 1 for a
    sample labelled at two dates, and ``area_ha`` (mapped), ``estimated_ha``,
    ``estimated_se_ha``, ``estimated_low_ha``, ``estimated_high_ha``.
    ``covariance_ha2`` holds for each zone the joint covariance over ``(date, land_cover)``.
    """

    areas: pd.DataFrame
    covariance_ha2: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...] = ()

    def of_date(self, date: int) -> tuple[pd.Series, dict[str, pd.DataFrame]]:
        """Return estimated hectares by zone and class at one date, and their covariance."""
        covariance = {
            zone: pd.DataFrame(v.loc[date, date]) for zone, v in self.covariance_ha2.items()
        }
        return self.areas["estimated_ha"].xs(date, level="date"), covariance

    @cached_property
    def change(self) -> tuple[pd.Series, dict[str, pd.DataFrame]]:
        """Estimated change of hectares by zone and class, and its covariance."""
        before, after = (self.of_date(date)[0] for date in (0, 1))
        covariance = {
            zone: pd.DataFrame(v.loc[0, 0] + v.loc[1, 1] - v.loc[0, 1] - v.loc[1, 0].to_numpy())
            for zone, v in self.covariance_ha2.items()
        }
        return after - before, covariance


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
    as_mapped = _as_mapped(beyond, in_strata.index, keys, dates=len(references))
    found = {
        str(zone): _zone(sample.units, stratum_ha, indicators)
        for zone, stratum_ha in zip(in_strata.index, in_strata.to_numpy(), strict=True)
    }
    shown = [_on_map(mapped, level, in_strata.index, keys) for level in _dates(mapped)]
    areas = [
        _table(found, as_mapped, shown[date], keys, date=date) for date in range(len(references))
    ]
    pairs = pd.MultiIndex.from_product(
        [range(len(references)), keys], names=["date", "land_cover"]
    )
    return StrataEstimates(
        areas=pd.concat(areas, names=["date"], keys=range(len(areas))),
        covariance_ha2={
            zone: pd.DataFrame(estimate.covariance, index=pairs, columns=pairs)
            for zone, estimate in found.items()
        },
        findings=(*sample.findings, *_noted(beyond, mapped)),
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
    on_map = ["map_class", "map_class_after"][: len(_dates(mapped))]
    stratum = strata.drop_duplicates(on_map).set_index(on_map)["stratum"].astype(str)
    area_ha = mapped["area_ha"]
    classes = area_ha.index.droplevel("zone")
    of = pd.Series(stratum.reindex(classes).to_numpy(dtype=object), index=area_ha.index)
    zones = area_ha.index.get_level_values("zone")
    table = area_ha.groupby([zones, of.to_numpy()], sort=False).sum().unstack(fill_value=0.0)
    names = strata["stratum"].astype(str).unique()
    whole = table.reindex(index=zones.unique(), columns=names, fill_value=0.0)
    return whole, area_ha[of.isna()]


def _zone(units: Units, stratum_ha: Floats, indicators: Floats) -> Estimate:
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
    return totals(part, indicators[chosen])


def _as_mapped(
    beyond: pd.Series, zones: pd.Index, keys: pd.Index, *, dates: int
) -> list[pd.DataFrame]:
    """Return hectares that no stratum holds, zones by classes: they count as the map has them."""
    return [
        _on_map(beyond.to_frame("area_ha"), level, zones, keys)
        for level in ["land_cover", _AFTER][:dates]
    ]


def _on_map(mapped: pd.DataFrame, level: str, zones: pd.Index, keys: pd.Index) -> pd.DataFrame:
    sums = mapped["area_ha"].groupby(level=["zone", level]).sum()
    table = sums.unstack(fill_value=0.0) if len(sums) else pd.DataFrame()
    return table.reindex(index=zones, columns=keys, fill_value=0.0)


def _table(
    found: Mapping[str, Estimate],
    as_mapped: Sequence[pd.DataFrame],
    shown: pd.DataFrame,
    keys: pd.Index,
    *,
    date: int,
) -> pd.DataFrame:
    part = slice(date * len(keys), (date + 1) * len(keys))
    extra = as_mapped[date].to_numpy()
    estimated = np.array([e.values[part] for e in found.values()]) + extra
    se = np.array([e.se[part] for e in found.values()])
    whole_ha = shown.to_numpy().sum(axis=1, keepdims=True)
    columns = {
        "area_ha": shown.to_numpy(),
        "estimated_ha": estimated,
        "estimated_se_ha": se,
        "estimated_low_ha": np.clip(estimated - Z_95 * se, 0.0, whole_ha),
        "estimated_high_ha": np.clip(estimated + Z_95 * se, 0.0, whole_ha),
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
