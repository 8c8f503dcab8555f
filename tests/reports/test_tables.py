"""Tables on disk: the same numbers in CSV and JSON, and nothing that Excel would run."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sinks.errors import Finding
from sinks.reports.tables import write_table, write_tables
from sinks.results import Results


def results(**tables: pd.DataFrame) -> Results:
    zones = pd.DataFrame(
        {"name_zh": ["西镇"], "name_en": ["West"], "kind": ["town"]},
        index=pd.Index(["001"], name="zone"),
    )
    return Results(
        study="a", name_zh="试验", name_en="test", run="1", version="0", years=(2020,),
        tables={"zones": zones, **tables},
        findings=(Finding(code="Z01"),), synthetic=("land_cover.2020",),
    )  # fmt: skip


def areas() -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([(2020, "001", "PAD")], names=["year", "zone", "land_cover"])
    return pd.DataFrame({"area_ha": [1 / 3], "area_se_ha": [np.nan]}, index=index)


def test_json_keeps_every_digit_and_blanks_stay_blank(tmp_path):
    write_tables(results(areas=areas()), tmp_path)

    table = json.loads((tmp_path / "results.json").read_text("utf-8"))["tables"]["areas"]
    assert table["columns"] == ["year", "zone", "land_cover", "area_ha", "area_se_ha"]
    assert table["rows"] == [[2020, "001", "PAD", 1 / 3, None]]
    assert table["units"] == {"area_ha": "ha", "area_se_ha": "ha"}


def test_csv_opens_in_excel_with_ids_as_text_and_names_beside_them(tmp_path):
    write_tables(results(areas=areas()), tmp_path)

    raw = (tmp_path / "results" / "areas.csv").read_bytes()
    table = pd.read_csv(tmp_path / "results" / "areas.csv", dtype={"zone": str})
    assert raw.startswith(b"\xef\xbb\xbf")
    assert table.loc[0, "zone_zh"] == "西镇"
    assert table.loc[0, "area_ha"] == 1 / 3


def test_uses_processes_and_gases_have_their_names_beside_the_keys(tmp_path):
    uses = pd.DataFrame(
        {"name_zh": ["稻麦轮作"], "name_en": ["rice"], "inventory": [True]},
        index=pd.Index(["rice_wheat"], name="use"),
    )
    levels = ["zone", "use", "process", "gas"]
    key = pd.MultiIndex.from_tuples([("001", "rice_wheat", "ch4", "ch4")], names=levels)
    fluxes = pd.DataFrame({"net_sink_tco2e_per_year": [-2.5]}, index=key)

    write_tables(results(uses=uses, fluxes=fluxes), tmp_path)

    row = pd.read_csv(tmp_path / "results" / "fluxes.csv").loc[0]
    assert row[["use_zh", "process_zh", "gas_en"]].tolist() == ["稻麦轮作", "甲烷", "CH₄"]
    table = json.loads((tmp_path / "results.json").read_text("utf-8"))["tables"]["fluxes"]
    assert table["units"] == {"net_sink_tco2e_per_year": "t CO₂e/a"}


def test_nothing_is_written_as_a_negative_nought(tmp_path):
    frame = pd.DataFrame({"change_tc": [-0.0, -1.5]}, index=pd.Index(["001", "002"], name="zone"))

    write_tables(results(stock_change=frame), tmp_path)

    rows = json.loads((tmp_path / "results.json").read_text("utf-8"))["tables"]["stock_change"]
    assert [str(row[1]) for row in rows["rows"]] == ["0.0", "-1.5"]
    lines = (tmp_path / "results" / "stock_change.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines[1:]] == ["0.0", "-1.5"]


def test_synthetic_inputs_and_findings_travel_with_the_numbers(tmp_path):
    write_tables(results(areas=areas()), tmp_path)

    stored = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert stored["synthetic"] == ["land_cover.2020"]
    assert stored["findings"][0]["code"] == "SNK-Z01"


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@a", "\tx", "＝1"])
def test_a_text_that_looks_like_a_formula_is_kept_from_running(tmp_path, text):
    frame = pd.DataFrame(
        {"name": [text], "change_tc": [-1.5]}, index=pd.Index([text], name="zone")
    )

    write_table(frame, tmp_path / "t.csv")

    table = pd.read_csv(tmp_path / "t.csv", encoding="utf-8-sig")
    assert table.loc[0, "name"] == table.loc[0, "zone"] == f"'{text}"
    assert table.loc[0, "change_tc"] == -1.5  # numbers are left alone


def test_two_writes_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_tables(results(areas=areas()), tmp_path / name)

    for file in ("results.json", "results/areas.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
