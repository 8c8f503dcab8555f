"""What a labelled sample says of a map: accuracy, areas with their interval, agreement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from sinks.accuracy.assessment import Assessment, assess, assess_change
from sinks.accuracy.labels import agreement, consensus
from sinks.errors import Finding, InputRefused, Language, distinct, located
from sinks.files import file_hash
from sinks.landcover.legend import Legend
from sinks.parameters.legends import house_legend
from sinks.publish import workspace
from sinks.reports.tables import write_table
from sinks.sources.labels import Labels, read_labels
from sinks.sources.sample_files import SampleFile, read_sample
from sinks.surveying.outcome import StepOutcome, published_step

Rule = Literal["first", "second"]


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledSample:
    """A sample with one label for each place and date.

    ``labels`` has the columns that :func:`sinks.accuracy.assessment.assess` wants; ``strata``
    is the frame that the sample was drawn from. ``agreement`` and ``disputes`` compare two
    interpreters, and are empty for one.
    """

    sample: SampleFile
    labels: pd.DataFrame
    strata: pd.DataFrame
    agreement: pd.DataFrame
    disputes: pd.DataFrame
    interpreters: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def dates(self) -> tuple[str, ...]:
        """What was labelled, in words: one date or two."""
        return self.sample.facts.dates


def labelled_sample(
    sample_file: Path,
    labels: Sequence[Path],
    *,
    legend: Legend,
    decided: Path | None = None,
    rule: Rule | None = None,
) -> LabelledSample:
    """Read a sample and its labels, and settle where two interpreters differ.

    Parameters
    ----------
    labels
        A file for each interpreter, or none where the sample file itself is filled in.
    decided
        Labels of a third person for the places in dispute.
    rule
        Whose label stands where nobody decided; without one, open disputes are refused.

    Raises
    ------
    InputRefused
        ``J07`` for more than two interpreters, ``J12`` if there is nothing to decide between
        or more than one who decided; and as :func:`read_sample`, :func:`read_labels` and
        :func:`sinks.accuracy.labels.consensus`.
    """
    sample = read_sample(sample_file)
    told = read_labels(list(labels) or sample_file, sample=sample, legend=legend)
    if len(told.interpreters) > 2:
        raise InputRefused.because("J07", file=sample_file, names=told.interpreters)
    if len(told.interpreters) < 2 and (decided is not None or rule is not None):
        raise InputRefused.because("J12", file=decided or sample_file, names=told.interpreters)
    each = [_of_interpreter(told, n) for n in range(1, len(told.interpreters) + 1)]
    settled, agreed, disputes = each[0], pd.DataFrame(), pd.DataFrame()
    if len(each) == 2:
        with located(file=sample_file):
            agreed, disputes = agreement(*each)
            third = None if decided is None else _decided(decided, sample, legend)
            settled = consensus(*each, adjudicated=third, rule=rule or "adjudicate")
    return LabelledSample(
        sample=sample,
        labels=sample.design.merge(settled, on="sample"),
        strata=sample.strata,
        agreement=agreed,
        disputes=disputes,
        interpreters=told.interpreters,
        findings=(*sample.findings, *told.findings),
    )


def assessments(labelled: LabelledSample, legend: Legend) -> dict[str, Assessment]:
    """Assess the map of each date, by name; with two dates also ``change``."""
    keys = list(legend.keys)
    if len(labelled.dates) == 1:
        return {labelled.dates[0]: assess(labelled.labels, labelled.strata, keys)}
    both = assess_change(labelled.labels, labelled.strata, keys)
    before, after = labelled.dates
    return {before: both.before, after: both.after, "change": both.change}


def assess_files(
    *,
    sample_file: Path,
    out: Path,
    labels: Sequence[Path] = (),
    decided: Path | None = None,
    rule: Rule | None = None,
    language: Language = "zh",
) -> StepOutcome:
    """Assess a map from files, and publish the tables in ``out``."""
    legend = house_legend()
    labelled = labelled_sample(sample_file, labels, legend=legend, decided=decided, rule=rule)
    found = assessments(labelled, legend)
    noted = [finding for assessment in found.values() for finding in assessment.findings]
    files = {f"labels.{number}": path for number, path in enumerate(labels, start=1)}
    files |= {"sample": sample_file, **({} if decided is None else {"decided": decided})}
    with workspace(out) as folder:
        for name, table in _tables(labelled, found).items():
            write_table(table, folder / f"{name}.csv")
        return published_step(
            folder,
            out,
            step="assess",
            inputs={part: file_hash(path) for part, path in sorted(files.items())},
            said={"zh": _said(labelled, found, "zh"), "en": _said(labelled, found, "en")},
            findings=distinct([*labelled.findings, *noted]),
            interpreters=labelled.interpreters,
            synthetic=list(labelled.sample.facts.synthetic),
            language=language,
        )


def _of_interpreter(told: Labels, number: int) -> pd.DataFrame:
    columns = {f"label_{number}": "reference", f"label_after_{number}": "reference_after"}
    wanted = ["sample", *(column for column in columns if column in told.frame)]
    return told.frame[wanted].rename(columns=columns)


def _decided(path: Path, sample: SampleFile, legend: Legend) -> pd.DataFrame:
    third = read_labels(path, sample=sample, legend=legend, blanks="keep")
    if len(third.interpreters) > 1:
        raise InputRefused.because("J12", file=path, names=third.interpreters)
    return _of_interpreter(third, 1)


def _tables(labelled: LabelledSample, found: dict[str, Assessment]) -> dict[str, pd.DataFrame]:
    """Return the tables to be written, the date as outer level of each."""
    names = ("accuracy", "areas", "error_matrix", "error_matrix_share", "area_covariance_ha2")
    tables = {
        name: pd.DataFrame(
            pd.concat({date: getattr(a, name) for date, a in found.items()}, names=["date"])
        )
        for name in names
    }
    tables["strata"] = next(iter(found.values())).strata
    if not labelled.agreement.empty:
        tables["agreement"] = labelled.agreement
        tables["disputes"] = labelled.disputes.set_index("sample")
    return tables


def _said(labelled: LabelledSample, found: dict[str, Assessment], language: Language) -> list[str]:
    zh = language == "zh"
    lines = [_overall(name, assessment, zh=zh) for name, assessment in found.items()]
    for name, assessment in found.items():
        if name != "change":
            lines += _largest(name, assessment, zh=zh)
    if not labelled.agreement.empty:
        agreed = labelled.agreement.xs("all", level="land_cover")["agreement_pct"].min()
        count = len(labelled.disputes)
        lines.append(
            f"两位判读员一致 {agreed:.1f} %，{count} 处不一致"
            if zh
            else f"Interpreters agree in {agreed:.1f} % of the places, and differ in {count}"
        )
    return lines


def _overall(name: str, assessment: Assessment, *, zh: bool) -> str:
    overall = assessment.accuracy.xs("overall", level="measure")
    names = ["accuracy_pct", "accuracy_low_pct", "accuracy_high_pct"]
    value, low, high = overall[names].to_numpy(dtype=float)[0]
    what = ("变化" if zh else "change") if name == "change" else name
    if zh:
        return f"{what}：总体精度 {value:.1f} %（{low:.1f}—{high:.1f}）"
    return f"{what}: overall accuracy {value:.1f} % ({low:.1f}-{high:.1f})"


def _largest(name: str, assessment: Assessment, *, zh: bool) -> list[str]:
    """Say where mapped and estimated area differ most, beyond what chance explains."""
    areas = assessment.areas
    apart = (areas["mapped_ha"] - areas["estimated_ha"]).abs()
    beyond = areas[apart > areas["estimated_high_ha"] - areas["estimated_ha"]]
    worst = beyond.index[np.argsort(-apart[beyond.index].to_numpy())][:3]
    known = house_legend().by_key
    said = []
    for key in worst:
        row = areas.loc[key]
        ends = [f"{row[f'estimated_{end}ha']:,.0f}" for end in ("", "low_", "high_")]
        mapped = f"{row['mapped_ha']:,.0f}"
        what = f"{name} {known[key].zh if zh else known[key].en} {key}"
        said.append(
            f"{what}：制图 {mapped} 公顷，估计 {ends[0]} 公顷（{ends[1]}—{ends[2]}）"
            if zh
            else f"{what}: mapped {mapped} ha, estimated {ends[0]} ha ({ends[1]}-{ends[2]})"
        )
    return said
