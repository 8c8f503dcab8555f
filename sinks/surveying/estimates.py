"""The samples of a study: what they say of its maps, and of areas in every zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sinks.accuracy.assessment import Assessment
from sinks.accuracy.zone_estimates import StrataEstimates, estimated_by_strata
from sinks.errors import Finding, InputRefused, distinct, located
from sinks.grid import Window
from sinks.landcover.cover import LandCover
from sinks.results import ESTIMATES, checked
from sinks.study_imagery import MapSample
from sinks.surveying.assessing import LabelledSample, assessments, labelled_sample

Covariance = Mapping[str, pd.DataFrame]

_APART_PCT = 1.0  # pixels at the boundary are drawn whole or not at all, and tabulated in part


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleEstimates:
    """What one sample says: accuracy by year, and areas of every zone with covariance.

    ``years`` are those labelled, one or two in order; ``areas`` and ``covariance_ha2`` are by
    year; ``change_ha`` and ``change_covariance_ha2`` are there for two.
    """

    years: tuple[int, ...]
    labelled: LabelledSample
    assessed: Mapping[str, Assessment]
    found: StrataEstimates
    findings: tuple[Finding, ...]

    def of_year(self, year: int) -> tuple[pd.Series, Covariance]:
        """Return estimated hectares by zone and class in a year, and their covariance."""
        return self.found.of_date(self.years.index(year))

    def area_table(self, year: int) -> pd.DataFrame:
        """Return ESTIMATES of a year: mapped and estimated area side by side."""
        of_year = self.found.areas.xs(self.years.index(year), level="date")
        there = (of_year["area_ha"] > 0) | (of_year["estimated_ha"] > 0)
        return checked(pd.DataFrame(of_year.loc[there]), ESTIMATES)


def sample_estimates(
    source: MapSample,
    covers: Mapping[int, LandCover],
    tables: Mapping[str, pd.DataFrame],
    *,
    district: str,
) -> SampleEstimates:
    """Estimate accuracy and areas from a labelled sample of a study.

    Strata have the hectares that the study tabulates for the district, so that mapped areas
    are the same figures everywhere.

    Raises
    ------
    InputRefused
        ``J08`` if the maps are not those that the sample was drawn on, ``J09`` if the years
        of sample and study do not fit, ``J10`` if a class of the sample is not in the
        district, ``J13`` if the sample was drawn in another area than the district; and as
        :func:`sinks.surveying.assessing.labelled_sample`.
    """
    years = source.years
    with located(file=source.path, place=f"samples.{source.year}"):
        labelled = _labelled(source, years, covers)
        mapped = _mapped(years, covers, tables)
        strata, joined = _strata(labelled, mapped, district)
        labelled = replace(labelled, strata=strata, labels=_post_stratified(labelled, strata))
        legend = covers[source.year].legend
        assessed = assessments(labelled, legend)
        found = estimated_by_strata(labelled.labels, strata, mapped, legend.keys)
    notes = [finding for assessment in assessed.values() for finding in assessment.findings]
    return SampleEstimates(
        years=years,
        labelled=labelled,
        assessed=assessed,
        found=found,
        findings=distinct([*labelled.findings, *joined, *found.findings, *notes]),
    )


def _labelled(
    source: MapSample, years: Sequence[int], covers: Mapping[int, LandCover]
) -> LabelledSample:
    if missing := [year for year in years if year not in covers]:
        raise InputRefused.because("J09", years=missing, known=sorted(covers))
    labelled = labelled_sample(
        source.path,
        source.labels,
        legend=covers[source.year].legend,
        decided=source.decided,
        rule=source.where_different,
    )
    if len(labelled.dates) != len(years):
        raise InputRefused.because("J09", years=labelled.dates, known=list(years))
    columns = ["map_class", "map_class_after"][: len(years)]
    for column, year in zip(columns, years, strict=True):
        _require_same_map(labelled, column, covers[year])
    return labelled


def _require_same_map(labelled: LabelledSample, column: str, cover: LandCover) -> None:
    """Refuse if the map shows another class at a sample than when it was drawn."""
    points = labelled.sample.points.to_crs(cover.grid.crs).geometry
    cols, rows = ~cover.grid.transform @ (points.x.to_numpy(), points.y.to_numpy())
    by_code = {code: c.key for code, c in cover.legend.by_code.items()}
    shown = [
        _class_at(cover, int(row), int(col), by_code) for row, col in zip(rows, cols, strict=True)
    ]
    drawn = labelled.sample.design[column].astype(str).to_numpy()
    different = labelled.sample.design["sample"].to_numpy()[drawn != np.array(shown)]
    if len(different):
        raise InputRefused.because(
            "J08", year=cover.year, count=len(different), of=len(drawn),
            samples=different[:10].tolist(),
        )  # fmt: skip


def _class_at(cover: LandCover, row: int, col: int, by_code: Mapping[int, str]) -> str:
    rows, cols = cover.grid.shape
    if not (0 <= row < rows and 0 <= col < cols):
        return ""
    return by_code.get(int(cover.read(Window(row, col, 1, 1))[0, 0]), "")


def _mapped(
    years: Sequence[int], covers: Mapping[int, LandCover], tables: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """Return AREAS of the year, or the TRANSITIONS between both."""
    if len(years) == 1:
        return pd.DataFrame(tables["areas"].xs(years[0], level="year"))
    if tuple(years) != (min(covers), max(covers)):
        raise InputRefused.because("J09", years=list(years), known=[min(covers), max(covers)])
    return tables["transitions"]


def _strata(
    labelled: LabelledSample, mapped: pd.DataFrame, district: str
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Return the strata with the hectares that the study tabulates for the district.

    A sample that was drawn without strata is divided by what the map shows (post-stratified),
    because zones differ in that.
    """
    columns = _on_map(labelled)
    strata, findings = labelled.strata.copy(), tuple[Finding, ...]()
    if len(strata["stratum"].unique()) == 1:
        strata["stratum"], findings = _post_strata(strata[columns], labelled.labels[columns])
        strata = strata.drop(columns=["sample_size"], errors="ignore")
    here = mapped["area_ha"].xs(district, level="zone")
    keys = pd.MultiIndex.from_frame(strata[columns]) if len(columns) > 1 else strata[columns[0]]
    strata["area_ha"] = here.reindex(keys).to_numpy()
    if strata["area_ha"].isna().any():
        lost = strata.loc[strata["area_ha"].isna(), columns].astype(str).agg(">".join, axis=1)
        raise InputRefused.because("J10", classes=sorted(lost)[:10])
    _require_same_area(labelled.strata["area_ha"].sum(), here.sum())
    return strata, findings


