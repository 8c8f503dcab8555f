"""Credits: which land the methodology would not accept, and that nothing is called accepted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sinks.errors import InputRefused
from sinks.forest.eligibility import (
    ACCOUNTING_ONLY,
    CreditingRules,
    crediting,
    ineligible_areas,
)
from sinks.parameters.forest import crediting_rules
from sinks.parameters.labels import label

RULES = crediting_rules()
SOUND = {
    "kind": "tree",
    "setting": "forest_land",
    "land_before": "DRY",
    "years_without_forest": 10.0,
    "patch_m2": 5000.0,
    "tenure": "clear",
    "site_preparation": "planting_holes",
}


def land(*changes):
    return pd.DataFrame([{**SOUND, **change} for change in changes])


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"kind": "orchard"}, "economic_forest"),
        ({"setting": "corridor"}, "corridor"),
        ({"setting": "village"}, "settlement"),
        ({"land_before": "PND"}, "wetland"),
        ({"years_without_forest": 2.9}, "recent_forest"),
        ({"patch_m2": 399.0}, "small_patch"),
        ({"tenure": "disputed"}, "tenure"),
        ({"site_preparation": "burning"}, "site_preparation"),
    ],
)
def test_land_is_ineligible_for_one_reason(change, rule):
    row = crediting(land(change), RULES).iloc[0]

    assert row.to_list() == ["ineligible", rule, ""]


@pytest.mark.parametrize("change", [{}, {"years_without_forest": 3.0}, {"patch_m2": 400.0}])
def test_land_that_fails_no_rule_is_open_and_no_more(change):
    assert crediting(land(change), RULES).iloc[0].to_list() == ["open", "", ""]


def test_what_is_not_known_is_not_decided():
    unknown = land({"patch_m2": np.nan, "tenure": ""}).drop(columns="setting")
    row = crediting(unknown, RULES).iloc[0]

    assert row["verdict"] == "open"
    assert row["not_known"].split() == ["corridor", "settlement", "small_patch", "tenure"]


def test_hectares_count_under_every_reason_and_once_in_any():
    pieces = land({}, {"setting": "corridor"}, {"setting": "corridor", "patch_m2": 100.0})
    area_ha = pd.Series([4.0, 2.0, 1.0])

    areas = ineligible_areas(area_ha, crediting(pieces, RULES), RULES)["area_ha"]

    assert areas["corridor"] == 3
    assert areas["small_patch"] == 1
    assert areas["wetland"] == 0
    assert areas["any"] == 3


def test_every_amount_says_that_it_is_for_accounts():
    assert label(ACCOUNTING_ONLY) == "核算量，非可交易减排量"


@pytest.mark.parametrize("slip", [{"test": "above"}, {"test": "below", "limit": "small"}])
def test_a_rule_that_cannot_be_applied_is_refused(slip):
    with pytest.raises(InputRefused, match="H07"):
        CreditingRules(frame=RULES.frame.assign(**slip))
