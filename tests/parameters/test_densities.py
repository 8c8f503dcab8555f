"""Carbon densities: the table that ships, and a district's own in all its slips."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from sinks.carbon.densities import POOLS
from sinks.errors import InputRefused
from sinks.parameters.densities import carbon_densities
from sinks.parameters.legends import house_legend
from sinks.parameters.tables import HERE

SHIPPED = HERE / "carbon_density.csv"


def own(tmp_path: Path, change=lambda rows: rows, *, encoding: str = "utf-8") -> Path:
    """Write the table that ships as a district's own, with rows changed."""
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = tmp_path / "碳密度.csv"
    pd.DataFrame(change(rows)).to_csv(path, index=False, encoding=encoding)
    return path


def with_row(of_class: str, of_pool: str, **values: str):
    def change(rows):
        for row in rows:
            if (row["land_cover"], row["pool"]) == (of_class, of_pool):
                row.update(values)
        return rows

    return change


def without(column: str, name: str):
    return lambda rows: [row for row in rows if row[column] != name]


@pytest.mark.parametrize(
    ("land_cover", "pool", "mean", "low", "high"),
    [
        ("BLF", "above_ground", 22.5, 12, 41),
        ("BLF", "below_ground", 5.2, 2.7, 9.4),
        ("CNF", "above_ground", 34, 18, 65),
        ("MIX", "dead_organic_matter", 2.5, 1.0, 4.5),
        ("PAD", "soil", 48, 35, 62),
        ("PAD", "above_ground", 0, 0, 0),
        ("MAR", "soil", 57, 35, 135),
        ("MAR", "below_ground", 6.0, 2.5, 12),
        ("BLT", "dead_organic_matter", 0.1, 0, 0.3),
        ("UGR", "above_ground", 13.0, 6.0, 22.0),
        ("BAR", "above_ground", 0, 0, 0.5),
        ("LAK", "soil", 0, 0, 0),
    ],
)
def test_the_table_of_soil_to_30_cm_says(land_cover, pool, mean, low, high):
    row = carbon_densities(30).frame.loc[(land_cover, pool)]

    assert row["density_tc_per_ha"] == mean
    assert row["density_low_tc_per_ha"] == low
    assert row["density_high_tc_per_ha"] == high


@pytest.mark.parametrize(
    ("land_cover", "mean", "low", "high"),
    [("PAD", 95, 70, 125), ("MAR", 140, 85, 230), ("BLT", 45, 20, 80), ("BAR", 40, 20, 70)],
)
def test_the_table_of_soil_to_100_cm_says(land_cover, mean, low, high):
    row = carbon_densities(100).frame.loc[(land_cover, "soil")]

    assert row["density_tc_per_ha"] == mean
    assert row["density_low_tc_per_ha"] == low
    assert row["density_high_tc_per_ha"] == high


@pytest.mark.parametrize("depth", [30, 100])
def test_every_class_has_each_pool_once_and_one_depth_of_soil(depth):
    densities = carbon_densities(depth)

    assert densities.classes == set(house_legend().keys)
    assert list(densities.by_pool.columns) == list(POOLS)
    assert densities.soil_depth_cm == depth
    assert not densities.frame.index.has_duplicates


def test_sediment_belongs_to_water_and_stands_apart():
    densities = carbon_densities(30)

    assert densities.water_classes == {c.key for c in house_legend().classes if c.water}
    assert densities.sediment["density_tc_per_ha"].to_list() == [30, 25, 35]
    assert carbon_densities(100).sediment["density_tc_per_ha"].to_list() == [90, 75, 85]


def test_no_density_claims_to_be_verified():
    assert not carbon_densities().frame["verified"].any()


def test_the_standard_error_is_the_range_over_twice_1_96():
    soil = carbon_densities().frame.loc[("PAD", "soil")]

    assert soil["density_se_tc_per_ha"] == pytest.approx((62 - 35) / 3.92, rel=1e-4)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_districts_own_table_is_read_as_excel_saves_it(tmp_path, encoding):
    change = with_row("PAD", "soil_30", density_tc_per_ha="52.5", basis="本区土壤普查")
    densities = carbon_densities(path=own(tmp_path, change, encoding=encoding))

    assert densities.by_pool.loc["PAD", "soil"] == 52.5
    assert densities.table == "碳密度.csv"


