r"""Estimated areas of zones: the sample's error carried to places it was not drawn for.

In a zone *z* with :math:`M_{zi}` mapped hectares of class *i*, the true area of class *j* is

.. math:: \hat A_{zj} = \sum_i M_{zi}\, \hat q_{ij}

where :math:`\hat q_{ij}` is the share of map class *i* that truly is *j*, estimated from the
whole sample. For the district that was sampled this is the post-stratified estimator of area
(Card 1982; Stehman 2013), and where the strata are the map classes it is the direct
estimate itself. For a zone it is a synthetic estimate (Rao & Molina 2015, ch. 3), and rests on
an assumption that must be printed with it:

    **the map confuses its classes in this zone as it does in the whole district.**

Where it confuses them more or less, the estimate is biased by an amount that the standard
error does not tell. Zones add up: the estimate of a union is the sum of the estimates, but
not their variances, because one sample's error is in all of them; estimate a union by passing
its mapped areas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sinks.accuracy.assessment import Assessment
from sinks.accuracy.designs import ARROW
from sinks.errors import Finding, InputRefused
from sinks.units import Z_95

Unsampled = Literal["refuse", "as_mapped"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ZoneEstimates:
    """Estimated areas of zones with their error.

    ``areas`` has the index ``(zone, land_cover)``, for change also ``land_cover_after``, and
    ``mapped_ha``, ``estimated_ha``, ``estimated_se_ha``, ``estimated_low_ha``,
    ``estimated_high_ha``; the estimates of a zone add up to its mapped area.
    ``covariance_ha2`` holds for each zone the joint covariance of its classes.
    """

    areas: pd.DataFrame
    covariance_ha2: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...] = ()


def estimated_areas(
    mapped: pd.DataFrame, assessment: Assessment, *, unsampled: Unsampled = "refuse"
) -> ZoneEstimates:
    """Correct mapped areas of zones by what a sample found of the map's confusions.

    Parameters
    ----------
    mapped
        AREAS, index ``(zone, land_cover)``, with ``area_ha``; or TRANSITIONS, index
        ``(zone, land_cover, land_cover_after)``, for the ``change`` of a sample labelled at
        two dates.
    assessment
        What the sample found, with the classes of ``mapped``.
    unsampled
        What to do about map classes without a unit: ``refuse``, or take them ``as_mapped``,
        as right and without error.

    Raises
    ------
    InputRefused
        ``E22`` if a zone holds a map class of which the sample has no unit.
    """
    table = _by_zone(mapped)
    shares, found = _known_shares(table, assessment, unsampled)
    estimates = table.to_numpy() @ shares.to_numpy()
    blocks = {
        str(zone): _covariance(row, assessment.share_covariance, shares.columns)
        for zone, row in table.iterrows()
    }
    se = np.sqrt([np.maximum(np.diagonal(block), 0.0) for block in blocks.values()])
    whole_ha = table.to_numpy().sum(axis=1, keepdims=True)
    on_map = table.reindex(columns=shares.columns, fill_value=0.0).to_numpy()
    columns = {
        "mapped_ha": on_map,
        "estimated_ha": estimates,
        "estimated_se_ha": se,
        "estimated_low_ha": np.clip(estimates - Z_95 * se, 0.0, whole_ha),
        "estimated_high_ha": np.clip(estimates + Z_95 * se, 0.0, whole_ha),
    }
    index = _index(table.index, shares.columns, [str(name) for name in mapped.index.names])
    areas = pd.DataFrame({name: values.ravel() for name, values in columns.items()}, index)
    there = (areas[["mapped_ha", "estimated_ha"]] > 0).any(axis=1)
    return ZoneEstimates(areas=areas[there], covariance_ha2=blocks, findings=found)


def _by_zone(mapped: pd.DataFrame) -> pd.DataFrame:
    """Return mapped hectares, zones by classes; a transition is one class, ``forest>water``."""
    keys = mapped.index.to_frame(index=False).drop(columns="zone").astype(str)
    land_cover = keys.agg(ARROW.join, axis="columns").rename("land_cover")
    zone = pd.Series(mapped.index.get_level_values("zone"), name="zone")
    rows = pd.DataFrame({"zone": zone, "land_cover": land_cover})
    rows["area_ha"] = mapped["area_ha"].to_numpy(dtype=float)
    return rows.pivot_table(
        "area_ha", "zone", "land_cover", aggfunc="sum", fill_value=0.0, sort=False
    )


def _known_shares(
    table: pd.DataFrame, assessment: Assessment, unsampled: Unsampled
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the shares of the map classes that zones have: map classes x true classes."""
    shares = assessment.shares
    strange = [str(key) for key in table.columns if key not in shares.index and table[key].any()]
    facts = {"classes": strange, "area_ha": round(float(table[strange].to_numpy().sum()), 2)}
    if strange and unsampled != "as_mapped":
        raise InputRefused.because("E22", **facts)
    truly = [*shares.columns, *(key for key in strange if key not in shares.columns)]
    known = shares.reindex(index=table.columns, columns=truly, fill_value=0.0)
    for key in strange:
        known.loc[key, key] = 1.0
    return known, (Finding(code="E23", facts=facts),) if strange else ()


def _covariance(mapped_ha: pd.Series, covariance: pd.DataFrame, truly: pd.Index) -> pd.DataFrame:
    pairs = covariance.index
    weight = mapped_ha.reindex(pairs.get_level_values("map_class"), fill_value=0.0).to_numpy()
    column = truly.get_indexer(pairs.get_level_values("land_cover"))
    spread = np.zeros((len(pairs), len(truly)))
    spread[np.arange(len(pairs)), column] = weight
    return pd.DataFrame(spread.T @ covariance.to_numpy() @ spread, index=truly, columns=truly)


def _index(zones: pd.Index, classes: pd.Index, names: list[str]) -> pd.MultiIndex:
    parts = [str(key).split(ARROW) for key in classes]
    return pd.MultiIndex.from_tuples(
        [(zone, *part) for zone in zones for part in parts], names=names
    )
