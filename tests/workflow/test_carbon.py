"""Carbon of a small study: worked out by hand, and adding up however the district is cut.

The district of :mod:`tests.workflow.small` with stands that tell species, age and volume: six
hectares of poplar that stood at both dates, and one hectare planted in 2023 on ground that the
map shows as forest first and as built-up later.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from sinks.errors import InputRefused, InvariantViolated
from sinks.forest.growth import curve_stock
from sinks.gases.rates import net_balance
from sinks.parameters.densities import carbon_densities
from sinks.parameters.forest import forest_factors
from sinks.parameters.gases import flux_rates, warming_potentials
from sinks.study import Study
from sinks.workflow import rasters
from sinks.workflow.carbon import Carbon, carbon_tables
from sinks.workflow.compute import area_tables, with_whole_map
from sinks.workflow.estimates import estimates
from sinks.workflow.inputs import input_files, read_inputs
from sinks.workflow.measured_densities import with_measured_densities
from sinks.workflow.run import run_study
from sinks.workflow.stands import stand_inventory
from tests.workflow.small import (
    HEIGHT_M,
    PIXEL_M,
    SOUTH,
    STUDY,
    WEST,
    rectangle,
    write_layer,
    write_study,
)

DENSITY = carbon_densities(30).by_pool
WHOLE = DENSITY.sum(axis=1)
GROUND = DENSITY[["dead_organic_matter", "soil"]].sum(axis=1)  # what stands leave to their class
NET = net_balance(flux_rates()[0], warming_potentials())["net_sink_tco2e_per_ha_per_year"]
NEAR = pytest.approx
CUT = 2e-5  # an edge of a stand may stray by a millimetre on its way through projections

WITH_STANDS = STUDY.replace(
    'kind_field = "地类"\n',
    'kind_field = "地类"\nspecies_field = "树种"\nage_field = "年龄"\nvolume_field = "蓄积"\n',
    1,
).replace("小班.shp", "林地小班.gpkg")
LAKE_ZONE = """
[[zones]]
path = "图层/湖.gpkg"
kind = "site"
id_field = "代码"
name_zh_field = "名称"
"""


def write(folder: Path, text: str = WITH_STANDS) -> Study:
    file = write_study(folder, text)
    write_layer(
        folder / "图层" / "林地小班.gpkg",
        [rectangle(500, 0, 700, 300), rectangle(700, 0, 800, 100)],
        小班号=["1", "2"], 地类=["乔木林", "未成林"], 树种=["意杨", "意杨"],
        年龄=[8, 2], 蓄积=[100.0, 0.0],
    )  # fmt: skip
    write_layer(folder / "图层" / "湖.gpkg", [rectangle(300, 200, 500, 400)],
                代码=["hu"], 名称=["湖"])  # fmt: skip
    return Study.read(file)


def carbon_of(study: Study) -> Carbon:
    inputs = read_inputs(study, input_files(study))
    inputs = with_measured_densities(study, inputs)
    zones = with_whole_map(inputs.zones, inputs.covers[0])
    stands = stand_inventory(study, inputs, zones)
    areas = area_tables(study, inputs, zones, stands)
    return carbon_tables(study, inputs, areas, stands, estimates(study, inputs, areas.by_name))


@pytest.fixture(scope="module")
def carbon(tmp_path_factory) -> Carbon:
    return carbon_of(write(tmp_path_factory.mktemp("碳") / "研究"))


def poplar_tc_per_ha() -> tuple[float, float]:
    """Return living carbon of poplar at 100 m3/ha, and at two years."""
    m1 = 100 * 0.378 * 1.446 * (1 + 0.227) * 0.496
    m2 = (0.4969 * 100 + 26.973) * 0.5
    curve = forest_factors().curves.loc["poplar_short_rotation"]
    young = curve_stock(2, curve["limit_tc_per_ha"], curve["rate_per_year"], curve["shape_ratio"])
    return (m1 + m2) / 2, float(young)


OLD, YOUNG = poplar_tc_per_ha()


def test_the_carbon_of_stands_takes_the_place_of_their_class(carbon):
    totals = carbon.tables["stock_totals"]["stock_tc"]

    # 2025, off the stands: lake 4 ha, paddy 22, broadleaf 16 - 6, built-up 6 - 1
    bare = 4 * WHOLE["LAK"] + 22 * WHOLE["PAD"] + 10 * WHOLE["BLF"] + 5 * WHOLE["BLT"]
    stands = 6 * OLD + 1 * YOUNG + 7 * GROUND["BLF"]
    assert totals[2025, "district"] == NEAR(bare + stands, rel=CUT)
    # 2020: the young stand was not there yet, its ground was broadleaf as mapped
    bare = 4 * WHOLE["LAK"] + 22 * WHOLE["PAD"] + (22 - 6) * WHOLE["BLF"]
    assert totals[2020, "district"] == NEAR(bare + 6 * (OLD + GROUND["BLF"]), rel=CUT)


def test_it_is_told_what_stands_replaced(carbon):
    row = carbon.tables["stand_replacement"].loc["district"]

    live = DENSITY[["above_ground", "below_ground"]].sum(axis=1)
    assert row["stands_ha"] == NEAR(7, rel=CUT)
    assert row["replaced_ha"] == NEAR(7, rel=CUT)
    assert row["live_tc"] == NEAR(6 * OLD + YOUNG, rel=CUT)
    assert row["live_by_class_tc"] == NEAR(6 * live["BLF"] + live["BLT"], rel=CUT)


def test_the_change_counts_new_stands_and_not_old_ones(carbon):
    row = carbon.tables["stock_change"].loc["district"]

    built = 5 * (WHOLE["BLT"] - WHOLE["BLF"])
    planted = YOUNG + GROUND["BLF"] - WHOLE["BLF"]
    assert row["change_tc"] == NEAR(built + planted, rel=CUT)
    assert row["common_ha"] == NEAR(48, rel=CUT)
    assert row["stock_before_tc"] + row["change_tc"] == NEAR(row["stock_after_tc"])


def test_soil_has_come_three_twentieths_of_its_way_in_five_years(carbon):
    row = carbon.tables["stock_change"].loc["district"]

    # cohorts of 2021 to 2025 moved for 5, 4, 3, 2 and 1 of 20 years
    assert row["soil_share"] == NEAR((5 + 4 + 3 + 2 + 1) / (5 * 20))
    soil = 5 * (DENSITY["soil"]["BLT"] - DENSITY["soil"]["BLF"])
    rest = row["change_tc"] - soil
    assert row["change_phased_tc"] == NEAR(rest + 0.15 * soil, rel=CUT)


def test_towns_add_up_to_the_district_in_every_table(carbon):
    for name, column in (
        ("stock_change", "change_tc"), ("stock_change", "change_phased_tc"),
        ("balance", "net_sink_tco2e_per_year"), ("stand_replacement", "live_tc"),
    ):  # fmt: skip
        of_zone = carbon.tables[name][column]
        east = of_zone["002"]  # the west has no stands
        assert of_zone.get("001", 0.0) + east == NEAR(of_zone["district"], rel=1e-6), name
    for name, column in (("balance_years", "net_sink_tco2e_per_year"),
                         ("balance_years", "cumulative_tco2e")):  # fmt: skip
        west, east, whole = (
            carbon.tables[name][column].xs(zone, level="zone")
            for zone in ("001", "002", "district")
        )
        np.testing.assert_allclose(west + east, whole, rtol=1e-6)


def test_opening_growth_and_losses_close_in_every_year(carbon):
    years = carbon.tables["stand_years"].xs("district", level="zone")

    gain = years["growth_tc"] - years["harvest_tc"] - years["mortality_tc"]
    np.testing.assert_allclose(years["opening_tc"] + gain, years["closing_tc"], rtol=1e-12)
    assert years["opening_tc"].iloc[0] == NEAR(6 * OLD + YOUNG, rel=CUT)
    assert list(years.index) == list(range(2026, 2061))


PLAIN = STUDY  # stands without species: the map speaks for all ground


def test_the_balance_of_a_plain_study_is_area_times_rate_and_what_was_converted(tmp_path):
    tables = carbon_of(write(tmp_path / "研究", PLAIN)).tables

    land = 4 * NET["lake"] + 22 * NET["rice_wheat"] + 16 * NET["broadleaf"] + 6 * NET["built_up"]
    live = DENSITY.drop(columns="soil").sum(axis=1)
    converted = (
        44
        / 12
        * 6
        * (
            (live["BLT"] - live["BLF"]) / 5
            + (DENSITY["soil"]["BLT"] - DENSITY["soil"]["BLF"]) / 20
        )
    )
    row = tables["balance"].loc["district"]
    assert row["net_sink_tco2e_per_year"] == NEAR(land + converted, rel=1e-6)
    assert row["removal_tco2e_per_year"] - row["emission_tco2e_per_year"] == NEAR(
        row["net_sink_tco2e_per_year"]
    )
    # 2020: before anything was converted, and with more forest
    first = tables["balance_years"].loc[(2020, "district"), "net_sink_tco2e_per_year"]
    assert first == NEAR(
        4 * NET["lake"] + 22 * NET["rice_wheat"] + 22 * NET["broadleaf"], rel=1e-6
    )


def test_potentials_stand_beside_the_chosen_set(tmp_path):
    text = PLAIN + '\n[balance]\npotentials = "AR6_20"\n'

    tables = carbon_of(write(tmp_path / "研究", text)).tables

    chosen = tables["balance"]["net_sink_tco2e_per_year"]["district"]
    sets = tables["balance_potentials"]["net_sink_tco2e_per_year"].xs("district", level="zone")
    assert sets["AR6_20"] == NEAR(chosen)
    assert sets["AR6_20"] < sets["AR5"]  # methane weighs more over twenty years
    assert tables["potentials"]["chosen"].to_dict()["AR6_20"]


RESERVOIR = """
[[balance.reservoirs]]
zone = "hu"
flooded_since = 2012
dug = true
trophic = "oligotrophic"
"""


def test_a_reservoir_changes_its_class_after_twenty_years(tmp_path):
    carbon = carbon_of(write(tmp_path / "研究", PLAIN + LAKE_ZONE + RESERVOIR))

    lake = carbon.tables["balance_years"].xs("hu", level="zone")["net_sink_tco2e_per_year"]
    # the lake alone, 4 ha: methane 127.5 before 2032 and 80.3 from then on, x 0.7 x 28
    assert lake[2032] - lake[2031] == NEAR(4 * (127.5 - 80.3) * 0.7 * 28 / 1000, rel=CUT)
    assert lake[2031] == NEAR(lake[2025])
    assert [f.code for f in carbon.findings].count("D22") == 1
    net = carbon.tables["balance"]["net_sink_tco2e_per_year"]
    assert net["001"] + net["002"] == NEAR(net["district"], rel=1e-6)


ENCLOSURE = """
[[balance.uses]]
land_cover = "LAK"
shares = { lake = 0.9, pond_enclosure = 0.1 }
zones = ["hu"]
"""


def test_what_is_told_of_one_place_counts_in_every_zone_that_holds_it(tmp_path):
    plain = carbon_of(write(tmp_path / "一", PLAIN + LAKE_ZONE)).tables["balance"]
    told = carbon_of(write(tmp_path / "二", PLAIN + LAKE_ZONE + ENCLOSURE)).tables["balance"]

    more = told["net_sink_tco2e_per_year"] - plain["net_sink_tco2e_per_year"]
    enclosed = 0.1 * (NET["pond_enclosure"] - NET["lake"])
    assert more["hu"] == NEAR(4 * enclosed, rel=1e-5)
    assert more["district"] == NEAR(4 * enclosed, rel=1e-5)
    assert more["001"] == NEAR(2 * enclosed, rel=1e-5)  # half of the lake


def test_rice_by_its_water_takes_the_place_of_the_mean(tmp_path):
    text = PLAIN + '\n[balance.rice]\nwater_regime = "multiple_drainage"\n'

    tables = carbon_of(write(tmp_path / "研究", text)).tables

    methane = tables["fluxes"].loc[("district", "PAD", "rice_wheat", "ch4", "ch4")]
    assert methane["emission_tco2e_per_year"] == NEAR(22 * 1.32 * 112 * 0.55 * 28 / 1000, rel=1e-6)


@pytest.mark.parametrize(
    ("added", "code"),
    [
        ('\n[balance]\npotentials = "AR9"\n', "Y06"),
        (RESERVOIR.replace("hu", "xia"), "D10"),
        (RESERVOIR.replace("oligotrophic", "clear"), "Y05"),
        (RESERVOIR + 'land_cover = ["LKA"]\n', "D10"),
        (ENCLOSURE.replace("hu", "xia"), "D10"),
        (ENCLOSURE.replace("LAK", "XYZ"), "D10"),
        (ENCLOSURE.replace("pond_enclosure", "rice_wheat"), "Y08"),
        ('\n[balance.rice]\nwater_regime = "wet"\n', "Y05"),
    ],
)
def test_a_balance_that_does_not_fit_is_refused_with_its_place(tmp_path, added, code):
    study = write(tmp_path / "研究", PLAIN + LAKE_ZONE + added)

    with pytest.raises(InputRefused) as refused:
        carbon_of(study)

    assert refused.value.findings[0].code == code
    assert refused.value.findings[0].file is not None


def test_a_stand_whose_volume_is_no_number_is_refused(tmp_path):
    study = write(tmp_path / "研究")
    write_layer(
        study.file.parent / "图层" / "林地小班.gpkg",
        [rectangle(500, 0, 700, 300), rectangle(700, 0, 800, 100)],
        小班号=["1", "2"], 地类=["乔木林", "未成林"], 树种=["意杨", "意杨"],
        年龄=[8, 2], 蓄积=["约100", ""],
    )  # fmt: skip

    with pytest.raises(InputRefused) as refused:
        carbon_of(study)

    (finding,) = refused.value.findings
    assert finding.code == "F36" and "约100" in finding.found()
    assert finding.place == "layers.forest"


# ---- measured densities --------------------------------------------------------------------

MEASURED = """
[[density_rasters]]
id = "soil_map"
path = "土壤碳.tif"
pool = "soil"
land_cover = ["PAD"]
relative_se_pct = 10
source = "土壤普查"
"""


def write_density(path: Path, west: float, east: float) -> None:
    transform = Affine(PIXEL_M, 0, WEST, 0, -PIXEL_M, SOUTH + HEIGHT_M)
    values = np.full((30, 40), east, dtype=np.float32)
    values[:, :10] = west  # the western quarter
    with rasterio.open(path, "w", driver="GTiff", dtype="float32", count=1, width=40, height=30,
                       crs="EPSG:4549", transform=transform, nodata=-1) as target:  # fmt: skip
        target.write(values, 1)


def test_a_raster_gives_a_class_its_mean_density(tmp_path):
    study = write(tmp_path / "研究", PLAIN + MEASURED)
    write_density(study.file.parent / "土壤碳.tif", west=60.0, east=40.0)

    carbon = carbon_of(study)

    # paddy 22 ha, of which 12 in the western quarter, 10 ha with 40 tC/ha
    mean = (12 * 60 + 10 * 40) / 22
    row = carbon.tables["densities"].loc[("PAD", "soil")]
    assert row["density_tc_per_ha"] == NEAR(mean, rel=1e-6)
    assert row["density_high_tc_per_ha"] == NEAR(mean * (1 + 0.1 * 1.959964), rel=1e-6)
    assert row["reference"] == "density_rasters.soil_map"
    soil = carbon.tables["stocks"].loc[(2025, "district", "PAD", "soil"), "stock_tc"]
    assert soil == NEAR(12 * 60 + 10 * 40, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "values", "code"),
    [
        (MEASURED, (-1.0, -1.0), "R"),  # nothing but no data
        (MEASURED.replace('["PAD"]', '["MAR"]'), (60.0, 40.0), "D11"),
        (MEASURED.replace('["PAD"]', '["LAK"]'), (60.0, 40.0), "D12"),
        (MEASURED.replace('["PAD"]', '["XYZ"]'), (60.0, 40.0), "D10"),
    ],
)
def test_a_density_raster_that_cannot_serve_is_refused(tmp_path, text, values, code):
    study = write(tmp_path / "研究", PLAIN + text)
    write_density(study.file.parent / "土壤碳.tif", *values)

    with pytest.raises(InputRefused) as refused:
        carbon_of(study)

    assert refused.value.findings[0].code.startswith(code)


# ---- whole runs ----------------------------------------------------------------------------


def test_rasters_of_a_run_with_stands_reservoir_and_enclosure_add_up(tmp_path):
    study = write(tmp_path / "研究", WITH_STANDS + LAKE_ZONE + RESERVOIR)

    run_study(study, tmp_path / "成果")

    with rasterio.open(tmp_path / "成果" / "rasters" / "net_sink_2025.tif") as file:
        net, tags = file.read(1), file.tags()
    assert tags["SINKS_GWP"] == "AR5"
    lake = net[12, 20]
    assert lake == NEAR(-(127.5 * 0.7 * 28 / 1000 + 0.5 * 0.265) + 0.3 * 44 / 12, rel=1e-5)
    assert net[2, 2] == NEAR(NET["rice_wheat"], rel=1e-5)
    with rasterio.open(tmp_path / "成果" / "rasters" / "carbon_density_2025.tif") as file:
        assert file.read(1)[28, 26] == NEAR(OLD + GROUND["BLF"], rel=1e-5)


def test_a_raster_that_differs_from_its_table_publishes_nothing(tmp_path, monkeypatch):
    study = write(tmp_path / "研究")
    honest = rasters.write_rasters
    monkeypatch.setattr(
        rasters, "write_rasters",
        lambda *a, **k: [replace(t, total=t.total * 1.01) for t in honest(*a, **k)],
    )  # fmt: skip

    with pytest.raises(InvariantViolated) as broken:
        run_study(study, tmp_path / "成果")

    assert broken.value.exit_status == 4
    assert not (tmp_path / "成果").exists()
