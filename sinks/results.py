"""The tables that pass between stages: plain pandas frames, and the rule each must meet.

============  ==================================  ==========================================
table         index                               columns
============  ==================================  ==========================================
AREAS         zone, land_cover                    area_ha, area_se_ha
TRANSITIONS   zone, land_cover, land_cover_after  area_ha
COVERAGE      zone                                zone_ha, mapped_ha, no_data_ha, outside_ha
STOCKS        zone, land_cover, pool              stock_tc, stock_se_tc
TOTALS        zone                                stock_tc, stock_se_tc, stock_low_tc, ...
CHANGE        zone                                change_tc, change_se_tc, _low, _high, ...
INDICATORS    zone, indicator                     value, low, high, unit, numerator, ...
ESTIMATES     zone, land_cover                    area_ha, estimated_ha, estimated_se_ha, ...
FLUXES        zone, land_cover, use,              removal, emission, net sink with interval
              process, gas
BALANCE       zone                                removal, emission, net sink, P(net sink > 0)
ACCOUNTS      zone, item                          quantity, unit value, value in yuan a year
============  ==================================  ==========================================

Where a probability sample judges the map, two more tables hold carbon on estimated areas:

================  ======  =============================================================
STOCK_ESTIMATES   zone    stock_tc, stock_se_tc, _low, _high, of which area and density
CHANGE_ESTIMATES  zone    change_tc, change_se_tc, _low, _high, of which area and density
================  ======  =============================================================

The workflow stacks years as an outer index level ``year``; the rules hold below it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sinks.errors import Finding, InvariantViolated


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """What a table must look like: index levels, columns, and which may be negative or blank."""

    name: str
    index: tuple[str, ...]
    columns: tuple[str, ...]
    signed: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()


AREAS = TableRule(
    name="areas",
    index=("zone", "land_cover"),
    columns=("area_ha", "area_se_ha"),
    blank=frozenset({"area_se_ha"}),
)
TRANSITIONS = TableRule(
    name="transitions", index=("zone", "land_cover", "land_cover_after"), columns=("area_ha",)
)
COVERAGE = TableRule(
    name="coverage",
    index=("zone",),
    columns=("zone_ha", "mapped_ha", "no_data_ha", "outside_ha"),
)
STOCKS = TableRule(
    name="stocks", index=("zone", "land_cover", "pool"), columns=("stock_tc", "stock_se_tc")
)
TOTALS = TableRule(
    name="stock_totals",
    index=("zone",),
    columns=("stock_tc", "stock_se_tc", "stock_low_tc", "stock_high_tc"),
)
CHANGE = TableRule(
    name="stock_change",
    index=("zone",),
    columns=(
        "common_ha",
        "stock_before_tc",
        "stock_after_tc",
        "change_tc",
        "change_se_tc",
        "change_low_tc",
        "change_high_tc",
    ),
    signed=frozenset({"change_tc", "change_low_tc", "change_high_tc"}),
)
ESTIMATES = TableRule(
    name="area_estimates",
    index=("zone", "land_cover"),
    columns=(
        "area_ha",
        "estimated_ha",
        "estimated_se_ha",
        "estimated_low_ha",
        "estimated_high_ha",
    ),
)
STOCK_ESTIMATES = TableRule(
    name="stock_estimates",
    index=("zone",),
    columns=(
        "stock_tc",
        "stock_se_tc",
        "stock_low_tc",
        "stock_high_tc",
        "stock_area_se_tc",
        "stock_density_se_tc",
    ),
)
CHANGE_ESTIMATES = TableRule(
    name="change_estimates",
    index=("zone",),
    columns=(
        "change_tc",
        "change_se_tc",
        "change_low_tc",
        "change_high_tc",
        "change_area_se_tc",
        "change_density_se_tc",
    ),
    signed=frozenset({"change_tc", "change_low_tc", "change_high_tc"}),
)
_NET = ("net_sink_tco2e_per_year", "net_sink_low_tco2e_per_year", "net_sink_high_tco2e_per_year")
FLUXES = TableRule(
    name="fluxes",
    index=("zone", "land_cover", "use", "process", "gas"),
    columns=("removal_tco2e_per_year", "emission_tco2e_per_year", *_NET),
    signed=frozenset(_NET),
)
BALANCE = TableRule(
    name="balance",
    index=("zone",),
    columns=(
        "removal_tco2e_per_year",
        "emission_tco2e_per_year",
        *_NET,
        "net_sink_se_tco2e_per_year",
        "probability_sink",
        "detectable_tco2e_per_year",
    ),
    signed=frozenset(_NET),
)
_OF_ITEM = tuple(
    name.format(end=end)
    for name in ("quantity{end}", "unit_value{end}_yuan", "value{end}_yuan", "constant{end}_yuan")
    for end in ("", "_low", "_high")
)
ACCOUNTS = TableRule(
    name="gep_items",
    index=("zone", "item"),
    columns=(*_OF_ITEM, "gross_yuan", "imports_yuan", "exchange_yuan"),
    signed=frozenset({*_OF_ITEM, "gross_yuan", "exchange_yuan"}),
)
INDICATORS = TableRule(
    name="indicators",
    index=("zone", "indicator"),
    columns=(
        "value",
        "low",
        "high",
        "unit",
        "numerator",
        "denominator",
        "part_unit",
        "rule",
        "evidence",
    ),
    blank=frozenset({"value", "low", "high", "denominator"}),  # an area has no denominator
)


def checked(frame: pd.DataFrame, rule: TableRule) -> pd.DataFrame:
    """Return ``frame`` if it meets ``rule``.

    Raises
    ------
    InvariantViolated
        ``I01`` if index or columns differ, an index entry repeats, or a number is not
        finite (unless the rule lets it be blank) or negative (unless signed).
    """
    faults = list(_faults(frame, rule))
    if faults:
        raise InvariantViolated.because("I01", table=rule.name, faults=faults)
    return frame


def _faults(frame: pd.DataFrame, rule: TableRule) -> list[str]:
    levels = tuple(frame.index.names)
    if levels[-len(rule.index) :] != rule.index:
        return [f"index {levels} instead of {rule.index}"]
    if missing := [c for c in rule.columns if c not in frame.columns]:
        return [f"no column {', '.join(missing)}"]
    faults = []
    if frame.index.has_duplicates:
        faults.append(f"{int(frame.index.duplicated().sum())} rows come twice")
    numbers = frame[list(rule.columns)].select_dtypes("number")
    for column in numbers:
        values = numbers[column].to_numpy(dtype=float)
        if column not in rule.blank and not np.isfinite(values).all():
            faults.append(f"{column} is not finite")
        if column not in rule.signed and (values < 0).any():
            faults.append(f"{column} is negative")
    return faults


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything one run found: the single source of every number that is shown.

    ``tables`` holds, by name, the tables above (with ``year`` as outer level where a table
    belongs to one year) and the tables that explain them:

    - ``zones`` (zone): name_zh, name_en, kind
    - ``classes`` (land_cover): code, name_zh, name_en, colour
    - ``targets`` (indicator): kind, target, unit, year, document, value, value_year, gap, met
    - ``inputs`` (place): file, sha256, bytes, synthetic, source
    - ``lineage`` (table, column): formula_zh, formula_en, parameters, inputs
    - ``densities`` (land_cover, pool): the parameter rows used, with reference and verified

    ``synthetic`` names the inputs that are made up; when it is not empty, every page, sheet
    and file says so. ``run`` identifies the run: a hash of inputs, parameters and code.
    """

    study: str
    name_zh: str
    name_en: str
    run: str
    version: str
    years: tuple[int, ...]
    tables: Mapping[str, pd.DataFrame]
    findings: tuple[Finding, ...] = ()
    synthetic: tuple[str, ...] = ()

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by name; empty if the run did not make it."""
        return self.tables.get(name, pd.DataFrame())
