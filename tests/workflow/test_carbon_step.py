"""``sinks carbon`` on tables small enough to check by hand, and every way it says no."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sinks.errors import InputRefused
from sinks.gases.rates import net_balance
from sinks.parameters.densities import carbon_densities
from sinks.parameters.gases import flux_rates, warming_potentials
from sinks.workflow import area_carbon
from sinks.workflow.carbon_step import carbon_files

NET = "net_sink_tco2e_per_year"
PER_HA = "net_sink_tco2e_per_ha_per_year"
CO2_PER_C = 44 / 12


def written(folder: Path, text: str, name: str = "面积.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def lake_rates(folder: Path, *, buried_tc: float = 0.3, methane_kg: float = 100) -> Path:
    """Write rates of a lake that are known exactly: 1 kg N2O a hectare, and what is told."""
    rows = [("biomass_gain", "tc", 0), ("biomass_loss", "tc", 0), ("soil_gain", "tc", buried_tc),
            ("ch4", "kg_ch4", methane_kg), ("n2o", "kg_n2o", 1)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["flow", "unit", "rate_per_ha_per_year"])
    rate = table["rate_per_ha_per_year"]
    table = table.assign(
        use="lake",
        rate_low_per_ha_per_year=rate,
        rate_high_per_ha_per_year=rate,
        reference="sinks_2026",
        where="实测",
        verified="false",
    )
    path = folder / "本区通量.csv"
    table.to_csv(path, index=False)
    return path


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype={"zone": str}, encoding="utf-8-sig")


def figure(folder: Path, name: str, column: str, **where: str) -> float:
    table = read(folder, name)
    for level, wanted in where.items():
        table = table[table[level] == wanted]
    assert len(table) == 1
    return float(table[column].iloc[0])


def test_twenty_hectares_of_lake_are_a_source_by_hand(tmp_path):
    areas = written(tmp_path, "zone,land_cover,area_ha\n001,LAK,20\n")
    out = tmp_path / "碳"

    said = carbon_files(areas, out=out, fluxes=lake_rates(tmp_path)).lines("zh")

    # 20 x (44/12 x 0.3 - 100 x 28/1000 - 1 x 265/1000) = 20 x (1.1 - 2.8 - 0.265) = -39.3
    assert figure(out, "balance", NET) == pytest.approx(-39.3)
    assert figure(out, "balance", "removal_tco2e_per_year") == pytest.approx(22)
    assert figure(out, "balance", "emission_tco2e_per_year") == pytest.approx(61.3)
    assert figure(out, "balance_gases", NET, gas="ch4") == pytest.approx(-56)
    # over 20 years: 20 x (1.1 - 100 x 81.2/1000 - 1 x 273/1000) = 20 x (1.1 - 8.12 - 0.273)
    assert figure(out, "balance_potentials", NET, potentials="AR6_20") == pytest.approx(-145.86)
    assert "净排放 39.3" in "\n".join(said)
    assert "非可交易减排量" in said[1]
    assert "AR5" in said[1]
    assert "吨二氧化碳当量/年" in said[1]


def test_what_stands_on_a_class_is_told_by_shares(tmp_path):
    areas = written(tmp_path, "zone,land_cover,area_ha\n001,PND,10\n")

    carbon_files(areas, out=tmp_path / "碳", uses=["PND=pond_crab:0.6,pond_enclosure:0.4"])

    rates = flux_rates()[0].frame["rate_per_ha_per_year"]
    for use, area_ha in (("pond_crab", 6), ("pond_enclosure", 4)):
        emitted = figure(
            tmp_path / "碳", "fluxes", "emission_tco2e_per_year", use=use, process="ch4"
        )
        assert emitted == pytest.approx(area_ha * rates[use, "ch4"] * 28 / 1000)


def test_built_land_loses_the_soil_of_paddy_over_twenty_years(tmp_path):
    change = "zone,land_cover,land_cover_after,area_ha\n001,PAD,BLT,10\n001,PAD,PAD,90\n"
    out = tmp_path / "碳"

    carbon_files(written(tmp_path, change), out=out, years_between=5)

    soil = carbon_densities(30).by_pool["soil"]
    lost_tc = 10 * (soil["PAD"] - soil["BLT"])
    # every fifth of the land is one of five cohorts, whose soil moves by a twentieth a year
    by_soil = figure(out, "fluxes", NET, process="conversion_soil")
    assert by_soil == pytest.approx(-lost_tc / 20 * CO2_PER_C)
    assert figure(out, "stock_change", "change_soil_potential_tc") == pytest.approx(-lost_tc)
    # by the second date the cohorts have had 5, 4, 3, 2 and 1 of their twenty years
    assert figure(out, "stock_change", "soil_share") == pytest.approx(15 / 100)


def test_the_error_of_areas_widens_the_interval_and_is_named(tmp_path):
    rates = lake_rates(tmp_path)
    written(tmp_path, "zone,land_cover,area_ha,area_se_ha\n001,LAK,10,2\n", "有误差.csv")

    done = carbon_files(tmp_path / "有误差.csv", out=tmp_path / "碳", fluxes=rates)

    # the rates are known exactly: 2 ha x 1.965 tCO2e/ha
    se = figure(tmp_path / "碳", "balance", "net_sink_se_tco2e_per_year")
    assert se == pytest.approx(2 * 1.965, rel=1e-3)
    decided = read(tmp_path / "碳", "contributions")
    assert set(decided.loc[decided["result"] == "net_sink", "parameter"]) == {"map"}
    assert "area_se_ha" in done.lines("en")[2]


def test_areas_without_errors_are_said_to_be_exact(tmp_path):
    areas = written(tmp_path, "zone,land_cover,area_ha,area_se_ha\n001,LAK,10,\n")

    done = carbon_files(areas, out=tmp_path / "碳", fluxes=lake_rates(tmp_path))

    assert figure(tmp_path / "碳", "balance", "net_sink_se_tco2e_per_year") == pytest.approx(0)
    assert "按准确计" in "\n".join(done.lines("zh"))


def test_a_source_is_called_a_source_and_a_sink_a_sink_in_both_languages(tmp_path):
    areas = written(tmp_path, "zone,land_cover,area_ha\n村,PAD,100\n湖,LAK,100\n")

    # 100 x (44/12 x 0.6 - 0.28 - 0.265) = 165.5
    rates = lake_rates(tmp_path, buried_tc=0.6, methane_kg=10)
    done = carbon_files(areas, out=tmp_path / "碳", fluxes=rates)

    zh, en = ("\n".join(done.lines(language)) for language in ("zh", "en"))
    assert "村  净排放源：净排放" in zh
    assert "湖  净碳汇：净碳汇 16" in zh
    assert "村  net source: net emission" in en
    assert "not a tradable emission reduction" in en


def test_a_sign_that_draws_do_not_agree_on_is_not_told(tmp_path):
    # paddy gives off 6.4 tCO2e/ha and broadleaf forest takes up more: together about nothing
    rates = net_balance(flux_rates()[0], warming_potentials("AR5"))[PER_HA]
    forest_ha = 100 * -rates["rice_wheat"] / rates["broadleaf"]
    areas = written(tmp_path, f"zone,land_cover,area_ha\n镇,PAD,100\n镇,BLF,{forest_ha}\n")

    done = carbon_files(areas, out=tmp_path / "碳")

    assert figure(tmp_path / "碳", "balance", NET) == pytest.approx(0, abs=1e-6)
    assert "镇  不能判定" in "\n".join(done.lines("zh"))


def test_zones_worked_out_in_parts_are_those_worked_out_at_once(tmp_path, monkeypatch):
    rows = "".join(f"{n:03},PAD,{n},1\n{n:03},LAK,{n},\n" for n in range(1, 8))
    areas = written(tmp_path, "zone,land_cover,area_ha,area_se_ha\n" + rows)
    carbon_files(areas, out=tmp_path / "一次")
    monkeypatch.setattr(area_carbon, "_AT_ONCE", 20_000)

    done = carbon_files(areas, out=tmp_path / "分次")

    for name in ("balance", "fluxes", "stock_totals", "balance_gases"):
        at_once, parts = (read(tmp_path / f, name).set_index("zone") for f in ("一次", "分次"))
        numbers = at_once.select_dtypes("number")
        assert list(parts.index) == list(at_once.index)
        assert np.allclose(parts[numbers.columns], numbers, rtol=1e-9, atol=1e-9)
    assert sum(line.startswith("0") for line in done.lines("zh")) == 7


def test_of_many_zones_the_first_twenty_are_told(tmp_path):
    rows = "".join(f"{n:03},LAK,1\n" for n in range(1, 24))
    areas = written(tmp_path, "zone,land_cover,area_ha\n" + rows)

    lines = carbon_files(areas, out=tmp_path / "碳", fluxes=lake_rates(tmp_path)).lines("zh")

    assert lines[-1].startswith("另有 3 个单元")
    assert len(read(tmp_path / "碳", "balance")) == 23


ONE = "zone,land_cover,area_ha\n001,PND,10\n"
TWO = "zone,land_cover,land_cover_after,area_ha\n001,PAD,BLT,10\n"


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        (TWO, {}, "D14"),
        (ONE, {"years_between": 5}, "D15"),
        (ONE, {"uses": ["PND"]}, "D16"),
        (ONE, {"uses": ["PND=pond_crab"]}, "D16"),
        (ONE, {"uses": ["PND=pond_crab:0.5,pond_crab:0.5"]}, "D16"),
        (ONE, {"uses": ["池塘=pond_crab:1"]}, "D16"),
        (ONE, {"uses": ["PND=pond_crab:0.5"]}, "C06"),
        (ONE, {"uses": ["PND=pond_crab:1", "PND=pond_ipcc:1"]}, "C06"),
        (ONE, {"uses": ["PND=rice_wheat:1"]}, "Y08"),
        (ONE, {"potentials": "AR7"}, "Y06"),
        (ONE, {"draws": 100}, "C06"),
        (ONE + "001,PND,3\n", {}, "T02"),
        (ONE + "001,XXX,3\n", {}, "D01"),
        (ONE + "001,LAK,-3\n", {}, "T04"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_and_nothing_is_written(tmp_path, text, words, code):
    areas = written(tmp_path, text)

    with pytest.raises(InputRefused) as refused:
        carbon_files(areas, out=tmp_path / "碳", **words)

    assert code in {finding.code for finding in refused.value.findings}
    assert not (tmp_path / "碳").exists()
