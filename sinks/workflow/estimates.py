"""What the samples of a study say, as result tables: accuracy and areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sinks.errors import Finding
from sinks.study import Study
from sinks.surveying.estimates import SampleEstimates, sample_estimates
from sinks.workflow.inputs import Inputs


@dataclass(frozen=True, kw_only=True)
class Estimates:
    """The samples of a study, their tables by name, and what was noted."""

    samples: tuple[SampleEstimates, ...]
    tables: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...] = ()

    def of_year(self, year: int) -> SampleEstimates | None:
        """Return the sample that was labelled in a year, if there is one."""
        return next((sample for sample in self.samples if year in sample.years), None)


def estimates(study: Study, inputs: Inputs, tables: Mapping[str, pd.DataFrame]) -> Estimates:
    """Estimate accuracy and areas from every sample of a study.

    Tables: ``area_estimates`` (year, zone, land_cover), ``area_covariance`` (of the district,
    between classes and years), ``map_accuracy``, ``error_matrix``, ``agreement`` and
    ``samples``.
    """
    covers = {cover.year: cover for cover in inputs.covers}
    samples = tuple(
        sample_estimates(source, covers, tables, district=study.district.id)
        for source in study.samples
    )
    if not samples:
        return Estimates(samples=(), tables={})
    named = {
        "area_estimates": _area_tables(samples),
        "area_covariance": _covariance(samples, study.district.id),
        "map_accuracy": _of_dates(samples, "accuracy"),
        "error_matrix": _matrix(samples),
        "agreement": _agreement(samples),
        "samples": _described(samples),
    }
    return Estimates(
        samples=samples,
        tables={name: table for name, table in named.items() if not table.empty},
        findings=tuple(finding for sample in samples for finding in sample.findings),
    )


def _area_tables(samples: Sequence[SampleEstimates]) -> pd.DataFrame:
    tables = {year: sample.area_table(year) for sample in samples for year in sample.years}
    return pd.DataFrame(pd.concat(dict(sorted(tables.items())), names=["year"]))


def _covariance(samples: Sequence[SampleEstimates], district: str) -> pd.DataFrame:
    """Return the covariance of the district's areas as rows: class and year, class and year."""
    parts = []
    for sample in samples:
        matrix = sample.found.covariance_ha2[district]
        keys = [(sample.years[date], key) for date, key in matrix.index]
        frame = pd.DataFrame(
            [
                (*one, *other, value)
                for one, row in zip(keys, matrix.to_numpy(), strict=True)
                for other, value in zip(keys, row, strict=True)
            ],
            columns=["year", "land_cover", "year_other", "land_cover_other", "covariance_ha2"],
        )
        parts.append(frame[frame["covariance_ha2"] != 0])
    return pd.concat(parts).set_index(["year", "land_cover", "year_other", "land_cover_other"])


def _of_dates(samples: Sequence[SampleEstimates], name: str) -> pd.DataFrame:
    """Stack a table of each assessment, by sample and what was assessed (a year, or change)."""
    parts = {
        (sample.years[-1], what): getattr(assessment, name)
        for sample in samples
        for what, assessment in zip(_whats(sample), sample.assessed.values(), strict=True)
    }
    return pd.DataFrame(pd.concat(parts, names=["sample", "what"]))


def _whats(sample: SampleEstimates) -> list[str]:
    years = [str(year) for year in sample.years]
    return years if len(years) == 1 else [*years, "change"]


def _matrix(samples: Sequence[SampleEstimates]) -> pd.DataFrame:
    """Return error matrices as rows: map class, reference class, units and share of the area."""
    parts = {}
    for sample in samples:
        for what, assessment in zip(_whats(sample), sample.assessed.values(), strict=True):
            counts = _rows(assessment.error_matrix, "units")
            shares = _rows(assessment.error_matrix_share, "share_of_area")
            joined = counts.join(shares)
            parts[sample.years[-1], what] = joined[joined["units"] > 0]
    return pd.DataFrame(pd.concat(parts, names=["sample", "what"]))


def _rows(matrix: pd.DataFrame, name: str) -> pd.DataFrame:
    flat = matrix.rename_axis(index="land_cover", columns=None).reset_index()
    long = flat.melt("land_cover", var_name="reference", value_name=name)
    return long.set_index(["land_cover", "reference"])


def _agreement(samples: Sequence[SampleEstimates]) -> pd.DataFrame:
    parts = {s.years[-1]: s.labelled.agreement for s in samples if not s.labelled.agreement.empty}
    return pd.DataFrame(pd.concat(parts, names=["sample"])) if parts else pd.DataFrame()


def _described(samples: Sequence[SampleEstimates]) -> pd.DataFrame:
    """Return how each sample was drawn and labelled."""
    rows = {
        s.years[-1]: {
            "design": s.labelled.sample.facts.kind,
            "seed": s.labelled.sample.facts.seed,
            "units": len(s.labelled.labels),
            "strata": len(s.labelled.strata["stratum"].unique()),
            "interpreters": ", ".join(s.labelled.interpreters),
            "disputes": len(s.labelled.disputes),
            "sample_hash": s.labelled.sample.hash,
        }
        for s in samples
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("sample")
