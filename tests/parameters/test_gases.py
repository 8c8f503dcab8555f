"""Parameters of gases: what ships, and a district's own rates in all their slips."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sinks.errors import InputRefused
from sinks.parameters.gases import (
    DEFAULT_POTENTIALS,
    FACTOR_TABLES,
    factors,
    flux_rates,
    flux_table,
    potential_sets,
    warming_potentials,
)

RATE = "rate_per_ha_per_year"
LOW, HIGH = "rate_low_per_ha_per_year", "rate_high_per_ha_per_year"
PADDY = {
    "use": "rice_wheat",
    "flow": "ch4",
    "unit": "kg_ch4",
    RATE: "150",
    LOW: "100",
    HIGH: "210",
    "reference": "ipcc_2019_v4",
    "where": "equation 5.1",
    "verified": "false",
    "reason": "",
}


def own(tmp_path: Path, *rows: dict[str, str]) -> Path:
    path = tmp_path / "通量.csv"
    pd.DataFrame([{**PADDY, **row} for row in rows]).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    ("name", "ch4", "n2o", "years"),
    [
        ("AR5", 28, 265, 100),
        ("AR5_feedback", 34, 298, 100),
        ("AR6", 27.0, 273, 100),
        ("AR6_20", 81.2, 273, 20),
        ("SAR", 21, 310, 100),
    ],
)
def test_the_sets_of_warming_potentials(name, ch4, n2o, years):
    potentials = warming_potentials(name)

    assert (potentials.ch4, potentials.n2o, potentials.years) == (ch4, n2o, years)
    assert potentials.zh
    assert potentials.en
    assert potentials.citation


def test_reports_use_ar5_unless_told_otherwise():
    assert DEFAULT_POTENTIALS == potential_sets()[0] == warming_potentials().name == "AR5"


def test_a_set_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(InputRefused, match=r"Y06(.|\n)*AR5_feedback"):
        warming_potentials("AR4")


@pytest.mark.parametrize("table", FACTOR_TABLES)
def test_factors_say_their_unit_and_where_they_stand(table):
    frame = factors(table).frame

    assert (frame[["unit", "where", "basis"]].map(str.strip) != "").all(axis=None)
    assert not frame["verified"].any()


def test_no_rate_claims_to_be_verified():
    assert not flux_table()["verified"].any()


def test_a_districts_row_takes_the_place_of_the_one_that_ships(tmp_path):
    rates, findings = flux_rates(path=own(tmp_path, {}))
    usual, _ = flux_rates()

    assert findings == ()
    assert rates.table == "通量.csv + greenhouse_fluxes.csv"
    assert rates.frame.loc[("rice_wheat", "ch4"), RATE] == 150
    assert list(rates.frame.index) == list(usual.frame.index)
    same = rates.frame.drop(("rice_wheat", "ch4"))[RATE]
    pd.testing.assert_series_equal(same, usual.frame.drop(("rice_wheat", "ch4"))[RATE])


def test_a_districts_workbook_may_speak_chinese(tmp_path):
    row = {
        "用途": "稻麦轮作",
        "通量": "甲烷",
        "单位": "kg_ch4",
        "通量值": 150.0,
        "下限": 100.0,
        "上限": 210.0,
        "文献": "ipcc_2019_v4",
        "出处": "公式 5.1",
        "已核对": "否",
    }
    path = tmp_path / "通量.xlsx"
    pd.DataFrame([row]).to_excel(path, index=False)

    rates, _ = flux_rates(path=path)

    assert rates.frame.loc[("rice_wheat", "ch4"), RATE] == 150


def test_a_district_cites_its_own_measurements(tmp_path):
    (tmp_path / "references.toml").write_text(
        '[flux]\ntitle = "通量观测"\nread = "full"\n', "utf-8"
    )

    rates, _ = flux_rates(path=own(tmp_path, {"reference": "flux", "verified": "true"}))

    assert rates.frame.loc[("rice_wheat", "ch4"), "citation"] == "通量观测"
    assert rates.frame.loc[("rice_wheat", "ch4"), "verified"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"reference": "nobody"}, "P03"),
        ({LOW: "170"}, "P05"),
        ({"use": "rice_in_space"}, "Y10"),
        ({"flow": "co"}, "Y10"),
        ({RATE: "2.7", LOW: "2", HIGH: "3"}, "Y11"),
        ({RATE: "2250", LOW: "900", HIGH: "3000"}, "Y11"),
        ({"unit": "kg_n2o"}, "Y03"),
        (
            {
                "use": "broadleaf",
                "flow": "biomass_loss",
                "unit": "tc",
                RATE: "1",
                LOW: "-1",
                HIGH: "2",
            },
            "Y02",
        ),
    ],
)
def test_rates_that_cannot_be_used_are_refused_with_their_file(tmp_path, row, code):
    with pytest.raises(InputRefused) as refused:
        flux_rates(path=own(tmp_path, row))

    assert refused.value.findings[0].code == code
    assert refused.value.findings[0].file.endswith("通量.csv")


def test_a_row_twice_is_refused(tmp_path):
    with pytest.raises(InputRefused):
        flux_rates(path=own(tmp_path, {}, {}))


def test_a_slip_of_unit_is_asked_about_and_passes_with_a_reason(tmp_path):
    in_carbon = {RATE: "20", LOW: "10", HIGH: "30"}
    with pytest.raises(InputRefused) as asked:
        flux_rates(path=own(tmp_path, in_carbon))

    assert asked.value.findings[0].reaction == "ask"
    assert asked.value.findings[0].facts["rows"] == ["rice_wheat ch4 20 (60 … 260)"]
    rates, _ = flux_rates(path=own(tmp_path, {**in_carbon, "reason": "旱直播，实测"}))
    assert rates.frame.loc[("rice_wheat", "ch4"), RATE] == 20
