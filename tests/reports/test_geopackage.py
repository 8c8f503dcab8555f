"""The GeoPackage: zones carry the figures of the tables, layers come through unchanged."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import box

from sinks.reports.geopackage import write_geopackage, zone_figures
from sinks.results import Results


def results(synthetic: tuple[str, ...] = ()) -> Results:
    areas = pd.DataFrame(
        {"area_ha": [3.0, 1.0, 2.0], "area_se_ha": float("nan")},
        index=pd.MultiIndex.from_tuples(
            [(2020, "甲", "BLF"), (2020, "乙", "PAD"), (2025, "甲", "BLT")],
            names=["year", "zone", "land_cover"],
        ),
    )
    index = pd.MultiIndex.from_tuples([(2020, "甲"), (2020, "乙")], names=["year", "zone"])
    stocks = pd.DataFrame(
        {"stock_tc": [9.0, 4.0], "stock_se_tc": 1.0, "stock_low_tc": 7.0, "stock_high_tc": 11.0},
        index=index,
    )
    rates = pd.DataFrame(
        {"value": [24.5]},
        index=pd.MultiIndex.from_tuples(
            [(2025, "甲", "tree_cover_rate")], names=["year", "zone", "indicator"]
        ),
    )
    tables = {"areas": areas, "stock_totals": stocks, "indicators": rates}
    return Results(
        study="a", name_zh="试验", name_en="test", run="1", version="0", years=(2020, 2025),
        tables=tables, synthetic=synthetic,
    )  # fmt: skip


def frames() -> dict[str, gpd.GeoDataFrame]:
    zones = gpd.GeoDataFrame(
        {"zone": ["甲", "乙"], "name_zh": ["甲", "乙"]},
        geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)],
        crs="EPSG:4549",
    )
    wetland = gpd.GeoDataFrame(
        {"地类编码": ["0303"], "fid": [7]}, geometry=[box(0, 0, 1, 1)], crs="EPSG:4490"
    )
    return {"zones": zones, "wetland": wetland}


def test_every_zone_carries_its_figures_and_absent_classes_are_zero():
    figures = zone_figures(results())

    assert figures.loc["甲", "area_BLF_2020_ha"] == 3
    assert figures.loc["甲", "area_PAD_2020_ha"] == 0
    assert figures.loc["乙", "stock_2020_tc"] == 4
    assert figures.loc["甲", "tree_cover_rate_2025_pct"] == 24.5
    assert pd.isna(figures.loc["乙", "tree_cover_rate_2025_pct"])


def test_zones_carry_change_estimates_and_the_net_balance_with_its_probability():
    zones = pd.Index(["甲", "乙"], name="zone")
    change = pd.DataFrame(
        {"common_ha": 5.0, "change_tc": -9.0, "change_phased_tc": [1.5, 2.5],
         "change_phased_low_tc": -1.0, "change_phased_high_tc": 4.0, "soil_share": 0.15,
         "change_phased_probability_gain": 0.75}, index=zones)  # fmt: skip
    net = {"": [-3.25, 4.5], "_low": [-9.0, 1.0], "_high": [-1.0, 9.0]}
    balance = pd.DataFrame(
        {f"net_sink{end}_tco2e_per_year": values for end, values in net.items()}, index=zones
    ).assign(probability_sink=[0.01, 0.99])
    estimates = results().table("stock_totals") + 0.5
    more = {"stock_change": change, "balance": balance, "stock_estimates": estimates}
    tables = {**results().tables, **more}

    figures = zone_figures(replace(results(), tables=tables))

    assert figures.loc["甲", ["change_phased_tc", "change_phased_high_tc"]].tolist() == [1.5, 4.0]
    assert figures.loc["乙", "change_phased_probability_gain"] == 0.75
    names = [f"net_sink{end}_tco2e_per_year" for end in net]
    assert figures.loc["甲", [*names, "probability_sink"]].tolist() == [-3.25, -9.0, -1.0, 0.01]
    assert figures.loc["甲", ["stock_2020_tc", "stock_estimated_2020_tc"]].tolist() == [9.0, 9.5]
    assert figures.loc["甲", "stock_estimated_low_2020_tc"] == 7.5


def test_layers_come_through_with_their_text_and_their_crs(tmp_path):
    path = tmp_path / "成果 一.gpkg"

    write_geopackage(results(), frames(), path)

    zones, wetland = (gpd.read_file(path, layer=name) for name in ("zones", "wetland"))
    assert list(zones["zone"]) == ["甲", "乙"]
    assert zones["stock_2020_tc"].tolist() == [9.0, 4.0]
    assert (wetland.crs.to_epsg(), list(wetland["地类编码"])) == (4490, ["0303"])
    assert list(wetland["fid_"]) == [7]


@pytest.mark.parametrize("synthetic", [(), ("land_cover.2020",)])
def test_every_layer_says_whether_it_is_synthetic(tmp_path, synthetic):
    path = tmp_path / "r.gpkg"
    write_geopackage(results(synthetic), frames(), path)

    with sqlite3.connect(path) as base:
        texts = [text for (text,) in base.execute("select description from gpkg_contents")]
    base.close()

    assert len(texts) == 2
    assert all(("SINKS_SYNTHETIC" in text) == bool(synthetic) for text in texts)


def test_two_writes_give_the_same_bytes(tmp_path):
    for name in ("a.gpkg", "b.gpkg"):
        write_geopackage(results(), frames(), tmp_path / name)

    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()


def test_names_that_the_format_cannot_tell_apart_get_a_mark(tmp_path):
    frame = gpd.GeoDataFrame(
        {"Name": ["甲"], "name": ["乙"], "FID": [7], "fid_": [8], "geom": ["x"]},
        geometry=[box(0, 0, 1, 1)],
        crs=4549,
    )

    write_geopackage(results(), {"wetland": frame}, tmp_path / "a.gpkg")

    stored = gpd.read_file(tmp_path / "a.gpkg", layer="wetland")
    columns = ["Name", "name_", "FID_", "fid__", "geom_"]
    assert stored[columns].to_numpy().tolist() == [["甲", "乙", 7, 8, "x"]]


def test_no_text_is_cut_at_a_character_that_files_end_with(tmp_path):
    frame = gpd.GeoDataFrame(
        {"name": ["大\x00纵湖", "\ud800", None]}, geometry=[box(0, 0, 1, 1)] * 3, crs=4549
    )

    write_geopackage(results(), {"wetland": frame}, tmp_path / "a.gpkg")

    stored = gpd.read_file(tmp_path / "a.gpkg", layer="wetland")["name"]
    assert stored.tolist()[:2] == ["大\\u0000纵湖", "\\ud800"]
    assert pd.isna(stored[2])
