"""Parameters of SEEA EA: whole, consistent with the legend, and used by the calculations."""

from __future__ import annotations

import pandas as pd
import pytest

from sinks.accounts.bridge import GEP, SEEA
from sinks.accounts.condition import ROW, condition_account
from sinks.accounts.supply_use import LEFT_OUT
from sinks.errors import InputRefused
from sinks.parameters import accounts_seea
from sinks.parameters.accounts_seea import (
    bridge_steps,
    condition_table,
    condition_variables,
    ecosystem_kinds,
    ecosystem_types,
    seea_service_table,
    seea_services,
    service_users,
)
from sinks.parameters.legends import house_classes

PROVISIONING = ["crops", "forestry", "livestock", "fishery", "wetland_plants", "water_supply"]
REGULATING = [
    *("water_retention", "soil_retention", "wind_erosion_control", "coastal_protection"),
    *("flood_regulation", "air_purification", "water_purification", "carbon_fixation"),
    *("oxygen_release", "local_climate", "noise_reduction", "pest_control"),
    "species_conservation",
]
SERVICES = [*PROVISIONING, *REGULATING, "tourism", "recreation", "landscape_premium"]
UNITS = {"households", "agriculture", "industry", "services", "government", "exports"}


def test_every_class_of_the_legend_is_an_ecosystem_with_its_first_code():
    types = ecosystem_types()

    assert list(types.index) == list(house_classes().index)
    assert types["get"].to_list() == [codes.split()[0] for codes in house_classes()["get"]]
    assert (types[["get_name_zh", "get_name_en"]] != "").all(axis=None)
    assert types.groupby("get")["get_name_zh"].nunique().eq(1).all()


@pytest.mark.parametrize(
    ("before", "after", "managed"),
    [
        ("PND", "LAK", True),
        ("PAD", "MAR", True),
        ("GRS", "BLT", True),
        ("PAD", "PND", True),
        ("LAK", "MAR", False),
        ("PAD", "GRS", False),
        ("BAR", "GRS", False),
    ],
)
def test_who_made_a_change(before, after, managed):
    made = ecosystem_kinds().is_managed(pd.Index([before]), pd.Index([after]))

    assert made.tolist() == [managed]


def test_levels_of_condition_are_numbers_apart_or_left_to_the_place():
    levels = condition_variables().frame[["low_reference", "high_reference"]]
    told = levels.dropna()

    assert (told["low_reference"] != told["high_reference"]).all()
    assert levels.isna().all(axis=1).sum() == len(levels) - len(told)  # never one of both
    assert set(levels.index[levels.isna().any(axis=1)]) == {
        "bird_species",
        "wetland_plant_species",
    }
    assert (condition_table()[["name_zh", "name_en", "unit", "ecosystem"]] != "").all(axis=None)


@pytest.mark.parametrize(
    ("variable", "worst", "best"),
    [
        ("water_quality_class", 6, 1),
        ("trophic_state_index", 80, 25),
        ("vegetation_cover", 0, 100),
        ("canopy_closure", 0.2, 0.9),
        ("soil_organic_carbon", 4, 30),
    ],
)
def test_each_variable_points_the_right_way(variable, worst, best):
    index = pd.MultiIndex.from_tuples([(2020, "d", variable), (2025, "d", variable)], names=ROW)
    told = pd.DataFrame({"value": [float(worst), float(best)]}, index=index)

    account = condition_account(told, condition_variables())

    assert account.xs(variable, level="variable")["indicator"].to_list() == [0, 1]


def test_every_service_has_its_place_in_the_list_and_its_users():
    services = seea_services()

    assert list(seea_service_table().index) == SERVICES
    assert list(services.users.index.unique("service")) == SERVICES
    assert set(services.users.index.unique("unit")) == UNITS
    assert services.users.groupby(level="service").sum().round(12).eq(1).all()
    services.require(SERVICES)


def test_what_seea_does_not_take():
    table = seea_service_table()

    assert list(table.index[~table["final"]]) == ["oxygen_release", "pest_control"]
    assert list(table.index[~table["exchange"]]) == ["oxygen_release", "species_conservation"]


def test_carbon_is_used_on_behalf_of_society():
    assert service_users().loc["carbon_fixation"].index.to_list() == ["government"]


def test_shares_that_do_not_add_up_are_refused(monkeypatch):
    short = service_users().drop(("tourism", "exports"))
    monkeypatch.setattr(accounts_seea, "service_users", lambda: short)

    with pytest.raises(InputRefused, match=r"S82(.|\n)*tourism: 0\.4"):
        seea_services()


def test_the_bridge_has_a_name_for_every_step():
    steps = bridge_steps()

    assert (steps.index[0], steps.index[-1]) == (GEP, SEEA)
    assert set(LEFT_OUT) <= set(steps.index)
    assert (steps[["name_zh", "name_en"]] != "").all(axis=None)