def test_a_districts_own_workbook_may_speak_chinese(tmp_path):
    frame = pd.read_csv(SHIPPED, dtype=str, na_filter=False)
    names = {c.key: c.zh for c in house_legend().classes}
    frame["land_cover"] = frame["land_cover"].map(names)
    frame["pool"] = frame["pool"].replace(
        {"soil_30": "土壤 0—30 厘米", "above_ground": "地上生物量"}
    )
    headings = {
        "land_cover": "土地覆盖",
        "pool": "碳库",
        "density_tc_per_ha": "碳密度（吨碳/公顷）",
        "density_low_tc_per_ha": "下限",
        "density_high_tc_per_ha": "上限",
        "reference": "文献",
        "where": "出处",
        "verified": "已核对",
    }
    numbers = [c for c in frame if c.startswith("density")]
    frame[numbers] = frame[numbers].astype(float)
    path = tmp_path / "本区碳密度.xlsx"
    frame.rename(columns=headings).to_excel(path, index=False)

    densities = carbon_densities(path=path)

    pd.testing.assert_frame_equal(densities.by_pool, carbon_densities().by_pool)


def test_a_district_cites_its_own_survey(tmp_path):
    (tmp_path / "references.toml").write_text(
        '[survey]\ntitle = "土壤普查"\nread = "full"\n', "utf-8"
    )
    change = with_row("PAD", "soil_30", reference="survey", where="表2", verified="true")

    row = carbon_densities(path=own(tmp_path, change)).frame.loc[("PAD", "soil")]

    assert row["citation"] == "土壤普查"
    assert bool(row["verified"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (with_row("PAD", "soil_30", reference="survey"), "P03"),
        (with_row("PAD", "soil_30", density_low_tc_per_ha="60"), "P05"),
        (with_row("PAD", "soil_30", land_cover="RICE"), "P11"),
        (with_row("PAD", "soil_30", pool="soil"), "P11"),
        (without("land_cover", "PAD"), "D01"),
        (without("pool", "soil_30"), "D02"),
        (without("pool", "sediment_30"), "D02"),
        (with_row("MAR", "soil_30", pool="sediment_30"), "D02"),
        (
            with_row(
                "LAK", "soil_30", density_tc_per_ha="9", density_high_tc_per_ha="9", reason="实测"
            ),
            "D04",
        ),
        (
            with_row("BAR", "above_ground", density_low_tc_per_ha="-1", density_tc_per_ha="0"),
            "D03",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path, change, code):
    def with_reasons(rows):
        return change([{"reason": "", **row} for row in rows])

    with pytest.raises(InputRefused) as refused:
        carbon_densities(path=own(tmp_path, with_reasons))

    assert refused.value.findings[0].code == code
    assert refused.value.findings[0].file.endswith("碳密度.csv")


@pytest.mark.parametrize(
    "factor", [pytest.param(44 / 12, id="CO2 as C"), pytest.param(15, id="mu"), 100, 1e4, 0.01]
)
def test_a_slip_of_unit_is_asked_about(tmp_path, factor):
    def scaled(rows):
        for row in rows:
            for column in row:
                if column.startswith("density"):
                    row[column] = str(float(row[column]) * factor)
        return rows

    with pytest.raises(InputRefused) as asked:
        carbon_densities(path=own(tmp_path, scaled))

    finding = asked.value.findings[0]
    assert finding.code == "P12"
    assert finding.reaction == "ask"
    assert finding.facts["count"] >= 26  # the soil of every land class at both depths
    assert len(finding.facts["rows"]) == 10


def test_an_unusual_density_passes_with_its_reason(tmp_path):
    unusual = {
        "density_tc_per_ha": "80",
        "density_high_tc_per_ha": "90",
        "reason": "泥炭土，见普查",
    }

    densities = carbon_densities(path=own(tmp_path, with_row("PAD", "soil_30", **unusual)))

    assert densities.by_pool.loc["PAD", "soil"] == 80


def test_a_blank_density_is_never_zero(tmp_path):
    with pytest.raises(InputRefused) as refused:
        carbon_densities(path=own(tmp_path, with_row("PAD", "soil_30", density_tc_per_ha="")))

    assert refused.value.findings[0].code.startswith("T")
