"""Where reference samples become too few, too uneven or too contradictory."""

from __future__ import annotations

from functools import cache

import pandas as pd

from sinks.parameters.tables import TableForm, shipped
from sinks.training.checks import SampleRules

_RULES = TableForm(
    key=("rule",), text=("number", "number_low", "number_high", "unit", "name_zh", "name_en")
)


@cache
def training_rules() -> pd.DataFrame:
    """Return the table of rules for samples, by name of the rule."""
    return shipped("training_rules.csv", _RULES).set_index("rule")


@cache
def sample_rules() -> SampleRules:
    """Return the rules that samples are examined by.

    >>> sample_rules().least_groups
    2.0
    """
    numbers = training_rules()["number"]
    return SampleRules(**{str(rule): float(number) for rule, number in numbers.items()})
