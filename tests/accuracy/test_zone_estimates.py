"""Areas of zones by strata: by hand, equal to the direct estimate, and adding up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sinks.accuracy.assessment import assess, assess_change
from sinks.accuracy.zone_estimates import estimated_by_strata

KEYS = ["forest", "grass", "water"]
law = settings(deadline=None, max_examples=25)


def one_date(references: dict[str, list[int]], areas_ha: list[float]):
    """Labels and strata of a sample whose strata are the map classes."""
    rows = [
        {"stratum": key, "map_class": key, "reference": truly}
        for key, counts in references.items()
        for truly, count in zip(KEYS, counts, strict=True)
        for _ in range(count)
    ]
    strata = pd.DataFrame({"stratum": KEYS, "map_class": KEYS, "area_ha": areas_ha})
    strata["population_px"] = 1_000_000
    return pd.DataFrame(rows).assign(sample=range(len(rows))), strata


def areas(rows: dict[tuple[str, str], float]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(rows, names=["zone", "land_cover"])
    return pd.DataFrame({"area_ha": list(rows.values())}, index=index)


def test_a_tenth_of_the_mapped_forest_is_grass_in_every_zone():
    labels, strata = one_date(
        {"forest": [90, 10, 0], "grass": [0, 50, 0], "water": [0, 0, 50]}, [1000, 500, 100]
    )
    mapped = areas({("town", "forest"): 50, ("town", "water"): 5, ("site", "grass"): 7})

    found = estimated_by_strata(labels, strata, mapped, KEYS).areas["estimated_ha"]

    assert found[0, "town", "forest"] == pytest.approx(45)
    assert found[0, "town", "grass"] == pytest.approx(5)
    assert found[0, "town", "water"] == pytest.approx(5)
    assert found[0, "site", "grass"] == pytest.approx(7)


counts = st.lists(st.integers(0, 30), min_size=3, max_size=3).filter(lambda c: sum(c) > 2)
hectares = st.floats(1, 1e4)


@law
@given(st.tuples(counts, counts, counts), st.tuples(hectares, hectares, hectares))
def test_the_district_has_the_direct_estimate_and_towns_add_up_to_it(reference, areas_ha):
    labels, strata = one_date(dict(zip(KEYS, reference, strict=True)), list(areas_ha))
    direct = assess(labels, strata, KEYS)
    shares = {"a": (0.2, 0.5, 1.0), "b": (0.8, 0.5, 0.0), "district": (1.0, 1.0, 1.0)}
    mapped = areas(
        {
            (zone, key): ha * share
            for zone, parts in shares.items()
            for key, ha, share in zip(KEYS, areas_ha, parts, strict=True)
        }
    )

    found = estimated_by_strata(labels, strata, mapped, KEYS)

    hectare, covariance = found.of_date(0)
    np.testing.assert_allclose(hectare["a"] + hectare["b"], hectare["district"])
    keys = direct.areas.index
    table = found.areas.xs((0, "district"), level=("date", "zone")).loc[keys]
    columns = ["estimated_ha", "estimated_se_ha", "estimated_low_ha", "estimated_high_ha"]
    np.testing.assert_allclose(table[columns], direct.areas[columns], atol=1e-6)
    np.testing.assert_allclose(
        covariance["district"].loc[keys, keys], direct.area_covariance_ha2, atol=1e-6
    )


@law
@given(st.tuples(counts, counts, counts), st.tuples(hectares, hectares, hectares))
def test_areas_and_covariance_of_a_zone_follow_from_the_shares_of_its_strata(reference, areas_ha):
    labels, strata = one_date(dict(zip(KEYS, reference, strict=True)), list(areas_ha))
    mapped = areas({("town", key): ha / 3 for key, ha in zip(KEYS, areas_ha, strict=True)})

    found = estimated_by_strata(labels, strata, mapped, KEYS)

    sampled, strata_ha = found.with_strata_of(mapped)
    by_shares = strata_ha.loc["town"] @ sampled.shares
    np.testing.assert_allclose(by_shares, found.areas.loc[(0, "town"), "estimated_ha"])
    covariance = sum(ha**2 * sampled.covariance[h] for h, ha in strata_ha.loc["town"].items())
    np.testing.assert_allclose(covariance, found.covariance_ha2["town"], atol=1e-6)


def test_a_class_without_a_stratum_is_one_of_its_own_that_is_what_the_map_says():
    labels, strata = one_date(
        {"forest": [90, 10, 0], "grass": [0, 50, 0], "water": [0, 0, 0]}, [1000, 500, 100]
    )
    strata = strata[strata["map_class"] != "water"]
    mapped = areas({("town", "forest"): 50, ("town", "water"): 5})

    found = estimated_by_strata(labels, strata, mapped, KEYS)

    sampled, strata_ha = found.with_strata_of(mapped)
    assert strata_ha.loc["town"].to_dict() == {"forest": 50, "grass": 0, "water": 5}
    assert sampled.shares.loc["water", (0, "water")] == 1.0
    assert (sampled.covariance["water"] == 0).all(axis=None)


def two_dates() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stable forest, stable water, and one stratum for every change."""
    told = [
        ("forest", "forest", "forest", [("forest", "forest")] * 18 + [("forest", "water")] * 2),
        ("water", "water", "water", [("water", "water")] * 20),
        ("change", "forest", "water", [("forest", "water")] * 6 + [("forest", "forest")] * 2),
        ("change", "water", "forest", [("water", "forest")] * 2),
    ]
    rows = [
        {
            "stratum": stratum,
            "map_class": before,
            "map_class_after": after,
            "reference": first,
            "reference_after": last,
        }
        for stratum, before, after, truths in told
        for first, last in truths
    ]
    rows_ha = zip(told, (800, 100, 80, 20), strict=True)
    strata = pd.DataFrame(
        [(s, b, a, 1_000_000, ha) for (s, b, a, _), ha in rows_ha],
        columns=["stratum", "map_class", "map_class_after", "population_px", "area_ha"],
    )
    return pd.DataFrame(rows).assign(sample=range(len(rows))), strata


