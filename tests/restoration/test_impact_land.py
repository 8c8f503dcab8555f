"""The land that a scenario makes, and a balance on it: with less without is the effect."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sinks.carbon.balance import Ground
from sinks.carbon.terms import PER_HA, Terms, fixed_rows, use_terms
from sinks.errors import InputRefused
from sinks.restoration.impact.land import area_changes, changed_ground, converted
from sinks.restoration.impact.scenario import Scenario
from sinks.uncertainty.areas import mapped_shares
from tests.restoration.made_impact import AR5, made_effect, made_measure, made_setting, made_uses

CLASSES = pd.Index(["PND", "MAR", "DRY"], name="land_cover")
ZONES = pd.Index(["town", "district"], name="zone")


def made_ground(*, sampled: bool = False) -> Ground:
    """Two zones of three classes; with a sample the strata are two, each of several classes."""
    areas = pd.DataFrame([[50.0, 5.0, 40.0], [90.0, 20.0, 80.0]], ZONES, CLASSES)
    zero = pd.DataFrame(0.0, ZONES, CLASSES)
    if not sampled:
        return Ground(strata_ha=areas, shares=mapped_shares(CLASSES), drawn=None, se_ha=zero)
    strata = pd.Index(["wet", "dry"], name="stratum")
    shares = pd.DataFrame([[0.8, 0.2, 0.0], [0.0, 0.1, 0.9]], strata, CLASSES)
    drawn = np.repeat(shares.to_numpy()[:, :, np.newaxis], 1000, axis=2)
    drawn += np.random.default_rng(1).normal(0, 0.01, drawn.shape)
    strata_ha = pd.DataFrame([[55.0, 40.0], [110.0, 80.0]], ZONES, strata)
    return Ground(strata_ha=strata_ha, shares=shares, drawn=drawn, se_ha=zero)


def made_scenario() -> Scenario:
    return Scenario(
        id="s",
        measures=(
            made_measure(zones=("town", "district")),
            made_measure(id="b", year=2028, before="DRY", zones=("district",), area_ha=5.0),
            made_measure(id="c", year=2026, reenclosed_in=2030, zones=("district",)),
        ),
    )


def test_what_has_been_converted_by_a_year():
    table = converted(made_scenario(), 2027)["area_ha"]

    assert table.to_dict() == {
        ("district", "PND", "MAR"): 20.0,
        ("town", "PND", "MAR"): 10.0,
    }
    assert converted(made_scenario(), 2025).empty


def test_areas_change_until_land_is_enclosed_again():
    later = area_changes(made_scenario(), 2030)["area_change_ha"]

    assert later.to_dict() == {
        ("district", "DRY"): -5.0,
        ("district", "MAR"): 15.0,
        ("district", "PND"): -10.0,
        ("town", "MAR"): 10.0,
        ("town", "PND"): -10.0,
    }
    assert later.groupby(level="zone").sum().abs().max() == 0


@pytest.mark.parametrize("sampled", [False, True])
def test_changes_are_added_to_the_ground_exactly(sampled):
    ground = made_ground(sampled=sampled)
    changed = changed_ground(ground, area_changes(made_scenario(), 2030))

    gap = changed.areas_ha - ground.areas_ha
    assert gap.loc["district"].to_dict() == pytest.approx({"PND": -10, "MAR": 15, "DRY": -5})
    assert gap.loc["town"].to_dict() == pytest.approx({"PND": -10, "MAR": 10, "DRY": 0})
    assert changed.se_ha is ground.se_ha
    if ground.drawn is not None:
        spread = [
            np.einsum("zh,hcd->zcd", one.strata_ha.to_numpy(), one.drawn)
            for one in (ground, changed)
        ]
        assert np.allclose(spread[1] - spread[0], gap.to_numpy()[:, :, np.newaxis])


def test_a_measure_without_zone_is_in_every_zone():
    scenario = Scenario(id="s", measures=(made_measure(),))
    changed = changed_ground(made_ground(), area_changes(scenario, 2030))

    assert (changed.areas_ha - made_ground().areas_ha)["MAR"].to_list() == [10.0, 10.0]


def test_no_change_leaves_the_ground_as_it_is():
    ground = made_ground()
    same = changed_ground(ground, area_changes(made_scenario(), 2020))

    pd.testing.assert_frame_equal(same.areas_ha, ground.areas_ha)


@pytest.mark.parametrize(
    "slip", [{"area_ha": 51.0}, {"zones": ("nowhere",)}, {"before": "LAK"}], ids=str
)
def test_more_than_there_is_cannot_be_changed(slip):
    measure = made_measure(**{"zones": ("town",), **slip})

    with pytest.raises(InputRefused) as refused:
        changed_ground(made_ground(), area_changes(Scenario(id="s", measures=(measure,)), 2030))

    assert refused.value.findings[0].code == "N76"


@pytest.mark.parametrize("sampled", [False, True])
def test_the_balance_with_less_without_is_the_effect_once_all_has_settled(sampled):
    measure = made_measure(year=2021, zones=("town", "district"))
    setting, ground = made_setting(), made_ground(sampled=sampled)
    uses = made_uses()[made_uses().index.get_level_values("land_cover").isin(CLASSES)]
    terms = Terms(
        per_ha=use_terms(uses, setting.rates, AR5)[list(PER_HA)],
        fixed=fixed_rows([]),
        parameters=setting.draws.parameters,
    )
    changed = changed_ground(ground, area_changes(Scenario(id="s", measures=(measure,)), 2060))

    drawn = [
        terms.result(one.strata_ha, one.shares).drawn(setting.draws, one.drawn)
        for one in (ground, changed)
    ]
    effect = made_effect(measure).drawn(AR5)[-1]
    # vegetation that is still to come: less than a thousandth of 440 t in the slowest draw
    assert np.allclose(drawn[1] - drawn[0], effect, atol=0.5)
    assert effect.std() > 10
