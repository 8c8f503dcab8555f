"""Uses of the land: one default for each class, and only where they can stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sinks.errors import InputRefused
from sinks.parameters.gases import land_uses
from sinks.parameters.legends import house_legend


def test_every_class_has_exactly_one_default():
    assert set(land_uses().default_by_class) == set(house_legend().keys)
    assert int(land_uses().frame["default"].sum()) == len(house_legend().keys)


def test_every_use_stands_on_classes_of_the_legend():
    for covers in land_uses().frame["land_cover"]:
        assert covers
        assert set(covers) <= set(house_legend().keys)


def test_an_enclosure_may_stand_in_a_lake_as_well_as_in_a_pond():
    assert "pond_enclosure" in land_uses().allowed("LAK")
    assert "pond_enclosure" in land_uses().allowed("PND")
    assert land_uses().allowed("PND")[0] == "pond_crab"
    assert land_uses().allowed("BLF") == ("broadleaf",)


def test_a_use_on_a_class_where_it_cannot_stand_is_refused():
    land_uses().require("reservoir_old", "LAK")
    with pytest.raises(InputRefused) as refused:
        land_uses().require("rice_wheat", "LAK")

    finding = refused.value.findings[0]
    assert finding.code == "Y08"
    assert finding.facts["known"][0] == "lake"


def test_an_inventory_counts_what_people_cause():
    assert not {"lake", "river", "marsh_reed", "mudflat"} & land_uses().inventory
    assert {"canal", "pond_crab", "reservoir_old", "rice_wheat"} <= land_uses().inventory


def test_two_defaults_of_a_class_are_refused():
    frame = land_uses().frame.copy()
    frame.loc["pond_ipcc", "default"] = True

    with pytest.raises(InputRefused, match=r"Y07(.|\n)*PND"):
        replace(land_uses(), frame=frame)
