"""What one layer of a study comes to: rows of indicators by year, tables, what was noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from sinks.errors import Finding


@dataclass(frozen=True, kw_only=True, eq=False)
class PlanRows:
    """``rows``: INDICATORS stacked by year; ``tables`` explain them."""

    rows: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
