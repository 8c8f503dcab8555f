"""Tables of forest stands: what ships, and a district's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sinks.carbon.densities import POOLS
from sinks.errors import InputRefused
from sinks.parameters import forest
from sinks.parameters.densities import carbon_densities
from sinks.parameters.legends import house_legend
from sinks.parameters.tables import HERE


def own(tmp_path: Path, name: str, *, keep: str, **values: object) -> Path:
    """Write the row of a shipped table that starts with ``keep`` as a district's own."""
    frame = pd.read_csv(HERE / name, dtype=str, na_filter=False)
    row = frame[frame.iloc[:, 0] == keep].assign(**{k: str(v) for k, v in values.items()})
    row.to_csv(tmp_path / name, index=False)
    return tmp_path / name


@pytest.mark.parametrize(
    ("wood", "density", "expansion", "roots", "carbon"),
    [
        ("poplar", 0.378, 1.446, 0.227, 0.496),
        ("metasequoia", 0.278, 1.506, 0.319, 0.501),
        ("taxodium", 0.359, 1.667, 0.277, 0.510),
        ("camphor", 0.460, 1.412, 0.275, 0.492),
        ("cypress", 0.478, 1.732, 0.220, 0.510),
    ],
)
def test_the_wood_table_says(wood, density, expansion, roots, carbon):
    row = forest.wood_factors().loc[wood]

    assert row["wood_density_t_per_m3"] == density
    assert row["expansion_ratio"] == expansion
    assert row["root_to_shoot_ratio"] == roots
    assert row["carbon_content_ratio"] == carbon


def test_one_linear_equation_of_each_type_is_in_use():
    frame = forest.volume_biomass()

    assert (frame.groupby(level="volume_biomass")["in_use"].sum() == 1).all()


def test_every_group_has_a_class_of_the_house_and_a_wood_if_it_has_trees():
    groups = forest.species_groups()

    assert set(groups["land_cover"]) <= set(house_legend().keys)
    assert (groups.loc[groups["kind"] == "tree", ["leaf", "wood", "growth"]] != "").all(axis=None)
    assert {"broadleaf", "conifer", "mixed"} <= set(groups.index)


def test_no_alias_means_two_groups():
    names = [
        name.strip()
        for row in forest.species_groups().itertuples()
        for name in {row.name_zh, *row.aliases.split(";")}
        if name.strip()
    ]

    assert len(names) == len(set(names))


def test_constants_and_limits_stand_in_order():
    for constant in forest.forest_factors().constants.values():
        assert 0 < constant.low <= constant.number <= constant.high
    limits = forest.stand_limits()
    assert (limits["lowest"] < limits["highest"]).all()


def test_rotations_belong_to_groups():
    factors = forest.forest_factors()

    assert set(factors.rotations.index) <= set(factors.groups.index)
    assert factors.rotations["poplar"] == 12


def test_stands_take_the_densities_of_the_study():
    ours = carbon_densities(30)
    double = ours.frame.copy()
    numbers = [c for c in double if c.startswith("density")]
    double.loc["ORC", numbers] = double.loc["ORC", numbers].to_numpy() * 2
    factors = forest.forest_factors(densities=replace(ours, frame=double))

    assert factors.densities.loc[("orchard", "above_ground"), "density_tc_per_ha"] == 16
    assert factors.dead.loc["ORC", "density_tc_per_ha"] == 0.6
    assert set(factors.densities.index.unique("pool")) < set(POOLS)


def test_a_districts_own_wood_replaces_its_row_and_leaves_the_others(tmp_path):
    path = own(tmp_path, "wood_factors.csv", keep="poplar", wood="杨树", expansion_ratio=1.5)
    factors = forest.forest_factors(wood=path)

    assert factors.wood.loc["poplar", "expansion_ratio"] == 1.5
    assert factors.wood.loc["willow", "expansion_ratio"] == 1.821
    assert list(factors.wood.index) == list(forest.wood_factors().index)


def test_a_districts_own_curve_replaces_its_row(tmp_path):
    path = own(
        tmp_path,
        "growth_curves.csv",
        keep="poplar_short_rotation",
        limit_tc_per_ha=90,
        limit_low_tc_per_ha=80,
        limit_high_tc_per_ha=100,
    )
    curves = forest.forest_factors(curves=path).curves

    assert curves.loc["poplar_short_rotation", "limit_tc_per_ha"] == 90
    assert curves.loc["orchard", "limit_tc_per_ha"] == 18


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("expansion", 0.48, id="wood density as expansion"),
        pytest.param("wood_density", 378, id="kg/m3"),
        pytest.param("root_to_shoot", 0.05, id="roots forgotten"),
        pytest.param("carbon_content", 1.0, id="biomass as carbon"),
    ],
)
def test_a_factor_outside_its_limits_is_refused(tmp_path, column, value):
    unit = "t_per_m3" if column == "wood_density" else "ratio"
    names = (f"{column}_{unit}", f"{column}_low_{unit}", f"{column}_high_{unit}")
    path = own(tmp_path, "wood_factors.csv", keep="poplar", **dict.fromkeys(names, value))

    with pytest.raises(InputRefused) as refused:
        forest.forest_factors(wood=path)

    finding = refused.value.findings[0]
    assert finding.code == "H02"
    assert "wood_factors.csv" in finding.file
    assert "poplar" in finding.facts["rows"][0]


def test_a_curve_of_co2_is_refused(tmp_path):
    numbers = {f"limit_{side}tc_per_ha": 110 * 44 / 12 for side in ("", "low_", "high_")}
    path = own(tmp_path, "growth_curves.csv", keep="taxodiaceae", **numbers)

    with pytest.raises(InputRefused, match="H02"):
        forest.forest_factors(curves=path)


def test_a_row_that_is_not_known_is_refused(tmp_path):
    path = own(tmp_path, "wood_factors.csv", keep="poplar", wood="eucalyptus")

    with pytest.raises(InputRefused) as refused:
        forest.forest_factors(wood=path)

    assert refused.value.findings[0].code == "H03"
    assert refused.value.findings[0].facts["unknown"] == ["eucalyptus"]


def test_a_group_that_uses_a_row_that_is_not_there_is_refused():
    factors = forest.forest_factors()

    with pytest.raises(InputRefused, match="H03"):
        replace(factors, wood=factors.wood.drop(index="poplar"))
