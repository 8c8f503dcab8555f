"""``sinks doctor`` on what a study says of carbon: what a run would refuse, without a run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from sinks.doctor import Report, examine
from tests.workflow.small import (
    CRS,
    HEIGHT_M,
    PIXEL_M,
    SOUTH,
    STUDY,
    WEST,
    rectangle,
    write_layer,
    write_study,
)

GOOD = """
[balance]
potentials = "AR6"

[[balance.uses]]
land_cover = "LAK"
shares = { lake = 0.9, pond_enclosure = 0.1 }
zones = ["001"]

[balance.rice]
water_regime = "multiple_drainage"

[[balance.reservoirs]]
zone = "002"
flooded_since = 2022
dug = true
trophic = "eutrophic"
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "数据"


def examined(folder: Path, text: str) -> Report:
    return examine(write_study(folder, STUDY + text))


def stops(report: Report, place: str) -> set[str]:
    return {f.code for item in report.items if item.place == place
            for f in item.findings if f.stops}  # fmt: skip


def test_a_balance_that_can_be_made_is_told_with_its_uses(folder):
    report = examined(folder, GOOD)

    assert not report.refused
    said = "\n".join(report.lines("zh"))
    for words in ("AR6", "LAK 围网、围堤高密度养殖 10 %", "水库  002"):
        assert words in said


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"AR6"', '"AR7"', "Y06"),
        ("lake = 0.9", "lack = 0.9", "Y08"),
        ('zones = ["001"]', 'zones = ["009"]', "D10"),
        ('land_cover = "LAK"', 'land_cover = "LAKE"', "D10"),
        ('"multiple_drainage"', '"sometimes"', "Y05"),
        ('"eutrophic"', '"green"', "Y05"),
        ('zone = "002"', 'zone = "003"', "D10"),
    ],
)
def test_a_slip_in_the_balance_is_found_without_a_run(folder, old, new, code):
    assert GOOD.count(old) == 1
    report = examined(folder, GOOD.replace(old, new))

    assert stops(report, "balance") == {code}


def test_every_slip_of_a_balance_is_told_at_once(folder):
    text = GOOD.replace('"AR6"', '"AR7"').replace('"eutrophic"', '"x"').replace('"002"', '"003"')

    assert stops(examined(folder, text), "balance") == {"Y06", "Y05", "D10"}


def test_zones_are_not_doubted_where_their_layer_cannot_be_read(folder):
    study = write_study(folder, STUDY + GOOD)
    (folder / "图层" / "乡镇.gpkg").write_bytes(b"no layer")

    report = examine(study)

    assert report.refused
    assert stops(report, "balance") == set()


@pytest.mark.parametrize(
    ("key", "header", "code"),
    [
        ("carbon_density", "land_cover,pool,density_tc_per_ha", "T"),
        ("greenhouse_fluxes", "use,flow,unit", "T"),
        ("wood_factors", "group", "T"),
        ("growth_curves", "curve", "T"),
    ],
)
def test_tables_of_a_district_are_read(folder, key, header, code):
    study = write_study(folder, STUDY + f'\n[parameters]\n{key} = "本区.csv"\n')
    (folder / "本区.csv").write_text(f"{header}\nx\n", encoding="utf-8")

    place = "balance" if key == "greenhouse_fluxes" else f"parameters.{key}"
    found = stops(examine(study), place)

    assert {c[0] for c in found} == {code}


STANDS = 'kind_field = "地类"\nspecies_field = "树种"\nvolume_field = "蓄积"\nage_field = "年龄"\n'


def stands(folder: Path, species: str, volume: float) -> Report:
    """Examine the study with one stand of six hectares."""
    text = STUDY.replace('kind_field = "地类"\n', STANDS).replace("小班.shp", "小班.gpkg")
    study = write_study(folder, text)
    columns = {"小班号": ["1"], "地类": ["乔木林"], "树种": [species], "蓄积": [volume]}
    write_layer(folder / "图层" / "小班.gpkg", [rectangle(500, 0, 700, 300)], 年龄=[12], **columns)
    return examine(study)


def test_stands_are_told_by_species_group(folder):
    report = stands(folder, "杨树", 90.0)

    assert not report.refused
    (item,) = [item for item in report.items if item.place == "layers.forest.species_field"]
    assert item.facts["area_ha"]["poplar"] == pytest.approx(6, rel=1e-4)


@pytest.mark.parametrize(
    ("species", "volume", "code"), [("杨柳", 90, "H01"), ("杨树", 9e4, "H04")]
)
def test_a_species_or_volume_that_cannot_be_is_found(folder, species, volume, code):
    assert stops(stands(folder, species, volume), "layers.forest.species_field") == {code}


RASTER = """
[[density_rasters]]
id = "soil"
path = "土壤.tif"
pool = "soil"
land_cover = ["{key}"]
relative_se_pct = 10
"""


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [("PAD", 40.0, set()), ("PAD", 1e6, {"R92"}), ("RICE", 40.0, {"D10"})],
)
def test_a_density_raster_is_read_on_the_grid_of_the_land_cover(folder, key, value, code):
    study = write_study(folder, STUDY + RASTER.format(key=key))
    with rasterio.open(
        folder / "土壤.tif", "w", driver="GTiff", width=40, height=30, count=1, dtype="float32",
        nodata=-1, crs=CRS,
        transform=Affine(PIXEL_M, 0, WEST, 0, -PIXEL_M, SOUTH + HEIGHT_M),
    ) as target:  # fmt: skip
        target.write(np.full((30, 40), value, dtype="float32"), 1)

    report = examine(study)

    assert stops(report, "density_rasters.soil") == code
    assert report.refused == bool(code)
