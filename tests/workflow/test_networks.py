"""Ecological networks of a study: two blocks of marsh by hand, and what a plan adds to them."""

from __future__ import annotations

from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
import shapely

from sinks.errors import InputRefused
from sinks.parameters.network import resistances
from tests.workflow.accounted import Ground
from tests.workflow.restored import (
    NETWORKS,
    RESTORED,
    SCENARIOS,
    SITING,
    Restored,
    restored_ground,
    restored_on,
)

NEAR = pytest.approx
BARE = RESTORED.replace(SCENARIOS, "").replace(SITING, "").replace(NETWORKS, "")
PIXEL_HA = 0.04
# what lies beyond the map makes no edge: 4 x 9 pixels in the corner, 3 x 9 at the bottom
CORES_HA = (36 * PIXEL_HA, 27 * PIXEL_HA)


@pytest.fixture(scope="module")
def ground(tmp_path_factory) -> Ground:
    return restored_ground(tmp_path_factory.mktemp("地 面") / "数据")


@pytest.fixture(scope="module")
def plain(ground) -> Restored:
    return restored_on(ground, BARE + NETWORKS)


@pytest.fixture(scope="module")
def planned(ground) -> Restored:
    """A plan that turns all four cells between the blocks into marsh."""
    text = SITING.replace("area_ha = 2\nbudget_yuan = 250000", "area_ha = 4")
    text = text.replace("smallest_ha = 0.3", "smallest_ha = 0.5")
    text = text.replace("trials = 6", "trials = 0\nbeside_wetland = 1.0")
    return restored_on(ground, BARE + text + NETWORKS)


def test_the_pattern_has_the_area_of_habitat(plain):
    pattern = plain.tables["network_pattern"].loc["marsh"]["area_ha"]

    assert pattern["core"] == NEAR(sum(CORES_HA), rel=1e-6)
    assert pattern["edge"] == NEAR(4 - sum(CORES_HA), rel=1e-6)
    assert pattern.sum() == NEAR(48, rel=1e-6)
    shares = plain.tables["network_pattern"]["share_pct"].groupby(level="network").sum()
    assert shares.tolist() == NEAR([100, 100])


def test_cores_are_counted_by_hand(plain):
    patches = plain.tables["network_patches"].loc["marsh"]

    assert patches["area_ha"].tolist() == NEAR(list(CORES_HA), rel=1e-6)
    assert patches["px"].tolist() == [36, 27]
    assert patches.loc[1, ["x", "y"]].tolist() == NEAR([500_040, 3_690_090])
    row = plain.tables["networks"].loc["marsh"]
    assert row[["cores", "corridors"]].tolist() == [2, 1]
    assert row[["core_ha", "landscape_ha"]].tolist() == NEAR([sum(CORES_HA), 48], rel=1e-6)
    assert row["pixel_m"] == NEAR(20, rel=1e-6)


def corridor_m(pond: float) -> float:
    """Return the cost from core to core: an edge of marsh, ten pixels of pond, another edge."""
    return 20 * (1 + (1 + pond) / 2 + 9 * pond + (pond + 1) / 2 + 1)


def test_the_corridor_leads_straight_over_the_ponds(plain):
    (row,) = plain.tables["network_corridors"].loc["marsh"].to_dict("records")

    assert row["length_m"] == NEAR(13 * 20, rel=1e-6)
    assert row["cost_m"] == NEAR(corridor_m(5), rel=1e-6)
    assert row["mean_resistance"] == NEAR(row["cost_m"] / row["length_m"])


def eca_ha(cost_m: float) -> float:
    one, other = CORES_HA
    chance = np.exp(-log(2) * cost_m / 1000)
    return sqrt(one**2 + other**2 + 2 * one * other * chance)


def test_the_equivalent_area_lies_between_the_larger_block_and_both(plain):
    row = plain.tables["networks"].loc["marsh"]
    ponds = resistances("wetland").table.loc["PND"]

    assert max(CORES_HA) < row["eca_ha"] < sum(CORES_HA)
    assert row["eca_ha"] == NEAR(eca_ha(corridor_m(ponds["resistance"])), rel=1e-6)
    assert row["eca_low_ha"] == NEAR(eca_ha(corridor_m(ponds["high"])), rel=1e-6)
    assert row["eca_high_ha"] == NEAR(eca_ha(corridor_m(ponds["low"])), rel=1e-6)
    assert row["pc"] == NEAR((row["eca_ha"] / row["landscape_ha"]) ** 2)
    shares = plain.tables["network_patches"].loc["marsh"]
    assert shares["iic_pct"].is_monotonic_decreasing  # the larger core counts for more


