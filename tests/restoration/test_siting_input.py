"""Units, aims and demands are sound once they exist."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sinks.errors import InputRefused
from sinks.restoration.siting.demands import Aim, Demand, area, beside, budget, target
from sinks.restoration.siting.fronts import Steps
from sinks.restoration.siting.plans import solve
from sinks.restoration.siting.portfolio import Search
from sinks.restoration.siting.robustness import Trials
from sinks.restoration.siting.units import Units
from tests.restoration.made_siting import grid

CARBON = Aim(maximise={"carbon_tco2e": 1.0})


def code_of(make) -> str:
    with pytest.raises(InputRefused) as refused:
        make()
    (finding,) = refused.value.findings
    assert finding.found("zh")
    assert finding.found("en")
    return finding.code


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("area_ha", 0.0),
        ("area_ha", np.inf),
        ("cost_yuan", -1.0),
        ("cost_yuan", np.nan),
        ("zone", None),
        ("locked", "yes"),
        ("locked", None),
        ("carbon_tco2e", np.nan),
        ("outer_m", -1.0),
        ("beside_wetland", None),
    ],
)
def test_a_unit_with_a_value_that_cannot_be_is_refused(column, value):
    units = grid(3, 3)
    table = units.table.astype({column: object}).copy()
    table.loc["u4", column] = value
    if column in ("area_ha", "cost_yuan", "carbon_tco2e", "outer_m"):
        table[column] = table[column].astype(float)

    assert code_of(lambda: replace(units, table=table)) == "N50"


def test_units_told_twice_or_without_a_column_are_refused():
    units = grid(3, 3)

    assert code_of(lambda: replace(units, table=units.table.rename({"u1": "u0"}))) == "N50"
    assert code_of(lambda: replace(units, table=units.table.drop(columns="zone"))) == "N50"


@pytest.mark.parametrize(
    "border",
    [("u0", "u99", 1.0), ("u0", "u0", 1.0), ("u1", "u0", 1.0), ("u0", "u8", 0.0)],
    ids=["unknown", "itself", "twice", "no length"],
)
def test_a_border_that_cannot_be_is_refused(border):
    units = grid(3, 3)
    more = pd.DataFrame([border], columns=["unit", "beside", "length_m"])
    borders = pd.concat([units.borders, more], ignore_index=True)

    assert code_of(lambda: replace(units, borders=borders)) == "N51"


@pytest.mark.parametrize(
    ("aim", "demands"),
    [
        (Aim(maximise={"birds": 1.0}), []),
        (CARBON, [target("birds", 1.0)]),
        (CARBON, [area(1.0, zone="west")]),
        (CARBON, [budget(1.0), budget(2.0)]),
    ],
    ids=["aim", "benefit", "zone", "name told twice"],
)
def test_names_that_no_unit_has_are_refused(aim, demands):
    assert code_of(lambda: solve(grid(3, 3), aim, demands)) == "N52"


def test_ground_beside_wetland_must_be_known_to_be_asked_for():
    units = grid(3, 3)
    without = replace(units, table=units.table.drop(columns="beside_wetland"))

    assert code_of(lambda: solve(without, CARBON, [beside(0.5)])) == "N52"


def test_units_are_not_counted_from_below():
    def make():
        Demand(name="many", of="units", sense="at_least", amount=3.0)

    assert code_of(make) == "N52"


@pytest.mark.parametrize(
    "make",
    [
        lambda: budget(np.nan),
        lambda: beside(1.2),
        lambda: Aim(maximise=None, penalty_per_m=-1.0),
        lambda: Aim(maximise=None, bonus_per_pair=np.inf),
        lambda: Aim(maximise={"carbon_tco2e": np.nan}),
        lambda: solve(grid(2, 2), CARBON, [], gap=-0.1),
        lambda: solve(grid(2, 2), CARBON, [], time_limit_s=np.inf),
        lambda: Search(plans=0),
        lambda: Search(within=1.5),
        lambda: Steps(points=1),
        lambda: Trials(count=0),
    ],
)
def test_numbers_out_of_range_are_refused(make):
    assert code_of(make) == "N56"


def test_units_stand_without_borders_and_without_what_may_be_left_out():
    table = grid(2, 2).table.drop(columns=["beside_wetland", "outer_m", "habitat"])
    units = Units(table=table, benefits=("carbon_tco2e",))

    plan = solve(units, Aim(maximise={"carbon_tco2e": 1.0}, penalty_per_m=1.0), [])

    assert plan.totals["boundary_m"] == 0.0
    assert len(plan.chosen) == 4


def test_benefits_are_changed_on_a_copy():
    units = grid(2, 2)
    changed = units.with_benefits(pd.DataFrame({"habitat": 7.0}, index=units.index))

    assert (changed.table["habitat"] == 7.0).all()
    assert not (units.table["habitat"] == 7.0).all()