def transitions(rows: dict[tuple[str, str, str], float]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(rows, names=["zone", "land_cover", "land_cover_after"])
    return pd.DataFrame({"area_ha": list(rows.values())}, index=index)


def test_change_has_the_net_change_and_the_error_that_its_own_sample_gives():
    labels, strata = two_dates()
    direct = assess_change(labels, strata, KEYS)
    mapped = transitions(
        {
            ("district", "forest", "forest"): 800,
            ("district", "water", "water"): 100,
            ("district", "forest", "water"): 80,
            ("district", "water", "forest"): 20,
        }
    )

    change_ha, covariance = estimated_by_strata(labels, strata, mapped, KEYS).change()

    net = direct.net_change
    np.testing.assert_allclose(change_ha["district"][net.index], net["change_ha"])
    se_ha = np.sqrt(np.diag(covariance["district"].loc[net.index, net.index]))
    np.testing.assert_allclose(se_ha, net["change_se_ha"])
    assert change_ha["district", "water"] == pytest.approx(80 + 100 * 0.6 - 100 * 0.2)


def test_a_transition_that_no_stratum_holds_counts_as_mapped_and_is_noted():
    labels, strata = two_dates()
    mapped = transitions({("t", "forest", "forest"): 10, ("t", "grass", "water"): 2})

    found = estimated_by_strata(labels, strata, mapped, KEYS)

    assert found.areas.loc[(0, "t", "grass"), "estimated_ha"] == 2
    assert found.areas.loc[(1, "t", "water"), "estimated_ha"] == pytest.approx(2 + 10 * 0.1)
    assert [f.code for f in found.findings] == ["J06"]
