"""What one layer of a study comes to: rows of indicators by year, tables, what was noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from sinks.errors import Finding


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanRows:
    """``rows``: INDICATORS stacked by year; ``tables`` explain them."""

    rows: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def in_file(findings: Iterable[Finding], file: object, place: str) -> tuple[Finding, ...]:
    """Tell findings the file and place that they do not know themselves."""
    return tuple(replace(f, file=f.file or str(file), place=f.place or place) for f in findings)
