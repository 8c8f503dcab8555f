"""Carbon densities that exist are sound: whoever holds one need not check."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from sinks.carbon.densities import POOLS, CarbonDensities
from sinks.errors import InputRefused
from tests.carbon.made import make_densities

SOUND = make_densities(forest=(50, 10, 2, 80), water=(0, 0, 0, 0), sediment={"water": 30})


def changed(**columns: object) -> CarbonDensities:
    frame = SOUND.frame.copy()
    for column, content in columns.items():
        frame.loc[("forest", "soil"), f"density_{column}tc_per_ha"] = content
    return dataclasses.replace(SOUND, frame=frame)


def test_each_class_has_its_pools_in_order():
    assert list(SOUND.by_pool.columns) == list(POOLS)
    assert SOUND.by_pool.loc["forest"].to_list() == [50, 10, 2, 80]
    assert SOUND.classes == {"forest", "water"}
    assert SOUND.water_classes == {"water"}


@pytest.mark.parametrize(
    "index",
    [
        pytest.param([("forest", pool) for pool in POOLS[:3]], id="no soil"),
        pytest.param([("forest", pool) for pool in (*POOLS, "soil")], id="soil twice"),
        pytest.param([("forest", pool) for pool in (*POOLS, "litter")], id="a fifth pool"),
        pytest.param([("forest", pool) for pool in (*POOLS[:3], "soil_30")], id="depth left in"),
        pytest.param(
            [("forest", p) for p in (*POOLS[:3], "soil_30", "soil_100")], id="two depths"
        ),
    ],
)
def test_a_class_without_exactly_the_four_pools_is_refused(index):
    index = pd.MultiIndex.from_tuples(index, names=["land_cover", "pool"])
    frame = pd.DataFrame(1.0, index=index, columns=SOUND.frame.columns)

    with pytest.raises(InputRefused, match=r"D02(.|\n)*forest"):
        dataclasses.replace(SOUND, frame=frame)


@pytest.mark.parametrize(
    "slip",
    [
        {"": float("nan")},
        {"": float("inf"), "high_": float("inf")},
        {"low_": -1.0},
        {"low_": 90.0},
        {"high_": 70.0},
        {"high_": float("nan")},
    ],
    ids=str,
)
def test_a_density_that_cannot_be_is_refused_by_class_and_pool(slip):
    with pytest.raises(InputRefused, match=r"D03(.|\n)*forest soil(.|\n)*the test table"):
        changed(**slip)


def test_sediment_must_be_as_sound_as_soil():
    with pytest.raises(InputRefused, match="D03"):
        make_densities(water=(0, 0, 0, 0), sediment={"water": (30, 40, 50)})


def test_one_ground_is_never_soil_and_sediment():
    with pytest.raises(InputRefused, match=r"D04(.|\n)*water"):
        make_densities(water=(0, 0, 0, (0, 0, 5)), sediment={"water": 30})


def test_what_is_missing_is_named_with_its_table():
    with pytest.raises(InputRefused) as refused:
        SOUND.require(["forest", "marsh", "built_up"])

    finding = refused.value.findings[0]
    assert finding.code == "D01"
    assert finding.facts == {"classes": ["built_up", "marsh"], "table": "the test table"}
    assert "碳密度" in finding.sentence("zh")
