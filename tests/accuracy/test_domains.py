"""Zones: the sample's error carried to them, and added up again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.accuracy.assessment import assess, assess_change
from sinks.accuracy.domains import estimated_areas
from sinks.errors import InputRefused
from tests.accuracy.tables import labels_of, strata_of_classes

CLASSES = ["forest", "grass", "water"]
STRATA = strata_of_classes(CLASSES, [10**9] * 3, [600.0, 300.0, 100.0])
MATRIX = [[45, 4, 1], [3, 27, 0], [0, 2, 18]]
HA = st.floats(0, 1e4).map(lambda x: round(x, 2))


def areas_of(zones: dict[str, dict[str, float]]) -> pd.DataFrame:
    rows = [(zone, key, ha) for zone, held in zones.items() for key, ha in held.items()]
    frame = pd.DataFrame(rows, columns=["zone", "land_cover", "area_ha"])
    return frame.set_index(["zone", "land_cover"])


def test_a_town_has_the_confusions_of_the_district():
    strata = strata_of_classes(CLASSES[:2], [10**9] * 2, [1000.0, 500.0])
    assessed = assess(labels_of([[90, 10], [0, 50]], CLASSES[:2]), strata, CLASSES)

    found = estimated_areas(areas_of({"town": {"forest": 50.0}}), assessed)

    grass = found.areas.loc[("town", "grass")]
    assert (grass["mapped_ha"], grass["estimated_ha"]) == (0, pytest.approx(5))
    assert grass["estimated_se_ha"] == pytest.approx(50 * np.sqrt(0.1 * 0.9 / 99))
    assert found.areas.loc[("town", "forest"), "mapped_ha"] == 50
    assert found.covariance_ha2["town"].loc["forest", "grass"] == pytest.approx(
        -(grass["estimated_se_ha"] ** 2)
    )


def test_the_district_has_its_direct_estimate_where_strata_are_classes():
    assessed = assess(labels_of(MATRIX, CLASSES), STRATA, CLASSES)
    district = areas_of({"district": assessed.areas["mapped_ha"].to_dict()})

    found = estimated_areas(district, assessed)

    columns = ["mapped_ha", "estimated_ha", "estimated_se_ha"]
    pd.testing.assert_frame_equal(
        found.areas.loc["district"][columns],
        assessed.areas[columns],
        check_names=False,
        check_index_type=False,
    )
    np.testing.assert_allclose(
        found.covariance_ha2["district"], assessed.area_covariance_ha2, rtol=1e-9
    )


@given(st.lists(st.tuples(HA, HA, HA), min_size=1, max_size=5))
@settings(max_examples=25)
def test_zones_add_up_and_keep_their_mapped_area(held):
    assessed = assess(labels_of(MATRIX, CLASSES), STRATA, CLASSES)
    zones = {str(n): dict(zip(CLASSES, ha, strict=True)) for n, ha in enumerate(held)}
    together = pd.DataFrame(zones).sum(axis=1).to_dict()

    found = estimated_areas(areas_of({**zones, "union": together}), assessed)

    estimated = found.areas.pivot_table("estimated_ha", "zone", "land_cover", fill_value=0.0)
    union = estimated.loc["union"] if "union" in estimated.index else 0.0
    parts = estimated.drop(index="union", errors="ignore").sum()
    np.testing.assert_allclose(parts, union, atol=1e-6)
    for zone, ha in zones.items():
        if zone in estimated.index:
            assert estimated.loc[zone].sum() == pytest.approx(sum(ha.values()))
        block = found.covariance_ha2[zone].to_numpy()
        np.testing.assert_allclose(block.sum(axis=0), 0, atol=1e-6 * max(sum(ha.values()) ** 2, 1))


def test_change_is_carried_to_zones_by_transition():
    labels = pd.DataFrame(
        {
            "sample": range(40),
            "stratum": ["stays"] * 20 + ["goes"] * 20,
            "map_class": "forest",
            "map_class_after": ["forest"] * 20 + ["water"] * 20,
            "reference": "forest",
            "reference_after": ["forest"] * 24 + ["water"] * 16,
        }
    )
    strata = pd.DataFrame(
        {
            "stratum": ["stays", "goes"],
            "map_class": "forest",
            "map_class_after": ["forest", "water"],
            "population_px": 10**9,
            "area_ha": [900.0, 100.0],
        }
    )
    mapped = pd.DataFrame(
        {"area_ha": [10.0]},
        index=pd.MultiIndex.from_tuples(
            [("town", "forest", "water")], names=["zone", "land_cover", "land_cover_after"]
        ),
    )

    found = estimated_areas(mapped, assess_change(labels, strata, CLASSES).change)

    assert found.areas["estimated_ha"].round(9).to_dict() == {
        ("town", "forest", "forest"): 2.0,
        ("town", "forest", "water"): 8.0,
    }
    assert found.areas["estimated_se_ha"].to_list() == pytest.approx(
        [10 * np.sqrt(0.2 * 0.8 / 19)] * 2
    )


def test_a_map_class_that_was_never_sampled_must_be_spoken_for():
    strata = strata_of_classes(CLASSES[:2], [10**9] * 2, [600.0, 300.0])
    assessed = assess(labels_of([[45, 5], [3, 27]], CLASSES[:2]), strata, CLASSES)
    mapped = areas_of({"town": {"forest": 10.0, "water": 5.0}, "dry": {"forest": 1.0}})

    with pytest.raises(InputRefused) as refused:
        estimated_areas(mapped, assessed)
    found = estimated_areas(mapped, assessed, unsampled="as_mapped")

    assert [f.code for f in refused.value.findings] == ["E22"]
    assert [f.code for f in found.findings] == ["E23"]
    assert found.findings[0].facts == {"classes": ["water"], "area_ha": 5.0}
    assert found.areas.loc[("town", "water"), "estimated_ha"] == 5
    assert found.areas.loc[("town", "water"), "estimated_se_ha"] == 0
    assert found.areas.loc["town", "estimated_ha"].sum() == pytest.approx(15)