def test_wider_pixels_are_taken_when_asked_for(ground):
    wide = restored_on(ground, BARE + NETWORKS.replace("pixel_m = 20", "pixel_m = 40", 1))

    row = wide.tables["networks"].loc["marsh"]
    assert row["pixel_m"] == NEAR(40, rel=1e-6)  # two pixels of the map
    assert row["half_m"] == 1000
    assert row["landscape_ha"] == NEAR(48, rel=1e-6)


def test_a_plan_that_joins_both_blocks_makes_one_of_them(planned):
    chosen = planned.tables["siting_units"].query("chosen")
    assert sorted(chosen.index) == ["r4c1", "r4c2", "r5c1", "r5c2"]
    change = planned.tables["network_change"].loc["marsh"]

    # 400 m x 200 m of marsh in the corner: 19 x 9 pixels are no edge
    assert change.loc["cores", ["before", "after", "change"]].tolist() == [2, 1, -1]
    assert change.loc["core_ha", "after"] == NEAR(19 * 9 * PIXEL_HA, rel=1e-6)
    assert change.loc["eca_ha", "after"] == NEAR(19 * 9 * PIXEL_HA, rel=1e-6)
    assert change.loc["eca_ha", "before"] == NEAR(planned.tables["networks"]["eca_ha"]["marsh"])
    assert change.loc["eca_ha", "change_pct"] > 100
    assert change["change"].tolist() == NEAR((change["after"] - change["before"]).tolist())


def test_a_plan_changes_only_networks_to_whose_habitat_its_class_belongs(plain, planned):
    assert planned.tables["network_change"].index.unique("network").tolist() == ["marsh"]
    assert planned.tables["networks"].index.tolist() == ["marsh", "woods"]
    assert "network_change" not in plain.tables


def test_corridors_are_lines_on_the_ground_of_the_map(plain):
    lines = plain.networks.corridors

    assert lines.crs == plain.basis.inputs.covers[-1].grid.crs
    (line,) = lines.geometry
    assert line.length == NEAR(13 * 20)
    assert shapely.box(500_000, 3_690_000, 500_400, 3_690_200).contains(line)
    assert lines["name_zh"].tolist() == ["沼泽网络廊道，0.3 km"]
    assert lines["network"].tolist() == ["marsh"]


def test_a_network_of_one_core_or_of_none_has_no_corridor(ground, plain):
    assert plain.tables["networks"].loc["woods", ["cores", "corridors"]].tolist() == [1, 0]
    row = plain.tables["networks"].loc["woods"]
    assert row["eca_ha"] == NEAR(row["core_ha"])

    none = NETWORKS.replace('["BLF"]', '["SHR"]').replace('["MAR"]', '["CNF"]')
    made = restored_on(ground, BARE + none)
    assert made.tables["networks"]["cores"].tolist() == [0, 0]
    assert made.tables["networks"]["eca_ha"].tolist() == [0, 0]
    assert made.networks.corridors.empty


def test_small_cores_are_left_out(ground):
    text = NETWORKS.replace("smallest_core_ha = 0.5", "smallest_core_ha = 1.2")

    row = restored_on(ground, BARE + text).tables["networks"].loc["marsh"]
    assert (row["cores"], row["eca_ha"]) == (1, NEAR(CORES_HA[0], rel=1e-6))


def test_habitat_that_the_legend_does_not_have_is_refused(ground):
    with pytest.raises(InputRefused) as fault:
        restored_on(ground, BARE + NETWORKS.replace('["MAR"]', '["MAR", "REED"]'))

    (finding,) = fault.value.findings
    assert (finding.code, finding.place) == ("N85", "networks.marsh")
    assert finding.facts["found"] == ["REED"]
    assert Path(str(finding.file)).name == "另一.toml"


def test_a_study_without_networks_has_none(ground):
    made = restored_on(ground, BARE + SITING)

    assert made.networks.tables == {}
    assert made.networks.corridors is None
