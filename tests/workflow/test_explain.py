"""What explains the figures: formulas with their inputs and own tables, and publications."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from sinks.errors import InputRefused
from sinks.study import Parameters
from sinks.workflow.explain import explained
from sinks.workflow.publications import own_tables, publications

PLACES = (
    "land_cover.2025",
    "layers.forest",
    "layers.forest_belt",
    "layers.rivers",
    "samples.2025",
)


def cited(*references, anchors=""):
    return pd.DataFrame({"reference": list(references), "anchors": anchors})


def stand_tables(*groups, m3=None):
    return {
        "stands": pd.DataFrame({"area_ha": [1.0]}),
        "species_groups": pd.DataFrame(index=pd.Index(groups, name="group")),
        "stand_methods": pd.DataFrame({"m3_tc_per_ha": [m3]}, dtype=float),
    }


def lineage(tables, *, places=PLACES, **own):
    files = pd.DataFrame(
        {"file": [f"{place}.x" for place in places], "sha256": "ab" * 32},
        index=pd.Index(places, name="place"),
    )
    zones = gpd.GeoDataFrame(
        {"zone": ["d"], "name_zh": "区", "name_en": "D", "kind": "district"},
        geometry=[box(0, 0, 1, 1)],
        crs=4490,
    )
    legend = SimpleNamespace(
        classes=[SimpleNamespace(key="PAD", code=1, zh="水田", en="Paddy", colour="#fff")]
    )
    inputs = SimpleNamespace(
        zones=SimpleNamespace(frame=zones), covers=[SimpleNamespace(legend=legend)], files=files
    )
    found = explained(inputs, tables, parameters=Parameters(**own))
    return found["lineage"]


def test_a_role_names_one_layer_or_all_of_them():
    rows = lineage({"stand_methods": pd.DataFrame(), "targets": pd.DataFrame()})

    def places(*row):
        return [part.split(" ")[0] for part in rows.loc[row, "inputs"].split("; ")]

    assert places("stand_methods", "m1_tc_per_ha") == ["layers.forest"]
    assert places("targets", "gap") == ["layers.forest", "layers.forest_belt", "layers.rivers"]


def test_a_land_cover_that_images_gave_is_traced_to_them():
    places = ("classifications.a.training", "images.b")
    rows = lineage({"areas": pd.DataFrame()}, places=places)

    assert all(place in rows.loc[("areas", "area_ha"), "inputs"] for place in places)


def test_a_table_that_the_district_brought_is_named_with_its_file(tmp_path):
    own = {"greenhouse_fluxes": tmp_path / "通量.csv", "carbon_density": tmp_path / "own.xlsx"}
    tables = {"densities": cited(), "balance": pd.DataFrame()}
    rows = lineage(tables, **own)

    told = rows.loc[("balance", "net_sink_tco2e_per_year"), "parameters"].split("; ")
    assert "greenhouse_fluxes (通量.csv)" in told
    assert "carbon_density (own.xlsx)" in told
    assert "wood_factors" in told
    assert str(tmp_path) not in "".join(told)


def test_only_tables_are_own_tables(tmp_path):
    brought = Parameters(wood_factors=tmp_path / "w.csv", soil_depth_cm=30)

    assert own_tables(brought) == {"wood_factors": tmp_path / "w.csv"}


def test_publications_are_those_that_rows_cite_or_lean_on():
    tables = {
        "densities": cited("li_2017", anchors="zhao_2018 wang_2016"),
        "flux_rates": cited("ma_2018", "density_rasters.biomass"),
    }

    assert list(publications(tables, Parameters()).index) == [
        "li_2017", "ma_2018", "wang_2016", "zhao_2018",
    ]  # fmt: skip


def test_publications_of_stands_are_those_of_the_groups_that_stand_there():
    poplar, metasequoia = (
        set(publications(stand_tables(group), Parameters()).index)
        for group in ("poplar", "metasequoia")
    )

    assert {"ar_cm_001_v01", "sinks_2026"} <= poplar & metasequoia
    assert poplar - metasequoia == {"fang_2007"}  # the equation of poplar


def test_equations_of_single_trees_are_cited_only_where_trees_were_measured():
    with_trees, without = (
        set(publications(stand_tables("poplar", m3=m3), Parameters()).index) for m3 in (30.5, None)
    )

    assert with_trees - without == {"ji_2016"}


def test_a_table_of_the_district_brings_its_own_publications(tmp_path):
    (tmp_path / "references.toml").write_text(
        '[own_2026]\ntitle = "Chambers on crab ponds"\nread = "full"\n', encoding="utf-8"
    )
    brought = Parameters(greenhouse_fluxes=tmp_path / "fluxes.csv")
    found = publications({"flux_rates": cited("own_2026")}, brought)

    assert found.loc["own_2026"].to_list() == ["Chambers on crab ponds", "full"]


def test_a_list_of_publications_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "references.toml").write_text("[own", encoding="utf-8")

    with pytest.raises(InputRefused, match="P08"):
        publications({}, Parameters(growth_curves=tmp_path / "curves.csv"))