def _post_strata(
    shown: pd.DataFrame, units: pd.DataFrame
) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Name the strata by what the map shows; those with less than two units join the largest."""
    names = shown.astype(str).agg(_stratum_name, axis="columns")
    counts = units.astype(str).agg(_stratum_name, axis="columns").value_counts()
    few = names.map(counts).fillna(0) < 2
    if not few.any():
        return names, ()
    largest = counts.index[0]
    joined = [f"{name} + {largest}" for name in sorted(set(names[few]))]
    return names.where(~few, largest), (Finding(code="E17", facts={"joined": joined}),)


def _require_same_area(sampled_ha: float, district_ha: float) -> None:
    """Refuse a sample of a part of the district, or of more than it: its shares are others."""
    apart_pct = 100 * abs(sampled_ha / district_ha - 1)
    if apart_pct > _APART_PCT:
        raise InputRefused.because("J13", sampled_ha=sampled_ha, district_ha=district_ha)


def _stratum_name(row: pd.Series) -> str:
    """Name what the map shows: a class that stays, or change."""
    keys = list(row)
    return keys[0] if len(set(keys)) == 1 else "change"


def _post_stratified(labelled: LabelledSample, strata: pd.DataFrame) -> pd.DataFrame:
    """Give labels the strata that they are estimated in."""
    columns = _on_map(labelled)
    names = strata.drop_duplicates(columns)[[*columns, "stratum"]]
    plain = labelled.labels.drop(columns="stratum")
    return plain.merge(names, on=columns, how="left")


def _on_map(labelled: LabelledSample) -> list[str]:
    return ["map_class", "map_class_after"][: len(labelled.dates)]
