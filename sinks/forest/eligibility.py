"""Which land the methodology for afforestation credits (CCER-14-001-V01) would not accept.

Amounts worked out here are for accounts (核算量，非可交易减排量). Land that fails a rule is
ineligible, and says why. Land that fails none is ``open`` and never eligible: credits need
a validated project, additionality, and a deduction for non-permanence. There is no
methodology for inland freshwater wetland, so that its restoration yields accounts alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sinks.errors import InputRefused

ACCOUNTING_ONLY = "crediting.accounting_only"  # the label that every such amount carries
TESTS = ("is", "below")
INELIGIBLE, OPEN = "ineligible", "open"


@dataclass(frozen=True, kw_only=True)
class CreditingRules:
    """What is not accepted: index ``rule``; ``property``, ``test``, ``limit``, names.

    A rule fails land whose ``property`` ``is`` one of ``limit`` (separated by semicolons)
    or is ``below`` it.

    Raises
    ------
    InputRefused
        ``H07`` for a test that is not known or a limit that is no number.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        tests, limits = self.frame["test"], self.frame["limit"]
        numbers = pd.to_numeric(limits, errors="coerce")
        faulty = ~tests.isin(TESTS) | ((tests == "below") & numbers.isna())
        if faulty.any():
            raise InputRefused.because("H07", rows=list(self.frame.index[faulty]))


def crediting(land: pd.DataFrame, rules: CreditingRules) -> pd.DataFrame:
    """Hold every piece of land to the rules.

    Parameters
    ----------
    land
        One row per stand or planting, with the properties that the rules name: ``kind``,
        ``setting``, ``land_before`` (house class), ``years_without_forest``, ``patch_m2``,
        ``tenure``, ``site_preparation``. A property that is blank or not there is not
        known, and its rule is not decided.

    Returns
    -------
    pandas.DataFrame
        Index as ``land``; ``verdict`` (``ineligible`` or ``open``), ``failed`` and
        ``not_known`` (rules, separated by blanks).
    """
    failed = pd.DataFrame({rule: _fails(land, row) for rule, row in rules.frame.iterrows()})
    unknown = pd.DataFrame({rule: _blank(land, row) for rule, row in rules.frame.iterrows()})
    verdict = failed.any(axis="columns").map({True: INELIGIBLE, False: OPEN})
    return pd.DataFrame(
        {"verdict": verdict, "failed": _listed(failed), "not_known": _listed(unknown)},
        index=land.index,
    )


def ineligible_areas(
    area_ha: pd.Series, verdicts: pd.DataFrame, rules: CreditingRules
) -> pd.DataFrame:
    """Return the hectares that each rule fails, and those of any.

    Land may fail several rules, so that the rows add up to ``any`` or more.

    Returns
    -------
    pandas.DataFrame
        Index ``rule``, ``any`` last; ``area_ha``.
    """
    failed = verdicts["failed"].str.split()
    areas = {
        rule: area_ha[failed.map(lambda names, r=rule: r in names)].sum()
        for rule in rules.frame.index
    }
    areas["any"] = area_ha[verdicts["verdict"] == INELIGIBLE].sum()
    return pd.Series(areas, dtype=float).rename_axis("rule").to_frame("area_ha")


def _fails(land: pd.DataFrame, rule: pd.Series) -> pd.Series:
    if rule["property"] not in land:
        return pd.Series(False, index=land.index)  # noqa: FBT003 (a value, not a switch)
    values = land[str(rule["property"])]
    if rule["test"] == "below":
        return values.astype(float) < float(rule["limit"])
    return values.isin(str(rule["limit"]).split(";"))


def _blank(land: pd.DataFrame, rule: pd.Series) -> pd.Series:
    if rule["property"] not in land:
        return pd.Series(True, index=land.index)  # noqa: FBT003 (a value, not a switch)
    values = land[str(rule["property"])]
    return values.isna() | (values.astype(str).str.strip() == "")


def _listed(flags: pd.DataFrame) -> list[str]:
    return [" ".join(row.index[row]) for _, row in flags.iterrows()]
